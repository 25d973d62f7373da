"""Random numbers and the laws they are turned into, for compiled code.

A stream is a sequence of random numbers that is a function of its key alone.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import math

import numpy as np

from playback import randomness
from playback.player.compiling import compiled

mix = compiled(randomness.mix)
_GOLDEN = randomness.GOLDEN
_UNIT = randomness.UNIT
_11 = np.uint64(11)
_CURVE_BITS = np.uint64(9)
_PIECE = np.uint64(64) - _CURVE_BITS

CURVE_POINTS = (1 << int(_CURVE_BITS)) + 1
"""Points that a cumulative curve is read off at."""


@compiled
def fold(key, number):
    """The key of a `number` (a listener, a day, a rank) under another key."""
    return mix(np.uint64(key) + np.uint64(number) * _GOLDEN)


@compiled
def unit(key):
    """The one number in [0, 1) that belongs to a key."""
    return (key >> _11) * _UNIT


@compiled
def next_key(stream):
    """The next key of a stream: 64 random bits."""
    stream.key += _GOLDEN
    return mix(stream.key)


@compiled
def uniform(stream):
    """The next number in [0, 1) of a stream."""
    return unit(next_key(stream))


@compiled
def normal(stream):
    """A standard normal number (Box and Muller, 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@compiled
def exponential(stream):
    """A number with the exponential distribution of mean 1."""
    return -math.log(1.0 - uniform(stream))


@compiled
def bucket(cumulative, share):
    """The first index whose cumulative share lies above `share`; short tables only."""
    index = 0
    while index < len(cumulative) - 1 and share >= cumulative[index]:
        index += 1
    return index


@compiled
def quantile(curve, key):
    """The value at the share that belongs to a key, `unit(key)`, see `quantile_at`.

    The first bits of the key say between which points it lies, and the others where.
    """
    left = np.uint32(key >> _PIECE)
    return curve[left] + (key << _CURVE_BITS >> _11) * _UNIT * (curve[left + 1] - curve[left])


@compiled
def quantile_at(curve, share):
    """The value at a share, from the values at evenly spaced shares: straight between them."""
    position = share * (CURVE_POINTS - 1)
    left = np.uint32(min(int(position), CURVE_POINTS - 2))
    return curve[left] + (position - left) * (curve[left + 1] - curve[left])


@compiled
def index_within(position, size):
    """The index that a position falls on: the first or the last one for all that lies beyond."""
    return np.uint32(min(max(0.0, position), size - 1.0))


@compiled
def power(base, exponent):
    """The power of a number over 0: by multiplication if the exponent is whole, or a half more."""
    whole = int(exponent)
    rest = abs(exponent - whole)
    if rest not in (0.0, 0.5):
        return base**exponent
    left, square, result = abs(whole), base, math.sqrt(base) if rest else 1.0
    while left:
        if left & 1:
            result *= square
        square *= square
        left >>= 1
    return result if exponent > 0 else 1.0 / result


@compiled
def power_law(lower, growth, inverse_power, share):
    """The quantile of a power law, see `power_law.integral`."""
    return power(lower + share * growth, inverse_power)
