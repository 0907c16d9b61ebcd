"""What is said of messages and fields: it has to be true of these bytes, not only of most handshakes."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from test_tls_dissection import recorded
from test_tls_forged import DATA, Forged, client_hello, extension, message, sized

from padlock import tls
from padlock.authority import Authority
from padlock.course.exercises.l07_the_tls_handshake import record_12, refusals
from padlock.tls import contexts, messages, numbers, schedule
from padlock.tls.messages import Context
from padlock.tls.mutual import Cast

ROOT = Authority("Class Root")
LEAF = ROOT.issue("api.test")
RECORDED = json.loads((Path(__file__).parent / "data" / "tls_recordings.json").read_text("utf-8"))[
    "recordings"
]


def of(transcript, name):
    return next(m for m in transcript.messages if m.name == name)


def meet(version=None, **options):
    return tls.handshake(LEAF, [ROOT.certificate], "api.test", version, **options)


@pytest.mark.parametrize("name", RECORDED)
def test_nobody_says_that_all_is_encrypted_after_a_server_hello(name):
    """ChangeCipherSpec is in the open, and an early alert (RFC 8446 §1.2, §5)."""
    note = of(recorded(name), "ServerHello").note
    assert "all after" not in note
    assert ("every handshake message" in note) == (recorded(name).version == "TLSv1.3")


# --- the hello


def test_the_version_in_a_hello_is_the_truth_where_nothing_else_says_it():
    new, old = (of(meet(version), "ClientHello").field("legacy_version") for version in ("1.3", "1.2"))
    assert "supported_versions" in new.note
    assert new.clause == "RFC 8446 §4.1.2"
    assert "supported_versions" not in old.note
    assert old.clause == "RFC 5246 §7.4.1.2"


def test_a_hello_of_tls_12_that_nobody_takes_has_no_half_of_a_key_agreement():
    refused = refusals()["third"]
    assert of(refused, "ClientHello").field("key_share") is None
    assert "key agreement" not in of(refused, "ClientHello").note
    assert "key agreement" in of(meet("1.3"), "ClientHello").note


def test_a_signature_in_a_hello_is_called_as_in_the_answer():
    """In TLS 1.2 its number names no curve (RFC 5246 §7.4.1.4.1, RFC 8446 §4.2.3)."""
    for version, name in (("1.2", "ServerKeyExchange"), ("1.3", "CertificateVerify")):
        met = meet(version)
        signed = of(met, name).field("algorithm")
        offered = [f.text for f in of(met, "ClientHello").walk() if f.label == "signature_scheme"]
        assert signed.text in offered
        assert ("secp256r1" in signed.text) == (version == "1.3")


def test_grease_is_no_key():
    group = sorted(numbers.GREASE)[0].to_bytes(2, "big")
    shares = group + sized(b"\0", 2) + b"\0\x1d" + sized(bytes(32), 2)
    hello = message(1, b"\3\3" + bytes(32) + b"\0" + sized(b"\x13\x01", 2) + b"\1\0"
                    + sized(extension(51, sized(shares, 2)), 2))  # fmt: skip
    grease, real = [f for top in messages.read(hello, Context()) for f in top.find_all("key_exchange")]
    assert "RFC 8701" in grease.note
    assert "public key" in real.note


@pytest.mark.parametrize("number", [11, 22, 23, 35, 0xFF01])
def test_what_ended_with_tls_13_began_before_12(number):
    said = messages.EXTENSIONS[number][0]
    data = extension(number, b"\1\0" if number == 11 else b"\0" if number == 0xFF01 else b"")
    fields = messages.read(client_hello(data), Context(0x0301))
    notes = [
        said,
        *(f.note for top in fields for one in top.find_all(numbers.EXTENSIONS[number]) for f in one.walk()),
    ]
    assert not [note for note in notes if "1.2" in note]


def test_only_in_a_client_hello_the_pre_shared_key_is_last():
    """RFC 8446 §4.2."""
    assert "In a ClientHello" in messages.EXTENSIONS[41][0]


def test_every_group_and_suite_that_the_course_s_own_client_offers_has_a_name():
    hello = of(meet(engine="openssl"), "ClientHello")
    asked = [
        f for f in hello.walk() if f.label in ("named_group", "cipher_suite", "signature_scheme", "group")
    ]
    assert len(asked) > 20
    assert not [f.text for f in asked if f.name == "unknown"]


@pytest.mark.parametrize("group", numbers.HYBRIDS)
def test_both_halves_of_a_hybrid_share_are_shown(group):
    client, _, parts, clause = numbers.HYBRIDS[group]
    entry = group.to_bytes(2, "big") + sized(bytes(sum(client)), 2)
    hello = client_hello(extension(51, sized(entry, 2)))
    halves = [f for top in messages.read(hello, Context()) for f in top.walk() if f.clause == clause]
    assert [f.length for f in halves] == list(client)
    assert all(f.label.startswith(part) for f, part in zip(halves, parts, strict=True))


# --- TLS 1.2: the key exchange


def test_key_transport_is_no_agreement():
    for exchange, words in (
        ("RSA", "encrypted with the key in the certificate"),
        ("ECDHE", "half of the key agreement"),
    ):
        assert words in of(record_12(exchange)[1], "ClientKeyExchange").note


@pytest.mark.parametrize("exchange", ["PSK", "DHE_PSK", "ECDHE_PSK", "RSA_PSK", "DH", "ECDH"])
def test_without_a_signature_nobody_speaks_of_one(exchange):
    note, _ = messages.words_for("ServerKeyExchange", Context(0x0303, exchange, "server"))
    assert "certificate's key" not in note
    note, _ = messages.words_for("ClientKeyExchange", Context(0x0303, exchange, "client"))
    assert ("pre-shared key" in note) == ("PSK" in exchange)


def test_an_anonymous_server_signs_nothing():
    server = contexts.anonymous_server()
    if server is None:
        pytest.skip("this OpenSSL has no anonymous suites")
    client = contexts.client_context([], "1.2", verify=False)
    client.set_ciphers("aNULL:@SECLEVEL=0")
    sent = of(tls.meet(client, server, "api.test"), "ServerKeyExchange")
    assert "signed by nobody" in sent.note
    assert sent.verification == "It has no signature."


def test_before_13_a_signature_scheme_names_no_curve():
    """RFC 8446 §4.2.3: "the old semantics did not constrain the signing curve"."""
    server = ROOT.issue("api.test", key=ec.generate_private_key(ec.SECP384R1()))
    for version, curve in (("1.2", False), ("1.3", True)):
        met = tls.handshake(server, [ROOT.certificate], "api.test", version)
        proof = of(met, "CertificateVerify" if curve else "ServerKeyExchange")
        assert proof.verified is True
        assert ("secp" in proof.verification) == ("secp" in proof.field("algorithm").name) == curve


def test_an_encrypted_record_of_cbc_is_no_aead_ciphertext():
    sealed = of(recorded("TLS 1.2, CBC"), "encrypted").field("encrypted_record")
    assert "AEAD" not in sealed.note
    assert sealed.clause == "RFC 5246 §6.2.3"
    assert (
        of(tls.dissect(meet("1.3").flights), "encrypted").field("encrypted_record").clause == "RFC 8446 §5.2"
    )


def test_an_aead_cipher_that_is_not_read_here_is_not_called_none():
    met = meet("1.2", send=b"hello")
    raw = met.messages[1].raw
    at = raw.index(met.messages[1].value("cipher_suite").to_bytes(2, "big"), 38)
    changed = raw[:at] + (0xC061).to_bytes(2, "big") + raw[at + 2 :]  # ARIA in GCM
    flights = [(who, data.replace(raw, changed)) for who, data in met.flights]
    problems = " ".join(tls.dissect(flights, met.keylog).problems)
    assert "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384 has a cipher that is not read here" in problems


# --- a handshake within a connection, or after one


def test_a_handshake_inside_another_is_not_for_anybody_to_read():
    """RFC 5746 §1: the second one runs under the keys of the first."""
    renegotiated = recorded("TLS 1.2, renegotiated")
    first, second = [m for m in renegotiated.messages if (m.name, m.sender) == ("Certificate", "server")]
    assert "anybody" in first.note
    assert "anybody" not in second.note
    assert {
        m.note for m in renegotiated.messages if m.name == "Finished" and "first encrypted" in m.note
    } == set()


def test_an_authentication_after_the_handshake_is_not_over_all_messages():
    """RFC 8446 §4.4: ClientHello … client Finished, then CertificateRequest and what answers it; no ticket, no data."""
    forged = Forged().server()
    forged.finish("client")
    forged.say("server", message(4, bytes(8) + b"\1\0" + b"\0\1x" + b"\0\0"), label=DATA)
    forged.say("server", message(13, b"\1q" + sized(extension(13, sized(b"\4\3", 2)), 2)), label=DATA)
    forged.say("client", message(11, b"\1q\0\0\0"), label=DATA)
    forged.say("client", message(15, b"\4\3" + sized(b"no signature", 2)), label=DATA)
    forged.say("client", message(20, bytes(32)), label=DATA)
    read = forged.read()
    assert read.problems == []
    for name in ("CertificateVerify", "Finished"):
        first = of(read, name)
        later = [m for m in read.messages if m.name == name][-1]
        assert "all messages so far" in first.verification
        for words in (later.note, later.fields[-1].note, later.verification):
            assert "all messages so far" not in words
    assert later.protection == "application"


# --- alerts


@pytest.mark.parametrize(("level", "what"), [(2, 0), (1, 0), (2, 90), (1, 90)])
def test_in_tls_13_the_level_makes_no_refusal_of_a_goodbye(level, what):
    """RFC 8446 §6, §6.1."""
    forged = Forged().server()
    forged.finish("client")
    forged.say("client", bytes([level, what]), 21, DATA)
    assert forged.read().error is None


def test_in_tls_13_every_other_alert_is_a_refusal_whatever_its_level():
    forged = Forged().server()
    forged.say("client", b"\1\x30", 21)
    assert (forged.read().error.who, forged.read().error.alert) == ("client", "unknown_ca")


def test_who_wants_encrypted_client_hello_is_the_client():
    """RFC 9849 §5: only a client sends ech_required, and it has no key to offer."""
    assert numbers.ALERTS[121][1].startswith("I offered")


def test_an_alert_is_explained_by_its_own_version():
    """RFC 8446 §6, §6.1, §6.2; RFC 5246 §7.2, §7.2.1, §7.2.2."""
    cast = Cast()
    new, old = (of(cast.meet("borrowed", version=v).transcript, "Alert") for v in ("1.3", "1.2"))
    assert "TLS 1.3 ignores it" in new.field("level").note
    assert "TLS 1.3" not in old.field("level").note
    assert [f.clause for f in new.fields] == ["RFC 8446 §6", "RFC 8446 §6.2"]
    assert [f.clause for f in old.fields] == ["RFC 5246 §7.2", "RFC 5246 §7.2.2"]
    early = of(refusals()["third"], "Alert")  # before a version was chosen; the client offers 1.2 at most
    assert early.clause == early.field("level").clause == "RFC 5246 §7.2"


@pytest.mark.parametrize("what", [0, 90])
def test_a_goodbye_stands_among_the_closure_alerts(what):
    for version, clause in (
        (0x0304, "RFC 8446 §6.1"), (0x0303, "RFC 5246 §7.2.1" if what == 0 else "RFC 5246 §7.2.2")
    ):  # fmt: skip
        assert messages.alert(bytes([1, what]), Context(version))[1].clause == clause


def test_in_tls_12_handshake_failure_may_miss_a_certificate():
    """RFC 5246 §7.4.6."""
    refused = Cast().meet("none", version="1.2").transcript
    read = tls.dissect(refused.flights, refused.keylog)
    assert read.error.alert == "handshake_failure"
    assert "certificate" in read.error.said
    assert "certificate" in of(read, "Alert").field("description").note


def test_a_second_hello_does_not_open():
    first, second = (m for m in meet("1.3", server_groups="P-384").messages if m.name == "ClientHello")
    assert first.note == of(meet("1.3"), "ClientHello").note
    assert "HelloRetryRequest" in second.note


def test_an_unknown_alert_is_not_said_to_be_unregistered():
    read = tls.dissect([("server", b"\x15\3\3\0\2\2\xfe")])
    assert "registered" not in read.error.said
    assert "registered" not in of(read, "Alert").field("description").note


# --- the key schedule


def test_a_resumed_session_of_tls_12_had_no_key_exchange():
    """RFC 5246 §7.3: its master secret is the old session's."""
    tree = recorded("TLS 1.2, resumed").schedule
    assert "pre_master_secret" not in tree
    assert tree["master_secret"].made_from == tree["master_secret"].transcript == ()
    assert tree["client_write_key"].value
    assert "pre_master_secret" in recorded("TLS 1.2, CCM_8").schedule


def test_what_was_taken_from_the_key_log_is_not_called_compared():
    met = meet("1.3")
    label, random, _ = next(line for line in met.keylog.splitlines() if line.startswith("EXPORTER")).split()
    forged = [line for line in met.keylog.splitlines() if label not in line] + [
        f"{label} {random} {bytes(48).hex()}"
    ]
    exporter = tls.dissect(met.flights, "\n".join(forged)).schedule["exporter_master_secret"]
    assert exporter.value == bytes(48)
    assert exporter.taken


def test_a_secret_that_can_be_computed_is_compared():
    shared, hello = bytes(32), Forged()
    tree = schedule.full(shared, [hello.hello, hello.answer])
    name, label = "client_handshake_traffic_secret", "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
    for value, same in ((tree[name].value, True), (bytes(32), False)):
        again = schedule.full(shared, [hello.hello, hello.answer], keylog={label: value})[name]
        assert (again.in_keylog, again.taken) == (same, False)
