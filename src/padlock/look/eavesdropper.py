"""Lesson 01's first widget: the same login with and without TLS, and what somebody on the path finds in the bytes."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel, Text
from padlock.look.shown import Result

NAME, PAGE, CA = "api.test", "/login", "Class Root"
SHORTEST, LONGEST = 6, 300  # bytes of a secret: fewer turn up by chance, more make no page
ROW = 8  # bytes a line
FIRST_ROWS = 2  # of a long message; lines where something was found come on top
WHOLE = 26  # lines of a message that is shown as a whole
LETTERS = 8  # in a row, to count as text that can be read: fewer turn up by chance, too
SUBJECTS = {
    "secret": "your secret",
    "page": "the page",
    "name": "the server's name",
    "authority": "the signer's name",
}


class Eavesdropper(Panel):
    """A secret → two panes of real bytes, the places where it lies open marked, and said in words."""

    question = "What does somebody on the wire read?"
    controls = (
        Text(
            "secret",
            "A secret to send (no real one)",
            start="correct-horse",
            hint="At least 6 letters",
        ),
        Choice(
            "wanted",
            "What the eavesdropper looks for",
            {
                "secret": "your secret",
                "page": f"the page, {PAGE}",
                "name": f"the server's name, {NAME}",
                "authority": f"who signed its certificate, {CA}",
            },
        ),
        Choice("version", "TLS version", {"1.3": "TLS 1.3", "1.2": "TLS 1.2"}),
    )

    def __init__(self):
        self._ca = Authority(CA)
        self._server = self._ca.issue(NAME)
        super().__init__()

    def react(self, pressed=None):
        secret = self.values["secret"].encode("utf-8", "replace")
        if len(secret) < SHORTEST:
            raise ValueError(
                f"Type at least {SHORTEST} letters: a shorter secret turns up in random bytes by chance."
            )
        if len(secret) > LONGEST:
            raise ValueError(f"That is {len(secret):,} bytes; a password of up to {LONGEST} fits this page.")
        request, reply = _login(secret)
        version = self.values["version"]
        wanted = {"secret": secret, "page": PAGE.encode(), "name": NAME.encode(), "authority": CA.encode()}
        what = wanted[self.values["wanted"]]
        plain = _Pane("without TLS", tls.overhear(request, reply), what)
        roots = [self._ca.certificate]
        sealed = _Pane(
            f"with TLS {version}", tls.overhear(request, reply, self._server, roots, NAME, version), what
        )
        html = Markup('<div class="pl-panes">{}{}</div>').format(plain.html(), sealed.html())
        subject = SUBJECTS[self.values["wanted"]]
        sentence = f"{_capital(plain.title)} {subject} {plain.where()}; {sealed.title} it {sealed.where()}."
        if what == secret and sealed.found:
            sentence += " TLS sends these bytes for another reason: "
            sentence += "they stand in a part of the handshake that it does not hide."
        return Result(html, f"{plain.words()}\n\n{sealed.words()}", sentence)


def _login(secret: bytes) -> tuple[bytes, bytes]:
    body = b"password=" + secret
    request = b"POST %b HTTP/1.1\r\nHost: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        PAGE.encode(),
        NAME.encode(),
        len(body),
        body,
    )
    return request, b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nWelcome."


@dataclass(frozen=True)
class _Pane:
    """One conversation as it lies on the wire, and what is looked for in it."""

    title: str
    flights: list[tls.Flight]
    what: bytes

    @property
    def found(self) -> list[tuple[int, int]]:
        return tls.search(self.flights, self.what)

    @property
    def bare(self) -> bool:
        """Looked for a signer where nobody shows a certificate."""
        return self.what == CA.encode() and all(_kinds(data) == "HTTP" for _, data in self.flights)

    def where(self) -> str:
        if self.bare and not self.found:
            return "is nowhere: there is no certificate at all"
        size = sum(len(data) for _, data in self.flights)
        if not self.found:
            return f"is in none of the {size:,} bytes"
        number, at = self.found[0]
        sender = self.flights[number][0]
        nth = sum(who == sender for who, _ in self.flights[: number + 1])
        more = f" (and {len(self.found) - 1} more)" if len(self.found) > 1 else ""
        return f"lies open in the {sender}'s {_ordinal(nth)} message, from byte {at} on{more}"

    def readable(self) -> list[str]:
        runs = [(run, _kinds(data)) for _, data in self.flights for run in tls.readable(data, LETTERS)]
        # Among random bytes some look like text. Words are made of letters.
        return [run for run, kind in runs if kind == "HTTP" or re.search(rf"[A-Za-z. /-]{{{LETTERS}}}", run)]

    def words(self) -> str:
        lines = [f"{_capital(self.title)}: what is looked for {self.where()}."]
        lines += [f"{sender} sends {_kinds(data)}, {len(data):,} bytes" for sender, data in self.flights]
        return "\n".join([*lines, f"Text in it: {_runs(self.readable())}"])

    def html(self) -> Markup:
        mark, css = ("✗ found", "pl-no") if self.found else ("✓ not found", "pl-ok")
        if self.bare and not self.found:
            mark, css = "? no certificate", "pl-unknown"
        hits = {n: [at for number, at in self.found if number == n] for n in range(len(self.flights))}
        flights = Markup("").join(
            Markup("<p class='pl-sent'>{} sends {}, {} bytes</p><pre aria-hidden='true'>{}</pre>").format(
                sender, _kinds(data), f"{len(data):,}", _dump(data, hits[number], len(self.what))
            )
            for number, (sender, data) in enumerate(self.flights)
        )
        return Markup(
            '<div class="pl-pane"><p><b>{}</b> <b class="{}">{}</b></p>{}<p class="pl-sent">Text in it: {}</p></div>'
        ).format(_capital(self.title), css, mark, flights, _runs(self.readable()))


def _kinds(data: bytes) -> str:
    """What the records call themselves, which is all that is to be seen of them."""
    try:
        kinds = dict.fromkeys(record.kind for record in tls.records(data))
    except ValueError:
        return "HTTP"
    return ", ".join(kind.replace("_", " ") for kind in kinds)


def _runs(runs: list[str]) -> str:
    shown = " · ".join(run if len(run) <= 60 else run[:59] + "…" for run in runs[:8])
    return shown + (f" · and {len(runs) - 8} more" if len(runs) > 8 else "") if runs else "nothing"


def _dump(data: bytes, hits: list[int], length: int) -> Markup:
    marked = {at for hit in hits for at in range(hit, hit + length)}
    rows = range(0, len(data), ROW)
    if len(rows) <= WHOLE and _kinds(data) == "HTTP":
        shown = set(rows)
    else:
        shown = {*rows[:FIRST_ROWS], *(at - at % ROW for at in marked)}
    lines, skipped = [], 0
    for start in [*rows, None]:
        if start is not None and start not in shown:
            skipped += len(data[start : start + ROW])
            continue
        if skipped:
            lines.append(Markup("<span class='pl-dim'>      … {} more bytes</span>").format(f"{skipped:,}"))
            skipped = 0
        if start is not None:
            lines.append(_row(data[start : start + ROW], start, marked))
    return Markup("\n").join(lines)


def _row(part: bytes, start: int, marked: set[int]) -> Markup:
    hexed, text = Markup(""), Markup("")
    for at, byte in enumerate(part, start):
        on = at in marked
        last = at == start + len(part) - 1
        gap = "" if last else " "
        letter = chr(byte) if 32 <= byte < 127 else "·"
        both = on and at + 1 in marked
        hexed += _piece(f"{byte:02x}{gap}", on) if both or not on else _piece(f"{byte:02x}", on) + gap
        text += _piece(letter, on)
    pad = " " * (3 * (ROW - len(part)))
    return Markup("<span class='pl-dim'>{}</span>  {}{}  {}").format(f"{start:04x}", hexed, pad, text)


def _piece(words: str, on: bool) -> Markup:
    return Markup("<mark>{}</mark>").format(words) if on else Markup("{}").format(words)


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
