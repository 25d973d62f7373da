"""The stages in order. Each one starts from the warehouse and redoes only what changed."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from playback import (
    __version__,
    catalogue,
    listeners,
    memory,
    player,
    realism,
    timezones,
    transform,
    wrapped,
)
from playback.errors import NoDataYet, PlaybackError, StageFailed
from playback.lake import Lake
from playback.player import PlaySummary, ledger
from playback.products import exports, graph, manifest, single_file
from playback.products.feeds import FEEDS, Feed
from playback.products.tables import Request, Table
from playback.settings import Settings, preset_names
from playback.spark import require_memory, require_spark, session
from playback.warehouse import Warehouse

if TYPE_CHECKING:
    from playback.console import Console

_HALVES = ("catalogue", "listening")
"""The selectors of the dbt project, in the order to build them."""

_REALISM_MART = "quality_realism"

_LANDED = tuple(
    f"raw.{table}"
    for table in (
        "artists",
        "tracks",
        "tracks_extended",
        "track_audio_clusters",
        "source_files",
        "missing_values",
        "rejected_rows",
        "timezone_periods",
        "world",
    )
)
_LISTENERS = ("users", "user_traits", "user_genre_preferences")

_DBT_BYTES = 450_000_000
"""Memory that a build takes at the least: dbt and the models of a small world."""

_PLAY_BUFFERS = 1_000_000_000
"""Memory of DuckDB while it takes in the plays: catalogue, listeners, and a batch in the making."""

_EXPORT_BUFFERS = 512_000_000
_EXPORT_BUFFERS_A_THREAD = 256_000_000
"""Memory of DuckDB while it exports: what it sorts beyond that goes to disk."""


def run(settings: Settings, console: "Console") -> None:
    """Do the whole job: land, catalogue, listeners, plays, marts, exports, graph.

    The marts of a lake are Parquet already: they are not exported.

    Raises:
        StageFailed: a model failed, or a structural check of the data did.
    """
    if settings.engine == "spark":
        require_spark()
        require_memory(settings.master, settings.spark_memory)
    land(settings, console)
    build(settings, console, selector="catalogue", with_tests=False)
    make_listeners(settings, console)
    played = play(settings, console)
    build(settings, console, selector="listening", with_tests=False)
    files = export(settings, console) if settings.engine == "duckdb" else []
    try:
        graph.require_libraries()
    except PlaybackError as error:
        console.skipped("graph", str(error))
    else:
        files.append(make_graph(settings, console))
    _summarise(settings, console, files, played)


def land(settings: Settings, console: "Console") -> None:
    """Land the catalogue in the raw tables.

    Raises:
        PlaybackError: plays made from another catalogue stand in the database.
    """
    fingerprint = catalogue.fingerprint(settings)
    with suppress(NoDataYet), _reading(settings) as warehouse:
        if warehouse.stage_fingerprint("land") == fingerprint and _stands(warehouse, "land"):
            console.unchanged("land")
            return
    with open_world(settings, threads=settings.threads) as warehouse:
        is_same = warehouse.stage_fingerprint("land") == fingerprint
        if not is_same or warehouse.rows(
            "select 1 from raw.world where tzdata_version <> ?", timezones.VERSION
        ):
            _refuse_other_world(warehouse, settings)
        with console.stage("land") as progress, warehouse.transaction():
            catalogue.land(warehouse, settings, progress)
            warehouse.clear("world", "timezone_periods", *(() if is_same else _LISTENERS))
            warehouse.append("timezone_periods", timezones.table())
            warehouse.connection.execute(
                "insert into raw.world values (?, ?, ?, ?, ?, ?)",
                [
                    settings.seed,
                    settings.start,
                    settings.catalogue_source,
                    fingerprint,
                    timezones.VERSION,
                    __version__,
                ],
            )
            _record(warehouse, "land", fingerprint, _LANDED)
            if told := catalogue.rows_in_words(warehouse):
                progress.conclude(told)


def build(
    settings: Settings,
    console: "Console",
    selector: str | None = None,
    *,
    full_refresh: bool = False,
    with_tests: bool = True,
) -> None:
    """Build the dbt models of a selector (`catalogue`, `listening`; both without one).

    With tests it always builds; without, only what changed, or no longer stands as it was built.
    Incremental models are built anew where the models themselves have changed, or where the rows
    that stand are others although nothing that they are made from has changed.

    Raises:
        PlaybackError: of the catalogue that landed, no track came through the joins, or what the
            listening half reads of it no longer stands as built.
        StageFailed: a model or a data test failed.
    """
    for half in [selector] if selector else _HALVES:
        _build_half(settings, console, half, full_refresh=full_refresh, with_tests=with_tests)


def _build_half(
    settings: Settings, console: "Console", half: str, *, full_refresh: bool, with_tests: bool
) -> None:
    stage = f"build:{half}"
    with _reading(settings) as warehouse:
        _require_landed(warehouse)
        if half == "listening":
            _require_catalogue(warehouse)
        fingerprint = _build_fingerprint(warehouse)[half]
        project = transform.project_fingerprint()
        models = warehouse.stage_fingerprint(f"models:{half}")
        is_same = warehouse.stage_fingerprint(stage) == fingerprint
        stands = _stands(warehouse, stage)
        if is_same and stands and not with_tests:
            console.unchanged(f"dbt {half}")
            return
    full_refresh |= models not in (None, project) or (is_same and not stands)
    with console.stage(f"dbt {half}") as progress:
        try:
            built = _dbt(settings)(progress, half, full_refresh=full_refresh, with_tests=with_tests)
        except StageFailed:
            with _reading(settings) as warehouse:
                catalogue.require_tracks(warehouse)
            raise
    with open_world(settings, must_exist=True) as warehouse, warehouse.transaction():
        catalogue.require_tracks(warehouse)
        _record(warehouse, stage, fingerprint, built)
        warehouse.record_stage(f"models:{half}", project)


def _dbt(settings: Settings) -> Callable[..., list[str]]:
    """What builds models where the world lies, and names them."""
    if settings.engine == "spark":
        require_spark()
        require_memory(settings.master, settings.spark_memory)
        place = (settings.lake, settings.master, settings.spark_memory)
        return partial(transform.build_on_spark, *place)
    memory.require(_DBT_BYTES, "dbt", "give the container more, or end other programs")
    with open_world(settings, must_exist=True):
        pass  # dbt takes seconds to find that another process has the file open
    return partial(transform.build, settings.database, settings.threads)


def make_listeners(settings: Settings, console: "Console") -> None:
    """Land the listeners that do not exist yet.

    Raises:
        PlaybackError: plays of listeners drawn by another preset stand in the database.
    """
    with _reading(settings) as warehouse:
        _require_landed(warehouse)
        _require_catalogue(warehouse)
        fingerprint = _hash(
            warehouse.stage_fingerprint("land"), settings.preset.listeners.model_dump_json()
        )
        drawn_from = warehouse.stage_fingerprint("listeners")
        is_whole = warehouse.count("raw.users") == settings.users
        if drawn_from == fingerprint and is_whole and _stands(warehouse, "listeners"):
            console.unchanged("listeners")
            return
    with open_world(settings, must_exist=True, threads=settings.threads) as warehouse:
        drawn_from = warehouse.stage_fingerprint("listeners")
        standing = warehouse.count("raw.users")
        stands = _stands(warehouse, "listeners")
        former = _recorded(warehouse, "listeners").get("raw.users")
        with console.stage("listeners") as progress, warehouse.transaction():
            if drawn_from != fingerprint:
                if standing:
                    _refuse_if_played(warehouse, "its listeners were drawn with another --preset")
                warehouse.clear(*_LISTENERS)
            elif former and not stands:  # somebody changed their rows: they come out as they were
                listeners.refuse_fewer(warehouse, settings, former)
                warehouse.clear(*_LISTENERS)
            listeners.land(warehouse, settings, progress)
            tables = [f"raw.{table}" for table in _LISTENERS]
            _record(warehouse, "listeners", fingerprint, tables)


def play(settings: Settings, console: "Console") -> PlaySummary:
    """Play the days that have not been played yet, for every listener.

    A database file is written on one thread: the others simulate meanwhile, and the rows of a batch
    that several threads write lie scattered in the file, for the next checkpoint to gather. What is
    written is not read again, so that there is no use in keeping it in memory.
    """
    if settings.engine == "spark":
        with Lake(settings.lake, must_exist=True) as lake:
            _require_catalogue(lake)
            require_spark()
            require_memory(settings.master, settings.spark_memory)
            with console.stage("play") as progress:
                return player.play_on_spark(lake, settings, partial(session, settings), progress)
    buffers = {"threads": 1, "memory_limit": _PLAY_BUFFERS}
    with console.stage("play") as progress:
        with _reading(settings, **buffers) as warehouse:
            _require_catalogue(warehouse)
            if player.is_over(warehouse, settings):
                return player.play(warehouse, settings, progress)  # it looks, and writes nothing
        with open_world(settings, must_exist=True, **buffers) as warehouse:
            _require_catalogue(warehouse)
            return player.play(warehouse, settings, progress)


def export(
    settings: Settings,
    console: "Console",
    names: Iterable[str] = ("parquet",),
    request: Request | None = None,
) -> list[Path]:
    """Write the feeds named, unless the files that stand are of the same build and request.

    Raises:
        PlaybackError: nothing is built yet, or the request names what is not there.
    """
    _require_database_file(settings, "export")
    request = request or Request()
    with _open_to_read(settings) as warehouse:
        built_from = _built_from(warehouse)
        tables = exports.choose({name: FEEDS[name].tables_in(warehouse) for name in names}, request)
        return [
            file
            for name, of_feed in tables.items()
            for file in _export_feed(
                warehouse, settings, console, FEEDS[name], of_feed, request, built_from
            )
        ]


def open_world(
    settings: Settings,
    *,
    threads: int | None = None,
    memory_limit: int | None = None,
    must_exist: bool = False,
) -> Warehouse:
    """Open the world where its engine keeps it: in a database file, or in a lake."""
    place, folder_or_file = (
        (Lake, settings.lake) if settings.engine == "spark" else (Warehouse, settings.database)
    )
    return place(folder_or_file, threads=threads, memory_limit=memory_limit, must_exist=must_exist)


def _reading(
    settings: Settings, *, threads: int | None = None, memory_limit: int | None = None
) -> Warehouse:
    """Open the world for what writes nothing: a database file beside any number of readers.

    A lake is taken whole, as it would else be seen while another process moves files in.
    """
    if settings.engine == "spark":
        return Lake(settings.lake, threads=threads, memory_limit=memory_limit, must_exist=True)
    return Warehouse(settings.database, threads=threads, memory_limit=memory_limit, read_only=True)


def _require_database_file(settings: Settings, command: str) -> None:
    if settings.engine == "spark":
        raise PlaybackError(
            f"`playback {command}` reads a database file, not a lake: the marts of a lake are "
            f"Parquet already, in {settings.lake / 'warehouse' / 'main.db'}"
        )


def _open_to_read(settings: Settings) -> Warehouse:
    """Open a warehouse whose rows pass through once: buffers would keep nothing of use."""
    buffers = _EXPORT_BUFFERS + _EXPORT_BUFFERS_A_THREAD * settings.threads
    return _reading(settings, threads=settings.threads, memory_limit=buffers)


def _export_feed(
    warehouse: Warehouse,
    settings: Settings,
    console: "Console",
    feed: Feed,
    tables: list[Table],
    request: Request,
    built_from: str,
) -> list[Path]:
    folder = settings.exports / feed.folder
    world = manifest.world_of(warehouse, preset_names(settings.preset))
    made_from = _hash(built_from, world.model_dump_json(), request)
    stage = f"export {feed.name}"
    if standing := exports.standing(warehouse, tables, folder, request, made_from):
        console.unchanged(stage)
        return standing
    with console.stage(stage) as progress:
        return exports.export(warehouse, feed, tables, folder, request, world, made_from, progress)


def make_graph(settings: Settings, console: "Console", most_bytes: int | None = None) -> Path:
    """Write `graph.pt`, unless the file that stands is of the same build.

    Raises:
        PlaybackError: PyTorch is not installed, nothing is built yet, or the graph takes more than
            `most_bytes` of memory (what is available unless told).
    """
    graph.require_libraries()
    path = settings.exports / "graph.pt"
    with _open_to_read(settings) as warehouse:
        made_from = _built_from(warehouse)
        if single_file.is_current(path, made_from, graph.rows(warehouse)):
            console.unchanged("graph")
            return path
        with console.stage("graph") as progress:
            return graph.export(warehouse, path, progress, most_bytes, made_from)


def make_report(settings: Settings, console: "Console") -> Path:
    """Write `report.html`, one page that needs nothing else.

    Raises:
        PlaybackError: marts are missing or without plays, or the file cannot be written.
    """
    from playback import reporting

    _require_database_file(settings, "report")
    path = settings.exports / "report.html"
    with (
        _reading(settings, threads=settings.threads) as warehouse,
        console.stage("report"),
        single_file.replaced(path, _built_from(warehouse), {}) as whole,
    ):
        page = reporting.render(reporting.read_figures(warehouse))
        whole.write_text(page, encoding="utf-8", newline="\n")
    return path


def measure_realism(
    settings: Settings, console: "Console", listeners: int | None = None, *, check: bool = False
) -> None:
    """Print every reference statistic beside its simulated value, as `quality_realism` has them.

    Args:
        settings: where the world lies.
        console: what prints.
        listeners: measure so many anew; without, what the last build has measured is shown.
        check: fail where a statistic lies outside.

    Raises:
        PlaybackError: the marts are not built.
        StageFailed: a model failed, or `check` is asked for and a statistic that counts lies
            outside.
    """
    with _reading(settings) as warehouse:
        if not warehouse.has_relation(_REALISM_MART):
            raise PlaybackError(
                f"{warehouse.database} has no {_REALISM_MART}: make it with `playback run`, or "
                "`playback build` if the plays are there"
            )
    if listeners is not None:
        with console.stage("realism") as progress:
            built = _dbt(settings)(
                progress,
                "realism",
                variables={"realism_listeners": listeners},
                with_tests=False,
            )
        with open_world(settings, must_exist=True) as warehouse, warehouse.transaction():
            _record_rows(warehouse, "build:listening", built)
    with _reading(settings) as warehouse:
        comparison = realism.read_comparison(warehouse)
    for table in realism.tables(comparison):
        console.table(*table)
    outside = realism.count(comparison, "outside", "no value")
    judged = outside + realism.count(comparison, "inside")
    if check and outside:
        raise StageFailed(f"{outside} of {judged} statistics lie outside their reference")


def make_wrapped(settings: Settings, console: "Console", request: wrapped.Request) -> None:
    """Print the year of a listener, or write it as files to share.

    Raises:
        PlaybackError: there is no such listener or year, too little in it, or a file cannot be
            written.
    """
    request.check()
    _require_database_file(settings, "wrapped")
    with _reading(settings) as warehouse:
        wrapped.make(warehouse, request, console)


def evaluate(
    settings: Settings, console: "Console", *, check: bool = False, output: Path | None = None
) -> None:
    """Print how well recommenders do that learn from `graph.pt`, beside those that do not.

    Raises:
        PlaybackError: there is no graph, or too little in it to test on.
        StageFailed: `check` is asked for and a gate fails.
    """
    graph.require_libraries()
    from playback.evaluation import compare, read_listening, report

    with console.stage("evaluate") as progress:
        edges = read_listening(settings.exports / "graph.pt")
        comparison = compare(edges, settings.seed, progress)
    if output:
        report.write(comparison, settings.seed, output)
    for table in report.tables(comparison):
        console.table(*table)
    failed = [gate.condition for gate in comparison.gates if not gate.is_passed]
    if check and failed:
        raise StageFailed("the graph does not teach\n  " + "\n  ".join(failed))


def _refuse_other_world(warehouse: Warehouse, settings: Settings) -> None:
    """Plays stand on the catalogue they were made from: never land another one under them."""
    if not warehouse.count("raw.simulation_batches"):
        return
    ((seed, starts_on, source, tzdata_version),) = warehouse.rows(
        "select seed, starts_on, catalogue_source, tzdata_version from raw.world"
    )
    differences = [
        f"{option} {there} there, {asked} asked for"
        for option, there, asked in (
            ("--seed", seed, settings.seed),
            ("--start", starts_on, settings.start),
            ("catalogue", source, settings.catalogue_source),
            ("tzdata", tzdata_version, timezones.VERSION),
        )
        if there != asked
    ]
    reason = "; ".join(differences) or "other --songs, --artists or catalogue files"
    _refuse_if_played(warehouse, f"its plays were made from another catalogue ({reason})")


def _refuse_if_played(warehouse: Warehouse, reason: str) -> None:
    if warehouse.count("raw.simulation_batches"):
        raise PlaybackError(
            f"{warehouse.database} holds another world: {reason}; "
            f"ask for the same world again, or name another {warehouse.option}"
        )


def _require_landed(warehouse: Warehouse) -> None:
    if not warehouse.count("raw.world"):
        raise PlaybackError(
            f"{warehouse.database} has no catalogue yet: run `playback land` or `playback run`"
        )
    ledger.require_plays(warehouse)


def _require_catalogue(warehouse: Warehouse) -> None:
    """Refuse to read marts of the catalogue that somebody has changed since they were built."""
    changed = _changed(warehouse, "build:catalogue")
    if changed:
        raise PlaybackError(
            f"{warehouse.database}: {changed}; run `playback build --selector catalogue` first"
        )


def _built_from(warehouse: Warehouse) -> str:
    """Fingerprint of what there is to ship: what it was built from, by which version, its rows.

    Raises:
        PlaybackError: a relation that the last build filled is gone or empty.
    """
    ledger.require_plays(warehouse)
    parts: list[object] = [__version__]
    for half in _HALVES:
        recorded = _recorded(warehouse, f"build:{half}")
        standing = warehouse.standing_rows(recorded)
        for relation, rows in recorded.items():
            if relation not in standing or (rows and not standing[relation]):
                raise PlaybackError(
                    f"{warehouse.database}: {_difference(relation, rows, standing)}; "
                    "run `playback build` first"
                )
        parts += [warehouse.stage_fingerprint(f"build:{half}"), standing]
    return _hash(*parts)


def _record(warehouse: Warehouse, stage: str, fingerprint: str, relations: Iterable[str]) -> None:
    """Note what a finished stage was made from, and how many rows it has left where."""
    warehouse.record_stage(stage, fingerprint)
    warehouse.record_stage(f"rows:{stage}", "{}")
    _record_rows(warehouse, stage, relations)


def _record_rows(warehouse: Warehouse, stage: str, relations: Iterable[str]) -> None:
    """Note how many rows there are in relations that a stage makes, beside the others."""
    rows = _recorded(warehouse, stage) | warehouse.standing_rows(sorted(relations))
    warehouse.record_stage(f"rows:{stage}", json.dumps(rows))


def _recorded(warehouse: Warehouse, stage: str) -> dict[str, int | None]:
    return json.loads(warehouse.stage_fingerprint(f"rows:{stage}") or "{}")


def _stands(warehouse: Warehouse, stage: str) -> bool:
    """Whether all that a stage has made is known, and is there with as many rows."""
    return bool(_recorded(warehouse, stage)) and not _changed(warehouse, stage)


def _changed(warehouse: Warehouse, stage: str) -> str | None:
    """What is not as a stage has left it, or None: the first relation with its rows."""
    recorded = _recorded(warehouse, stage)
    standing = warehouse.standing_rows(recorded)
    differences = (
        _difference(relation, rows, standing)
        for relation, rows in recorded.items()
        if relation not in standing or standing[relation] != rows
    )
    return next(differences, None)


def _difference(relation: str, rows: int | None, standing: dict[str, int | None]) -> str:
    if relation not in standing:
        return f"{relation}, which Playback has built, is gone"
    if rows is None or standing[relation] is None:
        return f"{relation} is a view where Playback has built a table, or the other way round"
    return f"{relation} has {standing[relation]:,} rows, and Playback has built {rows:,}"


def _build_fingerprint(warehouse: Warehouse) -> dict[str, str]:
    """What the models of each selector are built from."""
    landed = _hash(warehouse.stage_fingerprint("land"), transform.project_fingerprint())
    (played,) = warehouse.rows(
        "select sum((window_end - window_start + 1) * (last_user_key - first_user_key + 1)), "
        "sum(play_count), max(window_end) from raw.simulation_batches"
    )
    return {
        "catalogue": landed,
        "listening": _hash(landed, *played, warehouse.count("raw.users")),
    }


def _hash(*parts: object) -> str:
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def _summarise(
    settings: Settings, console: "Console", files: list[Path], played: PlaySummary
) -> None:
    with _reading(settings) as warehouse:
        source = catalogue.rows_in_words(warehouse)
        if source:
            source += f"; {catalogue.tracks_in_words(warehouse)}"
        tracks, plays = warehouse.count("dim_tracks"), warehouse.count("raw.user_events")
        rates = dict(
            warehouse.rows(
                "select metric_name, value from quality_logical where segment_type = 'all'"
            )
        )
        checks = warehouse.rows(
            "select check_name, failing_count, is_passed "
            "from quality_structural where severity = 'error' order by check_name"
        )
        ((verdict, passed),) = warehouse.rows(
            "select verdict, description from quality_report where report_order = 1"
        )
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    speed = f"{played.plays / played.seconds:,.0f}" if played.plays else "no new plays"
    console.summary(
        "Playback",
        [
            *([("catalogue", source)] if source else []),
            ("listeners", f"{played.listeners:,}"),
            ("tracks", f"{tracks:,}"),
            ("plays", f"{plays:,}"),
            ("plays a second", speed),
            ("skip rate", f"{rates['skip_rate']:.1%} (under 30 s and not complete)"),
            ("completion rate", f"{rates['completion_rate']:.1%} (at least 80 % of the track)"),
            ("quality", f"{verdict}: {passed} pass"),
            (warehouse.option.removeprefix("--"), str(warehouse.database)),
            ("files", f"{len(files)} in {settings.exports} ({megabytes:,.0f} MB)"),
        ],
    )
    failed = [f"  {name}: {count:,} failing" for name, count, is_passed in checks if not is_passed]
    if failed:
        raise StageFailed("the data is not sound\n" + "\n".join(failed))
