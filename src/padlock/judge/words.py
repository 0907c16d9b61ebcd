"""What CRLs and OCSP answers say of a certificate, each a `Word`, and what all of them come to.

A bad word and a good one do not weigh the same. Whoever may speak for the issuer, and signed "revoked", has shown that
it is revoked: RFC 5280 §6.3.3 ends its search at the first entry found ("cert_status is not UNREVOKED"), and of RFC
6960 §2.2 "revoked" is a statement about the certificate, not about an hour. That the list is old, a delta, or for some
reasons only, that it has an odd entry elsewhere, that the answer lacks a nonce: nothing of this takes it back, since no
entry is removed before the certificate's time is over (RFC 5280 §3.3). So only two things are asked of a bad word: who
signed it, and whether it is about this issuer and serial number, which together name one certificate (§4.1.2.2). Who
sends a bad word too many gains nothing: a good certificate is refused, as it is where nothing is sent.

"Good" is said by leaving out, or for a while only. It counts if nothing can be missing: fresh, understood to the end,
for all reasons, in the place where this certificate would be listed. Any doubt makes it no word at all, and a
certificate without a word is refused. A doubt about a bad word that the issuer may have signed, or that may be about
this certificate, is no reason to pass over it: it refuses as well, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from .facts import UNREADABLE
from .rules import when

T = TypeVar("T")

# What a word says. PERHAPS: revoked, unless what is not understood of it makes it another's, or a stranger's.
# NOTHING: it does not count, and `why` says why not.
GOOD, REVOKED, PERHAPS, NOTHING = "good", "revoked", "perhaps revoked", "nothing"

BOUND = "a bound of our own"
NOBODY_KNOWS = "whether it is revoked is not known: "
MOST_DOUBTS = 3  # told, of the lists and of the answers


class Word(NamedTuple):
    """says: one of the four above. begin: thisUpdate, the moment that it speaks of, None if it can't be read.
    crl: the list that says so, None for an answer. hold: it may be taken back (certificateHold, RFC 5280 §5.3.1)."""

    says: str
    clause: str
    why: str
    begin: datetime | None = None
    crl: Any = None
    hold: bool = False

    def lifts(self, hold: Word) -> bool:
        """Is this good word newer than that hold? Of two lists the numbers say so, else the moments."""
        if self.crl and hold.crl:
            return self.crl.replaces(hold.crl)
        return hold.begin is not None and self.begin > hold.begin


def weigh(*said: list[Word]) -> tuple[bool, str, str]:
    """(not revoked, clause, why): what all words come to, by the rule above. said: by answers, by lists."""
    words = [word for some in said for word in some]
    good = [word for word in words if word.says is GOOD]
    bad = [word for word in words if word.says in (REVOKED, PERHAPS)]
    bad = [word for word in bad if not (word.hold and any(newer.lifts(word) for newer in good))]
    if bad:  # what is certain, and for good, is said first
        word = min(bad, key=lambda word: (word.says is PERHAPS, word.hold))
        return False, word.clause, word.why
    if good:
        word = max(good, key=lambda word: word.begin)
        return True, word.clause, word.why
    doubts = []
    for some in said:
        doubts += list(dict.fromkeys((word.clause, word.why) for word in some))[:MOST_DOUBTS]
    clauses = "; ".join(dict.fromkeys(clause for clause, _ in doubts))
    return False, clauses, NOBODY_KNOWS + "; ".join(why for _, why in doubts)


def not_yet(at: datetime, begin: datetime | None, date: datetime | None) -> bool:
    """Is it of later (thisUpdate), about what came later (revocationDate)? Then it says nothing of `at`."""
    return begin is not None and date is not None and min(begin, date) > at


def revoked_on(date: datetime | None, reason: str) -> str:
    day = when(date) if date else "a day that can't be read"
    return f"revoked on {day} ({reason})"


def readable(get: Callable[[], T]) -> T | None:
    """None for what can't be read."""
    try:
        return get()
    except UNREADABLE:
        return None
