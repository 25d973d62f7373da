"""The knobs of `lifelike` as the kernel reads them: a record of one layout for all presets."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from playback.player.catalogue import SOUND_FEATURES
from playback.player.numbers import CURVE_POINTS
from playback.player.pools import SOUND_STEPS
from playback.player.power_law import integral, inverse_power
from playback.player.records import record
from playback.presets import LONGEST_LAG, LifelikePlayer, ReplayKnobs

MINUTE_MS = 60_000
CONTEXTS = ("album", "playlist", "library", "artist", "radio", "chart", "search")
LONGEST_SESSION = 1024
"""The hazard of stopping is constant beyond this many tracks."""

MOST_CERTAIN_STOP = 0.95

USUAL_SKIP_SHARE = 0.25
"""The share of skips with which sessions are as long as they are planned."""


def laws_of(knobs: LifelikePlayer) -> NDArray[np.void]:
    """Put the knobs into a record; pairs are (weekday, weekend) or (without the trait, with it)."""
    sessions, choice, stops = knobs.sessions, knobs.choice, knobs.stops
    artists = choice.favourite_artists
    day_weight = np.array(sessions.day_weight)
    hour_until = np.concatenate([[0.0], np.cumsum(knobs.hour_weight) / sum(knobs.hour_weight)])
    contexts, liking, mood = choice.contexts, knobs.liking, knobs.mood
    return record(
        normal=ndtri(np.linspace(0.0005, 0.9995, CURVE_POINTS)),
        lifetime_factor=np.exp(
            choice.lifetime_sigma * ndtri(np.linspace(0.02, 0.98, CURVE_POINTS))
        ),
        liking_of_track=liking.track_sigma,
        liking_of_artist=liking.artist_sigma,
        choosiness_sigma=liking.choosiness_sigma,
        liking_of_sound=liking.sound_sigma / np.sqrt(len(SOUND_FEATURES)) / SOUND_STEPS,
        candidates_for_obsession=liking.candidates.obsession,
        candidates_for_library=liking.candidates.library,
        candidates_for_playlist=liking.candidates.playlist,
        candidates_for_artist=liking.candidates.artist,
        dislike_ratio=liking.dislike_ratio,
        opinion_slope=liking.opinion_slope,
        earlier_opinion_share=liking.earlier_opinion_share,
        switch_share=(0.0, *(getattr(contexts.switch_share, it) for it in CONTEXTS)),
        context_logit=(0.0, *(getattr(mood.context_logit, it) for it in CONTEXTS)),
        appload_share=contexts.appload_share,
        album_share=contexts.album_share,
        album_taken_up_share=contexts.album_taken_up_share,
        own_context_until=np.cumsum(
            (contexts.own.playlist, contexts.own.library, contexts.own.search)
        )
        / (contexts.own.playlist + contexts.own.library + contexts.own.search),
        chart_share=(contexts.chart_share.unique, contexts.chart_share.common),
        new_search_share=contexts.new_search_share,
        radio_known_share=contexts.radio_known_share,
        chart_tracks=contexts.chart_tracks,
        playlist_lifetime_days=(
            choice.playlists.lifetime_days.timeless,
            choice.playlists.lifetime_days.new,
        ),
        obsession_days=choice.obsession.days,
        obsession_tail=choice.obsession.tail,
        mood_sigma=mood.sigma,
        restless_logit=mood.restless_logit,
        picked_logit=mood.picked_logit,
        tired_plays=mood.tired_plays,
        tired_logit=mood.tired_logit,
        endplay_share=(stops.endplay_share.stopped, stops.endplay_share.skipped),
        taste_share=(knobs.taste_share.weekday, knobs.taste_share.weekend),
        own_taste_share=(choice.own_taste_share.unique, choice.own_taste_share.common),
        new_discovery_share=(
            choice.new_releases.discovery_share.timeless,
            choice.new_releases.discovery_share.new,
        ),
        newest_days=choice.new_releases.newest_days,
        release_age_exponent=choice.new_releases.age_exponent,
        new_library_share=(
            choice.new_releases.library_share.timeless,
            choice.new_releases.library_share.new,
        ),
        discovery_tries=choice.discovery.tries,
        season_days=sessions.absence.season_days,
        wave_days=sessions.waves.days,
        wave_sigma=sessions.waves.sigma,
        wave_spread=sessions.waves.spread,
        offline_share=sessions.offline_share,
        pause_ms=(1000 * sessions.pause_seconds[0], 1000 * sessions.pause_seconds[1]),
        local_hour=_quantiles(hour_until, np.arange(25)),
        awake_share=np.minimum(np.array(knobs.hour_weight) / np.mean(knobs.hour_weight), 1.0),
        day_weight=day_weight / day_weight.mean(),
        habitual_start_share=sessions.habitual_start_share,
        habitual_starts=sessions.habitual_starts,
        habitual_start_sigma_hours=sessions.habitual_start_sigma_hours,
        return_share=sessions.return_share,
        return_mean_hours=sessions.return_mean_hours,
        return_sigma=sessions.return_sigma,
        break_ms=int(sessions.break_minutes * MINUTE_MS),
        break_mean_extra_ms=sessions.break_mean_extra_minutes * MINUTE_MS,
        stop_share=stop_shares(knobs),
        stop_ratio=_stop_ratio(sessions.stop_after_skip_ratio),
        gap_seconds=_quantiles(sessions.gap_seconds.share, sessions.gap_seconds.value),
        midnight_ms=int(sessions.midnight_minutes * MINUTE_MS),
        rank_power=(
            inverse_power(knobs.popularity_exponent.unique),
            inverse_power(knobs.popularity_exponent.common),
        ),
        lag_growth=replay_growth(choice.replay),
        longest_lag=choice.replay.longest_lag,
        skipped_logit=choice.replay.skipped_logit,
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
        artist_release_share=artists.new_release_share,
        library_favourite_artist_share=choice.library_favourite_artist_share,
        discovery_favourite_artist_share=choice.discovery.favourite_artist_share,
        skip_seconds=_quantiles(stops.skip_seconds.share, stops.skip_seconds.value),
        partial_ratio=_quantiles(stops.partial_ratio.share, stops.partial_ratio.value),
    )


def _stop_ratio(after_skip: float) -> tuple[float, float]:
    """The factors on the hazard of stopping, after a play and after a skip: 1 on average."""
    return (1 - USUAL_SKIP_SHARE * after_skip) / (1 - USUAL_SKIP_SHARE), after_skip


def _quantiles(share: Sequence[float], value: Sequence[float]) -> NDArray[np.float64]:
    return np.interp(np.linspace(0, 1, CURVE_POINTS), share, value)


def replay_growth(knobs: ReplayKnobs) -> NDArray[np.float64]:
    """The growth of the integral of the law of lags, up to a lag of at most 0, 1, ... plays."""
    return integral(knobs.lag_exponent, 1.0, np.arange(LONGEST_LAG + 1))[1]


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
    with np.errstate(divide="ignore"):  # a session that never stops has no mean
        beyond = survival[:, -1] * (1 - shares[:, -1]) / shares[:, -1]
    means = 1 + survival.sum(axis=1) + beyond
    return np.interp(-tracks_per_session, -means, scales)
