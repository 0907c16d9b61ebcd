"""Is this chain good for this name, purpose and time, and if not, why? Every reason, each from one small function.

    verdict = judge(leaf, intermediates=[…], roots=[…], name="api.test", purpose="server")
    verdict.accepted, verdict.findings

`rules.py` has the rules, `names.py` compares names, `paths.py` finds the way up, `revocation.py` reads CRLs,
`ocsp.py` OCSP answers, `words.py` weighs what they say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from padlock import reading

from . import names, ocsp, revocation, rules
from .facts import Facts
from .paths import MOST_PATHS, MOST_SIGNATURES, MOST_STEPS, Path, Pool, candidates
from .verdict import Finding, Verdict
from .words import NOBODY_KNOWS

__all__ = ["RULES", "Finding", "Verdict", "judge"]

# In the order in which they are applied, and in which reasons are given: form last, since a certificate with graver
# faults is often ill-formed too. `revocation` stands apart: it may have to judge the signer of a CRL.
RULES: dict[str, rules.Rule] = {
    "anchor": rules.anchor,
    "signature": rules.signature,
    "validity": rules.validity,
    "basic-constraints": rules.basic_constraints,
    "path-length": rules.path_length,
    "key-usage": rules.key_usage,
    "extended-key-usage": rules.extended_key_usage,
    "name-constraints": rules.name_constraints,
    "critical-extensions": rules.critical_extensions,
    "strength": rules.strength,
    "revocation": None,
    "name": rules.name,
    "possession": rules.possession,
    "form": rules.form,
}


def judge(
    leaf: Any,
    intermediates: Any = (),
    roots: Any = (),
    name: Any = None,
    purpose: str | None = None,
    at: datetime | None = None,
    crls: Any = (),
    max_depth: int | None = None,
    allow_weak: bool = False,
    without: Iterable[str] = (),
    ocsp_answers: Any = (),
) -> Verdict:
    """Judge the path from `leaf` to one of `roots`: by RFC 5280 §6.1 and RFC 9525, with a finding for every rule.

    leaf, intermediates, roots, crls: anything that `padlock.reading` takes; of several certificates the first is the
    leaf, and the others join the intermediates, in any order. With what an Authority issued, or a pair (certificates,
    private key), it is also asked whether that key is the leaf's.
    name: DNS name, IP address or GeneralName that the client wants; None: the name does not matter.
    purpose: "server", "client" or None. at: an aware datetime, default now.
    crls, ocsp_answers: given, revocation is checked, and a certificate of which neither a list nor an answer speaks is
    refused; the trust anchor is not looked for, even where the leaf is one (RFC 5280 §6.1). An answer is an object,
    DER, a path, or a pair (answer, request): then its nonce is compared as well.
    max_depth: the most intermediates. allow_weak: old algorithms and old habits of form are admitted.
    without: names of RULES to leave out, to see what gets through then.

    If several paths are possible, the first good one counts; if none is good, the one with the fewest faults is shown.
    Raises `reading.Unreadable` and ValueError, one sentence each, for a question that can't be understood.
    """
    without = {without} if isinstance(without, str) else set(without)
    if unknown := without - set(RULES):
        raise ValueError(f"There is no rule called {sorted(unknown)[0]!r}. There are: {', '.join(RULES)}.")
    name, purpose, at, max_depth = names.wanted(name), _purpose(purpose), _aware(at), _depth(max_depth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what `cryptography` only warns of, rules of ours speak of
        chain = reading.certificates(leaf)
        pool = Pool(_all(roots, reading.certificates), [*chain, *_all(intermediates, reading.certificates)])
        lists = {one.der: one for one in map(revocation.List, _all(crls, reading.crls))}  # each once
        answers = tuple(ocsp.read(ocsp_answers if ocsp_answers is not None else ()))
        question = rules.Question(
            name, purpose, at, pool, [*lists.values()], max_depth, allow_weak, _key(leaf), answers
        )
        return _best(pool.facts(chain[0]), question, without)


def _best(
    leaf: Facts,
    question: rules.Question,
    without: set[str],
    under: Facts | None = None,
    asked: frozenset[Facts] = frozenset(),
) -> Verdict:
    """The verdict on the first good path; if there is none, on the one with the fewest faults.

    under: only paths to this anchor count. asked: signers of CRLs that are being judged already.
    """
    best, bound = (
        Verdict([Finding("anchor", False, "RFC 5280 §6.1.1 (d)", "no path leads to the same anchor")]),
        "",
    )
    for count, path in enumerate(candidates(leaf, question.pool), 1):
        if under is not None and path.top is not under:
            continue
        verdict = Verdict(
            list(_apply(path, question, without, asked)), [f.certificate for f in path.certificates]
        )
        if verdict.accepted:
            return verdict
        if not best.path or len(verdict.reasons) < len(best.reasons):
            best = verdict
        if count == MOST_PATHS:
            bound = f"{MOST_PATHS} paths were tried and none is good; there may be more"
            break
    if question.pool.exhausted:
        bound = f"{MOST_SIGNATURES} signatures or {MOST_STEPS} steps are the bound; there may be more paths"
    if bound:
        return Verdict([*best.findings, Finding("work", False, "a bound of our own", bound)], best.path)
    return best


def _apply(
    path: Path, question: rules.Question, without: set[str], asked: frozenset[Facts]
) -> Iterator[Finding]:
    def doubt(signer: Facts, anchor: Facts, begin: datetime | None) -> tuple[str, bool]:
        """(why this certificate's key may not sign CRLs or OCSP answers, or ""; may it revoke all the same).
        RFC 5280 §6.3.3 (f): a path to the same anchor says so. begin: when it spoke."""
        if signer in asked:
            return "it would have to vouch for itself", False
        if question.pool.exhausted:
            return "no path was found within the bound on work", False
        own = replace(question, name=None, purpose=None, depth=None, key=None)
        verdict = _best(signer, own, without, anchor, asked | {signer})
        if verdict.accepted:
            return "", True
        why = verdict.reasons[0].why
        if asked:  # a signer's signer: in short
            why = why.partition(" (")[0]
        return why, all(_no_matter(one, signer, begin) for one in verdict.reasons)

    for called, rule in RULES.items():
        if called in without:
            continue
        if called == "revocation":
            yield from revocation.revocation(path, question, doubt)
        else:
            yield from rule(path, question)


def _no_matter(reason: Finding, signer: Facts, begin: datetime | None) -> bool:
    """May this signer revoke all the same? That it is revoked itself nobody said; or its time was not over when it
    spoke; or there may be a better path."""
    if reason.rule == "validity" and reason.certificate == signer.certificate:
        return begin is not None and signer.period[0] <= begin <= signer.period[1]
    return reason.rule == "work" or reason.why.startswith(NOBODY_KNOWS)


def _all(source: Any, read: Callable[[Any], list]) -> list:
    """Each thing in `source`; in a list of yours there may be any number, in a file only as many as `reading` takes."""
    if source is None:
        return []
    if isinstance(source, (list, tuple, set, frozenset)):
        return [one for item in source for one in read(item)]
    return read(source)


def _key(leaf: Any) -> Any:
    """The private key that came with the leaf, or None."""
    if isinstance(leaf, (tuple, list)) and len(leaf) == 2:
        try:
            reading.certificates(leaf[1])
        except reading.Unreadable:
            return reading.private_key(leaf[1])
        return None
    return getattr(leaf, "private_key", None)


def _purpose(purpose: str | None) -> str | None:
    if purpose is not None and purpose not in rules.PURPOSES:
        raise ValueError(f'purpose is "server", "client" or None, not {purpose!r:.60}.')
    return purpose


def _aware(at: datetime | None) -> datetime:
    if at is None:
        at = datetime.now(UTC)
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise ValueError("`at` is a datetime with a time zone, such as datetime(2030, 1, 1, tzinfo=UTC).")
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"`at` is a time in the years 1 to 9999 of UTC, not {at}.") from None
    return at.replace(
        microsecond=0
    )  # a certificate's clock has no smaller unit; its last second is good to its end


def _depth(depth: int | None) -> int | None:
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 0):
        raise ValueError(f"max_depth is the most intermediates, 0 or more, not {depth!r:.60}.")
    return depth
