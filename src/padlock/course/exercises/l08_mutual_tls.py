"""Lesson 08, Mutual TLS: a client that shows itself, whom a server asks about its clients, who is in, who may do what."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, KeysView, ValuesView
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import keys, reading, tls
from padlock.authority import Authority, Issued, self_signed
from padlock.judge.facts import Facts
from padlock.tls.contexts import anonymous_server, client_context, server_context, words
from padlock.tls.endpoint import Endpoint, converse

from ..answer import Answer, Miss, YourCodeRaised
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import NOT_YET_VALID, cause

NAME, CALLER = "api.test", "orders.test"
PATIENCE = 5.0  # seconds that either side at the counter waits for the other's next byte


# ---- 1: a client that shows itself


@dataclass(frozen=True)
class Office:
    """The service orders.test, which is to call api.test.

    server_root: whom a client asks about api.test    clients: the CA that issues for the services that call it
    today: what orders.test shows now    api, other: the servers api.test and other.test
    renewed, over: api.test with next month's certificate, and with one that has expired
    """

    server_root: x509.Certificate
    clients: Authority
    today: Issued
    api: Issued
    other: Issued
    renewed: Issued
    over: Issued
    folder: str = field(repr=False)

    def files(self, issued: Issued) -> tuple[str, str]:
        """Write certificates and private key as a container finds them mounted; the two paths, in this order.

        Only the owner may open the key's file (keys.save). The folder goes away with this office.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "tls.crt").write_text(issued.pem())
        keys.save(issued.private_key, folder / "tls.key")
        return str(folder / "tls.crt"), str(folder / "tls.key")

    def door(self, version: str | None = None) -> ssl.SSLContext:
        """api.test's own context: it demands a certificate that ends at the clients' root."""
        return server_context(self.api, version, self.clients.certificate)


def office() -> Office:
    servers, clients = Authority("Server Root"), Authority("Client Root")
    today = clients.issue(CALLER, purpose="server")
    folder = tempfile.mkdtemp(prefix="padlock-")  # mode 0700
    now = datetime.now(UTC)
    then = {"not_before": now - timedelta(days=40), "not_after": now - timedelta(days=10)}
    api, over, renewed = servers.issue(NAME), servers.issue(NAME, **then), servers.issue(NAME)
    made = Office(servers.certificate, clients, today, api, servers.issue("other.test"), renewed, over, folder)
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)  # at the latest when the kernel ends
    return made


def _client(answer: Answer) -> ssl.SSLContext:
    """The learner's context, or what their function returns."""
    context = answer.orders_client
    if not isinstance(context, (ssl.SSLContext, type)) and callable(context):
        context = answer.call("orders_client")
    if not isinstance(context, ssl.SSLContext):
        raise Miss("no-context", "orders_client is not a context", tried="connecting with orders_client",
                   expected="an ssl.SSLContext", found=f"a {type(context).__name__}")  # fmt: skip
    return context


def _meets(context: ssl.SSLContext, server: ssl.SSLContext) -> tls.Transcript:
    try:
        return tls.meet(context, server, NAME, b"ping", b"pong")
    except (ssl.SSLError, ValueError) as error:
        found = words(error) if isinstance(error, ssl.SSLError) else str(error)
        raise Miss("server-side", "no client can be made from this context", tried=f"connecting to {NAME}",
                   expected="a context for a client", found=found) from error  # fmt: skip


# What the server's OpenSSL says by its alert → the id that explains it (RFC 8446 §6.2)
REFUSALS = {
    "certificate_required": ("shows-nothing", "orders.test shows no certificate"),
    "unsupported_certificate": ("server-purpose", "the certificate that orders.test shows is not for clients"),
    "unknown_ca": ("client-unknown-ca", "api.test does not know who issued the certificate that you show"),
    "certificate_expired": ("expired", "the certificate that orders.test shows is over"),
}


def is_let_in(answer: Answer) -> None:
    """api.test lets your client in"""
    given, context = answer.given("desk", Office), _client(answer)
    met = _meets(context, given.door())
    if met.error is None:
        return
    tried = "a client with your context calls api.test, which demands a certificate"
    if met.error.who == "client":
        id, expected = cause(met), "both sides accept"
        if id == "unknown-ca":
            id = "namesake" if "Server Root" in _trusts(context).values() else "server-root-missing"
            expected = "it trusts desk.server_root"
        raise Miss(id, "your client refuses api.test", tried=tried, expected=expected, found=met.error.said)
    id, headline = REFUSALS.get(met.error.alert, ("refused-otherwise", "api.test refuses your client"))
    if met.error.alert == "handshake_failure" and "did not return" in met.error.said:  # TLS 1.2 has no better alert
        id, headline = REFUSALS["certificate_required"]
    if met.error.code == NOT_YET_VALID:
        id, headline = "not-yet-valid", "the time of the certificate that orders.test shows has not begun"
    raise Miss(id, headline, tried=tried, expected="both sides accept", found=met.error.said)


def _trusts(context: ssl.SSLContext) -> dict[bytes, str]:
    """The CAs in its list: DER → the last part of the name. Those of a folder (capath) show only when they were used."""
    ders, told = context.get_ca_certs(binary_form=True), context.get_ca_certs()
    return {der: ["", *(pair[1] for rdn in one["subject"] for pair in rdn)][-1] for der, one in zip(ders, told, strict=True)}


def is_orders(answer: Answer) -> None:
    """what it shows is a certificate for orders.test"""
    given, context = answer.given("desk", Office), _client(answer)
    ends = Endpoint("client", context, NAME), Endpoint("server", given.door())
    converse(*ends)
    names = _names(ends[1].presented()[0])
    if CALLER not in names:
        raise Miss("another-caller", "api.test takes you for another service", tried="reading what the server got",
                   expected=f"a subjectAltName with {CALLER}", found=reading.visible(", ".join(names), 80) or "no name")  # fmt: skip


def still_checks(answer: Answer) -> None:
    """it still refuses false servers"""
    given, context = answer.given("desk", Office), _client(answer)
    foreign = self_signed(NAME), "a stranger's self-signed certificate"
    neighbour = given.other, "a certificate for other.test from Server Root"
    inside = given.clients.issue(NAME), "a certificate for api.test from Client Root"
    nobody = anonymous_server(), "no certificate at all"
    late = given.over, "a certificate of api.test that has expired"
    for (identity, shown), id, headline in (
        (foreign, "verify-off", "your client believes anybody that answers"),
        (late, "time-unchecked", "your client does not look at the date"),
        (neighbour, "name-unchecked", "your client takes any server of the right CA for api.test"),
        (inside, "client-ca-for-servers", "your client asks Client Root about servers, too"),
        (nobody, "no-certificate", "your client goes to a server that shows no certificate"),
    ):
        server = server_context(identity) if isinstance(identity, Issued) else identity
        if server and _meets(context, server).error is None:  # not every OpenSSL can be such a server
            raise Miss(id, headline, tried="a client with your context calls api.test; somebody else answers",
                       expected="a refusal", found=f"accepted: {shown}")  # fmt: skip


def by_root_alone(answer: Answer) -> None:
    """it trusts the servers' root, and nothing else"""
    given, context = answer.given("desk", Office), _client(answer)
    met = _meets(context, server_context(given.renewed, None, given.clients.certificate))
    if met.error:
        raise Miss("leaf-listed", "your client refuses api.test's next certificate",
                   tried="api.test answers with a new certificate from Server Root",
                   expected="both sides accept", found=met.error.said)  # fmt: skip
    held, stored = _trusts(context), context.cert_store_stats()
    others = [name for der, name in held.items() if der != given.server_root.public_bytes(Encoding.DER)]
    others += ["a leaf"] * (stored["x509"] - stored["x509_ca"])
    if others:
        raise Miss("namesake" if "Server Root" in others else "others-trusted", "your client believes others about api.test as well",
                   tried="reading the context's list of certificates", expected="desk.server_root alone",
                   found=f"{len(others)} more, such as {reading.visible(others[0], 60)}")  # fmt: skip


def _names(certificate: x509.Certificate) -> list[str]:
    """The DNS names in the subjectAltName; [] if it has none that can be read."""
    with suppress(x509.ExtensionNotFound, ValueError):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [name.lower() for name in found.get_values_for_type(x509.DNSName)]
    return []


# ---- 2: whom the server asks about its clients


@dataclass(frozen=True)
class Reception:
    """api.test's door. `roots`: the certificates of five CAs, by name, of which it may trust some about its clients.

    callers: name → identity, of those who come today. expected: who of them must get in.
    """

    roots: dict[str, x509.Certificate]
    callers: dict[str, Issued]
    expected: tuple[str, ...]
    api: Issued
    cas: dict[str, Authority] = field(repr=False)

    def knocks(self, identity: Any, client_roots: Any) -> str | None:
        """None if this caller gets in, else the server's words. A real handshake."""
        met = tls.handshake(self.api, self.roots["Server Root"], NAME, client=identity, client_roots=client_roots)
        return met.error.said if met.error else None

    def day(self, client_roots: Any) -> None:
        """Print, for everybody who comes today, whether a server with these `client_roots` lets them in."""
        try:
            client_roots = _listed(client_roots)
        except Miss as miss:
            print(f"day wants a list of certificates, such as [door.roots[\"Client Root\"]]. {miss.headline}: {miss.found}")
            return
        for caller, identity in self.callers.items():
            said = self.knocks(identity, client_roots)
            wanted = "should get in" if caller in self.expected else "should not"
            why = said and "refused: " + said.removeprefix("certificate verify failed: ")
            print(f"{caller:38} {wanted:14} {why or 'in'}")


def reception() -> Reception:
    names = ("Server Root", "Client Root", "Partner Root", "Public Root", "Old Client Root")
    cas = {name: Authority(name) for name in names}
    issuing = cas["Client Root"].intermediate("Client Issuing CA")
    callers = {
        "orders.test, from Client Issuing CA": issuing.issue(CALLER, purpose="client"),
        "billing.test, from Client Root": cas["Client Root"].issue("billing.test", purpose="client"),
        "stock.partner.test, from Partner Root": cas["Partner Root"].issue("stock.partner.test", purpose="client"),
        "web.test, a server, from Server Root": cas["Server Root"].issue("web.test", purpose="both"),
        "stranger.test, from Public Root": cas["Public Root"].issue("stranger.test", purpose="both"),
        "orders.test, from Old Client Root": cas["Old Client Root"].issue(CALLER, purpose="client"),
    }
    expected = tuple(callers)[:3]
    roots = {name: ca.certificate for name, ca in cas.items()}
    return Reception(roots, callers, expected, cas["Server Root"].issue(NAME), cas)


TOO_MANY = {
    "web.test": ("server-ca-for-clients", "a server of yours gets in as a client"),
    "stranger.test": ("public-ca-for-clients", "a stranger gets in"),
    "orders.test": ("old-ca-kept", "whoever has the lost CA key gets in"),
}


def _is_path(text: str) -> bool:
    with suppress(OSError, ValueError):  # too long, or with a NUL
        return Path(text).exists()
    return False


def _listed(raw: Any) -> list[x509.Certificate]:
    """The certificates in client_roots, also in a set or a dict's values; [] is nobody."""
    if isinstance(raw, dict):
        raw = raw.values()
    listed = [raw] if isinstance(raw, str) else raw
    if isinstance(listed, (list, tuple, set, frozenset, KeysView, ValuesView)):
        for one in listed:
            name = one[0] if isinstance(one, tuple) and one else one
            if isinstance(name, str) and "\n" not in name and not _is_path(name):
                raise Miss("names-listed", "there are names in the list, not certificates", tried="reading client_roots",
                           expected='certificates, such as door.roots["Client Root"]', found=f'"{reading.visible(name, 60)}"')  # fmt: skip
        if not listed:
            return []
        raw = raw if isinstance(raw, str) else list(listed)
    return Answer({"client_roots": raw}).certificates("client_roots")


def _namesake(roots: list[x509.Certificate], given: Reception) -> bool:
    """Is there one that has the name of a root of the door's, and is another?"""
    known = given.roots.values()
    return any(one not in known and one.subject in [root.subject for root in known] for one in roots)


def all_who_should(answer: Answer) -> None:
    """everybody who should gets in, also with next month's certificate"""
    given = answer.given("door", Reception)
    roots = _listed(answer.client_roots)
    own, partner = given.cas["Client Root"], given.cas["Partner Root"]
    comers = {caller: given.callers[caller] for caller in given.expected} | {
        "orders.test, renewed, from Client Issuing CA 2": own.intermediate("Client Issuing CA 2").issue(CALLER, purpose="client"),
        "billing.test, renewed, from Client Root": own.issue("billing.test", purpose="client"),
        "stock.partner.test, renewed, from Partner Root": partner.issue("stock.partner.test", purpose="client"),
    }
    for caller, identity in comers.items():
        said = given.knocks(identity, roots)
        if said is None:
            continue
        if _namesake(roots, given):
            id = "namesake"
        elif given.roots["Server Root"] in roots and own.certificate not in roots:
            id = "server-ca-for-clients"
        else:
            id = "client-left-out" if all(one.issuer == one.subject for one in roots) else "pinned"
        raise Miss(id, "a client that should get in is turned away", tried=f"{caller}, knocks at a server that trusts your client_roots",
                   expected="it gets in", found=said)  # fmt: skip


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def and_nobody_else(answer: Answer) -> None:
    """nobody else gets in"""
    given = answer.given("door", Reception)
    roots = _listed(answer.client_roots)
    for caller, identity in given.callers.items():
        if caller not in given.expected and given.knocks(identity, roots) is None:
            id, headline = TOO_MANY[caller.partition(",")[0]]
            raise Miss(id, headline, tried=f"{caller}, knocks at a server that trusts your client_roots",
                       expected="refused", found="let in")  # fmt: skip
    known = {one for caller in given.expected for one in given.callers[caller].chain}
    known |= {given.roots["Client Root"], given.roots["Partner Root"]}
    if others := [one for one in roots if one not in known and not any(_issued(one, by) for by in known)]:
        raise Miss("namesake" if _namesake(others, given) else "stranger-listed", "somebody else's CA can make clients for you",
                   tried="reading your client_roots", expected="nobody but the CAs of those who should get in",
                   found=f"{len(others)} more, such as {reading.visible(Facts(others[0]).called, 60)}")  # fmt: skip


# ---- 3: when is a client in?

WELCOME = b"welcome\n"
SILENCE = 0.3


@dataclass(frozen=True)
class Visit:
    """said: what the visitor's function returned. served: whether the counter let it in and served it."""

    said: Any
    served: bool


class Counter:
    """A real server at the other end of a socket. Whom it lets in, it greets with the line `welcome`; to whom it knows but
    does not serve, it says `forbidden`."""

    def __init__(self):
        servers, clients = Authority("Server Root"), Authority("Client Root")
        self.api, self.clients = servers.issue(NAME), clients
        self.server_root, self.other = servers.certificate, servers.issue("other.test")
        self.orders = clients.issue(CALLER, purpose="client")

    def context(self, shows: bool, version: str) -> ssl.SSLContext:
        """A client's: with orders.test's certificate, or with none."""
        return client_context(self.server_root, version, self.orders if shows else None)

    def visit(
        self,
        let_in: Callable[[ssl.SSLContext, socket.socket], Any],
        shows: bool,
        version: str = "1.3",
        says: bytes | None = WELCOME,
        identity: Any = None,
    ) -> Visit:
        """Call let_in(context, connection) against the counter.

        shows: whether the client has a certificate    version: "1.3" or "1.2"
        says: what the counter says after a good handshake; b"": it hangs up; None: it says nothing, for SILENCE seconds
        identity: of the server; api.test's if None
        """
        theirs = server_context(identity or self.api, version, self.clients.certificate)
        ours, far = socket.socketpair()
        served: list[bool] = []
        with closing(ours), closing(far):
            for end in (ours, far):
                end.settimeout(PATIENCE)
            thread = threading.Thread(target=_serve, args=(theirs, far, says, served), daemon=True)
            thread.start()
            said = let_in(self.context(shows, version), ours)
            with suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)  # as a program that ends; the thread need not wait for it
            thread.join()
        return Visit(said, bool(served))


def _serve(context: ssl.SSLContext, connection: socket.socket, says: bytes | None, served: list[bool]) -> None:
    with suppress(OSError):  # SSLError is one: a refused client, or one that went away
        try:
            with context.wrap_socket(connection.dup(), server_side=True) as secure:
                if says == WELCOME:
                    served.append(True)
                if says is None:
                    time.sleep(SILENCE)
                elif says:
                    secure.sendall(says)
                secure.unwrap()
        finally:
            # Hear the client out, or it may get a reset instead of the alert (RFC 1122 §4.2.2.13).
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass


@dataclass(frozen=True)
class _Knock:
    what: str
    options: dict[str, Any]
    id: str
    headline: str


@cache
def _knocks() -> tuple[Counter, tuple[_Knock, ...]]:
    welcome, refused = "it says that it is not in, and it is", "a refused client thinks that it is in"
    words = ((b"forbidden\n", "1.3"), (b"go away\n", "1.3"), (b"you are not welcome\n", "1.3"),
             (b"welcome back tomorrow\n", "1.3"), (b"forbidden\n", "1.2"))  # fmt: skip
    counter, impostor = Counter(), self_signed(NAME)
    return counter, (
        _Knock("orders.test, TLS 1.3", {"shows": True}, "always-out", welcome),
        _Knock("orders.test, TLS 1.2", {"shows": True, "version": "1.2"}, "always-out", welcome),
        _Knock("no certificate, TLS 1.2", {"shows": False, "version": "1.2"}, "always-in", refused),
        _Knock("no certificate, TLS 1.3", {"shows": False}, "finished-is-accepted", refused),
        _Knock("orders.test, TLS 1.3, and the server hangs up", {"shows": True, "says": b""}, "silence-is-consent",
               "a connection without an answer counts as a welcome"),
        _Knock("orders.test, TLS 1.2, and the server hangs up", {"shows": True, "says": b"", "version": "1.2"}, "silence-is-consent",
               "a connection without an answer counts as a welcome"),
        *(_Knock(f"orders.test, TLS {version}, and the server says '{says.decode().strip()}'",
                 {"shows": True, "says": says, "version": version}, "any-word-will-do", "it takes another word for a welcome")
          for says, version in words),
        _Knock("orders.test, TLS 1.3, a false server", {"shows": True, "identity": impostor}, "verify-off",
               "it lets itself be welcomed by anybody"),
        _Knock("orders.test, TLS 1.3, a server for other.test from the same CA", {"shows": True, "identity": counter.other},
               "name-unchecked", "it lets itself be welcomed by any server of the right CA"),
        _Knock("orders.test, TLS 1.3, and the server says nothing for a while", {"shows": True, "says": None}, "silence-is-consent",
               "a connection without an answer counts as a welcome"),
    )  # fmt: skip


def knows_when_it_is_in(answer: Answer) -> None:
    """it says True when the server has let it in, and False in all other cases"""
    counter, knocks = _knocks()
    for one in knocks:
        tried = f"let_in(…): {one.what}"
        try:
            visit = counter.visit(lambda *end, tried=tried: answer.call("let_in", *end, tried=tried), **one.options)
        except YourCodeRaised as error:
            if one.id != "always-out" and isinstance(error.__cause__, OSError):
                raise Miss("raises-for-no", "let_in raises where it is to say False", tried=tried, expected="False",
                           found=error.words) from None  # fmt: skip
            raise
        said = visit.said
        if said is not None and not isinstance(said, bool):
            raise Miss("not-a-verdict", "let_in does not say True or False", tried=tried, expected="True or False",
                       found=f"a {type(said).__name__}")  # fmt: skip
        should = visit.served and "identity" not in one.options
        if one.id == "always-out":
            should = True
            if not visit.served and not said:
                raise Miss("handshake-spoilt", "nothing was served to a good client", tried=tried, expected="True", found=str(said))
        if bool(said) is not should:
            raise Miss(one.id, one.headline, tried=tried, expected=str(should), found=str(said))


# ---- 4: who may do what

RIGHTS = {"orders.test": frozenset({"read", "reserve"}), "billing.test": frozenset({"read"})}


@cache
def _certificates() -> dict[str, x509.Certificate]:
    """What clients of one CA show. All of them are good: the handshake is over when the rule is asked."""
    ca = Authority("Client Root")

    def caller(*names: str, **changes: Any) -> x509.Certificate:
        return ca.issue(*names, purpose="client", **changes).certificate

    return {
        "orders.test": caller("orders.test"),
        "billing.test": caller("billing.test"),
        "mail.test, for whom there is no rule": caller("mail.test"),
        "reorders.test": caller("reorders.test"),
        "orders.test.shop.example": caller("orders.test.shop.example"),
        "mail.test, with CN=orders.test": caller("mail.test", common_name="orders.test"),
        "CN=orders.test, without a subjectAltName": caller(common_name="orders.test"),
        "www.orders.test": caller("www.orders.test"),
        "*.test": caller("*.test"),
        "mail.test and orders.test": caller("mail.test", "orders.test"),
        "orders.test and billing.test": caller("orders.test", "billing.test"),
        "billing.test and orders.test": caller("billing.test", "orders.test"),
        "the URI spiffe://orders.test/mail": caller("spiffe://orders.test/mail", common_name="mail"),
        "the URI spiffe://shop/mail, with CN=orders.test": caller("spiffe://shop/mail", common_name="orders.test"),
        "the e-mail address me@orders.test": caller("me@orders.test", common_name="mail"),
        "the e-mail name orders.test": caller(x509.RFC822Name("orders.test"), common_name="mail"),
    }


def _asks() -> tuple[tuple[str, str, bool, str], ...]:
    yes, more = "caller-refused", "authentication-is-authorisation"
    return (
        ("orders.test", "read", True, yes),
        ("orders.test", "reserve", True, yes),
        ("billing.test", "read", True, yes),
        ("billing.test", "reserve", False, more),
        ("mail.test, for whom there is no rule", "read", False, more),
        ("reorders.test", "reserve", False, "part-of-a-name"),
        ("orders.test.shop.example", "read", False, "part-of-a-name"),
        ("mail.test, with CN=orders.test", "reserve", False, "cn-decides"),
        ("CN=orders.test, without a subjectAltName", "read", False, "cn-decides"),
        ("www.orders.test", "read", False, "part-of-a-name"),
        ("*.test", "read", False, "wildcard-caller"),
        ("mail.test and orders.test", "reserve", True, "one-name-only"),
        ("orders.test and billing.test", "reserve", True, "one-name-only"),
        ("billing.test and orders.test", "reserve", True, "one-name-only"),
        ("the URI spiffe://orders.test/mail", "reserve", False, "another-kind-of-name"),
        ("the URI spiffe://shop/mail, with CN=orders.test", "reserve", False, "cn-decides"),
        ("the e-mail address me@orders.test", "read", False, "another-kind-of-name"),
        ("the e-mail name orders.test", "read", False, "another-kind-of-name"),
        ("orders.test", "delete", False, "allowed-unless-forbidden"),
        ("orders.test", "rea", False, "part-of-an-action"),
        ("billing.test", "", False, "allowed-unless-forbidden"),
    )


@contextmanager
def _rights(answer: Answer) -> Iterator[dict[str, Any]]:
    """The learner's own rules, as the lesson made them. What happens to them in the block is undone."""
    rights = answer.given("rights", dict)
    before = dict(rights)
    told: dict[Any, Any] = {}
    with suppress(TypeError):  # a value that is no set, nor anything to make one from
        told = {name: frozenset(actions) for name, actions in before.items() if actions}
    if told != RIGHTS:
        raise Miss("given-changed", "rights is no longer what this lesson made", tried="reading rights",
                   expected="rights as that cell made it", found="other rules")  # fmt: skip
    try:
        rights.update({name: set(actions) for name, actions in told.items()})
        yield rights
    finally:
        rights.clear()
        rights.update(before)


def _decides(answer: Answer, who: str, action: str, right: bool, id: str, when: str = "") -> None:
    tried = f'may(…, "{action}"): {who}{when}'
    try:
        found = answer.call("may", _certificates()[who], action, tried=tried)
    except YourCodeRaised as error:
        if not right and isinstance(error.__cause__, (x509.ExtensionNotFound, LookupError, OSError, ValueError)):
            raise Miss("rule-raises", "may raises where it is to say False", tried=tried, expected="False",
                       found=error.words) from None  # fmt: skip
        raise
    if found is not None and not isinstance(found, bool):
        raise Miss("not-a-verdict", "may does not say True or False", tried=tried, expected="True or False",
                   found=f"a {type(found).__name__}")  # fmt: skip
    if bool(found) is not right:
        headline = "a caller may not do what the rules allow" if right else "a caller may do what no rule allows"
        raise Miss(id, headline, tried=tried, expected=str(right), found=str(found))


def decides(answer: Answer) -> None:
    """it allows what the rules name, and nothing else"""
    with _rights(answer):
        for ask in _asks():
            _decides(answer, *ask)


def follows_the_rules(answer: Answer) -> None:
    """it follows rights when a rule changes"""
    with _rights(answer) as rights:
        rights["mail.test"] = {"read"}
        _decides(answer, "mail.test, for whom there is no rule", "read", True, "rule-copied", " until now")
        rights["billing.test"] = set()
        _decides(answer, "billing.test", "read", False, "rule-copied", ", whose rule was taken away")


E = Explanation
LESSON = Lesson(
    slug="08_mutual_tls",
    title="Mutual TLS",
    minutes=(30, 40),
    exercises=(
        Exercise(
            "08.show-yourself", "A client that shows itself", ("orders_client",),
            (is_let_in, is_orders, still_checks, by_root_alone),
            (
                "Read the server's words in the cell above. What does it say of the certificate?",
                "A certificate says what its key is for, in extendedKeyUsage. A client needs clientAuth, from the CA that the server asks; and a context (as in lesson 05) needs a root "
                "for the server, as PEM text, and an identity for itself.",
                'desk.clients.issue("orders.test", purpose="client"); ssl.create_default_context(cadata=…) or load_verify_locations(cadata=…); load_cert_chain(certificates, key).',
                "mine = desk.clients.issue(…)\norders_client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
                "orders_client.load_verify_locations(cadata=desk.server_root.public_bytes(Encoding.PEM).decode())\norders_client.load_cert_chain(*desk.files(…))",
            ),
            ("no-context", "server-side", "shows-nothing", "server-purpose", "client-unknown-ca", "expired", "not-yet-valid", "server-root-missing", "namesake", "another-caller",
             "verify-off", "time-unchecked", "name-unchecked", "client-ca-for-servers", "no-certificate", "leaf-listed", "others-trusted"),
            "Two proofs in one handshake: the server to you, you to the server. And each side asks its own CA.",
        ),
        Exercise(
            "08.whom-to-ask", "Whom the server asks about its clients", ("client_roots",),
            (all_who_should, and_nobody_else),
            (
                "Run door.day([…]) with one root after another, and see who gets in with each.",
                "The server asks: who speaks for my clients? Not: who speaks for servers? And whoever issues to everybody speaks for everybody.",
                'client_roots = [door.roots["…"], …]: roots, not leaves or intermediates, which change with each renewal.',
                "Two of the five: the CA of your own services, and the partner's. The old one's key is lost.",
            ),
            ("names-listed", "client-left-out", "pinned", "namesake", "server-ca-for-clients", "public-ca-for-clients", "old-ca-kept", "stranger-listed"),
            "Every root in this list can make clients for you. So it is short, and private.",
        ),
        Exercise(
            "08.am-i-in", "Am I in?", ("let_in",),
            (knows_when_it_is_in,),
            (
                "Compare the four lines above. In which one does the client say more than it knows?",
                "In TLS 1.3 the client's handshake is finished before the server has looked at its certificate. Only what the server sends after that tells you.",
                "Inside the with block, read: secure.recv(100). A refusal arrives there as ssl.SSLError, which is an OSError; a server that hangs up gives an empty bytes object.",
                "try:\n    with context.wrap_socket(connection, server_hostname=\"api.test\") as secure:\n        return secure.recv(100) == …\nexcept OSError:\n    return …",
            ),
            ("not-a-verdict", "always-out", "handshake-spoilt", "raises-for-no", "always-in", "finished-is-accepted", "silence-is-consent", "any-word-will-do", "name-unchecked", "verify-off"),
            "You are in when the server has said so, not when your handshake is finished.",
        ),
        Exercise(
            "08.who-may-what", "Who may do what", ("may",),
            (decides, follows_the_rules),
            (
                "The handshake says who it is. What does rights say that it may do?",
                "Take the DNS names of the subjectAltName, compare them as a whole, and allow only what a rule names.",
                "certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName); it raises x509.ExtensionNotFound where there is none.",
                "return any(action in rights.get(name.lower(), ()) for name in …)",
            ),
            ("not-a-verdict", "rule-raises", "caller-refused", "authentication-is-authorisation", "part-of-a-name", "cn-decides", "wildcard-caller", "one-name-only",
             "another-kind-of-name", "allowed-unless-forbidden", "part-of-an-action", "rule-copied"),
            "Mutual TLS says who calls. Your rule says what they may do. Neither does the other's work.",
        ),
    ),
    explanations=(
        E("no-context", "any object can connect", "a TLS client needs its settings: whom it trusts, what it shows", "",
          "make an ssl.SSLContext for a client"),
        E("server-side", "client and server are set up alike", "a context is made for one side", "RFC 8446 §2",
          "begin with ssl.create_default_context() or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)"),
        E("shows-nothing", "who has no certificate says nothing", "a server that asks gets an answer in any case: an empty Certificate message, and then it may refuse",
          "RFC 8446 §4.4.2.4", "load the certificate and its key: load_cert_chain(*desk.files(…))"),
        E("server-purpose", "a certificate is a certificate", "extendedKeyUsage says what the key is for; with serverAuth alone it is not for a client",
          "RFC 5280 §4.2.1.12", 'have one issued with clientAuth: purpose="client"'),
        E("client-unknown-ca", "one CA is as good as another", "the server asks its own list of CAs about clients; it does not trust whom the client trusts",
          "RFC 8446 §4.4.2.4, §6.2", "have it issued by the CA that the server asks: desk.clients"),
        E("server-root-missing", "my CA is everybody's CA", "your client has a list of its own, of whom it asks about servers; api.test's root is not in it",
          "RFC 5280 §6.1.1", "load desk.server_root: load_verify_locations(cadata=…) or create_default_context(cadata=…)"),
        E("leaf-listed", "a certificate that I know is better than a CA that I know", "a leaf is replaced every few weeks, and with a root its successor is good as well",
          "RFC 5280 §6.1.1", "load the root, not what it issued"),
        E("others-trusted", "more certificates do no harm", "each in the list may say who api.test is. (create_default_context() without a root of yours begins with this machine's list.)",
          "RFC 5280 §6.1.1", "make an empty context, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), or hand your root to create_default_context(cadata=…)"),
        E("time-unchecked", "an old certificate is better than none", "after notAfter its CA need not say any more whether it was revoked",
          "RFC 5280 §6.1.3 (a)(2), §3.3", "leave verify_flags as they are"),
        E("another-caller", "any certificate that is accepted will do", "the server goes on to treat you as the name in it",
          "RFC 5280 §4.2.1.6", "have it issued for orders.test"),
        E("name-unchecked", "a server from our own CA is the right server", "every server of that CA could answer in its place: the name must fit as well",
          "RFC 9525 §6", "leave check_hostname on, and ask for api.test"),
        E("client-ca-for-servers", "the CA that vouches for me vouches for the server", "these are two questions; whoever issues for clients could then be any server",
          "RFC 5280 §6.1.1", "load desk.server_root, and nothing else, as what your client trusts"),
        E("no-certificate", "every server shows a certificate", "in TLS 1.2 there are anonymous ciphers (aNULL) without any; who allows them talks to whoever answers",
          "RFC 5246 §F.1.1.1", "leave OpenSSL's list of ciphers as it is"),
        E("names-listed", "a CA is its name", "anybody can write a name; a server checks signatures, and for that it needs the CA's public key, which is in its certificate",
          "RFC 5280 §6.1.1", 'take the certificates out of door.roots: door.roots["…"]'),
        E("client-left-out", "one CA is enough for everybody", "a CA in the list speaks for those whom it issued to, and for nobody else",
          "RFC 5280 §6.1.1", "trust the root of each CA whose clients should get in"),
        E("pinned", "a certificate that I know is better than a CA that I know", "leaves and intermediates are replaced; what stays is the root, and it speaks for their successors as well",
          "RFC 5280 §6.1.1", "trust the root of each CA whose clients should get in"),
        E("namesake", "a CA is its name", "two CAs may have the same name; that one has another key, and did not issue what is shown here",
          "RFC 5280 §6.1.1", "take the certificate from desk or door; and if their cell has run once more, run yours again as well"),
        E("stranger-listed", "more CAs do no harm", "each CA in this list can issue a certificate for a client of yours, under any name",
          "RFC 5280 §6.1.1", "leave in the list the CAs of those who should get in, and nobody else"),
        E("server-ca-for-clients", "there is one CA, and it is for everything", "the CA of your servers says who is a server; as a client it vouches for none, or for every server you have",
          "RFC 5280 §6.1.1", "trust the CA that issues for your clients"),
        E("public-ca-for-clients", "use a public certificate for mTLS clients", "a public CA issues to everybody who has a name in DNS; whomever it gives clientAuth is then a client of yours. And public CAs are leaving clientAuth out",
          "RFC 5280 §6.1.1", "take clients' certificates from a private CA"),
        E("old-ca-kept", "an old root does no harm", "who has its key makes clients for you, under any name",
          "RFC 5280 §6.1.1", "take it out of the list on every server"),
        E("not-a-verdict", "a check may say anything", "who calls it needs a yes or a no", "", "return True or False"),
        E("always-out", "who is not sure says no", "here the server has answered `welcome` and a line end, and let_in does not say True", "RFC 8446 §E.1.2",
          'read what the server sends after the handshake, compare with b"welcome\\n" (bytes, with the line end), and return what comes out'),
        E("handshake-spoilt", "no is the safe answer", "this server serves you, with the context that let_in is given, as it is; here it could not", "",
          "wrap the connection once, with that context and server_hostname=\"api.test\", and change nothing in the context"),
        E("raises-for-no", "an error is answer enough", "a no is an everyday answer here; whoever asks wants True or False, and here it is False", "RFC 8446 §6.2",
          "put it into try, and return False in the except: ssl.SSLError and TimeoutError are OSErrors"),
        E("rule-raises", "an error is a no", "whoever asks wants True or False for every certificate; an error stops the server, and here the answer is False", "",
          "return False: a certificate without a subjectAltName raises x509.ExtensionNotFound, which one can catch; a dict without that name raises KeyError, and .get does not"),
        E("always-in", "a connection that stands is a yes", "the server refused it, in TLS 1.2 within the handshake", "RFC 5246 §7.3",
          "return False where the handshake raises"),
        E("finished-is-accepted", "my mTLS handshake succeeded, so I am authenticated",
          "in TLS 1.3 the client is finished before the server has judged its certificate; the refusal comes with the next read", "RFC 8446 §2, §4.4.4, §6.2",
          "read the server's first answer before you say True"),
        E("silence-is-consent", "no error is a yes", "no `welcome` came: the server hung up, or said nothing", "RFC 8446 §E.1.2",
          "return True only for the server's own welcome"),
        E("any-word-will-do", "who answers, agrees", "a no is an answer too, also one with the word welcome in it", "RFC 9110 §15.5.4",
          'compare all that has come with what you expect: == b"welcome\\n"'),
        E("caller-refused", "when in doubt, refuse", "there is a rule for this name and this action", "RFC 5280 §4.2.1.6",
          "take the DNS names of the subjectAltName, as text (get_values_for_type(x509.DNSName)), and look each up in rights"),
        E("authentication-is-authorisation", "mTLS is authorisation", "mutual TLS is authentication: the name is proven, and what that name may do is a decision of its own",
          "RFC 5280 §6.1", "look up the action under that name"),
        E("part-of-a-name", "a name is a text in which one can search", "reorders.test, www.orders.test and orders.test.shop.example hold 'orders.test', and are other names",
          "RFC 9549 §2.3", "compare whole DNS names, with == or as keys of a dict (small and capital letters are the same in them: name.lower())"),
        E("cn-decides", "the CN is the name", "the CN is what somebody wrote for people to read; this CA checks the subjectAltName. (Kubernetes does take CN and O of clients as user and groups: there its CA checks these)",
          "RFC 5280 §4.2.1.6", "look at the DNS names of the subjectAltName only"),
        E("wildcard-caller", "a wildcard is every name that fits", "a wildcard fits where a client asks for one name and a server shows *.test; here a caller says who it is, and no rule is about *.test", "RFC 9525 §6.3",
          "compare names as they are"),
        E("one-name-only", "a certificate has one name", "the subjectAltName is a list, in any order; this caller has two names, and may do what either may",
          "RFC 5280 §4.2.1.6", "look at all DNS names of the subjectAltName"),
        E("another-kind-of-name", "a name is a name", "the subjectAltName holds names of several kinds; rights speaks of DNS names, and an e-mail address or a URI is none",
          "RFC 5280 §4.2.1.6", "take the DNS names alone: get_values_for_type(x509.DNSName)"),
        E("part-of-an-action", "an action is a text in which one can search", "'rea' is a part of 'read', and no action that a rule names", "",
          "ask whether the action is one of the set: action in rights.get(name, ())"),
        E("rule-copied", "the rules are as they are today", "rights has changed, and may says what the old rules said: there is a copy of them in it",
          "RFC 4949, authorization", "look into rights each time may is called"),
        E("allowed-unless-forbidden", "what is not forbidden is allowed", "new actions come, and nobody thinks of every rule", "RFC 4949, least privilege",
          "allow only what a rule names, and refuse all else"),
        E("certificate-in-the-open", "TLS hides who calls", "TLS 1.3 does; in a first handshake of TLS 1.2 both certificates cross the wire unencrypted", "RFC 8446 §2; RFC 5246 §7.3",
          "insist on TLS 1.3 where clients' names are private"),
        E("header-is-proof", "what the proxy wrote into a header is proof", "anybody can write a header; it is worth something only if the proxy throws away the client's own and nobody reaches you past the proxy",
          "RFC 9440 §4", "have the proxy remove the header from every request, and let only the proxy in"),
    ),
    quiz=(
        Question(
            "Your client's mTLS handshake in TLS 1.3 raised no error. What do you know?",
            right="who the server is",
            because="The client has judged the server. What the server thinks of the client comes with its next bytes (RFC 8446 §4.4.4, §6.2).",
            wrong={
                "that the server has accepted your certificate": ("finished-is-accepted", "It had not even got it when your side was finished."),
                "that you may do what you came for": ("authentication-is-authorisation", "Neither who you are nor what you may do is decided on your side."),
            },
        ),
        Question(
            "A server demands certificates from its clients. Which CA's root goes into its list?",
            right="that of the CA that issues for the clients",
            because="The list answers one question: who speaks for my clients?",
            wrong={
                "that of the CA that issued the server's own certificate": ("server-ca-for-clients", "That CA is in the clients' list: it speaks for servers."),
                "all public CAs, as browsers have them": ("public-ca-for-clients", "Then everybody to whom one of them gives clientAuth is a client of yours."),
            },
        ),
        Question(
            "Who on the wire can read the name in a client's certificate?",
            right="in a first handshake of TLS 1.2 everybody, in TLS 1.3 nobody",
            because="In TLS 1.3 each handshake message after ServerHello is encrypted (RFC 8446 §1.2), and the client's certificate comes after the server has proven itself.",
            wrong={
                "nobody: it is TLS": ("certificate-in-the-open", "TLS 1.2 sends certificates before it encrypts."),
                "everybody: certificates are public": ("certificate-in-the-open", "Public does not mean sent in the open; TLS 1.3 encrypts it."),
            },
        ),
        Question(
            "A proxy ends the mTLS connection and tells your service the caller's name in a header. When may the service believe it?",
            right="if the proxy removes that header from what clients send, and only the proxy can reach the service",
            because="The proof ended at the proxy. From there on it is the proxy's word (RFC 9440 §4).",
            wrong={
                "always: the handshake was mutual": ("header-is-proof", "It was, with the proxy. A client can write that header itself."),
                "if the connection to the proxy is encrypted": ("header-is-proof", "Encrypted is not who: the header may be the client's own."),
            },
        ),
        Question(
            "billing.test shows a good certificate and asks to reserve stock. What decides?",
            right="a rule about billing.test",
            because="The certificate proves the name. What the name may do is your decision.",
            wrong={
                "the certificate: it is good, so the caller may": ("authentication-is-authorisation", "Good means only: this is billing.test."),
                "the CA: it would not have issued otherwise": ("authentication-is-authorisation", "The CA vouches for names, not for rights."),
            },
        ),
    ),
)
