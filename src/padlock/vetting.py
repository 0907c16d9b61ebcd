"""What a CA does between a request and its signature: have names proven, decide field by field, sign.

    proof = vetting.prove("shop.test", controls={"shop.test"}, account=key)   # a challenge that really is fetched
    done = vetting.decide(ca, asker, {"names": "change", "ca": "refuse"}, account)   # field by field
    done.refused, done.granted, done.trials                                   # and what real clients then say

The challenge is HTTP-01 (RFC 8555 §8.3): "put this content at this address of yours". Two things are simpler here.
A real CA fetches from port 80; here each server has its own port on this machine, and a table stands for DNS. And
a real subscriber asks over ACME, signing with the account key (§6.2); here we are handed its public half.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from padlock import csr, keys, reading, tls
from padlock.authority import Authority, Issued, general_name
from padlock.tls.loopback import CHALLENGE, HOST

MOST_CHALLENGES = 10  # names of one request that are tried
LEAST_RSA = 2048  # bits; CA/Browser Forum, Baseline Requirements §6.1.5
CURVES = ("secp256r1", "secp384r1", "secp521r1")
VICTIM = "bank.test"


# --- Whose name is it? --------------------------------------------------------------------------------------


def thumbprint(account: Any) -> str:
    """The name of an account's P-256 key: SHA-256 over its JWK, in base64url (RFC 7638 §3)."""
    public = reading.public_key(account)
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        raise ValueError(f"An account here has a P-256 key, not {keys.describe(public)}.")
    numbers = public.public_numbers()
    x, y = (_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    # These four members, in this order, no blanks (§3.2, §3.3).
    members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    return _base64url(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def key_authorization(token: str, account: Any) -> str:
    """What the subscriber has to publish: the CA's token, and whose account it is for (RFC 8555 §8.1)."""
    return f"{token}.{thumbprint(account)}"


@dataclass(frozen=True)
class Proof:
    """name: as asked for. ok: the asker controls it. said: what the CA saw, a few words."""

    name: str
    ok: bool
    said: str


def prove(name: str, controls: Collection[str], account: Any) -> Proof:
    """Ask whoever has `name` for the asker's key authorization, over a real loopback connection.

    controls: the names whose address in DNS is the asker's server. Behind every other name stands a server too,
        which is somebody else's and has never heard of the token.
    """
    try:
        host = general_name(name)
    except ValueError as error:
        return Proof(name, False, str(error))
    if not isinstance(host, x509.DNSName):
        return Proof(name, False, "is no DNS name; this challenge is for those")
    if name.startswith("*."):
        # There is no host of that name to ask. Baseline Requirements §3.2.2.4.19: not for wildcards.
        return Proof(name, False, "no host has this name, so there is nowhere to fetch from")
    token = secrets.token_urlsafe(16)  # RFC 8555 §8.3: at least 128 bits
    answer = key_authorization(token, account)
    asker = tls.ChallengeServer(token, answer)
    somebody = tls.ChallengeServer(secrets.token_urlsafe(16), b"")
    with asker, somebody:
        own = name.lower() in {one.lower() for one in controls}
        dns = {name.lower(): (HOST, (asker if own else somebody).port)}
        try:
            status, body = tls.fetch(f"http://{name}{CHALLENGE}{token}", dns)
        except tls.Unreachable as error:
            return Proof(name, False, str(error))
    if status == 200 and body == answer.encode():
        return Proof(name, True, "200, and the content is right")
    return Proof(name, False, f"{status}: the server that has this name does not know the token")


# --- What is asked for --------------------------------------------------------------------------------------


def asked(request: x509.CertificateSigningRequest) -> dict[str, str]:
    """field → what the request asks for, in words; only fields that a CA has to decide.

    "names" and "key" are always there; "proof" when the signature does not fit, "ca" when it asks to be a CA,
    "usage" when it wants to sign certificates.
    """
    names, common = csr.asked_names(request), common_name(request)
    found = {"names": ", ".join(names) if names else f"CN={common}, no SAN" if common else "none"}
    if basic := _extension(request, x509.BasicConstraints):
        found |= {"ca": "CA:TRUE"} if basic.ca else {}
    if usage := _extension(request, x509.KeyUsage):
        found |= {"usage": "keyCertSign"} if usage.key_cert_sign else {}
    found["key"] = keys.describe(reading.public_key(request))
    if old := keys.old_hash(request):
        found["proof"] = f"it is signed with {old}, which is accepted no more"
    elif not csr.fits(request):
        found["proof"] = "its signature does not fit its public key"
    return found


def common_name(request: x509.CertificateSigningRequest) -> str:
    try:
        common = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(common[0].value) if common else ""


def wanted_names(request: x509.CertificateSigningRequest) -> list[str]:
    """The names to prove: of the subjectAltName, or, where that is missing, the CN, as old requests have it."""
    names = csr.asked_names(request)
    if names is None:
        names = [common] if (common := common_name(request)) else []
    return list(dict.fromkeys(names))


def weak(request: x509.CertificateSigningRequest) -> str:
    """Why no careful CA signs this key; "" if there is no reason (Baseline Requirements §6.1.5)."""
    key = reading.public_key(request)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA:
        return f"{key.key_size} bits; at least {LEAST_RSA} are the rule"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in CURVES:
        return "not one of the curves P-256, P-384 and P-521"
    return ""


def grant(
    ca: Authority,
    request: x509.CertificateSigningRequest,
    names: Collection[str],
    as_ca: bool = False,
    cert_sign: bool = False,
    common_name_only: str = "",
) -> Issued:
    """A certificate for the request's public key, with what was decided and nothing else.

    as_ca, cert_sign: what no careful CA grants. common_name_only: no subjectAltName, just this CN, as was usual once.
    Raises ValueError, one sentence, for names that can't be signed.
    """
    usage = ("digital_signature", "key_cert_sign") if cert_sign else ("digital_signature",)
    name = {"common_name": common_name_only} if common_name_only else {}
    return ca.issue(*names, key=reading.public_key(request), ca=as_ca, key_usage=usage, **name)


@dataclass(frozen=True)
class Decided:
    """asked: as `asked` says. proofs: one for each name. refused: the field that stopped it, or "". names: granted.

    granted: the certificate, or None. trials: what clients say to it.
    """

    asked: dict[str, str]
    proofs: list[Proof]
    refused: str = ""
    names: tuple[str, ...] = ()
    granted: Issued | None = None
    trials: tuple["Trial", ...] = ()

    @property
    def proven(self) -> list[str]:
        return [proof.name for proof in self.proofs if proof.ok]

    @property
    def harm(self) -> list["Trial"]:
        return [trial for trial in self.trials if trial.harm and trial.accepted]


def decide(ca: Authority, asker: "Asker", answers: Mapping[str, str], account: Any) -> Decided:
    """What comes of a request when each field that it asks for is answered with "accept", "change" or "refuse".

    "change": only names that pass the challenge; CA:FALSE; digitalSignature. A key and a proof can't be changed by
    a CA, only accepted or refused. Answers to what is not asked for change nothing. ValueError: one sentence.
    """
    request, fields = asker.request, asked(asker.request)
    names = wanted_names(request)
    proofs = [prove(name, asker.controls, account) for name in names[:MOST_CHALLENGES]]
    for field in ("proof", "key", "ca", "usage", "names"):
        # A key with nothing wrong about it needs no decision.
        if field in fields and answers.get(field) == "refuse" and (field != "key" or weak(request)):
            return Decided(fields, proofs, refused=field)
    only_common = csr.asked_names(request) is None and answers.get("names") == "accept"
    if answers.get("names") == "change":
        names = [proof.name for proof in proofs if proof.ok]
    if not names:
        return Decided(fields, proofs, refused="names")
    granted = grant(
        ca,
        request,
        () if only_common else names,
        as_ca="ca" in fields and answers.get("ca") == "accept",
        cert_sign="usage" in fields and answers.get("usage") == "accept",
        common_name_only=names[0] if only_common else "",
    )
    done = Decided(fields, proofs, "", tuple(names), granted)
    return replace(done, trials=tuple(trials(ca, asker, granted, done.proven)))


# --- What clients then say ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """A client that trusts only the CA's root wanted `name` and met the asker. harm: it should never shut there."""

    name: str
    accepted: bool
    said: str
    harm: bool
    what: str  # what the asker shows


def trials(ca: Authority, asker: "Asker", granted: Issued, proven: Collection[str]) -> list[Trial]:
    """Real handshakes with what was granted; where the asker's key is not here, path validation alone.

    First the names in the certificate, then `VICTIM`, for which the asker signs a certificate of its own.
    """
    found = []
    for name in _names_to_try(granted.certificate, proven, asker):
        found.append(_trial(ca, asker, granted, name, name not in proven))
    if asker.key is not None and asker.tries_to_sign:
        own = Authority("nobody", key=asker.key, subject=granted.certificate.subject).issue(VICTIM)
        server = ([own.certificate, *granted.chain], own.private_key)
        found.append(_met(ca, server, VICTIM, True, "a certificate that the asker has signed"))
    return found


def _names_to_try(certificate: x509.Certificate, proven: Collection[str], asker: "Asker") -> list[str]:
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [name for name in wanted_names(asker.request) if not name.startswith("*.")][:1]
    names = [str(getattr(name, "value", name)) for name in san]
    # A wildcard is tried with the host that it would hurt most.
    tried = [f"pay{name[1:]}" if name.startswith("*.") else name for name in names]
    first = [name for name in tried if name in proven][:1]
    return list(dict.fromkeys([*first, *[name for name in tried if name not in proven]]))[:4]


def _trial(ca: Authority, asker: "Asker", granted: Issued, name: str, harm: bool) -> Trial:
    if asker.key is not None:
        return _met(ca, (granted.chain, asker.key), name, harm, "the certificate that you signed")
    what = "the certificate that you signed (its private key is not here, so its path alone is validated)"
    try:
        builder = PolicyBuilder().store(Store([_root(ca)]))
        subject = x509.DNSName(name)
        builder.build_server_verifier(subject).verify(granted.certificate, granted.chain[1:])
    except (VerificationError, ValueError) as error:
        return Trial(name, False, reading.visible(error, 160), harm, what)
    return Trial(name, True, "a good path for this name", harm, what)


def _met(ca: Authority, server: Any, name: str, harm: bool, what: str) -> Trial:
    try:
        meeting = tls.handshake(server, [_root(ca)], name)
    except keys.Mismatch:
        return Trial(name, False, "no server starts: the asker has not got the private key", harm, what)
    except ValueError as error:
        return Trial(name, False, f"no server starts: {error}", harm, what)
    said = meeting.error.said if meeting.error else f"{meeting.version}, {meeting.cipher}"
    return Trial(name, meeting.error is None, said, harm, what)


def _root(ca: Authority) -> x509.Certificate:
    return ca.certificate if ca.issuer is None else _root(ca.issuer)


# --- A pile of requests -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asker:
    """Who hands in `request`, with the private key if it is here, and the names whose servers are really theirs."""

    who: str
    request: x509.CertificateSigningRequest
    key: Any
    controls: frozenset[str]
    tries_to_sign: bool = False


def pile() -> dict[str, Asker]:
    """Requests as they lie on a CA's desk, new keys each time: one honest, the others each with one thing wrong."""
    key, bank = keys.make(), keys.make()
    weak_key = rsa.generate_private_key(65537, 1024)  # noqa: S505 weak on purpose
    shop, cart, mallory = "shop.test", "cart.shop.test", "mallory.test"
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    true = x509.BasicConstraints(ca=True, path_length=None)
    return {
        "honest": Asker("the owner of shop.test", csr.make([shop, f"www.{shop}"], key), key,
                        frozenset({shop, f"www.{shop}"})),
        "names": Asker("Mallory", csr.make([mallory, VICTIM], key), key, frozenset({mallory})),
        "ca": Asker("Mallory", _asking([mallory], key, true, usage), key, frozenset({mallory}), True),
        "usage": Asker("Mallory", _asking([mallory], key, usage), key, frozenset({mallory}), True),
        "wildcard": Asker("a tenant of shop.test", csr.make([cart, f"*.{shop}"], key), key, frozenset({cart})),
        "cn": Asker("the owner of api.test", csr.make(["api.test"], key, san=False), key, frozenset({"api.test"})),
        "weak": Asker("the owner of old.test", csr.make(["old.test"], weak_key), weak_key, frozenset({"old.test"})),
        "proof": Asker("Mallory, with the bank's public key", csr.make([mallory], bank, signed_by=key), key,
                       frozenset({mallory})),
    }  # fmt: skip


def _asking(names, key, *extensions) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder(csr.subject(common_name=names[0]))
    san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    for extension in (san, *extensions):
        builder = builder.add_extension(extension, critical=extension is not san)
    return builder.sign(key, hashes.SHA256())


def _extension(request: x509.CertificateSigningRequest, kind: type) -> Any:
    try:
        return request.extensions.get_extension_for_class(kind).value
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
