"""Plays by the batch, a month of a block of listeners, each simulated while others are written."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import pyarrow as pa

from playback.errors import PlaybackError
from playback.player import ledger
from playback.player.ledger import Batch, MadeFrom
from playback.player.simulation import Group, load_group, load_inputs, play_days, recall
from playback.progress import Progress
from playback.settings import PlaySettings
from playback.warehouse import Warehouse

BLOCK = 2048
"""Most listeners in a batch."""

PARTS_A_THREAD = 4
"""Parts that a batch is cut into, so that no thread waits long for another."""

BATCHES_AHEAD = 2
"""Batches in the making while one is written."""


@dataclass(frozen=True)
class PlaySummary:
    """What a run of the player has done.

    Attributes:
        plays: plays added to raw.user_events.
        listeners: listeners there are.
        seconds: wall-clock time it took.
    """

    plays: int
    listeners: int
    seconds: float


class Part(NamedTuple):
    """The plays of some listeners of a batch with their checksum, and their likes."""

    rows: list[pa.RecordBatch]
    likes: list[pa.RecordBatch]
    checksum: int


class Pending(NamedTuple):
    """A part of a batch in the making: the listeners from `first` to before `end`."""

    first: int
    end: int
    part: Future[Part]


def play(
    warehouse: Warehouse,
    settings: PlaySettings,
    progress: Progress,
    *,
    block: int = BLOCK,
    months: int = 1,
) -> PlaySummary:
    """Play every listener from where the ledger ends to `settings.until`.

    The plays are the same for any number of threads, any block, any number of months in a batch
    and any number of runs. A run that is killed loses the open batch only.

    Raises:
        PlaybackError: there is no catalogue or no listener, or the plays that stand were made from
            something else.
    """
    began = time.perf_counter()
    inputs = load_inputs(warehouse, settings)
    group = load_group(warehouse, inputs)
    made_from = MadeFrom(
        settings.seed, settings.preset.fingerprint, inputs.fingerprint, settings.start
    )
    ledger.check(warehouse, made_from)
    listeners = len(group)
    batches = ledger.plan(warehouse, listeners, settings.start, settings.until, block, months)
    progress.begin(sum(batch.listener_days for batch in batches), "listener days")
    plays = 0
    if batches:
        if warehouse.count("raw.user_events"):
            _recall(warehouse, group, settings.threads)
        for batch, parts in simulate(group, batches, settings.threads):
            rows = pa.Table.from_batches(chain.from_iterable(part.rows for part in parts))
            likes = pa.Table.from_batches(chain.from_iterable(part.likes for part in parts))
            checksum = sum(part.checksum for part in parts)
            with warehouse.transaction():
                warehouse.append("user_events", rows)
                warehouse.append("user_likes", likes)
                ledger.record(warehouse, batch, made_from, rows.num_rows, checksum)
            plays += rows.num_rows
            progress.advance(batch.listener_days)
    return PlaySummary(plays, listeners, time.perf_counter() - began)


def is_over(warehouse: Warehouse, settings: PlaySettings) -> bool:
    """Whether every listener has been played until `settings.until`."""
    listeners = warehouse.count("raw.users")
    return not ledger.plan(warehouse, listeners, settings.start, settings.until, BLOCK, 1)


def _recall(warehouse: Warehouse, group: Group, threads: int) -> None:
    """Go through raw.user_events in the order it was written: each listener's plays by time."""

    def recall_part(first: int, end: int) -> bool:
        with warehouse.connection.cursor() as cursor:
            plays, likes = cursor.table("raw.user_events"), cursor.table("raw.user_likes")
            return recall(group, plays, likes, range(first, end))

    borders = _borders(0, len(group), threads)
    with ThreadPoolExecutor(threads) as workers:
        if not all(workers.map(recall_part, borders, borders[1:])):
            raise PlaybackError(
                f"raw.user_events of {warehouse.database} is no longer in the order the player "
                "wrote it: it cannot be resumed; name another --database"
            )


def _borders(first: int, end: int, threads: int) -> list[int]:
    """Cut the listeners from `first` to before `end` into parts: where each begins, and the end."""
    parts = min(threads * PARTS_A_THREAD, end - first)
    return [first + (end - first) * part // parts for part in range(parts + 1)]


def simulate(
    group: Group, batches: list[Batch], threads: int
) -> Iterator[tuple[Batch, list[Part]]]:
    """Play the batches, and yield the plays of each; those that follow are in the making meanwhile.

    A thread that is done with its part of a batch goes on with a later one, whose listeners may
    have to wait for their own days before alone.
    """
    workers = ThreadPoolExecutor(threads, initializer=_let_the_writer_first)
    running: deque[tuple[Batch, list[Pending]]] = deque()

    def begin(batch: Batch) -> list[Pending]:
        pending = []
        for first, end in pairwise(_borders(batch.first_user, batch.last_user + 1, threads)):
            before = [
                other.part
                for _, earlier in running
                for other in earlier
                if other.first < end and first < other.end
            ]
            part = workers.submit(_play_part, group, batch, first, end, before)
            pending.append(Pending(first, end, part))
        return pending

    try:
        for batch in batches:
            running.append((batch, begin(batch)))
            if len(running) > BATCHES_AHEAD:
                yield _finished(*running.popleft())
        while running:
            yield _finished(*running.popleft())
    finally:
        workers.shutdown(cancel_futures=True)


def _let_the_writer_first() -> None:
    """Make a simulating thread give way to the one that writes, for which all others wait."""
    if sys.platform == "linux":  # elsewhere a priority belongs to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _finished(batch: Batch, pending: list[Pending]) -> tuple[Batch, list[Part]]:
    return batch, [part.part.result() for part in pending]


def _play_part(
    group: Group,
    batch: Batch,
    first: int,
    end: int,
    before: list[Future[Part]],
) -> Part:
    """Play the days of a batch for the listeners from `first` to before `end`, after `before`."""
    wait(before)
    chunks = list(play_days(group, range(first, end), batch.first_day, batch.last_day))
    return Part(
        [chunk.rows for chunk in chunks],
        [chunk.likes for chunk in chunks],
        sum(chunk.checksum for chunk in chunks),
    )
