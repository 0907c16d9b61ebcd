"""Flights as a capture file: Wireshark opens it and, with the key log inside, decrypts it.

TLS has seen no network here, or one that is gone. So Ethernet, IP and TCP around the bytes are made up, with
addresses that are kept for documentation (RFC 5737) and locally administered MAC addresses.
"""

from __future__ import annotations

import os
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .endpoint import Flight

MSS = 1460  # bytes of TCP payload in an Ethernet frame (RFC 9293 §3.7.1)
PORTS = {"client": 49152, "server": 443}
ADDRESSES = {"client": bytes([192, 0, 2, 1]), "server": bytes([192, 0, 2, 2])}
MACS = {"client": b"\x02\0\0\0\0\x01", "server": b"\x02\0\0\0\0\x02"}
OTHER = {"client": "server", "server": "client"}
FIN, SYN, PSH, ACK = 1, 2, 8, 16
STEP = 1000  # microseconds between two frames


def pcapng(flights: Iterable[Flight], keylog: str = "") -> bytes:
    """The file's bytes. keylog: NSS key log text; it goes into the file, which then decrypts by itself.

    Blocks: section header, Ethernet interface, Decryption Secrets (before the packets that need them), a packet for
    each frame; see the pcapng specification, draft-ietf-opsawg-pcapng §4.
    """
    blocks = [
        _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        _block(1, struct.pack("<HHI", 1, 0, 0)),  # link type 1: Ethernet; microseconds
    ]
    if keylog:
        log = keylog.encode("ascii")
        blocks.append(_block(10, struct.pack("<II", 0x544C534B, len(log)) + log))  # "TLSK"
    now = time.time_ns() // 1000
    for number, frame in enumerate(frames(flights)):
        at = now + number * STEP
        blocks.append(
            _block(6, struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, len(frame), len(frame)) + frame)
        )
    return b"".join(blocks)


def frames(flights: Iterable[Flight]) -> Iterator[bytes]:
    """Ethernet frames of one TCP connection: SYN, the flights in segments, each acknowledged, FIN."""
    sent = {"client": 1_000_000, "server": 2_000_000}  # the next sequence number of each

    def segment(sender: str, flags: int, payload: bytes = b"") -> bytes:
        other = sent[OTHER[sender]] if flags & ACK else 0
        frame = _frame(sender, sent[sender], other, flags, payload)
        sent[sender] = (sent[sender] + len(payload) + bool(flags & (SYN | FIN))) % 2**32
        return frame

    yield segment("client", SYN)
    yield segment("server", SYN | ACK)
    yield segment("client", ACK)
    for sender, data in flights:
        for at in range(0, len(data), MSS):
            part = data[at : at + MSS]
            yield segment(sender, ACK | (PSH if at + MSS >= len(data) else 0), part)
        yield segment(OTHER[sender], ACK)
    yield segment("client", FIN | ACK)
    yield segment("server", FIN | ACK)
    yield segment("client", ACK)


def _frame(sender: str, sequence: int, acknowledged: int, flags: int, payload: bytes) -> bytes:
    receiver = OTHER[sender]
    options = struct.pack("!BBH", 2, 4, MSS) if flags & SYN else b""
    offset = (20 + len(options)) // 4 << 4
    tcp = [PORTS[sender], PORTS[receiver], sequence, acknowledged, offset, flags, 65535, 0, 0]
    size = 20 + len(options) + len(payload)
    pseudo = ADDRESSES[sender] + ADDRESSES[receiver] + struct.pack("!BBH", 0, 6, size)
    tcp[7] = _checksum(pseudo + struct.pack("!HHIIBBHHH", *tcp) + options + payload)
    segment = struct.pack("!HHIIBBHHH", *tcp) + options + payload
    ip = [0x45, 0, 20 + size, 0, 0x4000, 64, 6, 0, ADDRESSES[sender], ADDRESSES[receiver]]
    ip[7] = _checksum(struct.pack("!BBHHHBBH4s4s", *ip))
    return MACS[receiver] + MACS[sender] + b"\x08\0" + struct.pack("!BBHHHBBH4s4s", *ip) + segment


def _checksum(data: bytes) -> int:
    """RFC 1071: the one's complement of the one's complement sum of 16-bit words."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _block(kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write_private(path: Any, data: bytes) -> Path:
    """Write a file that only you may read (mode 0600 from its first byte on), whole or not at all; replaces an old one.

    Whoever has a session's secrets can read the session. On Windows, the directory rules who may read the file.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path
