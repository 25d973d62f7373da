"""A lake holds what a database file would, as files that are whole, and nobody else's."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest

import lake_world
import playback
from conftest import Settings, run_tool, small_settings
from playback import files, pipeline
from playback.console import Console
from playback.errors import PlaybackError
from playback.lake import Lake, raw_folder
from playback.pipeline import standing
from playback.places import LakeFolder
from playback.warehouse import RAW_TABLES, Warehouse
from playback.wrapped import WrappedRequest


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> tuple[Settings, Settings]:
    """The same catalogue in a database and in a lake."""
    in_database = small_settings(tmp_path_factory.mktemp("landed"))
    in_lake = in_database.model_copy(update={"lake": in_database.database.with_name("lake")})
    for settings in (in_database, in_lake):
        pipeline.land(settings.place, settings, Console())
    return in_database, in_lake


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*.parquet")}


Shape = list[tuple[str, str]]


class Held(NamedTuple):
    """The columns of a raw table and their types, by either place, and the rows of both."""

    in_database: tuple[Shape, list[tuple]]
    in_files: tuple[Shape, list[tuple]]
    in_lake: Shape


@pytest.fixture(scope="module")
def held(landed) -> dict[str, Held]:
    """What every raw table holds."""
    in_database, in_lake = landed
    tables = {}
    with Warehouse(in_database.database) as warehouse, Lake(in_lake.lake) as lake:
        for table in RAW_TABLES:
            stored = f"'{in_lake.lake}/raw/{table}/**/*.parquet'"
            files = f"read_parquet({stored}, hive_partitioning = false)"
            shape = "select column_name, column_type from"
            tables[table] = Held(
                (
                    warehouse.rows(f"{shape} (describe raw.{table})"),
                    warehouse.rows(f"from raw.{table}"),
                ),
                (
                    warehouse.rows(f"{shape} (describe from {files})"),
                    warehouse.rows(f"from {files}"),
                ),
                lake.rows(f"{shape} (describe raw.{table})"),
            )
    return tables


@pytest.mark.parametrize("table", RAW_TABLES)
def test_every_raw_table_has_the_types_and_rows_of_the_database(held, table):
    assert held[table].in_files == held[table].in_database
    assert held[table].in_lake == held[table].in_database[0]


def test_plays_lie_by_month_even_where_there_are_none(landed):
    _, in_lake = landed
    (file,) = (in_lake.lake / "raw" / "user_events").rglob("*.parquet")
    assert file.parent.name == "played_month=2024-01-01"


def test_a_second_landing_writes_nothing(landed):
    _, in_lake = landed
    before = {file: file.stat().st_mtime_ns for file in in_lake.lake.rglob("*.parquet")}
    pipeline.land(in_lake.place, in_lake, Console())
    assert before == {file: file.stat().st_mtime_ns for file in in_lake.lake.rglob("*.parquet")}


def test_a_failed_transaction_changes_nothing(tmp_path):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    before = contents(chosen.lake / "raw")
    with Lake(chosen.lake) as lake:
        with pytest.raises(RuntimeError), lake.transaction():
            lake.clear("users")
            lake.append("rejected_rows", pa.table({"reason": ["none"]}))
            raise RuntimeError
        assert lake.count("raw.users") == 40
        assert lake.count("raw.rejected_rows") == 0
    assert contents(chosen.lake / "raw") == before


def test_what_a_transaction_wrote_is_read_in_it_and_after_it(tmp_path):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    with Lake(chosen.lake) as lake:
        with lake.transaction():
            lake.append("rejected_rows", pa.table({"reason": ["one"]}))
            lake.append("rejected_rows", pa.table({"reason": ["two"]}))
            assert lake.count("raw.rejected_rows") == 2
        assert lake.count("raw.rejected_rows") == 2
    assert lake_world.read(chosen.lake, "select reason from raw.rejected_rows") == [
        ("one",),
        ("two",),
    ]


def test_a_commit_that_was_cut_short_is_completed(tmp_path, monkeypatch):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    with Lake(chosen.lake) as lake, monkeypatch.context() as patch:
        replace, moved = Path.replace, []

        def replace_one(file, target):
            if moved:
                raise OSError("the power is off")
            moved.append(replace(file, target))

        patch.setattr(Path, "replace", replace_one)
        with pytest.raises(PlaybackError, match="the power is off"):
            lake.clear("users", "user_traits", "user_genre_preferences")
    assert files.is_ready(chosen.lake)
    with Lake(chosen.lake) as lake:
        tables = ("users", "user_traits", "user_genre_preferences")
        assert [lake.count(f"raw.{table}") for table in tables] == [0, 0, 0]


def test_a_lake_is_open_in_one_process_that_writes(tmp_path):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    opening = (
        "import sys; from pathlib import Path; from playback.lake import Lake\n"
        "with Lake(Path(sys.argv[1]), read_only=bool(sys.argv[2:])) as lake:\n"
        "    print(lake.count('raw.users'))"
    )
    command = [sys.executable, "-c", opening, str(chosen.lake)]
    with Lake(chosen.lake):
        writing = subprocess.run(command, capture_output=True, text=True, check=False)
        reading = subprocess.run([*command, "only"], capture_output=True, text=True, check=False)
    assert "is open in another process" in writing.stderr
    assert reading.stdout == "40\n"


def test_a_folder_of_others_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to_my_aunt.txt").write_text("Dear aunt")
    with pytest.raises(PlaybackError, match="holds files that Playback did not make"):
        Lake(tmp_path / "letters")
    assert [it.name for it in (tmp_path / "letters").iterdir()] == ["to_my_aunt.txt"]


def test_nothing_is_left_of_a_lake_that_was_never_landed(tmp_path):
    with pytest.raises(RuntimeError), Lake(tmp_path / "lake"):
        raise RuntimeError
    assert not (tmp_path / "lake").exists()


def test_marts_are_seen_without_what_a_killed_task_left(tmp_path):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    with Lake(chosen.lake) as lake:
        assert lake.count("dim_tracks") == chosen.songs
        assert lake.has_relation("dim_genres")
        assert not lake.has_relation("dim_users")


@pytest.mark.parametrize("command", ["listeners", "play", "build", "graph"])
def test_a_stage_without_a_lake_says_what_to_run_first(command: str, tmp_path: Path):
    lake = tmp_path / "lake"
    outcome = run_tool("playback", command, "--lake", str(lake), database=tmp_path / "none.duckdb")
    assert outcome.returncode == 2
    assert f"playback run --engine spark --lake {lake}" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_export_of_a_lake_says_where_its_parquet_is(tmp_path: Path):
    outcome = run_tool("playback", "export", "--engine", "spark", database=tmp_path / "none.duckdb")
    assert outcome.returncode == 2
    assert "not a lake: the marts of a lake are Parquet already" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_a_lake_reads_as_the_database_does(
    world: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The same report, byte for byte, and the same Wrapped."""
    lake = tmp_path / "lake"
    with Warehouse(world.database, read_only=True) as warehouse:
        for table in RAW_TABLES:
            folder = raw_folder(lake, table)
            file = (
                folder / "played_month=2024-01-01" if table == "user_events" else folder
            ) / table
            file.parent.mkdir(parents=True)
            warehouse.connection.execute(f"copy raw.{table} to '{file}.parquet' (format parquet)")
        marts = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'main'")
        names = [name for (name,) in marts]
        lake_world.copy_marts(warehouse.connection, lake, names)
    in_lake = LakeFolder(lake)
    with in_lake.open() as warehouse:
        for half in standing.HALVES:  # the views are not here
            warehouse.record_stage(f"rows:build:{half}", "{}")
    pages = [
        pipeline.make_report(place, tmp_path / str(number), Console()).read_bytes()
        for number, place in enumerate((world.place, in_lake))
    ]
    assert pages[0] == pages[1]
    capsys.readouterr()
    printed = []
    for place in (world.place, in_lake):
        pipeline.make_wrapped(place, Console(), WrappedRequest("U0001"))
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""


@pytest.mark.slow
def test_spark_that_is_not_there_is_one_line(landed, tmp_path: Path):
    _, in_lake = landed
    package = Path(playback.__file__).parents[1]
    for code, told in (
        ("", "needs Java 17"),
        ("raise ImportError", "pip install 'playback[spark]'"),
    ):
        (tmp_path / "pyspark.py").write_text(code)
        variables = {"JAVA_HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path}:{package}"}
        outcome = run_tool(
            "playback", "play", "--lake", str(in_lake.lake), database=tmp_path / "n", **variables
        )
        assert outcome.returncode == 2
        assert told in outcome.stderr
        assert len(outcome.stderr.strip().splitlines()) == 1
