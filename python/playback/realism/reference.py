"""What the simulated plays are held against: the figures in the seeds of the project."""

import csv
from dataclasses import dataclass

from playback.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"

LEAST_OVERLAP = 0.5
"""Share of the reference's p10-p90 that the simulated p10-p90 must cover."""

RELATIVE_TOLERANCE = 0.10
ABSOLUTE_TOLERANCE = 0.01
"""A point of a curve may miss by this much of itself, or by one point."""


@dataclass(frozen=True)
class Band:
    """Quantiles of one statistic over listeners, in a window of so many days."""

    statistic: str
    days: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float

    def holds(self, p10: float, p50: float, p90: float) -> bool:
        """Whether the median lies in the middle half, and the ranges overlap enough."""
        overlap = min(p90, self.p90) - max(p10, self.p10)
        is_wide = overlap >= LEAST_OVERLAP * (self.p90 - self.p10)
        return bool(self.p25 <= p50 <= self.p75 and is_wide)


@dataclass(frozen=True)
class Point:
    """One point of a curve over all plays."""

    curve: str
    at: float
    value: float

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that match it."""
        tolerance = max(ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE * abs(self.value))
        return self.value - tolerance, self.value + tolerance


@dataclass(frozen=True)
class Figure:
    """A published figure and the range it counts as met in, if it is comparable at all."""

    statistic: str
    value: float
    lowest: float | None
    highest: float | None


def read_bands() -> list[Band]:
    """Read the statistics of single listeners."""
    return [
        Band(
            row["statistic"],
            int(row["window_days"]),
            *(float(row[quantile]) for quantile in ("p10", "p25", "p50", "p75", "p90")),
        )
        for row in _read("reference_per_listener.csv")
    ]


def read_points() -> list[Point]:
    """Read the curves over all plays."""
    return [
        Point(row["curve"], float(row["curve_point"]), float(row["reference_value"]))
        for row in _read("reference_curves.csv")
    ]


def read_figures() -> list[Figure]:
    """Read the published figures."""
    return [
        Figure(
            row["statistic"],
            float(row["published_value"]),
            float(row["lowest"]) if row["lowest"] else None,
            float(row["highest"]) if row["highest"] else None,
        )
        for row in _read("reference_published.csv")
    ]


def _read(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
