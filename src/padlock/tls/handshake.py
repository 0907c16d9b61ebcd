"""A real TLS handshake in memory: Python's OpenSSL on both sides, every byte between them kept."""

from __future__ import annotations

import re
import ssl
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from cryptography import x509

from padlock import reading

from . import numbers
from .contexts import client_context, server_context, words
from .dissection import Dissection, Message, Record
from .endpoint import Endpoint, Flight, converse
from .schedule import Schedule


@dataclass(frozen=True)
class Refusal:
    """Who ended the handshake and what each side knows of it. All words are OpenSSL's own.

    who: "client" or "server"
    said: its reason. It stays on that machine, in its log.
    alert: the alert that the other side got, by its name in RFC 8446 §6, or None.
    other_said: the words of the other side. The alert is all it ever learns.
    code: OpenSSL's number for a failed certificate check (10: expired, 62: wrong host name, …), or None.
    """

    who: str
    said: str
    alert: str | None
    other_said: str | None
    code: int | None = None

    def __str__(self) -> str:
        return f"the {self.who} refused: {self.said}"


@dataclass(frozen=True, repr=False)
class Transcript:
    """All that happened between a client and a server.

    flights: [("client" | "server", bytes), …] in the order in which they crossed the wire
    error: a `Refusal`, or None
    version, cipher: "TLSv1.3", "TLS_AES_256_GCM_SHA384"; None if the client never finished its handshake
    presented: certificates as the server sent them, leaf first, also when they were refused
    peer_chain: the path that the client verified, leaf to root; empty if it refused or was told not to verify
    received_by_server, received_by_client: the plaintext each side read
    keylog: the session's secrets as NSS key log text, for Wireshark. Whoever has it can read the flights.
    """

    flights: list[Flight]
    error: Refusal | None
    version: str | None
    cipher: str | None
    presented: list[x509.Certificate] = field(default_factory=list)
    peer_chain: list[x509.Certificate] = field(default_factory=list)
    received_by_server: bytes = b""
    received_by_client: bytes = b""
    keylog: str = ""

    @cached_property
    def _dissection(self) -> Dissection:
        return Dissection(self.flights, self.keylog)

    @property
    def messages(self) -> list[Message]:
        """Every message, decrypted and taken apart, in the order in which they became complete on the wire."""
        return self._dissection.messages

    @property
    def records(self) -> list[Record]:
        """Every record, as it crossed the wire and as it was decrypted."""
        return self._dissection.records

    @property
    def schedule(self) -> Schedule | None:
        """The key schedule (RFC 8446 §7.1, RFC 5246 §8.1), computed again; None where that can't be done."""
        return self._dissection.schedule

    @property
    def problems(self) -> list[str]:
        """A sentence for each thing that could not be read or decrypted; [] if all was."""
        return self._dissection.problems

    def __repr__(self) -> str:  # bytes, secrets and certificates would fill a page
        return f"<Transcript: {self.error or f'{self.version}, {self.cipher}'}; {len(self.flights)} flights>"


def dissect(flights: Iterable[Flight], keylog: str = "", psk: bytes | None = None) -> Transcript:
    """Take bytes apart that somebody else has recorded.

    flights: [("client" | "server", bytes), …] in the order in which they crossed the wire
    keylog: the session's secrets as NSS key log text; without them what is encrypted stays so
    psk: the pre-shared key, if the session began with one: verifies its binder (RFC 8446 §4.2.11.2)

    In the result `cipher` is the name at IANA, and `error` is who sent a fatal alert. What can't be read is in
    `problems`. Raises TypeError or ValueError, one sentence, only for what is no list of flights at all.
    """
    read = Dissection(flights, keylog, psk)
    error = None
    if read.alert:
        alert = read.alert.value("description")
        name, meaning = numbers.ALERTS.get(alert, (f"alert {alert}", "An alert that is not registered."))
        error = Refusal(read.alert.sender, f"{name}: {meaning}", name, None)
    found = Transcript(read.flights, error, read.version_name, read.cipher_name, keylog=keylog)
    found.__dict__["_dissection"] = read  # already done; the class is frozen
    return found


def handshake(
    server: Any,
    roots: Any,
    name: Any,
    version: str | None = None,
    client: Any = None,
    client_roots: Any = None,
    verify: bool = True,
    check_name: bool = True,
    send: bytes = b"",
    reply: bytes | Callable[[bytes], bytes] = b"",
) -> Transcript:
    """Let a client that trusts `roots` reach `server` as `name`. A refusal is a transcript, not an exception.

    server, client: what an `Authority` issued, or (certificates, private key); see `contexts.identity_of`. Or
        `contexts.borrowed(certificates)`: an impostor
    roots: the certificates that the client trusts; nothing else is, whatever the machine trusts
    name: DNS name or IP address, for SNI (RFC 6066 §3; never for an address) and for the check of the name
        (RFC 9525 §6)
    version: "1.3" (RFC 8446), "1.2" (RFC 5246), or None: the better of both
    client_roots: given, the server demands a client certificate that ends there. With a `client`: `roots`
    verify: False lets the client check neither chain nor name
    check_name: False lets it check the chain, but not the name
    send, reply: application data; `reply` may be a function of what the server received

    Raises `reading.Unreadable` or ValueError, one sentence each, for what can't even be tried.
    """
    if client is not None and client_roots is None:
        client_roots = roots
    ours = client_context(roots, version, client, verify, check_name)
    return meet(ours, server_context(server, version, client_roots), name, send, reply)


def meet(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    name: Any,
    send: bytes = b"",
    reply: bytes | Callable[[bytes], bytes] = b"",
) -> Transcript:
    """The same with two contexts that exist already, such as one that a learner wrote.

    Raises ValueError, one sentence, for a name that can't be reached; ssl.SSLError for a context of the wrong side.
    """
    verify = client.verify_mode != ssl.CERT_NONE
    before = client.keylog_filename
    # `ssl` logs secrets to a file only. This directory has mode 0700, and is gone before we return.
    with tempfile.TemporaryDirectory(prefix="padlock-") as directory:
        path = Path(directory, "keys.log")
        client.keylog_filename = str(path)
        try:
            ends = _client(client, name), Endpoint("server", server)
            flights, refuser = converse(*ends, send, reply)
        finally:
            client.keylog_filename = before  # closes the file; Windows removes no open one
        keylog = path.read_text("ascii")
    return _transcript(*ends, flights, refuser, keylog, verify)


def _client(context: ssl.SSLContext, name: Any) -> Endpoint:
    if name is None and context.check_hostname:
        raise ValueError("Give the name to reach: it is what the client compares with the certificate.")
    if not isinstance(name, str | IPv4Address | IPv6Address | None):
        raise ValueError(f"The name to reach is text or an IP address, not a {type(name).__name__}.")
    try:
        return Endpoint("client", context, None if name is None else str(name))
    except (ValueError, TypeError) as error:  # empty, too long a label, a zero byte, …
        raise ValueError(f"'{reading.visible(name)}' is no server name: {str(error).rstrip('.')}.") from error


def _transcript(
    client: Endpoint,
    server: Endpoint,
    flights: list[Flight],
    refuser: Endpoint | None,
    keylog: str,
    verify: bool,
) -> Transcript:
    return Transcript(
        flights=flights,
        error=_refusal(refuser, server if refuser is client else client) if refuser else None,
        version=client.version,
        cipher=client.cipher,
        presented=chain_of(client.ssl, "get_unverified_chain"),
        peer_chain=chain_of(client.ssl, "get_verified_chain") if client.ready and verify else [],
        received_by_server=bytes(server.received),
        received_by_client=bytes(client.received),
        keylog=keylog,
    )


def _refusal(refuser: Endpoint, other: Endpoint) -> Refusal:
    alert = other.error and re.search(r"ALERT_(\w+)", other.error.reason or "")
    return Refusal(
        who=refuser.side,
        said=words(refuser.error),
        alert=alert.group(1).lower() if alert else None,
        other_said=words(other.error) if other.error else None,
        code=getattr(refuser.error, "verify_code", None),
    )


def chain_of(connection: ssl.SSLObject | ssl.SSLSocket, method: str) -> list[x509.Certificate]:
    """method: "get_unverified_chain", as the other side sent it, or "get_verified_chain", leaf to root."""
    if hasattr(connection, method):  # Python 3.13
        found = getattr(connection, method)()
    else:  # 3.11 and 3.12 have it too, one level down; 2: as DER
        found = [certificate.public_bytes(2) for certificate in getattr(connection._sslobj, method)() or []]
    return [certificate for der in found for certificate in reading.certificates(der)]
