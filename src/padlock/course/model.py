"""What a lesson is made of: exercises with their tasks, explanations, quiz questions. Data only, no display."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .answer import Answer

RUNGS = 4  # look here → the idea → the call → nearly the code


@dataclass(frozen=True)
class Explanation:
    """One misconception or mistake: what people believe, what is so, the clause that says it, what to do next."""

    id: str
    believed: str
    so: str
    clause: str
    next: str


@dataclass(frozen=True)
class Exercise:
    """id: never changes, progress is filed under it. asks: the names the learner is to make. tasks: functions of an
    `Answer` that return nothing or raise `Miss`; a task's docstring is its title. misses: every id the tasks can
    raise, besides those of unreadable input; each has a wrong answer in the tests. done: said when it is solved."""

    id: str
    title: str
    asks: tuple[str, ...]
    tasks: tuple[Callable[[Answer], None], ...]
    hints: tuple[str, str, str, str]
    misses: tuple[str, ...]
    done: str = ""


@dataclass(frozen=True)
class Question:
    """A quiz question. wrong: option → (id of the misconception behind it, feedback in a sentence)."""

    asks: str
    right: str
    because: str
    wrong: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Lesson:
    """minutes: (to read, to practise)."""

    slug: str
    title: str
    minutes: tuple[int, int]
    exercises: tuple[Exercise, ...]
    explanations: tuple[Explanation, ...]
    quiz: tuple[Question, ...]

    @property
    def number(self) -> str:
        return self.slug.split("_", 1)[0]
