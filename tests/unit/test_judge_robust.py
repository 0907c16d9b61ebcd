"""The judge never falls over: every file of cryptography-vectors, and a short run of tests/fuzz/fuzz_judge.py."""

import time
import warnings
from pathlib import Path

import cryptography_vectors
import pytest
from test_judge import edited, rewritten

from fuzz import fuzz_judge
from padlock import reading
from padlock.authority import Authority
from padlock.judge import judge

FILES = sorted(p for p in Path(cryptography_vectors.__file__).parent.rglob("*") if p.is_file())


def test_every_file_of_cryptography_vectors():
    """As the leaf, as an intermediate, as the root and as a CRL: a verdict, or `Unreadable`."""
    root = Authority("Root")
    leaf = root.issue("api.test")
    answers, slowest = {"verdict": 0, "unreadable": 0}, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in FILES:
            data = path.read_bytes()[: reading.MAX_BYTES + 1]
            began = time.process_time()  # not the clock on the wall: the machine may be busy
            for asked in (
                {"leaf": data, "roots": data, "name": "api.test", "purpose": "server"},
                {"leaf": leaf, "roots": [root, data], "intermediates": data},
                {"leaf": leaf, "roots": [root], "crls": [data, root.crl()]},
            ):
                try:
                    str(judge(**asked))
                    answers["verdict"] += 1
                except reading.Unreadable:
                    answers["unreadable"] += 1
            slowest = max(slowest, time.process_time() - began)
    assert len(FILES) > 2000
    assert answers["verdict"] > 900
    assert slowest < 5


@pytest.mark.parametrize("seed", [1, 2])
def test_a_short_run_of_the_fuzzer(seed):
    tally = fuzz_judge.fuzz(1500, seed)
    assert not tally.failures, tally.failures[0]
    assert tally.cases == 1500
    assert min(tally.refused, tally.unreadable, tally.accepted) > 10


def test_the_fuzzer_would_notice(monkeypatch):
    """A judge that looks at no signature accepts what was changed, and one that raises is caught."""
    monkeypatch.setattr(
        fuzz_judge, "judge", lambda *a, **k: judge(*a, **k, without={"signature", "revocation"})
    )
    assert any("false accept" in failure for failure in fuzz_judge.fuzz(1500, 3).failures)
    monkeypatch.setattr(fuzz_judge, "judge", lambda *a, **k: 1 / 0)
    assert any("ZeroDivisionError" in failure for failure in fuzz_judge.fuzz(3, 3).failures)


def test_a_crl_whose_entries_do_not_parse():
    """The library reads entries one by one, long after the list itself."""
    root = Authority("Root")
    leaf = root.issue("api.test")
    root.revoke(root.issue("gone.test"), "keyCompromise")
    odd = rewritten(root.crl(), root, edited(b"\x0a\x01\x01", b"\x0a\x01\x63"))  # reason 99
    verdict = judge(leaf, roots=[root], crls=[odd])
    assert {finding.rule for finding in verdict.reasons} == {"revocation"}
    assert "entries can't be read" in str(verdict)
