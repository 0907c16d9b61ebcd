"""Lesson A1, Write a TLS 1.3 client: each piece against real OpenSSL servers, with fresh keys, names and secrets."""

from __future__ import annotations

import operator
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from padlock import tls
from padlock.authority import Authority
from padlock.reading import visible
from padlock.tls import by_hand
from padlock.tls.schedule import hkdf_expand

from ..answer import Answer, Miss, YourCodeRaised
from ..model import Exercise, Explanation, Lesson, Question

MEMORY = "a real OpenSSL server in memory"


@cache
def _root() -> Authority:
    return Authority("Class Root")


@cache
def _issuing() -> Authority:
    return _root().intermediate("Class Issuing CA")


@cache
def _mallory() -> Authority:
    return Authority("Mallory's CA")


@cache
def _namesake() -> Authority:
    """Mallory's as well; a CA may call itself what it likes."""
    return Authority("Class Root")


def _name() -> str:
    return f"api-{secrets.token_hex(4)}.test"


def _roots() -> list[Any]:
    return [_root().certificate]


# ---- What comes back from the learner's functions


def _bytes(value: Any, what: str) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise Miss(
            "not-bytes",
            f"{what} is not bytes",
            tried=f"calling it for {MEMORY}",
            expected="bytes",
            found=_kind(value),
        )
    return bytes(value)


def _tuple(value: Any, count: int, what: str, of: str) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) != count:
        raise Miss(
            "results-missing",
            f"{what} does not return {count} things",
            tried="calling it",
            expected=of,
            found=_kind(value),
        )
    return tuple(value)


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None: is a return missing?" if value is None else f"a {type(value).__name__}"


def _number(value: Any) -> int | None:
    """An int, an IntEnum or whatever else Python counts with; None for anything else."""
    try:
        return operator.index(value)
    except Exception:  # a foreign object may raise anything
        return None


def _raises(answer: Answer, name: str, args: tuple[Any, ...], tried: str) -> bool:
    """Whether it raises, whatever it raises. Out of time is no refusal, and False is one that nobody hears: a `Miss`."""
    try:
        said = answer.call(name, *args, tried=tried)
    except YourCodeRaised as error:
        if error.__cause__ is None:
            raise
        return True
    if said is False:
        raise Miss(
            "false-returned",
            f"{name} returns False and raises nothing",
            tried=tried,
            expected="an exception",
            found="False",
        )
    return False


def _must_raise(answer: Answer, name: str, args: tuple[Any, ...], id: str, headline: str, tried: str) -> None:
    if not _raises(answer, name, args, tried):
        raise Miss(id, headline, tried=tried, expected="an exception", found="a result")


def _first_line(error: YourCodeRaised) -> str:
    """What the learner's code said, and where."""
    at = f", line {error.where[0]}" if error.where else ""
    return error.words.partition(visible("\n"))[0] + at


def _in_turn(number: Any, data: Any, tried: str, of: str) -> None:
    if isinstance(number, bytes | bytearray | memoryview) and isinstance(data, int):
        raise Miss(
            "turned-round",
            "the two results have changed places",
            tried=tried,
            expected=of,
            found=f"(bytes, {data})",
        )


def _differs(
    found: bytes, expected: bytes, variants: dict[str, bytes], otherwise: str, headline: str, tried: str
) -> None:
    """A `Miss` with the id of the mistake that gives just these bytes."""
    if found == expected:
        return
    id = next((id for id, bytes_ in variants.items() if found == bytes_), otherwise)
    raise Miss(
        id,
        headline,
        tried=tried,
        expected=f"{expected[:8].hex()}…",
        found=f"{found[:8].hex()}… ({len(found)} bytes)",
    )


# ---- A handshake as far as the step needs it, with the course's own pieces for the rest


class _Begun:
    """Our hello sent, the ServerHello read, the server's flight decrypted; the secrets of both sides known."""

    def __init__(self, identity: Any, name: str, reply: bytes = b""):
        mine = x25519.X25519PrivateKey.generate()
        hello = by_hand.client_hello(
            os.urandom(32), name, by_hand.X25519, mine.public_key().public_bytes_raw()
        )
        self.peer = by_hand.Peer(identity, reply)
        self.peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
        answer = by_hand.next_record(self.peer)
        share = by_hand.read_server_hello(answer)[1]
        self.shared = mine.exchange(x25519.X25519PublicKey.from_public_bytes(share))
        self.hellos = hello + answer[5:]
        self.client, self.server, self.secret = by_hand.handshake_secrets(self.shared, self.hellos)
        said, self.records = b"", []
        while not (flight := by_hand.server_flight(self.hellos, said)):
            self.records.append(by_hand.next_record(self.peer))
            said += by_hand.unprotect(self.server, len(self.records) - 1, self.records[-1])[1]
        self.flight, self.transcript = flight, self.hellos + said


# ---- 1: ClientHello


def it_is_a_message(answer: Answer) -> None:
    """client_hello makes one handshake message, with your random in it"""
    random, share = os.urandom(32), x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    made = answer.call("client_hello", random, _name(), by_hand.X25519, share, tried="group 0x001d")
    hello = _bytes(made, "what client_hello returns")
    tried = "reading the first four bytes"
    if hello[:2] == b"\x16\x03":
        raise Miss(
            "record-added",
            "there is a record header before the message",
            tried=tried,
            expected="01, then the length in 3 bytes",
            found=hello[:5].hex(" "),
        )
    if hello[:1] != b"\x01" or len(hello) < 4 or int.from_bytes(hello[1:4], "big") != len(hello) - 4:
        raise Miss(
            "length-wrong",
            "type and length at the beginning do not fit the message",
            tried=tried,
            expected=f"01 {max(len(hello) - 4, 0).to_bytes(4, 'big')[1:].hex(' ')}",
            found=hello[:4].hex(" ") or "nothing",
        )
    if hello[4:6] != b"\x03\x03":
        raise Miss(
            "legacy-version",
            "the version at the beginning is another",
            tried="reading the two bytes after type and length",
            expected="03 03",
            found=hello[4:6].hex(" ") or "nothing",
        )
    if random not in hello:
        raise Miss(
            "random-not-yours",
            "the random that was given is not in the message",
            tried="looking for its 32 bytes",
            expected=f"{random[:6].hex()}…",
            found="other bytes",
        )


def a_server_answers(answer: Answer) -> None:
    """a server answers with a ServerHello, and has your share and the name"""
    mine = x25519.X25519PrivateKey.generate()
    _answered(
        answer,
        by_hand.X25519,
        mine.public_key().public_bytes_raw(),
        lambda share: mine.exchange(x25519.X25519PublicKey.from_public_bytes(share)),
    )


def so_with_another_group(answer: Answer) -> None:
    """the same with a share for P-256, group 0x0017"""
    mine = ec.generate_private_key(ec.SECP256R1())
    _answered(
        answer,
        by_hand.SECP256R1,
        mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        lambda share: mine.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), share)
        ),
    )


def _why_refused(alert: int, hello: bytes, group: int) -> str:
    """The id of the mistake behind an alert (RFC 8446 §6.2)."""
    if alert == 50:  # decode_error
        return "length-wrong"
    asked = _asked(hello)
    if group != by_hand.X25519:  # the same with X25519 was taken
        number = group.to_bytes(2, "big")
        there = number in asked.get(10, b"") and number == asked.get(51, b"")[2:4]
        return "length-wrong" if there else "group-fixed"
    if alert == 70:  # protocol_version
        versions = asked.get(43, b"")
        fits = len(versions) % 2 and versions[0] == len(versions) - 1
        return "length-wrong" if versions and not fits else "no-tls13"
    return "hello-refused"


def _asked(hello: bytes) -> dict[int, bytes]:
    """The extensions of a ClientHello, by number; none, if it breaks off."""
    with suppress(IndexError):
        return by_hand.read_client_hello(hello)[1]
    return {}


def _answered(answer: Answer, group: int, share: bytes, agree: Callable[[bytes], bytes]) -> None:
    name = _name()
    made = answer.call("client_hello", os.urandom(32), name, group, share, tried=f"group 0x{group:04x}")
    hello = _bytes(made, "what client_hello returns")
    if len(hello) > 16_384:
        raise Miss(
            "length-wrong",
            "the message does not fit into one record",
            tried="sending it",
            expected="at most 16384 bytes",
            found=f"{len(hello)} bytes",
        )
    peer = by_hand.Peer(_issuing().issue(name))
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    tried = f"sending it to {MEMORY}, group 0x{group:04x}"
    try:
        said = peer.record()
        alert = said[6] if said[0] == by_hand.ALERT else None
    except EOFError as error:
        raise Miss(
            "length-wrong",
            "the server does not answer",
            tried=tried,
            expected="a ServerHello",
            found=str(error),
        ) from None
    if alert is not None:
        raise Miss(
            _why_refused(alert, hello, group),
            "the server refuses your ClientHello",
            tried=tried,
            expected="a ServerHello",
            found=f"{by_hand.alert(alert)}; its log: {peer.error}",
        )
    if said[11:43] == by_hand.RETRY:
        id = "hello-retry" if group == by_hand.X25519 else "group-fixed"
        raise Miss(
            id,
            "the server asks you to try again with another share",
            tried=tried,
            expected="a ServerHello",
            found="a HelloRetryRequest",
        )
    if peer.asked_for != name:
        raise Miss(
            "name-missing",
            "the server does not know whom you want",
            tried=tried,
            expected=f"server_name {name}",
            found=peer.asked_for or "no name",
        )
    if (suite := by_hand.read_server_hello(said)[0]) != by_hand.AES_128_GCM_SHA256:
        raise Miss(
            "suite-not-ours",
            "the server picks a suite that the rest of your client will not know",
            tried=tried,
            expected="0x1301, the only one offered",
            found=f"0x{suite:04x}",
        )
    try:
        keys = by_hand.handshake_secrets(agree(by_hand.read_server_hello(said)[1]), hello + said[5:])
        by_hand.unprotect(keys[1], 0, by_hand.next_record(peer))
    except (InvalidTag, ValueError):
        raise Miss(
            "share-not-yours",
            "the server agreed with another share",
            tried=tried,
            expected="the share that was given to client_hello",
            found="its first encrypted record does not open with that share's key",
        ) from None


# ---- 2: ServerHello


def _server_hello(
    suite: int, group: int, session_id: bytes, *, only: str | None = None, more: tuple[int, ...] = ()
) -> tuple[bytes, bytes]:
    """(record, the share in it) from a real server, with our own ClientHello; `only`: the server's one group."""
    x = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    p = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    name = _name()
    hello = by_hand.client_hello(
        os.urandom(32),
        name,
        group,
        x if group == by_hand.X25519 else p,
        session_id=session_id,
        suites=(suite,),
        more_groups=more,
    )
    peer = by_hand.Peer(_issuing().issue(name), group=only)
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    record = peer.record()
    return record, b"" if more else by_hand.read_server_hello(record)[1]


def _turned_round(record: bytes) -> bytes:
    """The same with its two extensions in the other order, as RFC 8446 §4.2 allows."""
    at = 5 + 39 + record[43] + 5
    length = 4 + int.from_bytes(record[at + 2 : at + 4], "big")
    return record[:at] + record[at + length :] + record[at : at + length]


def _read(answer: Answer, record: bytes, tried: str) -> tuple[int, bytes]:
    read = answer.call("read_server_hello", record, tried=tried)
    suite, share = _tuple(read, 2, "read_server_hello", "(cipher suite, share)")
    _in_turn(suite, share, tried, "(cipher suite, share)")
    if isinstance(suite, bytes | bytearray):
        suite = int.from_bytes(suite, "big")
    if not isinstance(suite, int) or isinstance(suite, bool):
        raise Miss(
            "wrong-type",
            "the cipher suite is not a number",
            tried="calling read_server_hello",
            expected="such as 0x1301",
            found=f"a {type(suite).__name__}",
        )
    return suite, _bytes(share, "the share")


def suite_and_share(answer: Answer) -> None:
    """a ServerHello gives its cipher suite and the server's share"""
    bare, session = (_server_hello(0x1301, by_hand.X25519, s) for s in (b"", os.urandom(32)))
    first = _read(answer, bare[0], "a real ServerHello, without a session id")
    try:
        second = _read(answer, session[0], "a real ServerHello, with a session id")
    except YourCodeRaised:
        second = None
    tried, fits = (
        "real ServerHellos, without and with a session id",
        [first == (0x1301, bare[1]), second == (0x1301, session[1])],
    )
    if fits == [True, True]:
        return
    if any(fits):
        raise Miss(
            "session-id-skipped",
            "it reads one of them, but not one whose session id has another length",
            tried=tried,
            expected="suite 0x1301 and 32 bytes from both",
            found="other bytes from one of them",
        )
    if first[0] != 0x1301:
        raise Miss(
            "suite-wrong",
            "that is not the cipher suite",
            tried=tried,
            expected="0x1301",
            found=f"0x{abs(first[0]) & 0xFFFFFF:04x}",
        )
    raise Miss(
        "share-wrong",
        "that is not the server's share",
        tried=tried,
        expected=f"{bare[1][:6].hex()}… (32 bytes)",
        found=f"{first[1][:6].hex()}… ({len(first[1])} bytes)",
    )


def other_servers(answer: Answer) -> None:
    """other suites and groups, and the extensions in another order"""
    for suite, group in ((0x1302, by_hand.SECP256R1), (0x1303, by_hand.X25519)):
        record, share = _server_hello(suite, group, os.urandom(32))
        tried = f"suite 0x{suite:04x}, group 0x{group:04x}"
        found = _read(answer, record, tried)
        if found[0] != suite:
            raise Miss(
                "suite-wrong",
                "that is not the cipher suite",
                tried=tried,
                expected=f"0x{suite:04x}",
                found=f"0x{abs(found[0]) & 0xFFFFFF:04x}",
            )
        if found[1] != share:
            raise Miss(
                "share-length-fixed" if len(found[1]) == 32 != len(share) else "share-wrong",
                "that is not the server's share",
                tried=tried,
                expected=f"{len(share)} bytes",
                found=f"{len(found[1])} bytes",
            )
    record, share = _server_hello(0x1301, by_hand.X25519, b"")
    try:
        fits = _read(answer, _turned_round(record), "") == (0x1301, share)
    except (YourCodeRaised, Miss):
        fits = False
    if not fits:
        raise Miss(
            "order-assumed",
            "with its extensions in another order it is misread",
            tried="key_share before supported_versions, or the other way round",
            expected="the same share",
            found="something else",
        )


def refusals_are_seen(answer: Answer) -> None:
    """an alert and a HelloRetryRequest raise"""
    for number in (40, 70, 112):
        alert = b"\x15\x03\x03\x00\x02\x02" + bytes([number])
        _must_raise(
            answer,
            "read_server_hello",
            (alert,),
            "alert-ignored",
            "an alert is read as a ServerHello",
            f"the record {alert.hex(' ')}: {by_hand.alert(number)}",
        )
    for session, how in ((b"", "no session id"), (os.urandom(32), "a session id")):
        record, _ = _server_hello(
            0x1301, by_hand.X25519, session, only="prime256v1", more=(by_hand.SECP256R1,)
        )
        _must_raise(
            answer,
            "read_server_hello",
            (record,),
            "retry-ignored",
            "a HelloRetryRequest is read as a ServerHello",
            f"a server that only takes P-256, a share for X25519, {how}",
        )


# ---- 3: key schedule


def labels_expand(answer: Answer) -> None:
    """expand_label gives what HKDF-Expand-Label gives"""
    for label, context, length in (
        (b"key", b"", 16),
        (b"iv", b"", 12),
        (b"c hs traffic", os.urandom(32), 32),
        (b"finished", b"", 32),
    ):
        secret = os.urandom(32)
        tried = f'expand_label(…, "{label.decode()}", …, {length})'
        found = _bytes(
            answer.call("expand_label", secret, label, context, length, tried=tried),
            "what expand_label returns",
        )
        if len(found) != length:
            raise Miss(
                "length-fixed",
                "the result has another length than was asked for",
                tried=tried,
                expected=f"{length} bytes",
                found=f"{len(found)} bytes",
            )
        good = by_hand.expand_label(secret, label, context, length)
        bare = length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(context)]) + context
        hashed = by_hand.expand_label(secret, label, sha256(context).digest(), length)
        again = by_hand.expand_label(by_hand.extract(bytes(32), secret), label, context, length)
        _differs(
            found,
            good,
            {
                "label-prefix": hkdf_expand(secret, bare, length),
                "context-hashed": hashed,
                "extracted-again": again,
            },
            "expand-wrong",
            "the bytes are others",
            tried,
        )


def secrets_of_a_handshake(answer: Answer) -> None:
    """handshake_secrets gives the secrets of a real handshake"""
    name = _name()
    real = _Begun(_issuing().issue(name), name)
    tried = f"the key agreement and hellos of a handshake with {MEMORY}"
    found = _tuple(
        answer.call("handshake_secrets", real.shared, real.hellos, tried=tried),
        3,
        "handshake_secrets",
        "(client's, server's, handshake secret)",
    )
    client, server, secret = (_bytes(value, "a secret") for value in found)
    if (client, server) == (real.server, real.client):
        raise Miss(
            "sides-swapped",
            "the client's secret and the server's have changed places",
            tried=tried,
            expected="client's first",
            found="server's first",
        )
    right = real.client, real.server, real.secret
    if (client, server, secret) != right and {client, server, secret} == set(right):
        raise Miss(
            "order-wrong",
            "the three secrets are right, their order is not",
            tried=tried,
            expected="client's, server's, handshake secret",
            found=", ".join(
                dict(zip(right, ("client's", "server's", "handshake secret"), strict=True))[one]
                for one in (client, server, secret)
            ),
        )
    early = by_hand.extract(bytes(32), bytes(32))
    salt, bare = (
        by_hand.expand_label(early, b"derived", context, 32) for context in (sha256().digest(), b"")
    )
    _differs(
        secret,
        real.secret,
        {
            "early-skipped": by_hand.extract(bytes(32), real.shared),
            "derived-skipped": by_hand.extract(early, real.shared),
            "extract-turned": by_hand.extract(real.shared, salt),
            "context-empty": by_hand.extract(bare, real.shared),
        },
        "secret-wrong",
        "the handshake secret is another",
        tried,
    )
    digest = sha256(real.hellos).digest()
    _differs(
        client,
        real.client,
        {"sides-swapped": real.server},
        "secret-wrong",
        "the client's handshake traffic secret is another",
        tried,
    )
    _differs(
        server,
        real.server,
        {"sides-swapped": by_hand.expand_label(secret, b"c hs traffic", digest, 32)},
        "secret-wrong",
        "the server's handshake traffic secret is another",
        tried,
    )


# ---- 4: records


def _opened(answer: Answer, secret: bytes, sequence: int, record: bytes) -> tuple[Any, bytes]:
    try:
        found = answer.call("unprotect", secret, sequence, record, tried=f"unprotect(…, {sequence}, …)")
    except YourCodeRaised as error:
        if not isinstance(error.__cause__, InvalidTag):
            raise
        first = "counted-from-one" if _counts_from_one(answer, secret) else "tag-refused"
        raise Miss(
            "sequence-ignored" if sequence else first,
            f"record number {sequence} does not open",
            tried=f"unprotect(…, {sequence}, …)",
            expected="the tag fits",
            found="InvalidTag",
        ) from None
    kind, content = _tuple(found, 2, "unprotect", "(kind, content)")
    _in_turn(kind, content, f"unprotect(…, {sequence}, …)", "(kind, content)")
    return kind, _bytes(content, "the content")


def _counts_from_one(answer: Answer, secret: bytes) -> bool:
    """Whether it takes number 1 for number 0."""
    with suppress(YourCodeRaised):
        answer.call("unprotect", secret, 0, by_hand.protect(secret, 1, 23, b"the second record"))
        return True
    return False


def records_open(answer: Answer) -> None:
    """the records of a real server open, one after the other"""
    name = _name()
    real = _Begun(_issuing().issue(name), name)
    for number, record in enumerate(real.records):
        _same_record(
            _opened(answer, real.server, number, record),
            by_hand.unprotect(real.server, number, record),
            f"record {number} of a real server",
        )


def padding_goes(answer: Answer) -> None:
    """padding and kind are taken off, zeros in the content stay"""
    secret = os.urandom(32)
    for sequence, kind, content, padding in (
        (0, 23, b"hello\0\0", 5),
        (1, 22, os.urandom(9) + b"\0", 0),
        (2, 23, b"\0\0abc", 3),
        (300, 23, b"", 40),
        (0x01_02_03_04_05, 21, b"\x01\x00", 1),
    ):
        record = by_hand.protect(secret, sequence, kind, content, padding)
        _same_record(
            _opened(answer, secret, sequence, record),
            (kind, content),
            f"a record with {padding} zeros of padding",
        )


def _same_record(found: tuple[Any, bytes], expected: tuple[int, bytes], tried: str) -> None:
    kind, content = found
    if content != expected[1]:
        inner = expected[1] + bytes([expected[0]])
        id = (
            "type-left"
            if content == inner
            else "padding-left"
            if content.startswith(expected[1])
            else "content-wrong"
        )
        raise Miss(
            id,
            "the content is not what was sent",
            tried=tried,
            expected=f"{len(expected[1])} bytes",
            found=f"{len(content)} bytes",
        )
    number = _number(kind)
    if number != expected[0]:
        raise Miss(
            "type-outer" if number == 23 else "kind-wrong",
            "the kind is not the one inside",
            tried=tried,
            expected=f"the number {expected[0]}",
            found=_kind(kind) if number is None else str(number),
        )


def tampering_shows(answer: Answer) -> None:
    """a changed record raises, in its header too"""
    secret = os.urandom(32)
    good = by_hand.protect(secret, 0, 23, b"Pay 100 euro to Bob")
    for at in (0, 2, 5, len(good) - 1):
        bad = bytearray(good)
        bad[at] ^= 1
        _must_raise(
            answer,
            "unprotect",
            (secret, 0, bytes(bad)),
            "tampered-accepted",
            "a record that was changed on the way is opened",
            f"one bit flipped in byte {at}",
        )


# ---- 5: is it the right server?


# What Python says of code that breaks, and nobody of a server.
BUGS = (ArithmeticError, AttributeError, ImportError, LookupError, NameError, TypeError)


def honest_server(answer: Answer) -> None:
    """the right server is accepted"""
    for issuer in (_root(), _issuing()):
        name = _name()
        real = _Begun(issuer.issue(name), name)
        tried = f"a handshake with {name}, certificate by {issuer.name}"
        id = ""
        try:
            said = answer.call("check_server", real.flight, name, _roots(), real.server, tried=tried)
            words = "False"
        except YourCodeRaised as error:
            if error.__cause__ is None or isinstance(error.__cause__, BUGS):
                raise
            said, words = False, _first_line(error)
            id = "signed-otherwise" if isinstance(error.__cause__, InvalidSignature) else ""
        if said is False:
            only = (
                "intermediates-dropped" if issuer is _issuing() else "honest-refused"
            )  # the root's leaf was taken
            raise Miss(
                id or _other_finished(answer, real, name) or only,
                "the right server is refused",
                tried=tried,
                expected="no exception",
                found=words,
            )


def _other_finished(answer: Answer, real: _Begun, name: str) -> str:
    """The id of the mistake whose Finished it accepts; "" if it accepts none."""
    key, digest = by_hand.expand_label(real.server, b"finished", b"", 32), real.flight.hash_before_finished
    for id, mac in (
        ("secret-as-key", by_hand.extract(real.server, digest)),
        ("finished-hash", by_hand.extract(key, sha256(digest).digest())),
        ("finished-hash", by_hand.extract(key, real.flight.hash_before_verify)),
    ):
        flight = real.flight._replace(finished=mac)
        with suppress(YourCodeRaised):
            if answer.call("check_server", flight, name, _roots(), real.server) is not False:
                return id
    return ""


def _attackers() -> list[tuple[str, str, Callable[[], tuple[by_hand.ServerFlight, str, bytes]]]]:
    """(id of the check that is missing, who it is, a function that makes its flight)."""
    name, other = _name(), _name()

    def met(identity: Any) -> _Begun:
        return _Begun(identity, name)

    def shown(identity: Any) -> tuple[by_hand.ServerFlight, str, bytes]:
        real = met(identity)
        return real.flight, name, real.server

    def replayed() -> tuple[by_hand.ServerFlight, str, bytes]:
        server = _issuing().issue(name)
        old, new = met(server), met(server)
        return new.flight._replace(signature=old.flight.signature), name, new.server

    def added() -> tuple[by_hand.ServerFlight, str, bytes]:
        real = met(_mallory().issue(name))
        sent = [_root().issue(name).certificate, *real.flight.certificates]
        return real.flight._replace(certificates=sent), name, real.server

    def signed_by_a_leaf() -> tuple[by_hand.ServerFlight, str, bytes]:
        hers = _root().issue(other)
        forged = _mallory().issue(
            name, signed_by=hers.private_key, issuer_name=hers.certificate.subject, without=("aki",)
        )
        return shown(([forged.certificate, hers.certificate], forged.private_key))

    def changed(finished: Callable[[bytes], bytes]) -> tuple[by_hand.ServerFlight, str, bytes]:
        real = met(_root().issue(name))
        return real.flight._replace(finished=finished(real.flight.finished)), name, real.server

    now = datetime.now(UTC)
    return [
        (
            "chain-unchecked",
            "a certificate for the name from Mallory's own CA",
            lambda: shown(_mallory().issue(name)),
        ),
        (
            "chain-unchecked",
            "a certificate for the name from a CA that only calls itself Class Root",
            lambda: shown(_namesake().issue(name)),
        ),
        (
            "leaf-as-ca",
            "a certificate for the name that Mallory signed with the key of her own good one",
            signed_by_a_leaf,
        ),
        (
            "expired-accepted",
            "a certificate for the name that expired yesterday",
            lambda: shown(
                _root().issue(name, not_before=now - timedelta(days=90), not_after=now - timedelta(days=1))
            ),
        ),
        (
            "name-unchecked",
            "a good certificate, but for Mallory's own name",
            lambda: shown(_root().issue(other)),
        ),
        (
            "name-unchecked",
            "a good certificate, but for a name that ends with yours",
            lambda: shown(_root().issue(f"not-{name}")),
        ),
        (
            "name-unchecked",
            "a good certificate, but for a name that begins with yours",
            lambda: shown(_root().issue(f"{name}.{other}")),
        ),
        (
            "purpose-unchecked",
            "a good certificate that is for clients only",
            lambda: shown(_root().issue(name, purpose="client")),
        ),
        (
            "signature-unchecked",
            "the real certificate, copied, without its key",
            lambda: shown(tls.borrowed(_root().issue(name).certificate)),
        ),
        ("signature-unchecked", "the real certificate, and a signature of an earlier handshake", replayed),
        ("signature-unchecked", "the real certificate, then her own, and a signature with her key", added),
        (
            "finished-unchecked",
            "a Finished with one bit of its first byte flipped",
            lambda: changed(lambda f: bytes([f[0] ^ 1]) + f[1:]),
        ),
        (
            "finished-unchecked",
            "a Finished with one bit of its last byte flipped",
            lambda: changed(lambda f: f[:-1] + bytes([f[-1] ^ 1])),
        ),
        (
            "finished-unchecked",
            "a Finished that breaks off after 16 bytes",
            lambda: changed(lambda f: f[:16]),
        ),
    ]


def attackers_are_refused(answer: Answer) -> None:
    """attackers are refused"""
    for id, who, make in _attackers():
        flight, name, secret = make()
        _must_raise(
            answer, "check_server", (flight, name, _roots(), secret), id, "an attacker is accepted", who
        )


# ---- 6: your own Finished, and the application's keys


def records_are_sealed(answer: Answer) -> None:
    """protect makes records that open"""
    for sequence, kind, content in (
        (0, 22, os.urandom(36)),
        (1, 23, b"GET /"),
        (0x01_02_03_04_05, 23, b""),
        (3, 21, b"\x01\x00"),
        (4, 23, os.urandom(300)),  # 317 bytes behind the header: more than one byte can say
        (5, 23, os.urandom(by_hand.FULL)),
    ):
        secret = os.urandom(32)
        tried = f"protect(…, {sequence}, {kind}, {len(content)} bytes)"
        record = _bytes(
            answer.call("protect", secret, sequence, kind, content, tried=tried), "what protect returns"
        )
        header = b"\x17\x03\x03" + max(len(record) - 5, 0).to_bytes(4, "big")[2:]
        if record[:5] != header:
            raise Miss(
                "header-wrong" if record[:3] == header[:3] else "header-fixed",
                "the record's header does not fit",
                tried=tried,
                expected=header.hex(" "),
                found=record[:5].hex(" ") or "nothing",
            )
        try:
            opened = by_hand.unprotect(secret, sequence, record)
        except (InvalidTag, ValueError, IndexError):
            raise Miss(
                _why_shut(secret, sequence, record, content),
                "the record does not open on the other side",
                tried=tried,
                expected="the tag fits",
                found="bad_record_mac",
            ) from None
        if opened != (kind, content):
            raise Miss(
                "type-missing",
                "inside, the kind is not where it belongs",
                tried=tried,
                expected=f"the content, then {kind:02x}",
                found="another end",
            )


def _why_shut(secret: bytes, sequence: int, record: bytes, content: bytes) -> str:
    def opens(number: int) -> bool:
        with suppress(InvalidTag, ValueError, IndexError):
            by_hand.unprotect(secret, number, record)
            return True
        return False

    if opens(sequence + 1):
        return "counted-from-one"
    if any(opens(sequence % (1 << bits)) for bits in (0, 8, 16, 32)):  # ignored, or cut short
        return "sequence-ignored"
    return "type-missing" if len(record) == 5 + 16 + len(content) else "tag-refused"


def your_finished(answer: Answer) -> None:
    """finished makes the message that a server wants"""
    secret, transcript = os.urandom(32), os.urandom(500)
    tried = "a secret and a transcript of 500 bytes"
    found = _bytes(answer.call("finished", secret, transcript, tried=tried), "what finished returns")
    good, digest = by_hand.finished(secret, transcript), sha256(transcript).digest()
    if found[:2] in (b"\x16\x03", b"\x17\x03"):
        raise Miss(
            "record-added",
            "there is a record header before the message",
            tried="reading the first bytes",
            expected="14, then the length in 3 bytes",
            found=found[:5].hex(" "),
        )
    if found.endswith(good[4:]) and found not in (good, good[4:]):
        raise Miss(
            "message-header",
            "the HMAC is right, the header before it is not",
            tried="reading the bytes before the last 32",
            expected=good[:4].hex(" "),
            found=found[:-32].hex(" "),
        )
    _differs(
        found,
        good,
        {"header-missing": good[4:], "secret-as-key": good[:4] + by_hand.extract(secret, digest)},
        "finished-wrong",
        "the message is another",
        tried,
    )


def application_keys(answer: Answer) -> None:
    """application_secrets gives the two secrets of the application"""
    secret, transcript = os.urandom(32), os.urandom(500)
    tried = "a handshake secret and a transcript of 500 bytes"
    found = _tuple(
        answer.call("application_secrets", secret, transcript, tried=tried),
        2,
        "application_secrets",
        "(client's, server's)",
    )
    client, server = (_bytes(value, "a secret") for value in found)
    digest = sha256(transcript).digest()
    skipped = by_hand.expand_label(by_hand.extract(secret, bytes(32)), b"c ap traffic", digest, 32)
    good = by_hand.application_secrets(secret, transcript)
    _differs(
        client,
        good[0],
        {"sides-swapped": good[1], "derived-skipped": skipped},
        "secret-wrong",
        "the client's secret is another",
        tried,
    )
    _differs(
        server, good[1], {"sides-swapped": good[0]}, "secret-wrong", "the server's secret is another", tried
    )


def a_server_agrees(answer: Answer) -> None:
    """a real server takes your Finished and your request"""
    name, request = _name(), secrets.token_hex(20).encode()
    real = _Begun(_issuing().issue(name), name)
    whole = real.transcript
    message = _bytes(answer.call("finished", real.client, whole), "what finished returns")
    real.peer.send(_bytes(answer.call("protect", real.client, 0, 22, message), "what protect returns"))
    mine = _tuple(
        answer.call("application_secrets", real.secret, whole),
        2,
        "application_secrets",
        "(client's, server's)",
    )[0]
    real.peer.send(_bytes(answer.call("protect", mine, 0, 23, request), "what protect returns"))
    if real.peer.received != request:
        raise Miss(
            "finished-wrong",
            "the server does not take it",
            tried=MEMORY,
            expected="the handshake ends and the request arrives",
            found=real.peer.error or "it waits",
        )


# ---- 7: all of it


class _Overheard:
    """A wire, what the learner's client sent on it, and the records that it took from it."""

    def __init__(self, wire: by_hand.Wire):
        self._wire, self.sent, self.taken = wire, b"", []

    def send(self, data: bytes) -> None:
        self._wire.send(data)
        self.sent += data

    def record(self) -> bytes:
        self.taken.append(self._wire.record())
        return self.taken[-1]


def _visit(
    answer: Answer, wire: Any, name: str, request: bytes, who: str = MEMORY, otherwise: str = ""
) -> bytes:
    """What the learner's `visit` returns. otherwise: the id for a failure here alone, when all before went well."""
    line, tried = _Overheard(wire), f"visit with {who}"
    try:
        return _bytes(answer.call("visit", line, name, _roots(), request, tried=tried), "what visit returns")
    except YourCodeRaised as error:
        if error.__cause__ is None:
            raise
        kinds, found = [record[0] for record in line.taken], _first_line(error)
        shut, gave_up = isinstance(error.__cause__, InvalidTag), getattr(wire, "error", None)
        if kinds[-1:] == [by_hand.CHANGE_CIPHER_SPEC]:
            id, headline = "ccs-kept", "your client stumbles over a ChangeCipherSpec"
            expected = "it drops the record 14 03 03 00 01 01"
        elif kinds[:1] == [by_hand.ALERT]:
            id, headline, expected = "hello-refused", "the server refuses your ClientHello", "a ServerHello"
            found = by_hand.alert(line.taken[0][6])
        elif otherwise:
            id, headline, expected = otherwise, "your client loses its way", "the same visit as ever"
        else:
            silent, fits = isinstance(error.__cause__, EOFError), False
            if shut or gave_up or silent:
                fits = _as_seen_by_hand(answer, tried)
            if fits and by_hand.CHANGE_CIPHER_SPEC in kinds and not _sealed(line.sent):
                id, headline = (
                    "ccs-kept",
                    "your client can't read the flight that has a ChangeCipherSpec in it",
                )
                expected = "that record is dropped, and has no number"
            elif shut:
                id, headline = "sequence-kept", "your client can't open a record of the server"
                expected = "each secret counts its own records, from 0"
            elif silent:
                id, headline = "wire-silent", "your client waits for a record that does not come"
                expected = "a reply"
            elif gave_up:
                id, headline = "request-lost", "the server breaks off"
                expected, found = "it takes Finished and request", f"its log: {gave_up}"
            else:
                raise
        raise Miss(id, headline, tried=tried, expected=expected, found=found) from None


FLIGHT = (
    4  # EncryptedExtensions, Certificate, CertificateVerify, Finished: in one record each, if nobody packs
)
LATER = "application secret of a transcript that goes on to your own Finished"


def _as_seen_by_hand(answer: Answer, tried: str) -> bool:
    """Another visit, to a server that knows every secret, and so which of them the client used: a `Miss` if it sees why
    the visit before failed. It sends no ChangeCipherSpec and no tickets. Whether it took the client's Finished."""
    name, shut = _name(), False
    server = by_hand.Server(_issuing().issue(name), b"hello")
    line = _Overheard(server)
    try:
        answer.call("visit", line, name, _roots(), b"GET /")
    except YourCodeRaised as error:
        shut = isinstance(error.__cause__, InvalidTag)
    if server.secrets is None:
        return False
    read = sum(record[0] == by_hand.DATA for record in line.taken)
    sealed = _sealed(bytes(server.sent))
    if shut and not sealed:
        number = max(read - 1, 0)
        raise Miss(
            "sequence-kept" if number else "first-record-shut",
            f"your client can't open the server's encrypted record number {number}",
            tried=tried,
            expected=f"it opens under the server's handshake secret, as number {number}",
            found="InvalidTag",
        )
    known, good = _secrets(server), by_hand.finished(server.secrets[0], server.transcript)
    refused = Miss(
        "finished-wrong",
        "the server does not take your Finished",
        tried=tried,
        expected="the HMAC of the hash of all messages up to the server's Finished",
        found=f"its log: {server.error}" if server.error else "it waits for more of it",
    )
    due = (
        ("Finished", by_hand.HANDSHAKE, "client's handshake secret"),
        ("request", by_hand.DATA, "client's application secret"),
    )
    for record, (what, kind, under) in zip(sealed, due, strict=False):
        which, number, found, content = _sealed_with(known, record)
        if (which, number, found) == (under, 0, kind):
            if what == "Finished" and not good.startswith(content):
                raise refused
            continue
        if what == "Finished" and (which, found) == ("client's application secret", by_hand.DATA):
            raise Miss(
                "finished-missing",
                "your client sends no Finished before its request",
                tried=tried,
                expected="first the Finished, under the client's handshake secret, number 0",
                found="first the request",
            )
        if (which, number) == (under, 0):
            raise Miss(
                "sent-otherwise",
                f"your {what} goes out as something else",
                tried=tried,
                expected=f"kind {kind}",
                found=f"kind {found}",
            )
        ids = {under: "sequence-kept", LATER: "own-finished-in"}
        if what == "request":
            ids[""] = "application-otherwise"
        raise Miss(
            ids.get(which, "sides-swapped" if which.startswith("server's") else "request-lost"),
            f"the server can't open your {what}",
            tried=tried,
            expected=f"the {under}, number 0",
            found=f"the {which}, number {number}" if which else "a secret that is none of this handshake's",
        )
    if sealed and not server.ready:
        raise refused
    if shut and len(sealed) > 1 and read == FLIGHT + 1:
        raise Miss(
            "reply-shut",
            "your client can't open the first record after the handshake",
            tried=tried,
            expected="it opens under the server's application secret, as number 0",
            found="InvalidTag",
        )
    return server.ready


def _secrets(server: by_hand.Server) -> dict[str, bytes]:
    """Every secret that it can derive, by name."""
    client, theirs, top = server.secrets
    whole = server.transcript
    ours, replies = by_hand.application_secrets(top, whole)
    return {
        "client's handshake secret": client,
        "client's application secret": ours,
        "server's handshake secret": theirs,
        "server's application secret": replies,
        LATER: by_hand.application_secrets(top, whole + by_hand.finished(client, whole))[0],
        "handshake secret itself": top,
    }


def _sealed(sent: bytes) -> list[bytes]:
    """The encrypted records in it."""
    found, at = [], 0
    while at + 5 <= len(sent):
        end = at + 5 + int.from_bytes(sent[at + 3 : at + 5], "big")
        if sent[at] == by_hand.DATA:
            found.append(sent[at:end])
        at = end
    return found


def _sealed_with(known: dict[str, bytes], record: bytes) -> tuple[str, int, int, bytes]:
    """(which secret opens it, which number, the kind inside, the content); ("", 0, 0, b""): none of them."""
    for which, secret in known.items():
        for number in range(FLIGHT + 2):
            with suppress(InvalidTag, ValueError):
                return which, number, *by_hand.unprotect(secret, number, record)
    return "", 0, 0, b""


def _told(data: bytes, request: bytes) -> bool:
    """Whether a piece of the request is in it."""
    return any(request[at : at + 8] in data for at in range(len(request) - 7))


def _given_away(server: by_hand.Server, request: bytes) -> str:
    """How a server that has no right to it could read a piece of the request, in words; "" if it could not."""
    sent = bytes(server.sent)
    if _told(sent, request):
        return "in the clear"
    opened = [_sealed_with(_secrets(server), record) for record in _sealed(sent)] if server.secrets else []
    together = b"".join(content for _, _, _, content in opened)
    return "under a secret that she has too" if _told(together, request) else ""


def request_and_reply(answer: Answer) -> None:
    """a request arrives, and the whole reply comes back"""
    name, request = _name(), secrets.token_hex(30).encode()
    for reply in (os.urandom(50) + b"\0", os.urandom(40_000)):
        peer = by_hand.Peer(_issuing().issue(name), reply)
        found = _visit(answer, peer, name, request)
        tried = f"{MEMORY} that replies with {len(reply)} bytes"
        if peer.asked_for != name:
            raise Miss(
                "name-missing",
                "the server does not know whom you want",
                tried=tried,
                expected=f"server_name {name}",
                found=peer.asked_for or "no name",
            )
        if peer.received != request:
            if not peer.received:
                _as_seen_by_hand(answer, tried)
            raise Miss(
                "sent-otherwise" if peer.received else "request-lost",
                "the server did not get the request" + (" as it is" if peer.received else ""),
                tried=tried,
                expected=f"{len(request)} bytes",
                found=f"{len(peer.received)} bytes" + (f"; its log: {peer.error}" if peer.error else ""),
            )
        if found != reply:
            id = "one-record" if found and reply.startswith(found) else "reply-wrong"
            raise Miss(
                id,
                "that is not the reply",
                tried=tried,
                expected=f"{len(reply)} bytes",
                found=f"{len(found)} bytes",
            )
        if not peer.goodbye:
            raise Miss(
                "no-goodbye",
                "your client leaves without close_notify",
                tried=tried,
                expected="an alert 01 00, encrypted, at the end",
                found=peer.error or "nothing",
            )
        if _told(bytes(peer.sent), request):
            raise Miss(
                "request-in-the-open",
                "anybody on the way can read your request",
                tried=tried,
                expected="it is nowhere in what your client sends, but encrypted",
                found="its bytes, as they are",
            )


def _pieces(messages: list[bytes]) -> list[bytes]:
    """Cut where no message begins or ends."""
    whole = b"".join(messages)
    return [whole[at : at + 150] for at in range(0, len(whole), 150)]


def packed_otherwise(answer: Answer) -> None:
    """a server may pack its messages into records as it likes"""
    for how, pack in (
        ("all its messages in one record", lambda messages: [b"".join(messages)]),
        ("each message over several records", _pieces),
    ):
        name, request, reply = _name(), secrets.token_hex(30).encode(), os.urandom(50)
        server = by_hand.Server(_issuing().issue(name), reply, pack=pack)
        who, id = f"a server that sends {how}", "packing-assumed"
        found = _visit(answer, server, name, request, who, id)
        if (server.received, found) != (request, reply):
            raise Miss(
                id,
                "request or reply is not what it was with the other server",
                tried=f"visit with {who}",
                expected=f"{len(request)} and {len(reply)} bytes",
                found=f"{len(server.received)} and {len(found)} bytes",
            )


def fresh_every_time(answer: Answer) -> None:
    """each visit has a random and a share of its own"""
    hellos = []
    for _ in range(2):
        name = _name()
        peer = by_hand.Peer(_issuing().issue(name), b"hello")
        _visit(answer, peer, name, b"GET")
        hellos.append(_hello(bytes(peer.sent)))
    for id, what, of in (
        ("not-fresh", "share", lambda hello: _asked(hello).get(51)),
        ("random-kept", "random", lambda hello: hello[6:38]),
    ):
        if of(hellos[0]) == of(hellos[1]):
            raise Miss(
                id,
                f"two visits have the same {what}",
                tried="two handshakes",
                expected="32 new bytes and a new key pair each time",
                found=f"the same {what} again",
            )


def _hello(sent: bytes) -> bytes:
    """The ClientHello, which may come in several records (§5.1)."""
    messages = b"".join(
        sent[r.start + 5 : r.start + 5 + r.length] for r in tls.records(sent) if r.kind == "handshake"
    )
    return messages[: 4 + int.from_bytes(messages[1:4], "big")]


def cut_replies(answer: Answer) -> None:
    """a reply that breaks off is not taken for a whole one"""
    for how, last_words in (("is cut off", b""), ("ends with an alert internal_error", b"\x02\x50")):
        name = _name()
        server = by_hand.Server(_issuing().issue(name), b"Pay 100", last_words=last_words)
        _must_raise(
            answer,
            "visit",
            (_Overheard(server), name, _roots(), b"GET /"),
            "cut-taken",
            "your client takes a part of the reply for all of it",
            f"a server whose reply {how}",
        )


def _liars(name: str) -> list[tuple[str, str, by_hand.Server]]:
    """(id of the check that is missing, who it is, a server by hand that knows every secret)."""
    good, reply = _root().issue(name), b"hello"
    return [
        ("chain-unchecked", "a certificate from Mallory's CA", by_hand.Server(_mallory().issue(name), reply)),
        (
            "name-unchecked",
            "a good certificate for another name",
            by_hand.Server(_root().issue(_name()), reply),
        ),
        (
            "purpose-unchecked",
            "a good certificate that is for clients only",
            by_hand.Server(_root().issue(name, purpose="client"), reply),
        ),
        (
            "signature-unchecked",
            "the real certificate without its key",
            by_hand.Server(tls.borrowed(good.certificate), reply),
        ),
        (
            "finished-unchecked",
            "a signature that fits, and a Finished that does not",
            by_hand.Server(good, reply, last=lambda m: m[:-1] + bytes([m[-1] ^ 1])),
        ),
    ]


@contextmanager
def _at_a_socket(server: by_hand.Server) -> Iterator[by_hand.Line]:
    """A line to it: a thread carries the bytes between a socket and the server by hand."""

    def carry() -> None:
        with suppress(OSError, ValueError), listening.accept()[0] as end:
            while data := end.recv(1 << 16):
                server.send(data)
                with suppress(EOFError):
                    while True:
                        end.sendall(server.record())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=carry, daemon=True)
        thread.start()
        with by_hand.Line(listening.getsockname()[1]) as line:
            yield line
        thread.join()


def no_word_to_attackers(answer: Answer) -> None:
    """an attacker gets no request, in memory or over a socket"""
    headline = "your client talks to somebody whom it should refuse"
    for where, reach in (
        ("in memory", lambda s: nullcontext(_Overheard(s))),
        ("over a socket", _at_a_socket),
    ):
        name, request = _name(), secrets.token_hex(20).encode()
        liars, taken = _liars(name), []
        for id, who, server in liars:
            tried = f"{who}, {where}"
            with reach(server) as wire:
                refused = _raises(answer, "visit", (wire, name, _roots(), request), tried)
            if not refused:
                taken.append((id, tried))
            elif how := _given_away(server, request):
                raise Miss(
                    "request-to-attacker",
                    headline,
                    tried=tried,
                    expected="nothing of the request, before or after the exception",
                    found=f"the request, {how}, and an exception",
                )
        if len(taken) == len(liars):
            taken = [("nobody-refused", f"{len(liars)} attackers, each with another lie, {where}")]
        if taken:
            raise Miss(taken[0][0], headline, tried=taken[0][1], expected="an exception", found="a result")


def over_a_socket(answer: Answer) -> None:
    """the same over a socket, to an HTTPS server on this machine"""
    name, who = _name(), "an HTTPS server at 127.0.0.1"
    with (
        tls.TLSServer(_issuing().issue(name), b"Hello from a socket.\n") as server,
        by_hand.Line(server.port) as line,
    ):
        reply = _visit(
            answer, line, name, f"GET {server.path} HTTP/1.0\r\nHost: {name}\r\n\r\n".encode(), who
        )
    if not reply.endswith(b"Hello from a socket.\n"):
        raise Miss(
            "reply-wrong",
            "that is not the page",
            tried=f"visit with {who}",
            expected="its page",
            found=f"{len(reply)} bytes",
        )


# ---- 8: X25519MLKEM768


def hybrid_share_is_taken(answer: Answer) -> None:
    """OpenSSL 4 takes the share"""
    _hybrid(answer)
    first, second = (
        _bytes(
            _tuple(
                answer.call("hybrid_share", tried="hybrid_share() twice"),
                2,
                "hybrid_share",
                "(your private keys, share)",
            )[1],
            "the share",
        )
        for _ in range(2)
    )
    kept = {"ML-KEM": first[:1184] == second[:1184], "X25519": first[1184:] == second[1184:]}
    if any(kept.values()):
        raise Miss(
            "not-fresh",
            "two calls give the same public key",
            tried="hybrid_share() twice",
            expected="two new key pairs each time",
            found=f"the same for {' and '.join(half for half, same in kept.items() if same)}",
        )


def _hybrid(answer: Answer) -> tuple[Any, by_hand.Peer, bytes, bytes]:
    """(the learner's private keys, the server, both hellos, the server's share)"""
    private, share = _tuple(answer.call("hybrid_share"), 2, "hybrid_share", "(your private keys, share)")
    share = _bytes(share, "the share")
    if len(share) != 1216:
        raise Miss(
            "share-size",
            "the share has another size",
            tried="measuring it",
            expected="1184 + 32 = 1216 bytes",
            found=f"{len(share)} bytes",
        )
    name = _name()
    hello = by_hand.client_hello(os.urandom(32), name, by_hand.X25519MLKEM768, share)
    peer = by_hand.Peer(_issuing().issue(name), b"hello", engine="openssl4")
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    said = peer.record()
    if said[0] == by_hand.ALERT:
        raise Miss(
            "halves-swapped",
            "the server refuses the share",
            tried="a real OpenSSL 4 in memory, group 0x11ec",
            expected="a ServerHello",
            found=f"{by_hand.alert(said[6])}; its log: {peer.error}",
        )
    return private, peer, hello + said[5:], by_hand.read_server_hello(said)[1]


def hybrid_secret_fits(answer: Answer) -> None:
    """both sides have the same secret, and the handshake ends"""
    private, peer, hellos, share = _hybrid(answer)
    tried = f"a real OpenSSL 4 in memory, whose share has {len(share)} bytes"
    secret = _bytes(answer.call("hybrid_secret", private, share, tried=tried), "what hybrid_secret returns")
    if len(secret) != 64:
        raise Miss(
            "half-secret",
            "the secret has another length",
            tried=tried,
            expected="32 + 32 = 64 bytes",
            found=f"{len(secret)} bytes",
        )
    client, server, top = by_hand.handshake_secrets(secret, hellos)
    record = by_hand.next_record(peer)
    if not _opens(server, record):
        turned = by_hand.handshake_secrets(secret[32:] + secret[:32], hellos)[1]
        raise Miss(
            "secret-order" if _opens(turned, record) else "half-wrong",
            "the server has another secret",
            tried=tried,
            expected="its first encrypted record opens",
            found="InvalidTag",
        )
    said, number = by_hand.unprotect(server, 0, record)[1], 1
    while not by_hand.server_flight(hellos, said):
        said += by_hand.unprotect(server, number, peer.record())[1]
        number += 1
    peer.send(by_hand.protect(client, 0, 22, by_hand.finished(client, hellos + said)))
    peer.send(by_hand.protect(by_hand.application_secrets(top, hellos + said)[0], 0, 23, b"hello"))
    if peer.received != b"hello":
        raise RuntimeError(f"the course's own client failed: {peer.error}")


def hybrid_pairs_stay_apart(answer: Answer) -> None:
    """two handshakes at a time do not get in each other's way"""
    tried = "hybrid_share() twice, for two servers, then hybrid_secret for each"
    for private, peer, hellos, share in [_hybrid(answer) for _ in range(2)]:
        secret = _bytes(
            answer.call("hybrid_secret", private, share, tried=tried), "what hybrid_secret returns"
        )
        if not _opens(by_hand.handshake_secrets(secret, hellos)[1], by_hand.next_record(peer)):
            raise Miss(
                "pairs-mixed",
                "with two handshakes under way, one has another secret than its server",
                tried=tried,
                expected="the first encrypted record of each server opens",
                found="InvalidTag",
            )


def _opens(secret: bytes, record: bytes) -> bool:
    try:
        by_hand.unprotect(secret, 0, record)
    except InvalidTag:
        return False
    return True


LESSON = Lesson(
    slug="A1_write_a_tls_client",
    title="Write a TLS 1.3 client",
    minutes=(35, 90),
    exercises=(
        Exercise(
            id="A1-hello", title="A ClientHello that a server answers", asks=("client_hello",),
            tasks=(it_is_a_message, a_server_answers, so_with_another_group),
            hints=(
                "Every length in the message counts what follows it. Build from the inside: first the extensions, then what surrounds them.",
                "Two helpers save you most mistakes: one that puts a length before bytes, one that puts number and length before an extension.",
                "`sized(data, n)` is `len(data).to_bytes(n, \"big\") + data`. Lists have a length of their own inside the extension's length.",
                'key_share: `ext(51, sized(group.to_bytes(2, "big") + sized(share, 2), 2))`; server_name: `ext(0, sized(b"\\0" + sized(host, 2), 2))`',
            ),
            misses=("record-added", "length-wrong", "legacy-version", "random-not-yours", "no-tls13", "hello-refused", "hello-retry", "suite-not-ours", "name-missing", "share-not-yours", "group-fixed",
                    "not-bytes", "wrong-type"),
            done="OpenSSL reads your bytes as a ClientHello, and agrees on a key with your share.",
        ),
        Exercise(
            id="A1-server-hello", title="Read the ServerHello", asks=("read_server_hello",),
            tasks=(suite_and_share, other_servers, refusals_are_seen),
            hints=(
                "Print a ServerHello in hex and put your finger on each field. Which of them has a length that can change?",
                "After the random comes the session id, with its length before it. Then suite, compression, and a list of extensions in any order.",
                "Walk: number in 2 bytes, length in 2, data. Extension 51 holds the group in 2 bytes, a length in 2, and the share.",
                "`at = 39 + message[38]` is where the suite begins, `at + 5` where the extensions begin; raise if `record[0] == 21` or the random is RETRY",
            ),
            misses=("suite-wrong", "share-wrong", "share-length-fixed", "session-id-skipped", "order-assumed", "alert-ignored", "retry-ignored", "false-returned", "turned-round", "not-bytes", "results-missing", "wrong-type"),
            done="suite and share come out of any ServerHello, and a refusal is not taken for one.",
        ),
        Exercise(
            id="A1-schedule", title="The key schedule", asks=("expand_label", "handshake_secrets"),
            tasks=(labels_expand, secrets_of_a_handshake),
            hints=(
                "RFC 8446 §7.1 has a drawing. Extract goes down, Derive-Secret goes to the side.",
                "There is an extract with no PSK above yours: 32 zero bytes in, 32 zero bytes as salt. Between two extracts lies one Derive-Secret, \"derived\".",
                "Extract is `hmac.digest(salt, secret, \"sha256\")`. Derive-Secret's context is the *hash* of the messages; for \"derived\", the hash of nothing.",
                "`early = extract(zeros, zeros)`, `top = extract(expand_label(early, b\"derived\", sha256().digest(), 32), shared)`, then two labels over `sha256(hellos).digest()`",
            ),
            misses=("label-prefix", "length-fixed", "context-hashed", "extracted-again", "expand-wrong", "early-skipped", "derived-skipped", "extract-turned", "context-empty", "sides-swapped", "order-wrong",
                    "secret-wrong", "not-bytes", "results-missing", "wrong-type"),
            done="from one shared secret and two hellos you have what the rest of the handshake is encrypted with.",
        ),
        Exercise(
            id="A1-open", title="Open a record", asks=("unprotect",),
            tasks=(records_open, padding_goes, tampering_shows),
            hints=(
                "Key and iv both come from the traffic secret. The number of the record is in no byte of it: both sides count.",
                "The nonce is iv xor the record's number, written as 12 bytes. The 5 bytes of the header are authenticated too.",
                "`AESGCM(key).decrypt(nonce, record[5:], record[:5])`. What comes out ends with zeros, perhaps; before them stands the real kind.",
                '`inner = AESGCM(key).decrypt(…).rstrip(b"\\0")`, then the last byte is the kind, and the rest the content',
            ),
            misses=("tag-refused", "sequence-ignored", "counted-from-one", "padding-left", "type-left", "type-outer", "kind-wrong", "content-wrong", "tampered-accepted", "false-returned",
                    "turned-round", "not-bytes", "results-missing", "wrong-type"),
            done="the server's records open, and one that was changed does not.",
        ),
        Exercise(
            id="A1-check", title="Is it the right server?", asks=("check_server",),
            tasks=(honest_server, attackers_are_refused),
            hints=(
                "Three questions: whose certificate, who holds its key, and was anything changed on the way?",
                "`judge` answers the first. CertificateVerify answers the second, the Finished the third.",
                "`judge(leaf, intermediates=others, …).accepted` must be looked at. The signature covers 64 spaces, a context string, a zero byte and the hash (RFC 8446 §4.4.3).",
                '`signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\\0" + flight.hash_before_verify`; the Finished is an HMAC with the key that the label "finished" gives',
            ),
            misses=("honest-refused", "signed-otherwise", "intermediates-dropped", "secret-as-key", "finished-hash", "chain-unchecked", "leaf-as-ca", "expired-accepted", "name-unchecked", "purpose-unchecked",
                    "signature-unchecked", "finished-unchecked", "false-returned"),
            done="the right server gets in, and each of the attackers fails at the check that is there for it.",
        ),
        Exercise(
            id="A1-finish", title="Your own Finished", asks=("protect", "finished", "application_secrets"),
            tasks=(records_are_sealed, your_finished, application_keys, a_server_agrees),
            hints=(
                "protect is unprotect backwards. Which length does the header give: of the content, or of what it becomes?",
                "The tag has 16 bytes, the kind one. The header is needed before you encrypt, as it is authenticated.",
                "A Finished is `14` in hex, a length of 32 in three bytes, and the HMAC of the transcript's hash. The application's secrets hang below one more extract, of zeros.",
                '`master = extract(expand_label(handshake_secret, b"derived", sha256().digest(), 32), bytes(32))`, then "c ap traffic" and "s ap traffic"',
            ),
            misses=("header-wrong", "header-fixed", "sequence-ignored", "counted-from-one", "type-missing", "tag-refused", "record-added", "message-header", "finished-wrong", "header-missing", "secret-as-key",
                    "sides-swapped", "derived-skipped", "secret-wrong", "not-bytes", "results-missing", "wrong-type"),
            done="the server believes your Finished, and reads what you say after it.",
        ),
        Exercise(
            id="A1-visit", title="A whole visit", asks=("visit",),
            tasks=(request_and_reply, packed_otherwise, fresh_every_time, cut_replies, over_a_socket, no_word_to_attackers),
            hints=(
                "You have all the pieces. Write down which secret each record is under, and what the transcript is at that moment.",
                "Each secret counts its own records from 0. The transcript holds messages, never record headers.",
                "Drop a record of kind 20. Collect what unprotect gives until `server_flight(hellos, said)` is no longer None; check it; then finished, and only then the request.",
                "`wire.send(protect(client, 0, 22, finished(client, whole)))`, then `application_secrets(top, whole)`, the request as kind 23, and `read_reply` reads what comes",
            ),
            misses=("wire-silent", "hello-refused", "ccs-kept", "first-record-shut", "sequence-kept", "sides-swapped", "finished-missing", "finished-wrong", "own-finished-in", "application-otherwise",
                    "request-lost", "sent-otherwise", "reply-shut", "one-record", "reply-wrong", "cut-taken", "no-goodbye", "name-missing", "packing-assumed", "not-fresh", "random-kept",
                    "request-in-the-open", "nobody-refused", "chain-unchecked", "name-unchecked", "purpose-unchecked", "signature-unchecked",
                    "finished-unchecked", "request-to-attacker", "false-returned", "not-bytes", "wrong-type"),
            done="your client and a real server just talked over TLS 1.3, over a socket too, and none of the attackers got the request.",
        ),
        Exercise(
            id="A1-hybrid", title="X25519MLKEM768", asks=("hybrid_share", "hybrid_secret"),
            tasks=(hybrid_share_is_taken, hybrid_secret_fits, hybrid_pairs_stay_apart),
            hints=(
                "Two key pairs, two halves in the share, two secrets in the result. Only their order has to be got right.",
                "In this group ML-KEM comes first everywhere: in your share, in the server's share, in the secret.",
                "The server's share is a ciphertext of 1088 bytes, which `decapsulate` takes, and 32 bytes of X25519.",
                "`kem.decapsulate(share[:1088]) + x.exchange(X25519PublicKey.from_public_bytes(share[1088:]))`",
            ),
            misses=("share-size", "halves-swapped", "not-fresh", "half-secret", "secret-order", "half-wrong", "pairs-mixed", "not-bytes", "results-missing", "wrong-type"),
            done="your client agrees with OpenSSL 4 on a secret that takes breaking both X25519 and ML-KEM to learn.",
        ),
    ),
    explanations=(
        Explanation("record-added", "a message and a record are the same", "a record is the envelope: one may hold several messages, or a part of one. The transcript is made of messages alone",
                    "RFC 8446 §4, §5.1", "return the message; by_hand.record(22, …) or protect makes a record of it, later."),
        Explanation("length-wrong", "a length counts itself, or everything", "each length counts exactly the bytes after it that belong to it; a server that finds one byte more or less gives up",
                    "RFC 8446 §3.4, §6.2", "let a helper put the length before the bytes, from the inside out."),
        Explanation("legacy-version", "TLS 1.3 stands in every version field", "this one is frozen at 03 03: too many old servers gave up on anything newer. The version that counts is in supported_versions",
                    "RFC 8446 §4.1.2, §4.2.1", "begin the body with 03 03."),
        Explanation("not-bytes", "numbers in a list, or hex as text, are as good as bytes", 'a wire carries `bytes`: made by `b"…"`, `bytes([1, 2])`, `bytes.fromhex("01 02")`, `number.to_bytes(2, "big")`, joined with `+` or `b"".join(parts)`',
                    "", "return bytes; print shows something and returns nothing."),
        Explanation("results-missing", "the last result is the result", "several results come back together: `return a, b` makes a tuple of two", "", "return all that the exercise names, in its order, with commas between."),
        Explanation("false-returned", "False stops whoever calls", "a result can be overlooked: `check_server(…)` alone on its line goes on after False. An exception has to be caught before anything goes on",
                    "", "raise an exception where you return False."),
        Explanation("random-not-yours", "any 32 bytes will do", "the random makes each handshake new; here the check gives one, and wants to see it used",
                    "RFC 8446 §4.1.2", "put the 32 bytes of `random` after 03 03."),
        Explanation("no-tls13", "the version field at the beginning says the version", "the field after type and length is frozen at 03 03; what counts is the extension supported_versions",
                    "RFC 8446 §4.1.2, §4.2.1", "add extension 43 with the one version 03 04."),
        Explanation("hello-refused", "one refusal is like another", "the alert says what is missing: 109 missing_extension, 40 handshake_failure, 47 illegal_parameter",
                    "RFC 8446 §6.2, §9.2", "look the number up, and compare your extensions with the table above the exercise."),
        Explanation("hello-retry", "the server picks a group and the client follows", "that costs another round trip: the client guesses and sends a share at once; without one that fits, the server asks again",
                    "RFC 8446 §4.1.4, §4.2.8", "put `group` into supported_groups, and `share` under the same group into key_share."),
        Explanation("suite-not-ours", "the more I offer, the better", "what you offer, the server may pick; then you must have its hash and its cipher",
                    "RFC 8446 §4.1.2, §9.1", "offer 13 01 alone."),
        Explanation("name-missing", "the server knows whom I want", "many names live at one address; it learns from server_name which certificate to show",
                    "RFC 6066 §3", "add extension 0 with `name`."),
        Explanation("share-not-yours", "the share belongs to the client's long-lived key", "it is the public half of a pair for this one handshake, and you need its private half to go on",
                    "RFC 8446 §4.2.8", "send exactly the bytes in `share`."),
        Explanation("group-fixed", "a share is a share", "its bytes mean something only together with the group, whose number stands in two extensions",
                    "RFC 8446 §4.2.7, §4.2.8", "use `group` in supported_groups and in key_share."),
        Explanation("suite-wrong", "fields lie at fixed places", "what lies behind a field of variable length moves", "RFC 8446 §4.1.3", "find the suite behind the session id."),
        Explanation("share-wrong", "an extension's data is the value", "inside there is the group and one more length, then the share", "RFC 8446 §4.2.8", "leave group and length away."),
        Explanation("share-length-fixed", "a share has 32 bytes", "one for X25519 has; one for P-256 has 65. Its length stands before it", "RFC 8446 §4.2.8", "read the 2 bytes after the group, or take all that is left of the extension."),
        Explanation("session-id-skipped", "the session id has always the same length", "the server sends back what the client sent, 0 to 32 bytes", "RFC 8446 §4.1.3", "read its length, at byte 34 of the message's body."),
        Explanation("order-assumed", "extensions come in the order of the book", "they may come in any order", "RFC 8446 §4.2", "walk over them until you meet number 51."),
        Explanation("alert-ignored", "what comes after a ClientHello is a ServerHello", "it may be an alert; the first byte of the record says so", "RFC 8446 §5.1, §6", "raise if record[0] is not 22."),
        Explanation("retry-ignored", "what has a ServerHello's type is a ServerHello", "a HelloRetryRequest has the same type; only its random, a fixed value, tells",
                    "RFC 8446 §4.1.3, §4.1.4", "compare the random with RETRY."),
        Explanation("label-prefix", "the label is the label", 'TLS 1.3 puts "tls13 " before each, with the space; another label, and every byte of the result is another',
                    "RFC 8446 §7.1", 'put b"tls13 " before the label; its length byte counts all.'),
        Explanation("length-fixed", "every key has 32 bytes", "a key has 16 here, an iv 12, a secret 32; the length goes into the derivation too", "RFC 8446 §7.1, §7.3", "use `length` in both places."),
        Explanation("context-hashed", "expand_label hashes the messages", "Derive hashes them and gives the hash as context; expand_label takes the context as it comes", "RFC 8446 §7.1", "put the context in as it is, and call sha256 in handshake_secrets."),
        Explanation("extracted-again", "HKDF is one function", "it is two, Extract and Expand; `HKDF` of the library does both, and here the secret was extracted already",
                    "RFC 8446 §7.1; RFC 5869 §2", "use HKDFExpand."),
        Explanation("expand-wrong", "what is hashed matters, its form does not", "length in 2 bytes; label and context each with one length byte: all of it goes in",
                    "RFC 8446 §7.1", "compare with struct HkdfLabel, byte for byte."),
        Explanation("early-skipped", "without a PSK the early secret is not needed", "then zeros stand in for the PSK, and the extract is done all the same", "RFC 8446 §7.1", "begin with extract(zeros, zeros)."),
        Explanation("derived-skipped", "one extract feeds the next", "between two of them lies a Derive-Secret with the label derived", "RFC 8446 §7.1", 'use expand_label(…, b"derived", hash of nothing, 32) as the next salt.'),
        Explanation("extract-turned", "it makes no difference what is salt and what is secret", "to an HMAC one is the key, the other the message; the result is another when they change places", "RFC 8446 §7.1; RFC 5869 §2.2",
                    'salt first: hmac.digest(salt, shared, "sha256").'),
        Explanation("context-empty", "no messages, no context", "Derive's context is always a hash; where no message goes in, it is the hash of nothing, 32 bytes", "RFC 8446 §7.1",
                    'give expand_label(early, b"derived", sha256(b"").digest(), 32).'),
        Explanation("sides-swapped", "a session has one key", "each direction has its own: c is what the client writes with, s the server", "RFC 8446 §7.1, §7.3", "return the client's first."),
        Explanation("turned-round", "who unpacks two results sees which is which", "whoever calls takes the results by their place", "", "return them in the order of the exercise's text: the number, then the bytes."),
        Explanation("order-wrong", "what was derived first comes first", "whoever calls takes the results by their place: client's, server's, handshake", "", "return (client, server, handshake)."),
        Explanation("secret-wrong", "nearly the right input gives nearly the right secret", "one bit of another input and everything is different; that is what makes it a key derivation", "RFC 8446 §7.1",
                    "go through it line by line: which Extract it comes from, its salt, its input; the label; the context, which is a hash, and of which messages."),
        Explanation("tag-refused", "decrypting is enough", "AES-GCM authenticates as well: key, nonce, header and every byte must fit", "RFC 8446 §5.2, §5.3", "check what is authenticated (the 5 bytes of the header) and how key and iv are derived."),
        Explanation("sequence-ignored", "the iv is the nonce", "a nonce used twice breaks AES-GCM; so the number of the record goes in, by xor, and it is never sent", "RFC 8446 §5.3", "xor the number, as 12 bytes, big end first, with the iv."),
        Explanation("counted-from-one", "the first record is number 1", "under each secret the first record is number 0, and its nonce is the iv itself", "RFC 8446 §5.3", "xor the number as it was given, with nothing added."),
        Explanation("padding-left", "what was decrypted is the content", "a sender may add zeros to hide the length", "RFC 8446 §5.4", "take zeros off the end, before you take the kind off."),
        Explanation("type-left", "the content is all but the zeros", "its last byte is the kind", "RFC 8446 §5.2", "take that byte off."),
        Explanation("type-outer", "the record's first byte says what is in it", "on the wire all encrypted records are called application data; the kind is inside, encrypted", "RFC 8446 §5.2", "return the last byte that is not zero."),
        Explanation("kind-wrong", "the kind is what is left over", "it is a number, the last byte that is not zero: 21, 22 or 23. `inner[-1]` gives a number, `inner[-1:]` bytes", "RFC 8446 §5.2", "return that number first, then the content."),
        Explanation("content-wrong", "what opens is what was sent", "the tag fits, so the bytes were right until you changed them", "RFC 8446 §5.2, §5.4", "take only the zeros at the very end and one byte off (rstrip, not strip); zeros in the content stay, at its beginning too."),
        Explanation("tampered-accepted", "who decrypts can only get sense or rubbish", "without its tag, a flipped bit of the wire is a flipped bit of the text", "RFC 8446 §5.2", "use AESGCM's decrypt with the header, and let it raise."),
        Explanation("honest-refused", "the stricter the better", "a client that refuses the right server is switched off before long", "RFC 8446 §4.4.3, §4.4.4", "what your code said, and the line, tell which of the three steps it was. The library's verify returns None when all is well, and raises by itself: no `if not` before it."),
        Explanation("intermediates-dropped", "the leaf is all that a server shows", "this server's certificate comes from an intermediate CA, which your roots do not hold; the server sends it along, after the leaf", "RFC 8446 §4.4.2",
                    "give judge the rest of flight.certificates as intermediates."),
        Explanation("signed-otherwise", "the signature is over the hash", "it is over 64 spaces, the words `TLS 1.3, server CertificateVerify`, one zero byte and the hash, 130 bytes in all; ECDSA hashes them once more, with SHA-256",
                    "RFC 8446 §4.4.3", "print what you verify and count: 64 + 33 + 1 + 32. The hash is hash_before_verify."),
        Explanation("chain-unchecked", "a certificate with the right name is the right one", "anybody can write a name into a certificate; only the signature of a CA in your store counts", "RFC 5280 §6.1", "give judge your roots and look at .accepted."),
        Explanation("leaf-as-ca", "whoever has a good certificate can vouch for others", "every signature in this chain fits, and one of its signers is no CA: only a certificate with basicConstraints ca=TRUE may sign others",
                    "RFC 5280 §6.1.4 (k)", "let judge look at the whole chain, or ask each issuer for its basicConstraints."),
        Explanation("expired-accepted", "who was once the right one still is", "a certificate counts until notAfter; who holds it, and whether it was revoked, is nobody's care after that", "RFC 5280 §4.1.2.5, §6.1.3 (a)(2)",
                    "let judge look at the time too: leave out no rule of it."),
        Explanation("name-unchecked", "a valid certificate will do", "Mallory has one too, for her own name", "RFC 9525 §6", "give judge the name that you wanted."),
        Explanation("purpose-unchecked", "a certificate is a certificate", "some are issued for clients only; who holds one is not to pose as a server", "RFC 5280 §4.2.1.12", 'say purpose="server".'),
        Explanation("signature-unchecked", "a valid certificate proves who you reached", "certificates are public and can be copied. The signature over *this* handshake shows that its key is there", "RFC 8446 §4.4.3", "verify flight.signature with the public key of the first certificate."),
        Explanation("finished-unchecked", "once the signature fits, all is well", "the Finished is over all messages so far, the signature too, with a key from the secret: it confirms that the other side has your secret and saw what you saw, and binds whoever signed to these keys. Nothing is sent before it fits", "RFC 8446 §4.4, §4.4.4", "compute all 32 bytes and compare with hmac.compare_digest."),
        Explanation("header-wrong", "the length is that of what I say", "it counts what is on the wire: content, kind and 16 bytes of tag", "RFC 8446 §5.2", "17 03 03, then len(content) + 17."),
        Explanation("header-fixed", "the header says what is inside", "every encrypted record begins with 17 03 03, whatever its kind; then comes the length", "RFC 8446 §5.2", r'begin with b"\x17\x03\x03", and authenticate these bytes too.'),
        Explanation("type-missing", "the header says the kind", "it always says 23; the real kind goes behind the content, encrypted", "RFC 8446 §5.2", "encrypt content + bytes([kind])."),
        Explanation("finished-wrong", "a Finished says that one is done", "it is an HMAC over the hash of the transcript so far, with a key of its own", "RFC 8446 §4.4.4", "hash the transcript, then HMAC it with the key that the label finished gives."),
        Explanation("header-missing", "verify_data is the message", "like every handshake message it begins with type and length", "RFC 8446 §4", "put 14 00 00 20 before it."),
        Explanation("message-header", "the number in the table is a decimal number", "`14` and `20` are hex here: the type is the byte 0x14, 20 in decimal, and the length 32 takes three bytes", "RFC 8446 §4", r'put b"\x14\x00\x00\x20" before the HMAC.'),
        Explanation("secret-as-key", "the secret is the key", "each use has a key of its own, derived with its label", "RFC 8446 §4.4.4", 'derive expand_label(secret, b"finished", b"", 32) first.'),
        Explanation("finished-hash", "one hash is like another", "flight.hash_before_finished is the hash already, of all messages up to CertificateVerify; it goes into the HMAC as it is", "RFC 8446 §4.4.4",
                    'use hmac.digest(key, flight.hash_before_finished, "sha256").'),
        Explanation("wire-silent", "the server speaks when I listen", "it speaks when it has got what it waits for; often an alert or a byte that is missing on your side", "RFC 8446 §2", "read what the server said, after 'Found', and compare what you sent with what it waits for: a ClientHello, then a Finished, then the request."),
        Explanation("sequence-kept", "a session counts its records", "each secret begins again at 0, for each direction", "RFC 8446 §5.3", "use a counter for each secret, and count every record, tickets too."),
        Explanation("ccs-kept", "every record after the ServerHello is encrypted", "a server may send a ChangeCipherSpec there (kind 20), for old boxes on the way, and OpenSSL's do. It has no meaning and no number, and is in no transcript",
                    "RFC 8446 §5, §D.4", "where you read the server's flight, drop a record of kind 20 and read on, without counting it."),
        Explanation("first-record-shut", "what crossed the wire is the transcript", "a transcript holds messages, without the records' 5 bytes; and each side seals with its own secret", "RFC 8446 §4.4.1, §7.1",
                    "hash hello + answer[5:], and open with the second of handshake_secrets, as number 0."),
        Explanation("own-finished-in", "the transcript is everything so far", "for the application's secrets it ends with the server's Finished; your own is not in it", "RFC 8446 §7.1", "give application_secrets the same transcript as finished."),
        Explanation("application-otherwise", "the right function gives the right secret", "your Finished was right, so your transcript was right there; the application's secrets hash the same transcript, and come from the handshake secret, not from a traffic secret",
                    "RFC 8446 §7.1", "give application_secrets the third of handshake_secrets and the transcript that finished got."),
        Explanation("finished-missing", "the server's Finished ends the handshake", "the server waits for yours, encrypted like its own; before it, it reads no request", "RFC 8446 §4.4.4", "send protect(client, 0, 22, finished(…)) first."),
        Explanation("reply-shut", "the server goes on as it began", "after its Finished it seals with its application secret, and that counts from 0 again", "RFC 8446 §5.3, §7.1",
                    "open with the second of application_secrets, as number 0."),
        Explanation("sent-otherwise", "what is sent under the right secret is understood", "the kind tells the server what it reads: 22 is a Finished, 21 an alert; and of kind 23 every byte is taken for the request", "RFC 8446 §5.1, §5.2",
                    "send the request as it was given, once, as kind 23; the Finished as 22, close_notify as 21."),
        Explanation("packing-assumed", "a record is a message", "a server may send all its messages in one record, or one message over several", "RFC 8446 §5.1",
                    "put the contents together, and read on until server_flight no longer says None."),
        Explanation("request-lost", "what I send arrives", "the server reads only what opens under the secret it expects at that moment", "RFC 8446 §4.4.4, §7.1", "the Finished goes under the handshake secret, the request under the application's, both as number 0."),
        Explanation("one-record", "one reply is one record", "a record holds at most 16384 bytes; a reply ends with close_notify, or as HTTP says", "RFC 8446 §5.1, §6.1", "read on until the alert comes."),
        Explanation("reply-wrong", "what comes after the Finished is the reply", "tickets come too, as handshake messages", "RFC 8446 §4.6.1", "keep only what is of kind 23."),
        Explanation("no-goodbye", "closing the connection ends it", "anybody can cut a connection; close_notify shows that nothing was cut off", "RFC 8446 §6.1", r"send 01 00 as kind 21, encrypted, under the next number."),
        Explanation("cut-taken", "where nothing more comes, the reply ends", "anybody on the way can cut a connection; only close_notify says that this was all. Every other alert says that something went wrong", "RFC 8446 §6.1, §6.2",
                    "raise, unless the last thing is the alert 01 00."),
        Explanation("not-fresh", "a key pair can be used again", "then one stolen private key opens all those sessions: one-time keys are what forward secrecy rests on", "RFC 8446 §4.1.2, §E.1", "make random and key pair inside the function."),
        Explanation("random-kept", "a new key pair is new enough", "the standard wants both new: 32 bytes from a secure random number generator in each ClientHello. A key log, for one, finds a handshake by them", "RFC 8446 §4.1.2, §C.1",
                    "use os.urandom(32) inside the function."),
        Explanation("request-in-the-open", "what the server does not look at, nobody looks at", "everybody on the way reads what is not encrypted: a random, a name, a record of kind 22 before the keys, one of kind 23 that is only called so", "RFC 8446 §5.1, §5.2",
                    "send the request once, through protect, and nowhere else."),
        Explanation("nobody-refused", "a check that is written is a check that is made", "your visit took every attacker, so what check_server finds out does not reach it", "RFC 8446 §4.4",
                    "does visit call check_server, before the request, and let it raise? A try around it, or a result that nobody looks at, lets everybody in."),
        Explanation("request-to-attacker", "to be refused later is soon enough", "what was sent was read. Check first, speak then", "RFC 8446 §4.4; RFC 9525 §6", "call check_server before anything of the request goes out, under whatever key, and send nothing of it after the exception."),
        Explanation("share-size", "post-quantum keys are as short as the old", "ML-KEM-768's public key has 1184 bytes, X25519's 32", "FIPS 203 §8; RFC 10024", "send both, raw."),
        Explanation("halves-swapped", "the name gives the order", "it says X25519MLKEM768, and ML-KEM goes first all the same", "RFC 10024", "put the ML-KEM half first."),
        Explanation("half-wrong", "the share is cut like the old one", "the server's share is a ciphertext of 1088 bytes for ML-KEM, then 32 bytes of X25519; each half of the secret comes from the private key whose public half you sent",
                    "RFC 10024", "cut at 1088: decapsulate what is before, exchange with what is after."),
        Explanation("pairs-mixed", "there is one handshake at a time", "a client may have many under way; each has key pairs of its own", "RFC 8446 §4.2.8", "return the private keys as `private`, and in hybrid_secret use the ones that you are given."),
        Explanation("half-secret", "the new algorithm replaces the old", "in a hybrid both count: an attacker has to break both", "RFC 10024", "return both secrets, one after the other."),
        Explanation("secret-order", "the order does not matter to a hash", "to a key derivation every byte is in its place: ML-KEM's secret first", "RFC 10024", "turn the two round."),
        Explanation("certificate-key-encrypts", "the server's public key encrypts what is secret", "in TLS 1.3 it encrypts nothing. All keys come from the two shares, made for this one handshake; the certificate's key signs",
                    "RFC 8446 §4.4.3, §7.1", "look at the key schedule once more: no key of a certificate goes into it. Its message is only hashed, with all others, for the application's secrets."),
        Explanation("not-for-production", "what works is safe to use", "that honest servers answer says nothing of what attackers send, of what a clock betrays, or of what is not there at all", "RFC 8446 §C, §E",
                    "use your system's TLS library, and take along what you know now."),
    ),
    quiz=(
        Question("A TLS 1.3 client reads a Certificate. Under which key was it encrypted?", right="one that came out of the key agreement, before anybody was checked",
                 because="The handshake traffic secret (RFC 8446 §7.1). Encrypted to whoever answered; who that is, the next messages show.",
                 wrong={"the server's public key, in the certificate": ("certificate-key-encrypts", "That key only signs (RFC 8446 §4.4.3); and it is inside the message."),
                        "none: certificates are sent in the open": ("type-outer", "In TLS 1.2 they were. You saw them as records of application data.")}),
        Question("Your client checks chain, name and Finished, and leaves CertificateVerify out. Who gets in?", right="whoever has copied the server's certificate",
                 because="Her Finished fits: she agreed on the secret herself. It binds the keys to whoever signed, and here nobody has.",
                 wrong={"nobody: the Finished covers all": ("signature-unchecked", "It does, with a key that Mallory has too: she agreed on the secret herself."),
                        "only someone with the server's key": ("signature-unchecked", "Whoever has that key can sign as well; the point is who need not have it.")}),
        Question("The 257th record under the server's application secret does not open, all before it did. What do you look at first?", right="how the record's number goes into the nonce",
                 because="Counted from 0 it is number 256, the first that needs a second byte (RFC 8446 §5.3).",
                 wrong={"the key: it has worn off": ("sequence-ignored", "AES-GCM has a limit, but 24 million full-size records away (RFC 8446 §5.5)."),
                        "the header's version": ("tag-refused", "It is 03 03 in every record, and it was right 256 times.")}),
        Question("May you use the client that you wrote for a real service?", right="no: it is right as far as it was checked, and that is not far enough",
                 because="No HelloRetryRequest, no KeyUpdate, no revocation, no protection against timing, no eyes but yours.",
                 wrong={"yes: each step was checked against OpenSSL": ("not-for-production", "Interoperating shows that it does what it should with honest peers. Attackers send what nobody tested."),
                        "yes, with X25519MLKEM768": ("not-for-production", "A stronger key agreement does not mend what the code around it leaves out.")}),
    ),
)  # fmt: skip
