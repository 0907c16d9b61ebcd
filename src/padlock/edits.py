"""Change a byte and see what becomes of it: of the tree, of the signature, of the judge's verdict.

    bench = Edits(data, issuer=ca.certificate, roots=[root.certificate], name="api.test")
    bench.put(211, 0x62)
    for answer in bench.answers(): print(answer)
    bench.undo()

Nothing here is looked up: the signature is checked with `cryptography`, the verdict is the judge's, each time anew.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from padlock import der, reading
from padlock.judge import judge
from padlock.tls import messages
from padlock.tls.tampering import fits

MOST_STEPS = 1000  # that can be undone
MOST_REASONS = 3  # of the judge, in words
LOADERS = {
    "Certificate": x509.load_der_x509_certificate,
    "CertificationRequest": x509.load_der_x509_csr,
    "CertificateList": x509.load_der_x509_crl,
}
CAN_NOT_BE_READ_AGAIN = (
    "ChangeCipherSpec",
    "Alert",
    "ApplicationData",
    "encrypted",
)  # they are no handshake messages
WORDS = {"Certificate": "certificate", "CertificationRequest": "request", "CertificateList": "list"}


@dataclass(frozen=True)
class Answer:
    """What one of those asked says. mark: "ok", "no" or "unknown"; head: in a few words; words: why."""

    mark: str
    head: str
    words: str


class Edits:
    """Bytes as they were, as they are now, and the way back.

    source    DER, or a `Message` of a handshake
    issuer    the certificate whose key should fit the signature; without one, a certificate that names itself
              as its issuer is checked with its own key
    roots, name   what the judge is asked with; without roots it is not asked
    max_nodes     elements that are read before the parser stops
    """

    def __init__(self, source: Any, issuer=None, roots=(), name=None, max_nodes: int = der.MAX_NODES):
        self.message = None if isinstance(source, bytes) else source
        self.original = source if isinstance(source, bytes) else source.raw
        self.data = bytearray(self.original)
        self.max_nodes = max_nodes
        self.kind = None if self.message else der.recognise(self.original)
        self.issuer = None if issuer is None else reading.certificate(issuer)
        self.roots = reading.certificates(roots) if roots else []
        self.name = name
        self.steps: list[tuple[int, int]] = []  # (offset, the byte that was there)
        self._before = self._verdict()

    # -- changing

    @property
    def editable(self) -> bool:
        """Of messages, only those of the handshake can be read again after a change."""
        return self.message is None or self.message.name not in CAN_NOT_BE_READ_AGAIN

    def put(self, offset: int, value: int) -> None:
        """Write `value` at `offset`. IndexError for a byte that is not there, ValueError for what is no byte."""
        if not 0 <= offset < len(self.data):
            raise IndexError(f"there is no byte {offset}: the last one is {len(self.data) - 1}")
        if not 0 <= value <= 255:
            raise ValueError(f"{value} is not a byte: 00 to ff")
        if self.data[offset] != value:
            self.steps = [*self.steps[-MOST_STEPS + 1 :], (offset, self.data[offset])]
            self.data[offset] = value

    def undo(self) -> None:
        """Take back the last change, if there is one."""
        if self.steps:
            offset, value = self.steps.pop()
            self.data[offset] = value

    def reset(self) -> None:
        """As it was."""
        self.data, self.steps = bytearray(self.original), []

    @property
    def changes(self) -> list[int]:
        """The offsets of the bytes that differ from how they were."""
        return [at for at, (old, new) in enumerate(zip(self.original, self.data, strict=True)) if old != new]

    # -- asking

    def trees(self, data: bytes | None = None) -> tuple:
        """The bytes as a tree: one `der.Node`, or the fields of the message."""
        data = bytes(self.data) if data is None else data
        if self.message is None:
            return (der.parse(data, self.kind, max_nodes=self.max_nodes),)
        if data == self.original:
            return tuple(self.message.fields)
        return tuple(messages.read(data, self.message.context))

    def answers(self) -> list[Answer]:
        """What the reader, the signer's key and the judge say of the bytes as they are."""
        found = [self._reader()]
        if self.kind in LOADERS:
            found.append(self._signature())
        if self.kind == "Certificate" and self.roots:
            found.append(self._judge())
        return found

    def _reader(self) -> Answer:
        wrong = [node.error for root in self.trees() for node in root.walk() if node.error]
        if wrong:
            words = f"{wrong[0][0].upper()}{wrong[0][1:]}."
            return Answer("no", "the tree breaks" if self.changes else "the tree has a fault", words)
        if not self.changes:
            return Answer("ok", "the tree is whole", "Every length and every type fits.")
        at = self.steps[-1][0]
        return Answer("ok", "it can still be read", f"Byte {at}: {self._said(at)}")

    def _said(self, at: int) -> str:
        """What the field that byte `at` lies in said, and says."""
        before, after = (
            next((node for root in trees if (node := root.at(at)) is not None), None)
            for trees in (self.trees(self.original), self.trees())
        )
        if before is None or after is None:
            return "no field holds it."
        was, now = (reading.visible(node.text, 60) for node in (before, after))
        if was == now:
            return f"{before.label} says {now}, as before."
        who = "" if after.label == before.label else f"{after.label} "
        return f"{before.label} said {was}, now {who}says {now}."

    def _load(self) -> tuple[Any, str]:
        """(the object of `cryptography`, "") or (None, why there is none)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a serial number that is not positive any more
            try:
                return LOADERS[self.kind](bytes(self.data)), ""
            except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
                return None, reading.visible(error, 160)

    def _signature(self) -> Answer:
        thing, unreadable = self._load()
        if thing is None:
            return Answer("no", f"no {WORDS[self.kind]} any more", f"cryptography says: {unreadable}")
        fit, why = self._fits(thing)
        if fit is None:
            return Answer("unknown", "signature not checked", why)
        if fit:
            same = (
                "Nothing that is signed has changed."
                if self.changes
                else "It was made for exactly these bytes."
            )
            return Answer("ok", "the signature fits", same)
        return Answer("no", "the signature does not fit", why or "It was made for other bytes than these.")

    def _fits(self, thing: Any) -> tuple[bool | None, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                if self.kind == "CertificationRequest":
                    return thing.is_signature_valid, ""
                if self.kind == "CertificateList":
                    if self.issuer is None:
                        return None, "Give the CA's certificate as issuer=…"
                    return thing.is_signature_valid(self.issuer.public_key()), ""
                if self.issuer is None and thing.issuer != thing.subject:
                    return None, "Give the certificate of the CA that signed it as issuer=…"
                return fits(thing, self.issuer or thing)
            except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
                return False, reading.visible(error, 160)

    def _verdict(self):
        if self.kind != "Certificate" or not self.roots:
            return None
        between = [self.issuer] if self.issuer is not None else []
        purpose = "server" if self.name is not None else None
        try:
            return judge(bytes(self.data), between, self.roots, self.name, purpose)
        except reading.Unreadable as error:
            return str(error)

    def _judge(self) -> Answer:
        verdict = self._verdict()
        if isinstance(verdict, str):
            return Answer("no", "the judge can't read it", verdict)
        if verdict.accepted:
            return Answer("ok", "the judge accepts", f"All {len(verdict.findings)} checks hold.")
        known = set() if isinstance(self._before, str) else {finding.rule for finding in self._before.reasons}
        reasons = sorted(verdict.reasons, key=lambda finding: finding.rule in known)
        words = [
            f"✗ {finding.rule}: {reading.visible(finding.why, 200)} [{finding.clause}]" for finding in reasons
        ]
        more = len(words) - MOST_REASONS
        return Answer(
            "no",
            "the judge refuses"
            if known < {finding.rule for finding in reasons}
            else "the judge refuses, as before",
            " ".join(words[:MOST_REASONS]) + (f" And {more} more." if more > 0 else ""),
        )
