"""Answers to the exercises of lesson 08, right and wrong."""

import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509

from padlock import keys
from padlock.authority import Authority, self_signed
from padlock.course.exercises.l08_mutual_tls import RIGHTS, Counter, office, reception

from .making import DER, PEM, file_with, key

DESK, DOOR, COUNTER = office(), reception(), Counter()
GIVEN = {"desk": DESK, "door": DOOR, "counter": COUNTER, "rights": RIGHTS, "x509": x509, "ssl": ssl}
DAY = timedelta(days=1)


# ---- 1: a client that shows itself


def client(shows="usual", trusts=None, name=True, verify=True, protocol=ssl.PROTOCOL_TLS_CLIENT, version=None):
    context = ssl.SSLContext(protocol)
    context.check_hostname = name and verify
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    for root in [DESK.server_root] if trusts is None else trusts:
        context.load_verify_locations(cadata=root.public_bytes(PEM).decode())
    if version:
        context.minimum_version = context.maximum_version = version
    if shows == "usual":
        shows = orders()
    if shows is not None:
        context.load_cert_chain(*DESK.files(shows))
    return context


def orders(*more, ca=None, purpose="client", **changes):
    return (ca or DESK.clients).issue("orders.test", *more, purpose=purpose, **changes)


def made(**options):
    return lambda: {"orders_client": client(**options)}


def usual_python():
    context = ssl.create_default_context(cadata=DESK.server_root.public_bytes(PEM).decode())
    context.load_cert_chain(*DESK.files(orders()))
    return {"orders_client": context}


def one_file():
    issued = orders()
    context = client(None)
    context.load_cert_chain(file_with((keys.pem(issued.private_key) + issued.pem()).encode()))
    return {"orders_client": context}


def by_folder():
    context = client(trusts=[])
    context.load_verify_locations(cafile=file_with(DESK.server_root.public_bytes(PEM)))
    return {"orders_client": context}


def by_der():
    context = client(trusts=[])
    context.load_verify_locations(cadata=DESK.server_root.public_bytes(DER))
    return {"orders_client": context}


def anonymous():
    context = client()
    context.set_ciphers("ALL:aNULL:@SECLEVEL=0")
    return {"orders_client": context}


@cache
def below():
    return DESK.clients.intermediate("Team CA")


# ---- 2: whom to ask

R = DOOR.roots
GOOD = [R["Client Root"], R["Partner Root"]]


def trust(*roots):
    return lambda: {"client_roots": list(roots)}


def pem(roots):
    return b"".join(root.public_bytes(PEM) for root in roots)


# ---- 3: am I in?


@contextlib.contextmanager
def opened(context, connection):
    with context.wrap_socket(connection, server_hostname="api.test") as secure:
        yield secure


def let_in(context, connection):
    try:
        with opened(context, connection) as secure:
            return secure.recv(100) == b"welcome\n"
    except OSError:
        return False


def by_line(context, connection):
    try:
        with opened(context, connection) as secure, secure.makefile("r") as lines:
            return lines.readline().strip() == "welcome"
    except ssl.SSLError:
        return False


def asks_first(context, connection):
    try:
        with opened(context, connection) as secure:
            secure.sendall(b"hello?\n")
            return secure.recv(4096).startswith(b"welcome")
    except OSError:
        return False


def in_memory(context, connection):
    """Without wrap_socket."""
    heard, spoken = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(heard, spoken, server_hostname="api.test")

    def step(what):
        while True:
            try:
                return what()
            except ssl.SSLWantReadError:
                connection.sendall(spoken.read())
                data = connection.recv(4096)
                heard.write(data) if data else heard.write_eof()

    try:
        step(tls.do_handshake)
        connection.sendall(spoken.read())
        return step(lambda: tls.read(100)) == b"welcome\n"
    except OSError:
        return False


def by_hand(context, connection):
    secure = context.wrap_socket(connection, server_hostname="api.test", do_handshake_on_connect=False)
    try:
        secure.do_handshake()
        return b"welcome" in secure.read()
    except Exception:
        return False
    finally:
        secure.close()


def only_yes(context, connection):
    if let_in(context, connection):
        return True


class Doorman:
    def __call__(self, context, connection):
        return let_in(context, connection)


def lets(function):
    return lambda: {"let_in": function}


def hopeful(context, connection):
    try:
        with opened(context, connection):
            return True
    except OSError:
        return False


def reads_anything(context, connection):
    try:
        with opened(context, connection) as secure:
            return bool(secure.recv(100))
    except OSError:
        return False


def reads_and_forgets(context, connection):
    try:
        with opened(context, connection) as secure:
            secure.recv(100)
            return True
    except OSError:
        return False


def sends(context, connection):
    try:
        with opened(context, connection) as secure:
            secure.sendall(b"hello")
            return True
    except OSError:
        return False


def asks_the_version(context, connection):
    try:
        with opened(context, connection) as secure:
            return secure.version() is not None and secure.getpeercert() != {}
    except OSError:
        return False


def trusts_all(context, connection):
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return let_in(context, connection)


# ---- 4: who may what


def names_of(certificate):
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return san.get_values_for_type(x509.DNSName)


def cn_of(certificate):
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return found[0].value if found else ""


def may(certificate, action):
    return any(action in RIGHTS.get(name, ()) for name in names_of(certificate))


def by_loop(certificate, action):
    allowed = set()
    for name in names_of(certificate):
        allowed |= RIGHTS.get(name, set())
    return action in allowed


def by_iteration(certificate, action):
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            return any(
                isinstance(name, x509.DNSName) and action in RIGHTS.get(name.value, set()) for name in extension.value
            )
    return False


def by_if(certificate, action):
    names = names_of(certificate)
    if "orders.test" in names:
        return action in ("read", "reserve")
    return "billing.test" in names and action == "read"


def first_name(certificate, action):
    names = names_of(certificate)
    return bool(names) and action in RIGHTS.get(names[0], set())


def lower(certificate, action):
    return any(action in RIGHTS.get(name.lower().rstrip("."), ()) for name in names_of(certificate))


def by_union(certificate, action):
    return action in set().union(*(RIGHTS.get(name, set()) for name in names_of(certificate)))


def none_for_no(certificate, action):
    if may(certificate, action):
        return True


def swallowing(certificate, action):
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return action in RIGHTS[san.get_values_for_type(x509.DNSName)[0]]
    except Exception:
        return False


def decides(function):
    return lambda: {"may": function}


def by_test(fits, allows=lambda name, action: action in RIGHTS[name]):
    """A rule that takes a caller for `name` if fits(certificate, name)."""

    def mine(certificate, action):
        return any(fits(certificate, name) and allows(name, action) for name in RIGHTS)

    return lambda: {"may": mine}


RIGHT = {
    1: {
        "by hand": made(),
        "Python's usual client": usual_python,
        "one file": one_file,
        "root from a file": by_folder,
        "root as DER": by_der,
        "for both": made(shows=orders(purpose="both")),
        "RSA": made(shows=orders(key=key("rsa2048"))),
        "Ed25519": made(shows=orders(key=key("ed25519"))),
        "no stated purpose": made(shows=orders(purpose=None)),
        "an intermediate of its own": lambda: {"orders_client": client(orders(ca=below()))},
        "more names": made(shows=orders("orders.svc.test")),
        "only TLS 1.3": made(version=ssl.TLSVersion.TLSv1_3),
        "only TLS 1.2": made(version=ssl.TLSVersion.TLSv1_2),
        "a function": lambda: {"orders_client": client},
    },
    2: {
        "as in the lesson": trust(*GOOD),
        "the other way round": trust(*reversed(GOOD)),
        "a tuple": lambda: {"client_roots": tuple(GOOD)},
        "twice": trust(*GOOD, *GOOD),
        "PEM": lambda: {"client_roots": pem(GOOD)},
        "text": lambda: {"client_roots": pem(GOOD).decode()},
        "a file": lambda: {"client_roots": file_with(pem(GOOD))},
        "a path": lambda: {"client_roots": str(file_with(pem(GOOD)))},
        "DER": lambda: {"client_roots": [root.public_bytes(DER) for root in GOOD]},
        "with an intermediate": trust(*GOOD, DOOR.callers["orders.test, from Client Issuing CA"].chain[1]),
    },
    3: {
        "as in the lesson": lets(let_in),
        "by line": lets(by_line),
        "asks first": lets(asks_first),
        "in memory": lets(in_memory),
        "by hand": lets(by_hand),
        "None for no": lets(only_yes),
        "an object": lets(Doorman()),
        "lambda": lets(lambda context, connection: let_in(context, connection)),
    },
    4: {
        "as in the lesson": decides(may),
        "a loop": decides(by_loop),
        "all extensions": decides(by_iteration),
        "if": decides(by_if),
        "the first name": decides(first_name),
        "lower case": decides(lower),
        "a union": decides(by_union),
        "None for no": decides(none_for_no),
        "try": decides(swallowing),
    },
}
PAST = {"not_before": datetime.now(UTC) - 9 * DAY, "not_after": datetime.now(UTC) - DAY}
WRONG = {
    1: {
        "no-context": [lambda: {"orders_client": orders()}, lambda: {"orders_client": ssl.SSLContext}],
        "server-side": [made(protocol=ssl.PROTOCOL_TLS_SERVER, name=False)],
        "shows-nothing": [made(shows=None), made(shows=None, version=ssl.TLSVersion.TLSv1_2)],
        "server-purpose": [made(shows=DESK.today), made(shows=orders(purpose="server"))],
        "client-unknown-ca": [
            made(shows=orders(ca=Authority("Client Root"))),
            made(shows=self_signed("orders.test", purpose="client")),
        ],
        "expired": [made(shows=orders(**PAST))],
        "unknown-ca": [made(trusts=[DESK.clients.certificate]), made(trusts=[])],
        "another-caller": [
            made(shows=DESK.clients.issue("billing.test", purpose="client")),
            made(shows=DESK.clients.issue("billing.test", purpose="client", common_name="orders.test")),
        ],
        "verify-off": [made(verify=False)],
        "name-unchecked": [made(name=False)],
        "client-ca-for-servers": [made(trusts=[DESK.server_root, DESK.clients.certificate])],
        "no-certificate": [anonymous],
    },
    2: {
        "client-left-out": [
            trust(R["Client Root"]),
            trust(R["Partner Root"]),
            trust(*(one.certificate for one in DOOR.callers.values())),
            trust(DOOR.callers["orders.test, from Client Issuing CA"].chain[1], R["Partner Root"]),
            trust(R["Public Root"]),
        ],
        "server-ca-for-clients": [trust(R["Server Root"]), trust(*GOOD, R["Server Root"])],
        "public-ca-for-clients": [trust(*GOOD, R["Public Root"])],
        "old-ca-kept": [trust(*GOOD, R["Old Client Root"])],
    },
    3: {
        "not-a-verdict": [lets(lambda *_: "yes"), lets(lambda *_: 1)],
        "always-out": [lets(lambda *_: False), lets(lambda context, connection: bool(connection) and False)],
        "always-in": [lets(lambda *_: True)],
        "finished-is-accepted": [lets(hopeful), lets(sends), lets(asks_the_version)],
        "silence-is-consent": [lets(reads_and_forgets)],
        "any-word-will-do": [lets(reads_anything)],
        "verify-off": [lets(trusts_all)],
    },
    4: {
        "not-a-verdict": [decides(lambda *_: "yes"), decides(lambda *_: 1)],
        "caller-refused": [decides(lambda *_: False), by_test(lambda *_: True, lambda name, action: action == "write")],
        "authentication-is-authorisation": [
            decides(lambda *_: True),
            by_test(lambda *_: True),
            by_test(lambda certificate, name: name in names_of(certificate), lambda *_: True),
        ],
        "part-of-a-name": [
            by_test(lambda certificate, name: any(name in one for one in names_of(certificate))),
            by_test(lambda certificate, name: any(one.endswith(name) for one in names_of(certificate))),
            by_test(lambda certificate, name: any(one.startswith(name) for one in names_of(certificate))),
            by_test(lambda certificate, name: name in str(list(certificate.extensions)[1:])),
        ],
        "cn-decides": [
            by_test(lambda certificate, name: cn_of(certificate) == name),
            by_test(lambda certificate, name: name in [cn_of(certificate), *names_of(certificate)]),
            by_test(lambda certificate, name: name in (names_of(certificate) or [cn_of(certificate)])),
        ],
        "wildcard-caller": [
            by_test(lambda certificate, name: {name, "*.test"} & set(names_of(certificate))),
        ],
        "allowed-unless-forbidden": [
            by_test(
                lambda certificate, name: name in names_of(certificate),
                lambda name, action: name == "orders.test" or action != "reserve",
            ),
        ],
    },
}
