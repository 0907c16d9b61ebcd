# %% [markdown]
# # 00 Start here

# %% [markdown]
# You have seen the padlock in the address bar. Behind it two programs met, one proved who it is, and the other believed it.
# In two minutes you let that happen here, in this notebook, with real TLS. Then you break it.
#
# **You will be able to**
#
# - let a client and a server meet over TLS, and see the padlock shut
# - make a client refuse, in three ways, and read its own words
# - use the course: predict, run, check, hint
#
# **You need** a little Python. Nothing else: no cluster, no network, no account.
#
# **Minutes:** 10 to read, 10 to practise
#
# Run one cell at a time with **Shift+Enter**, and choose before you run: what you predict, you remember.

# %%
from padlock.course import check, explain, export, hint, lesson, predict, progress, quiz, reset, restore, solution

lesson("00_start_here")

# %% [markdown]
# ## Two parties meet
#
# A client wants to reach `api.test`. A server says that it is `api.test`. Why should the client believe it?
#
# Because an *authority* that the client knows has signed a *certificate* that says so. The next cell makes such an authority and
# lets it issue a certificate for our server, with a *private key*: the secret that goes with it. All of it is real; it lives in this notebook's memory.

# %%
from padlock import look, tls
from padlock.authority import Authority

ca = Authority("Class Root")
server = ca.issue("api.test")
look.card(server)

# %% [markdown]
# That is the certificate as a person reads it. (The small words are for later; lesson 03 opens it byte by byte.) The client holds something too: a list
# of the authorities it trusts, its *trust store*. Here it has one entry.

# %%
secret, shown = look.Thing("private-key", "api.test"), look.Thing("certificate", "api.test")
look.who_holds_what(
    [
        look.Party("client", trusts=("Class Root",), role="client"),
        look.Party("server", holds=(secret, shown), role="server"),
    ],
    title="Before they meet",
)

# %%
first = predict(
    "The client connects to api.test and knows the authority. What does it do?",
    shuts="it shuts the padlock",
    refuses="it refuses",
)
first

# %%
meeting = tls.handshake(server, roots=[ca.certificate], name="api.test")
first.saw("refuses" if meeting.error else "shuts")

# %% [markdown]
# What did they agree on? Both sides are OpenSSL, the library behind most of the servers you will meet; the bytes between them were
# kept. The version and the cipher are what your Python's OpenSSL prefers.

# %%
print("version:", meeting.version)
print("cipher: ", meeting.cipher)
for sender, data in meeting.flights:
    print(f"{sender} sent {len(data)} bytes")

# %% [markdown]
# ## The same server, another name
#
# Nothing about the server changes. But this client wants to reach `shop.test`, and the server that answers shows its
# certificate for `api.test`.

# %%
second = predict(
    "The certificate is good, the authority is known, but the client asked for shop.test. What does it do?",
    shuts="it shuts the padlock",
    refuses="it refuses",
)
second

# %%
wrong = tls.handshake(server, roots=[ca.certificate], name="shop.test")
print(wrong.error)
second.saw("refuses" if wrong.error else "shuts")

# %% [markdown]
# Those are the client's real words: OpenSSL wrote them a moment ago. In a log at work the same words come with more around them. Read the part
# after *verify failed*: it names the check that failed.

# %% [markdown]
# ## One switch
#
# Now you hold the switch. Change what is wrong with the server, and the two meet again, for real, each time.
# Watch three things: who refuses, in what words, and how little the other side learns.

# %%
look.Switchboard()

# %% [markdown]
# The client checks **the name** (RFC 9525 §6), **the authority** and **the time** (RFC 5280 §6.1.3). Each check stands for itself: if one fails,
# the others do not help. The server is told by an *alert*, two bytes: a level, and the kind of refusal (RFC 8446 §6). The long words stay with the client.
# That the server's log says *sslv3* is only an old name for the same alert.

# %% [markdown]
# ## Do it yourself
#
# An exercise is a cell with `...` where your code goes. Run your cell, then the `check` below it. A check tries what you
# made, with real handshakes. Any right way is accepted. If it refuses, it says what it tried, what it found, and why.
#
# Stuck? Make a new cell below the check (**Esc**, then **B**) and run `hint(1)` there; each call helps one step more. `solution(1)` shows one way.
# `explain(1)` says more of the last refusal. After a restart of the kernel: Run → Run All Above Selected Cell.
#
# **Exercise 1.** Let `ca` issue a certificate for a server that a client accepts as `shop.test`. Call it `shop`.

# %% tags=["exercise"]
# Your authority is called ca.
# stub: shop = ...
# >>> solution
shop = ca.issue("shop.test")
# <<< solution

# %%
check(1)

# %% [markdown]
# **Exercise 2.** Make a server for `api.test` that a client refuses because its **time is over**, and for no other reason. Call it
# `late`. The authority takes `not_before=` and `not_after=`, moments with a time zone.

# %% tags=["exercise"]
from datetime import UTC, datetime, timedelta

now = datetime.now(UTC)  # for example: now - timedelta(days=3) is three days ago
# stub: late = ...
# >>> solution
late = ca.issue("api.test", not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))
# <<< solution

# %%
check(2)

# %% [markdown]
# **Exercise 3.** Three clients wanted `api.test` and refused. Each had another reason, and the order differs from run to run. Read their words, then say
# what is wrong in each: `"wrong name"`, `"unknown CA"` or `"expired"`.

# %%
from padlock.course.exercises.l00_start_here import mystery

cases = mystery()
for which, case in cases.items():
    print(f"{which}: {case.error}\n")

# %% tags=["exercise"]
# Replace each ... by one of "wrong name", "unknown CA", "expired"; begin with causes = {
# stub: causes = ...  # {"first": ..., "second": ..., "third": ...}
# >>> solution
words = {"Hostname mismatch": "wrong name", "issuer": "unknown CA", "expired": "expired"}
causes = {
    which: next(name for word, name in words.items() if word in case.error.said) for which, case in cases.items()
}
# <<< solution

# %%
check(3)

# %% [markdown]
# ## What your machine has
#
# The course needs nothing more than it brings. Where these programs are present, lessons let you use them too; where one
# is missing, nothing is lost.

# %%
from padlock import machine

look.tools_here(machine.tools())

# %% [markdown]
# ## Your map
#
# Your progress is kept in one small file on this machine. On Binder, which forgets, `export()` gives it to you as a text and `restore("…")` takes
# it back. `reset(1)` opens exercise 1 again.

# %%
progress()

# %% [markdown]
# ## What to remember
#
# - The server shows a certificate; the client decides.
# - It checks the name, the authority and the time. All must hold.
# - A refusal says why, in the client's words. Read them before you change anything.
# - The server learns only an alert.
# - A client trusts the authorities in its own trust store, and no others.

# %% [markdown]
# ## Quiz

# %%
quiz()

# %% [markdown]
# ## The same with openssl
#
# In a terminal, where `openssl` (3.0 or later) is present: an authority, a certificate for `api.test`, and three verdicts. `req -x509` makes the authority; with
# `-CA` and `-CAkey` it signs the server's certificate.
#
# ```sh
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj "/CN=Class Root" -days 30
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout server.key -out server.pem -subj "/CN=api.test" -addext "subjectAltName=DNS:api.test" -addext "basicConstraints=critical,CA:FALSE" -CA ca.pem -CAkey ca.key -days 30
# openssl verify -CAfile ca.pem -verify_hostname api.test server.pem
# openssl verify -CAfile ca.pem -verify_hostname shop.test server.pem  # is refused
# openssl verify -CAfile server.pem -verify_hostname api.test server.pem  # is refused
# ```

# %% [markdown]
# ## What comes next
#
# The padlock makes two promises, and most trouble begins where people take them for one. [Lesson 01](01_behind_the_padlock.ipynb) puts you on the
# wire between the two and lets you read along.
