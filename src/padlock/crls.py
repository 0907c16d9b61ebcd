"""Lists of revoked certificates from ten entries to a million, and a filter that says the same in less room.

    crl = finish(long_crl(ca, 1_000_000))         # a real CRL, signed by the CA
    small = finish(Filter.of(serials, 0.01))      # "certainly not revoked", or "look it up"

Both go on in steps and say how far they are, because a page should not stand still meanwhile. `measure` compares
the two.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import der, keys
from padlock.authority import Authority

SERIAL = 16  # bytes; at most 20 (RFC 5280 §4.1.2.2), 64 random bits at least in public certificates
STEP = 20_000  # entries between two reports
MOST = 1_000_000
TRIED = 2_000  # numbers that nobody revoked, put to the filter

INTEGER, BIT_STRING, UTC_TIME, SEQUENCE = 0x02, 0x03, 0x17, 0x30


def finish(steps: Iterator[float]) -> Any:
    """What a function that goes on in steps returns, for those who don't look at the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def serial_numbers(count: int) -> list[int]:
    """So many serial numbers as a CA makes them: random, positive, none twice."""
    data = secrets.token_bytes(SERIAL * count)
    chosen = {int.from_bytes(data[at : at + SERIAL], "big") >> 1 or 1 for at in range(0, len(data), SERIAL)}
    while len(chosen) < count:
        chosen.add(secrets.randbits(8 * SERIAL - 1) or 1)
    return list(chosen)


def long_crl(ca: Authority, serials: Sequence[int]) -> Iterator[float]:
    """A CRL of `ca` that lists `serials`, revoked now, no reason given. Yields how far it is; returns the CRL.

    `cryptography`'s builder copies its list for every entry, which a million of them make endless. So an ordinary
    CRL of this CA is opened (RFC 5280 §5.1.2), its list of entries replaced, and the whole signed again.
    Raises ValueError for more than a million entries.
    """
    if len(serials) > MOST:
        raise ValueError(f"That are {len(serials):,} entries; this builds lists of at most {MOST:,}.")
    outer = der.parse(ca.crl().public_bytes(Encoding.DER), "CertificateList")
    parts = {node.label: node.raw for node in outer.children[0].children}
    revoked_at = parts["thisUpdate"]
    entries = bytearray()
    for at, serial in enumerate(serials):
        if at % STEP == 0:
            yield at / len(serials)
        number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")  # one bit more: it is not negative
        entries += element(SEQUENCE, element(INTEGER, number) + revoked_at)
    if entries:  # RFC 5280 §5.1.2.6: where nothing is revoked, the list must be absent
        parts["revokedCertificates"] = element(SEQUENCE, bytes(entries))
    order = (
        "version",
        "signature",
        "issuer",
        "thisUpdate",
        "nextUpdate",
        "revokedCertificates",
        "crlExtensions",
    )
    signed = element(SEQUENCE, b"".join(parts[name] for name in order if name in parts))
    signature = element(BIT_STRING, b"\0" + _sign(ca.private_key, signed))
    return x509.load_der_x509_crl(element(SEQUENCE, signed + outer.children[1].raw + signature))


def element(tag: int, content: bytes) -> bytes:
    """A DER element: tag, length, content (X.690 §8.1, §10.1)."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _sign(key, data: bytes) -> bytes:
    """As certificates and CRLs are signed: RSA with PKCS #1 v1.5, unlike in TLS 1.3."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), keys.digest_for(key))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(keys.digest_for(key)))
    return key.sign(data)


class Filter:
    """A Bloom filter: a row of bits in which every serial number sets a few, chosen by its hash.

    If one of its bits is unset, a number is certainly not in it. If all are set it is, or others have set them by
    chance: with the probability `wrong`. So it answers "not revoked" at once, and sends few people to the list.
    """

    def __init__(self, count: int, wrong: float):
        """For `count` numbers; `wrong`: the share of others that it may take for revoked, between 0 and 1."""
        if not 0 < wrong < 1:
            raise ValueError(f"The share of wrong answers lies between 0 and 1, not at {wrong}.")
        bits = max(8, math.ceil(-count * math.log(wrong) / math.log(2) ** 2))
        self.bits = bytearray((bits + 7) // 8)
        self.probes = max(1, round(-math.log2(wrong)))

    @classmethod
    def of(cls, serials: Sequence[int], wrong: float) -> Iterator[float]:
        """Yields how far it is; returns the filter."""
        made = cls(len(serials), wrong)
        for at, serial in enumerate(serials):
            if at % STEP == 0:
                yield at / len(serials)
            made.add(serial)
        return made

    def add(self, serial: int) -> None:
        for place in self._places(serial):
            self.bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, serial: int) -> bool:
        return all(self.bits[place >> 3] >> (place & 7) & 1 for place in self._places(serial))

    def _places(self, serial: int) -> list[int]:
        digest = hashlib.sha256(serial.to_bytes(21, "big", signed=True)).digest()
        first, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
        size = 8 * len(self.bits)
        return [(first + number * step) % size for number in range(self.probes)]


@dataclass(frozen=True)
class Measured:
    """entries; bytes of the CRL and of the filter; seconds to search the CRL once; the share of unrevoked numbers
    that the filter took for revoked, of those that were tried."""

    entries: int
    crl_bytes: int
    filter_bytes: int
    search: float
    mistaken: float


def measure(ca: Authority, count: int, wrong: float = 0.01) -> Iterator[tuple[float, str]]:
    """Make a CRL and a filter of `count` entries, use both. Yields (how far, what is done); returns a `Measured`."""
    yield 0.0, f"choosing {count:,} serial numbers"
    serials = serial_numbers(count)
    crl = yield from _part(long_crl(ca, serials), 0.05, 0.45, f"writing a CRL of {count:,} entries")
    made = yield from _part(Filter.of(serials, wrong), 0.5, 0.45, f"filling a filter with {count:,} numbers")
    yield 0.95, "searching"
    if serials[-1] not in made:
        raise AssertionError("a filter never overlooks what is in it")
    began = time.perf_counter()
    found = crl.get_revoked_certificate_by_serial_number(serials[-1])
    search = time.perf_counter() - began
    if found is None:
        raise AssertionError("what was listed is on the list")
    listed = set(serials)
    others = [number for number in serial_numbers(TRIED) if number not in listed]
    mistaken = sum(number in made for number in others) / len(others)
    return Measured(count, len(crl.public_bytes(Encoding.DER)), len(made.bits), search, mistaken)


def _part(steps: Iterator[float], start: float, share: float, words: str) -> Iterator[tuple[float, str]]:
    while True:
        try:
            yield start + share * next(steps), words
        except StopIteration as end:
            return end.value
