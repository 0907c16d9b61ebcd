"""Run every kind of test, say how many of each passed; exit 1 if any failed or a kind ran nothing.

    python tools/run_tests.py                  all
    python tools/run_tests.py unit browser     only these
    python tools/run_tests.py -- -k handshake  what follows -- goes to pytest

The last line is always `N passed, N failed, N skipped`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAYS = 400  # how far the clock is moved: past every certificate that a lesson makes
QUICK = {  # one pytest run; counted apart by folder
    "unit": "tests/unit",
    "exercises": "tests/exercises",
    "widgets": "tests/widgets",
    "conformance": "tests/conformance",
    "source": "tests/notebooks",
}
SAYS = {
    "unit": "the rooms of src/padlock",
    "exercises": "right answers, wrong answers, junk",
    "widgets": "every control, every value",
    "conformance": "beside published vectors and other implementations",
    "source": "lessons' form, notebooks rebuilt and compared",
    "notebooks": "cells of learners' and solution notebooks, run by nbval",
    "browser": "JupyterLab, keyboard, axe-core",
    "clock": f"unit, exercises and solved notebooks again, {DAYS} days from now",
}
LONGEST = 1800  # seconds for one run of pytest, against a hang; a busy machine may need some of it
WORKERS = str(max(2, min(os.cpu_count() or 2, 8)))


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    reasons: list[str] = field(default_factory=list)

    def __add__(self, other: Count) -> Count:
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.seconds + other.seconds,
            self.reasons + other.reasons,
        )


def pytest(arguments: list[str], environment: dict[str, str]) -> tuple[dict[str, Count], int]:
    """Run pytest. ({class of the test: its count}, exit code). What stops pytest itself is one failure."""
    with tempfile.TemporaryDirectory(prefix="padlock-tests-") as folder:
        report = Path(folder) / "junit.xml"
        # nothing of the user's: no progress, no kernel start-up files, no JupyterLab settings
        environment = (
            os.environ
            | {
                "PADLOCK_HOME": f"{folder}/padlock",
                "IPYTHONDIR": f"{folder}/ipython",
                "JUPYTER_CONFIG_DIR": f"{folder}/config",
                "JUPYTER_DATA_DIR": f"{folder}/data",
                "JUPYTER_RUNTIME_DIR": f"{folder}/runtime",
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            }
            | environment
        )
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        try:
            code = subprocess.run(command, cwd=ROOT, env=environment, timeout=LONGEST).returncode
        except subprocess.TimeoutExpired:
            print(f"\nFAILED: stopped after {LONGEST} s", flush=True)
            code = -1
        counts = read(report) if report.exists() else {}
    if code not in (0, 1, 5) or (code == 1 and not any(c.failed for c in counts.values())):
        counts["pytest itself"] = Count(failed=1)
    return counts, code


def read(report: Path) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    for case in ET.parse(report).iter("testcase"):
        count = counts.setdefault(case.get("classname") or case.get("name") or "?", Count())
        count.seconds += float(case.get("time") or 0)
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            count.failed += 1
        elif skipped is not None:
            count.skipped += 1
            count.reasons.append((skipped.get("message") or "no reason given").split(": ", 1)[-1])
        else:
            count.passed += 1
    return counts


def kind_of(place: str) -> str:
    """tests.unit.test_der → unit; a file that could not be imported → pytest itself."""
    return next(
        (kind for kind, folder in QUICK.items() if place.startswith(folder.replace("/", "."))),
        "pytest itself",
    )


def nothing(what: str) -> Count:
    print(f"\nFAILED: {what}", flush=True)
    return Count(failed=1)


def quick(
    kinds: list[str],
    extra: list[str],
    environment: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    but: str = "",
) -> dict[str, Count]:
    totals = {kind: Count() for kind in kinds}
    there = [QUICK[kind] for kind in kinds if (ROOT / QUICK[kind]).is_dir()]
    if there:
        options = ["-n", WORKERS, "--dist", "worksteal", "--continue-on-collection-errors"]
        options += [f"--ignore={path}" for path in without]
        options += ["-k", but] if but else []
        counts, _ = pytest([*there, *options, *extra], environment or {})
        for place, count in counts.items():
            kind = kind_of(place)
            totals[kind] = totals.get(kind, Count()) + count
    for kind in kinds:
        if not extra and not (totals[kind].passed + totals[kind].failed):
            totals[kind] += nothing(f"{kind}: nothing was run in {QUICK[kind]}")
    return totals


def notebooks(
    extra: list[str], environment: dict[str, str] | None = None, solved_only: bool = False
) -> Count:
    files = sorted(
        str(p.relative_to(ROOT))
        for folder in ("notebooks", "notebooks/solutions")
        for p in (ROOT / folder).glob("*.ipynb")
    )
    learner = [f for f in files if "solutions" not in f]
    if not files or len(learner) * 2 != len(files):
        return nothing(
            f"notebooks: {len(learner)} of {len(files)} are for learners, not half; run `make notebooks`"
        )
    if solved_only:
        files = [f for f in files if f not in learner]
    options = [
        "-p",
        "tests.notebooks.kernel_again",
        "--nbval-lax",
        "--nbval-cell-timeout=60",
        "--nbval-sanitize-with",
        "tests/notebooks/sanitize.cfg",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-p",
        "no:randomly",
    ]
    counts, _ = pytest([*options, *files, *extra], environment or {})
    total = sum(counts.values(), Count())
    if not extra and len([c for c in counts.values() if c.passed + c.failed]) < len(files):
        total += nothing(f"notebooks: {len(files)} files, but cells were run in only {len(counts)}")
    return total


def browser(extra: list[str]) -> Count:
    counts, _ = pytest(["tests/browser", *extra], {})
    total = sum(counts.values(), Count())
    if not extra and not (total.passed + total.failed + total.skipped):
        total += nothing("browser: nothing was collected in tests/browser")
    return total


def libfaketime() -> Path | None:
    places = [
        "/usr/lib/*/faketime/libfaketimeMT.so.1",
        "/usr/lib*/faketime/libfaketimeMT.so.1",
        "/usr/local/lib/faketime/libfaketimeMT.so.1",
    ]
    return next((p for place in places for p in sorted(Path("/").glob(place[1:]))), None)


def clock(extra: list[str]) -> Count:
    library = libfaketime()
    if not library:
        reason = "libfaketime is not on this machine (Debian, Ubuntu: apt install faketime)"
        if not sys.platform.startswith("linux"):
            reason = "the clock is moved with libfaketime, on Linux only"
        return Count(skipped=1, reasons=[f"clock: {reason}"])
    path = os.pathsep.join(filter(None, [str(ROOT / "tests/clock"), os.environ.get("PYTHONPATH")]))
    moved = {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"+{DAYS}d",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": path,  # tests/clock/sitecustomize.py says why
    }
    ask = [sys.executable, "-c", "import time; print(time.time())"]
    then = subprocess.run(ask, env=os.environ | moved, check=True, capture_output=True, text=True).stdout
    ahead = (float(then) - time.time()) / 86400
    if abs(ahead - DAYS) > 0.1:
        return nothing(f"clock: libfaketime moved it by {ahead:.1f} days instead of {DAYS}")
    # libfaketime costs 2.5 times the CPU: solved notebooks only (a learner's has nothing that they have not), and
    # neither what reads files, nor what throws random values at code
    files_only = ("tests/unit/test_repository.py", "tests/unit/test_rooms.py")
    dated = "not junk and not fuzzer and not vectors"
    total = sum(quick(["unit", "exercises"], extra, moved, without=files_only, but=dated).values(), Count())
    return total + notebooks(extra, moved, solved_only=True)


def main(arguments: list[str]) -> int:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    kinds, extra = arguments[:at] or list(SAYS), arguments[at + 1 :]
    if unknown := set(kinds) - set(SAYS):
        sys.exit(f"There is no kind {', '.join(sorted(unknown))}. There are: {', '.join(SAYS)}.")
    totals: dict[str, Count] = {}
    took: dict[str, float] = {}

    def timed(name: str, run) -> None:
        print(f"\n── {name} ──", flush=True)
        began = time.monotonic()
        result = run()
        took[name] = time.monotonic() - began
        totals.update(result if isinstance(result, dict) else {name: result})

    if chosen := [kind for kind in kinds if kind in QUICK]:
        timed(", ".join(chosen), lambda: quick(chosen, extra))
    for kind, run in (("notebooks", notebooks), ("browser", browser), ("clock", clock)):
        if kind in kinds:
            timed(kind, lambda run=run: run(extra))

    print()
    for kind, count in totals.items():
        spent = f"{took[kind]:5.0f} s" if kind in took else " " * 7
        print(
            f"{kind:12} {count.passed:6} passed {count.failed:4} failed {count.skipped:4} skipped {spent}",
            SAYS.get(kind, ""),
            sep="  ",
        )
    everything = sum(totals.values(), Count())
    for reason, times in Counter(everything.reasons).most_common():
        print(f"skipped {times} × {reason}")
    print(f"all in {sum(took.values()):.0f} s")
    print(f"{everything.passed} passed, {everything.failed} failed, {everything.skipped} skipped")
    return int(bool(everything.failed) or not everything.passed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
