"""The form of every lesson, and that the committed notebooks are what the lessons make."""

import json
import re

import pytest

import build_notebooks as builder
from padlock import course, look
from padlock.course import exercises

TAGS = {"exercise", "nbval-check-output"}
HEADINGS = ["What to remember", "Quiz", "The same with openssl", "What comes next"]
SOURCES = builder.sources()
SLUGS = [s.stem for s in SOURCES]
MOST_WORDS, MOST_LINES = 120, 12


def cells(slug):
    return builder.cells_of(builder.LESSONS / f"{slug}.py")


def prose(slug):
    return "\n\n".join(c.source for c in cells(slug) if c.cell_type == "markdown")


def test_lessons_modules_and_notebooks_are_the_same_set():
    assert SOURCES
    assert set(SLUGS) == set(exercises.slugs())
    for folder in builder.KINDS.values():
        assert {p.stem for p in folder.glob("*.ipynb")} == set(SLUGS)


@pytest.mark.parametrize("kind", builder.KINDS)
@pytest.mark.parametrize("slug", SLUGS)
def test_committed_notebook_is_what_the_lesson_makes(slug, kind):
    target = builder.KINDS[kind] / f"{slug}.ipynb"
    made = builder.as_text(builder.build(builder.LESSONS / f"{slug}.py", kind))
    assert builder.without_outputs(target) == made, "run `make notebooks`"
    data = json.loads(target.read_text(encoding="utf-8"))
    ids = [c["id"] for c in data["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in data["cells"]:
        stored = builder.STORED in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code":
            assert bool(cell["outputs"]) == stored, "outputs are stored for tagged cells and for no others"


@pytest.mark.parametrize("slug", SLUGS)
def test_front(slug):
    lesson, text = exercises.load(slug), prose(slug)
    title = re.findall(r"^# (.+)$", text, re.M)
    assert title == [f"{lesson.number} {lesson.title}"]
    front = cells(slug)[1].source
    goals = re.search(r"\*\*You will be able to\*\*\n\n((?:- .+\n(?:  .+\n)*)+)", front + "\n")
    assert goals
    assert 3 <= goals[1].count("- ") <= 5
    assert "**You need**" in front
    minutes = re.search(r"\*\*Minutes:\*\* (\d+) to read, (\d+) to practise", front)
    assert minutes
    assert (int(minutes[1]), int(minutes[2])) == lesson.minutes
    set_up = "\n".join(c.source for c in cells(slug)[:4])
    assert f'lesson("{slug}")' in set_up
    imported = set(re.search(r"^from padlock\.course import (.+)$", set_up, re.M)[1].split(", "))
    assert imported >= set(course.__all__) - {"facts"}, "whatever a message tells the learner to call is there"


@pytest.mark.parametrize("slug", SLUGS)
def test_end(slug):
    text = prose(slug)
    found = [h for h in re.findall(r"^## (.+)$", text, re.M) if h in HEADINGS]
    assert found == HEADINGS
    summary = re.search(r"^## What to remember\n\n(.+?)(?=\n## |\Z)", text, re.M | re.S)
    assert summary
    assert len(re.findall(r"^(?:- |\d\. )", summary[1], re.M)) == 5


@pytest.mark.parametrize("slug", SLUGS)
def test_cells(slug):
    for cell in cells(slug):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= TAGS, tags
        assert not set(cell.metadata) - {"tags"}, "no other metadata: it does not survive every editor"
        if cell.cell_type == "markdown":
            words = len(re.findall(r"\b\w[\w’'.-]*", re.sub(r"```.*?```|\|.*\|", "", cell.source, flags=re.S)))
            assert words <= MOST_WORDS, (words, cell.source[:80])
            for alt in re.findall(r"!\[(.*?)\]\(", cell.source):
                assert len(alt) > 10, "an image needs a text equivalent"
            assert "<img" not in cell.source
        else:
            code = cell.source
            if "exercise" in tags:
                code = max(builder.split_exercise(code, slug), key=len)
            lines = [ln for ln in code.splitlines() if ln.strip() and not ln.strip().startswith("#")]
            assert len(lines) <= MOST_LINES * (1.5 if "exercise" in tags else 1), code
            assert not re.search(r"^\s*[%!]", code, re.M), "no magics"


@pytest.mark.parametrize("slug", SLUGS)
def test_parts(slug):
    code = [c.source for c in cells(slug) if c.cell_type == "code"]
    all_code = "\n".join(code)
    count = len(exercises.load(slug).exercises)
    assert count >= 3
    assert [c for c in code if re.fullmatch(r"check\(\d+\)", c)] == [
        f"check({n})" for n in range(1, count + 1)
    ]
    predictions = re.findall(r"^(\w+) = predict\(", all_code, re.M)
    assert len(predictions) >= 2
    for name in predictions:
        assert re.search(rf"^{name}\.saw\(", all_code, re.M), f"the prediction {name} is never answered"
    assert "quiz()" in code
    assert len(exercises.load(slug).quiz) >= 4


@pytest.mark.parametrize("slug", SLUGS)
def test_something_to_move_and_something_to_see(slug):
    code = "\n".join(c.source for c in cells(slug) if c.cell_type == "code")
    called = {name for name in re.findall(r"(?:look\.|\b)(\w+)\(", code) if hasattr(look, name)}
    widgets = {n for n in called if isinstance(getattr(look, n), type) and issubclass(getattr(look, n), look.Panel)}
    assert widgets, "a lesson has at least one live widget"
    assert called & {"who_holds_what", "chain", "timeline"}, "a lesson has at least one diagram"


@pytest.mark.parametrize("slug", SLUGS)
def test_links_lead_somewhere(slug):
    for link in re.findall(r"\]\(([^)]+)\)", prose(slug)):
        if not link.startswith(("http", "#")):
            assert (builder.NOTEBOOKS / link).exists(), link


def test_identifiers_do_not_depend_on_place():
    """A cell's id comes from what it says: a cell put in before it leaves it as it is."""
    source = SOURCES[0]
    notebook = builder.build(source, "learner")
    assert [c["id"] for c in notebook.cells] == [c["id"] for c in builder.build(source, "learner").cells]
    solution = builder.build(source, "solution")
    assert [c["id"] for c in notebook.cells] == [c["id"] for c in solution.cells]


@pytest.mark.parametrize(
    "bad",
    [
        "x = 1",
        "# stub: x = ...",
        "# >>> solution\nx = 1\n# <<< solution",
        "# stub: x = ...\n# >>> solution\nx = 1",
    ],
)
def test_an_exercise_without_stub_or_solution_is_refused(bad):
    with pytest.raises(builder.LessonError, match="stub"):
        builder.split_exercise(bad, "here")
