"""Lesson 09, Revocation: publish a CRL, read one with care, delay an answer, choose a lifetime, one identity each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from OpenSSL.crypto import Error as OpenSSLError

from padlock import keys, reading, tls
from padlock.authority import Authority, Issued
from padlock.judge import judge

from ..answer import Answer, Miss, YourCodeRaised
from ..model import Exercise, Explanation, Lesson, Question

NAME = "api.test"
REVOKED, NO_LIST, OTHER_SCOPE = 23, 3, 44  # OpenSSL's codes (include/openssl/x509_vfy.h)
SHORTEST_LIST, LONGEST_LIST = timedelta(hours=1), timedelta(days=31)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


# ---- 1: publish


@dataclass(frozen=True)
class Desk:
    """The CA's desk on the day of the theft. stolen, renewed: two certificates for api.test, each with its own key."""

    ca: x509.Certificate
    ca_key: Any
    stolen: Issued
    renewed: Issued
    opened: datetime


def desk() -> Desk:
    now, day = _now(), timedelta(days=1)
    ca = Authority("Desk CA", not_before=now - 300 * day)
    return Desk(ca.certificate, ca.private_key, ca.issue(NAME, not_before=now - 30 * day), ca.issue(NAME), now)


def _list(answer: Answer) -> tuple[Desk, x509.CertificateRevocationList]:
    return answer.given("theft", Desk), answer.crl("my_crl")


def is_the_cas(answer: Answer) -> None:
    """the list is the CA's own"""
    given, crl = _list(answer)
    if crl.issuer != given.ca.subject:
        raise Miss("list-other-issuer", "the list is another issuer's", tried="reading its issuer",
                   expected=given.ca.subject.rfc4514_string(), found=_shown(crl.issuer))  # fmt: skip
    if not _signed(crl, given.ca):
        raise Miss("list-other-key", "the CA's key does not verify the list", tried="verifying its signature",
                   expected="signed with theft.ca_key", found="another key's signature")  # fmt: skip


def is_fresh(answer: Answer) -> None:
    """the list is of now, and says when the next one comes"""
    given, crl = _list(answer)
    now, tried = datetime.now(UTC), "reading thisUpdate and nextUpdate"
    begin, end = crl.last_update_utc, crl.next_update_utc
    if begin > now + timedelta(minutes=1):
        raise Miss("list-ahead", "the list is from the future", tried=tried, expected="thisUpdate: now, in UTC",
                   found=_when(begin))  # fmt: skip
    if begin < given.opened - timedelta(hours=1):  # an hour, for clients whose clocks are slow
        raise Miss("list-old", "the list is older than the theft", tried=tried, expected="thisUpdate: now, in UTC",
                   found=_when(begin))  # fmt: skip
    if end is None or end <= now:
        raise Miss("list-over", "the list is out of date already", tried=tried, expected="a nextUpdate still to come",
                   found="none" if end is None else _when(end))  # fmt: skip
    if end - now < SHORTEST_LIST:
        raise Miss("crl-brief", "the list is out of date before the next one can be there", tried=tried,
                   expected="about a week", found=f"{(end - now).total_seconds() / 60:.0f} minutes")  # fmt: skip
    if end - begin > LONGEST_LIST:
        raise Miss("crl-lasts", "the list is good for too long", tried=tried, expected="about a week, at most a month",
                   found=f"{(end - begin).days} days")  # fmt: skip


def has_both_marks(answer: Answer) -> None:
    """the list has a number, and says which key signed it"""
    given, crl = _list(answer)
    if _extension(crl, x509.CRLNumber) is None:
        raise Miss("list-unnumbered", "the list has no number", tried="reading its extensions",
                   expected="a cRLNumber", found=_present(crl))  # fmt: skip
    for extension in crl.extensions:
        if extension.critical and isinstance(extension.value, x509.CRLNumber | x509.AuthorityKeyIdentifier):
            raise Miss("mark-critical", "a mark of the list is critical", tried="reading its extensions",
                       expected="cRLNumber and authorityKeyIdentifier, neither critical", found=f"a critical {extension.oid._name}")  # fmt: skip
    found, own = _extension(crl, x509.AuthorityKeyIdentifier), _extension(given.ca, x509.SubjectKeyIdentifier)
    if found is None or found.key_identifier != own.digest:
        identifier = found and found.key_identifier
        raise Miss("list-keyless", "the list does not say which key signed it", tried="reading its extensions",
                   expected=f"an authorityKeyIdentifier with the CA's, {own.digest.hex()[:16]}…",
                   found=f"{identifier.hex()[:16]}…" if identifier else _present(crl))  # fmt: skip


def stops_the_thief(answer: Answer) -> None:
    """a checking client refuses the stolen certificate"""
    given, crl = _list(answer)
    entry = crl.get_revoked_certificate_by_serial_number(given.stolen.certificate.serial_number)
    reason = entry and _reason(entry)
    expected, reading_it = "refused: certificate revoked", "reading the entry's reason"
    if reason is x509.ReasonFlags.remove_from_crl:
        raise Miss("taken-off", "the entry takes the stolen certificate off the list", tried=reading_it,
                   expected="keyCompromise, or none", found=reason.value)  # fmt: skip
    met = _met(given.stolen, given, crl)
    if met is None:
        many = len(list(crl))
        raise Miss("not-on-list", "a checking client still accepts the thief", tried=_TRIED, expected=expected,
                   found=f"accepted; the list has {many} {'entry' if many == 1 else 'entries'}, not this serial number")  # fmt: skip
    code, said = met
    if code in (NO_LIST, OTHER_SCOPE):
        raise Miss("list-partial", "for a client, the list does not speak of the stolen certificate", tried=_TRIED,
                   expected=expected, found=said)  # fmt: skip
    if code != REVOKED:
        raise Miss("list-strange", "a client can't use the list", tried=_TRIED, expected=expected, found=said)
    if reason is x509.ReasonFlags.certificate_hold:
        raise Miss("only-on-hold", "the stolen certificate is only on hold", tried=reading_it,
                   expected="keyCompromise, or none", found=reason.value)  # fmt: skip
    if reason not in (None, x509.ReasonFlags.unspecified, x509.ReasonFlags.key_compromise):
        raise Miss("wrong-reason", "the entry gives a reason that is not so", tried=reading_it,
                   expected="keyCompromise, or none", found=reason.value)  # fmt: skip
    when, tried = entry.revocation_date_utc, "reading the entry's date"
    if when > datetime.now(UTC) + timedelta(minutes=1):
        raise Miss("revoked-later", "the entry's date is still to come", tried=tried,
                   expected="now, or the hour of the theft, in UTC", found=_when(when))  # fmt: skip
    if when < given.stolen.certificate.not_valid_before_utc:
        raise Miss("revoked-before", "the entry's date is before there was such a certificate", tried=tried,
                   expected="now, or the hour of the theft, in UTC", found=_when(when))  # fmt: skip


def spares_the_owner(answer: Answer) -> None:
    """the same client accepts the renewed certificate"""
    given, crl = _list(answer)
    met = _met(given.renewed, given, crl)
    if met is not None:
        raise Miss("all-revoked", "the owner's new certificate is refused as well", tried=_TRIED,
                   expected="accepted", found=met[1])  # fmt: skip


_TRIED = "TLS in memory, an OpenSSL client that looks into my_crl"


def _met(identity: Issued, given: Desk, crl: x509.CertificateRevocationList) -> tuple[int | None, str] | None:
    """None: the client accepts. Else OpenSSL's code and words; no code, if it can't even read the list."""
    try:
        error = tls.handshake(identity, [given.ca], NAME, crls=[crl]).error
    except OpenSSLError as unread:
        return None, "; ".join(reading.visible(str(words[-1]), 60) for words in unread.args[0]) or "it can't be read"
    return error and (error.code, error.said)


def _extension(thing: x509.CertificateRevocationList | x509.Certificate, kind: type) -> Any:
    try:
        return thing.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _present(crl: x509.CertificateRevocationList) -> str:
    try:
        names = [one.oid._name for one in crl.extensions]
    except ValueError:
        return "extensions that can't be read"
    return reading.visible(", ".join(names), 80) or "none"


def _when(moment: datetime) -> str:
    return f"{moment:%d %B %Y %H:%M} UTC"


def _signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return crl.is_signature_valid(issuer.public_key())
    except (TypeError, ValueError, InvalidSignature):
        return False


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        return None


def _shown(name: x509.Name) -> str:
    return reading.visible(name.rfc4514_string(), 60) or "a name without a word in it"


# ---- 2: read with care


@dataclass(frozen=True)
class _Trial:
    what: str
    args: tuple
    right: bool
    id: str


@cache
def _trials() -> tuple[_Trial, ...]:
    now, day = _now(), timedelta(days=1)
    ca = Authority("Class Issuing CA")
    good, bad = ca.issue(NAME).certificate, ca.issue("stolen.test").certificate
    retired, unsaid = ca.issue("retired.test").certificate, ca.issue("unsaid.test").certificate
    ca.revoke(retired, "superseded", at=now - 2 * day)
    ca.revoke(bad, "keyCompromise", at=now - 2 * day)
    ca.revoke(unsaid, None, at=now - 2 * day)
    look_alike = Authority("Class Issuing CA")
    renamed = Authority("Another CA", key=ca.private_key)  # one key, two names: two CAs with lists of their own
    elsewhere = renamed.issue("elsewhere.test").certificate
    strange = x509.RevokedCertificateBuilder().serial_number(good.serial_number + 1).revocation_date(now)
    plain, strange = strange.build(), strange.add_extension(UNKNOWN, True).build()
    for_cas = x509.IssuingDistributionPoint(
        full_name=None, relative_name=None, only_contains_user_certs=False, only_contains_ca_certs=True,
        only_some_reasons=None, indirect_crl=False, only_contains_attribute_certs=False,
    )  # fmt: skip
    lists = {
        "a list of today": ca.crl(this_update=now - day, next_update=now + 6 * day),
        "last month's list": ca.crl(this_update=now - 30 * day, next_update=now - 23 * day),
        "a list that was over an hour ago": ca.crl(this_update=now - 8 * day, next_update=now - timedelta(hours=1)),
        "a list of next week": ca.crl(this_update=now + 7 * day, next_update=now + 14 * day),
        "a look-alike's empty list": look_alike.crl(),
        "an empty list with the CA's name and key identifier, another key's signature": _empty(ca, key=look_alike.private_key),
        "the same with an entry about somebody else": _empty(ca, entry=plain, key=look_alike.private_key),
        "an empty list under another CA's name": renamed.crl(),
        "only what is new since list 1 (a delta)": only_what_is_new(ca),
        "an empty list that is for CA certificates only": _empty(ca, for_cas),
        "a list with a critical extension that nobody here knows": _empty(ca, UNKNOWN),
        "a list with another's entry that has such an extension": _empty(ca, entry=strange),
    }  # fmt: skip
    today, old, late, early, forged, copied, filled, other, delta, part, unknown, unknown_entry = lists.items()

    def trial(certificate: x509.Certificate, of: tuple, right: bool, id: str, at: datetime = now) -> _Trial:
        which = {good: "a good certificate", bad: "a revoked certificate", elsewhere: "another CA's certificate",
                 retired: "one that was revoked as superseded", unsaid: "one that was revoked without a reason"}  # fmt: skip
        when = "" if at == now else ", as of the day after it came"
        return _Trial(f"{which[certificate]}, {of[0]}{when}", (certificate, ca.certificate, of[1], at), right, id)

    return (
        trial(bad, today, False, "revoked-accepted"),
        trial(good, today, True, "good-refused"),
        trial(bad, forged, False, "crl-forged"),
        trial(retired, today, False, "revoked-accepted"),
        trial(unsaid, today, False, "revoked-accepted"),
        trial(bad, copied, False, "crl-forged"),
        trial(bad, filled, False, "crl-forged"),
        trial(bad, other, False, "crl-wrong-issuer"),
        trial(elsewhere, today, False, "crl-wrong-issuer"),
        trial(bad, old, False, "crl-stale"),
        trial(bad, late, False, "crl-stale"),
        trial(good, early, False, "crl-early"),
        trial(good, early, True, "own-clock", at=now + 8 * day),
        trial(bad, delta, False, "crl-unusable"),
        trial(bad, part, False, "crl-unusable"),
        trial(bad, unknown, False, "crl-unusable"),
        trial(bad, unknown_entry, False, "crl-unusable"),
    )


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.329800735698586629295641978511506172918"), b"\x05\x00")


def only_what_is_new(ca: Authority) -> x509.CertificateRevocationList:
    """A delta list (RFC 5280 §5.2.4): what has changed since the CA's first list, and that is nothing."""
    return _empty(ca, x509.DeltaCRLIndicator(1))


def _empty(ca: Authority, *critical: x509.ExtensionType, entry=None, key=None) -> x509.CertificateRevocationList:
    """A fresh list in this CA's name on which none of its certificates is, though they may be revoked. critical: its
    critical extensions. entry: the only one on it. key: another key than the CA's."""
    now, builder = _now(), x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject)
    builder = builder.last_update(now).next_update(now + timedelta(days=7)).add_extension(x509.CRLNumber(2), False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.certificate.public_key())
    builder = builder.add_extension(identifier, False)
    for extension in critical:
        builder = builder.add_extension(extension, True)
    if entry is not None:
        builder = builder.add_revoked_certificate(entry)
    key = key or ca.private_key
    return builder.sign(key, keys.digest_for(key))


def judges_lists(answer: Answer) -> None:
    """it says True for what is certainly not revoked, and False for all else"""
    for one in _trials():
        tried = f"not_revoked(…): {one.what}"
        try:
            found = answer.call("not_revoked", *one.args, tried=tried)
        except YourCodeRaised as error:
            if not one.right and isinstance(error.__cause__, (InvalidSignature, ValueError, LookupError, x509.ExtensionNotFound)):
                raise Miss("check-raises", "not_revoked raises where it is to say False", tried=tried, expected="False",
                           found=error.words) from None  # fmt: skip
            raise
        if found is not None and not isinstance(found, bool):
            raise Miss("not-a-verdict", "not_revoked does not say True or False", tried=tried,
                       expected="True or False", found=f"a {type(found).__name__}")  # fmt: skip
        if bool(found) is not one.right:
            headline = "a good certificate is refused" if one.right else "it relies on a list that proves nothing"
            if one.id == "revoked-accepted":
                headline = "a revoked certificate is accepted"
            raise Miss(one.id, headline, tried=tried, expected=str(one.right), found=str(found))


# ---- 3: only delay


@dataclass(frozen=True)
class Tape:
    """What the thief recorded, by when: OCSP answers, DER. `soft` and `strict` are two clients that she meets.

    Both get the thief's certificate for api.test, which has been revoked since, and whatever answer she hands over.
    Both go by `now`, the hour of the recording: on the next day, in the same kernel, the moves are still the same.
    """

    now: datetime
    answers: dict[str, bytes]
    issuer: x509.Certificate
    stolen: x509.Certificate

    def strict(self, answer: Any) -> tuple[bool, str]:
        """(accepted, why) of a client that wants a good answer, or does not go in."""
        given = [] if _dropped(answer) else [answer]
        if not given:
            return False, "no answer, no connection"
        return self._asked(given)[:2]

    def soft(self, answer: Any) -> tuple[bool, str]:
        """(accepted, why) of a client that goes in unless it is told, believably, 'revoked'."""
        if _dropped(answer):
            return True, "no answer came, so it goes on"
        try:
            accepted, why, told = self._asked([answer])
        except reading.Unreadable:
            return True, "what came is no answer, so it goes on"
        return (True, why) if accepted or not told else (False, why)

    def _asked(self, answers: list) -> tuple[bool, str, bool]:
        """(good, why, was it told 'revoked' and could believe it)"""
        (found,) = [
            f
            for f in judge(self.stolen, roots=[self.issuer], at=self.now, ocsp_answers=answers).findings
            if f.rule == "revocation"
        ]
        return found.ok, found.why, found.why.startswith("revoked on")

    def __repr__(self) -> str:
        return f"<Tape: {', '.join(self.answers)}>"


def recorded() -> Tape:
    """An OCSP answer of this CA is good for twelve hours. The certificate was revoked an hour ago."""
    now, hour = _now(), timedelta(hours=1)
    ca = Authority("Class Issuing CA")
    stolen, other = ca.issue(NAME).certificate, ca.issue("other.test").certificate
    life = {"lifetime": timedelta(hours=12)}

    def said(certificate: x509.Certificate, ago: int) -> bytes:
        return ca.ocsp(certificate, this_update=now - ago * hour, **life).public_bytes(Encoding.DER)

    ca.revoke(stolen, "keyCompromise", at=now - hour)
    answers = {
        "20 hours ago": said(stolen, 20),
        "3 hours ago": said(stolen, 3),
        "half an hour ago, about other.test": ca.ocsp(other, this_update=now - hour / 2, **life).public_bytes(Encoding.DER),
        "now": ca.ocsp(stolen, this_update=now, **life).public_bytes(Encoding.DER),
    }  # fmt: skip
    return Tape(now, answers, ca.certificate, stolen)


def _dropped(move: Any) -> bool:
    return move is None or (isinstance(move, (str, bytes)) and not move)


def _move(answer: Answer, client: str) -> tuple[Tape, Any]:
    tape = answer.given("tape", Tape)
    moves = answer.moves
    if not isinstance(moves, dict) or client not in moves:
        raise Miss("not-a-move", f"moves does not say what to hand to the {client} client", tried=f'moves["{client}"]',
                   expected='{"soft": …, "strict": …}', found=f"a {type(moves).__name__}")  # fmt: skip
    move = moves[client]
    if not (_dropped(move) or isinstance(move, (str, bytes, ocsp.OCSPResponse))):
        raise Miss("not-a-move", f"the move against the {client} client is no answer", tried=f'moves["{client}"]',
                   expected="an answer as bytes, or b\"\" for none", found=f"a {type(move).__name__}")  # fmt: skip
    return tape, move


def passes_soft(answer: Answer) -> None:
    """the client that shrugs goes in"""
    tape, move = _move(answer, "soft")
    accepted, why = tape.soft(move)
    if not accepted:
        raise Miss("revoked-delivered", "you hand the client the very answer that stops you", tried='moves["soft"]',
                   expected="the client goes in", found=why)  # fmt: skip


def passes_strict(answer: Answer) -> None:
    """the client that insists goes in, with no signature forged"""
    tape, move = _move(answer, "strict")
    tried, expected = 'moves["strict"]', "the client goes in"
    try:
        accepted, why = tape.strict(move)
    except reading.Unreadable as error:
        found = "bytes, but no OCSP answer" if error.id == "der-damaged" else str(error)
        raise Miss("not-a-move", "what you hand to the strict client can't be read", tried=tried, expected=expected,
                   found=found) from error  # fmt: skip
    if accepted:
        return
    for words, id, headline in (
        ("revoked on", "revoked-delivered", "you hand the client the very answer that stops you"),
        ("no answer, no connection", "dropped-at-strict", "this client does not shrug"),
        ("was good until", "answer-stale", "the answer is too old"),
        ("about another certificate", "answer-elsewhere", "the answer is about another certificate"),
    ):
        if words in why:
            raise Miss(id, headline, tried=tried, expected=expected, found=why)
    raise Miss("answer-forged", "the client does not believe the answer", tried=tried, expected=expected, found=why)


# ---- 4: a lifetime

RISK = timedelta(hours=24)  # the longest that a thief may go on, if no client checks anything
OUTAGE = timedelta(hours=8)  # the CA may be out of reach for so long
SELDOM = timedelta(hours=6)  # and does not want to be asked more often by one service


def _policy(answer: Answer) -> tuple[timedelta, timedelta, bool]:
    raw = answer.policy
    if not isinstance(raw, dict):
        raise _no_policy("policy is no dict", '{"lifetime": …, "renew_after": …, "new_key": …}', raw)
    for name in ("lifetime", "renew_after", "new_key"):
        if name not in raw:
            raise _no_policy(f"policy has no {name}", f'"{name}": …', raw)
    lifetime, renew = (_span(name, raw[name]) for name in ("lifetime", "renew_after"))
    if not isinstance(raw["new_key"], bool):
        raise _no_policy("new_key is no yes or no", "True or False", raw["new_key"])
    return lifetime, renew, raw["new_key"]


def _span(name: str, raw: Any) -> timedelta:
    """A number counts as hours."""
    expected = "a timedelta, more than nothing and less than 5,000 days"
    if not isinstance(raw, timedelta):
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise _no_policy(f"{name} is no span of time", expected, raw)
        try:
            raw = timedelta(hours=raw)
        except (OverflowError, ValueError):
            raise _no_policy(f"{name} is no span of time", expected, raw) from None
    if not timedelta(0) < raw < timedelta(days=5000):
        raise _no_policy(f"{name} is no span that a certificate can have", expected, raw)
    return raw


def _no_policy(headline: str, expected: str, found: Any) -> Miss:
    shown = isinstance(found, str | int | float | timedelta)
    words = reading.visible(str(found), 60) if shown and not _too_long_to_write(found) else f"a {type(found).__name__}"
    return Miss("not-a-policy", headline, tried="reading policy", expected=expected, found=words)


def _too_long_to_write(number: Any) -> bool:
    return isinstance(number, int) and abs(number) >= 10**20  # Python writes out no number of more than 4,300 digits


def ends_the_theft(answer: Answer) -> None:
    """after 24 hours the thief is out, though nobody has checked"""
    lifetime, _, new_key = _policy(answer)
    now, ca = _now(), Authority("Class Issuing CA")
    # The worst case: the theft happens just after a renewal.
    stolen = ca.issue(NAME, not_before=now, not_after=now + max(lifetime, timedelta(seconds=1)))
    later = now + RISK + timedelta(minutes=1)
    tried = "the stolen key, a minute more than 24 hours later"
    if judge(stolen, roots=[ca.certificate], name=NAME, at=later).accepted:
        raise Miss("lifetime-too-long", "the thief still gets in", tried=tried, expected="refused: expired",
                   found=f"accepted: the certificate lasts {_hours(lifetime)}")  # fmt: skip
    if not new_key:
        # The renewed certificate is public: every server shows it. With the same key it is the thief's as well.
        renewed = ca.issue(NAME, key=stolen.private_key, not_before=later - RISK / 24, not_after=later + RISK)
        verdict = judge((renewed.certificate, stolen.private_key), roots=[ca.certificate], name=NAME, at=later)
        raise Miss("same-key", "the thief takes the next certificate, too", tried=tried, expected="refused",
                   found="accepted: the renewed certificate fits the stolen key" if verdict.accepted else "refused")  # fmt: skip


def outlives_an_outage(answer: Answer) -> None:
    """the service survives a CA that is out of reach for 8 hours, and asks it at most 4 times a day"""
    lifetime, renew, _ = _policy(answer)
    if renew >= lifetime:
        raise Miss("renew-too-late", "the service runs on an expired certificate", tried="a day of renewals",
                   expected="renewed before the end", found=f"renewed after {_hours(renew)}, over after {_hours(lifetime)}")  # fmt: skip
    if lifetime - renew < OUTAGE:
        raise Miss("no-slack", "the service stops while the CA is out of reach", tried="8 hours without the CA",
                   expected="at least 8 hours left when a renewal is due", found=_hours(lifetime - renew))  # fmt: skip
    if renew < SELDOM:
        raise Miss("too-often", "the CA is asked too often", tried="counting requests of one service",
                   expected="at most 4 a day, so at least 6 hours from one to the next", found=f"one every {_hours(renew)}")  # fmt: skip


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g} hours"


# ---- 5: one identity each

SERVICES = ("orders", "billing", "stock", "mail")


@dataclass(frozen=True)
class Fleet:
    """Four services and their CA. names: service → the name under which others reach it."""

    ca: Authority
    names: dict[str, str]

    def broken(self, identities: dict[str, Any], stolen: str) -> list[str]:
        """The services that no checking client accepts any more, once the certificate of `stolen` is revoked."""
        certificate = tls.contexts.identity_of(identities[stolen])[0][0]
        now = _now()
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.ca.certificate.subject)
        builder = builder.last_update(now).next_update(now + timedelta(days=7))
        crl = builder.add_revoked_certificate(entry.build()).sign(
            self.ca.private_key, keys.digest_for(self.ca.private_key)
        )
        return [
            service
            for service, name in self.names.items()
            if not judge(identities[service], roots=[self.ca.certificate], name=name, crls=[crl]).accepted
        ]


def fleet() -> Fleet:
    return Fleet(Authority("Fleet CA"), {one: f"{one}.fleet.test" for one in SERVICES})


def _identities(answer: Answer) -> tuple[Fleet, dict[str, tuple[list, Any]]]:
    given, raw = answer.given("services", Fleet), answer.identities
    found = {}
    for service in given.names:
        try:
            found[service] = tls.contexts.identity_of(raw[service])
        except Exception as error:  # a foreign object may raise anything
            words = str(error) if isinstance(error, ValueError) else "nothing that is one"
            raise Miss("not-identities", f"there is no identity for {service}", tried=f'identities["{service}"]',
                       expected="what services.ca issued, or (certificate, key)", found=reading.visible(words, 120)) from error  # fmt: skip
    return given, found


def works(answer: Answer) -> None:
    """every service is accepted under its own name"""
    given, found = _identities(answer)
    for service, name in given.names.items():
        verdict = judge(found[service], roots=[given.ca.certificate], name=name, purpose="server")
        if not verdict.accepted:
            raise Miss("identity-refused", f"a client refuses {service}", tried=f"judging it for {name}",
                       expected="accepted", found=reading.visible(verdict.reasons[0].why, 120))  # fmt: skip


def breaks_alone(answer: Answer) -> None:
    """revoking one breaks one"""
    given, found = _identities(answer)
    for service, (chain, _) in found.items():
        if chain[0].issuer != given.ca.certificate.subject:
            raise Miss("issued-below", f"the list of services.ca can't revoke {service}",
                       tried="publishing the list of services.ca, the only one that this check can sign",
                       expected="a certificate that services.ca issued itself", found=f"issued by {_shown(chain[0].issuer)}")  # fmt: skip
    for service in given.names:
        broken = given.broken(found, service)
        if broken != [service]:
            raise Miss("shared-certificate", f"revoking {service} breaks {len(broken)} of {len(given.names)} services",
                       tried=f"a CRL with the certificate of {service}, four clients", expected=service, found=", ".join(broken))  # fmt: skip


def _issues(leaf: x509.Certificate, key: Any, ca: x509.Certificate) -> str:
    """Why who has this key can make certificates of that CA; or ""."""
    if key.public_key() == ca.public_key():
        return "the CA's own key"
    constraints = _extension(leaf, x509.BasicConstraints)
    return "a certificate of a CA (CA:TRUE)" if constraints and constraints.ca else ""


def steals_alone(answer: Answer) -> None:
    """who steals one key is one service"""
    given, found = _identities(answer)
    roots = [given.ca.certificate]
    for thief, (chain, key) in found.items():
        if issues := _issues(chain[0], key, given.ca.certificate):
            raise Miss("key-issues", f"the key of {thief} signs certificates for everybody", tried=f"looking at what the key of {thief} may do",
                       expected="a key that is one service's only", found=issues)  # fmt: skip
        for victim, name in given.names.items():
            if victim == thief:
                continue
            # Certificates are public: the thief may show the victim's with the key that she has.
            for id, shown in (("covers-others", chain), ("shared-key", found[victim][0])):
                if judge((shown, key), roots=roots, name=name, purpose="server").accepted:
                    headline = f"with the key of {thief}, a thief is {victim} as well"
                    raise Miss(id, headline, tried=f"the key of {thief}, for {name}", expected="refused",
                               found="accepted")  # fmt: skip


E = Explanation
LESSON = Lesson(
    slug="09_revocation",
    title="Revocation",
    minutes=(35, 50),
    exercises=(
        Exercise(
            id="09-publish",
            title="Revoke, and publish the list",
            asks=("my_crl",),
            tasks=(is_the_cas, is_fresh, has_both_marks, stops_the_thief, spares_the_owner),
            hints=(
                "theft.ca is the CA's certificate, theft.ca_key its key; theft.stolen.certificate must go, theft.renewed.certificate must stay.",
                "A list has an issuer, two dates, entries (a serial number and a date each), a number, the identifier of the CA's key, and the CA's signature.",
                "x509.CertificateRevocationListBuilder: issuer_name, last_update, next_update, add_revoked_certificate, add_extension, sign. x509.CRLNumber, x509.AuthorityKeyIdentifier.from_issuer_public_key.",
                "entry = x509.RevokedCertificateBuilder().serial_number(theft.stolen.certificate.serial_number).revocation_date(now).build(); "
                "then builder.add_revoked_certificate(entry).add_extension(x509.CRLNumber(1), critical=False)… .sign(theft.ca_key, hashes.SHA256())",
            ),
            misses=("list-other-issuer", "list-other-key", "list-ahead", "list-old", "list-over", "crl-brief", "crl-lasts", "list-unnumbered", "list-keyless", "mark-critical", "not-on-list",
                    "taken-off", "list-partial", "list-strange", "only-on-hold", "wrong-reason", "revoked-later", "revoked-before", "all-revoked"),
            done="The thief is out, wherever a client looks, and only there.",
        ),
        Exercise(
            id="09-mend",
            title="Mend a check that accepts what is revoked",
            asks=("not_revoked",),
            tasks=(judges_lists,),
            hints=(
                "careless looks for the serial number only. Who wrote the list, and when?",
                "A list counts if it is the issuer's (name and signature), as the certificate is, of now (both dates), and neither it nor one of its entries has a critical extension that you don't know. If it does not count, nobody knows.",
                "certificate.issuer, crl.issuer, crl.is_signature_valid(issuer.public_key()), crl.last_update_utc, crl.next_update_utc, crl.extensions, and for each entry in crl its entry.extensions",
                "if not certificate.issuer == issuer.subject == crl.issuer or not crl.is_signature_valid(issuer.public_key()): return False; "
                "then compare crl.last_update_utc <= now <= crl.next_update_utc; then any(one.critical for part in (crl, *crl) for one in part.extensions); then look for the serial number",
            ),
            misses=("not-a-verdict", "check-raises", "revoked-accepted", "good-refused", "crl-forged", "crl-wrong-issuer", "crl-stale", "crl-early", "own-clock", "crl-unusable"),
            done="Without a list that can be relied on, nobody knows, and the careful answer is no.",
        ),
        Exercise(
            id="09-delay",
            title="Forge no signature, only delay",
            asks=("moves",),
            tasks=(passes_soft, passes_strict),
            hints=(
                "Try tape.soft(…) and tape.strict(…): each says whether it accepts, and why.",
                "One client goes on where nothing comes. The other wants an answer, and asks only whether it is signed, about this certificate, and not over.",
                "Look at the dates: each answer is good for twelve hours, and the certificate was revoked an hour ago.",
                'moves = {"soft": b"", "strict": tape.answers["…"]}: an answer from before the revocation that is still good',
            ),
            misses=("not-a-move", "revoked-delivered", "dropped-at-strict", "answer-stale", "answer-elsewhere", "answer-forged"),
            done="No signature forged. What is fresh can be old news; only a nonce, or a short life, tells.",
        ),
        Exercise(
            id="09-lifetime",
            title="Choose a lifetime",
            asks=("policy",),
            tasks=(ends_the_theft, outlives_an_outage),
            hints=(
                "Think of the worst moment for a theft: just after a renewal.",
                "From the theft to the end of the certificate is at most its lifetime. What is left at a renewal must outlast the outage.",
                "lifetime ≤ 24 hours; lifetime - renew_after ≥ 8 hours; renew_after ≥ 6 hours. And which key does the next certificate hold?",
                'policy = {"lifetime": timedelta(hours=…), "renew_after": timedelta(hours=…), "new_key": …}',
            ),
            misses=("not-a-policy", "lifetime-too-long", "same-key", "renew-too-late", "no-slack", "too-often"),
            done="That is revocation by waiting: no list, no responder, no client that must look.",
        ),
        Exercise(
            id="09-each",
            title="One identity each",
            asks=("identities",),
            tasks=(works, breaks_alone, steals_alone),
            hints=(
                "services.names says under which name each service is reached.",
                "Four services, four keys, four certificates, one name in each.",
                "services.ca.issue(name) makes a new key and a certificate for that name.",
                "identities = {service: services.ca.issue(name) for service, name in services.names.items()}",
            ),
            misses=("not-identities", "identity-refused", "issued-below", "shared-certificate", "shared-key", "key-issues", "covers-others"),
            done="Now a theft costs one service, and the revocation as well.",
        ),
    ),
    explanations=(
        E("list-other-issuer", "any name will do for a list's issuer", "a client looks for a list in the name of the certificate's issuer, and passes over others",
          "RFC 5280 §6.3.3 (b)", "give the list the issuer name theft.ca.subject"),
        E("list-other-key", "the right name makes it the CA's list", "anybody can write a name; a client verifies the signature with the CA's public key",
          "RFC 5280 §6.3.3 (g)", "sign the list with theft.ca_key"),
        E("list-ahead", "only the end of a list's time matters", "a list whose thisUpdate is still to come says nothing of now; local time, written as UTC, is such a mistake",
          "RFC 5280 §5.1.2.4", "take datetime.now(UTC) for thisUpdate"),
        E("list-old", "a list's first date is for show", "thisUpdate is when the list was made, so as of when it speaks; a list from before the theft can't know of it",
          "RFC 5280 §5.1.2.4", "take datetime.now(UTC) for thisUpdate"),
        E("list-over", "a list is good for ever", "after nextUpdate a careful client refuses it, and with it everybody, the owner too",
          "RFC 5280 §5.1.2.5", "give the list a nextUpdate in about a week"),
        E("list-unnumbered", "two dates tell which list is newer", "each list must have a cRLNumber that counts up, so that one sees which of two replaces the other",
          "RFC 5280 §5.2.3", "add x509.CRLNumber(1), not critical"),
        E("list-keyless", "the issuer's name says whose key signed", "a CA may have several keys; each list must have an authorityKeyIdentifier that says with which one to verify",
          "RFC 5280 §5.2.1", "add x509.AuthorityKeyIdentifier.from_issuer_public_key(theft.ca.public_key()), not critical"),
        E("list-partial", "every list speaks of all certificates", "an issuingDistributionPoint or a delta CRL indicator says of which it speaks; of all others it says nothing",
          "RFC 5280 §5.2.4, §5.2.5", "publish a complete list: without either"),
        E("list-strange", "what a client does not know in a list, it skips", "a critical extension that it does not understand, or can't read, makes it refuse the whole list, and with it every certificate",
          "RFC 5280 §5.2, §5.3", "publish a plain list, without critical extensions"),
        E("taken-off", "removeFromCRL says that a certificate is gone", "it takes an earlier entry back, only a delta list may hold it, and clients accept the certificate again",
          "RFC 5280 §5.3.1", "give keyCompromise as the reason, or none"),
        E("wrong-reason", "the reason is decoration", "people and programs go by it: a list should say why, a public CA must say keyCompromise of a stolen key, and another reason denies the theft",
          "RFC 5280 §5.3, §5.3.1; CA/Browser Forum, Baseline Requirements §4.9.1.1", "give keyCompromise, or no reason"),
        E("revoked-before", "any date will do, the serial number counts", "the date says when it was revoked; before the certificate was valid there was nothing to revoke",
          "RFC 5280 §5.1.2.6", "take now, or the hour of the theft, in UTC"),
        E("crl-wrong-issuer", "a list is a list, whoever signed it", "a serial number means something only together with its issuer: a list speaks of the certificates of the CA that it names",
          "RFC 5280 §6.3.3 (b)", "compare the list's issuer with the certificate's issuer"),
        E("crl-forged", "a list with the right name is the right list", "anybody can write a name; only the CA's key makes the signature that its public key verifies",
          "RFC 5280 §6.3.3 (g)", "verify the list's signature with the issuer's public key"),
        E("crl-stale", "a list is good for ever", "after nextUpdate there is a newer one, and the newer one may have the entry that matters; who keeps it from you shows you the old one",
          "RFC 5280 §5.1.2.5", "look at nextUpdate, and refuse what is over"),
        E("crl-early", "only the end of a list's time matters", "a list whose thisUpdate is still to come says nothing of now: a clock is wrong, or worse",
          "RFC 5280 §5.1.2.4", "look at thisUpdate as well, in UTC"),
        E("own-clock", "now is what my clock says", "whoever asks says for when: a log of last week is judged as of last week, and a test gives the time itself",
          "RFC 5280 §6.1.1 (b)", "compare both dates with the argument now"),
        E("crl-brief", "the shorter a list is good, the safer", "when it is over and the next one is late by a minute, careful clients refuse everybody, the owner too",
          "RFC 5280 §5.1.2.5", "choose days; and publish the next list well before the end"),
        E("mark-critical", "what is important is critical", "critical means: who does not know it must not use the list; so a client that knows no numbers would be left without one",
          "RFC 5280 §5.2.1, §5.2.3", "add both with critical=False"),
        E("revoked-later", "a revocation can be dated ahead", "the date says when it was revoked; a client need not look at it, and a reader of the log believes it",
          "RFC 5280 §5.1.2.6, §5.3.2", "take now, in UTC (datetime.now(UTC), not the hour on your wall), and put the hour of the theft into invalidityDate; a public CA puts it here instead (Baseline Requirements §7.2.2)"),
        E("crl-lasts", "a long nextUpdate saves work", "whoever can hold back the next list may show this one until its end: so long lasts the thief's time",
          "RFC 5280 §5.1.2.5", "choose days, not months"),
        E("not-on-list", "the file is deleted, so it is revoked", "certificates are copies: the thief has one, and the clients look at the list, by serial number",
          "RFC 5280 §5.1.2.6", "put the serial number of the stolen certificate on the list"),
        E("check-raises", "an error is a no", "whoever asks wants True or False; an error stops the client, and a list that proves nothing is an everyday thing", "",
          "catch it, and return False; crl.is_signature_valid(key) says False where verify raises"),
        E("crl-unusable", "what a client does not know in a list, it skips", "a critical extension, of the list or of any entry, may change what the list means: who does not know it must not use the list at all",
          "RFC 5280 §5.2, §5.3", "refuse a list that has a critical extension, or an entry with one, that you don't know"),
        E("only-on-hold", "on hold is revoked", "a hold may be lifted again; a key that was stolen once never becomes good",
          "RFC 5280 §5.3.1", "give keyCompromise as the reason, or none"),
        E("all-revoked", "all certificates for the name must go", "only the key that was stolen is lost; the owner has made a new one, with a certificate of its own",
          "RFC 5280 §5.1.2.6", "list the serial number of the stolen certificate only"),
        E("not-a-verdict", "a check may say anything", "who calls it needs a yes or a no", "RFC 5280 §6.3.3", "return True or False"),
        E("revoked-accepted", "a certificate with a good signature is good", "the CA has taken it back, and the list says so",
          "RFC 5280 §6.3.3", "look for the serial number on the list"),
        E("good-refused", "when in doubt, refuse everything", "there is no doubt here: the issuer's own list, of now, without this serial number",
          "RFC 5280 §6.3.3", "return True where every check holds"),
        E("not-a-move", "anything may be handed over", "the client expects an OCSP answer, or gets nothing", "RFC 6960 §4.2.1",
          'hand in an answer from tape.answers, or b"" to drop it'),
        E("revoked-delivered", "an attacker must let the newest answer through", "who stands between client and responder decides what arrives, and when",
          "RFC 6960 §5", "hand over another answer, or none"),
        E("dropped-at-strict", "every client goes on without an answer", "browsers did; this one fails closed, and wants a good answer",
          "RFC 6960 §5", "give it an answer that it still believes"),
        E("answer-stale", "an old answer is as good as a new one", "after nextUpdate there is a newer one, and this client looks at the clock",
          "RFC 6960 §4.2.2.1", "take an answer from before the revocation whose time is not over"),
        E("answer-elsewhere", "a good answer is good for anybody", "an answer names one certificate: hash of the issuer's name and key, serial number",
          "RFC 6960 §4.1.1", "take an answer about the stolen certificate"),
        E("answer-forged", "anybody can sign an answer", "only the issuer is believed, a signer with the right to (id-kp-OCSPSigning) from the same CA, or a key that the client itself was told to trust for this",
          "RFC 6960 §2.2, §4.2.2.2", "forge no signature: use what the responder once said"),
        E("not-a-policy", "a policy is a matter of words", "a machine renews by it: it needs two spans of time and a yes or no", "RFC 5280 §4.1.2.5",
          'policy = {"lifetime": timedelta(…), "renew_after": timedelta(…), "new_key": …}'),
        E("lifetime-too-long", "who steals a key, steals it in the middle of its life", "the worst moment counts: just after a renewal, and then the thief has the whole lifetime",
          "RFC 5280 §4.1.2.5", "make the lifetime no longer than the risk"),
        E("same-key", "a reissued certificate shuts the thief out", "with the same key it is the thief's as well: certificates are public, and the stolen key fits the new one",
          "RFC 8446 §4.4.3", "make a new key at each renewal"),
        E("renew-too-late", "renewal is due when the certificate is over", "then the service is down already", "RFC 5280 §4.1.2.5",
          "renew well before the end"),
        E("no-slack", "the CA is always there", "it will be out of reach one day, and what is left of the certificate is the time to mend it",
          "RFC 5280 §4.1.2.5", "leave 8 hours between renewal and end"),
        E("too-often", "the more often, the better", "each renewal is work for the CA, and one more thing that can fail", "RFC 5280 §4.1.2.5",
          "leave at least 6 hours from one renewal to the next"),
        E("not-identities", "a name is an identity", "an identity is a certificate together with the private key for it", "RFC 8446 §4.4.3",
          "give each service what services.ca issued"),
        E("identity-refused", "any certificate will do inside", "clients inside want the right name and the right CA as well", "RFC 9525 §6",
          "let services.ca issue a certificate for the service's own name"),
        E("issued-below", "a CA's list covers all that is below it", "a list speaks of its own issuer's certificates; an intermediate of your own is fine, but needs a list of its own, too",
          "RFC 5280 §6.3.3 (b)", "let services.ca issue each certificate"),
        E("shared-certificate", "one certificate for all is easier to look after", "one serial number for all: revoked for one, it is revoked for all",
          "RFC 5280 §5.1.2.6", "give each service a certificate of its own"),
        E("shared-key", "several certificates are several identities", "what is stolen is the key; with it, every certificate that holds its public half is the thief's",
          "RFC 8446 §4.4.3", "give each service a key of its own"),
        E("key-issues", "the CA's key is a good key", "who has a key that may sign certificates is every service: she makes what she lacks",
          "RFC 5280 §4.2.1.9", "let services.ca issue a leaf with a new key: services.ca.issue(name)"),
        E("covers-others", "a wildcard or a long list of names is practical", "who steals that key is every service that the names cover",
          "RFC 9525 §7.1", "one certificate, one service's name"),
        E("revocation-automatic", "a revoked certificate stops working", "nothing changes in it: it stops only where a client looks, and many don't",
          "RFC 5280 §3.3", "find out what your clients look at"),
        E("ocsp-replaced-crls", "OCSP replaced CRLs", "on the web it went the other way: public CAs must publish CRLs and may do without OCSP; Firefox fetches a filter made from CRLs, Chrome a selected list",
          "CA/Browser Forum, ballot SC-063 v4 (2023)", "plan with CRLs and short lives"),
        E("unsigned-error", "an error of the responder comes from the responder", "error answers are not signed: anybody on the way can write 'try later'",
          "RFC 6960 §2.3", "decide what your client does without an answer"),
    ),
    quiz=(
        Question(
            "Your CA has revoked a certificate a minute ago. Who refuses it now?",
            right="a client that fetches the new list or a new answer",
            because="Nothing has changed in the certificate itself. Only who looks, and looks at what is new, can know.",
            wrong={
                "every client: it is revoked": ("revocation-automatic", "The certificate is the same as before; a client that does not look accepts it."),
                "every server that shows it: its private key is void": ("revocation-automatic", "A key works for whoever has it. Revocation tells others not to believe it."),
                "nobody, as long as the file exists somewhere": ("not-on-list", "Files don't matter: clients that look at the list refuse it."),
            },
        ),
        Question(
            "The responder answers 'try later'. Who can have written that?",
            right="anybody between client and responder",
            because="Error answers carry no signature (RFC 6960 §2.3). What the client does then is its own decision.",
            wrong={
                "only the CA or its signer": ("unsigned-error", "Only successful answers are signed."),
                "only the server": ("unsigned-error", "The server can, but so can everybody else on the way."),
            },
        ),
        Question(
            "A key was stolen. The operator asks for a new certificate with the same key, and has the old one revoked. Is the thief out?",
            right="no: the stolen key fits the new certificate as well",
            because="The new certificate is public; the thief shows it and signs with the stolen key.",
            wrong={
                "yes: the old certificate is revoked": ("same-key", "The old one is. The new one holds the same public key."),
                "yes, as soon as clients have the list": ("same-key", "The list names a serial number, and the new certificate has another."),
            },
        ),
        Question(
            "How do today's browsers mostly learn of revocations?",
            right="from lists or filters made of CRLs, which they are sent beforehand",
            because="So nobody learns which page you visit, and nobody can drop the answer at the moment that counts.",
            wrong={
                "they ask the CA by OCSP at every visit: it replaced CRLs": ("ocsp-replaced-crls", "It went the other way: OCSP is optional for public CAs since 2024."),
                "not at all, revocation is automatic": ("revocation-automatic", "They do look; nothing happens by itself."),
            },
        ),
        Question(
            "A client finds only a CRL whose nextUpdate was yesterday; the certificate is not on it. What does it know?",
            right="nothing: a newer list may have the entry",
            because="Who keeps the new list from a client shows it the old one. Whether it then refuses is its policy; fail closed is the safe one.",
            wrong={
                "the certificate is good": ("crl-stale", "It was good when that list was made."),
                "the certificate is revoked": ("good-refused", "The list does not say so either. It is not known."),
            },
        ),
    ),
)
