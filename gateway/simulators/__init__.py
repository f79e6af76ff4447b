"""The other side: partners as we meet them, on their good days and their bad. Never part of a gateway that runs."""
