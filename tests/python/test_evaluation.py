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
from playback.console import Console
from playback.errors import PlaybackError
from playback.evaluation import baselines, compare, factors, neighbours, read_listening, report
from playback.evaluation.comparison import Comparison, Result, judge
from playback.evaluation.histories import History, with_skips_permuted, with_tracks_permuted
from playback.evaluation.listening import ListenEdges, divide
from playback.evaluation.meaning import Reference, measure_meaning
from playback.evaluation.metrics import Quality, measure
from playback.evaluation.rewiring import rewire
from playback.evaluation.sequels import recall
from playback.evaluation.skips import _features, auc_from_last_play, auc_from_track_history
from playback.progress import Silent

GROUPS, GROUP_LISTENERS, GROUP_SONGS = 4, 40, 60
SHAPE = (GROUPS * GROUP_LISTENERS, GROUPS * GROUP_SONGS)


def planted(groups: int = GROUPS) -> ListenEdges:
    """Groups of listeners who mostly play their own group's songs; each edge in one split."""
    random = np.random.default_rng(1)
    shape = (groups * GROUP_LISTENERS, groups * GROUP_SONGS)
    users, songs = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    is_home = users // GROUP_LISTENERS == songs // GROUP_SONGS
    is_played = random.random(shape) < 0.6 * np.where(is_home, 0.9, 0.1 / (groups - 1))
    users, songs = users[is_played], songs[is_played]
    split = random.choice(3, len(users), p=[0.7, 0.1, 0.2])
    plays = (split == np.arange(3)[:, np.newaxis]) * random.integers(1, 9, len(users))
    return ListenEdges(
        shape, users, songs, plays, split == 2, 1_700_000_000 + np.arange(len(users))
    )


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
    edges = ListenEdges(
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

    def share_at_home(it: ListenEdges) -> float:
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


@pytest.mark.slow
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


def planted_history(listener: int, plays: int = 2_000) -> History:
    """Forty tracks of ten artists: half of them are disliked, and each but the last has a sequel.

    In sessions of ten a track is followed by its sequel, nine times in ten.
    """
    random = np.random.default_rng(listener)
    tracks = random.integers(0, 40, plays)
    opens = np.arange(plays) % 10 == 0
    for place in range(1, plays):
        if not opens[place] and random.random() < 0.9:
            tracks[place] = (tracks[place - 1] + 1) % 40
    is_disliked = random.permutation(40) < 20
    is_skip = random.random(plays) < np.where(is_disliked[tracks], 0.8, 0.1)
    return History(tracks, tracks // 4, np.arange(plays) * 3, is_skip, opens)


def test_what_is_known_of_a_play_is_what_came_before_it():
    history = History(
        tracks=np.array([1, 2, 1, 3, 1]),
        artists=np.array([7, 7, 7, 8, 7]),
        minutes=np.array([0, 60, 120, 180, 240]),
        is_skip=np.array([True, False, False, True, True]),
        opens_session=np.array([True, False, False, False, False]),
    )
    assert _features(history) == pytest.approx(
        np.array(
            [
                [0, 0, 0, 0, 0, 0, 1],
                [0, 0, np.log(2), 1, 0, 0, 1],
                [np.log(2), 1, np.log(3), 1 / 2, 1, np.log(3), 0],
                [0, 0, 0, 0, 0, 0, 1],
                [np.log(3), 1 / 2, np.log(4), 1 / 3, 0, np.log(3), 0],
            ]
        )
    )


def test_skips_are_foretold_where_tracks_are_disliked_and_not_where_they_are_permuted():
    history = planted_history(1)
    permuted = with_skips_permuted(history, np.random.default_rng(2))
    assert permuted.is_skip.sum() == history.is_skip.sum()
    assert auc_from_track_history(history) > 0.8
    assert auc_from_track_history(permuted) == pytest.approx(0.5, abs=0.06)
    assert auc_from_last_play(permuted) == pytest.approx(0.5, abs=0.06)


def test_the_skip_before_counts_within_a_session():
    """Skips come two by two in sessions of two, so that one always follows and never opens."""
    pairs = np.repeat(np.random.default_rng(0).random(300) < 0.4, 2)
    history = History(
        *(np.arange(600) for _ in range(3)), is_skip=pairs, opens_session=np.arange(600) % 2 == 0
    )
    tested = pairs[history.train_count :]
    # Of the skips half follow one, of the plays none: half of the pairs are told apart.
    assert auc_from_last_play(history) == pytest.approx(0.75)
    assert auc_from_track_history(history) is not None
    assert tested.any()
    never = History(*(np.arange(9) for _ in range(3)), *(np.zeros(9, dtype=bool) for _ in range(2)))
    assert auc_from_last_play(never) is None
    assert auc_from_track_history(never) is None


def test_sequels_are_found_by_sequence_and_not_where_tracks_are_permuted(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("playback.evaluation.sequels.CUT", 2)
    histories = [planted_history(listener) for listener in range(5)]
    found = recall(histories)
    assert found["sequence"] > 0.85
    assert max(found["popularity"], found["taste"]) < 0.15
    random = np.random.default_rng(0)
    permuted = recall([with_tracks_permuted(history, random) for history in histories])
    assert permuted["sequence"] < 0.15
    assert permuted["taste"] == pytest.approx(found["taste"], abs=0.05)


def test_meaning_is_judged_as_realism_is():
    histories = [planted_history(listener) for listener in range(6)]
    like = Reference(0.7, 0.75, 0.82, 0.9, 0.95)
    references = {"auc_skip_from_track_history": like, "auc_skip_from_last_play": like}
    meaning = measure_meaning(histories, references, 0, Silent())
    from_history, from_last = meaning.skips
    assert from_history.listeners == 6
    assert from_history.p10 < from_history.p50 < from_history.p90
    assert from_history.is_inside == (from_history.p90 - from_history.p10 >= 0.125)
    assert not from_last.is_inside
    assert measure_meaning(histories, references, 0, Silent()) == meaning


def test_the_command_prints_and_writes_what_it_found(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(
        cli, "_console", Console()
    )  # it looks how wide it may print when it is made
    output = tmp_path / "evaluation.json"
    shared = ["--exports", str(world.exports), "--database", str(world.database)]
    outcome = CliRunner().invoke(cli.app, ["evaluate", *shared, "--output", str(output)])
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
    assert {it["statistic"] for it in figures["skips"]} == {
        "auc_skip_from_track_history",
        "auc_skip_from_last_play",
    }
    assert 0 < figures["next_tracks_permuted"]["popularity"] < 1
    assert "auc_skip_from_track_history" in outcome.output
    history = figures["results"][3]
    assert history["new"] is None
    assert history["repeats"]["recall"] > figures["results"][0]["repeats"]["recall"]


def test_only_an_evaluation_is_written_over(tmp_path: Path):
    letter = tmp_path / "letter.json"
    letter.write_text('{"Dear": "aunt"}')
    with pytest.raises(PlaybackError, match="may be yours"):
        report.write(Comparison([], [], []), None, 1, letter)
    assert letter.read_text() == '{"Dear": "aunt"}'
    for seed in (1, 2):
        report.write(Comparison([], [], []), None, seed, tmp_path / "mine.json")
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
