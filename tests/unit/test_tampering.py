"""One changed bit: what a reader, the issuer's key and a client make of it."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import der, tls
from padlock.authority import Authority

CA = Authority("Class Root")
SERVER = CA.issue("api.test")
DATA = SERVER.certificate.public_bytes(Encoding.DER)
TREE = der.parse(DATA)


def flip(label, into=0, bit=0):
    return tls.tamper(SERVER, CA.certificate, TREE.find(label).offset + into, bit, "api.test")


def test_a_changed_name_reads_well_and_is_refused():
    done = flip("dNSName", 2, 1)
    assert (done.before, done.after) == ("api.test", "cpi.test")
    assert done.field[-2:] == ("SubjectAltName", "dNSName")
    assert not done.unreadable
    assert done.fits is False
    assert done.wanted == "cpi.test"
    assert "signature failure" in done.meeting.error.said
    assert sum(a != b for a, b in zip(done.data, DATA, strict=True)) == 1


def test_a_changed_length_is_no_certificate():
    done = flip("tbsCertificate", 3, 0)
    assert done.unreadable
    assert done.fits is None
    assert done.meeting is None
    assert done.no_start


def test_a_changed_issuer_is_said():
    done = flip("issuer", 15, 0)
    assert done.fits is False
    assert "issuer" in done.unsound.lower()


@pytest.mark.parametrize("at", range(0, len(DATA), 7))
def test_no_bit_makes_another_certificate_that_a_client_accepts(at):
    done = tls.tamper(SERVER, CA.certificate, at, at % 8, "api.test")
    assert done.field[0] == "Certificate"
    assert bool(done.unreadable) == (done.fits is None)
    if done.meeting is None:
        assert done.no_start
    else:
        assert done.meeting.error
    assert not done.fits or done.field[-1] == "signatureValue"


def test_a_byte_that_is_not_there():
    with pytest.raises(IndexError):
        tls.tamper(SERVER, CA.certificate, len(DATA), 0, "api.test")


def test_the_path_to_a_byte():
    at = TREE.find("notAfter").offset
    assert tls.tampering.path(TREE, at)[-2:] == ("validity", "notAfter")
