"""A certificate authority: correct by default, and each keyword changes one thing.

    root = Authority("Class Root")                    # a trust anchor
    ca = root.intermediate("Class Issuing CA")        # an intermediate, which issues leaves
    leaf = ca.issue("api.test", "10.0.0.7")           # a leaf with a new key
    leaf = ca.sign(csr)                               # a leaf for somebody else's key

`Authority`, `intermediate`, `issue`, `sign` and `self_signed` all take these keywords. Each is a deviation;
what you ask for is what you get, right or wrong, so that you can see what it breaks:

    key_kind="rsa2048"  key=my_key           another kind of key; this very key (not for `sign`)
    subject=  common_name=                   x509.Name or "CN=alice,O=devs"; CN alone, "" for an empty subject
    not_before=  not_after=  lifetime=       aware datetimes, timedelta from now on
    serial=                                  positive int of at most 159 bits
    san=False  critical_san=True             no subjectAltName, or a critical one
    ca=  path_length=                        basicConstraints; path_length=None is no limit
    key_usage=("digital_signature",)         words of x509.KeyUsage, or such an object
    purpose="client"  eku=[oid, …]           extendedKeyUsage: a key of PURPOSES or None; any list
    name_constraints=("test", "10.0.0.0/8")  permitted names, or an x509.NameConstraints
    crl_url=                                 where to get the CRL
    extra=[(extension, critical), …]         more extensions; one that is there already is replaced
    without=("aki", "ski", …)                leave out any of PARTS
    hash=  signed_by=  issuer_name=          another hash; another private key (forged); another issuer's name

Bad input raises `ValueError` with a sentence, `reading.Unreadable` included.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from padlock import keys, reading

PURPOSES = {
    "server": [ExtendedKeyUsageOID.SERVER_AUTH],
    "client": [ExtendedKeyUsageOID.CLIENT_AUTH],
    "both": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
}

# The extensions of a certificate, in order, by the names that `without` knows.
PARTS = ("basic_constraints", "key_usage", "eku", "ski", "aki", "san", "name_constraints", "crl_url")

# Certificates start an hour ago, or a client whose clock is slow would call a new one "not yet valid".
BACKDATED = timedelta(hours=1)

AUTO = object()  # a default for keywords where None has a meaning of its own


@dataclass(frozen=True)
class Profile:
    """What a certificate is for, and so what it may do and for how long."""

    ca: bool
    key_usage: tuple[str, ...]  # words of x509.KeyUsage
    lifetime: timedelta  # from now on; BACKDATED comes on top


# A CA key signs certificates and CRLs, nothing else (RFC 5280 §4.2.1.3). A root outlives its intermediates,
# since replacing it means visiting every trust store.
ROOT = Profile(ca=True, key_usage=("key_cert_sign", "crl_sign"), lifetime=timedelta(days=3650))
INTERMEDIATE = Profile(ca=True, key_usage=("key_cert_sign", "crl_sign"), lifetime=timedelta(days=1825))
# In TLS 1.3 a leaf's key only signs, RSA too (RFC 8446 §4.4.3): no keyEncipherment. 90 days in all.
LEAF = Profile(ca=False, key_usage=("digital_signature",), lifetime=timedelta(days=90) - BACKDATED)


@dataclass(frozen=True, repr=False)
class Issued:
    """A certificate with what its owner needs beside it.

    `chain` is what a server sends: the leaf, then the intermediates, without the root (RFC 8446 §4.4.2).
    `private_key` is None when the certificate was made from a request: then it never left its owner.
    """

    certificate: x509.Certificate
    private_key: object | None
    chain: list[x509.Certificate]

    def pem(self) -> str:
        """The chain as PEM text, for the server's certificate file. The key is not in it: see `keys.save`."""
        return "".join(_pem(certificate) for certificate in self.chain)

    def __repr__(self) -> str:
        return f"<Issued {reading.visible(self.certificate.subject.rfc4514_string())}>"


class Authority:
    """A certificate authority: a root, or an intermediate if it has an `issuer`, which is another Authority.

    `.certificate`, `.private_key`; `.chain` is its own certificate and those above it, without the root.
    """

    def __init__(self, name: str, *, issuer: Authority | None = None, path_length=AUTO, **changes):
        if not isinstance(name, str) or not name.strip():
            raise ValueError("An authority needs a name, such as Authority('Class Root').")
        self.name = name
        self.issuer = issuer
        self._issued = set()  # serial numbers
        self._revoked = {}  # serial number -> (when, reason or None)
        self._crl_number = 0
        self._responder = None
        self.private_key, public_key, changes = _key_pair(changes)
        if path_length is AUTO:
            path_length = _path_length_below(issuer)
        if "subject" not in changes:
            changes.setdefault("common_name", name)
        self.certificate = _certificate(
            INTERMEDIATE if issuer else ROOT,
            issuer=issuer.certificate if issuer else None,
            issuer_key=issuer.private_key if issuer else self.private_key,
            public_key=public_key,
            path_length=path_length,
            **changes,
        )
        self.chain = [self.certificate, *issuer.chain] if issuer else []
        if issuer:
            issuer._issued.add(self.certificate.serial_number)

    def __repr__(self) -> str:
        return f"<Authority {reading.visible(self.name)}>"

    def intermediate(self, name: str, **changes) -> Authority:
        """A CA below this one. It issues leaves only (path length 0), or one level less than this one may.

        `ValueError` when this one's own path length is 0, unless you ask for a `path_length` all the same.
        """
        return Authority(name, issuer=self, **changes)

    def issue(self, *names, purpose: str | None = "server", **changes) -> Issued:
        """A leaf with a new key, for `names`: DNS names, IP or e-mail addresses, URIs, or x509.GeneralName.

        The first name is also the subject's CN, for people to read, unless it is a URI or too long; clients
        look at the subjectAltName alone (RFC 9525 §2). Without names, give a `subject` or `common_name`.
        """
        private_key, public_key, changes = _key_pair(changes)
        return self._leaf(public_key, names, private_key, purpose=purpose, **changes)

    def sign(self, csr, names=None, purpose: str | None = "server", **changes) -> Issued:
        """A leaf for the public key in the request `csr`, which its owner signed with the private key.

        Of what it asks for, only the names are granted (or `names` instead). What the key may do, and for how
        long, is the CA's to decide: a request for CA:TRUE, other usages or a subject changes nothing.
        """
        csr = reading.csr(csr)
        if old := keys.old_hash(csr):
            raise ValueError(
                f"The request is signed with {old}, which is accepted no more: have its owner sign it with SHA-256."
            )
        if not _signed_by_its_key(csr):
            raise ValueError(
                "The request's own signature does not fit its public key: have its owner make it again."
            )
        if names is None:
            names = _requested_names(csr)
            if not names and not (changes.get("subject") or changes.get("common_name")):
                raise ValueError(
                    "The request has no subjectAltName: make it with one, or give names=(…) here."
                )
        return self._leaf(reading.public_key(csr), names, None, purpose=purpose, **changes)

    def _leaf(self, public_key, names, private_key, **changes) -> Issued:
        certificate = _certificate(
            LEAF,
            issuer=self.certificate,
            issuer_key=self.private_key,
            public_key=public_key,
            names=names,
            **changes,
        )
        self._issued.add(certificate.serial_number)
        return Issued(certificate, private_key, [certificate, *self.chain])

    def revoke(self, certificate, reason: str | x509.ReasonFlags | None = None, at: datetime | None = None):
        """Take back a certificate of this CA from `at` on (default: now). A second time changes nothing.

        `reason`: "keyCompromise", "superseded", … (RFC 5280 §5.3.1); without one, the entry has no reason.
        """
        certificate = reading.certificate(certificate)
        if certificate.issuer != self.certificate.subject:
            raise ValueError(f"That certificate is not from {self.name}: only its own issuer can revoke it.")
        if reason is not None:
            try:
                reason = x509.ReasonFlags(reason)
            except ValueError:
                words = ", ".join(flag.value for flag in x509.ReasonFlags)
                raise ValueError(f"There is no reason {reason!r}: choose one of {words}.") from None
        at = _now() if at is None else _aware(at, "at")
        self._revoked.setdefault(certificate.serial_number, (at, reason))

    def crl(
        self,
        *,
        this_update: datetime | None = None,
        next_update: datetime | None = None,
        lifetime: timedelta = timedelta(days=7),
        number: int | None = None,
        without=(),
        hash=None,
        signed_by=None,
    ) -> x509.CertificateRevocationList:
        """The list of all that is revoked by `this_update` (default: now), good for `lifetime` (RFC 5280 §5).

        Keywords: a list from the past, or of another number (each new one counts up); `without` "aki" or
        "crl_number"; `signed_by` another key.
        """
        this_update, next_update = _period(this_update, next_update, lifetime)
        self._crl_number += 1
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(this_update)
            .next_update(next_update)
        )
        if "aki" not in without:
            builder = builder.add_extension(_authority_key_identifier(self.certificate), critical=False)
        if "crl_number" not in without:
            number = self._crl_number if number is None else number
            builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        for serial, (at, reason) in self._revoked.items():
            if at <= this_update:
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
                if reason not in (None, x509.ReasonFlags.unspecified):  # RFC 5280 §5.3.1: rather absent
                    entry = entry.add_extension(x509.CRLReason(reason), critical=False)
                builder = builder.add_revoked_certificate(entry.build())
        key = self.private_key if signed_by is None else signed_by
        return builder.sign(key, hash or keys.digest_for(key))

    def ocsp(
        self,
        question,
        *,
        status: str | None = None,
        error: str | None = None,
        this_update: datetime | None = None,
        next_update: datetime | None = None,
        lifetime: timedelta = timedelta(days=1),
        without=(),
        signer=None,
        signed_by=None,
    ) -> ocsp.OCSPResponse:
        """The answer to an OCSP request (an object or DER), or the answer about a certificate (RFC 6960).

        A responder with a key of its own signs, to which this CA gave that right (§4.2.2.2): a CA key that answers on
        the network all day would be easier to steal. About another CA's certificates the answer is "unauthorized".

        `status` "good", "revoked" or "unknown" overrides what is so; `error`, such as "try_later", takes an answer's
        place (§2.3). `without` "nonce", "next_update" or "certificates". `signer`: this Authority itself (its key_usage
        should have "digital_signature" then), or what some Authority issued, with or without the right (see
        `ocsp_signer`). `signed_by` is the key of a responder for which nobody vouches: it signed its own certificate in
        the CA's name.
        """
        request = self._request(question)
        if error is not None:
            return ocsp.OCSPResponseBuilder.build_unsuccessful(_ocsp_error(error))
        if not self._is_about_ours(request):
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        this_update, next_update = _period(this_update, next_update, lifetime)
        serial = request.serial_number
        at, reason = self._revoked.get(serial, (this_update, None))
        if status not in (None, "good", "revoked", "unknown"):
            raise ValueError(f"There is no status {status!r}: choose good, revoked or unknown.")
        if status is None:
            status = "unknown" if serial not in self._issued else "good"
            if serial in self._revoked and at <= this_update:
                status = "revoked"
        revoked = status == "revoked"
        signer = signer or self._ocsp_responder(signed_by)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                request.issuer_name_hash,
                request.issuer_key_hash,
                serial,
                request.hash_algorithm,
                ocsp.OCSPCertStatus[status.upper()],
                this_update,
                None if "next_update" in without else next_update,
                at if revoked else None,
                reason if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        )
        if "certificates" not in without and signer is not self:  # the client has the CA's own already
            builder = builder.certificates([signer.certificate])
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce) and "nonce" not in without:
                builder = builder.add_extension(
                    extension.value, critical=False
                )  # shows that it is not an old answer
        return builder.sign(signer.private_key, keys.digest_for(signer.private_key))

    def ocsp_signer(self, **changes) -> Issued:
        """A key that may answer for this CA: OCSPSigning among its purposes (RFC 6960 §4.2.2.2), and a certificate that
        clients need not ask about (§4.2.2.2.1). Keywords as for `issue`; eku=None takes the right away."""
        usual = {
            "common_name": "OCSP responder",
            "eku": [ExtendedKeyUsageOID.OCSP_SIGNING],
            "extra": [(x509.OCSPNoCheck(), False)],  # or clients would ask the responder about itself
        }
        return self.issue(**usual | changes)

    def _request(self, question) -> ocsp.OCSPRequest:
        if isinstance(question, ocsp.OCSPRequest):
            return question
        if isinstance(question, bytes):
            try:
                return ocsp.load_der_ocsp_request(question)
            except ValueError:
                pass  # then it is a certificate
        # SHA-1 is what every client uses here; it only abbreviates the issuer's name and key.
        return _request_for(reading.certificate(question), self.certificate, hashes.SHA1())  # noqa: S303

    def _is_about_ours(self, request: ocsp.OCSPRequest) -> bool:
        """Whether the issuer that the request means is this CA: the same key, by hash, and the same name."""
        key_hash = _request_for(self.certificate, self.certificate, request.hash_algorithm).issuer_key_hash
        name = hashlib.new(request.hash_algorithm.name, self.certificate.subject.public_bytes())
        return (request.issuer_key_hash, request.issuer_name_hash) == (key_hash, name.digest())

    def _ocsp_responder(self, forger=None) -> Issued:
        if forger is not None:
            return self.ocsp_signer(key=forger, signed_by=forger)
        if self._responder is None:
            self._responder = self.ocsp_signer()
        return self._responder


def self_signed(*names, purpose: str | None = "server", **changes) -> Issued:
    """A leaf that nobody vouches for but itself, as many appliances have."""
    private_key, public_key, changes = _key_pair(changes)
    certificate = _certificate(
        LEAF,
        issuer=None,
        issuer_key=private_key,
        public_key=public_key,
        names=names,
        purpose=purpose,
        **changes,
    )
    return Issued(certificate, private_key, [certificate])


# --- The one builder ----------------------------------------------------------------------------------------


def _certificate(
    profile: Profile,
    *,
    issuer: x509.Certificate | None,
    issuer_key,
    public_key,
    names=(),
    subject=None,
    common_name=None,
    not_before=None,
    not_after=None,
    lifetime=None,
    serial=None,
    ca=None,
    path_length=None,
    key_usage=None,
    purpose=None,
    eku=None,
    san=True,
    critical_san=None,
    name_constraints=None,
    crl_url=None,
    extra=(),
    without=(),
    hash=None,
    signed_by=None,
    issuer_name=None,
) -> x509.Certificate:
    """A certificate as `profile` says, but for the keywords (see the top). No `issuer`: self-signed."""
    names = [general_name(name) for name in names]
    subject = _subject(subject, common_name, names)
    not_before, not_after = _validity(profile.lifetime, issuer, not_before, not_after, lifetime)
    ca = profile.ca if ca is None else ca
    if path_length is not None and not ca:
        if not profile.ca:
            raise ValueError(
                "A path length limits the CAs below a CA: leave path_length out, or add ca=True."
            )
        path_length = None  # ca=False alone is what was asked for
    without = {without} if isinstance(without, str) else set(without)
    if without - set(PARTS):
        raise ValueError(f"There is no part {min(without - set(PARTS))!r}: choose from {', '.join(PARTS)}.")
    if eku is None and purpose is not None:
        if purpose not in PURPOSES:
            raise ValueError(
                f"There is no purpose {purpose!r}: choose one of {', '.join(PURPOSES)}, or None."
            )
        eku = PURPOSES[purpose]

    parts = {}  # name: (extension, critical)
    parts["basic_constraints"] = (x509.BasicConstraints(ca, path_length), True)  # RFC 5280 §4.2.1.9
    parts["key_usage"] = (_key_usage(profile.key_usage if key_usage is None else key_usage), True)  # §4.2.1.3
    if eku:
        parts["eku"] = (x509.ExtendedKeyUsage(eku), False)  # §4.2.1.12
    parts["ski"] = (x509.SubjectKeyIdentifier.from_public_key(public_key), False)  # §4.2.1.2
    if issuer:  # a self-signed certificate may leave it out (§4.2.1.1), since it would repeat the line above
        parts["aki"] = (_authority_key_identifier(issuer), False)
    if names and san:  # critical when nothing else says who this is (§4.2.1.6)
        critical = not list(subject) if critical_san is None else critical_san
        parts["san"] = (x509.SubjectAlternativeName(names), critical)
    if name_constraints is not None:
        parts["name_constraints"] = (_name_constraints(name_constraints), True)  # §4.2.1.10
    if crl_url is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        parts["crl_url"] = (x509.CRLDistributionPoints([point]), False)  # §4.2.1.13

    extensions = {
        value.oid: (value, critical) for part, (value, critical) in parts.items() if part not in without
    }
    extensions.update({value.oid: (value, critical) for value, critical in extra})

    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name or (issuer.subject if issuer else subject))
        .public_key(public_key)
        # 128 random bits: nobody can guess what the CA is about to sign. Public CAs need 64; 20 octets are the
        # limit (RFC 5280 §4.1.2.2), and a serial number is positive.
        .serial_number((secrets.randbits(128) or 1) if serial is None else serial)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    for value, critical in extensions.values():
        builder = builder.add_extension(value, critical)
    return _sign(builder, issuer_key if signed_by is None else signed_by, hash)


def _key_pair(changes: dict) -> tuple:
    """(private key or None, public key, the changes that are left): a new pair unless `key` was given."""
    changes = dict(changes)
    key, kind = changes.pop("key", None), changes.pop("key_kind", "p256")
    if key is None:
        key = keys.make(kind)
    public_key = reading.public_key(key)
    try:
        return reading.private_key(key), public_key, changes
    except reading.Unreadable:  # only the public half: enough for a certificate
        return None, public_key, changes


def _subject(subject, common_name: str | None, names: list[x509.GeneralName]) -> x509.Name:
    if subject is not None and common_name is not None:
        raise ValueError("Give either the whole subject or its common_name.")
    if isinstance(subject, str):
        try:
            return x509.Name.from_rfc4514_string(subject)
        except ValueError:
            raise ValueError(
                f"The subject {subject!r} is not of the form 'CN=alice,O=devs' (RFC 4514)."
            ) from None
    if subject is not None:
        return subject
    if common_name is None:
        if not names:
            raise ValueError(
                "A certificate must say whom it is for: give a name, such as 'api.test', or a subject."
            )
        readable = isinstance(names[0], x509.DNSName | x509.IPAddress | x509.RFC822Name)
        common_name = str(names[0].value) if readable else ""
        if len(common_name) > 64:  # ub-common-name, RFC 5280 appendix A
            common_name = ""
    if len(common_name) > 64:
        raise ValueError(
            f"A common name has at most 64 characters, not {len(common_name)} (RFC 5280 appendix A)."
        )
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def _validity(usual: timedelta, issuer, not_before, not_after, lifetime) -> tuple[datetime, datetime]:
    """First and last moment. What was not asked for stays within the issuer's own validity, if that is valid
    now: a leaf that promised more would stop working before its time."""
    now = _now()
    for name, when in (("not_before", not_before), ("not_after", not_after)):
        if when is not None:
            _aware(when, name)
    if lifetime is not None and lifetime <= timedelta(0):
        raise ValueError("A lifetime must be positive: for an expired certificate, give not_after=.")
    try:
        start = not_before or now - BACKDATED
        end = not_after or (not_before or now) + (lifetime or usual)
        if not_before is None and end <= start:
            start = end - (lifetime or usual)  # expired, but otherwise as usual
    except OverflowError:
        raise ValueError("That lifetime ends after the year 9999, which a certificate can't say.") from None
    if issuer and issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
        if not_before is None and end > now:
            start = max(start, issuer.not_valid_before_utc)
        if not_after is None and lifetime is None and start < issuer.not_valid_after_utc:
            end = min(end, issuer.not_valid_after_utc)
    if end < start:
        raise ValueError("That certificate would end before it starts: move not_before or not_after.")
    return start, end


def _key_usage(words) -> x509.KeyUsage:
    if isinstance(words, x509.KeyUsage):
        return words
    words = {words} if isinstance(words, str) else set(words)
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    if words - set(every):
        raise ValueError(
            f"There is no key usage {min(words - set(every))!r}: choose from {', '.join(every)}."
        )
    return x509.KeyUsage(**{word: word in words for word in every})


def _name_constraints(permitted) -> x509.NameConstraints:
    if isinstance(permitted, x509.NameConstraints):
        return permitted
    trees = []
    for name in [permitted] if isinstance(permitted, str) else permitted:
        try:
            trees.append(x509.IPAddress(ipaddress.ip_network(name)))
        except ValueError:
            trees.append(x509.DNSName(_dns_name(name)))
    return x509.NameConstraints(permitted_subtrees=trees, excluded_subtrees=None)


def _authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """What the issuer calls its key (RFC 5280 §4.2.1.1), to tell two CAs of one name apart."""
    try:
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _path_length_below(issuer: Authority | None) -> int | None:
    """A root has no limit: it is trusted by choice, and path validation need not read it (RFC 5280 §6.1).
    An intermediate issues leaves and no further CAs, unless its issuer allows for more."""
    if issuer is None:
        return None
    try:
        limit = issuer.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    except x509.ExtensionNotFound:
        return 0
    if limit == 0:
        raise ValueError(
            f"{issuer.name} may issue leaves, but no CAs (path length 0): make it with path_length=1. "
            "To see what clients say to such a chain, give path_length=0 here."
        )
    return 0 if limit is None else limit - 1


def _sign(builder: x509.CertificateBuilder, key, hash: hashes.HashAlgorithm | None) -> x509.Certificate:
    if hash is not None and not isinstance(hash, hashes.HashAlgorithm):
        raise ValueError(f"hash must be an object such as hashes.SHA512(), not {hash!r}.")
    weak = hash is not None and hash.name in _WEAK
    if weak and not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(
            f"Signing with {hash.name} works here for RSA keys only: give the issuer key_kind='rsa2048'."
        )
    try:
        certificate = builder.sign(key, hashes.SHA256() if weak else hash or keys.digest_for(key))
    except UnsupportedAlgorithm:
        raise ValueError(
            f"{keys.describe(key)} can't sign a certificate with that hash: choose another."
        ) from None
    return _resigned_weakly(certificate, key, hash) if weak else certificate


_RSA_WITH = bytes.fromhex("06092a864886f70d0101")  # 1.2.840.113549.1.1.…, followed by what it is with
_WEAK = {"sha1": b"\x05", "md5": b"\x04"}


def _resigned_weakly(certificate: x509.Certificate, key, hash) -> x509.Certificate:
    """The same certificate, signed with a hash that `cryptography` rightly refuses for new certificates.

    The algorithm stands in two places, inside and outside of what is signed; the signature comes last."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    der = der.replace(_RSA_WITH + b"\x0b", _RSA_WITH + _WEAK[hash.name])
    signed = x509.load_der_x509_certificate(der).tbs_certificate_bytes
    signature = key.sign(signed, padding.PKCS1v15(), hash)
    return x509.load_der_x509_certificate(der[: -len(signature)] + signature)


# --- Names --------------------------------------------------------------------------------------------------


def general_name(name) -> x509.GeneralName:
    """What a subjectAltName calls `name` (RFC 5280 §4.2.1.6): an IP address, URI, e-mail address or DNS name.

    Takes text or an `ipaddress` object; a x509.GeneralName passes as it is. Raises `ValueError` for what no
    careful CA would sign.
    """
    if isinstance(name, x509.GeneralName):
        return name
    if isinstance(name, ipaddress.IPv4Address | ipaddress.IPv6Address):
        name = str(name)
    if not isinstance(name, str):
        raise ValueError(
            f"A name is text or an IP address, not a {type(name).__name__}: give one such as 'api.test'."
        )
    shown = f"“{reading.visible(name, 80)}”"
    if not name:
        raise ValueError("The name is empty: give one such as 'api.test'.")
    if re.search(r"\s", name) or not name.isprintable():
        raise ValueError(f"The name {shown} has a space or control character in it: take it out.")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass  # then it is another kind of name
    else:
        if "%" in name:
            raise ValueError(
                f"{shown} names a network card of this machine: a certificate holds the address alone, without % and "
                "what follows."
            )
        return x509.IPAddress(address)
    if re.match(r"https?://", name, re.IGNORECASE):
        raise ValueError(
            f"{shown} is a web address: a certificate is for the host's name alone, such as 'api.test'."
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]|urn:", name):
        return x509.UniformResourceIdentifier(_ascii(name, shown))
    if "@" in name:
        return x509.RFC822Name(_ascii(name, shown))
    if re.search(r"[^:]:\d+$", name):
        raise ValueError(
            f"{shown} has a port: a certificate is for a host, whatever the port, so leave it out."
        )
    return x509.DNSName(_dns_name(name))


def _dns_name(name: str) -> str:
    """`name`, if it is in the preferred syntax (RFC 5280 §4.2.1.6), perhaps with * as its first label."""
    shown = f"“{reading.visible(name, 80)}”"
    if not name.isascii():
        raise ValueError(f"{shown} is not ASCII: certificates hold the form that DNS uses{_a_label(name)}.")
    if len(name) > 253:
        raise ValueError(f"A DNS name has at most 253 characters, not {len(name)}.")
    if name.endswith("."):
        raise ValueError(f"{shown} ends with a dot: write it without.")
    host = name.removeprefix("*.")
    if "*" in host:
        raise ValueError(
            f"In {shown} the * is in the wrong place: it is the whole first label, *.api.test (RFC 9525 §6.3)."
        )
    if re.fullmatch(r"[\d.]+", host):
        raise ValueError(
            f"{shown} is neither an IP address nor a DNS name: an IPv4 address is four numbers up to 255."
        )
    for label in host.split("."):
        if not re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", label):
            raise ValueError(
                f"{shown} is not a DNS name: between dots stand 1 to 63 letters, digits and hyphens, and no "
                "hyphen is first or last."
            )
    return name


def _a_label(name: str) -> str:
    try:
        return f", here '{name.encode('idna').decode('ascii')}'" if len(name) <= 253 else ""
    except UnicodeError:
        return ""


def _ascii(name: str, shown: str) -> str:
    if not name.isascii():
        raise ValueError(
            f"{shown} is not ASCII: write its host in the form that DNS uses, and percent-encode the rest."
        )
    return name


# --- Small things -------------------------------------------------------------------------------------------


def _signed_by_its_key(csr: x509.CertificateSigningRequest) -> bool:
    try:
        return csr.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        return False


def _requested_names(csr: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    """The names in the request, checked as if somebody had typed them: the requester is not the authority."""
    try:
        names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [general_name(name.value) if isinstance(name, x509.DNSName) else name for name in names]


def _request_for(certificate, issuer, hash) -> ocsp.OCSPRequest:
    return ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hash).build()


def _ocsp_error(word) -> ocsp.OCSPResponseStatus:
    errors = {one.name.lower(): one for one in ocsp.OCSPResponseStatus}
    del errors["successful"]
    if word not in errors:
        raise ValueError(f"There is no error {word!r}: choose one of {', '.join(errors)}.")
    return errors[word]


def _period(this_update, next_update, lifetime) -> tuple[datetime, datetime]:
    """From when and until when a CRL or an OCSP answer is good."""
    if next_update is not None:
        _aware(next_update, "next_update")
    if this_update is None:
        this_update = _now() if next_update is None else min(_now(), next_update - lifetime)
    _aware(this_update, "this_update")
    return this_update, next_update or this_update + lifetime


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)  # a certificate's clock has no smaller unit


def _aware(when: datetime, name: str) -> datetime:
    if not isinstance(when, datetime) or when.utcoffset() is None:
        raise ValueError(f"{name} must be a datetime with a time zone: datetime.now(UTC) has one.")
    return when


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
