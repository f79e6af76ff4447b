"""How does a document come in, once and durably, and what becomes of it?"""
