"""Standing: institutions, vouching, and signatures reported from elsewhere."""
