"""Lesson 02, Keys: sign, find the forged, seal, agree, and keep a private key in a file."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import random
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from padlock import keys, reading

from ..answer import Answer, Miss
from ..model import Exercise, Explanation, Lesson, Question

PROMISE = b"I owe Ada 5 euro."
NOTE = b"The spare key is under the blue pot."
INFO = b"padlock lesson 02"
MOST = 100_000  # bytes of an answer that are looked at


# ---- What the lesson hands out


class Post(dict):
    """day → (text, signature): five letters in Ada's name. Two are forged, one of them signed with Eve's key.

    `sent` keeps the five as they came: the learner may change the dict, the check looks at these."""

    stranger: ed25519.Ed25519PublicKey
    sent: Mapping[str, tuple[bytes, bytes]]


def post() -> tuple[ed25519.Ed25519PublicKey, Post]:
    """(Ada's public key, the letters of a week); which are forged differs from run to run."""
    ada, eve = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    altered, strange = random.sample(days, 2)
    letters = Post()
    for day in days:
        text = f"On {day}, pay {random.randint(110, 890)} euro to Bob. Ada"
        signature = (eve if day == strange else ada).sign(text.encode())
        if day == altered:
            text = re.sub(r"pay (\d)", lambda first: f"pay {int(first[1]) % 9 + 1}", text)
        letters[day] = (text.encode(), signature)
    letters.stranger, letters.sent = eve.public_key(), MappingProxyType(dict(letters))
    return ada.public_key(), letters


class Peer:
    """Somebody to agree with. Their private key stays in here; `public_key` is what they send you."""

    def __init__(self) -> None:
        self._private = x25519.X25519PrivateKey.generate()
        self.public_key = self._private.public_key()

    def _secret(self, share: x25519.X25519PublicKey) -> bytes:
        return self._private.exchange(share)


# ---- Bytes in whatever coat they come


def _forms(answer: Answer, name: str) -> list[bytes]:
    """The bytes that `name` may stand for: as they are, from hex, from base64, or from the file of that path."""
    raw = getattr(answer, name)
    if isinstance(raw, (bytes, bytearray, memoryview)):
        data = bytes(raw[:MOST]) if not isinstance(raw, memoryview) else raw.tobytes()[:MOST]
    elif isinstance(raw, (str, os.PathLike)):
        data = _of_file(raw)
        if data is None:
            data = str(raw)[:MOST].encode("utf-8", "surrogatepass")
    else:
        raise Miss(
            "wrong-type",
            f"{name} is not bytes",
            tried=f"reading {name}",
            expected="bytes",
            found=f"a {type(raw).__name__}",
        )
    forms, text = [data], data.strip()
    with contextlib.suppress(ValueError):
        forms.append(bytes.fromhex(text.decode("ascii").replace(":", " ")))
    with contextlib.suppress(binascii.Error, ValueError):
        forms.append(base64.b64decode(b"".join(text.split()), validate=True))
    with contextlib.suppress(binascii.Error, ValueError):
        forms.append(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    return forms


def _of_file(path: str | os.PathLike, most: int = MOST) -> bytes | None:
    try:
        if len(os.fspath(path)) < 1000 and os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read(most)
    except (OSError, ValueError, TypeError):
        pass
    return None


def _must_be_public(answer: Answer, name: str) -> None:
    """Nobody hands out a private key, not even inside a bundle."""
    raw = getattr(answer, name)
    try:
        reading.private_key(raw)
    except reading.Unreadable as error:
        if error.id != "key-encrypted":
            return
    except Exception:  # a foreign object may raise anything; reading it as a public key says what it is
        return
    raise _shared(name)


def _shared(name: str) -> Miss:
    return Miss(
        "private-key-shared",
        f"{name} holds a private key",
        tried=f"reading {name} as a stranger would",
        expected="a public key and nothing more",
        found="a private key: whoever has it can "
        + ("compute your secret" if name == "my_share" else "sign in your name"),
    )


def _bare(answer: Answer, name: str) -> bytes | None:
    """32 bytes as they are, or as hex: how keys on Curve25519 travel without PEM (RFC 7748 §5, RFC 8032 §5.1.5)."""
    raw = getattr(answer, name)
    if isinstance(raw, (bytes, bytearray)) and len(raw) == 32:
        return bytes(raw)
    if isinstance(raw, str) and re.fullmatch(r"(?:[0-9a-fA-F]{2}[:\s]?){32}", raw[:200].strip()):
        return bytes.fromhex(raw.strip().replace(":", " "))
    return None


# ---- 1: a signature that anyone can check


def key_is_public(answer):
    """your public key can be handed to anyone"""
    _must_be_public(answer, "my_public_key")
    public, adas = _public(answer), _adas(answer)
    if isinstance(public, ed25519.Ed25519PublicKey) and adas and public == adas:
        raise Miss(
            "not-your-pair", "my_public_key is Ada's", tried="comparing it with the pair that this lesson made for Ada",
            expected="the public half of a pair that you made", found="Ada's public key: the promise is yours, the signature is hers",
        )  # fmt: skip


def _adas(answer) -> ed25519.Ed25519PublicKey | None:
    """Ada's public key, if the lesson's cells ran; her private one counts where the public one is gone."""
    public = answer.ada_public if answer.has("ada_public") else None
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public
    private = answer.ada_key if answer.has("ada_key") else None
    return private.public_key() if isinstance(private, ed25519.Ed25519PrivateKey) else None


def _public(answer):
    bare = _bare(answer, "my_public_key")
    return ed25519.Ed25519PublicKey.from_public_bytes(bare) if bare else answer.public_key("my_public_key")


def signature_fits(answer):
    """with your public key, the signature fits the promise"""
    public, forms = _public(answer), _forms(answer, "my_signature")
    if not hasattr(public, "verify"):
        raise Miss(
            "agrees-only",
            f"a key of the kind {keys.describe(public)} cannot sign",
            tried="checking your signature with your public key",
            expected="a key that signs: Ed25519, P-256, RSA …",
            found=keys.describe(public),
        )
    if any(_fits(public, form, PROMISE) for form in forms):
        return
    if (bare := _bare(answer, "my_public_key")) and any(
        _fits(ed25519.Ed25519PrivateKey.from_private_bytes(bare).public_key(), form, PROMISE)
        for form in forms
    ):
        raise _shared("my_public_key")
    tried, expected = "checking your signature over the promise with your public key", "it fits"
    if any(_fits(public, form, PROMISE, _WEAK) for form in forms):
        raise Miss(
            "weak-hash",
            "it fits, but with a broken hash",
            tried=tried,
            expected="SHA-256 or longer",
            found="MD5 or SHA-1",
        )
    if any(form in _digests(PROMISE) for form in forms):
        raise Miss(
            "hash-is-no-signature", "that is a hash of the promise, not a signature",
            tried=tried, expected=expected, found="bytes that anybody can compute, without any key",
        )  # fmt: skip
    others = {
        "the promise with a line end": PROMISE + b"\n",
        "the promise without its full stop": PROMISE.rstrip(b"."),
        "a hash of the promise": hashlib.sha256(PROMISE).digest(),
        "the hash of the promise as hex": hashlib.sha256(PROMISE).hexdigest().encode(),
        "nothing": b"",
    }
    known = next(
        (words for words, other in others.items() if any(_fits(public, form, other) for form in forms)), None
    )
    found = (
        f"a signature over {known}"
        if known
        else f"{len(forms[0]):,} bytes that do not fit: another message, another pair, or changed"
    )
    raise Miss("signature-misfit", "the signature does not fit", tried=tried, expected=expected, found=found)


_STRONG = (
    hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA224(), hashes.SHA512_256(),
    hashes.SHA3_256(), hashes.SHA3_384(), hashes.SHA3_512(),
)  # fmt: skip
_WEAK = (hashes.SHA1(), hashes.MD5())  # noqa: S303 (only to recognise them)


def _fits(public: Any, signature: bytes, message: bytes, digests: tuple = _STRONG) -> bool:
    """Whether it fits in any way that is in use: RSA with PSS or PKCS #1 v1.5, ECDSA as DER or as two numbers …"""
    if isinstance(public, rsa.RSAPublicKey):
        ways = [
            (scheme, digest)
            for digest in digests
            for scheme in (
                padding.PSS(padding.MGF1(digest), padding.PSS.AUTO),
                padding.PKCS1v15(),
            )
        ]
        return any(_accepts(public, signature, message, *way) for way in ways)
    if isinstance(public, ec.EllipticCurvePublicKey):
        half = (public.key_size + 7) // 8
        both = [signature]
        if len(signature) == 2 * half:
            numbers = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            both.append(utils.encode_dss_signature(*numbers))
        return any(_accepts(public, one, message, ec.ECDSA(digest)) for one in both for digest in digests)
    if isinstance(public, dsa.DSAPublicKey):
        return any(_accepts(public, signature, message, digest) for digest in digests)
    return digests is _STRONG and _accepts(public, signature, message)


def _accepts(public: Any, *arguments: Any) -> bool:
    try:
        public.verify(*arguments)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _digests(message: bytes) -> set[bytes]:
    names = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b")
    return {hashlib.new(name, message, usedforsecurity=False).digest() for name in names}


# ---- 2: which letters are forged?


def forged_are_days(answer):
    """forged names letters of the post"""
    _named_days(answer)


def genuine_stay(answer):
    """no genuine letter is called forged"""
    ada, letters = answer.given("ada", ed25519.Ed25519PublicKey), _sent(answer)
    for day in _named_days(answer):
        if _genuine(ada, letters[day]):
            raise Miss(
                "genuine-refused",
                f"the letter of {day} is genuine",
                tried=f"checking {day}'s signature with Ada's public key",
                expected="a forged letter: the signature does not fit",
                found="it fits: the holder of Ada's private key signed exactly this text",
            )


def all_forged_found(answer):
    """every forged letter is named"""
    ada, letters = answer.given("ada", ed25519.Ed25519PublicKey), answer.given("letters", _post)
    named = _named_days(answer)
    for day, letter in letters.sent.items():
        if day in named or _genuine(ada, letter):
            continue
        strange = _genuine(letters.stranger, letter)
        raise Miss(
            "stranger-accepted" if strange else "altered-accepted",
            "you let a forged letter pass: "
            + ("one that somebody else signed" if strange else "one that was changed after it was signed"),
            tried="checking all five with Ada's public key, and taking away those that you named",
            expected="only letters whose signature fits",
            found="a letter whose signature does not fit Ada's key"
            + ("; it fits a key that is not hers" if strange else ""),
        )


def _post(raw: Any) -> Post:
    if not (isinstance(raw, Post) and len(raw.sent) == 5 and raw.stranger):
        raise TypeError("not the post that the lesson made")
    return raw


def _sent(answer) -> Mapping[str, tuple[bytes, bytes]]:
    return answer.given("letters", _post).sent


def _genuine(public: ed25519.Ed25519PublicKey, letter: tuple[bytes, bytes]) -> bool:
    text, signature = letter
    return _accepts(public, signature, text)


def _named_days(answer) -> set[str]:
    raw, letters = answer.forged, _sent(answer)
    if isinstance(raw, str):
        items: list = [word for word in re.split(r"[,;\s]+|\band\b", raw[:1000]) if word]
    elif isinstance(raw, dict) and raw and all(isinstance(v, bool) for v in raw.values()):
        items = [key for key, value in raw.items() if value]
    elif isinstance(raw, tuple) and len(raw) == 2 and all(isinstance(part, bytes) for part in raw):
        items = [raw]
    else:
        if not isinstance(raw, Collection):  # a generator would be used up by the first look
            raise _no_day(raw)
        try:
            items = list(islice(iter(raw), 50))
        except Exception:  # one that raises when it is looked at
            raise _no_day(raw) from None
    found = set()
    for item in items:
        day = _day_of(item, letters)
        if day is None:
            raise _no_day(item)
        found.add(day)
    return found


def _day_of(item: Any, letters: Mapping[str, tuple[bytes, bytes]]) -> str | None:
    if isinstance(item, str):
        return next((day for day in letters if day.casefold() == item.strip().casefold()), None) or _day_of(
            item.encode("utf-8", "replace"), letters
        )
    if isinstance(item, (bytes, bytearray)):
        return next((day for day, (text, _) in letters.items() if text == bytes(item)), None)
    if isinstance(item, (tuple, list)) and item and isinstance(item[0], (str, bytes)):
        return _day_of(item[0], letters)
    return None


def _no_day(item: Any) -> Miss:
    shown = reading.visible(item, 60) if isinstance(item, str) else f"a {type(item).__name__}"
    return Miss(
        "not-a-letter",
        "forged holds something that is no letter of the post",
        tried="looking for each of them in letters",
        expected='days, for instance {"Monday", "Friday"}',
        found=shown,
    )


# ---- 3: seal a note to a public key


def note_is_sealed(answer):
    """the server, and only the server, opens the note"""
    server, forms = answer.given("server_key", rsa.RSAPrivateKey), _forms(answer, "sealed")
    if NOTE in forms:
        raise Miss(
            "not-encrypted", "the note lies open", tried="reading sealed as a stranger would",
            expected="bytes that mean nothing without the server's private key", found="the note itself",
        )  # fmt: skip
    opened = [text for form in forms for text in _opened(server, form)]
    if NOTE in opened:
        return
    tried = "decrypting sealed with the server's private key, RSA-OAEP"
    if opened:
        raise Miss(
            "other-note",
            "it opens, but it is another note",
            tried=tried,
            expected=repr(NOTE),
            found=reading.visible(opened[0].decode("utf-8", "replace"), 60),
        )
    if any(_decrypts(server, form, padding.PKCS1v15()) == NOTE for form in forms):
        raise Miss(
            "old-padding",
            "it opens with the old padding, PKCS #1 v1.5",
            tried=tried,
            expected="RSA-OAEP",
            found="padding.PKCS1v15()",
        )
    if any(_fits(server.public_key(), form, NOTE) for form in forms):
        raise Miss(
            "signed-instead", "that is a signature, not a sealed note", tried=tried,
            expected="bytes made with the public key's encrypt", found="a signature over the note, made with the private key",
        )  # fmt: skip
    size = server.key_size // 8
    lengths = {len(form) for form in forms}
    found = (
        f"{size} bytes that do not open: encrypted to another key, or changed"
        if size in lengths
        else f"{len(forms[0]):,} bytes; RSA {server.key_size} gives {size}"
    )
    raise Miss("cannot-open", "the server cannot open it", tried=tried, expected="the note", found=found)


def _opened(server: rsa.RSAPrivateKey, data: bytes) -> Iterator[bytes]:
    """What comes out under any of the hashes that OAEP is used with (RFC 8017 §7.1, B.1)."""
    if len(data) != server.key_size // 8:
        return
    digests = (hashes.SHA256(), hashes.SHA1(), hashes.SHA384(), hashes.SHA512(), hashes.SHA224())  # noqa: S303
    for digest in digests:
        for mask in (digest, *(other for other in digests if other is not digest)):
            text = _decrypts(server, data, padding.OAEP(padding.MGF1(mask), digest, None))
            if text is not None:
                yield text


def _decrypts(server: rsa.RSAPrivateKey, data: bytes, scheme: Any) -> bytes | None:
    try:
        return server.decrypt(data, scheme)
    except (ValueError, UnsupportedAlgorithm):
        return None


# ---- 4: agree on a key


def share_is_yours(answer):
    """my_share is an X25519 public key of your own"""
    share = _share(answer)
    raw, given = share.public_bytes_raw(), answer.given("peer", Peer).public_key.public_bytes_raw()
    if raw == given:
        raise Miss(
            "peer-share-returned", "my_share is the peer's own public key", tried="comparing it with peer.public_key",
            expected="the public half of a pair that you made", found="the same 32 bytes",
        )  # fmt: skip


def _share(answer) -> x25519.X25519PublicKey:
    if bare := _bare(answer, "my_share"):
        return x25519.X25519PublicKey.from_public_bytes(bare)
    _must_be_public(answer, "my_share")
    share = answer.public_key("my_share")
    if not isinstance(share, x25519.X25519PublicKey):
        raise Miss(
            "groups-differ", f"you cannot agree: your key is of another kind, {keys.describe(share)}",
            tried="agreeing with the peer's X25519 key", expected="an X25519 public key", found=keys.describe(share),
        )  # fmt: skip
    return share


def same_key(answer):
    """what you encrypt with my_key, the peer can read"""
    share, peer, forms = _share(answer), answer.given("peer", Peer), _forms(answer, "my_key")
    try:
        secret = peer._secret(share)
    except ValueError as error:
        raise Miss(
            "weak-share", "the peer refuses your share: with it, the secret is all zeros", tried="agreeing with your share",
            expected="the public half of a freshly made pair", found=share.public_bytes_raw().hex()[:24] + "…",
        ) from error  # fmt: skip
    theirs = _derived(secret)
    if any(_reads(theirs, form) for form in forms):
        return
    tried = "encrypting with my_key and decrypting with the key that the peer derived"
    expected = f"HKDF, SHA-256, 32 bytes, no salt, info={INFO!r}"
    if any(form == secret for form in forms):
        raise Miss(
            "raw-secret",
            "my_key is the agreed secret itself",
            tried=tried,
            expected=expected,
            found="what exchange() gave, underived",
        )
    if _otherwise(secret).intersection(forms):
        raise Miss(
            "other-derivation",
            "you agreed, but derived another key",
            tried=tried,
            expected=expected,
            found="the same secret with other settings",
        )
    if (bare := _bare(answer, "my_share")) and any(_reads(_from_private(peer, bare), form) for form in forms):
        raise _shared("my_share")
    if not any(len(form) == 32 for form in forms):
        raise Miss(
            "key-length",
            "my_key has another length",
            tried=tried,
            expected="32 bytes",
            found=f"{len(forms[0]):,} bytes",
        )
    raise Miss(
        "no-agreement",
        "the peer cannot read it: you two have different secrets",
        tried=tried,
        expected=expected,
        found="a key that does not come from this share and the peer's",
    )


def _from_private(peer: Peer, private: bytes) -> bytes:
    """The key, if these 32 bytes are the learner's private half."""
    return _derived(x25519.X25519PrivateKey.from_private_bytes(private).exchange(peer.public_key))


def _derived(
    secret: bytes, digest: Any = None, length: int = 32, salt: bytes | None = None, info: bytes | None = INFO
) -> bytes:
    return HKDF(digest or hashes.SHA256(), length, salt, info).derive(secret)


def _otherwise(secret: bytes) -> set[bytes]:
    """Keys that come of the right secret and the settings that people get wrong, and of a bare hash."""
    found = {hashlib.sha256(secret).digest(), hashlib.sha256(secret + INFO).digest()}
    for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        for length in (16, 24, 32, 48, 64):
            for salt in (None, INFO):
                for info in (INFO, None, b"", b"handshake data", INFO + b"\n"):
                    found.add(_derived(secret, digest, length, salt, info))
    return found - {_derived(secret)}


def _reads(theirs: bytes, yours: bytes) -> bool:
    if len(yours) not in (16, 24, 32):
        return False
    nonce, words = os.urandom(12), b"do you read me?"
    try:
        return AESGCM(theirs).decrypt(nonce, AESGCM(yours).encrypt(nonce, words, None), None) == words
    except InvalidTag:
        return False


# ---- 5: a private key in a file


def file_holds_a_key(answer):
    """key_file is the path of a file that holds a private key"""
    data = _key_data(answer)
    if re.search(rb"-----BEGIN (?:RSA |EC |DSA )?PRIVATE KEY-----(?!\s*Proc-Type)", data):
        raise _in_the_clear()
    try:
        _key(answer)
    except Miss as miss:
        if miss.id != "key-encrypted":
            raise
    else:
        raise _in_the_clear()
    for block in re.split(rb"(?=-----BEGIN )", data):  # a locked one may stand before an open one
        if re.match(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----", block):
            with contextlib.suppress(reading.Unreadable):
                reading.private_key(block)
                raise _in_the_clear()


def _in_the_clear() -> Miss:
    return Miss(
        "key-in-the-clear", "the private key lies in the file unencrypted", tried="loading it without a passphrase",
        expected="a refusal", found="the key: whoever copies the file has it",
    )  # fmt: skip


def passphrase_opens(answer):
    """your passphrase opens it"""
    words = answer.passphrase if isinstance(answer.passphrase, (str, bytes)) else answer.text("passphrase")
    _key(answer, words)


def it_is_pkcs8(answer):
    """it is encrypted PKCS #8"""
    data = _key_data(answer).lstrip()
    if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in data or data[:1] == b"\x30":
        return
    first = data.partition(b"\n")[0].decode("ascii", "replace").strip()
    raise Miss(
        "not-pkcs8", "it is encrypted, but in an older or another form", tried="reading the first line",
        expected="-----BEGIN ENCRYPTED PRIVATE KEY-----", found=reading.visible(first, 60),
    )  # fmt: skip


def nobody_else_may_read(answer):
    """nobody else on this machine may read the file"""
    path = _path(answer)
    if keys.mode_warning(path):
        mode = path.stat().st_mode & 0o777
        raise Miss(
            "open-to-others", "others on this machine may read or change the file", tried="looking at its mode",
            expected="0600 (or 0400): only you", found=f"{mode:04o}",
        )  # fmt: skip


def _path(answer) -> Path:
    raw = answer.key_file
    if isinstance(raw, (str, bytes, os.PathLike)):
        with contextlib.suppress(Exception):  # a path of the learner's own making may raise anything
            words = os.fspath(raw)
            words = words.decode() if isinstance(words, bytes) else words  # DER is no UTF-8 that prints
            if "-----BEGIN" not in words and (not isinstance(raw, bytes) or words.isprintable()):
                return Path(os.path.expanduser(words))
    if isinstance(raw, (str, bytes, bytearray)) or hasattr(type(raw), "private_bytes"):
        raise Miss(
            "not-in-a-file", "key_file is the key itself, not the path of a file", tried="opening key_file",
            expected="a path, such as folder / 'my.key'", found=f"a {type(raw).__name__}",
        )  # fmt: skip
    raise Miss(
        "wrong-type",
        "key_file is not a path",
        tried="opening key_file",
        expected="a path",
        found=f"a {type(raw).__name__}",
    )


def _key_data(answer) -> bytes:
    """All of the file; `_key` refuses one of more than `reading.MAX_BYTES`."""
    return _of_file(_path(answer), reading.MAX_BYTES + 1) or b""


def _key(answer, passphrase: str | bytes | None = None) -> Any:
    return Answer({"key_file": _path(answer)}).private_key("key_file", passphrase)


LESSON = Lesson(
    slug="02_keys",
    title="Keys",
    minutes=(25, 30),
    exercises=(
        Exercise(
            id="02-sign",
            title="A promise that anyone can check",
            asks=("my_public_key", "my_signature"),
            tasks=(key_is_public, signature_fits),
            hints=(
                "Look at the cell that signed the letter: which object signed, and which one checked?",
                "Sign with the private half, hand out the public half and the signature. The promise goes in as bytes.",
                "`ed25519.Ed25519PrivateKey.generate()` makes a pair; `.sign(promise)` gives the signature, `.public_key()` the public half.",
                "`my_key = ed25519.Ed25519PrivateKey.generate()`, then `my_public_key = my_key.…()` and `my_signature = my_key.…(promise)`",
            ),
            misses=("private-key-shared", "not-your-pair", "agrees-only", "hash-is-no-signature", "weak-hash", "signature-misfit", "wrong-type"),
            done="anyone can check it now, and nobody but you could have made it.",
        ),
        Exercise(
            id="02-forged",
            title="Which letters are forged?",
            asks=("forged",),
            tasks=(forged_are_days, genuine_stay, all_forged_found),
            hints=(
                "Each letter is a pair: its text and a signature. `ada` is Ada's public key.",
                "A letter is genuine if its signature fits its text under Ada's key, and under no other key.",
                "`ada.verify(signature, text)` returns nothing if it fits and raises `InvalidSignature` if it does not.",
                "Go through `letters.items()`; `try: ada.verify(signature, text)`, `except InvalidSignature: forged.append(day)`",
            ),
            misses=("not-a-letter", "genuine-refused", "altered-accepted", "stranger-accepted"),
            done="one was changed after Ada signed it, one was signed by somebody else. One check finds both.",
        ),
        Exercise(
            id="02-seal",
            title="A note that only the server opens",
            asks=("sealed",),
            tasks=(note_is_sealed,),
            hints=(
                "You are the client here. Which half of the server's pair do you have?",
                "Encrypt with the server's public key, `server_public`; the server decrypts with the half it keeps.",
                "`server_public.encrypt(note, oaep)`, with the padding `oaep` that was made above.",
                "`sealed = server_public.encrypt(…, …)`: first the note, then the padding.",
            ),
            misses=("not-encrypted", "other-note", "old-padding", "signed-instead", "cannot-open", "wrong-type"),
            done="you could write it, and you can't read it any more: only the server can.",
        ),
        Exercise(
            id="02-agree",
            title="Agree on a key",
            asks=("my_share", "my_key"),
            tasks=(share_is_yours, same_key),
            hints=(
                "Look at the cell where client and server agreed: each used its own private and the other's public half.",
                "Make a pair of your own, send its public half, and derive a key from what the two halves give.",
                "`mine.exchange(peer.public_key)` gives the secret; `HKDF(hashes.SHA256(), 32, None, b\"padlock lesson 02\").derive(secret)` the key.",
                "`mine = x25519.X25519PrivateKey.generate()`, `my_share = mine.…()`, `my_key = HKDF(…).derive(mine.exchange(…))`",
            ),
            misses=("private-key-shared", "groups-differ", "peer-share-returned", "weak-share", "raw-secret", "other-derivation",
                    "key-length", "no-agreement", "wrong-type"),
            done="two public keys crossed, no secret did, and both of you have the same key.",
        ),
        Exercise(
            id="02-keep",
            title="A private key in a file",
            asks=("key_file",),
            tasks=(file_holds_a_key, passphrase_opens, it_is_pkcs8, nobody_else_may_read),
            hints=(
                "Three things: a key as encrypted PEM, a path in `folder`, and a file that only you may read.",
                "`private_bytes` gives the PEM; its last argument decides about the passphrase. The mode is set when the file is made.",
                "`BestAvailableEncryption(passphrase)`; and `os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)` makes a file with a mode, which `open` then takes.",
                '`key_file = folder / "my.key"`, then `with open(os.open(key_file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f: f.write(…)`',
            ),
            misses=("key-in-the-clear", "wrong-passphrase", "not-pkcs8", "open-to-others", "not-in-a-file", "no-such-file", "too-big",
                    "public-key-given", "wrong-type"),
            done="a thief of the file needs your passphrase too, and on this machine only you can read it.",
        ),
    ),
    explanations=(
        Explanation("private-key-shared", "both halves of a pair may be shown, they belong together",
                    "whoever has the private half can do what you can, by its kind: sign as you, open what was sealed for you, compute the secrets you agree on; only the public half is handed out",
                    "RFC 5280 §4.1.2.7; RFC 8017 §3", "hand out `.public_key()`; treat a private key that got out as lost and make a new pair."),
        Explanation("not-your-pair", "any signature that fits will do", "a signature speaks for whoever holds the private half: under Ada's key, it is Ada who promises",
                    "RFC 8032 §5.1.6", "make a pair of your own with `generate()`, sign with it and hand out its public half."),
        Explanation("private-from-public", "the two halves can be computed from each other",
                    "the public half follows from the private one at once; for the way back nobody has published a method that ends in time for keys of today's sizes",
                    "RFC 8017 §3; RFC 7748 §6; RFC 8032 §5.1.5", "keep the private half safe; the public one you can make again."),
        Explanation("signing-is-encrypting", "signing is encrypting with the private key",
                    "a signature hides nothing and proves who signed. Only RSA has both, with paddings that differ (PSS and OAEP); ECDSA and Ed25519 keys cannot encrypt at all",
                    "RFC 8017 §7.1, §8.1; RFC 8032 §5.1.6", "say “sign” and “check”, and reach for encrypt only where something must be hidden."),
        Explanation("signature-hides", "what is signed cannot be read", "the message travels beside its signature, as open as before",
                    "RFC 8017 §8", "encrypt if it must stay secret, sign if it must be believed; often both."),
        Explanation("signature-misfit", "a signature belongs to a sender", "it belongs to one key and to exactly these bytes: one bit more or less and it fits no longer",
                    "RFC 8017 §8.1.2; RFC 8032 §5.1.7", "sign exactly `promise`, with the private half of the pair whose public half you hand out."),
        Explanation("hash-is-no-signature", "a hash over the message proves who wrote it", "a hash needs no key, so whoever changes the message computes a new one",
                    "FIPS 186-5 §3", "sign with a private key; the hash is only one step inside."),
        Explanation("weak-hash", "any hash will do under a signature", "for MD5 and SHA-1 people have made two messages with one hash, and so with one signature",
                    "RFC 9155; RFC 6151 §2", "use SHA-256 or longer."),
        Explanation("agrees-only", "every key can do everything", "X25519 and ML-KEM agree on secrets and cannot sign; Ed25519 and ML-DSA sign and cannot agree",
                    "RFC 7748 §6.1; FIPS 203 §1", "take a key that signs."),
        Explanation("not-a-letter", "any list is an answer", "the question is which of the five letters are forged", "",
                    "give their days: a set, a list or a text of them."),
        Explanation("genuine-refused", "a letter that asks for money is forged", "what a letter says proves nothing; whether the signature fits does",
                    "RFC 8032 §5.1.7", "check each signature with `ada.verify` and keep those that do not raise."),
        Explanation("altered-accepted", "a small change after signing does no harm", "one digit of the sum is another, and the signature no longer fits",
                    "RFC 8032 §5.1.7", "check the signature against the text that arrived."),
        Explanation("stranger-accepted", "a valid signature means a genuine letter", "it was signed, but with another's key: a signature counts only under the key of who should have signed",
                    "RFC 8032 §5.1.7", "check with Ada's public key, and get that key from somebody you trust: certificates do this, lesson 03."),
        Explanation("not-encrypted", "what is encoded is hidden", "hex and base64 are other spellings, and need no key to read",
                    "RFC 4648 §12", "encrypt it with the server's public key."),
        Explanation("other-note", "anything sealed will do", "the server opened it and found other words", "RFC 8017 §7.1", "seal exactly the bytes in `note`."),
        Explanation("old-padding", "padding only fills up", "with PKCS #1 v1.5, a server that tells good from bad padding can be made to decrypt for an attacker (Bleichenbacher 1998)",
                    "RFC 8017 §7.2; RFC 3218 §1", "use OAEP."),
        Explanation("signed-instead", "signing is encrypting with the private key", "you used the private half: anybody can check that, and nobody can get a note out of it",
                    "RFC 8017 §7.1, §8.1", "encrypt with the public half, `server_public`."),
        Explanation("cannot-open", "anybody's public key will do", "what is encrypted to one key opens with its own private half only",
                    "RFC 8017 §7.1.2", "encrypt to `server_public`, with OAEP."),
        Explanation("rsa-key-transport", "the server's public key encrypts the session key",
                    "TLS 1.3 agrees on it with one-time keys; the server's long-lived key only signs. Sending it under the server's RSA key was one way of TLS 1.2 and before",
                    "RFC 8446 §1.2, §4.4.3; RFC 5246 §7.4.7.1", "look at the two tapes: one opens when the key leaks, the other does not."),
        Explanation("agreement-names-nobody", "who shares a secret knows with whom", "agreement works with anybody, an attacker in the middle too; a signature over it says who the other is",
                    "RFC 7748 §6.1; RFC 8446 §4.4.3, §E.1", "sign the shares, as the server does in TLS."),
        Explanation("peer-share-returned", "sending back what came is an answer", "the peer needs the public half of your pair; its own it has already",
                    "RFC 7748 §6.1", "make a pair and send its public half."),
        Explanation("groups-differ", "any two keys can agree", "both must be of one kind, on one curve", "RFC 8446 §4.2.7, §4.2.8",
                    "make an X25519 pair."),
        Explanation("weak-share", "any 32 bytes are a public key", "with some points, every private key gives zero; careful software refuses them",
                    "RFC 7748 §6.1; RFC 8446 §7.4.2", "send the public half of a pair that you made."),
        Explanation("raw-secret", "the agreed secret is the key", "it is a number with structure; a key derivation makes keys of it, bound to their purpose",
                    "RFC 7748 §6.1; RFC 5869 §3; RFC 8446 §7.1", "put it through HKDF."),
        Explanation("other-derivation", "the same secret gives the same key", "hash, length, salt and info all go in; both sides must use the same",
                    "RFC 5869 §2, §3.2", "HKDF with SHA-256, 32 bytes, no salt, info as given."),
        Explanation("key-length", "a longer key is a better key", "both sides must use one length; here it is 32 bytes", "RFC 5869 §2.3", "ask HKDF for 32 bytes."),
        Explanation("no-agreement", "a shared key can be chosen by one side", "both must put their own private and the other's public half in",
                    "RFC 7748 §6.1", "my_share is the public half of the key that you called exchange on, with peer.public_key."),
        Explanation("key-in-the-clear", "PEM protects what is in it", "without a passphrase, PEM is the key in base64 and nothing more",
                    "RFC 7468 §2, §10; RFC 5958 §3", "give `BestAvailableEncryption(passphrase)` in place of `NoEncryption()`."),
        Explanation("pem-is-encryption", "PEM is encryption", "it is base64 between two lines; whoever has the file has the key. In PKCS #8, only BEGIN ENCRYPTED PRIVATE KEY wants a passphrase; older forms say it in the second line, OpenSSH's inside",
                    "RFC 7468 §2, §11; RFC 5958 §3", "decode one: `base64.b64decode` is all it takes."),
        Explanation("not-pkcs8", "every encrypted key file is the same", "older forms exist, one of them derives its key with a single round of MD5; PKCS #8 is what others can read",
                    "RFC 5958 §3; RFC 7468 §11", "use `PrivateFormat.PKCS8`, or `openssl pkcs8 -topk8`."),
        Explanation("open-to-others", "a file in my folder is mine alone", "its mode says who may read it, and the usual one lets every user of the machine read",
                    "POSIX.1, open()", "make the file with mode 0600 before the first byte is in it."),
        Explanation("not-in-a-file", "a variable is a place to keep a key", "when the notebook's kernel ends, it is gone", "", "write the PEM to a file and give its path."),
        Explanation("longer-is-safer", "a longer key is always the safer one, and a slower one",
                    "bits count within one kind: P-256 is held to be as strong as RSA 3072, with a public key a fifth as long and a pair that is made far sooner",
                    "NIST SP 800-57 Part 1, §5.6.1.1", "compare strength, not length; then measure."),
        Explanation("pq-certificates-first", "post-quantum is about certificates",
                    "key agreement goes first: a tape that is recorded today can be opened by a machine of the future; a signature only has to hold while it is being checked",
                    "FIPS 203; FIPS 204; RFC 10024", "look at which group a connection agrees on before you look at its certificate."),
    ),
    quiz=(
        Question(
            "Which half of a pair may a stranger have?",
            right="the public half",
            because="With it one can check your signatures and seal things for you, no more.",
            wrong={
                "the private half, if it is in PEM": ("pem-is-encryption", "PEM hides nothing; the stranger could sign as you."),
                "neither: from one follows the other": ("private-from-public", "Only from the private one follows the public one. The way back is closed."),
            },
        ),
        Question(
            "Somebody shows you a letter and a signature that fits under Ada's public key. What do you know?",
            right="whoever holds Ada's private key signed exactly this text",
            because="That, and no more: not that it is true, and not who brought it to you.",
            wrong={
                "nobody else has read the letter": ("signature-hides", "The text lies beside the signature, open to all."),
                "the letter was encrypted with Ada's private key": ("signing-is-encrypting", "Nothing was encrypted. An Ed25519 key could not do it at all."),
            },
        ),
        Question(
            "In TLS 1.3, what does the private key of the server's certificate do?",
            right="it signs the handshake",
            because="The session's keys come from one-time keys on both sides (RFC 8446 §4.2.8); the signature says whose share it was (§4.4.3).",
            wrong={
                "it decrypts the session key that the client sent": ("rsa-key-transport", "That was one way of TLS 1.2 and before. TLS 1.3 took it out (RFC 8446 §1.2)."),
                "it encrypts the pages": ("rsa-key-transport", "You saw how few bytes RSA takes. Pages are encrypted with symmetric keys."),
            },
        ),
        Question(
            "A server's private key leaks today. Which of last year's recorded TLS 1.3 connections, each agreed on with one-time keys, can the thief read with it?",
            right="none of them",
            because="The one-time keys are gone. From now on, though, the thief can pose as the server.",
            wrong={
                "all of them": ("rsa-key-transport", "That holds where the session key was sent under the server's RSA key: your first tape."),
                "those that began after the certificate was issued": ("rsa-key-transport", "The date makes no difference: the long-lived key was never used to hide anything."),
            },
        ),
        Question(
            "A file begins with -----BEGIN PRIVATE KEY-----. What does a thief need besides the file?",
            right="nothing",
            because="It is base64. ENCRYPTED in that line would mean that a passphrase is needed.",
            wrong={
                "the passphrase": ("pem-is-encryption", "There is none: the line would read BEGIN ENCRYPTED PRIVATE KEY."),
                "the certificate": ("private-key-shared", "A certificate is public; every client gets it in the handshake."),
            },
        ),
        Question(
            "What should become post-quantum first?",
            right="key agreement: what is recorded today may be read later",
            because="A recorded connection can wait for the machine that opens it. A signature is checked now.",
            wrong={
                "certificates: they prove who you reached": ("pq-certificates-first", "A signature forged in the future does not open the tapes of today."),
                "RSA keys: a longer one will do": ("longer-is-safer", "Shor's algorithm breaks RSA and elliptic curves; longer keys only delay it a little."),
            },
        ),
    ),
)  # fmt: skip
