"""A catalogue as its source files have it: their columns, their spelling, their lists."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.artists import Artists
from playback.catalogue.synthetic.genres import GENRES, KIN_OF
from playback.catalogue.synthetic.vocabulary import UNMAPPED_GENRES, WORDS
from playback.warehouse import AUDIO_FEATURES

_CANONICAL_SHARE = 0.4
"""Share of an artist's genres that are written by their canonical name, not as a micro-genre."""

_SECOND_TAG_SHARE = 0.4
_UNMAPPED_TAG_SHARE = 0.02
_UNMAPPED_TRACK_SHARE = 0.01
_PRIMARY_SHARE = 0.75
"""Share of the tracks whose genre in the extended file is their artist's primary one."""

_RESPELLED_SHARE = 0.03
"""Share of names for each way of spelling them otherwise."""

_SOURCE_NAMES = pa.array([genre.source_name for genre in GENRES])
_TRACK_GENRES = pa.array([genre.track_genre for genre in GENRES])
_MICRO_GENRES = [
    [f"{word} {genre.source_name}" for word in (*genre.flavours, *WORDS["scene"].to_pylist())]
    for genre in GENRES
]
_MICRO_COUNT = np.array([len(names) for names in _MICRO_GENRES])
_MICRO_FIRST = np.cumsum(_MICRO_COUNT) - _MICRO_COUNT
_MICRO_NAMES = pa.array([name for names in _MICRO_GENRES for name in names])
_UNMAPPED = pa.array(UNMAPPED_GENRES)


def ids(letter: str, count: int, *, digits: int) -> pa.Array:
    """Number things from 1, zero-padded to `digits` or what `count` needs: T00001 is the first."""
    width = max(digits, len(str(count)))
    numbers = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(letter, numbers, "")


def artists_file(rng: np.random.Generator, artists: Artists, artist_ids: pa.Array) -> pa.Table:
    """As many artists as there are ids, from the first, as raw.artists has them."""
    count = len(artist_ids)
    return pa.table(
        {
            "artist_key": np.arange(count, dtype=np.int32),
            "id": artist_ids,
            "followers": artists.followers[:count],
            "genres": _genre_lists(rng, artists)[:count],
            "name": artists.names[:count],
            "popularity": artists.popularity[:count],
        }
    )


def tracks_file(songs: pa.Table, artists: Artists, artist_ids: pa.Array) -> pa.Table:
    """Songs as raw.tracks has them; `track_key` numbers the rows."""
    people = [songs["artist"].combine_chunks(), songs["guest"].combine_chunks()]
    return pa.table(
        {
            "track_key": np.arange(songs.num_rows, dtype=np.int32),
            "name": songs["title"],
            "artists": python_list([artists.names.take(person) for person in people]),
            "id_artists": python_list([artist_ids.take(person) for person in people]),
            "album_name": songs["album"],
            **_same(songs, "id", "popularity", "duration_ms", "explicit", "release_date"),
            **_same(songs, "track_number"),
            **_same(songs, *AUDIO_FEATURES, "time_signature"),
        }
    )


def extended_file(rng: np.random.Generator, songs: pa.Table, artists: Artists) -> pa.Table:
    """Songs as raw.tracks_extended has them, with names spelled its own way."""
    by = songs["artist"].to_numpy()
    names = artists.names.take(songs["artist"].combine_chunks())
    rating = songs["popularity"].to_numpy() * rng.lognormal(0, 0.15, len(by))
    return pa.table(
        {
            "artist_name": respell(rng, names),
            "track_name": respell(rng, songs["title"].combine_chunks()),
            "track_id": songs["id"],
            "popularity": np.minimum(rating, 100).round(6),
            "genre": _track_genres(rng, artists, by),
            **_same(songs, "year", *AUDIO_FEATURES, "duration_ms", "time_signature"),
        }
    )


def as_other_genre(rng: np.random.Generator, rows: pa.Table, primary: np.ndarray) -> pa.Table:
    """Put rows of the extended file under a kin of their artists' primary genres."""
    kin = KIN_OF[primary, rng.integers(KIN_OF.shape[1], size=len(primary))]
    place = rows.schema.get_field_index("genre")
    return rows.set_column(place, "genre", _TRACK_GENRES.take(pa.array(kin)))


def respell(rng: np.random.Generator, names: pa.Array) -> pa.Array:
    """Change the case or the white space of some names: folded, they stay what they are."""
    ways = (
        pc.utf8_upper(names),
        pc.utf8_lower(names),
        pc.replace_substring(names, " ", "  "),
        pc.binary_join_element_wise(names, "", " "),
    )
    chance = rng.random(len(names))
    for number, respelled in enumerate(ways):
        here = (chance >= number * _RESPELLED_SHARE) & (chance < (number + 1) * _RESPELLED_SHARE)
        names = pc.if_else(pa.array(here), respelled, names)
    return names


def python_list(columns: list[pa.Array]) -> pa.Array:
    """Write the values that each row has, as Python writes a list of strings.

    As there, a value is quoted by `'`, and by `"` if it holds an apostrophe. No value may hold a
    quotation mark or a backslash, and the first column no null: a join that skips nulls loses the
    rows that have nothing else.
    """
    quoted = []
    for values in columns:
        mark = pc.if_else(pc.match_substring(values, "'"), '"', "'")
        quoted.append(pc.binary_join_element_wise(mark, values, mark, ""))
    inside = pc.binary_join_element_wise(*quoted, ", ", null_handling="skip")
    return pc.binary_join_element_wise("[", inside, "]", "")


def _same(songs: pa.Table, *columns: str) -> dict[str, pa.ChunkedArray]:
    return {column: songs[column] for column in columns}


def _genre_lists(rng: np.random.Generator, artists: Artists) -> pa.Array:
    tags = [_tags(rng, genres) for genres in artists.genres.T]
    primary = artists.genres[:, 0]
    second = _tags(rng, np.where(rng.random(len(primary)) < _SECOND_TAG_SHARE, primary, -1))
    second = pc.if_else(pc.equal(second, tags[0]), None, second)
    unmapped = _UNMAPPED.take(pa.array(rng.integers(len(_UNMAPPED), size=len(primary))))
    is_odd = rng.random(len(primary)) < _UNMAPPED_TAG_SHARE
    unmapped = pc.if_else(pa.array(is_odd), unmapped, None)
    return pc.if_else(pa.array(artists.is_tagged), python_list([*tags, second, unmapped]), "[]")


def _tags(rng: np.random.Generator, genres: np.ndarray) -> pa.Array:
    """Write genres (-1: none) by their names or as micro-genres of them."""
    is_none = genres < 0
    place = _MICRO_FIRST[genres] + rng.integers(_MICRO_COUNT[genres])
    is_canonical = rng.random(len(genres)) < _CANONICAL_SHARE
    return pc.if_else(
        pa.array(is_canonical),
        _SOURCE_NAMES.take(pa.array(genres, mask=is_none)),
        _MICRO_NAMES.take(pa.array(place, mask=is_none)),
    )


def _track_genres(rng: np.random.Generator, artists: Artists, by: np.ndarray) -> pa.Array:
    """The genre of each track: one of its artist's, or one nobody maps if the artist is tagged."""
    genres = artists.genres[by]
    count = (genres >= 0).sum(axis=1)
    other = rng.integers(count)
    column = np.where(rng.random(len(by)) < _PRIMARY_SHARE, 0, other)
    written = _TRACK_GENRES.take(pa.array(genres[np.arange(len(by)), column]))
    is_odd = artists.is_tagged[by] & (rng.random(len(by)) < _UNMAPPED_TRACK_SHARE)
    unmapped = _UNMAPPED.take(pa.array(rng.integers(len(_UNMAPPED), size=len(by))))
    return pc.if_else(pa.array(is_odd), unmapped, written)
