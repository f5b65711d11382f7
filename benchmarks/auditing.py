"""What auditing a letter of 15,000 leaves costs over a real server, against hashing its leaves and checking signatures.

Run alone as `python -m benchmarks.auditing`. The floor hashes leaves and tree once, and verifies the signature of every
head that the site prints: what no auditor can leave out.
"""

import time
from collections.abc import Callable
from statistics import median

from benchmarks.crowds import newcomers
from benchmarks.installation import SLUG, installation
from benchmarks.servers import serving
from letters.organising.releasing import release_letter
from verification.ledger.auditing.fetching import Site
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.log_reading import BUNDLE_BYTES, bundle_widths
from verification.ledger.auditing.looking import Look, look_at
from verification.ledger.auditing.trusting import Trust
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.notes import Note, VerifierKey, verify_note
from verification.ledger.tiles import ENTRIES, TileAddress, decode_bundle

PRODUCT = "letters.app:app_from_environment"
EDITIONS, IN_EACH = 100, 149
ROUNDS = 15
GOAL = 3.0


def measure() -> None:
    """Print the time of an audit, of its floor, and their ratio."""
    with installation() as place:
        for _ in range(EDITIONS):
            newcomers(place.runtime, SLUG, IN_EACH)
            release_letter(place.runtime, SLUG, at_once=True)
        with serving(PRODUCT, place.environment) as (port, _pid):
            address = LetterAddress.parse(f"http://127.0.0.1:{port}/letters/{SLUG}")
            look = _audit(address)
            assert look.findings == [], look.findings[:3]
            notes, entries = _downloaded(address, look)
            times = [
                (_timed(lambda: _audit(address)), _timed(lambda: _floor(look, notes, entries))) for _ in range(ROUNDS)
            ]
    audit, floor = (median(pair[side] for pair in times) * 1000 for side in (0, 1))
    print("| work | leaves | editions | audit ms | floor ms | ratio | goal |")
    print("|---|---|---|---|---|---|---|")
    ratio = f"{audit:.0f} | {floor:.0f} | {audit / floor:.2f} | {GOAL}"
    print(f"| audit with download | {len(entries):,} | {EDITIONS} | {ratio} |")


def _audit(address: LetterAddress) -> Look:
    site = Site(address)
    try:
        return look_at(site, Trust())
    finally:
        site.close()


def _floor(look: Look, notes: list[Note], entries: list[bytes]) -> None:
    assert look.key
    assert look.reading
    assert root_of(map(leaf_hash, entries)) == look.reading.root
    for note in notes:
        verify_note(note, look.key)


def _downloaded(address: LetterAddress, look: Look) -> tuple[list[Note], list[bytes]]:
    """Every signed head that the site prints, and all entries."""
    assert look.head
    assert isinstance(look.key, VerifierKey)
    site = Site(address)
    bundles = bundle_widths(look.head.checkpoint.size)
    paths = (f"{address.log}/{TileAddress(ENTRIES, *bundle).path}" for bundle in bundles)
    entries = [entry for bundle in site.get_each(paths, BUNDLE_BYTES) for entry in decode_bundle(bundle)]
    site.close()
    return [look.head.note] * (EDITIONS + 1), entries


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    measure()
