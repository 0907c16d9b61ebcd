"""README and the instructor's timings name the lessons that there are, with their minutes."""

import re

import build_notebooks as builder
import pytest

from padlock.course import exercises

README = (builder.ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (builder.ROOT / "instructor" / "guide.md").read_text(encoding="utf-8")


def rows(text):
    table = re.search(r"<!-- lessons.*?-->\n(.*?)<!-- /lessons -->", text, re.S)[1]
    return re.findall(r"^\| \[?(\w\w) ([^\]|]+?)\]?(?:\(notebooks/(.+?)\.ipynb\))? \|.*\| (\d+) \+ (\d+) \|", table, re.M)


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "guide"])
def test_table_of_lessons(text):
    lessons = [exercises.load(slug) for slug in exercises.slugs()]
    found = rows(text)
    assert found
    assert [(number, title, int(a), int(b)) for number, title, _, a, b in found] == [
        (lesson.number, lesson.title, *lesson.minutes) for lesson in lessons
    ]


def test_readme_links_to_every_notebook():
    assert [slug for _, _, slug, _, _ in rows(README)] == list(exercises.slugs())


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "instructor/guide.md", *[
    str(p.relative_to(builder.ROOT)) for p in (builder.ROOT / "instructor" / "workshops").glob("*.md")
]])  # fmt: skip
def test_links_lead_somewhere(path):
    file = builder.ROOT / path
    links = re.findall(r"\]\(([^)#]+)\)", file.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith("http"):
            assert (file.parent / link).exists(), link
