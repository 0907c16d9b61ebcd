"""The words and the looks of everything the course says. Each function takes facts and returns a `Shown`; it decides nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from padlock.look import Shown
from padlock.reading import visible

from .answer import NotThere
from .attempt import Outcome
from .model import RUNGS, Exercise, Explanation, Lesson
from .progress import Progress

# state → (symbol, CSS class). The word always stands beside the symbol.
MARKS = {
    "good": ("✓", "pl-ok"),
    "refused": ("✗", "pl-no"),
    "unknown": ("?", "pl-unknown"),
    "worked before": ("↻", "pl-worked"),
}

# Planned, not there yet: shown on the map without a link.
COMING = (
    ("06", "Chains of trust"),
    ("07", "The TLS handshake"),
    ("08", "Mutual TLS"),
    ("09", "Revocation"),
    ("10", "Containers and Kubernetes"),
    ("11", "Service mesh"),
    ("12", "Keys and rotation"),
    ("13", "Incident night"),
    ("A1", "Write a TLS 1.3 client"),
)


# Rows that the course wrote, with code in backquotes; the others may hold foreign text.
OURS = ("So", "Why", "Next")


def sentence(mark: str, words: str) -> Shown:
    symbol, css = MARKS[mark]
    html = Markup('<p class="pl-say"><b class="{}">{}</b> {}</p>').format(css, symbol, words)
    return Shown(html, f"{symbol} {words}")


def lines(mark: str, headline: str, rows: list[tuple[str, str]]) -> Shown:
    """A headline with its mark, and labelled rows; empty rows are left out."""
    symbol, css = MARKS[mark]
    rows = [(label, words) for label, words in rows if words]
    html = Markup('<div class="pl-check"><p class="{}"><b>{} {}</b></p><dl>{}</dl></div>').format(
        css,
        symbol,
        headline,
        Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(label, _inline(words) if label in OURS else words)
            for label, words in rows
        ),
    )
    told = [f"{label + ':':<11}{words}" for label, words in rows]
    if [label for label, _ in rows][1:3] == ["Expected", "Found"]:  # side by side, as one compares them
        told[1:3] = [f"{told[1]}    Found: {rows[2][1]}"]
    return Shown(html, "\n".join([f"{symbol} {headline}", *told]))


def outcome(
    exercise: Exercise, n: int, result: Outcome, before: bool, explanation: Callable[[str], Explanation]
) -> Shown:
    """The answer of a check, at most six lines: the first task that does not hold, or that all do."""
    of = f"{result.task} of {len(exercise.tasks)}"
    error = result.error
    if result.state == "solved":
        return lines("good", f"Solved: {exercise.title} ({of} hold)", [("So", exercise.done)])
    again = " (it worked before, and stays solved)" if before else ""
    mark = "worked before" if before else "refused"
    if result.state == "not tried":
        names = " and ".join(exercise.asks)
        return lines(
            "worked before" if before else "unknown",
            f"Not tried yet: {exercise.title}{again}",
            [
                ("Expected", f"something called {names}"),
                ("Found", _none(error)),
                (
                    "Next",
                    f"write it in the cell above, where `...` stands; run that cell, then this one.  hint({n})",
                ),
            ],
        )
    if isinstance(error, NotThere):
        above = "the lesson makes it further up: Run → Run All Above Selected Cell, then run this again"
        make = f"make it, then run this again.  hint({n})"
        return lines(
            "worked before" if before else "unknown",
            f"{of}: {error.name} is not there yet{again}",
            [
                ("Expected", f"something called {error.name}"),
                ("Found", _none(error)),
                ("Next", make if error.name in exercise.asks else above),
            ],
        )
    if result.state == "your code raised":
        where = f"line {error.where[0]}: {visible(error.where[1], 100)}" if error.where else ""
        return lines(
            mark,
            f"{of}: your code {'raised an error' if error.__cause__ else 'took too long'}{again}",
            [
                ("Tried", visible(error.tried)),
                ("It said", error.words),
                ("At", where),
                ("Next", f"{_advice(error.words) or 'try it by itself in a new cell'}.  hint({n})"),
            ],
        )
    if result.state == "the check failed":
        return lines(
            "unknown",
            "The check itself failed: this is our mistake, not yours",
            [
                ("It said", visible(f"{type(error).__name__}: {error}", 200)),
                ("Next", f"please report it with what you made; meanwhile solution({n}) shows one way"),
            ],
        )
    miss, why = result.miss, explanation(result.miss.id)
    rows = [
        ("Tried", visible(miss.tried)),
        ("Expected", visible(miss.expected)),
        ("Found", _article(visible(miss.found, 200 if miss.expected else 400))),
        ("Why", f"{why.so}  [{why.id}]  {why.clause}".rstrip()),
        ("Next", f'{why.next.rstrip(".")}.  hint({n}) · explain("{why.id}")'),
    ]
    return lines(mark, f"{of}: {visible(miss.headline)}{again}", rows)


def cell_failed(exercise: Exercise, n: int, name: str, error: BaseException) -> Shown:
    """The cell that should make `name` ended with an error, so what is there is older, or nothing."""
    words = visible(f"{type(error).__name__}: {error}", 200)
    mend = _advice(words) or "read its last line, mend that, run the cell, then this one again"
    next_step = f"{mend}.  hint({n})"
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        next_step = "is that a name of the lesson's? Then run the cells above first: Run → Run All Above Selected Cell"
    return lines(
        "unknown",
        f"The cell that makes {name} ended with an error, so there is nothing new to check",
        [("It said", words), ("Next", next_step)],
    )


def _none(error: Exception | None) -> str:
    """What to say of a name that is there, and stands for None."""
    if not isinstance(error, NotThere) or not error.none:
        return ""
    return f"{error.name} is None: so ends a function without return, or a call that changes something in its place"


def _advice(words: str) -> str:
    """For errors whose words say nothing to a newcomer."""
    if words.startswith("InvalidSignature"):
        return "so `cryptography` says that a signature does not fit: catch it with try and except InvalidSignature"
    return ""


def _article(found: str) -> str:
    return re.sub(r"^a (?=[AEIOaeio]|SSL|HK|RSA)", "an ", found)  # "a" before the name of a type


def hint(exercise: Exercise, n: int, rung: int) -> Shown:
    names = ("look here", "the idea", "the call", "nearly the code")
    more = (
        f"hint({n}) again for the next one"
        if rung < RUNGS - 1
        else f"that was the last; solution({n}) shows one way"
    )
    head = f"Hint {rung + 1} of {RUNGS}, {names[rung]}"
    html = Markup(
        '<div class="pl-check"><p><b>{}</b></p><div class="pl-hint">{}</div><p class="pl-dim">{}</p></div>'
    ).format(head, _prose(exercise.hints[rung]), more)
    return Shown(html, f"{head}: {exercise.hints[rung]}\n({more})")


def not_yet(exercise: Exercise, n: int) -> Shown:
    return sentence(
        "unknown",
        f"You have not solved “{exercise.title}” yet. hint({n}) helps a step at a time; to see a solution anyway, run solution({n}) again.",
    )


def solution(exercise: Exercise, n: int, code: str) -> Shown:
    head = f"One way to solve exercise {n}, {exercise.title}. Others are as right: the check tries what yours does."
    return Shown(
        Markup('<div class="pl-check"><p>{}</p><pre class="pl-code">{}</pre></div>').format(head, code),
        f"{head}\n\n{code}",
    )


def explanation(e: Explanation) -> Shown:
    rows = [("Believed", e.believed), ("What is so", e.so), ("Says who", e.clause), ("Next", e.next)]
    html = Markup('<div class="pl-check"><p><b>{}</b></p><dl>{}</dl></div>').format(
        e.id, Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(a, _prose(b)) for a, b in rows if b)
    )
    return Shown(html, "\n".join([e.id, *(f"{a + ':':<12}{b}" for a, b in rows if b)]))


def explanations(known: dict[str, Explanation], own: set[str]) -> Shown:
    """All ids, this lesson's first. The heading matters: without it a list of misconceptions reads like facts."""
    ordered = sorted(known.values(), key=lambda e: e.id not in own)
    head = 'What people believe, and what is not so. explain("…") with one of the words says what is:'
    html = Markup("<div class='pl-check'><p><b>{}</b></p><ul class='pl-list'>{}</ul></div>").format(
        head,
        Markup("").join(
            Markup("<li><code>{}</code> “{}”</li>").format(e.id, _inline(e.believed)) for e in ordered
        ),
    )
    return Shown(html, "\n".join([head, *(f"{e.id}: “{e.believed}”" for e in ordered)]))


def no_such_exercise(lesson: Lesson, n: Any) -> Shown:
    count = len(lesson.exercises)
    return sentence(
        "unknown",
        f"This lesson has exercises 1 to {count}; {visible(repr(n), 40)} is none of them. Try check(1).",
    )


def front(lesson: Lesson, progress: Progress, slugs: tuple[str, ...], record: bool) -> Shown:
    solved = sum(progress.has("solved", e.id) for e in lesson.exercises)
    read, practise = lesson.minutes
    where = f"Lesson {lesson.number} · {lesson.title} · {read} minutes to read, {practise} to practise"
    state = (
        f"{solved} of {len(lesson.exercises)} exercises solved"
        if record
        else "with solutions; your progress is left as it is"
    )
    trouble = Markup('<p class="pl-no">{}</p>').format(progress.trouble) if progress.trouble else ""
    html = Markup('<p class="pl-say"><b>{}</b> · {} · <code>progress()</code> shows the map</p>{}').format(
        where, state, trouble
    )
    return Shown(
        html,
        f"{where} · {state} · progress() shows the map"
        + (f"\n{progress.trouble}" if progress.trouble else ""),
    )


def course_map(lessons: list[Lesson], progress: Progress, here: Lesson | None) -> Shown:
    """The stations in order. A finished one has ✓, the one where the learner is ●, the others ○; lessons to come have no link."""
    stops, text = [], []
    for lesson in lessons:
        done, total = sum(progress.has("solved", e.id) for e in lesson.exercises), len(lesson.exercises)
        at = here is not None and lesson.slug == here.slug
        mark = (
            "✓"
            if done == total
            else "●"
            if at
            else "◐"
            if done or progress.has("opened", lesson.slug)
            else "○"
        )
        state = "you are here" if at else "done" if done == total else "begun" if mark == "◐" else "not begun"
        link = Markup('<a href="{}.ipynb">{}</a>').format(lesson.slug, lesson.title)
        stops.append(
            Markup(
                '<li class="pl-stop{}"{}><span aria-hidden="true" class="pl-mark">{}</span> <span class="pl-number">{}</span> {}'
                " <small>{} · {} of {} exercises · {} min</small></li>"
            ).format(
                " pl-here" if at else "",
                Markup(' aria-current="step"') if at else "",
                mark,
                lesson.number,
                link,
                state,
                done,
                total,
                sum(lesson.minutes),
            )
        )
        text.append(
            f"{mark} {lesson.number} {lesson.title}: {state}, {done} of {total} exercises, {sum(lesson.minutes)} min"
        )
    written = {lesson.number for lesson in lessons}
    for number, title in COMING:
        if number not in written:
            stops.append(
                Markup(
                    '<li class="pl-stop pl-coming"><span aria-hidden="true" class="pl-mark">·</span> <span class="pl-number">{}</span> <span class="pl-name">{}</span>'
                    " <small>to come</small></li>"
                ).format(number, title)
            )
            text.append(f"· {number} {title}: to come")
    trouble = Markup('<p class="pl-no">{}</p>').format(progress.trouble) if progress.trouble else ""
    html = Markup('<nav class="pl-map" aria-label="Map of the course"><ol>{}</ol></nav>{}').format(
        Markup("").join(stops), trouble
    )
    return Shown(html, "\n".join([*text, *([progress.trouble] if progress.trouble else [])]))


def export(progress: Progress) -> Shown:
    text = progress.export()
    head = 'Your progress. Keep this text; in any Padlock notebook, restore("…") with it brings your progress back.'
    html = Markup('<div class="pl-check"><p>{}</p><pre class="pl-code pl-wrap">{}</pre></div>').format(
        head, text
    )
    return Shown(html, f"{head}\n\n" + "\n".join(textwrap.wrap(text, 100)))


def backed_up(path: Path | None) -> str:
    return f" The file as it was is kept as {path}." if path else ""


def _prose(words: str) -> Markup:
    """Words in backquotes as code, and lines that begin with four spaces as a block of code."""
    blocks = Markup("")
    for block in words.strip().split("\n\n"):
        if all(line.startswith("    ") for line in block.splitlines()):
            blocks += Markup('<pre class="pl-code">{}</pre>').format(textwrap.dedent(block))
        else:
            blocks += Markup("<p>{}</p>").format(_inline(block))
    return blocks


def _inline(words: str) -> Markup:
    """Every second part between backquotes is code."""
    parts = words.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts)
    )
