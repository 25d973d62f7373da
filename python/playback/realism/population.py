"""The figures that studies of whole populations publish, for the simulated population."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from playback.realism.histories import DAY_MS, Catalogue, Histories, gaps_ms, session_lengths
from playback.realism.listener import SKIP_MS, gini

PUBLISHED_DAYS = 301
"""Days that the published plays a listener cover."""

LISTED_ARTISTS = 50
"""Artists a listener that the study of artist degrees counts: the most played ones."""

TAIL_DEGREE = 10
"""Listeners from which on an artist belongs to the tail of the degree distribution."""


def figures(histories: Histories, catalogue: Catalogue) -> dict[str, float]:
    """Every published figure that a simulated population can be asked for."""
    return (
        _activity(histories)
        | _stops(histories)
        | _sessions(histories)
        | _artists(histories, catalogue)
        | _listed_artists(histories)
        | _releases(histories, catalogue)
    )


def _activity(histories: Histories) -> dict[str, float]:
    plays = histories.plays * PUBLISHED_DAYS / histories.days
    return {
        "listens_per_listener_median": np.median(plays),
        "listens_per_listener_mean": plays.mean(),
        "listens_per_listener_p90": np.percentile(plays, 90),
        "listens_per_listener_p95": np.percentile(plays, 95),
    }


def _stops(histories: Histories) -> dict[str, float]:
    listening_ms = histories.listening_ms
    played_ratio = listening_ms / histories.duration_ms
    is_skip = listening_ms < SKIP_MS
    skip_share = np.bincount(histories.listener, is_skip) / histories.plays
    classes = np.histogram(skip_share[skip_share > 0], [0, 0.10, 0.25, 0.50, 1.01])[0]
    under_10, under_25, under_50, over_50 = classes / len(skip_share)
    return {
        "played_ratio_mean": played_ratio.mean(),
        "played_ratio_p25": np.percentile(played_ratio, 25),
        "played_ratio_p50": np.percentile(played_ratio, 50),
        "played_at_least_half_share": np.mean(played_ratio >= 0.5),
        "stopped_under_5s_share": np.mean(listening_ms < 5000),
        "stopped_under_10s_share": np.mean(listening_ms < 10_000),
        "stopped_under_30s_share": is_skip.mean(),
        "stopped_before_end_share": np.mean(played_ratio < 1),
        "zero_ms_plays_share": np.mean(listening_ms == 0),
        "listeners_never_skip_share": np.mean(skip_share == 0),
        "listeners_skip_under_10pct_share": under_10,
        "listeners_skip_10_to_25pct_share": under_25,
        "listeners_skip_25_to_50pct_share": under_50,
        "listeners_skip_over_50pct_share": over_50,
    }


def _sessions(histories: Histories) -> dict[str, float]:
    lengths = session_lengths(gaps_ms(histories)[1])
    at_least_10 = np.count_nonzero(lengths >= 10)
    return {
        "tracks_per_session_mean": lengths.mean(),
        "tracks_per_session_median": np.median(lengths),
        "session_survival_10_to_20_tracks": np.count_nonzero(lengths >= 20) / max(at_least_10, 1),
    }


def _artists(histories: Histories, catalogue: Catalogue) -> dict[str, float]:
    """How plays concentrate, over all artists of the catalogue, played or not."""
    artists = len(np.unique(catalogue.artist))
    descending = np.sort(np.bincount(histories.artist))[::-1]

    def top_share(percent: int) -> float:
        return descending[: max(1, artists * percent // 100)].sum() / descending.sum()

    return {
        "artists_top_1pct_play_share": top_share(1),
        "artists_top_10pct_play_share": top_share(10),
    }


def _listed_artists(histories: Histories) -> dict[str, float]:
    """Degrees, concentration and density in a study's own shape: each listener's top artists."""
    width = histories.artist.max() + 1
    pair, plays = np.unique(histories.listener * width + histories.artist, return_counts=True)
    listener, artist = np.divmod(pair, width)
    order = np.lexsort((-plays, listener))
    first = np.searchsorted(listener, np.arange(len(histories.user_keys)))
    listed = order[np.arange(len(order)) - first[listener[order]] < LISTED_ARTISTS]
    degree = np.bincount(artist[listed])
    listed_plays = np.bincount(artist[listed], plays[listed])[degree > 0]
    degree = degree[degree > 0]
    return {
        "artist_degree_power_law_alpha_low": power_law_exponent(degree, 1),
        "artist_degree_power_law_alpha_high": power_law_exponent(degree, TAIL_DEGREE),
        "artist_gini_of_plays": gini(listed_plays),
        "user_artist_density": len(listed) / (len(histories.user_keys) * len(degree)),
    }


def power_law_exponent(counts: NDArray[np.int64], least: int) -> float:
    """The exponent of the discrete power law of the counts from `least` on.

    Maximum likelihood: Clauset, Shalizi and Newman, "Power-law distributions in empirical data",
    SIAM Review 51 (2009). NaN where no count reaches that far.
    """
    tail = counts[counts >= least]
    if not len(tail):
        return np.nan
    mean_log = np.log(tail).mean()
    return minimize_scalar(
        lambda exponent: exponent * mean_log + np.log(zeta(exponent, least)),
        bounds=(1.01, 10),
        method="bounded",
    ).x


def _releases(histories: Histories, catalogue: Catalogue) -> dict[str, float]:
    played_day = histories.ended_ms // DAY_MS
    released_day = catalogue.released_day[histories.track]
    return {
        "plays_in_release_year_share": np.mean(_year(played_day) == _year(released_day)),
        "plays_before_release_share": np.mean(played_day < released_day),
    }


def _year(day: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return day.astype("datetime64[D]").astype("datetime64[Y]")
