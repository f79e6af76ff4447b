"""Would the tests notice if a line of the sharing decision said something else?"""
