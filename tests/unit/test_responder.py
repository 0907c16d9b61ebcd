"""The OCSP responder, asked by our client and by OpenSSL's (RFC 6960 appendix A)."""

import http.client
import socket
import subprocess
import threading
from contextlib import suppress
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from padlock import reading, tls
from padlock.authority import Authority
from padlock.judge import judge

CA = Authority("Class Root")
LEAF, BAD = CA.issue("api.test"), CA.issue("stolen.test")
CA.revoke(BAD.certificate, "keyCompromise")


def request(leaf, nonce=b"n" * 32):
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf.certificate, CA.certificate, hashes.SHA1())
    return builder.add_extension(x509.OCSPNonce(nonce), False).build()


@pytest.mark.parametrize("by", ["POST", "GET"])
def test_ask(by):
    with tls.OCSPServer(CA.ocsp) as responder:
        for leaf, accepted in ((LEAF, True), (BAD, False)):
            for n in range(8):  # other bytes each time, so that + / = are met in the base64
                question = request(leaf, bytes([n * 31 % 256] * 32))
                pair = tls.ask(responder.url, question, by), question
                assert judge(leaf, roots=[CA.certificate], ocsp_answers=[pair]).accepted == accepted
    assert [one.serial_number for one in responder.asked] == [LEAF.certificate.serial_number] * 8 + [
        BAD.certificate.serial_number
    ] * 8


def test_what_can_not_be_answered():
    def broken(_):
        raise ZeroDivisionError

    def status(data):
        return reading.ocsp_response(tls.ask(responder.url, data)).response_status.name

    with tls.OCSPServer(broken) as responder:
        assert status(b"junk") == "MALFORMED_REQUEST"
        assert status(request(LEAF)) == "INTERNAL_ERROR"
        assert (
            reading.ocsp_response(tls.ask(responder.url, b"", "GET")).response_status.name
            == "MALFORMED_REQUEST"
        )
        with pytest.raises(tls.Unreachable, match="404"):
            tls.ask(responder.url[:-1], request(LEAF))
        with pytest.raises(tls.Unreachable, match="413"):
            tls.ask(responder.url, b"0" * 5000)
        for length in ("-1", "x", "²", "9" * 30):
            connection = http.client.HTTPConnection("127.0.0.1", responder.port, timeout=5)
            connection.putrequest("POST", responder.path)
            connection.putheader("Content-Length", length.encode("latin-1"))
            connection.endheaders()
            assert connection.getresponse().status == 413
            connection.close()
    with pytest.raises(tls.Unreachable, match="No answer"):
        tls.ask(responder.url, request(LEAF))
    for url in ("https://127.0.0.1:1/", "http://ocsp.example/", "http://127.0.0.1/", ""):
        with pytest.raises(tls.Unreachable, match="no address"):
            tls.ask(url, request(LEAF))


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: ",
    ],
)
def test_a_responder_that_says_nothing_or_drips_is_left(says):
    done = threading.Event()

    def drip(listening):
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(says)
            while says and not done.wait(0.01):
                connection.sendall(b"x")
            done.wait(20)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            with pytest.raises(tls.Unreachable, match="did not answer within"):
                tls.ask(f"http://127.0.0.1:{listening.getsockname()[1]}/ocsp", request(LEAF), timeout=0.3)
        finally:
            done.set()
            thread.join()


@pytest.mark.skipif(not which("openssl"), reason="needs the openssl command")
def test_openssl_asks_it_and_believes_it(tmp_path):
    (tmp_path / "ca.pem").write_bytes(CA.certificate.public_bytes(Encoding.PEM))
    with tls.OCSPServer(CA.ocsp) as responder:
        for leaf, word in ((LEAF, "good"), (BAD, "revoked")):
            (tmp_path / "leaf.pem").write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
            call = [
                "openssl",
                "ocsp",
                "-issuer",
                "ca.pem",
                "-cert",
                "leaf.pem",
                "-CAfile",
                "ca.pem",
                "-url",
                responder.url,
            ]
            done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=30)
            assert done.returncode == 0, done.stderr
            assert "Response verify OK" in done.stderr
            assert f"leaf.pem: {word}" in done.stdout
