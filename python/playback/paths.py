"""Paths that a user names: looked at before anything is made."""

import os
import re
import stat
from pathlib import Path

from playback.errors import PlaybackError

SCHEMAS = ("main", "raw", "seeds", "staging", "intermediate", "feeds", "test_failures")
"""Schemas of the database. DuckDB calls a database as its file: `raw.users` of a file `raw.duckdb`
could then be a table of the schema or of the database."""

_TAKEN = (*SCHEMAS, "information_schema", "pg_catalog")
_RENAMED = ("temp", "system", "memory")
"""Databases of DuckDB's own: a file of such a name gets another one."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f'\"`#?;]")
_MAGIC_AT, _MAGIC = 8, b"DUCK"
"""What the file of a database has at its beginning, behind a checksum."""


def require_database_path(path: Path) -> None:
    """Refuse what cannot be the database file of a world; a file need not be there yet.

    Raises:
        PlaybackError: DuckDB or dbt would read the name in a way of its own, what stands there is
            no DuckDB database, or its folder does not exist.
    """
    option = f"--database {path}"
    if str(path) == ":memory:" or _SCHEME.match(str(path)):
        raise PlaybackError(f"{option}: a world is kept in a file: give the path of one")
    status = _status("--database", path)
    if found := _UNSAFE.search(path.name):
        raise PlaybackError(
            f"{option}: a database file cannot have {found[0]!r} in its name; name another file"
        )
    _require_name(option, path)
    if status is None:
        return
    if not stat.S_ISREG(status.st_mode):
        raise PlaybackError(f"{option} is {_kind(status)}, not a file: name another file")
    try:
        is_ours = has_magic(path)
    except OSError as error:
        raise PlaybackError(f"{option} cannot be read: {error.strerror}") from error
    if not is_ours:
        is_empty = not status.st_size
        remedy = (
            "it is empty, so delete it or name another file" if is_empty else "name another file"
        )
        raise PlaybackError(f"{option} is not a DuckDB database: nothing was changed; {remedy}")


def has_magic(path: Path) -> bool:
    """Whether a file begins as a DuckDB database does.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(_MAGIC_AT + len(_MAGIC)).endswith(_MAGIC)


def require_folder_path(option: str, path: Path) -> None:
    """Refuse what cannot become a folder, or is something else already.

    Raises:
        PlaybackError: it cannot.
    """
    status = _status(option, path, parent_must_exist=False)
    if status is not None and not stat.S_ISDIR(status.st_mode):
        raise PlaybackError(
            f"{option} {path} is {_kind(status)}, not a folder: name another folder"
        )


def require_file_path(option: str, path: Path) -> None:
    """Refuse what no file can be written to or read from.

    Raises:
        PlaybackError: it is a folder, pipe, socket or device, or its folder does not exist.
    """
    status = _status(option, path)
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise PlaybackError(f"{option} {path} is {_kind(status)}, not a file: name another file")


def is_file(path: Path) -> bool:
    """Whether there is a file at a path that may be too long, or no path at all."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _require_name(option: str, path: Path) -> None:
    """The name of the database is the same for dbt and DuckDB, and nothing else has it."""
    of_dbt, of_duckdb = path.stem, path.name.split(".")[0]
    if of_dbt.lower() in _TAKEN or of_duckdb.lower() in _TAKEN:
        raise PlaybackError(
            f"{option}: a file cannot be named like a schema inside it "
            f"({', '.join(_TAKEN)}); name another file"
        )
    if of_dbt.lower() in _RENAMED:
        raise PlaybackError(
            f"{option}: DuckDB has a database {of_dbt.lower()} of its own; name another file"
        )
    if of_dbt != of_duckdb or not of_dbt:
        raise PlaybackError(
            f"{option}: the name of a database file has one dot at most, as in world.duckdb; "
            "name another file"
        )


def _status(option: str, path: Path, *, parent_must_exist: bool = True) -> os.stat_result | None:
    """What stands at a path, if anything does."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise PlaybackError(f"{option} {path} is not UTF-8: give another path") from error
    try:
        return path.stat()
    except FileNotFoundError as error:
        if path.is_symlink():
            raise PlaybackError(f"{option} {path} is a link to nothing: remove it") from error
        if parent_must_exist and not path.parent.is_dir():
            raise PlaybackError(
                f"{option} {path}: the folder {path.parent} does not exist; create it"
            ) from error
        return None
    except NotADirectoryError as error:
        raise PlaybackError(f"{option} {path}: a part of that path is a file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PlaybackError(f"{option} {path!s:.200}: {reason}; give another path") from error


def _kind(status: os.stat_result) -> str:
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISREG, "a file"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((kind for test, kind in kinds if test(status.st_mode)), "a device")
