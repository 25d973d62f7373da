"""What there is to play: the tracks, artists and genres of the catalogue, as arrays."""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from playback.errors import PlaybackError
from playback.warehouse import Warehouse

SOUND_FEATURES = ("danceability", "energy", "acousticness", "valence")
"""What is heard of how a track sounds."""

_TRACK_COLUMNS = (
    "track_key",
    "artist_key",
    "album_key",
    "album_position",
    "duration_ms",
    "newness_score",
    "released_on",
)


class Catalogue(NamedTuple):
    """The catalogue; tracks, artists and genres are named by their position in their own order.

    The order is by popularity, so that what is played most lies side by side in memory.

    Attributes:
        track_key: of each track, the most popular first, shape (tracks,); so are the next six.
        artist: of each track, numbered by their most popular track.
        album: of each track, numbered by their most popular track.
        album_position: of each track in its album, from 1.
        duration_ms: of each track.
        released_day: days from 1970-01-01 to the release of each track.
        newness: of each track, 0-1.
        genre_ids: those that tracks have, ascending.
        genre: of each pair of a track and one of its genres, shape (pairs,); so are the next two.
        genre_track: the track of each pair.
        sound: of each track, its features as its places among all, see `_places`; shape
            (tracks, features).
        is_primary_genre: whether the genre is the track's primary one.
    """

    track_key: NDArray[np.int32]
    artist: NDArray[np.int32]
    album: NDArray[np.int32]
    album_position: NDArray[np.int32]
    duration_ms: NDArray[np.int32]
    released_day: NDArray[np.int32]
    newness: NDArray[np.float64]
    genre_ids: list[str]
    genre: NDArray[np.int32]
    genre_track: NDArray[np.int32]
    is_primary_genre: NDArray[np.bool_]
    sound: NDArray[np.float32]

    @property
    def genres(self) -> int:
        """How many genres there are."""
        return len(self.genre_ids)


def load_catalogue(warehouse: Warehouse, first_day: date) -> Catalogue:
    """Read the catalogue of a warehouse, to be played from a first day on.

    Raises:
        PlaybackError: there is no catalogue, or nothing in it is released by the first day.
    """
    if not warehouse.has_relation("dim_tracks"):
        raise PlaybackError(
            f"{warehouse.database} has no catalogue to play from: "
            "build it first with `playback build --selector catalogue`"
        )
    query = warehouse.connection.execute
    tracks = (
        warehouse.connection.table("main.dim_tracks")
        .order("popularity desc, track_key")
        .select(*_TRACK_COLUMNS, *SOUND_FEATURES)
        .fetchnumpy()
    )
    if not np.any(tracks["released_on"] <= np.datetime64(first_day)):
        raise PlaybackError(
            f"no track of {warehouse.database} is released by the first day, {first_day}: "
            "there is nothing to play; use a later --start"
        )
    genres = query(
        "select track_key, genre_id, is_primary from main.bridge_track_genres "
        "order by genre_id, track_key"
    ).fetchnumpy()
    genre_ids, genre = np.unique(genres["genre_id"].astype(str), return_inverse=True)
    return Catalogue(
        track_key=tracks["track_key"],
        artist=_by_first_use(tracks["artist_key"]),
        album=_by_first_use(tracks["album_key"]),
        album_position=tracks["album_position"],
        duration_ms=tracks["duration_ms"],
        released_day=tracks["released_on"].astype("datetime64[D]").astype(np.int32),
        newness=tracks["newness_score"],
        genre_ids=genre_ids.tolist(),
        genre=genre.astype(np.int32),
        genre_track=track_positions(tracks["track_key"])[genres["track_key"]],
        is_primary_genre=genres["is_primary"].astype(bool),
        sound=np.column_stack([_places(tracks[feature]) for feature in SOUND_FEATURES]),
    )


def _places(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Where each value stands among all: evenly from -1.73 to 1.73, so that its variance is 1.

    Equal values stand at the middle of their places, missing ones at 0.
    """
    known = np.sort(np.ma.compressed(values))
    below = np.searchsorted(known, values, side="left") + np.searchsorted(known, values, "right")
    places = (below / max(len(known), 1) - 1) * np.sqrt(3)
    return np.where(np.ma.getmaskarray(values), 0, places).astype(np.float32)


def _by_first_use(keys: NDArray[np.integer]) -> NDArray[np.int32]:
    """Number the distinct keys in the order in which they first come up; the number of each."""
    _, first_use, inverse = np.unique(keys, return_index=True, return_inverse=True)
    number = np.empty(len(first_use), dtype=np.int32)
    number[np.argsort(first_use)] = np.arange(len(first_use))
    return number[inverse]


def track_positions(track_key: NDArray[np.int32]) -> NDArray[np.int32]:
    """The position of each track key, from the key of each position."""
    positions = np.zeros(track_key.max() + 1, dtype=np.int32)
    positions[track_key] = np.arange(len(track_key))
    return positions
