"""Real listening: sessions that go on, favourites, returns, artist runs and runs of skips.

A listener's favourites are a function, not a store: who holds place r in a library is drawn by the
key of (listener, r, period), so that a library of any size costs no memory and stands on the first
day. Places change hands after a lifetime, each at its own time.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playback.player.kernel import (
    DAY_MS,
    LAST_PLACE,
    MOST_PLAYS_A_DAY,
    SKIP_MS,
    Day,
    artist_pool,
    compiled,
    draw_pool_by_taste,
    exponential,
    fold,
    is_full,
    is_out,
    is_weekend,
    mix,
    normal,
    offset_ms,
    oldest_track,
    period_at,
    place_of,
    power_law,
    quantile,
    record,
    tracks_before,
    uniform,
    unit,
    utc_ms,
    was_skip,
    weekday,
    write_play,
)
from playback.player.pools import RELEASE_PERIOD_DAYS
from playback.player.power_law import integral, inverse_power
from playback.presets import LifelikePlayer, ReplayKnobs

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
MOST_SESSIONS_A_DAY = 24
LONGEST_SESSION = 1024
"""The hazard of stopping is constant beyond this many tracks."""

MOST_CERTAIN_STOP = 0.95

LIBRARY, ARTISTS, HABITS, ABSENCES, FIRST = 1, 2, 3, 4, 5
"""What a listener's fixed keys are folded with; days are folded as day + 16."""

DAY_WORD = 16


FIRST_DAYS = 7
"""Days from the feed's first one on, on one of which a listener is sure to play."""

CURVE_POINTS = 513
"""Points that a cumulative curve is read off at."""


def laws_of(knobs: LifelikePlayer) -> NDArray[np.void]:
    """Put the knobs into a record; pairs are (weekday, weekend) or (without the trait, with it)."""
    sessions, choice, stops = knobs.sessions, knobs.choice, knobs.stops
    artists = choice.favourite_artists
    day_weight = np.array(sessions.day_weight)
    hour_until = np.concatenate([[0.0], np.cumsum(knobs.hour_weight) / sum(knobs.hour_weight)])
    return record(
        taste_share=(knobs.taste_share.weekday, knobs.taste_share.weekend),
        own_taste_share=(choice.own_taste_share.unique, choice.own_taste_share.common),
        new_discovery_share=(
            choice.new_releases.discovery_share.timeless,
            choice.new_releases.discovery_share.new,
        ),
        newest_days=choice.new_releases.newest_days,
        new_library_share=(
            choice.new_releases.library_share.timeless,
            choice.new_releases.library_share.new,
        ),
        unheard_plays=choice.discovery.unheard_plays,
        discovery_tries=choice.discovery.tries,
        season_days=sessions.absence.season_days,
        absence_mean_days=sessions.absence.mean_days,
        local_hour=_quantiles(hour_until, np.arange(25)),
        awake_share=np.minimum(np.array(knobs.hour_weight) / np.mean(knobs.hour_weight), 1.0),
        day_weight=day_weight / day_weight.mean(),
        habitual_start_share=sessions.habitual_start_share,
        habitual_starts=sessions.habitual_starts,
        habitual_start_sigma_hours=sessions.habitual_start_sigma_hours,
        return_share=sessions.return_share,
        return_mean_hours=sessions.return_mean_hours,
        break_ms=int(sessions.break_minutes * MINUTE_MS),
        break_mean_extra_ms=sessions.break_mean_extra_minutes * MINUTE_MS,
        stop_share=stop_shares(knobs),
        gap_seconds=_quantiles(sessions.gap_seconds.share, sessions.gap_seconds.value),
        midnight_ms=int(sessions.midnight_minutes * MINUTE_MS),
        rank_power=(
            inverse_power(knobs.popularity_exponent.unique),
            inverse_power(knobs.popularity_exponent.common),
        ),
        lag_growth=replay_growth(choice.replay),
        lag_power=inverse_power(choice.replay.lag_exponent),
        library_power=inverse_power(choice.library.exponent),
        library_lifetime_days=(
            choice.library.lifetime_days.timeless,
            choice.library.lifetime_days.new,
        ),
        artist_law=integral(artists.exponent, artists.breadth, artists.places),
        artist_breadth=artists.breadth,
        artist_power=inverse_power(artists.exponent),
        artist_lifetime_days=artists.lifetime_days,
        library_favourite_artist_share=choice.library_favourite_artist_share,
        discovery_favourite_artist_share=choice.discovery.favourite_artist_share,
        skip_seconds=_quantiles(stops.skip_seconds.share, stops.skip_seconds.value),
        partial_ratio=_quantiles(stops.partial_ratio.share, stops.partial_ratio.value),
    )


def _quantiles(share: Sequence[float], value: Sequence[float]) -> NDArray[np.float64]:
    return np.interp(np.linspace(0, 1, CURVE_POINTS), share, value)


def replay_growth(knobs: ReplayKnobs) -> NDArray[np.float64]:
    """The growth of the integral of the law of lags, up to a lag of at most 0, 1, ... plays."""
    return integral(knobs.lag_exponent, 1.0, np.arange(knobs.longest_lag + 1))[1]


def stop_shares(knobs: LifelikePlayer) -> NDArray[np.float64]:
    """P(no further track | n tracks so far) at index n - 1, up to a listener's own scale."""
    sessions = knobs.sessions
    tracks = np.arange(1, LONGEST_SESSION + 1)
    shares = (1 + tracks / sessions.stop_decay_tracks) ** -sessions.stop_decay_exponent
    shares[0] *= sessions.first_stop_ratio
    return shares


def stop_scales(knobs: LifelikePlayer, tracks_per_session: NDArray[np.float64]) -> NDArray:
    """The scale on `stop_shares` that gives sessions of this mean length."""
    scales = np.geomspace(1e-3, 2.0, 200)
    shares = np.minimum(scales[:, np.newaxis] * stop_shares(knobs), MOST_CERTAIN_STOP)
    survival = np.cumprod(1 - shares, axis=1)
    beyond = survival[:, -1] * (1 - shares[:, -1]) / shares[:, -1]
    means = 1 + survival.sum(axis=1) + beyond
    return np.interp(-tracks_per_session, -means, scales)


@compiled
def play_days(simulation, days, user, number, plays, scratch):
    """Play every day from `user` and `number` on; stop early when `plays` may not hold another day.

    Args:
        simulation: see `kernel.Simulation`.
        days: the first day to play, and the one after the last.
        user: index of the listener to begin with.
        number: the day to begin with.
        plays: see `kernel.Plays`, filled from the top.
        scratch: room to work in.

    Returns:
        The plays written, and the listener and the day to go on with.
    """
    tracks, pools, tastes = simulation.tracks, simulation.pools, simulation.tastes
    periods, laws = simulation.periods, simulation.laws[0]
    streams, row = scratch.streams, 0
    while user < len(simulation.listeners):
        listener = simulation.listeners[user]
        state, memory = simulation.states[user], simulation.memories[user]
        key, period = fold(simulation.key, listener.user_key), listener.first_period
        while number < days[1]:
            if row + MOST_PLAYS_A_DAY > len(plays.event_id):
                return row, user, number
            streams[0].word = fold(key, number + DAY_WORD)
            period = period_at(periods, period, number * DAY_MS)
            day = Day(
                tracks, pools, simulation.members, simulation.releases, tastes, periods, laws,
                listener, state, memory, key, number, number * DAY_MS, period,
                simulation.feed_day, streams[0], streams[1], streams[2], scratch.places, plays,
                row,
            )  # fmt: skip
            row = _play_day(day, scratch.sessions)
            number += 1
        user += 1
        number = days[0]
    return row, user, number


@compiled
def _play_day(day, starts):
    """Go on with last night's session, or not; then open the sessions of the day."""
    laws, state, row = day.laws, day.state, day.first_row
    is_running = day.midnight_ms - state.ended_ms <= laws.midnight_ms and _goes_on(day)
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
    feed's first week a listener is active before noon, so that every one has a play.
    """
    listener, stream = day.listener, day.stream
    weight = day.laws.day_weight[weekday(day)]
    if is_weekend(day):
        weight *= listener.weekend_ratio
    active_share = listener.active_day_share ** (1.0 / weight)
    is_first = day.number - day.feed_day == int(FIRST_DAYS * unit(fold(day.key, FIRST)))
    if (uniform(stream) >= active_share or _is_absent(day)) and not is_first:
        return 0
    expected = listener.active_day_share * listener.sessions_per_active_day * weight / active_share
    expected /= 1.0 - day.laws.absence_mean_days / day.laws.season_days
    sessions = 1
    waited, start = exponential(stream), np.int64(0)
    while waited < expected - 1 and sessions < MOST_SESSIONS_A_DAY:
        sessions += 1
        waited += exponential(stream)
    for session in range(sessions):
        start = (start + _ms(day.laws.return_mean_hours * exponential(stream))) % DAY_MS
        clock_ms = start + offset_ms(day, start) - _ms(listener.chronotype_hours)
        return_share = day.laws.return_share * day.laws.awake_share[clock_ms % DAY_MS // HOUR_MS]
        if not session or uniform(stream) >= return_share:
            start = utc_ms(day, _ms(_draw_local_hour(day)), 1)
        place = session
        while place > 0 and starts[place - 1] > start:
            starts[place] = starts[place - 1]
            place -= 1
        starts[place] = start
    if is_first:
        starts[0] %= DAY_MS // 2
    return sessions


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
        lasts_days = -laws.absence_mean_days * math.log(1.0 - unit(mix(start)))
        if 0 <= days_since < lasts_days:
            return True
    return False


@compiled
def _draw_local_hour(day):
    """Draw the start of a session: one of the listener's own times, or any by the usual curve."""
    laws, stream = day.laws, day.stream
    share, spread = uniform(stream), 0.0
    if uniform(stream) < laws.habitual_start_share:
        habit = int(share * laws.habitual_starts)
        share = unit(fold(fold(day.key, HABITS), habit))
        spread = laws.habitual_start_sigma_hours * normal(stream)
    return quantile(laws.local_hour, share) + spread + day.listener.chronotype_hours


@compiled
def _play_session(day, start_ms, row):
    """Play tracks until the listener stops, or midnight cuts in: the second value says which.

    A play ends after the midnight before it, so that it belongs to this day.
    """
    state = day.state
    while not is_full(day, row):
        before = tracks_before(state, start_ms)
        track = _next_track(day, before)
        listening_ms = _draw_listening_ms(day, before, day.tracks[track].duration_ms)
        ended_ms = max(start_ms + listening_ms, day.midnight_ms)
        if ended_ms >= day.midnight_ms + DAY_MS:
            break
        row = write_play(day, track, ended_ms, listening_ms, row)
        if not _goes_on(day):
            return row, False
        start_ms = ended_ms + _gap_ms(day)
    return row, True


@compiled
def _goes_on(day):
    """Draw whether the session has one more track, by how many it has so far."""
    played = min(day.state.session_tracks, LONGEST_SESSION)
    stop_share = day.listener.stop_scale * day.laws.stop_share[played - 1]
    return uniform(day.stream) >= min(stop_share, MOST_CERTAIN_STOP)


@compiled
def _gap_ms(day):
    return 1 + np.int64(1000 * quantile(day.laws.gap_seconds, uniform(day.stream)))


@compiled
def _draw_listening_ms(day, before, duration_ms):
    """How long the track is heard: skips come in runs, a chain of two states a listener.

    `before` says how many tracks the session has had; so it does in `_next_track`.
    """
    laws, listener, stream = day.laws, day.listener, day.stream
    onset, persistence = listener.skip_propensity, listener.skip_persistence
    if before == 0:
        skip_share = onset / (onset + 1.0 - persistence)
    else:
        skip_share = persistence if was_skip(day) else onset
    if uniform(stream) < skip_share:
        seconds = quantile(laws.skip_seconds, uniform(stream) ** listener.skip_haste)
        return np.int64(min(1000 * seconds, SKIP_MS - 1, duration_ms))
    if duration_ms > SKIP_MS and uniform(stream) < listener.partial_share:
        ratio = quantile(laws.partial_ratio, uniform(stream))
        return np.int64(SKIP_MS + ratio * (duration_ms - SKIP_MS))
    return np.int64(duration_ms)


@compiled
def _next_track(day, before):
    """The same track, the same artist, a discovery, or the own past: the last plays or library."""
    listener, state, stream = day.listener, day.state, day.stream
    last_track, goes_on = state.track, before > 0
    if goes_on and not was_skip(day) and uniform(stream) < listener.same_track_share:
        return last_track
    track = last_track
    for _ in range(4):
        if goes_on and uniform(stream) < listener.same_artist_share:
            track = _draw_track(day, artist_pool(day, last_track), day.number, stream)
        elif uniform(stream) >= listener.repeat_share:
            track = _discover(day)
        elif state.plays and uniform(stream) < listener.recency_share:
            track = _replay(day)
        else:
            track = _draw_from_library(day)
        if track != last_track:
            break
    return track


@compiled
def _discover(day):
    """Draw a track that was not among the last plays, while patience lasts."""
    laws = day.laws
    track = day.state.track
    for _ in range(laws.discovery_tries):
        if uniform(day.stream) < laws.discovery_favourite_artist_share:
            artist = _favourite_artist(day, day.number, day.stream)
            track = _draw_track(day, artist, day.number, day.stream)
        else:
            taste_share = laws.taste_share[is_weekend(day)]
            track = _draw_by_taste(
                day, taste_share, laws.new_discovery_share, day.number, day.stream
            )
        if not _was_played_lately(day, track):
            break
    return track


@compiled
def _draw_by_taste(day, taste_share, new_share, by_day, stream):
    """Draw from one of the listener's genres, or from all: a new release, or any track."""
    pool = draw_pool_by_taste(day, taste_share, stream)
    if uniform(stream) < new_share[day.listener.is_new]:
        pool = _draw_release_pool(day, pool, by_day, stream)
    return _draw_track(day, pool, by_day, stream)


@compiled
def _draw_release_pool(day, genre, by_day, stream):
    """Draw the pool of a genre's new releases, if there are any; half are of the last quarter."""
    out_on = by_day - int(uniform(stream) ** 2 * day.laws.newest_days)
    period = out_on // RELEASE_PERIOD_DAYS - day.releases.first_period
    if 0 <= period < day.releases.pools.shape[1]:
        pool = day.releases.pools[genre, period]
        if pool >= 0 and is_out(day, day.pools[pool].oldest, by_day):
            return pool
    return genre


@compiled
def _was_played_lately(day, track):
    """Whether a track is among the last plays; without a way out early, it compiles to SIMD."""
    memory, plays = day.memory, day.state.plays
    end = plays & (len(memory) - 1)
    first = end - min(plays, len(memory), day.laws.unheard_plays)
    found = False
    for place in range(max(first, 0), end):
        found |= memory[place] == track
    for place in range(len(memory) + min(first, 0), len(memory)):
        found |= memory[place] == track
    return found


@compiled
def _replay(day):
    """Go back to one of the last plays; the lag has a truncated power law."""
    plays, memory, laws = day.state.plays, day.memory, day.laws
    reach = min(plays, len(memory), len(laws.lag_growth) - 1)
    lag = int(power_law(1.0, laws.lag_growth[reach], laws.lag_power, uniform(day.stream)))
    return memory[(plays - min(lag, reach)) & (len(memory) - 1)]


@compiled
def _draw_from_library(day):
    """Draw a place of the library by its rank: the track that holds it."""
    laws, listener = day.laws, day.listener
    shifted = power_law(
        listener.library_lower, listener.library_growth, laws.library_power, uniform(day.stream)
    )
    rank = int(shifted - listener.library_breadth)
    lifetime_days = laws.library_lifetime_days[listener.is_new]
    word, since = _term(day, day.number, LIBRARY, rank, lifetime_days)
    place = day.places[word & LAST_PLACE]
    if place.word != word:
        stream = day.place_stream
        stream.word = word
        if uniform(stream) < laws.library_favourite_artist_share:
            place.holder = _draw_track(day, _favourite_artist(day, since, stream), since, stream)
        else:
            place.holder = _draw_by_taste(
                day, laws.own_taste_share[listener.is_common], laws.new_library_share, since, stream
            )
        place.word = word
    return place.holder


@compiled
def _favourite_artist(day, on_day, stream):
    """Draw one of the artists of a listener on a day, by rank: the pool of who holds the place."""
    laws = day.laws
    shifted = power_law(laws.artist_law[0], laws.artist_law[1], laws.artist_power, uniform(stream))
    rank = int(shifted - laws.artist_breadth)
    word, since = _term(day, on_day, ARTISTS, rank, laws.artist_lifetime_days)
    place = day.places[word & LAST_PLACE]
    if place.word != word:
        own = day.artist_stream
        own.word = word
        pool = draw_pool_by_taste(day, laws.own_taste_share[day.listener.is_common], own)
        place.holder = artist_pool(day, _draw_track(day, pool, since, own))
        place.word = word
    return place.holder


@compiled
def _term(day, on_day, kind, rank, lifetime_days):
    """The term in which a place is held on a day: the key of its holder, and its first day."""
    place = fold(fold(day.key, kind), rank)
    began = unit(place)
    term = int(on_day / lifetime_days + began)
    since = math.ceil((term - began) * lifetime_days)
    return fold(place, term), max(since, day.feed_day)


@compiled
def _draw_track(day, pool, by_day, stream):
    """Draw a track that was out by a day from a pool, by its rank of popularity."""
    place, common = day.pools[pool], day.listener.is_common
    lower, growth, power = place.lower[common], place.growth[common], day.laws.rank_power[common]
    for _ in range(16):
        position = power_law(lower, growth, power, uniform(stream)) - place.head
        track = day.members[place.start + place_of(position, place.size)]
        if is_out(day, track, by_day):
            return track
    return oldest_track(day, pool, by_day)
