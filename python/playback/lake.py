"""The lake: a world as a folder of Parquet files, which Spark reads and writes as well as DuckDB.

`raw/<table>/` holds the raw tables, the plays in a folder per month; `warehouse/main.db/<mart>/` is
where dbt's Spark target leaves the marts. The stages see both as tables and views of one DuckDB
connection, as they see those of a database file.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from playback.database_faults import cannot_open
from playback.errors import NoDataYet, PlaybackError
from playback.files import is_ready, move_in, staged
from playback.warehouse import Warehouse, create_raw_tables

_PLAYS = "user_events"
_REPLACED = "replaced.parquet"
"""The file of a month that has what `Lake.replace_plays` was given last."""

_SMALL = ("world", "stage_runs", "simulation_batches")
"""Tables of a few rows, which are read at once and written whole."""

_SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata"
"""Where a file of Spark keeps its columns, as JSON."""

_ROWS_OF_FILES = "select cast(sum(num_rows) as bigint) from parquet_file_metadata(?)"

_LOCK = ".lock"
_SPILL = ".spill"


class Lake(Warehouse):
    """An open lake. Use it as a context manager.

    What a transaction has changed is written beside its place and moved in as it commits: wherever
    a run is killed, the lake holds all of a transaction or nothing of it, if need be after the next
    run has opened it. Read-only, a lake can be open in any number of processes, beside one that
    writes, and has the raw tables alone.

    Raises:
        PlaybackError: the folder is open in another process, was not made by Playback, cannot be
            written, or must exist and does not.
    """

    option = "--lake"
    keeps_order = False

    def __init__(
        self,
        folder: Path,
        *,
        threads: int | None = None,
        memory_limit: int | None = None,
        must_exist: bool = False,
        read_only: bool = False,
    ) -> None:
        self._arrived: dict[date, list[Path]] = {}
        self._replaced: str | None = None
        super().__init__(
            folder,
            threads=threads,
            memory_limit=memory_limit,
            must_exist=must_exist,
            read_only=read_only,
        )

    def _close(self, error: BaseException | None) -> None:
        try:
            super()._close(error)
        finally:
            if not _is_landed(self.database) and not self.is_read_only:
                with suppress(OSError):  # it holds something else
                    (self.database / _LOCK).unlink()
                    self.database.rmdir()

    def _connect(
        self, config: dict[str, str | int], *, must_exist: bool
    ) -> duckdb.DuckDBPyConnection:
        folder = self.database
        is_ours = _is_landed(folder) or is_ready(folder)
        if must_exist and not is_ours:
            raise NoDataYet(
                f"no data yet: {folder} is no lake; "
                f"make it with `playback run --engine spark --lake {folder}`"
            )
        if not is_ours and _holds_anything(folder):
            raise PlaybackError(
                f"--lake {folder} holds files that Playback did not make: "
                "nothing was changed; name another folder"
            )
        connection = duckdb.connect(config=config)
        if not self.is_read_only:
            connection.execute(f"set temp_directory = {_quoted(folder / _SPILL)}")
            try:
                folder.mkdir(parents=True, exist_ok=True)
                connection.execute(f"attach {_quoted(folder / _LOCK)} as lake_lock")
                move_in(folder)
            except duckdb.Error as error:
                raise cannot_open(self.option, self.database, error) from error
            except OSError as error:
                raise PlaybackError(
                    f"--lake {folder} cannot be written: {error.strerror}"
                ) from error
        return connection

    def _prepare(self) -> None:
        create_raw_tables(self.connection)
        if not _is_landed(self.database):
            return
        try:
            for table in _SMALL:
                self.connection.execute(f"insert into raw.{table} from {self._stored(table)}")
            self._show_stored()
        except duckdb.Error as error:
            raise cannot_open(self.option, self.database, error) from error
        if not self.is_read_only:
            for folder in sorted((self.database / "warehouse" / "main.db").glob("*")):
                if files := parquet_files(folder):
                    self._show_mart(folder.name, files)

    def _show_mart(self, mart: str, files: list[Path]) -> None:
        """Look at the files of a mart, under the descriptions that Spark has put into them."""
        listed = ", ".join(map(_quoted, files))
        self.connection.execute(
            f'create view main."{mart}" as from read_parquet([{listed}], hive_partitioning = true)'
        )
        schemas = self.rows(
            "select decode(value) from parquet_kv_metadata(?) where decode(key) = ?",
            str(files[0]),
            _SPARK_SCHEMA,
        )
        for (schema,) in schemas:
            for column in json.loads(schema)["fields"]:
                comment = _quoted(column["metadata"].get("comment", ""))
                self.connection.execute(
                    f'comment on column main."{mart}"."{column["name"]}" is {comment}'
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that happens inside, or nothing of it; one inside another is part of it.

        Raises:
            PlaybackError: the disk is full, or the folder cannot be written.
        """
        if self._in_transaction:
            yield
            return
        try:
            with super().transaction():
                yield
                self._write()
        finally:
            self._arrived = {}
            self._replaced = None
        self._show_stored()

    def append(self, table: str, rows: pa.Table | pa.RecordBatch | pa.RecordBatchReader) -> None:
        """Insert `rows` into raw.`table`, matching columns by name."""
        with self.transaction():
            self.hold(table)
            super().append(table, rows)

    def clear(self, *tables: str) -> None:
        """Delete every row of the raw tables named."""
        with self.transaction():
            for table in tables:
                self.hold(table)
            super().clear(*tables)

    def fill(self, table: str, query: str, **values: object) -> None:
        """Insert the rows of a query into raw.`table`, matching columns by name."""
        with self.transaction():
            self.hold(table)
            super().fill(table, query, **values)

    def hold(self, *tables: str) -> None:
        """Have the tables themselves in the connection, where their files were only looked at."""
        for table in {*tables}.difference(self._held()):
            self.connection.execute(f"drop view raw.{table}")
            create_raw_tables(self.connection)
            self.connection.execute(f"insert into raw.{table} from {self._stored(table)}")

    def replace_plays(self, table: str, user_keys: str) -> None:
        """Have the plays of a temporary table stand in files of their own as all that is replaced.

        They are seen once the transaction has committed. The listeners are not looked at: whose
        plays are replaced are all in those files.
        """
        self._replaced = table

    def add_plays(self, month: date, file: Path) -> None:
        """Have a file of plays moved into its month as the transaction commits."""
        self._arrived.setdefault(month, []).append(file)

    def standing_rows(self, relations: Iterable[str]) -> dict[str, int | None]:
        """Rows of those tables, by their qualified names, that have a folder.

        The views of a lake are known to its metastore alone.
        """
        rows: dict[str, int | None] = {}
        for relation in relations:
            schema, name = relation.split(".")
            folder = self.database / "warehouse" / f"{schema}.db" / name
            if schema == "raw":
                rows[relation] = self.count(relation)
            elif folder.is_dir():
                files = [str(file) for file in parquet_files(folder)]
                rows[relation] = self.rows(_ROWS_OF_FILES, files)[0][0] if files else 0
        return rows

    def _held(self) -> list[str]:
        """The raw tables that are in the connection itself."""
        held = self.rows(
            "select table_name from information_schema.tables "
            "where table_schema = 'raw' and table_type = 'BASE TABLE'"
        )
        return [table for (table,) in held]

    def _show_stored(self) -> None:
        """Look at the files again where a table is held that is not small."""
        for table in set(self._held()).difference(_SMALL):
            self.connection.execute(f"drop table raw.{table}")
            self.connection.execute(f"create view raw.{table} as from {self._stored(table)}")

    def _stored(self, table: str) -> str:
        files = "*/*.parquet" if table == _PLAYS else "*.parquet"
        folder = raw_folder(self.database, table)
        return f"read_parquet({_quoted(folder / files)}, hive_partitioning = false)"

    def _write(self) -> None:
        with staged(self.database) as staging:
            for table in self._held():
                folder = raw_folder(staging.folder, table)
                if table == _PLAYS:
                    ((month,),) = self.rows("select date_trunc('month', starts_on) from raw.world")
                    folder = month_folder(staging.folder, month)
                folder.mkdir(parents=True)
                file = folder / f"{table}.parquet"
                self.connection.execute(
                    f"copy raw.{table} to {_quoted(file)} (format parquet, compression zstd)"
                )
                staging.add(file)
            for month, files in self._arrived.items():
                folder = month_folder(staging.folder, month)
                folder.mkdir(parents=True)
                for file in files:
                    staging.add(file.rename(folder / file.name))
            if self._replaced:
                for file in self._write_replaced(self._replaced, staging.folder):
                    staging.add(file)

    def _write_replaced(self, table: str, staging: Path) -> Iterator[Path]:
        """Write plays that may be replaced, an empty file in a month that has none any more."""
        months = {
            date.fromisoformat(file.parent.name.partition("=")[2])
            for file in raw_folder(self.database, _PLAYS).glob(f"*/{_REPLACED}")
        }
        played = self.rows(
            "select distinct cast(date_trunc('month', ended_at) as date) from query_table(?)", table
        )
        for month in sorted(months.union(month for (month,) in played)):
            file = month_folder(staging, month) / _REPLACED
            file.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(
                f"copy (from {table} where date_trunc('month', ended_at) = date '{month}' "
                f"order by event_id) to {_quoted(file)} (format parquet, compression zstd)"
            )
            yield file


def raw_folder(lake: Path, table: str) -> Path:
    """Where the files of a raw table lie."""
    return lake / "raw" / table


def month_folder(lake: Path, month: date) -> Path:
    """Where the plays that end in a month lie, by its first day."""
    return raw_folder(lake, _PLAYS) / f"played_month={month:%Y-%m-%d}"


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files below a folder, without those of jobs that did not finish."""
    return sorted(
        file
        for file in folder.rglob("*.parquet")
        if not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
    )


def _is_landed(folder: Path) -> bool:
    return any(raw_folder(folder, "world").glob("*.parquet"))


def _holds_anything(folder: Path) -> bool:
    if not folder.exists():
        return False
    return not folder.is_dir() or any(not it.name.startswith(".") for it in folder.iterdir())


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
