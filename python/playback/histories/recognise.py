"""What a file is: told by its content, with its name as a hint where the content is the same."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow.parquet as pq

from playback.histories import columns as own_columns
from playback.histories import csv_rows, datasets, json_rows, lastfm, listenbrainz, spotify
from playback.histories.columns import Columns
from playback.histories.files import HEAD_BYTES, HistoryFile, read
from playback.histories.rows import BATCH_ROWS, Moments, RowBatch, batches
from playback.histories.texts import decoded, text

_FIRST_ROWS = 20

OWN = "own columns"
"""A table of one's own."""


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes:
        name: what raw.imported_files calls it.
        service: whose files these are; a listener who has no other name is called so.
        read: turns the open file into batches of rows.
    """

    name: str
    service: str
    read: Callable[[BinaryIO, Moments], Iterator[RowBatch]]


def _of_json(reader: Callable, rows: Callable = json_rows.array) -> Callable:
    return lambda stream, moments: batches(reader(rows(stream), moments))


def _of_lines(reader: Callable) -> Callable:
    return lambda stream, moments: batches(reader(text(stream), moments))


def _of_csv(reader: Callable, delimiter: str) -> Callable:
    return lambda stream, moments: batches(reader(csv_rows.table(text(stream), delimiter), moments))


_SPOTIFY, _LASTFM, _LISTENBRAINZ = "spotify", "lastfm", "listenbrainz"

EXTENDED = Format("spotify extended", _SPOTIFY, _of_json(spotify.extended))
VIDEO = Format("spotify video", _SPOTIFY, _of_json(spotify.video))
ACCOUNT = Format("spotify account", _SPOTIFY, _of_json(spotify.account))
LISTENS = Format("listenbrainz", _LISTENBRAINZ, _of_json(listenbrainz.listens, json_rows.lines))
OLD_LISTENS = Format("listenbrainz old", _LISTENBRAINZ, _of_json(listenbrainz.listens))
LASTFM_JSON = Format("lastfm json", _LASTFM, _of_json(lastfm.json_pages))
TO_CSV = Format("lastfm-to-csv", _LASTFM, _of_lines(lastfm.to_csv))
LASTFM_1K = Format("lastfm-1k", _LASTFM, _of_lines(lastfm.dataset_1k))

_HEADERS = (
    ({"uts", "utc_time", "artist", "track"}, "lastfm.ghan.nl", _LASTFM, lastfm.header_csv),
    (
        {"title", "artist", "album", "date", "timestamp"},
        *("lastfm-scraper", _LASTFM, lastfm.header_csv),
    ),
    (datasets.MSSD_COLUMNS, "mssd", "mssd", datasets.mssd),
    (datasets.MSSD_TRACK_COLUMNS, "mssd tracks", "mssd", datasets.mssd_tracks),
)

_PARQUET = b"PAR1"


def recognise(file: HistoryFile, columns: Columns | None = None) -> Format | None:
    """What a file is, or None where it is no history that is known.

    Args:
        file: the file.
        columns: what the columns are of a table of one's own.

    Raises:
        PlaybackError: it cannot be read.
    """
    head = file.head()
    if head.startswith(_PARQUET):
        return _of_parquet(file, columns)
    told = decoded(head).lstrip()
    if told[:1] == "[" or told[:1] == "{":
        return _of_json_head(told, file.name)
    return _of_text_head(told, columns, is_cut=len(head) == HEAD_BYTES)


def _of_json_head(told: str, name: str) -> Format | None:
    rows = [row for row in _first_objects(told) if isinstance(row, dict)]
    keys = {key for row in rows for key in row}
    if {"ms_played", "ts"} <= keys:
        return VIDEO if re.search("video", name, re.IGNORECASE) else EXTENDED
    if {"msPlayed", "endTime"} <= keys:
        return ACCOUNT
    if {"listened_at", "track_metadata"} <= keys:
        return LISTENS if told[0] == "{" else OLD_LISTENS
    if "track" in keys or "recenttracks" in keys or {"name", "artist", "date"} <= keys:
        return LASTFM_JSON
    return None


def _first_objects(told: str) -> Iterator[object]:
    decoder, at = json.JSONDecoder(), 0 if told[0] == "{" else 1
    for _ in range(_FIRST_ROWS):
        while at < len(told) and told[at] in " \t\r\n,":
            at += 1
        try:
            row, at = decoder.raw_decode(told, at)
        except (ValueError, RecursionError):
            if at < 2:  # the first row goes on behind the head: its first keys will do
                yield dict.fromkeys(re.findall(r'"(\w+)"\s*:', told[:4096]))
            return
        yield row


def _of_parquet(file: HistoryFile, columns: Columns | None) -> Format | None:
    with file.open() as stream:
        names = read(file, lambda: {*pq.read_schema(stream).names})
    if names >= datasets.YAMBDA_COLUMNS:
        return Format("yambda", "yambda", _of_rows(datasets.yambda, datasets.YAMBDA_COLUMNS))
    if columns and names >= {*columns.of.values()}:
        return _own(_of_rows(_reader(columns), {*columns.of.values()}))
    return None


def _of_rows(reader: Callable, names: set[str]) -> Callable:
    """What reads some columns of a Parquet file, row by row."""

    def rows(stream: BinaryIO) -> Iterator[dict]:
        for batch in pq.ParquetFile(stream).iter_batches(BATCH_ROWS, columns=sorted(names)):
            yield from batch.to_pylist()

    return lambda stream, moments: batches(reader(rows(stream), moments))


def _reader(columns: Columns) -> Callable:
    return lambda rows, moments: own_columns.read(rows, columns, moments)


def _own(reader: Callable) -> Format:
    return Format(OWN, "listener", reader)


def _of_text_head(told: str, columns: Columns | None, *, is_cut: bool) -> Format | None:
    lines = [line for line in told.splitlines() if line.strip()]
    lines = lines[:-1] if is_cut and len(lines) > 1 else lines
    declared = csv_rows.declared_delimiter(lines[0]) if lines else None
    lines = lines[1:] if declared else lines
    if not lines:
        return None
    for delimiter in declared or ",\t;":
        fields = csv_rows.split_line(lines[0], delimiter)
        if columns and {*fields} >= {*columns.of.values()}:
            return _own(_of_csv(_reader(columns), delimiter))
        header = {field.strip().lower() for field in fields}
        for wanted, name, service, reader in _HEADERS:
            if wanted <= header:
                return Format(name, service, _of_csv(reader, delimiter))
    some = lines[:_FIRST_ROWS]
    if any(re.fullmatch(r"[^\t]+\t\d{4}-\d\d-\d\dT[^\t]+(\t[^\t]*){4}", line) for line in some):
        return LASTFM_1K
    if any(re.search(r',"?\d{1,2} [A-Z][a-z]{2} \d{4},? \d\d:\d\d"?\s*$', line) for line in some):
        return TO_CSV
    return None
