"""The graph of a whole world: every row is that of a mart, and no later day shows in training."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest
import torch
from torch_geometric.loader import LinkNeighborLoader, NeighborLoader
from torch_geometric.nn import HeteroConv, SAGEConv
from torch_geometric.typing import WITH_PYG_LIB, WITH_TORCH_SPARSE

from conftest import Settings, run_dbt, small_settings
from playback import decode, graph_meta, load_graph, pipeline, training_graph
from playback.console import Console
from playback.products.graph_marts import EDGE_TYPES, NODE_TYPES, EdgeType, NodeType

LAYERS = ("intermediate", "marts")


@pytest.fixture(scope="module")
def graph(world: Settings):
    return load_graph(world.exports / "graph.pt")


def test_the_graph_is_valid_and_every_index_has_a_node(graph):
    assert graph.validate(raise_on_error=True)
    for kind in graph.edge_types:
        source, target = graph[kind].edge_index
        if kind[1].endswith("likes") and not len(source):  # nobody need have liked anything
            continue
        assert 0 <= int(source.min()) <= int(source.max()) < graph[kind[0]].num_nodes
        assert 0 <= int(target.min()) <= int(target.max()) < graph[kind[2]].num_nodes
    for store in graph.stores:
        for name, value in store.items():
            if isinstance(value, torch.Tensor):
                assert value.is_contiguous(), name
                assert value.dtype in (torch.int64, torch.float32, torch.bool, torch.uint8), name
                assert not value.is_floating_point() or value.isfinite().all(), name


def test_nodes_are_isolated_where_nobody_played_them_alone(graph, database):
    """By way of artists and genres every node is reached; by plays, those that were played."""
    assert not graph.has_isolated_nodes()
    for kind in (EDGE_TYPES[1], EDGE_TYPES[2], EDGE_TYPES[3]):
        assert not graph[kind.reverse].has_isolated_nodes(), kind.reverse
        assert not graph[kind.forward].has_isolated_nodes(), kind.forward
    ((unplayed_songs, unplayed_users),) = database.sql(
        """
        select
            (select count(*) from dim_tracks anti join fct_plays using (track_key)),
            (select count(*) from dim_users anti join fct_plays using (user_key))
        """
    ).fetchall()
    assert graph["user", "listens", "song"].has_isolated_nodes() == (unplayed_songs > 0)
    assert graph["song", "rev_listens", "user"].has_isolated_nodes() == (unplayed_users > 0)


@pytest.mark.parametrize("kind", NODE_TYPES, ids=lambda kind: kind.name)
def test_every_node_is_a_row_of_its_mart(graph, database, kind: NodeType):
    rows = database.sql(f"from {kind.mart} order by node_index").fetchnumpy()
    nodes = graph[kind.name]
    described = next(it for it in graph_meta(graph)["nodes"] if it["type"] == kind.name)
    assert decode(nodes) == rows[kind.id_column].tolist()
    assert decode(nodes, text="name") == rows[kind.name_column].tolist()
    for position, feature in enumerate(described["x"]):
        told = np.ma.filled(rows[feature["name"]].astype(float), feature["mean"])
        x = nodes.x[:, position].double().numpy()
        assert np.allclose(x, (told - feature["mean"]) / feature["std"]), feature["name"]
        if feature["data_type"] != "BOOLEAN" and np.ptp(told):
            assert x.mean() == pytest.approx(0, abs=1e-5), feature["name"]
            assert x.std() == pytest.approx(1, abs=0.05), feature["name"]  # some are unknown
    for mask in described["tensors"]:
        assert nodes[mask["name"]].tolist() == rows[mask["column"]].tolist()
    names = {feature["name"] for feature in described["x"]}
    names |= {mask["column"] for mask in described["tensors"]}
    naming = {"node_index", kind.key_column, kind.id_column, kind.name_column}
    assert names | naming == set(rows)


@pytest.mark.parametrize("kind", EDGE_TYPES, ids=lambda kind: kind.relation)
def test_every_edge_is_a_row_of_its_mart(graph, database, kind: EdgeType):
    rows = database.sql(f"from {kind.mart} order by source_index, target_index").fetchnumpy()
    described = next(it for it in graph_meta(graph)["edges"] if tuple(it["type"]) == kind.forward)
    forward, reverse = graph[kind.forward], graph[kind.reverse]
    ends = np.stack([rows.pop("source_index"), rows.pop("target_index")])
    assert (forward.edge_index.numpy() == ends).all()
    assert (reverse.edge_index.numpy() == ends[::-1]).all()
    assert forward.is_coalesced()
    for edges in (forward, reverse):
        for position, column in enumerate(described["edge_attr"]):
            told = rows[column["name"]].astype(np.float32)
            assert (edges.edge_attr[:, position].numpy() == told).all(), column["name"]
        for column in described["tensors"]:
            told = rows[column["column"]]
            if column["data_type"] == "TIMESTAMP":
                told = told.astype("datetime64[s]").astype(np.int64)
            assert (edges[column["name"]].numpy() == np.ma.filled(told, 0)).all(), column["name"]
    columns = {column["name"] for column in described["edge_attr"]}
    columns |= {column["column"] for column in described["tensors"]}
    assert columns == set(rows)


def test_who_has_no_play_in_training_time_is_cold(graph, database):
    split = graph_meta(graph)["splits"]["train"]
    assert split["first_on"] < split["last_on"]
    for kind, dimension, key, identifier in (
        ("user", "dim_users", "user_key", "user_id"),
        ("song", "dim_tracks", "track_key", "track_id"),
    ):
        nodes = graph[kind]
        cold = set(decode(nodes, nodes.cold_mask))
        told = database.execute(
            f"""
            select {identifier} from {dimension}
            where {key} not in (select {key} from fct_plays where cast(ended_at as date) <= ?)
            """,
            [split["last_on"]],
        ).fetchall()
        assert cold == {it for (it,) in told}, kind
    assert 0 < int(graph["song"].cold_mask.sum()) < graph["song"].num_nodes


def test_nothing_of_later_days_is_in_the_training_graph(graph, world: Settings, tmp_path: Path):
    """Whatever is played after training time, the training graph is the same to the last bit."""
    last_on = graph_meta(graph)["splits"]["train"]["last_on"]
    settings = small_settings(tmp_path)
    shutil.copyfile(world.database, settings.database)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(
            f"""
            delete from raw.user_events
            where cast(ended_at as date) > date '{last_on}' and event_id % 3 = 0;

            update raw.user_events
            set
                track_key = (track_key + 1) % (select count(*) from raw.tracks),
                listening_ms = listening_ms // 2
            where cast(ended_at as date) > date '{last_on}';

            update raw.simulation_batches
            set play_count = (
                select count(*)
                from raw.user_events
                where
                    user_key between first_user_key and last_user_key
                    and cast(ended_at as date) between window_start and window_end
            );
            """
        )
    outcome = run_dbt(
        *("run", "--full-refresh", "--quiet", "--select"),
        *(f"path:models/{layer}/{area}" for area in ("listening", "graph") for layer in LAYERS),
        database=settings.database,
    )
    assert outcome.returncode == 0, outcome.stdout
    later = load_graph(pipeline.make_graph(settings.place, settings.exports, Console()))
    assert later["user", "listens", "song"].num_edges != graph["user", "listens", "song"].num_edges
    one, other = training_graph(graph), training_graph(later)
    assert one["user", "listens", "song"].num_edges > 1_000
    for kind in (*graph.node_types, *graph.edge_types):
        assert list(one[kind].keys()) == list(other[kind].keys())
        for name, value in one[kind].items():
            others = other[kind][name]
            values = value if name == "texts" else {name: value}
            for key, one_value in values.items():
                other_value = others[key] if name == "texts" else others
                # A whole number of nodes compares as a tensor too.
                assert torch.equal(torch.as_tensor(one_value), torch.as_tensor(other_value)), key


def test_full_batch_training_learns(graph):
    """Two layers over every edge type: songs that were played come to score above others."""
    torch.manual_seed(0)
    training = training_graph(graph)
    layers = torch.nn.ModuleList(
        HeteroConv({kind: SAGEConv((-1, -1), 16) for kind in training.edge_types}) for _ in range(2)
    )
    users, songs = training["user", "listens", "song"].edge_index

    def loss() -> torch.Tensor:
        x = training.x_dict
        for layer in layers:
            x = {kind: value.tanh() for kind, value in layer(x, training.edge_index_dict).items()}
        others = torch.randint(training["song"].num_nodes, songs.shape)
        margin = (x["user"][users] * (x["song"][songs] - x["song"][others])).sum(dim=1)
        return -torch.nn.functional.logsigmoid(margin).mean()

    before = float(loss().detach())
    optimizer = torch.optim.Adam(layers.parameters(), lr=0.01)
    for _ in range(15):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    assert float(loss().detach()) < 0.9 * before


needs_sampler = pytest.mark.skipif(
    not (WITH_PYG_LIB or WITH_TORCH_SPARSE),
    reason="neighbours are sampled by pyg-lib or torch-sparse, and neither is installed",
)


@needs_sampler
def test_sampled_neighbours_lead_back_to_the_graph(graph):
    training = training_graph(graph)
    loader = NeighborLoader(training, num_neighbors=[4, 4], input_nodes="user", batch_size=16)
    whole = training["user", "listens", "song"]
    seen = []
    for batch in loader:
        assert batch.validate(raise_on_error=True)
        for kind in batch.node_types:
            assert torch.equal(batch[kind].x, training[kind].x[batch[kind].n_id])
            assert torch.equal(batch[kind].node_id, batch[kind].n_id)
            assert decode(batch[kind]) == decode(training[kind], batch[kind].n_id)
        listens = batch["user", "listens", "song"]
        users, songs = listens.edge_index
        pairs = torch.stack([batch["user"].n_id[users], batch["song"].n_id[songs]])
        assert torch.equal(pairs, whole.edge_index[:, listens.e_id])
        assert torch.equal(listens.edge_attr, whole.edge_attr[listens.e_id])
        seen += batch["user"].n_id[: batch["user"].batch_size].tolist()
    assert seen == list(range(graph["user"].num_nodes))


@needs_sampler
def test_sampled_links_lead_back_to_the_graph(graph):
    kind = ("user", "listens", "song")
    sought = graph[kind].edge_index[:, graph[kind].new_test_mask]
    loader = LinkNeighborLoader(
        training_graph(graph),
        num_neighbors=[4, 4],
        edge_label_index=(kind, sought),
        neg_sampling="binary",
        batch_size=64,
    )
    batch = next(iter(loader))
    users, songs = batch[kind].edge_label_index
    pairs = torch.stack([batch["user"].n_id[users], batch["song"].n_id[songs]])
    assert torch.equal(pairs[:, :64], sought[:, :64])
    assert batch[kind].edge_label.tolist() == [1.0] * 64 + [0.0] * 64
