"""What a site on the network shows whoever connects. Nothing here runs unless a reader asks for it.

Its certificates are public: any stranger gets them in the handshake, and a client that refuses them has them too.
"""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from padlock import machine, reading
from padlock.authority import general_name

from . import numbers
from .contexts import client_context
from .dissection import Dissection
from .endpoint import Endpoint, Flight, Noticed
from .handshake import Refusal, Transcript
from .loopback import Unreachable

PORT = 443
PATIENCE = 6.0  # seconds in all, the question to DNS included
SILENCE = 0.5  # seconds without a byte after which a server that has spoken is taken to be done
MOST = 4 * 1024 * 1024  # bytes that a server may send
# RFC 6761 §6 and RFC 2606: names that are no site's, so nobody need be asked.
RESERVED = ("test", "example", "invalid", "localhost")


@dataclass(frozen=True)
class Site:
    """certificates: as the site sent them, leaf first; refusal: why this machine's client refuses them, or None."""

    host: str
    certificates: list[x509.Certificate]
    version: str
    refusal: str | None = None


def host_of(typed: str) -> str:
    """The host in what somebody typed or pasted, perhaps a whole address. Raises ValueError, one sentence."""
    typed = typed.strip()
    if not typed:
        raise ValueError("Type the name of a site, such as the one in your browser's address bar.")
    if "://" in typed[:20]:
        shown = f"“{reading.visible(typed, 80)}”"
        try:
            parts = urlsplit(typed)
            host, port = parts.hostname or "", parts.port or PORT
        except ValueError:
            raise ValueError(f"{shown} is no web address.") from None
        if parts.scheme != "https" or port != PORT:
            raise ValueError(f"{shown}: only https, at port {PORT}, is asked here.")
    else:
        host = typed.rstrip("/")
    name = general_name(host.removesuffix("."))
    if not isinstance(name, x509.DNSName | x509.IPAddress) or "*" in str(name.value):
        raise ValueError(f"“{reading.visible(host, 80)}” is not the name of one host.")
    host = str(name.value).lower()
    if host.rpartition(".")[2] in RESERVED:
        raise ValueError(
            f"Names under .{host.rpartition('.')[2]} are kept free for examples (RFC 6761 §6): no site has one."
        )
    if "." not in host and ":" not in host:
        raise ValueError(f"“{host}” has no dot in it: type the whole name, such as www.{host}.org.")
    return host


def site(typed: str, *, port: int = PORT, roots: Any = None, patience: float = PATIENCE) -> Site:
    """The certificates that `typed` shows at `port` to a client that verifies, also if it then refuses them.

    roots: whom the client trusts, instead of whom this machine trusts
    Raises ValueError for what is no host name, `Unreachable` for a site or network that is not there.
    """
    host = host_of(typed)
    seen = connect(host, port, roots=roots, timeout=patience)
    if not seen.presented:
        raise Unreachable(
            f"{host} answers at port {port}, but no TLS handshake came about: {seen.error.said.rstrip('.')}."
        )
    version = seen.version or Dissection(seen.flights, seen.keylog).version_name or "TLS"
    return Site(host, seen.presented, version, seen.error.said if seen.error else None)


def connect(
    host: str,
    port: int = PORT,
    name: str | None = None,
    roots: Any = None,
    timeout: float = PATIENCE,
    version: str | None = None,
    alpn: Any = None,
    send: bytes = b"",
    verify: bool = True,
) -> Transcript:
    """A real handshake with a server on the network, every byte kept: the same as `handshake`, of one who is not ours.

    name: what SNI says and the certificate must be for, if not `host`
    roots: whom the client trusts; None: whom this machine trusts
    timeout: seconds in all, the question to DNS included
    version, alpn: as for `handshake`. send: application data, when the handshake is finished; the answer is read
        until the server closes, or is silent
    verify: False lets the client check neither chain nor name. Then send nothing that matters.

    In the transcript `presented` is the whole chain that the server sent. A refusal, by either, is its `error`; of a
    server's only the alert is known. Raises ValueError for what can't be tried, and `Unreachable`, one sentence, for
    a server that isn't there, speaks no TLS, or is too slow; its `transcript` has what was read until then.
    """
    if not isinstance(host, str) or not host.strip():
        raise ValueError("Give the host to reach as text, such as www.python.org.")
    if not isinstance(port, int) or not 0 < port < 65536:
        raise ValueError(f"A port is a number from 1 to 65535, not {reading.visible(port, 40)}.")
    deadline = time.monotonic() + timeout
    trusted = () if not verify else machine.roots().certificates if roots is None else roots
    context = client_context(trusted, version, verify=verify)
    if alpn:
        context.set_alpn_protocols([alpn] if isinstance(alpn, str) else list(alpn))
    with tempfile.TemporaryDirectory(prefix="padlock-") as directory:  # mode 0700, as in `handshake`
        log = Path(directory, "keys.log")
        context.keylog_filename = str(log)
        flights: list[Flight] = []
        try:
            try:
                end = Endpoint("client", context, host if name is None else name)
            except (ValueError, TypeError) as error:
                shown = reading.visible(host if name is None else name)
                raise ValueError(f"'{shown}' is no server name: {str(error).rstrip('.')}.") from error
            try:
                with _opened(host, port, timeout) as plain:
                    noticed, trouble = _talk(end, plain, flights, deadline, send)
            except OSError as error:
                raise Unreachable(_why(host, port, error, timeout)) from error
        finally:
            context.keylog_filename = None
        seen = _seen(end, flights, log.read_text("ascii"), noticed, verify)
    sentence = _not_tls(flights) or (trouble if not seen.error else "")
    if sentence:
        problem = Unreachable(f"{reading.visible(host, 80)} answers at port {port}, but {sentence}.")
        problem.transcript = seen
        raise problem
    return seen


def _opened(host: str, port: int, patience: float) -> socket.socket:
    """A connection. In a thread, because no timeout of Python's holds for the question to DNS."""
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["socket"] = _dial(host, port, patience)
        except Exception as error:
            outcome["error"] = error
        if gave_up.is_set() and "socket" in outcome:
            outcome["socket"].close()

    gave_up = threading.Event()
    thread = threading.Thread(target=work, daemon=True, name="padlock-connect")
    thread.start()
    thread.join(patience)
    if "socket" in outcome:
        return outcome["socket"]
    gave_up.set()
    error = outcome.get("error", TimeoutError())
    if isinstance(error, OSError):
        raise error
    raise Unreachable(_why(host, port, error, patience)) from error


def _dial(host: str, port: int, patience: float) -> socket.socket:
    return socket.create_connection((host, port), patience)


def _talk(
    end: Endpoint, plain: socket.socket, flights: list[Flight], deadline: float, send: bytes
) -> tuple[Noticed | None, str]:
    """Carry bytes between our end and the socket until it is over: (when our end failed, what went wrong)."""
    noticed, said = None, False

    def put(sender: str, data: bytes) -> None:
        if flights and flights[-1][0] == sender:
            flights[-1] = (sender, flights[-1][1] + data)
        else:
            flights.append((sender, data))

    def step(action: Callable[[], None]) -> None:
        nonlocal noticed
        finished = end.ready
        action()
        if end.error and noticed is None:
            heard = len(flights) - 1 if flights else None
            noticed = Noticed(heard, finished, end.said, end.alert, end.code)
        if data := end.spoken():
            put("client", data)
            plain.settimeout(max(deadline - time.monotonic(), 0.001))
            plain.sendall(data)

    read = 0
    while True:
        try:
            step(end.shake)
            if end.ready and not said:
                said = True
                step(lambda: end.say(send))
            step(end.listen)
            if end.error:
                return noticed, ""
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            # A ticket comes by itself, soon after the handshake; an answer when it is ready.
            waits = not end.ready or (send and not end.received)
            plain.settimeout(left if waits else min(left, SILENCE))
            data = plain.recv(65536)
        except TimeoutError:
            return noticed, "" if end.ready else "it did not finish the handshake in time"
        except OSError as error:
            reason = reading.visible(error.strerror or type(error).__name__, 80)
            return noticed, "" if end.ready else f"the connection broke off in the handshake ({reason})"
        if not data:
            return noticed, "" if end.ready else "it closed the connection before the handshake was finished"
        read += len(data)
        put("server", data)
        if read > MOST:
            return noticed, "" if end.ready else f"it sent more than {MOST:,} bytes, and no handshake"
        end.hear(data)


def _seen(
    end: Endpoint, flights: list[Flight], keylog: str, noticed: Noticed | None, verify: bool
) -> Transcript:
    return Transcript(
        flights=flights,
        error=_refusal(end, flights, keylog, noticed),
        version=end.version,
        cipher=end.cipher,
        presented=end.presented(),
        peer_chain=end.verified() if end.ready and verify else [],
        received_by_client=bytes(end.received),
        keylog=keylog,
        noticed={"client": noticed, "server": None},
        alpn=end.alpn,
        engine=end.engine,
    )


def _refusal(end: Endpoint, flights: list[Flight], keylog: str, noticed: Noticed | None) -> Refusal | None:
    if noticed is None:
        return None
    if noticed.alert:  # the server's reason stays with it: an alert is all that one learns
        return Refusal("server", end.said, noticed.alert, end.said)
    alert = Dissection(flights, keylog).alert
    what = alert.value("description") if alert and alert.sender == "client" else None
    name = numbers.ALERTS[what][0] if what in numbers.ALERTS else None
    return Refusal("client", end.said, name, None, end.code, noticed.flight)


def _not_tls(flights: list[Flight]) -> str:
    """What a server speaks that begins with no TLS record, or ""."""
    first = next((data for sender, data in flights if sender == "server"), b"")
    if not first or (first[0] in (20, 21, 22, 23) and first[1:2] in (b"", b"\x03")):
        return ""
    if first.startswith((b"HTTP/", b"<")):
        return "no TLS handshake came about: it speaks plain HTTP there"
    shown = reading.visible(first[:24].decode("latin-1"), 40)
    return f"no TLS handshake came about: what it says is not TLS (it begins with “{shown}”)"


def _why(host: str, port: int, error: Exception, patience: float) -> str:
    host = reading.visible(host, 80)
    if isinstance(error, socket.gaierror):
        return (
            f"The name {host} could not be looked up: either it does not exist, or there is no network here."
        )
    if isinstance(error, TimeoutError):
        return f"{host} did not answer within {patience:g} seconds: there may be no way out of this network."
    if isinstance(error, ConnectionRefusedError):
        return f"No connection to {host} at port {port}: refused. Nothing listens there, or a firewall is before it."
    if isinstance(error, OSError):
        reason = reading.visible(error.strerror or type(error).__name__, 80)
        return f"No connection to {host} at port {port} ({reason}): there may be no way out of this network."
    return f"{host} can't be reached: {reading.visible(error, 80)}."
