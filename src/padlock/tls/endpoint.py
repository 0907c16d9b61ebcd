"""One end of a TLS connection, and the wire between two of them. No socket: OpenSSL reads and writes memory
buffers, and we carry the bytes from one end to the other by hand. So nothing passes that we have not seen.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

Flight = tuple[str, bytes]  # who put it on the wire ("client" or "server"), and the bytes


class Endpoint:
    """A client or a server: OpenSSL, what it heard, and how far it got.

    side: "client" or "server"     ready: its own handshake is finished
    received: plaintext bytes      error: None, or the ssl.SSLError that ended it
    version, cipher: what was agreed, such as "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; None until ready
    """

    def __init__(self, side: str, context: ssl.SSLContext, name: str | None = None):
        self.side, self.ready, self.received = side, False, bytearray()
        self.error: ssl.SSLError | None = None
        self.version: str | None = None
        self.cipher: str | None = None
        self._heard, self._spoken = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = side == "server"
        self.ssl = context.wrap_bio(self._heard, self._spoken, server_side=server, server_hostname=name)

    def hear(self, data: bytes) -> None:
        """Bytes arrive from the wire."""
        self._heard.write(data)

    def spoken(self) -> bytes:
        """The bytes that this end has put on the wire since the last call."""
        return self._spoken.read()

    def shake(self) -> None:
        """Go on with the handshake, as far as what was heard allows."""
        if not self.ready and not self.error:
            self._try(self._shake)

    def listen(self) -> None:
        """Decrypt what was heard. In TLS 1.3 a client learns only here that its certificate was refused."""
        if self.ready and not self.error:
            self._try(self._read)

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

    def _read(self) -> None:
        while data := self.ssl.read(65536):
            self.received += data

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except ssl.SSLWantReadError:
            pass  # the next step needs bytes from the other side
        except ssl.SSLError as error:
            self.error = error


def converse(
    client: Endpoint, server: Endpoint, send: bytes = b"", reply: bytes | Callable[[bytes], bytes] = b""
) -> tuple[list[Flight], Endpoint | None]:
    """Let the two talk until neither has anything more to say.

    The client sends `send` as soon as its own handshake is finished, as real clients do: in TLS 1.3 that is
    before the server has judged a client certificate. The server answers when it has all of `send`; `reply`
    may be a function of it.

    Returns (flights in the order in which they crossed the wire, the end that gave up first or None).
    """
    flights: list[Flight] = []
    refuser: Endpoint | None = None
    unsaid = {"client", "server"}

    def speak(me: Endpoint) -> None:
        waits = not me.ready or (me is server and len(me.received) < len(send))
        if me.side not in unsaid or waits or me.error:
            return
        unsaid.discard(me.side)
        if me is client:
            me.say(send)
        else:
            me.say(reply(bytes(me.received)) if callable(reply) else reply)

    quiet = False
    while not quiet:
        quiet = True
        for me, peer in ((client, server), (server, client)):
            for step in (me.shake, me.listen, lambda me=me: speak(me)):
                step()
                if me.error and refuser is None:
                    refuser = me
                if data := me.spoken():
                    flights.append((me.side, data))
                    peer.hear(data)
                    quiet = False
    return flights, refuser
