"""The bus of an installation of one process: the store plus a wake-up. It keeps nothing; the store does."""
