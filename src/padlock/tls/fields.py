"""Reading a message's bytes and explaining them are one act here: each read carries its name, what the field is
for, and where that is written. So what you see can't drift from what the code does.

    def server_name(r):
        with r.vector(2, "server_name_list"):
            while r.left:
                r.uint(1, "name_type", NAME_TYPES)
                r.text(2, "host_name", "The name that the client wants to reach.", "RFC 6066 §3")

TLS has no tags as DER has (RFC 8446 §3): a reader must know what comes next. A length stands before whatever
has no fixed size, and that is all. Bytes that don't fit never raise: they become a `Field` with an `.error`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from padlock.reading import visible

from .numbers import named

MOST_TEXT = 200  # characters
MOST_HEX = 32  # bytes
MOST_FIELDS = 50_000  # with a length or in a list, in one message; an honest one has some hundreds


class Field:
    """A piece of a message: where it is, what it is called, what it says. `der.Node` reads the same way.

    offset          of its first byte in the message
    header_length   bytes of the length that stands before it; 0 if its size is fixed
    length          bytes of content
    label, type     as in the RFC's struct: 'legacy_version', 'uint16'
    value           int, bytes or str; None if it only holds other fields
    note, clause    what it is for, and where that is written
    inside          the kind of DER in it (`der.parse(field.content, field.inside)`), or None
    """

    __slots__ = (
        "_data",
        "_names",
        "_say",
        "children",
        "clause",
        "error",
        "header_length",
        "inside",
        "label",
        "length",
        "note",
        "offset",
        "type",
        "value",
    )

    def __init__(
        self, data, offset, header_length, length, label, type, value, note="", clause="", names=None
    ):
        self._data = data
        self.offset = offset
        self.header_length = header_length
        self.length = length
        self.label = label
        self.type = type
        self.value = value
        self.note = note
        self.clause = clause
        self._names: Mapping[int, Any] | None = names
        self._say: Callable[[Field], str] | None = None
        self.error: str | None = None
        self.inside: str | None = None
        self.children: list[Field] = []

    @property
    def end(self) -> int:
        """The offset just after its last byte."""
        return self.offset + self.header_length + self.length

    @property
    def raw(self) -> bytes:
        """All its bytes, the length before it included."""
        return self._data[self.offset : self.end]

    @property
    def content(self) -> bytes:
        """Its bytes without the length before them."""
        return self._data[self.offset + self.header_length : self.end]

    def rename(self, names: Mapping[int, Any]) -> None:
        """Let its number mean what it does in another table: what the table is may show only later in a message."""
        self._names = names

    @property
    def name(self) -> str:
        """What the number means ('TLS_AES_128_GCM_SHA256'), or what the field says."""
        if isinstance(self.value, int) and self._names is not None:
            return named(self._names, self.value, self.length)
        return self.text

    @property
    def text(self) -> str:
        """The content for a human, on one line. Control characters are shown, never obeyed."""
        if self._say:
            return visible(self._say(self), MOST_TEXT)
        if isinstance(self.value, int):
            if self._names is None:
                return str(self.value)
            return f"0x{self.value:0{2 * self.length}x} {named(self._names, self.value, self.length)}"
        if isinstance(self.value, str):
            return visible(self.value, MOST_TEXT)
        if isinstance(self.value, bytes):
            dots = f"… ({self.length:,} bytes)" if self.length > MOST_HEX else ""
            return (self.value[:MOST_HEX].hex(" ") + dots) or "empty"
        # a few are enough: the line is cut anyway
        return visible(", ".join(child.name for child in self.children[:24]) or "empty", MOST_TEXT)

    def walk(self) -> Iterator[Field]:
        """This field and all below it, in the order of their bytes."""
        yield self
        for child in self.children:
            if child.children:  # as deep as the readers nest, never deeper because of the bytes
                yield from child.walk()
            else:
                yield child

    def at(self, offset: int) -> Field | None:
        """The innermost field that byte `offset` belongs to."""
        if not self.offset <= offset < self.end:
            return None
        for child in self.children:
            if found := child.at(offset):
                return found
        return self

    def find(self, label: str) -> Field | None:
        """The first field with this label, itself included."""
        return next((field for field in self.walk() if field.label == label), None)

    def find_all(self, label: str) -> list[Field]:
        """Every field with this label."""
        return [field for field in self.walk() if field.label == label]

    def errors(self) -> list[Field]:
        """Every field with something wrong."""
        return [field for field in self.walk() if field.error]

    def __repr__(self) -> str:
        return f"<Field {self.label} at {self.offset}: {self.text}>"


class Cut(Exception):
    """There are fewer bytes than the next field needs. Never leaves this file's `Reader`."""

    def __init__(self, label: str, needed: int):
        self.label, self.needed = label, needed


class Reader:
    """Goes through a message from front to back; every read adds a `Field`."""

    def __init__(self, data: bytes):
        self.data = data
        self.at, self.end, self.count = 0, len(data), 0
        self.fields: list[Field] = []

    @property
    def left(self) -> int:
        """How many bytes are left in what is being read: the message, or the innermost vector."""
        return self.end - self.at

    def uint(
        self,
        size: int,
        label: str,
        note: str = "",
        clause: str = "",
        names: Mapping[int, Any] | None = None,
        type: str | None = None,
    ) -> int:
        """A number of `size` bytes, the highest first (RFC 8446 §3.3); `names`: what its values mean."""
        at = self.at
        if at + size > self.end:
            raise Cut(label, size)
        self.at = at + size
        value = int.from_bytes(self.data[at : self.at], "big")
        self.fields.append(
            Field(self.data, at, 0, size, label, type or f"uint{8 * size}", value, note, clause, names)
        )
        return value

    def fixed(
        self, size: int, label: str, note: str = "", clause: str = "", type: str | None = None
    ) -> bytes:
        """`size` bytes as they are."""
        at = self.at
        if at + size > self.end:
            raise Cut(label, size)
        self.at = at + size
        value = self.data[at : self.at]
        self.fields.append(
            Field(self.data, at, 0, size, label, type or f"opaque[{size}]", value, note, clause)
        )
        return value

    def rest(self, label: str, note: str = "", clause: str = "", type: str = "opaque") -> bytes:
        """All that is left, whatever it is."""
        return self.fixed(self.left, label, note, clause, type)

    def opaque(
        self,
        prefix: int,
        label: str,
        note: str = "",
        clause: str = "",
        inside: str | None = None,
        type: str | None = None,
    ) -> bytes:
        """Bytes after a length of `prefix` bytes (RFC 8446 §3.4)."""
        field = self._prefixed(prefix, label, type or f"opaque<0..2^{8 * prefix}-1>", note, clause)
        field.value = field.content
        field.inside = inside
        self.at = field.end
        return field.value

    def text(self, prefix: int, label: str, note: str = "", clause: str = "") -> str:
        """The same as text in ASCII; what isn't is kept as \\x.. ."""
        field = self._prefixed(prefix, label, f"opaque<0..2^{8 * prefix}-1>", note, clause)
        field.value = field.content.decode("ascii", "backslashreplace")
        self.at = field.end
        return field.value

    def vector(
        self,
        prefix: int,
        label: str,
        note: str = "",
        clause: str = "",
        type: str | None = None,
        say: Callable[[Field], str] | None = None,
    ) -> _Inside:
        """A length of `prefix` bytes, then fields, which the `with` block reads."""
        field = self._prefixed(prefix, label, type or f"vector<0..2^{8 * prefix}-1>", note, clause)
        field._say = say
        return _Inside(self, field)

    def group(
        self, label: str, note: str = "", clause: str = "", type: str = "struct", say: Any = None
    ) -> _Group:
        """Several fields under one label, with no bytes of its own: a struct."""
        field = Field(self.data, self.at, 0, self.left, label, type, None, note, clause)
        field._say = say
        self.fields.append(field)
        return _Group(self, field)

    def uints(
        self,
        prefix: int,
        size: int,
        label: str,
        one: str,
        note: str = "",
        clause: str = "",
        names: Mapping[int, Any] | None = None,
        notes: Mapping[int, str] | None = None,
    ) -> list[int]:
        """A length, then numbers of `size` bytes each, called `one`; `notes`: what some of them are for."""
        with self.vector(prefix, label, note, clause, f"{one}<0..2^{8 * prefix}-1>") as field:
            data, add, kind = self.data, self.fields.append, f"uint{8 * size}"
            at, end = self.at, self.end - size
            while at <= end:
                value = int.from_bytes(data[at : at + size], "big")
                about = notes.get(value, "") if notes else ""
                add(Field(data, at, 0, size, one, kind, value, about, clause if about else "", names))
                at += size
            self.at = at
            self.count += len(field.children)
            if self.left:
                raise Cut(one, size)
        return [child.value for child in field.children if child.label == one]

    def all(self, what: Callable[[Reader], Any]) -> None:
        """The whole message by `what`, with what is left over or missing marked as such."""
        try:
            what(self)
        except Cut as cut:
            self._cut(cut)
        self._left_over()

    def _prefixed(self, prefix: int, label: str, type: str, note: str, clause: str) -> Field:
        at = self.at
        self.count += 1
        if at + prefix > self.end or self.count > MOST_FIELDS:
            raise Cut(label, prefix)
        length = int.from_bytes(self.data[at : at + prefix], "big")
        there = self.end - at - prefix
        field = Field(self.data, at, prefix, min(length, there), label, type, None, note, clause)
        if length > there:
            field.error = f"at byte {at}: its length says {length:,} bytes, but only {there:,} are left"
        self.fields.append(field)
        return field

    def _cut(self, cut: Cut) -> None:
        what = f"at byte {self.at}: {cut.label} needs {cut.needed:,} bytes, {self.left:,} are left"
        if self.count > MOST_FIELDS:
            what = f"at byte {self.at}: there are too many fields to go on"
        field = Field(
            self.data, self.at, 0, self.left, cut.label, "unreadable", self.data[self.at : self.end]
        )
        field.error = what
        self.at = self.end
        self.fields.append(field)

    def _left_over(self) -> None:
        if self.left:
            field = Field(self.data, self.at, 0, self.left, "left over", "unreadable", None)
            field.value = field.raw
            field.error = f"at byte {self.at}: {self.left:,} bytes are left over here"
            self.at = self.end
            self.fields.append(field)


class _Inside:
    """What the `with` block reads goes into `field`, which ends where its length says; what doesn't fit is marked."""

    __slots__ = ("field", "outer", "reader")

    def __init__(self, reader: Reader, field: Field):
        self.reader, self.field = reader, field

    def __enter__(self) -> Field:
        reader, field = self.reader, self.field
        self.outer = reader.fields, reader.end
        reader.fields, reader.at, reader.end = field.children, field.offset + field.header_length, field.end
        return field

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        if kind is Cut:
            self.reader._cut(error)
        elif kind is not None:
            return False
        self.reader._left_over()
        self.reader.fields, self.reader.end = self.outer
        return True


class _Group:
    """What the `with` block reads goes into `field`, which ends where the block does."""

    __slots__ = ("field", "outer", "reader")

    def __init__(self, reader: Reader, field: Field):
        self.reader, self.field = reader, field

    def __enter__(self) -> Field:
        self.outer, self.reader.fields = self.reader.fields, self.field.children
        return self.field

    def __exit__(self, *_: Any) -> None:
        self.reader.fields = self.outer
        self.field.length = self.reader.at - self.field.offset
