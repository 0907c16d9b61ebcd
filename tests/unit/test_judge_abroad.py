"""Chains as other people build them: public CAs, private ones, clusters. The verdict, and the reason that comes first,
are what OpenSSL and browsers say, unless a rule of ours says otherwise."""

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from padlock import keys
from padlock.authority import Authority, self_signed
from padlock.judge import judge

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
URI = x509.UniformResourceIdentifier
OLD, YOUNG = {"not_before": NOW - 4000 * DAY, "not_after": NOW - 30 * DAY}, {"not_before": NOW - 300 * DAY}
BOTH = [Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH]
POLICIES = x509.CertificatePolicies(
    [
        x509.PolicyInformation(x509.ObjectIdentifier(oid), None)
        for oid in ("2.23.140.1.1", "1.3.6.1.4.1.44947.1.1.1")
    ]
)
STAPLE = x509.TLSFeature([x509.TLSFeatureType.status_request])


def first(verdict):
    """The rule that refuses it, or the first of them; "" if it is accepted."""
    return verdict.reasons[0].rule if verdict.reasons else ""


@pytest.fixture(scope="module")
def web():
    """A root that is trusted everywhere, cross-signed by one that has expired; an intermediate; leaves below it."""
    old = Authority("Old Root X3", **OLD, key_kind="rsa2048", path_length=None)
    key = keys.make("rsa2048")
    root = Authority("Root X1", key=key, **YOUNG, path_length=None)
    cross = Authority("Root X1", key=key, issuer=old, **YOUNG, not_after=NOW + 300 * DAY, path_length=None)
    ca = root.intermediate("R3", eku=BOTH, extra=[(POLICIES, False)], crl_url="http://x1.c.test/", **YOUNG)
    return old, root, cross.certificate, ca


def test_an_expired_root_cross_signed_the_new_one(web):
    """September 2021: OpenSSL 1.0.2 took the expired way and stopped; the other way was good all along."""
    old, root, cross, ca = web
    leaf = ca.issue("www.test", "test", purpose=None, eku=BOTH, extra=[(POLICIES, False), (STAPLE, False)])
    sent = [*leaf.chain, cross]
    for store, rule in (([old, root], ""), ([root], ""), ([old], "validity"), ([], "anchor")):
        assert first(judge(sent, roots=store, name="www.test", purpose="server")) == rule, store
    untidy = [leaf.certificate, cross, root.certificate, ca.certificate, ca.certificate, root.certificate]
    assert judge(untidy, roots=[root], name="test", purpose="server").accepted
    assert first(judge(leaf.certificate, roots=[root], name="www.test", purpose="server")) == "anchor"


def test_the_intermediate_was_renewed_with_the_same_key(web):
    _, root, _, ca = web
    leaf = ca.issue("www.test")
    expired = root.intermediate("R3", key=ca.private_key, **OLD).certificate
    assert judge([leaf.certificate, expired, ca.certificate], roots=[root], name="www.test").accepted
    assert first(judge([leaf.certificate, expired], roots=[root], name="www.test")) == "validity"


def test_lists_in_shards(web):
    """A list for one distribution point and for users only, another for CAs only, as large CAs publish them."""
    _, root, _, ca = web
    url = "http://r3.c.test/12.crl"
    good, gone, elsewhere = (ca.issue("www.test", crl_url=u) for u in (url, url, "http://r3.c.test/99.crl"))
    shard = _list(ca, [gone], full_name=[URI(url)], only_contains_user_certs=True)
    lists = [shard, _list(root, [], only_contains_ca_certs=True)]
    assert judge(good, roots=[root], name="www.test", crls=lists).accepted
    revoked, unknown = (judge(leaf, roots=[root], name="www.test", crls=lists) for leaf in (gone, elsewhere))
    assert "revoked on" in revoked.reasons[0].why
    assert "no CRL of its issuer speaks of" in unknown.reasons[0].why


def _list(ca, gone, **scope):
    fields = dict.fromkeys(("full_name", "relative_name", "only_some_reasons"))
    fields |= dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs"), False)
    fields |= dict.fromkeys(("indirect_crl", "only_contains_attribute_certs"), False)
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, NOW - DAY, NOW + DAY)
    builder = builder.add_extension(x509.IssuingDistributionPoint(**fields | scope), True)
    for leaf in gone:
        one = x509.RevokedCertificateBuilder().serial_number(leaf.certificate.serial_number)
        builder = builder.add_revoked_certificate(one.revocation_date(NOW - DAY).build())
    return builder.sign(ca.private_key, hashes.SHA256())


def test_a_cluster():
    """Kubernetes: a root that also names itself, leaves of one year right below it, clients with groups."""
    san = x509.SubjectAlternativeName([x509.DNSName("kubernetes")])
    root = Authority("kubernetes", key_kind="rsa2048", path_length=None, extra=[(san, False)])
    usage = ("digital_signature", "key_encipherment")
    made = {"key": keys.make("rsa2048"), "key_usage": usage, "without": "ski", "lifetime": 365 * DAY}
    service = "kubernetes.default.svc.cluster.local"
    server = root.issue(service, "10.96.0.1", common_name="kube-apiserver", **made)
    for name in (service, ipaddress.ip_address("10.96.0.1")):
        assert judge(server, roots=[root], name=name, purpose="server").accepted
    assert first(judge(server, roots=[root], name="10.96.0.2", purpose="server")) == "name"
    node = root.issue(subject="CN=system:node:worker-1,O=system:nodes", purpose="client", **made)
    assert judge(node, roots=[root], purpose="client").accepted
    assert first(judge(node, roots=[root], purpose="server")) == "extended-key-usage"


@pytest.mark.parametrize("ca", [True, False])
def test_a_self_signed_server_is_its_own_anchor(ca):
    """`openssl req -x509`, with the certificate itself put into the client's trust store."""
    usage = ("digital_signature", *(["key_cert_sign"] if ca else []))
    server = self_signed("www.test", ca=ca, key_usage=usage)
    assert judge(server, roots=[server.certificate], name="www.test", purpose="server").accepted
    assert first(judge(server, roots=[Authority("Root")], name="www.test", purpose="server")) == "anchor"


EVERYWHERE = [x509.IPAddress(ipaddress.ip_network(net)) for net in ("0.0.0.0/0", "::/0")]


@pytest.mark.parametrize(
    ("names", "wanted", "rule"),
    [
        (["www.corp.test"], "www.corp.test", ""),
        (["*.corp.test", "corp.test"], "a.corp.test", ""),
        (["www.corp.test", "10.0.0.1"], "www.corp.test", "name-constraints"),
        (["www.badcorp.test"], "www.badcorp.test", "name-constraints"),
    ],
)
def test_a_ca_for_one_company(web, names, wanted, rule):
    """Names of its own permitted, all addresses excluded, and for TLS only: “technically constrained”."""
    _, root, _, _ = web
    limits = x509.NameConstraints([x509.DNSName("corp.test")], EVERYWHERE)
    ca = root.intermediate("Corp CA", name_constraints=limits, eku=BOTH)
    assert first(judge(ca.issue(*names), roots=[root], name=wanted, purpose="server")) == rule


LEAVES = {
    "expired": ({"not_before": NOW - 100 * DAY, "not_after": NOW - DAY}, "validity"),
    "for ever": ({"not_after": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}, ""),
    "no subject, critical SAN": ({"subject": x509.Name([])}, ""),
    "no EKU": ({"purpose": None}, ""),
    "any EKU": ({"purpose": None, "eku": [Purpose.ANY_EXTENDED_KEY_USAGE]}, ""),
    "for clients": ({"purpose": "client"}, "extended-key-usage"),
    "keyAgreement only": ({"key_usage": "key_agreement"}, "key-usage"),
    "secp256k1": ({"key": ec.generate_private_key(ec.SECP256K1())}, "strength"),
    "P-521": ({"key": ec.generate_private_key(ec.SECP521R1())}, ""),
    "precertificate": ({"extra": [(x509.PrecertPoison(), True)]}, "critical-extensions"),
    "critical policies": ({"extra": [(POLICIES, True)]}, "critical-extensions"),
    "neither usage nor constraints": ({"without": ("key_usage", "basic_constraints")}, ""),
    "CN only": ({"without": "san"}, "name"),
}


@pytest.mark.parametrize(("change", "rule"), LEAVES.values(), ids=LEAVES)
def test_leaves_of_many_kinds(web, change, rule):
    _, root, _, ca = web
    leaf = ca.issue("www.test", **change)
    assert first(judge(leaf, roots=[root], name="www.test", purpose="server")) == rule


def test_a_site_plays_ca(web):
    """Its own certificate even says keyCertSign. The reason is that it is no CA; its form is only the second."""
    _, root, _, ca = web
    mallory = ca.intermediate(
        "mallory.test", ca=False, path_length=0, key_usage=("digital_signature", "key_cert_sign")
    )
    verdict = judge(mallory.issue("bank.test"), roots=[root], name="bank.test", purpose="server")
    assert first(verdict) == "basic-constraints"
    assert "CA:FALSE" in verdict.reasons[0].why


@pytest.mark.parametrize(("usages", "rule"), [([Purpose.EMAIL_PROTECTION], "extended-key-usage"), (BOTH, "")])
def test_purposes_along_the_chain(web, usages, rule):
    _, root, _, _ = web
    ca = root.intermediate("Mail CA", eku=usages)
    assert first(judge(ca.issue("www.test"), roots=[root], name="www.test", purpose="server")) == rule
