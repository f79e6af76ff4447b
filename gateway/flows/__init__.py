"""What happens when: flows load, step and save, and are the only code that decides an order of effects."""
