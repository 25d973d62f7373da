"""The songs of a synthetic catalogue, before they are written as any file has them."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.albums import draw_albums, name_albums
from playback.catalogue.synthetic.artists import Artists
from playback.catalogue.synthetic.draws import reflect
from playback.catalogue.synthetic.genres import GENRES
from playback.catalogue.synthetic.names import fold, repeats, titles, versions
from playback.catalogue.synthetic.releases import draw_release_days, write_dates, years_of
from playback.catalogue.synthetic.sound import draw_sound

MIN_DURATION_MS, MAX_DURATION_MS = 30_000, 600_000

_DURATION_SIGMA = 0.27
_HIT_DECAY = 1.3
"""A song has its artist's popularity times U^1.3: most songs of an artist are far from the hit."""

_LEAST_HIT = 0.02
"""Least U: even the obscurest song has some popularity left."""

_MINUTES = np.array([genre.minutes for genre in GENRES])
_GUESTS = np.array([genre.guests for genre in GENRES])
_EXPLICIT = np.array([genre.explicit for genre in GENRES])
_FIRST_EXPLICIT_YEAR = 1988
_REMASTER_YEARS = 10
"""Years after its release from which a recording is remastered."""

_CREDITED_SHARE = 0.7
"""Share of featured artists whom the title names too."""


def share_out(rng: np.random.Generator, popularity: np.ndarray, songs: int) -> np.ndarray:
    """Give each song an artist's position: at least one each, more to popular artists."""
    output = popularity**0.3 * rng.lognormal(0, 0.9, len(popularity))
    further = rng.multinomial(songs - len(popularity), output / output.sum())
    return rng.permutation(np.repeat(np.arange(len(popularity)), 1 + further))


def draw_songs(rng: np.random.Generator, artists: Artists, by: np.ndarray, start: date) -> pa.Table:
    """Draw a song for each artist's position in `by`, in a world with reference date `start`.

    Returns:
        One row per song: title (unique among the songs of one artist when folded), artist and guest
        (positions, null where none), release_date (text, some of them partial), album (its name),
        track_number, year, popularity (0-100), duration_ms, explicit, the audio features and
        time_signature.
    """
    genres = artists.genres[by, 0]
    albums = draw_albums(rng, artists, by)
    days = draw_release_days(
        rng, artists.genres[albums.artist, 0], artists.era[albums.artist], albums.size, start
    )
    years = years_of(days)[albums.of_song]
    plain_titles = titles(rng, genres)
    guests = _draw_guests(rng, artists, by)
    version = versions(rng, genres)
    is_credited = (guests >= 0) & (rng.random(len(by)) < _CREDITED_SHARE)
    full_titles = _full_titles(
        plain_titles,
        artists.names.take(pa.array(guests, mask=~is_credited)),
        _date_remasters(rng, version, years, start.year),
        by,
    )
    is_live = pc.equal(version, "Live").to_numpy(zero_copy_only=False)
    log_minutes = np.log(_MINUTES[genres]) + _DURATION_SIGMA * rng.standard_normal(len(by))
    durations = reflect(np.exp(log_minutes) * 60_000, MIN_DURATION_MS, MAX_DURATION_MS)
    explicit = (rng.random(len(by)) < _EXPLICIT[genres]) & (years >= _FIRST_EXPLICIT_YEAR)
    hit = rng.uniform(_LEAST_HIT, 1, len(by)) ** _HIT_DECAY
    of_song = pa.array(albums.of_song)
    return pa.table(
        {
            "title": full_titles,
            "artist": by,
            "guest": pa.array(guests, mask=guests < 0),
            "release_date": write_dates(rng, days, start).take(of_song),
            "album": name_albums(rng, artists, albums, plain_titles).take(of_song),
            "track_number": albums.number.astype(np.int32),
            "year": years,
            "popularity": (artists.popularity[by] * hit).round(6),
            "duration_ms": durations.astype(np.int32),
            "explicit": explicit.astype(np.int64),
        }
        | draw_sound(rng, genres, artists.character[by], years, is_live)
    )


def _draw_guests(rng: np.random.Generator, artists: Artists, by: np.ndarray) -> np.ndarray:
    """Feature another artist of the same genre on some songs: its position, or -1."""
    home = artists.genres[: artists.wanted, 0]
    by_genre = np.argsort(home, kind="stable")
    genres = artists.genres[by, 0]
    first = np.searchsorted(home[by_genre], genres)
    size = np.searchsorted(home[by_genre], genres, side="right") - first
    pick = first + (rng.random(len(by)) * size).astype(np.int64)
    guest = by_genre[np.minimum(pick, len(by_genre) - 1)]
    is_featured = (rng.random(len(by)) < _GUESTS[genres]) & (size > 0) & (guest != by)
    return np.where(is_featured, guest, -1)


def _date_remasters(
    rng: np.random.Generator, version: pa.Array, years: np.ndarray, last_year: int
) -> pa.Array:
    """Put the year to "Remastered"; a recording too young for it is the plain one."""
    window = last_year - years - _REMASTER_YEARS
    remastered = last_year - (rng.random(len(years)) * window).astype(np.int64)
    dated = pc.binary_join_element_wise("Remastered", pa.array(remastered).cast(pa.string()), " ")
    of_remaster = pc.if_else(pa.array(window > 0), dated, "")
    return pc.if_else(pc.equal(version, "Remastered"), of_remaster, version)


def _full_titles(
    plain: pa.Array, credited: pa.Array, version: pa.Array, by: np.ndarray
) -> pa.Array:
    """Add the featured artist and the version; another song of that name by the artist is a take.

    So the titles of one artist are unique: no other title ends with a take.
    """
    credit = pc.binary_join_element_wise(" (feat. ", credited, ")", "")
    suffix = pc.if_else(pc.equal(version, ""), "", pc.binary_join_element_wise(" - ", version, ""))
    full = pc.binary_join_element_wise(plain, pc.fill_null(credit, ""), suffix, "")
    owned = pc.binary_join_element_wise(fold(full), pa.array(by).cast(pa.string()), "\n")
    before = repeats(owned)
    number = pa.array(before + 1).cast(pa.string())
    take = pc.binary_join_element_wise(" (Take ", number, ")", "")
    return pc.binary_join_element_wise(full, pc.if_else(pa.array(before > 0), take, ""), "")
