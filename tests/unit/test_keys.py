"""Keys: made, named, compared, and kept where others can't read them."""

import os
import re
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from padlock import keys, reading
from padlock.authority import Authority

posix = pytest.mark.skipif(os.name == "nt", reason="modes say nothing about who may read on Windows")

MINE, OTHER = keys.make(), keys.make()
LEAF = Authority("Class Root").issue("api.test", key=MINE)


@pytest.mark.parametrize("kind", keys.KINDS)
def test_make_and_describe(kind):
    key = keys.make(kind)
    assert keys.describe(key) == keys.describe(key.public_key()) == keys.KINDS[kind]
    assert keys.same_pair(keys.pem(key), key.public_key())


def test_make_knows_its_kinds():
    with pytest.raises(ValueError, match=r"no kind of key called 'rsa1024'.*p256"):
        keys.make("rsa1024")


def test_describe_other_keys():
    assert keys.describe(x25519.X25519PrivateKey.generate()) == "X25519"
    assert keys.describe(ec.generate_private_key(ec.SECP256K1())) == "secp256k1"
    assert keys.describe(ec.generate_private_key(ec.SECP521R1()).public_key()) == "P-521"


@pytest.mark.parametrize(
    ("kind", "digest"),
    [("p256", "sha256"), ("p384", "sha384"), ("rsa2048", "sha256"), ("ed25519", None), ("ml-dsa-65", None)],
)
def test_digest(kind, digest):
    found = keys.digest_for(keys.make(kind))
    assert (found.name if found else None) == digest
    assert keys.digest_for(ec.generate_private_key(ec.SECP521R1())).name == "sha512"


def test_fingerprint():
    whole, short = keys.fingerprint(MINE), keys.short_fingerprint(MINE)
    assert re.fullmatch(r"([0-9a-f]{2}:){31}[0-9a-f]{2}", whole)
    assert short == whole[:8] + "…" + whole[-2:]
    for holder in (MINE.public_key(), LEAF, LEAF.certificate, LEAF.pem(), keys.pem(MINE)):
        assert keys.fingerprint(holder) == whole
    assert keys.fingerprint(OTHER) != whole


def test_fingerprint_is_what_openssl_hashes():
    digest = hashes.Hash(hashes.SHA256())
    digest.update(reading.pem_blocks(keys.pem(MINE.public_key()).encode())[0][1])
    assert keys.fingerprint(MINE).replace(":", "") == digest.finalize().hex()


def test_same_pair():
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(MINE, hashes.SHA256())
    for a in (MINE, MINE.public_key(), LEAF.certificate, request):
        assert keys.same_pair(a, MINE)
        assert not keys.same_pair(OTHER, a)


def test_require_pair():
    keys.require_pair(LEAF.certificate, MINE)
    keys.require_pair(LEAF.pem(), keys.pem(MINE))
    with pytest.raises(keys.Mismatch) as caught:
        keys.require_pair(LEAF.certificate, OTHER)
    assert keys.short_fingerprint(MINE) in str(caught.value)
    assert keys.short_fingerprint(OTHER) in str(caught.value)
    with pytest.raises(reading.Unreadable):
        keys.require_pair(LEAF.certificate, MINE.public_key())


def test_pem():
    assert keys.pem(MINE).startswith("-----BEGIN PRIVATE KEY-----\n")
    assert keys.pem(MINE, "sesame").startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert keys.pem(MINE.public_key()).startswith("-----BEGIN PUBLIC KEY-----\n")
    assert keys.same_pair(keys.load(keys.pem(MINE, "sésame"), "sésame"), MINE)
    with pytest.raises(ValueError, match="protects nothing"):
        keys.pem(MINE, "")
    with pytest.raises(ValueError, match="not a secret"):
        keys.pem(MINE.public_key(), "sesame")


def test_save_and_load(tmp_path):
    path = keys.save(MINE, tmp_path / "my.key")
    assert path == tmp_path / "my.key"
    assert keys.same_pair(keys.load(path), MINE)
    assert b"\r" not in path.read_bytes()
    locked = keys.save(MINE, str(tmp_path / "locked.key"), passphrase="sesame")
    assert keys.same_pair(keys.load(locked, "sesame"), MINE)
    with pytest.raises(reading.Unreadable, match="passphrase"):
        keys.load(locked)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["locked.key", "my.key"]  # no draft left


@posix
def test_nobody_else_may_read_it_at_any_time(tmp_path, monkeypatch):
    modes = []
    really = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (modes.append(stat.S_IMODE(os.fstat(fd).st_mode)), really(fd))
    )
    before = os.umask(0)
    try:
        path = keys.save(MINE, tmp_path / "my.key")
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_save_never_replaces_a_file(tmp_path):
    path = tmp_path / "my.key"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match="only copy"):
        keys.save(MINE, path)
    assert path.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["my.key"]
    with pytest.raises(FileNotFoundError, match="no directory"):
        keys.save(MINE, tmp_path / "nothing" / "my.key")


@posix
def test_save_on_a_file_system_without_links(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = keys.save(MINE, tmp_path / "my.key")
    assert keys.same_pair(keys.load(path), MINE)
    with pytest.raises(FileExistsError, match="only copy"):
        keys.save(OTHER, path)
    assert keys.same_pair(keys.load(path), MINE)


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keys.save(MINE, tmp_path / "my.key")
    assert list(tmp_path.iterdir()) == []


@posix
def test_mode_warning(tmp_path):
    path = keys.save(MINE, tmp_path / "my.key")
    assert keys.mode_warning(path) is None
    path.chmod(0o644)
    warning = keys.mode_warning(path)
    assert "0644" in warning
    assert "chmod 600" in warning
