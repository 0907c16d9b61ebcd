"""python -m padlock explain: exit status, words, JSON; never a traceback."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from padlock import reading
from padlock.authority import Authority
from padlock.crls import finish, long_crl, serial_numbers


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    root = Authority("Root")
    ca = root.intermediate("CA")
    leaf, gone = ca.issue("api.test"), ca.issue("gone.test")
    ca.revoke(gone)
    (folder / "server.pem").write_text(leaf.pem())
    (folder / "gone.pem").write_text(gone.pem())
    (folder / "leaf.der").write_bytes(leaf.certificate.public_bytes(Encoding.DER))
    (folder / "ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    (folder / "roots.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (folder / "all.crl").write_bytes(b"".join(one.crl().public_bytes(Encoding.PEM) for one in (root, ca)))
    (folder / "broken.pem").write_text(leaf.pem()[:500])
    return folder


def explain(folder, *arguments, stdin=b""):
    done = subprocess.run(
        [sys.executable, "-m", "padlock", "explain", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return done.returncode, out, err


def test_good(files):
    status, out, err = explain(
        files, "server.pem", "--name", "api.test", "--roots", "roots.pem", "--crl", "all.crl"
    )
    assert (status, err) == (0, "")
    assert out.startswith("✓ accepted")
    assert "Trusted: 1 certificates from roots.pem" in out


def test_refused_says_why_and_what_was_not_looked_into(files):
    status, out, _ = explain(files, "server.pem", "--name", "www.test", "--roots", "roots.pem")
    assert status == 1
    assert "✗ name: it is for api.test, not for www.test [RFC 9525 §6.3]" in out
    assert "no --crl was given" in out


def test_refused_as_revoked(files):
    status, out, _ = explain(files, "gone.pem", "--roots", "roots.pem", "--crl", "all.crl")
    assert status == 1
    assert "✗ revocation: revoked on" in out


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_long_list(files, encoding):
    """Public CAs have lists with tens of thousands of entries."""
    root = Authority("Root")
    leaf = root.issue("api.test")
    long = finish(long_crl(root, serial_numbers(40_000))).public_bytes(encoding)
    assert len(long) > reading.MAX_BYTES
    (files / "leaf.pem").write_text(leaf.pem())
    (files / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (files / "long.crl").write_bytes(long)
    for crl, stdin in (("long.crl", b""), ("-", long)):
        status, out, err = explain(files, "leaf.pem", "--roots", "root.pem", "--crl", crl, stdin=stdin)
        assert (status, err) == (0, ""), out
        assert "not on the CRL" in out


def test_the_machines_own_roots(files):
    status, out, _ = explain(files, "server.pem", "--name", "api.test")
    assert status == 1
    assert "✗ anchor" in out
    assert "this machine's own store" in out


def test_at_a_time_and_for_a_purpose(files):
    later = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    assert explain(files, "server.pem", "--roots", "roots.pem", "--at", later)[0] == 1
    assert explain(files, "server.pem", "--roots", "roots.pem", "--purpose", "client")[0] == 1
    assert explain(files, "server.pem", "--roots", "roots.pem", "--purpose", "any")[0] == 0


def test_der_from_a_pipe_and_an_intermediate_from_elsewhere(files):
    der = (files / "leaf.der").read_bytes()
    assert explain(files, "-", "--roots", "roots.pem", stdin=der)[0] == 1
    assert explain(files, "-", "--roots", "roots.pem", "--intermediates", "ca.pem", stdin=der)[0] == 0


def test_json_is_stable(files):
    status, out, _ = explain(files, "server.pem", "--name", "www.test", "--roots", "roots.pem", "--json")
    said = json.loads(out)
    assert status == 1
    assert set(said) == {"accepted", "path", "findings", "not_asked"}
    assert said["not_asked"] == ["revocation"]
    assert said["accepted"] is False
    assert [set(one) for one in said["path"]] == [{"subject", "issuer", "sha256"}] * 3
    assert said["path"][0]["subject"] == "CN=api.test"
    assert all(set(one) == {"rule", "ok", "clause", "why", "certificate"} for one in said["findings"])
    (bad,) = [one for one in said["findings"] if not one["ok"]]
    assert (bad["rule"], bad["certificate"], bad["clause"]) == ("name", 0, "RFC 9525 §6.3")


def test_the_form_of_the_json_is_in_the_help(files):
    status, help_, _ = explain(files, "--help")
    assert status == 0
    said = json.loads(explain(files, "server.pem", "--roots", "roots.pem", "--json")[1])
    for key in {*said, *said["findings"][0], *said["path"][0]}:
        assert re.search(rf"\b{key}\b", help_.split("--json writes")[1]), key


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "nonsense"), "“nonsense” is no date"),
        (("--at", "2026-13-01"), "give one such as 2027-01-01"),
        (("--name", "https://api.test/login"), "Give api.test alone"),
        (("--name", "api.test:443"), "Give api.test alone"),
    ],
)
def test_what_was_expected_is_said(files, arguments, words):
    status, out, err = explain(files, "server.pem", "--roots", "roots.pem", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "_moment" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere.pem",),
        ("broken.pem",),
        ("all.crl",),
        (".",),
        ("server.pem", "--roots", "all.crl"),
        ("server.pem", "--crl", "roots.pem"),
        ("server.pem", "--name", "bücher.test"),
        ("server.pem", "--name", ""),
        ("server.pem", "--at", "tomorrow"),
        ("server.pem", "--purpose", "mail"),
        (),
    ],
)
def test_what_can_not_be_read_is_a_sentence(files, arguments):
    status, out, err = explain(files, *arguments)
    assert (status, out) == (2, "")
    assert err.strip()
    if err.startswith("padlock:"):
        assert err.count("\n") == 1


def test_an_old_console_and_a_reader_that_has_enough_leave_the_verdict_as_it_is(files):
    command = [
        sys.executable,
        "-m",
        "padlock",
        "explain",
        "server.pem",
        "--roots",
        "roots.pem",
        "--name",
        "api.test",
    ]
    done = subprocess.run(
        command, cwd=files, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"}, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    running = subprocess.Popen(command, cwd=files, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()  # before it has anything to say
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(60) == 0
