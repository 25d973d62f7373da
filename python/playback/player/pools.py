"""The catalogue as the kernel sees it: flat arrays, and a table to draw from for every pool.

A pool is a set of tracks to draw from: the whole catalogue, one genre's, one artist's. Each has
four weightings, one for each combination of newness and commonality. A draw takes one random number
and one entry whatever the size of the pool: Walker's alias method, built as by Vose, "A linear
algorithm for generating random numbers with a given distribution", IEEE Trans. Software Eng. 17
(1991).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from playback.errors import PlaybackError
from playback.presets import Player
from playback.settings import Settings
from playback.warehouse import Warehouse

TRACK = np.dtype(
    [
        ("track_key", np.int32),
        ("artist_pool", np.int32),
        ("duration_ms", np.int32),
        ("released_day", np.int32),
    ],
    align=True,
)
"""A track, by its position in the order of track keys; the day counts from 1970-01-01."""

ENTRY = np.dtype([("threshold", np.float32), ("kept", np.int32), ("other", np.int32)], align=True)
"""A column of an alias table: the track kept below the threshold, and the other one above it."""

POOL = np.dtype([("start", np.int64), ("size", np.int32), ("oldest", np.int32)], align=True)
"""Where a pool's entries lie, and its first released track: what is drawn when no other is out."""

WHOLE_CATALOGUE = 0
WEIGHTINGS = 4


def weighting(is_new: NDArray[np.bool_], is_common: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Which of the weightings a listener draws by."""
    return (2 * is_new + is_common).astype(np.int8)


class Pools(NamedTuple):
    """All pools: the whole catalogue, then the genres by id, then the artists by key."""

    tracks: NDArray[np.void]
    pools: NDArray[np.void]
    entries: NDArray[np.void]
    """shape (weightings, entries)"""


class Membership(NamedTuple):
    """Which track is in which pool, and its weight in it before newness and popularity."""

    pool: NDArray[np.int32]
    track: NDArray[np.int32]
    weight: NDArray[np.float64]


def load_pools(warehouse: Warehouse, settings: Settings) -> tuple[Pools, dict[str, int]]:
    """Build the pools of the catalogue; the second value gives the pool of each genre id.

    Raises:
        PlaybackError: there is no catalogue, or nothing in it is released by the first day.
    """
    if not warehouse.has_relation("dim_tracks"):
        raise PlaybackError(
            f"{warehouse.database} has no catalogue to play from: "
            "build it first with `playback build --selector catalogue`"
        )
    columns = warehouse.connection.execute(
        "select track_key, artist_key, duration_ms, popularity, newness_score, released_on "
        "from main.dim_tracks order by track_key"
    ).fetchnumpy()
    genre_ids, genre_tracks, is_primary = _read_genres(warehouse, columns["track_key"])
    tracks, artists = _tracks(columns)
    if not len(tracks) or tracks["released_day"].min() > settings.start.toordinal() - _EPOCH:
        raise PlaybackError(
            f"no track of {warehouse.database} is released by the first day, {settings.start}: "
            "there is nothing to play; use a later --start"
        )
    names = sorted(set(genre_ids))
    genre_pool = {name: 1 + index for index, name in enumerate(names)}
    first_artist = 1 + len(names)
    tracks["artist_pool"] = first_artist + artists
    positions = np.arange(len(tracks), dtype=np.int32)
    membership = Membership(
        np.concatenate(
            [
                np.full(len(tracks), WHOLE_CATALOGUE, dtype=np.int32),
                1 + np.searchsorted(names, genre_ids).astype(np.int32),
                tracks["artist_pool"],
            ]
        ),
        np.concatenate([positions, genre_tracks, positions]),
        np.concatenate(
            [
                np.ones(len(tracks)),
                np.where(is_primary, 1.0, settings.preset.player.secondary_genre_weight),
                np.ones(len(tracks)),
            ]
        ),
    )
    pools, entries = build_tables(
        settings.preset.player,
        membership,
        newness=columns["newness_score"],
        popularity=columns["popularity"],
        released_day=tracks["released_day"],
    )
    return Pools(tracks, pools, entries), genre_pool


_EPOCH = np.datetime64(0, "D").astype(object).toordinal()


def _tracks(columns: dict[str, np.ndarray]) -> tuple[NDArray[np.void], NDArray[np.integer]]:
    tracks = np.zeros(len(columns["track_key"]), dtype=TRACK)
    tracks["track_key"] = columns["track_key"]
    tracks["duration_ms"] = columns["duration_ms"]
    tracks["released_day"] = columns["released_on"].astype("datetime64[D]").astype(np.int64)
    _, artists = np.unique(columns["artist_key"], return_inverse=True)
    return tracks, artists


def _read_genres(
    warehouse: Warehouse, track_keys: NDArray[np.integer]
) -> tuple[NDArray[np.str_], NDArray[np.int32], NDArray[np.bool_]]:
    columns = warehouse.connection.execute(
        "select track_key, genre_id, is_primary from main.bridge_track_genres "
        "order by genre_id, track_key"
    ).fetchnumpy()
    positions = np.searchsorted(track_keys, columns["track_key"]).astype(np.int32)
    return columns["genre_id"].astype(str), positions, columns["is_primary"].astype(bool)


def build_tables(
    knobs: Player,
    membership: Membership,
    *,
    newness: NDArray[np.float64],
    popularity: NDArray[np.float64],
    released_day: NDArray[np.int32],
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Build the alias tables: pools, shape (pools,), and entries, shape (weightings, members).

    The weight of a track is the probability of its rank by newness under Exp(decay / n), with all
    that lies beyond on the last, times (rank by popularity) ^ -exponent. Popularity counts as a
    rank because its scale differs between catalogues (Spotify's is about the log of plays).
    """
    sizes = np.bincount(membership.pool)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    pools = np.zeros(len(sizes), dtype=POOL)
    pools["start"], pools["size"], pools["oldest"] = starts, sizes, -1
    by_age = membership.track[_sorted(membership, released_day)]
    pools["oldest"][sizes > 0] = by_age[starts[sizes > 0]]

    by_position = _sorted(membership, np.zeros(len(newness)))
    pool, track, own_weight = (column[by_position] for column in membership)
    grouped = Membership(pool, track, own_weight)
    popularity_rank = _ranks(grouped, -popularity, starts)
    tables = []
    decays = knobs.newness_decay
    for order, decay in ((newness, decays.timeless), (-newness, decays.new)):
        newness_weight = _rank_weight(_ranks(grouped, order, starts), sizes[pool], decay)
        for exponent in (knobs.popularity_exponent.unique, knobs.popularity_exponent.common):
            weight = own_weight * newness_weight * (1.0 + popularity_rank) ** -exponent
            entries = np.zeros(len(pool), dtype=ENTRY)
            _fill_alias(starts, sizes, weight, track, entries)
            tables.append(entries)
    return pools, np.stack(tables)


def _sorted(membership: Membership, order: NDArray[np.number]) -> NDArray[np.int64]:
    """The members by pool, and inside a pool by the `order` of their track, then its position."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[np.argsort(order, kind="stable")] = np.arange(len(order))
    return np.argsort(membership.pool * np.int64(len(order)) + rank[membership.track])


def _ranks(
    grouped: Membership, order: NDArray[np.number], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """0-based rank of each member inside its pool, by the `order` of its track."""
    ranks = np.empty(len(grouped.pool), dtype=np.int64)
    ranks[_sorted(grouped, order)] = np.arange(len(ranks)) - starts[grouped.pool]
    return ranks


def _rank_weight(
    rank: NDArray[np.int64], size: NDArray[np.int64], decay: float
) -> NDArray[np.float64]:
    if decay == 0:
        return np.ones(len(rank))
    reached = np.exp(-decay * rank / size)
    passed = np.where(rank + 1 < size, np.exp(-decay * (rank + 1) / size), 0.0)
    return reached - passed


@njit(cache=True)
def _fill_alias(starts, sizes, weight, track, entries):  # noqa: ANN001, ANN202
    """Fill the alias table of every pool; members are grouped by pool."""
    largest = sizes.max()
    scaled = np.empty(largest)
    small = np.empty(largest, np.int64)
    large = np.empty(largest, np.int64)
    for pool in range(len(sizes)):
        start, size = starts[pool], sizes[pool]
        total = weight[start : start + size].sum()
        smalls = larges = 0
        for member in range(size):
            scaled[member] = weight[start + member] * size / total if total > 0 else 1.0
            if scaled[member] < 1.0:
                small[smalls] = member
                smalls += 1
            else:
                large[larges] = member
                larges += 1
        while smalls and larges:
            smalls -= 1
            lesser, greater = small[smalls], large[larges - 1]
            entries[start + lesser].threshold = scaled[lesser]
            entries[start + lesser].kept = track[start + lesser]
            entries[start + lesser].other = track[start + greater]
            scaled[greater] -= 1.0 - scaled[lesser]
            if scaled[greater] < 1.0:
                larges -= 1
                small[smalls] = greater
                smalls += 1
        for left in range(smalls + larges):
            member = small[left] if left < smalls else large[left - smalls]
            entries[start + member].threshold = 1.0
            entries[start + member].kept = track[start + member]
            entries[start + member].other = track[start + member]
