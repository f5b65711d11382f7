"""Domains at which anyone can have an address: they prove no institution.

The list is ours and short: the providers usual where letters like these are signed. What it misses an organiser sees,
for the list of institutions is theirs.
"""

from __future__ import annotations

from verification.access.disposable import is_disposable

_PROVIDERS = frozenset({
    "gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "msn.com", "aol.com", "ymail.com", "mail.com",
    "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "tuta.com", "tuta.io", "tutanota.com", "tutanota.de",
    "zoho.com", "fastmail.com", "hey.com", "hushmail.com", "riseup.net", "disroot.org", "duck.com",
    "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "xmail.ru", "ya.ru", "narod.ru", "rambler.ru",
    "lenta.ru", "ro.ru", "autorambler.ru", "myrambler.ru", "qip.ru", "pochta.ru", "nextmail.ru", "vk.com",
    "tut.by", "mail.by", "ukr.net", "i.ua", "meta.ua", "bigmir.net", "mail.kz",
    "wp.pl", "o2.pl", "onet.pl", "onet.eu", "op.pl", "vp.pl", "poczta.onet.pl", "interia.pl", "interia.eu",
    "poczta.fm", "gazeta.pl", "tlen.pl",
    "web.de", "t-online.de", "freenet.de", "posteo.de", "posteo.net", "mailbox.org", "mail.de",
    "seznam.cz", "email.cz", "centrum.cz", "inbox.lv", "inbox.lt", "mail.ee", "laposte.net", "orange.fr", "free.fr",
    "libero.it",
})  # fmt: skip
# Providers with a domain in many countries: yandex.by, yahoo.co.uk.
_FAMILIES = frozenset({"yandex", "yahoo", "hotmail", "outlook", "live", "gmx", "rocketmail"})
_SOLD_BELOW = frozenset({"com", "co", "net", "org", "info", "biz", "pp", "msk", "spb"})


def is_public_mailbox(domain: str) -> bool:
    """Whether a canonical domain gives an address to anyone, for good or for minutes."""
    family, _, ending = domain.partition(".")
    widespread = family in _FAMILIES and is_open_suffix(ending)
    return domain in _PROVIDERS or widespread or is_disposable(domain)


def is_open_suffix(domain: str) -> bool:
    """Whether a canonical domain is one below which names are sold to anyone, such as "com", "com.by" or "co.uk"."""
    head, _, country = domain.rpartition(".")
    return not head or (head in _SOLD_BELOW and len(country) == 2)
