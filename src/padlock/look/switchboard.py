"""Lesson 00's widget: one switch, two parties, a real handshake at every turn."""

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority
from padlock.look.panel import Choice, Panel
from padlock.look.shapes import icon
from padlock.look.shown import Result

WANTED = "api.test"


class Switchboard(Panel):
    """What is wrong with the server → does the padlock shut, who refuses, and in which words."""

    question = "Does the padlock shut?"
    controls = (
        Choice(
            "fault",
            "What is wrong with the server?",
            {
                "nothing": "nothing",
                "name": "its certificate is for another name",
                "authority": "an authority signed it that the client does not know",
                "expired": "its certificate has expired",
            },
        ),
        Choice("version", "TLS version", {"1.3": "TLS 1.3", "1.2": "TLS 1.2"}),
    )

    def __init__(self):
        self.known = Authority("Class Root")
        self.servers = self._servers()
        super().__init__()

    def _servers(self) -> dict:
        now = datetime.now(UTC)
        return {
            "nothing": self.known.issue(WANTED),
            "name": self.known.issue("other.test"),
            "authority": Authority("Somebody Else").issue(WANTED),
            "expired": self.known.issue(
                WANTED, not_before=now - timedelta(days=30), not_after=now - timedelta(days=1)
            ),
        }

    def react(self, pressed=None):
        server = self.servers[self.values["fault"]]
        meeting = tls.handshake(server, [self.known.certificate], WANTED, version=self.values["version"])
        shut = meeting.error is None
        client, other = _what_each_knows(meeting)
        state = "shut" if shut else "open"
        html = Markup(
            '<div class="pl-meet"><div class="pl-party"><b>client</b><p>{}</p></div>{}'
            '<div class="pl-party"><b>server</b><p>{}</p></div></div>'
        ).format(
            client, icon("padlock" if shut else "padlock-open", size=56, label=f"a padlock, {state}"), other
        )
        text = f"padlock: {state}\nclient: {client.striptags()}\nserver: {other.striptags()}"
        if shut:
            return Result(html, text, f"✓ The padlock is shut: {meeting.version}, {meeting.cipher}.")
        return Result(
            html,
            text,
            f"✗ The {meeting.error.who} refused. The padlock stays open, and nothing that matters was sent.",
        )


def _what_each_knows(meeting: tls.Transcript) -> tuple[Markup, Markup]:
    if meeting.error is None:
        return Markup("wants {}, and believes that this is it").format(WANTED), Markup(
            "knows nothing of the client but that it is there"
        )
    words = Markup("<code>{}</code>")
    other = meeting.error.other_said or "nothing yet"
    return Markup("says: ") + words.format(meeting.error.said), Markup("hears: ") + words.format(other)
