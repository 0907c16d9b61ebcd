"""Mutated certificates, requests, lists, keys, OCSP answers through `der.parse`: a tree with every byte once, in time.

python tests/fuzz/fuzz_der.py            250,000 cases, a new seed each time, which is printed
python tests/fuzz/fuzz_der.py 5000 42    so many, with this seed
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cryptography_vectors

from padlock import der, reading

sys.path.insert(0, str(Path(__file__).parents[1]))  # when it is run as a script

from fuzz.fuzz_judge import mutated

CASES = 250_000
SLOW = 2.0  # seconds that one document may take
PLACES = ("x509", "asymmetric", "pkcs7", "pkcs12")
BASE = Path(cryptography_vectors.__file__).parent


@dataclass
class Tally:
    cases: int = 0
    faulty: int = 0
    kinds: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.kinds.most_common(8))
        return (
            f"{self.cases:,} cases ({kinds}, …), {self.faulty:,} with a fault, slowest {self.slowest:.3f} s, "
            f"{len(self.failures)} failures"
        )


@cache
def documents() -> list[bytes]:
    """DER of every kind that the vectors have, well formed and not, one of each."""
    found = {}
    for place in PLACES:
        for path in sorted((BASE / place).rglob("*")):
            if not path.is_file() or path.stat().st_size > 20_000:
                continue
            data = path.read_bytes()
            try:
                blocks = (
                    [inside for _, inside in reading.pem_blocks(data)] if b"-----BEGIN" in data else [data]
                )
            except reading.Unreadable:
                continue
            found |= dict.fromkeys(block for block in blocks if block[:1] == b"\x30")
    return list(found)


def look(data: bytes) -> der.Node:
    """Ask the tree for all that it can say. AssertionError if a byte is missed or met twice."""
    tree, at = der.parse(data), 0
    for node in tree.walk():
        assert node.offset == at, f"byte {at}"
        at = node.own_end
        assert len(node.text) <= der.MOST
        assert node.text.isprintable()
        assert node.error is None or node.error.startswith("at byte ")
        assert isinstance(node.note + node.clause + node.breaks + node.type, str)
    assert at == len(data), f"{len(data) - at} bytes are in no node"
    assert tree.at(len(data) // 2) is not None
    assert tree.outline(40)
    return tree


def one(rng: random.Random, tally: Tally) -> None:
    data = mutated(rng.choice(documents()), rng)
    began = time.perf_counter()
    try:
        tree = look(data)
        tally.kinds[tree.label] += 1
        tally.faulty += any(node.error for node in tree.walk())
    except Exception:
        tally.failures.append(f"{traceback.format_exc()}\n{data.hex()}")
    took = time.perf_counter() - began
    tally.cases += 1
    tally.slowest = max(tally.slowest, took)
    if took > SLOW:
        tally.failures.append(f"took {took:.1f} s: {data.hex()}")


def fuzz(cases: int, seed: int) -> Tally:
    rng, tally = random.Random(seed), Tally()
    while tally.cases < cases and len(tally.failures) < 10:
        one(rng, tally)
    return tally


def main(arguments: list[str]) -> int:
    cases = int(arguments[0]) if arguments else CASES
    seed = int(arguments[1]) if arguments[1:] else int(datetime.now(UTC).timestamp())
    print(f"seed {seed}: python tests/fuzz/fuzz_der.py {cases} {seed} makes the same changes", flush=True)
    tally = fuzz(cases, seed)
    print(tally)
    for failure in tally.failures:
        print(f"\n{failure}")
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
