"""Who has withdrawn since a backup was made is found by the newer public log, and nobody else is touched."""

from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select

from letters.backups.since import NoLogThere, Removed, remove_again, removed_in
from letters.models.decisions import DecisionRow
from letters.models.log import LogTileRow
from letters.organising.log_signing import sign_heads
from letters.runtime import Runtime
from tests.journeys.showcase import serving
from tests.letters.backups.conftest import Machine, Safe
from tests.letters.mirroring.serving import Maker, file_server
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.campaign import Campaign
from verification.ledger.leaves import Withdrawal
from verification.ledger.tiles import ENTRIES, WIDTH, TileAddress, decode_bundle


def write_log(runtime: Runtime, folder: Path) -> Path:
    """The leaves as a mirror of the site has them."""
    with runtime.reading() as session:
        bundles = session.execute(select(LogTileRow.number, LogTileRow.data).where(LogTileRow.level == ENTRIES)).all()
    for number, data in bundles:
        width = min(WIDTH, len(decode_bundle(data)))
        file = folder / TileAddress(ENTRIES, number, width).path
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
    return folder


def put_back(safe: Safe, runtime: Runtime, removed: Removed) -> int:
    found: list[int] = []
    today = runtime.clock().date()
    safe.put_back(runtime, lambda session: found.append(remove_again(session, removed, today)))
    return found[0]


def test_whoever_left_since_has_left_here_too(runtime: Runtime, safe: Safe, machine: Machine, tmp_path: Path) -> None:
    crowd = open_crowd(runtime)
    stays, withdraws, voided = (crowd.join(number, display="named") for number in (1, 2, 3))
    crowd.release()
    safe.keep(runtime)
    crowd.withdraw(withdraws)
    crowd.void(voided)
    crowd.release()
    restored = machine("sqlite")
    assert put_back(safe, restored, removed_in(str(write_log(runtime, tmp_path / "mirror")))) == 2
    there = Crowd(restored, crowd.slug)
    assert [there.row(signer).state for signer in (stays, withdraws, voided)] == ["confirmed", "withdrawn", "voided"]
    assert there.row(withdraws).sealed is None
    with restored.reading() as session:
        assert session.execute(select(DecisionRow.act, DecisionRow.reason, DecisionRow.count)).all() == [
            ("voided", "other", 1)
        ]
    edition = release_trusting(there)
    assert (edition, there.names(), there.recount()) == (1, ["Signer Example 1"], [])


def release_trusting(crowd: Crowd) -> int:
    """Release where nobody remembers what was signed; returns the total."""
    sign_heads(crowd.runtime, crowd.slug, trust_database=True)
    return crowd.release().total


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_made_up_log_withdraws_nobody(crowd: Crowd, safe: Safe, machine: Machine) -> None:
    safe.keep(crowd.runtime)
    made_up = {bytes([number]) * 32: Withdrawal(bytes([number]) * 32) for number in range(9)}
    assert put_back(safe, machine("sqlite"), made_up) == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_who_hid_a_name_since_is_shown_again(crowd: Crowd, safe: Safe, machine: Machine, tmp_path: Path) -> None:
    """Hiding a name leaves no leaf: nobody can tell from the log."""
    signer = crowd.join(7, display="named")
    crowd.release()
    safe.keep(crowd.runtime)
    crowd.change(signer, display="counted")
    crowd.release()
    assert "Signer Example 7" not in crowd.names()
    restored = machine("sqlite")
    put_back(safe, restored, removed_in(str(write_log(crowd.runtime, tmp_path / "mirror"))))
    assert "Signer Example 7" in Crowd(restored, crowd.slug).names()


@pytest.mark.parametrize("database", ["sqlite"])
def test_who_was_counted_only_after_the_backup_is_not_found(
    crowd: Crowd, safe: Safe, machine: Machine, tmp_path: Path
) -> None:
    """The secret that leads to the leaf was drawn by the edition that counted them, and is lost with it."""
    signer = crowd.join(7, display="named")
    safe.keep(crowd.runtime)
    crowd.release()
    crowd.withdraw(signer)
    crowd.release()
    restored = machine("sqlite")
    put_back(safe, restored, removed_in(str(write_log(crowd.runtime, tmp_path / "mirror"))))
    there = Crowd(restored, crowd.slug)
    release_trusting(there)
    assert "Signer Example 7" in there.names()


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_log_is_read_from_a_site_or_from_a_folder(campaign: Campaign, tmp_path: Path) -> None:
    private = campaign.join(1)
    campaign.join(2)
    campaign.release()
    campaign.client.post(private, data={"withdraw": "1"})
    campaign.release()
    with serving(campaign.app) as url:
        fetched = removed_in(f"{url}/letters/{campaign.slug}")
    assert len(fetched) == 1
    assert removed_in(str(write_log(campaign.runtime, tmp_path / "mirror"))) == fetched


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_log_is_read_from_a_mirror_in_a_folder(
    crowd: Crowd, compiled_templates: FileSystemBytecodeCache, tmp_path: Path
) -> None:
    signer = crowd.join(1)
    crowd.release()
    crowd.withdraw(signer)
    crowd.release()
    (tmp_path / "kept").mkdir()
    Maker(crowd.runtime, compiled_templates)(tmp_path / "kept" / "mirror")
    with file_server(tmp_path) as url:
        fetched = removed_in(f"{url}/kept/mirror/letters/{crowd.slug}")
    assert fetched
    assert removed_in(str(write_log(crowd.runtime, tmp_path / "log"))) == fetched


def test_a_folder_without_a_log_is_no_log_without_withdrawals(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("something")
    with pytest.raises(NoLogThere):
        removed_in(str(tmp_path))
