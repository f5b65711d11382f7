"""`undersigned backup` and `restore` as a host types them."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.signing.asking import everything
from tests.parts.postgres import Postgres
from tests.parts.server import PROGRAM, Undersigned
from verification.database import make_engine
from verification.ledger.leaves import Withdrawal
from verification.ledger.tiles import encode_bundle

one_database = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """A letter with an edition."""
    crowd = open_crowd(runtime)
    crowd.join_many(range(3))
    crowd.release()
    return crowd


@pytest.fixture
def keys(computer: Shell, tmp_path: Path) -> tuple[Path, Path]:
    """The public and the secret half of the host's key, each in a file, as they were made at home."""
    printed = computer("keys", "new", tmp_path / "backup.key").stdout
    (tmp_path / "backup.pub").write_text(printed)
    return tmp_path / "backup.pub", tmp_path / "backup.key"


@pytest.fixture
def kept(undersigned: Shell, crowd: Crowd, keys: tuple[Path, Path], tmp_path: Path) -> Path:
    undersigned("backup", tmp_path / "site.backup", "--key", keys[0])
    return tmp_path / "site.backup"


@pytest.fixture
def there(undersigned: Shell, tmp_path: Path) -> Shell:
    """Another machine, without database and keys."""
    moved = {"UNDERSIGNED_DATABASE_URL": f"sqlite:///{tmp_path}/there.db", "UNDERSIGNED_KEYS": str(tmp_path / "there")}
    return Shell({**undersigned.environment, **moved})


@one_database
def test_a_backup_comes_back_with_two_commands(
    there: Shell, kept: Path, crowd: Crowd, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    said = there("restore", kept, "--key", keys[1]).stdout
    assert "1 letters, 3 signatures, 0 organisers" in said
    assert re.search(
        rf"^{crowd.slug}: edition 1, total 3; its log has 5 leaves, root [0-9a-f]{{64}}$", said, re.MULTILINE
    )
    for missing in ("tokens.key", "names.key", f"dedupe/{crowd.slug}.key", f"identities/{crowd.slug}.key"):
        assert f"Missing in {tmp_path / 'there'}: {missing}. Until you put it back " in said
    assert f"undersigned editions sign {crowd.slug} --trust-database" in said
    assert "Undone is whatever was done since: lockdowns" in said
    assert said.endswith("Every figure was recounted and every log recomputed: they agree with the rows.\n")
    there("recount")
    there("editions", "sign", crowd.slug, "--trust-database")
    assert "holds something already" in there.refused("restore", kept, "--key", keys[1])


@one_database
def test_nothing_of_anybody_can_be_read_in_it(kept: Path, crowd: Crowd, runtime: Runtime) -> None:
    content = kept.read_bytes()
    with runtime.reading() as session:
        secrets = session.execute(text("SELECT log_secret, sealed, address_index FROM signatures LIMIT 5")).all()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not [value for row in secrets for value in row if value[:24] in content]
    assert crowd.slug.encode() not in content


@one_database
def test_it_can_go_elsewhere_as_it_is_made(
    undersigned: Shell, there: Shell, crowd: Crowd, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "piped.backup").write_bytes(undersigned("backup", "-", "--key", keys[0]).stdout_bytes)
    assert "3 signatures" in there("restore", tmp_path / "piped.backup", "--key", keys[1]).stdout


@one_database
def test_a_newer_log_is_asked_for_withdrawals(
    there: Shell, kept: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    leaf = Withdrawal(bytes(32)).encode()
    (tmp_path / "log" / "tile" / "entries" / "000.p").mkdir(parents=True)
    (tmp_path / "log" / "tile" / "entries" / "000.p" / "1").write_bytes(encode_bundle([leaf]))
    said = there("restore", kept, "--key", keys[1], "--since", tmp_path / "log").stdout
    assert "Withdrawn or voided since, by the newer logs, and so again here: 0. Who has only hidden a name" in said


@one_database
def test_no_backup_is_replaced_by_accident(undersigned: Shell, kept: Path, keys: tuple[Path, Path]) -> None:
    before = kept.read_bytes()
    assert "exists already" in undersigned.refused("backup", kept, "--key", keys[0])
    assert kept.read_bytes() == before
    undersigned("backup", kept, "--key", keys[0], "--force")
    assert kept.read_bytes() != before


@one_database
def test_a_secret_key_is_sent_home(undersigned: Shell, keys: tuple[Path, Path], tmp_path: Path) -> None:
    assert "secret half" in undersigned.refused("backup", tmp_path / "site.backup", "--key", keys[1])
    assert "one public key" in undersigned.refused("backup", tmp_path / "site.backup", "--key", "something")
    assert not (tmp_path / "site.backup").exists()


@one_database
def test_what_is_no_backup_or_has_another_key_is_refused(
    there: Shell, computer: Shell, kept: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    assert "is no backup" in there.refused("restore", keys[0], "--key", keys[1])
    computer("keys", "new", tmp_path / "other.key")
    refused = there.refused("restore", kept, "--key", tmp_path / "other.key")
    fingerprint = re.search(r"public half: (.*)", keys[1].read_text())
    assert fingerprint[1] in refused
    assert not (tmp_path / "there.db").exists()


@one_database
def test_a_full_disk_leaves_no_part_of_a_backup(
    environment: dict[str, str], crowd: Crowd, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    """A file may grow to 64 KiB here, and the backup is larger."""
    crowd.join_many(range(10, 50))
    (tmp_path / "full").mkdir()
    command = f"ulimit -f 64; exec {PROGRAM} backup {tmp_path}/full/site.backup --key {keys[0]}"
    told = {**os.environ, **environment}
    done = subprocess.run(["bash", "-c", command], env=told, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: File too large.\n")
    assert list((tmp_path / "full").iterdir()) == []


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_restore_that_is_killed_leaves_nothing_behind(
    environment: dict[str, str],
    kept: Path,
    keys: tuple[Path, Path],
    postgres: Postgres,
    tmp_path: Path,
    migrated_template: str,
    crowd: Crowd,
) -> None:
    """It is killed when it has put almost everything in, and waits for the last table."""
    url = postgres.database(template=migrated_template)
    there = {**environment, "UNDERSIGNED_DATABASE_URL": url, "UNDERSIGNED_KEYS": str(tmp_path / "there")}
    engine = make_engine(url)
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with engine.connect() as connection, engine.connect() as watcher:
        connection.execute(text("LOCK TABLE log_tiles IN SHARE MODE"))
        restore = Undersigned("restore", str(kept), "--key", str(keys[1]), environment=there, folder=tmp_path)
        until = time.monotonic() + 60
        while not watcher.execute(waits).scalar_one() and time.monotonic() < until:
            watcher.rollback()
            time.sleep(0.05)
        assert not restore.ended, restore.log.read_text()
        restore.kill()
        connection.rollback()
    with engine.connect() as connection:
        for table in ("letters", "signatures", "editions"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    assert not (tmp_path / "there" / "log").exists()
    Shell(there)("restore", kept, "--key", keys[1])
    engine.dispose()
    postgres.drop(url)
    assert everything(crowd.runtime)["signatures"]
