"""The key schedule: each secret with what it is made from, and a value of one's own compared with it."""

import pytest

from padlock import tls
from padlock.authority import Authority
from padlock.look.key_schedule import START, KeySchedule
from padlock.tls import schedule

ROOT = Authority("Class Root")


@pytest.fixture(scope="module")
def meeting():
    return tls.handshake(ROOT.issue("api.test"), [ROOT.certificate], "api.test", "1.3")


@pytest.fixture
def panel(meeting):
    return KeySchedule(meeting)


def test_it_begins_with_the_first_secret_that_decrypts(panel):
    assert panel.values["secret"] == START
    assert panel.sentence.startswith("From the key log, and compared with nothing")
    assert "✓" not in panel.result


def test_what_a_key_log_says_alone_is_not_called_checked(meeting):
    """Nothing here can compute a traffic secret or an exporter's: a wrong one looks like a right one."""
    value = next(one for one in meeting.keylog.splitlines() if one.startswith("EXPORTER")).split()[2]
    forged = meeting.keylog.replace(value, bytes(len(value) // 2).hex())
    panel = KeySchedule(tls.dissect(meeting.flights, forged))
    panel.set(secret="exporter_master_secret")
    assert panel.sentence.startswith("From the key log, and compared with nothing")
    assert "00 00 00 00 00 00 00 00" in panel.text


def test_nothing_stands_above_the_first(panel):
    """RFC 8446 §7.1: without a PSK it is HKDF-Extract of zeros."""
    panel.set(secret="early_secret")
    assert panel.sentence.startswith("Made from zeros alone")
    panel.set(secret="derived_secret_for_handshake")
    assert panel.sentence.startswith("Made from what stands above it")


def test_a_resumed_session_of_tls_12_has_a_schedule():
    about = (ROOT.issue("api.test"), [ROOT.certificate], "api.test", "1.2")
    panel = KeySchedule(tls.handshake(*about, session=tls.handshake(*about)))
    assert not panel.refused, panel.sentence
    assert "the master secret of the session that is resumed" in panel.text
    assert "pre_master_secret" not in panel.text


def test_one_computed_by_hand_matches(panel, meeting):
    secrets = {one.name: one for one in meeting.schedule.secrets}
    made = schedule.traffic_keys(secrets[START].value, meeting.cipher)
    panel.set(secret="server_handshake_key", yours=made.key.hex(" "))
    assert panel.sentence.startswith("✓")
    panel.set(yours=made.key.hex(":").upper())
    assert panel.sentence.startswith("✓")
    panel.set(yours=made.iv.hex())
    assert panel.sentence.startswith("✗ Not the same")
    panel.set(yours="a secret")
    assert panel.sentence.startswith("✗ That is not hex")


def test_no_secret_is_shown_whole(panel, meeting):
    tried = 0
    for one in meeting.schedule.secrets:
        panel.set(secret=one.name)
        if one.value and len(one.value) > 8:
            for shape in (one.value.hex(), one.value.hex(" ")):
                assert shape not in panel.result
                assert shape not in panel.text
            tried += 1
    assert tried > 8


def test_what_a_key_log_does_not_hold_is_said(panel):
    panel.set(secret="handshake_secret", yours="00" * 48)
    assert "no value to compare" in panel.sentence


def test_tls_1_2_has_a_schedule_of_its_own():
    met = tls.handshake(ROOT.issue("api.test"), [ROOT.certificate], "api.test", "1.2")
    panel = KeySchedule(met)
    assert not panel.refused, panel.sentence
    assert "master" in panel.text


def test_what_has_none_says_so(meeting):
    panel = KeySchedule(tls.dissect(meeting.flights[:1]))
    assert panel.refused
    assert "no key schedule" in panel.sentence
    with pytest.raises(TypeError, match="not to a int"):
        KeySchedule(7)
