"""Lesson 08's matrix: what each side shows, and whom the server trusts → who notices it, when, by which alert."""

from markupsafe import Markup

from padlock.look.panel import Choice, Panel, Press
from padlock.look.shown import Result, breakable
from padlock.tls.mutual import CLIENTS, SERVERS, TRUSTS, Cast, Meeting

SIDES = ("client", "server")


class MtlsMatrix(Panel):
    """One handshake at a time; or all of a TLS version's, each run in front of the reader."""

    question = "Both sides show a certificate. Who refuses, and when does the other learn of it?"
    controls = (
        Choice("client", "The client's certificate", CLIENTS),
        Choice("server", "The server's certificate", SERVERS),
        Choice("trusts", "For its clients, the server trusts", TRUSTS),
        Choice("version", "Version", {"1.3": "TLS 1.3", "1.2": "TLS 1.2"}),
        Press("all", "Run every pair"),
    )

    def __init__(self):
        self.cast = Cast()
        super().__init__()

    def react(self, pressed=None):
        if pressed == "all":
            return (yield from self._table())
        meeting = self.cast.meet(**{name: self.values[name] for name in (*SIDES, "trusts", "version")})
        rows = [(side, *_learned(meeting, side)) for side in SIDES]
        html = Markup(
            '<div class="pl-grid" role="region" aria-label="what each side noticed" tabindex="0">'
            '<table class="pl-table"><thead><tr><th scope="col">side</th><th scope="col">what it says</th>'
            '<th scope="col">its own handshake by then</th></tr></thead><tbody>{}</tbody></table></div>'
        ).format(
            Markup("").join(
                Markup('<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>').format(*row) for row in rows
            )
        )
        text = "\n".join(f"{side}: {said}; its own handshake by then: {state}" for side, said, state in rows)
        return Result(html, text, _sentence(meeting))

    def _table(self):
        """A handshake for every pair of certificates, with the chosen trust and version."""
        trusts, version = self.values["trusts"], self.values["version"]
        done: dict[str, list[Meeting]] = {client: [] for client in CLIENTS}
        many = len(CLIENTS) * len(SERVERS)
        for at, meeting in enumerate(self.cast.matrix(trusts, version), 1):
            done[meeting.client].append(meeting)
            yield at / many, f"handshake {at} of {many}"
        heads = Markup("").join(
            Markup('<th scope="col">server: {}</th>').format(words) for words in SERVERS.values()
        )
        rows = Markup("").join(
            Markup('<tr><th scope="row">client: {}</th>{}</tr>').format(
                CLIENTS[client],
                Markup("").join(Markup("<td>{}</td>").format(breakable(_short(one))) for one in row),
            )
            for client, row in done.items()
        )
        html = Markup(
            '<div class="pl-grid" role="region" aria-label="every client with every server" tabindex="0">'
            '<table class="pl-table"><thead><tr><th scope="col">TLS {}</th>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>"
        ).format(version, heads, rows)
        text = "\n".join(
            f"client {one.client}, server {one.server}: {_short(one)}" for row in done.values() for one in row
        )
        every = [one for row in done.values() for one in row]
        good = sum(one.refused_by is None for one in every)
        late = sum(one.client_believed_it_was_in for one in every)
        return Result(
            html,
            text,
            f"{many} handshakes in TLS {version}: {good} accepted by both. {late} times the client's own handshake "
            "was finished before it learned that it had been refused.",
        )


def _learned(meeting: Meeting, side: str) -> tuple[str, str]:
    noticed = meeting.transcript.noticed[side]
    if noticed is None:
        return "✓ nothing is wrong", "finished"
    how = "got the alert" if noticed.alert else "refuses"
    return f"✗ {how}: {noticed.said}", "finished" if noticed.finished else "not finished"


def _short(meeting: Meeting) -> str:
    if meeting.refused_by is None:
        return "✓ accepted"
    late = "; the client thought it was in" if meeting.client_believed_it_was_in else ""
    return f"✗ {meeting.refused_by}: {meeting.alert or 'no alert'}{late}"


def _sentence(meeting: Meeting) -> str:
    if meeting.refused_by is None:
        return "✓ Both accept. Each knows the other's name now; what that name may do is not decided yet."
    if meeting.refused_by == "client":
        return f"✗ The client refuses the server ({meeting.alert or 'no alert'}) and never shows its own certificate."
    if meeting.client_believed_it_was_in:
        return (
            f"✗ The server refuses the client ({meeting.alert}). "
            "The client's handshake was finished by then: it learns of it only when it reads."
        )
    return f"✗ The server refuses the client ({meeting.alert}). The client learns of it within its handshake."
