"""The SQL gives the same answers on Spark as on DuckDB, row for row."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from conftest import Settings, small_settings
from playback import histories, pipeline
from playback.console import Console
from playback.warehouse import RAW_TABLES
from test_histories_landing import HISTORY_FILES

LACKS = (
    "dbt-spark and PySpark (the extra `spark`) are not installed"
    if not (find_spec("pyspark") and find_spec("dbt.adapters.spark"))
    else "Java is not installed"
    if not (shutil.which("java") or os.environ.get("JAVA_HOME"))
    else ""
)

pytestmark = [pytest.mark.spark, pytest.mark.skipif(bool(LACKS), reason=LACKS)]

QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"
"""A small world is built before Java's better compiler has earned what it costs; without it, Java
would keep too little room for what a thousand queries compile to."""

CUT = "2024-12-15"
"""Plays before this day are built first, then all of them."""

BUILT_BY_MONTH = (
    "main.db/agg_user_half_hours",
    "main.db/agg_user_track_months",
    "main.db/fct_listening_sessions",
    "intermediate.db/int_user_artist_months",
    "intermediate.db/int_user_artist_stays",
    "intermediate.db/int_user_hours",
)

TOLERANCE = 1e-9
"""Relative. Spark and DuckDB sum floats in another order and bring their own logarithms."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world over the ends of a year and of summer time, in Europe and in America.

    Real listeners are among the simulated ones: with listening times and without.
    """
    settings = small_settings(
        tmp_path_factory.mktemp("played"), start=date(2024, 10, 20), until=date(2025, 1, 20)
    )
    console = Console()
    pipeline.land(settings.place, settings, console)
    pipeline.build(settings.place, console, selector="catalogue", with_tests=False)
    pipeline.make_listeners(settings.place, settings.users, settings.preset, console)
    pipeline.play(settings.place, settings.preset, settings.until, console)
    request = histories.Request([HISTORY_FILES], timezone="Europe/Berlin")
    pipeline.import_histories(settings.place, request, console)
    return settings


@pytest.fixture(scope="module")
def lake(played: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world, built on Spark while it grew."""
    lake = tmp_path_factory.mktemp("spark") / "lake"
    later = lake / "later"
    with duckdb.connect(str(played.database), read_only=True) as connection:
        for table in RAW_TABLES.keys() - {"user_events"}:
            folder = lake / "raw" / table
            folder.mkdir(parents=True)
            connection.execute(f"copy raw.{table} to '{folder}/all.parquet' (format parquet)")
        for folder, plays in ((lake / "raw" / "user_events", f"ended_at < '{CUT}'"), (later, "1")):
            connection.execute(
                "copy (select *, cast(date_trunc('month', ended_at) as date) as played_month "
                f"from raw.user_events where {plays}) "
                f"to '{folder}' (format parquet, partition_by played_month)"
            )
    outcome = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("spark_build.py")), str(lake), str(later)],
        env=os.environ | {"PLAYBACK_LAKE": str(lake), "JDK_JAVA_OPTIONS": QUICK_JAVA},
        cwd=lake,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-1000:]
    return lake


@pytest.fixture(scope="module")
def both(played: Settings, lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to what DuckDB has built, with what Spark has built in `on_spark`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{played.database}' as on_duckdb (read_only)")
        connection.execute("create schema on_spark")
        for folder in _folders_of_relations(lake):
            connection.execute(
                f"create view on_spark.{folder.name} as "
                f"from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
            )
        yield connection


def test_every_mart_and_feed_has_the_same_rows(both: duckdb.DuckDBPyConnection):
    relations = both.sql(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = 'on_duckdb' and table_schema in ('main', 'feeds') order by all"
    ).fetchall()
    differences = {name: _difference(both, f"{schema}.{name}", name) for schema, name in relations}
    assert len(relations) > 40
    assert {name: found for name, found in differences.items() if found} == {}


def test_a_difference_is_found(both: duckdb.DuckDBPyConnection):
    both.execute("create table on_spark.changed as from on_spark.edge_list")
    assert _difference(both, "main.edge_list", "changed") is None
    both.execute("update on_spark.changed set edge_weight = edge_weight * (1 + 1e-8)")
    assert _difference(both, "main.edge_list", "changed")
    both.execute("delete from on_spark.changed where user_key = 0")
    assert _difference(both, "main.edge_list", "changed")


def test_months_that_stand_are_left_alone(lake: Path):
    """What was built before the world grew is older than what was built after."""
    for name in BUILT_BY_MONTH:
        written = {
            folder.name[-10:]: max(file.stat().st_mtime for file in folder.glob("*.parquet"))
            for folder in (lake / "warehouse" / name).glob("*_month=*")
        }
        assert max(written["2024-10-01"], written["2024-11-01"]) < written["2024-12-01"]
        assert written["2024-11-01"] < (lake / "raw" / "user_events").stat().st_ctime
        assert "2025-01-01" in written


def _folders_of_relations(lake: Path) -> Iterator[Path]:
    yield from (lake / "warehouse" / "main.db").iterdir()
    yield from (lake / "views").glob("*/*")


def _difference(connection: duckdb.DuckDBPyConnection, on_duckdb: str, on_spark: str) -> str | None:
    """How Spark's relation differs from DuckDB's, or None.

    Rows are paired in the order of all columns that must be equal.
    """
    types = _types(connection, f"on_duckdb.{on_duckdb}")
    if types != (found := _types(connection, f"on_spark.{on_spark}")):
        return f"types {types.items() ^ found.items()}"
    exact = [f'"{name}"' for name, type_name in types.items() if type_name != "DOUBLE"]
    floats = [f'"{name}"' for name, type_name in types.items() if type_name == "DOUBLE"]
    order = ", ".join(exact + floats)
    ours, theirs = (
        f"(select *, row_number() over (order by {order}) as row_place from {relation})"
        for relation in (f"on_duckdb.{on_duckdb}", f"on_spark.{on_spark}")
    )
    differs = [f"ours.{it} is distinct from theirs.{it}" for it in exact]
    differs += [
        f"case when ours.{it} is null or theirs.{it} is null "
        f"then ours.{it} is distinct from theirs.{it} "
        f"else abs(ours.{it} - theirs.{it}) > {TOLERANCE} * greatest(abs(ours.{it}), 1) end"
        for it in floats
    ]
    names = ", ".join(f"count(*) filter ({it})" for it in differs)
    (counts,) = connection.execute(
        f"select count(*) filter (ours.row_place is distinct from theirs.row_place), {names} "
        f"from {ours} as ours full join {theirs} as theirs using (row_place)"
    ).fetchall()
    found = dict(zip(["rows", *exact, *floats], counts, strict=True))
    return str({name: count for name, count in found.items() if count}) if any(counts) else None


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = connection.sql(f"describe {relation}").fetchall()
    return {name: type_name for name, type_name, *_ in described}
