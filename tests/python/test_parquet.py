"""Every mart leaves as Parquet: whole, ordered, and the same bytes again."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from playback.errors import PlaybackError
from playback.products import parquet
from playback.progress import Silent
from playback.warehouse import Warehouse

PLAYS = """
    create or replace table fct_plays as
    select
        event_id, event_id % 97 as user_key, (event_id * 7919) % 1000 as track_key,
        cast(date_trunc('month', date '2024-01-01' + cast(event_id % 60 as integer)) as date)
            as played_month,
        timestamp '2024-01-01' + to_seconds(event_id) as ended_at
    from range(300000) as events (event_id)
    order by hash(event_id)
"""
SONGS = """
    create or replace table dim_tracks as
    select track_key, 'Søng ' || track_key as track_name from range(1000) as songs (track_key)
    order by hash(track_key)
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path / "world.duckdb", threads=2) as warehouse:
        warehouse.connection.execute(PLAYS)
        warehouse.connection.execute(SONGS)
        yield warehouse


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def test_every_mart_is_written_and_plays_by_month(warehouse: Warehouse, tmp_path: Path):
    exports = tmp_path / "exports"
    files = parquet.export(warehouse, exports, Silent())
    assert [str(file.relative_to(exports)) for file in files] == [
        "dim_tracks.parquet",
        "fct_plays/played_month=2024-01-01/part-0.parquet",
        "fct_plays/played_month=2024-02-01/part-0.parquet",
    ]
    assert set(contents(exports)) == {str(file.relative_to(exports)) for file in files}
    differences = warehouse.connection.sql(
        f"""
        select count(*)
        from (
            select * from fct_plays
            except all
            select event_id, user_key, track_key, played_month, ended_at
            from read_parquet('{exports}/fct_plays/**/*.parquet', hive_partitioning = true)
        )
        """
    ).fetchall()
    assert differences == [(0,)]


def test_rows_are_ordered(warehouse: Warehouse, tmp_path: Path):
    parquet.export(warehouse, tmp_path / "exports", Silent())
    month = tmp_path / "exports" / "fct_plays" / "played_month=2024-01-01" / "part-0.parquet"
    events = [row for (row,) in duckdb.sql(f"select event_id from '{month}'").fetchall()]
    assert events == sorted(events)


def test_threads_do_not_change_a_byte(warehouse: Warehouse, tmp_path: Path):
    parquet.export(warehouse, tmp_path / "two", Silent())
    warehouse.connection.execute("set threads = 1")
    parquet.export(warehouse, tmp_path / "one", Silent())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_what_is_no_more_is_removed_and_what_is_not_ours_stays(
    warehouse: Warehouse, tmp_path: Path
):
    exports = tmp_path / "exports"
    parquet.export(warehouse, exports, Silent())
    duckdb.sql("select 1 as one").write_parquet(str(exports / "mine.parquet"))
    (exports / "notes.parquet").write_text("no Parquet at all")
    warehouse.connection.execute("drop table dim_tracks")
    warehouse.connection.execute("delete from fct_plays where played_month > '2024-01-15'")
    parquet.export(warehouse, exports, Silent())
    assert set(contents(exports)) == {
        "mine.parquet",
        "notes.parquet",
        "fct_plays/played_month=2024-01-01/part-0.parquet",
    }
    assert not (exports / "fct_plays" / "played_month=2024-02-01").exists()


def test_a_full_disk_leaves_the_former_files_whole(warehouse: Warehouse, tmp_path: Path):
    exports = tmp_path / "exports"
    parquet.export(warehouse, exports, Silent())
    former = contents(exports)
    warehouse.connection.execute("update dim_tracks set track_name = track_name || ' (live)'")
    warehouse.connection.execute("checkpoint")
    with full_disk(10_000), pytest.raises(PlaybackError, match="cannot be written") as fault:
        parquet.export(warehouse, exports, Silent())
    assert "\n" not in str(fault.value)
    assert contents(exports) == former


def test_names_are_quoted(warehouse: Warehouse, tmp_path: Path):
    warehouse.connection.execute('create table "odd ""name" as select 1 as one')
    files = parquet.export(warehouse, tmp_path / "it's here", Silent())
    assert tmp_path / "it's here" / 'odd "name.parquet' in files


def test_no_marts_are_told_in_one_line(tmp_path: Path):
    with (
        Warehouse(tmp_path / "empty.duckdb") as warehouse,
        pytest.raises(PlaybackError, match="no marts yet: run `playback build` first"),
    ):
        parquet.export(warehouse, tmp_path / "exports", Silent())
    assert not (tmp_path / "exports").exists()
