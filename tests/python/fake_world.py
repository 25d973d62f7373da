"""A small catalogue as dbt would leave it, and ways to make and to read a world."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from conftest import Settings
from playback import listeners, player, timezones
from playback.player.batches import PlaySummary
from playback.player.catalogue import SOUND_FEATURES
from playback.progress import Silent
from playback.settings import load_preset
from playback.warehouse import Warehouse

START = date(2024, 1, 1)


def settings(database: Path, preset: str = "lifelike", **options: object) -> Settings:
    """Settings of a small world; `knobs` replaces player knobs of the preset by name."""
    chosen = load_preset(preset)
    knobs = options.pop("knobs", {})
    chosen = chosen.model_copy(update={"player": chosen.player.model_copy(update=knobs)})
    small = {
        "seed": 7,
        "users": 40,
        "songs": 600,
        "artists": 60,
        "start": START,
        "until": date(2024, 2, 10),
        "threads": 1,
    }
    return Settings(database=database, exports=database.parent, preset=chosen, **(small | options))


def build_catalogue(
    warehouse: Warehouse, songs: int = 600, artists: int = 60, start: date = START
) -> None:
    """Write the three catalogue marts that listeners and player read."""
    random = np.random.default_rng(3)
    genres = [f"G{rank + 1:03d}" for rank in range(12)]
    popularity = 0.15 + 0.8 * (np.arange(12) + 1.0) ** -1.1
    artist = np.concatenate([np.arange(artists), random.integers(0, artists, songs - artists)])
    age_days = random.integers(0, 20_000, songs)
    released = np.datetime64(start, "D") - age_days.astype("timedelta64[D]")
    released[1::40] = np.datetime64(start, "D") + 19
    album = 3 * artist + np.arange(songs) % 3
    tracks = {
        "track_key": np.arange(0, 2 * songs, 2, dtype=np.int32),
        "artist_key": (3 * artist).astype(np.int32),
        "album_key": album.astype(np.int32),
        "album_position": (1 + np.arange(songs)).astype(np.int32),
        "duration_ms": random.integers(20_000, 420_000, songs).astype(np.int32),
        "popularity": random.random(songs) ** 3,
        "newness_score": 1 - age_days / 20_000,
        "released_on": released,
        **{feature: random.random(songs) for feature in SOUND_FEATURES},
    }
    bridge = [
        (int(key), genres[(owner + step) % 12], step == 0)
        for key, owner in zip(tracks["track_key"], artist, strict=True)
        for step in range(1 + owner % 3)
    ]
    track_keys, genre_ids, is_primary = zip(*bridge, strict=True)
    relations = {
        "dim_tracks": tracks,
        "dim_genres": {"genre_id": genres, "popularity": popularity},
        "bridge_track_genres": {
            "track_key": np.array(track_keys, dtype=np.int32),
            "genre_id": genre_ids,
            "is_primary": is_primary,
        },
    }
    for relation, columns in relations.items():
        warehouse.connection.register("columns", pa.table(columns))
        warehouse.connection.execute(f"create or replace table main.{relation} as from columns")
        warehouse.connection.unregister("columns")


def land_world(warehouse: Warehouse, chosen: Settings) -> None:
    """Land what a world without a catalogue has: its one row, and its clocks."""
    if not warehouse.count("raw.world"):
        warehouse.connection.execute(
            "insert into raw.world values (?, ?, 'synthetic', 'x', ?, '0')",
            [chosen.seed, chosen.start, timezones.VERSION],
        )
        warehouse.append("timezone_periods", timezones.table())


def simulate(chosen: Settings, **batching: int) -> PlaySummary:
    """Land the listeners and play them, in a database that may hold some already."""
    with Warehouse(chosen.database) as warehouse:
        if not warehouse.has_relation("dim_tracks"):
            build_catalogue(warehouse, chosen.songs, chosen.artists)
        land_world(warehouse, chosen)
        listeners.land(warehouse, chosen, Silent())
        return player.play(warehouse, chosen, Silent(), **batching)


def read(database: Path, query: str) -> list[tuple]:
    """Rows of a query."""
    with Warehouse(database) as warehouse:
        return warehouse.connection.execute(query).fetchall()


def plays(database: Path) -> list[tuple]:
    """All plays, ordered by their id."""
    return read(database, "select * from raw.user_events order by event_id")


def likes(database: Path) -> list[tuple]:
    """All likes, by listener and moment."""
    return read(database, "select * from raw.user_likes order by user_key, liked_at")
