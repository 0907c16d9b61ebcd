"""One certificate as the rules see it: everything they ask for, read once, and never an exception for what can't be read."""

from __future__ import annotations

import hashlib
import warnings
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from padlock.reading import visible

from .names import Key, name_key

E = TypeVar("E", bound=x509.ExtensionType)

# What reading a hostile certificate with `cryptography` may raise.
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
              x509.InvalidVersion, NotImplementedError, OverflowError)  # fmt: skip


class Facts:
    """A certificate read for judging. What can't be read is None (or empty), and `trouble` says so."""

    def __init__(self, certificate: x509.Certificate):
        self.certificate = certificate
        self.trouble: list[str] = []
        self.der = certificate.public_bytes(Encoding.DER)

    def __repr__(self) -> str:
        return f"<{self.called}>"

    @cached_property
    def id(self) -> bytes:
        return hashlib.sha256(self.der).digest()

    @cached_property
    def called(self) -> str:
        """What to call it in a sentence."""
        try:
            text = self.certificate.subject.rfc4514_string()
        except UNREADABLE:
            return "a certificate whose subject can't be read"
        return visible(text, 80) or "a certificate without a subject"

    def _read(self, what: str, get) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what `cryptography` only warns of has a rule of ours
                return get()
        except UNREADABLE as error:
            self.trouble.append(f"its {what} can't be read ({visible(str(error), 100)})")
            return None

    @cached_property
    def subject(self) -> Key:
        return self._read("subject", lambda: name_key(self.certificate.subject)) or ()

    @cached_property
    def issuer(self) -> Key:
        return self._read("issuer", lambda: name_key(self.certificate.issuer)) or ()

    @property
    def self_issued(self) -> bool:
        """Issuer and subject are the same name, whoever signed it (RFC 5280 §6.1)."""
        return self.subject == self.issuer

    @cached_property
    def period(self) -> tuple[datetime, datetime] | None:
        """(notBefore, notAfter), both aware."""
        return self._read(
            "validity", lambda: (self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc)
        )

    @cached_property
    def version(self) -> int:
        return self._read("version", lambda: self.certificate.version.value + 1) or 0

    @cached_property
    def serial(self) -> int:
        return self._read("serial number", lambda: self.certificate.serial_number) or 0

    @cached_property
    def key(self) -> Any:
        return self._read("public key", self.certificate.public_key)

    @cached_property
    def key_bytes(self) -> bytes:
        if self.key is None:
            return b""
        return self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @cached_property
    def extensions(self) -> dict[x509.ObjectIdentifier, x509.Extension]:
        found = self._read("extensions", lambda: list(self.certificate.extensions))
        return {extension.oid: extension for extension in found or ()}

    def extension(self, kind: type[E]) -> x509.Extension[E] | None:
        return self.extensions.get(kind.oid)

    def value(self, kind: type[E]) -> E | None:
        extension = self.extensions.get(kind.oid)
        return extension.value if extension else None

    @property
    def names(self) -> list[x509.GeneralName]:
        return list(self.value(x509.SubjectAlternativeName) or ())

    @property
    def is_ca(self) -> bool:
        constraints = self.value(x509.BasicConstraints)
        return constraints is not None and constraints.ca

    def readable(self) -> bool:
        """Touches everything; `trouble` is complete afterwards."""
        _ = self.subject, self.issuer, self.period, self.version, self.serial, self.key, self.extensions
        return not self.trouble


def signed_by(signed: Any, key: Any, payload: bytes) -> bool:
    """Does `key` verify the signature on a certificate or CRL? False for a key or algorithm that does not fit.

    payload: the bytes that were signed. The hash and padding are those that the signed thing names.
    """
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signed.signature, payload, signed.signature_algorithm_parameters, signed.signature_hash_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed.signature, payload, ec.ECDSA(signed.signature_hash_algorithm))
        elif isinstance(key, dsa.DSAPublicKey):
            key.verify(signed.signature, payload, signed.signature_hash_algorithm)
        elif isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey, *_ML_DSA)):
            key.verify(signed.signature, payload)
        else:
            return False
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


_ML_DSA = (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey)
