"""The albums of a synthetic catalogue: what is released together, in which order, by which name.

Most releases are singles and most tracks are on albums; some are gathered with those of other
artists on a compilation. Each song is on one album.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.artists import Artists
from playback.catalogue.synthetic.draws import draw
from playback.catalogue.synthetic.names import compilation_titles, fold, repeats, titles

_SIZES = {
    **{1: 42, 2: 7, 3: 4, 4: 5, 5: 5, 6: 4, 7: 2, 8: 3, 9: 3, 10: 6},
    **{11: 5, 12: 5, 13: 3, 14: 2, 15: 1, 16: 1, 18: 1, 20: 1},
}
"""How often a release has so many tracks: singles, short records of 4-6, albums around 11. Set by
ear: what is known of catalogues is that most releases are singles and most tracks on albums."""

_MOST_TRACKS_OF_A_SINGLE = 3

_COMPILED_SHARE = 0.04
"""Share of the songs that are on compilations."""

_COMPILATION_SIZES = range(10, 21)

_TITLE_TRACK_SHARE = 0.35
"""Share of albums that are named after a track; a single always is, after its first."""


class Albums(NamedTuple):
    """Some albums, and where each song stands in them.

    Attributes:
        of_song: (songs,) positions of the songs' albums.
        number: (songs,) the song's place on its album, from 1.
        size: (albums,) how many songs each has.
        artist: (albums,) position of the artist; on a compilation, of one of them.
        is_compilation: (albums,) whether each song is by another artist.
    """

    of_song: np.ndarray
    number: np.ndarray
    size: np.ndarray
    artist: np.ndarray
    is_compilation: np.ndarray


def draw_albums(rng: np.random.Generator, artists: Artists, by: np.ndarray) -> Albums:
    """Put songs on albums: the position of each song's artist → albums."""
    compiled, sizes = _draw_compilations(rng, artists, by)
    own = np.setdiff1d(np.arange(len(by)), compiled)
    own = own[np.argsort(by[own], kind="stable")]
    is_first = np.concatenate(
        [_begin_releases(rng, by[own]), np.isin(np.arange(sizes.sum()), np.cumsum(sizes) - sizes)]
    )
    songs = np.concatenate([own, compiled])
    first = np.flatnonzero(is_first)
    album = np.cumsum(is_first) - 1
    of_song, number = np.empty((2, len(by)), dtype=np.int64)
    of_song[songs] = album
    number[songs] = np.arange(len(by)) - first[album] + 1
    return Albums(
        of_song=of_song,
        number=number,
        size=np.bincount(album),
        artist=by[songs[first]],
        is_compilation=np.arange(len(first)) >= len(first) - len(sizes),
    )


def name_albums(
    rng: np.random.Generator, artists: Artists, albums: Albums, song_titles: pa.Array
) -> pa.Array:
    """Name albums, some after one of their songs; no artist has two of a name when folded."""
    is_single = albums.size <= _MOST_TRACKS_OF_A_SINGLE
    is_titled = is_single | (rng.random(len(albums.size)) < _TITLE_TRACK_SHARE)
    track = np.where(is_single, 1, 1 + (rng.random(len(albums.size)) * albums.size).astype(int))
    songs = np.lexsort((albums.number, albums.of_song))
    title_song = songs[np.cumsum(albums.size) - albums.size + track - 1]
    names = pc.if_else(
        pa.array(is_titled),
        song_titles.take(pa.array(title_song)),
        titles(rng, artists.genres[albums.artist, 0]),
    )
    is_compilation = pa.array(albums.is_compilation)
    names = pc.if_else(is_compilation, compilation_titles(rng, len(names)), names)
    owner = pc.if_else(is_compilation, -1, pa.array(albums.artist)).cast(pa.string())
    before = repeats(pc.binary_join_element_wise(fold(names), owner, "\n"))
    volume = pc.binary_join_element_wise(", Vol. ", pa.array(before + 1).cast(pa.string()), "")
    return pc.binary_join_element_wise(names, pc.if_else(pa.array(before > 0), volume, ""), "")


def _draw_compilations(
    rng: np.random.Generator, artists: Artists, by: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw songs for compilations, at most one of an artist, those of a genre and era together.

    Returns:
        The songs of one compilation after another, and how many each has.
    """
    shuffled = rng.permutation(len(by))
    _, first = np.unique(by[shuffled], return_index=True)
    most = min(round(_COMPILED_SHARE * len(by)), len(first) // 2)
    sizes = rng.choice(_COMPILATION_SIZES, most // min(_COMPILATION_SIZES))
    sizes = sizes[np.cumsum(sizes) <= most]
    songs = rng.choice(shuffled[first], sizes.sum(), replace=False)
    return songs[np.lexsort((artists.era[by[songs]], artists.genres[by[songs], 0]))], sizes


def _begin_releases(rng: np.random.Generator, by: np.ndarray) -> np.ndarray:
    """Cut the songs of each artist into releases: whether each song begins one.

    Releases are drawn until the songs are gone: the last may get fewer than it was drawn for.
    """
    sizes = np.array(list(_SIZES))[draw(rng, _SIZES, len(by))]
    drawn = np.cumsum(sizes) - sizes
    first = np.searchsorted(by, by)
    begins = first + drawn - drawn[first]
    end = np.searchsorted(by, by, side="right")
    is_first = np.zeros(len(by), dtype=bool)
    is_first[begins[begins < end]] = True
    return is_first
