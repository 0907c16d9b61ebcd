"""The CA desk: every decision has its consequence, and whatever is pasted is answered."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import csr, keys
from padlock.look.ca_desk import PILE, CaDesk

KEY = keys.make()


@pytest.fixture(scope="module")
def desk():
    return CaDesk()


def shown(desk):
    return {control["name"] for control in desk._drawn if not control["hidden"]}


@pytest.mark.parametrize(
    ("which", "fields"),
    [
        ("honest", {"names"}),
        ("ca", {"names", "ca", "usage"}),
        ("weak", {"names", "key"}),
        ("proof", {"names", "proof"}),
    ],
)
def test_only_what_is_asked_for_is_to_be_decided(desk, which, fields):
    desk.set(request=which)
    assert shown(desk) == {"request", *fields}


@pytest.mark.parametrize(
    ("which", "decision", "sentence"),
    [
        ("names", {"names": "accept"}, "✗ Harm done"),
        ("names", {"names": "change"}, "✓ You granted what was proven"),
        ("ca", {"ca": "accept", "usage": "accept"}, "✗ Harm done"),
        ("ca", {"ca": "change", "usage": "change"}, "✓ No harm"),
        ("wildcard", {"names": "accept"}, "✗ Harm done"),
        ("cn", {"names": "accept"}, "✗ You signed it, and clients refuse"),
        ("weak", {"key": "accept"}, "✗ You signed a key"),
        ("weak", {"key": "refuse"}, "✓ Nothing is signed"),
        ("proof", {"proof": "accept"}, "✗ You vouched"),
        ("proof", {"proof": "refuse"}, "✓ Nothing is signed"),
        ("honest", {"names": "refuse"}, "✗ Refused, though"),
    ],
)
def test_consequences(which, decision, sentence):
    desk = CaDesk()
    desk.set(request=which, **decision)
    assert desk.sentence.startswith(sentence)
    assert set(PILE) >= {which}


def test_a_request_of_ones_own(desk):
    pem = csr.make(["api.test"], KEY).public_bytes(Encoding.PEM).decode()
    desk.set(request="own", pem="", names="change")
    assert desk.sentence.startswith("Paste a request")
    desk.set(pem=pem, controls="")
    assert "no name is proven" in desk.sentence
    desk.set(controls="api.test")
    assert desk.sentence.startswith("✓ You granted")
    assert "its path alone is validated" in desk.text
    desk.set(pem="", file=csr.make(["api.test"], KEY).public_bytes(Encoding.DER))
    assert desk.sentence.startswith("✓ You granted")
    desk.set(file=b"")


def hostile(value):
    """A request whose name nobody would type."""
    san = x509.SubjectAlternativeName([x509.DNSName._init_without_validation(value)])
    builder = x509.CertificateSigningRequestBuilder(csr.subject()).add_extension(san, False)
    return builder.sign(KEY, keys.digest_for(KEY)).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("names", ["accept", "change"])
@pytest.mark.parametrize(
    "pasted",
    [
        "hello",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA",
        keys.pem(KEY),
        csr.make(["api.test"], KEY).public_bytes(Encoding.PEM).decode()[:200],
        hostile("<script>alert(1)</script>"),
        hostile("a\u0000b.test".replace("\u0000", "\x00")),
        hostile("x" * 10_000),
        hostile("bank.test/../shop.test"),
    ],
)
def test_bad_input_is_answered(desk, pasted, names):
    desk.set(request="own", file=b"", pem=pasted, names=names)
    assert len(desk.sentence) > 10
    assert "<script" not in desk.result
    assert "mistake in the course" not in desk.sentence


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x30\x82\x01", b"\x00" * 100_000, b"x" * 5_000_000])
def test_bad_files_are_answered(desk, data):
    desk.set(request="own", pem="", file=data)
    assert desk.refused
    assert len(desk.sentence) > 10
