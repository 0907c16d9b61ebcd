"""The client by hand and the servers it talks to: both engines, a socket, and what is said when it goes wrong."""

import os
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from padlock import tls
from padlock.authority import Authority
from padlock.tls import by_hand

ROOT = Authority("Class Root")


def talk(wire, request, hybrid=False):
    """(reply, what crossed the wire up to the server's Finished, its key log)."""
    mine, kem = x25519.X25519PrivateKey.generate(), mlkem.MLKEM768PrivateKey.generate()
    share, group, cut = mine.public_key().public_bytes_raw(), by_hand.X25519, 0
    if hybrid:
        share, group, cut = kem.public_key().public_bytes_raw() + share, by_hand.X25519MLKEM768, 1088
    hello = by_hand.client_hello(os.urandom(32), "api.test", group, share, session_id=os.urandom(32))
    wire.send(by_hand.record(by_hand.HANDSHAKE, hello))
    answer = by_hand.next_record(wire)
    suite, theirs = by_hand.read_server_hello(answer)
    assert suite == by_hand.AES_128_GCM_SHA256
    shared = mine.exchange(x25519.X25519PublicKey.from_public_bytes(theirs[cut:]))
    if hybrid:
        shared = kem.decapsulate(theirs[:cut]) + shared
    hellos = hello + answer[5:]
    client, server, top = by_hand.handshake_secrets(shared, hellos)
    records, said = [], b""
    while not (flight := by_hand.server_flight(hellos, said)):
        records.append(by_hand.next_record(wire))
        said += by_hand.unprotect(server, len(records) - 1, records[-1])[1]
    assert by_hand.finished(server, b"")[:4] + flight.finished == said[-36:]
    wire.send(by_hand.protect(client, 0, by_hand.HANDSHAKE, by_hand.finished(client, hellos + said)))
    ours, theirs = by_hand.application_secrets(top, hellos + said)
    wire.send(by_hand.protect(ours, 0, by_hand.DATA, request))
    reply, number, kind = b"", 0, 0
    while kind != by_hand.ALERT:
        kind, content = by_hand.unprotect(theirs, number, wire.record())
        number += 1
        reply += content if kind == by_hand.DATA else b""
    wire.send(by_hand.protect(ours, 1, by_hand.ALERT, by_hand.CLOSE_NOTIFY))
    keylog = f"SERVER_HANDSHAKE_TRAFFIC_SECRET {hello[6:38].hex()} {server.hex()}\n"
    flights = [("client", by_hand.record(by_hand.HANDSHAKE, hello)), ("server", answer + b"".join(records))]
    return reply, flights, keylog


@pytest.mark.parametrize(("engine", "hybrid"), [("ssl", False), ("openssl4", False), ("openssl4", True)])
def test_a_visit(engine, hybrid):
    reply = os.urandom(40_000)
    peer = by_hand.Peer(ROOT.intermediate("Class Issuing CA").issue("api.test"), reply, engine=engine)
    found, flights, keylog = talk(peer, b"a request", hybrid)
    assert (found, peer.received, peer.asked_for) == (reply, b"a request", "api.test")
    assert peer.ready
    assert peer.goodbye
    assert peer.error is None
    names = [m.name for m in tls.dissect(flights, keylog).messages]
    assert names == [
        "ClientHello",
        "ServerHello",
        "EncryptedExtensions",
        "Certificate",
        "CertificateVerify",
        "Finished",
    ]


def test_over_a_socket():
    with tls.TLSServer(ROOT.issue("api.test"), b"a page") as server, by_hand.Line(server.port) as line:
        reply, _, _ = talk(line, f"GET {server.path} HTTP/1.0\r\n\r\n".encode())
    assert reply.endswith(b"a page")


@pytest.mark.parametrize("engine", ["ssl", "openssl4"])
@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.0\r\n\r\n", b"", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", os.urandom(500)]
)
def test_nonsense_is_answered_with_an_alert_or_a_sentence(engine, said):
    peer = by_hand.Peer(ROOT.issue("api.test"), engine=engine)
    peer.send(said)
    with pytest.raises(
        (ValueError, EOFError), match=r"sends alert \d+|^The server has nothing more to say: .+\.$"
    ):
        by_hand.read_server_hello(peer.record())
    assert not peer.ready
    assert not peer.received


def test_a_wire_carries_bytes_and_not_without_end():
    peer = by_hand.Peer(ROOT.issue("api.test"))
    with pytest.raises(TypeError, match="bytes"):
        peer.send("text")
    with pytest.raises(ValueError, match="more than"):
        peer.send(bytes(by_hand.MOST + 1))


def test_a_retry_and_an_alert_are_no_server_hello():
    peer = by_hand.Peer(ROOT.issue("api.test"), group="prime256v1")
    hello = by_hand.client_hello(
        os.urandom(32), "api.test", by_hand.X25519, os.urandom(32), more_groups=(by_hand.SECP256R1,)
    )
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    with pytest.raises(ValueError, match="HelloRetryRequest"):
        by_hand.read_server_hello(peer.record())
    with pytest.raises(ValueError, match="alert 40, handshake_failure"):
        by_hand.read_server_hello(by_hand.record(by_hand.ALERT, b"\x02\x28"))


def a_server_hello():
    peer = by_hand.Peer(ROOT.issue("api.test"))
    peer.send(by_hand.record(by_hand.HANDSHAKE, a_hello()))
    return peer.record()


def a_hello(**more):
    share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    return by_hand.client_hello(os.urandom(32), "api.test", by_hand.X25519, share, **more)


def test_what_breaks_off_is_no_server_hello():
    whole = a_server_hello()
    by_hand.read_server_hello(whole)
    for end in range(len(whole)):
        with pytest.raises(ValueError, match=r"^That is no ServerHello\.$"):
            by_hand.read_server_hello(whole[:end])
    for record in (b"\x15\x03\x03\x00\x01\x02", b"\x17" + whole[1:], whole[:5] + b"\x08" + whole[6:]):
        with pytest.raises(ValueError, match="no ServerHello"):
            by_hand.read_server_hello(record)


@pytest.mark.parametrize("engine", ["ssl", "openssl4"])
def test_who_is_asked_for(engine):
    peer, nobody = (by_hand.Peer(ROOT.issue("api.test"), engine=engine) for _ in range(2))
    hello = a_hello()
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    assert peer.asked_for == "api.test"
    sni = b"\x00\x00\x00\x0d\x00\x0b\x00\x00\x08api.test"
    bare = hello.replace(sni, b"\x1a\x1a\x00\x0d" + sni[4:])  # GREASE, RFC 8701
    assert bare != hello
    nobody.send(by_hand.record(by_hand.HANDSHAKE, bare))
    assert nobody.record()[0] == by_hand.HANDSHAKE
    assert nobody.asked_for is None


def test_a_record_holds_no_more_than_it_may():
    """RFC 8446 §5.1, §5.2, §5.4."""
    secret, most = os.urandom(32), bytes(by_hand.FULL)
    sealed = by_hand.protect(secret, 0, by_hand.DATA, most)
    assert by_hand.unprotect(secret, 0, sealed) == (by_hand.DATA, most)
    assert by_hand.record(by_hand.HANDSHAKE, most)[:5] == b"\x16\x03\x03\x40\x00"
    for make in (
        lambda: by_hand.protect(secret, 0, by_hand.DATA, most + b"1"),
        lambda: by_hand.protect(secret, 0, by_hand.DATA, most, 1),
        lambda: by_hand.record(by_hand.HANDSHAKE, most + b"1"),
    ):
        with pytest.raises(ValueError, match="at most 16384 bytes"):
            make()


def test_a_record_of_zeros_has_no_kind():
    """RFC 8446 §5.4: unexpected_message."""
    server = by_hand.Server(ROOT.issue("api.test"))
    server.send(by_hand.record(by_hand.HANDSHAKE, a_hello()))
    cipher, nonce = by_hand._cipher(server.secrets[0], 0)
    header = b"\x17\x03\x03\x00\x18"
    zeros = header + cipher.encrypt(nonce, bytes(8), header)
    with pytest.raises(ValueError, match="nothing in that record but zeros"):
        by_hand.unprotect(server.secrets[0], 0, zeros)
    server.send(zeros)
    assert server.error == "unexpected_message"


def messages_of_a_server():
    server, made = by_hand.Server(ROOT.issue("api.test"), pack=lambda m: made.extend(m) or m), []
    server.send(by_hand.record(by_hand.HANDSHAKE, a_hello()))
    return made


def test_a_flight_is_taken_apart_or_said_to_be_none():
    extensions, certificate, verify, finished = messages_of_a_server()
    request = b"\x0d\x00\x00\x0b\x00\x00\x08\x00\x0d\x00\x04\x00\x02\x04\x03"
    assert by_hand.server_flight(b"", extensions + certificate + verify) is None
    assert by_hand.server_flight(b"", extensions + certificate + verify + finished).finished == finished[4:]
    for messages, words in (
        ([finished], "are these all messages"),
        ([extensions, certificate, finished], "no signature"),
        ([extensions, verify, certificate, finished], "before it shows its certificate"),
        ([extensions, request, certificate, verify, finished], "asks for a client certificate"),
        ([certificate, verify[:4] + b"\x08\x04" + verify[6:], finished], "not offered"),
        ([b"\x0b\x00\x00\x05\x00\x00\x00\x01\x00", verify, finished], None),
    ):
        with pytest.raises(ValueError, match=words):
            by_hand.server_flight(b"", b"".join(messages))


def test_a_server_by_hand_refuses_a_record_that_holds_too_much():
    """RFC 8446 §5.2: record_overflow."""
    server = by_hand.Server(ROOT.issue("api.test"))
    server.send(by_hand.record(by_hand.HANDSHAKE, a_hello()))
    cipher, nonce = by_hand._cipher(server.secrets[0], 0)
    inner = bytes(by_hand.FULL + 1) + b"\x17"
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
    server.send(header + cipher.encrypt(nonce, inner, header))
    assert server.error == "record_overflow"


@pytest.mark.parametrize("last_words", [b"", b"\x02\x50"])
def test_a_server_by_hand_may_leave_without_a_goodbye(last_words):
    server = by_hand.Server(ROOT.issue("api.test"), b"half of it", last_words=last_words)
    if last_words:
        assert talk(server, b"a request")[0] == b"half of it"
    else:
        with pytest.raises(EOFError):
            talk(server, b"a request")
    assert server.received == b"a request"


def test_a_server_by_hand_with_a_copied_certificate_signs_with_another_key():
    copied = tls.borrowed(ROOT.issue("api.test").certificate)
    assert "bad signature" in openssl_against(by_hand.Server(copied))


def test_a_silent_server_at_a_socket_is_a_sentence():
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        by_hand.Line(silent.getsockname()[1], 0.01) as line,
        pytest.raises(EOFError, match=r"nothing more to say: .+\.$"),
    ):
        line.record()


@pytest.mark.parametrize("engine", ["ssl", "openssl4"])
def test_an_openssl_server_sends_a_change_cipher_spec_whoever_asks(engine):
    """Also when the session id is empty; to drop it is the client's part (RFC 8446 §5, §D.4)."""
    peer = by_hand.Peer(ROOT.issue("api.test"), engine=engine)
    share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    hello = by_hand.client_hello(os.urandom(32), "api.test", by_hand.X25519, share)
    peer.send(by_hand.record(by_hand.HANDSHAKE, hello))
    assert by_hand.next_record(peer)[0] == by_hand.HANDSHAKE
    assert peer.record() == b"\x14\x03\x03\x00\x01\x01"
    assert by_hand.next_record(peer)[0] == by_hand.DATA


def test_so_does_one_behind_a_socket():
    with tls.TLSServer(ROOT.issue("api.test"), b"a page") as server, by_hand.Line(server.port) as line:
        share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
        hello = by_hand.client_hello(os.urandom(32), "api.test", by_hand.X25519, share)
        line.send(by_hand.record(by_hand.HANDSHAKE, hello))
        assert [line.record()[0] for _ in range(2)] == [by_hand.HANDSHAKE, by_hand.CHANGE_CIPHER_SPEC]


@pytest.mark.parametrize(("session_id", "kinds"), [(b"", [22, 23]), (bytes(32), [22, 20, 23])])
def test_a_server_by_hand_sends_one_where_it_must(session_id, kinds):
    """RFC 8446 §D.4: to a client whose session id is not empty."""
    server = by_hand.Server(ROOT.issue("api.test"), pack=in_one)
    share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    hello = by_hand.client_hello(os.urandom(32), "api.test", by_hand.X25519, share, session_id=session_id)
    server.send(by_hand.record(by_hand.HANDSHAKE, hello))
    assert [server.record()[0] for _ in kinds] == kinds
    with pytest.raises(EOFError):
        server.record()


def in_one(messages):
    return [b"".join(messages)]


def in_pieces(messages):
    whole = b"".join(messages)
    return [whole[at : at + 100] for at in range(0, len(whole), 100)]


@pytest.mark.parametrize("pack", [list, in_one, in_pieces])
def test_a_visit_to_a_server_by_hand(pack):
    reply = os.urandom(40_000)
    identity = ROOT.intermediate("Class Issuing CA").issue("api.test")
    server = by_hand.Server(identity, reply, pack=pack)
    found, _, _ = talk(server, b"a request")
    assert (found, server.received, server.asked_for) == (reply, b"a request", "api.test")
    assert server.ready
    assert server.goodbye
    assert server.error is None


def openssl_against(server):
    """OpenSSL's client, as a judge of what the server by hand says: None, or its words."""
    client = tls.endpoint.Endpoint("client", tls.contexts.client_context(ROOT.certificate, "1.3"), "api.test")
    client.shake()
    server.send(client.spoken())
    while True:
        try:
            client.hear(server.record())
        except EOFError:
            break
        client.shake()
    if client.ready:
        client.say(b"a request")
        server.send(client.spoken())
    return client.said


@pytest.mark.parametrize("pack", [list, in_one, in_pieces])
def test_openssl_takes_a_server_by_hand_for_one(pack):
    server = by_hand.Server(ROOT.issue("api.test"), pack=pack)
    assert openssl_against(server) is None
    assert server.received == b"a request"


def test_openssl_refuses_a_finished_that_does_not_fit():
    server = by_hand.Server(ROOT.issue("api.test"), last=lambda m: m[:-1] + bytes([m[-1] ^ 1]))
    assert "digest check failed" in openssl_against(server)
    assert not server.received


def test_a_server_by_hand_says_what_it_could_not_read():
    mine = x25519.X25519PrivateKey.generate()
    for sealed_with, alert in ((1, "bad_record_mac"), (0, "decrypt_error")):
        server = by_hand.Server(ROOT.issue("api.test"))
        hello = by_hand.client_hello(
            os.urandom(32), "api.test", by_hand.X25519, mine.public_key().public_bytes_raw()
        )
        server.send(by_hand.record(by_hand.HANDSHAKE, hello))
        client = server.secrets[0]
        server.send(by_hand.protect(client, sealed_with, by_hand.HANDSHAKE, by_hand.finished(client, b"")))
        assert server.error == alert
        assert not server.ready
    nobody = by_hand.Server(ROOT.issue("api.test"))
    nobody.send(by_hand.record(by_hand.HANDSHAKE, b"\x01\x00\x00\x01\x00"))
    with pytest.raises(ValueError, match="sends alert 40"):
        by_hand.read_server_hello(nobody.record())
