"""What the product is measured against: the least that Flask can do under the same server for the same answer."""

import json
import os
import secrets
from pathlib import Path

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert

from benchmarks.load import Answer
from verification.database import make_engine

metadata = MetaData()
first = Table("floor_first", metadata, Column("id", LargeBinary(16), primary_key=True), Column("text", String))
second = Table("floor_second", metadata, Column("id", LargeBinary(16), primary_key=True), Column("text", String))

PAGE = "FLOOR_PAGE"
"""The variable that names the file with the page to answer, as `write_page` wrote it."""
_BY_THE_SERVER = {"content-length", "date", "server"}


def write_page(file: Path, answer: Answer) -> dict[str, str]:
    """Keep what the product answered; returns the environment in which `bare` answers the same."""
    headers = [pair for pair in answer.headers if pair[0].lower() not in _BY_THE_SERVER]
    file.write_text(json.dumps({"headers": headers, "body": answer.body.decode("latin-1")}))
    return {PAGE: str(file)}


def bare() -> Flask:
    """Bare handlers: GET answers the bytes and headers of a page, POST inserts two rows, commits and redirects."""
    app, engine = Flask("bare"), make_engine(os.environ["UNDERSIGNED_DATABASE_URL"])
    page = json.loads(Path(os.environ[PAGE]).read_text())
    body, headers = page["body"].encode("latin-1"), [tuple(pair) for pair in page["headers"]]

    @app.get("/")
    def _page() -> Response:
        return Response(body, headers=headers)

    @app.post("/")
    def _insert() -> ResponseReturnValue:
        text = request.form["text"]
        with engine.begin() as connection:
            connection.execute(insert(first).values(id=secrets.token_bytes(16), text=text))
            connection.execute(insert(second).values(id=secrets.token_bytes(16), text=text))
        return redirect("/", 303)

    return app
