"""Auditing again: what is remembered, what a watch does, and that no answer is more than a finding."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verification.ledger.auditing.letter_site import LetterSite, serving_letter
from verification.ledger.auditing.command import Request, run
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.remembering import BadState, read_state
from verification.ledger.auditing.running import CLEAN, FOUND, Asked, audit
from verification.ledger.notes import VerifierKey
from verification.ledger.policies import parse_policy


@pytest.fixture(scope="module")
def running() -> Iterator[LetterSite]:
    """One server for all."""
    with serving_letter() as site:
        yield site


@pytest.fixture
def site(running: LetterSite) -> LetterSite:
    """A letter after two editions."""
    running.editions, running.signers, running.overrides = [], [], {}
    running.begin()
    running.release(120)
    running.release(60, withdrawn=3)
    return running


class Watcher:
    """Somebody who waits, and meanwhile things happen; and what they were told."""

    def __init__(self, *happen: Any) -> None:
        self.happen, self.waited, self.lines = list(happen), list[float](), list[str]()

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        if self.happen:
            self.happen.pop(0)()

    def say(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def asked(site: LetterSite, **more: Any) -> Asked:
    return Asked(LetterAddress.parse(site.url), **more)


def nothing() -> None:
    """Time passes."""


def test_what_is_remembered_is_for_its_owner_alone(site: LetterSite, tmp_path: Path) -> None:
    file, watcher = tmp_path / "letter.state", Watcher()
    assert audit(asked(site, state=file), watcher.say, watcher.sleep) == CLEAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    state = read_state(file, LetterAddress.parse(site.url))
    assert state is not None
    assert (state.size, str(state.key), state.note) == (len(site.entries), site.key, site.checkpoint)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.state"]


def test_nothing_is_remembered_of_an_audit_that_found_something(site: LetterSite, tmp_path: Path) -> None:
    file, watcher = tmp_path / "letter.state", Watcher()
    assert audit(asked(site, state=file), watcher.say, watcher.sleep) == CLEAN
    before = file.read_bytes()
    site.release(30, total=1)
    assert audit(asked(site, state=file), watcher.say, watcher.sleep) == FOUND
    assert file.read_bytes() == before


def test_the_key_that_was_seen_first_stays_the_key(site: LetterSite, tmp_path: Path) -> None:
    file, watcher = tmp_path / "letter.state", Watcher()
    audit(asked(site, state=file), watcher.say, watcher.sleep)
    audit(asked(site, state=file), watcher.say, watcher.sleep)
    assert "The log's key is the one that was seen before." in watcher.lines
    site.seed = b"\x07" * 32
    try:
        assert audit(asked(site, state=file), watcher.say, watcher.sleep) == FOUND
    finally:
        site.seed = b"\x01" * 32
    assert any(line.startswith("unknown-key: ") for line in watcher.lines)


def test_a_given_key_comes_before_a_policy_and_that_before_memory(site: LetterSite) -> None:
    watcher, key = Watcher(), VerifierKey.parse(site.key)
    policy = parse_policy(f"log {site.key}\nquorum none\n")
    audit(asked(site, key=key, policy=policy), watcher.say, watcher.sleep)
    assert "The log's key is the one you gave." in watcher.lines
    audit(asked(site, policy=policy), watcher.say, watcher.sleep)
    assert "The log's key is the one in your policy." in watcher.lines


@pytest.mark.parametrize(
    "change", [{"letter": "another"}, {"format": "x"}, {"key": "x"}, {"root": "AA=="}, {"size": -1}]
)
def test_a_state_that_is_damaged_or_of_another_letter_is_refused(
    site: LetterSite, tmp_path: Path, change: dict[str, Any]
) -> None:
    file, watcher = tmp_path / "letter.state", Watcher()
    audit(asked(site, state=file), watcher.say, watcher.sleep)
    file.write_text(json.dumps(json.loads(file.read_bytes()) | change))
    with pytest.raises(BadState):
        audit(asked(site, state=file), watcher.say, watcher.sleep)
    assert run(Request(url=site.url, state=file), watcher.say) == 2


def test_a_watch_says_what_is_new_and_ends_at_a_finding(site: LetterSite, tmp_path: Path) -> None:
    watcher = Watcher(nothing, lambda: site.release(40), nothing, lambda: site.release(20, total=1))
    file = tmp_path / "letter.state"
    assert audit(asked(site, watch=300.0, state=file), watcher.say, watcher.sleep) == FOUND
    assert watcher.waited == [300.0] * 4
    assert [line for line in watcher.lines if line.startswith("Log ")] == [
        f"Log {site.origin}: 186 leaves, 2 editions, total 177.",
        f"Log {site.origin}: 227 leaves, 3 editions, total 217.",
        f"Log {site.origin}: 248 leaves, 4 editions, total 1.",
    ]
    assert json.loads(file.read_bytes())["size"] == 227


def test_a_watch_remembers_without_a_file(site: LetterSite) -> None:
    def rewrite() -> None:
        site.entries[5] = b"S" + bytes(32)
        site.release(40)

    watcher = Watcher(rewrite)
    assert audit(asked(site, watch=1.0), watcher.say, watcher.sleep) == FOUND
    assert "log-rewritten: " in watcher.text


def test_a_watch_reads_the_leaves_only_once_while_nothing_changes(site: LetterSite) -> None:
    def forbid() -> None:
        site.overrides[site.log_path("tile/entries/000.p/186")] = (500, b"")

    watcher = Watcher(forbid, nothing, lambda: site.changed(site.path("/count"), lambda count: count.update(total=0)))
    assert audit(asked(site, watch=1.0), watcher.say, watcher.sleep) == FOUND
    assert len(watcher.waited) == 3
    assert "bad-bundle" not in watcher.text


def test_a_watch_goes_on_when_the_site_is_away() -> None:
    watcher = Watcher(nothing)
    with serving_letter() as site:
        site.release(20)
        gone = asked(site)

    def stop() -> None:
        raise KeyboardInterrupt

    watcher.happen.append(stop)
    with pytest.raises(KeyboardInterrupt):
        audit(Asked(gone.address, watch=5.0), watcher.say, watcher.sleep)
    assert watcher.waited == [5.0, 5.0]
    assert all("cannot be reached" in line for line in watcher.lines)
    assert audit(gone, watcher.say, watcher.sleep) == FOUND


def test_a_site_between_two_editions_is_looked_at_again(site: LetterSite) -> None:
    signed = site.checkpoint.encode()
    site.release(30)
    site.overrides[site.log_path("checkpoint")] = signed
    watcher = Watcher(nothing, site.overrides.clear)
    assert audit(asked(site), watcher.say, watcher.sleep) == CLEAN
    assert watcher.waited == [0.5, 1.0]


def test_a_site_that_forks_between_two_looks_is_found(site: LetterSite) -> None:
    signed = site.checkpoint.encode()
    site.release(30)
    site.overrides[site.log_path("checkpoint")] = signed

    def fork() -> None:
        site.entries[5] = b"S" + bytes(32)
        for edition in site.editions:
            edition["log"] = site.head_at(edition["log"]["size"])
        site.overrides.clear()

    watcher = Watcher(fork)
    assert audit(asked(site), watcher.say, watcher.sleep) == FOUND
    assert "log-rewritten: " in watcher.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in JSON."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


ANSWERS = ["", "/count", "/editions?page=1", "/editions/2"]
JUNK = st.binary(max_size=9) | st.sampled_from([b"[" * 200_000, b"{" * 99, b"9" * 9999, b"<a ", b"\xff\xfe", b"\n\n"])
ON_ONE_SITE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@ON_ONE_SITE
@given(st.sampled_from(ANSWERS), st.integers(0, 10_000), JSON)
def test_no_json_is_more_than_a_finding(site: LetterSite, rest: str, where: int, new: Any) -> None:
    site.overrides.clear()
    path = site.path(rest)
    value = json.loads(site.answer(path)[1])
    found = list(places(value))
    site.overrides[path] = json.dumps(replaced(value, found[where % len(found)], new)).encode()
    assert looked(site) in (CLEAN, FOUND)


@ON_ONE_SITE
@given(st.integers(0, 5), st.integers(0, 100_000), st.sampled_from([0, 1, 40, 100_000]), JUNK)
def test_no_bytes_are_more_than_a_finding(site: LetterSite, which: int, where: int, cut: int, junk: bytes) -> None:
    site.overrides.clear()
    log = [site.log_path("checkpoint"), site.log_path("tile/entries/000.p/186")]
    path = [site.path(), site.path("/count"), site.path("/editions?page=1"), *log, f"/en/letters/{site.slug}"][which]
    body = site.answer(path)[1]
    at = where % len(body)
    site.overrides[path] = body[:at] + junk + body[at + cut :]
    assert looked(site) in (CLEAN, FOUND)


@ON_ONE_SITE
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3), st.sampled_from([0, -1]))
def test_no_leaf_is_more_than_a_finding(site: LetterSite, content: dict[str, Any], place: int) -> None:
    site.overrides.clear()
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    site.entries[place] = (b"T" if place else b"L") + text.encode("utf-8", "surrogatepass")
    assert looked(site) == FOUND


def looked(site: LetterSite) -> int:
    watcher = Watcher()
    status = audit(asked(site), watcher.say, watcher.sleep)
    assert all(line.isprintable() for line in watcher.text.split("\n"))
    return status
