"""Which files are Playback's own: those that a manifest of Playback lists.

What stands where a file is to go and is not listed may be somebody's work, and is never written
over. What is listed is replaced, whatever has become of it.
"""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from playback.errors import PlaybackError
from playback.files import WrittenFile, is_plain, stands

_TICK_SECONDS = 0.02
"""More than the time between two stamps of a file system."""


class Listing(BaseModel, ABC):
    """What a manifest says of itself and of the files that were written with it.

    Attributes:
        version: of Playback.
        made_from: fingerprint of the build and of what was asked: what is made of the same again
            has the same bytes.
    """

    model_config = ConfigDict(frozen=True)

    generator: Literal["playback"] = "playback"
    version: str
    made_from: str = ""

    @property
    @abstractmethod
    def entries(self) -> list[WrittenFile]:
        """Every file that was written, except for the manifest."""


_Listing = TypeVar("_Listing", bound=Listing)


def read(kind: type[_Listing], path: Path) -> _Listing | None:
    """A manifest; None if there is none, or none that Playback wrote.

    Raises:
        PlaybackError: there is a file that cannot be read.
    """
    if not is_plain(path):
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
    except OSError as error:
        raise PlaybackError(
            f"{path} cannot be read: {error.strerror}; mend that and run the same command again"
        ) from error


def refuse_unlisted(
    names: Iterable[str], path: Path, listing: Listing | None, option: str = "--exports"
) -> None:
    """Never write over a file that the manifest at `path`, in the same folder, does not list.

    Args:
        names: of the files to write.
        path: of the manifest.
        listing: what it says, None if it is not Playback's.
        option: that names the folder, or the file.

    Raises:
        PlaybackError: such a file is there.
    """
    ours = {path.name, *(entry.file for entry in listing.entries)} if listing else set()
    for name in sorted(set(names) - ours):
        if os.path.lexists(path.parent / name):
            told = "is no manifest of Playback" if name == path.name else f"is not listed in {path}"
            raise PlaybackError(
                f"{path.parent / name} {told}, so it may be yours: "
                f"move it away, or choose another place with {option}"
            )


def refuse_loss(former: dict[str, int], latter: dict[str, int], path: Path) -> None:
    """Never replace what was made from some rows by what is made from none of them.

    Args:
        former: rows of each table that what stands was made from.
        latter: rows that there are now.
        path: what stands.

    Raises:
        PlaybackError: a table that had rows has none.
    """
    for table, rows in sorted(former.items()):
        if rows and not latter[table]:
            raise PlaybackError(
                f"the database has no rows of {table}, and {path} was made from {rows:,}: "
                "run `playback build` first, or choose another folder with --exports"
            )


def is_as_written(path: Path, listing: Listing) -> bool:
    """Whether all files that the manifest at `path` lists are still as they were written.

    A file whose time stamp is older than that of the manifest is only looked at for its size. The
    stamp is that of the last change of any kind (ctime), which no program can set back.
    """
    sealed_ns = path.stat().st_ctime_ns
    return all(
        _is_untouched(path.parent / entry.file, entry.bytes, sealed_ns)
        or stands(entry, path.parent)
        for entry in listing.entries
    )


def _is_untouched(path: Path, size: int, sealed_ns: int) -> bool:
    if not is_plain(path):
        return False
    found = path.stat()
    return found.st_size == size and found.st_ctime_ns < sealed_ns


def seal(path: Path) -> None:
    """Make a manifest newer than all that moved in with it, so that what changes later shows."""
    time.sleep(_TICK_SECONDS)
    with suppress(OSError):  # each file is hashed then to see whether it has changed
        path.touch()
