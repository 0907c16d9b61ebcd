"""Real TLS connections, in memory and on the loopback address, with every byte kept for you to look at."""

from .contexts import borrowed
from .endpoint import Flight, Noticed
from .handshake import Refusal, Transcript, dissect, handshake, meet, try_case
from .interception import Interception, intercept, overhear, readable
from .live import Site, connect, host_of, site
from .loopback import Answer, ChallengeServer, PageServer, TLSServer, Unreachable, fetch
from .responder import OCSPServer, ask
from .tampering import Tampered, tamper
from .wire import records, search

__all__ = [
    "Answer",
    "ChallengeServer",
    "Flight",
    "Interception",
    "Noticed",
    "OCSPServer",
    "PageServer",
    "Refusal",
    "Site",
    "TLSServer",
    "Tampered",
    "Transcript",
    "Unreachable",
    "ask",
    "borrowed",
    "connect",
    "dissect",
    "fetch",
    "handshake",
    "host_of",
    "intercept",
    "meet",
    "overhear",
    "readable",
    "records",
    "search",
    "site",
    "tamper",
    "try_case",
]
