"""The bytes of a mail are those that the standard library makes."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.mailbox.messages import Mail, message_bytes

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LINK = "https://undersigned.example/confirm/" + "aB3_x-9." * 15
WORDS = st.text(st.sampled_from("aB .=\t–“ж\u00a0"), max_size=90)
BODIES = st.lists(st.one_of(WORDS, st.just(LINK), st.sampled_from(["", ".", "..x", "From me"])), max_size=14)
ADDRESSES = st.sampled_from(
    [
        "vera@example.org",
        "v.era+x@clinic-example.org",
        "o'hara@example.org",
        "вера@xn--e1afmkfd.xn--90ais",
        "v" * 64 + "@" + "long." * 30 + "example",
    ]
)
IDS = st.sampled_from(
    [
        "<0123456789abcdef@undersigned.example>",
        "<update.a-b_c.D.e@undersigned.example>",
        "<a@127.0.0.1>",
        f"<update.{'a' * 90}@x>",
    ]
)


def by_the_library(mail: Mail, sender: str) -> bytes:
    message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Message-ID"], message["Date"] = mail.message_id, format_datetime(mail.date)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers:
        message[name] = value
    message.set_content(mail.body)
    return message.as_bytes()


@given(
    mail=st.builds(
        Mail,
        to=ADDRESSES,
        subject=st.sampled_from(["Please confirm", "Подтвердите, пожалуйста", "a “b” " * 30]),
        body=BODIES.map("\n".join),
        message_id=IDS,
        date=st.just(NOW),
        headers=st.sampled_from([(), (("Precedence", "bulk"),)]),
    ),
    sender=st.sampled_from(["letters@undersigned.example", "Letters <letters@undersigned.example>"]),
)
def test_a_mail_is_made_byte_for_byte_as_the_library_makes_it(mail: Mail, sender: str) -> None:
    assert message_bytes(mail, sender) == by_the_library(mail, sender)


@pytest.mark.parametrize(
    "mail",
    [
        Mail("vera@example.org\n", "Hello", "", "<a@b>", NOW),
        Mail("vera@example.org", "Hello\r\nBcc: other@example.org", "", "<a@b>", NOW),
        Mail("vera@example.org", "Hello\n", "", "<a@b>", NOW),
        Mail("vera@example.org", "Hello", "", "<a@b>\r", NOW),
        Mail("vera@example.org", "Hello", "", "<a@b>", NOW, (("List-Unsubscribe", "<https://a.example>\n"),)),
    ],
)
def test_no_header_holds_a_line_break(mail: Mail) -> None:
    with pytest.raises(ValueError, match="line"):
        message_bytes(mail, "letters@undersigned.example")
