"""What keys are for: sign, check a signature, agree on a secret; and what each of these costs on this machine.

`padlock.keys` makes and keeps them. Here is one careful way of using each kind: TLS 1.3's, where it has one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, padding, rsa, x25519

from padlock import keys

# Kinds that agree on a secret and can't sign: kind -> how people call it. Two parties use them up in one meeting.
AGREEING = {"x25519": "X25519", "ml-kem-768": "ML-KEM-768", "ml-kem-1024": "ML-KEM-1024"}

_AGREEING = {
    "x25519": x25519.X25519PrivateKey.generate,
    "ml-kem-768": mlkem.MLKEM768PrivateKey.generate,
    "ml-kem-1024": mlkem.MLKEM1024PrivateKey.generate,
}


def make(kind: str):
    """A new private key of one of `keys.KINDS` or `AGREEING`. Raises ValueError for other kinds."""
    return _AGREEING[kind]() if kind in _AGREEING else keys.make(kind)


# --- Signing ------------------------------------------------------------------------------------------------


def sign(private_key, message: bytes) -> bytes:
    """The signature of `message`: RSA with PSS, as TLS 1.3 asks for (RFC 8446 §4.2.3), ECDSA, Ed25519 or ML-DSA."""
    if isinstance(private_key, rsa.RSAPrivateKey):
        return private_key.sign(message, _pss(), hashes.SHA256())
    if isinstance(private_key, ec.EllipticCurvePrivateKey):
        return private_key.sign(message, ec.ECDSA(keys.digest_for(private_key)))
    return private_key.sign(message)


def fits(public_key, signature: bytes, message: bytes) -> bool:
    """Whether `sign`, with the private half of this public key, made this signature over exactly this message."""
    try:
        if isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(signature, message, _pss(), hashes.SHA256())
        elif isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(signature, message, ec.ECDSA(keys.digest_for(public_key)))
        else:
            public_key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _pss() -> padding.PSS:
    return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


def flip(data: bytes, bit: int) -> bytes:
    """`data` with one bit changed; bit 0 is the lowest of the first byte. Raises IndexError where there is none."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# --- Sizes and times ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What one kind of key costs. Sizes in bytes, times in seconds (the median of several runs); None: not measured.

    `public` as in a certificate (DER SubjectPublicKeyInfo), `private` as in a file (DER PKCS #8, not encrypted).
    `made`: every single time that making a pair took.
    """

    kind: str
    name: str
    public: int
    private: int
    signature: int
    made: tuple[float, ...] = ()
    sign: float | None = None
    verify: float | None = None

    @property
    def make(self) -> float | None:
        return statistics.median(self.made) if self.made else None


def public_size(key) -> int:
    """Bytes of the public half of a private key, as DER SubjectPublicKeyInfo."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return len(key.public_key().public_bytes(serialization.Encoding.DER, spki))


def private_size(key) -> int:
    """Bytes of a private key as DER PKCS #8, not encrypted."""
    pkcs8, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return len(key.private_bytes(serialization.Encoding.DER, pkcs8, bare))


def measure(kind: str, budget: float = 0.05, pairs: int = 5) -> Iterator[tuple[str, Callable[[], object]]]:
    """Measure one kind that can sign: yields (what is done, a function that does it), at the end returns a `Cost`.

    Call each function before you ask for the next one, in this thread or another: so a page can show where it is.
    `budget`: seconds for signing, and as many for checking. `pairs`: made at most, at least two, in five times
    the budget.
    """
    name, message = keys.KINDS[kind], b"a message of thirty-two bytes..."
    found: list = []
    made: list[float] = []

    def one_pair() -> None:
        found[:], spent = _timed(lambda: keys.make(kind))
        made.append(spent)

    for number in range(1, pairs + 1):
        if number > 2 and sum(made) > 5 * budget:
            break
        yield f"{name}: making pair {number} of {pairs}", one_pair
    key = found[0]
    public, signature = key.public_key(), sign(key, message)
    cost = Cost(kind, name, public_size(key), private_size(key), len(signature), tuple(made))
    times: dict[str, float] = {}

    def signing() -> None:
        times["sign"] = _median(lambda: sign(key, message), budget)

    def checking() -> None:
        times["verify"] = _median(lambda: fits(public, signature, message), budget)

    yield f"{name}: signing", signing
    yield f"{name}: checking signatures", checking
    return replace(cost, **times)


def _timed(work: Callable) -> tuple[list, float]:
    start = time.perf_counter()
    result = work()
    return [result], time.perf_counter() - start


def _median(work: Callable, budget: float) -> float:
    """Seconds that `work` takes: the median of at least three runs, more while the budget lasts."""
    work()  # the first run loads things
    times: list[float] = []
    end = time.perf_counter() + budget
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 2000):
        times.append(_timed(work)[1])
    return statistics.median(times)
