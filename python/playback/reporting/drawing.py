"""How charts are drawn: small matplotlib figures as SVG that takes its colours from the page."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from playback import look

INK, QUIET, RULE = look.LIGHT["ink"], look.LIGHT["quiet"], look.LIGHT["rule"]
SIMULATED, REFERENCE, OUTSIDE = (look.LIGHT[name] for name in ("simulated", "reference", "outside"))

COLOURS = {look.LIGHT[name]: name for name in look.LIGHT if name not in ("paper", "card", "good")}
"""Every colour of the charts, and the CSS variable that stands for it in the page."""

WIDTH = 5.0
"""Inches of 72 units: a chart is as wide as a phone, where its text keeps its size."""

STYLE = {
    "axes.edgecolor": QUIET,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelcolor": QUIET,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 13,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "legend.fontsize": 13,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}
"""Put over matplotlib's defaults, so that nobody's own settings change the page. Text is measured
in the font that comes with matplotlib, wider than those that a browser sets it in."""


@dataclass
class Drawing:
    """A figure with its axes, and once the drawing is done, its `svg`."""

    figure: Figure
    axes: Axes
    svg: str = field(default="", init=False)


@contextmanager
def drawing(
    name: str, described: str, height: float = 2.9, polar: bool = False
) -> Iterator[Drawing]:
    """Yield empty axes; what is drawn on them inside becomes the SVG of the `Drawing`.

    Args:
        name: unlike that of every other chart of the page; keeps their ids apart.
        described: what the chart shows, for those who do not see it.
        height: inches, of a width of `WIDTH`.
        polar: draw around a clock that begins at the top.
    """
    settings = ["default", STYLE | {"svg.hashsalt": name}]
    with matplotlib.style.context(settings, after_reset=True), warnings.catch_warnings():
        # The reader's browser has the letters that the measuring font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        drawn = Drawing(figure, figure.add_subplot(projection="polar" if polar else None))
        yield drawn
        drawn.svg = _inline(figure, described)


def _inline(figure: Figure, described: str) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    svg = re.sub(r"<(metadata|style).*?</\1>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    _, _, content = svg.partition(">")
    (view_box,) = re.findall(r'viewBox="([^"]+)"', svg)[:1]
    for colour, variable in COLOURS.items():
        content = content.replace(f": {colour}", f": var(--{variable})")
    # Only ids that something refers to; matplotlib numbers the groups of every figure alike.
    content = re.sub(r'<g id="[^"]*"', "<g", content)
    content = re.sub(r"\n\s*", "\n", content).strip()
    return f'<svg viewBox="{view_box}" role="img" aria-label="{escape(described)}">\n{content}'
