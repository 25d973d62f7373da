"""Recommenders on small graphs whose structure was planted, and metrics on hand-made scores."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from typer.testing import CliRunner

from conftest import Settings
from playback import cli
from playback.errors import PlaybackError
from playback.evaluation import baselines, compare, factors, neighbours, read_listening, report
from playback.evaluation.comparison import Comparison, Result, judge
from playback.evaluation.listening import Edges, divide
from playback.evaluation.metrics import Quality, measure
from playback.evaluation.rewiring import rewire
from playback.progress import Silent

GROUPS, GROUP_LISTENERS, GROUP_SONGS = 4, 40, 60
SHAPE = (GROUPS * GROUP_LISTENERS, GROUPS * GROUP_SONGS)


def planted(groups: int = GROUPS) -> Edges:
    """Groups of listeners who mostly play their own group's songs; each edge in one split."""
    random = np.random.default_rng(1)
    shape = (groups * GROUP_LISTENERS, groups * GROUP_SONGS)
    users, songs = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    is_home = users // GROUP_LISTENERS == songs // GROUP_SONGS
    is_played = random.random(shape) < 0.6 * np.where(is_home, 0.9, 0.1 / (groups - 1))
    users, songs = users[is_played], songs[is_played]
    split = random.choice(3, len(users), p=[0.7, 0.1, 0.2])
    plays = (split == np.arange(3)[:, np.newaxis]) * random.integers(1, 9, len(users))
    return Edges(shape, users, songs, plays, split == 2, 1_700_000_000 + np.arange(len(users)))


def scorer_of(scores: list[list[float]]):
    return lambda block: np.array(scores)[block]


def matrix(rows: list[list[int]]) -> csr_array:
    return csr_array(np.array(rows, dtype=np.float32))


def test_metrics_against_figures_by_hand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playback.evaluation.metrics.CUT", 2)
    scores = scorer_of([[4, 3, 2, 1, 0], [4, 3, 2, 1, 0], [0, 1, 2, 3, 4]])
    wanted = matrix([[1, 0, 1, 0, 1], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]])
    quality = measure(scores, wanted)
    # The first finds 1 of 3 at place 1, the second 1 of 1 at place 2; the third seeks nothing.
    second_place = 1 / np.log2(3)
    assert quality.recall == pytest.approx((1 / 3 + 1) / 2)
    assert quality.ndcg == pytest.approx((1 / (1 + second_place) + second_place) / 2)
    assert quality.coverage == pytest.approx(2 / 5)


def test_what_is_barred_is_neither_recommended_nor_sought(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playback.evaluation.metrics.CUT", 2)
    scores = scorer_of([[4, 3, 2, 1]])
    wanted, barred = matrix([[1, 0, 1, 1]]), matrix([[1, 0, 0, 0]])
    quality = measure(scores, wanted, barred)
    assert quality.recall == pytest.approx(1 / 2)  # places: song 1, song 2; sought: 2 and 3
    assert quality.coverage == pytest.approx(2 / 4)
    all_but_one = measure(scores, matrix([[0, 0, 0, 1]]), matrix([[1, 1, 1, 0]]))
    assert all_but_one == Quality(recall=1.0, ndcg=1.0, coverage=1 / 4)


def test_nothing_sought_is_no_quality():
    assert measure(scorer_of([[1.0, 2.0]]), matrix([[0, 0]])) == Quality(0, 0, 0)


def test_time_divides_what_is_learned_from_what_is_sought():
    plays = np.array([[3, 0, 0, 2], [0, 1, 0, 1], [0, 0, 1, 1]])
    edges = Edges(
        (2, 3),
        users=np.array([0, 0, 0, 1]),
        songs=np.array([0, 1, 2, 0]),
        plays=plays,
        is_new_in_test=np.array([False, False, True, False]),
        first_played_at=np.array([50, 9, 10, 40]),
    )
    listening = divide(edges)
    assert listening.train.toarray().tolist() == [[1, 0, 0], [1, 0, 0]]
    assert listening.train_plays.toarray().tolist() == [[3, 0, 0], [2, 0, 0]]
    assert listening.validation_new.toarray().tolist() == [[0, 1, 0], [0, 0, 0]]
    assert listening.heard.toarray().tolist() == [[1, 1, 0], [1, 0, 0]]
    assert listening.test.toarray().tolist() == [[0, 0, 1], [1, 0, 0]]
    assert listening.test_new.toarray().tolist() == [[0, 0, 1], [0, 0, 0]]
    assert listening.song_debuts.tolist() == [40, 0, 0]  # of training time alone


def test_ease_is_the_textbook_formula():
    listening = divide(planted())
    heard = listening.train.toarray().astype(np.float64)
    inverse = np.linalg.inv(heard.T @ heard + neighbours.EASE_PENALTY * np.eye(SHAPE[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    block = slice(3, 9)
    assert neighbours.ease(listening)(block) == pytest.approx(heard[block] @ weights, abs=1e-6)


def test_item_knn_is_the_textbook_formula(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(neighbours, "NEIGHBOURS", 1_000)
    monkeypatch.setattr(neighbours, "_BLOCK", 7)
    listening = divide(planted())
    heard = listening.train.toarray().astype(np.float64)
    together = heard.T @ heard
    norms = np.sqrt(np.diag(together))
    likeness = together / (np.outer(norms, norms) + neighbours.KNN_SHRINKAGE)
    np.fill_diagonal(likeness, 0)
    block = slice(0, 5)
    assert neighbours.item_knn(listening)(block) == pytest.approx(heard[block] @ likeness, rel=1e-4)


@pytest.mark.parametrize("layers", [0, 2])
def test_the_slope_is_that_of_the_loss(layers: int):
    train = divide(planted()).train
    listeners = SHAPE[0]
    edges = factors._both_ways(train)
    links = factors._to_torch(edges)
    edges_of = torch.from_numpy(train.sum(axis=1)).unsqueeze(1)
    adjacency = links.to_dense() / 20
    own = torch.cat(factors._draw(*SHAPE, seed=0)).requires_grad_()
    smooth = factors._smooth(adjacency, own, layers)
    logs = torch.log_softmax(smooth[:listeners] @ smooth[listeners:].T, dim=1)
    (-(logs * torch.from_numpy(train.toarray())).sum() / train.nnz).backward()
    slope = factors._slope(smooth.detach(), links, edges_of)
    ours = factors._smooth(adjacency, slope, layers)
    assert torch.allclose(ours, own.grad, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "learn",
    [
        neighbours.item_knn,
        neighbours.ease,
        lambda listening: factors.implicit_als(listening, seed=0),
        lambda listening: factors.light_gcn(listening, seed=0, layers=0),
        lambda listening: factors.light_gcn(listening, seed=0),
    ],
    ids=["item-kNN", "EASE", "ALS", "factorisation", "LightGCN"],
)
def test_every_recommender_finds_planted_groups(learn):
    listening = divide(planted())

    def recall(scorer) -> float:
        return measure(scorer, listening.test, listening.heard).recall

    chance = recall(baselines.random(listening, seed=0))
    assert recall(learn(listening)) > 2.5 * chance
    assert recall(baselines.most_popular(listening)) < 1.5 * chance


def test_rewiring_keeps_degrees_and_forgets_the_groups():
    edges = planted()
    rewired = rewire(edges, seed=3)
    for split in range(3):
        before, after = (it.plays[split] > 0 for it in (edges, rewired))
        for ends in ("users", "songs"):
            counts = [
                np.bincount(getattr(it, ends)[there], minlength=max(SHAPE)).tolist()
                for it, there in ((edges, before), (rewired, after))
            ]
            assert counts[0] == counts[1]
    pairs = set(zip(rewired.users.tolist(), rewired.songs.tolist(), strict=True))
    assert len(pairs) == len(edges.users)

    def share_at_home(it: Edges) -> float:
        return float(np.mean(it.users // GROUP_LISTENERS == it.songs // GROUP_SONGS))

    assert share_at_home(edges) > 0.85
    assert share_at_home(rewired) == pytest.approx(1 / GROUPS, abs=0.05)


@pytest.mark.slow
def test_the_gates_pass_where_there_is_structure_and_fail_where_there_is_none():
    edges = planted()
    passed = {gate.condition: gate.is_passed for gate in compare(edges, 0, Silent()).gates}
    lift = "new songs: LightGCN at least 2 x most popular"
    control = "rewired, new songs: LightGCN at most 1.2 x most popular"
    assert passed[lift]
    assert passed[control]
    without = {g.condition: g for g in compare(rewire(edges, 5), 0, Silent()).gates}
    assert not without[lift].is_passed


@pytest.mark.slow
def test_the_control_fails_where_rewiring_leaves_the_groups(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playback.evaluation.comparison.rewire", lambda edges, seed: edges)
    *_, control = compare(planted(), 0, Silent()).gates
    assert not control.is_passed


def test_each_gate_can_fail_alone():
    def results(**recall: float) -> list[Result]:
        usual = {
            "most popular": 0.1,
            "item-kNN": 0.2,
            "EASE": 0.25,
            "matrix factorisation": 0.15,
            "LightGCN": 0.22,
            "own history": 0.3,
        }
        named = usual | {name.replace("_", " "): value for name, value in recall.items()}
        return [
            Result(
                name,
                None if name == "own history" else Quality(value, 0, 0),
                Quality(value, 0, 0),
            )
            for name, value in named.items()
        ]

    level = results(LightGCN=0.12)
    assert [gate.is_passed for gate in judge(results(), level)] == [True] * 5
    for broken, changes in enumerate(
        [
            {"LightGCN": 0.199, "EASE": 0.2},
            {"matrix_factorisation": 0.22},
            {"EASE": 0.26},
            {"own_history": 0.2},
        ]
    ):
        passed = [gate.is_passed for gate in judge(results(**changes), level)]
        assert passed == [position != broken for position in range(5)]
    assert not judge(results(), results(LightGCN=0.121))[-1].is_passed


def test_the_same_seed_gives_the_same_figures_whatever_the_threads(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(factors, "MOST_CHECKS", 1)
    edges = planted(groups=2)
    first = compare(edges, 3, Silent())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        again = compare(edges, 3, Silent())
    finally:
        torch.set_num_threads(threads)
    assert again == first
    assert compare(edges, 4, Silent()) != first


def test_the_command_prints_and_writes_what_it_found(world: Settings, tmp_path: Path):
    output = tmp_path / "evaluation.json"
    shared = ["--exports", str(world.exports)]
    outcome = CliRunner().invoke(
        cli.app, ["evaluate", *shared, "--output", str(output)], env={"COLUMNS": "200"}
    )
    assert outcome.exit_code == 0, outcome.output
    figures = json.loads(output.read_text())
    assert [result["recommender"] for result in figures["results"]] == [
        "random",
        "most popular",
        "most recent",
        "own history",
        "item-kNN",
        "EASE",
        "implicit ALS",
        "matrix factorisation",
        "LightGCN",
    ]
    for result in figures["results"]:
        for of_songs in ("new", "repeats"):
            assert all(0 <= value <= 1 for value in (result[of_songs] or {}).values())
    history = figures["results"][3]
    assert history["new"] is None
    assert history["repeats"]["recall"] > figures["results"][0]["repeats"]["recall"]


def test_only_an_evaluation_is_written_over(tmp_path: Path):
    letter = tmp_path / "letter.json"
    letter.write_text('{"Dear": "aunt"}')
    with pytest.raises(PlaybackError, match="may be yours"):
        report.write(Comparison([], [], []), 1, letter)
    assert letter.read_text() == '{"Dear": "aunt"}'
    for seed in (1, 2):
        report.write(Comparison([], [], []), seed, tmp_path / "mine.json")
    assert json.loads((tmp_path / "mine.json").read_text())["seed"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.json", "mine.json"]


def test_edges_are_those_of_the_graph(world: Settings, monkeypatch: pytest.MonkeyPatch):
    path = world.exports / "graph.pt"
    edges = read_listening(path)
    assert edges.shape == (60, 400)
    monkeypatch.setattr("playback.evaluation.listening.MOST_LISTENERS", 10)
    sample = read_listening(path)
    assert sample.shape == (10, 400)
    kept = np.unique(np.linspace(0, 59, 10).round().astype(int))
    for number, listener in enumerate(kept):
        assert (
            sample.songs[sample.users == number].tolist()
            == edges.songs[edges.users == listener].tolist()
        )


def test_new_songs_are_those_of_the_mask_of_the_graph(world: Settings):
    """What is sought is what was heard in test time and is not barred, as `measure` has it."""
    listening = divide(read_listening(world.exports / "graph.pt"))
    sought = listening.test.toarray().astype(bool) & ~listening.heard.toarray().astype(bool)
    assert (listening.test_new.toarray() == sought).all()
    assert 0 < sought.sum() < listening.test.sum()


def test_a_graph_without_test_time_is_told_in_one_line(
    world: Settings, monkeypatch: pytest.MonkeyPatch
):
    from playback import load_graph

    def without_test_time(path):
        graph = load_graph(path)
        graph["user", "listens", "song"].test_play_count = torch.zeros(
            graph["user", "listens", "song"].num_edges, dtype=torch.int64
        )
        return graph

    monkeypatch.setattr("playback.evaluation.listening.load_graph", without_test_time)
    with pytest.raises(PlaybackError, match="no plays in training, validation or test time"):
        read_listening(world.exports / "graph.pt")
