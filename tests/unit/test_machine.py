import datetime
import os
import ssl
import stat
import subprocess
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import machine

posix = pytest.mark.skipif(os.name != "posix", reason="fake tools are shell scripts")
store_is_files = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="the operating system's own store comes on top"
)


def root(name="Some Root"):
    key = ec.generate_private_key(ec.SECP256R1())
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - day).not_valid_after(now + day)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(Encoding.PEM)


def fake(directory, name, script):
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


# --- tools


def test_both_openssls_inside_python_are_named():
    tools = machine.tools()
    assert tools["ssl"].version == ssl.OPENSSL_VERSION
    assert "OpenSSL" in tools["cryptography"].version
    assert set(machine.VERSION_CALLS) <= set(tools)


def test_no_tools(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    tools = machine.tools()
    assert not any(tools[name] for name in machine.VERSION_CALLS)


@posix
def test_tools_that_misbehave(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "PATIENCE", 0.5)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=None)
    fake(tmp_path, "openssl", "echo OpenSSL 9.9; echo second line")
    fake(tmp_path, "curl", "while :; do :; done")  # hangs
    fake(tmp_path, "node", "echo broken; exit 3")
    fake(tmp_path, "go", "printf '\\377\\376'")  # no UTF-8
    fake(tmp_path, "kubectl", ":")  # says nothing
    (tmp_path / "docker").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "docker").chmod(0o755)
    tools = machine.tools()
    assert all(tools[name] for name in machine.VERSION_CALLS)
    assert tools["openssl"].version == "OpenSSL 9.9"
    assert [tools[name].version for name in ("curl", "node", "docker", "kubectl")] == [""] * 4
    assert tools["go"].version == "\ufffd\ufffd"


# --- roots


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store at the place where OpenSSL looks."""
    (tmp_path / "certs").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "certs"))
    return tmp_path


def test_the_roots_of_this_machine():
    found = machine.roots()
    assert len(found.certificates) == sum(count for _, count in found.sources)
    assert len({c.fingerprint(hashes.SHA256()) for c in found.certificates}) == len(found.certificates)
    assert "certificates from" in repr(found)


@store_is_files
def test_the_roots_are_those_that_openssl_finds(store):
    one, two, three, unseen = root("one"), root("two"), root("three"), root("unseen")
    (store / "cert.pem").write_bytes(b"# a comment\n" + pem(one) + b"text\n" + pem(two) + pem(one))
    (store / "certs" / "01234567.0").write_bytes(pem(three))
    (store / "certs" / "89abcdef.1").write_bytes(pem(one))
    (store / "certs" / "root.pem").write_bytes(pem(unseen))  # no hash as its name: OpenSSL never opens it
    found = machine.roots()
    assert found.certificates == [one, two, three]
    assert found.sources == [(str(store / "cert.pem"), 2), (str(store / "certs"), 1)]
    assert found.broken == 0


@store_is_files
def test_several_directories(store, monkeypatch):
    (store / "more").mkdir()
    (store / "more" / "01234567.0").write_bytes(pem(one := root()))
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join(map(str, [store / "certs", store / "more"])))
    assert machine.roots().certificates == [one]


@store_is_files
def test_broken_certificates_are_counted(store):
    good = root()
    damaged = pem(root()).splitlines(keepends=True)
    damaged[2] = b"!!!!\n"
    no_certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (store / "cert.pem").write_bytes(b"".join(damaged) + pem(good) + no_certificate + no_certificate)
    found = machine.roots()
    assert (found.certificates, found.broken) == ([good], 2)


@store_is_files
def test_an_old_root_with_a_negative_serial_number_warns_nobody(store):
    good = root()
    der = bytearray(good.public_bytes(Encoding.DER))
    serial = good.serial_number.to_bytes(
        (good.serial_number.bit_length() + 7) // 8
    )  # mostly 20, sometimes fewer
    at = der.index(serial)
    der[at] |= 0x80
    (store / "cert.pem").write_text(ssl.DER_cert_to_PEM_cert(bytes(der)))
    assert len(machine.roots().certificates) == 1


@store_is_files
def test_without_a_store_certifi_helps_if_it_is_there(store, monkeypatch):
    bundle = store / "bundle.pem"
    bundle.write_bytes(pem(one := root()))
    module = type(sys)("certifi")
    module.where = lambda: str(bundle)
    monkeypatch.setitem(sys.modules, "certifi", module)
    assert machine.roots().certificates == [one]
    assert machine.roots().sources == [("certifi", 1)]
    monkeypatch.setitem(sys.modules, "certifi", None)  # import fails
    assert machine.roots() == machine.Roots([], [], 0)


def test_a_secret_log_is_not_begun(store, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(store / "keys.log"))
    machine.roots()
    assert not (store / "keys.log").exists()


def test_windows(monkeypatch):
    def enum_certificates(name):
        assert name == "ROOT"
        return [
            (b"all", "x509_asn", True),
            (b"servers", "x509_asn", {"1.3.6.1.5.5.7.3.1"}),
            (b"mail", "x509_asn", {"1.3.6.1.5.5.7.3.4"}),
            (b"bundle", "pkcs_7_asn", True),
        ]

    monkeypatch.setattr(ssl, "enum_certificates", enum_certificates, raising=False)
    assert machine._windows() == [b"all", b"servers"]


def test_macos(monkeypatch):
    one = root()

    def run(command, **options):
        assert command[:2] == ["security", "find-certificate"]
        assert options["timeout"]
        return subprocess.CompletedProcess(command, 0, pem(one) + pem(one))

    monkeypatch.setattr(machine.subprocess, "run", run)
    assert machine._macos() == [one.public_bytes(Encoding.DER)] * 2

    def fail(*_, **__):
        raise subprocess.TimeoutExpired("security", 1)

    monkeypatch.setattr(machine.subprocess, "run", fail)
    assert machine._macos() == []
