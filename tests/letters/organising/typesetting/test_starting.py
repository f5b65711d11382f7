"""The typesetter is started as a process, and is nobody's guest."""

import ast
from pathlib import Path

import pytest

from letters.organising.typesetting.starting import NotTypeset, alone, typeset
from tests.house.sources import python_files

PATIENCE = 20.0


def test_no_process_that_lives_longer_loads_the_typesetter() -> None:
    importing = {
        name
        for name, _, tree in python_files()
        if name.startswith(("letters/", "verification/"))
        for node in ast.walk(tree)
        for module in _modules(node)
        if module.partition(".")[0] == "typst" or module.endswith("typesetting.compiling")
    }
    assert importing == {"letters/organising/typesetting/compiling.py"}


def test_words_are_shown_and_never_become_code(tmp_path: Path) -> None:
    template = tmp_path / "said.typ"
    template.write_text('#let it = json(bytes(sys.inputs.paper))\n#assert.eq(it.said, "#panic(1)")\n#it.said')
    assert typeset(template, {"said": "#panic(1)"}, "pdf", PATIENCE).startswith(b"%PDF")
    with pytest.raises(NotTypeset):
        typeset(template, {"said": "something else"}, "pdf", PATIENCE)


def test_a_lock_is_held_once_and_let_go(tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.touch()
    with alone(known) as first, alone(known) as second:
        assert (first, second) == (True, False)
    with alone(known) as again:
        assert again


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
