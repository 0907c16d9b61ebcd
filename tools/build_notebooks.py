"""lessons/NN_slug.py → notebooks/NN_slug.ipynb (stubs) and notebooks/solutions/NN_slug.ipynb, byte for byte.

    python tools/build_notebooks.py              build all; runs a notebook only if a stored output is missing
    python tools/build_notebooks.py 02 --refresh build lesson 02 and make its stored outputs anew
    python tools/build_notebooks.py --check      say what differs from what is committed, exit 1 if anything does

Cell ids come from what a cell says, so that a diff shows the cell that changed and no other. Only cells tagged
`nbval-check-output` keep an output; the notebook is run to make it, and nbval compares it ever after.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
NOTEBOOKS = ROOT / "notebooks"
STORED = "nbval-check-output"
KINDS = {"learner": NOTEBOOKS, "solution": NOTEBOOKS / "solutions"}


class LessonError(ValueError):
    """A lesson's source is not of the form that CONTRIBUTING.md describes; one sentence."""


def sources() -> list[Path]:
    return sorted(LESSONS.glob("[0-9A-Z][0-9]_*.py"))


def cells_of(source: Path) -> list[nbformat.NotebookNode]:
    """The cells as the author wrote them, facts put in."""
    cells = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent").cells
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\{\{fact:([\w-]+)\}\}", lambda m: _fact(m[1], source), cell.source)
    return cells


def _fact(id: str, source: Path) -> str:
    from padlock.course.facts import all_facts

    if id not in all_facts():
        raise LessonError(f"{source.name} names a fact {id!r} that is not in course/facts.toml.")
    return all_facts()[id].in_prose()


def split_exercise(code: str, where: str) -> tuple[str, str]:
    """(what the learner sees, the solution) of an exercise cell."""
    learner, solved, inside, stubs, solutions = [], [], False, 0, 0
    for line in code.splitlines():
        if line.startswith("# stub:"):
            learner.append(line.removeprefix("# stub:").removeprefix(" "))
            stubs += 1
        elif line == "# >>> solution":
            inside = True
        elif line == "# <<< solution":
            inside = False
        elif inside:
            solved.append(line)
            solutions += 1
        else:
            learner.append(line)
            solved.append(line)
    if inside or not stubs or not solutions:
        raise LessonError(
            f"{where}: an exercise cell needs '# stub:' lines and a '# >>> solution' … '# <<< solution' block."
        )
    return "\n".join(learner), "\n".join(solved)


def build(source: Path, kind: str) -> nbformat.NotebookNode:
    """The notebook without outputs."""
    slug, seen, cells = source.stem, Counter(), []
    for cell in cells_of(source):
        tags = cell.metadata.get("tags", [])
        digest = hashlib.sha256(f"{slug}\n{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        code = cell.source
        if "exercise" in tags:
            code = split_exercise(code, f"{source.name}: {code.splitlines()[0]!r}")[kind == "solution"]
        if kind == "solution":  # running the solutions must not mark them as the learner's
            code = code.replace(f'lesson("{slug}")', f'lesson("{slug}", record=False)')
        new = (
            nbformat.v4.new_code_cell(code)
            if cell.cell_type == "code"
            else nbformat.v4.new_markdown_cell(code)
        )
        new["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        new.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cells.append(new)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def add_outputs(notebook: nbformat.NotebookNode, target: Path, refresh: bool) -> None:
    """Takes stored outputs over from the committed notebook where the cell is the same; for others it is run."""
    old = {}
    if target.exists() and not refresh:
        old = {c["id"]: c.get("outputs", []) for c in json.loads(target.read_text(encoding="utf-8"))["cells"]}
    wanted = [c for c in notebook.cells if STORED in c.metadata.get("tags", [])]
    if any(not old.get(c["id"]) for c in wanted):
        fresh = run(notebook)
        old = {c["id"]: c.get("outputs", []) for c in fresh.cells}
    for cell in wanted:
        cell.outputs = [
            nbformat.from_dict({**o, **({"execution_count": None} if "execution_count" in o else {})})
            for o in old[cell["id"]]
        ]
        cell.execution_count = 1  # nbval compares only what says that it was run


def run(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    from nbclient import NotebookClient

    copy = nbformat.from_dict(json.loads(json.dumps(notebook)))
    with tempfile.TemporaryDirectory() as home:
        os.environ["PADLOCK_HOME"] = home
        NotebookClient(
            copy,
            timeout=120,
            kernel_name="python3",
            coalesce_streams=True,  # or the outputs would tell how fast this machine printed
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        ).execute()
    return copy


def as_text(notebook: nbformat.NotebookNode) -> str:
    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", help="numbers of lessons; without any, all")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--refresh", action="store_true")
    options = parser.parse_args()
    chosen = [s for s in sources() if not options.only or s.stem.split("_")[0] in options.only]
    if not chosen:
        print("no lesson found", file=sys.stderr)
        return 1
    different = []
    for source in chosen:
        for kind, folder in KINDS.items():
            target = folder / f"{source.stem}.ipynb"
            try:
                notebook = build(source, kind)
                if options.check:
                    if not target.exists() or without_outputs(target) != as_text(notebook):
                        different.append(target)
                    continue
                add_outputs(notebook, target, options.refresh)
            except LessonError as error:
                print(error, file=sys.stderr)
                return 1
            folder.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8", newline="\n") as file:
                file.write(as_text(notebook))
    for target in different:
        print(f"{target.relative_to(ROOT)} is not what its lesson makes: run `make notebooks`")
    return bool(different)


def without_outputs(target: Path) -> str:
    """The committed file as text, with stored outputs taken out: those are nbval's to compare."""
    data = json.loads(target.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
