"""Handing mail to a real server: taken, put off, refused, over one connection that is mended when it breaks."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.parts.certificate import make_certificate
from tests.parts.smtp import MailServer, running_mail_server
from verification.mailbox.delivery import (
    BadMailServer,
    FolderTransport,
    MailPostponed,
    MailRefused,
    SmtpTransport,
)
from verification.mailbox.messages import Mail

SENDER = "letters@undersigned.example"
BODY = "Здравствуйте,\n\nhttps://undersigned.example/confirm/token\n"
MAIL = Mail(
    "vera@example.org", "Подтвердите", BODY, "<0123@undersigned.example>", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
)


def text_of(message: EmailMessage) -> str:
    """The text without the line breaks of SMTP."""
    return str(message.get_content()).replace("\r\n", "\n")


@pytest.fixture
def transport(mail_server: MailServer) -> Iterator[SmtpTransport]:
    with closing(SmtpTransport(mail_server.url, SENDER, patience=0.5)) as transport:
        yield transport


def test_a_mail_arrives_as_plain_text_with_neutral_headers(transport: SmtpTransport, mail_server: MailServer) -> None:
    transport.send(MAIL)
    (accepted,) = mail_server.accepted
    message = accepted.message
    assert (accepted.sender, accepted.recipients) == (SENDER, ("vera@example.org",))
    assert message.get_content_type() == "text/plain"
    assert text_of(message) == BODY
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, "vera@example.org", "Подтвердите")
    assert message["Message-ID"] == "<0123@undersigned.example>"
    assert message["Date"].datetime == MAIL.date
    assert message["Auto-Submitted"] == "auto-generated"
    expected = {"From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted"}
    assert set(message) - expected == {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}


def test_many_mails_go_over_one_connection(transport: SmtpTransport, mail_server: MailServer) -> None:
    for _ in range(5):
        transport.send(MAIL)
    assert len(mail_server.accepted) == 5
    assert mail_server.connections == 1


@pytest.mark.parametrize("reply", ["550 5.1.1 no such mailbox", "553 not here", "521 no mail at all"])
def test_a_recipient_refused_for_good_is_refused(transport: SmtpTransport, mail_server: MailServer, reply: str) -> None:
    mail_server.mood.recipient = lambda _address: reply
    with pytest.raises(MailRefused) as refusal:
        transport.send(MAIL)
    assert "vera" not in str(refusal.value)


@pytest.mark.parametrize("reply", ["450 4.2.1 greylisted", "451 try later", "452 full"])
def test_a_recipient_refused_for_now_is_put_off(transport: SmtpTransport, mail_server: MailServer, reply: str) -> None:
    mail_server.mood.recipient = lambda _address: reply
    with pytest.raises(MailPostponed) as refusal:
        transport.send(MAIL)
    assert "vera" not in str(refusal.value)


def test_the_connection_survives_a_refused_recipient(transport: SmtpTransport, mail_server: MailServer) -> None:
    mail_server.mood.recipient = lambda address: "550 no" if address.startswith("ivan") else "250 OK"
    transport.send(MAIL)
    with pytest.raises(MailRefused):
        transport.send(replace(MAIL, to="ivan@example.org"))
    transport.send(MAIL)
    assert [mail.recipients for mail in mail_server.accepted] == [("vera@example.org",)] * 2
    assert mail_server.connections == 1


@pytest.mark.parametrize("reply", ["451 4.3.0 try later", "554 5.7.1 looks like spam", "421 closing"])
def test_a_message_refused_at_its_end_is_put_off_and_the_next_one_goes(
    transport: SmtpTransport, mail_server: MailServer, reply: str
) -> None:
    mail_server.mood.data = reply
    with pytest.raises(MailPostponed):
        transport.send(MAIL)
    assert mail_server.accepted == []
    mail_server.mood.data = "250 OK"
    transport.send(MAIL)
    assert len(mail_server.accepted) == 1


def test_a_server_that_stalls_is_given_up_after_the_patience(transport: SmtpTransport, mail_server: MailServer) -> None:
    mail_server.mood.stall = 1.5
    with pytest.raises(MailPostponed):
        transport.send(MAIL)
    mail_server.mood.stall = 0
    transport.send(MAIL)
    assert mail_server.connections == 2


def test_a_connection_dropped_after_the_message_is_put_off_and_can_be_told_as_a_repeat(
    transport: SmtpTransport, mail_server: MailServer
) -> None:
    mail_server.mood.drop = True
    with pytest.raises(MailPostponed):
        transport.send(MAIL)
    mail_server.mood.drop = False
    transport.send(MAIL)
    assert [mail.message["Message-ID"] for mail in mail_server.accepted] == [MAIL.message_id] * 2


def test_a_server_that_went_away_and_came_back_is_found_again(
    transport: SmtpTransport, mail_server: MailServer
) -> None:
    transport.send(MAIL)
    mail_server.go_away()
    for _ in range(2):
        with pytest.raises(MailPostponed):
            transport.send(MAIL)
    mail_server.listen()
    transport.send(MAIL)
    assert len(mail_server.accepted) == 2
    assert mail_server.connections == 2


def test_a_server_that_was_never_there_puts_mail_off() -> None:
    with running_mail_server() as server:
        url = server.url
    with pytest.raises(MailPostponed):
        SmtpTransport(url, SENDER, patience=0.5).send(MAIL)


def test_closing_twice_or_after_the_server_died_does_no_harm(transport: SmtpTransport, mail_server: MailServer) -> None:
    transport.close()
    transport.send(MAIL)
    mail_server.go_away()
    transport.close()
    transport.close()


def test_a_cyrillic_address_gets_its_mail(transport: SmtpTransport, mail_server: MailServer) -> None:
    transport.send(replace(MAIL, to="вера@xn--e1afmkfd.xn--90ais"))
    (accepted,) = mail_server.accepted
    assert accepted.recipients == ("вера@xn--e1afmkfd.xn--90ais",)
    assert text_of(accepted.message) == BODY


def test_a_server_with_a_password_gets_it() -> None:
    with running_mail_server(login=("user@host", "p:a/s s")) as server:
        url = f"smtp://user%40host:p%3Aa%2Fs%20s@127.0.0.1:{server.port}"
        with closing(SmtpTransport(url, SENDER, patience=2)) as transport:
            transport.send(MAIL)
        assert len(server.accepted) == 1


def test_a_wrong_password_puts_mail_off_without_repeating_it() -> None:
    with running_mail_server(login=("user", "right")) as server:
        url = f"smtp://user:marker@127.0.0.1:{server.port}"
        with closing(SmtpTransport(url, SENDER, patience=2)) as transport, pytest.raises(MailPostponed) as refusal:
            transport.send(MAIL)
    assert "marker" not in str(refusal.value)


def test_mail_goes_over_tls_when_the_setting_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with (
        running_mail_server(tls=context) as server,
        closing(SmtpTransport(server.url, SENDER, patience=2)) as transport,
    ):
        transport.send(MAIL)
        assert len(server.accepted) == 1


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(tmp_path: Path) -> None:
    context, _trusted = make_certificate(tmp_path)
    with running_mail_server(tls=context) as server:
        with closing(SmtpTransport(server.url, SENDER, patience=2)) as transport, pytest.raises(MailPostponed):
            transport.send(MAIL)
        assert server.accepted == []


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://host:word", "smtp://host:99999", "smtp://["]
)
def test_a_setting_that_names_no_mail_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(BadMailServer, match="UNDERSIGNED_SMTP_URL"):
        SmtpTransport(url, SENDER)


def test_the_demo_keeps_each_mail_as_a_whole_file(tmp_path: Path) -> None:
    names = iter(("one", "two"))
    transport = FolderTransport(tmp_path / "mail", SENDER, lambda: next(names))
    transport.send(MAIL)
    transport.send(replace(MAIL, to="вера@example.org"))
    transport.close()
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == ["one.eml", "two.eml"]
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    assert [message["To"] for message in messages] == ["vera@example.org", "вера@example.org"]
    assert [text_of(message) for message in messages] == [BODY, BODY]


def test_further_headers_go_out_in_one_line_each_however_long(
    transport: SmtpTransport, mail_server: MailServer
) -> None:
    link = f"<https://undersigned.example/unsubscribe/{'aB3_x-9.' * 30}>"
    headers = (("List-Unsubscribe", link), ("Precedence", "bulk"))
    transport.send(replace(MAIL, headers=headers))
    (accepted,) = mail_server.accepted
    assert f"List-Unsubscribe: {link}".encode() in accepted.content.splitlines()
    assert accepted.message["Precedence"] == "bulk"


@pytest.mark.parametrize(
    ("answer", "policy"),
    [("550 5.1.1 no such mailbox", False), ("550 no such mailbox", False), ("554 5.7.1 Relay access denied", True)],
)
def test_a_refusal_says_whether_the_server_has_reasons_of_its_own(
    transport: SmtpTransport, mail_server: MailServer, answer: str, *, policy: bool
) -> None:
    mail_server.mood.recipient = lambda _address: answer
    with pytest.raises(MailRefused) as refused:
        transport.send(MAIL)
    assert refused.value.policy is policy
    assert "mailbox" not in str(refused.value)
