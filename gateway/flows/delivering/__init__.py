"""How does a document reach its recipient, once, and only while it still may?"""
