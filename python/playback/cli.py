"""The command line: one command a stage, `run` for all of them."""

import errno
import inspect
import math
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Annotated

import typer

from playback import __version__, memory
from playback.console import Console, end_output, is_closed_pipe, printable
from playback.errors import PlaybackError, StageFailed, fault_of_machine
from playback.paths import require_database_path, require_file_path, require_folder_path
from playback.settings import FIRST_DAY, LAST_DAY, Settings, make_settings

app = typer.Typer(
    help="Generate the listening life of a music-streaming service as a DuckDB warehouse.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_console = Console()


def _pipeline() -> ModuleType:
    """Import the stages only when one runs: `--help` answers at once."""
    from playback import pipeline

    return pipeline


class Engine(StrEnum):
    """What plays and transforms, and with it where the world lies."""

    duckdb = "duckdb"
    spark = "spark"


class Selector(StrEnum):
    """The two halves of the dbt project."""

    catalogue = "catalogue"
    listening = "listening"


class Kind(StrEnum):
    """What there is to export."""

    parquet = "parquet"
    csv = "csv"
    avro = "avro"
    all = "all"

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of the feeds meant."""
        each = tuple(kind.value for kind in Kind if kind is not Kind.all)
        return each if self is Kind.all else (self.value,)


def _parse_date(text: str | date) -> date:
    if isinstance(text, date):
        return text
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:
            raise ValueError
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2024-12-31") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise typer.BadParameter(f"{day} does not lie between {FIRST_DAY} and {LAST_DAY}")
    return day


def _finite(gigabytes: float | None) -> float | None:
    if gigabytes is not None and not math.isfinite(gigabytes):
        raise typer.BadParameter(f"{gigabytes} is not a number of gigabytes")
    return gigabytes


_file_option = partial(typer.Option, rich_help_panel="Files")
_spark_option = partial(typer.Option, rich_help_panel="Spark")
_date_option = partial(typer.Option, parser=_parse_date, metavar="YYYY-MM-DD")

_OF_DBT = ("threads", "database", "engine", "lake", "master", "spark_memory")
"""The shared options of a command that builds models of a world that stands."""


def _settings(
    preset: Annotated[
        str, typer.Option(help="lifelike, classic, or the path of a YAML file of your own.")
    ] = "lifelike",
    seed: Annotated[
        int, typer.Option(help="Same seed and options: same world, byte for byte.")
    ] = 42,
    users: Annotated[
        int, typer.Option(help="Listeners. A larger number later adds the new ones.")
    ] = 1000,
    songs: Annotated[int, typer.Option(help="Tracks of the synthetic catalogue.")] = 5000,
    artists: Annotated[int, typer.Option(help="Artists of the synthetic catalogue.")] = 500,
    start: Annotated[
        date, _date_option(help="First day, and the reference date of newness.")
    ] = date(2024, 1, 1),
    until: Annotated[
        date | None,
        _date_option(
            help="Last day, included. A later one continues the feed.",
            show_default="today, or rather the last day that is over in UTC",
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Processor threads.", show_default="all")
    ] = None,
    database: Annotated[
        Path, _file_option(envvar="PLAYBACK_DATABASE", help="DuckDB file of the world.")
    ] = Path("playback.duckdb"),
    exports: Annotated[Path, _file_option(help="Folder for the files to ship.")] = Path("exports"),
    catalogue: Annotated[
        Path | None,
        _file_option(
            metavar="DIR",
            help="Folder of the Kaggle files artists.csv, tracks.csv and tracks_extended.csv "
            "or spotify_data.csv (.gz too).",
            show_default="a synthetic catalogue",
        ),
    ] = None,
    engine: Annotated[
        Engine | None,
        _spark_option(
            help="duckdb keeps the world in --database, spark in --lake.",
            show_default="spark where a lake is named, else duckdb",
        ),
    ] = None,
    lake: Annotated[
        Path | None,
        _spark_option(
            envvar="PLAYBACK_LAKE",
            metavar="DIR",
            help="Folder of the world as Parquet, which all workers of Spark see.",
            show_default="lake",
        ),
    ] = None,
    master: Annotated[
        str, _spark_option(envvar="PLAYBACK_SPARK_MASTER", help="Where Spark runs.")
    ] = "local[*]",
    spark_memory: Annotated[
        str,
        _spark_option(
            envvar="PLAYBACK_SPARK_MEMORY",
            help="Java memory of the driver and of each worker's executor, as 2g or 900m.",
        ),
    ] = "2g",
) -> Settings:
    """Turn the options that all commands share into the settings of one run."""
    memory.asked_bytes()  # refuses before anything is made
    if engine is not Engine.spark and not (lake and engine is None):
        require_database_path(database)
    require_folder_path("--exports", exports)
    for option, folder in (("--catalogue", catalogue), ("--lake", lake)):
        if folder:
            require_folder_path(option, folder)
    return make_settings(
        preset,
        seed=seed,
        users=users,
        songs=songs,
        artists=artists,
        start=start,
        # The day that is still going on would put plays in the future.
        until=until or datetime.now(UTC).date() - timedelta(days=1),
        engine=(engine or (Engine.spark if lake else Engine.duckdb)).value,
        database=database,
        lake=lake or Path("lake"),
        master=master,
        spark_memory=spark_memory,
        exports=exports,
        catalogue=catalogue,
        **({} if threads is None else {"threads": threads}),
    )


def _with_settings(
    command: Callable[..., None], only: tuple[str, ...] | None = None
) -> Callable[..., None]:
    """Give a command the shared options beside its own, and hand it their `Settings`.

    An option of its own takes the place of a shared one of that name, which keeps its default, as
    do those that are not among `only`.
    """
    own = {
        name: parameter
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "settings"
    }
    shared = {
        name: parameter
        for name, parameter in inspect.signature(_settings).parameters.items()
        if name not in own and (only is None or name in only)
    }

    def with_options(**options: object) -> None:
        settings = _settings(**{name: options.pop(name) for name in shared})
        command(settings, **options)

    with_options.__doc__ = command.__doc__
    with_options.__name__ = command.__name__
    with_options.__signature__ = inspect.Signature([*own.values(), *shared.values()])
    with_options.__annotations__ = {
        parameter.name: parameter.annotation for parameter in [*own.values(), *shared.values()]
    }
    return with_options


@app.command()
@_with_settings
def run(settings: Settings) -> None:
    """Do the whole job: land, build, listeners, play, build, export, graph."""
    _pipeline().run(settings, _console)


@app.command()
@_with_settings
def land(settings: Settings) -> None:
    """Land the catalogue, synthetic or from files, in the raw tables."""
    _pipeline().land(settings, _console)


@app.command()
@_with_settings
def listeners(settings: Settings) -> None:
    """Make the listeners: profiles, personalities, tastes."""
    _pipeline().make_listeners(settings, _console)


@app.command()
@_with_settings
def play(settings: Settings) -> None:
    """Play every listener's days that have not been played yet."""
    _pipeline().play(settings, _console)


@app.command()
@_with_settings
def build(
    settings: Settings,
    selector: Annotated[
        Selector | None,
        typer.Option(help="Build one half of the project.", show_default="both"),
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build incremental models anew.")
    ] = False,
) -> None:
    """Build the dbt models and run their data tests."""
    _pipeline().build(settings, _console, selector and selector.value, full_refresh=full_refresh)


@app.command()
@_with_settings
def export(
    settings: Settings,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[parquet|csv|avro|all]...",
            help="Every mart as Parquet, the listening feed, the Wrapped feed, or all.",
            show_default="parquet",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="Only these tables.", show_default="all"),
    ] = None,
    since: Annotated[
        date | None,
        _date_option(help="First day of the plays to ship.", show_default="the first of the feed"),
    ] = None,
    until: Annotated[
        date | None,
        _date_option(
            help="Last day of the plays to ship, included.", show_default="the last of the feed"
        ),
    ] = None,
    part_rows: Annotated[
        int | None,
        typer.Option(
            min=1, help="Cut longer tables into parts of so many rows.", show_default="one file"
        ),
    ] = None,
    safe_csv: Annotated[
        bool,
        typer.Option(
            "--safe-csv",
            help="In CSV, put a ' before a text that a spreadsheet would run as a formula.",
        ),
    ] = False,
) -> None:
    """Write files for other tools: Parquet, CSV or Avro, into the exports folder."""
    kinds = [Kind(word) for word in words or () if word in Kind.__members__]
    more = [word for word in words or () if word not in Kind.__members__]
    if more and not only:
        raise PlaybackError(
            f"{more[0]}: there is {', '.join(Kind)} to export; "
            f"name tables with --only {' '.join(more)}"
        )
    kinds = kinds or [Kind.parquet]
    feeds = tuple(dict.fromkeys(feed for kind in kinds for feed in kind.feeds))
    if safe_csv and Kind.csv.value not in feeds:
        raise PlaybackError(
            f"--safe-csv is for CSV files, and `export {' '.join(kinds)}` writes none"
        )
    from playback.products.tables import Request

    request = Request((*(only or ()), *more), since, until, part_rows, safe_csv)
    _pipeline().export(settings, _console, feeds, request)


@app.command()
@_with_settings
def graph(
    settings: Settings,
    memory_limit: Annotated[
        float | None,
        typer.Option(
            metavar="GB",
            min=0.001,
            callback=_finite,
            help="Refuse a graph that takes more memory, before any is taken.",
            show_default="what is available",
        ),
    ] = None,
) -> None:
    """Write graph.pt, a PyTorch Geometric HeteroData, into the exports folder."""
    _pipeline().make_graph(settings, _console, memory_limit and int(memory_limit * 1e9))


@app.command()
@_with_settings
def report(settings: Settings) -> None:
    """Write report.html into the exports folder: the whole world on one page."""
    _pipeline().make_report(settings, _console)


@app.command()
@partial(_with_settings, only=_OF_DBT)
def realism(
    settings: Settings,
    listeners: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Measure so many listeners anew.",
            show_default="show what the last build measured",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with code 1 if a statistic lies outside.")
    ] = False,
) -> None:
    """Hold the simulated plays against the statistics of real listening histories."""
    _pipeline().measure_realism(settings, _console, listeners, check=check)


@app.command()
@_with_settings
def wrapped(
    settings: Settings,
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="User id (U0001) or username.", show_default=False),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            help="Calendar year, by the listener's own clock.",
            show_default="the last one that is whole, else the one with most listens",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        _file_option(metavar="FILE", help="Write a page to share.", show_default="none"),
    ] = None,
    png: Annotated[
        Path | None,
        _file_option(metavar="DIR", help="Draw cards to share, 1080 x 1350.", show_default="none"),
    ] = None,
    story: Annotated[
        bool, _file_option("--story", help="With --png: cards of 1080 x 1920 as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    name: Annotated[
        str | None,
        typer.Option(help="Name on page and cards.", show_default="none: they name nobody"),
    ] = None,
    everybody: Annotated[
        bool,
        typer.Option("--all", help="A page per listener, and an index, into the DIR of --html."),
    ] = False,
) -> None:
    """Show a listener's year: minutes, tops, streaks, clock, personality. Or write it to share."""
    if everybody == bool(user):
        raise PlaybackError("wrapped: name one listener, as in `playback wrapped U0001`, or --all")
    from playback.wrapped import Request

    request = Request(user, year, html, png, story, as_json, name)
    _pipeline().make_wrapped(settings, _console, request)


@app.command()
@_with_settings
def evaluate(
    settings: Settings,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with code 1 if the graph fails a gate.")
    ] = False,
    output: Annotated[
        Path | None, _file_option(help="Write the figures as JSON too.", show_default="none")
    ] = None,
) -> None:
    """Let recommenders learn from graph.pt, and hold them against those that learn nothing."""
    if output:
        require_file_path("--output", output)
    _pipeline().evaluate(settings, _console, check=check, output=output)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Generate the listening life of a music-streaming service as a DuckDB warehouse."""


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2, never a traceback."""
    interrupts = _remembered_interrupts()
    try:
        exit_code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except PlaybackError as error:
        exit_code, message = 2, printable(str(error))
    except typer.TyperException as error:
        message = f"{printable(error.format_message())} (see `playback --help`)"
        exit_code = 2
    except StageFailed as error:
        exit_code, message = 1, str(error)
    except BaseException as error:
        exit_code, message = 1, fault_of_machine(error) or ""
        if is_closed_pipe(error):
            exit_code, message = 0, ""
        elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
            message = f"the output cannot be written: {error.strerror}"
        elif not message and not interrupts:
            raise
    else:
        message = ""
    if fault := end_output():
        exit_code, message = 1, message or fault
    if interrupts:
        exit_code = 128 + interrupts[0]
        message = "stopped; what was committed stands, the same command goes on from there"
    if message:
        _console.error(message)
    sys.exit(exit_code)


def _remembered_interrupts() -> list[int]:
    """The signals of Ctrl-C to come: DuckDB and Typer pass one on as an error of their own."""
    interrupts: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, remember)
    return interrupts
