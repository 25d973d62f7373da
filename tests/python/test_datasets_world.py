"""A folder of files is a dataset: its manifest, card and metadata are true, and others read it."""

import hashlib
import json
from itertools import islice
from pathlib import Path

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

from conftest import Parsed, Settings
from playback.products.feeds import FEEDS
from playback.products.keys import KEYS, reference
from playback.warehouse import Warehouse
from shipped_files import manifest_of, rows_in


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
