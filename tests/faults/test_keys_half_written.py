"""Key files of which only the first half reached the disk."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from letters.models.signatures import SignatureRow
from tests.faults.measured import Measure
from tests.faults.processes import Command, Visitor, Web
from tests.parts.campaign import Campaign

SIGNING_NEEDS = ("outbox.key", "dedupe/{slug}.key", "identities/{slug}.key")

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@contextmanager
def half_written(file: Path) -> Iterator[None]:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    try:
        yield
    finally:
        file.write_bytes(whole)


def stored(campaign: Campaign) -> int:
    with campaign.runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(SignatureRow)) or 0


def test_a_form_is_refused_whole_and_taken_once_the_file_is_back(campaign: Campaign, measured: Measure) -> None:
    refused = 0
    for name in SIGNING_NEEDS:
        with half_written(campaign.runtime.keyring.folder / name.format(slug=campaign.slug)):
            assert campaign.sign().status_code >= 500
            refused += 1
        assert stored(campaign) == 0
    assert campaign.sign().status_code == 303
    campaign.send_mail()
    lost = stored(campaign) - len(campaign.mail_server.accepted)
    assert (stored(campaign), lost) == (1, 0)
    measured(
        "a key file half written",
        f"{refused} files",
        lost=lost,
        remark="each form was refused whole, and taken once the file was restored",
    )


def test_a_server_does_not_start_on_half_a_key(campaign: Campaign, command: Command, web: Web) -> None:
    with half_written(campaign.runtime.keyring.folder / "tokens.key"):
        refused = command("serve", "--port", web.url.rpartition(":")[2], "--no-worker")
    assert refused.returncode != 0
    assert "is damaged. Restore it from where you keep your keys." in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_running_server_goes_on_once_the_file_is_back(campaign: Campaign, web: Web) -> None:
    web.start()
    with closing(Visitor(web.url)) as visitor:
        with half_written(campaign.runtime.keyring.folder / "tokens.key"):
            assert visitor.get("/readyz").status == 503
        assert visitor.get(f"/en/letters/{campaign.slug}").status == 200
        assert "no keys" not in visitor.get("/readyz").body.decode()
