"""Lesson 03's reader: ours, one from the wild, this machine's roots, or whatever you paste, upload or fetch."""

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
        source = self.values["source"]
        for need, names in self.NEEDS.items():
            for name in names:
                self.show(name, need == source)
        if source == "site":
            return self._ask() if pressed else self._asked()
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

    def _paste_read(self):
        text = self.values["pem"]
        if not text.strip():
            return _nothing(
                "Paste a certificate: it is public, so nothing is given away. Never paste a private key."
            )
        return _handed_in(text.encode())

    def _file_read(self):
        data = self.values["file"]
        return _handed_in(data) if data else _nothing("Choose a file. It stays on this machine.")

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


def _handed_in(data: bytes) -> Result:
    """Raises `reading.Unreadable`, a sentence, for all that is no certificate."""
    found = reading.certificates(data)
    if len(found) == 1:
        words = "It is shown, not judged: anybody can write any name into a certificate."
    else:
        words = f"{len(found)} certificates, in the file's order. A server shows the first as its own."
    if b"PRIVATE KEY-----" in data:
        words += (
            " ✗ There is a private key with it: whoever sees this page can take it. "
            "If it is in use anywhere, replace it."
        )
    return _read(found, words)


def _shown_by(site: tls.Site) -> Result:
    read = _read(site.certificates, "")
    count = len(site.certificates)
    sent = f"{site.host} sent {count} certificate{'' if count == 1 else 's'} over {site.version}."
    if site.refusal is None:
        words = (
            f"✓ This machine's client accepts: the name fits and the chain ends at a root it trusts. {sent}"
        )
    else:
        words = (
            f"✗ This machine's client refuses: {site.refusal}. A second connection, with verification off, only "
            f"fetched what is shown; nothing was sent to it. {sent}"
        )
    return Result(read.html, read.text, words)


def _short(root: x509.Certificate) -> str:
    """The CN if there is one, otherwise the last part of the name that says something."""
    names = root.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(root.subject)
    return str(names[-1].value) if names else "(no name)"
