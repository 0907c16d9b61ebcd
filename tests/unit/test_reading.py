"""What learners hand in is read, or refused in one sentence with its id."""

import base64
import contextlib
import os
import ssl
import subprocess
import unicodedata
from pathlib import Path
from shutil import which

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from padlock import keys, reading
from padlock.authority import Authority
from padlock.reading import Unreadable, visible

ROOT = Authority("Class Root")
CA = ROOT.intermediate("Class Issuing CA")
LEAF = CA.issue("api.test")
CERTIFICATE = LEAF.certificate
KEY = LEAF.private_key
PUBLIC = KEY.public_key()
CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.test")]), False)
    .sign(KEY, hashes.SHA256())
)
CRL = CA.crl()
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
READERS = (
    reading.certificates,
    reading.certificate,
    reading.csr,
    reading.crl,
    reading.private_key,
    reading.public_key,
)


def pem(thing) -> bytes:
    return thing.public_bytes(PEM)


CERT_PEM, CERT_DER, CSR_PEM, CRL_PEM = pem(CERTIFICATE), CERTIFICATE.public_bytes(DER), pem(CSR), pem(CRL)
KEY_PEM, PUBLIC_PEM = keys.pem(KEY).encode(), keys.pem(PUBLIC).encode()
LOCKED_PEM = keys.pem(KEY, "sesame").encode()


def traditional(key, passphrase=None) -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    return key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, encryption)


def openssh(key, passphrase=None) -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    return key.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, encryption)


def refused(read, source, **options) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(source, **options)
    return caught.value


# --- What is read -------------------------------------------------------------------------------------------

LENIENT = {
    "object": CERTIFICATE,
    "PEM text": CERT_PEM.decode(),
    "PEM bytes": CERT_PEM,
    "bytearray": bytearray(CERT_PEM),
    "memoryview": memoryview(CERT_DER),
    "DER": CERT_DER,
    "CRLF": CERT_PEM.replace(b"\n", b"\r\n"),
    "no line end at the end": CERT_PEM.strip(),
    "UTF-8 byte order mark": b"\xef\xbb\xbf" + CERT_PEM,
    "UTF-16, from PowerShell": CERT_PEM.decode().encode("utf-16"),
    "comments around it": b"Bag Attributes\n  friendlyName: x\n# a comment: with a colon\n"
    + CERT_PEM
    + b"\nbye\n",
    "indented": b"".join(b"    " + line + b"\n" for line in CERT_PEM.splitlines()),
    "in one line": CERT_PEM.replace(b"\n", b" "),
    "JSON string": CERT_PEM.replace(b"\n", b"\\n"),
    "printed bytes": str(CERT_PEM),
    "key before it": KEY_PEM + CERT_PEM,
    "encrypted key before it": LOCKED_PEM + CERT_PEM,
    "key after it": CERT_PEM + traditional(KEY),
    "old label": CERT_PEM.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    "list": [CERTIFICATE],
    "tuple of PEM": (CERT_PEM.decode(),),
    "issued": LEAF,
}


@pytest.mark.parametrize("source", LENIENT.values(), ids=LENIENT)
def test_a_certificate_is_read_from(source):
    assert reading.certificate(source) == CERTIFICATE
    assert reading.certificates(source)[0] == CERTIFICATE
    assert reading.public_key(CERTIFICATE) == PUBLIC


def test_paths(tmp_path, monkeypatch):
    for name, data in {
        "cert.pem": CERT_PEM,
        "cert with space.der": CERT_DER,
        "no_suffix": CERT_PEM,
        "ü.crt": CERT_PEM,
    }.items():
        (tmp_path / name).write_bytes(data)
        assert reading.certificate(tmp_path / name) == CERTIFICATE
        assert reading.certificate(str(tmp_path / name)) == CERTIFICATE
    monkeypatch.chdir(tmp_path)
    assert reading.certificate("cert.pem") == reading.certificate("no_suffix") == CERTIFICATE


def test_an_issued_leaf_gives_its_whole_chain_and_its_key():
    assert reading.certificates(LEAF) == LEAF.chain == reading.certificates(LEAF.pem())
    assert reading.private_key(LEAF) is KEY
    assert reading.certificate(CA) == CA.certificate
    assert reading.certificate(ROOT) == ROOT.certificate
    assert refused(reading.private_key, CA.sign(CSR)).id == "certificate-given"


def test_a_bundle_keeps_its_order():
    bundle = CERT_PEM + LOCKED_PEM + pem(CA.certificate) + CRL_PEM + pem(ROOT.certificate)
    assert reading.certificates(bundle) == [CERTIFICATE, CA.certificate, ROOT.certificate]
    assert reading.crl(bundle) == CRL


def test_200_certificates():
    assert len(reading.certificates(CERT_PEM * 200)) == 200
    assert len(reading.certificates([CERTIFICATE] * 200)) == 200
    assert refused(reading.certificates, [CERTIFICATE] * (reading.MAX_THINGS + 1)).id == "too-many"


def test_requests_and_lists():
    for source in (CSR, CSR_PEM, CSR.public_bytes(DER), CSR_PEM.replace(b"CERT", b"NEW CERT")):
        assert reading.csr(source) == CSR
    for source in (CRL, CRL_PEM, CRL.public_bytes(DER)):
        assert reading.crl(source) == CRL


KEY_FORMS = {
    "object": (KEY, None),
    "PKCS 8": (KEY_PEM, None),
    "PKCS 8, text": (KEY_PEM.decode(), None),
    "traditional": (traditional(KEY), None),
    "with EC PARAMETERS": (
        b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + traditional(KEY),
        None,
    ),
    "OpenSSH": (openssh(KEY), None),
    "DER": (KEY.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()), None),
    "a passphrase too many": (KEY_PEM, "sesame"),
    "encrypted PKCS 8": (LOCKED_PEM, "sesame"),
    "encrypted, passphrase as bytes": (LOCKED_PEM, b"sesame"),
    "encrypted traditional, indented": (
        b"  " + traditional(KEY, b"sesame").replace(b"\n", b"\r\n  "),
        "sesame",
    ),
    "encrypted DER": (
        KEY.private_bytes(
            DER, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"sesame")
        ),
        "sesame",
    ),
    "in a bundle": (CERT_PEM + KEY_PEM, None),
}


@pytest.mark.parametrize(("source", "passphrase"), KEY_FORMS.values(), ids=KEY_FORMS)
def test_a_private_key_is_read_from(source, passphrase):
    assert keys.same_pair(reading.private_key(source, passphrase), KEY)
    if passphrase and source is not KEY_PEM:
        assert refused(reading.private_key, source).id == "key-encrypted"
        assert refused(reading.private_key, source, passphrase="").id == "key-encrypted"
        assert refused(reading.private_key, source, passphrase="open").id == "wrong-passphrase"


def test_a_public_key_is_read_from():
    for source in (
        PUBLIC,
        PUBLIC_PEM,
        KEY,
        KEY_PEM,
        CERTIFICATE,
        CERT_DER,
        CSR,
        CSR_PEM,
        LEAF,
        CA.sign(CSR),
        [CERTIFICATE],
    ):
        assert reading.public_key(source) == PUBLIC
    rsa = keys.make("rsa2048")
    assert (
        reading.public_key(rsa.public_key().public_bytes(PEM, serialization.PublicFormat.PKCS1))
        == rsa.public_key()
    )


@pytest.mark.parametrize("kind", keys.KINDS)
def test_every_kind_of_key_comes_back(kind):
    key = keys.make(kind)
    assert keys.same_pair(reading.private_key(keys.pem(key)), key)
    assert keys.same_pair(reading.public_key(keys.pem(key.public_key())), key)


def test_objects_of_other_libraries():
    from OpenSSL import crypto

    assert reading.certificate(crypto.X509.from_cryptography(CERTIFICATE)) == CERTIFICATE
    assert keys.same_pair(reading.private_key(crypto.PKey.from_cryptography_key(KEY)), KEY)
    der = ssl.PEM_cert_to_DER_cert(CERT_PEM.decode())  # what getpeercert(True) gives
    assert reading.certificate(der) == CERTIFICATE


@pytest.mark.skipif(not which("openssl"), reason="there is no openssl command line here")
def test_what_the_openssl_command_line_writes(tmp_path):
    (tmp_path / "cert.pem").write_bytes(CERT_PEM)
    for options in (["-text"], ["-trustout", "-addtrust", "serverAuth"]):
        command = ["openssl", "x509", "-in", "cert.pem", *options]
        out = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout
        assert reading.certificate(out) == reading.certificate(out.decode()) == CERTIFICATE
    command = ["openssl", "x509", "-in", "cert.pem", "-text", "-noout"]
    out = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout
    assert refused(reading.certificate, out).id == "not-a-certificate"


def test_pem_blocks():
    assert reading.pem_blocks(b"x\n" + CERT_PEM + b"y\n" + CRL_PEM) == [
        ("CERTIFICATE", CERT_DER),
        ("X509 CRL", CRL.public_bytes(DER)),
    ]
    assert reading.pem_blocks(b"nothing") == []


# --- What is refused ----------------------------------------------------------------------------------------

BODY = b"".join(CERT_PEM.splitlines()[1:-1])
SECRET = b"apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: " + base64.b64encode(CERT_PEM)
PKCS12 = pkcs12.serialize_key_and_certificates(b"x", KEY, CERTIFICATE, None, serialization.NoEncryption())

REFUSED = {
    "empty text": ("", "empty", "empty"),
    "empty bytes": (b"", "empty", "empty"),
    "white space": (b" \r\n\t\0", "empty", "empty"),
    "empty list": ([], "empty", "empty"),
    "5 MB": (b"x" * 5_000_000, "too-big", "KiB"),
    "5 MB of text": ("x" * 5_000_000, "too-big", "KiB"),
    "5 MB of PEM": (CERT_PEM * 9000, "too-big", "KiB"),
    "no file": ("nothing/here.pem", "no-such-file", "here.pem"),
    "no file, Path": (Path("nothing") / "here", "no-such-file", "here"),
    "no file, Windows": ("C:\\nothing\\here", "no-such-file", "here"),
    "NUL in a path": (Path("a\0b"), "no-such-file", "‹U+0000›"),
    "directory": (Path("."), "not-a-file", "directory"),
    "None": (None, "wrong-type", "None"),
    "number": (7, "wrong-type", "int"),
    "stub": (..., "wrong-type", "Ellipsis"),
    "class": (x509.Certificate, "wrong-type", "the class"),
    "dictionary": ({"cert": CERT_PEM}, "wrong-type", "dict"),
    "builder": (x509.CertificateBuilder(), "not-signed", ".sign("),
    "private key": (KEY, "private-key-given", "never paste"),
    "private key, pasted": (KEY_PEM.decode(), "private-key-given", "never paste"),
    "private key, DER": (KEY_FORMS["DER"][0], "private-key-given", "never paste"),
    "private key, encrypted": (LOCKED_PEM, "private-key-given", "never paste"),
    "request": (CSR_PEM, "csr-given", "signing request"),
    "revocation list": (CRL_PEM, "crl-given", "revocation list"),
    "public key": (PUBLIC_PEM, "public-key-given", "public key"),
    "no END": (CERT_PEM[:-30], "pem-truncated", "END"),
    "no BEGIN": (CERT_PEM[28:], "pem-truncated", "BEGIN"),
    "second block cut off": (CERT_PEM + CERT_PEM[:200], "pem-truncated", "END"),
    "first block cut off": (CERT_PEM[:200] + b"\n" + CERT_PEM, "pem-truncated", "END"),
    "another END": (CERT_PEM.replace(b"END CERT", b"END NEW CERT"), "pem-damaged", "ends as"),
    "a letter lost": (CERT_PEM.replace(b"M", b"", 1), "pem-damaged", "character"),
    "a stray letter": (CERT_PEM.replace(BODY[:9], BODY[:8] + b"*"), "pem-damaged", "lost"),
    "nothing inside": (
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "pem-damaged",
        "nothing inside",
    ),
    "four hyphens": (CERT_PEM.replace(b"-----", b"----"), "pem-damaged", "five hyphens"),
    "long dashes": (CERT_PEM.decode().replace("-----", "—"), "pem-damaged", "five hyphens"),
    "DER between BEGIN and END": (
        b"-----BEGIN CERTIFICATE-----\n" + CERT_DER + b"\n-----END CERTIFICATE-----\n",
        "der-where-pem",
        "binary",
    ),
    "DER as text": (CERT_DER.decode("latin-1"), "der-where-pem", '"rb"'),
    "PEM inside PEM": (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(CERT_PEM) + b"-----END CERTIFICATE-----\n",
        "pem-where-der",
        "once",
    ),
    "a request labelled CERTIFICATE": (CSR_PEM.replace(b" REQUEST", b""), "label-wrong", "signing request"),
    "DER cut off": (CERT_DER[:-9], "der-truncated", f"{len(CERT_DER):,}"),
    "DER with more after it": (CERT_DER + b"\n", "der-damaged", "bytes"),
    "damaged inside": (CERT_PEM.replace(BODY[:8], b"MIIBAAAA"), "der-damaged", "a certificate"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "not-a-certificate", "a PDF document"),
    "HTML": ("<!DOCTYPE html><html>404", "not-a-certificate", "HTML"),
    "ZIP": (b"PK\x03\x04....", "not-a-certificate", "ZIP"),
    "PKCS 12": (PKCS12, "not-a-certificate", "PKCS #12"),
    "Secret, YAML": (SECRET, "not-a-certificate", "Kubernetes"),
    "Secret, JSON": (
        b'{"apiVersion": "v1", "kind": "Secret", "data": {}}',
        "not-a-certificate",
        "Kubernetes",
    ),
    "JSON": (b'{"a": 1}', "not-a-certificate", "JSON"),
    "value of a Secret": (base64.b64encode(CERT_PEM), "not-a-certificate", "base64 -d"),
    "base64 alone": (BODY, "not-a-certificate", "without its BEGIN"),
    "printed DER": (str(CERT_DER), "not-a-certificate", "str()"),
    "OpenSSH's public key": ("ssh-ed25519 AAAA me", "not-a-certificate", "OpenSSH"),
    "words": ("my certificate", "not-a-certificate", "plain text"),
    "noise": (b"\x01\x02\xff\xfe\x80", "not-a-certificate", "binary"),
    "BER without a length": (b"\x30\x80\x00\x00", "not-a-certificate", "binary"),
    "other PEM": (
        b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n",
        "not-a-certificate",
        "openssl pkcs7",
    ),
}


@pytest.mark.parametrize(("source", "id", "words"), REFUSED.values(), ids=REFUSED)
def test_not_a_certificate(source, id, words):
    error = refused(reading.certificate, source)
    assert (error.id, words in str(error)) == (id, True), error


def test_other_readers_name_what_they_wanted():
    assert refused(reading.private_key, CERT_PEM).id == "certificate-given"
    assert refused(reading.private_key, PUBLIC_PEM).id == "public-key-given"
    assert refused(reading.private_key, b"%PDF").id == "not-a-private-key"
    assert refused(reading.csr, CERT_PEM).id == "certificate-given"
    assert refused(reading.csr, KEY_PEM).id == "private-key-given"
    labelled_certificate = CSR_PEM.replace(b" REQUEST", b"")
    assert refused(reading.csr, labelled_certificate).id == "label-wrong"
    assert refused(reading.private_key, labelled_certificate).id == "label-wrong"
    assert refused(reading.csr, CERT_PEM).id == "certificate-given"
    assert refused(reading.csr, "words").id == "not-a-csr"
    assert refused(reading.crl, CERTIFICATE).id == "certificate-given"
    assert refused(reading.crl, "words").id == "not-a-crl"
    assert refused(reading.public_key, CRL).id == "crl-given"
    assert refused(reading.public_key, "words").id == "not-a-public-key"
    assert refused(reading.public_key, LOCKED_PEM).id == "key-encrypted"
    assert refused(reading.private_key, KEY, passphrase=7).id == "wrong-type"


def test_keys_of_other_kinds():
    dsa_parameters = vectors() / "asymmetric/PEM_Serialization/dsaparam.pem"
    assert refused(reading.public_key, dsa_parameters).id == "not-a-public-key"
    explicit = next((vectors() / "asymmetric/EC").glob("explicit_parameters_wap_wsg*private_key.pem"))
    assert refused(reading.private_key, explicit).id == "unsupported-key"
    assert keys.describe(reading.private_key(keys.pem(x25519.X25519PrivateKey.generate()))) == "X25519"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is open to this user")
def test_a_file_that_may_not_be_opened(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(KEY_PEM)
    path.chmod(0)
    assert refused(reading.private_key, path).id == "file-refused"


def test_a_file_that_fails_to_open(tmp_path, monkeypatch):
    (tmp_path / "cert.pem").write_bytes(CERT_PEM)

    def fails(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", fails)
    error = refused(reading.certificate, tmp_path / "cert.pem")
    assert error.id == "file-refused"
    assert "Permission denied" in str(error)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(reading.certificate, tmp_path / "pipe").id == "not-a-file"


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)


class Endless:
    def __getattr__(self, name):
        return self


def test_strange_objects():
    itself = []
    itself.append(itself)
    for source in (
        Hostile(),
        Endless(),
        itself,
        object(),
        {1},
        1j,
        iter([]),
        len,
        reading,
        Path,
        type("A", (), {"chain": 1})(),
    ):
        for read in READERS:
            assert refused(read, source).id == "wrong-type"


def test_every_sentence_is_one_and_says_what_to_do():
    words = {"wanted": "a certificate", "advice": "do this", "found": "that", "path": "x", "limit": "9"}
    words |= {"label": "L", "lost": "END", "reason": "why", "announced": 9, "size": 8, "marked": "DER"}
    for id in reading.SENTENCES:
        sentence = str(Unreadable(id, **words))
        assert sentence.endswith((".", "….")), id
        assert sentence.count(". ") == 0, id
        assert ": " in sentence or "call its" in sentence, id
        assert "\n" not in sentence


def test_every_id_is_met_by_a_test():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [id for id in reading.SENTENCES if f'"{id}"' not in text] == []


# --- Nothing but Unreadable ---------------------------------------------------------------------------------


def only_unreadable(source) -> int:
    """How many of the readers could read it."""
    read = 0
    for reader in READERS:
        with contextlib.suppress(Unreadable):
            reader(source)
            read += 1
    return read


FUZZ = settings(max_examples=150, deadline=None, database=None, derandomize=True)
SAMPLES = [
    CERT_PEM,
    CERT_DER,
    CSR_PEM,
    CSR.public_bytes(DER),
    CRL.public_bytes(DER),
    KEY_PEM,
    KEY_FORMS["DER"][0],
]


@FUZZ
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300), st.none(), st.integers(), st.floats(), st.booleans()
    )
)
def test_fuzz_junk(source):
    only_unreadable(source)


@FUZZ
@given(st.sampled_from(SAMPLES), st.data())
def test_fuzz_damage(sample, data):
    """Bytes changed, cut out or doubled, in places and to values that hypothesis chooses."""
    damaged = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(damaged)))
        stop = start + data.draw(st.integers(0, 4))
        damaged[start:stop] = data.draw(st.binary(max_size=4))
    only_unreadable(bytes(damaged))


@FUZZ
@given(
    st.lists(
        st.sampled_from(
            [b"-----BEGIN ", b"-----END ", b"CERTIFICATE", b"PRIVATE KEY", b"-----", b"\n", BODY, b"a: b\n"]
        )
    )
)
def test_fuzz_pieces_of_pem(pieces):
    only_unreadable(b"".join(pieces))


def test_many_boundaries_take_no_time():
    begin = b"-----BEGIN CERTIFICATE-----\n"
    for hostile in (
        begin * 30_000,
        b"-----BEGIN " * 90_000,
        b"a:" * 400_000,
        begin + b"a: b\n c\n" * 90_000 + begin.replace(b"BEGIN", b"END"),
    ):
        only_unreadable(hostile)


def vectors() -> Path:
    return Path(next(iter(cryptography_vectors.__path__)))


@pytest.mark.parametrize("folder", ["x509", "asymmetric", "pkcs12", "pkcs7"])
def test_the_vectors_of_cryptography(folder):
    """Some 2,000 files, sound and broken, of every kind: read or refused, never anything else."""
    files = [
        path
        for path in (vectors() / folder).rglob("*")
        if path.is_file() and path.suffix not in (".rsp", ".txt")
    ]
    assert len(files) >= 10
    read = sum(only_unreadable(path) for path in files)
    assert (read > len(files) // 4) or folder.startswith("pkcs")


# --- Text of foreign origin ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("api.test", "api.test"),
        ("Zürich 東京 ☂", "Zürich 東京 ☂"),
        ("paypal.test\0.evil.test", "paypal.test‹U+0000›.evil.test"),
        ("a\u202egpj.exe", "a‹U+202E›gpj.exe"),
        ("\u2066a\u2069\u200e\u200f", "‹U+2066›a‹U+2069›‹U+200E›‹U+200F›"),
        ("a\u200bb\u200dc\ufeff\u00ad", "a‹U+200B›b‹U+200D›c‹U+FEFF›‹U+00AD›"),
        ("a\nb\tc\r\x1b[31m\x7f", "a‹U+000A›b‹U+0009›c‹U+000D›‹U+001B›[31m‹U+007F›"),
        ("a\u2028b\u2029c\u0085", "a‹U+2028›b‹U+2029›c‹U+0085›"),
        ("\ud800x", "‹U+D800›x"),
        ("\U000e0041", "‹U+E0041›"),
        ("a\u00a0b\u3164\u2800", "a‹U+00A0›b‹U+3164›‹U+2800›"),
        ("<b>&", "<b>&"),  # HTML is markupsafe's business
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


def test_visible_cuts():
    assert visible("x" * 200) == "x" * 200
    assert visible("x" * 10_240) == "x" * 200 + "… (10,240 characters)"
    assert visible("x" * 11, limit=10) == "x" * 10 + "… (11 characters)"


@FUZZ
@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_visible_hides_nothing(text):
    for character in visible(text):
        assert character == " " or unicodedata.category(character)[0] not in "CZ"
    visible(text).encode("utf-8")


# id-pkix-ocsp-basic: the one kind of answer that there is (RFC 6960 §4.2.1)
BASIC = bytes.fromhex("06092b0601050507300101")


def test_ocsp_is_read_or_refused_with_a_sentence(tmp_path):
    ca = Authority("CA")
    answer = ca.ocsp(ca.issue("api.test").certificate)
    data = answer.public_bytes(serialization.Encoding.DER)
    builder = x509.ocsp.OCSPRequestBuilder()
    asked = builder.add_certificate(ca.certificate, ca.certificate, hashes.SHA256()).build()
    asked = asked.public_bytes(serialization.Encoding.DER)
    (tmp_path / "answer.der").write_bytes(data)
    for source in (answer, data, bytearray(data), tmp_path / "answer.der", str(tmp_path / "answer.der")):
        assert reading.ocsp_response(source).serial_number == answer.serial_number
    for source, id in (
        (b"", "empty"),
        (None, "wrong-type"),
        (7, "wrong-type"),
        (b"<html>", "not-a-ocsp-response"),
        (data[:40], "der-truncated"),
        (b"0" * (reading.MAX_BYTES + 1), "too-big"),
        (ca.certificate.public_bytes(serialization.Encoding.DER), "certificate-given"),
        (ca.crl().public_bytes(serialization.Encoding.DER), "crl-given"),
        (asked, "not-a-ocsp-response"),
        (data.replace(BASIC, BASIC[:-1] + b"\x63"), "der-damaged"),
    ):
        with pytest.raises(reading.Unreadable) as caught:
            reading.ocsp_response(source)
        assert caught.value.id == id
    for source in (b"<html>", data):
        with pytest.raises(reading.Unreadable) as caught:
            reading.ocsp_request(source)
        assert caught.value.id == "not-a-ocsp-request"
    for read in (reading.crls, reading.certificate, reading.csr):
        for source, found in ((data, "an OCSP answer"), (asked, "an OCSP request")):
            with pytest.raises(reading.Unreadable, match=f"looks like {found}, where"):
                read(source)
    several = Path(cryptography_vectors.__file__).parent / "x509" / "ocsp" / "req-multi-sha1.der"
    with pytest.raises(reading.Unreadable) as caught:
        reading.ocsp_request(several)
    assert caught.value.id == "ocsp-several"
