"""A dbt-duckdb plugin: dbt by hand, before any data, says so in one line and creates no file."""

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection


class Plugin(BasePlugin):
    """Refuses to connect to a database that holds no raw tables."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Refuse before DuckDB would create the missing file."""
        if not Path(creds.path).is_file():
            raise DbtRuntimeError(_no_data(creds.path))

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Refuse a file without the raw tables."""
        found = conn.execute(
            "select 1 from information_schema.tables "
            "where table_schema = 'raw' and table_name = 'world'"
        ).fetchall()
        if not found:
            raise DbtRuntimeError(_no_data(self.creds.path if self.creds else "the database"))


def _no_data(path: str) -> str:
    return f"There is no data yet in {path}: make it with `playback run` (or `make run`)."
