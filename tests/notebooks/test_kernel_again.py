"""Only a kernel that died before its first word is started again, and not for ever."""

import pytest

from tests.notebooks import kernel_again


def starting(monkeypatch, *outcomes):
    left = list(outcomes)

    def start(**options):
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(kernel_again, "_start", start)
    return left


DIED = RuntimeError("Kernel died before replying to kernel_info")


@pytest.mark.parametrize("times", range(kernel_again.TRIES))
def test_it_is_started_again(monkeypatch, times):
    starting(monkeypatch, *[DIED] * times, "kernel")
    assert kernel_again.start_new_kernel(kernel_name="python3") == "kernel"


@pytest.mark.parametrize(
    ("outcomes", "unused"), [([DIED] * 5, 2), ([RuntimeError("no such kernel"), "kernel"], 1)]
)
def test_what_is_no_accident_is_told(monkeypatch, outcomes, unused):
    left = starting(monkeypatch, *outcomes)
    with pytest.raises(RuntimeError):
        kernel_again.start_new_kernel()
    assert len(left) == unused
