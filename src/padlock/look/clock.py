"""Lesson 06's clock: a chain that nobody touches, and time that goes on."""

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from padlock.authority import Authority
from padlock.judge.case import Case
from padlock.judge.referees import referees
from padlock.look.diagrams import timeline
from padlock.look.panel import Choice, Flag, Panel, Span
from padlock.look.shown import Result
from padlock.look.verdict import checklist
from padlock.reading import visible
from padlock.tls.referees import QUICK

NAME = "api.test"
INTERMEDIATE, ROOT = 250, 330  # days; real ones live for years, which no slider can show beside six days
ANY_TIME = ("OpenSSL", "cryptography")  # referees whose clock can be turned
LABELS = ("leaf", "intermediate", "root")


class Clock(Panel):
    """A leaf's life, a day, renewed or not → the timeline, the judge's verdict on that day, and two referees'."""

    question = "What breaks when?"
    controls = (
        Choice("life", "The leaf lives for", {"90": "90 days", "47": "47 days", "6": "6 days"}),
        Flag("renewed", "A machine renews it after two thirds of its life"),
        Span("day", "Days from now", -3, 350, 0),
    )

    def __init__(self):
        self.start = datetime.now(UTC).replace(microsecond=0)
        begin = self.start - timedelta(hours=1)
        self.root = Authority("Class Root", not_before=begin, not_after=self._after(ROOT))
        self.ca = self.root.intermediate(
            "Class Issuing CA", not_before=begin, not_after=self._after(INTERMEDIATE)
        )
        self.leaves = {}
        super().__init__()

    def _after(self, days: float) -> datetime:
        return self.start + timedelta(days=days)

    def leaf(self, life: int, day: float):
        """The leaf that the server shows on that day: the first one, or the last that the machine has fetched."""
        period = life * 2 / 3
        count = int(max(day, 0) // period) if self.values["renewed"] else 0
        if (life, count) not in self.leaves:
            begin = self.start - timedelta(hours=1) + timedelta(days=count * period)
            self.leaves[life, count] = self.ca.issue(
                NAME, not_before=begin, not_after=begin + timedelta(days=life)
            )
        return self.leaves[life, count], count

    def react(self, pressed=None):
        life, day = int(self.values["life"]), self.values["day"]
        leaf, count = self.leaf(life, day)
        now = self._after(day)
        asked = Case(leaf.chain, [self.root.certificate], NAME, at=now)
        verdict = asked.judge()
        certificates = [*leaf.chain, self.root.certificate]
        drawn, ticked = timeline(certificates, now, LABELS), checklist(verdict)
        said = referees(asked, {name: QUICK[name] for name in ANY_TIME})
        rows = [
            (each.referee, "✓ accepts" if each.accepted else "✗ refuses", visible(each.words, 200))
            for each in said
        ]
        html = Markup('<div class="pl-clock">{}{}<div class="pl-note"><dl class="pl-rows">{}</dl></div></div>').format(
            drawn.html, ticked.html,
            Markup("").join(Markup("<dt>{}</dt><dd>{}: <code>{}</code></dd>").format(*row) for row in rows),
        )  # fmt: skip
        text = "\n".join([drawn.text, ticked.text, *(f"{who}: {what}: {words}" for who, what, words in rows)])
        return Result(html, text, self._sentence(life, day, count, certificates, now, verdict))

    def _sentence(self, life, day, count, certificates, now, verdict) -> str:
        when = f"Day {day}"
        if verdict.accepted:
            ends = [(one.not_valid_after_utc, label) for one, label in zip(certificates, LABELS, strict=True)]
            end, label = min(ends)
            days = (end - now).days
            new = f", renewed {count} {'time' if count == 1 else 'times'}" if count else ""
            return (
                f"✓ {when}: good{new}. The {label} ends first, in {days} {'day' if days == 1 else 'days'}. "
                f"Who steals the key today can use it until then, at most {life} days."
            )
        if day < 0:
            return (
                f"✗ {when}: not yet. A client whose clock is slow sees just this on the day of the renewal."
            )
        over = [
            label for one, label in zip(certificates, LABELS, strict=True) if one.not_valid_after_utc < now
        ]
        if over == ["leaf"]:
            return f"✗ {when}: the leaf is over, and nobody has renewed it. The server can mend that."
        if "root" in over:
            return f"✗ {when}: the root is over too. Now every client needs a new one in its trust store."
        return f"✗ {when}: the intermediate is over. A new leaf alone does not help: the CA needs a new intermediate."
