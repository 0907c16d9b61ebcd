"""A certificate as the rules see it: all that they ask for, read once; what can't be read is no exception."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID

from padlock.reading import visible

from . import names
from .names import Key

E = TypeVar("E", bound=x509.ExtensionType)

# What reading a hostile certificate with `cryptography` may raise.
UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    NotImplementedError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
)


NO_REV_AVAIL = x509.ObjectIdentifier("2.5.29.56")  # RFC 9608 §2


class read_once:
    """functools.cached_property, without the lock that it takes in Python 3.11: a judge reads some forty of these."""

    def __init__(self, get: Callable[[Any], Any]):
        self.get, self.name, self.__doc__ = get, get.__name__, get.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        # Without __set__, what is put here is found first from now on.
        found = instance.__dict__[self.name] = self.get(instance)
        return found


class Signed:
    """A certificate or a CRL. What can't be read of it is None (or empty), and `trouble` says so."""

    def __init__(self, signed: x509.Certificate | x509.CertificateRevocationList):
        self.signed = signed
        self.trouble: list[str] = []

    @read_once
    def der(self) -> bytes:
        return self.signed.public_bytes(Encoding.DER)

    def _read(self, what: str, get: Callable[[], Any]) -> Any:
        try:
            return get()
        except UNREADABLE as error:
            self.trouble.append(f"its {what} can't be read ({visible(str(error), 100)})")
            return None

    @read_once
    def issuer(self) -> Key:
        return self._read("issuer", lambda: names.name_key(self.signed.issuer)) or ()

    @read_once
    def extensions(self) -> dict[x509.ObjectIdentifier, x509.Extension]:
        found = self._read("extensions", lambda: list(self.signed.extensions))
        return {extension.oid: extension for extension in found or ()}

    def extension(self, kind: type[E]) -> x509.Extension[E] | None:
        return self.extensions.get(kind.oid)

    def value(self, kind: type[E]) -> E | None:
        extension = self.extensions.get(kind.oid)
        return extension.value if extension else None

    @read_once
    def payload(self) -> bytes:
        """The bytes under the signature: the first element inside, with its tag and length."""
        begin = element(self.der, 0)[0]
        return self.der[begin : element(self.der, begin)[1]]

    @read_once
    def digest(self) -> str:
        """The name of the hash under the signature; "" where there is none, or none that is known here."""
        try:
            algorithm = self.signed.signature_hash_algorithm
        except UNREADABLE:  # then `signed_by` says no
            return ""
        return algorithm.name if algorithm else ""


class Facts(Signed):
    """A certificate."""

    @property
    def certificate(self) -> x509.Certificate:
        return self.signed

    def __repr__(self) -> str:
        return f"<{self.called}>"

    @read_once
    def called(self) -> str:
        """What to call it in a sentence."""
        try:
            text = self.certificate.subject.rfc4514_string()
        except UNREADABLE:
            return "a certificate whose subject can't be read"
        return visible(text, 80) or "a certificate without a subject"

    @read_once
    def issued_by(self) -> str:
        """What to call its issuer, whoever that is."""
        try:
            text = self.certificate.issuer.rfc4514_string()
        except UNREADABLE:
            return "whose name can't be read"
        return visible(text, 80) or "without a name"

    @read_once
    def subject(self) -> Key:
        return self._read("subject", lambda: names.name_key(self.certificate.subject)) or ()

    @read_once
    def self_issued(self) -> bool:
        """Issuer and subject are the same name, whoever signed it (RFC 5280 §6.1)."""
        return bool(self.subject) and self.subject == self.issuer

    @read_once
    def period(self) -> tuple[datetime, datetime] | None:
        """(notBefore, notAfter), both aware."""
        cert = self.certificate
        return self._read("validity", lambda: (cert.not_valid_before_utc, cert.not_valid_after_utc))

    @read_once
    def version(self) -> int:
        return self._read("version", lambda: self.certificate.version.value + 1) or 0

    @read_once
    def serial(self) -> int:
        return self._read("serial number", lambda: self.certificate.serial_number) or 0

    @read_once
    def key(self) -> Any:
        return self._read("public key", self.certificate.public_key)

    @read_once
    def key_bytes(self) -> bytes:
        """The SubjectPublicKeyInfo, as it stands in the certificate."""
        at = algorithm_at(self.der)
        for _ in ("signature algorithm", "issuer", "validity", "subject"):
            at = element(self.der, at)[1]
        return self.der[at : element(self.der, at)[1]]

    @read_once
    def names(self) -> list[x509.GeneralName]:
        return list(self.value(x509.SubjectAlternativeName) or ())

    @read_once
    def constrained_names(self) -> list[tuple[str, Any]]:
        """(kind, value) of all names that a CA's name constraints apply to."""
        return names.constrained_names(self.certificate.subject, self.names)

    @read_once
    def constraints(self) -> tuple[names.Subtrees, names.Subtrees] | None:
        """(permitted, excluded) names, if it is a CA that is confined to some."""
        found = self.value(x509.NameConstraints)
        return found and (names.subtrees(found.permitted_subtrees), names.subtrees(found.excluded_subtrees))

    @property
    def precertificate(self) -> bool:
        """Made for the logs of Certificate Transparency only; its serial number is the real one's (RFC 6962 §3.1)."""
        return x509.PrecertPoison.oid in self.extensions

    @property
    def is_ca(self) -> bool:
        constraints = self.value(x509.BasicConstraints)
        return constraints is not None and constraints.ca

    @read_once
    def readable(self) -> bool:
        """Touches everything; `trouble` is complete afterwards."""
        _ = self.subject, self.issuer, self.period, self.version, self.serial, self.key, self.extensions
        return not self.trouble


def signed_by(signed: Signed, key: Any) -> bool:
    """Does `key` verify the signature on a certificate or CRL? False for a key or algorithm that does not fit.

    The algorithm is the one that the signed thing names, and it must be one for this kind of key.
    """
    thing = signed.signed
    try:
        oid, how = thing.signature_algorithm_oid, thing.signature_algorithm_parameters
        if oid == SignatureAlgorithmOID.RSA_WITH_MD5:
            how = padding.PKCS1v15()  # `cryptography` has no words for it; `strength` refuses it
        if isinstance(key, rsa.RSAPublicKey) and isinstance(how, (padding.PKCS1v15, padding.PSS)):
            key.verify(thing.signature, signed.payload, how, thing.signature_hash_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
            key.verify(thing.signature, signed.payload, how)
        elif isinstance(key, dsa.DSAPublicKey) and oid in _DSA:
            key.verify(thing.signature, signed.payload, thing.signature_hash_algorithm)
        elif isinstance(key, _HASHLESS.get(oid, ())):
            key.verify(thing.signature, signed.payload)
        else:
            return False
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


_DSA = {oid for name, oid in vars(SignatureAlgorithmOID).items() if name.startswith("DSA_WITH_")}
_HASHLESS = {
    SignatureAlgorithmOID.ED25519: ed25519.Ed25519PublicKey,
    SignatureAlgorithmOID.ED448: ed448.Ed448PublicKey,
    SignatureAlgorithmOID.ML_DSA_44: mldsa.MLDSA44PublicKey,
    SignatureAlgorithmOID.ML_DSA_65: mldsa.MLDSA65PublicKey,
    SignatureAlgorithmOID.ML_DSA_87: mldsa.MLDSA87PublicKey,
}


def same_algorithm_inside(der: bytes) -> bool:
    """The signature algorithm stands twice, beside the signature and in what is signed, and must be the same bytes
    (RFC 5280 §4.1.1.2 for certificates, §5.1.1.2 for CRLs)."""
    inside, outside = algorithm_at(der), element(der, element(der, 0)[0])[1]
    return der[inside : element(der, inside)[1]] == der[outside : element(der, outside)[1]]


def algorithm_at(der: bytes) -> int:
    """Where in a certificate or CRL the inner signature algorithm begins: the first SEQUENCE of what is signed."""
    at = element(der, element(der, 0)[0])[0]
    while der[at] != 0x30:  # version, serial number
        at = element(der, at)[1]
    return at


def element(der: bytes, at: int) -> tuple[int, int]:
    """(where its content begins, where it ends) of the DER element at `at`. `cryptography` has parsed these bytes
    already, so they are well-formed."""
    length, content = der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, content = int.from_bytes(der[content : content + count], "big"), content + count
    return content, content + length
