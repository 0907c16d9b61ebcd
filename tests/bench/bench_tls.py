"""A handshake with every byte tapped, decrypted and explained, beside a bare one; and beside scapy's TLS layer.

Each runs in turns, with fresh contexts; the best of several rounds counts, since all else is other work on the machine.
"""

import ssl
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from padlock import tls
from padlock.authority import Authority
from padlock.tls.contexts import client_context, server_context

ROUNDS, TIMES = 20, 15
MOST = 2.0  # times as long as the bare handshake
LEAST = 20.0  # times as fast as scapy

ROOT = Authority("Root")
LEAF = ROOT.intermediate("Issuing CA").issue("api.test")
ROOTS = [ROOT.certificate]
SEND, REPLY = b"GET / HTTP/1.1\r\nHost: api.test\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"


def bare(version: str) -> None:
    """What any program does with `ssl` in memory: no tap, no key log, nothing kept."""
    ours, theirs = client_context(ROOTS, version), server_context(LEAF, version)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(to_client, to_server, server_hostname="api.test")
    server = theirs.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    client.write(SEND)
    assert server.read() == SEND
    server.write(REPLY)
    assert client.read() == REPLY


def explained(version: str) -> None:
    read_all(tls.handshake(LEAF, ROOTS, "api.test", version, send=SEND, reply=REPLY))


def read_all(transcript: tls.Transcript) -> None:
    """Every message, every field of it, every secret; the proofs too."""
    fields = [field for message in transcript.messages for field in message.walk()]
    assert len(fields) > 100
    assert transcript.schedule
    assert not transcript.problems


def best(*actions: Callable[[], object], times: int = TIMES) -> list[float]:
    """The shortest time of each, in seconds, all in turns."""
    shortest = [float("inf")] * len(actions)
    for _ in range(ROUNDS):
        for number, action in enumerate(actions):
            began = time.perf_counter()
            for _ in range(times):
                action()
            shortest[number] = min(shortest[number], (time.perf_counter() - began) / times)
    return shortest


def scapys(transcript: tls.Transcript, keylog: Path) -> Callable[[], object]:
    """The same bytes through scapy, decrypted with the same key log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.config import conf
        from scapy.layers.tls.record import TLS
        from scapy.layers.tls.session import load_nss_keys, tlsSession

    conf.tls_session_enable = True
    conf.tls_nss_keys = load_nss_keys(str(keylog))
    conf.logLevel = 50

    def run() -> list:
        session = tlsSession()
        session.nss_keys = conf.tls_nss_keys
        found, before = [], "client"
        for sender, data in transcript.flights:
            session = session if sender == before else session.mirror()
            found.append(TLS(data, tls_session=session))
            session, before = found[-1].tls_session, sender
        return found

    return run


def main() -> None:
    warnings.simplefilter("ignore")
    assert LEAF.certificate.public_bytes(Encoding.DER)
    for version in ("1.3", "1.2"):
        ours, theirs = best(lambda v=version: explained(v), lambda v=version: bare(v))
        ratio = ours / theirs
        print(
            f"TLS {version}: explained {ours * 1e3:.2f} ms, bare {theirs * 1e3:.2f} ms; {ratio:.2f}, at most {MOST}"
        )
        assert ratio <= MOST
    with tempfile.TemporaryDirectory() as folder:
        for version in ("1.3", "1.2"):
            transcript = tls.handshake(LEAF, ROOTS, "api.test", version, send=SEND, reply=REPLY)
            path = Path(folder, f"keys-{version}")
            path.write_text(transcript.keylog, "ascii")
            run = scapys(transcript, path)
            assert "Finished" in " ".join(packet.summary() for packet in run())  # it has decrypted them too
            ours, theirs = best(lambda t=transcript: read_all(tls.dissect(t.flights, t.keylog)), run, times=3)
            ratio = theirs / ours
            print(
                f"TLS {version}: dissected {ours * 1e3:.2f} ms, scapy {theirs * 1e3:.1f} ms; {ratio:.0f} times as fast"
            )
            assert ratio >= LEAST


if __name__ == "__main__":
    main()
