"""A server that lies to whoever audits it, over HTTP: each lie is found, and under its own name."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.verification.ledger.auditing.letter_site import TEXTS, LetterSite, page_of, serving_letter
from verification.ledger.auditing.command import Request, run
from verification.ledger.auditing.fetching import Site
from verification.ledger.auditing.findings import Code
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.looking import Look, look_at
from verification.ledger.auditing.trusting import Trust
from verification.ledger.cosignatures import cosign, cosigner
from verification.ledger.hashing import HASH
from verification.ledger.notes import NoteSigner, VerifierKey
from verification.ledger.policies import parse_policy
from verification.ledger.receipts import Receipt

Lie = Callable[[LetterSite], None]


@pytest.fixture
def site() -> Iterator[LetterSite]:
    """An honest letter of three editions, whose log fills more than two bundles."""
    with serving_letter() as site:
        site.release(300)
        site.release(240, withdrawn=12, reasons={"burst": 3, "duplicate": 1})
        site.release(55)
        yield site


def look(site: LetterSite, trust: Trust | None = None) -> Look:
    """Look once, without waiting for the site to settle."""
    address = LetterAddress.parse(site.url)
    asked = Site(address)
    try:
        return look_at(asked, trust or Trust())
    finally:
        asked.close()


def found(site: LetterSite, trust: Trust | None = None) -> dict[Code, list[str]]:
    """What is found, by code."""
    by_code: dict[Code, list[str]] = {}
    for finding in look(site, trust).findings:
        by_code.setdefault(finding.code, []).append(finding.sentence)
    return by_code


def seen(site: LetterSite) -> Trust:
    """What an auditor remembers who looked at the site as it is."""
    honest = look(site)
    assert honest.findings == []
    return Trust(seen=honest.remembered(site.slug))


def test_an_honest_server_is_believed(site: LetterSite) -> None:
    assert found(site) == {}


# ------------------------------------------------------------------------------------------------ the log


def test_a_log_that_shrinks(site: LetterSite) -> None:
    trust = seen(site)
    site.entries, site.editions = site.entries[: site.editions[1]["log"]["size"]], site.editions[:2]
    (sentence,) = found(site, trust).pop(Code.LOG_SHRANK)
    assert "has 559 leaves, and had 615" in sentence


def test_a_log_that_forks(site: LetterSite) -> None:
    trust = seen(site)
    site.entries[560], site.entries[561] = site.entries[561], site.entries[560]
    site.editions[2]["log"] = site.head_at(len(site.entries))
    assert set(found(site, trust)) == {Code.LOG_FORKED}


def test_a_log_that_rewrites_one_old_leaf(site: LetterSite) -> None:
    trust = seen(site)
    site.entries[400] = b"S" + bytes(HASH)
    for edition in site.editions[1:]:
        edition["log"] = site.head_at(edition["log"]["size"])
    site.release(60)
    findings = found(site, trust)
    assert set(findings) == {Code.LOG_REWRITTEN}
    assert "one of the leaves 302 to 558 was rewritten" in findings[Code.LOG_REWRITTEN][0]


def test_leaves_that_are_not_those_of_the_signed_root(site: LetterSite) -> None:
    signed = site.checkpoint.encode()
    site.entries[17] = b"S" + bytes(HASH)
    site.overrides[site.log_path("checkpoint")] = signed
    assert Code.WRONG_ROOT in found(site)


def checkpoint(change: Callable[[str], str]) -> Lie:
    def lie(site: LetterSite) -> None:
        site.overrides[site.log_path("checkpoint")] = change(site.checkpoint).encode("utf-8", "surrogatepass")

    return lie


def test_a_size_with_leading_zeros(site: LetterSite) -> None:
    checkpoint(lambda note: note.replace("\n615\n", "\n0615\n"))(site)
    (sentence,) = found(site)[Code.UNREADABLE_CHECKPOINT]
    assert "leading zeros" in sentence


def test_a_signature_by_an_unknown_key(site: LetterSite) -> None:
    trust = Trust(key=VerifierKey.parse(site.key))
    site.seed = b"\x02" * 32
    assert Code.UNKNOWN_KEY in found(site, trust)


def test_a_signature_that_the_named_key_did_not_make(site: LetterSite) -> None:
    other = NoteSigner(site.origin, b"\x02" * 32)

    def forged(note: str) -> str:
        text = note.partition("\n\n")[0] + "\n"
        honest = site.signer.sign(text)
        return f"{text}\n{replace(honest, signature=other.sign(text).signature).line}"

    checkpoint(forged)(site)
    assert set(found(site)) == {Code.WRONG_SIGNATURE}


def test_a_root_of_31_bytes(site: LetterSite) -> None:
    checkpoint(lambda note: "\n".join([*note.split("\n")[:2], "A" * 40 + "AA==", *note.split("\n")[3:]]))(site)
    (sentence,) = found(site)[Code.UNREADABLE_CHECKPOINT]
    assert "31 bytes" in sentence


def test_a_commitment_of_31_bytes(site: LetterSite) -> None:
    site.entries[5] = b"S" + bytes(31)
    assert "Leaf 5 " in found(site)[Code.BAD_LEAF][0]


def test_the_log_of_another_letter(site: LetterSite) -> None:
    other = LetterSite(site.host, slug="another-letter")
    site.overrides[site.log_path("checkpoint")] = other.checkpoint.encode()
    assert Code.OTHER_ORIGIN in found(site)


@pytest.mark.parametrize("keep", [0, 1, 35, 1000, -1])
def test_a_truncated_bundle(site: LetterSite, keep: int) -> None:
    path = site.log_path("tile/entries/001")
    site.overrides[path] = site.answer(path)[1][:keep]
    assert set(found(site)) == {Code.BAD_BUNDLE}


def test_a_bundle_with_a_leaf_too_many(site: LetterSite) -> None:
    path = site.log_path("tile/entries/002.p/103")
    site.overrides[path] = site.answer(path)[1] + b"\x00\x21S" + bytes(32)
    (sentence,) = found(site)[Code.BAD_BUNDLE]
    assert "more than 103 leaves: expected 103" in sentence


def test_a_bundle_of_empty_leaves_without_end(site: LetterSite) -> None:
    site.overrides[site.log_path("tile/entries/000")] = bytes(1 << 22)
    assert set(found(site)) == {Code.BAD_BUNDLE}


def test_a_missing_bundle(site: LetterSite) -> None:
    site.overrides[site.log_path("tile/entries/001")] = (404, b"")
    (sentence,) = found(site)[Code.BAD_BUNDLE]
    assert "answers 404" in sentence


def test_a_log_larger_than_anything(site: LetterSite) -> None:
    checkpoint(lambda note: note.replace("\n615\n", f"\n{2**63 - 1}\n"))(site)
    assert Code.LOG_TOO_LARGE in found(site)


# --------------------------------------------------------------------------------------------- the leaves


def test_a_signature_counted_twice(site: LetterSite) -> None:
    site.entries.insert(300, site.entries[7])
    assert found(site)[Code.REPEATED_COMMITMENT] == [
        "Leaf 300 is the same signature as leaf 7: expected each to be counted once."
    ]


def test_a_signature_removed_twice(site: LetterSite) -> None:
    place = next(index for index, entry in enumerate(site.entries) if entry[:1] == b"W")
    site.entries.insert(place + 1, b"V" + site.entries[place][1:] + b"burst")
    (sentence,) = found(site)[Code.REPEATED_NULLIFIER]
    assert f"Leaf {place + 1} removes the same signature as leaf {place}" in sentence


def test_a_log_without_beginning(site: LetterSite) -> None:
    site.entries[0] = b"S" + bytes(32)
    assert Code.NO_BEGINNING in found(site)


def test_a_log_that_begins_twice(site: LetterSite) -> None:
    site.entries.insert(20, site.entries[0])
    assert "Leaf 20 " in found(site)[Code.SECOND_BEGINNING][0]


def test_a_beginning_without_rules(site: LetterSite) -> None:
    site.begin(figures={"threshold": 0})
    assert Code.BAD_BEGINNING in found(site)


def test_leaves_after_the_last_tally(site: LetterSite) -> None:
    site.sign()
    assert Code.EDITION_WITHOUT_TALLY in found(site)


def test_an_edition_left_out(site: LetterSite) -> None:
    site.release(50, edition=5)
    assert "that of edition 5: expected 4" in found(site)[Code.EDITION_ORDER][0]


def test_moments_that_run_back(site: LetterSite) -> None:
    site.release(50, released_at="2026-11-30T00:00:00Z")
    assert Code.TIME_RUNS_BACK in found(site)


def test_a_tally_of_more_than_the_leaves(site: LetterSite) -> None:
    totals = site.totals
    site.release(50, signatures=totals["signatures"] + 51)
    findings = found(site)
    assert "edition 4 says 646 signatures: expected 645" in findings[Code.WRONG_SUM][0]


def test_a_tally_that_prints_one_more(site: LetterSite) -> None:
    site.release(50, total=630)
    assert "has the total 630: expected 629" in found(site)[Code.WRONG_TOTAL][0]


# ---------------------------------------------------------------------------------------------- the cells


def cells(site: LetterSite, change: Callable[[dict[str, Any]], None]) -> None:
    """An edition whose figures by profession are changed, in the log and in print."""
    size = len(site.entries)
    site.release(55)
    tally = json.loads(site.entries[-1][1:])
    change(tally["figures"]["profession"])
    del site.entries[size:]
    del site.editions[-1]
    site.release(55, figures=tally["figures"])


def test_a_cell_below_the_threshold(site: LetterSite) -> None:
    cells(site, lambda figures: figures["shown"].update(midwife=7))
    (sentence,) = found(site)[Code.CELL_TOO_SMALL]
    assert "Edition 4 by profession prints the cell 'midwife' as 7: expected at least 10" in sentence


def test_a_cell_that_is_not_rounded(site: LetterSite) -> None:
    cells(site, lambda figures: figures["shown"].update(doctor=291))
    assert Code.CELL_NOT_ROUNDED in found(site)


def test_one_hidden_cell_alone(site: LetterSite) -> None:
    cells(site, lambda figures: figures.update(of=3))
    assert Code.CELL_ALONE in found(site)


def test_more_cells_than_there_are(site: LetterSite) -> None:
    cells(site, lambda figures: figures.update(of=1))
    assert Code.CELLS_TOO_MANY in found(site)


def test_cells_that_are_more_than_the_total(site: LetterSite) -> None:
    cells(site, lambda figures: figures["shown"].update(doctor=900))
    assert Code.CELLS_TOO_LARGE in found(site)


def test_a_rest_that_does_not_follow(site: LetterSite) -> None:
    cells(site, lambda figures: figures.update(rest=[1, 2]))
    (sentence,) = found(site)[Code.WRONG_REST]
    assert "prints 1 to 2 as the rest: expected" in sentence


# ------------------------------------------------------------------------------------- what the site prints


PRINTED = ["/count", "/editions?page=1", "/editions/3"]


@pytest.mark.parametrize("rest", PRINTED)
def test_a_total_with_one_more_in_the_json(site: LetterSite, rest: str) -> None:
    def change(answer: Any) -> None:
        newest = answer["editions"][-1] if "editions" in answer else answer
        newest["total"] += 1

    site.changed(site.path(rest), change)
    findings = found(site)
    assert "edition 3 with total 580: expected 579" in findings[Code.PRINTED_FIGURE][0]


@pytest.mark.parametrize("rest", PRINTED)
def test_a_cell_in_the_json_that_the_log_does_not_have(site: LetterSite, rest: str) -> None:
    def change(answer: Any) -> None:
        newest = answer["editions"][-1] if "editions" in answer else answer
        newest["by_profession"].insert(0, {"code": "midwife", "label": "Midwives", "count": 7})

    site.changed(site.path(rest), change)
    (sentence,) = found(site)[Code.PRINTED_CELLS]
    assert "edition 3 with the cell by profession 'midwife' 7: expected hidden" in sentence


def page(total: int, shown: str | None = None, **changed: str) -> Lie:
    def lie(site: LetterSite) -> None:
        title, _markdown, html = TEXTS["en"]
        text = page_of(changed.get("title", title), changed.get("html", html), 3, total, shown)
        site.overrides[f"/en/letters/{site.slug}"] = text.encode()

    return lie


def test_a_page_with_one_more(site: LetterSite) -> None:
    page(580)(site)
    assert "in en shows 580 signatures in edition 3: expected 579" in found(site)[Code.PAGE_TOTAL][0]


@pytest.mark.parametrize(("path", "page"), [("/count", "count page"), ("/editions/3", "newest edition's page")])
def test_a_page_to_be_cited_with_one_more(site: LetterSite, path: str, page: str) -> None:
    site.overrides[f"/letters/{site.slug}{path}"] = page_of("The count", "", 3, 580).encode()
    assert f"The {page} shows 580 signatures in edition 3: expected 579" in found(site)[Code.PAGE_TOTAL][0]


def test_a_letter_whose_log_has_not_begun(site: LetterSite) -> None:
    """It may have opened this second, so an auditor looks again before it says so."""
    site.editions.clear()
    site.overrides[site.log_path("checkpoint")] = (404, b"not yet")
    site.changed(site.path(), lambda letter: letter.update(log=None))
    assert found(site).keys() == {Code.NO_LOG}
    assert Code.UNREADABLE_CHECKPOINT in found(site, Trust(key=VerifierKey.parse(site.key)))


def test_another_key_beside_the_letter(site: LetterSite) -> None:
    site.changed(site.path(), lambda letter: letter["log"].update(key="elsewhere"))
    assert Code.OTHER_KEY in found(site)


def test_another_total_beside_the_letter(site: LetterSite) -> None:
    site.changed(site.path(), lambda letter: letter.update(edition=3, total=9999))
    assert "prints the total 9999 in edition 3: expected 579" in found(site)[Code.PRINTED_FIGURE][0]


def test_the_newest_editions_own_json_is_held_against_the_log(site: LetterSite) -> None:
    site.changed(site.path("/editions/3"), lambda edition: edition.update(reasons={"burst": 77}))
    assert Code.PRINTED_REASONS in found(site)


def test_a_page_without_a_language_with_one_more(site: LetterSite) -> None:
    """The address that people pass on."""
    site.overrides[f"/letters/{site.slug}"] = page_of("The count", "", 3, 580).encode()
    assert "The letter's page without a language shows 580" in found(site)[Code.PAGE_TOTAL][0]


def test_pairs_before_the_last_edition(site: LetterSite) -> None:
    pair = {"profession": {"code": "doctor"}, "region": {"code": "BY-MI"}, "count": 10}

    def lie(answer: dict[str, Any]) -> None:
        answer["editions"][0]["by_profession_and_region"] = [pair]

    site.changed(site.path("/editions?page=1"), lie)
    assert Code.CELLS_TOO_MANY in found(site)


def test_a_letter_that_was_taken_down(site: LetterSite) -> None:
    """Said once, and not as five lies."""
    site.overrides |= dict.fromkeys([site.path(), site.log_path("checkpoint"), site.path("/count")], (410, b"gone"))
    assert found(site).keys() == {Code.TAKEN_DOWN}


def test_other_professions_by_region_than_the_log_has_the_hash_of(site: LetterSite) -> None:
    pair = {"profession": {"code": "doctor"}, "region": {"code": "BY-MI"}, "count": 10}
    site.changed(site.path("/editions/3"), lambda edition: edition.update(by_profession_and_region=[pair]))
    assert "as professions by region" in found(site)[Code.PRINTED_CELLS][0]


def test_a_page_whose_digits_differ_from_what_machines_read(site: LetterSite) -> None:
    page(579, "5,790")(site)
    assert "shows 5790 " in found(site)[Code.PAGE_TOTAL][0]


@pytest.mark.parametrize("changed", [{"title": "Go on"}, {"html": "<p>We ask <strong>you</strong> to go on.</p>"}])
def test_another_text_on_the_page(site: LetterSite, changed: dict[str, str]) -> None:
    page(579, **changed)(site)
    (sentence,) = found(site)[Code.PAGE_TEXT]
    assert "on its page in en" in sentence


@pytest.mark.parametrize(
    "html", ["<p>We ask <span class='visually-hidden'>you</span></p>", "<p hidden>We</p>", "<script>1</script>", "<p>a"]
)
def test_a_page_that_could_hide_words(site: LetterSite, html: str) -> None:
    page(579, html=html)(site)
    assert Code.PAGE_TEXT in found(site)


def test_another_text_in_the_json(site: LetterSite) -> None:
    site.changed(site.path(), lambda letter: letter["texts"]["ru"].update(markdown="Мы просим продолжать.\n"))
    (sentence,) = found(site)[Code.API_TEXT]
    assert "in ru in the JSON" in sentence


def test_a_language_that_nobody_signed(site: LetterSite) -> None:
    site.changed(site.path(), lambda letter: letter["texts"].update(be={"title": "x", "markdown": "y"}))
    assert "'be' is in the JSON alone" in found(site)[Code.API_TEXT][0]


def test_other_rules_in_the_json(site: LetterSite) -> None:
    site.changed(site.path(), lambda letter: letter["figures"].update(threshold=5))
    assert Code.PRINTED_RULES in found(site)


def edition(change: Callable[[Any], None]) -> Lie:
    return lambda site: site.changed(site.path("/editions?page=1"), lambda answer: change(answer["editions"][1]))


PRINTED_BESIDES: dict[str, tuple[Lie, Code]] = {
    "reasons": (edition(lambda step: step.update(reasons={"burst": 4})), Code.PRINTED_REASONS),
    "changes": (edition(lambda step: step["changes"].update(total=1)), Code.PRINTED_CHANGES),
    "no log": (edition(lambda step: step.update(log=None)), Code.PRINTED_HEAD),
    "another root": (edition(lambda step: step["log"].update(root="A" * 43 + "=")), Code.PRINTED_HEAD),
    "another key": (edition(lambda step: step["log"].update(key="x+00000000+AAAA")), Code.PRINTED_HEAD),
    "another checkpoint": (
        lambda site: edition(lambda step: step["log"].update(checkpoint=site.checkpoint))(site),
        Code.PRINTED_HEAD,
    ),
    "a checkpoint that nobody signed": (edition(lambda step: step["log"].update(checkpoint="x\n")), Code.PRINTED_HEAD),
    "an edition missing": (
        lambda site: site.changed(site.path("/editions?page=1"), lambda answer: answer["editions"].pop(1)),
        Code.WRONG_EDITIONS,
    ),
    "an older count": (
        lambda site: site.overrides.update({site.path("/count"): json.dumps(site.editions[1]).encode()}),
        Code.WRONG_EDITIONS,
    ),
}


@pytest.mark.parametrize("name", PRINTED_BESIDES)
def test_what_the_history_says_besides(site: LetterSite, name: str) -> None:
    lie, code = PRINTED_BESIDES[name]
    lie(site)
    assert code in found(site)


def test_a_page_that_stays_behind(site: LetterSite) -> None:
    title, _markdown, html = TEXTS["ru"]
    site.overrides[f"/ru/letters/{site.slug}"] = page_of(title, html, 2, 524).encode()
    assert "shows edition 2: expected 3" in found(site)[Code.PAGE_EDITION][0]


def test_every_lie_is_listed_and_not_only_the_first(site: LetterSite) -> None:
    page(580, title="Go on")(site)
    site.changed(site.path("/count"), lambda count: count.update(total=0))
    assert set(found(site)) == {Code.PAGE_TOTAL, Code.PAGE_TEXT, Code.PRINTED_FIGURE}


# -------------------------------------------------------------------------------------------- witnesses


WITNESS, WITNESS_SEED = "witness.example", b"\x09" * 32


def policy(site: LetterSite) -> Trust:
    text = f"log {site.key}\nwitness friend {cosigner(WITNESS, WITNESS_SEED)}\nquorum friend\n"
    return Trust(policy=parse_policy(text))


def test_a_checkpoint_that_the_witness_cosigned(site: LetterSite) -> None:
    site.cosignatures = lambda text: cosign(text, WITNESS, WITNESS_SEED, 1_800_000_000).line
    assert found(site, policy(site)) == {}


def test_a_checkpoint_without_its_witness(site: LetterSite) -> None:
    (sentence,) = found(site, policy(site))[Code.NO_QUORUM]
    assert "nobody cosigned" in sentence
    assert "not friend" in sentence


def test_a_cosignature_of_another_checkpoint(site: LetterSite) -> None:
    line = cosign(f"{site.origin}\n1\n{'A' * 43}=\n", WITNESS, WITNESS_SEED, 1_800_000_000).line
    site.cosignatures = lambda _text: line
    assert Code.WRONG_COSIGNATURE in found(site, policy(site))


# ---------------------------------------------------------------------------------------------- receipts


@dataclass
class Terminal:
    """What was said."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def checked(site: LetterSite, receipt: Receipt, folder: Path, *, online: bool = False) -> tuple[int, str]:
    """Exit code and words of the auditor about a receipt."""
    file, terminal = folder / "mine.tlog-proof", Terminal()
    file.write_text(receipt.encode())
    request = Request(url=site.url if online else None, key=site.key, receipt=file)
    return run(request, terminal), terminal.text


def test_a_receipt_holds_offline(site: LetterSite, tmp_path: Path) -> None:
    status, text = checked(site, site.receipt(30), tmp_path)
    assert (status, text.partition("\n")[0]) == (
        0,
        f"The receipt holds: leaf 31 of 615 in the log {site.origin} is its signature.",
    )


LIES_OF_RECEIPTS: dict[str, tuple[Callable[[Receipt], Receipt], str]] = {
    "index at the size": (lambda held: replace(held, index=615), "has no leaf 615"),
    "index past the size": (lambda held: replace(held, index=2**40), "has no leaf 1099511627776"),
    "an extra hash": (lambda held: replace(held, proof=[*held.proof, bytes(32)]), "need exactly"),
    "a missing hash": (lambda held: replace(held, proof=held.proof[:-1]), "need exactly"),
    "a hash of 31 bytes": (lambda held: replace(held, proof=[*held.proof[:-1], bytes(31)]), "31 bytes: expected 32"),
    "another leaf": (lambda held: replace(held, index=32), "different trees"),
    "another signature": (
        lambda held: replace(held, opening=replace(held.opening, seal_hash=bytes(32))),
        "different trees",
    ),
    "another checkpoint": (lambda held: replace(held, note=held.note.replace("\n615\n", "\n616\n")), "does not belong"),
}


@pytest.mark.parametrize("name", LIES_OF_RECEIPTS)
def test_a_receipt_that_does_not_hold(site: LetterSite, tmp_path: Path, name: str) -> None:
    lie, words = LIES_OF_RECEIPTS[name]
    status, text = checked(site, lie(site.receipt(30)), tmp_path)
    assert status == 1
    assert text.startswith("FOUND: the receipt does not hold.")
    assert words in text


def test_a_receipt_in_the_log_as_it_is_now(site: LetterSite, tmp_path: Path) -> None:
    receipt = site.receipt(30)
    site.release(70)
    status, text = checked(site, receipt, tmp_path, online=True)
    assert status == 0
    assert "It was not withdrawn or voided since: the total of 649 counts it." in text


def test_a_receipt_of_a_signature_that_was_withdrawn(site: LetterSite, tmp_path: Path) -> None:
    receipt = site.receipt(30)
    site.release(60, removed=[b"W" + receipt.opening.nullifier])
    status, text = checked(site, receipt, tmp_path, online=True)
    assert status == 0
    assert "Its signature was withdrawn since, by leaf 675" in text


def test_a_receipt_from_a_log_that_was_rewritten(site: LetterSite, tmp_path: Path) -> None:
    receipt = site.receipt(30)
    site.entries[31] = b"S" + bytes(32)
    for step in site.editions:
        step["log"] = site.head_at(step["log"]["size"])
    status, text = checked(site, receipt, tmp_path, online=True)
    assert status == 1
    assert Code.LOG_FORKED in text


@pytest.mark.parametrize("later", [0, 60])
def test_a_receipt_is_held_against_the_log_without_a_key_of_ones_own(
    site: LetterSite, tmp_path: Path, later: int
) -> None:
    receipt, file, terminal = site.receipt(30), tmp_path / "mine.tlog-proof", Terminal()
    file.write_text(receipt.encode())
    assert run(Request(url=site.url, receipt=file), terminal) == 0
    site.entries[31] = b"S" + bytes(HASH)
    for step in site.editions:
        step["log"] = site.head_at(step["log"]["size"])
    if later:
        site.release(later)
    terminal = Terminal()
    assert run(Request(url=site.url, receipt=file), terminal) == 1
    assert (Code.LOG_REWRITTEN if later else Code.LOG_FORKED) in terminal.text
    assert "counts it" not in terminal.text


def test_a_receipt_of_an_edition_that_the_log_no_longer_has(site: LetterSite, tmp_path: Path) -> None:
    receipt, file, terminal = site.receipt(30), tmp_path / "mine.tlog-proof", Terminal()
    file.write_text(receipt.encode())
    site.begin()
    site.editions.clear()
    site.release(700)
    assert run(Request(url=site.url, receipt=file), terminal) == 1
    assert "No edition of the log ends at 615 leaves" in terminal.text


def hidden(site: LetterSite, old: str, new: str) -> str:
    title, _markdown, html = TEXTS["en"]
    honest = page_of(title, html, 3, 579)
    assert old in honest
    return honest.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<body>", "<body><div hidden></body>"),
        ("<article ", "<article popover "),
        ('<div class="prose"', '<div inert><div class="prose"'),
        ("<h1>", "<dialog><h1>"),
    ],
)
def test_a_page_whose_markup_hides_the_text(site: LetterSite, old: str, new: str) -> None:
    site.overrides[f"/en/letters/{site.slug}"] = hidden(site, old, new).encode()
    assert Code.PAGE_TEXT in found(site)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<section class="count"', '<section hidden class="count"'),
        ('<section class="count"', '<section style="display:none" class="count"'),
        ('<section class="count"', '<template><section class="count"'),
        (">579<", ">579 thousand<"),
        (">579<", ">579⁹⁹<"),
    ],
)
@pytest.mark.parametrize("path", ["/en/letters/{}", "/letters/{}/count", "/letters/{}/editions/3"])
def test_a_page_whose_markup_hides_or_lengthens_the_count(site: LetterSite, old: str, new: str, path: str) -> None:
    site.overrides[path.format(site.slug)] = hidden(site, old, new).encode()
    assert Code.UNREADABLE_PAGE in found(site)
