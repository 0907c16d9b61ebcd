"""Answers to the exercises of lesson 02, right and wrong."""

import base64
import copy
import hashlib
import hmac
import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa, utils, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from padlock import keys, keyuse
from padlock.authority import Authority
from padlock.course.exercises.l02_keys import INFO, NOTE, PROMISE, Peer, post

from .making import DER, PEM, by_hand, file_with, has_openssl, key, key_der, key_pem, openssl

SHA256, SHA384, SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
SPKI, PKCS8 = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PrivateFormat.PKCS8
PASSPHRASE = b"a sentence that only you know"
ADA, LETTERS = post()
PEER = Peer()
GIVEN = {
    "promise": PROMISE,
    "ada": ADA,
    "letters": LETTERS,
    "server_key": key("rsa2048"),
    "server_public": key("rsa2048").public_key(),
    "note": NOTE,
    "peer": PEER,
    "passphrase": PASSPHRASE,
}


def folder():
    return Path(tempfile.mkdtemp(prefix="padlock-test-"))


# ---- 1: sign


def signed(private, signature=None, public=None):
    """One way is as good as another; `signature` and `public` make something of the usual ones."""

    def made():
        one = private() if callable(private) else private
        usual = keyuse.sign(one, PROMISE)
        return {
            "my_public_key": (public or (lambda k: k.public_key()))(one),
            "my_signature": (signature or (lambda k, s: s))(one, usual),
        }

    return made


def other_message(message):
    return signed(key("ed25519"), lambda k, s: k.sign(message))


def plain_numbers(private, signature):
    """ECDSA as two numbers of 32 bytes each, as in JOSE (RFC 7518 §3.4)."""
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signed_by_openssl():
    if not has_openssl():  # the same from the API, so that the answer is there on every machine
        return signed(key("p384"), public=lambda k: keys.pem(k.public_key()))()
    where = folder()
    (where / "promise").write_bytes(PROMISE)
    openssl(
        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "k.pem", folder=where
    )
    openssl("pkey", "-in", "k.pem", "-pubout", "-out", "p.pem", folder=where)
    openssl("dgst", "-sha256", "-sign", "k.pem", "-out", "sig", "promise", folder=where)
    return {"my_public_key": where / "p.pem", "my_signature": where / "sig"}


def rsa_signed(scheme, digest=SHA256):
    return signed(key("rsa2048"), lambda k, s: k.sign(PROMISE, scheme, digest))


def broken_hash():
    """SHA-1 under ECDSA: `cryptography` still makes it."""
    return signed(key("p256"), lambda k, s: k.sign(PROMISE, ec.ECDSA(hashes.SHA1())))


# ---- 2: forged


def is_forged(letter):
    try:
        ADA.verify(letter[1], letter[0])
    except InvalidSignature:
        return True
    return False


FORGED = [day for day, letter in LETTERS.items() if is_forged(letter)]
GENUINE = [day for day in LETTERS if day not in FORGED]
STRANGE = next(d for d in FORGED if keyuse.fits(LETTERS.stranger, LETTERS[d][1], LETTERS[d][0]))
ALTERED = next(d for d in FORGED if d != STRANGE)


def forged(value):
    return lambda: {"forged": value() if callable(value) else value}


def emptied(value):
    """The letters are taken out of the dict on the way, as a loop with `pop` does."""

    def made():
        letters = copy.copy(LETTERS)
        letters.clear()
        return {"forged": value, "letters": letters}

    return made


# ---- 3: seal


def oaep(digest=SHA256, mask=None):
    return padding.OAEP(padding.MGF1(mask or digest), digest, None)


def seal(text=NOTE, scheme=None, to="rsa2048"):
    return key(to).public_key().encrypt(text, scheme or oaep())


def sealed(make):
    return lambda: {"sealed": make()}


def sealed_by_openssl():
    if not has_openssl():
        return seal(scheme=oaep(SHA512))
    where = folder()
    (where / "note").write_bytes(NOTE)
    (where / "p.pem").write_text(keys.pem(key("rsa2048").public_key()))
    words = "pkeyutl -encrypt -pubin -inkey p.pem -in note -out sealed -pkeyopt rsa_padding_mode:oaep"
    openssl(*words.split(), "-pkeyopt", "rsa_oaep_md:sha256", folder=where)
    return where / "sealed"


# ---- 4: agree


@cache
def mine():
    return x25519.X25519PrivateKey.generate()


def derive(secret, digest=SHA256, length=32, salt=None, info=INFO):
    return HKDF(digest, length, salt, info).derive(secret)


def agreed(share=None, final=None):
    def made():
        secret = mine().exchange(PEER.public_key)
        public = mine().public_key()
        return {
            "my_share": (share or (lambda p: p))(public),
            "my_key": (final or derive)(secret),
        }

    return made


def by_hmac(secret):
    """RFC 5869 §2 in two lines."""
    return hmac.digest(hmac.digest(bytes(32), secret, "sha256"), INFO + b"\x01", "sha256")


def agreed_by_openssl():
    if not has_openssl():
        return agreed(lambda p: keys.pem(p), by_hmac)()
    where = folder()
    (where / "peer.pem").write_text(keys.pem(PEER.public_key))
    openssl("genpkey", "-algorithm", "X25519", "-out", "k.pem", folder=where)
    openssl("pkey", "-in", "k.pem", "-pubout", "-out", "p.pem", folder=where)
    openssl("pkeyutl", "-derive", "-inkey", "k.pem", "-peerkey", "peer.pem", "-out", "secret", folder=where)
    return {"my_share": where / "p.pem", "my_key": derive((where / "secret").read_bytes())}


# ---- 5: keep


def kept(data, mode=0o600, name="my.key", as_text=False):
    """A file with these bytes and this mode; `data` may be made when it is asked for."""

    def made():
        path = folder() / name
        path.write_bytes(data() if callable(data) else data)
        path.chmod(mode)
        return {"key_file": str(path) if as_text else path}

    return made


def locked(kind="p256", words=PASSPHRASE, encoding=PEM, form=PKCS8):
    private = mldsa.MLDSA65PrivateKey.generate() if kind == "ml-dsa" else key(kind)
    return private.private_bytes(encoding, form, serialization.BestAvailableEncryption(words))


def saved_by_the_course():
    return {"key_file": keys.save(key("ed25519"), folder() / "my.key", PASSPHRASE)}


def opened_with_mode():
    path = folder() / "my.key"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(locked("ed25519"))
    return {"key_file": path}


def kept_by_openssl():
    if not has_openssl():
        return kept(lambda: locked("rsa2048"))()
    where = folder()
    (where / "pass").write_bytes(PASSPHRASE)
    openssl(
        "genpkey",
        "-algorithm",
        "ED25519",
        "-aes-256-cbc",
        "-pass",
        "file:pass",
        "-out",
        "k.pem",
        folder=where,
    )
    (where / "k.pem").chmod(0o600)
    return {"key_file": where / "k.pem"}


def scrypt_by_openssl():
    if not has_openssl():
        return kept(lambda: locked("p384"), name="k")()
    where = folder()
    (where / "pass").write_bytes(PASSPHRASE)
    (where / "plain.pem").write_bytes(key_pem(key("p256")))
    words = "pkcs8 -topk8 -scrypt -scrypt_N 1024 -in plain.pem -passout file:pass -out k.pem"
    openssl(*words.split(), folder=where)
    (where / "k.pem").chmod(0o600)
    return {"key_file": where / "k.pem"}


def plain_openssh(kind="ed25519"):
    return key(kind).private_bytes(PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())


def with_path(change):
    """The usual file, its path in another coat."""

    def made():
        return {"key_file": change(kept(locked)()["key_file"])}

    return made


def from_home(path):
    return path if os.name == "nt" else "~/" + os.path.relpath(path, os.path.realpath(Path.home()))


class NoPath(os.PathLike):
    def __fspath__(self):
        raise RuntimeError("no")


class BytesPath(os.PathLike):
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return os.fsencode(self.path)


posix_only = [] if os.name == "nt" else [0o644, 0o640, 0o660, 0o666]

RIGHT = {
    1: {
        "ed25519": signed(key("ed25519")),
        "p256": signed(key("p256")),
        "p384 with sha512": signed(key("p384"), lambda k, s: k.sign(PROMISE, ec.ECDSA(SHA512))),
        "p256, two numbers": signed(key("p256"), plain_numbers),
        "p256, hashed before": signed(
            key("p256"),
            lambda k, s: k.sign(hashlib.sha256(PROMISE).digest(), ec.ECDSA(utils.Prehashed(SHA256))),
        ),
        "rsa, pss as in the lesson": signed(key("rsa2048")),
        "rsa, pss, longest salt": rsa_signed(padding.PSS(padding.MGF1(SHA256), padding.PSS.MAX_LENGTH)),
        "rsa, pkcs1": rsa_signed(padding.PKCS1v15(), SHA384),
        "own pair beside Ada's": lambda: {
            **signed(key("ed25519"))(),
            "ada_key": ed25519.Ed25519PrivateKey.generate(),
        },
        "ed448": signed(ed448.Ed448PrivateKey.generate, lambda k, s: k.sign(PROMISE)),
        "ml-dsa-65": signed(mldsa.MLDSA65PrivateKey.generate),
        "secp256k1": signed(lambda: ec.generate_private_key(ec.SECP256K1())),
        "key as pem text": signed(key("ed25519"), public=lambda k: keys.pem(k.public_key())),
        "key as der": signed(key("p256"), public=lambda k: k.public_key().public_bytes(DER, SPKI)),
        "key as path": signed(key("p256"), public=lambda k: file_with(keys.pem(k.public_key()).encode())),
        "certificate in place of the key": signed(key("p256"), public=lambda k: by_hand(k, k, None, cn="me")),
        "key as bare bytes": signed(key("ed25519"), public=lambda k: k.public_key().public_bytes_raw()),
        "key as bare hex": signed(
            key("ed25519"), public=lambda k: k.public_key().public_bytes_raw().hex(":")
        ),
        "signature as hex": signed(key("ed25519"), lambda k, s: s.hex(":")),
        "signature as base64": signed(key("ed25519"), lambda k, s: base64.b64encode(s).decode()),
        "signature as base64 with lines": signed(key("rsa2048"), lambda k, s: base64.encodebytes(s)),
        "signature as path": signed(key("p256"), lambda k, s: str(file_with(s, ".sig"))),
        "openssl": signed_by_openssl,
    },
    2: {
        "list": forged(FORGED),
        "set": forged(set(FORGED)),
        "tuple, other order": forged(tuple(reversed(FORGED))),
        "text": forged(", ".join(FORGED)),
        "words": forged(" and ".join(FORGED).lower()),
        "dict of verdicts": forged({day: day in FORGED for day in LETTERS}),
        "dict of letters": forged({day: LETTERS[day] for day in FORGED}),
        "the letters themselves": forged([LETTERS[day] for day in FORGED]),
        "their texts": forged([LETTERS[day][0] for day in FORGED]),
        "their texts, decoded": forged({LETTERS[day][0].decode() for day in FORGED}),
        "keys of a dict": forged(dict.fromkeys(FORGED).keys()),
        "capitals": forged([day.upper() for day in FORGED]),
        "twice the same": forged(FORGED + FORGED),
        "letters popped on the way": emptied(FORGED),
    },
    3: {
        "sha256": sealed(seal),
        "sha1, as many defaults have it": sealed(lambda: seal(scheme=oaep(hashes.SHA1()))),
        "sha512": sealed(lambda: seal(scheme=oaep(SHA512))),
        "two hashes": sealed(lambda: seal(scheme=oaep(SHA256, hashes.SHA1()))),
        "hex": sealed(lambda: seal().hex()),
        "base64": sealed(lambda: base64.b64encode(seal())),
        "base64 text, url": sealed(lambda: base64.urlsafe_b64encode(seal()).decode()),
        "path": sealed(lambda: file_with(seal(), ".bin")),
        "bytearray": sealed(lambda: bytearray(seal())),
        "openssl": sealed(sealed_by_openssl),
    },
    4: {
        "as in the lesson": agreed(),
        "share as bytes": agreed(lambda p: p.public_bytes_raw()),
        "share as hex": agreed(lambda p: p.public_bytes_raw().hex()),
        "share as pem": agreed(keys.pem),
        "share as der": agreed(lambda p: p.public_bytes(DER, SPKI)),
        "share as path": agreed(lambda p: file_with(keys.pem(p).encode())),
        "key as hex": agreed(final=lambda s: derive(s).hex()),
        "key as base64": agreed(final=lambda s: base64.b64encode(derive(s)).decode()),
        "hkdf by hand": agreed(final=by_hmac),
        "extract and expand": agreed(
            final=lambda s: HKDFExpand(SHA256, 32, INFO).derive(hmac.digest(bytes(32), s, "sha256"))
        ),
        "empty salt": agreed(final=lambda s: derive(s, salt=b"")),
        "salt of zeros": agreed(final=lambda s: derive(s, salt=bytes(32))),
        "openssl": agreed_by_openssl,
    },
    5: {
        "keys.save": saved_by_the_course,
        "os.open": opened_with_mode,
        "write and chmod": kept(locked),
        "rsa": kept(lambda: locked("rsa2048")),
        "p384, path as text": kept(lambda: locked("p384"), as_text=True),
        "ml-dsa": kept(lambda: locked("ml-dsa")),
        "der": kept(lambda: locked(encoding=DER), name="my.der"),
        "only readable": kept(locked, mode=0o400),
        "from home": with_path(from_home),
        "path as bytes": with_path(os.fsencode),
        "an object that is a path": with_path(BytesPath),
        "with much after it": kept(lambda: locked() + b"# more\n" * 20_000),
        "with a line before": kept(lambda: b"# my key\n" + locked()),
        "openssl genpkey": kept_by_openssl,
        "openssl pkcs8, scrypt": scrypt_by_openssl,
    },
}

WRONG = {
    1: {
        "private-key-shared": [
            signed(key("ed25519"), public=lambda k: k),
            signed(key("p256"), public=key_pem),
            signed(key("p256"), public=key_der),
            signed(key("p256"), public=lambda k: file_with(key_pem(k))),
            signed(key("ed25519"), public=lambda k: key_pem(k, b"locked")),
            signed(key("ed25519"), public=lambda k: k.private_bytes_raw()),
            signed(key("ed25519"), public=lambda k: k.private_bytes_raw().hex()),
            signed(key("p256"), public=lambda k: Authority("Class Root", key=k)),
        ],
        "not-your-pair": [
            lambda: {**signed(key("ed25519"))(), "ada_key": key("ed25519")},
            lambda: {
                **signed(key("ed25519"), public=lambda k: k.public_key().public_bytes_raw().hex())(),
                "ada_public": key("ed25519").public_key(),
            },
        ],
        "agrees-only": [
            lambda: {"my_public_key": mine().public_key(), "my_signature": bytes(64)},
            lambda: {"my_public_key": keyuse.make("ml-kem-768").public_key(), "my_signature": bytes(64)},
        ],
        "hash-is-no-signature": [
            signed(key("ed25519"), lambda k, s: hashlib.sha256(PROMISE).digest()),
            signed(key("p256"), lambda k, s: hashlib.sha512(PROMISE).hexdigest()),
        ],
        "weak-hash": [broken_hash(), rsa_signed(padding.PKCS1v15(), hashes.SHA1())],
        "signature-misfit": [
            other_message(PROMISE + b"\n"),
            other_message(b"I owe Ada 500 euro."),
            other_message(hashlib.sha256(PROMISE).digest()),
            other_message(b""),
            signed(key("ed25519"), lambda k, s: ed25519.Ed25519PrivateKey.generate().sign(PROMISE)),
            signed(key("ed25519"), lambda k, s: keyuse.flip(s, 100)),
            signed(key("ed25519"), lambda k, s: PROMISE),
            signed(key("p256"), lambda k, s: b""),
            signed(key("rsa2048"), lambda k, s: k.public_key().encrypt(PROMISE, oaep())),
            signed(key("p256"), lambda k, s: hmac.digest(b"secret", PROMISE, "sha256")),
        ],
        "wrong-type": [
            signed(key("ed25519"), lambda k, s: 7),
            signed(key("ed25519"), lambda k, s: [s]),
            signed(key("ed25519"), public=lambda k: 7),
        ],
    },
    2: {
        "not-a-letter": [
            forged("Sunday"),
            forged(7),
            forged([0, 1]),
            forged([*FORGED, "Sunday"]),
            lambda: {"forged": len},
            lambda: {"forged": (day for day in FORGED)},
        ],
        "genuine-refused": [
            forged([*FORGED, GENUINE[0]]),
            forged(GENUINE),
            forged(list(LETTERS)),
            forged(GENUINE[1]),
            forged({day: day in GENUINE for day in LETTERS}),
        ],
        "altered-accepted": [
            forged([STRANGE]),
            forged(STRANGE),
            forged({day: day == STRANGE for day in LETTERS}),
            emptied([STRANGE]),
        ],
        "stranger-accepted": [
            forged([ALTERED]),
            forged({ALTERED}),
            emptied([ALTERED]),
        ],
    },
    3: {
        "not-encrypted": [
            sealed(lambda: NOTE),
            sealed(lambda: NOTE.decode()),
            sealed(lambda: base64.b64encode(NOTE)),
            sealed(lambda: NOTE.hex()),
        ],
        "other-note": [
            sealed(lambda: seal(b"hello")),
            sealed(lambda: seal(NOTE + b"\n")),
            sealed(lambda: seal(b"")),
        ],
        "old-padding": [sealed(lambda: seal(scheme=padding.PKCS1v15()))],
        "signed-instead": [
            sealed(lambda: keyuse.sign(key("rsa2048"), NOTE)),
            sealed(lambda: key("rsa2048").sign(NOTE, padding.PKCS1v15(), SHA256)),
        ],
        "cannot-open": [
            sealed(lambda: rsa.generate_private_key(65537, 2048).public_key().encrypt(NOTE, oaep())),
            sealed(lambda: keyuse.flip(seal(), 1000)),
            sealed(lambda: seal()[:-1]),
            sealed(lambda: b"x" * 256),
            sealed(lambda: hashlib.sha256(NOTE).digest()),
            sealed(lambda: b""),
        ],
        "wrong-type": [sealed(lambda: 7), sealed(lambda: key("rsa2048").public_key())],
    },
    4: {
        "private-key-shared": [
            agreed(lambda p: mine()),
            agreed(lambda p: keys.pem(mine())),
            agreed(lambda p: file_with(key_pem(mine()))),
            agreed(lambda p: key_der(mine())),
            agreed(lambda p: mine().private_bytes_raw()),
        ],
        "groups-differ": [
            agreed(lambda p: key("p256").public_key()),
            agreed(lambda p: key("ed25519").public_key()),
        ],
        "peer-share-returned": [
            agreed(lambda p: PEER.public_key),
            agreed(lambda p: PEER.public_key.public_bytes_raw()),
        ],
        "weak-share": [agreed(lambda p: bytes(32)), agreed(lambda p: b"\x01" + bytes(31))],
        "raw-secret": [agreed(final=lambda s: s), agreed(final=lambda s: s.hex())],
        "other-derivation": [
            agreed(final=lambda s: derive(s, info=None)),
            agreed(final=lambda s: derive(s, digest=SHA384)),
            agreed(final=lambda s: derive(s, length=16)),
            agreed(final=lambda s: derive(s, salt=INFO, info=None)),
            agreed(final=lambda s: hashlib.sha256(s).digest()),
            agreed(final=lambda s: derive(s, info=b"handshake data")),
        ],
        "key-length": [agreed(final=lambda s: os.urandom(24)), agreed(final=lambda s: b"password")],
        "no-agreement": [
            agreed(final=lambda s: derive(mine().exchange(mine().public_key()))),
            agreed(lambda p: x25519.X25519PrivateKey.generate().public_key()),
            agreed(final=lambda s: os.urandom(32)),
        ],
        "wrong-type": [agreed(lambda p: 7), agreed(final=lambda s: 7), agreed(final=lambda s: [s])],
    },
    5: {
        "key-in-the-clear": [
            kept(lambda: key_pem(key("p256"))),
            kept(lambda: key_pem(key("rsa2048"))),
            kept(lambda: key_der(key("p256"))),
            kept(lambda: locked() + key_pem(key("p256"))),
            kept(lambda: locked() + plain_openssh()),
            kept(lambda: locked() + b"#" * 150_000 + b"\n" + key_pem(key("p256"))),
            kept(lambda: locked() + locked("rsa2048") + b"# more\n" * 20_000 + plain_openssh("p256")),
            kept(
                lambda: key("p256").private_bytes(
                    PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
                )
            ),
        ],
        "wrong-passphrase": [
            kept(lambda: locked(words=b"hunter2")),
            kept(lambda: locked("rsa2048", b"x", DER)),
        ],
        "not-pkcs8": [
            kept(lambda: locked(form=serialization.PrivateFormat.TraditionalOpenSSL)),
            kept(lambda: locked("rsa2048", form=serialization.PrivateFormat.TraditionalOpenSSL)),
        ],
        "open-to-others": [kept(locked, mode=mode) for mode in posix_only],
        "not-in-a-file": [
            lambda: {"key_file": locked()},
            lambda: {"key_file": locked(encoding=DER)},
            lambda: {"key_file": locked().decode()},
            lambda: {"key_file": key("p256")},
        ],
        "no-such-file": [
            lambda: {"key_file": folder() / "my.key"},
            lambda: {"key_file": "no/such/my.key"},
            lambda: {"key_file": b"no/such/my.key"},
        ],
        "public-key-given": [kept(lambda: keys.pem(key("p256").public_key()).encode())],
        "too-big": [kept(lambda: locked() + b"#" * 1024 * 1024)],
        "wrong-type": [
            lambda: {"key_file": 7},
            lambda: {"key_file": ["my.key"]},
            lambda: {"key_file": NoPath()},
        ],
    },
}
