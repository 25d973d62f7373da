"""Rows of CSV files, one at a time, whatever is wrong with some of them."""

import csv
import re
from collections.abc import Iterator
from typing import TextIO

from playback.histories.rows import Rejected

_MOST_LINES = 100
"""A row of more lines is none: a quote in it is never closed."""


def table(text: TextIO, delimiter: str) -> Iterator[dict[str, str] | Rejected]:
    """The rows below the header, by its columns; what cannot be split is rejected.

    A quote that is never closed costs its own line alone. Empty lines count for nothing, and so
    does a first line that declares the delimiter.
    """
    ahead: list[str] = []

    def lines() -> Iterator[str]:
        for number in range(_MOST_LINES):
            if number == len(ahead):
                if not (line := text.readline()):
                    return
                ahead.append(line)
            yield ahead[number]

    header: list[str] = []
    place = 0
    while next(lines(), None) is not None:
        fields, taken = _split(lines(), delimiter)
        if not fields or (taken > 1 and header and len(fields) != len(header)):
            fields, taken = split_line(ahead[0], delimiter), 1
        is_empty = not ahead[0].strip("\r\n")
        del ahead[:taken]
        if is_empty or (not header and declared_delimiter(delimiter.join(fields))):
            continue
        if not header:
            header = fields
            continue
        place += 1
        if not fields:
            yield cannot_be_split(place)
        elif len(fields) != len(header):
            yield wrong_fields(place, len(fields), len(header))
        else:
            yield dict(zip(header, fields, strict=True))


def declared_delimiter(line: str) -> str | None:
    """The delimiter of a file that begins with the line `sep=;`, as Excel reads and writes it."""
    declared = re.fullmatch(r'"?sep=(.)"?', line.strip("\r\n"), re.IGNORECASE)
    return declared and declared[1]


def split_line(line: str, delimiter: str = ",") -> list[str]:
    """The fields of a line; none where a quote in it stays open or a field is too long."""
    try:
        fields, *more = csv.reader([line, delimiter], delimiter=delimiter)
    except csv.Error:
        return []
    return fields if more else []


def cannot_be_split(place: int) -> Rejected:
    """A row whose quotes are unsound, or that has a field too long."""
    return Rejected(place, "row", "cannot be split into fields", "")


def wrong_fields(place: int, found: int, expected: int) -> Rejected:
    """A row with another number of fields than there have to be."""
    return Rejected(place, "row", f"has {found} fields, not {expected}", "")


def _split(lines: Iterator[str], delimiter: str) -> tuple[list[str], int]:
    """The fields of the first row, and how many lines it has; no fields if it is broken."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return [], 1
