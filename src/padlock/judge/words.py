"""What CRLs and OCSP answers say of a certificate, each a `Word`, and what all of them come to.

A bad word and a good one do not weigh the same. Whoever may speak for the issuer, and signed "revoked", has shown that
it is revoked: RFC 5280 §6.3.3 ends its search at the first entry found ("cert_status is not UNREVOKED"), and of RFC
6960 §2.2 "revoked" is a statement about the certificate, not about an hour. That the list is old, a delta, or for some
reasons only, that it has an odd entry elsewhere, that the answer lacks a nonce: nothing of this takes it back, since no
entry is removed before the certificate's time is over (RFC 5280 §3.3). So only two things are asked of a bad word: who
signed it, and whether it is about this issuer and serial number, which together name one certificate (§4.1.2.2).

Who signed must have had the right: at the word's own thisUpdate, if the signer's time is over since. (Who finds that
old key may date a word back. All he gains is that a good certificate is refused.) A signer that is revoked itself, for
whatever reason, has no word any more, since it may be a thief's. And the right is asked for under the anchor of the
path that is tried (§6.3.3 (f)): who may speak under one root is a stranger on a path to another.

Only a hold ends, with a good word that is newer for sure. Of two lists that takes the same key and scope, a higher
number and no earlier thisUpdate, since only then do the numbers say what came later (§5.2.3).

"Good" is said by leaving out, or for a while only. It counts if nothing can be missing: fresh, understood to the end,
for all reasons, in the place where this certificate would be listed. Any doubt makes it no word at all, and a
certificate without a word is refused. A doubt about a bad word that the issuer may have signed, or that may be about
this certificate, is no reason to pass over it: it refuses as well, and says so.

Who signed is found out within a bound on work (`paths.py`). Forged lists and answers use it up as genuine ones do, and
one answer is enough if it brings hundreds of certificates. So who puts them among the client's own has a good
certificate refused, though good words are there; no bad word is passed over for it.
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
NOT_ENDED = (
    "; no CRL without it is newer for sure: by a higher number, no earlier date, the same scope and key"
)


class Word(NamedTuple):
    """says: one of the four above. begin: thisUpdate, the moment that it speaks of, None if it can't be read.
    crl: the list that says so, None for an answer; key: the one that signed the list. hold: it may be taken back
    (certificateHold, RFC 5280 §5.3.1); never: by an answer only, for the certificate was never issued, so that no list
    had it."""

    says: str
    clause: str
    why: str
    begin: datetime | None = None
    crl: Any = None
    key: bytes = b""
    hold: bool = False
    never: bool = False

    def lifts(self, hold: Word) -> bool:
        """Is this good word newer than that hold? Of two lists the numbers must say so as well, which one key gave."""
        if hold.begin is None:
            return False
        if self.crl and hold.crl:
            same = self.key == hold.key and self.crl.replaces(hold.crl)
            return same and self.begin >= hold.begin
        return self.begin > hold.begin and not (self.crl and hold.never)


def weigh(*said: list[Word]) -> tuple[bool, str, str]:
    """(not revoked, clause, why): what all words come to, by the rule above. said: by answers, by lists."""
    words = [word for some in said for word in some]
    good = [word for word in words if word.says is GOOD]
    bad = [word for word in words if word.says in (REVOKED, PERHAPS)]
    bad = [word for word in bad if not (word.hold and any(newer.lifts(word) for newer in good))]
    if bad:  # what is certain, and for good, is said first
        word = min(bad, key=lambda word: (word.says is PERHAPS, word.hold))
        lists = word.hold and word.crl and any(other.crl for other in good)
        return False, word.clause, word.why + (NOT_ENDED if lists else "")
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


def revoked_on(date: datetime | None, reason: str, at: datetime) -> str:
    day = when(date) if date else "a day that can't be read"
    to_come = ", which is still to come" if date and date > at else ""
    return f"revoked on {day}{to_come} ({reason})"


def readable(get: Callable[[], T]) -> T | None:
    """None for what can't be read."""
    try:
        return get()
    except UNREADABLE:
        return None
