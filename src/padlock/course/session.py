"""What a notebook calls: `lesson`, `check`, `hint`, `explain`, `solution`, `quiz`, `progress`, `export`, `restore`,
`reset`.

A notebook has a kernel of its own, so "the current lesson" is one module variable. Everything that is said is a
`Shown`: rich in JupyterLab, plain text in a terminal.
"""

from __future__ import annotations

import difflib
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from padlock import reading
from padlock.look import Shown

from . import cells, say
from .attempt import attempt
from .exercises import common, load, slugs
from .model import RUNGS, Exercise, Explanation, Lesson
from .progress import BadProgress, Progress
from .quiz import Quiz

LESSONS = Path(__file__).resolve().parents[3] / "lessons"


class _Session:
    """The lesson that this kernel is in, and what was asked of it so far."""

    def __init__(self) -> None:
        self.lesson: Lesson | None = None
        self.record = True
        self.progress = Progress()
        self.rungs: dict[str, int] = {}  # exercise id → hints shown
        self.asked_for_solution: set[str] = set()
        self.latest = 1  # number of the exercise checked last
        self.misses: dict[str, str] = {}  # exercise id → id of its latest refusal
        self.cells = cells.Cells()


_session = _Session()


def lesson(slug: str, record: bool = True) -> Shown:
    """Begins a lesson. record=False (the notebooks with solutions) leaves the learner's progress as it is."""
    if slug not in slugs():
        raise ValueError(f"There is no lesson {slug!r}. There are: {', '.join(slugs())}.")
    _session.cells.forget()
    _session.__init__()
    _session.lesson, _session.record = load(slug), record
    if record:
        _session.progress.add("opened", slug)
    return say.front(_session.lesson, _session.progress, slugs(), record)


def check(n: int | None = None) -> Shown:
    """Tries exercise `n` of this lesson with what you made, and says the first thing that does not hold yet."""
    exercise, n = _exercise(n)
    if exercise is None:
        return say.no_such_exercise(_lesson(), n)
    # The caller's own names: no IPython needed, and a function defined in a cell is found as well.
    if failed := _session.cells.failure(exercise.asks):
        return say.cell_failed(exercise, n, *failed)
    outcome = attempt(exercise, sys._getframe(1).f_globals)
    if outcome.miss:
        _session.misses[exercise.id] = outcome.miss.id
    before = _session.progress.has("solved", exercise.id)
    if outcome.state == "solved" and _session.record:
        _session.progress.add("solved", exercise.id)
    return say.outcome(exercise, n, outcome, before, explanation)


def hint(n: int | None = None) -> Shown:
    """The next of four hints for exercise `n`: look here → the idea → the call → nearly the code."""
    exercise, n = _exercise(n)
    if exercise is None:
        return say.no_such_exercise(_lesson(), n)
    rung = min(_session.rungs.get(exercise.id, 0), RUNGS - 1)
    _session.rungs[exercise.id] = rung + 1
    return say.hint(exercise, n, rung)


def solution(n: int | None = None) -> Shown:
    """One way to solve exercise `n`: after you solved it, or when you ask a second time."""
    exercise, n = _exercise(n)
    if exercise is None:
        return say.no_such_exercise(_lesson(), n)
    if not _session.progress.has("solved", exercise.id) and exercise.id not in _session.asked_for_solution:
        _session.asked_for_solution.add(exercise.id)
        return say.not_yet(exercise, n)
    return say.solution(exercise, n, solution_source(_lesson().slug, n))


def solution_source(slug: str, n: int) -> str:
    """The author's solution of exercise `n`, from the lesson's source: there is no second copy that could drift."""
    path = LESSONS / f"{slug}.py"
    if not path.exists():
        return f"# The lesson's source is not on this machine ({path.name}); the solutions are in notebooks/solutions."
    cells = re.split(r"^# %%.*$", path.read_text(encoding="utf-8"), flags=re.M)
    for cell, following in pairwise(cells):
        if following.strip() == f"check({n})":
            lines = [
                ln
                for ln in cell.strip().splitlines()
                if not ln.startswith(("# stub:", "# >>> solution", "# <<< solution"))
            ]
            return "\n".join(lines)
    return f"# exercise {n} has no solution in {path.name}"


def explain(id: str | int | None = None) -> Shown:
    """What people believe, what is so, and the clause that says it.

    id: the word in [brackets] in a check's answer; or an exercise's number, for its latest refusal. Without: all ids.
    """
    known = _explanations()
    if id is None:
        return say.explanations(known, {e.id for e in _lesson().explanations})
    if _valid(id):  # a number, as in hint(1): what the latest check of that exercise said
        if (exercise := _lesson().exercises[id - 1]).id not in _session.misses:
            return say.sentence(
                "unknown", f"There is no refusal of exercise {id} to explain yet: check({id}) first."
            )
        id = _session.misses[exercise.id]
    if found := known.get(id):
        return say.explanation(found)
    close = difflib.get_close_matches(str(id), known, n=3, cutoff=0.4)
    return say.sentence(
        "unknown",
        f"There is no explanation called {reading.visible(str(id), 60)!r}."
        + (f" Did you mean {', '.join(map(repr, close))}?" if close else " explain() lists them."),
    )


def explanation(id: str) -> Explanation:
    """Of this lesson or common to all. The structure test makes sure that every id a check can answer with is there."""
    return _explanations()[id]


def _explanations() -> dict[str, Explanation]:
    own = _session.lesson.explanations if _session.lesson else ()
    return {e.id: e for e in (*common.EXPLANATIONS, *own)}


def quiz() -> Quiz:
    """The questions of this lesson. Each answer, right or wrong, says why."""

    def answered(number: int) -> None:
        if _session.record:
            _session.progress.add("answered", f"{current.slug}#{number}")

    current = _lesson()
    return Quiz(current.quiz, answered)


def progress() -> Shown:
    """The map of the course, and where you are on it."""
    return say.course_map([load(slug) for slug in slugs()], _session.progress, _session.lesson)


def export() -> Shown:
    """Your progress as a text to keep, for a place that forgets (Binder). `restore("…")` brings it back."""
    return say.export(_session.progress)


def restore(text: str | Shown = "") -> Shown:
    """Adds the progress in what `export()` gave to the progress here. A backup of the file is made first."""
    try:
        solved, backup = _session.progress.restore(text.text if isinstance(text, Shown) else text)
    except BadProgress as error:
        return say.sentence("refused", f"{error} Nothing was changed.")
    return say.sentence("good", f"Restored: {solved} exercises solved.{say.backed_up(backup)}")


def reset(n: int | None = None) -> Shown:
    """Forgets that exercise `n` was solved; without a number, all of this lesson. A backup is made first."""
    current = _lesson()
    if n is not None and not _valid(n):
        return say.no_such_exercise(current, n)
    chosen = current.exercises if n is None else (current.exercises[n - 1],)
    backup = _session.progress.remove("solved", [e.id for e in chosen])
    for e in chosen:
        _session.rungs.pop(e.id, None)
        _session.asked_for_solution.discard(e.id)
    what = "All exercises of this lesson are" if n is None else f"Exercise {n} is"
    return say.sentence("unknown", f"{what} open again.{say.backed_up(backup)}")


def _lesson() -> Lesson:
    if _session.lesson is None:
        raise ValueError('Say first which lesson this is: lesson("00_start_here").')
    return _session.lesson


def _valid(n: object) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= len(_lesson().exercises)


def _exercise(n: Any) -> tuple[Exercise | None, Any]:
    n = _session.latest if n is None else n
    if not _valid(n):
        return None, n
    _session.latest = n
    return _lesson().exercises[n - 1], n
