"""The stages in order. Each one starts from the warehouse and redoes only what changed."""

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from playback import __version__, catalogue, listeners, player, realism, transform, wrapped
from playback.errors import PlaybackError, StageFailed
from playback.files import staged
from playback.lake import Lake
from playback.player import PlaySummary
from playback.products import exports, graph
from playback.products.feeds import FEEDS, Feed
from playback.products.tables import Request, Table
from playback.settings import Settings, preset_names
from playback.spark import require_spark, session
from playback.warehouse import Warehouse, no_file_left_by_failure

if TYPE_CHECKING:
    from playback.console import Console

_CATALOGUE_MART = "dim_tracks"
_LISTENING_MART = "agg_user_half_hours"
_REALISM_MART = "quality_realism"
_REALISM_MODELS = (
    "path:seeds",
    "path:models/intermediate/realism",
    _REALISM_MART,
    "quality_report",
)

_PLAY_BUFFERS = "1GB"
"""Memory of DuckDB while it takes in the plays: catalogue, listeners, and a batch in the making."""

_EXPORT_BUFFERS_MB = 512
_EXPORT_BUFFERS_MB_A_THREAD = 256
"""Memory of DuckDB while it exports: what it sorts beyond that goes to disk."""


def run(settings: Settings, console: "Console") -> None:
    """Do the whole job: land, catalogue, listeners, plays, marts, exports, graph.

    The marts of a lake are Parquet already: they are not exported.

    Raises:
        StageFailed: a model failed, or a structural check of the data did.
    """
    land(settings, console)
    build(settings, console, selector="catalogue", with_tests=False)
    make_listeners(settings, console)
    played = play(settings, console)
    build(settings, console, selector="listening", with_tests=False)
    files = export(settings, console) if settings.engine == "duckdb" else []
    files.append(make_graph(settings, console))
    _summarise(settings, console, files, played)


def land(settings: Settings, console: "Console") -> None:
    """Land the catalogue in the raw tables.

    Raises:
        PlaybackError: plays made from another catalogue stand in the database.
    """
    fingerprint = catalogue.fingerprint(settings)
    with (
        no_file_left_by_failure(settings.database),
        open_world(settings, threads=settings.threads) as warehouse,
    ):
        if warehouse.stage_fingerprint("land") == fingerprint:
            console.unchanged("land")
            return
        _refuse_other_world(warehouse, settings)
        with console.stage("land") as progress, warehouse.transaction():
            catalogue.land(warehouse, settings, progress)
            warehouse.clear("world", "users", "user_traits", "user_genre_preferences")
            warehouse.connection.execute(
                "insert into raw.world values (?, ?, ?, ?, ?)",
                [
                    settings.seed,
                    settings.start,
                    settings.catalogue_source,
                    fingerprint,
                    __version__,
                ],
            )
            warehouse.record_stage("land", fingerprint)


def build(
    settings: Settings,
    console: "Console",
    selector: str | None = None,
    *,
    full_refresh: bool = False,
    with_tests: bool = True,
) -> None:
    """Build the dbt models of a selector (`catalogue`, `listening`; all without one).

    With tests it always builds; without, only what changed. Where the models themselves have
    changed since, incremental ones are built anew: what stands is of the old ones.

    Raises:
        StageFailed: a model or a data test failed.
    """
    with open_world(settings, must_exist=True) as warehouse:
        _require_landed(warehouse)
        fingerprint = _build_fingerprint(warehouse)
        built = [selector] if selector else list(fingerprint)
        project = transform.project_fingerprint()
        full_refresh |= any(
            warehouse.stage_fingerprint(f"models:{half}") not in (None, project) for half in built
        )
        stage = f"build:{selector or 'all'}"
        mart = _CATALOGUE_MART if selector == "catalogue" else _LISTENING_MART
        if (
            selector
            and not with_tests
            and warehouse.stage_fingerprint(stage) == fingerprint[selector]
            and warehouse.has_relation(mart)
        ):
            console.unchanged(f"dbt {selector}")
            return
    with console.stage(f"dbt {selector or 'build'}") as progress:
        _dbt(settings)(progress, selector, full_refresh=full_refresh, with_tests=with_tests)
    with open_world(settings, must_exist=True) as warehouse:
        for half in built:
            warehouse.record_stage(f"build:{half}", fingerprint[half])
            warehouse.record_stage(f"models:{half}", project)


def _dbt(settings: Settings) -> Callable[..., None]:
    """What builds models where the world lies."""
    if settings.engine == "spark":
        require_spark()
        place = (settings.lake, settings.master, settings.spark_memory)
        return partial(transform.build_on_spark, *place)
    return partial(transform.build, settings.database, settings.threads)


def make_listeners(settings: Settings, console: "Console") -> None:
    """Land the listeners that do not exist yet.

    Raises:
        PlaybackError: plays of listeners drawn by another preset stand in the database.
    """
    with open_world(settings, must_exist=True, threads=settings.threads) as warehouse:
        _require_landed(warehouse)
        fingerprint = _hash(
            warehouse.stage_fingerprint("land"), settings.preset.listeners.model_dump_json()
        )
        drawn_from = warehouse.stage_fingerprint("listeners")
        standing = warehouse.count("raw.users")
        if drawn_from == fingerprint and standing == settings.users:
            console.unchanged("listeners")
            return
        with console.stage("listeners") as progress, warehouse.transaction():
            if drawn_from != fingerprint and standing:
                _refuse_if_played(warehouse, "its listeners were drawn with another --preset")
                warehouse.clear("users", "user_traits", "user_genre_preferences")
            listeners.land(warehouse, settings, progress)
            warehouse.record_stage("listeners", fingerprint)


def play(settings: Settings, console: "Console") -> PlaySummary:
    """Play the days that have not been played yet, for every listener.

    A database file is written on one thread: the others simulate meanwhile, and the rows of a batch
    that several threads write lie scattered in the file, for the next checkpoint to gather. What is
    written is not read again, so that there is no use in keeping it in memory.
    """
    if settings.engine == "spark":
        require_spark()
        with Lake(settings.lake, must_exist=True) as lake, console.stage("play") as progress:
            return player.play_on_spark(lake, settings, partial(session, settings), progress)
    with (
        Warehouse(
            settings.database, threads=1, memory_limit=_PLAY_BUFFERS, must_exist=True
        ) as warehouse,
        console.stage("play") as progress,
    ):
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
        tables = exports.choose({name: FEEDS[name].tables_in(warehouse) for name in names}, request)
        return [
            file
            for name, of_feed in tables.items()
            for file in _export_feed(warehouse, settings, console, FEEDS[name], of_feed, request)
        ]


def open_world(
    settings: Settings,
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
    must_exist: bool = False,
) -> Warehouse:
    """Open the world where its engine keeps it: in a database file, or in a lake."""
    place, folder_or_file = (
        (Lake, settings.lake) if settings.engine == "spark" else (Warehouse, settings.database)
    )
    return place(folder_or_file, threads=threads, memory_limit=memory_limit, must_exist=must_exist)


def _require_database_file(settings: Settings, command: str) -> None:
    if settings.engine == "spark":
        raise PlaybackError(
            f"`playback {command}` reads a database file, not a lake: the marts of a lake are "
            f"Parquet already, in {settings.lake / 'warehouse' / 'main.db'}"
        )


def _open_to_read(settings: Settings) -> Warehouse:
    """Open a warehouse whose rows pass through once: buffers would keep nothing of use."""
    buffers = _EXPORT_BUFFERS_MB + _EXPORT_BUFFERS_MB_A_THREAD * settings.threads
    return open_world(
        settings,
        threads=settings.threads,
        memory_limit=f"{buffers}MB",
        must_exist=True,
    )


def _export_feed(
    warehouse: Warehouse,
    settings: Settings,
    console: "Console",
    feed: Feed,
    tables: list[Table],
    request: Request,
) -> list[Path]:
    folder = settings.exports / feed.folder
    built = _hash(warehouse.stage_fingerprint("build:listening"), __version__, request)
    standing = exports.standing(folder)
    stage = f"export {feed.name}"
    if warehouse.stage_fingerprint(stage) == _export_fingerprint(built, standing):
        console.unchanged(stage)
        return standing
    with console.stage(stage) as progress:
        files = exports.export(
            warehouse, feed, tables, folder, request, preset_names(settings.preset), progress
        )
    warehouse.record_stage(stage, _export_fingerprint(built, files))
    return files


def make_graph(settings: Settings, console: "Console", most_bytes: int | None = None) -> Path:
    """Write `graph.pt`, unless the file that stands is of the same build.

    Raises:
        PlaybackError: nothing is built yet, or the graph takes more than `most_bytes` of memory
            (what is available unless told).
    """
    path = settings.exports / "graph.pt"
    with _open_to_read(settings) as warehouse:
        built = _hash(warehouse.stage_fingerprint("build:listening"), __version__)
        standing = [path] if path.is_file() else []
        if standing and warehouse.stage_fingerprint("graph") == _export_fingerprint(
            built, standing
        ):
            console.unchanged("graph")
            return path
        with console.stage("graph") as progress:
            graph.export(warehouse, path, progress, most_bytes)
        warehouse.record_stage("graph", _export_fingerprint(built, [path]))
        return path


def make_report(settings: Settings, console: "Console") -> Path:
    """Write `report.html`, one page that needs nothing else.

    Raises:
        PlaybackError: marts are missing or without plays, or the file cannot be written.
    """
    from playback import reporting

    _require_database_file(settings, "report")
    path = settings.exports / "report.html"
    with (
        Warehouse(settings.database, must_exist=True, threads=settings.threads) as warehouse,
        console.stage("report"),
    ):
        page = reporting.render(reporting.read_figures(warehouse))
        with staged(path.parent) as staging:
            (staging / path.name).write_text(page, encoding="utf-8", newline="\n")
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
    with open_world(settings, must_exist=True) as warehouse:
        if not warehouse.has_relation(_REALISM_MART):
            raise PlaybackError(
                f"{warehouse.database} has no {_REALISM_MART}: make it with `playback run`, or "
                "`playback build` if the plays are there"
            )
    if listeners is not None:
        with console.stage("realism") as progress:
            _dbt(settings)(
                progress,
                select=_REALISM_MODELS,
                variables={"realism_listeners": listeners},
                with_tests=False,
            )
    with open_world(settings, must_exist=True) as warehouse:
        if listeners is not None:
            # Its files are of the listeners measured before.
            warehouse.record_stage("export parquet", f"realism of {listeners} listeners")
        comparison = realism.read_comparison(warehouse)
    for table in realism.tables(comparison):
        console.table(*table)
    outside = realism.count(comparison, "outside", "no value")
    judged = outside + realism.count(comparison, "inside")
    if check and outside:
        raise StageFailed(f"{outside} of {judged} statistics lie outside their reference")


def show_wrapped(settings: Settings, console: "Console", user: str, year: int | None) -> None:
    """Print the year of a listener.

    Raises:
        PlaybackError: there is no such listener or year, or too little in it.
    """
    _require_database_file(settings, "wrapped")
    with Warehouse(settings.database, must_exist=True) as warehouse:
        page = wrapped.render(wrapped.read_year(warehouse, user, year))
    console.page(page)


def evaluate(
    settings: Settings, console: "Console", *, check: bool = False, output: Path | None = None
) -> None:
    """Print how well recommenders do that learn from `graph.pt`, beside those that do not.

    Raises:
        PlaybackError: there is no graph, or too little in it to test on.
        StageFailed: `check` is asked for and a gate fails.
    """
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
    ((seed, starts_on, source),) = warehouse.rows(
        "select seed, starts_on, catalogue_source from raw.world"
    )
    differences = [
        f"{option} {there} there, {asked} asked for"
        for option, there, asked in (
            ("--seed", seed, settings.seed),
            ("--start", starts_on, settings.start),
            ("catalogue", source, settings.catalogue_source),
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


def _build_fingerprint(warehouse: Warehouse) -> dict[str, str]:
    """What the models of each selector are built from."""
    landed = _hash(warehouse.stage_fingerprint("land"), transform.project_fingerprint())
    (played,) = warehouse.rows(
        "select count(*), sum(play_count), max(window_end) from raw.simulation_batches"
    )
    return {
        "catalogue": landed,
        "listening": _hash(landed, *played, warehouse.count("raw.users")),
    }


def _export_fingerprint(built: str, files: list[Path]) -> str:
    return _hash(built, *(f"{path.resolve()} {path.stat().st_size}" for path in files))


def _hash(*parts: object) -> str:
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def _summarise(
    settings: Settings, console: "Console", files: list[Path], played: PlaySummary
) -> None:
    with open_world(settings, must_exist=True) as warehouse:
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
            ("listeners", f"{played.listeners:,}"),
            ("tracks", f"{tracks:,}"),
            ("plays", f"{plays:,}"),
            ("plays a second", speed),
            ("skip rate", f"{rates['skip_rate']:.1%} (plays under 30 s)"),
            ("completion rate", f"{rates['completion_rate']:.1%} (at least 80 % of the track)"),
            ("quality", f"{verdict}: {passed} pass"),
            (warehouse.option.removeprefix("--"), str(warehouse.database)),
            ("files", f"{len(files)} in {settings.exports} ({megabytes:,.0f} MB)"),
        ],
    )
    failed = [f"  {name}: {count:,} failing" for name, count, is_passed in checks if not is_passed]
    if failed:
        raise StageFailed("the data is not sound\n" + "\n".join(failed))
