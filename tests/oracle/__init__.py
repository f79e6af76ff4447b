"""What does a second engine, written from the prose alone, say of a question?"""
