"""Lesson 00, Start here: a first handshake, three refusals, and reading the client's words."""

import random
from datetime import UTC, datetime, timedelta

from padlock import tls
from padlock.authority import Authority

from ..answer import Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import EXPIRED, NOT_YET_VALID, cause, connect, must_accept

CAUSES = {"wrong name": "wrong-name", "unknown CA": "unknown-ca", "expired": "expired"}


def mystery() -> dict[str, tls.Transcript]:
    """Three handshakes that a client refused, each for another reason, in an order that differs from run to run."""
    root, now = Authority("Class Root"), datetime.now(UTC)
    servers = [
        root.issue("other.test"),
        Authority("Somebody Else").issue("api.test"),
        root.issue("api.test", not_before=now - timedelta(days=60), not_after=now - timedelta(days=1)),
    ]
    random.shuffle(servers)
    refused = [tls.handshake(server, [root.certificate], "api.test") for server in servers]
    return dict(zip(("first", "second", "third"), refused, strict=True))


def _roots(answer):
    return [answer.given("ca", Authority).certificate]


# ---- 1: a server for another name


def shop_is_accepted(answer):
    """a client that trusts your CA accepts the server as shop.test"""
    must_accept(answer.identity("shop"), "shop.test", _roots(answer), "ca")


# ---- 2: a server whose time is over


def late_is_refused(answer):
    """a client refuses the server"""
    transcript = connect(answer.identity("late"), "api.test", _roots(answer))
    if transcript.error is None:
        raise Miss(
            "still-good",
            "the client shuts the padlock: nothing is wrong with this server",
            tried="TLS in memory for api.test, trusting only ca",
            expected="a refusal because the certificate's time is over",
            found=f"not_after = {transcript.presented[0].not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
        )


def late_for_its_time_only(answer):
    """it refuses because the certificate's time is over, and for nothing else"""
    transcript = connect(answer.identity("late"), "api.test", _roots(answer))
    if transcript.error.code == EXPIRED:
        ends = transcript.presented[0].not_valid_after_utc
        if ends < datetime.now(UTC):
            return
        raise Miss(
            "another-expired",
            "the server's own certificate is still good; one above it has expired",
            tried="TLS in memory for api.test, trusting only ca",
            expected="a server's certificate whose time is over",
            found=f"not_after = {ends:%Y-%m-%d %H:%M} UTC",
        )
    raise Miss(
        "not-yet-valid" if transcript.error.code == NOT_YET_VALID else "another-reason",
        "the client refuses, but not because the time is over",
        tried="TLS in memory for api.test, trusting only ca",
        expected="the words 'certificate has expired'",
        found=transcript.error.said,
    )


# ---- 3: read three refusals


def three_causes_named(answer):
    """every refusal has one of the three causes"""
    causes = answer.causes
    if not isinstance(causes, dict) or set(map(str, causes)) != {"first", "second", "third"}:
        raise Miss(
            "not-three",
            "causes does not have a cause for each of the three",
            expected='{"first": …, "second": …, "third": …}',
            found=f"a {type(causes).__name__}" + (f" of {len(causes)}" if isinstance(causes, dict) else ""),
        )
    for which, said in causes.items():
        if _normal(said) not in CAUSES.values():
            raise Miss(
                "no-such-cause",
                f"the cause you gave for the {which} is none of the three",
                expected=" or ".join(f'"{c}"' for c in CAUSES),
                found=str(said) if isinstance(said, str) else f"a {type(said).__name__}",
            )


def three_causes_right(answer):
    """each cause is the true one"""
    for which, transcript in answer.given("cases", _three_refusals).items():
        if _normal(answer.causes[which]) != cause(transcript):
            raise Miss(
                "misread",
                f"the {which} was refused for another reason",
                tried=f"the client's own words for the {which}",
                expected="the cause that its words name",
                found=f"“{transcript.error.said}” and your “{answer.causes[which]}”",
            )


def _three_refusals(cases) -> dict[str, tls.Transcript]:
    if {cause(cases[which]) for which in ("first", "second", "third")} != set(CAUSES.values()):
        raise ValueError
    return {which: cases[which] for which in ("first", "second", "third")}


def _normal(said: object) -> str:
    return "-".join(said.lower().replace("-", " ").replace("_", " ").split()) if isinstance(said, str) else ""


LESSON = Lesson(
    slug="00_start_here",
    title="Start here",
    minutes=(10, 10),
    exercises=(
        Exercise(
            id="00-shop",
            title="A server for shop.test",
            asks=("shop",),
            tasks=(shop_is_accepted,),
            hints=(
                "Look at the cell that made `server`: which word in it is the server's name?",
                "The same authority, `ca`, can issue as many certificates as you like, each for its own name.",
                "`ca.issue(…)` takes the name and gives back a certificate with its private key.",
                '`shop = ca.issue("…")`, with the name that the client will ask for.',
            ),
            misses=("wrong-name", "unknown-ca", "expired", "not-yet-valid", "san-missing", "key-mismatch", "wrong-type",
                    "refused-otherwise"),
            done="the name in the certificate is the name the client asked for, and the client knows who signed it.",
        ),
        Exercise(
            id="00-late",
            title="A server whose time is over",
            asks=("late",),
            tasks=(late_is_refused, late_for_its_time_only),
            hints=(
                "Everything but the time must stay as it was: the name is api.test, and `ca` signs.",
                "A certificate has a first and a last moment. Put both into the past.",
                "`ca.issue` takes `not_before=` and `not_after=`, each a datetime with a time zone: `now - timedelta(days=…)`.",
                '`late = ca.issue("api.test", not_before=now - timedelta(days=…), not_after=now - timedelta(days=…))`',
            ),
            misses=("still-good", "not-yet-valid", "another-reason", "another-expired", "key-mismatch", "wrong-type"),
            done="right name, right CA, and refused all the same: each check stands for itself.",
        ),
        Exercise(
            id="00-causes",
            title="Read three refusals",
            asks=("causes",),
            tasks=(three_causes_named, three_causes_right),
            hints=(
                'The client says why. Its words are in `cases["first"].error`.',
                "One of them speaks of a host name, one of an issuer or a self-signed certificate, one of time.",
                '`print(cases["first"].error)`, and the same for the others; then write down which is which.',
                '`causes = {"first": "…", "second": "…", "third": "…"}`, each one of "wrong name", "unknown CA", "expired".',
            ),
            misses=("not-three", "no-such-cause", "misread"),
            done="you read three TLS errors and named their causes. That is half of repairing them.",
        ),
    ),
    explanations=(
        Explanation("still-good", "a certificate can be made to fail by wishing", "name, authority and time are all in order, so the client has nothing to refuse",
                    "RFC 5280 §6.1.3; RFC 9525 §6", "put not_after into the past, and not_before before it."),
        Explanation("another-reason", "a refusal is a refusal", "each check stands for itself; this one failed for another reason than time",
                    "RFC 5280 §6.1.3; RFC 9525 §6", "keep the name api.test and let ca sign; change only the time."),
        Explanation("another-expired", "“certificate has expired” always means the server's own", "each certificate of the chain has a time of its own, and the client looks at them all; the words do not say which one ended",
                    "RFC 5280 §6.1.3", "let ca issue the server's certificate, with a time that is over."),
        Explanation("not-three", "one cause explains all", "there are three refusals; each has a cause of its own", "RFC 8446 §6.2",
                    "give a dictionary with the keys first, second and third."),
        Explanation("no-such-cause", "“TLS error” names a cause", "a cause says what to repair; here there are three of them", "RFC 8446 §6.2",
                    "choose one of the three for each."),
        Explanation("misread", "all certificate errors mean the same", "the client's words name the check that failed", "RFC 8446 §6.2",
                    "read the words again: do they speak of a name, of an issuer, or of time?"),
        Explanation("padlock-honest", "a padlock means that the site is honest", "it says that you reached the name in the address bar, and that nobody else reads along; not who is behind that name, nor what they do with it",
                    "RFC 9525 §6", "lesson 01 takes the two promises apart."),
        Explanation("server-refuses", "the server decides whether it is trusted", "the client checks and the client refuses; the server only learns it from an alert",
                    "RFC 8446 §4.4.2.4, §6.2", "look at who said what in the switchboard."),
        Explanation("error-off-switch", "a certificate error is an obstacle to switch off", "it is the check doing its work; without it anybody can answer",
                    "RFC 9525 §6", "find the cause and repair it where it arose."),
    ),
    quiz=(
        Question(
            "Who decides whether the padlock shuts?",
            right="the client",
            because="It compares what the server shows with the name it wanted, the authorities it trusts, and its own clock.",
            wrong={
                "the server": ("server-refuses", "The server shows its certificate; whether that is good enough the client decides."),
                "the authority that signed": ("unknown-ca", "It is not even there. It signed earlier; whether its word counts the client decides."),
            },
        ),
        Question(
            "The client says “certificate has expired”. Where do you repair it?",
            right="at the server: a new certificate",
            because="A certificate in its chain is too old, mostly the server's own. (If the date on the client is wrong, repair that.)",
            wrong={
                "at the client: switch verification off": ("verify-off", "Then it accepts anybody's certificate, an attacker's too."),
                "at the client: trust the certificate's CA": ("unknown-ca", "It trusts that CA already; otherwise it would have complained of that."),
            },
        ),
        Question(
            "A client wants api.test and the certificate is for www.api.test, signed by a CA it trusts. What happens?",
            right="it refuses",
            because="The name must match. A certificate for one name says nothing about another (RFC 9525 §6.3).",
            wrong={
                "it accepts: the CA is trusted": ("wrong-name", "Trust in the CA is one check, the name is another. Both must hold."),
                "it accepts: the name is nearly the same": ("wrong-name", "Nearly does not count: www.api.test may belong to someone else."),
            },
        ),
        Question(
            "The padlock is shut. What do you know?",
            right="that you reached the name in the address bar, and that nobody else reads along",
            because="These are the two promises. Lesson 01 takes them apart.",
            wrong={
                "that the site is honest": ("padlock-honest", "Thieves get certificates too, for their own names."),
                "that nothing can go wrong any more": ("padlock-honest", "It protects the way, not the two ends."),
            },
        ),
    ),
)  # fmt: skip
