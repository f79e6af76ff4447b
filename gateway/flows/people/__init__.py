"""How are people asked, told by name, and given duties, and how is all that taken back?"""
