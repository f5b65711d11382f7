"""A day on which a whole country signs: 10 million signatures and 100,000 readers, simulated from measured costs."""
