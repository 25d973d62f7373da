"""The DuckDB file: connection, raw tables (defined here alone), what each stage has done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from playback import memory
from playback.errors import PlaybackError
from playback.paths import require_database_path

AUDIO_FEATURES = (
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
"""The 11 audio features that K-Means clusters, in the order of the source files."""

_AUDIO_COLUMNS = ", ".join(f"{feature} double" for feature in AUDIO_FEATURES)

RAW_TABLES = {
    "artists": """
        artist_key integer, id varchar, followers bigint, genres varchar, name varchar,
        popularity double""",
    "tracks": f"""
        track_key integer, id varchar, name varchar, popularity double, duration_ms integer,
        explicit integer, artists varchar, id_artists varchar, release_date varchar,
        {_AUDIO_COLUMNS}, time_signature integer""",
    "tracks_extended": f"""
        artist_name varchar, track_name varchar, track_id varchar, popularity double,
        year integer, genre varchar, {_AUDIO_COLUMNS}, duration_ms integer,
        time_signature integer""",
    "track_audio_clusters": "track_key integer, audio_features_type integer",
    "users": """
        user_key integer, user_id varchar, username varchar, location varchar,
        country_code varchar, timezone varchar, birthdate date, gender varchar,
        registered_on date, user_type varchar, activity_level double""",
    "user_traits": """
        user_key integer, is_familiar boolean, is_new boolean, is_loyal boolean,
        is_common boolean, plays_per_day double, active_day_share double,
        tracks_per_session double, weekend_ratio double, chronotype_hours double,
        skip_propensity double, skip_persistence double, skip_haste double,
        partial_share double, repeat_share double, recency_share double,
        library_breadth double, same_artist_share double, same_track_share double""",
    "timezone_periods": """
        timezone varchar, starts_at timestamp, ends_at timestamp, utc_offset_minutes integer""",
    "user_genre_preferences": "user_key integer, genre_id varchar, affinity_score double",
    # Compressed as DuckDB would choose to after it has tried every other way on every block.
    "user_events": """
        event_id bigint using compression bitpacking, user_key integer using compression rle,
        track_key integer using compression bitpacking,
        ended_at timestamp using compression bitpacking,
        listening_ms integer using compression bitpacking""",
    "simulation_batches": """
        batch_id bigint, window_start date, window_end date, first_user_key integer,
        last_user_key integer, play_count bigint, checksum varchar, seed bigint,
        preset_hash varchar, catalogue_fingerprint varchar, tzdata_version varchar,
        version varchar""",
    "source_files": "source_file varchar, row_count bigint",
    "missing_values": """
        source_file varchar, column_name varchar, reason varchar, value_count bigint""",
    "rejected_rows": """
        source_file varchar, line_number bigint, column_name varchar, reason varchar,
        line_text varchar""",
    "world": """
        seed bigint, starts_on date, catalogue_source varchar, land_fingerprint varchar,
        tzdata_version varchar, version varchar""",
    "stage_runs": "stage varchar, fingerprint varchar",
}
"""Columns of every raw table. `world` has one row: what the world was landed with (its
`starts_on` is the reference date of newness); `stage_runs` has one row a finished stage, so that
a second run redoes only what changed."""


_BLOCK_BYTES = 65_536
"""Block size of a new file: a quarter of DuckDB's own, as a column of a row group (120,000 values)
rarely fills whole blocks."""


class Warehouse:
    """An open connection to the database file of a world. Use it as a context manager.

    Attributes:
        connection: what every query goes through.
        database: where the world lies.
        option: the option of the command line that names the place.
        keeps_order: whether the rows of a table come in the order they were written in.

    Raises:
        PlaybackError: the file is locked by another process, is not a DuckDB database, was not
            made by Playback, cannot be created, or is named like a schema.
    """

    option = "--database"
    keeps_order = True

    def __init__(
        self,
        database: Path,
        *,
        threads: int | None = None,
        memory_limit: int | None = None,
        must_exist: bool = False,
    ) -> None:
        config: dict[str, str | int] = {"threads": threads} if threads else {}
        memory.asked_bytes()  # refuses before anything is made
        self.database = database
        self._memory_limit = memory_limit
        self.connection = self._connect(config, must_exist=must_exist)
        self._in_transaction = False
        try:
            self.connection.execute("set enable_progress_bar = false")
            self.limit_memory()
            self._create_raw_tables()
        except BaseException:
            self.connection.close()
            raise

    def _connect(
        self, config: dict[str, str | int], *, must_exist: bool
    ) -> duckdb.DuckDBPyConnection:
        database = self.database
        require_database_path(database)
        if must_exist and not database.is_file():
            raise PlaybackError(
                f"no data yet: {database} does not exist; make it with `playback run`"
            )
        config["default_block_size"] = str(_BLOCK_BYTES)
        try:
            return duckdb.connect(str(database), config=config)
        except duckdb.Error as error:
            raise cannot_open(self, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def limit_memory(self, beside: int = 0) -> None:
        """Have DuckDB hold what there is to hold, without the `beside` bytes that others will."""
        if limit := memory.duckdb_limit(self._memory_limit, beside):
            self.connection.execute(f"set memory_limit = '{limit}'")

    def _create_raw_tables(self) -> None:
        tables = self.rows(
            "select table_schema = 'raw' and table_name = 'world' from information_schema.tables"
        )
        if tables and (True,) not in tables:
            raise PlaybackError(
                f"--database {self.database} is a DuckDB database that Playback did not make: "
                "nothing was changed; name another file"
            )
        with self.transaction():
            create_raw_tables(self.connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that happens inside, or nothing of it; one inside another is part of it.

        Raises:
            PlaybackError: the disk is full.
        """
        if self._in_transaction:
            yield
            return
        self.connection.execute("begin transaction")
        self._in_transaction = True
        try:
            yield
            self.connection.execute("commit")
        except BaseException as error:
            self._rollback()
            if isinstance(error, duckdb.Error) and is_disk_full(error):
                raise PlaybackError(
                    f"the disk of {self.database} is full: what was committed before stands; "
                    "free some space and run the same command again"
                ) from error
            raise
        finally:
            self._in_transaction = False

    def _rollback(self) -> None:
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            return  # the failed statement has ended the transaction itself

    def append(self, table: str, rows: pa.Table | pa.RecordBatch | pa.RecordBatchReader) -> None:
        """Insert `rows` into raw.`table`, matching columns by name."""
        self.connection.register("incoming_rows", rows)
        self.connection.execute(f"insert into raw.{table} by name select * from incoming_rows")
        self.connection.unregister("incoming_rows")

    def rows(self, query: str, *values: object) -> list[tuple]:
        """All rows of a small result; `values` are bound to the question marks of the query."""
        return self.connection.execute(query, values).fetchall()

    def clear(self, *tables: str) -> None:
        """Delete every row of the raw tables named."""
        for table in tables:
            self.connection.execute(f"delete from raw.{table}")

    def count(self, relation: str) -> int:
        """Number of rows of a relation, by its qualified name."""
        return self.rows(f"select count(*) from {relation}")[0][0]

    def has_relation(self, name: str, schema: str = "main") -> bool:
        """Whether a table or view of that name exists."""
        return bool(
            self.connection.execute(
                "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
                [schema, name],
            ).fetchall()
        )

    def standing_rows(self, relations: Iterable[str]) -> dict[str, int | None]:
        """Rows of those tables, by their qualified names, that are there; None for a view."""
        kinds = {
            f"{schema}.{name}": kind
            for schema, name, kind in self.rows(
                "select table_schema, table_name, table_type from information_schema.tables"
            )
        }
        return {
            relation: None if kinds[relation] == "VIEW" else self.count(relation)
            for relation in relations
            if relation in kinds
        }

    def stage_fingerprint(self, stage: str) -> str | None:
        """What the last finished run of `stage` was made from, or None."""
        rows = self.rows("select fingerprint from raw.stage_runs where stage = ?", stage)
        return rows[0][0] if rows else None

    def record_stage(self, stage: str, fingerprint: str) -> None:
        """Note that `stage` has finished, from what `fingerprint` stands for."""
        with self.transaction():
            self.connection.execute("delete from raw.stage_runs where stage = ?", [stage])
            self.connection.execute(
                "insert into raw.stage_runs values (?, ?)", [stage, fingerprint]
            )


def create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables that are not there yet, empty."""
    connection.execute("create schema if not exists raw")
    for table, columns in RAW_TABLES.items():
        connection.execute(f"create table if not exists raw.{table} ({columns})")


@contextmanager
def no_file_left_by_failure(database: Path) -> Iterator[None]:
    """Remove the database again if it was created inside and the work there failed."""
    is_new = not database.exists()
    try:
        yield
    except BaseException:
        if is_new:
            database.unlink(missing_ok=True)
            database.with_name(f"{database.name}.wal").unlink(missing_ok=True)
        raise


def cannot_open(warehouse: Warehouse, error: duckdb.Error) -> PlaybackError:
    """Say in one line why DuckDB could not open the place of a warehouse."""
    reason = str(error).splitlines()[0]
    place = f"{warehouse.option} {warehouse.database}"
    if "lock" in reason.lower():
        return PlaybackError(f"{place} is open in another process: close it there, then run again")
    if "not a valid DuckDB database" in reason:
        return PlaybackError(
            f"{place} is not a DuckDB database: nothing was changed; name another file"
        )
    return PlaybackError(f"{place} cannot be opened: {reason}")


def is_disk_full(error: duckdb.Error) -> bool:
    """Whether a statement failed because there was no room left."""
    text = str(error).lower()
    return "no space left" in text or "disk full" in text or "out of disk" in text
