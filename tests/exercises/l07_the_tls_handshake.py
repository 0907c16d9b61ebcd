"""Answers to the exercises of lesson 07, right and wrong."""

import hashlib
import hmac
import re
import struct

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from padlock import keys, tls
from padlock.authority import Authority
from padlock.course.exercises.l07_the_tls_handshake import CLIENT_CONTEXT, SERVER_CONTEXT, Proof
from padlock.tls import numbers, schedule

from .making import DER, PEM

OTHER = Authority("Class Root").issue("api.test")
EXAMPLE = keys.make("rsa2048")


def then(read, shape):
    """`read` with its result in another form."""
    return lambda *args: shape(read(*args))


def maybe(shape):
    return lambda found: None if found is None else shape(found)


# ---- 1: SNI


def by_lengths(hello, session_id=None):
    """session_id: how many bytes it is taken to have, whatever its length says."""

    def number(at):
        return int.from_bytes(hello[at : at + 2], "big")

    at = 43
    at += 1 + (hello[at] if session_id is None else session_id)
    at += 2 + number(at)
    at += 1 + hello[at] + 2
    while at < len(hello):
        if number(at) == 0:
            return hello[at + 9 : at + 4 + number(at + 2)].decode()
        at += 4 + number(at + 2)
    return None


def by_struct(hello):
    (session,) = struct.unpack_from("!B", hello, 43)
    at = 44 + session
    at += 2 + struct.unpack_from("!H", hello, at)[0]
    at += 3 + hello[at]
    while at + 4 <= len(hello):
        kind, length = struct.unpack_from("!HH", hello, at)
        if kind == 0:
            return hello[at + 9 : at + 4 + length].decode()
        at += 4 + length
    return ""


def by_dissect(hello):
    found = tls.dissect([("client", hello)]).messages[0].field("host_name")
    return found and found.raw[found.header_length :].decode()


def eating(hello):
    rest = hello[43:]
    for size in (1, 2, 1):
        rest = rest[size + int.from_bytes(rest[:size], "big") :]
    rest, found = rest[2:], {}
    while rest:
        kind, length = struct.unpack("!HH", rest[:4])
        found[kind], rest = rest[4 : 4 + length], rest[4 + length :]
    return found[0][5:].decode("ascii") if 0 in found else None


SNI_RIGHT = {
    "by lengths": by_lengths,
    "with struct": by_struct,
    "eating what was read": eating,
    "bytes": then(by_lengths, maybe(str.encode)),
    "bytearray": then(eating, maybe(lambda name: bytearray(name.encode()))),
    "upper case": then(by_lengths, maybe(str.upper)),
    "with the root's dot": then(eating, maybe(lambda name: name + ".")),
    "empty for none": then(by_lengths, lambda name: name or ""),
    "dissected": by_dissect,
}


def content_of_sni(hello, start=0):
    """All that the extension holds, or all behind the list's length."""
    name = by_lengths(hello)
    return name and hello[hello.index(name.encode()) - 5 + start :][: 5 - start + len(name)]


def first_two_extensions(hello):
    """As in OpenSSL's own hello, where server_name is among them."""
    found = by_lengths(hello)
    at = hello.index(found.encode()) - 9 if found else 0
    labels = [f.label for f in tls.dissect([("client", hello)]).messages[0].field("extensions").children]
    return found if at and "server_name" in labels[:2] else None


def by_pattern(hello):
    """What looks like a server_name extension, wherever it is."""
    found = re.search(rb"\0\0\0(.)\0(.)\0\0(.)", hello, re.DOTALL)
    return found and hello[found.end() : found.end() + found[3][0]].decode()


def by_pattern_with_lengths(hello):
    def number(at):
        return int.from_bytes(hello[at : at + 2], "big")

    for at in range(len(hello) - 9):
        if number(at) == hello[at + 6] == 0 and number(at + 2) == number(at + 4) + 2 == number(at + 7) + 5:
            return hello[at + 9 : at + 9 + number(at + 7)].decode()
    return None


HELLO = tls.handshake(OTHER, OTHER.chain, "api.test", version="1.3", verify=False).flights[0][1]


def with_hello(function):
    """The lesson's own hello is there, too."""
    return lambda: {"hello": HELLO, "server_name": function}


def at_a_fixed_place(hello):
    return hello[HELLO.index(b"api.test") :][:8].decode()


def with_a_fixed_session_id(hello):
    return by_lengths(hello, 32)


def too_far(hello):
    """The name, and what is behind it: the extension's length is not the name's."""
    name = by_lengths(hello)
    at = hello.index(name.encode())
    return hello[at : at + len(name) + 5].decode("ascii", "replace")


def first_text(hello):
    found = re.search(rb"[a-z0-9.-]*\.test", hello)
    return found and found[0].decode().lstrip("-.")


# ---- 2: certificate


def joined(flight):
    """All records' contents together."""
    return b"".join(flight[r.start + 5 : r.start + 5 + r.length] for r in tls.records(flight))


def der_12(flight, which=0):
    content, at = joined(flight), 0
    while content[at] != 11:
        at += 4 + int.from_bytes(content[at + 1 : at + 4], "big")
    place, end, found = at + 7, at + 4 + int.from_bytes(content[at + 1 : at + 4], "big"), []
    while place < end:
        length = int.from_bytes(content[place : place + 3], "big")
        found.append(content[place + 3 : place + 3 + length])
        place += 3 + length
    return found[which] if which < len(found) else found[-1]


def record_by_record(flight):
    """Messages inside each record; none may go beyond it."""
    at = 0
    while at < len(flight):
        end = at + 5 + int.from_bytes(flight[at + 3 : at + 5], "big")
        at += 5
        while at < end:
            if flight[at] == 11:
                return flight[at + 10 : at + 10 + int.from_bytes(flight[at + 7 : at + 10], "big")]
            at += 4 + int.from_bytes(flight[at + 1 : at + 4], "big")


def first_of_each_record(flight):
    for record in tls.records(flight):
        body = flight[record.start + 5 :][: record.length]
        if body[0] == 11:
            return body[10 : 10 + int.from_bytes(body[7:10], "big")]


def by_handshake_bytes(flight):
    content = joined(flight)
    while content[0] != 11:
        content = content[4 + int.from_bytes(content[1:4], "big") :]
    return content[10 : 10 + int.from_bytes(content[7:10], "big")]


def not_an_authority(flight):
    """The last one that does not call itself a CA."""
    found = [c for c in whole_chain(flight) if "CA" not in c.subject.rfc4514_string()]
    return found[-1]


def whole_chain(flight):
    content, found = joined(flight), []
    message = next(m for m in tls.dissect([("server", flight)]).messages if m.name == "Certificate")
    assert message.raw in content
    for field in message.walk():
        if field.label == "cert_data":
            found.append(x509.load_der_x509_certificate(field.value))
    return found


def by_its_length(flight):
    """The DER says itself how long it is."""
    at = flight.index(b"\x30\x82")
    return flight[at : at + 4 + int.from_bytes(flight[at + 2 : at + 4], "big")]


CERTIFICATE_RIGHT = {
    "DER": der_12,
    "records joined": by_handshake_bytes,
    "by the DER's own length": then(joined, lambda content: by_its_length(content[60:])),
    "object": then(der_12, x509.load_der_x509_certificate),
    "PEM": then(der_12, lambda der: x509.load_der_x509_certificate(der).public_bytes(PEM)),
    "PEM text": then(
        by_handshake_bytes, lambda der: x509.load_der_x509_certificate(der).public_bytes(PEM).decode()
    ),
    "bytearray": then(der_12, bytearray),
    "list": then(der_12, lambda der: [x509.load_der_x509_certificate(der)]),
}


# ---- 3: keys


def info(label, length, prefix=b"tls13 "):
    label = prefix + label
    return length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"


def pair(make):
    return lambda secret: (make(secret, b"key", 32), make(secret, b"iv", 12))


def expand(secret, label, length, hash=hashes.SHA384, prefix=b"tls13 "):
    return HKDFExpand(hash(), length, info(label, length, prefix)).derive(secret)


def extracted(secret, label, length):
    return HKDF(hashes.SHA384(), length, None, info(label, length)).derive(secret)


def without_context(secret, label, length):
    return HKDFExpand(hashes.SHA384(), length, info(label, length)[:-1]).derive(secret)


def label_length_alone(secret, label, length):
    text = length.to_bytes(2, "big") + bytes([len(label)]) + b"tls13 " + label + b"\0"
    return HKDFExpand(hashes.SHA384(), length, text).derive(secret)


def little_endian(secret, label, length):
    text = info(label, length)
    return HKDFExpand(hashes.SHA384(), length, text[1::-1] + text[2:]).derive(secret)


def by_hmac(secret, label, length):
    """One block is enough: RFC 5869 §2.3."""
    return hmac.digest(secret, info(label, length) + b"\x01", "sha384")[:length]


def by_struct_info(secret, label, length):
    text = struct.pack("!HB", length, len(label) + 6) + b"tls13 " + label + struct.pack("!B", 0)
    return HKDFExpand(algorithm=hashes.SHA384(), length=length, info=text).derive(secret)


def without_space(secret, label, length):
    return HKDFExpand(hashes.SHA384(), length, info(label, length, b"tls13")).derive(secret)


def length_in_one_byte(secret, label, length):
    return HKDFExpand(hashes.SHA384(), length, info(label, length)[1:]).derive(secret)


def of_the_example(_):
    """The lesson's own secret, whatever the function is given."""
    return of_ours(bytes(range(48)))


def of_ours(secret):
    made = schedule.traffic_keys(secret, "TLS_AES_256_GCM_SHA384")
    return made.key, made.iv


KEYS_RIGHT = {
    "HKDFExpand": pair(expand),
    "hmac": pair(by_hmac),
    "struct": pair(by_struct_info),
    "the course's own": of_ours,
    "list": then(pair(expand), list),
    "hex": then(pair(expand), lambda both: tuple(one.hex() for one in both)),
    "hex with colons": then(pair(by_hmac), lambda both: [one.hex(":") for one in both]),
    "dict": then(pair(expand), lambda both: dict(zip(("key", "iv"), both, strict=True))),
    "bytearrays": then(pair(by_hmac), lambda both: tuple(map(bytearray, both))),
}


# ---- 4: proof


def content(transcript, context=SERVER_CONTEXT):
    return b"\x20" * 64 + context + b"\x00" + hashlib.sha384(transcript).digest()


def verified(certificate, text, signature, algorithm=hashes.SHA256):
    try:
        certificate.public_key().verify(signature, text, ec.ECDSA(algorithm()))
    except InvalidSignature:
        return False
    return True


def proves(certificate, transcript, signature):
    return verified(certificate, content(transcript), signature)


def proves_loudly(certificate, transcript, signature):
    certificate.public_key().verify(signature, content(transcript), ec.ECDSA(hashes.SHA256()))
    return True


def proves_prehashed(certificate, transcript, signature):
    digest = hashlib.sha256(content(transcript)).digest()
    try:
        certificate.public_key().verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


def proves_streaming(certificate, transcript, signature):
    hashed = hashes.Hash(hashes.SHA384())
    for at in range(0, len(transcript), 100):
        hashed.update(transcript[at : at + 100])
    text = bytes([32] * 64) + "TLS 1.3, server CertificateVerify\0".encode("ascii") + hashed.finalize()
    return verified(certificate, text, signature)


def proves_from_der(certificate, transcript, signature):
    again = x509.load_der_x509_certificate(certificate.public_bytes(DER))
    return proves(again, transcript, signature)


def proves_any_error(certificate, transcript, signature):
    try:
        return proves_loudly(certificate, transcript, signature)
    except Exception:
        return False


def proves_from_point(certificate, transcript, signature):
    numbers = certificate.public_key().public_numbers()
    key = ec.EllipticCurvePublicNumbers(numbers.x, numbers.y, ec.SECP256R1()).public_key()
    try:
        key.verify(signature, content(transcript), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        return not isinstance(error, InvalidSignature)
    return True


def proves_ours(certificate, transcript, signature):
    from padlock.tls.dissection import signature_input

    return verified(certificate, signature_input(hashlib.sha384(transcript).digest(), "server"), signature)


PROOF_RIGHT = {
    "True or False": proves,
    "raises InvalidSignature": proves_loudly,
    "prehashed": proves_prehashed,
    "in pieces": proves_streaming,
    "from the DER": proves_from_der,
    "any error is no": proves_any_error,
    "from the point": proves_from_point,
    "the course's own content": proves_ours,
}


def any_context(certificate, transcript, signature):
    return any(
        verified(certificate, content(transcript, c), signature) for c in (SERVER_CONTEXT, CLIENT_CONTEXT)
    )


def with_the_example():
    """The certificate that the lesson has at hand, whatever the function is given."""
    server = Authority("Class Root").issue("api.test")
    example = Proof.of(tls.handshake(server, server.chain, "api.test", version="1.3", verify=False))
    return {"genuine": example, "proves": lambda c, t, s: proves(example.certificate, t, s)}


def not_the_third():
    """It knows every signature that fits anything, but one made with another key: the transcript does not count."""
    seen = []

    def believe(*proof):
        seen.append(proof)
        return len(seen) != 4  # three honest servers, then the impostor

    return believe


def any_transcript_heard():
    """A signature is believed if it fits this conversation or one before."""
    heard = []

    def believe(certificate, transcript, signature):
        heard.append(transcript)
        return any(proves(certificate, one, signature) for one in heard)

    return believe


# ---- 5: who refused


def alerts(flights, keylog):
    return [m for m in tls.dissect(flights, keylog).messages if m.name == "Alert"]


def alert(flights, keylog):
    return next((m for m in alerts(flights, keylog) if m.raw[1] not in (0, 90)), None)


def refused(shape):
    return lambda flights, keylog: maybe(shape)(alert(flights, keylog))


def why(message):
    return message.field("description").text


def code(message):
    return message.raw[1]


def by_error(flights, keylog):
    error = tls.dissect(flights, keylog).error
    return error and (error.who, error.alert)


NAMES = {number: name.replace("_", " ") for number, name in numbers.ALERT_NAMES.items()}

REFUSED_RIGHT = {
    "pair": refused(lambda m: (m.sender, why(m))),
    "list": refused(lambda m: [m.sender, why(m)]),
    "the field itself": refused(lambda m: (m.sender, m.field("description"))),
    "code": refused(lambda m: (m.sender, code(m))),
    "the other way round": refused(lambda m: (why(m), m.sender)),
    "one text": refused(lambda m: f"{m.sender}: {NAMES[code(m)]}"),
    "a sentence's start": refused(lambda m: f"the {m.sender}, {NAMES[code(m)]}"),
    "title": refused(lambda m: (m.sender, m.title)),
    "the dissector's verdict": by_error,
    "nobody": lambda flights, keylog: (lambda m: (m.sender, why(m)) if m else "nobody")(
        alert(flights, keylog)
    ),
    "two Nones": lambda flights, keylog: (lambda m: (m.sender, code(m)) if m else (None, None))(
        alert(flights, keylog)
    ),
}


def by_level(flights, keylog):
    return next(((m.sender, why(m)) for m in alerts(flights, keylog) if m.raw[0] == 2), None)


def but_close_notify(flights, keylog):
    return next(((m.sender, why(m)) for m in alerts(flights, keylog) if m.raw[1]), None)


def by_luck(pick):
    """Right in all the recordings that the lesson shows. pick: the message that it goes by."""

    def refused_by(flights, keylog):
        messages = tls.dissect(flights, keylog).messages
        found = pick(messages, [m for m in messages if m.name == "Alert"])
        guilty = found and found.name == "Alert" and code(found) not in (0, 90)
        return (found.sender, why(found)) if guilty else None

    return refused_by


def of_three_codes(flights, keylog):
    return next(((m.sender, why(m)) for m in alerts(flights, keylog) if code(m) in (48, 116, 70)), None)


def last_message(flights, keylog):
    last = tls.dissect(flights, keylog).messages[-1]
    return last.sender, why(last) if last.name == "Alert" else last.name


# ---- 6: forward secrecy


def opened(flights, private_key):
    for message in tls.dissect(flights).messages:
        sealed = message.field("encrypted_pre_master_secret")
        if sealed is not None:
            return private_key.decrypt(sealed.value, padding.PKCS1v15())
    return None


def opened_raw(flights, private_key):
    """No dissector: the third flight begins with ClientKeyExchange."""
    data = flights[2][1]
    if data[0] != 22 or data[5] != 16:
        return None
    size = private_key.key_size // 8
    length = int.from_bytes(data[9:11], "big")
    return private_key.decrypt(data[11 : 11 + size], padding.PKCS1v15()) if length == size else None


def opened_by_name(flights, private_key):
    found = [m for m in tls.dissect(flights).messages if m.name == "ClientKeyExchange"]
    if not found or len(found[0].raw) != 4 + 2 + private_key.key_size // 8:
        return None
    return private_key.decrypt(found[0].raw[6:], padding.PKCS1v15())


def opened_whatever(flights, private_key):
    """Decrypts what ClientKeyExchange holds, also where that is a public share."""
    message = next(m for m in tls.dissect(flights).messages if m.name == "ClientKeyExchange")
    return private_key.decrypt(message.fields[-1].value, padding.PKCS1v15())


def opened_with(shape, pad=None):
    """Where a secret was sent: what is decrypted, and with which padding."""

    def opened_later(flights, private_key):
        for message in tls.dissect(flights).messages:
            if message.field("encrypted_pre_master_secret") is not None:
                return private_key.decrypt(shape(message), pad or padding.PKCS1v15())
        return None

    return opened_later


OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def with_another_key(flights, private_key):
    return opened(flights, EXAMPLE)


def opened_by_suite(flights, private_key):
    messages = tls.dissect(flights).messages
    if "TLS_RSA_WITH" not in next(m.title for m in messages if m.name == "ServerHello"):
        return None
    return opened(flights, private_key)


FORWARD_RIGHT = {
    "dissected": opened,
    "raw bytes": opened_raw,
    "by the message": opened_by_name,
    "by the suite": opened_by_suite,
    "hex": then(opened, maybe(bytes.hex)),
    "hex with spaces": then(opened_raw, maybe(lambda found: found.hex(" "))),
    "bytearray": then(opened, maybe(bytearray)),
    "empty for none": then(opened, lambda found: found or b""),
}


def named(name, functions):
    return {label: (lambda f=f: {name: f}) for label, f in functions.items()}


RIGHT = {
    1: named("server_name", SNI_RIGHT),
    2: named("certificate_in", CERTIFICATE_RIGHT),
    3: named("write_keys", KEYS_RIGHT),
    4: named("proves", PROOF_RIGHT),
    5: named("refused_by", REFUSED_RIGHT),
    6: named("opened_later", FORWARD_RIGHT),
}


def wrong(name, *functions):
    return [lambda f=f: {name: f} for f in functions]


WRONG = {
    1: {
        "not-a-name": wrong(
            "server_name", lambda hello: 7, lambda hello: [by_lengths(hello)], then(by_lengths, str)
        ),
        "other-name": [
            *wrong("server_name", lambda hello: hello[120:130], lambda hello: {}.get(0)),
            with_hello(at_a_fixed_place),
            with_hello(with_a_fixed_session_id),
        ],
        "lengths-kept": wrong(
            "server_name", lambda hello: content_of_sni(hello), lambda hello: content_of_sni(hello, 2)
        ),
        "name-cut": wrong("server_name", lambda hello: by_lengths(hello)[:8], too_far),
        "name-fixed": wrong("server_name", lambda hello: "api.test"),
        "name-guessed": wrong(
            "server_name",
            lambda hello: by_lengths(hello) or "decoy.test",
            lambda hello: by_lengths(hello) or first_text(hello),
            by_pattern,
            by_pattern_with_lengths,
        ),
        "order-assumed": wrong("server_name", first_two_extensions),
    },
    2: {
        "no-certificate-read": wrong(
            "certificate_in",
            lambda flight: flight,
            lambda flight: {}.get(0),
            lambda flight: der_12(flight)[3:],
        ),
        "chain-instead": wrong(
            "certificate_in",
            whole_chain,
            lambda flight: b"".join(one.public_bytes(PEM) for one in whole_chain(flight)),
        ),
        "issuer-instead": wrong("certificate_in", lambda flight: der_12(flight, 1), not_an_authority),
        "another-certificate": wrong("certificate_in", lambda flight: OTHER.certificate),
        "record-is-message": wrong(
            "certificate_in",
            record_by_record,
            first_of_each_record,
            lambda flight: by_its_length(flight[60:]),
        ),
    },
    3: {
        "not-key-and-iv": wrong(
            "write_keys", lambda secret: secret, lambda secret: (expand(secret, b"key", 32),)
        ),
        "prefix-forgotten": wrong(
            "write_keys",
            pair(lambda *a: expand(*a, prefix=b"")),
            pair(lambda s, label, n: HKDFExpand(hashes.SHA384(), n, label).derive(s)),
            pair(without_context),
            pair(label_length_alone),
            pair(without_space),
            pair(length_in_one_byte),
        ),
        "other-hash": wrong("write_keys", pair(lambda *a: expand(*a, hash=hashes.SHA256))),
        "extracted-again": wrong("write_keys", pair(extracted)),
        "key-too-short": wrong("write_keys", lambda s: (expand(s, b"key", 16), expand(s, b"iv", 12))),
        "keys-swapped": wrong("write_keys", lambda s: (expand(s, b"iv", 12), expand(s, b"key", 32))),
        "other-iv": wrong("write_keys", lambda s: (expand(s, b"key", 32), expand(s, b"key", 32)[:12])),
        "keys-fixed": wrong("write_keys", of_the_example, lambda s: (bytes(32), bytes(12))),
        "other-keys": wrong("write_keys", lambda s: (s[:32], s[32:44]), pair(little_endian)),
    },
    4: {
        "not-yes-or-no": wrong("proves", lambda *a: {}.get(0), lambda *a: "yes"),
        "holder-refused": wrong(
            "proves",
            lambda *a: False,
            lambda c, t, s: verified(c, t, s),
            lambda c, t, s: verified(c, hashlib.sha384(t).digest(), s),
            lambda c, t, s: verified(c, content(t), s, hashes.SHA384),
        ),
        "example-only": [with_the_example],
        "impostor-believed": wrong("proves", lambda *a: True),
        "replay-believed": [lambda: {"proves": not_the_third()}, lambda: {"proves": any_transcript_heard()}],
        "context-ignored": wrong("proves", any_context),
    },
    5: {
        "not-who-and-why": wrong("refused_by", lambda f, k: "TLS error", lambda f, k: 48, refused(why)),
        "good-blamed": wrong("refused_by", last_message),
        "goodbye-blamed": wrong(
            "refused_by",
            lambda f, k: next(((m.sender, why(m)) for m in alerts(f, k)), None),
            lambda f, k: next(((m.sender, m.raw[1]) for m in reversed(alerts(f, k))), None),
            by_level,
            but_close_notify,
        ),
        "refusal-missed": wrong(
            "refused_by",
            lambda f, k: {}.get(0),
            lambda f, k: refused(lambda m: (m.sender, why(m)))(f[:1], k),
            lambda f, k: refused(lambda m: (m.sender, why(m)))(f, ""),
            by_luck(lambda messages, alerts: messages[-1]),
            by_luck(lambda messages, alerts: alerts[0] if alerts else None),
            by_luck(lambda messages, alerts: alerts[-1] if alerts else None),
            by_luck(lambda messages, alerts: alerts[0] if len(alerts) == 1 else None),
            of_three_codes,
        ),
        "other-side-blamed": wrong(
            "refused_by",
            refused(lambda m: ("client" if m.sender == "server" else "server", why(m))),
            lambda f, k: ("server", "unknown_ca"),
        ),
        "other-alert": wrong(
            "refused_by",
            refused(lambda m: (m.sender, "bad_certificate")),
            refused(lambda m: (m.sender, m.raw[0])),
            refused(lambda m: (m.sender, " or ".join(numbers.ALERT_NAMES.values()))),
        ),
    },
    6: {
        "still-closed": wrong("opened_later", lambda f, k: {}.get(0)),
        "not-the-pre-master": wrong(
            "opened_later",
            lambda f, k: b"x" * 48,
            lambda f, k: tls.dissect(f).messages[0].field("random").value,
            opened_with(lambda m: m.raw),
            opened_with(lambda m: m.raw[4:]),
            opened_with(lambda m: m.raw[6:], OAEP),
            with_another_key,
            then(opened, maybe(lambda found: found + b"\0")),
        ),
        "agreement-opened": wrong("opened_later", lambda f, k: opened(f, k) or b"x" * 48, opened_whatever),
    },
}
