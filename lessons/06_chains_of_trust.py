# %% [markdown]
# # 06 Chains of trust

# %% [markdown]
# “In my browser it works.” A colleague's program refuses the same server, with `unable to get local issuer certificate`. Somebody proposes
# `verify=False`, another installs a certificate. The mistake is one missing file, and not at the client.
#
# **You will be able to**
#
# - build the path from a server's certificate up to a root, by hand
# - find out where a broken chain must be repaired, and repair it there
# - say what cross-signing does, and which path a client finds
# - say what each limit in a CA's certificate is for, by the attack that succeeds without it
#
# **You need** lessons 03 and 05: what is in a certificate, and what a CA does.
#
# **Minutes:** 30 to read, 45 to practise

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("06_chains_of_trust")

# %% [markdown]
# ## Why there is something in between
#
# Whoever has a root's key can be anybody, for every client that trusts it. And to replace a root, somebody has to visit every store. So
# the key lies in a safe, offline. Every few years it signs an *intermediate*, which issues for servers all day. If that one's key is stolen, the root takes it back and signs another. No store changes.
#
# The price: between the server's certificate and the store there is a gap. Who closes it?

# %%
from padlock import look, tls
from padlock.authority import Authority

root = Authority("Class Root")  # its key stays in the safe
issuing = root.intermediate("Class Issuing CA")
server = issuing.issue("api.test")
look.chain(server.chain, roots=[root.certificate])

# %% [markdown]
# The client has what stands on top, and gets what stands below. Read it upwards: each certificate is signed with the key in the next. The top one is not proven by anything:
# it is the *trust anchor*, because it lies in the store (RFC 5280 §6.1.1).

# %% [markdown]
# ## Build the path by hand
#
# Real pools are messy: a folder of files, certificates of other CAs, old ones, false ones. Here is such a pool. Some of it is Mallory's. The leaf is
# `server.certificate`. Which of these has issued it?

# %%
import random

from cryptography import x509


def identifier(certificate):
    """The name that a CA gives its own key, the subjectKeyIdentifier."""
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


mallory, other = Authority("Class Root"), Authority("Other Root")
false_key_id = [(identifier(issuing.certificate), False)]  # copied: it is public
copies = [mallory.intermediate("Class Issuing CA", extra=extra) for extra in ([], false_key_id)]
authorities = [root, issuing, mallory, other, other.intermediate("Other Issuing CA"), *copies]
pool = [one.certificate for one in authorities]
random.shuffle(pool)

# %% [markdown]
# First by name: whose *subject* is the leaf's *issuer*?

# %%
leaf = server.certificate
by_name = [one for one in pool if one.subject == leaf.issuer]
for one in by_name:
    print(one.subject.rfc4514_string(), "key identifier", identifier(one).digest.hex(":")[:20])

# %% [markdown]
# Three. Mallory can write any name. Next, the leaf names the key that signed it: its *authorityKeyIdentifier* (AKI) is the
# *subjectKeyIdentifier* (SKI) of the one above.

# %%
first = predict(
    "Three candidates have the right name. How many of them also have the key identifier "
    "that the leaf names?",
    one="one: the real one",
    two="two",
    three="all three",
)
first

# %%
named = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
by_identifier = [one for one in by_name if identifier(one).digest == named]
print(len(by_identifier), "of", len(by_name))
first.saw({1: "one", 2: "two", 3: "three"}[len(by_identifier)])

# %% [markdown]
# An identifier is a label. It helps to find the way, and Mallory can copy it (RFC 5280 §4.2.1.1). What she can't copy is the signature: it was made with a private
# key, and only its public half verifies it.

# %%
from cryptography.exceptions import InvalidSignature


def signed(issued, issuer):
    """Names fit, and the issuer's key verifies the signature."""
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


print("verified:", [signed(leaf, one) for one in by_name].count(True), "of", len(by_name))


# %% [markdown]
# One. Names say who *may* have signed; the signature says who did. One step up is done, and the next one goes the same way.

# %% [markdown]
# **Exercise 1.** Write `build(leaf, pool)`. Return the path as a list of certificates: the leaf first, then who signed it, and so on, up to a certificate that has
# issued itself. If nobody in the pool fits, return how far you came. The check hands you several pools, in any order, with look-alikes.

# %% tags=["exercise"]
# signed(issued, issuer) from above says whether one step holds.
# stub: def build(leaf, pool): ...
# >>> solution
def build(leaf, pool):
    path = [leaf]
    while path[-1].issuer != path[-1].subject:
        above = [one for one in pool if signed(path[-1], one)]
        if not above:
            break
        path.append(above[0])
    return path
# <<< solution


# %%
check(1)

# %% [markdown]
# ## The pool on your desk
#
# Now you are both sides. Tick what the server sends after its own certificate (the first row), and whom the client trusts. A and D look the same in every column. Begin with
# A, then D, then both at once: does every client find the way?

# %%
look.ChainBuilder()

# %% [markdown]
# Did you see it? With A and D there is a good path, and OpenSSL refuses. It takes the first candidate that fits by name and identifier, and does not turn back
# when the signature turns out wrong. RFC 4158 describes builders that do; nobody has to be one. Clients of TLS 1.3 SHOULD cope
# with certificates that nobody needs (RFC 8446 §4.4.2), and still this one refuses. So a server sends what is needed, and nothing else.

# %% [markdown]
# ## The browser works, curl fails
#
# A very common mistake: the server sends its own certificate alone. The root is in the client's store, the issuing CA is in order.

# %%
second = predict(
    "The server sends only the leaf. The client trusts Class Root. What does it do?",
    accepts="it accepts: the root is trusted, and the issuing CA is signed by it",
    refuses="it refuses",
)
second

# %%
alone = ([server.certificate], server.private_key)
meeting = tls.handshake(alone, roots=[root.certificate], name="api.test")
print(meeting.error)
second.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# *Unable to get local issuer certificate*: nobody here is called `Class Issuing CA`. The words sound as if the client's store were at fault. It is not. TLS wants the
# server to send each certificate up to the root; only the root itself may be left out (RFC 8446 §4.4.2).
#
# And the others? The next cell takes such a chain from the course's catalogue of faults, and asks every verifier that this machine has: its *referees*, curl among them
# if it is here.

# %%
from padlock.faults import FAULTS
from padlock.judge.referees import referees
from padlock.tls.referees import ALL, QUICK

forgotten = FAULTS["missing-intermediate"].case()
for said in referees(forgotten, ALL):
    print(said)

# %% [markdown]
# Why does the browser work? It fills the gap itself: from a cache, since another site has sent that intermediate, or from a list, or from an address in the certificate, the *authorityInfoAccess*
# (RFC 5280 §4.2.2.1). As of today, {{fact:intermediates-in-browsers}}.
#
# Here is a leaf with such an address. Let's do what some browsers do.

# %%
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID


def where(url):
    """The extension that says where the issuer's certificate can be fetched."""
    place = x509.UniformResourceIdentifier(url)
    ways = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)]
    return x509.AuthorityInformationAccess(ways), False


# %%
with tls.PageServer("/ca.der", issuing.certificate.public_bytes(Encoding.DER)) as page:
    helpful = issuing.issue("api.test", extra=[where(f"http://ca.test:{page.port}/ca.der")])
    access = helpful.certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS)
    address = access.value[0].access_location.value
    fetched = tls.fetch(address, {"ca.test": ("127.0.0.1", page.port)}).body
found = x509.load_der_x509_certificate(fetched)
print("fetched:", found.subject.rfc4514_string(), "| has it signed the leaf?", signed(helpful.certificate, found))
meeting = tls.handshake(([helpful.certificate], helpful.private_key), [root.certificate], "api.test")
print("OpenSSL, with the same leaf:", meeting.error or "accepted")

# %% [markdown]
# The address was there, and OpenSSL did not look. What is built on it, as most curls and many services are, doesn't either. So a browser is the worst tool to test a chain with.
#
# What is fetched this way is not trusted, only tried: the signature decides, and the store.

# %% [markdown]
# **Exercise 2.** A ticket. Find the cause, then say what you change, and where: `shop_repair = {"sends": […]}`, or `{"trusts": […]}`. The values are lists of certificates. Try with
# `shop.meet(sends=[…])`.

# %%
from padlock.course.exercises.l06_chains_of_trust import broken

shop = broken("shop")
print(shop)
print()
print(shop.meet().error)

# %% tags=["exercise"]
# shop.sends, shop.trusts and shop.folder["issuing-ca-1.pem"] hold what the ticket shows.
# stub: shop_repair = ...
# >>> solution
issuer = next(one for one in shop.folder.values() if signed(shop.sends[0], one))
shop_repair = {"sends": [shop.sends[0], issuer]}
# <<< solution

# %%
check(2)

# %% [markdown]
# ## In the store, or not
#
# Another proposal that one hears: “Let the server send the root as well, then the client has it.”

# %%
third = predict(
    "The client trusts nobody yet. The server sends leaf, intermediate and root, a complete "
    "chain. What does the client do?",
    accepts="it accepts: the chain is complete, and the root has signed itself correctly",
    refuses="it refuses",
)
third

# %%
complete = ([*server.chain, root.certificate], server.private_key)
meeting = tls.handshake(complete, roots=[], name="api.test")
print(meeting.error or "accepted")
third.saw("refuses" if meeting.error else "accepts")

# %% [markdown]
# Mallory could send a complete chain as well. A root counts only if it was put into the store: by the store's maker, or by *you*, after you compared its key with one that you got another way. So a private root can be as good as any.
# That is the difference to a self-signed certificate that somebody clicked away: nobody compared anything.
#
# And a name is no comparison.

# %% [markdown]
# **Exercise 3.** The same words from the client, another cause. Call what you change `payroll_repair`. (Fingerprints are shortened here to fit the line. At work compare all of it.)

# %%
payroll = broken("payroll")
print(payroll)
print()
print(payroll.meet().error)

# %% tags=["exercise"]
# As before: {"sends": [...]} or {"trusts": [...]}.
# stub: payroll_repair = ...
# >>> solution
payroll_repair = {"trusts": [*payroll.trusts, payroll.folder["corp-root-from-the-ca.pem"]]}
# <<< solution

# %%
check(3)

# %% [markdown]
# ## Two ways up
#
# A new CA is in nobody's store. So an old root signs the new root's key: *cross-signing*. Now there are two certificates for one name and one key. One signed itself; the
# other is signed by the old root.

# %%
from datetime import UTC, datetime, timedelta

now = datetime.now(UTC)
old = Authority("Old Root", not_before=now - timedelta(days=3650), not_after=now - timedelta(days=2))
new = Authority("New Root")
cross = Authority("New Root", issuer=old, key=new.private_key, path_length=None)
site = new.intermediate("New Issuing CA").issue("api.test")
sent = [*site.chain, cross.certificate]  # for clients that know only Old Root
look.timeline([*sent, new.certificate, old.certificate], labels=[
    "leaf", "New Issuing CA", "New Root, by Old Root", "New Root, by itself", "Old Root"])  # fmt: skip

# %% [markdown]
# The old root's time is over. Three clients meet this server.

# %%
fourth = predict(
    "Old Root has expired. A client trusts both roots, the old and the new one. What does it do?",
    accepts="it accepts: one of the two paths is good",
    refuses="it refuses: the chain that was sent leads to an expired root",
)
fourth

# %%
answers = {}
stores = {"the old root": [old], "the new root": [new], "both": [old, new]}
for which, store in stores.items():
    meeting = tls.handshake((sent, site.private_key), [one.certificate for one in store], "api.test")
    answers[which] = meeting.error
    print(f"{which:13}", meeting.error or " ← ".join(one.subject.rfc4514_string() for one in meeting.peer_chain))
fourth.saw("refuses" if answers["both"] else "accepts")

# %% [markdown]
# A certificate has no *one* chain; a path is what a client finds, with its own store. Today's OpenSSL looks into the store first, and so finds the short, good path.

# %% [markdown]
# Not every client did: {{fact:dst-root-x3}}. Connections broke that day, and no server had changed anything.
#
# Who has only the old root can be helped by nobody but its owner: a store wants updates.

# %% [markdown]
# ## Everything has a date
#
# A client looks at the dates of leaf and intermediate (RFC 5280 §6.1.3), and in practice at the root's too: the standard leaves that open. And lives get shorter: for public servers {{fact:public-tls-validity}}.
# Your own CA may choose six days. Turn the clock, with and without a machine that renews. What breaks first, and what when the leaf is always fresh?

# %%
look.Clock()

# %% [markdown]
# A short life forgives no forgotten renewal, and ends every stolen key by itself. But the machine renews the leaf only. The intermediate runs out on its own day, and everybody stares at the leaf.

# %% [markdown]
# **Exercise 4.** As it happened here. Call what you change `orders_repair`.

# %%
orders = broken("orders")
print(orders)
print()
print(orders.meet().error)

# %% tags=["exercise"]
# The date stands in each line.
# stub: orders_repair = ...
# >>> solution
orders_repair = {"sends": [orders.sends[0], orders.folder["issuing-ca-renewed.pem"]]}
# <<< solution

# %%
check(4)

# %% [markdown]
# ## What each limit is for
#
# Mallory owns `mallory.test`, and has an honest certificate for it, with its key. Every signature that she makes with that key is correct. She signs for `api.test`. The chain
# ends in the client's store, and all signatures fit.

# %%
from padlock.judge import judge

attack = FAULTS["leaf-as-ca"].case()
verdict = attack.judge()
print("every signature fits:", all(f.ok for f in verdict.findings if f.rule == "signature"))
print("accepted:", verdict.accepted)
for finding in verdict.reasons:
    print(finding)
print("without that one rule:", "accepted" if attack.judge(without={"basic-constraints"}).accepted else "refused")

# %% [markdown]
# `judge` is this course's verifier: it gives every reason, each with its clause, from one small function that you can open (`judge/rules.py`). And it can
# be told to leave one out. That shows what a rule is for: who gets in without it?
#
# *basicConstraints* says who is a CA, and with *pathLen* how many may stand below it. *keyUsage* and *extended key usage* say what a key is for. *Name constraints* say for whom a CA may speak.

# %%
look.TakeACheckAway()

# %% [markdown]
# Take each of them away once, with its attack. Then run the whole table: each attack gets in through the gap that its own check leaves. None of these checks is spare.

# %% [markdown]
# One of these limits has a hole that surprises most people. This CA is limited to DNS names below `corp.test`.

# %%
fifth = predict(
    "A CA is limited to DNS names below corp.test. Somebody steals its key. For which of "
    "these does a client accept the thief?",
    none="for none of bank.test and 192.0.2.7",
    address="for 192.0.2.7",
    both="for both",
)
fifth

# %%
corp = root.intermediate("Corp CA", name_constraints=("corp.test",))
accepted = []
for name in ("bank.test", "192.0.2.7"):
    meeting = tls.handshake(corp.issue(name), roots=[root.certificate], name=name)
    print(f"{name:10}", meeting.error or "accepted")
    accepted += [] if meeting.error else [name]
fifth.saw({0: "none", 1: "address", 2: "both"}[len(accepted)])

# %% [markdown]
# A constraint speaks of one kind of name (RFC 5280 §4.2.1.10). Of addresses nothing was said, so they are free. “Name-constrained” is not “harmless”: read what is constrained.

# %% [markdown]
# **Exercise 5.** You hold the root's key for an hour: `corp_key`, `corp_root`. Make a certificate `limited` for the issuing CA whose key is `issuing_key`. It may vouch for servers below `corp.test`. Whoever steals
# `issuing_key` must get nothing else: no other name, no address, no CA below, no client.

# %%
from ipaddress import ip_network

from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from padlock import keys

corp_ca, issuing_key = Authority("Corp Root"), keys.make()
corp_key, corp_root = corp_ca.private_key, corp_ca.certificate
corp_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Corp Issuing CA")])
may_sign = x509.KeyUsage(False, False, False, False, False, key_cert_sign=True, crl_sign=True,
                         encipher_only=False, decipher_only=False)  # fmt: skip

# %% tags=["exercise"]
# corp_name and may_sign save you typing; ip_network("0.0.0.0/0") is every IPv4 address.
# stub: limited = ...
# >>> solution
everywhere = [x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))]
start = datetime.now(UTC) - timedelta(hours=1)
serial, end = x509.random_serial_number(), start + timedelta(days=900)
builder = x509.CertificateBuilder(corp_root.subject, corp_name, issuing_key.public_key(), serial, start, end)
for value, critical in (
    (x509.BasicConstraints(ca=True, path_length=0), True),
    (may_sign, True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    (x509.NameConstraints([x509.DNSName("corp.test")], everywhere), True),
    (x509.SubjectKeyIdentifier.from_public_key(issuing_key.public_key()), False),
    (x509.AuthorityKeyIdentifier.from_issuer_public_key(corp_key.public_key()), False),
):
    builder = builder.add_extension(value, critical)
limited = builder.sign(corp_key, hashes.SHA256())
# <<< solution

# %%
check(5)

# %% [markdown]
# ## One fault, many words
#
# Every verifier says it in its own way, and stops at its own first error. Choose a fault, or up to three at once: the judge lists every reason; beside it stand real verifiers, as they answered just now.

# %%
look.FaultBench()

# %% [markdown]
# Did two of them disagree? That is no mistake in the bench. Some check more than others, some in another order. What the standard asks, the judge quotes; below each referee it says why that one decided otherwise.

# %% [markdown]
# **Exercise 6.** Three chains, each refused for one reason. Say which rule of `padlock.judge.RULES` each of them breaks, or name the clause that the judge quotes.

# %%
from padlock.course.exercises.l06_chains_of_trust import refused

refused_cases = refused()
for which, one in refused_cases.items():
    print(which, *referees(one, QUICK), sep="\n  ")

# %% tags=["exercise"]
# Begin with causes = {"first": ...
# stub: causes = ...
# >>> solution
causes = {which: one.judge().reasons[0].rule for which, one in refused_cases.items()}
# <<< solution

# %%
check(6)

# %% [markdown]
# ## Take the judge to work
#
# The same judge reads files, in a terminal: `python -m padlock explain server.pem --name api.test --roots ca.pem`. Exit status 0 is good, 1 refused. Here is what it says of the shop's ticket.

# %%
print(shop.case.judge())

# %% [markdown]
# ## What to remember
#
# - A path is built by names and proven by signatures. Name and key identifier can be copied.
# - The server sends everything but the root. A browser that works proves nothing.
# - A root counts because it is in the store, put there after its key was compared.
# - There may be several paths, and every certificate on a path has its own dates.
# - Each limit in a CA's certificate keeps one attack out. What is not limited is allowed.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# A root, an intermediate and a leaf; then the missing intermediate, the wrong repair, and the right one. Note `-untrusted`: that is what the server sends. With `-partial_chain` OpenSSL takes an intermediate from the store as an anchor.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout root.key -out root.pem -subj "/CN=Class Root" -days 3650 -addext "keyUsage=critical,keyCertSign,cRLSign"
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=Class Issuing CA" -days 900 -CA root.pem -CAkey root.key -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign"
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout api.key -out api.pem -subj "/CN=api.test" -days 90 -CA ca.pem -CAkey ca.key -addext "basicConstraints=critical,CA:FALSE" -addext "subjectAltName=DNS:api.test"
# openssl verify -CAfile root.pem -verify_hostname api.test api.pem  # is refused
# openssl verify -CAfile root.pem -untrusted ca.pem -verify_hostname api.test -show_chain api.pem
# openssl verify -CAfile ca.pem -verify_hostname api.test api.pem  # is refused
# openssl verify -CAfile ca.pem -partial_chain -verify_hostname api.test api.pem
# openssl x509 -in api.pem -noout -issuer -ext authorityKeyIdentifier
# openssl x509 -in ca.pem -noout -subject -ext subjectKeyIdentifier
# cat api.pem ca.pem > fullchain.pem
# ```
#
# The last file is what a server wants: its own certificate first, then what leads up.

# %% [markdown]
# ## What comes next
#
# You know when a client believes a chain. What it does with it, message by message, is [lesson 07, The TLS handshake](07_the_tls_handshake.ipynb).
# If you want to sign some chains of your own, [lesson 05](05_certificate_authorities.ipynb) has the desk.
