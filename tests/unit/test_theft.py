"""What the plan computes is what happens."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from padlock.judge.case import Case
from padlock.judge.referees import READERS, referees
from padlock.theft import MINUTE, NAME, WAYS, Plan, World, end

DAY = 24
PLANS = {
    "usual": Plan(),
    "usual, blocked": Plan(blocked=True),
    "noticed late": Plan(noticed=10 * DAY, left=90 * DAY),
    "noticed late, blocked": Plan(noticed=10 * DAY, left=90 * DAY, blocked=True),
    "lists as short as their turn": Plan(noticed=30, list_every=6, list_life=6, answer_life=1),
    "lists of an odd life": Plan(noticed=50, list_every=7, list_life=25, answer_life=3, blocked=True),
    "hourly lists, blocked": Plan(noticed=72, list_every=1, list_life=2, answer_life=96, blocked=True),
    "six days": Plan(noticed=DAY, left=6 * DAY),
    "one hour": Plan(noticed=8, left=1),
    "noticed when a list is due": Plan(noticed=24, list_every=24, list_life=48),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("way", WAYS)
def test_the_hour_that_is_computed_is_the_hour_that_comes(plan, way):
    world, hour = World(plan), end(WAYS[way], plan)
    assert world.accepted(WAYS[way], hour - 2 * MINUTE)
    assert not world.accepted(WAYS[way], hour + 2 * MINUTE)


@pytest.mark.parametrize("way", WAYS)
def test_to_stand_in_between_never_costs_the_thief_time(way):
    """She may let everything pass, as if she were not there."""
    for noticed, left, (every, life), answer in product(
        range(1, 73),
        (1, 6 * DAY, 47 * DAY, 200 * DAY),
        ((1, 2), (DAY, 7 * DAY), (7 * DAY, 30 * DAY)),
        (1, 12, 96),
    ):
        plan = Plan(noticed, left, every, life, answer)
        assert end(WAYS[way], replace(plan, blocked=True)) >= end(WAYS[way], plan), plan


def test_a_thief_in_between_lets_good_lists_pass_and_then_none():
    plan = Plan(noticed=8, list_every=1, list_life=2, blocked=True)
    assert end(WAYS["keeps"], plan) == 7 + 2  # the last good list came an hour before the revocation


def test_each_list_that_a_thief_could_have_handed_over_is_tried():
    plan = Plan(noticed=8, list_every=1, list_life=2)
    for blocked, way, lists in (
        (False, "keeps", {8}),
        (False, "fetches", {9}),
        (True, "keeps", set(range(10))),
        (True, "fetches", set(range(10))),
    ):
        world = World(replace(plan, blocked=blocked))
        given = [one for held in WAYS[way].given(world, 9.5) for one in held["crls"]]
        assert {(one.last_update_utc - world.theft) / timedelta(hours=1) for one in given} == lists


@pytest.mark.parametrize("way", WAYS)
def test_once_found_out_always_found_out(way):
    """A simulated time with the clock, hour by hour, and nothing computed."""
    plan = Plan(noticed=5, left=60, list_every=6, list_life=12, answer_life=4)
    for blocked in (False, True):
        plan = replace(plan, blocked=blocked)
        world = World(plan)
        said = [world.accepted(WAYS[way], hour + 0.5) for hour in range(62)]
        assert said == sorted(said, reverse=True)
        assert abs(said.count(True) - end(WAYS[way], plan)) < 1


@pytest.mark.parametrize("way", ["nothing", "keeps", "fetches"])
@pytest.mark.parametrize("blocked", [False, True])
def test_openssl_agrees(way, blocked):
    """With the same lists, at the same hours."""
    plan = Plan(noticed=30, left=30 * DAY, blocked=blocked)
    world, hour = World(plan), end(WAYS[way], plan)
    for then, accepted in ((hour - 2 * MINUTE, True), (hour + 2 * MINUTE, False)):
        opinions = [
            opinion.accepted
            for given in WAYS[way].given(world, then)
            for opinion in referees(
                Case(world.leaf.chain, [world.ca.certificate], NAME, at=world.at(then), **given),
                {"OpenSSL": READERS["OpenSSL"]},
            )
        ]
        assert opinions
        assert any(opinions) is accepted


@pytest.mark.parametrize("wrong", [{"list_life": 1}, {"noticed": 0}, {"left": -1}])
def test_a_plan_that_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"[Gg]ive|more than none"):
        Plan(**wrong)
