"""The second engine: pyOpenSSL, with the OpenSSL 4 inside `cryptography`, the same on every platform.

It does what Python's `ssl` can't, or not on every version: choose groups (X25519MLKEM768 is its first choice),
choose TLS 1.3's ciphers, look into CRLs without a file, staple OCSP answers, and judge at any clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.bindings._rust import _openssl
from OpenSSL import SSL, crypto

from padlock import reading

from .contexts import Borrowed, identity_of
from .endpoint import BaseEndpoint

ENGINE = SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode("ascii", "replace") + ", by pyOpenSSL"

VERSIONS = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}
# <openssl/x509_vfy.h> and <openssl/x509v3.h>: no names in the binding, and part of OpenSSL's ABI
TRUSTED_FIRST, PARTIAL_CHAIN, CRL_CHECK, CRL_CHECK_ALL = 0x8000, 0x80000, 0x4, 0x8
NO_PARTIAL_WILDCARDS, NEVER_CHECK_SUBJECT = 0x4, 0x20


class Context:
    """What one end brings. `options` are those of `handshake`; each end reads what concerns it."""

    def __init__(
        self, side: str, version: str | None, ciphers: Any, groups: Any, alpn: Any, weak: bool = False
    ):
        self.side = side
        self.verify = False
        self.keys: list[str] = []  # the key log's lines
        self.verify_code: int | None = None
        self.stapled: bytes | None = None
        self.wants_staple = False
        self.ssl = context = SSL.Context(SSL.TLS_CLIENT_METHOD if side == "client" else SSL.TLS_SERVER_METHOD)
        if version is not None and version not in VERSIONS:
            raise ValueError(f'version is "1.3", "1.2" or None (both), not {version!r}.')
        context.set_min_proto_version(VERSIONS[version or "1.2"])
        context.set_max_proto_version(VERSIONS[version or "1.3"])
        context.set_keylog_callback(lambda _, line: self.keys.append(line.decode("ascii")))
        context.set_session_id(b"padlock")
        new, old = split_ciphers(ciphers)
        try:
            if weak:
                context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
            if old:
                context.set_cipher_list(":".join(old).encode() + (b":@SECLEVEL=0" if weak else b""))
            if new:
                context.set_tls13_ciphersuites(":".join(new).encode())
        except (SSL.Error, UnicodeError) as error:
            raise ValueError(f"OpenSSL knows no such cipher: {reading.visible(ciphers, 80)}.") from error
        if groups:
            wanted = ":".join(as_list(groups)).encode()
            if _openssl.lib.SSL_CTX_set1_curves_list(context._context, wanted) != 1:
                _openssl.lib.ERR_clear_error()
                raise ValueError(f"OpenSSL knows no such group: {reading.visible(groups, 80)}.")
        if alpn and side == "client":
            context.set_alpn_protos([one.encode("ascii") for one in as_list(alpn)])
        elif alpn:
            ours = [one.encode("ascii") for one in as_list(alpn)]
            context.set_alpn_select_callback(
                lambda _, offered: next((p for p in ours if p in offered), SSL.NO_OVERLAPPING_PROTOCOLS)
            )

    def trust(self, roots: Any, crls: Any, at: datetime | None, name: str | None) -> None:
        """Verify the other end: against `roots`, at `at`, with `crls`, and for `name` (None: any name).

        pyOpenSSL checks no names. OpenSSL itself does, when its verify parameters name a host or an address
        (X509_VERIFY_PARAM_set1_host, _set1_ip). So this uses the binding below pyOpenSSL, and the refusal is the
        library's own: its code 62 or 64, and the alert that goes with it. The flags are those that `ssl` sets.
        """
        lib, ffi = _openssl.lib, _openssl.ffi
        self.verify = True
        store = self.ssl.get_cert_store()
        for root in [] if isinstance(roots, list | tuple) and not roots else reading.certificates(roots):
            store.add_cert(crypto.X509.from_cryptography(root))
        for crl in crls:
            store.add_crl(crl)
        param = ffi.gc(lib.X509_VERIFY_PARAM_new(), lib.X509_VERIFY_PARAM_free)
        flags = TRUSTED_FIRST | PARTIAL_CHAIN | (CRL_CHECK | CRL_CHECK_ALL if crls else 0)
        lib.X509_VERIFY_PARAM_set_flags(param, flags)
        if at is not None:
            lib.X509_VERIFY_PARAM_set_time(param, int(at.timestamp()))
        if name is not None:
            address = as_address(name)
            if address:
                fine = lib.X509_VERIFY_PARAM_set1_ip(param, address.packed, len(address.packed))
            else:
                lib.X509_VERIFY_PARAM_set_hostflags(param, NO_PARTIAL_WILDCARDS | NEVER_CHECK_SUBJECT)
                ascii_name = host_bytes(name)
                fine = lib.X509_VERIFY_PARAM_set1_host(param, ascii_name, len(ascii_name))
            if fine != 1:
                lib.ERR_clear_error()
                raise ValueError(f"'{reading.visible(name)}' is no server name.")
        if lib.X509_STORE_set1_param(store._store, param) != 1:
            raise MemoryError("OpenSSL did not take the parameters.")
        self.ssl.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._judged)

    def _judged(self, _: Any, __: Any, code: int, ___: int, fine: int) -> bool:
        if not fine:
            self.verify_code = code
        return bool(fine)

    def show(self, source: Any) -> None:
        """The certificates and the key of this end; see `contexts.load_identity`."""
        if isinstance(source, Borrowed):
            certificates, key = source.certificates, source.key_pem()
        else:
            certificates, key = identity_of(source)
        try:
            self.ssl.use_certificate(certificates[0])
            for certificate in certificates[1:]:
                self.ssl.add_extra_chain_cert(certificate)
            if isinstance(key, str):  # borrowed: `cryptography` would see that its halves don't fit
                self._use_pem(key)
            else:
                self.ssl.use_privatekey(key)
            self.ssl.check_privatekey()
        except (SSL.Error, crypto.Error, TypeError) as error:
            raise ValueError(f"{ENGINE} refuses the key or the certificate: {words(error)}.") from error

    def _use_pem(self, pem: str) -> None:
        loaded = crypto.load_privatekey(crypto.FILETYPE_PEM, pem.encode())
        if _openssl.lib.SSL_CTX_use_PrivateKey(self.ssl._context, loaded._pkey) != 1:
            _openssl.lib.ERR_clear_error()
            raise ValueError("The attacker's own OpenSSL refuses the key.")

    def staple(self, answer: bytes) -> None:
        """As a server: send this OCSP answer to whoever asks for one (RFC 6066 §8; RFC 8446 §4.4.2.1)."""
        self.ssl.set_ocsp_server_callback(lambda *_: answer)

    def ask_for_staple(self) -> None:
        """As a client: ask for an OCSP answer and keep it. OpenSSL does not judge it: that is left to you."""
        self.wants_staple = True
        self.ssl.set_ocsp_client_callback(self._keep)

    def _keep(self, _: Any, answer: bytes, __: Any) -> bool:
        self.stapled = answer or None
        return True


class OpenSSLEndpoint(BaseEndpoint):
    """One end that pyOpenSSL drives; see `endpoint.Endpoint`."""

    engine = ENGINE

    def __init__(self, side: str, context: Context, name: str | None = None, session: Any = None):
        super().__init__(side)
        self.context = context
        context.verify_code, context.stapled = None, None
        self.ssl = SSL.Connection(context.ssl, None)
        if side == "server":
            self.ssl.set_accept_state()
            return
        self.ssl.set_connect_state()
        if name is not None and not as_address(name):
            self.ssl.set_tlsext_host_name(host_bytes(name))
        if session is not None:
            self.ssl.set_session(session)
        if context.wants_staple:
            self.ssl.request_ocsp()

    def hear(self, data: bytes) -> None:
        rest = data
        while rest:
            rest = rest[self.ssl.bio_write(rest) :]

    def spoken(self) -> bytes:
        parts = []
        while True:
            try:
                parts.append(self.ssl.bio_read(1 << 16))
            except SSL.WantReadError:
                return b"".join(parts)

    def say(self, plaintext: bytes) -> None:
        rest = plaintext
        while rest:
            rest = rest[self.ssl.send(rest[:16384]) :]

    def _shake(self) -> None:
        self.ssl.do_handshake()
        self.ready = True
        self.version, self.cipher = self.ssl.get_protocol_version_name(), self.ssl.get_cipher_name()
        self.alpn = self.ssl.get_alpn_proto_negotiated().decode("ascii", "replace") or None
        self.group = self.ssl.get_group_name()

    def _read(self) -> None:
        while data := self.ssl.recv(65536):
            self.received += data

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (SSL.WantReadError, SSL.ZeroReturnError):
            pass
        except SSL.Error as error:
            said = words(error)
            self.error, self.said = error, said
            self.alert = said.rpartition(" alert ")[2].replace(" ", "_") if " alert " in said else None
            if self.context.verify_code is not None and said == "certificate verify failed":
                self.code = self.context.verify_code
                why = _openssl.ffi.string(_openssl.lib.X509_verify_cert_error_string(self.code))
                self.said = f"{said}: {why.decode('ascii', 'replace')}"

    def presented(self) -> list[x509.Certificate]:
        return list(self.ssl.get_peer_cert_chain(as_cryptography=True) or [])

    def verified(self) -> list[x509.Certificate]:
        return list(self.ssl.get_verified_chain(as_cryptography=True) or [])

    def session(self) -> Any:
        return self.ssl.get_session()

    def resumed(self) -> bool:
        return bool(_openssl.lib.SSL_session_reused(self.ssl._ssl))


def words(error: Exception) -> str:
    """What OpenSSL said: the last of its reasons."""
    queue = error.args[0] if error.args else ""
    if isinstance(queue, list):
        return queue[-1][2] if queue else "it broke off"
    return str(error.args[-1] if error.args else error)


def as_list(value: Any) -> list[str]:
    """One word, words with colons or commas between, or a list of words."""
    words_ = re.split(r"[:, ]+", value) if isinstance(value, str) else [str(one) for one in value]
    return [one for one in words_ if one]


def split_ciphers(ciphers: Any) -> tuple[list[str], list[str]]:
    """(TLS 1.3's cipher suites, TLS 1.2's): OpenSSL keeps two lists. Those of TLS 1.3 begin with TLS_."""
    listed = as_list(ciphers or ())
    return [one for one in listed if one.startswith("TLS_")], [
        one for one in listed if not one.startswith("TLS_")
    ]


def as_address(name: Any) -> Any:
    """The IP address in `name`, or None."""
    try:
        return ip_address(str(name))
    except ValueError:
        return None


def host_bytes(name: str) -> bytes:
    """A host name as it stands in SNI. Raises ValueError, one sentence."""
    try:
        found = str(name).encode("idna")
    except UnicodeError as error:
        raise ValueError(
            f"'{reading.visible(name)}' is no server name: {reading.visible(error, 80)}."
        ) from error
    if not found or found.startswith(b".") or b"\0" in found:
        raise ValueError(f"'{reading.visible(name)}' is no server name.")
    return found
