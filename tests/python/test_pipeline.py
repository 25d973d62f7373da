"""The whole job: what comes in comes out, again and again, whatever the threads."""

import csv
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import fastavro
import pytest

from conftest import CATALOGUE_FILES, Settings, make_world, small_settings
from playback import decode, load_graph, pipeline, transform
from playback.console import Console
from playback.errors import PlaybackError
from playback.pipeline import standing
from playback.progress import Progress
from playback.transform import Build

TABLES = (
    "select table_schema || '.' || table_name from information_schema.tables "
    "where (table_type = 'BASE TABLE' or table_name = 'fct_plays') "
    "and table_schema in ('raw', 'intermediate', 'main') and table_name <> 'stage_runs' "
    "order by all"
)

BUILT_BY_MONTH = {
    "main.agg_user_half_hours": ("played_month", "skip_count", 0),
    "main.fct_listening_sessions": ("session_month", "skip_count", -1),
    "main.agg_user_track_months": ("played_month", "complete_count", 0),
    "intermediate.int_play_faults": ("played_month", "overlapping_count", 1),
    "intermediate.int_user_artist_months": ("played_month", "listen_days", 0),
    "intermediate.int_user_artist_stays": ("session_month", "stay_count", -1),
    "intermediate.int_user_hours": ("played_month", "listen_count", 1000),
}
"""Incremental tables: the column of the month; a column that no model compares, and a value that it
never has all month."""


def table_hashes(path: Path) -> dict[str, tuple[int, int]]:
    """Row count and order-free hash of the plays and of every table that a stage has made."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = [name for (name,) in connection.execute(TABLES).fetchall()]
        return {
            table: connection.execute(
                f"select count(*), coalesce(bit_xor(hash(rows)), 0) from {table} as rows"
            ).fetchall()[0]
            for table in tables
        }


def test_plays_reconcile_from_raw_to_graph(world: Settings, database):
    def count(query: str) -> int:
        return database.execute(query).fetchall()[0][0]

    plays = count("select count(*) from raw.user_events")
    assert plays > 10_000
    assert count("select sum(play_count) from raw.simulation_batches") == plays
    assert count("select count(*) from fct_plays") == plays
    assert count("select sum(play_count) from fct_listening_sessions") == plays
    assert count("select sum(play_count) from agg_user_track_months") == plays
    assert count("select sum(play_count) from edge_list") == plays
    parquet = world.exports / "fct_plays" / "**" / "*.parquet"
    assert count(f"select count(*) from read_parquet('{parquet}')") == plays
    edges = count("select count(*) from edge_list")
    assert count(f"select count(*) from '{world.exports / 'edge_list.parquet'}'") == edges
    data = load_graph(world.exports / "graph.pt")
    assert data["user", "listens", "song"].edge_index.shape == (2, edges)
    assert data.validate(raise_on_error=True)


def test_every_mart_is_exported(world: Settings, database):
    marts = database.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'main' and (table_type = 'BASE TABLE' or table_name = 'fct_plays')"
    ).fetchall()
    exported = {path.stem for path in world.exports.glob("*.parquet")}
    exported |= {path.name for path in world.exports.iterdir() if path.is_dir()}
    assert exported == {name for (name,) in marts}


def test_no_play_overlaps_exceeds_its_track_or_leaves_the_window(world: Settings, database):
    broken = database.execute(
        """
        with plays as (
            select
                *,
                lag(ended_at) over (partition by user_key order by event_id) as previous_end,
            from fct_plays
        )
        select
            count(*) filter (started_at < previous_end),
            count(*) filter (listening_ms > duration_ms or listening_ms < 0),
            count(*) filter (started_at < ? or ended_at >= ?),
            count(*) - count(distinct event_id),
        from plays
        """,
        [world.start, date.fromordinal(world.until.toordinal() + 1)],
    ).fetchall()[0]
    assert broken == (0, 0, 0, 0)


def test_growing_on_one_thread_equals_one_run_on_two(world: Settings, tmp_path: Path):
    """Tables and files; sessions cross a month's end, and listeners join later."""
    whole = small_settings(tmp_path, threads=1)
    make_world(whole.model_copy(update={"users": 25, "until": date(2024, 1, 31)}), Console())
    make_world(whole, Console())
    grown, at_once = table_hashes(whole.database), table_hashes(world.database)
    grown.pop("raw.simulation_batches")
    at_once.pop("raw.simulation_batches")
    assert grown == at_once
    files = sorted(path.relative_to(whole.exports) for path in files_in(whole.exports))
    assert files
    assert len(files) == len(files_in(world.exports))
    for file in files:
        assert (whole.exports / file).read_bytes() == (world.exports / file).read_bytes(), file


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def world_a_day_later(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the small world, played on for a day; its models are those of the day before."""
    copy = tmp_path_factory.mktemp("later") / "world.duckdb"
    shutil.copyfile(world.database, copy)
    later = world.model_copy(update={"database": copy, "until": world.until + timedelta(days=1)})
    pipeline.play(later.place, later.preset, later.until, Console())
    return later


def own_copy(of: Settings, folder: Path) -> Settings:
    return of.model_copy(
        update={"database": Path(shutil.copyfile(of.database, folder / "world.duckdb"))}
    )


def test_a_day_more_builds_what_a_full_refresh_builds(world_a_day_later: Settings, tmp_path: Path):
    """Every table, row for row; and building once more changes nothing."""
    settings = own_copy(world_a_day_later, tmp_path)
    before = table_hashes(settings.database)
    pipeline.build(settings.place, Console(), with_tests=False)
    extended = table_hashes(settings.database)
    pipeline.build(settings.place, Console(), with_tests=False)
    again = table_hashes(settings.database)
    pipeline.build(settings.place, Console(), full_refresh=True, with_tests=False)
    assert extended["main.fct_plays"] != before["main.fct_plays"]
    assert again == extended
    assert table_hashes(settings.database) == extended


def test_a_day_more_touches_its_month_alone(world_a_day_later: Settings, tmp_path: Path):
    """What is marked in every month stands in January, and is gone from February."""
    settings = own_copy(world_a_day_later, tmp_path)
    with duckdb.connect(str(settings.database)) as connection:
        for table, (_, column, mark) in BUILT_BY_MONTH.items():
            connection.execute(f"update {table} set {column} = {mark}")
    pipeline.build(settings.place, Console(), with_tests=False)
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        for table, (month, column, mark) in BUILT_BY_MONTH.items():
            stands = connection.execute(
                f"select bool_and({column} = {mark}) from {table} group by {month} order by {month}"
            ).fetchall()
            assert stands == [(True,), (False,)], table


def test_views_are_built_again_only_where_more_than_plays_has_changed(
    world_a_day_later: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One that is gone comes back, though the last build was of the tables alone."""
    settings = own_copy(world_a_day_later, tmp_path)
    asked = []

    def build(database: Path, threads: int, what: Build, progress: Progress) -> list[str]:
        asked.append(what.selector)
        return ["main.edge_list"]

    monkeypatch.setattr(transform, "build", build)
    for _ in range(2):  # the second time, all stands
        pipeline.build(settings.place, Console(), "listening", with_tests=False)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("drop view feeds.feed_users")
    pipeline.build(settings.place, Console(), "listening", with_tests=False)
    pipeline.build(settings.place, Console(), "listening")
    assert asked == ["listening_tables", "listening", "listening"]


@pytest.mark.parametrize(
    ("ends_on", "selector"),
    [("2024-01-20", "listening_but_realism"), ("2024-01-21", "listening_tables")],
)
def test_realism_is_measured_again_only_where_its_windows_have_moved(
    ends_on: str,
    selector: str,
    world_a_day_later: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    settings = own_copy(world_a_day_later, tmp_path)
    asked = []

    def build(database: Path, threads: int, what: Build, progress: Progress) -> list[str]:
        asked.append(what.selector)
        return ["main.edge_list"]

    def end_windows_on(day: str) -> None:
        with duckdb.connect(str(settings.database)) as connection:
            connection.execute(
                "create or replace view intermediate.int_realism_windows as "
                f"select 365 as window_days, date '{day}' as window_ends_on"
            )

    monkeypatch.setattr(transform, "build", build)
    end_windows_on("2024-01-20")
    with settings.place.open(must_exist=True) as warehouse:
        standing.record_realism(warehouse)
    end_windows_on(ends_on)
    pipeline.build(settings.place, Console(), "listening", with_tests=False)
    assert asked == [selector]


def test_models_that_have_changed_are_built_anew_once(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = own_copy(world, tmp_path)
    refreshed = []
    monkeypatch.setattr(transform, "project_fingerprint", lambda: "of other models")

    def build(database: Path, threads: int, what: Build, progress: Progress) -> list[str]:
        refreshed.append(what.full_refresh)
        return ["main.dim_tracks"]

    monkeypatch.setattr(transform, "build", build)
    for _ in range(2):
        pipeline.build(settings.place, Console(), with_tests=False)
    assert refreshed == [True, True]


@dataclass
class Recorder:
    """A console that remembers which stages ran."""

    ran: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(Console(), name)

    def stage(self, name: str) -> object:
        self.ran.append(name)
        return Console().stage(name)

    def unchanged(self, name: str) -> None:
        self.skipped.append(name)


def test_a_second_run_redoes_nothing(world: Settings):
    before = table_hashes(world.database)
    recorder = Recorder()
    make_world(world, recorder)
    assert recorder.ran == []
    assert len(recorder.skipped) >= 7
    assert table_hashes(world.database) == before


@pytest.mark.parametrize(
    "changes",
    [{"seed": 8}, {"songs": 401}, {"start": date(2024, 1, 2)}, {"preset": "classic"}],
    ids=["seed", "songs", "start", "preset"],
)
def test_another_world_is_refused_and_nothing_changes(world: Settings, changes: dict):
    before = table_hashes(world.database)
    other = small_settings(world.database.parent, **changes)
    with pytest.raises(PlaybackError, match="another world") as refusal:
        make_world(other, Console())
    assert "\n" not in str(refusal.value)
    assert table_hashes(world.database) == before


@pytest.mark.slow
def test_a_catalogue_from_files_runs_to_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    settings = small_settings(
        tmp_path, users=20, until=date(2024, 1, 20), catalogue=CATALOGUE_FILES
    )
    make_world(settings, Console())
    told = capsys.readouterr()
    assert "443 of 455 rows used, rejected: " in told.err
    assert "443 of 455 rows used, rejected: " in told.out
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        tracks, ids = connection.execute(
            "select count(*), count(distinct track_id) from dim_tracks"
        ).fetchall()[0]
        plays = connection.execute("select count(*) from fct_plays").fetchall()[0][0]
        source_checks = connection.execute(
            "select subject, failing_count, checked_count, is_passed from quality_structural "
            "where check_name = 'source_rows_rejected' order by subject"
        ).fetchall()
        fan_out = connection.execute(
            "select count(*) / count(distinct track_key) from raw.tracks "
            "inner join raw.tracks_extended on name = track_name"
        ).fetchall()[0][0]
    assert source_checks == [
        ("artists.csv", 2, 40, True),
        ("tracks.csv", 9, 193, True),
        ("tracks_extended.csv", 1, 222, True),
    ]
    assert fan_out > 1.2
    assert tracks == ids
    assert 150 < tracks <= 184
    assert plays > 1_000
    names = names_in_every_export(settings)
    assert len(names["dim_tracks"]) == tracks
    assert names["synthetic_songs.csv"] == names["dim_tracks"]
    assert names["tracks.avro"] == names["dim_tracks"]
    assert names["graph.pt"] == names["dim_tracks"]


def names_in_every_export(settings: Settings) -> dict[str, dict[str, str]]:
    """What each product calls the tracks, by their ids."""
    pipeline.export(settings.place, settings.exports, Console(), ("csv", "avro"))
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        tracks = connection.execute("select track_id, track_name from dim_tracks").fetchall()
    songs = settings.exports / "csv" / "synthetic_songs.csv"
    with songs.open(newline="", encoding="utf-8") as lines:
        in_csv = {row["track_id"]: row["track_name"] for row in csv.DictReader(lines)}
    with (settings.exports / "avro" / "tracks.avro").open("rb") as file:
        in_avro = {track["track_id"]: track["name"] for track in fastavro.reader(file)}
    nodes = load_graph(settings.exports / "graph.pt")["song"]
    in_graph = dict(zip(decode(nodes), decode(nodes, text="name"), strict=True))
    return {
        "dim_tracks": dict(tracks),
        "synthetic_songs.csv": in_csv,
        "tracks.avro": in_avro,
        "graph.pt": in_graph,
    }
