"""What a reader of any module may rely on."""

import ast

from tests.house.sources import functions, python_files

COMMITS = "letters/runtime.py"
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def test_only_the_runtime_commits() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, _, tree in python_files()
        if name != COMMITS
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "begin", "sessionmaker")
    ]
    assert found == []


def test_no_function_imports() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, _, tree in python_files()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_modules_stay_short() -> None:
    lengths = {name: len(text.splitlines()) for name, text, _ in python_files()}
    assert {name: length for name, length in lengths.items() if length >= LONGEST_MODULE} == {}


def test_functions_stay_short() -> None:
    lengths = {
        f"{name}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name, _, tree in python_files()
        for function in functions(tree)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
