"""How things look: cards, pictures and panels. A view takes a model object and owns no logic."""

from padlock.look.panel import Choice, Flag, LongText, Panel, Press, Span, Text, Upload
from padlock.look.shown import Result, Shown

__all__ = ["Choice", "Flag", "LongText", "Panel", "Press", "Result", "Shown", "Span", "Text", "Upload"]
