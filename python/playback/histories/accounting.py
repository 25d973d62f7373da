"""What became of every row of every file that was read."""

from collections import Counter
from dataclasses import dataclass, field

from playback.errors import PlaybackError

HEADER = (
    *("file", "what it is", "listener", "rows", "landed", "duplicates", "not music"),
    *("without a track", "rejected"),
)


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
        """Rows, and what they add up from, in the order of `HEADER`."""
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


def table(accounts: list[Account]) -> list[tuple[str, ...]]:
    """The rows of the closing table, with a sum where there are several files."""
    rows = [
        (it.file, it.kind, it.listener or "many", *(f"{part:,}" for part in it.parts))
        for it in accounts
    ]
    if len(accounts) > 1:
        sums = map(sum, zip(*(it.parts for it in accounts), strict=True))
        rows.append(("all", "", "", *(f"{part:,}" for part in sums)))
    return rows
