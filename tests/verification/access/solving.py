"""Doing the work that a page asks for, as a browser does."""

import json

from altcha import Challenge, Payload, solve_challenge


def solve(work: str) -> str:
    """The solution of a challenge, as the form brings it back."""
    challenge = Challenge.from_dict(json.loads(work))
    return Payload(challenge, solve_challenge(challenge)).to_base64()
