"""Organisers' accounts: joining, signing in, second factors, sessions."""
