"""The eavesdropper and the attack bench: what they say is what happened."""

import pytest

from padlock import look


@pytest.fixture(scope="module")
def wire():
    return look.Eavesdropper()


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_secret_is_found_without_tls_only(wire, version):
    wire.set(secret="zebra-crossing", wanted="secret", version=version)
    assert "Without TLS your secret lies open in the client's first message" in wire.sentence
    assert f"with TLS {version} it is in none of the" in wire.sentence
    assert wire.result.count("✗ found") == wire.result.count("✓ not found") == 1
    assert "zebra-crossing" in wire.text


@pytest.mark.parametrize(
    ("wanted", "version", "plain", "sealed"),
    [
        ("page", "1.3", True, False),
        ("name", "1.3", True, True),
        ("name", "1.2", True, True),
        ("authority", "1.3", False, False),
        ("authority", "1.2", False, True),
    ],
)
def test_what_else_lies_open(wire, wanted, version, plain, sealed):
    wire.set(wanted=wanted, version=version)
    before, after = wire.sentence.split(";")
    assert ("lies open" in before, "lies open" in after) == (plain, sealed)


def test_the_marked_bytes_are_the_secret(wire):
    wire.set(secret="zebra-crossing", wanted="secret", version="1.3")
    marked = "".join(piece.split("</mark>")[0] for piece in wire.result.split("<mark>")[1:]).replace(" ", "")
    assert b"zebra-crossing".hex() in marked.replace("·", "") or all(
        f"{b:02x}" in marked for b in b"zebra-crossing"
    )
    wire.set(secret="api.test")
    assert "another reason" in wire.sentence  # it is the server's name as well


@pytest.mark.parametrize(
    ("secret", "words"), [("", "at least 6"), ("short", "at least 6"), ("x" * 301, "up to 300")]
)
def test_no_useful_secret_is_one_sentence(wire, secret, words):
    wire.set(secret=secret, wanted="secret")
    assert wire.refused
    assert words in wire.sentence


@pytest.fixture(scope="module")
def bench():
    return look.AttackBench()


WINS = {  # (what she shows, what the client checks) → her CA in its store → does she get the password?
    ("self", "nothing"): (True, True),
    ("self", "chain"): (False, False),
    ("self", "all"): (False, False),
    ("own-ca", "nothing"): (True, True),
    ("own-ca", "chain"): (False, True),
    ("own-ca", "all"): (False, True),
    ("own-name", "nothing"): (True, True),
    ("own-name", "chain"): (True, True),
    ("own-name", "all"): (False, False),
    ("copied", "nothing"): (False, False),
    ("copied", "chain"): (False, False),
    ("copied", "all"): (False, False),
}


@pytest.mark.parametrize("installed", [False, True])
@pytest.mark.parametrize(("shows", "checks"), WINS)
def test_who_reads_the_password(bench, shows, checks, installed):
    bench.set(shows=shows, checks=checks, installed=installed)
    wins = WINS[shows, checks][installed]
    assert bench.sentence.startswith("✗ Yes" if wins else "✓ No")
    assert ("Mallory: reads “password=correct-horse”" in bench.text) == wins
    assert ("(✗ refused)" in bench.text) != wins
    assert "Mallory's CA" in bench.text or not installed
    if shows == "copied":
        assert "bad signature" in bench.text
