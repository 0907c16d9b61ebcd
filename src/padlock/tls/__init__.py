"""Real TLS connections, in memory and on the loopback address, with every byte kept for you to look at."""

from .contexts import borrowed
from .endpoint import Flight
from .handshake import Refusal, Transcript, handshake, meet
from .interception import Interception, intercept, overhear, readable
from .loopback import Answer, ChallengeServer, TLSServer, Unreachable, fetch
from .wire import records, search

__all__ = [
    "Answer",
    "ChallengeServer",
    "Flight",
    "Interception",
    "Refusal",
    "TLSServer",
    "Transcript",
    "Unreachable",
    "borrowed",
    "fetch",
    "handshake",
    "intercept",
    "meet",
    "overhear",
    "readable",
    "records",
    "search",
]
