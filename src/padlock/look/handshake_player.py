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
CERTIFICATES = ("Certificate", "CompressedCertificate")
LINE = "from here on the {} encrypts"
HOLDS = "that the sender holds the certificate's key"
SHARES = {  # by the version of TLS: where a side shows its public share (RFC 8446 §4.2.8; RFC 5246 §7.4.3, §7.4.7)
    "1.3": ("key_exchange",),
    "1.2": ("public", "dh_Ys", "ecdh_Yc", "dh_Yc"),
}
OF_CERTIFICATES = (41, 42, 43, 44, 45, 46, 48, 116)  # alerts about what the other side has shown, or has not
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

    @cached_property
    def _gave_up(self) -> dict[str, int]:
        """For each side that refused: the number of the message at which it did. It reads none after that.

        The alert comes later, behind what the other side has sent meanwhile (RFC 8446 §4.4.2.4, §4.4.3, §6.2).
        """
        found, messages = {}, self.meeting.messages
        for side in ("client", "server"):
            noticed = self.meeting.noticed.get(side)
            alert = next((m for m in messages if m.sender == side and m.name == "Alert" and refuses(m)), None)
            if alert is not None:
                end = self._numbers[id(alert)]
            elif noticed and noticed.alert is None and noticed.flight is not None:
                end = next((n for n, m in enumerate(messages) if m.flight > noticed.flight), len(messages))
            else:
                continue
            heard = [n for n in range(end) if messages[n].sender != side]
            failed = [n for n in heard if messages[n].verified is False]
            shown = [n for n in heard if messages[n].name in CERTIFICATES][-1:]
            why = alert.value("description") if alert else None
            # in TLS 1.2 handshake_failure says that a client has shown none, too (RFC 5246 §7.4.6)
            none = bool(shown) and shown_subject(messages[shown[0]]) is None
            judged = why in OF_CERTIFICATES or (none and why in (40, None)) or (noticed and noticed.code)
            found[side] = min([*failed[:1], *(shown if judged else []), *heard[-1:]], default=-1)
        return found

    def _unread(self, message) -> bool:
        """Is this something that the chosen side, having given up, never reads?"""
        eyes = self.values["eyes"]
        at = self._gave_up.get(eyes)
        return at is not None and message.sender != eyes and self._numbers[id(message)] > at

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(message): number for number, message in enumerate(self.meeting.messages)}

    def _knows(self, so_far) -> list[str]:
        eyes = self.values["eyes"]
        readable = [m for m in so_far if self._reads(m) and not self._unread(m)]
        lines = {
            "client": ["whom it trusts"],
            "server": ["its own private key, and certificates to show"],
            "wire": ["who talks to whom, when, how much"],
        }[eyes]
        if any(_share(m, *SHARES) for m in readable if m.sender == eyes):
            lines.append("its own private share")
        hello = next((m for m in readable if m.name == "ClientHello"), None)
        name = hello.field("host_name") if hello else None
        if name is not None and eyes != "client":
            lines.append(f"the name that the client asks for: {visible(str(name.text), 80)}")
        chosen = next((m for m in readable if m.name in ("ServerHello", "HelloRetryRequest")), None)
        if chosen is not None:
            lines.append("version and cipher suite")
        lines += self._secrets(readable)
        shown = {m.sender: m for m in readable if m.name in CERTIFICATES}
        for side in ("server", "client"):
            if side not in shown or side == eyes:
                continue
            holds = HOLDS in self._proven(side, readable, shown[side])
            whose = "" if holds else "; not yet who sent it"
            if holds and eyes == "wire":  # in the open, a signature can be checked by everybody
                whose = ", and that whoever sent it holds its key"
            if shown_subject(shown[side]) is None:
                lines.append(f"that the {side} has no certificate to show")
            else:
                of = " of the client's" if side == "client" else ""
                lines.append(f"a certificate{of}{whose}")
        other = {"client": "server", "server": "client"}.get(eyes)
        if other:
            lines += self._proven(other, readable, shown.get(other))
        lines += [_meant(m) for m in readable if m.name == "Alert"]
        if not other:
            sealed = {number for m in so_far if m.protection != "plaintext" for number in m.records}
            records = "record" if len(sealed) == 1 else "records"
            lines += [f"the length of {len(sealed)} encrypted {records}"] if sealed else []
        return list(dict.fromkeys(lines))  # in a renegotiation all is proven again

    def _secrets(self, readable) -> list[str]:
        """What of the key agreement, or of the secret from before, the chosen eyes have seen."""
        wire = self.values["eyes"] == "wire"
        hello = next((m for m in readable if m.name == "ServerHello"), None)
        if hello is None or self._gave_up.get(self.values["eyes"]) == self._numbers[id(hello)]:
            return []
        version = "1.3" if self._tls13 else "1.2"
        shared = len({m.sender for m in readable if _share(m, version)}) == 2
        sent = any(m.field("encrypted_pre_master_secret") for m in readable if m.name == "ClientKeyExchange")
        if wire:
            if shared:
                return ["both public shares, but no private one: so no secret"]
            if sent:
                return ["the secret, encrypted, but not the key that opens it"]
            return ["both randoms, but no secret"]
        lines = ["a secret from before, which both take up again"] if self._resumed(readable) else []
        if shared or sent:
            lines.append(f"the shared secret, and the {'handshake ' if self._tls13 else ''}keys from it")
        return lines

    def _resumed(self, readable) -> bool:
        """Does the ServerHello say so (RFC 8446 §4.2.11; RFC 5246 §7.4.1.3)?"""
        hello = next((m for m in readable if m.name == "ServerHello"), None)
        if hello is None or self._tls13:
            return hello is not None and hello.field("pre_shared_key") is not None
        asked = next((m.value("legacy_session_id") for m in readable if m.name == "ClientHello"), None)
        return bool(asked) and asked == hello.value("legacy_session_id_echo")

    def _proven(self, side, readable, certificate) -> list[str]:
        """What the messages of `side` prove; `certificate`: the message in which it showed one.

        A proof that fails ends it: whoever forged it can make all that comes after, too.
        """
        proof = "CertificateVerify" if self._tls13 or side == "client" else "ServerKeyExchange"
        lines, holds = [], False
        for message in readable:
            if message.sender != side:
                continue
            if message.verified is False:
                break
            if message.name == proof and message.verified:
                holds = True
                lines.append(HOLDS)
            elif message.name == "Finished" and message.verified:
                if certificate and side == "server" and message.context.exchange == "RSA":
                    lines.append(HOLDS)  # it has decrypted what was sent to that key (RFC 5246 §F.1.1.2)
                if self._resumed(readable):
                    lines.append("that the other side has the secret from before")
                lines.append("that nobody has changed a message on the way")
                if side == "client" and holds:
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
        if self._unread(message):
            eyes = self.values["eyes"]
            at = self.meeting.messages[self._gave_up[eyes]]
            return f"The {eyes} never reads this: it gave up at {visible(at.name, 60)}."
        said = f"{message.note} {message.clause}"
        if message.verified is None and message.verification:
            said += f". {message.verification}"
        elif message.verified is not None:
            said = f"{'✓' if message.verified else '✗'} {message.verification}"
        return visible(said.strip(), 500) or visible(message.title, 200)


def _meant(alert) -> str:
    """An alert is a refusal, or only a goodbye (RFC 8446 §6.1)."""
    what = "why the {} gives up" if refuses(alert) else "a word of the {}'s that refuses nothing"
    return f"{what.format(alert.sender)}: {visible(alert.title, 100)}"


def _share(message, *versions: str) -> bool:
    """Does this message carry its sender's public share, as it does in that version?"""
    return any(message.field(label) for version in versions for label in SHARES[version])


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
