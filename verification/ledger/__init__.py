"""The log of a letter: hashing, tiles, checkpoints, proofs, receipts, and what audits them."""
