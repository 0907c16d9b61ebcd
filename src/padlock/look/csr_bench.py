"""Lesson 04's bench: a request goes to the authority, and a thief sits in between."""

from markupsafe import Markup

from padlock import csr, keys, reading
from padlock.look.card import called
from padlock.look.panel import Choice, Panel
from padlock.look.shown import Result

SAID = {
    "nothing": "It arrives as it left.",
    "letter": "You signed the old name. Only your private key can sign the new one, and the thief has not got it.",
    "key": "The signature was made with your private key; this public key belongs to another.",
    "resign": (
        "This is a new request, the thief's own. It proves that its maker holds the thief's key; "
        "of whose name it is, it proves nothing."
    ),
    "copy": (
        "Nothing was changed, so it fits: its maker held the key. Who sent it, it does not say. "
        "The certificate would be for your key, so the thief can't use it."
    ),
}


class CsrBench(Panel):
    """What the thief does → what arrives beside what left, and whether the signature still fits."""

    question = "A thief sits on the way. Does the signature still fit?"
    controls = (Choice("act", "What does the thief do?", csr.ACTS),)

    def __init__(self):
        key, self.thief = keys.make(), keys.make()
        self.left = csr.make(["api.test"], key, organisation="Example Ltd")
        super().__init__()

    def react(self, pressed=None):
        act = self.values["act"]
        came = csr.on_its_way(self.left, act, self.thief)
        rows = [
            (what, one, two, one != two)
            for (what, one), (_, two) in zip(self._rows(self.left), self._rows(came), strict=True)
        ]
        mark, word = ("✓", "it fits") if csr.fits(came) else ("✗", "it does not fit")
        body = Markup("").join(
            Markup("<tr><th scope='row'>{}</th><td><code>{}</code></td><td>{}</td></tr>").format(
                what,
                one,
                Markup('<span class="pl-on"><code>{}</code></span> changed').format(two)
                if new
                else Markup("<code>{}</code>").format(two),
            )
            for what, one, two, new in rows
        )
        html = Markup(
            '<table class="pl-table pl-csr-bench"><thead><tr><th scope="col">field</th>'
            '<th scope="col">as you sent it</th><th scope="col">as it arrives</th></tr></thead>'
            "<tbody>{}</tbody></table>"
            '<p>The authority checks the signature with the public key that arrived: <b class="pl-{}">{} {}</b>.</p>'
        ).format(body, "ok" if csr.fits(came) else "no", mark, word)
        lines = [f"{what}: {one} → {two}{' (changed)' if new else ''}" for what, one, two, new in rows]
        return Result(html, "\n".join([*lines, f"signature: {mark} {word}"]), f"{mark} {SAID[act]}")

    @staticmethod
    def _rows(request) -> list[tuple[str, str]]:
        return [
            ("subject", called(request.subject)),
            ("public key", f"{keys.describe(request.public_key())} {keys.short_fingerprint(request)}"),
            ("names asked for", reading.visible(", ".join(csr.asked_names(request) or ["none"]))),
            ("signature", f"{request.signature[-8:].hex(':')} (its end)"),
        ]
