"""Certificates that were compressed on their way (RFC 8879): somebody else's real ones, and forged ones."""

import json
import random
import re
import tracemalloc
import zlib
from pathlib import Path

import pytest
from cryptography import x509
from test_tls_forged import Forged, message, proofs, sized

from padlock import tls
from padlock.tls import messages

FILE = Path(__file__).parent / "data" / "tls_compressed.json"
RECORDED = json.loads(FILE.read_text("utf-8"))["recordings"]


def recorded(name):
    flights = [(who, bytes.fromhex(data)) for who, data in RECORDED[name]["flights"]]
    return tls.dissect(flights, RECORDED[name]["keylog"])


def of(t, name):
    return [m for m in t.messages if m.name == name]


READABLE = ["zlib", *(["zstd"] if messages.zstd else [])]


@pytest.mark.parametrize("name", READABLE)
def test_what_another_library_compressed(name):
    t = recorded(name)
    assert t.problems == []
    packed = of(t, "CompressedCertificate")
    assert [m.sender for m in packed] == ["server", "client"]
    assert [m.title.partition(" ")[2] for m in packed] == [
        "of CN=api.test, 2 certificates",
        "of CN=alice, 2 certificates",
    ]
    for one in packed:
        assert one.unpacked.name == "Certificate"
        assert len(one.unpacked.raw) == 4 + one.value("uncompressed_length") > len(one.raw)
        x509.load_der_x509_certificate(one.unpacked.value("cert_data"))
        assert not [field for field in one.unpacked.walk() if field.error]
    # with the key in it, over the transcript with it compressed
    assert [m.verified for m in of(t, "CertificateVerify") + of(t, "Finished")] == [True] * 4


@pytest.mark.parametrize("name", sorted({"brotli", "zstd"} - set(READABLE)))
def test_what_this_python_can_not_unpack_is_said(name):
    t = recorded(name)
    assert len(t.problems) == 2
    assert all(f"compressed with {name}, which this Python does not unpack" in said for said in t.problems)
    assert [m.unpacked for m in of(t, "CompressedCertificate")] == [None, None]
    assert [m.verified for m in of(t, "CertificateVerify")] == [None, None]
    assert [m.verified for m in of(t, "Finished")] == [True, True]  # the transcript has it as it was sent


class Packed(Forged):
    """The server's certificate compressed. `change`: (algorithm, length, bytes) to what is sent instead."""

    def __init__(self, change=lambda *honest: honest):
        self.change = change
        super().__init__()

    def say(self, who, content, *more, **options):
        if content[:1] == b"\x0b":
            body = content[4:]
            algorithm, length, data = self.change(1, len(body), zlib.compress(body))
            packed = algorithm.to_bytes(2, "big") + length.to_bytes(3, "big") + sized(data, 3)
            content = message(25, packed)
        super().say(who, content, *more, **options)


def bomb(size):
    return zlib.compress(bytes(size), 9)


def test_an_honest_one():
    read = Packed().server().read()
    assert read.problems == []
    assert proofs(read, "CertificateVerify") == [True]
    assert proofs(read, "Finished") == [True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a, n, data: (a, n - 1, data), "does not unpack to"),
        (lambda a, n, data: (a, n + 1, data), "does not unpack to"),
        (lambda a, n, data: (a, 0, data), "does not unpack to"),
        (lambda a, n, data: (a, n, data[:-1]), "does not unpack to"),
        (lambda a, n, data: (a, n, data + b"\0"), "does not unpack to"),
        (lambda a, n, data: (a, n, b""), "does not unpack to"),
        (lambda a, n, data: (a, n, b"plain" + data), "is no zlib"),
        (lambda a, n, data: (a, n, data[:9] + bytes([data[9] ^ 1]) + data[10:]), "is no zlib|does not"),
        (lambda a, n, data: (7, n, data), "algorithm 7, which this Python does not unpack"),
        (lambda a, n, data: (a, n, bomb(1 << 24)), "does not unpack to"),
        (lambda a, n, data: (a, (1 << 24) - 1, bomb((1 << 24) - 1)), "no more than 1,048,576 are unpacked"),
    ],
)
def test_what_can_not_be_unpacked_is_said_and_proves_nothing(change, words):
    forged = Packed(change).server()
    tracemalloc.start()
    try:
        read = forged.read()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 << 20  # bytes, of a bomb of 16 MB
    assert len(read.problems) == 1, read.problems
    assert re.search(words, read.problems[0])
    assert "RFC 8879" in read.problems[0]
    assert proofs(read, "CertificateVerify") == [None]


def test_many_of_them_are_bounded():
    """A server may not make us unpack one megabyte after the other."""
    size = messages.MOST_UNPACKED
    forged = Packed()
    packed = b"\0\1" + size.to_bytes(3, "big") + sized(bomb(size), 3)
    for _ in range(40):
        forged.say("server", message(25, packed))
    read = forged.read()
    assert sum(m.unpacked is not None for m in of(read, "CompressedCertificate")) == 1
    assert "too much has been unpacked already" in read.problems[0]


def test_one_whose_content_is_no_chain():
    read = Packed(lambda *_: (1, 5, zlib.compress(b"hello"))).server().read()
    assert proofs(read, "CertificateVerify") == [None]
    assert of(read, "CompressedCertificate")[0].unpacked is not None


def test_whatever_the_bytes_are():
    """Only `Packed` ever leaves `unpack`, and what it gives has the length that was said."""
    rng, chain = random.Random(8879), bytes(range(256)) * 8
    whole, refused = zlib.compress(chain), 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(rng.randint(0, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        length = len(chain) + rng.choice((0, 0, 0, 1, -1))
        try:
            found = messages.unpack(rng.choice((0, 1, 1, 1, 1, 2, 3, 65535)), length, bytes(data))
        except messages.Packed:
            refused += 1
        else:
            assert len(found) == length
    assert 1000 < refused < 2950
