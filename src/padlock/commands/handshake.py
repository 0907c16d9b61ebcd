"""`python -m padlock handshake HOST[:PORT]`: what a server and this machine's client say to each other; the verdict.

Exit status: 0 good, 1 refused, 2 could not reach, or could not write a file.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from padlock import machine, reading, tls
from padlock.judge import Verdict, judge
from padlock.judge.facts import Facts

GOOD, REFUSED, FAILED = 0, 1, 2


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "handshake",
        help="shake hands with a server: its messages, its chain, the verdict",
        epilog="exit status: 0 good, 1 refused, 2 could not reach, or could not write a file",
    )
    parser.add_argument("host", metavar="HOST[:PORT]", help="such as www.python.org or [2001:db8::7]:8443")
    parser.add_argument("--name", help="the name to ask for and to check, if not HOST")
    parser.add_argument(
        "--roots", action="append", metavar="FILE", help="trust these, not this machine's own"
    )
    parser.add_argument("--version", choices=("1.2", "1.3"), help="of TLS")
    parser.add_argument("--timeout", type=_seconds, default=6.0, metavar="SECONDS", help="in all")
    parser.add_argument("--pcap", metavar="FILE", help="write a capture that Wireshark opens and decrypts")
    parser.add_argument("--keylog", metavar="FILE", help="write the session's secrets as an NSS key log")
    parser.add_argument("--json", action="store_true", help="the same as data")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> tuple[str, int]:
    """(what to print, exit status). Raises ValueError, OSError and `tls.Unreachable`, one sentence each."""
    host, port = _address(asked.host)
    roots = (
        [one for path in asked.roots for one in reading.certificates(Path(path))]
        if asked.roots
        else machine.roots().certificates
    )
    trouble = ""
    try:
        seen = tls.connect(host, port, asked.name, roots, asked.timeout, asked.version)
    except tls.Unreachable as error:
        if error.transcript is None:
            raise
        seen, trouble = error.transcript, str(error)
    # --keylog with --pcap: the secrets go into a file of their own, and the capture can be given away
    unwritten = []
    for path, save in (
        (asked.pcap, lambda: seen.save_pcap(asked.pcap, secrets=not asked.keylog)),
        (asked.keylog, lambda: seen.save_keylog(asked.keylog)),
    ):
        try:
            if path:
                save()
        except OSError as error:  # the handshake is there all the same, and is shown
            unwritten.append(f"“{reading.visible(path, 300)}” could not be written: {error.strerror}.")
    verdict = None
    if seen.presented:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `cryptography`, on what rules of ours speak of
            verdict = judge(seen.presented, roots=roots, name=asked.name or host)
    refused = seen.error is not None or (verdict is not None and not verdict.accepted)
    status = FAILED if trouble or unwritten else REFUSED if refused else GOOD
    if asked.json:
        return json.dumps(_data(seen, verdict, trouble, unwritten), indent=2, ensure_ascii=False), status
    return _words(seen, verdict, trouble, unwritten), status


def _words(seen: tls.Transcript, verdict: Verdict | None, trouble: str, unwritten: list[str]) -> str:
    lines = [f"{'client ──▶' if m.sender == 'client' else '◀── server'}  {m.title}" for m in seen.messages]
    lines += [f"! {problem}" for problem in seen.problems]
    lines.append("")
    if trouble:
        lines.append(f"✗ {trouble}")
    elif seen.error:
        alert = f" (alert {seen.error.alert})" if seen.error.alert else ""
        lines.append(f"✗ {seen.error}{alert}")
    else:
        lines.append(f"✓ {seen.version}, {seen.cipher}")
    if seen.presented:
        lines += ["", f"The server sent {len(seen.presented)} certificate{'s' * (len(seen.presented) > 1)}:"]
        lines += [f"  {Facts(one).called}, issued by {Facts(one).issued_by}" for one in seen.presented]
    if verdict is not None:
        lines += ["", str(verdict)]
    lines += [f"✗ {sentence}" for sentence in unwritten]
    return "\n".join(lines)


def _data(
    seen: tls.Transcript, verdict: Verdict | None, trouble: str, unwritten: list[str]
) -> dict[str, Any]:
    return {
        "version": seen.version,
        "cipher": seen.cipher,
        "error": trouble or (str(seen.error) if seen.error else None),
        "alert": seen.error.alert if seen.error else None,
        "messages": [{"sender": m.sender, "name": m.name, "title": m.title} for m in seen.messages],
        "problems": [*seen.problems, *unwritten],
        "chain": [{"subject": Facts(one).called, "issuer": Facts(one).issued_by} for one in seen.presented],
        "accepted": verdict.accepted if verdict else None,
        "findings": [
            {"rule": finding.rule, "ok": finding.ok, "clause": finding.clause, "why": finding.why}
            for finding in (verdict.findings if verdict else ())
        ],
    }


def _address(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT, [ADDRESS]:PORT, a bare IPv6 address, or an address pasted from a browser (RFC 3986 §3.2)."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.IPv6Address(text)), 443
    with contextlib.suppress(ValueError):
        parts = urlsplit(text if "://" in text else f"//{text}")
        if parts.hostname and parts.scheme in ("", "https"):
            return parts.hostname, 443 if parts.port is None else parts.port
    raise ValueError(
        f"“{reading.visible(text, 80)}” is no HOST or HOST:PORT, such as www.python.org:443, with a port up to 65535."
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"“{reading.visible(text, 40)}” is no number of seconds up to 3600")
    return seconds
