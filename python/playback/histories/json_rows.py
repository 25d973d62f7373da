"""Rows of JSON files of any length, one at a time."""

import json
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from playback.histories.rows import Rejected
from playback.histories.texts import text

_CHUNK = 1 << 20
_LONGEST = 1 << 26
"""A row of more characters than this is no row."""

_BETWEEN = " \t\r\n,"
_DECODER = json.JSONDecoder()


def array(stream: BinaryIO) -> Iterator[dict | Rejected]:
    """The objects of a JSON array, or of a file that has them one after another.

    They are numbered from 1; what is no object is rejected.

    Where the file is cut off or broken, everything before that is read, and one row is rejected.
    """
    values = _Values(text(stream))
    is_array = values.skip("[")
    if not is_array and not values.shown().startswith("{"):
        yield Rejected(1, "file", "is not a list of rows", "")
        return
    place = 0
    while not (values.skip("]") if is_array else values.is_over()):
        place += 1
        try:
            row = values.value()
        except (ValueError, RecursionError):
            yield Rejected(place, "file", "is cut off or broken from here on", "")
            return
        yield row if isinstance(row, dict) else _no_object(place)


def lines(stream: BinaryIO) -> Iterator[dict | Rejected]:
    """The objects of a file with one JSON object a line; empty lines count for nothing."""
    place = 0
    for line in text(stream, "\n"):
        if line.strip():
            place += 1
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                yield Rejected(place, "line", "is not JSON", "")
                continue
            yield row if isinstance(row, dict) else _no_object(place)


def _no_object(place: int) -> Rejected:
    return Rejected(place, "row", "is not an object", "")


class _Values:
    """The values of a text, which is read as far as it is needed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._is_over = False

    def skip(self, sign: str) -> bool:
        """Pass white space, commas, and the sign if it comes next."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BETWEEN:
                self._at += 1
            if self._at < len(self._text):
                if self._text[self._at] != sign:
                    return False
                self._at += 1
                return True
            if not self._more():
                return False

    def is_over(self) -> bool:
        """Pass white space and commas; whether nothing comes behind them."""
        self.skip("")
        return self._at == len(self._text)

    def value(self) -> object:
        """The JSON value that comes next.

        Raises:
            ValueError: there is none, or the file ends in it.
        """
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if len(self._text) - self._at > _LONGEST or not self._more():
                    raise
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on
            self._at = end
            return value

    def shown(self) -> str:
        """The beginning of what comes next."""
        return self._text[self._at :][:40]

    def _more(self) -> bool:
        if self._is_over:
            return False
        chunk = self._stream.read(_CHUNK)
        self._is_over = not chunk
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return True
