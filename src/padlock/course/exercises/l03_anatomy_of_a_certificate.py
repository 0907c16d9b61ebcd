"""Lesson 03, Anatomy of a certificate: its fields, its days, its bytes, and the signature over them."""

import ipaddress
import math
import random
import re
import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import der, keys, reading, tls
from padlock.authority import Authority

from ..answer import Miss
from ..model import Exercise, Explanation, Lesson, Question

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "juniper")
WHICH = ("first", "second", "third", "fourth", "fifth")


def specimen() -> x509.Certificate:
    """A server's certificate as it might lie in front of you: names, address, issuer and days differ from run to run."""
    one, two, three = random.sample(WORDS, 3)
    issuing = Authority(f"{one.title()} Root").intermediate(f"{one.title()} Issuing CA")
    names = (f"{two}.test", f"www.{two}.test", f"10.0.{random.randrange(256)}.{random.randrange(1, 255)}")
    days = timedelta(days=random.randrange(20, 80), seconds=random.randrange(86400))
    return issuing.issue(*names, common_name=f"{three} {two}", lifetime=days).certificate


def five_certificates() -> tuple[x509.Certificate, dict[str, x509.Certificate]]:
    """(a CA's certificate, five certificates that say they are from it). One byte of one of the five was changed."""
    ca = Authority("Class Root")
    made = [ca.issue(f"{word}.test").certificate for word in random.sample(WORDS, len(WHICH))]
    at = random.randrange(len(made))
    made[at] = _with_a_changed_byte(made[at])
    return ca.certificate, dict(zip(WHICH, made, strict=True))


def _with_a_changed_byte(certificate: x509.Certificate) -> x509.Certificate:
    """One bit in the middle of the serial number: it reads as well as before."""
    data = bytearray(certificate.public_bytes(Encoding.DER))
    data[der.parse(bytes(data)).find("serialNumber").offset + 10] ^= 1
    return x509.load_der_x509_certificate(bytes(data))


# ---- 1: facts_of


@cache
def _cases() -> dict[str, x509.Certificate]:
    """Certificates on which the learner's functions are tried, by what is special about them."""
    root = Authority("Class Root")
    issuing = root.intermediate("Class Issuing CA")
    return {
        "a server with two names": issuing.issue("api.test", "www.api.test").certificate,
        "a certificate with a CN and no subjectAltName": root.issue("api.test", san=False).certificate,
        "a server with IP addresses and an Ed25519 key": root.issue(
            "db.test", "10.0.0.7", "2001:db8::7", key_kind="ed25519"
        ).certificate,
        "a CN that is not among its names": issuing.issue("shop.test", common_name="old.test").certificate,
        "a certificate without a subject": issuing.issue("mail.test", common_name="").certificate,
        "a root": root.certificate,
    }


FACTS = ("issuer", "names", "key", "expires")


def _facts(answer, certificate: x509.Certificate, tried: str) -> Mapping:
    found = answer.call("facts_of", certificate)
    if (
        not isinstance(found, Mapping)
        or not all(isinstance(key, str) for key in found)
        or set(FACTS) - set(found)
    ):
        have = f"a {type(found).__name__}"
        if isinstance(found, Mapping):
            have += " with " + (
                ", ".join(sorted(reading.visible(k, 20) for k in found if isinstance(k, str))[:8])
                or "nothing"
            )
        raise Miss("facts-missing", "facts_of does not give all four facts", tried=tried,
                   expected="a dictionary with " + ", ".join(FACTS), found=have)  # fmt: skip
    return found


def _each(answer, look):
    for what, certificate in _cases().items():
        tried = f"facts_of with {what}"
        look(_facts(answer, certificate, tried), certificate, tried)


def issuer_is_right(answer):
    """it says who signed"""

    def look(facts, certificate, tried):
        said = facts["issuer"]
        if _is_name(said, certificate.issuer):
            return
        if _is_name(said, certificate.subject):
            raise Miss("issuer-is-subject", "the issuer is the subject", tried=tried,
                       expected=_called(certificate.issuer), found=_called(certificate.subject))  # fmt: skip
        raise Miss("other-issuer", "the issuer is not the one in the certificate", tried=tried,
                   expected=_called(certificate.issuer), found=_words(said))  # fmt: skip

    _each(answer, look)


def names_are_right(answer):
    """it gives the names that a client would look at, and no others"""

    def look(facts, certificate, tried):
        truth, said = _names_of(certificate), answer.within("facts_of", _read_names, facts["names"])
        if said == truth:
            return
        cn = {a.value.lower() for a in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)}
        if said is not None and said - truth and said - truth <= cn:
            id, headline = (
                "cn-as-name",
                "a name comes from the CN, where browsers and this course's clients do not look",
            )
        elif said is not None and said < truth and all(_is_address(name) for name in truth - said):
            id, headline = "address-left-out", "the IP addresses are missing"
        else:
            id, headline = "other-names", "the names are not those of the certificate"
        raise Miss(id, headline, tried=tried, expected=_listed(truth),
                   found=_listed(said) if said is not None else _words(facts["names"]))  # fmt: skip

    _each(answer, look)


def key_is_right(answer):
    """it gives the public key that is in the certificate"""

    def look(facts, certificate, tried):
        try:
            key = reading.public_key(facts["key"])
            same = keys.same_pair(key, certificate)
        except reading.Unreadable as error:
            raise Miss(
                error.id, "key is not a public key that can be read", tried=tried, found=str(error)
            ) from error
        except Exception as error:  # a stranger's object may raise anything
            raise Miss(
                "wrong-type", "key is not a public key", tried=tried, found=type(facts["key"]).__name__
            ) from error
        if not same:
            raise Miss("another-key", "the key is not the one in the certificate", tried=tried,
                       expected=keys.short_fingerprint(certificate), found=keys.short_fingerprint(key))  # fmt: skip

    _each(answer, look)


def expiry_is_right(answer):
    """it gives the moment when the certificate ends"""

    def look(facts, certificate, tried):
        said, end = facts["expires"], certificate.not_valid_after_utc
        moment = _moment(said)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise Miss("naive-time", "the moment has no time zone", tried=tried, expected=f"{end:%Y-%m-%d %H:%M} UTC",
                       found=f"{moment:%Y-%m-%d %H:%M}, and no zone")  # fmt: skip
        if moment is not None and abs(moment - end) < timedelta(seconds=1):
            return
        begins = moment is not None and abs(moment - certificate.not_valid_before_utc) < timedelta(seconds=1)
        raise Miss("begin-not-end" if begins else "other-moment",
                   "this is when it begins" if begins else "this is not when the certificate ends", tried=tried,
                   expected=f"{end:%Y-%m-%d %H:%M:%S} UTC", found=_words(said))  # fmt: skip

    _each(answer, look)


def _called(name: x509.Name) -> str:
    return name.rfc4514_string() or "(empty)"


def _is_name(said: object, name: x509.Name) -> bool:
    """An x509.Name, its text, or its CN alone."""
    if isinstance(said, x509.Name):
        return said == name
    if not isinstance(said, str):
        return False
    common = [str(a.value) for a in name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    text = re.sub(r"\s*([=,/])\s*", r"\1", said.strip()).removeprefix("issuer=").strip("/").lower()
    return bool(text) and text in {name.rfc4514_string().lower(), *(c.lower() for c in common)}


def _names_of(certificate: x509.Certificate) -> set[str]:
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value).lower() for name in san}


MOST_NAMES = 100


def _read_names(said: object) -> set[str] | None:
    """Names in whatever form: text, x509.GeneralName, addresses, pairs as `ssl` gives them. None: none of these."""
    try:
        if said is None:
            return None
        if isinstance(said, str):
            said = re.split(r",\s*", said) if said.strip() else []
        if not isinstance(said, Iterable) or isinstance(said, bytes | bytearray | memoryview | Mapping):
            return None
        names = set()
        for at, name in enumerate(islice(said, MOST_NAMES + 1)):
            if at == MOST_NAMES:
                return None
            if isinstance(name, tuple) and len(name) == 2:
                name = name[1]
            value = name.value if isinstance(name, x509.GeneralName) else name
            if not isinstance(value, str | ipaddress.IPv4Address | ipaddress.IPv6Address):
                return None
            text = re.sub(r"^(dns|ip address|ip):\s*", "", str(value).strip().lower())
            names.add(str(ipaddress.ip_address(text)) if _is_address(text) else text)
        return names
    except Exception:  # a stranger's iterator may raise anything
        return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _moment(said: object) -> datetime | None:
    """A datetime, ISO text, what openssl prints, or seconds since 1970."""
    try:
        if isinstance(said, datetime):
            return said
        if isinstance(said, str):
            text = said.strip().removeprefix("notAfter=")
            if text.endswith("GMT"):
                return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
            return datetime.fromisoformat(text)
        if isinstance(said, int | float) and not isinstance(said, bool) and abs(said) < 1e11:
            return datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:6]) or "no names"


def _words(said: object) -> str:
    """Something foreign, shortly; its own code is run for plain values only."""
    if isinstance(said, str | int | float | datetime | timedelta | bool):
        return reading.visible(said, 60)
    if isinstance(said, x509.Name):
        return _called(said)
    return f"a {type(said).__name__}"


# ---- 2: days_left


@cache
def _long_lived() -> tuple[x509.Certificate, ...]:
    """Two certificates whose last day is far enough from today that no clock is taken for another."""
    ca, now = Authority("Class Root"), datetime.now(UTC).replace(microsecond=0)
    good = ca.issue(
        "api.test", not_before=now - timedelta(days=2), not_after=now + timedelta(days=200, hours=7)
    )
    over = ca.issue(
        "api.test", not_before=now - timedelta(days=300), not_after=now - timedelta(days=40, hours=5)
    )
    return good.certificate, over.certificate


ZONES = (
    timezone(timedelta(hours=14)),
    timezone(timedelta(hours=-12)),
    timezone(timedelta(hours=5, minutes=45)),
)


def _days(answer, certificate: x509.Certificate, now: datetime) -> float:
    said = answer.call("days_left", certificate, now)
    if isinstance(said, timedelta):
        return said / timedelta(days=1)
    if (
        isinstance(said, bool)
        or not isinstance(said, int | float)
        or not math.isfinite(said)
        or abs(said) > 1e12
    ):
        raise Miss("no-number", "days_left does not give a number", tried="days_left with a certificate and a moment",
                   expected="a number of days", found=_words(said))  # fmt: skip
    return float(said)


def _spot(certificate: x509.Certificate, days: float) -> datetime:
    """The moment that is so many days before the certificate's last second."""
    return certificate.not_valid_after_utc - timedelta(days=days)


def days_are_counted(answer):
    """it counts the days from the given moment to the end"""
    good, _ = _long_lived()
    whole = (good.not_valid_after_utc - good.not_valid_before_utc) / timedelta(days=1)
    for truth in (120.5, 30.5, 1.5):
        now = _spot(good, truth)
        said = _days(answer, good, now)
        if abs(said - truth) < 1:
            continue
        really = (good.not_valid_after_utc - datetime.now(UTC)) / timedelta(days=1)
        if abs(said - whole) < 1:
            id, headline = "whole-life", "these are the days of its whole life"
        elif abs(said - really) < 1:
            id, headline = "own-clock", "it looks at the clock, not at the moment it was given"
        elif abs(said + truth) < 1:
            id, headline = "wrong-way", "the sign is the wrong way round"
        else:
            id, headline = "other-count", "this is not the number of days that are left"
        raise Miss(id, headline, tried=f"days_left, {truth} days before the end", expected=f"{math.floor(truth)}",
                   found=f"{said:g}")  # fmt: skip


def zones_do_not_matter(answer):
    """the same moment, said in another time zone, gives the same days"""
    good, _ = _long_lived()
    for days in (30.3, 30.7):
        now = _spot(good, days)
        truth = _days(answer, good, now)
        for zone in ZONES:
            there = now.astimezone(zone)
            said = _days(answer, good, there)
            if abs(said - truth) > 0.001:
                raise Miss("naive-time", "the same moment in another time zone gives other days",
                           tried=f"days_left at {there:%d %b %H:%M, UTC%z}, which is {now:%d %b %H:%M} UTC",
                           expected=f"{truth:g}", found=f"{said:g}")  # fmt: skip


def past_is_negative(answer):
    """after the end it is negative"""
    _, over = _long_lived()
    for truth in (-40.5, -1.5, -0.5):  # half a day after it counts as over, too: -1 or -0.5, but not 0
        said = _days(answer, over, _spot(over, truth))
        if abs(said - truth) >= 1 or said >= 0:
            raise Miss("hides-expired", "an expired certificate does not look expired",
                       tried=f"days_left, {-truth} days after the end", expected=f"{math.floor(truth)}, or {truth:g}",
                       found=f"{said:g}")  # fmt: skip


# ---- 3: stretched


def _stretched(answer) -> tuple[bytes, x509.Certificate, bytes, x509.Certificate]:
    old, new = answer.given("found", reading.certificate), answer.certificate("stretched")
    return old.public_bytes(Encoding.DER), old, new.public_bytes(Encoding.DER), new


def ends_later(answer):
    """whoever reads it sees a later end"""
    before, old, after, new = _stretched(answer)
    if before == after:
        raise Miss("unchanged", "these are the same bytes as before", tried="comparing it with found",
                   expected="other bytes in notAfter", found="no byte differs")  # fmt: skip
    if new.not_valid_after_utc <= old.not_valid_after_utc:
        raise Miss("not-later", "it does not end later", tried="reading it with cryptography",
                   expected=f"later than {old.not_valid_after_utc:%Y-%m-%d %H:%M}",
                   found=f"{new.not_valid_after_utc:%Y-%m-%d %H:%M}")  # fmt: skip


def nothing_else_changed(answer):
    """all other bytes are as they were, the signature too"""
    before, old, after, new = _stretched(answer)
    if new.signature != old.signature:
        raise Miss("signed-anew", "this carries another signature", tried="comparing the two signatures",
                   expected="the CA's, as it was", found="another one")  # fmt: skip
    root = der.parse(before)
    end = root.find("notAfter")
    differ = [i for i in range(min(len(before), len(after))) if before[i] != after[i]]
    other = [i for i in differ if not end.offset <= i < end.end]
    if len(before) != len(after) or other:
        where = tls.tampering.path(root, other[0])[-1] if other else "its length"
        raise Miss("other-bytes-too", "more than the end of its time has changed", tried="comparing byte for byte",
                   expected=f"bytes {end.offset} to {end.end - 1} only, notAfter",
                   found=f"byte {other[0]} differs, in {where}" if other else f"{len(after)} bytes, not {len(before)}")  # fmt: skip


# ---- 4: fits, altered


@cache
def _signed() -> dict[str, tuple[x509.Certificate, x509.Certificate, bool, str]]:
    """What is tried → (certificate, issuer, whether the signature fits, the id if the answer is the other way)"""
    p256, ed, rsa = (
        Authority("Class Root"),
        Authority("Ed Root", key_kind="ed25519"),
        Authority("R Root", key_kind="rsa2048"),
    )
    twin, issuing = Authority("Class Root"), p256.intermediate("Class Issuing CA")
    leaf = p256.issue("api.test").certificate
    return {
        "a certificate and the CA that signed it": (leaf, p256.certificate, True, "refuses-good"),
        "a certificate of a CA with an Ed25519 key": (
            ed.issue("a.test").certificate,
            ed.certificate,
            True,
            "refuses-good",
        ),
        "a certificate of a CA with an RSA key": (
            rsa.issue("a.test").certificate,
            rsa.certificate,
            True,
            "refuses-good",
        ),
        "an intermediate CA and the root above it": (
            issuing.certificate,
            p256.certificate,
            True,
            "refuses-good",
        ),
        "a certificate with one changed byte": (
            _with_a_changed_byte(leaf),
            p256.certificate,
            False,
            "accepts-altered",
        ),
        "a CA of the same name with another key": (leaf, twin.certificate, False, "name-is-enough"),
        "another CA's certificate": (leaf, ed.certificate, False, "any-issuer"),
    }


def fits_is_right(answer):
    """fits tells whether the issuer's key fits the signature"""
    for tried, (certificate, issuer, truth, id) in _signed().items():
        said = answer.call("fits", certificate, issuer)
        if not isinstance(said, bool):
            raise Miss("no-verdict", "fits says neither True nor False", tried=f"fits with {tried}",
                       expected=str(truth), found=_words(said) if said is not None else "None")  # fmt: skip
        if said != truth:
            raise Miss(id, f"fits says {said} where it is {truth}", tried=f"fits with {tried}", expected=str(truth),
                       found=str(said))  # fmt: skip


def _five(given) -> dict[str, x509.Certificate]:
    return {which: reading.certificate(given[which]) for which in WHICH}


def altered_is_found(answer):
    """altered is the one of the five that was changed"""
    group, issuer = answer.given("five", _five), answer.given("their_ca", reading.certificate)
    said = answer.altered
    if isinstance(said, list | tuple | set | frozenset) and len(said) == 1:
        said = next(iter(said))
    if isinstance(said, str) and said.strip().lower() in group:
        which = said.strip().lower()
    else:
        try:
            theirs = reading.certificate(said)
            which = next(label for label, one in group.items() if one == theirs)
        except Exception as error:  # unreadable, none of the five, or a stranger's object
            raise Miss("none-of-the-five", "altered is none of the five", tried="looking for it among the five",
                       expected=" or ".join(WHICH), found=_words(said)) from error  # fmt: skip
    try:
        group[which].verify_directly_issued_by(issuer)
    except Exception:
        return
    raise Miss("still-fits", f"the signature of the {which} fits", tried=f"the CA's key on the {which} certificate",
               expected="the one whose signature does not fit", found=f"the {which}, unchanged")  # fmt: skip


E1 = "RFC 5280 §4.1.2.4"
LESSON = Lesson(
    slug="03_anatomy_of_a_certificate",
    title="Anatomy of a certificate",
    minutes=(25, 30),
    exercises=(
        Exercise(
            id="03-facts",
            title="Read any certificate",
            asks=("facts_of",),
            tasks=(issuer_is_right, names_are_right, key_is_right, expiry_is_right),
            hints=(
                "The cells under “What is in it” read each of these from `cert`. Only the names need more care.",
                "The names stand in the extension subjectAltName, DNS names and IP addresses alike. A certificate without it has no names that count.",
                "`cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value` is a list of names, each with a `.value`; without the extension it raises `x509.ExtensionNotFound`. The rest: `cert.issuer`, `cert.public_key()`, `cert.not_valid_after_utc`.",
                "    try:\n        san = cert.extensions.get_extension_for_class(…).value\n        names = [str(name.value) for name in san]\n    except x509.ExtensionNotFound:\n        names = …\n    return {\"issuer\": …, \"names\": names, \"key\": …, \"expires\": …}",
            ),
            misses=("facts-missing", "issuer-is-subject", "other-issuer", "cn-as-name", "address-left-out", "other-names",
                    "another-key", "naive-time", "begin-not-end", "other-moment"),
            done="names, issuer, key and end, of any certificate, also of one without names. This function you can take to work.",
        ),
        Exercise(
            id="03-days",
            title="How many days are left?",
            asks=("days_left",),
            tasks=(days_are_counted, zones_do_not_matter, past_is_negative),
            hints=(
                "A certificate's times are in UTC. `now` comes with a time zone of its own.",
                "Two moments that both know their zone can be subtracted; Python does the rest.",
                "`cert.not_valid_after_utc - now` is a timedelta, and a timedelta has `.days`, which rounds down: half a day after the end it is -1.",
                "`return (cert.not_valid_after_utc - …).days`",
            ),
            misses=("no-number", "whole-life", "own-clock", "wrong-way", "other-count", "naive-time", "hides-expired"),
            done="the same days in every time zone, and negative when it is over. Alarms are built on this number.",
        ),
        Exercise(
            id="03-stretched",
            title="Give it more time",
            asks=("stretched",),
            tasks=(ends_later, nothing_else_changed),
            hints=(
                "Look at `notAfter` in the explorer: the content is letters, two digits for each part, the year first.",
                "Take the DER bytes, find those 13 letters, and write a later time of the same length over them.",
                '`der.parse(data).find("notAfter")` has `.offset` and `.header_length`: there the year begins. Bytes that can be changed: `forged = bytearray(…)`.',
                '    forged = bytearray(found.public_bytes(Encoding.DER))\n    end = der.parse(bytes(forged)).find("notAfter")\n    start = end.offset + end.header_length\n    forged[start : start + 2] = b"…"  # the year, two digits below 50\n    stretched = bytes(forged)',
            ),
            misses=("unchanged", "not-later", "signed-anew", "other-bytes-too"),
            done="it reads well, and ends later. And it is worthless: the signature is for the old bytes. Ask `fits` in the next exercise.",
        ),
        Exercise(
            id="03-altered",
            title="Find the altered one",
            asks=("fits", "altered"),
            tasks=(fits_is_right, altered_is_found),
            hints=(
                "All five read well. The difference is not in what they say, but in whether the CA said it.",
                "Only the issuer's public key can tell. A check that fails raises an exception: make False of it.",
                "`cert.verify_directly_issued_by(issuer)` compares the names and checks the signature. It returns nothing and raises if something is wrong.",
                "    try:\n        cert.verify_directly_issued_by(issuer)\n        return True\n    except Exception:\n        return …\n\nthen `altered = next(which for which, cert in five.items() if not fits(cert, their_ca))`",
            ),
            misses=("no-verdict", "refuses-good", "accepts-altered", "name-is-enough", "any-issuer", "none-of-the-five", "still-fits"),
            done="one byte in hundreds, found by the signature and not by eye.",
        ),
    ),
    explanations=(
        Explanation("facts-missing", "a few of the facts will do", "each of the four is used by something: alarms, logs, clients", "RFC 5280 §4.1.2",
                    "return a dictionary with issuer, names, key and expires."),
        Explanation("issuer-is-subject", "the first name one reads is the one that counts", "the subject is whose certificate it is; the issuer is who signed it",
                    "RFC 5280 §4.1.2.4, §4.1.2.6", "read cert.issuer, not cert.subject."),
        Explanation("other-issuer", "any description of the signer will do", "the issuer is one name in the certificate; chains are followed by it", E1,
                    "return cert.issuer, or its text."),
        Explanation("cn-as-name", "CN is the host name", "browsers, Go and this course's clients look at the subjectAltName alone; the CN is for people to read", "RFC 9525 §2, §6.3",
                    "take names from the subjectAltName only, and none where it is missing."),
        Explanation("address-left-out", "names are DNS names", "a certificate may be for an IP address, which stands in the same extension", "RFC 5280 §4.2.1.6; RFC 9525 §6.4",
                    "take the value of every entry, not only those of the type DNSName."),
        Explanation("other-names", "names can be guessed from the rest", "they stand in one extension, each as an entry of its own", "RFC 5280 §4.2.1.6",
                    "go through the entries of the subjectAltName and take each .value."),
        Explanation("another-key", "the key in a certificate is its issuer's", "it is the subject's; the issuer's own key is in the issuer's certificate", "RFC 5280 §4.1.2.7",
                    "return cert.public_key()."),
        Explanation("naive-time", "a time is a time", "certificates say UTC; a time without its zone is taken for local time, hours off", "RFC 5280 §4.1.2.5",
                    "use not_valid_after_utc, and never drop or overwrite a tzinfo."),
        Explanation("begin-not-end", "a certificate has one date", "it has two: when it begins and when it ends", "RFC 5280 §4.1.2.5", "use not_valid_after_utc."),
        Explanation("other-moment", "about the right day is enough", "it ends at one second, which still counts", "RFC 5280 §4.1.2.5", "return cert.not_valid_after_utc as it is."),
        Explanation("no-number", "printing is answering", "others compute with what a function returns", "", "return a number (or a timedelta)."),
        Explanation("whole-life", "what is left is what it was given", "from its first to its last moment is its whole life; some of it is over", "RFC 5280 §4.1.2.5",
                    "subtract now, not the beginning."),
        Explanation("own-clock", "now is always now", "a function that is given a moment should use it: so you can ask about next Friday, and test it", "",
                    "use the parameter now."),
        Explanation("wrong-way", "the order does not matter in a difference", "what is left is the end minus now", "", "turn the subtraction round."),
        Explanation("other-count", "days are days", "a day has 86,400 seconds; a timedelta has .days and .total_seconds()", "", "divide by a day, or take .days."),
        Explanation("hides-expired", "expired is expired, by how much is all the same", "a number that stops at zero or loses its sign hides an outage", "RFC 5280 §4.1.2.5",
                    "let the number be negative after the end."),
        Explanation("unchanged", "a copy is a change", "no byte differs from the certificate as it was", "", "write another time over the digits of notAfter."),
        Explanation("not-later", "any change of a date is more time", "notAfter now says an earlier moment, or the same", "RFC 5280 §4.1.2.5",
                    "the digits are year, month, day, hour, minute, second: raise the year."),
        Explanation("signed-anew", "a certificate that I sign is as good", "whoever signs becomes the issuer: without the CA's private key it is another certificate, of another CA", "RFC 5280 §4.1.1.3",
                    "leave the signature as it is and change bytes of the DER itself."),
        Explanation("other-bytes-too", "fields lie where they like", "every element has its place and its length; here other elements were hit too", "X.690 §8.1",
                    "begin at the offset plus the header of notAfter, and write as many bytes as there were."),
        Explanation("no-verdict", "no exception means yes", "verify… returns None when all is well and raises when not; a caller wants True or False", "",
                    "return True after the call, and False in except."),
        Explanation("refuses-good", "every key signs in one way", "the signature fits; RSA, ECDSA and Ed25519 are checked in different ways, which verify_directly_issued_by knows", "RFC 5280 §4.1.1.2",
                    "let the library choose the algorithm from the certificate."),
        Explanation("accepts-altered", "a certificate that can be read is in order", "it reads well, but the issuer signed other bytes", "RFC 5280 §6.1.3 (a)(1)",
                    "check the signature with the issuer's public key."),
        Explanation("name-is-enough", "the issuer's name says who signed", "anybody can write that name; only the issuer's key can make the signature", "RFC 5280 §6.1.3 (a)",
                    "check the signature, not only the names."),
        Explanation("any-issuer", "a good signature is good for every CA", "it belongs to one key; another CA's key does not fit it", "RFC 5280 §6.1.3 (a)",
                    "check with the key of the issuer that you were given."),
        Explanation("none-of-the-five", "a description will do", "altered is to be one of the labels, or one of the five certificates", "",
                    'give "first", "second", "third", "fourth" or "fifth".'),
        Explanation("still-fits", "one can see it by eye", "this one is as the CA signed it; another is not", "RFC 5280 §4.1.1.3", "let fits decide for each of the five."),
        # met in the prose and the quiz
        Explanation("private-key-inside", "the certificate holds the private key", "it holds the public key; some files (PKCS #12, PEM bundles) carry both, side by side",
                    "RFC 5280 §4.1", "search the bytes, as the lesson does."),
        Explanation("certificate-secret", "a certificate is encrypted, or secret", "PEM is base64 with a label; every server hands its certificate to whoever connects",
                    "RFC 7468 §2; RFC 8446 §4.4.2", "decode it; the private key is the secret."),
        Explanation("valid-proves-who", "a valid certificate proves who you reached", "certificates are public; that the other side holds the private key is proved in the handshake, by CertificateVerify",
                    "RFC 8446 §4.4.3", "look at what happened to the impostor with the copied certificate."),
        Explanation("lasts-a-year", "certificates last a year", "public ones: less and less; private CAs set their own; roots have decades", "CA/Browser Forum BR §6.3.2; RFC 5280 §4.1.2.5",
                    "read notAfter of each, and automate renewal."),
        Explanation("self-signed-trust", "a root is trusted because it signed itself", "it is trusted because it is in the store; that signature is not part of path validation",
                    "RFC 5280 §6.1", "ask who put it into the store."),
        Explanation("key-encrypts", "the public key in a certificate encrypts the traffic", "in TLS 1.3 it checks a signature in the handshake; an EC key can't encrypt at all",
                    "RFC 8446 §4.4.3", "lesson 07 shows where the encryption keys come from."),
        Explanation("called-ssl", "an SSL certificate is for SSL", "X.509 does not name a protocol; the same certificate serves TLS 1.2 and 1.3. SSL is gone (RFC 7568), the word stayed",
                    "RFC 5280 §4.1; RFC 8446", "say certificate, or TLS certificate."),
        Explanation("critical-important", "critical means important", "critical means: whoever does not understand this must refuse the certificate", "RFC 5280 §4.2",
                    "look at what the client did with the unknown extension."),
    ),
    quiz=(
        Question(
            "Somebody copies your server's certificate. What can they do with it?",
            right="show it, but not prove that it is theirs",
            because="It is public. The handshake asks for a signature that only the private key can make (RFC 8446 §4.4.3).",
            wrong={
                "be your server": ("valid-proves-who", "The client refused the impostor: bad signature."),
                "read your traffic": ("private-key-inside", "There is nothing secret in it, so nothing to read with."),
            },
        ),
        Question(
            "A certificate has CN=api.test and no subjectAltName. A browser wants api.test. What does it do?",
            right="it refuses",
            because="This course's clients, browsers and Go look at the subjectAltName alone (RFC 9525 §2). Some others still fall back to the CN.",
            wrong={
                "it accepts": ("san-missing", "That was so once. You saw a client's words: Hostname mismatch."),
                "it accepts if the CA is trusted": ("san-missing", "The name is a check of its own."),
            },
        ),
        Question(
            "A root in your store signed itself with SHA-1. What follows for you?",
            right="nothing: that signature is not checked",
            because="A trust anchor is a name and a key that you chose to trust (RFC 5280 §6.1). For any certificate below it SHA-1 would matter.",
            wrong={
                "whoever breaks SHA-1 can forge this root": ("self-signed-trust", "The store holds the key itself; a forged copy with another key is not in it."),
                "clients refuse it": ("self-signed-trust", "You saw one accept."),
            },
        ),
        Question(
            "What does “critical” beside an extension mean?",
            right="whoever does not understand it must refuse",
            because="RFC 5280 §4.2. Not critical: whoever does not know it skips it.",
            wrong={
                "it is more important than the others": ("critical-important", "subjectAltName usually isn't critical, and nothing is looked at more."),
                "it may not be changed": ("critical-important", "No field in a certificate may: the signature covers all of tbsCertificate (RFC 5280 §4.1.1.3)."),
            },
        ),
        Question(
            "You open a certificate in an editor and see base64. What is hidden in it?",
            right="nothing",
            because="PEM is DER in base64 with a label; you decoded it in one line (RFC 7468).",
            wrong={
                "its private key": ("private-key-inside", "It never has one. You searched every byte."),
                "it is encrypted for the client": ("certificate-secret", "Then no client could read it before it has a key."),
            },
        ),
        Question(
            "How long is a certificate good?",
            right="until the moment in notAfter, whatever that is",
            because="Each says its own. Public ones become shorter and shorter; roots have decades.",
            wrong={
                "a year": ("lasts-a-year", "That was a rule of thumb for public servers. It is over."),
                "until its CA's certificate is renewed": ("lasts-a-year", "Each certificate has its own two dates."),
            },
        ),
    ),
)  # fmt: skip
