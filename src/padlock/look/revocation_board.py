"""Lesson 09's board: a key is stolen. Who learns of it, when, and by which way?"""

import math

from padlock.look.diagrams import SIZE, WIDTH, _Picture, _width
from padlock.look.panel import Choice, Flag, Panel, Span
from padlock.look.shown import Result, Shown
from padlock.theft import MINUTE, WAYS, Plan, World, end

FIRST, LAST = 0.5, 4900  # hours at the two ends of the axis
MARKS = {1: "1 h", 6: "6 h", 24: "1 day", 168: "1 week", 720: "30 days", 2160: "90 d", 4800: "200 d"}
LIVES = {"4800": "200 days", "2400": "100 days", "1128": "47 days", "144": "6 days", "1": "1 hour"}
LISTS = {"1": "hour, good for 2 hours", "24": "day, good for 7 days", "168": "week, good for 30 days"}
LEFT, RIGHT, TOP, ROW = 4, WIDTH - 20, 46, 62


def lasting(hours: float) -> str:
    """Hours as people say them: '30 min', '8 h', '1 day 7 h', '47 days'; from a day on to the nearest hour."""
    minutes = round(hours) * 60 if hours >= 24 else round(hours * 60)
    days, minutes = divmod(minutes, 24 * 60)
    whole, minutes = divmod(minutes, 60)
    parts = [f"{days} {'day' if days == 1 else 'days'}"] if days else []
    parts += [f"{whole} h"] if whole and days < 14 else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts) or "0 min"


class RevocationBoard(Panel):
    """How soon the theft is noticed, and how long everything lasts → the thief's time with each kind of client.

    The hours are computed by `padlock.theft`; just before and just after each, the judge is asked with the very lists
    and answers that such a client then has in its hands; where the thief chooses, with each that she can bring about.
    """

    question = "The key is stolen. Who still believes the thief, and until when?"
    controls = (
        Choice("left", "The certificate goes on for", LIVES, "1128"),
        Span("noticed", "Hours until the CA hears of it, and revokes", 1, 72, 8),
        Choice("lists", "A CRL comes every", LISTS, "24"),
        Choice("answers", "An OCSP answer is good for", {"1": "1 hour", "12": "12 hours", "96": "4 days"}, "12"),
        Flag("blocked", "The thief also stands between client and CA: drops what harms her, sends what is old"),
    )  # fmt: skip

    def react(self, pressed=None):
        plan = self.plan()
        world, tried, ends = World(plan), {}, {}
        for number, (name, way) in enumerate(WAYS.items()):
            yield number / len(WAYS), f"a client that {way.called}"
            hour = ends[name] = end(way, plan)
            tried[name] = [world.accepted(way, then) for then in (hour - 2 * MINUTE, hour + 2 * MINUTE)]
        drawn = picture(plan, ends, tried)
        return Result(drawn.html, drawn.text, self._sentence(plan, ends))

    def plan(self) -> Plan:
        every = int(self.values["lists"])
        return Plan(
            noticed=self.values["noticed"],
            left=int(self.values["left"]),
            list_every=every,
            list_life={1: 2, 24: 7 * 24, 168: 30 * 24}[every],
            answer_life=int(self.values["answers"]),
            blocked=self.values["blocked"],
        )

    @staticmethod
    def _sentence(plan: Plan, ends: dict[str, float]) -> str:
        if plan.left <= plan.noticed:
            return (
                f"The certificate is over after {lasting(plan.left)}, before anybody has noticed. No list could be as "
                "fast: so short a life is a revocation for which nobody needs to look anywhere."
            )
        longest, shortest = max(ends.values()), min(ends.values())
        words = f"The CA revoked after {lasting(plan.noticed)}. "
        if longest == shortest:
            words += f"Whichever way they take, all believe the thief equally long ({lasting(longest)})."
        else:
            words += (
                f"Shortest, the thief is believed by {_whoever(ends, shortest)} ({lasting(shortest)}); "
                f"longest by {_whoever(ends, longest)} ({lasting(longest)})."
            )
        if plan.blocked and shortest < ends["shrugs"] == plan.left:
            words += " The soft one is worth nothing now: the thief sees to it that no answer comes."
        return words


def _whoever(ends: dict[str, float], hours: float) -> str:
    """The clients whose window ends then: one by its name, others by their number."""
    first, *others = [way for way, end in ends.items() if end == hours]
    more = f", and {len(others)} other kind{'s' if len(others) > 1 else ''} of client" if others else ""
    return f"whoever {WAYS[first].called}{more}"


def picture(plan: Plan, ends: dict[str, float], tried: dict[str, list[bool]]) -> Shown:
    """A bar for each kind of client, from the theft to when the thief is found out, on a logarithmic axis."""
    low, high = math.log10(FIRST), math.log10(LAST)

    def x(hour: float) -> float:
        share = (math.log10(min(max(hour, FIRST), LAST)) - low) / (high - low)
        return LEFT + (RIGHT - LEFT) * share

    bottom = TOP + ROW * len(ends)
    drawn = _Picture(WIDTH, bottom + 26)
    for hour, words in MARKS.items():
        drawn.line((x(hour), TOP - 4), (x(hour), bottom), colour="line", width=1)
        half = _width(words) / 2
        drawn.text(min(x(hour), RIGHT - half + 14), bottom + 18, words, "dim", at="center")
    label = f"revoked after {lasting(plan.noticed)}"
    drawn.text(
        LEFT, 14, "the theft is at the left edge; each line to the right is several times later", "dim"
    )
    drawn.line((x(plan.noticed), TOP - 10), (x(plan.noticed), bottom), colour="crl", width=2.2)
    half = _width(label) / 2
    drawn.text(
        min(max(x(plan.noticed), LEFT + half), RIGHT - half), TOP - 14, label, "crl", True, at="center"
    )
    lines = [f"{label}. The thief is believed by a client that"]
    for row, (name, hour) in enumerate(ends.items()):
        y = TOP + ROW * row
        over = hour >= plan.left
        drawn.text(LEFT, y + 16, WAYS[name].called, bold=True)
        drawn.box(LEFT, y + 24, max(x(hour) - LEFT, 4), 12, fill="no", edge="no", corner=3)
        fits = tried[name] == [True, False]
        proof = "✓ 2 minutes before, ✗ 2 minutes after" if fits else "not as computed: please report this"
        until = f"for {lasting(hour)}" + (", until the certificate is over" if over else "")
        words = f"{until} · the judge: {proof}"
        drawn.text(LEFT, y + 24 + 12 + SIZE + 3, words, "dim")
        lines.append(f"{WAYS[name].called}: {words}")
    return drawn.shown("\n".join(lines))
