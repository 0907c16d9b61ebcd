"""The DER reader: labels, words, faults, bounds; and never a crash, whatever it is given."""

import datetime
import ipaddress
import re
import time
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import AttributeOID, AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_der
from padlock import der

DER = serialization.Encoding.DER
NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


def covered_once(tree: der.Node, size: int) -> None:
    """The bytes of all nodes, one after the other, are all the bytes."""
    at = 0
    for node in tree.walk():
        assert node.offset == at
        at = node.own_end
    assert at == size


def everything(tree: der.Node) -> None:
    """Ask each node for all that it can say."""
    for node in tree.walk():
        assert isinstance(node.text, str)
        assert len(node.text) <= der.MOST
        assert node.text.isprintable()
        assert isinstance(node.note + node.clause + node.type + node.label, str)
        assert node.label
        assert node.error is None or re.match(r"at byte \d+: ", node.error)


@pytest.fixture(scope="module")
def leaf() -> bytes:
    key = ec.derive_private_key(5, ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.test")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Class Issuing CA")]))
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=90))
    )
    address = ipaddress.ip_address("::1")
    net = ipaddress.ip_network("10.0.0.0/8")
    for extension, critical in (
        (x509.SubjectAlternativeName([x509.DNSName("api.test"), x509.IPAddress(address)]), True),
        (x509.BasicConstraints(True, 2), True),
        (x509.KeyUsage(True, False, False, False, False, True, True, False, False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier(b"\x01" * 20), False),
        (x509.AuthorityKeyIdentifier(b"\x02" * 20, None, None), False),
        (x509.NameConstraints([x509.DNSName("test"), x509.IPAddress(net)], None), True),
        (x509.CRLDistributionPoints([x509.DistributionPoint(
            [x509.UniformResourceIdentifier("http://ca.test/crl")], None, None, None)]), False),
        (x509.AuthorityInformationAccess([x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ca.test/o"))]), False),
        (x509.CertificatePolicies([x509.PolicyInformation(
            x509.ObjectIdentifier("2.23.140.1.2.1"), ["https://ca.test/cps"])]), False),
    ):  # fmt: skip
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(DER)


def test_every_field_of_a_certificate_has_its_name_and_its_words(leaf):
    tree = der.parse(leaf)
    covered_once(tree, len(leaf))
    assert tree.label == "Certificate"
    assert not tree.errors()
    says = {
        "version": "v3",
        "serialNumber": "77",
        "signature": "ecdsa-with-SHA256",
        "issuer": "CN=Class Issuing CA",
        "validity": "90 days",
        "notBefore": "2026-11-23 09:00:00 Z",
        "notAfter": "2027-02-21 09:00:00 Z",
        "subject": "CN=api.test",
        "subjectPublicKeyInfo": "P-256",
        "subjectAltName": "critical · api.test, ::1",
        "iPAddress": "::1",
        "dNSName": "api.test",
        "basicConstraints": "critical · CA:TRUE, pathlen:2",
        "pathLenConstraint": "2",
        "KeyUsage": "digitalSignature, keyCertSign, cRLSign",
        "extKeyUsage": "serverAuth",
        "nameConstraints": "critical · permitted: test, 10.0.0.0/8",
        "cRLDistributionPoints": "http://ca.test/crl",
        "authorityInfoAccess": "OCSP http://ca.test/o",
        "certificatePolicies": "domain-validated",
        "keyIdentifier": ":".join(["02"] * 20),
        "critical": "TRUE",
    }
    assert {label: tree.find(label).text for label in says} == says
    for label in says:
        assert tree.find(label).note, label
        assert tree.find(label).clause.startswith(("RFC", "X.6")), label
    assert [node.label for node in tree.find("signatureValue").children[0].children] == ["r", "s"]
    assert tree.find("no such thing") is None
    assert "notAfter  UTCTime  2027-02-21 09:00:00 Z" in tree.outline()


def test_every_schema_note_names_its_clause():
    todo, seen = list(der.KINDS.values()), set()
    while todo:
        shape = todo.pop()
        if id(shape) in seen:
            continue
        seen.add(id(shape))
        fields = (
            [field for item in shape.items for field in item] + list(shape.of) + list(shape.named.values())
        )
        holds = list(shape.holds.values()) if isinstance(shape.holds, dict) else [shape.holds]
        todo += [field.shape for field in fields] + [s for s in holds if s] + list(shape.by.values())
        for field in fields:
            assert not field.clause or re.fullmatch(r"(RFC \d+|X\.\d+) §.+", field.clause), field.label
            assert not field.note or field.note[-1] in ".)", field.label
    assert len(seen) > 100


def test_at_finds_the_innermost_node_of_every_byte(leaf):
    tree = der.parse(leaf)
    for node in tree.walk():
        for offset in range(node.offset, node.own_end):
            assert tree.at(offset) is node
    assert tree.at(len(leaf)) is None
    assert tree.at(-1) is None


def test_a_request_shows_what_is_asked_for():
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Padlock")]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.test")]), False)
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"secret")
        .sign(key, None)
    )
    tree = der.parse(csr.public_bytes(DER))
    assert tree.label == "CertificationRequest"
    assert tree.find("attributes").text == "challengePassword, extensionRequest"  # a SET OF is sorted
    assert tree.find("extensionRequest").find("dNSName").text == "api.test"
    assert tree.find("subjectPKInfo").text == "Ed25519"
    assert not tree.find("signature").children


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (ec.derive_private_key(9, ec.SECP384R1()), "P-384"),
        (ed25519.Ed25519PrivateKey.from_private_bytes(b"\x01" * 32), "Ed25519"),
    ],
)
def test_keys(key, words):
    private = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert der.parse(private).label == "PrivateKeyInfo"
    assert der.parse(private).text == words
    public = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert der.parse(public).label == "SubjectPublicKeyInfo"
    assert der.parse(public).text == words


def test_rsa():
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert der.parse(private).find("prime1").error is None
    public = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert der.parse(public).text == "RSA, 2048 bits"
    assert der.parse(public).find("publicExponent").text == "65537"
    bare = key.public_key().public_bytes(DER, serialization.PublicFormat.PKCS1)
    assert der.parse(bare, "RSAPublicKey").find("modulus").text.endswith("(2048 bits)")


@pytest.mark.parametrize(
    ("data", "at", "words"),
    [
        (b"", 0, "nothing here"),
        (b"\x30", 1, "ends after the tag"),
        (b"\x30\x82\x01", 2, "inside a length"),
        (b"\x30\x05\x02\x01\x05", 0, "should be 5 bytes long, but the data ends after 3"),
        (b"\x30\x06\x30\x02\x02\x05\x05\x00", 4, "the element around it ends after 0"),
        (b"\x30\x80\x02\x01\x05\x00\x00", 1, "indefinite length"),
        (b"\x30\x81\x03\x02\x01\x05", 1, "more bytes than it needs"),
        (b"\x30\x82\x00\x81" + b"\x04\x7f" + bytes(127), 1, "more bytes than it needs"),
        (b"\x30\x03\x02\x01\x05\x00\x01", 5, "2 more bytes after the end"),
        (b"\x30\x03\x02\x01\x05\x00", 5, "1 more byte after the end"),
        (b"\x30\x89" + bytes(9), 1, "9 bytes long"),
        (b"\x1f\xff\xff\xff\xff\xff\x01", 0, "tag number"),
        (b"\x24\x03\x04\x01\x00", 0, "in pieces"),
        (b"\x30\x02\x00\x00", 2, "tag 00"),
        (b"\x01\x01\x01", 2, "BOOLEAN"),
        (b"\x02\x02\x00\x05", 2, "for no reason"),
        (b"\x02\x00", 2, "without a byte"),
        (b"\x03\x02\x01\x01", 2, "unused bits must be 0"),
        (b"\x03\x01\x09", 2, "unused bits"),
        (b"\x05\x01\x00", 2, "NULL"),
        (b"\x06\x02\x2a\x80", 2, "object identifier"),
        (b"\x0c\x02a\xff", 3, "UTF8String"),
        (b"\x13\x01@", 2, "PrintableString"),
        (b"\x17\x0b2611230900Z", 2, "YYMMDDHHMMSSZ"),
        (b"\x18\x0f20261323090000Z", 2, "YYYYMMDDHHMMSSZ"),
        (b"-----BEGIN CERTIFICATE-----\n", 0, "PEM"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_offset(data, at, words):
    tree = der.parse(data)
    covered_once(tree, len(data))
    faults = [node.error for node in tree.errors()]
    assert any(fault.startswith(f"at byte {at}: ") and words in fault for fault in faults), faults


def test_a_cut_certificate_still_has_its_names(leaf):
    for size in range(len(leaf)):
        tree = der.parse(leaf[:size])
        covered_once(tree, size)
        assert tree.errors()
        if size > 40:
            assert tree.label == "Certificate"
    assert der.parse(leaf[:200]).find("notAfter").text == "2027-02-21 09:00:00 Z"


def test_deep_nesting_is_bounded():
    data = b"\x05\x00"
    for _ in range(3000):
        size = len(data)
        length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
        if 128 <= size < 256:
            length = bytes([0x81, size])
        data = b"\x30" + length + data
    tree = der.parse(data)
    covered_once(tree, len(data))
    everything(tree)
    assert "deeper than" in tree.errors()[-1].error
    strings = b"\x05\x00"
    for _ in range(3000):
        strings = b"\x04\x84" + len(strings).to_bytes(4, "big") + strings
    covered_once(der.parse(strings), len(strings))


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x00" * 2_500_000,
        b"\x30\x83\x4c\x4b\x3b" + b"\x30\x00" * 2_499_997,
        b"\x30" * 5_000_000,
        b"\xff" * 5_000_000,
        b"\x06\x83\x4c\x4b\x3b" + b"\xff" * 4_999_995,
        b"\x02\x83\x4c\x4b\x3b" + b"\x7f" * 4_999_995,
        b"\x0c\x83\x4c\x4b\x3b" + b"\xe2\x80\xae" * 1_666_665,
        b"\x30\x83\x4c\x4b\x3b" + b"\x04\x03\x30\x01\x00" * 999_999,
    ],
    ids=["many", "many inside", "30", "ff", "oid", "integer", "text", "guesses"],
)
def test_five_megabytes_take_seconds_at_most(data):
    began = time.perf_counter()
    tree = der.parse(data)
    covered_once(tree, len(data))
    assert tree.outline(50)
    for node in [*tree.walk()][:2000]:
        assert len(node.text) <= der.MOST
        assert node.error is None or node.error
    assert time.perf_counter() - began < 20


def test_hostile_text_is_shown_not_obeyed():
    assert der.parse(b"\x0c\x06a\xe2\x80\xae\x00b").text == "a‹U+202E›‹U+0000›b"


def test_only_bytes():
    with pytest.raises(TypeError, match="str"):
        der.parse("text")
    assert der.parse(bytearray(b"\x05\x00")).text == "NULL"
    with pytest.raises(KeyError):
        der.parse(b"\x05\x00", "Nothing")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_short_run_of_the_fuzzer(seed):
    tally = fuzz_der.fuzz(1500, seed)
    assert not tally.failures, tally.failures[0]
    assert tally.cases == 1500
    assert tally.faulty > 300
    assert tally.kinds["Certificate"] > 100


def test_the_fuzzer_would_notice(monkeypatch):
    """A tree that leaves a byte out, and a node that raises, are caught."""
    short = lambda data: der.parse(data[:-1])  # noqa: E731
    monkeypatch.setattr(fuzz_der, "der", SimpleNamespace(parse=short, MOST=der.MOST))
    assert "in no node" in fuzz_der.fuzz(3, 3).failures[0]
    monkeypatch.setattr(fuzz_der, "der", SimpleNamespace(parse=lambda data: 1 / 0))
    assert "ZeroDivisionError" in fuzz_der.fuzz(3, 3).failures[0]


def test_what_breaks_is_one_short_sentence_or_two(leaf):
    said = {node.label: node.breaks for node in der.parse(leaf).walk() if node.breaks}
    for label in (
        "subjectAltName",
        "basicConstraints",
        "validity",
        "signatureAlgorithm",
        "authorityKeyIdentifier",
        "keyUsage",
    ):
        assert said[label], label
    for label, words in said.items():
        assert words.endswith((".", ".)")), label
        assert len(words) < 200, label


@settings(deadline=None)
@given(st.data())
def test_no_mutation_crashes_it(leaf, data):
    broken = bytearray(leaf)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 40))
    broken = bytes(broken[: len(broken) - cut])
    tree = der.parse(broken)
    covered_once(tree, len(broken))
    everything(tree)
    assert tree.outline()


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from([None, *der.KINDS]))
def test_no_bytes_crash_it(data, kind):
    tree = der.parse(data, kind)
    covered_once(tree, len(data))
    everything(tree)
