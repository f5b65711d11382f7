"""Handing a receipt out. The private link is posted and stands in no address: a browser writes down, beside a file that
it keeps, from where the file came."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.signing.receipts import NoReceipt, make_receipt
from letters.signing.signature_page import PrivatePage, back_to
from letters.web.headers import personal


class ReceiptPage(PrivatePage):
    """POST answers with the file; nothing is changed, and nothing kept."""

    def get(self) -> ResponseReturnValue:
        """A reloaded or guessed address: receipts are asked for on the private page."""
        return redirect(url_for("home"), 303)

    def post(self) -> ResponseReturnValue:
        token = request.form.get("link", "")
        _challenge, signature = self.open(token)
        if signature is None:
            return back_to(token)
        if request.form.get("understood") != "1":
            unread = {"understood": [_("Please tick this box, or leave the receipt: you do not need one.")]}
            return self.show(token, signature, 422, unread)
        runtime = self.site.runtime
        try:
            with runtime.reading_soon() as session:
                receipt = make_receipt(session, signature.id, runtime.keyring, runtime.clock())
        except NoReceipt as refused:
            return self.show(token, signature, 409, refused=refused)
        return _download(receipt.encode())


def _download(text: str) -> Response:
    """A file whose name says nothing, for whoever asked and for no cache."""
    response = personal(text)
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = 'attachment; filename="proof.txt"'
    return response
