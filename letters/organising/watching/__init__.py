"""Watching a letter: what is going on, for organisers only."""
