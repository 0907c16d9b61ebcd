"""The mTLS matrix: what it shows is what the handshake did."""

import pytest

from padlock.look.mtls_matrix import MtlsMatrix
from padlock.tls.mutual import CLIENTS, SERVERS


@pytest.fixture
def matrix():
    return MtlsMatrix()


def test_the_same_refusal_is_learned_at_another_time(matrix):
    matrix.set(client="expired", version="1.3")
    assert "only when it reads" in matrix.sentence
    assert "certificate_expired" in matrix.sentence
    matrix.set(version="1.2")
    assert "within its handshake" in matrix.sentence


def test_a_client_that_refuses_shows_nothing(matrix):
    matrix.set(client="expired", server="name")
    assert "never shows its own" in matrix.sentence


@pytest.mark.parametrize(("version", "late"), [("1.3", len(CLIENTS) - 1), ("1.2", 0)])
def test_every_pair_is_run(matrix, version, late):
    matrix.set(version=version)
    matrix.press("all")
    many = len(CLIENTS) * len(SERVERS)
    assert len(matrix.text.splitlines()) == many
    assert matrix.sentence.startswith(f"{many} handshakes in TLS {version}: 1 accepted by both. {late} times")
    assert matrix.text.count("thought it was in") == late
