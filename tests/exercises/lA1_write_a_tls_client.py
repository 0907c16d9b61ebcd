"""Answers to the exercises of lesson A1, right and wrong: the steps of a TLS 1.3 client, each with knobs to turn."""

import hmac
import os
from datetime import UTC, datetime
from enum import Enum, IntEnum
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from padlock.judge import judge
from padlock.tls import by_hand
from padlock.tls.by_hand import (
    application_secrets,
    expand_label,
    extract,
    finished,
    handshake_secrets,
    protect,
    unprotect,
)


def sized(data, size):
    return len(data).to_bytes(size, "big") + data


def ext(number, data):
    return number.to_bytes(2, "big") + sized(data, 2)


# ---- 1: ClientHello


def hello(
    *,
    order=None,
    extra=b"",
    session=b"",
    suites=b"\x13\x01",
    versions=b"\x03\x04",
    schemes=b"\x04\x03",
    groups=b"",
    without=(),
    fixed_group=None,
    own_share=False,
    own_random=False,
    as_=bytes,
    header=b"",
    wrong_length=0,
    no_shares=False,
    legacy=b"\x03\x03",
    list_of_versions=1,
    share_length=None,
):
    def client_hello(random, name, group, share):
        number = (fixed_group or group).to_bytes(2, "big")
        if own_share:
            share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
        if own_random:
            random = os.urandom(32)
        shares = b"" if no_shares else number + sized(share, 2)
        if share_length:
            shares = number + share_length.to_bytes(2, "big") + share
        all_ = {
            0: sized(b"\0" + sized(name.encode(), 2), 2),
            10: sized(number + groups, 2),
            13: sized(schemes, 2),
            43: sized(versions, list_of_versions),
            51: sized(shares, 2),
        }
        extensions = extra + b"".join(ext(n, all_[n]) for n in order or all_ if n not in without)
        body = legacy + random + sized(session, 1) + sized(suites, 2) + b"\x01\0" + sized(extensions, 2)
        return as_(header + b"\x01" + (len(body) + wrong_length).to_bytes(3, "big") + body)

    return lambda: {"client_hello": client_hello}


def by_course(random, name, group, share):
    return by_hand.client_hello(random, name, group, share)


# ---- 2: ServerHello


def server_hello(
    *,
    walk=True,
    session=True,
    alert=True,
    retry=True,
    suite=lambda n: n,
    share=lambda raw: raw,
    as_=tuple,
    last=False,
    header=0,
    error=ValueError,
    says=False,
    alerts=range(256),
    retry_sessions=range(33),
):
    """alerts: those that it knows; retry_sessions: it knows a retry whose session id has one of these lengths; says: it
    returns False in place of raising."""

    def read_server_hello(record):
        if alert and record[0] != 22 and record[6] in alerts:
            if says:
                return False
            raise error("alert")
        message = record[5:]
        if retry and message[6:38] == by_hand.RETRY and message[38] in retry_sessions:
            raise error("retry")
        if record[0] != 22:
            return (0, b"")
        at = 39 + (message[38] if session is True else session)
        number = int.from_bytes(message[at : at + 2], "big")
        at += 5
        if walk:
            while at < len(message) and message[at : at + 2] != b"\0\x33":
                at += 4 + int.from_bytes(message[at + 2 : at + 4], "big")
            length = int.from_bytes(message[at + 2 : at + 4], "big")
            found = message[at + 8 - header : at + 4 + length]
        else:
            at += 6  # after supported_versions
            found = message[at + 8 :]
        return as_((suite(number), share(found)))

    return lambda: {"read_server_hello": read_server_hello}


def server_hello_by_index(record):
    """The same without walking: by looking for the extension's first bytes behind the session id."""
    if record[0] == 21 or record[11:43] == by_hand.RETRY:
        raise RuntimeError("no")
    at = 44 + record[43]
    extensions = {}
    rest = record[at + 5 :]
    while rest:
        length = int.from_bytes(rest[2:4], "big")
        extensions[int.from_bytes(rest[:2], "big")] = rest[4 : 4 + length]
        rest = rest[4 + length :]
    return int.from_bytes(record[at : at + 2], "big"), extensions[51][4:]


# ---- 3: key schedule


def expand_by_hmac(secret, label, context, length):
    """RFC 5869 §2.3."""
    info = length.to_bytes(2, "big") + sized(b"tls13 " + label, 1) + sized(context, 1)
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(secret, block + info + bytes([n]), "sha256")
        out, n = out + block, n + 1
    return out[:length]


def expand(prefix=b"tls13 ", fixed=None, big=2, as_=bytes):
    def expand_label(secret, label, context, length):
        length = fixed or length
        info = length.to_bytes(big, "big") + sized(prefix + label, 1) + sized(context, 1)
        return as_(HKDFExpand(hashes.SHA256(), length, info).derive(secret))

    return expand_label


def expand_with_extract(secret, label, context, length):
    """HKDF in place of HKDFExpand."""
    info = length.to_bytes(2, "big") + sized(b"tls13 " + label, 1) + sized(context, 1)
    return HKDF(hashes.SHA256(), length, None, info).derive(secret)


def expand_hashing(secret, label, context, length):
    return expand_label(secret, label, sha256(context).digest(), length)


NOTHING = sha256().digest()


def schedule(
    *,
    expand=expand_label,
    early=True,
    derived=True,
    swap=False,
    labels=b"cs",
    hashed=True,
    as_=tuple,
    each=bytes,
    empty=NOTHING,
    top_first=False,
    turned=False,
):
    def handshake_secrets(shared, hellos):
        above = hmac.digest(bytes(32), bytes(32), "sha256") if early else None
        salt = bytes(32) if above is None else expand(above, b"derived", empty, 32) if derived else above
        top = hmac.digest(shared, salt, "sha256") if turned else hmac.digest(salt, shared, "sha256")
        context = sha256(hellos if hashed else hellos[5:]).digest()
        pair = [expand(top, b"%c hs traffic" % side, context, 32) for side in labels]
        pair = pair[::-1] if swap else pair
        return as_(each(s) for s in ((top, *pair) if top_first else (*pair, top)))

    return lambda: {"expand_label": expand, "handshake_secrets": handshake_secrets}


def extract_by_library(shared, hellos):
    zeros = bytes(32)
    early = HKDF.extract(hashes.SHA256(), zeros, zeros)
    salt = expand_label(early, b"derived", sha256().digest(), 32)
    top = HKDF.extract(hashes.SHA256(), salt, shared)
    digest = sha256(hellos).digest()
    return expand_label(top, b"c hs traffic", digest, 32), expand_label(top, b"s hs traffic", digest, 32), top


# ---- 4: open


def opening(
    *,
    sequence=True,
    strip=lambda inner: inner.rstrip(b"\0"),
    kind=lambda inner, record: inner[-1],
    content=lambda inner: inner[:-1],
    aad=lambda record: record[:5],
    tag=True,
    as_=tuple,
    each=bytes,
    iv_label=b"iv",
    begins=0,
    says=False,
):
    def unprotect(secret, number, record):
        key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, iv_label, b"", 12)
        number += begins
        nonce = (int.from_bytes(iv, "big") ^ (number if sequence else 0)).to_bytes(12, "big")
        if says:
            try:
                inner = AESGCM(key).decrypt(nonce, record[5:], aad(record))
            except InvalidTag:
                return False
        elif tag:
            inner = AESGCM(key).decrypt(nonce, record[5:], aad(record))
        else:  # the counter mode inside GCM, its tag thrown away
            inner = (
                Cipher(algorithms.AES(key), modes.CTR(nonce + b"\0\0\0\x02"))
                .decryptor()
                .update(record[5:-16])
            )
        inner = strip(inner)
        return as_((kind(inner, record), each(content(inner))))

    return lambda: {"unprotect": unprotect}


Kind = IntEnum("Kind", {"ALERT": 21, "HANDSHAKE": 22, "DATA": 23})
Named = Enum("Named", {"ALERT": 21, "HANDSHAKE": 22, "DATA": 23})


class Counts:
    """Not an int, but a number all the same, as NumPy's are."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


def strip_by_loop(inner):
    end = len(inner)
    while end and inner[end - 1] == 0:
        end -= 1
    return inner[:end]


def nonce_by_bytes(secret, sequence, record):
    key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12)
    nonce = bytes(a ^ b for a, b in zip(iv, sequence.to_bytes(12, "big"), strict=True))
    gcm = Cipher(algorithms.AES(key), modes.GCM(nonce, record[-16:])).decryptor()
    gcm.authenticate_additional_data(record[:5])
    inner = (gcm.update(record[5:-16]) + gcm.finalize()).rstrip(b"\0")
    return inner[-1], inner[:-1]


# ---- 5: check


def checking(
    *,
    chain=True,
    name=True,
    purpose=True,
    signature=True,
    finish=True,
    context=b"TLS 1.3, server CertificateVerify\0",
    says=False,
    returns=None,
    compare=hmac.compare_digest,
    short=False,
    any_key=False,
    error=ValueError,
    passes=False,
    without=(),
    key=lambda secret: expand_label(secret, b"finished", b"", 32),
    digest=lambda flight: flight.hash_before_finished,
    pool=lambda others: others,
    verify=lambda result: True,
):
    """without: rules that judge leaves out; key, digest: the Finished's; pool: the intermediates; verify: what it makes
    of the result of the library's verify; passes: the library's InvalidSignature goes through; says: it returns
    False in place of raising; any_key: any certificate that was sent may sign."""

    def check_server(flight, wanted, roots, secret):
        leaf, *others = flight.certificates
        verdict = judge(
            leaf,
            pool(others),
            roots,
            wanted if name else None,
            "server" if purpose else None,
            without=without,
        )
        bad = {finding.rule for finding in verdict.findings if not finding.ok}
        good = verdict.accepted if chain else not bad & {"name", "purpose"}
        if signature:
            signed = b" " * 64 + context + flight.hash_before_verify
            signers = flight.certificates if any_key else [leaf]
            if passes:
                result = leaf.public_key().verify(flight.signature, signed, ec.ECDSA(hashes.SHA256()))
                good = good and verify(result)
            good = good and any(signs(signer, flight.signature, signed) for signer in signers)
        if finish:
            mac = hmac.digest(key(secret), digest(flight), "sha256")
            good = good and (mac.startswith(flight.finished) if short else compare(mac, flight.finished))
        if not good:
            if says:
                return False
            raise error("not the right server")
        return returns

    return lambda: {"check_server": check_server}


def signs(certificate, signature, signed):
    try:
        certificate.public_key().verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except Exception:
        return False
    return True


def by_own_rules(*, name_fits=lambda has, wanted: has == wanted, issuer_fits=None, when=lambda others: True):
    """Without `judge`'s word on the name or the chain. when: whether it looks at the signature at all."""

    def check_server(flight, wanted, roots, secret):
        leaf, *others = flight.certificates
        verdict = judge(leaf, others, roots, None, "server")
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        good = any(name_fits(has, wanted) for has in names.get_values_for_type(x509.DNSName))
        good = good and (issuer_fits(leaf, others, roots) if issuer_fits else verdict.accepted)
        if when(others):
            signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + flight.hash_before_verify
            good = good and signs(leaf, flight.signature, signed)
        key = expand_label(secret, b"finished", b"", 32)
        mac = hmac.digest(key, flight.hash_before_finished, "sha256")
        if not good or mac != flight.finished:
            raise ValueError("not the right server")

    return lambda: {"check_server": check_server}


def issuer_by_name(leaf, others, roots):
    """Follows names up to a root's, and purpose; looks at no signature."""
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in usage and (others or [leaf])[-1].issuer in {
        root.subject for root in roots
    }


def issuer_by_signature(leaf, others, roots):
    """Every signature fits, and it ends at a root; whether an issuer may issue is not asked."""
    path = [leaf, *others]
    above = [*others, next((root for root in roots if root.subject == path[-1].issuer), leaf)]
    try:
        for one, issuer in zip(path, above, strict=True):
            one.verify_directly_issued_by(issuer)
    except Exception:
        return False
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    now = datetime.now(UTC)
    return x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in usage and leaf.not_valid_after_utc > now


# ---- 6: finish


def sealing(
    *,
    length=17,
    kind=lambda k: bytes([k]),
    sequence=True,
    wraps=1 << 64,
    aad=lambda header: header,
    padding=0,
    version=b"\x03\x03",
    as_=bytes,
    cut=lambda record: record,
    begins=0,
    first=b"\x17",
    counts=0xFFFF,
):
    """counts: what the length can say."""

    def protect(secret, number, what, content):
        key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12)
        number = (number + begins) % wraps if sequence else 0
        nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
        inner = content + kind(what) + bytes(padding)
        header = first + version + ((len(content) + length + padding) & counts).to_bytes(2, "big")
        return as_(cut(header + AESGCM(key).encrypt(nonce, inner, aad(header))))

    return protect


def finishing(*, key=True, header=b"\x14\0\0\x20", hashed=True, as_=bytes, wrap=bytes):
    def finished(secret, transcript):
        mac_key = expand_label(secret, b"finished", b"", 32) if key else secret
        mac = hmac.digest(mac_key, sha256(transcript).digest() if hashed else transcript, "sha256")
        return as_(wrap(header + mac))

    return finished


def applying(*, derived=True, swap=False, labels=b"cs", as_=tuple, last=bytes(32)):
    def application_secrets(top, transcript):
        salt = expand_label(top, b"derived", sha256().digest(), 32) if derived else top
        master = extract(salt, last)
        pair = [expand_label(master, b"%c ap traffic" % s, sha256(transcript).digest(), 32) for s in labels]
        return as_(pair[::-1] if swap else pair)

    return application_secrets


def end(p=None, f=None, a=None):
    names = {
        "protect": p or protect,
        "finished": f or finished,
        "application_secrets": a or application_secrets,
    }
    return lambda: names


# ---- 7: visit


CURVES = {0x0017: ec.SECP256R1(), 0x0018: ec.SECP384R1()}


def visiting(
    *,
    judge=None,
    goodbye=True,
    once=False,
    tickets=True,
    count_tickets=True,
    session=b"",
    padding=0,
    fixed=None,
    wait=False,
    pieces=False,
    as_=bytes,
    count=True,
    early=False,
    group=by_hand.X25519,
    drop=0,
    both=False,
    says=False,
    ccs=True,
    records=None,
    counter=lambda number: number,
    headers=False,
    swapped=False,
    named=None,
    suites=(by_hand.AES_128_GCM_SHA256,),
    begins=(0, 0),
    sealed=lambda c, s, ours, theirs: (c, ours),
    opened=lambda c, s, ours, theirs: theirs,
    finished_over=lambda whole: whole,
    keys_over=lambda whole, ours: whole,
    without_finished=False,
    kinds=(22, 23, 21),
    random=lambda request: os.urandom(32),
    after=lambda client, ours, request: b"",
    refusing=None,
    unheard=None,
    skips=lambda wire: False,
    top_is=lambda top, client: top,
    cut=False,
    late_finished=False,
):
    """early: the request goes before the check; pieces: the hello in two records; wait: listens first;
    ccs: True: drops a ChangeCipherSpec, False: does not know it, "counted": gives it a number, "hashed": takes it
    for a message, "listed": reads four
    records, and then looks at them; records: so many are the server's flight; counter: of the flight's records;
    headers: they go into the transcript; begins, kinds: of Finished, request (and close_notify); sealed, opened: the
    secrets for Finished and request, and for the reply, of (client's, server's handshake secret, client's, server's
    application's); after: what goes out at the end; refusing: what goes out when the server is refused; unheard: what
    the exception is turned into; skips: for which wires nothing is checked; top_is: what the application's secrets are
    made of; cut: a reply ends wherever it ends; late_finished: it goes out in the open, or after the request.
    """
    judge_it = (judge or checking())()["check_server"]

    def visit(wire, name, roots, request):
        if wait:
            wire.record()
        mine = fixed or (
            x25519.X25519PrivateKey.generate()
            if group == by_hand.X25519
            else ec.generate_private_key(CURVES[group])
        )
        hello = by_hand.client_hello(
            random(request), named or name, group, raw(mine), session_id=session, suites=suites
        )
        if pieces:
            wire.send(by_hand.record(22, hello[:50]))
            wire.send(by_hand.record(22, hello[50:]))
        else:
            wire.send(by_hand.record(22, hello))
        answer = wire.record()
        shared = agree(mine, by_hand.read_server_hello(answer)[1])
        hellos = by_hand.record(22, hello) + answer if headers else hello + answer[5:]
        client, server, top = handshake_secrets(shared, hellos)
        if swapped:
            client, server = server, client
        said, number = b"", 0
        flight = None
        came = [wire.record() for _ in range(4)] if ccs == "listed" else []
        while not flight if records is None else number < records:
            record = came.pop(0) if came else wire.record()
            if record[0] == 20 and ccs in (True, "counted"):
                number += ccs == "counted"
                continue
            if record[0] == 20 and ccs == "hashed":
                said += record[5:]
                continue
            said += unprotect(server, counter(number), record)[1]
            number += 1
            flight = by_hand.server_flight(hellos, said)
        judged = None
        whole = hellos + said
        mac = finished(client, finished_over(whole))
        ours, theirs = application_secrets(top_is(top, client), keys_over(whole, mac))
        try:
            if not early and not skips(wire):
                judged = judge_it(flight, name, roots, server)
        except Exception:
            if unheard:
                return unheard(b"")
            if refusing:
                wire.send(refusing(client, ours, request))
            raise
        if says and judged is False:
            return False
        first, second = sealed(client, server, ours, theirs)
        last = b"" if without_finished else protect(first, begins[0], kinds[0], mac, padding)
        asked = protect(second, begins[1], kinds[1], request[drop:], padding)
        if late_finished:
            wire.send(by_hand.record(22, mac) if late_finished == "open" else b"")
            wire.send(asked + last)
        elif both:
            wire.send(last + asked)
        else:
            wire.send(last)
            wire.send(asked)
        if goodbye == "soon":
            wire.send(protect(ours, 1, 21, by_hand.CLOSE_NOTIFY))
        if early:
            judge_it(flight, name, roots, server)
        reply, n = b"", 0 if count else number
        while True:
            try:
                record = wire.record()
            except EOFError:
                if not cut:
                    raise
                break
            kind, content = unprotect(opened(client, server, ours, theirs), n, record)
            n += 1 if count_tickets or kind != 22 else 0
            if kind == 21:
                if content != by_hand.CLOSE_NOTIFY and cut is not True:
                    raise ValueError(f"The server breaks off with alert {content[1]}.")
                break
            if kind == 23 or not tickets:
                reply += content
            if once and reply:
                break
        if goodbye is True:
            wire.send(protect(ours, 1, kinds[2], by_hand.CLOSE_NOTIFY, padding))
        wire.send(after(client, ours, request))
        return as_(reply)

    return lambda: {"visit": visit}


def raw(private):
    public = private.public_key()
    if isinstance(private, x25519.X25519PrivateKey):
        return public.public_bytes_raw()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def agree(mine, share):
    if isinstance(mine, x25519.X25519PrivateKey):
        return mine.exchange(x25519.X25519PublicKey.from_public_bytes(share))
    return mine.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(mine.curve, share))


# ---- 8: hybrid


def hybrid(
    *,
    share=lambda k, x: k + x,
    secret=lambda k, x: k + x,
    keep=tuple,
    fixed=(None, None),
    as_=bytes,
    from_seed=False,
    cut=lambda share: (share[:1088], share[1088:]),
    last=False,
):
    """last: it keeps the latest pair, and does not look at what it is given."""
    latest = []

    def hybrid_share():
        seed = os.urandom(64)
        kem = (
            mlkem.MLKEM768PrivateKey.from_seed_bytes(seed)
            if from_seed
            else mlkem.MLKEM768PrivateKey.generate()
        )
        fresh = kem, x25519.X25519PrivateKey.generate()
        kem, x = (old or new for old, new in zip(fixed, fresh, strict=True))
        latest[:] = kem, x
        return keep((kem, x)), as_(
            share(kem.public_key().public_bytes_raw(), x.public_key().public_bytes_raw())
        )

    def hybrid_secret(private, theirs):
        kem, x = (private["kem"], private["x"]) if isinstance(private, dict) else latest if last else private
        for_kem, for_x = cut(theirs)
        return as_(secret(kem.decapsulate(for_kem), agree(x, for_x)))

    return lambda: {"hybrid_share": hybrid_share, "hybrid_secret": hybrid_secret}


def hybrid_share_alone():
    """The private keys are kept elsewhere, and only the share is returned."""
    names = hybrid()()
    return {**names, "hybrid_share": lambda: names["hybrid_share"]()[1]}


def raw_private_bytes():
    """What is kept are bytes."""

    def hybrid_share():
        kem, x = mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()
        public = kem.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()
        return kem.private_bytes_raw() + x.private_bytes_raw(), public

    def hybrid_secret(private, share):
        kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(private[:64])
        x = x25519.X25519PrivateKey.from_private_bytes(private[64:])
        return kem.decapsulate(share[:1088]) + agree(x, share[1088:])

    return {"hybrid_share": hybrid_share, "hybrid_secret": hybrid_secret}


class Schedule:
    """A learner may well write a class; its methods are functions too."""

    def handshake(self, shared, hellos):
        return list(handshake_secrets(shared, hellos))


def prints(*names):
    """Names whose functions show what they made and return nothing."""
    return lambda: {name: lambda *given: print(end="") for name in names}


GREASE = ext(0x1A1A, b"")
ONE_PAIR = mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()


def returns(*names):
    """Names whose functions give back a number."""
    return lambda: {name: lambda *_: 7 for name in names}


RIGHT = {
    1: {
        "as in the table": hello(),
        "other order": hello(order=(51, 43, 13, 10, 0)),
        "GREASE": hello(extra=GREASE, suites=b"\x2a\x2a\x13\x01"),
        "session id": hello(session=os.urandom(32)),
        "a signal among the suites": hello(suites=b"\x13\x01\x00\xff"),
        "1.2 offered too": hello(versions=b"\x03\x04\x03\x03"),
        "more ways to sign": hello(schemes=b"\x08\x04\x04\x03\x05\x03\x08\x07"),
        "more groups": hello(groups=b"\x00\x18\x00\x19"),
        "bytearray": hello(as_=bytearray),
        "the course's": lambda: {"client_hello": by_course},
    },
    2: {
        "walking": server_hello(),
        "a list": server_hello(as_=list),
        "suite as bytes": server_hello(suite=lambda n: n.to_bytes(2, "big")),
        "share as bytearray": server_hello(share=bytearray),
        "share as memoryview": server_hello(share=memoryview),
        "another exception": server_hello(error=ConnectionError),
        "assertion": server_hello(error=AssertionError),
        "a dictionary of extensions": lambda: {"read_server_hello": server_hello_by_index},
        "the course's": lambda: {"read_server_hello": by_hand.read_server_hello},
    },
    3: {
        "the course's": schedule(),
        "expand by hmac": schedule(expand=expand_by_hmac),
        "expand, own": schedule(expand=expand()),
        "bytearrays": schedule(expand=expand(as_=bytearray), each=bytearray),
        "a list": schedule(as_=list),
        "extract by the library": lambda: {
            "expand_label": expand_label,
            "handshake_secrets": extract_by_library,
        },
        "a method": lambda: {"expand_label": expand_by_hmac, "handshake_secrets": Schedule().handshake},
        "memoryviews": schedule(each=memoryview),
    },
    4: {
        "the course's": lambda: {"unprotect": unprotect},
        "own": opening(),
        "a list": opening(as_=list),
        "bytearray": opening(each=bytearray),
        "stripped by a loop": opening(strip=strip_by_loop),
        "header made anew": opening(aad=lambda r: bytes([r[0]]) + r[1:3] + len(r[5:]).to_bytes(2, "big")),
        "nonce byte by byte, low-level GCM": lambda: {"unprotect": nonce_by_bytes},
        "memoryview": opening(each=memoryview),
        "the kind with a name": opening(kind=lambda i, r: Kind(i[-1])),
        "the kind as another number": opening(kind=lambda i, r: Counts(i[-1])),
    },
    5: {
        "raises": checking(),
        "another exception": checking(error=ConnectionError),
        "an assertion": checking(error=AssertionError),
        "the library's exception": checking(passes=True),
        "says True": checking(returns=True),
        "says something": checking(returns="welcome"),
        "says the name": checking(returns=["api.test"]),
        "compares with ==": checking(compare=lambda a, b: a == b),
        "compares hex": checking(compare=lambda a, b: a.hex() == b.hex()),
        "compares names itself": by_own_rules(),
    },
    6: {
        "the course's": end(),
        "own": end(sealing(), finishing(), applying()),
        "padded": end(sealing(padding=7)),
        "bytearrays": end(sealing(as_=bytearray), finishing(as_=bytearray)),
        "a list": end(a=applying(as_=list)),
        "only the first own": end(sealing()),
        "only the second own": end(f=finishing()),
        "memoryviews": end(sealing(as_=memoryview), finishing(as_=memoryview)),
    },
    7: {
        "in a row": visiting(),
        "session id": visiting(session=b"s" * 32),
        "padded": visiting(padding=30),
        "hello in two records": visiting(pieces=True),
        "bytearray": visiting(as_=bytearray),
        "P-256": visiting(group=by_hand.SECP256R1),
        "P-384": visiting(group=0x0018),
        "Finished and request in one go": visiting(both=True),
        "memoryview": visiting(as_=memoryview, padding=1),
        "close_notify right after the request": visiting(goodbye="soon"),
        "an alert for whom it refuses": visiting(
            refusing=lambda client, ours, request: protect(client, 0, 21, b"\x02\x2a")
        ),
    },
    8: {
        "a tuple": hybrid(),
        "a list": hybrid(keep=list),
        "a dictionary": hybrid(keep=lambda pair: dict(zip(("kem", "x"), pair, strict=True))),
        "bytes": raw_private_bytes,
        "bytearray": hybrid(as_=bytearray),
        "from a seed": hybrid(from_seed=True),
        "memoryview": hybrid(as_=memoryview),
        "a generator's pair": hybrid(keep=lambda pair: iter(pair)),
    },
}

WRONG = {
    1: {
        "record-added": [hello(header=b"\x16\x03\x01\x00\xb0")],
        "length-wrong": [
            hello(wrong_length=1),
            hello(extra=b"\x00"),
            hello(list_of_versions=2),
            hello(share_length=32),
        ],
        "legacy-version": [hello(legacy=b"\x03\x04"), hello(legacy=b"\x03\x01")],
        "random-not-yours": [hello(own_random=True)],
        "no-tls13": [hello(without=(43,)), hello(versions=b"\x03\x03")],
        "hello-refused": [hello(without=(13,)), hello(suites=b"\x00\x2f")],
        "hello-retry": [hello(no_shares=True)],
        "suite-not-ours": [hello(suites=b"\x13\x01\x13\x02\x13\x03")],
        "name-missing": [hello(without=(0,))],
        "share-not-yours": [hello(own_share=True)],
        "group-fixed": [hello(fixed_group=by_hand.X25519)],
        "not-bytes": [returns("client_hello"), prints("client_hello"), hello(as_=bytes.hex), hello(as_=list)],
        "wrong-type": [lambda: {"client_hello": 3}],
    },
    2: {
        "suite-wrong": [server_hello(suite=lambda n: n + 1), server_hello(suite=lambda n: 0x1301)],
        "share-wrong": [server_hello(header=4), server_hello(share=lambda s: s[1:])],
        "share-length-fixed": [server_hello(share=lambda s: s[:32]), server_hello(share=lambda s: s[-32:])],
        "session-id-skipped": [server_hello(session=0), server_hello(session=32)],
        "order-assumed": [server_hello(walk=False)],
        "alert-ignored": [server_hello(alert=False), server_hello(alerts=(40,))],
        "retry-ignored": [server_hello(retry=False), server_hello(retry_sessions=(0,))],
        "false-returned": [server_hello(says=True)],
        "not-bytes": [server_hello(share=lambda s: s.hex()), server_hello(share=list)],
        "turned-round": [server_hello(as_=lambda both: both[::-1])],
        "results-missing": [returns("read_server_hello"), server_hello(as_=lambda both: (*both, 7))],
        "wrong-type": [server_hello(suite=str), lambda: {"read_server_hello": 3}],
    },
    3: {
        "label-prefix": [schedule(expand=expand(prefix=b""))],
        "length-fixed": [schedule(expand=expand(fixed=32))],
        "context-hashed": [schedule(expand=expand_hashing)],
        "extracted-again": [schedule(expand=expand_with_extract)],
        "expand-wrong": [schedule(expand=expand(big=1)), schedule(expand=expand(prefix=b"tls13"))],
        "early-skipped": [schedule(early=False)],
        "derived-skipped": [schedule(derived=False)],
        "sides-swapped": [schedule(swap=True), schedule(labels=b"cc"), schedule(labels=b"ss")],
        "order-wrong": [schedule(top_first=True), schedule(top_first=True, swap=True)],
        "extract-turned": [schedule(turned=True)],
        "context-empty": [schedule(empty=b"")],
        "secret-wrong": [schedule(hashed=False), schedule(empty=sha256(b"\0").digest())],
        "not-bytes": [schedule(each=bytes.hex), returns("expand_label", "handshake_secrets")],
        "results-missing": [schedule(as_=lambda s: tuple(s)[:2]), schedule(as_=dict.fromkeys)],
        "wrong-type": [lambda: {"expand_label": expand_label, "handshake_secrets": 3}],
    },
    4: {
        "tag-refused": [opening(aad=lambda r: None), opening(iv_label=b"nonce")],
        "sequence-ignored": [opening(sequence=False)],
        "counted-from-one": [opening(begins=1)],
        "padding-left": [
            opening(
                strip=bytes,
                kind=lambda i, r: i.rstrip(b"\0")[-1],
                content=lambda i: i.rstrip(b"\0")[:-1] + bytes(len(i) - len(i.rstrip(b"\0"))),
            )
        ],
        "type-left": [opening(content=lambda i: i)],
        "type-outer": [opening(kind=lambda i, r: r[0])],
        "kind-wrong": [
            opening(kind=lambda i, r: 99),
            opening(kind=lambda i, r: i[-1:]),
            opening(kind=lambda i, r: str(i[-1])),
            opening(kind=lambda i, r: Named(i[-1])),
        ],
        "content-wrong": [
            opening(content=lambda i: i[:-1].rstrip(b"\0")),
            opening(strip=lambda i: i.strip(b"\0")),
        ],
        "tampered-accepted": [opening(tag=False)],
        "false-returned": [opening(says=True)],
        "not-bytes": [opening(each=bytes.hex)],
        "turned-round": [opening(as_=lambda both: both[::-1])],
        "results-missing": [returns("unprotect"), opening(as_=lambda both: both[0])],
        "wrong-type": [lambda: {"unprotect": 3}],
    },
    5: {
        "honest-refused": [
            checking(context=b"TLS 1.3, client CertificateVerify\0"),
            checking(compare=lambda a, b: False, says=True),
            checking(passes=True, verify=bool),
        ],
        "intermediates-dropped": [
            checking(pool=lambda others: []),
            checking(pool=lambda others: [], says=True),
        ],
        "secret-as-key": [checking(key=bytes), checking(key=bytes, says=True)],
        "finished-hash": [
            checking(digest=lambda flight: sha256(flight.hash_before_finished).digest()),
            checking(digest=lambda flight: flight.hash_before_verify),
        ],
        "leaf-as-ca": [by_own_rules(issuer_fits=issuer_by_signature)],
        "expired-accepted": [checking(without=("validity",))],
        "signed-otherwise": [
            checking(context=b"TLS 1.3, client CertificateVerify\0", passes=True),
            checking(context=b"TLS 1.3, server CertificateVerify", passes=True),
        ],
        "chain-unchecked": [checking(chain=False), by_own_rules(issuer_fits=issuer_by_name)],
        "name-unchecked": [
            checking(name=False),
            by_own_rules(name_fits=lambda has, wanted: has.endswith(wanted)),
            by_own_rules(name_fits=lambda has, wanted: has.startswith(wanted)),
        ],
        "purpose-unchecked": [checking(purpose=False)],
        "signature-unchecked": [
            checking(signature=False),
            checking(any_key=True),
            by_own_rules(when=lambda others: not others),
            by_own_rules(when=bool),
        ],
        "finished-unchecked": [
            checking(finish=False),
            checking(short=True),
            checking(compare=lambda a, b: len(a) == len(b) and a[0] == b[0]),
            checking(compare=lambda a, b: len(a) == len(b) and a[:16] == b[:16]),
            checking(compare=lambda a, b: len(a) == len(b) and a[-1] == b[-1]),
        ],
        "false-returned": [checking(says=True), checking(says=True, returns=True)],
    },
    6: {
        "header-wrong": [end(sealing(length=0)), end(sealing(counts=0xFF)), end(sealing(counts=0x3FFF))],
        "header-fixed": [
            end(sealing(version=b"\x03\x01")),
            end(sealing(first=b"\x16")),
            end(sealing(cut=lambda record: record[5:])),
        ],
        "sequence-ignored": [end(sealing(sequence=False)), end(sealing(wraps=1 << 16))],
        "counted-from-one": [end(sealing(begins=1))],
        "type-missing": [end(sealing(length=16, kind=lambda k: b"")), end(sealing(kind=lambda k: b"\x17"))],
        "tag-refused": [end(sealing(aad=lambda h: None))],
        "record-added": [
            end(f=finishing(wrap=lambda message: by_hand.record(22, message))),
            end(f=finishing(wrap=lambda message: protect(bytes(32), 0, 22, message))),
        ],
        "message-header": [
            end(f=finishing(header=bytes([14, 0, 0, 20]))),
            end(f=finishing(header=b"\x14\x00\x20")),
            end(f=finishing(header=b"\x0f\0\0\x20")),
        ],
        "finished-wrong": [end(f=finishing(hashed=False))],
        "header-missing": [end(f=finishing(header=b""))],
        "secret-as-key": [end(f=finishing(key=False))],
        "sides-swapped": [end(a=applying(swap=True)), end(a=applying(labels=b"cc"))],
        "derived-skipped": [end(a=applying(derived=False))],
        "secret-wrong": [end(a=applying(last=b""))],
        "not-bytes": [end(f=finishing(as_=bytes.hex)), end(p=sealing(as_=list))],
        "results-missing": [end(a=applying(as_=lambda p: p[0])), end(a=applying(as_=lambda p: (*p, p[0])))],
        "wrong-type": [end(a=3)],
    },
    7: {
        "wire-silent": [visiting(wait=True)],
        "hello-refused": [visiting(suites=(0x002F,))],
        "ccs-kept": [visiting(ccs=how) for how in (False, "counted", "listed", "hashed")],
        "first-record-shut": [visiting(headers=True), visiting(swapped=True)],
        "sequence-kept": [
            visiting(counter=lambda number: 0),
            visiting(begins=(1, 0)),
            visiting(begins=(0, 1)),
            visiting(count_tickets=False),
        ],
        "sides-swapped": [
            visiting(sealed=lambda c, s, ours, theirs: (s, ours)),
            visiting(sealed=lambda c, s, ours, theirs: (c, theirs)),
        ],
        "finished-wrong": [
            visiting(finished_over=lambda whole: whole[:-36]),
            visiting(finished_over=lambda whole: whole[:-36], keys_over=lambda whole, mine: whole[:-36]),
            visiting(finished_over=lambda whole: whole[300:], keys_over=lambda whole, mine: whole[300:]),
        ],
        "own-finished-in": [visiting(keys_over=lambda whole, mine: whole + mine)],
        "request-lost": [
            visiting(sealed=lambda c, s, ours, theirs: (c, c)),
            visiting(sealed=lambda c, s, ours, theirs: (bytes(32), ours)),
        ],
        "finished-missing": [
            visiting(without_finished=True),
            visiting(late_finished="open", without_finished=True),
            visiting(late_finished="after"),
        ],
        "application-otherwise": [
            visiting(keys_over=lambda whole, mine: whole[:-36]),
            visiting(top_is=lambda top, client: client),
        ],
        "sent-otherwise": [
            visiting(drop=1),
            visiting(kinds=(22, 23, 23)),
            visiting(kinds=(23, 23, 21)),
            visiting(kinds=(22, 22, 21)),
        ],
        "reply-shut": [visiting(count=False), visiting(opened=lambda c, s, ours, theirs: ours)],
        "one-record": [visiting(once=True)],
        "reply-wrong": [visiting(tickets=False)],
        "no-goodbye": [visiting(goodbye=False)],
        "name-missing": [visiting(named="api.test")],
        "packing-assumed": [visiting(records=4)],
        "not-fresh": [
            visiting(fixed=ONE_PAIR[1]),
            visiting(fixed=ONE_PAIR[1], random=lambda request: bytes(32)),
        ],
        "random-kept": [visiting(random=lambda request: bytes(32))],
        "request-in-the-open": [
            visiting(random=lambda request: (request + os.urandom(32))[:32]),
            visiting(after=lambda client, ours, request: by_hand.record(23, request)),
        ],
        "cut-taken": [visiting(cut=True), visiting(cut="only without an alert")],
        "nobody-refused": [
            visiting(skips=lambda wire: True),
            visiting(skips=lambda wire: isinstance(wire, by_hand.Line)),
            visiting(judge=checking(says=True)),
            visiting(unheard=bytes),
            visiting(unheard=lambda nothing: None),
        ],
        "chain-unchecked": [visiting(judge=checking(chain=False))],
        "name-unchecked": [visiting(judge=checking(name=False))],
        "purpose-unchecked": [visiting(judge=checking(purpose=False))],
        "signature-unchecked": [visiting(judge=checking(signature=False))],
        "finished-unchecked": [
            visiting(judge=checking(finish=False)),
            visiting(judge=checking(compare=lambda a, b: a[0] == b[0])),
        ],
        "request-to-attacker": [
            visiting(early=True),
            visiting(early=True, both=True),
            visiting(refusing=lambda client, ours, request: protect(ours, 0, 23, request)),
            visiting(refusing=lambda client, ours, request: protect(client, 0, 23, request)),
            visiting(refusing=lambda client, ours, request: protect(client, 0, 22, request[7:30])),
            visiting(refusing=lambda client, ours, request: by_hand.record(23, request)),
            visiting(refusing=lambda client, ours, request: by_hand.record(21, request[:10])),
        ],
        "false-returned": [
            visiting(judge=checking(says=True), says=True),
            visiting(unheard=lambda nothing: False),
        ],
        "not-bytes": [returns("visit"), visiting(as_=bytes.hex)],
        "wrong-type": [lambda: {"visit": 3}],
    },
    8: {
        "share-size": [hybrid(share=lambda k, x: k), hybrid(share=lambda k, x: x)],
        "halves-swapped": [hybrid(share=lambda k, x: x + k)],
        "not-fresh": [
            hybrid(fixed=ONE_PAIR),
            hybrid(fixed=(ONE_PAIR[0], None)),
            hybrid(fixed=(None, ONE_PAIR[1])),
        ],
        "half-secret": [hybrid(secret=lambda k, x: k), hybrid(secret=lambda k, x: sha256(k + x).digest())],
        "secret-order": [hybrid(secret=lambda k, x: x + k)],
        "half-wrong": [
            hybrid(secret=lambda k, x: k + k),
            hybrid(cut=lambda share: (share[32:], share[:32])),
        ],
        "pairs-mixed": [hybrid(last=True), hybrid(last=True, keep=lambda pair: None)],
        "not-bytes": [hybrid(as_=bytes.hex)],
        "results-missing": [returns("hybrid_share", "hybrid_secret"), hybrid_share_alone],
        "wrong-type": [lambda: {"hybrid_share": 3, "hybrid_secret": 3}],
    },
}
