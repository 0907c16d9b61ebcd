"""RFC 5280 appendix C prints the offset, length and type of every element of two examples. Do we agree?"""

import base64
import json
import os
from pathlib import Path

import pytest

from padlock import der

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("PADLOCK_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
FILE = FOLDER / "rfc5280-c1-c4-offsets.json"


def test_every_offset_length_and_type_that_the_rfc_prints(record_property):
    if not FILE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{FILE} is missing, and in CI it must be there")
        pytest.skip(f"independent test data is not here: no {FILE}")
    cases = 0
    for example in json.loads(FILE.read_text("utf-8")):
        data = base64.b64decode(example["der_base64"])
        assert len(data) == example["bytes"]
        printed = [(e["offset"], e["header"], e["length"], e["type"]) for e in example["entries"]]
        assert [said(node) for node in der.parse(data).walk()] == printed
        cases += len(printed)
    record_property("cases", cases)
    print(f"{cases} elements compared")
    assert cases == 111


def said(node: der.Node) -> tuple:
    encapsulates = " encapsulates" if node.children and not node.tag & 0x20 else ""
    return node.offset, node.header_length, node.length, node.type + encapsulates
