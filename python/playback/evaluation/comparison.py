"""All recommenders on one graph, and the gates that the graph must pass."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch

from playback.evaluation import baselines, factors, neighbours
from playback.evaluation.listening import ListenEdges, Listening, divide
from playback.evaluation.metrics import Quality, Scorer, measure
from playback.evaluation.rewiring import rewire
from playback.progress import Progress

POPULAR, FACTORISATION, LIGHT_GCN = "most popular", "matrix factorisation", "LightGCN"
ITEM_KNN, EASE, OWN_HISTORY = "item-kNN", "EASE", "own history"

LEAST_LIFT = 2.0
LEAST_SHARE_OF_NEIGHBOURS = 0.85
LEAST_LIFT_OF_HISTORY = 2.0
MOST_LIFT_REWIRED = 1.2

_THREADS = 2
"""Sums of floats depend on the number of threads: it is always the same."""


class Result(NamedTuple):
    """How good a recommender is.

    Attributes:
        recommender: its name.
        new: on songs that the listener had not heard before test time; None for the own history.
        repeats: on all songs.
    """

    recommender: str
    new: Quality | None
    repeats: Quality


class Gate(NamedTuple):
    """A condition on Recall.

    Attributes:
        condition: in words.
        recall: of the recommender that the gate is about.
        against: the Recall that it is compared with.
        is_passed: whether it holds.
    """

    condition: str
    recall: float
    against: float
    is_passed: bool


@dataclass(frozen=True)
class Comparison:
    """What `compare` has found."""

    results: list[Result]
    rewired: list[Result]
    gates: list[Gate]


def compare(edges: ListenEdges, seed: int, progress: Progress) -> Comparison:
    """Let every recommender learn from training time, and measure it on test time.

    The same edges, number of threads and seed give the same figures.
    """
    makers = {
        "random": partial(baselines.random, seed=seed),
        POPULAR: baselines.most_popular,
        "most recent": baselines.most_recent,
        OWN_HISTORY: baselines.own_history,
        ITEM_KNN: neighbours.item_knn,
        EASE: neighbours.ease,
        "implicit ALS": partial(factors.implicit_als, seed=seed),
        FACTORISATION: partial(factors.light_gcn, seed=seed, layers=0),
        LIGHT_GCN: partial(factors.light_gcn, seed=seed),
    }
    progress.begin(len(makers) + 2, "recommenders")
    with _same_every_time():
        listening = divide(edges)
        results = []
        for name, make in makers.items():
            results.append(_measure(name, make(listening), listening))
            progress.advance(1)
        listening = divide(rewire(edges, seed))
        rewired = []
        for name in (POPULAR, LIGHT_GCN):
            rewired.append(_measure(name, makers[name](listening), listening))
            progress.advance(1)
    return Comparison(results, rewired, judge(results, rewired))


def judge(results: list[Result], rewired: list[Result]) -> list[Gate]:
    """Hold the results against the gates."""
    new = {result.recommender: result.new.recall for result in results if result.new}
    repeats = {result.recommender: result.repeats.recall for result in results}
    control = {result.recommender: result.new.recall for result in rewired if result.new}
    learned, neighbour = new[LIGHT_GCN], max(new[ITEM_KNN], new[EASE])
    own = repeats[OWN_HISTORY]
    return [
        Gate(
            f"new songs: {LIGHT_GCN} at least {LEAST_LIFT:g} x {POPULAR}",
            learned,
            new[POPULAR],
            learned >= LEAST_LIFT * new[POPULAR],
        ),
        Gate(
            f"new songs: {LIGHT_GCN} above {FACTORISATION}, itself without layers",
            learned,
            new[FACTORISATION],
            learned > new[FACTORISATION],
        ),
        Gate(
            f"new songs: {LIGHT_GCN} at least {LEAST_SHARE_OF_NEIGHBOURS:g} x "
            f"the better of {ITEM_KNN} and {EASE}",
            learned,
            neighbour,
            learned >= LEAST_SHARE_OF_NEIGHBOURS * neighbour,
        ),
        Gate(
            f"with repeats: {OWN_HISTORY} over {LEAST_LIFT_OF_HISTORY:g} x {POPULAR}",
            own,
            repeats[POPULAR],
            own > LEAST_LIFT_OF_HISTORY * repeats[POPULAR],
        ),
        Gate(
            f"rewired, new songs: {LIGHT_GCN} at most {MOST_LIFT_REWIRED:g} x {POPULAR}",
            control[LIGHT_GCN],
            control[POPULAR],
            control[LIGHT_GCN] <= MOST_LIFT_REWIRED * control[POPULAR],
        ),
    ]


def _measure(name: str, scorer: Scorer, listening: Listening) -> Result:
    return Result(
        name,
        None
        if name == OWN_HISTORY
        else measure(scorer, listening.test_new, barred=listening.heard),
        measure(scorer, listening.test),
    )


@contextmanager
def _same_every_time() -> Iterator[None]:
    threads, is_strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(is_strict)
