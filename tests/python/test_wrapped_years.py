"""Which listener and which year `playback wrapped` tells of, and what it says without one."""

import shutil
from pathlib import Path

import pytest

from conftest import Settings, run_tool
from playback.errors import PlaybackError
from playback.warehouse import Warehouse
from playback.wrapped import read_year
from playback.wrapped.year import eligible_years
from years import LITTLE_KNOWN, YEAR, Listener


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
        ([], "name one listener"),
        (["U0001", "--all", "--html", "pages"], "name one listener"),
        (["--all"], "--html DIR"),
        (["--all", "--html", "pages", "--json"], "are for one listener"),
        (["U0001", "--story"], "--png DIR"),
        (["U0001", "--name", "Ada"], "--html FILE or --png DIR"),
        (["U0001", "--html", "no/such/folder.html"], "does not exist"),
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


def add_year(warehouse: Warehouse, year: int, listens: int, *, is_eligible: bool = False) -> None:
    warehouse.connection.execute(
        "insert into wrapped_listeners values (7, ?, ?, 29, 1, 1, 4, ?)",
        [year, listens, is_eligible],
    )


def add_days(warehouse: Warehouse, first: str, last: str, users: tuple[int, int] = (0, 9)) -> None:
    warehouse.connection.execute(
        "insert into raw.simulation_batches by name select ? as window_start, "
        "? as window_end, ? as first_user_key, ? as last_user_key",
        [first, last, *users],
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
        add_year(small_marts, year, listens, is_eligible=True)
    add_days(small_marts, first, last)
    assert eligible_years(small_marts) == [("U0007", chosen)]


@pytest.mark.parametrize(("own_last", "chosen"), [("2025-02-01", 2023), ("2023-12-30", 2024)])
def test_default_year_is_whole_by_the_listeners_own_days_and_has_enough(
    small_marts: Warehouse, own_last: str, chosen: int
):
    for year, listens, is_eligible in ((2023, 100, True), (2024, 300, chosen == 2024)):
        add_year(small_marts, year, listens, is_eligible=is_eligible)
    add_days(small_marts, "2020-01-01", "2025-12-31", (0, 6))
    add_days(small_marts, "2022-06-01", own_last, (7, 7))
    assert eligible_years(small_marts) == [("U0007", chosen)]


def test_default_year_without_any_that_has_enough_is_the_one_with_most_listens(
    small_marts: Warehouse,
):
    add_year(small_marts, 2023, 20)
    add_year(small_marts, 2024, 10)
    add_days(small_marts, "2023-01-01", "2024-12-31")
    with pytest.raises(PlaybackError, match="too little in 2023"):
        read_year(small_marts, "kim")


def test_too_little_listening_says_what_is_missing(small_marts: Warehouse):
    add_year(small_marts, 2024, 40)
    add_days(small_marts, "2024-01-01", "2024-02-01")
    with pytest.raises(PlaybackError) as told:
        read_year(small_marts, "U0007", 2024)
    assert "29 tracks and 1 artist, skips aside" in str(told.value)
    assert "1 track and 4 artists short" in str(told.value)


def test_a_listener_without_any_listen(small_marts: Warehouse):
    with pytest.raises(PlaybackError, match="not listened to anything"):
        read_year(small_marts, "U0007")


def test_a_place_among_too_few_is_none(world: Settings, listener: Listener, tmp_path: Path):
    shutil.copyfile(world.database, tmp_path / "alone.duckdb")
    with Warehouse(tmp_path / "alone.duckdb") as warehouse:
        for mart in ("wrapped_listeners", "wrapped_personalities"):
            warehouse.connection.execute(
                f"delete from {mart} where user_key <> {listener.user_key}"
            )
        warehouse.connection.execute(
            "update wrapped_listeners set listening_rank = 1, listener_count = 1, "
            "listening_age_peer_count = 1"
        )
        warehouse.connection.execute("update wrapped_top_artists set fan_rank = 1, fan_count = 1")
        alone = read_year(warehouse, listener.user_id, YEAR)
    assert alone.personality is None
    assert {alone.figures[name] for name in LITTLE_KNOWN if "minutes" not in name} == {
        None, alone.figures["skip_share"],
    }  # fmt: skip
    assert {artist.fan_share for artist in alone.artists} == {None}


def test_among_others_somebody_may_have_no_personality(
    world: Settings, listener: Listener, tmp_path: Path
):
    shutil.copyfile(world.database, tmp_path / "company.duckdb")
    with Warehouse(tmp_path / "company.duckdb") as warehouse:
        warehouse.connection.execute(
            f"delete from wrapped_personalities where user_key = {listener.user_key}"
        )
        year = read_year(warehouse, listener.user_id, YEAR)
    assert year.personality is None
    assert year.artists
