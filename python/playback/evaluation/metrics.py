"""How good the first twenty recommendations are."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Scorer = Callable[[slice], NDArray[np.floating]]
"""A recommender that has learned: gives a block of n listeners a score per song, (n, songs)."""

CUT = 20
_BLOCK = 256


class Quality(NamedTuple):
    """Means over the listeners that have something to find, 0-1.

    Attributes:
        recall: of the songs to find, the share among the first `CUT`.
        ndcg: discounted cumulative gain of the first `CUT`, over the greatest possible
            (Jarvelin and Kekalainen, 2002): a hit at place p gains 1 / log2(p + 1).
        coverage: of the catalogue, the share that was recommended to anybody.
    """

    recall: float
    ndcg: float
    coverage: float


def measure(scorer: Scorer, wanted: csr_array, barred: csr_array | None = None) -> Quality:
    """Hold the `CUT` best-scored songs of each listener against those `wanted`.

    Args:
        scorer: the recommender.
        wanted: (listeners, songs), not 0 where a song is to be found.
        barred: not 0 where a song may not be recommended, and is not to be found either.
    """
    listeners, songs = wanted.shape
    cut = min(CUT, songs)
    gains = 1 / np.log2(np.arange(2, cut + 2))
    greatest = np.cumsum(gains)
    recalls, ndcgs = [], []
    is_recommended = np.zeros(songs, dtype=bool)
    for first in range(0, listeners, _BLOCK):
        block = slice(first, min(first + _BLOCK, listeners))
        scores = np.array(scorer(block), dtype=np.float32)
        is_wanted = wanted[block].toarray() > 0
        if barred is not None:
            is_barred = barred[block].toarray() > 0
            scores[is_barred] = -np.inf
            is_wanted &= ~is_barred
        counts = is_wanted.sum(axis=1)
        asking = counts > 0
        best = _best(scores[asking], cut)
        hits = np.take_along_axis(is_wanted[asking], best, axis=1)
        counts = counts[asking]
        recalls.append(hits.sum(axis=1) / counts)
        ndcgs.append((hits * gains).sum(axis=1) / greatest[np.minimum(counts, cut) - 1])
        is_offered = np.isfinite(np.take_along_axis(scores[asking], best, axis=1))
        is_recommended[best[is_offered]] = True
    recall, ndcg = np.concatenate(recalls), np.concatenate(ndcgs)
    if not len(recall):
        return Quality(0.0, 0.0, 0.0)
    return Quality(float(recall.mean()), float(ndcg.mean()), float(is_recommended.mean()))


def _best(scores: NDArray[np.float32], cut: int) -> NDArray[np.int64]:
    """The `cut` best columns of each row, the best first."""
    best = np.sort(np.argpartition(-scores, cut - 1, axis=1)[:, :cut], axis=1)
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)
