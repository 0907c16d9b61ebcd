"""Lesson 06: what is each check for? Take it away, and see who gets in."""

from markupsafe import Markup

from padlock.faults import FAULTS, case
from padlock.judge import RULES
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result
from padlock.look.verdict import checklist, path_picture

ATTACKS = {fault.id: f"{fault.title} ({fault.rule})" for fault in FAULTS.values()}
OFF = {"": "none: all checks are made"} | {rule: rule for rule in RULES}


class TakeACheckAway(Panel):
    """A rule switched off, an attack → refused, by which rule, or let in. A button computes the whole table."""

    question = "Which check keeps this attack out?"
    stacked = True
    controls = (
        Choice("rule", "The check that you take away", OFF),
        Choice("attack", "The attack", ATTACKS, start="leaf-as-ca"),
        Press("run", "Every attack against every missing check"),
    )

    def react(self, pressed=None):
        if pressed == "run":
            return (yield from self._table())
        fault, off = FAULTS[self.values["attack"]], self.values["rule"]
        verdict = case(fault).judge(without={off} if off else ())
        drawn, ticked = path_picture(verdict), checklist(verdict)
        away = f"nobody looks at: {off}" if off else "all checks are made"
        html = Markup(
            '<div class="pl-clock">{}<p class="pl-{}">{}</p>{}<p class="pl-note"><b>The attack:</b> {}</p></div>'
        ).format(drawn.html, "no" if off else "dim", f"– {away}" if off else away, ticked.html, fault.attack)
        text = "\n".join((drawn.text, away, ticked.text, f"The attack: {fault.attack}"))
        return Result(html, text, self._sentence(fault, off, verdict))

    def _sentence(self, fault, off, verdict) -> str:
        caught = ", ".join(dict.fromkeys(finding.rule for finding in verdict.reasons))
        if verdict.accepted:
            return f"✗ It gets in: without “{off}” nothing else notices that {fault.title}."
        if not off:
            return f"✓ Refused by {caught}. Take that check away."
        if off in (fault.rule, *fault.also):
            return f"✓ Still refused, by {caught}: this attack runs into more than one lock."
        return f"✓ Still refused, by {caught}. “{off}” was not what kept it out."

    def _table(self):
        """Judges every fault of the catalogue once for every rule left out."""
        through: dict[str, list[str]] = {rule: [] for rule in RULES}
        for at, fault in enumerate(FAULTS.values()):
            yield at / len(FAULTS), f"{at} of {len(FAULTS)}: {fault.title}"
            attack = case(fault)
            for rule in RULES:
                if attack.judge(without={rule}).accepted:
                    through[rule].append(fault.id)
        count = sum(len(ids) for ids in through.values())
        held = [
            fault.title for fault in FAULTS.values() if not any(fault.id in ids for ids in through.values())
        ]
        text = "\n".join(
            f"without {rule} get in: {', '.join(ids) or 'nobody'}" for rule, ids in through.items()
        )
        more = f" Only one would need more than one gap: {held[0]}." if len(held) == 1 else ""
        return Result(
            _grid(through), text,
            f"{len(FAULTS)} attacks × {len(RULES)} missing checks: {count} get in, each through the gap that its own "
            f"check leaves.{more}",
        )  # fmt: skip


def _grid(through) -> Markup:
    heads = Markup("").join(Markup('<th scope="col"><span>{}</span></th>').format(rule) for rule in RULES)
    inside = Markup('<td><b class="pl-no">✗</b><span class="pl-hidden"> gets in</span></td>')
    outside = Markup('<td><span class="pl-dim">·</span><span class="pl-hidden"> refused</span></td>')
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            fault.title, Markup("").join(inside if fault.id in ids else outside for ids in through.values())
        )
        for fault in FAULTS.values()
    )
    return Markup(
        '<p class="pl-dim">✗: gets in when this check is missing. ·: is refused all the same.</p>'
        '<div class="pl-grid" role="region" aria-label="attacks and missing checks" tabindex="0">'
        '<table class="pl-table"><thead><tr><th scope="col">attack</th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(heads, rows)
