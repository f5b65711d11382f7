"""Samples for the press: chance draws signers who agreed to be asked, and a named journalist asks them."""
