"""What an OCSP answer says of a certificate, and whether it may be believed (RFC 6960 §3.2). When in doubt: not known.

An answer counts if it is about this very certificate, and if the issuer signed it, or somebody to whom the issuer
itself gave that right. That is enough for "revoked" (`words.py`). A "good" must also be of now, and repeat the nonce of
the request that it belongs to, if that comes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.ocsp import OCSPCertStatus, OCSPRequest, OCSPResponse, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

from padlock import der, reading

from . import names, rules
from .facts import UNREADABLE, Facts, Signed, element, read_once
from .paths import Path
from .words import BOUND, GOOD, NOTHING, PERHAPS, REVOKED, Word, not_yet, readable, revoked_on

STATUS = "RFC 6960 §2.2"
SIGNER = "RFC 6960 §4.2.2.2"
FRESH = "RFC 6960 §4.2.2.1"
NONCE = "RFC 9654 §2.1"

# What an error says (RFC 6960 §2.3). Such an answer is not signed: anybody on the way can write it.
ERRORS = {
    OCSPResponseStatus.MALFORMED_REQUEST: "malformedRequest",
    OCSPResponseStatus.INTERNAL_ERROR: "internalError",
    OCSPResponseStatus.TRY_LATER: "tryLater",
    OCSPResponseStatus.SIG_REQUIRED: "sigRequired",
    OCSPResponseStatus.UNAUTHORIZED: "unauthorized",
}
# The rules of a path that the certificate of a delegated signer must pass as well.
OF_A_SIGNER = (
    rules.validity,
    rules.key_usage,
    rules.name_constraints,
    partial(rules.critical_extensions, understood=rules.UNDERSTOOD | {ExtensionOID.OCSP_NO_CHECK}),
    rules.strength,
)
EXTENDED_REVOKE = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.9")  # RFC 6960 §4.4.8
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

RSA_WITH = {
    SignatureAlgorithmOID.RSA_WITH_MD5,
    SignatureAlgorithmOID.RSA_WITH_SHA1,
    SignatureAlgorithmOID.RSA_WITH_SHA224,
    SignatureAlgorithmOID.RSA_WITH_SHA256,
    SignatureAlgorithmOID.RSA_WITH_SHA384,
    SignatureAlgorithmOID.RSA_WITH_SHA512,
}

Doubt = Callable[[Facts, Facts, datetime | None], tuple[str, bool]]  # as in `revocation.py`


class _Basic(NamedTuple):
    """The signed part of an answer, as `facts.signed_by` reads it."""

    issuer: None
    signature: bytes
    signature_algorithm_oid: x509.ObjectIdentifier
    signature_algorithm_parameters: Any
    signature_hash_algorithm: hashes.HashAlgorithm | None


class Answer(Signed):
    """An OCSP response, and the request that it was given for, or None.

    It is not about one certificate but about any number, one SingleResponse each.
    """

    def __init__(self, response: OCSPResponse, request: OCSPRequest | None = None):
        super().__init__(response)
        self.response, self.request = response, request
        self.error = ""
        if response.response_status is not OCSPResponseStatus.SUCCESSFUL:
            self.error = ERRORS[response.response_status]
            return
        basic = self._read("signature", self._basic)
        self.signed = basic or _Basic(None, b"", x509.ObjectIdentifier("0.0"), None, None)

    def _basic(self) -> _Basic:
        oid = self.response.signature_algorithm_oid
        digest, how = self.response.signature_hash_algorithm, None
        if oid in RSA_WITH:
            how = padding.PKCS1v15()
        elif oid._name.startswith("ecdsa-with"):
            how = ec.ECDSA(digest)
        return _Basic(None, self.response.signature, oid, how, digest)

    @read_once
    def payload(self) -> bytes:
        return self.response.tbs_response_bytes

    @read_once
    def extensions(self) -> dict[x509.ObjectIdentifier, x509.Extension]:
        """Those of the whole answer."""
        found = self._read("extensions", lambda: list(self.response.extensions))
        return {extension.oid: extension for extension in found or ()}

    @read_once
    def riddle(self) -> str:
        """What might give all that it says another meaning; or ""."""
        if readable(lambda: list(self.response.extensions)) is None:
            return "extensions that can't be read"
        unknown = [o.dotted_string for o, e in self.extensions.items() if e.critical]
        return _not_understood([oid for oid in unknown if oid != _NONCE])

    @read_once
    def singles(self) -> list[tuple[Any, list[str]]]:
        """(SingleResponse, its critical extensions), each. `cryptography` has the extensions only where there is but
        one SingleResponse."""
        both = self._read(
            "contents", lambda: list(zip(self.response.responses, _critical(self.payload), strict=True))
        )
        return both or []

    @read_once
    def signers(self) -> list[Facts]:
        """The certificates that came with it (RFC 6960 §4.2.1), of those that its responderID names."""
        found = self._read("certificates", lambda: [Facts(one) for one in self.response.certificates]) or []
        return [facts for facts in found if self.names(facts)]

    def names(self, facts: Facts) -> bool:
        """Is this the responder that it names, by subject or by the hash of its key (RFC 6960 §4.2.1)?"""
        try:
            name, key_hash = self.response.responder_name, self.response.responder_key_hash
            if name is not None:
                return names.name_key(name) == facts.subject
            return key_hash == _hash(hashes.SHA1(), _key_bits(facts))  # noqa: S303 (RFC 6960 has no other)
        except UNREADABLE:
            return False

    def about(self, facts: Facts, issuer: Facts) -> list[Single]:
        """Its SingleResponses for this certificate: hash of the issuer's name and of its key, serial (§4.1.1)."""
        found = [Single(self, one, critical, _means(one, facts, issuer)) for one, critical in self.singles]
        return [single for single in found if single.sure is not False]

    def nonce(self, of: OCSPRequest | OCSPResponse) -> bytes | None:
        return next((e.value.nonce for e in of.extensions if isinstance(e.value, x509.OCSPNonce)), None)

    @read_once
    def repeats_nonce(self) -> bool | None:
        """Does it repeat the nonce of its request? None where no nonce was sent."""
        if self.request is None or not (sent := self._read("request", lambda: self.nonce(self.request))):
            return None  # nor does an empty one show anything: one octet is the least (RFC 9654 §2.1)
        return self._read("nonce", lambda: self.nonce(self.response)) == sent


class Single(NamedTuple):
    """A SingleResponse in an answer. critical: its critical extensions; sure: is it about the certificate? None where
    only the serial number could be compared."""

    answer: Answer
    one: Any
    critical: list[str]
    sure: bool | None

    @property
    def revoked(self) -> bool:
        return self.one.certificate_status is OCSPCertStatus.REVOKED

    @property
    def riddle(self) -> str:
        """What might give it another meaning; or ""."""
        if not self.sure:
            return "the issuer's name under a hash that is not read here"
        return self.answer.riddle or _not_understood(self.critical)

    @property
    def begin(self) -> datetime | None:
        """thisUpdate."""
        return readable(lambda: self.one.this_update_utc)

    def why(self, at: datetime) -> tuple[str, datetime | None, bool, bool]:
        """(when and why it was revoked, the date, is it on hold, was it never issued); at: now."""
        reason, said = None, "no reason given"
        try:
            reason = self.one.revocation_reason
            said = reason.value if reason else said
        except UNREADABLE:
            said = "the reason can't be read"
        date = readable(lambda: self.one.revocation_time_utc)
        hold = reason is x509.ReasonFlags.certificate_hold
        if hold and date == NEVER and EXTENDED_REVOKE in self.answer.extensions:
            return "its issuer never issued it, says the OCSP answer", date, True, True
        return revoked_on(date, said, at), date, hold, False


def _not_understood(oids: list[str]) -> str:
    return f"a critical extension that is not understood ({oids[0]})" if oids else ""


def _critical(payload: bytes) -> Iterator[list[str]]:
    """The critical extensions of each SingleResponse in a ResponseData (RFC 6960 §4.2.1)."""
    responses = next(at for at in _inside(payload, 0) if payload[at] == 0x30)
    for single in _inside(payload, responses):
        # certID, certStatus, thisUpdate, [0] nextUpdate, [1] singleExtensions
        rest = [at for at in list(_inside(payload, single))[3:] if payload[at] == 0xA1]
        extensions = [
            list(_inside(payload, each)) for at in rest for each in _inside(payload, element(payload, at)[0])
        ]
        yield [
            der.dotted(payload[slice(*element(payload, oid))]) or "of no proper name"
            for oid, flag, *_ in extensions
            if payload[flag] == 0x01 and payload[flag + 2]
        ]


def _inside(data: bytes, at: int) -> Iterator[int]:
    """Where each element inside the one at `at` begins."""
    at, end = element(data, at)
    while at < end:
        yield at
        at = element(data, at)[1]


def read(source: Any) -> list[Answer]:
    """One answer, or a list of them; each an object, DER, the path of a file, or a pair (answer, request)."""
    if isinstance(source, (list, set, frozenset)) or (isinstance(source, tuple) and not _is_pair(source)):
        return [answer for one in source for answer in read(one)]
    if isinstance(source, tuple):
        return [Answer(reading.ocsp_response(source[0]), reading.ocsp_request(source[1]))]
    return [Answer(reading.ocsp_response(source))]


def _is_pair(source: tuple) -> bool:
    if len(source) != 2 or isinstance(source[1], OCSPResponse):
        return False
    if isinstance(source[1], OCSPRequest):
        return True
    try:
        reading.ocsp_request(source[1])
    except reading.Unreadable:
        return False
    return True


def words(facts: Facts, path: Path, position: int, question: rules.Question, doubt: Doubt) -> list[Word]:
    """What every answer says of the certificate."""
    issuer = path.certificates[position + 1]
    answers = [answer for answer in question.answers if not answer.error]
    singles = [single for answer in answers for single in answer.about(facts, issuer)]
    # "revoked" first: other answers, which anybody can make, must not use up the bound on work before.
    singles.sort(key=lambda single: not single.revoked)
    signed = {}
    said = [
        Word(NOTHING, "RFC 6960 §2.3", f"the responder gave no answer but {answer.error}")
        for answer in question.answers
        if answer.error
    ]
    for single in singles:
        spoken = single.answer, single.begin
        if spoken not in signed:
            signed[spoken] = _signed(*spoken, path, position, question, doubt)
        said.append(_word(single, *signed[spoken], question))
    return said or [Word(NOTHING, "RFC 6960 §3.2", _none_about_it(answers))]


def _none_about_it(answers: list[Answer]) -> str:
    can_be_read = [answer for answer in answers if not answer.trouble]
    if not can_be_read:
        return "its OCSP answer can't be read"
    if not any(answer.singles for answer in can_be_read):
        return "the OCSP answer is about no certificate at all"
    return "the OCSP answer is about another certificate"


def _word(
    single: Single, may: bool | None, problem: tuple[str, str] | None, question: rules.Question
) -> Word:
    """may, problem: as `_signed` says."""
    answer, one = single.answer, single.one
    if single.revoked and may is not False:
        why, date, hold, never = single.why(question.at)
        if may is None:
            clause, bound = problem
            return Word(PERHAPS, clause, f"it may be revoked: an OCSP answer says so, and {bound}")
        if not not_yet(question.at, single.begin, date):
            if single.riddle:
                why = f"it may be revoked: its OCSP answer says “{why}”, but has {single.riddle}"
                return Word(PERHAPS, "RFC 6960 §4.1.1, §4.4", why)
            return Word(REVOKED, STATUS, why, single.begin, hold=hold, never=never)
    # Who signed is asked first: the dates of a forged answer say nothing.
    problem = None if answer.trouble else problem
    problem = problem or _strange(single, question) or _stale(one, answer, question)
    if problem:
        return Word(NOTHING, *problem)
    if one.certificate_status is OCSPCertStatus.UNKNOWN:
        return Word(NOTHING, STATUS, "the responder says that it does not know this certificate")
    begin = one.this_update_utc
    return Word(GOOD, STATUS, f"good, says the OCSP answer of {rules.when(begin)}", begin)


def _means(one: Any, facts: Facts, issuer: Facts) -> bool | None:
    """Is this SingleResponse about the certificate? None: about this serial number, of an issuer whose name and key are
    hashed in a way that is not read here."""
    try:
        if one.serial_number != facts.serial:
            return False
        digest = one.hash_algorithm
        return one.issuer_name_hash == _hash(
            digest, facts.certificate.issuer.public_bytes()
        ) and one.issuer_key_hash == _hash(digest, _key_bits(issuer))
    except UnsupportedAlgorithm:
        return None
    except UNREADABLE:
        return False


def _hash(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def _key_bits(facts: Facts) -> bytes:
    """The public key as OCSP hashes it: the BIT STRING's content, without tag, length and the count of unused bits."""
    spki = facts.key_bytes
    begin, end = element(spki, element(spki, element(spki, 0)[0])[1])
    return spki[begin + 1 : end]


def _strange(single: Single, question: rules.Question) -> tuple[str, str] | None:
    """(clause, why) if its form does not let us rely on it."""
    answer = single.answer
    _ = answer.extensions
    repeats = answer.repeats_nonce
    if answer.trouble:
        return "RFC 6960 §4.2.1", f"its OCSP answer can't be relied on: {answer.trouble[0]}"
    if single.riddle:
        return "RFC 6960 §4.4" if single.sure else "RFC 6960 §4.1.1", f"its OCSP answer has {single.riddle}"
    if answer.digest in rules.WEAK_HASHES and not question.allow_weak:
        return rules.WEAK_HASH, f"its OCSP answer is signed over {answer.digest.upper()}"
    if repeats is False:
        return (
            NONCE,
            "its OCSP answer does not repeat the nonce of the request: it may be an old one, replayed",
        )
    return None


_NONCE = "1.3.6.1.5.5.7.48.1.2"


def _stale(one: Any, answer: Answer, question: rules.Question) -> tuple[str, str] | None:
    try:
        begin, end = one.this_update_utc, one.next_update_utc
    except UNREADABLE:
        return FRESH, "the dates of its OCSP answer can't be read"
    if question.at < begin:
        said = rules.apart(begin, question.at)
        return FRESH, "its OCSP answer is of {}, and it is {} UTC".format(*said)
    if end is None:
        # "Newer information is available all the time": only a nonce shows that this one was made for us, now.
        if answer.repeats_nonce:
            return None
        return FRESH, "its OCSP answer does not say until when it is good, and no nonce shows that it is new"
    if question.at > end:
        return FRESH, "its OCSP answer was good until {}, and it is {} UTC".format(
            *rules.apart(end, question.at)
        )
    return None


def _signed(
    answer: Answer,
    begin: datetime | None,
    path: Path,
    position: int,
    question: rules.Question,
    doubt: Doubt,
) -> tuple[bool | None, tuple[str, str] | None]:
    """(may who signed it call the issuer's certificates revoked; (clause, why) if it may not call them good).

    The first is None where it was not found out within the bound on work. The issuer's own key may always revoke: it
    made the certificate. Somebody else needs the right to answer, from the issuer itself; to revoke, at `begin`.
    """
    issuer, pool = path.certificates[position + 1], question.pool
    may, problem = (
        False,
        (
            "RFC 6960 §3.2",
            "the OCSP answer's signature fits neither its issuer nor a signer that came with it",
        ),
    )
    exhausted = BOUND, "who signed the OCSP answer was not found out within the bound on work"
    if pool.exhausted:
        return None, exhausted
    if pool.fits(answer, issuer):
        may, called = True, f"the OCSP answer is signed with the key of {issuer.called}"
        if not answer.names(issuer):
            problem = "RFC 6960 §4.2.2.3", f"{called}, but names another responder"
        elif not _signs(issuer):
            problem = (
                "RFC 5280 §4.2.1.3",
                f"{called}, whose key usage does not allow that: no digitalSignature",
            )
        else:
            return True, None
    for signer in answer.signers:
        if pool.exhausted:
            return may or None, exhausted
        if signer.key_bytes == issuer.key_bytes or not pool.fits(answer, signer):
            continue
        why = next(_no_right(signer, path, position, question), "")
        then = replace(question, at=begin or question.at)
        if not why or not next(_no_right(signer, path, position, then), ""):
            nocheck = ExtensionOID.OCSP_NO_CHECK in signer.extensions
            trouble, may_revoke = ("", True) if nocheck else doubt(signer, path.top, begin)
            if not why and not trouble:
                return True, None
            if pool.exhausted:
                return may or None, exhausted
            may = may or may_revoke
            why = why or (
                f"which has no ocsp-nocheck, so that its own certificate is judged, and refused: {trouble}"
            )
        problem = SIGNER, f"the OCSP answer is signed by {signer.called}, {why}"
    return may, problem


def _signs(facts: Facts) -> bool:
    """Does its key usage allow signatures, other than those on certificates and CRLs (RFC 5280 §4.2.1.3)?"""
    usage = facts.value(x509.KeyUsage)
    return usage is None or usage.digital_signature or usage.content_commitment


def _no_right(signer: Facts, path: Path, position: int, question: rules.Question) -> Iterator[str]:
    """Why this signer may not answer for the issuer."""
    issuer = path.certificates[position + 1]
    if not signer.readable:
        yield f"whose certificate can't be relied on: {signer.trouble[0]}"
    if signer.issuer != issuer.subject or not question.pool.fits(signer, issuer):
        if signer.subject == issuer.subject:  # perhaps the CA's own older key, but §4.2.2.2 asks for the same
            yield "which only has the name of the certificate's issuer, and another key"
        elif signer.issuer != issuer.subject:
            yield f"which is not from {issuer.called}, the issuer of the certificate"
        else:
            yield f"for which the key of {issuer.called} does not vouch"
    usage = signer.value(x509.ExtendedKeyUsage)
    # Written out: to be for any purpose is not enough, or every careless certificate could speak for its CA.
    if usage is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        yield "which may not sign OCSP answers: no OCSPSigning among its extended key usages"
    if not _signs(signer):
        yield "whose key usage allows no signatures"
    own = replace(question, name=None, purpose=None, depth=None, key=None)
    above = Path((signer, *path.certificates[position + 1 :]), path.anchored)
    for rule in OF_A_SIGNER:
        yield from (
            f"whose own certificate is not good ({finding.why})"
            for finding in rule(above, own)
            # name constraints are the CA's, and broken by the signer
            if not finding.ok
            and (finding.certificate is signer.certificate or rule is rules.name_constraints)
        )
