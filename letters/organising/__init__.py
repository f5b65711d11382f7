"""Letters from files, and their state."""
