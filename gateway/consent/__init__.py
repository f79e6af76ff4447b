"""May this go there? Pure decisions over stated facts. Never reads a clock, a store or a network."""
