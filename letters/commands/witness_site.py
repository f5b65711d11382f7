"""What a witness answers over HTTP: who it is, and `add-checkpoint`. It imports nothing of the site it witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from letters.commands.witness_logs import LogsFile
from verification.errors import Refusal
from verification.ledger.heads import DamagedMemory, SeenHeads
from verification.ledger.strict import base64_of
from verification.ledger.witness import LONGEST_SUBMISSION, TEXT, Witness

_PAGE = """\
Witness {name}

This witness cosigns the heads of append-only logs, each only if it extends the one before (C2SP tlog-witness).
It promises that it was shown one log and not two. It does not say that what stands in the log is true.

Its key:

{verifier}

The logs that it follows, with the leaves and the root that it cosigned last:

{logs}
"""


class _Submission(Request):
    max_content_length = LONGEST_SUBMISSION


@dataclass(frozen=True)
class WitnessSite:
    """The WSGI application of a witness; `say` gets what its owner should read."""

    name: str
    seed: bytes = field(repr=False)
    seen: SeenHeads
    logs: LogsFile
    clock: Callable[[], datetime]
    say: Callable[[str], object]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = self._answer(_Submission(environ))
        except HTTPException as refused:
            response = _text(f"{refused.name}.", refused.code or HTTPStatus.BAD_REQUEST)
        except (DamagedMemory, OSError) as error:
            self.say(f"Nothing was cosigned. {error}")
            response = _text("This witness cannot cosign now.", HTTPStatus.INTERNAL_SERVER_ERROR)
        return response(environ, start_response)

    def page(self) -> str:
        """Who this is and what it follows, in words."""
        lines = [f"{origin}\n    {self._state_of(origin)}" for origin in sorted(self.logs.current())]
        return _PAGE.format(name=self.name, verifier=self._witness().verifier, logs="\n".join(lines) or "none yet")

    def _answer(self, request: Request) -> Response:
        methods = {"/": ("GET", "HEAD"), "/add-checkpoint": ("POST",)}.get(request.path)
        if methods is None:
            return _text("Only / and /add-checkpoint are here.", HTTPStatus.NOT_FOUND)
        if request.method not in methods:
            return _text(f"Expected {methods[0]}.", HTTPStatus.METHOD_NOT_ALLOWED, allow=", ".join(methods))
        if request.path == "/":
            return _text(self.page())
        answer = self._witness().add_checkpoint(request.get_data())
        if answer.fork:
            self.say(f"A log has signed two different trees; keep this as proof and tell others. {answer.fork}")
        return Response(answer.body, answer.status, content_type=answer.content_type)

    def _witness(self) -> Witness:
        return Witness(self.name, self.seed, self.seen, self.logs.current(), self.clock)

    def _state_of(self, origin: str) -> str:
        try:
            head = self.seen.newest(origin)
        except Refusal:
            return "its memory is damaged, nothing more is cosigned"
        return f"{head[0]} {base64_of(head[1])}" if head else "nothing so far"


def _text(text: str, status: int = HTTPStatus.OK, **headers: str) -> Response:
    return Response(f"{text.rstrip()}\n", status, headers, content_type=TEXT)
