"""A synthetic catalogue in the shape and the dirt of the real files.

Every kind of dirt is in any world, however small, and none of it changes what the catalogue's
joins find. Titles that only one file has end in a way that the other file's never do. An artist
beyond the wanted ones has no track, or none with a name, or is not among the artists.
"""

import hashlib
import json
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.artists import Artists, draw_artists
from playback.catalogue.synthetic.songs import draw_songs, share_out
from playback.catalogue.synthetic.source_files import (
    artists_file,
    as_other_genre,
    extended_file,
    ids,
    tracks_file,
)
from playback.catalogue.synthetic.vocabulary import ONLY_IN_EXTENDED, ONLY_IN_TRACKS
from playback.progress import Progress
from playback.settings import CatalogueSettings
from playback.warehouse import AUDIO_FEATURES, Warehouse

GENERATOR_VERSION = 2
"""Raise it when the same settings would land other rows."""

_STREAM = 0xCA7A106
_BATCH_ROWS = 100_000


def land(warehouse: Warehouse, settings: CatalogueSettings, progress: Progress) -> None:
    """Append a synthetic catalogue to raw.artists, raw.tracks and raw.tracks_extended.

    After the joins of the catalogue it has exactly `settings.songs` tracks and `settings.artists`
    artists. Its rows depend on the seed, these two numbers and the start alone.
    """
    files = build(settings.seed, settings.songs, settings.artists, settings.start)
    progress.begin(sum(rows.num_rows for rows in files.values()), "rows")
    for table, rows in files.items():
        for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
            warehouse.append(table, batch)
            progress.advance(batch.num_rows)


def fingerprint(settings: CatalogueSettings) -> str:
    """Hash of all that the landed rows depend on."""
    parts = [GENERATOR_VERSION, settings.seed, settings.songs, settings.artists]
    return hashlib.sha256(json.dumps([*parts, str(settings.start)]).encode()).hexdigest()


def build(seed: int, songs: int, artists: int, start: date) -> dict[str, pa.Table]:
    """Make the rows of the three raw tables, by table; see `land`.

    Args:
        seed: of the random streams.
        songs: tracks that the joins of the catalogue are to find.
        artists: artists that these tracks are to have, at most `songs`.
        start: the reference date: some tracks are released after it.
    """
    sequences = np.random.SeedSequence([seed, _STREAM]).spawn(7)
    rngs = [np.random.Generator(np.random.Philox(sequence)) for sequence in sequences]
    people_rng, wanted_rng, unlisted_rng, silent_rng, tracks_rng, extended_rng, files_rng = rngs

    silent = artists + np.arange(_some(artists, 0.002))
    trackless = artists + len(silent) + np.arange(_some(artists, 0.12))
    listed = artists + len(silent) + len(trackless)
    unlisted = listed + np.arange(_some(artists, 0.01))
    people = draw_artists(people_rng, artists, len(silent) + len(trackless) + len(unlisted))
    artist_ids = ids("A", len(people), digits=4)

    def songs_by(rng: np.random.Generator, candidates: np.ndarray, share: float) -> pa.Table:
        return draw_songs(rng, people, rng.choice(candidates, _some(songs, share)), start)

    by = share_out(wanted_rng, people.popularity[:artists], songs)
    wanted = draw_songs(wanted_rng, people, by, start)
    of_unlisted = songs_by(unlisted_rng, unlisted, 0.01)
    nameless = songs_by(silent_rng, silent, 0.0005)
    nameless = _blank(nameless, np.arange(nameless.num_rows), "title", *AUDIO_FEATURES)
    only_tracks = songs_by(tracks_rng, np.arange(artists), 0.05)
    only_tracks = _end_titles(tracks_rng, only_tracks, ONLY_IN_TRACKS)
    only_extended = songs_by(extended_rng, np.arange(artists), 0.08)
    only_extended = _end_titles(extended_rng, only_extended, ONLY_IN_EXTENDED)

    shared = pa.concat_tables([wanted, of_unlisted, nameless])
    everything = pa.concat_tables([shared, only_tracks, only_extended])
    again = np.sort(files_rng.integers(songs, size=_some(songs, 0.2)))
    song_ids = ids("T", everything.num_rows + len(again), digits=5)
    everything = everything.append_column("id", song_ids[: everything.num_rows])
    in_tracks = everything.slice(0, shared.num_rows + only_tracks.num_rows)
    twice = files_rng.choice(songs, _some(songs, 0.003), replace=False)
    in_extended = pa.concat_tables(
        [everything.slice(0, shared.num_rows), everything.slice(in_tracks.num_rows)]
    )
    return {
        "artists": _artists_rows(files_rng, people, artist_ids[:listed], trackless),
        "tracks": tracks_file(
            pa.concat_tables([in_tracks, in_tracks.take(twice)]), people, artist_ids
        ),
        "tracks_extended": _extended_rows(
            files_rng,
            people,
            in_extended,
            _other_releases(files_rng, everything.take(again), song_ids[everything.num_rows :]),
        ),
    }


def _some(count: int, share: float) -> int:
    """How many of `count` have some kind of dirt: one at least."""
    return max(1, round(count * share))


def _end_titles(rng: np.random.Generator, songs: pa.Table, endings: tuple[str, ...]) -> pa.Table:
    ending = pa.array(endings).take(pa.array(rng.integers(len(endings), size=songs.num_rows)))
    titles = pc.binary_join_element_wise(songs["title"].combine_chunks(), ending, "")
    return _with(songs, "title", titles)


def _other_releases(rng: np.random.Generator, songs: pa.Table, new_ids: pa.Array) -> pa.Table:
    """Give half of the songs new ids: a recording that is on several albums has several."""
    is_new = pa.array(rng.random(songs.num_rows) < 0.5)
    return _with(songs, "id", pc.if_else(is_new, new_ids, songs["id"].combine_chunks()))


def _artists_rows(
    rng: np.random.Generator, people: Artists, artist_ids: pa.Array, trackless: np.ndarray
) -> pa.Table:
    """The artists file: a few of the artists without tracks have no followers or no name."""
    rows = artists_file(rng, people, artist_ids)
    unknown = trackless[: _some(len(trackless), 0.1)]
    anonymous = trackless[: _some(len(trackless), 0.01)]
    return _blank(_blank(rows, unknown, "followers"), anonymous, "name")


def _extended_rows(
    rng: np.random.Generator, people: Artists, songs: pa.Table, again: pa.Table
) -> pa.Table:
    """The extended file, in no order: songs, and some again, under another genre or no artist."""
    genres = people.genres[again["artist"].to_numpy(), 0]
    others = as_other_genre(rng, extended_file(rng, again, people), genres)
    anonymous = np.arange(_some(again.num_rows, 0.02))
    rows = pa.concat_tables(
        [extended_file(rng, songs, people), _blank(others, anonymous, "artist_name")]
    )
    return rows.take(rng.permutation(rows.num_rows))


def _blank(rows: pa.Table, positions: np.ndarray, *columns: str) -> pa.Table:
    """Empty some columns of the rows at `positions`."""
    is_blank = np.zeros(rows.num_rows, dtype=bool)
    is_blank[positions] = True
    for column in columns:
        rows = _with(rows, column, pc.if_else(pa.array(is_blank), None, rows[column]))
    return rows


def _with(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(column), column, values)
