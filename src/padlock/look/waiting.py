"""Work that takes a while, done beside the page, which hears how it goes."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

FIRST, EVERY = 0.15, 0.2  # seconds before the first word, and between words


def in_background(
    work: Callable[[], Any], words: Callable[[float], str], fraction: float | None = None
) -> Iterator:
    """Do `work` in a thread, for a panel's `react`: `result = yield from in_background(…)`.

    Yields (fraction, words(seconds so far)) while it lasts, nothing if it is quick. Raises what `work` raises.
    """
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    began = time.perf_counter()
    thread.start()
    thread.join(FIRST)
    while thread.is_alive():
        yield fraction, words(time.perf_counter() - began)
        thread.join(EVERY)
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
