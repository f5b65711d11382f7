"""What others have put into a mirror's folder, such as CNAME or .git: it stays there when the mirror is made anew."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer
from verification.ledger.auditing.mirror_files import MIRROR_FILE, read_own


class InTheWay(Refusal):
    """Somebody else's file cannot stay in the folder of a mirror."""


def carry_over(before: Path, fresh: Path) -> None:
    """Copy what others have put into the root of the mirror `before`, if there is one, to the root of the `fresh` one.

    Whatever was a mirror's own stays behind. Raises `InTheWay` for what the fresh one has as well, for what cannot be
    copied, and for anything that is not known to be somebody else's.
    """
    written, own = _names(fresh), _own(before)
    others = _names(before) - (written if own is None else own)
    if own is None and others:
        raise InTheWay(f"{before / MIRROR_FILE} does not say whose is {_listed(others)}: move that elsewhere.")
    if others & written:
        raise InTheWay(f"{before} holds {_listed(others & written)} in the mirror's way: move that elsewhere.")
    for name in sorted(others):
        try:
            _copy(before / name, fresh / name)
        except OSError:
            raise InTheWay(
                f"{name!r} in {before} cannot be copied: move that elsewhere, or let this user read it."
            ) from None


def _listed(names: Collection[str]) -> str:
    return ", ".join(map(repr, sorted(names)))


def _own(mirror: Path) -> frozenset[str] | None:
    """What a mirror says is its own in its root; None where it does not say."""
    try:
        return read_own((mirror / MIRROR_FILE).read_bytes())
    except (OSError, BadAnswer):
        return None


def _names(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
