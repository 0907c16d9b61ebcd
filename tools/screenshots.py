"""Look at a lesson: run it in JupyterLab and leave pictures of all of it, 1024 px wide.

    python tools/screenshots.py 02 [light|dark] [--solutions] [--zoom 2]
    python tools/screenshots.py path/to/any.ipynb

Prints each picture's path, and whatever went wrong on the way.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import lab  # noqa: E402


def find(lesson: str, folder: Path) -> Path:
    if lesson.endswith(".ipynb"):
        return Path(lesson)
    found = sorted(folder.glob(f"{lesson}*.ipynb"))
    if len(found) != 1:
        sys.exit(f"{lesson}: {len(found)} notebooks in {folder} begin so; `make notebooks` builds them.")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", help="02, 02_keys, or the path of a notebook")
    parser.add_argument("theme", nargs="?", choices=lab.THEMES, help="both, if not said")
    parser.add_argument("--solutions", action="store_true", help="the notebook with the exercises solved")
    parser.add_argument("--controls", action="store_true", help="use every control first")
    parser.add_argument("--zoom", type=float, default=1, help="2 is 200 %%")
    parser.add_argument("--folder", type=Path, default=ROOT / "artifacts" / "screenshots")
    wanted = parser.parse_args()
    notebook = find(wanted.lesson, ROOT / "notebooks" / ("solutions" if wanted.solutions else ""))
    if not lab.chromium():
        sys.exit("No Chromium or Chrome on this machine; PADLOCK_CHROMIUM=/path/to/one says where it is.")
    with tempfile.TemporaryDirectory() as root:
        shutil.copy(notebook, Path(root) / notebook.name)
        with (
            lab.Server(root) as server,
            lab.Browser() as browser,
            browser.open(server, notebook.name) as lesson,
        ):
            lesson.run_all()
            if wanted.zoom != 1:
                lesson.page.evaluate("zoom => { document.body.style.zoom = zoom; }", wanted.zoom)
            if wanted.controls:
                for fault in lesson.operate_all()[1]:
                    print("keyboard:", fault)
            for theme in [wanted.theme] if wanted.theme else lab.THEMES:
                lesson.theme(theme)
                stem = f"{notebook.stem}{'-solution' * wanted.solutions}-{theme}"
                for picture in lesson.screenshots(wanted.folder, stem):
                    print(picture)
                for violation in lesson.axe():
                    print(f"axe, {theme}:", violation)
            for problem in lesson.problems():
                print(problem)


if __name__ == "__main__":
    main()
