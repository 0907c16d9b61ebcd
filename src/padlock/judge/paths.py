"""Candidate paths from a leaf to a trust anchor, out of an unordered pool of certificates (RFC 4158).

Names say who may have issued a certificate, signatures say who did. Only a signature that fits leads further up, so a
pool full of look-alikes costs one signature check each, and no more. A bound on the work holds against the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from .facts import Facts, signed_by
from .names import Key

MOST_SIGNATURES = 400  # checked for one question; a usual chain needs two
MOST_PATHS = 64  # tried before we say that none is good
LONGEST = 32  # certificates in a path


@dataclass(frozen=True)
class Path:
    """certificates: leaf first. anchored: the last one is a trust anchor. broken: a link's signature does not fit."""

    certificates: tuple[Facts, ...]
    anchored: bool
    broken: bool = False

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
    """Trust anchors and other certificates, found by subject. Each certificate is there once, however often it was given."""

    def __init__(self, roots: list[x509.Certificate], others: list[x509.Certificate]):
        self.anchors = {f.id: f for f in map(Facts, roots)}
        self.others = {f.id: f for f in map(Facts, others) if f.id not in self.anchors}
        self._by_subject: dict[Key, list[Facts]] = defaultdict(list)
        for facts in (*self.anchors.values(), *self.others.values()):  # anchors first: the shortest way is tried first
            self._by_subject[facts.subject].append(facts)
        self._fits: dict[tuple[bytes, bytes], bool] = {}
        self.spent = 0

    def is_anchor(self, facts: Facts) -> bool:
        return facts.id in self.anchors

    def called(self, subject: Key) -> list[Facts]:
        return self._by_subject.get(subject, [])

    def fits(self, issued: Facts, issuer: Facts) -> bool:
        """Is `issued` signed with the key of `issuer`? Checked once a pair; `spent` counts the checks."""
        pair = issued.id, issuer.key_bytes
        if pair not in self._fits:
            self.spent += 1
            self._fits[pair] = signed_by(issued.certificate, issuer.key, issued.certificate.tbs_certificate_bytes)
        return self._fits[pair]

    @property
    def exhausted(self) -> bool:
        return self.spent >= MOST_SIGNATURES


def paths(leaf: Facts, pool: Pool) -> Iterator[Path]:
    """Every path whose signatures fit; if none reaches a trust anchor, the one that comes nearest.

    That one may have a link whose signature does not fit: then the name leads further up, and `signature` says so.

    A certificate whose subject and key are in the path already is not taken again: loops of cross-signed CAs end there
    (RFC 4158 §5.2).
    """
    stuck: list[Path] = []
    found = False
    for path in _climb((leaf,), pool, stuck, broken=False):
        found = True
        yield path
    if not found:
        # An anchor that was reached over a bad link says more than a gap; then the longest says most about what is missing.
        stuck.sort(key=lambda p: (not p.anchored, -len(p.certificates)))
        yield from stuck[:1]


def _climb(so_far: tuple[Facts, ...], pool: Pool, stuck: list[Path], broken: bool) -> Iterator[Path]:
    top = so_far[-1]
    if pool.is_anchor(top):
        if broken:
            stuck.append(Path(so_far, anchored=True, broken=True))
        else:
            yield Path(so_far, anchored=True)
        return
    seen = {(f.subject, f.key_bytes) for f in so_far}
    fitting, others = [], []
    if len(so_far) < LONGEST:
        for candidate in _likely(top, pool.called(top.issuer)):
            if candidate.id == top.id or (candidate.subject, candidate.key_bytes) in seen:
                continue
            if pool.exhausted:
                break
            (fitting if pool.fits(top, candidate) else others).append(candidate)
    for candidate in fitting:
        yield from _climb((*so_far, candidate), pool, stuck, broken)
    if not fitting and len(stuck) < MOST_PATHS:
        if others:
            yield from _climb((*so_far, others[0]), pool, stuck, broken=True)
        else:
            stuck.append(Path(so_far, anchored=False, broken=broken))


def _likely(top: Facts, candidates: list[Facts]) -> list[Facts]:
    """Those whose key identifier is the one that the certificate names come first. It is a hint, no proof (RFC 5280 §4.2.1.1)."""
    named = top.value(x509.AuthorityKeyIdentifier)
    if named is None or len(candidates) < 2:
        return candidates

    def strange(candidate: Facts) -> bool:
        own = candidate.value(x509.SubjectKeyIdentifier)
        return own is None or own.digest != named.key_identifier

    return sorted(candidates, key=strange)
