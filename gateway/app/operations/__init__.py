"""Which things can a person tell the gateway to do? One implementation of each, for command line, API and console.

Never decides what a rule decides, and never has an effect that leaves no event in the audit log.
"""
