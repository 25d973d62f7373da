"""The loop that plays days of listeners, for both mechanisms, and the one that reads plays back."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import numpy as np

from playback.player import classic
from playback.player.clock import DAY_MS, period_at
from playback.player.compiling import compiled_entry
from playback.player.history import MOST_PLAYS_A_DAY, is_skip, keep_opinion, remember
from playback.player.lifelike import calendar as lifelike
from playback.player.numbers import fold
from playback.player.records import Day

FIRST_DAY_KEY = 16
"""A listener's key is folded with day + 16, and with what is below for all that is fixed."""


@compiled_entry
def play_days(simulation, classic_laws, lifelike_laws, days, user, number, plays, likes, scratch):
    """Play every day from `user` and `number` on; stop early when `plays` may not hold another day.

    The laws of the other mechanism are None: what tests for that is compiled away with its branch.

    Args:
        simulation: see `records.Simulation`.
        classic_laws: see `classic.laws_of`, or None.
        lifelike_laws: see `lifelike.laws.laws_of`, or None.
        days: the first day to play, and the one after the last.
        user: index of the listener to begin with.
        number: the day to begin with.
        plays: see `records.Plays`, filled from the top.
        likes: see `records.Likes`, with room for one a play.
        scratch: room to work in.

    Returns:
        The plays written, and the listener and the day to go on with.
    """
    if classic_laws is not None:
        laws = classic_laws[0]
    if lifelike_laws is not None:
        laws = lifelike_laws[0]
    stream, row = scratch.streams.day[0], 0
    while user < len(simulation.listeners):
        listener = simulation.listeners[user]
        key, period = fold(simulation.key, listener.user_key), listener.first_period
        while number < days[1]:
            if row + MOST_PLAYS_A_DAY > len(plays.event_id):
                return row, user, number
            period = period_at(simulation.periods, period, number * DAY_MS)
            stream.key = fold(key, number + FIRST_DAY_KEY)
            day = Day(
                simulation=simulation,
                laws=laws,
                listener=listener,
                state=simulation.states[user],
                memory=simulation.memories[user],
                key=key,
                number=number,
                midnight_ms=number * DAY_MS,
                period=period,
                stream=stream,
                scratch=scratch,
                plays=plays,
                likes=likes,
                first_row=row,
            )
            if classic_laws is not None:
                row = classic.play_day(day)
            if lifelike_laws is not None:
                row = lifelike.play_day(day)
            number += 1
        user += 1
        number = days[0]
    return row, user, number


@compiled_entry
def checksum(plays, count):
    """The sum of a hash of each of the first `count` plays, so that neither order nor parts matter.

    The user key is left out: it is in the event id.
    """
    total = np.uint64(0)
    for row in range(count):
        heard = (np.int64(plays.track_key[row]) << 32) + plays.listening_ms[row]
        play = fold(fold(plays.event_id[row], plays.ended_at[row]), heard)
        total += fold(play, plays.context_code[row])
    return total


@compiled_entry
def recall(simulation, positions, users, track_keys, ends_ms, listening_ms, context_codes):
    """Go through stored plays in the order they were written; False if they are out of order.

    `users` are indices of listeners, `positions` gives that of each track key in the catalogue.
    Afterwards the states and memories are those of listeners who have just played them.
    """
    for row in range(len(users)):
        user = users[row]
        listener, state = simulation.listeners[user], simulation.states[user]
        ended_ms = ends_ms[row]
        if ended_ms <= state.ended_ms:
            return False
        track, heard_ms = positions[track_keys[row]], listening_ms[row]
        remember(
            listener,
            state,
            simulation.memories[user],
            fold(simulation.key, listener.user_key),
            track,
            ended_ms,
            heard_ms,
            is_skip(heard_ms, simulation.tracks[track].duration_ms),
            context_codes[row],
        )
    return True


@compiled_entry
def recall_likes(simulation, positions, users, track_keys):
    """Go through stored likes and dislikes; arguments as in `recall`."""
    for row in range(len(users)):
        keep_opinion(simulation.states[users[row]], positions[track_keys[row]])
