"""A real TLS handshake in memory: Python's OpenSSL on both sides, every byte between them kept."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from cryptography import x509

from padlock import faults, keys, reading
from padlock.judge.case import Case

from . import numbers, openssl, pcap
from .contexts import VERSIONS, borrowed, client_context, server_context
from .dissection import Dissection, Message, Record
from .endpoint import BaseEndpoint, Endpoint, Flight, Noticed, converse
from .schedule import Schedule


@dataclass(frozen=True, repr=False)
class Session:
    """What a handshake leaves for a later one: the ticket, and both ends' contexts, as a ticket is good at them only.

    settings: the options that both were made with. ends: kept, as OpenSSL spoils the session of a connection that
    goes away without a goodbye.
    """

    value: Any
    client: Any
    server: Any
    settings: dict[str, Any] = field(default_factory=dict)
    ends: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Who ended the handshake and what each side knows of it. All words are OpenSSL's own.

    who: "client" or "server"
    said: its reason. It stays on that machine, in its log.
    alert: the alert that the other side got, by its name in RFC 8446 §6, or None.
    other_said: the words of the other side. The alert is all it ever learns.
    code: OpenSSL's number for a failed certificate check (10: expired, 62: wrong host name, …), or None.
    when: the number of the flight after which it refused, or None: it had heard nothing. For both sides and
        more: `Transcript.noticed`.
    """

    who: str
    said: str
    alert: str | None
    other_said: str | None
    code: int | None = None
    when: int | None = None

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
    noticed: {"client": `Noticed` or None, "server": …}: when each side's library raised, after which flight, and
        whether its own handshake was finished by then. None for a side that noticed nothing
    alpn: the application protocol agreed on (RFC 7301), or None
    group: what the keys were agreed in, such as "X25519MLKEM768"; None where the engine doesn't say
    stapled: the OCSP answer (DER) that the client got in the handshake, or None
    resumed: whether an earlier session went on (RFC 8446 §2.2)
    engine: the library that ran on both sides
    session: give the transcript to a later `handshake(session=…)`; None if there is nothing to resume
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
    noticed: dict[str, Noticed | None] = field(default_factory=dict)
    alpn: str | None = None
    group: str | None = None
    stapled: bytes | None = None
    resumed: bool = False
    engine: str = ""
    session: Session | None = None

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

    def save_pcap(self, path: Any, secrets: bool = True) -> Path:
        """Write the flights as a pcapng file, for Wireshark. It holds the key log, so Wireshark decrypts it by itself.

        secrets: False leaves the key log out; then the file shows what anybody on the wire saw.
        The file has mode 0600. Raises OSError. `save_keylog` writes the secrets alone.
        """
        return pcap.write_private(path, pcap.pcapng(self.flights, self.keylog if secrets else ""))

    def save_keylog(self, path: Any) -> Path:
        """Write the session's secrets as an NSS key log file (mode 0600): Wireshark's "(Pre)-Master-Secret log"."""
        return pcap.write_private(path, self.keylog.encode("ascii"))

    def __repr__(self) -> str:  # bytes, secrets and certificates would fill a page
        return f"<Transcript: {self.error or f'{self.version}, {self.cipher}'}; {len(self.flights)} flights>"


def dissect(flights: Iterable[Flight], keylog: str = "", psk: bytes | None = None) -> Transcript:
    """Take bytes apart that somebody else has recorded.

    flights: [("client" | "server", bytes), …] in the order in which they crossed the wire
    keylog: the session's secrets as NSS key log text; without them what is encrypted stays so
    psk: the pre-shared key, if the session began with one: verifies its binder (RFC 8446 §4.2.11.2), and decrypts
        its 0-RTT data (§7.1) also without a key log

    In the result `cipher` is the name at IANA, and `error` is who sent a fatal alert. What can't be read is in
    `problems`. Raises TypeError or ValueError, one sentence, only for what is no list of flights at all.
    """
    read = Dissection(flights, keylog, psk)
    error = None
    if read.alert:
        alert = read.alert.value("description")
        name, meaning = numbers.ALERTS.get(alert, (f"alert {alert}", "An alert that is not known here."))
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
    *,
    server_version: str | None = None,
    ciphers: Any = None,
    server_ciphers: Any = None,
    groups: Any = None,
    server_groups: Any = None,
    alpn: Any = None,
    server_alpn: Any = None,
    weak: bool = False,
    at: datetime | None = None,
    crls: Any = (),
    staple: bytes | None = None,
    request_staple: bool = False,
    session: Transcript | None = None,
    engine: str | None = None,
) -> Transcript:
    """Let a client that trusts `roots` reach `server` as `name`. A refusal is a transcript, not an exception.

    server, client: what an `Authority` issued, or (certificates, private key); see `contexts.identity_of`. Or
        `contexts.borrowed(certificates)`: an impostor
    roots: the certificates that the client trusts; nothing else is, whatever the machine trusts
    name: DNS name or IP address, for SNI (RFC 6066 §3; never for an address) and for the check of the name
        (RFC 9525 §6)
    version: "1.3" (RFC 8446), "1.2" (RFC 5246), or None: the better of both. server_version: if not the same
    client_roots: given, the server demands a client certificate that ends there. With a `client`: `roots`
    verify: False lets the client check neither chain nor name
    check_name: False lets it check the chain, but not the name
    send, reply: application data; `reply` may be a function of what the server received
    ciphers: OpenSSL's names, in the order of preference, as a list or with colons: "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256". server_ciphers: what the server takes, if not everything usual
    groups: in which the client can agree keys, such as ["X25519MLKEM768", "X25519", "P-256"]; it sends a key share
        for the first. server_groups: what the server takes. A group that the client offers, but sent no share
        for, brings a HelloRetryRequest (RFC 8446 §4.1.4): try server_groups="P-384"
    alpn: protocols that the client offers, such as ["h2", "http/1.1"]. server_alpn: the server's, if not the same
    weak: the server shows what OpenSSL itself calls too weak
    at: the clock of both; today's if None
    crls: lists that the client looks into, for every certificate of the chain but the anchor (RFC 5280 §6.3)
    staple: an OCSP answer (DER) that the server sends to a client that asks (RFC 6066 §8); then this one asks.
        request_staple: it asks also without. OpenSSL hands the answer over as `stapled`, and judges nothing
    session: an earlier transcript of the same client and server, to be resumed. What is given again must be the same
    engine: "ssl" (Python's own), "openssl" (pyOpenSSL), or None: "ssl" unless an option needs the other

    Raises `reading.Unreadable` or ValueError, one sentence each, for what can't even be tried.
    """
    if client is not None and client_roots is None:
        client_roots = roots
    for what, value in (("version", version), ("server_version", server_version)):
        if value is not None and value not in VERSIONS:
            raise ValueError(f'{what} is "1.3", "1.2" or None (both), not {value!r}.')
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    crls = list(crls) if isinstance(crls, list | tuple) else [crls]
    settings = {
        "version": version, "server_version": server_version or version, "client": client,
        "ciphers": ciphers, "server_ciphers": server_ciphers, "groups": groups, "server_groups": server_groups,
        "alpn": alpn, "server_alpn": alpn if server_alpn is None else server_alpn, "verify": verify,
        "check_name": check_name, "weak": weak,
    }  # fmt: skip
    resumable = _resumable(session, settings) if session is not None else None
    needs = [groups, server_groups, at, crls, staple, request_staple]
    needs += openssl.split_ciphers(ciphers)[0] + openssl.split_ciphers(server_ciphers)[0]
    if engine not in (None, "ssl", "openssl"):
        raise ValueError(f'engine is "ssl", "openssl" or None, not {reading.visible(engine, 40)!r}.')
    if engine == "ssl" and any(needs):
        raise ValueError("Python's ssl can't do that: leave out engine=\"ssl\".")
    if resumable:
        return _meet(resumable.client, resumable.server, name, send, reply, resumable.value, settings)
    if engine == "openssl" or any(needs):
        ours, theirs = _openssl_contexts(
            server, roots, name, client_roots, settings, at, crls, staple, request_staple
        )
    else:
        ours = client_context(roots, version, client, verify, check_name)
        theirs = server_context(server, server_version or version, client_roots, weak)
        _choose(ours, ciphers, alpn)
        _choose(theirs, server_ciphers, settings["server_alpn"])
    return _meet(ours, theirs, name, send, reply, None, settings)


def try_case(case: Any, **options: Any) -> Transcript:
    """A handshake with a server that has a fault: what a real client says to each entry of the catalogue.

    case: an id of `faults.FAULTS` ("expired"), a list of ids, a `Fault`, or a `Case`
    options: of `handshake`
    The client has the case's roots, name, lists and clock; OCSP answers are not stapled: OpenSSL judges none.
    Raises ValueError where no server starts like this.
    """
    if isinstance(case, str):
        case = [case]
    if not isinstance(case, Case):
        case = faults.case(*case) if isinstance(case, list | tuple) else faults.case(case)
    shown = (case.sent, case.private_key)
    if not keys.same_pair(case.sent[0], case.private_key):
        if any(keys.same_pair(one, case.private_key) for one in case.sent):
            raise ValueError(
                "No server starts like this: its key does not belong to the first certificate it has."
            )
        shown = borrowed(case.sent)
    about = {"at": case.at, "crls": list(case.crls), "check_name": case.name is not None, "weak": True}
    return handshake(shown, case.roots, case.name, **(about | options))


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
    return _meet(client, server, name, send, reply)


def _meet(
    client: Any,
    server: Any,
    name: Any,
    send: bytes,
    reply: bytes | Callable[[bytes], bytes],
    ticket: Any = None,
    settings: dict[str, Any] | None = None,
) -> Transcript:
    if isinstance(client, openssl.Context):
        client.keys.clear()
        ends = (
            _client(openssl.OpenSSLEndpoint, client, name, ticket),
            openssl.OpenSSLEndpoint("server", server),
        )
        outcome = converse(*ends, send, reply)
        return _transcript(*ends, *outcome, "\n".join([*client.keys, ""]), client, server, settings)
    before = client.keylog_filename
    # `ssl` logs secrets to a file only. This one has mode 0600, and is gone before we return.
    handle, path = tempfile.mkstemp(prefix="padlock-", suffix=".log")
    os.close(handle)
    try:
        client.keylog_filename = path
        try:
            ends = _client(Endpoint, client, name, ticket), Endpoint("server", server)
            outcome = converse(*ends, send, reply)
        finally:
            client.keylog_filename = before  # closes the file; Windows removes no open one
        keylog = Path(path).read_text("ascii")
    finally:
        os.unlink(path)
    return _transcript(*ends, *outcome, keylog, client, server, settings)


def _choose(context: ssl.SSLContext, ciphers: Any, alpn: Any) -> None:
    """Python's `ssl` chooses ciphers of TLS 1.2 only (before 3.15); `handshake` asks the other engine for 1.3's."""
    if ciphers:
        try:
            context.set_ciphers(":".join(openssl.as_list(ciphers)))
        except ssl.SSLError as error:
            raise ValueError(f"OpenSSL knows no such cipher: {reading.visible(ciphers, 80)}.") from error
    if alpn:
        context.set_alpn_protocols(openssl.as_list(alpn))


def _openssl_contexts(
    server: Any, roots: Any, name: Any, client_roots: Any, chosen: dict[str, Any], at: Any, crls: list,
    staple: bytes | None, request_staple: bool,
) -> tuple[openssl.Context, openssl.Context]:  # fmt: skip
    ours = openssl.Context("client", chosen["version"], chosen["ciphers"], chosen["groups"], chosen["alpn"])
    theirs = openssl.Context(
        "server", chosen["server_version"], chosen["server_ciphers"], chosen["server_groups"],
        chosen["server_alpn"], chosen["weak"],
    )  # fmt: skip
    if chosen["verify"]:
        if name is None and chosen["check_name"]:
            raise ValueError(NO_NAME)
        lists = [one for given in crls for one in reading.crls(given)]
        ours.trust(roots, lists, at, str(name) if chosen["check_name"] else None)
    if chosen["client"] is not None:
        ours.show(chosen["client"])
    if client_roots is not None:
        theirs.trust(client_roots, (), at, None)
    theirs.show(server)
    if staple is not None:
        theirs.staple(staple)
    if staple is not None or request_staple:
        ours.ask_for_staple()
    return ours, theirs


def _resumable(earlier: Any, settings: dict[str, Any]) -> Session:
    session = getattr(earlier, "session", None)
    if session is None:
        raise ValueError(
            "There is nothing to resume: give a transcript of a handshake that succeeded, in which the server "
            "sent a ticket. In TLS 1.3 it comes after the handshake."
        )
    other = [what for what, value in settings.items() if session.settings.get(what, value) != value]
    if other:
        raise ValueError(
            f"To resume, client and server must be those of the earlier handshake: {other[0]} is not the same."
        )
    return session


NO_NAME = "Give the name to reach: it is what the client compares with the certificate."


def _client(kind: Any, context: Any, name: Any, ticket: Any) -> BaseEndpoint:
    if name is None and getattr(context, "check_hostname", False):
        raise ValueError(NO_NAME)
    if not isinstance(name, str | IPv4Address | IPv6Address | None):
        raise ValueError(f"The name to reach is text or an IP address, not a {type(name).__name__}.")
    try:
        return kind("client", context, None if name is None else str(name), ticket)
    except (ValueError, TypeError) as error:  # empty, too long a label, a zero byte, …
        raise ValueError(f"'{reading.visible(name)}' is no server name: {str(error).rstrip('.')}.") from error


def _transcript(
    client: BaseEndpoint,
    server: BaseEndpoint,
    flights: list[Flight],
    refuser: BaseEndpoint | None,
    noticed: dict[str, Noticed | None],
    keylog: str,
    client_context: Any,
    server_context: Any,
    settings: dict[str, Any] | None,
) -> Transcript:
    verify = getattr(client_context, "verify", None)
    if verify is None:
        verify = client_context.verify_mode != ssl.CERT_NONE
    value = client.session() if client.ready and not client.error and settings is not None else None
    session = (
        Session(value, client_context, server_context, settings or {}, (client, server)) if value else None
    )
    other = server if refuser is client else client
    return Transcript(
        flights=flights,
        error=_refusal(refuser, other, noticed) if refuser else None,
        version=client.version,
        cipher=client.cipher,
        presented=client.presented(),
        peer_chain=client.verified() if client.ready and verify else [],
        received_by_server=bytes(server.received),
        received_by_client=bytes(client.received),
        keylog=keylog,
        noticed=noticed,
        alpn=client.alpn,
        group=client.group,
        stapled=getattr(client_context, "stapled", None),
        resumed=client.ready and client.resumed(),
        engine=client.engine,
        session=session,
    )


def _refusal(refuser: BaseEndpoint, other: BaseEndpoint, noticed: dict[str, Noticed | None]) -> Refusal:
    return Refusal(
        who=refuser.side,
        said=refuser.said,
        alert=other.alert,
        other_said=other.said,
        code=refuser.code,
        when=noticed[refuser.side].flight,
    )
