import ipaddress
import os
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from padlock import keys, tls
from padlock.authority import Authority, self_signed
from padlock.reading import Unreadable
from padlock.tls import contexts, loopback
from padlock.tls.contexts import identity_of

SECRET = b"password=correct-horse-battery-staple"


ROOT = Authority("Class Root")
INTER = ROOT.intermediate("Class Issuing CA")
LEAF = INTER.issue("api.test", "127.0.0.1")
ALICE = INTER.issue(common_name="alice", purpose="client")
OTHER_ROOT = Authority("Other Root")
MALLORY = self_signed("api.test")
ROOTS = [ROOT.certificate]
VERSIONS = ["1.2", "1.3"]


def wire(flights):
    return b"".join(data for _, data in flights)


# --- accepted


@pytest.mark.parametrize("version", [*VERSIONS, None])
def test_a_good_server_is_accepted(version):
    t = tls.handshake(LEAF, ROOTS, "api.test", version, send=b"hello", reply=b"welcome")
    assert t.error is None
    assert t.version == f"TLSv{version or '1.3'}"
    assert t.cipher
    assert (t.received_by_server, t.received_by_client) == (b"hello", b"welcome")
    assert t.presented == LEAF.chain
    assert t.peer_chain == [*LEAF.chain, ROOT.certificate]
    assert "Transcript" in repr(t)


@pytest.mark.parametrize("version", VERSIONS)
def test_flights_are_what_was_on_the_wire(version):
    t = tls.handshake(LEAF, ROOTS, "api.test", version, send=b"x" * 50_000, reply=b"y" * 50_000)
    assert t.flights[0][0] == "client"
    assert {who for who, _ in t.flights} == {"client", "server"}
    for _, data in t.flights:  # every flight is a whole number of records (RFC 8446 §5.1)
        at = 0
        while at < len(data):
            assert data[at] in (20, 21, 22, 23)
            assert data[at + 1] == 3
            at += 5 + int.from_bytes(data[at + 3 : at + 5])
        assert at == len(data)
    assert (len(t.received_by_server), len(t.received_by_client)) == (50_000, 50_000)


def test_the_key_log_is_of_this_session():
    t = tls.handshake(LEAF, ROOTS, "api.test", "1.3")
    labels = [line.split()[0] for line in t.keylog.splitlines() if line and not line.startswith("#")]
    assert {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "EXPORTER_SECRET"} <= set(labels)
    random = t.flights[0][1][11:43]  # ClientHello.random: after record header, message header, version
    assert random.hex() in t.keylog.lower()
    assert "CLIENT_RANDOM" in tls.handshake(LEAF, ROOTS, "api.test", "1.2").keylog


@pytest.mark.parametrize("name", ["127.0.0.1", ipaddress.ip_address("127.0.0.1")])
def test_an_address_is_a_name_too(name):
    assert tls.handshake(LEAF, ROOTS, name).error is None
    wrong = tls.handshake(INTER.issue("api.test"), ROOTS, name).error
    assert wrong.said == (
        "certificate verify failed: IP address mismatch, certificate is not valid for '127.0.0.1'."
    )


def test_the_server_answers_what_it_was_asked():
    assert tls.handshake(LEAF, ROOTS, "api.test", send=b"abc", reply=bytes.upper).received_by_client == b"ABC"


def test_whatever_reading_takes_is_taken(tmp_path):
    pem = b"".join(c.public_bytes(Encoding.PEM) for c in LEAF.chain)
    key = LEAF.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "root.pem"
    path.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    for server in [
        (pem, key),
        (pem.decode(), key.decode()),
        (LEAF.chain, LEAF.private_key),
        (pem + key, pem + key),
    ]:
        for roots in [ROOT.certificate, path, ROOT.certificate.public_bytes(Encoding.DER)]:
            assert tls.handshake(server, roots, "api.test").error is None


def test_an_anchor_need_not_be_self_signed():
    assert tls.handshake(LEAF, [INTER.certificate], "api.test").error is None


# --- refused by the client: its reason is the library's own, the server learns only an alert

REFUSED = {
    "wrong name": (
        lambda: tls.handshake(LEAF, ROOTS, "other.test"),
        "Hostname mismatch, certificate is not valid for 'other.test'.",
        "bad_certificate",
    ),
    "name in the CN only": (
        lambda: tls.handshake(INTER.issue("api.test", san=False), ROOTS, "api.test"),
        "Hostname mismatch, certificate is not valid for 'api.test'.",
        "bad_certificate",
    ),
    "unknown CA": (
        lambda: tls.handshake(LEAF, [OTHER_ROOT.certificate], "api.test"),
        "unable to get local issuer certificate",
        "unknown_ca",
    ),
    "trusts nobody": (
        lambda: tls.handshake(LEAF, [], "api.test"),
        "unable to get local issuer certificate",
        "unknown_ca",
    ),
    "missing intermediate": (
        lambda: tls.handshake((LEAF.certificate, LEAF.private_key), ROOTS, "api.test"),
        "unable to get local issuer certificate",
        "unknown_ca",
    ),
    "self-signed": (
        lambda: tls.handshake(MALLORY, ROOTS, "api.test"),
        "self-signed certificate",
        "unknown_ca",
    ),
    "expired": (
        lambda: tls.handshake(
            INTER.issue("api.test", not_after=datetime.now(UTC) - timedelta(days=1)), ROOTS, "api.test"
        ),
        "certificate has expired",
        "certificate_expired",
    ),
    "for clients only": (
        lambda: tls.handshake(INTER.issue("api.test", purpose="client"), ROOTS, "api.test"),
        "unsuitable certificate purpose",
        "unsupported_certificate",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_client_refuses(case):
    run, said, alert = REFUSED[case]
    t = run()
    assert t.error.who == "client"
    assert t.error.said == f"certificate verify failed: {said}"
    assert t.error.alert == alert
    assert alert.replace("_", " ") in t.error.other_said
    assert t.error.code
    assert (t.version, t.cipher, t.peer_chain) == (None, None, [])
    assert t.presented  # what was refused can be looked at
    assert "SERVER_HANDSHAKE_TRAFFIC_SECRET" in t.keylog
    assert str(t.error) in repr(t)


def test_a_refused_server_gets_nothing():
    t = tls.handshake(LEAF, ROOTS, "other.test", send=SECRET, reply=SECRET)
    assert (t.received_by_server, t.received_by_client) == (b"", b"")


@pytest.mark.parametrize("version", VERSIONS)
def test_without_verification_anybody_is_accepted(version):
    for name in ("api.test", "other.test", None):
        t = tls.handshake(MALLORY, [], name, version, verify=False, send=SECRET)
        assert t.error is None
        assert t.received_by_server == SECRET
        assert t.peer_chain == []
        assert t.presented == MALLORY.chain


# --- mutual TLS


@pytest.mark.parametrize("version", VERSIONS)
def test_mutual_tls_accepted(version):
    t = tls.handshake(LEAF, ROOTS, "api.test", version, client=ALICE, send=b"hello", reply=b"welcome")
    assert t.error is None
    assert t.received_by_client == b"welcome"


@pytest.mark.parametrize(
    ("version", "client", "said", "alert"),
    [
        ("1.2", ALICE, "certificate verify failed: unable to get local issuer certificate", "unknown_ca"),
        ("1.3", ALICE, "certificate verify failed: unable to get local issuer certificate", "unknown_ca"),
        ("1.2", None, "peer did not return a certificate", "handshake_failure"),
        ("1.3", None, "peer did not return a certificate", "certificate_required"),
    ],
)
def test_mutual_tls_refused(version, client, said, alert):
    t = tls.handshake(
        LEAF,
        ROOTS,
        "api.test",
        version,
        client=client,
        client_roots=[OTHER_ROOT.certificate],
        send=SECRET,
        reply=SECRET,
    )
    assert (t.error.who, t.error.said, t.error.alert) == ("server", said, alert)
    assert (t.received_by_server, t.received_by_client) == (b"", b"")
    # RFC 8446 §4.4.4: in 1.3 the client is finished, and has sent its request, before the server has judged
    assert (t.version is not None) == (version == "1.3")


# --- what can't be tried


def test_a_key_of_another_certificate():
    with pytest.raises(keys.Mismatch, match="The certificate holds the public key"):
        tls.handshake((LEAF.chain, ALICE.private_key), ROOTS, "api.test")


def test_a_certificate_without_its_key():
    with pytest.raises(ValueError, match="no private key"):
        identity_of(SimpleNamespace(chain=LEAF.chain, private_key=None))
    with pytest.raises(ValueError, match="says nothing about the key"):
        identity_of(LEAF.certificate)


@pytest.mark.parametrize(
    "call",
    [
        lambda: tls.handshake(("no certificate", LEAF.private_key), ROOTS, "api.test"),
        lambda: tls.handshake((LEAF.chain, "no key"), ROOTS, "api.test"),
        lambda: tls.handshake(LEAF, "no roots", "api.test"),
        lambda: tls.handshake(LEAF, ROOTS, "api.test", client=(b"junk", b"junk")),
    ],
)
def test_what_cannot_be_read_is_said_by_reading(call):
    with pytest.raises(Unreadable):
        call()


@pytest.mark.parametrize(
    "name", ["", ".test", "a\0b", "x" * 300 + ".test", "a..b", "\u202e.test", 7, None, ...]
)
def test_bad_names_are_one_sentence(name):
    with pytest.raises(ValueError, match=r"\A.+[.]\Z") as caught:
        tls.handshake(LEAF, ROOTS, name)
    assert "\u202e" not in str(caught.value)
    print(caught.value)


def test_unknown_version():
    with pytest.raises(ValueError, match=r"1\.3"):
        tls.handshake(LEAF, ROOTS, "api.test", "1.1")


def test_a_key_that_the_library_refuses():
    weak = self_signed("api.test", key=rsa.generate_private_key(65537, 1024))
    with pytest.raises(ValueError, match="ee key too small"):
        tls.handshake(weak, ROOTS, "api.test")


def test_post_quantum_signatures_work_or_are_named():
    leaf = self_signed("api.test", key_kind="ml-dsa-65")
    if ssl.OPENSSL_VERSION_INFO >= (3, 5):
        assert tls.handshake(leaf, leaf.certificate, "api.test").error is None
    else:
        with pytest.raises(ValueError, match="can't use ML-DSA-65 keys"):
            tls.handshake(leaf, leaf.certificate, "api.test")


# --- nothing stays on the disk


def test_temporary_files_are_private_and_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []
    real = os.open

    def spy(path, flags, mode=0o777, **more):
        handle = real(path, flags, mode, **more)
        if str(tmp_path) in str(path) and not Path(path).is_dir():
            seen.append(
                (stat.S_IMODE(os.fstat(handle).st_mode), stat.S_IMODE(Path(path).parent.stat().st_mode))
            )
        return handle

    monkeypatch.setattr(os, "open", spy)
    tls.handshake(LEAF, ROOTS, "api.test", client=ALICE)
    tls.handshake(LEAF, ROOTS, "other.test")
    for failing in (
        lambda: tls.handshake(LEAF, ROOTS, ""),
        lambda: tls.handshake(self_signed("w", key=rsa.generate_private_key(65537, 1024)), ROOTS, "w"),
    ):
        with pytest.raises(ValueError, match=r"name|refuses"):
            failing()
    assert seen
    if os.name == "posix":
        assert set(seen) == {(0o600, 0o700)}
    assert list(tmp_path.iterdir()) == []


# --- on the path


@pytest.mark.parametrize("version", VERSIONS)
def test_an_eavesdropper(version):
    assert SECRET in wire(tls.overhear(SECRET, b"OK"))
    seen = wire(tls.overhear(SECRET, b"OK " + SECRET, LEAF, ROOTS, version=version))
    assert SECRET not in seen
    assert b"correct-horse" not in seen
    words = "\n".join(tls.readable(seen))
    assert "api.test" in words  # SNI
    assert ("Class Issuing CA" in words) == (version == "1.2")  # the certificate, in the open in 1.2 only


def test_readable():
    assert tls.readable(b"\x00hello\xffhello world\n\x01short\x02") == ["hello world"]
    assert tls.readable(b"\x00hello\xff", shortest=5) == ["hello"]


def test_man_in_the_middle_wins_against_a_client_that_does_not_check():
    i = tls.intercept(LEAF, MALLORY, ROOTS, "api.test", False, SECRET, b"your balance")
    assert i.error is None
    assert i.attacker_read == SECRET
    assert i.attacker_read_reply == i.client_got == b"your balance"
    assert i.with_client.presented == MALLORY.chain
    assert i.with_server.presented == LEAF.chain
    assert i.with_server.received_by_server == SECRET
    # both legs are real TLS: the secret is on neither wire
    assert SECRET not in wire(i.with_client.flights) + wire(i.with_server.flights)


def test_man_in_the_middle_loses_against_a_client_that_checks():
    own_ca = OTHER_ROOT.issue("api.test")
    for attacker in (MALLORY, own_ca):
        i = tls.intercept(LEAF, attacker, ROOTS, "api.test", True, SECRET, b"your balance")
        assert i.error.who == "client"
        assert i.attacker_read == i.attacker_read_reply == i.client_got == b""
        assert i.with_server is None


def test_man_in_the_middle_wins_if_his_ca_is_trusted():
    own_ca = OTHER_ROOT.issue("api.test")
    i = tls.intercept(
        LEAF, own_ca, [ROOT.certificate, OTHER_ROOT.certificate], "api.test", True, SECRET, b"ok"
    )
    assert (i.error, i.attacker_read) == (None, SECRET)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("curve", ["p256", "p384"])
def test_a_certificate_without_its_key_is_of_no_use(version, verify, curve):
    """Even a client that checks nothing else checks CertificateVerify (1.3) or ServerKeyExchange (1.2)."""
    victim = (
        INTER.issue("api.test", key_kind=curve)
        if curve == "p256"
        else INTER.issue("api.test", key=ec.generate_private_key(ec.SECP384R1()))
    )
    i = tls.intercept(victim, tls.borrowed(victim), ROOTS, "api.test", verify, SECRET, b"ok", version)
    assert i.error.who == "client"
    assert i.error.said == "bad signature"
    assert i.error.alert == "decrypt_error"
    assert i.with_client.presented == victim.chain
    assert i.attacker_read == b""


def test_only_ec_certificates_can_be_borrowed():
    with pytest.raises(ValueError, match="EC key"):
        tls.handshake(tls.borrowed(INTER.issue("api.test", key_kind="rsa2048")), ROOTS, "api.test")
    with pytest.raises(Unreadable):
        tls.borrowed(7)


def test_a_client_that_checks_the_chain_but_not_the_name():
    mallory = INTER.issue("mallory.test")
    i = tls.intercept(LEAF, mallory, ROOTS, "api.test", True, SECRET, b"ok", check_name=False)
    assert (i.error, i.attacker_read) == (None, SECRET)
    assert tls.intercept(LEAF, MALLORY, ROOTS, "api.test", True, SECRET, b"ok", check_name=False).error
    assert tls.intercept(LEAF, mallory, ROOTS, "api.test", True, SECRET, b"ok").error.code == 62


def test_two_contexts_that_exist_already(tmp_path):
    client = ssl.create_default_context(cadata=ROOT.certificate.public_bytes(Encoding.PEM).decode())
    client.keylog_filename = str(tmp_path / "own.log")
    server = contexts.server_context(LEAF)
    t = tls.meet(client, server, "api.test", b"hello", b"hi")
    assert (t.error, t.received_by_server, t.received_by_client) == (None, b"hello", b"hi")
    assert t.keylog
    assert client.keylog_filename == str(tmp_path / "own.log")
    client.keylog_filename = None
    with pytest.raises(ssl.SSLError):
        tls.meet(server, server, "api.test")
    with pytest.raises(ValueError, match="name"):
        tls.meet(client, server, None)


@pytest.mark.parametrize("version", VERSIONS)
def test_records_and_search(version):
    flights = tls.overhear(SECRET, b"OK", LEAF, ROOTS, version=version)
    assert tls.records(flights[0][1])[0].kind == "handshake"
    for _, data in flights:
        found = tls.records(data)
        assert sum(r.length + 5 for r in found) == len(data)
    sent = [
        r
        for who, data in flights
        if who == "client"
        for r in tls.records(data)
        if r.kind == "application_data"
    ]
    if version == "1.3":
        assert sent[-1].length == len(SECRET) + 1 + 16  # RFC 8446 §5.2
    assert tls.search(flights, SECRET) == []
    assert tls.search(flights, b"api.test")[0][0] == 0
    assert tls.search([("client", b"abab"), ("server", b"xab")], b"ab") == [(0, 0), (0, 2), (1, 1)]
    assert tls.records(b"") == []


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1", b"\x16\x03\x01\x00\x05abcd", b"\x16", b"\x16\x02\x01\x00\x00"]
)
def test_no_records(data):
    with pytest.raises(ValueError, match="no TLS record"):
        tls.records(data)
    with pytest.raises(ValueError, match="one byte"):
        tls.search([("client", data)], b"")


# --- on the loopback address


def resolve(server, name="api.test"):
    return {name: ("127.0.0.1", server.port)}


def test_challenge():
    before = threading.active_count()
    with tls.ChallengeServer("tok_en-1", "tok_en-1.thumb") as server:
        base = f"http://api.test:{server.port}"
        assert tls.fetch(base + server.path, resolve(server)) == (200, b"tok_en-1.thumb")
        for path in (
            "/",
            "",
            "/.well-known/acme-challenge/",
            server.path + "x",
            server.path + "/",
            "//x",
            "/?a=1",
        ):
            status, body = tls.fetch(base + path, resolve(server))
            assert status == 404
            assert b"thumb" not in body
    assert threading.active_count() == before
    with pytest.raises(tls.Unreachable, match="No connection"):
        tls.fetch(base + server.path, resolve(server))


@pytest.mark.parametrize("token", ["", "../x", "a b", "a\r\nb", "ü"])
def test_tokens_are_url_safe(token):
    with pytest.raises(ValueError, match="RFC 8555"):
        tls.ChallengeServer(token, "x")


def test_a_page():
    with tls.PageServer("/issuing-ca.der", b"0\x82") as server:
        base = f"http://ca.test:{server.port}"
        assert tls.fetch(f"{base}/issuing-ca.der", resolve(server, "ca.test")) == (200, b"0\x82")
        assert tls.fetch(f"{base}/", resolve(server, "ca.test")).status == 404


@pytest.mark.parametrize("path", ["", "ca.der", "/a b", "/a\r\nb", "/ü"])
def test_a_page_has_a_plain_path(path):
    with pytest.raises(ValueError, match="begins with /"):
        tls.PageServer(path, b"")


def test_servers_say_nothing(capfd):
    with tls.ChallengeServer("t", "x") as server:
        tls.fetch(f"http://api.test:{server.port}/", resolve(server))
        with socket.create_connection(("127.0.0.1", server.port)) as rude:
            rude.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
    assert capfd.readouterr() == ("", "")


def test_a_silent_client_does_not_hold_the_server_up(monkeypatch):
    monkeypatch.setattr(loopback, "SOCKET_SECONDS", None)  # not even a timeout would end it
    monkeypatch.setattr(loopback._Page, "timeout", None)
    before = threading.active_count()
    for server in (tls.ChallengeServer("t", "x"), tls.TLSServer(LEAF)):
        with server, socket.create_connection(("127.0.0.1", server.port), 10) as silent:
            until(lambda: threading.active_count() > before + 1)
            assert silent
    assert threading.active_count() == before


def until(condition):
    waited = threading.Event()
    for _ in range(500):
        if condition():
            return
        waited.wait(0.01)
    raise AssertionError("it did not happen")


def test_https():
    with tls.TLSServer(LEAF, b"secret page") as server:
        assert server.url == f"https://api.test:{server.port}{server.path}"
        assert tls.fetch(server.url, resolve(server), ROOTS) == (200, b"secret page")
        wrong = tls.fetch(f"https://api.test:{server.port}/", resolve(server), ROOTS)
        assert wrong.status == 404
        assert b"secret" not in wrong.body
        assert server.refusals == []
        with pytest.raises(tls.Unreachable, match="certificate verify failed: unable to get local issuer"):
            tls.fetch(server.url, resolve(server), [OTHER_ROOT.certificate])
        with pytest.raises(tls.Unreachable, match="certificate verify failed"):
            tls.fetch(server.url, resolve(server))
    assert all("unknown ca" in words for words in server.refusals)
    assert len(server.refusals) == 2


def test_https_with_a_client_certificate_demanded():
    told = pytest.raises(tls.Unreachable, match="alert certificate required")
    with tls.TLSServer(LEAF, client_roots=ROOTS) as server, told:
        tls.fetch(server.url, resolve(server), ROOTS)
    assert server.refusals == ["peer did not return a certificate"]


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")
def test_real_curl(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    with tls.TLSServer(LEAF, b"hello curl") as server:
        to = [
            "curl",
            "-sS",
            "--max-time",
            "20",
            "--noproxy",
            "*",
            "--resolve",
            f"api.test:{server.port}:127.0.0.1",
        ]
        done = subprocess.run([*to, "--cacert", ca, server.url], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "hello curl", "")
        assert (
            subprocess.run([*to, server.url], capture_output=True).returncode == 60
        )  # does not trust our root
        assert subprocess.run([*to, "-k", server.url], capture_output=True).stdout == b"hello curl"


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_real_openssl(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    with tls.TLSServer(LEAF, b"hello openssl") as server:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "api.test",
            "-CAfile", ca,
             "-verify_hostname", "api.test", "-verify_return_error", "-quiet", "-ign_eof"],
            input=f"GET {server.path} HTTP/1.0\r\n\r\n".encode(), capture_output=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.endswith(b"hello openssl")


def raw_server(answer):
    """A server that sends these bytes to its one client, whatever it is asked."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run():
        connection, _ = listening.accept()
        with connection, listening:
            connection.settimeout(10)
            connection.recv(4096)
            try:
                for part in answer:
                    connection.sendall(part)
            except OSError:
                pass  # the client had enough

    thread = threading.Thread(target=run)
    thread.start()
    return SimpleNamespace(port=listening.getsockname()[1], thread=thread)


def drip():
    pause = threading.Event()
    while True:
        yield b"x"
        pause.wait(0.02)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000], "longer than"),
        ([b"HTTP/1.1 200 OK\r\n" + b"h: x\r\n" * 50_000], "doesn't speak HTTP"),
        ([b"SSH-2.0-OpenSSH\r\n"], "doesn't speak HTTP"),
        ([b""], "doesn't speak HTTP"),
        (drip(), "did not answer within"),
    ],
)
def test_fetch_is_bounded(answer, sentence):
    server = raw_server(answer)
    with pytest.raises(tls.Unreachable, match=sentence):
        tls.fetch(f"http://api.test:{server.port}/", resolve(server), timeout=0.5)
    server.thread.join()


@pytest.mark.parametrize(
    ("url", "table"),
    [
        ("http://example.org/", {}),
        ("http://api.test/", {"api.test": ("192.0.2.1", 80)}),
        ("http://api.test:81/", {"api.test": ("127.0.0.1", 80)}),
        ("http://api.test:99999/", {"api.test": ("127.0.0.1", 80)}),
        ("http://127.0.0.1/", {}),
        ("http://user@api.test/", {"api.test": ("127.0.0.1", 80)}),
        ("http://api.test/\r\nX: y", {"api.test": ("127.0.0.1", 80)}),
        ("http://api.test/ü", {"api.test": ("127.0.0.1", 80)}),
        ("file:///etc/passwd", {}),
        ("ftp://api.test/", {"api.test": ("127.0.0.1", 80)}),
        ("", {}),
        (None, {}),
        (b"http://api.test/", {}),
        ("http://[::1", {}),
    ],
)
def test_fetch_stays_at_home(url, table):
    with pytest.raises(tls.Unreachable) as caught:
        tls.fetch(url, table)
    assert "\n" not in str(caught.value)
