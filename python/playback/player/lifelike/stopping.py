"""How long a play is heard: skipped, stopped on the way, or played to its end."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import numpy as np

from playback.player.compiling import compiled
from playback.player.history import SKIP_MS, was_skip
from playback.player.numbers import quantile, uniform


@compiled
def draw_listening_ms(day, before, duration_ms):
    """How long the track is heard: skips come in runs, a chain of two states a listener.

    `before` says how many tracks the session has had; so it does in `next_track`.
    """
    laws, listener, stream = day.laws, day.listener, day.stream
    onset, persistence = listener.skip_propensity, listener.skip_persistence
    if before == 0:
        skip_share = onset / (onset + 1.0 - persistence)
    else:
        skip_share = persistence if was_skip(day) else onset
    if uniform(stream) < skip_share:
        seconds = quantile(laws.skip_seconds, uniform(stream) ** listener.skip_haste)
        return np.int64(min(1000 * seconds, SKIP_MS - 1, duration_ms))
    if duration_ms > SKIP_MS and uniform(stream) < listener.partial_share:
        ratio = quantile(laws.partial_ratio, uniform(stream))
        return np.int64(SKIP_MS + ratio * (duration_ms - SKIP_MS))
    return np.int64(duration_ms)
