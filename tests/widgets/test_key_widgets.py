"""Lesson 02's widgets as models: what they show is computed, and nothing private gets to the page."""

import base64
import re
import time

import pytest
from cryptography.hazmat.primitives import serialization

from padlock import keys, keyuse
from padlock.look import KeyLab, SigningBench, SpeedTrial
from padlock.look.key_lab import KINDS, lasted
from padlock.look.waiting import in_background


def test_what_is_shown_is_a_real_public_key():
    lab = KeyLab()
    for kind in ("p256", "x25519", "ml-dsa-65", "ml-kem-768", "rsa2048"):
        lab.set(kind=kind)
        assert "Press “Make a pair”" in lab.sentence
        lab.press("make")
        pem = re.search(r"-----BEGIN PUBLIC KEY-----.+-----END PUBLIC KEY-----", lab.text, re.S)[0]
        public = serialization.load_pem_public_key(pem.encode())
        assert keys.fingerprint(public) in lab.result
        assert keys.describe(public) == lab.made[0].name
        assert f"{lab.made[0].name} pair, made in" in lab.sentence
        assert pem in lab.result


def test_nothing_private_gets_to_the_page(monkeypatch):
    made = []

    def remember(kind, make=keyuse.make):
        made.append(make(kind))
        return made[-1]

    monkeypatch.setattr(keyuse, "make", remember)
    lab = KeyLab()
    for kind in ("p256", "rsa2048", "ml-dsa-44"):
        lab.set(kind=kind)
        lab.press("make")
    page = str(lab.get_state()) + lab.text
    assert "PRIVATE KEY" not in page
    for key in made:
        der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        for piece in (der[-24:], der[len(der) // 2 :][:24]):
            if piece not in key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            ):
                assert base64.b64encode(piece).decode()[:20] not in page
                assert piece.hex() not in page


def test_the_list_is_short_and_the_newest_comes_first():
    lab = KeyLab()
    for _ in range(10):
        lab.press("make")
    assert len(lab.made) == 6
    assert lab.made[0].fingerprint in lab.result


def test_making_a_slow_pair_says_how_it_goes(monkeypatch):
    lab, said = KeyLab(), []
    lab.observe(lambda change: change.new and said.append(change.new), "progress")
    monkeypatch.setattr(keyuse, "make", lambda kind: time.sleep(0.5) or keys.make("p256"))
    lab.set(kind="rsa4096")
    lab.press("make")
    assert said
    assert said[0][0] is None
    assert "RSA 4096: looking for two large primes" in said[0][1]
    assert lab.progress is None


def test_every_kind_is_offered():
    assert set(KINDS) == {*keys.KINDS, *keyuse.AGREEING}


@pytest.mark.parametrize("kind", ["ed25519", "p256", "rsa2048", "ml-dsa-44"])
def test_bench_verdicts(kind):
    bench = SigningBench()
    bench.set(kind=kind)
    assert bench.sentence.startswith("✓ It fits")
    bench.set(change="message")
    assert "✗ does not fit" in bench.text
    assert "one bit of 152 in the message" in bench.sentence
    bench.set(change="signature")
    assert bench.sentence.startswith("✗")
    assert "in the signature" in bench.sentence
    bench.set(change="nothing", key="other")
    assert "another pair" in bench.sentence
    bench.set(key="own")
    bench.press("sign")
    assert ("the same signature" in bench.sentence) == (kind == "ed25519")


def test_one_bit_makes_100_euro_900():
    bench = SigningBench()
    bench.set(change="message")
    assert "arrived: Pay 900 euro to Ada" in bench.text


def test_the_range_fits_what_is_changed():
    bench = SigningBench()
    bench.set(change="signature", kind="ml-dsa-44")
    bench.set(bit=2420 * 8 - 1)
    assert bench.sentence.startswith("✗")
    bench.set(change="message")
    assert bench.values["bit"] == 151
    bench.set(message="a")
    assert bench.values["bit"] == 7
    assert bench.sentence.startswith("✗")


@pytest.mark.parametrize(
    "message",
    ["<script>alert(1)</script>", "\u202egnp.\u200f", "\0", "é😀" * 50, "x" * 1000, " ", "</dd>", "\ud800"],
)
def test_hostile_messages(message):
    bench = SigningBench()
    for change in ("nothing", "message", "signature"):
        bench.set(message=message, change=change)
        assert "<script" not in bench.result
        assert "\u202e" not in bench.result + bench.text + bench.sentence
        assert not bench.refused
    bench.set(change="message")
    for bit in range(0, min(400, bench._state.controls["bit"].high), 7):
        bench.set(bit=bit)
        assert bench.sentence.startswith("✗")


def test_messages_that_can_not_be_used_keep_their_place():
    bench = SigningBench()
    bench.set(message="x" * 1001)
    assert bench.refused
    assert "up to 1,000" in bench.sentence
    bench.set(message="", change="message")
    assert bench.refused
    assert "no bit to change" in bench.sentence
    bench.set(change="nothing")
    assert bench.sentence.startswith("✓")  # an empty message can be signed
    assert "(empty)" in bench.result


def test_speed_is_measured_now_and_shown_both_ways(monkeypatch):
    monkeypatch.setattr("padlock.look.speed_trial.EVERY", ("ed25519", "p256", "ml-dsa-87"))
    monkeypatch.setattr("padlock.look.speed_trial.CARE", 0.002)
    trial, said = SpeedTrial(), []
    assert "Ed25519: make a pair" in trial.text
    first = trial.costs
    trial.observe(lambda change: change.new and said.append(change.new), "progress")
    trial.press("measure")
    assert [fraction for fraction, _ in said] == sorted(fraction for fraction, _ in said)
    assert len({fraction for fraction, _ in said}) == 3
    assert trial.costs is not first
    assert "ML-DSA-87: make a pair" in trial.text
    trial.set(what="sizes")
    assert "signature 4,627 bytes" in trial.text
    assert "72 times as many" in trial.sentence
    assert 'role="img"' in trial.result


def test_in_background_passes_on_what_is_raised():
    def fails():
        raise ZeroDivisionError("no")

    steps = in_background(fails, str)
    with pytest.raises(ZeroDivisionError):
        next(steps)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0000413, "41 µs"),
        (0.0032, "3.2 ms"),
        (1.44, "1.4 s"),
        (12.3, "12 s"),
        (0.9999, "1.0 s"),
        (1e-8, "0.0 µs"),
    ],
)
def test_lasted(seconds, words):
    assert lasted(seconds) == words
