"""A small lake with a catalogue as dbt's Spark target would leave it, and ways to play in it."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

import fake_world
from conftest import Settings
from playback import listeners
from playback.errors import PlaybackError
from playback.lake import Lake
from playback.player.batches import PlaySummary
from playback.player.tasks import play
from playback.progress import Silent
from playback.spark_session import require_spark
from playback.warehouse import Warehouse

MARTS = ("dim_tracks", "dim_genres", "bridge_track_genres")


def skip_without_spark() -> None:
    """Skip a test where PySpark or Java is missing, and say which."""
    try:
        require_spark()
    except PlaybackError as reason:
        pytest.skip(str(reason))


def settings(lake: Path, preset: str = "lifelike", **options: object) -> Settings:
    """Those of `fake_world`, for a lake."""
    chosen = fake_world.settings(lake.with_suffix(".duckdb"), preset, **options)
    return chosen.model_copy(update={"lake": lake, "spark_memory": "600m"})


def land(chosen: Settings) -> None:
    """Make a lake with the catalogue of `fake_world`, if there is none, and add listeners."""
    if not chosen.lake.exists():
        with Lake(chosen.lake) as lake, lake.transaction():
            fake_world.land_world(lake, chosen)
        with Warehouse(chosen.database) as warehouse:
            fake_world.build_catalogue(warehouse, chosen.songs, chosen.artists, chosen.start)
            copy_marts(warehouse.connection, chosen.lake, MARTS)
        chosen.database.unlink()
    with Lake(chosen.lake, must_exist=True) as lake:
        listeners.land(lake, chosen, Silent())


def copy_marts(connection: duckdb.DuckDBPyConnection, lake: Path, marts: Iterable[str]) -> None:
    """Write marts of a database as Spark would have: two files a mart, and what is no part of it.

    The rows come in another order, and the comments of the columns are in the files.
    """
    for mart in marts:
        folder = lake / "warehouse" / "main.db" / mart
        (folder / "_temporary").mkdir(parents=True)
        (folder / "_temporary" / "part-00001.parquet").write_bytes(b"of a task that was killed")
        (folder / "_SUCCESS").touch()
        described = connection.execute(
            "select column_name, coalesce(comment, '') from duckdb_columns() "
            "where schema_name = 'main' and table_name = ? order by column_index",
            [mart],
        ).fetchall()
        fields = [{"name": name, "metadata": {"comment": text}} for name, text in described]
        schema = json.dumps({"type": "struct", "fields": fields}).replace("'", "''")
        for part, is_odd in enumerate((True, False)):
            connection.execute(
                f"copy (select * from main.{mart} where (rowid % 2 = 1) = {is_odd}) "
                f"to '{folder}/part-{part:05d}.snappy.parquet' (format parquet, "
                f"kv_metadata {{'org.apache.spark.sql.parquet.row.metadata': '{schema}'}})"
            )


def simulate(chosen: Settings, session: object, **batching: int) -> PlaySummary:
    """Land the listeners and play them on Spark, in a lake that may hold some already."""
    land(chosen)
    with Lake(chosen.lake, must_exist=True) as lake:
        return play(lake, chosen, lambda: _open(session), Silent(), **batching)


@contextmanager
def _open(session: object) -> Iterator[object]:
    yield session


def read(lake: Path, query: str) -> list[tuple]:
    """Rows of a query."""
    with Lake(lake, read_only=True) as opened:
        return opened.connection.execute(query).fetchall()


def plays(lake: Path) -> list[tuple]:
    """All plays, ordered by their id."""
    return read(lake, "select * from raw.user_events order by event_id")
