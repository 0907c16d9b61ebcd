"""Every panel of the course, found by itself: every control × every value, every button, whatever a stranger sends."""

import html.parser
import importlib
import inspect
import pkgutil
import re
import types

import pytest
from markupsafe import Markup

import padlock.course
import padlock.look
from padlock.look.panel import LONGEST_TEXT, Choice, Flag, LongText, Panel, Press, Span, Text, Upload
from padlock.look.shown import Result

TEXTS = {
    "script": "<script>alert('padlock-was-here')</script>",
    "attribute": '"><img src=x onerror="alert(\'padlock-was-here\')">',
    "right to left": "api\u202etset.\u2066x",
    "nul": "api\0.test",
    "10 kB": "padlock<b> " * 900,
    "empty": "",
    "blank": " \r\n\t ",
    "emoji": "🔒👩‍💻.test",
    "half a letter": "\ud83d",
    "braces": "{0} {x!r} %s $x^2$",
    "pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "too long": "x" * (LONGEST_TEXT + 1),
}
FILES = {
    "empty": b"",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <script>",
    "zeros": bytes(1024 * 1024),
    "random": bytes((at * 197 + at // 7 * 31) % 256 for at in range(4096)),
    "der": b"\x30\x84\xff\xff\xff\xff",
}

TAGS = set(
    """
    a abbr article aside b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption
    figure footer h3 h4 h5 h6 header hr i ins kbd li mark ol p pre q s samp section small span strong sub summary sup
    table tbody td tfoot th thead time tr u ul var wbr
    svg g path circle ellipse rect line polyline polygon text tspan defs clippath use title desc marker symbol
    """.split()  # noqa: SIM905
)


class Reader(html.parser.HTMLParser):
    """Refuses whatever could act: a tag off the list, a handler, an address that is not a place in this page."""

    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, f"<{tag}> in a result"
        for name, value in attributes:
            assert not name.startswith("on"), f"{name} on <{tag}>"
            assert name not in {"srcdoc", "formaction", "action", "src"}, f"{name} on <{tag}>"
            if name in {"href", "xlink:href"}:
                assert re.match(r"#|https://", value or "#"), f"{name}={value!r}"
            if name == "style":
                assert not re.search(r"url\((?!#)|expression|@import|position: *fixed", value or ""), value


def read(panel, sent=""):
    Reader(convert_charrefs=True).feed(panel.result)
    for risky in ("<script", "<img", "<b> padlock<b>"):
        assert risky not in panel.result.lower()
    assert isinstance(panel.text, str)
    assert "\0" not in panel.result
    assert panel.sentence or panel.result, "neither a result nor a sentence"
    assert "mistake in the course" not in panel.sentence
    assert panel.progress is None
    assert panel.words()
    bundle = panel._repr_mimebundle_()
    assert (
        "panel." in (bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] or not panel.controls
    )


class Example(Panel):
    """All that a panel can have, so the sweep is tested too."""

    question = "What does the sweep try?"
    controls = (
        Choice("which", "Which?", {"one": "the first", "two": "the second"}),
        Flag("more", "More"),
        Text("name", "Name", "api.test"),
        LongText("pem", "PEM"),
        Span("days", "Days", 1, 90, 30),
        Upload("file", "File"),
        Press("go", "Go", primary=True),
    )

    def react(self, pressed=None):
        if pressed:
            yield 0.5, "half way"
        if self.values["pem"].startswith("-----"):
            raise ValueError(f"No certificate in {self.values['pem']!r}.")
        from padlock.reading import visible

        words = [visible(value) for value in self.values.values()]
        return Result(Markup("<p>{}</p>").format(" ".join(words)), " ".join(words), f"You pressed {pressed}.")


def every_class(base=Panel):
    for child in base.__subclasses__():
        yield child
        yield from every_class(child)


def found():
    """Every concrete panel of ours that is built without arguments."""
    for package in (padlock.look, padlock.course):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    panels = {}
    for kind in every_class():
        ours = kind.__module__.startswith("padlock.")  # traitlets makes a class of its own for each instance
        needs = [
            name
            for name, parameter in list(inspect.signature(kind.__init__).parameters.items())[1:]
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        if ours and kind.react is not Panel.react and not inspect.isabstract(kind) and not needs:
            panels[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return panels


PANELS = found() | {"Example": Example}


def test_the_sweep_found_panels():
    assert len(PANELS) > 1
    for name in PANELS:
        assert name == "Example" or name.startswith("padlock.")


def accessible(panel):
    """Each control has words, and a name that one can type."""
    assert panel.question.strip()
    for control in panel._state.controls.values():
        assert control.label.strip(), control
        assert control.name.isidentifier() or isinstance(control, Press), control


@pytest.mark.parametrize("name", PANELS)
def test_every_control_and_value(name):
    panel = PANELS[name]()
    accessible(panel)
    read(panel)
    first = dict(panel.values)
    for control in list(panel._state.controls.values()):
        if isinstance(control, Press):
            continue
        for value in panel._state.controls[control.name].samples():
            panel.set(**{control.name: value})
            read(panel)
            assert panel.values[control.name] == value
            if isinstance(control, Choice):  # a ValueError of our own making would look like a polite refusal
                assert not panel.refused or "at once" in panel.sentence, panel.sentence
        with pytest.raises((LookupError, TypeError)):
            panel.set(**{control.name: object()})
        back = panel._state.controls[control.name]
        if not isinstance(back, Choice) or first[control.name] in back.options:
            panel.set(**{control.name: first[control.name]})
        read(panel)
    assert repr(panel) == repr(panel)


@pytest.mark.parametrize("name", PANELS)
def test_every_button(name):
    panel = PANELS[name]()
    buttons = [control.name for control in panel._state.controls.values() if isinstance(control, Press)]
    for button in buttons * 2:
        panel.press(button)
        read(panel)
    for control in panel._state.controls.values():
        if isinstance(control, Choice) and len(buttons) < 5:
            for value in control.samples()[:6]:
                panel.set(**{control.name: value})
                for button in buttons:
                    panel.press(button)
                    read(panel)


@pytest.mark.parametrize("name", PANELS)
def test_hostile_texts_and_files(name):
    panel = PANELS[name]()
    buttons = [control.name for control in panel._state.controls.values() if isinstance(control, Press)][:3]
    for control in list(panel._state.controls.values()):
        tries = []
        if isinstance(control, Text):
            tries = [({"set": {control.name: text}}, []) for text in TEXTS.values()]
        if isinstance(control, Upload):
            tries = [({"upload": control.name}, [memoryview(data)]) for data in FILES.values()]
        for message, buffers in tries:
            panel._heard(panel, message, buffers)
            read(panel)
            for button in buttons:
                panel.press(button)
                read(panel)


NONSENSE = (
    None, [], "x", 7, {}, {"set": None}, {"set": []}, {"set": {"": 1}}, {"set": {"nobody": 1}}, {"press": None},
    {"press": "nobody"}, {"press": []}, {"upload": "nobody"}, {"upload": {}}, {"number": "x"}, {"number": -1},
    {"number": 1e300}, {"set": {"__class__": 1}}, {"press": "__init__"},
)  # fmt: skip
VALUES = (
    None,
    True,
    -1,
    10**30,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "nonsense",
    [],
    {},
    [[[]]],
    {"a": {}},
    b"x",
)


@pytest.mark.parametrize("name", PANELS)
def test_nonsense_from_the_page(name):
    panel = PANELS[name]()
    first = dict(panel.values)
    for message in NONSENSE:
        panel._heard(panel, message, [])
        panel._heard(panel, message, [memoryview(b"x")])
    assert dict(panel.values) == first
    for control in list(panel._state.controls.values()):
        for value in VALUES:
            panel._heard(panel, {"set": {control.name: value}}, [])
            read(panel)
            for current in panel._state.controls.values():
                if not isinstance(current, Press):
                    assert current.clean(panel.values[current.name]) == panel.values[current.name]
    panel.set_state({"values": {"nobody": 1}})  # past the messages, straight into the model
    assert "nobody" not in panel.values


def test_the_sweep_can_fail():
    for bad in ("<script>x</script>", "<p onclick=x>", "<a href='javascript:x'>", "<img src=x>", "<iframe>"):
        with pytest.raises(AssertionError):
            Reader().feed(bad)
    assert isinstance(padlock.look, types.ModuleType)
