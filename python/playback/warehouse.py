"""The DuckDB file: connection, raw tables (defined here alone), what each stage has done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from playback import memory
from playback.database_faults import cannot_go_on, cannot_open, is_disk_full
from playback.errors import NoDataYet, PlaybackError
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
        album_name varchar, track_number integer, {_AUDIO_COLUMNS}, time_signature integer""",
    "tracks_extended": f"""
        artist_name varchar, track_name varchar, track_id varchar, album_name varchar,
        popularity double, year integer, genre varchar, {_AUDIO_COLUMNS}, duration_ms integer,
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
        library_breadth double, same_artist_share double, same_track_share double,
        shuffle_share double, pause_share double, obsession_share double,
        like_share double""",
    "timezone_periods": """
        timezone varchar, starts_at timestamp, ends_at timestamp, utc_offset_minutes integer""",
    "user_genre_preferences": "user_key integer, genre_id varchar, affinity_score double",
    # Compressed as DuckDB would choose to after it has tried every other way on every block.
    "user_events": """
        event_id bigint using compression bitpacking, user_key integer using compression rle,
        track_key integer using compression bitpacking,
        ended_at timestamp using compression bitpacking,
        listening_ms integer using compression bitpacking,
        context_code smallint using compression bitpacking""",
    "user_likes": "user_key integer, track_key integer, liked_at timestamp, value smallint",
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
    "imported_files": """
        file_key varchar, listener varchar, source_file varchar, format varchar, row_count bigint,
        not_music_count bigint, no_track_count bigint, rejected_count bigint,
        track_count bigint, landed_track_count bigint""",
    "imported_plays": """
        file_key varchar, place bigint, listener varchar, artist_name varchar, track_name varchar,
        album_name varchar, track_uri varchar, started_at timestamp, ended_at timestamp,
        listening_ms integer, duration_ms integer, context_code smallint, is_private boolean""",
    "imported_track_features": f"""
        file_key varchar, place bigint, track_name varchar, popularity double,
        duration_ms integer, release_year integer, {_AUDIO_COLUMNS}, time_signature integer""",
    "imported_events": "event_id bigint, file_key varchar, place bigint, is_private boolean",
    "imported_listeners": "user_key integer, listener varchar, timezone varchar",
    "imported_tracks": """
        track_key integer, is_duration_estimated boolean, matched_by varchar""",
    "imported_artists": "artist_key integer",
    "imported_track_facts": f"""
        folded_artist varchar, folded_track varchar, matched_by varchar, track_id varchar,
        popularity double, duration_ms integer, explicit integer, release_date varchar,
        year integer, genre varchar, {_AUDIO_COLUMNS}, time_signature integer""",
    "imported_artist_facts": """
        folded_artist varchar, artist_id varchar, followers bigint, genres varchar,
        popularity double""",
    "imported_track_uris": "track_key integer, track_uri varchar, play_count bigint",
    "stage_runs": "stage varchar, fingerprint varchar",
}
"""Columns of every raw table. `world` has one row: what the world was landed with (its
`starts_on` is the reference date of newness); the `imported_` ones hold own listening histories,
the first three as they were read and the others worked out of them; `stage_runs` has one row a
finished stage, so that a second run redoes only what changed."""


_BLOCK_BYTES = 65_536
"""Block size of a new file: a quarter of DuckDB's own, as a column of a row group (120,000 values)
rarely fills whole blocks."""

NO_EXTENSIONS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""Configuration of every connection: DuckDB fetches and runs no code that nobody asked for."""

_COLUMNS_OF_RAW = """
    select table_name, column_name, data_type
    from information_schema.columns
    where table_schema = 'raw'"""


class Warehouse:
    """An open connection to the database file of a world. Use it as a context manager.

    One process can have it open to write, or any number of them read-only. A file that was made by
    opening it is removed again where the work fails before anything is committed.

    Attributes:
        connection: what every query goes through.
        database: where the world lies.
        option: the option of the command line that names the place.
        limit: how much memory DuckDB may take; None leaves it its own limit.
        keeps_order: whether the rows of a table come in the order they were written in.

    Raises:
        PlaybackError: the file is locked by another process, is damaged, is not a DuckDB database,
            was not made by Playback, cannot be created, or is named like a schema. As the work
            ends: the file turned out to be damaged, or the work took too much memory.
        NoDataYet: there is no world in the file, or no file, and it is not for this to make one.
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
        read_only: bool = False,
    ) -> None:
        config: dict[str, str | int] = {**NO_EXTENSIONS}
        if threads:
            config["threads"] = threads
        memory.asked_bytes()  # refuses before anything is made
        self.database = database
        self.is_read_only = read_only
        self._memory_limit = memory_limit
        self.limit: str | None = None
        self._is_new = False
        self._in_transaction = False
        self.connection = self._connect(config, must_exist=must_exist or read_only)
        try:
            self.connection.execute("set enable_progress_bar = false")
            self.limit_memory()
            self._prepare()
        except BaseException as error:
            self._close(error)
            raise

    def _connect(
        self, config: dict[str, str | int], *, must_exist: bool
    ) -> duckdb.DuckDBPyConnection:
        database = self.database
        require_database_path(database)
        is_new = not database.exists()
        if must_exist and is_new:
            raise NoDataYet(f"no data yet: {database} does not exist; make it with `playback run`")
        config["default_block_size"] = str(_BLOCK_BYTES)
        try:
            connection = duckdb.connect(str(database), read_only=self.is_read_only, config=config)
        except duckdb.Error as error:
            raise cannot_open(self.option, database, error) from error
        if not database.exists():  # whoever made it has removed it between opening and locking
            connection.close()
            raise PlaybackError(
                f"--database {database} was removed by another process while it was opened: "
                "run the same command again"
            )
        self._is_new = is_new
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close(error)

    def _close(self, error: BaseException | None) -> None:
        """Close; after an error nothing stays that was made for nothing.

        Raises:
            PlaybackError: the error is DuckDB's own, and there is a remedy.
        """
        try:
            if error and self._is_new and self._is_empty():
                # As long as it is open it is locked: nobody else can have begun with it.
                self.connection.execute("pragma disable_checkpoint_on_shutdown")
                for file in (self.database, wal(self.database)):
                    file.unlink(missing_ok=True)
        finally:
            self.connection.close()
        if isinstance(error, duckdb.Error) and (remedy := self._remedy(error)):
            raise remedy from error

    def _remedy(self, error: duckdb.Error) -> PlaybackError | None:
        return cannot_go_on(self.option, self.database, error, self.limit)

    def _is_empty(self) -> bool:
        """Whether nothing is committed but raw tables without a row."""
        try:
            self._rollback()
            return not any(map(self.count, self._tables()))
        except duckdb.Error:
            return False

    def _tables(self) -> list[str]:
        return [
            f'"{schema}"."{table}"'
            for schema, table in self.rows(
                "select table_schema, table_name from information_schema.tables"
            )
        ]

    def limit_memory(self, beside: int = 0) -> None:
        """Have DuckDB hold what there is to hold, without the `beside` bytes that others will."""
        self.limit = memory.duckdb_limit(self._memory_limit, beside)
        if self.limit:
            self.connection.execute(f"set memory_limit = '{self.limit}'")

    def _prepare(self) -> None:
        """Have the raw tables, and no tables of somebody else.

        Raises:
            PlaybackError: Playback did not make the database.
            NoDataYet: raw tables are missing, and may only be read.
        """
        tables = self._tables()
        self._is_new &= not tables
        if tables and '"raw"."world"' not in tables:
            raise PlaybackError(
                f"--database {self.database} is a DuckDB database that Playback did not make: "
                "nothing was changed; name another file"
            )
        self._refuse_other_columns()
        if not self.is_read_only:
            with self.transaction():
                create_raw_tables(self.connection)
        elif not tables or not {f'"raw"."{table}"' for table in RAW_TABLES} <= {*tables}:
            raise NoDataYet(
                f"no data yet: {self.database} lacks raw tables; make them with `playback run`"
            )

    def _refuse_other_columns(self) -> None:
        """Leave alone what another release has made, or somebody else under the same names."""
        standing: dict[str, set[tuple[str, str]]] = {}
        for table, *column in self.rows(_COLUMNS_OF_RAW):
            standing.setdefault(table, set()).add(tuple(column))
        for table, columns in _raw_columns().items():
            if standing.get(table, columns) != columns:
                raise PlaybackError(
                    f"{self.option} {self.database}: raw.{table} has other columns than this "
                    f"release of Playback makes: use the release that made it, or name another "
                    f"{self.option}"
                )
        if "world" in standing and self.count("raw.world") > 1:
            raise PlaybackError(
                f"{self.option} {self.database}: raw.world has more than one row, so Playback did "
                f"not make it; name another {self.option}"
            )

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

    def fill(self, table: str, query: str, **values: object) -> None:
        """Insert the rows of a query into raw.`table`, matching columns by name.

        `values` are bound to the parameters of the query, as `$name`.
        """
        self.connection.execute(f"insert into raw.{table} by name {query}", values)

    def hold(self, *tables: str) -> None:
        """Make raw tables ready to be changed by statements on the connection itself."""

    def replace_plays(self, table: str, user_keys: str) -> None:
        """Have the plays of a temporary table stand for the listeners that a query names.

        Call it inside a transaction.
        """
        self.connection.execute(f"delete from raw.user_events where user_key in ({user_keys})")
        self.fill("user_events", f"from {table} order by event_id")

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


@cache
def _raw_columns() -> dict[str, set[tuple[str, str]]]:
    """Names and types of the columns of each raw table."""
    columns: dict[str, set[tuple[str, str]]] = {}
    with duckdb.connect(config=NO_EXTENSIONS) as connection:
        create_raw_tables(connection)
        for table, *column in connection.execute(_COLUMNS_OF_RAW).fetchall():
            columns.setdefault(table, set()).add(tuple(column))
    return columns


def wal(database: Path) -> Path:
    """Where DuckDB keeps what is committed and not yet in the file itself."""
    return database.with_name(f"{database.name}.wal")
