"""Lesson 05, Certificate authorities: be one, sign a request, vet names, and put a root into a client's store."""

import secrets
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from padlock import csr, keys, reading, tls, vetting
from padlock.authority import Authority, self_signed
from padlock.look.card import day

from ..answer import Miss
from ..model import Exercise, Explanation, Lesson, Question
from ..trying import cause, connect

TIME = {"expired", "not-yet-valid"}


# ---- 1: a root of your own


def root_is_yours(answer):
    """my_root holds the public half of my_key, and is signed with it"""
    key, root = answer.private_key("my_key"), answer.certificate("my_root")
    if not keys.same_pair(key, root):
        raise Miss(
            "key-mismatch",
            "my_root holds another public key than my_key's",
            tried="comparing the two public keys",
            expected=keys.short_fingerprint(key),
            found=keys.short_fingerprint(root),
        )
    if not list(root.subject):
        raise Miss(
            "no-name",
            "my_root has an empty subject",
            expected="a name, which the certificates it signs give as issuer",
        )
    try:
        root.verify_directly_issued_by(root)
    except Exception as error:  # several kinds, of which each means: not its own signature
        raise Miss(
            "not-self-signed",
            "my_root is not signed with its own key",
            tried="checking its signature with its own public key",
            expected="subject and issuer the same, signed with my_key",
            found=type(error).__name__,
        ) from error


def root_is_a_ca(answer):
    """my_root says that its key may sign certificates"""
    root = answer.certificate("my_root")
    basic, usage = _extension(root, x509.BasicConstraints), _extension(root, x509.KeyUsage)
    if basic is None or not basic.value.ca:
        raise Miss(
            "not-a-ca",
            "a client refuses every certificate that my_root signs",
            tried="reading its basicConstraints",
            expected="CA:TRUE",
            found="no basicConstraints" if basic is None else "CA:FALSE",
        )
    if not basic.critical:
        raise Miss(
            "not-critical",
            "some clients refuse every certificate that my_root signs",
            tried="reading its basicConstraints",
            expected="CA:TRUE, critical",
            found="CA:TRUE, not critical",
        )
    if usage is None or not usage.value.key_cert_sign:
        raise Miss(
            "no-keycertsign",
            "clients refuse certificates that my_root signs",
            tried="reading its key usage",
            expected="keyCertSign",
            found="no key usage at all" if usage is None else "a key usage without keyCertSign",
        )


def root_lasts(answer):
    """my_root is good now, and for a year or more"""
    root = answer.certificate("my_root")
    now = datetime.now(UTC)
    if not root.not_valid_before_utc <= now <= root.not_valid_after_utc:
        late = now > root.not_valid_after_utc
        raise Miss(
            "expired" if late else "not-yet-valid",
            f"my_root is {'no longer' if late else 'not yet'} good",
            expected="good now",
            found=f"{day(root.not_valid_before_utc)} to {day(root.not_valid_after_utc)}",
        )
    if root.not_valid_after_utc - now < timedelta(days=364):
        raise Miss(
            "too-short",
            "my_root ends within a year",
            expected="a year or more: who replaces a root visits every store",
            found=f"good until {day(root.not_valid_after_utc)}",
        )


def root_is_believed(answer):
    """clients that trust my_root accept a server that my_key signed for"""
    key, root = answer.private_key("my_key"), answer.certificate("my_root")
    try:
        leaf = _as(key, root).issue("api.test")
    except ValueError as error:
        raise Miss(
            "refused-otherwise",
            "my_key can't sign a server's certificate",
            tried="signing one for api.test",
            expected="a P-256, RSA or Ed25519 key",
            found=str(error),
        ) from error
    transcript = connect(leaf, "api.test", [root])
    if transcript.error:
        raise Miss(
            "refused-otherwise",
            "a client that trusts only my_root refuses its server",
            tried="TLS in memory for api.test",
            expected="it accepts",
            found=transcript.error.said,
        )
    if isinstance(root.public_key(), (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return  # the second client goes by the rules of the public web, which know no such keys; OpenSSL does
    try:
        PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName("api.test")).verify(
            leaf.certificate, []
        )
    except (VerificationError, ValueError) as error:
        raise Miss(
            "refused-otherwise",
            "a second, stricter client refuses",
            tried="path validation by cryptography",
            expected="a good path from api.test to my_root",
            found=reading.visible(error, 200),
        ) from error


# ---- 2: sign Mallory's request


def careful_is_hers_and_yours(answer):
    """careful is for the key in the request, and signed by your CA"""
    careful, hostile = answer.certificate("careful"), answer.csr("hostile")
    if not keys.same_pair(careful, hostile):
        own = keys.same_pair(careful, answer.private_key("ca_key"))
        raise Miss(
            "not-her-key",
            "careful is for another key than the request's",
            tried="comparing the public keys",
            expected=f"the request's, {keys.short_fingerprint(hostile)}",
            found=f"{keys.short_fingerprint(careful)}{', your own' if own else ''}",
        )
    transcript = _meets(answer, careful, "mallory.test")
    if transcript.error and cause(transcript) == "unknown-ca":
        raise Miss(
            "not-by-your-ca",
            "a client that trusts your root does not know who signed careful",
            tried="TLS in memory for mallory.test, trusting only root",
            expected="issuer: root's subject, signed with ca_key",
            found=transcript.error.said,
        )


def careful_is_accepted(answer):
    """a client that trusts root accepts her server as mallory.test"""
    careful = answer.certificate("careful")
    transcript = _meets(answer, careful, "mallory.test")
    if transcript.error:
        raise Miss(
            cause(transcript),
            "a client refuses her server for mallory.test",
            tried="TLS in memory, trusting only root",
            expected="a certificate for mallory.test, good now",
            found=transcript.error.said,
        )


def careful_grants_no_more(answer):
    """nothing else is granted: no other name, no CA"""
    careful = answer.certificate("careful")
    for name in ("bank.test", "www.mallory.test", "shop.test"):
        if _meets(answer, careful, name).error is None:
            raise Miss(
                "granted-unproven",
                f"her server is accepted as {name}",
                tried=f"TLS in memory for {name}, trusting only root",
                expected="only mallory.test, which she has proven",
                found=f"a padlock that shuts for {name}",
            )
    san = _extension(careful, x509.SubjectAlternativeName)
    if others := [
        n for n in san.value if not (isinstance(n, x509.DNSName) and n.value.lower() == "mallory.test")
    ]:
        raise Miss(
            "granted-unproven",
            "careful holds a name that she has not proven",
            tried="reading its subjectAltName",
            expected="only mallory.test",
            found=str(others[0].value),
        )
    basic, usage = _extension(careful, x509.BasicConstraints), _extension(careful, x509.KeyUsage)
    forged = _as(answer.private_key("mallory_key"), careful).issue("victim.test")
    signs = (
        connect(
            ([forged.certificate, careful], forged.private_key), "victim.test", [answer.certificate("root")]
        ).error
        is None
    )
    if signs or (basic and basic.value.ca) or (usage and usage.value.key_cert_sign):
        raise Miss(
            "still-a-ca",
            "Mallory signs for victim.test with careful, and a client accepts"
            if signs
            else "careful says that its key may sign certificates",
            tried="signing for victim.test with her key",
            expected="CA:FALSE, and no keyCertSign",
            found="CA:TRUE"
            if basic and basic.value.ca
            else "keyCertSign"
            if usage and usage.value.key_cert_sign
            else "no basicConstraints",
        )


def careful_ends_soon(answer):
    """it is good for 90 days at most"""
    careful = answer.certificate("careful")
    life = careful.not_valid_after_utc - careful.not_valid_before_utc
    if life > timedelta(days=91):  # an hour or a day at the ends is no matter
        raise Miss(
            "too-long", "careful is good for too long", expected="90 days at most", found=f"{life.days} days"
        )


def _meets(answer, certificate, name):
    return connect(([certificate], answer.private_key("mallory_key")), name, [answer.certificate("root")])


# ---- 3: vet names


def vet_grants_what_is_proven(answer):
    """names that the asker controls are granted"""
    mine, other = _fresh("mine"), _fresh("other")
    names = _vetted(answer, _asks(mine, other), _challenges({mine, other}))
    if missing := [name for name in (mine, other) if name not in names]:
        raise Miss(
            "honest-refused",
            "vet refuses a name that the asker controls",
            tried=f"a request for {mine} and {other}",
            expected="both: both challenges pass",
            found=f"{missing[0]} is not among {names or 'them: there are none'}",
        )


def vet_grants_no_more(answer):
    """names of somebody else are not granted"""
    mine, theirs = _fresh("mine"), _fresh("bank")
    requests = {
        "its own name and somebody else's": _asks(mine, theirs),
        "a wildcard": _asks(mine, f"*.{theirs}"),
        "somebody else's name only": _asks(theirs),
        "somebody else's name in the CN": _asks(mine, cn=theirs),
    }
    for what, request in requests.items():
        names = _vetted(answer, request, _challenges({mine}))
        if wrong := [name for name in names if name != mine]:
            raise Miss(
                "granted-unproven",
                f"vet grants {reading.visible(wrong[0], 60)}, which the asker does not control",
                tried=f"a request for {what}",
                expected=f"at most {mine}",
                found=", ".join(names),
            )


def vet_looks_at_the_signature(answer):
    """a request whose signature does not fit gets nothing"""
    mine = _fresh("mine")
    names = _vetted(answer, _asks(mine, signed_by=keys.make()), _challenges({mine}))
    if names:
        raise Miss(
            "signature-unchecked",
            "vet grants names to a request that nobody signed with its key",
            tried="a request with another's public key in it",
            expected="no names",
            found=", ".join(names),
        )


def _challenges(own):
    """`controls(name)` as the learner gets it: a challenge that is really fetched; it passes for the names in `own`."""
    account = keys.make()

    def controls(name):
        name = getattr(name, "value", name)
        return isinstance(name, str) and vetting.prove(name, own, account).ok

    return controls


def _vetted(answer, request, controls) -> list[str]:
    """What vet returned, as text."""
    found = answer.call("vet", request, controls)
    if isinstance(found, x509.SubjectAlternativeName):
        found = list(found)
    if found is None or not isinstance(found, (list, tuple, set, frozenset)):
        raise Miss(
            "not-a-list",
            "vet does not return a list of names",
            tried="calling vet(request, controls)",
            expected="a list, empty if nothing is granted",
            found="None" if found is None else f"a {type(found).__name__}",
        )
    names = [one.value if isinstance(one, x509.GeneralName) else one for one in found]
    if not all(isinstance(name, str) for name in names):
        raise Miss(
            "not-a-list",
            "vet returns something that is not a name",
            tried="calling vet(request, controls)",
            expected="names as text",
            found=f"a {next(type(n).__name__ for n in names if not isinstance(n, str))}",
        )
    return [reading.visible(name.lower(), 100) for name in names]


def _fresh(word: str) -> str:
    return f"{word}-{secrets.token_hex(3)}.test"


def _asks(*names, cn=None, signed_by=None):
    key = keys.make()
    builder = x509.CertificateSigningRequestBuilder(csr.subject(common_name=cn or ""))
    san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    request = builder.add_extension(san, critical=False).sign(key, keys.digest_for(key))
    return csr.signed(request.tbs_certrequest_bytes, signed_by) if signed_by else request


# ---- 4: a client that trusts your root


def client_accepts_yours(answer):
    """the client accepts every server of your CA"""
    client = _client(answer)
    today, tomorrow = answer.given("server", _server), answer.given("ca", Authority).issue("tomorrow.test")
    for server, name in ((today, "api.test"), (tomorrow, "tomorrow.test")):
        error = _try(client, server, name)
        if error:
            if _try(client, answer.given("twin", Authority).issue(name), name) is None:
                raise Miss(
                    "wrong-root",
                    "the client refuses your CA, and accepts Mallory's, which has the same name",
                    tried=f"TLS in memory with your client, for {name}",
                    expected="your root in its store",
                    found="her root",
                )
            stats = client.cert_store_stats()
            leaf = name == "tomorrow.test" or (stats["x509"] > 0 and stats["x509_ca"] == 0)
            raise Miss(
                "trusts-the-leaf" if leaf else "root-not-trusted",
                f"the client refuses {name}, a server of your CA",
                tried=f"TLS in memory with your client, for {name}",
                expected="it accepts: your CA signed",
                found=error,
            )


def client_refuses_others(answer):
    """it refuses servers that your CA did not sign"""
    client = _client(answer)
    if _try(client, self_signed("api.test"), "api.test") is None:
        raise Miss(
            "verify-off",
            "the client accepts a server that nobody vouches for",
            tried="TLS in memory: a self-signed api.test",
            expected="it refuses",
            found=f"verify_mode = {client.verify_mode.name}",
        )
    twin = answer.given("twin", Authority)
    if _try(client, twin.issue("api.test"), "api.test") is None:
        raise Miss(
            "wrong-root",
            "the client accepts Mallory's CA, which only has your root's name",
            tried="TLS in memory: a server that Mallory's root signed",
            expected="it refuses",
            found="her root is in its store",
        )


def client_checks_names(answer):
    """it refuses one of your servers under another's name"""
    client = _client(answer)
    if _try(client, answer.given("server", _server), "shop.test") is None:
        raise Miss(
            "name-unchecked",
            "the client wanted shop.test, met api.test, and shut the padlock",
            tried="TLS in memory: api.test answers for shop.test",
            expected="it refuses",
            found=f"check_hostname = {client.check_hostname}",
        )


def _client(answer) -> ssl.SSLContext:
    client = answer.client
    if not isinstance(client, ssl.SSLContext) or client.protocol != ssl.PROTOCOL_TLS_CLIENT:
        server = isinstance(client, ssl.SSLContext) and client.protocol == ssl.PROTOCOL_TLS_SERVER
        raise Miss(
            "not-a-client",
            "client is not a context for clients",
            expected="an ssl.SSLContext, PROTOCOL_TLS_CLIENT",
            found="a context for servers" if server else f"a {type(client).__name__}",
        )
    return client


def _server(given):
    tls.contexts.identity_of(given)
    return given


def _try(client, server, name) -> str | None:
    """What the client says when it refuses; None when it accepts."""
    try:
        error = tls.meet(client, tls.contexts.server_context(server), name).error
    except Exception as failed:  # a context can be set up, or overridden, in ways that end in anything
        raise Miss(
            "not-a-client",
            "with this context no client starts",
            expected="an ssl.SSLContext, PROTOCOL_TLS_CLIENT",
            found=reading.visible(failed, 160),
        ) from failed
    return error.said if error else None


# ---- Shared


def _as(key, certificate) -> Authority:
    """Whoever signs with `key` under the certificate's name."""
    return Authority("whoever", key=key, subject=certificate.subject)


def _extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except (ValueError, x509.ExtensionNotFound):
        return None


LESSON = Lesson(
    slug="05_certificate_authorities",
    title="Certificate authorities",
    minutes=(25, 30),
    exercises=(
        Exercise(
            id="05-root",
            title="A root of your own",
            asks=("my_key", "my_root"),
            tasks=(root_is_yours, root_is_a_ca, root_lasts, root_is_believed),
            hints=(
                "Look at the cells that made `bare` and `root`: you need both, with a key and a name of your own.",
                "A root is a certificate whose subject and issuer are the same, signed with the key that is in it, which says that it may sign.",
                "`x509.CertificateBuilder()….sign(my_key, hashes.SHA256())`, with `BasicConstraints(ca=True, path_length=None)` and `usage(\"key_cert_sign\", \"crl_sign\")`, both critical.",
                "`my_key = ec.generate_private_key(ec.SECP256R1())`, then the builder: subject_name(my_name), issuer_name(my_name), public_key(my_key.public_key()), serial_number, both times, the two extensions, sign(my_key, hashes.SHA256()).",
            ),
            misses=("key-mismatch", "no-name", "not-self-signed", "not-a-ca", "not-critical", "no-keycertsign", "expired", "not-yet-valid",
                    "too-short", "refused-otherwise", "private-key-given", "csr-given"),
            done="you are a CA, for every client that was handed your root, and for no other.",
        ),
        Exercise(
            id="05-sign",
            title="Sign as a careful CA",
            asks=("careful",),
            tasks=(careful_is_hers_and_yours, careful_is_accepted, careful_grants_no_more, careful_ends_soon),
            hints=(
                "Three things come from elsewhere: the key from `hostile`, the issuer's name from `root`, the signature from `ca_key`.",
                "Begin with an empty builder and write down what you decide. What you don't copy from the request, she doesn't get.",
                '`.public_key(hostile.public_key())`, `.issuer_name(root.subject)`, `SubjectAlternativeName([x509.DNSName("mallory.test")])`, `BasicConstraints(ca=False, path_length=None)`.',
                "As for your root, but: subject_name(hostile.subject), issuer_name(root.subject), her key, not_valid_after(now + timedelta(days=89)), the SAN with one name, CA false, usage(\"digital_signature\"), sign(ca_key, hashes.SHA256()).",
            ),
            misses=("not-her-key", "not-by-your-ca", "san-missing", "wrong-name", "expired", "not-yet-valid", "granted-unproven",
                    "still-a-ca", "too-long", "refused-otherwise", "csr-given", "not-signed"),
            done="she got what she has proven. The rest of her wish list stayed a wish.",
        ),
        Exercise(
            id="05-vet",
            title="Vet the names",
            asks=("vet",),
            tasks=(vet_grants_what_is_proven, vet_grants_no_more, vet_looks_at_the_signature),
            hints=(
                "Two questions decide: does the request's signature fit, and for each name, does `controls(name)` say True?",
                "Go through the names in the request's subjectAltName, and keep those whose challenge passes.",
                "`request.is_signature_valid`; `san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value`; `san.get_values_for_type(x509.DNSName)`.",
                "`def vet(request, controls):` — if not request.is_signature_valid: return []. Then `return [name for name in … if controls(name)]`.",
            ),
            misses=("honest-refused", "granted-unproven", "signature-unchecked", "not-a-list", "wrong-type"),
            done="a name is granted because its own server answered, not because it was asked for.",
        ),
        Exercise(
            id="05-store",
            title="A root in a client's store",
            asks=("client",),
            tasks=(client_accepts_yours, client_refuses_others, client_checks_names),
            hints=(
                "Python's `ssl` module has contexts; one for clients checks names and chains unless you tell it not to.",
                "What you load is what it trusts. Load the root, not a server's certificate: that one will be replaced.",
                "`ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)`, then `client.load_verify_locations(cadata=…)`.",
                "`client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)` and `client.load_verify_locations(cadata=root_pem)`; leave check_hostname and verify_mode alone.",
            ),
            misses=("root-not-trusted", "trusts-the-leaf", "verify-off", "wrong-root", "name-unchecked", "not-a-client"),
            done="this client trusts your CA, and with it every certificate that your key will ever sign.",
        ),
    ),
    explanations=(
        Explanation("no-name", "a CA needs no name", "certificates name their issuer; without a name nobody finds it", "RFC 5280 §4.1.2.6", "give it a subject, for instance CN=Workshop Root."),
        Explanation("not-self-signed", "any signature makes a root", "a root is its own issuer, and its signature is by its own key", "RFC 5280 §3.2", "issuer_name the same as subject_name, and sign with my_key."),
        Explanation("not-a-ca", "whoever has a certificate can sign others", "a client accepts a signer only if its certificate says CA:TRUE", "RFC 5280 §4.2.1.9, §6.1.4 (k)", "add BasicConstraints(ca=True, path_length=None), critical."),
        Explanation("not-critical", "critical is a matter of taste", "a client that does not understand this limit must refuse, so for a CA it is critical", "RFC 5280 §4.2.1.9", "add_extension(…, critical=True)."),
        Explanation("no-keycertsign", "CA:TRUE is enough", "the key's use must be written down too: keyCertSign", "RFC 5280 §4.2.1.3", "add a key usage with key_cert_sign, critical."),
        Explanation("too-short", "a root is renewed like any other certificate", "whoever replaces a root has to visit every client's store, so it lives long", "RFC 5280 §4.1.2.5", "put not_valid_after a year or more ahead."),
        Explanation("not-her-key", "the CA makes the key", "a CA signs the public key in the request; its owner has the private half", "RFC 2986 §3; RFC 5280 §4.1.2.7", "public_key(hostile.public_key())."),
        Explanation("not-by-your-ca", "any signature will do", "a client follows the issuer's name and key to a root in its store", "RFC 5280 §6.1", "issuer_name(root.subject), and sign with ca_key."),
        Explanation("granted-unproven", "what is asked for is granted", "a request is a wish; a name is granted when its owner has shown control of it", "RFC 8555 §8; RFC 2986 §3", "grant only names whose challenge has passed."),
        Explanation("still-a-ca", "extensions in a request belong into the certificate", "with CA:TRUE the subscriber vouches for every name on earth, in your name", "RFC 5280 §4.2.1.9", "BasicConstraints(ca=False, path_length=None), and a key usage without key_cert_sign."),
        Explanation("too-long", "certificates last a year", "the CA decides; public ones are limited to ever fewer days, and a short life limits every mistake", "RFC 5280 §4.1.2.5; Baseline Requirements §6.3.2", "not_valid_after at most 90 days after not_valid_before."),
        Explanation("honest-refused", "refusing is always safe", "a CA that refuses the honest drives them to worse ways", "RFC 8555 §8", "grant every name for which controls(name) is True."),
        Explanation("signature-unchecked", "the names are all that counts", "the signature proves that the asker holds the private key; without it anybody hands in anybody's public key", "RFC 2986 §3", "look at request.is_signature_valid first."),
        Explanation("not-a-list", "any answer will do", "the CA's next step needs names, one by one", "", "return a list of texts, empty if there is none."),
        Explanation("root-not-trusted", "a root is trusted because it signed itself", "it is trusted because it lies in the client's store; this client has not got it", "RFC 5280 §6.1.1 (d)", "client.load_verify_locations(cadata=root_pem)."),
        Explanation("trusts-the-leaf", "trusting the server's certificate is the same as trusting its CA", "that certificate will be replaced, and every other server of the CA stays unknown", "RFC 5280 §6.1.1 (d)", "load the root, not a server's certificate."),
        Explanation("wrong-root", "a CA is known by its name", "names can be taken by anybody; the key is what counts", "RFC 5280 §6.1.1 (d)", "load your own root, and compare its fingerprint."),
        Explanation("name-unchecked", "a valid certificate proves who you reached", "it proves it for the names inside; the client has to compare", "RFC 9525 §6", "leave check_hostname as it is: True."),
        Explanation("not-a-client", "one TLS context is like another", "a client's context trusts and checks; a server's shows a certificate", "RFC 8446 §4.4.2", "ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)."),
        Explanation("ca-makes-key", "the CA makes, or needs, the private key", "the CA gets the public key in the request; the private one stays with its owner", "RFC 2986 §1, §3", "look at what ca.sign gave back: private_key is None."),
        Explanation("vouches-honest", "a CA vouches that a site is honest", "it has checked who controls a name, and says no more", "RFC 8555 §8; RFC 9525 §1.2", "look at bank-login.test: rules kept, padlock shut."),
        Explanation("certificate-is-proof", "showing a certificate proves who you are", "certificates are public; only a signature with the private key proves anything", "RFC 8446 §4.4.3", "meet the impostor on the trust-store bench."),
        Explanation("ct-prevents", "Certificate Transparency prevents false certificates", "it makes them visible afterwards, to those who look", "RFC 9162 §1", "watch the logs for your names."),
        Explanation("self-signed-fine", "self-signed and a private root are the same thing", "what counts is how it came into the store: on purpose, from somebody you know, with a key that is guarded", "RFC 5280 §6.1.1", "install a root that you know; click nothing away."),
    ),
    quiz=(
        Question(
            "Why does a client believe a root?",
            right="it lies in the client's store",
            because="Somebody put it there: the maker of the store, or you. Its own signature is no reason.",
            wrong={
                "it has signed itself": ("root-not-trusted", "Anybody can sign themselves. Mallory's root did, just as correctly."),
                "its name is well known": ("wrong-root", "A name can be taken by anybody; the twin had your root's."),
            },
        ),
        Question(
            "A colleague sends you a CSR for the company's CA. What else do you need from her to sign it?",
            right="a proof that she controls the names",
            because="The request brings the public key and a proof of the private one. Whose the names are, it can't say.",
            wrong={
                "her private key": ("ca-makes-key", "It never leaves her. The signature in the request shows that she has it."),
                "nothing: the CSR is signed": ("granted-unproven", "The signature proves her key, not her names."),
            },
        ),
        Question(
            "A request asks for CA:TRUE. What does a careful CA put into the certificate?",
            right="CA:FALSE",
            because="The CA decides. Or it refuses the request; but it never copies this wish.",
            wrong={
                "CA:TRUE, since that was requested": ("still-a-ca", "Then the subscriber signs for any name, and your clients accept."),
                "CA:TRUE, if the names are proven": ("still-a-ca", "Proven names make a server. A CA would vouch for all the others as well."),
            },
        ),
        Question(
            "bank-login.test shows a certificate of a careful public CA. What has the CA checked?",
            right="that the asker controlled bank-login.test",
            because="That is what a domain-control challenge shows, and no more.",
            wrong={
                "that it belongs to a bank": ("vouches-honest", "The challenge asks a server, not a register of banks."),
                "that the site is harmless": ("vouches-honest", "It has looked at a name, not at the pages."),
            },
        ),
        Question(
            "Somebody shows you the certificate of api.test, and it is good in every way. Whom have you reached?",
            right="that is still open",
            because="Certificates are public. Only the handshake's signature shows who has the key (RFC 8446 §4.4.3).",
            wrong={
                "api.test": ("certificate-is-proof", "The impostor on the bench showed the very same one."),
                "its CA": ("certificate-is-proof", "The CA signed long ago; it is not on the line."),
            },
        ),
        Question(
            "A public CA has signed for your name by mistake. What does Certificate Transparency do for you?",
            right="you can see it in the logs",
            because="And then have it revoked, and ask questions. But you, or somebody for you, must look.",
            wrong={
                "the browsers refuse that certificate": ("ct-prevents", "With its SCTs it is in order for them: a log accepts what a CA has signed."),
                "the log asks you before it accepts": ("ct-prevents", "A log records. It doesn't know what you want."),
            },
        ),
        Question(
            "An internal service has a self-signed certificate, and everybody clicks the warning away. What is better?",
            right="a private root, installed on purpose",
            because="Then clients can tell your servers from anybody else's, and no warning is left to click away.",
            wrong={
                "nothing: encrypted is encrypted": ("verify-off", "Encrypted to whoever answers; with everybody clicking, that may be anybody."),
                "switch verification off in the clients": ("verify-off", "Then there is no warning, and no protection either."),
                "nothing: a private root is self-signed, too": ("self-signed-fine", "But you know whose key it is, and you put it there on purpose."),
            },
        ),
    ),
)  # fmt: skip
