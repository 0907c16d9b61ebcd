"""Lesson 03's reader: ours, one from the wild, this machine's roots, or whatever you paste, upload or fetch."""

import base64
import binascii
import re
from functools import cache
from typing import ClassVar

from cryptography import x509
from markupsafe import Markup

from padlock import machine, reading, tls
from padlock.authority import Authority
from padlock.look import tokens
from padlock.look.card import called, cards
from padlock.look.extension_table import extensions
from padlock.look.panel import Choice, LongText, Panel, Press, Text, Upload
from padlock.look.shown import Result

MOST_ROOTS = 30  # in the list at once
NONE = "none"

EMPTIED = "The field was emptied, so that no key is saved with the notebook."
BESIDE = {  # what to say of a private key beside a certificate
    "pasted": "There was a private key with it, and it was in this page: if it is in use anywhere, replace it.",
    "file": "The file also holds a private key. It is not shown here; don't pass this file on.",
    "encrypted": "There is a private key with it, encrypted: its passphrase protects it. Still, don't pass it on.",
}
_KEY = re.compile(rb"(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY")

# Issued for cryptography.io in September 2018; from the tests of `cryptography` (pyca, Apache-2.0 or BSD-3). It has
# long expired; what a public CA puts in can be seen all the same.
WILD = tokens.STATIC / "cryptography.io-2018.pem"


@cache
def _roots() -> machine.Roots:
    return machine.roots()


def from_the_wild() -> x509.Certificate:
    """A certificate that a public CA issued for a public site, with all that it put in."""
    return reading.certificate(WILD)


class CertificateReader(Panel):
    """Any certificate → its card, its extensions, one sentence. What is no certificate gets a sentence too."""

    question = "What does this certificate say?"
    controls = (
        Choice(
            "source",
            "Which certificate?",
            {
                "ours": "our own server's: api.test",
                "wild": "a public site's, from 2018",
                "root": "a root that this machine trusts",
                "paste": "one that I paste",
                "file": "one in a file of mine",
                "site": "the one that a site shows now (needs a network)",
            },
        ),
        Text("part", "Part of the root's name", hint="Empty: the first thirty."),
        Choice("root", "Which root?", {NONE: "(none)"}),
        LongText("pem", "Paste PEM text here", hint="From -----BEGIN CERTIFICATE----- to the END line."),
        Upload("file", "A file: PEM or DER", accept=".pem,.crt,.cer,.der"),
        Text("host", "The site's name", hint="Port 443. Nothing happens until you press the button."),
        Press("ask", "Connect and show", primary=True),
    )
    NEEDS: ClassVar = {
        "root": ("part", "root"),
        "paste": ("pem",),
        "file": ("file",),
        "site": ("host", "ask"),
    }

    def __init__(self):
        self._ours = Authority("Class Root").issue("api.test", "10.0.0.7")
        self._site: tls.Site | None = None
        super().__init__()

    def react(self, pressed=None):
        source, pasted = self.values["source"], self.values["pem"]
        key = _key_in(pasted.encode())
        if key:  # what is in a field is saved with the notebook, by "Save Widget State"
            self._set({"pem": ""})
        for need, names in self.NEEDS.items():
            for name in names:
                self.show(name, need == source)
        if source == "site":
            return self._ask() if pressed else self._asked()
        if source == "paste":
            return _pasted(pasted, key)
        return getattr(self, f"_{source}_read")()

    def _ours_read(self):
        words = "Our own authority issued this a moment ago. Its private key is not in it."
        return _read(self._ours.certificate, words)

    def _wild_read(self):
        words = "Let's Encrypt issued this for cryptography.io in September 2018."
        return _read(from_the_wild(), words)

    def _root_read(self):
        roots = _roots().certificates
        if not roots:
            raise ValueError(
                "No trusted roots were found on this machine: neither in a file or folder of OpenSSL's, nor in "
                "the system's store."
            )
        part = self.values["part"].strip().lower()
        fit = [(str(at), root) for at, root in enumerate(roots) if part in called(root.subject).lower()]
        if not fit:
            raise ValueError(f"None of the {len(roots)} roots has “{reading.visible(part, 60)}” in its name.")
        self.options("root", {at: reading.visible(_short(root), 70) for at, root in fit[:MOST_ROOTS]})
        more = f" The list shows the first {MOST_ROOTS} of {len(fit)}." if len(fit) > MOST_ROOTS else ""
        words = f"This machine trusts {len(roots)} roots; this is one of them.{more}"
        return _read(roots[int(self.values["root"])], words)

    def _file_read(self):
        data = self.values["file"]
        if not data:
            return _nothing("Choose a file. It stays on this machine.")
        found = reading.certificates(data)  # first: it refuses what is too large
        key = _key_in(data)
        return _handed_in(found, {"": "", "open": BESIDE["file"]}.get(key, BESIDE["encrypted"]))

    def _asked(self):
        if self._site is None:
            return _nothing("Type a host, then press the button. Only then is anything sent.")
        return _shown_by(self._site)

    def _ask(self):
        host = tls.host_of(self.values["host"])
        yield None, f"Connecting to {host}, port 443 …"
        try:
            self._site = tls.site(host)
        except tls.Unreachable as problem:
            raise ValueError(str(problem)) from problem
        return _shown_by(self._site)


def _nothing(sentence: str) -> Result:
    return Result(Markup(""), "", sentence)


def _read(certificates, sentence: str) -> Result:
    """Cards for all, the table of extensions where there is only one."""
    many = isinstance(certificates, list) and len(certificates) > 1
    shown = cards(certificates)
    if many:
        return Result(shown.html, shown.text, sentence)
    table = extensions(certificates)
    return Result(shown.html + table.html, f"{shown.text}\n\n{table.text}", sentence)


def _pasted(text: str, key: str) -> Result:
    """Raises a ValueError, a sentence, for all that is no certificate."""
    if not text.strip():
        return _nothing(
            "Paste a certificate: it is public, so nothing is given away. Never paste a private key."
        )
    try:
        found = reading.certificates(text.encode())
    except reading.Unreadable as problem:
        if key:
            raise ValueError(f"{EMPTIED} {problem}") from problem
        raise
    if not key:
        return _handed_in(found)
    return _handed_in(found, f"{BESIDE['encrypted' if key == 'encrypted' else 'pasted']} {EMPTIED}")


def _key_in(data: bytes) -> str:
    """ "open" where a private key is in `data`, whole or not; "encrypted" where all are; "" where there is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as `reading` takes it
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"-----BEGIN " not in data and not _KEY.search(data):  # base64 without its lines, or with PEM inside
        try:
            inside = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            return ""
        return _protection(inside) if inside else ""
    pieces = re.split(rb"(?=-----BEGIN )", data)
    kinds = {_protection(piece) or ("open" if _KEY.search(piece) else "") for piece in pieces}
    return "open" if "open" in kinds else "encrypted" if "encrypted" in kinds else ""


def _protection(data: bytes) -> str:
    try:
        reading.private_key(data)
    except reading.Unreadable as problem:
        if problem.id == "label-wrong" and "private key" in str(problem):
            return "open"
        return "encrypted" if problem.id == "key-encrypted" else ""
    return "open"


def _handed_in(found: list, beside: str = "") -> Result:
    if len(found) == 1:
        words = "It is shown, not judged: anybody can write any name into a certificate."
    else:
        words = f"{len(found)} certificates, in the file's order. A server shows the first as its own."
    return _read(found, f"{words} ✗ {beside}" if beside else words)


def _shown_by(site: tls.Site) -> Result:
    read = _read(site.certificates, "")
    count = len(site.certificates)
    sent = f"{site.host} sent {count} certificate{'' if count == 1 else 's'} over {site.version}."
    if site.refusal is None:
        words = (
            f"✓ This machine's client accepts: the name fits and the chain ends at a root it trusts. {sent}"
        )
    else:
        why = site.refusal.rstrip(". ")
        words = (
            f"✗ This machine's client refuses: {why}. It has the certificates all the same, as it must read "
            f"them to judge; it sent nothing more than an alert. {sent}"
        )
    return Result(read.html, read.text, words)


def _short(root: x509.Certificate) -> str:
    """The CN if there is one, otherwise the last part of the name that says something."""
    names = root.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(root.subject)
    return str(names[-1].value) if names else "(no name)"
