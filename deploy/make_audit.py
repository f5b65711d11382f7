"""Write `deploy/audit.py`: the auditor's modules in one file, for whoever has nothing else of this project.

Run as `make auditor`. Modules stand one after another, each after those that it imports; what they import from each
other is left out, so no two may give the same name to anything at their top level.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "deploy" / "audit.py"
FIRST = "verification.ledger.auditing.command"
OURS = "verification."
PACKAGE = "cryptography"

HEAD = '''\
#!/usr/bin/env python3
"""Check that an open letter's number, text and figures are those in its public log.

    python3 -m pip install cryptography
    python3 audit.py https://example.org/letters/name --state name.state

Needs Python 3.11 or newer and the package cryptography (40 or newer), and nothing else. Made by `make auditor` from
verification/ledger/auditing and what that needs: change those, not this file.
"""

from __future__ import annotations
'''
TAIL = """

if __name__ == "__main__":
    sys.exit(main())
"""


def bundle() -> str:
    """The text of the file. Raises `ValueError` when two modules use one name."""
    modules = in_order(FIRST)
    taken: dict[str, str] = {}
    for name, tree in modules.items():
        for defined in _defined(tree):
            if taken.setdefault(defined, name) != name:
                raise ValueError(f"{defined} is defined in {taken[defined]} and in {name}: rename one.")
    bodies = [f"\n\n# {name}\n\n{_body(name, tree)}" for name, tree in modules.items()]
    return "".join([HEAD, *_imports(modules.values()), *bodies, TAIL])


def in_order(name: str, known: dict[str, ast.Module] | None = None) -> dict[str, ast.Module]:
    """A module and all of ours that it needs, each after what it imports."""
    known = {} if known is None else known
    tree = ast.parse(_path(name).read_text())
    for needed in _ours(tree):
        if needed not in known:
            in_order(needed, known)
    known[name] = tree
    return known


def _path(name: str) -> Path:
    return ROOT / f"{name.replace('.', '/')}.py"


def _ours(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and _is_ours(node):
            if any(alias.asname for alias in node.names):
                raise ValueError(f"{node.module} is imported under another name: the one file has no such name.")
            yield node.module or ""


def _imports(trees: Iterable[ast.Module]) -> Iterator[str]:
    """What the modules need from elsewhere: the standard library, and after it the one package."""
    whole: set[str] = set()
    parts: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Import):
            whole |= {ast.unparse(alias) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__" and not _is_ours(node):
            parts.setdefault(node.module or "", set()).update(map(ast.unparse, node.names))
    lines = [f"import {name}\n" for name in sorted(whole)]
    lines += [f"from {module} import {', '.join(sorted(names))}\n" for module, names in sorted(parts.items())]
    for package in (False, True):
        yield "\n"
        yield from (line for line in lines if (PACKAGE in line) is package)


def _is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").startswith(OURS)


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _body(name: str, tree: ast.Module) -> str:
    """A module's text without its docstring and imports, as it was written."""
    lines = _path(name).read_text().splitlines(keepends=True)
    left_out: set[int] = set()
    for number, node in enumerate(tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            left_out |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    kept = [line for number, line in enumerate(lines, start=1) if number not in left_out]
    return "".join(kept).strip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(bundle())
    sys.stdout.write(f"{TARGET} is up to date.\n")
