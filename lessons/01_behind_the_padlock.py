# %% [markdown]
# # 01 Behind the padlock

# %% [markdown]
# Your bank's page shows a padlock. It stands for two promises: *nobody else reads along or changes a letter*, and *this is your bank*. Most
# trouble begins where people take the two for one. Here you break them one at a time.
#
# **You will be able to**
#
# - show in real bytes what somebody on the wire reads, with and without TLS
# - explain what encryption without identity is worth
# - write a client that refuses an attacker, and repair one that does not
# - tell which versions of SSL and TLS are dead
# - name what the padlock does not promise
#
# **You need** lesson 00, or that you have seen a certificate refused.
#
# **Minutes:** 25 to read, 25 to practise

# %%
from padlock.course import check, explain, export, facts, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("01_behind_the_padlock")

# %% [markdown]
# ## A postcard
#
# You log in at a bank. Your browser sends a few lines of text: that is HTTP/1.1. On their way they pass the café's Wi-Fi, your provider,
# and a dozen machines that you have never heard of. What do they see? Without TLS, just what you sent:

# %%
from padlock import look, tls
from padlock.authority import Authority, self_signed

login = b"POST /login HTTP/1.1\r\nHost: api.test\r\n\r\npassword=correct-horse"
welcome = b"HTTP/1.1 200 OK\r\n\r\nYour balance: 4711"
for sender, data in tls.overhear(login, welcome):
    print(sender, "sends", data)

# %% [markdown]
# `overhear` gives you the place of somebody on the path. A postcard: whoever carries it can read it, and can write on it too.
#
# Now the same login over TLS. The server shows a certificate from an authority that the client trusts, as in lesson 00. The bytes are
# real: two OpenSSLs talk to each other, and we keep what lies between them.

# %%
ca = Authority("Class Root")
server = ca.issue("api.test")
first = predict(
    "The same login, over TLS 1.3. What can the eavesdropper read?",
    nothing="nothing: it is all encrypted",
    name="only the server's name",
    both="the server's name and the page, /login",
)
first

# %%
wire = tls.overhear(login, welcome, server, roots=[ca.certificate], name="api.test", version="1.3")
found = {what: tls.search(wire, what.encode()) for what in ("correct-horse", "4711", "/login", "api.test")}
for what, places in found.items():
    print(f"{what:14} {'in message ' + str(places[0][0] + 1) if places else 'not found'}")
first.saw("both" if found["/login"] else "name" if found["api.test"] else "nothing")

# %% [markdown]
# Password, balance and page are gone. The name is not: the client says it in its first message, the *ClientHello*, so that a server
# with many names knows which certificate to show. This is *server name indication*, SNI (RFC 6066 §3).
#
# Now take the place of the eavesdropper yourself. Type a secret, and look for it in both panes. Then look for the server's name, and
# for who signed its certificate: with TLS 1.3, and with TLS 1.2.

# %%
look.Eavesdropper()

# %% [markdown]
# Did you see it? TLS 1.2 sends the certificate in the open; TLS 1.3 encrypts it (RFC 8446 §2). Whatever TLS 1.3 has encrypted calls itself *application data*,
# even the rest of the handshake (§5.2).
#
# Of the content an eavesdropper reads nothing. But she can measure.

# %%
second = predict(
    "You send a password of 8 letters, then one of 20. Can somebody without any key tell which was the longer one?",
    yes="yes, from the lengths on the wire",
    no="no, encryption hides that too",
)
second

# %%
sizes = {}
for letters in (8, 20):
    flights = tls.overhear(b"password=" + b"p" * letters, b"ok", server, roots=[ca.certificate], version="1.3")
    sizes[letters] = sum(len(data) for sender, data in flights if sender == "client")
    print(letters, "letters:", sizes[letters], "bytes from the client")
second.saw("yes" if sizes[20] - sizes[8] == 12 else "no")

# %% [markdown]
# To the byte. TLS may pad its records (RFC 8446 §5.4), but most software does not. When you send is in the open as well (§E.3), and so are the addresses of
# both machines, as on every envelope.
#
# There is a cure for the name: *Encrypted Client Hello*, {{fact:ech}}. Client, server and DNS must all take part; where one
# does not, the name is there to read, as it is here.

# %% [markdown]
# **Exercise 1.** `caught` is a login over plain HTTP, as it crossed the wire: a list of (sender, bytes). The password is in it, but not as you would
# type it. Find it, and call it `password`.

# %%
from padlock.course.exercises.l01_behind_the_padlock import caught as catch

caught = catch()
print(caught[0][1].decode().strip())

# %% tags=["exercise"]
# The header Authorization holds "user:password", in base64 (RFC 7617 §2).
# stub: password = ...
# >>> solution
import base64

coded = caught[0][1].split(b"Authorization: Basic ")[1].split(b"\r\n")[0]
password = base64.b64decode(coded).decode().partition(":")[2]
# <<< solution

# %%
check(1)

# %% [markdown]
# **Exercise 2.** Somebody visits a site over TLS 1.3. You sit on the wire and write the report: which `site`, how many bytes the
# request had (`length`), and the `password`. Where nobody without a key can know, write `None`.
#
# The client's last message is its request, in one TLS record. TLS 1.3 adds 22 bytes to it: 5 of header, 1 for its kind, 16 to detect changes
# (RFC 8446 §5.2).

# %%
from padlock.course.exercises.l01_behind_the_padlock import watched as watch

watched = watch()
for sender, data in watched:
    print(f"{sender:7} {len(data):4} bytes   {tls.readable(data, 8)}")

# %% tags=["exercise"]
# readable() may show random letters too; pick the host name.
# stub: report = ...  # {"site": ..., "length": ..., "password": ...}
# >>> solution
site = next(run for run in tls.readable(watched[0][1], 8) if run.endswith(".test"))
request = [data for sender, data in watched if sender == "client"][-1]
report = {"site": site, "length": len(request) - 22, "password": None}
# <<< solution

# %%
check(2)

# %% [markdown]
# ## Encrypted, but to whom?
#
# So far the attacker only listened. Mallory does more: she *answers*. She owns the Wi-Fi, or has changed a DNS entry, and your
# client's connection ends at her machine. She opens a second one to the real server and passes everything on.

# %%
mallory = self_signed("api.test")
hers = [look.Thing("private-key", "Mallory's own"), look.Thing("certificate", "api.test, signed by herself")]
real = [look.Thing("private-key", "api.test"), look.Thing("certificate", "api.test, signed by Class Root")]
parties = [
    look.Party("client", trusts=["Class Root"], role="client"),
    look.Party("Mallory", hers, role="attacker"),
    look.Party("server", real, role="server"),
]
arrows = [look.Arrow("Mallory", "client", look.Thing("certificate", "api.test"))]
arrows += [look.Arrow("client", "Mallory", "the password?"), look.Arrow("Mallory", "server", "whatever she got")]
look.who_holds_what(parties, arrows, title="A machine in the middle")

# %% [markdown]
# Somebody has switched verification off in the client: `ssl.CERT_NONE`, or `verify=False` in many libraries. “It is still TLS”, they say.

# %%
third = predict(
    "The client does not verify; both connections are TLS 1.3. What does Mallory get to read?",
    nothing="nothing: it is encrypted",
    password="the password, and the answer",
)
third

# %%
attack = tls.intercept(server, mallory, [ca.certificate], "api.test", verify=False, request=login, reply=welcome)
print("Mallory reads:", attack.attacker_read[-22:], "and", attack.attacker_read_reply[-18:])
print("The client got:", attack.client_got[-18:])
both_wires = attack.with_client.flights + attack.with_server.flights
print("On either wire, found:", tls.search(both_wires, b"correct-horse"))
third.saw("password" if b"correct-horse" in attack.attacker_read else "nothing")

# %% [markdown]
# Read the last line again: on the wires the password is *nowhere*. The encryption is perfect, on both sides of Mallory. It was made
# with Mallory. The client sees an answer, the server sees a customer, no error anywhere.
#
# TLS without a check of identity keeps out whoever listens, and nobody who answers (RFC 8446, appendix C.5). The same attack,
# against a client that verifies:

# %%
attack = tls.intercept(server, mallory, [ca.certificate], "api.test", verify=True, request=login, reply=welcome)
print(attack.error)
print("Mallory hears:", attack.error.other_said)
print("Mallory reads:", attack.attacker_read)

# %% [markdown]
# ## The copied certificate
#
# Mallory learns quickly. A certificate is public: the server shows it to everyone who connects. So she connects, copies it, and shows *that* to
# your client. It has the right name, it is in date, your authority did sign it. (An honest OpenSSL does not start with a key that does not fit; Mallory tampers with her key file until it does.)

# %%
fourth = predict(
    "Every check is on, and the certificate is the real one. Does the client accept Mallory?",
    accepts="yes: the certificate is valid",
    refuses="no: something is missing",
)
fourth

# %%
copied = tls.borrowed(server.certificate)
attack = tls.intercept(server, copied, [ca.certificate], "api.test", verify=True, request=login, reply=welcome)
print("the certificate she showed is the real one:", attack.with_client.presented[0] == server.certificate)
print(attack.error)
fourth.saw("refuses" if attack.error else "accepts")

# %% [markdown]
# *Bad signature.* Which? Not the one on the certificate; that one is fine. In a full TLS 1.3 handshake the server signs
# *all that was said so far* with its private key: CertificateVerify (RFC 8446 §4.4.3). TLS 1.2 signs less, in another message. The certificate tells
# the client which public key to check it with. Mallory has the certificate and not the key.
#
# So a valid certificate does not prove whom you reached. **The certificate says which key; the signature shows who holds it; the name says whether it is the one you wanted.**
#
# Now try them all. One of the combinations may surprise you: the copied certificate against a client that checks nothing.

# %%
look.AttackBench()

# %% [markdown]
# `CERT_NONE` skips the chain and the name. The signature over the handshake is checked even then, but with the key from
# whatever certificate came. So the copy fails, and any other certificate whose key she has will do.
#
# The bench has one more lesson. Let Mallory show a certificate from her own CA and tick the box: now that CA may vouch for every name. Companies do this on purpose, to look into their
# employees' traffic; malware does it too. The padlock is shut all the same.

# %% [markdown]
# **Exercise 3.** Write a client that reaches `api.test` and refuses Mallory, in every disguise. The server's CA is a private one, so no trust store knows it; `root_pem` is its
# certificate as text (PEM: the bytes in base64 between two lines), which a colleague handed you. On the web you also found `forum_pem`, with the words “load this and it works”.
# Call your `ssl.SSLContext` `context`.

# %%
import ssl

from cryptography.hazmat.primitives.serialization import Encoding

mallory_ca = Authority("Mallory's CA")
root_pem = ca.certificate.public_bytes(Encoding.PEM).decode()
forum_pem = root_pem + mallory_ca.certificate.public_bytes(Encoding.PEM).decode()
for name, text in (("root_pem", root_pem), ("forum_pem", forum_pem)):
    print(f"{name:9} {len(text):5} characters, begins {text[:60]!r}")

# %% tags=["exercise"]
# Python's own ssl, nothing of ours. help(ssl.create_default_context) says what it takes.
# stub: context = ...
# >>> solution
context = ssl.create_default_context(cadata=root_pem)
# <<< solution

# %%
check(3)

# %% [markdown]
# **Exercise 4.** A database has a new name, `db.test`. Since then the clients complained, and somebody “repaired” them. This is what runs
# today. Nothing complains, whoever answers:

# %%
from padlock.tls.contexts import server_context

staff_ca = Authority("Staff Root")
staff_pem = staff_ca.certificate.public_bytes(Encoding.PEM).decode()
db_today = staff_ca.issue("old-db.test")

today = ssl.create_default_context(cadata=staff_pem)
today.check_hostname = False  # TLS errors otherwise
today.verify_mode = ssl.CERT_NONE
for who, identity in (("the database:", db_today), ("Mallory:     ", self_signed("db.test"))):
    print(who, tls.meet(today, server_context(identity), "db.test").error or "accepted")
print("with checks: ", tls.handshake(db_today, [staff_ca.certificate], "db.test").error.said)

# %% [markdown]
# Repair it at the right place: a client context `db_client`, and what the database shows, `db_server`. `staff_ca` is yours to
# use. The client must still refuse strangers, and the mail server of the same house, which has a good certificate for `mail.test`, and
# certificates whose time is over.

# %% tags=["exercise"]
# Read the last line above: what does the client complain of, and whose fault is that?
# stub: db_client = ...
# stub: db_server = ...
# >>> solution
db_client = ssl.create_default_context(cadata=staff_pem)
db_server = staff_ca.issue("db.test")
# <<< solution

# %%
check(4)

# %% [markdown]
# ## HTTP, HTTPS, SSL, TLS
#
# HTTP/1.1 is the text you saw at the beginning. HTTPS is HTTP inside TLS, by default at port 443 instead of 80 (RFC 9110 §4.2.2). HTTP/2 and HTTP/3 are
# binary; HTTP/3 runs over QUIC, which has TLS 1.3 built in (RFC 9001). TLS does not care what it carries: mail, databases and Kubernetes use it as well.
#
# SSL is what TLS was called when Netscape made it. The word is still in names (`import ssl`, OpenSSL, “SSL certificate”), and in older OpenSSL in messages too: its `sslv3 alert bad
# certificate` comes from TLS 1.3 as well. The protocol is dead.

# %%
facts("ssl-2", "ssl-3", "tls-10", "tls-11", "tls-12", "tls-13")

# %% [markdown]
# This course cites TLS 1.3 by the section numbers of RFC 8446; RFC 9846, a small revision with other numbers, replaces it.
#
# Client and server agree on a version in their first two messages. This client can do TLS 1.2 and 1.3, and it says so in its ClientHello. Each version has a
# number: `03 01` is TLS 1.0, `03 03` is TLS 1.2, `03 04` is TLS 1.3.

# %%
fifth = predict(
    "A client that prefers TLS 1.3 connects. Which version number stands at the very beginning, in bytes 1 and 2, counted from 0?",
    tls13="03 04, TLS 1.3",
    tls12="03 03, TLS 1.2",
    tls10="03 01, TLS 1.0",
)
fifth

# %%
hello = tls.handshake(server, [ca.certificate], "api.test").flights[0][1]
print("the first bytes:   ", hello[:11].hex(" "))
offer = hello.index(bytes.fromhex("002b000504"))  # extension 43, supported_versions: 5 bytes, of them 4 of versions
print("supported_versions:", hello[offer : offer + 9].hex(" "))
fifth.saw({"0304": "tls13", "0303": "tls12", "0301": "tls10"}[hello[1:3].hex()])

# %% [markdown]
# The beginning lies. Bytes 9 and 10, counted from 0, always say TLS 1.2: too many servers, and boxes on the way, failed on numbers that they did not
# know, so TLS 1.3 dresses up as its ancestor (RFC 8446 §4.1.2). Bytes 1 and 2 belong to the record around it; §5.1 allows 1.2 or 1.0 there, and OpenSSL
# writes 1.0. The true offer stands in an extension: `03 04`, then `03 03` (§4.2.1).
#
# What of a client that really is old? Take the hello of a TLS 1.2 client, change the version to TLS 1.0, and hand it to a server of today.

# %%
hello = bytearray(tls.handshake(server, [ca.certificate], "api.test", version="1.2").flights[0][1])
hello[9:11] = b"\x03\x01"  # "I can do TLS 1.0 at most"
hears, says = ssl.MemoryBIO(), ssl.MemoryBIO()
modern = server_context(server).wrap_bio(hears, says, server_side=True)
hears.write(bytes(hello))
try:
    modern.do_handshake()
except ssl.SSLError as error:
    print("in the server's log:", error.reason)
print("on the wire:", says.read().hex(" "))

# %% [markdown]
# The last byte is the alert: `46` is 70, *protocol_version* (RFC 8446 §6.2). An old client learns no more than that.
#
# Which version do two modern ones agree on? The best that both have:

# %%
for version in (None, "1.2"):
    meeting = tls.handshake(server, [ca.certificate], "api.test", version=version)
    print(f"{'both free' if version is None else 'only 1.2':10} {meeting.version}  {meeting.cipher}")

# %% [markdown]
# ## What the padlock does not promise
#
# Mallory has one more idea. She registers a name of her own, `bank-login.test`, and asks the authority for a certificate. The
# authority checks that the name is hers, and it is. Now she sends you a mail with a link.

# %%
honest_looking = ca.issue("bank-login.test")
meeting = tls.handshake(honest_looking, [ca.certificate], "bank-login.test", send=login)
print("error:", meeting.error, "  version:", meeting.version)
print("Mallory reads:", meeting.received_by_server[-22:])

# %% [markdown]
# The padlock is shut, and rightly so: you reached `bank-login.test`, and nobody else reads along. It does not promise
#
# - that the site is **honest**, or **who** is behind the name
# - what the server **does later** with what you sent
# - that nobody knows **which site** you visit, when, and how much you send
#
# Your browser's padlock may be neither green nor a padlock. Chrome {{fact:chrome-lock-icon}}: too many people took it for a seal of honesty.

# %% [markdown]
# ## What to remember
#
# - Two promises: nobody else reads along, or changes it, and you reached the name that you asked for.
# - Encryption without identity protects against listeners, and not against whoever answers. `verify=False` is just that.
# - A certificate is public. The proof is a signature over this handshake, made with the private key.
# - Name, sizes and times stay visible; content does not.
# - SSL is dead, TLS 1.2 and 1.3 are alive. A shut padlock says nothing about honesty.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# Base64 is no lock; a certificate does not fit another key; and a signature made with the wrong key fails, as in CertificateVerify. `s_client` needs a network:
# `openssl s_client -connect example.org:443 -verify_return_error -verify_hostname example.org`. Without the two last options it goes on after a failed check.
#
# ```sh
# echo bWlhOmNvcnJlY3QtaG9yc2U= | openssl base64 -d
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout server.key -out server.pem -subj "/CN=api.test" -addext "subjectAltName=DNS:api.test" -days 30
# openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out mallory.key
# openssl x509 -in server.pem -noout -pubkey > public.pem
# echo "all that client and server said so far" > transcript
# openssl dgst -sha256 -sign server.key -out proof transcript
# openssl dgst -sha256 -verify public.pem -signature proof transcript
# openssl dgst -sha256 -sign mallory.key -out forged transcript
# openssl dgst -sha256 -verify public.pem -signature forged transcript  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# Everything here hung on one thing that the server has and Mallory has not: a private key. [Lesson 02](02_keys.ipynb) makes keys, signs with them, and
# agrees on secrets.
