"""What do documents look like in real life? A seeded generator of dirty ones about invented people."""
