# %% [markdown]
# # 08 Mutual TLS

# %% [markdown]
# `api.test` is reached by `orders.test`, over TLS. The client knows for certain to whom it talks. And the server: to whom does *it* talk?
#
# **You will be able to**
#
# - let both sides prove themselves, and read it in your own transcript
# - say which CA each side trusts, and why these need not be the same
# - tell a client that is in from one that only thinks so
# - write the rule that decides what a proven name may do
#
# **You need** lessons 03, 05, 06 and 07: where a certificate has its names, what a client's `ssl.SSLContext` trusts, when a chain is good, and the messages of a handshake.
#
# **Minutes:** 30 to read, 40 to practise

# %%
from padlock.course import check, explain, export, facts, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("08_mutual_tls")

# %% [markdown]
# ## Who is calling?
#
# In *mutual TLS*, or mTLS, both sides show a certificate. Here are two CAs: one for servers, one for the clients that may call. Each side has its own key and certificate, and trusts the other side's CA.

# %%
from padlock import look, tls
from padlock.authority import Authority

server_root, client_root = Authority("Server Root"), Authority("Client Root")
api = server_root.issue("api.test")
orders = client_root.issue("orders.test", purpose="client")


# %%
def holds(name):
    return look.Thing("private-key", name), look.Thing("certificate", name)


caller = look.Party("client", holds("orders.test"), ("Server Root",), role="client")
called = look.Party("server", holds("api.test"), ("Client Root",), role="server")
shown = [
    look.Arrow("server", "client", called.holds[1]),
    look.Arrow("client", "server", caller.holds[1]),
]
look.who_holds_what([caller, called], shown, title="Mutual TLS")

# %%
first = predict(
    "In the handshakes so far, only the server showed a certificate. What did it know of its client?",
    nothing="nothing but its address",
    key="a public key that it always uses",
    name="its name: the client sends it in SNI",
)
first

# %%
plain = tls.handshake(api, [server_root.certificate], "api.test", "1.3")
got = [message.name for message in plain.messages if message.sender == "client"]
print(*got)
first.saw("key" if "Certificate" in got else "nothing")

# %% [markdown]
# No Certificate, no CertificateVerify: nothing that says who. (SNI holds the *server's* name. The key share is new in each handshake and belongs to nobody.) A password inside the connection is the usual way to find out who calls. It has to be kept, sent and changed.
#
# TLS has another way. The server asks.

# %%
hello, reply = b"GET /stock HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"
both_roots = {"roots": server_root.certificate, "client_roots": client_root.certificate}
said = {"send": hello, "reply": reply}
mine = tls.handshake(api, name="api.test", version="1.3", client=orders, **both_roots, **said)
for message in mine.messages:
    print(f"{message.sender:6} {message.name:20} {'✓ verified' if message.verified else ''}")

# %% [markdown]
# Three messages more than you know from lesson 07:
#
# - **CertificateRequest**, from the server: show yourself (RFC 8446 §4.3.2). Only a server that has asked may get a client's certificate in the handshake.
# - the client's **Certificate**: its chain, like a server's
# - the client's **CertificateVerify**: a signature over all messages so far, with the *client's* private key. A copied certificate is worth nothing here either (§4.4.3).

# %% [markdown]
# Open them. In CertificateRequest look for *signature_algorithms*: the kinds of signature that the server takes. A server may also say from which CAs it takes certificates, in *certificate_authorities*; this one doesn't.

# %%
look.HandshakePlayer(mine)

# %% [markdown]
# ## Who sees the client's name?
#
# In TLS 1.3 the client's certificate comes after the server has proven itself, and encrypted. And in TLS 1.2?

# %%
for version in ("1.2", "1.3"):
    met = tls.handshake(api, name="api.test", version=version, client=orders, **both_roots)
    wire = b"".join(data for _, data in met.flights)
    print("TLS", version, "· somebody on the wire reads orders.test:", b"orders.test" in wire)

# %% [markdown]
# In TLS 1.2 a client that shows a certificate in its first handshake tells everybody on the way who it is: nothing is encrypted yet (RFC 5246 §7.3). A reason to insist on 1.3 where that matters.

# %% [markdown]
# ## What the certificate is for
#
# Now `orders.test` has moved to another machine, with a certificate that was lying around there. The name is right, the CA is right, and it has not expired. `office()` makes the CAs and both certificates; `desk.today` is what `orders.test` shows today.
#
# (These CAs are new. From here on you meet several that are called Client Root, and they are not the same: a CA is its key, not its name.)

# %%
from padlock.course.exercises.l08_mutual_tls import office

desk = office()
about = {"roots": desk.server_root, "client_roots": desk.clients.certificate}
for shows in (desk.today, desk.clients.issue("orders.test", purpose="client")):
    met = tls.handshake(desk.api, name="api.test", client=shows, **about)
    print(met.error or "both accept")

# %% [markdown]
# *Unsuitable certificate purpose*: where a certificate has extendedKeyUsage, it is good for these purposes only. This one says serverAuth, and a client needs clientAuth (RFC 5280 §4.2.1.12). A server could have used it.
#
# **Exercise 1.** Make `orders_client`, an `ssl.SSLContext` with which `orders.test` calls `api.test`. It must still refuse false servers. `desk.clients` issues, `desk.server_root` is whom to trust about servers, and
# `desk.files(…)` writes two files, the chain and the private key; with `load_cert_chain(chain, key)` a context shows them. In a container they are usually mounted as files as well.

# %%
import ssl

from cryptography.hazmat.primitives.serialization import Encoding  # Encoding.PEM: as text

# %% tags=["exercise"]
# desk.files(issued) returns (path of the chain, path of the private key).
# stub: orders_client = ...
# >>> solution
shown = desk.clients.issue("orders.test", purpose="client")
orders_client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks chain and name
orders_client.hostname_checks_common_name = False  # the name in the subjectAltName alone (RFC 9525 §2)
orders_client.load_verify_locations(cadata=desk.server_root.public_bytes(Encoding.PEM).decode())
orders_client.load_cert_chain(*desk.files(shown))
# <<< solution

# %%
check(1)

# %% [markdown]
# ## Two directions, two lists
#
# The client asks: who speaks for servers? The server asks: who speaks for my clients? Two questions, two lists. Somebody has set up this door with the CA that was at hand. Your services `orders.test` and `billing.test` should get in, and `stock.partner.test`, of a company that you work with. `door.day([…])` makes a handshake for everybody who comes on a usual day, and says who got in:

# %%
from padlock.course.exercises.l08_mutual_tls import reception

door = reception()
door.day([door.roots["Server Root"]])

# %% [markdown]
# Everybody who should get in is outside, and a web server of yours is in: whoever breaks into it can now call `api.test`. (Its certificate names both purposes, serverAuth and clientAuth; with serverAuth alone it would be refused, as above.)
#
# *unable to get local issuer certificate* and *self-signed certificate in certificate chain* say the same here: the chain ends at no CA in the list. OpenSSL says the second one where the client sent its root along.
#
# What about the CAs that browsers trust?

# %%
second = predict(
    "The server trusts Public Root, which issues to everybody with a name in DNS. Who gets in as a client?",
    mine="only my own services: the handshake checks who they are",
    all="whoever gets a certificate with clientAuth from that CA",
    none="nobody",
)
second

# %%
stranger = door.callers["stranger.test, from Public Root"]
said = door.knocks(stranger, [door.roots["Public Root"]])  # why the server refuses, or None
print("stranger.test:", said or "in")
second.saw("all" if said is None else "none")

# %% [markdown]
# A server compares no name: it has not asked for one. It learns *who* has come, and anybody the CA knows may come. So clients' certificates are a matter for a private CA. Public CAs are leaving that field anyway:

# %%
facts("public-client-auth")

# %% [markdown]
# **Exercise 2.** Whom should the server trust about its clients? Make `client_roots`, a list. Your services have certificates from Client Root or an intermediate below it; the other company's from Partner Root.
# The key of Old Client Root was on a laptop that is gone.

# %% tags=["exercise"]
# door.roots: name → certificate. door.day([…]) tries a list on everybody who comes today.
# stub: client_roots = ...
# >>> solution
client_roots = [door.roots["Client Root"], door.roots["Partner Root"]]
# <<< solution

# %%
check(2)

# %% [markdown]
# One thing is still open. What if the partner's CA issues a certificate for `orders.test`, by mistake or because somebody broke in there?

# %%
theirs = door.cas["Partner Root"].issue("orders.test", purpose="client")
both = [door.roots["Client Root"], door.roots["Partner Root"]]
print("the partner's orders.test:", door.knocks(theirs, both) or "in")

# %% [markdown]
# All CAs in a list may use every name, and the server takes this caller for yours. So tie a CA to its names: by nameConstraints in an intermediate that you sign for the partner (RFC 5280 §4.2.1.10), by a door of its own for the partner, or by a rule that also asks at which root the chain ended.

# %% [markdown]
# ## In, or not?
#
# A client with no certificate at all calls a server that demands one. It answers the request with an *empty* Certificate (RFC 8446 §4.4.2), and the server refuses. When does the client learn of it?

# %%
third = predict(
    "TLS 1.3. The client has sent its last handshake message. What does its program see?",
    error="an error: the handshake fails",
    fine="a finished handshake, no error",
)
third

# %%
met = tls.handshake(api, name="api.test", version="1.3", send=hello, **both_roots)
print([f"{message.sender}: {message.name}" for message in met.messages[-4:]])
learned = met.noticed["client"]  # what this side knew of the end, and when
print("client finished:", learned.finished, "| then it read:", learned.said)
third.saw("fine" if learned.finished else "error")

# %% [markdown]
# The client's Certificate and Finished travel together, and its data right behind. Nothing tells it what the server thinks of them: there is no answer to the client's Finished (RFC 8446 §2, figure 1). The alert comes with
# the next read. In a full handshake of TLS 1.2 the *server* says Finished last, so the client can't miss it (RFC 5246 §7.3). (A resumed one, lesson 07, asks for no certificate again.)

# %% [markdown]
# A program that used to work is moved from 1.2 to 1.3. `counter.visit` runs it against a real server, at the other end of a socket; `said` is what the program returned, `served` whether the server did anything for it. (`wrap_socket` makes the handshake; what it returns encrypts what you send and decrypts what you receive.)

# %%
from padlock.course.exercises.l08_mutual_tls import Counter

counter = Counter()


def hopeful(context, connection):
    try:
        with context.wrap_socket(connection, server_hostname="api.test"):
            return True  # no error: we are in
    except OSError:  # ssl.SSLError is one
        return False


# %%
for version in ("1.2", "1.3"):
    for shows in (True, False):
        visit = counter.visit(hopeful, shows, version)
        who = "orders.test" if shows else "no certificate"
        print(f"TLS {version}, {who:14} · the client says {visit.said!s:5} · served: {visit.served}")


# %% [markdown]
# **Exercise 3.** Mend it. Write `let_in(context, connection)`: True if the server has let this client in, else False. To each client that it lets in, this server says `welcome` and a line end (`b"welcome\n"`), by itself. Anything else means no. (Over a network `recv` may bring less than a whole line; here it comes in one piece.)

# %% tags=["exercise"]
# counter.visit(let_in, shows=False) tries it. secure.recv(100) reads what has come.
# stub: def let_in(context, connection): ...
# >>> solution
def let_in(context, connection):
    try:
        with context.wrap_socket(connection, server_hostname="api.test") as secure:
            return secure.recv(100) == b"welcome\n"
    except OSError:
        return False
# <<< solution


# %%
check(3)

# %% [markdown]
# The same trap in monitoring: a health check that only shakes hands is green while every client is refused.

# %% [markdown]
# ## All that can go wrong
#
# Each side's certificate, its CA, its purpose, its time. Choose, and see who refuses, by which alert, and what the other one believed by then. *Run every pair* makes a handshake for each cell. Why does only the first column say “server”?

# %%
look.MtlsMatrix()

# %% [markdown]
# The client judges first. Where it refuses the server's certificate, it sends none of its own, and the server has nothing to judge: a second fault hides behind the first one. Mend one, and the other comes out.

# %% [markdown]
# ## Who you are, and what you may do
#
# The handshake is over, both names are proven. `billing.test` asks to reserve all the stock. Its certificate is good. Should it?
#
# *Authentication* says who. *Authorisation* says what they may do, and TLS has no opinion on that. Here are the rules:

# %%
rights = {"orders.test": {"read", "reserve"}, "billing.test": {"read"}}


def trusting(certificate, action):
    """The handshake was fine."""
    return True


billing = client_root.issue("billing.test", purpose="client")
print("billing.test reserves:", trusting(billing.certificate, "reserve"))

# %% [markdown]
# **Exercise 4.** Write `may(certificate, action)`: True if `rights`, as it is at that moment, allows it, else False. The certificate has passed the handshake. Its names are in the subjectAltName; what is in the CN somebody wrote for people to read. A caller with two names may do what either of them may.

# %%
from cryptography import x509


# %% tags=["exercise"]
# certificate: an x509.Certificate. action: "read", "reserve", or whatever a caller asks for.
# stub: def may(certificate, action): ...
# >>> solution
def may(certificate, action):
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return any(action in rights.get(name.lower(), ()) for name in san.get_values_for_type(x509.DNSName))
# <<< solution


# %%
check(4)

# %% [markdown]
# Others write the name elsewhere. Kubernetes takes a client's CN as the user and its O as groups: its own CA vouches for these. A service mesh (proxies that speak mutual TLS for your containers) puts a URI into the subjectAltName, such as `spiffe://…` (lesson 11). Read the field that *your* CA checks.

# %% [markdown]
# **Behind a proxy.** Often a proxy ends the connection, and tells your service in a header who called: `Client-Cert` (RFC 9440). That is the proxy's word, and no proof. It is worth something only if the proxy removes that header from what clients send (§4), and nobody reaches the service past the proxy.

# %% [markdown]
# ## What to remember
#
# - In mutual TLS the server asks, and the client proves itself as a server does: certificate, and signature over all messages.
# - Each side has its own list of CAs. Clients belong to a private CA, with clientAuth.
# - In TLS 1.3 a client is finished before the server has judged it. You are in when you have read the server's yes.
# - A first handshake of TLS 1.2 shows the client's certificate to everybody on the wire.
# - The certificate says who. Your rule says what they may do.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# Two CAs, a server that demands a certificate, clients with and without one. `-Verify` (with a capital V) demands; `-verify` only asks. The `s_client` without a certificate prints the whole handshake as done, and then the alert.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout servers.key -out servers.pem -subj "/CN=Server Root" -days 3650
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout clients.key -out clients.pem -subj "/CN=Client Root" -days 3650
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout api.key -out api.pem -subj "/CN=api.test" -days 90 -CA servers.pem -CAkey servers.key -addext "basicConstraints=critical,CA:FALSE" -addext "subjectAltName=DNS:api.test" -addext "extendedKeyUsage=serverAuth"
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout orders.key -out orders.pem -subj "/CN=orders.test" -days 90 -CA clients.pem -CAkey clients.key -addext "basicConstraints=critical,CA:FALSE" -addext "subjectAltName=DNS:orders.test" -addext "extendedKeyUsage=clientAuth"
# openssl verify -CAfile clients.pem -purpose sslclient orders.pem
# openssl verify -CAfile clients.pem -purpose sslserver orders.pem  # is refused
# openssl verify -CAfile servers.pem -purpose sslclient orders.pem  # is refused
# ```
#
# And a server, in one terminal, with three clients in another:
#
# ```text
# openssl s_server -accept 127.0.0.1:8443 -cert api.pem -key api.key -CAfile clients.pem -Verify 1 -verify_return_error -www
# openssl s_client -connect 127.0.0.1:8443 -servername api.test -CAfile servers.pem -cert orders.pem -key orders.key
# openssl s_client -connect 127.0.0.1:8443 -servername api.test -CAfile servers.pem
# curl --resolve api.test:8443:127.0.0.1 --cacert servers.pem --cert orders.pem --key orders.key https://api.test:8443/
# ```

# %% [markdown]
# ## What comes next
#
# A client's key is stolen. Its certificate is still good, and your rule knows its name. How do you take it back? Lesson 09, [Revocation](09_revocation.ipynb).
