"""The workspace's cookie: 32 random bytes, sent to the workspace alone. Readers and signers never get one."""

from __future__ import annotations

import base64
import binascii

from flask import request
from werkzeug.wrappers import Response

from letters.organising.accounts.sessions import COOKIE_BYTES
from letters.settings import Settings

PATH = "/workspace"


def cookie_name(settings: Settings) -> str:
    """With the prefix that browsers keep insecure pages from setting, where the site has TLS."""
    return "__Secure-workspace" if settings.base_url.startswith("https://") else "workspace"


def read_cookie(settings: Settings) -> bytes | None:
    """The cookie of this request; None where there is none, or it is none of ours."""
    text = request.cookies.get(cookie_name(settings), "")
    try:
        cookie = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return cookie if len(cookie) == COOKIE_BYTES else None


def set_cookie(response: Response, settings: Settings, cookie: bytes) -> Response:
    """Let the browser keep a cookie until it is closed; no script reads it, no other site sends it."""
    response.set_cookie(
        cookie_name(settings),
        base64.urlsafe_b64encode(cookie).decode("ascii").rstrip("="),
        path=PATH,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="Strict",
    )
    return response


def drop_cookie(response: Response, settings: Settings) -> Response:
    """Let the browser forget it."""
    response.delete_cookie(
        cookie_name(settings),
        path=PATH,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="Strict",
    )
    return response
