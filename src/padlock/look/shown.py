"""What a view hands to Jupyter: the same facts once as HTML and once in plain words."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from padlock.look import tokens


@dataclass(frozen=True, repr=False)
class Shown:
    """Something to look at. `html` that is not `Markup` is escaped: foreign text can't become a tag."""

    html: Markup
    text: str

    def __post_init__(self):
        object.__setattr__(self, "html", escape(self.html))

    def _repr_mimebundle_(self, include=None, exclude=None):
        page = f'<style>{tokens.css()}</style><div class="padlock">{self.html}</div>'
        return {"text/html": page, "text/plain": self.text}

    def __repr__(self):
        return self.text

    def __str__(self):
        return self.text


@dataclass(frozen=True, repr=False)
class Result(Shown):
    """What a panel answers: a thing to look at and one sentence that says what just happened."""

    sentence: str = ""


def breakable(words: str) -> Markup:
    """Names such as certificate_required are long: in a narrow column they may break after an underscore only."""
    return Markup("_<wbr>").join(words.split("_"))
