"""Revocation by CRL (RFC 5280 §5, §6.3). When in doubt it fails closed, and says so.

Understood are complete CRLs of the issuer itself, for all its certificates, for CA certificates only, for others only, or
for one distribution point. Delta CRLs, indirect CRLs and those for some reasons only are refused as not understood: what
such a list leaves out may be the very thing that was asked.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cached_property

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from .facts import UNREADABLE, Facts, signed_by
from .names import name_key
from .paths import Path
from .rules import Question, _when
from .verdict import Finding

CLAUSE = "RFC 5280 §6.3.3"

# May be critical in a CRL, and is followed here.
UNDERSTOOD = {ExtensionOID.ISSUING_DISTRIBUTION_POINT}


class List:
    """A CRL, read once. `trouble`: a sentence if it can't be read."""

    def __init__(self, crl: x509.CertificateRevocationList):
        self.crl = crl
        self.trouble = ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.issuer = name_key(crl.issuer)
                self.extensions = {e.oid: e for e in crl.extensions}
                self.period = crl.last_update_utc, crl.next_update_utc
        except UNREADABLE as error:
            self.trouble, self.issuer, self.extensions, self.period = str(error), None, {}, (None, None)

    def value(self, kind):
        extension = self.extensions.get(kind.oid)
        return extension.value if extension else None

    def entry(self, serial: int) -> x509.RevokedCertificate | None:
        if serial > 0:
            return self.crl.get_revoked_certificate_by_serial_number(serial)
        return next((e for e in self.crl if e.serial_number == serial), None)  # the quick search takes positive ones

    @cached_property
    def payload(self) -> bytes:
        return self.crl.tbs_certlist_bytes


def revocation(path: Path, question: Question, trusted: Callable[[Facts, Question], bool]) -> Iterator[Finding]:
    """No certificate below the anchor is on its issuer's list, and there is a list that says so.

    trusted: is this other certificate of the issuer (with its CRL key) good, by all these rules? Asked only where
    the CRL was not signed with the key that signed the certificate.
    """
    if not question.crls:
        return
    lists = [List(crl) for crl in question.crls]
    for facts, issuer in path.links():
        ok, why = _standing(facts, issuer, lists, question, trusted)
        yield Finding("revocation", ok, CLAUSE, why, facts.certificate)


def _standing(facts: Facts, issuer: Facts, lists: list[List], question: Question, trusted) -> tuple[bool, str]:
    """(not revoked, why). The first list that can answer, answers; if none can, why not."""
    problems = []
    points = facts.value(x509.CRLDistributionPoints) or ()
    if any(point.crl_issuer for point in points):
        return False, "another authority publishes its CRL (indirect), which is not understood"
    if any(point.reasons for point in points):
        return False, "its CRLs are split by reason, which is not understood"
    if facts.value(x509.FreshestCRL) is not None:
        return False, "it asks for delta CRLs, which are not understood"
    own = [found for found in lists if found.issuer == facts.issuer]
    if any(found.value(x509.DeltaCRLIndicator) is not None for found in own):
        return False, "its issuer publishes delta CRLs, which are not understood"
    for found in own:
        scope = _scope(found, facts, points)
        if scope is not None:
            problems += [scope] if scope else []
            continue
        problem = _unusable(found, issuer, question, trusted)
        if problem:
            problems.append(problem)
            continue
        entry = found.entry(facts.serial)
        if entry is not None:
            return False, _entry(entry)
        return True, f"not on the CRL of {_when(found.period[0])}"
    if not problems:
        problems = ["no CRL of its issuer was given" if not own else "no CRL of its issuer speaks of such a certificate"]
    return False, "whether it is revoked is not known: " + "; ".join(dict.fromkeys(problems))


def _scope(found: List, facts: Facts, points) -> str | None:
    """None: the list speaks of this certificate. "": it does not, and that is no fault. A sentence: nobody knows."""
    point = found.value(x509.IssuingDistributionPoint)
    if point is None:
        return None
    if point.indirect_crl:
        return "a CRL for several authorities (indirect) is not understood"
    if point.only_some_reasons:
        return "a CRL for some reasons only is not understood"
    if point.only_contains_attribute_certs:
        return ""
    if point.only_contains_user_certs and facts.is_ca or point.only_contains_ca_certs and not facts.is_ca:
        return ""
    if point.relative_name:
        return "a CRL with a relative distribution point is not understood"
    if point.full_name:
        named = [n for p in points for n in p.full_name or ()]
        if any(p.relative_name for p in points):
            return "a relative distribution point is not understood"
        if not any(n in named for n in point.full_name):
            return ""
    return None


def _unusable(found: List, issuer: Facts, question: Question, trusted) -> str:
    """Why the list can't be relied on, or ""."""
    if found.trouble:
        return f"its CRL can't be read ({found.trouble:.100})"
    unknown = [oid for oid, e in found.extensions.items() if e.critical and oid not in UNDERSTOOD]
    if unknown:
        return f"its CRL has a critical extension that is not understood ({unknown[0].dotted_string})"
    if ExtensionOID.FRESHEST_CRL in found.extensions:
        return "its CRL points to delta CRLs, which are not understood"
    begin, end = found.period
    if end is None:
        return "its CRL does not say when the next one comes"
    if question.at < begin:
        return f"its CRL is of {_when(begin)}, and it is {_when(question.at)}"
    if question.at > end:
        return f"its CRL was good until {_when(end)}, and it is {_when(question.at)}"
    problem = _unsigned(found, issuer, question, trusted)
    return problem or _strange_entries(found)


def _strange_entries(found: List) -> str:
    for entry in found.crl:
        try:
            bad = [e for e in entry.extensions if e.critical and e.oid != CRLEntryExtensionOID.CRL_REASON]
        except UNREADABLE:
            return "an entry of its CRL can't be read"
        if bad:
            return f"an entry of its CRL has a critical extension that is not understood ({bad[0].oid.dotted_string})"
    return ""


def _unsigned(found: List, issuer: Facts, question: Question, trusted) -> str:
    """"" if the list is signed with the issuer's key, or with another key that the issuer has a good certificate for."""
    others = [f for f in question.pool.called(found.issuer) if f.key_bytes != issuer.key_bytes]
    problem = "the signature on its CRL fits no key of its issuer"
    for signer in (issuer, *others):
        if not signed_by(found.crl, signer.key, found.payload):
            continue
        usage = signer.value(x509.KeyUsage)
        if usage is not None and not usage.crl_sign:
            problem = "its CRL is signed with a key that may not sign CRLs: no cRLSign"
        elif signer is issuer or trusted(signer, question):
            return ""
        else:
            problem = "the certificate of the key that signed its CRL is not good itself"
    return problem


def _entry(entry: x509.RevokedCertificate) -> str:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE):
        reason = "no reason given"
    return f"revoked on {_when(entry.revocation_date_utc)} ({reason})"
