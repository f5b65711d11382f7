"""A letter's official addresses: organisers name mirrors, and the worker signs the list."""
