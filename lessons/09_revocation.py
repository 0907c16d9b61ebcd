# %% [markdown]
# # 09 Revocation

# %% [markdown]
# On Monday a laptop is gone, and with it the private key of `api.test`. The certificate is good for almost three more months. Somebody deletes the file, somebody
# asks for a new one. And the thief?
#
# **You will be able to**
#
# - revoke a certificate, publish the list, and say which clients notice
# - read a CRL and an OCSP answer, and say when not to believe them
# - show how an attacker lives on by delaying
# - choose a certificate's lifetime for a given risk
# - cut identities so that one theft costs one service
#
# **You need** lessons 05 and 06: what a CA does, and how a chain is judged.
#
# **Minutes:** 35 to read, 50 to practise

# %%
from padlock.course import check, explain, export, facts, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("09_revocation")

# %% [markdown]
# ## The key is gone
#
# A root, an issuing CA, a server. The thief has what the server has: the certificate, which is public anyway, and its private key.

# %%
from padlock import look, tls
from padlock.authority import Authority

root = Authority("Class Root")
issuing = root.intermediate("Class Issuing CA")
server = issuing.issue("api.test")
thief = (list(server.chain), server.private_key)  # a copy of both; the server's file may be deleted meanwhile

# %%
secret, shown = look.Thing("private-key", "api.test"), look.Thing("certificate", "api.test")
look.who_holds_what(
    [
        look.Party("client", trusts=("Class Root",), role="client"),
        look.Party("thief", (secret, shown), role="attacker"),
        look.Party("server", (secret, shown), role="server"),
    ],
    [look.Arrow("thief", "client", shown)],
    title="After the theft",
)

# %% [markdown]
# The operator makes a new key and gets a new certificate. The CA revokes the old one: it notes its serial number, the time and a reason.

# %%
renewed = issuing.issue("api.test")
issuing.revoke(server.certificate, "keyCompromise")

# %%
first = predict(
    "The certificate is revoked. Now the thief shows it to a client that trusts Class Root. What does the client do?",
    accepts="it accepts",
    refuses="it refuses: the certificate is revoked",
)
first

# %%
meeting = tls.handshake(thief, [root.certificate], "api.test")
print(meeting.error or "accepted")
first.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# **Nothing has changed.** The certificate has the same bytes as before, a good signature, and weeks to go. Revoking is a note in the CA's book. A client that does not look can't know.
#
# Python's `ssl`, and so `requests`, looks only if somebody sets a flag, `context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN` (or `…_LEAF`), and gives it the CA's lists: without the flag they change nothing, without lists
# the flag refuses everybody. Neither does a curl built on OpenSSL look by itself; with `--crlfile` it does.

# %% [markdown]
# ## A list of what is taken back
#
# So the CA publishes its book: a *certificate revocation list*, CRL, signed with its key (RFC 5280 §5). Everybody may fetch and copy it. And the same OpenSSL, told to look into it:

# %%
lists = [issuing.crl(), root.crl()]  # for each certificate below the root, its issuer's list
for name, who in (("the thief", thief), ("the owner", renewed)):
    meeting = tls.handshake(who, [root.certificate], "api.test", crls=lists)
    print(f"{name}:", meeting.error or "accepted")

# %% [markdown]
# And this course's judge, with its reasons:

# %%
from padlock.judge import judge

verdict = judge(server, roots=[root.certificate], name="api.test", crls=lists)
print(verdict.head)
print(*verdict.reasons, sep="\n")

# %% [markdown]
# Two clients, one thief: with the list she is out, without it she is in. What other programs on this machine say, with and without the lists:

# %%
from padlock.judge.case import Case
from padlock.tls.referees import ALL
from padlock.judge.referees import referees

for given in ((), tuple(lists)):
    print("with the lists:" if given else "without:")
    case = Case(list(server.chain), [root.certificate], "api.test", server.private_key, crls=given)
    for said in referees(case, ALL):
        print("  ", said)

# %% [markdown]
# ## What is in it
#
# Who issued it, when, and **when the next one comes**; then a row for each certificate: serial number, time, perhaps a reason. A row holds no key and no name. A serial number means something only
# together with its issuer.

# %%
crl = issuing.crl()
print("issuer:    ", crl.issuer.rfc4514_string())
print("thisUpdate:", crl.last_update_utc, "  nextUpdate:", crl.next_update_utc)
for entry in crl:
    reasons = [extension.value.reason.value for extension in entry.extensions]
    print("revoked:   ", f"{entry.serial_number:x}", entry.revocation_date_utc, *reasons)

# %% [markdown]
# Byte by byte:

# %%
look.explorer(crl, "What is in this CRL?", issuer=issuing.certificate)

# %% [markdown]
# And who is on it? Search for a serial number. In the second list, made now, there are a million.

# %%
look.CrlExplorer(crl, issuing.certificate)

# %% [markdown]
# `cRLNumber` counts up, so that one sees which list is newer (RFC 5280 §5.2.3). Of the reasons (§5.3.1) *keyCompromise* is ours: {{fact:stolen-key-reason}}. *Superseded* and *cessationOfOperation* say nothing
# of a stolen key; *certificateHold* may be lifted again.

# %% [markdown]
# Long lists are cut: *partitioned* ones speak for some of a CA's certificates only, and each certificate names its own in *cRLDistributionPoints* (§4.2.1.13). *Delta* lists hold what is new since a base
# list (§5.2.4). This course's judge reads partitions. From a delta it takes what is revoked; with nothing but a delta it calls nothing good, and says so.
#
# Why cut them? Measure it. A list grows with every revocation, and each client fetches all of it. A *filter* says “certainly not revoked” or “look it up”, in a fraction of the room.

# %%
look.CrlGrowth()

# %% [markdown]
# **Exercise 1.** `theft` is the desk of a CA on such a day: `theft.ca`, `theft.ca_key`, and two identities for `api.test`, `theft.stolen` and `theft.renewed`. Make the list, with `cryptography` alone or
# with `openssl ca -gencrl`. Let it be good for about a week. Every list must have a number and say which key signed it: *cRLNumber* and *authorityKeyIdentifier*, neither critical (RFC 5280 §5.2).
# Call it `my_crl`.

# %%
from padlock.course.exercises.l09_revocation import desk

theft = desk()

# %% tags=["exercise"]
# The thief must be refused by a client that looks, the owner with the renewed certificate must not.
# stub: my_crl = ...
# >>> solution
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes

now = datetime.now(UTC)
serial = theft.stolen.certificate.serial_number
entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
builder = x509.CertificateRevocationListBuilder().issuer_name(theft.ca.subject).add_revoked_certificate(entry)
builder = builder.last_update(now).next_update(now + timedelta(days=7)).add_extension(x509.CRLNumber(1), critical=False)
key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(theft.ca.public_key())
builder = builder.add_extension(key_id, critical=False)
my_crl = builder.sign(theft.ca_key, hashes.SHA256())
# <<< solution

# %%
check(1)


# %% [markdown]
# ## A list is a claim
#
# Here is a client's check, as one finds it in programs. It has a serial number and a list, and looks.

# %%
def careless(certificate, issuer, crl, now):
    """Is the certificate certainly not revoked?"""
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None


mallory = Authority("Class Issuing CA")  # the same name, her own key
print("the CA's list:   ", careless(server.certificate, issuing.certificate, issuing.crl(), None))
print("Mallory's list:  ", careless(server.certificate, issuing.certificate, mallory.crl(), None))

# %% [markdown]
# An empty list in the CA's name, and the thief is in again. What does the judge say, if you hand it lists that it should not believe?
#
# One of them, the *delta*, is signed and fresh, but holds only what is new. An extension that is marked critical says so. It may be the list's, or that of a single entry; who does not
# know it must not use the list at all (RFC 5280 §5.2, §5.3).

# %%
from datetime import UTC, datetime, timedelta

from padlock.course.exercises.l09_revocation import only_what_is_new

day, today = timedelta(days=1), datetime.now(UTC).replace(microsecond=0)
delta = only_what_is_new(issuing)

# %%
doubtful = {
    "forged": mallory.crl(),
    "another CA's": root.crl(),
    "last month's": issuing.crl(this_update=today - 30 * day, next_update=today - 23 * day),
    "next week's": issuing.crl(this_update=today + 7 * day),
    "a delta": delta,
}
for what, one in doubtful.items():
    verdict = judge(server, roots=[root.certificate], crls=[one, root.crl()])
    print(f"{what:13}", verdict.reasons[0].why.removeprefix("whether it is revoked is not known: "))


# %% [markdown]
# With four of them the judge does *not know* whether it is revoked. It *fails closed*: without a list that it can believe, it refuses. That is safe, and has a price: if the CA's list is a day late, everything stops.
# Many programs decide the other way. (Next week's list could not call anything good either. But it has the CA's signature and names this certificate, and a signed “revoked” counts.)

# %% [markdown]
# **Exercise 2.** Mend it. Write `not_revoked(certificate, issuer, crl, now)`: True if the certificate is certainly not revoked, False for all else. `now`, aware and in UTC, is the time for which it is asked. The check
# hands it good lists and bad ones.

# %% tags=["exercise"]
# issuer is the issuer's certificate; issuer.public_key() verifies the list.
# stub: def not_revoked(certificate, issuer, crl, now): ...
# >>> solution
def not_revoked(certificate, issuer, crl, now):
    if not certificate.issuer == issuer.subject == crl.issuer or not crl.is_signature_valid(issuer.public_key()):
        return False
    if crl.next_update_utc is None or not crl.last_update_utc <= now <= crl.next_update_utc:
        return False
    if any(extension.critical for part in (crl, *crl) for extension in part.extensions):  # none that we know
        return False
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None
# <<< solution


# %%
check(2)

# %% [markdown]
# ## Ask about one
#
# A list speaks of everybody, and may be long. The other way is to ask about one certificate: the *Online Certificate Status Protocol*, OCSP (RFC 6960). The CA runs a *responder*. Let's start one, on this
# machine.

# %%
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp


def question(certificate, issuer, nonce=None):
    """Which certificate: the hash of the issuer's name, the hash of its key, the serial number."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build()


# %% [markdown]
# The client adds a *nonce*, a random number used once.

# %%
import os

asked = question(server.certificate, issuing.certificate, nonce=os.urandom(32))
with tls.OCSPServer(issuing.ocsp) as responder:
    answer = tls.ask(responder.url, asked)
said = ocsp.load_der_ocsp_response(answer)
print(len(asked.public_bytes(Encoding.DER)), "bytes out,", len(answer), "bytes back:", said.certificate_status.name)

# %% [markdown]
# The request, dissected. No name of yours is in it, but the serial number says which server you are about to visit.

# %%
look.explorer(asked.public_bytes(Encoding.DER), "What is in this OCSP request?")

# %% [markdown]
# SHA-1 only abbreviates here; that is what most clients send. Now the answer: who says it, of which certificate, as of when, until when.

# %%
look.explorer(answer, "What is in this OCSP answer?")

# %% [markdown]
# The CA's own key did not sign it. A *delegated* signer did; its certificate came along. It may, because the same CA issued it with *OCSPSigning* (RFC 6960 §4.2.2.2). The *nonce* is repeated: the answer was made
# for this request, and is no recording (RFC 9654).

# %% [markdown]
# An answer is a claim as well. Here are some that should not count:

# %%
neighbour = issuing.issue("other.test")
old = {"this_update": today - 3 * day, "next_update": today - 2 * day}
doubtful = {
    "good, expired": issuing.ocsp(server.certificate, status="good", **old),
    "about another": issuing.ocsp(neighbour.certificate),
    "a neighbour's": issuing.ocsp(server.certificate, status="good", signer=neighbour),
    "replayed": (issuing.ocsp(question(server.certificate, issuing.certificate), status="good"), asked),
    "try later": issuing.ocsp(server.certificate, error="try_later"),
}
for what, one in doubtful.items():
    verdict = judge(server, roots=[root.certificate], ocsp_answers=[one], crls=[root.crl()])
    print(f"{what:14}", verdict.reasons[0].why.partition("not known: ")[2].partition("; no CRL")[0])

# %% [markdown]
# `try later` is an error. Errors carry no signature (RFC 6960 §2.3): anybody on the way can write them.

# %% [markdown]
# ## And if no answer comes?
#
# The thief stands between client and responder, in the café's network. She can't forge an answer. She can see to it that none arrives.

# %%
second = predict(
    "A client asks, and no answer comes. Browsers that asked by OCSP decided for all their users. How?",
    closed="they refuse: better no page than a thief",
    open="they go on: a responder that is down must not stop the web",
)
second


# %%
def soft_client(answer):
    """What such a browser does: it goes on unless it is told, believably, 'revoked'."""
    if answer is None:
        return "open"
    found = judge(server, roots=[root.certificate], ocsp_answers=[answer], crls=[root.crl()]).reasons
    return "closed" if any("revoked on" in f.why for f in found) else "open"


print("the answer arrives:", soft_client(issuing.ocsp(server.certificate)))
print("it is dropped:     ", soft_client(None))
print("'try later':       ", soft_client(issuing.ocsp(server.certificate, error="try_later")))
second.saw(soft_client(None))

# %% [markdown]
# *Soft-fail*: the check works except when it matters. Asking has two more prices. Each visit waits for a third party. And the responder learns who goes where:

# %%
with tls.OCSPServer(issuing.ocsp) as responder:
    for visited in (neighbour, renewed, neighbour):
        tls.ask(responder.url, question(visited.certificate, issuing.certificate))
names = {one.certificate.serial_number: name for one, name in ((neighbour, "other.test"), (renewed, "api.test"))}
print("the CA's log of your afternoon:", [names[one.serial_number] for one in responder.asked])

# %% [markdown]
# ## The server brings it along
#
# *Stapling*: the server asks, once in a while, and hands the answer over in its handshake (RFC 6066 §8; in TLS 1.3 beside the certificate, RFC 8446 §4.4.2.1). Nobody learns who visits. A real handshake:

# %%
fresh = issuing.ocsp(renewed.certificate).public_bytes(Encoding.DER)
meeting = tls.handshake(renewed, [root.certificate], "api.test", staple=fresh)
print("the client got", len(meeting.stapled), "bytes")
print(judge(renewed, roots=[root.certificate], ocsp_answers=[meeting.stapled], crls=[root.crl()]).head)

# %% [markdown]
# And a thief who has the key? She staples nothing.

# %%
meeting = tls.handshake(thief, [root.certificate], "api.test", request_staple=True)
print("stapled:", meeting.stapled, "|", meeting.error or "accepted")

# %% [markdown]
# Only a client that insists would notice. A certificate can ask for that, *must-staple* (RFC 7633), and few clients listen.
#
# There is one more way round. An answer is good for hours or days. One from *before* the revocation stays fresh.

# %% [markdown]
# **Exercise 3.** You are the thief. `tape` holds what you recorded; forge no signature. `moves["soft"]` gets you past the client that shrugs, `moves["strict"]` past the one that wants a good answer. Each is an answer of
# `tape.answers`, or `b""` to drop it. Both clients' clocks stand still at `tape.now`.

# %%
from padlock.course.exercises.l09_revocation import recorded

tape = recorded()
for when, der in tape.answers.items():
    one = ocsp.load_der_ocsp_response(der)
    print(f"{when:34}", one.certificate_status.name, "until", one.next_update_utc)
print("now it is", tape.now)
print(tape.strict(tape.answers["now"]))

# %% tags=["exercise"]
# tape.soft(…) and tape.strict(…) say whether that client goes in, and why.
# stub: moves = ...
# >>> solution
moves = {"soft": b"", "strict": tape.answers["3 hours ago"]}
# <<< solution

# %%
check(3)

# %% [markdown]
# A nonce would have caught you, and stapled or cached answers have none: who may be answered by a recording can be answered by an old one. So how long an answer or a list is good is how long a theft lives on.

# %% [markdown]
# ## Who still believes the thief?
#
# All of it on one board: six kinds of clients, and how long the thief gets in. Turn the clocks, then let the thief stand in between. Which bars get shorter by a list that comes every hour, and which only by a shorter
# life? (The fourth client could do better: with a nonce, its bar would end when the CA revokes.)

# %%
look.RevocationBoard()

# %% [markdown]
# ## What became of it on the web
#
# Soft-fail, waiting, and privacy: OCSP has gone from the web's centre. CRLs are back, but Firefox and Chrome as a rule don't fetch them at a visit: the browser's maker gathers them and sends out an extract.

# %%
facts("ocsp-optional", "lets-encrypt-ocsp", "crlite", "crlsets", "public-tls-validity")

# %% [markdown]
# In private networks both are still in use, and there the client is yours: you can make it insist.

# %% [markdown]
# ## Wait it out
#
# The other way: certificates that live for hours. Nobody must look at anything, and nobody can drop it. Every client has a clock.

# %%
short = issuing.issue("api.test", lifetime=timedelta(hours=1))
for hours in (0, 2):
    verdict = judge(short, roots=[root.certificate], name="api.test", at=datetime.now(UTC) + timedelta(hours=hours))
    print(f"in {hours} hours:", verdict.head)

# %% [markdown]
# It needs a machine that renews, a CA that is there, and a new key each time. With the old key, the thief takes the next certificate too: it is public, and fits.
#
# **Exercise 4.** A service in your cluster. If its key is stolen, the thief may go on for 24 hours at most, though no client checks anything. The CA may be out of reach for 8 hours, and wants
# to be asked at most 4 times a day. Choose: `policy = {"lifetime": …, "renew_after": …, "new_key": …}`, with `timedelta`s.

# %% tags=["exercise"]
# renew_after: from one renewal to the next.
# stub: policy = ...
# >>> solution
policy = {"lifetime": timedelta(hours=24), "renew_after": timedelta(hours=12), "new_key": True}
# <<< solution

# %%
check(4)

# %% [markdown]
# ## And in Kubernetes?
#
# {{fact:kubernetes-revocation}}. The API server looks into no list. Who leaves with an admin's certificate is an admin until it expires. So:
#
# - let people log in at a service that hands out short-lived tokens (OIDC); certificates are for machines, for hours
# - take away the *rights*: who may do what stands in a table (RBAC), by the certificate's name. Remove the name's lines, and never use it again
# - at the worst, change the cluster's CA; then all certificates are void
#
# The second fails with the organisation (O) `system:masters`: it may do all, whatever the table says.

# %% [markdown]
# ## One identity each
#
# Four services share one certificate, because it was easier. One machine is broken into.

# %%
from padlock.course.exercises.l09_revocation import fleet

services = fleet()
shared = services.ca.issue(*services.names.values())
print("one for all:", services.broken(dict.fromkeys(services.names, shared), "billing"))

# %% [markdown]
# Revoke it, and all four stop. Don't revoke it, and the thief is all four. So nobody revokes it.
#
# **Exercise 5.** Make `identities`, a dict from service to what `services.ca` issued. Revoking one must break one, and who steals one key must be one service only.

# %% tags=["exercise"]
# services.names: service → the name under which it is reached.
# stub: identities = ...
# >>> solution
identities = {service: services.ca.issue(name) for service, name in services.names.items()}
# <<< solution

# %%
check(5)

# %% [markdown]
# ## What to remember
#
# - Revoking is a note in the CA's book. Nothing changes until a client looks.
# - A list or an answer counts if the issuer (or its signer) signed it, about this certificate, and it is not over.
# - Who stands in between can't forge, but can drop and delay. Soft-fail lets that through.
# - On the web, lists are back and sent out as extracts. Inside, short lives are the revocation that needs nobody to look.
# - A stolen key needs a new key. One identity each, or nobody dares to revoke.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# A CA, a certificate, its revocation, the list, and a client with and without it. `openssl ca` keeps its book in `index.txt`. Leave out the last `-no_nonce`, and `openssl` wants a nonce; the recorded answer has none. It only warns (`no nonce in response`), and believes it.
#
# ```sh
# printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid\n' > ca.cnf
# touch index.txt
# echo 01 > crlnumber
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=Class Root" -days 3650 -addext "keyUsage=critical,keyCertSign,cRLSign"
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout api.key -out api.pem -subj "/CN=api.test" -days 90 -CA ca.pem -CAkey ca.key -addext "basicConstraints=critical,CA:FALSE" -addext "subjectAltName=DNS:api.test"
# openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke api.pem -crl_reason keyCompromise
# openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out ca.crl
# openssl crl -in ca.crl -noout -text
# openssl verify -CAfile ca.pem api.pem
# openssl verify -CAfile ca.pem -crl_check_all -CRLfile ca.crl api.pem  # is refused
# openssl ocsp -issuer ca.pem -cert api.pem -no_nonce -reqout request.der
# openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin request.der -respout answer.der -ndays 1
# openssl ocsp -respin answer.der -issuer ca.pem -cert api.pem -CAfile ca.pem -no_nonce
# ```

# %% [markdown]
# ## What comes next
#
# You have seen a certificate's whole life, from the key to its end. Where many of them live together, in containers and clusters, is lesson 10, which is still being written.
