"""Keys, and what only they can do: sealing, signing, telling a password. A key itself never leaves this package."""
