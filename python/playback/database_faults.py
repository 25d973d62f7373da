"""What DuckDB's errors mean for whoever runs Playback: one line each, with what to do."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from playback import memory
from playback.errors import PlaybackError
from playback.paths import has_magic

_LOCKED = ("Could not set lock on file", "Conflicting lock is held")
_CUT_SHORT = "Could not read enough bytes"
_DAMAGED = ("Corrupt database file", "Failure while replaying WAL")
_OTHER_VERSION = ("storage version", "Storage Version")
"""The words of DuckDB for what is the matter with a file."""


def cannot_open(option: str, path: Path, error: duckdb.Error) -> PlaybackError:
    """Say in one line why DuckDB could not open the world at a path, which an option names."""
    return PlaybackError(f"{option} {path} {why_closed(option, path, error)}")


def why_closed(option: str, path: Path, error: duckdb.Error) -> str:
    """What is the matter with a world that DuckDB could not open, and what to do."""
    reason = _one_line(error)
    is_foreign = "not a valid DuckDB database" in reason
    # A file that has got its beginning meanwhile is being made by another process.
    if _has_any(reason, _LOCKED) or (is_foreign and _has_magic(path)):
        return "is open in another process: close it there, then run again"
    if is_foreign:
        return "is not a DuckDB database: nothing was changed; name another file"
    if _has_any(reason, _OTHER_VERSION):
        return (
            f"was written by another version of DuckDB than this one ({duckdb.__version__}): "
            f"read it with that one, or name another {option} ({reason})"
        )
    if _is_damage(path, error) or not isinstance(error, duckdb.OperationalError):
        return _damaged(reason, option)
    return f"cannot be opened: {reason}"


def cannot_go_on(
    option: str, path: Path, error: duckdb.Error, limit: str | None
) -> PlaybackError | None:
    """Say in one line what ended the work on an open world; None where nobody knows better.

    `limit` is how much memory DuckDB might take.
    """
    reason = _one_line(error)
    if _is_damage(path, error):
        return PlaybackError(f"{option} {path} {_damaged(reason, option)}")
    if isinstance(error, duckdb.OutOfMemoryException) and not is_disk_full(error):
        return PlaybackError(
            f"{option} {path} takes more memory than DuckDB's limit of {limit or 'its own'}: set "
            f"{memory.VARIABLE} higher where there is more, or ask for less ({reason})"
        )
    return None


def _damaged(reason: str, option: str) -> str:
    return (
        f"is damaged: restore a copy, or name another {option} and run again (DuckDB says: "
        f"{reason})"
    )


def _is_damage(path: Path, error: duckdb.Error) -> bool:
    """Whether it is the file itself that cannot be read."""
    reason = str(error)
    return (
        isinstance(error, duckdb.SerializationException)
        or _has_any(reason, _DAMAGED)
        or (_CUT_SHORT in reason and path.name in reason)
    )


def _has_magic(path: Path) -> bool:
    with suppress(OSError):
        return has_magic(path)
    return False


def _has_any(text: str, signs: Iterable[str]) -> bool:
    return any(sign in text for sign in signs)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def is_disk_full(error: duckdb.Error) -> bool:
    """Whether a statement failed because there was no room left."""
    text = str(error).lower()
    return "no space left" in text or "disk full" in text or "out of disk" in text
