"""The catalogue and the judge agree: each fault is refused for its own reason, and for no other."""

import re
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import faults, keys, reading
from padlock.authority import Authority
from padlock.faults import FAULTS
from padlock.judge import RULES, judge

every = pytest.mark.parametrize("fault", FAULTS.values(), ids=str)


def failed(verdict):
    return {finding.rule for finding in verdict.reasons}


def test_without_a_fault_all_is_well():
    case = faults.case()
    assert case.judge().accepted, case.judge()
    assert case.faults == ()
    assert keys.same_pair(case.sent[0], case.private_key)
    assert [certificate.public_bytes(Encoding.DER) for certificate in case.leaf.chain] == [
        certificate.public_bytes(Encoding.DER) for certificate in case.sent
    ]
    assert "possession" in {finding.rule for finding in case.judge().findings}


@every
def test_refused_for_its_own_reason_and_no_other(fault):
    case = fault.case()
    verdict = case.judge()
    assert not verdict.accepted
    assert failed(verdict) == {fault.rule, *fault.also}, verdict
    assert case.faults == (fault.id,)
    finding = next(finding for finding in verdict.reasons if finding.rule == fault.rule)
    assert finding.clause == fault.clause, "one fault, one clause"


@every
def test_without_its_rule_exactly_this_gets_through(fault):
    case = fault.case()
    assert case.judge(without={fault.rule, *fault.also}).accepted
    for rule in set(RULES) - {fault.rule}:
        assert not case.judge(without={rule}).accepted, rule


@every
def test_words_are_complete(fault):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
    assert fault.rule in RULES
    assert set(fault.also) <= set(RULES)
    assert fault.where in ("server", "client", "CA")
    assert re.search(r"RFC \d{4}", fault.clause)
    for sentence in (fault.attack, fault.repair):
        assert sentence[0].isupper(), sentence
        assert sentence.endswith("."), sentence
        assert 20 < len(sentence) < 160, sentence
    assert 8 < len(fault.title) < 70
    assert not fault.title.endswith(".")
    assert 1 < len(fault.badge) < 16
    assert "verify=False" not in fault.repair


def test_the_catalogue():
    assert len(FAULTS) >= 40
    assert len({fault.title for fault in FAULTS.values()}) == len(FAULTS)
    assert {name: fault.id for name, fault in FAULTS.items()} == {name: name for name in FAULTS}
    assert {fault.rule for fault in FAULTS.values()} == set(RULES), "each rule has its attack"


def clashing(*chosen) -> str:
    try:
        faults.plan(*chosen)
    except faults.Clash as clash:
        return str(clash)
    return ""


@pytest.mark.parametrize("first", FAULTS.values(), ids=str)
def test_any_two_at_once(first):
    """Either they clash, in words that name both, or both are found."""
    for second in list(FAULTS.values())[list(FAULTS).index(first.id) + 1 :]:
        clash = clashing(first, second)
        assert bool(clash) == bool(clashing(second, first)), "whichever comes first"
        if clash:
            assert first.title in clash
            assert second.title in clash
            continue
        case = faults.case(first, second)
        assert case.faults == (first.id, second.id)
        verdict = case.judge()
        assert not verdict.accepted
        wanted = {first.rule, second.rule}
        assert wanted <= failed(verdict) <= wanted | {*first.also, *second.also}, (second, verdict)


def test_three_at_once():
    case = faults.case("expired", "outside-permitted", "key-mismatch")
    assert failed(case.judge()) == {"validity", "name-constraints", "possession"}
    with pytest.raises(
        faults.Clash, match=r"“the certificate has expired” and “the certificate is not valid yet”"
    ):
        faults.case("key-mismatch", "expired", "not-yet-valid")
    with pytest.raises(LookupError, match="no fault called 'nonsense'"):
        faults.case("nonsense")


def test_same_fault_twice_is_once():
    assert failed(faults.case("expired", "expired").judge()) == {"validity"}


def test_made_by_hand_as_by_the_library():
    """What is patched in DER differs in that one thing, and its signature fits."""
    for name, serial in (("zero-serial", 0), ("negative-serial", -0x5EED), ("long-serial", 1 << 167)):
        case = FAULTS[name].case()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert case.sent[0].serial_number == serial
        assert case.judge(allow_weak=True).accepted
    one = FAULTS["version-1"].case().sent[0]
    assert one.version is x509.Version.v1
    assert b"api.test" in one.public_bytes(Encoding.DER)


# -- the two rules that the catalogue asked for


def test_possession_is_asked_only_with_a_key():
    root = Authority("Class Root")
    leaf, other = root.issue("api.test"), root.issue("api.test")
    key = other.private_key

    def rules(verdict):
        return {finding.rule: finding.ok for finding in verdict.findings}

    asked = {"roots": root, "name": "api.test", "purpose": "server"}
    assert "possession" not in rules(judge(leaf.certificate, **asked))
    assert "possession" not in rules(judge(leaf.chain, **asked))
    assert "possession" not in rules(judge([leaf.certificate, other.certificate], **asked))
    assert rules(judge(leaf, **asked))["possession"]
    assert rules(judge((leaf.chain, leaf.private_key), **asked))["possession"]
    assert rules(judge((leaf.pem(), keys.pem(leaf.private_key)), **asked))["possession"]
    assert not rules(judge((leaf.chain, key), **asked))["possession"]
    assert judge((leaf.chain, key), without={"possession"}, **asked).accepted
    finding = judge((leaf.chain, key), **asked).reasons[0]
    assert (finding.rule, finding.clause) == ("possession", "RFC 8446 §4.4.3")
    with pytest.raises(reading.Unreadable):
        judge((leaf.chain, "not a key"), **asked)


def test_one_serial_number_twice():
    root, other = Authority("Class Root"), Authority("Class Root")
    leaf, asked = root.issue("api.test", serial=77), {"roots": root, "name": "api.test"}
    twin, stranger = root.issue("old.test", serial=77), other.issue("old.test", serial=77)
    assert judge(leaf, [stranger.certificate], **asked).accepted, "of the same name, but not from the same CA"
    assert judge(leaf, [leaf.certificate], **asked).accepted, "the same certificate twice"
    verdict = judge(leaf, [twin.certificate], **asked)
    assert [(finding.rule, finding.clause) for finding in verdict.reasons] == [("form", "RFC 5280 §4.1.2.2")]
    assert judge(leaf, [twin.certificate], allow_weak=True, **asked).accepted
