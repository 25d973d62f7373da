"""How files leave: written beside their place, moved in once all of them are whole."""

import filecmp
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from playback.errors import PlaybackError
from playback.warehouse import is_disk_full

_STAGING = ".partial"
_READY = ".complete"
"""What the staging folder is called from the moment on that all in it is whole."""

_OBSOLETE = ".obsolete.json"
"""File in it with the names of the files that go as the others come."""


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder inside `folder`; what is written there moves up in the end.

    Whoever reads `folder` sees each file as it was or as it is, never half of it. A failure, or a
    kill at any time before all is written, leaves everything as it was, and what the killed run
    left behind is cleared by the next. After that only renames are left to do: if they are cut
    short, the next run does the rest first, before it yields. A file that would be replaced by its
    equal stays untouched.

    Raises:
        PlaybackError: the disk is full, or the folder cannot be written.
    """
    staging = folder / _STAGING
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        move_in(folder)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        yield staging
        for file in _files(staging):
            standing = folder / file.relative_to(staging)
            if standing.is_file() and filecmp.cmp(file, standing, shallow=False):
                file.unlink()
        staging.rename(folder / _READY)
        move_in(folder)
    except OSError as error:
        raise _cannot_write(folder, error.strerror or str(error)) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = "No space left on device" if is_disk_full(error) else str(error).splitlines()[0]
        raise _cannot_write(folder, reason) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        for path in made:
            with suppress(OSError):  # it holds something, or was never made
                path.rmdir()


def mark_obsolete(staging: Path, names: Iterable[str]) -> None:
    """Have files of the folder removed at the moment that the staged ones move in.

    `names` are paths relative to the folder; one that leads out of it is left alone.
    """
    (staging / _OBSOLETE).write_text(json.dumps(sorted(names)), encoding="utf-8")


def is_ready(folder: Path) -> bool:
    """Whether a killed run has left files in the folder that are whole and not all in place."""
    return (folder / _READY).is_dir()


def move_in(folder: Path) -> None:
    """Put in place what a killed run has left ready; may be cut short and begun again."""
    if not is_ready(folder):
        return
    ready = folder / _READY
    obsolete = ready / _OBSOLETE
    if obsolete.is_file():
        for name in json.loads(obsolete.read_text(encoding="utf-8")):
            _remove(folder, name)
    for file in _files(ready):
        if file != obsolete:
            target = folder / file.relative_to(ready)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
    shutil.rmtree(ready)


def _remove(folder: Path, name: str) -> None:
    """Remove a file, and the folders inside `folder` that it leaves empty."""
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        return
    file.unlink(missing_ok=True)
    for parent in Path(name).parents[:-1]:
        emptied = folder / parent
        if emptied.is_dir() and not any(emptied.iterdir()):
            emptied.rmdir()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _cannot_write(folder: Path, reason: str) -> PlaybackError:
    return PlaybackError(
        f"{folder} cannot be written: {reason}; the files there are as they were, "
        "mend that and run the same command again"
    )
