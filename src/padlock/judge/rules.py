"""The rules, one small function each. A rule is given a path and the question, and yields findings on certificates.

They follow RFC 5280 §6.1 (path validation) and RFC 9525 (names). Where a rule is custom and not RFC, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID

from padlock import keys
from padlock.reading import visible

from . import names
from .facts import NO_REV_AVAIL, Facts, same_algorithm_inside
from .paths import Path, Pool, named_by_key
from .verdict import Finding

PURPOSES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
ANY_PURPOSE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE

# Critical extensions that these rules do what they ask for. All others are refused: policies and their constraints
# (RFC 5280 §6.1's policy tree is not claimed), and whatever nobody here has heard of.
UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
}
# "MUST mark this extension as non-critical"
NEVER_CRITICAL = {
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "RFC 5280 §4.2.1.1",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "RFC 5280 §4.2.1.2",
    ExtensionOID.FRESHEST_CRL: "RFC 5280 §4.2.1.15",
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: "RFC 5280 §4.2.2.1",
    ExtensionOID.SUBJECT_INFORMATION_ACCESS: "RFC 5280 §4.2.2.2",
    NO_REV_AVAIL: "RFC 9608 §2",
}
# "MUST mark this extension as critical"; not understood here, so refused even where somebody marked it otherwise
ALWAYS_CRITICAL = {
    ExtensionOID.POLICY_CONSTRAINTS: "RFC 5280 §4.2.1.11",
    ExtensionOID.INHIBIT_ANY_POLICY: "RFC 5280 §4.2.1.14",
}
WEAK_HASHES, WEAK_HASH = {"md5", "sha1"}, "RFC 8446 §4.4.2.4"
CURVES = {"secp256r1", "secp384r1", "secp521r1"}
NEWER = (  # kinds of key that sign, beside RSA and ECDSA
    ed25519.Ed25519PublicKey,
    ed448.Ed448PublicKey,
    mldsa.MLDSA44PublicKey,
    mldsa.MLDSA65PublicKey,
    mldsa.MLDSA87PublicKey,
)


@dataclass(frozen=True)
class Question:
    """What is asked of the path. at: aware; depth: most intermediates, self-issued ones not counted, or None; key: the
    private key that the one who shows this path has, or None."""

    name: names.Wanted | None
    purpose: str | None
    at: datetime
    pool: Pool
    crls: list
    depth: int | None = None
    allow_weak: bool = False
    key: object = None
    answers: tuple = ()


Rule = Callable[[Path, Question], Iterator[Finding]]


def anchor(path: Path, question: Question) -> Iterator[Finding]:
    """The path ends at a certificate that is in the trust store. Signing itself earns nothing."""
    top, clause = path.top, "RFC 5280 §6.1.1 (d)"
    if path.anchored:
        why = f"{top.called} is in the trust store"
    elif question.pool.exhausted:
        why = "no path to the trust store was found within the bound on work"
    elif top.self_issued and question.pool.fits(top, top):
        why = f"{top.called} signed itself, and is not in the trust store"
    elif any(one is not top for one in question.pool.called(top.issuer)):
        why = f"its issuer, {top.issued_by}, is there, but leads round in a circle and not to the trust store"
    else:
        why = f"its issuer, {top.issued_by}, is neither given nor in the trust store"
    yield Finding("anchor", path.anchored, clause, why, top.certificate)


def signature(path: Path, question: Question) -> Iterator[Finding]:
    """Each was signed with the private key of the one above it. The anchor's own signature proves nothing."""
    for issued, issuer in path.links():
        ok, clause = False, "RFC 5280 §6.1.3 (a)(1)"
        if not same_algorithm_inside(issued.der):
            clause, why = (
                "RFC 5280 §4.1.1.2",
                "the signature algorithm outside is not the one inside, which is signed",
            )
        elif question.pool.fits(issued, issuer):
            ok, why = True, f"signed with the key of {issuer.called}"
        elif named_by_key(issued, issuer):
            why = f"the key of {issuer.called} does not verify it: changed after signing, or signed with another key"
        else:
            why = (
                f"signed with another key than that of {issuer.called}, which only has the name of the issuer"
            )
        yield Finding("signature", ok, clause, why, issued.certificate)


def validity(path: Path, question: Question) -> Iterator[Finding]:
    """Its time has begun and is not over. RFC 5280 leaves the anchor out; verifiers look at it, and so do we."""
    for facts in path.certificates:
        anchor, at = path.anchored and facts is path.top and len(path.certificates) > 1, question.at
        clause = (
            "no RFC's rule (RFC 5280 §6.1.1 (d)); verifiers look at it"
            if anchor
            else "RFC 5280 §6.1.3 (a)(2)"
        )
        if facts.period is None:
            continue  # `form` says that it can't be read
        begin, end = facts.period
        if at < begin:
            why = "its time begins on {}, and it is {} UTC".format(*apart(begin, at))
        elif at > end:
            why = "its time ended on {}, and it is {} UTC".format(*apart(end, at))
        else:
            why = f"good from {when(begin)} to {when(end)} UTC"
        yield Finding("validity", begin <= at <= end, clause, why, facts.certificate)


def basic_constraints(path: Path, question: Question) -> Iterator[Finding]:
    """Whoever issues is marked as a CA. Otherwise every website could issue for every other."""
    for _, issuer in path.links():
        extension, clause = issuer.extension(x509.BasicConstraints), "RFC 5280 §6.1.4 (k)"
        if extension is None:
            why = "it issued a certificate, but has no basicConstraints: it is no CA"
        elif not extension.value.ca:
            why = "it issued a certificate, but says CA:FALSE"
        elif not extension.critical and not question.allow_weak:
            clause, why = (
                "RFC 5280 §4.2.1.9",
                "its basicConstraints are not marked critical, as a CA's must be",
            )
        else:
            yield Finding("basic-constraints", True, clause, "CA:TRUE", issuer.certificate)
            continue
        yield Finding("basic-constraints", False, clause, why, issuer.certificate)


def path_length(path: Path, question: Question) -> Iterator[Finding]:
    """A CA may say how many CAs may stand below it in a path. Self-issued ones (a key change) are not counted."""
    between = 0
    for position, issuer in enumerate(path.certificates[1:], 1):
        limit = getattr(issuer.value(x509.BasicConstraints), "path_length", None)
        if limit is not None:
            why = f"allows {limit} below it, and there {'is' if between == 1 else 'are'} {between}"
            yield Finding(
                "path-length", between <= limit, "RFC 5280 §6.1.4 (l), (m)", why, issuer.certificate
            )
        if position < len(path.certificates) - 1 and not issuer.self_issued:
            between += 1
    if question.depth is not None:
        why = f"{between} intermediates, and {question.depth} are allowed"
        yield Finding("depth", between <= question.depth, "the question's own limit", why)


def key_usage(path: Path, question: Question) -> Iterator[Finding]:
    """A CA's key may sign certificates, a leaf's do what TLS needs. Without the extension, all is allowed."""
    for position, facts in enumerate(path.certificates):
        usage = facts.value(x509.KeyUsage)
        if usage is None:
            continue
        if position:
            why = (
                "keyCertSign"
                if usage.key_cert_sign
                else "it issued a certificate, but its key may not: no keyCertSign"
            )
            yield Finding("key-usage", usage.key_cert_sign, "RFC 5280 §6.1.4 (n)", why, facts.certificate)
        elif question.purpose:
            fit, clause = usage.digital_signature, "RFC 5280 §4.2.1.3; RFC 8446 §4.4.2.2"
            why = (
                "its key may be used for TLS"
                if fit
                else "its key may not be used for TLS: no digitalSignature"
            )
            # TLS 1.3 signs, always; up to TLS 1.2 a client could also encrypt to the server's RSA key.
            rsa_server = question.purpose == "server" and isinstance(facts.key, rsa.RSAPublicKey)
            if not fit and rsa_server and usage.key_encipherment:
                fit, clause = True, "RFC 5280 §4.2.1.3"
                why = "its key may be used for RSA key exchange in TLS 1.2 only"
            yield Finding("key-usage", fit, clause, why, facts.certificate)


def extended_key_usage(path: Path, question: Question) -> Iterator[Finding]:
    """If purposes are named, ours is among them. For CAs this is no RFC's rule, but every verifier's."""
    if question.purpose is None:
        return
    for position, facts in enumerate(path.certificates):
        usages = facts.value(x509.ExtendedKeyUsage)
        if usages is None:
            continue
        ok = PURPOSES[question.purpose] in usages or ANY_PURPOSE in usages
        listed = ", ".join(oid._name if oid._name != "Unknown OID" else oid.dotted_string for oid in usages)
        why = f"for {visible(listed, 100)}" + ("" if ok else f", not for a TLS {question.purpose}")
        clause = "RFC 5280 §4.2.1.12"
        if position:
            clause = f"no RFC's rule ({clause}); CA/Browser Forum BR §7.1.2"
        yield Finding("extended-key-usage", ok, clause, why, facts.certificate)


def name(path: Path, question: Question) -> Iterator[Finding]:
    """The name that the client wants is in the leaf's subjectAltName. The CN is never looked at."""
    want, leaf = question.name, path.leaf
    if want is None:
        return
    clause = {"DNS": "RFC 9525 §6.3", "IP": "RFC 9525 §6.4"}.get(want.kind, "RFC 5280 §4.2.1.6")
    if any(names.covers(presented, want) for presented in leaf.names):
        yield Finding("name", True, clause, f"{want} is in the subjectAltName", leaf.certificate)
        return
    listed = ", ".join(visible(str(n.value), 60) for n in leaf.names[:5] if hasattr(n, "value"))
    if not leaf.names:
        clause = "RFC 9525 §2"
        why = f"it has no subjectAltName, so it is for no name at all, {want} included; a CN is not looked at"
    elif any(names.would_cover(presented, want) for presented in leaf.names):
        clause = "no RFC's rule (RFC 9525 §7.1); verifiers refuse it"
        why = f"it is for {listed}: a wildcard for all of a top-level domain is not accepted"
    elif any(names.kind_of(n) == "DNS" and str(want) == n.value for n in leaf.names) and want.kind == "IP":
        why = f"{want} is there as a DNS name; an address must be an iPAddress"
    else:
        why = f"it is for {listed}, not for {want}"
    yield Finding("name", False, clause, why, leaf.certificate)


def possession(path: Path, question: Question) -> Iterator[Finding]:
    """Certificates are public: anybody can show one. In the handshake the server signs, which takes the leaf's key."""
    if question.key is None:
        return
    fits = keys.same_pair(path.leaf.certificate, question.key) if path.leaf.key is not None else False
    why = (
        "the private key is the one that this certificate is about"
        if fits
        else "the private key belongs to another certificate"
    )
    yield Finding("possession", fits, "RFC 8446 §4.4.3", why, path.leaf.certificate)


def name_constraints(path: Path, question: Question) -> Iterator[Finding]:
    """A CA may be confined to some names. All names below it lie inside the permitted, outside the excluded ones."""
    clause = "RFC 5280 §4.2.1.10; §6.1.3 (b), (c)"
    for position, issuer in enumerate(path.certificates[1:], 1):
        if issuer.constraints is None:
            continue
        bad = None
        for depth, below in enumerate(path.certificates[:position]):
            if depth and below.self_issued:
                continue  # a key change of the constrained CA itself
            bad = bad or _outside(below, *issuer.constraints)
        why = bad or "every name below it keeps within its constraints"
        yield Finding("name-constraints", bad is None, clause, why, issuer.certificate)


def _outside(facts: Facts, permitted: names.Subtrees, excluded: names.Subtrees) -> str | None:
    """The first name of a certificate that breaks the constraints, as a sentence; None if there is none."""
    if not facts.readable:
        return f"the names of {facts.called} can't be read, so they can't be compared"
    for kind, value in facts.constrained_names:
        if kind not in permitted.kinds and kind not in excluded.kinds:
            continue
        why = None
        if kind in permitted.unknown or kind in excluded.unknown:
            why = (
                f"is a name of the form {kind}, and these rules can't compare it with the constraints on that"
            )
        elif not names.comparable(kind, value):
            why = f"is no proper name of the form {kind}, so a constraint can't hold it"
        elif excluded.may_hold(kind, value):
            why = "is among the names that are excluded"
        elif kind in permitted.kinds and not permitted.holds(kind, value):
            why = "is not among the names that are permitted"
        if why:
            return f"{facts.called if kind == 'directory' else visible(value, 60)} {why}"
    return None


def critical_extensions(path: Path, question: Question, understood: set = UNDERSTOOD) -> Iterator[Finding]:
    """“Critical” means: if you don't know what this asks for, refuse."""
    for position, facts in enumerate(path.certificates):
        bad, clause = [], f"RFC 5280 §4.2; {'§6.1.4 (o)' if position else '§6.1.5 (f)'}"
        for oid, extension in facts.extensions.items():
            if oid not in ALWAYS_CRITICAL and (not extension.critical or oid in understood):
                continue
            called = oid._name if oid._name != "Unknown OID" else oid.dotted_string
            if oid in ALWAYS_CRITICAL:
                bad.append(
                    f"{called} is critical, and these rules do not do what it asks for"
                    if extension.critical
                    else f"{called} is not marked critical, as it must be, and these rules do not do what it asks for"
                )
                clause = ALWAYS_CRITICAL[oid]
            elif oid in NEVER_CRITICAL:
                bad.append(f"{called} is marked critical, which it must not be")
                clause = NEVER_CRITICAL[oid]
            else:
                bad.append(f"{called} is critical, and these rules do not do what it asks for")
        why = "; ".join(bad) or "no critical extension that these rules don't follow"
        yield Finding("critical-extensions", not bad, clause, why, facts.certificate)


def form(path: Path, question: Question) -> Iterator[Finding]:
    """It says what a certificate of its kind must say. One finding for each fault, or one that all is well."""
    for position, facts in enumerate(path.certificates):
        faults = list(_faults_of_form(facts, position, path, question))
        for clause, why in faults:
            yield Finding("form", False, clause, why, facts.certificate)
        if not faults:
            why = "version, serial number, names and key identifiers are in order"
            yield Finding("form", True, "RFC 5280 §4.1, §4.2", why, facts.certificate)


def _faults_of_form(facts: Facts, position: int, path: Path, question: Question) -> Iterator[tuple[str, str]]:
    if not facts.readable:
        yield "RFC 5280 §4.1", "; ".join(facts.trouble)
        return
    issuer = position > 0
    if not facts.issuer:
        yield "RFC 5280 §4.1.2.4", "its issuer is empty, so nobody stands for it"
    if (issuer or facts.is_ca) and not facts.subject:
        yield "RFC 5280 §4.1.2.6", "a CA must have a subject"
    san = facts.extension(x509.SubjectAlternativeName)
    if not facts.subject and not (san and san.critical) and not issuer:
        yield "RFC 5280 §4.1.2.6", "its subject is empty, so its subjectAltName must be there and critical"
    if any(isinstance(n, x509.IPAddress) and not names.is_address(n) for n in facts.names):
        yield "RFC 5280 §4.2.1.6", "an address in its subjectAltName has neither 4 nor 16 octets"
    if san is not None and not facts.names:
        yield "RFC 5280 §4.2.1.6", "its subjectAltName is empty"
    if facts.version != 3 and facts.extensions:
        yield "RFC 5280 §4.1.2.1", f"it has extensions, which version {facts.version} does not know"
    usage = facts.value(x509.KeyUsage)
    if usage is not None and usage.key_cert_sign and not facts.is_ca:
        yield "RFC 5280 §4.2.1.3", "its key may sign certificates, but it is no CA"
    constraints = facts.value(x509.NameConstraints)
    if NO_REV_AVAIL in facts.extensions and (facts.is_ca or _points_to_revocation(facts)):
        yield (
            "RFC 9608 §3",
            "nothing is published on its revocation (noRevAvail), yet it is a CA, or says where",
        )
    if constraints is not None and not facts.is_ca:
        yield "RFC 5280 §4.2.1.10", "it has name constraints, but is no CA"
    if constraints is not None and not (constraints.permitted_subtrees or constraints.excluded_subtrees):
        yield "RFC 5280 §4.2.1.10", "its name constraints are empty"
    if constraints is not None and constraints.public_bytes() not in facts.der:
        # something got lost in reading: the library passes over these two
        yield "RFC 5280 §4.2.1.10", "its name constraints have a minimum or maximum, which is not understood"
    root = path.anchored and facts is path.top and (issuer or facts.self_issued)
    if question.allow_weak or root:
        return  # what follows was common once, and is harmless in itself; of many old roots the serial number is 0
    if facts.version != 3:
        yield (
            "RFC 5280 §4.1.2.1",
            f"it is of version {facts.version}; only version 3 can say what a key may do",
        )
    if facts.serial <= 0:
        yield "RFC 5280 §4.1.2.2", f"its serial number is {facts.serial}, and must be positive"
    if facts.serial.bit_length() > 159:
        yield "RFC 5280 §4.1.2.2", "its serial number is longer than 20 octets"
    above = path.certificates[position + 1 : position + 2]
    if any(twin for issuer in above for twin in question.pool.twins(facts, issuer)):
        yield "RFC 5280 §4.1.2.2", "its issuer gave the same serial number to another certificate"
    identifier = facts.value(x509.AuthorityKeyIdentifier)
    if not (facts is path.top and facts.self_issued) and (
        identifier is None or identifier.key_identifier is None
    ):
        yield "RFC 5280 §4.2.1.1", "it does not name the key that signed it: no authorityKeyIdentifier"
    if (issuer or facts.is_ca) and facts.value(x509.SubjectKeyIdentifier) is None:
        yield "RFC 5280 §4.2.1.2", "a CA must name its own key: no subjectKeyIdentifier"


def _points_to_revocation(facts: Facts) -> bool:
    lists = {ExtensionOID.CRL_DISTRIBUTION_POINTS, ExtensionOID.FRESHEST_CRL} & set(facts.extensions)
    access = facts.value(x509.AuthorityInformationAccess) or ()
    return bool(lists) or any(one.access_method == AuthorityInformationAccessOID.OCSP for one in access)


def strength(path: Path, question: Question) -> Iterator[Finding]:
    """Keys and hashes that nobody can break today. An anchor's own signature is never used: its hash is no matter."""
    if question.allow_weak:
        return
    for facts in path.certificates:
        weak, clause = [], "RFC 8446 §4.2.3"
        key = facts.key
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < 2048:
                weak.append(f"an RSA key of {key.key_size} bits is too short; 2048 are the least")
                clause = "RFC 9325 §4.5"
        elif isinstance(key, ec.EllipticCurvePublicKey):
            if key.curve.name not in CURVES:
                weak.append(f"the curve {key.curve.name} is not one of P-256, P-384, P-521")
        elif isinstance(key, dsa.DSAPublicKey):
            weak.append("DSA keys are no longer used: TLS 1.3 does not know them")
        elif key is not None and not isinstance(key, NEWER):
            weak.append("its key is of a kind that can't sign")
        if facts.digest in WEAK_HASHES and not (facts is path.top and (path.anchored or facts.self_issued)):
            weak.append(
                f"signed over {facts.digest.upper()}: two certificates with the same hash can be made"
            )
            clause = WEAK_HASH
        why = "; ".join(weak) or "key and hash are strong enough"
        yield Finding("strength", not weak, clause, why, facts.certificate)


def when(moment: datetime) -> str:
    """To the minute. Times in certificates are UTC (RFC 5280 §4.1.2.5), and so is the question's."""
    return moment.isoformat(" ", "minutes")[:16]


def apart(one: datetime, other: datetime) -> tuple[str, str]:
    """Both, with seconds where they would look the same without."""
    if when(one) != when(other):
        return when(one), when(other)
    return one.isoformat(" ", "seconds")[:19], other.isoformat(" ", "seconds")[:19]
