"""What this machine brings along: real tools that lessons can use, and the certificates that it trusts."""

from __future__ import annotations

import base64
import binascii
import os
import re
import shutil
import ssl
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import cryptography
from cryptography import x509
from cryptography.hazmat.backends.openssl import backend

# name → the words that make it print its version. kubectl without --client would go and look for a cluster.
VERSION_CALLS = {
    "openssl": ["version"],
    "curl": ["--version"],
    "node": ["--version"],
    "go": ["version"],
    "docker": ["--version"],
    "kubectl": ["version", "--client"],
}
PATIENCE = 5.0  # seconds for one tool to say its version
PEM_BEGIN, PEM_END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Tool:
    """path: None if it is not on the PATH. version: the first line it printed, "" if none in time."""

    name: str
    path: str | None
    version: str = ""

    def __bool__(self) -> bool:
        return self.path is not None


def tools() -> dict[str, Tool]:
    """What is here, by name: programs on the PATH and the two OpenSSLs that live inside Python. Never raises.

    Nothing is asked over the network, not even whether there is one.
    """
    found = {name: _tool(name, call) for name, call in VERSION_CALLS.items()}
    found["ssl"] = Tool("ssl", sys.executable, ssl.OPENSSL_VERSION)
    # a second one, compiled into `cryptography`: it makes and reads certificates, `ssl` shakes hands
    found["cryptography"] = Tool(
        "cryptography",
        cryptography.__file__,
        f"{cryptography.__version__} with {backend.openssl_version_text()}",
    )
    return found


def _tool(name: str, call: list[str]) -> Tool:
    path = shutil.which(name)
    if path is None:
        return Tool(name, None)
    try:
        done = subprocess.run(
            [path, *call], capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return Tool(name, path)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return Tool(name, path, lines[0].strip() if lines and done.returncode == 0 else "")


@dataclass(frozen=True)
class Roots:
    """The certificates that this machine trusts.

    certificates: each once      sources: [(where they came from, how many new ones), …]
    broken: how many were there that can't be read
    """

    certificates: list[x509.Certificate] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)
    broken: int = 0

    def __repr__(self) -> str:
        found, places = len(self.certificates), len(self.sources)
        return f"<Roots: {found} certificates from {places} sources, {self.broken} broken>"


def roots() -> Roots:
    """The roots in this machine's store, from wherever it keeps them. Never raises; empty if it has none.

    Everywhere: the file and the directory that Python's OpenSSL was built with, or SSL_CERT_FILE and
    SSL_CERT_DIR in their place, as OpenSSL has it. Windows: also its ROOT store. macOS: also its keychain of
    system roots. Where all of these are empty: `certifi`, if it is installed.
    """
    collected = _Collection()
    paths = ssl.get_default_verify_paths()
    file = os.environ.get(paths.openssl_cafile_env, paths.openssl_cafile)
    collected.add(file, _pem_file(Path(file)))
    for directory in os.environ.get(paths.openssl_capath_env, paths.openssl_capath).split(os.pathsep):
        collected.add(directory, _pem_directory(Path(directory)))
    collected.add("Python's ssl", _from_ssl())
    if sys.platform == "win32":
        collected.add("the Windows ROOT store", _windows())
    if sys.platform == "darwin":
        collected.add("the macOS keychain", _macos())
    if not collected.certificates:
        collected.add("certifi", _certifi())
    return Roots(list(collected.certificates.values()), collected.sources, len(collected.broken))


class _Collection:
    def __init__(self) -> None:
        self.certificates: dict[bytes, x509.Certificate] = {}  # by their DER: each once
        self.broken: set[bytes] = set()
        self.sources: list[tuple[str, int]] = []

    def add(self, source: str, found: list[bytes]) -> None:
        """found: certificates as DER."""
        before = len(self.certificates)
        for raw in found:
            if raw in self.certificates or raw in self.broken:
                continue
            try:
                with warnings.catch_warnings():  # old roots break newer rules (a negative serial number, …)
                    warnings.simplefilter("ignore")
                    self.certificates[raw] = x509.load_der_x509_certificate(raw)
            except (ValueError, x509.InvalidVersion):
                self.broken.add(raw)
        if len(self.certificates) > before:
            self.sources.append((source, len(self.certificates) - before))


def _from_ssl() -> list[bytes]:
    """What Python loads at once. What lies in directories it reads only when a handshake needs it."""
    # Not create_default_context(): that would also open the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_default_certs()
    except (ssl.SSLError, OSError):
        return []
    return context.get_ca_certs(binary_form=True)


def _pem_file(path: Path) -> list[bytes]:
    try:
        return _from_pem(path.read_bytes())
    except (OSError, ValueError):  # ValueError: a zero byte in the path
        return []


def _pem_directory(path: Path) -> list[bytes]:
    """OpenSSL finds a root by the hash of its subject: it opens files named like 1d3472b9.0 and no others."""
    try:
        files = sorted(file for file in path.iterdir() if re.fullmatch(r"[0-9a-f]{8}\.\d+", file.name))
    except (OSError, ValueError):
        return []
    return [der for file in files for der in _pem_file(file)]


def _from_pem(data: bytes) -> list[bytes]:
    """Every CERTIFICATE block as DER (RFC 7468 §5). What is no base64 is passed on: it counts as broken."""
    blocks = re.findall(re.escape(PEM_BEGIN) + b"(.*?)" + re.escape(PEM_END), data, re.DOTALL)
    ders = []
    for block in blocks:
        try:
            ders.append(base64.b64decode(b"".join(block.split()), validate=True))
        except binascii.Error:
            ders.append(block)
    return ders


def _windows() -> list[bytes]:
    try:
        found = ssl.enum_certificates("ROOT")  # there on Windows only
    except (AttributeError, OSError):
        return []
    good_for_servers = ssl.Purpose.SERVER_AUTH.oid
    return [
        der
        for der, encoding, purposes in found  # purposes: True for all, or a set of OIDs
        if encoding == "x509_asn" and (purposes is True or good_for_servers in purposes)
    ]


def _macos() -> list[bytes]:
    keychain = "/System/Library/Keychains/SystemRootCertificates.keychain"
    try:
        done = subprocess.run(
            ["security", "find-certificate", "-a", "-p", keychain],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=4 * PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return _from_pem(done.stdout)


def _certifi() -> list[bytes]:
    try:
        import certifi
    except ImportError:  # not one of our dependencies; here if something else brought it
        return []
    return _pem_file(Path(certifi.where()))
