"""Lesson 01's second widget: somebody stands between client and server. What she shows, and what the client checks."""

from markupsafe import Markup

from padlock import tls
from padlock.authority import Authority, self_signed
from padlock.look.diagrams import Arrow, Party, Thing, who_holds_what
from padlock.look.panel import Choice, Flag, Panel
from padlock.look.shown import Result

NAME, OWN = "api.test", "mallory.test"
REQUEST, REPLY = b"password=correct-horse", b"balance: 4711"
PASSWORD = REQUEST.decode()

# Why it ended so, by OpenSSL's number for the failed check (None: the signature over the handshake).
WHY = {
    18: "She signed it herself; nobody whom the client trusts has signed it.",
    19: "The client does not know the CA that signed it.",
    20: "The client does not know the CA that signed it.",
    21: "The client does not know the CA that signed it.",
    62: f"The certificate is good, but for {OWN}. The client wants {NAME}.",
    None: "The certificate is the real one, but she has not got its private key, so she can't sign the handshake.",
}


class AttackBench(Panel):
    """What the attacker shows × what the client checks × whom it trusts → who reads the password. Real handshakes."""

    question = "Does Mallory get to read the password?"
    controls = (
        Choice(
            "shows",
            "What does Mallory show?",
            {
                "self": f"a certificate for {NAME}, signed by herself",
                "own-ca": f"a certificate for {NAME} from her own CA",
                "own-name": f"a certificate for {OWN} from Class Root",
                "copied": f"the real certificate of {NAME}, copied",
            },
        ),
        Choice(
            "checks",
            "What does the client check?",
            {
                "nothing": "nothing (CERT_NONE)",
                "chain": "the chain, not the name",
                "all": "the chain and the name",
            },
        ),
        Flag("installed", "Mallory's CA is in the client's trust store"),
    )

    def __init__(self):
        self._ca, self._own_ca = Authority("Class Root"), Authority("Mallory's CA")
        self._server = self._ca.issue(NAME)
        self._shown = {
            "self": self_signed(NAME),
            "own-ca": self._own_ca.issue(NAME),
            "own-name": self._ca.issue(OWN),
            "copied": tls.borrowed(self._server),
        }
        super().__init__()

    def react(self, pressed=None):
        shows, checks, installed = (self.values[name] for name in ("shows", "checks", "installed"))
        roots = [self._ca, self._own_ca] if installed else [self._ca]
        attack = tls.intercept(
            self._server,
            self._shown[shows],
            [authority.certificate for authority in roots],
            NAME,
            checks != "nothing",
            REQUEST,
            REPLY,
            check_name=checks == "all",
        )
        picture = _picture(shows, [authority.name for authority in roots], attack)
        rows = _said(attack)
        html = Markup('{}<dl class="pl-rows">{}</dl>').format(
            picture.html,
            Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(who, words) for who, words in rows),
        )
        text = "\n".join([picture.text, *(f"{who}: {words}" for who, words in rows)])
        if attack.error:
            return Result(
                html,
                text,
                f"✓ No. The client refuses, and the password is not sent. {WHY.get(attack.error.code, '')}",
            )
        return Result(html, text, f"✗ Yes, and nobody notices. {_slip(shows, checks)}")


def _slip(shows: str, checks: str) -> str:
    """Which missing check let her through."""
    if checks == "nothing":
        return "The client encrypts to whoever answers."
    if shows == "own-name":
        return f"Class Root did sign this certificate, for {OWN}; the client does not compare the name."
    return "Whoever put Mallory's CA into the trust store lets her be anybody."


def _picture(shows: str, trusted: list[str], attack: tls.Interception):
    name = OWN if shows == "own-name" else NAME
    signer = {"self": "by herself", "own-ca": "by Mallory's CA"}.get(shows, "by Class Root")
    certificate = Thing("certificate", f"{name}, signed {signer}")
    parties = [
        Party("client", trusts=trusted, role="client"),
        Party("Mallory", [Thing("private-key", "Mallory's own"), certificate], role="attacker"),
        Party(
            "server",
            [Thing("private-key", NAME), Thing("certificate", f"{NAME}, signed by Class Root")],
            role="server",
        ),
    ]
    arrows = [Arrow("Mallory", "client", Thing("certificate", name), refused=bool(attack.error))]
    if not attack.error:
        arrows += [Arrow("client", "Mallory", PASSWORD), Arrow("Mallory", "server", PASSWORD)]
    return who_holds_what(parties, arrows)


def _said(attack: tls.Interception) -> list[tuple[str, str]]:
    if attack.error:
        return [
            ("client", f"says: {attack.error.said}"),
            ("Mallory", f"hears: {attack.error.other_said or 'nothing'}"),
            ("server", "has not heard of any of this"),
        ]
    return [
        ("client", f"sees {attack.with_client.version}, and gets “{attack.client_got.decode()}”"),
        ("Mallory", f"reads “{attack.attacker_read.decode()}” and “{attack.attacker_read_reply.decode()}”"),
        ("server", f"sees {attack.with_server.version}, and answers as always"),
    ]
