"""Read a CSV file of any size as batches of rows, and name every row that cannot be split.

Arrow splits a block of text whose quotes are sound; Python's csv module takes the others row by
row. Both give the same rows. Line numbers are those of a text editor: a line break inside quotes
counts.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from playback.errors import PlaybackError
from playback.file_kinds import GZIP, HEAD_BYTES, other_kind
from playback.progress import Progress

BLOCK_BYTES = 8 << 20
"""How much of a file is read at a time; a longer line is not CSV."""

MAX_FIELD_CHARACTERS = 131_072
"""The longest field of a row: the csv module's own limit, held for every block alike."""

MAX_LINE_TEXT = 4_096
"""A rejected row keeps this many characters of its text."""

MAX_EXPANSION = 100
"""A gzip file that expands to more than so many times its size holds no rows: real ones do ten."""

_SMALL_BYTES = 16 << 20
"""What may come out of any gzip file, for rows of a test file may be all alike."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BESIDE_A_QUOTE = np.isin(np.arange(256), np.frombuffer(b',"\r\n', dtype=np.uint8))


class RejectedRow(NamedTuple):
    """A row that cannot be used: where it starts, what is wrong with it, and its text."""

    line_number: int
    column_name: str | None
    reason: str
    line_text: str


@dataclass(frozen=True)
class RowBlock:
    """Consecutive rows of a file.

    Attributes:
        rows: the rows that could be split, in file order: the asked columns, all text.
        broken: the rows that could not.
        lines: the physical lines of both.
        first_line: the number of the first of `lines`.
        starts: for each of `rows` the index of its first line in `lines`.
        stops: for each of `rows` the index after its last line.
    """

    rows: pa.Table
    broken: list[RejectedRow]
    lines: list[str]
    first_line: int
    starts: Sequence[int]
    stops: Sequence[int]

    def reject(self, row: int, column_name: str, reason: str) -> RejectedRow:
        """Turn row number `row` (0-based) of `rows` into a rejected one."""
        lines = self.lines[self.starts[row] : self.stops[row]]
        return _rejected(lines, self.first_line + self.starts[row], reason, column_name)


class CsvSource:
    """A CSV file, plain or gzip, open for one pass over its rows. Use it as a context manager.

    Whether it is gzip is told by its content, whatever it is called.

    Attributes:
        path: the file.
        header: the fields of the first row, as they stand.

    Raises:
        PlaybackError: the file cannot be read, is empty, is of another kind, is a damaged gzip
            file or one that expands beyond all measure, is not UTF-8, or has a line longer than
            `BLOCK_BYTES` or a block of empty ones; also while its batches are read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next_line = 1
        self._unread = b""
        self._expanded = 0
        with self._faults_named():
            self._file = path.open("rb")
        try:
            with self._faults_named():
                self._is_gzip = self._file.peek(len(GZIP)).startswith(GZIP)
                self._stream = gzip.GzipFile(fileobj=self._file) if self._is_gzip else self._file
                kind = other_kind(self._stream.peek(HEAD_BYTES)[:HEAD_BYTES])
            if kind:
                raise PlaybackError(f"{path} {kind}")
            self.header = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def batches(self, columns: Mapping[str, int], progress: Progress) -> Iterator[RowBlock]:
        """Yield the rows below the header.

        Args:
            columns: the columns to read: their names in the batches, their places in the header.
            progress: is advanced by the bytes of the file, compressed as they are.
        """
        done = 0
        is_last = False
        while not is_last:
            block, is_last = self._read_block()
            lines = self._lines(block)
            batch = self._split_at_once(block, lines, columns)
            if batch is None:
                batch = self._split_by_row(lines, columns, is_last=is_last)
                self._unread = "".join(lines[len(batch.lines) :]).encode() + self._unread
            self._next_line += len(batch.lines)
            yield batch
            progress.advance(self._file.tell() - done)
            done = self._file.tell()

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise PlaybackError(
                f"{self.path} is not a whole gzip file ({error}): download or compress it again"
            ) from error
        except OSError as error:
            raise PlaybackError(f"{self.path} cannot be read: {error.strerror}") from error

    def _read_header(self) -> list[str]:
        block, _ = self._read_block()
        lines = self._lines(block.removeprefix(_BYTE_ORDER_MARK))
        reader = csv.reader(lines, strict=True)
        try:
            header = next(filter(None, reader), [])
        except csv.Error as error:
            raise PlaybackError(
                f"{self.path}: the header cannot be split into column names ({error}); "
                "mend its quotes"
            ) from error
        if not header:
            raise PlaybackError(
                f"{self.path} is empty: put a file there whose first line names the columns"
            )
        if any("\0" in name for name in header):
            raise self._not_utf8(1, "a NUL byte")
        self._next_line += reader.line_num
        self._unread = "".join(lines[reader.line_num :]).encode() + self._unread
        return header

    def _read_block(self) -> tuple[bytes, bool]:
        """Read on up to a line end; also whether the file ends there."""
        with self._faults_named():
            read = self._stream.read(BLOCK_BYTES)
        self._refuse_bomb(read)
        block = self._unread + read
        is_last = len(read) < BLOCK_BYTES
        # a carriage return in the last place may be the first half of a line end
        end = len(block) if is_last else 1 + max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1))
        if not end and not is_last:
            raise PlaybackError(
                f"{self.path} line {self._next_line} is longer than {BLOCK_BYTES:,} bytes: "
                "this is not a CSV file of rows"
            )
        self._unread = block[end:]
        return block[:end], is_last

    def _refuse_bomb(self, read: bytes) -> None:
        """Refuse what is small on disk, or holds nothing, and would cost memory without end."""
        self._expanded += len(read)
        most = max(MAX_EXPANSION * self._file.tell(), _SMALL_BYTES)
        if self._is_gzip and self._expanded > most:
            raise PlaybackError(
                f"{self.path} expands to more than {MAX_EXPANSION} times its size: "
                "this is not a CSV file of rows"
            )
        if len(read) == BLOCK_BYTES and not read.strip():
            raise PlaybackError(
                f"{self.path} holds {BLOCK_BYTES:,} bytes of empty lines on end: "
                "this is not a CSV file of rows"
            )

    def _lines(self, block: bytes) -> list[str]:
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            lines_before = len((block[: error.start] + b".").splitlines()) - 1
            raise self._not_utf8(
                self._next_line + lines_before, f"the byte 0x{block[error.start]:02X}"
            ) from error
        return io.StringIO(text, newline="").readlines()

    def _not_utf8(self, line: int, finding: str) -> PlaybackError:
        return PlaybackError(
            f"{self.path} line {line} is not UTF-8 text (it holds {finding}): "
            "save the file as UTF-8 and run again"
        )

    def _split_at_once(
        self, block: bytes, lines: list[str], columns: Mapping[str, int]
    ) -> RowBlock | None:
        """Split a block in which every line is a row, every quote is in its place; else None."""
        if not _is_sound(block) or max(map(len, lines), default=0) > MAX_FIELD_CHARACTERS:
            return None
        places = [str(place) for place in range(len(self.header))]
        asked = [str(place) for place in columns.values()]
        try:
            rows = arrow_csv.read_csv(
                pa.BufferReader(block),
                arrow_csv.ReadOptions(column_names=places, block_size=BLOCK_BYTES),
                arrow_csv.ParseOptions(newlines_in_values=True),
                arrow_csv.ConvertOptions(
                    include_columns=asked, column_types=dict.fromkeys(asked, pa.string())
                ),
            )
        except pa.ArrowInvalid:
            return None
        if rows.num_rows != len(lines):
            return None
        count = len(lines)
        return RowBlock(
            rows.rename_columns(list(columns)),
            [],
            lines,
            self._next_line,
            range(count),
            range(1, count + 1),
        )

    def _split_by_row(
        self, lines: list[str], columns: Mapping[str, int], *, is_last: bool
    ) -> RowBlock:
        """Split row by row; an unfinished last row is left for the next block.

        A row with a quote out of place costs its first line alone: reading goes on at the next
        line, so that a quote which is never closed does not swallow the rows after it.
        """
        width = len(self.header)
        rows: list[list[str]] = []
        starts: list[int] = []
        stops: list[int] = []
        broken: list[RejectedRow] = []
        start = 0

        def give_up(stop: int, reason: str) -> None:
            broken.append(_rejected(lines[start:stop], self._next_line + start, reason))

        while start < len(lines):
            first = start
            reader = csv.reader(map(lines.__getitem__, range(first, len(lines))), strict=True)
            try:
                for row in reader:
                    stop = first + reader.line_num
                    if len(row) != width:
                        if row:  # an empty line is no row
                            give_up(stop, f"the number of fields is {len(row)}, not {width}")
                    elif any("\0" in field for field in row):
                        give_up(stop, "holds a NUL character")
                    else:
                        rows.append(row)
                        starts.append(start)
                        stops.append(stop)
                    start = stop
            except csv.Error as error:
                may_go_on = first + reader.line_num == len(lines) and not is_last
                if may_go_on and start:
                    break
                reason = f"cannot be split into fields ({error})"
                if "field limit" not in str(error):
                    reason += ": mend its quotes"
                give_up(start + 1, reason)
                start += 1
        fields = {
            name: pa.array([row[place] for row in rows], pa.string())
            for name, place in columns.items()
        }
        return RowBlock(pa.table(fields), broken, lines[:start], self._next_line, starts, stops)


def _is_sound(block: bytes) -> bool:
    """Whether quotes stand only around fields and, doubled, inside them; and no NUL anywhere."""
    if b"\0" in block:
        return False
    text = np.frombuffer(b"\n" + block + b"\n", dtype=np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    opening, closing = quotes[::2], quotes[1::2]
    return (
        len(opening) == len(closing)
        and bool(_BESIDE_A_QUOTE[text[opening - 1]].all())
        and bool(_BESIDE_A_QUOTE[text[closing + 1]].all())
    )


def _rejected(
    lines: list[str], line_number: int, reason: str, column_name: str | None = None
) -> RejectedRow:
    text = "".join(lines).rstrip("\r\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return RejectedRow(line_number, column_name, reason, text[:MAX_LINE_TEXT])
