"""Handshakes that are not ours, between openssl's own programs, taken apart: 0-RTT, HelloRetryRequest, client
certificates, middlebox compatibility, a PSK. And secrets that come as they are, not as a key log."""

import hashlib
from itertools import groupby

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance import programs
from padlock import tls
from padlock.authority import Authority
from padlock.tls import by_hand, schedule

ROOT = Authority("Class Root")
LEAF = ROOT.issue("api.test")
ALICE = ROOT.issue(common_name="alice", purpose="client")
SERVER = ["EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"]


def plain(name, sender="server"):
    return (sender, name, "plaintext")


def sealed(sender, protection, *names):
    return [(sender, name, protection) for name in names]


def said(t):
    """Whose message, which, and how protected, without what comes at its own time: tickets, data, goodbyes."""
    passing = ("NewSessionTicket", "ApplicationData", "Alert")
    return [(m.sender, m.name, m.protection) for m in t.messages if m.name not in passing]


def sound(t):
    """All was read, and all that can be proved is."""
    assert t.problems == []
    assert not [field for m in t.messages for field in m.walk() if field.error]
    proofs = [m for m in t.messages if m.name in ("CertificateVerify", "Finished")]
    assert len(proofs) > 1
    assert {m.verified for m in proofs} == {True}, [m.verification for m in proofs]
    return True


def data(t, sender):
    return b"".join(m.raw for m in t.messages if (m.sender, m.name) == (sender, "ApplicationData"))


def cut(flights, how):
    """The same bytes of each side in other pieces: single bytes, or many records at once, or the two mixed."""
    if how == "one byte at a time":
        return [(sender, bytes([byte])) for sender, part in flights for byte in part]
    if how == "records in two":
        return [(s, half) for s, part in flights for half in (part[:7], part[7:-3], part[-3:]) if half]
    whole = [(s, b"".join(part for _, part in run)) for s, run in groupby(flights, lambda flight: flight[0])]
    assert how == "all of one side's turn at once"
    return whole


HOW = ["one byte at a time", "records in two", "all of one side's turn at once"]


def facts(t):
    """What must not depend on how the bytes arrive."""
    messages = [(m.sender, m.name, m.protection, m.raw, m.verified) for m in t.messages]
    records = [(r.sender, r.kind, r.inner_kind, r.protection, r.sequence, r.plaintext) for r in t.records]
    return messages, records, [(s.name, s.value, s.in_keylog) for s in t.schedule.secrets], t.problems


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    programs.needed()
    return programs.talks(tmp_path_factory.mktemp("talks"), ROOT, LEAF, ALICE)


def test_the_talks_are_these(talks):
    assert list(talks) == programs.TALKS


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("what", programs.TALKS)
def test_however_the_bytes_arrive(talks, what, how):
    flights, keylog, psk = talks[what]
    t = tls.dissect(flights, keylog, psk)
    assert sound(t)
    assert facts(tls.dissect(cut(flights, how), keylog, psk)) == facts(t)


@pytest.mark.parametrize("what", programs.TALKS)
def test_without_secrets_only_the_beginning_is_read(talks, what):
    flights, keylog, _ = talks[what]
    full, t = tls.dissect(flights, keylog), tls.dissect(flights)
    open_ = [m.raw for m in full.messages if m.protection == "plaintext"]
    assert [m.raw for m in t.messages if m.protection == "plaintext"] == open_
    assert [m.protection for m in t.messages if m.name == "encrypted"]
    assert t.problems
    secrets = {s.value for s in full.schedule.secrets if s.value and s.in_keylog}
    assert secrets
    assert not secrets & {s.value for s in t.schedule.secrets}


def test_early_data(talks):
    flights, keylog, psk = talks["0-RTT"]
    t = tls.dissect(flights, keylog, psk)
    assert said(t) == [
        plain("ClientHello", "client"), plain("ChangeCipherSpec", "client"), plain("ServerHello"),
        plain("ChangeCipherSpec"), *sealed("server", "handshake", "EncryptedExtensions", "Finished"),
        ("client", "EndOfEarlyData", "early"), ("client", "Finished", "handshake"),
    ]  # fmt: skip
    assert t.messages[0].verified is True, t.messages[0].verification
    assert [m.raw for m in t.messages if m.protection == "early"] == [b"GET /early\n", b"\x05\0\0\0"]
    assert [r.sequence for r in t.records if r.protection == "early"] == [0, 1]
    assert data(t, "server") == b"reply\n"
    for name in ("early_secret", "binder_key", "derived_secret_for_handshake"):
        assert t.schedule[name].value
    early = t.schedule["client_early_traffic_secret"]
    assert early.in_keylog
    assert schedule.derive_secret(
        t.schedule["early_secret"].value, "c e traffic", tls_hash(t.messages[0].raw, t), t.schedule.hash_name
    ) == early.value  # fmt: skip


def tls_hash(raw, t):
    return schedule.transcript_points([raw], t.schedule.hash_name)["ClientHello"].digest


def test_early_data_with_nothing_but_the_psk(talks):
    flights, keylog, psk = talks["0-RTT"]
    without = "\n".join(line for line in keylog.splitlines() if "EARLY" not in line)
    for given in ("", without):
        t = tls.dissect(flights, given, psk)
        assert next(m.raw for m in t.messages if m.protection == "early") == b"GET /early\n"
        assert t.messages[0].verified is True
    assert sound(t)
    wrong = tls.dissect(flights, without, bytes(len(psk)))
    assert wrong.messages[0].verified is False
    assert "early" not in {m.protection for m in wrong.messages}
    assert len(wrong.problems) == 1


def test_a_psk_from_outside(talks):
    flights, keylog, psk = talks["external PSK"]
    assert psk == programs.PSK
    t = tls.dissect(flights, keylog, psk)
    assert t.messages[0].verified is True
    assert "external" in t.messages[0].verification
    binder, early, hash_name = (
        t.schedule["binder_key"],
        t.schedule["early_secret"].value,
        t.schedule.hash_name,
    )
    empty = hashlib.new(hash_name).digest()
    assert binder.value == schedule.derive_secret(early, "ext binder", empty, hash_name)  # RFC 8446 §7.1
    assert '"ext binder"' in binder.formula
    assert tls.dissect(flights, keylog).schedule["binder_key"].value is None
    assert "Certificate" not in [m.name for m in t.messages]
    assert tls.dissect(flights, keylog).messages[0].verified is None
    assert tls.dissect(flights, keylog, psk + b"\0").messages[0].verified is False


def test_a_retry(talks):
    flights, keylog, _ = talks["retry"]
    t = tls.dissect(flights, keylog)
    assert said(t) == [
        plain("ClientHello", "client"), plain("HelloRetryRequest"), plain("ChangeCipherSpec"),
        plain("ChangeCipherSpec", "client"), plain("ClientHello", "client"), plain("ServerHello"),
        *sealed("server", "handshake", *SERVER), ("client", "Finished", "handshake"),
    ]  # fmt: skip
    hellos = ("ClientHello", "HelloRetryRequest", "ClientHello", "ServerHello")
    assert t.schedule["server_handshake_traffic_secret"].transcript == hellos
    assert (data(t, "client"), data(t, "server")) == (b"hello\n", b"olleh\n")


def test_a_client_certificate(talks):
    flights, keylog, _ = talks["client certificate"]
    t = tls.dissect(flights, keylog)
    asked = ["EncryptedExtensions", "CertificateRequest", *SERVER[1:]]
    under = [(sender, name) for sender, name, protection in said(t) if protection == "handshake"]
    assert under == [("server", name) for name in asked] + [("client", name) for name in SERVER[1:]]
    request = next(m for m in t.messages if m.name == "CertificateRequest")
    assert request.field("signature_algorithms") or request.field("signature_algorithm")
    shown = [m.value("cert_data") for m in t.messages if m.name == "Certificate"]
    assert shown == [one.certificate.public_bytes(Encoding.DER) for one in (LEAF, ALICE)]


def test_middleboxes(talks):
    """RFC 8446 §D.4: a session id, and a ChangeCipherSpec of each side that changes nothing."""
    for what, size, count in (("client certificate", 32, 2), ("no middlebox", 0, 0)):
        flights, keylog, _ = talks[what]
        t = tls.dissect(flights, keylog)
        assert len(t.messages[0].value("legacy_session_id")) == size
        assert t.messages[1].value("legacy_session_id_echo") == t.messages[0].value("legacy_session_id")
        changes = [m for m in t.messages if m.name == "ChangeCipherSpec"]
        assert [m.protection for m in changes] == ["plaintext"] * count
        assert sound(t)


def test_keys_roll_on(talks):
    flights, keylog, _ = talks["KeyUpdate"]
    t = tls.dissect(flights, keylog)
    updates = [(m.sender, m.value("request_update")) for m in t.messages if m.name == "KeyUpdate"]
    assert updates == [("client", 1), ("server", 0), ("client", 0)]
    assert (data(t, "client"), data(t, "server")) == (b"hello\nagain\nthird\n", b"olleh\nniaga\ndriht\n")
    # every key begins to count its records again (RFC 8446 §5.3)
    for message in (m for m in t.messages if m.name == "KeyUpdate"):
        after = [r for r in t.records[message.records[-1] + 1 :] if r.sender == message.sender]
        assert after[0].sequence == 0
    logged = {line.split()[2] for line in keylog.splitlines() if "TRAFFIC_SECRET_N" in line}
    made = [
        f"{who}_application_traffic_secret_{n}" for who, n in (("client", 1), ("client", 2), ("server", 1))
    ]
    assert logged == {t.schedule[name].value.hex() for name in made}  # OpenSSL derives the same


# --- secrets as they are: a client of one's own knows the shared secret, and nobody wrote a key log


def shares(group):
    if group == by_hand.X25519:
        mine = x25519.X25519PrivateKey.generate()
        return mine, mine.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    mine = ec.generate_private_key(ec.SECP256R1())
    return mine, mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def agree(mine, theirs):
    if isinstance(mine, x25519.X25519PrivateKey):
        return mine.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
    return mine.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))


def by_shared_secret(flights, shared, psk=None):
    """Takes a recording apart with the key agreement's outcome alone: what is read gives the secrets for the rest."""
    hellos = [m.raw for m in tls.dissect(flights).messages if "Hello" in m.name]
    random, read = hellos[0][6:38].hex(), hellos
    for _ in range(2):
        tree = schedule.full(shared, read, psk=psk)
        lines = [
            f"{label} {random} {tree[name].value.hex()}\n"
            for name, label in schedule.KEYLOG_LABELS.items()
            if name in tree and tree[name].value
        ]
        t = tls.dissect(flights, "".join(lines), psk)
        passing = ("ChangeCipherSpec", "ApplicationData", "Alert", "encrypted")
        read = [m.raw for m in t.messages if m.name not in passing]
    return t, schedule.full(shared, read, psk=psk)


@pytest.mark.parametrize("retry", [False, True])
def test_the_shared_secret_alone_opens_all(retry):
    first, share = shares(by_hand.X25519)
    peer = by_hand.Peer(LEAF, b"answer", group="prime256v1" if retry else None)
    flights = []

    def send(bytes_):
        flights.append(("client", bytes_))
        peer.send(bytes_)

    def hear():
        record = by_hand.next_record(peer)
        flights.append(("server", record))
        return record

    random = bytes(range(32))
    groups = {"more_groups": (by_hand.SECP256R1,)}
    hello = by_hand.client_hello(random, "api.test", by_hand.X25519, share, session_id=bytes(32), **groups)
    send(by_hand.record(22, hello))
    answer = hear()
    messages = [hello, answer[5:]]
    if retry:
        assert answer[11:43] == by_hand.RETRY
        first, share = shares(by_hand.SECP256R1)
        again = by_hand.client_hello(random, "api.test", by_hand.SECP256R1, share, session_id=bytes(32))
        send(by_hand.record(22, again))
        answer = hear()
        messages += [again, answer[5:]]
    shared = agree(first, by_hand.read_server_hello(answer)[1])
    tree = schedule.full(shared, messages)
    # the rest of the server's flight, then our own Finished and question
    keys, number, flight = tree["server_handshake_traffic_secret"].value, 0, b""
    while by_hand.server_flight(b"", flight) is None:
        flight += by_hand.unprotect(keys, number, hear())[1]
        number += 1
    parts = [*messages, *split(flight)]
    if retry:
        parts[0] = schedule.message_hash(hello, "sha256")
    finished = by_hand.finished(tree["client_handshake_traffic_secret"].value, b"".join(parts))
    send(by_hand.protect(tree["client_handshake_traffic_secret"].value, 0, 22, finished))
    tree = schedule.full(shared, [*messages, *split(flight), finished])
    send(by_hand.protect(tree["client_application_traffic_secret_0"].value, 0, 23, b"question", padding=9))
    assert (peer.error, peer.received) == (None, b"question")
    while True:
        try:
            hear()
        except EOFError:
            break
    t, full = by_shared_secret(flights, shared)
    assert sound(t)
    assert data(t, "client") + data(t, "server") == b"questionanswer"
    assert all(secret.value for secret in full.secrets)
    names = full["resumption_master_secret"].transcript
    assert names[:2] == ("ClientHello", "HelloRetryRequest" if retry else "ServerHello")
    assert names[-1] == "Finished"
    nonce = next(m for m in t.messages if m.name == "NewSessionTicket").value("ticket_nonce")
    assert len(schedule.resumption_psk(full["resumption_master_secret"].value, nonce)) == 32
    wrong, _ = by_shared_secret(flights, bytes(32))
    assert wrong.problems
    assert "handshake" not in {m.protection for m in wrong.messages}


def split(messages):
    found = []
    while messages:
        end = 4 + int.from_bytes(messages[1:4], "big")
        found.append(messages[:end])
        messages = messages[end:]
    return found
