"""A letter under which 24 counted signers agreed to be asked and three did not."""

import pytest

from tests.letters.organising.sampling.asked import Desk, sample_desk
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer


@pytest.fixture
def desk(organiser: Organiser, mail_server: MailServer) -> Desk:
    desk = sample_desk(organiser, mail_server)
    desk.willing(range(1, 25))
    desk.crowd.join_many(range(25, 28))
    desk.release()
    return desk
