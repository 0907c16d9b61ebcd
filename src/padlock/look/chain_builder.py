"""Lesson 06's chain builder: what does the server send, whom does the client trust, and which paths lead up?"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from markupsafe import Markup

from padlock.authority import Authority
from padlock.judge import judge
from padlock.judge.case import Case
from padlock.judge.paths import Pool, candidates
from padlock.judge.referees import opinion
from padlock.look.card import called
from padlock.look.panel import Flag, Panel, Press
from padlock.look.shown import Result
from padlock.look.verdict import path_picture
from padlock.reading import visible
from padlock.tls.referees import ALL, QUICK

NAME = "api.test"
POOL = "abcde"  # the letters of what lies in the pool
STORE = {
    "class_root": "Class Root",
    "old_root": "Old Root",
    "twin": "Class Root, a look-alike",
    "issuing": "D itself",
}
MARKS = {True: ("ok", "✓ accepts"), False: ("no", "✗ refuses"), None: ("dim", "– no answer")}


class ChainBuilder(Panel):
    """What the server sends after its own certificate, which roots the client trusts → every path, and who accepts."""

    question = "The client wants api.test. Which path does it find?"
    beside = True
    controls = (
        *(Flag(f"send_{letter}", f"The server sends {letter.upper()}") for letter in POOL),
        *(
            Flag(f"trust_{name}", f"The client trusts {words}", name == "class_root")
            for name, words in STORE.items()
        ),
        Flag("over", "Old Root's time is over"),
        Press("ask", "Ask curl and node too"),
    )

    def __init__(self):
        now = datetime.now(UTC).replace(microsecond=0)
        root, old, twin = Authority("Class Root"), Authority("Old Root"), Authority("Class Root")
        over = {"not_before": now - timedelta(days=3650), "not_after": now - timedelta(days=3)}
        issuing = root.intermediate("Class Issuing CA")
        cross = Authority("Class Root", issuer=old, key=root.private_key, path_length=None)
        self.leaf = issuing.issue(NAME)
        self.pool = {
            "a": _copy(issuing, root, twin),
            "b": Authority("Other Root").intermediate("Other Issuing CA").certificate,
            "c": cross.certificate,
            "d": issuing.certificate,
            "e": root.certificate,
        }
        self.store = {
            "class_root": root.certificate,
            "old_root": old.certificate,
            "twin": twin.certificate,
            "issuing": issuing.certificate,
        }
        self.over = Authority("Old Root", key=old.private_key, **over).certificate
        super().__init__()

    @property
    def case(self) -> Case:
        """The question, as the judge and the referees take it."""
        sent = [self.pool[letter] for letter in POOL if self.values[f"send_{letter}"]]
        trusted = {name: one for name, one in self.store.items() if self.values[f"trust_{name}"]}
        if "old_root" in trusted and self.values["over"]:
            trusted["old_root"] = self.over
        return Case([self.leaf.certificate, *sent], list(trusted.values()), NAME, self.leaf.private_key)

    def paths(self, case: Case) -> list:
        """A verdict for each path from the leaf to a root that the client trusts."""
        pool, found = Pool(case.roots, case.sent), []
        for path in candidates(pool.facts(case.sent[0]), pool):
            ones = [facts.certificate for facts in path.certificates]
            if path.anchored and len(found) < 4:
                found.append(judge(ones[:-1] or ones, roots=ones[-1:], name=NAME, purpose="server"))
        return found

    def react(self, pressed=None):
        case = self.case
        verdict, paths = case.judge(), self.paths(case)
        asked = ALL if pressed == "ask" else QUICK
        opinions = []
        for at, (name, referee) in enumerate(asked.items()):
            if pressed:
                yield at / len(asked), f"asking {name}"
            opinions.append(opinion(case, name, referee))
        html, lines = Markup(""), []
        for number, one in enumerate(paths or [verdict], 1):
            head = _head(number, len(paths), one)
            picture = path_picture(one)
            html += Markup('<p class="pl-{}"><b>{}</b></p>{}').format(
                "ok" if one.accepted else "no", head, picture.html
            )
            lines += [head, picture.text]
        html = Markup('<div class="pl-paths">{}{}{}</div>').format(
            _table(self._rows()), html, _said(opinions)
        )
        lines += [
            f"{each.referee}: {MARKS[each.accepted][1]} {visible(each.words, 200)}" for each in opinions
        ]
        rows = [" | ".join(row) for row in self._rows()]
        return Result(html, "\n".join([*rows, *lines]), self._sentence(verdict, paths, opinions))

    def _rows(self):
        """(letter, subject, SKI, issuer, AKI) for the leaf and all of the pool: what they say of themselves."""
        yield "leaf", *_says(self.leaf.certificate)
        for letter, one in self.pool.items():
            yield letter.upper(), *_says(one)

    def _sentence(self, verdict, paths, opinions) -> str:
        others = [each.referee for each in opinions if each.accepted is False]
        if not verdict.accepted:
            why = visible(verdict.reasons[0].why, 160)
            return f"✗ Refused: {why}."
        if others:
            return (
                f"✗ There is a good path, but {_listed(others)} did not find it: they took the first that fits by "
                "name and key identifier, and did not turn back."
            )
        good = [one for one in paths if one.accepted]
        if self.values["trust_issuing"]:
            return (
                "✓ Accepted: D itself is in the store. No other client is helped, and this one only until the CA "
                "changes its intermediate."
            )
        if len(paths) > len(good):
            return f"✓ Accepted: {len(paths)} paths, and one good path is enough."
        ends = " and ".join(dict.fromkeys(called(one.path[-1].subject) for one in good))
        return (
            f"✓ Accepted: {'one path leads' if len(good) == 1 else f'{len(good)} paths lead'} up to {ends}."
        )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _copy(issuing: Authority, root: Authority, twin: Authority) -> x509.Certificate:
    """Mallory's issuing CA: the names and key identifiers of the real one, another key, another signer."""
    own = issuing.certificate.extensions
    copied = [
        (own.get_extension_for_class(kind).value, False)
        for kind in (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)
    ]
    return Authority("Class Issuing CA", issuer=twin, extra=copied).certificate


def _says(one: x509.Certificate) -> tuple[str, str, str, str]:
    own = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    try:
        above = one.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        above = own if one.issuer == one.subject else b""
    return called(one.subject), _short(own), called(one.issuer), _short(above)


def _short(identifier: bytes) -> str:
    return f"{identifier.hex(':')[:8]}…" if identifier else "–"


def _table(rows) -> Markup:
    body = Markup("").join(
        Markup(
            '<tr><th scope="row">{}</th><td>{}</td><td><code>{}</code></td><td>{}</td><td><code>{}</code></td></tr>'
        ).format(*row)
        for row in rows
    )
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(one)
        for one in ("which", "subject", "its key (SKI)", "issuer", "issuer's key (AKI)")
    )
    return Markup('<table class="pl-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        heads, body
    )


def _head(number: int, count: int, verdict) -> str:
    if not count:
        return "✗ No path ends in the client's store. This is how far it goes:"
    word = "good" if verdict.accepted else ", ".join(dict.fromkeys(f.rule for f in verdict.reasons))
    which = f"Path {number} of {count}" if count > 1 else "The only path"
    return f"{'✓' if verdict.accepted else '✗'} {which}: {word}"


def _said(opinions) -> Markup:
    rows = Markup("").join(
        Markup(
            '<tr><th scope="row" class="pl-nowrap">{}</th><td><b class="pl-{} pl-nowrap">{}</b></td>'
            "<td><code>{}</code></td></tr>"
        ).format(each.referee, *MARKS[each.accepted], visible(each.words or each.detail, 200))
        for each in opinions
    )
    return Markup(
        '<table class="pl-table"><thead><tr><th scope="col">real client</th><th scope="col">verdict</th>'
        '<th scope="col">its own words</th></tr></thead><tbody>{}</tbody></table>'
    ).format(rows)
