"""Tables as CSV: UTF-8 with a header line, comma, quoted as RFC 4180 says."""

import shutil
from pathlib import Path

from playback.products.tables import Piece, Table, text
from playback.progress import Progress
from playback.warehouse import Warehouse

MOMENT = "%Y-%m-%dT%H:%M:%S.%g"
"""ISO 8601 in UTC, always to the millisecond: readers guess the format from the first line."""

_COPIED_AT_ONCE = 1 << 20


def write(
    warehouse: Warehouse, _: Table, pieces: list[Piece], file: Path, progress: Progress
) -> None:
    """Write the rows of all pieces to one file, by DuckDB's own COPY and piece by piece."""
    _copy(warehouse, pieces[0], file, with_header=True)
    progress.advance(pieces[0].rows)
    following = file.with_name(f"{file.name}.next")
    for piece in pieces[1:]:
        _copy(warehouse, piece, following, with_header=False)
        with file.open("ab") as whole, following.open("rb") as part:
            shutil.copyfileobj(part, whole, _COPIED_AT_ONCE)
        following.unlink()
        progress.advance(piece.rows)


def _copy(warehouse: Warehouse, piece: Piece, file: Path, *, with_header: bool) -> None:
    warehouse.connection.execute(
        f"copy ({piece.query}) to {text(file)} "
        f"(format csv, header {with_header}, timestampformat {text(MOMENT)})"
    )
