"""Mutated certificates and CRLs through the judge: a verdict or `Unreadable`, in time, and never a false accept.

python tests/fuzz/fuzz_judge.py            200,000 cases, a new seed each time, which is printed
python tests/fuzz/fuzz_judge.py 5000 42    so many, with this seed
"""

from __future__ import annotations

import random
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import reading
from padlock.authority import Authority
from padlock.judge import judge
from padlock.look import verdict_card

CASES = 200_000
SLOW = 5.0  # seconds that one question may take
X509 = Path(cryptography_vectors.__file__).parent / "x509"


@dataclass
class Chain:
    """A good chain with CRLs, as bytes; one of its parts is going to be mutated."""

    parts: dict[str, bytes]  # "leaf", "ca", "root", "crl", "root crl"

    def ask(self, **mutated: bytes):
        parts = self.parts | mutated
        return judge(
            parts["leaf"],
            [parts["ca"]],
            [parts["root"]],
            "api.test",
            "server",
            crls=[parts["crl"], parts["root crl"]],
        )


@dataclass
class Tally:
    cases: int = 0
    accepted: int = 0
    refused: int = 0
    unreadable: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.cases:,} cases: {self.refused:,} refused, {self.unreadable:,} unreadable, {self.accepted:,} "
            f"accepted (nothing signed had changed), slowest {self.slowest:.2f} s, {len(self.failures)} failures"
        )


@cache
def chains() -> list[Chain]:
    """Several kinds of key and as many extensions as there are."""
    constraints = x509.NameConstraints(
        [x509.DNSName("test"), x509.RFC822Name("a.test"), x509.UniformResourceIdentifier(".a.test")],
        [x509.DNSName("evil.test"), x509.DirectoryName(x509.Name.from_rfc4514_string("O=Evil"))],
    )
    made = []
    for kind in ("p256", "ed25519", "rsa2048"):
        root = Authority("Root", key_kind=kind)
        ca = root.intermediate(
            "CA", key_kind=kind, name_constraints=constraints, crl_url="http://a.test/root.crl"
        )
        leaf = ca.issue(
            "api.test",
            "*.b.test",
            "10.0.0.7",
            "m@a.test",
            "spiffe://x.a.test/",
            crl_url="http://a.test/ca.crl",
        )
        ca.revoke(ca.issue("gone.test"), "keyCompromise")
        parts = {"leaf": leaf.certificate, "ca": ca.certificate, "root": root.certificate}
        parts |= {"crl": ca.crl(), "root crl": root.crl()}
        made.append(Chain({name: part.public_bytes(Encoding.DER) for name, part in parts.items()}))
    return made


@cache
def foreign() -> list[bytes]:
    """Certificates and CRLs of others, malformed ones too, as DER."""
    found = []
    for path in sorted(X509.rglob("*")):
        if path.suffix not in (".pem", ".der", ".crt", ".crl") or path.stat().st_size > 20_000:
            continue
        data = path.read_bytes()
        try:
            found += [der for _, der in reading.pem_blocks(data)] if b"-----BEGIN" in data else [data]
        except reading.Unreadable:
            continue
    return found


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to four small changes: bits, bytes, lengths and tags, pieces doubled, cut or taken from elsewhere."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at, kind = rng.randrange(len(data)), rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            data[at] = rng.choice(
                (0, 1, 2, 3, 5, 6, 0x0C, 0x13, 0x16, 0x1E, 0x30, 0x31, 0x7F, 0x80, 0x82, 0xA0, 0xFF)
            )
        elif kind == 3:
            del data[at : at + rng.randrange(1, 8)]
        elif kind == 4:
            data[at:at] = data[at : at + rng.randrange(1, 16)]
        elif kind == 5:  # a piece of the same length from elsewhere: often still parses
            length, source = rng.randrange(1, 12), rng.randrange(len(data))
            data[at : at + length] = data[source : source + length]
        else:
            data[at : at + 2] = data[at : at + 2][::-1]
        if not data:
            return b"\x30"
    return bytes(data)


def signed_part(data: bytes) -> bytes:
    """What the signature is over: it must be unchanged wherever a mutant is accepted."""
    try:
        return x509.load_der_x509_certificate(data).tbs_certificate_bytes
    except ValueError:
        return x509.load_der_x509_crl(data).tbs_certlist_bytes


def one(rng: random.Random, tally: Tally) -> None:
    chain = rng.choice(chains())
    part = rng.choice(list(chain.parts))
    original = chain.parts[part]
    strange = rng.random() < 0.25
    data = mutated(rng.choice(foreign()) if strange else original, rng)
    began = time.perf_counter()
    try:
        verdict = chain.ask(**{part: data})
        str(verdict)
        if rng.random() < 0.001:
            verdict_card(verdict)  # also what can't be read has to be shown
        if verdict.accepted:
            tally.accepted += 1
            # a trust anchor is trusted as it is: its own signature is never looked at
            if part != "root" and signed_part(data) != signed_part(original):
                tally.failures.append(f"false accept, {part}: {data.hex()}")
        else:
            tally.refused += 1
    except reading.Unreadable:
        tally.unreadable += 1
    except BaseException as error:  # a panic in Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        tally.failures.append(f"{traceback.format_exc()}\n{part}: {data.hex()}")
    took = time.perf_counter() - began
    tally.cases += 1
    tally.slowest = max(tally.slowest, took)
    if took > SLOW:
        tally.failures.append(f"took {took:.1f} s, {part}: {data.hex()}")


def fuzz(cases: int, seed: int) -> Tally:
    rng, tally = random.Random(seed), Tally()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while tally.cases < cases and len(tally.failures) < 10:
            one(rng, tally)
    return tally


def main(arguments: list[str]) -> int:
    cases = int(arguments[0]) if arguments else CASES
    seed = int(arguments[1]) if arguments[1:] else int(datetime.now(UTC).timestamp())
    print(
        f"seed {seed}: python tests/fuzz/fuzz_judge.py {cases} {seed} makes the same changes, to new keys",
        flush=True,
    )
    tally = fuzz(cases, seed)
    print(tally)
    for failure in tally.failures:
        print(f"\n{failure}")
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
