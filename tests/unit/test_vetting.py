"""Vetting: the challenge as RFC 8555 has it, what a request asks for, and what comes of each decision."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from padlock import csr, keys, vetting
from padlock.authority import Authority

CA, ACCOUNT, PILE = Authority("Class Root"), keys.make(), vetting.pile()
AS_ASKED = dict.fromkeys(("names", "ca", "usage", "key", "proof"), "accept")
CHANGED = AS_ASKED | dict.fromkeys(("names", "ca", "usage"), "change")


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "="), "big")


def test_thumbprint_of_the_key_in_rfc_7517_appendix_a1():
    x = number("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")
    y = number("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    assert vetting.thumbprint(key) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"
    assert vetting.key_authorization("abc", key) == f"abc.{vetting.thumbprint(key)}"


def test_an_account_has_a_p256_key():
    with pytest.raises(ValueError, match="Ed25519"):
        vetting.thumbprint(keys.make("ed25519"))


@pytest.mark.parametrize(
    ("name", "ok", "said"),
    [
        ("shop.test", True, "200"),
        ("SHOP.test", True, "200"),
        ("bank.test", False, "404"),
        ("*.shop.test", False, "nowhere to fetch"),
        ("10.0.0.7", False, "no DNS name"),
        ("shop.test@bank.test", False, "no DNS name"),
        ("shop.test/../bank", False, "not a DNS name"),
        ("<script>", False, "not a DNS name"),
        ("", False, "empty"),
        ("shop.test\r\nHost: bank.test", False, "control character"),
    ],
)
def test_a_name_is_proven_by_whoever_has_it(name, ok, said):
    proof = vetting.prove(name, {"shop.test"}, ACCOUNT)
    assert (proof.name, proof.ok) == (name, ok)
    assert said in proof.said


def test_what_is_asked():
    fields = {name: set(vetting.asked(asker.request)) - {"names", "key"} for name, asker in PILE.items()}
    assert fields == {
        "honest": set(), "names": set(), "ca": {"ca", "usage"}, "usage": {"usage"}, "wildcard": set(), "cn": set(),
        "weak": set(), "proof": {"proof"},
    }  # fmt: skip
    assert [name for name, asker in PILE.items() if vetting.weak(asker.request)] == ["weak"]


@pytest.mark.parametrize(
    ("which", "harmed"), [("names", "bank.test"), ("ca", "bank.test"), ("wildcard", "pay.shop.test")]
)
def test_what_is_granted_as_asked_does_harm(which, harmed):
    done = vetting.decide(CA, PILE[which], AS_ASKED, ACCOUNT)
    assert [trial.name for trial in done.harm] == [harmed]
    assert not vetting.decide(CA, PILE[which], CHANGED, ACCOUNT).harm


@pytest.mark.parametrize("which", ["honest", "names", "ca", "usage", "wildcard", "cn"])
def test_what_is_changed_still_serves_the_asker(which):
    done = vetting.decide(CA, PILE[which], CHANGED, ACCOUNT)
    assert done.trials[0].accepted
    assert set(done.names) == PILE[which].controls
    assert done.granted.private_key is None


def test_one_lock_of_two_holds():
    done = vetting.decide(CA, PILE["usage"], AS_ASKED, ACCOUNT)
    assert [trial.accepted for trial in done.trials] == [True, False]


def test_a_name_in_the_cn_alone_is_no_use():
    done = vetting.decide(CA, PILE["cn"], AS_ASKED, ACCOUNT)
    assert not done.trials[0].accepted
    assert "ostname mismatch" in done.trials[0].said


@pytest.mark.parametrize("which", PILE)
def test_refusing(which):
    done = vetting.decide(CA, PILE[which], dict.fromkeys(AS_ASKED, "refuse"), ACCOUNT)
    assert done.refused in done.asked
    assert done.granted is None
    assert not done.trials


def test_without_the_private_key_the_path_is_validated():
    request = csr.make(["api.test", "bank.test"], keys.make())
    asker = vetting.Asker("you", request, None, frozenset({"api.test"}))
    done = vetting.decide(CA, asker, AS_ASKED, ACCOUNT)
    assert [(trial.name, trial.accepted, trial.harm) for trial in done.trials] == [
        ("api.test", True, False),
        ("bank.test", True, True),
    ]


def test_names_that_nobody_signs():
    key = keys.make()
    san = x509.SubjectAlternativeName([x509.DirectoryName(csr.subject("Example Ltd"))])
    builder = x509.CertificateSigningRequestBuilder(csr.subject("Example Ltd")).add_extension(san, False)
    asker = vetting.Asker("you", builder.sign(key, keys.digest_for(key)), None, frozenset())
    with pytest.raises(ValueError, match="Example Ltd"):
        vetting.decide(CA, asker, AS_ASKED, ACCOUNT)
    assert vetting.decide(CA, asker, CHANGED, ACCOUNT).refused == "names"
