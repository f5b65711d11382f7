"""One connection to one host, and an end to whatever it answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verification.ledger.auditing.letter_site import LetterSite, serving_letter
from verification.ledger.auditing.fetching import BadStatus, Site, Unreachable
from verification.ledger.auditing.letter_address import LetterAddress


@pytest.fixture
def letter() -> Iterator[LetterSite]:
    with serving_letter() as letter:
        yield letter


@pytest.fixture
def site(letter: LetterSite) -> Iterator[Site]:
    with closing(Site(LetterAddress.parse(letter.url))) as site:
        yield site


def test_answers_come_in_the_order_of_the_paths(letter: LetterSite, site: Site) -> None:
    paths = [f"/{number}" for number in range(30)]
    letter.overrides.update({path: f"body of {path}".encode() for path in paths})
    assert list(site.get_each(paths, 100)) == [f"body of {path}".encode() for path in paths]
    assert site.asked == 30


def test_an_answer_over_the_limit_is_refused_and_the_next_one_read(letter: LetterSite, site: Site) -> None:
    letter.overrides.update({"/large": b"x" * 1001, "/fits": b"x" * 1000})
    with pytest.raises(BadStatus, match="more than 1000 bytes"):
        site.get("/large", 1000)
    assert site.get("/fits", 1000) == b"x" * 1000


def test_one_step_on_the_same_host_is_followed(letter: LetterSite, site: Site) -> None:
    letter.overrides.update({"/old": (302, b"/new?x=1"), "/new?x=1": b"here", "/twice": (301, b"/old")})
    assert site.get("/old") == b"here"
    with pytest.raises(BadStatus, match="answers 302"):
        site.get("/twice")


@pytest.mark.parametrize("away", [b"http://127.0.0.2/", b"https://example.org/x", b"//example.org/", b""])
def test_no_step_to_another_host_is_taken(letter: LetterSite, site: Site, away: bytes) -> None:
    letter.overrides["/old"] = (302, away or b"http://127.0.0.1:1/old")
    with pytest.raises(BadStatus, match="leads away"):
        site.get("/old")


@contextmanager
def answering(*answers: bytes) -> Iterator[Site]:
    """A host that says these bytes, one on each connection, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _peer = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        address = LetterAddress.parse(f"http://127.0.0.1:{server.getsockname()[1]}/letters/a")
        with closing(Site(address)) as site:
            yield site
        thread.join()


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    kept = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    with answering(kept + b"ab", kept + b"cd") as site:
        assert site.get("/1") == b"ab"
        assert site.get("/2") == b"cd"


def test_chunks_are_put_together() -> None:
    body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body) as site:
        assert site.get("/") == b"abcde"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\ncut short",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ncut",
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000,
    ],
)
def test_what_is_no_answer_is_said_in_one_sentence(answer: bytes) -> None:
    with answering(answer) as site, pytest.raises(Unreachable, match="cannot be reached"):
        site.get("/")


@given(st.binary(max_size=60))
def test_no_answer_is_more_than_refused(noise: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + noise
    with answering(answer, answer) as site:
        with suppress(Unreachable, BadStatus):
            site.get("/")
        drain(site)


def drain(site: Site) -> None:
    """Take the connections that the host still waits for."""
    host, port = site.address.host, site.address.port
    with closing(socket.create_connection((host, port or 80), 1)) as connection:
        connection.sendall(b"x")
