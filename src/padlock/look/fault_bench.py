"""Lesson 06's fault bench: break a chain in up to three ways, and read what the judge and real verifiers say."""

from markupsafe import Markup

from padlock.faults import FAULTS, case
from padlock.judge.referees import differences, opinion, referees
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result
from padlock.look.verdict import checklist
from padlock.look.waiting import in_background
from padlock.reading import visible
from padlock.tls.referees import ALL, QUICK

OPTIONS = {"": "nothing"} | {fault.id: fault.title for fault in FAULTS.values()}
AND = {"": "nothing else"} | {fault.id: fault.title for fault in FAULTS.values()}
MARKS = {True: ("ok", "✓ accepts"), False: ("no", "✗ refuses"), None: ("dim", "– no answer")}


class FaultBench(Panel):
    """Up to three faults → the judge's checklist beside the words of OpenSSL, `cryptography`, Python, curl and node."""

    question = "What do verifiers say to a chain like this?"
    stacked = True
    controls = (
        Choice("fault", "What is wrong?", OPTIONS, start="expired"),
        Choice("second", "And besides?", AND),
        Choice("third", "And besides?", AND),
        Press("ask", "Ask openssl verify, curl and node too"),
    )

    def react(self, pressed=None):
        chosen = [self.values[name] for name in ("fault", "second", "third") if self.values[name]]
        asked = case(*dict.fromkeys(chosen))
        verdict = asked.judge()
        opinions = referees(asked, QUICK)
        if pressed == "ask":
            slow = [name for name in ALL if name not in QUICK]
            for at, name in enumerate(slow):
                yield at / len(slow), f"asking {name}"
                found = yield from in_background(
                    lambda name=name: opinion(asked, name, ALL[name]),
                    lambda seconds, name=name: f"asking {name}: {seconds:.0f} s",
                    at / len(slow),
                )
                opinions.append(found)
            opinions.sort(key=lambda each: list(ALL).index(each.referee))
        why = differences(verdict, opinions, asked.faults)
        ours = checklist(verdict)
        about = _about(asked.faults)
        html = Markup(
            '<div class="pl-rosetta"><section><p class="pl-dim">the judge: every reason</p>{}</section>'
            '<section><p class="pl-dim">the referees: the reason that each met first, in its own words</p>{}</section>'
            "</div>{}"
        ).format(ours.html, _opinions(opinions, why), about)
        text = "\n\n".join(
            (
                f"the judge:\n{ours.text}",
                "the referees:\n" + "\n".join(_line(each, why) for each in opinions),
                _in_words(asked.faults) or "nothing is wrong",
            )
        )
        return Result(html, text, _sentence(verdict, opinions, why))


def _opinions(opinions, why) -> Markup:
    rows = []
    for each in opinions:
        colour, mark = MARKS[each.accepted]
        words = Markup("<code>{}</code>").format(visible(each.words, 300)) if each.words else Markup("")
        notes = [visible(note, 300) for note in (each.detail, why.get(each.referee)) if note]
        notes = Markup("").join(Markup('<p class="pl-dim">{}</p>').format(note) for note in notes)
        row = Markup(
            '<tr><th scope="row" class="pl-nowrap">{}</th><td><b class="pl-{} pl-nowrap">{}</b> {}{}</td></tr>'
        )
        rows.append(row.format(each.referee, colour, mark, words, notes))
    return Markup(
        '<table class="pl-table"><thead><tr><th scope="col">referee</th><th scope="col">verdict and words</th>'
        "</tr></thead><tbody>{}</tbody></table>"
    ).format(Markup("").join(rows))


def _line(each, why) -> str:
    parts = [visible(part, 300) for part in (each.words, each.detail, why.get(each.referee)) if part]
    return f"{MARKS[each.accepted][1]}: {each.referee}: {' · '.join(parts)}"


def _about(ids) -> Markup:
    rows = Markup("").join(
        Markup(
            "<dt>{}</dt><dd>{} <b>Without this check:</b> {} <b>Mend it ({}):</b> {}"
            ' <span class="pl-dim">[{}]</span></dd>'
        ).format(
            fault.badge,
            fault.title[0].upper() + fault.title[1:] + ".",
            fault.attack,
            _where(fault),
            fault.repair,
            fault.clause,
        )
        for fault in map(FAULTS.get, ids)
    )
    return (
        Markup('<div class="pl-note"><dl class="pl-rows">{}</dl></div>').format(rows) if rows else Markup("")
    )


def _in_words(ids) -> str:
    return "\n".join(
        f"{fault.title}. Without this check: {fault.attack} Mend it ({_where(fault)}): {fault.repair} [{fault.clause}]"
        for fault in map(FAULTS.get, ids)
    )


def _where(fault) -> str:
    return {"server": "at the server", "client": "at the client", "CA": "by the CA"}[fault.where]


def _sentence(verdict, opinions, why) -> str:
    answered = [each for each in opinions if each.accepted is not None]
    if verdict.accepted:
        head = "✓ Nothing is wrong, and the judge accepts."
    else:
        rules = list(dict.fromkeys(finding.rule for finding in verdict.reasons))
        head = f"✗ The judge refuses: {', '.join(rules)}."
    if not why:
        return f"{head} All {len(answered)} referees that were asked agree."
    return f"{head} {', '.join(why)} {'decides' if len(why) == 1 else 'decide'} otherwise: read why."
