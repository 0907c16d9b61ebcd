"""One JupyterLab and one Chromium for all browser tests."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from browser import lab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def browser():
    if not lab.chromium():
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail("no Chromium on this machine, and CI must not go without (.ci/run installs it)")
        pytest.skip("no Chromium or Chrome on this machine")
    with lab.Browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):
    """JupyterLab on a copy of notebooks/."""
    root = tmp_path_factory.mktemp("lab")
    shutil.copytree(
        ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    with lab.Server(root) as server:
        yield server
