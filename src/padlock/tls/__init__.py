"""Real TLS connections, in memory and on the loopback address, with every byte kept for you to look at."""

from .endpoint import Flight
from .handshake import Refusal, Transcript, handshake
from .interception import Interception, intercept, overhear, readable
from .loopback import Answer, ChallengeServer, TLSServer, Unreachable, fetch

__all__ = [
    "Answer",
    "ChallengeServer",
    "Flight",
    "Interception",
    "Refusal",
    "TLSServer",
    "Transcript",
    "Unreachable",
    "fetch",
    "handshake",
    "intercept",
    "overhear",
    "readable",
]
