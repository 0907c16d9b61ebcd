"""The quiz at the end of a lesson: each option, right or wrong, answers with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import ipywidgets
from markupsafe import Markup

from padlock.look import Panel, Press, Result

from .model import Question


class QuestionPanel(Panel):
    """One question; its options are buttons. `answered` is called when the right one is pressed."""

    stacked = True

    def __init__(self, number: int, question: Question, answered: Callable[[], None]):
        self.question = f"{number}. {question.asks}"
        self._of = question
        self._answered_right = answered
        options = sorted([question.right, *question.wrong], key=_shuffled)
        self._options = {f"option{i}": words for i, words in enumerate(options, 1)}
        self.controls = tuple(Press(key, words) for key, words in self._options.items())
        super().__init__()

    def react(self, pressed: str | None = None) -> Result:
        if pressed is None:
            return Result(Markup(""), "", "Choose one.")
        chosen = self._options[pressed]
        self.label(pressed, f"{'✓' if chosen == self._of.right else '✗'} {chosen}")
        if chosen == self._of.right:
            self._answered_right()
            return Result(Markup(""), "", f"✓ Right: “{chosen}”. {self._of.because}")
        id, feedback = self._of.wrong[chosen]
        return Result(Markup(""), "", f'✗ Not “{chosen}”. {feedback} explain("{id}") says more; try another.')


class Quiz(ipywidgets.VBox):
    """All questions of a lesson, one below the other."""

    def __init__(self, questions: tuple[Question, ...], answered: Callable[[int], None]):
        self.panels = [QuestionPanel(n, q, lambda n=n: answered(n)) for n, q in enumerate(questions, 1)]
        super().__init__(self.panels)

    def __repr__(self) -> str:
        return f"<Quiz: {len(self.panels)} questions>"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**(data or {}), "text/plain": "\n\n".join(panel.words() for panel in self.panels)}, metadata


def _shuffled(words: str) -> str:
    # The same order on every machine, but not the order in which the author thought of them.
    return hashlib.sha256(words.encode()).hexdigest()
