"""How a stage tells what it has done, without knowing who listens."""

from typing import Protocol


class Progress(Protocol):
    """What a stage reports to: a bar on a terminal, plain lines elsewhere, nothing in tests."""

    def begin(self, total: int, unit: str) -> None:
        """Announce `total` units of work; `unit` is a plural noun ("plays", "rows")."""

    def advance(self, done: int) -> None:
        """Add `done` finished units."""


class Silent:
    """A `Progress` that says nothing."""

    def begin(self, total: int, unit: str) -> None:
        """Ignore the announcement."""

    def advance(self, done: int) -> None:
        """Ignore the step."""
