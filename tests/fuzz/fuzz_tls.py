"""Mutated flights and key logs through the dissector: a transcript, in time, whose fields cover every byte once.

python tests/fuzz/fuzz_tls.py            500,000 cases, a new seed each time, which is printed
python tests/fuzz/fuzz_tls.py 5000 42    so many, with this seed
"""

from __future__ import annotations

import random
import sys
import time
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from padlock import tls
from padlock.authority import Authority
from padlock.tls import messages
from padlock.tls.fields import Field

CASES = 500_000
SLOW = 2.0  # seconds that one case may take
MOST = 400  # fields for each byte; what is bounded by the input can't fill the memory


@dataclass
class Tally:
    cases: int = 0
    messages: int = 0
    with_problems: int = 0
    with_errors: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.cases:,} cases, {self.messages:,} messages: {self.with_problems:,} cases with problems, "
            f"{self.with_errors:,} with broken fields, slowest {self.slowest:.2f} s, {len(self.failures)} failures"
        )


@cache
def honest() -> list[tls.Transcript]:
    """Real handshakes of several kinds."""
    root = Authority("Root")
    leaf, client = root.issue("api.test"), root.issue("client.test", purpose="client")
    roots = [root.certificate]
    return [
        tls.handshake(leaf, roots, "api.test", version=version, client=who, send=b"question", reply=b"answer")
        for version in ("1.3", "1.2")
        for who in (None, client)
    ] + [tls.handshake(leaf, [Authority("Other").certificate], "api.test")]


@cache
def whole() -> list[tuple[str, bytes, messages.Context]]:
    """Decrypted messages: changes there would never get through the record layer."""
    found = []
    for transcript in honest():
        for message in transcript.messages:
            if message.name not in ("Alert", "ApplicationData", "ChangeCipherSpec"):
                found.append((message.name, message.raw, message.context))
    return found


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to four small changes: bits, bytes, lengths, pieces doubled, cut or moved."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if not data:
            return bytes(rng.randrange(256) for _ in range(rng.randrange(12)))
        at, kind = rng.randrange(len(data)), rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice(
                (0, 1, 2, 3, 0x0B, 0x10, 0x14, 0x15, 0x16, 0x17, 0x18, 0x29, 0x33, 0x80, 0xFF)
            )
        elif kind == 2:
            del data[at : at + rng.randrange(1, 8)]
        elif kind == 3:
            data[at:at] = data[at : at + rng.randrange(1, 200)]
        elif kind == 4:
            length, source = rng.randrange(1, 40), rng.randrange(len(data))
            data[at : at + length] = data[source : source + length]
        elif kind == 5:
            del data[at:]
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 6)))
    return bytes(data)


def covers(fields: Iterable[Field], start: int, end: int) -> int:
    """How many fields there are. AssertionError unless they cover the bytes from `start` to `end` once."""
    count = 0
    for one in fields:
        assert one.offset == start, f"{one.label} begins at {one.offset}, not {start}"
        if one.children:
            count += covers(one.children, start + one.header_length, one.end)
        assert isinstance(one.text, str)
        start, count = one.end, count + 1
    assert start == end, f"fields end at {start}, not {end}"
    return count


def ask(flights, keylog: str, tally: Tally) -> None:
    transcript = tls.dissect(flights, keylog)
    broken, count, size = False, 0, sum(len(data) for _, data in flights)
    for message in transcript.messages:
        assert message.title
        assert isinstance(message.verification, str)
        count += covers(message.fields, 0, len(message.raw))
        broken = broken or any(one.error for one in message.walk())
    assert count <= MOST + MOST * size
    str(transcript.schedule)
    tally.messages += len(transcript.messages)
    tally.with_problems += bool(transcript.problems)
    tally.with_errors += broken


def one(rng: random.Random, tally: Tally) -> None:
    transcript = rng.choice(honest())
    flights, keylog = list(transcript.flights), transcript.keylog
    kind = rng.random()
    began = time.perf_counter()
    case: object = None
    try:
        if kind < 0.5:  # a decrypted message
            _, raw, context = rng.choice(whole())
            case = raw = mutated(raw, rng)
            fields = messages.read(
                raw, context._replace(version=rng.choice((context.version, 0x0303, 0x0304)))
            )
            covers(fields, 0, len(raw))
            tally.messages += 1
            tally.with_errors += any(inner.error for top in fields for inner in top.walk())
        else:
            number = rng.randrange(len(flights))
            if kind < 0.8:
                flights[number] = (flights[number][0], mutated(flights[number][1], rng))
            elif kind < 0.9:  # in another order, doubled, missing, from the other side, of another handshake
                other = rng.choice(honest()).flights
                flights[number:number] = rng.sample(other, rng.randrange(len(other)))
                rng.shuffle(flights)
            else:
                keylog = mutated(keylog.encode(), rng).decode("latin-1")
            case = flights, keylog
            ask(flights, keylog, tally)
    except BaseException as error:  # a panic in Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        tally.failures.append(f"{traceback.format_exc()}\n{case!r}")
    took = time.perf_counter() - began
    tally.cases += 1
    tally.slowest = max(tally.slowest, took)
    if took > SLOW:
        tally.failures.append(f"took {took:.1f} s: {case!r}")


def fuzz(cases: int, seed: int) -> Tally:
    rng, tally = random.Random(seed), Tally()
    honest(), whole()  # made once, outside the time of any case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while tally.cases < cases and len(tally.failures) < 10:
            one(rng, tally)
    return tally


def main(arguments: list[str]) -> int:
    cases = int(arguments[0]) if arguments else CASES
    seed = int(arguments[1]) if arguments[1:] else int(datetime.now(UTC).timestamp())
    print(
        f"seed {seed}: python tests/fuzz/fuzz_tls.py {cases} {seed} makes the same changes, to new keys",
        flush=True,
    )
    tally = fuzz(cases, seed)
    print(tally)
    for failure in tally.failures:
        print(f"\n{failure[:4000]}")
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
