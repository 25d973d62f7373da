"""The files that leave: exports, graph.pt and report.html."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from playback.console import Console
from playback.errors import PlaybackError
from playback.pipeline import standing
from playback.places import Place
from playback.products import exports, graph, manifest, single_file, spotify_history
from playback.products.feeds import FEEDS, Feed
from playback.products.tables import ExportRequest, Table
from playback.settings import shipped_preset_names
from playback.warehouse import Warehouse
from playback.wrapped import find_listener

_BUFFERS = 512_000_000
_BUFFERS_A_THREAD = 256_000_000
"""Memory of DuckDB while it exports: what it sorts beyond that goes to disk."""


def export(
    place: Place,
    folder: Path,
    console: Console,
    names: Iterable[str] = ("parquet",),
    request: ExportRequest | None = None,
    meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Path]:
    """Write the feeds named, unless the files that stand are of the same build and request.

    While files are written, whatever `meanwhile` enters goes on.

    Raises:
        PlaybackError: nothing is built yet, the marts are Parquet already, or the request names
            what is not there.
    """
    if place.parquet:
        raise PlaybackError(
            "`playback export` reads a database file, not a lake: the marts of a lake are "
            f"Parquet already, in {place.parquet}"
        )
    request = request or ExportRequest()
    with _read_once(place) as warehouse:
        built_from = standing.products_made_from(warehouse)
        tables = exports.choose({name: FEEDS[name].tables_in(warehouse) for name in names}, request)
        return [
            file
            for name, of_feed in tables.items()
            for file in _export_feed(
                warehouse, folder, console, FEEDS[name], of_feed, request, built_from, meanwhile
            )
        ]


def _export_feed(
    warehouse: Warehouse,
    folder: Path,
    console: Console,
    feed: Feed,
    tables: list[Table],
    request: ExportRequest,
    built_from: str,
    meanwhile: Callable[[], AbstractContextManager[None]],
) -> list[Path]:
    folder /= feed.folder
    world = manifest.world_of(warehouse, shipped_preset_names())
    made_from = standing.fingerprint(built_from, world.model_dump_json(), request)
    stage = f"export {feed.name}"
    if files := exports.standing(warehouse, tables, folder, request, made_from):
        console.unchanged(stage)
        return files
    with meanwhile(), console.stage(stage) as progress:
        return exports.export(warehouse, feed, tables, folder, request, world, made_from, progress)


def export_history(place: Place, folder: Path, user: str, console: Console) -> Path:
    """Write the plays of a listener as an extended streaming history of Spotify.

    Raises:
        PlaybackError: nothing is built yet, there is no such listener, or they have no such plays.
    """
    with _read_once(place) as warehouse:
        made_from = standing.products_made_from(warehouse)
        user_key, user_id, _, _ = find_listener(warehouse, user)
        path = folder / f"spotify_{user_id}.zip"
        with (
            console.stage("export spotify") as progress,
            single_file.replaced(path, made_from, {}) as whole,
        ):
            spotify_history.export(warehouse, user_key, user_id, whole, progress)
    return path


def make_graph(place: Place, folder: Path, console: Console, most_bytes: int | None = None) -> Path:
    """Write `graph.pt`, unless the file that stands is of the same build.

    Raises:
        PlaybackError: PyTorch is not installed, nothing is built yet, or the graph takes more than
            `most_bytes` of memory (what is available unless told).
    """
    graph.require_libraries()
    path = folder / "graph.pt"
    with _read_once(place) as warehouse:
        made_from = standing.products_made_from(warehouse)
        if single_file.is_current(path, made_from, graph.rows(warehouse)):
            console.unchanged("graph")
            return path
        with console.stage("graph") as progress:
            return graph.export(warehouse, path, progress, most_bytes, made_from)


def make_report(place: Place, folder: Path, console: Console) -> Path:
    """Write `report.html`, one page that needs nothing else.

    Raises:
        PlaybackError: marts are missing or without plays, or the file cannot be written.
    """
    from playback import reporting

    path = folder / "report.html"
    with (
        place.read() as warehouse,
        console.stage("report"),
        single_file.replaced(path, standing.products_made_from(warehouse), {}) as whole,
    ):
        page = reporting.render(reporting.read_figures(warehouse))
        whole.write_text(page, encoding="utf-8", newline="\n")
    return path


def _read_once(place: Place) -> Warehouse:
    """Read a world whose rows pass through once: buffers would keep nothing of use."""
    return place.read(memory_limit=_BUFFERS + _BUFFERS_A_THREAD * place.threads)
