"""What a listener has played: how a play is written down, and what the next one depends on."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import numpy as np

from playback.player.compiling import compiled

SKIP_MS = 30_000
"""A play shorter than this is a skip, unless it is complete."""

SESSION_BREAK_MS = 1_800_000
"""A play that begins more than this after the previous one ended is the first of a new session."""

POSITION_BITS = 12
DAY_BITS = 16
MOST_PLAYS_A_DAY = (1 << POSITION_BITS) - 1


@compiled
def tracks_before(state, started_ms):
    """How many tracks the session that a play belongs to has had before it: 0 if it opens one."""
    return state.session_tracks if started_ms - state.ended_ms <= SESSION_BREAK_MS else 0


@compiled
def remember(state, memory, track, ended_ms, listening_ms):
    """Make a play the listener's last one; `memory` is a ring of their last tracks."""
    memory[state.plays & (len(memory) - 1)] = track
    state.plays += 1
    state.track = track
    state.session_tracks = tracks_before(state, ended_ms - listening_ms) + 1
    state.ended_ms = ended_ms
    state.listening_ms = listening_ms


@compiled
def was_skip(day):
    """Whether the listener's last play was a skip: a short track heard to its end is none."""
    heard_ms = day.state.listening_ms
    duration_ms = day.simulation.tracks[day.state.track].duration_ms
    return heard_ms < SKIP_MS and 5 * heard_ms < 4 * duration_ms


@compiled
def was_played_lately(day, track, lately):
    """Whether a track is among so many last plays; without a way out early, it compiles to SIMD."""
    memory, plays = day.memory, day.state.plays
    end = plays & (len(memory) - 1)
    first = end - min(plays, len(memory), lately)
    found = False
    for index in range(max(first, 0), end):
        found |= memory[index] == track
    for index in range(len(memory) + min(first, 0), len(memory)):
        found |= memory[index] == track
    return found


@compiled
def write_play(day, track, ended_ms, listening_ms, row):
    """Make a play the listener's last one, and put it into the row; returns the next row."""
    remember(day.state, day.memory, track, ended_ms, listening_ms)
    plays, user_key = day.plays, day.listener.user_key
    user_day = (np.int64(user_key) << DAY_BITS) + day.number
    plays.event_id[row] = (user_day << POSITION_BITS) + (row - day.first_row)
    plays.ended_at[row] = ended_ms * 1000
    plays.user_key[row] = user_key
    plays.track_key[row] = day.simulation.tracks[track].track_key
    plays.listening_ms[row] = listening_ms
    plays.context_code[row] = 0
    return row + 1


@compiled
def is_full(day, row):
    """Whether the day holds as many plays as an event id can number."""
    return row - day.first_row >= MOST_PLAYS_A_DAY
