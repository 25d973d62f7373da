"""An export: tables as files, what describes them beside them, all moved in together."""

import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from playback import __version__
from playback.errors import PlaybackError
from playback.files import mark_obsolete, staged
from playback.products import avro, croissant, csv, datacard, manifest, parquet
from playback.products.feeds import Feed
from playback.products.manifest import Column, DataFile, Manifest, ShippedTable
from playback.products.tables import (
    Planned,
    Request,
    Table,
    columns,
    description,
    planned,
)
from playback.progress import Progress
from playback.warehouse import Warehouse

_WRITERS = {"csv": csv.write, "avro": avro.write, "parquet": parquet.write}


def choose(tables: dict[str, list[Table]], request: Request) -> dict[str, list[Table]]:
    """The tables asked for, by the name of their feed; a feed without any is left out.

    Raises:
        PlaybackError: a name is not that of a table.
    """
    if not request.only:
        return tables
    known = {table.name for of_feed in tables.values() for table in of_feed}
    unknown = [name for name in request.only if name not in known]
    if unknown:
        raise PlaybackError(
            f"--only {unknown[0]}: no such table; there are {', '.join(sorted(known))}"
        )
    chosen = {
        feed: [table for table in of_feed if table.name in request.only]
        for feed, of_feed in tables.items()
    }
    return {feed: of_feed for feed, of_feed in chosen.items() if of_feed}


def export(
    warehouse: Warehouse,
    feed: Feed,
    tables: list[Table],
    folder: Path,
    request: Request,
    preset_names: dict[str, str],
    progress: Progress,
) -> list[Path]:
    """Write tables of a feed to `folder`, with manifest, data card and metadata; return the files.

    The same warehouse makes the same bytes, whatever the number of threads. What a former export
    wrote and this one does not is removed, unless only some tables are asked for; no other file is
    touched. `preset_names` has the names of known presets by their fingerprint.

    Raises:
        PlaybackError: the window has no plays, a file that Playback did not write is in the way,
            the folder holds another world, the disk is full, or the folder cannot be written.
    """
    world = manifest.world_of(warehouse, preset_names)
    with staged(folder) as staging, ExitStack() as plans:
        former = manifest.read(folder)
        if request.only and former and former.world != world:
            raise PlaybackError(
                f"{folder} holds files of another world (seed {former.seed}, here {world.seed}): "
                "export without --only, or choose another folder with --exports"
            )
        _refuse_foreign((manifest.NAME, datacard.NAME, croissant.NAME), folder, former)
        plan = {
            table.name: plans.enter_context(planned(warehouse, table, request)) for table in tables
        }
        progress.begin(_rows(file for files in plan.values() for file in files), "rows")
        described = Manifest(
            **world.model_dump(),
            version=__version__,
            title=feed.title,
            window=manifest.window_of(warehouse, request.since, request.until),
            tables={
                table.name: _describe(warehouse, table, plan[table.name], request)
                for table in tables
            },
            files=[
                entry
                for table in tables
                for entry in _write(warehouse, table, plan[table.name], staging, progress)
            ],
            documents=[],
        )
        complete = _describe_folder(
            described, feed, staging, folder, former if request.only else None
        )
        _refuse_foreign(complete.names, folder, former)
        mark_obsolete(staging, _gone(former, complete, folder))
    return sorted(folder / name for name in complete.names)


def _gone(former: Manifest | None, complete: Manifest, folder: Path) -> list[str]:
    """What a former export wrote and this one does not, if nobody has changed it since."""
    entries = (*former.files, *former.documents) if former else ()
    return [
        entry.file
        for entry in entries
        if entry.file not in complete.names and manifest.stands(entry, folder)
    ]


def standing(folder: Path) -> list[Path]:
    """The files of the last export to `folder` that are still there."""
    former = manifest.read(folder)
    names = former.names if former else ()
    return sorted(folder / name for name in names if (folder / name).is_file())


def _rows(files: Iterable[Planned]) -> int:
    return sum(piece.rows for file in files for piece in file.pieces)


def _describe(
    warehouse: Warehouse, table: Table, files: list[Planned], request: Request
) -> ShippedTable:
    is_cut = table.moment or table.in_window
    return ShippedTable(
        description=description(warehouse, table),
        rows=_rows(files),
        window=manifest.window_of(
            warehouse, *((request.since, request.until) if is_cut else (None, None))
        ),
        columns=[
            Column(name=column.name, type=column.data_type, description=column.description)
            for column in columns(warehouse, table)
        ],
    )


def _write(
    warehouse: Warehouse, table: Table, files: list[Planned], staging: Path, progress: Progress
) -> list[DataFile]:
    """Write the files of a table; return their entries."""
    types = {column.name: column.data_type for column in columns(warehouse, table)}
    entries = []
    for stem, pieces in files:
        path = staging / f"{stem}.{table.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[table.suffix](warehouse, table, pieces, path, progress)
        entries.append(
            DataFile(
                **manifest.document(path, staging).model_dump(),
                table=table.name,
                rows=sum(piece.rows for piece in pieces),
                types=types,
            )
        )
    return entries


def _describe_folder(
    described: Manifest, feed: Feed, staging: Path, folder: Path, kept: Manifest | None
) -> Manifest:
    """Write the documents of `folder`, in which the other tables of `kept` stay as they are."""
    if kept:
        files = [
            entry
            for entry in kept.files
            if entry.table not in described.tables and (folder / entry.file).is_file()
        ]
        tables = {name: kept.tables[name] for name in {entry.table for entry in files}}
        described = described.model_copy(
            update={
                "tables": dict(sorted((tables | described.tables).items())),
                "files": [*files, *described.files],
            }
        )
    for table in {entry.table for entry in described.files if entry.file.endswith(".avro")}:
        shutil.copyfile(avro.schema_file(table), staging / avro.schema_file(table).name)
    (staging / datacard.NAME).write_text(datacard.text(described, feed.summary), encoding="utf-8")
    (staging / croissant.NAME).write_text(croissant.text(described, feed.summary), encoding="utf-8")
    documents = [
        manifest.document(path, staging)
        for path in sorted(staging.iterdir())
        if path.suffix in (".md", ".json", ".avsc")
    ]
    complete = described.model_copy(update={"documents": documents})
    manifest.write(complete, staging)
    return complete


def _refuse_foreign(names: Iterable[str], folder: Path, former: Manifest | None) -> None:
    """Never write over a file that no export has written."""
    ours = former.names if former else set()
    for name in sorted(set(names) - ours):
        if (folder / name).exists():
            raise PlaybackError(
                f"{folder / name} was not written by `playback export`: "
                "move it away, or choose another folder with --exports"
            )
