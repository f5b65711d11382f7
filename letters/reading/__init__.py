"""Public pages: pure functions of letter, edition, removals and language."""
