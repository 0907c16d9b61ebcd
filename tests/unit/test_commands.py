"""python -m padlock handshake and inspect: exit status, words, files; never a traceback, never a private key."""

import contextlib
import io
import json
import os
import socket
import stat
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from padlock import tls
from padlock.__main__ import main
from padlock.authority import Authority

ROOT = Authority("Class Root")
LEAF = ROOT.issue("api.test", "127.0.0.1")
EC_SECRET = LEAF.private_key.private_numbers().private_value.to_bytes(32, "big")


def run(*arguments):
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(one) for one in arguments])
        out.flush()
    return status, out.buffer.getvalue().decode(), err.getvalue()


@pytest.fixture
def roots(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    return path


def test_handshake_good(tmp_path, roots):
    capture, log = tmp_path / "a.pcapng", tmp_path / "a.keys"
    with tls.TLSServer(LEAF) as server:
        status, out, err = run(
            "handshake", f"127.0.0.1:{server.port}", "--roots", roots, "--pcap", capture, "--keylog", log
        )
    assert (status, err) == (0, "")
    assert "client ──▶  ClientHello" in out
    assert "◀── server  Certificate of CN=api.test" in out
    assert "✓ accepted" in out
    secrets = log.read_bytes()
    assert b"SERVER_TRAFFIC_SECRET_0" in secrets
    assert secrets not in capture.read_bytes()  # it has a file of its own
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (capture, log)} == {0o600}


def test_handshake_refused(roots):
    with tls.TLSServer(LEAF) as server:
        status, out, _ = run(
            "handshake", f"127.0.0.1:{server.port}", "--roots", roots, "--name", "www.test", "--json"
        )
    said = json.loads(out)
    assert status == 1
    assert (said["alert"], said["accepted"]) == ("bad_certificate", False)
    assert [one["subject"] for one in said["chain"]] == ["CN=api.test"]
    assert said["messages"][0]["name"] == "ClientHello"
    assert "name" in [finding["rule"] for finding in said["findings"] if not finding["ok"]]


def test_handshake_with_nobody(roots):
    with tls.ChallengeServer("t", "x") as server:
        status, out, err = run("handshake", f"127.0.0.1:{server.port}", "--roots", roots)
        assert status == 2
        assert "plain HTTP" in out + err
        assert "ClientHello" in out
    status, _, err = run("handshake", f"127.0.0.1:{server.port}", "--roots", roots)
    assert status == 2
    assert err.startswith("padlock: ")
    assert "Nothing listens there" in err


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("api.test", "api.test", 443),
        ("api.test:8443", "api.test", 8443),
        ("api.test:00008443", "api.test", 8443),
        ("2001:db8::7", "2001:db8::7", 443),
        ("[2001:db8::7]:8443", "2001:db8::7", 8443),
        ("[2001:db8::7]", "2001:db8::7", 443),
        ("https://api.test:8443/stock?of=tea", "api.test", 8443),
    ],
)
def test_the_address_that_is_meant(monkeypatch, given, host, port):
    asked = []

    def connect(*where, **_):
        asked.append(where[:2])
        raise tls.Unreachable("Nobody is at home.")

    monkeypatch.setattr(tls, "connect", connect)
    assert run("handshake", given)[0] == 2
    assert asked == [(host, port)]


@pytest.mark.parametrize(
    "given",
    ["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:" + "9" * 5000, "127.0.0.1:x", ":443", "a\0b", "[::1", "::1]:44", "",
     "http://127.0.0.1", "no such host.invalid"],
)  # fmt: skip
def test_what_is_no_address(roots, given):
    status, out, err = run("handshake", given, "--roots", roots, "--timeout", "2")
    assert (status, out) == (2, "")
    assert err.startswith("padlock: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("size", [1, 5, 300, 20_000])
def test_a_server_that_says_anything(roots, size):
    """Rubbish in the place of a handshake: a sentence, and what could be read of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk():
            with listener.accept()[0] as connection:
                connection.recv(10_000)
                connection.sendall(bytes(200 + n % 50 for n in range(size)))

        thread = threading.Thread(target=talk)
        thread.start()
        status, out, err = run("handshake", f"127.0.0.1:{listener.getsockname()[1]}", "--roots", roots)
        thread.join()
    assert status == 2
    assert "ClientHello" in out
    assert "is not TLS" in out + err


def test_a_file_that_can_not_be_written_loses_nothing_else(tmp_path, roots):
    missing = tmp_path / "no such folder" / "a.pcapng"
    with tls.TLSServer(LEAF) as server:
        here = ("handshake", f"127.0.0.1:{server.port}", "--roots", roots)
        status, out, _ = run(*here, "--pcap", missing, "--keylog", tmp_path)
        _, data, _ = run(*here, "--json", "--pcap", missing)
    assert status == 2
    assert "✓ accepted" in out
    assert out.count("could not be written") == 2
    assert f"“{missing}” could not be written" in out
    assert "could not be written" in json.loads(data)["problems"][-1]


# --- inspect

SOURCES = {
    "certificate": lambda: LEAF.certificate.public_bytes(Encoding.PEM),
    "der": lambda: LEAF.certificate.public_bytes(Encoding.DER),
    "crl": lambda: ROOT.crl().public_bytes(Encoding.PEM),
    "bundle": lambda: LEAF.pem().encode() + ROOT.certificate.public_bytes(Encoding.PEM),
    "hello": lambda: tls.handshake(LEAF, [ROOT.certificate], "api.test").flights[0][1],
}


@pytest.mark.parametrize("what", SOURCES)
def test_inspect(tmp_path, what):
    path = tmp_path / "thing"
    path.write_bytes(SOURCES[what]())
    status, out, err = run("inspect", path, "--notes")
    assert (status, err) == (0, "")
    word = {"hello": "api.test", "crl": "tbsCertList"}.get(what, "CN=api.test")
    assert word in out
    assert out.count("tbsCertificate ") == {"hello": 0, "crl": 0, "bundle": 2}.get(what, 1)


def private_forms():
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        for encoding in (Encoding.PEM, Encoding.DER):
            whole = LEAF.private_key.private_bytes(encoding, form, NoEncryption())
            yield whole
            if (
                encoding is Encoding.DER
            ):  # broken: cut short, another tag within, something before or after it
                yield whole[:-5]
                yield whole + b"\x30\x00"
                yield bytes([0x30, 0x82, len(whole) >> 8, len(whole) & 255]) + whole
                for at in range(len(whole)):
                    yield whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]


def test_a_private_key_is_never_printed(tmp_path):
    path = tmp_path / "key"
    forms = list(private_forms())
    assert len(forms) > 100
    for data in forms:
        path.write_bytes(data)
        status, out, err = run("inspect", path, "--notes")
        assert status in (0, 1, 2)
        flat = (out + err).lower().replace(":", "").replace(" ", "")
        assert EC_SECRET[8:16].hex() not in flat
        assert str(int.from_bytes(EC_SECRET, "big")) not in flat


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_an_rsa_key_is_never_printed(tmp_path, form, encoding):
    key = rsa.generate_private_key(65537, 1024)  # small: it is about what is printed
    numbers = key.private_numbers()
    path = tmp_path / "key"
    path.write_bytes(key.private_bytes(encoding, form, NoEncryption()))
    status, out, err = run("inspect", path, "--notes")
    assert status == 0
    flat = (out + err).lower().replace(":", "").replace(" ", "")
    for secret in (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp):
        digits = f"{secret:x}"
        assert digits[8:24] not in flat
        assert str(secret)[8:32] not in flat


def test_an_encrypted_key(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(
        LEAF.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass"))
    )
    status, out, _ = run("inspect", path)
    assert status == 0
    assert "EncryptedPrivateKeyInfo" in out


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN X-----", b"\x00\xff", b"GET / HTTP/1.1"])
def test_what_inspect_can_not_read(tmp_path, data):
    path = tmp_path / "thing"
    path.write_bytes(data)
    status, out, err = run("inspect", path)
    assert (status, out) == (2, "")
    assert err.startswith("padlock: ")


def test_inspect_of_broken_things(tmp_path):
    path = tmp_path / "thing"
    path.write_bytes(LEAF.certificate.public_bytes(Encoding.DER)[:-20])
    status, out, _ = run("inspect", path)
    assert status == 1
    assert "✗" in out
    assert run("inspect", tmp_path / "nothing here")[0] == 2
    assert run("inspect", tmp_path)[0] == 2
