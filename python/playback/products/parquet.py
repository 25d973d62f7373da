"""Tables as Parquet: zstd, a fixed size of row groups, the same rows the same bytes."""

from pathlib import Path

from playback.errors import PlaybackError
from playback.products.tables import Piece, Table, text
from playback.progress import Progress
from playback.warehouse import Warehouse

_ROW_GROUP = 122_880

_ZSTD_LEVEL = 1
"""The default of 3 takes a third more processor time for files that are a tenth smaller."""

_DICTIONARY = 10_240
"""Most values of a dictionary: all completion ratios fit. Twice as many would take a tenth more
processor time, mostly to find that even those do not do, and make nothing smaller."""


def write(
    warehouse: Warehouse, table: Table, pieces: list[Piece], file: Path, progress: Progress
) -> None:
    """Write the rows of the one piece that a Parquet file is made of.

    Raises:
        PlaybackError: the table has not the rows that were counted before.
    """
    (piece,) = pieces
    ((written,),) = warehouse.rows(
        f"copy ({piece.query}) to {text(file)} "
        f"(format parquet, compression zstd, compression_level {_ZSTD_LEVEL}, "
        f"row_group_size {_ROW_GROUP}, dictionary_size_limit {_DICTIONARY})"
    )
    if written != piece.rows:
        raise PlaybackError(
            f"{table.relation} has {written:,} rows where {piece.rows:,} plays have landed: "
            "build it anew with `playback build --full-refresh`"
        )
    progress.advance(piece.rows)
