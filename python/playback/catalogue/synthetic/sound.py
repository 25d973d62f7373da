"""Audio features that hang together: genre, artist, era, and two factors beneath them all.

Each feature is a normal latent put through its own scale. The latents share two factors: intensity
(louder, more energetic, less acoustic) and groove (more danceable, happier). Half of a latent's
variance belongs to the artist, half to the track.
"""

from dataclasses import dataclass

import numpy as np

from playback.catalogue.synthetic.draws import draw, reflect
from playback.catalogue.synthetic.genres import GENRES


@dataclass(frozen=True)
class _Feature:
    """How a feature follows the factors.

    Attributes:
        intensity, groove: loadings on the factors.
        spread: standard deviation, in log odds for a share and in the feature's unit otherwise.
        decimals: how many of them the source files have.
        bounds: lowest and highest value; None for a share.
    """

    intensity: float
    groove: float
    spread: float
    decimals: int
    bounds: tuple[float, float] | None = None

    @property
    def own(self) -> float:
        """Loading on the feature's own latent: what the factors leave of the unit variance."""
        return (1 - self.intensity**2 - self.groove**2) ** 0.5


_FEATURES = {
    "danceability": _Feature(-0.10, 0.72, 0.50, 3),
    "energy": _Feature(0.88, 0.10, 0.75, 3),
    "loudness": _Feature(0.80, 0.05, 2.4, 3, bounds=(-60, -0.3)),
    "speechiness": _Feature(0.10, 0.20, 0.60, 4),
    "acousticness": _Feature(-0.75, -0.05, 1.50, 5),
    "instrumentalness": _Feature(-0.05, -0.20, 2.20, 6),
    "liveness": _Feature(0.25, -0.15, 0.65, 4),
    "valence": _Feature(0.15, 0.62, 0.85, 3),
    "tempo": _Feature(0.22, -0.12, 19.0, 3, bounds=(45, 220)),
}
_OF_GENRE = {
    name: np.array([getattr(genre, name) for genre in GENRES]) for name in [*_FEATURES, "major"]
}

LATENTS = 2 + len(_FEATURES)
"""Latents of a track or an artist: the two factors, then each feature's own."""

_LIVE_LIVENESS = 0.8

_KEYS = (0.12, 0.09, 0.11, 0.035, 0.08, 0.08, 0.065, 0.125, 0.065, 0.115, 0.06, 0.055)
"""Shares of the keys from C up, about those of a real catalogue."""

_TIME_SIGNATURES = {4: 0.915, 3: 0.065, 5: 0.012, 1: 0.008}

_YEARS_OF_A_SIGMA = 45
"""Recordings have grown louder and less acoustic: by a standard deviation in so many years."""


def draw_sound(
    rng: np.random.Generator,
    genres: np.ndarray,
    character: np.ndarray,
    years: np.ndarray,
    is_live: np.ndarray,
) -> dict[str, np.ndarray]:
    """Draw the audio features and time signatures of tracks.

    Args:
        rng: the random stream.
        genres: (tracks,) positions in `GENRES`.
        character: (tracks, LATENTS) latents of each track's artist, standard normal.
        years: (tracks,) years of release.
        is_live: (tracks,) whether the track was recorded before an audience.

    Returns:
        An array (tracks,) for each, in the units and ranges of the source files.
    """
    count = len(genres)
    latents = (rng.standard_normal((count, LATENTS)) + character) * 0.5**0.5
    intensity = latents[:, 0] + (years - 1995) / _YEARS_OF_A_SIGMA
    groove = latents[:, 1]
    sound = {}
    for (name, feature), own in zip(_FEATURES.items(), latents.T[2:], strict=True):
        typical = _OF_GENRE[name][genres]
        if name == "liveness":
            typical = np.where(is_live, _LIVE_LIVENESS, typical)
        step = feature.spread * (
            feature.intensity * intensity + feature.groove * groove + feature.own * own
        )
        if feature.bounds:
            values = reflect(typical + step, *feature.bounds)
        else:
            values = 1 / (1 + (1 / typical - 1) * np.exp(-step))
        sound[name] = values.round(feature.decimals)
    return sound | {
        "key": draw(rng, dict(enumerate(_KEYS)), count),
        "mode": (rng.random(count) < _OF_GENRE["major"][genres]).astype(np.int64),
        "time_signature": np.array(list(_TIME_SIGNATURES))[draw(rng, _TIME_SIGNATURES, count)],
    }
