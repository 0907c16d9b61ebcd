"""What must never be committed, and what must always hold of what is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", "artifacts", "node_modules", "__pycache__", "build", "dist"}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".cfg",
    ".js",
    ".css",
    ".json",
    ".ipynb",
    ".yml",
    ".yaml",
    ".cff",
    ".sh",
    ".svg",
    "",
}


def committed() -> list[Path]:
    """Every file that git knows or would add; outside a clone (a downloaded archive), every file."""
    git = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    names = (
        git.stdout.split("\0") if git.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    )
    files = [ROOT / n for n in names if n]
    return sorted(f for f in files if f.is_file() and not LEFT_OUT & set(f.relative_to(ROOT).parts))


FILES = committed()
TEXTS = [f for f in FILES if f.suffix in TEXT]
NOTEBOOKS = [f for f in FILES if f.suffix == ".ipynb"]
STATIC = [f for f in FILES if f.suffix in {".js", ".css", ".mjs"} and "src" in f.parts]

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home/\w|Users/\w|root/)[\w./-]*|\b[A-Z]:\\\\?Users\\")
REGISTRY = re.compile(
    r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs|--(?:extra-)?index-url\s+\S|--find-links\s+\S",
    re.I,
)
CDN = re.compile(
    r"(?:https?:)?//(?!127\.0\.0\.1|localhost|www\.w3\.org/)[\w-]+(?:\.[\w-]+)+/\S|@import\s+url|from\s+[\"']https?:",
    re.I,
)
PRIVATE = re.compile(r"-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----\s*(?:\\n|\n)?\s*[A-Za-z0-9+/]{20}")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def matches(pattern: re.Pattern, paths: list[Path]) -> list[str]:
    return [
        f"{name(p)}:{number}: {match[0]}"
        for p in paths
        for number, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        for match in [pattern.search(line)]
        if match
    ]


def test_files_were_found():
    assert len(TEXTS) > 20
    assert STATIC


def test_no_path_of_somebodys_machine():
    assert not matches(MACHINE_PATH, [f for f in TEXTS if f != Path(__file__)])


def test_no_registry_host():
    assert not matches(REGISTRY, [f for f in TEXTS if f != Path(__file__)])


def test_patterns_would_find_what_they_look_for():
    assert MACHINE_PATH.search("see /home/ada/padlock")
    assert REGISTRY.search("--index-url https://example.org/simple")
    assert CDN.search('import x from "https://cdn.example.org/x.js"')
    assert PRIVATE.search("-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQ")


@pytest.mark.parametrize("path", STATIC, ids=name)
def test_pages_load_nothing_from_elsewhere(path):
    assert not matches(CDN, [path])


def test_no_private_key_in_an_output():
    assert NOTEBOOKS
    leaks = []
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if PRIVATE.search(json.dumps(cell.get("outputs", []))):
                leaks.append(f"{name(path)}: {cell['id']}")
    assert not leaks


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-test.txt"])
def test_every_requirement_is_pinned(file):
    lines = [x for x in (ROOT / file).read_text(encoding="utf-8").splitlines() if x and not x.startswith("#")]
    assert len(lines) > 50
    assert not [x for x in lines if not re.match(r"[a-z0-9.-]+==[\w.]+( ; .+)?$", x)]


def test_learners_and_tests_use_the_same_pins():
    learn, test = (
        (ROOT / f"requirements{x}.txt").read_text(encoding="utf-8").splitlines() for x in ("", "-test")
    )
    assert {x for x in learn if not x.startswith("#")} <= set(test)


@pytest.mark.parametrize("path", [f for f in TEXTS if f.suffix != ".ipynb"], ids=name)
def test_text_files_end_their_lines_the_same_way(path):
    data = path.read_bytes()
    assert b"\r" not in data
    assert not data or data.endswith(b"\n")


def test_ruff():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
