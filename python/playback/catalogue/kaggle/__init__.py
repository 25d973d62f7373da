"""Land a catalogue from the Kaggle files: artists, tracks, tracks_extended."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from playback.catalogue.kaggle.csv_source import CsvSource, RejectedRow
from playback.catalogue.kaggle.layouts import (
    ARTISTS,
    TRACKS,
    TRACKS_BY_GENRE,
    TRACKS_EXTENDED,
    Layout,
    fold_header,
)
from playback.catalogue.losses import reasons_in_words
from playback.errors import PlaybackError
from playback.file_kinds import no_file
from playback.progress import Progress
from playback.warehouse import Warehouse

LOADER_VERSION = 3
"""Raise it when the same files would land differently."""

MOST_UNUSABLE_ROWS = 100_000
"""A file that begins with so many rows of which none can be used is not read any further."""

_REJECTED_SCHEMA = pa.schema(
    {
        "source_file": pa.string(),
        "line_number": pa.int64(),
        "column_name": pa.string(),
        "reason": pa.string(),
        "line_text": pa.string(),
    }
)


@dataclass(frozen=True)
class Role:
    """What one of the three files is for.

    Attributes:
        table: the raw table it fills.
        stems: the file names it may have, before `.csv` or `.csv.gz`.
        layouts: the shapes it may have.
        key: the surrogate key of its rows, if they get one.
    """

    table: str
    stems: tuple[str, ...]
    layouts: tuple[Layout, ...]
    key: str | None = None

    @property
    def file_names(self) -> list[str]:
        """Every name that a file of this role may have."""
        return [stem + ending for stem in self.stems for ending in (".csv", ".csv.gz")]


ROLES = (
    Role("artists", ("artists",), (ARTISTS,), key="artist_key"),
    Role("tracks", ("tracks",), (TRACKS,), key="track_key"),
    Role(
        "tracks_extended",
        ("tracks_extended", "spotify_data", "dataset"),
        (TRACKS_EXTENDED, TRACKS_BY_GENRE),
    ),
)


def land(warehouse: Warehouse, folder: Path, progress: Progress) -> None:
    """Append the files' rows to raw.artists, raw.tracks and raw.tracks_extended.

    Keys count the accepted rows from 0 in file order. A row that cannot be used goes to
    raw.rejected_rows; raw.source_files counts what was read, and raw.missing_values what the
    accepted rows lack of the values that they may lack. Call it inside a transaction, with those
    tables empty.

    Raises:
        PlaybackError: the folder or a file is missing or cannot be read, a column is missing, or
            no row of a file can be used.
    """
    paths = _find_files(folder)
    for role in ROLES:
        _check_header(role, paths[role.table])
    progress.begin(sum(path.stat().st_size for path in paths.values()), "bytes")
    for role in ROLES:
        _land_file(warehouse, role, paths[role.table], progress)


def fingerprint(folder: Path) -> str:
    """Hash what the landed rows depend on: the files' names and bytes, and this loader.

    Raises:
        PlaybackError: the folder or a file is missing or cannot be read.
    """
    digest = hashlib.sha256(f"kaggle {LOADER_VERSION}".encode())
    for table, path in _find_files(folder).items():
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise PlaybackError(f"{path} cannot be read: {error.strerror}") from error
        digest.update(f"\n{table} {path.name} {content}".encode())
    return digest.hexdigest()


def _find_files(folder: Path) -> dict[str, Path]:
    try:
        if not folder.is_dir():
            state = "is not a folder" if folder.exists() else "does not exist"
            raise PlaybackError(
                f"--catalogue {folder} {state}: name the folder that holds the Kaggle files"
            )
        entries = sorted(folder.iterdir())
        return {role.table: _find_file(role, folder, entries) for role in ROLES}
    except OSError as error:
        raise PlaybackError(f"--catalogue {folder} cannot be read: {error.strerror}") from error


def _find_file(role: Role, folder: Path, entries: list[Path]) -> Path:
    found = [entry for entry in entries if entry.name.lower() in role.file_names]
    if not found:
        raise PlaybackError(
            f"--catalogue {folder} has no {role.table} file: put one there, named "
            + " or ".join(role.file_names)
        )
    if len(found) > 1:
        raise PlaybackError(
            f"--catalogue {folder} has several {role.table} files: keep one of "
            + ", ".join(path.name for path in found)
        )
    (path,) = found
    if fault := no_file(path):
        raise PlaybackError(f"{path} {fault}")
    return path


def _check_header(role: Role, path: Path) -> None:
    with CsvSource(path) as source:
        _match_columns(role, source)


def _match_columns(role: Role, source: CsvSource) -> tuple[Layout, dict[str, int]]:
    """Choose the layout that the header fits best; also the place of each of its columns."""
    header = [fold_header(name) for name in source.header]
    layout = min(role.layouts, key=lambda shape: len(shape.missing_from(header)))
    layout = layout.of_file(header)
    missing = layout.missing_from(header)
    if missing:
        raise PlaybackError(
            f"{source.path} lacks the column {', '.join(missing)} (found: {header!r:.400}): "
            + _advice_on_header(source.header)
        )
    wanted = [column.header for column in layout.columns]
    repeated = [name for name in wanted if header.count(name) > 1]
    if repeated:
        raise PlaybackError(
            f"{source.path} has the column {', '.join(repeated)} more than once: keep one of each"
        )
    return layout, {name: header.index(name) for name in wanted}


def _advice_on_header(header: list[str]) -> str:
    for delimiter, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and delimiter in header[0]:
            return f"{name} stand between its columns; save it with commas"
    return "the first line must name the columns, with commas between them"


def _land_file(warehouse: Warehouse, role: Role, path: Path, progress: Progress) -> None:
    landed = 0
    first_rejected: RejectedRow | None = None
    reasons: Counter[tuple[str | None, str]] = Counter()
    missing: Counter[tuple[str, str]] = Counter()
    with CsvSource(path) as source:
        layout, columns = _match_columns(role, source)
        for batch in source.batches(columns, progress):
            judged = layout.judge(warehouse.connection, batch.rows)
            missing += judged.missing
            accepted = judged.accepted
            if role.key:
                keys = np.arange(landed, landed + accepted.num_rows, dtype=np.int32)
                accepted = accepted.append_column(role.key, pa.array(keys))
            warehouse.append(role.table, accepted)
            landed += accepted.num_rows

            unusable = (batch.reject(*rejected) for rejected in judged.rejected)
            rejected = sorted([*batch.broken, *unusable])
            if rejected:
                first_rejected = first_rejected or rejected[0]
                reasons.update((row.column_name, row.reason) for row in rejected)
                warehouse.append("rejected_rows", _rejected_table(path.name, rejected))
            if not landed and reasons.total() >= MOST_UNUSABLE_ROWS:
                break
    if not landed:
        raise PlaybackError(_nothing_usable(path, reasons, first_rejected))
    rows = pa.table({"source_file": [path.name], "row_count": [landed + reasons.total()]})
    warehouse.append("source_files", rows)
    if missing:
        warehouse.append("missing_values", _missing_table(path.name, missing))


def _rejected_table(source_file: str, rejected: list[RejectedRow]) -> pa.Table:
    columns = [[source_file] * len(rejected), *zip(*rejected, strict=True)]
    return pa.table(columns, schema=_REJECTED_SCHEMA)


def _missing_table(source_file: str, missing: Counter[tuple[str, str]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "source_file": source_file,
                "column_name": column,
                "reason": reason,
                "value_count": count,
            }
            for (column, reason), count in missing.items()
        ]
    )


def _nothing_usable(
    path: Path, reasons: Counter[tuple[str | None, str]], first_rejected: RejectedRow | None
) -> str:
    if first_rejected is None:
        return f"{path} has no rows below its header: put a file with rows there"
    told = reasons_in_words(
        (f"{column} {reason}" if column else reason, count)
        for (column, reason), count in reasons.items()
    )
    return (
        f"{path} has no usable row from line {first_rejected.line_number} on ({told}): "
        "correct that, or put another file there"
    )
