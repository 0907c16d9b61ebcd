# %% [markdown]
# # 04 Certificate signing requests

# %% [markdown]
# You have a key pair, and nobody knows that it is yours. An authority could vouch for it. What do you send there, and what do you
# never send?
#
# **You will be able to**
#
# - build a request in Python, and with one line of `openssl`
# - say what it carries, and find out whether your private key is in it
# - check its signature, and say what that proves and what it does not
# - ask for names where clients look for them
#
# **You need** [lesson 02](02_keys.ipynb), keys, and [lesson 03](03_anatomy_of_a_certificate.ipynb), what is in a certificate
#
# **Minutes:** 25 to read, 25 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("04_certificate_signing_requests")

# %% [markdown]
# ## A wish, in writing
#
# Your server will be called `api.test`. You want a certificate for that name. So you write a *certificate signing request*, in short CSR:
# this is my public key, and these are the names I would like. Here is one, in the same Python that you would write at work.

# %%
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

key = ec.generate_private_key(ec.SECP256R1())
organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Ltd")
subject = x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, "api.test")])
names = x509.SubjectAlternativeName([x509.DNSName("api.test")])
builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
request = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())

# %%
from padlock import look, tls

look.csr_card(request)

# %% [markdown]
# Three things are in it: the names (in the *subjectAltName*, SAN for short), who you say you are, and your public key. The last line counts, too: nobody has vouched for any of it.
# So what happens if you start a server with it?

# %%
try:
    tls.handshake((request, key), roots=[], name="api.test")
except ValueError as error:
    print(error)

# %% [markdown]
# A request is not a certificate, and not half of one. It is a wish.
#
# ## Is your private key in there?
#
# Look at the last line of the cell that made it: `sign(key, …)`. Your private key went into that call. Now the result goes to
# strangers.

# %%
inside = predict(
    "You search the bytes of the request for your private key. What do you find?",
    there="it is there: the request carries both keys",
    nowhere="only the public key; the private one is nowhere",
)
inside

# %%
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sent = request.public_bytes(Encoding.DER)
private_number = key.private_numbers().private_value.to_bytes(32, "big")
public_point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
print(f"{len(sent)} bytes. The public key begins at byte {sent.find(public_point)}.")
print(f"The private number begins at byte {sent.find(private_number)} (-1 means: nowhere).")
inside.saw("there" if private_number in sent else "nowhere")

# %% [markdown]
# A private P-256 key is one number of 256 bits, and it is not there. Can it be computed from what is there? It was used for the signature, and
# it belongs to the public key. But no practical way back is known. That is what makes it a key.
#
# Here are all the bytes. Click a field, or walk with the arrow keys.

# %%
look.explorer(request, title="What does a request carry?")

# %% [markdown]
# RFC 2986 §4 leaves no place for a private key:
#
# | field | in your request |
# |---|---|
# | version | v1, written as 0 |
# | subject | who you say you are: O is an organisation, CN a common name |
# | subjectPKInfo | your public key |
# | attributes | what you would like: `extensionRequest` holds the SAN (RFC 2985 §5.4.2) |
# | signature | by your private key, over the four fields above |
#
# A certificate has more. What does a request not even ask for?

# %% tags=["nbval-check-output"]
for field in ("subject", "issuer", "serial_number", "not_valid_before_utc", "not_valid_after_utc"):
    print(f"{field:22}", "in the request" if hasattr(request, field) else "not in a request")

# %% [markdown]
# Issuer, serial number and validity are the authority's to choose (RFC 2986 §3).
#
# ## The key that never moves
#
# So this is all that travels: a request to the authority, a certificate back. Both are public. You could print them on a poster.

# %%
yours = look.Thing("private-key", "api.test")
server = look.Party("your server", holds=(yours, look.Thing("public-key", "api.test")), role="server")
authority = look.Party("Class Root", holds=(look.Thing("private-key", "Class Root"),), role="ca")
asked = look.Arrow("your server", "Class Root", look.Thing("csr", "api.test"))
granted = look.Arrow("Class Root", "your server", look.Thing("certificate", "api.test"))
look.who_holds_what([server, authority], [asked, granted], title="Who holds what")

# %% [markdown]
# Some portals offer to spare you the work: they make the key pair and send you everything. This is what that looks like.

# %%
maker = look.Party("Class Root", holds=(look.Thing("private-key", "Class Root"), yours), role="ca")
idle = look.Party("your server", role="server")
moved = look.Arrow("Class Root", "your server", yours)
look.who_holds_what([maker, idle], [moved, granted], title="Convenient, and wrong")

# %% [markdown]
# Now two parties hold your key, and it has gone through a mailbox. Whoever read it there is `api.test` as much as you are.
# So {{fact:ca-makes-no-server-keys}}.
#
# Have you met this before? `ca.issue("api.test")` in lesson 00 made the key for the server. In a notebook all parties are you,
# so nothing moved. At work, use what this lesson shows.

# %% [markdown]
# ## One command makes both
#
# `openssl req -newkey` makes a key pair and a request in one go. That looks odd: are these not two things? Could you
# send the request first, and make the key when the certificate arrives?

# %%
order = predict(
    "First the request, the key pair later. Does that work?",
    works="yes: the request only says what I want",
    fails="no: without a key there is no request",
)
order

# %%
try:
    builder.sign(None, hashes.SHA256())
    order_works = True
except TypeError as error:
    order_works = False
    print("cryptography says:", error)
print("Can the builder be given a public key by itself?", hasattr(builder, "public_key"))
order.saw("works" if order_works else "fails")

# %% [markdown]
# A request is signed by the private key whose public half it carries (RFC 2986 §3). So the pair must be there first; whoever has none yet gets both from one
# command. Whoever has one uses `openssl req -new -key server.key`.
#
# You may read another reason: *because the public key is derived from the private key*. How much of that is so?

# %% tags=["nbval-check-output"]
from cryptography.hazmat.primitives.asymmetric import rsa

number = key.private_numbers().private_value
again = ec.derive_private_key(number, ec.SECP256R1()).public_key()
print("P-256: the public key, computed from the private number:", again == key.public_key())

rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
primes, public = rsa_key.private_numbers(), rsa_key.public_key().public_numbers()
print("RSA: the public modulus is the product of the two secret primes:", primes.p * primes.q == public.n)

# %% [markdown]
# P-256 and Ed25519 compute the public key from the private one (RFC 8032 §5.1.5 for Ed25519). RSA makes both halves from the same two primes (RFC 8017 §3). So whoever
# holds the private key file has the public key, too. Never the other way round.
#
# It is true, then, and it is not the reason, and it does not put the private key into the request. See what the command
# really writes, if this machine has it:

# %%
import shutil
import subprocess
import tempfile
from pathlib import Path

line = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout server.key -out server.csr"
line += " -subj /CN=api.test -addext subjectAltName=DNS:api.test"

# %%
with tempfile.TemporaryDirectory() as folder:
    if shutil.which("openssl"):
        ran = subprocess.run(line.split(), cwd=folder, capture_output=True, text=True)
        print(ran.stderr if ran.returncode else line)
        for file in sorted(Path(folder).iterdir()):
            print(file.name, "begins with", file.read_text().splitlines()[0])
    else:
        print("There is no openssl on this machine. It would write server.key and server.csr.")

# %% [markdown]
# Two files, and only `server.csr` is sent. `-noenc` leaves the key file without a passphrase, so that a server can start by itself; so its file mode matters.
# What will the server do with that key? In TLS 1.3 it signs, and nothing else (RFC 8446 §4.4.3).
#
# ## Now you ask
#
# **Exercise 1.** Make a key pair, `my_key`, and a request, `my_request`, for `api.test` and `www.api.test`, and for nothing more. RSA
# from 2048 bits, P-256, P-384, P-521 or Ed25519 will do. The check signs your request as an authority, starts a server with the result and your key, and lets clients connect.

# %% tags=["exercise"]
# All that you need is imported above. A path is fine, too, if you would rather use openssl.
# stub: my_key = ...
# stub: my_request = ...
# >>> solution
my_key = ec.generate_private_key(ec.SECP256R1())
both = x509.SubjectAlternativeName([x509.DNSName("api.test"), x509.DNSName("www.api.test")])
my_request = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(subject)
    .add_extension(both, critical=False)
    .sign(my_key, hashes.SHA256())
)
# <<< solution

# %%
check(1)

# %% [markdown]
# ## What the signature proves
#
# The signature covers all four fields. To check it you need the public key, and that is in the request itself. So anybody can check it,
# and nothing else is needed.

# %% tags=["nbval-check-output"]
signed_bytes = request.tbs_certrequest_bytes
print(request.public_key().verify(request.signature, signed_bytes, ec.ECDSA(hashes.SHA256())))
print(request.is_signature_valid)

# %% [markdown]
# The first line is `None`: `verify` says nothing when the signature fits, and raises `InvalidSignature` when it doesn't.
# `is_signature_valid` does the same work for every kind of key, and says `False` where the hash is SHA-1 or MD5: those are broken, so a signature
# that fits counts for nothing.
#
# Now somebody on the way changes one letter, from `api.test` to `app.test`. The length stays the same, so the bytes can still be read.

# %%
letter = predict(
    "One letter is changed on the way. What does the authority see?",
    fine="a request for app.test that is in order",
    broken="a request whose signature does not fit",
)
letter

# %%
changed = x509.load_der_x509_csr(sent.replace(b"api.test", b"app.test"))
print(changed.subject.rfc4514_string())
letter.saw("fine" if changed.is_signature_valid else "broken")

# %% [markdown]
# Reading checks nothing: the changed request loads without a word. Only the signature tells.
#
# What else can somebody on the way do? Try all five. Guess each verdict before you choose.

# %%
look.CsrBench()

# %% [markdown]
# A signature that fits proves one thing: **whoever made this request held the private key** of the public key in it. This is called *proof of
# possession*. It keeps others from asking for a certificate with your public key under their name (RFC 2986 §3, note 2).
#
# ## What it does not prove
#
# Mallory makes a key pair of her own and writes an honest request: her public key, her signature, and the name `api.test`.

# %%
mallory = ec.generate_private_key(ec.SECP256R1())
hers = builder.add_extension(names, critical=False).sign(mallory, hashes.SHA256())
thief = predict(
    "Mallory signed with her own key and asks for your name. Does the signature fit?",
    fits="it fits",
    fails="it does not fit: the name is not hers",
)
thief

# %%
from padlock.authority import Authority

ca = Authority("Class Root")
hers_signed = ca.sign(hers)  # this authority checks the signature, and asks nothing else
meeting = tls.handshake((hers_signed.chain, mallory), roots=[ca.certificate], name="api.test")
print(meeting.error or "The padlock is shut. The client believes that Mallory is api.test.")
thief.saw("fits" if hers.is_signature_valid else "fails")

# %% [markdown]
# It fits, as it should: she holds her key. A request says nothing of the right to a name. Our `ca` did not ask, and a client that trusts
# it was fooled. RFC 2986 §3 asks for two things: verify the signature, *and* authenticate who asks. Lesson 05 does the second.
#
# And if Mallory sends a copy of *your* request? It fits, so she gets a certificate.

# %%
copied = ca.sign(request)  # sent by Mallory; not one byte was changed
try:
    tls.handshake((copied.chain, mallory), roots=[ca.certificate], name="api.test")
except ValueError as error:
    print(error)


# %% [markdown]
# It holds your public key, so it serves only you. But mark it: a request has no date and no addressee. It does not say who sent it. Protocols that
# care bind it to the connection (RFC 7030 §3.5) or to an account (RFC 8555 §7.4).
#
# **Exercise 2.** Write the check yourself. `proves_possession(pem)` takes a request as PEM bytes and says `True` or `False`, for any kind of key.
# Judge the signature alone, not the wishes.

# %% tags=["exercise"]
# stub: def proves_possession(pem): ...
# >>> solution
def proves_possession(pem):
    return x509.load_pem_x509_csr(pem).is_signature_valid
# <<< solution


# %%
check(2)

# %% [markdown]
# **Exercise 3.** Three requests lie in the authority's inbox. One was changed after it was signed. Which? Here is what they
# ask for; the order differs from run to run. Say which one you suspect before you compute it.

# %%
from padlock.course.exercises.l04_certificate_signing_requests import inbox_of_three

inbox = inbox_of_three()
for which, pem in inbox.items():
    wish = x509.load_pem_x509_csr(pem)
    san = wish.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    more = "and to be a CA" if len(wish.extensions) > 1 else ""
    print(f"{which}: {wish.subject.rfc4514_string()}")
    print("    asks for", *san.get_values_for_type(x509.DNSName), more)

# %% tags=["exercise"]
# "first", "second" or "third"
# stub: misfit = ...
# >>> solution
misfit = next(which for which, pem in inbox.items() if not proves_possession(pem))
# <<< solution

# %%
check(3)

# %% [markdown]
# ## Ask in the right place
#
# Here you can ask for anything. Some things to try: `https://api.test`, or `10.0.0.7`. Then the CN alone. Then sign with somebody else's key.

# %%
look.CsrBuilder()

# %% [markdown]
# Old guides put the host name into the CN. How does a client like a certificate that was made that way?

# %%
cn_only = ca.issue("api.test", san=False)
print("subject:", cn_only.certificate.subject.rfc4514_string())
print(tls.handshake(cn_only, roots=[ca.certificate], name="api.test").error)

# %% [markdown]
# The CN says `api.test`, and the client says that the name doesn't match. It looks at the SAN alone, as RFC 9525 §2 asks and as browsers and Go do (lesson 03
# names two that don't). DNS names stand there, and IP
# addresses as entries of a kind of their own.
#
# The CN is not dead, though. For *client* certificates, Kubernetes takes the CN as the user and O as the groups. There a wrong O is a wrong right.
#
# **Exercise 4.** `old_request` asks in the CN alone. Ask again, for `shop.test`, where clients look. Keep the key: a partner has *pinned* it,
# which means that they accept this public key and no other. Call the new request `renewed`.

# %%
old_key = ec.generate_private_key(ec.SECP256R1())
old_subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")])
old_request = x509.CertificateSigningRequestBuilder().subject_name(old_subject).sign(old_key, hashes.SHA256())
look.csr_card(old_request)

# %% tags=["exercise"]
# stub: renewed = ...
# >>> solution
renewed = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(old_subject)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.test")]), critical=False)
    .sign(old_key, hashes.SHA256())
)
# <<< solution

# %%
check(4)

# %% [markdown]
# Without a pin, make a new key with each new request: it costs nothing, and a key that leaked unnoticed is worthless once the old certificate
# has ended or is revoked.
#
# ## Do you get what you ask for?
#
# Anybody can write anything into a request. This one wants to be an authority itself.

# %%
be_a_ca = x509.BasicConstraints(ca=True, path_length=None)
greedy = builder.add_extension(names, critical=False).add_extension(be_a_ca, critical=True)
greedy = greedy.sign(key, hashes.SHA256())
wish = predict(
    "Its signature fits. The authority signs. What does the certificate say?",
    granted="CA:TRUE and O=Example Ltd, as asked",
    dropped="neither: only the name was granted",
)
wish

# %%
answer = ca.sign(greedy).certificate
is_ca = answer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
has_o = bool(answer.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
look.card(answer)

# %%
wish.saw("granted" if is_ca and has_o else "dropped")

# %% [markdown]
# The authority constructs the certificate, and *may* use what you asked for (RFC 2986 §3). Ours granted the name. It dropped `CA:TRUE`, and the organisation too, since it
# has not looked it up. Public authorities do the same: {{fact:dv-has-no-organisation}}.
#
# Do not rely on it. Other tools copy every wish, as the command line below shows. So read the certificate that
# comes back.

# %% [markdown]
# ## What to remember
#
# - A request carries your public key, the names you would like, and a signature. Your private key is not in it.
# - You make the pair; the private half never moves.
# - The signature proves that whoever made the request held the private key. It proves no right to a name, and not who sent it.
# - Ask for host names in the SAN. The CN does not count for servers.
# - A request is a wish. The authority decides; read what comes back.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# In a terminal, with `openssl` 3.0 or later: a pair and a request, what is in it, its signature, and a second request for the same key.
#
# ```sh
# openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout server.key -out server.csr -subj "/O=Example Ltd" -addext "subjectAltName=DNS:api.test,DNS:www.api.test"
# openssl req -in server.csr -noout -text
# openssl req -in server.csr -noout -verify
# openssl req -new -key server.key -out again.csr -subj "/O=Example Ltd" -addext "subjectAltName=DNS:api.test"
# ```
#
# Read the words of `-verify`, and do not rely on its exit code: in OpenSSL 3.0 it is 0 also when they say *failure*.

# %% [markdown]
# An authority, and three ways to treat a request. Without `-copy_extensions` it drops every extension and copies the subject as it stands; no SAN, so
# `api.test` is refused. With `copy` it grants every wish, `CA:TRUE` too. A request in which a letter was changed it refuses.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=Class Root" -days 30
# openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 30 -out bare.pem
# openssl verify -CAfile ca.pem -verify_hostname api.test bare.pem  # is refused
# openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 30 -copy_extensions copy -out full.pem
# openssl verify -CAfile ca.pem -verify_hostname api.test full.pem
# openssl req -in server.csr -outform DER | LC_ALL=C sed 's/www\.api\.test/www.app.test/' > changed.der
# openssl x509 -req -inform DER -in changed.der -CA ca.pem -CAkey ca.key -days 30 -out never.pem  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# You asked. Now change sides: in [lesson 05](05_certificate_authorities.ipynb) you are the authority, and the requests on your desk are not all honest.
