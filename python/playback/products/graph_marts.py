"""The marts of the graph, and how their rows become arrays.

A mart decides what the graph holds: a column added to it is a feature or an attribute more.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.progress import Progress
from playback.warehouse import Warehouse

SPLITS = "graph_splits"
_BATCH_ROWS = 122_880

_TEXT_BYTES = 20
_OBJECT_BYTES = 60
"""Of a text, about: its letters, and the rest of the object that Python makes of it."""


@dataclass(frozen=True)
class NodeType:
    """A node type: its mart, and which columns are no features but name or mark the nodes."""

    name: str
    mart: str
    key_column: str
    id_column: str
    name_column: str
    mask_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class EdgeType:
    """An edge type: its mart, which holds the two indexes and then the attributes."""

    source: str
    relation: str
    target: str
    mart: str

    @property
    def forward(self) -> tuple[str, str, str]:
        """How PyTorch Geometric calls the type."""
        return self.source, self.relation, self.target

    @property
    def reverse(self) -> tuple[str, str, str]:
        """How PyTorch Geometric calls the type of the edges reversed."""
        return self.target, f"rev_{self.relation}", self.source


NODE_TYPES = (
    NodeType("user", "graph_users", "user_key", "user_id", "username", ("is_cold",)),
    NodeType("song", "graph_songs", "track_key", "track_id", "track_name", ("is_cold",)),
    NodeType("artist", "graph_artists", "artist_key", "artist_id", "artist_name"),
    NodeType("album", "graph_albums", "album_key", "album_id", "album_name"),
    NodeType("genre", "graph_genres", "genre_id", "genre_id", "genre_name"),
)
EDGE_TYPES = (
    EdgeType("user", "listens", "song", "graph_listens"),
    EdgeType("song", "by", "artist", "graph_song_artists"),
    EdgeType("song", "in", "album", "graph_song_albums"),
    EdgeType("song", "has", "genre", "graph_song_genres"),
    EdgeType("artist", "performs", "genre", "graph_artist_genres"),
    EdgeType("user", "prefers", "genre", "graph_user_genres"),
    EdgeType("user", "likes", "song", "graph_user_likes"),
)


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart; the description is what dbt has left as its comment."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Feature(MartColumn):
    """A column that became a feature: value = x * std + mean."""

    mean: float
    std: float


@dataclass(frozen=True)
class Texts:
    """Many texts in two arrays, which load at once where a list takes seconds.

    `blob` (uint8) holds their UTF-8 bytes end to end; text i is blob[offsets[i] : offsets[i + 1]],
    with offsets (n + 1,) int64.
    """

    blob: np.ndarray
    offsets: np.ndarray


@dataclass(frozen=True)
class Nodes:
    """The n nodes of a type.

    `x` (n, features) float32 are their features, truth values as 0 and 1, numbers scaled; `masks`
    (n,) bool each.
    """

    x: np.ndarray
    features: list[Feature]
    masks: list[np.ndarray]
    mask_columns: list[MartColumn]
    ids: Texts
    names: Texts


@dataclass(frozen=True)
class Edges:
    """The n edges of a type, ascending by source, then target.

    `ends` (3, n) int64 is source, target and source again: rows 0-1 are the edges, rows 1-2 the
    same edges reversed. `measures` (n, m) float32 are truth values and real numbers; `wholes`
    (n,) int64 each are whole numbers, and moments in epoch seconds. Nothing is 0.
    """

    ends: np.ndarray
    measures: np.ndarray
    measure_columns: list[MartColumn]
    wholes: list[np.ndarray]
    whole_columns: list[MartColumn]


def read_nodes(warehouse: Warehouse, kind: NodeType) -> Nodes:
    """Read the nodes of a type, in the order of their index."""
    naming = ("node_index", kind.key_column, kind.id_column, kind.name_column)
    known = [column for column in _columns(warehouse, kind.mart) if column.name not in naming]
    masks = [column for column in known if column.name in kind.mask_columns]
    columns = [column for column in known if column not in masks]
    selected = ", ".join(
        [
            kind.id_column,
            kind.name_column,
            *(f'"{column.name}"' for column in masks),
            *(f'cast("{column.name}" as double)' for column in columns),
        ]
    )
    nodes = warehouse.connection.sql(
        f"select {selected} from {kind.mart} order by node_index"
    ).to_arrow_table()
    ids, names, *marks_and_values = nodes.columns
    marks, values = marks_and_values[: len(masks)], marks_and_values[len(masks) :]
    x = np.empty((len(nodes), len(columns)), dtype=np.float32)
    features = []
    for position, (column, known_or_null) in enumerate(zip(columns, values, strict=True)):
        value = known_or_null.to_numpy()
        mean, std = (0.0, 1.0) if column.data_type == "BOOLEAN" else _scale(value)
        x[:, position] = np.nan_to_num((value - mean) / std)
        features.append(Feature(column.name, column.data_type, column.description, mean, std))
    return Nodes(
        x, features, [mark.to_numpy() for mark in marks], masks, _texts(ids), _texts(names)
    )


def read_edges(warehouse: Warehouse, kind: EdgeType, progress: Progress) -> Edges:
    """Read the edges of a type, with no more memory than the arrays themselves take."""
    columns = _columns(warehouse, kind.mart)[2:]
    measures = [column for column in columns if column.data_type in ("BOOLEAN", "DOUBLE")]
    wholes = [column for column in columns if column not in measures]
    count = warehouse.count(kind.mart)
    edges = Edges(
        ends=np.empty((3, count), dtype=np.int64),
        measures=np.empty((count, len(measures)), dtype=np.float32),
        measure_columns=measures,
        wholes=[np.empty(count, dtype=np.int64) for _ in wholes],
        whole_columns=wholes,
    )
    selected = ", ".join(
        [
            "source_index",
            "target_index",
            *(f'coalesce(cast("{column.name}" as float), 0)' for column in measures),
            *(f"coalesce({_whole_number(column)}, 0)" for column in wholes),
        ]
    )
    arrays = [*edges.ends[:2], *edges.measures.T, *edges.wholes]
    order = "" if warehouse.keeps_order else "order by source_index, target_index"
    _stream(warehouse, f"select {selected} from {kind.mart} {order}", arrays, progress)
    for column, values in zip(wholes, edges.wholes, strict=True):
        if column.data_type == "TIMESTAMP":
            values //= 1_000_000  # in place, and faster than a query divides
    source, target = edges.ends[:2]
    if not _ascends(source, target):
        order = np.lexsort((target, source))
        for array in arrays:
            array[:] = array[order]
    edges.ends[2] = source
    return edges


def needed_bytes(warehouse: Warehouse) -> int:
    """The memory that the graph takes, from how many rows and columns its marts have.

    To the arrays of all types comes what passes through while the nodes of the largest are read.
    """
    passing = [warehouse.count(kind.mart) * _passing_bytes(warehouse, kind) for kind in NODE_TYPES]
    staying = [
        warehouse.count(kind.mart) * _staying_bytes(warehouse, kind)
        for kind in (*NODE_TYPES, *EDGE_TYPES)
    ]
    return max(passing) + sum(staying)


def _passing_bytes(warehouse: Warehouse, kind: NodeType) -> int:
    """Of a node: every value as a double, and its texts once more, as objects of Python."""
    return 8 * len(_columns(warehouse, kind.mart)) + 2 * (_TEXT_BYTES + _OBJECT_BYTES)


def _staying_bytes(warehouse: Warehouse, kind: NodeType | EdgeType) -> int:
    """Of a node its id, features, texts and offsets; of an edge its ends, attributes and masks."""
    columns = _columns(warehouse, kind.mart)
    if isinstance(kind, NodeType):
        return 8 + 4 * len(columns) + 2 * (_TEXT_BYTES + 8)
    wholes = sum(column.data_type not in ("BOOLEAN", "DOUBLE") for column in columns[2:])
    return 3 * 8 + 4 * (len(columns) - 2 - wholes) + 8 * wholes + 4


def _columns(warehouse: Warehouse, mart: str) -> list[MartColumn]:
    rows = warehouse.connection.execute(
        "select column_name, data_type, coalesce(comment, '') from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main' and table_name = ? "
        "order by column_index",
        [mart],
    ).fetchall()
    return [
        MartColumn(name, data_type, " ".join(comment.split())) for name, data_type, comment in rows
    ]


def _scale(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (1 where all are equal) of the values (n,) that are known."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0


def _texts(column: pa.ChunkedArray) -> Texts:
    known = column.fill_null("")
    offsets = np.zeros(len(known) + 1, dtype=np.int64)
    np.cumsum(pc.binary_length(known), out=offsets[1:])
    blob = bytearray("".join(known.to_pylist()), "utf-8")
    return Texts(np.frombuffer(blob, dtype=np.uint8), offsets)


def _whole_number(column: MartColumn) -> str:
    if column.data_type == "TIMESTAMP":
        return f'epoch_us("{column.name}")'
    return f'cast("{column.name}" as bigint)'


def _stream(warehouse: Warehouse, query: str, arrays: list[np.ndarray], progress: Progress) -> None:
    """Write the columns of a query into arrays of its length, in the order of the rows."""
    start = 0
    for batch in warehouse.connection.sql(query).to_arrow_reader(_BATCH_ROWS):
        end = start + batch.num_rows
        for array, column in zip(arrays, batch.columns, strict=True):
            array[start:end] = column.to_numpy(zero_copy_only=False)
        progress.advance(batch.num_rows)
        start = end


def _ascends(source: np.ndarray, target: np.ndarray) -> bool:
    """Whether edges (n,) are in order already: dbt stores the large mart so."""
    ascends = source[1:] > source[:-1]
    ascends |= (source[1:] == source[:-1]) & (target[1:] > target[:-1])
    return bool(ascends.all())
