"""What a site on the network shows whoever connects. Nothing here runs unless a reader asks for it.

Its certificates are public: any stranger gets them in the handshake. So they may be fetched without trusting
them, as long as nothing else is sent or believed.
"""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from padlock import reading
from padlock.authority import general_name

from .contexts import client_context, words
from .endpoint import chain_of
from .loopback import Unreachable

PORT = 443
PATIENCE = 6.0  # seconds in all, the question to DNS included
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
    """The certificates that `typed` shows at `port`; first by a client that verifies, as any program should.

    If that client refuses, a second connection without verification fetches what was shown, and sends nothing.
    roots: whom the client trusts, instead of whom this machine trusts
    Raises ValueError for what is no host name, `Unreachable` for a site or network that is not there.
    """
    host = host_of(typed)
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["site"] = _visit(host, port, roots, patience)
        except Exception as error:
            outcome["error"] = error

    # In a thread, because no timeout of Python's holds for the question to DNS.
    thread = threading.Thread(target=work, daemon=True, name="padlock-site")
    thread.start()
    thread.join(patience)
    if "site" in outcome:
        return outcome["site"]
    error = outcome.get("error", TimeoutError())
    if isinstance(error, ValueError | Unreachable) and not isinstance(error, ssl.SSLError):
        raise error
    raise Unreachable(_why(host, port, error, patience)) from error


def _visit(host: str, port: int, roots: Any, patience: float) -> Site:
    checking = ssl.create_default_context() if roots is None else client_context(roots)
    try:
        return _connect(host, port, checking, patience)
    except ssl.SSLCertVerificationError as error:
        refusal = words(error)
    shown = _connect(host, port, client_context((), verify=False), patience)
    return Site(host, shown.certificates, shown.version, refusal)


def _connect(host: str, port: int, context: ssl.SSLContext, patience: float) -> Site:
    with (
        socket.create_connection((host, port), patience) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return Site(host, chain_of(secure, "get_unverified_chain"), secure.version() or "")


def _why(host: str, port: int, error: Exception, patience: float) -> str:
    if isinstance(error, ssl.SSLError):
        return f"{host} answers at port {port}, but no TLS handshake came about: {words(error)}."
    if isinstance(error, socket.gaierror):
        return (
            f"The name {host} could not be looked up: either it does not exist, or there is no network here."
        )
    if isinstance(error, TimeoutError):
        return f"{host} did not answer within {patience:g} seconds: there may be no way out of this network."
    if isinstance(error, OSError):
        reason = reading.visible(error.strerror or type(error).__name__, 80)
        return f"No connection to {host} at port {port} ({reason}): there may be no way out of this network."
    return f"{host} showed something that can't be read as certificates."
