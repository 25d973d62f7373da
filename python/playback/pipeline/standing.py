"""What each stage was made from and has left, and whether that still stands.

`raw.stage_runs` keeps a fingerprint for each finished stage, and under `rows:<stage>` how many rows
it has left in which relation.
"""

import json
from collections.abc import Iterable
from hashlib import sha256

from playback import __version__, transform
from playback.errors import PlaybackError
from playback.player import ledger
from playback.settings import WorldSettings
from playback.warehouse import Warehouse

HALVES = ("catalogue", "listening")
"""The selectors of the dbt project, in the order to build them."""


def record(warehouse: Warehouse, stage: str, made_from: str, relations: Iterable[str]) -> None:
    """Note what a finished stage was made from, and how many rows it has left where."""
    warehouse.record_stage(stage, made_from)
    warehouse.record_stage(f"rows:{stage}", "{}")
    record_rows(warehouse, stage, relations)


def record_rows(warehouse: Warehouse, stage: str, relations: Iterable[str]) -> None:
    """Note how many rows there are in relations that a stage makes, beside the others."""
    rows = recorded_rows(warehouse, stage) | warehouse.standing_rows(sorted(relations))
    warehouse.record_stage(f"rows:{stage}", json.dumps(rows))


def recorded_rows(warehouse: Warehouse, stage: str) -> dict[str, int | None]:
    """How many rows a stage has left in each relation; None for a view."""
    return json.loads(warehouse.stage_fingerprint(f"rows:{stage}") or "{}")


def stands(warehouse: Warehouse, stage: str) -> bool:
    """Whether all that a stage has made is known, and is there with as many rows."""
    return bool(recorded_rows(warehouse, stage)) and not _changed(warehouse, stage)


def is_current(warehouse: Warehouse, stage: str, made_from: str) -> bool:
    """Whether a stage was made from the same, and stands."""
    return warehouse.stage_fingerprint(stage) == made_from and stands(warehouse, stage)


def require_landed(warehouse: Warehouse) -> None:
    """Refuse to go on without a catalogue, or from plays that somebody has changed.

    Raises:
        PlaybackError: so it is.
    """
    if not warehouse.count("raw.world"):
        raise PlaybackError(
            f"{warehouse.database} has no catalogue yet: run `playback land` or `playback run`"
        )
    ledger.require_plays(warehouse)


def require_catalogue(warehouse: Warehouse) -> None:
    """Refuse to read marts of the catalogue that somebody has changed since they were built.

    Raises:
        PlaybackError: so it is.
    """
    if changed := _changed(warehouse, "build:catalogue"):
        raise PlaybackError(
            f"{warehouse.database}: {changed}; run `playback build --selector catalogue` first"
        )


def world_settings(warehouse: Warehouse) -> WorldSettings:
    """What the world was landed with.

    Raises:
        PlaybackError: nothing has landed.
    """
    require_landed(warehouse)
    ((seed, start),) = warehouse.rows("select seed, starts_on from raw.world")
    return WorldSettings(seed=seed, start=start)


def fingerprint(*parts: object) -> str:
    """Hash of what something is made from."""
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def models_made_from(warehouse: Warehouse, half: str) -> str:
    """Fingerprint of what the models of a selector are built from."""
    landed = fingerprint(warehouse.stage_fingerprint("land"), transform.project_fingerprint())
    if half == "catalogue":
        return landed
    (played,) = warehouse.rows(
        "select sum((window_end - window_start + 1) * (last_user_key - first_user_key + 1)), "
        "sum(play_count), max(window_end) from raw.simulation_batches"
    )
    return fingerprint(landed, *played, warehouse.count("raw.users"))


def record_realism(warehouse: Warehouse) -> None:
    """Note what realism has been measured on."""
    warehouse.record_stage("realism", _realism_made_from(warehouse))


def realism_stands(warehouse: Warehouse) -> bool:
    """Whether realism was measured on the plays of its windows as they lie now."""
    measured = warehouse.stage_fingerprint("realism")
    return bool(measured) and measured == _realism_made_from(warehouse)


def _realism_made_from(warehouse: Warehouse) -> str:
    """Fingerprint of the plays that realism is measured on.

    Nothing where it has to be measured with every build: in a lake, whose views Spark alone can
    read, and where a history may come into days that are measured already.
    """
    is_view_there = warehouse.has_relation("int_realism_windows", "intermediate")
    if not is_view_there or warehouse.count("raw.imported_listeners"):
        return ""
    ((ends_on,),) = warehouse.rows(
        "select max(window_ends_on) from intermediate.int_realism_windows"
    )
    ((plays,),) = warehouse.rows(
        "select count(*) from raw.user_events where ended_at < cast(? as date) + 1", ends_on
    )
    return fingerprint(ends_on, plays, warehouse.count("raw.users"))


def products_made_from(warehouse: Warehouse) -> str:
    """Fingerprint of what there is to ship: what it was built from, by which version, its rows.

    Raises:
        PlaybackError: a relation that the last build filled is gone or empty.
    """
    ledger.require_plays(warehouse)
    parts: list[object] = [__version__]
    for half in HALVES:
        recorded = recorded_rows(warehouse, f"build:{half}")
        standing = warehouse.standing_rows(recorded)
        for relation, rows in recorded.items():
            if relation not in standing or (rows and not standing[relation]):
                raise PlaybackError(
                    f"{warehouse.database}: {_difference(relation, rows, standing)}; "
                    "run `playback build` first"
                )
        parts += [warehouse.stage_fingerprint(f"build:{half}"), standing]
    return fingerprint(*parts)


def _changed(warehouse: Warehouse, stage: str) -> str | None:
    """What is not as a stage has left it, or None: the first relation with its rows."""
    recorded = recorded_rows(warehouse, stage)
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
