"""Lesson 05's trust-store bench: the server stays as it is, and what lies on the client's shelf decides."""

from markupsafe import Markup

from padlock import keys, tls
from padlock.authority import Authority, self_signed
from padlock.look.card import called
from padlock.look.panel import Choice, Flag, Panel
from padlock.look.shapes import icon
from padlock.look.shown import Result

WANTED = "api.test"
SERVERS = {
    "good": "signed by Class Root",
    "twin": "signed by another Class Root",
    "own": "signed by itself",
    "corp": "signed by Corp Root",
    "borrowed": "an impostor, with a copy",
}
STORE = {
    "root": "Class Root",
    "twin": "another Class Root: the same name, another key",
    "corp": "Corp Root, limited to names under corp.test",
    "own": "the certificate that is signed by itself",
}
WHY = {
    18: "It vouches for itself alone, and it is not on the shelf.",
    19: "It comes with a root that is not on the shelf.",
    20: "Nobody on the shelf holds the key that signed it.",
    7: "Somebody on the shelf has the right name, but the signature was made with another key.",
    47: "Corp Root is on the shelf, but may vouch only for names under corp.test.",
}


class TrustBench(Panel):
    """Which roots lie in the client's store, which server it meets → who accepts, in the client's own words."""

    question = "The client wants api.test. Does it believe this server?"
    beside = True
    controls = (
        Choice("server", "The certificate it is shown", SERVERS),
        *(Flag(name, words) for name, words in STORE.items()),
    )

    def __init__(self):
        root, twin = Authority("Class Root"), Authority("Class Root")
        corp, own = Authority("Corp Root", name_constraints=("corp.test",)), self_signed(WANTED)
        good = root.issue(WANTED)
        self.servers = {
            "good": good,
            "twin": twin.issue(WANTED),
            "own": own,
            "corp": corp.issue(WANTED),
            "borrowed": tls.borrowed(good),
        }
        self.store = {
            "root": root.certificate,
            "twin": twin.certificate,
            "corp": corp.certificate,
            "own": own.certificate,
        }
        super().__init__()

    def react(self, pressed=None):
        which, shelf = self.values["server"], [self.store[name] for name in STORE if self.values[name]]
        meeting = tls.handshake(self.servers[which], shelf, WANTED)
        shut = meeting.error is None
        anchors = [(called(one.subject), keys.short_fingerprint(one)) for one in shelf]
        shown = meeting.presented[0]
        signer = "itself" if shown.issuer == shown.subject else called(shown.issuer)
        key = keys.short_fingerprint(self._signer(which))
        says = Markup("accepts") if shut else Markup("says: <code>{}</code>").format(meeting.error.said)
        html = Markup(
            '<div class="pl-meet pl-trust"><div class="pl-party"><b>client</b><p>trusts</p>{}'
            '<p>{}</p></div>{}<div class="pl-party"><b>server</b>'
            "<p>{} for <b>{}</b>, signed by {}, with the key <code>{}</code></p></div></div>"
        ).format(
            _shelf(anchors),
            says,
            icon(
                "padlock" if shut else "padlock-open",
                size=56,
                label=f"a padlock, {'shut' if shut else 'open'}",
            ),
            icon("certificate"),
            WANTED,
            signer,
            key,
        )
        trusted = "; ".join(f"{name}, key {key}" for name, key in anchors) or "nobody"
        shows = f"certificate for {WANTED}, signed by {signer}, with the key {key}"
        text = f"client trusts: {trusted}\nserver: {shows}\nclient {says.striptags()}"
        return Result(html, text, self._sentence(which, meeting))

    def _signer(self, which: str):
        """Who made the signature on the certificate that this server shows."""
        return self.store[{"good": "root", "borrowed": "root"}.get(which, which)]

    def _sentence(self, which: str, meeting: tls.Transcript) -> str:
        if meeting.error is None:
            if which == "twin":
                return (
                    "✓ Accepted: whoever owns the other Class Root may now vouch for any name to this client."
                )
            if which == "own":
                return "✓ Accepted: you put just this certificate there. When it is replaced, the client refuses again."
            return "✓ Accepted: the key that signed it lies on the shelf."
        if meeting.error.code is None:
            return "✗ The certificate is good: anybody can copy it. But the handshake wants a signature by its key."
        return f"✗ Refused. {WHY.get(meeting.error.code, '')}".rstrip()


def _shelf(anchors: list[tuple[str, str]]) -> Markup:
    if not anchors:
        return Markup('<p class="pl-dim">nobody</p>')
    items = Markup("").join(
        Markup("<li>{} {}<br><code>{}</code></li>").format(icon("trust-anchor"), *one) for one in anchors
    )
    return Markup('<ul class="pl-list">{}</ul>').format(items)
