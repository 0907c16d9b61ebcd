"""The fault bench: what it shows is asked anew, of the judge and of real verifiers."""

import pytest

from padlock import look
from padlock.faults import FAULTS
from padlock.look.fault_bench import FaultBench
from padlock.tls.referees import ALL, QUICK


@pytest.fixture(scope="module")
def bench():
    return FaultBench()


def choose(bench, *faults):
    bench.set(**dict.fromkeys(("fault", "second", "third"), ""))
    bench.set(**dict(zip(("fault", "second", "third"), faults, strict=False)))


def test_nothing_wrong(bench):
    choose(bench)
    assert (
        bench.sentence == "✓ Nothing is wrong, and the judge accepts. All 3 referees that were asked agree."
    )
    assert bench.text.endswith("nothing is wrong")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_every_fault_is_told_and_refused(bench, fault):
    choose(bench, fault.id)
    assert not bench.refused
    assert bench.sentence.startswith("✗ The judge refuses: ")
    assert fault.rule in bench.sentence
    for words in (fault.title, fault.attack, fault.repair, fault.clause):
        assert words in bench.text
    for referee in QUICK:
        assert f" {referee}: " in bench.text


def test_three_at_once_and_all_referees(bench):
    choose(bench, "expired", "cn-only", "revoked")
    before = bench.text
    said = []
    bench.observe(lambda change: change.new and said.append(change.new), "progress")
    bench.press("ask")
    assert {"asking openssl verify", "asking curl", "asking node"} <= {words for _, words in said}
    assert bench.progress is None
    for referee in ALL:
        assert f" {referee}: " in bench.text
    assert "node" not in before
    for rule in ("validity", "name", "revocation"):
        assert rule in bench.sentence
    choose(bench, "expired")
    assert "curl" not in bench.text, "an answer to another question"


def test_two_that_clash_are_refused_in_words(bench):
    choose(bench, "expired", "not-yet-valid")
    assert bench.refused
    assert "can't be had at once" in bench.sentence
    choose(bench, "expired", "expired")
    assert not bench.refused


def test_a_difference_is_explained(bench):
    choose(bench, "no-aki")
    assert "OpenSSL, Python ssl decide otherwise: read why." in bench.sentence
    assert "X509_STRICT" in bench.text
    assert "X509_STRICT" in bench.result


def test_it_can_be_had_as_look():
    assert look.FaultBench is FaultBench
