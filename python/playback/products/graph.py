"""`graph.pt`: the marts of the graph as one PyTorch Geometric `HeteroData`."""

import json
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from playback import __version__
from playback.errors import PlaybackError
from playback.memory import available_bytes, in_words
from playback.products import graph_marts, single_file
from playback.products.graph_marts import EDGE_TYPES, NODE_TYPES, SPLITS, MartColumn
from playback.progress import Progress
from playback.warehouse import Warehouse

if TYPE_CHECKING:
    from torch import Tensor
    from torch_geometric.data import HeteroData
    from torch_geometric.data.storage import NodeStorage

_MARTS = (*(kind.mart for kind in (*NODE_TYPES, *EDGE_TYPES)), SPLITS)

_TENSOR_NAMES = {"first_played_at": "time", "is_cold": "cold_mask"}
"""Columns that PyTorch Geometric knows by another name."""

_MASKS = {
    "train_mask": "train_play_count",
    "val_mask": "validation_play_count",
    "test_mask": "test_play_count",
}
"""An edge belongs to every split it was played in."""

_NEW_TEST_MASK = "new_test_mask"
"""Edges first played in test time: what `playback evaluate` has recommenders look for."""

_TOLD_LATER = ("val_mask", "validation_play_count", "test_mask", "test_play_count", _NEW_TEST_MASK)
"""What an edge of training time has of the time after it."""


def require_libraries() -> None:
    """Refuse at once where a graph can be neither made nor read.

    Raises:
        PlaybackError: PyTorch or PyTorch Geometric is not installed.
    """
    for library in ("torch", "torch_geometric"):
        if not find_spec(library):
            raise PlaybackError(
                f"graph.pt needs {library}, which is not installed: "
                "install Playback with its extra `graph`"
            )


@contextmanager
def imported_meanwhile() -> Iterator[None]:
    """Have the libraries imported by the end of this, which takes seconds of one core.

    Whatever goes wrong there is told when they are needed.
    """
    importing = Thread(target=_import_libraries)
    importing.start()
    try:
        yield
    finally:
        importing.join()


def _import_libraries() -> None:
    with suppress(Exception):
        import torch_geometric.data  # noqa: F401  (and torch with it)


def export(
    warehouse: Warehouse,
    path: Path,
    progress: Progress,
    most_bytes: int | None = None,
    made_from: str = "",
) -> Path:
    """Write the graph to `path` and return it. The same marts make the same bytes.

    Args:
        warehouse: it has the marts.
        path: the file.
        progress: counts edges.
        most_bytes: of memory; what is available unless told.
        made_from: what the marts were built from, for the manifest beside the file.

    Raises:
        PlaybackError: PyTorch is not installed, the marts are not there yet, the graph does not fit
            into memory, and as `single_file.replaced` does.
    """
    require_libraries()
    counted = rows(warehouse)
    _require_memory(warehouse, most_bytes)
    import torch

    with single_file.replaced(path, made_from, counted) as whole:
        graph = build(warehouse, progress)
        with whole.open("wb") as file:
            torch.save(graph, file)  # given a path, torch writes its name into the bytes
    return path


def rows(warehouse: Warehouse) -> dict[str, int]:
    """Rows of each mart that the graph is made of.

    Raises:
        PlaybackError: a mart is not there yet.
    """
    for mart in _MARTS:
        if not warehouse.has_relation(mart):
            raise PlaybackError(
                f"{warehouse.database} has no mart {mart} yet: run `playback build` first"
            )
    return {mart: warehouse.count(mart) for mart in _MARTS}


def build(warehouse: Warehouse, progress: Progress) -> "HeteroData":
    """Read the marts into a graph in memory."""
    from torch import from_numpy
    from torch_geometric.data import HeteroData

    graph = HeteroData()
    nodes = [_add_nodes(graph, warehouse, kind) for kind in NODE_TYPES]
    progress.begin(sum(warehouse.count(kind.mart) for kind in EDGE_TYPES), "edges")
    edges = [_add_edges(graph, warehouse, kind, progress) for kind in EDGE_TYPES]
    meta = _world(warehouse) | {"nodes": nodes, "edges": edges}
    graph.meta = from_numpy(_bytes(json.dumps(meta, ensure_ascii=False)))
    return graph


def load_graph(path: Path | str) -> "HeteroData":
    """Load a graph safely (no code in the file is run) and at once (tensors are mapped).

    Raises:
        PlaybackError: PyTorch is not installed, there is no such file, or it cannot be read as a
            graph.
    """
    require_libraries()
    import torch
    from torch_geometric.data.storage import BaseStorage, EdgeStorage, NodeStorage

    try:
        with torch.serialization.safe_globals([BaseStorage, NodeStorage, EdgeStorage]):
            return torch.load(path, weights_only=True, mmap=True)
    except FileNotFoundError as error:
        raise PlaybackError(f"{path} does not exist: make it with `playback graph`") from error
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise PlaybackError(
            f"{path} cannot be read as a graph: make it again with `playback graph`"
        ) from error


def training_graph(graph: "HeteroData") -> "HeteroData":
    """The graph as it was known when training time ended, and nothing of the plays after it.

    Of the listens edges and their reverses those of `train_mask` are left, without the masks and
    play counts of the other splits. Nodes, features and all other edges are shared with `graph`;
    every tensor is contiguous.
    """
    split = {
        kind: graph[kind].train_mask for kind in graph.edge_types if "train_mask" in graph[kind]
    }
    training = graph.edge_subgraph(split)
    for kind in split:
        for name in _TOLD_LATER:
            del training[kind][name]
    return training.contiguous()


def decode(
    nodes: "NodeStorage",
    rows: "Tensor | Sequence[int] | slice | None" = None,
    text: Literal["id", "name"] = "id",
) -> list[str]:
    """The ids or names of nodes, such as `decode(graph["song"], [7], "name")`.

    It goes by their `node_id`, so that it is right in whatever was made of a graph as well: in a
    subgraph, after a transform, in a mini-batch, in a batch of parts of one graph.

    Args:
        nodes: the nodes of a type, such as `graph["song"]`.
        rows: indices (n,) of some of them, or a mask of all; all unless told.
        text: what to read of each.

    Returns:
        A text per row, in their order.

    Raises:
        IndexError: there is no such row.
    """
    chosen = nodes.node_id if rows is None else nodes.node_id[rows]
    blob = nodes.texts[f"{text}_bytes"].cpu().numpy()
    offsets = nodes.texts[f"{text}_offsets"]
    starts, ends = offsets[chosen].tolist(), offsets[chosen + 1].tolist()
    return [blob[start:end].tobytes().decode() for start, end in zip(starts, ends, strict=True)]


def graph_meta(graph: "HeteroData") -> dict[str, Any]:
    """What a graph says of itself: its features with their scaling, its attributes, its split."""
    # A batch holds it once per part.
    meta, _ = json.JSONDecoder().raw_decode(graph.meta.cpu().numpy().tobytes().decode())
    return meta


def _require_memory(warehouse: Warehouse, most_bytes: int | None) -> None:
    needed, most = graph_marts.needed_bytes(warehouse), most_bytes or available_bytes()
    if most is not None and needed > most:
        edges = sum(warehouse.count(kind.mart) for kind in EDGE_TYPES)
        raise PlaybackError(
            f"graph.pt of {edges:,} edges takes {in_words(needed)} of memory, and there are "
            f"{in_words(most)}: make it on a machine that has them, or read the marts graph_* "
            f"of {warehouse.database} themselves"
        )
    warehouse.limit_memory(beside=needed)


def _add_nodes(
    graph: "HeteroData", warehouse: Warehouse, kind: graph_marts.NodeType
) -> dict[str, Any]:
    """Add the nodes of a type; return what `meta` says of them."""
    from torch import arange, from_numpy

    nodes = graph_marts.read_nodes(warehouse, kind)
    store = graph[kind.name]
    store.num_nodes = len(nodes.x)
    store.node_id = arange(len(nodes.x))
    store.x = from_numpy(nodes.x)
    # A mapping: what PyTorch Geometric finds as long as there are nodes, it cuts as their values.
    store.texts = {
        "id_bytes": from_numpy(nodes.ids.blob),
        "id_offsets": from_numpy(nodes.ids.offsets),
        "name_bytes": from_numpy(nodes.names.blob),
        "name_offsets": from_numpy(nodes.names.offsets),
    }
    named = [(_tensor_name(column), column) for column in nodes.mask_columns]
    for (name, _), mask in zip(named, nodes.masks, strict=True):
        store[name] = from_numpy(mask)
    return {
        "type": kind.name,
        "mart": kind.mart,
        "count": store.num_nodes,
        "x": [asdict(feature) for feature in nodes.features],
        "tensors": _described(named),
    }


def _add_edges(
    graph: "HeteroData", warehouse: Warehouse, kind: graph_marts.EdgeType, progress: Progress
) -> dict[str, Any]:
    """Add the edges of a type and the same reversed; return what `meta` says of them.

    Both directions share the memory of their ends and attributes, here and in the file.
    """
    from torch import from_numpy

    edges = graph_marts.read_edges(warehouse, kind, progress)
    named = [(_tensor_name(column), column) for column in edges.whole_columns]
    attributes = {
        name: from_numpy(values) for (name, _), values in zip(named, edges.wholes, strict=True)
    }
    if edges.measure_columns:
        attributes["edge_attr"] = from_numpy(edges.measures)
    for mask, play_count in _MASKS.items():
        if play_count in attributes:
            attributes[mask] = attributes[play_count] > 0
    if all(mask in attributes for mask in _MASKS):
        heard = attributes["train_mask"] | attributes["val_mask"]
        attributes[_NEW_TEST_MASK] = attributes["test_mask"] & ~heard
    ends = from_numpy(edges.ends)
    for name, edge_index in ((kind.forward, ends[:2]), (kind.reverse, ends[1:])):
        graph[name].edge_index = edge_index
        graph[name].update(attributes)
    return {
        "type": kind.forward,
        "reverse": kind.reverse,
        "mart": kind.mart,
        "count": ends.shape[1],
        "edge_attr": [asdict(column) for column in edges.measure_columns],
        "tensors": _described(named),
    }


def _bytes(text: str) -> np.ndarray:
    """A text as UTF-8 (n,) uint8, which may be written to."""
    return np.frombuffer(bytearray(text, "utf-8"), dtype=np.uint8)


def _described(named: list[tuple[str, MartColumn]]) -> list[dict[str, Any]]:
    return [asdict(column) | {"name": name, "column": column.name} for name, column in named]


def _tensor_name(column: MartColumn) -> str:
    return _TENSOR_NAMES.get(column.name, column.name)


def _world(warehouse: Warehouse) -> dict[str, Any]:
    ((seed, starts_on, source),) = warehouse.connection.sql(
        "select seed, starts_on, catalogue_source from raw.world"
    ).fetchall()
    splits = warehouse.connection.sql(
        f"select split_name, first_on, last_on from {SPLITS} order by first_on"
    ).fetchall()
    return {
        "playback_version": __version__,
        "seed": seed,
        "catalogue_source": source,
        "reference_date": str(starts_on),
        "splits": {
            name: {"first_on": str(first_on), "last_on": str(last_on)}
            for name, first_on, last_on in splits
        },
    }
