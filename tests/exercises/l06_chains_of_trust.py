"""Answers to the exercises of lesson 06, right and wrong."""

from functools import cache
from ipaddress import ip_network
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from padlock import keys
from padlock.authority import Authority, Issued, self_signed
from padlock.course.exercises.l06_chains_of_trust import broken, refused

from .l05_certificate_authorities import CA_FALSE, CA_TRUE, made, named, usage
from .making import DER, PEM, file_with, has_openssl, key, key_pem, openssl

SHOP, PAYROLL, ORDERS = broken("shop"), broken("payroll"), broken("orders")
CORP = Authority("Corp Root")
CORP_KEY, CORP_ROOT = CORP.private_key, CORP.certificate
ISSUING_KEY = keys.make()
CASES = refused()
TRUE = {which: one.judge().reasons[0].rule for which, one in CASES.items()}
GIVEN = {
    "shop": SHOP,
    "payroll": PAYROLL,
    "orders": ORDERS,
    "corp_key": CORP_KEY,
    "corp_root": CORP_ROOT,
    "issuing_key": ISSUING_KEY,
    "refused_cases": CASES,
}


# ---- 1: build


def signed(issued, issuer):
    try:
        issued.verify_directly_issued_by(issuer)
    except Exception:
        return False
    return True


def as_hinted(leaf, pool):
    path = [leaf]
    while path[-1].issuer != path[-1].subject:
        above = next((one for one in pool if signed(path[-1], one)), None)
        if above is None:
            return path
        path.append(above)
    return path


def recursive(leaf, pool):
    above = [one for one in pool if leaf.issuer != leaf.subject and signed(leaf, one)]
    return [leaf, *recursive(above[0], pool)] if above else [leaf]


def until_nothing_new(leaf, pool):
    """No look at self-signed: it ends because the root is in the path already."""
    path = [leaf]
    while above := [one for one in pool if one not in path and signed(path[-1], one)]:
        path.append(above[0])
    return path


def by_all_paths(leaf, pool):
    """Backtracking: the longest of all paths."""
    paths = [[leaf]]
    for one in pool:
        if one != leaf and leaf.issuer != leaf.subject and signed(leaf, one):
            paths.append([leaf, *by_all_paths(one, [other for other in pool if other != one])])
    return max(paths, key=len)


def fits_by_hand(issued, issuer):
    """The signature checked with the key's own method."""
    public = issuer.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(
                issued.signature,
                issued.tbs_certificate_bytes,
                padding.PKCS1v15(),
                issued.signature_hash_algorithm,
            )
        else:
            public.verify(
                issued.signature, issued.tbs_certificate_bytes, issued.signature_algorithm_parameters
            )
    except Exception:
        return False
    return issued.issuer == issuer.subject


def by_hand(leaf, pool):
    path = [leaf]
    while path[-1].issuer != path[-1].subject:
        for one in pool:
            if fits_by_hand(path[-1], one):
                path.append(one)
                break
        else:
            break
    return path


def identifiers(issued, issuer):
    try:
        named_key = issued.extensions.get_extension_for_class(
            x509.AuthorityKeyIdentifier
        ).value.key_identifier
        return named_key == issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False


def identifier_then_signature(leaf, pool):
    path = [leaf]
    while path[-1].issuer != path[-1].subject:
        likely = sorted(pool, key=lambda one: not identifiers(path[-1], one))
        path += [one for one in likely if signed(path[-1], one)][:1] or [None]
        if path[-1] is None:
            return path[:-1]
    return path


def without_leaf(leaf, pool):
    return as_hinted(leaf, pool)[1:]


def climbing(fits):
    """A build that goes by `fits` alone."""

    def build(leaf, pool):
        path = [leaf]
        while path[-1].issuer != path[-1].subject and len(path) < 9:
            above = next((one for one in pool if one not in path and fits(path[-1], one)), None)
            if above is None:
                return path
            path.append(above)
        return path

    return build


def names_fit(issued, issuer):
    return issued.issuer == issuer.subject


def build(function):
    return lambda: {"build": function}


# ---- 2, 3, 4: services


def repair(which, **changes):
    return lambda: {f"{which}_repair": {place: make() for place, make in changes.items()}}


def pems(certificates):
    return b"".join(one.public_bytes(PEM) for one in certificates)


def forms(which, place, certificates):
    """The same certificates in every form that a learner may have them in."""
    return {
        "a list": repair(which, **{place: lambda: list(certificates)}),
        "a tuple": repair(which, **{place: lambda: tuple(certificates)}),
        "PEM bytes": repair(which, **{place: lambda: pems(certificates)}),
        "PEM text": repair(which, **{place: lambda: pems(certificates).decode()}),
        "a bundle's path": repair(which, **{place: lambda: file_with(pems(certificates))}),
        "a path as text": repair(which, **{place: lambda: str(file_with(pems(certificates)))}),
        "a list of DER": repair(which, **{place: lambda: [one.public_bytes(DER) for one in certificates]}),
        "a list of paths": repair(which, **{place: lambda: [file_with(pems([one])) for one in certificates]}),
        "a mixed list": repair(
            which, **{place: lambda: [certificates[0], *map(pems, ([one] for one in certificates[1:]))]}
        ),
        "verify said too": repair(which, **{place: lambda: list(certificates), "verify": lambda: True}),
    }


SHOP_LEAF, SHOP_CA = SHOP.sends[0], SHOP.folder["issuing-ca-2.pem"]
SHOP_ROOT = SHOP.folder["class-root.pem"]
PAY_CA, PAY_ROOT = PAYROLL.folder["issuing-ca.pem"], PAYROLL.folder["corp-root-from-the-ca.pem"]
PAY_LEAF, OLD_ROOT = PAYROLL.sends[0], PAYROLL.trusts[0]
FORUM_ROOT = PAYROLL.folder["corp-root-from-the-forum.pem"]
ORDERS_LEAF, RENEWED = ORDERS.sends[0], ORDERS.folder["issuing-ca-renewed.pem"]
OVER, AGAIN = ORDERS.sends[1], ORDERS.folder["orders-renewed.pem"]
STRANGER = Authority("Another Root").certificate


def bundle_with_key(service, *certificates):
    return lambda: file_with(key_pem(service.private_key) + pems(certificates))


def wrong_repairs(which, service, others):
    """What every broken service refuses, by id. others: more of them."""
    leaf = service.sends[0]
    common = {
        "leaf-not-first": [repair(which, sends=lambda: [*service.sends[1:], SHOP_CA, leaf])],
        "key-mismatch": [repair(which, sends=lambda: Authority("Class Root").issue(service.name).chain)],
        "not-a-repair": [
            lambda: {f"{which}_repair": [leaf]},
            lambda: {f"{which}_repair": {}},
            lambda: {f"{which}_repair": {"client": [leaf]}},
            lambda: {f"{which}_repair": {"verify": "no"}},
            lambda: {f"{which}_repair": "verify=False"},
        ],
        "verify-off": [
            repair(which, verify=lambda: False),
            repair(which, trusts=lambda: service.trusts, verify=lambda: False),
        ],
        "trusts-the-leaf": [
            repair(which, trusts=lambda: [leaf]),
            repair(which, trusts=lambda: [*service.trusts, leaf]),
        ],
    }
    return common | others


# ---- 5: limit

CORP_DNS = x509.DNSName("corp.test")
NO_ADDRESSES = [x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))]
LIMITS = (x509.NameConstraints([CORP_DNS], NO_ADDRESSES), True)
LEVEL = (x509.BasicConstraints(ca=True, path_length=0), True)
USES = (usage("key_cert_sign", "crl_sign"), True)
SERVERS = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
OWN = (x509.SubjectKeyIdentifier.from_public_key(ISSUING_KEY.public_key()), False)
ABOVE = (x509.AuthorityKeyIdentifier.from_issuer_public_key(CORP_KEY.public_key()), False)
ALL = (LEVEL, USES, SERVERS, LIMITS, OWN, ABOVE)


def limited(
    *extensions,
    public=None,
    subject="Corp Issuing CA",
    issuer=None,
    signer=CORP_KEY,
    days=900,
    start=-1,
    form=None,
):
    def answer():
        certificate = made(
            public or ISSUING_KEY.public_key(),
            named(subject),
            issuer or CORP_ROOT.subject,
            signer,
            *(extensions or ALL),
            days=days,
            start=start,
        )
        return {"limited": form(certificate) if form else certificate}

    return answer


def swapped(**parts):
    """ALL, with some of its parts replaced, or left out if None."""
    names = ("level", "uses", "servers", "limits", "own", "above")
    chosen = [parts.get(name, part) for name, part in zip(names, ALL, strict=True)]
    return limited(*(part for part in chosen if part is not None))


def nets(*networks):
    return [x509.IPAddress(ip_network(net)) for net in networks]


def confined(*permitted, excluded=NO_ADDRESSES, critical=True):
    return (x509.NameConstraints(list(permitted) or None, excluded), critical)


def purposes(*also):
    return (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, *also]), False)


def by_authority(**options):
    defaults = {"key": ISSUING_KEY, "eku": [ExtendedKeyUsageOID.SERVER_AUTH], "name_constraints": LIMITS[0]}
    return lambda: {"limited": CORP.intermediate("Corp Issuing CA", **(defaults | options)).certificate}


@cache
def by_command_line():
    """`openssl x509 -req` with an extension file; without openssl, by hand."""
    if not has_openssl():
        return limited()()["limited"]
    folder = Path(mkdtemp(prefix="padlock-test-"))
    (folder / "root.pem").write_bytes(CORP_ROOT.public_bytes(PEM))
    (folder / "root.key").write_bytes(key_pem(CORP_KEY))
    (folder / "ca.key").write_bytes(key_pem(ISSUING_KEY))
    (folder / "ext").write_text(
        "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nextendedKeyUsage=serverAuth\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        "nameConstraints=critical,permitted;DNS:corp.test,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0\n"
    )
    openssl("req", "-new", "-key", "ca.key", "-subj", "/CN=Corp Issuing CA", "-out", "ca.csr", folder=folder)
    openssl(
        "x509",
        "-req",
        "-in",
        "ca.csr",
        "-CA",
        "root.pem",
        "-CAkey",
        "root.key",
        "-days",
        "900",
        "-extfile",
        "ext",
        "-out",
        "ca.pem",
        folder=folder,
    )
    return folder / "ca.pem"


# ---- 6: causes

SAID = {"path-length": "pathLen", "name-constraints": "name constraint", "extended-key-usage": "EKU"}
CLAUSES = {
    "path-length": "RFC 5280 §6.1.4 (l), (m)",
    "name-constraints": "RFC 5280 §4.2.1.10",
    "extended-key-usage": "4.2.1.12",
}


def causes(change=lambda rule: rule):
    return lambda: {"causes": {which: change(rule) for which, rule in TRUE.items()}}


RIGHT = {
    1: {
        "as hinted": build(as_hinted),
        "recursive": build(recursive),
        "until nothing new": build(until_nothing_new),
        "all paths, the longest": build(by_all_paths),
        "signature by hand": build(by_hand),
        "identifier, then signature": build(identifier_then_signature),
        "without the leaf": build(without_leaf),
        "a tuple": build(lambda leaf, pool: tuple(as_hinted(leaf, pool))),
        "PEM": build(lambda leaf, pool: [one.public_bytes(PEM) for one in as_hinted(leaf, pool)]),
        "DER": build(lambda leaf, pool: [one.public_bytes(DER) for one in by_hand(leaf, pool)]),
        "names and signature": build(climbing(lambda one, two: names_fit(one, two) and signed(one, two))),
    },
    2: {
        **forms("shop", "sends", [SHOP_LEAF, SHOP_CA]),
        "by file name": repair("shop", sends=lambda: [SHOP_LEAF, "issuing-ca-2.pem"]),
        "with the root": repair("shop", sends=lambda: [SHOP_LEAF, SHOP_CA, SHOP_ROOT]),
        "with both intermediates": repair(
            "shop", sends=lambda: [SHOP_LEAF, SHOP.folder["issuing-ca-1.pem"], SHOP_CA]
        ),
        "in any order above the leaf": repair("shop", sends=lambda: [SHOP_LEAF, SHOP_ROOT, SHOP_CA]),
        "a bundle with its key": repair("shop", sends=bundle_with_key(SHOP, SHOP_LEAF, SHOP_CA)),
        "the store said too": repair("shop", sends=lambda: [SHOP_LEAF, SHOP_CA], trusts=lambda: SHOP.trusts),
        "as issued": repair("shop", sends=lambda: Issued(SHOP_LEAF, None, [SHOP_LEAF, SHOP_CA])),
        "straight from the root": repair(
            "shop", sends=lambda: SHOP._roots[0].issue("shop.test", key=SHOP.private_key).certificate
        ),
    },
    3: {
        **forms("payroll", "trusts", [OLD_ROOT, PAY_ROOT]),
        "the new root alone": repair("payroll", trusts=lambda: [PAY_ROOT]),
        "by file name": repair("payroll", trusts=lambda: "corp-root-from-the-ca.pem"),
        "one certificate": repair("payroll", trusts=lambda: PAY_ROOT),
        "the new one first": repair("payroll", trusts=lambda: [PAY_ROOT, OLD_ROOT]),
        "what it sends said too": repair("payroll", trusts=lambda: [PAY_ROOT], sends=lambda: PAYROLL.sends),
        "the root sent as well": repair(
            "payroll", trusts=lambda: [PAY_ROOT], sends=lambda: [*PAYROLL.sends, PAY_ROOT]
        ),
        "the new root signed by the old": repair(
            "payroll",
            sends=lambda: [
                *PAYROLL.sends,
                Authority(
                    "Corp Root", issuer=PAYROLL._roots[0], key=PAYROLL._roots[1].private_key, path_length=None
                ).certificate,
            ],
        ),
    },
    4: {
        **forms("orders", "sends", [ORDERS_LEAF, RENEWED]),
        "both intermediates": repair("orders", sends=lambda: [ORDERS_LEAF, RENEWED, OVER]),
        "the renewed leaf as well": repair("orders", sends=lambda: [AGAIN, RENEWED]),
        "with the root": repair("orders", sends=lambda: [ORDERS_LEAF, RENEWED, *ORDERS.trusts]),
        "a bundle with its key": repair("orders", sends=bundle_with_key(ORDERS, ORDERS_LEAF, RENEWED)),
    },
    5: {
        "by hand": limited(),
        "Authority": by_authority(),
        "command line": lambda: {"limited": by_command_line()},
        "two names below": swapped(limits=confined(CORP_DNS, x509.DNSName("db.corp.test"))),
        "two halves of all addresses": swapped(
            limits=(
                x509.NameConstraints([CORP_DNS], [*nets("0.0.0.0/1", "128.0.0.0/1"), NO_ADDRESSES[1]]),
                True,
            )
        ),
        "mail limited too": swapped(
            limits=(x509.NameConstraints([CORP_DNS, x509.RFC822Name("corp.test")], NO_ADDRESSES), True)
        ),
        "critical purpose": swapped(servers=(SERVERS[0], True)),
        "keyCertSign alone": swapped(uses=(usage("key_cert_sign"), True)),
        "other order": limited(*reversed(ALL)),
        "another name": limited(subject="Servers"),
        "PEM": limited(form=lambda c: c.public_bytes(PEM).decode()),
        "DER": limited(form=lambda c: c.public_bytes(DER)),
        "path": limited(form=lambda c: file_with(c.public_bytes(PEM))),
        "with the root": limited(form=lambda c: [c, CORP_ROOT]),
        "thirty days": limited(days=30),
    },
    6: {
        "by the judge": causes(),
        "capitals": causes(str.upper),
        "spaces": causes(lambda rule: rule.replace("-", " ")),
        "underscores": causes(lambda rule: rule.replace("-", "_")),
        "short words": causes(SAID.get),
        "clauses": causes(CLAUSES.get),
        "the BR": causes(lambda rule: {"extended-key-usage": "BR"}.get(rule, rule)),
        "the BR's section": causes(lambda rule: {"extended-key-usage": "7.1.2"}.get(rule, rule)),
        "as the judge quotes": lambda: {"causes": {w: c.judge().reasons[0].clause for w, c in CASES.items()}},
        "the judge's findings": lambda: {"causes": {w: c.judge().reasons[0] for w, c in CASES.items()}},
        "the finding's clause or rule": lambda: {
            "causes": {
                w: (f.clause if "RFC" in f.clause else f.rule)
                for w, c in CASES.items()
                for f in c.judge().reasons[:1]
            }
        },
        "other order": lambda: {"causes": dict(reversed(TRUE.items()))},
        "a dot at the end": causes(lambda rule: f" {rule}. "),
    },
}

WRONG = {
    1: {
        "not-a-path": [
            build(lambda leaf, pool: pool.reverse()),
            build(lambda leaf, pool: leaf),
            build(lambda leaf, pool: [leaf, None]),
            build(lambda leaf, pool: [one.subject for one in as_hinted(leaf, pool)]),
        ],
        "not-the-issuer": [build(lambda leaf, pool: [leaf, *pool]), build(climbing(lambda one, two: True))],
        "by-name-only": [
            build(climbing(names_fit)),
            build(lambda leaf, pool: climbing(names_fit)(leaf, pool[::-1])),
        ],
        "by-identifier-only": [build(climbing(identifiers))],
        "stops-early": [
            build(lambda leaf, pool: [leaf]),
            build(lambda leaf, pool: []),
            build(lambda leaf, pool: as_hinted(leaf, pool)[:2]),
        ],
        "goes-on": [build(lambda leaf, pool: [*(path := as_hinted(leaf, pool)), path[-1]])],
        "wrong-order": [build(lambda leaf, pool: as_hinted(leaf, pool)[::-1])],
    },
    2: wrong_repairs(
        "shop",
        SHOP,
        {
            "still-broken": [
                repair("shop", sends=lambda: [SHOP_LEAF, SHOP.folder["issuing-ca-1.pem"]]),
                repair("shop", sends=lambda: SHOP.sends),
                repair("shop", trusts=lambda: [SHOP_ROOT]),
                repair("shop", sends=lambda: self_signed("shop.test", key=SHOP.private_key).certificate),
            ],
            "sent-root": [repair("shop", sends=lambda: [SHOP_LEAF, SHOP_ROOT])],
            "trusts-the-intermediate": [
                repair("shop", trusts=lambda: [SHOP_ROOT, SHOP_CA]),
                repair("shop", trusts=lambda: SHOP_CA),
                repair("shop", sends=lambda: [SHOP_LEAF, SHOP_CA], trusts=lambda: [SHOP_CA]),
            ],
            "trusts-a-stranger": [
                repair("shop", sends=lambda: [SHOP_LEAF, SHOP_CA], trusts=lambda: [SHOP_ROOT, STRANGER])
            ],
            "wrong-root": [
                repair(
                    "shop",
                    sends=lambda: [SHOP_LEAF, SHOP_CA],
                    trusts=lambda: [SHOP_ROOT, SHOP._mallory.certificate],
                )
            ],
        },
    ),
    3: wrong_repairs(
        "payroll",
        PAYROLL,
        {
            "still-broken": [
                repair("payroll", sends=lambda: PAYROLL.sends),
                repair("payroll", sends=lambda: [PAY_LEAF]),
            ],
            "sent-root": [repair("payroll", sends=lambda: [PAY_LEAF, PAY_CA, PAY_ROOT])],
            "trusts-the-intermediate": [repair("payroll", trusts=lambda: [OLD_ROOT, PAY_CA])],
            "trusts-a-stranger": [repair("payroll", trusts=lambda: [PAY_ROOT, STRANGER])],
            "wrong-root": [
                repair("payroll", trusts=lambda: [PAY_ROOT, FORUM_ROOT]),
                repair("payroll", trusts=lambda: [FORUM_ROOT]),
            ],
        },
    ),
    4: wrong_repairs(
        "orders",
        ORDERS,
        {
            "still-broken": [
                repair("orders", sends=lambda: [ORDERS_LEAF]),
                repair("orders", sends=lambda: [ORDERS_LEAF, ORDERS.folder["issuing-ca-next.pem"]]),
                repair("orders", sends=lambda: ORDERS.sends),
            ],
            "sent-root": [repair("orders", sends=lambda: [*ORDERS.sends, *ORDERS.trusts])],
            "renewed-the-leaf": [repair("orders", sends=lambda: [AGAIN, OVER])],
            "trusts-the-intermediate": [
                repair("orders", trusts=lambda: [RENEWED]),
                repair("orders", trusts=lambda: [*ORDERS.trusts, RENEWED]),
            ],
            "trusts-a-stranger": [
                repair(
                    "orders", sends=lambda: [ORDERS_LEAF, RENEWED], trusts=lambda: [*ORDERS.trusts, STRANGER]
                )
            ],
            "wrong-root": [
                repair(
                    "orders",
                    sends=lambda: [ORDERS_LEAF, RENEWED],
                    trusts=lambda: [*ORDERS.trusts, ORDERS._mallory.certificate],
                )
            ],
        },
    ),
    5: {
        "key-mismatch": [limited(public=key().public_key()), lambda: {"limited": CORP_ROOT}],
        "not-by-the-root": [
            limited(issuer=named("Corp Issuing CA"), signer=ISSUING_KEY),
            limited(signer=key()),
            limited(issuer=named("Another Root")),
        ],
        "not-a-ca": [swapped(level=None), swapped(level=CA_FALSE), swapped(level=(LEVEL[0], False))],
        "no-keycertsign": [
            swapped(uses=None),
            swapped(uses=(usage("crl_sign"), True)),
            swapped(uses=(usage("digital_signature"), True)),
        ],
        "too-narrow": [
            swapped(limits=(x509.NameConstraints([x509.DNSName("db.corp.test")], NO_ADDRESSES), True)),
            swapped(limits=(x509.NameConstraints(None, [CORP_DNS]), True)),
        ],
        "dot-in-front": [
            swapped(limits=confined(x509.DNSName(".corp.test"))),
            swapped(limits=confined(CORP_DNS, x509.DNSName(".db.corp.test"))),
        ],
        "wrong-purpose": [swapped(servers=(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False))],
        "form-broken": [swapped(own=None), swapped(above=None)],
        "expired": [limited(days=20, start=-30)],
        "not-yet-valid": [limited(start=2)],
        "refused-otherwise": [
            limited(*ALL, (x509.PolicyConstraints(0, None), True)),
            limited(*ALL, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True)),
        ],
        "names-open": [
            swapped(limits=None),
            swapped(limits=(x509.NameConstraints(None, [x509.DNSName("evil.test"), *NO_ADDRESSES]), True)),
            swapped(limits=(x509.NameConstraints([x509.DNSName("test")], NO_ADDRESSES), True)),
            swapped(
                limits=confined(
                    excluded=[*map(x509.DNSName, ("bank.test", "evil.test", "notcorp.test")), *NO_ADDRESSES]
                )
            ),
            swapped(limits=confined(CORP_DNS, x509.DNSName("com"))),
            swapped(limits=confined(CORP_DNS, x509.DNSName("evilcorp.test"))),
        ],
        "address-allowed": [
            swapped(limits=confined(CORP_DNS, *nets("10.0.0.0/8"), excluded=None)),
            swapped(limits=confined(CORP_DNS, *nets("10.0.0.0/8"))),
        ],
        "not-critical": [swapped(limits=confined(CORP_DNS, critical=False))],
        "addresses-open": [
            swapped(limits=(x509.NameConstraints([CORP_DNS], None), True)),
            swapped(limits=(x509.NameConstraints([CORP_DNS], NO_ADDRESSES[:1]), True)),
            by_authority(name_constraints=("corp.test",)),
            swapped(limits=confined(CORP_DNS, excluded=nets("192.0.0.0/8", "2001:db8::/32"))),
        ],
        "cas-below": [
            swapped(level=CA_TRUE),
            swapped(level=(x509.BasicConstraints(ca=True, path_length=1), True)),
        ],
        "purpose-open": [
            swapped(servers=purposes(ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CODE_SIGNING)),
            swapped(servers=purposes(ExtendedKeyUsageOID.OCSP_SIGNING)),
            swapped(servers=None),
            swapped(
                servers=(
                    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                    False,
                )
            ),
        ],
    },
    6: {
        "not-three": [
            lambda: {"causes": {"first": "path-length"}},
            lambda: {"causes": list(TRUE.values())},
            lambda: {"causes": {**TRUE, "fourth": "validity"}},
        ],
        "no-such-rule": [
            lambda: {"causes": {**TRUE, "first": "TLS error"}},
            lambda: {"causes": {**TRUE, "second": 26}},
            lambda: {"causes": {**TRUE, "third": "error 26"}},
            lambda: {"causes": dict.fromkeys(TRUE, "4.2.1.9, 4.2.1.10, 4.2.1.12")},
            lambda: {"causes": dict.fromkeys(TRUE, "path-length 4.2.1.10 7.1.2")},
        ],
        "misread": [
            lambda: {"causes": dict.fromkeys(TRUE, "path-length")},
            lambda: {"causes": {**TRUE, "first": "validity"}},
            lambda: {"causes": {**TRUE, "first": "RFC 5280 §4.1.2.5"}},
        ],
    },
}
