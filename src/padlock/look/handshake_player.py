"""Lesson 07's player: the messages of a handshake as a ladder, one of them open, seen with three pairs of eyes.

All that it shows of a message comes from `tls.dissect`; this file says who may see it.
"""

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result
from padlock.reading import visible

EYES = {"client": "what the client knows", "server": "what the server knows", "wire": "what the wire shows"}
TINTS = ("ca", "cert", "pub", "csr", "crl", "dim")  # in turn; a field's name stands beside its bytes
LINE = "from here on encrypted, with keys that no message carries"
MOST_FIELDS, MOST_BYTES = 120, 1024  # of an open message


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
        self.options(
            "message", {str(n): f"{n + 1}. {_safe(m, self._reads(m))}" for n, m in enumerate(messages)}
        )
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
        rows, lines, line_drawn = [], [], False
        for number, message in enumerate(messages):
            if not line_drawn and message.protection != "plaintext":
                line_drawn = True
                rows.append(Markup('<p class="pl-ladder-line">{}</p>').format(LINE))
                lines.append(f"- - - {LINE} - - -")
            reads, arrow = self._reads(message), "→" if message.sender == "client" else "←"
            later = number > at
            words = "not yet" if later else _safe(message, reads)
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
        lines = [f"{one.header.hex(' ')} · {one.kind}, {one.length} sealed bytes" for one in records]
        html = Markup('<div class="pl-note"><b>{}</b><br>{}</div>').format(
            "A record, as it passes",
            Markup("<br>").join(Markup("<code>{}</code>").format(line) for line in lines),
        )
        return html, "\n".join(lines)

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
        if any(m.name == "Certificate" and m.sender == "server" for m in readable) and eyes != "server":
            lines.append("a certificate; not yet who sent it")
        proof = "CertificateVerify" if self._tls13 else "ServerKeyExchange"
        if eyes == "client":
            proofs = [
                m for m in readable if (m.sender, m.name) == ("server", proof) and m.verified is not None
            ]
            holds = {True: "that the sender holds", False: "that the sender does not hold"}
            lines += [f"{holds[m.verified]} the certificate's key" for m in proofs]

        if eyes != "wire":
            other = "server" if eyes == "client" else "client"
            lines += ["that nobody has changed a message on the way" for m in readable
                      if m.name == "Finished" and m.sender == other and m.verified]  # fmt: skip
            lines += [f"why the {m.sender} gives up: {m.title}" for m in readable if m.name == "Alert"]
        else:
            sealed = sum(m.protection != "plaintext" for m in so_far)
            lines += [f"the length of {sealed} encrypted parts"] if sealed else []
        return lines

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


def _safe(message, reads: bool) -> str:
    if reads:
        return visible(message.title, 100)
    return "an encrypted record"


def opened(message) -> tuple[Markup, str]:
    """The fields of a message beside its bytes: (HTML, the same in words). Bounded by MOST_FIELDS and MOST_BYTES."""
    spans, rows, lines, count = [], [], [], 0
    for number, top in enumerate(message.fields):
        tint = TINTS[number % len(TINTS)]
        for field, depth in _nested(top):
            count += 1
            if count > MOST_FIELDS:
                break
            value = visible(str(field.error or field.text), 90)
            note = visible(str(field.note or ""), 160)
            rows.append(
                Markup('<tr><td>{}</td><td style="padding-left:{}px"><span class="pl-tint-{}">{}</span></td>'
                    "<td>{}{}</td></tr>").format(
                    field.offset, depth * 14, tint, visible(field.label, 60), value,
                    Markup("<br><small>{}</small>").format(note) if note and depth < 2 else "",
                )
            )  # fmt: skip
            lines.append(f"{field.offset:5} {'  ' * depth}{visible(field.label, 60)}: {value}")
        if top.offset < MOST_BYTES:
            data = message.raw[top.offset : min(top.end, MOST_BYTES)]
            spans.append(
                Markup('<span class="pl-tint-{}" title="{}">{}</span> ').format(
                    tint, top.label, data.hex(" ")
                )
            )
    if not message.fields:
        spans.append(Markup("<span>{}</span>").format(message.raw[:MOST_BYTES].hex(" ")))
    more = len(message.raw) - MOST_BYTES
    tail = Markup("<p class='pl-dim'>{} more bytes</p>").format(more) if more > 0 else ""
    html = Markup(
        '<div class="pl-open"><div class="pl-hex pl-code" tabindex="0" role="group" aria-label="Bytes">{}{}</div>'
        '<div class="pl-fields" tabindex="0" role="group" aria-label="Fields"><table class="pl-table">'
        "<thead><tr><th>byte</th><th>field</th><th>value</th></tr></thead><tbody>{}</tbody></table></div></div>"
    ).format(Markup("").join(spans), tail, Markup("").join(rows))
    return html, "\n".join([visible(message.title, 200), message.raw[:MOST_BYTES].hex(" "), *lines])


def _nested(field, depth: int = 0):
    waiting = [(field, depth)]
    while waiting:
        one, depth = waiting.pop()
        yield one, depth
        waiting += [(child, depth + 1) for child in reversed(one.children)]
