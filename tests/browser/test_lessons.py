"""Each lesson as a learner meets it: opened in JupyterLab, run, every control used by keyboard, axe-core on
the outputs.

PADLOCK_SCREENSHOTS=1 also leaves pictures in artifacts/screenshots/. One lesson: tools/screenshots.py 02
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb"))
PICTURES = ROOT / "artifacts" / "screenshots"


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.parametrize("slug", LESSONS)
def test_lesson(browser, server, slug):
    """One visit: opening and running takes longer than looking. All that is wrong is listed at once."""
    wrong = []
    with browser.open(server, f"notebooks/{slug}.ipynb") as lesson:
        lesson.run_all()
        wrong += [f"after Run All: {p}" for p in lesson.problems()]
        known = len(wrong)
        for theme in ("dark", "light"):
            lesson.theme(theme)
            wrong += [f"axe, {theme}: {v}" for v in lesson.axe()]
            if os.environ.get("PADLOCK_SCREENSHOTS"):
                lesson.screenshots(PICTURES, f"{slug}-{theme}")
        wrong += [f"Tab passes by {m}" for m in lesson.missed_by_tab()]
        used, faults = lesson.operate_all()
        wrong += [f"keyboard: {f}" for f in faults]
        wrong += [f"after using the controls: {p}" for p in lesson.problems()[known:]]
        wrong += [f"axe, light, after using the controls: {v}" for v in lesson.axe()]
        lesson.theme("dark")
        wrong += [f"axe, dark, after using the controls: {v}" for v in lesson.axe()]
        lesson.theme("light")
    assert not wrong, "\n" + "\n".join(dict.fromkeys(wrong))
    assert used, "a lesson without one control"
