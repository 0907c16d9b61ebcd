"""From the bytes on the wire to messages with names, fields and plaintext: what Wireshark does, small enough to read.

Flights are cut into records; with the key log's secrets records are decrypted; what is in them is put together
into messages. Whatever can be checked is checked again by this code: signatures, Finished values, PSK binders.

The bytes may be anybody's. Nothing here raises because of them: what can't be read becomes a sentence in
`problems`, and the rest is read nevertheless. The work grows with the number of bytes, not faster.
"""

# A sentence stays on its line.
# ruff: noqa: E501

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.x509.oid import PublicKeyAlgorithmOID

from padlock import der
from padlock.reading import visible

from . import messages as reads
from . import numbers, schedule
from .fields import Field
from .messages import TLS13, Context
from .schedule import Cipher, Point, Schedule, cipher_of

HEADER = 5  # bytes before a record's content: content type, version, length (RFC 8446 §5.1)
MOST_CONTENT = 2**14  # bytes in a record
MORE_SEALED, MORE_SEALED_12 = 256, 2048  # that encryption may add: RFC 8446 §5.2, RFC 5246 §6.2.3
MOST_PROBLEMS = 50
GAP = "not all that was said before it could be read"
OTHER = {"client": "server", "server": "client"}

Check = Callable[[], tuple["bool | None", str]]


class Record:
    """One record, as it crossed the wire and as it was decrypted.

    sender: "client" or "server"       flight, offset: where its header begins
    length: bytes after the header     kind: its content type on the wire; inner_kind: the true one, if decrypted
    sequence: its number under its key, or None     protection: as in `Message`
    header, ciphertext: as on the wire (ciphertext is None for an open record)
    plaintext: its content, decrypted or open; None if nobody could decrypt it
    """

    __slots__ = (
        "ciphertext",
        "flight",
        "header",
        "inner_kind",
        "kind",
        "length",
        "offset",
        "plaintext",
        "protection",
        "sender",
        "sequence",
    )

    def __init__(self, sender: str, flight: int, offset: int, header: bytes, content: bytes):
        self.sender, self.flight, self.offset, self.header = sender, flight, offset, header
        self.length = len(content)
        self.kind = numbers.CONTENT_TYPES.get(header[0], f"unknown ({header[0]})")
        self.inner_kind: str | None = None
        self.protection = "plaintext"
        self.sequence: int | None = None
        self.ciphertext: bytes | None = None
        self.plaintext: bytes | None = content

    @property
    def where(self) -> str:
        """For a sentence."""
        return f"byte {self.offset} of flight {self.flight}"

    def __repr__(self) -> str:
        return f"<Record from the {self.sender}: {self.inner_kind or self.kind}, {self.length} bytes, {self.protection}>"


class Message:
    """One message: who sent it, what it says, how it was protected, whether its proofs hold.

    name, sender    'ClientHello', "client"
    protection      "plaintext", "early", "handshake", "application" (in TLS 1.2 the only keys), "unreadable"
    raw             a handshake message with its header; an alert's 2 bytes; data; what stays encrypted
    flight          number of the flight in which its last byte was; records: numbers of its records
    verified        True, False; None if there is nothing to verify, or no way to: `verification` says why
    unpacked        of a CompressedCertificate: the Certificate message in it, or None if it can't be unpacked
    """

    unpacked: Message | None = None

    def __init__(
        self,
        sender: str,
        name: str,
        protection: str,
        raw: bytes,
        context: Context,
        flight: int,
        records: list[int],
    ):
        self.sender, self.name, self.protection, self.raw = sender, name, protection, raw
        self.flight, self.records = flight, records
        self.context = context
        self._check: Check | None = None

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """In the order of their bytes; together they cover `raw` exactly once."""
        parse = reads.NO_HANDSHAKE.get(self.name)
        return tuple((parse or reads.read)(self.raw, self.context))

    def walk(self) -> Iterable[Field]:
        """All fields, with those inside others."""
        for field in self.fields:
            yield from field.walk()

    def field(self, label: str) -> Field | None:
        """The first field with this label, anywhere in the message."""
        return self._first.get(label)

    @cached_property
    def _first(self) -> dict[str, Field]:
        """By label, so that the many questions about a hello cost one walk."""
        found: dict[str, Field] = {}
        for field in self.walk():
            found.setdefault(field.label, field)
        return found

    def at(self, offset: int) -> Field | None:
        """The innermost field that byte `offset` of `raw` belongs to."""
        return next((found for field in self.fields if (found := field.at(offset))), None)

    def value(self, label: str) -> Any:
        """The value of the first field with this label, or None."""
        found = self.field(label)
        return found.value if found else None

    @property
    def note(self) -> str:
        """What this message is for."""
        return reads.words_for(self.name, self._context)[0]

    @property
    def clause(self) -> str:
        """Where that is written."""
        return reads.words_for(self.name, self._context)[1]

    @property
    def _context(self) -> Context:
        """As it is known; a ClientHello that nobody answered says itself whether it offers TLS 1.3."""
        if (
            self.context.version is None
            and self.name == "ClientHello"
            and not self.field("supported_versions")
        ):
            return self.context._replace(version=self.value("legacy_version"))
        return self.context

    @cached_property
    def _checked(self) -> tuple[bool | None, str]:
        return self._check() if self._check else (None, "")

    @property
    def verified(self) -> bool | None:
        return self._checked[0]

    @property
    def verification(self) -> str:
        """What was computed again, and whether it matches; "" if there is nothing to verify."""
        return self._checked[1]

    @cached_property
    def title(self) -> str:
        """One line for a human."""
        say = TITLES.get(self.name)
        about = say(self) if say else ""
        return visible(f"{self.name}{about}")

    def __repr__(self) -> str:
        return f"<Message from the {self.sender}: {self.title}, {len(self.raw)} bytes, {self.protection}>"


def _hello(message: Message) -> str:
    name = message.value("host_name")
    return f" for {name}" if name else ""


def _choice(message: Message) -> str:
    suite, version = message.field("cipher_suite"), message.field("selected_version")
    version = version or message.field("legacy_version")
    return f": {version.name}, {suite.name}" if suite and version else ""


def shown_subject(message: Message) -> str | None:
    """Whose certificate comes first in a Certificate or CompressedCertificate: "" if that can't be read, None if none does."""
    if message.name == "CompressedCertificate":
        if message.unpacked is None:
            return ""
        message = message.unpacked
    data = message.value("cert_data")
    if not data:
        return None
    subject = der.parse(data[:100_000], "Certificate", max_nodes=2_000).find("subject")
    return subject.text if subject else ""


def _packed_chain(message: Message) -> str:
    return _chain(message.unpacked) if message.unpacked else ""


def _chain(message: Message) -> str:
    subject = shown_subject(message)
    if subject is None:
        return ": none"
    count = sum(field.label == "cert_data" for field in message.walk())
    return f"{f' of {subject}' if subject else ''}, {count} certificate{'s' if count > 1 else ''}"


def _alert(message: Message) -> str:
    level, what = message.field("level"), message.field("description")
    return f": {level.name}, {what.name}" if level and what and what.value is not None else ""


def _size(message: Message) -> str:
    return f": {len(message.raw):,} byte{'' if len(message.raw) == 1 else 's'}"


def _named(label: str) -> Callable[[Message], str]:
    def say(message: Message) -> str:
        found = message.field(label)
        return f": {found.name}" if found else ""

    return say


TITLES: dict[str, Callable[[Message], str]] = {
    "ClientHello": _hello,
    "ServerHello": _choice,
    "HelloRetryRequest": _named("selected_group"),
    "Certificate": _chain,
    "CompressedCertificate": _packed_chain,
    "CertificateVerify": _named("algorithm"),
    "ServerKeyExchange": _named("named_curve"),
    "KeyUpdate": _named("request_update"),
    "Alert": _alert,
    "ApplicationData": _size,
    "encrypted": _size,
}


def refuses(alert: Message) -> bool:
    """Does this alert end the connection for something wrong? close_notify is the orderly end; in TLS 1.3 the level
    counts for nothing, and user_canceled is no error either (RFC 8446 §6, §6.1; RFC 5246 §7.2)."""
    level, what = alert.value("level"), alert.value("description")
    if what is None or what == 0:
        return False
    return what != 90 if alert.context.tls13 else level == 2


# --------------------------------------------------------------------------------------------------------- decrypting


class Protection:
    """One side's key in use: decrypts its records in order (RFC 8446 §5.2, §5.3; RFC 5288, RFC 7905 for TLS 1.2)."""

    def __init__(self, name: str, cipher: Cipher, key: bytes, iv: bytes, tls13: bool, secret: bytes = b""):
        self.name, self.cipher, self.iv, self.tls13, self.secret = name, cipher, iv, tls13, secret
        self.sequence = 0
        self.aead: Any
        if cipher.aead == "ChaCha20-Poly1305":
            self.aead = ChaCha20Poly1305(key)
        elif cipher.aead == "AES-CCM":
            self.aead = AESCCM(key, cipher.tag_length)
        else:
            self.aead = AESGCM(key)

    def decrypt(self, header: bytes, content: bytes) -> bytes | None:
        """The plaintext, or None if it doesn't authenticate. Counts only what does; see `skip`."""
        if self.tls13 or len(self.iv) == 12:
            number = int.from_bytes(self.iv, "big") ^ self.sequence
            nonce, data = number.to_bytes(12, "big"), content
        else:
            nonce, data = self.iv + content[:8], content[8:]
        size = len(data) - self.cipher.tag_length
        if size < 0:
            return None
        # what is authenticated though not encrypted: TLS 1.3 RFC 8446 §5.2, TLS 1.2 RFC 5246 §6.2.3.3
        extra = (
            header if self.tls13 else self.sequence.to_bytes(8, "big") + header[:3] + size.to_bytes(2, "big")
        )
        try:
            plain = self.aead.decrypt(nonce, data, extra)
        except (InvalidTag, ValueError):
            return None
        self.sequence += 1
        return plain


def protect_13(name: str, secret: bytes, cipher: Cipher) -> Protection:
    keys = schedule.traffic_keys(secret, cipher)
    return Protection(name, cipher, keys.key, keys.iv, True, secret)


def parse_keylog(text: str) -> dict[bytes, dict[str, bytes]]:
    """{client random: {label: secret}} of an NSS key log; lines that are none are passed over."""
    found: dict[bytes, dict[str, bytes]] = {}
    for line in text.splitlines():
        parts = line.split()
        if len(parts) != 3 or line.startswith("#"):
            continue
        try:
            found.setdefault(bytes.fromhex(parts[1]), {})[parts[0]] = bytes.fromhex(parts[2])
        except ValueError:
            continue
    return found


# ------------------------------------------------------------------------------------------------------------ reading


@dataclass
class _Pending:
    """Bytes of one side that are not yet a whole record, and where they began."""

    data: bytearray
    flight: int = 0
    offset: int = 0


class _Side:
    """What has been heard of one side."""

    def __init__(self, sender: str):
        self.sender = sender
        self.pending = _Pending(bytearray())
        self.lost = False  # what comes is no longer TLS
        self.handshake = bytearray()  # of a message that is not yet whole
        self.carried: list[int] = []  # the records that carried it
        self.protection: Protection | None = None
        self.next: Protection | None = None  # TLS 1.2: after ChangeCipherSpec. 1.3: after the 0-RTT data
        self.closed = False  # encrypted, and we have no key
        self.finished = False
        self.sealed = False  # it has encrypted something since the ServerHello
        self.updates: list[bytes] = []  # application_traffic_secret_1, _2, …


class Dissection:
    """All that could be read. `messages`, `records`, `problems`, `schedule`: see `Transcript`."""

    def __init__(self, flights: Iterable[tuple[str, bytes]], keylog: str = "", psk: bytes | None = None):
        self.flights = _flights(flights)
        if not isinstance(keylog, str):
            raise TypeError(f"A key log is text, not {_a(keylog)}.")
        if psk is not None and not isinstance(psk, bytes):
            raise TypeError(f"A pre-shared key is bytes, not {_a(psk)}.")
        self.messages: list[Message] = []
        self.records: list[Record] = []
        self._psk = psk
        self._keylog_text, self._keylog = keylog, parse_keylog(keylog)
        self._problems: dict[str, list[Any]] = {}
        self._sides = {"client": _Side("client"), "server": _Side("server")}
        self.version: int | None = None
        self.cipher: Cipher | None = None
        self.suite: int | None = None
        self.alert: Message | None = None
        self._before: dict[str, Any] = {}  # all this, from before a renegotiation
        self._unpacked = 0  # bytes of compressed certificates, of all together
        self._reset()
        for number, (sender, data) in enumerate(self.flights):
            self._heard(self._sides[sender], number, data)
        for side in self._sides.values():
            self._end(side)

    def _reset(self) -> None:
        """A handshake begins."""
        self._transcript: list[bytes] = []
        self._names: list[str] = []
        self._digest: Any = None
        self._points: dict[str, Point] = {}
        self._secrets: dict[str, bytes] = {}
        self._client_random = self._server_random = b""
        self._hello: Message | None = None
        self._early_offered = self._psk_used = self._extended = self._retried = self._asked_again = False
        self._retry_suite: int | None = None
        self._identity: int | None = None  # which PSK the server takes
        self._external: bool | None = None  # it was given to both, not by a ticket; known with its binder
        self._resumed = False  # TLS 1.2: without a key exchange
        self._certificates: dict[str, Message] = {}
        self._signed: set[str] = set()
        self._gap = False  # a message of this handshake could not be read, so its hash isn't known
        self._early_accepted = False
        self._master: bytes | None = None
        self._later: Any = None  # the transcript hash of an authentication after the handshake
        for side in self._sides.values():
            side.finished = False

    # ---------------------------------------------------------------------------------------------------- problems

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that could not be read."""
        said = []
        for sentence, (count, where) in self._problems.items():
            times = f"{count:,} times, first at {where}" if count > 1 else f"At {where}"
            said.append(f"{sentence} ({times}.)" if where else sentence)
        return said

    def _problem(self, sentence: str, where: str = "") -> None:
        if sentence in self._problems:
            self._problems[sentence][0] += 1
        elif len(self._problems) < MOST_PROBLEMS:
            self._problems[sentence] = [1, where]

    # ------------------------------------------------------------------------------------------------- from records

    def _heard(self, side: _Side, number: int, data: bytes) -> None:
        """One flight: cut off every record that is whole by now."""
        if side.lost:
            return
        pending = side.pending
        if not pending.data:
            pending.flight, pending.offset = number, 0
        before = len(pending.data)  # of earlier flights
        pending.data += data
        at = 0
        while len(pending.data) - at >= HEADER:
            head = bytes(pending.data[at : at + HEADER])
            length = int.from_bytes(head[3:], "big")
            if head[1] != 3 or not 20 <= head[0] <= 24:
                side.lost = True
                where = f"byte {pending.offset} of flight {pending.flight}"
                self._problem(self._no_tls(side, bytes(pending.data[at : at + 64])), where)
                break
            if len(pending.data) - at < HEADER + length:
                break
            content = bytes(pending.data[at + HEADER : at + HEADER + length])
            record = Record(side.sender, pending.flight, pending.offset, head, content)
            self.records.append(record)
            at += HEADER + length
            if at >= before:  # the next one begins in this flight
                pending.flight, pending.offset = number, at - before
            else:
                pending.offset += HEADER + length
            self._record(side, record, content, number)
        del pending.data[:at]

    def _no_tls(self, side: _Side, data: bytes) -> str:
        who = f"What the {side.sender} sends"
        if re.match(rb"[A-Z]{3,8} \S+ HTTP/|HTTP/\d|GET |POST |HEAD ", data):
            return f"{who} is plain HTTP, not TLS: it begins with {visible(data[:16].decode('ascii', 'replace'))!r}."
        if len(data) > 4 and data[0] & 0x80 and data[2] == 1:
            return f"{who} is a hello in the format of SSL 2.0, forbidden since 2011 (RFC 6176 §3); it is not read here."
        if self.records:
            return f"{who} stops being TLS: no record begins with {data[:5].hex(' ')} (RFC 8446 §5.1)."
        return f"{who} is not TLS: no record begins with {data[:5].hex(' ')} (RFC 8446 §5.1)."

    def _record(self, side: _Side, record: Record, content: bytes, number: int) -> None:
        """One whole record; decrypt it if it is encrypted."""
        kind, index = record.header[0], len(self.records) - 1
        tls13 = self.version == TLS13 or (self.version is None and self._early_offered)
        encrypted = side.protection is not None or side.closed
        if tls13 and kind != 23:
            encrypted = False  # RFC 8446 §5.2: whatever is encrypted calls itself application data
        elif kind == 23 and not encrypted:
            encrypted = True  # data is never sent in the open
        more = (MORE_SEALED if tls13 else MORE_SEALED_12) if encrypted else 0
        self._not_too_long(side, record, len(content), MOST_CONTENT + more)
        if not encrypted:
            if self.version == TLS13 and self._server_random and kind in (21, 22) and content:
                self._in_the_open(side, kind, content, index, number)
            else:
                self._content(side, kind, content, "plaintext", index, number)
            return
        side.sealed = side.sealed or bool(self._server_random)
        record.ciphertext, record.plaintext = content, None
        plain, protection = self._decrypt(side, record, content)
        if plain is None:
            record.protection = "unreadable"
            # 0-RTT data is no part of the handshake
            early = self.version is None or (side.protection is None and side.next is not None)
            self._gap = self._gap or not (self._over or early)
            self._message(side, "encrypted", "unreadable", content, number, [index])
            return
        record.sequence, record.protection = protection.sequence - 1, protection.name
        if protection.tls13:
            stripped = plain.rstrip(b"\0")  # padding (RFC 8446 §5.4)
            if not stripped:
                self._problem(f"A record of the {side.sender} holds nothing but padding (RFC 8446 §5.4).")
                record.plaintext = b""
                return
            kind, plain = stripped[-1], stripped[:-1]
        self._not_too_long(side, record, len(plain), MOST_CONTENT)
        record.plaintext = plain
        record.inner_kind = numbers.CONTENT_TYPES.get(kind, f"unknown ({kind})")
        self._content(side, kind, plain, protection.name, index, number)

    def _not_too_long(self, side: _Side, record: Record, length: int, most: int) -> None:
        if length > most:
            sentence = f"A record of the {side.sender} is longer than TLS allows (RFC 8446 §5.1)."
            self._problem(sentence, record.where)

    def _in_the_open(self, side: _Side, kind: int, content: bytes, index: int, number: int) -> None:
        """What TLS 1.3 would have encrypted. It is shown, and nothing is concluded from it."""
        if kind == 21 and side.sender == "client" and not side.sealed:
            # it could make no keys of the server's share: it has no other way to say so
            self._content(side, kind, content, "plaintext", index, number)
        elif kind == 21:
            self._message(side, "Alert", "plaintext", content, number, [index])
            self._problem(
                f"An alert of the {side.sender} comes in the open when the keys are in use already (RFC 8446 §6): anybody on the way may have written it."
            )
        else:
            self._stray(side, "plaintext", content, number, index)
            self._problem(
                f"A handshake message of the {side.sender} comes in the open when the keys are in use already (RFC 8446 §5): the other side has to give up."
            )

    def _stray(self, side: _Side, protection: str, content: bytes, number: int, index: int) -> None:
        """A handshake message where none may be: what comes after it can't be judged."""
        self._message(side, self._name_of(content), protection, content, number, [index])
        self._gap = self._gap or not self._over

    def _decrypt(self, side: _Side, record: Record, content: bytes) -> tuple[bytes | None, Any]:
        if side.protection is None and side is self._sides["client"] and not self._retried:
            self._guess_early(side, record, content)
        protection = side.protection
        if protection is not None:
            plain = protection.decrypt(record.header, content)
            if plain is not None:
                return plain, protection
            # 0-RTT refused: the client goes on with its handshake key, and says nothing of it
            if self.version == TLS13 and side.next is not None:
                plain = side.next.decrypt(record.header, content)
                if plain is not None:
                    self._past_early(side)
                    return plain, side.protection
            self._problem(
                f"A record of the {side.sender} does not decrypt with the key log's secret: it was changed, or one before it is missing, or the secret is wrong.",
                record.where,
            )
            protection.sequence += 1
            return None, None
        if side.next is not None and self.version == TLS13:
            plain = side.next.decrypt(record.header, content)
            if plain is not None:
                self._past_early(side)
                return plain, side.protection
            self._problem(self._why_early(), record.where)
            return None, None
        self._problem(self._why_not(side), record.where)
        return None, None

    def _past_early(self, side: _Side) -> None:
        """The client has gone on to its handshake key. If its 0-RTT data was taken, it has said EndOfEarlyData
        before, encrypted with the key that we lack; that message is always the same four bytes."""
        side.protection, side.next = side.next, None
        if self._early_accepted and not self._over:
            self._digest.update(b"\x05\x00\x00\x00")
            self._names.append("EndOfEarlyData")

    def _why_early(self) -> str:
        if self._client_random in self._keylog:
            return "The client's 0-RTT data can't be decrypted: the key log has no CLIENT_EARLY_TRAFFIC_SECRET that fits."
        return self._why_not(self._sides["client"])

    def _why_not(self, side: _Side) -> str:
        if not self._keylog and self._keylog_text.strip():
            return f"The {side.sender}'s encrypted records can't be decrypted: what was given as a key log has no line of one."
        if not self._keylog:
            return f"The {side.sender}'s encrypted records can't be decrypted: there is no key log."
        if self._client_random and self._client_random not in self._keylog:
            return "Nothing can be decrypted: the key log is of another session."
        if self._hello is None:
            return (
                "Nothing can be decrypted: there is no ClientHello, which would say what secrets to look for."
            )
        if self.version is None:
            return self._why_early()
        if self.cipher is None:
            return f"The {side.sender}'s records can't be decrypted: cipher suite 0x{self.suite or 0:04x} is not known here."
        if not self.cipher.aead:
            aead = re.search("_(GCM|CCM)", self.cipher.name)
            kind = (
                "has a cipher that is not read here"
                if aead
                else "is no AEAD cipher suite, and only those are read here"
            )
            return f"The {side.sender}'s records are not decrypted: {self.cipher.name} {kind}."
        if self.version < reads.TLS12:
            return f"The {side.sender}'s records are not decrypted: {numbers.VERSIONS.get(self.version, f'version 0x{self.version:04x}')} is too old to be read here."
        return f"The {side.sender}'s records can't be decrypted: the key log lacks this session's secret for them."

    def _guess_early(self, side: _Side, record: Record, content: bytes) -> None:
        """0-RTT data comes before the server has said which cipher suite it is; the secret's length gives the hash."""
        offered = self._hello and self._hello.field("cipher_suites")
        if not offered:
            return
        tried = 0
        for suite in offered.children:
            cipher = cipher_of(suite.value) if suite.value in range(0x1301, 0x1306) else None
            secret = self._early_secret(cipher) if cipher else None
            if secret is None or schedule.hash_length(cipher.hash_name) != len(secret):
                continue
            trial = protect_13("early", secret, cipher)
            if trial.decrypt(record.header, content) is not None:
                trial.sequence = 0
                side.protection = trial
                return
            tried += 1
            if tried > 5:
                return

    def _early_secret(self, cipher: Cipher) -> bytes | None:
        """client_early_traffic_secret: from the key log, or made from the PSK (RFC 8446 §7.1)."""
        secret = self._secrets.get("CLIENT_EARLY_TRAFFIC_SECRET")
        if secret is not None or self._psk is None:
            return secret
        hash_name = cipher.hash_name
        early = schedule.hkdf_extract(schedule.NOTHING, self._psk, hash_name)
        hello = hashlib.new(hash_name, self._hello.raw).digest()
        return schedule.derive_secret(early, "c e traffic", hello, hash_name)

    def _content(self, side: _Side, kind: int, data: bytes, protection: str, index: int, number: int) -> None:
        """What was in a record, by its true content type."""
        if kind == 20 and side.handshake and self.version == TLS13:  # it means nothing (RFC 8446 §5): read on
            self._problem(
                f"A ChangeCipherSpec of the {side.sender} stands in the middle of a message, against RFC 8446 §5.1."
            )
        elif kind != 22 and side.handshake:
            self._cut_off(side, number)
        if kind == 22:
            self._fragment(side, data, protection, index, number)
        elif kind == 20:
            self._message(side, "ChangeCipherSpec", protection, data, number, [index])
            if self.version is not None and self.version < TLS13:
                self._change_12(side)
        elif kind == 21:
            self._alerted(side, self._message(side, "Alert", protection, data, number, [index]))
        elif kind == 23:
            self._message(side, "ApplicationData", protection, data, number, [index])
        else:
            self._message(side, "unknown content", protection, data, number, [index])
            self._problem(f"A record of the {side.sender} has the unknown content type {kind}.")

    def _fragment(self, side: _Side, data: bytes, protection: str, index: int, number: int) -> None:
        """Handshake messages may share a record, or be spread over several (RFC 8446 §5.1)."""
        buffer = side.handshake
        buffer += data
        side.carried.append(index)
        while len(buffer) >= 4:
            length = 4 + int.from_bytes(buffer[1:4], "big")
            if len(buffer) < length:
                break
            raw = bytes(buffer[:length])
            del buffer[:length]
            carried, side.carried = side.carried, [index] if buffer else []
            name = self._name_of(raw)
            message = self._message(side, name, protection, raw, number, carried)
            before = side.protection, side.closed
            self._handshake(side, message)
            if buffer and (side.protection, side.closed) != before:
                self._problem(
                    f"After its {name} the {side.sender} changes keys in the middle of a record, against RFC 8446 §5.1."
                )
                rest, side.carried = bytes(buffer), []
                buffer.clear()
                self._stray(side, protection, rest, number, index)

    def _name_of(self, raw: bytes) -> str:
        name = numbers.HANDSHAKE_TYPES.get(raw[0], "unknown")
        return "HelloRetryRequest" if name == "ServerHello" and raw[6:38] == reads.RETRY else name

    def _message(
        self, side: _Side, name: str, protection: str, raw: bytes, number: int, records: list[int]
    ) -> Message:
        version = self.version
        if version is None and name == "Alert" and self._hello and not self._hello.field("supported_versions"):
            version = min(self._hello.value("legacy_version"), reads.TLS12)  # RFC 8446 §4.2.1: nothing newer
        exchange = reads.exchange_of(self.cipher.name) if self.cipher else ""
        context = Context(version, exchange, side.sender, protection)
        message = Message(side.sender, name, protection, raw, context, number, records)
        self.messages.append(message)
        return message

    def _cut_off(self, side: _Side, number: int) -> None:
        """A message whose end never came: show what is there."""
        raw = bytes(side.handshake)
        name = self._name_of(raw)
        self._message(side, name, self._protection_of(side), raw, number, side.carried)
        self._problem(f"The {side.sender}'s {name} is cut short: {len(raw):,} bytes of it are there.")
        side.handshake, side.carried = bytearray(), []
        self._gap = self._gap or not self._over

    def _protection_of(self, side: _Side) -> str:
        return side.protection.name if side.protection else "plaintext"

    def _end(self, side: _Side) -> None:
        """The flights are over: what is left of a record, of a message?"""
        pending = side.pending
        if pending.data and not side.lost:
            data = bytes(pending.data)
            if not 20 <= data[0] <= 24 or data[1:2] not in (b"", b"\3"):
                self._problem(
                    self._no_tls(side, data[:64]), f"byte {pending.offset} of flight {pending.flight}"
                )
                return
            length = int.from_bytes(data[3:5], "big") if len(data) >= HEADER else 0
            there = (
                f"{len(data) - HEADER:,} of {length:,} bytes are there"
                if length
                else f"{len(data)} bytes are there"
            )
            where = f"byte {pending.offset} of flight {pending.flight}"
            self._problem(f"The {side.sender}'s last record is cut short: {there}.", where)
            open_ = side.protection is None and not side.closed
            if len(data) > HEADER and data[0] == 22 and open_:
                record = Record(side.sender, pending.flight, pending.offset, data[:HEADER], data[HEADER:])
                self.records.append(record)
                self._content(side, 22, data[HEADER:], "plaintext", len(self.records) - 1, pending.flight)
        if side.handshake:
            self._cut_off(side, self.records[side.carried[-1]].flight)

    # ------------------------------------------------------------------------------------------- what messages change

    def _handshake(self, side: _Side, message: Message) -> None:
        """Keep the transcript, follow the keys."""
        if act := getattr(self, f"_on_{message.name}", None):
            act(side, message)
        else:
            self._note(message)

    def _note(self, message: Message) -> None:
        """It becomes part of the transcript (RFC 8446 §4.4.1, RFC 5246 §7.4.9)."""
        if self._digest is None:
            if len(self._transcript) < 64:  # before the ServerHello there are a few at most
                self._transcript.append(message.raw)
                self._names.append(message.name)
            return
        if self._over:
            if self._later is not None:
                self._later.update(message.raw)
            return
        self._digest.update(message.raw)
        self._names.append(message.name)
        if self.version != TLS13:  # a signature of TLS 1.2 is over the messages, with a hash of its own
            self._transcript.append(message.raw)

    @property
    def _over(self) -> bool:
        """Both have finished: what comes now is no part of the handshake."""
        return all(side.finished for side in self._sides.values())

    def _point(self, name: str) -> None:
        if name not in self._points:
            self._points[name] = Point(self._digest.digest(), tuple(self._names))

    def _on_HelloRequest(self, side: _Side, message: Message) -> None:
        """No part of the transcript (RFC 5246 §7.4.1.1)."""

    def _on_ClientHello(self, side: _Side, message: Message) -> None:
        if side.sender != "client":
            self._problem("The server sends a ClientHello.")
            return
        if self._hello is not None and not self._asked_again:
            if self._over and self.version is not None and self.version < TLS13:
                # renegotiation: the keys stay in use until the next ChangeCipherSpec, or for good if it is refused
                self._before = {name: value for name, value in vars(self).items() if name != "_before"}
                self._reset()
            else:
                self._problem("The client sends a second ClientHello that nobody asked for.")
                return
        random = message.value("random")
        if not isinstance(random, bytes) or len(random) != 32:
            self._problem("The ClientHello can't be read.")
            return
        self._hello, self._client_random = message, random
        self._secrets = self._keylog.get(random, {})
        message.context = message.context._replace(retried=self._asked_again)
        self._asked_again = False
        self._early_offered = message.field("early_data") is not None and not self._retried
        if message.field("binder"):
            message._check = self._binder_check(message)
        self._note(message)

    def _on_ServerHello(self, side: _Side, message: Message) -> None:
        if side.sender != "server" or self._hello is None:
            self._problem("There is a ServerHello without a ClientHello before it, or from the wrong side.")
            return
        if self._server_random:
            self._problem("The server sends a second ServerHello.")
            return
        suite, random = message.value("cipher_suite"), message.value("random")
        version = message.value("selected_version") or message.value("legacy_version")
        if not isinstance(suite, int) or not isinstance(random, bytes) or not isinstance(version, int):
            self._problem("The ServerHello can't be read.")
            return
        self.version, self.suite, self.cipher = version, suite, cipher_of(suite)
        self._server_random = random
        message.context = message.context._replace(version=version)
        self._hello.context = self._hello.context._replace(version=version)
        self._extended = message.field("extended_master_secret") is not None
        self._identity = message.value("selected_identity") if version == TLS13 else None
        self._psk_used = version == TLS13 and message.field("pre_shared_key") is not None
        if version not in (TLS13, reads.TLS12, 0x0301, 0x0302, 0x0300):
            self._problem(f"The server chooses a version that is not known here: 0x{version:04x}.")
        if self.cipher is None:
            self._problem(f"The server chooses a cipher suite that is not known here: 0x{suite:04x}.")
        if self._retried and suite != self._retry_suite:
            self._problem(
                "The ServerHello chooses another cipher suite than the HelloRetryRequest (RFC 8446 §4.1.4)."
            )
            self._gap = True
        self._start_digest(message)
        if version == TLS13:
            self._keys_13()

    def _start_digest(self, message: Message) -> None:
        """From here on the hash is known: that of the cipher suite."""
        hash_name = self.cipher.hash_name if self.cipher else "sha256"
        if self._digest is None:
            self._digest = hashlib.new(hash_name)
            for raw in self._transcript:
                self._digest.update(raw)
            self._point("ClientHello")
        self._note(message)
        if message.name == "ServerHello":
            self._point("ServerHello")

    def _keys_13(self) -> None:
        client, server = self._sides["client"], self._sides["server"]
        for side in (client, server):
            secret = self._secret(f"{side.sender.upper()}_HANDSHAKE_TRAFFIC_SECRET")
            ready = protect_13("handshake", secret, self.cipher) if secret else None
            if side is client and self._early_offered:
                side.next = ready  # until it says EndOfEarlyData, or we see that it was refused
            else:
                side.protection = ready
            side.closed = ready is None

    def _secret(self, label: str) -> bytes | None:
        """Of this session, if it is as long as this cipher suite's hash."""
        secret = self._secrets.get(label)
        if secret is None or self.cipher is None or not self.cipher.aead:
            return None
        if (self.version == TLS13) is ("_WITH_" in self.cipher.name):
            version = numbers.named(numbers.VERSIONS, self.version or 0, 2)
            self._problem(f"The server chooses {self.cipher.name}, which is not for {version}.")
            return None
        if self.version == TLS13 and len(secret) != schedule.hash_length(self.cipher.hash_name):
            self._problem(f"The key log's {label} has not the length of a secret of {self.cipher.name}.")
            return None
        return secret

    def _on_HelloRetryRequest(self, side: _Side, message: Message) -> None:
        if side.sender != "server" or self._hello is None or self._retried or self._server_random:
            self._problem("There is a HelloRetryRequest where none may be.")
            return
        suite = message.value("cipher_suite")
        cipher = cipher_of(suite) if isinstance(suite, int) else None
        self._retried, self._asked_again, self._retry_suite = True, True, suite
        self.version = TLS13
        message.context = message.context._replace(version=TLS13)
        self._early_offered = False
        hash_name = cipher.hash_name if cipher else "sha256"
        first = schedule.message_hash(self._hello.raw, hash_name)
        self._digest = hashlib.new(hash_name, first)
        self._note(message)

    def _on_EncryptedExtensions(self, side: _Side, message: Message) -> None:
        self._early_accepted = self._early_offered and message.field("early_data") is not None
        self._note(message)

    def _on_EndOfEarlyData(self, side: _Side, message: Message) -> None:
        self._note(message)
        if side.next is not None:
            side.protection, side.next = side.next, None

    def _on_Certificate(self, side: _Side, message: Message) -> None:
        self._certificates[side.sender] = message
        self._note(message)

    def _on_CompressedCertificate(self, side: _Side, message: Message) -> None:
        """The transcript has it compressed (RFC 8879 §4); the signature is verified with the key that is in it."""
        self._note(message)
        self._certificates.pop(side.sender, None)
        names = ("algorithm", "uncompressed_length", "compressed_certificate_message")
        values = [message.value(name) for name in names]
        try:
            if None in values or any(field.error for field in message.walk()):
                raise reads.Packed("the message is malformed")
            if self._unpacked and self._unpacked + values[1] > reads.MOST_UNPACKED:
                raise reads.Packed("too much has been unpacked already")
            body = reads.unpack(*values)
        except reads.Packed as why:
            self._problem(f"The {side.sender}'s compressed certificate can't be read: {why} (RFC 8879 §4).")
            return
        self._unpacked += len(body)
        raw = b"\x0b" + len(body).to_bytes(3, "big") + body
        message.unpacked = Message(
            side.sender, "Certificate", message.protection, raw, message.context, message.flight,
            message.records,
        )  # fmt: skip
        self._certificates[side.sender] = message.unpacked

    def _on_CertificateRequest(self, side: _Side, message: Message) -> None:
        if self._over and self.version == TLS13 and "client Finished" in self._points:
            self._later = self._base.copy()
            self._signed.discard("client")
        self._note(message)

    def _on_CertificateVerify(self, side: _Side, message: Message) -> None:
        if self._digest is not None and side.sender not in self._signed:
            self._signed.add(side.sender)
            message._check = self._signature_check(side, message)
        self._note(message)

    def _on_ServerKeyExchange(self, side: _Side, message: Message) -> None:
        if side.sender == "server" and "key exchange" not in self._signed:
            self._signed.add("key exchange")
            message._check = self._exchange_check(message)
        self._note(message)

    def _on_ClientKeyExchange(self, side: _Side, message: Message) -> None:
        self._note(message)
        if self._digest is not None:
            self._point("ClientKeyExchange")

    def _on_NewSessionTicket(self, side: _Side, message: Message) -> None:
        if self.version != TLS13:
            self._note(message)  # in TLS 1.2 it is part of the handshake (RFC 5077 §3.3)

    def _on_KeyUpdate(self, side: _Side, message: Message) -> None:
        before = side.protection
        if before is None or before.name != "application" or not before.tls13:
            self._problem(f"The {side.sender} sends a KeyUpdate before its handshake is finished.")
            return
        secret = schedule.next_generation(before.secret, before.cipher.hash_name)
        side.protection = protect_13("application", secret, before.cipher)
        side.updates.append(secret)

    def _on_Finished(self, side: _Side, message: Message) -> None:
        if self._digest is None:
            self._problem(f"The {side.sender} sends Finished before there was a ServerHello.")
            return
        if message.protection == "plaintext":
            self._problem(
                f"The {side.sender} sends its Finished in the open (RFC 5246 §7.4.9, RFC 8446 §4.4.4)."
            )
            return
        if side.finished and (self._later is None or side.sender != "client"):
            self._problem(f"The {side.sender} sends a second Finished that nobody asked for.")
            return
        message._check = self._finished_check(side, message)
        if side.finished:  # an authentication after the handshake (RFC 8446 §4.6.2)
            self._later = None
            return
        self._note(message)
        side.finished = True
        if self.version != TLS13:
            return
        self._point(f"{side.sender} Finished")
        if side.sender == "client":
            self._base = self._digest.copy()
        label = f"{side.sender.upper()}_TRAFFIC_SECRET_0"
        secret = self._secret(label)
        side.next = None
        side.protection = protect_13("application", secret, self.cipher) if secret else None
        side.closed = secret is None

    def _change_12(self, side: _Side) -> None:
        """ChangeCipherSpec of TLS 1.2: from the next record on this side encrypts."""
        self._resumed = "ClientKeyExchange" not in self._points and not self._gap
        self._master = self._secret("CLIENT_RANDOM")
        if self._master is None or self.version != reads.TLS12:
            side.protection, side.closed = None, True
            return
        keys = schedule.key_block(self._master, self._client_random, self._server_random, self.cipher)
        key = keys.client_write_key if side.sender == "client" else keys.server_write_key
        iv = keys.client_write_iv if side.sender == "client" else keys.server_write_iv
        side.protection, side.closed = Protection("application", self.cipher, key, iv, False), False

    def _alerted(self, side: _Side, message: Message) -> None:
        what = message.value("description")
        if self.alert is None and refuses(message):
            self.alert = message
        if what == 100 and self._before and message.protection == "application":  # no_renegotiation
            vars(self).update(self._before)
            self._before = {}
            for one in self._sides.values():
                one.finished = True

    # ----------------------------------------------------------------------------------------------------- verifying

    def _binder_check(self, message: Message) -> Check:
        psk, before = self._psk, list(self._transcript)
        digest = self._digest.copy() if self._digest is not None else None

        def check() -> tuple[bool | None, str]:
            binders, sent = message.field("binders"), message.field("binder")
            if binders is not None and binders.end != len(message.raw):
                return (
                    False,
                    "pre_shared_key is not the last extension, so its binders do not cover all of the ClientHello (RFC 8446 §4.2.11).",
                )
            if psk is None:
                return None, "Its PSK binder can't be verified: a key log does not have the pre-shared key."
            known = [h for h in ("sha256", "sha384") if schedule.hash_length(h) == sent.length]
            if not known or binders is None:
                return None, "Its PSK binder has no length of a hash."
            whole = digest.copy() if digest is not None else hashlib.new(known[0], b"".join(before))
            if whole.digest_size != sent.length:
                return None, "Its PSK binder is of another hash than the handshake."
            whole.update(message.raw[: binders.offset])
            for external in (False, True):
                made = schedule.binder(psk, whole.digest(), known[0], external)
                if hmac.compare_digest(made, sent.value):
                    self._external = external
                    kind = "an external PSK" if external else "a ticket's PSK"
                    return (
                        True,
                        f"The first PSK binder, computed again with {kind}, matches (RFC 8446 §4.2.11.2).",
                    )
            return (
                False,
                "The first PSK binder, computed again, does not match: another PSK, or a changed ClientHello.",
            )

        return check

    def _signature_check(self, side: _Side, message: Message) -> Check:
        certificate = self._certificates.get(side.sender)
        tls13, who, gap = self.version == TLS13, side.sender, self._gap
        if tls13:
            digest = (self._later if self._over and self._later is not None else self._digest).digest()
            signed = signature_input(digest, who)
        else:
            # the list only ever grows, and is joined only if somebody asks
            transcript, count = self._transcript, len(self._transcript)

        def check() -> tuple[bool | None, str]:
            if message.context.before_12:
                return None, OLD_SIGNATURE
            if gap:
                return None, f"The signature can't be verified: {GAP}."
            over = signed if tls13 else b"".join(transcript[:count])
            clause = "RFC 8446 §4.4.3" if tls13 else "RFC 5246 §7.4.8"
            return check_signature(certificate, message, over, reads.covered(message.context), clause)

        return check

    def _exchange_check(self, message: Message) -> Check:
        certificate, randoms = self._certificates.get("server"), self._client_random + self._server_random

        def check() -> tuple[bool | None, str]:
            algorithm = message.field("algorithm")
            if message.context.before_12:
                return None, OLD_SIGNATURE
            if algorithm is None:
                return None, "It has no signature."
            over = randoms + message.raw[4 : algorithm.offset]
            what = "both randoms and these parameters"
            return check_signature(certificate, message, over, what, "RFC 5246 §7.4.3")

        return check

    def _finished_check(self, side: _Side, message: Message) -> Check:
        who, version, later, gap = side.sender, self.version, side.finished, self._gap
        digest = (self._later if later and self._later is not None else self._digest).digest()
        hash_name = self._digest.name
        secret = side.protection.secret if side.protection else b""
        master = self._master

        def check() -> tuple[bool | None, str]:
            sent = message.value("verify_data") or b""
            if gap:
                return None, f"It can't be verified: {GAP}."
            if version == TLS13:
                if not secret:
                    return None, "It can't be verified: the key log lacks the secret for it."
                key = schedule.finished_key(secret, hash_name)
                made, clause = hmac.digest(key, digest, hash_name), "RFC 8446 §4.4.4"
            else:
                if master is None:
                    return None, "It can't be verified: the key log lacks the master secret."
                made = schedule.prf(master, f"{who} finished", digest, 12, hash_name)
                clause = "RFC 5246 §7.4.9"
            if hmac.compare_digest(made, sent):
                return (
                    True,
                    f"verify_data, computed again from the secret and {reads.covered(message.context)}, matches ({clause}).",
                )
            return (
                False,
                f"verify_data, computed again, does not match ({clause}): a message was changed on its way.",
            )

        return check

    # ------------------------------------------------------------------------------------------- version, keys

    @property
    def version_name(self) -> str | None:
        """As `ssl` says it: "TLSv1.3"."""
        name = numbers.VERSIONS.get(self.version or -1)
        return name.replace("TLS ", "TLSv").replace("SSL ", "SSLv") if name else None

    @property
    def cipher_name(self) -> str | None:
        """At IANA: "TLS_AES_128_GCM_SHA256"."""
        return numbers.CIPHER_SUITES.get(self.suite if self.suite is not None else -1)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The key schedule as far as it can be computed; None without a ServerHello of a known cipher suite."""
        if self.cipher is None or not self._server_random:
            return None
        if self.version == TLS13:
            if not self.cipher.aead or "_WITH_" in self.cipher.name:
                return None
            updates = {side.sender: side.updates for side in self._sides.values()}
            # the one PSK that is known counts if it is the one that the server takes, and its binder fits
            known = self._psk_used and self._identity == 0 and self._hello.verified
            psk = self._psk if known else None
            return schedule.build(
                self.cipher, self._points, self._secrets, None, psk, self._psk_used, updates, self._external
            )
        if self.version != reads.TLS12:
            return None
        point = self._points.get("ClientKeyExchange")
        names = point.names if point else ()
        master = self._secrets.get("CLIENT_RANDOM")
        randoms = self._client_random, self._server_random
        return schedule.build_12(self.cipher, master, *randoms, self._extended, names, self._resumed)


# ----------------------------------------------------------------------------------------------------------- signatures


def signature_input(transcript_hash: bytes, who: str) -> bytes:
    """What a CertificateVerify of TLS 1.3 signs (RFC 8446 §4.4.3). who: "client" or "server"."""
    return b" " * 64 + f"TLS 1.3, {who} CertificateVerify".encode() + b"\0" + transcript_hash


OLD_SIGNATURE = "The signature is not verified: before TLS 1.2 it was made in another way (RFC 4346 §7.4.3), which is not read here."
HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


def check_signature(
    certificate: Message | None, message: Message, over: bytes, what: str, clause: str
) -> tuple[bool | None, str]:
    """Verify `message`'s signature over the bytes `over` with the key in `certificate`, the signer's Certificate message."""
    data = certificate.value("cert_data") if certificate else None
    if not data:
        return None, "The signature can't be verified: there is no certificate to verify it with."
    scheme, signature = message.field("algorithm"), message.value("signature")
    if scheme is None or not isinstance(signature, bytes):
        return None, "The signature can't be verified: it can't be read."
    for one in (message, certificate):
        if any(field.error for field in one.walk()):
            return None, f"The signature can't be verified: the {one.name} message is malformed."
    try:
        signer = x509.load_der_x509_certificate(data)
        if message.context.tls13:
            _fits_13(signer, scheme.name)
        _verify(signer.public_key(), scheme.name, signature, over)
    except InvalidSignature:
        return False, f"The signature over {what} does not fit the certificate's key ({clause})."
    except _Unfit as unfit:
        return False, f"{unfit} ({clause})."
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        return None, f"The signature can't be verified: {visible(str(error), 120).rstrip('.')}."
    return (
        True,
        f"The {scheme.name} signature over {what}, verified with the certificate's key, is right ({clause}).",
    )


EDWARDS = {"ed25519": ed25519.Ed25519PublicKey, "ed448": ed448.Ed448PublicKey}


class _Unfit(Exception):
    """The certificate's key is none for this kind of signature."""


def _fits_13(signer: x509.Certificate, scheme: str) -> None:
    """What TLS 1.3 asks of a signature besides (RFC 8446 §4.2.3, §4.4.3)."""
    if scheme.startswith("rsa_pkcs1") or scheme.endswith("_sha1"):
        raise _Unfit(f"{scheme} is allowed in certificates only: the handshake may not be signed so")
    key = signer.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in scheme:
        raise _Unfit(f"{scheme} needs a key on another curve than {key.curve.name}")
    own = signer.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS
    if isinstance(key, rsa.RSAPublicKey) and own != scheme.startswith("rsa_pss_pss"):
        raise _Unfit(f"{scheme} needs another kind of RSA key")


def _verify(key: Any, scheme: str, signature: bytes, over: bytes) -> None:
    digest = HASHES.get(scheme.rsplit("_", 1)[-1])
    if scheme.startswith("rsa_") and digest:
        if not isinstance(key, rsa.RSAPublicKey):
            raise _Unfit(f"{scheme} needs an RSA key, and the certificate has another one")
        if scheme.startswith("rsa_pss"):
            pss = padding.PSS(padding.MGF1(digest()), digest.digest_size)
            key.verify(signature, over, pss, digest())
        else:
            key.verify(signature, over, padding.PKCS1v15(), digest())
    elif scheme.startswith("ecdsa_") and digest:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise _Unfit(f"{scheme} needs an elliptic curve key, and the certificate has another one")
        key.verify(signature, over, ec.ECDSA(digest()))
    elif scheme in EDWARDS:
        if not isinstance(key, EDWARDS[scheme]):
            raise _Unfit(f"{scheme} needs a key of its own kind, and the certificate has another one")
        key.verify(signature, over)
    else:
        raise ValueError(f"{scheme} is not verified here")


def _a(thing: object) -> str:
    name = type(thing).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _flights(flights: Any) -> list[tuple[str, bytes]]:
    shape = (
        'Flights are [("client", bytes), ("server", bytes), …] in the order in which they crossed the wire'
    )
    if isinstance(flights, str | bytes | bytearray | dict):
        raise TypeError(f"{shape}, not {_a(flights)}.")
    try:
        found = list(flights)
    except TypeError:
        raise TypeError(f"{shape}, not {_a(flights)}.") from None
    checked = []
    for number, flight in enumerate(found):
        try:
            sender, data = flight
        except (TypeError, ValueError):
            raise TypeError(f"{shape}; number {number} is no pair.") from None
        if not isinstance(sender, str) or sender not in OTHER:
            raise ValueError(f"{shape}; number {number} is from {visible(repr(sender), 40)}.")
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"{shape}; number {number} holds {_a(data)} instead of bytes.")
        checked.append((sender, bytes(data)))
    return checked
