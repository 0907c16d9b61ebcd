# %% [markdown]
# # 07 The TLS handshake

# %% [markdown]
# Client and server have never met. They agree on a secret, over a wire on which everybody can read. From which byte on can nobody read along?
#
# **You will be able to**
#
# - name each message of a TLS 1.3 handshake and say what it is for
# - say what each side, and somebody on the wire, knows at each moment
# - make the keys, and check the server's proof, with your own code
# - say from a recording who refused and why, and what a stolen key opens
#
# **You need** lessons 02 and 06: signatures, key agreement, and when a chain is good.
#
# **Minutes:** 30 to read, 50 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("07_the_tls_handshake")

# %% [markdown]
# ## One handshake, yours
#
# A server with a certificate of your own CA, and a client that trusts it. OpenSSL plays both. Every byte between them was kept, and the
# secrets, too, in the *key log*: with it, you may read what nobody on the wire could.

# %%
from padlock import look, tls
from padlock.authority import Authority

root = Authority("Class Root")
server = root.intermediate("Class Issuing CA").issue("api.test")
ask, answer = b"GET / HTTP/1.1\r\nHost: api.test\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"
mine = tls.handshake(server, [root.certificate], "api.test", version="1.3", send=ask, reply=answer)
for who, data in mine.flights:
    print(f"{who:6} {len(data):5} bytes  {data[:16].hex(' ')} …")

# %% [markdown]
# The standard is TLS 1.3, RFC 8446. Since July 2026, RFC 9846 replaces that text: the same version of TLS, with some stricter rules (its §1.2). This course goes on naming RFC 8446's sections and words; the new text says *main secret* for *master secret*.

# %%
first = predict(
    "How much of this can somebody on the wire read?",
    none="nothing: it is TLS",
    hellos="two messages: ClientHello and ServerHello",
    handshake="the whole handshake; only the data is encrypted",
)
first

# %%
on_the_wire = tls.dissect(mine.flights)  # without the key log
readable = [m for m in on_the_wire.messages if m.protection == "plaintext" and m.name != "ChangeCipherSpec"]
sealed = sum(m.name == "encrypted" for m in on_the_wire.messages)
print([m.name for m in readable], "and", sealed, "encrypted records")
first.saw("none" if not readable else "hellos" if len(readable) == 2 else "handshake")

# %% [markdown]
# (*ChangeCipherSpec* is there as well: one byte without any meaning, for old boxes on the way; RFC 8446 appendix D.4.)
#
# Now step through it. Choose who looks. Open a message: each field stands beside its bytes; click one, and the other lights up.

# %%
look.HandshakePlayer(mine)

# %% [markdown]
# Three things to look for:
#
# - **key_share** in both Hellos. These are public numbers. From one's own private number and the other's public one, both compute the same secret (lesson 02). It is never sent.
# - **The dashed lines.** From each on, one side encrypts: the server behind its ServerHello, the client behind what it still says in the open, such as that meaningless ChangeCipherSpec.
# - **CertificateVerify**. The private key that belongs to the certificate signs the *transcript*, all handshake messages so far (RFC 8446 §4.4.3). That is all that it does here: it encrypts nothing, and no session key.

# %% [markdown]
# ## The name in the open
#
# The client says whom it wants before there is a key: *server_name*, SNI (RFC 6066 §3). Everybody on the way can read it. *Encrypted Client Hello* hides it, {{fact:ech}}, where both sides and DNS play along.

# %% [markdown]
# **Exercise 1.** Write `server_name(hello)`. It gets the first bytes that a client sends, with the record's header, and returns the name; or None if there is none. No parser of others: the lengths lead you through. The next cell lists the fields. Where a list begins, its length stands first, in one or two bytes that are not counted.

# %%
hello = mine.flights[0][1]
print(len(hello), "bytes; the name begins at byte", hello.find(b"api.test"))
for field in on_the_wire.messages[0].fields:
    print(f"byte {5 + field.offset:4}  {field.length:4} bytes  {field.label}")


# %% tags=["exercise"]
# hello is one that you can try it with.
# stub: def server_name(hello): ...
# >>> solution
def server_name(hello):
    def number(at):
        return int.from_bytes(hello[at : at + 2], "big")

    at = 43  # record header 5, message header 4, version 2, random 32
    at += 1 + hello[at]  # session id
    at += 2 + number(at)  # cipher suites
    at += 1 + hello[at] + 2  # compression methods; length of the extensions
    while at < len(hello):
        if number(at) == 0:
            return hello[at + 9 : at + 4 + number(at + 2)].decode("ascii")
        at += 4 + number(at + 2)
    return None
# <<< solution


# %%
check(1)

# %% [markdown]
# ## The certificate on the wire
#
# In TLS 1.2 the server's certificate travels in the open. In TLS 1.3 it is encrypted. Compare the two, and other pairs: every ladder is a fresh run.

# %%
look.CompareHandshakes()

# %% [markdown]
# One round trip less, and less to see. A resumed session shows no certificate at all: who has the secret of the meeting before has proven enough (RFC 8446 §2.2).

# %% [markdown]
# **Exercise 2.** Write `certificate_in(flight)`. It gets the first *flight* of a TLS 1.2 server, all that it sends before it waits: records with messages in them. Return the server's own certificate: the DER, or the object. Records are only the packing: a long message fills several, and short ones may share one (RFC 5246 §6.2.1).

# %%
older = tls.handshake(server, [root.certificate], "api.test", version="1.2")
flight = older.flights[1][1]
for record in tls.records(flight):
    print(f"record at byte {record.start:4}, {record.length:4} bytes, begins {flight[record.start + 5 :][:12].hex(' ')}")


# %% tags=["exercise"]
# A record: kind (1 byte), version (2), length (2). A message in it: type (1), length (3).
# stub: def certificate_in(flight): ...
# >>> solution
def certificate_in(flight):
    records = tls.records(flight)
    content = b"".join(flight[r.start + 5 : r.start + 5 + r.length] for r in records)

    def number(at):
        return int.from_bytes(content[at : at + 3], "big")

    at = 0
    while content[at] != 11:
        at += 4 + number(at + 1)
    return content[at + 10 : at + 10 + number(at + 7)]
# <<< solution


# %%
check(2)

# %% [markdown]
# ## Where the keys come from
#
# Out of one agreed secret grow many: one for each direction, one for the handshake, another for the data. Each step is half of HKDF (lesson 02): Extract takes a secret in, Expand makes new ones, each with a label. The traffic secrets also take in the hash of all messages so far (RFC 8446 §7.1). So if anybody changed one
# byte of them on the way, the two sides would make different keys.

# %%
look.KeySchedule(mine)

# %% [markdown]
# The agreed secret, (EC)DHE, is not in a key log. So handshake secret and master secret show no value: your program never saw them, and can compare the traffic secrets with nothing. They are the key log's; what stands below them is computed here. Whether they are right shows when records open, and when Finished fits.

# %% [markdown]
# **Exercise 3.** Write `write_keys(secret)`. It gets a traffic secret and returns `(key, iv)` for AES-256-GCM with SHA-384: `HKDF-Expand-Label(secret, "key", "", 32)` and
# `("iv", "", 12)` (RFC 8446 §7.1 and §7.3). The cell behind the check opens records; put yours in there.

# %%
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from padlock.course.exercises.l07_the_tls_handshake import open_record, secret_in

secret = secret_in(mine.keylog, "SERVER_HANDSHAKE_TRAFFIC_SECRET")
print(mine.cipher, "·", len(secret), "bytes")


# %% tags=["exercise"]
# struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; } HkdfLabel
# stub: def write_keys(secret): ...
# >>> solution
def write_keys(secret):
    def expand(label, length):
        label = b"tls13 " + label
        info = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
        return HKDFExpand(hashes.SHA384(), length, info).derive(secret)

    return expand(b"key", 32), expand(b"iv", 12)
# <<< solution


# %%
check(3)

# %%
from padlock.tls import schedule

made = schedule.traffic_keys(secret, mine.cipher)
key, iv = made.key, made.iv  # or: key, iv = write_keys(secret)
data = mine.flights[1][1]
sealed = [data[r.start : r.start + 5 + r.length] for r in tls.records(data) if r.kind == "application_data"]
for number, record in enumerate(sealed):
    print(number, open_record(record, key, iv, number)[:24].hex(" "))

# %% [markdown]
# OpenSSL put one message into each record here. So the first byte of each is a message's type: 8 EncryptedExtensions, 11 Certificate, 15 CertificateVerify, 20 Finished (RFC 8446 §4); here as `08`, `0b`, `0f`, `14`.

# %% [markdown]
# ## The proof
#
# Mallory copies api.test's certificate. It is public, it is valid, its chain ends in the client's store. She doesn't have its key.

# %%
copy = look.Thing("certificate", "api.test")
look.who_holds_what(
    [
        look.Party("client", trusts=("Class Root",), role="client"),
        look.Party("Mallory", holds=(copy,), role="attacker"),
        look.Party("server", holds=(look.Thing("private-key", "api.test"), copy), role="server"),
    ],
    [look.Arrow("Mallory", "client", copy)],
    title="A copied certificate",
)

# %%
second = predict(
    "Mallory shows the real certificate of api.test. At what does the client notice?",
    chain="at the chain",
    verify="at CertificateVerify",
    never="it doesn't",
)
second

# %%
thief = tls.handshake(tls.borrowed(server.chain), [root.certificate], "api.test", version="1.3")
print(thief.error or "accepted")
seen = tls.dissect(thief.flights, thief.keylog).messages
proof = next(m for m in seen if m.name == "CertificateVerify")
print(proof.verification)
second.saw("never" if thief.error is None else "verify" if proof.verified is False else "chain")

# %% [markdown]
# The signature is over 64 spaces, the context string `TLS 1.3, server CertificateVerify`, a zero byte, and the hash of all messages from ClientHello to Certificate. Both randoms and both key shares are in there. So it holds for this conversation only, and who holds the key must be here now.

# %% [markdown]
# **Exercise 4.** Write `proves(certificate, transcript, signature)`: True if this server holds the certificate's key, else False. `transcript` is not yet hashed; the hash is SHA-384 here, the signature ECDSA with SHA-256.

# %%
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding

from padlock.course.exercises.l07_the_tls_handshake import Proof

genuine = Proof.of(mine)
print(len(genuine.transcript), "bytes of messages,", len(genuine.signature), "bytes of signature")


# %% tags=["exercise"]
# Try it with genuine.certificate, genuine.transcript, genuine.signature.
# stub: def proves(certificate, transcript, signature): ...
# >>> solution
def proves(certificate, transcript, signature):
    context = b"TLS 1.3, server CertificateVerify"
    content = b" " * 64 + context + b"\0" + hashlib.sha384(transcript).digest()
    try:
        certificate.public_key().verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
# <<< solution


# %%
check(4)

# %% [markdown]
# ## Who refused?
#
# When a handshake fails, both sides log an error. One of them decided. It should send an *alert* (RFC 8446 §6.2), and in these recordings it did; the other one knows no more than that alert's name. (A side may also just hang up. Then only its own log tells why.)
#
# In TLS 1.3 two alerts are no refusal (§6.1): *close_notify* (0) says goodbye; *user_canceled* (90), rare, says that somebody changed their mind.

# %% [markdown]
# **Exercise 5.** Write `refused_by(flights, keylog)`: who refused and with which alert, as `("client", "unknown_ca")`, or None if nobody did.

# %%
from padlock.course.exercises.l07_the_tls_handshake import refusals

recordings = refusals()
for which, recording in recordings.items():
    names = [m.name for m in tls.dissect(recording.flights, recording.keylog).messages]
    print(f"{which:7}", *names[-4:], sep=" · ")


# %% tags=["exercise"]
# tls.dissect(flights, keylog).messages: each has .sender, .name, .field("…"), .title
# stub: def refused_by(flights, keylog): ...
# >>> solution
def refused_by(flights, keylog):
    for message in tls.dissect(flights, keylog).messages:
        if message.name == "Alert" and message.field("description").value not in (0, 90):
            return message.sender, message.field("description").text
    return None
# <<< solution


# %%
check(5)

# %% [markdown]
# Look at the second: the client was finished, and had already sent its data, when the server refused it. More of that in lesson 08, [Mutual TLS](08_mutual_tls.ipynb).

# %% [markdown]
# ## Ten years later
#
# Somebody has recorded everything. Now they steal the server's private key. TLS 1.2 still had RSA *key transport*: the client makes the secret and sends it, encrypted to the certificate's key (RFC 5246 §7.4.7.1). TLS 1.3 threw that out.

# %%
third = predict(
    "One recording is RSA key transport, one fresh key agreement (ECDHE), one TLS 1.3. Which does the stolen key open?",
    all="all three",
    old="the first",
    none="none",
)
third

# %% [markdown]
# **Exercise 6.** Write `opened_later(flights, private_key)`: the pre-master secret out of a recording, or None where none was sent. (At work never decrypt like this in a server: PKCS #1 v1.5 tells attackers too much. Here you are the attacker.)

# %%
from padlock.course.exercises.l07_the_tls_handshake import read_with, record_12

old_server, old = record_12("RSA", b"the plans of ten years ago")
_, agreed = record_12("ECDHE", b"the plans of nine years ago")
for recording in (old, agreed):
    exchange = next(m for m in tls.dissect(recording.flights).messages if m.name == "ClientKeyExchange")
    print(recording.cipher, "·", [f.label for f in exchange.fields])


# %% tags=["exercise"]
# padding.PKCS1v15() goes with private_key.decrypt.
# stub: def opened_later(flights, private_key): ...
# >>> solution
def opened_later(flights, private_key):
    for message in tls.dissect(flights).messages:
        sealed = message.field("encrypted_pre_master_secret")
        if sealed is not None:
            return private_key.decrypt(sealed.value, padding.PKCS1v15())
    return None
# <<< solution


# %%
check(6)

# %%
opened = []
for which, recording in {"RSA": old, "ECDHE": agreed, "TLS 1.3": mine}.items():
    messages = tls.dissect(recording.flights).messages
    sealed = next(filter(None, (m.field("encrypted_pre_master_secret") for m in messages)), None)
    if sealed is not None:
        found = old_server.private_key.decrypt(sealed.value, padding.PKCS1v15())
        opened.append(which)
    print(f"{which:8}", read_with(recording.flights, found) if sealed is not None else "no secret was ever sent")
third.saw({0: "none", 1: "old", 3: "all"}.get(len(opened), "all"))

# %% [markdown]
# That is *forward secrecy*: the session's private numbers are gone, so nobody can make its keys again (RFC 8446 appendix E.1). It has limits. The thief can pose as the server from now on. What a resumed session sends as 0-RTT hangs on the ticket's secret alone, and who steals that reads it (§2.3). And a computer
# that breaks the key agreement itself would open it all; for that day X25519MLKEM768 adds a second, post-quantum secret.

# %%
hybrid = tls.handshake(server, [root.certificate], "api.test", version="1.3", engine="openssl")
for message in hybrid.messages[:2]:
    shares = [field.length for field in message.walk() if field.label == "key_exchange"]
    print(message.name, "· bytes of key share:", shares)
print(hybrid.group, "· signed with:", next(m for m in hybrid.messages if m.name == "CertificateVerify").title)

# %% [markdown]
# Where X25519MLKEM768 is offered, {{fact:x25519mlkem768}}. A share of 32 bytes beside it is a second offer: X25519 alone. The signature is the same as before: post-quantum key exchange came first, for what is recorded today could be opened later. Certificates are another, later step.

# %% [markdown]
# ## What to remember
#
# - ClientHello and ServerHello are readable; every handshake message after them is encrypted in TLS 1.3, the certificate too.
# - The secret is agreed on, never sent. The certificate's key only signs the transcript.
# - A certificate is public; CertificateVerify proves who holds its key, for this conversation.
# - The sender of an error alert refused. Look for the cause there, and for its words in its log.
# - After a fresh key agreement, the certificate's key, stolen later, opens no recording.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# A server that answers one client, and a client that shows its messages and keeps the secrets. `-msg` prints each message with its bytes. `-trace` explains them, where OpenSSL was built with it.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout api.key -out api.pem -subj "/CN=api.test" -days 30 -addext "subjectAltName=DNS:api.test"
# (sleep 9 | openssl s_server -accept 127.0.0.1:0 -cert api.pem -key api.key -naccept 1 -tls1_3 > server.txt 2>&1 & for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ACCEPT server.txt && break; sleep 0.3; done; port=$(grep -o "ACCEPT 127.0.0.1:[0-9]*" server.txt | cut -d: -f2); echo Q | openssl s_client -connect 127.0.0.1:$port -servername api.test -CAfile api.pem -verify_return_error -msg -keylogfile keys.log > client.txt 2>&1)
# grep -E "^(>>>|<<<) .*(ClientHello|ServerHello|EncryptedExtensions|Certificate|CertificateVerify|Finished)" client.txt
# grep "SERVER_HANDSHAKE_TRAFFIC_SECRET" keys.log
# openssl s_client -help 2>&1 | grep -E "^ -(msg|trace|keylogfile|servername)"
# ```
#
# Wireshark reads the key log: Preferences, Protocols, TLS, (Pre)-Master-Secret log filename.
# Your own handshake goes there in one step: `mine.save_pcap("mine.pcapng")` writes the bytes and the secrets, and Wireshark decrypts them. So keep that file to yourself.
#
# At work, `python -m padlock handshake www.python.org` does the same with a site: its messages, its chain, the judge's verdict.

# %% [markdown]
# ## What comes next
#
# Until now only the server proved who it is. Lesson 08, [Mutual TLS](08_mutual_tls.ipynb), lets the client prove it as well. Before you go on, step through a refusal: `look.HandshakePlayer(recordings["second"])`.
#
# Or write the client yourself, message by message: appendix [A1](A1_write_a_tls_client.ipynb).
