"""A disk that is full while forms come in and mail goes out: on a small file system of its own, in memory."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd, count_confirmed
from tests.faults.measured import Measure
from tests.faults.processes import MailProcess, StartWorker, Visitor, Web, sent_again
from tests.parts.campaign import Campaign
from tests.parts.postgres import Postgres, migrated_database, running_postgres

MEGABYTES = {"sqlite": 40, "postgresql": 100}
MARGIN = 128 * 1024
"""Bytes left free when the disk is filled, so that it is a form that fills it up."""


class SmallDisk:
    """A mounted file system, and a file that takes its room."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._filler = folder, folder / "filler"
        self.server: Postgres | None = None

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(65536))
        os.truncate(self._filler, max(0, self._filler.stat().st_size - MARGIN))

    def free(self) -> None:
        self._filler.unlink()
        if self.server is not None:
            self.server.start()  # one that found no room for its log has ended


@contextmanager
def mounted(megabytes: int) -> Iterator[SmallDisk]:
    """Mount a tmpfs of this size; needs root."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", folder], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@pytest.fixture
def disk(database: str) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small file system that this test fills")
    with mounted(MEGABYTES[database]) as disk:
        yield disk


@pytest.fixture
def migrated_url(database: str, disk: SmallDisk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if database == "sqlite":
        file = disk.folder / "undersigned.db"
        file.write_bytes(request.getfixturevalue("migrated_file").read_bytes())
        yield f"sqlite:///{file}"
        return
    with running_postgres(durable=True, parent=disk.folder, wal_segment=1) as disk.server:
        yield migrated_database(disk.server, tmp_path / "keys")


@pytest.fixture
def environment(environment: dict[str, str], mail_process: MailProcess) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_SMTP_URL": mail_process.url}


def test_a_full_disk_loses_nothing_and_room_mends_it(
    disk: SmallDisk,
    campaign: Campaign,
    web: Web,
    start_worker: StartWorker,
    mail_process: MailProcess,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    times = repetitions(1, 5)
    web.start()
    crowd = Crowd(web.url, campaign.slug)
    assert campaign.sign().status_code == 303
    with start_worker("--lease", "2") as worker:
        mail_process.await_count(1)
        with crowd.signing():
            for _ in range(times):
                refused = crowd.answers[503]
                disk.fill()
                crowd.await_refused(refused)
                with closing(Visitor(web.url)) as reader:
                    assert reader.get(f"/en/letters/{campaign.slug}").status == 200
                disk.free()
                crowd.await_more()
        everybody = set(crowd.acknowledged)
        links = mail_process.await_everybody(everybody, worker.log.read_text)
        assert worker.stop() == 0

    assert set(crowd.answers) == {303, 503}, web.log.read_text()
    total = count_confirmed(campaign, links)
    assert total == len(links)
    measured(
        "the database's disk full while forms come in and mail goes out",
        f"{times} times, {len(everybody)} acknowledged forms, {crowd.answers[503]} answered with 503",
        lost=len(everybody - set(links)),
        counted_twice=total - len(links),
        sent_twice=sent_again(mail_process.accepted),
        remark="pages could be read meanwhile, and it went on once there was room",
    )
