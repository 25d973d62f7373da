"""Who has listened to what, and when: the listens edges of a graph as sparse matrices."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from playback import load_graph
from playback.errors import PlaybackError

MOST_LISTENERS = 2_000
"""Of more listeners an even sample is compared, so that time and memory do not grow with them."""


@dataclass(frozen=True)
class ListenEdges:
    """The n edges of a graph, one per listener and song.

    Attributes:
        shape: listeners and songs.
        users, songs: (n,) int64 indices.
        plays: (3, n) int64 plays in training, validation and test time.
        is_new_in_test: (n,) bool, whether the listener first played the song in test time.
        first_played_at: (n,) int64 epoch seconds.
    """

    shape: tuple[int, int]
    users: NDArray[np.int64]
    songs: NDArray[np.int64]
    plays: NDArray[np.int64]
    is_new_in_test: NDArray[np.bool_]
    first_played_at: NDArray[np.int64]


@dataclass(frozen=True)
class Listening:
    """What a recommender may learn from, and what it is tested on.

    All matrices are (listeners, songs), float32.

    Attributes:
        train: 1 where there was a play in training time: all that most recommenders see.
        train_plays: the plays in training time.
        song_debuts: (songs,) epoch seconds of each song's first play in training time; 0 if none.
        validation_new: 1 where there was a play in validation time and none before.
        heard: 1 where there was a play in training or validation time.
        test: 1 where there was a play in test time.
        test_new: 1 where there was a play in test time and none before.
    """

    train: csr_array
    train_plays: csr_array
    song_debuts: NDArray[np.int64]
    validation_new: csr_array
    heard: csr_array
    test: csr_array
    test_new: csr_array


def read_listening(path: Path) -> ListenEdges:
    """Read the edges of a graph: of all its listeners, or of `MOST_LISTENERS` spread evenly.

    Raises:
        PlaybackError: there is no graph, or too little in it to learn from or to test on.
    """
    graph = load_graph(path)
    listens = graph["user", "listens", "song"]
    users, songs = listens.edge_index.numpy()
    plays = np.stack(
        [listens[f"{split}_play_count"].numpy() for split in ("train", "validation", "test")]
    )
    if not plays.any(axis=1).all():
        raise PlaybackError(
            f"{path} has no plays in training, validation or test time: "
            "play at least ten days, and make it again with `playback graph`"
        )
    count = graph["user"].num_nodes
    sampled = np.unique(np.linspace(0, count - 1, min(count, MOST_LISTENERS)).round().astype(int))
    kept = np.isin(users, sampled)
    return ListenEdges(
        (len(sampled), graph["song"].num_nodes),
        np.searchsorted(sampled, users[kept]),
        songs[kept],
        plays[:, kept],
        listens.new_test_mask.numpy()[kept],
        listens.time.numpy()[kept],
    )


def divide(edges: ListenEdges) -> Listening:
    """Divide the edges by time."""
    in_train, in_validation, in_test = edges.plays > 0
    debuts = np.full(edges.shape[1], np.iinfo(np.int64).max)
    np.minimum.at(debuts, edges.songs[in_train], edges.first_played_at[in_train])
    debuts[debuts == np.iinfo(np.int64).max] = 0
    return Listening(
        train=_matrix(edges, in_train),
        train_plays=_matrix(edges, edges.plays[0]),
        song_debuts=debuts,
        validation_new=_matrix(edges, in_validation & ~in_train),
        heard=_matrix(edges, in_train | in_validation),
        test=_matrix(edges, in_test),
        test_new=_matrix(edges, edges.is_new_in_test),
    )


def _matrix(edges: ListenEdges, values: NDArray) -> csr_array:
    there = values > 0
    return csr_array(
        (values[there].astype(np.float32), (edges.users[there], edges.songs[there])),
        shape=edges.shape,
    )
