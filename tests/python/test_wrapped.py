"""The page of a listener's year, and the marts beneath it against sums over the plays."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from scipy.stats import spearmanr

from conftest import run_tool
from playback.errors import PlaybackError
from playback.settings import Settings
from playback.warehouse import Warehouse
from playback.wrapped import read_year, render
from playback.wrapped.page import LINE, WIDTH, bars, line, percent

YEAR = 2024

LOCAL_PLAYS = """
    select
        user_key, track_key, artist_key, listening_ms, is_skip, user_id,
        started_at + to_minutes(utc_offset_minutes) as local_started_at
    from fct_plays
    inner join dim_users using (user_key)
    asof inner join raw.timezone_periods
        on
            dim_users.timezone = timezone_periods.timezone
            and fct_plays.started_at >= timezone_periods.starts_at
"""
"""Every play on its listener's clock."""


@dataclass(frozen=True)
class Listener:
    user_key: int
    user_id: str
    username: str


@pytest.fixture(scope="module")
def listener(world: Settings) -> Listener:
    """The eligible one who listened longest. The connection is closed again: see `Warehouse`."""
    with duckdb.connect(str(world.database), read_only=True) as connection:
        (row,) = connection.execute(
            "select user_key, user_id, username "
            "from wrapped_listeners inner join dim_users using (user_key) "
            "where is_eligible and wrapped_year = ? order by listening_ms desc limit 1",
            [YEAR],
        ).fetchall()
    return Listener(*row)


def test_figures_are_sums_over_plays_of_the_local_year(database):
    expected = f"""
        select
            user_key,
            year(local_started_at) as wrapped_year,
            count(*) as play_count,
            count(*) filter (listening_ms > 30000) as listen_count,
            count(*) filter (is_skip) as skip_count,
            sum(listening_ms)::bigint as listening_ms,
            count(distinct track_key) filter (listening_ms > 30000) as track_count,
            count(distinct artist_key) filter (listening_ms > 30000) as artist_count,
            count(distinct local_started_at::date) filter (listening_ms > 30000)
                as listen_day_count
        from ({LOCAL_PLAYS})
        group by all
        having count(*) filter (listening_ms > 30000) > 0
    """
    actual = """
        select user_key, wrapped_year, play_count, listen_count, skip_count, listening_ms,
            track_count, artist_count, listen_day_count
        from wrapped_listeners
    """
    differences = f"(({expected}) except ({actual})) union all (({actual}) except ({expected}))"
    assert database.execute(f"select * from ({differences})").fetchall() == []
    years = database.execute("select distinct wrapped_year from wrapped_listeners").fetchall()
    assert len(years) == 2, "somebody is in the old year while it is the new one in UTC"


def test_top_tracks_and_days_agree_with_the_plays(database, listener: Listener):
    local_year = f"select * from ({LOCAL_PLAYS}) where user_id = ? and year(local_started_at) = ?"
    top = database.execute(
        "select track_key, listen_count from wrapped_top_tracks "
        "where user_key = ? and wrapped_year = ? order by track_rank",
        [listener.user_key, YEAR],
    ).fetchall()
    assert (
        top
        == database.execute(
            "select track_key, count(*) filter (listening_ms > 30000) as listens "
            f"from ({local_year}) group by track_key having listens > 0 "
            "order by listens desc, sum(listening_ms) desc, track_key limit 100",
            [listener.user_id, YEAR],
        ).fetchall()
    )
    days = [
        day
        for (day,) in database.execute(
            f"select distinct local_started_at::date as day from ({local_year}) "
            "where listening_ms > 30000 order by day",
            [listener.user_id, YEAR],
        ).fetchall()
    ]
    assert (
        longest_run(days)
        == database.execute(
            "select streak_day_count, streak_starts_on from wrapped_listeners "
            "where user_key = ? and wrapped_year = ?",
            [listener.user_key, YEAR],
        ).fetchone()
    )


def longest_run(days: list[date]) -> tuple[int, date]:
    """The length and first day of the longest run of days in a row, the first of equals."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len)
    return len(longest), longest[0]


def test_every_eligible_listener_has_a_personality_and_nobody_else(database):
    assert (
        database.execute(
            "select user_key, wrapped_year from wrapped_listeners where is_eligible order by all"
        ).fetchall()
        == database.execute(
            "select user_key, wrapped_year from wrapped_personalities order by all"
        ).fetchall()
    )


def test_sides_are_even_and_do_not_follow_activity(database):
    rows = database.execute(
        """
        select familiarity_score, newness_score, loyalty_score, commonality_score, play_count
        from wrapped_personalities inner join wrapped_listeners using (user_key, wrapped_year)
        where wrapped_year = ? order by user_key
        """,
        [YEAR],
    ).fetchall()
    *scores, plays = zip(*rows, strict=True)
    assert len(plays) > 30
    for column in scores:
        assert abs(sum(score >= 0.5 for score in column) - len(column) / 2) <= 1
        assert abs(spearmanr(column, plays).statistic) < 0.3


def test_confusion_counts_every_personality_in_every_dimension(database):
    totals = database.execute(
        "select dimension, sum(listener_count) from wrapped_personality_confusion "
        "where wrapped_year = ? group by dimension",
        [YEAR],
    ).fetchall()
    ((listeners,),) = database.execute(
        "select count(*) from wrapped_personalities where wrapped_year = ?", [YEAR]
    ).fetchall()
    assert dict(totals) == dict.fromkeys(
        ("familiarity", "newness", "loyalty", "commonality", "all"), listeners
    )


def test_only_the_confusion_reads_the_truth():
    models = Path(__file__).parents[2] / "models"
    readers = {
        path.stem
        for path in models.rglob("*wrapped*/*.sql")
        if "user_traits" in path.read_text() or "genre_preferences" in path.read_text()
    }
    assert readers == {"wrapped_personality_confusion"}


def test_page_shows_the_year_in_80_columns(world: Settings, listener: Listener):
    with Warehouse(world.database) as warehouse:
        year = read_year(warehouse, listener.user_id)
    assert year.year == YEAR
    console = Console(width=120, no_color=True)
    with console.capture() as captured:
        console.print(render(year))
    page = captured.get()
    assert max(map(len, page.splitlines())) == WIDTH
    for told in (
        f"WRAPPED {YEAR}",
        f"{year.figures['minutes']:,} minutes",
        year.artists[0].name,
        year.personality.name,
    ):
        assert told in page


def test_a_username_names_the_same_listener(world: Settings, listener: Listener):
    with Warehouse(world.database) as warehouse:
        assert read_year(warehouse, listener.username) == read_year(warehouse, listener.user_id)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["U9999"], "U0001 to U0060"),
        (["' or true --"], "no listener"),
        (["U0001", "--year", "1999"], "no listens in 1999: there are some in"),
        (["U0001", "--year", "soon"], "--year"),
        ([], "user"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], told: str, world: Settings):
    outcome = run_tool("playback", "wrapped", *arguments, database=world.database)
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert outcome.stdout == ""
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_without_data_it_says_what_to_run_first(tmp_path: Path):
    outcome = run_tool("playback", "wrapped", "U0001", database=tmp_path / "none.duckdb")
    assert outcome.returncode == 2
    assert "playback run" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_marts_it_says_what_to_build(tmp_path: Path):
    with (
        Warehouse(tmp_path / "new.duckdb") as warehouse,
        pytest.raises(PlaybackError, match="playback build"),
    ):
        read_year(warehouse, "U0001")


@pytest.fixture
def small_marts(tmp_path: Path):
    """A warehouse with one listener, 7 (UTC), and the years that a test gives them."""
    with Warehouse(tmp_path / "small.duckdb") as warehouse:
        warehouse.connection.execute(
            """
            create table dim_users as
            select 7 as user_key, 'U0007' as user_id, 'kim' as username, 'UTC' as timezone;
            create table wrapped_listeners (
                user_key integer, wrapped_year integer, listen_count bigint, track_count bigint,
                artist_count bigint, missing_track_count bigint, missing_artist_count bigint,
                is_eligible boolean
            );
            """
        )
        yield warehouse


def add_year(warehouse: Warehouse, year: int, listens: int) -> None:
    warehouse.connection.execute(
        "insert into wrapped_listeners values (7, ?, ?, 29, 1, 1, 4, false)", [year, listens]
    )


def add_feed(warehouse: Warehouse, first: str, last: str) -> None:
    warehouse.connection.execute(
        "insert into raw.simulation_batches (window_start, window_end) values (?, ?)", [first, last]
    )


@pytest.mark.parametrize(
    ("first", "last", "chosen"),
    [
        ("2023-01-01", "2024-12-31", 2024),
        ("2023-01-01", "2024-12-30", 2023),
        ("2023-01-02", "2024-12-30", 2024),
    ],
)
def test_default_year_is_the_last_whole_one_or_the_one_with_most_listens(
    small_marts: Warehouse, first: str, last: str, chosen: int
):
    for year, listens in ((2022, 5), (2023, 100), (2024, 200), (2025, 1)):
        add_year(small_marts, year, listens)
    add_feed(small_marts, first, last)
    with pytest.raises(PlaybackError, match=f"too little in {chosen}"):
        read_year(small_marts, "kim")


def test_too_little_listening_says_what_is_missing(small_marts: Warehouse):
    add_year(small_marts, 2024, 40)
    add_feed(small_marts, "2024-01-01", "2024-02-01")
    with pytest.raises(PlaybackError) as told:
        read_year(small_marts, "U0007", 2024)
    assert "29 tracks and 1 artist for over 30 seconds" in str(told.value)
    assert "1 track and 4 artists short" in str(told.value)


def test_a_listener_without_any_listen(small_marts: Warehouse):
    with pytest.raises(PlaybackError, match="not listened to anything"):
        read_year(small_marts, "U0007")


@given(st.lists(st.integers(min_value=0, max_value=1000), max_size=24))
def test_bars_show_zero_as_nothing_and_the_rest_as_something(values: list[int]):
    drawn = bars(values)
    assert len(drawn) == len(values)
    assert [bar == " " for bar in drawn] == [value == 0 for value in values]
    if any(values):
        assert drawn[values.index(max(values))] == "█"


@given(st.floats(min_value=0, max_value=1))
def test_line_has_one_place_on_the_side_of_the_score(score: float):
    drawn = line(score)
    assert len(drawn) == LINE
    place = drawn.index("●")
    assert drawn.count("●") == 1
    assert (place >= LINE // 2) if score >= 0.5 else (place <= LINE // 2)


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0001, "1 %"), (0.01, "1 %"), (0.0101, "2 %"), (0.07, "7 %"), (1.0, "100 %")],
)
def test_percent_is_rounded_up(share: float, told: str):
    assert percent(share) == told
