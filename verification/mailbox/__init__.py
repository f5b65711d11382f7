"""Proof of a mailbox: tokens, challenges, the outbox and its delivery."""
