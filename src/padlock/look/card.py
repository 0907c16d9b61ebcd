"""A certificate as a person reads it. The rows are data; the HTML and the plain words are made from the same rows."""

import ipaddress
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID
from markupsafe import Markup, escape

from padlock import keys, reading
from padlock.look import tokens
from padlock.look.shapes import icon
from padlock.look.shown import Shown

MOST_CARDS = 10
MOST_NAMES = 8

# What stands in a client's code for what it may read: RFC 5280 §4.2.1.12.
PURPOSES = {
    EKU.SERVER_AUTH: ("serve TLS", "serverAuth"),
    EKU.CLIENT_AUTH: ("be a TLS client", "clientAuth"),
    EKU.CODE_SIGNING: ("sign code", "codeSigning"),
    EKU.EMAIL_PROTECTION: ("sign mail", "emailProtection"),
    EKU.TIME_STAMPING: ("stamp times", "timeStamping"),
    EKU.OCSP_SIGNING: ("sign OCSP answers", "OCSPSigning"),
    EKU.ANY_EXTENDED_KEY_USAGE: ("serve any purpose", "anyExtendedKeyUsage"),
}
USES = {  # RFC 5280 §4.2.1.3
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


# ---- The model: rows of parts


@dataclass(frozen=True)
class Part:
    """A few words. `look`: "", "strong", "code", "aside", a colour of `look.tokens`, or "pill-ok", "pill-no", …"""

    text: str
    look: str = ""

    def html(self) -> Markup:
        if self.look == "strong":
            return Markup("<strong>{}</strong>").format(self.text)
        if self.look == "code":
            return Markup("<code>{}</code>").format(self.text)
        if self.look == "aside":
            return Markup('<span class="pl-dim">{}</span>').format(self.text)
        if self.look.startswith("pill-"):
            return Markup('<span class="pl-pill pl-{}">{}</span>').format(self.look[5:], self.words())
        return (
            Markup('<span class="pl-{}">{}</span>').format(self.look, self.text)
            if self.look
            else escape(self.text)
        )

    def words(self) -> str:
        if self.look.startswith("pill-"):
            return f"{tokens.MARKS[self.look[5:]]} {self.text}"
        return f"({self.text})" if self.look == "aside" else self.text


@dataclass(frozen=True)
class Row:
    term: str
    parts: tuple[Part, ...]

    def joined(self, form: Callable, nothing: str) -> str:
        """The parts in one line, a space between them, none before a comma."""
        spaced = (
            (form(part) if part.text.startswith(", ") or not at else " " + form(part))
            for at, part in enumerate(self.parts)
        )
        return nothing.join(spaced)


@dataclass(frozen=True)
class Card:
    kind: str  # a shape of look.shapes
    word: str
    rows: tuple[Row, ...]
    dashed: bool = False

    def html(self) -> Markup:
        rows = Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(row.term, row.joined(Part.html, Markup("")))
            for row in self.rows
        )
        return Markup(
            '<div class="pl-card{}"><div class="pl-with-icon"><div class="pl-what">{}<div>{}</div></div>'
            '<dl class="pl-rows pl-grow">{}</dl></div></div>'
        ).format(" pl-card-dashed" if self.dashed else "", icon(self.kind, 72), self.word, rows)

    def words(self) -> str:
        wide = max(len(row.term) for row in self.rows)
        lines = (f"  {row.term:{wide}}  {row.joined(Part.words, '')}" for row in self.rows)
        return "\n".join([self.word, *lines])


# ---- Words for times and names


def day(moment: datetime, with_time: bool = False) -> str:
    """23 Nov 2026, the same in every locale; in UTC."""
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
        moment.month - 1
    ]
    return f"{moment.day} {month} {moment.year}" + (f" {moment:%H:%M} UTC" if with_time else "")


def length(span: timedelta) -> str:
    """'90 days', '5 hours', '12 minutes': the largest unit of which there are at least two, rounded down."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            count = seconds // size
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def moment(at: datetime | None) -> datetime:
    """`at` in UTC; now, if it is None. A time without a zone is taken as UTC."""
    if at is None:
        return datetime.now(UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def standing(certificate: x509.Certificate, at: datetime | None = None) -> tuple[str, str]:
    """Whether its time has come: a mark of `look.tokens` and words (RFC 5280 §4.1.2.5: both ends count)."""
    now, first, last = moment(at), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if last < first:
        return "no", "never: it ends before it begins"
    if now < first:
        return "no", f"not yet, in {length(first - now)}"
    if now > last:
        return "no", f"expired {length(now - last)} ago"
    return "ok", f"{length(last - now)} left"


def called(name: x509.Name) -> str:
    """A distinguished name in words: its CN if that is all there is, otherwise all of it (RFC 4514)."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(common) == 1 and len(list(name)) == 1:
        return reading.visible(common[0].value)
    return reading.visible(name.rfc4514_string()) if list(name) else "(no name)"


def named(general: x509.GeneralName) -> str:
    """One name of a SubjectAlternativeName in words; a kind that is not a plain name is said with its kind."""
    value = general.value
    if isinstance(general, x509.DNSName | x509.UniformResourceIdentifier):
        return reading.visible(value)
    if isinstance(general, x509.IPAddress):
        return str(value)
    if isinstance(general, x509.RFC822Name):
        return reading.visible(value)
    if isinstance(general, x509.DirectoryName):
        return called(value)
    if isinstance(general, x509.RegisteredID):
        return f"object {value.dotted_string}"
    return f"another kind of name ({general.type_id.dotted_string})"


def _listed(words: Iterable[str], most: int = MOST_NAMES) -> str:
    words = list(words)
    return ", ".join(words[:most]) + (f" and {len(words) - most:,} more" if len(words) > most else "")


# ---- The rows


class _Extensions:
    """The extensions of a certificate or a request, read once; what can't be read is said, not raised."""

    def __init__(self, thing: x509.Certificate | x509.CertificateSigningRequest):
        self.trouble = ""
        try:
            self.all = list(thing.extensions)
        except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
            self.all, self.trouble = [], reading.visible(error, 120) or type(error).__name__

    def get(self, kind: type) -> x509.Extension | None:
        return next((extension for extension in self.all if isinstance(extension.value, kind)), None)

    def value(self, kind: type):
        found = self.get(kind)
        return found and found.value


def _row(term: str, *parts: Part | str | None) -> Row:
    return Row(term, tuple(Part(part) if isinstance(part, str) else part for part in parts if part))


def _try(term: str, build: Callable[[], Row | None]) -> list[Row]:
    """The row, or a row that says that this part is damaged: one bad field must not hide the others."""
    try:
        row = build()
    except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm) as error:
        row = _row(
            term, Part("can't be read", "pill-no"), Part(reading.visible(error, 120) or "damaged", "aside")
        )
    return [row] if row else []


def _names(extensions: _Extensions, subject: x509.Name, is_ca: bool) -> Row:
    san = extensions.value(x509.SubjectAlternativeName)
    if san:
        first, *rest = [named(general) for general in san]
        others = f", {_listed(rest, MOST_NAMES - 1)}" if rest else None
        return _row("for", Part(first, "strong"), others, Part("subjectAltName", "aside"))
    who = Part(called(subject), "strong")
    if is_ca:
        return _row("for", who, Part("a CA, not a host", "aside"))
    return _row(
        "for", who, Part("only a subject; no subjectAltName, so no host name that a client looks at", "aside")
    )


def _key(thing) -> Row:
    public = thing.public_key()
    return _row(
        "public key", Part(keys.describe(public), "pub"), Part(keys.short_fingerprint(public), "code")
    )


def _signed_itself(certificate: x509.Certificate) -> bool | None:
    """None: can't be told here."""
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True


def _algorithm(thing) -> str:
    oid = thing.signature_algorithm_oid
    return oid._name if oid._name != "Unknown OID" else oid.dotted_string


def _signer(certificate: x509.Certificate) -> Row:
    how = Part(reading.visible(_algorithm(certificate)), "aside")
    if certificate.issuer == certificate.subject:
        own = _signed_itself(certificate)
        if own:
            return _row(
                "signed by",
                Part("itself", "ca"),
                Part("self-signed: trusted only where it is in the store", "aside"),
            )
        what = "but the signature is not its own" if own is False else "the signature can't be checked here"
        return _row(
            "signed by", Part(called(certificate.issuer), "ca"), Part(f"its own name, {what}", "aside")
        )
    return _row("signed by", Part(called(certificate.issuer), "ca"), how)


def _validity(certificate: x509.Certificate, at: datetime | None) -> Row:
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    mark, words = standing(certificate, at)
    exact = last - first < timedelta(days=3)
    return _row("good", f"{day(first, exact)} → {day(last, exact)}", Part(words, f"pill-{mark}"))


def _may(extensions: _Extensions) -> tuple[list[str], list[str], list[str], list[str]]:
    """What it may and may not do, in words and in the names of the standard."""
    may, may_says, may_not, may_not_says = [], [], [], []
    basic = extensions.value(x509.BasicConstraints)
    usage = extensions.value(x509.KeyUsage)
    purposes = extensions.value(x509.ExtendedKeyUsage)
    uses = [word for attribute, word in USES.items() if usage and getattr(usage, attribute)]
    for purpose in purposes or ():
        words, says = PURPOSES.get(purpose, (f"serve purpose {purpose.dotted_string}", purpose.dotted_string))
        may.append(words)
        may_says.append(says)
    if basic and basic.ca:
        if usage and not usage.key_cert_sign:
            may_not.append("sign certificates")
            may_not_says.append("CA:TRUE, but no keyCertSign")
        else:
            depth = basic.path_length
            may.append("sign certificates")
            may_says.append("CA:TRUE" + ("" if depth is None else f", pathLen {depth}"))
            if depth is not None:
                may_not.append(
                    "have CAs below it"
                    if depth == 0
                    else f"have more than {depth} CAs below it, one under the other"
                )
                may_not_says.append(f"pathLen {depth}")
        if usage and usage.crl_sign:
            may.append("sign CRLs")
    else:
        may_not.append("sign certificates")
        may_not_says.append("CA:FALSE" if basic else "no basicConstraints")
        if purposes is None:
            may.append("any purpose that its key usage allows" if usage else "anything else")
            may_says.append("no extendedKeyUsage")
    return may, may_says + uses, may_not, may_not_says


def _abilities(extensions: _Extensions) -> list[Row]:
    may, says, may_not, says_not = _may(extensions)
    rows = []
    if may:
        rows.append(_row("may", _listed(may), Part(_listed(says, 12), "aside")))
    if may_not:
        rows.append(_row("may not", _listed(may_not), Part(_listed(says_not), "aside")))
    return rows


def _limits(extensions: _Extensions) -> Row | None:
    limits = extensions.value(x509.NameConstraints)
    if not limits:
        return None
    parts = []
    if limits.permitted_subtrees:
        parts.append("only names under " + _listed(_subtree(tree) for tree in limits.permitted_subtrees))
    if limits.excluded_subtrees:
        parts.append("no names under " + _listed(_subtree(tree) for tree in limits.excluded_subtrees))
    return _row("limited to", "; ".join(parts), Part("nameConstraints", "aside"))


def _subtree(tree: x509.GeneralName) -> str:
    network = isinstance(tree.value, ipaddress.IPv4Network | ipaddress.IPv6Network)
    return str(tree.value) if network else named(tree) or "(everything)"


def _revocation(extensions: _Extensions) -> Row | None:
    places = []
    points = extensions.value(x509.CRLDistributionPoints)
    for point in points or ():
        places += [f"CRL {named(name)}" for name in point.full_name or ()]
    for access in extensions.value(x509.AuthorityInformationAccess) or ():
        if access.access_method == x509.AuthorityInformationAccessOID.OCSP:
            places.append(f"OCSP {named(access.access_location)}")
    return _row("revoked?", _listed(places, 4), Part("where a client may ask", "aside")) if places else None


def _unknown(extensions: _Extensions) -> list[Row]:
    rows = []
    unknown = [
        e.oid.dotted_string
        for e in extensions.all
        if e.critical and isinstance(e.value, x509.UnrecognizedExtension)
    ]
    if unknown:
        rows.append(
            _row(
                "critical",
                Part(f"unknown: {_listed(unknown)}", "pill-no"),
                Part("a client that does not know it must refuse (RFC 5280 §4.2)", "aside"),
            )
        )
    if extensions.trouble:
        rows.append(_row("extensions", Part("can't be read", "pill-no"), Part(extensions.trouble, "aside")))
    return rows


def _serial(certificate: x509.Certificate) -> Row:
    number = certificate.serial_number
    digits = f"{abs(number):x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    pairs = [digits[i : i + 2] for i in range(0, len(digits), 2)]
    shown = ":".join(pairs) if len(pairs) <= 8 else f"{':'.join(pairs[:4])}…{':'.join(pairs[-2:])}"
    bad = "zero or less; it must be positive (RFC 5280 §4.1.2.2)" if number <= 0 else None
    return _row("serial", Part(("-" if number < 0 else "") + shown, "code"), Part(bad, "no") if bad else None)


def model(certificate, at: datetime | None = None) -> Card:
    """The card of a certificate as data. Takes whatever `reading.certificate` takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `cryptography` warns of odd certificates; the card says what is odd
        certificate = reading.certificate(certificate)
        extensions = _Extensions(certificate)
        basic = extensions.value(x509.BasicConstraints)
        is_ca = bool(basic and basic.ca)
        rows = [
            *_try("for", lambda: _names(extensions, certificate.subject, is_ca)),
            *_try("public key", lambda: _key(certificate)),
            *_try("signed by", lambda: _signer(certificate)),
            *_try("good", lambda: _validity(certificate, at)),
            *_abilities(extensions),
            *_try("limited to", lambda: _limits(extensions)),
            *_try("serial", lambda: _serial(certificate)),
            *_try("revoked?", lambda: _revocation(extensions)),
            *_unknown(extensions),
        ]
        return Card("certificate", "CA certificate" if is_ca else "certificate", tuple(rows))


def card(certificate, at: datetime | None = None) -> Shown:
    """A certificate as a person reads it.

    `certificate`: whatever `padlock.reading` takes. `at`: the time at which to look, otherwise now.
    Shows; does not judge. Raises `reading.Unreadable`.
    """
    made = model(certificate, at)
    return Shown(made.html(), made.words())


def cards(certificates, at: datetime | None = None) -> Shown:
    """Many certificates, the first ten of them as cards.

    Raises `reading.Unreadable`."""
    every = reading.certificates(certificates)
    made = [model(one, at) for one in every[:MOST_CARDS]]
    html, text = Markup("").join(one.html() for one in made), "\n\n".join(one.words() for one in made)
    if len(every) > MOST_CARDS:
        more = f"… and {len(every) - MOST_CARDS:,} more certificates."
        html, text = html + Markup('<p class="pl-note">{}</p>').format(more), f"{text}\n\n{more}"
    return Shown(html, text)


def csr_card(csr) -> Shown:
    """A certificate signing request as a person reads it (RFC 2986). Raises `reading.Unreadable`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        csr = reading.csr(csr)
        extensions = _Extensions(csr)
        basic = extensions.value(x509.BasicConstraints)

        def asks() -> Row:
            row = _names(extensions, csr.subject, bool(basic and basic.ca))
            return Row("asks for", row.parts)

        def says() -> Row | None:
            if extensions.get(x509.SubjectAlternativeName) and list(csr.subject):
                return _row("subject", called(csr.subject), Part("what the asker calls itself", "aside"))
            return None  # it is in the row above

        def proof() -> Row:
            if old := keys.old_hash(csr):
                return _row("proof", Part(f"signed with {old}, which is accepted no more", "pill-no"))
            if csr.is_signature_valid:
                # Whoever sends it may be somebody else: a request can be copied (RFC 2986 has no nonce).
                return _row(
                    "proof",
                    Part("its maker held the private key", "pill-ok"),
                    Part("signed with it", "aside"),
                )
            return _row("proof", Part("the signature does not fit the public key", "pill-no"))

        def wishes() -> Row | None:
            may, says, _, _ = _may(extensions)
            asked = extensions.value(x509.ExtendedKeyUsage) or (basic and basic.ca)
            return _row("wants to", _listed(may), Part(_listed(says, 12), "aside")) if asked else None

        rows = [
            *_try("asks for", asks),
            *_try("subject", says),
            *_try("public key", lambda: _key(csr)),
            *_try("proof", proof),
            *_try("wants to", wishes),
            _row("signed by", "not signed by any CA yet"),
            *_unknown(extensions),
        ]
        made = Card("csr", "CSR", tuple(rows), dashed=True)
    return Shown(made.html(), made.words())
