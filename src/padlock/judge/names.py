"""Names in certificates: when two are the same, when one is covered by another, when one lies inside a constraint."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from padlock.reading import visible

Key = tuple[frozenset, ...]  # a directory name in the form in which equal names are equal

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")  # underscores occur in real DNS names
# RFC 3986 §3: scheme, user, host and port, as far as it takes to find the host. Characters that no URI may hold
# (a backslash, a blank) find none: programs disagree on where the host ends there.
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:[^\s\\/?#@]*@)?([^\s\\/?#@:]+)(?::[0-9]*)?(?:[/?#][!-\[\]-~]*)?", re.I | re.A
)
# What people copy from a browser or a configuration file: a web address, or a host with its port.
_AROUND = re.compile(
    r"(?!urn:)(?:(?:https?|wss?)://(?:[^\s/?#@]*@)?)?(\[[^\s\]]+\]|[^\s:/?#@\[\]]+)(?::[0-9]+)?(?:[/?#].*)?",
    re.I | re.S,
)


# ---- Directory names (subject, issuer)


def name_key(name: x509.Name) -> Key:
    """RFC 5280 §7.1: the same order of RDNs; in each the same attributes, compared without case and extra spaces.

    How a string is encoded (PrintableString, UTF8String) makes no difference.
    """
    return tuple(frozenset([(a.oid.dotted_string, _folded(a.value)) for a in rdn]) for rdn in name.rdns)


def is_directory(name: x509.GeneralName, key: Key) -> bool:
    """Is this the directory name with that key?"""
    return isinstance(name, x509.DirectoryName) and name_key(name.value) == key


def _folded(value: str | bytes) -> str | bytes:
    if isinstance(value, bytes):  # an x500UniqueIdentifier is bits, not text
        return value
    if not (value.isascii() and value.isprintable()):
        # RFC 4518 §2.2: what shows as nothing (soft hyphens, joiners, variation selectors) counts for nothing
        value = "".join(c for c in value if c.isspace() or not _shows_nothing(c))
        value = unicodedata.normalize("NFKC", value).casefold()
    return " ".join(value.casefold().split())


def _shows_nothing(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cf", "Cc")
        or "\ufe00" <= character <= "\ufe0f"
        or character == "\u034f"
    )


def lower(text: str) -> str:
    """A-Z only. Python's own would turn the Kelvin sign into a k, and so one name into another."""
    return text.lower() if text.isascii() else text


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
        raise ValueError(
            f"A name is text, an IP address or a GeneralName with one of these, not a {type(name).__name__}."
        )
    if ":" in name or name[-1:].isdigit():
        try:
            return Wanted("IP", ipaddress.ip_address(name.strip("[]")))
        except ValueError:
            pass  # it was only like one
    shown = f"“{visible(name, 80)}”"
    around = _AROUND.fullmatch(name)
    if around and around[1] != name:
        host = visible(around[1].strip("[]"), 80)
        raise ValueError(
            f"{shown} is more than a name: a certificate is for a host, whatever its port and path. Give {host} alone."
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|urn:", name):
        return Wanted("URI", name)
    if "@" in name:
        return Wanted("email", name)
    if not name.isascii():
        raise ValueError(
            f"{shown} is internationalised: give the form that DNS uses, labels that begin with xn-- (RFC 9525 §2)."
        )
    text = name.lower().removesuffix(".")  # api.test. is api.test, said to be complete (RFC 1034 §3.1)
    if not is_dns_name(text):
        raise ValueError(
            f"{shown} is no DNS name: labels of letters, digits and hyphens, with dots between (RFC 5890 §2.3.1)."
        )
    return Wanted("DNS", text)


def is_dns_name(text: str) -> bool:
    """In lower case, without a wildcard and without a dot at the end; 10.0.0.1 and 10.1 are none (RFC 1123 §2.1)."""
    labels = text.split(".")
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def is_address(name: x509.IPAddress) -> bool:
    """Eight or 32 octets are a network, which only a name constraint may hold."""
    return isinstance(name.value, (ipaddress.IPv4Address, ipaddress.IPv6Address))


def covers(presented: x509.GeneralName, want: Wanted) -> bool:
    """RFC 9525 §6.3, §6.4: does this entry of the subjectAltName stand for the name that the client wants?"""
    if want.kind == "DNS" and isinstance(presented, x509.DNSName):
        return _dns_covers(lower(presented.value), want.value)
    if want.kind == "IP" and isinstance(presented, x509.IPAddress):
        return presented.value == want.value
    if want.kind == "email" and isinstance(presented, x509.RFC822Name):
        return is_mailbox(presented.value) and _mailbox(presented.value) == _mailbox(want.value)
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
    """`*.com`: everybody below a top-level domain. RFC 9525 §7.1 leaves that open; OpenSSL and browsers refuse it, and
    so do we."""
    return pattern.startswith("*.") and pattern.count(".") < 2


def would_cover(presented: x509.GeneralName, want: Wanted) -> bool:
    """Is it a wildcard that covers the name but for being too wide?"""
    if want.kind != "DNS" or not isinstance(presented, x509.DNSName):
        return False
    pattern = lower(presented.value)
    return too_wide(pattern) and pattern == f"*.{want.value.partition('.')[2]}"


def _mailbox(address: str) -> tuple[str, str]:
    local, _, host = address.rpartition("@")
    return local, lower(host)  # only the host ignores case (RFC 5280 §7.5)


def is_mailbox(address: str) -> bool:
    local, host = _mailbox(address)
    return bool(local) and is_dns_name(host)


# ---- Name constraints (RFC 5280 §4.2.1.10)


@dataclass
class Subtrees:
    """One side (permitted or excluded) of a name constraints extension, sorted for looking up.

    Looking a name up takes a few set look-ups, not one comparison for each constraint: a hostile certificate may
    have thousands of both.
    """

    dns: set[str] = field(
        default_factory=set
    )  # "example.test": itself and all below; ".example.test": all below
    hosts: dict[str, set[str]] = field(
        default_factory=lambda: {"email": set(), "URI": set()}
    )  # hosts, ".domains"
    mailboxes: set[tuple[str, str]] = field(default_factory=set)
    networks: dict[tuple[int, int], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )  # (version, length) →
    directories: set[Key] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)  # which forms of name are constrained at all
    unknown: set[str] = field(
        default_factory=set
    )  # forms that we can't compare, or a constraint that is malformed

    def holds(self, kind: str, value: Any) -> bool:
        """Does a name of this kind, well-formed, lie inside one of the subtrees?"""
        if kind == "DNS":
            name = lower(value)
            return name in self.dns or any(s in self.dns or f".{s}" in self.dns for s in _above(name))
        if kind == "IP":
            number, bits = int(value), value.max_prefixlen
            return any(
                number >> (bits - length) in found
                for (version, length), found in self.networks.items()
                if version == value.version
            )
        if kind == "email":
            mailbox = _mailbox(value)
            return mailbox in self.mailboxes or _host_in(mailbox[1], self.hosts["email"])
        if kind == "URI":
            return _host_in(uri_host(value), self.hosts["URI"])
        if kind == "directory":
            return any(value[:n] in self.directories for n in range(len(value) + 1))
        return False

    def may_hold(self, kind: str, value: Any) -> bool:
        """The same for excluded names, where doubt counts against the name."""
        if kind == "DNS":
            # *.example.test stands for secret.example.test too: it must not reach into what is excluded. And whether
            # excluding .example.test also means example.test itself, nobody has laid down.
            wild, base = value.startswith("*."), lower(value.removeprefix("*."))
            return self.holds(kind, value) or f".{base}" in self.dns or (wild and base in self._one_above)
        if kind == "IP" and getattr(value, "ipv4_mapped", None):  # ::ffff:10.0.0.1 leads to 10.0.0.1
            return self.holds(kind, value) or self.holds(kind, value.ipv4_mapped)
        return self.holds(kind, value)

    @cached_property
    def _one_above(self) -> set[str]:
        return {name.removeprefix(".").partition(".")[2] for name in self.dns}


def _above(name: str) -> Iterator[str]:
    """api.example.test: example.test, test, and "" (which constrains everything)."""
    while name:
        name = name.partition(".")[2]
        yield name


def _host_in(host: str, allowed: set[str]) -> bool:
    """`example.test` means that host only, `.example.test` every host below it (RFC 5280 §4.2.1.10)."""
    return host in allowed or any(f".{suffix}" in allowed for suffix in _above(host))


def uri_host(uri: str) -> str:
    """The host of a URI; "" where there is none, or where it is an address: then a constraint can't hold it."""
    found = _URI.fullmatch(uri)
    host = lower(found[1]) if found else ""
    return host if is_dns_name(host) else ""


def subtrees(names: list[x509.GeneralName] | None) -> Subtrees:
    found = Subtrees()
    for name in names or ():
        kind = kind_of(name)
        found.kinds.add(kind)
        text = lower(name.value) if kind in ("DNS", "URI") else name.value
        if kind == "IP":
            shift = text.max_prefixlen - text.prefixlen
            found.networks[text.version, text.prefixlen].add(int(text.network_address) >> shift)
        elif kind == "directory":
            found.directories.add(name_key(text))
        elif kind == "DNS" and (text == "" or is_dns_name(text.removeprefix("."))):
            found.dns.add(text)
        elif kind == "email" and is_mailbox(text):
            found.mailboxes.add(_mailbox(text))
        elif kind in found.hosts and is_dns_name(lower(text).removeprefix(".")):
            found.hosts[kind].add(lower(text))
        else:
            found.unknown.add(kind)
    return found


def comparable(kind: str, value: Any) -> bool:
    """Is the name well-formed, so that a constraint can hold or not hold it?"""
    if kind == "DNS":
        return is_dns_name(lower(value.removeprefix("*.")))
    if kind == "IP":
        return hasattr(value, "packed")  # an address, not a network
    if kind == "email":
        return is_mailbox(value)
    return kind != "URI" or bool(uri_host(value))


def kind_of(name: x509.GeneralName) -> str:
    kinds = {
        x509.DNSName: "DNS",
        x509.IPAddress: "IP",
        x509.RFC822Name: "email",
        x509.UniformResourceIdentifier: "URI",
        x509.DirectoryName: "directory",
    }
    return kinds.get(type(name), type(name).__name__)


def constrained_names(subject: x509.Name, san: list[x509.GeneralName]) -> list[tuple[str, Any]]:
    """(kind, value) of every name that constraints apply to: the subject, its e-mail, the subjectAltName."""
    found: list[tuple[str, Any]] = []
    if subject.rdns:
        found.append(("directory", name_key(subject)))
    if not any(isinstance(name, x509.RFC822Name) for name in san):  # only where the SAN has none
        found += [("email", a.value) for a in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    for name in san:
        kind = kind_of(name)
        found.append((kind, name_key(name.value) if kind == "directory" else getattr(name, "value", None)))
    return found
