"""Colours that can be read, shapes, cards and pictures: the same on every machine, and safe with hostile names."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from markupsafe import Markup

from padlock import keys
from padlock.authority import Authority
from padlock.look import shapes, tokens
from padlock.look.card import called, card, cards, csr_card, length, standing
from padlock.look.diagrams import (
    ROLES,
    Arrow,
    Party,
    Thing,
    _cut,
    _width,
    _wrap,
    chain,
    timeline,
    who_holds_what,
)
from padlock.look.shown import Result, Shown

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEYS = [ec.derive_private_key(number, ec.SECP256R1()) for number in (11, 12, 13)]
HOSTILE = (
    "<script>alert(1)</script>",
    "a\u202egpj.exe",
    "a\0b",
    "x" * 10_000,
    "😀 $x^2$ $\\frac{",
    "\"'><b>&amp;",
    "名前",
)


def made(
    name, issuer=None, key=0, signer=None, ca=False, days=90, start=AT, names=(), extensions=(), serial=77
):
    """A certificate that is byte for byte the same in every run, but for its signature."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer.subject if issuer else subject, subject, KEYS[key].public_key(), serial
    )
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    if ca is not None:
        builder = builder.add_extension(
            x509.BasicConstraints(ca, 0 if ca and issuer else None), critical=True
        )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(KEYS[key if signer is None else signer], hashes.SHA256())


ROOT = made("Class Root", ca=True, days=3650)
INTER = made("Class Issuing CA", ROOT, key=1, signer=0, ca=True, days=730)
LEAF = made("api.test", INTER, key=2, signer=1, names=("api.test", "www.api.test"))


# ---- Colours


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour):
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(ink, ground, percent):
    return [i * percent / 100 + g * (1 - percent / 100) for i, g in zip(rgb(ink), rgb(ground), strict=True)]


# The grounds of JupyterLab 4, of VS Code, and our own where a page has none.
PAGES = (("#ffffff", "#f7f7f7"), ("#111111", "#1b1b1d", "#1e1e1e", "#212121"))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme):
    ink = tokens.GROUNDS["ink"][1][theme]
    assert {tokens.GROUNDS["bg"][1][theme], tokens.GROUNDS["card"][1][theme]} <= set(PAGES[theme])
    for page in PAGES[theme]:
        sub = mixed(ink, page, tokens.MIXED["sub"][theme])
        tint = float(tokens.TINT[theme][:-1])
        for name, pair in tokens.MEANINGS.items():
            for ground in (rgb(page), sub):
                assert contrast(rgb(pair[theme]), ground) >= 4.5, (name, page)
            assert contrast(rgb(ink), mixed(pair[theme], page, tint)) >= 4.5, f"ink on the tint of {name}"
            assert contrast(rgb(page), rgb(pair[theme])) >= 4.5, f"a primary button's words on {name}"
        for name in ("dim", "csr", "cert", "ca"):  # what stands on the selection
            assert contrast(rgb(tokens.MEANINGS[name][theme]), rgb(tokens.SELECTED[theme])) >= 4.5, name
        for ground in (rgb(page), sub):
            assert contrast(rgb(tokens.EDGE[theme]), ground) >= 3, "the edge of a control"
            assert contrast(rgb(ink), ground) >= 7


def test_the_style_is_scoped_and_complete():
    css = tokens.css()
    for name in (*tokens.MEANINGS, *tokens.GROUNDS, *tokens.MIXED, "sel", "edge", "tint"):
        assert css.count(f"--pl-{name}:") == 3, name  # light, dark, dark by the reader's wish
    assert set(re.findall(r"var\(--pl-([a-z-]+)", css)) <= set(re.findall(r"--pl-([a-z-]+):", css))
    assert "url(" not in css
    assert "@import" not in css
    without = re.sub(r"/\*.*?\*/|@(media|container)[^{]*\{", "", css, flags=re.S)
    for selectors in re.findall(r"([^{}]+)\{", without):
        for selector in re.split(r",(?![^(]*\))", selectors):
            assert not selector.strip() or ".padlock" in selector or ".pl-" in selector, selector
    assert css == tokens.css()


# ---- Shapes


@pytest.mark.parametrize("kind", shapes.SHAPES)
def test_every_thing_has_a_word_and_a_shape(kind):
    assert shapes.WORDS[kind]
    silent = ElementTree.fromstring(shapes.icon(kind))
    assert silent.get("aria-hidden") == "true"
    spoken = ElementTree.fromstring(shapes.icon(kind, 40, 'a "key" <b>'))
    assert (spoken.get("role"), spoken.get("aria-label"), spoken.get("width")) == ("img", 'a "key" <b>', "40")
    used = re.findall(r"var\(--pl-([a-z]+)\)", shapes.icon(kind))
    assert used
    assert set(used) <= {*tokens.MEANINGS, "card"}


def test_one_shape_is_unlike_the_other():
    assert len({shapes.icon(kind) for kind in shapes.SHAPES}) == len(shapes.SHAPES) == len(shapes.WORDS)


# ---- Shown


def test_shown_is_the_same_twice_and_escapes():
    shown = Shown("<b>", "words")
    bundle = shown._repr_mimebundle_()
    assert bundle == Shown(Markup("&lt;b&gt;"), "words")._repr_mimebundle_()
    assert bundle["text/html"].count("<style>") == 1
    assert bundle["text/html"].endswith('<div class="padlock">&lt;b&gt;</div>')
    assert (bundle["text/plain"], repr(shown), str(shown)) == ("words", "words", "words")
    assert Result(Markup("<b>x</b>"), "x").sentence == ""


# ---- Cards


def test_the_card_of_a_leaf():
    assert card(LEAF, AT).text.splitlines() == [
        "certificate",
        "  for         api.test, www.api.test (subjectAltName)",
        f"  public key  P-256 {keys.short_fingerprint(KEYS[2])}",
        "  signed by   Class Issuing CA (ecdsa-with-SHA256)",
        "  good        23 Nov 2026 → 21 Feb 2027 ✓ 90 days left",
        "  may         anything else (no extendedKeyUsage)",
        "  may not     sign certificates (CA:FALSE)",
        "  serial      4d",
    ]


def test_html_and_text_say_the_same():
    for one in (LEAF, ROOT, INTER):
        shown = card(one, AT)
        said = shown.html.striptags()
        for word in re.findall(r"[\w:.,→✓✗]+", shown.text):
            assert word in said, word


def test_a_root_says_that_it_signed_itself():
    text = card(ROOT, AT).text
    assert "CA certificate" in text
    assert "itself (self-signed: trusted only where it is in the store)" in text
    assert "have CAs below it (pathLen 0)" in card(INTER, AT).text
    borrowed = made("Class Root", ROOT, key=1, signer=2, ca=True)
    assert "its own name, but the signature is not its own" in card(borrowed, AT).text


@pytest.mark.parametrize(
    ("at", "mark", "words"),
    [
        (AT - timedelta(days=3), "no", "not yet, in 3 days"),
        (AT, "ok", "90 days left"),
        (AT + timedelta(days=90), "ok", "0 seconds left"),  # the last second counts (RFC 5280 §4.1.2.5)
        (AT + timedelta(days=90, seconds=1), "no", "expired 1 second ago"),
        (AT + timedelta(days=93), "no", "expired 3 days ago"),
        ((AT + timedelta(days=89)).replace(tzinfo=None), "ok", "1 day left"),
    ],
)
def test_its_time(at, mark, words):
    assert standing(LEAF, at) == (mark, words)
    assert f"{tokens.MARKS[mark]} {words}" in card(LEAF, at).text


def test_lengths():
    spans = {
        0: "0 seconds",
        1: "1 second",
        60: "1 minute",
        100: "100 seconds",
        7200: "2 hours",
        86400: "1 day",
    }
    assert {seconds: length(timedelta(seconds=seconds)) for seconds in spans} == spans
    assert length(timedelta(days=3650)) == "3,650 days"
    assert length(timedelta(days=-1)) == "0 seconds"


def test_what_else_matters_is_on_the_card():
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    point = x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.test/1")], None, None, None)
    limits = x509.NameConstraints([x509.DNSName("test")], [x509.DNSName("bad.test")])
    usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("1.3.9.9")])
    extensions = ((odd, True), (x509.CRLDistributionPoints([point]), False), (limits, True), (usage, False))
    text = card(made("x", ROOT, 1, 0, ca=True, extensions=extensions), AT).text
    for words in (
        "✗ unknown: 1.2.3.4",
        "CRL http://crl.test/1",
        "only names under test; no names under bad.test",
    ):
        assert words in text
    assert "serve TLS, serve purpose 1.3.9.9" in text
    assert "no subjectAltName, so no host name" in card(made("x", ROOT, 1, 0), AT).text


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_a_name(name):
    names = ("<img src=x onerror=alert(1)>.test",)
    evil = made(name[:64], ROOT, 1, 0, names=names)
    for shown in (card(evil, AT), chain([evil], [ROOT]), timeline([evil], AT, [name])):
        assert "<script" not in shown.html
        assert "<img" not in shown.html
        assert not re.search(r"[\0\u202e]", shown.html + shown.text)


@pytest.mark.parametrize("kind", ["p256", "p384", "ed25519", "rsa2048", "ml-dsa-65"])
def test_every_kind_of_key_has_a_card(kind):
    root = Authority("Class Root", key=keys.make(kind))
    leaf = root.issue("api.test", "10.0.0.1", key=keys.make(kind))
    assert "can't" not in card(leaf).text
    assert "✓ 9" in card(leaf).text or "left" in card(leaf).text
    assert "can't" not in card(root.certificate).text


def test_many_cards_and_a_request():
    shown = cards([LEAF] * 12, AT)
    assert shown.html.count('class="pl-card"') == 10
    assert "2 more certificates" in shown.text
    assert cards([LEAF], AT).text == card(LEAF, AT).text
    names = x509.SubjectAlternativeName([x509.DNSName("api.test")])
    request = x509.CertificateSigningRequestBuilder(LEAF.subject).add_extension(names, False)
    shown = csr_card(request.sign(KEYS[2], hashes.SHA256()))
    assert "not signed by any CA yet" in shown.text
    assert "pl-card-dashed" in shown.html


def test_names_in_words():
    attributes = [(x509.NameOID.COMMON_NAME, "dev"), (x509.NameOID.ORGANIZATION_NAME, "system:masters")]
    both = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    assert called(both) == "O=system:masters,CN=dev"
    assert called(x509.Name([])) == "(no name)"


# ---- Pictures

PARTIES = (
    Party("server", (Thing("private-key", "api.test"), Thing("certificate", "api.test")), role="server"),
    Party("client", (), ("Class Root",)),
    Party("Mallory", (Thing("certificate", "api.test"),), role="attacker"),
)
ARROWS = (
    Arrow("server", "client", Thing("certificate", "api.test")),
    Arrow("server", "Mallory", Thing("private-key", "api.test")),
    Arrow("Mallory", "client", "Hello $x^2$", refused=True),
)


def pictures():
    return {
        "who": who_holds_what(PARTIES, ARROWS, title="Who holds what?"),
        "chain": chain([LEAF, INTER], [ROOT], {0: "too old", 1: ("ok", "fine")}),
        "rootless": chain([LEAF, INTER]),
        "timeline": timeline([LEAF, INTER, ROOT], AT),
    }


def test_pictures_say_what_they_show():
    shown = pictures()
    assert shown["who"].text.splitlines() == [
        "Who holds what?",
        "client holds nothing; trusts Class Root.",
        "Mallory (attacker) holds certificate api.test.",
        "server holds private key api.test, certificate api.test.",
        "server sends client: certificate api.test.",
        "server sends Mallory: private key api.test (✗ moved! a private key has left its holder).",
        "Mallory sends client: Hello $x^2$ (✗ refused).",
    ]
    assert shown["chain"].text.splitlines() == [
        "Class Root: trust anchor, in the store, signed by itself. It signs Class Issuing CA.",
        "Class Issuing CA: certificate of a CA. ✓ fine It signs api.test.",
        "api.test: certificate of the server or client. ✗ too old",
    ]
    assert shown["rootless"].text.startswith("? No trust anchor: nobody in the store is called Class Root.")
    assert (
        "Class Root: good 23 Nov 2026 → 20 Nov 2036 · 3,650 days. ✓ 3,650 days left."
        in shown["timeline"].text
    )
    for picture in shown.values():
        root = ElementTree.fromstring(picture.html)  # well-formed, whatever the names
        assert root.get("role") == "img"
        assert " ".join(root.get("aria-label").split()) == " ".join(picture.text.split())


def test_an_order_that_never_changes():
    client, attacker, server = (
        who_holds_what(PARTIES).html.index(f">{name}<") for name in ("client", "Mallory", "server")
    )
    assert client < attacker < server
    assert next(iter(ROLES)) == "client"
    assert list(ROLES)[-1] == "server"


def test_pictures_read_the_tokens_and_only_them():
    for picture in pictures().values():
        colours = set(
            re.findall(r"(?:fill|stroke|color): ?(#[0-9a-f]{3,8}|[a-z]+\([^)]*\)|[a-z]+)", picture.html)
        )
        assert {colour for colour in colours if not colour.startswith("var(--pl-")} <= {"none"}
        assert set(re.findall(r"var\(--pl-([a-z]+)\)", picture.html)) <= {
            *tokens.MEANINGS, *tokens.GROUNDS, *tokens.MIXED, "sel", "edge",
        }  # fmt: skip
        assert "<style" not in picture.html
        assert "font-family" not in picture.html
        assert "Matplotlib" not in picture.html


def test_ids_belong_to_one_picture():
    seen = {}
    for name, picture in pictures().items():
        ids = re.findall(r'\bid="([^"]+)"', picture.html)
        assert len(ids) == len(set(ids))
        for reference in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', picture.html):
            assert set(filter(None, reference)) <= set(ids)
        for one in ids:
            assert seen.setdefault(one, name) == name


def test_the_same_bytes_in_another_process():
    program = (
        "import hashlib, sys; sys.path.insert(0, 'tests/unit'); import test_look as t;"
        "print(hashlib.sha256(t.who_holds_what(t.PARTIES, t.ARROWS).html.encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "HOME": "/nowhere", "MPLCONFIGDIR": str(matplotlib_folder())},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1
    assert who_holds_what(PARTIES, ARROWS).html == who_holds_what(PARTIES, ARROWS).html


def matplotlib_folder():
    import matplotlib

    return matplotlib.get_configdir()


def test_no_pyplot_and_no_trace_left():
    import matplotlib

    before = matplotlib.rcParams["svg.fonttype"]
    pictures()
    assert matplotlib.rcParams["svg.fonttype"] == before
    assert subprocess.run(
        [sys.executable, "-c", "import sys, padlock.look.diagrams; sys.exit('matplotlib.pyplot' in sys.modules)"]
    ).returncode == 0  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_in_pictures(name):
    parties = [Party(name, [Thing("private-key", name)], [name, name], "client"), Party("b", role="server")]
    picture = who_holds_what(
        parties, [Arrow(name, "b", Thing("csr", name)), Arrow("b", name, name)], title=name
    )
    ElementTree.fromstring(picture.html)
    assert not re.search(r"<script|<b>|[\0\u202e]", picture.html)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_room_for_one_to_five(count):
    things = [Thing(kind, "a-very-long-name.default.svc.cluster.local") for kind in shapes.SHAPES]
    parties = [
        Party(f"party number {n} with a long name", things, ["Class Root"], role)
        for n, role in enumerate(ROLES)
    ]
    picture = who_holds_what(parties[:count])
    width = float(re.search(r'viewBox="0 0 (\d+)', picture.html)[1])
    places = re.findall(r'<text[^>]*?\bx="([\d.-]+)"|translate\(([\d.-]+)', picture.html)
    assert places
    assert all(0 <= float(x or y) <= width for x, y in places)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: who_holds_what([]), "1 to 5"),
        (lambda: who_holds_what([Party("a")] * 2), "same name"),
        (lambda: who_holds_what([Party("a", role="boss")]), "not a role"),
        (lambda: who_holds_what([Party("a", [Thing("sword")])]), "not a kind"),
        (lambda: who_holds_what([Party("a")], [Arrow("a", "b", "x")]), "An arrow goes"),
        (lambda: timeline([LEAF], AT, []), "1 certificates, but 0 labels"),
    ],
)
def test_what_a_picture_refuses(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_texts_fit_their_room():
    for text in (*HOSTILE, "a.very.long.name.default.svc.cluster.local", "ordinary words in a row"):
        for room in (40, 100, 200):
            lines = _wrap(text, room, 2)
            assert 1 <= len(lines) <= 2
            assert all(_width(line) <= room for line in lines)
            assert _width(_cut(text, room)) <= room


def test_odd_chains_and_times():
    other = made("Other CA", ca=True, key=1)
    assert "✗ The next names another signer: Class Issuing CA." in chain([LEAF, other], [ROOT]).text
    assert "in the store" in chain([LEAF, INTER, ROOT], [ROOT]).text
    assert chain([LEAF, INTER, ROOT], [ROOT]).text == chain([LEAF, INTER], [ROOT]).text
    assert "not in the store" in chain([LEAF, INTER, ROOT]).text
    assert "expired" in timeline([LEAF], datetime(2999, 1, 1)).text
    assert "not yet" in timeline([LEAF], datetime(1999, 1, 1)).text
    assert timeline([LEAF]).text.startswith("now ")


def test_a_leaf_in_the_middle_of_a_chain_is_not_called_a_ca():
    root = Authority("Class Root")
    mallory = root.intermediate("mallory.test", ca=False)
    text = chain(mallory.issue("api.test").chain, [root.certificate]).text
    assert "mallory.test: certificate of somebody who is no CA (CA:FALSE). It signs api.test." in text
