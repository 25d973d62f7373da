"""Small ways of drawing that several modules share."""

from collections.abc import Mapping

import numpy as np


def draw(rng: np.random.Generator, weights: Mapping[object, float], count: int) -> np.ndarray:
    """Draw `count` keys of `weights`, as positions (int64) in it."""
    odds = np.array(list(weights.values()), dtype=float)
    return rng.choice(len(odds), count, p=odds / odds.sum())


def reflect(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Mirror values at two bounds, so that none pile up at a bound as clipping would have it."""
    values = np.abs(values - low) + low
    return np.clip(high - np.abs(high - values), low, high)
