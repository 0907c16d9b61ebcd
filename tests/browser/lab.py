"""A real JupyterLab in a real browser, for tests and for looking at a lesson.

    with Server(root) as server, Browser() as browser:
        with browser.open(server, "notebooks/02_keys.ipynb") as lesson:
            lesson.run_all()
            lesson.theme("dark")
            lesson.problems()          # → [] when all is well

Nothing of the user's own set-up is read or written: settings, kernels' profile and progress live in a temporary folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PAGE_WIDTH, PAGE_HEIGHT = 1024, 1400  # pixels of a notebook's area in one screenshot
CONTROLS = "select, input:not([type=hidden]), textarea, button, summary, [role=button], [role=slider], [tabindex='0']"

# Cells out of sight stay in the page, so that a test reaches every control and a screenshot shows every cell
SETTINGS = {"@jupyterlab/notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}'}

# Names that resolve nowhere: what the page asks of another host fails here, is recorded, and never leaves
CHROMIUM_ARGUMENTS = [
    "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


def chromium() -> str | None:
    """The path of a Chromium or Chrome on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    places = (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        *(f"{os.environ[v]}/Google/Chrome/Application/chrome.exe" for v in ("PROGRAMFILES", "LOCALAPPDATA") if v in os.environ),
    )
    found = (os.environ.get("PADLOCK_CHROMIUM"), *map(shutil.which, names), *(p for p in places if Path(p).exists()))
    return next(filter(None, found), None)


class Server:
    """JupyterLab on a free port, with `root` as its folder. Everything it writes goes into a temporary folder."""

    def __init__(self, root: Path):
        self.root = Path(root)
        self.token = secrets.token_hex(16)

    def __enter__(self) -> Server:
        self._folder = tempfile.TemporaryDirectory(prefix="padlock-lab-", ignore_cleanup_errors=True)
        home = Path(self._folder.name)
        settings = home / "settings"
        for name, text in SETTINGS.items():
            (settings / name).parent.mkdir(parents=True, exist_ok=True)
            (settings / name).write_text(text, encoding="utf-8")
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "IPYTHONDIR": str(home / "ipython"),
            "PADLOCK_HOME": str(home / "padlock"),
        }
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = home / "server.log"
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}", "--expose-app-in-browser",
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self._wait_until_up(60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_until_up(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=5).close()
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class Browser:
    """One headless Chromium. `open` gives a lesson in a page of its own."""

    def __enter__(self) -> Browser:
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        try:
            self._chromium = self._playwright.chromium.launch(
                executable_path=chromium(),
                args=CHROMIUM_ARGUMENTS + (["--no-sandbox"] if sys.platform == "linux" else []),
            )
        except BaseException:
            self._playwright.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._chromium.close()
        self._playwright.stop()

    @contextlib.contextmanager
    def open(self, server: Server, path: str):
        context = self._chromium.new_context(viewport={"width": PAGE_WIDTH + 66, "height": PAGE_HEIGHT + 80}, reduced_motion="reduce")
        context.set_default_timeout(20_000)
        try:
            lesson = Lesson(context.new_page(), server, path)
            yield lesson
            lesson.close()
        finally:
            context.close()


# Kept by the page: every error that the kernel reports, whoever asked (a cell, or a control of a widget, whose errors JupyterLab
# would show only in its log; that a kernel without widgets knows no comm is JupyterLab's own noise), and every message to a widget that the kernel has not finished with.
WATCH = """
async () => {
  const panel = jupyterapp.shell.currentWidget, session = panel.sessionContext;
  await panel.context.ready; await session.ready;
  const kernel = session.session.kernel;
  const w = window.watch = {errors: [], pending: new Set(), last: performance.now(), asked: false};
  kernel.anyMessage.connect((_, {msg, direction}) => {
    const type = msg.header.msg_type;
    if (type.startsWith('comm_info') || type.startsWith('kernel_info')) return;
    w.last = performance.now();
    if (direction === 'send' && msg.channel === 'shell') w.pending.add(msg.header.msg_id);
    if (type === 'status' && msg.content.execution_state === 'idle') w.pending.delete(msg.parent_header.msg_id);
    if (type === 'error') w.errors.push(msg.content.ename + ': ' + msg.content.evalue + '\\n' + msg.content.traceback.slice(-3).join('\\n'));
    if (type === 'stream' && msg.content.name === 'stderr' && !/^No such comm/.test(msg.content.text)) w.errors.push('stderr: ' + msg.content.text);
    if (type === 'input_request') w.asked = true;
  });
  new MutationObserver(() => { w.last = performance.now(); })
    .observe(panel.content.node, {subtree: true, childList: true, attributes: true, characterData: true});
  for (let i = 0; kernel.status !== 'idle'; i++) {
    if (i > 600) throw new Error('the kernel is ' + kernel.status + ' after 30 s');
    await new Promise(r => setTimeout(r, 50));
  }
}
"""

SETTLED = "quiet => watch.pending.size === 0 && performance.now() - watch.last > quiet"

LABELS = """
e => ({
  tag: e.tagName.toLowerCase(), type: e.type || '', name: (e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || e.title || '').trim().slice(0, 60),
  shown: e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0, disabled: !!e.disabled || !!e.readOnly,
  value: e.type === 'checkbox' || e.type === 'radio' ? String(e.checked) : e.tagName === 'SUMMARY' ? String(e.parentElement.open) : String(e.value ?? ''),
  tab: e.tabIndex, options: e.options ? [...e.options].filter(o => !o.disabled).length : 0, min: e.min, max: e.max,
  index: e.selectedIndex ?? -1,
})
"""


class Lesson:
    """A notebook, open in JupyterLab."""

    def __init__(self, page, server: Server, path: str):
        self.page, self.server, self.path = page, server, path
        self.console: list[str] = []
        self.strangers: list[str] = []
        self._log_seen = len(server.log())
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(f"page error: {error}"))
        page.on("request", lambda request: self._on_request(request.url))
        page.on("websocket", lambda socket: self._on_request(socket.url))
        page.on("download", lambda download: None)
        page.goto(f"{server.url}/doc/tree/{path}?token={server.token}")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext && !document.querySelector('#jupyterlab-splash')")
        page.evaluate(WATCH)
        page.evaluate("async () => { try { await jupyterapp.commands.execute('application:toggle-left-area', {}) } catch {} }"
                      if page.evaluate("!jupyterapp.shell.leftCollapsed") else "() => 0")
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.scroller = self.panel.locator(".jp-WindowedPanel-outer").first

    def _on_console(self, message) -> None:
        if message.type in ("error", "warning") and self._ours(message):
            self.console.append(f"{message.type}: {message.text}")

    def _ours(self, message) -> bool:
        """Warnings count when they come from a widget (anywidget's modules are blobs); JupyterLab's own chatter does not."""
        place = (message.location or {}).get("url", "")
        return message.type == "error" or place.startswith("blob:")

    def _on_request(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob", "about") and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(url)

    # running

    def run_all(self, seconds: float = 120) -> None:
        """Every cell, top to bottom; returns when the kernel is idle and the page is quiet."""
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells').then(() => { watch.ran = true; }) }")
        self.page.wait_for_function("watch.ran || watch.asked || document.querySelector('.jp-Dialog')", timeout=seconds * 1000)
        self.settle(400, seconds)

    def settle(self, quiet: int = 80, seconds: float = 30) -> None:
        """Wait until the kernel has answered every message and nothing in the notebook has changed for `quiet` ms."""
        self.page.wait_for_function(SETTLED, arg=quiet, timeout=seconds * 1000, polling=20)

    def problems(self) -> list[str]:
        """All that is wrong now, one line each: errors of the kernel, the page, the server; requests to other hosts; dialogs."""
        seen = self.page.evaluate("""() => ({
            errors: watch.errors, asked: watch.asked, unrun: [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].filter(e => /\\*/.test(e.innerText)).length,
            dialogs: [...document.querySelectorAll('.jp-Dialog, .Toastify__toast, .jp-toastContainer *[role=alert]')].map(e => e.innerText.slice(0, 120)),
            failed: [...document.querySelectorAll('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')].map(e => e.innerText.slice(-300)),
        })""")
        found = [f"kernel: {e}" for e in seen["errors"]] + [f"output: {e}" for e in seen["failed"]]
        found += [f"dialog: {d}" for d in seen["dialogs"]] + [f"console: {c}" for c in self.console]
        found += [f"asks another host: {u}" for u in self.strangers]
        found += ["a cell asks for input()"] * seen["asked"]
        found += [f"{seen['unrun']} cells still run"] * bool(seen["unrun"])
        log = self.server.log()[self._log_seen:]
        if "Traceback (most recent call last)" in log:
            found.append("server log: " + log[log.index("Traceback (most recent call last)"):][-1500:])
        return found

    # controls

    def controls(self) -> list[dict]:
        """Every control in the outputs, in page order."""
        return self.panel.locator(".jp-OutputArea").locator(CONTROLS).evaluate_all(f"es => es.map({LABELS})")

    def operate(self, index: int) -> str | None:
        """Use the control by keyboard alone. What is wrong with it, or None."""
        control = self.panel.locator(".jp-OutputArea").locator(CONTROLS).nth(index)
        was = control.evaluate(LABELS)
        if not was["shown"] or was["disabled"] or was["tab"] < 0:
            return None
        called = f"{was['tag']} {was['type']} “{was['name']}”"
        cells = self.panel.locator(".jp-Cell").count()
        control.evaluate("e => { e.focus(); window.control = e; window.inputs = 0;"
                         "e.addEventListener('input', () => window.inputs++); e.addEventListener('click', () => window.inputs++); }")
        if not control.evaluate("e => document.activeElement === e"):
            return f"{called} cannot take the focus"
        keyboard, type_ = self.page.keyboard, was["type"]
        moves = True
        if was["tag"] == "select":
            moves = was["options"] > 1
            keyboard.press("ArrowDown")
            self.settle()
            if not self.page.evaluate("window.inputs"):
                keyboard.press("ArrowUp")
        elif type_ == "range":
            moves = was["min"] != was["max"]
            keyboard.press("ArrowRight")
            self.settle()
            if not self.page.evaluate("window.inputs"):
                keyboard.press("ArrowLeft")
        elif type_ == "file":
            with self.page.expect_file_chooser(timeout=5000) as chooser:
                keyboard.press("Space")
            chooser.value.set_files({"name": "<b>x</b>.pem", "mimeType": "text/plain", "buffer": b"<script>alert(1)</script>\x00"})
        elif type_ == "radio":
            keyboard.press("ArrowDown")
            moves = False  # one of a group; that it answers is seen on its neighbour
        elif was["tag"] == "textarea" or type_ in ("text", "search", "number", "password", "email", "url"):
            keyboard.press("End")
            keyboard.type("7" if type_ == "number" else "a<b>")
            keyboard.press("Tab")
        elif was["tag"] in ("button", "summary", "input"):
            keyboard.press("Space")
        else:
            moves = False
            for key in ("ArrowDown", "ArrowRight", "Enter"):
                keyboard.press(key)
        self.settle()
        if moves and not self.page.evaluate("window.inputs"):
            return f"{called} does not answer to the keyboard"
        if self.panel.locator(".jp-Cell").count() != cells:
            return f"{called}: JupyterLab took the keys as its own and changed the notebook"
        return None

    def operate_all(self, most: int = 400) -> tuple[int, list[str]]:
        """(how many were used, what is wrong): each control of the outputs, also those that appear meanwhile."""
        used, wrong, index = 0, [], 0
        while index < min(len(self.controls()), most):
            fault = self.operate(index)
            used, index = used + 1, index + 1
            if fault:
                wrong.append(fault)
        self.settle(500)
        return used, wrong

    def tab_walk(self) -> list[str]:
        """What Tab does not reach inside each widget of ours, starting from its first control."""
        return self.page.evaluate("""() => {
          const missed = [];
          for (const root of document.querySelectorAll('.jp-OutputArea .padlock')) {
            for (const e of root.querySelectorAll('select, input, textarea, button, a[href], summary')) {
              if (e.tabIndex < 0 && e.type !== 'radio' && !e.disabled && e.checkVisibility() && !e.closest('[role=toolbar],[role=tree],[role=grid],[role=listbox],[role=tablist]'))
                missed.push(e.outerHTML.slice(0, 120) + ' is not in the tab order');
            }
          }
          return missed;
        }""")

    # looking

    def theme(self, name: str) -> None:
        """'light' or 'dark'."""
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[name])
        self.page.wait_for_function("name => document.body.dataset.jpThemeLight === String(name === 'light')", arg=name)
        self.settle(200)

    def axe(self) -> list[str]:
        """Violations that axe-core finds in the outputs, one line for each rule and place."""
        if not self.page.evaluate("!!window.axe"):
            self.page.add_script_tag(content=(resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        found = self.page.evaluate("""async () => {
          if (!document.querySelector('.jp-OutputArea')) return [];
          const r = await axe.run({include: [['.jp-OutputArea']], exclude: [['.jp-OutputArea-promptOverlay']]}, {resultTypes: ['violations']});
          return r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}  ${(n.any[0] || n.all[0] || n.none[0] || {}).message || v.help}`));
        }""")
        return list(dict.fromkeys(found))

    def screenshots(self, folder: Path, stem: str) -> list[Path]:
        """The whole lesson as pictures of at most PAGE_HEIGHT pixels: folder/stem-1.png, -2 …"""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stem}-*.png"):
            old.unlink()
        self.page.evaluate("() => document.activeElement?.blur()")
        box = self.scroller.bounding_box()
        height = self.scroller.evaluate("""e => Math.ceil(Math.max(...[...e.querySelectorAll('.jp-Cell')].map(c => c.getBoundingClientRect().bottom))
            - e.getBoundingClientRect().top + e.scrollTop + 16)""")
        step, made, at = int(box["height"]), [], 0
        while at < height:
            really = self.scroller.evaluate("(e, y) => { e.scrollTop = y; return e.scrollTop; }", at)
            self.page.wait_for_timeout(80)
            clip = {"x": box["x"], "y": box["y"] + at - really, "width": box["width"], "height": min(step, height - at)}
            made.append(folder / f"{stem}-{len(made) + 1:02}.png")
            self.page.screenshot(path=made[-1], clip=clip)
            at += step
        self.scroller.evaluate("e => { e.scrollTop = 0; }")
        return made

    def close(self) -> None:
        """Shut the kernel down; unsaved changes are thrown away."""
        with contextlib.suppress(Exception):
            self.page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
