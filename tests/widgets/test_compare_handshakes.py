"""Two handshakes side by side: each pair runs, and the sentence says what differs."""

import pytest

from padlock import look


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("versions", "The certificate can be read on the wire in TLS 1.2 only."),
        ("resumed", "full alone: Certificate, CertificateVerify."),
        ("resumed-12", "The certificate can be read on the wire in full only."),
        ("refused", "the other side learned only"),
        ("retry", "another group alone: HelloRetryRequest."),
    ],
)
def test_each_pair_runs_and_differs(pair, says):
    panel = look.CompareHandshakes()
    panel.set(pair=pair)
    assert not panel.refused, panel.sentence
    assert says in panel.sentence
    panel.press("again")
    assert not panel.refused, panel.sentence
