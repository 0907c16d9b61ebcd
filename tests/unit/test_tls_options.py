"""Options of tls.handshake, on both engines: what is chosen, what is resumed, what is refused, and who noticed when."""

from datetime import UTC, datetime, timedelta

import pytest

from padlock import faults, tls
from padlock.authority import Authority, self_signed
from padlock.reading import Unreadable

ROOT = Authority("Class Root")
INTER = ROOT.intermediate("Class Issuing CA")
LEAF = INTER.issue("api.test", "127.0.0.1")
ALICE = INTER.issue(common_name="alice", purpose="client")
ROOTS = [ROOT.certificate]
BOTH = [(engine, version) for engine in ("ssl", "openssl") for version in ("1.2", "1.3")]
both = pytest.mark.parametrize(("engine", "version"), BOTH)


def shake(*, server=LEAF, roots=ROOTS, name="api.test", **options):
    return tls.handshake(server, roots, name, **options)


@both
def test_either_engine_does_the_same(engine, version):
    t = shake(engine=engine, version=version, send=b"hello", reply=bytes.upper, alpn=["h2", "http/1.1"])
    assert t.error is None
    assert (t.version, t.alpn, t.resumed) == (f"TLSv{version}", "h2", False)
    assert (t.received_by_server, t.received_by_client) == (b"hello", b"HELLO")
    assert t.presented == LEAF.chain
    assert t.peer_chain == [*LEAF.chain, ROOT.certificate]
    assert ("pyOpenSSL" in t.engine) == (engine == "openssl")
    assert ("CLIENT_RANDOM" if version == "1.2" else "SERVER_TRAFFIC_SECRET_0") in t.keylog
    assert t.noticed == {"client": None, "server": None}
    tls.records(b"".join(data for _, data in t.flights))


@both
@pytest.mark.parametrize(
    ("options", "alert", "code"),
    [
        ({"name": "other.test"}, "bad_certificate", 62),
        ({"name": "127.0.0.2"}, "bad_certificate", 64),
        ({"roots": []}, "unknown_ca", 20),
        ({"server": self_signed("api.test")}, "unknown_ca", 18),
        ({"server": INTER.issue("api.test", san=False)}, "bad_certificate", 62),
        ({"server": INTER.issue("api.test", purpose="client")}, "unsupported_certificate", 26),
        ({"server": tls.borrowed(LEAF)}, "decrypt_error", None),
    ],
)
def test_either_engine_refuses_the_same(engine, version, options, alert, code):
    t = shake(engine=engine, version=version, **options)
    assert (t.error.who, t.error.alert, t.error.code) == ("client", alert, code)
    assert alert.replace("_", " ") in t.error.other_said
    assert (t.version, t.peer_chain, t.session) == (None, [], None)
    assert t.error.when == t.noticed["client"].flight == 1
    assert (t.noticed["server"].flight, t.noticed["server"].alert) == (2, alert)
    assert t.noticed["server"].code is None


@both
def test_a_wildcard_and_an_address_are_names(engine, version):
    wild = INTER.issue("*.api.test")
    assert shake(server=wild, name="www.api.test", engine=engine, version=version).error is None
    assert shake(server=wild, name="a.b.api.test", engine=engine, version=version).error.code == 62
    assert shake(name="127.0.0.1", engine=engine, version=version).error is None
    assert shake(name="other.test", check_name=False, engine=engine, version=version).error is None
    assert shake(name=None, roots=[], verify=False, engine=engine, version=version).error is None


@both
def test_when_each_side_notices_that_a_client_certificate_is_missing(engine, version):
    """RFC 8446 §4.4.4: in 1.3 the client is finished, and has sent its request, before the server has judged."""
    t = shake(client_roots=ROOTS, send=b"request", engine=engine, version=version)
    server, client = t.noticed["server"], t.noticed["client"]
    assert t.error.who == "server"
    assert t.error.when == server.flight < client.flight
    assert t.flights[server.flight][0] == "client"
    assert t.flights[client.flight][0] == "server"
    assert client.finished == (version == "1.3")
    assert not server.finished
    assert (
        client.alert == t.error.alert == ("certificate_required" if version == "1.3" else "handshake_failure")
    )
    assert t.received_by_server == b""


@both
def test_mutual(engine, version):
    t = shake(client=ALICE, send=b"hi", engine=engine, version=version)
    assert (t.error, t.received_by_server) == (None, b"hi")


@both
def test_resumption(engine, version):
    first = shake(engine=engine, version=version)
    second = shake(engine=engine, version=version, session=first, send=b"again")
    third = shake(engine=engine, version=version, session=second)
    assert [t.resumed for t in (first, second, third)] == [False, True, True]
    assert second.received_by_server == b"again"
    assert second.keylog
    assert second.keylog != first.keylog
    assert sum(len(data) for _, data in second.flights) < sum(len(data) for _, data in first.flights)


def test_resumption_with_others_is_refused():
    with pytest.raises(ValueError, match="nothing to resume"):
        shake(session=shake(name="other.test"))
    with pytest.raises(ValueError, match="version is not the same"):
        shake(session=shake(version="1.3"), version="1.2")


def test_groups():
    assert shake(engine="openssl").group == "X25519MLKEM768"
    assert shake(groups=["X25519"]).group == "x25519"
    retried = shake(server_groups="P-384")
    assert (retried.error, retried.group) == (None, "secp384r1")
    # RFC 8446 §4.1.3: a ServerHello with this random is a HelloRetryRequest
    assert bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891") in retried.flights[1][1]
    refused = shake(groups="P-256", server_groups="P-384", version="1.3")
    assert (refused.error.who, refused.error.alert) == ("server", "handshake_failure")
    with pytest.raises(ValueError, match="no such group: P-257"):
        shake(groups="P-257")


def test_ciphers():
    chosen = "TLS_CHACHA20_POLY1305_SHA256"
    assert shake(ciphers=chosen, version="1.3").cipher == chosen
    old = "ECDHE-ECDSA-CHACHA20-POLY1305"
    for engine in ("ssl", "openssl"):
        assert shake(ciphers=[old], version="1.2", engine=engine).cipher == old
    none = shake(version="1.3", ciphers=chosen, server_ciphers="TLS_AES_128_GCM_SHA256")
    assert (none.error.who, none.error.alert, none.noticed["server"].flight) == (
        "server",
        "handshake_failure",
        0,
    )
    for engine, word in (("ssl", "NO-SUCH"), ("openssl", "NO-SUCH"), ("openssl", "TLS_NONE")):
        with pytest.raises(ValueError, match="no such cipher"):
            shake(ciphers=word, engine=engine)


def test_versions_that_do_not_meet():
    for ours, theirs in (("1.2", "1.3"), ("1.3", "1.2")):
        t = shake(version=ours, server_version=theirs)
        assert (t.error.who, t.error.alert) == ("server", "protocol_version")


def test_any_clock():
    later = datetime.now(UTC) + timedelta(days=4000)
    for at in (later, later.replace(tzinfo=None)):
        assert shake(at=at).error.alert == "certificate_expired"
    early = shake(at=datetime.now(UTC) - timedelta(days=4000))
    assert (early.error.code, early.error.alert) == (9, "bad_certificate")
    soon = INTER.issue("api.test", not_before=datetime.now(UTC) + timedelta(days=1))
    assert shake(server=soon).error.code == 9
    assert shake(server=soon, at=datetime.now(UTC) + timedelta(days=2)).error is None


def test_lists():
    root = Authority("Listing Root")
    ca = root.intermediate("Listing CA")
    good, bad = ca.issue("api.test"), ca.issue("api.test")
    ca.revoke(bad)
    lists = [ca.crl(), root.crl()]
    assert tls.handshake(good, [root.certificate], "api.test", crls=lists).error is None
    assert tls.handshake(bad, [root.certificate], "api.test", crls=lists).error.alert == "certificate_revoked"
    assert (
        tls.handshake(good, [root.certificate], "api.test", crls=[root.crl()]).error.code == 3
    )  # unable to get CRL
    with pytest.raises(Unreadable):
        tls.handshake(good, [root.certificate], "api.test", crls=[b"no list"])


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_stapling(version):
    answer = b"0\x03\x0a\x01\x06"  # OCSPResponse: unauthorized (RFC 6960 §4.2.1)
    assert shake(version=version, staple=answer).stapled == answer
    assert shake(version=version, request_staple=True).stapled is None
    assert shake(version=version).stapled is None


def test_what_an_engine_can_not():
    with pytest.raises(ValueError, match='leave out engine="ssl"'):
        shake(groups="X25519", engine="ssl")
    with pytest.raises(ValueError, match="engine is"):
        shake(engine="gnutls")
    for name in ("", ".test", "a..b", "x" * 300, "a\0b", None):
        with pytest.raises(ValueError, match=r"\A.+[.]\Z"):
            shake(name=name, engine="openssl")


# --- the catalogue

NO_SERVER = {"intermediate-first"}


@pytest.mark.parametrize("fault", sorted(faults.FAULTS))
def test_any_fault_of_the_catalogue(fault):
    if fault in NO_SERVER:
        with pytest.raises(ValueError, match="No server starts like this"):
            tls.try_case(fault)
        return
    t = tls.try_case(fault)
    if t.error:
        assert t.error.who == "client"
        assert t.error.alert
    else:
        assert t.presented


def test_faults_together_and_with_options():
    t = tls.try_case(["expired", "wrong-name"], version="1.2")
    assert t.error.who == "client"
    assert tls.try_case(faults.FAULTS["expired"]).error.alert == "certificate_expired"
    assert tls.try_case(faults.case("expired"), verify=False).error is None
    with pytest.raises(LookupError, match="no fault called"):
        tls.try_case("no-such-fault")
