"""Every mart as Parquet: one file a mart, the plays one file a month."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from playback.errors import PlaybackError
from playback.products.files import staged
from playback.progress import Progress
from playback.warehouse import Warehouse

PARTITIONS = {"fct_plays": "played_month"}
"""Marts that are written as one file a value of a column, in folders `<column>=<value>` that
readers of Hive layouts understand. The column itself is in the path alone."""

_ROW_GROUP = 122_880
_MARK = "playback_mart"
"""Key in the metadata of every file: what bears it may be removed when its mart has gone."""


def export(warehouse: Warehouse, folder: Path, progress: Progress) -> list[Path]:
    """Write every mart to `folder` and return the files, sorted.

    Rows are ordered, so the same marts make the same bytes, whatever the number of threads. Files
    of marts or months that are no more are removed, if Playback wrote them.

    Raises:
        PlaybackError: there are no marts yet, the disk is full, or the folder cannot be written.
    """
    marts = _marts(warehouse)
    progress.begin(sum(marts.values()), "rows")
    with staged(folder) as staging:
        for mart, rows in marts.items():
            if mart in PARTITIONS:
                _write_parts(warehouse, mart, PARTITIONS[mart], staging, progress)
            else:
                _write(warehouse, mart, f"from {_name(mart)}", staging / f"{mart}.parquet")
                progress.advance(rows)
        written = {folder / file.relative_to(staging) for file in staging.rglob("*.parquet")}
    _remove_stale(folder, written)
    return sorted(written)


def _marts(warehouse: Warehouse) -> dict[str, int]:
    """Every mart (a table in the schema `main`) and its number of rows."""
    tables = warehouse.connection.sql(
        "select table_name from information_schema.tables "
        "where table_schema = 'main' and table_type = 'BASE TABLE' order by table_name"
    ).fetchall()
    if not tables:
        raise PlaybackError(f"{warehouse.database} has no marts yet: run `playback build` first")
    return {mart: warehouse.count(_name(mart)) for (mart,) in tables}


def _write_parts(
    warehouse: Warehouse, mart: str, column: str, staging: Path, progress: Progress
) -> None:
    parts = warehouse.connection.sql(
        f"select {column}, count(*) from {_name(mart)} group by all order by all"
    ).fetchall()
    for value, rows in parts:
        part = staging / mart / f"{column}={value}" / "part-0.parquet"
        part.parent.mkdir(parents=True)
        _write(warehouse, mart, _part_of(mart, column, value), part)
        progress.advance(rows)


def _part_of(mart: str, column: str, value: date) -> str:
    return f"exclude ({column}) from {_name(mart)} where {column} = date '{value}'"


def _write(warehouse: Warehouse, mart: str, rows: str, file: Path) -> None:
    warehouse.connection.execute(
        f"copy (select * {rows} order by all) to {_text(str(file))} "
        f"(format parquet, compression zstd, row_group_size {_ROW_GROUP}, "
        f"kv_metadata {{{_MARK}: {_text(mart)}}})"
    )


def _remove_stale(folder: Path, written: set[Path]) -> None:
    standing = [*folder.glob("*.parquet"), *folder.glob("*/*=*/part-*.parquet")]
    for file in standing:
        if file not in written and _is_ours(file):
            file.unlink()
            for emptied in file.relative_to(folder).parents[:-1]:
                if not any((folder / emptied).iterdir()):
                    (folder / emptied).rmdir()


def _is_ours(file: Path) -> bool:
    try:
        return _MARK.encode() in (pq.read_metadata(file).metadata or {})
    except (OSError, ValueError):  # not Parquet, so not ours
        return False


def _name(mart: str) -> str:
    """Quote a mart's name."""
    quoted = mart.replace('"', '""')
    return f'main."{quoted}"'


def _text(value: str) -> str:
    """Quote a text: COPY takes no bound parameters."""
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
