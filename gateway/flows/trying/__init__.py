"""Whose work is tried when, how fast, how often, and how carefully?"""
