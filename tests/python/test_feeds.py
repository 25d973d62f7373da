"""The feeds that leave as files: the exact contract, the same bytes, nothing half-written."""

import csv as standard_csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import duckdb
import fastavro
import pyarrow.parquet as pq
import pytest

from conftest import BIN, run_tool, small_settings
from playback import pipeline
from playback.console import Console
from playback.errors import PlaybackError
from playback.products import avro, csv
from playback.products.feeds import FEEDS
from playback.products.tables import Day, Piece, Request, Table, spans
from playback.progress import Silent
from playback.settings import Settings
from playback.warehouse import Warehouse

HEADERS = {
    "synthetic_sessions": "user_id,track_id,artist_id,timestamp,ms_played,track_duration_ms",
    "synthetic_artists": "artist_id,artist_name,popularity",
    "synthetic_songs": "track_id,track_name,artist_id,artist_name,duration_ms,popularity",
    "synthetic_users": "user_id,user_type,activity_level",
    "synthetic_genres": "genre_id,genre_name,popularity",
    "synthetic_artist_genres": "artist_id,genre_id,genre_name",
    "synthetic_song_genres": "track_id,genre_id,genre_name",
    "synthetic_user_genre_preferences": "user_id,genre_id,genre_name,affinity_score",
}
EDGE_COLUMNS = (
    "user_id,track_id,artist_id,play_count,total_ms_played,avg_completion_ratio,"
    "genre_affinity_score,edge_weight,skip_count,first_played_at,last_played_at"
)
AVRO_TABLES = ("artists", "tracks", "user_events", "users")


@pytest.fixture(scope="module")
def shipped(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the small world, with every feed exported."""
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copyfile(world.database, folder / "world.duckdb")
    settings = small_settings(folder)
    pipeline.export(settings, Console(), ("parquet", "csv", "avro"))
    return settings


def copy_of(shipped: Settings, folder: Path, **changes: object) -> Settings:
    """The same world for a test that exports on its own."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(shipped.database, folder / "world.duckdb")
    return small_settings(folder, **changes)


def export(settings: Settings, *names: str, **asked: object) -> Path:
    pipeline.export(settings, Console(), names, Request(**asked))
    return settings.exports


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".playback" not in file.parts
    }


def bytes_in(folder: Path) -> int:
    sizes = []
    with suppress(FileNotFoundError):  # folders come and go, and files in them
        for file in folder.rglob("*"):
            with suppress(FileNotFoundError):
                sizes.append(file.stat().st_size)
    return sum(sizes)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(standard_csv.DictReader(lines))


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_csv_files_are_named_and_headed_as_documented(shipped: Settings):
    folder = shipped.exports / "csv"
    assert {file.stem for file in folder.glob("*.csv")} == set(HEADERS)
    for name, header in HEADERS.items():
        assert (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0] == header
    assert ",".join(pq.read_schema(folder / "edge_list.parquet").names) == EDGE_COLUMNS


def test_sessions_hold_every_play_in_order(shipped: Settings):
    plays = rows_of(shipped.exports / "csv" / "synthetic_sessions.csv")
    with Warehouse(shipped.database) as warehouse:
        assert len(plays) == warehouse.count("fct_plays")
        ids = warehouse.rows(
            "select user_id, track_id, artist_id, started_at, listening_ms, "
            "fct_plays.duration_ms from fct_plays join dim_users using (user_key) "
            "join dim_tracks using (track_key) "
            "join dim_artists on dim_artists.artist_key = fct_plays.artist_key"
        )
    read = [
        (
            play["user_id"],
            play["track_id"],
            play["artist_id"],
            datetime.strptime(play["timestamp"], "%Y-%m-%dT%H:%M:%S.%f"),
            int(play["ms_played"]),
            int(play["track_duration_ms"]),
        )
        for play in plays
    ]
    assert sorted(read) == sorted(ids)
    assert [play[3] for play in read] == sorted(play[3] for play in read)
    assert {len(play["timestamp"]) for play in plays} == {len("2024-01-01T00:00:00.000")}
    assert all(play[4] <= play[5] for play in read)


def test_edges_are_those_of_the_sessions(shipped: Settings):
    folder = shipped.exports / "csv"
    differences = duckdb.sql(
        f"""
        with counted as (
            select
                user_id, track_id, artist_id, count(*) as play_count,
                cast(sum(ms_played) as bigint) as total_ms_played,
                avg(ms_played / track_duration_ms) as avg_completion_ratio,
                count(*) filter (ms_played < 30000) as skip_count,
                min(timestamp) as first_played_at,
            from '{folder}/synthetic_sessions.csv'
            group by all
        ),
        edges as (
            select * from '{folder}/edge_list.parquet'
        )
        select count(*), count(*) filter (
            counted.play_count is distinct from edges.play_count
            or counted.total_ms_played is distinct from edges.total_ms_played
            or counted.skip_count is distinct from edges.skip_count
            or counted.first_played_at is distinct from edges.first_played_at
            or not abs(counted.avg_completion_ratio - edges.avg_completion_ratio) < 1e-9
        )
        from counted
        full join edges using (user_id, track_id, artist_id)
        """
    ).fetchall()[0]
    assert differences[0] > 500
    assert differences[1] == 0


def test_ids_of_the_csv_files_refer_to_each_other(shipped: Settings):
    files = {name: rows_of(shipped.exports / "csv" / f"{name}.csv") for name in HEADERS}
    keys = {
        "user_id": {row["user_id"] for row in files["synthetic_users"]},
        "track_id": {row["track_id"] for row in files["synthetic_songs"]},
        "artist_id": {row["artist_id"] for row in files["synthetic_artists"]},
        "genre_id": {row["genre_id"] for row in files["synthetic_genres"]},
    }
    assert min(keys["user_id"]) == "U0001"
    assert min(keys["track_id"]) == "T00001"
    assert min(keys["artist_id"]) == "A0001"
    for name, rows in files.items():
        assert rows, name
        for column in keys.keys() & rows[0].keys():
            assert {row[column] for row in rows} <= keys[column], (name, column)
        for column in {"popularity", "activity_level", "affinity_score"} & rows[0].keys():
            assert all(0 <= float(row[column]) <= 1 for row in rows), (name, column)


def test_names_are_quoted_as_rfc_4180_says(tmp_path: Path):
    names = ['Say "hi", twice', "two\nlines", " padded ", "", "Ünïcode ☃", "plain"]
    with Warehouse(tmp_path / "world.duckdb") as warehouse:
        warehouse.connection.execute("create table names (position integer, name varchar)")
        warehouse.connection.executemany("insert into names values (?, ?)", list(enumerate(names)))
        pieces = [
            Piece(f"select * from names where position // 3 = {third} order by all", 3)
            for third in (0, 1)
        ]
        table = Table("names", "csv", "main", "names")
        csv.write(warehouse, table, pieces, tmp_path / "names.csv", Silent())
    assert [row["name"] for row in rows_of(tmp_path / "names.csv")] == names
    assert [path.name for path in tmp_path.glob("names*")] == ["names.csv"]


def test_avro_files_hold_what_their_views_hold(shipped: Settings):
    with Warehouse(shipped.database) as warehouse:
        for table in AVRO_TABLES:
            with (shipped.exports / "avro" / f"{table}.avro").open("rb") as file:
                read = [tuple(record.values()) for record in fastavro.reader(file)]
            held = warehouse.rows(f"from feeds.feed_{table}")
            told = [
                tuple(
                    value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
                    for value in row
                )
                for row in held
            ]
            assert sorted(read, key=repr) == sorted(told, key=repr), table


def test_avro_schemas_are_shipped_and_say_what_every_field_is(shipped: Settings):
    folder = shipped.exports / "avro"
    assert {file.stem for file in folder.glob("*.avsc")} == set(AVRO_TABLES)
    with Warehouse(shipped.database) as warehouse:
        for table in AVRO_TABLES:
            schema = json.loads((folder / f"{table}.avsc").read_text())
            with (folder / f"{table}.avro").open("rb") as file:
                reader = fastavro.reader(file)
                written, codec = reader.metadata["avro.schema"], reader.codec
            assert fastavro.schema.to_parsing_canonical_form(
                schema
            ) == fastavro.schema.to_parsing_canonical_form(json.loads(written))
            assert schema["namespace"] == "playback.wrapped"
            assert codec == "deflate"
            assert schema["doc"]
            assert all(field["doc"] for field in schema["fields"])
            names = [field["name"] for field in schema["fields"]]
            assert names == warehouse.connection.sql(f"from feeds.feed_{table}").columns
    events = {field["name"]: field["type"] for field in schema_of("user_events")["fields"]}
    assert events["timestamp"] == {"type": "long", "logicalType": "timestamp-millis"}
    users = {field["name"]: field["type"] for field in schema_of("users")["fields"]}
    assert users["birthdate"] == ["null", {"type": "int", "logicalType": "date"}]


def schema_of(table: str) -> dict:
    return json.loads(avro.schema_file(table).read_text())


def test_a_grown_schema_reads_old_avro_files(shipped: Settings):
    grown = schema_of("users")
    grown["fields"] = [
        *(field for field in grown["fields"] if field["name"] != "gender"),
        {"name": "plan", "type": "string", "default": "free", "doc": "What the listener pays for."},
    ]
    with (shipped.exports / "avro" / "users.avro").open("rb") as file:
        users = list(fastavro.reader(file, reader_schema=grown))
    assert len(users) == shipped.users
    assert {user["plan"] for user in users} == {"free"}
    assert "gender" not in users[0]
    grown["fields"].append({"name": "age", "type": "int", "doc": "No default: old files lack it."})
    with (
        (shipped.exports / "avro" / "users.avro").open("rb") as file,
        pytest.raises(fastavro.read.SchemaResolutionError),
    ):
        list(fastavro.reader(file, reader_schema=grown))


def test_what_is_unknown_is_null_in_avro(tmp_path: Path):
    with Warehouse(tmp_path / "world.duckdb") as warehouse:
        query = (
            "select 'U0001' as user_id, 'ann' as username, cast(null as varchar) as location, "
            "cast(null as date) as birthdate, cast(null as varchar) as gender union all "
            "select 'U0002', 'bob', 'Rome, Italy', date '1969-12-31', 'M' order by all"
        )
        table = Table("users", "avro", "feeds", "feed_users")
        avro.write(warehouse, table, [Piece(query, 2)], tmp_path / "users.avro", Silent())
    with (tmp_path / "users.avro").open("rb") as file:
        ann, bob = fastavro.reader(file)
    assert (ann["location"], ann["birthdate"], ann["gender"]) == (None, None, None)
    assert bob["birthdate"] == date(1969, 12, 31)


def test_polars_reads_the_avro_files(shipped: Settings):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    events = polars.read_avro(shipped.exports / "avro" / "user_events.avro")
    with Warehouse(shipped.database) as warehouse:
        first = warehouse.rows("from feeds.feed_user_events order by timestamp, id limit 1")[0]
        assert events.height == warehouse.count("fct_plays")
    assert events.row(0) == (first[0], first[1].replace(tzinfo=UTC), *first[2:])
    tracks = polars.read_avro(shipped.exports / "avro" / "tracks.avro")
    assert tracks.schema["release_date"] == polars.Date


def test_duckdb_reads_the_avro_files(shipped: Settings):
    with duckdb.connect() as connection:
        try:
            connection.execute("load avro")
        except duckdb.Error:
            pytest.skip("DuckDB's extension avro is not installed")
        read = connection.execute(
            "select id, track_id, user_id, listening_time from read_avro(?) order by id",
            [str(shipped.exports / "avro" / "user_events.avro")],
        ).fetchall()
    with Warehouse(shipped.database) as warehouse:
        assert read == warehouse.rows(
            "select id, track_id, user_id, listening_time from feeds.feed_user_events order by id"
        )


def test_spark_reads_the_avro_files(shipped: Settings):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    errors = pytest.importorskip("pyspark.errors")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = session.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        events = spark.read.format("avro").load(str(shipped.exports / "avro" / "user_events.avro"))
        assert dict(events.dtypes)["timestamp"] == "timestamp"
        read = [tuple(row) for row in events.orderBy("id").toLocalIterator()]
    except errors.AnalysisException:
        pytest.skip("Spark's package spark-avro is not installed")
    finally:
        spark.stop()
    with Warehouse(shipped.database) as warehouse:
        assert len(read) == warehouse.count("feeds.feed_user_events")
        assert [row[0] for row in read] == [
            event for (event,) in warehouse.rows("select id from feeds.feed_user_events order by 1")
        ]


def test_processes_and_batches_do_not_change_a_byte_of_avro(
    shipped: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(avro, "_SLICE_ROWS", 9_001)
    table = Table("user_events", "avro", "feeds", "feed_user_events", moment="timestamp")
    halves = [
        Piece(f"from feeds.feed_user_events where timestamp {half} order by timestamp, id", 20_000)
        for half in ("< '2024-01-20'", ">= '2024-01-20'")
    ]
    whole = [Piece("from feeds.feed_user_events order by timestamp, id", 40_000)]
    for name, threads, pieces in (("one", 1, whole), ("two", 2, halves)):
        with Warehouse(shipped.database, threads=threads) as warehouse:
            avro.write(warehouse, table, pieces, tmp_path / name, Silent())
    assert capfd.readouterr().err == ""
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with (tmp_path / "one").open("rb") as file:
        ids = [event["id"] for event in fastavro.reader(file)]
    assert len(ids) == len(set(ids)) > 30_000


def test_the_hash_seed_does_not_change_a_byte_of_avro():
    """Python orders sets anew in each process, and fastavro goes through one for each field."""
    script = (
        "import hashlib, sys; from playback.products import avro;"
        "heads = b''.join(avro._header(table) for table in sys.argv[1:]);"
        "print(hashlib.sha256(heads).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, *AVRO_TABLES],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("feed", ["csv", "avro", "parquet"])
def test_a_second_export_has_the_same_bytes(shipped: Settings, tmp_path: Path, feed: str):
    again = export(copy_of(shipped, tmp_path, threads=1), feed)
    for name, data in contents(again).items():
        assert data == (shipped.exports / name).read_bytes(), name


def test_the_manifest_says_what_is_there(shipped: Settings):
    for folder in (shipped.exports, shipped.exports / "csv", shipped.exports / "avro"):
        manifest = manifest_of(folder)
        assert manifest["seed"] == 7
        assert manifest["preset"] == "lifelike"
        assert manifest["window"] == {"since": "2024-01-01", "until": "2024-02-14"}
        for entry in (*manifest["files"], *manifest["documents"]):
            data = (folder / entry["file"]).read_bytes()
            assert entry["bytes"] == len(data)
            assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        for entry in manifest["files"]:
            assert entry["rows"] == rows_in(folder / entry["file"]), entry["file"]
            assert list(entry["schema"]) == [
                column["name"] for column in manifest["tables"][entry["table"]]["columns"]
            ]
        for name, table in manifest["tables"].items():
            assert table["description"], name
            assert all(column["description"] for column in table["columns"]), name


def rows_in(file: Path) -> int:
    if file.suffix == ".avro":
        with file.open("rb") as data:
            return sum(1 for _ in fastavro.reader(data))
    if file.suffix == ".csv":
        return len(rows_of(file))
    return pq.read_metadata(file).num_rows


def test_the_folder_is_a_dataset(shipped: Settings):
    for folder in (shipped.exports, shipped.exports / "csv", shipped.exports / "avro"):
        manifest = manifest_of(folder)
        card = (folder / "README.md").read_text()
        metadata = json.loads((folder / "croissant.json").read_text())
        assert metadata["@type"] == "sc:Dataset"
        assert metadata["conformsTo"] == "http://mlcommons.org/croissant/1.0"
        assert all(metadata[key] for key in ("name", "description", "license", "version"))
        files = {it["@id"]: it for it in metadata["distribution"] if "sha256" in it}
        assert {name: it["sha256"] for name, it in files.items()} == {
            entry["file"]: entry["sha256"] for entry in manifest["files"]
        }
        known = {it["@id"] for it in metadata["distribution"]}
        for record_set in metadata["recordSet"]:
            columns = manifest["tables"][record_set["name"]]["columns"]
            assert [it["name"] for it in record_set["field"]] == [it["name"] for it in columns]
            assert f"### {record_set['name']}" in card
            for it in record_set["field"]:
                source = it["source"].get("fileObject") or it["source"]["fileSet"]
                assert source["@id"] in known
        for file_set in (it for it in metadata["distribution"] if "includes" in it):
            table = file_set["@id"].removesuffix("-parts")
            assert {
                str(path.relative_to(folder)) for path in folder.glob(file_set["includes"])
            } == {entry["file"] for entry in manifest["files"] if entry["table"] == table}


def test_croissant_reads_the_dataset(shipped: Settings):
    croissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    dataset = croissant.Dataset(str(shipped.exports / "csv" / "croissant.json"))
    users = list(dataset.records("synthetic_users"))
    assert len(users) == shipped.users
    assert users[0]["synthetic_users/user_id"] == b"U0001"


def test_a_window_cuts_each_file_by_its_own_moment(shipped: Settings, tmp_path: Path):
    since, until = date(2024, 1, 30), date(2024, 2, 2)
    folder = export(copy_of(shipped, tmp_path), "csv", "avro", since=since, until=until)
    starts = [
        datetime.fromisoformat(row["timestamp"]).date()
        for row in rows_of(folder / "csv" / "synthetic_sessions.csv")
    ]
    assert {min(starts), max(starts)} == {since, until}
    with (folder / "avro" / "user_events.avro").open("rb") as file:
        ends = [event["timestamp"].date() for event in fastavro.reader(file)]
    assert {min(ends), max(ends)} == {since, until}
    with Warehouse(shipped.database) as warehouse:
        for column, moments in (("started_at", starts), ("ended_at", ends)):
            inside = f"fct_plays where cast({column} as date) between '{since}' and '{until}'"
            assert warehouse.count(inside) == len(moments)
    assert len(rows_of(folder / "csv" / "synthetic_users.csv")) == shipped.users
    manifest = manifest_of(folder / "csv")
    assert manifest["window"] == {"since": "2024-01-30", "until": "2024-02-02"}
    assert manifest["tables"]["synthetic_users"]["window"]["since"] == "2024-01-01"
    test_edges_are_those_of_the_sessions(shipped.model_copy(update={"exports": folder}))


def test_a_window_around_everything_changes_nothing(shipped: Settings, tmp_path: Path):
    """The edges of a window come from a query of their own, which must agree with the mart."""
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "csv", since=date(2020, 1, 1), until=date(2030, 1, 1)) / "csv"
    edges, edges_of_window = (
        duckdb.sql(f"from '{each}/edge_list.parquet'").fetchall()
        for each in (shipped.exports / "csv", folder)
    )
    assert edges == edges_of_window
    for name, data in contents(shipped.exports / "csv").items():
        if name.endswith(".csv"):
            assert (folder / name).read_bytes() == data, name


def test_parts_are_the_whole(shipped: Settings, tmp_path: Path):
    folder = export(copy_of(shipped, tmp_path), "csv", "avro", part_rows=9_000)
    parts = sorted((folder / "csv" / "synthetic_sessions").iterdir())
    assert len(parts) > 3
    lines = [part.read_text().splitlines() for part in parts]
    header = HEADERS["synthetic_sessions"]
    assert all(part[0] == header and len(part) <= 9_001 for part in lines)
    whole = (shipped.exports / "csv" / "synthetic_sessions.csv").read_text().splitlines()
    assert [header, *(line for part in lines for line in part[1:])] == whole
    events = sorted((folder / "avro" / "user_events").iterdir())
    assert sum(rows_in(part) for part in events) == len(whole) - 1
    export(small_settings(tmp_path), "csv", "avro")
    assert not (folder / "csv" / "synthetic_sessions").exists()
    assert contents(folder / "csv") == contents(shipped.exports / "csv")


def test_days_are_cut_into_spans():
    days = [Day(date(2024, 1, 1 + number), rows) for number, rows in enumerate((3, 3, 9, 1, 2))]
    assert [[day.rows for day in span] for span in spans(days, 6)] == [[3, 3], [9], [1, 2]]
    assert spans(days, None) == [days]
    assert spans([], 6) == []


def test_only_some_tables_leave_the_others_alone(shipped: Settings, tmp_path: Path):
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "csv") / "csv"
    former = contents(folder)
    export(settings, "csv", only=("synthetic_users",), part_rows=25)
    latter = contents(folder)
    assert {name for name in latter if name.startswith("synthetic_users")} == {
        f"synthetic_users/part-0000{number}.csv" for number in range(3)
    }
    for name in former.keys() - {"synthetic_users.csv", "README.md"}:
        if name not in ("croissant.json", "manifest.json"):
            assert latter[name] == former[name]
    listed = {entry["file"] for entry in manifest_of(folder)["files"]}
    assert listed == {name for name in latter if name.endswith((".csv", ".parquet"))}
    export(settings, "csv")
    assert contents(folder) == former


def test_only_does_not_mix_worlds(shipped: Settings, tmp_path: Path):
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "avro") / "avro"
    with Warehouse(settings.database) as warehouse:
        warehouse.connection.execute("update raw.world set seed = 8")
        warehouse.clear("stage_runs")
    former = contents(folder)
    with pytest.raises(PlaybackError, match="another world") as refusal:
        export(settings, "avro", only=("users",))
    assert "\n" not in str(refusal.value)
    assert contents(folder) == former
    export(settings, "avro")
    assert manifest_of(folder)["seed"] == 8


def is_killed_exporting(settings: Settings, feed: str, enough: float) -> bool:
    """Kill an export that has written more than so many bytes; False if it ended before."""
    command = [
        *(BIN / "playback", "export", feed),
        *("--database", settings.database, "--exports", settings.exports),
    ]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE)
    partial = settings.exports / FEEDS[feed].folder / ".playback"
    while bytes_in(partial) <= enough and process.poll() is None:
        time.sleep(0.001)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("feed", ["csv", "avro", "parquet"])
def test_a_killed_export_leaves_the_former_whole(shipped: Settings, tmp_path: Path, feed: str):
    """Killed when a random share of the bytes is written, and then run again."""
    random = Random(feed)  # noqa: S311
    for attempt in range(10):
        settings = copy_of(shipped, tmp_path / str(attempt))
        folder = export(settings, feed) / FEEDS[feed].folder
        former = contents(folder)
        with Warehouse(settings.database) as warehouse:
            warehouse.connection.execute(
                "delete from raw.user_events where ended_at >= '2024-02-10'"
            )
            warehouse.clear("stage_runs")
        if is_killed_exporting(settings, feed, random.random() * 0.6 * bytes_in(folder)):
            break
    else:
        pytest.fail("ten exports ended before they could be killed")
    assert contents(folder) == former
    export(settings, feed)
    assert not (folder / ".playback").exists()
    latter = contents(folder)
    assert latter.keys() == former.keys()
    assert latter != former


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["csv", "--only", "synthetic_users", "synthetic_sons"], "synthetic_songs"),
        (["avro", "--only", "synthetic_users"], "artists, tracks, user_events, users"),
        (["csv", "--since", "2024-02-02", "--until", "2024-02-01"], "--until 2024-02-01"),
        (["csv", "--since", "2034-01-01"], "2024-01-01 to 2024-02-14"),
        (["csv", "--part-rows", "0"], "--part-rows"),
        (["csv", "synthetic_users"], "--only synthetic_users"),
        (["json"], "json"),
    ],
)
def test_an_impossible_export_is_one_line(
    shipped: Settings, tmp_path: Path, arguments: list[str], told: str
):
    outcome = run_tool(
        *("playback", "export", *arguments, "--exports", str(tmp_path / "exports")),
        database=shipped.database,
    )
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "exports").exists()
