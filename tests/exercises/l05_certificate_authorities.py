"""Answers to the exercises of lesson 05, right and wrong."""

import ssl
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from padlock import csr as requests
from padlock import keys, machine
from padlock.authority import Authority, self_signed

from .making import DER, NOW, PEM, digest, file_with, has_openssl, key, key_der, key_pem, openssl

USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
CA_FALSE = (x509.BasicConstraints(ca=False, path_length=None), True)
CA_TRUE = (x509.BasicConstraints(ca=True, path_length=None), True)


def usage(*words):
    return x509.KeyUsage(**{use: use in words for use in USES})


def san(*names):
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def named(common):
    if isinstance(common, list):
        return x509.Name.from_rfc4514_string(",".join(f"{kind}={text}" for kind, text in reversed(common)))
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])


def made(public, subject, issuer, signer, *extensions, start=-1, days=30):
    """A certificate by hand, as the lesson teaches it. extensions: (value, critical)"""
    builder = (
        x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=start))
        .not_valid_after(NOW + timedelta(days=start + days))
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(
        signer, digest(signer) if not isinstance(signer, ec.EllipticCurvePrivateKey) else hashes.SHA256()
    )


CA_KEY, MALLORY_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
CA = Authority("My First Root", key=CA_KEY)
ROOT = CA.certificate
OTHER = Authority("Somebody Else")
TWIN = Authority("My First Root")
SERVER = CA.issue("api.test")
HOSTILE = (
    x509.CertificateSigningRequestBuilder(named("mallory.test"))
    .add_extension(san("mallory.test", "bank.test"), critical=False)
    .add_extension(CA_TRUE[0], critical=True)
    .add_extension(usage("digital_signature", "key_cert_sign"), critical=True)
    .sign(MALLORY_KEY, hashes.SHA256())
)
GIVEN = {
    "ca": CA,
    "ca_key": CA_KEY,
    "root": ROOT,
    "hostile": HOSTILE,
    "mallory_key": MALLORY_KEY,
    "twin": TWIN,
    "server": SERVER,
}


# ---- 1: a root


def root_of(private, *extensions, name="Workshop Root", issuer=None, signer=None, days=3650, start=-1):
    if not extensions:
        extensions = (CA_TRUE, (usage("key_cert_sign", "crl_sign"), True))
    subject = named(name)
    return made(
        private.public_key(),
        subject,
        issuer or subject,
        signer or private,
        *extensions,
        days=days,
        start=start,
    )


def root(kind="p256", *extensions, **options):
    return lambda: {"my_key": key(kind), "my_root": root_of(key(kind), *extensions, **options)}


def root_as(form_key, form_root, kind="p256"):
    return lambda: {"my_key": form_key(key(kind)), "my_root": form_root(root_of(key(kind)))}


@cache
def folder_with_root():
    """What the command line makes: my.key, my.pem; the same with `cryptography` where there is no openssl."""
    folder = Path(mkdtemp(prefix="padlock-test-"))
    if has_openssl():
        openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-noenc",
            "-keyout",
            "my.key",
            "-out",
            "my.pem",
            "-subj",
            "/CN=Workshop Root",
            "-days",
            "3650",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
            folder=folder,
        )
    else:
        (folder / "my.key").write_bytes(key_pem(key()))
        (folder / "my.pem").write_bytes(root_of(key()).public_bytes(PEM))
    return folder


@cache
def plain_openssl_root():
    """`req -x509` with nothing added: CA:TRUE, but no key usage."""
    folder = Path(mkdtemp(prefix="padlock-test-"))
    if not has_openssl():
        return key(), root_of(key(), CA_TRUE)
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-noenc",
        "-keyout",
        "my.key",
        "-out",
        "my.pem",
        "-subj",
        "/CN=Workshop Root",
        "-days",
        "3650",
        folder=folder,
    )
    return folder / "my.key", folder / "my.pem"


def unfit(private):
    return lambda: {"my_key": private, "my_root": Authority("Workshop Root", key=private).certificate}


def authority(**options):
    made_one = Authority("Workshop Root", **options)
    return {"my_key": made_one.private_key, "my_root": made_one.certificate}


def bundle():
    data = key_pem(key()) + root_of(key()).public_bytes(PEM)
    path = file_with(data)
    return {"my_key": path, "my_root": path}


def foreign_issuer():
    return made(
        key().public_key(),
        named("Workshop Root"),
        OTHER.certificate.subject,
        OTHER.private_key,
        CA_TRUE,
        (usage("key_cert_sign"), True),
        days=3650,
    )


# ---- 2: sign the request

LEAF = (
    (san("mallory.test"), False),
    CA_FALSE,
    (usage("digital_signature"), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
)


def eku(*words):
    return x509.ExtendedKeyUsage([getattr(ExtendedKeyUsageOID, word) for word in words]), False


def signed(
    *extensions, public=None, subject="mallory.test", issuer=None, signer=CA_KEY, days=60, start=-1, form=None
):
    def answer():
        certificate = made(
            public or HOSTILE.public_key(),
            named(subject),
            issuer or ROOT.subject,
            signer,
            *(extensions or LEAF),
            days=days,
            start=start,
        )
        return {"careful": form(certificate) if form else certificate}

    return answer


def by_authority(**options):
    return lambda: {"careful": CA.sign(HOSTILE, names=("mallory.test",), **options)}


def by_command_line(*more):
    """`openssl x509 -req` with an extension file, or with `more`."""
    if not has_openssl():
        return signed(*LEAF)()
    folder = Path(mkdtemp(prefix="padlock-test-"))
    (folder / "ca.pem").write_bytes(ROOT.public_bytes(PEM))
    (folder / "ca.key").write_bytes(key_pem(CA_KEY))
    (folder / "m.csr").write_bytes(HOSTILE.public_bytes(PEM))
    (folder / "ext").write_text(
        "subjectAltName=DNS:mallory.test\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
    )
    openssl(
        "x509",
        "-req",
        "-in",
        "m.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-out",
        "out.pem",
        *(more or ("-extfile", "ext", "-days", "90")),
        folder=folder,
    )
    return {"careful": folder / "out.pem"}


def copied(*more):
    """What the command line makes of it when it copies every extension."""
    if has_openssl():
        return by_command_line("-copy_extensions", "copyall", "-days", "60")
    return {"careful": CA.sign(HOSTILE, extra=[(e.value, e.critical) for e in HOSTILE.extensions])}


def version_one():
    """`x509 -req` with nothing added: no extensions at all, so no SAN."""
    return by_command_line("-days", "60") if has_openssl() else signed(CA_FALSE)()


# ---- 3: vet


def san_of(request):
    try:
        return request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def names_of(request):
    return san_of(request).get_values_for_type(x509.DNSName)


def as_asked(request, controls):
    if not request.is_signature_valid:
        return []
    return [name for name in names_of(request) if controls(name)]


def a_loop(request, controls):
    granted = []
    if request.is_signature_valid:
        for extension in request.extensions:
            if extension.oid == x509.SubjectAlternativeName.oid:
                for general in extension.value:
                    if controls(general.value):
                        granted.append(general.value)
    return granted


def no_wildcards(request, controls):
    return [n for n in names_of(request) if request.is_signature_valid and "*" not in n and controls(n)]


def all_or_nothing_proven(request, controls):
    names = as_asked(request, controls)
    return names if len(names) == len(names_of(request)) else []


def with_cn(request, controls):
    """As some CAs do: the CN counts as one more name to prove."""
    common = [a.value for a in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    names = {*names_of(request), *common}
    return sorted(name for name in names if request.is_signature_valid and controls(name))


def by_hand_signature(request, controls):
    try:
        request.public_key().verify(
            request.signature, request.tbs_certrequest_bytes, ec.ECDSA(request.signature_hash_algorithm)
        )
    except Exception:
        return []
    return [name for name in names_of(request) if controls(name)]


def trusting(request, controls):
    return names_of(request) if request.is_signature_valid else []


def first_decides(request, controls):
    names = names_of(request)
    return names if names and request.is_signature_valid and controls(names[0]) else []


def last_labels_decide(request, controls):
    """As for a registered domain: its last two labels are proven, so all below is granted."""
    names = [name for name in names_of(request) if "-" in name and controls(name.replace("*.", ""))]
    return names if request.is_signature_valid else []


def looks_alike(request, controls):
    return [n for n in names_of(request) if request.is_signature_valid and controls(n.removeprefix("evil-"))]


def other_kinds_pass(request, controls):
    return [
        n
        for n in san_of(request)
        if request.is_signature_valid and (type(n) is not x509.DNSName or controls(n))
    ]


def cn_instead(request, controls):
    common = [a.value for a in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return as_asked(request, controls) if names_of(request) else common


def needs_a_san(request, controls):
    request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return as_asked(request, controls)


def cn_unproven(request, controls):
    common = [a.value for a in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return [*as_asked(request, controls), *common]


def only_first(request, controls):
    return as_asked(request, controls)[:1]


def no_signature(request, controls):
    return [name for name in names_of(request) if controls(name)]


def forgets_to_return(request, controls):
    as_asked(request, controls)


def vet(function):
    return lambda: {"vet": function}


# ---- 4: a client


def context(*trusted, protocol=ssl.PROTOCOL_TLS_CLIENT, flags=0):
    made_one = ssl.SSLContext(protocol)
    made_one.verify_flags |= flags
    for certificate in trusted:
        made_one.load_verify_locations(cadata=certificate.public_bytes(PEM).decode())
    return made_one


def client(make):
    return lambda: {"client": make()}


def from_file():
    made_one = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made_one.load_verify_locations(cafile=file_with(ROOT.public_bytes(PEM)))
    return made_one


def with_der():
    made_one = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made_one.load_verify_locations(cadata=ROOT.public_bytes(DER))
    return made_one


def tls13_only():
    made_one = context(ROOT)
    made_one.minimum_version = ssl.TLSVersion.TLSv1_3
    return made_one


def beside_the_system():
    made_one = ssl.create_default_context()
    more = [] if machine.roots().certificates else [OTHER.certificate]
    for certificate in [ROOT, *more]:
        made_one.load_verify_locations(cadata=certificate.public_bytes(PEM).decode())
    return made_one


def beside_a_folder():
    """Roots in a folder are read when they are looked for, and not before."""
    theirs = machine.roots().certificates
    if not has_openssl() or not theirs:
        return context(ROOT, OTHER.certificate)
    path = file_with(theirs[0].public_bytes(PEM))
    name = openssl("x509", "-hash", "-noout", "-in", path.name, folder=path.parent).decode().strip()
    path.rename(path.with_name(f"{name}.0"))
    made_one = context(ROOT)
    made_one.load_verify_locations(capath=path.parent)
    return made_one


def never_common_name():
    made_one = context(ROOT)
    made_one.hostname_checks_common_name = False
    return made_one


def no_check():
    made_one = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made_one.check_hostname, made_one.verify_mode = False, ssl.CERT_NONE
    return made_one


def no_check_but_root():
    made_one = no_check()
    made_one.load_verify_locations(cadata=ROOT.public_bytes(PEM).decode())
    return made_one


def no_names():
    made_one = context(ROOT)
    made_one.check_hostname = False
    return made_one


RIGHT = {
    1: {
        "by hand": root(),
        "p384": root("p384"),
        "ed25519": root("ed25519"),
        "rsa": root("rsa2048"),
        "with SKI": lambda: {
            "my_key": key(),
            "my_root": root_of(
                key(),
                CA_TRUE,
                (usage("key_cert_sign"), True),
                (x509.SubjectKeyIdentifier.from_public_key(key().public_key()), False),
            ),
        },
        "a SKI of its own": root(
            "p256",
            CA_TRUE,
            (usage("key_cert_sign"), True),
            (x509.SubjectKeyIdentifier(b"my first root"), False),
        ),
        "path length 0": root(
            "p256",
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (usage("key_cert_sign", "crl_sign"), True),
        ),
        "signs other things too": root(
            "p256", (usage("digital_signature", "key_cert_sign", "crl_sign"), False), CA_TRUE
        ),
        "thirty years": root(days=10950),
        "one year": root(days=366),
        "Authority": authority,
        "Authority, rsa": lambda: authority(key=key("rsa2048")),
        "PEM": root_as(key_pem, lambda c: c.public_bytes(PEM).decode()),
        "DER": root_as(key_der, lambda c: c.public_bytes(DER)),
        "bundle path": bundle,
        "command line": lambda: {
            "my_key": folder_with_root() / "my.key",
            "my_root": str(folder_with_root() / "my.pem"),
        },
        "in a list": lambda: {"my_key": key(), "my_root": [root_of(key())]},
        "an object with both": lambda: {
            "my_key": (a := Authority("Workshop Root")).private_key,
            "my_root": a,
        },
    },
    2: {
        "by hand": signed(),
        "90 days and an hour": signed(days=90),
        "one day": signed(days=2),
        "no CN, critical SAN": signed((san("mallory.test"), True), *LEAF[1:], subject=""),
        "another subject": signed(subject="Mallory's server"),
        "other order": signed(*reversed(LEAF)),
        "no basicConstraints": signed(LEAF[0], LEAF[2]),
        "SAN alone": signed(LEAF[0]),
        "server and client": signed(
            *LEAF[:3],
            (
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                False,
            ),
        ),
        "capitals": signed((san("Mallory.TEST"), False), *LEAF[1:]),
        "Authority": by_authority(),
        "Authority, a week": by_authority(lifetime=timedelta(days=7)),
        "PEM": signed(form=lambda c: c.public_bytes(PEM)),
        "DER": signed(form=lambda c: c.public_bytes(DER)),
        "path": signed(form=lambda c: file_with(c.public_bytes(PEM))),
        "chain with the root": signed(form=lambda c: [c, ROOT]),
        "command line": by_command_line,
    },
    3: {
        "as asked": vet(as_asked),
        "a loop": vet(a_loop),
        "no wildcards": vet(no_wildcards),
        "all or nothing": vet(all_or_nothing_proven),
        "CN as well": vet(with_cn),
        "the signature by hand": vet(by_hand_signature),
        "a set": vet(lambda r, c: set(as_asked(r, c))),
        "a tuple": vet(lambda r, c: tuple(as_asked(r, c))),
        "names as objects": vet(lambda r, c: [x509.DNSName(name) for name in as_asked(r, c)]),
        "a SAN": vet(
            lambda r, c: x509.SubjectAlternativeName([x509.DNSName(name) for name in as_asked(r, c)])
        ),
        "asks with objects": vet(lambda r, c: [n.value for n in san_of(r) if r.is_signature_valid and c(n)]),
        "capitals": vet(lambda r, c: [name.upper() for name in as_asked(r, c)]),
    },
    4: {
        "SSLContext": client(lambda: context(ROOT)),
        "default context, cadata": client(
            lambda: ssl.create_default_context(cadata=ROOT.public_bytes(PEM).decode())
        ),
        "default context, cafile": client(
            lambda: ssl.create_default_context(cafile=file_with(ROOT.public_bytes(PEM)))
        ),
        "for servers, said so": client(
            lambda: ssl.create_default_context(
                ssl.Purpose.SERVER_AUTH, cadata=ROOT.public_bytes(PEM).decode()
            )
        ),
        "from a file": client(from_file),
        "from DER": client(with_der),
        "TLS 1.3 only": client(tls13_only),
        "never the common name": client(never_common_name),
        "an intermediate beside": client(lambda: context(ROOT, CA.intermediate("My Issuing CA").certificate)),
        "the root and a server": client(lambda: context(ROOT, SERVER.certificate)),
        "partial chain": client(lambda: context(ROOT, flags=ssl.VERIFY_X509_PARTIAL_CHAIN)),
        "the same key, made anew": client(
            lambda: context(Authority("My First Root", key=CA_KEY).certificate)
        ),
    },
}

WRONG = {
    1: {
        "key-mismatch": [
            lambda: {"my_key": key(), "my_root": root_of(key("ed25519"))},
            lambda: {"my_key": key(), "my_root": ROOT},
        ],
        "no-name": [root(name="")],
        "not-self-signed": [
            lambda: {"my_key": key(), "my_root": foreign_issuer()},
            lambda: {"my_key": key(), "my_root": root_of(key(), signer=key("ed25519"))},
            lambda: {"my_key": key(), "my_root": root_of(key(), issuer=named("Another"))},
        ],
        "not-a-ca": [
            root("p256", CA_FALSE),
            root("p256", (usage("key_cert_sign"), True)),
            lambda: {"my_key": (s := self_signed("api.test")).private_key, "my_root": s.certificate},
        ],
        "not-critical": [root("p256", (CA_TRUE[0], False), (usage("key_cert_sign"), True))],
        "no-keycertsign": [
            root("p256", CA_TRUE),
            root("p256", CA_TRUE, (usage("digital_signature"), True)),
            lambda: dict(zip(("my_key", "my_root"), plain_openssl_root(), strict=True)),
        ],
        "expired": [root(days=400, start=-401)],
        "not-yet-valid": [root(start=1)],
        "too-short": [root(days=90), lambda: authority(lifetime=timedelta(days=100))],
        "key-unfit": [
            lambda: {"my_key": WEAK, "my_root": root_of(WEAK)},
            unfit(ec.generate_private_key(ec.SECP256K1())),
            unfit(ec.generate_private_key(ec.SECP224R1())),
            lambda: unfit(keys.make("ml-dsa-65") if ssl.OPENSSL_VERSION_INFO < (3, 5) else WEAK)(),
        ],
        "refused-otherwise": [
            root(
                "p256",
                CA_TRUE,
                (usage("key_cert_sign"), True),
                (x509.NameConstraints([x509.DNSName("corp.test")], None), True),
            ),
        ],
        "private-key-given": [lambda: {"my_key": key(), "my_root": key()}],
        "csr-given": [lambda: {"my_key": key(), "my_root": requests.make(["api.test"], key())}],
    },
    2: {
        "not-her-key": [
            signed(public=key().public_key()),
            lambda: {"careful": CA.issue("mallory.test")},
            signed(public=CA_KEY.public_key()),
            lambda: {"careful": ROOT},
        ],
        "not-by-your-ca": [
            signed(issuer=named("mallory.test"), signer=MALLORY_KEY),
            signed(issuer=OTHER.certificate.subject, signer=OTHER.private_key),
            lambda: {"careful": OTHER.sign(HOSTILE, names=("mallory.test",))},
            signed(signer=MALLORY_KEY),
        ],
        "aki-misfit": [signed(*LEAF, (x509.AuthorityKeyIdentifier(b"another key", None, None), False))],
        "self-issued": [signed(subject="My First Root")],
        "san-missing": [signed(CA_FALSE), version_one],
        "wrong-name": [signed((san("bank.test"), False)), signed((san("*.mallory.test"), False))],
        "expired": [signed(days=20, start=-30)],
        "not-yet-valid": [signed(start=2)],
        "granted-unproven": [
            signed((san("mallory.test", "bank.test"), False), *LEAF[1:]),
            signed((san("mallory.test", "*.mallory.test"), False), *LEAF[1:]),
            signed((san("mallory.test", "other.example"), False), *LEAF[1:]),
            copied,
            signed(subject=[("O", "Bank of Test Ltd"), ("CN", "bank.test")]),
            signed(subject=[("O", "Bank of Test Ltd"), ("CN", "mallory.test")]),
            signed(subject="bank.test"),
            signed(subject="*.mallory.test"),
            signed(subject="10.0.0.7"),
        ],
        "powers-granted": [
            signed(*LEAF[:3], eku("SERVER_AUTH", "OCSP_SIGNING")),
            signed(*LEAF[:3], eku("SERVER_AUTH", "CODE_SIGNING")),
            signed(*LEAF[:3], eku("SERVER_AUTH", "ANY_EXTENDED_KEY_USAGE")),
            signed(*LEAF[:2], (usage("digital_signature", "crl_sign"), True)),
        ],
        "still-a-ca": [
            signed(LEAF[0], CA_TRUE, (usage("digital_signature", "key_cert_sign"), True)),
            signed(LEAF[0], CA_TRUE),
            signed(LEAF[0], CA_FALSE, (usage("digital_signature", "key_cert_sign"), True)),
            by_authority(ca=True),
        ],
        "too-long": [signed(days=365), signed(days=92)],
        "refused-otherwise": [by_authority(purpose="client")],
        "csr-given": [lambda: {"careful": HOSTILE}],
        "not-signed": [lambda: {"careful": x509.CertificateBuilder().subject_name(HOSTILE.subject)}],
    },
    3: {
        "honest-refused": [
            vet(lambda r, c: []),
            vet(only_first),
            vet(lambda r, c: as_asked(r, c)[:2]),
            vet(lambda r, c: [n for n in as_asked(r, c) if "bank" in n]),
        ],
        "granted-unproven": [
            vet(trusting),
            vet(first_decides),
            vet(cn_unproven),
            vet(lambda r, c: names_of(r)),
            vet(last_labels_decide),
            vet(looks_alike),
            vet(other_kinds_pass),
            vet(cn_instead),
        ],
        "vet-raises": [vet(needs_a_san)],
        "signature-unchecked": [
            vet(no_signature),
            vet(lambda r, c: [n for n in names_of(r) if "*" not in n and c(n)]),
        ],
        "not-a-list": [
            vet(forgets_to_return),
            vet(lambda r, c: True),
            vet(lambda r, c: "mine.test"),
            vet(lambda r, c: [1]),
        ],
        "wrong-type": [lambda: {"vet": ["mine.test"]}],
    },
    4: {
        "root-not-trusted": [
            client(context),
            client(lambda: context(OTHER.certificate)),
            client(ssl.create_default_context),
        ],
        "trusts-the-leaf": [
            client(lambda: context(SERVER.certificate)),
            client(lambda: context(SERVER.certificate, flags=ssl.VERIFY_X509_PARTIAL_CHAIN)),
        ],
        "verify-off": [client(no_check), client(no_check_but_root), client(ssl._create_unverified_context)],
        "wrong-root": [
            client(lambda: context(TWIN.certificate)),
            client(lambda: context(ROOT, TWIN.certificate)),
        ],
        "trusts-others": [
            client(beside_the_system),
            client(beside_a_folder),
            client(lambda: context(ROOT, OTHER.certificate)),
        ],
        "name-unchecked": [client(no_names)],
        "not-a-client": [
            lambda: {"client": ROOT},
            lambda: {"client": ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)},
            lambda: {"client": "verify=True"},
        ],
    },
}

WEAK = rsa.generate_private_key(65537, 1024)
