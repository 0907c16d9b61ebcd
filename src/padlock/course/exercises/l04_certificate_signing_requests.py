"""Lesson 04, Certificate signing requests: ask for names, prove possession, and see what neither proves."""

import random
from collections.abc import Callable
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import csr, keys, reading
from padlock.authority import PURPOSES, Authority

from ..answer import Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import connect, must_accept

OWN_NAMES = {"api.test", "www.api.test"}


@cache
def _authority() -> Authority:
    return Authority("Class Root")


@cache
def _key(kind: str = "p256", whose: str = "asker"):
    return keys.make(kind)


def inbox_of_three() -> dict[str, bytes]:
    """Three requests as PEM, one of them changed on its way; the order differs from run to run."""
    key, bank, thief = (keys.make() for _ in range(3))
    honest = csr.make(["api.test"], key, organisation="Example Ltd")
    requests = [
        csr.make(["shop.test"], key, organisation="Shop Ltd"),
        csr.make(["bank.test", "*.bank.test"], bank, organisation="The Bank of Everything", ca=True),
        csr.on_its_way(honest, "key", thief),  # nothing that one reads tells it from an honest one
    ]
    random.shuffle(requests)
    pems = [request.public_bytes(Encoding.PEM) for request in requests]
    return dict(zip(("first", "second", "third"), pems, strict=True))


def _must_fit(request: x509.CertificateSigningRequest, name: str) -> None:
    if old := keys.old_hash(request):
        raise Miss(
            "old-hash",
            f"{name} is signed with a hash that is accepted no more",
            tried="reading how it is signed",
            expected="SHA-256, SHA-384 or SHA-512; with Ed25519, none to choose",
            found=old,
        )
    if not csr.fits(request):
        raise Miss(
            "signature-unfit",
            f"the signature of {name} does not fit the public key in it",
            tried="checking the signature with the request's own public key, as an authority does",
            expected="a signature by the private key of that pair",
            found="a signature that does not fit",
        )


def _asked(request: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    wish = _wish(request, x509.SubjectAlternativeName)
    return list(wish) if wish else []


def _wish(request: x509.CertificateSigningRequest, kind: type):
    """The extension of this kind that it asks for, or None, also when it can't be read."""
    try:
        return request.extensions.get_extension_for_class(kind).value
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None


def _dns(name: x509.GeneralName) -> str | None:
    """In lower case: DNS does not tell a from A (RFC 9525 §6.3)."""
    return name.value.lower() if isinstance(name, x509.DNSName) else None


def _in_words(name: x509.GeneralName) -> str:
    kinds = {
        x509.RFC822Name: "an e-mail address",
        x509.UniformResourceIdentifier: "a URI",
        x509.IPAddress: "an IP address",
    }
    words = reading.visible(getattr(name, "value", name), 60)
    return words.lower() if _dns(name) else f"{words} as {kinds.get(type(name), 'a name of another kind')}"


def _must_ask_for(request: x509.CertificateSigningRequest, wanted: set[str]) -> None:
    names = _asked(request)
    if not names:
        cn = [
            reading.visible(part.value, 60) for part in request.subject if part.rfc4514_attribute_name == "CN"
        ]
        raise Miss(
            "san-missing",
            "the request asks for no host name at all",
            tried="reading its subjectAltName, where authorities and clients look",
            expected="a SubjectAlternativeName with " + " and ".join(sorted(wanted)),
            found=(f"CN={cn[0]}, no SAN" if cn else "no SAN"),
        )
    missing = wanted - {_dns(name) for name in names}
    if missing:
        raise Miss(
            "name-not-asked",
            f"the request does not ask for the DNS name {min(missing)}",
            tried="reading its subjectAltName",
            expected=" and ".join(sorted(wanted)),
            found=", ".join(sorted(map(_in_words, names))),
        )


def _must_ask_for_no_more(
    request: x509.CertificateSigningRequest, whose: str, may_have: Callable[[x509.GeneralName], bool]
) -> None:
    """No names but those that `may_have` grants, and no powers but those of a server, or of a client as well."""
    more = sorted(_in_words(name) for name in _asked(request) if not may_have(name))
    if _wants_to_be_a_ca(request):
        more.append("to be a CA")
    usage, purposes = _wish(request, x509.KeyUsage), _wish(request, x509.ExtendedKeyUsage)
    if usage and (usage.key_cert_sign or usage.crl_sign):
        more.append("to sign certificates or CRLs (its key usage)")
    if purposes and not set(purposes) <= set(PURPOSES["both"]):
        more.append("other purposes than those of servers and clients")
    if more:
        raise Miss(
            "asks-too-much",
            "the request asks for more than it should have",
            tried="reading what it asks for",
            expected=whose,
            found=f"also {', '.join(more)}",
        )


def _certified(request: x509.CertificateSigningRequest, key) -> tuple:
    """What an authority makes of it, with the asker's own key: (certificates, private key)."""
    try:
        return _authority().sign(request).chain, key
    except ValueError as error:
        raise Miss(
            "authority-refuses",
            "an authority does not sign this request",
            tried="letting an authority sign it",
            expected="a certificate for the names in it",
            found=str(error),
        ) from error


# ---- 1: a request for two names


def fits_its_key(answer):
    """the request's signature fits the public key in it"""
    _must_fit(answer.csr("my_request"), "my_request")


def carries_my_key(answer):
    """the public key in it belongs to my_key"""
    request, key = answer.csr("my_request"), answer.private_key("my_key")
    if not keys.same_pair(request, key):
        raise Miss(
            "csr-key-mismatch",
            "the request carries the public key of another pair",
            tried="comparing the public key in my_request with that of my_key",
            expected=keys.short_fingerprint(key),
            found=keys.short_fingerprint(request),
        )


def asks_for_both_and_no_more(answer):
    """it asks for api.test and www.api.test, and for nothing more"""
    request = answer.csr("my_request")
    _must_ask_for(request, OWN_NAMES)
    _must_ask_for_no_more(request, " and ".join(sorted(OWN_NAMES)), lambda name: _dns(name) in OWN_NAMES)


def serves_both_names(answer):
    """signed by an authority, it makes a server that a client accepts for both names, and for no other"""
    request, key = answer.csr("my_request"), answer.private_key("my_key")
    server, roots = _certified(request, key), [_authority().certificate]
    for name in sorted(OWN_NAMES):
        must_accept(server, name, roots, "the authority that signed your request")
    if connect(server, "other.test", roots).error is None:
        raise Miss(
            "asks-too-much",
            "a client accepts your server as other.test, too",
            tried="TLS in memory for other.test",
            expected="a refusal",
            found="a shut padlock",
        )


def _wants_to_be_a_ca(request: x509.CertificateSigningRequest) -> bool:
    basic = _wish(request, x509.BasicConstraints)
    return bool(basic and basic.ca)


# ---- 2: proves_possession(pem)


def _says(answer, request: x509.CertificateSigningRequest, what: str) -> bool:
    said = answer.call("proves_possession", request.public_bytes(Encoding.PEM))
    if said is None:
        raise Miss(
            "none-is-no-answer",
            "proves_possession gave None",
            tried=f"proves_possession(pem) with {what}",
            expected="True or False",
            found="None",
        )
    if type(said) not in (bool, int) or said not in (0, 1):
        raise Miss(
            "no-verdict",
            "proves_possession gave neither True nor False",
            tried=f"proves_possession(pem) with {what}",
            expected="True or False",
            found=f"a {type(said).__name__}",
        )
    return bool(said)


def says_true_of_what_fits(answer):
    """it says True of a request that fits, whatever the kind of key and of hash"""
    honest = {
        keys.KINDS[kind]: csr.make(["api.test"], _key(kind))
        for kind in ("p256", "ed25519", "rsa2048", "p384")
    }
    name = x509.SubjectAlternativeName([x509.DNSName("api.test")])
    wish = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(name, critical=False)
    )
    honest["RSA 2048, SHA-512"] = wish.sign(_key("rsa2048"), hashes.SHA512())
    for kind, request in honest.items():
        what = f"an honest {kind} request"
        if not _says(answer, request, what):
            raise Miss(
                "refuses-fitting",
                f"proves_possession says False of {what}",
                tried="a request signed with the private key of the public key in it",
                expected="True",
                found="False",
            )


def judges_nothing_else(answer):
    """it says True also of a request that asks for what it should not have"""
    wishes = {
        "a thief's own request for bank.test": csr.make(
            ["bank.test"], _key("p256", "thief"), organisation="The Bank"
        ),
        "a request to be a CA": csr.make(["api.test"], _key(), ca=True),
        "a request that asks in the CN alone": csr.make(["api.test"], _key(), san=False),
    }
    for what, request in wishes.items():
        if not _says(answer, request, what):
            raise Miss(
                "wish-is-no-flaw",
                f"proves_possession says False of {what}",
                tried="a request whose signature fits",
                expected="True: its maker holds the key",
                found="False",
            )


def says_false_of_what_was_changed(answer):
    """it says False of a request that was changed or signed with another key"""
    for kind in ("p256", "ed25519", "rsa2048"):
        honest, thief = (
            csr.make(["api.test"], _key(kind)),
            _key("p256" if kind == "rsa2048" else kind, "thief"),
        )
        forged = {
            "a request in which one letter was changed": csr.on_its_way(honest, "letter", thief),
            "a request in which the public key was changed": csr.on_its_way(honest, "key", thief),
            "a request that another key signed": csr.make(["api.test"], _key(kind), signed_by=thief),
        }
        for what, request in forged.items():
            if _says(answer, request, what):
                raise Miss(
                    "accepts-forged",
                    f"proves_possession says True of {what}",
                    tried=f"a request for a {keys.KINDS[kind]} key whose signature does not fit",
                    expected="False",
                    found="True",
                )


# ---- 3: the request that was changed on its way


def points_at_one(answer):
    """misfit is one of the three requests"""
    _pointed_at(answer)


def points_at_the_misfit(answer):
    """the signature of that one does not fit"""
    which = _pointed_at(answer)
    request = _inbox(answer)[which]
    if not csr.fits(request):
        return
    raise Miss(
        "wish-is-no-flaw" if _wants_to_be_a_ca(request) else "misfit-fits",
        f"the signature of the {which} request fits",
        tried="checking it with the public key in the same request",
        expected="a signature that does not fit",
        found="one that fits",
    )


def _pointed_at(answer) -> str:
    """Its name, or the request itself, as an object or as the PEM in the inbox."""
    inbox, said = _inbox(answer), answer.misfit
    if isinstance(said, str) and said.strip().lower() in inbox:
        return said.strip().lower()
    if isinstance(said, str | bytes | x509.CertificateSigningRequest):
        plain = said.encode("utf-8", "replace") if isinstance(said, str) else said
        for which, request in inbox.items():
            if plain in (request, request.public_bytes(Encoding.DER), request.public_bytes(Encoding.PEM)):
                return which
    raise Miss(
        "no-such-request",
        "misfit is none of the three requests",
        expected=" or ".join(f'"{which}"' for which in inbox),
        found=reading.visible(said, 60) if isinstance(said, str) else f"a {type(said).__name__}",
    )


def _inbox(answer) -> dict[str, x509.CertificateSigningRequest]:
    return answer.given(
        "inbox", lambda inbox: {which: reading.csr(inbox[which]) for which in ("first", "second", "third")}
    )


# ---- 4: ask again, in the right place, for the same key


def renewed_fits(answer):
    """the new request's signature fits the public key in it"""
    _must_fit(answer.csr("renewed"), "renewed")


def renewed_keeps_the_key(answer):
    """it carries the same public key as the old request"""
    old, new = answer.given("old_request", reading.csr), answer.csr("renewed")
    if not keys.same_pair(old, new):
        raise Miss(
            "new-key-made",
            "the new request carries another public key than the old one",
            tried="comparing the public keys of old_request and renewed",
            expected=keys.short_fingerprint(old),
            found=keys.short_fingerprint(new),
        )


def renewed_asks_rightly(answer):
    """it asks for shop.test where clients look, and for no other's name and no more rights"""
    request = answer.csr("renewed")
    _must_ask_for(request, {"shop.test"})
    _must_ask_for_no_more(
        request, "shop.test", lambda name: f".{_dns(name) or 'shop.test'}".endswith(".shop.test")
    )


def _old_key(answer):
    """Reads old_key, as long as it is the one of old_request."""

    def read(given):
        key = reading.private_key(given)
        if not keys.same_pair(key, answer.given("old_request", reading.csr)):
            raise ValueError
        return key

    return read


def renewed_serves(answer):
    """signed by an authority, it makes a server for shop.test with the old key"""
    server = _certified(answer.csr("renewed"), answer.given("old_key", _old_key(answer)))
    must_accept(server, "shop.test", [_authority().certificate], "the authority that signed your request")


LESSON = Lesson(
    slug="04_certificate_signing_requests",
    title="Certificate signing requests",
    minutes=(25, 25),
    exercises=(
        Exercise(
            id="04-ask",
            title="Ask for two names",
            asks=("my_key", "my_request"),
            tasks=(fits_its_key, carries_my_key, asks_for_both_and_no_more, serves_both_names),
            hints=(
                "The first code cell of this lesson makes a key and a request: read it again from the bottom up.",
                "One pair, one request. The names go into one SubjectAlternativeName, which takes a list.",
                "`x509.SubjectAlternativeName([x509.DNSName(…), x509.DNSName(…)])`, added with `.add_extension(…, critical=False)`, then `.sign(my_key, hashes.SHA256())`.",
                "my_key as in the first cell; then\n\n"
                "    both = x509.SubjectAlternativeName([x509.DNSName(\"api.test\"), x509.DNSName(…)])\n"
                "    my_request = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(both, critical=False).sign(…, hashes.SHA256())",
            ),
            misses=("old-hash", "signature-unfit", "csr-key-mismatch", "san-missing", "name-not-asked", "asks-too-much", "private-key-given",
                    "certificate-given", "not-signed", "csr-given", "key-unfit"),
            done="an authority signed your request, and a client accepted your server for both names. Your private key was never sent.",
        ),
        Exercise(
            id="04-possession",
            title="Does its maker hold the key?",
            asks=("proves_possession",),
            tasks=(says_true_of_what_fits, judges_nothing_else, says_false_of_what_was_changed),
            hints=(
                "Two steps: from PEM bytes to a request, and from the request to True or False.",
                "The request carries the public key that you need. Nothing else has to be known, and nothing else is judged.",
                "`x509.load_pem_x509_csr(pem)` reads it. It has `.is_signature_valid`, which works for every kind of key here.",
                "Two lines:\n\n    def proves_possession(pem):\n        return x509.load_pem_x509_csr(pem).…",
            ),
            misses=("none-is-no-answer", "no-verdict", "wrong-type", "refuses-fitting", "wish-is-no-flaw", "accepts-forged"),
            done="it tells whether the maker held the private key, of RSA, P-256 and Ed25519, and judges nothing else.",
        ),
        Exercise(
            id="04-misfit",
            title="Find the request that was changed",
            asks=("misfit",),
            tasks=(points_at_one, points_at_the_misfit),
            hints=(
                "What they ask for tells you nothing here: a changed request reads as well as an honest one.",
                "A daring wish is no flaw in a signature. Only the signature tells whether something was changed.",
                "Your `proves_possession` takes each of them: `for which, pem in inbox.items(): print(which, proves_possession(pem))`.",
                '`misfit = "…"`, the one of which it says False.',
            ),
            misses=("no-such-request", "misfit-fits", "wish-is-no-flaw"),
            done="one was changed after it was signed. The one that asks for everything fits: its maker holds its key, and that is all.",
        ),
        Exercise(
            id="04-renew",
            title="Ask again, for the same key",
            asks=("renewed",),
            tasks=(renewed_fits, renewed_keeps_the_key, renewed_asks_rightly, renewed_serves),
            hints=(
                "Look at the card of `old_request`: where does it ask for shop.test?",
                "You can't change a signed request. Make a new one, with the key that you have.",
                "`.sign(old_key, hashes.SHA256())` puts the public half of old_key in. Add a SubjectAlternativeName before.",
                "Without a CN this time:\n\n    renewed = (\n        x509.CertificateSigningRequestBuilder()\n        .subject_name(x509.Name([]))\n"
                '        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.test")]), critical=False)\n'
                "        .sign(…, hashes.SHA256())\n    )",
            ),
            misses=("old-hash", "signature-unfit", "new-key-made", "san-missing", "name-not-asked", "asks-too-much", "authority-refuses",
                    "certificate-given"),
            done="the same key, asked for in the right place. Whoever pinned that key will not notice.",
        ),
    ),
    explanations=(
        Explanation("csr-carries-both", "the public key is derived from the private key, so a CSR carries both",
                    "a CSR carries the public key and a signature; the private key is not in it and can't be computed from it",
                    "RFC 2986 §4.1", "search the request's bytes for your private number, as this lesson does."),
        Explanation("ca-needs-key", "the CA needs my private key, or sends me mine",
                    "you make the pair; the CA gets the public half and a signature, and that is enough",
                    "RFC 2986 §3", "send the request alone. A private key that has travelled is replaced."),
        Explanation("possession-is-right", "a request whose signature fits comes from the owner of the name",
                    "the signature says that its maker holds the key; anybody can make a key and ask for any name",
                    "RFC 2986 §3", "check the right to the name separately: lesson 05."),
        Explanation("request-replayed", "a request comes from whoever signed it",
                    "it can be copied: it names no recipient and no time, so it does not say who sent it",
                    "RFC 2986 §4.1", "settle who sends it on the way it is sent: a login, an account."),
        Explanation("asks-and-gets", "what I ask for I get", "a request is a wish; what goes into the certificate the CA decides",
                    "RFC 2986 §3", "read the certificate that comes back before you use it."),
        Explanation("signature-unfit", "a request that can be read is in order",
                    "its signature was not made by the private key of the public key in it, or something was changed afterwards",
                    "RFC 2986 §4.2", "make the request again, and sign it with its own key."),
        Explanation("old-hash", "a signature that fits is good, whatever the hash", "SHA-1 and MD5 are broken: somebody can make two texts of one hash and have the harmless one signed. So tools refuse such a signature, even if it fits",
                    "RFC 6151; RFC 6194", "sign with SHA-256: .sign(key, hashes.SHA256())."),
        Explanation("csr-key-mismatch", "any key goes with any request", "a request carries one public key; its certificate will serve only with that pair's private key",
                    "RFC 2986 §4.1", "sign the request with my_key: its public half goes in by itself."),
        Explanation("name-not-asked", "the authority will know which names I mean", "it certifies names that stand in the request; www.api.test is another name than api.test",
                    "RFC 9525 §6.3", "put every name that clients use into the SubjectAlternativeName."),
        Explanation("asks-too-much", "the more I ask for, the better", "whoever steals this one key then has all those names and rights",
                    "RFC 9525 §7.5", "ask for the names that this server has, and for nothing more: no CA:TRUE, no right to sign certificates."),
        Explanation("authority-refuses", "an authority signs every request whose signature fits", "it also looks at the names, and its words say what it does not sign",
                    "RFC 5280 §4.2.1.6", "ask for the host name alone, in the form that DNS uses."),
        Explanation("none-is-no-answer", "verify() gives True when a signature fits",
                    "verify() gives None when it fits and raises InvalidSignature when not",
                    "RFC 2986 §4.2", "return True after it, or use .is_signature_valid."),
        Explanation("no-verdict", "a check may answer with anything", "whoever calls a check needs a verdict: True or False, and nothing else",
                    "RFC 2986 §3", "return request.is_signature_valid."),
        Explanation("refuses-fitting", "every key is checked in the same way", "each kind of key has its own way to sign; the request names it",
                    "RFC 2986 §4.2", "let .is_signature_valid choose, or look at the kind of key."),
        Explanation("wish-is-no-flaw", "a request that asks for too much has a bad signature",
                    "the signature tells who holds the key, not whether the wish may be granted; these are two checks",
                    "RFC 2986 §3", "check the signature alone; judging the wishes comes after."),
        Explanation("accepts-forged", "a request that can be read is genuine", "reading it checks nothing; only the signature tells whether something was changed",
                    "RFC 2986 §3", "check the signature with the public key in the request."),
        Explanation("no-such-request", "some other value names a request", "there are three requests, and one of them was changed",
                    "RFC 2986 §4.2", "give \"first\", \"second\" or \"third\"."),
        Explanation("misfit-fits", "one can see whether a signature fits", "a forged request looks like any other; only computing tells",
                    "RFC 2986 §3", "run proves_possession on all three."),
        Explanation("new-key-made", "a new request needs a new key", "a request can be made again with the key one has; a new key is usually better, but not where somebody pinned the old one",
                    "RFC 2986 §3", "sign with old_key."),
    ),
    quiz=(
        Question(
            "What of your key pair is in a request?",
            right="the public key, and a signature by the private one",
            because="That is all an authority needs (RFC 2986 §4.1, §4.2).",
            wrong={
                "both keys, since one is derived from the other": ("csr-carries-both", "You searched the bytes: the private number is nowhere."),
                "the private key, encrypted for the authority": ("ca-needs-key", "There is no field for it, and no use: the authority never needs it."),
            },
        ),
        Question(
            "openssl req -newkey makes a key pair and a request in one go. Why does that make sense?",
            right="the request is signed with the private key, so the pair must be there first",
            because="If you have a pair already, openssl req -new -key uses that.",
            wrong={
                "the request needs both keys inside": ("csr-carries-both", "It writes two files. Only one of them is sent, and it holds the public key."),
                "the authority gets both files": ("ca-needs-key", "server.key stays where it was made."),
            },
        ),
        Question(
            "The signature of a request for bank.test fits. What does the authority know?",
            right="whoever made it held the private key of the public key in it",
            because="No more. Whose name bank.test is, it must find out in another way.",
            wrong={
                "the asker owns bank.test": ("possession-is-right", "Mallory's request for api.test fitted, too."),
                "it was sent by whoever made it": ("request-replayed", "A copy fits as well as the original."),
            },
        ),
        Question(
            "A colleague sends you server.csr and asks you to put it into nginx. What is missing?",
            right="the certificate that an authority makes of it",
            because="A request is a wish. A server shows a certificate, and its private key is there already.",
            wrong={
                "nothing: it holds name and key": ("csr-given", "No client trusts a wish: no authority has signed it."),
                "the private key, by mail": ("ca-needs-key", "The private key should be on the server, where it was made. A mailed one is known to others."),
            },
        ),
        Question(
            "Your request asks for CA:TRUE and for www.api.test. What will the certificate hold?",
            right="what the authority decides",
            because="It may grant, change or drop each wish (RFC 2986 §3). Read what comes back.",
            wrong={
                "both: the request was signed": ("asks-and-gets", "You signed it, not the authority. Yours is only a wish."),
                "www.api.test, if it stands in the CN": ("san-missing", "Clients look for a server's name in the SAN."),
            },
        ),
    ),
)  # fmt: skip
