"""One end of a TLS connection, and the wire between two of them. No socket: OpenSSL reads and writes memory
buffers, and we carry the bytes from one end to the other by hand. So nothing passes that we have not seen.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from padlock import reading

from .contexts import words

Flight = tuple[str, bytes]  # who put it on the wire ("client" or "server"), and the bytes


@dataclass(frozen=True)
class Noticed:
    """When and how one end noticed that the connection failed.

    flight: the number of the last flight that it had heard by then (an index into the transcript's flights), or
        None: it failed before it had heard anything
    finished: its own handshake was finished before: for its program the connection stood already. In TLS 1.3 that
        is how a client learns that its certificate was refused: at its next read (RFC 8446 §4.4.4, §6.2)
    said: its library's words      alert: the alert that it received, or None: then it is the one that refused
    code: OpenSSL's number for a failed certificate check, or None
    """

    flight: int | None
    finished: bool
    said: str
    alert: str | None
    code: int | None = None


class BaseEndpoint:
    """A client or a server: OpenSSL, what it heard, and how far it got. Two engines drive it, see the classes below.

    side: "client" or "server"     ready: its own handshake is finished
    received: plaintext bytes      error: None, or the library's error that ended it
    said: the library's words for it; alert: the name of the alert that it was, or None; code: as in `Refusal`
    heard: number of the last flight that it got, or None
    version, cipher, alpn, group: what was agreed, such as "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; None until ready
    """

    engine = ""

    def __init__(self, side: str):
        self.side, self.ready, self.received = side, False, bytearray()
        self.error: Exception | None = None
        self.said: str | None = None
        self.alert: str | None = None
        self.code: int | None = None
        self.heard: int | None = None
        self.version: str | None = None
        self.cipher: str | None = None
        self.alpn: str | None = None
        self.group: str | None = None

    def shake(self) -> None:
        """Go on with the handshake, as far as what was heard allows."""
        if not self.ready and not self.error:
            self._try(self._shake)

    def listen(self) -> None:
        """Decrypt what was heard. In TLS 1.3 a client learns only here that its certificate was refused."""
        if self.ready and not self.error:
            self._try(self._read)


class Endpoint(BaseEndpoint):
    """One end that Python's `ssl` drives."""

    engine = f"{ssl.OPENSSL_VERSION}, by Python's ssl"

    def __init__(self, side: str, context: ssl.SSLContext, name: str | None = None, session: Any = None):
        super().__init__(side)
        self._heard, self._spoken = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = side == "server"
        self.ssl = context.wrap_bio(
            self._heard, self._spoken, server_side=server, server_hostname=name, session=session
        )

    def hear(self, data: bytes) -> None:
        """Bytes arrive from the wire."""
        self._heard.write(data)

    def spoken(self) -> bytes:
        """The bytes that this end has put on the wire since the last call."""
        return self._spoken.read()

    def say(self, plaintext: bytes) -> None:
        """Encrypt and send. OpenSSL takes one record (16 KiB) at a time."""
        rest = memoryview(plaintext)
        while rest:
            rest = rest[self.ssl.write(rest) :]

    def _shake(self) -> None:
        self.ssl.do_handshake()
        self.ready = True
        # Asked now: after an alert OpenSSL no longer says.
        self.version, self.cipher = self.ssl.version(), self.ssl.cipher()[0]
        self.alpn = self.ssl.selected_alpn_protocol()

    def _read(self) -> None:
        while data := self.ssl.read(65536):
            self.received += data

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass  # the next step needs bytes from the other side; or it has said goodbye
        except ssl.SSLError as error:
            self.error, self.said = error, words(error)
            alert = re.search(r"ALERT_(\w+)", error.reason or "")
            self.alert = alert.group(1).lower() if alert else None
            self.code = getattr(error, "verify_code", None)

    def presented(self) -> list[x509.Certificate]:
        """The certificates as the other side sent them."""
        return chain_of(self.ssl, "get_unverified_chain")

    def verified(self) -> list[x509.Certificate]:
        """The path that was verified, leaf to root."""
        return chain_of(self.ssl, "get_verified_chain")

    def session(self) -> Any:
        """What a later handshake can resume, or None."""
        return self.ssl.session

    def resumed(self) -> bool:
        """Whether this handshake resumed an earlier one."""
        return bool(self.ssl.session_reused)


def chain_of(connection: ssl.SSLObject | ssl.SSLSocket, method: str) -> list[x509.Certificate]:
    """method: "get_unverified_chain", as the other side sent it, or "get_verified_chain", leaf to root."""
    if hasattr(connection, method):  # Python 3.13
        found = getattr(connection, method)()
    else:  # 3.11 and 3.12 have it too, one level down; 2: as DER
        found = [certificate.public_bytes(2) for certificate in getattr(connection._sslobj, method)() or []]
    return [certificate for der in found for certificate in reading.certificates(der)]


def converse(
    client: BaseEndpoint,
    server: BaseEndpoint,
    send: bytes = b"",
    reply: bytes | Callable[[bytes], bytes] = b"",
) -> tuple[list[Flight], BaseEndpoint | None, dict[str, Noticed | None]]:
    """Let the two talk until neither has anything more to say.

    The client sends `send` as soon as its own handshake is finished, as real clients do: in TLS 1.3 that is
    before the server has judged a client certificate. The server answers when it has all of `send`; `reply`
    may be a function of it.

    Returns (flights in the order in which they crossed the wire, the end that gave up first or None,
    when each end noticed).
    """
    flights: list[Flight] = []
    refuser: BaseEndpoint | None = None
    unsaid = {"client", "server"}

    def speak(me: BaseEndpoint) -> None:
        waits = not me.ready or (me is server and len(me.received) < len(send))
        if me.side not in unsaid or waits or me.error:
            return
        unsaid.discard(me.side)
        if me is client:
            me.say(send)
        else:
            me.say(reply(bytes(me.received)) if callable(reply) else reply)

    noticed: dict[str, Noticed | None] = {"client": None, "server": None}
    quiet = False
    while not quiet:
        quiet = True
        for me, peer in ((client, server), (server, client)):
            for step in (me.shake, me.listen, lambda me=me: speak(me)):
                known, finished = me.error, me.ready
                step()
                if me.error and not known:
                    noticed[me.side] = Noticed(me.heard, finished, me.said, me.alert, me.code)
                if me.error and refuser is None:
                    refuser = me
                if data := me.spoken():
                    flights.append((me.side, data))
                    peer.hear(data)
                    peer.heard = len(flights) - 1
                    quiet = False
    return flights, refuser, noticed
