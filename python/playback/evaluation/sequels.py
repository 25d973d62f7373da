"""Whether order says something: how well the next track of a session is found from the last."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, islice

import numpy as np

from playback.evaluation.histories import History
from playback.evaluation.metrics import CUT

MOST_ASKED = 1_000
"""Tracks of a listener that are sought, spread evenly over the plays that are tested on."""

Followers = dict[int, Counter[int]]


def recall(histories: list[History]) -> dict[str, float]:
    """The share of next tracks that are among the `CUT` a recommender names, by recommender.

    Sought is a track that follows another one in a session. By popularity are named the tracks
    that all listeners play most, by taste those that the listener does, and by sequence those that
    followed the last track most often: the listener's own first, then everybody's, then by taste.
    Only the first part of the plays is learned from. Nothing is named that was just played.
    """
    everybody: Counter[int] = Counter()
    followers: Followers = defaultdict(Counter)
    for history in histories:
        everybody.update(history.tracks[: history.train_count].tolist())
        for last, track in _transitions(history, range(1, history.train_count)):
            followers[last][track] += 1
    hits: Counter[str] = Counter()
    asked = 0
    for history in histories:
        namers = _namers(history, everybody, followers)
        places = range(history.train_count, len(history.tracks))
        sought = list(_transitions(history, places))
        for last, track in sought[:: 1 + len(sought) // MOST_ASKED]:
            asked += 1
            for name, named in namers.items():
                hits[name] += track in named(last)
    names = ("popularity", "taste", "sequence")
    return {name: hits[name] / asked if asked else 0.0 for name in names}


def _transitions(history: History, places: Iterable[int]) -> Iterable[tuple[int, int]]:
    tracks, opens = history.tracks, history.opens_session
    places = np.asarray(places)
    places = places[~opens[places] & (tracks[places] != tracks[places - 1])]
    return zip(tracks[places - 1].tolist(), tracks[places].tolist(), strict=True)


def _namers(
    history: History, everybody: Counter[int], followers: Followers
) -> dict[str, Callable[[int], frozenset[int]]]:
    """What each recommender names after a track."""
    own: Followers = defaultdict(Counter)
    for last, track in _transitions(history, range(1, history.train_count)):
        own[last][track] += 1
    popular = [track for track, _ in everybody.most_common(CUT + 1)]
    liked = Counter(history.tracks[: history.train_count].tolist())
    favourites = [track for track, _ in liked.most_common(CUT + 1)]

    def first(named: Iterable[int], last: int) -> frozenset[int]:
        others = (track for track in dict.fromkeys(named) if track != last)
        return frozenset(islice(others, CUT))

    @cache
    def by_sequence(last: int) -> frozenset[int]:
        after = (known_of.get(last, Counter()).most_common(CUT) for known_of in (own, followers))
        known = (track for track, _ in chain(*after))
        return first(chain(known, favourites), last)

    return {
        "popularity": lambda last: first(popular, last),
        "taste": lambda last: first(favourites, last),
        "sequence": by_sequence,
    }
