"""Updates to signers who asked for them."""
