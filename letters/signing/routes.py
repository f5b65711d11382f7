"""Where signers' pages are."""

from __future__ import annotations

from collections.abc import Mapping

from letters.signing import link_pages, pages
from letters.signing.receipt_page import ReceiptPage
from letters.signing.signature_page import SignaturePage
from letters.signing.unsubscribe_page import Unsubscribe
from letters.web.site import SitePage

PAGES: Mapping[str, tuple[str, type[SitePage]]] = {
    "/letters/<slug>": ("letter", pages.LetterPage),
    "/letters/<slug>/sign": ("sign", pages.Sign),
    "/letters/<slug>/check-mail": ("check_mail", pages.CheckMail),
    "/confirm/<token>": ("confirm", link_pages.Confirm),
    "/signed/<handle>": ("signed", link_pages.Signed),
    "/receipt": ("receipt", ReceiptPage),
    "/signature/<token>": ("signature", SignaturePage),
    "/unsubscribe/<token>": ("unsubscribe", Unsubscribe),
}
"""By address: what the page is called, and its view; each is also found at `/<language>` before it."""
