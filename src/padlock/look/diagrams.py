"""The recurring pictures: who holds what, a chain, a timeline.

Drawn with matplotlib into SVG whose colours are the page's own variables, so one picture serves light and dark.
Every picture says the same in words, to whoever can't see it. Time runs left to right, trust from the anchor above
to the leaf below; the client stands left, the server right, an attacker between.
"""

import hashlib
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import matplotlib
from cryptography import x509
from markupsafe import Markup
from matplotlib import patches
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from padlock import reading
from padlock.look import shapes, tokens
from padlock.look.card import called, day, moment, named, standing
from padlock.look.card import length as lasting
from padlock.look.shown import Shown

WIDTH = 760  # px; the page makes it smaller where there is less room
SIZE = 13  # px, of all text in a picture
LINE = 18  # px from one line to the next


# ---- What is in a picture


@dataclass(frozen=True)
class Thing:
    """`kind`: one of look.shapes.SHAPES; `name`: whose it is, for instance "api.test"."""

    kind: str
    name: str = ""

    def __str__(self):
        return f"{shapes.WORDS[self.kind]} {reading.visible(self.name)}".strip()


@dataclass(frozen=True)
class Party:
    """Somebody, what they hold, and the names of the trust anchors on their shelf.

    `role`: "client", "workload", "attacker", "ca" or "server": in this order they stand, from left to right.
    """

    name: str
    holds: Sequence[Thing] = ()
    trusts: Sequence[str] = ()
    role: str = "client"


@dataclass(frozen=True)
class Arrow:
    """`thing` goes from one party to another, by their names. Refused: it was sent, and not accepted."""

    frm: str
    to: str
    thing: Thing | str
    refused: bool = False

    @property
    def moved(self) -> bool:
        return isinstance(self.thing, Thing) and self.thing.kind == "private-key"


ROLES = {"client": "client", "workload": "workload", "attacker": "attacker", "ca": "CA", "server": "server"}


# ---- Drawing


_COLOURS = {
    name: f"#a1b2{at:02x}"
    for at, name in enumerate([*tokens.MEANINGS, *tokens.GROUNDS, *tokens.MIXED, "sel", "edge"])
}
_TOKENS = {colour: name for name, colour in _COLOURS.items()}


def _width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """About how wide a text will be, on the wide side: the reader's font is not ours to know."""
    units = 0.0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            units += 1.1
        elif character in "ilj.,:;'|!()[]/ ft":
            units += 0.4
        elif character in "mwMW@—…→‹›" or ord(character) > 0x2000:
            units += 0.98
        else:
            units += 0.68 if character.isupper() else 0.62
    return units * size * (1.08 if bold else 1)


def _cut(text: str, room: float, bold: bool = False) -> str:
    text = reading.visible(text)
    if _width(text, bold=bold) <= room:
        return text
    while text and _width(text + "…", bold=bold) > room:
        text = text[:-1]
    return text + "…"


def _wrap(text: str, room: float, lines: int = 2) -> list[str]:
    """At most so many lines, broken at blanks and after dots and dashes, the last one cut."""
    pieces = re.findall(r"[^\s./-]*[\s./-]?", reading.visible(text))
    out = [""]
    for at, piece in enumerate(pieces):
        if out[-1] and _width(out[-1] + piece.rstrip()) > room:
            if len(out) == lines:
                out[-1] = _cut(out[-1] + "".join(pieces[at:]), room)
                break
            out.append("")
        out[-1] += piece
    return [_cut(line.strip(), room) for line in out if line.strip()] or [""]


class _Picture:
    """A sheet whose units are pixels, y going down."""

    def __init__(self, width: float, height: float):
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        FigureCanvasSVG(self.figure)
        self.figure.patch.set_visible(False)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")
        self.size = (width, height)

    def text(self, x, y, words, colour="ink", bold=False, at="left"):
        """`y` is the line on which the letters stand."""
        self.axes.text(
            x, y, words, color=_COLOURS[colour], fontsize=SIZE, weight="bold" if bold else "normal",
            ha=at, va="baseline", parse_math=False,
        )  # fmt: skip

    def box(self, x, y, width, height, fill="sub", edge="line", dashed=False, corner=8):
        self.axes.add_patch(
            patches.FancyBboxPatch(
                (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={corner}", linewidth=1.4,
                facecolor=_COLOURS[fill] if fill else "none", edgecolor=_COLOURS[edge] if edge else "none",
                linestyle=(0, (4, 3)) if dashed else "solid",
            )
        )  # fmt: skip

    def line(self, *points, colour="dim", width=1.6, dashed=False):
        path = patches.Path(points)
        style = (0, (3, 2.2)) if dashed else "solid"
        self.axes.add_patch(
            patches.PathPatch(path, fill=False, edgecolor=_COLOURS[colour], linewidth=width, linestyle=style)
        )

    def head(self, x, y, dx, dy, colour="dim", size=8):
        """The head of an arrow whose point is (x, y), pointing along (dx, dy), a unit vector."""
        back, side = size, size * 0.55
        points = [(x, y)] + [(x - dx * back + s * dy * side, y - dy * back - s * dx * side) for s in (1, -1)]
        self.axes.add_patch(
            patches.Polygon(points, closed=True, facecolor=_COLOURS[colour], edgecolor="none")
        )

    def icon(self, kind, x, y, size=18):
        shapes.draw(self.axes, kind, x, y, size, _COLOURS)

    def shown(self, text: str) -> Shown:
        out = io.StringIO()
        with (
            matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "padlock"}),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", UserWarning)  # a letter that our font lacks is in the reader's
            self.figure.savefig(
                out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        return Shown(_themed(out.getvalue(), self.size, text), text)


def _themed(svg: str, size: tuple, text: str) -> Markup:
    width, height = size
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r"#a1b2[0-9a-f]{2}", lambda found: f"var(--pl-{_TOKENS[found[0]]})", body)
    body = re.sub(
        r"font: (bold|700)? ?([\d.]+)px [^;\"]*",
        lambda f: f"font-size: {f[2]}px; font-weight: {600 if f[1] else 400}",
        body,
    )
    body = re.sub(r"font-family: [^;\"]*;?", "", body)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.S)
    body = re.sub(r"\n\s*", "\n", body).strip()
    own = "pl" + hashlib.sha256(f"{size}{text}{body}".encode()).hexdigest()[:8]
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{own}-", body)
    svg = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{0}" height="{1}" '
        'viewBox="0 0 {0} {1}" aria-hidden="true" focusable="false">\n{2}'
    ).format(int(width), int(height), Markup(body))  # noqa: S704 (matplotlib escaped every text in it)
    return Markup('<div class="pl-picture" role="img" aria-label="{}">{}</div>').format(text, svg)


# ---- Who holds what


def who_holds_what(parties: Iterable[Party], arrows: Iterable[Arrow] = (), title: str | None = None) -> Shown:
    """Each party and every private key, certificate and trust anchor it holds; below, what goes from one to another.

    A private key that travels is flagged. One to five parties. Raises ValueError for more, for two of one name, for an
    unknown role or kind of thing, and for an arrow to nobody.
    """
    parties, arrows = list(parties), list(arrows)
    _look_over(parties, arrows)
    parties.sort(key=lambda party: list(ROLES).index(party.role))
    words = _held_in_words(parties, arrows, title)

    count = len(parties)
    wide = min(250, (WIDTH - 4 - 14 * (count - 1)) / count)
    gap = (WIDTH - 4 - wide * count) / (count - 1) if count > 1 else 0
    left = 2 if count > 1 else (WIDTH - wide) / 2
    inside = wide - 24
    columns = [_column(party, inside) for party in parties]
    top = 34 if title else 4
    tall = max(height for _, height in columns)
    bottom = top + tall
    height = bottom + 14 + 52 * len(arrows) + (4 if arrows else -8)

    picture = _Picture(WIDTH, height)
    if title:
        picture.text(left + 2, 18, _cut(title, WIDTH - 2 * left, bold=True), bold=True)
    middles = {}
    for at, (party, (items, _)) in enumerate(zip(parties, columns, strict=True)):
        x = left + at * (wide + gap)
        middles[party.name] = x + wide / 2
        if arrows:
            picture.line((x + wide / 2, bottom), (x + wide / 2, height - 4), colour="line", width=1.4)
        attacker = party.role == "attacker"
        picture.box(x, top, wide, tall, edge="no" if attacker else "line", dashed=attacker)
        for kind, y, *rest in items:
            if kind == "text":
                text, colour, bold, indent = rest
                picture.text(x + 12 + indent, top + y, text, colour, bold)
            elif kind == "icon":
                picture.icon(rest[0], x + 12, top + y)
            else:  # the shelf
                picture.line((x + 10, top + y), (x + wide - 10, top + y), colour="edge", width=2.4)
    for at, arrow in enumerate(arrows):
        _send(picture, arrow, middles, bottom + 14 + 52 * at)
    return picture.shown(words)


def _look_over(parties, arrows):
    names = [party.name for party in parties]
    if not 1 <= len(parties) <= 5:
        raise ValueError(f"A picture has room for 1 to 5 parties, not {len(parties)}.")
    if len(set(names)) != len(names):
        raise ValueError("Two parties have the same name.")
    for party in parties:
        if party.role not in ROLES:
            raise ValueError(f"{party.role!r} is not a role; there are: {', '.join(ROLES)}.")
    things = [thing for party in parties for thing in party.holds] + [
        a.thing for a in arrows if not isinstance(a.thing, str)
    ]
    for thing in things:
        if thing.kind not in shapes.SHAPES:
            raise ValueError(f"{thing.kind!r} is not a kind of thing; there are: {', '.join(shapes.SHAPES)}.")
    for arrow in arrows:
        if arrow.frm not in names or arrow.to not in names or arrow.frm == arrow.to:
            raise ValueError(
                f"An arrow goes from one party to another, not from {arrow.frm!r} to {arrow.to!r}."
            )


def _column(party: Party, room: float) -> tuple[list, float]:
    """What stands in a party's box, and its height.

    Items: ("text", y, words, colour, bold, indent), ("icon", y, kind), ("shelf", y)."""
    items, y = [], 22 - LINE
    for line in _wrap(party.name, room * 0.92):
        y += LINE
        items.append(("text", y, line, "ink", True, 0))
    if ROLES[party.role].casefold() != party.name.casefold():
        y += LINE
        items.append(
            (
                "text",
                y,
                ROLES[party.role],
                "no" if party.role == "attacker" else "dim",
                party.role == "attacker",
                0,
            )
        )
    y += 10
    for thing in party.holds:
        colour = "key" if thing.kind == "private-key" else "ink"
        y += 6
        items.append(("icon", y + 1, thing.kind))
        lines = [(shapes.WORDS[thing.kind], colour)] + [
            (line, "dim") for line in _wrap(thing.name, room - 26) if line
        ]
        for words, tone in lines:
            items.append(("text", y + 14, _cut(words, room - 26), tone, False, 26))
            y += LINE
    if not party.holds:
        items.append(("text", y + 16, "holds nothing", "dim", False, 0))
        y += 6 + LINE
    if party.trusts:
        y += 12
        items.append(("text", y + 12, "trusts", "dim", False, 0))
        y += LINE + 2
        for name in party.trusts:
            items.append(("icon", y, "trust-anchor"))
            for line in _wrap(name, room - 26):
                items.append(("text", y + 14, line, "ink", False, 26))
                y += LINE
            y += 5
        items.append(("shelf", y + 1))
        y += 2
    return items, y + 12


def _send(picture, arrow, middles, y):
    start, end = middles[arrow.frm], middles[arrow.to]
    way = 1 if end > start else -1
    colour = "no" if arrow.moved or arrow.refused else "dim"
    stop = start + (end - start) * 0.82 if arrow.refused else end
    line = y + 30
    picture.line(
        (start, line),
        (stop - way * 6, line),
        colour=colour,
        width=2.6 if arrow.moved else 1.8,
        dashed=arrow.refused,
    )
    if arrow.refused:
        for slope in (1, -1):
            picture.line((stop - 6, line - 6 * slope), (stop + 6, line + 6 * slope), colour="no", width=2.4)
    else:
        picture.head(end, line, way, 0, colour)
    flags = [*(["✗ moved!"] if arrow.moved else []), *(["✗ refused"] if arrow.refused else [])]
    flag, kind = "  ".join(flags), arrow.thing.kind if isinstance(arrow.thing, Thing) else None
    span = max(abs(end - start) - 24, 330)  # it has the whole line to itself
    extra = (24 if kind else 0) + (_width(flag, bold=True) + 10 if flag else 0)
    words = _cut(str(arrow.thing), span - extra)
    wide = _width(words) + extra
    x = min(max((start + end) / 2 - wide / 2, 4), WIDTH - wide - 4)
    picture.box(x - 6, y + 1, wide + 12, 23, fill="card", edge=None, corner=4)
    if kind:
        picture.icon(kind, x, y + 3)
        x += 24
    picture.text(x, y + 17, words)
    if flag:
        picture.text(x + _width(words) + 8, y + 17, flag, "no", bold=True)


def _held_in_words(parties, arrows, title) -> str:
    lines = [f"{reading.visible(title)}"] if title else []
    for party in parties:
        role = "" if ROLES[party.role].casefold() == party.name.casefold() else f" ({ROLES[party.role]})"
        line = f"{reading.visible(party.name)}{role} holds {', '.join(map(str, party.holds)) or 'nothing'}"
        if party.trusts:
            line += f"; trusts {', '.join(map(reading.visible, party.trusts))}"
        lines.append(line + ".")
    for arrow in arrows:
        thing = str(arrow.thing) if isinstance(arrow.thing, Thing) else reading.visible(arrow.thing)
        line = f"{reading.visible(arrow.frm)} sends {reading.visible(arrow.to)}: {thing}"
        line += " (✗ moved! a private key has left its holder)" if arrow.moved else ""
        lines.append(line + (" (✗ refused)" if arrow.refused else "") + ".")
    return "\n".join(lines)


# ---- A chain


def chain(
    certificates, roots=(), marks: Mapping[int, object] | None = None, *, store_asked: bool = True
) -> Shown:
    """Certificates leaf first, as a server sends them; drawn with the trust anchor above and the leaf below.

    `roots`: the reader's trust store. `marks`: position → (a mark of look.tokens, words), or only words for "✗".
    `store_asked=False`: nobody looked into the store, so nothing is said of what is in it.
    It follows names only, and judges nothing. Raises `reading.Unreadable`.
    """
    certificates = reading.certificates(certificates)
    roots = reading.certificates(roots) if roots else []
    marks = {at: mark if isinstance(mark, tuple) else ("no", str(mark)) for at, mark in (marks or {}).items()}
    anchor = next((root for root in roots if root.subject == certificates[-1].issuer), None)
    anchored = certificates[-1] in roots

    links = [
        _Link(one, at, at == len(certificates) - 1 and anchored, marks.get(at))
        for at, one in enumerate(certificates)
    ]
    if anchor is not None and not anchored:
        links.append(_Link(anchor, len(certificates), True, marks.get(len(certificates))))
    ended = any(link.anchor for link in links)
    words = _chain_in_words(links, ended, store_asked)

    tall, step, wide = 60, 104, 440
    above = 0 if ended else step
    left = (WIDTH - wide) / 2
    picture = _Picture(WIDTH, above + step * len(links) - (step - tall) + 8)
    y = 4
    if not ended:
        picture.box(left, y, wide, tall, fill=None, edge="unknown", dashed=True)
        picture.icon("trust-anchor", left + 14, y + 16, 28)
        unknown = "? nobody in the store" if store_asked else "? the store was not asked"
        picture.text(left + 58, y + 27, unknown, "ink", True)
        picture.text(
            left + 58, y + 27 + LINE, _cut(f"would be {called(certificates[-1].issuer)}", wide - 70), "dim"
        )
        _signs(picture, WIDTH / 2, y + tall, y + step, True, "would have to sign")
        y += step
    for link, below in zip(reversed(links), [*reversed(links[:-1]), None], strict=True):
        colour = link.mark[0] if link.mark else ("anchor" if link.anchor else "line")
        picture.box(left, y, wide, tall, edge=colour, dashed=bool(link.mark and link.mark[0] == "no"))
        picture.icon("trust-anchor" if link.anchor else "certificate", left + 14, y + 14, 32)
        picture.text(left + 58, y + 27, _cut(link.name, wide - 70, bold=True), bold=True)
        picture.text(left + 58, y + 27 + LINE, _cut(link.what, wide - 70), "dim")
        if link.mark:
            mark, why = link.mark
            for at, line in enumerate(_wrap(f"{tokens.MARKS[mark]} {why}", WIDTH - left - wide - 16, 3)):
                picture.text(left + wide + 10, y + 22 + at * LINE, line, mark, True)
        if below:
            fits = below.certificate.issuer == link.certificate.subject
            _signs(
                picture,
                WIDTH / 2,
                y + tall,
                y + step,
                not fits,
                "signs" if fits else f"✗ the next names {called(below.certificate.issuer)}",
            )
        y += step
    return picture.shown(words)


@dataclass(frozen=True)
class _Link:
    certificate: x509.Certificate
    at: int
    anchor: bool
    mark: tuple[str, str] | None

    @property
    def name(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                san = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            except (ValueError, x509.ExtensionNotFound):
                san = ()
            return named(next(iter(san))) if self.at == 0 and san else called(self.certificate.subject)

    @property
    def what(self) -> str:
        own = self.certificate.issuer == self.certificate.subject
        if self.anchor:
            return "trust anchor, in the store" + (", signed by itself" if own else "")
        if self.at == 0:
            return "certificate of the server or client" + (", signed by itself" if own else "")
        whose = "of a CA" if self.may_sign else "of somebody who is no CA (CA:FALSE)"
        return f"certificate {whose}" + (", signed by itself, not in the store" if own else "")

    @property
    def may_sign(self) -> bool:
        """False where it says that it is no CA; where it says nothing, its place in the chain has to do."""
        try:
            return self.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (ValueError, x509.ExtensionNotFound):
            return True


def _signs(picture, x, top, bottom, broken, words):
    colour = "no" if broken else "ca"
    picture.line((x, top + 3), (x, bottom - 9), colour=colour, width=2, dashed=broken)
    picture.head(x, bottom - 3, 0, 1, colour)
    picture.icon("ca", x + 12, (top + bottom) / 2 - 11, 18)
    picture.text(x + 38, (top + bottom) / 2 + 4, _cut(words, WIDTH - x - 46), "ink")


def _chain_in_words(links, ended, store_asked) -> str:
    lines = []
    if not ended:
        top = called(links[-1].certificate.issuer)
        why = f"nobody in the store is called {top}" if store_asked else f"nobody asked the store for {top}"
        lines.append(f"? No trust anchor: {why}.")
    for link, below in zip(reversed(links), [*reversed(links[:-1]), None], strict=True):
        mark = f" {tokens.MARKS[link.mark[0]]} {reading.visible(link.mark[1])}" if link.mark else ""
        line = f"{link.name}: {link.what}.{mark}"
        if below and below.certificate.issuer == link.certificate.subject:
            line += f" It signs {below.name}."
        elif below:
            line += f" ✗ The next names another signer: {called(below.certificate.issuer)}."
        lines.append(line)
    return "\n".join(lines)


# ---- A timeline


def timeline(certificates, at: datetime | None = None, labels: Sequence[str] | None = None) -> Shown:
    """When each certificate is good: bars from left to right, a line for now (or `at`), and the days.

    Raises `reading.Unreadable`; ValueError where `labels` are not as many as the certificates.
    """
    certificates, now = reading.certificates(certificates), moment(at)
    if labels is not None and len(labels) != len(certificates):
        raise ValueError(f"{len(certificates)} certificates, but {len(labels)} labels.")
    names = [
        _Link(one, 0, False, None).name if labels is None else reading.visible(labels[i])
        for i, one in enumerate(certificates)
    ]
    starts = [one.not_valid_before_utc for one in certificates]
    ends = [max(one.not_valid_after_utc, start) for one, start in zip(certificates, starts, strict=True)]
    first, last = min([*starts, now]), max([*ends, now])
    whole = max((last - first).total_seconds(), 1)
    left, right, top, step = 182, WIDTH - 16, 34, 58

    def x(when: datetime) -> float:
        return left + (right - left) * (when - first).total_seconds() / whole

    said = "now" if at is None else "on"
    lines = [f"{said} {day(now)}:"]
    picture = _Picture(WIDTH, top + step * len(certificates) + 4)
    for i, (one, name) in enumerate(zip(certificates, names, strict=True)):
        y = top + i * step
        mark, words = standing(one, now)
        whole_life = lasting(ends[i] - starts[i])
        good = f"{day(starts[i])} → {day(one.not_valid_after_utc)} · {whole_life}"
        for row, line in enumerate(_wrap(name, (left - 20) * 0.92)):
            picture.text(4, y + 17 + row * LINE, line, bold=True)
        from_x = min(x(starts[i]), right - 5)
        wide = max(x(ends[i]) - from_x, 5)
        picture.box(
            from_x,
            y + 4,
            wide,
            18,
            fill="cert" if mark == "ok" else "card",
            edge="cert" if mark == "ok" else mark,
            dashed=mark != "ok",
            corner=min(5, wide / 2),
        )
        flag = f"{tokens.MARKS[mark]} {words}"
        room = _width(good) + _width(flag, bold=True) + 14
        start = min(max(from_x, left), max(right - room, left))
        picture.text(start, y + 40, good, "dim")
        picture.text(start + _width(good) + 10, y + 40, flag, mark, bold=True)
        lines.append(f"{name}: good {good}. {flag}.")
    for i in range(len(certificates)):  # past each bar; the words under it stay readable
        y = top + i * step
        picture.line((x(now), y - (10 if i == 0 else 4)), (x(now), y + 26), colour="ink", width=2.2)
    label = f"{said} {day(now)}"
    half = _width(label) / 2
    picture.text(min(max(x(now), left + half), right - half), 17, label, at="center")
    return picture.shown("\n".join(lines))
