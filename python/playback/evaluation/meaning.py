"""Whether plays have to do with each other: what skips and sequences teach, and their controls."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from playback.evaluation import sequels, skips
from playback.evaluation.histories import (
    History,
    with_skips_permuted,
    with_tracks_permuted,
)
from playback.progress import Progress
from playback.warehouse import Warehouse

LEAST_OVERLAP = 0.5
"""Of the reference's p10-p90, the simulated p10-p90 must cover this share, as in the realism."""


class Reference(NamedTuple):
    """How a statistic is spread over the listeners of the real histories."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class Foretold(NamedTuple):
    """How well skips are foretold.

    Attributes:
        statistic: what from, as in the seed `reference_models`.
        listeners: that it is of.
        p10, p50, p90: quantiles of the AUC over them.
        permuted: the median where the skips of each listener are permuted.
        reference: the same of real histories.
        is_inside: whether it is like them, as realism judges.
    """

    statistic: str
    listeners: int
    p10: float
    p50: float
    p90: float
    permuted: float
    reference: Reference
    is_inside: bool


class Meaning(NamedTuple):
    """What `measure_meaning` has found.

    Attributes:
        skips: how well they are foretold.
        next_tracks: the share of next tracks that a recommender names, by recommender.
        next_tracks_permuted: the same where each listener's tracks come in another order.
    """

    skips: list[Foretold]
    next_tracks: dict[str, float]
    next_tracks_permuted: dict[str, float]


_STATISTICS: dict[str, Callable[[History], float | None]] = {
    "auc_skip_from_track_history": skips.auc_from_track_history,
    "auc_skip_from_last_play": skips.auc_from_last_play,
}


def read_references(warehouse: Warehouse) -> dict[str, Reference]:
    """Read the seed `reference_models`."""
    return {
        statistic: Reference(*quantiles)
        for statistic, *quantiles in warehouse.rows(
            "select statistic, p10, p25, p50, p75, p90 from seeds.reference_models"
        )
    }


def measure_meaning(
    histories: list[History], references: dict[str, Reference], seed: int, progress: Progress
) -> Meaning:
    """Foretell skips and next tracks, and do so once more where the order is none."""
    random = np.random.default_rng(seed)
    progress.begin(4, "measures")
    permuted = [with_skips_permuted(history, random) for history in histories]
    foretold = []
    for statistic, measure in _STATISTICS.items():
        control = _known(measure, permuted)
        values = _known(measure, histories)
        if values and control:
            foretold.append(_judged(statistic, values, control, references[statistic]))
        progress.advance(1)
    next_tracks = sequels.recall(histories)
    progress.advance(1)
    next_tracks_permuted = sequels.recall(
        [with_tracks_permuted(history, random) for history in histories]
    )
    progress.advance(1)
    return Meaning(foretold, next_tracks, next_tracks_permuted)


def _known(measure: Callable[[History], float | None], histories: list[History]) -> list[float]:
    return [value for history in histories if (value := measure(history)) is not None]


def _judged(
    statistic: str, values: list[float], control: list[float], reference: Reference
) -> Foretold:
    p10, p50, p90 = (float(it) for it in np.percentile(values, [10, 50, 90]))
    covered = min(p90, reference.p90) - max(p10, reference.p10)
    is_inside = reference.p25 <= p50 <= reference.p75 and covered >= LEAST_OVERLAP * (
        reference.p90 - reference.p10
    )
    return Foretold(
        statistic, len(values), p10, p50, p90, float(np.median(control)), reference, is_inside
    )
