"""Precautions are taken unless they are switched off, and then none of them is."""

from dataclasses import replace

import pytest

from letters.runtime import Runtime
from letters.signing.sending import make_caps
from letters.web.precautions import Precautions
from verification.access.door import Knock, SlowDown
from verification.access.throttling import FREE
from verification.identity.addresses import parse_address

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def switched(runtime: Runtime, *, on: bool) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, throttle=on))


def test_switched_off_there_are_none(runtime: Runtime) -> None:
    assert Precautions.of(switched(runtime, on=False)) is None
    assert make_caps(switched(runtime, on=False)) is None


def test_switched_on_every_process_has_its_own(runtime: Runtime) -> None:
    first, second = (Precautions.of(switched(runtime, on=True)) for _ in range(2))
    knock = Knock("198.51.100.1", "a-letter", "", "")
    for precautions in (first, second):
        assert [precautions.door.admit(knock) for _ in range(FREE.amount)] == [None] * FREE.amount
    with pytest.raises(SlowDown):
        first.door.admit(knock)
    assert make_caps(switched(runtime, on=True)) is not None


def test_only_disposable_addresses_are_suspicious(runtime: Runtime) -> None:
    precautions = Precautions.of(switched(runtime, on=True))
    assert precautions.suspicion(parse_address("vera@mail.yopmail.com")) == "disposable"
    assert precautions.suspicion(parse_address("vera@example.org")) is None
