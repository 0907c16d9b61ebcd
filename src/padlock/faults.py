"""What can be wrong with a certificate, a chain, a list or a client: each fault once, as data.

    fault = FAULTS["expired"]
    case = fault.case()                           # or case("expired", "wrong-name"): several at once
    case.judge().accepted                         # False, with a finding of fault.rule

A new fault is one new entry below. `change` says how it comes about: it turns knobs of a `Plan`, which is a server
that is set up correctly until somebody does.
"""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from padlock import der, keys
from padlock.authority import Authority, Issued, self_signed
from padlock.judge.case import Case

NAME = "api.test"

# ---- The plan: a client, a server, and the certificates between them

PARTS = {
    "root": "the root",
    "intermediate": "the intermediate",
    "sub": "the CA below the intermediate",
    "leaf": "the certificate",
    "link": "the signature on the certificate",
    "crl": "the CRL",
    "root_crl": "the root's CRL",
    "ocsp": "the OCSP answer",
    "server": "the server",
    "client": "the client",
}


class Clash(ValueError):
    """Two faults that can't be had at once."""


class Part(dict):
    """The knobs of one part of the plan, each turned by one fault only."""

    def __init__(self, plan: Plan, name: str):
        super().__init__()
        self.plan, self.name = plan, name

    def set(self, **knobs: Any) -> None:
        """Turn knobs. `extra` adds to what is there; any other that was set otherwise raises `Clash`."""
        self.plan.seen(self.name)
        for knob, value in knobs.items():
            owner = self.plan.turned.setdefault((self.name, knob), self.plan.fault)
            if knob == "extra":
                value = [*self.get(knob, ()), *value]
            elif knob in self and self[knob] != value:
                why = f"both change {PARTS[self.name]} ({knob.replace('_', ' ')})"
                raise _clash(owner, self.plan.fault, why)
            self[knob] = value


class Plan:
    """Root, intermediate, and a server for api.test that a client reaches now. Correct, until a fault changes a part.

    root, intermediate, leaf: keywords as `Authority`, `intermediate` and `issue` take them, and beside these
        a part of a certificate (`aki`, `ski`, `san`, `key_usage`) that is None is left out;
        basic_constraints: False (CA:FALSE), None (left out) or "not critical"; aki: "critical"
        serial: also what no honest CA uses; version: 1; names: of the leaf
        root: trusted="another" or "look-alike": what the client has in its place
    sub: a second intermediate, if anything is set here
    link: issuer="itself"; signed_by="a stranger"; altered: (old, new) bytes; algorithm="another"
        sent="stale": the server has an older intermediate; twin=True: and another leaf with the same serial number
    crl, root_crl: of who issued the leaf, and of the root. revoked, missing, this_update, next_update, signed_by
    ocsp: kind="revoked", "stale", "elsewhere", "no right" or "try later"; what is asked for in the CRLs' place
    server: sends="leaf" or "intermediate first"; key="another"
    client: name, at
    """

    def __init__(self):
        self.fault: Fault | None = None  # that is making its change now
        self.ids: list[str] = []
        self.turned: dict[tuple[str, str], Fault | None] = {}
        self.unseen: dict[str, Fault | None] = {}
        for name in PARTS:
            setattr(self, name, Part(self, name))

    def apply(self, fault: Fault) -> Plan:
        """Add a fault. Raises `Clash`, with both named, if it can't be had beside those that are there."""
        self.fault = fault
        fault.change(self)
        self.ids.append(fault.id)
        return self

    def hide(self, *parts: str) -> None:
        """These are out of the client's sight now: what is wrong there can't be seen."""
        for part in parts:
            self.unseen.setdefault(part, self.fault)
            for (name, _), owner in self.turned.items():
                if name == part and owner is not self.fault:
                    raise _clash(self.fault, owner, f"with the first, nobody looks at {PARTS[part]}")

    def seen(self, part: str) -> None:
        owner = self.unseen.get(part, self.fault)
        if owner is not self.fault:
            raise _clash(owner, self.fault, f"with the first, nobody looks at {PARTS[part]}")

    def build(self) -> Case:
        """Make the keys, certificates and lists, fresh each time."""
        root = Authority("Class Root", **_keywords(self.root))
        trusted, above = root, root
        if self.root.get("trusted") == "another":
            trusted = Authority("Another Root")
        elif self.root.get("trusted") == "look-alike":
            above = Authority("Class Root")
        below = _keywords(self.intermediate)
        key = _rsa(2048) if self.leaf.get("hash") else keys.make()  # weak hashes are there for RSA only
        intermediate = above.intermediate("Class Issuing CA", **below, key=key)
        authorities = [intermediate, above]
        if self.sub:
            own = _keywords(self.sub)
            authorities.insert(0, intermediate.intermediate(own.pop("called"), **own, key=key))
        leaf = self._leaf(authorities[0])
        sent = list(leaf.chain)
        if self.link.get("sent") == "stale":
            sent[-1] = above.intermediate("Class Issuing CA", **below, key=_stranger(key)).certificate
        if self.server.get("sends") == "leaf":
            del sent[1:]
        if self.server.get("sends") == "intermediate first":
            sent.reverse()
        if self.link.get("twin"):
            sent.append(authorities[0].issue("old.test", serial=self.leaf["serial"]).certificate)
        key = keys.make() if self.server.get("key") == "another" else leaf.private_key
        return Case(
            sent=sent,
            roots=[trusted.certificate],
            name=self.client.get("name", NAME),
            private_key=key,
            at=self.client.get("at"),
            crls=tuple(self._crls(authorities, leaf, sent)),
            ocsp_answers=tuple(self._answers(authorities, leaf)),
            leaf=replace(leaf, private_key=key),
            faults=tuple(self.ids),
        )

    def _leaf(self, issuer: Authority) -> Issued:
        keywords = _keywords(self.leaf)
        names = keywords.pop("names", (NAME,))
        signer = issuer.private_key
        if self.leaf.get("aki") == "critical":
            # From the key, not from the issuer's identifier: another fault may have taken that away.
            named = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.certificate.public_key())
            keywords["extra"].append((named, True))
        if self.link.get("issuer") == "itself":
            signer = keywords["key"] = keywords.get("key") or keys.make()
            own = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
            keywords["extra"].append((own, False))
            issued = self_signed(*names, **keywords)
        else:
            if self.link.get("signed_by"):
                signer = keywords["signed_by"] = _stranger(signer)
            issued = issuer.issue(*names, **keywords)
        certificate = issued.certificate
        if self.leaf.get("version") or _dishonest(self.leaf.get("serial")):
            certificate = _made_by_hand(
                certificate, signer, self.leaf.get("serial"), self.leaf.get("version")
            )
        if "altered" in self.link:
            certificate = _read(_der(certificate).replace(*self.link["altered"]))
        if "algorithm" in self.link:
            certificate = _mislabelled(certificate)
        return replace(issued, certificate=certificate, chain=[certificate, *issued.chain[1:]])

    def _crls(self, authorities: list[Authority], leaf: Issued, sent: list) -> list:
        if not (self.crl or self.root_crl):
            return []
        if self.crl.get("revoked"):
            authorities[0].revoke(leaf.certificate, "keyCompromise", _ago(hours=2))
        if self.root_crl.get("revoked"):
            for certificate in {authorities[-2].certificate, sent[-1]}:
                if certificate.issuer == authorities[-1].certificate.subject:
                    authorities[-1].revoke(certificate, "cACompromise", _ago(hours=2))
        lists = []
        for authority in authorities:
            own = (
                self.crl
                if authority is authorities[0]
                else self.root_crl
                if authority is authorities[-1]
                else {}
            )
            if own.get("missing"):
                continue
            keywords = {knob: own[knob] for knob in ("this_update", "next_update") if knob in own}
            if own.get("signed_by"):
                keywords["signed_by"] = _stranger(authority.private_key)
            lists.append(authority.crl(**({"this_update": _ago(hours=1)} | keywords)))
        return lists


    def _answers(self, authorities: list[Authority], leaf: Issued) -> list:
        """About the leaf, and about each intermediate."""
        if not self.ocsp:
            return []
        issuer, kind = authorities[0], self.ocsp["kind"]
        about, keywords = leaf.certificate, {"this_update": _ago(hours=1)}
        if kind == "revoked":
            keywords["status"] = "revoked"
        elif kind == "stale":
            keywords = {"this_update": _ago(days=9), "next_update": _ago(days=8)}
        elif kind == "elsewhere":
            about = issuer.issue("other.test").certificate
        elif kind == "no right":
            keywords["signer"] = issuer.issue("other.test")
        elif kind == "try later":
            keywords["error"] = "try_later"
        answers = [issuer.ocsp(about, **keywords)]
        for lower, upper in pairwise(authorities):
            answers.append(upper.ocsp(lower.certificate, this_update=_ago(hours=1)))
        return answers


def _clash(one: Fault | None, other: Fault | None, why: str) -> Clash:
    called = [f"“{fault.title}”" if fault else "the plan" for fault in (one, other)]
    return Clash(f"{called[0]} and {called[1]} can't be had at once: {why}.")


def _keywords(part: Part) -> dict:
    """A part's knobs as the keywords of `padlock.authority`."""
    knobs = dict(part)
    for own in ("trusted", "version"):
        knobs.pop(own, None)
    without = [
        name
        for name in ("aki", "ski", "san", "key_usage", "basic_constraints")
        if knobs.get(name, "") is None
    ]
    extra = list(knobs.pop("extra", ()))
    for name in without:
        del knobs[name]
    constraints = knobs.pop("basic_constraints", True)
    if constraints is False:
        knobs["ca"] = False
    elif constraints == "not critical":
        extra.append((x509.BasicConstraints(True, 0), False))
    knobs.pop("aki", None)
    if _dishonest(knobs.get("serial")):
        del knobs["serial"]
    if "rsa" in knobs:
        knobs["key"] = _rsa(knobs.pop("rsa"))
    return knobs | {"without": without, "extra": extra}


def _ago(**span: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


@cache  # searching for large primes takes a while, and nobody trusts these keys
def _rsa(bits: int, which: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def _stranger(key: Any) -> Any:
    """Another key of the same kind."""
    return _rsa(key.key_size, 1) if isinstance(key, rsa.RSAPrivateKey) else keys.make()


# ---- What `cryptography` rightly refuses to make: patched in DER, and signed again


def _dishonest(serial: int | None) -> bool:
    return serial is not None and (serial <= 0 or serial.bit_length() > 159)


def _read(data: bytes) -> x509.Certificate:
    with warnings.catch_warnings():  # `cryptography` warns of the very thing that we are after
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(data)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if length < 0x80 else bytes([0x80 | len(size)]) + size) + content


def _made_by_hand(
    certificate: x509.Certificate, signer: Any, serial: int | None, version: int | None
) -> x509.Certificate:
    """The same certificate with another serial number, or without its version (then it is 1), signed again."""
    data = _der(certificate)
    tbs, algorithm, _ = der.parse(data).children
    fields = [data[field.offset : field.end] for field in tbs.children]  # version, serialNumber, signature, …
    if _dishonest(serial):
        fields[1] = _element(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True))
    if version == 1:
        del fields[0]
    signed = _element(0x30, b"".join(fields))
    how = certificate.signature_hash_algorithm
    if isinstance(signer, rsa.RSAPrivateKey):
        signature = signer.sign(signed, padding.PKCS1v15(), how)
    else:
        signature = signer.sign(signed, ec.ECDSA(how))
    whole = signed + data[algorithm.offset : algorithm.end] + _element(0x03, b"\0" + signature)
    return _read(_element(0x30, whole))


def _mislabelled(certificate: x509.Certificate) -> x509.Certificate:
    """The algorithm stands in two places (RFC 5280 §4.1.1.2). This changes the outer one, which nobody signed."""
    data = bytearray(_der(certificate))
    oid = der.parse(bytes(data)).children[1].children[0]
    data[oid.end - 1] += 1  # ecdsa-with-SHA256 becomes ecdsa-with-SHA384
    return _read(bytes(data))


# ---- The catalogue


@dataclass(frozen=True)
class Fault:
    """id: a slug. title: what is wrong, in words. badge: the same in one or two.

    rule: of `judge.RULES`, the one whose finding names it. also: rules that can't but fail with it (see the entry).
    clause: the RFC and section that asks for the rule. attack: what somebody gains where nobody applies it.
    where: "server", "client" or "CA": who has to mend it; repair: how. change: what it does to a `Plan`.
    """

    id: str
    title: str
    badge: str
    rule: str
    clause: str
    attack: str
    where: str
    repair: str
    change: Callable[[Plan], None]
    also: tuple[str, ...] = ()

    def case(self) -> Case:
        """A server with this fault and no other."""
        return case(self)

    def __repr__(self) -> str:
        return f"<Fault {self.id}: {self.title}>"


def case(*faults: Fault | str) -> Case:
    """A server with all these faults at once; with none, a good one. `Clash` if two can't be had at once."""
    return plan(*faults).build()


def plan(*faults: Fault | str) -> Plan:
    """The plan of it. LookupError for an id that is not in FAULTS."""
    made = Plan()
    for fault in faults:
        if isinstance(fault, str):
            if fault not in FAULTS:
                raise LookupError(f"There is no fault called {fault!r}. There are: {', '.join(FAULTS)}.")
            fault = FAULTS[fault]
        made.apply(fault)
    return made


def _dates(part: str, begin: int, end: int) -> Callable[[Plan], None]:
    """`part` is good from `begin` days from now to `end` days from now."""
    return lambda p: getattr(p, part).set(not_before=_ago(days=-begin), not_after=_ago(days=-end))


def _named(*names: Any, client: Any = None) -> Callable[[Plan], None]:
    """The certificate is for `names`, and the client wants `client`."""

    def change(p: Plan) -> None:
        p.leaf.set(names=names, san=True)
        if client is not None:
            p.client.set(name=client)

    return change


def _confined(permitted: Any = None, excluded: Any = None, **leaf: Any) -> Callable[[Plan], None]:
    """The intermediate may only vouch for some names; the leaf has one that is not among them."""

    def change(p: Plan) -> None:
        p.intermediate.set(name_constraints=x509.NameConstraints(permitted, excluded))
        p.leaf.set(san=True, **leaf)

    return change


def _turn(**parts: dict) -> Callable[[Plan], None]:
    """Each keyword is a part, with the knobs to turn there."""

    def change(p: Plan) -> None:
        for part, knobs in parts.items():
            getattr(p, part).set(**knobs)

    return change


def _self_signed(p: Plan) -> None:
    p.leaf.set(aki="its own", hash=None)
    p.link.set(issuer="itself")
    p.hide("root", "intermediate", "sub", "link", "crl", "root_crl", "ocsp")


def _missing_intermediate(p: Plan) -> None:
    p.server.set(sends="leaf")
    p.hide("root", "intermediate", "sub", "link", "crl", "root_crl", "ocsp")


def _intermediate_first(p: Plan) -> None:
    p.server.set(sends="intermediate first")
    p.hide("leaf", "intermediate", "sub", "link", "crl", "ocsp")


def _unknown_root(p: Plan) -> None:
    p.root.set(trusted="another")
    p.hide("root", "root_crl")


def _leaf_as_ca(p: Plan) -> None:
    # No keyUsage, and no path length above it: these are two more locks on the same door, which other faults open.
    p.intermediate.set(path_length=None)
    p.sub.set(
        called="mallory.test", names=("mallory.test",), eku=[ExtendedKeyUsageOID.SERVER_AUTH],
        basic_constraints=False, key_usage=None,
    )  # fmt: skip


def _twin(p: Plan) -> None:
    p.leaf.set(serial=secrets.randbits(120) + 1)
    p.link.set(twin=True)


def _revoked(p: Plan) -> None:
    p.leaf.set(serial=secrets.randbits(120) + 1)  # a list can't name what is no serial number
    p.crl.set(revoked=True)


def _answer(kind: str) -> Callable[[Plan], None]:
    def change(p: Plan) -> None:
        p.leaf.set(serial=secrets.randbits(120) + 1)  # a request names it, too
        p.ocsp.set(kind=kind)
        p.hide("crl", "root_crl")

    return change


def _list(**knobs: Any) -> Callable[[Plan], None]:
    return lambda p: p.crl.set(**knobs)


# What would be a fault of its own, or mean nothing, in a certificate that is no CA's.
_NO_CA = {"path_length": None, "key_usage": None, "name_constraints": None}
_UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\x00")

_ENTRIES = (
    # -- time
    Fault(
        "expired",
        "the certificate has expired",
        "expired",
        rule="validity",
        clause="RFC 5280 §6.1.3 (a)(2)",
        attack="A key that was stolen or sold with an old server is good for ever: nothing ever ends.",
        where="server",
        repair="Renew the certificate, load the new one, and let a machine do both from now on.",
        change=_dates("leaf", -91, -1),
    ),
    Fault(
        "not-yet-valid",
        "the certificate is not valid yet",
        "not yet",
        rule="validity",
        clause="RFC 5280 §6.1.3 (a)(2)",
        attack="A certificate that was made for next year, and is not on any list yet, works today.",
        where="server",
        repair="Wait, or use the present certificate; compare the CA's clock with yours.",
        change=_dates("leaf", 1, 91),
    ),
    Fault(
        "intermediate-expired",
        "the intermediate has expired",
        "CA expired",
        rule="validity",
        clause="RFC 5280 §6.1.3 (a)(2)",
        attack="The key of a CA that was shut down, and is no longer guarded, still makes certificates for everybody.",
        where="server",
        repair="Send the CA's present intermediate; the leaf may stay if its issuer kept the key.",
        change=_dates("intermediate", -400, -2),
    ),
    Fault(
        "root-expired",
        "the root has expired",
        "root expired",
        rule="validity",
        clause="no RFC's rule (RFC 5280 §6.1.1 (d)); verifiers look at it",
        attack="A root that its owner gave up years ago can still vouch for any name in the world.",
        where="client",
        repair="Update the trust store: the CA's present root belongs there.",
        change=_dates("root", -4000, -3),
    ),
    Fault(
        "client-clock",
        "the client's clock is wrong",
        "clock",
        rule="validity",
        clause="RFC 5280 §6.1.3 (a)(2)",
        attack="Whoever sets a device's clock back brings expired and revoked certificates to life again.",
        where="client",
        repair="Set the clock (NTP); after a flat battery it says the year 2000. The server is well.",
        change=_turn(client={"at": datetime(2000, 1, 1, 12, tzinfo=UTC)}),
    ),
    # -- names
    Fault(
        "wrong-name",
        "the certificate is for another name",
        "name",
        rule="name",
        clause="RFC 9525 §6.3",
        attack="Anybody with an honest certificate for a site of their own can play every other site.",
        where="CA",
        repair="Issue it anew with every name in the subjectAltName by which clients reach the server.",
        change=_named("shop.test"),
    ),
    Fault(
        "cn-only",
        "the name is in the CN only",
        "CN",
        rule="name",
        clause="RFC 9525 §2",
        attack="A CN is free text, which DNS name constraints don't reach: a confined CA could name any host.",
        where="CA",
        repair="Issue it anew with a subjectAltName; the CN is for people to read.",
        change=_turn(leaf={"names": (), "common_name": NAME, "san": False}),
    ),
    Fault(
        "ip-as-dns",
        "the IP address stands there as a DNS name",
        "IP as DNS",
        rule="name",
        clause="RFC 9525 §6.4",
        attack="A CA that checks who owns a domain has not checked who owns the address.",
        where="CA",
        repair="Issue it anew with the address as iPAddress: IP:10.0.0.7, not DNS:10.0.0.7.",
        change=_named(x509.DNSName("10.0.0.7"), client=ip_address("10.0.0.7")),
    ),
    Fault(
        "wrong-address",
        "the server has got another address",
        "address",
        rule="name",
        clause="RFC 9525 §6.4",
        attack="A certificate for one address would do for every other, also for those of strangers.",
        where="CA",
        repair="Issue it anew with the new address, or better: let clients use a name.",
        change=_named("10.0.0.8", client=ip_address("10.0.0.7")),
    ),
    Fault(
        "wildcard-too-wide",
        "the wildcard covers a whole top-level domain",
        "*.test",
        rule="name",
        clause="no RFC's rule (RFC 9525 §7.1); verifiers refuse it",
        attack="One certificate speaks for every site under .test, whoever owns it.",
        where="CA",
        repair="Issue it anew with the names of its own domain.",
        change=_named("*.test"),
    ),
    Fault(
        "wildcard-two-labels",
        "the wildcard would have to cover two labels",
        "* too deep",
        rule="name",
        clause="RFC 9525 §6.3",
        attack="Who has a wildcard for one level would speak for all below it, also where others were put in charge.",
        where="CA",
        repair="Issue it anew with *.b.api.test, or with the name itself.",
        change=_named("*.api.test", client="a.b.api.test"),
    ),
    Fault(
        "wildcard-parent",
        "the wildcard does not cover the domain itself",
        "* not itself",
        rule="name",
        clause="RFC 9525 §6.3",
        attack="Who was given the names below a domain would speak for the domain itself.",
        where="CA",
        repair="Issue it anew with both names: *.api.test and api.test.",
        change=_named("*.api.test"),
    ),
    Fault(
        "wildcard-partial",
        "the wildcard is only a part of a label",
        "w*",
        rule="name",
        clause="RFC 9525 §6.3",
        attack="A pattern such as w*.api.test covers more than its reader sees: www, but also wallet.",
        where="CA",
        repair="Issue it anew with a whole label as the wildcard, or with the names themselves.",
        change=_named(x509.DNSName("w*.api.test"), client="www.api.test"),
    ),
    # -- the way up
    Fault(
        "self-signed",
        "the certificate signed itself",
        "self-signed",
        rule="anchor",
        clause="RFC 5280 §6.1.1 (d)",
        attack="Anybody makes such a certificate for any name in a second.",
        where="server",
        repair="Get one from a CA that the clients trust. Switching the check off is no repair.",
        change=_self_signed,
    ),
    Fault(
        "unknown-root",
        "the client does not know the root",
        "unknown root",
        rule="anchor",
        clause="RFC 5280 §6.1.1 (d)",
        attack="Anybody runs a CA of their own, and it would count as much as yours.",
        where="client",
        repair="Add the root, and only the root, to the client's trust store, from a source you trust.",
        change=_unknown_root,
    ),
    Fault(
        "look-alike-root",
        "a root of the same name, with another key, issued it",
        "look-alike",
        rule="signature",
        clause="RFC 5280 §6.1.3 (a)(1)",
        attack="A root's name is free to use: who is believed for the name alone signs for everybody.",
        where="client",
        repair="Find out which root is the right one, by its fingerprint, before you add anything.",
        change=_turn(root={"trusted": "look-alike"}),
    ),
    Fault(
        "missing-intermediate",
        "the server does not send the intermediate",
        "missing link",
        rule="anchor",
        clause="RFC 5280 §6.1.1 (d)",
        attack="A client that takes the gap for granted takes any issuer's name for the real one.",
        where="server",
        repair="Send leaf and intermediates (fullchain.pem; RFC 8446 §4.4.2). Don't add the intermediate to clients.",
        change=_missing_intermediate,
    ),
    Fault(
        "stale-intermediate",
        "the server sends an older intermediate of the same name",
        "old link",
        rule="signature",
        clause="RFC 5280 §6.1.3 (a)(1)",
        attack="A CA is its key, not its name: otherwise a copy of the name would do for any attacker.",
        where="server",
        repair="Send the intermediate that came with this certificate, not last year's file.",
        change=_turn(link={"sent": "stale", "twin": False}),
    ),
    Fault(
        "intermediate-first",
        "the server sends the intermediate first",
        "wrong order",
        rule="name",
        clause="RFC 9525 §2",
        attack="The first certificate is the server's own; if any would do, a CA's certificate passed for a site's.",
        where="server",
        repair="Put the leaf first in the file, then the intermediates upwards (RFC 8446 §4.4.2).",
        change=_intermediate_first,
        # The first is taken for the server's own: it is for no name, its key is not for TLS, and is not the server's.
        also=("key-usage", "possession"),
    ),
    # -- who may issue
    Fault(
        "ca-false",
        "the intermediate says CA:FALSE",
        "CA:FALSE",
        rule="basic-constraints",
        clause="RFC 5280 §6.1.4 (k)",
        attack="Whoever has any certificate issues the next one, for any name.",
        where="CA",
        repair="Have the root issue the intermediate with CA:TRUE; sign with real CAs only.",
        change=_turn(intermediate=_NO_CA | {"basic_constraints": False}),
    ),
    Fault(
        "no-basic-constraints",
        "the intermediate has no basicConstraints",
        "no CA:TRUE",
        rule="basic-constraints",
        clause="RFC 5280 §6.1.4 (k)",
        attack="A certificate that says nothing about it would be a CA: every old one of version 1, for instance.",
        where="CA",
        repair="Have the root issue the intermediate with basicConstraints CA:TRUE, marked critical.",
        change=_turn(intermediate=_NO_CA | {"basic_constraints": None}),
    ),
    Fault(
        "noncritical-constraints",
        "the intermediate's basicConstraints are not critical",
        "not critical",
        rule="basic-constraints",
        clause="RFC 5280 §4.2.1.9",
        attack="A verifier that does not know the extension may skip it, and its path length with it.",
        where="CA",
        repair="Issue the intermediate anew with basicConstraints marked critical.",
        change=_turn(intermediate={"basic_constraints": "not critical", "path_length": 0}),
    ),
    Fault(
        "leaf-as-ca",
        "the certificate of another site issued it",
        "leaf as CA",
        rule="basic-constraints",
        clause="RFC 5280 §6.1.4 (k)",
        attack="Mallory buys one certificate for mallory.test and signs herself one for every bank.",
        where="client",
        repair="The client meets a forger: there is nothing to mend but the client, if it believes him.",
        change=_leaf_as_ca,
    ),
    Fault(
        "path-length",
        "there are more CAs below it than a CA allows",
        "pathLen",
        rule="path-length",
        clause="RFC 5280 §6.1.4 (l), (m)",
        attack="A customer who may run one CA founds others, for people whom nobody has looked at.",
        where="CA",
        repair="Issue from the CA that may do so, or have the one above allow for one level more.",
        change=_turn(intermediate={"path_length": 0}, sub={"called": "Class Sub CA", "path_length": 0}),
    ),
    Fault(
        "no-cert-sign",
        "the intermediate's key may not sign certificates",
        "no keyCertSign",
        rule="key-usage",
        clause="RFC 5280 §6.1.4 (n)",
        attack="A key that was meant for CRLs, and lies on a machine that is online, makes certificates.",
        where="CA",
        repair="Have the root issue the intermediate with keyCertSign.",
        change=_turn(intermediate={"key_usage": ("crl_sign",)}),
    ),
    Fault(
        "unfit-usage",
        "the certificate's key may not be used for TLS",
        "keyUsage",
        rule="key-usage",
        clause="RFC 5280 §4.2.1.3; RFC 8446 §4.4.2.2",
        attack="A key for signing documents, in the hands of many, would do for playing the server.",
        where="CA",
        repair="Issue it anew with digitalSignature.",
        change=_turn(leaf={"key_usage": ("content_commitment",)}),
    ),
    Fault(
        "client-certificate",
        "the certificate is for TLS clients only",
        "EKU",
        rule="extended-key-usage",
        clause="RFC 5280 §4.2.1.12",
        attack="Every user with a client certificate, and every workload, could play the server.",
        where="CA",
        repair="Issue it anew for serverAuth.",
        change=_turn(leaf={"purpose": "client"}),
    ),
    Fault(
        "ca-for-clients",
        "the intermediate may only issue for TLS clients",
        "CA's EKU",
        rule="extended-key-usage",
        clause="no RFC's rule (RFC 5280 §4.2.1.12); CA/Browser Forum BR §7.1.2",
        attack="A CA for staff badges, guarded accordingly, vouches for the bank's servers.",
        where="CA",
        repair="Issue the leaf from a CA for servers.",
        change=_turn(intermediate={"eku": [ExtendedKeyUsageOID.CLIENT_AUTH]}),
    ),
    Fault(
        "outside-permitted",
        "the CA may vouch for names under corp.test only",
        "permitted",
        rule="name-constraints",
        clause="RFC 5280 §4.2.1.10; §6.1.3 (b), (c)",
        attack="A company's CA, installed for its own network, reads what its people say to their banks.",
        where="CA",
        repair="Issue the leaf from a CA that may vouch for its name.",
        change=_confined(permitted=[x509.DNSName("corp.test")], names=(NAME,)),
    ),
    Fault(
        "excluded-name",
        "the CA may not vouch for names under test",
        "excluded",
        rule="name-constraints",
        clause="RFC 5280 §4.2.1.10; §6.1.3 (b), (c)",
        attack="A CA goes on issuing for the very names that were taken from it.",
        where="CA",
        repair="Issue the leaf from a CA that may vouch for its name.",
        change=_confined(excluded=[x509.DNSName("test")], names=(NAME,)),
    ),
    Fault(
        "outside-network",
        "the CA may vouch for addresses in 10.0.0.0/8 only",
        "network",
        rule="name-constraints",
        clause="RFC 5280 §4.2.1.10; §6.1.3 (b), (c)",
        attack="A CA for the machines of one network vouches for addresses in the whole world.",
        where="CA",
        repair="Leave the foreign address out, or issue from a CA that may vouch for it.",
        change=_confined(permitted=[x509.IPAddress(ip_network("10.0.0.0/8"))], names=(NAME, "192.0.2.7")),
    ),
    Fault(
        "outside-mail",
        "the CA may vouch for mail addresses at corp.test only",
        "mail",
        rule="name-constraints",
        clause="RFC 5280 §4.2.1.10; §6.1.3 (b), (c)",
        attack="A company's CA signs mail in the name of other people's staff.",
        where="CA",
        repair="Leave the foreign mail address out, or issue from a CA that may vouch for it.",
        change=_confined(permitted=[x509.RFC822Name("corp.test")], names=(NAME, "ops@other.test")),
    ),
    Fault(
        "outside-directory",
        "the CA may vouch for subjects of O=Corp only",
        "directory",
        rule="name-constraints",
        clause="RFC 5280 §4.2.1.10; §6.1.3 (b), (c)",
        attack="Kubernetes takes O for groups: a CA for one group would make members of every other.",
        where="CA",
        repair="Issue it with the subject that the CA is there for.",
        change=_confined(
            permitted=[x509.DirectoryName(x509.Name.from_rfc4514_string("O=Corp"))], common_name=NAME
        ),
    ),
    # -- form
    Fault(
        "unknown-critical",
        "it has a critical extension that nobody knows",
        "critical",
        rule="critical-extensions",
        clause="RFC 5280 §4.2; §6.1.5 (f)",
        attack="The CA set a limit that this client does not understand; it goes on as if there were none.",
        where="CA",
        repair="Issue it anew without the extension, or not critical, or use clients that know it.",
        change=_turn(leaf={"extra": [(_UNKNOWN, True)]}),
    ),
    Fault(
        "critical-policy",
        "the intermediate demands a policy, and says so critically",
        "policy",
        rule="critical-extensions",
        clause="RFC 5280 §4.2.1.11",
        attack="Certificates that were issued for tests, under another policy, pass for real ones.",
        where="CA",
        repair="Use a client that follows policies; where nobody does, leave the demand out.",
        change=_turn(intermediate={"extra": [(x509.PolicyConstraints(0, None), True)]}),
    ),
    Fault(
        "critical-aki",
        "its authorityKeyIdentifier is marked critical",
        "critical AKI",
        rule="critical-extensions",
        clause="RFC 5280 §4.2.1.1",
        attack="Nobody gains by it alone; but a CA that gets this wrong signs what its software happens to write.",
        where="CA",
        repair="Issue it anew: a key identifier is a hint, and must not be critical.",
        change=_turn(leaf={"aki": "critical"}),
    ),
    Fault(
        "duplicate-serial",
        "the CA gave one serial number twice",
        "same serial",
        rule="form",
        clause="RFC 5280 §4.1.2.2",
        attack="A revocation list names serial numbers: it kills both or neither, and nobody knows which was meant.",
        where="CA",
        repair="Issue both anew with random serial numbers.",
        change=_twin,
    ),
    Fault(
        "negative-serial",
        "its serial number is negative",
        "serial < 0",
        rule="form",
        clause="RFC 5280 §4.1.2.2",
        attack="Where programs read the number differently, a revoked certificate is not found on the list.",
        where="CA",
        repair="Issue it anew with a positive random serial number.",
        change=_turn(leaf={"serial": -0x5EED}),
    ),
    Fault(
        "zero-serial",
        "its serial number is zero",
        "serial 0",
        rule="form",
        clause="RFC 5280 §4.1.2.2",
        attack="A CA that does not count can't revoke: all its certificates look alike on a list.",
        where="CA",
        repair="Issue it anew with a positive random serial number.",
        change=_turn(leaf={"serial": 0}),
    ),
    Fault(
        "long-serial",
        "its serial number is longer than 20 octets",
        "long serial",
        rule="form",
        clause="RFC 5280 §4.1.2.2",
        attack="A program that cuts it off takes two certificates for one, and looks up the wrong one on a list.",
        where="CA",
        repair="Issue it anew with at most 159 bits.",
        change=_turn(leaf={"serial": 1 << 167}),
    ),
    Fault(
        "empty-subject",
        "its subject is empty, and the subjectAltName not critical",
        "no subject",
        rule="form",
        clause="RFC 5280 §4.1.2.6",
        attack="A program that may skip the extension sees a certificate for nobody, and fills in what it likes.",
        where="CA",
        repair="Issue it anew with a subject, or mark the subjectAltName critical.",
        change=_turn(leaf={"common_name": "", "critical_san": False, "san": True}),
    ),
    Fault(
        "no-aki",
        "it does not name the key that signed it",
        "no AKI",
        rule="form",
        clause="RFC 5280 §4.2.1.1",
        attack="Nobody gains by it alone; but which of two CAs of one name is meant, only trying can tell.",
        where="CA",
        repair="Issue it anew with an authorityKeyIdentifier.",
        change=_turn(leaf={"aki": None}),
    ),
    Fault(
        "no-ski",
        "the intermediate does not name its own key",
        "no SKI",
        rule="form",
        clause="RFC 5280 §4.2.1.2",
        attack="Nobody gains by it alone; but finding the way up among many CAs becomes guesswork.",
        where="CA",
        repair="Have the root issue the intermediate with a subjectKeyIdentifier.",
        change=_turn(intermediate={"ski": None}),
    ),
    Fault(
        "version-1",
        "it says version 1, and has extensions",
        "version 1",
        rule="form",
        clause="RFC 5280 §4.1.2.1",
        attack="Programs that believe the version skip the extensions, and with them every limit on the key.",
        where="CA",
        repair="Issue it anew as version 3.",
        change=_turn(leaf={"version": 1}),
    ),
    Fault(
        "may-sign-no-ca",
        "its key may sign certificates, but it is no CA",
        "keyCertSign",
        rule="form",
        clause="RFC 5280 §4.2.1.3",
        attack="A program that looks only at the key usage takes the site for a CA.",
        where="CA",
        repair="Issue it anew with digitalSignature alone.",
        change=_turn(leaf={"key_usage": ("digital_signature", "key_cert_sign")}),
    ),
    # -- strength
    Fault(
        "weak-rsa",
        "its RSA key has 1024 bits",
        "RSA 1024",
        rule="strength",
        clause="RFC 9325 §4.5",
        attack="Somebody with a large computer factors the key, once, and is the server from then on.",
        where="server",
        repair="Make a new key, of P-256 or RSA 2048 and more, and have it certified.",
        change=_turn(leaf={"rsa": 1024}),
    ),
    Fault(
        "sha1",
        "it is signed over SHA-1",
        "SHA-1",
        rule="strength",
        clause="RFC 8446 §4.4.2.4",
        attack="Two certificates with one SHA-1 hash can be made: the CA signs the harmless one, and both are good.",
        where="CA",
        repair="Issue it anew over SHA-256.",
        change=_turn(leaf={"hash": hashes.SHA1()}),  # noqa: S303
    ),
    Fault(
        "md5",
        "it is signed over MD5",
        "MD5",
        rule="strength",
        clause="RFC 8446 §4.4.2.4",
        attack="In 2008 researchers had a harmless site signed, and held a CA certificate with the same MD5 hash.",
        where="CA",
        repair="Issue it anew over SHA-256.",
        change=_turn(leaf={"hash": hashes.MD5()}),  # noqa: S303
    ),
    # -- signatures and keys
    Fault(
        "altered",
        "one letter of the certificate was changed after signing",
        "altered",
        rule="signature",
        clause="RFC 5280 §6.1.3 (a)(1)",
        attack="The owner of apx.test changes one letter of a good certificate, and is api.test.",
        where="server",
        repair="Fetch the file from the CA again; if it keeps changing, find out who changes it.",
        change=_turn(
            leaf={"names": ("apx.test",), "san": True}, link={"altered": (b"apx.test", b"api.test")}
        ),
    ),
    Fault(
        "forged",
        "somebody else signed it in the CA's name",
        "forged",
        rule="signature",
        clause="RFC 5280 §6.1.3 (a)(1)",
        attack="An issuer's name is only text: anybody writes it into a certificate of their own.",
        where="client",
        repair="The client is under attack: find out who answers there. Nothing is to be trusted.",
        change=_turn(link={"signed_by": "a stranger"}),
    ),
    Fault(
        "mislabelled",
        "the signature algorithm outside is not the one inside",
        "algorithm",
        rule="signature",
        clause="RFC 5280 §4.1.1.2",
        attack="The outer one is not signed: who may change it makes the client check with a weaker one.",
        where="server",
        repair="Fetch the file from the CA again.",
        change=_turn(link={"algorithm": "another"}, leaf={"hash": None}),
    ),
    Fault(
        "key-mismatch",
        "the server's key is not the certificate's",
        "key",
        rule="possession",
        clause="RFC 8446 §4.4.3",
        attack="Certificates are public: anybody who copies one would be the server.",
        where="server",
        repair="Use the key with which the certificate was requested; if it is lost, request a new one.",
        change=_turn(server={"key": "another"}),
    ),
    # -- revocation
    Fault(
        "revoked",
        "the certificate is revoked",
        "revoked",
        rule="revocation",
        clause="RFC 5280 §6.3.3",
        attack="Who stole the key goes on as the server until the certificate expires.",
        where="server",
        repair="Make a new key and request a new certificate: the old key is lost for good.",
        change=_revoked,
    ),
    Fault(
        "intermediate-revoked",
        "the intermediate is revoked",
        "CA revoked",
        rule="revocation",
        clause="RFC 5280 §6.3.3",
        attack="Who broke into the CA goes on issuing for every name.",
        where="server",
        repair="Get a certificate from another intermediate; this one takes all of its own with it.",
        change=_turn(root_crl={"revoked": True}),
    ),
    Fault(
        "crl-expired",
        "the CRL is out of date",
        "old CRL",
        rule="revocation",
        clause="RFC 5280 §5.1.2.5",
        attack="Who can hold back the new list shows the last one on which the stolen certificate was still good.",
        where="CA",
        repair="Publish a new list, on time and by a machine; see whether clients can fetch it.",
        change=lambda p: p.crl.set(this_update=_ago(days=9), next_update=_ago(days=2)),
    ),
    Fault(
        "crl-future",
        "the CRL is from the future",
        "early CRL",
        rule="revocation",
        clause="RFC 5280 §5.1.2.4",
        attack="Nobody gains by it alone; but a list that speaks of another time can't say what holds now.",
        where="CA",
        repair="Set the CA's clock, or the client's, whichever is wrong.",
        change=lambda p: p.crl.set(this_update=_ago(days=-2), next_update=_ago(days=-9)),
    ),
    Fault(
        "crl-forged",
        "another CA of the same name signed the CRL",
        "forged CRL",
        rule="revocation",
        clause="RFC 5280 §6.3.3 (g)",
        attack="Anybody writes an empty list in the CA's name, and every revoked certificate is good again.",
        where="client",
        repair="Fetch the list from the CA itself, and find out who wrote this one.",
        change=_list(signed_by="a stranger"),
    ),
    Fault(
        "crl-missing",
        "there is no CRL of its issuer",
        "no CRL",
        rule="revocation",
        clause="RFC 5280 §6.3.3",
        attack="Who can keep the list from the client, by cutting the line to it, undoes every revocation.",
        where="client",
        repair="Give the client the list of every CA in the path, or don't ask it to check.",
        change=_list(missing=True),
    ),
    Fault(
        "crl-no-sign",
        "the key that signed the CRL may not sign CRLs",
        "no cRLSign",
        rule="revocation",
        clause="RFC 5280 §6.3.3 (f)",
        attack="A key that was given out for less could declare good what is revoked.",
        where="CA",
        repair="Have the root issue the intermediate with cRLSign.",
        change=_turn(intermediate={"key_usage": ("key_cert_sign",)}, crl={"given": True}),
    ),
    Fault(
        "ocsp-revoked",
        "the OCSP answer says that it is revoked",
        "OCSP: revoked",
        rule="revocation",
        clause="RFC 6960 §2.2",
        attack="Who stole the key goes on as the server with every client that does not ask.",
        where="server",
        repair="Make a new key and request a new certificate: the old key is lost for good.",
        change=_answer("revoked"),
    ),
    Fault(
        "ocsp-stale",
        "the OCSP answer is out of date",
        "old answer",
        rule="revocation",
        clause="RFC 6960 §4.2.2.1",
        attack="A thief shows the answer from before the revocation, as long as she likes.",
        where="server",
        repair="Have the server fetch a new answer in time, by a machine.",
        change=_answer("stale"),
    ),
    Fault(
        "ocsp-elsewhere",
        "the OCSP answer is about another certificate",
        "other's answer",
        rule="revocation",
        clause="RFC 6960 §3.2",
        attack="A thief asks about a good certificate, and shows that answer beside the revoked one.",
        where="server",
        repair="Ask about this certificate, with its issuer and its serial number.",
        change=_answer("elsewhere"),
    ),
    Fault(
        "ocsp-no-right",
        "who signed the OCSP answer has no right to",
        "no OCSPSigning",
        rule="revocation",
        clause="RFC 6960 §4.2.2.2",
        attack="Anybody with a certificate of the CA declares good whatever the CA has revoked.",
        where="CA",
        repair="Give the responder a certificate for OCSPSigning, from the same CA.",
        change=_answer("no right"),
    ),
    Fault(
        "ocsp-try-later",
        "the responder says 'try later'",
        "try later",
        rule="revocation",
        clause="RFC 6960 §2.3",
        attack="An error is not signed: who stands in between writes it, and a client that shrugs goes on.",
        where="CA",
        repair="See to the responder; a client that must be sure waits, or takes a CRL.",
        change=_answer("try later"),
    ),
)

FAULTS: dict[str, Fault] = {fault.id: fault for fault in _ENTRIES}
