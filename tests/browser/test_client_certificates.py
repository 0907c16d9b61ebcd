"""Chromium with a client certificate in its own store, against a server of the lessons that demands one.

The store is an NSS database in a temporary home. Which certificate to show, Chromium is told by its profile, as
its user would by a click: it may show any that its store offers. Nothing is written outside that home.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from padlock import tls
from padlock.tls.mutual import WANTED, Cast

NOBODY = "peer did not return a certificate"
# What the server notices. An expired certificate, an early one and one for servers only never leave the store.
NOTICED = {
    "good": [],
    "none": [NOBODY],
    "expired": [NOBODY],
    "future": [NOBODY],
    "purpose": [NOBODY],
    "foreign": ["certificate verify failed: unable to get local issuer certificate"],
}
# In TLS 1.3 the refusal comes after Chromium's own handshake is over: with its first read, or before it has
# written anything, and then it finds a connection that is closed again.
SHOWN = {
    "1.2": {"ERR_BAD_SSL_CLIENT_AUTH_CERT"},
    "1.3": {"ERR_BAD_SSL_CLIENT_AUTH_CERT", "ERR_SOCKET_NOT_CONNECTED"},
}


@pytest.fixture(scope="module")
def cast():
    missing = [tool for tool in ("certutil", "pk12util") if not shutil.which(tool)]
    if sys.platform != "linux":
        pytest.skip("only on Linux does Chromium keep client certificates in an NSS database")
    if missing and os.environ.get("CI"):
        pytest.fail(
            f"no {missing[0]} on this machine, and CI must not go without (.ci/run installs libnss3-tools)"
        )
    if missing:
        pytest.skip(f"no {missing[0]} on this machine (Debian: libnss3-tools)")
    return Cast()


def store(home, root, identity):
    """Chromium's store in `home`: trusts `root` for servers, and holds `identity` unless that is None."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True, mode=0o700)
    at = ["-d", f"sql:{database}"]
    calls = [["certutil", "-N", "--empty-password", *at]]
    (home / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    calls += [["certutil", "-A", "-n", "root", "-t", "C,,", "-i", str(home / "root.pem"), *at]]
    if identity:
        bag = pkcs12.serialize_key_and_certificates(
            b"caller",
            identity.private_key,
            identity.certificate,
            None,
            BestAvailableEncryption(b"on its way"),
        )
        (home / "caller.p12").touch(0o600)
        (home / "caller.p12").write_bytes(bag)
        calls += [["pk12util", "-i", str(home / "caller.p12"), "-W", "on its way", "-K", "", *at]]
    for call in calls:
        subprocess.run(call, check=True, capture_output=True, timeout=60)


def may_show_any(home, server):
    """The policy AutoSelectCertificateForUrls in the profile's own words: show any certificate, ask nobody."""
    site = {f"https://{server.name}:{server.port},*": {"setting": {"filters": [{}]}}}
    settings = {"profile": {"content_settings": {"exceptions": {"auto_select_certificate": site}}}}
    profile = home / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(settings))
    return profile


@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("who", NOTICED)
def test_chromium_is_answered_as_the_lesson_says(browser, cast, tmp_path, who, version):
    store(tmp_path, cast.roots["server"], cast.clients[who])
    demands = {"client_roots": cast.roots["client"], "version": version}
    with (
        tls.TLSServer(cast.servers["good"], b"hello", **demands) as server,
        browser.at_home(tmp_path, may_show_any(tmp_path, server), {WANTED: "127.0.0.1"}) as page,
    ):
        if who == "good":
            assert page.goto(server.url).status == 200
            assert page.inner_text("body") == "hello"
        else:
            with pytest.raises(browser.Error) as refused:
                page.goto(server.url)
            assert any(f"net::{words} " in str(refused.value) for words in SHOWN[version]), refused.value
    # It opens connections in stock, and one to be asked for a certificate: those it leaves without a word.
    noticed = [words for words in server.refusals if not words.startswith("EOF")]
    assert noticed == NOTICED[who]
