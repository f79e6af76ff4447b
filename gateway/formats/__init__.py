"""How do bytes become trees, and which shapes do we speak?

It never touches network or disk (schemas come in as bytes), never repeats a value in an error, and never knows what a
document means: that is for the mappings.
"""
