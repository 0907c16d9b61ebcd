"""NIST's Public Key Interoperability Test Suite (PKITS 1.0.1): all certificates and CRLs as one pool, path by path.

Whether a path is valid is in the file name of its end entity; its section is found by the name of the test.
"""

import re
import warnings
from datetime import UTC, datetime
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509

from padlock.judge import judge

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
AT = datetime(2026, 11, 23, tzinfo=UTC)  # the suite is good until 2030-12-31

# What the names of tests, without Valid or Invalid, begin with → section. The longest beginning counts.
SECTIONS = {
    "4.1": "CertificatePath CASignature EESignature DSASignatures DSAParameterInheritance DSASignature",
    "4.2": "CAnotBeforeDate EEnotBeforeDate pre2000UTCnotBeforeDate GeneralizedTimenotBeforeDate CAnotAfterDate"
    " EEnotAfterDate pre2000UTCEEnotAfterDate GeneralizedTimenotAfterDate",
    "4.3": "NameChaining NameUIDs RFC3280 RolloverfromPrintable UTF8String",
    "4.4": "MissingCRL RevokedCA RevokedEE BadCRL WrongCRL TwoCRLs UnknownCRL OldCRL pre2000CRL GeneralizedTimeCRL"
    " NegativeSerialNumber LongSerialNumber SeparateCertificateandCRLKeys",
    "4.5": "BasicSelfIssued",
    "4.6": "MissingbasicConstraints cAFalse basicConstraintsNotCritical pathLenConstraint SelfIssuedpathLen",
    "4.7": "keyUsage",
    "4.8": "AllCertificates DifferentPolicies UserNotice CPSPointer AnyPolicy OverlappingPolicies",
    "4.9": "RequireExplicitPolicy requireExplicitPolicy SelfIssuedrequireExplicitPolicy",
    "4.10": "PolicyMapping policyMapping Mapping",
    "4.11": "inhibitPolicyMapping SelfIssuedinhibitPolicyMapping",
    "4.12": "inhibitAnyPolicy SelfIssuedinhibitAnyPolicy",
    "4.13": "DNnameConstraints DNSnameConstraints RFC822nameConstraints URInameConstraints DNandRFC822"
    " SelfIssuedDNnameConstraints URIname DNSname",
    "4.14": "distributionPoint NoissuingDistributionPoint onlyContains onlySomeReasons IDPwithindirect cRLIssuer",
    "4.15": "deltaCRL",
    "4.16": "UnknownNotCritical UnknownCritical",
}
BEGINNINGS = sorted(((b, s) for s, bs in SECTIONS.items() for b in bs.split()), key=lambda p: -len(p[0]))
MUST = {"4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.13", "4.16"}
CLOSED = {"4.14", "4.15"}  # right, or refused as not understood


def section(stem: str) -> str:
    return next((s for b, s in BEGINNINGS if re.sub("^(Valid|Invalid)", "", stem).startswith(b)), "")


STEMS = sorted(p.stem for p in (FOLDER / "certs").glob("*EE.crt"))
VALID = {stem: not stem.startswith("Invalid") for stem in STEMS}


@pytest.fixture(scope="module")
def pool():
    certificates = []
    for path in sorted((FOLDER / "certs").glob("*.crt")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # one has a negative serial number
                certificates.append(x509.load_der_x509_certificate(path.read_bytes()))
        except ValueError:  # DSA keys that inherit their parameters from their issuer: 4.1.5
            assert "DSAParameter" in path.stem
    crls = [x509.load_der_x509_crl(p.read_bytes()) for p in sorted((FOLDER / "crls").glob("*.crl"))]
    root = (FOLDER / "certs" / "TrustAnchorRootCertificate.crt").read_bytes()
    assert (len(certificates), len(crls)) == (403, 173)
    return {"intermediates": certificates, "crls": crls, "roots": root, "at": AT, "allow_weak": True}


def answer(stem: str, pool: dict):
    return judge((FOLDER / "certs" / f"{stem}.crt").read_bytes(), **pool)


def test_every_case_has_a_section():
    assert {stem for stem in STEMS if not section(stem)} == set()
    counts = {s: sum(section(stem) == s for stem in STEMS) for s in MUST | CLOSED}
    assert counts == {
        "4.1": 6, "4.2": 8, "4.3": 11, "4.4": 21, "4.5": 8, "4.6": 17, "4.7": 5, "4.13": 38, "4.14": 35, "4.15": 10,
        "4.16": 2,
    }  # fmt: skip


@pytest.mark.parametrize("stem", [s for s in STEMS if section(s) in MUST])
def test_as_its_name_says(stem, pool):
    if stem == "ValidDSAParameterInheritanceTest5EE":
        # `cryptography` reads no DSA key without its parameters, and nobody has used one in a certificate for decades.
        with pytest.raises(ValueError, match="damaged"):
            answer(stem, pool)
        return
    verdict = answer(stem, pool)
    assert verdict.accepted == VALID[stem], verdict


@pytest.mark.parametrize("stem", [s for s in STEMS if section(s) in CLOSED])
def test_right_or_refused_as_not_understood(stem, pool):
    verdict = answer(stem, pool)
    if verdict.accepted or not VALID[stem]:
        assert verdict.accepted == VALID[stem], verdict
    else:
        assert {finding.rule for finding in verdict.reasons} == {"revocation"}
        assert all("not understood" in finding.why for finding in verdict.reasons), verdict


# Certificate policies are not claimed. 4.9 to 4.12 ask for them with critical extensions: all of these are refused, the
# valid ones too. In 4.8 some CAs ask for one too, not critical (RFC 3280 let them): refused; the others are accepted,
# as nothing but the caller could ask for a policy there, and ours can't.
POLICIES = [s for s in STEMS if section(s) not in MUST | CLOSED]


@pytest.mark.parametrize("stem", POLICIES)
def test_policies_are_not_claimed(stem, pool):
    verdict = answer(stem, pool)
    if section(stem) == "4.8":
        asked = [one for one in verdict.path if x509.PolicyConstraints.oid in {e.oid for e in one.extensions}]
        assert verdict.accepted == (not asked), verdict
        assert {finding.rule for finding in verdict.reasons} <= {"critical-extensions"}
    else:
        assert not verdict.accepted
        assert "critical-extensions" in {finding.rule for finding in verdict.reasons}
