"""What an Authority issues: right by default, extension by extension; and each keyword changes what it says."""

import ipaddress
import subprocess
from datetime import UTC, datetime, timedelta
from shutil import which

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509 import ocsp, verification
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from padlock import authority, csr, keys, reading, vetting
from padlock.authority import BACKDATED, Authority, general_name, self_signed
from padlock.look.card import csr_card

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
ROOT = Authority("Class Root")
CA = ROOT.intermediate("Class Issuing CA")
KEY = keys.make()
LEAF = CA.issue("api.test", "10.0.0.7", key=KEY)

USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
TYPES = {
    "basic_constraints": x509.BasicConstraints,
    "key_usage": x509.KeyUsage,
    "eku": x509.ExtendedKeyUsage,
    "ski": x509.SubjectKeyIdentifier,
    "aki": x509.AuthorityKeyIdentifier,
    "san": x509.SubjectAlternativeName,
    "name_constraints": x509.NameConstraints,
    "crl_url": x509.CRLDistributionPoints,
}


def parts(certificate) -> dict:
    """part -> (critical, value), in the certificate's order."""
    names = {kind: part for part, kind in TYPES.items()}
    return {names.get(type(e.value), type(e.value)): (e.critical, e.value) for e in certificate.extensions}


def usages(certificate) -> set:
    return {word for word in USAGES if getattr(parts(certificate)["key_usage"][1], word)}


def names(certificate) -> list:
    return [str(name.value) for name in parts(certificate)["san"][1]]


def verify(leaf, root=ROOT, name="api.test", purpose="server", at=None):
    policy = (
        verification.PolicyBuilder()
        .store(verification.Store([root.certificate]))
        .time(at or datetime.now(UTC))
    )
    if purpose == "client":
        return policy.build_client_verifier().verify(leaf.certificate, leaf.chain[1:])
    return policy.build_server_verifier(x509.DNSName(name)).verify(leaf.certificate, leaf.chain[1:])


def refuses(leaf, **question) -> str:
    with pytest.raises(verification.VerificationError) as caught:
        verify(leaf, **question)
    return str(caught.value)


# --- Profiles -----------------------------------------------------------------------------------------------


def test_root():
    certificate = ROOT.certificate
    found = parts(certificate)
    assert list(found) == ["basic_constraints", "key_usage", "ski"]  # self-signed: no AKI needed
    assert found["basic_constraints"] == (True, x509.BasicConstraints(True, None))
    assert found["key_usage"][0]
    assert usages(certificate) == {"key_cert_sign", "crl_sign"}
    assert not found["ski"][0]
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=Class Root"
    certificate.verify_directly_issued_by(certificate)
    assert ROOT.chain == []


def test_intermediate():
    found = parts(CA.certificate)
    assert list(found) == ["basic_constraints", "key_usage", "ski", "aki"]
    assert found["basic_constraints"] == (True, x509.BasicConstraints(True, 0))
    assert usages(CA.certificate) == {"key_cert_sign", "crl_sign"}
    assert found["aki"] == (
        False,
        x509.AuthorityKeyIdentifier(parts(ROOT.certificate)["ski"][1].digest, None, None),
    )
    CA.certificate.verify_directly_issued_by(ROOT.certificate)
    assert CA.chain == [CA.certificate]


def test_leaf():
    certificate = LEAF.certificate
    found = parts(certificate)
    assert list(found) == ["basic_constraints", "key_usage", "eku", "ski", "aki", "san"]
    assert [part for part, (critical, _) in found.items() if critical] == ["basic_constraints", "key_usage"]
    assert found["basic_constraints"][1] == x509.BasicConstraints(False, None)
    assert usages(certificate) == {"digital_signature"}
    assert list(found["eku"][1]) == [EKU.SERVER_AUTH]
    assert found["ski"][1] == x509.SubjectKeyIdentifier.from_public_key(KEY.public_key())
    assert found["aki"][1].key_identifier == parts(CA.certificate)["ski"][1].digest
    assert names(certificate) == ["api.test", "10.0.0.7"]
    assert certificate.subject.rfc4514_string() == "CN=api.test"
    assert certificate.version is x509.Version.v3
    assert LEAF.private_key is KEY
    assert LEAF.chain == [certificate, CA.certificate]
    assert reading.certificates(LEAF.pem()) == LEAF.chain
    assert repr(LEAF) == "<Issued CN=api.test>"


def test_validity():
    for certificate in (ROOT.certificate, CA.certificate, LEAF.certificate):
        assert (
            timedelta(0)
            <= datetime.now(UTC) - BACKDATED - certificate.not_valid_before_utc
            < timedelta(minutes=10)
        )
    leaf = LEAF.certificate
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=90)
    assert (
        leaf.not_valid_after_utc < CA.certificate.not_valid_after_utc < ROOT.certificate.not_valid_after_utc
    )


def test_serials_are_random_positive_and_fit():
    serials = {CA.issue("api.test", key=KEY).certificate.serial_number for _ in range(20)}
    assert len(serials) == 20
    assert all(0 < serial < 2**128 for serial in serials)
    assert max(serials) > 2**100


@pytest.mark.parametrize("kind", keys.KINDS)
def test_every_kind_of_key(kind):
    root = Authority("Class Root", key_kind=kind)
    leaf = root.issue("api.test", key=keys.make(kind) if kind == "rsa4096" else None, key_kind=kind)
    assert usages(leaf.certificate) == {"digital_signature"}
    leaf.certificate.verify_directly_issued_by(root.certificate)
    assert keys.describe(leaf.private_key) == keys.KINDS[kind]
    root.revoke(leaf.certificate)
    assert root.crl().is_signature_valid(root.certificate.public_key())
    assert root.ocsp(leaf.certificate).certificate_status is ocsp.OCSPCertStatus.REVOKED
    if kind != "ed25519":  # the web's profile, which `cryptography` applies, has no Ed25519 yet
        verify(leaf, root)


# --- Chains, judged by others -------------------------------------------------------------------------------


def test_chains_verify():
    assert verify(LEAF) == [LEAF.certificate, CA.certificate, ROOT.certificate]
    both = CA.issue("api.test", purpose="both")
    client = CA.issue("api.test", "bob@example.test", purpose="client")
    verify(both)
    verify(both, purpose="client")
    verify(client, purpose="client")
    assert "EKU" in refuses(client)
    assert "EKU" in refuses(LEAF, purpose="client")
    assert refuses(LEAF, name="other.test")
    assert refuses(LEAF, root=Authority("Class Root"))  # the same name, another key
    verify(CA.issue("*.svc.test"), name="a.svc.test")
    verify(ROOT.issue("api.test"))


def test_intermediates_of_intermediates():
    upper = ROOT.intermediate("Upper", path_length=2)
    middle = upper.intermediate("Middle")
    lower = middle.intermediate("Lower")
    leaf = lower.issue("api.test")
    assert [parts(ca.certificate)["basic_constraints"][1].path_length for ca in (upper, middle, lower)] == [
        2,
        1,
        0,
    ]
    assert leaf.chain == [leaf.certificate, lower.certificate, middle.certificate, upper.certificate]
    assert verify(leaf)[-1] == ROOT.certificate
    with pytest.raises(ValueError, match="path_length=1"):
        lower.intermediate("Too low")
    too_deep = lower.intermediate("Too low", path_length=0).issue("api.test")
    assert "path length" in refuses(too_deep)


def openssl_verify(tmp_path, leaf, root, *options) -> str:
    (tmp_path / "root.pem").write_text(pem_of(root.certificate))
    (tmp_path / "leaf.pem").write_text(pem_of(leaf.certificate))
    (tmp_path / "chain.pem").write_text(leaf.pem())
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "chain.pem",
        *options,
        "leaf.pem",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=20)
    return done.stdout + done.stderr


def pem_of(certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.skipif(not which("openssl"), reason="there is no openssl command line here")
def test_openssl_agrees(tmp_path):
    for kind in ("p256", "p384", "ed25519", "rsa2048"):
        root = Authority("Class Root", key_kind=kind)
        ca = root.intermediate("Upper", path_length=1, key_kind=kind).intermediate("Lower", key_kind=kind)
        server = ca.issue("api.test", "10.0.0.7", key_kind=kind)
        client = ca.issue("spiffe://class.test/api", purpose="client", key_kind=kind)
        assert "OK" in openssl_verify(
            tmp_path, server, root, "-purpose", "sslserver", "-verify_hostname", "api.test"
        )
        assert "OK" in openssl_verify(tmp_path, server, root, "-verify_ip", "10.0.0.7")
        assert "OK" in openssl_verify(tmp_path, client, root, "-purpose", "sslclient")
        assert "OK" not in openssl_verify(tmp_path, client, root, "-purpose", "sslserver")
        ca.revoke(server.certificate, "keyCompromise")
        crl = ca.crl().public_bytes(serialization.Encoding.PEM)
        (tmp_path / "crl.pem").write_bytes(crl)
        assert "revoked" in openssl_verify(tmp_path, server, root, "-crl_check", "-CRLfile", "crl.pem")
        assert "OK" in openssl_verify(tmp_path, client, root, "-crl_check", "-CRLfile", "crl.pem")


@pytest.mark.skipif(not which("openssl"), reason="there is no openssl command line here")
def test_openssl_believes_the_ocsp_answer(tmp_path):
    ca = ROOT.intermediate("OCSP CA")
    good, bad = ca.issue("good.test"), ca.issue("bad.test")
    ca.revoke(bad.certificate)
    for leaf, answer in ((good, "good"), (bad, "revoked")):
        (tmp_path / "root.pem").write_text(pem_of(ROOT.certificate))
        (tmp_path / "ca.pem").write_text(pem_of(ca.certificate))
        (tmp_path / "leaf.pem").write_text(pem_of(leaf.certificate))
        run = {"capture_output": True, "text": True, "cwd": tmp_path, "timeout": 20}
        ask = ["openssl", "ocsp", "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "request.der"]
        subprocess.run(ask, **run)
        request = ocsp.load_der_ocsp_request((tmp_path / "request.der").read_bytes())
        response = ca.ocsp((tmp_path / "request.der").read_bytes()).public_bytes(serialization.Encoding.DER)
        (tmp_path / "response.der").write_bytes(response)
        read = [*ask[:-2], "-no_nonce", "-respin", "response.der", "-CAfile", "root.pem"]
        done = subprocess.run([*read, "-verify_other", "ca.pem"], **run)
        assert "Response verify OK" in done.stdout + done.stderr
        assert f"leaf.pem: {answer}" in done.stdout
        assert ca.ocsp(request).extensions.get_extension_for_class(x509.OCSPNonce)


# --- Each deviation, and nothing else -----------------------------------------------------------------------

WEIRD = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
# keywords -> the parts and fields that may differ from LEAF's
DEVIATIONS = [
    ({"not_after": NOW - DAY}, {"not_before", "not_after"}),
    ({"not_before": NOW + DAY}, {"not_before", "not_after"}),
    ({"lifetime": timedelta(minutes=5)}, {"not_after"}),
    ({"lifetime": timedelta(days=20_000)}, {"not_after"}),
    ({"serial": 7}, {"serial"}),
    ({"common_name": "Bob"}, {"subject"}),
    ({"common_name": ""}, {"subject", "san"}),
    ({"subject": "CN=alice,O=devs"}, {"subject"}),
    ({"subject": x509.Name([])}, {"subject", "san"}),
    ({"san": False}, {"san"}),
    ({"critical_san": True}, {"san"}),
    ({"ca": True}, {"basic_constraints"}),
    ({"ca": True, "path_length": 3}, {"basic_constraints"}),
    ({"key_usage": "key_cert_sign"}, {"key_usage"}),
    ({"key_usage": ("digital_signature", "key_encipherment")}, {"key_usage"}),
    ({"key_usage": ()}, {"key_usage"}),
    ({"key_usage": parts(ROOT.certificate)["key_usage"][1]}, {"key_usage"}),
    ({"purpose": "client"}, {"eku"}),
    ({"purpose": "both"}, {"eku"}),
    ({"purpose": None}, {"eku"}),
    ({"eku": [EKU.CODE_SIGNING]}, {"eku"}),
    ({"name_constraints": ("test", "10.0.0.0/8")}, {"name_constraints"}),
    ({"crl_url": "http://crl.test/ca.crl"}, {"crl_url"}),
    ({"extra": [(WEIRD, True)]}, {x509.UnrecognizedExtension}),
    ({"extra": [(x509.BasicConstraints(False, None), False)]}, {"basic_constraints"}),
    ({"hash": hashes.SHA512()}, {"hash"}),
    ({"signed_by": keys.make()}, {"signed by the CA"}),
    ({"issuer_name": ROOT.certificate.subject}, {"issuer", "signed by the CA"}),
    ({"without": "aki"}, {"aki"}),
    ({"without": ("ski", "eku", "san")}, {"ski", "eku", "san"}),
    ({"without": ("basic_constraints", "key_usage")}, {"basic_constraints", "key_usage"}),
    ({"key": keys.make("p384")}, {"key", "ski"}),
    ({"key_kind": "ed25519", "key": None}, {"key", "ski"}),
]


def features(certificate) -> dict:
    try:
        certificate.verify_directly_issued_by(CA.certificate)
        signed = True
    except (InvalidSignature, ValueError):
        signed = False
    fields = {
        "serial": certificate.serial_number,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
        "key": keys.fingerprint(certificate),
        "hash": certificate.signature_hash_algorithm.name,
        "signed by the CA": signed,
    }
    return fields | parts(certificate)


@pytest.mark.parametrize(("keywords", "may_differ"), DEVIATIONS)
def test_each_keyword_changes_what_it_says_and_nothing_else(keywords, may_differ, monkeypatch):
    monkeypatch.setattr(authority, "_now", lambda: NOW)  # so that the clock changes nothing
    usual = features(CA.issue("api.test", "10.0.0.7", key=KEY, serial=5).certificate)
    odd = features(CA.issue("api.test", "10.0.0.7", **{"key": KEY, "serial": 5, **keywords}).certificate)
    differ = {feature for feature in usual | odd if usual.get(feature) != odd.get(feature)}
    assert differ == may_differ


def test_deviations_are_what_was_asked_for():
    expired = CA.issue("api.test", not_after=NOW - DAY)
    assert expired.certificate.not_valid_after_utc == NOW - DAY
    assert "not valid at" in refuses(expired)
    early = CA.issue("api.test", not_before=NOW + DAY)
    assert early.certificate.not_valid_before_utc == NOW + DAY
    verify(early, at=NOW + 2 * DAY)
    short = CA.issue("api.test", lifetime=timedelta(minutes=5))
    assert (
        timedelta(minutes=4)
        < short.certificate.not_valid_after_utc - datetime.now(UTC)
        <= timedelta(minutes=5)
    )
    verify(short)
    assert refuses(CA.issue("api.test", signed_by=keys.make()))
    assert refuses(CA.issue("api.test", san=False))
    assert parts(CA.issue("a.test", common_name="").certificate)["san"][0] is True
    constrained = ROOT.intermediate("Only test", name_constraints=["test"])
    assert parts(constrained.certificate)["name_constraints"][0] is True
    verify(constrained.issue("api.test"))
    assert refuses(constrained.issue("api.example"), name="api.example")
    assert (
        CA.issue(subject="CN=alice,O=devs", purpose="client").certificate.subject.rfc4514_string()
        == "CN=alice,O=devs"
    )
    leaf = CA.issue("api.test", crl_url="http://crl.test/ca.crl").certificate
    assert parts(leaf)["crl_url"][1][0].full_name[0].value == "http://crl.test/ca.crl"


def test_deviations_of_authorities():
    assert parts(ROOT.intermediate("x", ca=False).certificate)["basic_constraints"][
        1
    ] == x509.BasicConstraints(False, None)
    assert list(parts(ROOT.intermediate("x", purpose="server").certificate)["eku"][1]) == [EKU.SERVER_AUTH]
    assert Authority("x", subject="O=Class,CN=y").certificate.issuer.rfc4514_string() == "O=Class,CN=y"
    assert usages(Authority("x", key_usage="key_cert_sign").certificate) == {"key_cert_sign"}
    again = ROOT.intermediate("Class Issuing CA", key=CA.private_key)  # renewed, or cross-signed
    assert keys.same_pair(again.certificate, CA.certificate)
    only_public = ROOT.intermediate("Elsewhere", key=keys.pem(KEY.public_key()))
    assert only_public.private_key is None


def test_only_the_broken_link_is_broken():
    """A leaf of an expired CA is itself valid now, and so on: one keyword, one fault."""
    for dates in (
        {"not_after": NOW - DAY},
        {"not_before": NOW + DAY},
        {"not_after": NOW - timedelta(minutes=1)},
    ):
        leaf = ROOT.intermediate("Out of date", **dates).issue("api.test").certificate
        assert leaf.not_valid_before_utc <= NOW < leaf.not_valid_after_utc
        assert leaf.not_valid_after_utc > NOW + 80 * DAY


def test_a_leaf_does_not_outlive_its_ca():
    ca = ROOT.intermediate("Nearly over", not_after=NOW + DAY)
    assert ca.issue("api.test").certificate.not_valid_after_utc == NOW + DAY
    assert ca.issue("api.test", lifetime=2 * DAY).certificate.not_valid_after_utc > NOW + DAY  # asked for
    young = ROOT.intermediate("Young", not_before=NOW)
    assert young.issue("api.test").certificate.not_valid_before_utc == NOW


@pytest.mark.parametrize("weak", [hashes.SHA1(), hashes.MD5()], ids=["sha1", "md5"])
def test_weak_hashes(weak):
    root = Authority("Old Root", key_kind="rsa2048")
    leaf = root.issue("api.test", hash=weak).certificate
    assert leaf.signature_hash_algorithm.name == weak.name
    root.private_key.public_key().verify(leaf.signature, leaf.tbs_certificate_bytes, padding.PKCS1v15(), weak)
    assert names(leaf) == ["api.test"]
    with pytest.raises(ValueError, match="RSA keys only"):
        CA.issue("api.test", hash=weak)


def test_self_signed():
    leaf = self_signed("api.test", ca=True)
    leaf.certificate.verify_directly_issued_by(leaf.certificate)
    assert leaf.chain == [leaf.certificate]
    assert leaf.certificate.issuer == leaf.certificate.subject
    assert parts(leaf.certificate)["basic_constraints"][1].ca
    assert "aki" not in parts(leaf.certificate)
    assert names(leaf.certificate) == ["api.test"]


# --- Names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api.test", x509.DNSName),
        ("localhost", x509.DNSName),
        ("xn--bcher-kva.test", x509.DNSName),
        ("*.api.test", x509.DNSName),
        ("10.0.0.7", x509.IPAddress),
        ("::1", x509.IPAddress),
        (ipaddress.ip_address("2001:db8::1"), x509.IPAddress),
        ("bob@example.test", x509.RFC822Name),
        ("spiffe://class.test/ns/default/sa/api", x509.UniformResourceIdentifier),
        (x509.DNSName("as it is"), x509.DNSName),
    ],
)
def test_names(name, kind):
    found = general_name(name)
    assert isinstance(found, kind)
    assert names(CA.issue(name, key=KEY).certificate) == [str(found.value)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "empty"),
        ("a b", "space"),
        ("api.test\n", "space"),
        ("a\0b", "U\\+0000"),
        ("*", "wrong place"),
        ("a.*.test", "wrong place"),
        ("f*.test", "wrong place"),
        ("*.*.test", "wrong place"),
        ("https://api.test/", "web address"),
        ("api.test:443", "port"),
        ("api.test.", "dot"),
        ("a..test", "not a DNS name"),
        ("-a.test", "not a DNS name"),
        ("a_b.test", "not a DNS name"),
        ("a" * 64 + ".test", "not a DNS name"),
        ("a." * 127 + "test", "253"),
        ("256.1.1.1", "neither"),
        ("fe80::1%eth0", "network card"),
        (ipaddress.ip_address("fe80::1%eth0"), "network card"),
        ("10.0.0.0/8", "not a DNS name"),
        ("bücher.test", "xn--bcher-kva.test"),
        ("bü@example.test", "ASCII"),
        (7, "not a int"),
        (["api.test"], "not a list"),
        (None, "not a NoneType"),
    ],
)
def test_bad_names(name, words):
    with pytest.raises(ValueError, match=words):
        CA.issue(name)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=80))
def test_names_are_taken_or_refused(name):
    try:
        found = general_name(name)
    except ValueError:
        return
    assert str(found.value).isascii()


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"not_after": datetime(2100, 1, 1)}, "time zone"),
        ({"not_before": "tomorrow"}, "time zone"),
        ({"not_before": NOW, "not_after": NOW - DAY}, "before it starts"),
        ({"lifetime": timedelta(days=4_000_000)}, "9999"),
        ({"lifetime": timedelta(0)}, "positive"),
        ({"serial": 0}, "positive"),
        ({"serial": 2**160}, "159 bits"),
        ({"path_length": 1}, "ca=True"),
        ({"purpose": "sever"}, "server, client, both"),
        ({"key_usage": "sign"}, "digital_signature"),
        ({"without": "sans"}, "san"),
        ({"common_name": "x" * 65}, "64"),
        ({"common_name": "x", "subject": "CN=x"}, "either"),
        ({"subject": "alice"}, "CN=alice"),
        ({"key_kind": "rsa1024", "key": None}, "choose one of"),
        ({"key": "no key"}, "plain text"),
        ({"hash": "sha256"}, "SHA512"),
        ({"name_constraints": ["a b"]}, "not a DNS name"),
    ],
)
def test_bad_keywords_are_explained(keywords, words):
    with pytest.raises(ValueError, match=words):
        CA.issue("api.test", **{"key": KEY, **keywords})


def test_other_bad_input():
    with pytest.raises(ValueError, match="whom it is for"):
        CA.issue()
    with pytest.raises(ValueError, match="needs a name"):
        Authority("")
    with pytest.raises(ValueError, match="64"):
        Authority("x" * 65)
    with pytest.raises(TypeError):
        CA.issue("api.test", liftime=DAY)


def test_the_first_name_is_the_subject_when_it_can_be():
    long = ".".join(["a" * 20] * 4)
    assert CA.issue(long, key=KEY).certificate.subject == x509.Name([])
    assert CA.issue("10.0.0.7", key=KEY).certificate.subject.rfc4514_string() == "CN=10.0.0.7"
    spiffe = CA.issue("spiffe://class.test/api", key=KEY).certificate
    assert spiffe.subject == x509.Name([])
    assert parts(spiffe)["san"][0] is True  # RFC 5280 §4.2.1.6


# --- Requests -----------------------------------------------------------------------------------------------


def request(*dns, key=KEY, extensions=(), subject="CN=who,O=knows"):
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name.from_rfc4514_string(subject))
    if dns:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in dns]), False
        )
    for extension in extensions:
        builder = builder.add_extension(extension, True)
    return builder.sign(key, hashes.SHA256())


def test_sign():
    leaf = CA.sign(request("api.test", "www.api.test"))
    assert leaf.private_key is None
    assert names(leaf.certificate) == ["api.test", "www.api.test"]
    assert keys.same_pair(leaf.certificate, KEY)
    assert list(parts(leaf.certificate)) == list(parts(LEAF.certificate))
    verify(leaf)
    pem = request("api.test").public_bytes(serialization.Encoding.PEM).decode()
    assert names(CA.sign(pem, names=["other.test"]).certificate) == ["other.test"]
    assert (
        CA.sign(pem, subject=request("api.test").subject).certificate.subject.rfc4514_string()
        == "CN=who,O=knows"
    )
    verify(CA.sign(pem, purpose="client"), purpose="client")


def test_a_request_decides_nothing_but_its_names():
    greedy = request(
        "api.test",
        extensions=(
            x509.BasicConstraints(True, None),
            parts(ROOT.certificate)["key_usage"][1],
            x509.ExtendedKeyUsage([EKU.CODE_SIGNING, EKU.ANY_EXTENDED_KEY_USAGE]),
        ),
    )
    found = parts(CA.sign(greedy).certificate)
    assert not found["basic_constraints"][1].ca
    assert usages(CA.sign(greedy).certificate) == {"digital_signature"}
    assert list(found["eku"][1]) == [EKU.SERVER_AUTH]
    assert CA.sign(greedy).certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) == []


def test_bad_requests():
    with pytest.raises(ValueError, match="no subjectAltName"):
        CA.sign(request())
    assert "san" not in parts(CA.sign(request(), common_name="Bob", purpose="client").certificate)
    with pytest.raises(ValueError, match="wrong place"):
        CA.sign(request("a.*.test"))
    der = bytearray(request("api.test").public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    with pytest.raises(ValueError, match="own signature"):
        CA.sign(bytes(der))
    rsa_key = keys.make("rsa2048")
    for hash, letter in ((hashes.SHA1(), "05"), (hashes.MD5(), "04")):  # the signature fits
        asked = csr.make(["api.test"], rsa_key)
        info, _, _ = csr.parts(asked)
        algorithm = bytes.fromhex(f"300d06092a864886f70d0101{letter}0500")
        old = csr.put_together(info, algorithm, rsa_key.sign(info, padding.PKCS1v15(), hash))
        with pytest.raises(ValueError, match="accepted no more"):
            CA.sign(old)
        assert not csr.fits(old)
        assert "accepted no more" in csr_card(old).text
        assert "accepted no more" in vetting.asked(old)["proof"]
    assert keys.old_hash(asked) is None
    with pytest.raises(reading.Unreadable):
        CA.sign(LEAF.certificate)


# --- Revocation ---------------------------------------------------------------------------------------------


def test_crl():
    ca = ROOT.intermediate("Revoking CA")
    a, b, c = ca.issue("a.test"), ca.issue("b.test"), ca.issue("c.test")
    empty = ca.crl()
    assert list(empty) == []
    ca.revoke(a.certificate)
    ca.revoke(b, "keyCompromise", at=NOW - DAY)
    ca.revoke(b, "superseded")  # too late: it is revoked already
    crl = ca.crl()
    assert crl.issuer == ca.certificate.subject
    assert crl.is_signature_valid(ca.certificate.public_key())
    assert crl.next_update_utc - crl.last_update_utc == timedelta(days=7)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2
    aki = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert aki.key_identifier == parts(ca.certificate)["ski"][1].digest
    found = {entry.serial_number: entry for entry in crl}
    assert set(found) == {a.certificate.serial_number, b.certificate.serial_number}
    assert crl.get_revoked_certificate_by_serial_number(c.certificate.serial_number) is None
    assert list(found[a.certificate.serial_number].extensions) == []
    entry = found[b.certificate.serial_number]
    assert entry.revocation_date_utc == NOW - DAY
    assert (
        entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        is x509.ReasonFlags.key_compromise
    )


def test_crl_deviations():
    ca = ROOT.intermediate("Revoking CA")
    leaf = ca.issue("a.test")
    ca.revoke(leaf.certificate)
    stale = ca.crl(next_update=NOW - DAY)
    assert stale.next_update_utc == NOW - DAY
    assert list(stale) == []  # nobody knew then
    assert ca.crl(this_update=NOW + DAY, lifetime=DAY).next_update_utc == NOW + 2 * DAY
    assert ca.crl(number=77).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 77
    assert list(ca.crl(without=("aki", "crl_number")).extensions) == []
    assert not ca.crl(signed_by=keys.make()).is_signature_valid(ca.certificate.public_key())
    assert ca.crl(hash=hashes.SHA384()).signature_hash_algorithm.name == "sha384"
    for wrong in ({"this_update": datetime(2100, 1, 1)}, {"next_update": datetime(2100, 1, 1)}):
        with pytest.raises(ValueError, match="time zone"):
            ca.crl(**wrong)


def test_bad_revocations():
    with pytest.raises(ValueError, match="only its own issuer"):
        ROOT.revoke(LEAF.certificate)
    with pytest.raises(ValueError, match="keyCompromise"):
        CA.revoke(LEAF.certificate, "lost")
    with pytest.raises(ValueError, match="time zone"):
        CA.revoke(LEAF.certificate, at=datetime(2100, 1, 1))
    assert list(CA.crl()) == []


def test_ocsp():
    ca = ROOT.intermediate("OCSP CA")
    good, bad = ca.issue("good.test"), ca.issue("bad.test")
    ca.revoke(bad.certificate, "superseded", at=NOW - DAY)
    answer = ca.ocsp(good.certificate)
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.serial_number == good.certificate.serial_number
    assert answer.next_update_utc - answer.this_update_utc == DAY
    responder = answer.certificates[0]
    responder.verify_directly_issued_by(ca.certificate)
    assert list(parts(responder)["eku"][1]) == [EKU.OCSP_SIGNING]
    assert x509.OCSPNoCheck in parts(responder)
    responder.public_key().verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    revoked = ca.ocsp(bad.certificate)
    assert revoked.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert revoked.revocation_time_utc == NOW - DAY
    assert revoked.revocation_reason is x509.ReasonFlags.superseded


def test_ocsp_answers_requests():
    ca = ROOT.intermediate("OCSP CA")
    leaf = ca.issue("good.test").certificate
    for algorithm in (hashes.SHA1(), hashes.SHA256()):
        question = ocsp.OCSPRequestBuilder().add_certificate(leaf, ca.certificate, algorithm)
        question = question.add_extension(x509.OCSPNonce(b"n" * 16), False).build()
        for form in (question, question.public_bytes(serialization.Encoding.DER)):
            answer = ca.ocsp(form)
            assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
            assert answer.hash_algorithm.name == algorithm.name
            assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 16
    never = Authority("OCSP CA", issuer=ROOT, key=ca.private_key).issue("x.test").certificate
    assert ca.ocsp(never).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert ca.ocsp(LEAF.certificate).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert ROOT.ocsp(ca.certificate).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_ocsp_deviations():
    ca = ROOT.intermediate("OCSP CA")
    leaf = ca.issue("good.test")
    assert ca.ocsp(leaf, status="unknown").certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert ca.ocsp(leaf, status="revoked").certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert ca.ocsp(leaf, next_update=NOW - DAY).next_update_utc == NOW - DAY
    ca.revoke(leaf)
    assert ca.ocsp(leaf, next_update=NOW - DAY).certificate_status is ocsp.OCSPCertStatus.GOOD  # as of then
    forged = ca.ocsp(leaf, status="good", signed_by=keys.make())
    with pytest.raises(InvalidSignature):
        forged.certificates[0].verify_directly_issued_by(ca.certificate)
    ca.ocsp(leaf).certificates[0].verify_directly_issued_by(ca.certificate)
    with pytest.raises(ValueError, match="good, revoked or unknown"):
        ca.ocsp(leaf, status="fine")
