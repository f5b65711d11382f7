"""What the answers hold, field by field: an answer is written by these, and described by them."""
