"""A question with all that belongs to it, so that the judge and every referee can be asked the very same thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from padlock.authority import Issued

from . import judge
from .verdict import Verdict


@dataclass(frozen=True, repr=False)
class Case:
    """sent: the certificates as the server sends them; the first is taken for its own. private_key: what it signs with.

    intermediates: what the client has besides. roots: what it trusts. name, purpose, at, crls,
    ocsp_answers: as for `judge`.
    leaf: what the CA issued, before the server made anything of it; None where nobody knows.
    faults: the ids from `padlock.faults` that it was built with.
    """

    sent: list[x509.Certificate]
    roots: list[x509.Certificate]
    name: Any = None
    private_key: Any = None
    purpose: str | None = "server"
    at: datetime | None = None
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    leaf: Issued | None = None
    faults: tuple[str, ...] = ()
    ocsp_answers: tuple = ()

    def judge(self, **changes: Any) -> Verdict:
        """Our own verdict. `changes`: keywords of `judge`, such as without={"validity"}."""
        asked = {
            "leaf": self.sent if self.private_key is None else (self.sent, self.private_key),
            "intermediates": self.intermediates,
            "roots": self.roots,
            "name": self.name,
            "purpose": self.purpose,
            "at": self.at,
            "crls": self.crls,
            "ocsp_answers": self.ocsp_answers,
        }
        return judge(**asked | changes)

    @property
    def moment(self) -> datetime:
        return self.at or datetime.now(UTC)

    @property
    def present(self) -> bool:
        """Is it asked about now, the only time at which a program with a clock of its own can answer?"""
        return self.at is None or abs((self.at - datetime.now(UTC)).total_seconds()) < 60

    def __repr__(self) -> str:
        return f"<Case: {', '.join(self.faults) or 'nothing wrong'}>"
