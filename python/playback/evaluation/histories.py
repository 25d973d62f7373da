"""The plays of a year, listener by listener and in order, as realism cuts them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from playback.warehouse import Warehouse

MOST_LISTENERS = 300
LEAST_PLAYS = 500
"""Plays of a listener that a model is fitted on and tested on: fewer say nothing."""

TRAIN_SHARE = 0.6
"""The first part of a listener's plays is learned from, the rest is tested on."""


@dataclass(frozen=True)
class History:
    """The n plays of a listener in a year, in order.

    Attributes:
        tracks, artists: (n,) int64 keys.
        minutes: (n,) int64, when each ended, counted from 1970.
        is_skip: (n,) bool, whether under 30 seconds were heard.
        opens_session: (n,) bool.
    """

    tracks: NDArray[np.int64]
    artists: NDArray[np.int64]
    minutes: NDArray[np.int64]
    is_skip: NDArray[np.bool_]
    opens_session: NDArray[np.bool_]

    @property
    def train_count(self) -> int:
        """How many plays are learned from."""
        return int(len(self.tracks) * TRAIN_SHARE)


def read_histories(warehouse: Warehouse) -> list[History]:
    """Read the listeners who are as active as those of the reference, if realism was measured.

    Of more than `MOST_LISTENERS` the first are read, by the hash of their key.
    """
    if not warehouse.has_relation("int_realism_plays", "intermediate"):
        return []
    columns = warehouse.connection.execute(
        "with chosen as ("
        "  select user_key from intermediate.int_realism_plays"
        "  where is_matched and window_days = 365"
        "  group by user_key having count(*) >= ?"
        "  order by (user_key * 2654435761) % 4294967296 limit ?"
        ") "
        "select user_key, track_key, artist_key, ended_minute, is_skip, is_session_start "
        "from intermediate.int_realism_plays join chosen using (user_key) "
        "where window_days = 365 order by user_key, user_position",
        [LEAST_PLAYS, MOST_LISTENERS],
    ).fetchnumpy()
    return list(_divided(columns))


def _divided(columns: dict[str, NDArray]) -> Iterator[History]:
    users = np.asarray(columns["user_key"])
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(users)], strict=True):
        own = slice(first, last)
        yield History(
            *(
                np.asarray(columns[name][own], dtype=np.int64)
                for name in ("track_key", "artist_key", "ended_minute")
            ),
            *(
                np.asarray(columns[name][own], dtype=bool)
                for name in ("is_skip", "is_session_start")
            ),
        )


def with_skips_permuted(history: History, random: np.random.Generator) -> History:
    """The same plays with as many skips, which fall on any of them."""
    return replace(history, is_skip=random.permutation(history.is_skip))


def with_tracks_permuted(history: History, random: np.random.Generator) -> History:
    """The same sessions with the same tracks in another order, within both parts of the plays."""
    cut = history.train_count
    order = np.concatenate(
        [random.permutation(cut), cut + random.permutation(len(history.tracks) - cut)]
    )
    return replace(history, tracks=history.tracks[order], artists=history.artists[order])
