"""The negative control: a graph with the same degrees and nothing to learn."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playback.evaluation.listening import ListenEdges

ROUNDS = 20
"""In each of them a swap is proposed to every edge."""


def rewire(edges: ListenEdges, seed: int) -> ListenEdges:
    """Swap songs between edges that were played in the same splits, in many random pairs.

    Two edges (a, x) and (b, y) become (a, y) and (b, x) unless one of those is an edge already. So
    every listener and every song keeps its number of edges, in each split, and what a listener
    played says nothing any more about what else they play (Maslov and Sneppen, 2002).
    """
    random = np.random.default_rng(seed)
    songs = edges.songs.copy()
    splits = np.array([1, 2, 4]) @ (edges.plays > 0)
    alike = [np.flatnonzero(splits == split) for split in np.unique(splits)]
    for _ in range(ROUNDS):
        shuffled = [random.permutation(group)[: len(group) // 2 * 2] for group in alike]
        _swap(edges, songs, *np.concatenate([it.reshape(2, -1) for it in shuffled], axis=1))
    return replace(edges, songs=songs)


def _swap(
    edges: ListenEdges, songs: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> None:
    """Swap the songs of the pairs of edges (one, other), in place, where no edge comes twice."""
    width = edges.shape[1]
    standing = np.sort(edges.users * width + songs)
    proposed = np.stack(
        [edges.users[one] * width + songs[other], edges.users[other] * width + songs[one]]
    )
    place = np.searchsorted(standing, proposed).clip(max=len(standing) - 1)
    is_free = standing[place] != proposed
    _, which, times = np.unique(proposed, return_inverse=True, return_counts=True)
    is_free &= (times[which] == 1).reshape(proposed.shape)
    is_sound = is_free.all(axis=0)
    one, other = one[is_sound], other[is_sound]
    songs[one], songs[other] = songs[other], songs[one]
