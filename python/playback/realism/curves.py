"""The curves over all plays of many listeners."""

import numpy as np
from numpy.typing import NDArray

from playback.realism.histories import DAY_MS, Histories, gaps_ms, session_lengths
from playback.realism.listener import SKIP_MS

HOUR_MS = 3_600_000
QUIETEST_HOUR = 4
CURVE_TRACK_MS = (180_000, 300_000)
"""Tracks that the curves of stopping are read from."""

POSITION_SESSION = 10
"""Tracks that a session must have to count in the skip share by position."""

Floats = NDArray[np.float64]


def curve(histories: Histories, name: str, at: Floats) -> Floats:
    """The values of one curve at these places, in the unit of the reference."""
    return _CURVES[name](histories, at)


def _share_up_to(values: NDArray[np.number], at: Floats) -> Floats:
    return np.searchsorted(np.sort(values), at, side="right") / len(values)


def _share_equal(values: NDArray[np.int64], at: Floats) -> Floats:
    return np.bincount(values, minlength=24)[at.astype(int)] / len(values)


def _stop_seconds(histories: Histories, at: Floats) -> Floats:
    shortest, longest = CURVE_TRACK_MS
    kept = (histories.duration_ms >= shortest) & (histories.duration_ms <= longest)
    return _share_up_to(histories.listening_ms[kept], 1000 * at)


def _stop_ratio(histories: Histories, at: Floats) -> Floats:
    shortest, longest = CURVE_TRACK_MS
    kept = (histories.duration_ms >= shortest) & (histories.duration_ms <= longest)
    return _share_up_to(histories.listening_ms[kept] / histories.duration_ms[kept], at)


def _day_of_week(histories: Histories, at: Floats) -> Floats:
    # 1970-01-01 was a Thursday: Sunday is 0.
    return _share_equal((histories.ended_ms // DAY_MS + 4) % 7, at)


def _hour_of_day(histories: Histories, at: Floats) -> Floats:
    """Plays by UTC hour, each listener's turned until the hour with the fewest plays is 04."""
    hour = histories.ended_ms // HOUR_MS % 24
    plays = np.bincount(24 * histories.listener + hour, minlength=24 * len(histories.user_keys))
    quietest = plays.reshape(-1, 24).argmin(axis=1)
    return _share_equal((hour - quietest[histories.listener] + QUIETEST_HOUR) % 24, at)


def _session_tracks(histories: Histories, at: Floats) -> Floats:
    return np.percentile(session_lengths(gaps_ms(histories)[1]), at)


def _session_continue(histories: Histories, at: Floats) -> Floats:
    lengths = session_lengths(gaps_ms(histories)[1])
    return _share_above(lengths, at) / _share_above(lengths, at - 1)


def _share_above(values: NDArray[np.number], at: Floats) -> Floats:
    return 1 - _share_up_to(values, at)


def _gap_between_sessions(histories: Histories, at: Floats) -> Floats:
    pause, opens = gaps_ms(histories)
    opens[histories.starts[:-1]] = False
    return np.percentile(pause[opens], at) / HOUR_MS


def _gap_within_session(histories: Histories, at: Floats) -> Floats:
    pause, opens = gaps_ms(histories)
    return np.percentile(pause[~opens], at) / 1000


def _skip_by_position(histories: Histories, at: Floats) -> Floats:
    _, opens = gaps_ms(histories)
    lengths = session_lengths(opens)
    position = 1 + np.arange(len(opens)) - np.repeat(np.flatnonzero(opens), lengths)
    kept = (np.repeat(lengths, lengths) >= POSITION_SESSION) & (position <= at.max())
    plays = np.bincount(position[kept], minlength=int(at.max()) + 1)
    skips = np.bincount(
        position[kept], histories.listening_ms[kept] < SKIP_MS, minlength=len(plays)
    )
    return (skips / np.maximum(plays, 1))[at.astype(int)]


def _repeat_lag(histories: Histories, at: Floats) -> Floats:
    """How many plays ago a repeated track was last played, over all repeats."""
    listener_track = histories.listener * (histories.track.max() + 1) + histories.track
    order = np.argsort(listener_track, kind="stable")
    is_repeat = np.diff(listener_track[order]) == 0
    return _share_up_to(np.diff(order)[is_repeat], at)


_CURVES = {
    "cumulative_stop_by_second": _stop_seconds,
    "cumulative_stop_by_played_ratio": _stop_ratio,
    "day_of_week_share": _day_of_week,
    "session_tracks_quantile": _session_tracks,
    "session_continue_share": _session_continue,
    "gap_between_sessions_hours_quantile": _gap_between_sessions,
    "gap_within_session_seconds_quantile": _gap_within_session,
    "skip_share_by_session_position": _skip_by_position,
    "repeat_within_lag_share": _repeat_lag,
    "hour_of_day_share": _hour_of_day,
}
