"""'The same with openssl' is true: every ```sh block of a lesson is run, in order, in one empty folder a lesson.

A line that ends with `# is refused` must fail; every other line must not.
"""

import re
import shutil
import subprocess

import pytest

import build_notebooks as builder

SLUGS = [s.stem for s in builder.sources()]


def commands(slug):
    prose = "\n\n".join(
        c.source for c in builder.cells_of(builder.LESSONS / f"{slug}.py") if c.cell_type == "markdown"
    )
    blocks = re.findall(r"^```sh\n(.*?)^```", prose, re.M | re.S)
    joined = "\n".join(blocks).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def modern_openssl():
    """LibreSSL (macOS's own `openssl`) lacks some of the options; the lessons say so."""
    if not shutil.which("openssl"):
        return False
    words = subprocess.run(["openssl", "version"], capture_output=True, text=True, timeout=30).stdout
    return bool(re.match(r"OpenSSL [3-9]", words))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_command_does_what_the_lesson_says(slug, tmp_path):
    lines = commands(slug)
    assert lines, "a lesson has at least one command under 'The same with openssl'"
    if not modern_openssl():
        pytest.skip("no openssl 3 on this machine")
    if not shutil.which("bash"):
        pytest.skip("no bash on this machine")
    for line in lines:
        ran = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        assert (ran.returncode != 0) == line.rstrip().endswith("# is refused"), (line, ran.stdout, ran.stderr)
