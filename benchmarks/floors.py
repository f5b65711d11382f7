"""What the product is measured against: the least that Flask can do under the same server."""

import os
import secrets

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert

from verification.database import make_engine

metadata = MetaData()
first = Table("floor_first", metadata, Column("id", LargeBinary(16), primary_key=True), Column("text", String))
second = Table("floor_second", metadata, Column("id", LargeBinary(16), primary_key=True), Column("text", String))


def hello() -> Flask:
    """A bare Flask "hello"."""
    app = Flask("hello")

    @app.get("/")
    def _hello() -> str:
        return "hello"

    return app


def two_rows() -> Flask:
    """A bare Flask handler that inserts two rows and commits, then redirects."""
    app, engine = Flask("two_rows"), make_engine(os.environ["UNDERSIGNED_DATABASE_URL"])

    @app.post("/")
    def _insert() -> ResponseReturnValue:
        text = request.form["text"]
        with engine.begin() as connection:
            connection.execute(insert(first).values(id=secrets.token_bytes(16), text=text))
            connection.execute(insert(second).values(id=secrets.token_bytes(16), text=text))
        return redirect("/", 303)

    return app
