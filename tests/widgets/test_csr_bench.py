"""The bench: each act of the thief changes what it says, and the verdict is computed."""

import pytest

from padlock import csr
from padlock.look.csr_bench import SAID, CsrBench


@pytest.mark.parametrize(
    ("act", "mark", "changed"),
    [
        ("nothing", "✓", []),
        ("letter", "✗", ["subject", "names asked for"]),
        ("key", "✗", ["public key"]),
        ("resign", "✓", ["public key", "signature"]),
        ("copy", "✓", []),
    ],
)
def test_what_arrives(act, mark, changed):
    panel = CsrBench()
    panel.set(act=act)
    assert panel.sentence == f"{mark} {SAID[act]}"
    assert [line.split(":")[0] for line in panel.text.splitlines() if line.endswith("(changed)")] == changed


def test_every_act_is_said():
    assert set(SAID) == set(csr.ACTS)
