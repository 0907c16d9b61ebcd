"""Answers to the exercises of lesson 00, right and wrong."""

from datetime import timedelta

from cryptography.hazmat.primitives import serialization

from padlock import tls
from padlock.authority import Authority
from padlock.course.trying import cause

from .making import NOW, by_hand, file_with, key, key_der, key_pem

CA = Authority("Class Root")
OTHER = Authority("Somebody Else")
EXPIRED = {"not_before": NOW - timedelta(days=60), "not_after": NOW - timedelta(days=1)}
FUTURE = {"not_before": NOW + timedelta(days=1), "not_after": NOW + timedelta(days=60)}
CASES = {
    "second": tls.handshake(CA.issue("other.test"), [CA.certificate], "api.test"),
    "third": tls.handshake(OTHER.issue("api.test"), [CA.certificate], "api.test"),
    "first": tls.handshake(CA.issue("api.test", **EXPIRED), [CA.certificate], "api.test"),
}
GIVEN = {"ca": CA, "cases": CASES}
TRUE = {"first": "expired", "second": "wrong name", "third": "unknown CA"}
PEM = serialization.Encoding.PEM


def hand_made(kind, san=("shop.test",), cn="shop.test", ca=CA, **times):
    return by_hand(key(kind), ca.private_key, ca.certificate.subject, san=san, cn=cn, **times), key(kind)


def pem_of(issued):
    return issued.certificate.public_bytes(PEM)


def shop(issued):
    return lambda: {"shop": issued()}


def late(issued):
    return lambda: {"late": issued()}


def pair(**options):
    issued = CA.issue("shop.test", **options)
    return issued.certificate, issued.private_key


def bundle(path):
    issued = CA.issue("shop.test")
    data = key_pem(issued.private_key) + pem_of(issued)
    return file_with(data) if path else data.decode()


RIGHT = {
    1: {
        "issue": shop(lambda: CA.issue("shop.test")),
        "several names": shop(lambda: CA.issue("www.shop.test", "shop.test")),
        "wildcard beside": shop(lambda: CA.issue("*.shop.test", "shop.test")),
        "rsa": shop(lambda: CA.issue("shop.test", key=key("rsa2048"))),
        "ed25519": shop(lambda: CA.issue("shop.test", key=key("ed25519"))),
        "pair": shop(pair),
        "pair in PEM and DER": shop(lambda: (pem_of(i := CA.issue("shop.test")), key_der(i.private_key))),
        "bundle text": shop(lambda: bundle(False)),
        "bundle path": shop(lambda: bundle(True)),
        "from an intermediate": shop(lambda: CA.intermediate("Class Issuing CA").issue("shop.test")),
        "by hand with cryptography": shop(lambda: hand_made("p256")),
        "by hand, ed25519, no CN": shop(lambda: hand_made("ed25519", cn=None)),
    },
    2: {
        "yesterday": late(lambda: CA.issue("api.test", **EXPIRED)),
        "a second ago": late(
            lambda: CA.issue(
                "api.test", not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(seconds=1)
            )
        ),
        "ten years ago": late(
            lambda: CA.issue(
                "api.test", not_before=NOW - timedelta(days=4000), not_after=NOW - timedelta(days=3650)
            )
        ),
        "several names": late(lambda: CA.issue("www.api.test", "api.test", **EXPIRED)),
        "rsa": late(lambda: CA.issue("api.test", key=key("rsa2048"), **EXPIRED)),
        "ed25519": late(lambda: CA.issue("api.test", key=key("ed25519"), **EXPIRED)),
        "pair": late(lambda: ((i := CA.issue("api.test", **EXPIRED)).certificate, i.private_key)),
        "bundle path": late(
            lambda: file_with(pem_of(i := CA.issue("api.test", **EXPIRED)) + key_pem(i.private_key))
        ),
        "by hand": late(lambda: hand_made("p384", san=("api.test",), start=-20, days=10)),
    },
    3: {
        "as asked": lambda: {"causes": dict(TRUE)},
        "capitals": lambda: {"causes": {k: v.upper() for k, v in TRUE.items()}},
        "lower case": lambda: {"causes": {k: v.lower() for k, v in TRUE.items()}},
        "hyphens": lambda: {"causes": {k: v.replace(" ", "-") for k, v in TRUE.items()}},
        "underscores": lambda: {"causes": {k: v.replace(" ", "_") for k, v in TRUE.items()}},
        "ids": lambda: {"causes": {k: cause(t) for k, t in CASES.items()}},
        "spaces": lambda: {"causes": {k: f"  {v} " for k, v in TRUE.items()}},
        "other order": lambda: {"causes": dict(reversed(TRUE.items()))},
        "computed": lambda: {
            "causes": {
                k: {62: "wrong name", 10: "expired"}.get(t.error.code, "unknown CA") for k, t in CASES.items()
            }
        },
    },
}

WRONG = {
    1: {
        "wrong-name": [
            shop(lambda: CA.issue("api.test")),
            shop(lambda: CA.issue("*.shop.test")),
            shop(lambda: CA.issue("shop.test.evil.test")),
        ],
        "unknown-ca": [
            shop(lambda: OTHER.issue("shop.test")),
            shop(lambda: Authority("Class Root").issue("shop.test")),
            shop(lambda: hand_made("p256", ca=OTHER)),
        ],
        "expired": [shop(lambda: CA.issue("shop.test", **EXPIRED))],
        "not-yet-valid": [shop(lambda: CA.issue("shop.test", **FUTURE))],
        "san-missing": [
            shop(lambda: CA.issue("shop.test", san=False)),
            shop(lambda: hand_made("p256", san=())),
        ],
        "key-mismatch": [shop(lambda: (CA.issue("shop.test").certificate, key()))],
        "wrong-type": [shop(lambda: CA.issue("shop.test").certificate), shop(lambda: 7)],
        "refused-otherwise": [shop(lambda: CA.issue("shop.test", purpose="client")), shop(lambda: CA)],
    },
    2: {
        "still-good": [
            late(lambda: CA.issue("api.test")),
            late(lambda: CA.issue("api.test", lifetime=timedelta(hours=1))),
        ],
        "not-yet-valid": [late(lambda: CA.issue("api.test", **FUTURE))],
        "another-reason": [
            late(lambda: OTHER.issue("api.test", **EXPIRED)),
            late(lambda: CA.issue("other.test")),
            late(lambda: OTHER.issue("api.test")),
            late(lambda: CA.issue("api.test", san=False)),
        ],
        "another-expired": [late(lambda: CA.intermediate("Class Issuing CA", **EXPIRED).issue("api.test"))],
        "key-mismatch": [late(lambda: (CA.issue("api.test", **EXPIRED).certificate, key()))],
        "wrong-type": [late(lambda: CA.issue("api.test", **EXPIRED).certificate)],
    },
    3: {
        "not-three": [
            lambda: {"causes": {"first": "expired"}},
            lambda: {"causes": ["expired", "wrong name", "unknown CA"]},
            lambda: {"causes": "expired"},
            lambda: {"causes": {**TRUE, "fourth": "expired"}},
        ],
        "no-such-cause": [
            lambda: {"causes": {**TRUE, "first": "TLS error"}},
            lambda: {"causes": {**TRUE, "second": 62}},
        ],
        "misread": [
            lambda: {"causes": {**TRUE, "first": "wrong name"}},
            lambda: {"causes": dict.fromkeys(TRUE, "expired")},
        ],
    },
}
