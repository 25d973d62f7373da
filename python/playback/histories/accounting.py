"""What became of every row of every file that was read."""

from collections import Counter
from dataclasses import dataclass, field

from playback.errors import PlaybackError

_WORDS = ("file", "what it is", "listener")
_NUMBERS = ("rows", "landed", "duplicates", "not\nmusic", "without\na track", "rejected")


@dataclass
class Account:
    """The rows of one file, by what became of them; the parts add up to `rows`.

    Attributes:
        file: how the user knows it.
        kind: what it is.
        listener: whose it is; None where the file has many listeners.
        landed: plays that were not there before.
        duplicates: plays that were there already, or stand twice in what is imported.
        reasons: how many rows were rejected for which reason.
    """

    file: str
    kind: str
    listener: str | None
    rows: int = 0
    landed: int = 0
    duplicates: int = 0
    not_music: int = 0
    no_track: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def parts(self) -> tuple[int, ...]:
        """Rows, and what they add up from, in the order of the closing table."""
        return (
            *(self.rows, self.landed, self.duplicates),
            *(self.not_music, self.no_track, self.rejected),
        )

    def check(self) -> None:
        """Make sure that no row is lost.

        Raises:
            PlaybackError: the parts do not add up.
        """
        rows, *parts = self.parts
        if rows != sum(parts):
            raise PlaybackError(f"{self.file}: {rows:,} rows were read, and {sum(parts):,} told of")


def table(accounts: list[Account]) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
    """The closing table: title, header, rows, with a sum where there are several files.

    What is the same for all files is said in the title, and not in each row: it has to be read
    on a narrow screen.
    """
    words = [
        _without_beginning([it.file for it in accounts]),
        [it.kind for it in accounts],
        [it.listener or "many" for it in accounts],
    ]
    shown = [place for place in (0, 1, 2) if place == 0 or len({*words[place]}) > 1]
    same = [words[place][0] for place in (2, 1) if place not in shown]
    numbers = [it.parts for it in accounts]
    rows = [
        (*(words[place][row] for place in shown), *(f"{part:,}" for part in parts))
        for row, parts in enumerate(numbers)
    ]
    if len(accounts) > 1:
        sums = (f"{sum(parts):,}" for parts in zip(*numbers, strict=True))
        rows.append(("all", *[""] * (len(shown) - 1), *sums))
    title = " of ".join(["Rows", ", ".join(same)]) if same else "Rows"
    return title, (*(_WORDS[place] for place in shown), *_NUMBERS), rows


def _without_beginning(names: list[str]) -> list[str]:
    """Names of files without the words that all of them begin with."""
    first, last = min(names), max(names)
    if first == last:
        return names
    pairs = enumerate(zip(first, last, strict=False))
    length = next((at for at, (one, other) in pairs if one != other), len(first))
    start = first.rfind("_", 0, length) + 1
    return [f"…{name[start:]}" if start else name for name in names]
