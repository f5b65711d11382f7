"""What may be asked: which page, which language, and under which number an edition goes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from flask import Request, g
from flask_babel import refresh
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import OneOf, Range
from webargs.flaskparser import FlaskParser

from letters.api.refusals import NoSuchEdition, Unreadable
from letters.web.locale import preferred

LAST_PAGE = 999_999_999
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class PageField(fields.Integer):
    """A page in plain digits: no sign, no zeros before it, no digits of other scripts."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not _NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


def paging() -> dict[str, fields.Field[Any]]:
    """The parameter of every list."""
    says = "Which page of the list: 100 to a page, 404 beyond the last."
    wrong = f"Give `page` once, as a number from 1 to {LAST_PAGE}, or leave it out for the first page."
    return {
        "page": PageField(
            load_default=1,
            validate=Range(1, LAST_PAGE),
            error_messages={"invalid": wrong},
            metadata={"description": says},
        )
    }


def speaking(languages: Sequence[str]) -> dict[str, fields.Field[Any]]:
    """The parameter of everything that has words."""
    says = (
        "The language of labels and titles, instead of `Accept-Language`; for a letter that does not have it, its own."
    )
    wrong = f"Give `lang` once, as one of {', '.join(languages)}, or leave it out."
    return {"lang": fields.String(validate=OneOf(languages, error=wrong), metadata={"description": says})}


class Reader(FlaskParser):
    """Reads the query; raises `Unreadable`. What it does not know it passes over."""

    def load_querystring(self, req: Request, schema: Schema) -> Mapping[str, str]:
        """A parameter that is given twice reads as both, with a comma between: no field takes that."""
        return {name: ",".join(values) for name, values in req.args.lists()}

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        said = error.messages_dict["query"]
        raise Unreadable(" ".join(sentence for name in sorted(said) for sentence in said[name]))


def speak_as_asked(lang: str | None, offered: Sequence[str]) -> None:
    """Let labels and titles be in one of the offered languages: the one in the query, else the one preferred."""
    if lang in offered:
        g.language = lang
    elif g.language not in offered:
        g.language = preferred(offered)
    refresh()


def edition_number(written: str, newest: int) -> int:
    """The number of an edition that there is, in plain digits. Raises `NoSuchEdition`."""
    if not _NUMBER.fullmatch(written) or int(written) > newest:
        raise NoSuchEdition(newest)
    return int(written)
