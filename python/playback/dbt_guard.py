"""A dbt-duckdb plugin: dbt takes no more memory and threads than it may, and needs data to open.

Before any data it says so in one line and creates no file. `dbt build --empty` needs no data: it
gets the raw tables, empty.
"""

import os
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from playback import memory
from playback.database_faults import why_closed
from playback.errors import PlaybackError
from playback.paths import require_database_path
from playback.warehouse import NO_EXTENSIONS, Warehouse, create_raw_tables


class Plugin(BasePlugin):
    """Limits what DuckDB takes and loads, and refuses a database that holds no raw tables."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Refuse before DuckDB would create the missing file."""
        try:
            require_database_path(Path(creds.path))
            limit = memory.duckdb_limit()
        except PlaybackError as error:
            raise DbtRuntimeError(str(error)) from error
        if not _holds_anything(Path(creds.path)) and not _wants_no_data():
            raise DbtRuntimeError(_no_data(creds.path))
        config |= {**NO_EXTENSIONS, "threads": os.environ.get("PLAYBACK_THREADS", "2")}
        if limit:
            config["memory_limit"] = limit
        if _holds_anything(Path(creds.path)):
            _refuse_what_does_not_open(Path(creds.path), config)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Refuse a file without the raw tables."""
        tables = conn.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        if ("raw", "world") in tables:
            return
        if tables or not _wants_no_data():
            raise DbtRuntimeError(_no_data(self.creds.path if self.creds else "the database"))
        create_raw_tables(conn)


def _refuse_what_does_not_open(database: Path, config: dict[str, Any]) -> None:
    """Say in one line why DuckDB does not open the file: dbt would repeat itself."""
    try:
        duckdb.connect(str(database), config=config).close()
    except duckdb.ConnectionException:
        return  # this process has it open already
    except duckdb.Error as error:
        raise DbtRuntimeError(
            f"{database} {why_closed(Warehouse.option, database, error)}"
        ) from error


def _wants_no_data() -> bool:
    return bool(getattr(get_flags(), "EMPTY", False))


def _holds_anything(database: Path) -> bool:
    """Whether DuckDB would open the file as it is: an empty one it would begin to write."""
    return database.is_file() and database.stat().st_size > 0


def _no_data(path: str) -> str:
    return (
        f"There is no data yet in {Path(path).absolute()}: make it with `playback run` "
        "(or `make run`), or say with PLAYBACK_DATABASE where it is."
    )
