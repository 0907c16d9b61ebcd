"""What checks try for real: a client in memory that trusts just what it is given, and its verdict as a `Miss`."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from padlock import reading, tls

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
        raise Miss(
            "no-server", "a server can't start with this", tried="starting a TLS server", found=str(error)
        ) from error


def cause(transcript: tls.Transcript) -> str:
    """The id that explains why the client refused: computed from its code and from the certificate it saw."""
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
        raise Miss(
            cause(transcript),
            f"a client refuses your server for {name}",
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
