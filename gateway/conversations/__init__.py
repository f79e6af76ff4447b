"""What may happen next? Pure state machines. They never perform an effect: they say which one is due."""
