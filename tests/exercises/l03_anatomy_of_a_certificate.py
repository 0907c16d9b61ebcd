"""Answers to the exercises of lesson 03, right and wrong."""

import subprocess
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from padlock import der, reading
from padlock.authority import Authority
from padlock.course.exercises import l03_anatomy_of_a_certificate as room

from .making import file_with, has_openssl, key, openssl

FOUND = room.specimen()
THEIR_CA, FIVE = room.five_certificates()
GIVEN = {"found": FOUND, "their_ca": THEIR_CA, "five": FIVE}
DATA = FOUND.public_bytes(Encoding.DER)
END = FOUND.not_valid_after_utc
LETTERS = END.strftime("%y%m%d%H%M%SZ").encode()
AT = DATA.find(LETTERS)


# ---- 1


def san(cert):
    try:
        return cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []


def facts(**changes):
    """facts_of in the plain way, but for what `changes` gives a function of the certificate for; None leaves it out."""
    usual = {
        "issuer": lambda cert: cert.issuer.rfc4514_string(),
        "names": lambda cert: [str(name.value) for name in san(cert)],
        "key": lambda cert: cert.public_key(),
        "expires": lambda cert: cert.not_valid_after_utc,
    }

    def facts_of(cert):
        return {name: make(cert) for name, make in {**usual, **changes}.items() if make}

    return lambda: {"facts_of": facts_of}


def common_name(name):
    return name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def by_command_line(cert):
    """What the openssl command line prints; where it is not there, the same in pyOpenSSL."""
    if not has_openssl():
        return {
            "issuer": cert.issuer,
            "names": san(cert),
            "key": crypto.X509.from_cryptography(cert).get_pubkey().to_cryptography_key(),
            "expires": cert.not_valid_after_utc.isoformat(),
        }
    folder = tempfile.mkdtemp(prefix="padlock-test-")
    Path(folder, "c.pem").write_bytes(cert.public_bytes(Encoding.PEM))

    def ask(*what):
        return openssl("x509", "-in", "c.pem", "-noout", *what, folder=folder).decode().strip()

    lines = ask("-ext", "subjectAltName").splitlines() if list(san(cert)) else []
    return {
        "issuer": ask("-issuer", "-nameopt", "rfc2253"),
        "names": lines[1].strip() if lines else "",
        "key": ask("-pubkey"),
        "expires": ask("-enddate"),
    }


def from_der(cert):
    """By the tree of bytes alone."""
    tree = der.parse(cert.public_bytes(Encoding.DER))
    names = tree.find("SubjectAltName")
    text = tree.find("notAfter").content.decode()
    return {
        "issuer": common_name(cert.issuer),
        "names": [name.text for name in names.children] if names else (),
        "key": tree.find("subjectPublicKeyInfo").raw,
        "expires": datetime.strptime(text, "%y%m%d%H%M%SZ" if len(text) == 13 else "%Y%m%d%H%M%SZ").replace(
            tzinfo=UTC
        ),
    }


def only_dns(cert):
    return [name.value for name in san(cert) if isinstance(name, x509.DNSName)]


def cn_too(cert):
    subject = [part.value for part in cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return list({*subject, *(str(name.value) for name in san(cert))})


# ---- 2


def days(function):
    return lambda: {"days_left": function}


def loop(cert, now):
    count = 0
    if now > cert.not_valid_after_utc:
        while now - timedelta(days=-count) > cert.not_valid_after_utc:
            count -= 1
        return count
    while now + timedelta(days=count + 1) <= cert.not_valid_after_utc:
        count += 1
    return count


def naive(cert, now):
    return (cert.not_valid_after_utc.replace(tzinfo=None) - now.replace(tzinfo=None)).days


def deprecated(cert, now):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (cert.not_valid_after - now.replace(tzinfo=None)).days


# ---- 3


def stretched(make):
    return lambda: {"stretched": make()}


def with_year(year=b"49", at=AT):
    return DATA[:at] + year + DATA[at + len(year) :]


def by_tree():
    data = bytearray(DATA)
    end = der.parse(DATA).find("notAfter")
    data[end.offset + end.header_length] = ord("4")
    return data


def pem(data):
    return x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM)


def in_another_time(letters):
    assert len(letters) == len(LETTERS)
    return DATA.replace(LETTERS, letters)


def own_ca():
    mine = Authority(common_name(FOUND.issuer))
    return mine.issue(*san(FOUND), not_after=END + timedelta(days=400)).certificate


def resigned():
    """The stretched certificate, with a signature by a key of one's own over it."""
    data = with_year()
    tbs = x509.load_der_x509_certificate(data).tbs_certificate_bytes
    from cryptography.hazmat.primitives import hashes

    while True:  # a signature of the same length, so that no other length changes
        signature = key().sign(tbs, ec.ECDSA(hashes.SHA256()))
        if len(signature) == len(FOUND.signature):
            return data[: -len(signature)] + signature


# ---- 4


def fits(cert, issuer):
    try:
        cert.verify_directly_issued_by(issuer)
    except Exception:
        return False
    return True


def fits_by_hand(cert, issuer):
    public = issuer.public_key()
    arguments = [cert.signature, cert.tbs_certificate_bytes]
    if isinstance(public, ec.EllipticCurvePublicKey):
        arguments.append(ec.ECDSA(cert.signature_hash_algorithm))
    elif isinstance(public, rsa.RSAPublicKey):
        arguments += [padding.PKCS1v15(), cert.signature_hash_algorithm]
    try:
        public.verify(*arguments)
    except InvalidSignature:
        return False
    return True


def fits_by_pyopenssl(cert, issuer):
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(issuer))
    try:
        crypto.X509StoreContext(store, crypto.X509.from_cryptography(cert)).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True


def fits_by_command_line(cert, issuer):
    if not has_openssl():
        return fits_by_pyopenssl(cert, issuer)
    folder = tempfile.mkdtemp(prefix="padlock-test-")
    Path(folder, "c.pem").write_bytes(cert.public_bytes(Encoding.PEM))
    Path(folder, "i.pem").write_bytes(issuer.public_bytes(Encoding.PEM))
    command = ["openssl", "verify", "-partial_chain", "-trusted", "i.pem", "c.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=30).returncode == 0


def names_only(cert, issuer):
    return cert.issuer == issuer.subject


def key_identifiers_only(cert, issuer):
    ours = cert.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    theirs = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return ours == theirs


def p256_only(cert, issuer):
    public = issuer.public_key()
    return isinstance(public, ec.EllipticCurvePublicKey) and fits(cert, issuer)


TWIN = "a CA of the same name with another key"


def twins_are_one(cert, issuer):
    """Checks signatures, but takes two CAs of one name for the same."""
    return fits(cert, issuer) or (names_only(cert, issuer) and issuer == room._signed()[TWIN][1])


def in_letters(moment):
    return moment.strftime("%y%m%d%H%M%SZ").encode()


def by_pyopenssl_clock(cert, now):
    text = crypto.X509.from_cryptography(cert).get_notAfter().decode()
    return (datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC) - now).days


def in_utc_without_zones(cert, now):
    return (cert.not_valid_after_utc.replace(tzinfo=None) - now.astimezone(UTC).replace(tzinfo=None)).days


def never_below_zero(cert, now):
    left = cert.not_valid_after_utc - now
    return left.days if left.days > 0 else left.seconds // 86400


def through_pem(cert):
    return facts()()["facts_of"](reading.certificate(cert.public_bytes(Encoding.PEM)))


ALTERED = next(label for label, one in FIVE.items() if not fits(one, THEIR_CA))
INTACT = next(label for label in FIVE if label != ALTERED)


def group(function=fits, altered=ALTERED):
    return lambda: {"fits": function, "altered": altered() if callable(altered) else altered}


RIGHT = {
    1: {
        "plain": facts(),
        "objects": facts(issuer=lambda c: c.issuer, names=lambda c: list(san(c))),
        "CN of the issuer": facts(issuer=lambda c: common_name(c.issuer)),
        "a set, capitals": facts(names=lambda c: {str(n.value).upper() for n in san(c)}),
        "a tuple, addresses as objects": facts(names=lambda c: tuple(n.value for n in san(c))),
        "with kinds, as ssl has them": facts(names=lambda c: [(type(n).__name__, str(n.value)) for n in san(c)]),
        "key as PEM": facts(key=lambda c: c.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
        "key as DER": facts(key=lambda c: c.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        "the certificate for its key": facts(key=lambda c: c),
        "another time zone": facts(expires=lambda c: c.not_valid_after_utc.astimezone(room.ZONES[0])),
        "time as text": facts(expires=lambda c: c.not_valid_after_utc.isoformat()),
        "seconds since 1970": facts(expires=lambda c: c.not_valid_after_utc.timestamp()),
        "more facts": facts(serial=lambda c: c.serial_number),
        "openssl": lambda: {"facts_of": by_command_line},
        "from the bytes": lambda: {"facts_of": from_der},
        "through PEM": lambda: {"facts_of": through_pem},
    },
    2: {
        "days": days(lambda cert, now: (cert.not_valid_after_utc - now).days),
        "timedelta": days(lambda cert, now: cert.not_valid_after_utc - now),
        "float": days(lambda cert, now: (cert.not_valid_after_utc - now) / timedelta(days=1)),
        "seconds divided": days(lambda cert, now: (cert.not_valid_after_utc - now).total_seconds() // 86400),
        "rounded": days(lambda cert, now: round((cert.not_valid_after_utc - now) / timedelta(days=1))),
        "towards zero": days(lambda cert, now: int((cert.not_valid_after_utc - now) / timedelta(days=1))),
        "in UTC, without zones": days(in_utc_without_zones),
        "timestamps": days(lambda cert, now: int((cert.not_valid_after_utc.timestamp() - now.timestamp()) // 86400)),
        "counted": days(loop),
        "pyOpenSSL": days(by_pyopenssl_clock),
        "local zone": days(lambda cert, now: (cert.not_valid_after_utc.astimezone(now.tzinfo) - now).days),
    },
    3: {
        "2049": stretched(with_year),
        "one more year": stretched(lambda: with_year(b"%02d" % (END.year % 100 + 1))),
        "by the tree, a bytearray": stretched(by_tree),
        "the whole time": stretched(lambda: in_another_time(b"491231235959Z")),
        "one second": stretched(lambda: in_another_time(in_letters(END + timedelta(seconds=1)))),
        "one day": stretched(lambda: in_another_time(in_letters(END + timedelta(days=1)))),
        "PEM": stretched(lambda: pem(with_year())),
        "PEM text": stretched(lambda: pem(with_year()).decode()),
        "an object": stretched(lambda: x509.load_der_x509_certificate(with_year())),
        "a file": stretched(lambda: file_with(with_year(), ".der")),
        "a path as text": stretched(lambda: str(file_with(pem(with_year())))),
        "pyOpenSSL": stretched(lambda: crypto.load_certificate(crypto.FILETYPE_ASN1, with_year())),
        "memoryview": stretched(lambda: memoryview(with_year())),
    },
    4: {
        "verify_directly_issued_by": group(),
        "by hand, three kinds of keys": group(fits_by_hand),
        "pyOpenSSL": group(fits_by_pyopenssl),
        "openssl": group(fits_by_command_line),
        "capitals": group(altered=ALTERED.upper()),
        "spaces": group(altered=f" {ALTERED} "),
        "the certificate": group(altered=lambda: FIVE[ALTERED]),
        "its PEM": group(altered=lambda: FIVE[ALTERED].public_bytes(Encoding.PEM).decode()),
        "its DER": group(altered=lambda: FIVE[ALTERED].public_bytes(Encoding.DER)),
        "its file": group(altered=lambda: file_with(FIVE[ALTERED].public_bytes(Encoding.PEM))),
        "a list of one": group(altered=lambda: [ALTERED]),
        "names and signature": group(lambda cert, issuer: names_only(cert, issuer) and fits(cert, issuer)),
    },
}  # fmt: skip

WRONG = {
    1: {
        "facts-missing": [
            facts(expires=None),
            lambda: {"facts_of": lambda cert: print(end="")},
            lambda: {"facts_of": lambda cert: [cert.issuer, [], cert.public_key(), cert.not_valid_after_utc]},
            lambda: {"facts_of": lambda cert: {1: 2}},
        ],
        "issuer-is-subject": [
            facts(issuer=lambda c: c.subject),
            facts(issuer=lambda c: c.subject.rfc4514_string()),
        ],
        "other-issuer": [
            facts(issuer=lambda c: "Class Root"),
            facts(issuer=lambda c: None),
            facts(issuer=lambda c: ""),
            facts(issuer=lambda c: c.serial_number),
        ],
        "cn-as-name": [
            facts(names=cn_too),
            facts(names=lambda c: [str(n.value) for n in san(c)] or cn_too(c)),
        ],
        "address-left-out": [facts(names=only_dns)],
        "other-names": [
            facts(names=lambda c: []),
            facts(names=lambda c: None),
            facts(names=lambda c: ["*"]),
            facts(names=lambda c: [str(n.value) for n in san(c)][:1]),
            facts(names=lambda c: 7),
            facts(names=lambda c: [n.value[:-5] if isinstance(n.value, str) else n.value for n in san(c)]),
        ],
        "another-key": [
            facts(key=lambda c: key().public_key()),
            facts(key=lambda c: ed25519.Ed25519PrivateKey.generate()),
        ],
        "naive-time": [
            facts(expires=lambda c: c.not_valid_after_utc.replace(tzinfo=None)),
            facts(expires=lambda c: c.not_valid_after_utc.replace(tzinfo=None).isoformat()),
        ],
        "begin-not-end": [facts(expires=lambda c: c.not_valid_before_utc)],
        "other-moment": [
            facts(expires=lambda c: c.not_valid_after_utc + timedelta(hours=1)),
            facts(expires=lambda c: c.not_valid_after_utc.date()),
            facts(expires=lambda c: "soon"),
            facts(expires=lambda c: True),
            facts(expires=lambda c: c.not_valid_after_utc.replace(tzinfo=room.ZONES[0])),
        ],
    },
    2: {
        "no-number": [
            days(lambda cert, now: print(end="")),
            days(lambda cert, now: str((cert.not_valid_after_utc - now).days)),
            days(lambda cert, now: now < cert.not_valid_after_utc),
            days(lambda cert, now: float("nan")),
        ],
        "whole-life": [days(lambda cert, now: (cert.not_valid_after_utc - cert.not_valid_before_utc).days)],
        "own-clock": [days(lambda cert, now: (cert.not_valid_after_utc - datetime.now(UTC)).days)],
        "wrong-way": [days(lambda cert, now: (now - cert.not_valid_after_utc).days)],
        "other-count": [
            days(lambda cert, now: (cert.not_valid_after_utc - now).total_seconds()),
            days(lambda cert, now: 90),
            days(lambda cert, now: (cert.not_valid_after_utc - now).days // 7),
        ],
        "naive-time": [
            days(naive),
            days(deprecated),
            days(lambda cert, now: (cert.not_valid_after_utc - now.replace(tzinfo=UTC)).days),
            days(lambda cert, now: (cert.not_valid_after_utc - now.replace(tzinfo=UTC)) / timedelta(days=1)),
            days(lambda cert, now: (cert.not_valid_after_utc.date() - now.date()).days),
        ],
        "hides-expired": [
            days(lambda cert, now: max(0, (cert.not_valid_after_utc - now).days)),
            days(lambda cert, now: abs(cert.not_valid_after_utc - now).days),
            days(never_below_zero),
        ],
    },
    3: {
        "unchanged": [stretched(lambda: FOUND), stretched(lambda: DATA), stretched(lambda: pem(DATA))],
        "not-later": [
            stretched(lambda: with_year(b"%02d" % (END.year % 100 - 1))),
            stretched(lambda: with_year(b"99")),  # 1999
            stretched(lambda: with_year(b"49", DATA.find(in_letters(FOUND.not_valid_before_utc)))),
            stretched(lambda: room._with_a_changed_byte(FOUND)),
        ],
        "signed-anew": [stretched(own_ca), stretched(resigned)],
        "other-bytes-too": [
            stretched(lambda: with_year().replace(b".test", b".best")),
            stretched(lambda: with_year().replace(in_letters(FOUND.not_valid_before_utc), LETTERS)),
        ],
    },
    4: {
        "no-verdict": [
            group(lambda cert, issuer: print(end="")),
            group(lambda cert, issuer: "yes"),
            group(lambda cert, issuer: cert.verify_directly_issued_by(issuer)),
        ],
        "refuses-good": [group(lambda cert, issuer: False), group(p256_only)],
        "accepts-altered": [group(lambda cert, issuer: True), group(names_only)],
        "name-is-enough": [group(twins_are_one)],
        "any-issuer": [group(lambda cert, issuer: fits(cert, issuer) or not names_only(cert, issuer))],
        "none-of-the-five": [
            group(altered="sixth"),
            group(altered=3),
            group(altered=lambda: FOUND),
            group(altered=lambda: [ALTERED, INTACT]),
            group(altered=lambda: key()),
        ],
        "still-fits": [group(altered=INTACT), group(altered=lambda: FIVE[INTACT])],
    },
}  # fmt: skip
