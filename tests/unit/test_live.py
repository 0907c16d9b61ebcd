"""`tls.site`, what a site shows, asked of a real server on the loopback address; and what is never asked."""

import shutil
import subprocess
import threading
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import keys, tls
from padlock.authority import Authority
from padlock.tls import live as room

CA = Authority("Class Root")


def ask(server, **options):
    return tls.site("127.0.0.1", port=server.port, patience=5, **options)


def test_a_site_that_is_trusted():
    issuing = CA.intermediate("Class Issuing CA")
    leaf = issuing.issue("127.0.0.1")
    with tls.TLSServer(leaf) as server:
        shown = ask(server, roots=[CA.certificate])
    assert shown.refusal is None
    assert shown.certificates == leaf.chain
    assert shown.version.startswith("TLSv1.")


def test_a_site_that_is_refused_is_shown_all_the_same():
    other = Authority("Somebody Else").issue("127.0.0.1")
    with tls.TLSServer(other) as server:
        shown = ask(server, roots=[CA.certificate])
    assert "issuer" in shown.refusal
    assert shown.certificates == other.chain


def test_a_site_with_another_name():
    with tls.TLSServer(CA.issue("api.test")) as server:
        assert "mismatch" in ask(server, roots=[CA.certificate]).refusal


def test_without_roots_this_machine_decides():
    with tls.TLSServer(CA.issue("127.0.0.1")) as server:
        assert ask(server).refusal  # nobody's machine trusts a class's root


def test_a_server_without_tls():
    with (
        tls.ChallengeServer("token", "content") as server,
        pytest.raises(tls.Unreachable, match="no TLS handshake"),
    ):
        ask(server)


def test_nobody_there():
    with tls.ChallengeServer("token", "content") as server:
        port = server.port
    with pytest.raises(tls.Unreachable, match=r"no way out|did not answer|Nothing listens"):
        tls.site("127.0.0.1", port=port, patience=5)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
        (TimeoutError(), "did not answer within 6 seconds"),
        (room.socket.gaierror(-2, "Name or service not known"), "no network here"),
        (RuntimeError("x"), "can't be reached"),
    ],
)
def test_each_failure_is_a_sentence(monkeypatch, error, words):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(room, "_dial", fail)
    with pytest.raises(tls.Unreachable, match=words):
        tls.site("www.python.org")


def test_a_question_to_dns_may_hang(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(room, "_dial", lambda *args: release.wait(20) and room.socket.socket())
    with pytest.raises(tls.Unreachable, match="did not answer"):
        tls.site("www.python.org", patience=0.1)
    release.set()


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("www.python.org", "www.python.org"),
        ("  WWW.Python.org. ", "www.python.org"),
        ("https://www.python.org/about/?x=1", "www.python.org"),
        ("www.python.org/", "www.python.org"),
        ("192.0.2.7", "192.0.2.7"),
        ("https://[2001:db8::7]/", "2001:db8::7"),
    ],
)
def test_the_host_in_what_was_typed(typed, host):
    assert tls.host_of(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "api.test", "a.b.example", "localhost", "python", "http://www.python.org", "-a.org",
        "https://www.python.org:8443", "https://[", "https://x:99999999", "*.python.org", "a b.org", "api\0.org",
        "<script>", "bücher.de",
        "x" * 300 + ".org", "me@python.org", "spiffe://a/b", "www.python.org:443", "\u202egro.org", "1.2.3", "https://",
    ],
)  # fmt: skip
def test_what_is_no_host_is_said_and_nobody_asked(monkeypatch, typed):
    monkeypatch.setattr(room, "_dial", lambda *args: pytest.fail("somebody was asked"))
    with pytest.raises(ValueError, match=r"."):
        tls.site(typed)


# --- tls.connect


def connect(server, **options):
    return tls.connect("127.0.0.1", server.port, **{"roots": [CA.certificate], "timeout": 20} | options)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_connect_is_a_transcript(version):
    leaf = CA.intermediate("Class Issuing CA").issue("api.test")
    with tls.TLSServer(leaf, b"page") as server:
        ask = f"GET {server.path} HTTP/1.0\r\n\r\n".encode()
        t = connect(server, name="api.test", version=version, send=ask)
    assert (t.error, t.version) == (None, f"TLSv{version}")
    assert t.presented == leaf.chain
    assert t.peer_chain == [*leaf.chain, CA.certificate]
    assert t.received_by_client.endswith(b"page")
    assert t.problems == []
    names = [message.name for message in t.messages]
    assert names[:2] == ["ClientHello", "ServerHello"]
    assert {"Certificate", "Finished", "ApplicationData"} <= set(names)


def test_connect_says_who_refused():
    with tls.TLSServer(CA.issue("api.test")) as server:
        t = connect(server)
        assert (t.error.who, t.error.alert, t.error.code) == ("client", "bad_certificate", 64)
        assert t.presented
        assert t.noticed["client"].flight == t.error.when
        assert connect(server, verify=False).error is None
    with tls.TLSServer(CA.issue("api.test"), client_roots=[CA.certificate]) as server:
        t = connect(server, name="api.test")
        assert (t.error.who, t.error.alert) == ("server", "certificate_required")
        assert t.noticed["client"].finished


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("asks", [False, True])
def test_connect_to_openssls_own_server(tmp_path, version, asks):
    leaf = CA.intermediate("Class Issuing CA").issue("api.test")
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "above.pem").write_bytes(leaf.chain[1].public_bytes(Encoding.PEM))
    keys.save(leaf.private_key, tmp_path / "leaf.key")
    command = [
        "openssl",
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-cert",
        "leaf.pem",
        "-key",
        "leaf.key",
        "-www",
    ]
    command += [
        "-cert_chain",
        "above.pem",
        f"-tls{version.replace('.', '_')}",
        *(["-verify", "1"] if asks else []),
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            said = next(line for line in server.stdout if line.startswith(b"ACCEPT"))
            t = tls.connect(
                "127.0.0.1",
                int(said.rsplit(b":")[-1]),
                "api.test",
                [CA.certificate],
                20,
                send=b"GET / HTTP/1.0\r\n\r\n",
            )
        finally:
            server.kill()
    assert (t.error, t.version) == (None, f"TLSv{version}")
    assert t.presented == leaf.chain, "the whole chain that it sent"
    assert b"HTTP/1.0 200" in t.received_by_client
    assert ("CertificateRequest" in [message.name for message in t.messages]) == asks
    assert not t.problems


class Raw:
    """Says these bytes to its one client, and closes, or stays silent while `hold`."""

    def __init__(self, *parts, hold=False):
        self.parts, self.hold = parts, hold
        self.listening = room.socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection, _ = self.listening.accept()
        with connection, suppress(OSError):
            connection.settimeout(20)
            connection.recv(4096)
            for part in self.parts:
                connection.sendall(part)
                self.done.wait(0.02)
            if self.hold:
                self.done.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.listening.close()


@pytest.mark.parametrize(
    ("server", "options", "sentence"),
    [
        (lambda: Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), {}, "speaks plain HTTP"),
        (lambda: Raw(b"SSH-2.0-OpenSSH\r\n"), {}, "is not TLS"),
        (lambda: Raw(b""), {}, "closed the connection|broke off"),
        (lambda: Raw(hold=True), {"timeout": 0.3}, "did not finish the handshake in time"),
        (lambda: Raw(*[b"\x16\x03\x03\x40\x00", *[b"\x02"] * 1000]), {"timeout": 0.3}, "did not finish"),
        (lambda: Raw(b"\x16\x03\x03\x00\x05\x02\x00"), {}, "closed the connection|broke off"),
    ],
)
def test_what_is_no_tls_server_is_a_sentence(server, options, sentence):
    with server() as raw, pytest.raises(tls.Unreachable, match=sentence) as caught:
        connect(raw, **options)
    seen = caught.value.transcript
    assert seen.flights[0][0] == "client"
    assert seen.messages[0].name == "ClientHello"


def test_a_certificate_of_a_hundred_kilobytes():
    big = CA.issue(*[f"{number}.{'x' * 60}.{'y' * 60}.test" for number in range(900)], "127.0.0.1")
    with tls.TLSServer(big) as server:
        t = connect(server)
    assert t.error.who == "client"
    assert "excessive message size" in t.error.said


@pytest.mark.parametrize(
    ("host", "port"), [("", 443), (None, 443), ("127.0.0.1", 0), ("127.0.0.1", 70000), ("127.0.0.1", "443")]
)
def test_what_can_not_be_tried(host, port):
    with pytest.raises(ValueError, match=r"[.]\Z"):
        tls.connect(host, port)
