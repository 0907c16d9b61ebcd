"""A real OCSP responder on 127.0.0.1, over HTTP as RFC 6960 appendix A.1 says, and a client that asks it."""

from __future__ import annotations

import base64
import binascii
import http.client
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from padlock import reading

from .loopback import HOST, SOCKET_SECONDS, Unreachable, _Loopback, _Page

MOST_REQUEST = 4096  # bytes; a usual one has about 120
MOST_ANSWER = 65_536
ASKS, ANSWERS = "application/ocsp-request", "application/ocsp-response"


class _Responder(_Page):
    server: OCSPServer

    def do_GET(self) -> None:
        # {url}/{url-encoding of base-64 encoding of the request}: the answer can be cached on the way.
        path, _, encoded = self.path.rpartition("/")
        try:
            self._answer(path, base64.b64decode(unquote(encoded), validate=True))
        except binascii.Error:
            self._answer(path, b"")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= MOST_REQUEST):
            self._say(413, b"the request is too long, or does not say how long it is\n", "text/plain")
        else:
            self._answer(self.path.rstrip("/"), self.rfile.read(int(length)))

    def _answer(self, path: str, request: bytes) -> None:
        if not secrets.compare_digest(path.encode(), self.server.path.encode()):
            self._say(404, b"not here\n", "text/plain")
        else:
            # An error of OCSP is still a success of HTTP.
            self._say(200, self.server.answer(request), ANSWERS)

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class OCSPServer(_Loopback):
    """Answers OCSP requests, by POST and GET, at an address that nobody can guess.

    with OCSPServer(ca.ocsp) as responder: responder.url, responder.port

    answers: a function of an `OCSPRequest` that returns an `OCSPResponse` or DER, such as `Authority.ocsp`
    asked: every request that could be read, oldest first: what the responder's owner learns of its visitors
    """

    handler = _Responder

    def __init__(self, answers: Callable[[ocsp.OCSPRequest], ocsp.OCSPResponse | bytes]):
        self.answers = answers
        self.asked: list[ocsp.OCSPRequest] = []
        super().__init__(f"/{secrets.token_urlsafe(16)}", b"")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}{self.path}"

    def answer(self, data: bytes) -> bytes:
        """DER to DER. What can't be read gets malformedRequest, what goes wrong here internalError (RFC 6960 §2.3)."""
        build, errors = ocsp.OCSPResponseBuilder.build_unsuccessful, ocsp.OCSPResponseStatus
        try:
            request = reading.ocsp_request(data)
        except reading.Unreadable:
            return build(errors.MALFORMED_REQUEST).public_bytes(Encoding.DER)
        self.asked.append(request)
        try:
            answer = self.answers(request)
        except Exception:  # whatever a learner's function does, the responder answers
            answer = build(errors.INTERNAL_ERROR)
        return answer if isinstance(answer, bytes) else answer.public_bytes(Encoding.DER)


def ask(
    url: str, request: ocsp.OCSPRequest | bytes, by: str = "POST", timeout: float = SOCKET_SECONDS
) -> bytes:
    """The responder's answer, DER, as it came; nothing of it is checked. by: "POST" or "GET" (RFC 6960 §A.1).

    Only this machine is asked: the address must begin with http://127.0.0.1. timeout: seconds, for all of it.
    Raises `Unreachable`, one sentence.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname != HOST or not parts.port:
        raise Unreachable(f"{reading.visible(url)} is no address of a responder on this machine.")
    data = request if isinstance(request, bytes) else request.public_bytes(Encoding.DER)
    connection = http.client.HTTPConnection(HOST, parts.port, timeout=timeout)
    late, opened = threading.Event(), []

    def give_up() -> None:  # the socket's own timeout is for each byte, and a responder may drip
        late.set()
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(timeout, give_up)
    clock.start()
    try:
        connection.connect()
        opened.append(connection.sock)
        if by == "GET":
            encoded = base64.b64encode(data).decode()
            for letter, code in (("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
                encoded = encoded.replace(letter, code)
            connection.request("GET", f"{parts.path}/{encoded}")
        else:
            connection.request("POST", parts.path, data, {"Content-Type": ASKS})
        response = connection.getresponse()
        body = response.read(MOST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        if not late.is_set() and not isinstance(error, TimeoutError):
            raise Unreachable(f"No answer from the responder ({type(error).__name__}).") from error
        late.set()
    finally:
        clock.cancel()
        connection.close()
    if late.is_set():
        raise Unreachable(f"The responder did not answer within {timeout:g} seconds.")
    if response.status != 200:
        raise Unreachable(f"There is no responder at this address: it says {response.status}.")
    if len(body) > MOST_ANSWER:
        raise Unreachable(f"The answer is longer than {MOST_ANSWER} bytes.")
    return body
