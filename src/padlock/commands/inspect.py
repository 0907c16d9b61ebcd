"""`python -m padlock inspect FILE`: every element of a certificate, request, list, key or OCSP answer, or TLS bytes.

A private key's numbers are never printed. Exit status: 0 read, 1 read, but something in it is broken, 2 can't be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from padlock import der, reading, tls

READ, BROKEN = 0, 1
PUBLIC = {
    "Certificate", "CertificationRequest", "CertificateList", "OCSPResponse", "OCSPRequest",
    "SubjectPublicKeyInfo",
}  # fmt: skip
MOST_NODES = 20_000
MOST_LINES = 2_000


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "inspect",
        help="what is in this certificate, request, list, key, OCSP answer or TLS recording?",
        epilog="exit status: 0 read, 1 something in it is broken, 2 could not read",
    )
    parser.add_argument("file", help="PEM, DER or the bytes of TLS records; - reads what comes in")
    parser.add_argument(
        "--notes", action="store_true", help="what each element is for, and where that is written"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> tuple[str, int]:
    """(what to print, exit status). Raises ValueError or OSError, one sentence."""
    data = _bytes(asked.file)
    if b"-----BEGIN " in data:
        blocks = reading.pem_blocks(data)
    elif data[:1] in b"\x14\x15\x16\x17" and data[1:2] == b"\x03":
        return _records(data)
    elif data[:1] == b"\x30":
        blocks = [("", data)]
    else:
        raise ValueError(
            f"“{reading.visible(asked.file, 80)}” is neither PEM nor DER nor TLS records: PEM has a line "
            "-----BEGIN …-----, DER begins with the byte 30, a TLS record with 14 to 17 and then 03 (hexadecimal)."
        )
    if not blocks:
        raise ValueError("It has a line -----BEGIN …-----, but no whole PEM block: is its end missing?")
    parts = [_tree(label, block, asked.notes) for label, block in blocks]
    return "\n\n".join(words for words, _ in parts), BROKEN if any(bad for _, bad in parts) else READ


def _bytes(path: str) -> bytes:
    if path == "-":
        data = sys.stdin.buffer.read(reading.MAX_BYTES + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(reading.MAX_BYTES + 1)
    if len(data) > reading.MAX_BYTES:
        raise ValueError(f"More than {reading.MAX_BYTES // 1024:,} KiB are not read.")
    if not data:
        raise ValueError(f"“{reading.visible(path, 80)}” is empty.")
    return data


def _tree(label: str, data: bytes, notes: bool) -> tuple[str, bool]:
    kind = der.recognise(data)
    # What is not surely public may be a private key: then only names, lengths and object identifiers are shown.
    secret = "PRIVATE" in label or kind not in PUBLIC
    tree = der.parse(data, max_nodes=MOST_NODES)
    title = f"{kind or label or 'DER of no known kind'}, {len(data):,} bytes"
    lines = [title + (": no values are shown, as it is, or may be, a private key" if secret else "")]
    waiting = [(tree, 0)]
    while waiting and len(lines) < MOST_LINES:
        node, depth = waiting.pop()
        head = f"{node.offset:5}  {'  ' * depth}{node.label}"
        if node.label != node.type:
            head += f"  {node.type}"
        lines.append(f"{head}  {_what(node, secret)}".rstrip())
        if notes and node.note:
            clause = f" [{node.clause}]" if node.clause else ""
            lines.append(f"       {'  ' * depth}· {node.note}{clause}")
        waiting.extend((child, depth + 1) for child in reversed(node.children))
    if waiting:
        lines.append("       …")
    return "\n".join(lines), bool(tree.errors())


def _what(node: der.Node, secret: bool) -> str:
    if secret:
        if node.error:
            return "✗ something is wrong here"
        if node.tag == 0x06:  # OBJECT IDENTIFIER: the algorithm, the curve
            return node.text
        return "" if node.children else f"({node.length} bytes)"
    return f"✗ {node.error}" if node.error else node.text


def _records(data: bytes) -> tuple[str, int]:
    """TLS bytes of one sender. Who spoke is in the first message: only a client says ClientHello (type 1)."""
    sender = "client" if data[5:6] == b"\x01" else "server"
    seen = tls.dissect([(sender, data)])
    lines = [f"TLS, {len(data):,} bytes from the {sender}"]
    for message in seen.messages:
        lines.append(f"{message.title}  ({len(message.raw):,} bytes, {message.protection})")
        for field in message.walk():
            if len(lines) >= MOST_LINES:
                break
            lines.append(f"{field.offset:5}    {field.label}  {reading.visible(field.text, 160)}".rstrip())
    lines += [f"! {problem}" for problem in seen.problems]
    return "\n".join(lines), BROKEN if seen.problems else READ
