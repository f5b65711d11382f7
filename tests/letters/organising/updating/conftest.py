"""An open letter and the worker that mails its updates."""

from collections.abc import Iterator

import pytest

from tests.letters.organising.updating.subscribing import Post
from tests.parts.campaign import Campaign


@pytest.fixture
def post(campaign: Campaign) -> Iterator[Post]:
    post = Post.of(campaign)
    yield post
    post.sender.transport.close()
