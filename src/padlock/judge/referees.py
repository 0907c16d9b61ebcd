"""Referees: other people's verifiers, asked the same question at the same time with the same lists, in their own words.

    for opinion in referees(case):            # those that read a chain; padlock.tls.referees has those that shake hands
        print(opinion.referee, opinion.accepted, opinion.words)

None of their words is stored here. `differences` says why one of them decides otherwise than the judge.
"""

from __future__ import annotations

import calendar
import os
import re
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from OpenSSL import crypto

from . import names
from .case import Case
from .verdict import Verdict

PATIENCE = 10.0  # seconds for a program

# What would make a program trust more, ask elsewhere, or say it otherwise.
MEDDLING = re.compile(r"SSL_|OPENSSL_|CURL_|NODE_|LC_|LANG|.*_proxy$", re.I)


@dataclass(frozen=True)
class Opinion:
    """referee: a key of READERS or tls.referees.CLIENTS. accepted: None if it could not answer.

    words: its own; empty where it has none. detail: ours: where it found it, what it did not look at, why no answer.
    """

    referee: str
    accepted: bool | None
    words: str = ""
    detail: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "–"}[self.accepted]
        said = " · ".join(part for part in (self.words, self.detail) if part)
        return f"{mark} {self.referee}: {said}"


class Silent(Exception):
    """A referee can't be asked this; the sentence says why not."""


Referee = Callable[[Case], Opinion]


def referees(case: Case, asked: Mapping[str, Referee] | None = None) -> list[Opinion]:
    """What each of them says of the case, READERS by default. One that can't be asked says so; none raises."""
    return [opinion(case, name, referee) for name, referee in (READERS if asked is None else asked).items()]


def opinion(case: Case, name: str, referee: Referee) -> Opinion:
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = referee(case)
    except Silent as silence:
        found = Opinion(name, None, detail=str(silence))
    return replace(found, referee=name, seconds=time.perf_counter() - began)


# ---- OpenSSL, inside this process


def openssl(case: Case) -> Opinion:
    """The OpenSSL inside `cryptography`, by pyOpenSSL: at any time, with CRLs; it is asked for no name or purpose."""
    store = crypto.X509Store()
    for root in case.roots:
        store.add_cert(crypto.X509.from_cryptography(root))
    flags = crypto.X509StoreFlags.PARTIAL_CHAIN  # what is in the store is trusted, as for the judge
    if case.crls:
        flags |= crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL
    store.set_flags(flags)
    for crl in case.crls:
        store.add_crl(crl)
    store.set_time(case.moment)
    leaf, *others = map(crypto.X509.from_cryptography, [*case.sent, *case.intermediates])
    try:
        chain = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
    except crypto.X509StoreContextError as error:
        code, depth, _ = error.errors
        return Opinion("", False, str(error), f"error {code}, depth {depth}")
    path = " ← ".join(_called(certificate.to_cryptography()) for certificate in chain)
    return Opinion("", True, path, "it was asked for no name and no purpose")


def _called(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "(no subject)"


# ---- The openssl command


def command_line(case: Case) -> Opinion:
    """`openssl verify`, with the name, the purpose, the time, the lists and the level of strength that TLS has."""
    program = find("openssl")
    call = [program, "verify", "-no-CApath", "-no-CAstore", "-partial_chain", "-auth_level", "2"]
    call += ["-attime", str(calendar.timegm(case.moment.utctimetuple()))]
    if case.purpose:
        call += ["-purpose", f"ssl{case.purpose}"]
    want = names.wanted(case.name)
    if want is not None:
        options = {"DNS": "-verify_hostname", "IP": "-verify_ip", "email": "-verify_email"}
        if want.kind not in options:
            raise Silent(f"it can't be asked for a {want.kind}")
        call += [options[want.kind], str(want)]
    with Files() as files:
        call += ["-CAfile", files.write(*case.roots)] if case.roots else ["-no-CAfile"]
        if rest := [*case.sent[1:], *case.intermediates]:
            call += ["-untrusted", files.write(*rest)]
        if case.crls:
            call += ["-crl_check", "-crl_check_all", "-CRLfile", files.write(*case.crls)]
        leaf = files.write(case.sent[0])
        done = run([*call, leaf])
    said = [line.replace(leaf, "leaf.pem") for line in (done.stdout + done.stderr).splitlines()]
    errors = [line for line in said if re.match(r"error \d+ at \d+ depth", line)]
    if done.returncode == 0:
        return Opinion("", True, "\n".join(said))
    if not errors:
        raise Silent(f"it does not understand the question: {said[0] if said else done.returncode}")
    return Opinion("", False, errors[0])


# ---- cryptography


def by_cryptography(case: Case) -> Opinion:
    """`cryptography.x509.verification`: any time; it stops at the first error, and has no place for CRLs."""
    if not case.roots:
        raise Silent("it wants at least one root")
    builder = verification.PolicyBuilder().store(verification.Store(case.roots)).time(case.moment)
    want, others = names.wanted(case.name), [*case.sent[1:], *case.intermediates]
    try:
        if case.purpose == "server" and want is not None and want.kind in ("DNS", "IP"):
            subject = x509.DNSName(want.value) if want.kind == "DNS" else x509.IPAddress(want.value)
            chain = builder.build_server_verifier(subject).verify(case.sent[0], others)
        elif case.purpose == "client" and want is None:
            chain = builder.build_client_verifier().verify(case.sent[0], others).chain
        else:
            raise Silent("it judges servers with a DNS name or an address, and clients without a name")
    except (verification.VerificationError, ValueError) as error:  # ValueError: what it can't read
        return Opinion("", False, str(error))
    path = " ← ".join(_called(certificate) for certificate in chain)
    return Opinion("", True, path, "it has no place for CRLs, and looked at none" if case.crls else "")


READERS: dict[str, Referee] = {
    "OpenSSL": openssl,
    "openssl verify": command_line,
    "cryptography": by_cryptography,
}


# ---- Where they differ from the judge

_OPENSSL = ("OpenSSL", "openssl verify", "Python ssl", "curl", "node")
_READERS = ("OpenSSL", "openssl verify", "cryptography")

# (faults or rules, referees, why they accept what the judge refuses). A fault's own line comes before its rule's.
_KNOWN: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        ("cn-only",),
        ("openssl verify", "curl", "node"),
        "Where there is no DNS name in the subjectAltName it falls back to the CN, which RFC 9525 no longer allows.",
    ),
    (
        ("wildcard-partial",),
        ("openssl verify", "node"),
        "It lets * stand for a part of a label, as RFC 6125 once allowed; RFC 9525 §6.3 wants a whole one.",
    ),
    (
        ("wildcard-too-wide",),
        ("cryptography",),
        "No RFC forbids a wildcard right below a top-level domain; here it goes by the RFC alone.",
    ),
    (
        ("noncritical-constraints", "empty-subject"),
        _OPENSSL,
        "OpenSSL 3 looks at this only with X509_V_FLAG_X509_STRICT, and 4.0 not even then: it knows the extension, "
        "whether it is marked critical or not.",
    ),
    (
        ("no-aki", "no-ski", "version-1", "may-sign-no-ca"),
        _OPENSSL,
        "OpenSSL looks at this only with X509_V_FLAG_X509_STRICT, which few programs set.",
    ),
    (
        ("critical-policy",),
        _OPENSSL,
        "OpenSSL knows the extension, so it does not stumble over it; but it follows policies only if a program asks.",
    ),
    (
        ("duplicate-serial",),
        (*_OPENSSL, "cryptography"),
        "It looks at one path at a time and keeps no books: only who sees both certificates can notice.",
    ),
    (
        ("negative-serial", "zero-serial", "long-serial"),
        _OPENSSL,
        "OpenSSL takes any number for a serial number: old certificates have such ones.",
    ),
    (("zero-serial",), ("cryptography",), "It refuses negative ones only, and warns that zero comes next."),
    (
        ("no-ski",),
        ("cryptography",),
        "It does not need the identifier to find the way, and does not ask for it here.",
    ),
    (
        ("unfit-usage",),
        ("cryptography",),
        "Of a server's key usage it only asks that it is no CA's; the handshake would be refused later.",
    ),
    (("weak-rsa",), ("cryptography",), "It does not look at the size of a server's RSA key."),
    (
        ("weak-rsa",),
        ("curl", "node"),
        "Its OpenSSL runs at security level 1, where RSA 1024 will do; Debian and newer ones begin at level 2.",
    ),
    (("name",), ("OpenSSL",), "This call takes no name: who uses it must compare names by other means."),
    (
        ("key-usage", "extended-key-usage"),
        ("OpenSSL",),
        "Purposes are checked only if a program sets one, and pyOpenSSL offers no way to; a TLS connection does.",
    ),
    (
        ("strength",),
        ("OpenSSL",),
        "Outside of a TLS connection OpenSSL asks for no strength, unless a program sets a level.",
    ),
    (
        ("possession",),
        _READERS,
        "A chain does not show who holds the key. Only a handshake asks for a signature with it.",
    ),
    (
        ("ocsp-revoked", "ocsp-stale", "ocsp-elsewhere", "ocsp-no-right", "ocsp-try-later"),
        (*_READERS, "Python ssl", "curl", "node"),
        "It was not told to look at OCSP answers, and by itself it does not.",
    ),
    (
        ("revocation",),
        ("cryptography",),
        "It has no place for CRLs or OCSP answers: whoever uses it must look at them by other means.",
    ),
    (
        ("revocation",),
        _OPENSSL,
        "It was not told of OCSP answers. Of the CRLs it asks one for each certificate, the one that fits best, also "
        "one without an end, or with an odd entry about another certificate; the judge asks all, and wants more of one "
        "that is to call a certificate good.",
    ),
)
# OpenSSL's errors about CRLs (x509_vfy.h): none there, signature, dates, revoked, signer, critical extension, scope.
_ABOUT_CRLS = re.compile(r"\berror (3|5|8|11|12|15|16|23|33|35|36|44|54)\b")
WHY: dict[tuple[str, str], str] = {
    (what, referee): why for whats, who, why in reversed(_KNOWN) for what in whats for referee in who
}


def differences(verdict: Verdict, opinions: list[Opinion], faults: tuple[str, ...] = ()) -> dict[str, str]:
    """referee → why it decides otherwise than the judge; those that agree or have no answer are left out.

    faults: ids of what is known to be wrong (`case.faults`); without them, the rules that failed must do.
    """
    found = {}
    for each in opinions:
        if each.accepted is None or each.accepted == verdict.accepted:
            continue
        if verdict.accepted:
            why = "The judge has no rule for this"
            good = [finding.why for finding in verdict.findings if finding.rule == "revocation"]
            if good and _ABOUT_CRLS.search(f"{each.words} {each.detail}"):
                why = f"The judge asked all lists and answers ({'; '.join(good)}). {each.referee} says"
            found[each.referee] = f"{why}: {each.words}"
            continue
        reasons = [WHY.get((fault, each.referee)) for fault in faults]
        if not faults or None in reasons:
            reasons += [WHY.get((finding.rule, each.referee)) for finding in verdict.reasons]
        reasons = dict.fromkeys(reason for reason in reasons if reason)
        found[each.referee] = (
            " ".join(reasons) or "Nobody has explained this yet: one of the two must be wrong."
        )
    return found


# ---- Running a program


def find(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Silent(f"{name} is not on this machine")
    return path


def run(call: list[str], given: str = "") -> subprocess.CompletedProcess:
    """Run a program with nothing in its environment that could change its mind."""
    environment = {name: value for name, value in os.environ.items() if not MEDDLING.match(name)}
    try:
        return subprocess.run(
            call,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
            env=environment | {"LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Silent(f"it did not run: {error}") from error


class Files:
    """Certificates and lists as PEM files, which nobody else can read, gone at the end of the block."""

    def __enter__(self) -> Files:
        self._directory = tempfile.TemporaryDirectory(prefix="padlock-")  # mode 0700
        self._count = 0
        return self

    def __exit__(self, *_) -> None:
        self._directory.cleanup()

    def folder(self) -> str:
        """An empty one."""
        return tempfile.mkdtemp(dir=self._directory.name)

    def write(self, *things: x509.Certificate | x509.CertificateRevocationList) -> str:
        self._count += 1
        path = Path(self._directory.name, f"{self._count}.pem")
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for thing in things:
                file.write(thing.public_bytes(Encoding.PEM))
        return str(path)
