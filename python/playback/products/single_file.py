"""A product that is one file, `graph.pt` or `report.html`, or a few, with a manifest beside it.

`graph.manifest.json` says that `graph.pt` is Playback's, and what it was made from.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playback import __version__
from playback.files import WrittenFile, staged
from playback.products import listing
from playback.products.listing import Listing


class _SingleFile(Listing):
    rows: dict[str, int]
    file: WrittenFile

    @property
    def entries(self) -> list[WrittenFile]:
        return [self.file]


class _Set(Listing):
    files: list[WrittenFile]

    @property
    def entries(self) -> list[WrittenFile]:
        return self.files


def is_current(path: Path, made_from: str, rows: dict[str, int]) -> bool:
    """Whether the file that stands was made from the same, and is as it was written.

    `rows` counts those of each mart that it is made of.
    """
    manifest = _manifest(path)
    former = listing.read(_SingleFile, manifest)
    return (
        former is not None
        and (former.made_from, former.rows) == (made_from, rows)
        and former.file.file == path.name
        and listing.is_as_written(manifest, former)
    )


@contextmanager
def replaced(
    path: Path, made_from: str, rows: dict[str, int], option: str = "--exports"
) -> Iterator[Path]:
    """Yield where to write the file; it moves to `path` in the end, with a manifest beside it.

    Raises:
        PlaybackError: what stands at `path` is not Playback's, a mart is empty that was not, and as
            `files.staged` does.
    """
    manifest = _manifest(path)
    with staged(path.parent) as staging:
        former = listing.read(_SingleFile, manifest)
        listing.refuse_unlisted((path.name, manifest.name), manifest, former, option)
        if former and former.rows.keys() == rows.keys():
            listing.refuse_loss(former.rows, rows, path)
        yield staging.folder / path.name
        latter = _SingleFile(
            version=__version__,
            made_from=made_from,
            rows=rows,
            file=staging.add(staging.folder / path.name),
        )
        staged_manifest = staging.folder / manifest.name
        staged_manifest.write_text(latter.model_dump_json(indent=2) + "\n", encoding="utf-8")
        staging.add(staged_manifest)
    listing.seal(manifest)


@contextmanager
def replaced_set(folder: Path, name: str, option: str) -> Iterator[Path]:
    """Yield a folder to write files in; they move to `folder` in the end, with a manifest.

    Files that the former set of this name had and the new one has not are removed.

    Raises:
        PlaybackError: what stands in the way of one is not Playback's, and as `files.staged` does.
    """
    manifest = folder / f"{name}.manifest.json"
    with staged(folder) as staging:
        former = listing.read(_Set, manifest)
        yield staging.folder
        files = [staging.add(path) for path in sorted(staging.folder.iterdir())]
        names = {written.file for written in files}
        listing.refuse_unlisted((*names, manifest.name), manifest, former, option)
        if former:
            staging.retire(written for written in former.files if written.file not in names)
        staged_manifest = staging.folder / manifest.name
        latter = _Set(version=__version__, files=files)
        staged_manifest.write_text(latter.model_dump_json(indent=2) + "\n", encoding="utf-8")
        staging.add(staged_manifest)
    listing.seal(manifest)


def _manifest(path: Path) -> Path:
    return path.with_name(f"{path.stem}.manifest.json")
