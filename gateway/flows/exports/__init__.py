"""Which files are made from the store, for schools and inspectors?"""
