"""The byte explorer: hex on the left, the tree of `padlock.der` on the right, what it means below.

    explorer(certificate)                  # an object of `cryptography`, PEM, DER or the path of a file

All that it knows comes from `der.Node`; this file only says which bytes get which tint.
"""

import os

import anywidget
import traitlets
from cryptography.hazmat.primitives import serialization

from padlock import der, reading
from padlock.look import tokens

MOST_BYTES = 64 * 1024  # of hex; more makes a page slow, and nobody reads it
MOST_NODES = 3000  # lines of tree
READ_NODES = 50_000  # elements that are read before we cut
MOST_OF_A_FILE = 8 * 1024 * 1024

# Whose concern a field is: one of the colours of `tokens.MEANINGS`. What lies inside a field has its tint,
# unless it has one of its own.
TINTS = {
    "ca": "issuer signature signatureAlgorithm signatureValue byName byKey authorityKeyIdentifier"
    " authorityInfoAccess",
    "cert": "subject serialNumber validity extensions subjectAltName reqCert certID",
    "pub": "subjectPublicKeyInfo SubjectPublicKeyInfo subjectPKInfo RSAPublicKey subjectKeyIdentifier"
    " publicKey publicExponent modulus",
    "key": "privateKey encryptedData RSAPrivateKey ECPrivateKey",
    "csr": "attributes challengePassword",
    "crl": "revokedCertificates crlExtensions thisUpdate nextUpdate cRLDistributionPoints responses",
    "plain": "Certificate tbsCertificate",
}
TINT_OF = {label: tint for tint, labels in TINTS.items() for label in labels.split()}
WORDS = {
    "ca": "who signed",
    "cert": "what is certified",
    "pub": "public key",
    "key": "private key",
    "csr": "what is asked for",
    "crl": "what is revoked",
    "plain": "structure",
    "no": "✗ not readable",
}


class Explorer(anywidget.AnyWidget):
    """Bytes and their meaning, linked both ways by mouse and keyboard.

    `source` is an object of `cryptography`, PEM, DER, or the path of a file. What can't be read is said in
    a sentence in place of the tree. `selected` is the number of a node in the order of `der.Node.walk()`;
    set it to point at something, or use `select("notAfter")`.
    """

    _esm = tokens.STATIC / "explorer.js"
    _css = tokens.css() + (tokens.STATIC / "explorer.css").read_text("utf-8")

    title = traitlets.Unicode("What is in these bytes?").tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)  # how much there is, or why there is nothing
    hex = traitlets.Unicode().tag(sync=True)
    tree = traitlets.List().tag(sync=True)  # a dict for each node, in the order of the bytes
    legend = traitlets.Dict().tag(sync=True)  # tint → what it means, for those in use
    selected = traitlets.Int(0).tag(sync=True)

    def __init__(self, source, title: str | None = None):
        super().__init__(**({} if title is None else {"title": title}))
        self.node = None
        self.explore(source)

    def explore(self, source) -> None:
        """Show something else in the same place."""
        try:
            data = to_bytes(source)
        except (NoBytes, reading.Unreadable) as problem:
            self.node, self.hex, self.tree, self.legend, self.selected = None, "", [], {}, 0
            self.sentence = str(problem)
            return
        self.node = der.parse(data, max_nodes=READ_NODES)
        with self.hold_sync():
            self.hex = data[:MOST_BYTES].hex()
            self.tree = flat(self.node)
            used = {row["tint"] for row in self.tree}
            self.legend = {tint: words for tint, words in WORDS.items() if tint in used}
            self.selected = 0
            self.sentence = in_short(self.node, len(data), len(self.tree))

    def select(self, label: str) -> None:
        """Point at the first field of this name. LookupError if there is none."""
        for number, row in enumerate(self.tree):
            if row["label"] == label:
                self.selected = number
                return
        raise LookupError(f"nothing here is called {label!r}")

    @traitlets.validate("selected")
    def _in_range(self, proposal):
        return max(0, min(proposal["value"], len(self.tree) - 1))

    @property
    def text(self) -> str:
        """The same in plain words: the tree, a line for each node."""
        return f"{self.title}\n{self.sentence}" + (f"\n{self.node.outline()}" if self.node else "")

    def __repr__(self):
        return f"Explorer({self.title!r})"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = self.text
        return bundle


def explorer(source, title: str | None = None) -> Explorer:
    """Look into the bytes of `source`: an object of `cryptography`, PEM, DER, or the path of a file."""
    return Explorer(source, title)


def flat(root: der.Node) -> list[dict]:
    """The nodes as plain dicts for the page: at most `MOST_NODES`, none that begins after `MOST_BYTES`."""
    rows, waiting = [], [(root, 0, "plain", False)]
    while waiting and len(rows) < MOST_NODES:
        node, depth, tint, asked = waiting.pop()
        if node.offset >= MOST_BYTES:
            break
        asked = asked or node.label == "CertificationRequest"  # the asker signs a request, no CA
        tint = "no" if node.tag is None and node.error else TINT_OF.get(node.label, tint)
        if asked:  # a request certifies nothing: all of it is asked for, and its asker signed it
            tint = {"cert": "csr", "ca": "plain"}.get(tint, tint)
        rows.append(
            {
                "label": node.label,
                "type": node.type,
                "depth": depth,
                "tint": tint,
                "offset": node.offset,
                "header": node.header_length,
                "length": node.length,
                "own": node.own_end - node.offset,  # the bytes that are its own and not its children's
                "text": node.text,
                "note": node.note,
                "clause": node.clause,
                "error": node.error or "",
            }
        )
        waiting.extend((child, depth + 1, tint, asked) for child in reversed(node.children))
    return rows


def in_short(root: der.Node, size: int, rows: int) -> str:
    """How much there is, whether all of it is shown, and what is wrong with it."""
    words = [f"{size:,} bytes of DER." if root.tag is not None else f"{size:,} bytes."]
    if size > MOST_BYTES:
        words.append(f"That is much: only the first {MOST_BYTES // 1024} kB are shown.")
    elif rows == MOST_NODES:
        words.append(f"Only the first {rows:,} fields are shown.")
    wrong = next((node.error for node in root.walk() if node.error), None)
    if wrong:
        words.append(f"✗ {wrong[0].upper()}{wrong[1:]}.")
    else:
        words.append("Arrow keys walk the fields; a byte and its field light up together.")
    return " ".join(words)


class NoBytes(ValueError):
    """There are no bytes to look at. `str()` is one sentence that says why."""


def to_bytes(source) -> bytes:
    """The DER of an object or of the first PEM block, else the bytes as they are.

    Raises NoBytes, or `reading.Unreadable` for damaged PEM.
    """
    if isinstance(source, der.Node):
        return source.raw
    if isinstance(source, type):
        raise NoBytes(f"This is the class {reading.visible(source.__name__, 60)}, not an object of it.")
    if isinstance(source, os.PathLike) or (isinstance(source, str) and "-----BEGIN" not in source):
        try:
            with open(source, "rb") as file:
                source = file.read(MOST_OF_A_FILE)
        except (OSError, ValueError):
            raise NoBytes(
                "This is neither PEM text nor a file that can be opened: "
                "hand in the object, its PEM or its bytes."
            ) from None
    if isinstance(source, str):
        source = source.encode("utf-8", "replace")
    if isinstance(source, bytes | bytearray | memoryview):
        source = bytes(source)
        blocks = reading.pem_blocks(source) if b"-----BEGIN " in source else []
        return blocks[0][1] if blocks else source
    if hasattr(source, "private_bytes"):
        raise NoBytes("This is a private key, and a page is no place for one: hand in its .public_key().")
    if hasattr(source, "certificate"):  # what an Authority issues
        return to_bytes(source.certificate)
    if hasattr(source, "to_cryptography"):  # pyOpenSSL
        return to_bytes(source.to_cryptography())
    if hasattr(source, "public_bytes"):
        try:
            return source.public_bytes(serialization.Encoding.DER)
        except TypeError:  # a public key wants to know in which format
            form = serialization.PublicFormat.SubjectPublicKeyInfo
            return source.public_bytes(serialization.Encoding.DER, form)
    raise NoBytes(
        f"This is a value of the type {reading.visible(type(source).__name__, 60)}, which has no bytes: "
        "hand in a certificate, a request, a list or a public key, its PEM or its bytes."
    )
