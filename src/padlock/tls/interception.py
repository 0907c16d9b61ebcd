"""Two kinds of attacker: one who only listens on the path, and one who answers in the server's place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .endpoint import Flight
from .handshake import Refusal, Transcript, handshake


def overhear(
    request: bytes,
    reply: bytes,
    server: Any = None,
    roots: Any = (),
    name: Any = "api.test",
    version: str | None = None,
) -> list[Flight]:
    """What a listener on the path gets to see of one request and its reply: [(sender, bytes), …].

    Without a server: plain HTTP, so the bytes themselves. With one: all that TLS puts on the wire.
    Raises what `handshake` raises.
    """
    if server is None:
        return [("client", request), ("server", reply)]
    return handshake(server, roots, name, version, send=request, reply=reply).flights


def readable(data: bytes, shortest: int = 6) -> list[str]:
    """The runs of at least `shortest` printable ASCII characters in `data`, as the command `strings` does it.

    Of TLS these are the server's name in the ClientHello (SNI), in TLS 1.2 also the names in the
    certificates, which TLS 1.3 encrypts; and now and then a run that came about by chance.
    """
    return [run.decode("ascii") for run in re.findall(rb"[ -~]{%d,}" % shortest, data)]


@dataclass(frozen=True)
class Interception:
    """What came of an attempt to stand between a client and a server.

    with_client: the transcript of client and attacker
    with_server: of attacker and server; None if never opened
    attacker_read: the client's request in plaintext (empty if the client refused)
    attacker_read_reply, client_got: the server's answer, as the attacker read it and as the client got it
    error: the refusal that ended the attack, or None: nobody noticed
    """

    with_client: Transcript
    with_server: Transcript | None
    attacker_read: bytes = b""

    @property
    def attacker_read_reply(self) -> bytes:
        return self.with_server.received_by_client if self.with_server else b""

    @property
    def client_got(self) -> bytes:
        return self.with_client.received_by_client

    @property
    def error(self) -> Refusal | None:
        return self.with_client.error or (self.with_server.error if self.with_server else None)


def intercept(
    server: Any,
    attacker: Any,
    client_roots: Any,
    name: Any,
    verify: bool = True,
    request: bytes = b"",
    reply: bytes = b"",
    version: str | None = None,
    check_name: bool = True,
) -> Interception:
    """A machine in the middle: client ⇄ attacker ⇄ server, two real TLS connections, decrypted in between.

    server, attacker: what each shows (see `contexts.identity_of`); the attacker hasn't got the server's key, but
        may show `contexts.borrowed(server)`
    client_roots, name, verify, check_name: whom the client trusts, whom it wants to reach, and whether it checks at all

    TLS keeps out whoever is on the path only if the client checks who answers (RFC 8446 appendix C.2, E.1).
    Raises what `handshake` raises.
    """
    onward: list[Transcript] = []

    def pass_on(plaintext: bytes) -> bytes:
        # The attacker is a client of the real server. She doesn't check it: she took this address on purpose.
        onward.append(handshake(server, (), name, version, verify=False, send=plaintext, reply=reply))
        return onward[0].received_by_client

    with_client = handshake(
        attacker,
        client_roots,
        name,
        version,
        verify=verify,
        check_name=check_name,
        send=request,
        reply=pass_on,
    )
    return Interception(with_client, onward[0] if onward else None, with_client.received_by_server)
