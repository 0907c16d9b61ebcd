"""Facts that have a date, kept in `facts.toml` with their source and the day they were checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from markupsafe import Markup

from padlock.look import Shown


@dataclass(frozen=True)
class Fact:
    """text reads well inside a sentence; steps: (from this day on, value), oldest first, or none."""

    id: str
    what: str
    text: str
    source: str
    as_of: date
    steps: tuple[tuple[date, str], ...] = ()

    def value(self, day: date) -> str:
        """What holds on that day."""
        return next((value for since, value in reversed(self.steps) if since <= day), self.text)

    def next_step(self, day: date) -> str:
        return next((f"{value} from {_day(since)}" for since, value in self.steps if since > day), "")

    def in_prose(self) -> str:
        return f"{self.text} ({self.source}; as of {_day(self.as_of)})"


@cache
def all_facts() -> dict[str, Fact]:
    raw = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
    return {
        id: Fact(
            id,
            f["what"],
            f["text"],
            f["source"],
            f["as_of"],
            tuple((s["from"], s["value"]) for s in f.get("steps", ())),
        )
        for id, f in raw.items()
    }


def facts(*ids: str) -> Shown:
    """A table of the facts named: what, what holds today, what comes next, source, and when it was last checked."""
    known = all_facts()
    if unknown := [id for id in ids if id not in known]:
        raise ValueError(f"There is no fact called {unknown[0]!r}. There are: {', '.join(known)}.")
    today = datetime.now(UTC).date()
    rows = [
        (f.what, f.value(today), f.next_step(today), f.source, _day(f.as_of))
        for f in (known[id] for id in ids)
    ]
    head = ("what", "holds today", "next", "source", "checked")
    used = [
        at for at in range(len(head)) if any(row[at] for row in rows)
    ]  # most facts have nothing to come next
    html = Markup("<table class='pl-table'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        Markup("").join(Markup("<th scope='col'>{}</th>").format(head[at]) for at in used),
        Markup("").join(
            Markup("<tr>{}</tr>").format(Markup("").join(_cell(at, row[at]) for at in used)) for row in rows
        ),
    )
    text = "\n".join(
        f"{what}: {now}{'; then ' + then if then else ''} ({source}; as of {day})"
        for what, now, then, source, day in rows
    )
    return Shown(html, text)


def _cell(at: int, words: str) -> Markup:
    if at == 4 or (at == 0 and len(words) < 24):  # a date is not broken in two
        return Markup("<td class='pl-nowrap'>{}</td>").format(words)
    return Markup("<td class='pl-words'>{}</td>").format(words)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
