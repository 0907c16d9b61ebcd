"""OCSP answers in the judge (RFC 6960 §3.2): what counts, and a reason for each that does not."""

import random
import subprocess
from datetime import UTC, datetime, timedelta
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from padlock import keys, reading
from padlock.authority import Authority
from padlock.judge import judge

ROOT = Authority("Class Root")
CA = ROOT.intermediate("Class Issuing CA", key_usage=("key_cert_sign", "crl_sign", "digital_signature"))
LEAF, OTHER = CA.issue("api.test"), CA.issue("other.test")
ABOUT_CA = ROOT.ocsp(CA.certificate)
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)


def said(answers, leaf=LEAF, **more):
    asked = {
        "intermediates": leaf.chain[1:],
        "roots": [ROOT.certificate],
        "name": None,
        "ocsp_answers": answers,
    }
    return judge(leaf.certificate, **asked | more)


def about_leaf(answers, **more):
    return next(f for f in said(answers, **more).findings if f.rule == "revocation")


def request(certificate=LEAF.certificate, nonce=b"n" * 32, hash=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, CA.certificate, hash or hashes.SHA1())
    return (builder.add_extension(x509.OCSPNonce(nonce), False) if nonce else builder).build()


@pytest.mark.parametrize(
    "answer",
    [
        CA.ocsp(LEAF.certificate),
        CA.ocsp(LEAF.certificate).public_bytes(Encoding.DER),
        CA.ocsp(LEAF.certificate, signer=CA),
        CA.ocsp(request(hash=hashes.SHA256())),
        (CA.ocsp(request()), request()),
        (CA.ocsp(request(), without=("next_update",)), request()),
        CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(key_kind="rsa2048")),
        CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(key_kind="ed25519")),
    ],
)
def test_good(answer):
    verdict = said([answer, ABOUT_CA])
    assert verdict.accepted, verdict
    assert len([f for f in verdict.findings if f.rule == "revocation"]) == 2


def test_no_answers_no_check():
    assert not [f for f in said([]).findings if f.rule == "revocation"]
    assert not [f for f in said(None).findings if f.rule == "revocation"]


STRANGER = Authority("Class Root").intermediate("Class Issuing CA")
STALE = CA.ocsp(LEAF.certificate, this_update=NOW - 9 * HOUR, next_update=NOW - 2 * HOUR)
REFUSED = {
    "revoked": (CA.ocsp(LEAF.certificate, status="revoked"), "RFC 6960 §2.2", "revoked on"),
    "unknown": (CA.ocsp(LEAF.certificate, status="unknown"), "RFC 6960 §2.2", "does not know"),
    "stale": (STALE, "RFC 6960 §4.2.2.1", "was good until"),
    "future": (CA.ocsp(LEAF.certificate, this_update=NOW + 9 * HOUR), "RFC 6960 §4.2.2.1", "is of"),
    "open-ended": (CA.ocsp(LEAF.certificate, without=("next_update",)), "RFC 6960 §4.2.2.1", "until when"),
    "open-ended-no-nonce": (
        (CA.ocsp(request(nonce=None), without=("next_update",)), request(nonce=None)),
        "RFC 6960 §4.2.2.1",
        "until when",
    ),
    "other certificate": (CA.ocsp(OTHER.certificate), "RFC 6960 §3.2", "about another certificate"),
    "other CA, same serial": (
        STRANGER.ocsp(STRANGER.issue("api.test", serial=LEAF.certificate.serial_number).certificate),
        "RFC 6960 §3.2",
        "about another certificate",
    ),
    "no nonce": ((CA.ocsp(request(), without=("nonce",)), request()), "RFC 9654 §2.1", "nonce"),
    "another nonce": ((CA.ocsp(request(nonce=b"o" * 32)), request()), "RFC 9654 §2.1", "nonce"),
    "no right": (CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(eku=None)), "§4.2.2.2", "may not sign OCSP"),
    "any purpose is no right": (
        CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(eku=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])),
        "§4.2.2.2",
        "may not sign OCSP",
    ),
    "a neighbour": (CA.ocsp(LEAF.certificate, signer=OTHER), "§4.2.2.2", "may not sign OCSP"),
    "the root's signer": (CA.ocsp(LEAF.certificate, signer=ROOT.ocsp_signer()), "§4.2.2.2", "not from"),
    "look-alike's signer": (
        CA.ocsp(LEAF.certificate, signer=STRANGER.ocsp_signer()),
        "§4.2.2.2",
        "does not vouch",
    ),
    "look-alike": (CA.ocsp(LEAF.certificate, signer=STRANGER), "§4.2.2.2", "another key"),
    "CA's other key": (
        CA.ocsp(LEAF.certificate, signer=ROOT.intermediate("Class Issuing CA")),
        "§4.2.2.2",
        "another key",
    ),
    "nobody vouches": (CA.ocsp(LEAF.certificate, signed_by=keys.make()), "§4.2.2.2", "does not vouch"),
    "no certificates": (
        CA.ocsp(LEAF.certificate, without=("certificates",)),
        "RFC 6960 §3.2",
        "fits neither",
    ),
    "expired signer": (
        CA.ocsp(
            LEAF.certificate,
            signer=CA.ocsp_signer(not_before=NOW - 9 * HOUR, not_after=NOW - HOUR),
        ),
        "§4.2.2.2",
        "not good",
    ),
    "signer without nocheck": (
        CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(extra=[])),
        "§4.2.2.2",
        "ocsp-nocheck",
    ),
    "signer for other uses": (
        CA.ocsp(LEAF.certificate, signer=CA.ocsp_signer(key_usage=("key_agreement",))),
        "§4.2.2.2",
        "allows no signatures",
    ),
} | {
    error: (CA.ocsp(LEAF.certificate, error=error), "RFC 6960 §2.3", word)
    for error, word in {
        "try_later": "tryLater",
        "internal_error": "internalError",
        "malformed_request": "malformedRequest",
        "sig_required": "sigRequired",
        "unauthorized": "unauthorized",
    }.items()
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_reason(case):
    answer, clause, words = REFUSED[case]
    finding = about_leaf([answer, ABOUT_CA])
    assert not finding.ok
    assert clause in finding.clause, finding
    assert words in finding.why, finding


def test_it_fails_closed_for_every_certificate_below_the_anchor():
    (missing,) = said([CA.ocsp(LEAF.certificate)]).reasons
    assert missing.certificate == CA.certificate
    assert "about another certificate" in missing.why


def test_lists_and_answers_together():
    good, lists = CA.ocsp(LEAF.certificate), [CA.crl(), ROOT.crl()]
    assert said([good], crls=[ROOT.crl()]).accepted
    assert said([STALE], crls=lists).accepted  # a good list makes up for a useless answer
    assert said([CA.ocsp(LEAF.certificate, status="unknown")], crls=lists).accepted
    assert not said([CA.ocsp(LEAF.certificate, status="revoked")], crls=lists).accepted
    both = about_leaf([STALE], crls=[ROOT.crl()])
    assert "good until" in both.why
    assert "no CRL of its issuer" in both.why


def test_a_list_that_revokes_outweighs_a_good_answer():
    ca = ROOT.intermediate("Other CA")
    leaf = ca.issue("api.test")
    answers = [ca.ocsp(leaf.certificate), ROOT.ocsp(ca.certificate)]
    assert said(answers, leaf).accepted
    ca.revoke(leaf.certificate, "keyCompromise")
    refused = said(answers, leaf, crls=[ca.crl(), ROOT.crl()])
    assert "keyCompromise" in refused.reasons[0].why
    for order in ([*answers, ca.ocsp(leaf.certificate)], [ca.ocsp(leaf.certificate), *answers]):
        assert not said(order, leaf).accepted  # also where the older answer, still fresh, says good


def test_a_signer_without_nocheck_may_be_vouched_for_by_a_list():
    signer = CA.ocsp_signer(extra=[])
    answers = [CA.ocsp(LEAF.certificate, signer=signer)]
    assert said([*answers], crls=[CA.crl(), ROOT.crl()]).accepted
    ca = ROOT.intermediate("Third CA")
    leaf, signer = ca.issue("api.test"), ca.ocsp_signer(extra=[])
    ca.revoke(signer.certificate)
    answer = ca.ocsp(leaf.certificate, signer=signer)
    finding = about_leaf([answer], leaf=leaf, crls=[ca.crl(), ROOT.crl()])
    assert finding.ok  # by the list; the answer alone says nothing
    assert "CRL" in finding.why


def test_every_flipped_bit_is_refused_or_unreadable():
    data, chance = CA.ocsp(LEAF.certificate).public_bytes(Encoding.DER), random.Random(9)
    good = met = 0
    for at in chance.sample(range(len(data) * 8), 200):
        changed = bytearray(data)
        changed[at // 8] ^= 1 << at % 8
        try:
            verdict = said([bytes(changed), ABOUT_CA])
        except reading.Unreadable:
            continue
        good, met = good + verdict.accepted, met + 1
    assert met > 50
    assert good == 0


def test_bad_input():
    for junk in (b"", b"junk", 7, "no such file.der", [None], (CA.ocsp(LEAF.certificate), 7)):
        with pytest.raises(reading.Unreadable):
            said(junk)
    with pytest.raises(ValueError, match="choose one of"):
        CA.ocsp(LEAF.certificate, error="later")


# ---- OpenSSL's own


@pytest.mark.skipif(not which("openssl"), reason="needs the openssl command")
def test_the_openssl_commands_answer_is_read(tmp_path):
    def run(*words):
        done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    signer = CA.ocsp_signer()
    for file, content in {
        "ca.pem": CA.certificate.public_bytes(Encoding.PEM).decode(),
        "leaf.pem": LEAF.certificate.public_bytes(Encoding.PEM).decode(),
        "signer.pem": signer.certificate.public_bytes(Encoding.PEM).decode(),
        "signer.key": keys.pem(signer.private_key),
        "ca.key": keys.pem(CA.private_key),
    }.items():
        (tmp_path / file).write_text(content)
    run("ocsp", "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "request.der", "-no_nonce")
    serial, until = f"{LEAF.certificate.serial_number:X}", "351231235959Z"
    serial = serial.zfill(len(serial) + len(serial) % 2)
    for status, line, ok in (
        ("good", f"V\t{until}\t\t{serial}\tunknown\t/CN=api.test\n", True),
        (
            "revoked",
            f"R\t{until}\t{NOW:%y%m%d%H%M%SZ},keyCompromise\t{serial}\tunknown\t/CN=api.test\n",
            False,
        ),
    ):
        (tmp_path / "index.txt").write_text(line)
        for own in ("signer", "ca"):
            call = ["-index", "index.txt", "-CA", "ca.pem", "-rsigner", f"{own}.pem", "-rkey", f"{own}.key"]
            run("ocsp", *call, "-reqin", "request.der", "-respout", "answer.der", "-ndays", "1")
            finding = about_leaf([tmp_path / "answer.der", ABOUT_CA])
            assert finding.ok == ok, finding
            assert status in finding.why


@pytest.mark.skipif(not which("openssl"), reason="needs the openssl command")
def test_lists_go_both_ways(tmp_path):
    """Ours with `openssl verify -crl_check_all`, those of `openssl ca -gencrl` with the judge."""
    root = Authority("Class Root")
    ca = root.intermediate("Class Issuing CA")
    good, bad = ca.issue("api.test"), ca.issue("stolen.test")
    ca.revoke(bad.certificate, "keyCompromise")

    def run(*words):
        return subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, timeout=30)

    pem = Encoding.PEM
    for file, content in {
        "root.pem": root.certificate.public_bytes(pem),
        "ca.pem": ca.certificate.public_bytes(pem),
        "ca.key": keys.pem(ca.private_key).encode(),
        "good.pem": good.certificate.public_bytes(pem),
        "bad.pem": bad.certificate.public_bytes(pem),
        "ours.crl": ca.crl().public_bytes(pem) + root.crl().public_bytes(pem),
        "index.txt": b"",
        "crlnumber": b"01\n",
        "ca.cnf": b"[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n",
    }.items():
        (tmp_path / file).write_bytes(content)
    check = ("verify", "-CAfile", "root.pem", "-untrusted", "ca.pem", "-crl_check_all", "-crl_check")
    assert run(*check, "-CRLfile", "ours.crl", "good.pem").returncode == 0
    assert "certificate revoked" in run(*check, "-CRLfile", "ours.crl", "bad.pem").stderr
    call = ("ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key")
    revoke = ("-revoke", "bad.pem", "-crl_reason", "superseded")
    for words in (revoke, ("-gencrl", "-crldays", "7", "-out", "theirs.crl")):
        done = run(*call, *words)
        assert done.returncode == 0, done.stderr
    lists = [tmp_path / "theirs.crl", root.crl()]
    assert judge(good, roots=[root.certificate], crls=lists).accepted
    refused = judge(bad, roots=[root.certificate], crls=lists)
    assert "superseded" in refused.reasons[0].why


def test_a_list_of_50_megabytes_is_refused_at_once():
    with pytest.raises(reading.Unreadable, match="larger than") as caught:
        judge(LEAF, roots=[ROOT.certificate], crls=b"0" * 50_000_000)
    assert caught.value.id == "too-big"


@pytest.mark.skipif(not which("openssl"), reason="needs the openssl command")
def test_a_signature_of_a_kind_that_is_not_read_is_called_so(tmp_path):
    """RSA-PSS: `cryptography` does not tell an answer's parameters, so nothing is claimed."""
    ca = Authority("RSA CA", key_kind="rsa2048")
    leaf = ca.issue("api.test")
    (tmp_path / "ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "ca.key").write_text(keys.pem(ca.private_key))
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate.public_bytes(Encoding.PEM))
    serial = leaf.certificate.serial_number.to_bytes(20, "big").hex().upper()
    (tmp_path / "index.txt").write_text(f"V\t351231235959Z\t\t{serial}\tunknown\t/CN=api.test\n")
    ask = ["ocsp", "-issuer", "ca.pem", "-cert", "leaf.pem", "-no_nonce", "-reqout", "request.der"]
    call = [
        "ocsp",
        "-index",
        "index.txt",
        "-CA",
        "ca.pem",
        "-rsigner",
        "ca.pem",
        "-rkey",
        "ca.key",
        "-ndays",
        "1",
    ]
    call += ["-reqin", "request.der", "-respout", "answer.der", "-rsigopt", "rsa_padding_mode:pss"]
    for words in (ask, call):
        subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, timeout=30, check=True)
    verdict = judge(leaf, roots=[ca.certificate], ocsp_answers=[tmp_path / "answer.der"])
    assert "can't be relied on: its signature can't be read" in verdict.reasons[0].why
