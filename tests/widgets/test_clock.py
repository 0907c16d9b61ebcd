"""The clock: every certificate breaks on its own day, and renewing helps only as far as the CA lives."""

import pytest

from padlock import look
from padlock.look.clock import INTERMEDIATE, ROOT, Clock


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.mark.parametrize("life", ["90", "47", "6"])
def test_the_leaf_ends_on_its_day(clock, life):
    clock.set(life=life, renewed=False, day=0)
    assert clock.sentence.startswith("✓ Day 0: good.")
    assert f"at most {life} days" in clock.sentence
    clock.set(day=int(life) - 1)
    assert clock.sentence.startswith("✓")
    clock.set(day=int(life) + 1)
    assert clock.sentence.startswith("✗")
    assert "nobody has renewed it" in clock.sentence
    assert "validity" in clock.text
    assert "expired" in clock.text, "the referees' own words"


@pytest.mark.parametrize("life", ["90", "47", "6"])
def test_renewed_it_lasts_until_the_ca_ends(clock, life):
    clock.set(life=life, renewed=True)
    for day in range(0, INTERMEDIATE, 17):
        clock.set(day=day)
        assert clock.sentence.startswith("✓"), day
    clock.set(day=INTERMEDIATE + 1)
    assert "A new leaf alone does not help" in clock.sentence
    clock.set(day=ROOT + 1)
    assert "trust store" in clock.sentence


def test_before_it_begins(clock):
    clock.set(life="6", renewed=True, day=-1)
    assert "not yet" in clock.sentence
    assert clock.text.count("✗ refuses") == 2


def test_judge_and_referees_agree_on_every_day(clock):
    for day in range(-3, 351, 9):
        clock.set(life="47", renewed=False, day=day)
        accepts = clock.sentence.startswith("✓")
        assert clock.text.count("✓ accepts" if accepts else "✗ refuses") == 2, day


def test_it_can_be_had_as_look():
    assert look.Clock is Clock
