"""Lesson 07, The TLS handshake: read a name and a certificate out of bytes, make keys, check a proof, blame, look back."""

import hashlib
import re
import secrets
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from padlock import keys, reading, tls
from padlock.authority import Authority
from padlock.tls import contexts, numbers, schedule
from padlock.tls.fields import Field

from ..answer import Answer, Miss, NotThere, YourCodeRaised
from ..model import Exercise, Explanation, Lesson, Question

HASH = "sha384"  # of TLS_AES_256_GCM_SHA384, which the lesson's clients and servers agree on
CIPHER = "TLS_AES_256_GCM_SHA384"


def _shown(value: Any) -> str:
    """A learner's value, short enough for a line; whatever it is, looking at it does no harm."""
    if value is None:
        return "None"
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes: {bytes(value[:12]).hex(' ')}{'…' * (len(value) > 12)}"
    if isinstance(value, str):
        return repr(reading.visible(value, 60))
    return f"a {type(value).__name__}"


def _bytes_of(value: Any) -> bytes | None:
    """Bytes, or hex digits with or without spaces or colons; None for anything else."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        try:
            return bytes.fromhex(value.replace(":", " "))
        except ValueError:
            return None
    return None


# ---- 1: the name in the first bytes


def _hello(name: Any, alpn: list[str] | None = None, version: str | None = None) -> bytes:
    """The first bytes of a client that wants `name`."""
    root = Authority("Class Root")
    client = contexts.client_context([root.certificate], version)
    if alpn:
        client.set_alpn_protocols(alpn)
    server = contexts.server_context(root.issue(name), version)
    return tls.meet(client, server, name).flights[0][1]


# What reading at a fixed place raises, in a packet where something else lies there.
NOT_THERE = (UnicodeDecodeError, IndexError, struct.error)


def _asked(answer: Answer, hello: bytes, what: str) -> str | None:
    tried = f"server_name(hello) {what}"
    try:
        found = answer.call("server_name", hello, tried=tried)
    except YourCodeRaised as raised:
        if not isinstance(raised.__cause__, NOT_THERE) or not _reads_the_lesson_s(answer):
            raise
        raise Miss(
            "other-name",
            "server_name reads this lesson's hello, and can't read another",
            tried=tried,
            expected="the name, wherever it begins",
            found=raised.words,
        ) from raised
    if isinstance(found, bytes | bytearray):
        found = bytes(found).decode("ascii", "replace")
    if found is not None and not isinstance(found, str):
        raise Miss(
            "not-a-name",
            "server_name returns no text",
            tried=tried,
            expected="a name as text or bytes, or None",
            found=_shown(found),
        )
    return found.strip().rstrip(".").lower() if found else None


def _reads_the_lesson_s(answer: Answer) -> bool:
    """Does it find the name in the hello that a cell of the lesson made?"""
    with suppress(YourCodeRaised, NotThere):
        found = answer.call("server_name", answer.hello)
        return isinstance(found, str | bytes) and found in ("api.test", b"api.test")
    return False


def reads_the_name(answer):
    """server_name reads the name that the client wants"""
    for name, alpn, version in (
        ("shop.test", None, None),
        ("a-much-longer-name-than-the-others.department.example.test", None, None),
        ("x.test", ["h2", "http/1.1"], "1.2"),
    ):
        found = _asked(answer, _hello(name, alpn, version), f"of a client that wants {name}")
        if found == name:
            continue
        id = "name-fixed" if found == "api.test" else "other-name"
        if found and (found in name or found.startswith(name)):
            id = "name-cut"
        if found and found.endswith("\0" + chr(len(name)) + name):  # its length is still in front
            id = "lengths-kept"
        raise Miss(
            id,
            "server_name finds another name",
            tried="server_name(hello), a fresh ClientHello",
            expected=name,
            found=_shown(found),
        )


def _decoys() -> tuple[str, str]:
    """Protocols: one named like a host, and one whose name looks like a whole server_name extension.

    The name of a protocol may be any bytes (RFC 7301 §3.1). Others each time: nobody can leave them out by name.
    """
    first, second = f"{secrets.token_hex(3)}.test", f"{secrets.token_hex(3)}.test"
    size = len(second)
    return first, f"\0\0\0{chr(size + 5)}\0{chr(size + 3)}\0\0{chr(size)}{second}"


def _name_last(hello: bytes) -> bytes:
    """The same hello with server_name as its last extension: they come in any order (RFC 8446 §4.2)."""
    message = tls.dissect([("client", hello)]).messages[0]
    extensions = message.field("extensions")
    ordered = sorted(extensions.children, key=lambda one: one.label == "server_name")
    return hello[:5] + message.raw[: extensions.offset + 2] + b"".join(one.raw for one in ordered)


def reads_any_order(answer):
    """server_name finds it wherever it stands"""
    decoy = _decoys()[1]
    hello = _name_last(_hello("shop.test", [decoy]))
    found = _asked(answer, hello, "of a client whose last extension is server_name")
    if found != "shop.test":
        raise Miss(
            "name-guessed" if found and found in decoy else "order-assumed",
            "server_name loses the name among the extensions",
            tried="server_name(hello), a client that sends server_name as its last extension",
            expected="shop.test",
            found=_shown(found),
        )


def reads_no_name_where_none_is(answer):
    """server_name finds nothing where a client names nobody"""
    # A client that wants an IP address sends no SNI (RFC 6066 §3). What looks like a name here is a protocol.
    decoys = _decoys()
    hello = _hello("192.0.2.7", [*decoys])
    found = _asked(answer, hello, "of a client that wants 192.0.2.7")
    if found is not None:
        raise Miss(
            "not-a-name" if found == "none" else "name-guessed",
            "server_name finds a name where none was sent",
            tried=f"server_name(hello), a client that wants an IP address and speaks the protocol {decoys[0]}",
            expected="None: there is no server_name extension",
            found=_shown(found),
        )


# ---- 2: the certificate in the flight


def finds_the_certificate(answer):
    """certificate_in finds the server's own certificate"""
    root = Authority("Class Root")
    issuing, ground = root.intermediate("Class Issuing CA"), root.intermediate("Ground Floor")
    for name, server, what in (
        ("shop.test", root.issue("shop.test"), "one certificate"),
        ("deep.test", ground.issue("deep.test"), "leaf and intermediate"),
        ("rsa.test", issuing.issue("rsa.test", key=keys.make("rsa2048")), "an RSA leaf and an intermediate"),
    ):
        meeting = tls.handshake(server, [root.certificate], name, version="1.2")
        flight = meeting.flights[1][1]
        tried = f"certificate_in(flight), a fresh TLS 1.2 flight with {what}"
        raw = answer.call("certificate_in", flight, tried=tried)
        try:
            found, *more = reading.certificates(raw)
        except Exception as error:  # a foreign object may raise anything
            raise Miss(
                "no-certificate-read",
                "what certificate_in returns is no certificate",
                tried=tried,
                expected="the leaf: an object, DER or PEM",
                found=_shown(raw),
            ) from error
        if more:
            raise Miss(
                "chain-instead",
                "certificate_in returns more than the server's own certificate",
                tried=tried,
                expected="one certificate: the leaf",
                found=f"{1 + len(more)} certificates",
            )
        if found == server.certificate:
            continue
        sent = found in server.chain
        raise Miss(
            "issuer-instead" if sent else "another-certificate",
            "certificate_in finds a certificate of the issuer"
            if sent
            else "certificate_in finds a certificate that is not in the flight",
            tried=tried,
            expected=f"the first one in the list, for {name}",
            found=reading.visible(found.subject.rfc4514_string(), 60) or "a certificate without subject",
        )


def packed(flight: bytes, most: int) -> bytes:
    """The same messages in other records, none with more than `most` bytes; OpenSSL reads them as well.

    "multiple client messages of the same ContentType MAY be coalesced into a single TLSPlaintext record, or a single
    message MAY be fragmented across several records" (RFC 5246 §6.2.1).
    """
    content = b"".join(flight[r.start + 5 : r.start + 5 + r.length] for r in tls.records(flight))
    parts = [content[at : at + most] for at in range(0, len(content), most)]
    return b"".join(flight[:3] + len(part).to_bytes(2, "big") + part for part in parts)


def reads_any_packing(answer):
    """certificate_in finds it however the messages are packed into records"""
    root = Authority("Class Root")
    many = root.issue("shop.test", *(f"branch-{number}.shop.test" for number in range(800)))
    few = root.issue("shop.test")
    for server, most, what in (
        (many, None, "a certificate for 801 names, which no single record can hold"),
        (few, 2**14, "all messages in one record"),
        (few, 100, "records of 100 bytes"),
    ):
        flight = tls.handshake(server, [root.certificate], "shop.test", version="1.2").flights[1][1]
        tried = f"certificate_in(flight), {what}"
        try:
            raw = answer.call("certificate_in", flight if most is None else packed(flight, most), tried=tried)
            found = reading.certificate(raw)
        except YourCodeRaised as raised:
            found, raw = None, raised.words
        except Exception:  # a foreign object may raise anything
            found = None
        if found != server.certificate:
            raise Miss(
                "record-is-message",
                "certificate_in loses the certificate between records",
                tried=tried,
                expected="the leaf",
                found=reading.visible(raw, 80) if isinstance(raw, str) else _shown(raw),
            )


# ---- 3: keys out of a secret


def _own_handshake(version: str | None = "1.3", send: bytes = b"GET / HTTP/1.1\r\n\r\n"):
    root = Authority("Class Root")
    server = root.issue("api.test")
    return server, tls.handshake(server, [root.certificate], "api.test", version=version, send=send)


def secret_in(keylog: str, label: str) -> bytes:
    """A secret out of key log text, by its label there, such as "SERVER_HANDSHAKE_TRAFFIC_SECRET".

    Raises LookupError, one sentence, if there is none.
    """
    for line in keylog.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == label:
            return bytes.fromhex(words[2])
    raise LookupError(f"This key log has no {label}.")


def _key_and_iv(answer: Answer, secret: bytes, tried: str = "write_keys(secret)") -> tuple[bytes, bytes]:
    raw = answer.call("write_keys", secret, tried=tried)
    if isinstance(raw, dict):
        raw = (raw.get("key"), raw.get("iv", raw.get("nonce")))
    pair = [_bytes_of(one) for one in raw] if isinstance(raw, list | tuple) and len(raw) == 2 else []
    if len(pair) != 2 or None in pair:
        raise Miss(
            "not-key-and-iv",
            "write_keys does not return two values",
            tried=tried,
            expected="(key, iv): two bytes objects, or hex",
            found=_shown(raw),
        )
    return pair[0], pair[1]


def _wrong_keys(secret: bytes) -> dict[str, tuple[bytes, ...]]:
    """id → the keys that a known mistake leads to."""

    def expand(info: bytes, length: int = 32, hash=None) -> bytes:
        return HKDFExpand(hash or hashes.SHA384(), length, info).derive(secret)

    info = schedule.label_info("key", b"", 32)
    info16 = schedule.label_info("key", b"", 16)
    size = b"\0\x20"  # 32, in two bytes
    labels = (b"\x03key", b"\x09tls13 key", b"\x08tls13key", b"\x03tls13 key", b"\x03tls13key", b"\x09tls13key")
    nearly = [b"key", b"tls13 key", b"tls13key"]  # and all but one byte, or two, of what has to stand there
    nearly += [before + one + end for before in (size, size[1:]) for one in labels for end in (b"\0", b"")]
    nearly.remove(info)
    return {
        "prefix-forgotten": tuple(expand(one) for one in nearly),
        "other-hash": (expand(info, hash=hashes.SHA256()), expand(info16, 16, hashes.SHA256())),
        "extracted-again": (HKDF(hashes.SHA384(), 32, None, info).derive(secret),),
        "key-too-short": (expand(info16, 16),),
    }


def makes_the_keys(answer):
    """write_keys makes key and iv from a traffic secret"""
    for label in ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"):
        _, meeting = _own_handshake()
        secret = secret_in(meeting.keylog, label)
        tried = f"write_keys(secret), {label} of a fresh handshake"
        key, iv = _key_and_iv(answer, secret, tried)
        right = schedule.traffic_keys(secret, CIPHER)
        if (key, iv) == (right.key, right.iv):
            continue
        id = next((id for id, made in _wrong_keys(secret).items() if key in made), "other-keys")
        if (key, iv) == (right.iv, right.key):
            id = "keys-swapped"
        elif id == "other-keys" and (key, iv) == _key_and_iv(answer, secrets.token_bytes(len(secret))):
            id = "keys-fixed"
        elif key == right.key:
            id = "other-iv"
        raise Miss(
            id,
            "these keys open nothing",
            tried=tried,
            expected=f"key {right.key[:6].hex(' ')}…, iv {right.iv[:6].hex(' ')}…",
            found=f"key {key[:6].hex(' ')}… of {len(key)}, iv {iv[:6].hex(' ')}… of {len(iv)} bytes",
        )


def open_record(record: bytes, key: bytes, iv: bytes, number: int = 0) -> bytes:
    """The content of a TLS 1.3 record under AES-GCM, without its content type and padding (RFC 8446 §5.2).

    record: with its 5-byte header. number: how many records were protected with this key before.
    Raises `cryptography.exceptions.InvalidTag` if key, iv or number do not fit.
    """
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    return AESGCM(key).decrypt(nonce, record[5:], record[:5]).rstrip(b"\0")[:-1]


# ---- 4: the proof


@dataclass(frozen=True)
class Proof:
    """What a client has in hand when CertificateVerify arrives.

    certificate: the server's, as it sent it. transcript: the handshake messages from ClientHello up to and with
    Certificate, one behind the other. signature: out of CertificateVerify, ECDSA with SHA-256.
    """

    certificate: x509.Certificate
    transcript: bytes
    signature: bytes

    @classmethod
    def of(cls, meeting: tls.Transcript) -> "Proof":
        """From a TLS 1.3 handshake with its key log. Raises LookupError if the server proved nothing."""
        covered, certificate = b"", None
        for message in tls.dissect(meeting.flights, meeting.keylog).messages:
            if message.name == "CertificateVerify" and message.sender == "server" and certificate is not None:
                return cls(certificate, covered, message.field("signature").value)
            if message.name not in ("ChangeCipherSpec", "Alert", "ApplicationData"):
                covered += message.raw
            if message.name == "Certificate":
                certificate = meeting.presented[0]
        raise LookupError("There is no CertificateVerify of a server in these messages.")


SERVER_CONTEXT, CLIENT_CONTEXT = (
    f"TLS 1.3, {who} CertificateVerify".encode() for who in ("server", "client")
)


def _content(context: bytes, transcript: bytes, pad: bytes = b" " * 64) -> bytes:
    return pad + context + b"\0" + hashlib.new(HASH, transcript).digest()


def _believes(answer: Answer, proof: Proof, tried: str) -> bool:
    try:
        found = answer.call("proves", proof.certificate, proof.transcript, proof.signature, tried=tried)
    except YourCodeRaised as raised:
        if isinstance(raised.__cause__, InvalidSignature):
            return False  # a refusal as `cryptography` says it
        raise
    if not isinstance(found, bool):
        raise Miss(
            "not-yes-or-no",
            "proves does not say yes or no",
            tried=tried,
            expected="True or False",
            found=_shown(found),
        )
    return found


FRESH = "the CertificateVerify of a fresh handshake"


def believes_the_holder(answer):
    """proves accepts a server that has the key"""
    for _ in range(2):
        _, meeting = _own_handshake()
        if not _believes(answer, Proof.of(meeting), FRESH):
            example = answer.genuine if answer.has("genuine") else None
            if isinstance(example, Proof) and _believes(answer, example, "genuine, of this lesson"):
                raise Miss(
                    "example-only",
                    "proves knows only the server of this lesson",
                    tried=f"{FRESH}, with another server",
                    expected="True, as for genuine",
                    found="False",
                )
            raise Miss(
                "holder-refused",
                "proves refuses an honest server",
                tried=FRESH,
                expected="True: 64 spaces, the context string, a zero byte, SHA-384 of the transcript",
                found="False",
            )


def sees_through_thieves(answer):
    """proves refuses a copied certificate and a replayed proof"""
    server, meeting = _own_handshake()
    again = tls.handshake(server, server.chain, "api.test", version="1.3", verify=False)
    here, there = Proof.of(meeting), Proof.of(again)
    _believes(answer, there, FRESH)  # what is replayed has been heard before, and was right then
    impostor = tls.handshake(
        tls.borrowed(server.chain), server.chain, "api.test", version="1.3", verify=False
    )
    wrong = {
        "impostor-believed": ("a signature made with another key", Proof.of(impostor)),
        "replay-believed": (
            "a proof from another handshake of the same server",
            Proof(here.certificate, here.transcript, there.signature),
        ),
        "context-ignored": (
            "a signature that the same key made as a client",
            Proof(here.certificate, here.transcript, _signed(server, CLIENT_CONTEXT, here.transcript)),
        ),
    }
    for id, (what, proof) in wrong.items():
        if _believes(answer, proof, what):
            raise Miss(id, f"proves believes {what}", tried=what, expected="False", found="True")


def _signed(server: Any, context: bytes, transcript: bytes) -> bytes:
    return server.private_key.sign(_content(context, transcript), ec.ECDSA(hashes.SHA256()))


# ---- 5: who refused, and why


def refusals() -> dict[str, tls.Transcript]:
    """Six handshakes under neutral names: three are refused, each for another reason; three are not: of these one has
    its goodbye, and in one the client changed its mind."""
    return {which: make() for which, (make, _) in _REFUSALS.items()}


def _unknown() -> tls.Transcript:
    return tls.handshake(
        Authority("Somebody").issue("api.test"), [Authority("Class Root").certificate], "api.test"
    )


def _no_client() -> tls.Transcript:
    root = Authority("Class Root")
    server = root.issue("api.test")
    return tls.handshake(
        server, [root.certificate], "api.test", client_roots=[root.certificate], send=b"hello"
    )


def _old_client() -> tls.Transcript:
    root = Authority("Class Root")
    client = contexts.client_context([root.certificate], "1.2")
    return tls.meet(client, contexts.server_context(root.issue("api.test"), "1.3"), "api.test")


def _sealed(meeting: tls.Transcript, label: str, number: int, content: bytes, kind: int) -> bytes:
    """A record, protected with the keys of that secret as its `number`-th. kind: its true content type."""
    made = schedule.traffic_keys(secret_in(meeting.keylog, label), CIPHER)
    header = b"\x17\x03\x03" + (len(content) + 1 + 16).to_bytes(2, "big")
    nonce = (int.from_bytes(made.iv, "big") ^ number).to_bytes(12, "big")
    return header + AESGCM(made.key).encrypt(nonce, content + bytes([kind]), header)


def _crossing(before: bool) -> tls.Transcript:
    """A client without a certificate that says all it has to say, and goodbye, at once: `before` the server's refusal
    passes the recorder, or behind it. Both are on the way at the same time."""
    meeting = _no_client()
    *first, data, refusal = meeting.flights
    goodbye = ("client", _sealed(meeting, "CLIENT_TRAFFIC_SECRET_0", 1, b"\x01\x00", 21))
    said = [data, goodbye]
    return replace(meeting, flights=[*first, *said, refusal] if before else [*first, refusal, *said])


def _expired() -> tls.Transcript:
    root, now = Authority("Class Root"), datetime.now(UTC)
    old = root.issue("api.test", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    return tls.handshake(old, [root.certificate], "api.test")


def _unproven() -> tls.Transcript:
    root = Authority("Class Root")
    return tls.handshake(tls.borrowed(root.issue("api.test").chain), [root.certificate], "api.test", version="1.2")


def _with_goodbye() -> tls.Transcript:
    """Both sides close as they should, each with close_notify (RFC 8446 §6.1)."""
    meeting = _own_handshake()[1]
    client, server = meeting.session.ends
    with suppress(ssl.SSLWantReadError):  # it says goodbye, and waits for the other's
        client.ssl.unwrap()
    goodbye = client.spoken()
    server.hear(goodbye)
    server.ssl.unwrap()
    return replace(meeting, flights=[*meeting.flights, ("client", goodbye), ("server", server.spoken())])


def _canceled() -> tls.Transcript:
    """A client that changes its mind before its Finished. OpenSSL sends no such alert, so its two records are made here.

    The level of the first says "fatal", and counts for nothing (RFC 8446 §6, §6.1).
    """
    meeting = _own_handshake()[1]
    data = meeting.flights[2][1]
    said = data[: next(r.start for r in tls.records(data) if r.kind == "application_data")]
    for number, alert in enumerate((b"\x02\x5a", b"\x01\x00")):  # user_canceled, close_notify
        said += _sealed(meeting, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", number, alert, 21)
    return replace(meeting, flights=[*meeting.flights[:2], ("client", said)])


_REFUSALS: dict[str, tuple[Callable[[], tls.Transcript], tuple[str, str, int] | None]] = {
    "first": (_unknown, ("client", "unknown_ca", 48)),
    "second": (_no_client, ("server", "certificate_required", 116)),
    "third": (_old_client, ("server", "protocol_version", 70)),
    "fourth": (lambda: _own_handshake()[1], None),
    "fifth": (_with_goodbye, None),
    "sixth": (_canceled, None),
}
# Not shown in the lesson: other alerts, and refusals that are neither the last message nor the only alert.
_MORE_REFUSALS = {
    "an expired certificate": (_expired, ("client", "certificate_expired", 45)),
    "a copied certificate, in TLS 1.2": (_unproven, ("client", "decrypt_error", 51)),
    "a refusal, and behind it what the client had sent before it heard of that": (
        lambda: _crossing(before=False), ("server", "certificate_required", 116)
    ),
    "a refusal of a client that has said goodbye already": (
        lambda: _crossing(before=True), ("server", "certificate_required", 116)
    ),
}  # fmt: skip


def _said(value: Any) -> tuple[str, str | int] | None:
    """(who, why) as the learner gave it: a pair in either order, or text that names both."""
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", "nobody", "none")):
        return None
    parts = list(value) if isinstance(value, list | tuple) else [value]
    parts = [part.text if isinstance(part, Field) else part for part in parts]
    if len(parts) == 2 and all(part is None for part in parts):
        return None
    words = [part for part in parts if isinstance(part, str | int) and not isinstance(part, bool)]
    text = " ".join(str(word) for word in words).lower().replace("the ", "")
    who = re.search(r"\b(client|server)\b", text)
    if not who or len(words) != len(parts) or len(parts) > 2:
        raise Miss(
            "not-who-and-why",
            "refused_by does not say who and why",
            tried="refused_by(flights, keylog)",
            expected='("client" or "server", the alert), or None',
            found=_shown(value),
        )
    rest = re.sub(r"[\s-]+", "_", re.sub(r"\b(client|server)\b", "", text, count=1).strip(" :,."))
    return who[1], rest


def _as_said(value: Any) -> str:
    """What `_said` has understood, in the learner's own words."""
    parts = value if isinstance(value, list | tuple) else [value]
    return reading.visible(", ".join(one.text if isinstance(one, Field) else str(one) for one in parts), 80)


def says_who_refused(answer):
    """refused_by names who refused, and with which alert"""
    for which, (make, right) in (_REFUSALS | _MORE_REFUSALS).items():
        meeting = make()
        what = meeting.error.said if meeting.error else "a good handshake"
        tried = f"refused_by(flights, keylog), {which if which in _MORE_REFUSALS else what}"
        raw = answer.call("refused_by", meeting.flights, meeting.keylog, tried=tried)
        found = _said(raw)
        if right is None:
            ends = {_with_goodbye: "a connection that both sides closed", _canceled: "a client that changed its mind"}
            if found is not None and make in ends:
                raise Miss("goodbye-blamed", "refused_by takes a goodbye for a refusal",
                           tried=f"refused_by(flights, keylog), {ends[make]}",
                           expected="None", found=_as_said(raw))  # fmt: skip
            if found is not None:
                raise Miss("good-blamed", "refused_by blames somebody, and nobody refused", tried=tried,
                           expected="None", found=_as_said(raw))  # fmt: skip
            continue
        who, alert, code = right
        if found is None:
            raise Miss("refusal-missed", "refused_by finds no refusal", tried=tried, expected=f"{who}, {alert}",
                       found="None")  # fmt: skip
        if found[0] != who:
            raise Miss("other-side-blamed", "refused_by blames the side that was refused", tried=tried,
                       expected=who, found=found[0])  # fmt: skip
        named = {name for name in numbers.ALERT_NAMES.values() if name in str(found[1])}
        digits = re.findall(r"\d+", str(found[1]))
        if named != {alert} and (named or not digits or int(digits[-1]) != code):
            raise Miss("other-alert", "refused_by reads another alert", tried=tried,
                       expected=f"{alert} ({code})", found=_as_said(raw))  # fmt: skip


# ---- 6: forward secrecy


def record_12(exchange: str = "RSA", send: bytes = b"") -> tuple[Any, tls.Transcript]:
    """(server, recording) of a TLS 1.2 handshake. exchange: "RSA" (key transport) or "ECDHE".

    The server has an RSA key. ValueError, one sentence, if this machine's OpenSSL no longer does RSA key transport.
    """
    root = Authority("Class Root")
    server = root.issue("api.test", key=keys.make("rsa2048"))
    client, other = contexts.client_context([root.certificate], "1.2"), contexts.server_context(server, "1.2")
    for context in (client, other):
        context.set_ciphers("kRSA+AESGCM" if exchange == "RSA" else "ECDHE+AESGCM")
    meeting = tls.meet(client, other, "api.test", send)
    if meeting.error:
        raise ValueError(f"The OpenSSL of this machine does no {exchange} in TLS 1.2: {meeting.error.said}.")
    return server, meeting


def read_with(flights: list, pre_master: bytes) -> bytes:
    """The client's application data out of a recording of TLS 1.2, given its pre-master secret.

    b"" if it does not fit. The master secret is made as in RFC 7627 §4.
    """
    covered = b""
    for message in tls.dissect(flights).messages:
        if message.name in ("ChangeCipherSpec", "Alert", "encrypted"):
            break
        covered += message.raw
        if message.name == "ClientHello":
            random = message.field("random").value
    master = schedule.extended_master_secret(pre_master, hashlib.new(HASH, covered).digest(), HASH)
    opened = tls.dissect(flights, f"CLIENT_RANDOM {random.hex()} {master.hex()}\n").messages
    return b"".join(m.raw for m in opened if m.name == "ApplicationData" and m.sender == "client")


def opens_key_transport(answer):
    """opened_later opens RSA key transport with the server's key"""
    server, meeting = record_12("RSA", b"a secret of years ago")
    tried, words = "opened_later(flights, private_key), RSA key transport", ""
    try:
        raw = answer.call("opened_later", meeting.flights, server.private_key, tried=tried)
        found = _bytes_of(raw)
    except YourCodeRaised as raised:
        if not _could_not_decrypt(raised):
            raise
        raw, found, words = ..., None, raised.words
    # the length, too: HMAC fills its key up with zeros, so that a zero more makes the same keys (RFC 2104 §2)
    if found is None or len(found) != 48 or read_with(meeting.flights, found) != b"a secret of years ago":
        raise Miss(
            "still-closed" if raw is None else "not-the-pre-master",
            "the recording stays closed",
            tried=tried,
            expected="the 48 bytes of the pre-master secret",
            found=words or _shown(raw),
        )


def _could_not_decrypt(raised: YourCodeRaised) -> bool:
    """Is this what `private_key.decrypt` says of other bytes or another padding?"""
    cause = raised.__cause__
    return isinstance(cause, ValueError) and bool(re.search("Ciphertext length|Decryption failed", str(cause)))


def opens_no_agreement(answer):
    """opened_later says None where the key agreement was fresh"""
    server, meeting = record_12("ECDHE", b"a secret")
    root = Authority("Class Root")
    third = root.issue("api.test", key=server.private_key)
    newest = tls.handshake(third, [root.certificate], "api.test", version="1.3")
    for recording, what in ((meeting, "TLS 1.2 with ECDHE"), (newest, "TLS 1.3")):
        tried = f"opened_later(flights, private_key), {what}"
        try:
            raw = answer.call("opened_later", recording.flights, server.private_key, tried=tried)
        except YourCodeRaised as raised:
            if not _could_not_decrypt(raised):
                raise
            raise Miss(
                "agreement-opened",
                "opened_later decrypts what was never encrypted to this key",
                tried=tried,
                expected="None: the certificate's key only signed",
                found=f"{type(raised.__cause__).__name__}: {raised.__cause__}",
            ) from raised
        if raw is not None and _bytes_of(raw) != b"":
            raise Miss(
                "agreement-opened",
                "opened_later claims a secret that was never sent",
                tried=tried,
                expected="None: the certificate's key only signed",
                found=_shown(raw),
            )


LESSON = Lesson(
    slug="07_the_tls_handshake",
    title="The TLS handshake",
    minutes=(30, 50),
    exercises=(
        Exercise(
            id="07-sni",
            title="Read the name out of the first bytes",
            asks=("server_name",),
            tasks=(reads_the_name, reads_any_order, reads_no_name_where_none_is),
            hints=(
                "Open the ClientHello in the player and walk its fields. Which lengths do you have to skip to reach the extensions?",
                "Record header 5 bytes, message header 4, version 2, random 32. Then three lists, each with its length in front: session id (1 byte), cipher suites (2), compression (1). Then the extensions' length (2).",
                "Each extension is type (2), length (2), content. server_name has type 0; its content: list length (2), name type (1), name length (2), name.",
                "`at = 43`, `at += 1 + data[at]`, `at += 2 + number(at)`, `at += 1 + data[at] + 2`; then `while at < len(data):` if `number(at) == 0` return `data[at + 9 : at + 4 + number(at + 2)]`, else `at += 4 + number(at + 2)`.",
            ),
            misses=(
                "not-a-name",
                "other-name",
                "lengths-kept",
                "name-cut",
                "name-fixed",
                "name-guessed",
                "order-assumed",
            ),
            done="whoever carries this packet can do the same, and some firewalls do nothing else.",
        ),
        Exercise(
            id="07-certificate",
            title="Find the certificate in the flight",
            asks=("certificate_in",),
            tasks=(finds_the_certificate, reads_any_packing),
            hints=(
                "Look at the lines that the cell before printed: which message is the certificate, and what stands before its DER?",
                "Records are only the packing. Join what they hold, then walk the messages: type (1), length (3). Certificate has type 11.",
                "In TLS 1.2 the body is: length of the list (3), then for each certificate its length (3) and its DER. Yours is the first.",
                '`content = b"".join(flight[r.start + 5 : r.start + 5 + r.length] for r in tls.records(flight))`. In it, `content[at]` is the kind, the next three bytes the length; if it is 11, the length of the leaf stands at `at + 7`, its DER begins at `at + 10`.',
            ),
            misses=(
                "no-certificate-read",
                "chain-instead",
                "issuer-instead",
                "another-certificate",
                "record-is-message",
            ),
            done="in TLS 1.2 everybody on the way sees whom you reached. TLS 1.3 encrypts this message.",
        ),
        Exercise(
            id="07-keys",
            title="Make the keys yourself",
            asks=("write_keys",),
            tasks=(makes_the_keys,),
            hints=(
                "Open a key in the key schedule: its formula says from what it is made, with which label and length.",
                'HKDF-Expand-Label is HKDF-Expand whose info is: length (2 bytes), length of the label (1), b"tls13 " and the label, length of the context (1), the context. Here the context is empty.',
                '`HKDFExpand(hashes.SHA384(), length, info).derive(secret)`; label "key" with 32 bytes, label "iv" with 12.',
                '`info = length.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\\0"`; return the pair for `b"key", 32` and `b"iv", 12`.',
            ),
            misses=(
                "not-key-and-iv",
                "prefix-forgotten",
                "other-hash",
                "extracted-again",
                "key-too-short",
                "keys-swapped",
                "other-iv",
                "keys-fixed",
                "other-keys",
            ),
            done="your keys open what OpenSSL sealed. There is no more magic in it than this.",
        ),
        Exercise(
            id="07-proof",
            title="Check the proof by hand",
            asks=("proves",),
            tasks=(believes_the_holder, sees_through_thieves),
            hints=(
                "RFC 8446 §4.4.3 shows the signed content byte by byte. The transcript that you get is not yet hashed.",
                "64 spaces, the context string for a server, a zero byte, the SHA-384 hash of the transcript. The signature over that is ECDSA with SHA-256.",
                "`certificate.public_key().verify(signature, content, ec.ECDSA(hashes.SHA256()))` raises InvalidSignature if it does not fit.",
                '`content = b" " * 64 + b"TLS 1.3, server CertificateVerify" + b"\\0" + hashlib.sha384(transcript).digest()`; `try` the verify, return True; `except InvalidSignature` return False.',
            ),
            misses=(
                "not-yes-or-no",
                "holder-refused",
                "example-only",
                "impostor-believed",
                "replay-believed",
                "context-ignored",
            ),
            done="a certificate is public. This signature is what only the holder of its key can make, and only now.",
        ),
        Exercise(
            id="07-refused",
            title="Who refused, and why",
            asks=("refused_by",),
            tasks=(says_who_refused,),
            hints=(
                "Print the messages of the six recordings. Which message do you find only where somebody gave up?",
                "A refusal shows as an Alert. Its sender refused; its description says why, as far as the other side is told. Two descriptions are no refusal: close_notify, 0, and user_canceled, 90.",
                '`for message in tls.dissect(flights, keylog).messages:` look for `message.name == "Alert"`; `message.sender` and `message.field("description").value`.',
                'In that loop: `if message.name == "Alert" and message.field("description").value not in (0, 90): return message.sender, message.field("description").text`; after it: `return None`.',
            ),
            misses=("not-who-and-why", "good-blamed", "goodbye-blamed", "refusal-missed", "other-side-blamed", "other-alert"),
            done="sender and alert: that is where you begin to search, on the side that sent it.",
        ),
        Exercise(
            id="07-forward",
            title="Open it years later",
            asks=("opened_later",),
            tasks=(opens_key_transport, opens_no_agreement),
            hints=(
                "What does ClientKeyExchange carry in the old recording, and what in the other?",
                "With RSA key transport it carries the pre-master secret, encrypted to the certificate's key. With ECDHE a public share, which no key decrypts. In TLS 1.3 there is no such message.",
                '`message.field("encrypted_pre_master_secret")` is None where there is none; its `.value` opens with `private_key.decrypt(…, padding.PKCS1v15())`.',
                'For each message: `found = message.field("encrypted_pre_master_secret")`; if `found` is not None, return `private_key.decrypt(found.value, padding.PKCS1v15())`; at the end `return None`.',
            ),
            misses=("still-closed", "not-the-pre-master", "agreement-opened"),
            done="a stolen key opens the old kind of recording. It opens nothing of TLS 1.3, because it never was in the way of the secret.",
        ),
    ),
    explanations=(
        Explanation(
            "not-a-name",
            "any answer will do",
            "the caller needs the name as text, or None.",
            "RFC 6066 §3",
            "return the decoded bytes of HostName.",
        ),
        Explanation(
            "other-name",
            "a field lies at the same place in every packet",
            "lists of any length stand before it; each says how long it is.",
            "RFC 8446 §4.1.2",
            "skip session id, cipher suites and compression by their own lengths.",
        ),
        Explanation(
            "lengths-kept",
            "what an extension holds is the name",
            "it holds a list: its length (2 bytes), the kind of name (1), the name's length (2), then the name.",
            "RFC 6066 §3",
            "begin five bytes later in the extension's content.",
        ),
        Explanation(
            "name-cut",
            "names have a fixed length",
            "two bytes in front say how long the name is.",
            "RFC 6066 §3",
            "take the length from the two bytes before the name.",
        ),
        Explanation(
            "name-fixed",
            "one example is a proof",
            "the function is tried with the first bytes of other clients.",
            "RFC 6066 §3",
            "read the name from the bytes that you are given.",
        ),
        Explanation(
            "name-guessed",
            "what looks like a name is the name",
            "other extensions hold text, too, and a client that wants an address sends no name.",
            "RFC 6066 §3",
            "look for the extension of type 0, not for letters.",
        ),
        Explanation(
            "order-assumed",
            "extensions have an order",
            "they come in any order, and browsers shuffle them on purpose.",
            "RFC 8446 §4.2",
            "walk from extension to extension, to the end of the list.",
        ),
        Explanation(
            "no-certificate-read",
            "any bytes will do",
            "a certificate is the DER behind its own length, no byte more or less.",
            "RFC 5246 §7.4.2",
            "cut exactly the length that stands in the three bytes before it.",
        ),
        Explanation(
            "chain-instead",
            "the chain is the server's certificate",
            "one of them is its own; the others vouch for it, and say nothing of who the server is.",
            "RFC 5246 §7.4.2",
            "return the first alone.",
        ),
        Explanation(
            "issuer-instead",
            "a chain can be read from any end",
            "the sender's own certificate comes first; those behind it vouch for it.",
            "RFC 5246 §7.4.2; RFC 8446 §4.4.2",
            "take the first of the list.",
        ),
        Explanation(
            "another-certificate",
            "one server shows what all show",
            "the function is tried with flights of other servers.",
            "RFC 5246 §7.4.2",
            "read the bytes that you are given.",
        ),
        Explanation(
            "record-is-message",
            "a record is a message",
            "records are the packing: a message may fill several, and several messages may share one.",
            "RFC 5246 §6.2.1; RFC 8446 §5.1",
            "join the contents of the records first, then read the messages.",
        ),
        Explanation(
            "not-key-and-iv",
            "a traffic secret is the key",
            "key and iv are both made from it, with a label each.",
            "RFC 8446 §7.3",
            "return (key, iv).",
        ),
        Explanation(
            "prefix-forgotten",
            "the label is the word in the table",
            "TLS 1.3 puts lengths and “tls13 ” around it.",
            "RFC 8446 §7.1",
            'build HkdfLabel: length (2), label length (1), b"tls13 key", a zero byte for the empty context.',
        ),
        Explanation(
            "other-hash",
            "HKDF goes with SHA-256",
            "the hash is the one at the end of the cipher suite's name.",
            "RFC 8446 §7.1",
            "use SHA-384.",
        ),
        Explanation(
            "extracted-again",
            "HKDF is one function",
            "Extract and Expand are two steps, and TLS takes Expand alone here: a traffic secret needs no Extract any more.",
            "RFC 8446 §7.1; RFC 5869 §2",
            "use HKDFExpand.",
        ),
        Explanation(
            "key-too-short",
            "AES keys have 16 bytes",
            "AES-256 takes 32, and the length is part of what is hashed.",
            "RFC 8446 §7.3; RFC 5116 §5.2",
            "ask for 32 bytes.",
        ),
        Explanation(
            "keys-swapped",
            "two values are two values",
            "the key comes first, then the iv.",
            "RFC 8446 §7.3",
            "swap them.",
        ),
        Explanation(
            "other-iv",
            "the iv is part of the key",
            "it is expanded by itself, with its own label and length.",
            "RFC 8446 §7.3",
            'label "iv", 12 bytes.',
        ),
        Explanation(
            "keys-fixed",
            "one example is a proof",
            "these keys do not change with the secret; the function is tried with those of other handshakes.",
            "RFC 8446 §7.3",
            "make both from the secret that the function is given.",
        ),
        Explanation(
            "other-keys",
            "keys that are nearly right open something",
            "they follow from the secret alone, by HKDF-Expand-Label, and each byte of its info counts.",
            "RFC 8446 §7.3",
            "compare your info with HkdfLabel, byte by byte.",
        ),
        Explanation(
            "not-yes-or-no",
            "any value is an answer",
            "a check that is neither yes nor no will be read as the one that somebody wants.",
            "RFC 8446 §4.4.3",
            "return True or False.",
        ),
        Explanation(
            "holder-refused",
            "signing is encrypting a hash with the private key",
            "the key signs a content with a fixed beginning, of which the transcript's hash (SHA-384) is only the end; the signature hashes all of it once more, with SHA-256.",
            "RFC 8446 §4.4.3",
            "64 spaces, context string, zero byte, SHA-384 of the transcript; then verify(signature, content, ec.ECDSA(hashes.SHA256())), in this order.",
        ),
        Explanation(
            "example-only",
            "one example is a proof",
            "the function is tried with other servers, which have other keys.",
            "RFC 8446 §4.4.3",
            "use certificate, transcript and signature as they are given to it.",
        ),
        Explanation(
            "impostor-believed",
            "a valid certificate proves who you reached",
            "certificates are public. Only the signature shows that the sender has the key.",
            "RFC 8446 §4.4.3",
            "verify the signature with the certificate's key.",
        ),
        Explanation(
            "replay-believed",
            "a signature stays good",
            "this one is over this conversation, with both fresh randoms and shares in it.",
            "RFC 8446 §4.4.3",
            "hash the transcript that you are given, and no other.",
        ),
        Explanation(
            "context-ignored",
            "a signature is a signature",
            "the context string keeps a client's proof from being used as a server's.",
            "RFC 8446 §4.4.3",
            'accept only b"TLS 1.3, server CertificateVerify".',
        ),
        Explanation(
            "not-who-and-why",
            "“TLS error” is a cause",
            "two things are to be said: who gave up, and with which alert.",
            "RFC 8446 §6",
            "return (sender, alert), or None.",
        ),
        Explanation(
            "goodbye-blamed",
            "every alert is an error",
            "close_notify says that a side has no more to send, so that nobody can cut a connection short unseen; user_canceled, that somebody changed their mind.",
            "RFC 8446 §6, §6.1",
            "pass over alerts with the description close_notify (0) or user_canceled (90), whatever their level.",
        ),
        Explanation(
            "good-blamed",
            "there is always somebody to blame",
            "in this recording no side sent an alert, and the client's request arrived.",
            "RFC 8446 §6",
            "return None if no message is an Alert.",
        ),
        Explanation(
            "refusal-missed",
            "a refused handshake stops silently",
            "whoever gives up should send an alert, and here one did. In TLS 1.3 it may be encrypted, and may come after the client's Finished; a goodbye or data of the other side may stand before or behind it.",
            "RFC 8446 §6.2",
            "dissect with the key log, and look at all messages, to the end.",
        ),
        Explanation(
            "other-side-blamed",
            "who shows the error made the decision",
            "both sides print an error. The sender of the alert decided; the other one heard of it.",
            "RFC 8446 §6.2",
            "take message.sender of the Alert.",
        ),
        Explanation(
            "other-alert",
            "all refusals mean the same",
            "each alert names what the sender did not accept.",
            "RFC 8446 §6.2",
            "read the field description.",
        ),
        Explanation(
            "still-closed",
            "what is encrypted stays closed",
            "with RSA key transport the secret itself travelled, encrypted to a key that exists for years.",
            "RFC 5246 §7.4.7.1",
            "decrypt encrypted_pre_master_secret with the server's key.",
        ),
        Explanation(
            "not-the-pre-master",
            "any bytes that come out are the secret",
            "it has 48 bytes, of which the first two are the version.",
            "RFC 5246 §7.4.7.1",
            "with the key that the function is given and the padding PKCS1v15, decrypt the bytes behind the two-byte length, and return what comes out.",
        ),
        Explanation(
            "agreement-opened",
            "the server's public key encrypts the session key",
            "with (EC)DHE nothing secret is sent. The certificate's key signs; it can't open anything.",
            "RFC 8446 §4.4.3, appendix E.1",
            "return None where no encrypted secret was sent.",
        ),
        Explanation(
            "pq-certificates",
            "post-quantum is about certificates",
            "key exchange changes first, for recordings made today can be opened later; signatures can't be forged in the past.",
            "RFC 10024",
            "look which group a handshake agreed on.",
        ),
        Explanation(
            "certificate-suffices",
            "a valid certificate proves who you reached",
            "it is public: everybody can send it.",
            "RFC 8446 §4.4.3",
            "look for CertificateVerify in the player.",
        ),
        Explanation(
            "all-hidden",
            "TLS hides whom I visit",
            "ClientHello is readable, and without ECH the name is in it.",
            "RFC 6066 §3; RFC 9849 §1",
            "choose ‘what the wire shows’ in the player.",
        ),
        Explanation(
            "key-encrypts-session",
            "the server's public key encrypts the session key",
            "in TLS 1.3 both sides agree on a fresh secret. The certificate's key signs the transcript.",
            "RFC 8446 §4.4.3",
            "open key_share and CertificateVerify in the player.",
        ),
        Explanation(
            "sign-is-encrypt",
            "signing is encrypting with the private key",
            "a signature hides nothing, and ECDSA has no such reading.",
            "RFC 8446 §4.4.3; FIPS 186-5",
            "look at what your function `proves` does.",
        ),
    ),
    quiz=(
        Question(
            "What is a certificate's key pair for in a TLS 1.3 handshake?",
            right="the private key signs the transcript, the public one checks it",
            because="CertificateVerify is where it is used, and the only place (RFC 8446 §4.4.3).",
            wrong={
                "the public key encrypts the session key": (
                    "key-encrypts-session",
                    "no message carries the session key, encrypted or not.",
                ),
                "the private key encrypts the transcript's hash": (
                    "sign-is-encrypt",
                    "signing hides nothing; everybody can compute that hash who has read along inside.",
                ),
            },
        ),
        Question(
            "Mallory sends your server's certificate to a client that trusts its CA. What stops her?",
            right="she can't make CertificateVerify",
            because="it takes the private key, and it is over this very conversation.",
            wrong={
                "nothing: the certificate is valid": (
                    "certificate-suffices",
                    "valid, and public. It proves nothing about its sender.",
                ),
                "she can't have recorded a CertificateVerify": (
                    "replay-believed",
                    "she may have recorded many; each is over another transcript, so none fits.",
                ),
            },
        ),
        Question(
            "What does somebody on the wire learn from a TLS 1.3 handshake without ECH?",
            right="the name that the client asks for, but not the certificate",
            because="ClientHello is in the open; each handshake message behind ServerHello is encrypted.",
            wrong={
                "neither name nor certificate": (
                    "all-hidden",
                    "you read the name yourself, out of raw bytes.",
                )
            },
        ),
        Question(
            "The server's private key is stolen. Which recordings does it open?",
            right="those of RSA key transport",
            because="there the secret travelled, encrypted to that key.",
            wrong={
                "all of them": ("agreement-opened", "with fresh key agreement the secret was never sent."),
                "none: recordings are encrypted": ("still-closed", "you have opened one."),
            },
        ),
        Question(
            "A client and a server both log an error. Who decided?",
            right="the one that sent the error alert",
            because="the other one only heard of it (RFC 8446 §6.2).",
            wrong={
                "the one whose log you read first": (
                    "other-side-blamed",
                    "both have something to say; one of them decided.",
                )
            },
        ),
        Question(
            "What did post-quantum change first in TLS?",
            right="the key exchange",
            because="what is recorded today could be opened later; so X25519MLKEM768 came first.",
            wrong={
                "the certificates": (
                    "pq-certificates",
                    "a signature can't be forged back in time. Certificates follow.",
                )
            },
        ),
    ),
)
