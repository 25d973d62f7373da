"""A year as pictures, one per card, drawn with the fonts of the machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, Rectangle, Wedge

from playback import look
from playback.console import printable
from playback.wrapped.lettering import BOLD, PLAIN, Lettering, quiet_search
from playback.wrapped.phrases import Side
from playback.wrapped.story import Bar, Card, tell
from playback.wrapped.year import Year

HOURS = 24
MARGIN = 90
WHITE = "#ffffff"
_DOTS_PER_INCH = 100
_POINTS = 72 / _DOTS_PER_INCH
"""Points of a pixel."""

_LINE = 1.22
"""Height of a line of text, of its size."""


class CardSize(NamedTuple):
    """A size in pixels, the margin at top and bottom, and what the file names end with."""

    width: int
    height: int
    clear: int
    suffix: str


POST = CardSize(1080, 1350, MARGIN, "")
STORY = CardSize(1080, 1920, 260, "-story")
"""Apps lay their own signs over the top and bottom of a story."""


def draw(
    year: Year, folder: Path, prefix: str, formats: tuple[CardSize, ...], name: str | None
) -> list[str]:
    """Write `PREFIX-01-minutes.png` and so on, numbered in their order, into a folder.

    Returns:
        The names that no font of the machine has the letters of.
    """
    lettering = Lettering()
    with quiet_search():
        title = f"Wrapped {year.year}"
        if name:
            title += f" · {lettering.drawn(printable(name))}"
        for number, card in enumerate(tell(year, lettering.drawn)):
            for of_size in formats:
                picture = _Picture(of_size, look.GROUNDS[number % len(look.GROUNDS)], lettering)
                picture.draw(card, title)
                file = f"{prefix}-{number + 1:02}-{card.name}{of_size.suffix}.png"
                picture.save(folder / file)
    return lettering.not_drawn


class _Picture:
    """One card as it is drawn: places in pixels from the top left, sizes in pixels."""

    def __init__(self, size: CardSize, colours: tuple[str, str], lettering: Lettering) -> None:
        self._size, self._families = size, lettering.families
        self._ground, self._accent = colours
        inches = (size.width / _DOTS_PER_INCH, size.height / _DOTS_PER_INCH)
        with matplotlib.style.context("default", after_reset=True):
            self._figure = Figure(figsize=inches, dpi=_DOTS_PER_INCH, facecolor=self._ground)
            self._canvas = FigureCanvasAgg(self._figure)
            self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, size.width)
        self._axes.set_ylim(size.height, 0)
        self._axes.axis("off")
        self._inner = size.width - 2 * MARGIN
        self._top, self._bottom = size.clear, size.height - size.clear

    def save(self, path: Path) -> None:
        """Write the picture; nothing in it says when or with what it was drawn."""
        self._figure.savefig(path, facecolor=self._ground, metadata={"Software": None})

    def draw(self, card: Card, title: str) -> None:
        """Set the title at the top and the maker at the bottom, and what the card says between."""
        self._text(
            MARGIN, self._top, self._cut(title, 32, PLAIN, self._inner), 32, colour=self._accent
        )
        self._text(MARGIN, self._bottom - 32, "made with Playback", 26, colour=self._accent)
        at = self._top + 90
        at = self._paragraph(at, card.title, 46, BOLD, self._accent) + 6
        if card.headline:
            at = self._headline(at, card.headline) + 24
        if card.about:
            at = self._paragraph(at, card.about, 38) + 40
        if card.lists:
            at = self._lists(at, card.lists) + 30
        bottom = self._bottom - 80
        if card.rows:
            self._rows(at, bottom, card.rows)
        elif card.clock:
            self._clock(at, bottom, card.clock)
        elif card.sides:
            self._sides(at, bottom, card.sides)
        elif card.facts:
            self._facts(at, bottom, card.facts)

    def _headline(self, top: float, words: str) -> float:
        """As large as it fits on a line, or else on two."""
        for size in (180, 150, 124, 104, 88):
            if self._width(words, size, BOLD) <= self._inner:
                return self._paragraph(top, words, size, BOLD)
        return self._paragraph(top, words, 80, BOLD, most=2)

    def _rows(self, top: float, bottom: float, rows: list[Bar]) -> None:
        step = min((bottom - top) / len(rows), 190)
        top = bottom - step * len(rows)
        scale = min(step / 130, 1)
        size, small = 44 * scale, 32 * scale
        for number, row in enumerate(rows):
            at = top + number * step
            self._text(MARGIN, at, str(number + 1), size, BOLD, self._accent)
            room = self._inner - 70
            self._text(MARGIN + 70, at, self._cut(row.name, size, BOLD, room), size, BOLD)
            told = self._cut(row.told, small, PLAIN, room)
            self._text(MARGIN + 70, at + 54 * scale, told, small)
            self._bar(MARGIN, at + 104 * scale, self._inner * row.share, 8)

    def _facts(self, top: float, bottom: float, facts: list[tuple[str, str]]) -> None:
        size = 44
        heights = [
            32 * _LINE + 8 + size * _LINE * len(self._lines(told, size, PLAIN, most=3)) + 34
            for _, told in facts
        ]
        at = max(top, bottom - sum(heights))
        for (what, told), height in zip(facts, heights, strict=True):
            self._text(MARGIN, at, what, 32, BOLD, self._accent)
            self._paragraph(at + 32 * _LINE + 8, told, size, most=3)
            at += height

    def _lists(self, top: float, lists: list[tuple[str, list[str]]]) -> float:
        width = (self._inner - 40) / len(lists)
        ends = [top]
        for column, (title, names) in enumerate(lists):
            left, at = MARGIN + column * (width + 40), top + 10
            self._text(left, at, title, 34, BOLD, self._accent)
            at += 62
            for number, name in enumerate(names, 1):
                self._text(left, at, str(number), 38, BOLD, self._accent)
                self._text(left + 46, at, self._cut(name, 38, PLAIN, width - 46), 38)
                at += 64
            ends.append(at)
        return max(ends)

    def _clock(self, top: float, bottom: float, clock: list[float]) -> None:
        radius = min((bottom - top) / 2, self._inner / 2)
        centre = (self._size.width / 2, bottom - radius)
        hub, rim = 0.26 * radius, 0.82 * radius
        step = 360 / HOURS
        for hour, share in enumerate(clock):
            outer = hub + share * (rim - hub)
            # angles run clockwise, as the axis down does, from three o'clock
            first = hour * step - 90
            wedge = Wedge(centre, outer, first + 1, first + step - 1, width=outer - hub)
            wedge.set(facecolor=self._accent, linewidth=0)
            self._axes.add_patch(wedge)
        for hour, right, down in ((0, 0, -1), (6, 1, 0), (12, 0, 1), (18, -1, 0)):
            at = (centre[0] + right * 0.92 * radius, centre[1] + down * 0.92 * radius)
            self._axes.text(
                *at, f"{hour:02}", ha="center", va="center", color=WHITE, **self._font(36, PLAIN)
            )

    def _sides(self, top: float, bottom: float, sides: list[Side]) -> None:
        step = min((bottom - top) / len(sides), 210)
        top = bottom - step * len(sides)
        for number, side in enumerate(sides):
            at = top + number * step
            is_high = side.score >= 0.5
            for word, is_on, right in ((side.low, not is_high, False), (side.high, is_high, True)):
                colour, weight = (self._accent, BOLD) if is_on else (WHITE, PLAIN)
                left = MARGIN + (self._inner - self._width(word, 38, weight) if right else 0)
                self._text(left, at, word, 38, weight, colour)
            self._bar(MARGIN, at + 66, self._inner, 10, alpha=0.25, colour=WHITE)
            dot = Circle((MARGIN + side.score * self._inner, at + 71), 18, linewidth=0)
            dot.set_facecolor(self._accent)
            self._axes.add_patch(dot)
            self._text(MARGIN, at + 100, side.told, 32)

    def _bar(
        self, left: float, top: float, width: float, height: float, *,
        alpha: float = 1, colour: str = "",
    ) -> None:  # fmt: skip
        bar = Rectangle((left, top), width, height, linewidth=0, alpha=alpha)
        bar.set_facecolor(colour or self._accent)
        self._axes.add_patch(bar)

    def _paragraph(
        self, top: float, words: str, size: float, weight: int = PLAIN, colour: str = WHITE, *,
        most: int = 4,
    ) -> float:  # fmt: skip
        """Set words in at most so many lines; return where they end."""
        for line in self._lines(words, size, weight, most=most):
            self._text(MARGIN, top, line, size, weight, colour)
            top += size * _LINE
        return top

    def _lines(self, words: str, size: float, weight: int, *, most: int) -> list[str]:
        """Words broken to the width of the card; what goes beyond the last line is cut."""
        lines = [""]
        for word in self._words(words, size, weight):
            longer = f"{lines[-1]} {word}".strip()
            if self._width(longer, size, weight) <= self._inner:
                lines[-1] = longer
            else:
                lines.append(word)
        if len(lines) > most:
            lines[most - 1 :] = [self._cut(" ".join(lines[most - 1 :]), size, weight, self._inner)]
        return lines

    def _words(self, words: str, size: float, weight: int) -> Iterator[str]:
        """Words, and the parts of those that are longer than a line (as where none has spaces)."""
        for word in words.split():
            while self._width(word, size, weight) > self._inner:
                fitting = self._fitting(word, size, weight, self._inner)
                yield word[:fitting]
                word = word[fitting:]
            yield word

    def _cut(self, words: str, size: float, weight: int, width: float) -> str:
        if self._width(words, size, weight) <= width:
            return words
        room = width - self._width("…", size, weight)
        return f"{words[: self._fitting(words, size, weight, room)].rstrip()}…"

    def _fitting(self, words: str, size: float, weight: int, width: float) -> int:
        """How many of the first characters fit, one at least."""
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if self._width(words[:middle], size, weight) <= width:
                low = middle
            else:
                high = middle - 1
        return low

    def _width(self, words: str, size: float, weight: int) -> float:
        font = FontProperties(**self._font(size, weight))
        width, _, _ = self._canvas.get_renderer().get_text_width_height_descent(words, font, False)
        return width

    def _text(
        self, left: float, top: float, words: str, size: float, weight: int = PLAIN,
        colour: str = WHITE,
    ) -> None:  # fmt: skip
        self._axes.text(
            left, top + 0.93 * size, words, ha="left", va="baseline", color=colour,
            parse_math=False, **self._font(size, weight),
        )  # fmt: skip

    def _font(self, size: float, weight: int) -> dict[str, object]:
        return {"family": self._families, "size": size * _POINTS, "weight": weight}
