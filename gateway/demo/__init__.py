"""The main job, end to end, with simulated partners, a clock of its own and a store of its own.

It assembles the very gateway that runs in a council, but for the clock; what it makes lies under var/demo, is made anew
each time, and cannot be pointed at a real store.
"""
