"""Power laws that are drawn from by inverting their integral: weight x ^ -exponent on a range."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

WHOLE_WITHIN = 0.01
"""How far, relatively, an inverse power may lie from a whole number to be taken as that."""


def inverse_power(exponent: float) -> float:
    """The inverse of the power of x in the integral of x ^ -exponent.

    One close to a whole number is rounded to it: such a power takes a few multiplications, a tenth
    of the time, and gives the same bits on every machine. The logarithm, of exponent 1, is only
    approached.
    """
    inverse = 1.0 / (1.0 - exponent or 1e-6)
    whole = round(inverse)
    return float(whole) if abs(inverse - whole) <= WHOLE_WITHIN * abs(inverse) else inverse


def integral(
    exponent: float, lowest: ArrayLike, width: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The integral at the lower end of a range, and how much it grows to the upper end.

    A number with this law is (lower + share x growth) ^ inverse power for an even share of 1. The
    constant factor of the integral is left out of both.
    """
    power = 1.0 / inverse_power(exponent)
    lower = np.asarray(lowest, dtype=np.float64) ** power
    return lower, (np.asarray(lowest) + width) ** power - lower
