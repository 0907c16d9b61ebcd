"""Each thing of the course, drawn once, in a box of 24 × 24. Inline SVG and matplotlib both draw from here."""

import math
from dataclasses import dataclass

from markupsafe import Markup

BOX = 24

WORDS = {
    "private-key": "private key",
    "public-key": "public key",
    "csr": "CSR",
    "certificate": "certificate",
    "ca": "CA",
    "trust-anchor": "trust anchor",
    "crl": "CRL",
    "padlock": "shut padlock",
    "padlock-open": "open padlock",
}


@dataclass(frozen=True)
class Path:
    """Straight and curved lines. `d`: absolute M, L, C and Z of SVG, numbers apart by spaces."""

    d: str
    colour: str  # a token of look.tokens
    filled: bool = False
    dashed: bool = False
    width: float = 1.8


@dataclass(frozen=True)
class Disc:
    x: float
    y: float
    r: float
    colour: str
    filled: bool = False
    width: float = 1.8


def _arc(x: float, y: float, r: float, start: float, end: float) -> str:
    """An arc about (x, y) from one angle to another, in degrees, clockwise on the screen, as Bézier curves."""
    pieces = max(1, math.ceil(abs(end - start) / 90))
    step = math.radians(end - start) / pieces
    bend = 4 / 3 * math.tan(step / 4) * r
    out = []
    for piece in range(pieces):
        a, b = math.radians(start) + piece * step, math.radians(start) + (piece + 1) * step
        numbers = (
            x + r * math.cos(a) - bend * math.sin(a),
            y + r * math.sin(a) + bend * math.cos(a),
            x + r * math.cos(b) + bend * math.sin(b),
            y + r * math.sin(b) - bend * math.cos(b),
            x + r * math.cos(b),
            y + r * math.sin(b),
        )
        out.append("C " + " ".join(f"{number:.2f}" for number in numbers))
    return " ".join(out)


_BOW = f"M 10.74 10.3 L 22.6 10.3 L 22.6 16.6 L 19.4 16.6 L 19.4 13.7 L 17.6 13.7 L 17.6 15.9 L 14.6 15.9 \
L 14.6 13.7 L 10.74 13.7 {_arc(6.5, 12, 4.57, 21.8, 338.2)} Z"
_SHEET = "M 4 1.8 L 14.5 1.8 L 20 7.3 L 20 22.2 L 4 22.2 Z"
_FOLD = "M 14.5 1.8 L 14.5 7.3 L 20 7.3"


def _small_key(y: float) -> tuple:
    return (
        Disc(8.9, y, 2.1, "pub", width=1.5),
        Path(f"M 11 {y} L 16.6 {y} L 16.6 {y + 2.4} M 14 {y} L 14 {y + 2}", "pub", width=1.5),
    )


SHAPES = {
    "private-key": (Path(_BOW, "key", filled=True, width=0), Disc(5.4, 12, 1.5, "card", filled=True)),
    "public-key": (Path(_BOW, "pub", width=1.6), Disc(5.4, 12, 1.2, "pub", width=1.3)),
    "csr": (Path(_SHEET, "csr", dashed=True), Path(_FOLD, "csr", width=1.4), *_small_key(13)),
    "certificate": (
        Path(_SHEET, "cert"),
        Path(_FOLD, "cert"),
        *_small_key(10.8),
        Path("M 7 16 L 11.4 16 M 7 18.8 L 10.4 18.8", "dim", width=1.3),
        Disc(15.6, 17.6, 2.9, "ca", filled=True),
    ),
    "ca": (
        Disc(12, 5, 3.6, "ca", filled=True),
        Path("M 10.4 7 L 13.6 7 L 14.8 14 L 9.2 14 Z", "ca", filled=True, width=0),
        Path("M 5 13.6 L 19 13.6 L 20.5 18.4 L 3.5 18.4 Z", "ca", filled=True, width=0.8),
        Path("M 3.5 21.6 L 20.5 21.6", "ca"),
    ),
    "trust-anchor": (
        Disc(12, 4.3, 2.3, "anchor", width=2),
        Path("M 12 6.6 L 12 21.4 M 7.6 10.2 L 16.4 10.2", "anchor", width=2),
        Path(f"M 20.2 13.2 {_arc(12, 13.2, 8.2, 0, 180)}", "anchor", width=2),
        Path("M 22.6 15.6 L 20.2 12.2 L 17.4 15 M 1.4 15.6 L 3.8 12.2 L 6.6 15", "anchor", width=1.8),
    ),
    "crl": (
        Path("M 4 1.8 L 20 1.8 L 20 22.2 L 4 22.2 Z", "crl"),
        Path("M 7.4 7 L 16.6 7 M 7.4 12 L 16.6 12 M 7.4 17 L 16.6 17", "dim", width=1.6),
        Path("M 6 14.6 L 18 9.4", "crl", width=2.4),
    ),
    "padlock": (
        Path("M 4.6 10.8 L 19.4 10.8 L 19.4 21.8 L 4.6 21.8 Z", "ok", filled=True, width=1),
        Path(f"M 7.6 10.8 L 7.6 7 {_arc(12, 7, 4.4, 180, 360)} L 16.4 10.8", "ok", width=2.2),
        Disc(12, 15.2, 1.7, "card", filled=True),
        Path("M 12 16 L 12 18.8", "card", width=1.8),
    ),
    "padlock-open": (
        Path("M 4.6 10.8 L 19.4 10.8 L 19.4 21.8 L 4.6 21.8 Z", "no", width=2),
        Path(f"M 7.6 10.8 L 7.6 5.6 {_arc(12, 5.6, 4.4, 180, 360)} L 16.4 6.6", "no", width=2.2),
        Disc(12, 15.2, 1.7, "no", filled=True),
        Path("M 12 16 L 12 18.8", "no", width=1.8),
    ),
}


def _drawn(shape: Path | Disc) -> Markup:
    colour = f"var(--pl-{shape.colour})"
    paint = Markup('fill="{}" stroke="{}" stroke-width="{}"').format(
        colour if shape.filled else "none", colour if shape.width else "none", shape.width
    )
    if isinstance(shape, Disc):
        if shape.filled:
            paint = Markup('fill="{}"').format(colour)
        return Markup('<circle cx="{}" cy="{}" r="{}" {}/>').format(shape.x, shape.y, shape.r, paint)
    dash = Markup(' stroke-dasharray="2.6 1.8"') if shape.dashed else Markup("")
    return Markup('<path d="{}" {}{} stroke-linejoin="round"/>').format(shape.d, paint, dash)


def icon(kind: str, size: int = 20, label: str | None = None) -> Markup:
    """The shape of a thing as inline SVG. Without a label it is decoration: the word stands beside it.

    Raises KeyError for a kind that has no shape.
    """
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    body = Markup("").join(_drawn(shape) for shape in SHAPES[kind])
    return Markup(
        '<svg class="pl-icon" width="{0}" height="{0}" viewBox="0 0 24 24" focusable="false" {1}>{2}</svg>'
    ).format(size, said, body)


def draw(axes, kind: str, x: float, y: float, size: float, colours: dict[str, str]) -> None:
    """The same shape on matplotlib axes whose units are pixels and whose y goes down. (x, y): its upper left."""
    from matplotlib import patches
    from matplotlib.path import Path as Outline

    codes = {
        "M": (Outline.MOVETO, 1),
        "L": (Outline.LINETO, 1),
        "C": (Outline.CURVE4, 3),
        "Z": (Outline.CLOSEPOLY, 0),
    }
    scale = size / BOX
    for shape in SHAPES[kind]:
        colour, width = colours[shape.colour], shape.width * scale
        if isinstance(shape, Disc):
            patch = patches.Circle((x + shape.x * scale, y + shape.y * scale), shape.r * scale)
            width = 0 if shape.filled else width
        else:
            tokens, vertices, kinds = shape.d.split(), [], []
            while tokens:
                code, points = codes[tokens.pop(0)]
                for _ in range(points):
                    vertices.append((x + float(tokens.pop(0)) * scale, y + float(tokens.pop(0)) * scale))
                    kinds.append(code)
                if not points:
                    vertices.append(vertices[-1])
                    kinds.append(code)
            patch = patches.PathPatch(Outline(vertices, kinds), joinstyle="round", capstyle="butt")
            if shape.dashed:
                patch.set_linestyle((0, (1.5, 1)))
        patch.set(
            facecolor=colour if shape.filled else "none",
            edgecolor=colour if width else "none",
            linewidth=width,
        )
        axes.add_patch(patch)
