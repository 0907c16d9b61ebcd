"""A key is stolen: who goes on accepting the thief, and until when.

A `Plan` says how soon it is noticed and how long lists, answers and the certificate last. For each `Way` in which a
client may learn of it, `end` computes the hour at which the thief is found out. A `World` is the same with a real CA:
its lists and answers, what the client may hold at an hour, and what the judge says then. A test compares the two.

All times are hours after the theft.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from padlock.authority import Authority
from padlock.judge import judge

NAME = "api.test"
MINUTE = 1 / 60


@dataclass(frozen=True)
class Plan:
    """noticed: the CA hears of it, and revokes at once. left: the stolen certificate ends.
    list_every, list_life: a CRL is published so often (one just before the theft), and is good for so long
    answer_life: an OCSP answer, signed when it is asked for, is good for so long
    blocked: the thief also stands between the client and the CA. She lets pass what helps her, drops what does not,
    and sends what is old.
    """

    noticed: float = 8
    left: float = 47 * 24
    list_every: float = 24
    list_life: float = 7 * 24
    answer_life: float = 12
    blocked: bool = False

    def __post_init__(self):
        if self.list_life < self.list_every:
            raise ValueError("A list must be good until the next one is published; give it a longer life.")
        if min(self.noticed, self.left, self.list_every, self.answer_life) <= 0:
            raise ValueError("All of these are hours after the theft, more than none.")

    @property
    def last_good_list(self) -> float:
        """When the last list was published on which the stolen certificate is not."""
        return _published(self.noticed - MINUTE, self.list_every)

    @property
    def first_bad_list(self) -> float:
        return self.last_good_list + self.list_every


@dataclass(frozen=True)
class Way:
    """called: what the client does. end(plan): until when it accepts the thief, were it not for the certificate's end.
    given(world, hour): what it may have in its hands at that hour, as keywords of `judge`: one, or, where the thief
    has a say in it, each that she can bring about.
    """

    called: str
    end: Callable[[Plan], float]
    given: Callable[[World, float], list[dict]]


class World:
    """A real CA, a real certificate, and the time that a plan gives them."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.theft = datetime.now(UTC).replace(microsecond=0)
        long_ago = self.theft - timedelta(days=1)
        self.ca = Authority("Class Root", not_before=long_ago, not_after=self.theft + timedelta(days=3650))
        self.leaf = self.ca.issue(NAME, not_before=long_ago, not_after=self.at(plan.left))
        self.ca.revoke(self.leaf.certificate, "keyCompromise", at=self.at(plan.noticed))
        self._made = {}

    def at(self, hour: float) -> datetime:
        return self.theft + timedelta(seconds=round(hour * 3600))

    def crl(self, hour: float):
        """The list that the CA published at that hour."""
        key = ("crl", hour)
        if key not in self._made:
            life = timedelta(hours=self.plan.list_life)
            self._made[key] = self.ca.crl(this_update=self.at(hour), lifetime=life)
        return self._made[key]

    def answer(self, hour: float):
        """What the CA's OCSP responder said at that hour."""
        key = ("ocsp", hour)
        if key not in self._made:
            life = timedelta(hours=self.plan.answer_life)
            self._made[key] = self.ca.ocsp(self.leaf.certificate, this_update=self.at(hour), lifetime=life)
        return self._made[key]

    def accepted(self, way: Way, hour: float) -> bool:
        """Whether such a client believes the thief's server at that hour, at the best that she can make of it."""
        asked = {"roots": [self.ca], "name": NAME, "purpose": "server", "at": self.at(hour)}
        return any(judge(self.leaf, **asked, **given).accepted for given in way.given(self, hour))


def end(way: Way, plan: Plan) -> float:
    """Until when the thief is accepted: found out, or the certificate is over."""
    return min(way.end(plan), plan.left)


# ---- What a client does. First when its knowledge ends, then what it may have in its hands.


def _published(hour: float, every: float) -> float:
    """When the newest list at `hour` was published."""
    return hour // every * every


def _on_offer(plan: Plan, hour: float) -> list[float]:
    """Of when the lists are that a client may get at `hour`: the newest; any, with a thief in between."""
    newest, every = _published(hour, plan.list_every), plan.list_every
    return [turn * every for turn in range(round(newest / every) + 1)] if plan.blocked else [newest]


def _keeps_end(plan: Plan) -> float:
    if plan.blocked:
        return plan.last_good_list + plan.list_life
    has = 0.0
    while has < plan.noticed:
        fetched = has + plan.list_life
        has = _published(fetched, plan.list_every)
    return fetched


def _keeps_given(world: World, hour: float) -> list[dict]:
    """The client fetched just before the theft, and then whenever its list is over: all that this can lead to."""
    plan, had = world.plan, [0.0]
    for has in had:  # grows meanwhile
        if has + plan.list_life <= hour:
            had += [one for one in _on_offer(plan, has + plan.list_life) if one not in had]
    if not plan.blocked:
        had = had[-1:]  # who is kept from the next one may be left with any
    return [{"crls": [world.crl(one)]} for one in had]


def _fetches_end(plan: Plan) -> float:
    return plan.last_good_list + plan.list_life if plan.blocked else plan.first_bad_list


def _fetches_given(world: World, hour: float) -> list[dict]:
    return [{"crls": [world.crl(one)]} for one in _on_offer(world.plan, hour)]


def _asks_end(plan: Plan) -> float:
    return _stapled_end(plan) if plan.blocked else plan.noticed


def _asks_given(world: World, hour: float) -> list[dict]:
    return _stapled_given(world, hour) if world.plan.blocked else [{"ocsp_answers": [world.answer(hour)]}]


def _shrugs_end(plan: Plan) -> float:
    return plan.left if plan.blocked else plan.noticed


def _shrugs_given(world: World, hour: float) -> list[dict]:
    # "No answer" does not mean "revoked" to this client. So the thief gives it none.
    return [{}] if world.plan.blocked else [{"ocsp_answers": [world.answer(hour)]}]


def _stapled_end(plan: Plan) -> float:
    return plan.noticed + plan.answer_life


def _stapled_given(world: World, hour: float) -> list[dict]:
    """The thief asks every hour, and in the last minute. A good answer is no secret: she keeps them all."""
    asked = [*range(math.ceil(min(hour, world.plan.noticed))), world.plan.noticed - MINUTE, hour]
    return [{"ocsp_answers": [world.answer(one)]} for one in asked if one <= hour]


WAYS = {
    "nothing": Way("looks at no list and asks nobody", lambda plan: plan.left, lambda world, hour: [{}]),
    "keeps": Way("has a CRL, and fetches a new one when it is over", _keeps_end, _keeps_given),
    "fetches": Way("fetches the newest CRL each time", _fetches_end, _fetches_given),
    "asks": Way("asks by OCSP each time without a nonce, no answer means no", _asks_end, _asks_given),
    "shrugs": Way("asks by OCSP each time, no answer means yes", _shrugs_end, _shrugs_given),
    "stapled": Way("insists on an OCSP answer stapled by the server", _stapled_end, _stapled_given),
}
