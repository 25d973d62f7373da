"""Power laws that are drawn from by inverting their integral: weight x ^ -exponent on a range."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def integral_power(exponent: float) -> float:
    """The power of x in the integral of x ^ -exponent; 0, the logarithm, is only approached."""
    return 1.0 - exponent or 1e-6


def integral(
    exponent: float, lowest: ArrayLike, width: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The integral at the lower end of a range, and how much it grows to the upper end.

    A number with this law is (lower + share x growth) ^ (1 / power) for an even share of 1. The
    constant factor of the integral is left out of both.
    """
    power = integral_power(exponent)
    lower = np.asarray(lowest, dtype=np.float64) ** power
    return lower, (np.asarray(lowest) + width) ** power - lower
