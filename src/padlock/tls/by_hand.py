"""A TLS 1.3 client written out by hand: each step of RFC 8446 a small function over `cryptography`, and servers to try
it on, real ones and one by hand. To learn from and to check learners' clients with; nothing here resists side channels.

One cipher suite, TLS_AES_128_GCM_SHA256, and so one hash: SHA-256. Messages are bytes with their 4-byte header (§4),
records bytes with their 5-byte header (§5.1), transcripts the messages one after the other (§4.4.1).
"""

from __future__ import annotations

import hmac
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL

from . import numbers
from .contexts import Borrowed, identity_of, server_context
from .endpoint import Endpoint
from .openssl import Context, OpenSSLEndpoint
from .schedule import hkdf_expand_label, hkdf_extract
from .wire import HEADER

AES_128_GCM_SHA256 = 0x1301  # §B.4
SECP256R1, X25519, X25519MLKEM768 = 0x0017, 0x001D, 0x11EC  # §4.2.7; RFC 10024
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23  # §5.1
CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, FINISHED = 11, 13, 15, 20  # §4
CLOSE_NOTIFY = b"\x01\x00"  # §6.1
RETRY = sha256(b"HelloRetryRequest").digest()  # the random of a ServerHello that is none, §4.1.3
FULL = 1 << 14  # bytes of content that one record may hold, §5.1
MOST = 1 << 20  # bytes that one connection may send before the other side gives up listening


# ---- real servers, to be talked to in bytes


class Wire(Protocol):
    """What a client by hand needs of a connection."""

    def send(self, data: bytes) -> None:
        """Puts bytes on the wire."""

    def record(self) -> bytes:
        """The next record, header and all, whatever it is. Raises EOFError, with a sentence, when there is none."""


def next_record(wire: Wire) -> bytes:
    """The next record that means something: a ChangeCipherSpec is for old middleboxes and is dropped (§5, §D.4)."""
    while (record := wire.record())[0] == CHANGE_CIPHER_SPEC:
        pass
    return record


class _InMemory:
    """What the servers in memory have in common: bytes in, records out."""

    error: str | None = None

    def __init__(self) -> None:
        self.asked_for: str | None = None
        self.sent, self._out = bytearray(), bytearray()

    def send(self, data: bytes) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"A wire carries bytes, not a {type(data).__name__}.")
        if len(self.sent) + len(data) > MOST:
            raise ValueError("That is more than this server listens to.")
        self.sent += data
        self._hear(bytes(data))

    def record(self) -> bytes:
        if (record := _cut(self._out)) is None:
            why = f"it gave up: {self.error}" if self.error else "it waits for you"
            raise EOFError(f"The server has nothing more to say: {why}.")
        return record

    def _hear(self, data: bytes) -> None:
        raise NotImplementedError


def _cut(data: bytearray) -> bytes | None:
    """Takes the first record out of `data`, if it is all there."""
    length = HEADER + int.from_bytes(data[3:HEADER], "big")
    if len(data) < length:
        return None
    record = bytes(data[:length])
    del data[:length]
    return record


class Peer(_InMemory):
    """A real OpenSSL server in memory: send it bytes, take its records. It speaks TLS 1.3 only.

    identity: as in `handshake`; also `borrowed(…)`
    reply: what it answers to the first application data, before it says close_notify
    engine: "ssl", Python's own, or "openssl4", the one inside `cryptography`, which has X25519MLKEM768
    group: the only group that it agrees to, by OpenSSL's name, such as "prime256v1"
    asked_for: the name in the client's SNI; None if there was none     error: None, or OpenSSL's words
    received: plaintext that it took from the client                    ready: its handshake is finished
    goodbye: the client ended with close_notify                         sent: all that the client put on the wire
    """

    def __init__(
        self, identity: Any, reply: bytes = b"", *, engine: str = "ssl", group: str | None = None
    ) -> None:
        super().__init__()
        self._reply, self._replied = reply, False
        self._end = (_OpenSSL4 if engine == "openssl4" else _Standard)(identity, group, self._asked)

    error = property(lambda self: self._end.said)
    received = property(lambda self: bytes(self._end.received))
    ready = property(lambda self: self._end.ready)
    goodbye = property(lambda self: self._end.goodbye)

    def _hear(self, data: bytes) -> None:
        self._end.hear(data)
        self._end.shake()
        self._end.listen()
        if self._end.received and not self._replied:
            self._replied = True
            self._end.say(self._reply)
            self._end.close()
        self._out += self._end.spoken()

    def _asked(self, name: str | None) -> None:
        self.asked_for = name


class Line:
    """A `Wire` over a socket, to a server on this machine, which has `seconds` for each answer. A context manager."""

    def __init__(self, port: int, seconds: float = 4.0):
        self._socket = socket.create_connection(("127.0.0.1", port), seconds)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: Any) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def record(self) -> bytes:
        header = self._exactly(HEADER)
        return header + self._exactly(int.from_bytes(header[3:], "big"))

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            try:
                more = self._socket.recv(length - len(data))
            except OSError as error:  # out of time, or cut
                raise EOFError(f"The server has nothing more to say: {error}.") from error
            if not more:
                raise EOFError("The server closed the connection.")
            data += more
        return data


class _Standard(Endpoint):
    goodbye = False

    def __init__(self, identity: Any, group: str | None, asked: Callable[[str | None], None]):
        context = server_context(identity, "1.3")
        context.sni_callback = lambda _end, name, _context: asked(name)
        if group:
            context.set_ecdh_curve(group)
        super().__init__("server", context)

    def _read(self) -> None:
        with suppress(ssl.SSLZeroReturnError):
            super()._read()
        self.goodbye = True  # reading ends without an error only after close_notify

    def close(self) -> None:
        with suppress(ssl.SSLError):  # it wants the other's goodbye, which may be still to come
            self.ssl.unwrap()


class _OpenSSL4(OpenSSLEndpoint):
    goodbye = False

    def __init__(self, identity: Any, group: str | None, asked: Callable[[str | None], None]):
        context = Context("server", "1.3", None, group, None)
        context.show(identity)
        context.ssl.set_tlsext_servername_callback(
            lambda end: asked(name.decode("latin-1") if (name := end.get_servername()) else None)
        )
        super().__init__("server", context)

    def _read(self) -> None:
        with suppress(SSL.ZeroReturnError):
            super()._read()
        self.goodbye = True

    def close(self) -> None:
        self.ssl.shutdown()


# ---- the client, step by step


def alert(number: int) -> str:
    """What an alert is called (§6): "alert 40, handshake_failure"."""
    return f"alert {number}, {numbers.ALERT_NAMES.get(number, 'not registered')}"


def record(kind: int, content: bytes) -> bytes:
    """A plaintext record (§5.1). ValueError: it would hold more than `FULL` bytes."""
    if len(content) > FULL:
        raise ValueError(f"A record holds at most {FULL} bytes, and these are {len(content)}.")
    return bytes([kind]) + b"\x03\x03" + len(content).to_bytes(2, "big") + content


def client_hello(
    random: bytes,
    name: str,
    group: int,
    share: bytes,
    *,
    session_id: bytes = b"",
    suites: tuple[int, ...] = (AES_128_GCM_SHA256,),
    more_groups: tuple[int, ...] = (),
) -> bytes:
    """The message (§4.1.2) that offers TLS 1.3 with one key share. more_groups: offered, with no share."""
    host = name.encode("ascii")
    groups = b"".join(g.to_bytes(2, "big") for g in (group, *more_groups))
    extensions = (
        _extension(0, _with_length(b"\0" + _with_length(host, 2), 2))  # server_name, RFC 6066 §3
        + _extension(10, _with_length(groups, 2))  # supported_groups, §4.2.7
        + _extension(13, _with_length(b"\x04\x03", 2))  # signature_algorithms, §4.2.3: ecdsa_secp256r1_sha256
        + _extension(43, _with_length(b"\x03\x04", 1))  # supported_versions, §4.2.1
        + _extension(
            51, _with_length(group.to_bytes(2, "big") + _with_length(share, 2), 2)
        )  # key_share, §4.2.8
    )
    ciphers = b"".join(suite.to_bytes(2, "big") for suite in suites)
    body = b"\x03\x03" + random + _with_length(session_id, 1) + _with_length(ciphers, 2) + b"\x01\x00"
    return b"\x01" + _with_length(body + _with_length(extensions, 2), 3)


def _with_length(data: bytes, size: int) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2, "big") + _with_length(data, 2)


def read_server_hello(record: bytes) -> tuple[int, bytes]:
    """(cipher suite, the server's key share) of a record with a ServerHello (§4.1.3).

    ValueError for an alert, a HelloRetryRequest, and whatever else is no whole ServerHello.
    """
    kind, message = record[:1], record[HEADER:]
    if kind == bytes([ALERT]) and len(message) == 2:
        raise ValueError(f"The server sends {alert(message[1])} (§6).")
    whole = len(message) > 38 and len(message) == 4 + int.from_bytes(message[1:4], "big")
    if kind != bytes([HANDSHAKE]) or message[:1] != b"\x02" or not whole:
        raise ValueError("That is no ServerHello.")
    if message[6:38] == RETRY:
        raise ValueError("A HelloRetryRequest: the server wants another share.")
    at = 39 + message[38]  # past the session id
    extensions = _extensions(message[at + 5 :])  # suite, compression, length of the extensions
    if 51 not in extensions:
        raise ValueError("The ServerHello has no key share.")
    return int.from_bytes(message[at : at + 2], "big"), extensions[51][4:]


def read_client_hello(message: bytes) -> tuple[bytes, dict[int, bytes]]:
    """(session id, extensions by number) of a ClientHello (§4.1.2). IndexError: it breaks off before them."""
    at = 39 + message[38]  # past the session id
    suites = at + 2 + int.from_bytes(message[at : at + 2], "big")
    return message[39:at], _extensions(message[suites + 1 + message[suites] + 2 :])


def _extensions(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")
        found[int.from_bytes(data[at : at + 2], "big")] = data[at + 4 : end]
        at = end
    return found


def expand_label(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """HKDF-Expand-Label (§7.1)."""
    return hkdf_expand_label(secret, label.decode("ascii"), context, length)


def extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract (RFC 5869 §2.2)."""
    return hkdf_extract(salt, secret)


def handshake_secrets(shared: bytes, hellos: bytes) -> tuple[bytes, bytes, bytes]:
    """(client's handshake traffic secret, the server's, the handshake secret above both), §7.1."""
    early = extract(bytes(32), bytes(32))
    secret = extract(expand_label(early, b"derived", sha256().digest(), 32), shared)
    transcript = sha256(hellos).digest()
    return (
        expand_label(secret, b"c hs traffic", transcript, 32),
        expand_label(secret, b"s hs traffic", transcript, 32),
        secret,
    )


def application_secrets(handshake_secret: bytes, transcript: bytes) -> tuple[bytes, bytes]:
    """(client's application traffic secret, the server's), §7.1. transcript: up to the server's Finished."""
    master = extract(expand_label(handshake_secret, b"derived", sha256().digest(), 32), bytes(32))
    digest = sha256(transcript).digest()
    return expand_label(master, b"c ap traffic", digest, 32), expand_label(
        master, b"s ap traffic", digest, 32
    )


def _cipher(secret: bytes, sequence: int) -> tuple[AESGCM, bytes]:
    """AES-GCM and this record's nonce (§7.3, §5.3)."""
    key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12)
    return AESGCM(key), (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")


def unprotect(secret: bytes, sequence: int, record: bytes) -> tuple[int, bytes]:
    """(kind, content) of an encrypted record (§5.2). Raises cryptography's InvalidTag; ValueError: it holds no kind."""
    cipher, nonce = _cipher(secret, sequence)
    inner = cipher.decrypt(nonce, record[HEADER:], record[:HEADER]).rstrip(b"\0")
    if not inner:
        raise ValueError("There is nothing in that record but zeros (§5.4).")
    return inner[-1], inner[:-1]


def protect(secret: bytes, sequence: int, kind: int, content: bytes, padding: int = 0) -> bytes:
    """An encrypted record (§5.2). padding: zero bytes after the kind (§5.4).

    ValueError: content and padding together are more than `FULL` bytes.
    """
    if len(content) + padding > FULL:
        raise ValueError(f"A record holds at most {FULL} bytes, and these are {len(content) + padding}.")
    cipher, nonce = _cipher(secret, sequence)
    inner = content + bytes([kind]) + bytes(padding)
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
    return header + cipher.encrypt(nonce, inner, header)


def finished(secret: bytes, transcript: bytes) -> bytes:
    """The Finished message (§4.4.4) of whoever writes with `secret`."""
    key = expand_label(secret, b"finished", b"", 32)
    return b"\x14" + _with_length(hmac.digest(key, sha256(transcript).digest(), "sha256"), 3)


class ServerFlight(NamedTuple):
    """What a server says of itself, after EncryptedExtensions.

    certificates: `x509.Certificate` objects, the leaf first
    signature: of CertificateVerify       finished: the 32 bytes of its Finished
    hash_before_verify: SHA-256 of the transcript up to Certificate: what the signature covers
    hash_before_finished: … up to CertificateVerify: what the Finished covers
    """

    certificates: list[x509.Certificate]
    signature: bytes
    finished: bytes
    hash_before_verify: bytes
    hash_before_finished: bytes


def server_flight(hellos: bytes, messages: bytes) -> ServerFlight | None:
    """Takes the decrypted messages after the ServerHello apart (§4.4.2–4.4.4). None: the Finished is not there yet,
    and there are more records to read.

    It looks at the form alone, and not at what chain, signature or Finished are worth. ValueError: certificate and
    signature are not there, or not in this order; the signature is of another kind than ecdsa_secp256r1_sha256; a
    certificate can't be read; or the server asks for the client's certificate, which this client has no answer to.
    """
    found: dict[int, tuple[bytes, int]] = {}
    at = 0
    while at + 4 <= len(messages) and FINISHED not in found:
        end = at + 4 + int.from_bytes(messages[at + 1 : at + 4], "big")
        if end > len(messages):
            return None
        found[messages[at]] = (messages[at + 4 : end], at)
        at = end
    if FINISHED not in found:
        return None
    if CERTIFICATE_REQUEST in found:
        raise ValueError(
            "The server asks for a client certificate (§4.3.2), and this client has no answer to that."
        )
    if CERTIFICATE not in found or CERTIFICATE_VERIFY not in found:
        raise ValueError(
            "There is no certificate or no signature before the Finished: are these all messages so far?"
        )
    verify, verify_at = found[CERTIFICATE_VERIFY]
    if verify_at < found[CERTIFICATE][1]:
        raise ValueError("The server signs before it shows its certificate (§4.4).")
    if verify[:2] != b"\x04\x03":
        raise ValueError("The server signs in a way that was not offered.")
    return ServerFlight(
        _certificates(found[CERTIFICATE][0]),
        verify[4:],
        found[FINISHED][0],
        sha256(hellos + messages[:verify_at]).digest(),
        sha256(hellos + messages[: found[FINISHED][1]]).digest(),
    )


def _certificates(body: bytes) -> list[x509.Certificate]:
    """§4.4.2: an empty context, then a list of (certificate, extensions)."""
    at, found = 1 + int.from_bytes(body[:1], "big") + 3, []
    while at < len(body):
        end = at + 3 + int.from_bytes(body[at : at + 3], "big")
        found.append(x509.load_der_x509_certificate(body[at + 3 : end]))
        at = end + 2 + int.from_bytes(body[end : end + 2], "big")
    return found


# ---- a server by hand, for what OpenSSL's never does


class Server(_InMemory):
    """A server that packs its messages into records as it is told, and whose Finished may be wrong.

    identity: a chain whose leaf has a P-256 key; also `borrowed(…)`: then it signs with a key that does not fit
    reply: as in `Peer`
    last_words: the alert after the reply, b"" for none (§6.1)
    pack: makes, of the four messages after the ServerHello, the contents of the records that carry them (§5.1)
    last: makes, of the right Finished (a whole message), the one that is sent
    secrets: as of `handshake_secrets`, None before the ClientHello
    transcript: up to its own Finished, as it was sent         the others: as in `Peer`
    """

    def __init__(
        self,
        identity: Any,
        reply: bytes = b"",
        *,
        pack: Callable[[list[bytes]], list[bytes]] = list,
        last: Callable[[bytes], bytes] = bytes,
        last_words: bytes = CLOSE_NOTIFY,
    ) -> None:
        super().__init__()
        if isinstance(identity, Borrowed):
            self._chain, self._key = identity.certificates, ec.generate_private_key(ec.SECP256R1())
        else:
            self._chain, self._key = identity_of(identity)
        self._reply, self._pack, self._last, self._last_words = reply, pack, last, last_words
        self.received, self.ready, self.goodbye = b"", False, False
        self.secrets: tuple[bytes, bytes, bytes] | None = None
        self.transcript = b""
        self._heard, self._said, self._number, self._spoken = bytearray(), b"", 0, 0

    def _hear(self, data: bytes) -> None:
        self._heard += data
        while not self.error and (record := _cut(self._heard)):
            if record[0] != CHANGE_CIPHER_SPEC:
                (self._sealed if self.secrets else self._plain)(record)

    def _plain(self, record: bytes) -> None:
        self._said += record[HEADER:]
        if len(self._said) < 4 + int.from_bytes(self._said[1:4], "big"):
            return
        try:
            self._answer(self._said)
        except (ValueError, LookupError):
            self.error = numbers.ALERT_NAMES[40]
            self._out += b"\x15\x03\x03\x00\x02\x02\x28"
        self._said = b""

    def _answer(self, hello: bytes) -> None:
        session_id, asked = read_client_hello(hello)
        self.asked_for = asked[0][5:].decode("ascii") if 0 in asked else None
        group, share, shared = _agreed(asked[51])
        extensions = _extension(43, b"\x03\x04") + _extension(51, group + _with_length(share, 2))
        body = b"\x03\x03" + os.urandom(32) + _with_length(session_id, 1)
        body += AES_128_GCM_SHA256.to_bytes(2, "big") + b"\x00" + _with_length(extensions, 2)
        answer = b"\x02" + _with_length(body, 3)
        self.secrets = handshake_secrets(shared, hello + answer)
        messages = self._flight(hello + answer, self.secrets[1])
        self.transcript = hello + answer + b"".join(messages)
        self._out += b"\x16\x03\x03" + _with_length(answer, 2)
        self._out += b"\x14\x03\x03\x00\x01\x01" if session_id else b""  # §D.4: then it has to be sent
        for number, content in enumerate(self._pack(messages)):
            self._out += protect(self.secrets[1], number, HANDSHAKE, content)

    def _flight(self, hellos: bytes, secret: bytes) -> list[bytes]:
        """EncryptedExtensions, Certificate, CertificateVerify, Finished (§4.3.1, §4.4)."""
        chain = b"".join(_with_length(c.public_bytes(Encoding.DER), 3) + b"\0\0" for c in self._chain)
        said = [b"\x08\x00\x00\x02\x00\x00", b"\x0b" + _with_length(b"\0" + _with_length(chain, 3), 3)]
        signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + sha256(hellos + b"".join(said)).digest()
        signature = self._key.sign(signed, ec.ECDSA(SHA256()))
        said.append(b"\x0f" + _with_length(b"\x04\x03" + _with_length(signature, 2), 3))
        return [*said, self._last(finished(secret, hellos + b"".join(said)))]

    def _sealed(self, record: bytes) -> None:
        ours = application_secrets(self.secrets[2], self.transcript)
        try:
            kind, content = unprotect(ours[0] if self.ready else self.secrets[0], self._number, record)
        except InvalidTag:
            return self._break_off(20)
        except ValueError:  # §5.4
            return self._break_off(10)
        if len(record) > HEADER + FULL + 1 + 16:  # content, kind, tag: §5.2
            return self._break_off(22)
        self._number += 1
        if kind == HANDSHAKE and not self.ready:
            self._said += content
            if len(self._said) >= 36:
                if self._said != finished(self.secrets[0], self.transcript):
                    return self._break_off(51)
                self.ready, self._number = True, 0
        elif kind == DATA and self.ready:
            first, self.received = not self.received, self.received + content
            if first:
                for at in range(0, len(self._reply), FULL):
                    self._say(DATA, self._reply[at : at + FULL])
                if self._last_words:
                    self._say(ALERT, self._last_words)
        elif kind == ALERT:
            self.goodbye = content == CLOSE_NOTIFY
        else:
            self._break_off(10)

    def _say(self, kind: int, content: bytes) -> None:
        """After its Finished it writes with the application's secret, whatever the client has sent by then (§7.1)."""
        theirs = application_secrets(self.secrets[2], self.transcript)[1]
        self._out += protect(theirs, self._spoken, kind, content)
        self._spoken += 1

    def _break_off(self, alert: int) -> None:
        self.error = numbers.ALERT_NAMES[alert]
        self._say(ALERT, bytes([2, alert]))


_CURVES = {SECP256R1: ec.SECP256R1(), 0x0018: ec.SECP384R1(), 0x0019: ec.SECP521R1()}  # §4.2.7


def _agreed(shares: bytes) -> tuple[bytes, bytes, bytes]:
    """(group in 2 bytes, our share, the shared secret) for the first of the client's shares that is known here."""
    at = 2
    while at < len(shares):
        end = at + 4 + int.from_bytes(shares[at + 2 : at + 4], "big")
        group, theirs = shares[at : at + 2], shares[at + 4 : end]
        if int.from_bytes(group, "big") == X25519:
            x = x25519.X25519PrivateKey.generate()
            public = x.public_key().public_bytes_raw()
            return group, public, x.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
        if curve := _CURVES.get(int.from_bytes(group, "big")):
            p = ec.generate_private_key(curve)
            public = p.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            point = ec.EllipticCurvePublicKey.from_encoded_point(curve, theirs)
            return group, public, p.exchange(ec.ECDH(), point)
        at = end
    raise ValueError("There is no share for X25519 or one of NIST's curves.")
