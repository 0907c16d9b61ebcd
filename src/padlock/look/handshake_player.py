"""Lesson 07's player: the messages of a handshake as a ladder, one of them open, seen with three pairs of eyes.

All that it shows of a message comes from `tls.dissect`; this file says who may see it.
"""

import itertools
from functools import cached_property

from markupsafe import Markup, escape

from padlock import tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result, breakable
from padlock.reading import visible
from padlock.tls.dissection import refuses, shown_subject

EYES = {"client": "what the client knows", "server": "what the server knows", "wire": "what the wire shows"}
TINTS = ("ca", "cert", "pub", "csr", "crl", "dim")  # in turn; a field's name stands beside its bytes
LINE = "from here on the {} encrypts"
HOLDS = "that the sender holds the certificate's key"
MOST_FIELDS, MOST_BYTES = 120, 1024  # of an open message
SEALED_BYTES = 64  # of a record that nobody can read


class HandshakePlayer(Panel):
    """Step through `meeting`, a `tls.Transcript`; without one, through a fresh TLS 1.3 handshake.

    What cannot be decrypted with its key log is shown as on the wire, to everybody.
    """

    question = "From which moment can nobody read along?"
    controls = (
        Choice("eyes", "Seen as", EYES),
        Choice("message", "Message (arrow keys step)", {"0": "the first"}),
        Press("back", "← Back"),
        Press("next", "Next →", primary=True),
    )

    def __init__(self, meeting: tls.Transcript | None = None):
        if meeting is None:
            root = Authority("Class Root")
            meeting = tls.handshake(
                root.issue("api.test"), [root.certificate], "api.test", send=b"hello", reply=b"welcome"
            )
        if not isinstance(meeting, tls.Transcript):
            kind = type(meeting).__name__
            raise TypeError(f"A player plays what tls.handshake or tls.dissect returns, not a {kind}.")
        self.meeting = meeting
        super().__init__()

    def react(self, pressed=None):
        messages = self.meeting.messages
        if not messages:
            raise ValueError("There is no message in these bytes.")
        at = min(int(self.values["message"]), len(messages) - 1)
        at = max(0, min(at + {"back": -1, "next": 1}.get(pressed, 0), len(messages) - 1))
        # what is still to come has no name yet, in the list neither
        names = [self._words(n) if n <= at else "not yet" for n in range(len(messages))]
        self.options("message", {str(n): f"{n + 1}. {name}" for n, name in enumerate(names)})
        if self.values["message"] != str(at):
            self.set(message=str(at))
        chosen = messages[at]
        reads = self._reads(chosen)
        ladder_html, ladder_text = self._ladder(messages, at)
        open_html, open_text = opened(chosen) if reads else self._sealed(chosen)
        knows, eyes = self._knows(messages[: at + 1]), EYES[self.values["eyes"]]
        html = Markup("{}<p><b>{}</b></p><ul>{}</ul>{}").format(
            ladder_html,
            f"{eyes[0].upper()}{eyes[1:]}, after message {at + 1} of {len(messages)}:",
            Markup("").join(Markup("<li>{}</li>").format(line) for line in knows),
            open_html,
        )
        text = "\n".join([ladder_text, "", "known:", *(f"  {line}" for line in knows), "", open_text])
        return Result(html, text, self._sentence(chosen, reads))

    def _reads(self, message) -> bool:
        """Can the chosen eyes read it? Both ends can, once it is there; on the wire only what is in the open."""
        if message.protection == "unreadable":
            return False
        return self.values["eyes"] != "wire" or message.protection == "plaintext"

    def _ladder(self, messages, at) -> tuple[Markup, str]:
        rows, lines, encrypts = [], [], set()
        for number, message in enumerate(messages):
            if message.protection != "plaintext" and message.sender not in encrypts:
                encrypts.add(message.sender)
                line = LINE.format(message.sender)
                rows.append(Markup('<p class="pl-ladder-line">{}</p>').format(line))
                lines.append(f"- - - {line} - - -")
            arrow = "→" if message.sender == "client" else "←"
            later = number > at
            words = "not yet" if later else self._words(number)
            sealed = "" if message.protection == "plaintext" else " ▒"
            rows.append(
                Markup('<p class="pl-ladder-{}{}{}"><span>{} {}{}</span></p>').format(
                    message.sender, " pl-ladder-on" if number == at else "", " pl-dim" if later else "",
                    arrow, words, sealed,
                )
            )  # fmt: skip
            lines.append(f"{'>' if number == at else ' '} {message.sender:6} {arrow} {words}{sealed}")
        html = Markup(
            '<div class="pl-ladder"><div class="pl-ladder-ends"><b>client</b>'
            '<small class="pl-dim">▒ encrypted on the wire</small><b>server</b></div>{}</div>'
        ).format(Markup("").join(rows))
        return html, "\n".join(lines)

    def _sealed(self, message) -> tuple[Markup, str]:
        records = [self.meeting.records[number] for number in message.records]
        lines = [
            (f"{one.header.hex(' ')} · {one.kind}, {one.length} sealed bytes", _ciphertext(one))
            for one in records
        ]
        html = Markup('<div class="pl-note"><b>{}</b>{}</div>').format(
            "A record, as it passes",
            Markup("").join(
                Markup('<p><code>{}</code><br><code class="pl-dim">{}</code></p>').format(*line)
                for line in lines
            ),
        )
        return html, "\n".join(f"{head}\n{sealed}" for head, sealed in lines)

    def _knows(self, so_far) -> list[str]:
        eyes, names = self.values["eyes"], {(m.sender, m.name) for m in so_far}
        lines = {
            "client": ["its own private share", "whom it trusts"],
            "server": ["its own private key", "the certificates that it will show"],
            "wire": ["who talks to whom, when, how much"],
        }[eyes]
        hello = next((m for m in so_far if m.name == "ClientHello"), None)
        name = hello.field("host_name") if hello else None
        if name is not None and eyes != "client":
            lines.append(f"the name that the client asks for: {visible(str(name.text), 80)}")
        if ("server", "ServerHello") in names:
            lines += ["version and cipher suite"]
            if eyes == "wire":
                shares = "both public shares, but no private one: so no secret"
                lines.append(shares if self._tls13 else "both randoms, but no secret")
            elif self._tls13:
                lines.append("the shared secret, and the handshake keys from it")
        readable = [m for m in so_far if self._reads(m)]
        shown = {m.sender: m for m in readable if m.name in ("Certificate", "CompressedCertificate")}
        other = {"client": "server", "server": "client"}.get(eyes)
        proven = self._proven(other, [m for m in readable if m.sender == other], shown.get(other))
        whose = "" if HOLDS in proven else "; not yet who sent it"
        if "server" in shown and eyes != "server":
            lines.append(f"a certificate{whose}")
        if "client" in shown and eyes != "client":
            none = shown_subject(shown["client"]) is None
            lines.append(
                "that the client has no certificate to show"
                if none
                else f"a certificate of the client's{whose}"
            )
        if other:
            lines += proven
            lines += [_meant(m) for m in readable if m.name == "Alert"]
        else:
            sealed = {number for m in so_far if m.protection != "plaintext" for number in m.records}
            records = "record" if len(sealed) == 1 else "records"
            lines += [f"the length of {len(sealed)} encrypted {records}"] if sealed else []
        return lines

    def _proven(self, other, heard, certificate) -> list[str]:
        """What the messages `heard` of the `other` side prove; `certificate`: the message in which it showed one."""
        proof = "CertificateVerify" if self._tls13 or other == "client" else "ServerKeyExchange"
        lines, holds = [], None
        for message in heard:
            if message.name == proof and message.verified is not None:
                holds = message.verified
                lines.append(HOLDS if holds else "that the sender does not hold the certificate's key")
            elif message.name == "Finished" and message.verified:
                if certificate and other == "server" and message.context.exchange == "RSA":
                    lines.append(HOLDS)  # it has decrypted what was sent to that key (RFC 5246 §F.1.1.2)
                lines.append("that nobody has changed a message on the way")
                if other == "client" and holds:
                    subject = visible(shown_subject(certificate) or "no subject", 80)
                    lines.append(f"who the client is, if the server trusts its chain: {subject}")
        return lines

    @cached_property
    def _own_records(self) -> list[int]:
        """For each message, how many of its records hold no message before it."""
        seen, counts = set(), []
        for message in self.meeting.messages:
            counts.append(len(set(message.records) - seen))
            seen.update(message.records)
        return counts

    def _words(self, number: int) -> str:
        """A message's line: its title, or what can be seen of it on the wire, where only records are."""
        message = self.meeting.messages[number]
        if self._reads(message):
            return visible(message.title, 100)
        count = self._own_records[number]
        return (
            f"{count} encrypted records"
            if count > 1
            else "an encrypted record"
            if count
            else "the same record"
        )

    @property
    def _tls13(self) -> bool:
        return (
            any(m.protection == "handshake" for m in self.meeting.messages)
            or self.meeting.version == "TLSv1.3"
        )

    def _sentence(self, message, reads) -> str:
        if not reads:
            return "On the wire there is a header with a kind and a length. The rest is sealed."
        mark = {True: "✓ ", False: "✗ ", None: ""}[message.verified]
        said = f"{mark}{message.verification or message.note} {message.clause if not message.verification else ''}"
        return visible(said.strip(), 500) or visible(message.title, 200)


def _meant(alert) -> str:
    """An alert is a refusal, or only a goodbye (RFC 8446 §6.1)."""
    what = "why the {} gives up" if refuses(alert) else "a word of the {}'s that refuses nothing"
    return f"{what.format(alert.sender)}: {visible(alert.title, 100)}"


def _ciphertext(record) -> str:
    data = record.ciphertext or b""
    return data[:SEALED_BYTES].hex(" ") + (" …" if len(data) > SEALED_BYTES else "")


def opened(message) -> tuple[Markup, str]:
    """The fields of a message beside its bytes: (HTML, the same in words). Bounded by MOST_FIELDS and MOST_BYTES.

    A field's line and its bytes carry the same data-link; the page lights up both (see panel.js).
    """
    tops = list(zip(message.fields, itertools.cycle(TINTS)))
    shown = list(
        itertools.islice(
            ((one, depth, tint) for top, tint in tops for one, depth in _nested(top)), MOST_FIELDS
        )
    )
    number = {id(field): at for at, (field, _, _) in enumerate(shown)}
    rows, lines = [], []
    for at, (field, depth, tint) in enumerate(shown):
        value = visible(str(field.error or field.text), 90)
        note = visible(str(field.note or ""), 160) if depth < 2 else ""
        rows.append(
            Markup('<tr data-link="{}" tabindex="{}" aria-selected="false"><td>{}</td>'
                   '<td style="padding-left:{}px"><span class="pl-tint-{}">{}</span></td><td>{}{}</td></tr>').format(
                at, -1 if at else 0, field.offset, depth * 14, tint, breakable(visible(field.label, 60)), value,
                Markup("<br><small>{}</small>").format(note) if note else "",
            )
        )  # fmt: skip
        lines.append(f"{field.offset:5} {'  ' * depth}{visible(field.label, 60)}: {value}")
    raw = message.raw[:MOST_BYTES]
    spans = [
        Markup('<span class="pl-tint-{}">{}</span>').format(tint, _bytes(top, raw, number))
        for top, tint in tops
    ]
    more = len(message.raw) - MOST_BYTES
    tail = Markup("<p class='pl-dim'>{} more bytes</p>").format(more) if more > 0 else ""
    html = Markup(
        '<div class="pl-open"><div class="pl-hex pl-code" tabindex="0" data-scrolls data-bytes role="group" '
        'aria-label="Bytes. Left and right go from field to field.">{}{}</div>'
        '<div class="pl-fields" data-scrolls><table class="pl-table" role="grid" '
        'aria-label="Fields. Up and down go from one to the next.">'
        "<thead><tr><th>byte</th><th>field</th><th>value</th></tr></thead><tbody>{}</tbody></table></div></div>"
    ).format(Markup(" ").join(spans) if spans else raw.hex(" "), tail, Markup("").join(rows))
    return html, "\n".join([visible(message.title, 200), raw.hex(" "), *lines])


def _bytes(field, raw: bytes, number: dict[int, int]) -> Markup:
    """The bytes of a field, with those of the fields inside it as parts of their own: each byte once."""
    parts, at, end = [], field.offset, min(field.end, len(raw))
    for child in field.children:
        if at < child.offset:
            parts.append(escape(raw[at : child.offset].hex(" ")))
        if child.offset < end:
            parts.append(_bytes(child, raw, number))
        at = child.end
    if at < end:
        parts.append(escape(raw[at:end].hex(" ")))
    inside = Markup(" ").join(part for part in parts if part)
    if id(field) not in number:
        return inside
    return Markup('<span data-link="{}" title="{}">{}</span>').format(number[id(field)], field.label, inside)


def _nested(field, depth: int = 0):
    yield field, depth
    for child in field.children:
        yield from _nested(child, depth + 1)
