"""What a file that should be CSV is instead, by its first bytes."""

import stat
from pathlib import Path

HEAD_BYTES = 512
"""How much of a file is looked at."""

GZIP = b"\x1f\x8b"

_UNPACK = "unpack it and put the CSV file in its place"
_EXPORT = "export it as CSV, in UTF-8 and with commas"
_DOWNLOAD = "download the file itself, signed in where that is asked for"

_BEGINNINGS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", _UNPACK + ", or export the sheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "download it again"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"ARROW1", "an Arrow file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"%PDF", "a PDF file", _EXPORT),
    (b"\xff\xfe", "UTF-16 text", "save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save the file as UTF-8"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, which only names the file",
        "get the file itself with `git lfs pull`",
    ),
)
_TEXTS = (
    (b"<?xml", "an XML page", _DOWNLOAD),
    (b"<", "an HTML page", _DOWNLOAD),
    (b"{", "JSON", _EXPORT),
)
"""Beginnings before which there may be white space."""

_NO_FILES = (
    (stat.S_ISDIR, "a folder", "put the CSV file in its place"),
    (stat.S_ISFIFO, "a pipe", "put a file in its place"),
    (stat.S_ISSOCK, "a socket", "put a file in its place"),
    (stat.S_ISCHR, "a device", "put a file in its place"),
    (stat.S_ISBLK, "a device", "put a file in its place"),
)


def other_kind(head: bytes) -> str | None:
    """Say what a file is and what to do, by its first `HEAD_BYTES`; None if it may be CSV."""
    kind = kind_of(head)
    return kind and "is {}, not CSV: {}".format(*kind)


def kind_of(head: bytes) -> tuple[str, str] | None:
    """What a file is, and how to have CSV of it, by its first bytes; None if it may be CSV."""
    for beginning, kind, advice in _BEGINNINGS:
        if head.startswith(beginning):
            return kind, advice
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, kind, advice in _TEXTS:
        if text.startswith(beginning):
            return kind, advice
    if text.startswith(b"[") and b"{" in text[:10]:
        return "JSON", _EXPORT
    if head[8:12] == b"DUCK":
        return "a DuckDB database", _EXPORT
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if b"/annex/objects/" in head and b"," not in head:
        return "a git-annex pointer", "get the file itself with `git annex get`"
    return None


def no_file(path: Path) -> str | None:
    """Say what stands at a path instead of a file, and what to do; None if it is a file.

    Raises:
        OSError: the path cannot be looked at.
    """
    if path.is_symlink() and not path.exists():
        return "is a link to what does not exist: put the file in its place"
    mode = path.stat().st_mode
    for is_kind, kind, advice in _NO_FILES:
        if is_kind(mode):
            return f"is {kind}, not a file: {advice}"
    return None
