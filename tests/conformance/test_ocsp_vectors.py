"""Every OCSP file of `cryptography-vectors` is read or refused with a sentence; `der` and the judge get through all."""

import contextlib
from pathlib import Path

import cryptography_vectors
import pytest

from padlock import der, reading
from padlock.authority import Authority
from padlock.judge import judge

FILES = sorted((Path(cryptography_vectors.__file__).parent / "x509" / "ocsp").glob("*.der"))
ROOT = Authority("Class Root")
LEAF = ROOT.issue("api.test")


def test_there_are_files():
    assert len(FILES) >= 28


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_read_or_refused_with_a_sentence(file):
    data = file.read_bytes()
    is_request = file.stem.startswith("req-") or file.stem.endswith("-req")
    kind, read = (
        ("OCSPRequest", reading.ocsp_request) if is_request else ("OCSPResponse", reading.ocsp_response)
    )
    tree = der.parse(data, kind)
    assert b"".join(
        node.raw for node in tree.walk() if not node.children
    )  # it has been read to its last byte
    assert tree.end == len(data)
    with contextlib.suppress(reading.Unreadable):
        read(file)
        if not is_request:
            verdict = judge(LEAF, roots=[ROOT.certificate], ocsp_answers=[file])
            assert "not known" in verdict.reasons[0].why  # nobody of these answers for our certificate
