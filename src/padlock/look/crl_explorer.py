"""Lesson 09: what is on a list of revoked certificates, and who is on it."""

from collections import Counter
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import Markup

from padlock import crls, reading
from padlock.authority import Authority
from padlock.look.card import called, day
from padlock.look.crl_growth import size
from padlock.look.panel import Choice, Panel, Text, Upload
from padlock.look.shown import Result
from padlock.look.waiting import in_background
from padlock.reading import visible

SHOWN = 8  # entries in the table
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


class CrlExplorer(Panel):
    """A list given, one of a million entries, or a file → its dates, number, signature and entries, and a search.

    crl: any form that `reading.crl` takes; without one, the panel's own CA makes one. issuer: who should have signed.
    Raises `reading.Unreadable`.
    """

    question = "Who is on this list?"
    controls = (
        Choice("which", "List", {"given": "this one", "long": "a million entries, made now", "file": "a file of mine"}),
        Upload("file", "Your file (DER or PEM)", ".crl,.pem,.der"),
        Text("serial", "Serial number, decimal or hex", hint="as `openssl x509 -serial` prints it, or 12:34:ab…"),
    )  # fmt: skip

    def __init__(self, crl=None, issuer=None):
        self.ca = Authority("Class Root")
        if crl is None:
            for reason in ("keyCompromise", "superseded", "cessationOfOperation", None):
                self.ca.revoke(self.ca.issue(f"{reason or 'old'}.test".lower()), reason)
            crl, issuer = self.ca.crl(), self.ca.certificate
        self.given = reading.crl(crl)
        self.issuer = None if issuer is None else reading.certificate(issuer)
        self.long = None
        self._seen = {}
        super().__init__()

    def react(self, pressed=None):
        which = self.values["which"]
        self.show("file", which == "file")
        crl, issuer = self.given, self.issuer
        if which == "file":
            if not self.values["file"]:
                return Result(
                    Markup("<p>No file yet.</p>"), "No file yet.", "Choose a CRL, as a CA publishes it."
                )
            crl, issuer = reading.crl(self.values["file"]), None
        elif which == "long":
            if self.long is None:
                self.long = yield from self._long()
            crl, issuer = self.long, self.ca.certificate
        seen = yield from in_background(
            lambda: self._read(crl), lambda s: f"reading {len(crl):,} entries, {s:.1f} s"
        )
        sentence = self._search(crl, self.values["serial"], silent(crl, issuer))
        rows = [
            ("issuer", visible(called(crl.issuer))),
            ("signature", signature(crl, issuer)),
            ("good from, until", standing(crl)),
            ("number", seen["number"]),
            ("size", f"{size(seen['bytes'])}, {len(crl):,} {'entry' if len(crl) == 1 else 'entries'}"),
            (
                "reasons",
                ", ".join(f"{reason} {count:,}" for reason, count in seen["reasons"].most_common()) or "none",
            ),
        ]
        html = Markup('<dl class="pl-rows">{}</dl>').format(
            Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows)
        )
        html += table(seen["first"], len(crl))
        text = "\n".join(
            [f"{term}: {value}" for term, value in rows] + [" ".join(row) for row in seen["first"]]
        )
        return Result(html, text, sentence)

    def _long(self):
        serials = crls.serial_numbers(crls.MOST)
        steps = crls.long_crl(self.ca, serials)
        while True:
            try:
                yield next(steps), f"writing a CRL of {crls.MOST:,} entries"
            except StopIteration as end:
                return end.value

    def _read(self, crl) -> dict:
        """What takes a while with many entries; once for each list."""
        if self._seen.get("crl") is not crl:
            reasons, first = Counter(), []
            for entry in crl:
                reason = why(entry)
                reasons[reason] += 1
                if len(first) < SHOWN:
                    first.append((f"{entry.serial_number:x}", day(entry.revocation_date_utc, True), reason))
            count = len(crl.public_bytes(Encoding.DER))
            self._seen = {
                "crl": crl,
                "reasons": reasons,
                "first": first,
                "bytes": count,
                "number": number(crl),
            }
        return self._seen

    @staticmethod
    def _search(crl, asked: str, silent: str) -> str:
        """silent: why a number that is not on this list may be revoked all the same; or ""."""
        if not asked.strip():
            many = "1 certificate is" if len(crl) == 1 else f"{len(crl):,} certificates are"
            return f"{many} on it. " + (
                f"Of all others it says nothing that counts: {silent}."
                if silent
                else "All others of this CA are not revoked, says the list."
            )
        numbers = serial_numbers(asked)
        of = f"of {visible(called(crl.issuer))} with this number"
        for serial in numbers:
            if found := crl.get_revoked_certificate_by_serial_number(serial):
                when = day(found.revocation_date_utc, True)
                return f"{serial:x} (hex) is on the list: the certificate {of} was revoked {when}, {why(found)}."
        read = " and, read as decimal, ".join(f"{serial:x}" for serial in numbers)
        if silent:
            return f"{read} (hex): not on the list. It may be revoked all the same: {silent}."
        return (
            f"{read} (hex): not on the list. By {day(crl.last_update_utc, True)} no certificate {of} was revoked. "
            "Of other CAs' certificates the list says nothing."
        )


def silent(crl, issuer) -> str:
    """Why it proves nothing of a certificate that is not on it; or ""."""
    end, now = crl.next_update_utc, datetime.now(UTC)
    if issuer is not None and not signed(crl, issuer):
        return "that CA did not sign it"
    if now < crl.last_update_utc or (end is not None and end < now):
        return "the list is not of now"
    try:
        critical = [extension.value for extension in crl.extensions if extension.critical]
    except UNREADABLE:
        return "its extensions can't be read"
    if any(isinstance(one, x509.DeltaCRLIndicator) for one in critical):
        return "it is a delta, with the changes to another list only (RFC 5280 §5.2.4)"
    if critical:
        return "it is for some certificates or reasons only, or says something else that is critical (RFC 5280 §5.2)"
    return ""


def serial_numbers(text: str) -> list[int]:
    """What a serial number as people have it may mean: hex, and decimal where it has no other digits. ValueError, a
    sentence, for anything else."""
    text = text.strip().removeprefix("serial=").removeprefix("Serial=")
    digits = text.lower().removeprefix("0x").replace(":", "").replace(" ", "")
    plain = text.isascii() and text.isdigit() and not text.startswith("0")
    try:
        if not (digits.isascii() and digits.isalnum()):  # int() would take "1_0" and " 1"
            raise ValueError
        if plain and len(text) > 40:  # in hex a serial number has at most 40 digits
            return [int(text)]
        return [int(digits, 16), int(text)] if plain and len(text) > 1 else [int(digits, 16)]
    except ValueError:
        raise ValueError(
            f"A serial number is digits, decimal or hex; ‘{visible(text, 60)}’ is something else."
        ) from None


def why(entry) -> str:
    """An entry's reason (RFC 5280 §5.3.1), in its own word."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "no reason given"
    except UNREADABLE:
        return "can't be read"


def number(crl) -> str:
    try:
        return str(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except x509.ExtensionNotFound:
        return "none (RFC 5280 §5.2.3 asks for one)"
    except UNREADABLE:
        return "can't be read"


def signed(crl, issuer) -> bool:
    try:
        return crl.issuer == issuer.subject and crl.is_signature_valid(issuer.public_key())
    except (*UNREADABLE, InvalidSignature):
        return False


def signature(crl, issuer) -> str:
    if issuer is None:
        return "? not checked: nobody said whose it should be"
    return f"{'✓' if signed(crl, issuer) else '✗ not'} by {visible(called(issuer.subject))}"


def standing(crl) -> str:
    begin, over, now = crl.last_update_utc, crl.next_update_utc, datetime.now(UTC)
    if over is None:
        return f"{day(begin, True)}, and does not say when the next one comes"
    state = "✗ of the future" if now < begin else "✗ over" if now > over else "✓ fresh"
    return f"{day(begin, True)} → {day(over, True)} · {state}"


def table(first: list[tuple], count: int) -> Markup:
    if not first:
        return Markup("<p>Nobody is on it.</p>")
    rows = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td class='pl-nowrap'>{}</td><td>{}</td></tr>").format(*row)
        for row in first
    )
    more = (
        Markup("<p class='pl-dim'>… and {} more</p>").format(f"{count - len(first):,}")
        if count > len(first)
        else ""
    )
    return Markup(
        "<table class='pl-table'><thead><tr><th scope='col'>serial number (hex)</th><th scope='col'>revoked</th>"
        "<th scope='col'>reason</th></tr></thead><tbody>{}</tbody></table>{}"
    ).format(rows, more)
