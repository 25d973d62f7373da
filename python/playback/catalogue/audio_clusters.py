"""Audio types of tracks: StandardScaler and K-Means over the 11 audio features."""

import numpy as np
import pyarrow as pa

from playback.warehouse import AUDIO_FEATURES, Warehouse

VERSION = 1
"""Raise it when the same tracks get other clusters."""

_FIT_ROWS = 100_000
"""Of 500,000 tracks, centres fitted to so many put 99.9 % where centres fitted to all put them,
seven times sooner."""

_STREAM = 0xC1057E8


def land(warehouse: Warehouse, seed: int, *, clusters: int = 3) -> None:
    """Append an `audio_features_type` (0 to `clusters` - 1) for each track with all features.

    Type 0 is the calmest (lowest mean energy) and the last the most energetic. A track lacking a
    feature gets no row. The rows depend on the seed and the tracks alone, never on threads.
    """
    columns = ", ".join(AUDIO_FEATURES)
    complete = " and ".join(f"isfinite({feature})" for feature in AUDIO_FEATURES)
    tracks = warehouse.connection.sql(
        f"select track_key, {columns} from raw.tracks where {complete} order by track_key"  # noqa: S608
    ).to_arrow_table()
    if not tracks.num_rows:
        return
    features = np.column_stack([tracks[feature].to_numpy() for feature in AUDIO_FEATURES])
    types = audio_types(features, clusters, seed)
    warehouse.append(
        "track_audio_clusters",
        pa.table({"track_key": tracks["track_key"], "audio_features_type": types}),
    )


def audio_types(features: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Cluster tracks: features (tracks, 11) in natural units → types (tracks,) int32.

    At most `clusters` types, fewer where there are fewer different tracks. Many tracks are
    clustered by the centres of a seeded sample of them.
    """
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    stream = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, _STREAM])))
    sample = features
    if len(features) > _FIT_ROWS:
        sample = features[np.sort(stream.choice(len(features), _FIT_ROWS, replace=False))]
    with threadpool_limits(limits=1):  # parallel sums of floats differ from run to run
        scaler = StandardScaler().fit(sample)
        scaled = scaler.transform(sample)
        different = len(np.unique(scaled, axis=0))
        model = KMeans(
            n_clusters=min(clusters, different),
            n_init=10,
            random_state=int(stream.integers(2**32)),
        ).fit(scaled)
        labels = model.predict(scaler.transform(features))
    energy = model.cluster_centers_[:, AUDIO_FEATURES.index("energy")]
    type_of_label = np.argsort(np.argsort(energy, kind="stable"), kind="stable")
    return type_of_label[labels].astype(np.int32)
