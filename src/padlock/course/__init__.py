"""The learner's side of the course: predict, check, hint, explain, solution, quiz, progress."""

from .facts import facts
from .predict import predict
from .session import check, explain, export, hint, lesson, progress, quiz, reset, restore, solution

__all__ = [
    "check",
    "explain",
    "export",
    "facts",
    "hint",
    "lesson",
    "predict",
    "progress",
    "quiz",
    "reset",
    "restore",
    "solution",
]
