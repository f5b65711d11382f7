"""A passkey answers one question of one site; whatever else comes is refused with a sentence."""

import json
import os
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.verification.access.authenticator import VERIFIED, Authenticator, decode, encode
from verification.access.passkeys import (
    Passkey,
    PasskeyRefused,
    RelyingParty,
    check_created,
    check_used,
    creation_options,
    request_options,
    used_credential,
)

PARTY = RelyingParty.of("https://letters.example.org")
ACCOUNT, NAME = bytes(range(16)), "vera@example.org"
CHALLENGE, OTHER_CHALLENGE = bytes(range(32)), bytes(range(32, 64))


def device(**changes: Any) -> Authenticator:
    return Authenticator(**{"origin": PARTY.origin, "rp_id": PARTY.id} | changes)


def creation(challenge: bytes = CHALLENGE, known: tuple[bytes, ...] = ()) -> str:
    return creation_options(PARTY, challenge, ACCOUNT, NAME, known)


def request(challenge: bytes = CHALLENGE, known: tuple[bytes, ...] = ()) -> str:
    return request_options(PARTY, challenge, known)


def added(authenticator: Authenticator) -> Passkey:
    return check_created(PARTY, CHALLENGE, authenticator.create(creation()))


def altered(response: str, part: str, value: object) -> str:
    answer = json.loads(response)
    where = answer["response"] if part in answer["response"] else answer
    where[part] = value
    return json.dumps(answer)


def flipped(response: str, part: str, bit: int) -> str:
    raw = bytearray(decode(json.loads(response)["response"][part]))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    return altered(response, part, encode(bytes(raw)))


def test_a_passkey_is_added_and_used() -> None:
    authenticator = device()
    passkey = added(authenticator)
    assert (passkey.credential_id, passkey.sign_count) == (authenticator.credential_id, 1)
    known = request(OTHER_CHALLENGE, (passkey.credential_id,))
    assert check_used(PARTY, OTHER_CHALLENGE, authenticator.get(known), passkey) == 2


def test_a_browser_that_does_not_ask_who_it_is_will_do() -> None:
    """The password has said so: this is the second factor."""
    authenticator = device()
    authenticator.flags &= ~VERIFIED
    passkey = added(authenticator)
    assert check_used(PARTY, CHALLENGE, authenticator.get(request()), passkey) == 2


def test_the_browser_is_told_which_passkeys_there_are() -> None:
    known = (b"first", b"second")
    excluded = json.loads(creation(known=known))["excludeCredentials"]
    allowed = json.loads(request(known=known))["allowCredentials"]
    assert [decode(one["id"]) for one in excluded] == [decode(one["id"]) for one in allowed] == [b"first", b"second"]


def test_the_browser_is_told_whose_passkey_it_makes_and_to_leave_no_trace_on_the_key() -> None:
    options = json.loads(creation())
    assert (options["rp"]["id"], decode(options["user"]["id"])) == ("letters.example.org", ACCOUNT)
    assert options["user"]["name"] == NAME
    assert decode(options["challenge"]) == CHALLENGE
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "discouraged"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"


FOREIGN = {
    "another origin": {"origin": "https://letters.example.net"},
    "another port": {"origin": "https://letters.example.org:8443"},
    "no TLS": {"origin": "http://letters.example.org"},
    "a subdomain": {"origin": "https://evil.letters.example.org"},
    "another relying party": {"rp_id": "example.org"},
    "nobody there": {"flags": 0},
}


@pytest.mark.parametrize("changes", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_passkey_is_not_added(changes: dict[str, Any]) -> None:
    with pytest.raises(PasskeyRefused):
        added(device(**changes))


@pytest.mark.parametrize("changes", FOREIGN.values(), ids=FOREIGN)
def test_a_passkey_used_elsewhere_is_refused(changes: dict[str, Any]) -> None:
    authenticator = device()
    passkey = added(authenticator)
    elsewhere = replace(authenticator, **changes)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, elsewhere.get(request()), passkey)


def test_the_answer_to_another_challenge_is_refused() -> None:
    authenticator = device()
    passkey = added(authenticator)
    with pytest.raises(PasskeyRefused):
        check_created(PARTY, OTHER_CHALLENGE, authenticator.create(creation()))
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, OTHER_CHALLENGE, authenticator.get(request()), passkey)


def test_an_answer_of_one_kind_is_none_of_the_other() -> None:
    authenticator = device()
    passkey = added(authenticator)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, authenticator.create(creation()), passkey)
    with pytest.raises(PasskeyRefused):
        check_created(PARTY, CHALLENGE, authenticator.get(request()))


def test_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(PasskeyRefused):
        added(device(algorithm=-36))


def test_a_replayed_answer_is_refused_by_its_count() -> None:
    authenticator = device()
    passkey, answer = added(authenticator), authenticator.get(request())
    once = replace(passkey, sign_count=check_used(PARTY, CHALLENGE, answer, passkey))
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, answer, once)


def test_a_copied_authenticator_is_noticed_when_its_count_falls_behind() -> None:
    authenticator = device()
    passkey, copy = added(authenticator), replace(authenticator)
    for _ in range(3):
        passkey = replace(passkey, sign_count=check_used(PARTY, CHALLENGE, authenticator.get(request()), passkey))
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, copy.get(request()), passkey)


def test_a_passkey_that_never_counts_can_be_used_again() -> None:
    """Those that a phone shares with a laptop do not count."""
    authenticator = device(count=0, steps=0)
    passkey = added(authenticator)
    for challenge in (CHALLENGE, OTHER_CHALLENGE):
        assert check_used(PARTY, challenge, authenticator.get(request(challenge)), passkey) == 0


def test_another_passkey_is_refused() -> None:
    mine, other = device(), device()
    passkey = added(mine)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, other.get(request()), passkey)
    pretended = replace(other, credential_id=mine.credential_id)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, pretended.get(request()), passkey)


def test_an_id_that_is_only_claimed_is_refused() -> None:
    authenticator = device()
    passkey, answer = added(authenticator), authenticator.get(request())
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, altered(answer, "id", encode(b"another")), passkey)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, altered(answer, "rawId", encode(b"another")), passkey)
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, answer, replace(passkey, credential_id=b"another"))


AUTHENTICATOR = device()
PASSKEY = added(AUTHENTICATOR)
ANSWER, CREATED = AUTHENTICATOR.get(request()), AUTHENTICATOR.create(creation())


@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), st.integers(0, 2000))
def test_a_flipped_bit_of_an_answer_is_noticed(part: str, bit: int) -> None:
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, flipped(ANSWER, part, bit), PASSKEY)


@given(st.integers(0, 4000))
def test_an_altered_new_passkey_is_refused_when_it_is_added_or_when_it_is_used(bit: int) -> None:
    """Without an attestation nothing vouches for it, but it opens nothing to the authenticator that did not make it."""
    with suppress(PasskeyRefused):
        passkey = check_created(PARTY, CHALLENGE, flipped(CREATED, "attestationObject", bit))
        assume((passkey.credential_id, passkey.public_key) != (PASSKEY.credential_id, PASSKEY.public_key))
        with pytest.raises(PasskeyRefused):
            check_used(PARTY, CHALLENGE, ANSWER, passkey)


GARBAGE = {
    "nothing": "",
    "no JSON": "passkey",
    "null": "null",
    "a list": "[]",
    "a number": "7",
    "an empty object": "{}",
    "deep": "[" * 9_000,
    "a lone surrogate": '"\\ud800"',
    "no base64": altered(ANSWER, "rawId", "!!!"),
    "an id that is a number": altered(ANSWER, "id", 7),
    "another type": altered(ANSWER, "type", "password"),
    "an odd attachment": altered(ANSWER, "authenticatorAttachment", "tape"),
    "a user handle that is a number": altered(ANSWER, "response", json.loads(ANSWER)["response"] | {"userHandle": 7}),
    "too long": altered(ANSWER, "signature", "A" * 1_000_000),
    "client data that is no JSON": altered(ANSWER, "clientDataJSON", encode(b"\xff\xfe")),
    "client data that is a list": altered(ANSWER, "clientDataJSON", encode(b"[]")),
    "a challenge that is a list": altered(ANSWER, "clientDataJSON", encode(b'{"type":1,"challenge":[],"origin":{}}')),
    "no authenticator data": altered(ANSWER, "authenticatorData", ""),
    "short authenticator data": altered(ANSWER, "authenticatorData", encode(bytes(36))),
    "CBOR that never ends": altered(CREATED, "attestationObject", encode(b"\x9f" * 4_000)),
    "CBOR of another shape": altered(CREATED, "attestationObject", encode(b"\xa1\x63fmt\x01")),
    "an empty attestation": altered(CREATED, "attestationObject", ""),
}


@pytest.mark.parametrize("response", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_refused_with_a_sentence(response: str) -> None:
    for check in (
        lambda: check_created(PARTY, CHALLENGE, response),
        lambda: check_used(PARTY, CHALLENGE, response, PASSKEY),
    ):
        with pytest.raises(PasskeyRefused, match=r"^[A-Z].*\.$"):
            check()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted({*json.loads(ANSWER), *json.loads(ANSWER)["response"]})), JSON)
def test_no_value_in_an_answer_breaks_the_check(part: str, value: object) -> None:
    with pytest.raises(PasskeyRefused):
        check_used(PARTY, CHALLENGE, altered(ANSWER, part, value), PASSKEY)


@pytest.mark.parametrize("length", [1, 16, 64, 1023])
def test_an_answer_names_the_passkey_to_look_up(length: int) -> None:
    authenticator = device(credential_id=os.urandom(length))
    assert used_credential(authenticator.get(request())) == added(authenticator).credential_id


def test_an_id_longer_than_the_standard_allows_is_refused() -> None:
    with pytest.raises(PasskeyRefused):
        added(device(credential_id=bytes(1024)))


@pytest.mark.parametrize(
    ("base_url", "id", "origin", "offered"),
    [
        ("https://letters.example.org", "letters.example.org", "https://letters.example.org", True),
        ("https://Letters.Example.org:443/", "letters.example.org", "https://letters.example.org", True),
        ("https://letters.example.org:8443", "letters.example.org", "https://letters.example.org:8443", True),
        ("https://пример.example.org", "xn--e1afmkfd.example.org", "https://xn--e1afmkfd.example.org", True),
        ("http://letters.example.org", "letters.example.org", "http://letters.example.org", False),
        ("http://localhost:8000", "localhost", "http://localhost:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1", "http://127.0.0.1:8000", False),
        ("https://192.0.2.7", "192.0.2.7", "https://192.0.2.7", False),
    ],
)
def test_a_site_is_known_by_its_host_and_origin(base_url: str, id: str, origin: str, offered: bool) -> None:  # noqa: FBT001
    party = RelyingParty.of(base_url)
    assert (party.id, party.origin, party.offered) == (id, origin, offered)
