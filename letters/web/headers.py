"""Headers of every answer: nothing from third parties, no inline code, nothing left behind by personal pages."""

from __future__ import annotations

from flask import Flask, Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_WITH_OUR_SCRIPT = f"{POLICY}; script-src 'self'"

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "strict-origin",  # `no-referrer` would make browsers post `Origin: null`
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Of every answer that does not say otherwise."""


def init_headers(app: Flask) -> None:
    @app.after_request
    def _add(response: Response) -> Response:
        headers = response.headers
        for name, value in ALWAYS.items():
            if name not in headers:
                headers[name] = value
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response


def allow_our_script(response: Response, *, connects: bool = False) -> Response:
    """Let this one page run scripts of ours, which may ask this site for more if it `connects`; others run none."""
    response.headers["Content-Security-Policy"] = (
        f"{_WITH_OUR_SCRIPT}; connect-src 'self'" if connects else _WITH_OUR_SCRIPT
    )
    return response


def personal(body: str, status: int = 200) -> Response:
    """A page about one person: never stored, never indexed."""
    response = Response(body, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def open_to_all(response: Response) -> Response:
    """Scripts of any site may read it (Fetch standard, CORS protocol)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def for_programs(response: Response) -> Response:
    """The same for them: it also speaks no language, so caches keep it once for each encoding."""
    if "Vary" in response.headers:
        response.headers["Vary"] = "Accept-Encoding"
    return open_to_all(response)
