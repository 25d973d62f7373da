"""The text of files, whatever their encoding is."""

import codecs
import io
from typing import BinaryIO, TextIO

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_BYTES = "playback_windows_1252"


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8: what Windows means by them, so that names stay different ones."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_OTHER_BYTES, _as_windows_1252)


def text(stream: BinaryIO, newline: str = "") -> TextIO:
    """The text of a file: UTF-16 if it begins so, else UTF-8, else Windows-1252.

    Args:
        stream: the file, at its beginning.
        newline: what ends a line, as `open` takes it.
    """
    buffered = io.BufferedReader(stream)  # type: ignore[arg-type]
    return io.TextIOWrapper(
        buffered, _encoding(buffered.peek(2)), errors=_OTHER_BYTES, newline=newline
    )


def decoded(head: bytes) -> str:
    """The text of the beginning of a file."""
    return codecs.getincrementaldecoder(_encoding(head))(_OTHER_BYTES).decode(head)


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith(_UTF_16) else "utf-8-sig"
