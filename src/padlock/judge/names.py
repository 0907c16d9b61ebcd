"""Names in certificates: when two are the same, when one is covered by another, when one lies inside a constraint."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

Key = tuple[frozenset, ...]  # a directory name in the form in which equal names are equal

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)  # underscores occur in real DNS names


# ---- Directory names (subject, issuer)


def name_key(name: x509.Name) -> Key:
    """RFC 5280 §7.1: the same order of RDNs; in each the same attributes, compared without case and extra spaces.

    How a string is encoded (PrintableString, UTF8String) makes no difference.
    """
    return tuple(frozenset((a.oid.dotted_string, _folded(a.value)) for a in rdn) for rdn in name.rdns)


def _folded(value: str | bytes) -> str | bytes:
    if isinstance(value, bytes):  # an x500UniqueIdentifier is bits, not text
        return value
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


# ---- The name that a client wants


@dataclass(frozen=True)
class Wanted:
    """kind: "DNS", "IP", "email" or "URI"; value: a lower-case A-label name, an ipaddress object, or text."""

    kind: str
    value: object

    def __str__(self) -> str:
        return str(self.value)


def wanted(name: object) -> Wanted | None:
    """What the caller gave as `name`; ValueError, one sentence, for what no certificate could ever hold."""
    if name is None or isinstance(name, Wanted):
        return name
    if isinstance(name, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return Wanted("IP", name)
    if isinstance(name, x509.IPAddress):
        return Wanted("IP", name.value)
    if isinstance(name, x509.RFC822Name):
        return Wanted("email", name.value)
    if isinstance(name, x509.UniformResourceIdentifier):
        return Wanted("URI", name.value)
    if isinstance(name, x509.DNSName):
        name = name.value
    if not isinstance(name, str):
        raise ValueError(f"A name is text, an IP address or a GeneralName with one of these, not a {type(name).__name__}.")
    try:
        return Wanted("IP", ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        pass
    text = name.lower().removesuffix(".")  # api.test. is api.test, said to be complete (RFC 1034 §3.1)
    if not text.isascii():
        raise ValueError(f"{name!r} is internationalised: give its A-label form, each such label beginning with xn-- (RFC 9525 §2).")
    if not is_dns_name(text):
        raise ValueError(f"{name!r:.80} is no DNS name: labels of letters, digits and hyphens, with dots between (RFC 5890 §2.3.1).")
    return Wanted("DNS", text)


def is_dns_name(text: str) -> bool:
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def is_address(name: x509.IPAddress) -> bool:
    """Eight or 32 octets are a network, which only a name constraint may hold."""
    return isinstance(name.value, (ipaddress.IPv4Address, ipaddress.IPv6Address))


def covers(presented: x509.GeneralName, want: Wanted) -> bool:
    """RFC 9525 §6.3 to §6.5: does this entry of the subjectAltName stand for the name that the client wants?"""
    if want.kind == "DNS" and isinstance(presented, x509.DNSName):
        return _dns_covers(presented.value.lower(), want.value)
    if want.kind == "IP" and isinstance(presented, x509.IPAddress):
        return presented.value == want.value
    if want.kind == "email" and isinstance(presented, x509.RFC822Name):
        return _mailbox(presented.value) == _mailbox(want.value)
    if want.kind == "URI" and isinstance(presented, x509.UniformResourceIdentifier):
        return presented.value == want.value  # SPIFFE and its like: the same, to the letter
    return False


def _dns_covers(pattern: str, name: str) -> bool:
    """A `*` is a whole leftmost label and stands for exactly one label (RFC 9525 §6.3)."""
    if not pattern.startswith("*."):
        return pattern == name and is_dns_name(pattern)
    rest = pattern[2:]
    first, _, below = name.partition(".")
    return bool(first) and rest == below and is_dns_name(rest) and not too_wide(pattern)


def too_wide(pattern: str) -> bool:
    """`*.com`: everybody below a top-level domain. No RFC forbids it; OpenSSL and browsers refuse it, and so do we."""
    return pattern.startswith("*.") and pattern.count(".") < 2


def _mailbox(address: str) -> tuple[str, str]:
    local, _, host = address.rpartition("@")
    return local, host.lower()  # only the host ignores case (RFC 5280 §7.5)


# ---- Name constraints (RFC 5280 §4.2.1.10)


@dataclass
class Subtrees:
    """One side (permitted or excluded) of a name constraints extension, sorted for looking up.

    Looking a name up takes a few set look-ups, not one comparison for each constraint: a hostile certificate may
    have thousands of both.
    """

    dns: set[str] = field(default_factory=set)
    hosts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # "email", "URI" → hosts, ".domains"
    mailboxes: set[tuple[str, str]] = field(default_factory=set)
    networks: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))  # (version, length) →
    directories: set[Key] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)  # which forms of name are constrained at all
    unknown: set[str] = field(default_factory=set)  # forms that we can't compare

    def holds(self, kind: str, value: object) -> bool:
        """Does a name of this kind lie inside one of the subtrees?"""
        if kind == "DNS":
            return any(suffix in self.dns for suffix in _suffixes(value))
        if kind == "IP":
            number, bits = int(value), value.max_prefixlen
            return any(number >> (bits - length) in found for (version, length), found in self.networks.items()
                       if version == value.version)  # fmt: skip
        if kind == "email":
            mailbox = _mailbox(value)
            return mailbox in self.mailboxes or _host_in(mailbox[1], self.hosts["email"])
        if kind == "URI":
            return _host_in(uri_host(value), self.hosts["URI"])
        if kind == "directory":
            return any(value[:n] in self.directories for n in range(len(value) + 1))
        return False


def _suffixes(name: str):
    """api.example.test: itself, example.test, test, and "" (which constrains everything)."""
    name = name.lower().removesuffix(".")
    yield name
    while "." in name:
        name = name.partition(".")[2]
        yield name
    yield ""


def _host_in(host: str, allowed: set[str]) -> bool:
    """`example.test` means that host only, `.example.test` every host below it (RFC 5280 §4.2.1.10)."""
    host = host.lower()
    return host in allowed or any(f".{suffix}" in allowed for suffix in list(_suffixes(host))[1:] if suffix)


def uri_host(uri: str) -> str:
    """The host of a URI; "" where there is none, or where it is an address: then a constraint can't hold it."""
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError:
        return ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return ""


def subtrees(names: list[x509.GeneralName] | None) -> Subtrees:
    found = Subtrees()
    for name in names or ():
        kind = kind_of(name)
        found.kinds.add(kind)
        if kind == "DNS":
            found.dns.add(name.value.lower().removeprefix("."))
        elif kind == "IP":
            network = name.value
            shift = network.max_prefixlen - network.prefixlen
            found.networks[network.version, network.prefixlen].add(int(network.network_address) >> shift)
        elif kind == "email" and "@" in name.value:
            found.mailboxes.add(_mailbox(name.value))
        elif kind in ("email", "URI"):
            found.hosts[kind].add(name.value.lower())
        elif kind == "directory":
            found.directories.add(name_key(name.value))
        else:
            found.unknown.add(kind)
    return found


def kind_of(name: x509.GeneralName) -> str:
    kinds = {
        x509.DNSName: "DNS",
        x509.IPAddress: "IP",
        x509.RFC822Name: "email",
        x509.UniformResourceIdentifier: "URI",
        x509.DirectoryName: "directory",
    }
    return kinds.get(type(name), type(name).__name__)


def constrained_names(subject: x509.Name, san: list[x509.GeneralName]) -> list[tuple[str, object]]:
    """(kind, value) of every name in a certificate that constraints apply to: subject, its e-mail, the subjectAltName."""
    found: list[tuple[str, object]] = []
    if subject.rdns:
        found.append(("directory", name_key(subject)))
    if not any(isinstance(name, x509.RFC822Name) for name in san):  # only where the SAN has none
        found += [("email", a.value) for a in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    for name in san:
        kind = kind_of(name)
        found.append((kind, name_key(name.value) if kind == "directory" else getattr(name, "value", None)))
    return found
