"""Lesson 08, Mutual TLS: a client that shows itself, whom a server asks about its clients, who is in, who may do what."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509

from padlock import keys, reading, tls
from padlock.authority import Authority, Issued, self_signed
from padlock.tls.contexts import anonymous_server, client_context, server_context, words
from padlock.tls.endpoint import Endpoint, converse

from ..answer import Answer, Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import cause

NAME, CALLER = "api.test", "orders.test"
PATIENCE = 5.0  # seconds that either side at the counter waits for the other's next byte


# ---- 1: a client that shows itself


@dataclass(frozen=True)
class Office:
    """The service orders.test, which is to call api.test.

    server_root: whom a client asks about api.test    clients: the CA that issues for the services that call it
    today: what orders.test shows now    api, other: the servers api.test and other.test
    """

    server_root: x509.Certificate
    clients: Authority
    today: Issued
    api: Issued
    other: Issued
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
    made = Office(servers.certificate, clients, today, servers.issue(NAME), servers.issue("other.test"), folder)
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
    "unknown_ca": ("client-unknown-ca", "api.test does not know who issued orders.test's certificate"),
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
        raise Miss(cause(met), "your client refuses api.test", tried=tried,
                   expected="it trusts desk.server_root", found=met.error.said)  # fmt: skip
    id, headline = REFUSALS.get(met.error.alert, ("refused-otherwise", "api.test refuses your client"))
    if met.error.alert == "handshake_failure" and "did not return" in met.error.said:  # TLS 1.2 has no better alert
        id, headline = REFUSALS["certificate_required"]
    raise Miss(id, headline, tried=tried, expected="both sides accept", found=met.error.said)


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
    for (identity, shown), id, headline in (
        (foreign, "verify-off", "your client believes anybody that answers"),
        (neighbour, "name-unchecked", "your client takes any server of the right CA for api.test"),
        (inside, "client-ca-for-servers", "your client asks Client Root about servers, too"),
        (nobody, "no-certificate", "your client goes to a server that shows no certificate"),
    ):
        server = server_context(identity) if isinstance(identity, Issued) else identity
        if server and _meets(context, server).error is None:  # not every OpenSSL can be such a server
            raise Miss(id, headline, tried="a client with your context calls api.test; somebody else answers",
                       expected="a refusal", found=f"accepted: {shown}")  # fmt: skip


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

    callers: name → identity, of those who come today. expected: who of them has a contract and must get in.
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
        for caller, identity in self.callers.items():
            said = self.knocks(identity, client_roots)
            wanted = "contract" if caller in self.expected else "no contract"
            why = said and "refused: " + said.removeprefix("certificate verify failed: ")
            print(f"{caller:38} {wanted:12} {why or 'in'}")


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


def those_with_a_contract(answer: Answer) -> None:
    """everybody with a contract gets in, also with next month's certificate"""
    given, roots = answer.given("door", Reception), answer.certificates("client_roots")
    renewed = given.cas["Client Root"].intermediate("Client Issuing CA 2").issue(CALLER, purpose="client")
    comers = {caller: given.callers[caller] for caller in given.expected}
    comers["orders.test, renewed, from Client Issuing CA 2"] = renewed
    for caller, identity in comers.items():
        said = given.knocks(identity, roots)
        if said is not None:
            servers = given.roots["Server Root"] in roots and given.roots["Client Root"] not in roots
            raise Miss("server-ca-for-clients" if servers else "client-left-out", "a client with a contract is turned away",
                       tried=f"{caller}, knocks at a server that trusts your client_roots",
                       expected="it gets in", found=said)  # fmt: skip


def and_nobody_else(answer: Answer) -> None:
    """nobody else gets in"""
    given, roots = answer.given("door", Reception), answer.certificates("client_roots")
    for caller, identity in given.callers.items():
        if caller not in given.expected and given.knocks(identity, roots) is None:
            id, headline = TOO_MANY[caller.partition(",")[0]]
            raise Miss(id, headline, tried=f"{caller}, knocks at a server that trusts your client_roots",
                       expected="refused", found="let in")  # fmt: skip


# ---- 3: when is a client in?

WELCOME = b"welcome\n"


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
        self.server_root = servers.certificate
        self.orders = clients.issue(CALLER, purpose="client")

    def context(self, shows: bool, version: str) -> ssl.SSLContext:
        """A client's: with orders.test's certificate, or with none."""
        return client_context(self.server_root, version, self.orders if shows else None)

    def visit(
        self,
        let_in: Callable[[ssl.SSLContext, socket.socket], Any],
        shows: bool,
        version: str = "1.3",
        says: bytes = WELCOME,
        identity: Any = None,
    ) -> Visit:
        """Call let_in(context, connection) against the counter.

        shows: whether the client has a certificate    version: "1.3" or "1.2"
        says: what the counter says to whom it lets in, b"" for nothing
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


def _serve(context: ssl.SSLContext, connection: socket.socket, says: bytes, served: list[bool]) -> None:
    with suppress(OSError):  # SSLError is one: a refused client, or one that went away
        try:
            with context.wrap_socket(connection.dup(), server_side=True) as secure:
                if says == WELCOME:
                    served.append(True)
                if says:
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
    welcome = "it says that it is not in, and it is"
    impostor = self_signed(NAME)
    return Counter(), (
        _Knock("orders.test, TLS 1.3", {"shows": True}, "always-out", welcome),
        _Knock("orders.test, TLS 1.2", {"shows": True, "version": "1.2"}, "always-out", welcome),
        _Knock("no certificate, TLS 1.2", {"shows": False, "version": "1.2"}, "always-in", "a refused client thinks that it is in"),
        _Knock("no certificate, TLS 1.3", {"shows": False}, "finished-is-accepted", "a refused client thinks that it is in"),
        _Knock("orders.test, TLS 1.3, and the server hangs up", {"shows": True, "says": b""}, "silence-is-consent",
               "a connection without an answer counts as a welcome"),
        _Knock("orders.test, TLS 1.3, and the server says 'forbidden'", {"shows": True, "says": b"forbidden\n"}, "any-word-will-do",
               "it takes 'forbidden' for a welcome"),
        _Knock("orders.test, TLS 1.3, a false server", {"shows": True, "identity": impostor}, "verify-off",
               "it lets itself be welcomed by anybody"),
    )  # fmt: skip


def knows_when_it_is_in(answer: Answer) -> None:
    """it says True when the server has let it in, and False in all other cases"""
    counter, knocks = _knocks()
    for one in knocks:
        visit = counter.visit(lambda *end: answer.call("let_in", *end), **one.options)
        said = visit.said
        tried = f"let_in(…): {one.what}"
        if said is not None and not isinstance(said, bool):
            raise Miss("not-a-verdict", "let_in does not say True or False", tried=tried, expected="True or False",
                       found=f"a {type(said).__name__}")  # fmt: skip
        should = visit.served and "identity" not in one.options
        if one.id == "always-out":
            should = True
        if bool(said) is not should:
            raise Miss(one.id, one.headline, tried=tried, expected=str(should), found=str(said))


# ---- 4: who may do what

RIGHTS = {"orders.test": {"read", "reserve"}, "billing.test": {"read"}}


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
        "*.test": caller("*.test"),
        "the URI spiffe://orders.test/mail": caller("spiffe://orders.test/mail", common_name="mail"),
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
        ("*.test", "read", False, "wildcard-caller"),
        ("the URI spiffe://orders.test/mail", "reserve", False, "part-of-a-name"),
        ("orders.test", "delete", False, "allowed-unless-forbidden"),
        ("billing.test", "", False, "allowed-unless-forbidden"),
    )


def decides(answer: Answer) -> None:
    """it allows what the rules name, and nothing else"""
    if answer.given("rights", dict) != RIGHTS:
        raise Miss("given-changed", "rights is no longer what this lesson made", tried="reading rights",
                   expected="rights as that cell made it", found="other rules")  # fmt: skip
    for who, action, right, id in _asks():
        found = answer.call("may", _certificates()[who], action)
        tried = f'may(…, "{action}"): {who}'
        if found is not None and not isinstance(found, bool):
            raise Miss("not-a-verdict", "may does not say True or False", tried=tried, expected="True or False",
                       found=f"a {type(found).__name__}")  # fmt: skip
        if bool(found) is not right:
            headline = "a caller may not do what the rules allow" if right else "a caller may do what no rule allows"
            raise Miss(id, headline, tried=tried, expected=str(right), found=str(found))


E = Explanation
LESSON = Lesson(
    slug="08_mutual_tls",
    title="Mutual TLS",
    minutes=(30, 40),
    exercises=(
        Exercise(
            "08.show-yourself", "A client that shows itself", ("orders_client",),
            (is_let_in, is_orders, still_checks),
            (
                "Read the server's words in the cell above. What does it say of the certificate?",
                "A certificate says what its key is for, in extendedKeyUsage. A client needs clientAuth, from the CA that the server asks; and a context needs a root for the server, "
                "and an identity for itself.",
                'desk.clients.issue("orders.test", purpose="client"); ssl.create_default_context(cadata=…) or load_verify_locations(cadata=…); load_cert_chain(certificates, key).',
                "mine = desk.clients.issue(…)\norders_client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
                "orders_client.load_verify_locations(cadata=desk.server_root.public_bytes(Encoding.PEM).decode())\norders_client.load_cert_chain(*desk.files(…))",
            ),
            ("no-context", "server-side", "shows-nothing", "server-purpose", "client-unknown-ca", "expired", "unknown-ca", "another-caller", "verify-off",
             "name-unchecked", "client-ca-for-servers", "no-certificate"),
            "Two proofs in one handshake: the server to you, you to the server. And each side asks its own CA.",
        ),
        Exercise(
            "08.whom-to-ask", "Whom the server asks about its clients", ("client_roots",),
            (those_with_a_contract, and_nobody_else),
            (
                "Run door.day([…]) with one root after another, and see who gets in with each.",
                "The server asks: who speaks for my clients? Not: who speaks for servers? And whoever issues to everybody speaks for everybody.",
                'client_roots = [door.roots["…"], …]: roots, not leaves or intermediates, which change with each renewal.',
                "Two of the five: the CA of your own services, and the partner's. The old one's key is lost.",
            ),
            ("client-left-out", "server-ca-for-clients", "public-ca-for-clients", "old-ca-kept"),
            "Every root in this list can make clients for you. So it is short, and private.",
        ),
        Exercise(
            "08.am-i-in", "Am I in?", ("let_in",),
            (knows_when_it_is_in,),
            (
                "Compare the four lines above. In which one does the client say more than it knows?",
                "In TLS 1.3 the client's handshake is finished before the server has looked at its certificate. Only what the server sends after that tells you.",
                "Inside the with block, read: secure.recv(100). A refusal arrives there as ssl.SSLError, which is an OSError; a server that hangs up gives b"".",
                "try:\n    with context.wrap_socket(connection, server_hostname=\"api.test\") as secure:\n        return secure.recv(100) == …\nexcept OSError:\n    return …",
            ),
            ("not-a-verdict", "always-out", "always-in", "finished-is-accepted", "silence-is-consent", "any-word-will-do", "verify-off"),
            "You are in when the server has answered you, not when your handshake is finished.",
        ),
        Exercise(
            "08.who-may-what", "Who may do what", ("may",),
            (decides,),
            (
                "The handshake says who it is. What does rights say that it may do?",
                "Take the DNS names of the subjectAltName, compare them as a whole, and allow only what a rule names.",
                "certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName); it raises x509.ExtensionNotFound where there is none.",
                "return any(action in rights.get(name, ()) for name in …)",
            ),
            ("not-a-verdict", "caller-refused", "authentication-is-authorisation", "part-of-a-name", "cn-decides", "wildcard-caller", "allowed-unless-forbidden"),
            "mTLS says who calls. Your rule says what they may do. Neither does the other's work.",
        ),
    ),
    explanations=(
        E("no-context", "any object can connect", "a TLS client needs its settings: whom it trusts, what it shows", "RFC 8446 §4.4.2",
          "make an ssl.SSLContext for a client"),
        E("server-side", "client and server are set up alike", "a context is made for one side", "RFC 8446 §2",
          "begin with ssl.create_default_context() or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)"),
        E("shows-nothing", "who has no certificate says nothing", "a server that asks gets an answer in any case: an empty Certificate message, and then it may refuse",
          "RFC 8446 §4.4.2.4", "load the certificate and its key: load_cert_chain(*desk.files(…))"),
        E("server-purpose", "a certificate is a certificate", "extendedKeyUsage says what the key is for; with serverAuth alone it is not for a client",
          "RFC 5280 §4.2.1.12", 'have one issued with clientAuth: purpose="client"'),
        E("client-unknown-ca", "one CA is as good as another", "the server asks its own list of CAs about clients; it does not trust whom the client trusts",
          "RFC 8446 §4.4.2.4, §6.2", "have it issued by the CA that the server asks: desk.clients"),
        E("another-caller", "any certificate that is accepted will do", "the server goes on to treat you as the name in it",
          "RFC 5280 §4.2.1.6", "have it issued for orders.test"),
        E("name-unchecked", "a server from our own CA is the right server", "every server of that CA could answer in its place: the name must fit as well",
          "RFC 9525 §6", "leave check_hostname on"),
        E("client-ca-for-servers", "the CA that vouches for me vouches for the server", "these are two questions; whoever issues for clients could then be any server",
          "RFC 5280 §6.1.1", "load desk.server_root, and nothing else, as what your client trusts"),
        E("no-certificate", "every server shows a certificate", "in TLS 1.2 there are anonymous ciphers (aNULL) without any; who allows them talks to whoever answers",
          "RFC 5246 §F.1.1.1", "leave OpenSSL's list of ciphers as it is"),
        E("client-left-out", "a certificate that I know is better than a CA that I know", "leaves and intermediates are replaced; what stays is the root, and it must speak for all with a contract",
          "RFC 5280 §6.1.1", "trust the root of each CA whose clients have a contract"),
        E("server-ca-for-clients", "there is one CA, and it is for everything", "the CA of your servers says who is a server; as a client it vouches for none, or for every server you have",
          "RFC 5280 §6.1.1", "trust the CA that issues for your clients"),
        E("public-ca-for-clients", "use a public certificate for mTLS clients", "a public CA issues to everybody who has a name in DNS; in your list, everybody is a client of yours. And public CAs are leaving clientAuth out",
          "RFC 5280 §6.1.1", "take clients' certificates from a private CA"),
        E("old-ca-kept", "an old root does no harm", "who has its key makes clients for you, under any name",
          "RFC 5280 §6.1.1", "take it out of the list on every server"),
        E("not-a-verdict", "a check may say anything", "who calls it needs a yes or a no", "RFC 8446 §4.4.4", "return True or False"),
        E("always-out", "who is not sure says no", "here the server has answered, and the client does not see it", "RFC 8446 §4.4.4",
          "read what the server sends after the handshake"),
        E("always-in", "a connection that stands is a yes", "the server refused it, in TLS 1.2 within the handshake", "RFC 5246 §7.3",
          "return False where the handshake raises"),
        E("finished-is-accepted", "my mTLS handshake succeeded, so I am authenticated",
          "in TLS 1.3 the client is finished before the server has judged its certificate; the refusal comes with the next read", "RFC 8446 §2, §4.4.4, §6.2",
          "read the server's first answer before you say True"),
        E("silence-is-consent", "no error is a yes", "the server let you in and hung up: nothing was served", "RFC 8446 §6.1",
          "return True only for the server's own welcome"),
        E("any-word-will-do", "who answers, agrees", "'forbidden' is an answer too: you are known, and may not", "RFC 9110 §15.5.4",
          "compare with the word that you expect"),
        E("caller-refused", "when in doubt, refuse", "there is a rule for this name and this action", "RFC 5280 §4.2.1.6",
          "take the DNS names of the subjectAltName and look into rights"),
        E("authentication-is-authorisation", "mTLS is authorisation", "it is authentication: the name is proven, and what that name may do is a decision of its own",
          "RFC 5280 §6.1", "look up the action under that name"),
        E("part-of-a-name", "a name is a text in which one can search", "reorders.test and orders.test.shop.example hold 'orders.test' and belong to others",
          "RFC 5280 §7.2", "compare whole DNS names, with == or as keys of a dict (small and capital letters are the same in them: name.lower())"),
        E("cn-decides", "the CN is the name", "the CN is what somebody wrote for people to read; this CA checks the subjectAltName. (Kubernetes does take CN and O of clients as user and groups: there its CA checks these)",
          "RFC 5280 §4.2.1.6", "look at the DNS names of the subjectAltName only"),
        E("wildcard-caller", "a wildcard is every name that fits", "that is so for a server's name that a client asks for; a caller is one, and no rule names *.test", "RFC 9525 §6.3",
          "compare names as they are"),
        E("allowed-unless-forbidden", "what is not forbidden is allowed", "new actions come, and nobody thinks of every rule", "RFC 4949, least privilege",
          "allow only what a rule names, and refuse all else"),
        E("certificate-in-the-open", "TLS hides who calls", "TLS 1.3 does; in TLS 1.2 both certificates cross the wire unencrypted", "RFC 8446 §2; RFC 5246 §7.3",
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
                "all public CAs, as browsers have them": ("public-ca-for-clients", "Then everybody with a domain is a client of yours."),
            },
        ),
        Question(
            "Who on the wire can read the name in a client's certificate?",
            right="with TLS 1.2 everybody, with TLS 1.3 nobody",
            because="In TLS 1.3 all after ServerHello is encrypted, and the client's certificate comes after the server has proven itself.",
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
