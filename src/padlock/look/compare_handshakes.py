"""Lesson 07: two handshakes side by side, both run when they are chosen, and what differs in a sentence."""

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority
from padlock.look.handshake_player import LINE
from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result
from padlock.reading import visible
from padlock.tls import contexts

NAME = "api.test"
PAIRS = {
    "versions": "TLS 1.2 and TLS 1.3",
    "resumed": "full and resumed, TLS 1.3",
    "resumed-12": "full and resumed, TLS 1.2",
    "refused": "good and refused: an unknown CA",
    "retry": "a first guess that fits, and one that does not",
}


class CompareHandshakes(Panel):
    """Two ladders, from real runs with a fresh CA each time."""

    question = "What differs on the way to the first encrypted byte?"
    controls = (Choice("pair", "Compare", PAIRS), Press("again", "Run both again"))

    def react(self, pressed=None):
        (left, one), (right, other) = _RUNS[self.values["pair"]]()
        sentence = differs(left, one, right, other)
        parts = [_ladder(left, one), _ladder(right, other)]
        html = Markup('<div class="pl-two">{}</div>').format(Markup("").join(part[0] for part in parts))
        return Result(html, "\n\n".join(part[1] for part in parts), sentence)


def _ladder(title: str, meeting: tls.Transcript) -> tuple[Markup, str]:
    rows, lines, encrypts = [], [], set()
    for message in meeting.messages:
        if message.protection != "plaintext" and message.sender not in encrypts:
            encrypts.add(message.sender)
            line = LINE.format(message.sender)
            rows.append(Markup('<p class="pl-ladder-line">{}</p>').format(line))
            lines.append(f"- - - {line} - - -")
        arrow, words = "→" if message.sender == "client" else "←", visible(message.title, 70)
        rows.append(
            Markup('<p class="pl-ladder-{}"><span>{} {}</span></p>').format(message.sender, arrow, words)
        )
        lines.append(f"{message.sender:6} {arrow} {words}")
    size = sum(len(data) for _, data in meeting.flights)
    end = f"{_flights(meeting)} flights before the client can send, {size:,} bytes in all"
    if meeting.error:
        end = f"the {meeting.error.who} refused: {visible(meeting.error.said, 120)}"
    html = Markup(
        '<div><b>{}</b><div class="pl-ladder"><div class="pl-ladder-ends"><b>client</b><b>server</b></div>{}</div>'
        "<p>{}</p></div>"
    ).format(title, Markup("").join(rows), end)
    return html, "\n".join([title, *lines, end])


def _flights(meeting: tls.Transcript) -> int:
    """Turns on the wire before the client's own data may go out: its Finished ends them, or the server's before it."""
    data = next((m for m in meeting.messages if m.name == "ApplicationData" and m.sender == "client"), None)
    turns, last = 0, None
    for number, (sender, _) in enumerate(meeting.flights):
        if data is not None and number >= data.flight:
            break
        turns += sender != last
        last = sender
    # In TLS 1.3 the client's Finished and its data leave together: no turn of its own.
    return turns - (last == "client" and data is not None)


def differs(left: str, one: tls.Transcript, right: str, other: tls.Transcript) -> str:
    """What a reader should see, computed from the two runs."""
    here, there = ([m.name for m in meeting.messages] for meeting in (one, other))
    only = [list(dict.fromkeys(n for n in a if n not in b)) for a, b in ((here, there), (there, here))]
    words = [
        f"{title} alone: {', '.join(names)}."
        for title, names in zip((left, right), only, strict=True)
        if names
    ]
    opens = [("Certificate", "plaintext") in _kinds(meeting) for meeting in (one, other)]
    if opens[0] != opens[1]:
        words.append(f"The certificate can be read on the wire in {left if opens[0] else right} only.")
    if one.error is None and other.error is None and _flights(one) != _flights(other):
        words.append(f"Flights before the client may send: {_flights(one)} and {_flights(other)}.")
    refused = other.error or one.error
    if refused:
        words.append(f"✗ The {refused.who} gave up; the other side learned only “{refused.alert}”.")
    return " ".join(words) or "The same messages in the same order."


def _kinds(meeting: tls.Transcript) -> set[tuple[str, str]]:
    return {(message.name, message.protection) for message in meeting.messages}


def _versions():
    root = Authority("Class Root")
    server = root.issue(NAME)
    return [
        (f"TLS {version}", tls.handshake(server, [root.certificate], NAME, version=version, send=b"hello"))
        for version in ("1.2", "1.3")
    ]


def _refused():
    root = Authority("Class Root")
    server = root.issue(NAME)
    stranger = Authority("Somebody Else").issue(NAME)
    return [(title, tls.handshake(identity, [root.certificate], NAME, version="1.3", send=b"hello"))
            for title, identity in (("good", server), ("refused", stranger))]  # fmt: skip


def _retry():
    root = Authority("Class Root")
    runs = []
    for title, group in (("first guess fits", None), ("another group", "secp384r1")):
        server = contexts.server_context(root.issue(NAME), "1.3")
        if group:
            server.set_ecdh_curve(group)
        runs.append(
            (title, tls.meet(contexts.client_context([root.certificate], "1.3"), server, NAME, b"hello"))
        )
    return runs


def _resumed(version: str):
    """The second meeting offers the ticket that the first one left (RFC 8446 §2.2, RFC 5077)."""
    root = Authority("Class Root")
    about = (root.issue(NAME), [root.certificate], NAME, version)
    full = tls.handshake(*about, send=b"hello")
    return [("full", full), ("resumed", tls.handshake(*about, send=b"hello", session=full))]


_RUNS = {
    "versions": _versions,
    "resumed": lambda: _resumed("1.3"),
    "resumed-12": lambda: _resumed("1.2"),
    "refused": _refused,
    "retry": _retry,
}
