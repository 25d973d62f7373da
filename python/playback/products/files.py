"""How files leave: written beside their place, moved in once all of them are whole."""

import filecmp
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from playback.errors import PlaybackError
from playback.warehouse import is_disk_full

_STAGING = ".partial"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder inside `folder`; what is written there moves up in the end.

    Whoever reads `folder` sees each file as it was or as it is, never half of it. A failure leaves
    everything as it was, and what a killed run left behind is cleared by the next. A file that
    would be replaced by its equal stays untouched.

    Raises:
        PlaybackError: the disk is full, or the folder cannot be written.
    """
    staging = folder / _STAGING
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        yield staging
        for file in sorted(path for path in staging.rglob("*") if path.is_file()):
            _move(file, folder / file.relative_to(staging))
    except OSError as error:
        raise _cannot_write(folder, error.strerror or str(error)) from error
    except duckdb.IOException as error:
        reason = "No space left on device" if is_disk_full(error) else str(error).splitlines()[0]
        raise _cannot_write(folder, reason) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move(file: Path, target: Path) -> None:
    if target.is_file() and filecmp.cmp(file, target, shallow=False):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)


def _cannot_write(folder: Path, reason: str) -> PlaybackError:
    return PlaybackError(
        f"{folder} cannot be written: {reason}; the files there are as they were, "
        "mend that and run the same command again"
    )
