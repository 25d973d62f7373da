"""The findings: each statistic beside its reference, and whether it lies inside."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from playback.progress import Progress
from playback.realism import curves, personalities, population
from playback.realism.histories import YEAR, Histories, read_catalogue, read_histories, read_window
from playback.realism.listener import statistics
from playback.realism.reference import read_bands, read_figures, read_points
from playback.warehouse import Warehouse

LIKE_PLAYS_A_DAY = (18, 114)
"""Listeners as active as those of the reference: its own p10-p90."""

LEAST_EFFECT = 2.0
LEAST_GENRE_CORRELATION = 0.7
"""From where on personalities and tastes count as visible."""


class Finding(NamedTuple):
    """One statistic.

    Attributes:
        statistic: its name.
        at: its window, its place on the curve, or nothing.
        reference: what it is held against.
        simulated: its value, or why there is none.
        is_inside: whether it matches; None where it does not count.
    """

    statistic: str
    at: str
    reference: str
    simulated: str
    is_inside: bool | None


@dataclass(frozen=True)
class Chapter:
    """The findings of one kind."""

    title: str
    findings: list[Finding]

    @property
    def counted(self) -> int:
        """Findings that count."""
        return sum(finding.is_inside is not None for finding in self.findings)

    @property
    def inside(self) -> int:
        """Findings that match."""
        return sum(finding.is_inside is True for finding in self.findings)


def measure(warehouse: Warehouse, progress: Progress) -> list[Chapter]:
    """Hold the last year of a fixed sample of listeners against every reference.

    Raises:
        PlaybackError: there are no plays.
    """
    window = read_window(warehouse)
    catalogue = read_catalogue(warehouse)
    everyone = read_histories(warehouse, catalogue, window)
    progress.begin(len(everyone.track), "plays")
    chapters = [
        Chapter("One listener (quantiles over like listeners)", _per_listener(everyone)),
        Chapter("All plays (of like listeners)", _curves(everyone)),
        Chapter(
            "The population (all listeners)", _published(population.figures(everyone, catalogue))
        ),
        Chapter(
            "Personalities and tastes",
            _personalities(
                everyone,
                personalities.effect_sizes(warehouse, everyone, catalogue),
                personalities.genre_correlation(warehouse, everyone, catalogue),
            ),
        ),
    ]
    progress.advance(len(everyone.track))
    return chapters


def like_listeners(histories: Histories) -> Histories:
    """Those whose activity in the window lies in the reference's range."""
    least, most = (plays * histories.days for plays in LIKE_PLAYS_A_DAY)
    return histories.of((histories.plays >= least) & (histories.plays <= most))


def _per_listener(everyone: Histories) -> list[Finding]:
    measured: dict[int, dict[str, np.ndarray]] = {}
    findings = []
    for band in read_bands():
        if band.days not in measured:
            measured[band.days] = _like_statistics(everyone, band.days)
        values = measured[band.days].get(band.statistic, np.array([]))
        at = f"{band.days} days"
        reference = f"{band.p10:.3f} [{band.p25:.3f}-{band.p75:.3f}] {band.p90:.3f}"
        if everyone.days < band.days:
            findings.append(_too_short(band.statistic, at, reference))
        elif not len(values):
            findings.append(Finding(band.statistic, at, reference, "no like listeners", False))
        else:
            p10, p50, p90 = np.percentile(values, [10, 50, 90])
            simulated = f"{p10:.3f} [{p50:.3f}] {p90:.3f}"
            is_inside = band.holds(p10, p50, p90)
            findings.append(Finding(band.statistic, at, reference, simulated, is_inside))
    return findings


def _like_statistics(everyone: Histories, days: int) -> dict[str, np.ndarray]:
    """The values of every statistic over like listeners in the last days, without NaN."""
    values = defaultdict(list)
    if everyone.days >= days:
        for history in like_listeners(everyone.last_days(days)).each():
            for name, value in statistics(history).items():
                values[name].append(value)
    listed = {name: np.array(column) for name, column in values.items()}
    return {name: column[~np.isnan(column)] for name, column in listed.items()}


def _curves(everyone: Histories) -> list[Finding]:
    points = defaultdict(list)
    for point in read_points():
        points[point.curve].append(point)
    like = like_listeners(everyone)
    findings = []
    for name, of_curve in points.items():
        at = np.array([point.at for point in of_curve])
        can_count = everyone.days >= YEAR and len(like.track)
        values = curves.curve(like, name, at) if can_count else np.full(len(at), np.nan)
        for point, value in zip(of_curve, values, strict=True):
            least, most = point.bounds
            reference = f"{least:.4g}-{most:.4g}"
            if everyone.days < YEAR:
                findings.append(_too_short(name, f"{point.at:g}", reference))
            else:
                is_inside = bool(least <= value <= most)
                findings.append(
                    Finding(name, f"{point.at:g}", reference, f"{value:.4g}", is_inside)
                )
    return findings


def _published(simulated: dict[str, float]) -> list[Finding]:
    findings = []
    for figure in read_figures():
        if figure.statistic not in simulated:
            continue
        value = simulated[figure.statistic]
        if figure.lowest is None:
            reference, is_inside = f"{figure.value:.5g}", None
        else:
            reference = f"{figure.value:.5g} ({figure.lowest:.5g}-{figure.highest:.5g})"
            is_inside = bool(figure.lowest <= value <= figure.highest)
        findings.append(Finding(figure.statistic, "", reference, f"{value:.5g}", is_inside))
    return findings


def _personalities(
    everyone: Histories, effects: dict[str, float], genre_correlation: float
) -> list[Finding]:
    values = [(name, LEAST_EFFECT, value) for name, value in effects.items()]
    values.append(("genre_affinity_correlation", LEAST_GENRE_CORRELATION, genre_correlation))
    return [
        _too_short(name, f"{YEAR} days", f"at least {least:g}")
        if everyone.days < YEAR
        else Finding(
            name, f"{YEAR} days", f"at least {least:g}", f"{value:.3f}", bool(value >= least)
        )
        for name, least, value in values
    ]


def _too_short(statistic: str, at: str, reference: str) -> Finding:
    return Finding(statistic, at, reference, "not enough days", None)
