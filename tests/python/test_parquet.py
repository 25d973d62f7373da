"""Every mart leaves as Parquet: whole, ordered, and the same bytes again."""

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from playback.errors import PlaybackError
from playback.products import exports, manifest
from playback.products.feeds import FEEDS
from playback.products.tables import ExportRequest
from playback.progress import Silent
from playback.warehouse import Warehouse

PLAYS = """
    insert into raw.user_events (event_id, user_key, track_key, context_code, ended_at)
    select event_id, event_id % 97, (event_id * 7919) % 1000, 0, ended_at
    from (
        select event_id, timestamp '2024-01-01' + to_seconds(17 * event_id) as ended_at
        from range(300000) as events (event_id)
    )
    order by hash(event_id);
    create or replace view fct_plays as
    select
        event_id, user_key, track_key,
        cast(date_trunc('month', ended_at) as date) as played_month, ended_at
    from raw.user_events
"""
SONGS = """
    create or replace table dim_tracks as
    select track_key, 'Søng ' || track_key as track_name from range(1000) as songs (track_key)
    order by hash(track_key)
"""
MONTHS = ("2024-01-01", "2024-02-01")
DOCUMENTS = {"README.md", "croissant.json", "manifest.json"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two marts. Copy it; never change it."""
    database = tmp_path_factory.mktemp("made") / "world.duckdb"
    with Warehouse(database, threads=2) as warehouse:
        warehouse.connection.execute(PLAYS)
        warehouse.connection.execute(SONGS)
        warehouse.connection.execute(
            "insert into raw.world values (1, date '2024-01-01', 'synthetic', 'abc', '0', '1')"
        )
    return database


@pytest.fixture
def warehouse(made: Path, tmp_path: Path) -> Iterator[Warehouse]:
    database = shutil.copyfile(made, tmp_path / "world.duckdb")
    with Warehouse(database, threads=2) as warehouse:
        yield warehouse


def export(warehouse: Warehouse, folder: Path, **asked: object) -> list[Path]:
    feed, request = FEEDS["parquet"], ExportRequest(**asked)
    tables = exports.choose({feed.name: feed.tables_in(warehouse)}, request)
    world = manifest.world_of(warehouse, {})
    return exports.export(warehouse, feed, tables[feed.name], folder, request, world, "", Silent())


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
    folder = tmp_path / "exports"
    files = {str(file.relative_to(folder)) for file in export(warehouse, folder)}
    assert files == DOCUMENTS | {
        "dim_tracks.parquet",
        *(f"fct_plays/played_month={month}/part-00000.parquet" for month in MONTHS),
    }
    assert set(contents(folder)) == files
    differences = warehouse.connection.sql(
        f"""
        select count(*)
        from (
            select * from fct_plays
            except all
            select event_id, user_key, track_key, played_month, ended_at
            from read_parquet('{folder}/fct_plays/**/*.parquet', hive_partitioning = true)
        )
        """
    ).fetchall()
    assert differences == [(0,)]


def test_rows_are_ordered(warehouse: Warehouse, tmp_path: Path):
    export(warehouse, tmp_path / "exports")
    month = tmp_path / "exports" / "fct_plays" / "played_month=2024-01-01" / "part-00000.parquet"
    events = [row for (row,) in duckdb.sql(f"select event_id from '{month}'").fetchall()]
    assert len(events) > 100_000
    assert events == sorted(events)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_time_zone_of_the_machine_does_not_change_a_byte(
    warehouse: Warehouse, tmp_path: Path, zone: str
):
    export(warehouse, tmp_path / "here")
    warehouse.connection.execute(f"set TimeZone = '{zone}'")
    export(warehouse, tmp_path / "there")
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def test_types_that_few_readers_know_leave_as_others(warehouse: Warehouse, tmp_path: Path):
    warehouse.connection.execute(
        """
        create table odd as select
            0.8000::decimal(5, 4) as ratio, 7::hugeint as total, 7::ubigint as count,
            7::utinyint as small, 'b'::enum ('b', 'a') as kind, 0.5::float as share,
            timestamp_ms '2024-01-01 10:00:00.123' as began_at, null::decimal(9, 2) as unknown
        """
    )
    export(warehouse, tmp_path / "exports", only=("odd",))
    file = tmp_path / "exports" / "odd.parquet"
    types = {column.name: str(column.type) for column in pq.read_schema(file)}
    assert types == {
        "ratio": "double",
        "total": "int64",
        "count": "int64",
        "small": "int32",
        "kind": "string",
        "share": "double",
        "began_at": "timestamp[us, tz=UTC]",
        "unknown": "double",
    }
    (row,) = pq.read_table(file).to_pylist()
    began_at = datetime(2024, 1, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert list(row.values()) == [0.8, 7, 7, 7, "b", 0.5, began_at, None]


@pytest.mark.parametrize("odd", ["[1, 2]", "{'a': 1}", "time '10:00:00'", "interval 1 day"])
def test_a_type_that_no_other_stands_for_is_told_in_one_line(
    warehouse: Warehouse, tmp_path: Path, odd: str
):
    warehouse.connection.execute(f"create table odd as select {odd} as oddity")
    with pytest.raises(PlaybackError, match=r"odd\.oddity is of the type .*: cast it") as fault:
        export(warehouse, tmp_path / "exports")
    assert "\n" not in str(fault.value)


def test_threads_do_not_change_a_byte(warehouse: Warehouse, tmp_path: Path):
    export(warehouse, tmp_path / "two")
    warehouse.connection.execute("set threads = 1")
    export(warehouse, tmp_path / "one")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_long_tables_are_cut_into_parts(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder, part_rows=600)
    songs = [
        duckdb.read_parquet(str(folder / "dim_tracks" / f"part-0000{n}.parquet")) for n in (0, 1)
    ]
    keys = [[key for (key,) in part.select("track_key").fetchall()] for part in songs]
    assert keys == [list(range(600)), list(range(600, 1000))]
    export(warehouse, folder, part_rows=60_000)
    parts = sorted((folder / "fct_plays" / "played_month=2024-01-01").iterdir())
    assert [part.name for part in parts] == [f"part-0000{number}.parquet" for number in range(3)]
    counts = [len(duckdb.read_parquet(str(part))) for part in parts]
    assert sum(counts) == warehouse.count("fct_plays where played_month = '2024-01-01'")
    assert max(counts) <= 60_000
    assert not (folder / "dim_tracks").exists()


def test_a_window_cuts_the_plays_by_their_end(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder, since=date(2024, 1, 31), until=date(2024, 2, 1))
    plays = duckdb.sql(
        "select count(*), min(epoch_us(ended_at)), max(epoch_us(ended_at)) "
        f"from '{folder}/fct_plays/*/*.parquet'"
    ).fetchall()
    assert plays == warehouse.rows(
        "select count(*), min(epoch_us(ended_at)), max(epoch_us(ended_at)) from fct_plays "
        "where cast(ended_at as date) in ('2024-01-31', '2024-02-01')"
    )
    with pytest.raises(PlaybackError, match="no plays from 2031-01-01 to the end"):
        export(warehouse, folder, since=date(2031, 1, 1))


def test_what_is_no_more_is_removed_and_what_is_not_ours_stays(
    warehouse: Warehouse, tmp_path: Path
):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    duckdb.sql("select 1 as one").write_parquet(str(folder / "mine.parquet"))
    (folder / "fct_plays" / "notes.txt").write_text("mine")
    warehouse.connection.execute("drop table dim_tracks")
    warehouse.connection.execute("delete from raw.user_events where ended_at >= '2024-02-01'")
    export(warehouse, folder)
    assert set(contents(folder)) == DOCUMENTS | {
        "mine.parquet",
        "fct_plays/notes.txt",
        "fct_plays/played_month=2024-01-01/part-00000.parquet",
    }
    assert not (folder / "fct_plays" / "played_month=2024-02-01").exists()


def test_plays_that_a_mart_has_lost_are_not_shipped_as_if_they_were_all(
    warehouse: Warehouse, tmp_path: Path
):
    warehouse.connection.execute(
        "create or replace view fct_plays as "
        "select *, date '2024-01-01' as played_month from raw.user_events where event_id <> 5"
    )
    with pytest.raises(PlaybackError, match="157,552 rows where 157,553 plays"):
        export(warehouse, tmp_path / "exports")


def test_what_was_ours_but_was_changed_since_stays(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    (folder / "dim_tracks.parquet").write_bytes(b"mine now")
    warehouse.connection.execute("drop table dim_tracks")
    export(warehouse, folder)
    assert (folder / "dim_tracks.parquet").read_bytes() == b"mine now"


@pytest.mark.parametrize("name", ["README.md", "dim_tracks.parquet", "manifest.json"])
def test_a_file_of_somebody_else_is_never_written_over(
    warehouse: Warehouse, tmp_path: Path, name: str
):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / name).write_text("{}")
    with pytest.raises(
        PlaybackError, match=rf"{name} is (no manifest of Playback|not listed in .*), so"
    ):
        export(warehouse, folder)
    assert contents(folder) == {name: b"{}"}


def stands(warehouse: Warehouse, folder: Path) -> bool:
    tables = FEEDS["parquet"].tables_in(warehouse)
    return bool(exports.standing(warehouse, tables, folder, ExportRequest(), ""))


def test_a_file_of_the_same_size_whose_bytes_changed_is_written_again(
    warehouse: Warehouse, tmp_path: Path
):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    assert stands(warehouse, folder)
    file = folder / "dim_tracks.parquet"
    whole, times = file.read_bytes(), file.stat()
    file.write_bytes(whole[:-9] + bytes(9))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not stands(warehouse, folder)
    export(warehouse, folder)
    assert file.read_bytes() == whole
    assert stands(warehouse, folder)
    file.write_bytes(whole)
    assert stands(warehouse, folder)


def test_a_mart_that_was_emptied_does_not_empty_its_file(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    former = contents(folder)
    warehouse.connection.execute("delete from dim_tracks")
    assert not stands(warehouse, folder)
    with pytest.raises(PlaybackError, match=r"no rows of dim_tracks.*run `playback build` first"):
        export(warehouse, folder)
    assert contents(folder) == former


def test_another_feed_is_not_retired(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    manifest_file = folder / "manifest.json"
    manifest_file.write_text(manifest_file.read_text().replace("Playback marts", "Another feed"))
    former = contents(folder)
    with pytest.raises(PlaybackError, match="holds another export"):
        export(warehouse, folder)
    assert contents(folder) == former


def test_a_manifest_that_lies_removes_nothing_outside(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    outside = tmp_path / "outside.parquet"
    (folder / "dim_tracks.parquet").rename(outside)
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(
        manifest.replace('"dim_tracks.parquet"', '"../outside.parquet"')
    )
    warehouse.connection.execute("drop table dim_tracks")
    export(warehouse, folder)
    assert outside.exists()


def test_a_full_disk_leaves_the_former_files_whole(warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "exports"
    export(warehouse, folder)
    former = contents(folder)
    warehouse.connection.execute("update dim_tracks set track_name = track_name || ' (live)'")
    warehouse.connection.execute("checkpoint")
    with full_disk(10_000), pytest.raises(PlaybackError, match="cannot be written") as fault:
        export(warehouse, folder)
    assert "\n" not in str(fault.value)
    assert contents(folder) == former


@pytest.mark.parametrize("moved", range(6))
def test_an_export_killed_amid_its_renames_is_made_good(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
):
    class Killed(BaseException):
        pass

    folder, replace, done = tmp_path / "exports", Path.replace, []

    def replace_until_killed(file: Path, target: Path) -> Path:
        if len(done) == moved:
            raise Killed
        done.append(target)
        return replace(file, target)

    export(warehouse, folder)
    with monkeypatch.context() as killing:
        killing.setattr(Path, "replace", replace_until_killed)
        with pytest.raises(Killed):
            export(warehouse, folder, part_rows=60_000)
    export(warehouse, folder)
    export(warehouse, tmp_path / "other")
    assert contents(folder) == contents(tmp_path / "other")


def test_names_are_quoted(warehouse: Warehouse, tmp_path: Path):
    warehouse.connection.execute('create table "odd ""name" as select 1 as one')
    files = export(warehouse, tmp_path / "it's here")
    assert tmp_path / "it's here" / 'odd "name.parquet' in files


def test_no_marts_are_told_in_one_line(tmp_path: Path):
    with (
        Warehouse(tmp_path / "empty.duckdb") as warehouse,
        pytest.raises(PlaybackError, match="no marts yet: run `playback build` first"),
    ):
        export(warehouse, tmp_path / "exports")
    assert not (tmp_path / "exports").exists()
