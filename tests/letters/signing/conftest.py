"""Signers of these tests have browsers that prefer English; addresses that name a language still win."""

import pytest

from tests.parts.campaign import Campaign


@pytest.fixture
def campaign(campaign: Campaign) -> Campaign:
    """The open letter, read by somebody who prefers English."""
    campaign.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return campaign
