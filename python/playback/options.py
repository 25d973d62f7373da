"""The options of the command line, each said once, and what is made of them."""

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from playback.option_groups import Made, is_named, refuse_named
from playback.paths import require_database_path, require_folder_path
from playback.settings import (
    FIRST_DAY,
    LAST_DAY,
    CatalogueSettings,
    Preset,
    RunSettings,
    load_preset,
    validated,
)

if TYPE_CHECKING:
    from playback.places import Place


class Engine(StrEnum):
    """What plays and transforms, and with it where the world lies."""

    duckdb = "duckdb"
    spark = "spark"


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


def _java_memory(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[mg]", text):
        raise typer.BadParameter(f"{text!r} is not a size like 2g or 900m")
    return text


file_option = partial(typer.Option, rich_help_panel="Files")
spark_option = partial(typer.Option, rich_help_panel="Spark")
date_option = partial(typer.Option, parser=_parse_date, metavar="YYYY-MM-DD")

Seed = Annotated[int, typer.Option(help="Same seed and options: same world, byte for byte.")]
Users = Annotated[int, typer.Option(help="Listeners. A larger number later adds the new ones.")]
Songs = Annotated[int, typer.Option(help="Tracks of the synthetic catalogue.")]
Artists = Annotated[int, typer.Option(help="Artists of the synthetic catalogue.")]
Start = Annotated[date, date_option(help="First day, and the reference date of newness.")]
Catalogue = Annotated[
    Path | None,
    file_option(
        metavar="DIR",
        help="Folder of the Kaggle files artists.csv, tracks.csv and tracks_extended.csv "
        "or spotify_data.csv (.gz too).",
        show_default="a synthetic catalogue",
    ),
]
PresetName = Annotated[
    str, typer.Option("--preset", help="lifelike, classic, or the path of a YAML file of your own.")
]
Until = Annotated[
    date | None,
    date_option(
        help="Last day, included. A later one continues the world.",
        show_default="the last day that is over, in UTC",
    ),
]
Threads = Annotated[
    int | None, typer.Option(min=1, max=1024, help="Processor threads.", show_default="all")
]
Database = Annotated[
    Path, file_option(envvar="PLAYBACK_DATABASE", help="DuckDB file of the world.")
]
Lake = Annotated[
    Path | None,
    spark_option(
        envvar="PLAYBACK_LAKE",
        metavar="DIR",
        help="Folder of the world as Parquet, which all workers of Spark see.",
        show_default="lake",
    ),
]
EngineName = Annotated[
    Engine | None,
    spark_option(
        help="duckdb keeps the world in --database, spark in --lake.",
        show_default="spark where a lake is named, else duckdb",
    ),
]
Master = Annotated[str, spark_option(envvar="PLAYBACK_SPARK_MASTER", help="Where Spark runs.")]
SparkMemory = Annotated[
    str,
    spark_option(
        envvar="PLAYBACK_SPARK_MEMORY",
        callback=_java_memory,
        help="Java memory of the driver and of each worker's executor, as 2g or 900m.",
    ),
]


def _exports(
    exports: Annotated[Path, file_option(help="Folder for the files to ship.")] = Path("exports"),
) -> Path:
    require_folder_path("--exports", exports)
    return exports


def _preset(preset: PresetName = "lifelike") -> Preset:
    return load_preset(preset)


def _until(until: Until = None) -> date:
    # The day that is still going on would put plays in the future.
    return until or datetime.now(UTC).date() - timedelta(days=1)


def _catalogue_settings(
    context: typer.Context,
    seed: Seed = 42,
    songs: Songs = 100_000,
    artists: Artists = 10_000,
    start: Start = date(2024, 1, 1),
    catalogue: Catalogue = None,
) -> CatalogueSettings:
    if catalogue:
        require_folder_path("--catalogue", catalogue)
        refuse_named(
            context, f"the catalogue is that of --catalogue {catalogue}", "songs", "artists"
        )
    return validated(
        CatalogueSettings,
        seed=seed,
        songs=songs,
        artists=artists,
        start=start,
        catalogue=catalogue,
    )


def _run_settings(
    preset: Annotated[Preset, Made(_preset)],
    catalogue: Annotated[CatalogueSettings, Made(_catalogue_settings)],
    until: Annotated[date, Made(_until)],
    users: Users = 1000,
) -> RunSettings:
    return validated(RunSettings, **dict(catalogue), preset=preset, users=users, until=until)


def _place(
    context: typer.Context,
    threads: Threads = None,
    database: Database = Path("playback.duckdb"),
    engine: EngineName = None,
    lake: Lake = None,
) -> "Place":
    """Make the place of a world for what starts no Spark."""
    return _engine_place(context, threads, database, engine, lake)


def _engine_place(
    context: typer.Context,
    threads: Threads = None,
    database: Database = Path("playback.duckdb"),
    engine: EngineName = None,
    lake: Lake = None,
    master: Master = "local[*]",
    spark_memory: SparkMemory = "2g",
) -> "Place":
    """Make the place of a world for what may start Spark.

    What the command line says goes before what a variable does.
    """
    from playback.places import DatabaseFile, LakeFolder

    of_threads = {"threads": threads} if threads else {}
    if engine is None:
        is_lake_meant = is_named(context, "lake") or (lake and not is_named(context, "database"))
        engine = Engine.spark if is_lake_meant else Engine.duckdb
    if engine is Engine.spark:
        lake = lake or Path("lake")
        require_folder_path("--lake", lake)
        refuse_named(context, f"the world lies in --lake {lake}", "database")
        return LakeFolder(lake, master=master, spark_memory=spark_memory, **of_threads)
    require_database_path(database)
    lies = f"the world lies in --database {database}"
    refuse_named(context, lies, "lake", "master", "spark_memory")
    return DatabaseFile(database, **of_threads)


def _file_place(
    context: typer.Context,
    threads: Threads = None,
    database: Database = Path("playback.duckdb"),
    engine: Annotated[Engine | None, typer.Option(hidden=True)] = None,
    lake: Annotated[Path | None, typer.Option(hidden=True, envvar="PLAYBACK_LAKE")] = None,
) -> "Place":
    """Make the place of a world for what refuses a lake: it says why, rather than "no option"."""
    return _engine_place(context, threads, database, engine, lake)


AnyPlace = Annotated["Place", Made(_place)]
"""Where the world lies, for a command that starts no Spark."""

FilePlace = Annotated["Place", Made(_file_place)]
"""Where the world lies, for a command that reads database files alone."""

EnginePlace = Annotated["Place", Made(_engine_place)]
"""Where the world lies, for a command that plays or builds models: Spark does, in a lake."""

Exports = Annotated[Path, Made(_exports)]
ChosenPreset = Annotated[Preset, Made(_preset)]
LastDay = Annotated[date, Made(_until)]
AskedCatalogue = Annotated[CatalogueSettings, Made(_catalogue_settings)]
AskedRun = Annotated[RunSettings, Made(_run_settings)]
