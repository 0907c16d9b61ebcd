"""Long lists of revoked certificates, and the filter."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import crls, der, keys
from padlock.authority import Authority
from padlock.judge import judge


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa2048"])
@pytest.mark.parametrize("count", [0, 1, 200, 25_000])
def test_a_long_list_is_a_crl_like_any_other(kind, count):
    ca = Authority("Root", key_kind=kind)
    serials = crls.serial_numbers(count)
    crl = crls.finish(crls.long_crl(ca, serials))
    assert crl.is_signature_valid(ca.certificate.public_key())
    assert {entry.serial_number for entry in crl} == set(serials)
    assert not der.parse(crl.public_bytes(Encoding.DER), max_nodes=5_000_000).errors() or count > 20_000
    assert (crl.next_update_utc - crl.last_update_utc).days == 7


def test_the_judge_uses_it():
    ca = Authority("Root")
    leaf = ca.issue("api.test")
    others = crls.serial_numbers(1000)
    without = crls.finish(crls.long_crl(ca, others))
    assert judge(leaf, roots=[ca], name="api.test", crls=[without]).accepted
    listed = crls.finish(crls.long_crl(ca, [*others, leaf.certificate.serial_number]))
    refused = judge(leaf, roots=[ca], name="api.test", crls=[listed])
    assert {finding.rule for finding in refused.reasons} == {"revocation"}


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_openssl_uses_it(tmp_path):
    ca = Authority("Root")
    leaf = ca.issue("api.test")
    serials = [*crls.serial_numbers(300), leaf.certificate.serial_number]
    crl = crls.finish(crls.long_crl(ca, serials))
    for name, thing in {"ca": ca.certificate, "leaf": leaf.certificate, "crl": crl}.items():
        (tmp_path / name).write_bytes(thing.public_bytes(Encoding.PEM))
    call = ["openssl", "verify", "-crl_check", "-CAfile", "ca", "-CRLfile", "crl", "leaf"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode, done.stdout
    assert "certificate revoked" in done.stderr


def test_more_than_a_million_is_a_sentence():
    with pytest.raises(ValueError, match="1,000,001"):
        crls.finish(crls.long_crl(Authority("Root"), range(1, 1_000_002)))


def test_serial_numbers_are_a_cas():
    numbers = crls.serial_numbers(5000)
    assert len(set(numbers)) == 5000
    assert min(numbers) > 0
    assert max(numbers).bit_length() <= 127


@pytest.mark.parametrize("wrong", [0.5, 0.01, 0.0001])
def test_the_filter_overlooks_nobody_and_is_seldom_mistaken(wrong):
    inside, outside = crls.serial_numbers(5000), crls.serial_numbers(20_000)
    made = crls.finish(crls.Filter.of(inside, wrong))
    assert all(number in made for number in inside)
    assert sum(number in made for number in outside) < 20_000 * wrong * 1.5 + 12


@pytest.mark.parametrize("wrong", [0, 1, -1, 2])
def test_a_filter_needs_a_share(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        crls.Filter(10, wrong)


def test_measured():
    ca = Authority("Root", key=keys.make("p256"))
    small, large = (crls.finish(crls.measure(ca, count)) for count in (10, 10_000))
    assert (small.entries, large.entries) == (10, 10_000)
    assert 30 < (large.crl_bytes - small.crl_bytes) / 9_990 < 40  # bytes an entry
    assert large.filter_bytes * 20 < large.crl_bytes
    assert 0 <= large.mistaken < 0.05
