"""`classic` against the probabilities of the documented feed.

First all laws together, on one simulated year; then each alone, with the others switched off.
Tolerances are some four standard errors of the plays that a law is read from.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import fake_world
from playback import timezones
from playback.presets import ClassicOdds, Normal, TasteShares
from playback.settings import load_preset

pytestmark = pytest.mark.slow

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    """Every play with what the listener, the track and the play before it were."""
    database = tmp_path_factory.mktemp("classic") / "world.duckdb"
    fake_world.simulate(
        fake_world.settings(
            database, "classic", users=60, songs=3000, artists=300, until=date(2024, 12, 31)
        )
    )
    rows = fake_world.read(
        database,
        "select user_key, event_id, epoch_ms(ended_at), listening_ms, duration_ms, track_key, "
        "artist_key, is_loyal, is_familiar, (event_id >> 12) & 65535, "
        "newness_rank, is_new from raw.user_events inner join (select *, percent_rank() over "
        "(partition by artist_key order by newness_score) as newness_rank from main.dim_tracks) "
        "using (track_key) "
        "inner join raw.user_traits using (user_key) order by event_id",
    )
    plays = pd.DataFrame(
        rows,
        columns=[
            "user", "event", "ended", "listened", "duration", "track", "artist", "is_loyal",
            "is_familiar", "day", "newness_rank", "is_new",
        ],
    )  # fmt: skip
    plays["started"] = plays.ended - plays.listened
    before = plays.shift(1)
    is_same_day = (before.user == plays.user) & (before.day == plays.day)
    plays["goes_on"] = is_same_day & (plays.started - before.ended == 1)
    plays["track_before"] = before.track.where(plays.goes_on)
    plays["artist_before"] = before.artist.where(plays.goes_on)
    is_complete = before.listened >= 0.8 * before.duration
    plays["was_skipped"] = (before.listened < 30_000) & ~is_complete & plays.goes_on
    return plays


def test_plays_a_day(feed):
    per_day = feed.groupby(["user", "day"]).size()
    assert len(per_day) == 60 * 366
    assert per_day.mean() == pytest.approx(34.12, abs=0.5)


def test_sessions_start_on_the_hour_unless_one_is_still_running(feed):
    opened = feed[~feed.goes_on]
    assert (opened.started % HOUR_MS == 0).all()
    per_day = opened.groupby(["user", "day"]).size()
    assert per_day.mean() == pytest.approx(4.5 + 1.46, abs=0.2)
    assert per_day.max() <= 11


def test_session_lengths_are_those_of_short_and_long_ones(feed):
    session = (~feed.goes_on).cumsum()
    lengths = feed.groupby(session).size()
    # of 5.96 sessions 4.5 are short, int(N(5, 1)): P(length = 4) = 0.341; the long ones hardly add
    assert (lengths == 4).mean() == pytest.approx(0.341 * 4.5 / 5.96, abs=0.02)
    # the long ones, int(N(10, 2)): P(length >= 9) = 0.691; few run into a following session
    assert (lengths >= 9).mean() == pytest.approx(0.691 * 1.46 / 5.96, abs=0.03)


@pytest.mark.parametrize(("is_loyal", "odds"), [(True, 0.20), (False, 0.05)])
def test_very_loyal_listeners_repeat_the_track(feed, is_loyal, odds):
    follows = feed[feed.goes_on & ~feed.was_skipped & (feed.is_loyal == is_loyal)]
    assert (follows.track == follows.track_before).mean() >= odds - 0.01
    other_artist = follows[follows.track != follows.track_before]
    assert len(other_artist) / len(follows) <= 1 - odds + 0.01


def test_loyal_listeners_stay_with_the_artist(feed):
    follows = feed[feed.goes_on & ~feed.was_skipped & ~feed.is_familiar]
    stayed = (follows.artist == follows.artist_before).groupby(follows.is_loyal).mean()
    # 0.2 + 0.8 x 0.5 and 0.05 + 0.95 x 0.1, and a little by chance
    assert 0.60 <= stayed[True] <= 0.66
    assert 0.145 <= stayed[False] <= 0.21


def test_skips_and_stops(feed):
    stopped = (feed.listened < feed.duration).mean()
    assert stopped == pytest.approx((1 - np.exp(-1)) / 3, abs=0.01)
    half = (feed.listened < feed.duration / 2).mean()
    assert half == pytest.approx((1 - np.exp(-0.5)) / 3, abs=0.01)


def test_explorers_meet_more_artists(feed):
    artists = feed.groupby(["is_familiar", "user"]).artist.nunique().groupby("is_familiar").mean()
    assert artists[False] > 1.3 * artists[True]
    assert artists[True] > 20


def test_new_listeners_play_new_tracks(feed):
    rank = feed.groupby("is_new").newness_rank.mean()
    assert rank[True] > 0.6
    assert rank[False] < 0.4


def test_hours_have_a_shape(feed):
    starts = feed[~feed.goes_on].started % DAY_MS // HOUR_MS
    assert starts.nunique() == 24


def test_a_skipped_track_is_not_repeated_at_once(feed):
    skipped = feed[feed.was_skipped]
    assert (skipped.track == skipped.track_before).mean() < 0.01


ONE = Normal(mean=1, sigma=0)
NONE = Normal(mean=0, sigma=0)
NEVER = ClassicOdds(with_trait=0, without=0)
ONE_LONG_SESSION = {"long_sessions_weight": (0.0, 1.0), "short_sessions": NONE}
EXPLORING = {"very_loyal": NEVER, "loyal": NEVER, "familiar": NEVER}


def alone(tmp_path, *, songs=3000, artists=300, **knobs):
    """The plays of 300 listeners in 60 days, with some knobs of `classic` replaced."""
    database = tmp_path / "world.duckdb"
    fake_world.simulate(
        fake_world.settings(
            database, "classic", users=300, songs=songs, artists=artists, knobs=knobs,
            until=fake_world.START + timedelta(days=59),
        )
    )  # fmt: skip
    rows = fake_world.read(
        database,
        "select user_key, (event_id >> 12) & 65535, epoch_ms(ended_at) - listening_ms, "
        "track_key, artist_key, is_familiar, is_new, timezone from raw.user_events "
        "inner join main.dim_tracks using (track_key) inner join raw.user_traits using (user_key) "
        "inner join raw.users using (user_key) order by event_id",
    )
    names = ["user", "day", "started", "track", "artist", "is_familiar", "is_new", "timezone"]
    return database, pd.DataFrame(rows, columns=names)


def shares_of_days(plays, *, most):
    """How many of the listeners' days, but for the first, have 0, 1, ... plays."""
    later = plays[plays.day > plays.day.min()]
    per_day = later.groupby(["user", "day"]).size()
    counts = np.bincount(per_day, minlength=most + 1)[: most + 1].astype(float)
    counts[0] = 300 * 59 - len(per_day)
    return counts / (300 * 59)


def whole_normal(mean, sigma, most):
    """P(0), P(1), ... of a normal number cut to a whole one, what is negative being 0."""
    until = norm.cdf((np.arange(1, most + 2) - mean) / sigma)
    return np.diff(until, prepend=0)


def test_long_sessions_a_day(tmp_path):
    _, plays = alone(tmp_path, short_sessions=NONE, long_session_tracks=ONE)
    assert shares_of_days(plays, most=3) == pytest.approx([0.08, 0.40, 0.50, 0.02], abs=0.015)


def test_short_sessions_a_day(tmp_path):
    _, plays = alone(tmp_path, long_sessions_weight=(1.0,), short_session_tracks=ONE)
    assert shares_of_days(plays, most=8) == pytest.approx(whole_normal(5, 1, 8), abs=0.015)


@pytest.mark.parametrize(("kind", "mean", "sigma"), [("long", 10, 2), ("short", 5, 1)])
def test_tracks_a_session(tmp_path, kind, mean, sigma):
    a_session = {
        "long": ONE_LONG_SESSION,
        "short": {"long_sessions_weight": (1.0,), "short_sessions": ONE},
    }
    _, plays = alone(tmp_path, **a_session[kind])
    session = plays.groupby(["user", "day"]).started.agg(["min", "size"])
    is_whole = session["min"] % DAY_MS < 20 * HOUR_MS
    assert is_whole.sum() > 8000
    found = np.bincount(session[is_whole]["size"], minlength=19)[:19] / is_whole.sum()
    assert found == pytest.approx(whole_normal(mean, sigma, 18), abs=0.025)


def test_starts_follow_the_weights_of_the_local_hours(tmp_path):
    _, plays = alone(tmp_path, **ONE_LONG_SESSION, long_session_tracks=ONE)
    started = pd.to_datetime(plays.started, unit="ms", utc=True)
    hours = [
        moment.astimezone(timezones.zone(timezone)).hour
        for moment, timezone in zip(started, plays.timezone, strict=True)
    ]
    weights = np.array(load_preset("classic").player.hour_weight)
    found = np.bincount(hours, minlength=24) / len(hours)
    assert found == pytest.approx(weights / weights.sum(), abs=0.008)


@pytest.mark.parametrize(("is_familiar", "odds"), [(True, 0.95), (False, 0.50)])
def test_the_own_past_is_drawn_from_by_familiarity(tmp_path, is_familiar, odds):
    """Of 3,000 artists, whoever explores meets a new one, but for one time in fifty or so.

    The first plays are left out: in them the artist known from before turns up, new to the plays.
    """
    _, plays = alone(
        tmp_path, artists=3000, very_loyal=NEVER, loyal=NEVER,
        taste_share=TasteShares(weekday=0, weekend=0),
    )  # fmt: skip
    own = plays[plays.is_familiar == is_familiar]
    early = own[own.groupby("user").cumcount().between(8, 24)]
    is_first = ~plays.duplicated(["user", "artist"])
    assert is_first[early.index].mean() == pytest.approx(1 - odds, abs=0.035)


def test_the_past_begins_with_one_known_artist(tmp_path):
    always = ClassicOdds(with_trait=1, without=1)
    _, plays = alone(tmp_path, very_loyal=NEVER, loyal=NEVER, familiar=always)
    assert (plays.groupby("user").artist.nunique() == 1).all()
    assert plays.groupby("user").artist.first().nunique() > 50


@pytest.mark.parametrize("is_new", [True, False])
def test_ranks_are_exponential_with_the_rest_on_the_last(tmp_path, is_new):
    database, plays = alone(
        tmp_path, **EXPLORING, taste_share=TasteShares(weekday=0, weekend=0), songs=400
    )
    order = "desc" if is_new else "asc"
    by_newness = fake_world.read(
        database, f"select track_key from main.dim_tracks order by newness_score {order}, track_key"
    )
    rank = {track: rank for rank, (track,) in enumerate(by_newness)}
    everything_is_out = plays.day > plays.day.min() + 19
    drawn = plays[everything_is_out & (plays.is_new == is_new)].track.map(rank)
    assert len(drawn) > 100_000
    until = np.cumsum(np.bincount(drawn, minlength=400)) / len(drawn)
    expected = 1 - np.exp(-3 * np.arange(1, 400) / 400)
    assert until[:-1] == pytest.approx(expected, abs=0.01)
    assert until[-1] - until[-2] == pytest.approx(np.exp(-3 * 399 / 400), abs=0.005)


@pytest.mark.parametrize(("days", "share"), [("weekday", 0.8), ("weekend", 0.5)])
def test_explored_tracks_come_from_own_genres(tmp_path, days, share):
    def own_genre_share(folder, **knobs):
        folder.mkdir()
        database, plays = alone(folder, **EXPLORING, **knobs)
        pairs = fake_world.read(
            database,
            "select distinct user_key, track_key from raw.user_genre_preferences "
            "inner join main.bridge_track_genres using (genre_id)",
        )
        own = pd.MultiIndex.from_tuples(pairs)
        is_weekend = (plays.day + 3) % 7 >= 5
        chosen = plays[is_weekend == (days == "weekend")]
        return pd.MultiIndex.from_frame(chosen[["user", "track"]]).isin(own).mean()

    by_chance = own_genre_share(tmp_path / "0", taste_share=TasteShares(weekday=0, weekend=0))
    found = own_genre_share(tmp_path / "1")
    assert found == pytest.approx(share + (1 - share) * by_chance, abs=0.01)
