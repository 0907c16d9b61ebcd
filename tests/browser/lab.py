"""A real JupyterLab in a real browser, for tests and for looking at a lesson.

    with Server(root) as server, Browser() as browser:
        with browser.open(server, "notebooks/02_keys.ipynb") as lesson:
            lesson.run_all()
            lesson.theme("dark")
            lesson.problems()          # → [] when all is well

Nothing of the user's own set-up is read or written: settings, kernels' profile and progress live in a
temporary folder.
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
CONTROLS = (
    "select, input:not([type=hidden]), textarea, button, summary, "
    "[role=button], [role=slider], [tabindex='0']"
)
HOSTILE_FILE = {"name": "<b>x</b>.pem", "mimeType": "text/plain", "buffer": b"<script>alert(1)</script>\x00"}

# Cells out of sight stay in the page, so that a test reaches every control and a screenshot shows every cell
SETTINGS = {"@jupyterlab/notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}'}

# Names that resolve nowhere: what the page asks of another host fails here, is recorded, and never leaves
CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


def chromium() -> str | None:
    """The path of a Chromium or Chrome on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    places = (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        *(
            f"{os.environ[v]}/Google/Chrome/Application/chrome.exe"
            for v in ("PROGRAMFILES", "LOCALAPPDATA")
            if v in os.environ
        ),
    )
    found = (
        os.environ.get("PADLOCK_CHROMIUM"),
        *map(shutil.which, names),
        *(p for p in places if Path(p).exists()),
    )
    return next(filter(None, found), None)


class Server:
    """JupyterLab on a free port, with `root` as its folder. What it writes goes into a temporary one."""

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
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "PADLOCK_HOME": str(home / "padlock"),
        }
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = home / "server.log"
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.root}",
            "--expose-app-in-browser",
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
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
        from playwright.sync_api import Error, sync_playwright

        self.Error = Error
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
    def at_home(self, home: Path, profile: Path, names: dict[str, str]):
        """A page of another Chromium, which finds its user's files (the store of certificates) in `home`.

        names: name → address, for names that only this Chromium knows
        """
        rules = ", ".join(f"MAP {name} {address}" for name, address in names.items())
        arguments = [one.replace("rules=", f"rules={rules}, ") for one in CHROMIUM_ARGUMENTS] + (
            ["--no-sandbox"] if sys.platform == "linux" else []
        )
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        context = self._playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=arguments, env=environment | {"HOME": str(home)}
        )
        context.set_default_timeout(30_000)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextlib.contextmanager
    def open(self, server: Server, path: str):
        context = self._chromium.new_context(
            viewport={"width": PAGE_WIDTH + 66, "height": PAGE_HEIGHT + 80}, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        try:
            lesson = Lesson(context.new_page(), server, path)
            yield lesson
            lesson.close()
        finally:
            context.close()


class Lesson:
    """A notebook, open in JupyterLab. lab.js does what must be done inside the page."""

    def __init__(self, page, server: Server, path: str):
        self.page, self.server, self.path = page, server, path
        self.console: list[str] = []
        self.strangers: list[str] = []
        self._log_seen = len(server.log())
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(f"page error: {error}"))
        page.on("request", lambda request: self._on_request(request.url))
        page.on("websocket", lambda socket: self._on_request(socket.url))
        page.on("filechooser", lambda chooser: chooser.set_files(HOSTILE_FILE))
        page.goto(f"{server.url}/doc/tree/{path}?token={server.token}")
        page.wait_for_function(
            "window.jupyterapp?.shell.currentWidget?.sessionContext"
            " && !document.getElementById('jupyterlab-splash')"
        )
        page.add_script_tag(path=Path(__file__).with_suffix(".js"))
        page.evaluate("lab.watch()")
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.scroller = self.panel.locator(".jp-WindowedPanel-outer").first
        self._controls = self.panel.locator(".jp-OutputArea").locator(CONTROLS)

    def _on_console(self, message) -> None:
        """Errors count; warnings when they come from a widget (a blob), for JupyterLab warns of itself."""
        place = (message.location or {}).get("url", "")
        if message.type == "error" or (message.type == "warning" and place.startswith("blob:")):
            self.console.append(f"{message.type}: {message.text}")

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(url)

    # running

    def run_all(self, seconds: float = 120) -> None:
        """Every cell, top to bottom; returns when the kernel is idle and the page is quiet."""
        self.page.evaluate("lab.runAll()")
        self.page.wait_for_function("lab.ran()", timeout=seconds * 1000)
        self.settle(400, seconds)

    def settle(self, quiet: int = 80, seconds: float = 30) -> None:
        """Wait until the kernel has answered all messages and nothing has changed for `quiet` ms."""
        self.page.wait_for_function(
            "quiet => lab.settled(quiet)", arg=quiet, timeout=seconds * 1000, polling=20
        )

    def problems(self) -> list[str]:
        """All that is wrong by now: errors of kernel, page and server, requests to other hosts, dialogs."""
        seen = self.page.evaluate("lab.problems()")
        found = [f"kernel: {e}" for e in seen["errors"]] + [f"output: {e}" for e in seen["failed"]]
        found += [f"dialog: {d}" for d in seen["dialogs"]] + [f"console: {c}" for c in self.console]
        found += [f"asks another host: {u}" for u in self.strangers]
        found += ["a cell asks for input()"] * seen["asked"]
        found += [f"{seen['running']} cells still run"] * bool(seen["running"])
        log = self.server.log()[self._log_seen :]
        if "Traceback (most recent call last)" in log:
            found.append("server log: " + log[log.index("Traceback (most recent call last)") :][:1500])
        return found

    # controls

    def operate(self, control) -> str | None:
        """Use the control by keyboard alone. What is wrong with it, or None."""
        about = control.evaluate("e => lab.describe(e)")
        if not about["usable"] or about["tab"] < 0:
            return None
        called = f"{about['tag']} {about['type']} “{about['name']}”"
        cells = self.panel.locator(".jp-Cell").count()
        if not control.evaluate("e => lab.take(e)"):
            return f"{called} cannot take the focus"
        must_answer = self._press_keys(about)
        self.settle()
        if must_answer and not self.page.evaluate("lab.answered()"):
            return f"{called} does not answer to the keyboard"
        if self.panel.locator(".jp-Cell").count() != cells:
            return f"{called}: JupyterLab took the keys as its own and changed the notebook"
        return None

    def _press_keys(self, about: dict) -> bool:
        """The keys that a reader would press. True if the control has to answer."""
        keyboard, tag, kind = self.page.keyboard, about["tag"], about["type"]
        if tag == "select" or kind == "range":
            for key in ("ArrowDown", "ArrowUp") if tag == "select" else ("ArrowRight", "ArrowLeft"):
                keyboard.press(key)
                self.page.wait_for_timeout(30)
                if self.page.evaluate("lab.answered()"):
                    return True
            return about["options"] > 1 if tag == "select" else not about["fixed"]
        if kind == "file":
            keyboard.press("Space")  # what the file chooser answers is set in __init__
            self.page.wait_for_timeout(200)
        elif kind == "radio":
            keyboard.press("ArrowDown")
            return False  # the next one of its group answers
        elif tag == "textarea" or kind in ("text", "search", "number", "password", "email", "url"):
            keyboard.press("End")
            keyboard.type("7" if kind == "number" else "a<b>")
            keyboard.press("Tab")
        elif tag in ("button", "summary", "input"):
            keyboard.press("Space")
        else:  # a tree's item, a grid's cell
            for key in ("ArrowDown", "ArrowRight", "Enter"):
                keyboard.press(key)
            return False
        return True

    def operate_all(self, most: int = 400) -> tuple[int, list[str]]:
        """(how many there were, what is wrong): each control of the outputs, also new ones."""
        wrong, index = [], 0
        while index < min(self._controls.count(), most):
            fault = self.operate(self._controls.nth(index))
            wrong += [fault] if fault else []
            index += 1
        self.settle(500)
        return index, wrong

    def missed_by_tab(self) -> list[str]:
        """Native controls of our widgets that Tab passes by."""
        return self.page.evaluate("lab.missedByTab()")

    # looking

    def theme(self, name: str) -> None:
        """'light' or 'dark'."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[name]
        )
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeLight === String(name === 'light')", arg=name
        )
        self.settle(200)

    def axe(self) -> list[str]:
        """Violations that axe-core finds in the outputs, one line for each rule and place."""
        if not self.page.evaluate("!!window.axe"):
            axe = resources.files("axe_playwright_python") / "axe.min.js"
            self.page.add_script_tag(content=axe.read_text(encoding="utf-8"))
        return list(dict.fromkeys(self.page.evaluate("lab.axe()")))

    def screenshots(self, folder: Path, stem: str) -> list[Path]:
        """The whole lesson as pictures of at most PAGE_HEIGHT pixels: folder/stem-01.png, -02 …"""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stem}-*.png"):
            old.unlink()
        self.page.evaluate("document.activeElement?.blur()")
        box = self.scroller.bounding_box()
        height = self.scroller.evaluate("e => lab.height(e)")
        step, made, at = int(box["height"]), [], 0
        while at < height:
            really = self.scroller.evaluate("(e, y) => { e.scrollTop = y; return e.scrollTop }", at)
            self.page.wait_for_timeout(80)
            clip = box | {"y": box["y"] + at - really, "height": min(step, height - at)}
            made.append(folder / f"{stem}-{len(made) + 1:02}.png")
            self.page.screenshot(path=made[-1], clip=clip)
            at += step
        self.scroller.evaluate("e => { e.scrollTop = 0 }")
        return made

    def close(self) -> None:
        """Shut the kernel down; unsaved changes are thrown away."""
        with contextlib.suppress(Exception):
            self.page.evaluate("lab.shutdown()")
