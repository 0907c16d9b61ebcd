"""Lesson 05's desk: you are the CA, and decide field by field what a request gets."""

from markupsafe import Markup

from padlock import csr, keys, reading, vetting
from padlock.authority import Authority
from padlock.look.card import card
from padlock.look.panel import Choice, LongText, Panel, Text, Upload
from padlock.look.shown import Result

PILE = {
    "honest": "the owner of shop.test wants two names",
    "names": "Mallory wants mallory.test and bank.test",
    "ca": "Mallory wants mallory.test, and to be a CA",
    "usage": "Mallory wants mallory.test, and keyCertSign",
    "wildcard": "a tenant of shop.test wants *.shop.test",
    "cn": "the owner of api.test asks in the CN alone",
    "weak": "the owner of old.test has a short RSA key",
    "proof": "Mallory hands in somebody else's public key",
    "own": "one that you paste or upload",
}
DECISIONS = {
    "names": {
        "accept": "accept every name",
        "change": "change: only names that pass the challenge",
        "refuse": "refuse the request",
    },
    "ca": {"accept": "accept CA:TRUE", "change": "change to CA:FALSE", "refuse": "refuse the request"},
    "usage": {
        "accept": "accept keyCertSign",
        "change": "change to digitalSignature",
        "refuse": "refuse the request",
    },
    "key": {"accept": "accept the key", "refuse": "refuse the request"},
    "proof": {"accept": "overlook it", "refuse": "refuse the request"},
}
LABELS = {
    "names": "The names",
    "ca": "To be a CA",
    "usage": "The key usage",
    "key": "The weak key",
    "proof": "The signature",
}


class CaDesk(Panel):
    """A request, a decision for each field → the challenges, the certificate, and what real clients say to it."""

    question = "You are the CA. What do you sign?"
    controls = (
        Choice("request", "The request on top of the pile", PILE, start="names"),
        LongText("pem", "A certificate signing request", "", "paste it as PEM"),
        Upload("file", "Or a file", ".csr,.pem,.req,.der"),
        Text("controls", "Names whose servers are the asker's", "", "apart by commas; all others fail"),
        *(Choice(field, LABELS[field], options) for field, options in DECISIONS.items()),
    )

    def __init__(self):
        self.ca, self.account, self.pile = Authority("Class Root"), keys.make(), vetting.pile()
        super().__init__()

    def react(self, pressed=None):
        own = self.values["request"] == "own"
        for name in ("pem", "file", "controls"):
            self.show(name, own)
        asker = self._pasted() if own else self.pile[self.values["request"]]
        fields = vetting.asked(asker.request) if asker else {}
        for field in DECISIONS:
            self.show(field, field in fields and (field != "key" or bool(vetting.weak(asker.request))))
        if asker is None:
            return Result(Markup(""), "", "Paste a request or upload one: lesson 04 makes them.")
        answers = {field: self.values[field] for field in DECISIONS}
        done = vetting.decide(self.ca, asker, answers, self.account)
        rows = list(self._rows(asker, done))
        parts, words = [_table(rows)], ["\n".join(" | ".join(row) for row in rows)]
        if done.granted:
            made = card(done.granted)
            trials = _trials(done.trials)
            parts += [made.html, trials]
            words += [made.text, "\n".join(map(_trial_in_words, done.trials))]
        html = Markup('<div class="pl-desk">{}</div>').format(Markup("").join(parts))
        return Result(html, "\n\n".join(words), self._sentence(asker, done))

    def _pasted(self) -> vetting.Asker | None:
        source = self.values["pem"] if self.values["pem"].strip() else self.values["file"]
        if not source:
            return None
        if isinstance(source, str) and "-----BEGIN" not in source:
            raise ValueError("That is no PEM: a request begins with -----BEGIN CERTIFICATE REQUEST-----.")
        request = reading.csr(source)
        typed = self.values["controls"]
        return vetting.Asker("you", request, None, frozenset(csr.names_in(typed) if typed.strip() else ()))

    def _rows(self, asker, done):
        """(field, asked for, what the CA found, what it did)"""
        for proof in done.proofs:
            shown = reading.visible(proof.name, 80)
            if "SAN" in done.asked["names"] and "," in done.asked["names"]:
                shown += " (in the CN)"
            found = f"{'✓' if proof.ok else '✗'} {reading.visible(proof.said, 120)}"
            did = "granted" if done.granted and proof.name in done.names else "not granted"
            yield "name", shown, found, did
        more = len(vetting.wanted_names(asker.request)) - len(done.proofs)
        if more > 0:
            yield "name", f"and {more:,} more", "? not tried here", ""
        weak = vetting.weak(asker.request)
        found = f"✗ {weak}" if weak else "✓ strong enough"
        yield "public key", done.asked["key"], found, "signed" if done.granted else "not signed"
        if "ca" in done.asked:
            basic = "CA:TRUE" if done.granted and self.values["ca"] == "accept" else "CA:FALSE"
            yield (
                "be a CA?",
                done.asked["ca"],
                "✗ no server needs it",
                basic if done.granted else "not granted",
            )
        if "usage" in done.asked:
            use = "keyCertSign" if self.values["usage"] == "accept" else "digitalSignature"
            yield (
                "key usage",
                done.asked["usage"],
                "✗ a server signs handshakes only",
                use if done.granted else "not granted",
            )
        fits = "proof" not in done.asked
        found = "✓ the asker holds the private key" if fits else f"✗ {done.asked['proof']}"
        yield (
            "proof",
            "its signature",
            found,
            "" if fits else "overlooked" if done.granted else "not overlooked",
        )

    def _sentence(self, asker, done) -> str:
        if done.refused:
            if self.values["request"] == "honest":
                return (
                    "✗ Refused, though nothing is wrong with it: an honest owner stays without a certificate."
                )
            if done.refused == "names" and not done.proven:
                return "✓ Nothing is signed: no name is proven."
            return f"✓ Nothing is signed, because of: {LABELS[done.refused].lower()}. The owner may ask anew."
        if done.harm:
            names = " and ".join(reading.visible(trial.name, 60) for trial in done.harm)
            if asker.key is None:
                return f"✗ Harm done: clients would accept it for {names}, and nobody has proven that name."
            return f"✗ Harm done: a client that trusts you wanted {names}, shut the padlock, and talks to {asker.who}."
        if "proof" in done.asked:
            return "✗ You vouched for a public key whose private half the asker never showed. Nobody gains but a liar."
        if vetting.weak(asker.request):
            return "✗ You signed a key that no careful CA signs. Only its owner can make a better one."
        if any(not trial.accepted and not trial.harm for trial in done.trials):
            return "✗ You signed it, and clients refuse it all the same: read what they say."
        if set(done.names) - set(done.proven):
            return "✗ You granted a name that nobody has proven."
        if any(trial.harm for trial in done.trials):
            return (
                "✓ No harm: what was granted did not suffice to sign for bank.test. Read the client's words."
            )
        left = [proof.name for proof in done.proofs if not proof.ok]
        if left:
            return (
                f"✓ You granted what was proven. {reading.visible(', '.join(left), 120)} was only asked for."
            )
        return "✓ You granted what was proven, and nothing else."


def _table(rows) -> Markup:
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td><code>{}</code></td><td>{}</td><td>{}</td></tr>').format(*row)
        for row in rows
    )
    return Markup(
        '<table class="pl-table"><thead><tr><th scope="col">field</th><th scope="col">asked for</th>'
        '<th scope="col">what you find</th><th scope="col">what you do</th></tr></thead><tbody>{}</tbody></table>'
    ).format(body)


def _trials(trials) -> Markup:
    items = Markup("").join(
        Markup('<li>wants <b>{}</b>, meets {}: <b class="pl-{}">{}</b> <code>{}</code></li>').format(
            name, what, "ok" if verdict.startswith("✓") else "no", verdict, said
        )
        for name, what, verdict, said in map(_verdict, trials)
    )
    return Markup(
        '<div><p class="pl-dim">Clients that trust only your root</p><ul class="pl-list">{}</ul></div>'
    ).format(items)


def _verdict(trial: vetting.Trial) -> tuple[str, str, str, str]:
    """✓ for what should be: to accept where no harm is, to refuse where it would be."""
    mark = "✗" if trial.accepted == trial.harm else "✓"
    nobody = trial.said.startswith("no server starts")
    word = "accepts" if trial.accepted else "meets nobody" if nobody else "refuses"
    return reading.visible(trial.name, 80), trial.what, f"{mark} {word}", reading.visible(trial.said, 200)


def _trial_in_words(trial: vetting.Trial) -> str:
    name, what, verdict, said = _verdict(trial)
    return f"a client wants {name}, meets {what}: {verdict} ({said})"
