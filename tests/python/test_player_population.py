import numpy as np
import pytest

from playback.player.lifelike.laws import MOST_CERTAIN_STOP, stop_scales, stop_shares
from playback.settings import load_preset


def test_sessions_have_the_mean_length_asked_for():
    knobs = load_preset("lifelike").player
    asked = np.array([2.0, 6.0, 15.0, 40.0])
    for mean, scale in zip(asked, stop_scales(knobs, asked), strict=True):
        stop = np.minimum(scale * stop_shares(knobs), MOST_CERTAIN_STOP)
        reached = np.concatenate([[1.0], np.cumprod(1 - stop)[:-1]])
        assert reached.sum() + reached[-1] * (1 - stop[-1]) / stop[-1] == pytest.approx(mean, 0.02)
