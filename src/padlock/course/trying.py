"""What checks try for real: a client in memory that trusts just what it is given, and its verdict as a `Miss`."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from padlock import keys, reading, tls

from .answer import Miss

# OpenSSL's verification codes (include/openssl/x509_vfy.h) → the id that explains them.
NOT_YET_VALID, EXPIRED, HOSTNAME_MISMATCH, IP_MISMATCH = 9, 10, 62, 64
UNKNOWN_ISSUER = {2, 18, 19, 20, 21}


def connect(identity: Any, name: str, roots: Any, **options: Any) -> tls.Transcript:
    """A handshake with what the learner made; what can't even be tried is a `Miss`."""
    try:
        return tls.handshake(identity, roots, name, **options)
    except reading.Unreadable as error:
        raise Miss(
            error.id, "a server can't start with this", tried="starting a TLS server", found=str(error)
        ) from error
    except ValueError as error:
        id = "key-unfit" if _key_unfit(identity) else "no-server"
        if isinstance(error, keys.Mismatch):
            id = "key-mismatch"
        raise Miss(
            id, "a server can't start with this", tried="starting a TLS server", found=str(error)
        ) from error


def serves(key: Any) -> bool:
    """Whether a server of today can sign a handshake with this key (RFC 8446 §4.2.3), public or private."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return key.key_size >= 2048  # OpenSSL's security level 2 wants 112 bits of strength
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return key.curve.name in ("secp256r1", "secp384r1", "secp521r1")
    return isinstance(
        key,
        ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey | ed448.Ed448PublicKey | ed448.Ed448PrivateKey,
    )


def _key_unfit(identity: Any) -> bool:
    try:
        return not serves(tls.contexts.identity_of(identity)[1])
    except ValueError:
        return False


def cause(transcript: tls.Transcript) -> str:
    """The id that explains why it was refused: computed from the client's code and from the certificate it saw."""
    if transcript.error.who == "server":  # it has a reason of its own; no check of a certificate failed
        return "refused-otherwise"
    code = transcript.error.code
    if code in (HOSTNAME_MISMATCH, IP_MISMATCH):
        return "wrong-name" if _has_names(transcript.presented[0]) else "san-missing"
    if code in UNKNOWN_ISSUER:
        return "unknown-ca"
    return {EXPIRED: "expired", NOT_YET_VALID: "not-yet-valid"}.get(code, "refused-otherwise")


def must_accept(identity: Any, name: str, roots: Any, trusting: str) -> tls.Transcript:
    """A client that wants `name` and trusts only `roots` (`trusting`: in words) accepts, or `Miss` says why not."""
    transcript = connect(identity, name, roots)
    if transcript.error:
        id, who = cause(transcript), transcript.error.who
        if id == "refused-otherwise" and _key_unfit(identity):  # mostly the server finds no way to sign
            id = "key-unfit"
        refused = who == "client"
        raise Miss(
            id,
            f"a client refuses your server for {name}" if refused else f"your server can't serve {name}",
            tried=f"TLS in memory, trusting only {trusting}",
            expected=f"a certificate for {name} that it can trust",
            found=transcript.error.said,
        )
    return transcript


def _has_names(certificate: x509.Certificate) -> bool:
    try:
        return bool(list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value))
    except (x509.ExtensionNotFound, ValueError):
        return False
