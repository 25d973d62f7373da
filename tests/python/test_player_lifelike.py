"""`lifelike` in a small world: its laws show, and personalities shift them."""

from datetime import date

import pandas as pd
import pytest

import fake_world
from playback.player.history import is_skip
from playback.warehouse import Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def listeners(tmp_path_factory):
    """Statistics of every listener with at least five plays a day, and their traits."""
    database = tmp_path_factory.mktemp("lifelike") / "world.duckdb"
    fake_world.simulate(
        fake_world.settings(
            database, users=300, songs=20_000, artists=2000, until=date(2024, 6, 30), threads=2
        )
    )
    query = """
        with ordered as (
            select
                *,
                lag(artist_key) over (partition by user_key order by event_id) as artist_before,
                lag(listening_ms) over (partition by user_key order by event_id) as heard_before,
                ended_at - to_milliseconds(listening_ms)
                - lag(ended_at) over (partition by user_key order by event_id) as pause,
            from raw.user_events
            inner join main.dim_tracks using (track_key)
        )
        select
            user_key,
            count(*) / 182 as plays_per_day,
            1 - count(distinct track_key) / count(*) as repeat_share,
            avg((artist_key = artist_before)::int) as same_artist_share,
            avg((listening_ms < 30000)::int) as skip_share,
            avg((listening_ms < 30000)::int) filter (heard_before < 30000) as skip_after_skip,
            avg((listening_ms < 30000)::int) filter (heard_before >= 30000) as skip_after_play,
            count(*) / count(*) filter (pause is null or pause > interval 30 minutes) as session,
            avg(newness_score) as newness,
            avg(popularity) as popularity,
            any_value(columns('is_.*')),
            any_value(user_traits.plays_per_day) as asked_plays_per_day,
        from ordered
        inner join raw.user_traits using (user_key)
        group by user_key
    """
    with Warehouse(database) as warehouse:
        everyone = warehouse.connection.execute(query).df()
    assert len(everyone) == 300
    return everyone


def effect(active: pd.DataFrame, statistic: str, trait: str) -> float:
    """Cohen's d of a statistic between the two sides of a dimension."""
    with_trait, without = (active[active[trait] == side][statistic] for side in (True, False))
    spread = ((with_trait.var() + without.var()) / 2) ** 0.5
    return (with_trait.mean() - without.mean()) / spread


def test_listeners_are_as_active_as_they_were_drawn(listeners):
    realised = listeners.plays_per_day / listeners.asked_plays_per_day
    assert realised.median() == pytest.approx(1, abs=0.05)
    assert listeners.plays_per_day.median() == pytest.approx(10, rel=0.2)


def test_laws(listeners):
    active = listeners[listeners.plays_per_day >= 18]
    assert 0.6 < active.repeat_share.median() < 0.9
    assert 0.17 < active.skip_share.median() < 0.41
    assert 0.52 < active.skip_after_skip.median() < 0.72
    assert 0.09 < active.skip_after_play.median() < 0.21
    assert 12 < active.session.median() < 22


@pytest.mark.parametrize(
    ("statistic", "trait", "least"),
    [
        ("repeat_share", "is_familiar", 1.0),
        ("same_artist_share", "is_loyal", 2.0),
        ("newness", "is_new", 2.0),
        ("popularity", "is_common", 2.0),
    ],
)
def test_personalities_show(listeners, statistic, trait, least):
    active = listeners[listeners.plays_per_day >= 5]
    assert effect(active, statistic, trait) >= least


@pytest.mark.parametrize(
    ("heard_ms", "duration_ms", "skipped"),
    [
        (29_999, 200_000, True), (30_000, 200_000, False), (12_000, 12_000, False),
        (9_600, 12_000, False), (9_599, 12_000, True),
    ],
)  # fmt: skip
def test_a_short_track_heard_to_its_end_is_no_skip(heard_ms: int, duration_ms: int, skipped: bool):
    assert is_skip.py_func(heard_ms, duration_ms) is skipped
