"""Release dates: decades of back catalogue, a recent bulk, and what is still to come."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.genres import GENRES

UPCOMING_SHARE = 0.2
"""Share of the tracks that come out after the reference date: as many a year as just before it."""

UPCOMING_DAYS = 3 * 365
"""Days after the reference date over which they do."""

_FIRST_YEAR = 1960
_TYPICAL_AGE = 0.2
"""Mean age of the back catalogue as a share of the years since 1960 (13 years in 2024): ages are
exponential, cut at the whole of these years."""

_ARTIST_SHARE = 0.7
"""Share of an album's place in time that is its artist's."""

_BORN = np.array([genre.born for genre in GENRES])
_YEARS_OF_A_SIGMA = 25
"""A genre born so many years later has its releases later by a standard deviation."""

_PIONEER_YEARS = 8
_YOUNGEST_GENRE_YEARS = 12
"""However early the reference date, a genre is by then at least so old."""


def draw_release_days(
    rng: np.random.Generator,
    genres: np.ndarray,
    era: np.ndarray,
    size: np.ndarray,
    start: date,
) -> np.ndarray:
    """Draw release days (albums,) as datetime64[D].

    The albums are put in order in time by genre, artist and chance, and the law of the tracks'
    release dates is laid along that order: so its shares hold in any catalogue.

    Args:
        rng: the random stream.
        genres: (albums,) positions in `GENRES`.
        era: (albums,) when each album's artist was active, standard normal.
        size: (albums,) tracks of each.
        start: the reference date.
    """
    count = len(genres)
    lateness = (
        _ARTIST_SHARE**0.5 * era
        + (1 - _ARTIST_SHARE) ** 0.5 * rng.standard_normal(count)
        + _BORN[genres] / _YEARS_OF_A_SIGMA
    )
    order = np.argsort(lateness, kind="stable")
    place = np.empty(count)
    place[order] = (np.cumsum(size[order]) - size[order] / 2) / size.sum()
    past = place / (1 - UPCOMING_SHARE)
    span = start.year - _FIRST_YEAR
    oldest = np.exp(-1 / _TYPICAL_AGE)
    age = -span * _TYPICAL_AGE * np.log(oldest + (1 - oldest) * np.minimum(past, 1))

    born = np.minimum(_BORN, start.year - _YOUNGEST_GENRE_YEARS)[genres]
    age_of_genre = start.year - born
    pioneering = age_of_genre - _PIONEER_YEARS * rng.random(count)
    age = np.where(age > age_of_genre, pioneering, age)

    ahead = np.ceil((place - (1 - UPCOMING_SHARE)) / UPCOMING_SHARE * UPCOMING_DAYS)
    days = np.where(past < 1, -np.floor(age * 365.25), ahead)
    return np.datetime64(start) + days.astype("timedelta64[D]")


def years_of(days: np.ndarray) -> np.ndarray:
    """Calendar years of datetime64[D] days, as integers."""
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def write_dates(rng: np.random.Generator, days: np.ndarray, start: date) -> pa.Array:
    """Write dates as the source files do: some as a year, some as a month, older ones more often.

    What comes out after the reference date has its full date.
    """
    age = start.year - years_of(days)
    chance = rng.random(len(days))
    is_partial = (chance < np.clip(0.02 + 0.011 * age, 0, 0.5)) & (days <= np.datetime64(start))
    length = np.where(is_partial, np.where(rng.random(len(days)) < 0.75, 4, 7), 10)
    full = pa.array(days).cast(pa.string())
    year, month = (pc.utf8_slice_codeunits(full, 0, stop) for stop in (4, 7))
    return pc.if_else(pa.array(length == 4), year, pc.if_else(pa.array(length == 7), month, full))
