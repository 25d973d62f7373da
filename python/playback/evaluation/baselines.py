"""Recommenders that learn nothing about a listener, or nothing but what they played."""

import numpy as np
from numpy.typing import NDArray

from playback.evaluation.listening import Listening
from playback.evaluation.metrics import Scorer


def random(listening: Listening, seed: int) -> Scorer:
    """Any songs."""
    songs = listening.train.shape[1]
    return lambda block: np.random.default_rng((seed, block.start)).random(
        (block.stop - block.start, songs), dtype=np.float32
    )


def most_popular(listening: Listening) -> Scorer:
    """The songs with the most listeners."""
    return _alike(listening.train.sum(axis=0))


def most_recent(listening: Listening) -> Scorer:
    """The songs that were first played last, by anybody."""
    return _alike(listening.song_debuts.argsort(kind="stable").argsort())


def own_history(listening: Listening) -> Scorer:
    """The listener's own most played songs."""
    return lambda block: listening.train_plays[block].toarray()


def _alike(scores: NDArray) -> Scorer:
    """The same scores (songs,) for everybody."""
    row = scores.astype(np.float32)
    return lambda block: np.tile(row, (block.stop - block.start, 1))
