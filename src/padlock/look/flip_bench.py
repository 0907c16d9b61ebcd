"""Lesson 03's bench: flip one bit of a certificate, and ask a reader, the issuer's key and a real client."""

from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import Markup

from padlock import der, tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel, Span
from padlock.look.shown import Result
from padlock.reading import visible

NAME = "api.test"
FIRST = {"signatureValue": 3}  # after type, length and the count of unused bits, on which readers differ
ROW, ROWS = 16, 5  # bytes a line, lines shown
FIELDS = {  # label in `padlock.der` → words
    "dNSName": "the host name, in subjectAltName",
    "serialNumber": "the serial number",
    "issuer": "the issuer's name",
    "notAfter": "the end of its validity",
    "subjectPublicKeyInfo": "the public key",
    "basicConstraints": "basicConstraints: is it a CA?",
    "signatureValue": "the signature itself",
    "Certificate": "anywhere in the certificate",
}


class FlipBench(Panel):
    """Which bit → is it still a certificate, does the signature fit, and what does a client say?"""

    question = "You change one bit. Who notices?"
    controls = (
        Choice("field", "Where?", FIELDS),
        Span("at", "Which byte of it?", 0, len(NAME) + 1, 2),
        Choice(
            "bit", "Which bit?", {str(bit): f"bit {bit}, worth {1 << bit}" for bit in range(8)}, start="1"
        ),
    )

    def __init__(self):
        self._ca = Authority("Class Root")
        self._server = self._ca.issue(NAME)
        self._data = self._server.certificate.public_bytes(Encoding.DER)
        self._tree = der.parse(self._data)
        self._was = None  # field and byte when last drawn
        super().__init__()

    def react(self, pressed=None):
        node = self._tree.find(self.values["field"])
        size = node.end - node.offset
        self.bounds("at", 0, size - 1)
        field, byte = self.values["field"], self.values["at"]
        if self._was and field != self._was[0] and byte == self._was[1]:  # only another field was chosen
            self._set({"at": max(byte, FIRST.get(field, 0))})
        self._was = field, self.values["at"]
        at = node.offset + int(self.values["at"])
        done = tls.tamper(self._server, self._ca.certificate, at, int(self.values["bit"]), NAME)
        rows = [
            ("byte", f"{at}: {self._data[at]:02x} → {done.data[at]:02x}, in {' › '.join(done.field[-3:])}"),
            ("it said", visible(done.before, 56)),
            ("it says", visible(done.after, 70) or "nothing any more"),
        ]
        verdicts = _verdicts(done)
        html = Markup(
            '<div class="pl-flip"><div class="pl-flip-bytes">{}<dl class="pl-rows">{}</dl></div><div>{}</div></div>'
        ).format(
            _hex(done.data, at, node),
            Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows),
            Markup("").join(
                Markup('<div class="pl-verdict"><b class="pl-{}">{} {}</b><p>{}</p></div>').format(
                    mark, {"ok": "✓", "no": "✗", "unknown": "?"}[mark], head, words
                )
                for mark, head, words in verdicts
            ),
        )
        text = "\n".join(
            [f"{term}: {words}" for term, words in rows] + [f"{head}: {words}" for _, head, words in verdicts]
        )
        return Result(html, text, _sentence(done))


def _verdicts(done: tls.Tampered) -> list[tuple[str, str, str]]:
    if done.unreadable:
        first = ("no", "no certificate any more", done.unreadable)
        second = ("unknown", "nothing to check", "where nothing can be read, there is no signature to check")
    else:
        first = ("ok", "still a certificate", "every length and type is as it should be")
        if done.fits:
            second = (
                "ok",
                "the signature fits",
                "this bit says nothing: it counts unused bits, and is not signed",
            )
        else:
            why = done.unsound or "the issuer signed other bytes than these"
            second = ("no", "the signature does not fit", why)
    if done.meeting is None:
        third = ("no", "no server starts with it", visible(done.no_start, 160))
    elif done.meeting.error:
        third = ("no", f"a client that wants {done.wanted} refuses", visible(done.meeting.error.said, 160))
    else:
        third = ("ok", f"a client that wants {done.wanted} accepts", "nothing that was signed has changed")
    return [first, second, third]


def _sentence(done: tls.Tampered) -> str:
    if done.unreadable:
        return "✗ One bit, and it is no certificate any more: a length or a type is wrong."
    if done.fits and done.meeting is not None and done.meeting.error is None:
        return "✓ Nobody minds: this bit is not signed, and it changes nothing that the certificate says."
    if done.fits:
        return "? Here readers differ: one counts the signature as unchanged, the client's OpenSSL refuses the form."
    if done.meeting is None:
        return (
            "✗ It still reads as a certificate, but the signature does not fit, and no server starts with it."
        )
    return "✗ It still reads as a certificate, but the signature does not fit, and the client refuses."


def _hex(data: bytes, at: int, field: der.Node) -> Markup:
    """Five lines of bytes round `at`; the field tinted, the changed byte marked."""
    lines = -(-len(data) // ROW)
    first = min(max(at // ROW - ROWS // 2, 0), max(lines - ROWS, 0))
    rows = []
    for line in range(first, min(first + ROWS, lines)):
        start = line * ROW
        cells = Markup(" ").join(
            Markup('<mark class="pl-on">{:02x}</mark>').format(data[i])
            if i == at
            else Markup('<span class="pl-tint-cert">{:02x}</span>').format(data[i])
            if field.offset <= i < field.end
            else Markup("<span>{:02x}</span>").format(data[i])
            for i in range(start, min(start + ROW, len(data)))
        )
        rows.append(Markup('<span class="pl-dim">{:04d}</span>  {}').format(start, cells))
    return Markup('<pre class="pl-code pl-hex" role="img" aria-label="{}">{}</pre>').format(
        f"The bytes round byte {at}; byte {at} is now {data[at]:02x}.", Markup("\n").join(rows)
    )
