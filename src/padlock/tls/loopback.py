"""Small real servers on 127.0.0.1, and a client that goes nowhere else.

Others may share this machine, and any of them can reach a loopback port. So each server has a page on one
path only, which nobody can guess, and says 404 to all else. Every socket has a timeout; leaving the `with`
block ends every thread.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509

from padlock import reading

from .contexts import client_context, identity_of, server_context, words

HOST = "127.0.0.1"
SOCKET_SECONDS = 5.0  # how long either side waits for the other's next byte
CHALLENGE = "/.well-known/acme-challenge/"  # RFC 8555 §8.3
MOST_HEADER = 16_384  # bytes before the body that `fetch` is willing to read


class _Page(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the one path of its server."""

    timeout = SOCKET_SECONDS
    server: _Loopback

    def do_GET(self) -> None:
        found = secrets.compare_digest(self.path.encode(), self.server.path.encode())
        body = self.server.body if found else b"not here\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        """Nothing: a notebook shows what is written to stderr."""

    def version_string(self) -> str:
        return "padlock"  # not which Python this is


class _Loopback(socketserver.ThreadingTCPServer):
    """A context manager: a server for one page in a thread of its own, with one more for each connection."""

    allow_reuse_address = False  # on Windows 'reuse' would let another program take the port over
    daemon_threads = False  # leaving waits for every connection's thread
    block_on_close = True
    handler: type[BaseHTTPRequestHandler] = _Page

    def __init__(self, path: str, body: bytes):
        self.path, self.body = path, body
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, 0), self.handler)  # port 0: a free one
        self.port: int = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="padlock-loopback")

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for a silent client
        self.server_close()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(SOCKET_SECONDS)
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:
        with self._lock:
            self._open.discard(request)
            super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """A client that goes away in mid-sentence is its own business; it writes nothing here."""


class ChallengeServer(_Loopback):
    """Shows who controls a name: http://NAME:PORT/.well-known/acme-challenge/TOKEN (RFC 8555 §8.3).

    with ChallengeServer(token, content) as server: server.port, server.path
    """

    def __init__(self, token: str, content: str | bytes):
        if not token or not all(c.isascii() and (c.isalnum() or c in "-_") for c in token):
            raise ValueError("A token is made of letters, digits, - and _ (RFC 8555 §8.3).")
        super().__init__(CHALLENGE + token, content.encode() if isinstance(content, str) else bytes(content))


class PageServer(_Loopback):
    """One page over plain http, as CAs publish their certificates (RFC 5280 §4.2.2.1) and lists (§4.2.1.13).

    with PageServer("/issuing-ca.der", der) as server: server.port, server.path
    """

    def __init__(self, path: str, body: bytes):
        if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
            raise ValueError("A path begins with / and has neither spaces nor letters beyond ASCII.")
        super().__init__(path, body)


class TLSServer(_Loopback):
    """A real HTTPS server for curl, openssl and browsers: one fixed page, on a path that nobody can guess.

    with TLSServer(leaf, b"hello") as server: server.url, server.port, server.name

    identity: what it shows, see `contexts.identity_of`
    name: for the URL; default: the first in the certificate
    client_roots: given, it demands a client certificate that ends there (mTLS)
    version: as in `handshake`
    weak: as in `contexts.server_context`
    refusals: OpenSSL's words for every connection that failed, oldest first
    """

    def __init__(
        self,
        identity: Any,
        reply: bytes = b"Hello over TLS.\n",
        *,
        name: str | None = None,
        client_roots: Any = None,
        version: str | None = None,
        weak: bool = False,
    ):
        self._context = server_context(identity, version, client_roots, weak)
        self.name = name or _first_name(identity_of(identity)[0][0])
        self.refusals: list[str] = []
        super().__init__(f"/{secrets.token_urlsafe(16)}", reply)

    @property
    def url(self) -> str:
        return f"https://{self.name}:{self.port}{self.path}"

    def finish_request(self, request: socket.socket, client_address: Any) -> None:
        """In the connection's own thread, so that a slow client holds up nobody else."""
        # `request` stays open beside the wrapped socket: leaving the `with` block must be able to shut it.
        own = request.dup()
        with self._context.wrap_socket(own, server_side=True, do_handshake_on_connect=False) as secure:
            secure.settimeout(SOCKET_SECONDS)
            try:
                secure.do_handshake()
            except ssl.SSLError as error:
                self.refusals.append(words(error))
                _close_gently(request)
                return
            super().finish_request(secure, client_address)
            with suppress(OSError):  # many clients leave without a goodbye of their own
                secure.unwrap()  # ours (close_notify, RFC 8446 §6.1) shows that the page was not cut short


def _close_gently(connection: socket.socket) -> None:
    """Hear the client out before closing, or it may never get to read the alert that says why it was refused.

    In TLS 1.3 its request is on the way already, and to close with bytes unread resets the connection
    (RFC 1122 §4.2.2.13).
    """
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        for _ in range(16):
            if not connection.recv(4096):
                return


class Unreachable(Exception):
    """There came no answer, or none that could be used. One sentence says why.

    transcript: what had crossed the wire by then, if `connect` raised it and there was anything; or None
    """

    transcript: Any = None


class Answer(NamedTuple):
    status: int
    body: bytes


def fetch(
    url: str,
    resolve: Mapping[str, tuple[str, int]],
    roots: Any = None,
    timeout: float = SOCKET_SECONDS,
    limit: int = 65_536,
) -> Answer:
    """GET `url` from this machine: the CA's side of a domain-control challenge (RFC 8555 §8.3).

    resolve: {"api.test": ("127.0.0.1", port)}, in place of DNS. A name that is not in it and an address that
        is not loopback are refused: whatever URL a learner types, nothing leaves this machine.
    roots: for https, the certificates it trusts
    timeout: seconds, for all of it
    limit: bytes of the body
    Redirects are not followed. Raises `Unreachable`, with one sentence.
    """
    parts = _parts(url)
    address = _address(parts.hostname, parts.port, resolve)
    end = time.monotonic() + timeout
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.0\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(address, timeout) as connection:
            if parts.scheme == "http":
                raw = _ask(connection, request.encode("ascii"), end, limit)
            else:
                context = client_context(roots if roots is not None else ())
                with context.wrap_socket(connection, server_hostname=parts.hostname) as secure:
                    raw = _ask(secure, request.encode("ascii"), end, limit)
    except TimeoutError:
        raise Unreachable(f"{parts.hostname} did not answer within {timeout:g} seconds.") from None
    except ssl.SSLError as error:
        raise Unreachable(f"No TLS connection to {parts.hostname}: {words(error)}.") from error
    except OSError as error:
        raise Unreachable(
            f"No connection to {parts.hostname} at port {address[1]}: {error.strerror}."
        ) from error
    return _answer(raw, limit)


def _parts(url: str) -> Any:
    shown = reading.visible(str(url))
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.port != 0
            and "@" not in parts.netloc
        )
    except (ValueError, AttributeError, TypeError):
        good = False
    if not good:
        raise Unreachable(f"{shown} is no http or https address.")
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        # A line end would smuggle in a second header.
        raise Unreachable(f"{shown} holds characters that an address may not have.")
    return parts


def _address(host: str, port: int | None, resolve: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    if host not in resolve:
        raise Unreachable(f"{host} is not in the table of names, and nothing else is asked.")
    try:
        ip, real_port = resolve[host]
        loopback = ipaddress.ip_address(ip).is_loopback
    except (ValueError, TypeError):
        raise Unreachable(f'The table needs an IP address and a port for {host}: ("{HOST}", 8080).') from None
    if not loopback:
        raise Unreachable(f"{host} is at {ip}, which is not this machine.")
    if port not in (None, real_port):
        raise Unreachable(f"The table has {host} at port {real_port}, not {port}.")
    return ip, real_port


def _ask(connection: socket.socket, request: bytes, end: float, limit: int) -> bytes:
    connection.sendall(request)
    raw = b""
    while len(raw) <= limit + MOST_HEADER:
        # The deadline is for the whole answer, or a server could hold us up for hours, a byte a second.
        if (left := end - time.monotonic()) <= 0:
            raise TimeoutError
        connection.settimeout(left)
        if not (data := connection.recv(16_384)):
            break
        raw += data
    return raw


def _answer(raw: bytes, limit: int) -> Answer:
    head, gap, body = raw.partition(b"\r\n\r\n")
    version, _, rest = head.split(b"\r\n", 1)[0].partition(b" ")
    if not gap or not version.startswith(b"HTTP/") or not rest[:3].isdigit():
        raise Unreachable("Whatever answers there doesn't speak HTTP.")
    if len(body) > limit:
        raise Unreachable(f"The answer is longer than {limit} bytes.")
    return Answer(int(rest[:3]), body)


def _first_name(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return HOST
    dns = [name for name in names.get_values_for_type(x509.DNSName) if "*" not in name]
    return next(iter(dns), HOST)
