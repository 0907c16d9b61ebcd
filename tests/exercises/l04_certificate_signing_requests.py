"""Answers to the exercises of lesson 04, right and wrong."""

import ipaddress
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from padlock import csr
from padlock.authority import Authority
from padlock.course.exercises.l04_certificate_signing_requests import inbox_of_three

from .making import DER, PEM, digest, file_with, has_openssl, key, key_der, key_pem, openssl

BOTH = ("api.test", "www.api.test")


def request(kind="p256", san=BOTH, cn=None, signer=None, more=(), names=None):
    """A request made with `cryptography` alone, as the lesson teaches it."""
    private = signer or key(kind)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)] if cn else [])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    names = names or [x509.DNSName(name) for name in san]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in more:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(private, digest(private))


def usage(*words):
    return (
        Authority("Any", key_usage=words).certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    )


def with_key(make, hash=hashes.SHA256()):  # noqa: B008 of no state
    """A request by a key of a rarer kind."""

    def made():
        private, names = make(), x509.SubjectAlternativeName([x509.DNSName(name) for name in BOTH])
        wish = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        return {
            "my_key": private,
            "my_request": wish.add_extension(names, critical=False).sign(private, hash),
        }

    return made


def signed_with_old(asked, hash, private=None):
    """The same request, signed by an RSA key with SHA-1 or MD5; the signature fits."""
    info, _, _ = csr.parts(asked)
    algorithm = bytes.fromhex(f"300d06092a864886f70d0101{ {'sha1': '05', 'md5': '04'}[hash.name] }0500")
    signature = (private or key("rsa2048")).sign(info, padding.PKCS1v15(), hash)
    return csr.put_together(info, algorithm, signature)


def pem(asked):
    return asked.public_bytes(PEM)


def pair(kind="p256", form=lambda asked: asked, key_form=lambda private: private, **more):
    return lambda: {"my_key": key_form(key(kind)), "my_request": form(request(kind, **more))}


@cache
def by_command_line(newkey="ec -pkeyopt ec_paramgen_curve:P-256", san="DNS:api.test,DNS:www.api.test"):
    """A folder with server.key and server.csr, as `openssl req -newkey` writes them; ours where there is none."""
    folder = Path(tempfile.mkdtemp(prefix="padlock-test-"))
    if has_openssl():
        options = ["-newkey", *newkey.split(), "-noenc", "-keyout", "server.key", "-out", "server.csr"]
        openssl("req", *options, "-subj", "/CN=api.test", "-addext", f"subjectAltName={san}", folder=folder)
    else:
        kind = "ed25519" if newkey == "ed25519" else "p256"
        (folder / "server.key").write_bytes(key_pem(key(kind)))
        (folder / "server.csr").write_bytes(pem(request(kind, cn="api.test")))
    return folder


def from_command_line(form, **options):
    def made():
        folder = by_command_line(**options)
        return {"my_key": form(folder / "server.key"), "my_request": form(folder / "server.csr")}

    return made


# ---- 2


def loads(data):
    return x509.load_pem_x509_csr(data)


def checks_by_hand(data):
    asked = loads(data)
    public, signed = asked.public_key(), asked.tbs_certrequest_bytes
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(asked.signature, signed, padding.PKCS1v15(), asked.signature_hash_algorithm)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(asked.signature, signed, ECDSA(asked.signature_hash_algorithm))
        else:
            public.verify(asked.signature, signed)
    except (InvalidSignature, TypeError):
        return False
    return True


def asks_openssl(data):
    if not has_openssl():
        return loads(data).is_signature_valid
    path, own = file_with(data, ".csr"), file_with(key_pem(key("p256")))
    try:
        openssl("x509", "-req", "-in", str(path), "-signkey", str(own), "-out", "x", folder=path.parent)
    except RuntimeError:
        return False
    return True


def asks_openssl_req(data):
    """By the words: in OpenSSL 3.0 the exit code is 0 whatever they say."""
    if not has_openssl():
        return loads(data).is_signature_valid
    ran = subprocess.run(["openssl", "req", "-verify", "-noout"], input=data, capture_output=True, timeout=60)
    return b"verify OK" in ran.stderr + ran.stdout


def asks_an_authority(data):
    try:
        Authority("Any").sign(data, names=["any.test"])
    except ValueError:
        return False
    return True


class Checker:
    def __call__(self, pem):
        return loads(pem).is_signature_valid


def possession(function):
    return lambda: {"proves_possession": function}


def only_with_san(data):
    asked = loads(data)
    return asked.is_signature_valid and csr.asked_names(asked) is not None


def never_a_ca(data):
    asked = loads(data)
    return asked.is_signature_valid and not any(
        isinstance(extension.value, x509.BasicConstraints) and extension.value.ca
        for extension in asked.extensions
    )


def always_sha256(data):
    asked = loads(data)
    public, signed = asked.public_key(), asked.tbs_certrequest_bytes
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(asked.signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(asked.signature, signed, ECDSA(hashes.SHA256()))
        else:
            public.verify(asked.signature, signed)
    except (InvalidSignature, TypeError):
        return False
    return True


def readable(data):
    try:
        loads(data)
    except ValueError:
        return False
    return True


def verify_as_answer(data):
    asked = loads(data)
    how = ECDSA(asked.signature_hash_algorithm)
    return asked.public_key().verify(asked.signature, asked.tbs_certrequest_bytes, how)


def only_p256(data):
    return isinstance(loads(data).public_key(), ec.EllipticCurvePublicKey) and loads(data).is_signature_valid


# ---- 3

INBOX = inbox_of_three()
FITS = {which: loads(data).is_signature_valid for which, data in INBOX.items()}
MISFIT = next(which for which, fits in FITS.items() if not fits)
GREEDY = next(which for which, data in INBOX.items() if b"Everything" in loads(data).public_bytes(DER))
PLAIN = next(which for which in INBOX if which not in (MISFIT, GREEDY))


def misfit(value):
    return lambda: {"misfit": value}


# ---- 4

OLD_KEY = ec.generate_private_key(ec.SECP256R1())
OLD_REQUEST = request(san=(), cn="shop.test", signer=OLD_KEY)


def renewed(form=lambda asked: asked, **more):
    return lambda: {"renewed": form(request(**{"san": ("shop.test",), "signer": OLD_KEY, **more}))}


def renewed_by_command_line():
    path = file_with(key_pem(OLD_KEY))
    if has_openssl():
        options = ["-subj", "/CN=shop.test", "-addext", "subjectAltName=DNS:shop.test"]
        openssl("req", "-new", "-key", str(path), "-out", "new.csr", *options, folder=path.parent)
    else:
        (path.parent / "new.csr").write_bytes(pem(request(san=("shop.test",), signer=OLD_KEY)))
    return {"renewed": path.parent / "new.csr"}


GIVEN = {"inbox": INBOX, "old_key": OLD_KEY, "old_request": OLD_REQUEST}

RIGHT = {
    1: {
        "p256": pair(),
        "p384": pair("p384"),
        "ed25519": pair("ed25519"),
        "rsa": pair("rsa2048"),
        "with a CN": pair(cn="api.test"),
        "other order, twice, capitals": pair(san=("WWW.api.test", "Api.Test", "api.test")),
        "PEM": pair(form=pem, key_form=key_pem),
        "PEM text": pair(form=lambda a: pem(a).decode(), key_form=lambda k: key_pem(k).decode()),
        "DER": pair(form=lambda a: a.public_bytes(DER), key_form=key_der),
        "paths": pair(
            form=lambda a: file_with(pem(a), ".csr"), key_form=lambda k: str(file_with(key_pem(k)))
        ),
        "one bundle for both": lambda: dict.fromkeys(
            ("my_key", "my_request"), key_pem(key("p256")) + pem(request())
        ),
        "also a purpose": pair(more=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])]),
        "also two purposes": pair(
            more=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])]
        ),
        "also a key usage": pair(more=[usage("digital_signature", "key_encipherment")]),
        "p521": with_key(lambda: ec.generate_private_key(ec.SECP521R1()), hashes.SHA512()),
        "also CA:FALSE": pair(more=[x509.BasicConstraints(ca=False, path_length=None)]),
        "openssl, paths": from_command_line(lambda path: path),
        "openssl, text": from_command_line(lambda path: path.read_text()),
        "openssl, ed25519": from_command_line(lambda path: path.read_bytes(), newkey="ed25519"),
    },
    2: {
        "is_signature_valid": possession(lambda pem: loads(pem).is_signature_valid),
        "0 or 1": possession(lambda pem: int(loads(pem).is_signature_valid)),
        "by hand": possession(checks_by_hand),
        "openssl x509": possession(asks_openssl),
        "openssl req": possession(asks_openssl_req),
        "an authority": possession(asks_an_authority),
        "an object": possession(Checker()),
        "a method": possession(Checker().__call__),
        "any name, defaults": possession(lambda data, strict=True: loads(data).is_signature_valid is True),
        "csr.fits": possession(lambda data: csr.fits(loads(data))),
    },
    3: {
        "as asked": misfit(MISFIT),
        "capitals": misfit(MISFIT.upper()),
        "title": misfit(MISFIT.title()),
        "blanks": misfit(f"  {MISFIT}\n"),
        "the PEM": misfit(INBOX[MISFIT]),
        "the PEM as text": misfit(INBOX[MISFIT].decode()),
        "the request": misfit(loads(INBOX[MISFIT])),
        "the DER": misfit(loads(INBOX[MISFIT]).public_bytes(DER)),
        "computed": lambda: {
            "misfit": next(w for w, data in INBOX.items() if not loads(data).is_signature_valid)
        },
    },
    4: {
        "no subject": renewed(),
        "same subject": renewed(cn="shop.test"),
        "another name too": renewed(san=("www.shop.test", "shop.test")),
        "capitals": renewed(san=("Shop.Test",)),
        "PEM": renewed(form=pem),
        "PEM text": renewed(form=lambda asked: pem(asked).decode()),
        "DER": renewed(form=lambda asked: asked.public_bytes(DER)),
        "path": renewed(form=lambda asked: file_with(pem(asked), ".csr")),
        "openssl": renewed_by_command_line,
        "an old key in PEM": lambda: {**renewed()(), "old_key": key_pem(OLD_KEY)},
        "with an address": renewed(names=[x509.DNSName("shop.test"), x509.RFC822Name("me@shop.test")]),
    },
}

WRONG = {
    1: {
        "signature-unfit": [
            pair(form=lambda asked: csr.signed(asked.tbs_certrequest_bytes, key("ed25519"))),
            pair(form=lambda asked: csr.on_its_way(asked, "letter", key("p256"))),
            pair("rsa2048", form=lambda asked: csr.signed(asked.tbs_certrequest_bytes, key("p256"))),
        ],
        "csr-key-mismatch": [
            lambda: {"my_key": key("p384"), "my_request": request()},
            lambda: {"my_key": ec.generate_private_key(ec.SECP256R1()), "my_request": pem(request())},
        ],
        "san-missing": [pair(san=()), pair(san=(), cn="api.test"), pair(san=(), cn="www.api.test", form=pem)],
        "name-not-asked": [
            pair(san=("api.test",)),
            pair(san=("www.api.test",), cn="api.test"),
            pair(san=("*.api.test", "api.test")),
            pair(san=("app.test", "www.app.test")),
            pair(names=[x509.UniformResourceIdentifier("api.test"), x509.DNSName("www.api.test")]),
            pair(names=[x509.RFC822Name("api.test"), x509.DNSName("www.api.test")]),
        ],
        "asks-too-much": [
            pair(san=(*BOTH, "*.api.test")),
            pair(san=(*BOTH, "mail.api.test")),
            pair(more=[x509.BasicConstraints(ca=True, path_length=None)]),
            pair(more=[usage("key_cert_sign")]),
            pair(more=[usage("digital_signature", "crl_sign")]),
            pair(more=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING])]),
            pair(more=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])]),
            pair(more=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])]),
            pair(names=[*map(x509.DNSName, BOTH), x509.RFC822Name("api.test")]),
            pair(names=[*map(x509.DNSName, BOTH), x509.IPAddress(ipaddress.ip_address("10.0.0.7"))]),
        ],
        "private-key-given": [
            lambda: {"my_key": key("p256"), "my_request": key("p256")},
            pair(form=lambda asked: key_pem(key("p256"))),
        ],
        "certificate-given": [
            lambda: {"my_key": key("p256"), "my_request": Authority("Any").sign(request()).certificate},
            lambda: {"my_key": Authority("Any").sign(request()).certificate, "my_request": request()},
        ],
        "not-signed": [lambda: {"my_key": key("p256"), "my_request": x509.CertificateSigningRequestBuilder()}],
        "csr-given": [lambda: {"my_key": request(), "my_request": request()}],
        "key-unfit": [
            pair("rsa1024"),
            with_key(lambda: ec.generate_private_key(ec.SECP256K1())),
            with_key(lambda: ec.generate_private_key(ec.SECP224R1())),
            with_key(lambda: dsa.generate_private_key(2048)),
        ],
        "old-hash": [
            lambda: {"my_key": key("rsa2048"), "my_request": signed_with_old(request("rsa2048"), hashes.SHA1())},
            lambda: {"my_key": key("rsa2048"), "my_request": pem(signed_with_old(request("rsa2048"), hashes.MD5()))},
        ],
    },
    2: {
        "none-is-no-answer": [possession(verify_as_answer), possession(lambda pem: print(end=""))],
        "no-verdict": [possession(loads), possession(lambda pem: "True"), possession(lambda pem: 2)],
        "wrong-type": [possession(7)],
        "refuses-fitting": [
            possession(lambda pem: False), possession(only_p256), possession(always_sha256),
        ],
        "wish-is-no-flaw": [possession(only_with_san), possession(never_a_ca)],
        "accepts-forged": [
            possession(lambda pem: True),
            possession(readable),
            possession(lambda pem: b"REQUEST" in pem),
        ],
    },
    3: {
        "no-such-request": [
            misfit("fourth"), misfit(2), misfit(["first"]), misfit(""), misfit(list(INBOX.values())), misfit(request()),
        ],
        "misfit-fits": [misfit(PLAIN), misfit(INBOX[PLAIN])],
        "wish-is-no-flaw": [misfit(GREEDY), misfit(loads(INBOX[GREEDY]))],
    },
    4: {
        "signature-unfit": [
            renewed(form=lambda asked: csr.on_its_way(asked, "letter", key("p256"))),
            renewed(form=lambda asked: csr.signed(asked.tbs_certrequest_bytes, key("p256"))),
        ],
        "new-key-made": [renewed(signer=key("p256")), renewed(signer=key("ed25519"), cn="shop.test")],
        "san-missing": [lambda: {"renewed": OLD_REQUEST}, renewed(san=(), cn="shop.test"), renewed(san=())],
        "name-not-asked": [
            renewed(san=("www.shop.test",), cn="shop.test"),
            renewed(san=("*.shop.test",)),
            renewed(names=[x509.UniformResourceIdentifier("shop.test")]),
        ],
        "asks-too-much": [
            renewed(san=("shop.test", "bank.test")),
            renewed(san=("shop.test", "*.test")),
            renewed(more=[x509.BasicConstraints(ca=True, path_length=None)]),
            renewed(more=[usage("key_cert_sign")]),
        ],
        "old-hash": [renewed(form=lambda asked: signed_with_old(asked, hashes.SHA1()))],
        "authority-refuses": [
            renewed(san=("shop.test", "https://www.shop.test")), renewed(san=("shop.test", "a b.shop.test")),
        ],
        "certificate-given": [lambda: {"renewed": Authority("Any").issue("shop.test", key=OLD_KEY).certificate}],
    },
}  # fmt: skip
