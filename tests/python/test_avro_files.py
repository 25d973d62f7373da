"""The Avro files: what their views hold, schemas that say it, the same bytes whatever the batch."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import fastavro
import pytest

from conftest import Settings
from playback.products import avro
from playback.products.tables import Piece, Table
from playback.progress import Silent
from playback.warehouse import Warehouse

AVRO_TABLES = ("artists", "tracks", "user_events", "users")


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
