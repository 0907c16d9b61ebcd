"""What keys are for: each kind signs and is checked by its own half only; what it costs is measured, not recited."""

import pytest

from padlock import keys, keyuse

QUICK = ("ed25519", "p256", "p384", "rsa2048", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87")
PAIRS = {kind: keyuse.make(kind) for kind in QUICK}
MESSAGE = b"Pay 100 euro to Ada"


@pytest.mark.parametrize("kind", QUICK)
def test_signs_and_fits(kind):
    key, other = PAIRS[kind], keyuse.make(kind)
    signature = keyuse.sign(key, MESSAGE)
    public = key.public_key()
    assert keyuse.fits(public, signature, MESSAGE)
    assert not keyuse.fits(other.public_key(), signature, MESSAGE)
    for bit in (0, 35, len(MESSAGE) * 8 - 1):
        assert not keyuse.fits(public, signature, keyuse.flip(MESSAGE, bit))
    for bit in (0, 77, len(signature) * 8 - 1):
        assert not keyuse.fits(public, keyuse.flip(signature, bit), MESSAGE)
    assert not keyuse.fits(public, b"", MESSAGE)
    assert keyuse.fits(public, keyuse.sign(key, b""), b"")


@pytest.mark.parametrize(("kind", "name"), keyuse.AGREEING.items())
def test_those_that_agree(kind, name):
    key = keyuse.make(kind)
    assert keys.describe(key) == name
    assert not hasattr(key, "sign")
    assert len(keys.fingerprint(key)) == 95


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="no kind of key called 'rsa1024'"):
        keyuse.make("rsa1024")


def test_flip():
    assert keyuse.flip(b"1", 3) == b"9"
    assert keyuse.flip(keyuse.flip(MESSAGE, 100), 100) == MESSAGE
    with pytest.raises(IndexError):
        keyuse.flip(b"a", 8)


@pytest.mark.parametrize(
    ("kind", "public", "signature"),
    # RFC 8410 and RFC 8032; FIPS 204, table 2, and the 22 bytes that DER puts around it; RFC 8017
    [
        ("ed25519", 44, 64),
        ("ml-dsa-44", 1312 + 22, 2420),
        ("ml-dsa-65", 1952 + 22, 3309),
        ("rsa2048", 294, 256),
    ],
)
def test_measured(kind, public, signature):
    steps, said = keyuse.measure(kind, budget=0.001, pairs=2), []
    while True:
        try:
            words, work = next(steps)
        except StopIteration as end:
            cost = end.value
            break
        said.append(words)
        work()
    assert (cost.kind, cost.public, cost.signature) == (kind, public, signature)
    assert all(seconds > 0 for seconds in (cost.make, cost.sign, cost.verify, *cost.made))
    assert 1 <= len(cost.made) <= 2
    assert any("signing" in words for words in said)
    assert keyuse.Cost("x", "X", 1, 1, 1).make is None
