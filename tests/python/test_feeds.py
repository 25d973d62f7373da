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
from itertools import islice
from pathlib import Path
from random import Random

import datasets
import duckdb
import fastavro
import mlcroissant
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from conftest import BIN, Parsed, Settings, run_tool, small_settings
from playback import pipeline
from playback.console import Console
from playback.errors import PlaybackError
from playback.products import avro, csv
from playback.products.feeds import FEEDS
from playback.products.keys import KEYS, reference
from playback.products.tables import Day, Piece, Request, Table, spans
from playback.progress import Silent
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
    pipeline.export(settings.place, settings.exports, Console(), ("parquet", "csv", "avro"))
    return settings


def copy_of(shipped: Settings, folder: Path, **changes: object) -> Settings:
    """The same world for a test that exports on its own."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(shipped.database, folder / "world.duckdb")
    return small_settings(folder, **changes)


def export(settings: Settings, *names: str, **asked: object) -> Path:
    pipeline.export(settings.place, settings.exports, Console(), names, Request(**asked))
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


@pytest.mark.parametrize("feed", ["parquet", "csv"])
def test_croissant_reads_every_table_of_the_dataset(shipped: Settings, feed: str):
    """Rows and values are those of the files, also where a table refers to others.

    All are read through one `Dataset`, which keeps what it has read for another table.
    """
    folder = shipped.exports / FEEDS[feed].folder
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    tables = manifest_of(folder)["tables"]
    assert {it.id for it in dataset.metadata.record_sets} == set(tables)
    for name, table in tables.items():
        types = {
            f"{name}/{column['name']}": CROISSANT_TYPES[column["type"]]
            for column in table["columns"]
        }
        # It takes half a millisecond to make a record: the first say as much as all.
        records = list(islice(dataset.records(name), 50))
        assert len(records) == min(50, table["rows"]), name
        read = rows_as_arrow(folder, name).slice(0, len(records)).to_pylist()
        for record, row in zip(records, read, strict=False):
            assert list(record) == list(types), name
            for (field, value), told in zip(record.items(), row.values(), strict=True):
                assert value is None or isinstance(value, types[field]), (field, value)
                if isinstance(told, str) and value is not None:
                    assert value.decode() == told, field
                elif isinstance(told, int | float):
                    assert value == told, field


CROISSANT_TYPES = {
    "VARCHAR": bytes,
    "BOOLEAN": bool,
    "INTEGER": int,
    "BIGINT": int,
    "DOUBLE": float,
    "DATE": pandas.Timestamp,
    "TIMESTAMP": pandas.Timestamp,
    "TIMESTAMP WITH TIME ZONE": pandas.Timestamp,
}


@pytest.mark.parametrize("feed", list(FEEDS))
def test_keys_and_references_are_true(shipped: Settings, feed: str):
    """No two rows have one key, and what a field refers to is there. mlcroissant reads no Avro."""
    folder = shipped.exports / FEEDS[feed].folder
    tables = {name: rows_as_arrow(folder, name) for name in manifest_of(folder)["tables"]}
    metadata = json.loads((folder / "croissant.json").read_text())
    referring = 0
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            connection.register(name, rows)
        for record_set in metadata["recordSet"]:
            name = record_set["name"]
            key = [it["@id"].split("/")[1] for it in record_set.get("key", ())]
            if key:
                ((repeated,),) = connection.sql(
                    f"select count(*) - count(distinct ({', '.join(key)})) from {name}"
                ).fetchall()
                assert repeated == 0, name
            for field in record_set["field"]:
                if "references" in field:
                    referring += 1
                    table, column = field["references"]["field"]["@id"].split("/")
                    missing = connection.sql(
                        f"select count(*) from {name} where {field['name']} not in "
                        f"(select {column} from {table})"
                    ).fetchall()
                    assert missing == [(0,)], field["@id"]
    assert referring >= {"parquet": 30, "csv": 10, "avro": 2}[feed]


def rows_as_arrow(folder: Path, name: str) -> pa.Table:
    files = [entry["file"] for entry in manifest_of(folder)["files"] if entry["table"] == name]
    if files[0].endswith(".avro"):
        with (folder / files[0]).open("rb") as file:
            return pa.Table.from_pylist(list(fastavro.reader(file)))
    read = duckdb.read_csv if files[0].endswith(".csv") else duckdb.read_parquet
    return read([str(folder / file) for file in files]).to_arrow_table()


def test_keys_and_references_are_those_that_dbt_tests(parsed: Parsed):
    """What the files say of each other is what the project proves of its models."""
    nodes = parsed.manifest["nodes"].values()
    names = {
        node["name"]: node["name"].removeprefix("feed_")
        for node in nodes
        if node["resource_type"] == "model" and ("marts" in node["fqn"] or "feeds" in node["fqn"])
    }
    unique, references = set(), set()
    for node in nodes:
        test = node.get("test_metadata") or {"name": None}
        model = (node.get("attached_node") or "").split(".")[-1]
        if model not in names:
            continue
        told = test.get("kwargs", {})
        if test["name"] == "unique":
            unique.add((names[model], (told["column_name"],)))
        elif test["name"] == "unique_combination_of_columns":
            unique.add((names[model], tuple(told["combination_of_columns"])))
        elif test["name"] == "relationships":
            target = told["to"].removeprefix("ref('").removesuffix("')")
            if target not in names:  # it stays in the warehouse
                continue
            references.add((names[model], told["column_name"], target, told["field"]))
    tested = {name: key for name, key in KEYS.items() if (name, key) in unique}
    assert KEYS.keys() - tested.keys() <= PROVED_ELSEWHERE
    for model, column, *target in references:
        told = reference(model, column, set(names.values()))
        assert told == tuple(target) or (told is None and model in REFERRED_TO), (model, column)


REFERRED_TO = {"dim_artists", "dim_tracks"}
"""Tables that refer to others in dbt alone: see `reference`."""

PROVED_ELSEWHERE = {
    *("agg_user_track_months", "dim_albums", "dim_genres", "quality_report"),
    *("users", "tracks", "user_events"),
    *(f"graph_{kind}" for kind in ("users", "songs", "albums", "artists", "genres")),
}
"""By a primary key, a test of one month alone, or a test of dense indices."""


@pytest.mark.parametrize("feed", ["parquet", "csv"])
def test_every_table_loads_as_a_dataset_of_hugging_face(
    shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, feed: str
):
    folder = shipped.exports / FEEDS[feed].folder
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    tables = manifest_of(folder)["tables"]
    readable = {
        entry["table"] for entry in manifest_of(folder)["files"] if entry["file"].endswith(feed)
    }
    names = datasets.get_dataset_config_names(str(folder))
    assert set(names) == readable
    chosen = LARGE_OR_ODD & set(names)
    for name in chosen:
        rows = datasets.load_dataset(str(folder), name, split="train", cache_dir=str(tmp_path))
        assert rows.num_rows == tables[name]["rows"], name
        assert rows.column_names == [column["name"] for column in tables[name]["columns"]]
        assert not any("decimal" in str(it.dtype) for it in rows.features.values())
    assert chosen
    card = yaml.safe_load((folder / "README.md").read_text().split("---")[1])
    assert card["license"] == "cc0-1.0"


LARGE_OR_ODD = {"fct_plays", "dim_tracks", "quality_realism", "synthetic_sessions"}
LARGE_OR_ODD |= {"synthetic_songs", "synthetic_users"}


def test_no_decimal_leaves_and_every_moment_is_utc(shipped: Settings):
    """Whoever reads the files, a number is a number, a day a day, and a moment says its zone."""
    for file in shipped.exports.rglob("*.parquet"):
        for column in pq.ParquetFile(file).schema_arrow:
            assert str(column.type) in PARQUET_TYPES, (file, column)
        for position, column in enumerate(pq.read_schema(file)):
            if "timestamp" in str(column.type):
                logical = pq.ParquetFile(file).schema.column(position).logical_type
                assert json.loads(logical.to_json())["isAdjustedToUTC"], (file, column.name)
            if column.name.endswith(("_month", "_on", "_day")) and file.stem != "wrapped_phases":
                assert str(column.type) == "date32[day]", (file, column.name)
    plays = pandas.read_parquet(shipped.exports / "fct_plays")
    assert plays.completion_ratio.dtype == "float64"
    assert 0 <= (plays.completion_ratio * 0.5).quantile(0.5) <= 0.5
    assert str(plays.ended_at.dtype).endswith("UTC]")
    assert polars.read_parquet(shipped.exports / "fct_plays")["played_month"].dtype == polars.Date
    with Warehouse(shipped.database) as warehouse:
        ((first,),) = warehouse.rows("select min(ended_at) from fct_plays")
    assert plays.ended_at.min() == pandas.Timestamp(first, tz="UTC")
    for folder in (shipped.exports, shipped.exports / "csv", shipped.exports / "avro"):
        types = {it for entry in manifest_of(folder)["files"] for it in entry["schema"].values()}
        assert types <= CROISSANT_TYPES.keys()


PARQUET_TYPES = {
    *("string", "bool", "int32", "int64", "double", "date32[day]", "timestamp[us, tz=UTC]")
}


def test_the_edges_of_all_plays_are_those_of_the_mart(shipped: Settings):
    """The feed sums plays up anew, the mart sums months: not one value may differ."""
    with Warehouse(shipped.database) as warehouse:
        differences = warehouse.rows(
            """
            select count(*) from (
                select * exclude (skip_count) from feeds.feed_edge_list
                except
                select
                    user_id, track_id, artist_id, play_count, total_ms_played,
                    avg_completion_ratio, genre_affinity_score, edge_weight, first_played_at,
                    last_played_at
                from edge_list
                inner join dim_users using (user_key)
                inner join dim_tracks using (track_key)
                inner join dim_artists on edge_list.artist_key = dim_artists.artist_key
            )
            """
        )
        assert differences == [(0,)]
        assert warehouse.count("feeds.feed_edge_list") == warehouse.count("edge_list") > 500


def test_formulas_leave_as_they_are_unless_they_are_to_be_defused(
    shipped: Settings, tmp_path: Path
):
    names = ["=1+1", "+1", "-1", "@a", "\tb", "\rc", "plain", "a=1", "'=1"]
    settings = copy_of(shipped, tmp_path)
    with Warehouse(settings.database) as warehouse:
        for key, name in enumerate(names):
            warehouse.connection.execute(
                "update dim_tracks set track_name = ? where track_key = ?", [name, key]
            )
    asked = {"only": ("synthetic_songs",)}

    def shipped_names(**more: object) -> list[str]:
        file = export(settings, "csv", **asked, **more) / "csv" / "synthetic_songs.csv"
        return [row["track_name"] for row in rows_of(file)][: len(names)]

    assert shipped_names() == names
    assert shipped_names(safe_csv=True) == [f"'{name}" for name in names[:6]] + names[6:]


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
            warehouse.connection.execute("update dim_tracks set track_name = upper(track_name)")
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
        (["avro", "--safe-csv"], "--safe-csv is for CSV files"),
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
