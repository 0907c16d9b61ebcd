"""Say what you expect, then run it. Learners who predict before a demonstration understand it better than those who
only watch (Crouch et al. 2004, American Journal of Physics 72, 835)."""

from __future__ import annotations

from markupsafe import Markup

from padlock.look import Panel, Press, Result, Shown

from .say import MARKS


class Prediction(Panel):
    """One question, one click. The answer is not known here: `saw` brings it from the run that follows."""

    stacked = True

    def __init__(self, asks: str, options: dict[str, str]):
        if len(options) < 2:
            raise ValueError("A prediction needs at least two options.")
        self.question = asks
        self.controls = tuple(Press(key, words) for key, words in options.items())
        self._options = options
        self.chosen: str | None = None
        self._seen: str | None = None
        super().__init__()

    def react(self, pressed: str | None = None) -> Result:
        if pressed and self._seen is None:
            self.chosen = pressed
            for key, option in self._options.items():
                self.label(key, f"{option}  ← you expect this" if key == pressed else option)
        if self._seen is not None:
            words = f"You ran it, and it is: “{self._options[self._seen]}”."
        elif self.chosen is None:
            words = "Choose one, then run the next cell."
        else:
            words = f"You expect: “{self._options[self.chosen]}”. Now run the next cell."
        return Result(Markup(""), "", words)

    def saw(self, key: str) -> Shown:
        """What the run showed, one of the option keys; beside what was expected."""
        if key not in self._options:
            raise ValueError(f"{key!r} is none of this prediction's options: {', '.join(self._options)}.")
        self._seen = key
        self._run()
        now = self._options[key]
        if self.chosen is None:
            mark, words = (
                "unknown",
                f"It is: “{now}”. You did not choose before the run. Choose first next time: it sticks better.",
            )
        elif self.chosen == key:
            mark, words = "good", f"As you expected: “{now}”."
        else:
            mark, words = (
                "refused",
                f"You expected: “{self._options[self.chosen]}”. It is: “{now}”. Read on.",
            )
        symbol, css = MARKS[mark]
        return Shown(
            Markup('<p class="pl-say"><b class="{}">{}</b> {}</p>').format(css, symbol, words),
            f"{symbol} {words}",
        )


def predict(asks: str, **options: str) -> Prediction:
    """Asks for a prediction; `options`: key=words. The next cell ends with `.saw(key)`, computed from its run."""
    return Prediction(asks, options)
