"""What follows when a record is kept: whom does it reach, which conversation does it move, what do we say ourselves?"""
