"""The SMTP commands of a mail: together where the server takes them so, and safe after a refusal among them."""

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from verification.mailbox.handing import Envelope, ask, give

ENVELOPE = Envelope("letters@undersigned.example", "vera@example.org")
CONTENT = b"Subject: x\r\n\r\n.a dot\r\nend\r\n"
COMMANDS = [b"MAIL FROM:<letters@undersigned.example>\r\n", b"RCPT TO:<vera@example.org>\r\n", b"DATA\r\n"]


@dataclass
class Script:
    """A server that answers the pieces that come, one after the other, as it was told."""

    answers: list[bytes]
    heard: list[bytes] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        connection, _from = listening.accept()
        with closing(connection):
            connection.sendall(b"220 mail.example\r\n")
            for answer in self.answers:
                self.heard.append(connection.recv(1 << 16))
                connection.sendall(answer)


Play = Callable[..., tuple[smtplib.SMTP, Script]]


@pytest.fixture
def play() -> Iterator[Play]:
    """Return what connects to a server with that script; the first answer is to EHLO."""
    listening, threads, open_ = socket.create_server(("127.0.0.1", 0)), [], []

    def begin(*answers: bytes, pipelining: bool = True) -> tuple[smtplib.SMTP, Script]:
        hello = b"250-mail.example\r\n250 PIPELINING\r\n" if pipelining else b"250 mail.example\r\n"
        script = Script([hello, *answers])
        threads.append(threading.Thread(target=script.serve, args=(listening,)))
        threads[-1].start()
        connection = smtplib.SMTP("127.0.0.1", listening.getsockname()[1], timeout=5)
        open_.append(connection)
        connection.ehlo()
        return connection, script

    yield begin
    for connection in open_:
        connection.close()
    for thread in threads:
        thread.join()
    listening.close()


def test_commands_go_together_and_a_dot_is_doubled(play: Play) -> None:
    connection, script = play(b"250 yes\r\n250 yes\r\n354 go on\r\n", b"250 taken\r\n")
    ask(connection, ENVELOPE)
    give(connection, CONTENT)
    assert script.heard[1:] == [b"".join(COMMANDS), b"Subject: x\r\n\r\n..a dot\r\nend\r\n.\r\n"]


def test_a_server_that_does_not_offer_it_gets_them_one_by_one(play: Play) -> None:
    connection, script = play(b"250 yes\r\n", b"250 yes\r\n", b"354 go on\r\n", b"250 taken\r\n", pipelining=False)
    ask(connection, ENVELOPE)
    give(connection, CONTENT)
    assert script.heard[1:4] == COMMANDS


def test_content_that_a_server_waits_for_in_vain_is_ended_at_once(play: Play) -> None:
    connection, script = play(
        b"250 yes\r\n550 unknown\r\n354 go on\r\n", b"554 nobody to send it to\r\n", b"250 ok\r\n"
    )
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        ask(connection, ENVELOPE)
    connection.rset()
    assert script.heard[2:] == [b".\r\n", b"rset\r\n"]


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (b"451 no\r\n503 no\r\n503 no\r\n", smtplib.SMTPSenderRefused),
        (b"250 yes\r\n451 no\r\n503 no\r\n", smtplib.SMTPRecipientsRefused),
        (b"250 yes\r\n250 yes\r\n452 no\r\n", smtplib.SMTPDataError),
        (b"421 closing\r\n", smtplib.SMTPServerDisconnected),
    ],
)
def test_a_refusal_says_of_what(play: Play, answer: bytes, refusal: type[Exception]) -> None:
    connection, _script = play(answer)
    with pytest.raises(refusal):
        ask(connection, ENVELOPE)


@pytest.mark.parametrize(
    "envelope", [Envelope("a@b.example\r\nDATA", "c@d.example"), Envelope("a@b.example", "c\n@d.e")]
)
def test_a_line_break_in_an_address_reaches_no_server(play: Play, envelope: Envelope) -> None:
    connection, script = play()
    with pytest.raises(ValueError, match="line break"):
        ask(connection, envelope)
    assert len(script.heard) == 1


def test_a_server_without_smtputf8_gets_no_international_address(play: Play) -> None:
    connection, _script = play()
    with pytest.raises(smtplib.SMTPNotSupportedError):
        ask(connection, Envelope("letters@undersigned.example", "вера@example.org"))
