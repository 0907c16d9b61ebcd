"""Bytes to messages: what is read, what is verified, and what is said of bytes that are no TLS."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from OpenSSL import SSL

from fuzz import fuzz_tls
from padlock import der, tls
from padlock.authority import Authority
from padlock.tls import messages, numbers, schedule
from padlock.tls.fields import Reader

ROOT = Authority("Root")
ISSUING = ROOT.intermediate("Issuing CA")
LEAF = ISSUING.issue("api.test")
CLIENT = ISSUING.issue("client.test", purpose="client")
ROOTS = [ROOT.certificate]


def meet(version="1.3", client=None, **more):
    return tls.handshake(LEAF, ROOTS, "api.test", version=version, client=client, **more)


def names(transcript):
    return [(m.sender, m.name) for m in transcript.messages]


@pytest.fixture(scope="module")
def full():
    return meet(client=CLIENT, send=b"question", reply=b"answer")


@pytest.fixture(scope="module")
def old():
    return meet("1.2", client=CLIENT, send=b"question", reply=b"answer")


def test_every_message_of_tls_13(full):
    assert full.problems == []
    found = [name for name in names(full) if name[1] != "ChangeCipherSpec"]
    assert found == [
        ("client", "ClientHello"),
        ("server", "ServerHello"),
        ("server", "EncryptedExtensions"),
        ("server", "CertificateRequest"),
        ("server", "Certificate"),
        ("server", "CertificateVerify"),
        ("server", "Finished"),
        ("client", "Certificate"),
        ("client", "CertificateVerify"),
        ("client", "Finished"),
        ("client", "ApplicationData"),
        ("server", "NewSessionTicket"),
        ("server", "NewSessionTicket"),
        ("server", "ApplicationData"),
    ]
    by_name = {m.name: m for m in full.messages}
    assert by_name["ServerHello"].protection == "plaintext"
    assert by_name["Certificate"].protection == "handshake"
    assert by_name["ApplicationData"].raw == b"answer"
    assert by_name["NewSessionTicket"].protection == "application"


def test_every_message_of_tls_12(old):
    assert old.problems == []
    assert [name for _, name in names(old)] == [
        "ClientHello",
        "ServerHello",
        "Certificate",
        "ServerKeyExchange",
        "CertificateRequest",
        "ServerHelloDone",
        "Certificate",
        "ClientKeyExchange",
        "CertificateVerify",
        "ChangeCipherSpec",
        "Finished",
        "NewSessionTicket",
        "ChangeCipherSpec",
        "Finished",
        "ApplicationData",
        "ApplicationData",
    ]
    assert old.messages[-1].raw == b"answer"


@pytest.mark.parametrize("which", ["full", "old"])
def test_every_proof_is_computed_again(which, request):
    proofs = [m for m in request.getfixturevalue(which).messages if m.verification]
    assert len(proofs) == 4
    assert all(m.verified is True for m in proofs), [m.verification for m in proofs]
    assert all(m.clause and m.note for m in proofs)


@pytest.mark.parametrize("which", ["full", "old"])
def test_fields_cover_each_byte_once(which, request):
    transcript = request.getfixturevalue(which)
    assert sum(fuzz_tls.covers(m.fields, 0, len(m.raw)) for m in transcript.messages) > 150
    assert not [one for m in transcript.messages for one in m.walk() if one.error]


def test_what_a_hello_says(full):
    hello, answer = full.messages[:2]
    assert hello.field("host_name").value == "api.test"
    assert hello.title == "ClientHello for api.test"
    assert hello.field("server_name").text == "api.test"
    assert answer.field("cipher_suite").text == "0x1302 TLS_AES_256_GCM_SHA384"
    assert hello.at(hello.field("random").offset).label == "random"
    assert hello.field("no such thing") is None


def test_certificates_lie_in_their_field(full):
    entries = [one for one in full.messages[5].walk() if one.label == "cert_data"]
    assert len(entries) == 2
    assert entries[0].inside == "Certificate"
    assert der.parse(entries[0].value, entries[0].inside).find("subject")


@pytest.mark.parametrize("which", ["full", "old"])
def test_dissect_is_the_same_path(which, request):
    t = request.getfixturevalue(which)
    again = tls.dissect(t.flights, t.keylog)
    assert [m.raw for m in again.messages] == [m.raw for m in t.messages]
    assert (again.version, again.error) == (t.version, None)


@pytest.mark.parametrize("which", ["full", "old"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_however_the_bytes_arrive(which, size, request):
    t = request.getfixturevalue(which)
    pieces = [(who, data[at : at + size]) for who, data in t.flights for at in range(0, len(data), size)]
    again = tls.dissect(pieces, t.keylog)
    assert [m.raw for m in again.messages] == [m.raw for m in t.messages]
    assert again.problems == []
    assert [len(pieces[r.flight][1]) > r.offset for r in again.records] == [True] * len(again.records)
    assert all(pieces[r.flight][1][r.offset] == r.header[0] for r in again.records)


def test_without_a_key_log(full):
    closed = tls.dissect(full.flights)
    assert [m.name for m in closed.messages[:2]] == ["ClientHello", "ServerHello"]
    assert {m.name for m in closed.messages[2:]} == {"encrypted", "ChangeCipherSpec"}
    assert all("there is no key log" in sentence for sentence in closed.problems)
    assert len(closed.problems) == 2


def test_the_key_log_of_another_session(full):
    other = tls.dissect(full.flights, meet().keylog)
    assert any("the key log is of another session" in sentence for sentence in other.problems)
    assert "encrypted" in {m.name for m in other.messages}


def test_a_key_log_that_is_none(full):
    assert "no line of one" in tls.dissect(full.flights, "hello\nworld").problems[0]


def test_a_changed_record_is_named_and_the_rest_is_read(full):
    who, data = full.flights[1]
    at = next(r for r in full.records if r.protection == "handshake" and r.sender == "server").offset
    flights = [
        full.flights[0],
        (who, data[: at + 7] + bytes([data[at + 7] ^ 1]) + data[at + 8 :]),
        *full.flights[2:],
    ]
    broken = tls.dissect(flights, full.keylog)
    assert len(broken.problems) == 1
    assert "does not decrypt" in broken.problems[0]
    assert "Finished" in {m.name for m in broken.messages}
    assert True not in {m.verified for m in broken.messages}


@pytest.mark.parametrize("which", ["full", "old"])
def test_a_changed_hello_breaks_the_proofs(which, request):
    t = request.getfixturevalue(which)
    changed = t.flights[0][1].replace(b"api.test", b"api.tesu")
    broken = tls.dissect([("client", changed), *t.flights[1:]], t.keylog)
    finished = [m for m in broken.messages if m.name == "Finished"]
    assert [m.verified for m in finished] == [False, False]
    assert "does not match" in finished[0].verification


def test_who_refused():
    t = tls.handshake(LEAF, [Authority("Other").certificate], "api.test")
    read = tls.dissect(t.flights, t.keylog)
    assert (read.error.who, read.error.alert) == ("client", "unknown_ca")
    assert read.messages[-1].title == "Alert: fatal, unknown_ca"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is plain HTTP"),
        (b"GET / HTTP/1.1\r\n", "is plain HTTP"),
        (b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(30), "SSL 2.0"),
        (b"\xff" * 100, "is not TLS"),
        (b"GE", "is not TLS"),
        (b"\x16\x03\x01\x02\x00\x01", "cut short"),
    ],
)
def test_what_is_not_tls(data, said):
    read = tls.dissect([("server", data)])
    assert any(said in sentence for sentence in read.problems)
    assert read.version is None


@pytest.mark.parametrize(
    "junk",
    [
        None,
        7,
        "text",
        b"bytes",
        [1],
        [("client",)],
        [("client", "text")],
        {"client": b""},
        [(["client"], b"")],
    ],
)
def test_what_is_no_list_of_flights(junk):
    with pytest.raises((TypeError, ValueError), match=r"^Flights are .*\.$"):
        tls.dissect(junk)


def test_a_stranger_is_no_sender():
    with pytest.raises(ValueError, match="number 0 is from 'eve'"):
        tls.dissect([("eve", b"")])
    with pytest.raises(TypeError, match="A key log is text, not a bytes"):
        tls.dissect([], b"")


def test_every_cut_is_read_as_far_as_it_goes(old):
    flights = old.flights[:2]
    for end in range(0, len(flights[1][1]), 41):
        read = tls.dissect([flights[0], (flights[1][0], flights[1][1][:end])])
        assert sum(fuzz_tls.covers(m.fields, 0, len(m.raw)) for m in read.messages) > 50
        assert read.messages[0].name == "ClientHello"


def test_a_huge_message_is_bounded():
    entries = b"\x00\x00\x00\x00\x00" * 200_000
    body = b"\x00" + len(entries).to_bytes(3, "big") + entries
    raw = b"\x0b" + len(body).to_bytes(3, "big") + body
    fields = messages.read(raw, messages.Context(0x0304))
    assert fuzz_tls.covers(fields, 0, len(raw)) < 250_000
    assert any("too many fields" in (one.error or "") for top in fields for one in top.walk())


def test_hybrid_key_shares_are_split():
    def half(client):
        size = 1216 if client else 1120
        reader = Reader(b"\x11\xec" + size.to_bytes(2, "big") + bytes(size))
        reader.all(lambda r: messages.share(r, client))
        assert fuzz_tls.covers(reader.fields, 0, size + 4) == 5
        return [(child.label, child.length) for child in reader.fields[0].find("key_exchange").children]

    assert half(True) == [("ML-KEM-768 encapsulation key", 1184), ("X25519 public key", 32)]
    assert half(False) == [("ML-KEM-768 ciphertext", 1088), ("X25519 public key", 32)]


def test_grease_is_named():
    assert numbers.named(numbers.CIPHER_SUITES, 0x1A1A, 2) == "GREASE"
    assert numbers.named(numbers.GROUPS, 0x1A2A, 2) == "unknown"
    assert len(numbers.GREASE) == 16
    assert 0xFAFA in numbers.GREASE
    assert numbers.named(numbers.PSK_MODES, 0xE4, 1) == "GREASE"


def test_the_schedule_says_where_each_secret_is_from(full):
    tree = full.schedule
    assert tree.hash_name == "sha384"
    assert tree["client_handshake_traffic_secret"].in_keylog
    assert tree["handshake_secret"].value is None
    assert tree["early_secret"].value == schedule.hkdf_extract(b"", bytes(48), "sha384")
    known = {secret.name for secret in tree.secrets} | {"0", "PSK", "(EC)DHE"}
    assert not [s.name for s in tree.secrets if set(s.made_from) - known]
    assert tree["server_application_traffic_secret_0"].transcript[-1] == "Finished"
    with pytest.raises(KeyError, match="No secret is called"):
        tree["nothing"]


def test_the_schedule_of_tls_12(old):
    assert old.schedule["master_secret"].in_keylog
    assert old.schedule["master_secret"].label == "extended master secret"
    assert old.schedule["master_secret"].transcript[-1] == "ClientKeyExchange"
    assert len(old.schedule["client_write_key"].value) == 32


class Session:
    """OpenSSL by way of pyOpenSSL: it tells the PSK of a ticket, and can do what `ssl` can't."""

    def __init__(self, version=SSL.TLS1_3_VERSION):
        self.lines, self.session = [], None
        self.server = SSL.Context(SSL.TLS_METHOD)
        self.server.use_certificate(LEAF.certificate)
        self.server.use_privatekey(LEAF.private_key)
        self.client = SSL.Context(SSL.TLS_METHOD)
        self.client.set_keylog_callback(lambda _, line: self.lines.append(line.decode()))
        for context in (self.server, self.client):
            context.set_max_proto_version(version)

    def talk(self):
        client, server = SSL.Connection(self.client, None), SSL.Connection(self.server, None)
        client.set_connect_state()
        server.set_accept_state()
        if self.session:
            client.set_session(self.session)
        self.lines.clear()
        flights, ends = [], (("client", client, server), ("server", server, client))
        for step in range(8):
            for who, me, peer in ends:
                with suppress(SSL.WantReadError):
                    me.do_handshake() if step < 4 else me.recv(100)
                try:
                    data = me.bio_read(65536)
                except SSL.WantReadError:
                    continue
                flights.append((who, data))
                peer.bio_write(data)
        self.session = client.get_session()
        client.shutdown()  # or OpenSSL takes the session for a broken one, and resumes it never
        return flights, "\n".join(self.lines), client.master_key()


def test_a_resumed_session_and_its_binder():
    session = Session()
    _, _, psk = session.talk()
    flights, keylog, _ = session.talk()
    t = tls.dissect(flights, keylog, psk)
    hello = t.messages[0]
    assert hello.verified is True, hello.verification
    assert "Certificate" not in {m.name for m in t.messages}
    assert [m.verified for m in t.messages if m.name == "Finished"] == [True, True]
    assert t.schedule["binder_key"].value
    assert tls.dissect(flights, keylog).messages[0].verified is None
    assert tls.dissect(flights, keylog, bytes(len(psk))).messages[0].verified is False


def test_x25519mlkem768_on_the_wire():
    flights, keylog, _ = Session().talk()
    t = tls.dissect(flights, keylog)
    assert t.problems == []
    assert t.messages[0].field("ML-KEM-768 encapsulation key").length == 1184
    assert t.messages[1].field("ML-KEM-768 ciphertext").length == 1088


def test_a_short_run_of_the_fuzzer():
    tally = fuzz_tls.fuzz(2000, 5)
    assert tally.cases == 2000, tally.failures[:1]
    assert not tally.failures
    assert tally.with_problems > 200
    assert tally.with_errors > 200


def test_the_fuzzer_would_notice(monkeypatch):
    monkeypatch.setattr(fuzz_tls.tls, "dissect", lambda *_: 1 / 0)
    assert any("ZeroDivisionError" in failure for failure in fuzz_tls.fuzz(60, 3).failures)


RECORDED = json.loads((Path(__file__).parent / "data" / "tls_recordings.json").read_text("utf-8"))[
    "recordings"
]


def recorded(name, without="nothing"):
    flights = [(who, bytes.fromhex(data)) for who, data in RECORDED[name]["flights"]]
    keylog = [line for line in RECORDED[name]["keylog"].splitlines() if without not in line]
    return tls.dissect(flights, "\n".join(keylog))


@pytest.mark.parametrize("name", [name for name in RECORDED if "CBC" not in name])
def test_what_openssl_s_own_programs_said(name):
    t = recorded(name)
    assert t.problems == []
    assert {
        m.verified for m in t.messages if m.name in ("Finished", "CertificateVerify", "ServerKeyExchange")
    } == {True}
    assert sum(fuzz_tls.covers(m.fields, 0, len(m.raw)) for m in t.messages) > 100
    assert not [one for m in t.messages for one in m.walk() if one.error]


def test_early_data_taken():
    t = recorded("0-RTT")
    early = [m for m in t.messages if m.protection == "early"]
    assert [m.name for m in early] == ["ApplicationData", "EndOfEarlyData"]
    assert early[0].raw == b"GET /early\n"
    assert t.schedule["client_early_traffic_secret"].in_keylog
    assert t.schedule["early_secret"].value is None  # it is made from the PSK, which no key log has


def test_early_data_taken_without_its_secret():
    t = recorded("0-RTT", without="EARLY")
    assert "CLIENT_EARLY_TRAFFIC_SECRET" in t.problems[0]
    assert len(t.problems) == 1
    # EndOfEarlyData was encrypted with the secret that is missing, but everybody knows what it says
    assert [m.verified for m in t.messages if m.name == "Finished"] == [True, True]


@pytest.mark.parametrize("name", ["0-RTT refused", "HelloRetryRequest, 0-RTT refused"])
@pytest.mark.parametrize("without", ["nothing", "EARLY"])
def test_early_data_refused(name, without):
    t = recorded(name, without)
    assert [m.verified for m in t.messages if m.name == "Finished"] == [True, True]
    assert bool(t.problems) == (without == "EARLY")
    assert "EndOfEarlyData" not in {m.name for m in t.messages}
    assert t.schedule["early_secret"].value is not None


def test_a_hello_retry_request():
    t = recorded("HelloRetryRequest, 0-RTT refused")
    hellos = [m.name for m in t.messages if m.name.startswith(("Client", "Server", "Hello"))]
    assert hellos == ["ClientHello", "HelloRetryRequest", "ClientHello", "ServerHello"]
    assert t.schedule["client_handshake_traffic_secret"].transcript == tuple(hellos)
    assert (
        next(m for m in t.messages if m.name == "HelloRetryRequest").title == "HelloRetryRequest: secp384r1"
    )


def test_keys_roll_on():
    t = recorded("KeyUpdate")
    assert [m.sender for m in t.messages if m.name == "KeyUpdate"] == ["client", "client", "server"]
    assert [m.raw for m in t.messages if m.name == "ApplicationData"] == [b"a\n", b"b\n", b"c\n"]
    assert t.schedule["client_application_traffic_secret_2"].made_from == (
        "client_application_traffic_secret_1",
    )
    assert t.schedule["server_application_traffic_secret_1"].value


def test_a_renegotiation():
    t = recorded("TLS 1.2, renegotiated")
    assert [m.protection for m in t.messages if m.name == "ClientHello"] == ["plaintext", "application"]
    assert [m.raw for m in t.messages if m.name == "ApplicationData"] == [b"a\n", b"c\n"]


def test_cbc_is_not_decrypted_and_says_so():
    t = recorded("TLS 1.2, CBC")
    assert all("no AEAD cipher suite" in sentence for sentence in t.problems)
    assert len(t.problems) == 2
    assert next(m for m in t.messages if m.name == "ServerKeyExchange").verified is True
