"""The request builder: what is typed is in the request, what can't be asked is a sentence, keys stay until renewed."""

import pytest

from padlock.look.csr_builder import NO_COMMAND, CsrBuilder


@pytest.fixture
def panel():
    return CsrBuilder()


def test_it_begins_with_a_good_request(panel):
    assert panel.sentence.startswith("✓ It asks for 2 names")
    assert "api.test, www.api.test" in panel.text
    assert "its maker held the private key" in panel.text
    assert "subjectAltName=DNS:api.test,DNS:www.api.test" in panel.text
    assert "O=Example Ltd" in panel.text


def test_another_key_does_not_fit(panel):
    panel.set(signer="other")
    assert panel.sentence.startswith("✗ It carries one public key")
    assert "does not fit" in panel.text
    assert NO_COMMAND in panel.text


def test_the_cn_alone_is_the_wrong_place(panel):
    panel.set(where="cn")
    assert "wrong place" in panel.sentence
    assert "first one only" in panel.sentence
    assert "no subjectAltName" in panel.text
    assert "-addext" not in panel.text


def test_anybody_may_ask_to_be_a_ca(panel):
    panel.set(ca=True)
    assert "the authority decides" in panel.sentence
    assert "sign certificates" in panel.text
    assert "CA:TRUE" in panel.text


@pytest.mark.parametrize(("kind", "words"), [("ed25519", "Ed25519"), ("rsa2048", "RSA 2048")])
def test_other_keys(panel, kind, words):
    panel.set(kind=kind)
    assert words in panel.text
    assert panel.sentence.startswith("✓")
    panel.set(signer="other")
    assert panel.sentence.startswith("✗")


def test_a_key_stays_until_a_new_one_is_wanted(panel):
    first = panel.pairs["p256"]
    panel.set(organisation="Other Ltd")
    assert panel.pairs["p256"] is first
    panel.press("renew")
    assert panel.pairs["p256"] is not first


def test_what_is_sent_holds_no_private_key(panel):
    assert "-----BEGIN CERTIFICATE REQUEST-----" in panel.text
    assert "PRIVATE" not in panel.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"names": ""}, "no name yet"),
        ({"names": "https://api.test"}, "web address"),
        ({"names": "<script>alert(1)</script>"}, "not a DNS name"),
        ({"names": "a\u202eb.test"}, "control character"),
        ({"names": "x" * 100_000}, "253"),
        ({"organisation": "y" * 100}, "at most 64"),
        ({"organisation": "a\0b"}, "can't be seen"),
        ({"names": "a" * 60 + ".api.test", "where": "cn"}, "SAN only"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(panel, values, sentence):
    panel.set(**values)
    assert panel.refused
    assert sentence in panel.sentence
    panel.set(names="api.test", organisation="", where="san")
    assert not panel.refused, "nothing is lost"


def test_hostile_organisation_is_only_text(panel):
    panel.set(organisation="<img src=x onerror=alert(1)>")
    assert "<img" not in panel.result
