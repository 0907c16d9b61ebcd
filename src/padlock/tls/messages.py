"""Every message of TLS 1.3 and 1.2, read field by field. The functions go through the bytes in the order of the
struct in the RFC, and each read says what it reads; see `fields`.

    read(raw, Context(version=0x0304))     # a handshake message with its header of 4 bytes → its fields
"""

# A row of a table, and a read with its words, stay on their line.
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from padlock.reading import visible

from . import numbers
from .fields import Field, Reader

try:
    from compression import zstd  # since Python 3.14
except ImportError:
    zstd = None

TLS13, TLS12 = 0x0304, 0x0303
# RFC 8446 §4.1.3: a ServerHello with this 'random', SHA-256 of "HelloRetryRequest", is one
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
DOWNGRADES = {
    b"DOWNGRD\x01": "Its last 8 bytes say: I speak TLS 1.3, and was asked for 1.2.",
    b"DOWNGRD\x00": "Its last 8 bytes say: I speak TLS 1.2 or newer, and was asked for 1.1 or older.",
}


class Context(NamedTuple):
    """What a reader must know of the connection, since the messages don't say it themselves.

    version: 0x0304, 0x0303, …; None before the ServerHello
    exchange: TLS 1.2's key exchange, from its cipher suite: 'ECDHE', 'DHE', 'RSA', …
    sender: "client" or "server"
    protection: as in `Message`
    retried: a HelloRetryRequest came before
    """

    version: int | None = None
    exchange: str = ""
    sender: str = "client"
    protection: str = "plaintext"
    retried: bool = False

    @property
    def tls13(self) -> bool:
        return self.version is not None and self.version >= TLS13

    @property
    def before_12(self) -> bool:
        return self.version is not None and self.version < TLS12

    @property
    def again(self) -> bool:
        """Under the keys for data: after the handshake, or in one of TLS 1.2 within another."""
        return self.protection == "application"


def exchange_of(suite: str) -> str:
    """'ECDHE' for TLS_ECDHE_RSA_WITH_…; '' for a suite of TLS 1.3, which says nothing of it."""
    before, found, _ = suite.removeprefix("TLS_").partition("_WITH_")
    if not found:
        return ""
    return before if "PSK" in before else before.split("_")[0]


# ------------------------------------------------------------------------------------------------ what messages are for

WORDS = {  # (what for, where written)
    "HelloRequest": ("The server asks for a new handshake within this connection. Gone in TLS 1.3.", "RFC 5246 §7.4.1.1"),
    "ClientHello": ("The client opens: what it can, whom it wants, and its half of the key agreement.", "RFC 8446 §4.1.2"),
    "ServerHello": ("The server chooses from the offer. Now both can make keys, and every handshake message after it is encrypted.", "RFC 8446 §4.1.3"),
    "HelloRetryRequest": ("A ServerHello that says: try again with a key share of another group, or with this cookie.", "RFC 8446 §4.1.4"),
    "NewSessionTicket": ("A ticket for the next visit: with it the two can start from a secret that they share already.", "RFC 8446 §4.6.1"),
    "EndOfEarlyData": ("The client's last word under the 0-RTT key; its handshake key comes next.", "RFC 8446 §4.5"),
    "EncryptedExtensions": ("The rest of the server's answers: those which nobody else need see.", "RFC 8446 §4.3.1"),
    "Certificate": ("The sender's chain of certificates, its own first.", "RFC 8446 §4.4.2"),
    "CertificateRequest": ("The server wants a certificate from the client as well.", "RFC 8446 §4.3.2"),
    "CertificateVerify": ("Proof that the sender holds the certificate's private key: a signature over all messages so far.", "RFC 8446 §4.4.3"),
    "Finished": ("Proof that both saw the same handshake: a MAC over all messages so far.", "RFC 8446 §4.4.4"),
    "KeyUpdate": ("From here on the sender encrypts with the next generation of its key.", "RFC 8446 §4.6.3"),
    "CompressedCertificate": ("A Certificate message, compressed, so that a long chain fits into fewer packets.", "RFC 8879 §4"),
    "ServerKeyExchange": ("The server's half of the key agreement, signed with the certificate's key.", "RFC 5246 §7.4.3"),
    "ServerHelloDone": ("The server has said all that it has to say for now.", "RFC 5246 §7.4.5"),
    "ClientKeyExchange": ("The client's half of the key agreement.", "RFC 5246 §7.4.7"),
    "CertificateStatus": ("A stapled OCSP answer: what the CA says of the certificate's revocation.", "RFC 6066 §8"),
    "CertificateURL": ("Where the client's certificate can be fetched.", "RFC 6066 §5"),
    "NextProtocol": ("The protocol of choice: what ALPN has replaced.", ""),
    "message_hash": ("Never sent: it stands for the first ClientHello in the transcript hash after a HelloRetryRequest.", "RFC 8446 §4.4.1"),
    "ChangeCipherSpec": ("In TLS 1.3 it means nothing; it is sent so that old boxes on the way see what they know from TLS 1.2.", "RFC 8446 §D.4"),
    "Alert": ("Something is wrong, or the sender closes the connection.", "RFC 8446 §6"),
    "ApplicationData": ("What the connection is for.", "RFC 8446 §5"),
    "encrypted": ("A record that could not be decrypted: this is what anybody on the way sees of it.", "RFC 8446 §5.2"),
}
WORDS_12 = {
    "ServerHello": ("The server chooses from the client's offer.", "RFC 5246 §7.4.1.3"),
    "ClientHello": ("The client opens: what it can and whom it wants.", "RFC 5246 §7.4.1.2"),
    "NewSessionTicket": ("The server's state of this session, encrypted by the server for itself: the client brings it back next time.", "RFC 5077 §3.3"),
    "Certificate": ("The sender's chain of certificates, its own first, for anybody on the way to read.", "RFC 5246 §7.4.2"),
    "CertificateRequest": ("The server wants a certificate from the client as well.", "RFC 5246 §7.4.4"),
    "CertificateVerify": ("Proof that the client holds its certificate's private key: a signature over all messages so far.", "RFC 5246 §7.4.8"),
    "Finished": ("The first message under the new keys: a value made from the master secret and all messages of this handshake so far.", "RFC 5246 §7.4.9"),
    "ChangeCipherSpec": ("From the next record on the sender encrypts.", "RFC 5246 §7.1"),
    "Alert": ("Something is wrong, or the sender closes the connection.", "RFC 5246 §7.2"),
    "ApplicationData": ("What the connection is for.", "RFC 5246 §10"),
    "encrypted": ("A record that could not be decrypted: this is what anybody on the way sees of it.", "RFC 5246 §6.2.3"),
}
BY_EXCHANGE = {  # where the key exchange of TLS 1.2 makes it another message; DH and ECDH are the anonymous ones
    ("ServerKeyExchange", "DH"): ("The server's half of the key agreement, signed by nobody: whoever is on the way can send another.", "RFC 5246 §7.4.3"),
    ("ServerKeyExchange", "ECDH"): ("The server's half of the key agreement, signed by nobody: whoever is on the way can send another.", "RFC 8422 §5.4"),
    ("ServerKeyExchange", "PSK"): ("A hint which pre-shared key is meant.", "RFC 4279 §2"),
    ("ServerKeyExchange", "RSA_PSK"): ("A hint which pre-shared key is meant.", "RFC 4279 §4"),
    ("ServerKeyExchange", "DHE_PSK"): ("The server's half of the key agreement, not signed: who it is shows by the pre-shared key.", "RFC 4279 §3"),
    ("ServerKeyExchange", "ECDHE_PSK"): ("The server's half of the key agreement, not signed: who it is shows by the pre-shared key.", "RFC 5489 §2"),
    ("ClientKeyExchange", "RSA"): ("A secret that the client has made, encrypted with the key in the certificate: nothing is agreed, the secret itself is sent.", "RFC 5246 §7.4.7.1"),
    ("ClientKeyExchange", "PSK"): ("Which pre-shared key the client takes.", "RFC 4279 §2"),
    ("ClientKeyExchange", "RSA_PSK"): ("Which pre-shared key the client takes, and a secret, encrypted with the key in the certificate.", "RFC 4279 §4"),
    ("ClientKeyExchange", "DHE_PSK"): ("Which pre-shared key the client takes, and its half of the key agreement.", "RFC 4279 §3"),
    ("ClientKeyExchange", "ECDHE_PSK"): ("Which pre-shared key the client takes, and its half of the key agreement.", "RFC 5489 §2"),
}
AGAIN = {  # an authentication of the client after the handshake of TLS 1.3
    "CertificateVerify": ("Proof that the client holds its certificate's private key: a signature over the handshake and the messages of this authentication.", "RFC 8446 §4.4"),
    "Finished": ("The end of this authentication: a MAC over the handshake and the messages of this authentication.", "RFC 8446 §4.4"),
}
RETRIED = ("The client's second hello: as the first, but with what the HelloRetryRequest asks for.", "RFC 8446 §4.1.2")
AGAIN_12 = {"Certificate": ("The sender's chain of certificates, its own first; encrypted, as this handshake runs inside another.", "RFC 5246 §7.4.2")}


def words_for(name: str, context: Context) -> tuple[str, str]:
    """(what a message of this name is for, where that is written)."""
    if context.retried and name == "ClientHello":
        return RETRIED
    if context.version is None or context.tls13:
        return (context.again and AGAIN.get(name)) or WORDS.get(name, ("", ""))
    special = BY_EXCHANGE.get((name, context.exchange)) or (context.again and AGAIN_12.get(name))
    return special or WORDS_12.get(name) or WORDS.get(name, ("", ""))


# ------------------------------------------------------------------------------------------------------- the messages


def read(raw: bytes, context: Context) -> list[Field]:
    """The fields of a handshake message; together they cover `raw` exactly once."""
    reader = Reader(raw)
    reader.all(lambda r: handshake(r, context))
    return reader.fields


def handshake(r: Reader, context: Context) -> None:
    kind = r.uint(1, "msg_type", "Which message this is.", "RFC 8446 §4", numbers.HANDSHAKE_TYPES, "HandshakeType")
    length = r.uint(3, "length", "How many bytes follow.", "RFC 8446 §4")
    if length > r.left:
        r.fields[-1].error = f"at byte 1: it says that {length:,} bytes follow, but only {r.left:,} are there"
    if body := BODIES.get(kind):
        body(r, context)
    elif r.left:
        r.rest("body", "A message that is not known here.")


def client_hello(r: Reader, context: Context) -> None:
    r.uint(2, "legacy_version", "The newest version that the client speaks.", "RFC 5246 §7.4.1.2", numbers.VERSIONS, "ProtocolVersion")
    version = r.fields[-1]
    r.fixed(32, "random", "Fresh for each connection, so that no two are alike. The key log is sorted by it.", "RFC 8446 §4.1.2", "Random")
    r.opaque(1, "legacy_session_id", "Before TLS 1.3: the session to resume. TLS 1.3: random or empty, means nothing.", "RFC 8446 §4.1.2", type="opaque<0..32>")
    r.uints(2, 2, "cipher_suites", "cipher_suite", "What the client can encrypt with, its favourite first.", "RFC 8446 §4.1.2", numbers.CIPHER_SUITES, SUITE_NOTES)
    r.uints(1, 1, "legacy_compression_methods", "compression_method", "Compression told attackers what is inside (CRIME, 2012): only 'null' is left.", "RFC 8446 §4.1.2", numbers.COMPRESSION_METHODS)
    if r.left:  # in TLS 1.2 a hello may end here (RFC 5246 §7.4.1.2)
        extensions(r, "ClientHello")
        if r.fields[-1].find("supported_versions"):
            version.note = "Always 1.2 where TLS 1.3 is offered: too many servers refused what they didn't know. The truth is in supported_versions."
            version.clause = "RFC 8446 §4.1.2"
        else:  # it offers TLS 1.2 at most, where these numbers name no curve (RFC 5246 §7.4.1.4.1)
            for one in r.fields[-1].find_all("signature_scheme"):
                one.rename(numbers.SIGNATURES_12)


SUITE_NOTES = {
    0x00FF: "No cipher suite: it says that the client knows secure renegotiation (RFC 5746 §3.3).",
    0x5600: "No cipher suite: the client has tried a newer version before (RFC 7507).",
} | dict.fromkeys(numbers.GREASE, "Means nothing, so that servers learn to skip what they don't know (RFC 8701).")


def server_hello(r: Reader, context: Context) -> None:
    r.uint(2, "legacy_version", "Before TLS 1.3: the version. TLS 1.3 says 1.2 here too, and the truth in supported_versions.", "RFC 8446 §4.1.3", numbers.VERSIONS, "ProtocolVersion")
    random = r.fixed(32, "random", "The server's own fresh value.", "RFC 8446 §4.1.3", "Random")
    if random == RETRY:
        r.fields[-1].note = "SHA-256 of 'HelloRetryRequest': by this value a ServerHello becomes one."
        r.fields[-1].clause = "RFC 8446 §4.1.3"
    elif told := DOWNGRADES.get(random[24:]):
        r.fields[-1].note += f" {told} If somebody on the way caused that, the client notices."
    r.opaque(1, "legacy_session_id_echo", "TLS 1.3: the client's value back. Before: the session's name; the client's own value means it is resumed.", "RFC 8446 §4.1.3", type="opaque<0..32>")
    r.uint(2, "cipher_suite", "The server's choice.", "RFC 8446 §4.1.3", numbers.CIPHER_SUITES, "CipherSuite")
    r.uint(1, "legacy_compression_method", "None.", "RFC 8446 §4.1.3", numbers.COMPRESSION_METHODS)
    if r.left:
        extensions(r, "HelloRetryRequest" if random == RETRY else "ServerHello")


def encrypted_extensions(r: Reader, context: Context) -> None:
    extensions(r, "EncryptedExtensions")


def certificate(r: Reader, context: Context) -> None:
    if not context.tls13:
        with r.vector(3, "certificate_list", "The sender's own certificate first, then the one that signed it, and so on.", "RFC 5246 §7.4.2", "ASN.1Cert<0..2^24-1>", say=count("certificate")):
            while r.left:
                r.opaque(3, "cert_data", "One certificate, in DER.", "RFC 5246 §7.4.2", "Certificate", "ASN.1Cert")
        return
    r.opaque(1, "certificate_request_context", "Empty, except after the handshake: which request this answers.", "RFC 8446 §4.4.2")
    with r.vector(3, "certificate_list", "The sender's own certificate first. Empty: a client that has none.", "RFC 8446 §4.4.2", "CertificateEntry<0..2^24-1>", say=count("CertificateEntry", "certificate")):
        while r.left:
            with r.group("CertificateEntry", "One certificate and what belongs to it.", "RFC 8446 §4.4.2"):
                r.opaque(3, "cert_data", "One certificate, in DER.", "RFC 8446 §4.4.2", "Certificate")
                extensions(r, "Certificate")


def compressed_certificate(r: Reader, context: Context) -> None:
    r.uint(2, "algorithm", "How it is compressed.", "RFC 8879 §4", numbers.CERTIFICATE_COMPRESSIONS)
    r.uint(3, "uncompressed_length", "How long the Certificate message is when unpacked.", "RFC 8879 §4")
    r.opaque(3, "compressed_certificate_message", "A Certificate message without its header; the transcript hash covers it as it is here, compressed.", "RFC 8879 §4")


MOST_UNPACKED = 1 << 20  # bytes; TLS would allow 16 times as much, and a sender little to fill it with


class Packed(Exception):
    """A compressed certificate that can't be unpacked; the sentence says why."""


def unpack(algorithm: int, length: int, data: bytes) -> bytes:
    """The body of the Certificate message in a CompressedCertificate (RFC 8879 §4). Never makes more than `length` + 1 bytes.

    algorithm: 1 zlib, 2 brotli, 3 zstd     length: what the sender says that it will be
    Raises `Packed`, one sentence.
    """
    name = numbers.CERTIFICATE_COMPRESSIONS.get(algorithm, f"algorithm {algorithm}")
    if length > MOST_UNPACKED:
        raise Packed(f"it is said to have {length:,} bytes when unpacked, and no more than {MOST_UNPACKED:,} are unpacked here")
    if algorithm == 1:
        unpacker: Any = zlib.decompressobj()
        broken: type[Exception] = zlib.error
    elif algorithm == 3 and zstd:
        unpacker, broken = zstd.ZstdDecompressor(), zstd.ZstdError
    else:
        raise Packed(f"it is compressed with {name}, which this Python does not unpack")
    try:
        found = unpacker.decompress(data, length + 1)  # one more, to see that there is more
    except broken as error:
        raise Packed(f"it is no {name}: {visible(error, 80)}") from error
    if not unpacker.eof or unpacker.unused_data or len(found) != length:
        raise Packed(f"it does not unpack to the {length:,} bytes that it is said to have")
    return found


def certificate_request(r: Reader, context: Context) -> None:
    if context.tls13:
        r.opaque(1, "certificate_request_context", "Empty, except after the handshake: a name for this request.", "RFC 8446 §4.3.2")
        extensions(r, "CertificateRequest")
        return
    r.uints(1, 1, "certificate_types", "certificate_type", "Kinds of keys that the server takes.", "RFC 5246 §7.4.4", numbers.CLIENT_CERTIFICATE_TYPES)
    if not context.before_12:  # RFC 4346 §7.4.4 has none
        r.uints(2, 2, "supported_signature_algorithms", "signature_algorithm", "What the client may sign with.", "RFC 5246 §7.4.4", numbers.SIGNATURES_12)
    distinguished_names(r, "RFC 5246 §7.4.4")


def certificate_verify(r: Reader, context: Context) -> None:
    clause = "RFC 8446 §4.4.3" if context.tls13 else "RFC 5246 §7.4.8"
    signed(r, context, f"The signature over {'the hash of ' if context.tls13 else ''}{covered(context)}.", clause)


def covered(context: Context) -> str:
    """What the proofs of a handshake are about (RFC 8446 §4.4, RFC 5246 §7.4.9)."""
    if not context.again:
        return "all messages so far"
    if context.tls13:
        return "the handshake and the messages of this authentication"
    return "all messages of this handshake so far"


def signed(r: Reader, context: Context, note: str, clause: str) -> None:
    if not context.before_12:  # earlier, the kind of key said how (RFC 4346 §7.4.3)
        names, type = (numbers.SIGNATURE_SCHEMES, "SignatureScheme") if context.tls13 else (numbers.SIGNATURES_12, "SignatureAndHashAlgorithm")
        r.uint(2, "algorithm", "How it is signed.", clause, names, type)
    r.opaque(2, "signature", note, clause)


def finished(r: Reader, context: Context) -> None:
    if context.tls13:
        r.rest("verify_data", f"HMAC with a key made for this alone, over the hash of {covered(context)}.", "RFC 8446 §4.4.4")
    else:
        r.rest("verify_data", "12 bytes from the master secret and the hash of all messages of this handshake so far.", "RFC 5246 §7.4.9")


def new_session_ticket(r: Reader, context: Context) -> None:
    if not context.tls13:
        r.uint(4, "ticket_lifetime_hint", "Seconds for which it is worth keeping; 0 says nothing.", "RFC 5077 §3.3")
        r.opaque(2, "ticket", "Only the server can read it.", "RFC 5077 §3.3")
        return
    r.uint(4, "ticket_lifetime", "Seconds for which it may be used: a week (604800) at most.", "RFC 8446 §4.6.1")
    r.uint(4, "ticket_age_add", "A secret number that the client adds to the ticket's age, so that nobody can link visits by it.", "RFC 8446 §4.6.1")
    r.opaque(1, "ticket_nonce", "Makes the key of each ticket another one.", "RFC 8446 §4.6.1")
    r.opaque(2, "ticket", "What the client shows next time: only the server knows what it means.", "RFC 8446 §4.6.1")
    extensions(r, "NewSessionTicket")


def key_update(r: Reader, context: Context) -> None:
    r.uint(1, "request_update", "Whether the other side should change its key too.", "RFC 8446 §4.6.3", numbers.KEY_UPDATES, "KeyUpdateRequest")


def server_key_exchange(r: Reader, context: Context) -> None:
    if context.exchange in ("ECDHE", "ECDH"):
        curve = r.uint(1, "curve_type", "A curve by its name. Nothing else is allowed now.", "RFC 8422 §5.4", numbers.CURVE_TYPES)
        if curve != 3:
            r.rest("parameters", "Another kind of curve: not read here.", "RFC 8422 §5.4")
            return
        group = r.uint(2, "named_curve", "The curve.", "RFC 8422 §5.4", numbers.GROUPS, "NamedGroup")
        r.opaque(1, "public", f"The server's half: its public key on {numbers.named(numbers.GROUPS, group, 2)}.", "RFC 8422 §5.4", type="ECPoint")
    elif context.exchange in ("DHE", "DH"):
        r.opaque(2, "dh_p", "The prime: the server's own choice, and often a poor one.", "RFC 5246 §7.4.3")
        r.opaque(2, "dh_g", "The generator.", "RFC 5246 §7.4.3")
        r.opaque(2, "dh_Ys", "The server's half: its public value.", "RFC 5246 §7.4.3")
    else:
        r.rest("params", "The parameters of a key exchange that is not read here.", "RFC 5246 §7.4.3")
        return
    if r.left:  # an anonymous exchange has no signature
        signed(r, context, "Over both randoms and the parameters above, with the certificate's key.", "RFC 5246 §7.4.3")


def client_key_exchange(r: Reader, context: Context) -> None:
    if context.exchange in ("ECDHE", "ECDH"):
        r.opaque(1, "ecdh_Yc", "The client's half: its public key on the same curve.", "RFC 8422 §5.7", type="ECPoint")
    elif context.exchange in ("DHE", "DH"):
        r.opaque(2, "dh_Yc", "The client's half: its public value.", "RFC 5246 §7.4.7.2")
    elif context.exchange == "RSA":
        r.opaque(2, "encrypted_pre_master_secret", "A secret of the client's, encrypted with the certificate's key: whoever gets that key later reads this too.", "RFC 5246 §7.4.7.1")
    else:
        r.rest("exchange_keys", "Of a key exchange that is not read here.", "RFC 5246 §7.4.7")


def certificate_status(r: Reader, context: Context) -> None:
    status(r, "RFC 6066 §8")


def status(r: Reader, clause: str) -> None:
    kind = r.uint(1, "status_type", "OCSP.", clause, numbers.STATUS_TYPES, "CertificateStatusType")
    if kind == 1:
        r.opaque(3, "response", "What the CA says of this certificate, signed by it and dated.", clause, "OCSPResponse", "OCSPResponse")
    else:
        r.rest("response", "Another kind of answer.", clause)


def nothing(r: Reader, context: Context) -> None:
    """A message without a body."""


BODIES: dict[int, Callable[[Reader, Context], None]] = {
    0: nothing,
    1: client_hello,
    2: server_hello,
    4: new_session_ticket,
    5: nothing,
    8: encrypted_extensions,
    11: certificate,
    12: server_key_exchange,
    13: certificate_request,
    14: nothing,
    15: certificate_verify,
    16: client_key_exchange,
    20: finished,
    22: certificate_status,
    24: key_update,
    25: compressed_certificate,
}


def alert(raw: bytes, context: Context) -> list[Field]:
    """The two bytes of an alert (RFC 8446 §6; RFC 5246 §7.2)."""
    before = context.version is not None and not context.tls13

    def body(r: Reader) -> None:
        if before:
            r.uint(1, "level", "After a fatal one the connection is over; after a warning it may go on.", "RFC 5246 §7.2", numbers.ALERT_LEVELS, "AlertLevel")
        else:
            r.uint(1, "level", "TLS 1.3 ignores it: all but close_notify and user_canceled are fatal.", "RFC 8446 §6", numbers.ALERT_LEVELS, "AlertLevel")
        number = r.uint(1, "description", "", "", numbers.ALERT_NAMES, "AlertDescription")
        if before:
            r.fields[-1].clause = "RFC 5246 §7.2.1" if number == 0 else "RFC 5246 §7.2.2"
        else:
            r.fields[-1].clause = "RFC 8446 §6.1" if number in (0, 90) else "RFC 8446 §6.2"
        r.fields[-1].note = numbers.ALERTS[number][1] if number in numbers.ALERTS else "Not known here."

    reader = Reader(raw)
    reader.all(body)
    return reader.fields


def change_cipher_spec(raw: bytes, context: Context) -> list[Field]:
    """Its one byte (RFC 5246 §7.1)."""
    reader = Reader(raw)
    reader.all(lambda r: r.uint(1, "type", "Always 1.", "RFC 5246 §7.1", {1: "change_cipher_spec"}))
    return reader.fields


def whole(label: str, note: str, clause: str, clause_12: str) -> Callable[[bytes, Context], list[Field]]:
    """Bytes in which TLS itself sees no parts. clause_12: where that is written before TLS 1.3."""

    def read(raw: bytes, context: Context) -> list[Field]:
        reader = Reader(raw)
        before = context.version is not None and not context.tls13
        reader.all(lambda r: r.rest(label, note, clause_12 if before else clause))
        return reader.fields

    return read


NO_HANDSHAKE: dict[str, Callable[[bytes, Context], list[Field]]] = {  # what has no header of 4 bytes
    "ChangeCipherSpec": change_cipher_spec,
    "Alert": alert,
    "ApplicationData": whole("data", "What the protocol on top sends.", "RFC 8446 §5.1", "RFC 5246 §10"),
    "unknown content": whole("content", "Of a content type that is not read here.", "", ""),
    "encrypted": whole("encrypted_record", "The content, encrypted, and what shows any change of it.", "RFC 8446 §5.2", "RFC 5246 §6.2.3"),
}


# ------------------------------------------------------------------------------------------------------ the extensions


def count(label: str, word: str = "") -> Callable[[Field], str]:
    """Says '3 certificates' of a field with three children called `label`."""

    def say(field: Field) -> str:
        number = sum(child.label == label for child in field.children)
        return f"{number} {word or label}{'' if number == 1 else 's'}"

    return say


def extensions(r: Reader, where: str) -> None:
    """A list of extensions (RFC 8446 §4.2), each: its number, a length, its data."""
    with r.vector(2, "extensions", "What goes beyond the fixed fields.", "RFC 8446 §4.2", "Extension<0..2^16-1>"):
        while r.left:
            extension(r, where)


def extension(r: Reader, where: str) -> None:
    number = int.from_bytes(r.data[r.at : min(r.at + 2, r.end)], "big")
    name = numbers.named(numbers.EXTENSIONS, number, 2)
    note, clause, body = EXTENSIONS.get(number, ("", "", None))
    if name == "GREASE":
        note, clause = "Means nothing: so that servers learn to skip what they don't know.", "RFC 8701 §3"
    with r.group(name if name != "unknown" else f"extension {number}", note, clause, "Extension", say=said):
        r.uint(2, "extension_type", "", "RFC 8446 §4.2", numbers.EXTENSIONS, "ExtensionType")
        if body is None:
            r.opaque(2, "extension_data", "Not known here." if name == "unknown" else "", clause)
            return
        with r.vector(2, "extension_data", "", clause, "opaque<0..2^16-1>", say=joined):
            body(r, where)


def said(extension: Field) -> str:
    """An extension's line is its data's."""
    return extension.children[-1].text if extension.children else ""


def joined(data: Field) -> str:
    if len(data.children) == 1:
        return data.children[0].text
    return ", ".join(f"{child.label} {child.text}" for child in data.children[:8]) or "empty"


def empty(r: Reader, where: str) -> None:
    """An extension that says all by being there."""


def server_name(r: Reader, where: str) -> None:
    if where != "ClientHello":
        return  # the server's is empty: it has used the name
    with r.vector(2, "server_name_list", "", "RFC 6066 §3", "ServerName<1..2^16-1>", say=lambda f: ", ".join(
        x.text for x in f.find_all("host_name")[:8])):
        while r.left:
            with r.group("ServerName", "", "RFC 6066 §3", say=lambda f: f.children[-1].text if f.children else ""):
                r.uint(1, "name_type", "There is only one kind.", "RFC 6066 §3", numbers.NAME_TYPES, "NameType")
                r.text(2, "host_name", "The name that the client wants to reach, for anybody on the way to read.", "RFC 6066 §3")


def alpn(r: Reader, where: str) -> None:
    note = "Offered, the favourite first." if where == "ClientHello" else "The server's choice."
    with r.vector(2, "protocol_name_list", note, "RFC 7301 §3.1", "ProtocolName<2..2^16-1>"):
        while r.left:
            r.text(1, "protocol_name", "Such as h2 or http/1.1.", "RFC 7301 §3.1")


def supported_groups(r: Reader, where: str) -> None:
    r.uints(2, 2, "named_group_list", "named_group", "Ways to agree on a key, the favourite first.", "RFC 8446 §4.2.7", numbers.GROUPS, GREASE_NOTES)


GREASE_NOTES = dict.fromkeys(numbers.GREASE, "Means nothing, on purpose (RFC 8701).")


def key_share(r: Reader, where: str) -> None:
    if where == "HelloRetryRequest":
        r.uint(2, "selected_group", "Send a share of this group.", "RFC 8446 §4.2.8", numbers.GROUPS, "NamedGroup")
    elif where == "ClientHello":
        with r.vector(2, "client_shares", "A public key for each group that the client bets on.", "RFC 8446 §4.2.8", "KeyShareEntry<0..2^16-1>", say=lambda f: ", ".join(x.text for x in f.children[:8]) or "empty"):
            while r.left:
                share(r, client=True)
    else:
        share(r, client=False)


def share_text(entry: Field) -> str:
    return f"{entry.children[0].name}, {entry.children[-1].length} bytes" if entry.children else "empty"


def share(r: Reader, client: bool) -> None:
    with r.group("KeyShareEntry", "", "RFC 8446 §4.2.8", say=share_text):
        group = r.uint(2, "group", "", "RFC 8446 §4.2.7", numbers.GROUPS, "NamedGroup")
        note = "The sender's half of the key agreement: a public key, new for this connection."
        note = GREASE_NOTES.get(group, note)
        parts = numbers.HYBRIDS.get(group)
        length = int.from_bytes(r.data[r.at : min(r.at + 2, r.end)], "big")
        if not parts or sum(parts[not client]) != length:
            r.opaque(2, "key_exchange", note, "RFC 8446 §4.2.8")
            return
        with r.vector(2, "key_exchange", "Two halves in one: whoever wants the key must break both.", "RFC 8446 §4.2.8", "opaque<1..2^16-1>", say=lambda f: f"{f.length} bytes"):
            for size, name in zip(parts[not client], parts[2], strict=True):
                mlkem = name.startswith("ML-KEM")
                what = ("encapsulation key" if client else "ciphertext") if mlkem else "public key"
                about = "FIPS 203: safe against quantum computers, as far as is known." if mlkem else note
                r.fixed(size, f"{name} {what}", about, parts[3])


def signature_algorithms(r: Reader, where: str) -> None:
    r.uints(2, 2, "supported_signature_algorithms", "signature_scheme", "What the other side may sign with.", "RFC 8446 §4.2.3", numbers.SIGNATURE_SCHEMES, GREASE_NOTES)


def supported_versions(r: Reader, where: str) -> None:
    if where == "ClientHello":
        r.uints(1, 2, "versions", "version", "The favourite first.", "RFC 8446 §4.2.1", numbers.VERSIONS, GREASE_NOTES)
    else:
        r.uint(2, "selected_version", "The version that it is going to be.", "RFC 8446 §4.2.1", numbers.VERSIONS, "ProtocolVersion")


def psk_key_exchange_modes(r: Reader, where: str) -> None:
    r.uints(1, 1, "ke_modes", "ke_mode", "psk_dhe_ke: with a fresh key agreement too, so that old keys don't open new sessions.", "RFC 8446 §4.2.9", numbers.PSK_MODES)


def pre_shared_key(r: Reader, where: str) -> None:
    if where != "ClientHello":
        r.uint(2, "selected_identity", "Which of the offered ones is taken, from 0.", "RFC 8446 §4.2.11")
        return
    with r.vector(2, "identities", "Secrets that the two may share from before.", "RFC 8446 §4.2.11", "PskIdentity<7..2^16-1>", say=count("PskIdentity")):
        while r.left:
            with r.group("PskIdentity", "", "RFC 8446 §4.2.11"):
                r.opaque(2, "identity", "A ticket, or the name of a key that was given to both.", "RFC 8446 §4.2.11")
                r.uint(4, "obfuscated_ticket_age", "The ticket's age in ms plus ticket_age_add, modulo 2^32.", "RFC 8446 §4.2.11.1")
    with r.vector(2, "binders", "For each, proof that the client holds the secret.", "RFC 8446 §4.2.11.2", "PskBinderEntry<33..2^16-1>", say=count("binder")):
        while r.left:
            r.opaque(1, "binder", "A MAC with the secret over this ClientHello up to here.", "RFC 8446 §4.2.11.2")


def early_data(r: Reader, where: str) -> None:
    if where == "NewSessionTicket":
        r.uint(4, "max_early_data_size", "So many bytes may be sent at once next time, before the server answers.", "RFC 8446 §4.6.1")


def cookie(r: Reader, where: str) -> None:
    r.opaque(2, "cookie", "From the HelloRetryRequest, and back: the server need remember nothing.", "RFC 8446 §4.2.2")


def status_request(r: Reader, where: str) -> None:
    if where == "Certificate":
        status(r, "RFC 8446 §4.4.2.1")
    elif where == "ClientHello" or (where == "CertificateRequest" and r.left):
        kind = r.uint(1, "status_type", "OCSP.", "RFC 6066 §8", numbers.STATUS_TYPES, "CertificateStatusType")
        if kind != 1:
            r.rest("request", "Another kind of question.", "RFC 6066 §8")
            return
        with r.vector(2, "responder_id_list", "OCSP responders that the client trusts; empty: those that the server knows anyway.", "RFC 6066 §8"):
            while r.left:
                r.opaque(2, "responder_id", "", "RFC 6066 §8")
        r.opaque(2, "request_extensions", "", "RFC 6066 §8")


def timestamps(r: Reader, where: str) -> None:
    if where in ("ClientHello", "CertificateRequest") and not r.left:
        return
    with r.vector(2, "sct_list", "Promises of logs to publish this certificate.", "RFC 6962 §3.3", "SerializedSCT<1..2^16-1>", say=count("SerializedSCT", "SCT")):
        while r.left:
            with r.vector(2, "SerializedSCT", "", "RFC 6962 §3.2", say=lambda f: f"{f.length} bytes"):
                timestamp(r)


def timestamp(r: Reader) -> None:
    if r.uint(1, "sct_version", "0 is v1.", "RFC 6962 §3.2") != 0:
        r.rest("sct", "Another version.", "RFC 6962 §3.2")
        return
    r.fixed(32, "log_id", "Which log: SHA-256 of its public key.", "RFC 6962 §3.2")
    r.uint(8, "timestamp", "Milliseconds since 1970.", "RFC 6962 §3.2")
    r.opaque(2, "extensions", "", "RFC 6962 §3.2")
    r.uint(2, "algorithm", "", "RFC 6962 §3.2", numbers.SIGNATURE_SCHEMES)
    r.opaque(2, "signature", "The log's.", "RFC 6962 §3.2")


def session_ticket(r: Reader, where: str) -> None:
    if r.left:
        r.rest("ticket", "A ticket from an earlier visit, brought back.", "RFC 5077 §3.2")


def renegotiation_info(r: Reader, where: str) -> None:
    r.opaque(1, "renegotiated_connection", "Empty in a first handshake; else the Finished values of the one before.", "RFC 5746 §3.2")


def ec_point_formats(r: Reader, where: str) -> None:
    r.uints(1, 1, "ec_point_format_list", "ec_point_format", "How points on curves are written. Before TLS 1.3 only.", "RFC 8422 §5.1.2", numbers.POINT_FORMATS)


def padding(r: Reader, where: str) -> None:
    if r.left:
        r.rest("padding", "Zeros.", "RFC 7685 §3")


def record_size_limit(r: Reader, where: str) -> None:
    r.uint(2, "record_size_limit", "The most bytes that the sender takes in one record.", "RFC 8449 §4")


def compress_certificate(r: Reader, where: str) -> None:
    r.uints(1, 2, "algorithms", "algorithm", "How the other side may compress its Certificate.", "RFC 8879 §3", numbers.CERTIFICATE_COMPRESSIONS)


def distinguished_names(r: Reader, clause: str) -> None:
    with r.vector(2, "certificate_authorities", "CAs at which the chain may end.", clause, "DistinguishedName<0..2^16-1>", say=count("distinguished_name", "name")):
        while r.left:
            r.opaque(2, "distinguished_name", "A CA's subject, in DER.", clause, "Name", "DistinguishedName")


def certificate_authorities(r: Reader, where: str) -> None:
    distinguished_names(r, "RFC 8446 §4.2.4")


def oid_filters(r: Reader, where: str) -> None:
    with r.vector(2, "filters", "", "RFC 8446 §4.2.5"):
        while r.left:
            r.opaque(1, "certificate_extension_oid", "", "RFC 8446 §4.2.5")
            r.opaque(2, "certificate_extension_values", "", "RFC 8446 §4.2.5")


def encrypted_client_hello(r: Reader, where: str) -> None:
    if where == "ClientHello":
        kind = r.uint(1, "type", "outer: the real ClientHello is encrypted in here, or this is GREASE and nothing is.", "RFC 9849 §5", {0: "outer", 1: "inner"})
        if kind == 0:
            r.uint(2, "kdf_id", "", "RFC 9180 §7.2", {1: "HKDF-SHA256", 2: "HKDF-SHA384", 3: "HKDF-SHA512"})
            r.uint(2, "aead_id", "", "RFC 9180 §7.3", {1: "AES-128-GCM", 2: "AES-256-GCM", 3: "ChaCha20Poly1305"})
            r.uint(1, "config_id", "Which of the server's keys.", "RFC 9849 §5")
            r.opaque(2, "enc", "The client's half of the key agreement for this.", "RFC 9849 §5")
            r.opaque(2, "payload", "The encrypted ClientHello.", "RFC 9849 §5")
    elif r.left:
        r.rest("ech", "", "RFC 9849 §5")


def certificate_types(r: Reader, where: str) -> None:
    if where == "ClientHello":
        r.uints(1, 1, "certificate_types", "certificate_type", "", "RFC 7250 §3", numbers.CERTIFICATE_TYPES)
    else:
        r.uint(1, "certificate_type", "", "RFC 7250 §3", numbers.CERTIFICATE_TYPES)


def max_fragment_length(r: Reader, where: str) -> None:
    r.uint(1, "max_fragment_length", "", "RFC 6066 §4", numbers.FRAGMENT_LENGTHS)


def heartbeat(r: Reader, where: str) -> None:
    r.uint(1, "mode", "", "RFC 6520 §2", numbers.HEARTBEAT_MODES)


def delegated_credential(r: Reader, where: str) -> None:
    if where == "ClientHello":
        signature_algorithms(r, where)
    elif r.left:
        r.rest("credential", "", "RFC 9345 §4")


def application_settings(r: Reader, where: str) -> None:
    if r.left:
        r.rest("settings", "Settings of HTTP/2, sent ahead. Chrome only.", "")


# number: (what for, where written, how its data is read)
EXTENSIONS: dict[int, tuple[str, str, Callable[[Reader, str], Any]]] = {
    0: ("The name that the client wants (SNI): one address may serve many.", "RFC 6066 §3", server_name),
    1: ("Smaller records. record_size_limit has replaced it.", "RFC 6066 §4", max_fragment_length),
    5: ("Staple the CA's word on revocation (OCSP).", "RFC 6066 §8", status_request),
    10: ("Groups for the key agreement.", "RFC 8446 §4.2.7", supported_groups),
    11: ("How points on curves are written.", "RFC 8422 §5.1.2", ec_point_formats),
    13: ("Signatures that the sender can check.", "RFC 8446 §4.2.3", signature_algorithms),
    15: ("Are you still there? Heartbleed (2014) was in OpenSSL's code for it.", "RFC 6520 §2", heartbeat),
    16: ("ALPN: which protocol runs inside.", "RFC 7301 §3.1", alpn),
    18: ("Promises of public logs to publish the certificate; empty, it asks for them.", "RFC 6962 §3.3.1", timestamps),
    19: ("Kinds of client certificates.", "RFC 7250 §3", certificate_types),
    20: ("Kinds of server certificates.", "RFC 7250 §3", certificate_types),
    21: ("Bytes without meaning, for servers that fail at certain lengths.", "RFC 7685 §3", padding),
    22: ("Before TLS 1.3, with CBC: encrypt first, then MAC, so that no padding can be probed.", "RFC 7366 §2", empty),
    23: ("Binds the master secret to the whole handshake. Before TLS 1.3, which always does.", "RFC 7627 §5.1", empty),
    27: ("The Certificate message may be compressed.", "RFC 8879 §3", compress_certificate),
    28: ("The most bytes in a record.", "RFC 8449 §4", record_size_limit),
    34: ("Short-lived keys that a certificate's key has signed.", "RFC 9345 §4", delegated_credential),
    35: ("Tickets before TLS 1.3, for the next visit.", "RFC 5077 §3.2", session_ticket),
    41: ("Resume, or start, from a secret that both hold. In a ClientHello always the last extension.", "RFC 8446 §4.2.11", pre_shared_key),
    42: ("0-RTT: data before the server has answered. Whoever records it can send it again.", "RFC 8446 §4.2.10", early_data),
    43: ("The versions of TLS. This one decides.", "RFC 8446 §4.2.1", supported_versions),
    44: ("What the server wants back, to be sure that the client is where it says.", "RFC 8446 §4.2.2", cookie),
    45: ("How a pre-shared key may be used.", "RFC 8446 §4.2.9", psk_key_exchange_modes),
    47: ("CAs that the sender trusts.", "RFC 8446 §4.2.4", certificate_authorities),
    48: ("What the client's certificate has to contain.", "RFC 8446 §4.2.5", oid_filters),
    49: ("The server may ask for a certificate later too.", "RFC 8446 §4.2.6", empty),
    50: ("Signatures that may be in certificates, where these are others.", "RFC 8446 §4.2.3", signature_algorithms),
    51: ("For the key agreement: public keys, or in a HelloRetryRequest the group that is wanted.", "RFC 8446 §4.2.8", key_share),
    17513: ("Settings of the protocol inside, sent ahead.", "", application_settings),
    17613: ("Settings of the protocol inside, sent ahead.", "", application_settings),
    0xFE0D: ("ECH: the real ClientHello, encrypted. Without such a key, GREASE of the same size.", "RFC 9849 §5", encrypted_client_hello),
    0xFF01: ("Renegotiation that nobody can splice into. Before TLS 1.3 only.", "RFC 5746 §3.2", renegotiation_info),
}
