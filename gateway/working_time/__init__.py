"""When is it due? Arithmetic on opening hours and bank holidays. Never asks what time it is."""
