"""A widget of the course: a question, labelled native controls, a result, one sentence on what just happened.

The page only draws. It sends what the reader did, as a message; nothing that it sends is believed before a
control has looked at it.
"""

import inspect
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import anywidget
import traitlets

from padlock.look import tokens
from padlock.look.shown import Result
from padlock.reading import visible

LONGEST_TEXT = 200_000  # characters that a text control takes
LARGEST_FILE = 8 * 1024 * 1024  # bytes that an upload takes; Jupyter's own messages end at 10 MB


# ---- Controls: each says how it is drawn, what it accepts and what a test should try


@dataclass(frozen=True)
class Control:
    name: str
    label: str

    kind: ClassVar[str] = ""

    def first(self) -> Any:
        """The value before anybody touched it."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        """`value`, if this control can have it.

        Raises TypeError or LookupError for what the page could never have sent (there it is ignored),
        ValueError with a sentence for what a reader may have done.
        """
        raise NotImplementedError

    def samples(self) -> tuple:
        """Values worth trying in a test."""
        raise NotImplementedError

    def drawn(self) -> dict:
        """What the page needs to know."""
        return {"kind": self.kind, "name": self.name, "label": self.label}

    def in_words(self, value: Any) -> str:
        return str(value)

    def how(self) -> str:
        """What may be given to `panel.set`."""
        return ""


@dataclass(frozen=True)
class Choice(Control):
    """A list to choose from. `options`: value → the words the reader sees."""

    options: dict[str, str]
    start: str | None = None
    kind: ClassVar[str] = "choice"

    def __post_init__(self):
        if not self.options or not all(isinstance(value, str) for value in self.options):
            raise TypeError(f"{self.name}: the options are a dict of str → words, with at least one in it")
        if self.start is not None:
            self.clean(self.start)

    def first(self):
        return next(iter(self.options)) if self.start is None else self.start

    def clean(self, value):
        if not isinstance(value, str) or value not in self.options:
            raise LookupError(f"{self.name} is {self.how()}, not {value!r:.80}")
        return value

    def samples(self):
        return tuple(self.options)

    def drawn(self):
        return super().drawn() | {"options": [list(pair) for pair in self.options.items()]}

    def in_words(self, value):
        return self.options[value]

    def how(self):
        return "one of " + ", ".join(map(repr, self.options))


@dataclass(frozen=True)
class Flag(Control):
    """A box to tick."""

    start: bool = False
    kind: ClassVar[str] = "flag"

    def first(self):
        return self.start

    def clean(self, value):
        if not isinstance(value, bool):
            raise TypeError(f"{self.name} is True or False, not {value!r:.80}")
        return value

    def samples(self):
        return (True, False)

    def in_words(self, value):
        return "yes" if value else "no"

    def how(self):
        return "True or False"


@dataclass(frozen=True)
class Text(Control):
    """A line to type. `hint` is shown under it."""

    start: str = ""
    hint: str = ""
    kind: ClassVar[str] = "text"

    def first(self):
        return self.start

    def clean(self, value):
        if not isinstance(value, str):
            raise TypeError(f"{self.name} is a text, not {type(value).__name__}")
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"That is {len(value):,} characters; this field takes {LONGEST_TEXT:,}.")
        return value.encode("utf-8", "replace").decode()  # a page can send half a character

    def samples(self):
        return (self.start, "", "api.test")

    def drawn(self):
        return super().drawn() | {"hint": self.hint, "longest": LONGEST_TEXT}

    def in_words(self, value):
        first = value.strip().partition("\n")[0]
        shown = visible(first[:60])  # it goes to a terminal, too, where an ESC would be obeyed
        return (shown + "…" if len(value.strip()) > len(first[:60]) else shown) or "(empty)"

    def how(self):
        return "a text"


@dataclass(frozen=True)
class LongText(Text):
    """Many lines to type or paste: a PEM block, a configuration."""

    kind: ClassVar[str] = "long-text"


@dataclass(frozen=True)
class Span(Control):
    """A number between two others, drawn as a labelled range with its value beside it."""

    low: float
    high: float
    start: float
    step: float = 1
    kind: ClassVar[str] = "span"

    def __post_init__(self):
        self.clean(self.start)

    def first(self):
        return self.start

    def clean(self, value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise TypeError(f"{self.name} is a number, not {value!r:.80}")
        if not self.low <= value <= self.high:
            raise LookupError(f"{self.name} goes from {self.low} to {self.high}, not {value}")
        return int(value) if isinstance(self.step, int) and value == int(value) else value

    def samples(self):
        middle = self.low + (self.high - self.low) / 2 // self.step * self.step
        return tuple(dict.fromkeys((self.low, middle, self.high, self.start)))

    def drawn(self):
        return super().drawn() | {"low": self.low, "high": self.high, "step": self.step}

    def how(self):
        return f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Press(Control):
    """A button. It has no value; `react` gets its name as `pressed`."""

    primary: bool = False
    kind: ClassVar[str] = "press"

    def samples(self):
        return ()

    def drawn(self):
        return super().drawn() | {"primary": self.primary}


@dataclass(frozen=True)
class Upload(Control):
    """A file of the reader, as bytes. `accept` as in HTML, for instance ".pem,.crt"."""

    accept: str = ""
    kind: ClassVar[str] = "upload"

    def first(self):
        return b""

    def clean(self, value):
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(f"{self.name} is bytes, not {type(value).__name__}")
        if memoryview(value).nbytes > LARGEST_FILE:
            raise ValueError("That file is larger than 8 MB; give a smaller one.")
        return bytes(value)

    def samples(self):
        return (b"", b"hello")

    def drawn(self):
        return super().drawn() | {"accept": self.accept, "largest": LARGEST_FILE}

    def in_words(self, value):
        return f"{len(value):,} bytes" if value else "(no file)"

    def how(self):
        return "bytes"


# ---- The panel


def _for_the_page(values: dict, widget: object) -> dict:
    """A file stays here: the page had it first, and 8 MB there and back help nobody."""
    return {name: len(value) if isinstance(value, bytes) else value for name, value in values.items()}


@dataclass
class _State:
    """What the panel keeps to itself."""

    controls: dict[str, Control]
    hidden: set[str] = field(default_factory=set)
    busy: bool = False


class Panel(anywidget.AnyWidget):
    """Subclass it: a `question`, `controls`, and `react`.

    `set` and `press` do what the page does, so a panel can be driven, and tested, without one.
    """

    question: ClassVar[str] = ""
    controls: ClassVar[tuple[Control, ...]] = ()
    beside: ClassVar[bool] = False  # controls left of the result, where there is room, not above it
    stacked: ClassVar[bool] = False  # controls one below the other, for options that are sentences

    _esm = tokens.STATIC / "panel.js"
    _css = tokens.css() + (tokens.STATIC / "panel.css").read_text("utf-8")

    values = traitlets.Dict().tag(sync=True, to_json=_for_the_page, from_json=lambda _, panel: panel.values)
    result = traitlets.Unicode().tag(sync=True)  # HTML; ours, everything foreign in it escaped
    sentence = traitlets.Unicode().tag(sync=True)
    refused = traitlets.Bool(False).tag(sync=True)  # the sentence says why there is no result
    progress = traitlets.Tuple(allow_none=True, default_value=None).tag(sync=True)  # (fraction, words)
    text = ""  # the result in plain words

    _question = traitlets.Unicode().tag(sync=True)
    _beside = traitlets.Bool().tag(sync=True)
    _stacked = traitlets.Bool().tag(sync=True)
    _drawn = traitlets.List().tag(sync=True)
    _answered = traitlets.Int(0).tag(sync=True)  # the number of the page's message that was answered last

    def __init__(self, **kwargs):
        controls = {control.name: control for control in self.controls}
        if len(controls) != len(self.controls):
            raise TypeError("two controls have the same name")
        self._state = _State(controls)
        super().__init__(**kwargs)
        self._question, self._beside, self._stacked = self.question, self.beside, self.stacked
        self.values = {control.name: control.first() for control in self._fields()}
        self._draw()
        self.on_msg(self._heard)
        self._run()

    # -- what a subclass writes

    def react(self, pressed: str | None = None) -> Result | Iterator:
        """The result for `self.values`. Called at the start, after every change, after a press with its name.

        May be a generator: it yields `(fraction or None, words)` as it goes and returns the `Result`.
        A ValueError is a sentence for the reader; any other exception is a mistake of ours, not caught.
        """
        raise NotImplementedError

    def options(self, name: str, options: dict[str, str]) -> None:
        """Give a `Choice` other options; its value stays if it is still among them."""
        self._replace(name, options=options, start=None)

    def bounds(self, name: str, low: float, high: float) -> None:
        """Give a `Span` other ends; its value moves inside them."""
        value = min(max(self.values[name], low), high)
        self._replace(name, low=low, high=high, start=value)

    def label(self, name: str, words: str) -> None:
        """Give a control another label."""
        self._state.controls[name] = replace(self._control(name), label=words)
        self._draw()

    def show(self, name: str, visible: bool = True) -> None:
        """Show or hide a control. A hidden one keeps its value."""
        self._state.hidden.discard(name) if visible else self._state.hidden.add(name)
        self._draw()

    # -- what the reader does

    def set(self, **values: Any) -> None:
        """Set controls, as the page does. LookupError or TypeError names what a control can't have."""
        for name in values:
            if isinstance(self._control(name), Press):
                raise LookupError(f"{name!r} is a button; use press({name!r})")
        self._set({name: self._control(name).clean(value) for name, value in values.items()})

    def press(self, name: str) -> None:
        """Press a button, as the page does."""
        if not isinstance(self._control(name), Press):
            raise LookupError(f"{name!r} is not a button; use set({name}=…)")
        self._run(name)

    def _heard(self, widget: object, message: Any, buffers: list) -> None:
        """What the page says: `{"set": {…}, "press": name, "upload": name, "number": n}`, or parts of it."""
        if not isinstance(message, dict):
            return
        try:
            told, said = message.get("set"), {}
            pairs = list(told.items()) if isinstance(told, dict) else []
            if isinstance(message.get("upload"), str) and buffers:
                pairs.append((message["upload"], buffers[0]))
            for name, value in pairs:
                control = self._state.controls.get(name) if isinstance(name, str) else None
                if control is None or isinstance(control, Press) or name in self._state.hidden:
                    continue
                if isinstance(value, memoryview | bytes | bytearray) != isinstance(control, Upload):
                    continue
                with suppress(TypeError, LookupError):
                    said[name] = control.clean(value)
            pressed = message.get("press")
            button = isinstance(pressed, str) and isinstance(self._state.controls.get(pressed), Press)
            if button and pressed not in self._state.hidden:
                with self._quietly():
                    self._set(said)
                self._run(pressed)
            elif said:
                self._set(said)
        except ValueError as refusal:
            self._refuse(refusal)
        finally:
            number = message.get("number")
            if isinstance(number, int) and 0 <= number < 2**53:
                self._answered = number

    # -- how it works

    def _fields(self) -> list[Control]:
        return [control for control in self._state.controls.values() if not isinstance(control, Press)]

    def _control(self, name: str) -> Control:
        try:
            return self._state.controls[name]
        except KeyError:
            known = ", ".join(self._state.controls) or "none"
            raise LookupError(f"no control is called {name!r}; there are: {known}") from None

    def _draw(self) -> None:
        hidden = self._state.hidden
        self._drawn = [
            control.drawn() | {"hidden": control.name in hidden} for control in self._state.controls.values()
        ]

    def _replace(self, name: str, **changes: Any) -> None:
        control = self._state.controls[name] = replace(self._control(name), **changes)
        self._draw()
        try:
            control.clean(self.values[name])
        except LookupError:
            with self._quietly():
                self._set({name: control.first()})

    @contextmanager
    def _quietly(self):
        was, self._state.busy = self._state.busy, True
        try:
            yield
        finally:
            self._state.busy = was

    def _set(self, values: dict) -> None:
        if values and any(self.values.get(name) != value for name, value in values.items()):
            self.values = self.values | values
            if not self._state.busy:
                self._run()

    def _run(self, pressed: str | None = None) -> None:
        try:
            with self._quietly():
                answer = self.react(pressed)
                if inspect.isgenerator(answer):
                    answer = self._follow(answer)
            if not isinstance(answer, Result):
                raise TypeError(f"{type(self).__name__}.react gave {type(answer).__name__}, not a Result")
        except ValueError as refusal:
            self._refuse(refusal)
        except BaseException:
            self._refuse("This panel failed; that is a mistake in the course, not yours.")
            raise
        else:
            self.refused, self.text = False, answer.text
            self.result, self.sentence = str(answer.html), answer.sentence
        finally:
            self.progress = None

    def _follow(self, steps: Iterator) -> Any:
        while True:
            try:
                fraction, words = next(steps)
            except StopIteration as end:
                return end.value
            if fraction is not None:
                fraction = min(max(float(fraction), 0.0), 1.0)
            self.progress = (fraction, str(words))

    def _refuse(self, why: object) -> None:
        sentence = "".join(c if c.isprintable() else " " for c in str(why))[:600].strip()
        sentence = sentence or "That can't be used here."
        self.refused, self.sentence, self.result, self.text = True, f"✗ {sentence}", "", ""

    # -- as words

    def words(self) -> str:
        """The panel as it stands, for a page that can't show it: question, controls, result, sentence."""
        lines = [self.question]
        for control in self._state.controls.values():
            if control.name in self._state.hidden:
                continue
            if isinstance(control, Press):
                lines.append(f"  {control.label}:  panel.press({control.name!r})")
            else:
                value = control.in_words(self.values[control.name])
                lines.append(f"  {control.label}: {value}  panel.set({control.name}=…)  # {control.how()}")
        lines += [part for part in ("", self.text, self.sentence) if part or lines[-1]]
        return "\n".join(lines).rstrip()

    def __repr__(self):
        return f"<{type(self).__name__}: {self.question}>"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return {"text/plain": self.words()}
        data, metadata = bundle
        return data | {"text/plain": self.words()}, metadata
