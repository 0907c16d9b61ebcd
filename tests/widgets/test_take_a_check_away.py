"""Take a check away: exactly the attacks of that check get in."""

import pytest

from padlock import look
from padlock.faults import FAULTS
from padlock.judge import RULES
from padlock.look.take_a_check_away import TakeACheckAway


@pytest.fixture(scope="module")
def panel():
    return TakeACheckAway()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_with_all_checks_nobody_gets_in_and_without_its_own_it_does(panel, fault):
    panel.set(rule="", attack=fault.id)
    assert panel.sentence.startswith("✓ Refused by ")
    assert fault.attack in panel.text
    panel.set(rule=fault.rule)
    if fault.also:
        assert "more than one lock" in panel.sentence
    else:
        assert panel.sentence.startswith("✗ It gets in")
    other = next(rule for rule in RULES if rule not in (fault.rule, *fault.also))
    panel.set(rule=other)
    assert panel.sentence.startswith("✓ Still refused")
    assert "was not what kept it out" in panel.sentence


def test_the_whole_table(panel):
    said = []
    panel.observe(lambda change: change.new and said.append(change.new), "progress")
    panel.press("run")
    assert len(said) == len(FAULTS)
    assert [fraction for fraction, _ in said] == sorted(fraction for fraction, _ in said)
    assert f"{len(FAULTS)} attacks × {len(RULES)} missing checks" in panel.sentence
    lines = dict(line.removeprefix("without ").split(" get in: ") for line in panel.text.splitlines())
    assert set(lines) == set(RULES)
    for fault in FAULTS.values():
        through = {rule for rule, ids in lines.items() if fault.id in ids.split(", ")}
        assert through == (set() if fault.also else {fault.rule})
    assert panel.result.count("gets in</span>") == sum(not fault.also for fault in FAULTS.values())
    assert 'tabindex="0"' in panel.result  # it scrolls, so the keyboard has to get there


def test_it_can_be_had_as_look():
    assert look.TakeACheckAway is TakeACheckAway
