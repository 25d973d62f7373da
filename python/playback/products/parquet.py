"""Tables as Parquet: zstd, a fixed size of row groups, the same rows the same bytes."""

from pathlib import Path

from playback.products.tables import Piece, Table, text
from playback.progress import Progress
from playback.warehouse import Warehouse

_ROW_GROUP = 122_880


def write(
    warehouse: Warehouse, _: Table, pieces: list[Piece], file: Path, progress: Progress
) -> None:
    """Write the rows of the one piece that a Parquet file is made of."""
    (piece,) = pieces
    warehouse.connection.execute(
        f"copy ({piece.query}) to {text(file)} "
        f"(format parquet, compression zstd, row_group_size {_ROW_GROUP})"
    )
    progress.advance(piece.rows)
