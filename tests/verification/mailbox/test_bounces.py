"""Bounces of every usual shape are understood; nothing else is taken for one, and no address comes out."""

import base64
import logging
import quopri
import time
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verification.mailbox.bounces import LARGEST, Bounce, NotABounce, read_bounce

ID = "<update.aB3_x-9.Zq@letters.example>"
RETURNED = f"""Return-Path: <bounces@letters.example>
From: =?utf-8?b?0J/QuNGB0YzQvNC+?= <letters@letters.example>
To: vera@clinic.example
Subject: =?utf-8?q?=D0=9D=D0=BE=D0=B2=D0=BE=D0=B5?=
Message-ID: {ID}
List-Unsubscribe: <https://letters.example/unsubscribe/x>
Content-Type: text/plain; charset=utf-8
"""


def report(
    *,
    head: str = "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nAuto-Submitted: auto-replied\n",
    action: str = "failed",
    status: str = "5.1.1",
    recipient: str = "rfc822; vera@clinic.example",
    returned: str = f"Content-Type: message/rfc822\n\n{RETURNED}\nText\n",
) -> bytes:
    """A report (RFC 6522) with one recipient, as Postfix writes it."""
    return f"""{head}To: bounces@letters.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="B1.mx"

--B1.mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

<vera@clinic.example>: host mail.clinic.example[192.0.2.1] said: 550 {status}
    <vera@clinic.example>: answer of the server (in reply to RCPT TO command)

--B1.mx
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Sender: rfc822; bounces@letters.example
Arrival-Date: Tue, 1 Dec 2026 06:00:00 +0000 (UTC)

Final-Recipient: {recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.clinic.example
Diagnostic-Code: smtp; 550 answer of the server

--B1.mx
Content-Description: Undelivered Message
{returned}
--B1.mx--
""".encode()


EXIM = f"""Return-path: <>
From: Mail Delivery System <Mailer-Daemon@exim.example>
To: bounces@letters.example
Auto-Submitted: auto-replied
X-Failed-Recipients: vera@clinic.example
References: {ID}
Subject: Mail delivery failed: returning message to sender
Content-Type: multipart/report; report-type=delivery-status; boundary=1764570000-exim
MIME-Version: 1.0

--1764570000-exim
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

  vera@clinic.example
    Unrouteable address

--1764570000-exim
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example

Action: failed
Final-Recipient: rfc822;vera@clinic.example
Status: 5.0.0

--1764570000-exim
Content-type: text/rfc822-headers

{RETURNED}
--1764570000-exim--
""".encode()

OLD_EXIM = f"""From: Mail Delivery System <Mailer-Daemon@exim.example>
X-Failed-Recipients: vera@clinic.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

  vera@clinic.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

{RETURNED}
Text
""".encode()

EXCHANGE = f"""From: postmaster@exchange.example
To: bounces@letters.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_e1_outer_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: pl-PL
Message-ID: <0123abcd@exchange.example>
In-Reply-To: {ID}
References: {ID}
Subject: =?utf-8?B?TmllbW/FvGxpd2UgZG8gZG9zdGFyY3plbmlh?=

--_e1_outer_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_e1_inner_"

--_e1_inner_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

{base64.encodebytes("Nie można dostarczyć wiadomości do vera@clinic.example".encode()).decode()}
--_e1_inner_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

{quopri.encodestring("<p>Nie można dostarczyć</p>".encode()).decode()}
--_e1_inner_--

--_e1_outer_
Content-Type: message/delivery-status

Reporting-MTA: dns;exchange.example
Received-From-MTA: dns;mx.letters.example

Original-Recipient: rfc822;vera@clinic.example
Final-Recipient: rfc822;vera@clinic.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound
X-Display-Name: vera@clinic.example

--_e1_outer_
Content-Type: message/rfc822

Received: from mx.letters.example by exchange.example
{RETURNED}

--_e1_outer_--
""".encode()

GMAIL = f"""Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: bounces@letters.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {ID}
In-Reply-To: {ID}
X-Failed-Recipients: vera@clinic.example
Content-Type: multipart/report; boundary="0000aa"; report-type=delivery-status

--0000aa
Content-Type: multipart/related; boundary="0000bb"

--0000bb
Content-Type: multipart/alternative; boundary="0000cc"

--0000cc
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--0000cc
Content-Type: text/html; charset="UTF-8"

<b>Address not found</b>
--0000cc--
--0000bb
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--0000bb--
--0000aa
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Arrival-Date: Tue, 01 Dec 2026 06:00:00 -0800 (PST)

Final-Recipient: rfc822; vera@clinic.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The account does not exist.
 550 5.1.1 Look for typing errors.

--0000aa
Content-Type: message/rfc822

{RETURNED}
Text
--0000aa--
""".encode()

QMAIL = f"""From: MAILER-DAEMON@qmail.example
To: bounces@letters.example
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<vera@clinic.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{RETURNED}
Text
""".encode()

VACATION = f"""Return-Path: <>
From: Vera Example <vera@clinic.example>
To: bounces@letters.example
Subject: =?utf-8?b?0J7RgtC/0YPRgdC6?=
Auto-Submitted: auto-replied (vacation)
X-Failed-Recipients: someone@clinic.example
In-Reply-To: {ID}

I am away until Monday. Your message
could not be delivered to me:
<vera@clinic.example>: 550 5.1.1
"""

SHAPES = {
    "Postfix": report(),
    "Exim": EXIM,
    "Exim before DSN": OLD_EXIM,
    "Exchange": EXCHANGE,
    "Gmail": GMAIL,
    "qmail": QMAIL,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_each_server_writes_is_understood(shape: str, end: str) -> None:
    assert read_bounce(SHAPES[shape].replace(b"\n", end.encode())) == Bounce(permanent=True, message_ids=(ID,))


@pytest.mark.parametrize("status", ["4.4.1", "4.2.2"])
def test_a_delay_is_not_permanent(status: str) -> None:
    assert read_bounce(report(action="delayed", status=status)) == Bounce(permanent=False, message_ids=(ID,))


def test_a_refusal_by_a_servers_own_rules_is_not_permanent() -> None:
    assert not read_bounce(report(status="5.7.1")).permanent


def test_giving_up_after_delays_is_not_permanent() -> None:
    assert not read_bounce(report(status="4.4.7")).permanent
    assert not read_bounce(QMAIL.replace(b"#5.1.1", b"#4.4.1")).permanent


@pytest.mark.parametrize("action", ["failed", "Failed (mailbox unknown)", "error"])
def test_a_failure_is_permanent_however_it_is_spelt(action: str) -> None:
    assert read_bounce(report(action=action)).permanent


def test_a_failure_without_a_status_is_permanent() -> None:
    assert read_bounce(report(status="")).permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_receipt_is_no_bounce(action: str) -> None:
    with pytest.raises(NotABounce):
        read_bounce(report(action=action, status="2.0.0"))


def test_an_automatic_reply_is_no_bounce_whatever_it_quotes() -> None:
    with pytest.raises(NotABounce):
        read_bounce(VACATION.encode())


def test_a_person_who_forwards_a_bounce_sends_none() -> None:
    head = f"From: vera@clinic.example\nIn-Reply-To: {ID}\nContent-Type: message/rfc822\n\n"
    with pytest.raises(NotABounce):
        read_bounce(head.encode() + report())


def test_a_read_receipt_is_no_bounce() -> None:
    receipt = report().replace(b"delivery-status", b"disposition-notification")
    with pytest.raises(NotABounce):
        read_bounce(receipt.replace(b"MAILER-DAEMON", b"vera"))


@pytest.mark.parametrize(
    "returned",
    [
        f"Content-Type: text/rfc822-headers\n\n{RETURNED}",
        (
            f"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n"
            f"{base64.encodebytes(RETURNED.encode()).decode()}"
        ),
        (
            f"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable\n\n"
            f"{quopri.encodestring(RETURNED.encode()).decode()}"
        ),
        f"Content-Type: message/global-headers\n\n{RETURNED}",
        f"Content-Type: message/global\n\n{RETURNED}\nТекст\n",
        f"Content-Type: message/rfc822\n\nMessage-ID:\n {ID}\n\nText\n",
    ],
    ids=["headers", "base64", "quoted-printable", "international headers", "international mail", "folded"],
)
def test_the_returned_mail_is_recognised_in_every_wrapping(returned: str) -> None:
    assert read_bounce(report(returned=returned)).message_ids == (ID,)


def test_an_international_report_counts_like_any_other() -> None:
    raw = report(recipient="utf-8; вера@клиника.example").replace(
        b"message/delivery-status", b"message/global-delivery-status"
    )
    assert read_bounce(raw) == Bounce(permanent=True, message_ids=(ID,))


def test_every_mail_referred_to_is_named_once() -> None:
    other = ID.replace("aB3", "other")
    raw = report(head=f"From: MAILER-DAEMON@mx.example\nReferences: {other}\n {ID} <x@y.example> {other}\n")
    assert read_bounce(raw).message_ids == (other, ID)


def test_a_bounce_that_names_no_update_is_still_one() -> None:
    assert read_bounce(report(returned="Content-Type: text/plain\n\nNothing\n")) == Bounce(
        permanent=True, message_ids=()
    )


def test_an_address_that_looks_like_an_update_is_not_named() -> None:
    raw = report().replace(b"vera@clinic.example", b"update.vera@clinic.example")
    assert read_bounce(raw).message_ids == (ID,)


def test_bytes_of_any_encoding_do_no_harm() -> None:
    head = "From: Система <MAILER-DAEMON@mx.example>\nSubject: =?utf-8?b?broken\nX-Other: =?koi8-r?q?=FF?=\n"
    raw = report(head=head).replace(b"answer of the server", "ответ сервера".encode("koi8-r"))
    assert read_bounce(raw) == Bounce(permanent=True, message_ids=(ID,))


@pytest.mark.parametrize("kept", range(0, 1900, 100))
def test_a_bounce_cut_anywhere_is_read_or_refused(kept: int) -> None:
    raw = GMAIL[:kept]
    try:
        bounce = read_bounce(raw)
    except NotABounce:
        bounce = Bounce(permanent=True, message_ids=(ID,))
    assert bounce == Bounce(permanent=True, message_ids=(ID,))


def nested(depth: int) -> bytes:
    levels = [f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)]
    return "".join(levels).encode() + report()


BOMBS = {
    "nothing": b"",
    "zeros": bytes(500_000),
    "noise": bytes(range(256)) * 2000,
    "a spam": b"From: vera@clinic.example\nSubject: Hello\n\nBuy\n",
    "too large": report() + b"\n" * LARGEST,
    "deep multiparts": nested(5000),
    "deep mails": b"Content-Type: message/rfc822\n\n" * 20_000,
    "just not too deep": nested(15)[:2000].replace(b"delivery-status", b"x") + b"\n" * 200_000,
    "a long parameter": b"Content-Type: multipart/mixed" + b";" * 900_000,
    "long folded parameters": b"Content-Type: multipart/mixed" + b"\r ;;;;;;;;;;;;;;;;;;;;;;;;;;;;;" * 20_000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 190_000,
    "many headers": b"X-A: b\n" * 140_000,
    "a long line": b"From: MAILER-DAEMON@x.example\n\nYour message could not be delivered\n" + b"a" * 900_000,
    "phrases and long lines": b"From: MAILER-DAEMON@x.example\n\n"
    + b"A message that you sent could not be delivered Your message to: not yet been delivered\n" * 20
    + (b" " * 400 + b"\n" + b"a" * 400 + b"\n") * 1000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_garbage_and_bombs_are_refused_soon(bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(NotABounce):
        read_bounce(BOMBS[bomb])
    assert time.process_time() - started < 5


@given(st.binary(max_size=400), st.sampled_from([b"", *SHAPES.values()]), st.integers(0, 2000))
@settings(max_examples=60)
def test_anything_is_a_bounce_or_refused(noise: bytes, shape: bytes, place: int) -> None:
    try:
        bounce = read_bounce(shape[:place] + noise + shape[place:])
    except NotABounce:
        bounce = Bounce(permanent=False, message_ids=())
    assert all(name.startswith("<update.") for name in bounce.message_ids)


def test_no_address_is_returned_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bounces = [read_bounce(shape) for shape in SHAPES.values()]
    with pytest.raises(NotABounce) as caught:
        read_bounce(VACATION.encode())
    assert [field.name for field in fields(Bounce)] == ["permanent", "message_ids"]
    assert "clinic" not in repr(bounces) + str(caught.value) + caplog.text
