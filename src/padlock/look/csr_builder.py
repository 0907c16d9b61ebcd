"""Lesson 04's builder: write a request, see what an authority will read, and the command line that makes the same."""

from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import Markup

from padlock import csr, keys
from padlock.look.card import csr_card
from padlock.look.panel import Choice, Flag, Panel, Press, Text
from padlock.look.shown import Result

KINDS = {"p256": "P-256", "ed25519": "Ed25519", "rsa2048": "RSA 2048"}
SIGNERS = {"own": "its own private key", "other": "somebody else's private key"}


class CsrBuilder(Panel):
    """Names, key and organisation → the request as card or PEM, the `openssl req` line, and whether it fits."""

    question = "What will the authority read?"
    beside = True
    controls = (
        Text("names", "Host names and addresses", "api.test, www.api.test", "apart by commas or blanks"),
        Choice(
            "where", "Where to ask for them", {"san": "in the SAN", "cn": "in the CN alone, as old guides do"}
        ),
        Text("organisation", "Organisation", "Example Ltd", "may stay empty"),
        Flag("ca", "Ask to be a CA, too"),
        Choice("kind", "Kind of key", KINDS),
        Choice("signer", "Signed with", SIGNERS),
        Choice("form", "Show it", {"card": "as a person reads it", "pem": "as the file that you send"}),
        Press("renew", "Make a new key pair"),
    )

    def __init__(self):
        self.pairs = {}  # kind → private key; RSA keys take time, so each is kept until a new one is wanted
        super().__init__()

    def react(self, pressed=None):
        told = self.values
        names, san = csr.names_in(told["names"]), told["where"] == "san"
        wanted = {"organisation": told["organisation"], "san": san, "ca": told["ca"]}
        csr.subject(told["organisation"], "" if san else names[0])  # a bad name is said before a key is made
        kind = told["kind"]
        if pressed == "renew" or kind not in self.pairs:
            yield None, f"Making a {KINDS[kind]} key pair …"
            self.pairs[kind] = keys.make(kind)
        own = told["signer"] == "own"
        request = csr.make(names, self.pairs[kind], signed_by=None if own else keys.make("p256"), **wanted)
        template = Markup('{}<p class="pl-csr-line">{}</p><pre class="pl-code pl-wrap">{}</pre>')
        shown, line = self._shown(request), csr.command(names, kind, **wanted) if own else NO_COMMAND
        head = "The same on the command line, with a key pair of its own:" if own else "On the command line:"
        html = template.format(shown.html, head, line)
        return Result(html, f"{shown.text}\n\n{head}\n{line}", self._sentence(request, len(names)))

    def _shown(self, request) -> Result:
        if self.values["form"] == "card":
            return csr_card(request)
        pem = request.public_bytes(Encoding.PEM).decode("ascii").strip()
        return Result(Markup('<pre class="pl-code">{}</pre>').format(pem), pem)

    def _sentence(self, request, count: int) -> str:
        if not csr.fits(request):
            return "✗ It carries one public key and is signed with the private key of another pair: it is refused."
        if self.values["where"] == "cn":
            return "✗ It fits, but asks in the wrong place: current clients look for a server's name in the SAN alone."
        if self.values["ca"]:
            return "✓ It fits. Anybody may ask for anything: whether you become a CA, the authority decides."
        asks = "1 name" if count == 1 else f"{count} names"
        return f"✓ It asks for {asks}, carries the public key, and is signed with the private one, which stays here."


NO_COMMAND = "openssl req takes one key: it puts its public half in and signs with it. It can't make this."
