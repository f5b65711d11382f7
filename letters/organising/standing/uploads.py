"""Pages that take a table. The file stays in memory and is forgotten with the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, ClassVar, TypeVar

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from letters.organising.standing.errors import NoFile, TooMuchAtOnce
from letters.organising.workspace.page import LetterPage
from letters.organising.workspace.words import says

T = TypeVar("T")


class UploadPage(LetterPage):
    """A letter's page whose form brings a table in the field `table`."""

    largest: ClassVar[int] = 4_000_000

    def dispatch_request(self, **values: Any) -> ResponseReturnValue:
        try:
            return super().dispatch_request(**values)
        except RequestEntityTooLarge:
            return self.refuse(self._visitor(), says(TooMuchAtOnce("The form is too large.")), 413)

    def read_table(self, read: Callable[[IO[bytes]], T]) -> T:
        """What `read` makes of the chosen file. Raises `NoFile`, and whatever `read` raises."""
        file = request.files.get("table")
        if file is None or not file.filename:
            raise NoFile("Choose a file first.")
        return read(file.stream)
