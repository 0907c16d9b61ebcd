"""What the plan computes is what happens."""

from dataclasses import replace

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
    "six days": Plan(noticed=DAY, left=6 * DAY),
    "one hour": Plan(noticed=8, left=1),
    "noticed when a list is due": Plan(noticed=24, list_every=24, list_life=48),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("way", WAYS)
def test_the_hour_that_is_computed_is_the_hour_that_comes(plan, way):
    world, hour = World(plan), end(WAYS[way], plan)
    assert world.verdict(WAYS[way], hour - 2 * MINUTE).accepted
    assert not world.verdict(WAYS[way], hour + 2 * MINUTE).accepted


@pytest.mark.parametrize("way", WAYS)
def test_once_found_out_always_found_out(way):
    """A simulated time with the clock, hour by hour, and nothing computed."""
    plan = Plan(noticed=5, left=60, list_every=6, list_life=12, answer_life=4)
    for blocked in (False, True):
        plan = replace(plan, blocked=blocked)
        world = World(plan)
        said = [world.verdict(WAYS[way], hour + 0.5).accepted for hour in range(62)]
        assert said == sorted(said, reverse=True)
        assert abs(said.count(True) - end(WAYS[way], plan)) < 1


@pytest.mark.parametrize("way", ["nothing", "keeps", "fetches"])
@pytest.mark.parametrize("blocked", [False, True])
def test_openssl_agrees(way, blocked):
    """With the same lists, at the same hours."""
    plan = Plan(noticed=30, left=30 * DAY, blocked=blocked)
    world, hour = World(plan), end(WAYS[way], plan)
    for then, accepted in ((hour - 2 * MINUTE, True), (hour + 2 * MINUTE, False)):
        given = WAYS[way].given(world, then)
        case = Case(world.leaf.chain, [world.ca.certificate], NAME, at=world.at(then), **given)
        (opinion,) = referees(case, {"OpenSSL": READERS["OpenSSL"]})
        assert opinion.accepted is accepted, opinion


@pytest.mark.parametrize("wrong", [{"list_life": 1}, {"noticed": 0}, {"left": -1}])
def test_a_plan_that_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"[Gg]ive|more than none"):
        Plan(**wrong)
