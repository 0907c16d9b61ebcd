"""What the judge says: a picture of the path with the failing link marked, and a checklist for each certificate."""

from collections.abc import Iterable

from markupsafe import Markup

from padlock.judge import Finding, Verdict
from padlock.judge.facts import UNREADABLE
from padlock.look import tokens
from padlock.look.card import called
from padlock.look.diagrams import chain
from padlock.look.shown import Shown
from padlock.reading import visible


def verdict_card(verdict: Verdict) -> Shown:
    """A picture of the path, and a checklist: ✓ or ✗ and words for each finding, certificate by certificate.

    A certificate whose names can't be read has its place in the checklist; there is no picture then.
    """
    groups = [(_title(certificate), _about(verdict, certificate)) for certificate in verdict.path]
    groups.append(("The path as a whole", _about(verdict, None)))
    mark = "ok" if verdict.accepted else "no"
    html = Markup('<p class="pl-{}"><strong>{} {}</strong></p>').format(
        mark, tokens.MARKS[mark], verdict.head
    )
    for title, findings in groups:
        if findings:
            items = Markup("").join(map(_item, findings))
            html += Markup("<h3>{}</h3><ul>{}</ul>").format(title, items)
    picture = _picture(verdict)
    return Shown((picture.html if picture else Markup("")) + html, str(verdict))


def path_picture(verdict: Verdict) -> Shown:
    """The picture alone. Empty where a name can't be read."""
    return _picture(verdict) or Shown(Markup(""), "")


def checklist(verdict: Verdict) -> Shown:
    """The list in brief, for where there is little room: of what holds only the names of the rules."""
    html, lines = Markup(""), []
    for certificate in (*verdict.path, None):
        findings = _about(verdict, certificate)
        if not findings:
            continue
        title = _title(certificate) if certificate is not None else "The path as a whole"
        bad, good = [f for f in findings if not f.ok], _names(f for f in findings if f.ok)
        items = Markup("").join(map(_item, bad))
        if good:
            items += Markup('<li class="pl-dim">✓ {}</li>').format(good)
        html += Markup('<h3>{}</h3><ul class="pl-list">{}</ul>').format(title, items)
        lines += [title, *(f"  {visible(str(f), 500)}" for f in bad), *([f"  ✓ {good}"] if good else [])]
    return Shown(Markup('<div class="pl-checklist">{}</div>').format(html), "\n".join(lines))


def _picture(verdict: Verdict) -> Shown | None:
    """The path, leaf below; a certificate that rules refuse is marked with their names."""
    marks = {}
    for position, certificate in enumerate(verdict.path):
        failing = _names(f for f in _about(verdict, certificate) if not f.ok)
        if failing:
            marks[position] = ("no", failing)
    anchors = [finding.ok for finding in verdict.findings if finding.rule == "anchor"]
    try:
        roots = verdict.path[-1:] if any(anchors) else ()
        return chain(verdict.path, roots, marks, store_asked=bool(anchors))
    except UNREADABLE:
        return None


def _about(verdict: Verdict, certificate) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.certificate is certificate]


def _title(certificate) -> str:
    try:
        return called(certificate.subject)
    except UNREADABLE:
        return "a certificate whose subject can't be read"


def _item(finding: Finding) -> Markup:
    mark = "ok" if finding.ok else "no"
    return Markup(
        '<li><span class="pl-{}"><strong>{} {}</strong></span>: {} <span class="pl-dim">{}</span></li>'
    ).format(mark, tokens.MARKS[mark], finding.rule, visible(finding.why, 400), finding.clause)


def _names(findings: Iterable[Finding]) -> str:
    """The names of their rules, each once."""
    return ", ".join(dict.fromkeys(finding.rule for finding in findings))
