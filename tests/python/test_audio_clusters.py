"""Audio types: what they mean, which tracks get one, and that nothing but the tracks decides."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_limits

from playback.catalogue import audio_clusters
from playback.warehouse import AUDIO_FEATURES, Warehouse

SEED = 11
ENERGY = AUDIO_FEATURES.index("energy")


def three_kinds(tracks: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of calm, middling and wild tracks that nobody could confuse, and their kinds."""
    rng = np.random.default_rng(SEED)
    kinds = rng.integers(3, size=tracks)
    features = rng.normal(size=(tracks, len(AUDIO_FEATURES))) * 0.05 + kinds[:, None]
    return features, kinds


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    with Warehouse(tmp_path / "world.duckdb") as opened:
        yield opened


def land_features(warehouse: Warehouse, features: np.ndarray) -> None:
    columns = dict(zip(AUDIO_FEATURES, features.T, strict=True))
    keys = pa.array(np.arange(len(features), dtype=np.int32))
    warehouse.append("tracks", pa.table({"track_key": keys} | columns))


def landed_types(warehouse: Warehouse) -> list[tuple[int, int]]:
    return warehouse.connection.execute(
        "select track_key, audio_features_type from raw.track_audio_clusters order by track_key"
    ).fetchall()


def test_types_are_the_kinds_from_calm_to_energetic():
    features, kinds = three_kinds(500)
    assert np.array_equal(audio_clusters.audio_types(features, 3, SEED), kinds)


def test_scale_of_a_feature_does_not_matter():
    """A tempo of 120 must not outweigh a danceability of 0.5: that is what scaling is for."""
    features, kinds = three_kinds(500)
    units = np.geomspace(1e-3, 1e3, len(AUDIO_FEATURES))
    assert np.array_equal(audio_clusters.audio_types(features * units, 3, SEED), kinds)


def test_threads_change_nothing():
    features = np.random.default_rng(SEED).random((20_000, len(AUDIO_FEATURES)))
    types = []
    for threads in (1, 4):
        with threadpool_limits(limits=threads):
            types.append(audio_clusters.audio_types(features, 3, SEED))
    assert np.array_equal(*types)


def test_many_tracks_are_typed_by_a_sample(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audio_clusters, "_FIT_ROWS", 100)
    features, kinds = three_kinds(2_000)
    assert np.array_equal(audio_clusters.audio_types(features, 3, SEED), kinds)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("tracks", "different"), [(1, 1), (2, 2), (5, 2)])
def test_fewer_tracks_than_clusters(tracks: int, different: int):
    features = np.resize(np.eye(2, len(AUDIO_FEATURES)), (tracks, len(AUDIO_FEATURES)))
    types = audio_clusters.audio_types(features, 3, SEED)
    assert sorted(set(types.tolist())) == list(range(different))


def test_every_complete_track_gets_one_type(warehouse: Warehouse):
    features, kinds = three_kinds(60)
    features[7, ENERGY] = np.nan
    land_features(warehouse, features)
    warehouse.connection.execute("update raw.tracks set tempo = null where track_key = 9")
    audio_clusters.land(warehouse, SEED)
    expected = [(key, kind) for key, kind in enumerate(kinds.tolist()) if key not in (7, 9)]
    assert landed_types(warehouse) == expected


def test_number_of_clusters_can_be_told(warehouse: Warehouse):
    land_features(warehouse, three_kinds(60)[0])
    audio_clusters.land(warehouse, SEED, clusters=2)
    assert {kind for _, kind in landed_types(warehouse)} == {0, 1}


def test_no_tracks_no_types(warehouse: Warehouse):
    audio_clusters.land(warehouse, SEED)
    assert landed_types(warehouse) == []
