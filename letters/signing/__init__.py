"""A form becomes a pending signature, a click confirms it, a private link changes it."""
