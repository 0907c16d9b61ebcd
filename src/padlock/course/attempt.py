"""Trying an exercise: its tasks in order, on what the learner made."""

from __future__ import annotations

from typing import Any

from .answer import Answer, Miss, NotThere, YourCodeRaised
from .model import Exercise


class Outcome:
    """state: "not tried", "partly", "solved", "your code raised" or "the check failed"; task: the last one tried."""

    def __init__(self, state: str, task: int = 0, miss: Miss | None = None, error: Exception | None = None):
        self.state, self.task, self.miss, self.error = state, task, miss, error


def attempt(exercise: Exercise, namespace: dict[str, Any]) -> Outcome:
    """Runs the tasks in order, stops at the first that does not hold. Never raises, but lets an interrupt through."""
    answer = Answer(namespace)
    if not any(answer.has(name) for name in exercise.asks):
        none = next((name for name in exercise.asks if answer.is_none(name)), None)
        return Outcome("not tried", error=none and NotThere(none, none=True))
    for number, task in enumerate(exercise.tasks, 1):
        try:
            task(answer)
        except Miss as miss:
            return Outcome("partly", number, miss=miss)
        except (NotThere, YourCodeRaised) as error:
            return Outcome(
                "partly" if isinstance(error, NotThere) else "your code raised", number, error=error
            )
        except Exception as error:
            return Outcome("the check failed", number, error=error)
    return Outcome("solved", len(exercise.tasks))
