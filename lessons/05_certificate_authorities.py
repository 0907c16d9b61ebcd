# %% [markdown]
# # 05 Certificate authorities

# %% [markdown]
# A request from lesson 04 lies in front of you: a public key, some names, and a proof that its maker holds the private key.
# Nobody has vouched for it yet. Today that somebody is you.
#
# **You will be able to**
#
# - make a root in real `cryptography` code, and sign a request with it
# - check whose a name is with a challenge, before you vouch for it
# - put a root into one client's store, and say what that opens
# - say what a stolen CA key can do, what limits it, and who would notice
#
# **You need** keys and requests, as in lessons 02 to 04, and a little Python.
#
# **Minutes:** 25 to read, 30 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("05_certificate_authorities")

# %% [markdown]
# ## Somebody has to sign
#
# Who may be a *certificate authority*, a CA? Anybody. It takes a key pair, a name, some rules, and clients that have decided to
# believe it. The first three you make yourself. The fourth is not yours to make.
#
# Begin with key and name. This is plain `cryptography`; it works without this course.

# %%
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ca_key = ec.generate_private_key(ec.SECP256R1())
ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "My First Root")])
now = datetime.now(UTC)

# %% [markdown]
# A certificate says: “This key belongs to this subject. Signed: the issuer.” Your CA has nobody above it. So it is its own
# issuer, and signs with its own key: *self-signed*.

# %%
bare = (
    x509.CertificateBuilder()
    .subject_name(ca_name)
    .issuer_name(ca_name)  # nobody stands above
    .public_key(ca_key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - timedelta(hours=1))
    .not_valid_after(now + timedelta(days=3650))
)
first_try = bare.sign(ca_key, hashes.SHA256())

# %% [markdown]
# Now a server needs a certificate, signed with your `ca_key`. `Authority` is this course's CA: the same builder, with careful
# defaults. It takes the key that you made.

# %%
from padlock import csr, look, machine, tls, vetting
from padlock.authority import Authority

ca = Authority("My First Root", key=ca_key)
server = ca.issue("api.test")
first = predict(
    "You put first_try into a client's store: trust this! The server's certificate is signed with "
    "ca_key. What does the client do?",
    accepts="it accepts: the signature fits, and I trust the signer",
    refuses="it refuses",
)
first

# %%
meeting = tls.handshake(server, roots=[first_try], name="api.test")
print(meeting.error or "accepted")
first.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# *Invalid CA certificate.* Name, key and signature are right, and you even trust it. But nothing in `first_try` says that its key may
# sign certificates. That must be written in it (RFC 5280 §4.2.1.9, §4.2.1.3): `CA:TRUE`, and `keyCertSign` as key usage. Otherwise every
# server with a certificate could play CA. Keep that in mind; somebody will try.
#
# Both are *critical*: a client that does not understand them must refuse.

# %%
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def usage(*words):
    """x509.KeyUsage wants a yes or no for each of its nine uses."""
    return x509.KeyUsage(**{use: use in words for use in USES})


# %%
root = (
    bare.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
    .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
    .sign(ca_key, hashes.SHA256())
)
meeting = tls.handshake(server, roots=[root], name="api.test")
print(meeting.error or f"accepted: {meeting.version}")
look.card(root)

# %% [markdown]
# ## A name is quickly taken
#
# Your root has signed itself. Does that make it trustworthy? Mallory makes a root too. She gives it the same name, and it signs itself
# just as correctly: `verify_directly_issued_by` raises an error if a signature does not fit.

# %%
twin = Authority("My First Root")  # Mallory's: the same name, her own key
for one in (root, twin.certificate):
    one.verify_directly_issued_by(one)
    print("signed by itself, correctly:", one.subject.rfc4514_string())
second = predict(
    "Mallory's root signs a certificate for api.test. A client with your root in its store meets "
    "her server. What does it do?",
    accepts="it accepts: the name of the CA is right, and the root signed itself",
    refuses="it refuses",
)
second

# %%
meeting = tls.handshake(twin.issue("api.test"), roots=[root], name="api.test")
print(meeting.error or "accepted")
second.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# That a root signed itself shows only that its maker holds the key. Anyone can do that. A root is trusted because
# it lies in the client's store. There it is a *trust anchor*: a name with a public key (RFC 5280 §6.1.1). Its own signature need not even be
# looked at.
#
# You will read that a chain ends with a self-signed certificate, and that it is the anchor of trust. The first half is how roots are usually packed. The second is true where it lies in a store, and nowhere else.

# %% [markdown]
# **Exercise 1.** Be a CA once more, from nothing. Make a key, `my_key`: P-256, P-384, P-521, Ed25519, or RSA from 2048 bits. And its self-signed root, `my_root`. Any name but
# an empty one; good now and for a year or more.

# %% tags=["exercise"]
# usage("key_cert_sign", …) from above saves you typing.
# stub: my_key = ...
# stub: my_root = ...
# >>> solution
my_key = ec.generate_private_key(ec.SECP256R1())
my_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Workshop Root")])
my_root = (
    x509.CertificateBuilder()
    .subject_name(my_name)
    .issuer_name(my_name)
    .public_key(my_key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - timedelta(hours=1))
    .not_valid_after(now + timedelta(days=3650))
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
    .add_extension(x509.SubjectKeyIdentifier.from_public_key(my_key.public_key()), critical=False)
    .sign(my_key, hashes.SHA256())
)
# <<< solution

# %%
check(1)

# %% [markdown]
# ## Sign what somebody else made
#
# `ca.issue` took a short cut: it made the server's private key as well. Real CAs don't. The server makes its own pair and sends
# a request. Watch what the CA gives back, and what it never had.

# %%
server_key = ec.generate_private_key(ec.SECP256R1())  # on the server, where it stays
wish = csr.make(["api.test"], server_key)  # as in lesson 04
granted = ca.sign(wish)
print("a private key in what the CA gives back:", granted.private_key)
meeting = tls.handshake((granted.chain, server_key), roots=[root], name="api.test")
print(meeting.error or "accepted")

# %%
Party, Thing, Arrow = look.Party, look.Thing, look.Arrow
asked, issued = Thing("csr", "api.test"), Thing("certificate", "api.test")
look.who_holds_what(
    [
        Party("client", trusts=("My First Root",), role="client"),
        Party("CA", holds=(Thing("private-key", "My First Root"),), role="ca"),
        Party("server", holds=(Thing("private-key", "api.test"), issued), role="server"),
    ],
    [Arrow("server", "CA", asked), Arrow("CA", "server", issued)],
    title="Two private keys, and neither of them moves",
)

# %% [markdown]
# For how long does the CA vouch? A request can't even ask: it has no field for time (RFC 2986 §4.1). `Authority` gives servers 90 days.
# Your own CA sets its own limit. For public CAs there is a shrinking one:
# {{fact:public-tls-validity}}. Renewing must be a machine's work, then.

# %% [markdown]
# And for what? `ca.sign` has written *serverAuth* into it: good for servers, and not for clients that show a certificate themselves (lesson 08). Those are
# a task for a private CA like yours: {{fact:public-client-auth}}.

# %% [markdown]
# ## What is asked for
#
# The next request is Mallory's. She owns `mallory.test`. Read what else she would like to have.

# %%
mallory_key = ec.generate_private_key(ec.SECP256R1())
wanted = x509.SubjectAlternativeName([x509.DNSName("mallory.test"), x509.DNSName("bank.test")])
hostile = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mallory.test")]))
    .add_extension(wanted, critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .add_extension(usage("digital_signature", "key_cert_sign"), critical=True)
    .sign(mallory_key, hashes.SHA256())
)
look.csr_card(hostile)

# %% [markdown]
# The signature fits: she holds her private key. That is all it proves. Now play a careless CA, and copy every extension that she asks for
# into the certificate. Command lines and libraries offer that as an option.
#
# With her new certificate and her own key, Mallory then signs a certificate for `shop.test`. You never saw that name.

# %%
careless = ca.sign(hostile, extra=[(one.value, one.critical) for one in hostile.extensions])
mallorys_ca = Authority("mallory.test", key=mallory_key)  # her key signs now
forged = mallorys_ca.issue("shop.test")
third = predict(
    "A client that trusts only your root wants shop.test, and meets Mallory's server. What does it do?",
    accepts="it shuts the padlock",
    refuses="it refuses: shop.test is not in Mallory's certificate",
)
third

# %%
meeting = tls.handshake(
    ([forged.certificate, careless.certificate], forged.private_key), roots=[root], name="shop.test"
)
third.saw("refuses" if meeting.error else "accepts")

# %%
look.chain(
    meeting.presented, roots=[root], marks={0: "you never saw this name", 1: "a CA now, by your signature"}
)

# %% [markdown]
# One box ticked, and Mallory vouches for every name on earth, to everybody who trusts you. The client did nothing wrong: you said `CA:TRUE`.
#
# So a request is a wish list. What the key may do and for how long, the CA decides. Of the wishes only two kinds are worth copying: the public key, once the
# signature proves it, and the names, once somebody has shown whose they are.

# %% [markdown]
# ## Whose name is it?
#
# Mallory asks for `bank.test`. How can you find out whether it is hers? Ask the name itself: "If you are `bank.test`, put this content at this
# address of yours." Then fetch it. That is ACME's challenge HTTP-01 (RFC 8555 §8.3), one of those that Let's Encrypt uses.
#
# The content joins a random *token* of the CA with a fingerprint of the asker's account key (§8.1).

# %%
import secrets

account_key = ec.generate_private_key(ec.SECP256R1())  # Mallory's account at your CA
token = secrets.token_urlsafe(16)
content = vetting.key_authorization(token, account_key)
print(content)

# %% [markdown]
# Next, two servers start on this machine: Mallory's, which has the content, and the bank's, which has never heard of it. A small table stands for DNS:
# it says where each name leads. (A real CA asks DNS and fetches from port 80. Here each server has a port of its own.)

# %%
fourth = predict(
    "The CA fetches the content from bank.test. Mallory knows the token and has a server. Does the "
    "challenge for bank.test pass?",
    passes="it passes: she has the content",
    fails="it fails",
)
fourth

# %%
proven = {}
with tls.ChallengeServer(token, content) as mallorys, tls.ChallengeServer("something-else", "") as the_banks:
    dns = {"mallory.test": ("127.0.0.1", mallorys.port), "bank.test": ("127.0.0.1", the_banks.port)}
    for name in dns:
        status, body = tls.fetch(f"http://{name}{mallorys.path}", dns)
        proven[name] = status == 200 and body == content.encode()
        print(f"http://{name}{mallorys.path} → {status}, {'proven' if proven[name] else 'not proven'}")
fourth.saw("passes" if proven["bank.test"] else "fails")

# %% [markdown]
# The CA went where *the name* leads, not where Mallory is. At the bank's server she can't put anything.
#
# What was proven? Control of the name, as the CA sees it from its place in the network. Whoever bends DNS or the route on the way
# passes as well. Therefore looking from several places at once {{fact:mpic}}.

# %% [markdown]
# Mallory learns. She buys `bank-login.test`. That name is truly hers.

# %%
fifth = predict(
    "Mallory asks for bank-login.test, passes the challenge, and gets her certificate. A customer's "
    "client wants bank-login.test. What does it do?",
    shuts="it shuts the padlock",
    refuses="it refuses: this is not the bank",
)
fifth

# %%
proof = vetting.prove("bank-login.test", controls={"bank-login.test"}, account=account_key)
print("challenge:", proof.said)
phishing = ca.issue("bank-login.test")
meeting = tls.handshake(phishing, roots=[root], name="bank-login.test")
fifth.saw("refuses" if meeting.error else "shuts")

# %% [markdown]
# Everybody kept the rules. The certificate says: this key belongs to whoever controls `bank-login.test`. It does not say that they are honest,
# or a bank. A CA that issues after such a challenge has looked at a name and nothing else.

# %% [markdown]
# ## Your desk
#
# A pile of requests. For each thing that a request asks for, choose: accept it, change it, or refuse. The desk runs the challenges, signs what you
# decide, and lets real clients meet the asker. At first it accepts everything. Find a policy that does no harm, and still serves the honest.

# %%
look.CaDesk()

# %% [markdown]
# Did you try the request with `keyCertSign` but without `CA:TRUE`? Two locks hold that door, and one that stays shut is enough. And the one that asks in the CN
# alone: granted as it stands, browsers, Go and this course's clients refuse it (RFC 9525 §6.3). Some still fall back to the CN: Python's `ssl` unless told not to,
# curl with OpenSSL.

# %% [markdown]
# **Exercise 2.** Sign `hostile` as a careful CA: call the certificate `careful`. Mallory has proven `mallory.test` and nothing else. Your key is `ca_key`,
# your certificate `root`. Let it be good for 90 days at most, and for TLS only: with *OCSPSigning*, say, her key could answer for your CA which certificates are
# good (RFC 6960 §4.2.2.2). The subject, too, says only what she has proven. Write it with `cryptography`, or with the `openssl` command line.

# %% tags=["exercise"]
# hostile.public_key() is her public key; root.subject is your name.
# stub: careful = ...
# >>> solution
careful = (
    x509.CertificateBuilder()
    .subject_name(hostile.subject)
    .issuer_name(root.subject)
    .public_key(hostile.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - timedelta(hours=1))
    .not_valid_after(now + timedelta(days=90) - timedelta(hours=1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("mallory.test")]), critical=False)
    .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    .add_extension(usage("digital_signature"), critical=True)
    .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    .sign(ca_key, hashes.SHA256())
)
# <<< solution

# %%
check(2)


# %% [markdown]
# **Exercise 3.** Write `vet(request, controls)`. It gets a request as an object of `cryptography`, and a function: `controls("api.test")` runs a challenge
# and says `True` or `False`. Return the list of DNS names that you would grant. If the request's own signature does not fit, or it has no SAN, that is none.
#
# The check hands your function several requests, and runs a server for each challenge.

# %% tags=["exercise"]
# request.is_signature_valid; request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
# stub: def vet(request, controls): ...
# >>> solution
def vet(request, controls):
    if not request.is_signature_valid:
        return []
    try:
        san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [name for name in san.get_values_for_type(x509.DNSName) if controls(name)]
# <<< solution


# %%
check(3)

# %% [markdown]
# ## Whom does a client trust?
#
# Browsers and operating systems come with a store, filled by their makers. How full is your machine's? And what does a client with just
# that store say to your server?

# %%
preloaded = machine.roots().certificates
print("roots in this machine's store:", len(preloaded))
meeting = tls.handshake(server, roots=preloaded, name="api.test")
print(meeting.error or "accepted")

# %% [markdown]
# Every one of those roots may vouch for any name, unless something in it or in the client limits it. Whoever is not in the store is
# unknown; a browser then shows its warning page.
#
# Does that make your CA worse? No: unknown *to this client*. Give the root to a client of yours on purpose, and it believes you. Here is a real one, curl, if
# it is on this machine. `--cacert` is a store for one call; the machine's own store stays as it is.

# %%
import shutil
import subprocess


def ask_curl(site, *options):
    """What curl says. --resolve takes the place of DNS, -q leaves your own curl settings out."""
    if not shutil.which("curl"):
        return "(curl is not on this machine)"
    there = ["--resolve", f"{site.name}:{site.port}:127.0.0.1", "--noproxy", "*"]
    ran = subprocess.run(
        ["curl", "-q", "-sS", "-m", "5", *there, *options, site.url], capture_output=True, check=False
    )
    return (ran.stdout or ran.stderr).decode(errors="replace").strip()


# %%
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

with tempfile.TemporaryDirectory() as folder, tls.TLSServer(server) as site:
    file = Path(folder, "root.pem")
    file.write_bytes(root.public_bytes(Encoding.PEM))
    print("curl with the machine's store:", ask_curl(site))
    print("\ncurl with your root:          ", ask_curl(site, "--cacert", str(file)))

# %% [markdown]
# Now fill a client's store yourself. Try the look-alike root, and then the impostor, who shows a good certificate without having its key.

# %%
look.TrustBench()

# %% [markdown]
# Three things look alike and are not. A *self-signed server certificate* that somebody clicked away: nobody knows whose key it is. A *private root installed
# on purpose*: you know who holds its key, and how it came to you. A *public root*: the store's maker decided for you.
#
# In a study, 75 people at an IT conference judged flawed certificates; the self-signed ones seemed to be over-trusted (Ukrop et al., arXiv 2207.11610).

# %% [markdown]
# **Exercise 4.** Build a client, `client`: an `ssl.SSLContext` that trusts your root, and so every server of your CA, today's and tomorrow's. It checks names. It
# refuses everybody whom your CA did not sign: no other CA is in its store, not even the machine's. The root as PEM text is `root_pem`.

# %% tags=["exercise"]
import ssl

root_pem = root.public_bytes(Encoding.PEM).decode()
# stub: client = ...
# >>> solution
client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client.hostname_checks_common_name = False  # names in the SAN only
client.load_verify_locations(cadata=root_pem)
# <<< solution

# %%
check(4)

# %% [markdown]
# ## The key of a CA is stolen
#
# A thief copies `ca_key`. Nothing else: no passwords, nothing of the bank's. `bank.test` has never asked you for a certificate.

# %%
sixth = predict(
    "The thief signs a certificate for bank.test. A client trusts your root, and wants bank.test. "
    "What does it do?",
    refuses="it refuses: the bank has nothing to do with this CA",
    accepts="it accepts",
)
sixth

# %%
thief = Authority("My First Root", key=ca_key)  # name and key are all it takes
loot = thief.issue("bank.test")
meeting = tls.handshake(loot, roots=[root], name="bank.test")
print(meeting.error or "accepted")
sixth.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# Any name, until each client drops your root. It was no theory: {{fact:diginotar}}.
#
# What limits the damage?

# %%
corp = Authority("Corp Root", name_constraints=("corp.test",))
for name in ("db.corp.test", "bank.test"):
    meeting = tls.handshake(corp.issue(name), roots=[corp.certificate], name=name)
    print(f"Corp Root signs {name}:", meeting.error or "accepted")

# %% [markdown]
# And if the careless signature of before comes from an *issuing CA*, whose own certificate says that no CA may stand below it?

# %%
issuing = ca.intermediate("Issuing CA")  # path length 0
careless = issuing.sign(hostile, extra=[(one.value, one.critical) for one in hostile.extensions])
chain = [forged.certificate, *careless.chain]  # forged: Mallory's, for shop.test
meeting = tls.handshake((chain, forged.private_key), roots=[root], name="shop.test")
print("Mallory's certificate for shop.test:", meeting.error or "accepted")

# %% [markdown]
# *Name constraints* keep a CA to its names (RFC 5280 §4.2.1.10). A *path length* of 0 lets it sign servers and no CAs (§4.2.1.9): the same
# careless signature does less harm. A *short life* ends what nobody notices.
#
# And the root's key itself: keep it offline, in a safe. Every few years it signs an *intermediate*, which does the daily work. If that one's key is stolen,
# the root takes it back and signs a new one; no client's store must change. (Whether clients hear of it is lesson 09's matter.) Certificates
# straight from a root {{fact:root-direct}}.

# %%
safe, daily = "root, in a safe", "issuing CA"
vouched = Thing("certificate", "Issuing CA")
look.who_holds_what(
    [
        Party("clients", trusts=("My First Root",), role="client"),
        Party(safe, holds=(Thing("private-key", "My First Root"),), role="ca"),
        Party(daily, holds=(Thing("private-key", "Issuing CA"), vouched), role="ca"),
        Party("server", holds=(Thing("private-key", "api.test"), issued), role="server"),
    ],
    [Arrow(safe, daily, vouched), Arrow(daily, "server", issued)],
)

# %% [markdown]
# ## Who would notice?
#
# The bank can't see what other CAs sign. *Certificate Transparency* changes that (RFC 6962, RFC 9162): public logs to which certificates are only ever added. The log answers with
# a signed promise, an *SCT*, which mostly goes into the certificate. Browsers want to see such promises: {{fact:ct-browsers}}.
#
# Here is a log of four entries, with the fingerprint over all of it: a tree of hashes (RFC 9162 §2.1.1).

# %%
from hashlib import sha256


def tree_head(entries):
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    middle = 1 << (len(entries) - 1).bit_length() - 1  # the largest power of two below the count
    return sha256(b"\x01" + tree_head(entries[:middle]) + tree_head(entries[middle:])).digest()


log = [one.certificate.public_bytes(Encoding.DER) for one in (server, granted, loot, phishing)]
print("tree head:", tree_head(log).hex())

# %%
for number, entry in enumerate(log):
    logged = x509.load_der_x509_certificate(entry)
    names = logged.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if "bank.test" in names.get_values_for_type(x509.DNSName):
        print(f"entry {number}: {logged.issuer.rfc4514_string()} has signed for bank.test")
print("head without that entry is the same:", tree_head(log[:2] + log[3:]) == tree_head(log))

# %% [markdown]
# The bank watches the log and finds the thief's certificate. The log can't quietly drop it: everybody who remembers the old head would see.
#
# What transparency does not do: prevent. The forged certificate was accepted before anybody looked, and somebody must look. Nor does it warn of `bank-login.test`: that certificate is in order, and in the log. And all this is for public CAs: your private root
# is in no log, and no browser asks it for SCTs.

# %% [markdown]
# ## What to remember
#
# - A root is trusted because it lies in the client's store, not because it signed itself.
# - A CA needs the public key and never the private one.
# - A request is a wish list. Grant what was proven, decide the rest, and never copy CA:TRUE.
# - A challenge proves who controls a name. Nobody has proven honesty.
# - Whoever has a CA's key vouches for any name: limit it, keep the root offline, watch the logs.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# A root, Mallory's request, and what a careless and a careful CA make of it (OpenSSL 3, in bash). `-copy_extensions copyall` is the careless one: then Mallory signs for `shop.test`.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=My First Root" -days 3650 -addext "keyUsage=critical,keyCertSign,cRLSign"
# openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout mallory.key -out mallory.csr -subj "/CN=mallory.test" -addext "subjectAltName=DNS:mallory.test,DNS:bank.test" -addext "basicConstraints=critical,CA:TRUE"
# openssl x509 -req -in mallory.csr -CA ca.pem -CAkey ca.key -days 90 -copy_extensions copyall -out careless.pem
# printf "%s\n" "subjectAltName=DNS:mallory.test" "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" > careful.ext
# openssl x509 -req -in mallory.csr -CA ca.pem -CAkey ca.key -days 90 -extfile careful.ext -out careful.pem
# openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout shop.key -out shop.csr -subj "/CN=shop.test" -addext "subjectAltName=DNS:shop.test"
# openssl x509 -req -in shop.csr -CA careless.pem -CAkey mallory.key -days 30 -copy_extensions copy -out forged.pem
# openssl verify -CAfile ca.pem -untrusted careless.pem -verify_hostname shop.test forged.pem
# openssl verify -CAfile ca.pem -untrusted careful.pem -verify_hostname shop.test forged.pem  # is refused
# openssl verify -CAfile ca.pem -verify_hostname bank.test careless.pem
# openssl verify -CAfile ca.pem -verify_hostname bank.test careful.pem  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# You have signed, and a client believed you. With an intermediate in between, it needs a whole chain, and chains break in ways that a browser hides from you:
# [lesson 06](06_chains_of_trust.ipynb), where you repair some. If you want another look at what you signed, [lesson 03](03_anatomy_of_a_certificate.ipynb) opens a certificate byte by byte.
