"""Colours, sizes and corners: the one place that SVG, matplotlib and CSS all read.

Backgrounds and ink come from the page (JupyterLab's or VS Code's own variables), the meanings are ours: the
Okabe-Ito palette, darkened on white and lightened on black until it reads as text (4.5 : 1, WCAG §1.4.3).
"""

from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"

# What each colour means → (on a light page, on a dark page). Each pair can be read as text on its page.
MEANINGS = {
    "key": ("#b84a00", "#ff8f45"),  # private key: vermilion #D55E00
    "pub": ("#0b6fa4", "#56b4e9"),  # public key: sky blue #56B4E9
    "csr": ("#8a5300", "#e69f00"),  # certificate signing request: orange #E69F00
    "cert": ("#007052", "#2fbf97"),  # certificate: bluish green #009E73
    "ca": ("#0063a3", "#6cb8f5"),  # certificate authority: blue #0072B2
    "anchor": ("#1b1f24", "#e9ebee"),  # trust anchor: near-black, inverted on dark
    "crl": ("#9b4874", "#e295c1"),  # revocation list: reddish purple #CC79A7
    "ok": ("#007052", "#2fbf97"),
    "no": ("#b84a00", "#ff8f45"),
    "worked": ("#8a5300", "#e69f00"),  # it worked before
    "unknown": ("#57606a", "#b3bac3"),
    "dim": ("#57606a", "#b3bac3"),
    "focus": ("#0063a3", "#6cb8f5"),
}

# Page colours: (variables of the page, nearest first), what holds where there are none (light, dark).
GROUNDS = {
    "bg": (("--jp-layout-color0", "--vscode-editor-background"), ("#ffffff", "#111111")),
    "card": (("--jp-layout-color1", "--vscode-editor-background"), ("#ffffff", "#1b1b1d")),
    "ink": (("--jp-ui-font-color1", "--vscode-editor-foreground"), ("#1b1f24", "#e9ebee")),
}

# Mixed from the ground that is there, so they fit any theme: percent of ink in the card's colour.
MIXED = {"sub": (4, 7), "line": (17, 22)}

SELECTED = ("#fff3d6", "#3d3213")  # behind what is selected
EDGE = ("#767c85", "#878d96")  # the outline of a control: 3 : 1 (WCAG §1.4.11)
TINT = ("14%", "24%")  # how strongly bytes are tinted by their meaning

SIZES = {"text": "14px", "title": "17px", "code": "13px"}  # code: looks as large as the text
RADII = {"card": "10px", "box": "8px", "mark": "4px"}
FONTS = {
    "ui": "var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif))",
    "code": "var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace))",
}

MARKS = {"ok": "✓", "no": "✗", "unknown": "?", "worked": "↻"}


def _ground(name: str, theme: int) -> str:
    variables, fallbacks = GROUNDS[name]
    value = fallbacks[theme]
    for variable in reversed(variables):
        value = f"var({variable}, {value})"
    return value


def variables(theme: int) -> str:
    """The CSS declarations of a theme: 0 light, 1 dark."""
    lines = {name: _ground(name, theme) for name in GROUNDS}
    ink, card = lines["ink"], lines["card"]
    lines |= {name: f"color-mix(in srgb, {ink} {part[theme]}%, {card})" for name, part in MIXED.items()}
    lines |= {name: pair[theme] for name, pair in MEANINGS.items()}
    lines |= {"sel": SELECTED[theme], "edge": EDGE[theme], "tint": TINT[theme]}
    return "".join(f"--pl-{name}:{value};" for name, value in lines.items())


# Who says that the page is dark. The reader's own preference counts only where no application has spoken.
DARK = (
    'body[data-jp-theme-light="false"] .padlock',
    "body.vscode-dark .padlock",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light) .padlock",
    '[data-theme="dark"] .padlock',
)
SILENT = (
    ":root:not([data-theme]) body:not([data-jp-theme-light]):not([data-theme])"
    ":not(.vscode-light):not(.vscode-dark)"
    ":not(.vscode-high-contrast):not(.vscode-high-contrast-light) .padlock"
)


@cache
def css() -> str:
    """Everything that a piece of ours on a page needs, each rule scoped to `.padlock`."""
    sizes = "".join(f"--pl-{name}-size:{value};" for name, value in SIZES.items())
    radii = "".join(f"--pl-{name}-radius:{value};" for name, value in RADII.items())
    fonts = "".join(f"--pl-{name}-font:{value};" for name, value in FONTS.items())
    meanings = [name for name in MEANINGS if name != "focus"]
    colours = "".join(f".padlock .pl-{name}{{color:var(--pl-{name})}}" for name in meanings)
    tints = "".join(
        f".padlock .pl-tint-{n}{{background:color-mix(in srgb,var(--pl-{n}) var(--pl-tint),transparent)}}"
        for n in meanings
    )
    return (
        f".padlock{{{variables(0)}{sizes}{radii}{fonts}color-scheme:light}}"
        f"{','.join(DARK)}{{{variables(1)}color-scheme:dark}}"
        f"@media (prefers-color-scheme:dark){{{SILENT}{{{variables(1)}color-scheme:dark}}}}"
        f"{(STATIC / 'look.css').read_text('utf-8')}{colours}{tints}"
    )
