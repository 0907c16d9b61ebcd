"""What `judge` says: a finding for every rule that was applied, and the verdict that follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .facts import Facts


class Finding(NamedTuple):
    """rule: the name of the rule; ok: does it hold; clause: the RFC and section that asks for it; why: one sentence;
    certificate: which one it speaks of, or None where it speaks of the whole path."""

    rule: str
    ok: bool
    clause: str
    why: str
    certificate: object | None = None

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '✗'} {self.rule}: {self.why} [{self.clause}]"


@dataclass(frozen=True)
class Verdict:
    """accepted: every finding is ok. findings: in the order in which the rules were applied. path: leaf first."""

    findings: list[Finding]
    path: list[object] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return all(finding.ok for finding in self.findings)

    @property
    def reasons(self) -> list[Finding]:
        """Why it is refused: the findings that are not ok."""
        return [finding for finding in self.findings if not finding.ok]

    @property
    def head(self) -> str:
        """Accepted or refused, and the rules that say so."""
        if self.accepted:
            return f"accepted: all {len(self.findings)} checks hold"
        failing = ", ".join(dict.fromkeys(finding.rule for finding in self.reasons))
        fail = "fails" if len(self.reasons) == 1 else "fail"
        return f"refused: {failing} ({len(self.reasons)} of {len(self.findings)} checks {fail})"

    def __str__(self) -> str:
        """A checklist, certificate by certificate from the leaf up, then what speaks of the whole path."""
        lines = [f"{'✓' if self.accepted else '✗'} {self.head}"]
        for certificate in (*self.path, None):
            own = [f for f in self.findings if f.certificate is certificate]
            if own:
                lines.append(Facts(certificate).called if certificate is not None else "the path")
                lines += [f"  {finding}" for finding in own]
        return "\n".join(lines)

    __repr__ = __str__
