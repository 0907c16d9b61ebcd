"""Mutual TLS, one thing wrong at a time: what each side shows, whom the server trusts, and who notices it when.

    cast = Cast()
    meeting = cast.meet(client="expired", version="1.3")
    meeting.refused_by, meeting.alert, meeting.client_believed_it_was_in     # "server", "certificate_expired", True

Every outcome is read from a real handshake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from padlock.authority import Authority

from .contexts import borrowed
from .handshake import Transcript, handshake

WANTED = "api.test"
CALLER = "orders.test"
CLIENTS = {
    "good": "good: clientAuth, from Client Root",
    "none": "none: an empty Certificate",
    "expired": "expired yesterday",
    "future": "valid from tomorrow on",
    "purpose": "good for serverAuth only",
    "foreign": "from Server Root, not Client Root",
    "borrowed": "a copy, without its private key",
}
SERVERS = {
    "good": "good: serverAuth, from Server Root",
    "expired": "expired yesterday",
    "purpose": "good for clientAuth only",
    "foreign": "from Client Root, not Server Root",
    "name": "for other.test",
    "borrowed": "a copy, without its private key",
}
TRUSTS = {"client": "Client Root", "server": "Server Root: the wrong one"}


@dataclass(frozen=True)
class Meeting:
    """How one cell of the matrix ended. `transcript` is the handshake itself."""

    client: str
    server: str
    trusts: str
    version: str
    transcript: Transcript

    @property
    def refused_by(self) -> str | None:
        """ "client", "server", or None: both accepted."""
        return self.transcript.error.who if self.transcript.error else None

    @property
    def alert(self) -> str | None:
        """The alert that the other side received (RFC 8446 §6.2, RFC 5246 §7.2.2), or None."""
        return self.transcript.error.alert if self.transcript.error else None

    @property
    def client_believed_it_was_in(self) -> bool:
        """Whether the client's own handshake was finished when it learned that the server had refused it.

        In TLS 1.3 the client's Certificate, CertificateVerify and Finished travel together, and it may send data at
        once (RFC 8446 §2, figure 1): nothing tells it yet what the server thinks of them. In TLS 1.2 the server's
        Finished comes last, after it has judged the client (RFC 5246 §7.3).
        """
        noticed = self.transcript.noticed["client"]
        return self.refused_by == "server" and noticed is not None and noticed.finished


class Cast:
    """Two CAs and what they issued. Clients trust Server Root; `TRUSTS` says whom the server asks about its clients."""

    def __init__(self):
        servers, clients = Authority("Server Root"), Authority("Client Root")
        now = datetime.now(UTC)
        past = {"not_before": now - timedelta(days=30), "not_after": now - timedelta(days=1)}
        future = {"not_before": now + timedelta(days=1), "not_after": now + timedelta(days=30)}
        known = clients.issue(CALLER, purpose="client")
        real = servers.issue(WANTED)
        self.roots = {"server": servers.certificate, "client": clients.certificate}
        self.clients = {
            "good": known,
            "none": None,
            "expired": clients.issue(CALLER, purpose="client", **past),
            "future": clients.issue(CALLER, purpose="client", **future),
            "purpose": clients.issue(CALLER, purpose="server"),
            "foreign": servers.issue(CALLER, purpose="client"),
            "borrowed": borrowed(known),
        }
        self.servers = {
            "good": real,
            "expired": servers.issue(WANTED, **past),
            "purpose": servers.issue(WANTED, purpose="client"),
            "foreign": clients.issue(WANTED),
            "name": servers.issue("other.test"),
            "borrowed": borrowed(real),
        }

    def meet(
        self, client: str = "good", server: str = "good", trusts: str = "client", version: str = "1.3"
    ) -> Meeting:
        """One handshake. Keys of CLIENTS, SERVERS, TRUSTS; "1.3" or "1.2". Raises KeyError, ValueError for others."""
        transcript = handshake(
            self.servers[server],
            self.roots["server"],
            WANTED,
            version,
            client=self.clients[client],
            client_roots=self.roots[trusts],
        )
        return Meeting(client, server, trusts, version, transcript)

    def matrix(self, trusts: str = "client", version: str = "1.3") -> Iterator[Meeting]:
        """Every client with every server, each by its own handshake, row by row."""
        for client in CLIENTS:
            for server in SERVERS:
                yield self.meet(client, server, trusts, version)
