"""The handshake player: three pairs of eyes, fields beside their bytes, and nothing that is told too early."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from padlock import tls
from padlock.authority import Authority
from padlock.course.exercises.l07_the_tls_handshake import record_12, refusals
from padlock.look.handshake_player import EYES, LINE, HandshakePlayer, opened
from padlock.tls import schedule
from padlock.tls.mutual import Cast

ROOT = Authority("Class Root")
SERVER = ROOT.issue("api.test")
RECORDINGS = Path(__file__).parents[1] / "unit" / "data" / "tls_recordings.json"


def meet(version="1.3", **options):
    return tls.handshake(
        SERVER, [ROOT.certificate], "api.test", version, send=b"hello", reply=b"welcome", **options
    )


@pytest.fixture(scope="module", params=["1.3", "1.2"])
def meeting(request):
    return meet(request.param)


def options(player):
    return next(c for c in player._drawn if c["name"] == "message")["options"]


def test_back_and_next_step_and_stop_at_the_ends(meeting):
    player = HandshakePlayer(meeting)
    player.press("back")
    assert player.values["message"] == "0"
    for number in range(1, len(meeting.messages) + 3):
        player.press("next")
        assert player.values["message"] == str(min(number, len(meeting.messages) - 1))
    assert not player.refused


@pytest.mark.parametrize("eyes", EYES)
def test_what_is_still_to_come_has_no_name_anywhere(meeting, eyes):
    player = HandshakePlayer(meeting)
    player.set(eyes=eyes, message="1")
    later = meeting.messages[2:]
    words = [said for _, said in options(player)]
    assert words[2:] == [f"{n + 3}. not yet" for n in range(len(later))]
    for name in {m.name for m in later} - {m.name for m in meeting.messages[:2]}:
        assert name not in player.result
        assert name not in player.text


def test_on_the_wire_there_is_only_what_an_eavesdropper_has(meeting):
    player = HandshakePlayer(meeting)
    player.set(eyes="wire", message=str(len(meeting.messages) - 1))
    for number, message in enumerate(meeting.messages):
        player.set(message=str(number))
        opened_text = player.text.rpartition("\n\n")[2]
        if message.protection == "plaintext":
            assert message.raw[:16].hex(" ") in opened_text
            continue
        record = meeting.records[message.records[0]]
        assert record.header.hex(" ") in opened_text
        assert record.ciphertext[:16].hex(" ") in opened_text
        for hidden in (message.title, message.raw[:16].hex(" "), message.note, "data-link"):
            assert hidden not in player.result
        assert "An encrypted record".lower() in dict(options(player))[str(number)]


@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("who", ["client", "server"])
def test_a_line_stands_where_a_side_begins_to_encrypt_and_nothing_of_it_is_open_after_that(version, who):
    """In TLS 1.2 each side changes by itself (RFC 5246 §7.1)."""
    met = meet(version)
    lines = HandshakePlayer(met).text.splitlines()
    at = next(n for n, line in enumerate(lines) if LINE.format(who) in line)
    ladder = lines[: len(met.messages) + 2]
    mine = [
        [line for line in part if who in line and "- - -" not in line] for part in (ladder[:at], ladder[at:])
    ]
    assert mine[0]
    assert not any("▒" in line for line in mine[0])
    assert mine[1]
    assert all("▒" in line for line in mine[1])


def coalesced(met, size):
    """The server's encrypted handshake messages in other records, of `size` bytes at most (RFC 8446 §5.1)."""
    secret = tls.dissect(met.flights, met.keylog).schedule["server_handshake_traffic_secret"].value
    keys = schedule.traffic_keys(secret, met.cipher)
    index = next(n for n, (who, _) in enumerate(met.flights) if who == "server")
    data = met.flights[index][1]
    opened = data[: next(r.start for r in tls.records(data) if r.kind == "application_data")]
    body = b"".join(m.raw for m in met.messages if (m.sender, m.protection) == ("server", "handshake"))
    for number, at in enumerate(range(0, len(body), size)):
        inner = body[at : at + size] + b"\x16"
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = (int.from_bytes(keys.iv, "big") ^ number).to_bytes(12, "big")
        opened += header + AESGCM(keys.key).encrypt(nonce, inner, header)
    return tls.dissect([*met.flights[:index], ("server", opened), *met.flights[index + 1 :]], met.keylog)


@pytest.mark.parametrize("size", [2**14, 100])
def test_on_the_wire_records_are_counted_not_messages(size):
    met = coalesced(meet("1.3"), size)
    assert met.problems == []
    under = [n for n, m in enumerate(met.messages) if (m.sender, m.protection) == ("server", "handshake")]
    count = len({r for n in under for r in met.messages[n].records})
    assert (count == 1) == (size == 2**14)
    player = HandshakePlayer(met)
    player.set(eyes="wire", message=str(under[-1]))
    words = [dict(options(player))[str(n)].partition(". ")[2] for n in under]
    assert sum(int(w.split()[0]) if w[0].isdigit() else w == "an encrypted record" for w in words) == count
    assert ("the same record" in words) == (len(under) > 1)
    assert f"the length of {count} encrypted record" in player.text


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_the_server_knows_a_client_when_it_has_proven_itself(version):
    root = Authority("Class Root")
    alice = root.issue(common_name="alice", purpose="client")
    met = tls.handshake(root.issue("api.test"), [root.certificate], "api.test", version, client=alice)
    player = HandshakePlayer(met)
    player.set(eyes="server")
    seen = {}
    for number, message in enumerate(met.messages):
        player.set(message=str(number))
        if message.sender == "client":
            seen[message.name] = player.text.partition("known:")[2].partition("\n\n")[0]
    assert "a certificate" not in seen["ClientHello"]
    assert "a certificate of the client's; not yet who sent it" in seen["Certificate"]
    assert "that the sender holds the certificate's key" not in seen["Certificate"]
    assert "that the sender holds the certificate's key" in seen["CertificateVerify"]
    assert "not yet who sent it" not in seen["CertificateVerify"]
    assert "who the client is" not in seen["CertificateVerify"]
    assert re.search("who the client is, if the server trusts its chain: .*alice", seen["Finished"])


def test_with_key_transport_the_server_s_finished_is_its_proof():
    """Nothing else shows that it has the key: there is no ServerKeyExchange, so no signature (RFC 5246 §F.1.1.2)."""
    _, met = record_12("RSA")
    player = HandshakePlayer(met)
    player.set(eyes="client", message=str(len(met.messages) - 2))
    assert "a certificate; not yet who sent it" in player.text
    player.set(message=str(len(met.messages) - 1))
    assert met.messages[-1].title == "Finished"
    assert "that the sender holds the certificate's key" in player.text
    assert "not yet who sent it" not in player.text


def test_a_client_with_nothing_to_show_is_nobody():
    met = Cast().meet("none", version="1.3").transcript
    player = HandshakePlayer(met)
    player.set(eyes="server", message=str(len(met.messages) - 1))
    assert "that the client has no certificate to show" in player.text
    assert "who the client is" not in player.text


def test_a_goodbye_is_no_giving_up():
    """RFC 8446 §6.1."""
    met = refusals()["fifth"]
    said = [n for n, m in enumerate(met.messages) if m.name == "Alert"]
    assert said
    for eyes in ("client", "server"):
        player = HandshakePlayer(met)
        player.set(eyes=eyes, message=str(said[-1]))
        assert "gives up" not in player.text
        assert "refuses nothing: Alert: warning, close_notify" in player.text


UNCHANGED = "that nobody has changed a message on the way"
HOLDS = "that the sender holds the certificate's key"


def known(met, eyes):
    """After each message, what these eyes know."""
    player, found = HandshakePlayer(met), []
    player.set(eyes=eyes)
    for number in range(len(met.messages)):
        player.set(message=str(number))
        lines = player.text.partition("known:\n")[2].partition("\n\n")[0].splitlines()
        found.append([line.strip() for line in lines])
    return found


def after(met, eyes, name, sender=None):
    """What they know after the message of that name."""
    at = next(n for n, m in enumerate(met.messages) if m.name == name and sender in (None, m.sender))
    return known(met, eyes)[at]


STRANGER = Authority("Somebody").issue("api.test")
REFUSED = {  # who gives up, at which message of the other's, and how to meet
    "a chain to another root": (
        "client", "Certificate", lambda v: tls.handshake(STRANGER, [ROOT.certificate], "api.test", v)
    ),
    "a copied certificate": (
        "client", {"1.3": "CertificateVerify", "1.2": "ServerKeyExchange"},
        lambda v: tls.handshake(tls.borrowed(SERVER.chain), [ROOT.certificate], "api.test", v),
    ),
    "no client certificate": ("server", "Certificate", lambda v: Cast().meet("none", version=v).transcript),
    "an expired client": ("server", "Certificate", lambda v: Cast().meet("expired", version=v).transcript),
    "a copied client certificate": (
        "server", "CertificateVerify", lambda v: Cast().meet("borrowed", version=v).transcript
    ),
}  # fmt: skip


@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_side_that_gives_up_is_credited_with_nothing_that_it_never_read(case, version):
    """What follows in the same flight was sent, but not read (RFC 8446 §4.4.2.4, §4.4.3, §6.2)."""
    who, where, make = REFUSED[case]
    where = where if isinstance(where, str) else where[version]
    met = make(version)
    other = {"client": "server", "server": "client"}[who]
    at = max(n for n, m in enumerate(met.messages) if m.name == where and m.sender == other)
    there, end = known(met, who)[at], known(met, who)[-1]
    assert [line for line in end if line not in there] == [
        line for line in end if line.startswith(f"why the {who} gives up")
    ]
    assert UNCHANGED not in end
    assert HOLDS not in end
    player = HandshakePlayer(met)
    player.set(eyes=who)
    for number, message in enumerate(met.messages):
        player.set(message=str(number))
        unread = message.sender == other and number > at
        assert (f"The {who} never reads this: it gave up at {where}" in player.sentence) == unread
    # the one that was refused has read all that it got
    assert (UNCHANGED in known(met, other)[-1]) == (who == "server" and version == "1.3")


def test_the_dissector_s_transcript_says_the_same_of_a_refusal():
    """It has nobody's engine to ask, only the alert."""
    met = REFUSED["a chain to another root"][2]("1.3")
    assert known(tls.dissect(met.flights, met.keylog), "client") == known(met, "client")


@pytest.mark.parametrize(
    "case", ["no client certificate", "an expired client", "a copied client certificate"]
)
def test_who_hangs_up_without_an_alert_has_read_nothing_after_that(case):
    met = REFUSED[case][2]("1.3")
    silent = replace(met, flights=met.flights[:-1])  # the alert gets lost; the server's own log has its error
    assert not [m for m in silent.messages if m.name == "Alert"]
    assert UNCHANGED not in known(silent, "server")[-1]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: meet("1.3"), "ClientHello"),
        (lambda: meet("1.2"), "ClientKeyExchange"),
        (lambda: record_12("RSA")[1], None),
        (lambda: meet("1.2", session=meet("1.2")), None),
        (lambda: refusals()["third"], None),
    ],
)
def test_a_client_has_a_private_share_from_where_it_makes_one(make, name):
    """RFC 8446 §4.2.8; in TLS 1.2 it learns the group in ServerKeyExchange (RFC 5246 §7.4.7.2)."""
    met = make()
    has = [n for n, lines in enumerate(known(met, "client")) if "its own private share" in lines]
    at = next((n for n, m in enumerate(met.messages) if m.name == name), len(met.messages))
    assert has == list(range(at, len(met.messages)))


@pytest.mark.parametrize("exchange", ["ECDHE", "RSA"])
def test_in_tls_12_both_share_a_secret_from_client_key_exchange_on(exchange):
    met = record_12(exchange)[1]
    at = next(n for n, m in enumerate(met.messages) if m.name == "ClientKeyExchange")
    for eyes in ("client", "server"):
        has = ["the shared secret, and the keys from it" in lines for lines in known(met, eyes)]
        assert has == [n >= at for n in range(len(has))]
    seen = "both public shares" if exchange == "ECDHE" else "the secret, encrypted"
    has = [seen in " ".join(lines) for lines in known(met, "wire")]
    assert has == [n >= at for n in range(len(has))]


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_in_a_resumed_session_they_know_each_other_by_the_secret_from_before(version):
    """RFC 8446 §2.2, RFC 5246 §7.3: no certificate is shown."""
    met = meet(version, session=meet(version))
    assert met.resumed
    for eyes, other in (("client", "server"), ("server", "client")):
        words = "that the other side has the secret from before"
        assert "a secret from before, which both take up again" in after(met, eyes, "ServerHello")
        assert words not in after(met, eyes, "ServerHello")
        assert words in after(met, eyes, "Finished", other)
        assert not [line for line in known(met, eyes)[-1] if "will show" in line or "a certificate" in line]
    assert "secret from before" not in str(known(meet(version), "client"))
    player = HandshakePlayer(met)
    assert met.messages[0].note in player.sentence  # first what it is for, then what can't be verified


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_on_the_wire_a_proof_in_the_open_can_be_checked(version):
    root = Authority("Class Root")
    alice = root.issue(common_name="alice", purpose="client")
    met = tls.handshake(root.issue("api.test"), [root.certificate], "api.test", version, client=alice)
    end = known(met, "wire")[-1]
    seen = ["a certificate, and that whoever sent it holds its key",
            "a certificate of the client's, and that whoever sent it holds its key"]  # fmt: skip
    assert [line for line in end if "certificate" in line] == (seen if version == "1.2" else [])
    if version == "1.2":
        assert "a certificate; not yet who sent it" in after(met, "wire", "Certificate")


@pytest.mark.parametrize("which", ["first", "third"])
def test_on_the_wire_an_alert_in_the_open_is_read(which):
    met = refusals()[which]
    assert met.messages[-1].protection == "plaintext"
    assert [line for line in known(met, "wire")[-1] if re.match("why the (client|server) gives up", line)]


def test_what_a_renegotiation_proves_again_is_told_once():
    kept = json.loads(RECORDINGS.read_text("utf-8"))["recordings"]["TLS 1.2, renegotiated"]
    met = tls.dissect([(who, bytes.fromhex(data)) for who, data in kept["flights"]], kept["keylog"])
    assert len([m for m in met.messages if m.name == "Finished"]) == 4
    for eyes in EYES:
        end = known(met, eyes)[-1]
        assert len(end) == len(set(end))


def test_a_hello_retry_request_binds_version_and_cipher_suite():
    """RFC 8446 §4.1.4."""
    met = meet("1.3", server_groups="P-384")
    assert "version and cipher suite" in after(met, "client", "HelloRetryRequest")


class Links(HTMLParser):
    """data-link → the hex digits in it, for bytes; and the lines that have one."""

    def __init__(self):
        super().__init__()
        self.open, self.bytes, self.lines, self.once = [], {}, set(), ""

    def handle_starttag(self, tag, attrs):
        link = dict(attrs).get("data-link")
        if tag == "tr" and link is not None:
            self.lines.add(link)
        if tag == "span":
            self.open.append(link)

    def handle_endtag(self, tag):
        if tag == "span":
            self.open.pop()

    def handle_data(self, data):
        inside = [link for link in self.open if link is not None]
        for link in inside:
            self.bytes[link] = self.bytes.get(link, "") + data.replace(" ", "")
        if inside:
            self.once += data.replace(" ", "")


def test_each_field_is_linked_to_just_its_bytes(meeting):
    tried = 0
    for message in meeting.messages:
        html, _ = opened(message)
        found = Links()
        found.feed(html)
        fields = list(message.walk())[: len(found.lines)]
        assert fields
        for number, field in enumerate(fields):
            data = message.raw[:1024][field.offset : field.end]
            if data:
                assert found.bytes[str(number)] == data.hex(), (message.name, field.label)
                tried += 1
        assert found.once == message.raw[:1024].hex(), "each byte once"
    assert tried > 50


def test_a_hostile_name_stays_text():
    bad = '<img src=x onerror="alert(1)">'
    root = Authority(bad)
    leaf = root.issue("api.test", common_name=bad)
    met = tls.handshake(leaf, [root.certificate], "api.test", "1.3")
    player = HandshakePlayer(met)
    for number in range(len(met.messages)):
        player.set(message=str(number))
        assert "<img" not in player.result
    assert not player.refused


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_refusal_is_told_to_the_end(version):
    met = Cast().meet("none", version=version).transcript
    player = HandshakePlayer(met)
    player.set(message=str(len(met.messages) - 1))
    assert met.messages[-1].name == "Alert"
    assert re.search(r"why the server gives up: Alert: fatal", player.text)


def test_bytes_without_a_key_log_and_without_messages():
    without = tls.dissect(meet().flights)
    player = HandshakePlayer(without)
    player.set(message=str(len(without.messages) - 1))
    assert "sealed" in player.text
    empty = HandshakePlayer(tls.dissect([]))
    assert empty.refused
    assert "no message" in empty.sentence
    with pytest.raises(TypeError, match="not a str"):
        HandshakePlayer("what?")
