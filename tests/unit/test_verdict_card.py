"""What the judge says, as a picture and a checklist."""

import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from padlock.authority import Authority
from padlock.faults import case
from padlock.judge import judge
from padlock.look import verdict_card
from padlock.look.verdict import path_picture


def test_accepted():
    root = Authority("Root")
    leaf = root.intermediate("CA").issue("api.test")
    verdict = judge(leaf, roots=[root], name="api.test", purpose="server")
    shown = verdict_card(verdict)
    assert "✗" not in shown.html
    assert "✓ accepted" in shown.html
    assert shown.html.count("<li>") == len(verdict.findings)
    assert re.findall("<h3>(.*?)</h3>", shown.html) == ["api.test", "CA", "Root"]
    assert "trust anchor, in the store" in shown.html
    assert shown.text == str(verdict)


def test_refused_marks_the_link_and_names_the_rules():
    root = Authority("Root")
    leaf = root.intermediate("CA", ca=False).issue("www.test")
    verdict = judge(leaf, roots=[root], name="api.test", purpose="server", max_depth=0)
    shown = verdict_card(verdict)
    picture, checklist = shown.html.split("</svg>")
    assert re.search("CA: certificate of .*✗ basic-constraints, form", picture)
    assert re.search("www.test: certificate of the server or client.*✗ name", picture)
    assert (
        f"✗ refused: basic-constraints, depth, name, form (4 of {len(verdict.findings)} checks fail)"
        in checklist
    )
    assert shown.text.startswith(f"✗ {verdict.head}\n"), "the same words in picture and text"
    assert "The path as a whole" in checklist
    assert "RFC 9525 §6.3" in checklist


def test_nobody_in_the_store():
    shown = verdict_card(judge(Authority("Root").issue("api.test"), name="api.test"))
    assert "nobody in the store" in shown.html


def test_where_the_store_was_not_asked_nothing_is_said_of_it():
    picture = path_picture(case("look-alike-root").judge(without={"anchor"}))
    assert picture.text.startswith("? No trust anchor: nobody asked the store for Class Root.")
    assert "nobody in the store" not in picture.html


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a\u202egpj.exe", "x" * 64, ""])
def test_a_hostile_name_stays_a_name(name):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    root = Authority("Root")
    shown = verdict_card(judge(root.issue("api.test", subject=subject), roots=[root], name="www.test"))
    assert "<script>" not in shown.html
    assert "\u202e" not in shown.html + shown.text


def test_a_certificate_that_can_not_be_drawn_has_its_checklist():
    """The same extension twice (RFC 5280 §4.2): the library reads none of them then."""
    root = Authority("Root")
    two = [(x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.{n}"), b"\5\0"), False) for n in (4, 5)]
    data = root.issue("api.test", extra=two).certificate.public_bytes(Encoding.DER)
    assert data.count(b"\x2a\x03\x05") == 1
    verdict = judge(data.replace(b"\x2a\x03\x05", b"\x2a\x03\x04"), roots=[root], name="api.test")
    assert "can&#39;t be read" in verdict_card(verdict).html
