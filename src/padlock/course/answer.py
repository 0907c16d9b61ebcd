"""What the learner made, looked up by name and read leniently: an object, PEM, DER, a path or a bundle are all fine."""

from __future__ import annotations

import ctypes
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

from padlock import keys, reading, tls

LIMIT_SECONDS = 5.0  # for one call of the learner's own code
BUDGET_SECONDS = 30.0  # for all calls in one check; against waiting for ever, not against a busy machine


def _stub(): ...


def _stub_with_docstring():
    """What it should do."""
    ...


# A function that has nothing in it yet, as the learner found it, counts as not made.
_STUBS = {_stub.__code__.co_code, _stub_with_docstring.__code__.co_code}


def _is_stub(function: FunctionType) -> bool:
    code = function.__code__
    # The same instructions return any constant; in a stub there is none but the docstring.
    return code.co_code in _STUBS and set(map(repr, code.co_consts)) <= {repr(None), repr(function.__doc__)}


class NotThere(Exception):
    """The learner has not made this name yet (or it is still `...`)."""

    def __init__(self, name: str, none: bool = False):
        super().__init__(name)
        self.name, self.none = name, none  # none: the name is there, and stands for None


class YourCodeRaised(Exception):
    """The learner's own function raised, or took too long. `where`: its failing line as (number, text), or None.

    tried: what the check called it for; "" if it does not say.
    """

    def __init__(self, words: str, where: tuple[int, str] | None, tried: str = ""):
        super().__init__(words)
        self.words, self.where, self.tried = words, where, tried


class TimeIsUp(BaseException):
    """Thrown into the learner's function at the limit; no Exception, so that their `except Exception` lets it pass."""


class Miss(Exception):
    """A task does not hold. Raised by a task function, shown by `check` in at most six lines.

    id: of the `Explanation` that says why, its clause and what to do next.
    headline: what happened, in the present tense ("a client refuses your server for api.test").
    tried, expected, found: what the check did, what it waited for, what it got; short, plain text.
    """

    def __init__(self, id: str, headline: str, *, tried: str = "", expected: str = "", found: str = ""):
        super().__init__(headline)
        self.id, self.headline = id, headline
        self.tried, self.expected, self.found = tried, expected, found


class Answer:
    """`answer.my_key` is the raw object; the methods read it as something. All raise `NotThere` for a missing name."""

    def __init__(self, namespace: dict[str, Any]):
        self._namespace = namespace
        self._seconds_left = BUDGET_SECONDS

    def __getattr__(self, name: str) -> Any:
        if not self.has(name):
            raise NotThere(name, self.is_none(name))
        return self._namespace[name]

    def has(self, name: str) -> bool:
        value = self._namespace.get(name, ...)
        if value is ... or value is None:  # `is`: == may run a foreign object's code
            return False
        return not (isinstance(value, FunctionType) and _is_stub(value))

    def is_none(self, name: str) -> bool:
        return self._namespace.get(name, ...) is None

    def private_key(self, name: str, passphrase=None):
        return self._read(name, "a private key", lambda raw: reading.private_key(raw, passphrase))

    def public_key(self, name: str):
        return self._read(name, "a public key", reading.public_key)

    def certificate(self, name: str):
        return self._read(name, "a certificate", reading.certificate)

    def certificates(self, name: str) -> list:
        return self._read(name, "certificates", reading.certificates)

    def csr(self, name: str):
        return self._read(name, "a certificate signing request", reading.csr)

    def crl(self, name: str):
        return self._read(name, "a certificate revocation list", reading.crl)

    def identity(self, name: str) -> tuple[list, Any]:
        """(certificates, leaf first; the leaf's private key): an issued one, a pair, or one file that holds both."""

        def read(raw: Any) -> tuple[list, Any]:
            if isinstance(raw, (str, bytes, bytearray, Path)):
                raw = (reading.certificates(raw), reading.private_key(raw))
            return tls.contexts.identity_of(raw)

        return self._read(name, "a certificate chain with its private key", read)

    def data(self, name: str) -> bytes:
        """Bytes; text is taken as UTF-8, or as hex digits when it is nothing else."""
        raw = getattr(self, name)
        if isinstance(raw, (bytes, bytearray, memoryview)):
            return bytes(raw)
        if isinstance(raw, str):
            try:
                return bytes.fromhex(raw)
            except ValueError:
                return raw.encode("utf-8", "surrogatepass")
        raise self._wrong_type(name, "bytes", raw)

    def text(self, name: str) -> str:
        raw = getattr(self, name)
        if isinstance(raw, (bytes, bytearray)):
            return bytes(raw).decode("utf-8", "replace")
        if isinstance(raw, str):
            return raw
        raise self._wrong_type(name, "text", raw)

    def given(self, name: str, fits: type | Callable[[Any], Any]) -> Any:
        """What the lesson itself made before the exercise, or a `Miss` if the learner has put something else there.

        fits: the type that it has, or a function that reads it and raises whatever it likes when it can't.
        """
        raw = self._namespace.get(name, ...)
        with suppress(Exception):  # whatever lies there now is not ours
            if not isinstance(fits, type):
                return fits(raw)
            if isinstance(raw, fits):
                return raw
        there = "is no longer what this lesson made" if raw is not ... else "is not there any more"
        raise Miss(
            "given-changed",
            f"{name} {there}",
            tried=f"using {name}, which a cell of this lesson makes",
            expected=f"{name} as that cell made it",
            found="nothing" if raw is ... else f"a {type(raw).__name__}",
        )

    def call(self, name: str, *args: Any, tried: str = "") -> Any:
        """The result of the learner's function, or `YourCodeRaised`; stops waiting after LIMIT_SECONDS, or when all
        calls together took BUDGET_SECONDS. tried: in words, what it is called for."""
        function = getattr(self, name)
        if not callable(function):
            raise self._wrong_type(name, "a function", function)
        try:
            return self.within(name, function, *args)
        except YourCodeRaised as error:
            error.tried = tried
            raise

    def within(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        """As `call`, for a function of ours that runs code of the learner's object `name`."""
        outcome: dict[str, Any] = {}

        def run() -> None:
            try:
                outcome["value"] = function(*args)
            except (
                BaseException
            ) as error:  # SystemExit and friends are the learner's too; none may end the kernel
                outcome["error"] = error

        # A thread, not a signal: it works on Windows, and where the kernel runs cells off the main thread.
        thread = threading.Thread(target=run, daemon=True)
        began, limit = time.monotonic(), min(LIMIT_SECONDS, self._seconds_left)
        thread.start()
        thread.join(limit)
        self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - began))
        if thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeIsUp)
            )
            words = f"{name} did not come back within {LIMIT_SECONDS:.0f} seconds: it waits, or loops for ever"
            if limit < LIMIT_SECONDS:
                words = (
                    f"{name} is too slow: the calls of this check took {BUDGET_SECONDS:.0f} seconds together"
                )
            raise YourCodeRaised(words, None)
        if "error" in outcome:
            error = outcome["error"]
            words = "".join(traceback.format_exception_only(error)).strip()
            raise YourCodeRaised(reading.visible(words, 300), _own_line(error, function)) from error
        return outcome["value"]

    def _read(self, name: str, kind: str, read: Callable[[Any], Any]) -> Any:
        raw = getattr(self, name)
        headline, tried = f"{name} is not {kind} that can be read", f"reading {name} as {kind}"
        try:
            return read(raw)
        except reading.Unreadable as error:
            raise Miss(error.id, headline, tried=tried, found=str(error)) from error
        except keys.Mismatch as error:
            raise Miss(
                "key-mismatch", f"the halves of {name} do not fit", tried=tried, found=str(error)
            ) from error
        except ValueError as error:
            raise Miss("wrong-type", headline, tried=tried, found=str(error)) from error
        except (
            Exception
        ) as error:  # a foreign object may raise anything when it is looked at; that is not our mistake
            found = f"a {type(raw).__name__}, which raised {type(error).__name__}"
            raise Miss("wrong-type", headline, tried=tried, expected=kind, found=found) from error

    @staticmethod
    def _wrong_type(name: str, kind: str, raw: Any) -> Exception:
        return Miss(
            "wrong-type",
            f"{name} is not {kind}",
            tried=f"reading {name}",
            expected=kind,
            found=f"a {type(raw).__name__}",
        )


def _own_line(error: BaseException, function: Any) -> tuple[int, str] | None:
    own_file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == own_file]
    return (lines[-1].lineno or 0, (lines[-1].line or "").strip()) if lines else None
