"""A letter of the organiser's team, and files to upload to it."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

Upload = Callable[..., TestResponse]
MULTIPART = "multipart/form-data; boundary=edge-of-a-part"


@pytest.fixture
def ours(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """The team's open letter, which shows every cell."""
    return organiser.campaign(mail_server)


@pytest.fixture
def upload(organiser: Organiser, ours: Campaign) -> Upload:
    """Send a file to a page of the letter: `upload(page, content, act=…)`."""

    def send(page: str, content: bytes | str, **form: str) -> TestResponse:
        file = content.encode() if isinstance(content, str) else content
        path = f"/workspace/letters/{ours.slug}/{page}"
        body = multipart({"csrf_token": organiser.csrf, **form}, file)
        return organiser.client.post(path, base_url=organiser.base, data=body, content_type=MULTIPART)

    return send


def multipart(form: dict[str, str], file: bytes) -> bytes:
    """A form with a file `table` as a browser sends it (RFC 7578); the test client would make a temporary file."""
    head = "--edge-of-a-part\r\nContent-Disposition: form-data; name="
    fields = "".join(f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in form.items())
    named = f'{fields}{head}"table"; filename="table.csv"\r\n\r\n'
    return named.encode() + file + b"\r\n--edge-of-a-part--\r\n"
