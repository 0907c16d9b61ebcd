# %% [markdown]
# # A1 Write a TLS 1.3 client

# %% [markdown]
# What does it take to talk to a real server over TLS? About 150 lines of Python, if they may stand on a library for the arithmetic. Here you write them, a step at a time, and each step is
# tried on a real OpenSSL server, or on an attacker.
#
# **You will be able to**
#
# - write a ClientHello that a server answers, and read what comes back
# - derive each key of a handshake from one shared secret
# - open and seal records
# - say which check keeps out which attacker, because your own client let them in without it
#
# **You need** lessons 02, 06 and 07, and some patience with bytes.
#
# **Minutes:** 35 to read, 90 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("A1_write_a_tls_client")

# %% [markdown]
# **What this client is not for.** It is for understanding, never for production. It knows one cipher suite, one way to sign, no HelloRetryRequest, no KeyUpdate, no resumption, no revocation. A server that asks for a client certificate gets no answer from it, not even the empty one that would be due (§4.4.2). It does not ask whether a ServerHello keeps to what it offered: session id and suite (§4.1.3), version (§4.2.1), group (§4.2.8).
# Its running time may tell what it should not, and nobody but you has looked at it. Use your system's TLS library for everything real.

# %% [markdown]
# A server that has no suite, no kind of key for signing or no group in common with it breaks off, and OpenSSL's says the same for all three: alert 40, handshake_failure (§6.2). `by_hand.alert(40)` gives the name for a number.
#
# Section numbers (§) are those of RFC 8446. TLS 1.3: {{fact:tls-13}} (RFC 9846).

# %% [markdown]
# ## A server to talk to
#
# `by_hand.Peer` is an OpenSSL server in memory. You `send` it bytes, you take its records with `record()`. What does it say to somebody who talks plain text?

# %%
from padlock.authority import Authority
from padlock.tls import by_hand

ca = Authority("Class Root")
identity = ca.issue("api.test")  # the server's: chain and private key
peer = by_hand.Peer(identity, reply=b"Hello from OpenSSL.")
peer.send(b"GET / HTTP/1.0\r\n\r\n")
try:
    said = peer.record().hex(" ")
except EOFError as error:
    said = error
print(said)


# %% [markdown]
# It speaks only in *records*: one byte for the kind, two for a version that no longer means anything, two for the length (§5.1). `by_hand.record(22, message)` puts those five bytes before a handshake message.
#
# A handshake message has a header too: one byte for its type, three for its length (§4). Bytes in `this type` are in hex, here and below: `14` is 20.

# %% [markdown]
# ## ClientHello
#
# After type `01` and length come, in this order (§4.1.2): `03 03`; 32 random bytes; a session id (its length in 1 byte; empty is fine); cipher suites (length in 2 bytes; `13 01`); compression
# (`01 00`); extensions (length in 2 bytes). Each extension: number in 2 bytes, length in 2, data.
#
# | number | extension | data |
# |---|---|---|
# | 0 | server_name | list (length in 2) of: `00`, name (length in 2) |
# | 10 | supported_groups | list (length in 2) of: group in 2 |
# | 13 | signature_algorithms | list (length in 2): `04 03`, ECDSA with P-256 and SHA-256 |
# | 43 | supported_versions | list (length in 1): `03 04`, TLS 1.3 |
# | 51 | key_share | list (length in 2) of: group in 2, share (length in 2) |

# %% [markdown]
# `13 01` is TLS_AES_128_GCM_SHA256, with the hash that all keys will be made with. “length in 2” means that two bytes stand before it and count what follows. So the extension for the name `a.b` is, with a bar before each part:
#
# `00 00` | `00 08` | `00 06` | `00` | `00 03` | `61 2e 62`: number; length of the data; length of the list; kind of name; length of the name; the name.

# %% [markdown]
# **Exercise 1.** Write `client_hello(random, name, group, share)`. It returns the handshake message as bytes, without the record's header. `random` has 32 bytes, `name` is text, `group` a number such as `0x001D` (X25519),
# `share` the bytes for the server.

# %% tags=["exercise"]
# stub: def client_hello(random, name, group, share):
# stub:     ...
# >>> solution
def sized(data, size):
    return len(data).to_bytes(size, "big") + data

def ext(number, data):
    return number.to_bytes(2, "big") + sized(data, 2)

def client_hello(random, name, group, share):
    group = group.to_bytes(2, "big")
    extensions = ext(0, sized(b"\x00" + sized(name.encode(), 2), 2))
    extensions += ext(10, sized(group, 2)) + ext(13, sized(b"\x04\x03", 2)) + ext(43, sized(b"\x03\x04", 1))
    extensions += ext(51, sized(group + sized(share, 2), 2))
    body = b"\x03\x03" + random + sized(b"", 1) + sized(b"\x13\x01", 2) + b"\x01\x00" + sized(extensions, 2)
    return b"\x01" + sized(body, 3)
# <<< solution


# %%
check(1)

# %% [markdown]
# ## ServerHello
#
# The course has the pieces of exercises 1 to 4 and 6 in `by_hand` too, so that you can go on whatever your own can do by now. A key pair for this one handshake, a hello, and the server answers. It does not know you, and you do not know it.

# %%
open_ones = predict(
    "The server answers with one flight, up to its Finished. How many of its messages can anybody on the way read?",
    all="all of them: there is no key yet",
    one="one, the ServerHello",
    none="none",
)
open_ones

# %%
import os

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

one_time = X25519PrivateKey.generate()
our_share = one_time.public_key().public_bytes_raw()
our_hello = by_hand.client_hello(os.urandom(32), "api.test", 0x001D, our_share)
peer = by_hand.Peer(identity, reply=b"Hello from OpenSSL.")
peer.send(by_hand.record(22, our_hello))
answers = [peer.record() for _ in range(6)]
for answer in answers:
    print(f"kind {answer[0]}, {len(answer) - 5:4} bytes: {answer[5:25].hex(' ')} …")
in_the_open = sum(answer[0] == 22 for answer in answers)
open_ones.saw({0: "none", 1: "one"}.get(in_the_open, "all"))


# %% [markdown]
# The first record is the ServerHello. With it the server has both shares, and encrypts at once: certificate and all. To whom? To whoever sent the share.
#
# The second, of kind 20, is a *ChangeCipherSpec*. It means nothing in TLS 1.3: servers such as OpenSSL's send it for boxes on the way that only know TLS 1.2 (§D.4). A client drops it (§5). It is not encrypted, no record's number counts it, and no transcript holds it.
#
# Each of the others holds one message. It need not be so: a record may hold several messages, and a message may go over several records (§5.1). So do not count on their number.

# %% [markdown]
# A ServerHello (§4.1.3): type `02`, length in 3; `03 03`; 32 random bytes; the session id that you sent (length in 1); the suite in 2; one byte of compression; extensions (length in 2), in any order.
# Extension 51 holds the group in 2, then the share (length in 2).
#
# Two things look alike or come in its place: an *alert* (a record of kind 21), and a *HelloRetryRequest*, which has a ServerHello's type and a fixed random, `by_hand.RETRY`.

# %% [markdown]
# **Exercise 2.** Write `read_server_hello(record)`. From a whole record, header and all, it returns `(suite, share)`: a number and bytes. It raises for an alert and for a HelloRetryRequest.

# %% tags=["exercise"]
# stub: def read_server_hello(record):
# stub:     ...
# >>> solution
def read_server_hello(record):
    if record[0] != 22:
        raise ValueError(f"The server refuses: {by_hand.alert(record[6])}.")
    message = record[5:]
    if message[6:38] == by_hand.RETRY:
        raise ValueError("The server wants another share.")
    at = 39 + message[38]
    suite = int.from_bytes(message[at : at + 2], "big")
    at += 5
    while at < len(message):
        number, length = (int.from_bytes(message[i : i + 2], "big") for i in (at, at + 2))
        if number == 51:
            return suite, message[at + 8 : at + 4 + length]
        at += 4 + length
    raise ValueError("The ServerHello has no share.")
# <<< solution


# %%
check(2)

# %% [markdown]
# ## The key schedule
#
# Who holds what now? Both sides hold the same secret; whoever recorded the wire holds both shares, and nothing that opens a record.

# %%
from padlock.look import Arrow, Party, Thing

from padlock import look

shares = [Thing("public-key", "client's share"), Thing("public-key", "server's share")]
client_side = Party("client", [Thing("private-key", "one-time")], role="client")
recorder = Party("on the way", shares, role="attacker")
two_keys = [Thing("private-key", "one-time"), Thing("private-key", "of the certificate")]
server_side = Party("server", two_keys, role="server")
crossing = [Arrow("client", "server", shares[0]), Arrow("server", "client", shares[1])]
look.who_holds_what([client_side, recorder, server_side], crossing, title="After the two hellos")

# %% [markdown]
# One shared secret becomes many keys (§7.1). Two functions do it, `0` is 32 zero bytes:
#
# ```
# early     = Extract(salt 0, 0)
# handshake = Extract(salt Derive(early, "derived", ""), shared)
# client    = Derive(handshake, "c hs traffic", hellos)
# server    = Derive(handshake, "s hs traffic", hellos)
# ```
#
# *Extract* is `hmac.digest(salt, secret, "sha256")`. *Derive(secret, label, messages)* is `expand_label` with the SHA-256 of the messages as context, for 32 bytes. Where no message goes in, it is the hash of nothing, `sha256(b"").digest()`, and not an empty context.
#
# *expand_label* is HKDF-Expand with this `info`: how many bytes you want, in 2 bytes; `tls13 ` and the label (one length, in 1, for both together); the context (length in 1).

# %%
shared = one_time.exchange(X25519PublicKey.from_public_bytes(by_hand.read_server_hello(answers[0])[1]))
hellos = our_hello + answers[0][5:]
sealed = [answer for answer in answers if answer[0] == 23]  # without the ChangeCipherSpec

# %% [markdown]
# **Exercise 3.** Write `expand_label(secret, label, context, length)`, where label and context are bytes, and `handshake_secrets(shared, hellos)`, which returns `(client, server, handshake)`. `hellos` are the two messages, one after the other. Try it with those of the cell above.

# %% tags=["exercise"]
import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

# stub: def expand_label(secret, label, context, length):
# stub:     ...
# stub:
# stub: def handshake_secrets(shared, hellos):
# stub:     ...
# >>> solution
def expand_label(secret, label, context, length):
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(context)]) + context
    return HKDFExpand(SHA256(), length, info).derive(secret)

def handshake_secrets(shared, hellos):
    early = hmac.digest(bytes(32), bytes(32), "sha256")
    salt = expand_label(early, b"derived", sha256(b"").digest(), 32)
    handshake = hmac.digest(salt, shared, "sha256")
    client, server = (expand_label(handshake, b"%c hs traffic" % side, sha256(hellos).digest(), 32) for side in b"cs")
    return client, server, handshake
# <<< solution


# %%
check(3)

# %% [markdown]
# ## Records
#
# From a traffic secret come a key of 16 bytes (label `key`) and an iv of 12 (label `iv`), both with an empty context (§7.3). The nonce of a record is the iv xor its number, counted from 0 under each secret (§5.3). AES-GCM
# authenticates the five bytes of the header as well.
#
# Inside: the content, one byte with the real kind, and perhaps zeros to hide the length (§5.2, §5.4). A record holds at most 16384 bytes of content (§5.1).

# %%
flipped = predict(
    "Somebody flips one bit of an encrypted record. What does the receiver get?",
    rubbish="rubbish in one place",
    all="rubbish everywhere",
    nothing="nothing but an error",
)
flipped

# %%
from cryptography.exceptions import InvalidTag

secrets_now = by_hand.handshake_secrets(shared, hellos)
kind, content = by_hand.unprotect(secrets_now[1], 0, sealed[0])
print("as it came: kind", kind, content.hex(" "))
bent = sealed[0][:9] + bytes([sealed[0][9] ^ 1]) + sealed[0][10:]
try:
    came = by_hand.unprotect(secrets_now[1], 0, bent)[1]
except InvalidTag as error:
    came, _ = b"", print("with a bit flipped:", type(error).__name__)
flipped.saw("nothing" if not came else "rubbish" if came[5:] == content[5:] else "all")

# %% [markdown]
# **Exercise 4.** Write `unprotect(secret, sequence, record)`. It returns `(kind, content)` of an encrypted record: the kind inside, and the content without kind and padding. It raises if the record was changed.

# %% tags=["exercise"]
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# stub: def unprotect(secret, sequence, record):
# stub:     ...
# >>> solution
def unprotect(secret, sequence, record):
    key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12)
    nonce = (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")
    inner = AESGCM(key).decrypt(nonce, record[5:], record[:5]).rstrip(b"\x00")
    return inner[-1], inner[:-1]
# <<< solution


# %%
check(4)

# %% [markdown]
# A *key log* is nothing but such secrets in a text file, each beside the ClientHello's random that it belongs to. Here is one for the handshake above, written by hand. Wireshark reads this format, and so does the course's `tls.dissect`.

# %%
from padlock import tls

names = "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"
lines = [f"{label} {our_hello[6:38].hex()} {secret.hex()}" for label, secret in zip(names, secrets_now, strict=False)]
flights = [("client", by_hand.record(22, our_hello)), ("server", b"".join(answers))]
for message in tls.dissect(flights, "\n".join(lines)).messages:
    print(f"{message.sender:7}{message.protection:11}{message.title}")

# %% [markdown]
# Without the log, the last four lines would say *encrypted*. Take `lines` away and look.

# %% [markdown]
# ## Is it the right server?
#
# So far you agreed on keys with *somebody*. Now the server says who it is. `by_hand.server_flight(hellos, messages)` takes its messages apart. Whether they are true, it does not ask:
#
# | field | what it is |
# |---|---|
# | `certificates` | a list of `x509.Certificate`, as sent, the leaf first |
# | `signature` | CertificateVerify's |
# | `finished` | the 32 bytes of its Finished |
# | `hash_before_verify` | of all messages up to Certificate |
# | `hash_before_finished` | of all messages up to CertificateVerify |
#
# While the Finished is not there yet, it returns None: then there is another record to read.

# %%
opened = [by_hand.unprotect(secrets_now[1], number, record)[1] for number, record in enumerate(sealed)]
print("a part of it:", by_hand.server_flight(hellos, b"".join(opened[:-1])))
flight = by_hand.server_flight(hellos, b"".join(opened))
print("all of it:", flight.certificates, flight.finished.hex())

# %% [markdown]
# Is it the right one? First, an attacker who copied the real certificate. She has not got its key.

# %%
copied_one = predict(
    "What does the judge say of the copied certificate, for this name and with this root?",
    accepted="accepted",
    refused="refused",
)
copied_one

# %%
from padlock.judge import judge

copied = tls.borrowed(identity.certificate)
verdict = judge(copied.certificates[0], roots=[ca.certificate], name="api.test", purpose="server")
copied_one.saw("accepted" if verdict.accepted else "refused")

# %% [markdown]
# It *is* the real certificate. What she can't do is sign. The server signs 64 spaces, the words `TLS 1.3, server CertificateVerify`, a zero byte, and `hash_before_verify` (§4.4.3), here with ECDSA and SHA-256. The library's `verify` returns nothing, and raises when a signature does not fit.
#
# The Finished is an HMAC of `hash_before_finished`, with the key that `expand_label(secret, b"finished", b"", 32)` gives (§4.4.4). `secret` is the server's handshake traffic secret.

# %% [markdown]
# What is left for the Finished to show? Mallory with her copied certificate makes one that fits: she agreed on the secret with you. So it does not say who she is. It says that the other side has the *secret*, not only the key of its records, and saw the messages that you saw, certificate and signature among them. That binds whoever signed to these keys (§4.4). Where a session is resumed, nobody signs, and it is all there is. No request goes out before it fits (§4.4.4).
#
# OpenSSL's client knows all this. Try Mallory on it, before you build your own.

# %%
look.AttackBench()

# %% [markdown]
# **Exercise 5.** Write `check_server(flight, name, roots, secret)`. It raises an exception unless chain, name and purpose are good, the signature fits, and the Finished fits. (To return False would stop nobody who does not look.) For `judge`, the certificates after the leaf are `intermediates`. The check sends it the right server, then one attacker after the other.
#
# To try it on the flight above: `check_server(flight, "api.test", [ca.certificate], secrets_now[1])`.

# %% tags=["exercise"]
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

# stub: def check_server(flight, name, roots, secret):
# stub:     ...
# >>> solution
def check_server(flight, name, roots, secret):
    leaf, *others = flight.certificates
    verdict = judge(leaf, intermediates=others, roots=roots, name=name, purpose="server")
    if not verdict.accepted:
        raise ValueError("; ".join(finding.why for finding in verdict.findings if not finding.ok))
    signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\x00" + flight.hash_before_verify
    leaf.public_key().verify(flight.signature, signed, ECDSA(SHA256()))
    key = expand_label(secret, b"finished", b"", 32)
    if not hmac.compare_digest(hmac.digest(key, flight.hash_before_finished, "sha256"), flight.finished):
        raise ValueError("The Finished does not fit: the other side has another secret, or saw another handshake.")
# <<< solution


# %%
check(5)


# %% [markdown]
# ## Your turn to speak
#
# The server waits for your Finished: type `14` (20), length `00 00 20` (32), and the HMAC over the hash of the *whole* transcript so far, with the key from *your* handshake traffic secret. What you send after it goes under the application's secret (§7.1):
#
# ```
# master = Extract(salt Derive(handshake, "derived", ""), 0)
# client = Derive(master, "c ap traffic", transcript)
# server = Derive(master, "s ap traffic", transcript)
# ```
#
# The transcript ends with the server's Finished, in all three places. Your own is not in it.

# %% [markdown]
# **Exercise 6.** Write `protect(secret, sequence, kind, content)`, which returns a record (header `17 03 03`, length in 2); `finished(secret, transcript)`, which returns the message;
# and `application_secrets(handshake, transcript)`, which returns `(client, server)`.

# %% tags=["exercise"]
# stub: def protect(secret, sequence, kind, content):
# stub:     ...
# stub:
# stub: def finished(secret, transcript):
# stub:     ...
# stub:
# stub: def application_secrets(handshake, transcript):
# stub:     ...
# >>> solution
def protect(secret, sequence, kind, content):
    key, iv = expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12)
    nonce = (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")
    header = b"\x17\x03\x03" + (len(content) + 17).to_bytes(2, "big")
    return header + AESGCM(key).encrypt(nonce, content + bytes([kind]), header)

def finished(secret, transcript):
    key = expand_label(secret, b"finished", b"", 32)
    return b"\x14\x00\x00\x20" + hmac.digest(key, sha256(transcript).digest(), "sha256")

def application_secrets(handshake, transcript):
    salt = expand_label(handshake, b"derived", sha256(b"").digest(), 32)
    master = hmac.digest(salt, bytes(32), "sha256")
    digest = sha256(transcript).digest()
    return tuple(expand_label(master, b"%c ap traffic" % side, digest, 32) for side in b"cs")
# <<< solution


# %%
check(6)


# %% [markdown]
# ## A whole visit
#
# Put the pieces in a row. `wire` is a server in memory, such as `by_hand.Peer`, or `by_hand.Line(port)`, a socket to a server on this machine: both have `send(bytes)` and `record()`. The server's flight ends with its Finished, after as many records as it likes; a ChangeCipherSpec may be among them.
#
# After the handshake a server may send *tickets* (§4.6.1; kind 22), and OpenSSL's does, before its reply (kind 23), and at last the alert
# close_notify (kind 21, `01 00`; §6.1). `read_reply` reads them, when you give it your `unprotect`.
#
# To try your client: `visit(wire, "api.test", [ca.certificate], b"Hello")`. A wire is good for one visit.

# %%
def read_reply(wire, secret, unprotect):
    """What comes under the server's application secret, up to close_notify."""
    reply, number = b"", 0
    while True:
        (kind, content), number = unprotect(secret, number, wire.record()), number + 1
        if kind == 21 and content[1] != 0:  # anything but close_notify: the reply is not whole
            raise ValueError(f"The server breaks off: {by_hand.alert(content[1])}.")
        if kind == 22 and content[0] == 24:
            raise ValueError("The server goes on under a new key, after this KeyUpdate (§4.6.3).")
        if kind == 21:
            return reply
        reply += content if kind == 23 else b""


# %%
wire = by_hand.Peer(identity, reply=b"Hello from OpenSSL.")


# %% [markdown]
# **Exercise 7.** Write `visit(wire, name, roots, request)`. It does the handshake, checks the server, sends the request, and returns the reply; it ends with a close_notify of its own, encrypted. It raises for an attacker, who must not learn a byte of the request, and for a reply that breaks off. The request fits into one record.
# The check tries it in memory, on a server that packs otherwise, on attackers, and over a socket.

# %% tags=["exercise"]
# stub: def visit(wire, name, roots, request):
# stub:     ...
# >>> solution
def visit(wire, name, roots, request):
    mine = X25519PrivateKey.generate()
    hello = client_hello(os.urandom(32), name, 0x001D, mine.public_key().public_bytes_raw())
    wire.send(by_hand.record(22, hello))
    answer = wire.record()
    share = X25519PublicKey.from_public_bytes(read_server_hello(answer)[1])
    hellos, said, number = hello + answer[5:], b"", 0
    client, server, handshake = handshake_secrets(mine.exchange(share), hellos)
    while not (flight := by_hand.server_flight(hellos, said)):
        if (record := wire.record())[0] != 20:  # a ChangeCipherSpec is dropped
            said, number = said + unprotect(server, number, record)[1], number + 1
    check_server(flight, name, roots, server)
    wire.send(protect(client, 0, 22, finished(client, hellos + said)))
    client, server = application_secrets(handshake, hellos + said)
    wire.send(protect(client, 0, 23, request))
    reply = read_reply(wire, server, unprotect)
    wire.send(protect(client, 1, 21, b"\x01\x00"))
    return reply
# <<< solution


# %%
check(7)

# %% [markdown]
# ## One more key
#
# Who records your visit today may have a large quantum computer some day, and compute your one-time key from its share. X25519MLKEM768 (group `0x11EC`) adds ML-KEM-768: who wants the secret has to break both. The price: {{fact:x25519mlkem768}}.
#
# In the client's share comes ML-KEM's public key, then X25519's; in the server's, ML-KEM's ciphertext (1088 bytes), then X25519's share; in the secret, ML-KEM's, then X25519's (RFC 10024).
# Nothing else in your client has to change.

# %% [markdown]
# **Exercise 8.** Write `hybrid_share()`, which returns `(private, share)`, where `private` is whatever you need later, and `hybrid_secret(private, share)` for the server's share. The server is an OpenSSL 4.

# %% tags=["exercise"]
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

# stub: def hybrid_share():
# stub:     ...
# stub:
# stub: def hybrid_secret(private, share):
# stub:     ...
# >>> solution
def hybrid_share():
    kem, x = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return (kem, x), kem.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()

def hybrid_secret(private, share):
    kem, x = private
    return kem.decapsulate(share[:1088]) + x.exchange(X25519PublicKey.from_public_bytes(share[1088:]))
# <<< solution


# %%
check(8)

# %% [markdown]
# Put the two into a copy of `visit`, in three places: the share and the group in the hello, and the shared secret. It agrees so with every server that knows the group; another one answers with alert 40, as servers of `check(7)` may. To try it:

# %%
newer_wire = by_hand.Peer(identity, reply=b"Hello from OpenSSL 4.", engine="openssl4")

# %% [markdown]
# ## What to remember
#
# - Keys come from one-time shares, before anybody is known. Certificate and signature show who it is; the Finished binds that to your keys.
# - Leave one of these checks out, and honest servers look just the same. In exercise 7 the others came.
# - Every record has a number that is never sent, and a nonce that is never used twice.
# - A transcript is all messages so far. Signature, Finished and keys all depend on it.
# - To write a client is a way to understand it. To use it is another matter.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# OpenSSL has the pieces too: a one-time pair, and HKDF. The share is the last 32 of the 44 bytes in `mine.der`. The third line prints the early secret of every handshake without a PSK whose suite ends in SHA256; compare it with your own `early`.
#
# ```sh
# openssl genpkey -algorithm x25519 -out mine.key
# openssl pkey -in mine.key -pubout -outform DER -out mine.der
# openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt mode:EXTRACT_ONLY -kdfopt hexkey:0000000000000000000000000000000000000000000000000000000000000000 -kdfopt hexsalt:00 HKDF
# ```

# %% [markdown]
# ## What comes next
#
# You know now what your library does for you at each connection. Your client shows no certificate of its own; [lesson 08](08_mutual_tls.ipynb) is about those that do. `progress()` shows the map.
