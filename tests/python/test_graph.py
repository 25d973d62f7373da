"""The graph holds what the marts hold, loads safely, and is the same bytes again."""

import copy
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lake_world
from playback.errors import PlaybackError
from playback.lake import Lake
from playback.products.graph import decode, export, graph_meta, load_graph, training_graph
from playback.products.graph_marts import EDGE_TYPES, NODE_TYPES, SPLITS, needed_bytes
from playback.progress import Silent
from playback.warehouse import Warehouse

MART_NAMES = (*(kind.mart for kind in (*NODE_TYPES, *EDGE_TYPES)), SPLITS)

MARTS = """
    insert into raw.world values (42, date '2024-01-01', 'synthetic', 'x', '0', '0');

    create table graph_splits as
    select * from (values
        ('test', 1, date '2024-01-10', date '2024-01-10'),
        ('train', 8, date '2024-01-01', date '2024-01-08'),
        ('validation', 1, date '2024-01-09', date '2024-01-09'),
    ) as splits (split_name, day_count, first_on, last_on);

    create table graph_users as
    select * from (values
        (1, 11, 'U0011', 'zoë', 0.5, null, 30, false, true),
        (0, 10, 'U0010', 'adam', 0.1, 40.0, 10, true, false),
        (2, 12, 'U0012', null, 0.9, 20.0, 20, false, true),
    ) as users (
        node_index, user_key, user_id, username,
        activity_level, age_years, tenure_days, is_casual, is_cold
    );
    alter table graph_users alter activity_level type double;
    alter table graph_users alter age_years type double;
    comment on column graph_users.activity_level is 'How active
        they are.';

    create table graph_songs as
    select
        cast(song as integer) as node_index, cast(song as integer) as track_key,
        'T' || song as track_id, '歌 ' || song as track_name,
        180000 as duration_ms, song / 4 as popularity, song in (0, 2) as is_cold
    from range(4) as songs (song);

    create table graph_artists as
    select 0 as node_index, 0 as artist_key, 'A0' as artist_id, 'The One' as artist_name,
        0.5e0 as popularity;

    create table graph_albums as
    select 0 as node_index, 0 as album_key, 'AL00001' as album_id, null::varchar as album_name,
        4 as track_count;

    create table graph_genres as
    select 0 as node_index, 'G001' as genre_id, 'Pop' as genre_name, 1 as genre_rank;

    create table graph_listens as
    select * from (values
        (2, 0, 0, 0, 5, 0e0, timestamp '2024-01-10 00:00:01.9', null),
        (0, 3, 2, 0, 1, 0.5e0, timestamp '2024-01-01 00:00:00', timestamp '2024-01-08 00:00:00'),
        (0, 1, 1, 1, 0, 1e0, timestamp '2024-01-02 00:00:00', timestamp '2024-01-02 00:00:09'),
    ) as edges (
        source_index, target_index, train_play_count, validation_play_count, test_play_count,
        train_edge_weight, first_played_at, train_last_played_at
    );

    create table graph_song_artists as
    select node_index as source_index, 0 as target_index from graph_songs;

    create table graph_song_albums as
    select node_index as source_index, 0 as target_index, node_index + 1 as album_position
    from graph_songs;

    create table graph_user_likes as
    select * from (values
        (1, 2, -1e0, timestamp '2024-01-02 00:00:00'), (0, 3, 1e0, timestamp '2024-01-01 00:00:00')
    ) as edges (source_index, target_index, like_value, liked_at);

    create table graph_song_genres as
    select node_index as source_index, 0 as target_index, node_index = 0 as is_primary
    from graph_songs;

    create table graph_artist_genres as
    select 0 as source_index, 0 as target_index, 1 as genre_position, true as is_primary;

    create table graph_user_genres as
    select 0 as source_index, 0 as target_index, 0.75e0 as affinity_score where false;
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the marts and their graph. Read it; never change it."""
    folder = tmp_path_factory.mktemp("made")
    with Warehouse(folder / "world.duckdb", threads=2) as warehouse:
        warehouse.connection.execute(MARTS)
        export(warehouse, folder / "exports" / "graph.pt", Silent())
    return folder


@pytest.fixture
def warehouse(made: Path, tmp_path: Path) -> Iterator[Warehouse]:
    database = shutil.copyfile(made / "world.duckdb", tmp_path / "world.duckdb")
    with Warehouse(database, threads=2) as warehouse:
        yield warehouse


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "exports", tmp_path / "exports") / "graph.pt"


def test_the_graph_is_valid_and_typed(path: Path):
    import torch

    graph = load_graph(path)
    assert graph.validate(raise_on_error=True)
    assert graph.node_types == ["user", "song", "artist", "album", "genre"]
    assert len(graph.edge_types) == 14
    assert {name: graph[name].num_nodes for name in graph.node_types} == {
        "user": 3,
        "song": 4,
        "artist": 1,
        "album": 1,
        "genre": 1,
    }
    for store in graph.node_stores:
        assert store.x.dtype == torch.float32
        assert store.x.isfinite().all()
    for store in graph.edge_stores:
        assert store.edge_index.dtype == torch.int64
        assert store.edge_index.is_contiguous()


def test_albums_and_likes_have_their_attributes(path: Path):
    graph = load_graph(path)
    in_album, likes = graph["song", "in", "album"], graph["user", "likes", "song"]
    assert in_album.album_position.tolist() == [1, 2, 3, 4]
    assert decode(graph["album"], text="name") == [""]
    assert likes.edge_index.tolist() == [[0, 1], [3, 2]]
    assert likes.edge_attr.tolist() == [[1.0], [-1.0]]
    assert likes.liked_at.tolist() == [1704067200, 1704153600]


def test_listens_are_ordered_with_their_attributes(path: Path):
    graph = load_graph(path)
    listens = graph["user", "listens", "song"]
    assert listens.is_coalesced()
    assert listens.edge_index.tolist() == [[0, 0, 2], [1, 3, 0]]
    assert listens.train_play_count.tolist() == [1, 2, 0]
    assert listens.train_mask.tolist() == [True, True, False]
    assert listens.val_mask.tolist() == [True, False, False]
    assert listens.test_mask.tolist() == [False, True, True]
    assert listens.new_test_mask.tolist() == [False, False, True]
    assert listens.edge_attr.tolist() == [[1.0], [0.5], [0.0]]
    assert listens.time.tolist() == [1704153600, 1704067200, 1704844801]
    assert listens.train_last_played_at.tolist() == [1704153609, 1704672000, 0]


def test_cold_nodes_are_marked_and_no_feature(path: Path):
    graph = load_graph(path)
    assert graph["user"].cold_mask.tolist() == [False, True, True]
    assert graph["song"].cold_mask.tolist() == [True, False, True, False]
    assert graph["user"].x.shape == (3, 4)
    users = graph_meta(graph)["nodes"][0]
    assert [(it["name"], it["column"]) for it in users["tensors"]] == [("cold_mask", "is_cold")]


def test_the_training_graph_knows_training_time_alone(path: Path):
    graph = load_graph(path)
    training = training_graph(graph)
    listens = training["user", "listens", "song"]
    assert listens.edge_index.tolist() == [[0, 0], [1, 3]]
    assert listens.edge_attr.tolist() == [[1.0], [0.5]]
    for kind in (("user", "listens", "song"), ("song", "rev_listens", "user")):
        assert set(training[kind].keys()) == {
            "edge_index",
            "edge_attr",
            "time",
            "train_mask",
            "train_play_count",
            "train_last_played_at",
        }
    assert training["song", "rev_listens", "user"].edge_index.tolist() == [[1, 3], [0, 0]]
    assert training["song", "by", "artist"].num_edges == 4
    assert graph["user", "listens", "song"].num_edges == 3  # as it was
    assert training.validate(raise_on_error=True)
    for store in training.edge_stores:
        assert all(tensor.is_contiguous() for tensor in store.values())


def test_isolated_nodes_are_found(path: Path):
    graph = load_graph(path)
    assert graph["user", "listens", "song"].has_isolated_nodes()  # song 2
    assert graph["song", "rev_listens", "user"].has_isolated_nodes()  # user 1
    assert not graph["artist", "rev_by", "song"].has_isolated_nodes()


def test_reverses_share_their_storage_in_the_file(path: Path):
    graph = load_graph(path)
    for source, relation, target in graph.edge_types[::2]:
        forward = graph[source, relation, target]
        reverse = graph[target, f"rev_{relation}", source]
        assert reverse.edge_index.tolist() == forward.edge_index.flip(0).tolist()
        assert list(reverse.keys()) == list(forward.keys())
        for name, tensor in forward.items():
            assert tensor.untyped_storage().data_ptr() == reverse[name].untyped_storage().data_ptr()


def test_features_are_scaled_and_described(path: Path):
    graph = load_graph(path)
    meta = graph_meta(graph)
    users = meta["nodes"][0]
    assert [feature["name"] for feature in users["x"]] == [
        "activity_level",
        "age_years",
        "tenure_days",
        "is_casual",
    ]
    activity, age, tenure, is_casual = users["x"]
    assert activity["description"] == "How active they are."
    assert (age["mean"], age["std"]) == (30.0, 10.0)
    assert (is_casual["mean"], is_casual["std"]) == (0.0, 1.0)
    x = graph["user"].x
    assert x[:, 1].tolist() == [1.0, 0.0, -1.0]  # an unknown age is the mean
    assert x[:, 3].tolist() == [1.0, 0.0, 0.0]
    assert (x[:, 2] * tenure["std"] + tenure["mean"]).tolist() == pytest.approx([10, 30, 20])
    assert graph["song"].x[:, 0].tolist() == [0.0] * 4  # all equal


def test_meta_tells_the_world_and_every_attribute(path: Path):
    meta = graph_meta(load_graph(path))
    assert meta["seed"] == 42
    assert meta["splits"] == {
        "train": {"first_on": "2024-01-01", "last_on": "2024-01-08"},
        "validation": {"first_on": "2024-01-09", "last_on": "2024-01-09"},
        "test": {"first_on": "2024-01-10", "last_on": "2024-01-10"},
    }
    listens = meta["edges"][0]
    assert listens["type"] == ["user", "listens", "song"]
    assert listens["count"] == 3
    assert [column["name"] for column in listens["edge_attr"]] == ["train_edge_weight"]
    assert [column["name"] for column in listens["tensors"]] == [
        "train_play_count",
        "validation_play_count",
        "test_play_count",
        "time",
        "train_last_played_at",
    ]


def test_ids_and_names_lead_back(path: Path):
    graph = load_graph(path)
    users, songs = graph["user"], graph["song"]
    assert decode(users) == ["U0010", "U0011", "U0012"]
    assert decode(users, text="name") == ["adam", "zoë", ""]
    assert decode(songs, [3, 0, 3], "name") == ["歌 3", "歌 0", "歌 3"]
    assert decode(songs, songs.cold_mask) == ["T0", "T2"]
    assert decode(songs, []) == []
    with pytest.raises(IndexError):
        decode(songs, [4])


def wherever_nodes_go(graph):
    """What PyTorch Geometric makes of a graph that keeps song 3 and user 2, by who made it."""
    import torch
    from torch_geometric import transforms
    from torch_geometric.data import Batch

    kept = {"user": torch.tensor([2]), "song": torch.tensor([3, 1])}
    part = graph.subgraph(kept)
    bare = graph.subgraph({"song": torch.tensor([3, 1])}).edge_type_subgraph(
        [("user", "listens", "song")]
    )
    yield "subgraph", part
    yield "subgraph of a subgraph", part.subgraph({"song": torch.tensor([True, False])})
    yield "no isolated nodes", transforms.RemoveIsolatedNodes()(bare)
    batch = Batch.from_data_list([part, graph.subgraph({"user": torch.tensor([0])})])
    yield "batch", batch
    yield "out of a batch", batch.to_data_list()[0]
    yield "copied", copy.deepcopy(part)
    yield "pickled", pickle.loads(pickle.dumps(part))  # noqa: S301
    yield "undirected", transforms.ToUndirected(merge=False)(copy.copy(part))
    links = transforms.RandomLinkSplit(
        num_val=1,
        num_test=1,
        edge_types=("user", "listens", "song"),
        rev_edge_types=("song", "rev_listens", "user"),
    )
    yield from zip(("to train", "to validate", "to test"), links(graph), strict=True)


@pytest.mark.parametrize("names", ["long", "of one byte", "of none"])
def test_ids_and_names_follow_their_nodes(warehouse: Warehouse, tmp_path: Path, names: str):
    """Names of one byte are as many bytes as there are nodes: nothing may take them for values."""
    if names != "long":
        name = "chr(97 + track_key)" if names == "of one byte" else "''"
        warehouse.connection.execute(f"update graph_songs set track_name = {name}")
    graph = load_graph(export(warehouse, tmp_path / "graph.pt", Silent()))
    for kind in graph.node_types:
        assert graph[kind].node_id.tolist() == list(range(graph[kind].num_nodes))
    known = dict(zip(decode(graph["song"]), decode(graph["song"], text="name"), strict=True))
    for made, part in wherever_nodes_go(graph):
        songs = part["song"]
        assert songs.node_id.shape == (songs.num_nodes,), made
        assert decode(songs) == [f"T{song}" for song in songs.node_id.tolist()], made
        assert decode(songs, text="name") == [known[it] for it in decode(songs)], made
        assert graph_meta(part) == graph_meta(graph), made
    homogeneous = graph.to_homogeneous()
    of_songs = homogeneous.node_id[homogeneous.node_type == graph.node_types.index("song")]
    assert decode(graph["song"], of_songs) == decode(graph["song"])


def test_a_graph_is_printed_short(path: Path):
    text = str(load_graph(path))
    assert "node_id=[4]" in text
    assert max(len(line) for line in text.splitlines()) < 80
    assert len(text) < 4_000


def test_the_package_shows_what_reads_graphs():
    script = "import playback, sys; print('torch' in sys.modules, *dir(playback))"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert shown[0] == "False"
    assert {"decode", "graph_meta", "load_graph", "training_graph"} <= set(shown)


def test_the_same_marts_make_the_same_bytes(path: Path, warehouse: Warehouse, tmp_path: Path):
    warehouse.connection.execute("set threads = 1")
    again = export(warehouse, tmp_path / "again" / "other name.pt", Silent())
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_another_process_makes_the_same_bytes(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path;"
        "from playback.products.graph import export; from playback.progress import Silent;"
        "from playback.warehouse import Warehouse;"
        "warehouse = Warehouse(Path(sys.argv[1]));"
        "export(warehouse, Path(sys.argv[2]), Silent())"
    )
    with Warehouse(tmp_path / "world.duckdb") as warehouse:
        warehouse.connection.execute(MARTS)
        here = export(warehouse, tmp_path / "here.pt", Silent())
    there = tmp_path / "there.pt"
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "world.duckdb"), str(there)],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
    )
    assert there.read_bytes() == here.read_bytes()


def test_plain_training_reaches_every_node_type(path: Path):
    from torch_geometric.nn import HeteroConv, SAGEConv

    graph = load_graph(path)
    layer = HeteroConv({kind: SAGEConv((-1, -1), 4) for kind in graph.edge_types})
    embedded = layer(graph.x_dict, graph.edge_index_dict)
    assert {name: tuple(x.shape) for name, x in embedded.items()} == {
        "user": (3, 4),
        "song": (4, 4),
        "artist": (1, 4),
        "album": (1, 4),
        "genre": (1, 4),
    }


def test_a_loaded_graph_survives_a_new_export(path: Path, warehouse: Warehouse):
    graph = load_graph(path)
    warehouse.connection.execute("delete from graph_listens where source_index = 0")
    export(warehouse, path, Silent())
    assert graph["user", "listens", "song"].edge_index.tolist() == [[0, 0, 2], [1, 3, 0]]
    assert load_graph(path)["user", "listens", "song"].edge_index.tolist() == [[2], [0]]


@pytest.mark.slow
def test_a_killed_export_leaves_the_former_whole(path: Path, warehouse: Warehouse):
    script = """
import io, os, signal, sys
from pathlib import Path
import torch
from playback.products.graph import export
from playback.progress import Silent
from playback.warehouse import Warehouse

save = torch.save

def save_half(graph, file):
    whole = io.BytesIO()
    save(graph, whole)
    file.write(whole.getvalue()[: len(whole.getvalue()) // 2])
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

torch.save = save_half
export(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]), Silent())
"""
    former = path.read_bytes()
    warehouse.connection.execute("delete from graph_listens where source_index = 0")
    warehouse.connection.close()
    killed = subprocess.run(
        [sys.executable, "-c", script, str(warehouse.database), str(path)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    (half,) = (path.parent / ".playback").glob(f"*/{path.name}")
    assert half.stat().st_size > 1_000
    assert path.read_bytes() == former
    with Warehouse(warehouse.database) as again:
        export(again, path, Silent())
    assert sorted(file.name for file in path.parent.iterdir()) == ["graph.manifest.json", path.name]
    assert path.read_bytes() != former


def test_a_lake_makes_the_same_bytes(path: Path, warehouse: Warehouse, tmp_path: Path):
    folder = tmp_path / "lake"
    with Lake(folder) as lake, lake.transaction():
        lake.connection.execute(
            "insert into raw.world values (42, date '2024-01-01', 'synthetic', 'x', '0', '0')"
        )
    lake_world.copy_marts(warehouse.connection, folder, MART_NAMES)
    with Lake(folder) as lake:
        of_lake = export(lake, tmp_path / "of_lake" / "graph.pt", Silent())
    assert of_lake.read_bytes() == path.read_bytes()


def test_a_graph_larger_than_memory_is_refused_before_it_is_read(
    path: Path, warehouse: Warehouse, tmp_path: Path
):
    graph = load_graph(path)
    tensors = {
        value.untyped_storage().data_ptr(): value.untyped_storage().nbytes()
        for store in (*graph.node_stores, *graph.edge_stores)
        for value in (*store.values(), *store.get("texts", {}).values())
        if hasattr(value, "untyped_storage")
    }
    needed = needed_bytes(warehouse)
    assert sum(tensors.values()) <= needed < 10 * sum(tensors.values())
    target = tmp_path / "small" / "graph.pt"
    assert export(warehouse, target, Silent(), needed).read_bytes() == path.read_bytes()
    target.unlink()
    with pytest.raises(PlaybackError, match=r"graph.pt of \d+ edges takes .* [MG]B of memory"):
        export(warehouse, target, Silent(), needed - 1)
    assert not target.exists()


def test_missing_marts_are_told_in_one_line(warehouse: Warehouse, tmp_path: Path):
    warehouse.connection.execute("drop table graph_splits")
    with pytest.raises(PlaybackError, match="no mart graph_splits yet: run `playback build` first"):
        export(warehouse, tmp_path / "graph.pt", Silent())


def test_a_missing_file_is_told_in_one_line(tmp_path: Path):
    with pytest.raises(PlaybackError, match="does not exist: make it with `playback graph`"):
        load_graph(tmp_path / "graph.pt")


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "foreign"])
def test_a_damaged_file_is_told_in_one_line(path: Path, damage: str):
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "text": b"no graph",
            "foreign": pickle.dumps(Path),
        }[damage]
    )
    with pytest.raises(PlaybackError, match="cannot be read as a graph") as fault:
        load_graph(path)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("name", ["graph.pt", "graph.manifest.json"])
def test_a_file_of_somebody_else_is_not_written_over(
    warehouse: Warehouse, tmp_path: Path, name: str
):
    (tmp_path / name).write_text("mine")
    with pytest.raises(PlaybackError, match="so it may be yours"):
        export(warehouse, tmp_path / "graph.pt", Silent())
    assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / ".playback").exists()
