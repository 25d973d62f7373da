"""When a listener listens: active days, the sessions of a day, and how long each goes on."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math

import numpy as np

from playback.player.clock import DAY_MS, HOUR_MS, is_weekend, offset_ms, utc_ms, weekday
from playback.player.compiling import compiled
from playback.player.history import is_full, is_skip, tracks_before, write_play
from playback.player.lifelike.choosing import NO, YES, next_track
from playback.player.lifelike.keys import ABSENCES, FIRST, HABITS, LEVELS, RETURNS
from playback.player.lifelike.laws import LONGEST_SESSION, MOST_CERTAIN_STOP
from playback.player.lifelike.liking import give_opinion, liking, standard, weigh
from playback.player.lifelike.stopping import draw_listening_ms, draw_reason_end
from playback.player.numbers import (
    exponential,
    fold,
    mix,
    next_key,
    normal,
    quantile,
    uniform,
    unit,
)

MOST_SESSIONS_A_DAY = 24
FIRST_DAYS = 7
"""Days from the calendar's first one on, on one of which a listener is sure to play."""


@compiled
def play_day(day):
    """Go on with last night's session, or not; then open the sessions of the day."""
    laws, state, starts, row = day.laws, day.state, day.scratch.sessions, day.first_row
    weigh(day)
    is_running = (
        day.midnight_ms - state.ended_ms <= laws.midnight_ms
        and state.session_tracks > 0
        and _goes_on(day, state.session_tracks, state.was_skip)
    )
    sessions = _draw_starts(day, starts)
    for session in range(-1 if is_running else 0, sessions):
        if session < 0:
            start_ms = state.ended_ms + _gap_ms(day)
        else:
            start_ms = day.midnight_ms + starts[session]
            if start_ms <= state.ended_ms + laws.break_ms:
                extra_ms = 1 + laws.break_mean_extra_ms * exponential(day.stream)
                start_ms = state.ended_ms + laws.break_ms + np.int64(extra_ms)
            if start_ms >= day.midnight_ms + DAY_MS:
                break
        row, is_over = _play_session(day, start_ms, row)
        if is_over:
            break
    return row


@compiled
def _draw_starts(day, starts):
    """Draw when in the UTC day sessions open, in ms, ascending; returns how many.

    A busy weekday makes an active day likelier and gives it more sessions. On one day of the
    calendar's first week a listener is active before noon, so that every one has a play.
    """
    listener, stream = day.listener, day.stream
    weight = day.laws.day_weight[weekday(day)]
    if is_weekend(day):
        weight *= listener.weekend_ratio
    weight *= _level(day)
    active_share = listener.active_day_share ** (1.0 / weight)
    is_first = day.number - day.simulation.first_day == int(FIRST_DAYS * unit(fold(day.key, FIRST)))
    if (uniform(stream) >= active_share or _is_absent(day)) and not is_first:
        return 0
    expected = listener.active_day_share * listener.sessions_per_active_day * weight / active_share
    expected /= 1.0 - listener.absence_days / day.laws.season_days
    sessions = 1
    waited, start = exponential(stream), np.int64(0)
    return_hours = day.laws.return_mean_hours * math.exp(
        day.laws.return_sigma * standard(day, fold(day.key, RETURNS))
    )
    while waited < expected - 1 and sessions < MOST_SESSIONS_A_DAY:
        sessions += 1
        waited += exponential(stream)
    for session in range(sessions):
        start = (start + _ms(return_hours * exponential(stream))) % DAY_MS
        clock_ms = start + offset_ms(day, start) - _ms(listener.chronotype_hours)
        return_share = day.laws.return_share * day.laws.awake_share[clock_ms % DAY_MS // HOUR_MS]
        if not session or uniform(stream) >= return_share:
            start = utc_ms(day, _ms(_draw_local_hour(day)), 1)
        index = session
        while index > 0 and starts[index - 1] > start:
            starts[index] = starts[index - 1]
            index -= 1
        starts[index] = start
    if is_first:
        starts[0] %= DAY_MS // 2
    return sessions


@compiled
def _level(day):
    """How much more than usual a listener listens: waves of their own, of days and of weeks."""
    laws, log_level = day.laws, 0.0
    spread = math.exp(laws.wave_spread * standard(day, fold(day.key, LEVELS)))
    for wave in range(len(laws.wave_days)):
        key = fold(fold(day.key, LEVELS), wave)
        at = day.number / laws.wave_days[wave] + unit(key)
        number = int(at)
        left, right = standard(day, fold(key, number)), standard(day, fold(key, number + 1))
        height = left + (right - left) * (at - number)
        sigma = spread * laws.wave_sigma[wave]
        log_level += sigma * height - sigma**2 / 3.0
    return math.exp(log_level)


@compiled
def _ms(hours):
    return np.int64(hours * HOUR_MS)


@compiled
def _is_absent(day):
    """Whether the day lies in an absence that began in this season or in the one before."""
    laws, key = day.laws, fold(day.key, ABSENCES)
    season = int(day.number / laws.season_days)
    for began in range(season - 1, season + 1):
        start = fold(key, began)
        days_since = day.number - (began + unit(start)) * laws.season_days
        lasts_days = -day.listener.absence_days * math.log(1.0 - unit(mix(start)))
        if 0 <= days_since < lasts_days:
            return True
    return False


@compiled
def _draw_local_hour(day):
    """Draw the start of a session: one of the listener's own times, or any by the usual curve."""
    laws, stream = day.laws, day.stream
    key, spread = next_key(stream), 0.0
    if uniform(stream) < laws.habitual_start_share:
        habit = int(unit(key) * laws.habitual_starts)
        key = fold(fold(day.key, HABITS), habit)
        spread = laws.habitual_start_sigma_hours * normal(stream)
    return quantile(laws.local_hour, key) + spread + day.listener.chronotype_hours


@compiled
def _play_session(day, start_ms, row):
    """Play tracks until the listener stops, or midnight cuts in: the second value says which.

    A play ends after the midnight before it, so that it belongs to this day.
    """
    state = day.state
    while not is_full(day, row):
        before = tracks_before(state, start_ms)
        track, code = next_track(day, before)
        liked = liking(day, track)
        listening_ms = draw_listening_ms(day, before, track, code, liked)
        ended_ms = max(start_ms + listening_ms, day.midnight_ms)
        if ended_ms >= day.midnight_ms + DAY_MS:
            break
        duration_ms = day.simulation.tracks[track].duration_ms
        skipped, is_whole = is_skip(listening_ms, duration_ms), listening_ms == duration_ms
        goes_on = _goes_on(day, before + 1, skipped)
        code += 32 * _offline(day, before) + 2048 * draw_reason_end(day, is_whole, skipped, goes_on)
        row = write_play(day, track, ended_ms, listening_ms, np.int16(code), row)
        give_opinion(day, track, liked, skipped, is_whole)
        if not goes_on:
            return row, False
        start_ms = ended_ms + _gap_ms(day)
    return row, True


@compiled
def _goes_on(day, played, skipped):
    """Draw whether the session has one more track, by how many it has, and whether by a skip."""
    stop_share = day.listener.stop_scale * day.laws.stop_share[min(played, LONGEST_SESSION) - 1]
    stop_share *= day.laws.stop_ratio[1 if skipped else 0]
    return uniform(day.stream) >= min(stop_share, MOST_CERTAIN_STOP)


@compiled
def _gap_ms(day):
    """How long a listener pauses between two tracks: hardly at all, or for some minutes."""
    laws, stream = day.laws, day.stream
    if uniform(stream) < day.listener.pause_share:
        return np.int64(laws.pause_ms[0] * (laws.pause_ms[1] / laws.pause_ms[0]) ** uniform(stream))
    return 1 + np.int64(1000 * quantile(laws.gap_seconds, next_key(stream)))


@compiled
def _offline(day, before):
    """Whether the session is offline, in the terms of the context code."""
    if before:
        return (day.state.context_code >> 5) & 3
    return YES if uniform(day.stream) < day.laws.offline_share else NO
