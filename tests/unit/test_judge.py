"""The judge: each rule holds or does not, by itself; what names mean; CRLs; paths; bad input."""

import ipaddress
import random
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from padlock import der, keys, reading
from padlock.authority import Authority, self_signed
from padlock.crls import element
from padlock.judge import RULES, judge, names, paths, referees, revocation
from padlock.judge.case import Case
from padlock.judge.facts import Facts

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
DNS, URI, MAIL = x509.DNSName, x509.UniformResourceIdentifier, x509.RFC822Name


@pytest.fixture(scope="module")
def root():
    return Authority("Root")


@pytest.fixture(scope="module")
def ca(root):
    return root.intermediate("CA")


def ask(leaf, *roots, name="api.test", purpose="server", **more):
    return judge(leaf, roots=list(roots), name=name, purpose=purpose, **more)


_AT = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, URI("http://a.test/"))


def fails(verdict, rule, *words):
    """This rule and no other fails, with a clause and all of these words."""
    assert {f.rule for f in verdict.reasons} == {rule}, verdict
    said = " ".join(f"{f.why} {f.clause}" for f in verdict.reasons)
    assert not [w for w in words if w not in said], said
    assert all(f.clause and f.why for f in verdict.findings)


# ---- Each rule: a chain that breaks it and nothing else; without the rule, it gets through

UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")


def no_ca(root):
    return root.intermediate("I", ca=False, key_usage="digital_signature")


def tampered(issued):
    data = bytearray(issued.certificate.public_bytes(Encoding.DER))
    data[-1] ^= 1
    return x509.load_der_x509_certificate(bytes(data))


def with_sha1(signed, authority):
    """The same certificate or CRL, signed with sha1WithRSAEncryption. (The library makes none with SHA-1 any more.)"""
    data = signed.public_bytes(Encoding.DER).replace(SHA256_RSA, SHA1_RSA)
    load = (
        x509.load_der_x509_crl
        if isinstance(signed, x509.CertificateRevocationList)
        else x509.load_der_x509_certificate
    )
    new = load(data)
    tbs = new.tbs_certlist_bytes if load is x509.load_der_x509_crl else new.tbs_certificate_bytes
    signature = authority.private_key.sign(tbs, padding.PKCS1v15(), hashes.SHA1())
    return load(data[: -len(signature)] + signature)


SHA256_RSA, SHA1_RSA = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")


BROKEN = {  # label → (rule, given the root: (leaf, keywords), words of the finding)
    "unknown root": ("anchor", lambda r: (Authority("Else").issue("api.test"), {}), ["CN=Else", "neither"]),
    "self-signed": ("anchor", lambda r: (self_signed("api.test"), {}), ["signed itself"]),
    "missing intermediate": ("anchor", lambda r: (r.intermediate("I").issue("api.test").certificate, {}), ["CN=I"]),
    "look-alike root": ("signature", lambda r: (Authority("Root").issue("api.test"), {}), ["only has the name"]),
    "tampered": ("signature", lambda r: (tampered(r.issue("api.test")), {}), ["changed after signing"]),
    "forged": ("signature", lambda r: (r.issue("api.test", signed_by=keys.make("p256")), {}), ["§6.1.3 (a)(1)"]),
    "forged, with an intermediate": (
        "signature",
        lambda r: (r.intermediate("I").issue("api.test", signed_by=keys.make("p256")), {}),
        ["key of CN=I"],
    ),
    "expired": (
        "validity",
        lambda r: (r.issue("api.test", not_before=NOW - 9 * DAY, not_after=NOW - DAY), {}),
        ["ended on", "§6.1.3 (a)(2)"],
    ),
    "not yet": ("validity", lambda r: (r.issue("api.test", not_before=NOW + DAY), {}), ["begins on"]),
    "expired intermediate": (
        "validity",
        lambda r: (r.intermediate("I", not_before=NOW - 9 * DAY, not_after=NOW - DAY).issue("api.test"), {}),
        ["ended on"],
    ),
    "no CA": (
        "basic-constraints",
        lambda r: (no_ca(r).issue("api.test"), {"without": "key-usage"}),
        ["CA:FALSE", "§6.1.4 (k)"],
    ),
    "no basicConstraints": (
        "basic-constraints",
        lambda r: (r.intermediate("I", without="basic_constraints").issue("api.test"), {"without": "form"}),
        ["no basicConstraints"],
    ),
    "basicConstraints not critical": (
        "basic-constraints",
        lambda r: (r.intermediate("I", extra=[(x509.BasicConstraints(True, 0), False)]).issue("api.test"), {}),
        ["not marked critical"],
    ),
    "path length": (
        "path-length",
        lambda r: (r.intermediate("I", path_length=0).intermediate("J", path_length=0).issue("api.test"), {}),
        ["allows 0 below it", "is 1"],
    ),
    "no keyCertSign": (
        "key-usage",
        lambda r: (r.intermediate("I", key_usage="crl_sign").issue("api.test"), {}),
        ["no keyCertSign", "§6.1.4 (n)"],
    ),
    "leaf that may not sign": (
        "key-usage",
        lambda r: (r.issue("api.test", key_usage="data_encipherment"), {}),
        ["no digitalSignature"],
    ),
    "wrong purpose": ("extended-key-usage", lambda r: (r.issue("api.test", purpose="client"), {}), ["clientAuth"]),
    "wrong purpose above": (
        "extended-key-usage",
        lambda r: (r.intermediate("I", eku=[ExtendedKeyUsageOID.CLIENT_AUTH]).issue("api.test"), {}),
        ["BR §7.1.2", "no RFC's rule"],
    ),
    "outside the permitted names": (
        "name-constraints",
        lambda r: (r.intermediate("I", name_constraints=["other.test"]).issue("api.test"), {}),
        ["api.test is not among", "§4.2.1.10"],
    ),
    "unknown critical extension": (
        "critical-extensions",
        lambda r: (r.issue("api.test", extra=[(UNKNOWN, True)]), {}),
        ["1.3.6.1.4.1.99999.1", "§4.2"],
    ),
    "unknown critical extension above": (
        "critical-extensions",
        lambda r: (r.intermediate("I", extra=[(UNKNOWN, True)]).issue("api.test"), {}),
        ["critical"],
    ),
    "SKI critical": (
        "critical-extensions",
        lambda r: (r.issue("api.test", extra=[(x509.SubjectKeyIdentifier(b"123"), True)]), {}),
        ["must not", "§4.2.1.2"],
    ),
    "no AKI": ("form", lambda r: (r.issue("api.test", without="aki"), {}), ["authorityKeyIdentifier", "§4.2.1.1"]),
    "no SKI": ("form", lambda r: (r.intermediate("I", without="ski").issue("api.test"), {}), ["§4.2.1.2"]),
    "empty subject, SAN not critical": (
        "form",
        lambda r: (r.issue("api.test", common_name="", critical_san=False), {}),
        ["§4.1.2.6"],
    ),
    "name constraints in a leaf": (
        "form",
        lambda r: (r.issue("api.test", name_constraints=["test"]), {}),
        ["is no CA", "§4.2.1.10"],
    ),
    "P-192": ("strength", lambda r: (r.issue("api.test", key=keys_of("secp192r1")), {}), ["secp192r1"]),
    "a key that can't sign": (
        "strength",
        lambda r: (r.issue("api.test", key=x25519.X25519PrivateKey.generate().public_key()), {}),
        ["can't sign"],
    ),
    "wrong name": ("name", lambda r: (r.issue("www.test"), {}), ["it is for www.test, not for api.test", "RFC 9525"]),
    "CN only": ("name", lambda r: (r.issue(common_name="api.test"), {}), ["no subjectAltName"]),
    "another's key": (
        "possession",
        lambda r: ((r.issue("api.test").certificate, keys.make("p256")), {}),
        ["another certificate"],
    ),
}  # fmt: skip


def keys_of(curve):
    return ec.generate_private_key(getattr(ec, curve.upper())())


@pytest.mark.parametrize("label", BROKEN)
def test_a_rule_that_does_not_hold(label, root):
    rule, make, words = BROKEN[label]
    leaf, more = make(root)
    fails(ask(leaf, root, **more), rule, *words)
    assert ask(leaf, root, without={rule, *([more["without"]] if more else [])}).accepted


def test_revocation_does_not_hold():
    root = Authority("Root")
    ca = root.intermediate("CA")
    leaf = ca.issue("api.test")
    lists = [root.crl(), ca.crl()]
    assert ask(leaf, root, crls=lists).accepted
    ca.revoke(leaf, "keyCompromise")
    new = [root.crl(), ca.crl()]
    fails(ask(leaf, root, crls=new), "revocation", "keyCompromise", "RFC 5280 §6.3.3")
    assert ask(leaf, root, crls=new, without="revocation").accepted
    assert {rule for rule, _, _ in BROKEN.values()} | {"revocation"} == set(RULES)


def test_every_rule_that_holds_says_so(ca, root):
    verdict = ask(ca.issue("api.test"), root, crls=[root.crl(), ca.crl()], max_depth=1)
    assert verdict.accepted
    said = {f.rule for f in verdict.findings}
    assert said == set(RULES) - {"name-constraints"} | {"depth"}
    assert verdict.findings[0].rule == "anchor"
    order = [*[*RULES][:5], "depth", *[*RULES][5:]]
    assert list(dict.fromkeys(f.rule for f in verdict.findings)) == [rule for rule in order if rule in said]
    leaf, *_, top = (f.certificate for f in verdict.findings if f.rule == "form")
    assert (leaf, top) == (verdict.path[0], verdict.path[-1])
    assert str(verdict).count("✓") == len(verdict.findings) + 1


def test_depth_is_the_callers_own_limit(root):
    leaf = root.intermediate("A", path_length=None).intermediate("B").issue("api.test")
    assert ask(leaf, root, max_depth=2).accepted
    fails(ask(leaf, root, max_depth=1), "depth", "2 intermediates, and 1")


def test_old_habits_are_admitted_when_asked_for(root):
    leaf = root.issue("api.test", without="aki")
    assert not ask(leaf, root).accepted
    assert ask(leaf, root, allow_weak=True).accepted


def test_sha1_under_a_certificate_and_under_a_list():
    root = Authority("Root", key_kind="rsa2048")
    leaf = root.issue("api.test")
    old = with_sha1(leaf.certificate, root)
    fails(ask(old, root), "strength", "SHA1", "RFC 8446 §4.4.2.4")
    assert ask(old, root, allow_weak=True).accepted
    assert ask(
        leaf, with_sha1(root.certificate, root)
    ).accepted  # nobody relies on the anchor's own signature
    crl = with_sha1(root.crl(), root)
    fails(ask(leaf, root, crls=crl), "revocation", "SHA1")
    assert ask(leaf, root, crls=crl, allow_weak=True).accepted


# ---- Trust anchors and paths


def test_an_anchor_may_be_an_intermediate_or_the_leaf(ca, root):
    leaf = ca.issue("api.test")
    assert len(ask(leaf, ca.certificate).path) == 2
    assert len(ask(leaf, leaf.certificate).path) == 1
    assert ask(leaf, leaf.certificate).accepted
    assert ask(self_signed("api.test"), root, without="anchor").accepted


def test_any_order_and_much_else_in_the_pool(root):
    chain = (
        root.intermediate("A", path_length=None)
        .intermediate("B", path_length=None)
        .intermediate("C")
        .issue("api.test")
    )
    others = [Authority(n).certificate for n in "ABCDE"]  # of the same names, with other keys
    pool = [*others, *reversed(chain.chain[1:])]
    assert ask(chain.certificate, root, intermediates=pool).accepted
    assert ask(chain.certificate, root, intermediates=[*pool, *pool, root.certificate]).accepted


def test_cross_signed_the_expired_way_is_not_the_only_one():
    key = keys.make("p256")
    old, new = Authority("Old", not_before=NOW - 9 * DAY, not_after=NOW - DAY), Authority("New", key=key)
    cross = Authority("New", issuer=old, key=key, path_length=None)
    leaf = new.issue("api.test")
    assert ask(leaf, old, new, intermediates=[cross.certificate]).accepted
    fails(ask(leaf, old, intermediates=[cross.certificate]), "validity")


def jungle(count):
    """CAs that have all signed each other, and a leaf from the first."""
    pairs = [keys.make("p256") for _ in range(count)]
    selves = [Authority(f"J{i}", key=key) for i, key in enumerate(pairs)]
    cross = [
        Authority(f"J{i}", key=pairs[i], issuer=selves[j], path_length=None).certificate
        for i in range(count)
        for j in range(count)
        if i != j
    ]
    return selves[0].issue("api.test").certificate, cross, selves


def test_a_loop_of_cross_signed_cas_ends(root):
    leaf, cross, _ = jungle(2)
    fails(ask(leaf, root, intermediates=cross), "anchor", "circle")


def test_a_jungle_of_cross_signed_cas_ends_within_a_bound(root):
    leaf, cross, selves = jungle(9)  # more than 100,000 ways through it
    verdict = ask(leaf, root, intermediates=cross)
    assert {"anchor", "work"} <= {f.rule for f in verdict.reasons}
    assert "bound" in verdict.reasons[-1].why
    assert ask(leaf, selves[5], intermediates=cross).accepted  # and the short way through it is found


def test_many_bad_paths_end_within_a_bound():
    leaf, cross, selves = jungle(7)
    verdict = ask(leaf, *selves[1:], intermediates=cross, name="other.test")
    assert {f.rule for f in verdict.reasons} >= {"name"}


def test_self_issued_certificates_do_not_count_as_steps():
    old, new = keys.make("p256"), keys.make("p256")
    root = Authority("Root", key=old, path_length=0)
    rolled = Authority("Root", key=new, issuer=root, path_length=0)
    assert ask(rolled.issue("api.test"), root, max_depth=0).accepted


def test_the_leaf_is_not_exempt_for_being_self_issued(root):
    ca = root.intermediate("CA", name_constraints=["other.test"])
    fails(ask(ca.issue("api.test", subject="CN=CA"), root), "name-constraints", "api.test")


def test_the_algorithm_outside_is_the_one_inside(root):
    data = root.issue("api.test").certificate.public_bytes(Encoding.DER)
    sha256, sha384 = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040303")
    assert data.count(sha256) == 2
    once = x509.load_der_x509_certificate(data.replace(sha256, sha384, 1))
    fails(ask(once, root), "signature", "§4.1.1.2")


def test_the_algorithm_is_one_for_the_kind_of_key():
    """Ed448 named inside and outside, and signed with an Ed25519 key: the bytes fit, the name does not."""
    root = Authority("Root", key_kind="ed25519")
    data = root.issue("api.test").certificate.public_bytes(Encoding.DER)
    data = data.replace(bytes.fromhex("300506032b6570"), bytes.fromhex("300506032b6571"))
    tbs = x509.load_der_x509_certificate(data).tbs_certificate_bytes
    fails(ask(data[:-64] + root.private_key.sign(tbs), root), "signature")


def test_work_grows_with_the_length_of_the_chain_and_not_faster(monkeypatch):
    counted = []
    real = paths.signed_by
    monkeypatch.setattr(paths, "signed_by", lambda *a: counted.append(1) or real(*a))
    above = root = Authority("Root", path_length=None)
    spent = {}
    for length in range(1, 41):
        above = above.intermediate(f"CA {length}", path_length=None)
        if length % 10 == 0:
            counted.clear()
            assert ask(above.issue("api.test"), root).accepted
            spent[length] = len(counted)
    assert spent == {10: 11, 20: 21, 30: 31, 40: 41}


def test_work_does_not_grow_with_the_pool(monkeypatch, ca, root):
    counted = []
    real = paths.signed_by
    monkeypatch.setattr(paths, "signed_by", lambda *a: counted.append(1) or real(*a))
    leaf = ca.issue("api.test")
    key = keys.make("p256")
    pool = [Authority(f"Other {i}", key=key).certificate for i in range(200)]
    for size in (0, 100, 200):
        counted.clear()
        assert ask(leaf, root, intermediates=pool[:size]).accepted
        assert len(counted) == 2


def test_look_alikes_cost_one_check_each_up_to_the_bound(monkeypatch, root):
    monkeypatch.setattr(paths, "MOST_SIGNATURES", 20)
    leaf = Authority("CA").issue("api.test").certificate
    pool = [Authority("CA").certificate for _ in range(40)]
    verdict = ask(leaf, root, intermediates=pool)
    assert "work" in {f.rule for f in verdict.reasons}
    leaf = root.intermediate("CA").issue("api.test")  # its key identifier says which one it is
    assert ask(leaf.certificate, root, intermediates=[*pool, leaf.chain[1]]).accepted


# ---- Names

COVERED = [
    ("api.test", "api.test"), ("API.test", "api.TEST"), ("api.test", "api.test."), ("*.a.test", "b.a.test"),
    ("xn--bcher-kva.test", "xn--bcher-kva.test"), ("10.0.0.7", "10.0.0.7"), ("::1", "::1"), ("::1", "0:0:0:0:0:0:0:1"),
    ("10.0.0.7", ipaddress.ip_address("10.0.0.7")), ("a@b.test", MAIL("a@B.test")), ("a@b.test", "a@b.test"),
    (URI("spiffe://a.test/b"), URI("spiffe://a.test/b")), (URI("spiffe://a.test/b"), "spiffe://a.test/b"),
]  # fmt: skip
NOT_COVERED = [
    ("*.a.test", "a.test"), ("*.a.test", "c.b.a.test"), ("a.test", "b.a.test"), (DNS("*.test"), "a.test"),
    (DNS("b*.a.test"), "bc.a.test"), (DNS("b.*.test"), "b.a.test"), (DNS("10.0.0.7"), "10.0.0.7"),
    ("10.0.0.7", "::ffff:10.0.0.7"), ("A@b.test", MAIL("a@b.test")), (DNS("api.test."), "api.test"),
    (DNS(".a.test"), "b.a.test"), (URI("spiffe://a.test/b"), URI("spiffe://a.test/B")), ("api.test", URI("api.test")),
]  # fmt: skip


@pytest.mark.parametrize(("held", "wanted"), COVERED, ids=str)
def test_names_that_are_covered(held, wanted, root):
    assert ask(root.issue(held), root, name=wanted).accepted


@pytest.mark.parametrize(("held", "wanted"), NOT_COVERED, ids=str)
def test_names_that_are_not(held, wanted, root):
    fails(ask(root.issue(held, subject="CN=x"), root, name=wanted), "name")


def test_a_letter_that_only_looks_like_k_in_lower_case():
    with pytest.raises(ValueError, match="xn--"):
        names.wanted("ban\u212a.test")
    assert names.lower("BAN\u212a") == "BAN\u212a"


def test_an_address_as_dns_name_is_explained(root):
    fails(
        ask(root.issue(DNS("10.0.0.7"), subject="CN=x"), root, name="10.0.0.7"),
        "name",
        "must be an iPAddress",
    )


def constraints(permitted=None, excluded=None):
    return x509.NameConstraints(permitted, excluded)


def net(text):
    return x509.IPAddress(ipaddress.ip_network(text))


def dn(text):
    return x509.DirectoryName(x509.Name.from_rfc4514_string(text))


def ID(text):
    return x509.RegisteredID(x509.ObjectIdentifier(text))


# (permitted, excluded, name in the leaf, is it inside?)
INSIDE = [
    ([DNS("a.test")], None, "a.test", True),
    ([DNS("a.test")], None, "b.a.test", True),
    ([DNS("a.test")], None, "ba.test", False),
    ([DNS("A.test")], None, "b.a.TEST", True),
    ([DNS(".a.test")], None, "b.a.test", True),
    ([DNS(".a.test")], None, "a.test", False),  # no RFC says what the dot means: narrowly
    (None, [DNS(".a.test")], "a.test", False),  # and here widely
    (None, [DNS("a.test")], "b.a.test", False),
    (None, [DNS("a.test")], "b.test", True),
    ([DNS("")], None, "b.test", True),
    (None, [DNS("")], "b.test", False),
    ([DNS("a.test")], None, "*.a.test", True),
    ([DNS("b.a.test")], None, "*.a.test", False),
    (None, [DNS("secret.a.test")], "*.a.test", False),  # the * may stand for secret
    (None, [DNS("very.secret.a.test")], "*.a.test", True),  # it stands for one label only
    (None, [DNS("?.a.test")], "b.a.test", False),  # malformed: nobody knows what it excludes
    (None, [DNS("a.test.")], "b.a.test", False),
    (None, [DNS("a.test")], DNS("b.a.test."), False),
    (None, [DNS("a.test")], DNS("b c.test"), False),
    ([DNS("a.test")], None, "10.0.0.7", True),  # another form of name is not constrained
    ([net("10.0.0.0/8")], None, "10.1.2.3", True),
    ([net("10.0.0.0/8")], None, "11.1.2.3", False),
    ([net("10.0.0.0/8")], None, "::1", False),
    (None, [net("10.0.0.0/8")], "10.1.2.3", False),
    (None, [net("10.0.0.0/8")], "::ffff:10.1.2.3", False),
    (None, [net("0.0.0.0/0")], "::1", True),
    ([net("::/0")], None, "2001:db8::1", True),
    ([MAIL("a@b.test")], None, "a@b.test", True),
    ([MAIL("a@b.test")], None, "c@b.test", False),
    ([MAIL("b.test")], None, "c@B.test", True),
    ([MAIL("b.test")], None, "c@d.b.test", False),
    ([MAIL(".b.test")], None, "c@d.b.test", True),
    ([MAIL(".b.test")], None, "c@b.test", False),
    (None, [MAIL("b.test")], MAIL("c@b.test."), False),
    (None, [MAIL("b.test")], MAIL("b.test"), False),
    ([URI("a.test")], None, URI("https://a.test/x"), True),
    ([URI("a.test")], None, URI("https://user:pass@a.test:8443/x?y#z"), True),
    ([URI("a.test")], None, URI("https://b.a.test/"), False),
    ([URI(".a.test")], None, URI("https://b.a.test/"), True),
    ([URI(".a.test")], None, URI("https://a.test/"), False),
    ([URI("a.test")], None, URI("https://a.test@evil.test/"), False),
    ([URI("a.test")], None, URI("https://evil.test\\@a.test/"), False),  # programs disagree on the host
    ([URI("a.test")], None, URI("https://evil.test#@a.test/"), False),
    (None, [URI("a.test")], URI("https://[::1]/"), False),  # an address is no host name
    (None, [URI("a.test")], URI("https://10.0.0.7/"), False),
    (None, [URI("a.test")], URI("urn:a:b"), False),
    (None, [URI("a.test")], URI("https://A.TEST/"), False),
    (None, [URI("a.test")], URI("https://a.test./"), False),
    (None, [ID("1.2.3")], ID("1.2.4"), False),  # a form of name that we don't compare
    ([dn("CN=x")], None, dn("CN=x"), True),
    ([dn("O=Z")], None, "b.test", False),  # the subject is CN=x
    (None, [dn("CN=X")], "b.test", False),
    (None, [dn("CN=x\u00ad")], "b.test", False),  # a soft hyphen shows as nothing
    ([dn("CN=x")], None, dn("OU=b,CN=x"), True),
    (None, [dn("CN=x,O=y")], "b.test", True),
]  # fmt: skip


@pytest.mark.parametrize(("permitted", "excluded", "name", "inside"), INSIDE, ids=range(len(INSIDE)))
def test_name_constraints(permitted, excluded, name, inside, root):
    ca = root.intermediate("CA", name_constraints=constraints(permitted, excluded))
    verdict = ask(ca.issue(name, subject="CN=x"), root, name=None)
    if inside:
        assert verdict.accepted, verdict
    else:
        fails(verdict, "name-constraints")


def test_multi_valued_rdns_have_no_order(root):
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "O"), x509.NameAttribute(NameOID.COMMON_NAME, "c")]
    one, other = (x509.Name([x509.RelativeDistinguishedName(p)]) for p in (parts, parts[::-1]))
    assert names.name_key(one) == names.name_key(other)
    ca = root.intermediate("CA", name_constraints=constraints(None, [x509.DirectoryName(one)]))
    fails(ask(ca.issue("api.test", subject=other), root), "name-constraints", "excluded")


def test_mail_in_the_subject_is_constrained_unless_the_san_has_one(root):
    ca = root.intermediate("CA", name_constraints=constraints([MAIL("b.test")], None))
    subject = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@evil.test")])
    fails(ask(ca.issue("api.test", subject=subject), root), "name-constraints", "a@evil.test")


def test_constraints_of_the_anchor_and_of_every_ca_count():
    root = Authority("Root", name_constraints=["test"])
    ca = root.intermediate("CA", name_constraints=["example"])
    verdict = ask(ca.issue("api.test"), root)
    fails(verdict, "name-constraints")
    assert [f.ok for f in verdict.findings if f.rule == "name-constraints"] == [False, True]


def test_a_minimum_in_a_constraint_is_not_overlooked(root):
    """permitted: DNS:test, minimum 1 (RFC 5280 §4.2.1.10: must be 0)."""
    raw = bytes.fromhex("300b a009 3007 8204 74657374".replace(" ", ""))  # without
    assert constraints([DNS("test")], None).public_bytes() == bytes.fromhex(
        "300aa008300682047465 7374".replace(" ", "")
    )
    raw = bytes.fromhex("300da00b300982047465 7374 800101".replace(" ", ""))
    oid = x509.NameConstraints.oid
    ca = root.intermediate("CA", extra=[(x509.UnrecognizedExtension(oid, raw), True)])
    fails(ask(ca.issue("api.test"), root), "form", "minimum")


def test_five_thousand_names_by_five_thousand_constraints(root):
    many = [DNS(f"n{i}.test") for i in range(5000)]
    ca = root.intermediate(
        "CA", name_constraints=constraints(many, [DNS(f"x.n{i}.test") for i in range(5000)])
    )
    leaf = ca.issue(*(DNS(f"*.a.n{i}.test") for i in range(5000)), subject="CN=x")
    began = datetime.now(UTC)
    assert ask(leaf, root, name="b.a.n7.test").accepted
    assert (datetime.now(UTC) - began).total_seconds() < 5  # 25 million comparisons would take longer


# ---- Revocation


def test_what_no_list_speaks_of_is_refused(ca, root):
    leaf = ca.issue("api.test")
    fails(ask(leaf, root, crls=[root.crl()]), "revocation", "no CRL of its issuer was given")
    assert ask(leaf, root).accepted  # nobody asked


CRLS = {
    "expired": ({"this_update": NOW - 9 * DAY, "next_update": NOW - DAY}, "good until"),
    "of the future": ({"this_update": NOW + DAY, "next_update": NOW + 2 * DAY}, "is of"),
    "signed by nobody we know": ({"signed_by": keys.make("p256")}, "fits no key"),
}


@pytest.mark.parametrize("label", CRLS)
def test_lists_that_are_not_relied_on(label, ca, root):
    change, words = CRLS[label]
    fails(
        ask(ca.issue("api.test"), root, crls=[root.crl(), ca.crl(**change)]), "revocation", words, "not known"
    )


def test_an_older_list_does_not_outvote_a_newer_one():
    root = Authority("Root")
    leaf = root.issue("api.test")
    old = root.crl()
    root.revoke(leaf)
    for lists in ([old, root.crl()], [root.crl(), old]):
        fails(ask(leaf, root, crls=lists), "revocation", "revoked on")


def test_every_list_in_a_bundle_is_read():
    root = Authority("Root")
    leaf = root.issue("api.test")
    old = root.crl()
    root.revoke(leaf)
    bundle = b"".join(crl.public_bytes(Encoding.PEM) for crl in (old, root.crl()))
    fails(ask(leaf, root, crls=bundle), "revocation", "revoked on")
    assert len(reading.crls(bundle)) == 2


def test_a_ca_that_may_not_sign_lists(root):
    ca = root.intermediate("CA", key_usage="key_cert_sign")
    fails(ask(ca.issue("api.test"), root, crls=[root.crl(), ca.crl()]), "revocation", "no cRLSign")


def crl_signer(issuer, name="CA", **changes):
    """A certificate of `issuer` for the key with which somebody signs lists in the name of CA."""
    key = keys.make("p256")
    changes = {"subject": f"CN={name}", "purpose": None, "key_usage": "crl_sign", "key": key} | changes
    return key, issuer.issue(**changes).certificate


def test_a_list_signed_with_another_key_of_the_same_ca(root):
    ca = root.intermediate("CA")
    key, signer = crl_signer(root)
    leaf, lists = ca.issue("api.test"), [root.crl(), ca.crl(signed_by=key)]
    assert ask(leaf, root, intermediates=[signer], crls=lists).accepted
    fails(ask(leaf, root, crls=lists), "revocation", "fits no key")


@pytest.mark.parametrize("certified_by", ["root", "ca"])
def test_a_neighbour_without_key_usage_signs_no_lists(certified_by, root):
    """RFC 5280 §6.3.3 (f) lets it through, but §4.2.1.3: who signs CRLs MUST say so. Nor does its bad word count."""
    ca = root.intermediate("CA")
    leaf = ca.issue("api.test")
    issuer = {"root": root, "ca": ca}[certified_by]
    key, neighbour = crl_signer(issuer, without=("key_usage",), purpose="server")
    clean, bad = ca.crl(signed_by=key), revoking(ca, leaf, key=key)
    asked = {"intermediates": [neighbour]}
    fails(ask(leaf, root, crls=[root.crl(), clean], **asked), "revocation", "no keyUsage", "§4.2.1.3")
    assert ask(leaf, root, crls=[root.crl(), ca.crl(), bad], **asked).accepted
    # the CA's own key may stay silent about it
    silent = root.intermediate("CA", without=("key_usage",))
    assert ask(silent.issue("api.test"), root, crls=[root.crl(), silent.crl()]).accepted


@pytest.mark.parametrize("case", ["listed", "no point", "a stranger's", "no right", "direct", "another's"])
def test_an_indirect_list_of_the_crl_issuer_that_the_certificate_names(case, root):
    """RFC 5280 §6.3.3 (b)(1). `openssl verify -extended_crl`: error 23, certificate revoked."""
    ca = root.intermediate("CA")
    usage = "digital_signature" if case == "no right" else "crl_sign"
    key, signer = crl_signer(root, "CRL Signer", key_usage=usage)
    point = x509.DistributionPoint(AT_A, None, None, [dn("CN=CRL Signer")])
    extra = [] if case == "no point" else [(x509.CRLDistributionPoints([point]), False)]
    leaf = ca.issue("api.test", extra=extra)
    whose = x509.CertificateIssuer([dn("CN=Other" if case == "another's" else "CN=CA")])
    entry = x509.RevokedCertificateBuilder().serial_number(leaf.certificate.serial_number)
    entry = entry.revocation_date(NOW - DAY).add_extension(whose, critical=True).build()
    builder = x509.CertificateRevocationListBuilder(signer.subject, NOW - DAY, NOW + DAY)
    builder = builder.add_revoked_certificate(entry)
    if case != "direct":
        builder = builder.add_extension(scope(AT_A, indirect_crl=True), critical=True)
    listing = builder.sign(keys.make("p256") if case == "a stranger's" else key, hashes.SHA256())
    good = [ca.ocsp(leaf.certificate), root.ocsp(ca.certificate), root.ocsp(signer)]
    verdict = ask(leaf, root, intermediates=[signer], crls=[listing, root.crl()], ocsp_answers=good)
    if case == "listed":
        fails(verdict, "revocation", "revoked on")
    else:
        assert verdict.accepted, verdict


def test_a_bad_word_outlives_its_signer(root):
    """The key had the right when it signed. Signed afterwards, by its own date, it is a stranger's."""
    ca = root.intermediate("CA", not_before=NOW - 9 * DAY)
    leaf = ca.issue("api.test")
    key, signer = crl_signer(root, not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    asked = {"intermediates": [signer]}
    for begin, ok in ((NOW - 2 * DAY, False), (NOW - DAY / 2, True)):
        bad = revoking(ca, leaf, key=key, begin=begin)
        verdict = ask(leaf, root, crls=[root.crl(), ca.crl(), bad], **asked)
        assert verdict.accepted == ok, verdict
    fails(
        ask(leaf, root, crls=[root.crl(), ca.crl(signed_by=key)], **asked), "revocation", "its time ended on"
    )


def test_a_name_alone_makes_nobody_a_signer_of_lists(root):
    """Another CA under the same root, and one under another root that is trusted too, certify a key for the name CA."""
    ca = root.intermediate("CA")
    other = Authority("Other")
    for stranger in (root.intermediate("Stranger"), other, other.intermediate("Root")):
        key, signer = crl_signer(stranger)
        pool = [signer, stranger.certificate]
        verdict = ask(
            ca.issue("api.test"), root, other, intermediates=pool, crls=[root.crl(), ca.crl(signed_by=key)]
        )
        fails(verdict, "revocation", "not the issuer's own")


def list_with(ca, extension=None, critical=True, entry=None):
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, NOW - DAY, NOW + DAY)
    if extension:
        builder = builder.add_extension(extension, critical)
    if entry:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(ca.private_key, hashes.SHA256())


def scope(full_name=None, **flags):
    every = dict.fromkeys(
        (
            "only_contains_user_certs",
            "only_contains_ca_certs",
            "indirect_crl",
            "only_contains_attribute_certs",
        ),
        False,
    )
    return x509.IssuingDistributionPoint(full_name, None, only_some_reasons=None, **every | flags)


AT_A = [URI("http://a.test/crl")]
KEY_COMPROMISE = frozenset([x509.ReasonFlags.key_compromise])
SCOPES = {
    "for leaves": (scope(only_contains_user_certs=True), True, ""),
    "for CAs": (scope(only_contains_ca_certs=True), False, "speaks of"),
    "for attributes": (scope(only_contains_attribute_certs=True), False, "speaks of"),
    "indirect": (scope(indirect_crl=True), False, "not understood"),
    "of its point": (scope(AT_A), True, ""),
    "of another point": (scope([URI("http://b.test/crl")]), False, "speaks of"),
    "delta": (x509.DeltaCRLIndicator(1), False, "delta"),
    "unknown": (UNKNOWN, False, "not understood"),
    "some reasons": (
        x509.IssuingDistributionPoint(None, None, False, False, KEY_COMPROMISE, False, False), False, "reasons",
    ),
}  # fmt: skip


@pytest.mark.parametrize("label", SCOPES)
def test_what_a_list_speaks_of(label, root):
    extension, good, words = SCOPES[label]
    leaf = root.issue("api.test", crl_url="http://a.test/crl")
    verdict = ask(leaf, root, crls=[list_with(root, extension)])
    if good:
        assert verdict.accepted, verdict
    else:
        fails(verdict, "revocation", words)


def test_an_entry_that_may_be_about_another_ca(root):
    entry = x509.RevokedCertificateBuilder().serial_number(5).revocation_date(NOW - DAY)
    entry = entry.add_extension(x509.CertificateIssuer([dn("CN=Other")]), critical=True).build()
    fails(
        ask(root.issue("api.test"), root, crls=[list_with(root, entry=entry)]),
        "revocation",
        "critical extension",
    )


def test_an_entry_for_another_ca_on_a_list_for_one(root):
    """RFC 5280 §5.3.3 has certificateIssuer in indirect CRLs only: whose this entry is, nobody knows."""
    leaf = root.issue("api.test")
    for name, words in (("CN=Other", "it may be revoked"), ("CN=Root", "revoked on")):
        entry = x509.RevokedCertificateBuilder().serial_number(leaf.certificate.serial_number)
        entry = entry.revocation_date(NOW - DAY)
        entry = entry.add_extension(x509.CertificateIssuer([dn(name)]), critical=False).build()
        verdict = ask(leaf, root, crls=[list_with(root, entry=entry)])
        fails(verdict, "revocation")
        (finding,) = verdict.reasons
        assert finding.why.startswith(words)


# ---- One bad word, signed by who may say it, and much that is good beside it


def revoking(
    ca,
    leaf,
    *extensions,
    reason="key_compromise",
    number=5,
    begin=NOW - DAY,
    end=NOW + DAY,
    others=(),
    key=None,
):
    """A CRL of `ca` that lists the leaf. others: entries before that."""
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, begin, end)
    builder = builder.add_extension(x509.CRLNumber(number), False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    entry = x509.RevokedCertificateBuilder().serial_number(leaf.certificate.serial_number)
    entry = entry.revocation_date(NOW - DAY / 2)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags[reason]), False).build()
    for each in (*others, entry):
        builder = builder.add_revoked_certificate(each)
    return builder.sign(key or ca.private_key, hashes.SHA256())


def rewritten(crl, ca, change):
    """The same list after `change(parts)` (label → DER of what stands in it), signed by `ca` again."""
    outer = der.parse(crl.public_bytes(Encoding.DER), "CertificateList")
    parts = {node.label: node.raw for node in outer.children[0].children}
    change(parts)
    signed = element(0x30, b"".join(parts.values()))
    signature = ca.private_key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return x509.load_der_x509_crl(
        element(0x30, signed + outer.children[1].raw + element(0x03, b"\0" + signature))
    )


def edited(old, new):
    """Of the entries, these bytes for those, once."""

    def change(parts):
        assert parts["revokedCertificates"].count(old) == 1
        parts["revokedCertificates"] = parts["revokedCertificates"].replace(old, new)

    return change


def some_entry(*extensions):
    entry = x509.RevokedCertificateBuilder().serial_number(5).revocation_date(NOW - DAY)
    for extension, critical in extensions:
        entry = entry.add_extension(extension, critical)
    return entry.build()


KEY_COMPROMISED, ODD_REASON = b"\x0a\x01\x01", b"\x0a\x01\x07"
POINT = x509.DistributionPoint(AT_A, None, None, None)
OTHERS = (x509.CertificateIssuer([dn("CN=Other")]), True)
UNREADABLE_DATE = (f"{NOW - DAY / 2:%y%m%d%H%M%SZ}".encode(), b"00000101000000Z")


def with_dates_unreadable(parts):
    old, new = (element(tag, text) for tag, text in zip((0x17, 0x18), UNREADABLE_DATE, strict=True))
    entries = parts["revokedCertificates"]
    (entry,) = der.parse(entries).children
    assert entry.raw.count(old) == 1
    parts["revokedCertificates"] = element(0x30, element(0x30, entry.content.replace(old, new)))


# label → the lists that revoke the leaf, with what was once a reason not to look at them
BAD_WORDS = {
    "complete": lambda ca, leaf: [revoking(ca, leaf)],
    "with an older number": lambda ca, leaf: [revoking(ca, leaf, number=1)],
    "beside a stranger's delta": lambda ca, leaf: [
        revoking(ca, leaf),
        numbered(Authority("Root"), 6, point=x509.DeltaCRLIndicator(5)),
    ],
    "beside a delta": lambda ca, leaf: [
        revoking(ca, leaf),
        numbered(ca, 6, point=x509.DeltaCRLIndicator(5)),
    ],
    "a delta": lambda ca, leaf: [revoking(ca, leaf, (x509.DeltaCRLIndicator(1), True))],
    "points to deltas": lambda ca, leaf: [revoking(ca, leaf, (x509.FreshestCRL([POINT]), False))],
    "some reasons": lambda ca, leaf: [
        revoking(
            ca, leaf, (x509.IssuingDistributionPoint(None, None, False, False, KEY_COMPROMISE, False, False), True)
        )
    ],
    "indirect": lambda ca, leaf: [revoking(ca, leaf, (scope(indirect_crl=True), True))],
    "indirect, with an odd reason": lambda ca, leaf: [
        rewritten(
            revoking(ca, leaf, (scope(indirect_crl=True), True), others=[some_entry(OTHERS)]),
            ca,
            edited(KEY_COMPROMISED, ODD_REASON),
        )
    ],
    "of another point": lambda ca, leaf: [
        revoking(ca, leaf, (scope([URI("http://b.test/crl")]), True)),
    ],
    "of the point that everybody has": lambda ca, leaf: [
        revoking(ca, leaf, (scope([x509.DirectoryName(ca.certificate.subject)]), True))
    ],
    "without an end": lambda ca, leaf: [
        rewritten(revoking(ca, leaf), ca, lambda parts: parts.pop("nextUpdate"))
    ],
    "past its end": lambda ca, leaf: [revoking(ca, leaf, begin=NOW - 3 * DAY, end=NOW - DAY / 4)],
    "an odd reason": lambda ca, leaf: [
        rewritten(revoking(ca, leaf), ca, edited(KEY_COMPROMISED, ODD_REASON))
    ],
    "an odd reason elsewhere": lambda ca, leaf: [
        rewritten(
            revoking(ca, leaf, others=[some_entry((x509.CRLReason(x509.ReasonFlags.aa_compromise), False))]),
            ca,
            edited(b"\x0a\x01\x0a", ODD_REASON),
        )
    ],
    "an odd date": lambda ca, leaf: [rewritten(revoking(ca, leaf), ca, with_dates_unreadable)],
    "something critical": lambda ca, leaf: [revoking(ca, leaf, (UNKNOWN, True))],
    "something critical elsewhere": lambda ca, leaf: [revoking(ca, leaf, others=[some_entry((UNKNOWN, True))])],
}  # fmt: skip


@pytest.mark.parametrize("label", BAD_WORDS)
def test_a_bad_word_is_not_outvoted(label):
    root = Authority("Root")
    leaf = root.issue("api.test")
    bad, clean, answer = BAD_WORDS[label](root, leaf), numbered(root, 4), root.ocsp(leaf.certificate)
    assert ask(leaf, root, crls=[clean], ocsp_answers=[answer]).accepted
    words = "it may be revoked" if "critical" in label else "revoked on"
    for lists in (bad, [clean, *bad], [*bad, clean]):
        for answers in ((), [answer]):
            fails(ask(leaf, root, crls=lists, ocsp_answers=answers), "revocation", words)
    opinion = referees.openssl(Case([leaf.certificate], [root.certificate], crls=tuple(bad)))
    assert opinion.accepted is False, opinion


@pytest.mark.parametrize(
    "extension",
    [
        x509.FreshestCRL([POINT]),
        x509.CRLDistributionPoints([x509.DistributionPoint(AT_A, None, KEY_COMPROMISE, None)]),
        x509.CRLDistributionPoints(
            [x509.DistributionPoint(AT_A, None, None, [dn("CN=Root")])]
        ),
        x509.CRLDistributionPoints(
            [POINT, x509.DistributionPoint(None, None, None, [dn("CN=Other")])]
        ),
    ],
    ids=["deltas", "by reason", "the issuer itself", "somebody else"],
)  # fmt: skip
def test_a_bad_word_counts_wherever_the_certificate_points(extension):
    root = Authority("Root")
    leaf = root.issue("api.test", extra=[(extension, False)])
    answer = root.ocsp(leaf.certificate)
    assert ask(leaf, root, crls=[numbered(root, 4)], ocsp_answers=[answer]).accepted
    fails(ask(leaf, root, crls=[revoking(root, leaf)], ocsp_answers=[answer]), "revocation", "revoked on")


# label → lists on which the leaf stands, and that say nothing of it all the same
NO_WORDS = {
    "a stranger's": lambda ca, leaf: revoking(Authority("Root"), leaf),
    "taken back": lambda ca, leaf: revoking(ca, leaf, reason="remove_from_crl"),
    "for attributes": lambda ca, leaf: revoking(ca, leaf, (scope(only_contains_attribute_certs=True), True)),
    "another CA's entry": lambda ca, leaf: revoking(
        ca, leaf, (scope(indirect_crl=True), True), others=[some_entry(OTHERS)]
    ),
    "of later": lambda ca, leaf: rewritten(
        revoking(ca, leaf, begin=NOW + DAY, end=NOW + 2 * DAY),
        ca,
        edited(UNREADABLE_DATE[0], f"{NOW + DAY:%y%m%d%H%M%SZ}".encode()),
    ),
}


@pytest.mark.parametrize("label", NO_WORDS)
def test_what_is_no_bad_word(label):
    root = Authority("Root")
    leaf = root.issue("api.test")
    assert ask(leaf, root, crls=[NO_WORDS[label](root, leaf), numbered(root, 4)]).accepted
    assert not ask(leaf, root, crls=[revoking(root, leaf), numbered(root, 4)]).accepted


def test_every_flipped_bit_of_a_list_that_is_signed_is_a_finding():
    """Flipped before the CA signs it, so that what is inside is read."""
    root, chance, met = Authority("Root"), random.Random(9), 0
    leaf = root.issue("api.test", crl_url=AT_A[0].value)
    scopes = [(scope(AT_A), True), (x509.FreshestCRL([POINT]), False)]
    list_ = revoking(root, leaf, *scopes, others=[some_entry(OTHERS)]).tbs_certlist_bytes
    algorithm = der.parse(root.crl().public_bytes(Encoding.DER), "CertificateList").children[1].raw
    for at in chance.sample(range(len(list_) * 8), 400):
        changed = bytearray(list_)
        changed[at // 8] ^= 1 << at % 8
        signature = element(0x03, b"\0" + root.private_key.sign(bytes(changed), ec.ECDSA(hashes.SHA256())))
        try:
            verdict = ask(leaf, root, crls=element(0x30, bytes(changed) + algorithm + signature))
        except reading.Unreadable:
            continue
        met += 1
        assert str(verdict)
    assert met > 150


def test_a_hold_that_the_list_itself_takes_back():
    """RFC 5280 §6.3.3 (k): removeFromCRL is no revocation; `openssl verify` accepts it too."""
    root = Authority("Root")
    leaf = root.issue("api.test")
    lists = (revoking(root, leaf, reason="remove_from_crl"),)
    verdict = ask(leaf, root, crls=lists)
    assert verdict.accepted
    assert "but revoked no longer (removeFromCRL)" in str(verdict)
    assert "not on the CRL" not in str(verdict)
    assert referees.openssl(Case([leaf.certificate], [root.certificate], crls=lists)).accepted
    hold = revoking(root, leaf, reason="certificate_hold")
    removed = revoking(root, leaf, (x509.DeltaCRLIndicator(5), True), reason="remove_from_crl", number=6)
    fails(ask(leaf, root, crls=[hold, removed]), "revocation", "certificateHold", "not understood")
    strangers = numbered(Authority("Root"), 6, point=x509.DeltaCRLIndicator(5))
    assert "not understood" not in str(ask(leaf, root, crls=[hold, strangers]))


def test_a_list_for_the_point_that_everybody_has(root):
    """RFC 5280 §6.3.3: for other lists, assume a distribution point with the name of the certificate's issuer."""
    own = scope([dn("CN=ROOT")])
    assert ask(root.issue("api.test"), root, crls=[list_with(root, own)]).accepted
    other = scope([dn("CN=Root,O=Else")])
    fails(ask(root.issue("api.test"), root, crls=[list_with(root, other)]), "revocation", "no CRL")


@pytest.mark.parametrize("listing", [False, True])
def test_no_bad_word_is_lost_among_many_lists(listing, monkeypatch):
    """Anybody can write lists in the CA's name. They use up the bound on work, and must not hide one that counts."""
    monkeypatch.setattr(paths, "MOST_SIGNATURES", 20)
    root, stranger = Authority("Root"), Authority("Root")
    leaf = root.issue("api.test")
    junk = [revoking(stranger, leaf, number=n) if listing else numbered(stranger, n) for n in range(10, 40)]
    clean = numbered(root, 4)
    assert ask(leaf, root, crls=[clean, *junk[:5]]).accepted
    verdict = ask(leaf, root, crls=[clean, *junk, revoking(root, leaf)])
    assert "work" in {finding.rule for finding in verdict.reasons}
    (why,) = [finding.why for finding in verdict.reasons if finding.rule == "revocation"]
    assert ("bound on work" if listing else "revoked on") in why


def test_a_bad_word_signed_with_another_key_of_the_ca():
    """Nobody says whether that key is revoked: no good word then, but a bad one. If it is revoked: neither."""
    root = Authority("Root")
    leaf = root.issue("api.test")
    key, signer = crl_signer(root, "Root")
    good = root.ocsp(leaf.certificate)
    clean, bad = root.crl(signed_by=key), revoking(root, leaf, key=key)
    asked = {"intermediates": [signer], "ocsp_answers": [good]}
    assert ask(leaf, root, crls=[clean], **asked).accepted
    fails(ask(leaf, root, crls=[bad], **asked), "revocation", "keyCompromise")
    fails(ask(leaf, root, crls=[clean], intermediates=[signer]), "revocation", "not known")
    root.revoke(signer)
    assert ask(leaf, root, crls=[bad, root.crl()], **asked).accepted


def test_a_sentence_does_not_grow_with_the_signers():
    """Each key signed a list, and for none of their certificates there is one of the root's own."""

    def told(count):
        root = Authority("Root")
        pairs = [crl_signer(root, "Root") for _ in range(count)]
        lists, signers = [root.crl(signed_by=key) for key, _ in pairs], [signer for _, signer in pairs]
        (reason,) = ask(root.issue("api.test"), root, intermediates=signers, crls=lists).reasons
        assert "certificate is not good (whether it is revoked is not known" in reason.why
        return len(reason.why)

    assert told(5) == told(4) < 2 * told(2)


def test_the_issuer_itself_may_always_revoke():
    """Without cRLSign its lists say nothing good; but it is the issuer that says "revoked" there."""
    root = Authority("Root", key_usage="key_cert_sign")
    leaf = root.issue("api.test")
    good = root.ocsp(leaf.certificate)
    assert ask(leaf, root, crls=[numbered(root, 4)], ocsp_answers=[good]).accepted
    fails(ask(leaf, root, crls=[revoking(root, leaf)], ocsp_answers=[good]), "revocation", "keyCompromise")


# ---- What is handed in


def test_an_empty_pool_and_no_roots(ca):
    leaf = ca.issue("api.test")
    for roots in ((), [], None):
        fails(judge(leaf.certificate, (), roots, "api.test"), "anchor", "CN=CA", "neither")


def test_ten_thousand_certificates_in_the_pool(monkeypatch, ca, root):
    counted = []
    real = paths.signed_by
    monkeypatch.setattr(paths, "signed_by", lambda *a: counted.append(1) or real(*a))
    leaf = ca.issue("api.test")
    base = ca.issue("x.test").certificate.public_bytes(Encoding.DER)
    pool = [x509.load_der_x509_certificate(base[:-2] + i.to_bytes(2, "big")) for i in range(10_000)]
    assert ask(leaf, root, intermediates=[*pool, ca.certificate]).accepted
    assert len(counted) == 2
    with pytest.raises(reading.Unreadable, match="more than 1,000"):
        ask(leaf, root, intermediates=b"".join(c.public_bytes(Encoding.PEM) for c in pool[:1001]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": datetime(2030, 1, 1)}, "time zone"),
        ({"at": "2030-01-01"}, "time zone"),
        ({"name": "bücher.test"}, "xn--"),
        ({"name": ""}, "DNS name"),
        ({"name": "a..test"}, "DNS name"),
        ({"name": "a b.test"}, "DNS name"),
        ({"name": 7}, "not a int"),
        ({"name": "10.0.0.256"}, "DNS name"),
        ({"name": "https://api.test/login?next=/"}, "Give api.test alone"),
        ({"name": "WSS://ada:pw@api.test:8443"}, "Give api.test alone"),
        ({"name": "api.test:443"}, "Give api.test alone"),
        ({"name": "api.test/login"}, "Give api.test alone"),
        ({"name": "[::1]:443"}, "Give ::1 alone"),
        ({"at": datetime.max.replace(tzinfo=timezone(-DAY / 2))}, "years 1 to 9999"),
        ({"purpose": "mail"}, "server"),
        ({"max_depth": -1}, "max_depth"),
        ({"without": "nonsense"}, "no rule called"),
        ({"leaf": b"\x30\x03\x02\x01\x01"}, "damaged"),
        ({"leaf": "nothing at all"}, "certificate"),
        ({"roots": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "damaged"),
        ({"crls": b"\x30\x03\x02\x01\x01"}, "damaged"),
    ],
    ids=str,
)
def test_a_question_that_is_not_understood(change, words, ca, root):
    asked = {"leaf": ca.issue("api.test"), "roots": [root], "name": "api.test"} | change
    with pytest.raises(ValueError, match=words) as caught:
        judge(**asked)
    assert "\n" not in str(caught.value)


def test_an_extension_that_does_not_parse(root):
    for extension in (
        x509.SubjectAlternativeName,
        x509.NameConstraints,
        x509.KeyUsage,
        x509.BasicConstraints,
    ):
        bad = x509.UnrecognizedExtension(extension.oid, b"\x30\x05\x00")
        verdict = ask(root.issue("api.test", extra=[(bad, False)]), root, name=None)
        assert "form" in {f.rule for f in verdict.reasons}
        assert "can't be read" in str(verdict)


def test_the_last_second_is_good_to_its_end(root):
    end = (NOW + DAY).replace(second=30)
    leaf = root.issue("api.test", not_after=end)
    assert ask(leaf, root, at=end + timedelta(milliseconds=900)).accepted
    verdict = ask(leaf, root, at=end + timedelta(seconds=1))
    fails(verdict, "validity", f"ended on {end:%Y-%m-%d %H:%M:30}, and it is {end:%Y-%m-%d %H:%M:31} UTC")


def test_times_are_told_in_utc(root):
    leaf = root.issue("api.test", not_after=NOW + DAY)
    later = (NOW + 2 * DAY).astimezone(timezone(timedelta(hours=9)))
    fails(ask(leaf, root, at=later), "validity", f"and it is {NOW + 2 * DAY:%Y-%m-%d %H:%M} UTC")


def test_public_roots_with_a_serial_number_of_zero():
    """Go Daddy's, Starfield's (Amazon's), SECOM's: trusted as they are."""
    import certifi

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        roots = reading.certificates(Path(certifi.where()))
        key = keys.make("p256")
        refused = []
        for root in roots:
            child = Authority("Child", key=key, issuer=Borrowed(root))
            verdict = judge(
                child.certificate, roots=[root], at=root.not_valid_after_utc - DAY, without={"signature"}
            )
            about = [f for f in verdict.reasons if f.certificate == root]
            refused += [(Facts(root).called, f.rule, f.why) for f in about]
    assert len(roots) > 100
    assert not refused


class Borrowed:
    """A root whose key we don't have, as an issuer."""

    def __init__(self, certificate):
        self.certificate, self.private_key, self._issued, self.chain = (
            certificate,
            keys.make("p256"),
            set(),
            [],
        )


# ---- What an adversary found


def with_the_other_s(certificate):
    """ECDSA: (r, n - s) is as good a signature as (r, s), and anybody can make it."""
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = decode_dss_signature(certificate.signature)
    old, new = certificate.signature, encode_dss_signature(r, n - s)
    # The lengths of the BIT STRING and of the whole change with the signature's.
    tbs = certificate.tbs_certificate_bytes
    rest = certificate.public_bytes(Encoding.DER)
    at = rest.index(tbs) + len(tbs)
    algorithm = rest[at : len(rest) - len(old) - 3]
    body = tbs + algorithm + bytes([3, len(new) + 1, 0]) + new
    return x509.load_der_x509_certificate(b"\x30\x82" + len(body).to_bytes(2, "big") + body)


def test_a_copy_and_a_precertificate_are_no_twins(root):
    leaf = root.issue("api.test", serial=0x5EED)
    copy = with_the_other_s(leaf.certificate)
    assert copy != leaf.certificate
    poisoned = root.issue("api.test", serial=0x5EED, extra=[(x509.PrecertPoison(), True)])
    assert ask(leaf, root, intermediates=[copy, poisoned.certificate]).accepted
    twin = root.issue("old.test", serial=0x5EED).certificate
    fails(ask(leaf, root, intermediates=[copy, twin]), "form", "same serial number")


def test_the_real_root_beside_a_look_alike(root):
    """The client trusts a look-alike; the server sends the real root along."""
    leaf, other = root.intermediate("CA").issue("api.test"), Authority("Root")
    verdict = ask([*leaf.chain, root.certificate], other)
    fails(verdict, "anchor", "CN=Root signed itself, and is not in the trust store")
    assert len(verdict.path) == 3


def test_who_only_names_itself_did_not_sign_itself(root):
    """A key change: the new key, signed with the old one, which nobody has."""
    old = Authority("Root")
    new = Authority("Root", issuer=old)
    fails(
        ask([new.issue("api.test").certificate, new.certificate], Authority("Else")),
        "anchor",
        "neither given",
    )


@pytest.mark.parametrize("kind", ["p256", "ed25519"])
@pytest.mark.parametrize("usage", ["key_encipherment", "key_agreement"])
@pytest.mark.parametrize("purpose", ["server", "client"])
def test_a_key_that_can_only_sign_must_be_allowed_to(kind, usage, purpose, root):
    leaf = root.issue("api.test", key=keys.make(kind), key_usage=usage, purpose=purpose)
    fails(ask(leaf, root, purpose=purpose), "key-usage", "no digitalSignature")


def test_an_rsa_key_for_encryption_only(root):
    leaf = root.issue("api.test", key=keys.make("rsa2048"), key_usage="key_encipherment")
    verdict = ask(leaf, root)
    assert verdict.accepted
    (said,) = [f for f in verdict.findings if f.rule == "key-usage" and f.certificate == leaf.certificate]
    assert "for RSA key exchange in TLS 1.2 only" in said.why
    assert said.clause == "RFC 5280 §4.2.1.3"


@pytest.mark.parametrize(
    ("extension", "clause"),
    [
        (x509.SubjectKeyIdentifier(b"key"), "§4.2.1.2"),
        (x509.FreshestCRL([x509.DistributionPoint([URI("http://a.test/")], None, None, None)]), "§4.2.1.15"),
        (x509.AuthorityInformationAccess([_AT]), "§4.2.2.1"),
        (x509.SubjectInformationAccess([_AT]), "§4.2.2.2"),
    ],
)
def test_what_must_not_be_critical(extension, clause, root):
    leaf = root.issue("api.test", extra=[(extension, True)])
    fails(ask(leaf, root), "critical-extensions", clause, "must not be")
    assert ask(root.issue("api.test", extra=[(extension, False)]), root).accepted


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(
    ("extension", "clause"),
    [(x509.PolicyConstraints(0, None), "§4.2.1.11"), (x509.InhibitAnyPolicy(0), "§4.2.1.14")],
)
def test_limits_on_policies_are_not_passed_over(extension, clause, critical, root):
    leaf = root.intermediate("CA", extra=[(extension, critical)]).issue("api.test")
    words = ["these rules do not do what it asks for", *([] if critical else ["not marked critical"])]
    fails(ask(leaf, root), "critical-extensions", clause, *words)


def numbered(ca, number, entry=None, reason=None, point=None, begin=NOW - DAY, key=None):
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, begin, NOW + DAY)
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), False)
    if point:
        builder = builder.add_extension(point, True)
    if entry:
        one = x509.RevokedCertificateBuilder().serial_number(entry.serial_number).revocation_date(NOW - DAY)
        builder = builder.add_revoked_certificate(one.add_extension(x509.CRLReason(reason), False).build())
    return builder.sign(key or ca.private_key, hashes.SHA256())


def test_a_hold_ends_with_a_newer_list(root):
    leaf = root.issue("api.test")
    hold, gone = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.key_compromise

    def accepted(*lists):
        return ask(leaf, root, crls=list(lists)).accepted

    held = numbered(root, 5, leaf.certificate, hold)
    newer = numbered(root, 6)
    assert accepted(held, newer)
    assert accepted(newer, held)
    assert not accepted(held)
    assert not accepted(held, numbered(root, 4))
    assert not accepted(held, numbered(root, 5))
    assert not accepted(held, numbered(root, None))
    assert not accepted(numbered(root, None, leaf.certificate, hold), newer)
    assert not accepted(held, numbered(root, 6, point=scope(only_contains_user_certs=True)))  # another series
    assert not accepted(held, numbered(Authority("Root"), 6))  # a stranger's
    assert not accepted(numbered(root, 5, leaf.certificate, gone), newer)  # that is for good
    assert not accepted(held, newer, numbered(root, 7, leaf.certificate, hold))
    assert not accepted(held, numbered(root, 6, begin=NOW - 2 * DAY))  # a higher number, but older
    assert accepted(held, numbered(root, 6, begin=NOW - DAY / 2))
    fails(ask(leaf, root, crls=[held, numbered(root, 4)]), "revocation", "no CRL without it is newer for sure")


def test_numbers_of_another_key_say_nothing_of_a_hold(root):
    """Two keys of one name need not share a series of numbers."""
    ca = root.intermediate("CA")
    leaf = ca.issue("api.test")
    key, signer = crl_signer(root)
    held = numbered(ca, 5, leaf.certificate, x509.ReasonFlags.certificate_hold)

    def accepted(*lists):
        return ask(leaf, root, intermediates=[signer], crls=[root.crl(), *lists]).accepted

    assert accepted(numbered(ca, 500, key=key))
    assert not accepted(held, numbered(ca, 500, key=key))
    assert accepted(held, numbered(ca, 500))


def test_a_distribution_point_that_names_the_issuer_itself(root):
    def said(name):
        point = x509.DistributionPoint(AT_A, None, None, [x509.DirectoryName(name)])
        leaf = root.issue("api.test", extra=[(x509.CRLDistributionPoints([point]), False)])
        return ask(leaf, root, crls=[root.crl()])

    fails(said(root.certificate.subject), "revocation", "names a cRLIssuer, which is not understood")
    fails(said(x509.Name.from_rfc4514_string("CN=Other")), "revocation", "another authority")


def test_an_anchor_judged_as_itself():
    old = Authority("Old Root", without="ski").certificate
    assert judge(old, roots=[old]).accepted


def listing(ca, certificate, *entries, begin=NOW - DAY / 4):
    """A CRL of `ca` with several entries for one certificate: (date, reason, further extensions…) each."""
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, begin, NOW + DAY)
    for date, reason, *extensions in entries:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(date)
        for extension in (x509.CRLReason(x509.ReasonFlags[reason]), *extensions):
            entry = entry.add_extension(extension, critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ca.private_key, hashes.SHA256())


def test_a_serial_number_twice_on_a_list():
    """Every entry is looked at, in whatever order: what counts at that time, and what is for good."""
    root = Authority("Root", not_before=NOW - 9 * DAY)
    leaf = root.issue("api.test", not_before=NOW - 9 * DAY)
    old, new = (NOW - 6 * DAY, "certificate_hold"), (NOW - 2 * DAY, "key_compromise")
    at = NOW - 4 * DAY
    then = root.crl(this_update=at, next_update=at + DAY)
    assert ask(leaf, root, crls=[then, listing(root, leaf.certificate, new)], at=at).accepted
    for entries in ((old, new), (new, old)):
        twice = listing(root, leaf.certificate, *entries)
        fails(ask(leaf, root, crls=[twice]), "revocation", "keyCompromise")
        fails(ask(leaf, root, crls=[then, twice], at=at), "revocation", "certificateHold")


def test_invalid_before_it_was_revoked():
    """RFC 5280 §5.3.2: invalidityDate may be earlier than the day of the revocation."""
    root = Authority("Root", not_before=NOW - 9 * DAY)
    leaf = root.issue("api.test", not_before=NOW - 9 * DAY)
    at = NOW - 4 * DAY
    then = root.crl(this_update=at, next_update=at + DAY)
    for invalid, ok in ((NOW - 6 * DAY, False), (NOW - 3 * DAY, True)):
        date = x509.InvalidityDate(invalid)
        later = listing(root, leaf.certificate, (NOW - 2 * DAY, "key_compromise", date))
        verdict = ask(leaf, root, crls=[then, later], at=at)
        assert verdict.accepted == ok, verdict
        assert ok or "keyCompromise, invalid since" in verdict.reasons[0].why


def test_a_day_to_come_is_called_so(root):
    leaf = root.issue("api.test")
    for date, come in ((NOW + DAY / 2, True), (NOW - DAY / 2, False)):
        verdict = ask(leaf, root, crls=[listing(root, leaf.certificate, (date, "superseded"))])
        fails(verdict, "revocation", "superseded")
        assert ("still to come" in str(verdict)) == come


def passes(monkeypatch):
    """Whenever a CRL is gone through, one more."""
    counted, real = [], revocation.List._look_through
    monkeypatch.setattr(revocation.List, "_look_through", lambda *a: counted.append(a) or real(*a))
    return counted


def test_a_list_is_gone_through_once(monkeypatch):
    """However many paths are tried, and forged ones with a serial number that everybody can read on it."""
    root = Authority("Root")
    ca = root.intermediate("CA")
    twice = [(NOW - DAY, "superseded"), (NOW - DAY / 2, "superseded")]
    victim = ca.issue("api.test")
    list_ = listing(ca, victim.certificate, *twice)
    counted = passes(monkeypatch)
    looks = [Authority("CA", issuer=root, signed_by=keys.make("p256")) for _ in range(9)]
    serial = victim.certificate.serial_number
    forged = looks[0].issue("api.test", serial=serial, signed_by=keys.make("p256"))
    for leaf, others in ((forged, [*looks, ca]), (victim, looks)):
        counted.clear()
        pool = [one.certificate for one in others]
        verdict = ask(leaf, root, intermediates=pool, crls=[list_, list_])
        assert "revocation" in {finding.rule for finding in verdict.reasons}
        assert len(counted) == 1, verdict


def test_a_strangers_list_is_not_gone_through(monkeypatch):
    root = Authority("Root")
    leaf = root.issue("api.test")
    counted = passes(monkeypatch)
    entries = [(NOW - DAY, "superseded"), (NOW - DAY / 2, "superseded")]
    ask(leaf, root, crls=[listing(Authority("Root"), leaf.certificate, *entries), Authority("Root").crl()])
    assert not counted
    ask(leaf, root, crls=[listing(root, leaf.certificate, *entries)])
    assert counted


NO_REV_AVAIL = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00")


def test_no_revocation_available():
    """RFC 9608 §4: the step is skipped. Where its issuer has listed it all the same, that is a bad word."""
    root = Authority("Root")
    ca = root.intermediate("CA")
    leaf = ca.issue("api.test", extra=[(NO_REV_AVAIL, False)])
    verdict = ask(leaf, root, crls=[root.crl()])
    assert verdict.accepted, verdict
    assert "(noRevAvail) [RFC 9608 §4]" in str(verdict)
    fails(ask(ca.issue("api.test"), root, crls=[root.crl()]), "revocation", "not known")
    fails(ask(leaf, root, crls=[root.crl(), revoking(ca, leaf)]), "revocation", "keyCompromise")
    fails(ask(ca.issue("api.test", extra=[(NO_REV_AVAIL, True)]), root), "critical-extensions", "RFC 9608 §2")


def test_no_revocation_available_and_where_it_is():
    """RFC 9608 §3: the relying party MUST consider such a certificate invalid."""
    root = Authority("Root")
    at = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, URI("http://a.test/"))
    for contradiction in (
        x509.CRLDistributionPoints([POINT]),
        x509.FreshestCRL([POINT]),
        x509.AuthorityInformationAccess([at]),
    ):
        extra = [(NO_REV_AVAIL, False), (contradiction, False)]
        fails(ask(root.issue("api.test", extra=extra), root), "form", "RFC 9608 §3", "noRevAvail")
    harmless = [(NO_REV_AVAIL, False), (x509.AuthorityInformationAccess([_AT]), False)]
    assert ask(root.issue("api.test", extra=harmless), root).accepted
    ca = root.intermediate("CA", extra=[(NO_REV_AVAIL, False)])
    fails(ask(ca.issue("api.test"), root), "form", "RFC 9608 §3")
    verdict = ask(ca.issue("api.test"), root, crls=[ca.crl()])
    assert {finding.rule for finding in verdict.reasons} == {"form", "revocation"}
