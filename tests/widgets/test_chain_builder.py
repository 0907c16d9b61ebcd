"""The chain builder: the paths that there are, and one good path is enough."""

import pytest

from padlock.look.chain_builder import POOL, STORE, ChainBuilder


@pytest.fixture(scope="module")
def builder():
    return ChainBuilder()


def choose(builder, sends, trusts, over=False):
    builder.set(
        **{f"send_{letter}": letter in sends for letter in POOL},
        **{f"trust_{name}": name in trusts for name in STORE},
        over=over,
    )
    case = builder.case
    return case.judge(), builder.paths(case), builder.sentence


@pytest.mark.parametrize("sends", ["", "a", "b", "e", "abce"])
def test_without_the_real_issuing_ca_nobody_gets_up(builder, sends):
    verdict, _, sentence = choose(builder, sends, {"class_root", "old_root", "twin"})
    assert not verdict.accepted
    assert sentence.startswith("✗")


@pytest.mark.parametrize("sends", ["d", "bd", "de", "cd", "bcde"])
def test_with_it_the_client_finds_class_root(builder, sends):
    verdict, paths, sentence = choose(builder, sends, {"class_root"})
    assert verdict.accepted
    assert len(paths) == 1
    assert sentence.startswith("✓")


def test_cross_signed_there_are_two_paths(builder):
    verdict, paths, _ = choose(builder, "cd", {"class_root", "old_root"})
    assert verdict.accepted
    assert [one.accepted for one in paths] == [True, True]


def test_one_good_path_is_enough(builder):
    verdict, paths, sentence = choose(builder, "cd", {"class_root", "old_root"}, over=True)
    assert verdict.accepted
    assert sorted(one.accepted for one in paths) == [False, True]
    assert "one good path" in sentence


def test_a_client_that_has_only_the_expired_root_refuses(builder):
    verdict, paths, _ = choose(builder, "cd", {"old_root"}, over=True)
    assert [finding.rule for finding in verdict.reasons] == ["validity"]
    assert len(paths) == 1


def test_a_look_alike_root_helps_nobody_but_mallory(builder):
    verdict, _, _ = choose(builder, "d", {"twin"})
    assert [finding.rule for finding in verdict.reasons] == ["signature"]


def test_the_copy_has_the_same_identifiers_and_another_key(builder):
    rows = {row[0]: row[1:] for row in builder._rows()}
    assert rows["A"] == rows["D"]
    assert builder.pool["a"].public_key() != builder.pool["d"].public_key()


def test_trusting_the_issuing_ca_is_noticed(builder):
    verdict, _, sentence = choose(builder, "", {"issuing"})
    assert verdict.accepted
    assert "No other client" in sentence
