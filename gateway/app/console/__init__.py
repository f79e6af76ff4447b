"""What do people see in a browser? Pages over the same operations as the command line, drawn on the server.

Never holds an order of its own, and never shows what a document says.
"""
