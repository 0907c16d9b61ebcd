"""From one shared secret to every key of a session: RFC 8446 §7.1, step by step, and TLS 1.2's way (RFC 5246 §6.3).

A key log (for Wireshark) begins in the middle of the tree: it has the traffic secrets, not what they are made from.
From there `of_keylog` computes what follows. Who knows the shared secret computes all of it: `full`.
"""

# A row of a table stays on its line.
# ruff: noqa: E501

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from . import numbers

NOTHING = b""


class Cipher(NamedTuple):
    """What a cipher suite's name says. hash_name: as in hashlib; key_length, iv_length, tag_length: bytes.

    iv_length: what the key schedule makes; for AES in TLS 1.2 that is 4, and 8 more are in each record.
    """

    name: str
    aead: str  # "AES-GCM", "AES-CCM", "ChaCha20-Poly1305"; "" for what is not decrypted here
    key_length: int
    iv_length: int
    tag_length: int
    hash_name: str


@lru_cache(maxsize=512)
def cipher_of(suite: int | str) -> Cipher | None:
    """By its number or its name at IANA; None if it is not known."""
    name = suite if isinstance(suite, str) else numbers.CIPHER_SUITES.get(suite)
    if name is None or numbers.number_of(name) is None or name.endswith("SCSV"):
        return None
    hash_name = "sha384" if name.endswith("SHA384") else "sha256"
    tls13 = "_WITH_" not in name
    if "CHACHA20_POLY1305" in name:
        return Cipher(name, "ChaCha20-Poly1305", 32, 12, 16, hash_name)
    length = 32 if "AES_256" in name else 16
    if "AES" in name and "_GCM" in name:
        return Cipher(name, "AES-GCM", length, 12 if tls13 else 4, 16, hash_name)
    if "AES" in name and "_CCM" in name:
        return Cipher(name, "AES-CCM", length, 12 if tls13 else 4, 8 if "CCM_8" in name else 16, hash_name)
    return Cipher(name, "", 0, 0, 0, hash_name)


# ------------------------------------------------------------------------------------------------ RFC 5869, RFC 8446 §7


@cache
def hash_length(name: str) -> int:
    """Hash.length, in bytes. Raises ValueError for a hash that Python doesn't have."""
    return hashlib.new(name).digest_size


def hkdf_extract(salt: bytes, secret: bytes, hash_name: str = "sha256") -> bytes:
    """HKDF-Extract (RFC 5869 §2.2): what is good in `secret`, in as many bytes as the hash has."""
    return hmac.digest(salt or bytes(hash_length(hash_name)), secret, hash_name)


def hkdf_expand(secret: bytes, info: bytes, length: int, hash_name: str = "sha256") -> bytes:
    """HKDF-Expand (RFC 5869 §2.3). Raises ValueError beyond 255 times the hash's length."""
    if length > 255 * (size := hash_length(hash_name)):
        raise ValueError(f"HKDF makes {255 * size} bytes at most, not {length}.")
    made, block, counter = b"", b"", 1
    while len(made) < length:
        block = hmac.digest(secret, block + info + bytes([counter]), hash_name)
        made, counter = made + block, counter + 1
    return made[:length]


def hkdf_expand_label(
    secret: bytes, label: str, context: bytes, length: int, hash_name: str = "sha256"
) -> bytes:
    """HKDF-Expand-Label (RFC 8446 §7.1). `label` without the 'tls13 ' that stands before each."""
    return hkdf_expand(secret, label_info(label, context, length), length, hash_name)


def label_info(label: str, context: bytes, length: int) -> bytes:
    """The struct HkdfLabel (RFC 8446 §7.1)."""
    full = b"tls13 " + label.encode("ascii")
    return length.to_bytes(2, "big") + bytes([len(full)]) + full + bytes([len(context)]) + context


def derive_secret(secret: bytes, label: str, transcript: bytes, hash_name: str = "sha256") -> bytes:
    """Derive-Secret (RFC 8446 §7.1). `transcript`: the hash of the messages so far, not the messages."""
    return hkdf_expand_label(secret, label, transcript, hash_length(hash_name), hash_name)


class Keys(NamedTuple):
    """What a traffic secret becomes. finished_key: for the Finished message (RFC 8446 §4.4.4)."""

    key: bytes
    iv: bytes
    finished_key: bytes


def traffic_keys(secret: bytes, cipher: Cipher | str | int) -> Keys:
    """The keys of one side (RFC 8446 §7.3). Raises ValueError for a cipher suite that TLS 1.3 doesn't have."""
    suite = cipher if isinstance(cipher, Cipher) else cipher_of(cipher)
    if suite is None or not suite.aead:
        raise ValueError(f"{cipher} is no cipher suite of TLS 1.3. A right one: TLS_AES_128_GCM_SHA256.")
    return Keys(
        hkdf_expand_label(secret, "key", NOTHING, suite.key_length, suite.hash_name),
        hkdf_expand_label(secret, "iv", NOTHING, suite.iv_length, suite.hash_name),
        finished_key(secret, suite.hash_name),
    )


def finished_key(secret: bytes, hash_name: str = "sha256") -> bytes:
    """RFC 8446 §4.4.4."""
    return hkdf_expand_label(secret, "finished", NOTHING, hash_length(hash_name), hash_name)


def next_generation(secret: bytes, hash_name: str = "sha256") -> bytes:
    """application_traffic_secret_N+1 from N, after a KeyUpdate (RFC 8446 §7.2)."""
    return hkdf_expand_label(secret, "traffic upd", NOTHING, hash_length(hash_name), hash_name)


def resumption_psk(resumption_master_secret: bytes, ticket_nonce: bytes, hash_name: str = "sha256") -> bytes:
    """The secret that belongs to a ticket (RFC 8446 §4.6.1)."""
    size = hash_length(hash_name)
    return hkdf_expand_label(resumption_master_secret, "resumption", ticket_nonce, size, hash_name)


def binder(psk: bytes, transcript: bytes, hash_name: str = "sha256", external: bool = False) -> bytes:
    """A PSK binder (RFC 8446 §4.2.11.2). `transcript`: the hash up to the ClientHello without its list of binders.

    external: the PSK was given to both sides, and is not from a ticket.
    """
    early = hkdf_extract(NOTHING, psk, hash_name)
    empty = hashlib.new(hash_name).digest()
    key = derive_secret(early, "ext binder" if external else "res binder", empty, hash_name)
    return hmac.digest(finished_key(key, hash_name), transcript, hash_name)


# ------------------------------------------------------------------------------------------------------------- TLS 1.2


def prf(secret: bytes, label: str, seed: bytes, length: int, hash_name: str = "sha256") -> bytes:
    """TLS 1.2's PRF (RFC 5246 §5)."""
    seed = label.encode("ascii") + seed
    made, block = b"", seed
    while len(made) < length:
        block = hmac.digest(secret, block, hash_name)
        made += hmac.digest(secret, block + seed, hash_name)
    return made[:length]


def master_secret(
    pre_master: bytes, client_random: bytes, server_random: bytes, hash_name: str = "sha256"
) -> bytes:
    """RFC 5246 §8.1."""
    return prf(pre_master, "master secret", client_random + server_random, 48, hash_name)


def extended_master_secret(pre_master: bytes, session_hash: bytes, hash_name: str = "sha256") -> bytes:
    """RFC 7627 §4. `session_hash`: of all messages up to ClientKeyExchange."""
    return prf(pre_master, "extended master secret", session_hash, 48, hash_name)


class KeyBlock(NamedTuple):
    """TLS 1.2's keys for an AEAD cipher suite (RFC 5246 §6.3)."""

    client_write_key: bytes
    server_write_key: bytes
    client_write_iv: bytes
    server_write_iv: bytes


def key_block(master: bytes, client_random: bytes, server_random: bytes, cipher: Cipher) -> KeyBlock:
    """RFC 5246 §6.3. Here the server's random comes first."""
    sizes = [cipher.key_length] * 2 + [cipher.iv_length] * 2
    block = prf(master, "key expansion", server_random + client_random, sum(sizes), cipher.hash_name)
    ends = [sum(sizes[: n + 1]) for n in range(4)]
    return KeyBlock(*(block[end - size : end] for end, size in zip(ends, sizes, strict=True)))


# ------------------------------------------------------------------------------------------------- the tree of secrets


@dataclass(frozen=True, repr=False)
class Secret:
    """A secret, and what it is made from.

    name: as in RFC 8446 §7.1        value: None if it can't be known from what there is
    label: of HKDF-Expand-Label      made_from: names of other secrets
    formula: one line                transcript: names of the messages that its hash covers
    used_for: a sentence             in_keylog: the session's key log has it, with the same value
    taken: the value is the key log's, as nothing here can compute it: there is nothing to compare it with
    """

    name: str
    value: bytes | None
    label: str
    made_from: tuple[str, ...]
    formula: str
    transcript: tuple[str, ...]
    used_for: str
    clause: str
    in_keylog: bool = False
    taken: bool = False

    def __repr__(self) -> str:  # a secret is not for printing by accident
        known = f"{len(self.value)} bytes" if self.value is not None else "not known"
        return f"<Secret {self.name}: {known}, {self.formula}>"


@dataclass(frozen=True, repr=False)
class Schedule:
    """All secrets of a session, in the order in which they are made."""

    hash_name: str
    cipher: str
    secrets: list[Secret] = field(default_factory=list)

    def __getitem__(self, name: str) -> Secret:
        """The secret of that name. Raises KeyError, with a sentence."""
        for secret in self.secrets:
            if secret.name == name:
                return secret
        raise KeyError(
            f"No secret is called {name!r} here. There are: {', '.join(s.name for s in self.secrets)}"
        )

    def __contains__(self, name: object) -> bool:
        return any(secret.name == name for secret in self.secrets)

    def __repr__(self) -> str:
        known = sum(secret.value is not None for secret in self.secrets)
        return f"<Schedule: {known} of {len(self.secrets)} secrets known, {self.hash_name}>"


@dataclass
class Point:
    """The transcript hash after a certain message: its value and the messages that are in it."""

    digest: bytes
    names: tuple[str, ...]


# name: its label in a key log (Mozilla's NSS key log format)
KEYLOG_LABELS = {
    "client_early_traffic_secret": "CLIENT_EARLY_TRAFFIC_SECRET",
    "early_exporter_master_secret": "EARLY_EXPORTER_SECRET",
    "client_handshake_traffic_secret": "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "server_handshake_traffic_secret": "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "client_application_traffic_secret_0": "CLIENT_TRAFFIC_SECRET_0",
    "server_application_traffic_secret_0": "SERVER_TRAFFIC_SECRET_0",
    "exporter_master_secret": "EXPORTER_SECRET",
}

# name, label, made from, where the transcript ends, used for: the figure of RFC 8446 §7.1, downwards
EARLY = (
    ("binder_key", 'ext binder" | "res binder', "early_secret", None, "Proves, in the ClientHello, that the client has the PSK."),
    ("client_early_traffic_secret", "c e traffic", "early_secret", "ClientHello", "Encrypts the client's 0-RTT data."),
    ("early_exporter_master_secret", "e exp master", "early_secret", "ClientHello", "For protocols on top that want keys from 0-RTT."),
)  # fmt: skip
HANDSHAKE = (
    ("client_handshake_traffic_secret", "c hs traffic", "handshake_secret", "ServerHello", "Encrypts the client's handshake messages."),
    ("server_handshake_traffic_secret", "s hs traffic", "handshake_secret", "ServerHello", "Encrypts the server's handshake messages."),
)  # fmt: skip
MASTER = (
    ("client_application_traffic_secret_0", "c ap traffic", "master_secret", "server Finished", "Encrypts the client's data."),
    ("server_application_traffic_secret_0", "s ap traffic", "master_secret", "server Finished", "Encrypts the server's data."),
    ("exporter_master_secret", "exp master", "master_secret", "server Finished", "For protocols on top that want keys of their own."),
    ("resumption_master_secret", "res master", "master_secret", "client Finished", "Makes the PSK of each ticket, for the next visit."),
)  # fmt: skip


class _Tree:
    def __init__(self, cipher: Cipher, points: Mapping[str, Point], keylog: Mapping[str, bytes]):
        self.cipher, self.points, self.keylog = cipher, points, keylog
        self.hash_name = cipher.hash_name
        self.size = hash_length(self.hash_name)
        self.secrets: list[Secret] = []
        self.values: dict[str, bytes | None] = {}

    def add(self, name, value, label, made_from, formula, transcript, used_for, clause):
        logged = self.keylog.get(KEYLOG_LABELS.get(name, ""))
        taken = value is None and logged is not None
        if taken:
            value = logged
        self.values[name] = value
        self.secrets.append(
            Secret(
                name,
                value,
                label,
                made_from,
                formula,
                transcript,
                used_for,
                clause,
                logged == value is not None,
                taken,
            )
        )

    def extract(self, name: str, salt: str | None, secret: str, value: bytes | None, used_for: str) -> None:
        """HKDF-Extract, the steps downwards in the figure. `value`: of the secret that comes in from the side."""
        above = NOTHING if salt is None else self.values[salt]
        made = None if above is None or value is None else hkdf_extract(above, value, self.hash_name)
        formula = f"HKDF-Extract({salt or '0'}, {secret})"
        sources = tuple(x for x in (salt, secret) if x not in (None, "0"))
        self.add(name, made, "", sources, formula, (), used_for, "RFC 8446 §7.1")

    def derived(self, name: str, above: str) -> None:
        self.derive(name, "derived", above, None, "Leads to the next HKDF-Extract.")

    def derive(self, name: str, label: str, above: str, where: str | None, used_for: str) -> None:
        """Derive-Secret, the steps to the right. where: None for the hash of nothing."""
        if where is None:
            point: Point | None = Point(hashlib.new(self.hash_name).digest(), ())
        else:
            point = self.points.get(where)
        parent, value = self.values.get(above), None
        if parent is not None and point is not None:
            value = derive_secret(parent, label, point.digest, self.hash_name)
        messages = {None: '""', "ClientHello": "ClientHello"}.get(where, f"ClientHello…{where}")
        formula = f'Derive-Secret({above}, "{label}", {messages})'
        self.add(
            name, value, label, (above,), formula, point.names if point else (), used_for, "RFC 8446 §7.1"
        )

    def keys(self, secret: str, side: str, what: str, finished: bool) -> None:
        """Key, IV and finished_key from a traffic secret (RFC 8446 §7.3, §4.4.4)."""
        value = self.values.get(secret)
        if value is None:
            return
        key, iv, mac = traffic_keys(value, self.cipher)
        prefix = secret.removesuffix("_secret_0").removesuffix("_traffic_secret").removesuffix("_traffic")
        made = [
            ("key", "key", key, f"The key of {self.cipher.aead} for {what}."),
            ("iv", "iv", iv, "XORed with the record's number: the nonce (RFC 8446 §5.3)."),
        ]
        if finished:
            made.append(("finished_key", "finished", mac, f"The key of the MAC in the {side}'s Finished."))
        for suffix, label, bytes_, used_for in made:
            formula = f'HKDF-Expand-Label({secret}, "{label}", "", {len(bytes_)})'
            clause = "RFC 8446 §4.4.4" if label == "finished" else "RFC 8446 §7.3"
            self.add(f"{prefix}_{suffix}", bytes_, label, (secret,), formula, (), used_for, clause)


def build(
    cipher: Cipher,
    points: Mapping[str, Point],
    keylog: Mapping[str, bytes],
    shared: bytes | None = None,
    psk: bytes | None = None,
    psk_used: bool = False,
    updates: Mapping[str, Sequence[bytes]] | None = None,
    external: bool | None = None,
) -> Schedule:
    """The tree of RFC 8446 §7.1 as far as it can be computed.

    points: "ClientHello", "ServerHello", "server Finished", "client Finished": the transcript hash after each
    keylog: {label in the key log: value}     shared: of the key agreement, or None
    psk_used: the session started from a PSK, so that without `psk` even its first secret isn't known
    updates: {"client": values of its application_traffic_secret_1, _2, …}
    external: the PSK was given to both sides, and is not from a ticket; None if that isn't known
    """
    tree = _Tree(cipher, points, keylog)
    zeros = bytes(tree.size)
    known = psk if psk_used else zeros
    tree.extract(
        "early_secret", None, "PSK" if psk_used else "0", known, "The start: from a PSK, or from zeros."
    )
    if psk_used or "CLIENT_EARLY_TRAFFIC_SECRET" in keylog:
        for name, label, above, where, used_for in EARLY:
            if name == "binder_key" and psk_used and external is not None:
                label = "ext binder" if external else "res binder"
            # a refused PSK leads nowhere: the session has an early_secret of its own, made from zeros
            tree.derive(
                name, label, above if psk_used else "early_secret of the refused PSK", where, used_for
            )
        tree.keys("client_early_traffic_secret", "client", "0-RTT data", finished=False)
    tree.derived("derived_secret_for_handshake", "early_secret")
    tree.extract("handshake_secret", "derived_secret_for_handshake", "(EC)DHE", shared, "Holds the fresh key agreement: forward secrecy.")  # fmt: skip
    for row in HANDSHAKE:
        tree.derive(*row)
    for side in ("client", "server"):
        tree.keys(f"{side}_handshake_traffic_secret", side, f"the {side}'s handshake messages", finished=True)
    tree.derived("derived_secret_for_master", "handshake_secret")
    tree.extract(
        "master_secret", "derived_secret_for_master", "0", zeros, "All that follows is made from it."
    )
    for row in MASTER:
        tree.derive(*row)
    for side in ("client", "server"):
        name = f"{side}_application_traffic_secret_0"
        tree.keys(name, side, f"the {side}'s data", finished=False)
        for number, value in enumerate((updates or {}).get(side, ()), 1):
            above, name = name, f"{side}_application_traffic_secret_{number}"
            formula = f'HKDF-Expand-Label({above}, "traffic upd", "", {tree.size})'
            use = f"Encrypts the {side}'s data after its KeyUpdate number {number}."
            tree.add(name, value, "traffic upd", (above,), formula, (), use, "RFC 8446 §7.2")
    return Schedule(tree.hash_name, cipher.name, tree.secrets)


def full(
    shared: bytes,
    messages: Sequence[bytes],
    cipher: Cipher | str | int | None = None,
    psk: bytes | None = None,
    keylog: Mapping[str, bytes] | None = None,
) -> Schedule:
    """The whole tree from the shared secret of the key agreement (RFC 8446 §7.4).

    messages: handshake messages with their headers, from the ClientHello on, in the order of the transcript
        (§4.4.1), as far as there are any; what follows the client's Finished is left out
    cipher: default: what the ServerHello says
    psk: the session began with it; it is from a ticket

    Raises ValueError, one sentence, if there is no ServerHello or its cipher suite isn't one of TLS 1.3.
    """
    suite = cipher if isinstance(cipher, Cipher) or cipher is None else cipher_of(cipher)
    if suite is None:
        hello = next((m for m in messages if m[:1] == b"\x02"), b"")
        at = 39 + (hello[38] if len(hello) > 38 else 0)
        suite = cipher_of(int.from_bytes(hello[at : at + 2], "big")) if len(hello) > at + 1 else None
    if suite is None or not suite.aead or "_WITH_" in suite.name:
        raise ValueError(
            "Give the messages from ClientHello on: the ServerHello must choose a cipher suite of TLS 1.3."
        )
    points = transcript_points(messages, suite.hash_name)
    return build(suite, points, keylog or {}, shared, psk, psk_used=psk is not None, external=False)


def transcript_points(messages: Sequence[bytes], hash_name: str) -> dict[str, Point]:
    """The transcript hash (RFC 8446 §4.4.1) at the four places where the key schedule needs it."""
    digest, names = hashlib.new(hash_name), []
    points: dict[str, Point] = {}
    for number, raw in enumerate(messages):
        name = numbers.HANDSHAKE_TYPES.get(raw[0], "?") if raw else "?"
        if number == 1 and name == "ServerHello" and is_retry(raw):
            first = message_hash(messages[0], hash_name)
            digest, name = hashlib.new(hash_name, first), "HelloRetryRequest"
        digest.update(raw)
        names.append(name)
        if name == "Finished":
            name = "client Finished" if "server Finished" in points else "server Finished"
        if name in ("ClientHello", "ServerHello", "server Finished", "client Finished"):
            points[name] = Point(digest.digest(), tuple(names))
        if name == "client Finished":
            break
    return points


def is_retry(server_hello: bytes) -> bool:
    """RFC 8446 §4.1.3: a HelloRetryRequest is a ServerHello with a certain 'random'."""
    return hashlib.sha256(b"HelloRetryRequest").digest() == server_hello[6:38]


def message_hash(client_hello: bytes, hash_name: str) -> bytes:
    """What stands for the first ClientHello after a HelloRetryRequest (RFC 8446 §4.4.1)."""
    hashed = hashlib.new(hash_name, client_hello).digest()
    return b"\xfe\x00\x00" + bytes([len(hashed)]) + hashed


def build_12(
    cipher: Cipher,
    master: bytes | None,
    client_random: bytes,
    server_random: bytes,
    extended: bool,
    transcript: tuple[str, ...],
    resumed: bool = False,
) -> Schedule:
    """TLS 1.2's few secrets (RFC 5246 §8.1 and §6.3, RFC 7627 §4). resumed: an earlier session's master secret goes on."""
    if resumed:
        formula, clause, transcript = "the master secret of the session that is resumed", "RFC 5246 §7.3", ()
    elif extended:
        formula, clause = 'PRF(pre_master_secret, "extended master secret", Hash(messages))', "RFC 7627 §4"
    else:
        formula = 'PRF(pre_master_secret, "master secret", client_random + server_random)'
        clause, transcript = "RFC 5246 §8.1", ()
    made_from, known = () if resumed else ("pre_master_secret",), master is not None
    label = "" if resumed else "extended master secret" if extended else "master secret"
    secrets = [
        Secret("pre_master_secret", None, "", (), "what the key exchange yields", (), "The master secret is made from it, then it is thrown away.", "RFC 5246 §8.1"),
        Secret("master_secret", master, label, made_from, formula, transcript, "All keys are made from it, and resumed sessions use it again.", clause, known, known),
    ][resumed:]  # a resumed session has no key exchange  # fmt: skip
    if master is not None and cipher.aead:
        block = key_block(master, client_random, server_random, cipher)
        formula = 'PRF(master_secret, "key expansion", server_random + client_random)'
        for name, value in zip(block._fields, block, strict=True):
            side, what = name.split("_")[0], name.rsplit("_", 1)[1]
            use = f"The key of {cipher.aead} for the {side}'s records." if what == "key" else f"In the nonce of the {side}'s records."  # fmt: skip
            secrets.append(
                Secret(name, value, "key expansion", ("master_secret",), formula, (), use, "RFC 5246 §6.3")
            )
    return Schedule(cipher.hash_name, cipher.name, secrets)
