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


def test_in_tls_12_nothing_open_stands_behind_its_sender_s_line():
    """NewSessionTicket and ChangeCipherSpec are open (RFC 5077 §3.3, RFC 5246 §7.1), Finished is not."""
    ladder = look.CompareHandshakes().text.partition("\n\n")[0].splitlines()
    at = next(n for n, line in enumerate(ladder) if "the server encrypts" in line)
    assert any("NewSessionTicket" in line for line in ladder[:at])
    assert "Finished" in ladder[at + 1]
