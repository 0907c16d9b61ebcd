"""Revocation: by CRL (RFC 5280 §5, §6.3), and by OCSP (`ocsp.py`). What counts for how much: `words.py`.

A good word is taken from complete CRLs of the issuer itself, for all its certificates, for CA certificates only, for
others only, or for one distribution point. Indirect CRLs, those for some reasons only, and delta CRLs (§6.3.1 (b)
leaves it to the verifier to use them) are not understood well enough for that; what they list is revoked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from . import names, ocsp
from .facts import Facts, Signed, read_once
from .paths import Path
from .rules import WEAK_HASH, WEAK_HASHES, Question, apart, when
from .verdict import Finding
from .words import (
    BOUND,
    GOOD,
    NOBODY_KNOWS,
    NOTHING,
    PERHAPS,
    REVOKED,
    Word,
    not_yet,
    readable,
    revoked_on,
    weigh,
)

CLAUSE = "RFC 5280 §6.3.3"

# May be critical in a CRL, and are followed here.
UNDERSTOOD = {ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.DELTA_CRL_INDICATOR}

# Why this other certificate, in which a CA names the key of its CRLs or OCSP answers, is not good by all these rules,
# under this anchor; "" if it is.
Doubt = Callable[[Facts, Facts], str]


class Entry(NamedTuple):
    """why: when and for what reason, a sentence; date: None if it can't be read; hold: it may be taken back."""

    why: str
    date: datetime | None
    hold: bool


class List(Signed):
    """A CRL."""

    @read_once
    def period(self) -> tuple[datetime | None, datetime | None]:
        """(thisUpdate, nextUpdate), aware."""
        return self._read("dates", lambda: (self.signed.last_update_utc, self.signed.next_update_utc)) or (
            None,
            None,
        )

    @read_once
    def scope(self) -> x509.IssuingDistributionPoint | None:
        """What certificates it is for; None: all of its issuer's."""
        return self.value(x509.IssuingDistributionPoint)

    @property
    def indirect(self) -> bool:
        return self.scope is not None and self.scope.indirect_crl

    @property
    def for_attributes(self) -> bool:
        """For attribute certificates, which have serial numbers of their own."""
        return self.scope is not None and self.scope.only_contains_attribute_certs

    def entry(self, serial: int) -> Entry | None:
        """What it says of its issuer's certificate with this serial number; None: it is not on the list."""
        if serial >= 0 and self.signed.get_revoked_certificate_by_serial_number(serial) is None:
            return None  # the library searches fast, but no negative numbers
        found, others = [], False
        for entry in self.signed:
            if entry.serial_number != serial and not self.indirect:
                continue
            extensions = readable(lambda entry=entry: {one.oid: one.value for one in entry.extensions})
            named = (extensions or {}).get(CRLEntryExtensionOID.CERTIFICATE_ISSUER)
            if named is not None:
                others = not any(names.is_directory(name, self.issuer) for name in named)
            elif not self.indirect or extensions is None:
                others = False  # in an indirect CRL, the next entries are that CA's as well (RFC 5280 §5.3.3)
            if entry.serial_number == serial and not others:
                found.append(_said(entry, extensions))
        # twice on the list: for good before on hold
        return min(filter(None, found), key=lambda one: one.hold, default=None)

    def look_through(self) -> list[x509.ObjectIdentifier]:
        """Read every entry, whoever it is about (RFC 5280 §5.3), and keep none: a list may have a million.

        Returns the critical extensions that are not understood. Raises ValueError for an entry that can't be read.
        """
        known = {CRLEntryExtensionOID.CRL_REASON}
        if self.indirect:
            known.add(CRLEntryExtensionOID.CERTIFICATE_ISSUER)
        found = {}
        for entry in self.signed:
            _ = entry.revocation_date_utc
            for extension in entry.extensions:
                if extension.critical and extension.oid not in known:
                    found[extension.oid] = None
        return list(found)

    @property
    def delta(self) -> bool:
        """With the changes to another list only (RFC 5280 §5.2.4)."""
        return self.value(x509.DeltaCRLIndicator) is not None

    def replaces(self, older: List) -> bool:
        """Has it a higher number, in the same series: of one issuer, for the same certificates (RFC 5280 §5.2.3)?"""
        own, other = self.value(x509.CRLNumber), older.value(x509.CRLNumber)
        if own is None or other is None or own.crl_number <= other.crl_number:
            return False
        return self.issuer == older.issuer and self.scope == older.scope

    @read_once
    def riddle(self) -> str:
        """What might give its entries another meaning: such a list must not be used (RFC 5280 §5.2, §5.3). Or ""."""
        if readable(lambda: list(self.signed.extensions)) is None:
            return "extensions that can't be read"
        unknown = [oid for oid, e in self.extensions.items() if e.critical and oid not in UNDERSTOOD]
        unknown += self._read("entries", self.look_through) or []
        return f"a critical extension that is not understood ({unknown[0].dotted_string})" if unknown else ""

    @read_once
    def strange(self) -> str:
        """Why its form does not let us rely on what is not in it; or ""."""
        _ = self.issuer, self.extensions, self.period, self.riddle
        if self.trouble:
            return f"its CRL can't be relied on: {self.trouble[0]}"
        return f"its CRL has {self.riddle}" if self.riddle else ""


def _said(entry: x509.RevokedCertificate, extensions: dict | None) -> Entry | None:
    """extensions: by OID; None if they can't be read. None: it takes a hold back (RFC 5280 §6.3.3 (k))."""
    reason, said = None, "no reason given"
    if extensions is None:
        said = "the reason can't be read"
    elif CRLEntryExtensionOID.CRL_REASON in extensions:
        reason = extensions[CRLEntryExtensionOID.CRL_REASON].reason
        said = reason.value
    if reason is x509.ReasonFlags.remove_from_crl:
        return None
    date = readable(lambda: entry.revocation_date_utc)
    return Entry(revoked_on(date, said), date, reason is x509.ReasonFlags.certificate_hold)


def revocation(path: Path, question: Question, doubt: Doubt) -> Iterator[Finding]:
    """No certificate below the anchor is revoked, and there is a CRL or an OCSP answer that says so.

    One of them is enough for a good word (RFC 6960 §2.2: who gets "unknown" may try a CRL); a bad word from either
    counts.
    """
    for position, facts in enumerate(path.certificates[:-1]):
        asked = [by for by, given in ((ocsp.words, question.answers), (_words, question.crls)) if given]
        if asked:
            said = [by(facts, path, position, question, doubt) for by in asked]
            yield Finding("revocation", *weigh(*said), facts.certificate)


def _words(facts: Facts, path: Path, position: int, question: Question, doubt: Doubt) -> list[Word]:
    """What its issuer's CRLs say. Every one is asked: an older one may not know what a newer one says."""
    own = [found for found in question.crls if found.issuer == facts.issuer]
    entries = {found: found.entry(facts.serial) for found in own if not found.for_attributes}
    # Those that list it come first: others, which anybody can make, must not use up the bound on work before.
    said = [
        _listed(found, path, position, question, doubt, entry) for found, entry in entries.items() if entry
    ]
    others = [found for found in entries if not entries[found]]
    points = facts.value(x509.CRLDistributionPoints) or ()
    if elsewhere := _elsewhere(facts, points):
        said.append(Word(NOTHING, "RFC 5280 §4.2.1.13", elsewhere))
    else:
        asked = [found for found in others if _speaks_of(found, facts, points)]
        said += [_unlisted(found, path, position, question, doubt, points) for found in asked]
    if not said:
        what = (
            "no CRL of its issuer speaks of such a certificate" if own else "no CRL of its issuer was given"
        )
        said.append(Word(NOTHING, CLAUSE, what))
    return said


def _elsewhere(facts: Facts, points) -> str:
    """Why a complete CRL of the issuer is not the place where this certificate would be listed; or ""."""
    named = [name for point in points for name in point.crl_issuer or ()]
    if named and all(names.is_directory(name, facts.issuer) for name in named):
        return "it names a cRLIssuer, which is not understood"
    if named:
        return "another authority publishes its CRL (indirect), which is not understood"
    if any(point.reasons for point in points):
        return "its CRLs are split by reason, which is not understood"
    return ""


def _listed(found: List, path: Path, position: int, question: Question, doubt: Doubt, entry: Entry) -> Word:
    may, problem = _signed(found, path, position, question, doubt)
    begin = found.period[0]
    if may is None:
        clause, why = problem
        return Word(PERHAPS, clause, f"it may be revoked: a CRL in its issuer's name lists it, and {why}")
    if not may:
        return Word(NOTHING, *problem)
    if not_yet(question.at, begin, entry.date):
        return Word(NOTHING, *_too_early(begin, question))
    if found.riddle:
        why = f"it may be revoked: its CRL says “{entry.why}”, but has {found.riddle}"
        return Word(PERHAPS, "RFC 5280 §5.2", why)
    why = entry.why
    if entry.hold and any(other.delta for other in question.crls if other.issuer == found.issuer):
        why += "; whether a delta CRL ends that is not understood"
    return Word(REVOKED, CLAUSE, why, begin, found, entry.hold)


def _unlisted(found: List, path: Path, position: int, question: Question, doubt: Doubt, points) -> Word:
    problem = _not_enough(found, points) or _unusable(found, question)
    problem = problem or _signed(found, path, position, question, doubt)[1]
    if problem:
        return Word(NOTHING, *problem)
    begin = found.period[0]
    return Word(GOOD, CLAUSE, f"not on the CRL of {when(begin)}", begin, found)


def _speaks_of(found: List, facts: Facts, points) -> bool:
    """Is it for certificates of this kind, and for one of these distribution points? If not, that is no fault."""
    scope = found.scope
    if scope is None:
        return True
    if (scope.only_contains_user_certs and facts.is_ca) or (scope.only_contains_ca_certs and not facts.is_ca):
        return False
    if not scope.full_name or any(point.relative_name for point in points):
        return True
    named = {name for point in points for name in point.full_name or ()}
    # Where no point leads to a list, assume one with the issuer's own name (RFC 5280 §6.3.3, at the end).
    return any(name in named or names.is_directory(name, facts.issuer) for name in scope.full_name)


def _not_enough(found: List, points) -> tuple[str, str] | None:
    """(clause, why) if something may be left out of it, where the certificate is concerned."""
    scope = found.scope
    if found.delta:
        return "RFC 5280 §5.2.4", "a delta CRL, with the changes to another list only, is not understood"
    if scope is None:
        return None
    if scope.indirect_crl:
        return "RFC 5280 §5.2.5", "a CRL for several authorities (indirect) is not understood"
    if scope.only_some_reasons:
        return "RFC 5280 §5.2.5", "a CRL for some reasons only is not understood"
    if scope.relative_name or (scope.full_name and any(point.relative_name for point in points)):
        return "RFC 5280 §5.2.5", "a relative distribution point is not understood"
    return None


def _unusable(found: List, question: Question) -> tuple[str, str] | None:
    """(clause, why) if the list can't be relied on for what it leaves out."""
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
        return _too_early(begin, question)
    if question.at > end:
        return "RFC 5280 §5.1.2.5", "its CRL was good until {}, and it is {} UTC".format(
            *apart(end, question.at)
        )
    return None


def _too_early(begin: datetime, question: Question) -> tuple[str, str]:
    return "RFC 5280 §5.1.2.4", "its CRL is of {}, and it is {} UTC".format(*apart(begin, question.at))


def _signed(
    found: List, path: Path, position: int, question: Question, doubt: Doubt
) -> tuple[bool | None, tuple[str, str] | None]:
    """(may who signed it call the issuer's certificates revoked; (clause, why) if it may not call them good).

    The first is None where it was not found out within the bound on work. The issuer's own key may always revoke: it
    made the certificate. To be believed in all it needs cRLSign. So does another key, and it must be the issuer's own
    beyond doubt, with a certificate that is good.
    """
    issuer, pool = path.certificates[position + 1], question.pool
    may, problem = False, ("RFC 5280 §6.3.3 (g)", "the signature on its CRL fits no key of its issuer")
    exhausted = BOUND, "who signed its CRL was not found out within the bound on work"
    for signer in (issuer, *pool.called(found.issuer)):
        if pool.exhausted:
            return may or None, exhausted
        if not pool.fits(found, signer):
            continue
        usage = signer.value(x509.KeyUsage)
        if usage is not None and not usage.crl_sign:
            may = may or signer is issuer
            why = "its CRL is signed with a key that may not sign CRLs: no cRLSign"
        elif signer is issuer:
            return True, None
        elif not _same_ca(signer, path, position, question):
            why = "its CRL is signed with another key, whose certificate is not the issuer's own"
        elif not (trouble := doubt(signer, path.top)):
            return True, None
        else:
            may = may or trouble.startswith(NOBODY_KNOWS)  # that this key is revoked itself, nobody said
            why = f"its CRL is signed with another key, whose certificate is not good ({trouble})"
        problem = "RFC 5280 §6.3.3 (f)", why
    return (may or None, exhausted) if pool.exhausted else (may, problem)


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
