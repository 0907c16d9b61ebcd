"""Lesson 01, Behind the padlock: the two promises taken apart, on the wire and in the hands of an attacker."""

import base64
import random
import re
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509

from padlock import tls
from padlock.authority import Authority, self_signed
from padlock.tls.contexts import anonymous_server, server_context

from ..answer import Answer, Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import cause

WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "hazel", "iris", "juniper")
SITES = ("clinic.test", "lawyer.test", "union.test", "casino.test")
NOTHING_KNOWN = {
    "", "-", "?", "hidden", "unknown", "encrypted", "nothing", "none", "n/a", "na", "null", "false", "unreadable", "invisible",
    "secret", "not visible", "not readable", "not known", "not there", "can't be read", "cannot be read",
}  # fmt: skip
RECORD_EXTRA = (
    17  # bytes that TLS 1.3 puts into a record beside the text: its true kind, and the tag (RFC 8446 §5.2)
)


# ---- What the lesson hands out


def caught() -> list[tls.Flight]:
    """A login over plain HTTP, as it crossed the wire; user and password differ from run to run (RFC 7617)."""
    first, second, third = random.sample(WORDS, 3)
    pair = f"mia:{first}:{second}-{random.randint(100, 999)}"  # only the first colon separates
    request = (
        "GET /account HTTP/1.1\r\nHost: bank.test\r\nUser-Agent: example/1.0\r\n"
        f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n\r\n"
    )
    reply = f"HTTP/1.1 200 OK\r\nSet-Cookie: session={third}{random.randint(1000, 9999)}\r\nContent-Length: 8\r\n\r\nWelcome."
    return [("client", request.encode()), ("server", reply.encode())]


def watched() -> list[tls.Flight]:
    """One request over TLS 1.3, as an eavesdropper gets it; site, request and password differ from run to run."""
    site, authority = random.choice(SITES), Authority("Class Root")
    secret = f"{'-'.join(random.sample(WORDS, random.randint(2, 5)))}"
    request = f"POST /login HTTP/1.1\r\nHost: {site}\r\n\r\npassword={secret}".encode()
    return tls.overhear(
        request,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        authority.issue(site),
        [authority.certificate],
        site,
        "1.3",
    )


# ---- 1: a password in plain HTTP


def password_found(answer: Answer):
    """the password that went over the wire"""
    said = answer.text("password").strip()
    (coded, pair), cookie = answer.given("caught", lambda flights: (_basic(flights), _cookie(flights)))
    user, _, password = pair.partition(":")
    if said == password:
        return
    looking = "looking for it in caught[0]"
    if said.removeprefix("Basic ").strip().rstrip("=") == coded.rstrip("="):
        raise Miss(
            "base64-left",
            "that is the password still in base64",
            tried=looking,
            expected="readable words",
            found=said,
        )
    if said == pair:
        raise Miss(
            "user-too",
            "that is the user's name and the password",
            tried=looking,
            expected="the password alone",
            found=said,
        )
    if said and (password.startswith(said + ":") or password.endswith(":" + said)):
        raise Miss(
            "cut-at-colon",
            "that is only a part of the password",
            tried=looking,
            expected="all that stands behind the first colon",
            found=said,
        )
    if said == user or said in cookie:
        raise Miss("another-secret", "that is in the bytes, but it is not the password", tried=looking,
                   expected="what stands in the header Authorization", found=said)  # fmt: skip
    raise Miss("not-the-password", "that is not the password in these bytes", tried=looking,
               expected="a text that caught[0] holds in base64", found=said)  # fmt: skip


def _basic(flights) -> tuple[str, str]:
    coded = re.search(rb"Authorization: Basic (\S+)", flights[0][1])[1].decode()
    return coded, base64.b64decode(coded).decode()


def _cookie(flights) -> tuple[str, str]:
    cookie = re.search(rb"Set-Cookie: (session=(\S+))", flights[1][1])
    return cookie[1].decode(), cookie[2].decode()


# ---- 2: what TLS leaves to be seen


def report_has_three(answer: Answer):
    """the report has site, length and password"""
    _report(answer)


def site_named(answer: Answer):
    """the site is the one that the client visited"""
    said, true = _plain(_report(answer)["site"]), answer.given("watched", _visited)
    if said in NOTHING_KNOWN:
        raise Miss("site-hidden", "the report names no site, but the bytes do", tried="reading the first message of watched",
                   expected="the server's name, in letters")  # fmt: skip
    if _host(said) != true:
        raise Miss("wrong-site", "the client visited another site", tried="reading the first message of watched",
                   expected="the name in the ClientHello", found=_shown(_report(answer)["site"]))  # fmt: skip


def length_named(answer: Answer):
    """the length of the request is right"""
    said, true = _report(answer)["length"], answer.given("watched", _sent)
    if said is None or _plain(said) in NOTHING_KNOWN:
        raise Miss("size-hidden", "the report gives no length, but the wire does", tried="measuring the client's last message",
                   expected="a number of bytes")  # fmt: skip
    if _number(said) != true:
        raise Miss("record-overhead", "the request had another length", tried="measuring the client's last message",
                   expected="the bytes of the message, without the 22 that TLS 1.3 adds", found=_shown(said))  # fmt: skip


def nothing_guessed(answer: Answer):
    """the password is given as None: it can't be read"""
    said = _report(answer)["password"]
    if said is not None and _plain(said) not in NOTHING_KNOWN:
        raise Miss("content-guessed", "the report names a password, but nobody can read it there", tried="comparing it with the bytes",
                   expected="None", found=_shown(said))  # fmt: skip


def _report(answer: Answer) -> dict:
    report = answer.report
    given = {_plain(key): value for key, value in report.items()} if isinstance(report, dict) else {}
    if not {"site", "length", "password"} <= set(given):
        raise Miss("no-report", "the report does not say all three", expected='{"site": …, "length": …, "password": …}',
                   found=f"a {type(report).__name__}" + (f" with {', '.join(given)}" if given else ""))  # fmt: skip
    return given


def _plain(said) -> str:
    if isinstance(said, (bytes, bytearray)):
        said = bytes(said).decode("ascii", "replace")
    if said is None or said is False:
        return "none"
    return said.strip().lower() if isinstance(said, str) else type(said).__name__


def _host(said: str) -> str:
    """Of a web address, or a name with its port, the name alone; a path or port says no other site."""
    return re.sub(
        r"(:\d{1,5})?([/?#].*)?$", "", said.removeprefix("https://"), count=1, flags=re.S
    ).removesuffix(".")


def _shown(said) -> str:
    if isinstance(said, int) and abs(said) >= 10**20:  # Python writes out no number of more than 4,300 digits
        return "a very large number"
    return str(said) if isinstance(said, (str, bytes, int, float)) else f"a {type(said).__name__}"


def _number(said) -> int | None:
    if isinstance(said, bool):
        return None
    if isinstance(said, (int, float)):
        return int(said) if said == said // 1 else None
    match = re.fullmatch(r"([0-9]{1,8}) ?(b|bytes?)?", _plain(said))
    return int(match[1]) if match else None


def _visited(flights) -> str:
    hello = flights[0][1]
    return next(site for site in SITES if site.encode() in hello)


def _sent(flights) -> int:
    data = [data for sender, data in flights if sender == "client"][-1]
    return tls.records(data)[-1].length - RECORD_EXTRA


# ---- 3 and 4: a client that checks


def _client(answer: Answer, name: str) -> ssl.SSLContext:
    """The learner's context, or what their function returns."""
    context = getattr(answer, name)
    if not isinstance(context, (ssl.SSLContext, type)) and callable(context):
        context = answer.call(name)
    if not isinstance(context, ssl.SSLContext):
        raise Miss("no-context", f"{name} is not a context", tried=f"connecting with {name}", expected="an ssl.SSLContext",
                   found=f"a {type(context).__name__}")  # fmt: skip
    return context


def _meets(context: ssl.SSLContext, identity, name: str) -> tls.Transcript:
    try:
        server = identity if isinstance(identity, ssl.SSLContext) else server_context(identity)
        return tls.meet(context, server, name, b"ping", b"pong")
    except (
        ssl.SSLError,
        ValueError,
    ) as error:  # a server's context, or one that asks for the name and got none
        raise Miss("server-side", "no client can be made from this context", tried=f"connecting to {name}",
                   expected="a context for a client", found=str(error)) from error  # fmt: skip


def _must_refuse(context: ssl.SSLContext, identity, name: str, id: str, headline: str, who: str):
    transcript = _meets(context, identity, name)
    if transcript.error is None:
        raise Miss(id, headline, tried=f"a client with your context wants {name}; {who} answers", expected="a refusal",
                   found=f"{transcript.version}, and the request was sent")  # fmt: skip


def _must_accept(context: ssl.SSLContext, identity, name: str, who: str, id: str | None = None):
    transcript = _meets(context, identity, name)
    if transcript.error:
        raise Miss(id or cause(transcript), f"your client refuses {who}", tried=f"a client with your context wants {name}; {who} answers",
                   expected="a shut padlock", found=transcript.error.said)  # fmt: skip


def real_server_accepted(answer: Answer):
    """your client accepts the real server"""
    _must_accept(_client(answer, "context"), answer.given("server", _serving), "api.test", "the real server")


def mallory_refused(answer: Answer):
    """it refuses Mallory"""
    context = _client(answer, "context")
    _must_refuse(context, self_signed("api.test"), "api.test", "verify-off", "your client believes a certificate that nobody vouches for",
                 "Mallory, with a certificate that she signed herself,")  # fmt: skip
    _must_refuse_without_certificate(context, "api.test")
    _must_refuse(context, answer.given("mallory_ca", Authority).issue("api.test"), "api.test", "attacker-trusted",
                 "your client trusts Mallory's CA", "Mallory, with a certificate from her own CA,")  # fmt: skip
    if answer.has("staff_ca"):  # made further down: whoever comes back to this exercise has it
        _must_refuse(context, answer.given("staff_ca", Authority).issue("api.test"), "api.test", "one-more-ca",
                     "your client trusts Staff Root, too", "somebody with a certificate from Staff Root")  # fmt: skip


def _must_refuse_without_certificate(context: ssl.SSLContext, name: str):
    server = anonymous_server()
    if server:
        _must_refuse(context, server, name, "no-certificate", "your client sends its password to a server that shows no certificate",
                     "Mallory, with TLS 1.2 and a cipher without certificates,")  # fmt: skip


def _serving(given):
    """What a server can start with; it was made by the lesson."""
    server_context(given)
    return given


def wrong_host_refused(answer: Answer):
    """it refuses a good certificate for another name"""
    _must_refuse(_client(answer, "context"), answer.given("ca", Authority).issue("mallory.test"), "api.test", "name-check-off",
                 "your client takes a certificate for mallory.test", "the holder of a certificate for mallory.test, from your CA,")  # fmt: skip


def renewed_server_accepted(answer: Answer):
    """it trusts the CA, not one certificate: it accepts the server's next certificate too"""
    ca = answer.given("ca", Authority)
    _must_accept(_client(answer, "context"), ca.intermediate("Class Issuing CA").issue("api.test"), "api.test",
                 "the server with its next certificate", "leaf-pinned")  # fmt: skip


def expired_refused(answer: Answer):
    """it refuses the server's expired certificate"""
    _must_refuse_expired(_client(answer, "context"), answer.given("ca", Authority), "api.test")


def _must_refuse_expired(context: ssl.SSLContext, ca: Authority, name: str):
    now = datetime.now(UTC)
    old = ca.issue(name, not_before=now - timedelta(days=60), not_after=now - timedelta(days=1))
    _must_refuse(context, old, name, "time-check-off", "your client takes a certificate whose time is over",
                 "a server with an expired certificate")  # fmt: skip


def stranger_refused(answer: Answer):
    """your client refuses a stranger"""
    client = _client(answer, "db_client")
    for identity in (self_signed("db.test"), Authority("Mallory's CA").issue("db.test")):
        _must_refuse(
            client, identity, "db.test", "verify-off", "your client believes whoever answers", "a stranger"
        )
    _must_refuse_without_certificate(client, "db.test")
    if answer.has("mallory_ca"):
        _must_refuse(client, answer.given("mallory_ca", Authority).issue("db.test"), "db.test", "attacker-trusted",
                     "your client trusts Mallory's CA", "Mallory, with a certificate from her own CA,")  # fmt: skip


def neighbour_refused(answer: Answer):
    """it refuses another server of the same house, and an expired certificate"""
    client, staff_ca = _client(answer, "db_client"), answer.given("staff_ca", Authority)
    _must_refuse(client, staff_ca.issue("mail.test"), "db.test", "name-check-off",
                 "your client takes the mail server for the database", "mail.test, with a certificate from Staff Root,")  # fmt: skip
    _must_refuse_expired(client, staff_ca, "db.test")


def database_accepted(answer: Answer):
    """it accepts your database server as db.test"""
    client, server = _client(answer, "db_client"), answer.identity("db_server")
    before = client.hostname_checks_common_name
    try:
        # Where there is no subjectAltName, Python's own ssl still takes the CN; Go and browsers do not.
        client.hostname_checks_common_name = False
        _must_accept(client, server, "db.test", "your database server")
    finally:
        client.hostname_checks_common_name = before


def database_is_no_other(answer: Answer):
    """your database server can't pass for the mail server"""
    certificate = answer.identity("db_server")[0][0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    others = {"mail.test", "*.test"} & {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    if others:
        raise Miss("serves-too-many", "your database's certificate is good for the mail server, too", tried="reading its subjectAltName",
                   expected="db.test, and no name of another server", found=f"also {min(others)}")  # fmt: skip


CONTEXT_IDS = (
    Explanation("no-context", "a setting here and there makes a client safe", "in Python all that a client checks is collected in one ssl.SSLContext",
                "docs.python.org, ssl", "make one with ssl.create_default_context(…) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)."),
    Explanation("server-side", "client and server bring the same", "a client checks, a server shows; Python keeps the two kinds of context apart",
                "RFC 8446 §4.4", "use ssl.PROTOCOL_TLS_CLIENT, or create_default_context without a purpose."),
    Explanation("name-check-off", "a valid certificate proves who you reached", "it says that its holder may use the name in it; whether that is the name you wanted, only you can check",
                "RFC 9525 §6", "leave check_hostname on."),
)  # fmt: skip


LESSON = Lesson(
    slug="01_behind_the_padlock",
    title="Behind the padlock",
    minutes=(25, 25),
    exercises=(
        Exercise(
            id="01-caught",
            title="A password in plain HTTP",
            asks=("password",),
            tasks=(password_found,),
            hints=(
                "Print `caught[0][1].decode()` and read the headers one by one.",
                "Behind `Authorization: Basic` stands user:password, written in base64. Base64 hides nothing; it has no key.",
                "`base64.b64decode(text)` gives the bytes back; `.decode()` makes them text; `.partition(\":\")` splits at the first colon.",
                "`password = base64.b64decode(\"…\").decode().partition(\":\")[2]`, with what stands behind Basic.",
            ),
            misses=("base64-left", "user-too", "cut-at-colon", "another-secret", "not-the-password", "wrong-type"),
            done="you needed no key and broke nothing. Base64 is a way of writing, not a lock.",
        ),
        Exercise(
            id="01-watched",
            title="The eavesdropper's report",
            asks=("report",),
            tasks=(report_has_three, site_named, length_named, nothing_guessed),
            hints=(
                "Print `tls.readable(watched[0][1], 8)`: which run of letters is a name?",
                "The client's last message is its request: one record of TLS. Its length gives the request's length away.",
                "`len(watched[3][1])` if that is the client's last message; TLS 1.3 adds 22 bytes to what it carries.",
                '`report = {"site": "….test", "length": len(…) - 22, "password": None}`',
            ),
            misses=("no-report", "site-hidden", "wrong-site", "size-hidden", "record-overhead", "content-guessed"),
            done="site, size and time are in the open; what was said is not. A report like this is what a provider or an employer can write.",
        ),
        Exercise(
            id="01-context",
            title="A client that refuses Mallory",
            asks=("context",),
            tasks=(real_server_accepted, mallory_refused, wrong_host_refused, expired_refused, renewed_server_accepted),
            hints=(
                "A client needs to be told one thing only: whom it trusts. All else is on by default.",
                "`ssl.create_default_context` takes the CAs to trust: `cafile=` a path, or `cadata=` the PEM text. Which of the two texts would you stake a password on?",
                "`ssl.create_default_context(cadata=…)` checks chain, time and name without further words.",
                "`context = ssl.create_default_context(cadata=root_…)`",
            ),
            misses=("no-context", "server-side", "unknown-ca", "refused-otherwise", "verify-off", "no-certificate", "attacker-trusted", "one-more-ca",
                    "name-check-off", "time-check-off", "leaf-pinned"),
            done="one line, and every check is on. Trusting one more CA is also one line: look at what you load.",
        ),
        Exercise(
            id="01-repair",
            title="Repaired at the right place",
            asks=("db_client", "db_server"),
            tasks=(stranger_refused, neighbour_refused, database_accepted, database_is_no_other),
            hints=(
                "Read the client's words above: it knows the authority. What does it complain of?",
                "The client is right: the certificate is for another name. So the server needs a new one, and the client its checks back.",
                "`staff_ca.issue(…)` for the name that clients ask for; `ssl.create_default_context(cadata=staff_pem)` for the client.",
                '`db_client = ssl.create_default_context(cadata=…)` and `db_server = staff_ca.issue("db.…")`',
            ),
            misses=("verify-off", "no-certificate", "attacker-trusted", "name-check-off", "time-check-off", "serves-too-many", "no-context", "server-side", "wrong-name", "unknown-ca", "san-missing", "expired", "not-yet-valid",
                    "key-mismatch", "wrong-type", "refused-otherwise"),
            done="the error was right, and the repair is where the fault was: at the server's certificate.",
        ),
    ),
    explanations=(
        *CONTEXT_IDS,
        Explanation("base64-left", "what can't be read at a glance is encrypted", "base64 writes bytes in letters; whoever can read it can undo it, there is no key",
                    "RFC 4648 §12; RFC 7617 §4", "undo it with base64.b64decode."),
        Explanation("user-too", "the header holds the password", "it holds user and password, with a colon between them", "RFC 7617 §2",
                    "leave out the user and the first colon."),
        Explanation("cut-at-colon", "a colon ends the password", "only the first colon separates; a password may hold more of them", "RFC 7617 §2",
                    "split once: .partition(\":\") or .split(\":\", 1)."),
        Explanation("another-secret", "there is one secret in a login", "user name and session cookie went over the wire too; whoever has the cookie needs no password",
                    "RFC 6265 §8.3", "take what stands in Authorization, behind the first colon."),
        Explanation("not-the-password", "an eavesdropper has to guess", "the password stands in these bytes, letter by letter, in base64", "RFC 7617 §4",
                    "print caught[0][1].decode() and look for Authorization."),
        Explanation("no-report", "an eavesdropper sees all or nothing", "some things are in the open, some are not; a report has a line for each", "RFC 8446 §E.3",
                    "give a dictionary with site, length and password."),
        Explanation("site-hidden", "HTTPS hides which site I visit", "the client names the site in its first message, before anything is encrypted, so that the server knows which certificate to show",
                    "RFC 6066 §3; RFC 9849 §1", "look for letters in watched[0][1]."),
        Explanation("wrong-site", "any readable text is the site", "the name stands in the ClientHello, in the extension server_name; random bytes may look like text", "RFC 6066 §3",
                    "look at the run that is a host name."),
        Explanation("size-hidden", "encryption hides how much was said", "TLS may pad, but seldom does: a record is as long as its text, and a fixed number of bytes", "RFC 8446 §5.4, §E.3",
                    "measure the client's last message."),
        Explanation("record-overhead", "bytes on the wire are bytes of text", "TLS 1.3 adds 5 bytes of header, 1 for the kind and 16 for the tag", "RFC 8446 §5.2",
                    "subtract 22 from the length of the client's last message."),
        Explanation("content-guessed", "with enough bytes one can read it", "without the session's keys the bytes say nothing of what they carry but its length", "RFC 8446 §E.2",
                    "write None where nobody can know."),
        Explanation("attacker-trusted", "a bundle that makes it work is a good bundle", "every CA in it may vouch for every name: with her own CA in your store, Mallory is whoever she likes",
                    "RFC 5280 §6.1.1 (d)", "load the root that you were given for this purpose, and no other."),
        Explanation("one-more-ca", "one more CA in the store does no harm", "every CA in it may vouch for every name; each one more is one more that can err, or be robbed",
                    "RFC 5280 §6.1.1 (d)", "load the one root that signs for this server: root_pem."),
        Explanation("no-certificate", "a cipher only says how it is encrypted", "in TLS 1.2 its name also says who proves what: with a cipher of the kind aNULL nobody shows a certificate, so there is nothing to check",
                    "RFC 5246 §F.1.1.1; RFC 9325 §4.1", "leave the ciphers as they are: no set_ciphers."),
        Explanation("time-check-off", "the name and the CA are what counts", "an expired certificate is one for which nobody answers any more; whoever found its old key can use it",
                    "RFC 5280 §6.1.3 (a)(2)", "leave verify_flags as they are."),
        Explanation("serves-too-many", "the more names in a certificate, the fewer certificates", "whoever steals the database's key can then answer as the mail server",
                    "RFC 9525 §7.5", "issue it for the names of this one server."),
        Explanation("leaf-pinned", "trusting the server's certificate is trusting the server", "its certificate has an end and will be replaced; a client that knows only this one stops working then",
                    "RFC 5280 §6.1.1 (d)", "load the certificate of the CA: root_pem."),
        Explanation("certificate-proves", "a valid certificate proves who you reached", "certificates are public and anybody can show them; the proof is a signature over this handshake, made with the private key",
                    "RFC 8446 §4.4.3", "let Mallory show the copied certificate in the bench."),
        Explanation("padlock-honest", "a padlock means that the site is honest", "it says that you reached the name in the address bar, and that nobody else reads along; not who is behind that name, nor what they do with it",
                    "RFC 9525 §6", "look at the last experiment of this lesson."),
        Explanation("ssl-current", "SSL is what protects the web today", "all versions of SSL are forbidden, TLS 1.0 and 1.1 too; the word SSL has stayed in the names of libraries",
                    "RFC 7568 §3; RFC 8996 §4, §5", "say TLS, and read the version from a handshake."),
        Explanation("padlock-forgets", "what was encrypted stays encrypted", "TLS protects the way; at its end the server has the plain text, and may store or lose it", "RFC 8446 §1",
                    "ask what the server does with it."),
    ),
    quiz=(
        Question(
            "A script says verify=False. A colleague: “It is still encrypted, so it is fine.” What is so?",
            right="it encrypts to whoever answers, an attacker too",
            because="Encryption without identity: a strong lock, and the key with a stranger (RFC 8446, appendix C.5).",
            wrong={
                "it is fine inside your own network": ("verify-off", "Then whoever is in your network can answer in the server's place."),
                "nothing is encrypted then": ("verify-off", "It is encrypted, as strongly as ever. The question is: to whom?"),
            },
        ),
        Question(
            "An attacker copies your bank's real certificate and shows it. Why does that not help?",
            right="without its private key nobody can sign the handshake",
            because="In TLS 1.3 it is called CertificateVerify: a signature over all that was said so far (RFC 8446 §4.4.3).",
            wrong={
                "certificates are secret": ("certificate-proves", "Every client gets to see it; it is public."),
                "the client knows the bank's address": ("certificate-proves", "Addresses are easy to fake or to redirect; TLS does not look at them."),
            },
        ),
        Question(
            "You open https://clinic.test/test-results in a café, on your own laptop. What does whoever runs the network see?",
            right="clinic.test, and how much was sent when",
            because="The name stands in the ClientHello unless Encrypted Client Hello is in use (RFC 9849); sizes and times are always there.",
            wrong={
                "nothing at all": ("site-hidden", "The first message names the site, before anything is encrypted."),
                "clinic.test and /test-results": ("content-guessed", "The path is part of the request, and that is encrypted."),
            },
        ),
        Question(
            "Which of these may a server still offer today?",
            right="TLS 1.2 and TLS 1.3",
            because="All versions before them are forbidden (RFC 6176, RFC 7568, RFC 8996).",
            wrong={
                "SSL 3.0 and all versions of TLS": ("ssl-current", "SSL 3.0 fell to RFC 7568 in 2015, TLS 1.0 and 1.1 to RFC 8996 in 2021."),
                "only TLS 1.3": ("ssl-current", "1.3 is the current one, but 1.2 is still allowed and in wide use."),
            },
        ),
        Question(
            "The padlock is shut at https://bank-login.test. What do you know?",
            right="that you reached whoever controls bank-login.test",
            because="That, and that nobody else reads along. Whether it is your bank, and honest, no certificate of this kind says.",
            wrong={
                "that it is your bank": ("padlock-honest", "Anybody may have registered that name, and got a certificate for it."),
                "that your data are safe there": ("padlock-forgets", "The way is protected. What happens at its end is another question."),
            },
        ),
    ),
)  # fmt: skip
