"""The stages that fill the warehouse: land, build, listeners, play."""

from contextlib import suppress
from datetime import date

from playback import __version__, catalogue, listeners, player, timezones, transform
from playback.console import Console
from playback.errors import NoDataYet, PlaybackError, StageFailed
from playback.pipeline import standing
from playback.places import Place
from playback.player import PlaySummary
from playback.progress import Silent
from playback.settings import (
    CatalogueSettings,
    ListenerSettings,
    PlaySettings,
    Preset,
    validated,
)
from playback.transform import Build
from playback.warehouse import Warehouse

LANDED = tuple(f"raw.{table}" for table in (*catalogue.RAW_TABLES, "timezone_periods", "world"))
_LISTENERS = ("users", "user_traits", "user_genre_preferences")
LISTENERS = tuple(f"raw.{table}" for table in _LISTENERS)

_PLAY_BUFFERS = 1_000_000_000
"""Memory of DuckDB while it takes in the plays: catalogue, listeners, and a batch in the making."""


def land(place: Place, settings: CatalogueSettings, console: Console) -> None:
    """Land the catalogue in the raw tables.

    Raises:
        PlaybackError: plays made from another catalogue stand in the world.
    """
    made_from = catalogue.fingerprint(settings)
    with suppress(NoDataYet), place.read() as warehouse:
        _refuse_histories(warehouse)
        if standing.is_current(warehouse, "land", made_from):
            console.unchanged("land")
            return
    with place.open() as warehouse:
        is_same = warehouse.stage_fingerprint("land") == made_from
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
                    made_from,
                    timezones.VERSION,
                    __version__,
                ],
            )
            standing.record(warehouse, "land", made_from, LANDED)
            if told := catalogue.rows_in_words(warehouse):
                progress.conclude(told)


def build(
    place: Place,
    console: Console,
    selector: str | None = None,
    *,
    full_refresh: bool = False,
    with_tests: bool = True,
) -> None:
    """Build the dbt models of a selector (`catalogue`, `listening`; both without one).

    With tests it always builds; without, only what changed, or no longer stands as it was built.
    Incremental models are built anew where the models themselves have changed, or where the rows
    that stand are others although nothing that they are made from has changed. Where new plays are
    all that has changed, views are left as they are, and so is realism if none is in its windows.

    Raises:
        PlaybackError: of the catalogue that landed, no track came through the joins, or what the
            listening half reads of it no longer stands as built.
        StageFailed: a model or a data test failed.
    """
    for half in [selector] if selector else standing.HALVES:
        _build_half(place, console, half, full_refresh=full_refresh, with_tests=with_tests)


def _build_half(
    place: Place, console: Console, half: str, *, full_refresh: bool, with_tests: bool
) -> None:
    stage = f"build:{half}"
    with place.read() as warehouse:
        standing.require_landed(warehouse)
        if half == "listening":
            standing.require_catalogue(warehouse)
        made_from = standing.models_made_from(warehouse, half)
        project = transform.project_fingerprint()
        models = warehouse.stage_fingerprint(f"models:{half}")
        is_same = warehouse.stage_fingerprint(stage) == made_from
        stands = standing.stands(warehouse, stage)
        if is_same and stands and not with_tests:
            console.unchanged(f"dbt {half}")
            return
        full_refresh |= models not in (None, project) or (is_same and not stands)
        keeps_views = (
            half == "listening"
            and stands
            and models == project
            and not (full_refresh or with_tests)  # without its view, a test of it would not run
        )
        keeps_realism = keeps_views and standing.realism_stands(warehouse)
    name = half
    if keeps_views:
        name = "listening_but_realism" if keeps_realism else "listening_tables"
    with console.stage(f"dbt {half}") as progress:
        what = Build(name, full_refresh=full_refresh, with_tests=with_tests)
        try:
            built = place.build(what, progress)
        except StageFailed:
            with place.read() as warehouse:
                catalogue.require_tracks(warehouse)
            raise
    with place.open(must_exist=True) as warehouse, warehouse.transaction():
        catalogue.require_tracks(warehouse)
        kept = standing.recorded_rows(warehouse, stage) if keeps_views else ()
        standing.record(warehouse, stage, made_from, [*built, *kept])
        warehouse.record_stage(f"models:{half}", project)
        if half == "listening":
            standing.record_realism(warehouse)


def make_listeners(place: Place, users: int, preset: Preset, console: Console) -> None:
    """Land the listeners that do not exist yet.

    Raises:
        PlaybackError: plays of listeners drawn by another preset stand in the world.
    """
    with place.read() as warehouse:
        world = standing.world_settings(warehouse)
        _refuse_histories(warehouse)
        standing.require_catalogue(warehouse)
        settings = validated(ListenerSettings, **dict(world), users=users, preset=preset)
        made_from = standing.fingerprint(
            warehouse.stage_fingerprint("land"), preset.listeners.model_dump_json()
        )
        is_whole = warehouse.count("raw.users") == users
        if is_whole and standing.is_current(warehouse, "listeners", made_from):
            console.unchanged("listeners")
            return
    with place.open(must_exist=True) as warehouse:
        drawn_from = warehouse.stage_fingerprint("listeners")
        are_there = warehouse.count("raw.users")
        stand = standing.stands(warehouse, "listeners")
        former = standing.recorded_rows(warehouse, "listeners").get("raw.users")
        with console.stage("listeners") as progress, warehouse.transaction():
            if drawn_from != made_from:
                if are_there:
                    _refuse_if_played(warehouse, "its listeners were drawn with another --preset")
                warehouse.clear(*_LISTENERS)
            elif former and not stand:  # somebody changed their rows: they come out as they were
                listeners.refuse_fewer(warehouse, settings, former)
                warehouse.clear(*_LISTENERS)
            listeners.land(warehouse, settings, progress)
            standing.record(warehouse, "listeners", made_from, LISTENERS)


def play(place: Place, preset: Preset, until: date, console: Console) -> PlaySummary:
    """Play the days that have not been played yet, for every listener.

    A database file is written on one thread: the others simulate meanwhile, and the rows of a batch
    that several threads write lie scattered in the file, for the next checkpoint to gather. What is
    written is not read again, so that there is no use in keeping it in memory.

    Raises:
        PlaybackError: there is nobody or nothing to play, or the plays that stand were made from
            something else.
    """
    buffers = {"threads": 1, "memory_limit": _PLAY_BUFFERS}
    with place.read(**buffers) as warehouse:
        world = standing.world_settings(warehouse)
        _refuse_histories(warehouse)
        standing.require_catalogue(warehouse)
        settings = validated(
            PlaySettings, **dict(world), preset=preset, until=until, threads=place.threads
        )
        if warehouse.count("raw.users") and player.is_over(warehouse, settings):
            played = place.play(warehouse, settings, Silent())  # looks whether the preset is theirs
            console.unchanged("play")
            return played
    with place.open(must_exist=True, **buffers) as warehouse, console.stage("play") as progress:
        standing.require_catalogue(warehouse)
        played = place.play(warehouse, settings, progress)
        warehouse.record_stage("preset", preset.name)
        return played


def _refuse_histories(warehouse: Warehouse) -> None:
    """Nobody is simulated any further in a world that somebody's own history has come into."""
    if warehouse.count("raw.imported_listeners"):
        raise PlaybackError(
            f"{warehouse.database} holds imported histories, and no simulated day can be added to "
            f"it: name another {warehouse.option} for a simulated world, and import into that"
        )


def _refuse_other_world(warehouse: Warehouse, settings: CatalogueSettings) -> None:
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
