"""A letter's official addresses: a page in words, and the signed list that programs read."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import abort, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.addresses import Addresses, find_list
from letters.models.values import Letter
from letters.reading.linked import linked
from letters.reading.pages import PublicPage
from letters.web.headers import for_programs
from letters.web.locale import switch
from letters.web.present import letter_view


@dataclass(frozen=True)
class AddressView:
    """An official address, and the name of its host as browsers may write it where that holds other letters."""

    url: str
    written: str

    @classmethod
    def of(cls, url: str) -> AddressView:
        return cls(url, in_own_script(urlsplit(url).hostname or ""))


class AddressesPage(PublicPage):
    """Where the letter is, how to tell an impostor, and how to check the list."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, language = self.letter(slug)
        key = ("addresses", slug, letter.revision, letter.number, language, g.prefix)
        return self.site.pages.answer(key, lambda: self._render(letter, language))

    def _render(self, letter: Letter, language: str) -> str:
        found = self._found(letter)
        signed = found.signed if found else None
        return render_template(
            "reading/addresses.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            signed=signed,
            addresses=[AddressView.of(url) for url in signed.addresses] if signed else (),
            head=letter.head,
            absolute=self.site.url,
            switch=switch(self.site.languages(letter)),
            linked=linked(self.site, letter, "addresses", _("Official addresses")),
        )

    def _found(self, letter: Letter) -> Addresses | None:
        with self.site.runtime.reading() as session:
            return find_list(session, letter.id)


class AddressesFile(AddressesPage):
    """The signed list, a C2SP signed note; 404 until there is one."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter, _language = self.letter(slug)
        found = self._found(letter)
        if found is None or not found.note:
            abort(404)
        key = ("addresses.txt", slug, found.note)
        return for_programs(self.site.pages.answer(key, lambda: found.note, "text/plain; charset=utf-8"))


def in_own_script(host: str) -> str:
    """A punycode name in the letters that it stands for; "" for any other name."""
    if not any(label.startswith("xn--") for label in host.split(".")):
        return ""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return ""
