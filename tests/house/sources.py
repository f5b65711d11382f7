"""The files that the house rules are about."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("letters", "verification")
FOLDERS = (*ROOMS, "templates", "migrations", "tests", "static", "docs", "deploy", "benchmarks", ".ci")


@cache
def python_files() -> tuple[tuple[str, str, ast.Module], ...]:
    """Return name, text and tree of every module of the product."""
    return tuple(
        (str(path.relative_to(ROOT)), path.read_text(), ast.parse(path.read_text()))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    )


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def text_files() -> dict[str, str]:
    """Return the text of every file that belongs to the project, by its path."""
    paths = chain(ROOT.iterdir(), *((ROOT / folder).rglob("*") for folder in FOLDERS))
    files = sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)
    contents = {str(path.relative_to(ROOT)): path.read_bytes() for path in files}
    return {name: content.decode() for name, content in contents.items() if b"\0" not in content}


def templates() -> dict[str, str]:
    """Return every template by its name."""
    folder = ROOT / "templates"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.*"))}
