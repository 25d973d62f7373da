"""How long a play is heard, and why it ends: skipped, stopped on the way, or played to its end."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math

import numpy as np

from playback.contexts import Reason
from playback.player.compiling import compiled
from playback.player.history import SKIP_MS, context_of, is_picked, was_played_lately
from playback.player.lifelike.keys import SESSIONS
from playback.player.lifelike.liking import standard
from playback.player.numbers import fold, mix, next_key, quantile, quantile_at, uniform
from playback.player.playlists import stretch_key

TRACKDONE, FWDBTN, BACKBTN = int(Reason.TRACKDONE), int(Reason.FWDBTN), int(Reason.BACKBTN)
ENDPLAY = int(Reason.ENDPLAY)


@compiled
def draw_listening_ms(day, before, track, code, liked):
    """How long the track is heard; `before` as in `tracks_before`, `code` that of its beginning."""
    laws, listener, stream = day.laws, day.listener, day.stream
    duration_ms = day.simulation.tracks[track].duration_ms
    logit = _skip_logit(day, before, track, code) - liked
    if uniform(stream) < 1.0 / (1.0 + math.exp(-logit)):
        seconds = quantile_at(laws.skip_seconds, uniform(stream) ** listener.skip_haste)
        return np.int64(min(1000 * seconds, SKIP_MS - 1, duration_ms))
    if duration_ms > SKIP_MS and uniform(stream) < listener.partial_share:
        ratio = quantile(laws.partial_ratio, next_key(stream))
        return np.int64(SKIP_MS + ratio * (duration_ms - SKIP_MS))
    return np.int64(duration_ms)


@compiled
def _skip_logit(day, before, track, code):
    """The log-odds of a skip by mood and context, whatever the track is worth to the listener.

    The mood has a part that is drawn for a session, one that is drawn for a stretch, and one that
    follows from the last skips.
    """
    laws, listener, state = day.laws, day.listener, day.state
    session = fold(fold(day.key, SESSIONS), state.plays - before)
    stretch = stretch_key(day.key, state.plays) if is_picked(code) else state.stretch_key
    logit = listener.skip_logit + laws.mood_sigma[0] * standard(day, session)
    logit += laws.mood_sigma[1] * standard(day, mix(stretch))
    logit += laws.context_logit[context_of(code)]
    if is_picked(code):
        logit += laws.picked_logit
    restless = 0.0
    for pace in range(2):
        kept = listener.restless_after_break[pace] if before == 0 else 1.0
        restless += laws.restless_logit[pace] * kept * state.restlessness[pace]
    logit += listener.skip_persistence * restless
    if was_played_lately(day, track, laws.tired_plays):
        logit += laws.tired_logit
    return logit


@compiled
def draw_reason_end(day, is_whole, skipped, goes_on):
    """Why a play ends: it is done, or something is pressed."""
    if is_whole:
        return TRACKDONE
    share = uniform(day.stream)
    if not goes_on or share < day.laws.endplay_share[1 if skipped else 0]:
        return ENDPLAY
    return BACKBTN if share > 1.0 - day.listener.same_track_share else FWDBTN
