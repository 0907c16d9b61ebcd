"""Key pairs: make them, name them, compare them, keep them safe.

A *key* here is an object of `cryptography`. Functions that only need the public half take whatever holds it:
either half of a pair, a certificate, a request, or their PEM (see `padlock.reading`).
"""

import hashlib
import os
import re
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from padlock import reading

# Kinds that can sign, and so stand in a certificate for TLS: kind -> how people call it.
KINDS = {
    "p256": "P-256",
    "p384": "P-384",
    "ed25519": "Ed25519",
    "rsa2048": "RSA 2048",
    "rsa3072": "RSA 3072",
    "rsa4096": "RSA 4096",
    "ml-dsa-44": "ML-DSA-44",
    "ml-dsa-65": "ML-DSA-65",
    "ml-dsa-87": "ML-DSA-87",
}

_MAKERS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "ml-dsa-44": mldsa.MLDSA44PrivateKey.generate,
    "ml-dsa-65": mldsa.MLDSA65PrivateKey.generate,
    "ml-dsa-87": mldsa.MLDSA87PrivateKey.generate,
}

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class Mismatch(ValueError):
    """The certificate and the private key do not belong together."""


def make(kind: str = "p256"):
    """A new private key of one of `KINDS`, from the operating system's random numbers."""
    if kind not in _MAKERS:
        raise ValueError(f"There is no kind of key called {kind!r}: choose one of {', '.join(KINDS)}.")
    return _MAKERS[kind]()


def describe(key) -> str:
    """The kind of a private or public key in words: "P-256", "RSA 2048", "Ed25519", "ML-DSA-65"."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, key.curve.name)
    name = re.sub(r"(Private|Public)Key$", "", type(key).__name__)
    return re.sub(r"^ML(DSA|KEM)", lambda match: f"ML-{match[1]}-", name)


def digest_for(key) -> hashes.HashAlgorithm | None:
    """The hash to sign with; None where the algorithm brings its own (Ed25519, RFC 8032; ML-DSA, FIPS 204).

    A signature is as strong as the weaker of key and hash, so larger curves get a larger hash (RFC 5480 §4).
    """
    key = reading.public_key(key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.key_size > 384:
            return hashes.SHA512()
        return hashes.SHA384() if key.curve.key_size > 256 else hashes.SHA256()
    return hashes.SHA256() if isinstance(key, rsa.RSAPublicKey) else None


# --- Which key is it? ---------------------------------------------------------------------------------------


def fingerprint(holder) -> str:
    """SHA-256 over the public key in `holder`: 32 hex pairs, "c4:1f:…".

    Hashed is the DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), so a key, its request and all its certificates
    have the same one. A certificate's own fingerprint, which browsers show, covers the whole certificate.
    """
    return hashlib.sha256(_spki(holder)).digest().hex(":")


def short_fingerprint(holder) -> str:
    """The fingerprint's first three pairs and its last: enough to compare by eye, not to prove anything."""
    pairs = fingerprint(holder).split(":")
    return ":".join(pairs[:3]) + "…" + pairs[-1]


def same_pair(a, b) -> bool:
    """Whether `a` and `b` hold the same public key: each is a half of a pair, a certificate or a request."""
    return _spki(a) == _spki(b)


def require_pair(certificate, private_key) -> None:
    """Raise `Mismatch` unless the certificate is for this private key, as a server does when it starts."""
    private_key = reading.private_key(private_key)
    certificate = reading.certificate(certificate)
    if not same_pair(certificate, private_key):
        raise Mismatch(
            f"The certificate holds the public key {short_fingerprint(certificate)}, but the private key "
            f"belongs to {short_fingerprint(private_key)}: use the key with which it was requested."
        )


def _spki(holder) -> bytes:
    return reading.public_key(holder).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


# Broken: somebody can make two texts of one hash, and have the harmless one signed. `cryptography` refuses them.
_OLD_HASHES = {"sha1": "SHA-1", "md5": "MD5"}


def old_hash(signed) -> str | None:
    """ "SHA-1" or "MD5" where this certificate or request is signed with one of them, else None.

    Such a signature may fit and is refused all the same (RFC 6151, RFC 6194), so ask this before you call it a forgery.
    """
    try:
        return _OLD_HASHES.get(getattr(signed.signature_hash_algorithm, "name", ""))
    except (UnsupportedAlgorithm, ValueError):
        return None


# --- Keeping keys -------------------------------------------------------------------------------------------


def pem(key, passphrase: str | bytes | None = None) -> str:
    """PEM text: PKCS #8 (RFC 5958) for a private key, SubjectPublicKeyInfo for a public one.

    A passphrase encrypts a private key; `ValueError` if it is empty, or the key is a public one.
    """
    if passphrase is not None and not passphrase:
        raise ValueError("The passphrase is empty, which protects nothing: give one, or leave it out.")
    if hasattr(key, "public_bytes"):
        if passphrase is not None:
            raise ValueError("A public key is not a secret and has no passphrase: leave the passphrase out.")
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(serialization.Encoding.PEM, spki).decode("ascii")
    if isinstance(passphrase, str):
        passphrase = passphrase.encode("utf-8")
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    key = reading.private_key(key)
    pkcs8 = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, encryption).decode("ascii")


def save(key, path, passphrase: str | bytes | None = None) -> Path:
    """Write `pem(key)` to the new file `path`, which only you may read, and return the path.

    The file has mode 0600 before the first byte is in it: `open` followed by `chmod` leaves a moment in which
    others can open it. It appears whole or not at all. On Windows, the directory rules who may read it.
    Raises `FileExistsError` rather than write over a file, since a private key that is gone is gone.
    """
    path = Path(path)
    text = pem(key, passphrase).encode("ascii")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no directory “{path.parent}” to save a key in: make it first.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(draft, path)
    except FileExistsError as error:
        raise FileExistsError(
            f"There is a file “{path}” already, and it may hold the only copy of a key: choose another name."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def _put_in_place(draft: Path, path: Path) -> None:
    """Give the finished draft its name, unless something has that name: `FileExistsError`."""
    if os.name == "nt":
        os.rename(draft, path)  # on Windows it refuses to replace a file
        return
    try:
        os.link(draft, path)  # elsewhere a rename would replace it, and a link does not
    except FileExistsError:
        raise
    except OSError:  # a file system without links, such as a USB stick's
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(draft, path)


def load(source, passphrase: str | bytes | None = None):
    """The private key in `source`, a path or any other source of `reading.private_key`."""
    return reading.private_key(source, passphrase)


def mode_warning(path) -> str | None:
    """A sentence when other users of this machine may read or change the key file `path`, else None."""
    if os.name == "nt":  # there, the mode says nothing about who may read
        return None
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode & 0o077 == 0:
        return None
    shown = reading.visible(os.fspath(path))
    return f"Others on this machine may use the key in “{shown}” (mode {mode:04o}): run chmod 600 on it."
