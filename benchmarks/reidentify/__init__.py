"""A published attack on ourselves: how many signers can be found in what a letter prints (docs/reidentification.md)."""
