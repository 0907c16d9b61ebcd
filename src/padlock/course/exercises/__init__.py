"""One module a lesson, `l<slug>.py`, with one object `LESSON`. A new module is a new lesson everywhere: map, tests, README."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from ..model import Lesson


@cache
def slugs() -> tuple[str, ...]:
    """The lessons there are, in the order of the course: 00, 01, … then A1."""
    return tuple(sorted(m.name[1:] for m in pkgutil.iter_modules(__path__) if m.name.startswith("l")))


@cache
def load(slug: str) -> Lesson:
    return import_module(f"{__name__}.l{slug}").LESSON
