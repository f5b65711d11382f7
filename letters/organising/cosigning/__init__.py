"""Asking witnesses to cosign the head of each letter's log (C2SP tlog-witness). Nothing waits for them."""
