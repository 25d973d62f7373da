"""An export: tables as files, what describes them beside them, all moved in together."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from playback import __version__
from playback.errors import PlaybackError
from playback.files import Staging, WrittenFile, refuse_what_is_in_the_way, staged
from playback.products import avro, croissant, csv, datacard, listing, manifest, parquet
from playback.products.feeds import Feed
from playback.products.manifest import DataFile, Manifest, ShippedColumn, ShippedTable, World
from playback.products.tables import (
    ExportRequest,
    Planned,
    Table,
    columns,
    description,
    planned,
    row_count,
)
from playback.progress import Progress
from playback.warehouse import Warehouse

_WRITERS = {"csv": csv.write, "avro": avro.write, "parquet": parquet.write}


def choose(tables: dict[str, list[Table]], request: ExportRequest) -> dict[str, list[Table]]:
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


def standing(
    warehouse: Warehouse, tables: list[Table], folder: Path, request: ExportRequest, made_from: str
) -> list[Path]:
    """The files of an export made from the same, if that would write them as they stand."""
    former = manifest.read(folder)
    if (
        former is None
        or former.made_from != made_from
        or not listing.is_as_written(folder / manifest.NAME, former)
        or any(
            former.tables[table.name].rows != row_count(warehouse, table, request)
            for table in tables
        )
    ):
        return []
    return sorted(folder / name for name in former.names)


def export(
    warehouse: Warehouse,
    feed: Feed,
    tables: list[Table],
    folder: Path,
    request: ExportRequest,
    world: World,
    made_from: str,
    progress: Progress,
) -> list[Path]:
    """Write tables of a feed to `folder`, with manifest, data card and metadata; return the files.

    The same warehouse makes the same bytes, whatever the number of threads. What a former export
    wrote and this one does not is removed, unless only some tables are asked for; no other file is
    touched. `made_from` says what the tables were built from and what was asked.

    Raises:
        PlaybackError: the window has no plays, a table is empty that was not, a file that
            Playback did not write is in the way, the folder holds another feed or, if only some
            tables are asked for, another world, and as `files.staged` does.
    """
    with staged(folder) as staging, ExitStack() as plans:
        former = manifest.read(folder)
        _refuse_others(former, feed, world, folder, request)
        plan = {
            table.name: plans.enter_context(planned(warehouse, table, request)) for table in tables
        }
        _refuse_losses(former, tables, plan, folder, request)
        _refuse_to_write(_names(tables, plan), folder, former)
        progress.begin(_rows(file for files in plan.values() for file in files), "rows")
        described = Manifest(
            **world.model_dump(),
            version=__version__,
            made_from=made_from,
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
        _refuse_to_write(complete.names, folder, former)
        staging.retire(_gone(former, complete))
    listing.seal(folder / manifest.NAME)
    return sorted(folder / name for name in complete.names)


def _gone(former: Manifest | None, complete: Manifest) -> list[WrittenFile]:
    """What a former export wrote and this one does not."""
    entries = former.entries if former else []
    return [entry for entry in entries if entry.file not in complete.names]


def _refuse_others(
    former: Manifest | None, feed: Feed, world: World, folder: Path, request: ExportRequest
) -> None:
    """Never retire the files of another feed, nor mix those of two worlds."""
    if former and former.title != feed.title:
        raise PlaybackError(
            f"{folder} holds another export ({former.title}): choose another folder with --exports"
        )
    if request.only and former and former.world != world:
        raise PlaybackError(
            f"{folder} holds files of another world (seed {former.seed}, here {world.seed}): "
            "export without --only, or choose another folder with --exports"
        )


def _refuse_losses(
    former: Manifest | None,
    tables: list[Table],
    plan: dict[str, list[Planned]],
    folder: Path,
    request: ExportRequest,
) -> None:
    """Never empty the files of a table because it is empty in the warehouse; a window may be."""
    whole = [table.name for table in tables if not (request.has_window and table.is_cut)]
    known = former.tables if former else {}
    listing.refuse_loss(
        {name: known[name].rows for name in whole if name in known},
        {name: _rows(plan[name]) for name in whole},
        folder,
    )


def _names(tables: list[Table], plan: dict[str, list[Planned]]) -> list[str]:
    """The files that an export will write, but for schemas."""
    return [
        manifest.NAME,
        datacard.NAME,
        croissant.NAME,
        *(f"{file.stem}.{table.suffix}" for table in tables for file in plan[table.name]),
    ]


def _refuse_to_write(names: Iterable[str], folder: Path, former: Manifest | None) -> None:
    names = list(names)
    listing.refuse_unlisted(names, folder / manifest.NAME, former)
    refuse_what_is_in_the_way(folder, names)


def _rows(files: Iterable[Planned]) -> int:
    return sum(piece.rows for file in files for piece in file.pieces)


def _describe(
    warehouse: Warehouse, table: Table, files: list[Planned], request: ExportRequest
) -> ShippedTable:
    return ShippedTable(
        description=description(warehouse, table),
        rows=_rows(files),
        window=manifest.window_of(
            warehouse, *((request.since, request.until) if table.is_cut else (None, None))
        ),
        columns=[
            ShippedColumn(name=column.name, type=column.data_type, description=column.description)
            for column in columns(warehouse, table)
        ],
    )


def _write(
    warehouse: Warehouse, table: Table, files: list[Planned], staging: Staging, progress: Progress
) -> list[DataFile]:
    """Write the files of a table; return their entries."""
    types = {column.name: column.data_type for column in columns(warehouse, table)}
    entries = []
    for stem, pieces in files:
        path = staging.folder / f"{stem}.{table.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[table.suffix](warehouse, table, pieces, path, progress)
        entries.append(
            DataFile(
                **staging.add(path).model_dump(),
                table=table.name,
                rows=sum(piece.rows for piece in pieces),
                types=types,
            )
        )
    return entries


def _describe_folder(
    described: Manifest, feed: Feed, staging: Staging, folder: Path, kept: Manifest | None
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
    documents = {
        datacard.NAME: datacard.text(described, feed.summary),
        croissant.NAME: croissant.text(described, feed.summary),
    }
    for table in {entry.table for entry in described.files if entry.file.endswith(".avro")}:
        schema = avro.schema_file(table)
        documents[schema.name] = schema.read_text(encoding="utf-8")
    complete = described.model_copy(
        update={
            "documents": [
                _write_document(staging, name, text) for name, text in sorted(documents.items())
            ]
        }
    )
    manifest.write(complete, staging.folder)
    staging.add(staging.folder / manifest.NAME)
    return complete


def _write_document(staging: Staging, name: str, text: str) -> WrittenFile:
    path = staging.folder / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return staging.add(path)
