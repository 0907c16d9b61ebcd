"""Answers to the exercises of lesson 08, right and wrong."""

import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509

from padlock import keys
from padlock.authority import Authority, self_signed
from padlock.course.exercises.l08_mutual_tls import RIGHTS as MADE
from padlock.course.exercises.l08_mutual_tls import Counter, office, reception

from .making import DER, PEM, file_with, key

DESK, DOOR, COUNTER = office(), reception(), Counter()
RIGHTS = {name: set(actions) for name, actions in MADE.items()}  # as the lesson makes them; the check may change them
GIVEN = {"desk": DESK, "door": DOOR, "counter": COUNTER, "rights": RIGHTS, "x509": x509, "ssl": ssl}
DAY = timedelta(days=1)


# ---- 1: a client that shows itself


def client(
    shows="usual", trusts=None, name=True, verify=True, protocol=ssl.PROTOCOL_TLS_CLIENT, version=None
):
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


def flags(more):
    def make():
        context = client()
        context.verify_flags |= more
        return {"orders_client": context}

    return make


def system_too():
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=pem([DESK.server_root]).decode() + pem([PUBLIC.certificate]).decode())
    context.load_cert_chain(*DESK.files(orders()))
    return {"orders_client": context}


def pinned():
    """Only the certificate that api.test has today."""
    context = client(trusts=[DESK.api.certificate])
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return {"orders_client": context}


def anonymous():
    context = client()
    context.set_ciphers("ALL:aNULL:@SECLEVEL=0")
    return {"orders_client": context}


PUBLIC = Authority("A public CA")


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
            return secure.recv(4096).startswith(b"welcome\n")
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
        return secure.read() == b"welcome\n"
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


def hears(fits, silent=None):
    """Takes what fits(bytes) takes; `silent`: the answer if nothing comes for a while."""

    def mine(context, connection):
        try:
            with opened(context, connection) as secure:
                secure.settimeout(0.05 if silent is not None else 5)
                return fits(secure.recv(100))
        except TimeoutError:
            return bool(silent)
        except OSError:
            return False

    return lambda: {"let_in": mine}


def no_name(context, connection):
    context.check_hostname = False
    return let_in(context, connection)


def old_habits(context, connection):
    """In TLS 1.2 the handshake told."""
    try:
        with opened(context, connection) as secure:
            return secure.version() == "TLSv1.2" or secure.recv(100) == b"welcome\n"
    except OSError:
        return False


def no_try(context, connection):
    with opened(context, connection) as secure:
        return secure.recv(100) == b"welcome\n"


def forgets_return(context, connection):
    let_in(context, connection)


def unwrapped(context, connection):
    connection.shutdown(2)
    return False


def untrusting(context, connection):
    return let_in(ssl.create_default_context(), connection)


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
                isinstance(name, x509.DNSName) and action in RIGHTS.get(name.value, set())
                for name in extension.value
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


def no_try_for_names(certificate, action):
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return any(action in RIGHTS.get(name, ()) for name in san.get_values_for_type(x509.DNSName))


def first_known(certificate, action):
    for name in names_of(certificate):
        if name in RIGHTS:
            return action in RIGHTS[name]
    return False


def denies(certificate, action):
    if not may(certificate, action):
        raise PermissionError(action)
    return True


def last_name(certificate, action):
    names = names_of(certificate)
    return bool(names) and action in RIGHTS.get(names[-1], set())


def every_name(certificate, action):
    names = names_of(certificate)
    return bool(names) and all(action in RIGHTS.get(name, set()) for name in names)


def any_kind(certificate, action):
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return any(action in RIGHTS.get(name.value, ()) for name in san if isinstance(name.value, str))


def old_fallback(certificate, action):
    return any(action in RIGHTS.get(name, ()) for name in names_of(certificate) or [cn_of(certificate)])


def fills(certificate, action):
    return any(action in RIGHTS.setdefault(name, set()) for name in names_of(certificate))


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
        return any(action in RIGHTS.get(name, "") for name in san.get_values_for_type(x509.DNSName))
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
        "a set": lambda: {"client_roots": set(GOOD)},
        "with an intermediate of one's own": lambda: {
            "client_roots": [*GOOD, DOOR.cas["Client Root"].intermediate("Third").certificate]
        },
        "a dict": lambda: {"client_roots": {name: R[name] for name in ("Client Root", "Partner Root")}},
        "a dict's values": lambda: {"client_roots": {"ours": GOOD[0], "theirs": GOOD[1]}.values()},
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
        "fills the rules": decides(fills),
        "lower case": decides(lower),
        "a union": decides(by_union),
        "None for no": decides(none_for_no),
        "try": decides(swallowing),
    },
}
PAST = {"not_before": datetime.now(UTC) - 9 * DAY, "not_after": datetime.now(UTC) - DAY}
FUTURE = {"not_before": datetime.now(UTC) + DAY, "not_after": datetime.now(UTC) + 9 * DAY}
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
        "not-yet-valid": [made(shows=orders(**FUTURE))],
        "server-root-missing": [made(trusts=[DESK.clients.certificate]), made(trusts=[])],
        "namesake": [
            made(trusts=[office().server_root]),
            made(trusts=[COUNTER.server_root]),
            made(trusts=[DESK.server_root, COUNTER.server_root]),
        ],
        "time-unchecked": [flags(0x200000)],  # X509_V_FLAG_NO_CHECK_TIME
        "leaf-listed": [pinned],
        "others-trusted": [
            system_too,
            made(trusts=[DESK.server_root, PUBLIC.certificate]),
            made(trusts=[DESK.server_root, self_signed("api.test").certificate]),
        ],
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
            trust(R["Public Root"]),
            trust(),
        ],
        "pinned": [
            trust(*GOOD[:1], DOOR.callers["stock.partner.test, from Partner Root"].certificate),
            trust(*(one.certificate for one in DOOR.callers.values())),
            trust(DOOR.callers["orders.test, from Client Issuing CA"].chain[1], R["Partner Root"]),
        ],
        "names-listed": [
            trust("Client Root", "Partner Root"),
            lambda: {"client_roots": "Client Root"},
            lambda: {"client_roots": list(R.items())},
            trust("client root", "Partner"),
            trust(R["Client Root"], "Partner Root"),
        ],
        "namesake": [
            trust(COUNTER.clients.certificate, R["Partner Root"]),
            trust(*GOOD, COUNTER.clients.certificate),
            trust(*GOOD, Authority("Partner Root").certificate),
        ],
        "stranger-listed": [
            trust(*GOOD, PUBLIC.certificate),
        ],
        "server-ca-for-clients": [trust(R["Server Root"]), trust(*GOOD, R["Server Root"])],
        "public-ca-for-clients": [trust(*GOOD, R["Public Root"])],
        "old-ca-kept": [trust(*GOOD, R["Old Client Root"])],
    },
    3: {
        "not-a-verdict": [lets(lambda *_: "yes"), lets(lambda *_: 1)],
        "always-out": [
            lets(forgets_return),
            hears(lambda data: data == "welcome\n"),
            hears(lambda data: data == b"welcome"),
        ],
        "handshake-spoilt": [lets(lambda *_: False), lets(unwrapped), lets(untrusting)],
        "raises-for-no": [lets(no_try)],
        "always-in": [lets(lambda *_: True)],
        "finished-is-accepted": [lets(hopeful), lets(sends), lets(asks_the_version)],
        "silence-is-consent": [
            lets(reads_and_forgets),
            lets(old_habits),
            hears(lambda data: data == b"welcome\n", silent=True),
        ],
        "any-word-will-do": [
            lets(reads_anything),
            hears(lambda data: b"welcome" in data),
            hears(lambda data: data.startswith(b"welcome")),
            hears(lambda data: len(data) == 8),
            hears(lambda data: data not in (b"", b"forbidden\n")),
        ],
        "name-unchecked": [lets(no_name)],
        "verify-off": [lets(trusts_all)],
    },
    4: {
        "not-a-verdict": [decides(lambda *_: "yes"), decides(lambda *_: 1)],
        "caller-refused": [
            decides(lambda *_: False),
            by_test(lambda *_: True, lambda name, action: action == "write"),
        ],
        "authentication-is-authorisation": [
            decides(lambda *_: True),
            by_test(lambda *_: True),
            by_test(lambda certificate, name: name in names_of(certificate), lambda *_: True),
        ],
        "part-of-a-name": [
            by_test(lambda certificate, name: any(name in one for one in names_of(certificate))),
            by_test(lambda certificate, name: any(one.endswith(name) for one in names_of(certificate))),
            by_test(lambda certificate, name: any(f".{one}".endswith(f".{name}") for one in names_of(certificate))),
            by_test(lambda certificate, name: any(one.startswith(name) for one in names_of(certificate))),
            by_test(lambda certificate, name: name in str(list(certificate.extensions)[1:])),
        ],
        "cn-decides": [
            by_test(lambda certificate, name: cn_of(certificate) == name),
            by_test(lambda certificate, name: name in [cn_of(certificate), *names_of(certificate)]),
            decides(old_fallback),
        ],
        "rule-raises": [
            decides(denies),
            decides(lambda certificate, action: any(action in RIGHTS[name] for name in names_of(certificate))),
            decides(no_try_for_names),
        ],
        "one-name-only": [decides(first_name), decides(last_name), decides(every_name), decides(first_known)],
        "another-kind-of-name": [decides(any_kind)],
        "rule-copied": [decides(by_if)],
        "wildcard-caller": [
            by_test(lambda certificate, name: {name, "*.test"} & set(names_of(certificate))),
        ],
        "allowed-unless-forbidden": [
            by_test(
                lambda certificate, name: name in names_of(certificate),
                lambda name, action: name == "orders.test" or action != "reserve",
            ),
        ],
        "part-of-an-action": [
            by_test(
                lambda certificate, name: name in names_of(certificate),
                lambda name, action: action != "" and action in " ".join(RIGHTS[name]),
            ),
        ],
    },
}
