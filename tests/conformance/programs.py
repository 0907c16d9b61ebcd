"""openssl's own s_server and s_client, and a relay between them that records: handshakes that are not ours.

with Stage(tmp_path, LEAF, "-groups", "P-384") as stage:
    with stage.client() as client:
        client.type(b"hello\n")
    tls.dissect(stage.flights, client.keylog)
"""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

OPENSSL = shutil.which("openssl")
PATIENCE = 30  # seconds; only a hung program needs them


def usable():
    """LibreSSL, which macOS calls openssl, writes no key log."""
    if OPENSSL is None:
        return False
    said = subprocess.run([OPENSSL, "s_client", "-help"], capture_output=True, text=True, timeout=PATIENCE)
    return "-keylogfile" in said.stderr + said.stdout


def needed():
    """Skip the test that asks where there is no such openssl; CI has one."""
    if not usable():
        assert not os.environ.get("CI"), "CI has an openssl that writes key logs"
        pytest.skip("no openssl with -keylogfile on this machine")


def run(*call):
    """What one command says."""
    return subprocess.run(
        [OPENSSL, *map(str, call)], capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout


def until(true, what):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)


def pem(path, issued):
    """A file with certificate and key."""
    key = issued.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(issued.certificate.public_bytes(Encoding.PEM) + key)
    return path


class Stage:
    """A server, and the relay before it. `flights`: of the client that spoke last."""

    def __init__(self, folder, issued, *options):
        self.folder, self.flights, self.count, self.over = folder, [], 0, False
        self.lock = threading.Lock()
        shown = ("-cert", pem(folder / "server.pem", issued)) if issued else ("-nocert",)
        self.process = subprocess.Popen(
            [OPENSSL, "s_server", "-accept", "127.0.0.1:0", *map(str, shown), *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        line = b""
        while not (found := re.match(rb"ACCEPT 127\.0\.0\.1:(\d+)", line)):
            line = self.process.stdout.readline()
            assert line, "s_server did not start"
        self.port = int(found[1])
        self.said = bytearray()
        self.relay = socket.create_server(("127.0.0.1", 0))
        self.threads = [threading.Thread(target=work) for work in (self._listen, self._serve)]
        for thread in self.threads:
            thread.start()

    def _listen(self):
        while data := self.process.stdout.read1(4096):
            self.said += data

    def _serve(self):
        """One client after the other."""
        while True:
            client, _ = self.relay.accept()
            if self.over:
                client.close()
                return
            with client, socket.create_connection(("127.0.0.1", self.port)) as server:
                ways = ((client, server, "client"), (server, client, "server"))
                threads = [threading.Thread(target=self._carry, args=way) for way in ways]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

    def _carry(self, source, target, sender):
        with suppress(OSError):
            while data := source.recv(65536):
                with self.lock:
                    self.flights.append((sender, data))
                    target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        with self.lock:
            self.count += 1  # one direction is over

    def type(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def client(self, *options):
        self.flights, self.count = [], 0
        return Client(self, options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        with suppress(OSError), socket.create_connection(self.relay.getsockname()):
            pass  # it waits for one, and is awake now
        self.process.kill()
        for thread in self.threads:
            thread.join()
        self.relay.close()
        self.process.communicate()


class Client:
    def __init__(self, stage, options):
        self.stage = stage
        self.log = stage.folder / "keys.log"
        self.log.unlink(missing_ok=True)
        port = stage.relay.getsockname()[1]
        call = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", "-keylogfile", self.log, *options]
        self.process = subprocess.Popen(
            list(map(str, call)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.said = bytearray()
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self):
        while data := self.process.stdout.read1(4096):
            self.said += data

    @property
    def keylog(self):
        return self.log.read_text("ascii")

    def hear(self, words):
        until(lambda: words in self.said or self.process.poll() is not None, words)
        assert words in self.said, bytes(self.said)

    def type(self, line, answer=b""):
        """A line, for the server or a command of s_client's; then its answer."""
        before = self._sent()
        self.process.stdin.write(line)
        self.process.stdin.flush()
        if answer:
            self.hear(answer)
        else:
            until(lambda: self._sent() > before, line)

    def _sent(self):
        return sum(len(data) for sender, data in list(self.stage.flights) if sender == "client")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
        else:
            with suppress(OSError):
                self.process.stdin.close()  # s_client says close_notify and goes
            self.process.wait(PATIENCE)
            until(lambda: self.stage.count == 2, "both ends to close")
        self.thread.join()
        self.process.stdout.close()


TALKS = [
    "retry",
    "client certificate",
    "no middlebox",
    "external PSK",
    "1.2 with client certificate",
    "0-RTT",
    "KeyUpdate",
]
PSK = bytes(range(16))


def talks(folder, root, leaf, alice):
    """{what: (flights, key log, PSK or None)}, each between s_client and s_server, for api.test."""
    roots = folder / "roots.pem"
    roots.write_bytes(root.certificate.public_bytes(Encoding.PEM))
    made = {}

    def keep(what, stage, client, psk=None):
        made[what] = (list(stage.flights), client.keylog, psk)

    def talk(what, options, more=(), issued=leaf, psk=None):
        with Stage(folder, issued, "-rev", *options) as stage:
            with stage.client("-servername", "api.test", *more) as client:
                client.type(b"hello\n", answer=b"olleh")
            keep(what, stage, client, psk)

    talk("retry", ["-groups", "P-384"])
    shown = pem(folder / "alice.pem", alice)
    talk("client certificate", ["-Verify", "2", "-CAfile", roots], ["-cert", shown])
    talk("no middlebox", ["-no_middlebox"], ["-no_middlebox"])
    talk(
        "external PSK",
        ["-psk", PSK.hex()],
        ["-psk", PSK.hex(), "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
        None,
        PSK,
    )
    talk("1.2 with client certificate", ["-Verify", "2", "-CAfile", roots, "-tls1_2"], ["-cert", shown])

    session, early = folder / "session.pem", folder / "early"
    early.write_bytes(b"GET /early\n")
    with Stage(folder, leaf, "-early_data") as stage:
        with stage.client("-servername", "api.test", "-sess_out", session):
            until(lambda: session.exists() and session.read_bytes().rstrip().endswith(b"-----"), "ticket")
        text = run("sess_id", "-in", session, "-text", "-noout")
        psk = bytes.fromhex(re.search(r"Resumption PSK: ([0-9A-F]+)", text)[1])
        more = ["-sess_in", session, "-early_data", early]
        with stage.client("-servername", "api.test", *more) as client:
            stage.type(b"reply\n")
            client.hear(b"reply")
        keep("0-RTT", stage, client, psk)
    with Stage(folder, leaf, "-rev") as stage:
        with stage.client("-servername", "api.test") as client:
            client.type(b"hello\n", answer=b"olleh")
            client.type(b"K\n")  # a KeyUpdate that asks for one
            client.type(b"again\n", answer=b"niaga")
            client.type(b"k\n")  # one that asks for nothing
            client.type(b"third\n", answer=b"driht")
        keep("KeyUpdate", stage, client)
    return made
