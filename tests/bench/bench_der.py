"""Reading certificates: `der.parse` beside a bare walk over the same boxes, and beside asn1crypto.

The walk knows no field: it steps from header to header, into constructed elements and into strings that hold elements,
and keeps offset, header, length, tag and children. asn1crypto's `.native` turns a certificate into Python values.
They take turns over every root that certifi brings, many times: the ratio of the best turns is what the code costs,
that of the middle ones what a busy machine makes of it.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import certifi

from padlock import der, reading

TURNS = 60
MOST = 5.0  # times as long as the bare walk


def walk(data: bytes, pos: int, end: int) -> list[tuple]:
    """The elements from `pos` to `end`, each (offset, header, length, tag, children). ValueError if they do not fit."""
    found = []
    while pos < end:
        start, tag, pos = pos, data[pos], pos + 1
        if tag & 0x1F == 0x1F:
            while data[pos] & 0x80:
                pos += 1
            pos += 1
        length, pos = data[pos], pos + 1
        if length >= 0x80:
            size = length & 0x7F
            length, pos = int.from_bytes(data[pos : pos + size], "big"), pos + size
        stop, children = pos + length, []
        if stop > end:
            raise ValueError(f"at byte {start}: too long")
        if tag & 0x20:
            children = walk(data, pos, stop)
        elif tag in (3, 4) and length:
            inside = pos + (tag == 3)
            if data[inside : inside + 1] in (b"\x30", b"\x04", b"\x03", b"\x01", b"\x02"):
                try:
                    children = walk(data, inside, stop)
                except (ValueError, IndexError):
                    children = []
        found.append((start, pos - start, length, tag, children))
        pos = stop
    return found


def count(elements: list[tuple]) -> int:
    return sum(1 + count(children) for *_, children in elements)


def contenders() -> dict[str, Callable[[bytes], object]]:
    found = {"walk": lambda data: walk(data, 0, len(data)), "der.parse": der.parse}
    try:
        from asn1crypto.x509 import Certificate
    except ImportError:
        print("asn1crypto is not installed, so it is not measured (pip install asn1crypto)")
    else:
        found["asn1crypto"] = lambda data: Certificate.load(data).native
    return found


def timed(asked: dict[str, Callable], documents: list[bytes]) -> dict[str, tuple[float, float]]:
    """Seconds for all documents, from the (best, middle) turn of each document: short turns are seldom disturbed."""
    best, middle = dict.fromkeys(asked, 0.0), dict.fromkeys(asked, 0.0)
    for data in documents:
        took = {name: [] for name in asked}
        for _ in range(TURNS):
            for name, ask in asked.items():
                began = time.perf_counter()
                ask(data)
                took[name].append(time.perf_counter() - began)
        for name, times in took.items():
            best[name] += min(times)
            middle[name] += statistics.median(times)
    return {name: (best[name], middle[name]) for name in asked}


def main() -> None:
    roots = [data for _, data in reading.pem_blocks(Path(certifi.where()).read_bytes())]
    assert len(roots) > 50, "certifi brings no roots"
    ours = sum(1 for data in roots for _ in der.parse(data).walk())
    bare = sum(count(walk(data, 0, len(data))) for data in roots)
    print(f"{len(roots)} roots: {ours:,} elements for der.parse, {bare:,} for the walk")
    took = timed(contenders(), roots)
    print(
        ", ".join(f"{name} {best / len(roots) * 1e6:.0f} µs" for name, (best, _) in took.items()) + " a root"
    )
    for other, aim in (("walk", f"at most {MOST:g}"), ("asn1crypto", "less than 1")):
        if other in took:
            best, middle = (a / b for a, b in zip(took["der.parse"], took[other], strict=True))
            print(f"  der.parse / {other}: {best:.2f} best, {middle:.2f} median (aim: {aim})")


if __name__ == "__main__":
    main()
