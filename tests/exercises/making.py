"""Ways a learner may come by a certificate and key: shared by the answers of several lessons."""

import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


@cache
def key(kind="p256"):
    """One key of each kind is enough for a run of the tests: RSA keys take time."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    makers = {
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    return makers[kind]()


def key_pem(private, passphrase=None):
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    return private.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption)


def key_der(private):
    return private.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def digest(private):
    return None if isinstance(private, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def by_hand(private, issuer_key, issuer_name, san=(), cn=None, ca=False, start=-1, days=30):
    """A certificate made with `cryptography` alone, as the lessons teach it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)] if cn else [])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name or subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=start))
        .not_valid_after(NOW + timedelta(days=start + days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if san:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(n) for n in san]), critical=not cn
        )
    return builder.sign(issuer_key, digest(issuer_key))


def file_with(data, suffix=".pem"):
    """The path of a new file; the system clears the folder away."""
    path = Path(tempfile.mkdtemp(prefix="padlock-test-")) / f"file{suffix}"
    path.write_bytes(data)
    return path


@cache
def has_openssl():
    if not shutil.which("openssl"):
        return False
    words = subprocess.run(["openssl", "version"], capture_output=True, text=True, timeout=30).stdout
    return bool(re.match(r"OpenSSL [3-9]", words))


def openssl(*arguments, folder, stdin=None):
    """Runs the openssl command line; raises with what it said."""
    ran = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, timeout=60, input=stdin)
    if ran.returncode:
        raise RuntimeError(ran.stderr.decode())
    return ran.stdout
