"""The byte explorer: hex on the left, the tree of its fields on the right, what they mean and what changes below.

    explorer(certificate)                  # an object of `cryptography`, PEM, DER or the path of a file
    explorer(certificate, issuer=ca, roots=[root], name="api.test")      # edit a byte: who notices?
    explorer(transcript.messages[0])       # a message of a handshake

All that it knows comes from `der.Node`, from the fields of a message and from `padlock.edits`; this file only says
which bytes get which tint.
"""

import contextlib
import os

import anywidget
import traitlets
from cryptography.hazmat.primitives import serialization
from markupsafe import Markup

from padlock import der, reading
from padlock.edits import Edits
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
MESSAGE_TINTS = {  # of the fields of a handshake's messages
    "cert": "server_name certificate_list",
    "pub": "key_share public ecdh_Yc dh_Yc",
    "ca": "signature verify_data binders",
    "csr": "supported_versions cipher_suites cipher_suite signature_algorithms supported_groups",
}
TINT_OF = {label: tint for tint, labels in TINTS.items() for label in labels.split()}
MESSAGE_TINT_OF = {label: tint for tint, labels in MESSAGE_TINTS.items() for label in labels.split()}
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
MESSAGE_WORDS = WORDS | {
    "cert": "names, certificates",
    "pub": "key exchange",
    "ca": "proofs",
    "csr": "what is offered",
}
KEYS = "Arrow keys walk the fields; a byte and its field light up together."
HOLDS_A_KEY = "There is a private key in these bytes, so no picture of them is kept in the notebook."
PICTURE_BYTES, PICTURE_ROWS = 4096, 250  # of the picture where there is no kernel


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
    editable = traitlets.Bool(False).tag(sync=True)
    changes = traitlets.List().tag(sync=True)  # offsets of the bytes that are not as they were
    steps = traitlets.Int(0).tag(sync=True)  # that can be undone
    answers = traitlets.List().tag(sync=True)  # what reader, signer's key and judge say: mark, head, words

    def __init__(self, source, title: str | None = None, issuer=None, roots=(), name=None):
        super().__init__(**({} if title is None else {"title": title}))
        self.on_msg(self._heard)
        self._bench = None
        self.explore(source, issuer, roots, name)

    def explore(self, source, issuer=None, roots=(), name=None) -> None:
        """Show something else in the same place."""
        try:
            what = source if hasattr(source, "fields") and hasattr(source, "raw") else to_bytes(source)
            self._bench = Edits(
                what, _bare(issuer), [_bare(root) for root in _listed(roots)], name, READ_NODES
            )
        except (NoBytes, reading.Unreadable) as problem:
            self._bench = None
            with self.hold_sync():
                self.hex, self.tree, self.legend, self.selected = "", [], {}, 0
                self.editable, self.changes, self.steps, self.answers = False, [], 0, []
                self.sentence = str(problem)
            return
        self._draw()
        self.selected = 0

    def _draw(self) -> None:
        """All of the page's values from the bytes as they are now."""
        bench = self._bench
        data = bytes(bench.data)
        message = bench.message
        words = WORDS if message is None else MESSAGE_WORDS
        with self.hold_sync():
            self.hex = data[:MOST_BYTES].hex()
            self.tree = flat(bench.trees(), message)
            used = {row["tint"] for row in self.tree}
            self.legend = {tint: meaning for tint, meaning in words.items() if tint in used}
            self.selected = min(self.selected, max(0, len(self.tree) - 1))
            self.sentence = in_short(self.tree, len(data), message)
            self.editable = bool(data) and bench.editable
            self.changes = [at for at in bench.changes if at < MOST_BYTES]
            self.steps = len(bench.steps)
            self.answers = [vars(answer) for answer in bench.answers()] if self.editable else []

    def put(self, offset: int, value: int) -> None:
        """Write one byte, as the page does. IndexError or ValueError if there is no such byte."""
        self._bench.put(offset, value)
        self._draw()

    def undo(self) -> None:
        """Take the last change back."""
        self._bench.undo()
        self._draw()

    def reset(self) -> None:
        """As it was."""
        self._bench.reset()
        self._draw()

    def _heard(self, _, message, buffers) -> None:
        """What the page asks for: {"put": [offset, value]}, {"undo": true} or {"reset": true}. All else is ignored."""
        if not isinstance(message, dict) or not self.editable:
            return
        match message:
            case {"put": [int(offset), int(value)]} if offset < MOST_BYTES:
                with contextlib.suppress(IndexError, ValueError):
                    self.put(offset, value)
            case {"undo": True}:
                self.undo()
            case {"reset": True}:
                self.reset()

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
        """The same in plain words: the tree, a line for each field, and what was asked of it."""
        if self._secret:
            return f"{self.title}\n{HOLDS_A_KEY}"
        lines = [self.title, self.sentence]
        for row in self.tree[:400]:
            type_ = "" if row["type"] == row["label"] else f"  {row['type']}"
            says = f"✗ {row['error']}" if row["error"] else row["text"]
            lines.append(f"{row['offset']:5}  {'  ' * row['depth']}{row['label']}{type_}  {says}".rstrip())
        lines += ["       …"] * (len(self.tree) > 400)
        lines += [f"{tokens.MARKS[a['mark']]} {a['head']}: {a['words']}" for a in self.answers]
        return "\n".join(lines)

    @property
    def _secret(self) -> bool:
        """Is there a private key in it? What stays in a notebook must not have it."""
        return any(row["tint"] == "key" for row in self.tree)

    @property
    def picture(self) -> Markup:
        """What remains where there is no kernel: the bytes field by field, without a script or a style sheet."""
        if not self.tree or self._secret:
            said = HOLDS_A_KEY if self._secret else self.sentence
            return Markup("<p><strong>{}</strong></p><p>{}</p>").format(self.title, said)
        data, rows = bytes.fromhex(self.hex)[:PICTURE_BYTES], Markup("")
        shown = [row for row in self.tree if row["offset"] < PICTURE_BYTES][:PICTURE_ROWS]
        for row in shown:
            own = data[row["offset"] : row["offset"] + row["own"]]
            rows += PICTURE_ROW.format(
                row["offset"],
                "\u00a0\u00a0" * row["depth"] + row["label"],
                _background(row["tint"]),
                own.hex(" "),
                f"✗ {row['error']}" if row["error"] else row["text"],
            )
        rest = len(self.tree) - len(shown)
        answers = Markup("").join(
            Markup("<li>{} {}: {}</li>").format(tokens.MARKS[a["mark"]], a["head"], a["words"])
            for a in self.answers
        )
        more = f"And {rest:,} fields more." if rest else ""
        if answers:
            answers = Markup("<ul>{}</ul>").format(answers)
        return PICTURE.format(self.title, self.sentence.replace(KEYS, ""), rows, more, answers)

    def __repr__(self):
        return f"Explorer({self.title!r})"

    def _repr_mimebundle_(self, **kwargs):
        words = {"text/html": str(self.picture), "text/plain": self.text}
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return words
        data, metadata = bundle
        return data | words, metadata


# Inline styles only, and colours that let the page's own ground through: what is left of it on a page that strips
# them is still a table that reads.
PICTURE = Markup(
    "<p><strong>{}</strong></p><p>{}</p><table><thead><tr><th>byte</th><th>field</th><th>bytes</th><th>says</th></tr>"
    "</thead><tbody>{}</tbody></table><p>{}</p>{}"
)
PICTURE_ROW = Markup(
    '<tr><td>{}</td><td style="text-align:left">{}</td><td style="text-align:left"><code style="{}">{}</code></td>'
    '<td style="text-align:left">{}</td></tr>'
)


def _background(tint: str) -> str:
    colour = tokens.MEANINGS.get(tint, ("#808080",))[0]
    return f"background:{colour}2e"  # 18 % of it


def explorer(source, title: str | None = None, issuer=None, roots=(), name=None) -> Explorer:
    """Look into the bytes of `source`, and change them: an object of `cryptography`, PEM, DER, the path of a file, or
    a message of a handshake.

    issuer: the certificate whose key should fit the signature. roots, name: what the judge is asked with, as in
    `padlock.judge.judge`; without roots it is not asked.
    """
    return Explorer(source, title, issuer, roots, name)


def _listed(roots) -> list:
    return list(roots) if isinstance(roots, list | tuple) else [roots]


def _bare(source):
    """The certificate of what an Authority is or issues, else `source` itself."""
    return getattr(source, "certificate", source)


def flat(trees: tuple, message=None) -> list[dict]:
    """The nodes as plain dicts for the page: at most `MOST_NODES`, none that begins after `MOST_BYTES`.

    Of a message the first row is the message itself; DER that a field holds opens in its place.
    """
    rows: list[dict] = []
    tints, top = (TINT_OF, 0) if message is None else (TINT_OF | MESSAGE_TINT_OF, 1)
    if message is not None:
        rows.append(
            _row(message, 0, "plain", 0, 0, text=message.title, kind="message", size=len(message.raw))
        )
    waiting = [(node, top, "plain", False, 0) for node in reversed(trees)]
    while waiting and len(rows) < MOST_NODES:
        node, depth, tint, asked, shift = waiting.pop()
        if node.offset + shift >= MOST_BYTES:
            break
        asked = asked or node.label == "CertificationRequest"  # the asker signs a request, no CA
        tint = "no" if node.error and getattr(node, "tag", 0) is None else tints.get(node.label, tint)
        if asked:  # a request certifies nothing: all of it is asked for, and its asker signed it
            tint = {"cert": "csr", "ca": "plain"}.get(tint, tint)
        inside, inner_shift = node.children, shift
        if not inside and getattr(node, "inside", None) and node.length:
            inner_shift = shift + node.offset + node.header_length
            inside = [der.parse(node.content, node.inside, max_nodes=READ_NODES)]
        own = (inside[0].offset + inner_shift if inside else node.end + shift) - node.offset - shift
        rows.append(_row(node, depth, tint, shift, own))
        waiting.extend((child, depth + 1, tint, asked, inner_shift) for child in reversed(inside))
    return rows


def _row(node, depth: int, tint: str, shift: int, own: int, text=None, kind=None, size=None) -> dict:
    """What the page shows of a field. `own` counts the bytes that are its own and not its children's."""
    message = kind is not None
    return {
        "label": node.name if message else node.label,
        "type": kind or node.type,
        "depth": depth,
        "tint": tint,
        "offset": 0 if message else node.offset + shift,
        "header": 0 if message else node.header_length,
        "length": size if message else node.length,
        "own": own,
        "text": text or node.text,
        "note": node.note,
        "clause": node.clause,
        "breaks": getattr(node, "breaks", ""),
        "error": "" if message else node.error or "",
    }


def in_short(rows: list[dict], size: int, message=None) -> str:
    """How much there is, whether all of it is shown, and what is wrong with it."""
    what = "bytes" if message is not None or not rows or rows[0]["type"] == "bytes" else "bytes of DER"
    words = [f"{size:,} {what}."]
    if size > MOST_BYTES:
        words.append(f"That is much: only the first {MOST_BYTES // 1024} kB are shown.")
    elif len(rows) == MOST_NODES:
        words.append(f"Only the first {len(rows):,} fields are shown.")
    wrong = next((row["error"] for row in rows if row["error"]), None)
    if wrong:
        words.append(f"✗ {wrong[0].upper()}{wrong[1:]}.")
    else:
        words.append(KEYS)
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
