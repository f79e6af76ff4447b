"""Databases and brokers of one's own: real ones, on loopback, for demonstrations and tests."""
