"""The demo's guided tour leads to pages that are there, and is nowhere but in a demo."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from letters.app import create_app
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def demo(campaign: Campaign) -> FlaskClient:
    """The same letter on a site without a mail server."""
    campaign.join(1)
    campaign.join(2)
    campaign.release()
    settings = replace(campaign.runtime.settings, smtp_url=None, base_url="http://127.0.0.1:8000")
    return create_app(replace(campaign.runtime, settings=settings)).test_client()


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_every_step_leads_somewhere(demo: FlaskClient, campaign: Campaign, prefix: str) -> None:
    links = [link for link in show(demo.get(f"{prefix}/demo")).links if link.startswith("/")]
    assert f"{prefix}/letters/{campaign.slug}/editions/1" in links
    for link in links:
        assert demo.get(link).status_code in (200, 303), link


@pytest.mark.parametrize(("port", "named"), [(8000, ""), (8123, "UNDERSIGNED_BASE_URL=http://127.0.0.1:8123 ")])
def test_its_commands_name_a_demo_on_another_port(campaign: Campaign, port: int, named: str) -> None:
    settings = replace(campaign.runtime.settings, smtp_url=None, base_url=f"http://127.0.0.1:{port}")
    page = create_app(replace(campaign.runtime, settings=settings)).test_client().get("/en/demo").text
    for command in ("demo signers 1000", f"audit http://127.0.0.1:{port}/letters/{campaign.slug}", "mirror var/mirror"):
        assert f">{named}.venv/bin/undersigned {command}</code>" in page


def test_the_home_page_of_a_demo_leads_to_it(demo: FlaskClient) -> None:
    assert "/demo" in show(demo.get("/")).links


def test_a_site_with_a_mail_server_has_none(campaign: Campaign) -> None:
    assert campaign.client.get("/demo").status_code == 404
    assert "/demo" not in show(campaign.client.get("/")).links
