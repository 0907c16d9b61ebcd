"""The certificate reader: what is handed in, and what a site shows when asked."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from padlock import keys, machine, tls
from padlock.authority import Authority
from padlock.look import CertificateReader, extensions, from_the_wild
from padlock.look import certificate_reader as room

CA = Authority("Class Root")
LEAF = CA.issue("api.test")
PEM = LEAF.certificate.public_bytes(Encoding.PEM).decode()
HOSTILE = "<script>alert(1)</script>\u202egro.evil"


@pytest.fixture
def panel():
    return CertificateReader()


def pasted(panel, text):
    panel.set(source="paste", pem=text)
    return panel


def given(panel, data):
    panel.set(source="file", file=data)
    return panel


def shown(panel):
    return {drawn["name"] for drawn in panel._drawn if not drawn["hidden"]}


def test_only_what_belongs_to_the_source_is_shown(panel):
    assert shown(panel) == {"source"}
    for source, names in room.CertificateReader.NEEDS.items():
        panel.set(source=source)
        assert shown(panel) == {"source", *names}


def test_one_certificate_with_its_extensions(panel):
    for text in (PEM, "a comment\n" + PEM.replace("\n", "\r\n")):
        pasted(panel, text)
        assert not panel.refused
        assert "subjectAltName: api.test" in panel.text
        assert "not judged" in panel.sentence


def test_der_in_a_file(panel):
    given(panel, LEAF.certificate.public_bytes(Encoding.DER))
    assert "api.test" in panel.text


def test_two_hundred_at_once(panel):
    given(panel, (PEM * 200).encode())
    assert panel.sentence.startswith("200 certificates")
    assert "190 more certificates" in panel.text
    assert len(panel.result) < 200_000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 and more", "PDF"),
        (bytes(5 * 1024 * 1024), "larger than"),
        (b"\x30\x82\x01\x00\x02\x01", "announces"),
        (keys.pem(LEAF.private_key).encode(), "private key"),
        (PEM[: len(PEM) // 2].encode(), "END line"),
        (PEM.replace("MII", "M!!").encode(), "damaged"),
        (b"hello", "plain text"),
    ],
    ids=["pdf", "5 MB", "cut DER", "private key", "cut PEM", "damaged", "text"],
)
def test_what_is_no_certificate_gets_a_sentence(panel, data, words):
    given(panel, data)
    assert panel.refused
    assert words in panel.sentence
    assert panel.result == ""
    if len(data) < 100_000:
        pasted(panel, data.decode("latin-1"))
        assert panel.refused


def test_a_private_key_beside_it_is_never_shown(panel):
    secret = keys.pem(LEAF.private_key)
    pasted(panel, secret + PEM)
    assert "replace it" in panel.sentence
    assert secret.splitlines()[1] not in panel.result + panel.text + panel.sentence


OPEN = keys.pem(LEAF.private_key)
LOCKED = keys.pem(LEAF.private_key, "open sesame")
BARE = "".join(OPEN.splitlines()[1:-1])


@pytest.mark.parametrize(
    "text",
    [
        OPEN,
        LOCKED,
        OPEN + PEM,
        PEM + LOCKED,
        PEM + OPEN[:90],
        OPEN.replace("-----", "--"),
        OPEN.replace("PRIVATE KEY", "CERTIFICATE"),
        BARE,
        base64.b64encode(OPEN.encode()).decode(),
    ],
    ids=[
        "open",
        "locked",
        "open beside",
        "locked beside",
        "cut",
        "hyphens",
        "wrong label",
        "bare base64",
        "base64 twice",
    ],
)
def test_a_pasted_private_key_is_not_kept(panel, text):
    pasted(panel, text)
    assert panel.values["pem"] == panel.get_state()["values"]["pem"] == ""
    assert "emptied" in panel.sentence
    assert BARE[:40] not in str(panel.get_state()["values"]) + panel.result + panel.text + panel.sentence
    assert panel.refused == (PEM not in text or text == PEM + OPEN[:90])


def test_it_is_not_kept_where_the_field_is_not_in_use(panel):
    panel.set(source="ours", pem=OPEN)
    assert panel.values["pem"] == ""
    assert not panel.refused


def test_a_pasted_certificate_stays(panel):
    assert pasted(panel, PEM).values["pem"] == PEM
    assert "emptied" not in panel.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_key_in_a_file_is_not_on_the_page(panel, encoding):
    given(panel, (PEM + OPEN).encode(encoding))
    assert "also holds a private key" in panel.sentence
    assert "emptied" not in panel.sentence
    assert "replace it" not in panel.sentence
    given(panel, (PEM + LOCKED).encode(encoding))
    assert "encrypted" in panel.sentence
    assert "replace it" not in panel.sentence
    given(panel, (PEM + LOCKED + OPEN).encode(encoding))
    assert "also holds a private key" in panel.sentence
    assert "encrypted" not in panel.sentence


def test_hostile_names_are_shown_safely(panel):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTILE)])
    uri = x509.UniformResourceIdentifier("http://x/<img src=x onerror=alert(1)>" + "y" * 10_000)
    hostile = CA.issue(x509.DNSName("<b>api.test</b>\0.evil"), uri, subject=subject).certificate
    given(panel, hostile.public_bytes(Encoding.DER))
    assert not panel.refused
    for bad in ("<script", "<img", "<b>api", "\u202e", "\0"):
        assert bad not in panel.result
    assert "\u202e" not in panel.text
    assert len(panel.result) < 20_000


def test_the_roots_of_this_machine(panel, monkeypatch):
    other = Authority("Another Root")
    monkeypatch.setattr(room, "_roots", lambda: machine.Roots([CA.certificate, other.certificate]))
    panel.set(source="root")
    assert "trusts 2 roots" in panel.sentence
    assert "Class Root" in panel.text
    panel.set(root="1")
    assert "Another Root" in panel.text
    panel.set(part="class")
    assert "Class Root" in panel.text
    panel.set(part="nobody <b>")
    assert panel.refused
    assert "None of the 2 roots" in panel.sentence


def test_a_long_list_of_roots_is_cut(panel, monkeypatch):
    many = [CA.certificate] * 40
    monkeypatch.setattr(room, "_roots", lambda: machine.Roots(many))
    panel.set(source="root")
    assert "first 30 of 40" in panel.sentence
    assert len(panel._state.controls["root"].options) == 30


def test_a_machine_without_roots(panel, monkeypatch):
    monkeypatch.setattr(room, "_roots", machine.Roots)
    panel.set(source="root")
    assert panel.refused
    assert "No trusted roots" in panel.sentence


def test_nothing_is_asked_before_the_button(panel, monkeypatch):
    asked = []
    monkeypatch.setattr(
        room.tls, "site", lambda host: asked.append(host) or tls.Site(host, LEAF.chain, "TLSv1.3")
    )
    panel.set(source="site", host="www.python.org")
    assert not asked
    panel.press("ask")
    assert asked == ["www.python.org"]
    assert panel.sentence.startswith("✓")
    assert "1 certificate over TLSv1.3" in panel.sentence
    panel.set(source="ours")
    panel.press("ask")
    assert asked == ["www.python.org"]
    panel.set(source="site")
    assert "api.test" in panel.text  # what was fetched is still there


def test_a_refused_site_is_shown_and_said(panel, monkeypatch):
    site = tls.Site(
        "www.python.org", [LEAF.certificate, CA.certificate], "TLSv1.2", "self-signed certificate."
    )
    monkeypatch.setattr(room.tls, "site", lambda host: site)
    panel.set(source="site", host="www.python.org")
    panel.press("ask")
    assert panel.sentence.startswith("✗")
    assert "as it must read them to judge" in panel.sentence
    assert "nothing more than an alert" in panel.sentence
    assert "api.test" in panel.text


def test_no_network_is_a_sentence(panel, monkeypatch):
    def fail(host):
        raise tls.Unreachable("There is no network here.")

    monkeypatch.setattr(room.tls, "site", fail)
    panel.set(source="site", host="www.python.org")
    panel.press("ask")
    assert panel.refused
    assert "no network" in panel.sentence


def test_the_certificate_from_the_wild():
    wild = from_the_wild()
    text = extensions(wild).text
    for name in (
        "subjectAltName", "basicConstraints (critical)", "keyUsage (critical)", "extKeyUsage", "subjectKeyIdentifier",
        "authorityKeyIdentifier", "authorityInfoAccess", "certificatePolicies", "signedCertificateTimestamps",
    ):  # fmt: skip
        assert name in text


def test_extensions_that_nobody_knows_and_none():
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
    text = extensions(CA.issue("api.test", extra=[(odd, True)])).text
    assert "1.3.6.1.4.1.55555.1 (critical)" in text
    everything = ("basic_constraints", "key_usage", "eku", "ski", "aki", "san")
    bare = CA.issue("api.test", without=everything)
    assert "no extensions" in extensions(bare).text
