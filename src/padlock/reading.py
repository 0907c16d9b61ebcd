"""Turn whatever a reader hands in into certificates, requests, lists and keys.

Every function takes a *source*:

- an object of `cryptography`, `ssl` or pyOpenSSL, or anything with `.certificate` and `.private_key`, as an
  `Authority` issues them;
- text: PEM (RFC 7468), or the path of a file; or a `pathlib.Path`;
- bytes: PEM or DER. Around PEM blocks there may be comments, `openssl x509 -text` output, CRLF, a byte order
  mark;
- a list or tuple of these.

What can't be read raises `Unreadable`, and nothing else: one sentence that says what was found, what was
expected and what to do. Reading is not judging: an expired or forged certificate reads as well as a good one.
"""

import base64
import binascii
import contextlib
import os
import re
import typing
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509 import ocsp

MAX_BYTES = 1024 * 1024  # of one file, text or bytes; a bundle of all public roots is about a quarter of this
MAX_CRL_BYTES = 64 * 1024 * 1024  # of a CRL: a million entries with their reasons, as PEM, are a little less
MAX_THINGS = 1000  # in one source, so that a hostile bundle can't keep us busy

# What you may ask for. The words go into sentences.
WORDS = {
    "certificate": "a certificate",
    "csr": "a certificate signing request",
    "crl": "a certificate revocation list",
    "private-key": "a private key",
    "public-key": "a public key",
    "ocsp-response": "an OCSP answer",
    "ocsp-request": "an OCSP request",
}

# Every way in which reading fails: id -> what was found, what was expected, what to do.
SENTENCES = {
    "empty": "This is empty, where {wanted} was expected: check that the step that should fill it worked.",
    "too-big": "This is larger than {limit}, where {wanted} of a few kB was expected: check that it "
    "is the right file.",
    "too-many": "There are more than {limit} items in it, where {wanted} was expected: hand in only "
    "what you mean.",
    "wrong-type": "This is {found}, where {wanted} was expected: hand in the object itself, its PEM "
    "text, its bytes or the path of its file.",
    "not-signed": "This is {found}, a description that nobody has signed yet, where {wanted} was "
    "expected: call its .sign(…) and hand in what that returns.",
    # files
    "no-such-file": "There is no file “{path}”, where the path of {wanted} was expected: check its "
    "spelling and the directory that you are in.",
    "not-a-file": "“{path}” is a directory or a device, where a file with {wanted} was expected: name a"
    " file inside it.",
    "file-refused": "The file “{path}” exists, but opening it failed ({reason}), where {wanted} was "
    "expected: check who owns it and its mode.",
    # another thing than was asked for
    "certificate-given": "This is a certificate, but {wanted} was expected: {advice}.",
    "csr-given": "This is a certificate signing request, but {wanted} was expected: {advice}.",
    "crl-given": "This is a certificate revocation list, but {wanted} was expected: {advice}.",
    "public-key-given": "This is a public key, but {wanted} was expected: {advice}.",
    "private-key-given": "This is a private key, but {wanted} was expected: {advice}, and never paste a "
    "private key into a page, chat or ticket, since whoever reads it can act as you.",
    # neither PEM nor DER
    "not-a-certificate": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-csr": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-crl": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-private-key": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-ocsp-response": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-ocsp-request": "This looks like {found}, where {wanted} was expected: {advice}.",
    "not-a-public-key": "This looks like {found}, where {wanted} was expected: {advice}.",
    # PEM
    "pem-truncated": "The PEM block “{label}” has lost its {lost} line, where a whole block was expected: "
    "copy it again, from -----BEGIN to the hyphens after END.",
    "pem-damaged": "The PEM block is damaged ({reason}), where base64 between a BEGIN and an END line "
    "was expected: copy the block again, untouched.",
    "pem-where-der": "Inside the PEM block “{label}” there is PEM once more, where DER was expected: "
    "encode it only once.",
    "der-where-pem": "This is DER, which is binary, where text was expected: hand in the bytes as they are"
    ' (open the file with "rb"), or convert them to PEM.',
    "label-wrong": "The PEM label says “{label}”, but inside is {found}: give the block its right label.",
    # DER
    "der-truncated": "This DER announces {announced:,} bytes, but only {size:,} are there: copy or "
    "download the file again.",
    "der-damaged": "These {size:,} bytes are marked as {marked}, but are damaged inside, or of a version or kind "
    "that can't be read here: copy the file again, and if that changes nothing, ask who made it.",
    "ocsp-several": "This OCSP request asks about several certificates, where one was expected: ask about each in "
    "a request of its own.",
    # keys
    "key-encrypted": "This private key is encrypted, and no passphrase was given: open it with "
    "keys.load(path, passphrase).",
    "wrong-passphrase": "This passphrase does not open the private key: check its spelling, and which key "
    "this is.",
    "unsupported-key": "This is a key, but of a kind or encryption that can't be read here: use a P-256, RSA"
    " or Ed25519 key in PKCS #8 form.",
}

# What to hand in instead.
_ADVICE = {
    "certificate": "hand in the file that has BEGIN CERTIFICATE in it",
    "csr": "hand in the file that has BEGIN CERTIFICATE REQUEST in it",
    "crl": "hand in the file that has BEGIN X509 CRL in it",
    "private-key": "hand in the private key that you made yourself, which nothing public holds",
    "public-key": "hand in a public key, or a certificate or request, which hold one",
    "ocsp-response": "hand in what the responder sent, as DER",
    "ocsp-request": "hand in what was sent to the responder, as DER",
}


class Unreadable(ValueError):
    """Not what was asked for. `str()` is one sentence; `.id` is a key of `SENTENCES`."""

    def __init__(self, id: str, **words):
        super().__init__(SENTENCES[id].format(**words))
        self.id = id


def certificates(source) -> list[x509.Certificate]:
    """All certificates in `source`, in its order, at least one. Of an issued leaf: its chain, leaf first."""
    if isinstance(source, x509.Certificate):
        return [source]  # the usual case, and quickly: a pool may have thousands
    return [thing.load(None) for thing in _wanted(source, "certificate")]


def certificate(source) -> x509.Certificate:
    """The first certificate in `source`: where there is a chain, its leaf comes first (RFC 8446 §4.4.2)."""
    return _wanted(source, "certificate")[0].load(None)


def csr(source) -> x509.CertificateSigningRequest:
    """The first certificate signing request in `source` (PKCS #10, RFC 2986)."""
    return _wanted(source, "csr")[0].load(None)


def crl(source) -> x509.CertificateRevocationList:
    """The first certificate revocation list in `source` (RFC 5280 §5)."""
    return _wanted(source, "crl")[0].load(None)


def crls(source) -> list[x509.CertificateRevocationList]:
    """All certificate revocation lists in `source`, in its order, at least one."""
    return [thing.load(None) for thing in _wanted(source, "crl")]


def ocsp_response(source) -> ocsp.OCSPResponse:
    """An OCSP answer (RFC 6960 §4.2.1): an object, DER, or the path of a file. It has no PEM form."""
    return _ocsp(source, "ocsp-response", ocsp.OCSPResponse, ocsp.load_der_ocsp_response)


def ocsp_request(source) -> ocsp.OCSPRequest:
    """An OCSP request (RFC 6960 §4.1.1), likewise."""
    return _ocsp(source, "ocsp-request", ocsp.OCSPRequest, ocsp.load_der_ocsp_request)


def _ocsp(source, want: str, kind: type, load: Callable):
    if isinstance(source, kind):
        return source
    if isinstance(source, os.PathLike) or (isinstance(source, str) and _is_path(source)):
        source = _read(source, want)
    if not isinstance(source, bytes | bytearray | memoryview):
        raise Unreadable("wrong-type", found=_type_of(source), wanted=WORDS[want])
    data = bytes(source)
    if len(data) > MAX_BYTES:
        raise Unreadable("too-big", limit=f"{MAX_BYTES // 1024:,} KiB", wanted=WORDS[want])
    if not data:
        raise Unreadable("empty", wanted=WORDS[want])
    if data[:1] != b"\x30":
        raise _diagnosis(data, want)
    announced = _announced(data)
    if announced is not None and announced > len(data):
        raise Unreadable("der-truncated", announced=announced, size=len(data))
    try:
        return _guarded(lambda: load(data), WORDS[want], data)
    except NotImplementedError as error:  # the one thing that `cryptography` leaves out here
        raise Unreadable("ocsp-several") from error
    except Unreadable:
        if kind := _kind_of(data):
            raise Unreadable(f"{kind}-given", wanted=WORDS[want], advice=_ADVICE[want]) from None
        if other := _ocsp_kind_of(data):
            raise _not_a(want, WORDS[other], _ADVICE[want]) from None
        raise


def _ocsp_kind_of(data: bytes) -> str | None:
    for kind, load in (
        ("ocsp-response", ocsp.load_der_ocsp_response),
        ("ocsp-request", ocsp.load_der_ocsp_request),
    ):
        with contextlib.suppress(ValueError, NotImplementedError):
            load(data)
            return kind
    return None


def private_key(source, passphrase: str | bytes | None = None):
    """The first private key in `source`: PKCS #8 (RFC 5958), the older `EC PRIVATE KEY` forms, or OpenSSH's.

    `passphrase` opens an encrypted key, and is ignored where the key is not encrypted.
    """
    if passphrase is not None and not isinstance(passphrase, str | bytes):
        raise Unreadable("wrong-type", found=_type_of(passphrase), wanted="a passphrase, as text or bytes,")
    if isinstance(passphrase, str):
        passphrase = passphrase.encode("utf-8", "surrogatepass")
    return _wanted(source, "private-key")[0].load(passphrase or None)


def public_key(source):
    """The public key in `source`: its own (SubjectPublicKeyInfo, RFC 5280 §4.1.2.7), or the one in the first
    certificate or request, or the public half of a private key that is not encrypted."""
    found = _wanted(source, "public-key", "certificate", "csr", "private-key")[0].load(None)
    if isinstance(found, _PUBLIC_KEYS):
        return found
    try:
        return _guarded(found.public_key, "a public key")
    except Unreadable as error:  # damaged, or a curve with parameters of its own: either way we can't use it
        raise Unreadable("unsupported-key") from error


def pem_blocks(data: bytes) -> list[tuple[str, bytes]]:
    """The PEM blocks in `data`, in order: (label, the DER bytes inside). Text around them is skipped.

    RFC 7468 §2. Raises `Unreadable` at the first block that is cut off or damaged.
    """
    return [(label, _decoded(label, body)) for label, body in _framed(data)]


# --- Text of foreign origin -------------------------------------------------------------------------------

# Letters and marks that show as nothing, though Unicode does not class them as invisible.
_FILLERS = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))}


def visible(text, limit: int = 200) -> str:
    """`text` with all that hides, reorders or breaks lines shown as ‹U+202E›, cut after `limit` characters.

    A name in a certificate is whatever its maker typed: NUL (CVE-2009-2408), right-to-left marks that reorder
    what you see (CVE-2021-42574), letters of no width, line ends that forge a second line. The result is one
    line of plain text; it is not yet HTML: put it through `Markup.format`.
    """
    text = str(text)
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text  # nearly always, and quickly
    shown = "".join(_shown(character) for character in text[:limit])
    return shown if len(text) <= limit else f"{shown}… ({len(text):,} characters)"


def _shown(character: str) -> str:
    # C: controls, format characters (bidi, zero width), surrogates, private use, unassigned. Z: separators.
    hidden = unicodedata.category(character)[0] in "CZ" and character != " "
    return f"‹U+{ord(character):04X}›" if hidden or character in _FILLERS else character


# --- From a source to things, each of a known kind, decoded only when asked for ---------------------------


@dataclass(frozen=True)
class _Thing:
    kind: str  # a key of WORDS
    load: Callable  # load(passphrase) -> the object of `cryptography`; raises Unreadable


_PRIVATE_KEYS = typing.get_args(PrivateKeyTypes)
_PUBLIC_KEYS = typing.get_args(PublicKeyTypes)
_CLASSES = {
    "certificate": x509.Certificate,
    "csr": x509.CertificateSigningRequest,
    "crl": x509.CertificateRevocationList,
    "private-key": _PRIVATE_KEYS,
    "public-key": _PUBLIC_KEYS,
}
_BUILDERS = (
    x509.CertificateBuilder,
    x509.CertificateSigningRequestBuilder,
    x509.CertificateRevocationListBuilder,
)


def _wanted(source, *kinds: str) -> list[_Thing]:
    """What `source` holds of one of `kinds`, at least one; or `Unreadable`, saying what is there instead."""
    want = kinds[0]
    things = _things(source, want)
    found = [thing for thing in things if thing.kind in kinds]
    if not things:
        raise Unreadable("empty", wanted=WORDS[want])
    if not found:
        _check_label(things[0])
        raise Unreadable(f"{things[0].kind}-given", wanted=WORDS[want], advice=_ADVICE[want])
    return found


def _check_label(thing: _Thing) -> None:
    """Raise "label-wrong" if it is not what it calls itself: a request labelled CERTIFICATE is no certificate."""
    try:
        thing.load(None)
    except Unreadable as error:
        if error.id == "label-wrong":
            raise


def _things(source, want: str, depth: int = 0) -> list[_Thing]:
    if depth > 4:  # a list that holds itself, or a mock that has every attribute
        raise Unreadable("wrong-type", found=_type_of(source), wanted=WORDS[want])
    for kind, classes in _CLASSES.items():
        if isinstance(source, classes):
            return [_Thing(kind, lambda passphrase: source)]
    if isinstance(source, bytes | bytearray | memoryview):
        return _in_data(bytes(source), want)
    if isinstance(source, os.PathLike) or (isinstance(source, str) and _is_path(source)):
        return _in_data(_read(source, want), want)
    if isinstance(source, str):
        if re.match("0[\x80-\x84\ufffd]", source):  # DER's first bytes, 30 82, taken for letters
            raise Unreadable("der-where-pem")
        return _in_data(source.encode("utf-8", "replace"), want)
    if isinstance(source, _BUILDERS):
        raise Unreadable("not-signed", found=_type_of(source), wanted=WORDS[want])
    items = source if isinstance(source, list | tuple) else _unwrapped(source)
    if not items and not isinstance(source, list | tuple):
        raise Unreadable("wrong-type", found=_type_of(source), wanted=WORDS[want])
    things = []
    for item in items:
        things += _things(item, want, depth + 1)
        _check_count(things, want)
    return things


def _unwrapped(source) -> list:
    """What an object of another library, or of this package, holds; an empty list when we don't know it."""
    if isinstance(source, type):
        return []
    try:
        for method in ("to_cryptography", "to_cryptography_key"):  # pyOpenSSL: X509, X509Req, CRL; PKey
            if hasattr(source, method):
                return [getattr(source, method)()]
        if type(source).__module__ == "_ssl" and hasattr(source, "public_bytes"):  # of Python's own ssl
            return [source.public_bytes()]
        chain = getattr(source, "chain", None)
        if not (chain and isinstance(chain, list | tuple)):
            chain = [getattr(source, "certificate", None)]
        return [item for item in (*chain, getattr(source, "private_key", None)) if item is not None]
    except Exception:  # a stranger's object may do anything when it is asked for an attribute
        return []


def _type_of(value) -> str:
    if value is None or value is ...:
        return repr(value)
    if isinstance(value, type):
        return f"the class {visible(value.__name__, 60)} itself"
    return f"an object of the type {visible(type(value).__name__, 60)}"


def _check_count(things: list, want: str) -> None:
    if len(things) > MAX_THINGS:
        raise Unreadable("too-many", limit=f"{MAX_THINGS:,}", wanted=WORDS[want])


# --- Files ------------------------------------------------------------------------------------------------

_SUFFIXES = (".pem", ".crt", ".cer", ".der", ".key", ".pub", ".csr", ".crl", ".p12", ".pfx", ".p7b", ".txt")
_PATH_START = re.compile(r"/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]")


def _is_path(text: str) -> bool:
    """Whether this text names a file, rather than being the content of one."""
    if not text.strip() or not text.isprintable() or len(text) > 1024 or "-----BEGIN" in text:
        return False  # a line end is not printable
    return bool(_PATH_START.match(text)) or text.lower().endswith(_SUFFIXES) or os.path.exists(text)


def _read(path, want: str) -> bytes:
    path = os.fsdecode(path)
    words = {"path": visible(path), "wanted": WORDS[want]}
    try:
        real = os.path.expanduser(path)
        if not os.path.exists(real):
            raise Unreadable("no-such-file", **words)
        if not os.path.isfile(real):  # a pipe or a device could keep us waiting for ever
            raise Unreadable("not-a-file", **words)
        with open(real, "rb") as file:
            return file.read(most(want) + 1)  # never more, whatever size it claims
    except OSError as error:
        raise Unreadable("file-refused", reason=visible(error.strerror, 60), **words) from error
    except Unreadable:
        raise
    except ValueError as error:  # a NUL in the path
        raise Unreadable("no-such-file", **words) from error


# --- Bytes ------------------------------------------------------------------------------------------------

_LABELS = {  # RFC 7468 §4, and what OpenSSL and OpenSSH wrote before it
    "CERTIFICATE": "certificate",
    "X509 CERTIFICATE": "certificate",
    "TRUSTED CERTIFICATE": "certificate",
    "CERTIFICATE REQUEST": "csr",
    "NEW CERTIFICATE REQUEST": "csr",
    "X509 CRL": "crl",
    "PRIVATE KEY": "private-key",
    "ENCRYPTED PRIVATE KEY": "private-key",
    "RSA PRIVATE KEY": "private-key",
    "EC PRIVATE KEY": "private-key",
    "DSA PRIVATE KEY": "private-key",
    "OPENSSH PRIVATE KEY": "private-key",
    "PUBLIC KEY": "public-key",
    "RSA PUBLIC KEY": "public-key",
}
_BOUNDARY = re.compile(rb"-----(BEGIN|END) ([A-Za-z0-9][A-Za-z0-9 .#_]{0,63})-----")


def most(want: str) -> int:
    """The most bytes that are read where this is wanted, a key of `WORDS`. A CRL grows with its CA."""
    return MAX_CRL_BYTES if want == "crl" else MAX_BYTES


def _in_data(data: bytes, want: str) -> list[_Thing]:
    if len(data) > most(want):
        raise Unreadable("too-big", limit=f"{most(want) // 1024:,} KiB", wanted=WORDS[want])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, which Windows PowerShell writes with ">"
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")  # UTF-8's byte order mark
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty", wanted=WORDS[want])
    if _BOUNDARY.search(data):
        return _in_pem(data, want)
    if data[:1] == b"\x30":  # SEQUENCE: all that we read begins with it (X.690 §8.9)
        return [_in_der(data, want)]
    raise _diagnosis(data, want)


def _in_pem(data: bytes, want: str) -> list[_Thing]:
    blocks = _framed(data)
    known = [_Thing(_LABELS[label], _pem_loader(label, body)) for label, body in blocks if label in _LABELS]
    _check_count(known, want)
    if not known:
        label = blocks[0][0]
        raise _not_a(want, f"a PEM file of the kind “{label}”", _PEM_ADVICE.get(label))
    return known


_PEM_ADVICE = {
    "PKCS7": "run openssl pkcs7 -print_certs -in FILE -out certificates.pem",
    "EC PARAMETERS": "hand in the block after it, which is the key",
}


def _framed(data: bytes) -> list[tuple[str, bytes]]:
    """(label, what stands between BEGIN and END) for each block, in one pass whatever the input."""
    blocks, begun, start = [], None, 0
    for boundary in _BOUNDARY.finditer(data):
        label = boundary[2].decode("ascii")
        if boundary[1] == b"BEGIN":
            if begun is not None:
                raise Unreadable("pem-truncated", label=begun, lost="END")
            begun, start = label, boundary.end()
        elif begun is None:
            raise Unreadable("pem-truncated", label=label, lost="BEGIN")
        elif begun != label:
            raise Unreadable("pem-damaged", reason=f"it begins as “{begun}” and ends as “{label}”")
        else:
            blocks.append((label, data[start : boundary.start()]))
            begun = None
    if begun is not None:
        raise Unreadable("pem-truncated", label=begun, lost="END")
    return blocks


# Lines such as `Proc-Type: 4,ENCRYPTED` before the base64 (RFC 1421 §4.6), with their indented continuations.
_HEADERS = re.compile(rb"^[^\n:]{1,64}:[^\n]*\n(?:[ \t]+[^\s][^\n]*\n)*", re.MULTILINE)


def _decoded(label: str, body: bytes) -> bytes:
    """The DER inside a PEM block."""
    if re.search(rb"[^\t-\r -~]", body):
        raise Unreadable("der-where-pem" if body.strip()[:1] == b"\x30" else "pem-damaged", reason="not text")
    # JSON and environment files write a line end as two characters, which base64 does not have.
    body = body.replace(b"\\r", b"").replace(b"\\n", b"\n")
    letters = b"".join(_HEADERS.sub(b"", body.lstrip()).split())
    try:
        der = base64.b64decode(letters, validate=True)
    except binascii.Error as error:
        reason = f"a character of the {len(letters):,} in “{label}” was lost, added or changed"
        raise Unreadable("pem-damaged", reason=reason) from error
    if not der:
        raise Unreadable("pem-damaged", reason=f"there is nothing inside “{label}”")
    if der.startswith(b"-----BEGIN"):
        raise Unreadable("pem-where-der", label=label)
    return der


def _pem_loader(label: str, body: bytes) -> Callable:
    kind = _LABELS[label]

    def load(passphrase):
        der = _decoded(label, body)
        if label == "OPENSSH PRIVATE KEY" or (kind == "private-key" and b"Proc-Type" in body):
            return _load_private(
                _armoured(label, body), passphrase
            )  # what is inside needs the label and headers
        if label == "TRUSTED CERTIFICATE":  # OpenSSL's own: a certificate, then notes about its trust
            der = der[: _announced(der)]
        try:
            return _LOADERS[kind](der, passphrase)
        except Unreadable as error:
            other = _kind_of(der) if error.id == "der-damaged" else kind
            if other in (None, kind):
                raise
            raise Unreadable("label-wrong", label=label, found=WORDS[other]) from error

    return load


def _armoured(label: str, body: bytes) -> bytes:
    lines = b"\n".join(line.strip() for line in body.strip().splitlines())
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label.encode(), lines, label.encode())


def _in_der(data: bytes, want: str) -> _Thing:
    kind = _kind_of(data)
    if kind:
        return _Thing(kind, lambda passphrase: _LOADERS[kind](data, passphrase))
    announced = _announced(data)
    if announced is None:
        raise _diagnosis(data, want)
    if announced > len(data):
        raise Unreadable("der-truncated", announced=announced, size=len(data))
    for start, words, advice in _DER_STARTS:
        if start in data[:32]:
            raise _not_a(want, words, advice)
    if other := _ocsp_kind_of(data):
        raise _not_a(want, WORDS[other], _ADVICE[want])
    raise Unreadable("der-damaged", size=len(data), marked="DER")


_DER_STARTS = (
    (bytes.fromhex("06092a864886f70d010702"), "a PKCS #7 file", "run openssl pkcs7 -inform DER -print_certs"),
    (
        bytes.fromhex("02010330"),
        "a PKCS #12 file (.p12, .pfx)",
        "run openssl pkcs12, which asks its passphrase",
    ),
)


def _announced(der: bytes) -> int | None:
    """How many bytes the first DER element says it takes, header included (X.690 §8.1.3), or None."""
    if len(der) < 2 or der[1] == 0x80 or der[1] > 0x84:
        return None
    if der[1] < 0x80:
        return 2 + der[1]
    count = der[1] - 0x80
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big") if len(der) >= 2 + count else None


# --- Loading, with the library's many errors turned into ours ---------------------------------------------


def _guarded(load: Callable, marked: str, data: bytes = b""):
    try:
        with warnings.catch_warnings():  # of a negative serial, say: that is for the judge
            warnings.simplefilter("ignore")
            return load()
    except UnsupportedAlgorithm as error:
        raise Unreadable("unsupported-key") from error
    except (ValueError, TypeError, OverflowError, x509.InvalidVersion) as error:
        raise Unreadable("der-damaged", size=len(data), marked=marked) from error


def _loader(kind: str, load: Callable) -> Callable:
    return lambda der, passphrase: _guarded(lambda: load(der), WORDS[kind], der)


def _load_private(data: bytes, passphrase: bytes | None):
    if data.startswith(b"-----BEGIN OPENSSH"):
        load = serialization.load_ssh_private_key
    elif data.startswith(b"-----BEGIN"):
        load = serialization.load_pem_private_key
    else:
        load = serialization.load_der_private_key

    def without_passphrase():
        try:
            return load(data, None)
        except TypeError:  # this is how `cryptography` says that the key is encrypted
            return None

    key = _guarded(without_passphrase, "a private key", data)
    if key is not None:
        return key
    if passphrase is None:
        raise Unreadable("key-encrypted")
    try:
        return _guarded(lambda: load(data, passphrase), "a private key", data)
    except Unreadable as error:  # a wrong passphrase gives nonsense, which fails in many ways
        raise error if error.id == "unsupported-key" else Unreadable("wrong-passphrase") from error


_LOADERS = {
    "certificate": _loader("certificate", x509.load_der_x509_certificate),
    "csr": _loader("csr", x509.load_der_x509_csr),
    "crl": _loader("crl", x509.load_der_x509_crl),
    "private-key": _load_private,
    "public-key": _loader("public-key", serialization.load_der_public_key),
}


def _kind_of(der: bytes) -> str | None:
    """What DER holds. It carries no label, so the one way to know is to try."""
    for kind, load in _LOADERS.items():
        try:
            load(der, None)
        except Unreadable as error:
            if error.id in ("key-encrypted", "unsupported-key"):
                return kind
        else:
            return kind
    return None


# --- Neither PEM nor DER: say what it looks like ----------------------------------------------------------

_STARTS = (
    (b"%PDF", "a PDF document", None),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "unpack it and hand in the file inside"),
    (b"\x1f\x8b", "a gzip archive", "unpack it and hand in the file inside"),
    (b"\x89PNG", "a PNG picture", None),
    (b"\xff\xd8\xff", "a JPEG picture", None),
    (b"GIF8", "a GIF picture", None),
    (b"\x7fELF", "a program", None),
    (b"MZ", "a Windows program", None),
    (b"\xfe\xed\xfe\xed", "a Java key store", "run keytool -exportcert -rfc to get PEM out of it"),
    (b"ssh-", "an OpenSSH public key", "run ssh-keygen -e -m PKCS8 -f FILE to get PEM"),
    (b"ecdsa-sha2-", "an OpenSSH public key", "run ssh-keygen -e -m PKCS8 -f FILE to get PEM"),
    (b"<", "an HTML or XML page, perhaps an error page of the site it came from", "download the file again"),
    (b"Certificate:", "a certificate's printed text, without the certificate", "leave out openssl's -noout"),
    (b"Certificate Request:", "a request's printed text, without the request", "leave out openssl's -noout"),
    (b"b'", "Python's printed form of bytes, as text", "hand in the bytes, not str() of them"),
    (b'b"', "Python's printed form of bytes, as text", "hand in the bytes, not str() of them"),
    (b"{", "JSON", "take the PEM text out of it"),
)


def _diagnosis(data: bytes, want: str) -> Unreadable:
    text = data.lstrip()
    if b"apiVersion" in text and b"kind" in text:
        decode = "take the value that you mean, such as tls.crt, and run base64 -d on it"
        return _not_a(want, "a Kubernetes object, in which files stand as base64", decode)
    for start, words, advice in _STARTS:
        if text[: len(start)].lower() == start.lower():
            return _not_a(want, words, advice)
    if re.search(rb"(BEGIN|END) [A-Z0-9 ]{0,40}(CERTIFICATE|KEY|CRL|REQUEST)", text):
        return Unreadable(
            "pem-damaged", reason="its BEGIN or END line does not have five hyphens on either side"
        )
    inside = _bare_base64(text)
    if inside.lstrip().startswith(b"-----BEGIN"):
        return _not_a(want, "base64 with PEM inside, as in a Kubernetes Secret", "run base64 -d on it once")
    if inside[:1] == b"\x30":
        return _not_a(want, "base64 without its BEGIN and END lines", "put the two lines back")
    if _is_text(data):
        return _not_a(
            want, f"plain text of {len(data):,} bytes", "hand in PEM, which has a BEGIN line, or a path"
        )
    return _not_a(want, f"{len(data):,} bytes of binary data, not DER", None)


def _not_a(want: str, found: str, advice: str | None) -> Unreadable:
    advice = advice or "check that this is the file you mean"
    return Unreadable(f"not-a-{want}", found=found, wanted=WORDS[want], advice=advice)


def _bare_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return b""


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False
