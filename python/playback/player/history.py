"""What a listener has played: how a play is written down, and what the next one depends on."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import numpy as np

from playback.contexts import Answer, Context, Reason
from playback.player.compiling import compiled
from playback.player.numbers import fold
from playback.player.playlists import is_taken_up, playlist_of, playlist_size, stretch_key
from playback.player.pools import INDEX
from playback.player.records import HEARD_WORDS, OPINION_WORDS

ALBUM, PLAYLIST = int(Context.ALBUM), int(Context.PLAYLIST)
BACKBTN, PLAYBTN, REMOTE = int(Reason.BACKBTN), int(Reason.PLAYBTN), int(Reason.REMOTE)
YES = int(Answer.YES)

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
def is_skip(listening_ms, duration_ms):
    """Whether a play is a skip: a short track heard to its end is none."""
    return listening_ms < SKIP_MS and 5 * listening_ms < 4 * duration_ms


@compiled
def context_of(code):
    """What a play was played from."""
    return code & 7


@compiled
def reason_start_of(code):
    """Why a play began."""
    return (code >> 7) & 15


@compiled
def reason_end_of(code):
    """Why a play ended."""
    return (code >> 11) & 15


@compiled
def is_shuffled(code):
    """Whether a play was one of a shuffled list."""
    return (code >> 3) & 3 == YES


@compiled
def is_picked(code):
    """Whether a play was picked, and did not just follow: it opens a stretch."""
    return PLAYBTN <= reason_start_of(code) <= REMOTE


@compiled
def remember(listener, state, memory, key, track, ended_ms, listening_ms, skipped, code):
    """Make a play the listener's last one.

    `memory` is a ring of their last tracks; those that were skipped stand there inverted, bit by
    bit, so that they are negative.
    """
    before = tracks_before(state, ended_ms - listening_ms)
    _follow_list(listener, state, key, track, code)
    _follow_mood(listener, state, before, skipped)
    memory[_ring_place(memory, state.plays)] = ~track if skipped else track
    word, bit = _place(track, HEARD_WORDS)
    state.heard[word] |= bit
    state.plays += 1
    state.track = track
    state.session_tracks = before + 1
    state.ended_ms = ended_ms
    state.was_skip = skipped
    state.context_code = code


@compiled
def _follow_list(listener, state, key, track, code):
    """Keep where in its list a stretch is, and where the lists were left."""
    context = context_of(code)
    if is_picked(code):
        state.stretch_key, state.entry = stretch_key(key, state.plays), 0
    elif track != state.track or (context == PLAYLIST and reason_start_of(code) != BACKBTN):
        state.entry += 1
    if context == ALBUM:
        state.album_track = track
    if context == PLAYLIST:
        if is_picked(code):
            state.playlist = playlist_of(listener, key, state.plays)
            state.playlist_size = playlist_size(listener, key, state.playlist)
            if not is_shuffled(code) and is_taken_up(listener, state.stretch_key):
                state.entry = state.left_at[state.playlist]
        if state.entry >= state.playlist_size:
            state.entry = 0
        if not is_shuffled(code):
            follows = state.entry + 1
            state.left_at[state.playlist] = follows if follows < state.playlist_size else 0


@compiled
def _follow_mood(listener, state, before, skipped):
    """A listener who skips gets restless, soon and for a while; a new session begins calmer."""
    for pace in range(2):
        if before == 0:
            state.restlessness[pace] *= listener.restless_after_break[pace]
        state.restlessness[pace] += listener.restless_pace[pace] * (
            skipped - state.restlessness[pace]
        )


@compiled
def _ring_place(memory, play):
    """Where a play lies in the memory, by how many there were before it."""
    return np.uint64(play) & np.uint64(len(memory) - 1)


@compiled
def past_play(memory, play):
    """The entry of the memory for a play, by how many there were before it."""
    return memory[_ring_place(memory, play)]


@compiled
def remembered_track(remembered):
    """The track of an entry of the memory: its sign bit is spread over it, or not."""
    return remembered ^ (remembered >> 31)


@compiled
def was_played_lately(day, track, lately):
    """Whether a track is among so many last plays."""
    memory, plays = day.memory, day.state.plays
    for lag in range(1, min(plays, len(memory), lately) + 1):
        if remembered_track(past_play(memory, plays - lag)) == track:
            return True
    return False


@compiled
def write_play(day, track, ended_ms, listening_ms, code, row):
    """Make a play the listener's last one, and put it into the row; returns the next row."""
    skipped = is_skip(listening_ms, day.simulation.tracks[track].duration_ms)
    remember(
        day.listener, day.state, day.memory, day.key,
        track, ended_ms, listening_ms, skipped, code,
    )  # fmt: skip
    plays, user_key = day.plays, day.listener.user_key
    user_day, place = (np.int64(user_key) << DAY_BITS) + day.number, INDEX(row)
    plays.event_id[place] = (user_day << POSITION_BITS) + (row - day.first_row)
    plays.ended_at[place] = ended_ms * 1000
    plays.user_key[place] = user_key
    plays.track_key[place] = day.simulation.tracks[track].track_key
    plays.listening_ms[place] = listening_ms
    plays.context_code[place] = code
    return row + 1


@compiled
def may_have_heard(state, track):
    """Whether a listener may have heard a track: if not, they surely have not."""
    word, bit = _place(track, HEARD_WORDS)
    return state.heard[word] & bit != 0


@compiled
def has_opinion(state, track):
    """Whether a listener may have liked or disliked a track: if not, they surely have not."""
    word, bit = _place(track, OPINION_WORDS)
    return state.opinions[word] & bit != 0


@compiled
def keep_opinion(state, track):
    """Keep that a listener has liked or disliked a track."""
    word, bit = _place(track, OPINION_WORDS)
    state.opinions[word] |= bit


@compiled
def _place(track, words):
    """The word and the bit that say something of a track; other tracks may share them."""
    key = fold(0, track)
    return key % np.uint64(words), np.uint64(1) << (key >> np.uint64(58))


@compiled
def write_like(day, track, value):
    """Keep what a listener thinks of the track they have just heard, and put it into the likes."""
    likes = day.likes
    row = likes.count[0]
    likes.user_key[row] = day.listener.user_key
    likes.track_key[row] = day.simulation.tracks[track].track_key
    likes.liked_at[row] = day.state.ended_ms * 1000
    likes.value[row] = value
    likes.count[0] += 1
    keep_opinion(day.state, track)


@compiled
def is_full(day, row):
    """Whether the day holds as many plays as an event id can number."""
    return row - day.first_row >= MOST_PLAYS_A_DAY
