"""Judging a chain of three certificates: the judge, with every reason, beside verifiers that stop at the first error.

Each starts from DER, so that nobody profits from what another has read. They take turns, a few questions each, many
times: the ratio of the best turns is what the code costs, that of the middle ones what a busy machine makes of it.
"""

import asyncio
import statistics
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store

from padlock.authority import Authority
from padlock.judge import judge

TURNS, TIMES = 300, 3
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


def timed(
    asked: dict[str, Callable], ders: list[bytes], turns: int = TURNS
) -> dict[str, tuple[float, float]]:
    """Seconds for one question: (best, middle) turn of each."""
    found = {name: [] for name in asked}
    for _ in range(turns):
        for name, ask in asked.items():
            began = time.perf_counter()
            for _ in range(TIMES):
                ask(ders)
            found[name].append((time.perf_counter() - began) / TIMES)
    return {name: (min(took), statistics.median(took)) for name, took in found.items()}


def each(sizes: dict[int, list[bytes]], turns: int) -> str:
    """What one certificate costs, for several numbers of them: the same for all, where work grows linearly."""
    took = {size: timed({"judge": ours}, ders, turns)["judge"][0] for size, ders in sizes.items()}
    return ", ".join(f"{size}: {seconds / size * 1e6:.1f} µs" for size, seconds in took.items())


def main() -> None:
    warnings.simplefilter("ignore")
    asked = {"judge": ours, "cryptography": theirs, "pyhanko-certvalidator": certvalidator()}
    if asked["pyhanko-certvalidator"] is None:
        print(
            "pyhanko-certvalidator is not installed, so it is not measured (pip install pyhanko-certvalidator)"
        )
        del asked["pyhanko-certvalidator"]
    for kind in ("p256", "rsa2048"):
        took = timed(asked, chain(kind))
        print(
            f"3 certificates, {kind}: " + ", ".join(f"{name} {took[name][0] * 1e6:.0f} µs" for name in took)
        )
        for name in list(took)[1:]:
            best, middle = (ours / theirs for ours, theirs in zip(took["judge"], took[name], strict=True))
            aim = f" (aim: at most {MOST})" if name == "cryptography" else ""
            print(f"  judge / {name}: {best:.2f} best, {middle:.2f} median{aim}")
    chains = {between + 2: chain("p256", between) for between in (2, 4, 8, 16, 32)}
    print("one certificate in a chain of n: " + each(chains, 30))
    leaf, ca, root = chain("p256")
    strangers = [cert for _ in range(2500) for cert in chain("p256", 2)]
    pools = {size: [leaf, ca, *strangers[: size - 3], root] for size in (10, 100, 1000, 10_000)}
    print("one certificate in a pool of n: " + each(pools, 5))


if __name__ == "__main__":
    main()
