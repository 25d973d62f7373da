"""Which track comes next, and what it is played from.

A listener picks something to play - an album, a playlist, the library, an artist, a radio, the
charts, one track - and lets it run: a stretch. What follows inside it is a function of the list, of
how far it has come, and of the key of the stretch, or a draw.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math

import numpy as np

from playback.contexts import Answer, Context, Reason
from playback.player.clock import is_weekend
from playback.player.compiling import compiled
from playback.player.drawing import is_out, oldest_track
from playback.player.history import (
    context_of,
    is_shuffled,
    may_have_heard,
    past_play,
    reason_end_of,
    remembered_track,
)
from playback.player.lifelike.favourites import (
    draw_member,
    draw_pool,
    favourite_artist,
    holder,
    library_term,
    obsession_term,
    playlist_term,
    release_pool,
)
from playback.player.lifelike.liking import liking
from playback.player.numbers import bucket, fold, power_law, uniform, unit
from playback.player.playlists import (
    is_repeated,
    is_taken_up,
    playlist_of,
    playlist_size,
    shuffled_size,
    stretch_key,
)
from playback.player.pools import INDEX, RELEASE_PERIOD_DAYS, WHOLE_CATALOGUE

ALBUM, PLAYLIST, LIBRARY, ARTIST, RADIO, CHART, SEARCH = (int(it) for it in list(Context)[1:])
NO, YES = int(Answer.NO), int(Answer.YES)
TRACKDONE, FWDBTN, BACKBTN = int(Reason.TRACKDONE), int(Reason.FWDBTN), int(Reason.BACKBTN)
PLAYBTN, CLICKROW, APPLOAD = int(Reason.PLAYBTN), int(Reason.CLICKROW), int(Reason.APPLOAD)
ENDPLAY = int(Reason.ENDPLAY)

TRIES_FOR_ANOTHER_TRACK = 4
"""How often a track is drawn until it is not the last one."""

NEWEST_OF = 3
"""Of how many tracks of an own artist the newest is found, where what is new is."""

TRIES_FOR_HITS = 0.75
"""In what part of the tries common listeners look among hits: who knows those looks further."""

OWN = (PLAYLIST, LIBRARY, SEARCH)
"""What is played from by a listener who goes back to what they know."""


@compiled
def coded(context, shuffled, reason):
    """The part of the context code that is known when a play begins."""
    return context + 8 * (YES if shuffled else NO) + 128 * reason


@compiled
def next_track(day, before):
    """The next track and the beginning of its context code; `before` as in `tracks_before`."""
    state, stream = day.state, day.stream
    last = state.context_code
    context, shuffled, reason = context_of(last), is_shuffled(last), reason_end_of(last)
    follows = before > 0 and reason != ENDPLAY
    if follows:
        if reason == BACKBTN or (
            reason == TRACKDONE and uniform(stream) < day.listener.same_track_share
        ):
            return state.track, coded(context, shuffled, reason)
        follows = uniform(stream) >= day.laws.switch_share[context]
    picked = not follows or _is_at_end(day, context, shuffled)
    if picked:
        context, shuffled, reason = _pick(day, before)
    return _track_from(day, context, shuffled, picked), coded(context, shuffled, reason)


@compiled
def _pick(day, before):
    """Pick what to play from: the context, whether it is shuffled, and how it was picked."""
    laws, listener, stream = day.laws, day.listener, day.stream
    reason = CLICKROW
    if before == 0:
        reason = APPLOAD if uniform(stream) < laws.appload_share else PLAYBTN
    if uniform(stream) < listener.same_artist_share:
        context = ALBUM if uniform(stream) < laws.album_share else ARTIST
    elif uniform(stream) < listener.repeat_share:
        context = OWN[bucket(laws.own_context_until, uniform(stream))]
    elif uniform(stream) < laws.chart_share[listener.is_common]:
        context = CHART
    else:
        context = SEARCH if uniform(stream) < laws.new_search_share else RADIO
    can_shuffle = context in (PLAYLIST, LIBRARY, ARTIST)
    return context, can_shuffle and uniform(stream) < listener.shuffle_share, reason


@compiled
def _has(day, pool, index):
    """Whether a pool has a member at an index, and it is out today."""
    listed = day.simulation.pools[pool]
    if index >= listed.size:
        return False
    return is_out(day.simulation.members[listed.start + index], day.number)


@compiled
def _is_at_end(day, context, shuffled):
    """Whether the list that is played from has no more tracks."""
    state = day.state
    last = day.simulation.tracks[state.track]
    if context == ALBUM:
        return not _has(day, last.album_pool, last.album_position + 1)
    if context == ARTIST:
        if shuffled:
            return state.entry + 1 >= day.simulation.pools[last.artist_pool].size
        return not _has(day, last.artist_pool, state.entry + 1)
    if context == PLAYLIST:
        if shuffled:
            newest = shuffled_size(day.listener, state.stretch_key, state.playlist_size)
            is_through = state.entry + 1 >= newest
        else:
            is_through = state.left_at[state.playlist] == 0
        return is_through and not is_repeated(day.listener, state.stretch_key)
    return False


@compiled
def _track_from(day, context, shuffled, picked):
    """The track that comes next from a context, which is picked or goes on."""
    state, simulation, stream = day.state, day.simulation, day.stream
    last = simulation.tracks[state.track]
    entry = 0 if picked else state.entry + 1
    if context == CHART:
        return _chart_track(day, picked, entry)
    if context == ARTIST and not picked:
        artist = simulation.pools[last.artist_pool]
        if shuffled:
            entry = _shuffled(state.stretch_key, entry, artist.size)
        member = simulation.members[artist.start + entry]
        return member.track if is_out(member, day.number) else artist.oldest.track
    if context == ALBUM:
        if picked:
            last = simulation.tracks[state.album_track]
        album, position = simulation.pools[last.album_pool], last.album_position + 1
        goes_on = not picked or (
            state.plays > 0
            and _has(day, last.album_pool, position)
            and uniform(stream) < day.laws.album_taken_up_share
        )
        if goes_on:
            return simulation.members[album.start + position].track
    track = _draw_track(day, context, shuffled, picked, entry)
    if context == ALBUM:
        first = simulation.members[simulation.pools[simulation.tracks[track].album_pool].start]
        return first.track if is_out(first, day.number) else track
    return track


@compiled
def _draw_track(day, context, shuffled, picked, entry):
    """Draw a track that suits a context: of a playlist, of the own past, or a discovery.

    It is another one than the last, but for a playlist that has it twice.
    """
    laws, listener, state, stream = day.laws, day.listener, day.state, day.stream
    known_share = listener.repeat_share
    if context == LIBRARY:
        known_share = 1.0
    elif context == RADIO:
        known_share *= laws.radio_known_share
    track = state.track
    for _ in range(TRIES_FOR_ANOTHER_TRACK):
        term, since, candidates = np.uint64(0), 0, laws.candidates_for_playlist
        if context == PLAYLIST:
            term, since = _entry_term(day, shuffled, picked, entry)
        elif uniform(stream) >= known_share:
            track = _discover(day)
        elif state.plays > 0 and uniform(stream) < listener.recency_share:
            track = _replay(day)
        else:
            (term, since), candidates = obsession_term(day), laws.candidates_for_obsession
            if term == 0:
                (term, since), candidates = library_term(day), laws.candidates_for_library
        if term != 0:
            track = holder(day, term, since, candidates)
        if track != state.track or context == PLAYLIST:
            break
    return track


@compiled
def _entry_term(day, shuffled, picked, entry):
    """The term of an entry of the playlist that is played from."""
    listener, state = day.listener, day.state
    key, playlist, size = state.stretch_key, state.playlist, state.playlist_size
    if picked:
        key = stretch_key(day.key, state.plays)
        playlist = playlist_of(listener, day.key, state.plays)
        size = playlist_size(listener, day.key, playlist)
    if entry >= size:
        entry = 0
    if shuffled:
        newest = shuffled_size(listener, key, size)
        entry = _shuffled(key, entry % newest, newest)
    elif picked and is_taken_up(listener, key):
        entry = state.left_at[playlist]
    return playlist_term(day, playlist, size, entry)


@compiled
def _shuffled(key, entry, size):
    """Where an entry stands in the order that a stretch is shuffled in: each comes up once."""
    bits = 1
    while (1 << bits) < size:
        bits += 1
    last = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    at = np.uint64(entry)
    while True:
        for turn in range(3):
            at = (at * (fold(key, turn) | np.uint64(1)) + (key >> np.uint64(turn))) & last
            at ^= at >> np.uint64((bits + 1) // 2)
        if at < size:
            return np.int64(at)


@compiled
def _chart_track(day, picked, entry):
    """An entry of the charts, the most popular releases of the last quarter, from any one on."""
    newest = release_pool(day, WHOLE_CATALOGUE, day.number - RELEASE_PERIOD_DAYS, day.number)
    chart, members = day.simulation.pools[newest], day.simulation.members
    size = min(day.laws.chart_tracks, chart.size)
    key = stretch_key(day.key, day.state.plays) if picked else day.state.stretch_key
    for rank in range((int(size * unit(key)) + entry) % size, chart.size):
        member = members[chart.start + rank]
        if is_out(member, day.number):
            return member.track
    return oldest_track(day, WHOLE_CATALOGUE, day.number)


@compiled
def _replay(day):
    """Go back to one of the last plays: of two, the one liked better, and not skipped."""
    chosen, best = 0, -math.inf
    for _ in range(2):
        remembered = _past_play(day)
        track = remembered_track(remembered)
        appeal = liking(day, track) - (day.laws.skipped_logit if remembered < 0 else 0.0)
        if appeal > best:
            chosen, best = track, appeal
    return chosen


@compiled
def _past_play(day):
    """Draw one of the last plays; the lag has a truncated power law."""
    plays, memory, laws = day.state.plays, day.memory, day.laws
    reach = min(plays, len(memory), laws.longest_lag)
    lag = int(power_law(1.0, laws.lag_growth[reach], laws.lag_power, uniform(day.stream)))
    return past_play(memory, plays - min(lag, reach))


@compiled
def _discover(day):
    """Draw a track that was not heard before, while patience lasts."""
    laws, listener, stream = day.laws, day.listener, day.stream
    track = day.state.track
    for tried in range(laws.discovery_tries):
        common = listener.is_common and tried < TRIES_FOR_HITS * laws.discovery_tries
        draws = 1
        if uniform(stream) < laws.discovery_favourite_artist_share:
            pool = favourite_artist(day, day.number, stream)
            if uniform(stream) < laws.new_discovery_share[listener.is_new]:
                draws = NEWEST_OF
        else:
            taste_share = laws.taste_share[is_weekend(day)]
            pool = draw_pool(day, taste_share, laws.new_discovery_share, day.number, stream)
        track = _newest_drawn(day, pool, draws, common)
        if not may_have_heard(day.state, track):
            break
    return track


@compiled
def _newest_drawn(day, pool, draws, common):
    """The newest of so many tracks that are drawn from a pool, as common listeners do or not."""
    track, newest = INDEX(0), -math.inf
    for _ in range(draws):
        other = draw_member(day, pool, day.number, common, day.stream)
        if other.released_day > newest:
            track, newest = other.track, other.released_day
    return track
