"""Lesson 04's builder: write a request, see what an authority will read, and the command line that makes the same."""

from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import Markup

from padlock import csr, keys
from padlock.look.card import csr_card
from padlock.look.panel import Choice, Flag, Panel, Press, Text
from padlock.look.shown import Result

KINDS = {"p256": "P-256", "ed25519": "Ed25519", "rsa2048": "RSA 2048"}
SIGNERS = {"own": "its own private key", "other": "somebody else's private key"}

SENT = "What you send:"
COMMAND = "On the command line, with a key pair of its own:"
NO_COMMAND = (
    "The command line can't make this: openssl req takes one key, puts its public half in, and signs with it."
)


class CsrBuilder(Panel):
    """Names, key and organisation → the request as card and as PEM, the `openssl req` line, and whether it fits."""

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
        pem = request.public_bytes(Encoding.PEM).decode("ascii").strip()
        card, line = csr_card(request), csr.command(names, kind, **wanted) if own else ""
        head = COMMAND if own else NO_COMMAND
        template = Markup(
            '{}<p class="pl-csr-line">{}</p><pre class="pl-code">{}</pre><p class="pl-csr-line">{}</p>{}'
        )
        block = Markup('<pre class="pl-code">{}</pre>').format(line) if own else ""
        html = template.format(card.html, SENT, pem, head, block)
        text = f"{card.text}\n\n{SENT}\n{pem}\n\n{head}\n{line}".strip()
        return Result(html, text, self._sentence(request, len(names)))

    def _sentence(self, request, count: int) -> str:
        if not csr.fits(request):
            return "✗ It carries one public key and is signed with the private key of another pair: it is refused."
        if self.values["where"] == "cn":
            lost = "; the CN has room for the first one only" if count > 1 else ""
            return (
                f"✗ It fits, but asks in the wrong place: clients look for a server's name in the SAN{lost}."
            )
        if self.values["ca"]:
            return "✓ It fits. Anybody may ask for anything: whether you become a CA, the authority decides."
        asks = "1 name" if count == 1 else f"{count} names"
        return f"✓ It asks for {asks}, carries the public key, and is signed with the private one, which stays here."
