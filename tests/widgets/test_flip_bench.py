"""The flip bench: one bit, three verdicts, all of them real."""

import pytest

from padlock.look import FlipBench
from padlock.look.flip_bench import FIELDS


@pytest.fixture(scope="module")
def bench():
    return FlipBench()


def test_it_begins_with_a_changed_name(bench):
    fresh = FlipBench()
    assert "api.test" in fresh.text
    assert "cpi.test" in fresh.text
    assert (
        "a client that wants cpi.test refuses: certificate verify failed: certificate signature failure"
        in fresh.text
    )
    assert fresh.sentence.startswith("✗")


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_its_own_bytes(bench, field):
    bench.set(field=field)
    span = bench._state.controls["at"]
    for at in (0, int(span.high) // 2, int(span.high)):
        for bit in "07":
            bench.set(at=at, bit=bit)
            assert not bench.refused
            assert "byte:" in bench.text
            assert bench.result.count("pl-verdict") == 3
            assert bench.result.count("pl-on") == 1


def test_a_length_makes_it_unreadable(bench):
    bench.set(field="Certificate", at=3, bit="0")
    assert "no certificate any more" in bench.text
    assert "nothing to check" in bench.text


def test_the_byte_stays_inside_a_shorter_field(bench):
    bench.set(field="Certificate")
    bench.set(at=300)
    bench.set(field="dNSName")
    assert bench.values["at"] == 9
    assert bench._state.controls["at"].high == 9


def test_the_signature_starts_after_its_count_of_unused_bits():
    fresh = FlipBench()
    fresh.set(field="signatureValue")
    assert fresh.values["at"] == 3
    assert "the signature does not fit" in fresh.text
    fresh.set(at=2, bit="0")  # still there for whoever looks
    assert fresh.values["at"] == 2
    fresh.set(bit="1")
    assert fresh.values["at"] == 2
