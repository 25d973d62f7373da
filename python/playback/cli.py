"""The command line: one command per stage, `run` for all of them."""

import errno
import math
import signal
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import FrameType, ModuleType
from typing import Annotated

import typer

from playback import __version__
from playback.console import Console, end_output, is_closed_pipe, printable
from playback.errors import PlaybackError, StageFailed, fault_of_machine
from playback.option_groups import with_options
from playback.options import (
    AnyPlace,
    AskedCatalogue,
    AskedRun,
    ChosenPreset,
    EnginePlace,
    Exports,
    FilePlace,
    LastDay,
    Users,
    date_option,
    file_option,
)
from playback.paths import require_file_path, require_folder_path

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


_SPOTIFY = "spotify"
"""What there is to export of one listener."""


def _finite(gigabytes: float | None) -> float | None:
    if gigabytes is not None and not math.isfinite(gigabytes):
        raise typer.BadParameter(f"{gigabytes} is not a number of gigabytes")
    return gigabytes


@app.command()
@with_options
def run(settings: AskedRun, place: EnginePlace, exports: Exports) -> None:
    """Do the whole job: land, build, listeners, play, build, export, graph."""
    _pipeline().run(place, settings, exports, _console)


@app.command()
@with_options
def land(settings: AskedCatalogue, place: AnyPlace) -> None:
    """Land the catalogue, synthetic or from files, in the raw tables."""
    _pipeline().land(place, settings, _console)


@app.command()
@with_options
def listeners(preset: ChosenPreset, place: AnyPlace, users: Users = 1000) -> None:
    """Make the listeners: profiles, personalities, tastes."""
    _pipeline().make_listeners(place, users, preset, _console)


@app.command()
@with_options
def play(preset: ChosenPreset, until: LastDay, place: EnginePlace) -> None:
    """Play every listener's days that have not been played yet."""
    _pipeline().play(place, preset, until, _console)


@app.command()
@with_options
def build(
    place: EnginePlace,
    selector: Annotated[
        Selector | None,
        typer.Option(help="Build one half of the project.", show_default="both"),
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build incremental models anew.")
    ] = False,
) -> None:
    """Build the dbt models and run their data tests."""
    _pipeline().build(place, _console, selector and selector.value, full_refresh=full_refresh)


@app.command()
@with_options
def export(
    place: FilePlace,
    exports: Exports,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[parquet|csv|avro|all|spotify]...",
            help="parquet: every mart. csv: the listening feed. avro: the Wrapped feed. all: these "
            "three. spotify: the history of --user as Spotify gives it.",
            show_default="parquet",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="Only these tables.", show_default="all"),
    ] = None,
    since: Annotated[
        date | None,
        date_option(help="First day of the plays to ship.", show_default="the first played"),
    ] = None,
    until: Annotated[
        date | None,
        date_option(
            help="Last day of the plays to ship, included.", show_default="the last played"
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
    user: Annotated[
        str | None,
        typer.Option(
            metavar="USER",
            help="Whose history `export spotify` writes: a user id (U0001) or username.",
            show_default="none",
        ),
    ] = None,
) -> None:
    """Write files for other tools: Parquet, CSV or Avro, into the exports folder."""
    if words == [_SPOTIFY]:
        if user is None:
            raise PlaybackError("export spotify: say whose history with --user, as --user U0001")
        _pipeline().export_history(place, exports, user, _console)
        return
    if user is not None:
        raise PlaybackError("--user is for `export spotify` alone")
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
    from playback.products.tables import ExportRequest

    request = ExportRequest((*(only or ()), *more), since, until, part_rows, safe_csv)
    _pipeline().export(place, exports, _console, feeds, request)


@app.command()
@with_options
def graph(
    place: AnyPlace,
    exports: Exports,
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
    most_bytes = memory_limit and int(memory_limit * 1e9)
    _pipeline().make_graph(place, exports, _console, most_bytes)


@app.command()
@with_options
def report(place: AnyPlace, exports: Exports) -> None:
    """Write report.html into the exports folder: the whole world on one page."""
    _pipeline().make_report(place, exports, _console)


@app.command(name="import")
@with_options
def import_(
    place: EnginePlace,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Zips as downloaded, folders, or single files."),
    ],
    listener: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whose history it is.",
            show_default="one listener a service, named after it",
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="AREA/CITY",
            help="The listener's clock, as Europe/Berlin.",
            show_default="UTC, or what was said before",
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        file_option(
            metavar="DIR",
            help="Folder of Kaggle files that say more of the tracks: dates, genres, popularity.",
            show_default="what the history says",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEANING=COLUMN,...",
            help="Columns of a CSV or Parquet file of your own: track, artist, album, uri, "
            "listener, started, ended, listened_ms or listened_s, duration_ms or duration_s; "
            "zone=Area/City for times without one. Or a YAML file of these.",
            show_default="none",
        ),
    ] = None,
) -> None:
    """Make a world of your own listening history, or add to it; nothing leaves the machine."""
    from playback.histories import Request
    from playback.histories.columns import parse

    if catalogue:
        require_folder_path("--catalogue", catalogue)
    request = Request(paths, listener, timezone, catalogue, parse(columns or []))
    _pipeline().import_histories(place, request, _console)


@app.command()
@with_options
def realism(
    place: EnginePlace,
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
    """Compare the simulated plays with the statistics of real listening histories."""
    _pipeline().measure_realism(place, _console, listeners, check=check)


@app.command()
@with_options
def wrapped(
    place: AnyPlace,
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="User id (U0001) or username.", show_default=False),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            help="Calendar year, by the listener's own clock.",
            show_default="the last whole one with enough, else the one with most listens",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        file_option(metavar="FILE", help="Write a page to share.", show_default="none"),
    ] = None,
    png: Annotated[
        Path | None,
        file_option(metavar="DIR", help="Draw cards to share, 1080 x 1350.", show_default="none"),
    ] = None,
    story: Annotated[
        bool, file_option("--story", help="With --png: cards of 1080 x 1920 as well.")
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
    from playback.wrapped import WrappedRequest

    request = WrappedRequest(user, year, html, png, story, as_json, name)
    _pipeline().make_wrapped(place, _console, request)


@app.command()
@with_options
def evaluate(
    place: FilePlace,
    exports: Exports,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with code 1 if the graph fails a gate.")
    ] = False,
    output: Annotated[
        Path | None, file_option(help="Write the figures as JSON too.", show_default="none")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and graph: same figures.")] = 42,
) -> None:
    """Train recommenders on graph.pt and compare them with those that learn nothing."""
    if output:
        require_file_path("--output", output)
    _pipeline().evaluate(place, exports, seed, _console, check=check, output=output)


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
        command = error.ctx.command_path if getattr(error, "ctx", None) else "playback"
        message = f"{printable(error.format_message())} (see `{command} --help`)"
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
