"""What an error says."""

from __future__ import annotations

from letters.api.schemas.parts import Shape, number, text


class ProblemSchema(Shape):
    """A problem document (RFC 9457)."""

    type = text("Always `about:blank`: the status says it all.")
    title = text("What the status is called.")
    status = number("The status of the answer.")
    detail = text("What was wrong, and what to do.")
