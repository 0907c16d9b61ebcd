# %% [markdown]
# # 03 Anatomy of a certificate

# %% [markdown]
# “Just mount the certs.” You have two files, and one of them begins with `-----BEGIN CERTIFICATE-----`. What does it say, who
# says so, and what happens if you change a single bit of it?
#
# **You will be able to**
#
# - read who a certificate is for, who signed it, and until when
# - find any field in its bytes
# - tell whether its signature fits, and why one changed bit breaks it
# - say what each extension is for, and what “critical” asks of a client
# - look through the roots that your own machine trusts
#
# **You need** lesson 00. Lesson 02, on keys, helps.
#
# **Minutes:** 25 to read, 30 to practise

# %%
from padlock.course import check, explain, export, facts, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("03_anatomy_of_a_certificate")

# %% [markdown]
# ## What is in it
#
# Take one apart. An authority issues a certificate for a server, as in lesson 00.

# %%
from padlock import der, keys, look, machine, reading, tls
from padlock.authority import Authority

ca = Authority("Class Root")
server = ca.issue("api.test", "10.0.0.7")
cert = server.certificate
look.card(cert)

# %% [markdown]
# The card is our reading of it. Here are the same fields by their real names, with `cryptography`, the library that you would
# use at work.

# %%
print("subject:", cert.subject.rfc4514_string())
print("issuer: ", cert.issuer.rfc4514_string())
print("from:   ", cert.not_valid_before_utc)
print("until:  ", cert.not_valid_after_utc)
print("serial: ", cert.serial_number)
print("key:    ", cert.public_key())
print("version:", cert.version)

# %% [markdown]
# **Subject**: whose it is. **Issuer**: the CA that signed. **Validity**: from when until when, both ends included. **Public key**: the subject's. **Serial number**: the CA's
# own number for it, never given twice.
#
# A certificate ties a key to a name, and the CA's signature says “I checked this”. That is all it is.
#
# The form is the ITU's standard X.509, {{fact:x509-origin}}. What the internet uses of it is RFC 5280. People say “SSL
# certificate”. Is that what it says? You will see.

# %%
first = predict(
    "Many texts call it the “public encryption key”. Here it is a P-256 key. What can you do with it?",
    both="encrypt, and verify signatures",
    encrypt="encrypt",
    verify="verify signatures",
)
first

# %%
public = cert.public_key()
can = [what for what in ("encrypt", "verify") if hasattr(public, what)]
print(type(public).__name__, "can", can)
first.saw("both" if len(can) == 2 else can[0])

# %% [markdown]
# It can't encrypt at all. In TLS 1.3 the key in a certificate does one thing: it checks a signature in the handshake (RFC 8446 §4.4.3). The keys that
# encrypt are made fresh for each connection; lesson 07 shows how.
#
# “Public encryption key” comes from RSA, which can do both. Up to TLS 1.2 a client could encrypt a secret to the server's RSA key. TLS 1.3 dropped that. More: `explain("key-encrypts")`.

# %% [markdown]
# ## Which name counts?
#
# Two places in a certificate can hold a name: the subject's *common name* (CN), and an extension called *subjectAltName* (SAN).

# %%
from cryptography import x509
from cryptography.x509.oid import NameOID

print("CN: ", [part.value for part in cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)])
san = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
print("SAN:", [(type(name).__name__, str(name.value)) for name in san])

# %%
second = predict(
    "A certificate has CN=api.test and no subjectAltName. The client trusts its CA, "
    "and wants api.test. What does it do?",
    accepts="it accepts: the name is there",
    refuses="it refuses",
)
second

# %%
only_cn = ca.issue("api.test", san=False)
print(only_cn.certificate.subject.rfc4514_string())
meeting = tls.handshake(only_cn, [ca.certificate], "api.test")
print(meeting.error)
second.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# “Hostname mismatch”, although the name is right there. The CN is a text for people. It has no type: is it a host, a person, a company? So browsers, Go and this course's clients look at the SAN, where
# every entry says what it is. {{fact:cn-ignored}}.

# %% [markdown]
# Not all software keeps to it. Where there is no SAN at all, Python's own default context and `openssl verify -verify_hostname` still take the CN. In
# this course's client that is switched off.
#
# Where certificates stand for users, the subject still matters: Kubernetes reads CN and O of *client* certificates. Lesson 10 comes back to that.

# %% [markdown]
# **Exercise 1.** Write `facts_of(cert)`. It returns a dictionary with `"issuer"`, `"names"` (those that a client looks at, as a list), `"key"` (the public key) and `"expires"`. It is tried on several
# certificates, also on one without a SAN. Here is one to try yours on; it is another one at every run.

# %%
from padlock.course.exercises.l03_anatomy_of_a_certificate import five_certificates, specimen

found = specimen()
look.card(found)


# %% tags=["exercise"]
# facts_of(found) should say what the card says.
# stub: def facts_of(cert): ...
# >>> solution
def facts_of(cert):
    try:
        san = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [str(name.value) for name in san]
    except x509.ExtensionNotFound:
        names = []
    return {
        "issuer": cert.issuer.rfc4514_string(),
        "names": names,
        "key": cert.public_key(),
        "expires": cert.not_valid_after_utc,
    }
# <<< solution


# %%
check(1)

# %% [markdown]
# ## Nothing in it is secret
#
# In a file it looks like a code that you can't read.

# %%
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

pem = cert.public_bytes(Encoding.PEM).decode()
print(pem)

# %%
import base64

inside = base64.b64decode("".join(pem.splitlines()[1:-1]))
data = cert.public_bytes(Encoding.DER)
print("the same bytes as the certificate:", inside == data)
print("a name, in the open:", inside[inside.find(b"api.test") :][:8])
print("it speaks of SSL:", b"SSL" in inside)

# %% [markdown]
# No key, no passphrase: PEM is the bytes in base64, between two lines that say what they are (RFC 7468). It hides nothing, and it
# protects nothing. It only survives e-mail and copy and paste. And the protocol is not in it: whatever people call it (`explain("called-ssl")`), the same certificate serves TLS 1.2 and TLS 1.3.

# %%
third = predict(
    "You search these bytes for both halves of the server's key pair. What do you find?",
    both="the public key and the private key",
    public="the public key only",
    neither="neither: keys are hashed first",
)
third

# %%
secret = server.private_key.private_numbers().private_value.to_bytes(32, "big")
point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
places = {"public": data.find(point), "private": data.find(secret)}
for half, at in places.items():
    print(half, "key:", f"at byte {at}" if at >= 0 else "not there")
third.saw("both" if places["private"] >= 0 else "public" if places["public"] >= 0 else "neither")

# %% [markdown]
# The private key is never in a certificate. One *file* may carry both: a PEM bundle, or PKCS #12 (`.p12`, `.pfx`). Then the file is secret.
#
# So a certificate may be shown to anybody, and a server does: every client gets it in the handshake. A stranger can copy it from there. What can they do with it?

# %%
stranger = tls.borrowed(cert)  # your certificate, and a private key that is not yours
meeting = tls.handshake(stranger, [ca.certificate], "api.test")
print(meeting.error)
copy = look.Thing("certificate", "api.test")
look.who_holds_what(
    [
        look.Party("client", trusts=("Class Root",), role="client"),
        look.Party("stranger", holds=(copy,), role="attacker"),
        look.Party("server", holds=(look.Thing("private-key", "api.test"), copy), role="server"),
    ],
    [look.Arrow("stranger", "client", copy, refused=True)],
)

# %% [markdown]
# The certificate is good: right name, known CA, in time. Still *bad signature*. In the handshake each server signs what was said so far, and only the private key that belongs to the certificate
# makes a signature that fits it (CertificateVerify, RFC 8446 §4.4.3).
#
# A valid certificate does not prove whom you reached. A valid certificate **and** that signature do.

# %% [markdown]
# ## How long is it good?
#
# As long as it says. Public CAs must give less and less time:

# %%
facts("public-tls-validity")


# %% [markdown]
# A private CA, such as the one in a Kubernetes cluster, sets its own limits. Shorter is safer if a program renews, and an outage if a person has to remember. So the most useful number is: how many days
# are left?
#
# **Exercise 2.** Write `days_left(cert, now)`. It returns the whole days from the moment `now` to the end, and a negative number when it is over. `now` is a datetime with a time zone,
# in Kiribati as well as in Kansas.

# %% tags=["exercise"]
# To try it: from datetime import UTC, datetime; days_left(found, datetime.now(UTC))
# stub: def days_left(cert, now): ...
# >>> solution
def days_left(cert, now):
    return (cert.not_valid_after_utc - now).days
# <<< solution


# %%
check(2)

# %% [markdown]
# ## Down to the bytes
#
# The bytes follow one rule, called DER (X.690): a byte that says *what kind*, then *how long*, then the content, which may be such boxes again. The first four here say: a sequence,
# and how many bytes follow.

# %%
print(data[:4].hex(" "), "… altogether", len(data), "bytes")
print("30: a sequence · 82: two bytes of length follow ·", data[2:4].hex(" "), "is", int.from_bytes(data[2:4], "big"))

# %% [markdown]
# Here is every box. Move over the tree or the bytes, or walk with the arrow keys. Look for `notAfter`, for your name, and for the three big
# parts: what is signed, how it was signed, and the signature. Below the fields you can change a byte; a reader, the CA's key and the judge answer at once. *Undo* takes
# it back.

# %%
view = look.explorer(cert, "What is in this certificate?", issuer=ca, roots=[ca], name="api.test")
view.select("notAfter")
view

# %%
end = der.parse(data).find("notAfter")
print("offset", end.offset, "· header", end.header_length, "bytes · content", end.length, "bytes")
print(end.raw.hex(" "))
print(end.content, "is", end.text)

# %% [markdown]
# `17` is the kind, UTCTime; `0d` the length, 13; then letters. The year has two digits: 50 to 99 mean 1950 to 1999. From 2050 on another kind with four digits is used (RFC 5280 §4.1.2.5).
#
# **Exercise 3.** Be a forger. Give the certificate `found` more time: take its DER bytes, write a later `notAfter` over the old one, and leave every other byte as it is. Call the result `stretched`.

# %% tags=["exercise"]
# Bytes can't be changed in place; a bytearray can: forged = bytearray(found.public_bytes(Encoding.DER))
# stub: stretched = ...
# >>> solution
forged = bytearray(found.public_bytes(Encoding.DER))
old_end = der.parse(bytes(forged)).find("notAfter")
year = old_end.offset + old_end.header_length
forged[year : year + 2] = b"49"
stretched = bytes(forged)
# <<< solution

# %%
check(3)

# %% [markdown]
# ## One bit
#
# That was easy. The forged certificate reads perfectly well. What have you gained?

# %%
fourth = predict(
    "You flip one bit of our certificate, in each byte in turn: hundreds of forgeries. "
    "How many of them does the CA's signature still fit?",
    none="none",
    few="a few: some fields are not signed",
    most="most: only the important fields are signed",
)
fourth

# %%
import warnings
from collections import Counter

from cryptography.exceptions import InvalidSignature

data, tally = cert.public_bytes(Encoding.DER), Counter()
with warnings.catch_warnings(action="ignore"):  # some forgeries have strange serial numbers
    for at in range(len(data)):
        forgery = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        try:
            x509.load_der_x509_certificate(forgery).verify_directly_issued_by(ca.certificate)
            tally["the signature fits"] += 1
        except (ValueError, InvalidSignature, x509.InvalidVersion) as error:
            tally[type(error).__name__] += 1

# %%
print(len(data), "forgeries:", dict(tally))
fit = tally["the signature fits"]
fourth.saw("none" if fit == 0 else "most" if fit > len(data) / 2 else "few")

# %% [markdown]
# `InvalidSignature`: it can be read, but the CA signed other bytes. `ValueError`: a length, a kind or a name is wrong, so it does not come to
# that. The signature covers all of `tbsCertificate`, *to be signed*: every field, every extension (RFC 5280 §4.1.1.3).
#
# Now choose the bit yourself. At every move three are asked: a reader, the CA's key, and a real client.

# %%
look.FlipBench()

# %% [markdown]
# Whoever holds only the certificate can't mend the signature. Only the CA's private key can sign changed fields.
#
# **Exercise 4.** Five certificates say that they are from the CA whose certificate is `their_ca`. In one of them a byte was changed after signing; which one differs from run to run. Write
# `fits(cert, issuer)`, which returns True or False, and find it: `altered` is its label.

# %%
their_ca, five = five_certificates()
for label, one in five.items():
    print(f"{label:7}", one.subject.rfc4514_string(), "· from", one.issuer.rfc4514_string())


# %% tags=["exercise"]
# five is a dictionary: five["first"] is a certificate.
# stub: def fits(cert, issuer): ...
# stub: altered = ...
# >>> solution
def fits(cert, issuer):
    try:
        cert.verify_directly_issued_by(issuer)
        return True
    except Exception:
        return False


altered = next(label for label, one in five.items() if not fits(one, their_ca))
# <<< solution

# %%
check(4)

# %% [markdown]
# ## What the extensions say
#
# The fields so far were there from the beginning. Everything since came in as an *extension*. Here are those of a certificate that a public CA
# issued for `cryptography.io` in 2018.

# %%
wild = look.from_the_wild()
look.extensions(wild)

# %% [markdown]
# Every one of these is there for somebody: the client (names, purposes), whoever builds a chain (the two identifiers, caIssuers), whoever asks whether it was revoked, and the public logs. Two have changed since 2018:

# %%
facts("ocsp-urls-gone", "public-client-auth")

# %% [markdown]
# Where the OCSP address is gone, `cRLDistributionPoints` says where the list of revoked certificates lies (lesson 09). And a client's certificate belongs to a private CA (lesson 08).
#
# A root says less. It names no purpose and no host; it says that it is a CA, and may sign:

# %%
look.extensions(ca.certificate)

# %% [markdown]
# Some are marked *critical*. Is that the same as important? Try: two certificates with an extension that nobody has ever heard of, once plain, once critical.

# %%
fifth = predict(
    "Which of the two does the client accept?",
    both="both: it skips what it does not know",
    plain="only the one where it is not critical",
    neither="neither: what is unknown is refused",
)
fifth

# %%
unheard = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
accepted = []
for critical in (False, True):
    odd = ca.issue("api.test", extra=[(unheard, critical)])
    meeting = tls.handshake(odd, [ca.certificate], "api.test")
    print("critical:" if critical else "plain:   ", meeting.error or "accepted")
    accepted.append(meeting.error is None)
fifth.saw("both" if all(accepted) else "plain" if accepted[0] else "neither")


# %% [markdown]
# *Critical* means: whoever does not understand this must refuse (RFC 5280 §4.2). A limit such as “not a CA” must not be skipped by an old client; a hint such as an address may be.

# %% [markdown]
# ## The roots that you trust
#
# Somebody put a list of authorities on this machine, and your programs believe each of them, for almost any name. Have you ever looked?

# %%
def kind(root):
    try:
        return keys.describe(root.public_key())
    except Exception:  # a few old roots have keys that are not supported any more
        return "another"


roots = machine.roots().certificates
print(len(roots), "roots on this machine")
print(Counter(kind(root) for root in roots).most_common())

# %%
from datetime import UTC, datetime, timedelta

from cryptography.x509.oid import SignatureAlgorithmOID as Algorithm

odd_roots = {
    "signed themselves with SHA-1": lambda r: r.signature_algorithm_oid == Algorithm.RSA_WITH_SHA1,
    "have expired": lambda r: r.not_valid_after_utc < datetime.now(UTC),
    "last 25 years or more": lambda r: (r.not_valid_after_utc - r.not_valid_before_utc).days >= 9125,
    "have the serial number 0": lambda r: r.serial_number == 0,
}
with warnings.catch_warnings(action="ignore"):  # it warns of serial number 0
    for what, is_odd in odd_roots.items():
        print(f"{sum(is_odd(root) for root in roots):4} {what}")

# %% [markdown]
# The oldest, the one with the longest life, the one that ends next, and our server's certificate on one line of time:

# %%
oldest = sorted(roots, key=lambda root: root.not_valid_before_utc)[:1]
longest = sorted(roots, key=lambda root: root.not_valid_before_utc - root.not_valid_after_utc)[:1]
alive = [root for root in roots if root.not_valid_after_utc > datetime.now(UTC)]
next_to_end = sorted(alive, key=lambda root: root.not_valid_after_utc)[:1]
look.timeline(list(dict.fromkeys([*oldest, *longest, *next_to_end, cert])))

# %% [markdown]
# Serial number 0 is against RFC 5280 §4.1.2.2. SHA-1 is broken: {{fact:sha1-public}}. Should these roots frighten you? Test it with two of your own: one signs itself with SHA-1. In the other, the self-signature is wrong altogether: another key made it.

# %%
sixth = predict(
    "Both roots are in the client's store. It meets a server with a certificate from each. What does it do?",
    both="it accepts both",
    one="it accepts SHA-1, and refuses the wrong self-signature",
    none="it refuses both",
)
sixth

# %%
from cryptography.hazmat.primitives import hashes

old = Authority("Old Root", key_kind="rsa2048", hash=hashes.SHA1())
broken = Authority("Broken Root", signed_by=keys.make())
ends = []
for root in (old, broken):
    meeting = tls.handshake(root.issue("api.test"), [root.certificate], "api.test")
    print(root.name, "→", meeting.error or "accepted")
    ends.append(meeting.error is None)
sixth.saw("both" if all(ends) else "one" if ends[0] else "none")

# %% [markdown]
# A root is not trusted because it signed itself. Anybody can do that. It is trusted because it is **in the store**. A *trust anchor* is a name and a public key that you chose to trust; its own
# signature is not part of the check (RFC 5280 §6.1). What counts are the signatures below it.
#
# Are there names you don't know? Each may vouch for almost any site. A company's proxy or a virus scanner may have added its own.

# %% [markdown]
# And the dates of a root? RFC 5280 leaves them out of the path as well. But this client looks:

# %%
now = datetime.now(UTC)
past = Authority("Past Root", not_before=now - timedelta(days=9000), not_after=now - timedelta(days=1))
late = past.issue("api.test", not_before=now - timedelta(days=9), not_after=now + timedelta(days=9))
print(tls.handshake(late, [past.certificate], "api.test").error)

# %% [markdown]
# OpenSSL checks the anchor's dates too; not every client does. So when a root expires, some programs go on, and in others everything below it fails at once.

# %% [markdown]
# ## Read any certificate
#
# Your turn. Look at the roots of this machine, paste one, choose a file, or let a site show its own. Nothing is sent anywhere until you press the button; then a client that verifies connects first, and if
# it refuses you see why, and what was shown.

# %%
look.CertificateReader()

# %% [markdown]
# ## What to remember
#
# - A certificate ties a public key to names, for a time, and a CA signed that. It is public; the private key is never in it.
# - Host names belong in the subjectAltName. The CN is for people, though some clients still fall back to it.
# - It is DER in boxes. PEM is the same in base64, and hides nothing.
# - Every field is signed: change one bit of `tbsCertificate`, and the CA's signature does not fit.
# - A root is trusted because it is in the store, not because it signed itself.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# A CA and a certificate; read it; see its bytes; ask whether it is good for another day (yes) and another year (no); then change one
# letter of the name in the bytes and check the signature.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=Class Root" -days 30
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout server.key -out server.pem -subj "/CN=api.test" -addext "subjectAltName=DNS:api.test" -addext "basicConstraints=critical,CA:FALSE" -CA ca.pem -CAkey ca.key -days 30
# openssl x509 -in server.pem -noout -subject -issuer -dates -serial -ext subjectAltName
# openssl x509 -in server.pem -noout -text
# openssl asn1parse -in server.pem -i
# openssl x509 -in server.pem -noout -checkend 86400
# openssl x509 -in server.pem -noout -checkend 31536000  # is refused
# openssl verify -CAfile ca.pem server.pem
# openssl x509 -in server.pem -outform DER -out server.der
# LC_ALL=C sed 's/api.test/apj.test/g' server.der > forged.der
# openssl x509 -inform DER -in forged.der -noout -subject
# openssl verify -CAfile ca.pem forged.der  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# You can read what a CA signed. But how does a name get in there in the first place? Somebody asks for it, with a *certificate signing
# request*. [Lesson 04](04_certificate_signing_requests.ipynb) makes one.
