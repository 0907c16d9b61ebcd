"""What an OCSP answer says of a certificate, and whether it may be believed (RFC 6960 §3.2). When in doubt: not known.

An answer counts if it is about this very certificate, if the issuer signed it, or somebody to whom the issuer itself
gave that right, and if it is of now. An answer that comes with the request it belongs to must also repeat its nonce.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.ocsp import OCSPCertStatus, OCSPRequest, OCSPResponse, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

from padlock import reading

from . import names, rules
from .facts import UNREADABLE, Facts, Signed, element, read_once
from .paths import Path

STATUS = "RFC 6960 §2.2"
SIGNER = "RFC 6960 §4.2.2.2"
FRESH = "RFC 6960 §4.2.2.1"
NONCE = "RFC 9654 §2.1"
NOBODY_KNOWS = "whether it is revoked is not known: "

# What an error says (RFC 6960 §2.3). Such an answer is not signed: anybody on the way can write it.
ERRORS = {
    OCSPResponseStatus.MALFORMED_REQUEST: "malformedRequest",
    OCSPResponseStatus.INTERNAL_ERROR: "internalError",
    OCSPResponseStatus.TRY_LATER: "tryLater",
    OCSPResponseStatus.SIG_REQUIRED: "sigRequired",
    OCSPResponseStatus.UNAUTHORIZED: "unauthorized",
}
# The rules of a path that the certificate of a delegated signer must pass as well.
OF_A_SIGNER = (rules.validity, rules.key_usage, rules.critical_extensions, rules.strength)

RSA_WITH = {
    SignatureAlgorithmOID.RSA_WITH_MD5,
    SignatureAlgorithmOID.RSA_WITH_SHA1,
    SignatureAlgorithmOID.RSA_WITH_SHA224,
    SignatureAlgorithmOID.RSA_WITH_SHA256,
    SignatureAlgorithmOID.RSA_WITH_SHA384,
    SignatureAlgorithmOID.RSA_WITH_SHA512,
}

Trusted = Callable[[Facts, Facts], bool]


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
        def both() -> list:
            alone = (
                len(self.singles) == 1
            )  # `cryptography` has those of a SingleResponse only where there is one
            return [*self.response.extensions, *(self.response.single_extensions if alone else ())]

        return {extension.oid: extension for extension in self._read("extensions", both) or ()}

    @read_once
    def singles(self) -> list:
        return self._read("contents", lambda: list(self.response.responses)) or []

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

    def about(self, facts: Facts, issuer: Facts) -> list:
        """Its SingleResponses for this certificate: hash of the issuer's name and of its key, serial (§4.1.1)."""
        return [one for one in self.singles if _means(one, facts, issuer)]

    def nonce(self, of: OCSPRequest | OCSPResponse) -> bytes | None:
        return next((e.value.nonce for e in of.extensions if isinstance(e.value, x509.OCSPNonce)), None)

    @read_once
    def repeats_nonce(self) -> bool | None:
        """Does it repeat the nonce of its request? None where no nonce was sent."""
        if self.request is None or (sent := self._read("request", lambda: self.nonce(self.request))) is None:
            return None
        return self._read("nonce", lambda: self.nonce(self.response)) == sent


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


def standing(
    facts: Facts, path: Path, position: int, question: rules.Question, trusted: Trusted
) -> tuple[bool | None, str, str]:
    """(not revoked, or None where nobody knows; clause; why). A believable "revoked" outweighs every "good"."""
    issuer = path.certificates[position + 1]
    problems, good = [], []
    for answer in question.answers:
        if answer.error:
            problems.append(("RFC 6960 §2.3", f"the responder gave no answer but {answer.error}"))
            continue
        about = answer.about(facts, issuer)
        if not about:
            continue
        # Who signed is asked first: the dates of a forged answer say nothing.
        problem = None if answer.trouble else _unsigned(answer, path, position, question, trusted)
        problem = problem or _strange(answer, question)
        for one in about:
            stale = problem or _stale(one, answer, question)
            if stale:
                problems.append(stale)
            elif one.certificate_status is OCSPCertStatus.REVOKED:
                return False, STATUS, _revoked(one)
            elif one.certificate_status is OCSPCertStatus.UNKNOWN:
                problems.append((STATUS, "the responder says that it does not know this certificate"))
            else:
                good.append(one.this_update_utc)
    if good:
        return True, STATUS, f"good, says the OCSP answer of {rules.when(max(good))}"
    if not problems:
        others = [answer for answer in question.answers if not answer.trouble]
        what = "the OCSP answer is about another certificate" if others else "its OCSP answer can't be read"
        problems = [("RFC 6960 §3.2", what)]
    return unknown(problems)


def unknown(problems: list[tuple[str, str]]) -> tuple[None, str, str]:
    """The first three (clause, why) in one."""
    problems = list(dict.fromkeys(problems))[:3]
    clauses = "; ".join(dict.fromkeys(clause for clause, _ in problems))
    return None, clauses, NOBODY_KNOWS + "; ".join(why for _, why in problems)


def _revoked(one: Any) -> str:
    reason = one.revocation_reason.value if one.revocation_reason else "no reason given"
    return f"revoked on {rules.when(one.revocation_time_utc)} ({reason})"


def _means(one: Any, facts: Facts, issuer: Facts) -> bool:
    try:
        digest = one.hash_algorithm
        return (
            one.serial_number == facts.serial
            and one.issuer_name_hash == _hash(digest, facts.certificate.issuer.public_bytes())
            and one.issuer_key_hash == _hash(digest, _key_bits(issuer))
        )
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


def _strange(answer: Answer, question: rules.Question) -> tuple[str, str] | None:
    """(clause, why) if its form does not let us rely on it."""
    _ = answer.extensions
    repeats = answer.repeats_nonce
    if answer.trouble:
        return "RFC 6960 §4.2.1", f"its OCSP answer can't be relied on: {answer.trouble[0]}"
    unknown_ones = [o for o, e in answer.extensions.items() if e.critical and o.dotted_string != _NONCE]
    if unknown_ones:
        what = f"a critical extension that is not understood ({unknown_ones[0].dotted_string})"
        return "RFC 6960 §4.4", f"its OCSP answer has {what}"
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
    begin, end = one.this_update_utc, one.next_update_utc
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


def _unsigned(
    answer: Answer, path: Path, position: int, question: rules.Question, trusted: Trusted
) -> tuple[str, str] | None:
    """None if the issuer signed, or somebody to whom it gave the right to; else (clause, why)."""
    issuer, pool = path.certificates[position + 1], question.pool
    if answer.names(issuer) and pool.fits(answer, issuer):
        return None
    problem = (
        "RFC 6960 §3.2",
        "the OCSP answer's signature fits neither its issuer nor a signer that came with it",
    )
    for signer in answer.signers:
        if pool.exhausted:
            return SIGNER, "the OCSP answer's signer was not found within the bound on work"
        if not pool.fits(answer, signer):
            continue
        why = "".join(list(_no_right(signer, path, position, question, trusted))[:1])
        if not why:
            return None
        problem = SIGNER, f"the OCSP answer is signed by {signer.called}, {why}"
    return problem


def _no_right(
    signer: Facts, path: Path, position: int, question: rules.Question, trusted: Trusted
) -> Iterator[str]:
    """Why this signer may not answer for the issuer."""
    issuer = path.certificates[position + 1]
    if signer.issuer != issuer.subject:
        yield f"which is not from {issuer.called}, the issuer of the certificate"
        return
    if not question.pool.fits(signer, issuer):
        # Also a CA of the same name, and the CA's own older key: §4.2.2.2 asks for the same key.
        yield f"for which the key of {issuer.called} does not vouch"
        return
    usage = signer.value(x509.ExtendedKeyUsage)
    # Written out: to be for any purpose is not enough, or every careless certificate could speak for its CA.
    if usage is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        yield "which may not sign OCSP answers: no OCSPSigning among its extended key usages"
        return
    key_usage = signer.value(x509.KeyUsage)
    if key_usage is not None and not (key_usage.digital_signature or key_usage.content_commitment):
        yield "whose key usage allows no signatures"
    own = replace(question, name=None, purpose=None, depth=None, key=None)
    above = Path((signer, *path.certificates[position + 1 :]), path.anchored)
    for rule in OF_A_SIGNER:
        yield from (
            f"whose own certificate is not good ({finding.why})"
            for finding in rule(above, own)
            if not finding.ok and finding.certificate is signer.certificate
        )
    if ExtensionOID.OCSP_NO_CHECK not in signer.extensions and not trusted(signer, path.top):
        yield "of which nobody says whether it is revoked (it has no ocsp-nocheck)"
