"""Revocation: by CRL (RFC 5280 §5, §6.3), and by OCSP (`ocsp.py`). What counts for how much: `words.py`.

A good word is taken from complete CRLs of the issuer itself, for all its certificates, for CA certificates only, for
others only, or for one distribution point. Indirect CRLs, those for some reasons only, and delta CRLs (§6.3.1 (b)
leaves it to the verifier to use them) are not understood well enough for that; what they list is revoked all the same,
also where another publishes them whom the certificate names as cRLIssuer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from padlock.reading import visible

from . import names, ocsp
from .facts import NO_REV_AVAIL, UNREADABLE, Facts, Signed, read_once
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

# (why this other certificate, in which a CA names the key of its CRLs or OCSP answers, is not good by all these rules
# under this anchor, or ""; may it revoke all the same), of one that spoke at this moment.
Doubt = Callable[[Facts, Facts, datetime | None], tuple[str, bool]]


class Entry(NamedTuple):
    """date: of the revocation, None if it can't be read; since: the same, or the earlier day on which the certificate
    became invalid (RFC 5280 §5.3.2); hold: it may be taken back; back: it is; riddle: what makes it perhaps another's.
    """

    date: datetime | None
    since: datetime | None
    reason: str
    hold: bool
    back: bool
    riddle: str


class List(Signed):
    """A CRL. What it says of a serial number is found once: a path may be tried many times."""

    def __init__(self, signed: x509.CertificateRevocationList):
        super().__init__(signed)
        self._mentioned: dict[int, bool] = {}
        self._entries: dict[tuple[int, names.Key], list[Entry]] = {}

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

    def mentions(self, serial: int) -> bool:
        """Is this number on it, whosever it is?"""
        if serial not in self._mentioned:  # the library searches fast, but no negative numbers
            one = serial < 0 or self.signed.get_revoked_certificate_by_serial_number(serial)
            self._mentioned[serial] = one is not None
        return self._mentioned[serial]

    def entries(self, serial: int, issuer: names.Key) -> list[Entry]:
        """All that it says of this issuer's certificate with this serial number."""
        if (serial, issuer) not in self._entries:
            self._entries[serial, issuer] = self._find(serial, issuer)
        return self._entries[serial, issuer]

    def _find(self, serial: int, issuer: names.Key) -> list[Entry]:
        if not self.mentions(serial):
            return []
        if serial >= 0 and not self.indirect:
            number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
            if self.payload.count(number) == 1:  # so no other entry has it
                return [_said(self.signed.get_revoked_certificate_by_serial_number(serial), self)]
        found, self.unknown = self._look_through(serial, issuer)
        return found

    def _look_through(
        self, serial: int | None, issuer: names.Key
    ) -> tuple[list[Entry], list[x509.ObjectIdentifier]]:
        """Read every entry, whoever it is about (RFC 5280 §5.3), and keep few: a list may have a million.

        Returns those with this serial number of this issuer, and the critical extensions that are not understood.
        """
        known = {CRLEntryExtensionOID.CRL_REASON}
        if self.indirect:
            known.add(CRLEntryExtensionOID.CERTIFICATE_ISSUER)
        found, unknown, unreadable, about = {}, {}, None, self.issuer == issuer
        for entry in self.signed:
            try:
                _, extensions = entry.revocation_date_utc, entry.extensions
            except UNREADABLE as error:
                unreadable = unreadable or error
                extensions = readable(lambda entry=entry: entry.extensions)
                about = about or extensions is None
            for extension in extensions or ():
                if extension.critical and extension.oid not in known:
                    unknown[extension.oid] = None
                if self.indirect and extension.oid == CRLEntryExtensionOID.CERTIFICATE_ISSUER:
                    # the next entries are that CA's as well (RFC 5280 §5.3.3)
                    about = any(names.is_directory(name, issuer) for name in extension.value)
            if about and serial is not None and entry.serial_number == serial:
                found[_said(entry, self)] = None
        if unreadable:
            self.trouble.append(f"its entries can't be read ({visible(str(unreadable), 100)})")
        return list(found), list(unknown)

    @read_once
    def unknown(self) -> list[x509.ObjectIdentifier]:
        """Critical extensions of its entries that are not understood."""
        return self._look_through(None, ())[1]

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
        unknown += self.unknown
        return f"a critical extension that is not understood ({unknown[0].dotted_string})" if unknown else ""

    @read_once
    def strange(self) -> str:
        """Why its form does not let us rely on what is not in it; or ""."""
        _ = self.issuer, self.extensions, self.period, self.riddle
        if self.trouble:
            return f"its CRL can't be relied on: {self.trouble[0]}"
        return f"its CRL has {self.riddle}" if self.riddle else ""


def _said(entry: x509.RevokedCertificate, found: List) -> Entry:
    """What an entry of this list says."""
    read = readable(lambda: {one.oid: one.value for one in entry.extensions})
    extensions, reason, said = read or {}, None, "no reason given"
    if read is None:
        said = "the reason can't be read"
    elif CRLEntryExtensionOID.CRL_REASON in extensions:
        reason = extensions[CRLEntryExtensionOID.CRL_REASON].reason
        said = reason.value
    date, riddle = readable(lambda: entry.revocation_date_utc), ""
    since, invalid = date, extensions.get(CRLEntryExtensionOID.INVALIDITY_DATE)
    if date and invalid and invalid.invalidity_date_utc < date:
        since = invalid.invalidity_date_utc
        said += f", invalid since {when(since)}"
    whose = extensions.get(CRLEntryExtensionOID.CERTIFICATE_ISSUER)
    if whose and not found.indirect and not any(names.is_directory(name, found.issuer) for name in whose):
        riddle = "an entry for another authority, without being a CRL for several"
    return Entry(
        date,
        since,
        said,
        reason is x509.ReasonFlags.certificate_hold,
        reason is x509.ReasonFlags.remove_from_crl,  # RFC 5280 §6.3.3 (k): no revocation
        riddle,
    )


def revocation(path: Path, question: Question, doubt: Doubt) -> Iterator[Finding]:
    """No certificate below the anchor is revoked, and there is a CRL or an OCSP answer that says so.

    One of them is enough for a good word (RFC 6960 §2.2: who gets "unknown" may try a CRL); a bad word from either
    counts.
    """
    for position, facts in enumerate(path.certificates[:-1]):
        asked = [by for by, given in ((ocsp.words, question.answers), (_words, question.crls)) if given]
        if asked:
            said = [by(facts, path, position, question, doubt) for by in asked]
            ok, clause, why = weigh(*said)
            if why.startswith(NOBODY_KNOWS) and NO_REV_AVAIL in facts.extensions and not facts.is_ca:
                ok, clause, why = (
                    True,
                    "RFC 9608 §4",
                    "its issuer publishes nothing on that, and says so (noRevAvail)",
                )
            yield Finding("revocation", ok, clause, why, facts.certificate)


def _words(facts: Facts, path: Path, position: int, question: Question, doubt: Doubt) -> list[Word]:
    """What CRLs say. Every one is asked: an older one may not know what a newer one says."""
    points = facts.value(x509.CRLDistributionPoints) or ()
    own = [found for found in question.crls if found.issuer == facts.issuer]
    asked = [found for found in (*own, *_of_others(facts, question, points)) if not found.for_attributes]
    said, clean = [], []
    # Those that list it come first: others, which anybody can make, must not use up the bound on work before.
    for found in asked:
        listed = found.mentions(facts.serial) and _listed(found, facts, path, position, question, doubt)
        said += listed or ()
        if not listed and found.issuer == facts.issuer:
            clean.append(found)
    if elsewhere := _elsewhere(facts, points):
        said.append(Word(NOTHING, "RFC 5280 §4.2.1.13", elsewhere))
    else:
        clean = [found for found in clean if _speaks_of(found, facts, points)]
        said += [_unlisted(found, facts, path, position, question, doubt, points) for found in clean]
    if not said:
        what = (
            "no CRL of its issuer speaks of such a certificate" if own else "no CRL of its issuer was given"
        )
        said.append(Word(NOTHING, CLAUSE, what))
    return said


def _of_others(facts: Facts, question: Question, points) -> list[List]:
    """Indirect CRLs of those whom the certificate names as cRLIssuer (RFC 5280 §6.3.3 (b)(1))."""
    named = [name for point in points for name in point.crl_issuer or ()]
    return [
        found
        for found in question.crls
        if found.indirect
        and found.issuer != facts.issuer
        and any(names.is_directory(name, found.issuer) for name in named)
    ]


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


def _listed(
    found: List, facts: Facts, path: Path, position: int, question: Question, doubt: Doubt
) -> list[Word]:
    """What each of its entries for the certificate says, if there is one that revokes."""
    may, problem, key = _signed(found, path, position, question, doubt)
    if may is None:
        clause, why = problem
        return [Word(PERHAPS, clause, f"it may be revoked: a CRL lists it, and {why}")]
    if not may:
        return [Word(NOTHING, *problem)]
    deltas = [other for other in question.crls if other.delta and other.issuer == found.issuer]
    said, begin = [], found.period[0]
    for entry in found.entries(facts.serial, facts.issuer):
        why, riddle = revoked_on(entry.date, entry.reason, question.at), found.riddle or entry.riddle
        if entry.back:
            continue
        if not_yet(question.at, begin, entry.since):
            said.append(Word(NOTHING, *_too_early(begin, question)))
        elif riddle:
            why = f"it may be revoked: its CRL says “{why}”, but has {riddle}"
            said.append(Word(PERHAPS, "RFC 5280 §5.2, §5.3", why))
        else:
            if entry.hold and any(
                _signed(delta, path, position, question, doubt)[0] is not False for delta in deltas
            ):
                why += "; whether a delta CRL ends that is not understood"
            said.append(Word(REVOKED, CLAUSE, why, begin, found, key, entry.hold))
    return said


def _unlisted(
    found: List, facts: Facts, path: Path, position: int, question: Question, doubt: Doubt, points
) -> Word:
    problem, key = _not_enough(found, points) or _stale(found, question), b""
    if not problem:  # who signed is asked before a long list is read
        _, problem, key = _signed(found, path, position, question, doubt)
    if not problem and found.strange:
        problem = "RFC 5280 §5.2", found.strange
    if problem:
        return Word(NOTHING, *problem)
    begin = found.period[0]
    why = f"not on the CRL of {when(begin)}"
    if found.entries(facts.serial, facts.issuer):
        why = f"on the CRL of {when(begin)}, but revoked no longer (removeFromCRL)"
    return Word(GOOD, CLAUSE, why, begin, found, key)


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


def _stale(found: List, question: Question) -> tuple[str, str] | None:
    """(clause, why) if it is not of now, or not to be trusted for its hash."""
    if found.digest in WEAK_HASHES and not question.allow_weak:
        return (
            WEAK_HASH,
            f"its CRL is signed over {found.digest.upper()}: two lists with the same hash can be made",
        )
    begin, end = found.period
    if begin is None:
        return "RFC 5280 §5.1.2.4", "the dates of its CRL can't be read"
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
) -> tuple[bool | None, tuple[str, str] | None, bytes]:
    """(may who signed it call the issuer's certificates revoked; (clause, why) if it may not call them good; its key).

    The first is None where it was not found out within the bound on work. The issuer's own key may always revoke: it
    made the certificate. To be believed in all it needs cRLSign. Another key needs that written down, and a certificate
    that is good; and it must be the issuer's own beyond doubt, or that of the cRLIssuer whom the certificate names.
    """
    issuer, pool = path.certificates[position + 1], question.pool
    own = found.issuer == issuer.subject
    problem = "RFC 5280 §6.3.3 (g)", "the signature on its CRL fits no key of its issuer"
    may, key = False, b""
    exhausted = BOUND, "who signed its CRL was not found out within the bound on work"
    for signer in ((issuer,) if own else ()) + tuple(pool.called(found.issuer)):
        if pool.exhausted:
            return may or None, exhausted, key
        if not pool.fits(found, signer):
            continue
        usage, key, clause = signer.value(x509.KeyUsage), signer.key_bytes, "RFC 5280 §6.3.3 (f)"
        if usage is not None and not usage.crl_sign:
            may = may or signer is issuer
            why = "its CRL is signed with a key that may not sign CRLs: no cRLSign"
        elif signer is issuer:
            return True, None, key
        elif usage is None:
            clause = "RFC 5280 §4.2.1.3"
            why = "its CRL is signed with another key, whose certificate has no keyUsage that allows it"
        elif own and not _same_ca(signer, path, position, question):
            why = "its CRL is signed with another key, whose certificate is not the issuer's own"
        else:
            trouble, may_revoke = doubt(signer, path.top, found.period[0])
            if not trouble:
                return True, None, key
            may = may or may_revoke
            why = f"its CRL is signed with another key, whose certificate is not good ({trouble})"
        problem = clause, why
    return (may or None, exhausted, key) if pool.exhausted else (may, problem, key)


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
