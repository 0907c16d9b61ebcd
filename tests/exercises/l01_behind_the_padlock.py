"""Answers to the exercises of lesson 01, right and wrong."""

import base64
import binascii
import re
import shutil
import ssl
import subprocess
import tempfile
from datetime import timedelta
from email import message_from_string
from pathlib import Path

from padlock import tls
from padlock.authority import Authority, self_signed
from padlock.course.exercises.l01_behind_the_padlock import SITES, caught, watched

from .making import DER, NOW, PEM, by_hand, file_with, has_openssl, key, key_der, key_pem, openssl

CA, MALLORY_CA, STAFF_CA = Authority("Class Root"), Authority("Mallory's CA"), Authority("Staff Root")
SERVER = CA.issue("api.test")


def pem(authority):
    return authority.certificate.public_bytes(PEM).decode()


ROOT_PEM, STAFF_PEM = pem(CA), pem(STAFF_CA)
FORUM_PEM = ROOT_PEM + pem(MALLORY_CA)
CAUGHT, WATCHED = caught(), watched()
GIVEN = {
    "ca": CA, "server": SERVER, "mallory_ca": MALLORY_CA, "root_pem": ROOT_PEM, "forum_pem": FORUM_PEM,
    "caught": CAUGHT, "watched": WATCHED, "staff_ca": STAFF_CA, "staff_pem": STAFF_PEM,
}  # fmt: skip


# ---- 1

TEXT = CAUGHT[0][1].decode()
CODED = re.search(r"Basic (\S+)", TEXT)[1]
PAIR = base64.b64decode(CODED).decode()
PASSWORD = PAIR.partition(":")[2]
COOKIE = re.search(rb"session=(\S+)", CAUGHT[1][1])[1].decode()


def by_command():
    """As somebody at a terminal would do it; without openssl, Python's own base64 command."""
    if has_openssl():
        out = openssl("base64", "-d", "-A", folder=tempfile.gettempdir(), stdin=CODED.encode())
    else:
        import sys

        out = subprocess.run(
            [sys.executable, "-m", "base64", "-d", "-"], input=CODED.encode(), capture_output=True, check=True
        ).stdout
    return out.split(b":", 1)[1]


def by_header():
    headers = message_from_string(TEXT.partition("\r\n")[2])
    return binascii.a2b_base64(headers["Authorization"].split()[1]).decode().split(":", 1)[1]


def password(value):
    return lambda: {"password": value}


# ---- 2

SITE = next(site for site in SITES if site.encode() in WATCHED[0][1])
LAST = [data for sender, data in WATCHED if sender == "client"][-1]
LENGTH = len(LAST) - 22
TRUE = {"site": SITE, "length": LENGTH, "password": None}


def report(**changes):
    return lambda: {"report": {**TRUE, **changes}}


def by_records():
    record = tls.records(LAST)[0]
    name = re.search(rb"[a-z]+\.test", WATCHED[0][1])[0].decode()
    return {"report": {"site": name, "length": record.length - 16 - 1, "password": None}}


def by_the_extension():
    """server_name, walked as RFC 6066 §3 writes it."""
    hello = WATCHED[0][1]
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at] + 2
    while hello[at : at + 2] != b"\0\0":
        at += 4 + int.from_bytes(hello[at + 2 : at + 4], "big")
    length = int.from_bytes(hello[at + 7 : at + 9], "big")
    return {"report": {**TRUE, "site": hello[at + 9 : at + 9 + length].decode()}}


# ---- 3


def context(make):
    return lambda: {"context": make()}


def bare(loaded=ROOT_PEM, **settings):
    """A context put together by hand."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name, value in settings.items():
        setattr(made, name, value)
    if loaded:
        made.load_verify_locations(cadata=loaded)
    return made


def unchecked(loaded=ROOT_PEM):
    return bare(loaded, check_hostname=False, verify_mode=ssl.CERT_NONE)


def with_public_roots():
    made = ssl.create_default_context()
    made.load_verify_locations(cadata=ROOT_PEM)
    return made


def from_directory():
    """`openssl rehash` makes names of a certificate's subject; without openssl, a file does."""
    folder = Path(tempfile.mkdtemp(prefix="padlock-test-"))
    (folder / "root.pem").write_text(ROOT_PEM)
    if not has_openssl():
        return ssl.create_default_context(cafile=folder / "root.pem")
    digest = openssl("x509", "-in", "root.pem", "-noout", "-hash", folder=folder).decode().strip()
    shutil.copy(folder / "root.pem", folder / f"{digest}.0")
    return ssl.create_default_context(capath=folder)


def converted_by_openssl():
    if not has_openssl():
        return bare(ssl.PEM_cert_to_DER_cert(ROOT_PEM))
    return bare(openssl("x509", "-outform", "DER", folder=tempfile.gettempdir(), stdin=ROOT_PEM.encode()))


def strict():
    made = ssl.create_default_context(cadata=ROOT_PEM)
    made.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return made


def only(version):
    made = ssl.create_default_context(cadata=ROOT_PEM)
    made.minimum_version = made.maximum_version = version
    return made


def with_every_cipher(loaded=ROOT_PEM, versions=False):
    made = ssl.create_default_context(cadata=loaded)
    made.set_ciphers("ALL:@SECLEVEL=0")
    if versions:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


def timeless(loaded):
    made = ssl.create_default_context(cadata=loaded)
    made.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for
    return made


def pinned():
    leaf = SERVER.certificate.public_bytes(DER)
    return bare(leaf, verify_flags=ssl.VERIFY_X509_PARTIAL_CHAIN)


def no_common_cipher():
    made = only(ssl.TLSVersion.TLSv1_2)
    made.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # the server's key is not RSA
    return made


# ---- 4


def repaired(client=None, server=None):
    return lambda: {
        "db_client": (client or (lambda: ssl.create_default_context(cadata=STAFF_PEM)))(),
        "db_server": (server or (lambda: STAFF_CA.issue("db.test")))(),
    }


def own_anchor():
    """Not the CA but this one certificate is trusted, on purpose."""
    own = self_signed("db.test")
    return {"db_client": bare(own.certificate.public_bytes(DER)), "db_server": own}


def hand_made(kind, san=("db.test",), ca=STAFF_CA, **times):
    made = by_hand(key(kind), ca.private_key, ca.certificate.subject, san=san, cn="db.test", **times)
    return made, key(kind)


def pem_file():
    issued = STAFF_CA.issue("db.test")
    return file_with(key_pem(issued.private_key) + issued.pem().encode())


def signed_by_openssl():
    """A request, and a certificate for it, both at the command line."""
    if not has_openssl():
        return hand_made("p384")
    folder = Path(tempfile.mkdtemp(prefix="padlock-test-"))
    (folder / "ca.pem").write_text(STAFF_PEM)
    (folder / "ca.key").write_bytes(key_pem(STAFF_CA.private_key))
    command = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout db.key -out db.pem "
        "-subj /CN=db.test -addext subjectAltName=DNS:db.test -addext basicConstraints=critical,CA:FALSE "
        "-CA ca.pem -CAkey ca.key -days 30"
    )
    openssl(*command.split(), folder=folder)
    return folder / "db.pem", folder / "db.key"


PAST = {"not_before": NOW - timedelta(days=60), "not_after": NOW - timedelta(days=1)}
FUTURE = {"not_before": NOW + timedelta(days=1), "not_after": NOW + timedelta(days=60)}


def plain_client():
    """Without the strictness that Python 3.13 adds: certificates made by hand lack key identifiers."""
    return bare(STAFF_PEM)


RIGHT = {
    1: {
        "text": password(PASSWORD),
        "bytes": password(PASSWORD.encode()),
        "bytearray": password(bytearray(PASSWORD.encode())),
        "with a line's end": password(PASSWORD + "\n"),
        "with blanks": password(f"  {PASSWORD} "),
        "partition": lambda: {"password": base64.b64decode(CODED).decode().partition(":")[2]},
        "split once": lambda: {"password": base64.b64decode(CODED).split(b":", 1)[1]},
        "user cut off": lambda: {"password": PAIR.removeprefix("mia:")},
        "by the headers": lambda: {"password": by_header()},
        "at the command line": lambda: {"password": by_command()},
        "bits by hand": lambda: {"password": binascii.a2b_base64(CODED)[4:]},
    },
    2: {
        "as asked": report(),
        "bytes": report(site=SITE.encode()),
        "capitals": report(site=SITE.upper()),
        "the root's dot": report(site=SITE + "."),
        "as an address": report(site=f"https://{SITE}/"),
        "length as text": report(length=str(LENGTH)),
        "length in B": report(length=f"{LENGTH}B"),
        "length with its unit": report(length=f"{LENGTH} bytes"),
        "length as a float": report(length=float(LENGTH)),
        "as a web address": report(site=f"https://{SITE}/login"),
        "with its port": report(site=f"{SITE}:443"),
        "all of it": report(site=f"https://{SITE}:443/login?next=1"),
        "unknown, in a word": report(password="unknown"),
        "n/a": report(password="n/a"),
        "unreadable": report(password="unreadable"),
        "not visible": report(password="not visible"),
        "False": report(password=False),
        "nothing": report(password=""),
        "keys in capitals": lambda: {"report": {k.upper(): v for k, v in TRUE.items()}},
        "other order and a remark": lambda: {"report": {"when": "today", **dict(reversed(TRUE.items()))}},
        "records and a pattern": by_records,
        "the extension walked": by_the_extension,
    },
    3: {
        "cadata, PEM": context(lambda: ssl.create_default_context(cadata=ROOT_PEM)),
        "cadata, DER": context(lambda: ssl.create_default_context(cadata=CA.certificate.public_bytes(DER))),
        "cafile": context(lambda: ssl.create_default_context(cafile=file_with(ROOT_PEM.encode()))),
        "capath": context(from_directory),
        "by hand": context(bare),
        "all said": context(lambda: bare(check_hostname=True, verify_mode=ssl.CERT_REQUIRED)),
        "with the public roots": context(with_public_roots),
        "strict": context(strict),
        "TLS 1.3 only": context(lambda: only(ssl.TLSVersion.TLSv1_3)),
        "TLS 1.2 only": context(lambda: only(ssl.TLSVersion.TLSv1_2)),
        "DER from openssl": context(converted_by_openssl),
        "a function": lambda: {"context": lambda: ssl.create_default_context(cadata=ROOT_PEM)},
        "the root twice": context(lambda: bare(ROOT_PEM + ROOT_PEM)),
    },
    4: {
        "both": repaired(),
        "rsa": repaired(server=lambda: STAFF_CA.issue("db.test", key=key("rsa2048"))),
        "ed25519": repaired(server=lambda: STAFF_CA.issue("db.test", key=key("ed25519"))),
        "old and new name": repaired(server=lambda: STAFF_CA.issue("old-db.test", "db.test")),
        "wildcard below": repaired(server=lambda: STAFF_CA.issue("*.db.test", "db.test")),
        "from an intermediate": repaired(server=lambda: STAFF_CA.intermediate("Staff Issuing CA").issue("db.test")),
        "pair in DER": repaired(
            server=lambda: ((i := STAFF_CA.issue("db.test")).certificate.public_bytes(DER), key_der(i.private_key))
        ),
        "bundle": repaired(server=pem_file),
        "by hand": repaired(plain_client, lambda: hand_made("p384")),
        "with openssl": repaired(plain_client, signed_by_openssl),
        "a function": repaired(lambda: lambda: ssl.create_default_context(cadata=STAFF_PEM)),
        "its own anchor": own_anchor,
    },
}  # fmt: skip

WRONG = {
    1: {
        "base64-left": [password(CODED), password(CODED.rstrip("=")), password(f"Basic {CODED}")],
        "user-too": [password(PAIR), password(PAIR.encode())],
        "cut-at-colon": [password(PAIR.split(":")[1]), password(PAIR.split(":")[-1])],
        "another-secret": [password("mia"), password(COOKIE), password(f"session={COOKIE}")],
        "not-the-password": [password("hunter2"), password(PASSWORD + "x"), password(PASSWORD.upper()), password("")],
        "wrong-type": [password(4711), password([PASSWORD])],
    },
    2: {
        "no-report": [
            lambda: {"report": {"site": SITE}},
            lambda: {"report": [SITE, LENGTH, None]},
            lambda: {"report": SITE},
        ],
        "site-hidden": [report(site=None), report(site="hidden"), report(site="")],
        "wrong-site": [
            report(site="api.test"), report(site=f"www.{SITE}"), report(site=7), report(site=f"evil.test/{SITE}"),
        ],
        "size-hidden": [report(length=None), report(length="encrypted")],
        "record-overhead": [
            report(length=len(LAST)), report(length=len(LAST) - 5), report(length=LENGTH + 1), report(length="many"),
            report(length=True), report(length=10**5000), report(length=-(10**5000)), report(length=float("inf")),
        ],
        "content-guessed": [
            report(password="hunter2"), report(password=LAST[5:-17]), report(password=4711), report(password=True),
            report(password=10**5000),
        ],
    },
    3: {
        "no-context": [
            lambda: {"context": ROOT_PEM},
            lambda: {"context": ssl.SSLContext},
            lambda: {"context": lambda: 7},
            lambda: {"context": CA.certificate},
        ],
        "server-side": [
            context(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
            context(lambda: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=ROOT_PEM)),
        ],
        "unknown-ca": [
            context(lambda: bare(None)),
            context(ssl.create_default_context),
            context(lambda: bare(pem(MALLORY_CA))),
            context(lambda: bare(pem(Authority("Class Root")))),
        ],
        "refused-otherwise": [context(no_common_cipher)],
        "verify-off": [context(unchecked), context(lambda: unchecked(None))],
        "attacker-trusted": [
            context(lambda: ssl.create_default_context(cadata=FORUM_PEM)),
            context(lambda: bare(FORUM_PEM, check_hostname=False)),
        ],
        "name-check-off": [context(lambda: bare(check_hostname=False))],
        "leaf-pinned": [context(pinned)],
        "no-certificate": [context(with_every_cipher), context(lambda: with_every_cipher(versions=True))],
        "time-check-off": [context(lambda: timeless(ROOT_PEM))],
        "one-more-ca": [context(lambda: ssl.create_default_context(cadata=ROOT_PEM + STAFF_PEM))],
    },
    4: {
        "verify-off": [repaired(unchecked), repaired(lambda: unchecked(None), lambda: STAFF_CA.issue("old-db.test"))],
        "name-check-off": [
            repaired(lambda: bare(STAFF_PEM, check_hostname=False)),
            repaired(lambda: bare(STAFF_PEM, check_hostname=False), lambda: STAFF_CA.issue("old-db.test")),
        ],
        "no-context": [repaired(lambda: STAFF_PEM), repaired(lambda: ssl.SSLContext)],
        "server-side": [repaired(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))],
        "wrong-name": [
            repaired(server=lambda: STAFF_CA.issue("old-db.test")),
            repaired(server=lambda: STAFF_CA.issue("*.db.test")),
        ],
        "unknown-ca": [
            repaired(server=lambda: self_signed("db.test")),
            repaired(server=lambda: CA.issue("db.test")),
            repaired(lambda: bare(None)),
        ],
        "san-missing": [repaired(server=lambda: STAFF_CA.issue("db.test", san=False))],
        "expired": [repaired(server=lambda: STAFF_CA.issue("db.test", **PAST))],
        "not-yet-valid": [repaired(server=lambda: STAFF_CA.issue("db.test", **FUTURE))],
        "key-mismatch": [repaired(server=lambda: (STAFF_CA.issue("db.test").certificate, key()))],
        "wrong-type": [repaired(server=lambda: STAFF_CA.issue("db.test").certificate)],
        "refused-otherwise": [repaired(server=lambda: STAFF_CA.issue("db.test", purpose="client"))],
        "no-certificate": [repaired(lambda: with_every_cipher(STAFF_PEM))],
        "attacker-trusted": [
            repaired(lambda: ssl.create_default_context(cadata=STAFF_PEM + FORUM_PEM)),
            repaired(lambda: bare(STAFF_PEM + pem(MALLORY_CA))),
        ],
        "time-check-off": [repaired(lambda: timeless(STAFF_PEM))],
        "serves-too-many": [
            repaired(server=lambda: STAFF_CA.issue("db.test", "mail.test")),
            repaired(server=lambda: STAFF_CA.issue("*.test", "db.test")),
        ],
    },
}  # fmt: skip
