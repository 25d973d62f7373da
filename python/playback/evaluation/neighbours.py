"""Recommenders that know which songs are heard by the same listeners, in closed form."""

import numpy as np
import torch
from scipy.sparse import csr_array, vstack

from playback.evaluation.listening import Listening
from playback.evaluation.metrics import Scorer

NEIGHBOURS = 100
KNN_SHRINKAGE = 10.0
EASE_PENALTY = 300.0

_BLOCK = 1_000


def item_knn(listening: Listening) -> Scorer:
    """Score a song by its likeness to the songs heard.

    The likeness is the cosine over listeners, shrunk where few songs support it; of each song the
    `NEIGHBOURS` most alike count (Deshpande and Karypis, 2004).
    """
    train = listening.train
    songs = train.shape[1]
    by_song = train.T.tocsr()
    norms = np.sqrt(train.sum(axis=0))
    kept = min(NEIGHBOURS, songs)
    parts = []
    for first in range(0, songs, _BLOCK):
        block = slice(first, min(first + _BLOCK, songs))
        together = (by_song[block] @ train).toarray()
        rows = np.arange(len(together))
        together[rows, first + rows] = 0
        likeness = together / (np.outer(norms[block], norms) + KNN_SHRINKAGE)
        nearest = np.argpartition(-likeness, kept - 1, axis=1)[:, :kept]
        offsets = np.arange(0, nearest.size + 1, kept)
        values = np.take_along_axis(likeness, nearest, axis=1)
        parts.append(
            csr_array((values.ravel(), nearest.ravel(), offsets), shape=(len(rows), songs))
        )
    to_neighbours = vstack(parts, format="csr").T.tocsr()
    return lambda block: (train[block] @ to_neighbours).toarray()


def ease(listening: Listening) -> Scorer:
    """Score by the linear item model with a zero diagonal (Steck, "EASE", WWW 2019).

    With X the matrix heard and P = (X'X + penalty)^-1 over songs, the model scores
    X - (X P) / diag(P). It is computed from K = (XX' + penalty)^-1 over listeners, of whom there
    are fewer: X P = K X, and diag(P) = (1 - diag(X' K X)) / penalty.
    """
    train = listening.train
    by_song = train.T.tocsr()
    overlap = torch.from_numpy((train @ by_song).toarray().astype(np.float64))
    overlap += EASE_PENALTY * torch.eye(len(overlap), dtype=torch.float64)
    kernel = torch.linalg.inv(overlap).numpy()

    def kernel_times_heard(block: slice) -> np.ndarray:
        return (by_song @ kernel[block].T).T

    explained = np.zeros(train.shape[1])
    for first in range(0, len(kernel), _BLOCK):
        block = slice(first, first + _BLOCK)
        explained += train[block].multiply(kernel_times_heard(block)).sum(axis=0)
    diagonal = (1 - explained) / EASE_PENALTY
    return lambda block: train[block].toarray() - kernel_times_heard(block) / diagonal
