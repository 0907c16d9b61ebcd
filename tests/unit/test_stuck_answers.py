"""Answers that never come back: the check waits for its limit and then says so."""

import itertools
import ssl
import time

import pytest

from exercises import l05_certificate_authorities as answers
from padlock.course import answer, exercises, session


class Stuck(ssl.SSLContext):
    def wrap_bio(self, *args, **options):
        for _ in range(200):  # in short sleeps, so that the thread can be ended
            time.sleep(0.1)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(answer, "LIMIT_SECONDS", 0.5)


def attempted(slug, number, names):
    began = time.monotonic()
    outcome = session.attempt(exercises.load(slug).exercises[number - 1], names)
    assert time.monotonic() - began < 10
    assert outcome.state != "solved"
    return outcome


def test_a_context_that_is_stuck():
    stuck = Stuck(ssl.PROTOCOL_TLS_CLIENT)
    outcome = attempted("05_certificate_authorities", 4, {**answers.GIVEN, "client": stuck})
    assert "did not come back" in outcome.error.words


def test_names_without_an_end():
    def facts_of(cert):
        return {
            "issuer": cert.issuer,
            "names": itertools.repeat("api.test"),
            "key": cert.public_key(),
            "expires": cert.not_valid_after_utc,
        }

    outcome = attempted("03_anatomy_of_a_certificate", 1, {"facts_of": facts_of})
    assert outcome.miss.id == "other-names"


def test_names_that_are_stuck():
    def slow():
        for _ in range(200):
            time.sleep(0.1)
            yield "api.test"

    def facts_of(cert):
        return {
            "issuer": cert.issuer,
            "names": slow(),
            "key": cert.public_key(),
            "expires": cert.not_valid_after_utc,
        }

    outcome = attempted("03_anatomy_of_a_certificate", 1, {"facts_of": facts_of})
    assert "did not come back" in outcome.error.words
