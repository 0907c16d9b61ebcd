"""Lesson 09's widgets: the board, the list, and how lists grow."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from padlock.authority import Authority
from padlock.course.exercises.l09_revocation import only_what_is_new
from padlock.look import CrlExplorer, CrlGrowth, RevocationBoard
from padlock.look.crl_explorer import serial_numbers
from padlock.look.revocation_board import lasting
from padlock.theft import WAYS


def test_the_board_tries_what_it_computes():
    board = RevocationBoard()
    for blocked in (False, True):
        for left in ("4800", "144", "1"):
            board.set(blocked=blocked, left=left)
            assert board.text.count("the judge: ✓ 2 minutes before, ✗ 2 minutes after") == len(WAYS)
            assert "please report" not in board.text


def test_the_board_says_what_the_thief_does_to_a_soft_client():
    board = RevocationBoard()
    line = next(line for line in board.text.splitlines() if line.startswith(WAYS["shrugs"].called))
    assert "for 8 h ·" in line
    board.set(blocked=True)
    line = next(line for line in board.text.splitlines() if line.startswith(WAYS["shrugs"].called))
    assert "until the certificate is over" in line
    assert "soft" in board.sentence


def test_the_bars_of_a_thief_in_between_are_sums_that_one_can_do():
    board = RevocationBoard()
    board.set(lists="1", noticed=8, answers="96", blocked=True)
    for way, words in (("keeps", "for 9 h ·"), ("fetches", "for 9 h ·"), ("asks", "for 4 days 8 h ·")):
        line = next(line for line in board.text.splitlines() if line.startswith(WAYS[way].called))
        assert words in line
        assert "✓ 2 minutes before, ✗ 2 minutes after" in line


def test_several_that_learn_at_the_same_time_are_not_told_as_one():
    board = RevocationBoard()
    board.set(lists="1", left="144")
    assert "other kinds of client" in board.sentence


def test_a_short_life_needs_no_list():
    board = RevocationBoard()
    board.set(left="1")
    assert "before anybody has noticed" in board.sentence


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (8, "8 h"),
        (1 / 60, "1 min"),
        (31, "1 day 7 h"),
        (1128, "47 days"),
        (19 + 59 / 60, "19 h 59 min"),
        (23 + 59.9 / 60, "1 day"),
        (103 + 59 / 60, "4 days 8 h"),
        (0, "0 min"),
    ],
)
def test_hours_in_words(hours, words):
    assert lasting(hours) == words


def test_the_list_finds_who_is_on_it():
    ca = Authority("Root")
    gone, good = ca.issue("gone.test").certificate, ca.issue("good.test").certificate
    ca.revoke(gone, "keyCompromise")
    panel = CrlExplorer(ca.crl(), ca.certificate)
    assert "✓ by Root" in panel.text
    for written in (str(gone.serial_number), f"{gone.serial_number:X}", f"serial={gone.serial_number:x}"):
        panel.set(serial=written)
        assert "is on the list" in panel.sentence
        assert "keyCompromise" in panel.sentence
    panel.set(serial=f"{good.serial_number:x}")
    assert "not on the list" in panel.sentence


@pytest.mark.parametrize("serial", [16, 4096, 0xFEDCBA9876543210])
def test_a_number_is_found_as_hex_and_as_decimal(serial):
    ca, now = Authority("Root"), datetime.now(UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject).last_update(now)
    builder = builder.next_update(now + timedelta(days=1)).add_revoked_certificate(entry)
    panel = CrlExplorer(builder.sign(ca.private_key, hashes.SHA256()), ca.certificate)
    for written in (f"{serial:x}", str(serial)):
        panel.set(serial=written)
        assert f"{serial:x} (hex) is on the list" in panel.sentence
    panel.set(serial="17")
    assert "17 and, read as decimal, 11 (hex): not on the list" in panel.sentence


def test_a_list_that_can_not_say_so_is_not_quoted():
    ca, now = Authority("Root"), datetime.now(UTC)
    gone = ca.issue("gone.test").certificate
    ca.revoke(gone)
    scope = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject).last_update(now)
    builder = builder.next_update(now + timedelta(days=1))
    lists = {
        "it is a delta": (only_what_is_new(ca), ca),
        "it is for some": (builder.add_extension(scope, True).sign(ca.private_key, hashes.SHA256()), ca),
        "not of now": (ca.crl(this_update=now - timedelta(days=9), lifetime=timedelta(days=7)), ca),
        "did not sign it": (Authority("Root").crl(), ca),
    }
    for why, (crl, issuer) in lists.items():
        panel = CrlExplorer(crl, issuer.certificate)
        assert "All others" not in panel.sentence
        assert why in panel.sentence
        panel.set(serial=f"{gone.serial_number:x}")
        assert why in panel.sentence
        assert "no certificate of" not in panel.sentence


def test_the_list_says_nothing_of_another_ca_s_certificates():
    ca, other = Authority("Root"), Authority("Other")
    gone = other.issue("gone.test").certificate
    other.revoke(gone)
    panel = CrlExplorer(ca.crl(), ca.certificate)
    panel.set(serial=f"{gone.serial_number:x}")
    assert "no certificate of Root with this number" in panel.sentence
    assert "Of other CAs' certificates the list says nothing" in panel.sentence


def test_the_list_says_what_is_wrong_with_it():
    now, ca, other = datetime.now(UTC), Authority("Root"), Authority("Other")
    week = timedelta(days=7)
    assert "✗ not by Other" in CrlExplorer(ca.crl(), other.certificate).text
    assert "✗ over" in CrlExplorer(ca.crl(this_update=now - 2 * week, lifetime=week), ca.certificate).text
    assert (
        "✗ of the future" in CrlExplorer(ca.crl(this_update=now + week, lifetime=week), ca.certificate).text
    )
    assert "none (RFC 5280 §5.2.3" in CrlExplorer(ca.crl(without=["crl_number"])).text
    assert "? not checked" in CrlExplorer(ca.crl()).text


def test_a_file_of_mine():
    ca = Authority("<b>Root</b>")
    panel = CrlExplorer()
    panel.set(which="file")
    assert "No file yet" in panel.text
    panel.set(file=ca.crl().public_bytes(Encoding.PEM))
    assert "<b>Root</b>" in panel.text
    assert "<b>" not in panel.result
    panel.set(file=ca.certificate.public_bytes(Encoding.PEM))
    assert panel.refused
    assert "certificate" in panel.sentence


@pytest.mark.parametrize("text", ["hello", "12.5", "1_0", "٣", "0x", "-5", "12:zz"])
def test_what_is_no_serial_number_is_a_sentence(text):
    with pytest.raises(ValueError, match="digits, decimal or hex"):
        serial_numbers(text)


def test_the_growth_is_measured():
    panel = CrlGrowth()
    panel.set(most="10000")
    panel.press("measure")
    assert re.search(
        r"10,000 entries: the list takes 3\d\d kB, 3\d bytes each; the filter 12 kB, 9\.6 bits",
        panel.sentence,
    )
    assert panel.text.count("one search") == 4
