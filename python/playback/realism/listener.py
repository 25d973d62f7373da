"""The statistics of one listener's history."""

import numpy as np
from numpy.typing import NDArray

from playback.realism.histories import DAY_MS, Histories, gaps_ms, session_lengths

SKIP_MS = 30_000
"""The reference calls a shorter play a skip, complete or not."""

FIRST_PLAY_OF_HEAPS = 20
TOP_ARTISTS = 10


def statistics(history: Histories) -> dict[str, float]:
    """Every statistic of one listener; NaN where it has no meaning (no skip to follow, say)."""
    return _habits(history) | _stops(history) | _sessions(history) | choice_statistics(history)


def _habits(history: Histories) -> dict[str, float]:
    day = history.ended_ms // DAY_MS
    # 1970-01-01 was a Thursday: Monday is 0.
    weekend = np.count_nonzero((day + 3) % 7 >= 5)
    return {
        "active_day_share": len(np.unique(day)) / history.days,
        "weekend_to_weekday_ratio": _ratio(weekend / 2, (len(day) - weekend) / 5),
    }


def _stops(history: Histories) -> dict[str, float]:
    return {
        f"stopped_under_{seconds}s_share": np.mean(history.listening_ms < 1000 * seconds)
        for seconds in (5, 10, 30)
    }


def _sessions(history: Histories) -> dict[str, float]:
    _, opens = gaps_ms(history)
    is_skip = history.listening_ms < SKIP_MS
    lengths = session_lengths(opens)
    followed_skip = is_skip[:-1] & ~opens[1:]
    followed_play = ~is_skip[:-1] & ~opens[1:]
    return {
        "skip_after_skip_share": _ratio(
            np.count_nonzero(followed_skip & is_skip[1:]), np.count_nonzero(followed_skip)
        ),
        "skip_after_play_share": _ratio(
            np.count_nonzero(followed_play & is_skip[1:]), np.count_nonzero(followed_play)
        ),
        "tracks_per_session_mean": lengths.mean(),
        "tracks_per_session_median": np.median(lengths),
        "single_track_session_share": np.mean(lengths == 1),
        "sessions_per_active_day": len(lengths) / len(np.unique(history.ended_ms // DAY_MS)),
    }


def choice_statistics(history: Histories) -> dict[str, float]:
    """What is played next, and how plays are spread over tracks and artists."""
    track, artist = history.track, history.artist
    plays = len(track)
    _, first_plays, track_plays = np.unique(track, return_index=True, return_counts=True)
    _, artist_plays = np.unique(artist, return_counts=True)
    return {
        "repeat_share": 1 - len(track_plays) / plays,
        "next_same_track_share": _ratio(np.count_nonzero(track[1:] == track[:-1]), plays - 1),
        "next_same_artist_share": _ratio(np.count_nonzero(artist[1:] == artist[:-1]), plays - 1),
        "heaps_exponent_tracks": _heaps_exponent(first_plays, plays),
        "gini_tracks_within_listener": gini(track_plays),
        "top_10_artists_share": np.sort(artist_plays)[-TOP_ARTISTS:].sum() / plays,
    }


def _heaps_exponent(first_plays: NDArray[np.int64], plays: int) -> float:
    """The slope of ln(distinct so far) on ln(plays so far), from the 20th play (least squares)."""
    is_first = np.zeros(plays, dtype=np.int64)
    is_first[first_plays] = 1
    so_far = np.arange(FIRST_PLAY_OF_HEAPS, plays + 1)
    if len(so_far) < 2:
        return np.nan
    log_plays = np.log(so_far)
    log_plays -= log_plays.mean()
    log_distinct = np.log(np.cumsum(is_first)[FIRST_PLAY_OF_HEAPS - 1 :])
    return log_plays @ log_distinct / (log_plays @ log_plays)


def gini(counts: NDArray[np.int64]) -> float:
    """The Gini coefficient: 0 where all are equal, towards 1 where one has everything."""
    ascending, size = np.sort(counts), len(counts)
    return (2 * np.arange(1, size + 1) - size - 1) @ ascending / (size * ascending.sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else np.nan
