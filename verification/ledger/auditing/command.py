"""The auditor as a program: `audit.py URL`, or `audit.py --receipt FILE [URL]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from verification.ledger.auditing.letter_address import BadAddress
from verification.ledger.auditing.mirror_finding import WhichLetter, asked_letter
from verification.ledger.auditing.receipt_check import check_offline, check_online
from verification.ledger.auditing.remembering import BadState
from verification.ledger.auditing.running import WATCH_EVERY, Asked, BadRequest, Say, audit, read_policy_file
from verification.ledger.auditing.wording import printable
from verification.ledger.notes import BadVerifierKey, VerifierKey
from verification.ledger.policies import Policy

USAGE, INTERRUPTED = 2, 130
LEAST_WATCH = 1.0
"""Seconds that a watch leaves between two looks at the least."""

HELP = {
    "url": "The letter's page, as https://example.org/letters/name, or a static mirror",
    "state": "Remembers what was seen of the log, so that the next audit proves that it only grew",
    "policy": "The log's key and the witnesses that you trust (C2SP tlog-policy)",
    "key": "The log's key, from somewhere else than the site",
    "watch": f"Look again every so many seconds (default {WATCH_EVERY}), until something is wrong",
    "receipt": "Check a signer's receipt: offline, or with URL against the log as it is now",
    "insecure": "Accept http:// to another machine: whoever is on the way can change what you read",
}
"""What each option is for."""


@dataclass(frozen=True)
class Request:
    """What was asked for on a command line. `watch` is in seconds."""

    url: str | None = None
    state: Path | None = None
    policy: Path | None = None
    key: str | None = None
    watch: float | None = None
    receipt: Path | None = None
    insecure: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the auditor. Returns 0, 1 for a finding, or 2 for a request that makes no sense."""
    return run(Request(**vars(_parser().parse_args(arguments))), say_to_terminal)


def run(request: Request, say: Say) -> int:
    """Do what was asked for, say what came of it, and return the exit code."""
    try:
        return _run(request, say)
    except (BadAddress, BadRequest, BadState, BadVerifierKey, WhichLetter) as wrong:
        sys.stderr.write(printable(f"Error: {wrong}") + "\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def say_to_terminal(line: str) -> None:
    """A line on standard output, at once and in whatever encoding that has."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def _run(request: Request, say: Say) -> int:
    policy = read_policy_file(request.policy) if request.policy else None
    key = VerifierKey.parse(request.key) if request.key else None
    if request.url is None:
        return _check_alone(request.receipt, key, policy, say)
    if request.watch is not None and not request.watch >= LEAST_WATCH:
        raise BadRequest(f"A watch looks every {LEAST_WATCH:g} seconds at the most: give --watch a larger number.")
    if request.receipt and request.watch is not None:
        raise BadRequest("A receipt is checked once: leave out --watch.")
    address = asked_letter(request.url, insecure=request.insecure)
    asked = Asked(address, key, policy, request.state, request.watch)
    return check_online(request.receipt, asked, say) if request.receipt else audit(asked, say)


def _check_alone(receipt: Path | None, key: VerifierKey | None, policy: Policy | None, say: Say) -> int:
    if receipt is None:
        raise BadRequest("Nothing to audit: give the address of a letter, as https://example.org/letters/name.")
    listed = [log.key for log in policy.logs] if policy else []
    if key is None and not listed:
        raise BadRequest("Offline a receipt is checked by the log's key: give it with --key or --policy, or add a URL.")
    return check_offline(receipt, key or listed[0], say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audit.py",
        description="Check that an open letter's number, text and figures are those in its public log.",
        epilog="Exit code 0: nothing wrong. 1: something is wrong, or nothing could be checked. 2: wrong usage.",
    )
    parser.add_argument("url", nargs="?", metavar="URL", help=HELP["url"])
    parser.add_argument("--state", type=Path, metavar="FILE", help=HELP["state"])
    parser.add_argument("--policy", type=Path, metavar="FILE", help=HELP["policy"])
    parser.add_argument("--key", metavar="KEY", help=HELP["key"])
    parser.add_argument("--watch", type=float, nargs="?", const=WATCH_EVERY, metavar="SECONDS", help=HELP["watch"])
    parser.add_argument("--receipt", type=Path, metavar="FILE", help=HELP["receipt"])
    parser.add_argument("--insecure", action="store_true", help=HELP["insecure"])
    return parser
