"""Abuse held off without keeping addresses: rate limits, proof of work, spent proofs, the pace of a letter."""
