"""Connections that no library would make: what `dissect` calls verified must be so, whoever wrote the bytes."""

import os
from collections import Counter
from contextlib import suppress
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from fuzz import fuzz_tls
from padlock import tls
from padlock.authority import Authority
from padlock.tls import by_hand, messages, schedule
from padlock.tls.dissection import signature_input

ROOT = Authority("Root")
LEAF = ROOT.issue("api.test")
HANDSHAKE, DATA, EARLY = "HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0", "EARLY_TRAFFIC_SECRET"


def sized(data, size):
    return len(data).to_bytes(size, "big") + data


def extension(number, data):
    return number.to_bytes(2, "big") + sized(data, 2)


def message(kind, body):
    return bytes([kind]) + sized(body, 3)


def client_hello(*extensions):
    """With X25519, and these extensions after its own."""
    plain = by_hand.client_hello(os.urandom(32), "api.test", by_hand.X25519, os.urandom(32))
    at = 4 + 2 + 32 + 1 + 4 + 2  # of the extensions' length
    return message(1, plain[4:at] + sized(plain[at + 2 :] + b"".join(extensions), 2))


def server_hello(*extensions, random=b""):
    told = extension(43, b"\x03\x04") + extension(51, b"\0\x1d" + sized(os.urandom(32), 2))
    told += b"".join(extensions)
    return message(2, b"\x03\x03" + (random or os.urandom(32)) + b"\0\x13\x01\0" + sized(told, 2))


class Forged:
    """A connection of TLS 1.3 whose every byte is ours. `dissect` has its secrets from the key log: any will do."""

    def __init__(self, hello=None, answer=None, identity=LEAF):
        self.hello, self.answer = hello or client_hello(), answer or server_hello()
        self.identity, self.transcript, self.flights = identity, b"", []
        labels = [f"{side}_{label}" for side in ("CLIENT", "SERVER") for label in (HANDSHAKE, DATA)]
        self.secrets = {label: os.urandom(32) for label in labels}
        self.numbers = Counter()
        self.open("client", self.hello)
        self.open("server", self.answer)

    def open(self, who, content, kind=22):
        self.flights.append((who, by_hand.record(kind, content)))
        self.transcript += content if kind == 22 else b""

    def say(self, who, content, kind=22, label=HANDSHAKE):
        name = f"{who.upper()}_{label}"
        self.flights.append((who, by_hand.protect(self.secrets[name], self.numbers[name], kind, content)))
        self.numbers[name] += 1
        self.transcript += content if kind == 22 else b""

    def certificate(self, more=b""):
        entry = sized(self.identity.certificate.public_bytes(Encoding.DER), 3) + b"\0\0"
        self.say("server", message(11, b"\0" + sized(entry, 3) + more))

    def verify(self, scheme=b"\x04\x03", sign=None, more=b""):
        over = signature_input(sha256(self.transcript).digest(), "server")
        sign = sign or (lambda data: self.identity.private_key.sign(data, ec.ECDSA(hashes.SHA256())))
        self.say("server", message(15, scheme + sized(sign(over), 2) + more))

    def finish(self, who):
        self.say(who, by_hand.finished(self.secrets[f"{who.upper()}_{HANDSHAKE}"], self.transcript))

    def server(self, certificate=b"", **verify):
        """The server's flight; `certificate`: bytes after the message's own."""
        self.say("server", b"\x08\0\0\2\0\0")
        self.certificate(certificate)
        self.verify(**verify)
        self.finish("server")
        return self

    def read(self):
        random = self.hello[6:38].hex()
        keylog = "\n".join(f"{label} {random} {secret.hex()}" for label, secret in self.secrets.items())
        return tls.dissect(self.flights, keylog)


def proofs(read, name):
    found = [m for m in read.messages if m.name == name]
    assert found, [m.name for m in read.messages]
    return [m.verified for m in found]


def test_an_honest_one_is_verified():
    forged = Forged().server()
    forged.finish("client")
    forged.say("client", b"hello", 23, DATA)
    read = forged.read()
    assert read.problems == []
    assert proofs(read, "CertificateVerify") == [True]
    assert proofs(read, "Finished") == [True, True]
    assert read.messages[-1].raw == b"hello"


@pytest.mark.parametrize("more", [{"certificate": b"\0"}, {"more": b"\0"}])
def test_bytes_too_many_are_no_proof(more):
    read = Forged().server(**more).read()
    assert proofs(read, "CertificateVerify") == [None]
    verification = next(m for m in read.messages if m.name == "CertificateVerify").verification
    assert "malformed" in verification


def old_signature(key):
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


RSA = ROOT.issue("api.test", key=rsa.generate_private_key(65537, 2048))
P384 = ROOT.issue("api.test", key=ec.generate_private_key(ec.SECP384R1()))
ED448 = ROOT.issue("api.test", key=ed448.Ed448PrivateKey.generate())


@pytest.mark.parametrize(
    ("identity", "scheme", "sign"),
    [
        (RSA, b"\x04\x01", old_signature(RSA.private_key)),  # §4.2.3: PKCS #1 v1.5 is for certificates only
        (
            LEAF,
            b"\x02\x03",
            lambda data: LEAF.private_key.sign(data, ec.ECDSA(hashes.SHA1())),
        ),  # and so is SHA-1
        (P384, b"\x04\x03", None),  # §4.2.3: the scheme names the curve
        (ED448, b"\x08\x07", ED448.private_key.sign),  # that scheme is Ed25519
    ],
)
def test_a_signature_of_a_kind_that_may_not_be_is_not_right(identity, scheme, sign):
    read = Forged(identity=identity).server(scheme=scheme, sign=sign).read()
    assert proofs(read, "CertificateVerify") == [False]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("who", ["server", "client"])
def test_a_handshake_message_in_the_open_after_the_keys(who, known):
    forged = Forged()
    forged.open(who, b"\x08\0\0\2\0\0")
    forged.server()
    forged.secrets = forged.secrets if known else {}
    read = forged.read()
    assert any("in the open" in sentence for sentence in read.problems), read.problems
    assert True not in {m.verified for m in read.messages}


def test_an_alert_in_the_open_after_the_keys():
    forged = Forged().server()
    forged.open("server", b"\x02\x28", 21)
    read = forged.read()
    assert any("anybody on the way" in sentence for sentence in read.problems)
    forged = Forged()
    forged.open("client", b"\x02\x2f", 21)  # it could make no key of the server's share
    assert forged.read().problems == []


def test_change_cipher_spec_between_two_halves_of_a_message():
    forged = Forged()
    forged.say("server", b"\x08\0\0")
    forged.open("server", b"\x01", 20)
    forged.say("server", b"\2\0\0")
    forged.certificate()
    forged.verify()
    forged.finish("server")
    read = forged.read()
    assert len(read.problems) == 1
    assert "§5.1" in read.problems[0]
    assert [m.name for m in read.messages][2:5] == ["ChangeCipherSpec", "EncryptedExtensions", "Certificate"]
    assert proofs(read, "Finished") == [True]


def test_after_a_message_that_was_cut_short_nothing_is_judged():
    forged = Forged()
    forged.say("server", b"\x08\0\0")
    forged.say("server", b"\x01\0", 21)
    forged.certificate()
    forged.verify()
    forged.finish("server")
    assert proofs(forged.read(), "Finished") == [None]


@pytest.mark.parametrize(("size", "fits"), [(16_384, True), (16_385, False)])
def test_a_record_longer_than_allowed(monkeypatch, size, fits):
    monkeypatch.setattr(by_hand, "FULL", 1 << 15)  # our own writer keeps the bound; this one does not
    forged = Forged().server()
    forged.finish("client")
    forged.say("client", bytes(size), 23, DATA)
    assert [("longer than" in s) for s in forged.read().problems] == [True] * (not fits)


@pytest.mark.parametrize(("size", "fits"), [(16_384, True), (16_385, False)])
def test_an_open_record_longer_than_allowed(monkeypatch, size, fits):
    monkeypatch.setattr(by_hand, "FULL", 1 << 15)
    padded = extension(21, bytes(size - len(client_hello()) - 4))
    hello = client_hello(padded)
    assert len(hello) == size
    assert [("longer than" in s) for s in Forged(hello).read().problems] == [True] * (not fits)


def offered(psk, *after):
    """A ClientHello with a PSK whose binder fits, and extensions after it."""
    identity = sized(sized(b"ticket", 2) + bytes(4), 2)
    blank = client_hello(
        extension(45, b"\x01\x01"), extension(41, identity + sized(sized(bytes(32), 1), 2)), *after
    )
    tail = b"".join(after)
    end = len(blank) - len(tail)
    binder = schedule.binder(psk, sha256(blank[: end - 35]).digest())
    return blank[: end - 32] + binder + tail


def test_a_binder_covers_all_or_proves_nothing():
    psk = os.urandom(32)
    assert tls.dissect(Forged(offered(psk)).flights, "", psk).messages[0].verified is True
    hello = tls.dissect(Forged(offered(psk, extension(21, b"\0" * 9))).flights, "", psk).messages[0]
    assert hello.verified is False
    assert "last extension" in hello.verification


def test_the_schedule_shows_nothing_made_from_a_wrong_psk():
    psk = os.urandom(32)
    hello, taken = offered(psk), server_hello(extension(41, b"\0\0"))
    flights = Forged(hello, taken).flights
    assert tls.dissect(flights, "", psk).schedule["early_secret"].value == schedule.hkdf_extract(b"", psk)
    assert tls.dissect(flights, "", os.urandom(32)).schedule["early_secret"].value is None
    other = Forged(hello, server_hello(extension(41, b"\0\1"))).flights  # the server took another one
    assert tls.dissect(other, "", psk).schedule["early_secret"].value is None


def test_early_data_after_the_server_s_hello():
    """On the wire the two cross."""
    hello = client_hello(extension(42, b""))
    forged = Forged(hello)
    forged.secrets[f"CLIENT_{EARLY}"] = os.urandom(32)
    forged.say("client", b"GET /", 23, EARLY)
    forged.say("server", b"\x08\0\0\6\0\4\0\x2a\0\0")
    forged.certificate()
    forged.verify()
    forged.finish("server")
    forged.say("client", b"\x05\0\0\0", 22, EARLY)
    forged.finish("client")
    read = forged.read()
    assert read.problems == []
    assert proofs(read, "Finished") == [True, True]
    assert next(m for m in read.messages if m.name == "ApplicationData").protection == "early"


def test_one_retry_asks_for_one_hello():
    forged = Forged(answer=server_hello(random=by_hand.RETRY))
    forged.open("client", forged.hello)
    assert forged.read().problems == []
    forged.open("client", client_hello())
    assert any("nobody asked for" in sentence for sentence in forged.read().problems)


def test_a_second_finished_that_nobody_asked_for():
    forged = Forged().server()
    forged.finish("client")
    forged.say("client", by_hand.finished(forged.secrets[f"CLIENT_{DATA}"], forged.transcript), 22, DATA)
    read = forged.read()
    assert any("second Finished" in sentence for sentence in read.problems)
    assert proofs(read, "Finished") == [True, True, None]


def test_tls_1_2_finished_in_the_open():
    old = tls.handshake(LEAF, [ROOT.certificate], "api.test", version="1.2")
    finished = next(m for m in old.messages if m.name == "Finished" and m.sender == "server")
    at = next(
        i for i, (who, data) in enumerate(old.flights) if who == "server" and b"\x14\x03\x03\0\1\1" in data
    )
    data = old.flights[at][1]
    cut = data.index(b"\x14\x03\x03\0\1\1")
    flights = [*old.flights[:at], ("server", data[:cut] + by_hand.record(22, finished.raw))]
    read = tls.dissect(flights, old.keylog)
    assert [m.verified for m in read.messages if m.name == "Finished"] == [True, None]
    assert any("in the open" in sentence for sentence in read.problems)


@pytest.mark.parametrize("version", [0x0301, 0x0302])
def test_before_tls_1_2_a_signature_has_no_algorithm(version):
    """RFC 4346 §7.4.3, §7.4.4, §7.4.8."""
    context = messages.Context(version, "ECDHE", "server")
    bodies = {
        12: b"\x03\0\x1d" + sized(bytes(32), 1) + sized(b"\x04\x03" + bytes(68), 2),
        13: sized(b"\x01\x40", 1) + sized(b"", 2),
        15: sized(b"\x04\x03" + bytes(68), 2),
    }
    for kind, body in bodies.items():
        raw = message(kind, body)
        fields = messages.read(raw, context)
        assert fuzz_tls.covers(fields, 0, len(raw)) >= 3
        below = [one for field in fields for one in field.walk()]
        assert not [one for one in below if one.error or one.label in ("algorithm", "signature_algorithm")]
        assert kind == 13 or [one.length for one in below if one.label == "signature"] == [70]


def test_a_renegotiation_that_is_refused_leaves_the_session_as_it_is():
    """OpenSSL refuses one with a warning (RFC 5246 §7.2.2), and both go on with their keys."""
    lines, contexts = [], [SSL.Context(SSL.TLS_METHOD), SSL.Context(SSL.TLS_METHOD)]
    for context in contexts:
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
    contexts[0].set_keylog_callback(lambda _, line: lines.append(line.decode()))
    contexts[1].use_certificate(LEAF.certificate)
    contexts[1].use_privatekey(LEAF.private_key)
    contexts[1].set_options(SSL.OP_NO_RENEGOTIATION)
    client, server = (SSL.Connection(context, None) for context in contexts)
    client.set_connect_state()
    server.set_accept_state()
    flights = []
    for step in range(8):
        if step == 4:
            client.renegotiate()
        for who, me, peer in (("client", client, server), ("server", server, client)):
            with suppress(SSL.WantReadError, SSL.Error):
                me.do_handshake() if step in (0, 1, 2, 4) else me.recv(100)
            with suppress(SSL.WantReadError):
                flights.append((who, me.bio_read(65536)))
                peer.bio_write(flights[-1][1])
    read = tls.dissect(flights, "\n".join(lines))
    names = [m.name for m in read.messages]
    assert names.count("ClientHello") == 2
    assert any("no_renegotiation" in m.title for m in read.messages)
    assert read.schedule["master_secret"].value


# --- what is not known here


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("what", ["cipher suite", "version"])
def test_what_is_not_known_here_is_named_and_the_rest_is_read(version, what):
    made = tls.handshake(LEAF, [ROOT.certificate], "api.test", version)
    index = next(n for n, (who, _) in enumerate(made.flights) if who == "server")
    flight = bytearray(made.flights[index][1])
    legacy_version = 5 + 4  # after the record's and the message's header
    session_id = legacy_version + 2 + 32
    if what == "cipher suite":
        at, number = session_id + 1 + flight[session_id], 0x5678
    elif version == "1.2":
        at, number = legacy_version, 0x7F1C
    else:
        at, number = flight.index(bytes.fromhex("002b00020304")) + 4, 0x7F1C  # in supported_versions
    flight[at : at + 2] = number.to_bytes(2, "big")
    flights = [*made.flights[:index], ("server", bytes(flight)), *made.flights[index + 1 :]]
    read = tls.dissect(flights, made.keylog)
    assert f"The server chooses a {what} that is not known here: 0x{number:04x}." in read.problems
    assert [m.name for m in read.messages][:2] == ["ClientHello", "ServerHello"]
    assert sum(5 + record.length for record in read.records) == sum(len(data) for _, data in flights)


def test_a_version_too_old_is_named():
    made = tls.handshake(LEAF, [ROOT.certificate], "api.test", "1.2")
    index = next(n for n, (who, _) in enumerate(made.flights) if who == "server")
    flight = bytearray(made.flights[index][1])
    flight[9:11] = b"\x02\x00"
    read = tls.dissect(
        [*made.flights[:index], ("server", bytes(flight)), *made.flights[index + 1 :]], made.keylog
    )
    assert any("version 0x0200 is too old to be read here" in problem for problem in read.problems)
