"""Recommenders that give each listener and each song a vector: the score is their product."""

import warnings
from typing import NamedTuple

import numpy as np
import torch
from scipy.sparse import block_array, csr_array, diags_array
from torch import Tensor

from playback.evaluation.listening import Listening
from playback.evaluation.metrics import Scorer, measure

FACTORS = 64

ALS_SWEEPS = 8
ALS_CONFIDENCE = 5.0
ALS_PENALTY = 10.0

LAYERS = 2
"""Of LightGCN; without layers it is a matrix factorisation."""

LEARNING_RATE = 0.05
PENALTY = 0.01
STEPS_BETWEEN_CHECKS = 10
MOST_CHECKS = 10
PATIENCE = 2
"""Checks without a better one after which training ends."""

_INITIAL_SIGMA = 0.1
_BLOCK = 256


class Vectors(NamedTuple):
    """What was learned: (listeners, factors) and (songs, factors), float32."""

    users: Tensor
    songs: Tensor

    def scorer(self) -> Scorer:
        """Score by the product."""
        return lambda block: (self.users[block] @ self.songs.T).numpy()


def implicit_als(listening: Listening, seed: int) -> Scorer:
    """Factorise what was heard and what was not by alternating least squares.

    What was heard weighs 1 + `ALS_CONFIDENCE`, the rest 1 (Hu, Koren and Volinsky, 2008).
    """
    users, songs = listening.train.shape
    vectors = _draw(users, songs, seed)
    sides = (listening.train, listening.train.T.tocsr())
    for _ in range(ALS_SWEEPS):
        vectors = vectors._replace(users=_least_squares(sides[0], vectors.songs))
        vectors = vectors._replace(songs=_least_squares(sides[1], vectors.users))
    return vectors.scorer()


def _least_squares(heard: csr_array, others: Tensor) -> Tensor:
    """The vectors of the rows of `heard` (n, m) that fit best, given the others (m, factors)."""
    everywhere = others.T @ others + ALS_PENALTY * torch.eye(others.shape[1])
    grams = torch.empty(heard.shape[0], *everywhere.shape)
    sums = torch.empty(heard.shape[0], others.shape[1])
    columns = torch.from_numpy(heard.indices.astype(np.int64))
    for row, (start, end) in enumerate(zip(heard.indptr, heard.indptr[1:], strict=False)):
        there = others[columns[start:end]]
        grams[row] = everywhere + ALS_CONFIDENCE * (there.T @ there)
        sums[row] = (1 + ALS_CONFIDENCE) * there.sum(dim=0)
    return torch.linalg.solve(grams, sums)


def light_gcn(listening: Listening, seed: int, layers: int = LAYERS) -> Scorer:
    """Smooth vectors over the graph and learn them by a softmax over the whole catalogue.

    The model is LightGCN (He et al., SIGIR 2020): the mean of a vector and of what each layer, a
    product with the normalised adjacency, makes of it. The loss is the mean of
    -log P(song | listener) over all edges, exact and in one batch. The adjacency is symmetric, so
    that the gradient comes back through the same product. Training ends where Recall on the new
    songs of validation time no longer grows; the best vectors count.
    """
    train = listening.train
    users = train.shape[0]
    edges = _both_ways(train)
    edges_of = torch.from_numpy(train.sum(axis=1)).unsqueeze(1)
    spread = diags_array(1 / np.sqrt(np.maximum(edges.sum(axis=1), 1)))
    links, adjacency = _to_torch(edges), _to_torch(spread @ edges @ spread)
    own = torch.cat(_draw(*train.shape, seed)).requires_grad_()
    optimiser = torch.optim.Adam([own], lr=LEARNING_RATE)
    best, best_recall, checks_since = _draw(*train.shape, seed), -1.0, 0
    for _ in range(MOST_CHECKS):
        for _ in range(STEPS_BETWEEN_CHECKS):
            slope = _slope(_smooth(adjacency, own.detach(), layers), links, edges_of)
            own.grad = _smooth(adjacency, slope, layers) + 2 * PENALTY / len(own) * own.detach()
            optimiser.step()
        smooth = _smooth(adjacency, own.detach(), layers)
        vectors = Vectors(smooth[:users], smooth[users:])
        recall = measure(vectors.scorer(), listening.validation_new, barred=train).recall
        checks_since += 1
        if recall > best_recall:
            best, best_recall, checks_since = vectors, recall, 0
        if checks_since == PATIENCE:
            break
    return best.scorer()


def _smooth(adjacency: Tensor, vectors: Tensor, layers: int) -> Tensor:
    """The mean of the vectors and of what each layer makes of them: a symmetric operator."""
    total = vectors.clone()
    for _ in range(layers):
        vectors = adjacency @ vectors
        total += vectors
    return total / (layers + 1)


def _slope(vectors: Tensor, links: Tensor, edges_of: Tensor) -> Tensor:
    """The gradient of the softmax loss in the vectors, listeners above songs.

    Args:
        vectors: (listeners + songs, factors).
        links: the edges, both ways, as a sparse matrix.
        edges_of: (listeners, 1) how many edges each listener has.
    """
    users, songs = vectors.tensor_split([len(edges_of)])
    slope = -(links @ vectors)
    for first in range(0, len(users), _BLOCK):
        block = slice(first, first + _BLOCK)
        expected = torch.softmax(users[block] @ songs.T, dim=1).mul_(edges_of[block])
        slope[: len(users)][block] += expected @ songs
        slope[len(users) :] += expected.T @ users[block]
    return slope / edges_of.sum()


def _draw(users: int, songs: int, seed: int) -> Vectors:
    """Vectors to begin with."""
    generator = torch.Generator().manual_seed(seed)
    return Vectors(
        *(
            _INITIAL_SIGMA * torch.randn(count, FACTORS, generator=generator)
            for count in (users, songs)
        )
    )


def _both_ways(train: csr_array) -> csr_array:
    """Edges from listeners to songs and back: (listeners + songs, listeners + songs)."""
    return block_array([[None, train], [train.T, None]], format="csr")


def _to_torch(matrix: csr_array) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr.astype(np.int64)),
            torch.from_numpy(matrix.indices.astype(np.int64)),
            torch.from_numpy(matrix.data.astype(np.float32)),
            size=matrix.shape,
            check_invariants=True,
        )
