"""One changed bit of a certificate: what a reader, the issuer's key and a client make of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import der, reading

from .handshake import Transcript, handshake


@dataclass(frozen=True)
class Tampered:
    """One changed bit and what it does.

    at: the byte; field: the names of the elements it lies in, outermost first
    before, after: what the innermost element says in words
    unreadable: why the bytes are no certificate any more, or ""
    fits: whether the issuer's key still fits the signature; None if there is no certificate to check
    unsound: why it could not even be checked, or ""
    wanted: the name that the client asks for: the first that the certificate now has
    meeting: the handshake with a server that shows it, or None if no server starts with it
    no_start: why no server starts with it, or ""
    """

    data: bytes
    at: int
    field: tuple[str, ...]
    before: str
    after: str
    unreadable: str
    fits: bool | None
    unsound: str
    wanted: str
    meeting: Transcript | None
    no_start: str


def tamper(server: Any, issuer: x509.Certificate, at: int, bit: int, wanted: str) -> Tampered:
    """Flip `bit` (0 to 7, 0 the lowest) of byte `at` in the leaf of `server`, which `issuer` signed.

    `wanted` is the name that the client asks for where the changed certificate has no readable one.
    Raises IndexError for a byte that is not there.
    """
    original = server.certificate.public_bytes(Encoding.DER)
    changed = bytearray(original)
    changed[at] ^= 1 << bit
    data = bytes(changed)
    node = der.parse(original).at(at)
    now = der.parse(data).at(at)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a serial number that is not positive any more
        try:
            certificate = x509.load_der_x509_certificate(data)
        except (ValueError, x509.InvalidVersion) as error:
            certificate, unreadable = None, reading.visible(error, 160)
        else:
            unreadable = ""
        fit, unsound = fits(certificate, issuer)
        wanted = _first_name(certificate) or wanted
        meeting, no_start = _meet(certificate, server.private_key, issuer, wanted)
    return Tampered(
        data=data,
        at=at,
        field=path(der.parse(original), at),
        before=node.text or node.content.hex(" "),
        after=(now.error or now.text or now.content.hex(" ")) if now else "",
        unreadable=unreadable,
        fits=fit,
        unsound=unsound,
        wanted=wanted,
        meeting=meeting,
        no_start=no_start,
    )


def path(root: der.Node, at: int) -> tuple[str, ...]:
    """The names of the elements that byte `at` lies in, outermost first."""
    names, node = [], root
    while node is not None:
        names.append(node.label)
        node = next((child for child in node.children if child.offset <= at < child.end), None)
    return tuple(names)


def fits(certificate: x509.Certificate | None, issuer: x509.Certificate) -> tuple[bool | None, str]:
    """Does the signature of `certificate` fit the key of `issuer`; and why that could not be checked, or ""."""
    if certificate is None:
        return None, ""
    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False, ""
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # another issuer's name, another algorithm
        return False, reading.visible(error, 160)
    return True, ""


def _first_name(certificate: x509.Certificate | None) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        first = names.get_values_for_type(x509.DNSName)[0]
    except (AttributeError, IndexError, ValueError, x509.ExtensionNotFound):
        return ""
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ""
    return first if all(c.isascii() and (c.isalnum() or c in "-.") for c in first) else ""


def _meet(certificate, key, issuer, wanted) -> tuple[Transcript | None, str]:
    if certificate is None:
        return None, "the bytes are no certificate"
    try:
        return handshake((certificate, key), [issuer], wanted), ""
    except ValueError as error:
        return None, str(error)
