"""The files of a history: as they are, in folders, and in zips as downloaded."""

import gzip
import hashlib
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO, TypeVar

import pyarrow as pa

from playback.errors import PlaybackError
from playback.file_kinds import no_file

_Result = TypeVar("_Result")

_DAMAGE = (zipfile.BadZipFile, zlib.error, pa.ArrowInvalid)

HEAD_BYTES = 1 << 18
_CHUNK = 1 << 20
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_IS_ENCRYPTED = 1
"""The bit of a zip's flags that says so."""
_MOST_INNER_BYTES = 4 << 30
"""Of a zip inside a zip, which is unpacked whole; histories of 20 years are under 1 GB."""

_HISTORY_NAMES = re.compile(
    r"streaming_?history.*\.json|endsong.*\.json|endvideo.*\.json|listens/\d+/\d+\.jsonl",
    re.IGNORECASE,
)
"""How the services call the histories in their zips: where there is one, nothing else is opened."""

_PRIVATE_NAMES = re.compile(
    r"(userdata|useraddress|identit|identifiers|inferences|payments|searchqueries|yourlibrary"
    r"|playlist|follow|marquee|voiceinput|familyplan|duonewfamily|wrapped|user\.json|feedback"
    r"|profile|message|account|yoursoundcapsule|technical|ads?_)",
    re.IGNORECASE,
)
_DATA_ENDINGS = (".json", ".jsonl", ".csv", ".tsv", ".txt", ".parquet")


@dataclass(frozen=True)
class HistoryFile:
    """A file that may be a history.

    Attributes:
        path: the path that the user named, or a file below it.
        member: its name inside the zip `path`, if that is one.
        is_named: whether the user named this very file.
        inner: the name of a zip inside that zip, which has the member.
        unpacked: that inner zip.
    """

    path: Path
    member: str | None = None
    is_named: bool = False
    inner: str | None = None
    unpacked: BinaryIO | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """Its own name, without folders."""
        return (self.member or self.path.name).rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return ": ".join(str(part) for part in (self.path, self.inner, self.member) if part)

    def open(self) -> BinaryIO:
        """Open it to be read from the beginning, unpacked.

        Raises:
            PlaybackError: it cannot be read.
        """
        try:
            if self.member:
                # The archive stays open as long as its member.
                with zipfile.ZipFile(self.unpacked or self.path) as archive:
                    return archive.open(self.member)
            file = self.path.open("rb")
            is_packed = file.read(2) == _GZIP
            file.seek(0)
            return gzip.open(file) if is_packed else file
        except NotImplementedError as error:
            raise PlaybackError(
                f"{self} is packed in a way that cannot be read here ({error}): "
                "unpack the zip, and import the folder"
            ) from error
        except (OSError, RuntimeError, zipfile.BadZipFile) as error:
            raise cannot_read(self, error) from error

    def head(self) -> bytes:
        """Its beginning.

        Raises:
            PlaybackError: it cannot be read.
        """
        with self.open() as stream:
            return read(self, lambda: stream.read(HEAD_BYTES))

    def digest(self) -> str:
        """Hash of its content.

        Raises:
            PlaybackError: it cannot be read.
        """
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := read(self, lambda: stream.read(_CHUNK)):
                digest.update(chunk)
        return digest.hexdigest()


def read(file: HistoryFile, work: Callable[[], _Result]) -> _Result:
    """Do what reads a file.

    Raises:
        PlaybackError: it cannot be read.
    """
    try:
        return work()
    except (OSError, EOFError, RuntimeError, *_DAMAGE) as error:
        raise cannot_read(file, error) from error


def find(paths: list[Path]) -> tuple[list[HistoryFile], int]:
    """The files that may be histories, and how many others beside them are never opened.

    Raises:
        PlaybackError: a path does not exist or cannot be read.
    """
    found: list[HistoryFile] = []
    unopened = 0
    for path in paths:
        if not path.exists():
            raise PlaybackError(f"{path} does not exist: name a zip, a folder or a file")
        files = list(_below(path)) if path.is_dir() else [path]
        if not path.is_dir() and (fault := no_file(path)):
            raise PlaybackError(f"{path} {fault}")
        loose = [HistoryFile(file) for file in files if not _is_zip(file)]
        if path.is_dir():
            chosen = [file for file in loose if _may_be_history(file)]
        else:
            chosen = [HistoryFile(file.path, is_named=True) for file in loose]
        unopened += len(loose) - len(chosen)
        found += chosen
        for archive in filter(_is_zip, files):
            chosen, others = _of_zip(archive)
            unopened += others
            found += chosen
    return list(dict.fromkeys(found)), unopened


def _of_zip(path: Path, inner: str | None = None) -> tuple[list[HistoryFile], int]:
    """The files of a zip, or of a zip inside it, that may be histories; how many others it has.

    A zip inside a zip is unpacked into a file without a name, which goes with the process. What
    lies still deeper is left alone.

    Raises:
        PlaybackError: it is damaged, or a history in it is encrypted.
    """
    whole = f"{path}: {inner}" if inner else str(path)
    unpacked = None
    found: list[HistoryFile] = []
    unopened = 0
    try:
        if inner:
            unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - read as long as its members are
            with zipfile.ZipFile(path) as archive, archive.open(inner) as stream:
                shutil.copyfileobj(stream, unpacked, _CHUNK)
        with zipfile.ZipFile(unpacked or path) as archive:
            of_zip = [info for info in archive.infolist() if not info.is_dir()]
        members = {
            info.filename: info for info in of_zip if not _is_hidden(PurePosixPath(info.filename))
        }
        for name in sorted(members, key=_natural):
            if name.lower().endswith(".zip") and not inner:
                _refuse_encrypted(f"{whole}: {name}", members[name])
                if members[name].file_size > _MOST_INNER_BYTES:
                    raise PlaybackError(
                        f"{whole}: {name} is a zip of {members[name].file_size:,} bytes in a zip: "
                        "unpack the outer one, and import the folder"
                    )
                chosen, others = _of_zip(path, name)
                found += chosen
                unopened += others
                del members[name]
    except (OSError, RuntimeError, *_DAMAGE) as error:
        raise PlaybackError(f"{whole} is a damaged zip: download it again ({error})") from error
    files = [
        HistoryFile(path, name, inner=inner, unpacked=unpacked)
        for name in sorted(members, key=_natural)
    ]
    chosen = _chosen(files)
    for file in chosen:
        _refuse_encrypted(str(file), members[str(file.member)])
    return [*chosen, *found], unopened + len(files) - len(chosen)


def _refuse_encrypted(name: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _IS_ENCRYPTED:
        raise PlaybackError(
            f"{name} is encrypted: unpack the zip with its password, and import the folder"
        )


def _natural(name: str | Path) -> list[str | int]:
    """What to sort names by so that 2 comes before 10."""
    parts = re.split("([0-9]+)", str(name))
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


def _chosen(members: list[HistoryFile]) -> list[HistoryFile]:
    """Those that are to be opened: the histories by name, or where there are none, what may be."""
    histories = [file for file in members if _HISTORY_NAMES.search(str(file.member))]
    return histories or [file for file in members if _may_be_history(file)]


def _may_be_history(file: HistoryFile) -> bool:
    is_data = file.name.lower().removesuffix(".gz").endswith(_DATA_ENDINGS)
    return is_data and not _PRIVATE_NAMES.match(file.name)


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*"), key=_natural):
        if path.is_file() and not _is_hidden(path.relative_to(folder)):
            yield path


def _is_hidden(path: PurePath) -> bool:
    """Whether it is no file of the user's own making, as what macOS puts into zips and folders."""
    return path.name.startswith(".") or path.parts[:1] == ("__MACOSX",)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == _ZIP
    except OSError as error:
        raise PlaybackError(f"{path} cannot be read: {error.strerror}") from error


def cannot_read(file: HistoryFile, error: BaseException) -> PlaybackError:
    """Say in one line that a file cannot be read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return PlaybackError(f"{file} cannot be read: {reason}; download it again, or leave it out")
