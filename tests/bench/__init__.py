"""How fast is it, on this machine, beside the least such a thing could cost? `make bench`; never part of the tests."""
