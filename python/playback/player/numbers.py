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


@compiled
def fold(key, number):
    """The key of a `number` (a listener, a day, a rank) under another key."""
    return mix(np.uint64(key) + np.uint64(number) * _GOLDEN)


@compiled
def unit(key):
    """The one number in [0, 1) that belongs to a key."""
    return (key >> _11) * _UNIT


@compiled
def uniform(stream):
    """The next number in [0, 1) of a stream."""
    stream.key += _GOLDEN
    return unit(mix(stream.key))


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
def quantile(values, share):
    """The value at a share, from the values at evenly spaced shares: straight between them."""
    position = share * (len(values) - 1)
    left = np.uint32(min(int(position), len(values) - 2))
    return values[left] + (position - left) * (values[left + 1] - values[left])


@compiled
def index_within(position, size):
    """The index that a position falls on: the first or the last one for all that lies beyond."""
    return np.uint32(min(max(0.0, position), size - 1.0))


@compiled
def power(base, exponent):
    """The power of a number over 0: by multiplication if the exponent is whole."""
    whole = int(exponent)
    if whole != exponent:
        return base**exponent
    left, square, result = abs(whole), base, 1.0
    while left:
        if left & 1:
            result *= square
        square *= square
        left >>= 1
    return result if whole > 0 else 1.0 / result


@compiled
def power_law(lower, growth, inverse_power, share):
    """The quantile of a power law, see `power_law.integral`."""
    return power(lower + share * growth, inverse_power)
