"""Answers to the exercises of lesson 09, right and wrong."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from padlock import keys
from padlock.authority import Authority, self_signed
from padlock.course.exercises import l09_revocation
from padlock.course.exercises.l09_revocation import NAME, UNKNOWN, desk, fleet, recorded

from .making import DER, PEM, file_with, has_openssl, key, openssl

THEFT, TAPE, SERVICES = desk(), recorded(), fleet()
CA_KEY = SERVICES.ca.private_key
GIVEN = {"theft": THEFT, "tape": TAPE, "services": SERVICES}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


# ---- 1: publish


def entry(issued=THEFT.stolen, reason=None, at=-HOUR, extensions=()):
    builder = x509.RevokedCertificateBuilder().serial_number(issued.certificate.serial_number)
    builder = builder.revocation_date(datetime.now(UTC) + at)
    if reason:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.build()


NUMBER = (x509.CRLNumber(1), False)
KEY_ID = (x509.AuthorityKeyIdentifier.from_issuer_public_key(THEFT.ca.public_key()), False)
OTHER_ID = (x509.AuthorityKeyIdentifier.from_issuer_public_key(key().public_key()), False)


def scope(**changes):
    """An issuingDistributionPoint, critical."""
    plain = dict.fromkeys(("full_name", "relative_name", "only_some_reasons"))
    plain |= dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs"), False)
    plain |= dict.fromkeys(("indirect_crl", "only_contains_attribute_certs"), False)
    return x509.IssuingDistributionPoint(**plain | changes), True


def crl(
    *entries,
    issuer=None,
    by=None,
    begin=timedelta(0),
    end=7 * DAY,
    extensions=(),
    hash=None,
    usual=(NUMBER, KEY_ID),
):
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer or THEFT.ca.subject)
    builder = builder.last_update(now + begin).next_update(now + end)
    for one in entries or (entry(),):
        builder = builder.add_revoked_certificate(one)
    for extension, critical in (*usual, *extensions):
        builder = builder.add_extension(extension, critical)
    return builder.sign(by or THEFT.ca_key, hash or hashes.SHA256())


def my(make, *args, **kwargs):
    return lambda: {"my_crl": make(*args, **kwargs)}


CONFIGURATION = b"""[ca]
default_ca=d
[d]
database=index.txt
crlnumber=crlnumber
default_md=sha256
default_crl_days=7
crl_extensions=x
[x]
authorityKeyIdentifier=keyid
"""


@cache
def by_command_line():
    folder = Path(mkdtemp(prefix="padlock-test-"))
    for name, data in {
        "ca.pem": THEFT.ca.public_bytes(PEM),
        "ca.key": keys.pem(THEFT.ca_key).encode(),
        "api.pem": THEFT.stolen.certificate.public_bytes(PEM),
        "index.txt": b"",
        "crlnumber": b"01\n",
        "ca.cnf": CONFIGURATION,
    }.items():
        (folder / name).write_bytes(data)
    common = ("ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key")
    openssl(*common, "-revoke", "api.pem", "-crl_reason", "keyCompromise", folder=folder)
    openssl(*common, "-gencrl", "-out", "ca.crl", folder=folder)
    return folder / "ca.crl"


STRANGER = ec.generate_private_key(ec.SECP256R1())
OTHER_NAME = Authority("Another CA").certificate.subject
COMPROMISE = x509.ReasonFlags.key_compromise


# ---- 2: read with care


def not_revoked(certificate, issuer, crl, now):
    if not certificate.issuer == issuer.subject == crl.issuer or not crl.is_signature_valid(
        issuer.public_key()
    ):
        return False
    if not crl.last_update_utc <= now <= crl.next_update_utc:
        return False
    if any(extension.critical for part in (crl, *crl) for extension in part.extensions):
        return False
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None


def by_loop(certificate, issuer, crl, now):
    fresh = crl.last_update_utc <= now and now < crl.next_update_utc
    ours = crl.issuer == certificate.issuer and crl.is_signature_valid(issuer.public_key())
    plain = not [extension for extension in crl.extensions if extension.critical]
    plain = plain and not [one for entry in crl for one in entry.extensions if one.critical]
    return plain and fresh and ours and certificate.serial_number not in [one.serial_number for one in crl]


def by_key(certificate, issuer, crl, now):
    try:
        issuer.public_key().verify(
            crl.signature, crl.tbs_certlist_bytes, ec.ECDSA(crl.signature_hash_algorithm)
        )
    except Exception:
        return False
    return crl.issuer == issuer.subject and by_loop(certificate, issuer, crl, now)


def by_judge(certificate, issuer, crl, now):
    from padlock.judge import judge

    return judge(certificate, roots=[issuer], crls=[crl], at=now).accepted


def returns_none(certificate, issuer, crl, now):
    if not_revoked(certificate, issuer, crl, now):
        return True


def raises_inside(certificate, issuer, crl, now):
    try:
        assert crl.issuer == issuer.subject
        certificate.verify_directly_issued_by(issuer)
        assert crl.is_signature_valid(issuer.public_key())
        assert crl.last_update_utc <= now <= crl.next_update_utc
        assert not {one.oid for one in crl.extensions if one.critical}
        for entry in crl:
            assert not any(one.critical for one in entry.extensions)
        assert not crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    except (AssertionError, ValueError):
        return False
    return True


def leaving_out(*checks):
    """not_revoked without some of its checks."""

    def mine(certificate, issuer, crl, now):
        holds = {
            "certificate": certificate.issuer == issuer.subject,
            "name": crl.issuer == issuer.subject,
            "signature": crl.is_signature_valid(issuer.public_key()),
            "begin": crl.last_update_utc <= now,
            "end": now <= crl.next_update_utc,
            "critical": not any(extension.critical for extension in crl.extensions),
            "entries": not any(extension.critical for entry in crl for extension in entry.extensions),
            "serial": crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None,
        }
        return all(ok for check, ok in holds.items() if check not in checks)

    return lambda: {"not_revoked": mine}


def refuses_deltas_only(certificate, issuer, crl, now):
    delta = any(isinstance(extension.value, x509.DeltaCRLIndicator) for extension in crl.extensions)
    return not delta and leaving_out("critical")()["not_revoked"](certificate, issuer, crl, now)


def believes_the_identifier(certificate, issuer, crl, now):
    """Compares key identifiers, which anybody can copy, and verifies nothing."""
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    try:
        said = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return False
    return said == own and leaving_out("signature")()["not_revoked"](certificate, issuer, crl, now)


def first_entry_only(certificate, issuer, crl, now):
    entries = list(crl)
    return leaving_out("serial")()["not_revoked"](certificate, issuer, crl, now) and not (
        entries and entries[0].serial_number == certificate.serial_number
    )


def with_grace(certificate, issuer, crl, now):
    return leaving_out("end")()["not_revoked"](certificate, issuer, crl, now) and now <= crl.next_update_utc + DAY


def compromise_only(certificate, issuer, crl, now):
    if not leaving_out("serial")()["not_revoked"](certificate, issuer, crl, now):
        return False
    found = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return found is None or COMPROMISE not in [one.value.reason for one in found.extensions]


def empty_ones_only(certificate, issuer, crl, now):
    without = () if len(crl) == 0 else ("signature",)
    return leaving_out(*without)()["not_revoked"](certificate, issuer, crl, now)


def unread_scope(certificate, issuer, crl, now):
    critical = {one.oid for one in crl.extensions if one.critical} - {x509.IssuingDistributionPoint.oid}
    return not critical and leaving_out("critical")()["not_revoked"](certificate, issuer, crl, now)


def raises(certificate, issuer, crl, now):
    issuer.public_key().verify(crl.signature, crl.tbs_certlist_bytes, ec.ECDSA(hashes.SHA256()))
    return not_revoked(certificate, issuer, crl, now)


def by_the_wall_clock(certificate, issuer, crl, now):
    return not_revoked(certificate, issuer, crl, datetime.now(UTC))


def made(function):
    return lambda: {"not_revoked": function}


# ---- 3: only delay


def yesterday_s_tape():
    """One that was recorded in a kernel that has been open ever since: its answers are over by now."""
    now = datetime.now(UTC).replace(microsecond=0) - DAY
    with patch("padlock.authority._now", lambda: now), patch.object(l09_revocation, "_now", lambda: now):
        return recorded()


def by_yesterday_s_tape():
    tape = yesterday_s_tape()
    assert ocsp.load_der_ocsp_response(tape.answers["3 hours ago"]).next_update_utc < datetime.now(UTC)
    return {"tape": tape, "moves": {"soft": b"", "strict": tape.answers["3 hours ago"]}}


FRESH, NEWS = TAPE.answers["3 hours ago"], TAPE.answers["now"]
OLD, ELSEWHERE = TAPE.answers["20 hours ago"], TAPE.answers["half an hour ago, about other.test"]
LATER = (
    Authority("Anybody").ocsp(SERVICES.ca.issue("x.test").certificate, error="try_later").public_bytes(DER)
)
FORGED = Authority("Class Issuing CA", key=key())
REQUEST = ocsp.OCSPRequestBuilder().add_certificate(TAPE.stolen, TAPE.issuer, hashes.SHA1()).build()


def forged():
    now = datetime.now(UTC)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        REQUEST.issuer_name_hash, REQUEST.issuer_key_hash, REQUEST.serial_number, hashes.SHA1(),
        ocsp.OCSPCertStatus.GOOD, now, now + HOUR, None, None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, FORGED.certificate)
    return builder.certificates([FORGED.certificate]).sign(FORGED.private_key, hashes.SHA256())


def moves(soft=b"", strict=FRESH):
    return lambda: {"moves": {"soft": soft, "strict": strict}}


# ---- 4: a lifetime


def policy(lifetime=24 * HOUR, renew=12 * HOUR, new_key=True):
    return lambda: {"policy": {"lifetime": lifetime, "renew_after": renew, "new_key": new_key}}


# ---- 5: one identity each

NAMES = SERVICES.names


def each(make):
    return lambda: {"identities": {service: make(name) for service, name in NAMES.items()}}


@cache
def shared_key():
    return keys.make()


def pair(name):
    issued = SERVICES.ca.issue(name)
    return issued.certificate, issued.private_key


def pems(name):
    issued = SERVICES.ca.issue(name)
    return issued.pem(), keys.pem(issued.private_key)


RIGHT = {
    1: {
        "by hand": my(crl),
        "with a reason": my(crl, entry(reason=COMPROMISE)),
        "PEM": lambda: {"my_crl": crl().public_bytes(PEM)},
        "text": lambda: {"my_crl": crl().public_bytes(PEM).decode()},
        "DER": lambda: {"my_crl": crl().public_bytes(DER)},
        "a file": lambda: {"my_crl": file_with(crl().public_bytes(PEM))},
        "a month": my(crl, end=30 * DAY),
        "SHA-512": my(crl, hash=hashes.SHA512()),
        "another number": my(crl, usual=[KEY_ID, (x509.CRLNumber(7), False)]),
        "an hour ago, for slow clocks": my(crl, begin=-HOUR),
        "stolen a week ago": my(crl, entry(at=-7 * DAY)),
        "for servers only": my(crl, extensions=[scope(only_contains_user_certs=True)]),
        "others too": my(crl, entry(SERVICES.ca.issue("x.test")), entry()),
        "no reason, said so": my(crl, entry(reason=x509.ReasonFlags.unspecified)),
        **({"openssl ca": lambda: {"my_crl": by_command_line()}} if has_openssl() else {}),
    },
    2: {
        "as in the lesson": made(not_revoked),
        "a loop": made(by_loop),
        "the key's own method": made(by_key),
        "the judge": made(by_judge),
        "None for no": made(returns_none),
        "asserts": made(raises_inside),
        "all at once": leaving_out(),
        "lambda": made(lambda certificate, issuer, crl, now: not_revoked(certificate, issuer, crl, now)),
    },
    3: {
        "dropped and old": moves(),
        "a kernel left open overnight": by_yesterday_s_tape,
        "the same for both": moves(soft=FRESH),
        "an empty text": moves(soft=""),
        "None": moves(soft=None),
        "try later": moves(soft=LATER),
        "out of date for the soft one": moves(soft=OLD),
        "about another for the soft one": moves(soft=ELSEWHERE),
        "noise for the soft one": moves(soft=b"\x30\x00noise"),
        "objects": lambda: {"moves": {"soft": b"", "strict": ocsp.load_der_ocsp_response(FRESH)}},
        "a file": lambda: {"moves": {"soft": b"", "strict": str(file_with(FRESH, ".der"))}},
    },
    4: {
        "a day": policy(),
        "hours as numbers": policy(24, 12),
        "16 and 8": policy(16 * HOUR, 8 * HOUR),
        "shortest": policy(14 * HOUR, 6 * HOUR),
        "latest": policy(24 * HOUR, 16 * HOUR),
        "minutes": policy(timedelta(minutes=1440), timedelta(minutes=600)),
        "a float": policy(23.5, 6.5),
        "a day as such": policy(DAY, DAY / 2),
    },
    5: {
        "issued": each(SERVICES.ca.issue),
        "pairs": each(pair),
        "PEM": each(pems),
        "RSA": each(lambda name: SERVICES.ca.issue(name, key=keys.make("rsa2048"))),
        "Ed25519": each(lambda name: SERVICES.ca.issue(name, key_kind="ed25519")),
        "for both sides": each(lambda name: SERVICES.ca.issue(name, purpose="both")),
        "short": each(lambda name: SERVICES.ca.issue(name, lifetime=HOUR)),
        "through an intermediate of its own": each(lambda name: SERVICES.ca.issue(name, "extra." + name)),
        "with one more": lambda: {
            "identities": {service: SERVICES.ca.issue(name) for service, name in NAMES.items()} | {"more": 7}
        },
    },
}
WRONG = {
    1: {
        "list-other-issuer": [my(crl, issuer=OTHER_NAME), my(lambda: SERVICES.ca.crl())],
        "list-other-key": [my(crl, by=STRANGER), my(lambda: Authority("Desk CA").crl())],
        "list-ahead": [my(crl, begin=DAY)],
        "list-old": [my(crl, begin=-2500 * DAY), my(crl, begin=-9 * DAY, end=-2 * DAY), my(crl, begin=-DAY)],
        "list-over": [my(crl, begin=-HOUR, end=-HOUR / 2)],
        "crl-lasts": [my(crl, end=3650 * DAY)],
        "crl-brief": [my(crl, end=timedelta(minutes=1)), my(crl, begin=-HOUR, end=HOUR / 2)],
        "list-unnumbered": [my(crl, usual=[KEY_ID]), my(crl, usual=[])],
        "mark-critical": [my(crl, usual=[NUMBER, (KEY_ID[0], True)])],
        "list-keyless": [my(crl, usual=[NUMBER]), my(crl, usual=[NUMBER, OTHER_ID])],
        "revoked-later": [my(crl, entry(at=DAY)), my(crl, entry(reason=COMPROMISE, at=30 * DAY))],
        "not-on-list": [
            my(crl, entry(SERVICES.ca.issue("x.test"))),
            my(crl, entry(THEFT.renewed)),
        ],
        "list-partial": [
            my(crl, extensions=[(x509.DeltaCRLIndicator(1), True)]),
            my(crl, extensions=[scope(only_contains_ca_certs=True)]),
            my(crl, extensions=[scope(only_some_reasons=frozenset([COMPROMISE]))]),
        ],
        "list-strange": [
            my(crl, extensions=[(UNKNOWN, True)]),
            my(crl, entry(extensions=[UNKNOWN])),
            my(crl, entry(extensions=[x509.CertificateIssuer([x509.DNSName("a.test")])])),
        ],
        "wrong-reason": [
            my(crl, entry(reason=reason))
            for reason in x509.ReasonFlags
            if reason.name not in ("unspecified", "key_compromise", "certificate_hold", "remove_from_crl")
        ],
        "taken-off": [my(crl, entry(reason=x509.ReasonFlags.remove_from_crl))],
        "revoked-before": [my(crl, entry(at=-2500 * DAY))],
        "only-on-hold": [my(crl, entry(reason=x509.ReasonFlags.certificate_hold))],
        "all-revoked": [my(crl, entry(), entry(THEFT.renewed))],
    },
    2: {
        "not-a-verdict": [made(lambda *_: "no"), made(lambda *_: 1)],
        "check-raises": [made(raises)],
        "revoked-accepted": [
            made(lambda *_: True),
            leaving_out("serial"),
            made(first_entry_only),
            made(compromise_only),
        ],
        "good-refused": [made(lambda *_: False), made(lambda *_: bool(0))],
        "crl-forged": [
            leaving_out("name", "signature", "begin", "end"),
            leaving_out("signature"),
            made(empty_ones_only),
            made(believes_the_identifier),
        ],
        "crl-wrong-issuer": [leaving_out("name"), leaving_out("certificate")],
        "crl-stale": [leaving_out("begin", "end"), leaving_out("end"), made(with_grace)],
        "crl-early": [leaving_out("begin")],
        "own-clock": [made(by_the_wall_clock)],
        "crl-unusable": [
            leaving_out("critical"),
            made(refuses_deltas_only),
            made(unread_scope),
            leaving_out("entries"),
        ],
    },
    3: {
        "not-a-move": [
            lambda: {"moves": FRESH},
            moves(soft=7),
            moves(strict=b"noise"),
            moves(strict=REQUEST.public_bytes(DER)),
            lambda: {"moves": {"soft": b""}},
        ],
        "revoked-delivered": [moves(soft=NEWS), moves(strict=NEWS)],
        "dropped-at-strict": [moves(strict=b""), moves(strict=None)],
        "answer-stale": [moves(strict=OLD)],
        "answer-elsewhere": [moves(strict=ELSEWHERE)],
        "answer-forged": [lambda: moves(strict=forged())(), moves(strict=LATER)],
    },
    4: {
        "not-a-policy": [
            lambda: {"policy": 24},
            policy("a day"),
            policy(new_key="yes"),
            policy(-HOUR),
            policy(True),
            policy(10**30),
            policy(float("nan")),
            lambda: {"policy": {"lifetime": DAY}},
        ],
        "lifetime-too-long": [policy(90 * DAY, 60 * DAY), policy(25 * HOUR)],
        "same-key": [policy(new_key=False)],
        "renew-too-late": [policy(renew=24 * HOUR), policy(12 * HOUR, 20 * HOUR)],
        "no-slack": [policy(renew=20 * HOUR), policy(HOUR, HOUR / 2)],
        "too-often": [policy(renew=HOUR)],
    },
    5: {
        "not-identities": [
            lambda: {"identities": 7},
            lambda: {"identities": {"orders": SERVICES.ca.issue(NAMES["orders"])}},
            each(lambda name: SERVICES.ca.issue(name).certificate.public_bytes(PEM)),
        ],
        "identity-refused": [
            each(lambda _: SERVICES.ca.issue(NAME)),
            each(self_signed),
            each(Authority("Fleet CA").issue),
            each(lambda name: SERVICES.ca.issue(name, purpose="client")),
        ],
        "issued-below": [each(lambda name: SERVICES.ca.intermediate(f"CA of {name}").issue(name))],
        "shared-certificate": [
            lambda: {"identities": dict.fromkeys(NAMES, SERVICES.ca.issue(*NAMES.values()))},
            lambda: {"identities": dict.fromkeys(NAMES, SERVICES.ca.issue("*.fleet.test"))},
        ],
        "shared-key": [each(lambda name: SERVICES.ca.issue(name, key=shared_key()))],
        "key-issues": [
            each(lambda name: SERVICES.ca.issue(name, **({"key": CA_KEY} if name == NAMES["mail"] else {}))),
        ],
        "covers-others": [
            each(lambda _: SERVICES.ca.issue("*.fleet.test")),
            each(lambda _: SERVICES.ca.issue(*NAMES.values())),
        ],
    },
}
