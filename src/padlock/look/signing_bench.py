"""Lesson 02's second widget: sign a message, let one bit of it change on the way, and check it."""

from dataclasses import dataclass

from markupsafe import Markup

from padlock import keys, keyuse
from padlock.look.panel import Choice, Panel, Press, Span, Text
from padlock.look.shapes import icon
from padlock.look.shown import Result
from padlock.look.waiting import in_background
from padlock.reading import visible

KINDS = {"ed25519": "Ed25519", "p256": "P-256 (ECDSA)", "rsa2048": "RSA 2048 (PSS)", "ml-dsa-44": "ML-DSA-44"}
LONGEST = 1000  # bytes of a message
AROUND = 5  # bytes that are shown on either side of a changed one


@dataclass(frozen=True)
class Trial:
    """What was sent, what arrived, and what the check said."""

    sent: bytes
    signature: bytes
    arrived: bytes
    arrived_signature: bytes
    own_key: bool
    fits: bool


class SigningBench(Panel):
    """A message, a kind of key and one change on the way → the real verdict of the check."""

    question = "Does the signature still fit?"
    controls = (
        Text("message", "Message", start="Pay 100 euro to Ada"),
        Choice("kind", "Signer's key", KINDS),
        Choice(
            "change",
            "On the way, somebody changes",
            {
                "nothing": "nothing",
                "message": "one bit of the message",
                "signature": "one bit of the signature",
            },
        ),
        Span("bit", "Which bit", 0, 151, 35),
        Choice(
            "key",
            "Checked with",
            {"own": "the signer's public key", "other": "another person's public key"},
        ),
        Press("sign", "Sign again"),
    )

    def __init__(self):
        self._pairs: dict[str, tuple] = {}  # kind → (the signer's private key, another person's)
        self._signed: tuple | None = None  # (kind, message), signature
        super().__init__()

    def react(self, pressed=None):
        message = self.values["message"].encode("utf-8", "replace")
        if len(message) > LONGEST:
            raise ValueError(
                f"That is {len(message):,} bytes; up to {LONGEST:,} can be shown here. (Any length can be signed.)"
            )
        if not message and self.values["change"] == "message":
            raise ValueError(
                "An empty message has no bit to change: type something, or change the signature."
            )
        return self._trying(message, again=pressed == "sign")

    def _trying(self, message: bytes, again: bool):
        kind = self.values["kind"]
        if kind not in self._pairs:
            name = KINDS[kind]
            self._pairs[kind] = yield from in_background(
                lambda: (keys.make(kind), keys.make(kind)),
                lambda s: f"making two {name} pairs, {s:.1f} s so far …",
            )
        own, other = self._pairs[kind]
        before = self._signed
        if again or before is None or before[0] != (kind, message):
            self._signed = ((kind, message), keyuse.sign(own, message))
        signature = self._signed[1]
        change = self.values["change"]
        self._room_for(change, message, signature)
        bit = int(self.values["bit"])
        checker = own if self.values["key"] == "own" else other
        arrived = keyuse.flip(message, bit) if change == "message" else message
        arrived_signature = keyuse.flip(signature, bit) if change == "signature" else signature
        trial = Trial(
            message,
            signature,
            arrived,
            arrived_signature,
            checker is own,
            keyuse.fits(checker.public_key(), arrived_signature, arrived),
        )
        return _shown(trial, bit, _said(trial, again and before is not None, before))

    def _room_for(self, change: str, message: bytes, signature: bytes) -> None:
        """The range covers the bits that there are; without a change it has nothing to do."""
        if change == "nothing":
            if self._is_shown("bit"):
                self.show("bit", False)
            return
        last = len(message if change == "message" else signature) * 8 - 1
        if self._state.controls["bit"].high != last:
            self.bounds("bit", 0, last)
        if not self._is_shown("bit"):
            self.show("bit")

    def _is_shown(self, name: str) -> bool:
        return name not in self._state.hidden


def _said(trial: Trial, again: bool, before) -> str:
    what, where = ("message", trial.sent) if trial.arrived != trial.sent else ("signature", trial.signature)
    changed = trial.arrived != trial.sent or trial.arrived_signature != trial.signature
    if trial.fits:
        words = "✓ It fits: the holder of the private key signed exactly these bytes."
        if again:
            same = before[1] == trial.signature
            words += (
                " Signed again: the same signature, byte for byte."
                if same
                else " Signed again: another signature, because fresh random numbers went in. Both fit."
            )
        return words
    cause = []
    if changed:
        cause.append(f"one bit of {len(where) * 8:,} in the {what} is another")
    if not trial.own_key:
        cause.append("this public key belongs to another pair")
    return f"✗ It does not fit: {', and '.join(cause)}. The check says no more than that (InvalidSignature)."


def _shown(trial: Trial, bit: int, sentence: str) -> Result:
    at = bit // 8
    in_message = at if trial.arrived != trial.sent else None
    in_signature = at if trial.arrived_signature != trial.signature else None
    key = "the signer's public key" if trial.own_key else "another person's public key"
    verdict = ("ok", "✓ fits") if trial.fits else ("no", "✗ does not fit")
    html = Markup(
        '<div class="pl-bench"><div class="pl-party"><b>{} signer</b><dl class="pl-rows">'
        "<dt>message</dt><dd>{}</dd><dt>signature</dt><dd><code>{}</code><br>{} bytes</dd></dl></div>"
        '<div class="pl-party"><b>{} whoever checks</b><dl class="pl-rows">'
        "<dt>message</dt><dd>{}</dd><dt>signature</dt><dd><code>{}</code></dd>"
        '<dt>with</dt><dd>{}</dd><dt>verdict</dt><dd><b class="pl-{}">{}</b></dd></dl></div></div>'
    ).format(
        icon("private-key", 22),
        _letters(trial.sent, in_message),
        _hex(trial.signature, in_signature),
        f"{len(trial.signature):,}",
        icon("public-key", 22),
        _letters(trial.arrived, in_message),
        _hex(trial.arrived_signature, in_signature),
        key,
        *verdict,
    )
    text = [
        f"signed: {visible(_plain(trial.sent))}",
        f"signature: {_hex(trial.signature, in_signature).striptags()}",
    ]
    text += [f"arrived: {visible(_plain(trial.arrived))}"]
    if in_message is not None or in_signature is not None:
        old, new = (
            (trial.sent, trial.arrived)
            if in_message is not None
            else (trial.signature, trial.arrived_signature)
        )
        text.append(f"byte {at} was {old[at]:02x} and is {new[at]:02x}")
    text += [f"checked with {key}: {verdict[1]}"]
    return Result(html, "\n".join(text), sentence)


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _letters(data: bytes, at: int | None) -> Markup:
    """The message as text, the letter with the changed byte marked."""
    if not data:
        return Markup("(empty)")
    if at is None:
        return Markup("{}").format(visible(_plain(data), 120))
    start, end = at, at + 1  # the whole letter: in UTF-8 one may take up to four bytes
    while start > 0 and at - start < 3 and 0x80 <= data[start] < 0xC0:
        start -= 1
    while end < len(data) and end - at < 3 and 0x80 <= data[end] < 0xC0:
        end += 1
    before, after = _plain(data[:start]), _plain(data[end:])
    lead = visible(before[-60:]) if len(before) <= 60 else f"…{visible(before[-60:])}"
    return Markup('{}<span class="pl-on">{}</span>{}').format(
        lead, visible(_plain(data[start:end])).replace(" ", "␣") or "·", visible(after, 60)
    )


def _hex(data: bytes, at: int | None) -> Markup:
    """The bytes around `at`, or the first ones, in hex."""
    start = 0 if at is None else max(0, min(at - AROUND, len(data) - 2 * AROUND))
    shown = data[start : start + 2 * AROUND]
    bytes_ = [
        Markup('<span class="pl-on">{:02x}</span>').format(byte)
        if at == start + number
        else Markup("{:02x}").format(byte)
        for number, byte in enumerate(shown)
    ]
    return Markup("{}{}{}").format(
        "… " if start else "", Markup(" ").join(bytes_), " …" if start + len(shown) < len(data) else ""
    )
