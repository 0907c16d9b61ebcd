"""What each end of a handshake brings, whom it trusts and who it is itself, as an `ssl.SSLContext`.

Every setting that Python or a Linux distribution may choose differently is set here by name, so that the same
handshake ends the same way on every machine.
"""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from padlock import keys, reading

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

# How a chain is checked, beyond "it ends at one of `roots` and every signature fits":
#   TRUSTED_FIRST  look for an issuer among `roots` before what the other side sent (OpenSSL's default)
#   PARTIAL_CHAIN  whatever is in `roots` is trusted, also if it is not self-signed (RFC 5280 §6.1.1: a trust
#                  anchor is what you say it is). So do Go, curl, and Python since 3.13.
# VERIFY_X509_STRICT stays off. Of the usual clients only Python's create_default_context() turns it on, and
# only since 3.13; curl, nginx and `openssl s_client` don't. It refuses certificates for missing identifiers,
# which would hide the fault at hand.
VERIFY_FLAGS = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN

_USUAL_KEYS = (
    rsa.RSAPrivateKey,
    ec.EllipticCurvePrivateKey,
    ed25519.Ed25519PrivateKey,
    ed448.Ed448PrivateKey,
)


def client_context(
    roots: Any,
    version: str | None = None,
    identity: Any = None,
    verify: bool = True,
    check_name: bool = True,
) -> ssl.SSLContext:
    """A client that trusts `roots` and nothing else: not what the machine trusts.

    identity: what the client shows when the server asks for a certificate (see `load_identity`), or None.
    verify=False: neither the chain nor the name is checked. Such a client encrypts to whoever answers.
    check_name=False: the chain is checked, the name is not. Anybody whom the same CA knows can answer.
    Raises `reading.Unreadable` (roots, identity) and ValueError, both with one sentence.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, version)
    # Names count in the subjectAltName only (RFC 9525 §2). Left alone, Python would fall back to the CN.
    context.hostname_checks_common_name = False
    if verify:
        context.check_hostname = check_name
        _trust(context, roots)
    else:
        context.check_hostname = False  # first: Python refuses CERT_NONE while names are still checked
        context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        load_identity(context, identity)
    return context


def server_context(
    identity: Any, version: str | None = None, client_roots: Any = None, weak: bool = False
) -> ssl.SSLContext:
    """A server that shows `identity`.

    client_roots: given, it demands a client certificate that ends at one of them (mTLS).
    weak: it also shows keys and signatures that OpenSSL calls too weak, and leaves it to the client to refuse.
    Raises `reading.Unreadable` and ValueError, both with one sentence.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, version)
    if weak:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if client_roots is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, client_roots)
    load_identity(context, identity)
    return context


def anonymous_server() -> ssl.SSLContext | None:
    """A TLS 1.2 server that shows no certificate at all (RFC 5246 §F.1.1.1); None where OpenSSL has no such ciphers.

    Every client refuses it that was not told to allow "aNULL". TLS 1.3 has no such ciphers (RFC 8446 §4.4.2).
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, "1.2")
    try:
        context.set_ciphers("aNULL:@SECLEVEL=0")
    except ssl.SSLError:
        return None
    return context


def identity_of(source: Any) -> tuple[list[x509.Certificate], Any]:
    """(certificates, the leaf first; the leaf's private key).

    source: what an Authority issued, or a pair (certificates, key), each in any form that `reading` takes.
    Raises `reading.Unreadable`; ValueError if a half is missing, `keys.Mismatch` if they are no pair.
    """
    if hasattr(source, "private_key"):
        chain, key = source, source.private_key
    elif isinstance(source, (tuple, list)) and len(source) == 2:
        chain, key = source
    else:
        raise ValueError(
            "Give what an Authority issued, or a pair (certificates, private key): "
            f"a {type(source).__name__} says nothing about the key."
        )
    if key is None:
        raise ValueError(
            "There is no private key with this certificate, as whoever made the CSR has it: "
            "give a pair (certificates, private key)."
        )
    certificates, key = reading.certificates(chain), reading.private_key(key)
    keys.require_pair(certificates[0], key)
    return certificates, key


@dataclass(frozen=True)
class Borrowed:
    """Somebody else's certificates in the hands of one who has not got their key: they are public, after all.

    An honest OpenSSL refuses to start with them ('key values mismatch'). It compares the public halves only, so
    this attacker pastes the victim's public point into the file of her own EC private key. Then it starts, and
    signs the handshake with a key that the certificate does not fit.
    """

    certificates: list[x509.Certificate]

    def key_pem(self) -> str:
        theirs = self.certificates[0].public_key()
        if not isinstance(theirs, ec.EllipticCurvePublicKey):
            raise ValueError(
                f"Only a certificate for an EC key can be borrowed here, not {keys.describe(theirs)}."
            )
        own = ec.generate_private_key(theirs.curve)
        der = own.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        # Beside the secret number the file carries the public key (RFC 5915 §3); that is what gets compared.
        der = der.replace(_point(own.public_key()), _point(theirs))
        return f"-----BEGIN PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END PRIVATE KEY-----\n"


def borrowed(certificates: Any) -> Borrowed:
    """To be given as the `server` of a handshake, or as an attacker. Raises `reading.Unreadable`."""
    return Borrowed(reading.certificates(certificates))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def load_identity(context: ssl.SSLContext, source: Any) -> None:
    """Give `context` a certificate chain and the private key for it (or, if `Borrowed`, one that only looks like it).

    `ssl` reads keys from files only. So the key lies on the disk for a moment: in a directory and a file that
    no other user may open, gone before this returns.
    """
    if isinstance(source, Borrowed):
        certificates, key, pem = source.certificates, None, source.key_pem().encode()
    else:
        certificates, key = identity_of(source)
        pem = keys.pem(key).encode()
    pem += b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
    with tempfile.TemporaryDirectory(prefix="padlock-") as directory:  # mode 0700
        path = Path(directory, "identity.pem")
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(pem)
        try:
            context.load_cert_chain(path)
        except ssl.SSLError as error:
            if key is None:
                raise ValueError(f"The attacker's own OpenSSL refuses the key: {words(error)}.") from error
            kind = keys.describe(key)
            # Of ML-DSA, OpenSSL 3.0 says 'ee key too small', which would send you the wrong way.
            why = words(error) if isinstance(key, _USUAL_KEYS) else f"it can't use {kind} keys for TLS"
            raise ValueError(f"This Python's {ssl.OPENSSL_VERSION} refuses the {kind} key: {why}.") from error


def words(error: ssl.SSLError) -> str:
    """What the library said, without the `[SSL: CODE]` before and the place in Python's C source after it."""
    text = str(error.args[1] if len(error.args) > 1 else error)
    text = text.partition("] ")[2] if text.startswith("[") else text
    return text.rpartition(" (_ssl.c:")[0] or text


def _context(protocol: int, version: str | None) -> ssl.SSLContext:
    if version is not None and version not in VERSIONS:
        raise ValueError(f'version is "1.3", "1.2" or None (both), not {version!r}.')
    context = ssl.SSLContext(protocol)
    context.minimum_version = VERSIONS[version or "1.2"]
    context.maximum_version = VERSIONS[version or "1.3"]
    context.verify_flags = VERIFY_FLAGS
    return context


def _trust(context: ssl.SSLContext, roots: Any) -> None:
    if isinstance(roots, (list, tuple)) and not roots:
        return  # trusts nobody
    der = b"".join(root.public_bytes(Encoding.DER) for root in reading.certificates(roots))
    context.load_verify_locations(cadata=der)
