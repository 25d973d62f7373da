"""Whether a skip says something: how well the next one is foretold from those before."""

import numpy as np
from numpy.typing import NDArray

from playback.evaluation.histories import History


def auc_from_track_history(history: History) -> float | None:
    """AUC on a listener's last plays of a logistic model fitted on the first.

    It knows of each play how often, and with what share of skips, the track and the artist were
    played before, how the track's last play went, how long ago it was, and whether there was one.
    None where there are skips only, or none.
    """
    cut = history.train_count
    skips = history.is_skip
    if not _varies(skips[:cut]) or not _varies(skips[cut:]):
        return None
    features = _features(history)
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(features[:cut], skips[:cut])
    return _auc(skips[cut:], model.decision_function(features[cut:]))


def auc_from_last_play(history: History) -> float | None:
    """AUC on the same plays of the skip before alone, which the first of a session has not."""
    cut = history.train_count
    if not _varies(history.is_skip[cut:]):
        return None
    after_skip = np.roll(history.is_skip, 1) & ~history.opens_session
    return _auc(history.is_skip[cut:], after_skip[cut:])


def _auc(skips: NDArray[np.bool_], scores: NDArray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(skips, scores))


def _features(history: History) -> NDArray[np.float64]:
    """(n, 7): what is known of each play before it."""
    skips = history.is_skip.astype(np.float64)
    track_plays, track_skips = _so_far(history.tracks, skips)
    artist_plays, artist_skips = _so_far(history.artists, skips)
    last = _previous(history.tracks)
    is_first = last < 0
    hours = np.where(is_first, 0, history.minutes - history.minutes[last]) / 60
    return np.column_stack(
        [
            np.log1p(track_plays),
            track_skips / np.maximum(track_plays, 1),
            np.log1p(artist_plays),
            artist_skips / np.maximum(artist_plays, 1),
            np.where(is_first, 0, skips[last]),
            np.log1p(hours),
            is_first,
        ]
    )


def _so_far(
    groups: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of each place, how many of its group come before, and the sum of their values."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    sizes = np.diff([*starts, len(groups)])
    before = np.concatenate([[0], np.cumsum(values[order])[:-1]])
    counts, sums = np.empty(len(groups), dtype=np.int64), np.empty(len(groups))
    counts[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    sums[order] = before - np.repeat(before[starts], sizes)
    return counts, sums


def _previous(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each place, the last one before of its group; -1 where there is none."""
    order = np.argsort(groups, kind="stable")
    previous = np.full(len(groups), -1)
    is_alike = groups[order[1:]] == groups[order[:-1]]
    previous[order[1:][is_alike]] = order[:-1][is_alike]
    return previous


def _varies(skips: NDArray[np.bool_]) -> bool:
    return bool(skips.any() and not skips.all())
