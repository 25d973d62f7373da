"""How charts are drawn: small matplotlib figures as SVG that takes its colours from the page."""

import io
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from playback import look

INK, QUIET, RULE = look.LIGHT["ink"], look.LIGHT["quiet"], look.LIGHT["rule"]
SIMULATED, REFERENCE, OUTSIDE = (look.LIGHT[name] for name in ("simulated", "reference", "outside"))

COLOURS = {look.LIGHT[name]: name for name in look.LIGHT if name not in ("paper", "card", "good")}
"""Every colour of the charts, and the CSS variable that stands for it in the page."""

WIDTH = 5.0
"""Inches of 72 units: a chart is as wide as a phone, where its text keeps its size."""

FAMILY = "DejaVu Sans"
_EM = 64
_WIDER_EM = 0.4
"""What a wide sign is wider than the box that the measuring font has in its place."""

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
    "font.family": [FAMILY],
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

    def make_room(self, em: float) -> None:
        """Leave room at the left for what labels are wider than they were measured."""
        room = em * STYLE["font.size"] / 72 / WIDTH
        self.figure.get_layout_engine().set(rect=(room, 0, 1 - room, 1))


def width_em(text: str) -> float:
    """How wide a text may get, in its own height."""
    font = get_font(findfont(FAMILY))
    font.set_size(_EM, 72)
    with _without_warnings():
        font.set_text(text)
    measured, _ = font.get_width_height()
    return measured / 64 / _EM + unmeasured_em(text)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """The reader's browser has the letters that the measuring font lacks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def unmeasured_em(text: str) -> float:
    """What wide signs, as those of Chinese or Japanese, take beyond what was measured."""
    return _WIDER_EM * sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)


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
    with matplotlib.style.context(settings, after_reset=True), _without_warnings():
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
