"""Every leaf is read once, however leaves are mixed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.auditing.findings import Code
from verification.ledger.auditing.log_reading import BadBundle, LogReading, bundle_widths
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.leaves import Beginning, Signature, Tally, Void, Withdrawal
from verification.ledger.tiles import WIDTH, encode_bundle

HIDDEN = st.binary(min_size=32, max_size=32)
LEAVES = st.one_of(
    st.builds(Signature, HIDDEN).map(Signature.encode),
    st.builds(Withdrawal, HIDDEN).map(Withdrawal.encode),
    st.builds(Void, HIDDEN, st.sampled_from(["burst", "duplicate"])).map(Void.encode),
    st.builds(Tally, st.dictionaries(st.text("ab"), st.integers())).map(Tally.encode),
    st.binary(max_size=40),
    st.just(b"S" + bytes(32)),
)
BEGINNING = Beginning({"letter": "x"}).encode()


def read(entries: list[bytes]) -> LogReading:
    reading = LogReading(len(entries))
    for number, width in bundle_widths(len(entries)):
        reading.take(number, encode_bundle(entries[number * WIDTH : number * WIDTH + width]))
    return reading


@given(st.lists(LEAVES, max_size=40), st.integers(0, 2 * WIDTH))
def test_kinds_are_counted_and_the_root_is_that_of_all_leaves(leaves: list[bytes], more: int) -> None:
    signatures = [b"S" + number.to_bytes(32, "big") for number in range(more)]
    entries = [BEGINNING, *signatures, *leaves, Tally({}).encode()]
    reading = read(entries)
    assert reading.root == root_of(map(leaf_hash, entries))
    whole = [entry for entry in entries if len(entry) == 33]
    assert sum(edition.signatures for edition in reading.editions) == sum(entry[:1] == b"S" for entry in whole)
    assert sum(edition.withdrawn for edition in reading.editions) == sum(entry[:1] == b"W" for entry in whole)
    assert reading.loose == 0
    for edition in reading.editions:
        assert edition.root == root_of(map(leaf_hash, entries[: edition.size]))
    repeated = Counter(entry for entry in whole if entry[:1] == b"S")
    doubles = [finding for finding in reading.findings if finding.code is Code.REPEATED_COMMITMENT]
    assert len(doubles) == repeated.total() - len(repeated)


@given(st.lists(LEAVES, min_size=1, max_size=20), st.data())
def test_a_bundle_that_is_not_whole_is_refused_or_has_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    entries = [BEGINNING, *leaves]
    bundle = bytearray(encode_bundle(entries))
    place = data.draw(st.integers(0, len(bundle) - 1))
    bundle[place] ^= data.draw(st.integers(1, 255))
    reading = LogReading(len(entries))
    try:
        reading.take(0, bytes(bundle))
    except BadBundle:
        return
    assert reading.root != root_of(map(leaf_hash, entries))


@given(st.binary(max_size=600), st.integers(1, 300))
def test_no_bundle_is_more_than_refused(bundle: bytes, size: int) -> None:
    try:
        LogReading(size).take(0, bundle)
    except BadBundle:
        return
