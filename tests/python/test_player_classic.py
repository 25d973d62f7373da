"""`classic` against the probabilities of the documented feed, on one simulated year."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import fake_world

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
    plays["was_skipped"] = (before.listened < 30_000) & plays.goes_on
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
