"""Every exercise keeps the contract of teaching.md: stub, solution, right answers, wrong answers by their own id, junk.

Each lesson has a file beside this one, named like its module (`l02_keys.py`), with
RIGHT: exercise number → label → function that makes the names a learner would have made;
WRONG: exercise number → id → functions that make an answer which must be refused with just that id.
"""

import importlib
import random
import re

import pytest

import build_notebooks
from exercises.making import key
from padlock import reading
from padlock.authority import Authority
from padlock.course import exercises, session
from padlock.course.model import RUNGS
from padlock.course.say import outcome as say_outcome

SLUGS = exercises.slugs()
EXERCISES = [(slug, n) for slug in SLUGS for n in range(1, len(exercises.load(slug).exercises) + 1)]
AT_LEAST_RIGHT = 8


def answers(slug):
    return importlib.import_module(f"exercises.l{slug}")


def given(slug):
    """Names that the lesson itself makes before an exercise, where a check looks at them too."""
    return dict(getattr(answers(slug), "GIVEN", {}))


RIGHT = [(s, n, label) for s, n in EXERCISES for label in answers(s).RIGHT.get(n, {})]
WRONG = [
    (s, n, id, i)
    for s, n in EXERCISES
    for id, makers in answers(s).WRONG.get(n, {}).items()
    for i in range(len(makers))
]


def attempt(slug, n, names):
    lesson = exercises.load(slug)
    exercise = lesson.exercises[n - 1]
    outcome = session.attempt(exercise, names)
    known = {e.id: e for e in (*exercises.common.EXPLANATIONS, *lesson.explanations)}
    shown = say_outcome(exercise, n, outcome, False, known.__getitem__)
    assert len(shown.text.splitlines()) <= 6, shown.text
    assert "Traceback" not in shown.text
    return outcome, shown


def test_there_is_something_to_test():
    assert SLUGS
    assert len(EXERCISES) >= 3 * len(SLUGS)
    assert RIGHT
    assert WRONG


@pytest.mark.parametrize(("slug", "n"), EXERCISES)
def test_shape(slug, n):
    exercise = exercises.load(slug).exercises[n - 1]
    assert exercise.id.startswith(slug[:2])
    assert len(exercise.hints) == RUNGS
    assert all(len(h.strip()) > 10 for h in exercise.hints)
    assert all(task.__doc__ for task in exercise.tasks)
    assert exercise.done
    assert len(answers(slug).RIGHT[n]) >= AT_LEAST_RIGHT
    assert set(answers(slug).WRONG[n]) == set(exercise.misses), (
        "each id that can be answered has a wrong answer"
    )


def test_everything_that_cannot_be_read_is_explained():
    assert reading.SENTENCES
    assert set(reading.SENTENCES) <= {e.id for e in exercises.common.EXPLANATIONS}


@pytest.mark.parametrize("slug", SLUGS)
def test_ids_are_explained_and_unique(slug):
    lesson = exercises.load(slug)
    common = [e.id for e in exercises.common.EXPLANATIONS]
    own = [e.id for e in lesson.explanations]
    assert len({*common, *own}) == len(common) + len(own)
    for exercise in lesson.exercises:
        assert set(exercise.misses) <= {*common, *own}
    for question in lesson.quiz:
        assert {id for id, _ in question.wrong.values()} <= {*common, *own}
        assert question.right not in question.wrong
    ids = [e.id for s in SLUGS for e in exercises.load(s).exercises]
    assert len(set(ids)) == len(ids)


def cells(slug):
    source = build_notebooks.LESSONS / f"{slug}.py"
    return build_notebooks.cells_of(source)


def exercise_cells(slug):
    """exercise number → (what the learner sees, the solution); a check's cell holds just `check(n)`."""
    found, before = {}, None
    for cell in cells(slug):
        if match := re.fullmatch(r"check\((\d+)\)", cell.source.strip()):
            assert before is not None, f"check({match[1]}) does not follow an exercise cell"
            found[int(match[1])] = build_notebooks.split_exercise(before.source, slug)
        before = cell if "exercise" in cell.metadata.get("tags", []) else None
    return found


@pytest.fixture(scope="module")
def ran():
    """slug → names after the lesson's own cells ran in order, exercise cells left out; run once a lesson."""
    cache = {}

    def names(slug):
        if slug not in cache:
            space = {"__name__": "__main__"}
            for cell in cells(slug):
                if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", []):
                    exec(compile(cell.source, f"{slug}.py", "exec"), space)
            cache[slug] = space
        return dict(cache[slug])

    return names


@pytest.mark.parametrize(("slug", "n"), EXERCISES)
def test_stub_is_not_tried_and_solution_passes(slug, n, ran):
    stub, _ = exercise_cells(slug)[n]
    names = ran(slug)
    exec(compile(stub, "stub", "exec"), names)
    outcome, _ = attempt(slug, n, names)
    assert outcome.state == "not tried"
    for k in range(1, n + 1):  # a solution may build on the ones before
        exec(compile(exercise_cells(slug)[k][1], "solution", "exec"), names)
    outcome, shown = attempt(slug, n, names)
    assert outcome.state == "solved", shown.text


@pytest.mark.parametrize(("slug", "n"), EXERCISES)
def test_nothing_made_is_not_tried(slug, n):
    assert attempt(slug, n, given(slug))[0].state == "not tried"


@pytest.mark.parametrize(("slug", "n", "label"), RIGHT)
def test_right_answer_is_accepted(slug, n, label):
    outcome, shown = attempt(slug, n, {**given(slug), **answers(slug).RIGHT[n][label]()})
    assert outcome.state == "solved", shown.text


@pytest.mark.parametrize(("slug", "n", "id", "i"), WRONG)
def test_wrong_answer_is_refused_with_its_own_id(slug, n, id, i):
    outcome, shown = attempt(slug, n, {**given(slug), **answers(slug).WRONG[n][id][i]()})
    assert outcome.state == "partly", shown.text
    assert outcome.miss is not None, shown.text
    assert outcome.miss.id == id, shown.text
    assert f"[{id}]" in shown.text


class Hostile:
    """Every look at it raises."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    def __bool__(self):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    __hash__ = None


def boom(*args, **kwargs):
    raise ZeroDivisionError("<script>")


def junk(seed):
    """About forty kinds of things that nobody should hand in, a different draw for each seed."""
    rng = random.Random(seed)
    n = rng.choice([0, 1, 3, 30, 300])
    kinds = [
        lambda: rng.randbytes(n),
        lambda: rng.randbytes(n).decode("latin-1"),
        lambda: "-----BEGIN CERTIFICATE-----\n" + rng.randbytes(n).hex(),
        lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        lambda: b"\x30\x82" + rng.randbytes(n),
        lambda: b"%PDF-1.7" + rng.randbytes(n),
        lambda: "<script>alert(1)</script>",
        lambda: "‮gnp.‏‎\x00",
        lambda: "x" * 10_000,
        lambda: rng.choice([0, 1, -1, 2**70, 1.5, float("nan"), 1j, True, False]),
        lambda: rng.choice([[], (), {}, set(), frozenset()]),
        lambda: [rng.randbytes(3), None, ..., 7],
        lambda: {"a": rng.random(), 3: None},
        lambda: Hostile(),
        lambda: [Hostile()],
        lambda: Hostile,
        lambda: boom,
        lambda: lambda *args, **kwargs: rng.randbytes(n),
        lambda: lambda *args, **kwargs: Hostile(),
        lambda: lambda: None,
        lambda: (i for i in range(3)),
        lambda: object(),
        lambda: ValueError("an exception as a value"),
        lambda: __import__("pathlib").Path("/"),
        lambda: __import__("pathlib").Path("no/such/file.pem"),
        lambda: "/",
        lambda: random,
        lambda: memoryview(b"abc"),
        lambda: bytearray(b"\x30\x00"),
        lambda: "\ud800",
        lambda: range(10**12),
    ]
    return rng.choice(kinds)()


@pytest.mark.parametrize(("slug", "n"), EXERCISES)
def test_what_the_lesson_gave_may_have_been_overwritten(slug, n):
    """A loop variable that has the name of something given, or a cell of the lesson that was not run."""
    good = next(iter(answers(slug).RIGHT[n].values()))()
    for name in given(slug):
        for junk in (b"caught", 7, "", {}, [], None, Hostile(), key(), Authority("Class Root").certificate):
            outcome, shown = attempt(slug, n, {**given(slug), name: junk, **good})
            assert outcome.state != "the check failed", (name, junk, shown.text, outcome.error)
        without = {k: v for k, v in {**given(slug), **good}.items() if k != name}
        assert attempt(slug, n, without)[0].state != "the check failed"


@pytest.mark.parametrize(("slug", "n"), EXERCISES)
def test_a_thousand_junk_values(slug, n):
    exercise = exercises.load(slug).exercises[n - 1]
    good = next(iter(answers(slug).RIGHT[n].values()))()
    for seed in range(1000):
        # Every other time, junk in one place of a right answer: it gets further into the check.
        names = {**given(slug), **(good if seed % 2 else {})}
        for name in exercise.asks if seed % 4 == 0 else [exercise.asks[seed % len(exercise.asks)]]:
            names[name] = junk(seed)
        outcome, shown = attempt(slug, n, names)
        assert outcome.state != "the check failed", (seed, names, shown.text, outcome.error)
        assert outcome.state != "solved", (seed, names)
