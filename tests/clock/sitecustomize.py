"""Loaded by every Python that the clock tests start, kernels too (tools/run_tests.py puts this folder first).

libfaketime 0.9.10 and Python 3.11+ disagree. If the monotonic clock moves along with the calendar, every wait
with a limit hangs; if it is left alone, `time.sleep` fails ('Invalid argument') and kernels never answer. So it
is left alone, and sleep waits by select.
"""

import select
import time


def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
