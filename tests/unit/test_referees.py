"""Every fault before every referee: what each decided is recorded, what each says is not."""

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from OpenSSL import crypto

from padlock import faults, keys
from padlock.authority import Authority, self_signed
from padlock.faults import FAULTS
from padlock.judge import RULES, referees
from padlock.judge.case import Case
from padlock.judge.referees import READERS, WHY, Opinion, Silent, differences
from padlock.tls.referees import ALL, CLIENTS, QUICK

COLUMNS = ("OpenSSL", "openssl verify", "cryptography", "Python ssl", "curl", "node")
# ✓ accepted, ✗ refused, – can't be asked, ? differs from version to version
TABLE = {
    "": "✓✓✓✓✓✓",
    "client-clock": "✗✗✗–––",
    "wrong-name": "✓✗✗✗✗✗",
    "cn-only": "✓?✗✗??",
    "ip-as-dns": "✓✗✗✗✗✗",
    "wrong-address": "✓✗✗✗✗✗",
    "wildcard-too-wide": "✓✗✓✗✗✗",
    "wildcard-two-labels": "✓✗✗✗✗✗",
    "wildcard-parent": "✓✗✗✗✗✗",
    "wildcard-partial": "✓?✗✗✗?",
    "intermediate-first": "✓✗✗–––",
    "noncritical-constraints": "✓✓✗✓✓✓",
    "unfit-usage": "✓✗✓✗✗✗",
    "client-certificate": "✓✗✗✗✗✗",
    "ca-for-clients": "✓✗✗✗✗✗",
    "critical-policy": "✓✓✗✓✓✓",
    "duplicate-serial": "✓✓✓✓✓✓",
    "negative-serial": "✓✓✗✓✓✓",
    "zero-serial": "✓✓?✓✓✓",
    "long-serial": "✓✓✗✓✓✓",
    "empty-subject": "✓✓✗✓✓✓",
    "no-aki": "✓✓✗✓✓✓",
    "no-ski": "✓✓✓✓✓✓",
    "version-1": "✓✓✗✓✓✓",
    "may-sign-no-ca": "✓✓✗✓✓✓",
    "weak-rsa": "✓✗✓✗??",
    "sha1": "✓✗✗✗✗✗",
    "md5": "✓✗✗✗✗✗",
    "key-mismatch": "✓✓✓✗✗✗",
    "revoked": "✗✗✓✗✗✗",
    "intermediate-revoked": "✗✗✓✗✗✗",
    "crl-expired": "✗✗✓✗✗✗",
    "crl-future": "✗✗✓✗✗✗",
    "crl-forged": "✗✗✓✗✗✗",
    "crl-missing": "✗✗✓✗✗✗",
    "crl-no-sign": "✗✗✓✗✗✗",
    "ocsp-revoked": "✓✓✓✓✓✓",
    "ocsp-stale": "✓✓✓✓✓✓",
    "ocsp-elsewhere": "✓✓✓✓✓✓",
    "ocsp-no-right": "✓✓✓✓✓✓",
    "ocsp-try-later": "✓✓✓✓✓✓",
}
REFUSED_BY_ALL = "✗✗✗✗✗✗"
MARKS = {True: "✓", False: "✗", None: "–"}


@cache
def usual(program):
    """Is it here, and built on OpenSSL? Of others (LibreSSL, Schannel) nothing is recorded."""
    if program == "node":
        return shutil.which("node") is not None
    if shutil.which(program) is None:
        return False
    call = [program, "version" if program == "openssl" else "--version"]
    return " OpenSSL" in f" {subprocess.run(call, capture_output=True, text=True, timeout=20).stdout}"


def here(referee):
    program = {"openssl verify": "openssl", "curl": "curl", "node": "node"}.get(referee)
    return program is None or usual(program)


@pytest.mark.parametrize("fault", ["", *FAULTS])
def test_fault_by_referee(fault):
    case = faults.case(*filter(None, [fault]))
    verdict = case.judge()
    opinions = referees.referees(case, ALL)
    assert [opinion.referee for opinion in opinions] == list(COLUMNS) == list(ALL)
    for opinion, mark in zip(opinions, TABLE.get(fault, REFUSED_BY_ALL), strict=True):
        if not here(opinion.referee):
            continue
        assert mark == "?" or MARKS[opinion.accepted] == mark, opinion
        assert bool(opinion.words.strip()) == (opinion.accepted is not None), opinion
        assert opinion.words or opinion.detail
        assert "padlock-" not in opinion.words, "a path of ours"
        assert 0 <= opinion.seconds < 30
    why = differences(verdict, opinions, case.faults)
    for opinion in opinions:
        differs = opinion.accepted is not None and opinion.accepted != verdict.accepted
        assert differs == (opinion.referee in why)
        if here(opinion.referee):
            assert "Nobody has explained" not in why.get(opinion.referee, ""), opinion


def test_explanations_are_about_something_that_is_there():
    assert set(TABLE) - {""} <= set(FAULTS)
    for what, referee in WHY:
        assert what in FAULTS or what in RULES
        assert referee in ALL
    for (what, referee), why in WHY.items():
        if what in FAULTS:
            assert TABLE[what][COLUMNS.index(referee)] in "✓?", "explains what does not happen"
        assert why.endswith(".")


STRICT = ("no-aki", "no-ski", "version-1", "may-sign-no-ca")


@pytest.mark.parametrize(
    "fault", ["", *STRICT, "critical-policy", "negative-serial", "zero-serial", "long-serial"]
)
def test_what_we_say_of_strict_openssl_is_so(fault):
    case = faults.case(*filter(None, [fault]))
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(case.roots[0]))
    flags = crypto.X509StoreFlags
    store.set_flags(flags.X509_STRICT | (flags.POLICY_CHECK if fault == "critical-policy" else 0))
    leaf, *others = map(crypto.X509.from_cryptography, case.sent)
    context = crypto.X509StoreContext(store, leaf, others)
    if fault in (*STRICT, "critical-policy"):
        with pytest.raises(crypto.X509StoreContextError):
            context.verify_certificate()
    else:
        context.verify_certificate()


def test_words_are_the_referees_own():
    """The same question, asked by hand, gets the same words."""
    case = FAULTS["expired"].case()
    found = {opinion.referee: opinion for opinion in referees.referees(case, QUICK)}
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(case.roots[0]))
    leaf, *others = map(crypto.X509.from_cryptography, case.sent)
    with pytest.raises(crypto.X509StoreContextError) as theirs:
        crypto.X509StoreContext(store, leaf, others).verify_certificate()
    assert found["OpenSSL"].words == str(theirs.value)
    assert found["OpenSSL"].detail == "error 10, depth 0"
    assert "expired" in found["Python ssl"].words
    source = (referees.__doc__ or "") + " ".join(WHY.values())
    assert "has expired" not in source


def test_asked_at_another_time():
    case = faults.case()
    for days, accepted in ((30, True), (89, True), (91, False), (-1, False)):
        later = Case(
            case.sent, case.roots, case.name, case.private_key, at=datetime.now(UTC) + timedelta(days=days)
        )
        assert later.judge().accepted == accepted
        for opinion in referees.referees(later, ALL):
            if opinion.referee in CLIENTS:
                assert opinion.accepted is None
                assert "now" in opinion.detail
            elif here(opinion.referee):
                assert opinion.accepted == accepted, opinion


def test_a_client_before_a_server():
    root = Authority("Class Root")
    alice, server = root.issue("alice@corp.test", purpose="client"), root.issue("api.test")
    for leaf, accepted in ((alice, True), (server, False)):
        case = Case(leaf.chain, [root.certificate], None, leaf.private_key, purpose="client")
        assert case.judge().accepted == accepted
        for opinion in referees.referees(case, ALL):
            if opinion.referee in ("Python ssl", "cryptography", "openssl verify") and here(opinion.referee):
                assert opinion.accepted == accepted, opinion
            if opinion.referee in ("curl", "node") and here(opinion.referee):
                assert opinion.accepted is None
                assert "judges servers" in opinion.detail


def test_questions_that_nobody_can_put():
    """No roots, no key, no name, no purpose, a URI: an answer, or a sentence why there is none."""
    leaf = Authority("Class Root").issue("api.test")
    own = self_signed("api.test")
    cases = (
        Case(leaf.chain, [], "api.test", leaf.private_key),
        Case(leaf.chain, [], "api.test"),
        Case(leaf.chain, [own.certificate], None, leaf.private_key),
        Case(leaf.chain, [own.certificate], "api.test", leaf.private_key, purpose=None),
        Case(leaf.chain, [own.certificate], "::1", leaf.private_key),
    )
    for case in cases:
        assert not case.judge().accepted
        for opinion in referees.referees(case, ALL):
            assert not opinion.accepted, opinion
            assert opinion.words or opinion.detail
            assert str(opinion)[0] in "✗–"


def test_a_leaf_that_is_trusted_itself():
    own = self_signed("api.test")
    case = Case(own.chain, [own.certificate], "api.test", own.private_key)
    assert case.judge().accepted
    for opinion in referees.referees(case, ALL):
        if here(opinion.referee) and opinion.referee != "cryptography":
            assert opinion.accepted, opinion


def test_keys_of_other_kinds():
    root = Authority("Class Root")
    for kind in ("ed25519", "rsa2048", "p384"):
        leaf = root.issue("api.test", key_kind=kind)
        case = Case(leaf.chain, [root.certificate], "api.test", leaf.private_key)
        for opinion in referees.referees(case, QUICK):
            if (kind, opinion.referee) != (
                "ed25519",
                "cryptography",
            ):  # it follows the web's rules: no Ed25519
                assert opinion.accepted, opinion
    leaf = root.issue("api.test", key_kind="ml-dsa-44")
    case = Case(leaf.chain, [root.certificate], "api.test", leaf.private_key)
    assert case.judge().accepted
    for opinion in referees.referees(case, CLIENTS):  # most OpenSSLs can't use it for TLS yet
        assert opinion.accepted or opinion.words or opinion.detail


def test_an_impostor_with_an_rsa_certificate():
    """It can't be borrowed here, so nobody can be asked; that is said."""
    case = faults.case("weak-rsa", "key-mismatch")
    for opinion in referees.referees(case, CLIENTS):
        assert opinion.accepted is None
        assert opinion.detail


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    referees.referees(FAULTS["revoked"].case(), ALL)
    assert not list(tmp_path.iterdir())


def test_environment_changes_nobodys_mind(tmp_path, monkeypatch):
    case = FAULTS["unknown-root"].case()
    anchor = tmp_path / "root.pem"
    issuer = faults.case()
    anchor.write_text("".join(keys_pem(certificate) for certificate in [*case.sent, *issuer.roots]))
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.setenv(name, str(anchor))
    monkeypatch.setenv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    for opinion in referees.referees(case, ALL):
        assert opinion.accepted is not True, opinion


def keys_pem(certificate):
    return ssl.DER_cert_to_PEM_cert(certificate.public_bytes(keys.serialization.Encoding.DER))


def test_a_program_that_is_not_here(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    for opinion in referees.referees(faults.case(), ALL):
        if opinion.referee in ("openssl verify", "curl", "node"):
            assert opinion.accepted is None
            assert "is not on this machine" in opinion.detail
        else:
            assert opinion.accepted


def test_differences_without_a_catalogue():
    """Of a chain that somebody brings, the rules that failed must do."""
    case = FAULTS["revoked"].case()
    opinions = referees.referees(case, READERS)
    assert "no place for CRLs" in differences(case.judge(), opinions)["cryptography"]
    good = faults.case().judge()
    assert differences(good, [Opinion("x", False, "so there")]) == {
        "x": "The judge has no rule for this: so there"
    }
    assert "Nobody has explained" in differences(case.judge(), [Opinion("x", True)])["x"]
    assert differences(good, [Opinion("x", None, "", "asleep")]) == {}
    assert issubclass(Silent, Exception)


def test_differences_about_revocation():
    """A list that only OpenSSL takes, an answer that it was not told of, a hold that a newer list ends."""
    root = Authority("Class Root")
    leaf = root.issue("api.test")
    now, day = datetime.now(UTC).replace(microsecond=0), timedelta(days=1)

    def numbered(number, *entries):
        builder = x509.CertificateRevocationListBuilder(root.certificate.subject, now - day, now + day)
        builder = builder.add_extension(x509.CRLNumber(number), False)
        for serial, reason in entries:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - day)
            builder = builder.add_revoked_certificate(
                entry.add_extension(x509.CRLReason(reason), False).build()
            )
        return builder.sign(root.private_key, hashes.SHA256())

    def explained(**more):
        case = Case(leaf.chain, [root.certificate], "api.test", leaf.private_key, **more)
        verdict = case.judge()
        return verdict, differences(verdict, referees.referees(case))

    held = (leaf.certificate.serial_number, x509.ReasonFlags.certificate_hold)
    gone = (leaf.certificate.serial_number, x509.ReasonFlags.key_compromise)
    verdict, why = explained(ocsp_answers=(root.ocsp(leaf.certificate, status="revoked"),))
    assert not verdict.accepted
    assert "OCSP answers" in why["cryptography"]
    assert "not told of OCSP answers" in why["OpenSSL"]
    verdict, why = explained(crls=(numbered(5, gone), numbered(6)))  # OpenSSL asks one of them
    assert not verdict.accepted
    assert "Nobody has explained" not in str(why)
    verdict, why = explained(crls=(numbered(5, held), numbered(6)))
    assert verdict.accepted
    assert "asked all lists and answers (not on the CRL of" in why["OpenSSL"]
    assert "no rule for this" not in str(why)
    verdict, why = explained(crls=(numbered(6),))
    assert verdict.accepted
    assert why == {}
