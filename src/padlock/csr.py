"""Certificate signing requests (PKCS #10, RFC 2986): make one, and change one on its way.

    request = csr.make(["api.test", "10.0.0.7"], key)            # honest: signed with the key that it carries
    csr.command(["api.test"], "p256")                            # how the openssl command line makes the same
    csr.on_its_way(request, "name", thief)                       # what a thief in between can do
    csr.fits(request)                                            # whether its signature fits its public key

A request has three parts: what is asked (`info`), the name of the signature algorithm, the signature (§4.2).
"""

import shlex

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from padlock import der, keys, reading
from padlock.authority import general_name

MOST_NAMES = 100

# Kind of key → what `openssl req` calls it.
NEWKEY = {
    "p256": "ec -pkeyopt ec_paramgen_curve:P-256",
    "p384": "ec -pkeyopt ec_paramgen_curve:P-384",
    "ed25519": "ed25519",
    "rsa2048": "rsa:2048",
    "rsa3072": "rsa:3072",
    "rsa4096": "rsa:4096",
}


# --- Asking ---------------------------------------------------------------------------------------------------


def names_in(text: str) -> list[str]:
    """The host names and IP addresses that somebody typed, apart by commas, blanks or lines; each only once.

    `ValueError` with a sentence for the first that no careful CA would sign.
    """
    typed = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split(maxsplit=10 * MOST_NAMES)))
    if not typed:
        raise ValueError("There is no name yet: type the one that clients will use, such as api.test.")
    if len(typed) > MOST_NAMES:
        raise ValueError(f"That is more than {MOST_NAMES} names: ask for those that this one server has.")
    for name in typed:
        if not isinstance(general_name(name), x509.DNSName | x509.IPAddress):
            raise ValueError(
                f"“{reading.visible(name, 80)}” is no host: clients of a server look for a DNS name or an IP address."
            )
    return typed


def subject(organisation: str = "", common_name: str = "") -> x509.Name:
    """O and CN, as far as they are given. `ValueError` for what has no place in a name (RFC 5280 appendix A)."""
    organisation = organisation.strip()
    if len(organisation) > 64:
        raise ValueError(f"An organisation has at most 64 characters, not {len(organisation):,}: shorten it.")
    if reading.visible(organisation) != organisation:
        raise ValueError(
            f"“{reading.visible(organisation, 80)}” holds characters that can't be seen: type the name anew."
        )
    if len(common_name) > 64:
        raise ValueError(
            f"A CN has at most 64 characters, and this name has {len(common_name)}: it fits into the SAN only."
        )
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def make(names, key, organisation: str = "", san: bool = True, ca: bool = False, signed_by=None):
    """A x509.CertificateSigningRequest for `names`, the first of which is also the CN.

    key: the private key whose public half goes in, and which signs. san=False asks in the CN alone, as old guides do.
    ca=True asks to be a CA. signed_by: another private key, which then signs in its place, so the signature can't fit.
    """
    asker = subject(organisation, names[0] if _in_cn(names, san) else "")
    builder = x509.CertificateSigningRequestBuilder().subject_name(asker)
    if san:
        wanted = x509.SubjectAlternativeName([general_name(name) for name in names])
        builder = builder.add_extension(wanted, critical=False)
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    request = builder.sign(key, keys.digest_for(key))
    return request if signed_by is None else signed(request.tbs_certrequest_bytes, signed_by)


def command(names, kind: str = "p256", organisation: str = "", san: bool = True, ca: bool = False) -> str:
    """The command line (OpenSSL 3, bash) that makes a new key pair and the same request as `make`."""
    name = "".join(
        f"/{attribute.rfc4514_attribute_name}={_escaped(attribute.value)}"
        for attribute in subject(organisation, names[0] if _in_cn(names, san) else "")
    )
    lines = [f"openssl req -newkey {NEWKEY[kind]} -noenc", "-keyout server.key -out server.csr"]
    lines.append(f"-utf8 -subj {shlex.quote(name or '/')}")
    if san:
        lines.append(
            "-addext " + shlex.quote("subjectAltName=" + ",".join(_for_openssl(name) for name in names))
        )
    if ca:
        lines.append("-addext basicConstraints=critical,CA:TRUE")
    return " \\\n  ".join(lines)


def _in_cn(names, san: bool) -> bool:
    """A long name goes without a CN; asked for in the CN alone, it has no place at all, and `subject` says so."""
    return not san or len(names[0]) <= 64


def _escaped(value: str) -> str:
    return "".join("\\" + character if character in "\\/+" else character for character in value)


def _for_openssl(name: str) -> str:
    return f"{'IP' if isinstance(general_name(name), x509.IPAddress) else 'DNS'}:{name}"


# --- Judging --------------------------------------------------------------------------------------------------


def fits(request: x509.CertificateSigningRequest) -> bool:
    """Whether the signature fits the public key inside: then whoever made the request held the private key.

    False also for SHA-1 and MD5, whose signatures nobody should believe any more: `keys.old_hash` tells.
    It says nothing of who sent it, nor of whose the names are (RFC 2986 §3).
    """
    try:
        return request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def asked_names(request: x509.CertificateSigningRequest) -> list[str] | None:
    """The names in the subjectAltName that it asks for, in words; None if it asks for none (RFC 2985 §5.4.2)."""
    try:
        san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
    return [str(getattr(name, "value", name)) for name in san]


# --- Between the asker and the authority ----------------------------------------------------------------------

# What a thief in between may do → in words.
ACTS = {
    "nothing": "nothing: it passes as it is",
    "letter": "change one letter of the name",
    "key": "put the thief's public key in, and keep the signature",
    "resign": "put the thief's public key in, and sign anew with the thief's key",
    "copy": "copy it, and send the copy as the thief's own",
}


def on_its_way(request: x509.CertificateSigningRequest, act: str, thief) -> x509.CertificateSigningRequest:
    """The request that the authority gets after one of `ACTS`; `thief` is a private key."""
    info, algorithm, signature = parts(request)
    if act == "letter":
        name = (asked_names(request) or ["api.test"])[0].encode("ascii")
        return put_together(info.replace(name, _one_letter(name)), algorithm, signature)
    if act in ("key", "resign"):
        version, asker, _, *attributes = (child.raw for child in der.parse(info).children)
        info = _element(0x30, b"".join([version, asker, _spki(thief.public_key()), *attributes]))
        return signed(info, thief) if act == "resign" else put_together(info, algorithm, signature)
    if act not in ACTS:
        raise ValueError(f"There is no act {act!r}: choose one of {', '.join(ACTS)}.")
    return put_together(info, algorithm, signature)


def parts(request: x509.CertificateSigningRequest) -> tuple[bytes, bytes, bytes]:
    """(CertificationRequestInfo, AlgorithmIdentifier, the signature's own bytes), RFC 2986 §4.2."""
    info, algorithm, _ = der.parse(request.public_bytes(serialization.Encoding.DER)).children
    return info.raw, algorithm.raw, request.signature


def put_together(info: bytes, algorithm: bytes, signature: bytes) -> x509.CertificateSigningRequest:
    """A request from its three parts, whether they fit or not."""
    bits = _element(0x03, b"\0" + signature)  # BIT STRING, no unused bits
    return x509.load_der_x509_csr(_element(0x30, info + algorithm + bits))


def signed(info: bytes, key) -> x509.CertificateSigningRequest:
    """`info` signed with any private key, also with one whose public half is not in it."""
    usual = (
        x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, keys.digest_for(key))
    )
    digest = usual.signature_hash_algorithm
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(info, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(info, ec.ECDSA(digest))
    else:
        signature = key.sign(info)
    return put_together(info, parts(usual)[1], signature)


def _one_letter(name: bytes) -> bytes:
    """The name with its third letter another one: api.test → app.test."""
    return name[:2] + (b"p" if name[2:3] != b"p" else b"i") + name[3:]


def _spki(public_key) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public_key.public_bytes(serialization.Encoding.DER, form)


def _element(tag: int, content: bytes) -> bytes:
    """One DER element (X.690 §8.1.3)."""
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 + len(size)]) + size + content
