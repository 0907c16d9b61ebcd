"""Lesson 06, Chains of trust: build a path, repair three broken services, limit a CA, name three causes."""

import random
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import collapse_addresses, ip_network
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from padlock import keys, reading, tls
from padlock.authority import Authority, self_signed
from padlock.faults import case
from padlock.judge import RULES, Finding, judge
from padlock.judge.case import Case
from padlock.look.card import called

from ..answer import Answer, Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import EXPIRED, connect

# ---- 1: build


@dataclass(frozen=True)
class _Puzzle:
    """A leaf, a pool in no order, and the one path that is right, leaf first."""

    what: str
    leaf: x509.Certificate
    pool: list[x509.Certificate]
    path: list[x509.Certificate]


@cache
def _puzzles() -> tuple[_Puzzle, ...]:
    root, other = Authority("Class Root"), Authority("Another Root")
    upper = root.intermediate("Class Policy CA", path_length=1)
    lower = upper.intermediate("Class Issuing CA")
    leaf = lower.issue("api.test")
    strangers = [other.certificate, other.intermediate("Class Other CA").certificate]
    named = _look_alikes(lower, upper, root, copied=False)
    copied = _look_alikes(lower, upper, root, copied=True)
    path, above = [*leaf.chain, root.certificate], [lower.certificate, upper.certificate, root.certificate]
    straight = root.issue("api.test")
    loose = _shuffled([*above, *strangers, leaf.certificate], 1)
    return (
        _Puzzle("a root and its leaf", straight.certificate, _shuffled([root.certificate, *strangers], 2),
                [straight.certificate, root.certificate]),
        _Puzzle("two intermediates, and strangers", leaf.certificate, loose, path),
        _Puzzle("the same pool the other way round", leaf.certificate, loose[::-1], path),
        _Puzzle("look-alikes: the same names, other keys", leaf.certificate, [*named, *_shuffled(above, 3)], path),
        _Puzzle("the look-alikes last", leaf.certificate, [*_shuffled(above, 4), *named], path),
        _Puzzle("look-alikes that copied the key identifiers, too", leaf.certificate, [*copied, *_shuffled(above, 5)], path),
        _Puzzle("these look-alikes last", leaf.certificate, [*_shuffled(above, 6), *copied], path),
        _Puzzle("a pool without a root", leaf.certificate, _shuffled([lower.certificate, *strangers], 7),
                [leaf.certificate, lower.certificate]),
    )  # fmt: skip


def _look_alikes(*authorities: Authority, copied: bool) -> list[x509.Certificate]:
    """A certificate of the same subject and issuer for each, with a key of Mallory's; copied: its key identifiers too."""
    made = []
    for authority in authorities:
        real, key = authority.certificate, keys.make()
        extra = []
        for kind in (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier):
            if copied and (own := _extension(real, kind)):
                extra.append((own.value, False))
        made.append(
            Authority(
                authority.name, key=key, issuer_name=real.issuer, signed_by=key, extra=extra
            ).certificate
        )
    return made


def _shuffled(certificates: list, seed: int) -> list:
    certificates = list(certificates)
    random.Random(seed).shuffle(certificates)
    return certificates


def _built(answer: Answer, puzzle: _Puzzle) -> list[x509.Certificate]:
    """What the learner's build says, the leaf in front."""
    found = answer.call("build", puzzle.leaf, list(puzzle.pool))
    if not isinstance(found, (list, tuple)):
        raise Miss(
            "not-a-path",
            "build does not return a list of certificates",
            tried=f"build(leaf, pool), {puzzle.what}",
            expected="a list, the leaf first",
            found="None" if found is None else f"a {type(found).__name__}",
        )
    try:
        path = [reading.certificate(one) for one in found]
    except Exception as error:  # a foreign object may raise anything
        raise Miss(
            "not-a-path",
            "build returns something that is not a certificate",
            tried=f"build(leaf, pool), {puzzle.what}",
            expected="certificates out of the pool",
            found=f"a {type(found[0]).__name__}" if found else "an empty list",
        ) from error
    return path if path[:1] == [puzzle.leaf] or path[-1:] == [puzzle.leaf] else [puzzle.leaf, *path]


def _must_build(answer: Answer, puzzle: _Puzzle) -> None:
    path, right = _built(answer, puzzle), puzzle.path
    if path == right:
        return
    tried, expected = f"build(leaf, pool), {puzzle.what}", " ← ".join(called(c.subject) for c in right)
    found = " ← ".join(called(c.subject) for c in path[:6])
    if path == right[::-1]:
        raise Miss("wrong-order", "the path is upside down", tried=tried, expected=expected, found=found)
    if path == right[: len(path)]:
        raise Miss("stops-early", "the path ends too early", tried=tried, expected=expected, found=found)
    if path[: len(right)] == right:
        raise Miss(
            "goes-on", "the path does not end where it should", tried=tried, expected=expected, found=found
        )
    at = next(i for i, (one, other) in enumerate(zip(path, right, strict=False)) if one != other)
    wrong, meant = path[at], right[at]
    if wrong.subject != meant.subject:
        raise Miss("not-the-issuer", f"{called(wrong.subject)} has not issued what stands before it", tried=tried,
                   expected=expected, found=found)  # fmt: skip
    same = [_identifier(one) for one in (wrong, meant)]
    raise Miss(
        "by-identifier-only" if same[0] == same[1] else "by-name-only",
        f"a look-alike of {called(meant.subject)} is in the path",
        tried=tried,
        expected=f"the one whose key verifies the signature, {keys.short_fingerprint(meant)}",
        found=f"the same name, another key, {keys.short_fingerprint(wrong)}",
    )


def build_finds_the_path(answer):
    """build finds the path in a shuffled pool"""
    for puzzle in _puzzles()[:3]:
        _must_build(answer, puzzle)


def build_sees_through_look_alikes(answer):
    """build is not taken in by look-alikes"""
    for puzzle in _puzzles()[3:7]:
        _must_build(answer, puzzle)


def build_ends(answer):
    """build ends where nobody fits"""
    _must_build(answer, _puzzles()[7])


# ---- 2, 3, 4: broken services


PLACES = ("sends", "trusts", "verify")


@dataclass(frozen=True, repr=False)
class Service:
    """A server, a client that wants it, and a folder of files. Print it to read the ticket.

    sends: what the server sends. trusts: the client's store. folder: file name → certificate.
    """

    name: str
    ticket: str
    sends: list[x509.Certificate]
    trusts: list[x509.Certificate]
    folder: dict[str, x509.Certificate]
    private_key: Any
    _roots: tuple[Authority, ...] = ()  # who may be trusted
    _mallory: Authority | None = None

    def meet(self, sends: Any = None, trusts: Any = None, verify: bool = True) -> tls.Transcript:
        """Server and client meet, with what you change; the rest stays as it is."""
        return tls.handshake(
            (self.sends if sends is None else sends, self.private_key),
            self.trusts if trusts is None else trusts,
            self.name,
            verify=verify,
            check_name=verify,
        )

    @property
    def case(self) -> Case:
        """The question, as the judge and the referees take it."""
        return Case(sent=self.sends, roots=self.trusts, name=self.name, private_key=self.private_key)

    def __repr__(self) -> str:
        lines = [self.ticket, "", f"{self.name} sends:", *map(_line, self.sends)]
        lines += ["the client trusts:", *map(_line, self.trusts), "files in the folder:"]
        lines += [f"  {file}\n  {_line(one)}" for file, one in self.folder.items()]
        return "\n".join(lines)


def _line(one: x509.Certificate) -> str:
    until = f"until {one.not_valid_after_utc:%Y-%m-%d}"
    return f"  {_called(one)}, signed by {called(one.issuer)}, {until}, key {keys.short_fingerprint(one)}"


def _called(one: x509.Certificate) -> str:
    return called(one.subject)


def broken(which: str) -> Service:
    """ "shop", "payroll" or "orders": made anew each time, broken always in the same way."""
    return {"shop": _shop, "payroll": _payroll, "orders": _orders}[which]()


def _shop() -> Service:
    root = Authority("Class Root")
    old, issuing = root.intermediate("Class Issuing CA"), root.intermediate("Class Issuing CA")
    leaf = issuing.issue("shop.test")
    return Service(
        "shop.test",
        "“In my browser the shop works. Our payment partner's program refuses it.”",
        [leaf.certificate],
        [root.certificate],
        {
            "class-root.pem": root.certificate,
            "issuing-ca-1.pem": old.certificate,
            "issuing-ca-2.pem": issuing.certificate,
        },
        leaf.private_key,
        (root,),
        Authority("Class Root"),
    )


def _payroll() -> Service:
    before, root, mallory = (Authority("Corp Root") for _ in range(3))
    issuing = root.intermediate("Corp Issuing CA")
    leaf = issuing.issue("payroll.test")
    return Service(
        "payroll.test",
        "“Since the company has a new root, payroll is refused. But Corp Root is in our store!”\n"
        f"(The CA's people, by telephone: the new root's key is {keys.short_fingerprint(root.certificate)}.)",
        leaf.chain,
        [before.certificate],
        {
            "corp-root-from-the-forum.pem": mallory.certificate,
            "corp-root-from-the-ca.pem": root.certificate,
            "issuing-ca.pem": issuing.certificate,
            "payroll.pem": leaf.certificate,
        },
        leaf.private_key,
        (before, root),
        mallory,
    )


def _orders() -> Service:
    root, now = Authority("Class Root"), datetime.now(UTC).replace(microsecond=0)
    renewed = root.intermediate("Class Issuing CA")
    over = Authority(
        "Class Issuing CA",
        issuer=root,
        key=renewed.private_key,
        not_before=now - timedelta(days=700),
        not_after=now - timedelta(days=2),
    )
    leaf = over.issue("orders.test", not_before=now - timedelta(days=30), not_after=now + timedelta(days=50))
    again = over.issue("orders.test", key=leaf.private_key)
    return Service(
        "orders.test",
        "“Certificate has expired, says the client. But ours is good for weeks! Somebody renewed it anyway: in vain.”",
        leaf.chain,
        [root.certificate],
        {
            "orders-renewed.pem": again.certificate,
            "issuing-ca-renewed.pem": renewed.certificate,
            "issuing-ca-next.pem": root.intermediate("Class Issuing CA 2").certificate,
        },
        leaf.private_key,
        (root,),
        Authority("Class Root"),
    )


@dataclass(frozen=True)
class _Repair:
    """What the learner changed, read. given: the places that they changed."""

    service: Service
    chain: list[x509.Certificate]
    trusts: list[x509.Certificate]
    verify: bool
    given: frozenset[str]

    def meet(self) -> tls.Transcript:
        return connect(
            (self.chain, self.service.private_key),
            self.service.name,
            self.trusts,
            verify=self.verify,
            check_name=self.verify,
        )

    def meets(self, stranger: Any) -> bool:
        """Does the repaired client accept somebody else as this service?"""
        return (
            connect(
                stranger, self.service.name, self.trusts, verify=self.verify, check_name=self.verify
            ).error
            is None
        )


def _repair(answer: Answer, which: str) -> _Repair:
    service, changes = answer.given(which, Service), getattr(answer, f"{which}_repair")
    form = '{"sends": […]} or {"trusts": […]}'
    if not isinstance(changes, dict) or not changes:
        found = "an empty one" if isinstance(changes, dict) else f"a {type(changes).__name__}"
        raise Miss("not-a-repair", f"{which}_repair does not say what you change", expected=form, found=found)
    for place in changes:
        if not isinstance(place, str) or place not in PLACES:
            found = place if isinstance(place, str) else f"a {type(place).__name__}"
            raise Miss("not-a-repair", "there is no such place to repair", expected=form, found=found)
    verify = changes.get("verify", True)
    if not isinstance(verify, bool):
        raise Miss(
            "not-a-repair", "verify is True or False", expected="True", found=f"a {type(verify).__name__}"
        )
    read = Answer({place: _from_folder(service, changes[place]) for place in changes if place != "verify"})
    chain = read.certificates("sends") if "sends" in changes else service.sends
    trusts = read.certificates("trusts") if "trusts" in changes else service.trusts
    if not keys.same_pair(service.private_key, chain[0]):
        if chain[0].subject == service.sends[0].subject:
            raise Miss(
                "key-mismatch",
                f"the server can't start: that certificate for {service.name} is for another key than the server's",
                tried="comparing the two public keys",
                expected=keys.short_fingerprint(service.sends[0]),
                found=keys.short_fingerprint(chain[0]),
            )
        raise Miss(
            "leaf-not-first",
            "the server can't start: its key does not fit the first certificate that it sends",
            tried="comparing the two public keys",
            expected=f"the certificate for {service.name} first",
            found=_called(chain[0]),
        )
    return _Repair(service, chain, trusts, verify, frozenset(changes))


def _from_folder(service: Service, given: Any) -> Any:
    """File names of the ticket stand for the certificates."""
    if isinstance(given, (list, tuple)):
        return [_from_folder(service, one) if isinstance(one, str) else one for one in given]
    return service.folder.get(given, given) if isinstance(given, str) else given


def _service_works(which: str):
    def task(answer):
        repair = _repair(answer, which)
        service, error = repair.service, repair.meet().error
        if error is None:
            return
        _nobody_else_trusted(repair, found=f"{service.name} is still refused: {error.said}")
        id = "still-broken"
        if repair.chain[0] != service.sends[0] and error.code == EXPIRED:
            id = "renewed-the-leaf"
        elif any(
            _same(one, root.certificate) and one not in service.sends
            for one in repair.chain
            for root in service._roots
        ):
            id = "sent-root"
        raise Miss(
            id,
            f"the client still refuses {service.name}",
            tried="TLS in memory, with what you changed",
            expected="it shuts the padlock",
            found=error.said,
        )

    task.__doc__ = f"the client reaches {which}.test"
    return task


def _strangers_refused(which: str):
    def task(answer):
        repair = _repair(answer, which)
        name = repair.service.name
        if repair.meets(self_signed(name)):
            raise Miss(
                "verify-off",
                f"the client now accepts anybody as {name}",
                tried="a server with a certificate that it signed itself",
                expected="it refuses",
                found="a padlock that shuts",
            )
        if repair.meets(repair.service._mallory.issue(name)):
            raise Miss(
                "wrong-root",
                f"the client now accepts Mallory as {name}",
                tried="a server with a certificate that Mallory's root signed",
                expected="it refuses",
                found="a padlock that shuts: her root has the same name, and is in the store",
            )

    task.__doc__ = "it still refuses everybody else"
    return task


def _right_place(which: str):
    def task(answer):
        _nobody_else_trusted(_repair(answer, which))

    task.__doc__ = "it is repaired at the right place"
    return task


_TRUSTED = {
    "wrong-root": "it has the name of the root, and another key",
    "trusts-a-stranger": "whoever holds its key vouches for every name now",
    "trusts-the-intermediate": "every other client still refuses",
    "trusts-the-leaf": "its own expiry is all that ends that trust",
}


def _nobody_else_trusted(repair: _Repair, found: str = "") -> None:
    """Only roots of this service are in the client's store. found: what came of the repair, if it did not work."""
    roots = repair.service._roots
    for one in repair.trusts:
        if any(_same(one, root.certificate) for root in roots):
            continue
        basic, own = _extension(one, x509.BasicConstraints), one.issuer == one.subject
        id = "trusts-the-intermediate" if basic and basic.value.ca else "trusts-the-leaf"
        if id == "trusts-the-intermediate" and own:
            id = "wrong-root" if one.subject == roots[0].certificate.subject else "trusts-a-stranger"
        raise Miss(
            id,
            f"you made {_called(one)} a trust anchor",
            tried="looking at what the client trusts now",
            expected=f"at most {roots[0].name}, with the right key",
            found=found or _TRUSTED[id],
        )


def _same(one: x509.Certificate, other: x509.Certificate) -> bool:
    """The same CA: name and key."""
    return one.subject == other.subject and keys.same_pair(one, other)


# ---- 5: limit a CA


def limited_is_the_cas(answer):
    """limited is for issuing_key, and signed by the root"""
    limited, key = answer.certificate("limited"), answer.private_key("issuing_key")
    if not keys.same_pair(key, limited):
        raise Miss(
            "key-mismatch",
            "limited is for another key than issuing_key",
            tried="comparing the two public keys",
            expected=keys.short_fingerprint(key),
            found=keys.short_fingerprint(limited),
        )
    try:
        limited.verify_directly_issued_by(answer.certificate("corp_root"))
    except Exception as error:  # several kinds, each means: not by this root
        raise Miss(
            "not-by-the-root",
            "corp_root has not issued limited",
            tried="limited.verify_directly_issued_by(corp_root)",
            expected="issuer_name(corp_root.subject), signed with corp_key",
            found=type(error).__name__,
        ) from error


_REASONS = {
    "basic-constraints": "not-a-ca",
    "key-usage": "no-keycertsign",
    "name-constraints": "too-narrow",
    "extended-key-usage": "wrong-purpose",
    "form": "form-broken",
}


def limited_does_its_work(answer):
    """servers below corp.test are accepted"""
    if _extension(answer.certificate("limited"), x509.KeyUsage) is None:
        raise Miss(
            "no-keycertsign",
            "limited does not say what its key may do: stricter clients refuse all that it signs",
            tried="reading its key usage",
            expected="keyCertSign",
            found="no key usage",
        )
    for name in ("db.corp.test", "deep.down.corp.test"):
        _, chain, key = _issued(answer, name)
        error = connect((chain, key), name, [answer.certificate("corp_root")]).error
        verdict = judge((chain, key), roots=[answer.certificate("corp_root")], name=name, purpose="server")
        if error is None and verdict.accepted:
            continue
        reasons = sorted(verdict.reasons, key=lambda f: [*_REASONS, f.rule].index(f.rule))
        reason = reasons[0] if reasons else None
        id = _REASONS.get(reason.rule, "refused-otherwise") if reason else "refused-otherwise"
        if reason and reason.rule == "validity":
            now = datetime.now(UTC)
            id = "expired" if answer.certificate("limited").not_valid_after_utc < now else "not-yet-valid"
        raise Miss(
            id,
            f"a server for {name}, issued with limited, is refused",
            tried="TLS in memory and the judge, trusting only corp_root",
            expected="it is accepted",
            found=reason.why if reason else error.said,
        )


def limited_is_limited(answer):
    """whoever steals issuing_key can do nothing else"""
    roots = [answer.certificate("corp_root")]

    def accepted(name, chain, key):
        return connect((chain, key), name, roots).error is None

    for name in ("bank.test", "corp.test.evil.test", "notcorp.test"):
        _, chain, key = _issued(answer, name)
        if accepted(name, chain, key):
            raise Miss(
                "names-open",
                f"with the stolen key, Mallory is {name}",
                tried=f"a certificate for {name}, signed with issuing_key",
                expected="refused: permitted subtree violation",
                found="a padlock that shuts",
            )
    for name in ("192.0.2.7", "2001:db8::7"):
        _, chain, key = _issued(answer, name)
        if accepted(name, chain, key):
            raise Miss(
                "addresses-open",
                f"with the stolen key, Mallory is {name}",
                tried="a certificate for an IP address, signed with issuing_key",
                expected="refused",
                found="a padlock that shuts: a limit on DNS names says nothing about addresses",
            )
    authority, _, _ = _issued(answer, "x.corp.test")
    below = Authority("Mallory's CA", issuer=authority, path_length=0)
    leaf = below.issue("x.corp.test")
    chain = [leaf.certificate, below.certificate, answer.certificate("limited")]
    if accepted("x.corp.test", chain, leaf.private_key):
        raise Miss(
            "cas-below",
            "with the stolen key, Mallory makes CAs of her own",
            tried="a CA below limited, which signs for x.corp.test",
            expected="refused: path length constraint exceeded",
            found="a padlock that shuts",
        )
    admin = authority.issue("admin.corp.test", purpose="client")
    shown = ([admin.certificate, answer.certificate("limited")], admin.private_key)
    server = Authority("Server Root")
    meeting = tls.handshake(
        server.issue("x.corp.test"), [server.certificate], "x.corp.test", client=shown, client_roots=roots
    )
    if meeting.error is None:
        raise Miss(
            "purpose-open",
            "with the stolen key, Mallory logs in as a client, as admin.corp.test",
            tried="a client certificate, signed with issuing_key",
            expected="refused: limited is for servers",
            found="the server accepts her",
        )
    _nothing_else_said(answer.certificate("limited"))


def _nothing_else_said(limited: x509.Certificate) -> None:
    """What the trials could not try: every other name, address, purpose and verifier."""
    constraints, purposes = (
        _extension(limited, x509.NameConstraints),
        _extension(limited, x509.ExtendedKeyUsage),
    )
    permitted = (constraints and constraints.value.permitted_subtrees) or ()
    excluded = (constraints and constraints.value.excluded_subtrees) or ()
    names = [name.value.lower() for name in permitted if isinstance(name, x509.DNSName)]
    if dotted := [name for name in names if name.startswith(".")]:
        raise Miss(
            "dot-in-front",
            "some verifiers can't read limited's name constraints, and refuse all that it signs",
            tried="reading its permitted names",
            expected="corp.test",
            found=reading.visible(dotted[0], 60),
        )
    beyond = [name for name in names if not f".{name}".endswith(".corp.test")]
    if beyond or not names:
        raise Miss(
            "names-open",
            "limited may vouch for other names, too",
            tried="reading its permitted names",
            expected="corp.test, and nothing that is not below it",
            found=reading.visible(", ".join(beyond), 60)
            or "none: every name that is not excluded is allowed",
        )
    if nets := [str(name.value) for name in permitted if isinstance(name, x509.IPAddress)]:
        raise Miss(
            "address-allowed",
            "limited may vouch for some addresses",
            tried="reading its permitted names",
            expected="no address",
            found=", ".join(nets[:3]),
        )
    nets = [name.value for name in excluded if isinstance(name, x509.IPAddress)]
    for every in (ip_network("0.0.0.0/0"), ip_network("::/0")):
        own = [net for net in nets if net.version == every.version]
        if list(collapse_addresses(own)) != [every]:
            raise Miss(
                "addresses-open",
                f"limited may vouch for some IPv{every.version} addresses",
                tried="reading its excluded names",
                expected=str(every),
                found=", ".join(map(str, own[:3])) or "none",
            )
    if not constraints.critical:
        raise Miss(
            "not-critical",
            "a verifier that does not know name constraints may skip yours",
            tried="reading limited's name constraints",
            expected="critical",
            found="not critical",
        )
    said = set(purposes.value) if purposes else set()
    if said != {ExtendedKeyUsageOID.SERVER_AUTH}:
        raise Miss(
            "purpose-open",
            "limited may vouch for other purposes, too",
            tried="reading its extended key usage",
            expected="serverAuth alone",
            found=", ".join(sorted(oid._name for oid in said))[:80] or "no purpose named: all are allowed",
        )


def _issued(answer: Answer, name: str) -> tuple[Authority, list, Any]:
    """Whoever signs with issuing_key under the name of `limited`, and a server's certificate from there."""
    limited, key = answer.certificate("limited"), answer.private_key("issuing_key")
    authority = Authority("whoever", key=key, subject=limited.subject)
    if identifier := _extension(
        limited, x509.SubjectKeyIdentifier
    ):  # the CA names its key as its certificate does
        authority = Authority("whoever", key=key, subject=limited.subject, extra=[(identifier.value, False)])
    leaf = authority.issue(name)
    return authority, [leaf.certificate, limited], leaf.private_key


# ---- 6: name the causes

_FAULTS = ("path-length", "outside-permitted", "ca-for-clients")
_SECTIONS = {  # sections of RFC 5280 that ask for the rule
    "path-length": {"4.2.1.9", "6.1.4"},
    "name-constraints": {"4.2.1.10", "6.1.3"},
    "extended-key-usage": {"4.2.1.12", "7.1.2"},  # the second of the CA/Browser Forum's BR
}


def refused() -> dict[str, Case]:
    """Three chains that are refused, each for another reason, in an order that differs from run to run."""
    cases = [case(fault) for fault in _FAULTS]
    random.shuffle(cases)
    return dict(zip(("first", "second", "third"), cases, strict=True))


def causes_named(answer):
    """every refusal has a rule"""
    causes = answer.causes
    if (
        not isinstance(causes, dict)
        or {k for k in causes if isinstance(k, str)} != {"first", "second", "third"}
        or len(causes) != 3
    ):
        found = f"a {type(causes).__name__}" + (f" of {len(causes)}" if isinstance(causes, dict) else "")
        raise Miss(
            "not-three",
            "causes does not have a rule for each of the three",
            expected='{"first": …, "second": …, "third": …}',
            found=found,
        )
    for which, said in causes.items():
        if not _rules_meant(said):
            raise Miss(
                "no-such-rule",
                f"what you gave for the {which} is no rule",
                expected="one name out of padlock.judge.RULES, or the clause that the judge quotes",
                found=said if isinstance(said, str) else f"a {type(said).__name__}",
            )


def causes_right(answer):
    """each is the rule that failed"""
    for which, one in answer.given("refused_cases", _three_cases).items():
        right = one.judge().reasons[0]
        if right.rule not in _rules_meant(answer.causes[which]):
            raise Miss(
                "misread",
                f"the {which} was refused for another reason",
                tried=f"what the client said of the {which}, and what its certificates say",
                expected="the rule that its chain breaks",
                found=f"“{answer.causes[which]}”",
            )


def _three_cases(given: dict) -> dict:
    """As the lesson made them; whatever else it raises, it is not ours."""
    return {which: given[which] for which in ("first", "second", "third") if given[which].judge}


def _rules_meant(said: object) -> set[str]:
    """The rules that the learner may have meant: by name, in any spelling, or by a section. One cause, one rule: whoever
    names several sections, as the judge does, must mean the same rule with each."""
    if isinstance(said, Finding):  # as the judge gives it
        said = said.rule
    if not isinstance(said, str):
        return set()
    plain = re.sub(r"[^a-z]", "", said.lower())
    words = {"pathlen": "path-length", "pathlenconstraint": "path-length", "nameconstraint": "name-constraints",
             "eku": "extended-key-usage", "extkeyusage": "extended-key-usage", "br": "extended-key-usage"}  # fmt: skip
    named = {rule for rule in RULES if plain == rule.replace("-", "")} | {
        words[w] for w in words if plain == w
    }
    meant = [named] if named else []
    for section in re.findall(r"\d+(?:\.\d+)+", said):
        rules = {rule for rule, sections in _SECTIONS.items() if section in sections}
        if rules or re.fullmatch(r"[46]\.\d(\.\d+)*", section):
            meant.append(rules or {"another"})
    return set.intersection(*meant) if meant else set()


# ---- Shared


def _extension(certificate, kind):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return certificate.extensions.get_extension_for_class(kind)
    except (ValueError, x509.ExtensionNotFound):
        return None


def _identifier(certificate):
    found = _extension(certificate, x509.SubjectKeyIdentifier)
    return found and found.value.digest


REPAIRS = ("leaf-not-first", "key-mismatch", "not-a-repair", "still-broken", "verify-off", "trusts-the-intermediate", "trusts-the-leaf",
           "trusts-a-stranger", "wrong-root", "sent-root")  # fmt: skip


LESSON = Lesson(
    slug="06_chains_of_trust",
    title="Chains of trust",
    minutes=(30, 45),
    exercises=(
        Exercise(
            id="06-build",
            title="Build the path",
            asks=("build",),
            tasks=(build_finds_the_path, build_sees_through_look_alikes, build_ends),
            hints=(
                "Look at the three cells that found the issuer by name, by key identifier and by signature.",
                "Start with `[leaf]`. Look for the one in the pool that has issued the last; put it behind; go on until the last has issued itself, or nobody fits.",
                "`last.verify_directly_issued_by(one)` looks at the names and the signature. It raises ValueError, TypeError or InvalidSignature if they do not fit.",
                "`path = [leaf]`, then `while path[-1].issuer != path[-1].subject:` — find the first `one` in the pool for which `signed(path[-1], one)`; if there is none, `return path`; else `path.append(one)`.",
            ),
            misses=("not-a-path", "not-the-issuer", "by-name-only", "by-identifier-only", "stops-early", "goes-on", "wrong-order"),
            done="names say who may have signed, the signature says who did. That is path building.",
        ),
        Exercise(
            id="06-shop",
            title="Repair the shop",
            asks=("shop_repair",),
            tasks=(_service_works("shop"), _strangers_refused("shop"), _right_place("shop")),
            hints=(
                "What does shop.test send? Who signed it, and is that signer among what it sends or what the client trusts?",
                "The client can't know the issuing CA: the server has to send its certificate. Of the two in the folder, only one has the key that signed.",
                '`shop.sends[0].verify_directly_issued_by(shop.folder["…"])` raises nothing for the right one.',
                '`shop_repair = {"sends": [shop.sends[0], shop.folder["…"]]}`',
            ),
            misses=REPAIRS,
            done="every client that trusts Class Root reaches the shop now, without anybody touching the clients.",
        ),
        Exercise(
            id="06-payroll",
            title="Repair payroll",
            asks=("payroll_repair",),
            tasks=(_service_works("payroll"), _strangers_refused("payroll"), _right_place("payroll")),
            hints=(
                "Compare the keys, not the names: the fingerprints stand at the end of each line.",
                "The server is in order. The client's Corp Root has the right name and the wrong key. Which of the two files is from the CA, and how do you know?",
                "The CA's people read the key's fingerprint to you by telephone. Put the file with just that key into the client's store.",
                '`payroll_repair = {"trusts": [*payroll.trusts, payroll.folder["…"]]}`',
            ),
            misses=REPAIRS,
            done="a root came into the store on purpose, after its key had been compared. That is what makes it a root.",
        ),
        Exercise(
            id="06-orders",
            title="Repair orders",
            asks=("orders_repair",),
            tasks=(_service_works("orders"), _strangers_refused("orders"), _right_place("orders")),
            hints=(
                "“Certificate has expired”: which one? Read the date in each line.",
                "The leaf is good, the issuing CA's certificate is not. Its key is the same as ever, so the leaf's signature still fits.",
                "The root has issued a new certificate for the same issuing CA with the same key. The server must send that one.",
                '`orders_repair = {"sends": [orders.sends[0], orders.folder["…"]]}`',
            ),
            misses=(*REPAIRS, "renewed-the-leaf"),
            done="what was missing was one file at the server; it takes no new key and no new leaf. A chain is good as long as its shortest-lived link.",
        ),
        Exercise(
            id="06-limit",
            title="Limit the issuing CA",
            asks=("limited",),
            tasks=(limited_is_the_cas, limited_does_its_work, limited_is_limited),
            hints=(
                "Four things may be said of a CA: that it is one and how many stand below, what its key may do, for which purpose, for which names.",
                "Path length 0, keyCertSign and cRLSign, serverAuth, and name constraints: permitted DNS corp.test, excluded all addresses.",
                '`x509.NameConstraints(permitted_subtrees=[x509.DNSName("corp.test")], excluded_subtrees=[…])`, critical; `x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])`.',
                '`excluded_subtrees=[x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))]`; issuer_name(corp_root.subject), public_key(issuing_key.public_key()), AKI, SKI, sign(corp_key, hashes.SHA256()).',
            ),
            misses=("key-mismatch", "not-by-the-root", "not-a-ca", "no-keycertsign", "too-narrow", "dot-in-front", "wrong-purpose", "form-broken", "expired",
                    "not-yet-valid", "refused-otherwise", "names-open", "addresses-open", "address-allowed", "not-critical", "cas-below",
                    "purpose-open"),
            done="a thief of this key can be any server below corp.test, and nothing else.",
        ),
        Exercise(
            id="06-causes",
            title="Name three causes",
            asks=("causes",),
            tasks=(causes_named, causes_right),
            hints=(
                "The client's words are in the cell above. Each names what it stumbled over, more or less.",
                "One speaks of a path length, one of a subtree of names, one of a purpose. The rules are the keys of `padlock.judge.RULES`.",
                '`print(refused_cases["first"].judge())` shows every rule, with its clause.',
                '`causes = {which: one.judge().reasons[0].rule for which, one in refused_cases.items()}`, or the three names by hand.',
            ),
            misses=("not-three", "no-such-rule", "misread"),
            done="you read three refusals, and can say which sentence of the standard each of them stands on.",
        ),
    ),
    explanations=(
        Explanation("not-a-path", "any answer will do", "whoever checks the path needs its certificates, one by one, the leaf first", "RFC 5280 §6.1", "return a list that begins with leaf."),
        Explanation("not-the-issuer", "any CA above will do", "each certificate names its issuer; only one of that name can stand above it", "RFC 5280 §6.1.3 (a)(4)", "compare issuer with subject first."),
        Explanation("by-name-only", "an issuer is known by its name", "anybody can write that name; the signature says whose key signed", "RFC 5280 §6.1.3 (a)(1)", "check the signature with the candidate's public key."),
        Explanation("by-identifier-only", "the key identifier names the key, so it is proof", "it is a label that anybody can copy; it helps to find, and proves nothing", "RFC 5280 §4.2.1.1; RFC 4158 §3.5.12", "check the signature with the candidate's public key."),
        Explanation("stops-early", "one step up is enough", "the path goes on until a certificate that has issued itself, or until nobody fits", "RFC 5280 §6.1", "repeat the step for the certificate that you have just found."),
        Explanation("goes-on", "a path never ends", "who has issued itself has nobody above; and what did not issue the last one does not belong there", "RFC 5280 §3.2", "end at issuer == subject, and where nobody fits."),
        Explanation("wrong-order", "order does not matter", "a path is told from the leaf up, and the sender's own certificate comes first in TLS too", "RFC 8446 §4.4.2", "begin with the leaf."),
        Explanation("not-a-repair", "something will have to be changed", "a repair says where: at what the server sends, or at what the client trusts", "RFC 8446 §4.4.2; RFC 5280 §6.1.1 (d)", 'give a dictionary with "sends" or "trusts", and a list of certificates.'),
        Explanation("leaf-not-first", "the certificates of a chain are a set", "the sender's own certificate MUST come first; its key is the one that signs the handshake", "RFC 8446 §4.4.2", "put the server's certificate first, then those above it."),
        Explanation("still-broken", "one certificate of that name is as good as another", "the client goes by keys and dates; its words say what is still missing", "RFC 5280 §6.1.3", "read the words after 'Found', and compare keys and dates in the ticket."),
        Explanation("sent-root", "browsers need the root, so the server sends it", "what the other side sends is never trusted; a root counts only if it is in the client's store", "RFC 8446 §4.4.2; RFC 5280 §6.1.1 (d)", "look what is missing between the leaf and the store."),
        Explanation("renewed-the-leaf", "an expired chain is mended with a new leaf", "the leaf was not what had expired; each certificate of the path has its own dates", "RFC 5280 §6.1.3 (a)(2)", "look at the dates of the certificate above the leaf."),
        Explanation("wrong-root", "a CA is known by its name", "names can be taken by anybody; compare the key's fingerprint with one that you got another way", "RFC 5280 §6.1.1 (d)", "take the root whose key is the one the CA's people told you."),
        Explanation("trusts-the-intermediate", "trusting the intermediate repairs it", "at best it repairs this client alone, and only until the CA changes its intermediate; the root can no longer take it back", "RFC 8446 §4.4.2; RFC 5280 §6.1.1 (d)", "leave the intermediate out of the store; let the server send it."),
        Explanation("trusts-the-leaf", "trusting the server's certificate repairs it", "at best it repairs this client alone, and only until that certificate is replaced, within weeks", "RFC 5280 §6.1.1 (d)", "leave it out of the store, and mend the chain."),
        Explanation("trusts-a-stranger", "one more root can't hurt", "every root in the store vouches for every name", "RFC 5280 §6.1.1 (d)", "put only the root in that this service needs and that you have checked."),
        Explanation("not-by-the-root", "any signature will do", "the client follows name and key to the root in its store", "RFC 5280 §6.1.3", "issuer_name(corp_root.subject), and sign with corp_key."),
        Explanation("not-a-ca", "whoever has a certificate can sign others", "a signer must be marked as a CA: CA:TRUE, critical", "RFC 5280 §4.2.1.9, §6.1.4 (k)", "add BasicConstraints(ca=True, path_length=0), critical."),
        Explanation("no-keycertsign", "CA:TRUE is enough", "a CA's certificate MUST have a key usage, and it must say keyCertSign; not every client looks, strict ones do", "RFC 5280 §4.2.1.3, §6.1.4 (n)", "add the key usage may_sign, critical."),
        Explanation("too-narrow", "a narrower limit is safer", "this one refuses what the CA is there for; a DNS constraint corp.test holds all names below it", "RFC 5280 §4.2.1.10", 'permit x509.DNSName("corp.test").'),
        Explanation("dot-in-front", "a DNS limit begins with a dot", "it is written as a host name and holds that name and all below it; a period in front means something for URIs and mail addresses only", "RFC 5280 §4.2.1.10", 'permit x509.DNSName("corp.test").'),
        Explanation("wrong-purpose", "a CA needs no purpose, or any", "a purpose in a CA's certificate limits what stands below; here these are servers", "RFC 5280 §4.2.1.12; CA/Browser Forum BR §7.1.2", "ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])."),
        Explanation("form-broken", "what is not asked for is not needed", "a CA's certificate names its own key and the key that signed it", "RFC 5280 §4.2.1.1, §4.2.1.2", "add SubjectKeyIdentifier and AuthorityKeyIdentifier."),
        Explanation("names-open", "a CA of the company signs for the company only", "a CA signs for every name unless its certificate says for which", "RFC 5280 §4.2.1.10", 'permitted_subtrees=[x509.DNSName("corp.test")], critical.'),
        Explanation("addresses-open", "name-constrained is fine", "a constraint on DNS names leaves every other kind of name open", "RFC 5280 §4.2.1.10", "exclude 0.0.0.0/0 and ::/0."),
        Explanation("address-allowed", "one private network does no harm", "the task says no address; whoever has the key is then any machine in that network", "RFC 5280 §4.2.1.10", "permit DNS names only; exclude 0.0.0.0/0 and ::/0."),
        Explanation("not-critical", "the constraint stands there, so everybody follows it", "a verifier may skip what it does not know, unless it is critical: a CA MUST mark its name constraints so", "RFC 5280 §4.2, §4.2.1.10", "add the name constraints with critical=True."),
        Explanation("cas-below", "CA:TRUE is a yes or no", "path_length says how many CAs may stand below; without it, any number", "RFC 5280 §4.2.1.9", "path_length=0."),
        Explanation("purpose-open", "a certificate is a certificate", "a CA for servers vouches for every other purpose too that its certificate names, or for all if it names none", "RFC 5280 §4.2.1.12; CA/Browser Forum BR §7.1.2", "ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])."),
        Explanation("not-three", "one cause explains all", "there are three refusals; each breaks a rule of its own", "RFC 5280 §6.1", "give a dictionary with the keys first, second and third."),
        Explanation("no-such-rule", "“TLS error” names a cause", "a rule says what must hold, and so where to mend it", "RFC 5280 §6.1", "list(padlock.judge.RULES) has the names."),
        Explanation("misread", "all refusals mean the same", "each breaks another rule; read the words, and the CA's certificates", "RFC 5280 §6.1.4", "print(case.judge()) and read the lines with ✗."),
        Explanation("browser-fetches", "browsers fetch missing intermediates, so all is well", "some do, most programs don't; the server must send them", "RFC 8446 §4.4.2; RFC 5280 §4.2.2.1", "put the intermediate into the server's file."),
        Explanation("root-self-signed", "a root is trusted because it signed itself", "it is trusted because it is in the store; anybody can sign themselves", "RFC 5280 §6.1.1 (d)", "send a stranger's root along, and see the client refuse."),
        Explanation("leaf-counts", "only the server's certificate can expire", "every certificate of the path has its dates, and the client looks at each", "RFC 5280 §6.1.3 (a)(2)", "watch the dates of the intermediates as well."),
        Explanation("one-path", "a certificate has one chain", "with cross-signing it has several; a client needs one that is good", "RFC 4158 §2.3", "look what each client finds with its own store."),
        Explanation("self-signed-fine", "self-signed and a private root are the same thing", "a private root is installed on purpose, after comparing its key; a certificate that was clicked away was not", "RFC 5280 §6.1.1", "install a root that you know; click nothing away."),
    ),
    quiz=(
        Question(
            "A server sends only its own certificate. Your browser shows the page, curl refuses. Who is right?",
            right="curl: the server is set up wrongly",
            because="The server must send what leads up to the root (RFC 8446 §4.4.2). The browser filled the gap from elsewhere.",
            wrong={
                "the browser: the chain is good": ("browser-fetches", "It knew the intermediate or fetched it. The next client may do neither."),
                "curl's store is too old": ("trusts-the-intermediate", "The root is there. What is missing belongs to the server."),
            },
        ),
        Question(
            "Where do you repair a missing intermediate?",
            right="at the server: send it",
            because="One file, and every client is served.",
            wrong={
                "at each client: trust the intermediate": ("trusts-the-intermediate", "At each, again with each new intermediate; and the root can't take it back there."),
                "at each client: trust the leaf": ("trusts-the-leaf", "Until it is renewed, in weeks."),
                "at each client: verify=False": ("verify-off", "Then it talks to whoever answers."),
            },
        ),
        Question(
            "Two CA certificates have the same subject and the same key identifier. Which one has issued the leaf?",
            right="the one whose key verifies the signature",
            because="Name and identifier are text that anybody can copy.",
            wrong={
                "both": ("by-name-only", "One key made the signature."),
                "the one whose identifier the leaf names": ("by-identifier-only", "The leaf names both: the look-alike copied it."),
            },
        ),
        Question(
            "The server sends the root along. What does a client gain that does not have it in its store?",
            right="nothing",
            because="What the other side sends is never trusted. Only the client's store makes anchors.",
            wrong={
                "it trusts it: it is correctly self-signed": ("root-self-signed", "Mallory's is as well."),
                "it installs it for the next time": ("root-self-signed", "Then the first stranger would be trusted for ever."),
            },
        ),
        Question(
            "The leaf is good for weeks. The client says “certificate has expired”. What do you look at first?",
            right="the dates of the other certificates in the path",
            because="And then at the client's clock. Each certificate of the path has its own dates.",
            wrong={
                "renew the leaf": ("renewed-the-leaf", "The new one hangs on the same expired intermediate."),
                "nothing else can expire": ("leaf-counts", "Intermediates and roots have dates, too."),
            },
        ),
        Question(
            "One root in the store has expired. The server's chain leads to it, and by a cross-signed certificate to another root, which is good. What happens?",
            right="a client that finds the good path accepts",
            because="One good path is enough. Very old clients took the first they met, and failed.",
            wrong={
                "everybody refuses: the chain has expired": ("one-path", "There are two paths, and one of them is good."),
                "everybody accepts": ("one-path", "A client that does not have the other root in its store has only the expired path."),
            },
        ),
        Question(
            "An issuing CA is limited to DNS names below corp.test, and nothing else is said. May it vouch for 192.0.2.7?",
            right="yes",
            because="A constraint speaks of one kind of name. Addresses were not mentioned (RFC 5280 §4.2.1.10).",
            wrong={
                "no: it is not below corp.test": ("addresses-open", "An address is no DNS name, so that limit does not speak of it."),
            },
        ),
    ),
)  # fmt: skip
