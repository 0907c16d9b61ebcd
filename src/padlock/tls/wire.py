"""What lies on the wire for anybody to see: TLS keeps the lengths and the kinds of its records in the open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .endpoint import Flight

# RFC 8446 §5.1. In TLS 1.3 every encrypted record calls itself application data, whatever it holds (§5.2).
KINDS = {20: "change_cipher_spec", 21: "alert", 22: "handshake", 23: "application_data"}

HEADER = 5  # bytes before a record's content: kind, version, length


class Record(NamedTuple):
    """kind: a word of KINDS; start: of its header in the data; length: bytes after the header."""

    kind: str
    start: int
    length: int


def records(data: bytes) -> list[Record]:
    """The TLS records in `data`. Raises ValueError, one sentence, where it is no whole number of them."""
    found, at = [], 0
    while at < len(data):
        header = data[at : at + HEADER]
        length = int.from_bytes(header[3:], "big")
        whole = len(header) == HEADER and at + HEADER + length <= len(data)
        if not whole or header[0] not in KINDS or header[1] != 3:
            raise ValueError(f"At byte {at} there is no TLS record.")
        found.append(Record(KINDS[data[at]], at, length))
        at += HEADER + length
    return found


def search(flights: Iterable[Flight], what: bytes) -> list[tuple[int, int]]:
    """Where `what` lies open: [(number of the flight, from 0; byte in it), …]. Raises ValueError for nothing at all."""
    if not what:
        raise ValueError("Give at least one byte to look for.")
    found = []
    for number, (_, data) in enumerate(flights):
        at = data.find(what)
        while at >= 0:
            found.append((number, at))
            at = data.find(what, at + len(what))
    return found
