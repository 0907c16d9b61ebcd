"""Lesson 07: each secret of a handshake, from what and for what; recompute one and compare."""

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel, Text
from padlock.look.shown import Result
from padlock.reading import visible

START = "server_handshake_traffic_secret"  # the first that decrypts something
SHOWN = 8  # bytes of a secret that are shown: enough to compare, too few to use


class KeySchedule(Panel):
    """The key schedule of `meeting` (RFC 8446 §7.1); without one, of a fresh TLS 1.3 handshake.

    Values are shown by their first bytes only; what a reader types is compared with all of it.
    """

    question = "From what is each key made?"
    controls = (
        Choice("secret", "Secret or key", {"none": "none"}),
        Text(
            "yours",
            "Computed yourself (hex)",
            hint="HKDF-Expand-Label in a cell; paste .hex()",
        ),
    )

    def __init__(self, meeting: tls.Transcript | None = None):
        if meeting is None:
            root = Authority("Class Root")
            meeting = tls.handshake(root.issue("api.test"), [root.certificate], "api.test", version="1.3")
        if not isinstance(meeting, tls.Transcript):
            kind = type(meeting).__name__
            raise TypeError(
                f"A key schedule belongs to what tls.handshake or tls.dissect returns, not to a {kind}."
            )
        self.meeting = meeting
        super().__init__()

    def react(self, pressed=None):
        schedule = self.meeting.schedule
        if schedule is None:
            raise ValueError(
                "There is no key schedule: these bytes hold no whole handshake, or there is no key log."
            )
        secrets = {one.name: one for one in schedule.secrets}
        untouched = self.values["secret"] not in secrets
        self.options("secret", {name: name.replace("_", " ") for name in secrets})
        if untouched and START in secrets:
            self.set(secret=START)
        chosen = secrets[self.values["secret"]]
        html = Markup(
            '<div class="pl-open"><div tabindex="0" role="group" aria-label="Secrets">{}</div>'
            '<div tabindex="0" role="group" aria-label="The chosen one">{}</div></div>'
        ).format(_tree(secrets, chosen), _about(chosen))
        text = "\n".join([f"{'>' if one is chosen else ' '} {one.name} = {one.formula}" for one in secrets.values()]
                         + ["", *(f"{name}: {words}" for name, words in _facts(chosen))])  # fmt: skip
        return Result(html, text, self._compared(chosen))

    def _compared(self, chosen) -> str:
        typed = "".join(self.values["yours"].split()).replace(":", "")
        if not typed:
            if chosen.taken:
                return "From the key log, and compared with nothing: what it is made from is not in there."
            if chosen.in_keylog:
                return "Made from what stands above it, and the same as in the key log."
            known = chosen.value is not None
            if known and not chosen.made_from:
                return "Made from zeros alone: everybody can make this one."
            return (
                "Made from what stands above it."
                if known
                else "A key log does not hold what this is made from."
            )
        if chosen.value is None:
            return "? There is no value to compare with: a key log does not hold what this is made from."
        try:
            same = bytes.fromhex(typed) == chosen.value
        except ValueError:
            return "✗ That is not hex: two digits of 0–9 and a–f for each byte."
        if same:
            return "✓ It matches: you have made this one yourself."
        return (
            f"✗ Not the same. This one has {len(chosen.value)} bytes; compare secret, label, length and hash."
        )


def _tree(secrets, chosen) -> Markup:
    rows = []
    for one in secrets.values():
        depth, name, seen = 0, one, set()
        while name.made_from and name.name not in seen and name.made_from[0] in secrets:
            seen.add(name.name)
            name, depth = secrets[name.made_from[0]], depth + 1
        mark = "" if one.value else "? not known here"
        if one.in_keylog:
            mark = "from the key log" if one.taken else "✓ as in the key log"
        rows.append(
            Markup(
                '<li style="padding-left:{}px"{}><span>{}</span> <small class="pl-dim">{}</small></li>'
            ).format(depth * 12, Markup(' class="pl-on"') if one is chosen else "", one.name, mark)
        )
    return Markup('<ul class="pl-list">{}</ul>').format(Markup("").join(rows))


def _facts(one) -> list[tuple[str, str]]:
    value = "not known here"
    if one.value is not None:
        value = (
            f"{one.value[:SHOWN].hex(' ')}{' …' if len(one.value) > SHOWN else ''} ({len(one.value)} bytes)"
        )
    return [
        ("made by", one.formula),
        ("from", ", ".join(one.made_from) or "nothing"),
        ("over the messages", ", ".join(one.transcript) or "none"),
        ("for", one.used_for),
        ("value", value),
        ("written in", one.clause),
    ]


def _about(one) -> Markup:
    rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(name, visible(words, 300)) for name, words in _facts(one))
    return Markup('<b>{}</b><dl class="pl-rows">{}</dl>').format(one.name, Markup("").join(rows))
