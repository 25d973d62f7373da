"""Counter-based random numbers: a draw is a pure function of its key and its number.

Keys are folded from words (seed, purpose, listener, day) and draws are the splitmix64 sequence of
the key: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
"""

import numpy as np
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""The step of the sequence: 2^64 divided by the golden ratio, made odd."""

EVEN_STEPS = np.array([0xC13FA9A902A6328F, 0x91E10DA5C79E7B1D], dtype=np.uint64)
"""Steps that fill the unit square most evenly: 2^64 times 1 / g and 1 / g^2 for the plastic number
g, g^3 = g + 1 (Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018)."""

UNIT = 2.0**-53
"""Turns the top 53 bits of a word into a number in [0, 1)."""

_FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_FACTOR = np.uint64(0x94D049BB133111EB)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)


def mix(word):  # noqa: ANN001, ANN201 - a uint64 array here, a uint64 once compiled
    """Scatter the bits of a word: a bijection of 64-bit words (the finaliser of splitmix64)."""
    word = (word ^ (word >> _30)) * _FIRST_FACTOR
    word = (word ^ (word >> _27)) * _SECOND_FACTOR
    return word ^ (word >> _31)


def world_key(seed: int, purpose: str) -> np.uint64:
    """The key of everything one purpose draws in one world."""
    key = np.array([seed], dtype=np.uint64)
    for byte in purpose.encode():
        key = mix(key ^ mix(np.array([byte], dtype=np.uint64) + GOLDEN))
    return key[0]


def uniforms(key: np.uint64, keys: NDArray[np.integer], draws: int) -> NDArray[np.float64]:
    """Draw `draws` numbers in (0, 1) for each of `keys`; shape (keys, draws).

    The numbers of one key do not depend on which other keys are asked for.
    """
    origins = mix(key ^ mix(keys.astype(np.uint64) + GOLDEN))
    steps = GOLDEN * np.arange(1, draws + 1, dtype=np.uint64)
    return _in_unit(mix(origins[:, np.newaxis] + steps))


def even_pairs(key: np.uint64, keys: NDArray[np.integer]) -> NDArray[np.float64]:
    """Draw a pair of numbers in (0, 1) for each of `keys`; shape (keys, 2).

    Pairs of keys in a row fill the unit square evenly from a point on that is random.
    """
    origin = mix(key + GOLDEN * np.arange(1, 3, dtype=np.uint64))
    return _in_unit(origin + EVEN_STEPS * keys.astype(np.uint64)[:, np.newaxis])


def _in_unit(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * UNIT
