"""Lesson 02's first widget: make a pair of any kind, and see what each half of it weighs."""

import time
from dataclasses import dataclass

from markupsafe import Markup

from padlock import keys, keyuse
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shapes import icon
from padlock.look.shown import Result
from padlock.look.waiting import in_background

KINDS = {
    "ed25519": "Ed25519: signs",
    "p256": "P-256: signs, or agrees",
    "p384": "P-384: signs, or agrees",
    "rsa2048": "RSA 2048: signs, or encrypts",
    "rsa3072": "RSA 3072: signs, or encrypts",
    "rsa4096": "RSA 4096: signs, or encrypts; takes a while to make",
    "x25519": "X25519: agrees on a secret, does not sign",
    "ml-dsa-44": "ML-DSA-44: signs, post-quantum",
    "ml-dsa-65": "ML-DSA-65: signs, post-quantum",
    "ml-dsa-87": "ML-DSA-87: signs, post-quantum",
    "ml-kem-768": "ML-KEM-768: agrees on a secret, post-quantum",
    "ml-kem-1024": "ML-KEM-1024: agrees on a secret, post-quantum",
}
KEPT = 6  # pairs in the list of those made so far


@dataclass(frozen=True)
class Made:
    """A pair that was made here. The private half stays in the kernel; the page only ever sees the public one."""

    name: str
    seconds: float
    public: int
    private: int
    fingerprint: str
    pem: str

    @classmethod
    def of(cls, key, seconds: float) -> "Made":
        public = key.public_key()
        sizes = keyuse.public_size(key), keyuse.private_size(key)
        return cls(keys.describe(key), seconds, *sizes, keys.fingerprint(public), keys.pem(public))

    @property
    def short(self) -> str:
        pairs = self.fingerprint.split(":")
        return ":".join(pairs[:3]) + "…" + pairs[-1]


class KeyLab(Panel):
    """A kind of key → a real pair: its public half, sizes, fingerprint, and how long it took to make."""

    question = "What is a key pair made of?"
    controls = (
        Choice("kind", "Kind of key", KINDS),
        Press("make", "Make a pair", primary=True),
    )

    def __init__(self):
        self.made: list[Made] = []
        super().__init__()

    def react(self, pressed=None):
        if pressed == "make" or not self.made:
            return self._making()
        name = KINDS[self.values["kind"]].partition(":")[0]
        return self._result(f"{name} it will be. Press “Make a pair”.")

    def _making(self):
        kind = self.values["kind"]
        name = KINDS[kind].partition(":")[0]
        looking = "looking for two large primes" if kind.startswith("rsa") else "making a pair"
        key, seconds = yield from in_background(
            lambda: _timed(kind), lambda so_far: f"{name}: {looking}, {so_far:.1f} s so far …"
        )
        new = Made.of(key, seconds)
        same = [made.seconds for made in self.made if made.name == new.name]
        self.made = [new, *self.made][:KEPT]
        return self._result(f"✓ A new {new.name} pair, made in {lasted(seconds)}.{_compared(seconds, same)}")

    def _result(self, sentence: str) -> Result:
        new = self.made[0]
        halves = Markup('<div class="pl-halves">{}{}</div>').format(
            _half(
                "private-key",
                "private key",
                f"{new.private:,} bytes as PKCS #8. It stays in this notebook's memory; the page never gets it.",
            ),
            _half("public-key", "public key", f"{new.public:,} bytes. Print it on a poster if you like."),
        )
        shown = Markup(
            '<dl class="pl-rows"><dt>fingerprint</dt><dd><code>{}</code></dd></dl>'
            "<details{}><summary>The public key as PEM, {} lines</summary><pre>{}</pre></details>"
        ).format(
            new.fingerprint,
            Markup(" open") if len(new.pem) < 1000 else "",
            len(new.pem.splitlines()),
            new.pem,
        )
        html = Markup('<div class="pl-key-lab">{}{}{}</div>').format(halves, shown, self._list())
        text = [f"{new.name}: private key {new.private:,} bytes as PKCS #8, public key {new.public:,} bytes"]
        text += [f"fingerprint {new.fingerprint}", new.pem.strip()]
        text += ["made so far, newest first:"]
        text += [
            f"  {m.name}: {lasted(m.seconds)}, public key {m.public:,} bytes, {m.short}" for m in self.made
        ]
        return Result(html, "\n".join(text), sentence)

    def _list(self) -> Markup:
        head = ("made so far", "took", "public key", "fingerprint")
        return Markup('<table class="pl-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
            Markup("").join(Markup("<th scope='col'>{}</th>").format(words) for words in head),
            Markup("").join(
                Markup("<tr><td>{}</td><td>{}</td><td>{} bytes</td><td><code>{}</code></td></tr>").format(
                    made.name, lasted(made.seconds), f"{made.public:,}", made.short
                )
                for made in self.made
            ),
        )


def _half(kind: str, title: str, words: str) -> Markup:
    return Markup('<div class="pl-party"><b>{} {}</b><p>{}</p></div>').format(icon(kind, 22), title, words)


def _timed(kind: str):
    start = time.perf_counter()
    key = keyuse.make(kind)
    return key, time.perf_counter() - start


def _compared(seconds: float, before: list[float]) -> str:
    if not before or min(before) <= 0:
        return ""
    times = seconds / before[0]
    if times > 1.5:
        return f" The one before took {lasted(before[0])}: luck, and nothing else, is in between."
    if times < 0.67:
        return f" The one before took {lasted(before[0])}: this time you were lucky."
    return ""


def lasted(seconds: float) -> str:
    """A duration with two digits that mean something: 41 µs, 3.2 ms, 1.4 s."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        value = seconds * factor
        if value >= 0.9995 or unit == "µs":
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"
    raise AssertionError
