"""Lesson 02's third widget: how large and how fast keys are, measured on the reader's own machine when they ask."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib import patches

from padlock import keyuse
from padlock.keyuse import Cost
from padlock.look.diagrams import _COLOURS, SIZE, WIDTH, _Picture, _width
from padlock.look.key_lab import lasted
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result, Shown
from padlock.look.waiting import in_background

QUICK = ("ed25519", "p256", "rsa2048", "ml-dsa-65")
EVERY = ("ed25519", "p256", "p384", "rsa2048", "rsa3072", "rsa4096", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87")
GLANCE, CARE = 0.02, 0.15  # seconds for signing, and for checking, of each kind


@dataclass(frozen=True)
class Series:
    """One kind of mark: its name, its shape ("disc", "ring" or "square"), its colour, and what it shows of a `Cost`."""

    name: str
    shape: str
    colour: str
    of: Callable[[Cost], float | None]


SIZES = (
    Series("public key", "ring", "pub", lambda cost: cost.public),
    Series("signature", "disc", "ca", lambda cost: cost.signature),
    Series("private key", "square", "key", lambda cost: cost.private),
)
TIMES = (
    Series("make a pair", "square", "key", lambda cost: cost.make),
    Series("sign", "disc", "ca", lambda cost: cost.sign),
    Series("check", "ring", "pub", lambda cost: cost.verify),
)


class SpeedTrial(Panel):
    """Kinds of keys → their sizes, and the times that this machine takes; measured now, and kept nowhere."""

    question = "How large and how fast are they, on this machine?"
    controls = (
        Choice("what", "Show", {"speed": "how long each step takes", "sizes": "how many bytes each takes"}),
        Press("measure", "Measure every kind, with more care", primary=True),
    )

    def __init__(self):
        self.costs: list[Cost] = []
        super().__init__()

    def react(self, pressed=None):
        if pressed == "measure":
            return self._measuring(EVERY, CARE)
        if not self.costs:
            return self._measuring(QUICK, GLANCE)
        return self._result()

    def _measuring(self, kinds: Sequence[str], budget: float):
        costs = []
        for number, kind in enumerate(kinds):
            steps = keyuse.measure(kind, budget)
            while True:
                try:
                    words, work = next(steps)
                except StopIteration as end:
                    costs.append(end.value)
                    break
                done = number / len(kinds)
                yield done, words
                yield from in_background(work, lambda so_far, words=words: f"{words}, {so_far:.1f} s", done)
        self.costs = costs
        return self._result()

    def _result(self) -> Result:
        if self.values["what"] == "sizes":
            picture = dots(self.costs, SIZES, "bytes", lambda size: f"{size:,.0f}")
            small, large = (pick(self.costs, key=lambda cost: cost.signature) for pick in (min, max))
            words = (
                f"A signature takes {small.signature:,} bytes with {small.name} and {large.signature:,} with "
                f"{large.name}: {large.signature / small.signature:.0f} times as many."
            )
        else:
            picture = dots(self.costs, TIMES, "time, measured here", lasted)
            slowest = max(self.costs, key=lambda cost: max(cost.made))
            words = (
                f"Measured just now; a mark is the median of several runs. "
                f"The slowest pair, {slowest.name}, took {lasted(max(slowest.made))}"
            )
            often = len(slowest.made) > 1
            words += f", another of its kind {lasted(min(slowest.made))}." if often else "."
        return Result(picture.html, picture.text, words)


LEFT, PLOT, COLUMN, ROW, TOP = 4, (108, 436), 101, 27, 58


def dots(
    costs: Sequence[Cost], series: Sequence[Series], axis: str, written: Callable[[float], str]
) -> Shown:
    """A row for each kind, a mark for each series on a logarithmic axis, and the numbers beside it."""
    values = [value for cost in costs for one in series if (value := one.of(cost)) is not None]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    left, right = PLOT

    def x(value: float) -> float:
        return left + (right - left) * (math.log10(value) - low) / (high - low)

    bottom = TOP + ROW * len(costs)
    picture = _Picture(WIDTH, bottom + 24)
    for number, one in enumerate(series):
        end = right + 20 + COLUMN * (number + 1)
        _mark(picture, one, end - _width(one.name) - 8, TOP - 24)
        picture.text(end, TOP - 20, one.name, at="right")
    for power in range(low, high + 1):
        at = x(10.0**power)
        picture.line((at, TOP - 8), (at, bottom), colour="line", width=1)
        picture.text(at, bottom + 18, written(10.0**power).replace(".0", ""), "dim", at="center")
    for row, cost in enumerate(costs):
        y = TOP + ROW * row + ROW / 2
        picture.text(LEFT, y + SIZE * 0.35, cost.name)
        shown = [(one, value) for one in series if (value := one.of(cost)) is not None]
        ends = [x(value) for _, value in shown]
        picture.line((min(ends), y), (max(ends), y), colour="line", width=2)
        for one, value in shown:
            _mark(picture, one, x(value), y)
        for number, one in enumerate(series):
            value = one.of(cost)
            text = "not measured" if value is None else written(value)
            picture.text(right + 20 + COLUMN * (number + 1), y + SIZE * 0.35, text, at="right")
    picture.text(LEFT, 14, f"{axis}; each line to the right is ten times as much", "dim")
    lines = [
        f"{cost.name}: "
        + ", ".join(
            f"{one.name} {written(v)}{' bytes' * (axis == 'bytes')}"
            for one in series
            if (v := one.of(cost)) is not None
        )
        for cost in costs
    ]
    return picture.shown("\n".join(lines))


def _mark(picture: _Picture, one: Series, x: float, y: float) -> None:
    colour, card = _COLOURS[one.colour], _COLOURS["card"]
    if one.shape == "square":
        mark = patches.Rectangle((x - 4.5, y - 4.5), 9, 9, facecolor=colour, edgecolor=colour)
    else:
        face = colour if one.shape == "disc" else card
        mark = patches.Circle((x, y), 5, facecolor=face, edgecolor=colour, linewidth=2.2)
    mark.set_zorder(3)
    picture.axes.add_patch(mark)
