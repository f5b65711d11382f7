"""A laying of pages that a test leads by the hand, and what lies in its folder."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.test import Client

from letters.app import create_app
from letters.laying.folder import LaidFolder
from letters.laying.rounds import Laying
from letters.runtime import Runtime
from letters.web.encodings import stamp_of
from letters.web.site import Site


@dataclass
class Hand:
    """The seconds of a laying: they pass when the test says so."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Laid:
    """A laying in `root`, begun."""

    runtime: Runtime
    root: Path
    templates: BytecodeCache | None = None
    now: Hand = field(default_factory=Hand)
    app: Flask = field(init=False)
    laying: Laying = field(init=False)

    def __post_init__(self) -> None:
        site = Site.of(self.runtime)
        self.app = create_app(self.runtime, site)
        self.app.jinja_env.bytecode_cache = self.templates
        folder = LaidFolder(self.root, self.now)
        self.laying = Laying(site, Client(self.app, use_cookies=False), folder, self.now)
        assert folder.take()

    def settle(self) -> None:
        """Go on until nothing is due."""
        while self.laying.round():
            pass

    def shown(self) -> dict[str, bytes]:
        """Every file that a proxy finds, by its path."""
        return shown(self.root)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()


def shown(root: Path) -> dict[str, bytes]:
    """Every file in the folder that a link leads to, by its path."""
    places = [root / "index", *(root / "letters").glob("*")]
    files = [file for place in places for file in place.resolve().rglob("*") if file.is_file() and place.is_symlink()]
    by_folder = {place.resolve(): place.relative_to(root) for place in places if place.is_symlink()}
    return {
        f"{place}/{file.relative_to(folder)}": file.read_bytes()
        for folder, place in by_folder.items()
        for file in files
        if file.is_relative_to(folder)
    }


def broken(root: Path) -> list[str]:
    """The files that are not what they were written as: their time is made of their content."""
    return [path for path, body in shown(root).items() if int((root / path).stat().st_mtime) != stamp_of(body)]
