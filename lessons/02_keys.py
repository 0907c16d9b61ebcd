# %% [markdown]
# # 02 Keys

# %% [markdown]
# Everything behind the padlock rests on key pairs. Introductions say that a pair has two purposes, to encrypt and to sign. That is half true, and the
# other half is where people go wrong. Here you make pairs, use them, break them, and steal one.
#
# **You will be able to**
#
# - tell what each half of a pair can do, and which half you may hand out
# - sign, check a signature, and say what it proves and what it does not
# - agree on a secret, and say why TLS 1.3 does that where older versions encrypted one
# - keep a private key in a file so that others can't use it
#
# **You need** lesson 00.
#
# **Minutes:** 25 to read, 30 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("02_keys")

# %% [markdown]
# ## Two halves
#
# You have both halves of a key pair. One of them you may print on a poster. Which one, and what could a stranger do with it? Make a pair
# for Ada, and ask each half what it is able to do.

# %%
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519

ada_key = ed25519.Ed25519PrivateKey.generate()
ada_public = ada_key.public_key()
for half in (ada_key, ada_public):
    print(type(half).__name__, [name for name in dir(half) if not name.startswith("_")])

# %% [markdown]
# The private half signs. The public half checks signatures, and is made to be given away: that is the poster. Note one more
# method of the private half, and one that the public half does not have.

# %%
lost = predict(
    "You lose the file with the public half, and still have the private one. What then?",
    again="the private half gives me the same public half again",
    new="I can make another public half, with another fingerprint",
    useless="the pair is lost",
)
lost

# %%
from padlock import keys

before = keys.fingerprint(ada_public)
del ada_public
ada_public = ada_key.public_key()
print(before, keys.fingerprint(ada_public), sep="\n")
lost.saw("again" if keys.fingerprint(ada_public) == before else "new")

# %% [markdown]
# The public half follows from the private one. And back? An RSA pair shows best what stands in the way: the private half is two primes, the public
# half their product. Here is a toy, and the thief's whole method.

# %% tags=["nbval-check-output"]
p, q = 1_000_003, 1_000_033  # the toy's private half
n = p * q  # its public half: all that the thief has
found = next(divisor for divisor in range(3, n, 2) if n % divisor == 0)
print(f"{n} = {found} × {n // found}")

server_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # a real one
print("digits of a real n:", len(str(server_key.public_key().public_numbers().n)))

# %% [markdown]
# Half a million divisions, and the toy is open. A real *n* has 617 digits, and with no published method do today's computers take it apart in anybody's lifetime. Not impossible: out of reach.
# That is all that keeps the way back shut, for every kind of key.
#
# So when lesson 04 asks for a certificate, the request carries the public half alone.
#
# ## The key lab
#
# Make a few: Ed25519, P-256, RSA 2048. Then RSA 4096, three times. Compare the sizes, and watch how long each takes. For which kind does the time differ
# from one to the next, and why?

# %%
from padlock import look

look.KeyLab()

# %% [markdown]
# An Ed25519 private key is 32 random bytes, whatever they are (RFC 8032 §5.1.5). An RSA key needs two large primes, and the way to find a prime is to try
# numbers until one is: luck decides how long.
#
# The *fingerprint* is a hash of the public half. Two people who compare fingerprints over the telephone know that they hold the same key.

# %% [markdown]
# ## Sign
#
# Ada writes to her bank. The bank has her public half, and wants to know two things: did she write this, and did it arrive as she wrote it?

# %%
letter = b"Pay 100 euro to Bob. Ada"
signature = ada_key.sign(letter)
ada_public.verify(signature, letter)  # says nothing: it fits
print(len(letter), "bytes of letter,", len(signature), "bytes of signature:", signature.hex()[:32], "…")

# %%
flipped = predict(
    "On the way one bit changes, out of 192. The bank checks again. What does it learn?",
    fits="nothing: one bit is too little to notice",
    where="that the fifth character was changed",
    no="only that letter and signature do not belong together",
)
flipped

# %%
from cryptography.exceptions import InvalidSignature

changed = bytearray(letter)
changed[4] ^= 0b1000
print(bytes(changed).decode())
try:
    ada_public.verify(signature, bytes(changed))
    says = "fits"
except InvalidSignature as error:
    says = "where" if str(error) else "no"
flipped.saw(says)

# %% [markdown]
# One bit, and 100 became 900. The check says no more than no: not what was changed, not by whom, not whether the letter or the signature was.
#
# Now try it yourself. Change a bit of the message, then of the signature. Check with another person's public key. Then set *nothing* and press **Sign again**, once with
# Ed25519 and once with P-256: do you get the same signature twice?

# %%
look.SigningBench()

# %% [markdown]
# With Ed25519 the second signature is the first one again (RFC 8032 §5.1.6). ECDSA and RSA-PSS put fresh random numbers in, and both signatures fit. So never compare
# signatures: check them.
#
# And look at the message once more. It lies beside its signature, in the open. A signature *proves*; it *hides* nothing.

# %% [markdown]
# ## Is signing encrypting with the private key?
#
# You will read that it is, in many places. Ask the keys.

# %%
which = predict(
    "Four pairs: Ed25519, P-256, RSA, ML-DSA. All of them sign. Which can encrypt?",
    all="all four: signing and encrypting are the same, the other way round",
    rsa="RSA alone",
    none="none of them",
)
which

# %%
pairs = {"Ed25519": ada_key, "P-256": keys.make("p256"), "RSA 2048": server_key}
pairs["ML-DSA-65"] = keys.make("ml-dsa-65")
can = [name for name, key in pairs.items() if hasattr(key.public_key(), "encrypt")]
for name, key in pairs.items():
    print(f"{name:10} sign: {hasattr(key, 'sign')}   encrypt: {name in can}")
which.saw("all" if len(can) == 4 else "rsa" if can == ["RSA 2048"] else "none")

# %% [markdown]
# The saying comes from RSA, where both begin with the same arithmetic. Even there the rest differs: a signature covers a hash and is padded with PSS (RFC 8017 §8.1), an encrypted message
# is padded with OAEP (§7.1), and who mixes them up loses both. ECDSA and Ed25519 have nothing that could be called encrypting. (What is called encrypting to a P-256 key agrees on a secret first: RFC 9180.)
#
# Say *sign* and *check*. It is shorter, too.

# %% [markdown]
# **Exercise 1.** Make a pair of your own, of any kind that signs. Sign the promise so that anyone can check it. Hand out what that takes: `my_public_key` and
# `my_signature`.

# %% tags=["exercise"]
promise = b"I owe Ada 5 euro."
# stub: my_public_key = ...
# stub: my_signature = ...
# >>> solution
my_key_pair = ed25519.Ed25519PrivateKey.generate()
my_public_key = my_key_pair.public_key()
my_signature = my_key_pair.sign(promise)
# <<< solution

# %%
check(1)

# %% [markdown]
# **Exercise 2.** Five letters came in Ada's name, each with a signature; `ada` is her public half. Two letters are forged, in two different ways. Collect
# their days in `forged`.

# %%
from padlock.course.exercises.l02_keys import post

ada, letters = post()
for day, (text, _) in letters.items():
    print(f"{day:10}", text.decode())

# %% tags=["exercise"]
# letters is a dictionary: day → (text, signature)
# stub: forged = ...
# >>> solution
forged = []
for day, (text, signed_with) in letters.items():
    try:
        ada.verify(signed_with, text)
    except InvalidSignature:
        forged.append(day)
# <<< solution

# %%
check(2)

# %% [markdown]
# ## Encrypt to a public key
#
# RSA can do it: whoever has the server's public half writes, and only the server reads. A web page has some hundred thousand bytes. Will it fit?

# %%
length = predict(
    "RSA 2048 with OAEP padding: how long may a message be?",
    any="as long as you like",
    key="256 bytes, as long as the key",
    less="less than 200 bytes",
)
length

# %%
from cryptography.hazmat.primitives import hashes

oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
server_public = server_key.public_key()
longest = 0
try:
    while server_public.encrypt(b"x" * (longest + 1), oaep):
        longest += 1
except ValueError:
    print("longest message:", longest, "bytes")
length.saw("any" if longest > 256 else "key" if longest == 256 else "less")

# %% [markdown]
# The padding takes the rest (RFC 8017 §7.1.1). So nobody encrypts pages with RSA. One encrypts a short random key, and with that key, by a fast symmetric cipher, the pages.
#
# **Exercise 3.** You are the client. Seal the note for the server, so that nobody else can read it, not even you. Call the bytes `sealed`. The padding `oaep`
# is ready.

# %% tags=["exercise"]
note = b"The spare key is under the blue pot."
# stub: sealed = ...
# >>> solution
sealed = server_public.encrypt(note, oaep)
# <<< solution

# %%
check(3)

# %% [markdown]
# ## The first tape
#
# “The server's public key encrypts the session key.” So it was, in one of the ways of TLS 1.2 and before. Here it is in small: a client logs in, and somebody who
# understands nothing of it records every byte.

# %%
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

def log_in_by_rsa(server_public, words):
    session_key, nonce = AESGCM.generate_key(128), os.urandom(12)
    sealed_words = AESGCM(session_key).encrypt(nonce, words, None)
    return {"sealed key": server_public.encrypt(session_key, oaep), "nonce": nonce, "sealed words": sealed_words}

first_tape = log_in_by_rsa(server_public, b"password=correct-horse")
for name, data in first_tape.items():
    print(f"{name:12}", data.hex()[:60], f"… {len(data)} bytes")

# %%
leak = predict(
    "A year later the server's private key leaks, and a thief has it and the tape. What can he read?",
    all="everything that was said a year ago",
    nothing="nothing: that session ended long ago",
)
leak

# %%
stolen = server_key
session_key = stolen.decrypt(first_tape["sealed key"], oaep)
words = AESGCM(session_key).decrypt(first_tape["nonce"], first_tape["sealed words"], None)
print(words.decode())
leak.saw("all" if b"password" in words else "nothing")

# %% [markdown]
# One key opens every tape that was ever made of this server. TLS 1.2's way had an older padding (RFC 5246 §7.4.7.1) and the same end. TLS 1.3 took it out:
# all its ways to exchange keys by public keys have *forward secrecy* (RFC 8446 §1.2). What you keep long must not open what you said once.
#
# What does it do in its place?

# %% [markdown]
# ## Agree instead
#
# Client and server each make a pair for this one meeting, and send each other the public half. Eve sees both public halves go by.

# %% tags=["nbval-check-output"]
client, server, eve = (x25519.X25519PrivateKey.generate() for _ in range(3))

clients_secret = client.exchange(server.public_key())
servers_secret = server.exchange(client.public_key())
print("client and server have the same secret:", clients_secret == servers_secret)

attempts = [eve.exchange(client.public_key()), eve.exchange(server.public_key())]
print("Eve has it too:", clients_secret in attempts)

# %% [markdown]
# Each puts its own private half and the other's public half in, and the same 32 bytes come out on both sides (RFC 7748 §6.1). The secret itself was never sent, not even encrypted.
#
# Look at who holds what. No private key is on an arrow.

# %%
from padlock.look import Arrow, Party, Thing

client_side = Party("client", holds=[Thing("private-key", "one-time")], role="client")
both = Thing("public-key", "client's"), Thing("public-key", "server's")
on_the_wire = Party("Eve", holds=both, role="attacker")
two = Thing("private-key", "one-time"), Thing("private-key", "long-lived")
server_side = Party("server", holds=two, role="server")
sent = [
    Arrow("client", "server", Thing("public-key", "client's, one-time")),
    Arrow("server", "client", Thing("public-key", "server's, one-time")),
    Arrow("server", "client", "signature over both, by the long-lived key"),
]
look.who_holds_what([client_side, on_the_wire, server_side], sent, title="Agreeing while Eve records")

# %% [markdown]
# Why the signature? Suppose that Eve does more than listen: she keeps both public halves back, and sends her own to either side.

# %% tags=["nbval-check-output"]
eves_public = eve.public_key()
print("client and Eve agree:", client.exchange(eves_public) == eve.exchange(client.public_key()))
print("server and Eve agree:", server.exchange(eves_public) == eve.exchange(server.public_key()))

# %% [markdown]
# Both have a secret, and both have it with Eve. She reads everything and passes it on. Agreement works with *anybody*.
#
# So the server signs what was exchanged, with the key that its certificate names. In TLS 1.3 that is all that this key does (RFC 8446 §4.4.3). It says *who*; the one-time keys
# make the secret.
#
# ## The second tape
#
# The same login, by agreement. The function plays both sides. Its two one-time keys end when it returns.

# %%
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

def log_in_by_agreement(long_lived, words):
    client, server = (x25519.X25519PrivateKey.generate() for _ in range(2))
    shares = client.public_key().public_bytes_raw() + server.public_key().public_bytes_raw()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    signature = long_lived.sign(shares, pss, hashes.SHA256())
    session_key = HKDF(hashes.SHA256(), 16, None, b"second tape").derive(client.exchange(server.public_key()))
    nonce = os.urandom(12)
    sealed_words = AESGCM(session_key).encrypt(nonce, words, None)
    return {"shares": shares, "signature": signature, "nonce": nonce, "sealed words": sealed_words}

second_tape = log_in_by_agreement(server_key, b"password=correct-horse")

# %%
again = predict(
    "The same private key leaks. The thief has it, and the second tape. What can he read?",
    all="everything, as before",
    nothing="nothing",
)
again

# %%
from cryptography.exceptions import InvalidTag

def opens(name, compute, *data):
    try:
        key = HKDF(hashes.SHA256(), 16, None, b"second tape").derive(compute(*data))
        return AESGCM(key).decrypt(second_tape["nonce"], second_tape["sealed words"], None)
    except (ValueError, InvalidTag) as error:
        print(f"✗ {name}: {type(error).__name__} {error}")

opened = [opens(name, stolen.decrypt, second_tape[name], oaep) for name in second_tape]
for at in (0, 32):
    share = x25519.X25519PublicKey.from_public_bytes(second_tape["shares"][at : at + 32])
    opened.append(opens("one share", x25519.X25519PrivateKey.generate().exchange, share))

# %%
again.saw("all" if any(opened) else "nothing")

# %% [markdown]
# Nothing on this tape was encrypted to the stolen key: it only signed. What would open it are the one-time keys, and they are gone.
#
# Two limits. From today on the thief can *pose* as the server, until its certificate is out of use. And forward secrecy is only as good as the forgetting: a server that keeps its
# one-time secrets, in a dump or in a cache, has made them long-lived.

# %% [markdown]
# **Exercise 4.** Agree with `peer`, who sent you `peer.public_key`. Make what you send back, `my_share`, and the key that you then both have, `my_key`: the agreed secret,
# through HKDF with SHA-256, 32 bytes, no salt, `info=b"padlock lesson 02"`.

# %%
from padlock.course.exercises.l02_keys import Peer

peer = Peer()
print(peer.public_key.public_bytes_raw().hex())

# %% tags=["exercise"]
# stub: my_share = ...
# stub: my_key = ...
# >>> solution
mine = x25519.X25519PrivateKey.generate()
my_share = mine.public_key()
my_key = HKDF(hashes.SHA256(), 32, None, b"padlock lesson 02").derive(mine.exchange(peer.public_key))
# <<< solution

# %%
check(4)

# %% [markdown]
# ## A key in a file
#
# Keys live in files, mostly as PEM. It looks like a wall.

# %%
wall = predict(
    "You find a file that begins with -----BEGIN PRIVATE KEY-----. What do you need to sign with that key?",
    passphrase="its passphrase",
    nothing="nothing but the file",
)
wall

# %%
from cryptography.hazmat.primitives import serialization

found_file = keys.pem(ed25519.Ed25519PrivateKey.generate())
thief = serialization.load_pem_private_key(found_file.encode(), password=None)
can_sign = len(thief.sign(b"I am you.")) == 64
wall.saw("nothing" if can_sign else "passphrase")

# %% [markdown]
# PEM is base64 between two lines (RFC 7468 §2), and base64 is a spelling, not a lock. Spell it back and you look at *PKCS #8*, the form that holds any kind of
# private key (RFC 5958 §2). This one is thrown away; do not do this with a key that matters.

# %%
import base64

from padlock import der

body = "".join(found_file.splitlines()[1:-1])
print(der.parse(base64.b64decode(body)).outline())

# %% [markdown]
# The last lines are the private key itself. Now the same key with a passphrase. Read the first line of the file, then what is inside.

# %%
locked_file = keys.pem(thief, passphrase="a sentence that only you know")
first, *rest, last = locked_file.splitlines()
print(first)
print(der.parse(base64.b64decode("".join(rest))).outline())
try:
    serialization.load_pem_private_key(locked_file.encode(), password=b"hunter2")
except ValueError as error:
    print("\nwith a wrong passphrase:", error)

# %% [markdown]
# ENCRYPTED is the word to look for. Inside there is only the recipe and the encrypted key. Find the INTEGER under PBKDF2: so many rounds stand between a guess and
# the key, and a machine does that in about a millisecond. A short passphrase does not hold.
#
# A server that restarts at night has nobody to type a passphrase. Its key often lies open, and then all depends on who may read the file.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
(folder / "careless.key").write_text(found_file)
keys.save(thief, folder / "careful.key")
for path in sorted(folder.iterdir()):
    print(f"{path.name:13} {path.stat().st_mode & 0o777:04o}", keys.mode_warning(path) or "")

# %% [markdown]
# `0600` means: its owner reads and writes, others do nothing. `keys.save` gives the file that mode *before* the first byte is in it. (On Windows the folder's permissions decide; the mode says nothing.)
#
# **Exercise 5.** Make a private key of any kind and keep it in a file in `folder`: PKCS #8, encrypted with `passphrase`, and readable for nobody but you. Put the
# path into `key_file`.

# %% tags=["exercise"]
passphrase = b"a sentence that only you know"
# stub: key_file = ...
# >>> solution
key_file = folder / "my.key"
locked = serialization.BestAvailableEncryption(passphrase)
pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
)
key_file.unlink(missing_ok=True)  # a file that is there already would keep its mode
with open(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
    file.write(pem)
# <<< solution

# %%
check(5)

# %% [markdown]
# ## How large, how fast
#
# RSA and elliptic curves would fall to a large quantum computer, which nobody is known to have. ML-DSA signs and ML-KEM agrees on secrets in ways that such a machine is not
# known to break; both are {{fact:post-quantum-standards}}. What do they cost?

# %%
longer = predict(
    "A signature with Ed25519 has 64 bytes. And one with ML-DSA-65?",
    two="about twice as many",
    ten="about ten times as many",
    fifty="about fifty times as many",
)
longer

# %%
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

pq_key = mldsa.MLDSA65PrivateKey.generate()
pq_signature = pq_key.sign(letter)
times = len(pq_signature) / len(ada_key.sign(letter))
print(f"public key {len(pq_key.public_key().public_bytes_raw())} bytes, signature {len(pq_signature)} bytes")
longer.saw("two" if times < 5 else "ten" if times < 25 else "fifty")

# %% [markdown]
# Now all of them, on your machine. The first round takes a moment; press the button for a careful one, RSA 4096 included. Before you do: is a longer key a slower
# one? In every step?

# %%
look.SpeedTrial()

# %% [markdown]
# Look at RSA: slow to make and to sign, and yet among the quickest to check. ML-DSA is large, but not slow. And length says nothing across kinds: P-256 is held to
# be as strong as RSA 3072 (NIST SP 800-57 Part 1, §5.6.1.1), with a public key a fifth as long. (Under *bytes*, ML-DSA's private keys look tiny: the file keeps a seed of 32 bytes, and
# the rest is computed from it: RFC 9881.)
#
# For a server today, P-256 is a good choice: small, fast, and known everywhere.

# %% [markdown]
# ## What goes post-quantum first?
#
# Think of your two tapes. The second one is safe from a stolen key. From a large quantum computer, should there be one some day, it is not: that machine could compute the one-time keys from the
# public halves on the tape. So agreement goes first. X25519MLKEM768 does both X25519 and ML-KEM; an attacker has to break both.

# %% tags=["nbval-check-output"]
kem = mlkem.MLKEM768PrivateKey.generate()
servers_secret, ciphertext = kem.public_key().encapsulate()  # the server needs only the client's public half
clients_secret = kem.decapsulate(ciphertext)
print("same secret on both sides:", clients_secret == servers_secret)

x25519_share = len(client.public_key().public_bytes_raw())
print("client sends", len(kem.public_key().public_bytes_raw()) + x25519_share, "bytes")
print("server sends", len(ciphertext) + x25519_share, "bytes")

# %% [markdown]
# You just put the sizes of the real thing together: {{fact:x25519mlkem768}}. X25519 alone takes 32 each way.
#
# A signature can wait longer. It has to hold while somebody checks it; to forge it some day does not open a tape of today. Certificates will get their
# ML-DSA signatures, as a separate, later change.

# %% [markdown]
# ## What to remember
#
# - The public half follows from the private one, not the other way round. Hand out the one, never the other.
# - A signature fits one key and exactly these bytes. It proves, and hides nothing.
# - TLS 1.3 agrees on its keys with one-time pairs; the certificate's key only signs.
# - PEM is base64. Only ENCRYPTED in the first line means a passphrase, and mode 0600 keeps others out.
# - Length says nothing across kinds. Post-quantum begins with key agreement.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# Sign and check; one changed digit is refused. Then two one-time pairs that agree, and Ada's key under a passphrase.
#
# ```sh
# openssl genpkey -algorithm ed25519 -out ada.key
# openssl pkey -in ada.key -pubout -out ada.pub
# printf 'Pay 100 euro to Bob' > letter
# openssl pkeyutl -sign -rawin -inkey ada.key -in letter -out letter.sig
# openssl pkeyutl -verify -rawin -pubin -inkey ada.pub -in letter -sigfile letter.sig
# printf 'Pay 900 euro to Bob' > letter
# openssl pkeyutl -verify -rawin -pubin -inkey ada.pub -in letter -sigfile letter.sig  # is refused
# openssl genpkey -algorithm x25519 -out client.key
# openssl pkey -in client.key -pubout -out client.pub
# openssl genpkey -algorithm x25519 -out server.key
# openssl pkey -in server.key -pubout -out server.pub
# openssl pkeyutl -derive -inkey client.key -peerkey server.pub -out clients.secret
# openssl pkeyutl -derive -inkey server.key -peerkey client.pub -out servers.secret
# cmp clients.secret servers.secret
# openssl pkcs8 -topk8 -in ada.key -passout 'pass:a sentence that only you know' -out ada.locked.key
# openssl pkey -in ada.locked.key -passin pass:hunter2 -noout  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# You can check a letter with Ada's public key. But how do you know that it is Ada's? Somebody you trust has to say so, and sign it. That is a certificate,
# and [lesson 03](03_anatomy_of_a_certificate.ipynb) takes one apart. `progress()` shows the map.
