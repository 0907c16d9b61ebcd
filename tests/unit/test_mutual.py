"""Every cell of the mTLS matrix, from real handshakes: who notices, which alert, and what the client believed."""

import shutil
import socket
import subprocess
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import keys, tls
from padlock.tls.contexts import client_context
from padlock.tls.mutual import CLIENTS, SERVERS, WANTED, Cast

# RFC 8446 §6.2 and RFC 5246 §7.2.2 name the alerts; which of them it is for a date in the future is OpenSSL's choice.
ALERTS = {
    "none": {"1.3": "certificate_required", "1.2": "handshake_failure"},
    "expired": "certificate_expired",
    "future": "bad_certificate",
    "purpose": "unsupported_certificate",
    "foreign": "unknown_ca",
    "borrowed": "decrypt_error",
}


@pytest.fixture(scope="module")
def cast():
    return Cast()


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_every_cell(cast, version):
    cells = list(cast.matrix(version=version))
    assert {(one.client, one.server) for one in cells} == {(c, s) for c in CLIENTS for s in SERVERS}
    for one in cells:
        sent = [message.name for message in one.transcript.messages if message.sender == "client"]
        if one.server != "good":  # the client judges first
            assert one.refused_by == "client"
            assert "Certificate" not in sent, "a client that refuses shows nothing"
        elif one.client != "good":
            alert = ALERTS[one.client]
            assert one.refused_by == "server"
            assert one.alert == (alert if isinstance(alert, str) else alert[version])
        else:
            assert one.refused_by is None
        if one.refused_by:
            assert all(one.transcript.noticed.values()), "both sides learn of a refusal"
        assert one.client_believed_it_was_in == (one.refused_by == "server" and version == "1.3")


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_the_server_asks_and_the_client_proves(cast, version):
    names = [(message.sender, message.name) for message in cast.meet(version=version).transcript.messages]
    assert names.index(("server", "CertificateRequest")) < names.index(("client", "CertificateVerify"))


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_client_without_a_certificate_sends_an_empty_one(cast, version):
    """RFC 8446 §4.4.2, RFC 5246 §7.4.6: no CertificateVerify follows."""
    names = [
        one.name for one in cast.meet("none", version=version).transcript.messages if one.sender == "client"
    ]
    assert "Certificate" in names
    assert "CertificateVerify" not in names


def test_a_server_that_trusts_the_wrong_ca_turns_the_right_clients_away(cast):
    assert cast.meet("good", trusts="server").alert == "unknown_ca"
    assert cast.meet("foreign", trusts="server").refused_by is None


def test_a_client_key_that_does_not_fit_is_a_sentence(cast):
    good, other = cast.clients["good"], cast.clients["expired"]
    with pytest.raises(keys.Mismatch) as caught:
        tls.handshake(
            cast.servers["good"], cast.roots["server"], WANTED,
            client=(good.chain, other.private_key), client_roots=cast.roots["client"],
        )  # fmt: skip
    assert str(caught.value).endswith(".")


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")
@pytest.mark.parametrize("who", ["good", "none", "expired", "purpose", "foreign"])
def test_real_curl_is_answered_as_the_matrix_says(cast, tmp_path, who):
    ca = tmp_path / "ca.pem"
    ca.write_bytes(cast.roots["server"].public_bytes(Encoding.PEM))
    shows = []
    if client := cast.clients[who]:
        keys.save(client.private_key, tmp_path / "key.pem")
        (tmp_path / "cert.pem").write_text(client.pem())
        shows = ["--cert", tmp_path / "cert.pem", "--key", tmp_path / "key.pem"]
    with tls.TLSServer(cast.servers["good"], b"hello", client_roots=cast.roots["client"]) as server:
        to = ["--max-time", "20", "--noproxy", "*", "--resolve", f"{WANTED}:{server.port}:127.0.0.1"]
        done = subprocess.run(["curl", "-sS", *to, "--cacert", ca, *shows, server.url], capture_output=True)
    assert (done.returncode == 0) == (who == "good")
    assert done.stdout == (b"hello" if who == "good" else b"")
    refused = cast.meet(who).transcript.error
    assert server.refusals == ([refused.said] if refused else []), "in the same words"


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("who", ["good", "none", "expired", "purpose", "foreign"])
def test_real_openssl_is_answered_as_the_matrix_says(cast, tmp_path, who, version):
    (tmp_path / "ca.pem").write_bytes(cast.roots["server"].public_bytes(Encoding.PEM))
    shows = []
    if client := cast.clients[who]:
        keys.save(client.private_key, tmp_path / "key.pem")
        (tmp_path / "cert.pem").write_text(client.pem())
        shows = ["-cert", tmp_path / "cert.pem", "-key", tmp_path / "key.pem"]
    demands = {"client_roots": cast.roots["client"], "version": version}
    with tls.TLSServer(cast.servers["good"], b"hello", **demands) as server:
        to = ["-connect", f"127.0.0.1:{server.port}", "-servername", WANTED, "-CAfile", tmp_path / "ca.pem"]
        done = subprocess.run(
            ["openssl", "s_client", *to, "-verify_return_error", "-quiet", "-ign_eof", *shows],
            input=f"GET {server.path} HTTP/1.0\r\n\r\n".encode(), capture_output=True, timeout=60,
        )  # fmt: skip
    met = cast.meet(who, version=version)
    assert done.stdout.endswith(b"hello") == (who == "good")
    assert server.refusals == ([met.transcript.error.said] if met.refused_by else [])
    if met.refused_by:
        # it names the alert in its own way: "alert unknown ca", "sslv3 alert bad certificate"
        assert met.alert.replace("_", " ").split()[-1].encode() in done.stderr


@pytest.mark.parametrize(
    "says", [b"", b"hello?\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\x16\x03\x01\xff\xff" + bytes(70_000)]
)
def test_a_client_that_sends_nothing_or_no_tls_holds_nobody_up(cast, says):
    context = client_context(cast.roots["server"], None, cast.clients["good"])
    with tls.TLSServer(cast.servers["good"], b"hello", client_roots=cast.roots["client"]) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, 10) as strange:
            with suppress(OSError):  # the server may have hung up already
                strange.sendall(says)
            with (
                socket.create_connection(address, 10) as connection,
                context.wrap_socket(connection, server_hostname=WANTED) as secure,
            ):
                secure.sendall(f"GET {server.path} HTTP/1.0\r\n\r\n".encode())
                answer = b"".join(iter(lambda: secure.recv(4096), b""))
    assert answer.endswith(b"hello")
    assert all(isinstance(one, str) and one for one in server.refusals)
