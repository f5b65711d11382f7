"""Whether an address is at a domain that gives out addresses for minutes; such signatures are held, never refused."""

from __future__ import annotations

from disposable_email_domains import blocklist


def is_disposable(domain: str) -> bool:
    """Whether the domain (lower case, punycode) or one above it is on the list."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
