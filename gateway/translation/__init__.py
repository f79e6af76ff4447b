"""One shape into another, as mapping files say. Never decides what may go, never reads a clock, a file or a network."""
