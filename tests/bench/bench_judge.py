"""Judging a chain of three certificates: the judge, with every reason, beside verifiers that stop at the first error.

Each starts from DER, so that nobody profits from what another has read. Best of several rounds, in turns.
"""

import asyncio
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store

from padlock.authority import Authority
from padlock.judge import judge

ROUNDS, TIMES = 15, 40
MOST = 4.0  # times as long as `cryptography`'s verifier
NOW = datetime.now(UTC)


def chain(kind: str, between: int = 1) -> list[bytes]:
    """Leaf first, the root last."""
    above = root = Authority("Root", key_kind=kind, path_length=None)
    for number in range(between):
        above = above.intermediate(f"CA {number}", key_kind=kind, path_length=None)
    found = [*above.issue("api.test", key_kind=kind).chain, root.certificate]
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


def ours(ders: list[bytes]) -> None:
    leaf, *between, root = map(x509.load_der_x509_certificate, ders)
    assert judge(leaf, between, [root], "api.test", "server", NOW).accepted


def theirs(ders: list[bytes]) -> None:
    leaf, *between, root = map(x509.load_der_x509_certificate, ders)
    policy = PolicyBuilder().store(Store([root])).time(NOW)
    policy.build_server_verifier(x509.DNSName("api.test")).verify(leaf, between)


def certvalidator() -> Callable | None:
    """pyhanko-certvalidator's answer to the same question, or None where it is not installed."""
    try:
        from asn1crypto.x509 import Certificate
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
    except ImportError:
        return None

    def ask(ders: list[bytes]) -> None:
        leaf, *between, root = map(Certificate.load, ders)
        context = ValidationContext(trust_roots=[root], other_certs=between, moment=NOW, allow_fetching=False)
        validator = CertificateValidator(leaf, between, validation_context=context)
        asyncio.run(
            validator.async_validate_usage({"digital_signature"}, {"server_auth"})
        )  # it checks no host names

    return ask


def best(asked: dict[str, Callable], ders: list[bytes]) -> dict[str, float]:
    """Seconds for one question, the best round of each. In turns, so that a busy machine is busy for all."""
    found = dict.fromkeys(asked, float("inf"))
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            began = time.perf_counter()
            for _ in range(TIMES):
                ask(ders)
            found[name] = min(found[name], (time.perf_counter() - began) / TIMES)
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    asked = {"judge": ours, "cryptography": theirs, "pyhanko-certvalidator": certvalidator()}
    if asked["pyhanko-certvalidator"] is None:
        print(
            "pyhanko-certvalidator is not installed, so it is not measured (pip install pyhanko-certvalidator)"
        )
        del asked["pyhanko-certvalidator"]
    for kind in ("p256", "rsa2048"):
        took = best(asked, chain(kind))
        print(f"3 certificates, {kind}: " + ", ".join(f"{name} {took[name] * 1e6:.0f} µs" for name in took))
        for name in list(took)[1:]:
            print(
                f"  judge / {name}: {took['judge'] / took[name]:.2f}"
                + (f" (aim: at most {MOST})" if name == "cryptography" else "")
            )
    lengths = {
        between: best({"judge": ours}, chain("p256", between))["judge"] for between in (2, 4, 8, 16, 32)
    }
    print("a certificate more, in a chain of n: " + ", ".join(
        f"{n + 2}: {took / (n + 2) * 1e6:.0f} µs each" for n, took in lengths.items()))  # fmt: skip


if __name__ == "__main__":
    main()
