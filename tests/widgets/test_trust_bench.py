"""The trust-store bench: the shelf decides, and the key counts, not the name."""

import pytest

from padlock.look.trust_bench import SERVERS, STORE, TrustBench


@pytest.fixture(scope="module")
def bench():
    return TrustBench()


def meets(bench, server, *shelf):
    bench.set(server=server, **{name: name in shelf for name in STORE})
    return bench.sentence


@pytest.mark.parametrize("server", SERVERS)
def test_whoever_trusts_nobody_accepts_nobody(bench, server):
    assert meets(bench, server).startswith("✗")


@pytest.mark.parametrize(("server", "root"), [("good", "root"), ("twin", "twin"), ("own", "own")])
def test_its_own_anchor_is_enough(bench, server, root):
    assert meets(bench, server, root).startswith("✓")
    assert meets(bench, server, *(name for name in STORE if name != root)).startswith("✗")


def test_a_limit_holds(bench):
    assert "only for names under corp.test" in meets(bench, "corp", "corp")


def test_a_copied_certificate_is_not_enough(bench):
    assert "signature by its key" in meets(bench, "borrowed", "root")


def test_the_same_name_twice_is_told_apart_by_the_key(bench):
    meets(bench, "good", "root", "twin")
    shelf = bench.text.splitlines()[0].removeprefix("client trusts: ").split("; ")
    assert len(set(shelf)) == 2
    assert all(one.startswith("Class Root, key ") for one in shelf)
