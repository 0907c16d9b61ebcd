"""The panel: its model without a browser, then its page in a real one, by mouse and by keyboard."""

import json
import os
import sys
from pathlib import Path

import pytest
from markupsafe import Markup

from browser import lab
from padlock.look import tokens
from padlock.look.panel import (
    LARGEST_FILE,
    LONGEST_TEXT,
    Choice,
    Flag,
    LongText,
    Panel,
    Press,
    Span,
    Text,
    Upload,
)  # fmt: skip
from padlock.look.shown import Result
from padlock.reading import Unreadable, certificate


class Desk(Panel):
    """One of each control. Counts how often it was asked."""

    question = "Who can read <this>?"
    controls = (
        Choice("who", "Who looks?", {"client": "the client", "server": "the server"}, start="server"),
        Flag("shut", "Shut the padlock"),
        Text("name", "Name", "api.test", hint="as typed"),
        LongText("pem", "Paste PEM"),
        Span("days", "Days", 1, 90, 30),
        Upload("file", "A file", accept=".pem"),
        Press("connect", "Connect", primary=True),
        Press("reset", "Start again"),
    )

    def __init__(self):
        self.asked = []
        super().__init__()

    def react(self, pressed=None):
        self.asked.append(pressed)
        if self.values["pem"]:
            certificate(self.values["pem"])
        if self.values["name"] == "broken":
            raise KeyError("our own mistake")
        words = f"{pressed}: {self.values['who']} {self.values['name']} {self.values['days']}"
        rows = Markup("<p>{}</p>").format(words) * (1 if self.values["shut"] else 8)
        return Result(
            rows + Markup("<details><summary>more</summary><p>x</p></details>"), words, f"It is {words}."
        )


class Slow(Panel):
    question = "How long does it take?"
    controls = (Press("go", "Go"), Span("days", "Days", 1, 9, 3))

    def react(self, pressed=None):
        if pressed:
            for at in (-1, None, 0.5, 7):
                yield at, f"step {at}"
        return Result(Markup("done"), "done", f"{pressed}")


# ---- The model


def test_start():
    panel = Desk()
    assert panel.values == {
        "who": "server",
        "shut": False,
        "name": "api.test",
        "pem": "",
        "days": 30,
        "file": b"",
    }
    assert panel.asked == [None]
    assert panel.result.startswith("<p>None: server api.test 30</p>")
    assert panel.text == "None: server api.test 30"
    assert panel.sentence == "It is None: server api.test 30."
    assert repr(panel) == "<Desk: Who can read <this>?>"


def test_set_and_press():
    panel = Desk()
    panel.set(who="client", days=7)
    panel.set(who="client")  # nothing new: not asked again
    assert panel.asked == [None, None]
    panel.press("connect")
    assert panel.sentence == "It is connect: client api.test 7."
    for values, error in (
        ({"who": "nobody"}, LookupError), ({"days": 91}, LookupError), ({"days": True}, TypeError),
        ({"shut": 1}, TypeError), ({"name": b"x"}, TypeError), ({"nothing": 1}, LookupError),
        ({"connect": 1}, LookupError), ({"file": "x"}, TypeError), ({"name": "x" * (LONGEST_TEXT + 1)}, ValueError),
        ({"file": bytes(LARGEST_FILE + 1)}, ValueError),
    ):  # fmt: skip
        with pytest.raises(error):
            panel.set(days=1, **values) if "days" not in values else panel.set(**values)
    assert panel.values["days"] == 7
    with pytest.raises(LookupError, match="not a button"):
        panel.press("who")


def test_a_refusal_is_a_sentence_and_keeps_the_values():
    panel = Desk()
    panel.set(pem="\0 nothing <b>here</b>", days=4)
    assert panel.refused
    assert panel.sentence.startswith("✗ ")
    assert "\0" not in panel.sentence
    assert (panel.result, panel.values["days"]) == ("", 4)
    panel.set(pem="")
    assert not panel.refused
    with pytest.raises(Unreadable):
        certificate("nothing")


def test_our_own_mistake_is_not_hidden():
    panel = Desk()
    with pytest.raises(KeyError):
        panel.set(name="broken")
    assert "a mistake in the course" in panel.sentence
    with pytest.raises(KeyError):
        panel._heard(panel, {"set": {"shut": True}, "number": 5}, [])
    assert panel._answered == 5
    assert panel.progress is None

    class Empty(Panel):
        def react(self, pressed=None):
            return "words"

    with pytest.raises(TypeError, match="not a Result"):
        Empty()


def test_progress():
    panel, seen = Slow(), []
    panel.observe(lambda change: seen.append(change["new"]), "progress")
    panel.press("go")
    assert seen == [(0.0, "step -1"), (None, "step None"), (0.5, "step 0.5"), (1.0, "step 7"), None]
    assert panel.sentence == "go"


def test_what_the_page_says():
    panel = Desk()
    panel._heard(panel, {"set": {"days": 5, "who": "evil", "name": "a\ud83d"}, "number": 1}, [])
    assert (panel.values["days"], panel.values["who"], panel.values["name"]) == (5, "server", "a?")
    panel._heard(panel, {"set": {"name": "typed"}, "press": "connect", "number": 2}, [])
    assert panel.asked[-1] == "connect"
    assert len(panel.asked) == 3  # once for the whole message
    assert "typed" in panel.sentence
    panel._heard(panel, {"upload": "file", "number": 3}, [memoryview(b"abc")])
    assert panel.values["file"] == b"abc"
    assert panel.get_state("values")["values"]["file"] == 3  # its size; the bytes stay here
    panel._heard(panel, {"set": {"name": "x" * (LONGEST_TEXT + 1)}, "number": 4}, [])
    assert panel.sentence == "✗ That is 200,001 characters; this field takes 200,000."
    panel._heard(panel, {"upload": "file", "number": 5}, [memoryview(bytes(LARGEST_FILE + 1))])
    assert "larger than 8 MB" in panel.sentence
    assert panel.values["file"] == b"abc"
    assert panel._answered == 5


def test_controls_that_change():
    class Picky(Panel):
        question = "Which of them?"
        controls = (
            Choice("kind", "Kind", {"a": "A", "b": "B"}),
            Choice("size", "Size", {"1": "one"}),
            Span("n", "N", 0, 9, 9),
        )

        def react(self, pressed=None):
            big = self.values["kind"] == "b"
            self.options("size", {"2": "two"} if big else {"1": "one"})
            self.bounds("n", 0, 3 if big else 9)
            self.show("n", not big)
            return Result(Markup(""), "", f"{self.values['size']} {self.values['n']}")

    panel = Picky()
    panel.set(kind="b")
    assert panel.sentence == "2 3"
    assert [control["hidden"] for control in panel._drawn] == [False, False, True]
    assert "N" not in panel.words()
    panel._heard(panel, {"set": {"n": 1}}, [])  # hidden: the page can't
    assert panel.values["n"] == 3
    panel.set(kind="a")
    assert panel.sentence == "1 3"


def test_controls_are_checked_when_written():
    for wrong in (
        lambda: Choice("a", "A", {}),
        lambda: Choice("a", "A", {1: "x"}),
        lambda: Choice("a", "A", {"x": "x"}, "y"),
    ):
        with pytest.raises((TypeError, LookupError)):
            wrong()
    with pytest.raises(LookupError):
        Span("a", "A", 0, 1, 2)

    class Twice(Panel):
        controls = (Flag("a", "A"), Flag("a", "B"))

    with pytest.raises(TypeError, match="same name"):
        Twice()


def test_hostile_text_is_shown_in_words_too():
    words = Text("name", "Name").in_words("a\x1b[2Jb\0\u202ec")
    assert words == "a‹U+001B›[2Jb‹U+0000›‹U+202E›c"


def test_in_plain_words():
    panel = Desk()
    data, _ = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].splitlines() == [
        "Who can read <this>?",
        "  Who looks?: the server  panel.set(who=…)  # one of 'client', 'server'",
        "  Shut the padlock: no  panel.set(shut=…)  # True or False",
        "  Name: api.test  panel.set(name=…)  # a text",
        "  Paste PEM: (empty)  panel.set(pem=…)  # a text",
        "  Days: 30  panel.set(days=…)  # 1 to 90",
        "  A file: (no file)  panel.set(file=…)  # bytes",
        "  Connect:  panel.press('connect')",
        "  Start again:  panel.press('reset')",
        "",
        "None: server api.test 30",
        "It is None: server api.test 30.",
    ]


def test_nothing_comes_from_elsewhere():
    code = (tokens.STATIC / "panel.js").read_text("utf-8")
    assert "http" not in code
    assert code.count("innerHTML") == 1
    for name in ("eval(", "document.write", "import(", "fetch("):
        assert name not in code


# ---- The page

NAMES = ("_question", "_beside", "_drawn", "_answered", "values", "result", "sentence", "refused", "progress")
STAGE = """async ({ code, css, states, theme }) => {
  document.documentElement.lang = "en"; document.title = "panels"
  document.body.dataset.jpThemeLight = String(theme === "light")
  document.body.style.background = theme === "light" ? "#fff" : "#111"
  const style = document.createElement("style"); style.textContent = css
  const main = document.createElement("main"); main.style.maxWidth = "980px"
  document.head.replaceChildren(style); document.body.replaceChildren(main)
  const { default: view } = await import("data:text/javascript;base64," + code)
  window.models = states.map((state, at) => {
    const hear = {}, el = document.createElement("div")
    main.append(el)
    const model = {
      sent: [], get: name => state[name],
      on: (name, listener) => (hear[name] ??= []).push(listener),
      off: (name, listener) => { hear[name] = (hear[name] ?? []).filter(other => other !== listener) },
      set: (name, value) => { state[name] = value }, save_changes: () => {},
      send: (message, _, buffers = []) => {
        model.sent.push(message)
        window.said(at, message, buffers.map(buffer => buffer.byteLength))
      },
      tell: changes => {
        Object.assign(state, changes)
        for (const name of Object.keys(changes)) for (const listener of hear["change:" + name] ?? []) listener()
      },
      listeners: () => Object.values(hear).flat().length,
    }
    model.leave = view.render({ model, el })
    return model
  })
}"""


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = lab.chromium()
    if not chromium:
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail("no Chromium on this machine, and CI must not go without")
        pytest.skip("no Chromium or Chrome on this machine")
    flags = (
        "--no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update"
    )
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, args=[*flags.split(), "--disable-sync"]
        )
        yield running
        running.close()


def state(panel):
    return json.loads(json.dumps(panel.get_state(NAMES)))


@pytest.fixture
def show(browser):
    """`show(panel, …)`: a page with these panels, each answered by its real model."""
    import base64

    opened = []

    def stage(*panels, theme="light", width=1024, answer=True):
        page = browser.new_page(viewport={"width": width, "height": 800})
        opened.append(page)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda line: page.troubles.append(line.text) if line.type == "error" else None)
        page.on("dialog", lambda dialog: (page.troubles.append("a dialog"), dialog.dismiss()))
        page.held = []

        def said(at, message, sizes):
            panel, buffers = panels[at], [memoryview(bytes(size)) for size in sizes]
            before = state(panel)
            panel._heard(panel, message, buffers)
            after = state(panel)
            changes = {name: after[name] for name in NAMES if after[name] != before[name]}
            page.held.append((at, changes))

        page.expose_function("said", said if answer else lambda *_: None)
        page.evaluate(STAGE, {
            "code": base64.b64encode((tokens.STATIC / "panel.js").read_bytes()).decode(),
            "css": Panel._css.default_value if hasattr(Panel._css, "default_value") else str(Panel._css),
            "states": [state(panel) for panel in panels],
            "theme": theme,
        })  # fmt: skip
        return page

    yield stage
    for page in opened:
        troubles = page.troubles
        page.close()
        assert troubles == []


def settle(page, milliseconds=450):
    """Let the page speak and hand it the kernel's answers, as often as it takes."""
    page.wait_for_timeout(milliseconds)
    while page.held:
        at, changes = page.held.pop(0)
        page.evaluate("([at, changes]) => models[at].tell(changes)", [at, changes])
        page.wait_for_timeout(120)


def test_every_control_reaches_the_kernel(show):
    panel = Desk()
    page = show(panel)
    page.get_by_label("Who looks?").select_option("client")
    settle(page)
    page.get_by_label("Shut the padlock").check()
    settle(page)
    page.get_by_label("Name").fill("other.test")
    settle(page)
    page.get_by_label("Days").fill("7")
    settle(page)
    page.get_by_label("A file").set_input_files({"name": "x.pem", "mimeType": "text/plain", "buffer": b"abc"})
    settle(page)
    assert panel.values | {"pem": ""} == {
        "who": "client", "shut": True, "name": "other.test", "pem": "", "days": 7, "file": b"\0\0\0",
    }  # fmt: skip
    page.get_by_role("button", name="Connect").click()
    settle(page)
    assert page.get_by_role("status").inner_text() == "It is connect: client other.test 7."
    assert page.get_by_role("group", name="Who can read <this>?").count() == 1
    assert "connect: client other.test 7" in page.get_by_role("group", name="Result").inner_text()


def test_typing_is_sent_when_it_rests_or_with_enter(show):
    panel = Desk()
    page = show(panel)
    field = page.get_by_label("Name")
    field.fill("")
    field.press_sequentially("abc", delay=20)
    settle(page)
    texts = page.evaluate("models[0].sent.map(message => message.set.name)")
    assert texts[-1] == "abc"
    assert len(texts) <= 2
    field.press_sequentially("d")
    field.press("Enter")
    page.wait_for_timeout(30)
    assert page.evaluate("models[0].sent.at(-1).set.name") == "abcd"
    settle(page)
    field.press_sequentially("e")
    page.get_by_role("button", name="Connect").click()  # acts on what was typed
    settle(page)
    assert panel.sentence == "It is connect: server abcde 30."
    assert field.input_value() == "abcde"


def test_what_is_typed_is_not_overwritten(show):
    page = show(Desk())
    field = page.get_by_label("Name")
    field.press_sequentially("xyz")
    page.evaluate("models[0].tell({ values: { ...models[0].get('values'), name: 'late answer' } })")
    assert field.input_value() == "xyzapi.test"


def test_one_message_at_a_time(show):
    """While the kernel is busy only the newest value waits."""
    page = show(Desk(), answer=False)
    for days in range(10, 60, 5):
        page.get_by_label("Days").fill(str(days))
    assert page.evaluate("models[0].sent.map(message => message.set.days)") == [10]
    assert page.locator("output").inner_text() == "55"  # the page itself never waits
    page.evaluate("models[0].tell({ _answered: 1 })")
    page.wait_for_timeout(200)
    assert page.evaluate("models[0].sent.map(message => message.set.days)") == [10, 55]
    assert page.get_by_label("Days").input_value() == "55"


def test_too_large_a_file_never_leaves_the_page(show, tmp_path):
    page = show(Desk())
    big = Path(tmp_path / "big.pem")
    big.write_bytes(bytes(LARGEST_FILE + 1))
    page.get_by_label("A file").set_input_files(big)
    page.wait_for_timeout(200)
    assert "larger than 8 MB" in page.get_by_role("status").inner_text()
    assert page.evaluate("models[0].sent.length") == 0


def test_by_keyboard_alone(show):
    panel = Desk()
    page = show(panel)
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"
            )
        )
    assert reached[:6] == ["Who looks?", "Shut the padlock", "Name", "Paste PEM", "Days", "A file"]
    assert reached[6:9] == ["Connect", "Start again", "more"]
    page.keyboard.press("Enter")  # opens the details inside the result
    page.get_by_label("Shut the padlock").focus()
    page.keyboard.press("Space")
    settle(page)
    assert panel.values["shut"] is True
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Shut the padlock"
    assert page.locator("details").get_attribute("open") is not None  # stays open over a new result


def test_the_focus_comes_back_to_the_result(show):
    panel = Desk()
    page = show(panel)
    page.locator("summary").focus()
    panel.set(who="client")
    page.evaluate("changes => models[0].tell(changes)", {"result": panel.result})
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.evaluate("models[0].tell({ result: '<p>other</p>' })")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Result"


def test_nothing_jumps(show):
    page = show(Desk())
    before = page.locator(".pl-said").bounding_box()
    page.get_by_label("Shut the padlock").check()  # a shorter result
    settle(page)
    assert page.locator(".pl-result p").count() == 2
    assert page.locator(".pl-said").bounding_box() == before
    page.evaluate("models[0].tell({ progress: [0.5, 'half way'] })")
    assert page.get_by_role("progressbar").get_attribute("aria-label") == "half way"
    assert page.locator(".pl-said").bounding_box()["y"] == before["y"]
    page.evaluate("models[0].tell({ progress: [null, 'who knows'] })")
    assert page.get_by_role("progressbar").get_attribute("value") is None
    page.evaluate("models[0].tell({ progress: null })")
    assert page.get_by_role("progressbar").count() == 0
    assert page.locator(".pl-said").bounding_box() == before


def test_jupyterlabs_keys_stay_out(show):
    page = show(Desk())
    page.evaluate("""() => { window.taken = []
      document.addEventListener('keydown', event => {
        if (!event.target.closest('[data-lm-suppress-shortcuts]')) window.taken.push(event.key)
      }, true) }""")
    page.get_by_label("Name").focus()
    for key in ("d", "ArrowLeft", "Shift+Enter", "Escape", "Control+s"):
        page.keyboard.press(key)
    page.get_by_label("Days").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Connect").focus()
    page.keyboard.press("m")
    assert page.evaluate("taken.filter(key => key !== 'Control' && key !== 'Shift')") == ["s"]


def test_leaving_takes_everything_along(show):
    page = show(Desk())
    assert page.evaluate("models[0].listeners()") > 0
    page.evaluate("models[0].leave()")
    assert page.evaluate("models[0].listeners()") == 0


def test_a_refusal_on_the_page(show):
    panel = Desk()
    page = show(panel)
    page.get_by_label("Paste PEM").fill("<img src=x onerror=alert(1)>")
    settle(page)
    assert page.get_by_role("status").inner_text().startswith("✗ ")
    assert page.get_by_label("Paste PEM").input_value() == "<img src=x onerror=alert(1)>"
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("width", [1024, 512, 320], ids=["1024", "200 %", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_and_room(show, theme, width):
    import axe_playwright_python

    class Beside(Desk):
        beside = True

    busy, refused = Slow(), Beside()
    refused.set(pem="nothing")
    page = show(Desk(), busy, refused, Beside(), theme=theme, width=width)
    page.evaluate("models[1].tell({ progress: [0.4, 'Measuring'] })")
    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run('main')")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
