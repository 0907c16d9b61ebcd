"""Which cells ran, and which of them failed: a check must not judge what an earlier run left behind."""

from __future__ import annotations

import re
from typing import Any

REMEMBERED = 60  # cells; older ones have been run again or no longer matter


class Cells:
    """Listens to IPython, where there is one. Elsewhere it knows nothing, and says so by finding nothing."""

    def __init__(self) -> None:
        self._ran: list[tuple[str, BaseException | None]] = []
        self._running = ""
        self._shell = _shell()
        if self._shell:
            self._shell.events.register("pre_run_cell", self._begun)
            self._shell.events.register("post_run_cell", self._heard)

    def forget(self) -> None:
        if self._shell:
            self._shell.events.unregister("pre_run_cell", self._begun)
            self._shell.events.unregister("post_run_cell", self._heard)

    def failure(self, names: tuple[str, ...]) -> tuple[str, BaseException] | None:
        """(name, error) if the latest cell that makes one of these names ended with an error.

        The cell that asks has come as far as its check(): if it makes the name itself, it has made it."""
        ran = [*self._ran, (self._running, None)]
        for name in names:
            makes = re.compile(rf"^(?:(?:async )?def {name}\b|{name}\s*(?::[^=\n]+)?=(?!=)|{name}\s*,)", re.M)
            error = next((error for code, error in reversed(ran) if makes.search(code)), None)
            if error is not None:
                return name, error
        return None

    def _begun(self, info: Any) -> None:
        self._running = str(info.raw_cell)

    def _heard(self, result: Any) -> None:
        self._running = ""
        error = result.error_before_exec or result.error_in_exec
        self._ran = [*self._ran, (str(result.info.raw_cell), error)][-REMEMBERED:]


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
