"""Tables as Avro, encoded by fastavro in as many processes as there are threads to use.

A file is a header and then blocks, each with its number of records and the file's sync marker. So
processes can encode slices of a table on their own: their blocks, one after the other under one
header, are the file that one process would have written.
"""

import atexit
import hashlib
import io
import json
import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import fastavro
import pyarrow as pa

from playback.errors import StageFailed
from playback.products.tables import Piece, Table
from playback.progress import Progress
from playback.warehouse import Warehouse

SCHEMAS = Path(__file__).parent / "schemas"
"""The schemas, one `<table>.avsc` a table: they are shipped beside the data."""

_CODEC = "deflate"
"""The one codec, beside none at all, that the Avro specification demands of every reader."""

_LEVEL = 1
"""A tenth more bytes than the default level, in two thirds of the time."""

_SLICE_ROWS = 50_000
_BLOCK_BYTES = 1 << 16
_TO_AVRO = {"date": pa.int32(), "timestamp-millis": pa.int64()}
"""How a logical type is counted: days, and milliseconds, since 1970."""


def schema_file(table: str) -> Path:
    """The schema of a table."""
    return SCHEMAS / f"{table}.avsc"


def write(
    warehouse: Warehouse, table: Table, pieces: list[Piece], file: Path, progress: Progress
) -> None:
    """Write the rows of all pieces to one file, with as many processes as the warehouse threads.

    Memory holds a few slices a process, however many rows there are.

    Raises:
        StageFailed: one of the processes was killed.
    """
    ((threads,),) = warehouse.rows("select current_setting('threads')")
    rows = sum(piece.rows for piece in pieces)
    with file.open("wb") as whole, _encoders(min(threads, -(-rows // _SLICE_ROWS))) as encoders:
        whole.write(_header(table.name))
        in_turn: deque[tuple[Future[bytes], int]] = deque()
        for slice_ in _slices(_batches(warehouse, pieces)):
            in_turn.append((encoders.submit(encode_blocks, table.name, slice_), slice_.num_rows))
            if len(in_turn) > 2 * threads:
                _append(whole, *in_turn.popleft(), progress)
        for blocks, count in in_turn:
            _append(whole, blocks, count, progress)


def _batches(warehouse: Warehouse, pieces: list[Piece]) -> Iterator[pa.RecordBatch]:
    for piece in pieces:
        yield from warehouse.connection.sql(piece.query).to_arrow_reader(_SLICE_ROWS)


def encode_blocks(table: str, rows: pa.RecordBatch) -> bytes:
    """Encode rows as the blocks of a file, without its header."""
    schema, counted_schema = _schemas(table)
    columns = [
        _counted(column, field)
        for column, field in zip(rows.columns, schema["fields"], strict=True)
    ]
    records = pa.RecordBatch.from_arrays(columns, names=rows.schema.names).to_pylist()
    without_records = _encode(counted_schema, [], _marker(table))
    return _encode(counted_schema, records, _marker(table))[len(without_records) :]


def _header(table: str) -> bytes:
    schema, _ = _schemas(table)
    return _encode(schema, [], _marker(table))


def _append(whole: BinaryIO, blocks: Future[bytes], rows: int, progress: Progress) -> None:
    whole.write(blocks.result())
    progress.advance(rows)


def _encode(schema: dict[str, Any], records: list[dict[str, Any]], marker: bytes) -> bytes:
    encoded = io.BytesIO()
    fastavro.writer(
        encoded,
        schema,
        records,
        codec=_CODEC,
        codec_compression_level=_LEVEL,
        sync_interval=_BLOCK_BYTES,
        sync_marker=marker,
    )
    return encoded.getvalue()


def _marker(table: str) -> bytes:
    """Sync marker of a file: any 16 bytes that hardly occur by chance; random ones would differ."""
    return hashlib.blake2b(schema_file(table).name.encode(), digest_size=16).digest()


@cache
def _schemas(table: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a table, and the same without its logical types.

    Both write the same bytes; without, fastavro does not look at each value whether it is counted
    already.
    """
    schema = json.loads(schema_file(table).read_text(encoding="utf-8"))
    counted = schema | {
        "fields": [field | {"type": _bare(field["type"])} for field in schema["fields"]]
    }
    return _parsed(schema), _parsed(counted)


def _parsed(schema: dict[str, Any]) -> dict[str, Any]:
    """Parse a schema; the keys of its fields, which fastavro orders by hash, in order."""
    return json.loads(json.dumps(fastavro.parse_schema(schema), sort_keys=True))


def _bare(kind: object) -> object:
    if isinstance(kind, list):
        return [_bare(each) for each in kind]
    return kind["type"] if isinstance(kind, dict) else kind


def _counted(column: pa.Array, field: dict[str, Any]) -> pa.Array:
    """Dates and moments as the numbers that Avro stores them as: far faster than as objects."""
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    for kind in kinds:
        logical = kind.get("logicalType") if isinstance(kind, dict) else None
        if logical == "timestamp-millis":
            column = column.cast(pa.timestamp("ms"))
        if logical in _TO_AVRO:
            column = column.cast(_TO_AVRO[logical])
    return column


def _slices(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Cut rows into slices of the same length, however they come: blocks must not depend on it."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= _SLICE_ROWS:
            together = pa.concat_batches(waiting)
            yield together.slice(0, _SLICE_ROWS)
            waiting = [together.slice(_SLICE_ROWS)]
            rows -= _SLICE_ROWS
    if rows:
        yield pa.concat_batches(waiting)


@contextmanager
def _encoders(processes: int) -> Iterator[Executor]:
    """Processes to encode in, or a thread where there is work for one only."""
    pool: Executor
    if processes > 1:
        # Spawned: a copy of this process would hold the locks of DuckDB's and Arrow's threads.
        pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_end_with_parent)
    else:
        pool = ThreadPoolExecutor(1)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise StageFailed(
            "a process that encodes Avro was killed, for want of memory perhaps: the former files "
            "are as they were, run the same command again with fewer --threads"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, do not outlive it if it is killed, and leave without a word."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # DuckDB lists what it has not freed when an interpreter is torn down, and here nothing is.
    atexit.register(os._exit, 0)

    def follow() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()
