"""The listeners: who they are, how they behave, what they like.

Everything about listener k is a pure function of the seed, k, the first day, the preset and the
genres of the catalogue: listeners added later are those that would have been there from the start.
"""

import numpy as np
import pyarrow as pa

from playback.errors import PlaybackError
from playback.listeners.profiles import draw_profiles
from playback.listeners.tastes import Genres, draw_preferences
from playback.listeners.traits import draw_traits
from playback.progress import Progress
from playback.settings import ListenerSettings
from playback.warehouse import Warehouse

CHUNK = 50_000
"""Listeners drawn at a time."""


def land(warehouse: Warehouse, settings: ListenerSettings, progress: Progress) -> None:
    """Add the listeners that `settings.users` asks for and that do not exist yet.

    Raises:
        PlaybackError: there is no catalogue, more listeners exist than are asked for, or those
            that exist were drawn with other settings.
    """
    genres = _read_genres(warehouse)
    standing = warehouse.count("raw.users")
    refuse_fewer(warehouse, settings, standing)
    if standing:
        _check_same_world(warehouse, settings, genres, standing)
    progress.begin(settings.users - standing, "listeners")
    with warehouse.transaction():
        for first in range(standing, settings.users, CHUNK):
            user_keys = np.arange(first, min(first + CHUNK, settings.users), dtype=np.int32)
            for table, rows in draw(settings, genres, user_keys).items():
                warehouse.append(table, rows)
            progress.advance(len(user_keys))


def refuse_fewer(warehouse: Warehouse, settings: ListenerSettings, standing: int) -> None:
    """Refuse fewer listeners than the `standing` ones, who may have plays.

    Raises:
        PlaybackError: fewer are asked for.
    """
    if settings.users < standing:
        raise PlaybackError(
            f"--users {settings.users}: {warehouse.database} already holds {standing} listeners, "
            f"and listeners are never removed; use --users {standing} or more, "
            f"or name another {warehouse.option}"
        )


def draw(settings: ListenerSettings, genres: Genres, user_keys: np.ndarray) -> dict[str, pa.Table]:
    """Draw the rows of the three raw tables of these listeners."""
    knobs = settings.preset.listeners
    traits, user_types = draw_traits(knobs, settings.seed, user_keys)
    activity_levels = traits.pop("activity_level")
    profiles = draw_profiles(knobs, settings.seed, settings.start, user_keys)
    preferences = draw_preferences(knobs, settings.seed, genres, user_keys, user_types)
    return {
        "users": pa.table(profiles | {"user_type": user_types, "activity_level": activity_levels}),
        "user_traits": pa.table({"user_key": user_keys} | traits),
        "user_genre_preferences": pa.table(preferences),
    }


def _read_genres(warehouse: Warehouse) -> Genres:
    if not warehouse.has_relation("dim_genres"):
        raise PlaybackError(
            f"{warehouse.database} has no catalogue for listeners to like: "
            "build it first with `playback build --selector catalogue`"
        )
    rows = warehouse.connection.execute(
        "select genre_id, popularity from main.dim_genres order by genre_id"
    ).fetchall()
    if not rows:
        raise PlaybackError(
            f"main.dim_genres of {warehouse.database} is empty: no artist of the catalogue has a "
            "known genre; land a catalogue with genres"
        )
    genre_ids, popularity = zip(*rows, strict=True)
    return Genres(genre_ids, np.array(popularity, dtype=float))


def _check_same_world(
    warehouse: Warehouse, settings: ListenerSettings, genres: Genres, standing: int
) -> None:
    """Draw the last listener that stands again: every row must come out as it is stored."""
    last = standing - 1
    for table, rows in draw(settings, genres, np.array([last], dtype=np.int32)).items():
        warehouse.connection.register("redrawn_rows", rows)
        try:
            names = ", ".join(f'"{name}"' for name in rows.column_names)
            differing = warehouse.connection.execute(
                f"select {names} from raw.{table} where user_key = ? "  # noqa: S608
                f"except select {names} from redrawn_rows",
                [last],
            ).fetchall()
        finally:
            warehouse.connection.unregister("redrawn_rows")
        if differing:
            raise PlaybackError(
                f"the {standing} listeners of {warehouse.database} were drawn with another seed, "
                "preset, start or catalogue than asked for now: use those again, "
                f"or name another {warehouse.option}"
            )
