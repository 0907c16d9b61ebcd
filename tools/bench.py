"""How long do the lessons take to run, beside as many empty notebooks? Then every tests/bench/bench_*.py.

make bench
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMPTY = {
    "cells": [
        {"id": "a", "cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def seconds(notebooks: list[Path], home: str) -> float:
    """Wall time of nbval over the notebooks, two at a time; stops everything if a cell fails."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-cell-timeout=60"]
    command += ["-n", "2", "--dist", "loadfile", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += ["--nbval-sanitize-with", "tests/notebooks/sanitize.cfg", *map(str, notebooks)]
    environment = os.environ | {"PADLOCK_HOME": home, "IPYTHONDIR": home}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"The notebooks don't run, so there is nothing to measure:\n{done.stdout[-3000:]}")
    return time.monotonic() - began


def main() -> None:
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb")) + sorted(
        (ROOT / "notebooks/solutions").glob("*.ipynb")
    )
    if not lessons:
        sys.exit("There are no notebooks; `make notebooks` builds them.")
    with tempfile.TemporaryDirectory() as home:
        empty = [Path(home) / f"empty-{number}.ipynb" for number in range(len(lessons))]
        for path in empty:
            path.write_text(json.dumps(EMPTY), encoding="utf-8")
        bare, full = seconds(empty, home), seconds(lessons, home)
    print(f"{len(lessons)} notebooks {full:.1f} s; as many empty ones {bare:.1f} s; ratio {full / bare:.2f}")
    for script in sorted((ROOT / "tests/bench").glob("bench_*.py")):
        print(f"\n── {script.name} ──", flush=True)
        subprocess.run([sys.executable, script], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
