"""How does an e-mail leave us?"""
