"""Wireshark reads our captures with our key log: the same messages in the same order, the same values as ours."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from conformance import programs
from padlock import tls
from padlock.authority import Authority

TSHARK = shutil.which("tshark")
if not TSHARK and not os.environ.get("CI"):
    pytest.skip("no tshark on this machine", allow_module_level=True)

ROOT = Authority("Class Root")
INTER = ROOT.intermediate("Class Issuing CA")
LEAF = INTER.issue("api.test")
RSA = INTER.issue("api.test", key_kind="rsa2048")
OLD = INTER.issue("api.test", not_after=datetime.now(UTC) - timedelta(days=1))
ALICE = INTER.issue(common_name="alice", purpose="client")
ROOTS = [ROOT.certificate]
DATA = {"send": b"GET / HTTP/1.0\r\n\r\n", "reply": b"x" * 40_000}


def shake(server=LEAF, roots=ROOTS, name="api.test", **options):
    return tls.handshake(server, roots, name, **(DATA | options))


def again(**options):
    return shake(session=shake(**options), **options)


# what: (how it comes about, a message or alert that must be in it)
KINDS = {
    "1.3": (lambda: shake(version="1.3"), "EncryptedExtensions"),
    "1.2 with ECDSA": (lambda: shake(version="1.2"), "ServerKeyExchange"),
    "1.2 with RSA": (lambda: shake(RSA, version="1.2"), "ServerKeyExchange"),
    "1.3 with RSA": (lambda: shake(RSA, version="1.3"), "CertificateVerify"),
    "HelloRetryRequest": (lambda: shake(server_groups="P-384"), "HelloRetryRequest"),
    "ML-KEM": (lambda: shake(engine="openssl", groups="X25519MLKEM768"), "ServerHello"),
    "client certificate, 1.3": (lambda: shake(version="1.3", client=ALICE), "CertificateRequest"),
    "client certificate, 1.2": (lambda: shake(version="1.2", client=ALICE), "CertificateRequest"),
    "resumed, 1.3": (lambda: again(version="1.3"), "NewSessionTicket"),
    "resumed, 1.2": (lambda: again(version="1.2"), "Finished"),
    "ALPN": (lambda: shake(alpn=["h2", "http/1.1"]), "EncryptedExtensions"),
    "ChaCha20, 1.3": (lambda: shake(ciphers="TLS_CHACHA20_POLY1305_SHA256", version="1.3"), "Finished"),
    "ChaCha20, 1.2": (lambda: shake(ciphers="ECDHE-ECDSA-CHACHA20-POLY1305", version="1.2"), "Finished"),
    "AES-128, 1.2": (lambda: shake(ciphers="ECDHE-ECDSA-AES128-GCM-SHA256", version="1.2"), "Finished"),
    "stapled, 1.2": (lambda: shake(staple=b"0\x03\x0a\x01\x06", version="1.2"), "CertificateStatus"),
    "unknown CA": (lambda: shake(roots=[]), 48),
    "unknown CA, 1.2": (lambda: shake(roots=[], version="1.2"), 48),
    "expired": (lambda: shake(OLD), 45),
    "wrong name": (lambda: shake(name="other.test"), 42),
    "no client certificate, 1.3": (lambda: shake(client_roots=ROOTS, version="1.3"), 116),
    "no client certificate, 1.2": (lambda: shake(client_roots=ROOTS, version="1.2"), 40),
    "no common version": (lambda: shake(version="1.2", server_version="1.3"), 70),
    "no common cipher": (
        lambda: shake(
            version="1.2",
            ciphers="ECDHE-ECDSA-AES128-GCM-SHA256",
            server_ciphers="ECDHE-ECDSA-AES256-GCM-SHA384",
        ),
        40,
    ),
    "no common group": (lambda: shake(version="1.3", groups="P-256", server_groups="P-384"), 40),
    "another's certificate": (lambda: shake(tls.borrowed(LEAF)), 51),
}


def read_by_tshark(path):
    """[(sender, layer of one TLS record as tshark names it), …] in the order on the wire."""
    done = subprocess.run(
        [TSHARK or "tshark", "-r", path, "-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
         "-T", "json", "--no-duplicate-keys", "-J", "ip tcp tls"],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    packets = json.loads(done.stdout)
    assert len(packets) > 5
    found = []
    for packet in packets:
        layers = packet["_source"]["layers"]
        assert layers["tcp"]["tcp.checksum.status"] == "1"  # good
        assert layers["ip"]["ip.checksum.status"] == "1"
        sender = "client" if layers["tcp"]["tcp.dstport"] == "443" else "server"
        for part in as_list(layers.get("tls", [])):
            if isinstance(part, dict):
                found += [(sender, record) for record in as_list(part.get("tls.record", []))]
    return found


def decrypted_by_tshark(path):
    """[(sender, plaintext), …]: the application data of one record after the other."""
    done = subprocess.run(
        [TSHARK or "tshark", "-r", path, "-n", "-q", "-z", "follow,tls,raw,0"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if re.fullmatch(r"\t?[0-9a-f]+", line)]
    margin = "server" if re.search(r"^Node 0: .*:443$", done.stdout, re.MULTILINE) else "client"
    other = {"server": "client", "client": "server"}[margin]
    return [(other if line.startswith("\t") else margin, octets(line.strip())) for line in lines]


def as_list(value):
    return value if isinstance(value, list) else [value]


def everything(tree, key):
    """Every value of `key` anywhere in what tshark says."""
    if isinstance(tree, list):
        return [found for one in tree for found in everything(one, key)]
    if not isinstance(tree, dict):
        return []
    return [
        found
        for name, value in tree.items()
        for found in (as_list(value) if name == key else everything(value, key))
    ]


def by_tshark(records):
    """One row for each message: (sender, kind, number of it)."""
    rows = []
    for sender, record in records:
        kinds = everything(record, "tls.handshake.type")
        if kinds:
            rows += [(sender, "handshake", int(kind)) for kind in kinds]
        elif alerts := everything(record, "tls.alert_message.desc"):
            rows += [(sender, "alert", int(number)) for number in alerts]
        elif "tls.change_cipher_spec" in record:
            rows.append((sender, "change_cipher_spec", 1))
        elif everything(record, "tls.app_data"):
            rows.append((sender, "data", 0))
        else:
            rows.append((sender, "unknown", sorted(record)))
    return rows


def by_us(transcript):
    rows = []
    for message in transcript.messages:
        if message.name == "Alert":
            rows.append((message.sender, "alert", message.raw[1]))
        elif message.name == "ChangeCipherSpec":
            rows.append((message.sender, "change_cipher_spec", 1))
        elif message.name == "ApplicationData":
            rows.append((message.sender, "data", 0))
        else:
            rows.append((message.sender, "handshake", message.raw[0]))
    return rows


def octets(text):
    return bytes.fromhex(text.replace(":", ""))


def number(text):
    return int(text, 0)


# tshark's field: (ours, how its text becomes our value)
FIELDS = {
    "tls.handshake.length": ("length", number),
    "tls.handshake.random": ("random", octets),
    "tls.handshake.ciphersuite": ("cipher_suite", number),
    "tls.handshake.extension.type": ("extension_type", number),
    "tls.handshake.extensions_server_name": ("host_name", str),
    "tls.handshake.extensions_supported_group": ("named_group", number),
    "tls.handshake.extensions_key_share_key_exchange": ("key_exchange", octets),
    "tls.handshake.extensions_alpn_str": ("protocol_name", str),
    "tls.handshake.certificate": ("cert_data", octets),
    "tls.handshake.session_ticket": ("ticket", octets),
    "tls.alert_message.desc": ("description", number),
    "tls.alert_message.level": ("level", number),
}


def ours(transcript, label, kind):
    found = []
    for message in transcript.messages:
        for field in message.walk():
            # tshark has no name for the ticket that a TLS 1.2 client shows
            if field.label == label and (label != "ticket" or message.name == "NewSessionTicket"):
                found.append(field.raw[field.header_length :] if field.value is None else field.value)
    return [one.decode() if kind is str and isinstance(one, bytes) else one for one in found]


def compare(transcript, must, path):
    records = read_by_tshark(transcript.save_pcap(path))
    rows = by_us(transcript)
    assert by_tshark(records) == rows
    assert transcript.problems == []
    if isinstance(must, int):
        assert must in [number for _, what, number in rows if what == "alert"]
    else:
        assert must in [message.name for message in transcript.messages]
    compared = 0
    for theirs, (label, read) in FIELDS.items():
        values = [read(text) for text in everything([record for _, record in records], theirs)]
        assert values == ours(transcript, label, read), label
        compared += len(values)
    assert compared > 10
    assert decrypted_by_tshark(path) == [
        (message.sender, message.raw)
        for message in transcript.messages
        if message.name == "ApplicationData" and message.raw
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_tshark_and_we_read_the_same(kind, tmp_path):
    make, must = KINDS[kind]
    transcript = make()
    compare(transcript, must, tmp_path / "capture.pcapng")
    if transcript.error is None:
        assert transcript.received_by_client == DATA["reply"]


# between openssl's own programs: what no library of Python's does
ABROAD = {
    "retry": "HelloRetryRequest",
    "client certificate": "CertificateRequest",
    "no middlebox": "EncryptedExtensions",
    "external PSK": "EncryptedExtensions",
    "1.2 with client certificate": "CertificateRequest",
    "0-RTT": "EndOfEarlyData",
    "KeyUpdate": "KeyUpdate",
}


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    programs.needed()
    return programs.talks(tmp_path_factory.mktemp("talks"), ROOT, LEAF, ALICE)


@pytest.mark.parametrize("kind", ABROAD)
def test_tshark_and_we_read_others_the_same(kind, talks, tmp_path):
    flights, keylog, _ = talks[kind]
    compare(tls.dissect(flights, keylog), ABROAD[kind], tmp_path / "capture.pcapng")


def test_all_of_them_are_compared(talks):
    assert list(talks) == list(ABROAD)
