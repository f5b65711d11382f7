"""The same figures as JSON."""
