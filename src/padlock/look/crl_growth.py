"""Lesson 09: how a list of revoked certificates grows, and a filter beside it, measured on the reader's machine."""

import math

from matplotlib import patches

from padlock import crls
from padlock.authority import Authority
from padlock.look.diagrams import _COLOURS, SIZE, WIDTH, _Picture
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result, Shown

STEPS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
GLANCE = 1_000
LEFT, PLOT, TOP, ROW = 4, (120, 470), 52, 30


class CrlGrowth(Panel):
    """Lists of 10, 100, … entries are made, signed and searched, a Bloom filter for the same numbers is filled."""

    question = "How much must every client fetch, if a CA has revoked so many?"
    controls = (
        Choice("wrong", "The filter may be wrong for", {"0.01": "1 in 100", "0.0001": "1 in 10,000"}),
        Choice("most", "Up to", {str(count): f"{count:,} entries" for count in STEPS[2:]}, str(GLANCE)),
        Press("measure", "Make and measure", primary=True),
    )

    def __init__(self):
        self.ca = Authority("Class Root")
        self.measured = {}
        super().__init__()

    def react(self, pressed=None):
        wrong, most = float(self.values["wrong"]), int(self.values["most"])
        wanted = [count for count in STEPS if count <= (most if pressed else GLANCE)]
        for number, count in enumerate(wanted):
            if (wrong, count) in self.measured:
                continue
            steps = crls.measure(self.ca, count, wrong)
            while True:
                try:
                    share, words = next(steps)
                except StopIteration as end:
                    self.measured[wrong, count] = end.value
                    break
                yield (number + share) / len(wanted), words
        rows = [self.measured[wrong, count] for count in STEPS if (wrong, count) in self.measured]
        drawn, last = picture(rows), rows[-1]
        told = (
            f"{last.entries:,} entries: the list takes {size(last.crl_bytes)}, "
            f"{last.crl_bytes / last.entries:.0f} bytes each; "
            f"the filter {size(last.filter_bytes)}, {8 * last.filter_bytes / last.entries:.1f} bits each. "
            f"Of {crls.TRIED:,} certificates that nobody revoked, "
            f"it would have sent {round(last.mistaken * crls.TRIED)} to the list."
        )
        if last.entries < most:
            told += f" Up to {most:,} entries with this filter: make and measure."
        return Result(drawn.html, drawn.text, told)


def size(count: int) -> str:
    """Bytes as people say them."""
    for unit, bound in (("bytes", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if count < bound:
            value = count / bound * 1e3
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"
    return f"{count / 1e9:.1f} GB"


def picture(rows: list[crls.Measured]) -> Shown:
    """A row for each number of entries: list and filter on a logarithmic axis of bytes, and the search's time."""
    low, high = 1, max(4, math.ceil(math.log10(rows[-1].crl_bytes)))
    left, right = PLOT

    def x(count: int) -> float:
        return left + (right - left) * (max(math.log10(max(count, 1)), low) - low) / (high - low)

    bottom = TOP + ROW * len(rows)
    drawn = _Picture(WIDTH, bottom + 26)
    columns = {"list": right + 90, "filter": right + 170, "one search": WIDTH - 8}
    for words, at in columns.items():
        drawn.text(
            at,
            TOP - 20,
            words,
            "crl" if words == "list" else "ca" if words == "filter" else "ink",
            True,
            at="right",
        )
    drawn.text(LEFT, TOP - 20, "entries", bold=True)
    drawn.text(
        LEFT, 14, "bytes: ● the list, ○ the filter; each line to the right is ten times as much", "dim"
    )
    for power in range(low, high + 1):
        drawn.line((x(10**power), TOP - 8), (x(10**power), bottom), colour="line", width=1)
        drawn.text(x(10**power), bottom + 18, size(10**power), "dim", at="center") if power % 2 else None
    lines = []
    for number, row in enumerate(rows):
        y = TOP + ROW * number + ROW / 2
        base = y + SIZE * 0.35
        drawn.text(LEFT, base, f"{row.entries:,}")
        drawn.line((x(row.filter_bytes), y), (x(row.crl_bytes), y), colour="line", width=2)
        for count, colour, face in ((row.crl_bytes, "crl", "crl"), (row.filter_bytes, "ca", "card")):
            mark = patches.Circle(
                (x(count), y), 5, facecolor=_COLOURS[face], edgecolor=_COLOURS[colour], linewidth=2.2
            )
            mark.set_zorder(3)
            drawn.axes.add_patch(mark)
        for words, value in zip(
            columns, (size(row.crl_bytes), size(row.filter_bytes), took(row.search)), strict=True
        ):
            drawn.text(columns[words], base, value, at="right")
        lines.append(
            f"{row.entries:,} entries: list {size(row.crl_bytes)}, filter {size(row.filter_bytes)}, "
            f"one search {took(row.search)}"
        )
    return drawn.shown("\n".join(lines))


def took(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.0f} µs"
