"""For work, after the course: is this certificate good? What does this server say? What is in this file?

    python -m padlock explain server.pem --name api.test [--roots roots.pem] [--crl ca.crl] [--at 2027-01-01] [--json]
    python -m padlock handshake www.python.org [--pcap F --keylog F] [--name …] [--roots …] [--json]
    python -m padlock inspect FILE [--notes]

Exit status: 0 good, 1 refused, 2 could not read what was given or reach the server.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes

from padlock import machine, reading, tls
from padlock.commands import handshake, inspect
from padlock.judge import Verdict, judge
from padlock.judge.facts import Facts

GOOD, REFUSED, UNREADABLE = 0, 1, 2

JSON = """\
--json writes one object. Its keys stay; new ones may join them.
  accepted   true or false
  path       the certificates, leaf first: subject, issuer, sha256 (of the DER, hex)
  findings   what each rule found: rule, ok, clause, why, and certificate, which is
             a position in path, or null where it speaks of the path as a whole
  not_asked  rules that were not applied: revocation without --crl, name without --name"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        said, status = asked.run(asked)
    except OSError as error:
        about = f"“{reading.visible(error.filename, 80)}”: {error.strerror}." if error.filename else error
        print(f"padlock: {about}", file=sys.stderr)
        return UNREADABLE
    except (ValueError, tls.Unreachable) as error:  # reading.Unreadable is a ValueError: one sentence
        print(f"padlock: {error}", file=sys.stderr)
        return UNREADABLE
    try:
        _say(said)
    except BrokenPipeError:  # whoever reads has enough (`| head`): the verdict stands
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"padlock: the answer can't be written: {error.strerror}.", file=sys.stderr)
        return UNREADABLE
    return status


def _explain(asked: argparse.Namespace) -> tuple[str, int]:
    """(what to print, exit status)."""
    verdict, roots = _judged(asked)
    status = GOOD if verdict.accepted else REFUSED
    if asked.json:
        return json.dumps(as_json(verdict, asked), indent=2, ensure_ascii=False), status
    return f"{verdict}\n\n{roots}", status


def _say(words: str) -> None:
    sys.stdout.reconfigure(errors="replace")  # an old console has no ✓
    print(words, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m padlock", description="Certificates and chains, explained."
    )
    commands = parser.add_subparsers(required=True, metavar="explain | handshake | inspect")
    explain = commands.add_parser(
        "explain",
        help="is this chain good for this name, purpose and time, and if not, why?",
        epilog="exit status: 0 good, 1 refused, 2 could not read\n\n" + JSON,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument(
        "file", help="the certificate, PEM or DER; what follows it in the file are intermediates"
    )
    explain.add_argument(
        "--name", help="the DNS name, IP address, e-mail address or URI that the client wants"
    )
    explain.add_argument(
        "--roots", action="append", metavar="FILE", help="trust these, not this machine's own"
    )
    explain.add_argument(
        "--intermediates", action="append", default=[], metavar="FILE", help="more certificates"
    )
    explain.add_argument(
        "--crl", action="append", default=[], metavar="FILE", help="revocation lists to look into"
    )
    explain.add_argument(
        "--at", type=_moment, metavar="DATE", help="judge at this time: 2027-01-01, or with T12:00Z"
    )
    explain.add_argument("--purpose", choices=("server", "client", "any"), default="server")
    explain.add_argument(
        "--allow-weak", action="store_true", help="admit old algorithms and old habits of form"
    )
    explain.add_argument("--json", action="store_true", help="the findings as data")
    explain.set_defaults(run=_explain)
    handshake.add(commands)
    inspect.add(commands)
    return parser


def _moment(text: str) -> datetime:
    """An ISO date or time; without a time zone it is UTC. argparse turns the error into exit status 2."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{reading.visible(text, 60)}” is no date: give one such as 2027-01-01, or with a time 2027-01-01T12:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _judged(asked: argparse.Namespace) -> tuple[Verdict, str]:
    """The verdict, and a line on what was trusted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of `cryptography`, on what rules of ours speak of
        if asked.roots:
            roots = [one for path in asked.roots for one in reading.certificates(_file(path))]
            said = f"Trusted: {len(roots)} certificates from {', '.join(map(reading.visible, asked.roots))}."
        else:
            roots = machine.roots().certificates
            said = f"Trusted: the {len(roots)} certificates of this machine's own store."
        verdict = judge(
            _file(asked.file),
            [_file(path) for path in asked.intermediates],
            roots,
            asked.name,
            None if asked.purpose == "any" else asked.purpose,
            asked.at,
            [_file(path, "crl") for path in asked.crl],
            allow_weak=asked.allow_weak,
        )
    if not asked.crl:
        said += "\nNot looked into: whether it is revoked (no --crl was given)."
    if asked.name is None:
        said += "\nNot looked into: the name (no --name was given)."
    return verdict, said


def _file(path: str, want: str = "certificate"):
    """A path for `reading`, even where it looks like nothing of the kind; - is what comes in through the pipe."""
    return sys.stdin.buffer.read(reading.most(want) + 1) if path == "-" else Path(path)


def as_json(verdict: Verdict, asked: argparse.Namespace) -> dict:
    """As JSON says above."""
    position = {id(certificate): at for at, certificate in enumerate(verdict.path)}
    return {
        "accepted": verdict.accepted,
        "path": [
            {
                "subject": Facts(certificate).called,
                "issuer": Facts(certificate).issued_by,
                "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            }
            for certificate in verdict.path
        ],
        "findings": [
            {
                "rule": finding.rule,
                "ok": finding.ok,
                "clause": finding.clause,
                "why": finding.why,
                "certificate": position.get(id(finding.certificate)),
            }
            for finding in verdict.findings
        ],
        "not_asked": [rule for rule, given in (("revocation", asked.crl), ("name", asked.name)) if not given],
    }


if __name__ == "__main__":
    sys.exit(main())
