"""How files leave: written beside their place, moved in once all of them are whole.

While a run writes to a folder, there is a folder `.playback` in it with

- `writer`: a file that the run keeps locked, and that says which run it is;
- `run-…`: what the run writes, in a folder of its own;
- `journal.json`, from the moment on that all is whole: the files that move in, with their hashes.

A kill lets go of the lock. The next run clears what it left or, where there is a journal, does the
rest of the renames first.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, TypeVar

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from playback.database_faults import is_disk_full
from playback.errors import PlaybackError

_OWN = ".playback"
_WRITER = "writer"
_RUN = "run-"
_JOURNAL = "journal.json"
_JOURNAL_TO_BE = "journal.json.new"

_Model = TypeVar("_Model", bound=BaseModel)

_ATTEMPTS = 100
"""To lock a folder that other runs clear away meanwhile."""

_COMMAND_LENGTH = 100
"""Most characters of a command that a message repeats."""

_HOW_TO_RESUME = "mend that and run the same command again"


class WrittenFile(BaseModel):
    """A file as it was written: its path in the folder, its size, its SHA-256."""

    model_config = ConfigDict(frozen=True)

    file: str
    bytes: int
    sha256: str


class _Writer(BaseModel):
    """The run that writes to a folder."""

    generator: Literal["playback"] = "playback"
    pid: int
    command: str


class _Journal(BaseModel):
    """What is left to do when all is written: the folder of the run, and what moves and goes."""

    run: str
    files: list[WrittenFile]
    obsolete: list[WrittenFile]


class Staging:
    """A folder to write in. The files of it that are added move in, and no others.

    Attributes:
        folder: where to write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: list[WrittenFile] = []
        self._obsolete: list[WrittenFile] = []

    def add(self, path: Path) -> WrittenFile:
        """Have a file of the folder, now whole, moved in; return what there is to know of it."""
        written = written_file(path, self.folder)
        self._files.append(written)
        return written

    def retire(self, files: Iterable[WrittenFile]) -> None:
        """Have files removed as the others move in, unless somebody has changed them."""
        self._obsolete.extend(files)

    def _journal(self, target: Path) -> _Journal:
        """A file that would be replaced by its equal stays untouched."""
        return _Journal(
            run=self.folder.name,
            files=[written for written in self._files if not stands(written, target)],
            obsolete=self._obsolete,
        )


@contextmanager
def staged(folder: Path) -> Iterator[Staging]:
    """Yield an empty folder inside `folder`; what is added of it moves up in the end.

    Whoever reads `folder` sees each file as it was or as it is, never half of it. A failure, or a
    kill at any time before all is written, leaves everything as it was, and what the killed run
    left behind is cleared by the next. After that only renames are left to do: if they are cut
    short, the next run does the rest first, before it yields.

    Raises:
        PlaybackError: another run writes to the folder, something is in the way of a file, the disk
            is full, or the folder cannot be written.
    """
    made: list[Path] = []
    try:
        with _told(folder, "none of the new files has moved in"):
            made += [path for path in (folder, *folder.parents) if not path.exists()]
            with _locked(folder) as own:
                _resume(folder, own)
                staging = Staging(Path(tempfile.mkdtemp(prefix=_RUN, dir=own)))
                yield staging
                journal = staging._journal(folder)
                refuse_what_is_in_the_way(folder, (written.file for written in journal.files))
                _note(journal, own)
                _carry_out(journal, folder, own)
    finally:
        for path in made:
            with suppress(OSError):  # it holds something, or was never made
                path.rmdir()


def is_ready(folder: Path) -> bool:
    """Whether a killed run has left files in the folder that are whole and not all in place."""
    return is_plain(folder / _OWN / _JOURNAL)


def move_in(folder: Path) -> None:
    """Put in place what a killed run has left ready; may be cut short and begun again.

    Raises:
        PlaybackError: as `staged` does.
    """
    if is_ready(folder):
        with staged(folder):
            pass


def refuse_what_is_in_the_way(folder: Path, names: Iterable[str]) -> None:
    """See to it that files of these names can be renamed into the folder.

    Raises:
        PlaybackError: one of them cannot.
    """
    device = folder.stat().st_dev
    for name in names:
        for parent in reversed(PurePosixPath(name).parents[:-1]):
            path = folder / parent
            if not os.path.lexists(path):
                break
            if path.is_symlink() or not path.is_dir() or path.stat().st_dev != device:
                raise _in_the_way(path, "folder")
            if not os.access(path, os.W_OK | os.X_OK):
                raise _cannot_write(path, "Permission denied", "nothing in it was changed")
        if os.path.lexists(folder / name) and not is_plain(folder / name):
            raise _in_the_way(folder / name, "file")


def is_plain(path: Path) -> bool:
    """Whether there is a file at a path itself: no link, no folder, no pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def written_file(path: Path, folder: Path) -> WrittenFile:
    """What there is to know of a file in a folder."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        size = file.tell()
    return WrittenFile(
        file=path.relative_to(folder).as_posix(), bytes=size, sha256=digest.hexdigest()
    )


def stands(written: WrittenFile, folder: Path) -> bool:
    """Whether a file is still as it was written."""
    path = folder / written.file
    return (
        is_plain(path)
        and path.stat().st_size == written.bytes
        and written_file(path, folder).sha256 == written.sha256
    )


@contextmanager
def _told(folder: Path, state: str) -> Iterator[None]:
    """Tell a failure to write in one line, and the state that it leaves the folder in."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(folder, error.strerror or str(error), state) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = "No space left on device" if is_disk_full(error) else str(error).splitlines()[0]
        raise _cannot_write(folder, reason, state) from error


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Be the only run that writes to a folder; yield the place of what is not whole yet."""
    own = folder / _OWN
    with _lock(folder) as writer:
        writer.truncate(0)
        writer.seek(0)
        writer.write(_Writer(pid=os.getpid(), command=_command()).model_dump_json().encode())
        try:
            yield own
        finally:
            if not is_ready(folder):
                with suppress(OSError):  # the next run clears it then
                    _clear(own)
                    if [path.name for path in own.iterdir()] == [_WRITER]:
                        (own / _WRITER).unlink()
                        own.rmdir()


def _lock(folder: Path) -> BinaryIO:
    """Lock a folder, for as long as the file that is returned is open."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):  # another run has cleared it away in this moment
            if writer := _locked_writer(folder, folder / _OWN):
                return writer
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _locked_writer(folder: Path, own: Path) -> BinaryIO | None:
    """The locked file; None if another run has cleared it away before it was locked."""
    if os.path.lexists(own) and not _may_be_of_playback(own):
        raise _not_ours(own)
    own.mkdir(parents=True, exist_ok=True)
    with ExitStack() as on_failure:
        writer = on_failure.enter_context(
            open(own / _WRITER, "r+b", buffering=0, opener=_open_or_create)
        )
        try:
            fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _is_written(folder, writer) from None
        if not os.path.samestat(os.fstat(writer.fileno()), (own / _WRITER).lstat()):
            return None
        written = writer.read()
        if written and not _parsed(_Writer, written):
            raise _not_ours(own)
        on_failure.pop_all()
        return writer


def _may_be_of_playback(own: Path) -> bool:
    """Whether it is a folder with nothing in it, or at least with a file that says who writes."""
    return stat.S_ISDIR(own.lstat().st_mode) and (not any(own.iterdir()) or is_plain(own / _WRITER))


def _open_or_create(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o666)


def _command() -> str:
    words = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return "".join(sign if sign.isprintable() else " " for sign in words)[:_COMMAND_LENGTH]


def _clear(own: Path) -> None:
    for name in (_JOURNAL, _JOURNAL_TO_BE):
        (own / name).unlink(missing_ok=True)
    for run in own.glob(f"{_RUN}*"):
        shutil.rmtree(run)


def _note(journal: _Journal, own: Path) -> None:
    """From here on the run is to be finished, by whichever run comes next if need be."""
    (own / _JOURNAL_TO_BE).write_text(journal.model_dump_json(), encoding="utf-8")
    (own / _JOURNAL_TO_BE).rename(own / _JOURNAL)


def _resume(folder: Path, own: Path) -> None:
    """Finish what a killed run has noted, if its files are as it wrote them; clear the rest."""
    if is_ready(folder):
        journal = _parsed(_Journal, (own / _JOURNAL).read_bytes())
        if journal and all(
            stands(written, own / journal.run) for written in _waiting(journal, own)
        ):
            _carry_out(journal, folder, own)
    _clear(own)


def _carry_out(journal: _Journal, folder: Path, own: Path) -> None:
    waiting = [written.file for written in _waiting(journal, own)]
    refuse_what_is_in_the_way(folder, waiting)
    with _told(folder, "the new files are whole, and some may have moved in"):
        for written in journal.obsolete:
            _remove(written, folder)
        for name in waiting:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (own / journal.run / name).replace(target)
        (own / _JOURNAL).unlink()


def _waiting(journal: _Journal, own: Path) -> list[WrittenFile]:
    """The files that have not moved in yet."""
    return [written for written in journal.files if is_plain(own / journal.run / written.file)]


def _remove(written: WrittenFile, folder: Path) -> None:
    """Remove a file that is as it was written, and the folders that it leaves empty."""
    path = folder / written.file
    if not path.resolve().is_relative_to(folder.resolve()) or not stands(written, folder):
        return
    path.unlink()
    for parent in PurePosixPath(written.file).parents[:-1]:
        with suppress(OSError):  # it holds something else
            (folder / parent).rmdir()


def _parsed(model: type[_Model], text: bytes) -> _Model | None:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return None


def _cannot_write(path: Path, reason: str, state: str) -> PlaybackError:
    return PlaybackError(f"{path} cannot be written: {reason}; {state}, {_HOW_TO_RESUME}")


def _in_the_way(path: Path, what: str) -> PlaybackError:
    return PlaybackError(
        f"{path} is in the way, where a plain {what} has to be: "
        "move it away and run the same command again"
    )


def _not_ours(path: Path) -> PlaybackError:
    return PlaybackError(
        f"{path} is in the way: it has the name of the folder that Playback writes in, and is not "
        "Playback's; move it away and run the same command again"
    )


def _is_written(folder: Path, writer: BinaryIO) -> PlaybackError:
    other = _parsed(_Writer, writer.read())
    who = f"`{other.command}` (process {other.pid})" if other else "another process"
    return PlaybackError(
        f"{who} is writing to {folder}: wait until it has ended, then run the same command again"
    )
