"""Whose is this document, and what does it say in our words?"""
