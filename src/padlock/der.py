"""Bytes to a tree: every certificate, request and list of revoked certificates is DER, and DER is boxes in boxes.

A box (an *element*) is a tag, a length and that many bytes of content (X.690 §8.1). Some contents are boxes again.

    tree = parse(data)
    tree.find("notAfter").text        # '2027-02-21 09:00:00 Z'
    tree.at(120)                      # the innermost element that byte 120 belongs to
    print(tree.outline())             # all of it

This file has three parts. The *reader* turns bytes into `Node`s. The *words* say what a node's content means.
The *tables* say what the RFCs call each element and what it is for; the reader follows them while it reads.

It never raises on bad bytes: where the encoding is wrong, the node says so in `.error`, with the offset.
It needs nothing but Python itself.
"""

# A row of a table stays on its line.
# ruff: noqa: E501

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import islice

MAX_DEPTH = 48  # boxes in boxes in boxes… a certificate needs about 15
MAX_NODES = 200_000  # elements; a certificate has about 150

# ------------------------------------------------------------------------------------------------ the tree


class Node:
    """One element: where it is, what it is called, what is in it.

    offset         where its first byte is, counted from the start of the data
    header_length  bytes of tag and length
    length         bytes of content (of those that are there, if the data is cut short)
    tag            the first byte, for example 0x30; None if there is no element here, only bytes
    label          what the RFC calls it ('notBefore'), else its type ('SEQUENCE')
    children       the elements inside
    """

    __slots__ = (
        "_data",
        "_fault",
        "children",
        "field",
        "header_length",
        "label",
        "length",
        "offset",
        "shape",
        "tag",
    )

    def __init__(self, data, offset, header_length, length, tag, label, shape, fault=None, field=None):
        self._data = data
        self.offset = offset
        self.header_length = header_length
        self.length = length
        self.tag = tag
        self.label = label
        self.shape = shape
        self.field = field
        self.children = []
        self._fault = fault

    @property
    def end(self) -> int:
        """The offset just after its last byte."""
        return self.offset + self.header_length + self.length

    @property
    def own_end(self) -> int:
        """`offset` to here are the bytes that belong to this element and to none of its children."""
        return self.children[0].offset if self.children else self.end

    @property
    def raw(self) -> bytes:
        """The whole element, header and content."""
        return self._data[self.offset : self.end]

    @property
    def content(self) -> bytes:
        """The content without the header."""
        return self._data[self.offset + self.header_length : self.end]

    @property
    def type(self) -> str:
        """What the tag says: 'SEQUENCE', 'UTCTime', '[3]'."""
        return type_name(self.tag, self._data, self.offset)

    @property
    def text(self) -> str:
        """The content for a human: a time, a name, a number. Control characters are shown, never obeyed."""
        return clip(describe(self))

    @property
    def note(self) -> str:
        """What this element is for, in a sentence or two."""
        return (
            (self.field.note if self.field else "")
            or self.shape.note
            or TYPE_NOTES.get(self.kind, ("", ""))[0]
        )

    @property
    def clause(self) -> str:
        """Where that is written, for example 'RFC 5280 §4.1.2.5'."""
        clause = (self.field.clause if self.field else "") or self.shape.clause
        return clause or TYPE_NOTES.get(self.kind, ("", ""))[1]

    @property
    def breaks(self) -> str:
        """What goes wrong without this element, or with a wrong one; "" where little would."""
        return self.field.breaks if self.field else ""

    @property
    def error(self) -> str | None:
        """What is wrong here and at which byte, or None."""
        return self._fault or content_fault(self)

    @property
    def kind(self) -> int | None:
        """The universal tag that the content is written as: [2] in a GeneralName is an IA5String, 0x16."""
        if self.tag is not None and self.tag < 0x40:
            return self.tag
        return self.shape.kind

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of their bytes."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def at(self, offset: int) -> Node | None:
        """The innermost node that byte `offset` belongs to."""
        if not self.offset <= offset < self.end:
            return None
        node = self
        while node.children and offset >= node.children[0].offset:
            node = node.children[bisect_right(node.children, offset, key=lambda child: child.offset) - 1]
        return node

    def find(self, label: str) -> Node | None:
        """The first node with this label, itself included."""
        return next((node for node in self.walk() if node.label == label), None)

    def find_all(self, label: str) -> list[Node]:
        """Every node with this label."""
        return [node for node in self.walk() if node.label == label]

    def errors(self) -> list[Node]:
        """Every node with something wrong."""
        return [node for node in self.walk() if node.error]

    def outline(self, limit: int = 400) -> str:
        """The tree as text, a line for each element, at most `limit` lines."""
        lines, waiting = [], [(self, 0)]
        while waiting and len(lines) < limit:
            node, depth = waiting.pop()
            head = f"{node.offset:5}  {'  ' * depth}{node.label}"
            if node.label != node.type:
                head += f"  {node.type}"
            what = node.error or ("" if node.children and node.shape is ANY else node.text)
            lines.append(f"{head}  {'✗ ' if node.error else ''}{what}".rstrip())
            waiting.extend((child, depth + 1) for child in reversed(node.children))
        if waiting:
            lines.append("       …")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{self.label} at byte {self.offset}: {self.type}, {self.header_length}+{self.length} bytes>"


# ------------------------------------------------------------------------------------------------ the reader


def parse(data: bytes, kind: str | None = None, *, max_nodes: int = MAX_NODES) -> Node:
    """Read DER into a tree in which every byte belongs to exactly one node (ITU-T X.690).

    `kind` names the type, for example 'Certificate' or 'RSAPublicKey' (a key of `KINDS`); without it the shape of
    the data decides. Bad bytes never raise: look at `.error`. If something follows the first element, the root is
    a node without a tag that holds the element and the rest.

    Raises TypeError if `data` is not bytes, KeyError for a `kind` that is not there.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"der.parse reads bytes, not {type(data).__name__}")
    data = bytes(data)
    if data.startswith(b"-----BEGIN "):
        what = "at byte 0: this is PEM, which is text; the DER is in it, in base64"
        return Node(data, 0, 0, len(data), None, "input", ANY, what)
    kind = kind or recognise(data)
    top = KINDS[kind].packed if kind else ANY
    nodes = Reader(data, max_nodes).elements(0, len(data), 0, top, alone=True)
    if len(nodes) == 1:
        return nodes[0]
    root = Node(data, 0, 0, len(data), None, "input", ANY)
    root.children = nodes
    if not data:
        root._fault = "at byte 0: there is nothing here, not one byte"
    return root


class Fault(Exception):
    """What is wrong with a header, where, and how many of its bytes were read."""

    def __init__(self, offset: int, what: str):
        super().__init__(f"at byte {offset}: {what}")


class Reader:
    """Reads elements one after the other and follows the tables below. Bounded in depth and in number of elements."""

    def __init__(self, data: bytes, max_nodes: int):
        self.data = data
        self.left = max_nodes
        self.faults = 0

    def elements(self, pos: int, end: int, depth: int, shape: Shape, alone: bool = False) -> list[Node]:
        """All elements from `pos` up to `end`; `shape` says what to expect there, `alone` that there should be one."""
        data, nodes, places, turn = self.data, [], shape.places, 0
        while pos < end:
            if alone and nodes:
                left = end - pos
                what = f"{left} more {'byte' if left == 1 else 'bytes'} after the end of the element"
                nodes.append(self.unreadable(pos, end, f"at byte {pos}: {what}"))
                break
            if self.left <= 0:
                nodes.append(
                    self.unreadable(pos, end, f"at byte {pos}: too many elements, the rest was not read")
                )
                break
            self.left -= 1
            try:
                tag, header, length, fault = read_header(data, pos, end)
            except Fault as problem:
                nodes.append(self.unreadable(pos, end, str(problem)))
                break
            if fault:
                self.faults += 1

            place = places[turn].get(tag) or places[turn].get(None)
            if place:
                found, turn = place
                label, what = found.label, found.shape
                if what.by:
                    what = what.by.get(oid_among(nodes), what)
            else:
                found, label, what = None, type_name(tag, data, pos), ANY
            node = Node(data, pos, header, length, tag, label, what, fault, found)
            pos += header + length
            if length and (tag & 0x20 or (tag if tag < 0x40 else what.kind) in STRINGS):
                self.inside(node, nodes, depth + 1)
            if what.named and node.children:  # an Extension is called after the OID it begins with
                oid = oid_among(node.children[:1])
                if oid in what.named:
                    node.field = what.named[oid]
                    node.label = node.field.label
                else:
                    node.label = NAMES.get(oid, label)
            nodes.append(node)
        return nodes

    def inside(self, node: Node, before: list[Node], depth: int) -> None:
        """Open the box: the content of `node` as elements, if that is what it is."""
        start, shape = node.offset + node.header_length, node.shape
        if node.tag & 0x20:  # constructed: the tag itself says that elements follow
            if depth > MAX_DEPTH:
                node.children = [
                    self.unreadable(start, node.end, f"at byte {start}: deeper than {MAX_DEPTH} levels")
                ]
            else:
                node.children = self.elements(start, node.end, depth, shape)
            return

        if depth > MAX_DEPTH:
            return
        if (
            node.kind == BIT_STRING
        ):  # its first byte counts the unused bits of the last; whole bytes have none
            if self.data[start] != 0 or node.length == 1:
                return
            start += 1
        holds = shape.holds
        if isinstance(holds, dict):
            holds = holds.get(oid_among(before), GUESS)
        if holds is None:
            return
        if holds is not GUESS:
            node.children = self.elements(start, node.end, depth, holds.packed, alone=True)
        elif self.data[start] in shape.guess:  # nobody says that it is DER: believe it only if all of it fits
            faults = self.faults
            children = self.elements(start, node.end, depth, ANY, alone=True)
            if self.faults == faults:
                node.children = children
            self.faults = faults

    def unreadable(self, pos: int, end: int, fault: str) -> Node:
        self.faults += 1
        return Node(self.data, pos, 0, end - pos, None, "unreadable", ANY, fault)


def read_header(data: bytes, pos: int, end: int) -> tuple[int, int, int, str | None]:
    """Tag, bytes of header, bytes of content that are there, and what is wrong (X.690 §8.1.2, §8.1.3, §10.1).

    Raises Fault if no content can be found.
    """
    tag, at = data[pos], pos + 1
    if tag in USUAL and at < end and data[at] < 0x80 and at + data[at] < end:
        return tag, 2, data[at], None  # nearly always: one byte each, and nothing wrong
    if tag & 0x1F == 0x1F:  # the tag number does not fit into five bits: it follows, seven bits a byte
        while True:
            if at >= end:
                raise Fault(at, "the data ends inside a tag")
            if at - pos > 4:
                raise Fault(pos, "a tag number of more than 28 bits")
            at += 1
            if data[at - 1] < 0x80:
                break
    if at >= end:
        raise Fault(at, f"the data ends after the tag {tag:02x}; a length should follow")
    length, at = data[at], at + 1
    fault = None
    if length >= 0x80:
        size = length & 0x7F
        if size == 0:
            raise Fault(at - 1, "indefinite length (80). BER allows it, DER does not")
        if size > 8:
            raise Fault(at - 1, f"a length that is itself {size} bytes long")
        if at + size > end:
            raise Fault(at, "the data ends inside a length")
        length = int.from_bytes(data[at : at + size], "big")
        if length < 0x80 or data[at] == 0:
            fault = (
                f"at byte {at - 1}: length {length} is written in more bytes than it needs, which DER forbids"
            )
        at += size
    if at + length > end:
        where = "the data" if end == len(data) else "the element around it"
        fault = f"at byte {pos}: should be {length} bytes long, but {where} ends after {end - at}"
        length = end - at
    if tag in WRONG_FORM:
        fault = fault or f"at byte {pos}: {WRONG_FORM[tag]}"
    return tag, at - pos, length, fault


def oid_among(nodes: list[Node]) -> str | None:
    """The OID that says how to read what comes next: the nearest one before it, bare or first in a SEQUENCE."""
    for node in reversed(nodes):
        if node.tag == OID:
            return dotted(node.content[:64])
        if node.children and node.children[0].tag == OID:
            return dotted(node.children[0].content[:64])
    return None


def recognise(data: bytes) -> str | None:
    """The kind of thing this is, from the tags at its top: also if the end is missing. None if nothing fits."""
    seen: dict[str, str] = {}
    for kind, where, pattern in SIGNS:
        if where not in seen:
            seen[where] = SIGHTS[where](data)
        if re.match(pattern, seen[where]):
            return kind
    return None


def tags_at(data: bytes, depth: int, most: int) -> str:
    """The tags, as hex, of the elements `depth` boxes in, following the first box each time."""
    pos, end, found = 0, len(data), []
    try:
        for _ in range(depth):
            if pos >= end or not data[pos] & 0x20:
                return ""
            _, header, length, _ = read_header(data, pos, end)
            pos, end = pos + header, pos + header + length
        while pos < end and len(found) < most:
            found.append(f"{data[pos]:02x}")
            _, header, length, _ = read_header(data, pos, end)
            pos += header + length
    except Fault:
        pass
    return " ".join(found)


SIGHTS = {  # where the signs of `SIGNS` are looked for
    "outer": lambda data: tags_at(data, 1, 9),
    "inner": lambda data: tags_at(data, 2, 4),
    "spine": lambda data: "".join(f"{tags_at(data, depth, 1)} " for depth in range(1, 7)),
}


# ------------------------------------------------------------------------------------------------ the words

BOOLEAN, INTEGER_TAG, BIT_STRING, OCTET_STRING, NULL_TAG, OID, ENUMERATED = 1, 2, 3, 4, 5, 6, 10
UTF8, PRINTABLE, TELETEX, IA5, UTC_TIME, GENERAL_TIME, VISIBLE, UNIVERSAL, BMP = (
    12,
    19,
    20,
    22,
    23,
    24,
    26,
    28,
    30,
)

TYPES = {
    1: "BOOLEAN",
    2: "INTEGER",
    3: "BIT STRING",
    4: "OCTET STRING",
    5: "NULL",
    6: "OBJECT IDENTIFIER",
    7: "ObjectDescriptor",
    8: "EXTERNAL",
    9: "REAL",
    10: "ENUMERATED",
    11: "EMBEDDED PDV",
    12: "UTF8String",
    13: "RELATIVE-OID",
    16: "SEQUENCE",
    17: "SET",
    18: "NumericString",
    19: "PrintableString",
    20: "TeletexString",
    21: "VideotexString",
    22: "IA5String",
    23: "UTCTime",
    24: "GeneralizedTime",
    25: "GraphicString",
    26: "VisibleString",
    27: "GeneralString",
    28: "UniversalString",
    29: "CHARACTER STRING",
    30: "BMPString",
}
STRINGS = (BIT_STRING, OCTET_STRING)  # their bytes may be elements again
CHARSETS = {
    UTF8: "utf-8",
    PRINTABLE: "ascii",
    18: "ascii",
    TELETEX: "latin-1",
    21: "latin-1",
    IA5: "ascii",
    25: "latin-1",
    VISIBLE: "ascii",
    27: "latin-1",
    UNIVERSAL: "utf-32-be",
    BMP: "utf-16-be",
}

# Tags that BER would allow, or nobody: DER writes strings in one piece, and SEQUENCE and SET always hold elements.
WRONG_FORM = {
    0x20 | n: f"a {name} in pieces. BER allows it, DER does not"
    for n, name in TYPES.items()
    if n in (3, 4, 7, *range(12, 13), *range(18, 31))
}
WRONG_FORM |= {0x20 | n: f"{TYPES[n]} can't hold other elements" for n in (1, 2, 5, 6, 9, 10, 13)}
WRONG_FORM |= {0x10: "a SEQUENCE always holds elements: its tag is 30", 0x11: "a SET's tag is 31"}
WRONG_FORM |= {
    0x00: "tag 00 marks the end of an indefinite length in BER; DER has none",
    0x20: "tag 20 means nothing",
}
USUAL = frozenset(tag for tag in range(256) if tag & 0x1F != 0x1F and tag not in WRONG_FORM)

TYPE_NOTES = {
    0x01: ("Yes or no: ff is TRUE, 00 is FALSE, anything else is not DER.", "X.690 §8.2, §11.1"),
    0x02: (
        "A whole number, highest byte first. If the first bit is set it is negative, so a positive number may "
        "begin with 00.",
        "X.690 §8.3",
    ),
    0x03: ("A row of bits. The first byte of the content counts the unused bits at the end.", "X.690 §8.6"),
    0x04: ("Bytes with no meaning of their own.", "X.690 §8.7"),
    0x05: ("Nothing: a place that is kept, with no content.", "X.690 §8.8"),
    0x06: (
        "A name that is a path of numbers in a tree run by registrars: unique in the world.",
        "X.690 §8.19",
    ),
    0x0A: ("One of a list of values, as its number.", "X.690 §8.4"),
    0x0C: ("Text, any letters of the world.", "X.690 §8.23"),
    0x13: ("Text of letters, digits and a few signs. No @, no *, no _.", "X.680 §41.4"),
    0x16: ("Text in ASCII.", "X.690 §8.23"),
    0x17: ("A moment. Two digits for the year: 50 to 99 mean 19xx.", "RFC 5280 §4.1.2.5.1"),
    0x18: ("A moment, with four digits for the year.", "RFC 5280 §4.1.2.5.2"),
    0x30: ("A box: other elements in a fixed order.", "X.690 §8.9"),
    0x31: ("A box: other elements, sorted by their bytes.", "X.690 §8.12, §11.6"),
}

PRINTABLE_ONLY = re.compile(rb"[A-Za-z0-9 '()+,\-./:=?]*")
MOST = 300  # characters of text


def type_name(tag: int | None, data: bytes = b"", offset: int = 0) -> str:
    """'SEQUENCE' for 0x30, '[3]' for 0xa3, 'bytes' for None."""
    if tag is None:
        return "bytes"
    number = tag & 0x1F
    if number == 0x1F:
        number = 0
        for byte in data[offset + 1 : offset + 6]:
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                break
    elif tag < 0x40:
        return TYPES.get(number, f"[UNIVERSAL {number}]")
    return ("[UNIVERSAL {}]", "[APPLICATION {}]", "[{}]", "[PRIVATE {}]")[tag >> 6].format(number)


def clip(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1] + "…"


def visible(text: str) -> str:
    """Foreign text that can't hide or turn anything: what is not printable is shown as its number."""
    return "".join(c if c.isprintable() else f"‹U+{ord(c):04X}›" for c in text)


def hexed(content: bytes, most: int = 32) -> str:
    shown = content[:most].hex(":")
    return shown if len(content) <= most else f"{shown}… ({len(content)} bytes)"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


@lru_cache(maxsize=4096)
def dotted(content: bytes) -> str | None:
    """An OID's content as '1.2.840…' (X.690 §8.19), None if it is not one."""
    arcs, number, size = [], 0, 0
    for byte in content:
        if size == 0 and byte == 0x80:
            return None
        number, size = number << 7 | byte & 0x7F, size + 1
        if size > 20:
            return None
        if byte < 0x80:
            arcs.append(number)
            number = size = 0
    if size or not arcs:
        return None
    first = min(arcs[0] // 40, 2)
    return ".".join(str(n) for n in (first, arcs[0] - 40 * first, *arcs[1:]))


def moment(node: Node) -> datetime | None:
    """The time in a UTCTime or GeneralizedTime as DER and RFC 5280 §4.1.2.5 allow it, else None."""
    digits = node.content[:20]
    if node.kind == UTC_TIME and re.fullmatch(rb"\d{12}Z", digits):
        digits = (b"19" if digits[:2] >= b"50" else b"20") + digits
    elif node.kind != GENERAL_TIME or not re.fullmatch(rb"\d{14}Z", digits):
        return None
    try:
        return datetime.strptime(digits.decode(), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def describe(node: Node) -> str:
    """A node's content in words."""
    if node.tag is None:
        return plural(node.length, "byte")
    if node.shape.text:
        text = node.shape.text(node)
        if text:
            return text
    if node.tag & 0x20:
        return plural(len(node.children), "element")
    if node.children:  # an OCTET STRING or BIT STRING that holds DER
        return node.children[0].text
    kind, content = node.kind, node.content
    if kind in (INTEGER_TAG, ENUMERATED) and content:
        if len(content) > 8:
            size = int.from_bytes(content, "big").bit_length()
            return f"{hexed(content, 20)} ({'negative' if content[0] >= 0x80 else f'{size} bits'})"
        number = int.from_bytes(content, "big", signed=True)
        return node.shape.values.get(number, str(number))
    if kind == BOOLEAN and len(content) == 1:
        return "FALSE" if content == b"\0" else "TRUE"
    if kind == NULL_TAG and not content:
        return "NULL"
    if kind == OID:
        oid = dotted(content[:128]) if len(content) <= 128 else None
        return (f"{oid} ({NAMES[oid]})" if oid in NAMES else oid) or hexed(content)
    if kind == BIT_STRING and content:
        return bits_text(node, content)
    if kind in (UTC_TIME, GENERAL_TIME):
        when = moment(node)
        return (
            f"{when:%Y-%m-%d %H:%M:%S} Z"
            if when and when.year > 999
            else visible(content[:40].decode("latin-1"))
        )
    if kind in CHARSETS:
        return visible(content[: 4 * MOST].decode(CHARSETS[kind], "replace"))
    return hexed(content) if content else "empty"


def bits_text(node: Node, content: bytes) -> str:
    """The names of the bits that are set, if they have names, else the bytes."""
    if node.shape.bits:
        on = [i for i in range(8 * min(len(content) - 1, 4)) if content[1 + i // 8] & 0x80 >> i % 8]
        names = node.shape.bits
        return ", ".join(names[i] if i < len(names) else f"bit {i}" for i in on) or "none"
    unused = f", the last {content[0]} bits unused" if content[0] else ""
    return hexed(content[1:]) + unused


def content_fault(node: Node) -> str | None:
    """What DER forbids in the content of the simple types (X.690 §8, §11), else None."""
    kind = node.kind
    if kind is None or node.tag & 0x20 or kind in (OCTET_STRING, 0x10, 0x11):
        return None
    at, content, what = node.offset + node.header_length, node.content, None
    if kind == BOOLEAN and content not in (b"\0", b"\xff"):
        what = "a BOOLEAN is one byte, 00 or ff"
    elif kind in (INTEGER_TAG, ENUMERATED):
        if not content:
            what = "a number without a byte"
        elif len(content) > 1 and (content[0], content[1] >> 7) in ((0, 0), (0xFF, 1)):
            what = f"a number that begins with {content[0]:02x} for no reason"
    elif kind == BIT_STRING:
        if not content or content[0] > 7 or (content[0] and len(content) == 1):
            what = "the first byte must count the unused bits, 0 to 7"
        elif content[0] and content[-1] & ((1 << content[0]) - 1):
            what = "the unused bits must be 0"
    elif kind == NULL_TAG and content:
        what = "a NULL has no content"
    elif kind == OID and dotted(content[:1024]) is None:
        what = "not an object identifier"
    elif kind in (UTC_TIME, GENERAL_TIME) and moment(node) is None:
        what = f"a time must be written {'YY' if kind == UTC_TIME else 'YYYY'}MMDDHHMMSSZ"
    elif kind == PRINTABLE and not PRINTABLE_ONLY.fullmatch(content):
        what = "a character that a PrintableString may not have"
    elif kind in CHARSETS:
        try:
            content.decode(CHARSETS[kind])
        except UnicodeDecodeError as problem:
            at, what = at + problem.start, f"not {TYPES[kind]}: the bytes are no such text"
    return f"at byte {at}: {what}" if what else None


# ------------------------------------------------------------------------------------------------ the tables
# fmt: off


@dataclass(frozen=True, eq=False)
class Shape:
    """What a type is made of: the ASN.1 of an RFC as data.

    items   the fields inside, in their order; each is a tuple of alternatives
    of      or: any number of these alternatives
    tags    the first bytes it may have; empty: any
    kind    how the content is written when the tag does not say ([2] IMPLICIT IA5String)
    holds   DER inside the bytes of a string: of this type, or of the one that the OID before it chooses
    by      the type itself is chosen by the OID before it
    named   its label and note are chosen by the OID that it begins with
    """

    name: str = ""
    note: str = ""
    clause: str = ""
    tags: frozenset[int] = frozenset()
    items: tuple[tuple[Field, ...], ...] = ()
    of: tuple[Field, ...] = ()
    kind: int | None = None
    holds: object = None
    guess: frozenset[int] = frozenset({0x30})
    by: dict[str, Shape] = field(default_factory=dict)
    named: dict[str, Field] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    bits: tuple[str, ...] = ()
    text: object = None

    @cached_property
    def places(self) -> list[dict[int | None, tuple[Field, int]]]:
        """places[n]: after n fields, which field a tag begins, and how many have been then; None: any other tag."""
        if self.of:
            return [by_tag([(self.of, 0)])]
        after = [(choices, number) for number, choices in enumerate(self.items, 1)]
        return [by_tag(after[turn:]) for turn in range(len(after) + 1)]  # optional fields may be left out

    @cached_property
    def packed(self) -> Shape:
        """What holds one of these and nothing else: a file, or the bytes of a string."""
        return Shape(items=((Field(self.name, self),),))


@dataclass(frozen=True, eq=False)
class Field:
    """A named place in a SEQUENCE: what the RFC calls it, its type, what it is for, the clause, what breaks without."""

    label: str
    shape: Shape
    note: str = ""
    clause: str = ""
    breaks: str = ""


def by_tag(ahead: list[tuple[tuple[Field, ...], int]]) -> dict[int | None, tuple[Field, int]]:
    """The first field that may begin with each tag; behind one that takes any tag, no other has a turn."""
    found: dict[int | None, tuple[Field, int]] = {}
    for choices, turn in ahead:
        for choice in choices:
            for tag in choice.shape.tags or (None,):
                found.setdefault(tag, (choice, turn))
            if None in found:
                return found
    return found


GUESS = Shape("whatever it is")  # may be DER inside, may be not
ANY = Shape("ANY", holds=GUESS)


def simple(name, *tags, **more) -> Shape:
    """A type that holds no elements."""
    return Shape(name, tags=frozenset(tags), kind=tags[0], **more)


def sequence(name, *items, tag=0x30, **more) -> Shape:
    """SEQUENCE { … }. An item is a Field, or a tuple of Fields of which one is there (a CHOICE)."""
    return Shape(name, tags=frozenset({tag}), kind=tag, items=tuple(i if isinstance(i, tuple) else (i,) for i in items), **more)


def sequence_of(name, *choices, tag=0x30, **more) -> Shape:
    """SEQUENCE OF, SET OF: any number of the same."""
    return Shape(name, tags=frozenset({tag}), kind=tag, of=choices, **more)


def explicit(number: int, *choices: Shape | Field) -> Shape:
    """[n] EXPLICIT: a box of its own around the element."""
    inside = tuple(c if isinstance(c, Field) else Field(c.name, c) for c in choices)
    return Shape(f"[{number}]", tags=frozenset({0xA0 | number}), items=(inside,), text=first_text)


def implicit(number: int, shape: Shape) -> Shape:
    """[n] IMPLICIT: the tag in place of the type's own, so the bytes no longer say the type."""
    return replace(shape, tags=frozenset({(0xA0 if shape.items or shape.of else 0x80) | number}))


# -- summaries of whole boxes


def first_text(node: Node) -> str:
    return node.children[0].text if node.children else ""


def text_of(node: Node | None, label: str) -> str:
    found = next((child for child in node.children if child.label == label), None) if node else None
    return found.text if found else ""


def listed(node: Node) -> str:
    shown = ", ".join(child.text for child in islice(node.children, 6))
    return shown + (", …" if len(node.children) > 6 else "")


def labels(node: Node) -> str:
    shown = ", ".join(child.label for child in islice(node.children, 12))
    return shown + (", …" if len(node.children) > 12 else "")


def counted(word: str):
    return lambda node: plural(len(node.children), word)


def name_text(node: Node) -> str:
    """A name as 'CN=Class Root, O=Padlock', in the order of the bytes."""
    parts = [f"{SHORT.get(pair.label, pair.label)}={text_of(pair, 'value')}"
             for rdn in islice(node.children, 12) for pair in islice(rdn.children, 4)]
    return ", ".join(parts) + (", …" if len(node.children) > 12 else "") or "empty"


def oid_name(node: Node | None) -> str:
    oid = oid_among([node]) if node else None
    return NAMES.get(oid, oid or "")


def algorithm_text(node: Node) -> str:
    """'ecdsa-with-SHA256', or 'id-ecPublicKey, P-256'."""
    name = oid_name(node)
    if name == "id-ecPublicKey" and len(node.children) > 1:
        name += f", {oid_name(node.children[1])}" if node.children[1].tag == OID else ""
    return name


def key_text(node: Node) -> str:
    """'P-256', 'RSA, 2048 bits', 'Ed25519'."""
    algorithms = [child for child in node.children[:3] if child.shape is ALGORITHM]
    name = algorithm_text(algorithms[0]) if algorithms else ""
    modulus = node.find("modulus") if name == "rsaEncryption" else None
    if modulus:
        return f"RSA, {int.from_bytes(modulus.content, 'big').bit_length()} bits"
    return name.removeprefix("id-ecPublicKey, ")


def validity_text(node: Node) -> str:
    first, last = (moment(child) for child in node.children) if len(node.children) == 2 else (None, None)
    return plural(round((last - first).total_seconds() / 86400), "day") if first and last else ""


def subject_text(node: Node) -> str:
    """Whose certificate: the subject, or where that is empty the names in subjectAltName."""
    subject = text_of(node, "subject")
    if subject not in ("", "empty"):
        return subject
    for last in node.children[-1:]:
        for extension in last.children[0].children if last.label == "extensions" and last.children else ():
            if extension.label == "subjectAltName":
                return text_of(extension, "extnValue")
    return ""


def extension_text(node: Node) -> str:
    value = text_of(node, "extnValue")
    return f"critical · {value}" if text_of(node, "critical") == "TRUE" else value


def constraints_text(node: Node) -> str:
    limit = text_of(node, "pathLenConstraint")
    return ("CA:TRUE" if text_of(node, "cA") == "TRUE" else "CA:FALSE") + (f", pathlen:{limit}" if limit else "")


def address_text(node: Node) -> str:
    content = node.content
    half = len(content) // 2
    try:
        if len(content) in (8, 32):  # in nameConstraints: address and mask
            mask = int.from_bytes(content[half:], "big")
            ones = mask.bit_count()
            if mask == ((1 << ones) - 1) << (8 * half - ones):
                return f"{ipaddress.ip_address(content[:half])}/{ones}"
            return f"{ipaddress.ip_address(content[:half])} mask {ipaddress.ip_address(content[half:])}"
        return str(ipaddress.ip_address(content))
    except ValueError:
        return hexed(content)


def sct_text(node: Node) -> str:
    """How many SCTs: after two bytes of total length, each has two bytes of length (RFC 6962 §3.3)."""
    content, pos, count = node.content, 2, 0
    while pos + 2 <= len(content):
        pos, count = pos + 2 + int.from_bytes(content[pos : pos + 2], "big"), count + 1
    return f"{plural(count, 'signed certificate timestamp')}" if pos == len(content) else ""


# -- the simple types

INTEGER = simple("INTEGER", 0x02)
BOOL = simple("BOOLEAN", 0x01)
NULL = simple("NULL", 0x05)
OIDENT = simple("OBJECT IDENTIFIER", 0x06)
OCTETS = simple("OCTET STRING", 0x04)
BITS = simple("BIT STRING", 0x03)
IA5STRING = simple("IA5String", 0x16)
TIME = simple("Time", 0x17, 0x18)
GENERALTIME = simple("GeneralizedTime", 0x18)
DISPLAY_TEXT = simple("DisplayText", 0x0C, 0x16, 0x1A, 0x1E)

# -- algorithms, keys, signatures

CURVE = simple("namedCurve", 0x06, note="Which curve: both sides must know it by name.", clause="RFC 5480 §2.1.1")
PARAMETERS = Shape("parameters", by={"1.2.840.10045.2.1": CURVE}, holds=GUESS)
ALGORITHM = sequence(
    "AlgorithmIdentifier",
    Field("algorithm", OIDENT, "Which algorithm.", "RFC 5280 §4.1.1.2"),
    Field("parameters", PARAMETERS, "What else the algorithm needs to know: a curve's name, or NULL.", "RFC 5280 §4.1.1.2"),
    text=algorithm_text,
)
RSA_PUBLIC = sequence(
    "RSAPublicKey",
    Field("modulus", INTEGER, "n, the product of two secret primes. Its size is the size of the key.", "RFC 8017 §A.1.1"),
    Field("publicExponent", INTEGER, "e, nearly always 65537.", "RFC 8017 §A.1.1"),
    note="The two numbers of an RSA public key.", clause="RFC 8017 §A.1.1",
)
DSA_PUBLIC = replace(INTEGER, name="DSAPublicKey", clause="RFC 3279 §2.3.2")
RSA_PRIVATE = sequence(
    "RSAPrivateKey",
    *(Field(label, INTEGER, note, "RFC 8017 §A.1.2") for label, note in {
        "version": "0: two primes.",
        "modulus": "n, public.",
        "publicExponent": "e, public.",
        "privateExponent": "d: secret. With it one can sign.",
        "prime1": "p: secret. Whoever knows it knows the whole private key.",
        "prime2": "q: secret.",
        "exponent1": "d mod (p − 1): secret, makes signing faster.",
        "exponent2": "d mod (q − 1): secret, makes signing faster.",
        "coefficient": "The inverse of q mod p: secret, makes signing faster.",
    }.items()),
    note="An RSA private key with the numbers that make it fast.", clause="RFC 8017 §A.1.2",
)
EC_PRIVATE = sequence(
    "ECPrivateKey",
    Field("version", INTEGER, "Always 1.", "RFC 5915 §3"),
    Field("privateKey", OCTETS, "The secret number itself.", "RFC 5915 §3"),
    Field("parameters", explicit(0, CURVE), "Which curve.", "RFC 5915 §3"),
    Field("publicKey", explicit(1, Field("publicKey", BITS)), "The public half: a point on the curve.", "RFC 5915 §3"),
    note="A private key on a named curve.", clause="RFC 5915 §3",
)
CURVE_PRIVATE = replace(OCTETS, name="CurvePrivateKey", note="The secret itself, 32 bytes; 56 for X448, 57 for Ed448.", clause="RFC 8410 §7")
ECDSA_SIGNATURE = sequence(
    "ECDSA-Sig-Value",
    Field("r", INTEGER, "The first half: from a number that must be new and secret each time.", "RFC 3279 §2.2.3"),
    Field("s", INTEGER, "The second half: binds r, the private key and the signed bytes.", "RFC 3279 §2.2.3"),
    text=labels, note="An ECDSA signature is two numbers.", clause="RFC 3279 §2.2.3",
)
SIGNATURES = dict.fromkeys(
    ("1.2.840.10045.4.1", "1.2.840.10045.4.3.1", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4",
     "1.2.840.10040.4.3", "2.16.840.1.101.3.4.3.1", "2.16.840.1.101.3.4.3.2"), ECDSA_SIGNATURE)
EDWARDS = ("1.3.101.110", "1.3.101.111", "1.3.101.112", "1.3.101.113")  # X25519, X448, Ed25519, Ed448
RAW_KEYS = (*EDWARDS, "1.2.840.10045.2.1", *(f"2.16.840.1.101.3.4.3.{n}" for n in (17, 18, 19)),
            *(f"2.16.840.1.101.3.4.4.{n}" for n in (1, 2, 3)))
RSA, DSA = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.7"), "1.2.840.10040.4.1"
SIGNATURE_BITS = replace(BITS, holds={**SIGNATURES, **dict.fromkeys(("1.3.101.112", "1.3.101.113"))}, guess=frozenset())
PUBLIC_BITS = replace(BITS, holds={**dict.fromkeys(RSA, RSA_PUBLIC), DSA: DSA_PUBLIC, **dict.fromkeys(RAW_KEYS)})
PRIVATE_OCTETS = replace(OCTETS, holds={**dict.fromkeys(RSA, RSA_PRIVATE), "1.2.840.10045.2.1": EC_PRIVATE,
                                        **dict.fromkeys(EDWARDS, CURVE_PRIVATE)})
SPKI = sequence(
    "SubjectPublicKeyInfo",
    Field("algorithm", ALGORITHM, "Which kind of key.", "RFC 5280 §4.1.2.7"),
    Field("subjectPublicKey", PUBLIC_BITS, "The public key itself.", "RFC 5280 §4.1.2.7"),
    text=key_text, note="A public key and its kind.", clause="RFC 5280 §4.1.2.7",
)
PKCS8 = sequence(
    "PrivateKeyInfo",
    Field("version", replace(INTEGER, values={0: "v1", 1: "v2"}), "v2 if the public key is here too.", "RFC 5958 §2"),
    Field("privateKeyAlgorithm", ALGORITHM, "Which kind of key.", "RFC 5958 §2"),
    Field("privateKey", PRIVATE_OCTETS, "The secret. It is not encrypted: whoever reads this file has the key.", "RFC 5958 §2"),
    Field("attributes", Shape("Attributes", tags=frozenset({0xA0})), "More about the key; hardly ever used.", "RFC 5958 §2"),
    Field("publicKey", implicit(1, BITS), "The public half.", "RFC 5958 §2"),
    note="A private key with its kind, not encrypted.", clause="RFC 5958 §2", text=key_text,
)
ENCRYPTED_KEY = sequence(
    "EncryptedPrivateKeyInfo",
    Field("encryptionAlgorithm", ALGORITHM, "How a password becomes a key, and what that key encrypts with.", "RFC 5958 §3"),
    Field("encryptedData", replace(OCTETS, holds=None), "The private key, encrypted.", "RFC 5958 §3"),
    note="A private key that needs a password.", clause="RFC 5958 §3",
)

# -- names

ATTRIBUTES = {
    "2.5.4.3": ("commonName", "The name for humans. Browsers and Go do not look here for a host name (RFC 9525 §2); some clients still do where there is no SAN."),
    "2.5.4.4": ("surname", "A person's family name."),
    "2.5.4.5": ("serialNumber", "A number that tells two subjects of the same name apart; not the certificate's."),
    "2.5.4.6": ("countryName", "Two letters, ISO 3166."),
    "2.5.4.7": ("localityName", "A town."),
    "2.5.4.8": ("stateOrProvinceName", "A state or province."),
    "2.5.4.9": ("streetAddress", "A street."),
    "2.5.4.10": ("organizationName", "An organisation. Kubernetes reads a client's groups here."),
    "2.5.4.11": ("organizationalUnitName", "A department."),
    "2.5.4.12": ("title", "A title."),
    "2.5.4.17": ("postalCode", "A postal code."),
    "2.5.4.42": ("givenName", "A person's first name."),
    "2.5.4.97": ("organizationIdentifier", "An organisation's registration number."),
    "0.9.2342.19200300.100.1.25": ("domainComponent", "One label of a domain name, the last one first."),
    "0.9.2342.19200300.100.1.1": ("userId", "A user's id."),
    "1.2.840.113549.1.9.1": ("emailAddress", "An e-mail address; new certificates have it in subjectAltName."),
    "2.5.4.15": ("businessCategory", "The kind of organisation, in EV certificates."),
    "1.3.6.1.4.1.311.60.2.1.3": ("jurisdictionCountryName", "Where it is registered, in EV certificates."),
    "1.3.6.1.4.1.311.60.2.1.2": ("jurisdictionStateOrProvinceName", "Where it is registered, in EV certificates."),
    "1.3.6.1.4.1.311.60.2.1.1": ("jurisdictionLocalityName", "Where it is registered, in EV certificates."),
}
SHORT = {"commonName": "CN", "countryName": "C", "localityName": "L", "stateOrProvinceName": "ST",
         "organizationName": "O", "organizationalUnitName": "OU", "domainComponent": "DC", "userId": "UID",
         "streetAddress": "STREET"}
ATTRIBUTE = sequence(
    "AttributeTypeAndValue",
    Field("type", OIDENT, "Which part of the name this is.", "RFC 5280 §4.1.2.4"),
    Field("value", Shape("AttributeValue"), "That part of the name. The tag says in which alphabet it is written.", "RFC 5280 §4.1.2.4"),
    text=lambda node: text_of(node, "value"), clause="RFC 5280 §4.1.2.4",
)
ATTRIBUTE = replace(ATTRIBUTE, named={
    oid: Field(label, ATTRIBUTE, note, "RFC 5280 §4.1.2.4, §A.1") for oid, (label, note) in ATTRIBUTES.items()
})
RDN = sequence_of(
    "RelativeDistinguishedName", Field("AttributeTypeAndValue", ATTRIBUTE), tag=0x31, clause="RFC 5280 §4.1.2.4",
    note="One step of the name. A SET, since it may have more than one part; it nearly never has.",
    text=lambda node: ", ".join(f"{SHORT.get(p.label, p.label)}={p.text}" for p in islice(node.children, 4)),
)
NAME = sequence_of("Name", Field("RelativeDistinguishedName", RDN), text=name_text, clause="RFC 5280 §4.1.2.4",
                   note="A distinguished name: steps from the widest to the narrowest.")

SAN_CLAUSE = "RFC 5280 §4.2.1.6"
GENERAL_NAME = (
    Field("otherName", Shape("OtherName", tags=frozenset({0xA0}), items=((Field("type-id", OIDENT),), (Field("value", Shape("ANY")),))),
          "A name of a kind that its OID names.", SAN_CLAUSE),
    Field("rfc822Name", implicit(1, IA5STRING), "An e-mail address.", SAN_CLAUSE),
    Field("dNSName", implicit(2, IA5STRING), "A host name. This is what a client compares with the name it wanted (RFC 9525 §6).", SAN_CLAUSE,
          "If none of these is the name that the client wanted, it refuses, however good the rest is."),
    Field("x400Address", Shape("ORAddress", tags=frozenset({0xA3})), "An X.400 address.", SAN_CLAUSE),
    Field("directoryName", explicit(4, NAME), "A distinguished name.", SAN_CLAUSE),
    Field("ediPartyName", Shape("EDIPartyName", tags=frozenset({0xA5})), "A name in EDI.", SAN_CLAUSE),
    Field("uniformResourceIdentifier", implicit(6, IA5STRING), "A URI: where to fetch something, or a SPIFFE ID.", SAN_CLAUSE),
    Field("iPAddress", implicit(7, replace(OCTETS, text=address_text)), "An IP address as bytes: 4 for IPv4, 16 for IPv6.", SAN_CLAUSE),
    Field("registeredID", implicit(8, OIDENT), "An OID.", SAN_CLAUSE),
)
GENERAL_NAMES = sequence_of("GeneralNames", *GENERAL_NAME, text=listed, note="A list of names.", clause=SAN_CLAUSE)

# -- extensions: each once, with what it is for and what is inside

KEY_USAGE_BITS = ("digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement",
                  "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly")
REASON_BITS = ("unused", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
               "certificateHold", "privilegeWithdrawn", "aACompromise")
REASON = simple("CRLReason", 0x0A, values={
    0: "unspecified", 1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded",
    5: "cessationOfOperation", 6: "certificateHold", 8: "removeFromCRL", 9: "privilegeWithdrawn", 10: "aACompromise",
})
POINT_NAME = (
    Field("fullName", implicit(0, GENERAL_NAMES), "The whole address.", "RFC 5280 §4.2.1.13"),
    Field("nameRelativeToCRLIssuer", implicit(1, RDN), "One step below the issuer's name.", "RFC 5280 §4.2.1.13"),
)
CRL_POINTS = sequence_of("CRLDistributionPoints", Field("DistributionPoint", sequence(
    "DistributionPoint",
    Field("distributionPoint", explicit(0, *POINT_NAME), "Where the list is.", "RFC 5280 §4.2.1.13"),
    Field("reasons", implicit(1, replace(BITS, bits=REASON_BITS)), "For which reasons this list answers.", "RFC 5280 §4.2.1.13"),
    Field("cRLIssuer", implicit(2, GENERAL_NAMES), "Who signs the list, if not the issuer of the certificate.", "RFC 5280 §4.2.1.13"),
    text=first_text, clause="RFC 5280 §4.2.1.13"), "One place to fetch a list from."), text=listed, clause="RFC 5280 §4.2.1.13")
ACCESS = sequence_of("AccessDescriptions", Field("AccessDescription", sequence(
    "AccessDescription",
    Field("accessMethod", OIDENT, "What one gets there: an OCSP answer, or the issuer's certificate.", "RFC 5280 §4.2.2.1"),
    GENERAL_NAME, text=lambda node: f"{oid_name(node)} {node.children[-1].text}" if len(node.children) == 2 else "",
    clause="RFC 5280 §4.2.2.1")), text=listed)
SUBTREES = sequence_of("GeneralSubtrees", Field("GeneralSubtree", sequence(
    "GeneralSubtree", GENERAL_NAME,
    Field("minimum", implicit(0, INTEGER), "Always 0.", "RFC 5280 §4.2.1.10"),
    Field("maximum", implicit(1, INTEGER), "Never there.", "RFC 5280 §4.2.1.10"),
    text=first_text), "A name and all below it.", "RFC 5280 §4.2.1.10"), text=listed)
QUALIFIER = Shape("Qualifier", by={
    "1.3.6.1.5.5.7.2.1": replace(IA5STRING, name="CPSuri", note="Where the CA's practice statement is."),
    "1.3.6.1.5.5.7.2.2": sequence("UserNotice", Field("noticeRef", Shape("NoticeReference", tags=frozenset({0x30}))),
                                  Field("explicitText", DISPLAY_TEXT, "A text to show to a human; nobody shows it.")),
})
POLICIES = sequence_of("CertificatePolicies", Field("PolicyInformation", sequence(
    "PolicyInformation",
    Field("policyIdentifier", OIDENT, "By which rules the CA checked the subject.", "RFC 5280 §4.2.1.4"),
    Field("policyQualifiers", sequence_of("PolicyQualifiers", Field("PolicyQualifierInfo", sequence(
        "PolicyQualifierInfo", Field("policyQualifierId", OIDENT), Field("qualifier", QUALIFIER)))), "Where to read those rules.", "RFC 5280 §4.2.1.4"),
    text=first_text)), text=lambda node: ", ".join(oid_name(p) for p in islice(node.children, 6)))
PURPOSES = sequence_of("ExtKeyUsageSyntax", Field("KeyPurposeId", OIDENT, "One purpose that the key may be used for.", "RFC 5280 §4.2.1.12"),
                       text=lambda node: ", ".join(oid_name(p) for p in islice(node.children, 12)))
KEY_ID = replace(OCTETS, name="KeyIdentifier")
CRL_NUMBER = replace(INTEGER, name="CRLNumber")

EXTENSIONS = {  # OID: (name, what it is for, clause, what is inside)
    "2.5.29.14": ("subjectKeyIdentifier", "A short name for the subject's public key, mostly a hash of it. Certificates "
                  "that this key signs point here.", "RFC 5280 §4.2.1.2", replace(KEY_ID, name="SubjectKeyIdentifier")),
    "2.5.29.35": ("authorityKeyIdentifier", "Which key signed this: the same bytes as the CA's subjectKeyIdentifier. A hint "
                  "for finding the issuer, no proof.", "RFC 5280 §4.2.1.1", sequence(
        "AuthorityKeyIdentifier",
        Field("keyIdentifier", implicit(0, KEY_ID), "The issuer's subjectKeyIdentifier.", "RFC 5280 §4.2.1.1"),
        Field("authorityCertIssuer", implicit(1, GENERAL_NAMES), "The issuer of the issuer's certificate.", "RFC 5280 §4.2.1.1"),
        Field("authorityCertSerialNumber", implicit(2, INTEGER), "The serial number of the issuer's certificate.", "RFC 5280 §4.2.1.1"),
        text=first_text)),
    "2.5.29.15": ("keyUsage", "What the key may do: a bit for each use.", "RFC 5280 §4.2.1.3", replace(BITS, name="KeyUsage", bits=KEY_USAGE_BITS)),
    "2.5.29.37": ("extKeyUsage", "For which purposes: a TLS server, a TLS client, signing code.", "RFC 5280 §4.2.1.12", PURPOSES),
    "2.5.29.17": ("subjectAltName", "The names that this certificate is good for. Browsers and Go look for the host name "
                  "here and nowhere else.", "RFC 5280 §4.2.1.6", replace(GENERAL_NAMES, name="SubjectAltName")),
    "2.5.29.18": ("issuerAltName", "More names of the issuer.", "RFC 5280 §4.2.1.7", replace(GENERAL_NAMES, name="IssuerAltName")),
    "2.5.29.19": ("basicConstraints", "Is this a CA? Without TRUE here, nothing that its key signs is a certificate.",
                  "RFC 5280 §4.2.1.9", sequence(
        "BasicConstraints",
        Field("cA", BOOL, "TRUE: this key may sign certificates.", "RFC 5280 §4.2.1.9",
          breaks="If clients did not look for TRUE, the owner of one site's key could sign certificates for every other."),
        Field("pathLenConstraint", INTEGER, "How many CAs may stand between this one and the leaf.", "RFC 5280 §4.2.1.9",
          breaks="Without it a CA may make further CAs below it, and they others, unless a CA above it is limited."),
        text=constraints_text)),
    "2.5.29.30": ("nameConstraints", "The names that certificates below this CA may have, and may not have.", "RFC 5280 §4.2.1.10", sequence(
        "NameConstraints",
        Field("permittedSubtrees", implicit(0, SUBTREES), "Only names under these.", "RFC 5280 §4.2.1.10"),
        Field("excludedSubtrees", implicit(1, SUBTREES), "No names under these.", "RFC 5280 §4.2.1.10"),
        text=lambda node: " · ".join(f"{c.label.removesuffix('Subtrees')}: {c.text}" for c in node.children[:2]))),
    "2.5.29.31": ("cRLDistributionPoints", "Where the list of revoked certificates is.", "RFC 5280 §4.2.1.13", CRL_POINTS),
    "2.5.29.46": ("freshestCRL", "Where the newest changes to that list are.", "RFC 5280 §4.2.1.15", CRL_POINTS),
    "2.5.29.32": ("certificatePolicies", "By which rules the CA worked, each rule book an OID.", "RFC 5280 §4.2.1.4", POLICIES),
    "2.5.29.33": ("policyMappings", "Which policies of two CAs count as equal.", "RFC 5280 §4.2.1.5", sequence_of(
        "PolicyMappings", Field("PolicyMapping", sequence(
            "PolicyMapping", Field("issuerDomainPolicy", OIDENT), Field("subjectDomainPolicy", OIDENT))))),
    "2.5.29.36": ("policyConstraints", "From where on policies are required.", "RFC 5280 §4.2.1.11", sequence(
        "PolicyConstraints", Field("requireExplicitPolicy", implicit(0, INTEGER)), Field("inhibitPolicyMapping", implicit(1, INTEGER)))),
    "2.5.29.54": ("inhibitAnyPolicy", "From where on 'any policy' no longer counts.", "RFC 5280 §4.2.1.14", INTEGER),
    "2.5.29.9": ("subjectDirectoryAttributes", "More about the subject.", "RFC 5280 §4.2.1.8", None),
    "1.3.6.1.5.5.7.1.1": ("authorityInfoAccess", "Where to ask about this certificate (OCSP) and where the issuer's "
                          "certificate is.", "RFC 5280 §4.2.2.1", replace(ACCESS, name="AuthorityInfoAccessSyntax")),
    "1.3.6.1.5.5.7.1.11": ("subjectInfoAccess", "Where to find what the subject publishes.", "RFC 5280 §4.2.2.2", replace(ACCESS, name="SubjectInfoAccessSyntax")),
    "1.3.6.1.5.5.7.1.24": ("tlsFeature", "What the server must do in TLS; 5 is OCSP stapling ('must staple').", "RFC 7633 §4", sequence_of(
        "Features", Field("Feature", replace(INTEGER, values={5: "status_request (5)", 17: "status_request_v2 (17)"})), text=listed)),
    "1.3.6.1.4.1.11129.2.4.2": ("signedCertificateTimestamps", "Promises of public logs to show this certificate to everyone.",
                                "RFC 6962 §3.3", replace(OCTETS, name="SignedCertificateTimestampList", text=sct_text,
                                note="Not DER any more: a list in TLS's own encoding.", clause="RFC 6962 §3.3")),
    "1.3.6.1.4.1.11129.2.4.3": ("precertificatePoison", "This is a precertificate: for the logs, never for a handshake.", "RFC 6962 §3.1", NULL),
    "1.3.6.1.5.5.7.48.1.5": ("ocspNoCheck", "Do not ask whether this OCSP signer is revoked.", "RFC 6960 §4.2.2.2.1", NULL),
    "1.3.6.1.5.5.7.48.1.2": ("ocspNonce", "A number used once, so that an old answer can't be played again.", "RFC 9654 §2.1",
                             replace(OCTETS, name="Nonce")),
    "2.5.29.20": ("cRLNumber", "Counts the lists of this CA: a greater number is newer.", "RFC 5280 §5.2.3", CRL_NUMBER),
    "2.5.29.27": ("deltaCRLIndicator", "This list holds only the changes since that number.", "RFC 5280 §5.2.4", replace(CRL_NUMBER, name="BaseCRLNumber")),
    "2.5.29.28": ("issuingDistributionPoint", "What this list is about, and what it leaves out.", "RFC 5280 §5.2.5", sequence(
        "IssuingDistributionPoint",
        Field("distributionPoint", explicit(0, *POINT_NAME)),
        *(Field(label, implicit(n, replace(BITS, bits=REASON_BITS) if n == 3 else BOOL)) for n, label in enumerate(
            ("onlyContainsUserCerts", "onlyContainsCACerts", "onlySomeReasons", "indirectCRL", "onlyContainsAttributeCerts"), 1)))),
    "2.5.29.21": ("cRLReason", "Why it was revoked.", "RFC 5280 §5.3.1", REASON),
    "2.5.29.24": ("invalidityDate", "Since when the key is thought to be lost; may be before the revocation.", "RFC 5280 §5.3.2", GENERALTIME),
    "2.5.29.29": ("certificateIssuer", "Whose certificate it was, if another CA's.", "RFC 5280 §5.3.3", GENERAL_NAMES),
    "2.16.840.1.113730.1.1": ("netscapeCertType", "Netscape's old key usage. OpenSSL still obeys it.", "", replace(BITS, bits=(
        "sslClient", "sslServer", "smime", "objectSigning", "reserved", "sslCA", "smimeCA", "objectSigningCA"))),
    "2.16.840.1.113730.1.13": ("netscapeComment", "A text, from old versions of openssl.cnf.", "", IA5STRING),
}

EXTENSION_BREAKS = {  # what breaks without one, or with a wrong one
    "subjectAltName": "A server's certificate without it is refused by browsers and Go, whatever its CN says.",
    "basicConstraints": "If clients did not ask for CA:TRUE, the owner of one site's key could sign certificates for every other.",
    "keyUsage": "Where it is there without keyCertSign, what the key signs is no certificate; without digitalSignature the key is no "
                "good for TLS 1.3 (RFC 8446 §4.4.2.2).",
    "extKeyUsage": "Where it lists only clientAuth, clients refuse the certificate as a server's; the other way round, servers do.",
    "subjectKeyIdentifier": "Without it, whoever knows two CAs of one name has to try the key of each.",
    "authorityKeyIdentifier": "Without it, whoever knows two CAs of one name has to try the key of each. If it names another key, "
                              "OpenSSL does not find the issuer.",
    "nameConstraints": "Without them whoever steals this CA's key can sign for every name in the world.",
    "cRLDistributionPoints": "Without it a client must know by itself where the list is; many then check nothing.",
    "authorityInfoAccess": "Without the issuer's address, no client can fetch an intermediate that the server forgot to send.",
    "signedCertificateTimestamps": "Chrome, Safari and Firefox (on desktops since version 135) refuse a public CA's certificate unless such promises come in it, or beside it in the handshake.",
    "ocspNonce": "Without it an old 'good' can be played again until it ends.",
    "precertificatePoison": "Without it a promise to issue could be used as the certificate itself.",
}
EXTENSION = sequence(
    "Extension",
    Field("extnID", OIDENT, "Which extension this is.", "RFC 5280 §4.2"),
    Field("critical", BOOL, "TRUE: who does not know this extension must refuse the certificate. Not there means FALSE.", "RFC 5280 §4.2",
          breaks="Without it a client that does not know the extension steps over it, and a limit is no limit."),
    Field("extnValue", replace(
        OCTETS, holds={oid: inside for oid, (*_, inside) in EXTENSIONS.items() if inside}, guess=frozenset(range(1, 256))),
        "The extension itself: DER again, packed into bytes, so that a client can step over what it does not know.", "RFC 5280 §4.2"),
    text=extension_text, clause="RFC 5280 §4.2", note="An extension: its OID, whether it is critical, and its value.",
)
EXTENSION = replace(EXTENSION, named={
    oid: Field(label, EXTENSION, note, clause, EXTENSION_BREAKS.get(label, ""))
    for oid, (label, note, clause, _) in EXTENSIONS.items()
})
EXTENSION_LIST = sequence_of("Extensions", Field("Extension", EXTENSION), text=labels, clause="RFC 5280 §4.1.2.9",
                             note="The extensions, each a box of its own.")

# -- certificates

VERSION = replace(INTEGER, name="Version", values={0: "v1", 1: "v2", 2: "v3"}, clause="RFC 5280 §4.1.2.1",
                  note="0 is v1, 1 is v2, 2 is v3.")
VALIDITY = sequence(
    "Validity",
    Field("notBefore", TIME, "Not good before this moment. UTCTime has two digits for the year: 50 to 99 mean 19xx. From "
          "2050 on, GeneralizedTime is required.", "RFC 5280 §4.1.2.5",
          breaks="A client whose clock is earlier says 'not yet valid'. Often it is the clock that is wrong."),
    Field("notAfter", TIME, "Good up to and including this second. After it, clients refuse.", "RFC 5280 §4.1.2.5",
          breaks="From the next second on clients say 'expired', however good the rest is."),
    text=validity_text, clause="RFC 5280 §4.1.2.5",
)
UNIQUE = "An old way to tell two subjects of the same name apart. Do not use it."
TBS_CERTIFICATE = sequence(
    "TBSCertificate",
    Field("version", explicit(0, VERSION), "Only v3 may have extensions. Not there means v1.", "RFC 5280 §4.1.2.1",
          breaks="A v1 certificate has no extensions: no host name for a client to compare, no word on whether it is a CA."),
    Field("serialNumber", INTEGER, "The CA's number for this certificate: never given twice, and random, so that nobody can "
          "guess the bytes to be signed. Lists of revoked certificates name it.", "RFC 5280 §4.1.2.2 (unique); Baseline Requirements §7.1 (random)",
          breaks="Two certificates of one CA with one number can't be revoked apart: its list names them by number alone."),
    Field("signature", ALGORITHM, "How the CA signs. It must be the same as signatureAlgorithm below: this one is signed.", "RFC 5280 §4.1.2.3",
          breaks="A client refuses if it is not the same as signatureAlgorithm below: that one lies outside what is signed."),
    Field("issuer", NAME, "Who signed. It must match the subject of the CA's certificate (§7.1); public CAs copy the bytes.", "RFC 5280 §4.1.2.4",
          breaks="With another name here a client does not find who signed: 'unable to get local issuer certificate'."),
    Field("validity", VALIDITY, "From when to when.", "RFC 5280 §4.1.2.5",
          breaks="Without an end, a key stolen once would be good until every client has heard of it."),
    Field("subject", NAME, "Whose certificate it is. For a server it may be empty: its names are in subjectAltName.", "RFC 5280 §4.1.2.6",
          breaks="A CA can't do without: the certificates below it name it as their issuer."),
    Field("subjectPublicKeyInfo", SPKI, "The public key that the whole certificate is about. The private key is nowhere in here.", "RFC 5280 §4.1.2.7",
          breaks="With another key here the server's signature in the handshake does not fit (RFC 8446 §4.4.3)."),
    Field("issuerUniqueID", implicit(1, BITS), UNIQUE, "RFC 5280 §4.1.2.8"),
    Field("subjectUniqueID", implicit(2, BITS), UNIQUE, "RFC 5280 §4.1.2.8"),
    Field("extensions", explicit(3, EXTENSION_LIST), "What v3 added: for which names and uses, and by which rules.", "RFC 5280 §4.1.2.9",
          breaks="Without them there is no host name to compare, and nothing says whether this is a CA."),
    note="'To be signed': exactly these bytes are what the CA's signature covers. Change one and it no longer fits.",
    clause="RFC 5280 §4.1.1.1", text=subject_text,
)
CERTIFICATE = sequence(
    "Certificate",
    Field("tbsCertificate", TBS_CERTIFICATE),
    Field("signatureAlgorithm", ALGORITHM, "How the CA signed.", "RFC 5280 §4.1.1.2",
          breaks="With another algorithm here the signature does not fit, and it no longer equals the signed copy in tbsCertificate."),
    Field("signatureValue", SIGNATURE_BITS, "The CA's signature over tbsCertificate. Only the CA's private key can sign changed fields.", "RFC 5280 §4.1.1.3",
          breaks="Without a signature to check, anybody could write a certificate for any name."),
    note="Three parts: what is said, how it is signed, and the signature.", clause="RFC 5280 §4.1",
    text=first_text,
)

# -- certificate signing requests

ASKED = {  # attributes of a request: (name, what it is for, clause, what is in the SET)
    "1.2.840.113549.1.9.14": ("extensionRequest", "The extensions that the asker would like. The CA decides.", "RFC 2985 §5.4.2", EXTENSION_LIST),
    "1.2.840.113549.1.9.7": ("challengePassword", "A password for revoking later. Rarely used, and readable by anyone.", "RFC 2985 §5.4.1", None),
    "1.2.840.113549.1.9.2": ("unstructuredName", "A free name.", "RFC 2985 §5.4.3", None),
}
ASKED_VALUES = Shape("values", tags=frozenset({0x31}), by={
    oid: sequence_of("values", Field(inside.name, inside), tag=0x31, text=first_text)
    for oid, (*_, inside) in ASKED.items() if inside
}, text=first_text)
ASKED_ATTRIBUTE = sequence(
    "Attribute", Field("type", OIDENT, "Which attribute.", "RFC 2986 §4.1"),
    Field("values", ASKED_VALUES, "Its values; nearly always one.", "RFC 2986 §4.1"),
    text=lambda node: text_of(node, "values"), clause="RFC 2986 §4.1",
)
ASKED_ATTRIBUTE = replace(ASKED_ATTRIBUTE, named={
    oid: Field(label, ASKED_ATTRIBUTE, note, clause) for oid, (label, note, clause, _) in ASKED.items()
})
REQUEST_INFO = sequence(
    "CertificationRequestInfo",
    Field("version", replace(INTEGER, values={0: "v1"}), "Always 0, which is v1.", "RFC 2986 §4.1"),
    Field("subject", NAME, "Who asks.", "RFC 2986 §4.1"),
    Field("subjectPKInfo", SPKI, "The asker's public key. The private key stays at home.", "RFC 2986 §4.1",
          breaks="With another key here the request's signature no longer fits."),
    Field("attributes", sequence_of("Attributes", Field("Attribute", ASKED_ATTRIBUTE), tag=0xA0, text=labels),
          "What else is asked for.", "RFC 2986 §4.1",
          breaks="Without a subjectAltName among them the CA must know the host names from elsewhere."),
    note="What is asked for: exactly these bytes are signed.", clause="RFC 2986 §4.1", text=lambda node: text_of(node, "subject"),
)
REQUEST = sequence(
    "CertificationRequest",
    Field("certificationRequestInfo", REQUEST_INFO),
    Field("signatureAlgorithm", ALGORITHM, "How the asker signed.", "RFC 2986 §4.2"),
    Field("signature", SIGNATURE_BITS, "Made with the asker's own private key: it proves that the asker has it.", "RFC 2986 §4.2",
          breaks="Without it a stranger could ask for a certificate with your public key under their name."),
    note="A request for a certificate, signed by the key that it is about.", clause="RFC 2986 §4.2",
    text=first_text,
)

# -- lists of revoked certificates

REVOKED = sequence(
    "RevokedCertificate",
    Field("userCertificate", INTEGER, "The serial number of the revoked certificate.", "RFC 5280 §5.1.2.6"),
    Field("revocationDate", TIME, "When the CA revoked it.", "RFC 5280 §5.1.2.6"),
    Field("crlEntryExtensions", EXTENSION_LIST, "Why, for example.", "RFC 5280 §5.3"),
    text=first_text, clause="RFC 5280 §5.1.2.6", note="One revoked certificate.",
)
TBS_LIST = sequence(
    "TBSCertList",
    Field("version", VERSION, "v2, since it has extensions.", "RFC 5280 §5.1.2.1"),
    Field("signature", ALGORITHM, "How the CA signs; the same as signatureAlgorithm below.", "RFC 5280 §5.1.2.2"),
    Field("issuer", NAME, "Whose list this is.", "RFC 5280 §5.1.2.3"),
    Field("thisUpdate", TIME, "When the list was made.", "RFC 5280 §5.1.2.4"),
    Field("nextUpdate", TIME, "By when there is a newer one. After that this list no longer counts.", "RFC 5280 §5.1.2.5",
          breaks="Without an end, whoever stands between could show a list from before the revocation for ever."),
    Field("revokedCertificates", sequence_of("RevokedCertificates", Field("RevokedCertificate", REVOKED), text=counted("certificate")),
          "The revoked certificates, each by its serial number. Not there if there is none.", "RFC 5280 §5.1.2.6",
          breaks="A number that is not in it counts as not revoked."),
    Field("crlExtensions", explicit(0, EXTENSION_LIST), "About the list itself.", "RFC 5280 §5.1.2.7"),
    note="'To be signed': these bytes are what the signature covers.", clause="RFC 5280 §5.1.1.1", text=lambda node: text_of(node, "issuer"),
)
CERTIFICATE_LIST = sequence(
    "CertificateList",
    Field("tbsCertList", TBS_LIST),
    Field("signatureAlgorithm", ALGORITHM, "How the CA signed.", "RFC 5280 §5.1.1.2"),
    Field("signatureValue", SIGNATURE_BITS, "The CA's signature over tbsCertList.", "RFC 5280 §5.1.1.3",
          breaks="Without it whoever stands between could strike a number off the list."),
    note="A list of revoked certificates, signed.", clause="RFC 5280 §5.1",
    text=first_text,
)

# -- OCSP

OCSP_IN = "RFC 6960 §4.1.1"
CERT_ID = sequence(
    "CertID",
    Field("hashAlgorithm", ALGORITHM, "How the two hashes below are made.", OCSP_IN),
    Field("issuerNameHash", OCTETS, "A hash of the issuer's name.", OCSP_IN),
    Field("issuerKeyHash", OCTETS, "A hash of the issuer's public key.", OCSP_IN),
    Field("serialNumber", INTEGER, "The certificate's serial number.", OCSP_IN),
    note="Which certificate is meant.", clause=OCSP_IN,
)
OCSP_REQUEST = sequence(
    "OCSPRequest",
    Field("tbsRequest", sequence(
        "TBSRequest",
        Field("version", explicit(0, VERSION)),
        Field("requestorName", explicit(1, *GENERAL_NAME), "Who asks.", OCSP_IN),
        Field("requestList", sequence_of("Requests", Field("Request", sequence(
            "Request", Field("reqCert", CERT_ID), Field("singleRequestExtensions", explicit(0, EXTENSION_LIST))))),
            "The certificates that are asked about.", OCSP_IN),
        Field("requestExtensions", explicit(2, EXTENSION_LIST)), note="The question.", clause=OCSP_IN)),
    Field("optionalSignature", explicit(0, Shape("Signature", tags=frozenset({0x30}))), "Hardly ever there.", OCSP_IN),
    note="A question: are these certificates revoked?", clause=OCSP_IN,
)
OCSP_OUT = "RFC 6960 §4.2.1"
STATUS = (
    Field("good", implicit(0, replace(NULL, text=lambda node: "good")), "Not revoked.", OCSP_OUT),
    Field("revoked", implicit(1, sequence(
        "RevokedInfo", Field("revocationTime", GENERALTIME, "When.", OCSP_OUT), Field("revocationReason", explicit(0, REASON), "Why.", OCSP_OUT),
        text=first_text)), "Revoked.", OCSP_OUT),
    Field("unknown", implicit(2, replace(NULL, text=lambda node: "unknown")), "The responder does not know this certificate.", OCSP_OUT),
)
BASIC_RESPONSE = sequence(
    "BasicOCSPResponse",
    Field("tbsResponseData", sequence(
        "ResponseData",
        Field("version", explicit(0, VERSION)),
        (Field("byName", explicit(1, NAME), "Who answers, by name.", OCSP_OUT), Field("byKey", explicit(2, KEY_ID), "Who answers, by the hash of its key.", OCSP_OUT)),
        Field("producedAt", GENERALTIME, "When the answer was signed.", OCSP_OUT),
        Field("responses", sequence_of("Responses", Field("SingleResponse", sequence(
            "SingleResponse", Field("certID", CERT_ID), STATUS,
            Field("thisUpdate", GENERALTIME, "When this was known to be so.", OCSP_OUT),
            Field("nextUpdate", explicit(0, GENERALTIME), "By when there is a newer answer.", OCSP_OUT),
            Field("singleExtensions", explicit(1, EXTENSION_LIST))))), "One answer for each certificate.", OCSP_OUT),
        Field("responseExtensions", explicit(1, EXTENSION_LIST)), note="What is said: these bytes are signed.", clause=OCSP_OUT)),
    Field("signatureAlgorithm", ALGORITHM, "How it is signed.", OCSP_OUT),
    Field("signature", SIGNATURE_BITS, "The signature of the CA, or of a responder that the CA named.", OCSP_OUT),
    Field("certs", explicit(0, sequence_of("Certificates", Field("Certificate", CERTIFICATE))), "Certificates that help to check it.", OCSP_OUT),
    clause=OCSP_OUT, note="The answer, signed.",
)
OCSP_RESPONSE = sequence(
    "OCSPResponse",
    Field("responseStatus", simple("OCSPResponseStatus", 0x0A, values={
        0: "successful", 1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized"}),
        "Whether there is an answer at all. Only what lies below says 'good' or 'revoked'.", OCSP_OUT),
    Field("responseBytes", explicit(0, sequence(
        "ResponseBytes", Field("responseType", OIDENT, "The kind of answer.", OCSP_OUT),
        Field("response", replace(OCTETS, holds={"1.3.6.1.5.5.7.48.1.1": BASIC_RESPONSE}), "The answer, packed into bytes.", OCSP_OUT)))),
    note="An answer about revocation.", clause=OCSP_OUT, text=first_text,
)

# -- what `parse` can recognise, and by which tags

KINDS = {shape.name: shape for shape in (
    CERTIFICATE, REQUEST, CERTIFICATE_LIST, SPKI, PKCS8, ENCRYPTED_KEY, EC_PRIVATE, RSA_PRIVATE, RSA_PUBLIC,
    ECDSA_SIGNATURE, OCSP_REQUEST, OCSP_RESPONSE, NAME, EXTENSION_LIST, GENERAL_NAMES,
)}
SIGNS = (  # tags in the outer SEQUENCE, in the first box in it, or of the first boxes on the way in
    ("PrivateKeyInfo", "outer", "02 30 04"),
    ("RSAPrivateKey", "outer", "02( 02){8}"),
    ("ECPrivateKey", "outer", "02 04( a0| a1|$)"),
    ("OCSPResponse", "outer", "0a( a0|$)"),
    ("EncryptedPrivateKeyInfo", "outer", "30 04$"),
    ("SubjectPublicKeyInfo", "outer", "30 03$"),
    ("Certificate", "inner", "a0 02( 30|$)"),
    ("Certificate", "inner", "02 30 30 30"),
    ("CertificateList", "inner", "(02 )?30 30 1[78]"),
    ("CertificationRequest", "inner", "02 30 30( a0|$)"),
    ("OCSPRequest", "spine", "30 30 30 30 30 06"),
)

# -- what OIDs are called

NAMES = {
    **{oid: name for oid, (name, *_) in (ATTRIBUTES | EXTENSIONS | ASKED).items()},
    "1.2.840.113549.1.1.1": "rsaEncryption", "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption", "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.7": "id-RSAES-OAEP", "1.2.840.113549.1.1.8": "id-mgf1", "1.2.840.113549.1.1.10": "id-RSASSA-PSS",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption", "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10045.2.1": "id-ecPublicKey", "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224", "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384", "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.2.840.10045.3.1.1": "P-192", "1.3.132.0.33": "P-224", "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521", "1.3.132.0.10": "secp256k1", "1.2.840.10040.4.1": "id-dsa",
    "1.2.840.10040.4.3": "id-dsa-with-sha1", "2.16.840.1.101.3.4.3.1": "id-dsa-with-sha224",
    "2.16.840.1.101.3.4.3.2": "id-dsa-with-sha256",
    "1.3.101.110": "X25519", "1.3.101.111": "X448", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65", "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
    "2.16.840.1.101.3.4.4.1": "ML-KEM-512", "2.16.840.1.101.3.4.4.2": "ML-KEM-768", "2.16.840.1.101.3.4.4.3": "ML-KEM-1024",
    "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512", "1.2.840.113549.1.5.13": "PBES2", "1.2.840.113549.1.5.12": "PBKDF2",
    "1.3.6.1.4.1.11591.4.11": "scrypt", "1.2.840.113549.2.9": "hmacWithSHA256", "2.16.840.1.101.3.4.1.42": "aes256-CBC",
    "2.16.840.1.101.3.4.1.2": "aes128-CBC",
    "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection", "1.3.6.1.5.5.7.3.8": "timeStamping", "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage", "1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "caIssuers",
    "1.3.6.1.5.5.7.48.1.1": "id-pkix-ocsp-basic", "1.3.6.1.5.5.7.2.1": "CPS", "1.3.6.1.5.5.7.2.2": "unotice",
    "2.5.29.32.0": "anyPolicy", "2.23.140.1.1": "extended-validated", "2.23.140.1.2.1": "domain-validated",
    "2.23.140.1.2.2": "organization-validated", "2.23.140.1.2.3": "individual-validated",
}
