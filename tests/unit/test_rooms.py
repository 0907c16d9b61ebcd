"""The house stands: rooms of src/padlock import only from rooms that CONTRIBUTING.md lists above them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PADLOCK = ROOT / "src" / "padlock"
FILES = sorted(PADLOCK.rglob("*.py"))
SHOWING = ("ipywidgets", "anywidget", "IPython", "matplotlib", "traitlets", "ipykernel")
WITH_VIEWS = ("look", "course")


def rooms() -> list[str]:
    """The table of CONTRIBUTING.md, ground floor first."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## The rooms of")[1].split("\n## ")[0]
    return [
        name.removesuffix(".py").rstrip("/")
        for line in re.findall(r"^\| (`.+?) \|", table, re.M)
        for name in re.findall(r"`([\w./]+)`", line)
    ]


ROOMS = rooms()


def room_of(path: Path) -> str:
    return path.relative_to(PADLOCK).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """(full dotted name, line, at the file's top level) of every import, relative ones resolved."""
    package = ("padlock", *path.relative_to(PADLOCK).parent.parts)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, (base, node.module)))
            found += [(f"{origin}.{alias.name}", node.lineno, id(node) in top) for alias in node.names]
    return found


def inner(path: Path) -> list[tuple[str, int]]:
    """(room, line) of each import from this package; `from padlock import x` counts as x."""
    return [(name.split(".")[1], line) for name, line, _ in imports(path) if name.startswith("padlock.")]


def test_the_table_and_the_files_are_the_same_rooms():
    assert len(FILES) > 5
    assert ROOMS
    assert ROOMS[-2:] == ["look", "course"]
    assert {room_of(f) for f in FILES} - {"__init__"} <= set(ROOMS), (
        "a room that CONTRIBUTING.md's table does not list"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PADLOCK)))
def test_imports_point_down(path):
    own = room_of(path)
    lower = set(ROOMS[: ROOMS.index(own)]) if own in ROOMS else set()
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports padlock.{room}"
        for room, line in inner(path)
        if room in ROOMS and room != own and room not in lower
    ]
    assert not wrong


@pytest.mark.parametrize(
    "path", [f for f in FILES if room_of(f) not in WITH_VIEWS], ids=lambda p: str(p.relative_to(PADLOCK))
)
def test_model_rooms_know_no_views(path):
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line, _ in imports(path)
        if name.split(".")[0] in SHOWING
    ]
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PADLOCK)))
def test_nothing_shipped_imports_the_tests(path):
    assert not [
        name
        for name, _, _ in imports(path)
        if name.split(".")[0] in ("tests", "tools", "pytest", "hypothesis", "nbformat", "jupytext")
    ]


def test_der_stands_on_the_ground():
    path = PADLOCK / "der.py"
    if not path.exists():
        pytest.fail("padlock/der.py is one of the stable names of the house")
    assert not inner(path)
    assert "cryptography" not in {name.split(".")[0] for name, _, _ in imports(path)}
