"""Who is this child? Comparison of identities that it is given. Never looks one up, never joins two records."""
