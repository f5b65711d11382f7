"""Who signed, sealed: addresses, the keyring, sealing, encryption at rest, the dedupe index."""
