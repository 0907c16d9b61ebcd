"""OCSP answers in the judge (RFC 6960 §3.2): what counts, and a reason for each that does not."""

import hashlib
import random
import subprocess
from datetime import UTC, datetime, timedelta
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from padlock import der, keys, reading
from padlock.authority import Authority
from padlock.crls import element
from padlock.judge import judge, paths

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
        try:
            verdict = said([flipped(data, at), ABOUT_CA])
        except reading.Unreadable:
            continue
        good, met = good + verdict.accepted, met + 1
    assert met > 50
    assert good == 0


def flipped(data, at):
    changed = bytearray(data)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


# ---- Answers that no builder makes, properly signed

OIDS = {
    "sha1": "2b0e03021a",
    "sha256": "608648016503040201",
    "md5": "2a864886f70d0205",
    "unknown": "2a0304",  # 1.2.3.4
    "scts": "2b06010401d679020405",
    "nonce": "2b0601050507300102",
    "extended revoke": "2b0601050507300109",
    "basic": "2b0601050507300101",
    "ecdsa-with-SHA256": "2a8648ce3d040302",
}
YEAR_0 = b"00000101000000Z"
GOOD, UNKNOWN = element(0x80, b""), element(0x82, b"")
NULL = b"\x05\x00"


def sequence(*parts):
    return element(0x30, b"".join(parts))


def oid(name):
    return element(0x06, bytes.fromhex(OIDS[name]))


def clock(moment):
    return element(0x18, moment if isinstance(moment, bytes) else f"{moment:%Y%m%d%H%M%SZ}".encode())


def extension(name, value=NULL, critical=False):
    return sequence(oid(name), element(0x01, b"\xff") if critical else b"", element(0x04, value))


def revoked(reason=1, at=NOW - HOUR):
    return element(0xA1, clock(at) + element(0xA0, element(0x0A, bytes([reason]))))


def key_bits(certificate):
    """The BIT STRING's content; all keys here are P-256."""
    return certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def single(status=GOOD, leaf=LEAF, ca=CA, hash="sha1", this=NOW - HOUR, until=NOW + HOUR, extensions=()):
    """A SingleResponse (RFC 6960 §4.2.1) about `leaf`."""
    hashed = [
        element(0x04, hashlib.new(hash, data).digest())
        for data in (ca.certificate.subject.public_bytes(), key_bits(ca.certificate))
    ]
    number = element(0x02, b"\0" + leaf.certificate.serial_number.to_bytes(20, "big").lstrip(b"\0"))
    if number[3] < 0x80:
        number = element(0x02, number[3:])
    return sequence(
        sequence(sequence(oid(hash), NULL), *hashed, number),
        status,
        clock(this),
        element(0xA0, clock(until)) if until else b"",
        element(0xA1, sequence(*extensions)) if extensions else b"",
    )


def signed(*singles, signer=CA, extensions=(), names=None, certificates=()):
    """An answer with these; names: whom it says to be from, if not from its signer."""
    named = hashlib.sha1(key_bits(names or signer.certificate)).digest()
    data = sequence(
        element(0xA2, element(0x04, named)),
        clock(NOW - HOUR),
        sequence(*singles),
        element(0xA1, sequence(*extensions)) if extensions else b"",
    )
    return resigned(data, signer.private_key, certificates)


def resigned(data, key, certificates=()):
    """The answer whose signed part (ResponseData) is `data`."""
    signature = key.sign(data, ec.ECDSA(hashes.SHA256()))
    certificates = sequence(*(one.public_bytes(Encoding.DER) for one in certificates))
    basic = sequence(
        data,
        sequence(oid("ecdsa-with-SHA256")),
        element(0x03, b"\0" + signature),
        element(0xA0, certificates),
    )
    return sequence(element(0x0A, b"\0"), element(0xA0, sequence(oid("basic"), element(0x04, basic))))


def test_what_is_made_here_is_an_answer():
    for hash in ("sha1", "sha256"):
        assert said([signed(single(hash=hash)), ABOUT_CA]).accepted
    delegate = CA.ocsp_signer()
    assert said([signed(single(), signer=delegate, certificates=[delegate.certificate]), ABOUT_CA]).accepted


def test_every_flipped_bit_of_what_is_signed_is_a_finding():
    """Flipped before the CA signs it. So what is inside is read, and all that may come of it is a verdict."""
    chance, met = random.Random(9), 0
    answers = [
        signed(single(extensions=[extension("unknown")]), extensions=[extension("nonce", b"\x04\x01n")]),
        signed(single(revoked()), single(UNKNOWN, OTHER)),
    ]
    for answer in answers:
        data = ocsp.load_der_ocsp_response(answer).tbs_response_bytes
        for at in chance.sample(range(len(data) * 8), 400):
            try:
                verdict = said([resigned(flipped(data, at), CA.private_key), ABOUT_CA])
            except reading.Unreadable:
                continue
            met += 1
            assert str(verdict)
            if answer is answers[1]:
                assert not verdict.accepted, verdict  # one flipped bit makes no "good" of it
    assert met > 300


@pytest.mark.parametrize("reason", [7, 11, 99])
def test_a_reason_that_is_not_known(reason):
    finding = about_leaf([signed(single(revoked(reason))), ABOUT_CA])
    assert not finding.ok
    assert "revoked on" in finding.why
    assert "the reason can't be read" in finding.why


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (single(revoked(at=YEAR_0)), "revoked on a day that can't be read"),
        (single(this=YEAR_0), "dates of its OCSP answer can't be read"),
        (single(until=YEAR_0), "dates of its OCSP answer can't be read"),
        (single(revoked(), this=YEAR_0), "revoked on"),
    ],
)
def test_a_date_that_is_none(odd, words):
    finding = about_leaf([signed(odd), ABOUT_CA])
    assert not finding.ok
    assert words in finding.why


PLAIN = ROOT.intermediate("Plain CA")  # its key signs certificates and CRLs, and nothing else
PLAIN_LEAF = PLAIN.issue("plain.test")
# label → an answer that says "revoked", with what was once a reason not to believe it
BAD_WORDS = {
    "no nonce": (signed(single(revoked())), request()),
    "another nonce": (
        signed(single(revoked()), extensions=[extension("nonce", element(0x04, b"o" * 32))]),
        request(),
    ),
    "no end": signed(single(revoked(), until=None)),
    "past its end": signed(single(revoked(), this=NOW - 9 * HOUR, until=NOW - 2 * HOUR)),
    "rubbish inside": signed(single(revoked(), extensions=[extension("scts")])),
    "from another, it says": signed(single(revoked()), names=OTHER.certificate),
    "among good ones": signed(single(), single(revoked()), single()),
    "something critical": signed(single(revoked(), extensions=[extension("unknown", critical=True)])),
    "something critical in all": signed(single(revoked()), extensions=[extension("unknown", critical=True)]),
    "something critical, unread": signed(single(revoked(), hash="md5")),
}


@pytest.mark.parametrize("label", BAD_WORDS)
def test_a_bad_word_is_not_outvoted(label):
    good, lists = CA.ocsp(LEAF.certificate), [CA.crl(), ROOT.crl()]
    assert said([good], crls=lists).accepted
    words = "it may be revoked" if "critical" in label else "revoked on"
    for answers in ([BAD_WORDS[label]], [BAD_WORDS[label], good], [good, BAD_WORDS[label]]):
        finding = about_leaf(answers, crls=lists)
        assert not finding.ok
        assert finding.why.startswith(words), finding


def test_no_bad_word_from_who_may_not_say_it():
    good, lists = CA.ocsp(LEAF.certificate), [CA.crl(), ROOT.crl()]
    expired = CA.ocsp_signer(not_before=NOW - 9 * HOUR, not_after=NOW - HOUR)
    for stranger in (OTHER, STRANGER, CA.ocsp_signer(eku=None), ROOT.ocsp_signer(), expired):
        bad = CA.ocsp(LEAF.certificate, status="revoked", signer=stranger)
        assert said([bad, good, ABOUT_CA]).accepted
        assert said([bad], crls=lists).accepted
    later = signed(single(revoked(at=NOW + HOUR), this=NOW + HOUR, until=NOW + 2 * HOUR))
    assert said([later, good, ABOUT_CA]).accepted  # of later, about later


def test_a_bad_word_outlives_its_signer():
    """Its time is over now, but was not at thisUpdate. Revoked itself, it has no word: a thief may have signed."""
    ca = ROOT.intermediate("Older CA", not_before=NOW - 20 * HOUR)
    leaf, clean = ca.issue("api.test"), ca.crl(this_update=NOW - 8 * HOUR)
    span = {"not_before": NOW - 9 * HOUR, "not_after": NOW - HOUR}
    for extra in ({}, {"extra": []}):
        signer = ca.ocsp_signer(**span, **extra)
        for begin, ok in ((NOW - 2 * HOUR, False), (NOW - HOUR / 2, True)):
            bad = ca.ocsp(leaf.certificate, status="revoked", signer=signer, this_update=begin)
            verdict = said([bad], leaf, crls=[ROOT.crl(), clean])
            assert verdict.accepted == ok, verdict
    ca.revoke(signer.certificate)
    bad = ca.ocsp(leaf.certificate, status="revoked", signer=signer, this_update=NOW - 2 * HOUR)
    assert said([bad], leaf, crls=[ROOT.crl(), ca.crl()]).accepted


def test_a_signer_of_whom_nothing_is_known():
    """Without ocsp-nocheck, and nobody says whether it is revoked: its "good" does not count, its "revoked" does."""
    signer, good = CA.ocsp_signer(extra=[]), CA.ocsp(LEAF.certificate)
    bad = CA.ocsp(LEAF.certificate, status="revoked", signer=signer)
    assert about_leaf([bad, good, ABOUT_CA]).why.startswith("revoked on")
    about_signer = CA.ocsp(signer.certificate, status="revoked")
    assert said([bad, good, ABOUT_CA, about_signer]).accepted


@pytest.mark.parametrize("listing", [False, True])
def test_no_bad_word_is_lost_among_many_answers(listing, monkeypatch):
    monkeypatch.setattr(paths, "MOST_SIGNATURES", 20)
    word = {"status": "revoked"} if listing else {}
    junk = [CA.ocsp(LEAF.certificate, signed_by=keys.make(), **word) for _ in range(30)]
    good = CA.ocsp(LEAF.certificate)
    assert said([good, *junk[:2], ABOUT_CA]).accepted
    finding = about_leaf([good, ABOUT_CA, *junk, CA.ocsp(LEAF.certificate, status="revoked")])
    assert not finding.ok
    assert ("bound on work" if listing else "revoked on") in finding.why


def test_a_hold_ends_with_a_newer_good_word():
    hold = revoked(6)
    before = signed(single(hold, this=NOW - 3 * HOUR))
    later, older = signed(single(this=NOW - 2 * HOUR)), signed(single(this=NOW - 4 * HOUR))
    assert said([before, later, ABOUT_CA]).accepted
    assert said([before, ABOUT_CA], crls=[CA.crl()]).accepted  # that list is of now
    assert not said([before, older, ABOUT_CA]).accepted
    assert not said([before, signed(single(this=NOW - 3 * HOUR)), ABOUT_CA]).accepted
    assert not said([before, ABOUT_CA], crls=[CA.crl(this_update=NOW - 4 * HOUR)]).accepted
    assert not said([before, signed(single(until=NOW - HOUR / 2)), ABOUT_CA]).accepted  # that is over
    assert not said([signed(single(revoked(1), this=NOW - 3 * HOUR)), later, ABOUT_CA]).accepted


def test_a_certificate_that_was_never_issued():
    """RFC 6960 §2.2: on hold since 1970, with an extension. No list could end that: it was never on one."""
    answer = signed(single(revoked(6, b"19700101000000Z")), extensions=[extension("extended revoke")])
    finding = about_leaf([answer, ABOUT_CA], crls=[CA.crl()])
    assert not finding.ok
    assert "never issued it" in finding.why


def test_once_it_is_issued_the_responder_says_so():
    """RFC 6960 §2.2 gives it the reason certificateHold, the one that ends."""
    never = [extension("extended revoke")]
    before = signed(single(revoked(6, b"19700101000000Z"), this=NOW - 3 * HOUR), extensions=never)
    assert said([before, signed(single(this=NOW - 2 * HOUR)), ABOUT_CA]).accepted
    assert not said([before, signed(single(this=NOW - 4 * HOUR)), ABOUT_CA]).accepted
    assert not said([before, ABOUT_CA], crls=[CA.crl()]).accepted


CRITICAL = [extension("unknown", critical=True)]


@pytest.mark.parametrize(
    "answer",
    [
        signed(single(extensions=CRITICAL)),
        signed(single(extensions=CRITICAL), single(leaf=OTHER)),
        signed(single(leaf=OTHER), single(until=None, extensions=CRITICAL)),
        signed(single(), extensions=CRITICAL),
        signed(single(extensions=[extension("unknown")]), extensions=CRITICAL),
    ],
)
def test_a_critical_extension_is_seen_wherever_it_stands(answer):
    finding = about_leaf([answer, ABOUT_CA])
    assert not finding.ok
    assert finding.clause == "RFC 6960 §4.4"
    assert "critical extension that is not understood (1.2.3.4)" in finding.why


def test_extensions_that_are_no_matter():
    for answer in (
        signed(single(extensions=[extension("unknown"), extension("scts")])),
        signed(single(), single(leaf=OTHER, extensions=CRITICAL)),
        signed(single(), extensions=[extension("nonce", element(0x04, b"n"), critical=True)]),
    ):
        assert said([answer, ABOUT_CA]).accepted


@pytest.mark.parametrize(
    ("answer", "clause", "words"),
    [
        (signed(single(), names=OTHER.certificate), "RFC 6960 §4.2.2.3", "but names another responder"),
        (signed(single(hash="md5")), "RFC 6960 §4.1.1", "a hash that is not read here"),
        (signed(), "RFC 6960 §3.2", "about no certificate at all"),
        (signed(single(leaf=OTHER)), "RFC 6960 §3.2", "about another certificate"),
        ((signed(single(until=None)), request(nonce=None)), "RFC 6960 §4.2.2.1", "no nonce shows"),
    ],
)
def test_the_sentence_is_true(answer, clause, words):
    finding = about_leaf([answer])
    assert not finding.ok
    assert clause in finding.clause
    assert words in finding.why


def test_an_empty_nonce_shows_nothing():
    """RFC 9654 §2.1: one octet is the least. (The library sends none; another client might.)"""
    builder = ocsp.OCSPRequestBuilder().add_certificate(LEAF.certificate, CA.certificate, hashes.SHA1())
    asked = builder.add_extension(x509.OCSPNonce(b""), False).build()
    for nonce, ok in ((b"", False), (b"n", True)):
        repeated = [extension("nonce", element(0x04, nonce))]
        question = request(nonce=nonce) if nonce else asked
        finding = about_leaf([(signed(single(until=None), extensions=repeated), question), ABOUT_CA])
        assert finding.ok == ok, finding


# ---- Who may sign


def test_the_cas_own_key_needs_the_right_as_well():
    """RFC 5280 §4.2.1.3: keyCertSign and cRLSign are no digitalSignature. Its "revoked" is the CA's word anyway."""
    about = ROOT.ocsp(PLAIN.certificate)
    finding = about_leaf([PLAIN.ocsp(PLAIN_LEAF.certificate, signer=PLAIN), about], leaf=PLAIN_LEAF)
    assert not finding.ok
    assert finding.clause == "RFC 5280 §4.2.1.3"
    assert "no digitalSignature" in finding.why
    good = PLAIN.ocsp(PLAIN_LEAF.certificate)
    assert said([good, about], PLAIN_LEAF).accepted
    bad = PLAIN.ocsp(PLAIN_LEAF.certificate, signer=PLAIN, status="revoked")
    assert about_leaf([bad, good, about], leaf=PLAIN_LEAF).why.startswith("revoked on")


def test_a_signer_that_is_revoked_is_called_so():
    signer = CA.ocsp_signer(extra=[])
    answer = CA.ocsp(LEAF.certificate, signer=signer)
    assert said([answer, CA.ocsp(signer.certificate), ABOUT_CA]).accepted
    finding = about_leaf([answer, CA.ocsp(signer.certificate, status="revoked"), ABOUT_CA])
    assert not finding.ok
    assert "has no ocsp-nocheck" in finding.why
    assert "refused: revoked on" in finding.why


def test_nocheck_may_be_critical():
    """RFC 6960 §4.2.2.2.1: it should not be; but what it asks for is done here. In another certificate it is not."""
    signer = CA.ocsp_signer(extra=[(x509.OCSPNoCheck(), True)])
    assert said([CA.ocsp(LEAF.certificate, signer=signer), ABOUT_CA]).accepted
    leaf = CA.issue("api.test", extra=[(x509.OCSPNoCheck(), True)])
    assert {f.rule for f in said([CA.ocsp(leaf.certificate), ABOUT_CA], leaf).reasons} == {
        "critical-extensions"
    }


def test_a_signer_keeps_to_the_cas_name_constraints():
    ca = ROOT.intermediate("Constrained CA", name_constraints=("test",))
    leaf, about = ca.issue("api.test"), ROOT.ocsp(ca.certificate)
    right = {"eku": [ExtendedKeyUsageOID.OCSP_SIGNING], "extra": [(x509.OCSPNoCheck(), False)]}
    for name, ok in (("ocsp.test", True), ("ocsp.example", False)):
        finding = about_leaf([ca.ocsp(leaf.certificate, signer=ca.issue(name, **right)), about], leaf=leaf)
        assert finding.ok == ok, finding
        assert ok or "ocsp.example is not among the names that are permitted" in finding.why


def test_a_signer_whose_certificate_can_not_be_read():
    signer = CA.ocsp_signer()
    parts = der.parse(signer.certificate.public_bytes(Encoding.DER), "Certificate").children
    fields = [field.raw for field in parts[0].children]
    validity = next(n for n, field in enumerate(parts[0].children) if field.label == "validity")
    begin = parts[0].children[validity].children[0].raw
    fields[validity] = sequence(begin, clock(YEAR_0))
    signature = CA.private_key.sign(sequence(*fields), ec.ECDSA(hashes.SHA256()))
    changed = sequence(sequence(*fields), parts[1].raw, element(0x03, b"\0" + signature))
    certificate = x509.load_der_x509_certificate(changed)
    answer = signed(single(), signer=signer, certificates=[certificate])
    finding = about_leaf([answer, ABOUT_CA])
    assert not finding.ok
    assert "its validity can't be read" in finding.why
    assert said([signed(single(), signer=signer, certificates=[signer.certificate]), ABOUT_CA]).accepted


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


def test_a_list_that_is_too_long_is_refused_at_once():
    with pytest.raises(reading.Unreadable, match="larger than") as caught:
        judge(LEAF, roots=[ROOT.certificate], crls=b"0" * (reading.MAX_CRL_BYTES + 1))
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
