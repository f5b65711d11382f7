"""What only organisers need takes no memory in a process to which none of them came."""

import subprocess
import sys

import pytest

from verification.late import Late

ORGANISERS_ALONE = ("webauthn", "zxcvbn", "xlsxwriter", "typst")


def test_the_application_starts_without_what_only_organisers_need() -> None:
    program = f"import letters.app, sys; print(*sorted(set({ORGANISERS_ALONE}) & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).split() == []


def test_a_late_module_is_the_module() -> None:
    assert Late("colorsys").rgb_to_hsv(1, 1, 1) == (0, 0, 1)


def test_one_that_is_not_there_is_missed_when_it_is_used() -> None:
    missing = Late("no_such_module_of_ours")
    with pytest.raises(ModuleNotFoundError):
        _ = missing.anything
