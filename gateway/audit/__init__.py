"""What proves, to people who do not trust us, what happened? The tamper-evident log.

It never reads a clock, draws a random number, holds a private key or touches a store: those come as arguments. It never
puts a name, a number of a person or free text into a leaf.
"""
