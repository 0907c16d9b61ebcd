"""Every file of cryptography-vectors and every root that browsers trust: the tree has each byte exactly once."""

import base64
import re
from pathlib import Path

import certifi
import cryptography_vectors
import pytest
from cryptography import x509

from padlock import der

VECTORS = Path(cryptography_vectors.__file__).parent


def documents(data: bytes) -> list[bytes]:
    """The file as it is, and the DER of every PEM block in it that is good base64."""
    found = [data]
    for block in re.findall(rb"-----BEGIN [A-Z0-9 ]+-----(.*?)-----END", data, re.DOTALL):
        body = b"".join(block.split())
        if re.fullmatch(rb"[A-Za-z0-9+/=]*", body):
            found.append(base64.b64decode(body[: len(body) // 4 * 4]))
    return found


def look(data: bytes) -> der.Node:
    """The tree, after each node was asked for all that it can say, and each byte was met once."""
    tree, at = der.parse(data), 0
    for node in tree.walk():
        assert node.offset == at
        at = node.own_end
        assert len(node.text) <= der.MOST
        assert node.text.isprintable()
        assert isinstance(node.note + node.clause + node.breaks + node.type, str)
        assert node.label
        assert node.error is None or re.match(r"at byte \d+: ", node.error)
    assert at == len(data)
    return tree


def test_every_file_of_cryptography_vectors(record_property):
    files = [
        path for path in sorted(VECTORS.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    ]
    read, kinds = 0, {}
    for path in files:
        for data in documents(path.read_bytes()):
            tree = look(data)
            kinds[tree.label] = kinds.get(tree.label, 0) + 1
            read += 1
    record_property("files", len(files))
    record_property("documents", read)
    print(f"{len(files)} files, {read} documents: {kinds}")
    assert len(files) > 1000
    assert min(kinds[kind] for kind in der.KINDS if kind in kinds) > 0
    for kind in ("Certificate", "CertificationRequest", "CertificateList", "PrivateKeyInfo", "EncryptedPrivateKeyInfo",
                 "RSAPrivateKey", "ECPrivateKey", "SubjectPublicKeyInfo", "OCSPRequest", "OCSPResponse"):  # fmt: skip
        assert kinds.get(kind), f"no {kind} among the vectors"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # a root that browsers trust has serial number 0
def test_every_root_that_browsers_trust(record_property):
    roots = documents(Path(certifi.where()).read_bytes())[1:]
    record_property("roots", len(roots))
    print(f"{len(roots)} roots")
    assert len(roots) > 100
    for data in roots:
        tree = look(data)
        assert tree.label == "Certificate"
        assert not tree.errors()
        theirs = x509.load_der_x509_certificate(data)
        assert tree.find("notAfter").text == f"{theirs.not_valid_after_utc:%Y-%m-%d %H:%M:%S} Z"
        assert tree.find("tbsCertificate").raw == theirs.tbs_certificate_bytes
        assert tree.find("subject").raw == theirs.subject.public_bytes()
