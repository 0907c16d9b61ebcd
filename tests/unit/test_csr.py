"""Requests hold what is asked for, the openssl command makes the same, and no change on the way goes unnoticed."""

import shutil
import subprocess

import pytest
from cryptography import x509

from exercises.making import has_openssl
from padlock import csr, keys
from padlock.authority import Authority
from padlock.look import csr_card

KEYS = {kind: keys.make(kind) for kind in ("p256", "p384", "ed25519", "rsa2048")}
OTHERS = {kind: keys.make(kind) for kind in KEYS}
NAMES = ["api.test", "*.api.test", "10.0.0.7", "::1"]


@pytest.mark.parametrize("kind", KEYS)
def test_a_request_carries_what_was_asked(kind):
    request = csr.make(NAMES, KEYS[kind], organisation="Example Ltd", ca=True)
    assert csr.fits(request)
    assert keys.same_pair(request, KEYS[kind])
    assert csr.asked_names(request) == NAMES
    assert request.subject.rfc4514_string() == "CN=api.test,O=Example Ltd"
    assert request.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_an_authority_signs_it():
    issued = Authority("Class Root").sign(csr.make(NAMES, KEYS["p256"], ca=True))
    assert keys.same_pair(issued.certificate, KEYS["p256"])
    assert not issued.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_without_san_only_the_cn_asks():
    request = csr.make(["api.test"], KEYS["p256"], san=False)
    assert csr.asked_names(request) is None
    assert request.subject.rfc4514_string() == "CN=api.test"


@pytest.mark.parametrize("signer", KEYS)
@pytest.mark.parametrize("kind", KEYS)
def test_another_key_cannot_sign_for_this_one(kind, signer):
    request = csr.make(NAMES, KEYS[kind], signed_by=OTHERS[signer])
    assert keys.same_pair(request, KEYS[kind])
    assert not csr.fits(request)
    assert "does not fit" in csr_card(request).text
    with pytest.raises(ValueError, match="signature does not fit"):
        Authority("Class Root").sign(request)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(
    ("act", "still", "changed"),
    [
        ("nothing", True, set()),
        ("letter", False, {"names", "subject"}),
        ("key", False, {"key"}),
        ("resign", True, {"key", "signature"}),
        ("copy", True, set()),
    ],
)
def test_what_a_thief_can_do(kind, act, still, changed):
    request = csr.make(["api.test", "www.test"], KEYS[kind], organisation="Example Ltd")
    came = csr.on_its_way(request, act, OTHERS[kind])
    assert csr.fits(came) is still
    pairs = {
        "names": (csr.asked_names(request), csr.asked_names(came)),
        "subject": (request.subject, came.subject),
        "key": (keys.fingerprint(request), keys.fingerprint(came)),
        "signature": (request.signature, came.signature),
    }
    assert {name for name, (a, b) in pairs.items() if a != b} == changed


def test_the_thief_may_have_another_kind_of_key():
    request = csr.make(["api.test"], KEYS["rsa2048"])
    assert not csr.fits(csr.on_its_way(request, "key", OTHERS["p256"]))
    assert csr.fits(csr.on_its_way(request, "resign", OTHERS["p256"]))


def test_there_is_no_other_act():
    with pytest.raises(ValueError, match="no act"):
        csr.on_its_way(csr.make(["api.test"], KEYS["p256"]), "burn", KEYS["p256"])


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("api.test", ["api.test"]),
        (" api.test , www.api.test;\n10.0.0.7 api.test", ["api.test", "www.api.test", "10.0.0.7"]),
        ("*.api.test ::1", ["*.api.test", "::1"]),
    ],
)
def test_names_that_are_typed(typed, names):
    assert csr.names_in(typed) == names


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "no name yet"),
        ("  ,, \n", "no name yet"),
        ("https://api.test/", "web address"),
        ("api.test:443", "port"),
        ("me@api.test", "no host"),
        ("fe80::1%eth0", "network card"),
        ("spiffe://api.test/x", "no host"),
        ("bücher.test", "xn--"),
        ("a..b", "not a DNS name"),
        ("<script>alert(1)</script>", "not a DNS name"),
        ("api\u202e.test", "control character"),
        ("api\0.test", "control character"),
        ("10.0.0.300", "neither"),
        ("x" * 10_000, "at most 253|1 to 63"),
        (" ".join(f"n{i}.test" for i in range(101)), "more than 100"),
        ("a " * 100_000 + "b", "."),
    ],
)
def test_names_that_no_authority_would_sign(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        csr.make(csr.names_in(typed), KEYS["p256"], organisation="x" * 65 if sentence == "." else "")


@pytest.mark.parametrize(
    "organisation", ["x" * 65, "a\0b", "a\u202eb", "a\nb", "\ud800", "a\u2028b", "a\u2800b", "\u3164"]
)
def test_organisations_that_have_no_place_in_a_name(organisation):
    with pytest.raises(ValueError, match=r"organisation|seen"):
        csr.make(["api.test"], KEYS["p256"], organisation=organisation)


def test_a_long_name_has_no_place_in_the_cn():
    long = "a" * 60 + ".api.test"
    assert csr.make([long], KEYS["p256"]).subject.rfc4514_string() == ""
    with pytest.raises(ValueError, match="CN has at most 64"):
        csr.make([long], KEYS["p256"], san=False)


@pytest.mark.skipif(not has_openssl() or not shutil.which("bash"), reason="no openssl 3 with bash here")
@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(
    ("names", "more"),
    [
        (["api.test"], {}),
        (NAMES, {"organisation": "A/B + C=D \\E \"q\" 's' ü $HOME `x`, Ltd", "ca": True}),
        (["api.test"], {"san": False}),
        (["a" * 60 + ".api.test"], {}),
    ],
)
def test_the_command_line_makes_the_same(kind, names, more, tmp_path):
    line = csr.command(names, kind, **more)
    subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    made = x509.load_pem_x509_csr((tmp_path / "server.csr").read_bytes())
    ours = csr.make(names, KEYS[kind], **more)
    assert csr.fits(made)
    assert keys.same_pair(made, tmp_path / "server.key")
    assert keys.describe(made.public_key()) == keys.describe(KEYS[kind])
    assert made.subject == ours.subject
    assert list(made.extensions) == list(ours.extensions)
