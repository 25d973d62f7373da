"""The catalogue as the kernel sees it: flat arrays, where every pool lies in the order of a rank.

A pool is a set of tracks to draw from: the whole catalogue, a genre's, an artist's; in `lifelike`
also that of a quarter's releases, and an album's in its own order. The law of a rank is a formula
that can be inverted, so that a draw takes one random number and reads one place whatever the size
of the pool, and there is no table of weights to build or to keep in memory.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from playback.player.catalogue import SOUND_FEATURES, Catalogue
from playback.player.power_law import integral
from playback.presets import LifelikePlayer

INDEX = np.uint32
"""What says where something lies: without a sign, or compiled code would ask at every use whether
it counts from the end."""

TRACK = np.dtype(
    [
        ("track_key", np.int32),
        ("artist_pool", INDEX),
        ("album_pool", INDEX),
        ("album_position", INDEX),
        ("duration_ms", np.int32),
        ("sound", np.int16, len(SOUND_FEATURES)),
        ("released_day", np.int32),
    ],
    align=True,
)
"""A track, by its position in the catalogue; the day counts from 1970-01-01.

It has half a cache line: most of the time of a play goes into waiting for tracks. Its sound is in
`SOUND_STEPS`.
"""

SOUND_STEPS = 1 << 14
"""Steps of how a track sounds to one standard deviation of it."""

_CACHE_LINE = 64

MEMBER = np.dtype(
    [("track", INDEX), ("artist_pool", INDEX), ("released_day", np.int32)], align=True
)
"""A track in a pool; the day counts from 1970-01-01.

Artist and day lie beside the track, because draws ask for them and most go no further.
"""

POOL = np.dtype(
    [
        ("start", INDEX),
        ("size", INDEX),
        ("oldest", MEMBER),
        ("head", np.float32, 2),
        ("lower", np.float32, 2),
        ("growth", np.float32, 2),
    ],
    align=True,
)
"""Where a pool's members lie, and its first released track: what is drawn when no other is out.

The rest is the law of its ranks, for unique and common listeners, see `power_law.integral`.
"""

WHOLE_CATALOGUE = 0

RELEASE_PERIOD_DAYS = 91
"""Tracks that came out in the same period of so many days since 1970-01-01 share a pool."""


class Releases(NamedTuple):
    """The pools of new releases.

    Attributes:
        pools: of the catalogue and each genre, for each period; -1 if nothing came out; shape
            (1 + genres, periods).
        first_period: the period that the first column is for.
    """

    pools: NDArray[np.int32]
    first_period: int


class Pools(NamedTuple):
    """All pools: the whole catalogue, the genres by id, the artists by key, releases.

    Attributes:
        tracks: records of `TRACK`.
        pools: records of `POOL`.
        members: records of `MEMBER` by rank, one pool after another.
        releases: which pools hold new releases.
    """

    tracks: NDArray[np.void]
    pools: NDArray[np.void]
    members: NDArray[np.void]
    releases: Releases


class Membership(NamedTuple):
    """Which track is in which pool, and its rank: the order inside the pool."""

    pool: NDArray[np.int32]
    track: NDArray[np.int32]
    rank: NDArray[np.float64]

    @classmethod
    def all_of(cls, *parts: "Membership") -> "Membership":
        """Several as one."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))


def classic_pools(catalogue: Catalogue) -> Pools:
    """Build the pools of catalogue, genres and artists, ranked from the oldest track on."""
    rank = np.empty(len(catalogue.newness))
    rank[np.argsort(catalogue.newness, kind="stable")] = np.arange(len(rank))
    membership = Membership.all_of(
        _everything(catalogue, rank),
        _genres(catalogue, rank[catalogue.genre_track]),
        _artists(catalogue, rank),
    )
    tracks = _tracks(catalogue)
    pools, members = _build(membership, tracks)
    no_releases = Releases(np.empty((0, 0), np.int32), 0)
    return Pools(tracks, pools, members, no_releases)


def lifelike_pools(catalogue: Catalogue, knobs: LifelikePlayer) -> Pools:
    """Build all pools, ranked by popularity.

    The rank counts rather than popularity itself, because its scale differs between catalogues
    (Spotify's is about the log of plays). In a genre that is not its primary one, a track of weight
    w stands where one stands in the catalogue that is 1 / w times further down.
    """
    rank = 1.0 + np.arange(len(catalogue.track_key))
    weight = np.where(catalogue.is_primary_genre, 1.0, knobs.secondary_genre_weight)
    by_taste = Membership.all_of(
        _everything(catalogue, rank),
        _genres(catalogue, rank[catalogue.genre_track] / weight),
    )
    artists = _artists(catalogue, rank)
    releases, new = _releases(catalogue, by_taste, first=artists.pool.max() + 1)
    albums = _albums(catalogue, first=new.pool.max() + 1)
    tracks = _tracks(catalogue)
    pools, members = _build(Membership.all_of(by_taste, artists, new, albums), tracks)
    exponents, heads = knobs.popularity_exponent, knobs.popularity_head
    laws = ((exponents.unique, heads.unique), (exponents.common, heads.common))
    whole = _sizes_of_wholes(pools["size"], releases)
    for is_common, (exponent, head) in enumerate(laws):
        pools["head"][:, is_common] = whole**head * np.maximum(pools["size"], 1) / whole
        lower, growth = integral(exponent, pools["head"][:, is_common], pools["size"])
        pools["lower"][:, is_common], pools["growth"][:, is_common] = lower, growth
    tracks["album_pool"] = albums.pool
    place = np.lexsort((albums.track, albums.rank, albums.pool))
    tracks["album_position"][albums.track[place]] = (
        np.arange(len(place)) + members.size - len(place) - pools["start"][albums.pool[place]]
    )
    return Pools(tracks, pools, members, releases)


def _sizes_of_wholes(sizes: NDArray[np.uint32], releases: Releases) -> NDArray[np.float64]:
    """The size of each pool, of new releases that of all the genre: hits among them are as rare."""
    whole = np.maximum(sizes, 1).astype(float)
    genre, period = np.nonzero(releases.pools >= 0)
    whole[releases.pools[genre, period]] = sizes[genre]
    return whole


def _everything(catalogue: Catalogue, rank: NDArray[np.float64]) -> Membership:
    positions = np.arange(len(rank), dtype=np.int32)
    return Membership(np.full(len(rank), WHOLE_CATALOGUE, dtype=np.int32), positions, rank)


def _genres(catalogue: Catalogue, rank: NDArray[np.float64]) -> Membership:
    return Membership(1 + catalogue.genre, catalogue.genre_track, rank)


def _artists(catalogue: Catalogue, rank: NDArray[np.float64]) -> Membership:
    return Membership(
        1 + catalogue.genres + catalogue.artist, np.arange(len(rank), dtype=np.int32), rank
    )


def _albums(catalogue: Catalogue, first: int) -> Membership:
    """The albums in their own order; pools are numbered from `first`."""
    tracks = np.arange(len(catalogue.album), dtype=np.int32)
    return Membership(first + catalogue.album, tracks, catalogue.album_position.astype(float))


def _releases(
    catalogue: Catalogue, by_taste: Membership, first: int
) -> tuple[Releases, Membership]:
    """Split the catalogue and the genres by period of release; pools are numbered from `first`."""
    period = catalogue.released_day // RELEASE_PERIOD_DAYS
    first_period = period.min()
    pool = np.full((by_taste.pool.max() + 1, period.max() - first_period + 1), -1, dtype=np.int32)
    column = period[by_taste.track] - first_period
    pool[by_taste.pool, column] = 0
    pool[pool == 0] = first + np.arange((pool == 0).sum())
    return (
        Releases(pool, int(first_period)),
        by_taste._replace(pool=pool[by_taste.pool, column]),
    )


def _tracks(catalogue: Catalogue) -> NDArray[np.void]:
    tracks = _on_cache_lines(len(catalogue.track_key), TRACK)
    tracks["track_key"] = catalogue.track_key
    tracks["artist_pool"] = 1 + catalogue.genres + catalogue.artist
    tracks["duration_ms"] = catalogue.duration_ms
    tracks["released_day"] = catalogue.released_day
    tracks["sound"] = np.rint(SOUND_STEPS * catalogue.sound)
    return tracks


def _on_cache_lines(size: int, dtype: np.dtype) -> NDArray[np.void]:
    """Zeros that begin with a cache line."""
    room = np.zeros(size * dtype.itemsize + _CACHE_LINE, np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    return room[start : start + size * dtype.itemsize].view(dtype)


def _build(
    membership: Membership, tracks: NDArray[np.void]
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Put the members of each pool together, by their rank; the law of the ranks is left open."""
    pool, track, rank = membership
    sizes = np.bincount(pool)
    pools = np.zeros(len(sizes), dtype=POOL)
    pools["start"], pools["size"] = np.cumsum(sizes) - sizes, sizes
    members = np.empty(len(track), dtype=MEMBER)
    members["track"] = track
    for field in ("artist_pool", "released_day"):
        members[field] = tracks[field][track]
    by_release = members[np.lexsort((track, members["released_day"], pool))]
    pools["oldest"] = by_release[np.minimum(pools["start"], len(track) - 1)]
    return pools, members[np.lexsort((track, rank, pool))]
