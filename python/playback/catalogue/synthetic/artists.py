"""The artists of a synthetic catalogue: genres, popularity, followers, sound and era."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from playback.catalogue.synthetic.genres import GENRES, KIN_OF
from playback.catalogue.synthetic.names import act_names
from playback.catalogue.synthetic.sound import LATENTS

TAIL = 1.0
"""Exponent of the tail of artist popularity (P(X > x) ~ x^-TAIL): the density falls with TAIL + 1,
within the 1.75-2.12 measured over the listeners of Last.fm's artists (HetRec 2011)."""

_HEAD = 2.0
"""Ranks by which the head of the law is flattened (Zipf-Mandelbrot): the first dwarfs nobody."""

_GENRE_COUNT_ODDS = (0.45, 0.35, 0.20)
"""Shares of artists with one, two and three genres."""

_TAGGED_SHARE, _TAGGED_SURPLUS_SHARE = 0.85, 0.4

_GENRE_SLOPES = np.linspace(0.85, 1.35, 16)
"""Zipf exponents of genre choice, from the least to the most popular artists: their mean is the
1.1 of the genres' popularity."""


@dataclass(frozen=True)
class Artists:
    """Some artists, one array element each.

    Attributes:
        wanted: how many of them, the first ones, the catalogue was asked for.
        names: unique names.
        genres: (artists, 3) positions in `GENRES`, the primary first; -1 where there are fewer.
        is_tagged: whether the artist's genres are known to the artists file.
        popularity: 0-100, a power law.
        followers: how many follow the artist.
        character: (artists, LATENTS) what the artist's tracks share in sound, standard normal.
        era: what the artist's releases share in time, standard normal.
    """

    wanted: int
    names: pa.Array
    genres: np.ndarray
    is_tagged: np.ndarray
    popularity: np.ndarray
    followers: np.ndarray
    character: np.ndarray
    era: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


def draw_artists(rng: np.random.Generator, wanted: int, surplus: int) -> Artists:
    """Draw `wanted` artists, then `surplus` obscure ones that only dirty the source files."""
    popularity = np.concatenate([_popularity(rng, wanted), _popularity(rng, surplus) / 10])
    primary = _primary_genres(rng, popularity)
    is_keeper = np.zeros(len(primary), dtype=bool)
    is_keeper[_keep_every_genre(primary[:wanted], popularity[:wanted])] = True
    tagged = np.repeat([_TAGGED_SHARE, _TAGGED_SURPLUS_SHARE], [wanted, surplus])
    reach = rng.lognormal(0, 0.7, len(popularity))
    return Artists(
        wanted=wanted,
        names=act_names(rng, primary),
        genres=_genres(rng, primary, is_keeper),
        is_tagged=is_keeper | (rng.random(len(primary)) < tagged),
        popularity=popularity.round(6),
        followers=np.rint(6e7 * (popularity / 100) ** 1.2 * reach).astype(np.int64),
        character=rng.standard_normal((len(popularity), LATENTS)),
        era=rng.standard_normal(len(popularity)),
    )


def _popularity(rng: np.random.Generator, count: int) -> np.ndarray:
    rank = rng.permutation(count) + rng.uniform(0, 0.9, count)
    return 100 * (1 + rank / (1 + _HEAD)) ** (-1 / TAIL)


def _primary_genres(rng: np.random.Generator, popularity: np.ndarray) -> np.ndarray:
    """Draw genres by Zipf's law, the steeper the more popular the artist."""
    standing = np.argsort(np.argsort(popularity, kind="stable"), kind="stable") / len(popularity)
    level = (standing * len(_GENRE_SLOPES)).astype(np.int64)
    chance = rng.random(len(popularity))
    primary = np.empty(len(popularity), dtype=np.int64)
    for position, slope in enumerate(_GENRE_SLOPES):
        odds = np.cumsum(np.arange(1, len(GENRES) + 1) ** -slope)
        here = level == position
        primary[here] = np.searchsorted(odds / odds[-1], chance[here], side="right")
    return primary


def _keep_every_genre(primary: np.ndarray, popularity: np.ndarray) -> np.ndarray:
    """Give each genre a keeper, in place, if there are enough artists; return the keepers.

    A genre's keeper is the obscurest of its artists. It plays no other genre and always says so.
    """
    if len(primary) < len(GENRES):
        return np.empty(0, dtype=np.int64)
    order = np.argsort(popularity, kind="stable")
    present, first = np.unique(primary[order], return_index=True)
    missing = np.setdiff1d(np.arange(len(GENRES)), present)
    spare = np.delete(order, first)[: len(missing)]
    primary[spare] = missing
    return np.concatenate([order[first], spare])


def _genres(rng: np.random.Generator, primary: np.ndarray, is_keeper: np.ndarray) -> np.ndarray:
    """Add up to two of the primary genre's kin."""
    kin_count = KIN_OF.shape[1]
    one = rng.integers(kin_count, size=len(primary))
    other = (one + rng.integers(1, kin_count, size=len(primary))) % kin_count
    genres = np.column_stack([primary, KIN_OF[primary, one], KIN_OF[primary, other]])
    count = 1 + rng.choice(len(_GENRE_COUNT_ODDS), len(primary), p=_GENRE_COUNT_ODDS)
    count[is_keeper] = 1
    return np.where(np.arange(genres.shape[1]) < count[:, None], genres, -1)
