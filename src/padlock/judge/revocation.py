"""Revocation: by CRL (RFC 5280 §5, §6.3), and by OCSP (`ocsp.py`). When in doubt it fails closed, and says so.

Understood are complete CRLs of the issuer itself, for all its certificates, for CA certificates only, for others only,
or for one distribution point. Delta CRLs, indirect CRLs and those for some reasons only are refused as not understood:
what such a list leaves out may be the very thing that was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from . import names, ocsp
from .facts import Facts, Signed, read_once, same_algorithm_inside
from .paths import Path
from .rules import WEAK_HASH, WEAK_HASHES, Question, apart, when
from .verdict import Finding

CLAUSE = "RFC 5280 §6.3.3"

# May be critical in a CRL, and is followed here.
UNDERSTOOD = {ExtensionOID.ISSUING_DISTRIBUTION_POINT}

# Is this other certificate, in which a CA names the key of its CRLs, good by all these rules, under this anchor?
Trusted = Callable[[Facts, Facts], bool]


class List(Signed):
    """A CRL."""

    @read_once
    def period(self) -> tuple[datetime | None, datetime | None]:
        """(thisUpdate, nextUpdate), aware."""
        return self._read("dates", lambda: (self.signed.last_update_utc, self.signed.next_update_utc)) or (
            None,
            None,
        )

    def entry(self, serial: int) -> tuple[str, bool] | None:
        """(when and why this serial number was revoked, is it only on hold); None: it is not on the list."""
        if serial >= 0 and self.signed.get_revoked_certificate_by_serial_number(serial) is None:
            return None  # the library searches fast, but no negative numbers
        found = [_said(entry) for entry in self.signed if entry.serial_number == serial]
        return min(found, key=lambda one: one[1], default=None)  # twice on the list: for good before on hold

    def look_through(self) -> None:
        """Read every entry, whoever it is about (RFC 5280 §5.3), and keep none: a list may have a million.

        Raises ValueError for one that has a critical extension that we don't know, or can't be read.
        """
        for entry in self.signed:
            _said(entry)

    def replaces(self, older: List) -> bool:
        """Has it a higher number, in the same series: of one issuer, for the same certificates (RFC 5280 §5.2.3)?"""
        own, other = self.value(x509.CRLNumber), older.value(x509.CRLNumber)
        if own is None or other is None or own.crl_number <= other.crl_number:
            return False
        point = x509.IssuingDistributionPoint
        return self.issuer == older.issuer and self.value(point) == older.value(point)

    @read_once
    def strange(self) -> str:
        """Why its form does not let us rely on it, whatever it says; or ""."""
        _ = self.issuer, self.extensions, self.period
        self._read("entries", self.look_through)
        if self.trouble:
            return f"its CRL can't be relied on: {self.trouble[0]}"
        if not same_algorithm_inside(self.der):
            return "its CRL names one signature algorithm outside and another inside"
        unknown = [oid for oid, e in self.extensions.items() if e.critical and oid not in UNDERSTOOD]
        if unknown:
            return f"its CRL has a critical extension that is not understood ({unknown[0].dotted_string})"
        if ExtensionOID.FRESHEST_CRL in self.extensions:
            return "its CRL points to delta CRLs, which are not understood"
        return ""


def _said(entry: x509.RevokedCertificate) -> tuple[str, bool]:
    """What an entry says, and whether it may be taken back.

    ValueError if it may be about another CA's certificate, or asks for what we don't know.
    """
    reason, hold = "no reason given", False
    for extension in entry.extensions:
        if extension.oid == CRLEntryExtensionOID.CRL_REASON:
            reason = extension.value.reason.value
            hold = extension.value.reason is x509.ReasonFlags.certificate_hold
        elif extension.critical:
            raise ValueError(
                f"one has a critical extension that is not understood, {extension.oid.dotted_string}"
            )
    return f"revoked on {when(entry.revocation_date_utc)} ({reason})", hold


def revocation(path: Path, question: Question, trusted: Trusted) -> Iterator[Finding]:
    """No certificate below the anchor is revoked, and there is a CRL or an OCSP answer that says so.

    One of them is enough for a good word (RFC 6960 §2.2: who gets "unknown" may try a CRL); a bad word from either
    counts.
    """
    for position, facts in enumerate(path.certificates[:-1]):
        asked = [by for by, given in ((ocsp.standing, question.answers), (_standing, question.crls)) if given]
        said = [by(facts, path, position, question, trusted) for by in asked]
        if said:
            ok, clause, why = next((one for one in said if one[0] is False), None) or next(
                (one for one in said if one[0]), _nobody_knows(said)
            )
            yield Finding("revocation", bool(ok), clause, why, facts.certificate)


def _nobody_knows(said: list[tuple[bool | None, str, str]]) -> tuple[bool | None, str, str]:
    clauses = "; ".join(dict.fromkeys(clause for _, clause, _ in said))
    return None, clauses, "; and ".join(why for _, _, why in said)


def _standing(
    facts: Facts, path: Path, position: int, question: Question, trusted: Trusted
) -> tuple[bool | None, str, str]:
    """(not revoked, or None where nobody knows; clause; why).

    Every list that can answer is asked: an older one may not know what a newer one says.
    Revoked is revoked for good; only a hold can be over, and then the list with the higher number says so.
    """
    points = facts.value(x509.CRLDistributionPoints) or ()
    named = [name for point in points for name in point.crl_issuer or ()]
    if named and all(names.is_directory(name, facts.issuer) for name in named):
        return None, "RFC 5280 §4.2.1.13", "it names a cRLIssuer, which is not understood"
    if named:
        return (
            None,
            "RFC 5280 §4.2.1.13",
            "another authority publishes its CRL (indirect), which is not understood",
        )
    if any(point.reasons for point in points):
        return None, "RFC 5280 §4.2.1.13", "its CRLs are split by reason, which is not understood"
    if facts.value(x509.FreshestCRL) is not None:
        return None, "RFC 5280 §4.2.1.15", "it asks for delta CRLs, which are not understood"
    own = [found for found in question.crls if found.issuer == facts.issuer]
    if any(found.value(x509.DeltaCRLIndicator) is not None for found in own):
        return None, "RFC 5280 §5.2.4", "its issuer publishes delta CRLs, which are not understood"
    problems, good, held = [], [], []
    for found in own:
        scope = _scope(found, facts, points)
        if scope is not None:
            problems += [("RFC 5280 §5.2.5", scope)] if scope else []
            continue
        problem = _unusable(found, question) or _unsigned(found, path, position, question, trusted)
        if problem:
            problems.append(problem)
            continue
        listed = found.entry(facts.serial)  # its form is in order, so every entry can be read
        if listed is None:
            good.append(found)
        elif listed[1]:
            held.append((found, listed[0]))
        else:
            return False, CLAUSE, listed[0]
    for found, why in held:
        if not any(newer.replaces(found) for newer in good):
            return False, CLAUSE, why
    if good:
        return True, CLAUSE, f"not on the CRL of {when(max(found.period[0] for found in good))}"
    if not problems:
        what = (
            "no CRL of its issuer speaks of such a certificate" if own else "no CRL of its issuer was given"
        )
        problems = [(CLAUSE, what)]
    return ocsp.unknown(problems)


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
    if (point.only_contains_user_certs and facts.is_ca) or (point.only_contains_ca_certs and not facts.is_ca):
        return ""
    if point.relative_name:
        return "a CRL with a relative distribution point is not understood"
    if point.full_name:
        if any(p.relative_name for p in points):
            return "a relative distribution point is not understood"
        named = {n for p in points for n in p.full_name or ()}
        if named.isdisjoint(point.full_name):
            return ""
    return None


def _unusable(found: List, question: Question) -> tuple[str, str] | None:
    """(clause, why) if the list can't be relied on."""
    if found.strange:
        return "RFC 5280 §5.2", found.strange
    if found.digest in WEAK_HASHES and not question.allow_weak:
        return (
            WEAK_HASH,
            f"its CRL is signed over {found.digest.upper()}: two lists with the same hash can be made",
        )
    begin, end = found.period
    if end is None:
        return "RFC 5280 §5.1.2.5", "its CRL does not say when the next one comes"
    if question.at < begin:
        return "RFC 5280 §5.1.2.4", "its CRL is of {}, and it is {} UTC".format(*apart(begin, question.at))
    if question.at > end:
        return "RFC 5280 §5.1.2.5", "its CRL was good until {}, and it is {} UTC".format(
            *apart(end, question.at)
        )
    return None


def _unsigned(
    found: List, path: Path, position: int, question: Question, trusted: Trusted
) -> tuple[str, str] | None:
    """None if the list is signed with the issuer's key, or with another key that is the issuer's own beyond doubt;
    else (clause, why)."""
    issuer, pool = path.certificates[position + 1], question.pool
    problem = "RFC 5280 §6.3.3 (g)", "the signature on its CRL fits no key of its issuer"
    for signer in (issuer, *pool.called(found.issuer)):
        if pool.exhausted:
            return CLAUSE, "its CRL's signer was not found within the bound on work"
        if not pool.fits(found, signer):
            continue
        usage = signer.value(x509.KeyUsage)
        if usage is not None and not usage.crl_sign:
            why = "its CRL is signed with a key that may not sign CRLs: no cRLSign"
        elif signer is issuer or (_same_ca(signer, path, position, question) and trusted(signer, path.top)):
            return None
        else:
            why = "its CRL is signed with another key, whose certificate is not good or not the issuer's own"
        problem = "RFC 5280 §6.3.3 (f)", why
    return problem


def _same_ca(signer: Facts, path: Path, position: int, question: Question) -> bool:
    """A name is not enough: any CA under the same anchor could give it to somebody else. The certificate with the
    CRL's key must be signed by the issuer itself, or by the CA that also signed the issuer's own."""
    own = path.certificates[position + 1].subject
    for above in path.certificates[position + 1 :]:
        if signer is above or question.pool.fits(signer, above):
            return True
        if above.subject != own:
            return False
    return False
