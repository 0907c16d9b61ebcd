"""`tls.site`, what a site shows, asked of a real server on the loopback address; and what is never asked."""

import ssl

import pytest

from padlock import tls
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
    with pytest.raises(tls.Unreachable, match=r"no way out|did not answer"):
        tls.site("127.0.0.1", port=port, patience=5)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
        (TimeoutError(), "did not answer within 6 seconds"),
        (room.socket.gaierror(-2, "Name or service not known"), "no network here"),
        (ssl.SSLError(1, "[SSL: X] wrong version number (_ssl.c:1)"), "wrong version number"),
        (RuntimeError("x"), "can't be read"),
    ],
)
def test_each_failure_is_a_sentence(monkeypatch, error, words):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(room, "_connect", fail)
    with pytest.raises(tls.Unreachable, match=words):
        tls.site("www.python.org")


def test_a_question_to_dns_may_hang(monkeypatch):
    import threading

    release = threading.Event()
    monkeypatch.setattr(room, "_connect", lambda *args: release.wait(20))
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
    monkeypatch.setattr(room, "_connect", lambda *args: pytest.fail("somebody was asked"))
    with pytest.raises(ValueError, match=r"."):
        tls.site(typed)
