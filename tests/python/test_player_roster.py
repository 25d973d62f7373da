from datetime import date

import numpy as np
import pytest

from playback.player.lifelike import MOST_CERTAIN_STOP, stop_scales, stop_shares
from playback.player.roster import offset_minutes
from playback.settings import load_preset


def test_offsets_follow_daylight_saving_time():
    zones = ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Pacific/Apia"]
    offsets = offset_minutes(zones, date(2024, 3, 9), date(2024, 4, 1))
    assert offsets.shape == (4, 24)
    assert set(offsets[0]) == {330}
    assert offsets[1].tolist() == [60] * 22 + [120] * 2
    assert offsets[2].tolist() == [-300] + [-240] * 23
    assert set(offsets[3]) == {780}


def test_sessions_have_the_mean_length_asked_for():
    knobs = load_preset("lifelike").player
    asked = np.array([2.0, 6.0, 15.0, 40.0])
    for mean, scale in zip(asked, stop_scales(knobs, asked), strict=True):
        stop = np.minimum(scale * stop_shares(knobs), MOST_CERTAIN_STOP)
        reached = np.concatenate([[1.0], np.cumprod(1 - stop)[:-1]])
        assert reached.sum() + reached[-1] * (1 - stop[-1]) / stop[-1] == pytest.approx(mean, 0.02)
