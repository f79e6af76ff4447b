"""What follows when a person decides, corrects, maps or overrides?"""
