"""What is true, in the field's words: the Canonical Data Model.

It never imports anything outside the standard library.
"""
