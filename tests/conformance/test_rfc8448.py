"""RFC 8448: example handshakes of TLS 1.3, every secret, record and message byte for byte, made by somebody else."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from padlock import tls
from padlock.tls import schedule

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("PADLOCK_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
FILE = FOLDER / "rfc8448-s3-s6.json"
SECRETS = {  # what the RFC calls it: the key log's name for it
    'derive secret "tls13 c e traffic"': "CLIENT_EARLY_TRAFFIC_SECRET",
    'derive secret "tls13 c hs traffic"': "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    'derive secret "tls13 s hs traffic"': "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    'derive secret "tls13 c ap traffic"': "CLIENT_TRAFFIC_SECRET_0",
    'derive secret "tls13 s ap traffic"': "SERVER_TRAFFIC_SECRET_0",
    'derive secret "tls13 exp master"': "EXPORTER_SECRET",
}
NAMES = {
    'extract secret "early"': "early_secret",
    'extract secret "handshake"': "handshake_secret",
    'extract secret "master"': "master_secret",
    'derive secret for handshake "tls13 derived"': "derived_secret_for_handshake",
    'derive secret for master "tls13 derived"': "derived_secret_for_master",
    'derive secret "tls13 res master"': "resumption_master_secret",
} | {
    step: name
    for step, label in SECRETS.items()
    for name, known in schedule.KEYLOG_LABELS.items()
    if known == label
}
KEYS = {  # (whose, what the RFC calls it): whose key, for what
    ("server", "derive write traffic keys for handshake data"): "server_handshake",
    ("server", "derive read traffic keys for handshake data"): "client_handshake",
    ("server", "derive write traffic keys for application data"): "server_application",
    ("client", "derive write traffic keys for application data"): "client_application",
}


def sections():
    if not FILE.exists():
        assert not os.environ.get("CI"), f"{FILE.name} is not in {FOLDER}"
        return []
    return json.loads(FILE.read_text(encoding="utf-8"))


SECTIONS = sections()
if not SECTIONS:
    pytest.skip("rfc8448-s3-s6.json is not here; see CONTRIBUTING.md", allow_module_level=True)


class Trace:
    """One section of the RFC, and what we make of it."""

    def __init__(self, section):
        self.items = [item | {"data": bytes.fromhex(item["hex"])} for item in section["items"]]
        self.flights = [(i["role"], i["data"]) for i in self.items if i["name"] == "complete record"]
        random = self.of("ClientHello")[0][6:38].hex()
        self.secrets = {
            SECRETS[i["step"]]: i["data"]
            for i in self.items
            if i["name"] == "expanded" and i["step"] in SECRETS
        }
        self.keylog = "".join(f"{label} {random} {value.hex()}\n" for label, value in self.secrets.items())
        self.transcript = tls.dissect(self.flights, self.keylog)
        self.shared = next(
            i["data"] for i in self.items if i["step"] == 'extract secret "handshake"' and i["name"] == "IKM"
        )

    def of(self, name):
        return [i["data"] for i in self.items if i["name"] == name]


@pytest.fixture(params=SECTIONS, ids=lambda section: f"section-{section['section']}")
def trace(request):
    return Trace(request.param)


def test_both_sections_are_there():
    assert [section["section"] for section in SECTIONS] == ["3", "6"]


def test_every_record_is_decrypted(trace):
    payloads = [(i["role"], i["data"]) for i in trace.items if i["name"] == "payload"]
    assert len(payloads) >= 6
    assert [(r.sender, r.plaintext) for r in trace.transcript.records] == payloads
    assert [r.header + (r.ciphertext or r.plaintext) for r in trace.transcript.records] == trace.of(
        "complete record"
    )
    assert trace.transcript.problems == []


def test_every_message_byte_for_byte(trace):
    printed = [(i["role"], i["name"], i["data"]) for i in trace.items if i["step"].startswith("construct a")]
    assert len(printed) >= 8
    ours = [
        (m.sender, m.name, m.raw)
        for m in trace.transcript.messages
        if m.name not in ("Alert", "ApplicationData")
    ]
    assert sorted(ours) == sorted(printed)
    assert [m.name for m in trace.transcript.messages][-2:] == ["Alert", "Alert"]


def test_every_proof_holds(trace):
    proofs = [m for m in trace.transcript.messages if m.name in ("CertificateVerify", "Finished")]
    assert len(proofs) == (4 if any(m.name == "CertificateRequest" for m in trace.transcript.messages) else 3)
    assert [(m.name, m.verified) for m in proofs] == [(m.name, True) for m in proofs], [
        m.verification for m in proofs
    ]


def test_every_field_lies_where_it_says(trace):
    def covers(fields, start, end):
        for field in fields:
            assert field.offset == start
            assert field.error is None
            if field.children:
                covers(field.children, start + field.header_length, field.end)
            start = field.end
        assert start == end

    for message in trace.transcript.messages:
        covers(message.fields, 0, len(message.raw))
    hello, answer = trace.transcript.messages[:2]
    public = {i["role"]: i["data"] for i in trace.items if i["name"] == "public key"}
    assert hello.field("key_exchange").value == public["client"]
    assert answer.field("key_exchange").value == public["server"]
    assert hello.field("host_name").value == "server" or hello.field("server_name") is None
    assert answer.field("cipher_suite").name == "TLS_AES_128_GCM_SHA256"


def test_every_secret_from_the_shared_one(trace):
    handshake = [m.raw for m in trace.transcript.messages if m.name not in ("Alert", "ApplicationData")]
    made = schedule.full(trace.shared, handshake)
    compared = 0
    for item in trace.items:
        if item["step"] in NAMES and item["name"] in ("secret", "expanded"):
            assert made[NAMES[item["step"]]].value == item["data"], item["step"]
            compared += 1
        prefix = KEYS.get((item["role"], item["step"]))
        if prefix and item["name"] in ("key expanded", "iv expanded"):
            assert made[f"{prefix}_{item['name'].split()[0]}"].value == item["data"], item["step"]
            compared += 1
    assert compared >= 20
    for name, label in schedule.KEYLOG_LABELS.items():
        if label in trace.secrets:
            assert trace.transcript.schedule[name].in_keylog
            assert trace.transcript.schedule[name].value == made[name].value


def test_every_input_of_hkdf(trace):
    """PRK, hash, info and what comes of them, for each Derive-Secret and Finished that the RFC prints."""
    compared = 0
    for first, _ in pairwise(trace.items):
        if first["name"] != "PRK":
            continue
        at = trace.items.index(first)
        group = {i["name"]: i["data"] for i in trace.items[at : at + 5] if i["step"] == first["step"]}
        if "info" in group:
            size, label = int.from_bytes(group["info"][:2], "big"), group["info"][3 : 3 + group["info"][2]]
            name = label.decode().removeprefix("tls13 ")
            assert schedule.label_info(name, group["hash"], size) == group["info"]
            assert schedule.hkdf_expand_label(group["PRK"], name, group["hash"], size) == group["expanded"]
            compared += 1
    assert compared >= 10


def test_the_ticket_s_secret(trace):
    tickets = [m for m in trace.transcript.messages if m.name == "NewSessionTicket"]
    printed = [i["data"] for i in trace.items if "resumption secret" in i["step"] and i["name"] == "expanded"]
    assert len(tickets) == len(printed)
    master = [i["data"] for i in trace.items if "res master" in i["step"] and i["name"] == "expanded"][-1]
    for ticket, psk in zip(tickets, printed, strict=True):
        assert schedule.resumption_psk(master, ticket.value("ticket_nonce")) == psk
