"""What plays are played from, why they begin and end, and what is liked: all of it agrees."""

from datetime import date

import pandas as pd
import pytest

import fake_world
from playback.contexts import Answer, Context, Reason
from playback.settings import load_preset
from playback.warehouse import Warehouse

PICKED = {Reason.PLAYBTN, Reason.CLICKROW, Reason.APPLOAD}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A year of a small world."""
    database = tmp_path_factory.mktemp("contexts") / "world.duckdb"
    fake_world.simulate(
        fake_world.settings(
            database, users=60, songs=6000, artists=600, until=date(2024, 12, 30), threads=2
        )
    )
    return database


@pytest.fixture(scope="module")
def plays(world):
    """Every play, what its code says, and the play before it in the session."""
    query = """
        with coded as (
            select
                user_events.*,
                artist_key, album_key, album_position, duration_ms,
                context_code & 7 as context,
                (context_code >> 3) & 3 as shuffled,
                (context_code >> 5) & 3 as offline,
                (context_code >> 7) & 15 as reason_start,
                (context_code >> 11) & 15 as reason_end,
                ended_at - to_milliseconds(listening_ms)
                - lag(ended_at) over of_user > interval 30 minutes as opens,
            from raw.user_events
            inner join main.dim_tracks using (track_key)
            window of_user as (partition by user_key order by event_id)
        )
        select
            *,
            lag(columns(['track_key', 'artist_key', 'album_key', 'context', 'shuffled', 'offline',
                'reason_end', 'album_position'])) over (partition by user_key order by event_id)
                as 'last_\\0',
        from coded
        order by event_id
    """
    with Warehouse(world) as warehouse:
        return warehouse.connection.execute(query).df()


def following(plays: pd.DataFrame) -> pd.DataFrame:
    """Plays that follow another one of their session."""
    return plays[plays.opens.fillna(True) == False]  # noqa: E712 - null opens too


def test_a_play_ends_as_it_was_heard(plays):
    is_whole = plays.listening_ms == plays.duration_ms
    assert ((plays.reason_end == Reason.TRACKDONE) == is_whole).all()
    assert set(plays.reason_end) == {
        Reason.TRACKDONE, Reason.FWDBTN, Reason.BACKBTN, Reason.ENDPLAY,
    }  # fmt: skip


def test_a_play_begins_as_the_one_before_it_ended(plays):
    later = following(plays)
    picked = later.reason_start.isin(PICKED)
    assert (later.reason_start[~picked] == later.last_reason_end[~picked]).all()
    assert (later.reason_start[later.last_reason_end == Reason.ENDPLAY] == Reason.CLICKROW).all()
    opening = plays[plays.opens.fillna(True) == True]  # noqa: E712
    assert set(opening.reason_start) == {Reason.PLAYBTN, Reason.APPLOAD}


def test_a_context_is_kept_until_something_is_picked(plays):
    later = following(plays)
    same = later[~later.reason_start.isin(PICKED)]
    for what in ("context", "shuffled"):
        assert (same[what] == same[f"last_{what}"]).all()
    assert (later.offline == later.last_offline).all()
    assert set(plays.context) == set(Context) - {Context.NOT_KNOWN}
    assert set(plays.shuffled) == {Answer.NO, Answer.YES}


def test_albums_run_in_their_order_and_artists_stay(plays):
    later = following(plays)
    goes_on = later[~later.reason_start.isin(PICKED) & (later.track_key != later.last_track_key)]
    albums = goes_on[goes_on.context == Context.ALBUM]
    assert len(albums) > 1000
    assert (albums.album_key == albums.last_album_key).all()
    assert (albums.album_position > albums.last_album_position).all()
    artists = goes_on[goes_on.context == Context.ARTIST]
    assert (artists.artist_key == artists.last_artist_key).all()


def test_charts_are_entered_anywhere_and_run_in_their_order(plays):
    charts = plays[plays.context == Context.CHART]
    entered = charts[charts.reason_start.isin(PICKED)]
    assert entered.track_key.nunique() > 20
    again = charts.groupby(["last_track_key", "track_key"]).size()
    assert (again >= 10).sum() > 20


def test_a_skipped_track_comes_back_less(plays):
    """Of tracks first heard by mid-year, those skipped then and those not, listener by listener."""
    heard = plays.groupby(["user_key", "track_key"]).agg(
        times=("event_id", "size"),
        first_at=("ended_at", "first"),
        first_ms=("listening_ms", "first"),
    )
    heard = heard[heard.first_at < "2024-07-01"].reset_index()
    again = heard.times > 1
    share = again.groupby([heard.user_key, heard.first_ms < 30_000]).mean().unstack()
    assert (share[True] < share[False]).mean() > 0.6


def test_likes_are_of_whole_plays_dislikes_of_skips_and_each_once(world, plays):
    opinions = fake_world.likes(world)
    assert len(opinions) > 1000
    assert len({(user, track) for user, track, *_ in opinions}) == len(opinions)
    heard = plays.set_index(["user_key", "track_key", "ended_at"])
    for user, track, liked_at, value in opinions:
        play = heard.loc[(user, track, liked_at)]
        assert value == (1 if play.listening_ms == play.duration_ms else -1)
        assert value == 1 or play.listening_ms < 30_000


def test_what_was_out_before_the_first_day_may_have_its_opinion(tmp_path):
    database = tmp_path / "world.duckdb"
    knobs = load_preset("lifelike").player.liking.model_copy(update={"earlier_opinion_share": 1.0})
    fake_world.simulate(fake_world.settings(database, knobs={"liking": knobs}))
    opinions = fake_world.read(
        database,
        "select released_on from raw.user_likes join main.dim_tracks using (track_key)",
    )
    assert opinions
    assert min(opinions)[0] >= fake_world.START


@pytest.mark.slow
def test_likes_are_those_of_one_run_however_it_is_cut(tmp_path):
    whole, cut = tmp_path / "whole.duckdb", tmp_path / "cut.duckdb"
    fake_world.simulate(fake_world.settings(whole))
    for day in (date(2024, 1, 3), date(2024, 1, 9), date(2024, 2, 10)):
        fake_world.simulate(fake_world.settings(cut, until=day, threads=3), block=7)
    assert fake_world.likes(cut) == fake_world.likes(whole)
    assert len(fake_world.likes(whole)) > 100
