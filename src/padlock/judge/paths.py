"""Candidate paths from a leaf to a trust anchor, out of an unordered pool of certificates (RFC 4158).

Names say who may have issued a certificate, signatures say who did. A path first goes only where a signature fits, so a
pool full of look-alikes costs one check each and no more. Bounds on the work hold against the rest.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from .facts import Facts, Signed, signed_by
from .names import Key

MOST_SIGNATURES = 400  # checked for one question; a usual chain needs two
MOST_STEPS = 2000  # from one certificate up to those that may have issued it
MOST_PATHS = 64  # tried before we say that none is good


@dataclass(frozen=True)
class Path:
    """certificates: leaf first. anchored: the last one is a trust anchor."""

    certificates: tuple[Facts, ...]
    anchored: bool

    @property
    def leaf(self) -> Facts:
        return self.certificates[0]

    @property
    def top(self) -> Facts:
        return self.certificates[-1]

    def links(self) -> Iterator[tuple[Facts, Facts]]:
        """(issued, issuer), from the leaf up."""
        return zip(self.certificates, self.certificates[1:], strict=False)


class Pool:
    """Trust anchors and other certificates, found by subject. Each is there once, however often it was given."""

    def __init__(self, roots: list[x509.Certificate], others: list[x509.Certificate]):
        self._anchors = {certificate: Facts(certificate) for certificate in roots}
        self._all = self._anchors | {one: Facts(one) for one in others if one not in self._anchors}
        self._by_subject: dict[Key, list[Facts]] = defaultdict(list)
        for facts in self._all.values():  # anchors first: the shortest way is tried first
            self._by_subject[facts.subject].append(facts)
        self._by_serial: dict[int, list[Facts]] = defaultdict(list)
        self._fits: dict[tuple[Signed, Facts], bool] = {}
        self.signatures = 0  # checked so far
        self.steps = 0

    def facts(self, certificate: x509.Certificate) -> Facts:
        """The facts of a certificate of this pool: the same object each time, so nothing is read twice."""
        return self._all[certificate]

    def is_anchor(self, facts: Facts) -> bool:
        return facts.certificate in self._anchors

    def called(self, subject: Key) -> list[Facts]:
        return self._by_subject.get(subject, [])

    def twins(self, facts: Facts, issuer: Facts) -> Iterator[Facts]:
        """Other certificates with this serial number, from the same CA: its signature on them shows that it is so.

        The same content under another signature is the same certificate, and a precertificate is none.
        """
        if facts.precertificate:
            return
        if not self._by_serial:
            for one in self._all.values():
                self._by_serial[one.serial].append(one)
        for one in self._by_serial[facts.serial]:
            if one is facts or one.issuer != facts.issuer:
                continue
            if one.payload == facts.payload or one.precertificate:
                continue
            if not self.exhausted and self.fits(one, issuer):
                yield one

    def fits(self, issued: Signed, issuer: Facts) -> bool:
        """Is this certificate or CRL signed with the key of `issuer`? Checked and counted once a pair."""
        pair = issued, issuer
        if pair not in self._fits:
            self.signatures += 1
            self._fits[pair] = signed_by(issued, issuer.key)
        return self._fits[pair]

    @property
    def exhausted(self) -> bool:
        return self.signatures >= MOST_SIGNATURES or self.steps >= MOST_STEPS


def candidates(leaf: Facts, pool: Pool) -> Iterator[Path]:
    """Every path whose signatures fit and that ends at a trust anchor: first the likely one, then from the shortest on.

    Is there none, then those that end at an anchor if you go by names alone where no signature fits: the rule on
    signatures will refuse them, and say where. Is there none of these either, then how far it went.
    """
    found, stuck = [], []
    for how in ("likely", "all", "by name"):
        for path in _climb(leaf, pool, how):
            if not path.anchored:
                stuck.append(path)
            elif path.certificates not in found:
                found.append(path.certificates)
                yield path
        if found and how == "all":
            return
    if not found:
        yield max(stuck, key=lambda path: len(path.certificates))


def _climb(leaf: Facts, pool: Pool, how: str) -> Iterator[Path]:
    """Breadth first, so that a jungle of cross-signed CAs does not hide the short way past it.

    It ends at an anchor: what lies above it adds nothing to the trust in it. A certificate whose subject and key are in
    the path already is not taken again, so loops end there (RFC 4158 §5.2).
    """
    waiting = deque([(leaf,)])
    while waiting:
        so_far = waiting.popleft()
        top = so_far[-1]
        if pool.is_anchor(top):
            yield Path(so_far, anchored=True)
            continue
        pool.steps += 1
        above = _above(so_far, pool, how)
        waiting += [(*so_far, issuer) for issuer in above]
        if not above:
            yield Path(so_far, anchored=False)
        if pool.exhausted:
            yield from (Path(rest, pool.is_anchor(rest[-1])) for rest in waiting)
            return


def _above(so_far: tuple[Facts, ...], pool: Pool, how: str) -> list[Facts]:
    """Those that may have issued the last certificate of the path. how: "likely" takes the first whose key fits, "all"
    takes all of these, "by name" takes all of that name where no key fits."""
    top, fitting, others = so_far[-1], [], []
    for candidate in _likely(top, pool):
        if any(candidate.subject == f.subject and candidate.key_bytes == f.key_bytes for f in so_far):
            continue
        if pool.exhausted:
            break
        (fitting if pool.fits(top, candidate) else others).append(candidate)
        if fitting and how == "likely":
            break
    if fitting or how != "by name" or not others:
        return fitting
    # Who signed itself has nobody above: another of that name is only a look-alike.
    return [] if top.self_issued and pool.fits(top, top) else others


def _likely(top: Facts, pool: Pool) -> list[Facts]:
    """Certificates with the issuer's name. First trust anchors, then those whose key identifier is the one that `top`
    names. It is a hint, no proof (RFC 5280 §4.2.1.1)."""
    candidates = pool.called(top.issuer)
    if len(candidates) < 2:
        return candidates
    return sorted(candidates, key=lambda f: (not pool.is_anchor(f), not named_by_key(top, f)))


def named_by_key(issued: Facts, issuer: Facts) -> bool:
    """Does the authorityKeyIdentifier of `issued` name the key of `issuer`?"""
    named, own = issued.value(x509.AuthorityKeyIdentifier), issuer.value(x509.SubjectKeyIdentifier)
    return bool(named and own) and named.key_identifier == own.digest
