"""What must a store keep for the flows? Rows and ports, in the flows' own words; adapters implement them."""
