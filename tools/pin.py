"""Pin again: requirements.txt and requirements-test.txt from pyproject.toml, for every platform and Python.

make requirements
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADERS = {
    "requirements.txt": """\
# What a learner's machine and Binder install: JupyterLab, what padlock needs, and all that these need.
# Python 3.11 to 3.14; Linux, macOS, Windows. Made from pyproject.toml by `make requirements`; don't edit.
""",
    "requirements-test.txt": """\
# What `make test` installs: all of requirements.txt, with the same pins, and the test tools.
# Made from pyproject.toml by `make requirements`; don't edit.
""",
}


def pins(*options: str) -> str:
    """The lines `name==version ; marker`, sorted, with neither paths nor hosts."""
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    command = [
        uv,
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--python-version",
        "3.11",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--upgrade",
        *options,
    ]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout


def write(name: str, lines: str) -> None:
    (ROOT / name).write_text(HEADERS[name] + lines, encoding="utf-8", newline="\n")
    print(f"{name}: {len(lines.splitlines())} pins")


if __name__ == "__main__":
    write("requirements.txt", pins("--extra", "lab"))
    write(
        "requirements-test.txt", pins("--extra", "lab", "--extra", "test", "--constraint", "requirements.txt")
    )
    sys.exit()
