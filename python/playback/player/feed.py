"""The feed: by month and block of listeners, a batch simulated while the one before is written."""

import hashlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, pairwise
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from playback.errors import PlaybackError
from playback.player import classic, kernel, ledger, lifelike
from playback.player.kernel import Plays, Scratch, Simulation
from playback.player.ledger import Batch, Source
from playback.player.pools import classic_pools, lifelike_pools
from playback.player.repertoire import load_repertoire, track_positions
from playback.player.roster import Roster, load_roster, offset_minutes
from playback.presets import LifelikePlayer
from playback.progress import Progress
from playback.randomness import world_key
from playback.settings import Settings
from playback.warehouse import Warehouse

BLOCK = 2048
"""Most listeners in a batch."""

PARTS_A_THREAD = 4
"""Parts that a batch is cut into, so that no thread waits long for another."""

BATCHES_AHEAD = 2
"""Batches in the making while one is written."""

PLAYS_AT_ONCE = 1 << 16
"""Plays that a thread fills the columns of before it hands them on: less than two megabytes."""

EPOCH = np.datetime64(0, "D").astype(object).toordinal()


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
    """The plays of some listeners of a batch, and their checksum."""

    rows: list[pa.RecordBatch]
    checksum: int


class Turn(NamedTuple):
    """A part of a batch in the making: the listeners from `first` to before `end`."""

    first: int
    end: int
    part: Future[Part]


class Cast(NamedTuple):
    """The simulation, and what it is stepped by."""

    mechanism: ModuleType
    simulation: Simulation
    roster: Roster


def play(
    warehouse: Warehouse,
    settings: Settings,
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
    cast = load_cast(warehouse, settings)
    source = Source(
        settings.seed, settings.preset.fingerprint, _fingerprint(cast.simulation), settings.start
    )
    ledger.check(warehouse, source)
    listeners = len(cast.roster.listeners)
    batches = ledger.plan(warehouse, listeners, settings.start, settings.until, block, months)
    progress.begin(sum(batch.listener_days for batch in batches), "listener days")
    plays = 0
    if batches:
        _recall(warehouse, cast.simulation, settings.threads)
        for batch, parts in simulate(cast, batches, settings.threads):
            rows = pa.Table.from_batches(chain.from_iterable(part.rows for part in parts))
            checksum = sum(part.checksum for part in parts)
            with warehouse.transaction():
                warehouse.append("user_events", rows)
                ledger.record(warehouse, batch, source, rows.num_rows, checksum)
            plays += rows.num_rows
            progress.advance(batch.listener_days)
    return PlaySummary(plays, listeners, time.perf_counter() - began)


def load_cast(warehouse: Warehouse, settings: Settings) -> Cast:
    """Read the catalogue and the listeners, who have not played anything yet.

    Raises:
        PlaybackError: there is no catalogue, or no listener.
    """
    knobs = settings.preset.player
    repertoire = load_repertoire(warehouse, settings.start)
    if isinstance(knobs, LifelikePlayer):
        mechanism, pools = lifelike, lifelike_pools(repertoire, knobs)
    else:
        mechanism, pools = classic, classic_pools(repertoire)
    roster = load_roster(warehouse, knobs, repertoire.genre_ids)
    listeners = len(roster.listeners)
    simulation = Simulation(
        *pools,
        tastes=roster.tastes,
        laws=mechanism.laws_of(knobs),
        key=world_key(settings.seed, "plays"),
        feed_day=settings.start.toordinal() - EPOCH,
        listeners=roster.listeners,
        states=np.zeros(listeners, dtype=kernel.STATE),
        memories=np.zeros((listeners, _power_of_two(knobs.history_plays)), dtype=np.int32),
    )
    return Cast(mechanism, simulation, roster)


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def _fingerprint(simulation: Simulation) -> str:
    """Hash of the catalogue as the player sees it."""
    digest = hashlib.blake2b(digest_size=8)
    for array in (simulation.tracks, simulation.pools, simulation.members):
        digest.update(np.ascontiguousarray(array).data.cast("B"))
    return digest.hexdigest()


def _recall(warehouse: Warehouse, simulation: Simulation, threads: int) -> None:
    """Go through raw.user_events in the order it was written: each listener's plays by time."""
    positions = track_positions(simulation.tracks["track_key"])

    def recall_part(first: int, end: int) -> bool:
        with warehouse.connection.cursor() as cursor:
            events = cursor.table("raw.user_events")
            stored = (
                events.filter(f"user_key >= {first} and user_key < {end}")
                .select("user_key, track_key, epoch_ms(ended_at) as ended_ms, listening_ms")
                .to_arrow_reader(1 << 17)
            )
            return all(
                kernel.recall(simulation, positions, *map(pa.Array.to_numpy, chunk.columns))
                for chunk in stored
            )

    borders = _borders(0, len(simulation.listeners), threads)
    with ThreadPoolExecutor(threads) as workers:
        if not all(workers.map(recall_part, borders, borders[1:])):
            raise PlaybackError(
                f"raw.user_events of {warehouse.database} is no longer in the order the player "
                "wrote it: it cannot be gone on with; name another --database"
            )


def _borders(first: int, end: int, threads: int) -> list[int]:
    """Cut the listeners from `first` to before `end` into parts: where each begins, and the end."""
    parts = min(threads * PARTS_A_THREAD, end - first)
    return [first + (end - first) * part // parts for part in range(parts + 1)]


def simulate(cast: Cast, batches: list[Batch], threads: int) -> Iterator[tuple[Batch, list[Part]]]:
    """Play the batches, and yield the plays of each; those that follow are in the making meanwhile.

    A thread that is done with its part of a batch goes on with a later one, whose listeners may
    have to wait for their own days before alone.
    """
    first_day = min(batch.first_day for batch in batches)
    all_offsets = offset_minutes(cast.roster.timezones, first_day, batches[-1].last_day)
    workers = ThreadPoolExecutor(threads, initializer=_let_the_writer_first)
    running: deque[tuple[Batch, list[Turn]]] = deque()

    def begin(batch: Batch) -> list[Turn]:
        offsets = all_offsets[:, (batch.first_day - first_day).days :]
        turns = []
        for first, end in pairwise(_borders(batch.first_user, batch.last_user + 1, threads)):
            before = [
                turn.part
                for _, earlier in running
                for turn in earlier
                if turn.first < end and first < turn.end
            ]
            part = workers.submit(_play_part, cast, batch, offsets, first, end, before)
            turns.append(Turn(first, end, part))
        return turns

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


def _finished(batch: Batch, turns: list[Turn]) -> tuple[Batch, list[Part]]:
    return batch, [turn.part.result() for turn in turns]


def _play_part(
    cast: Cast,
    batch: Batch,
    offsets: NDArray[np.int32],
    first: int,
    end: int,
    before: list[Future[Part]],
) -> Part:
    """Play the days of a batch for the listeners from `first` to before `end`, after `before`."""
    wait(before)
    days = (batch.first_day.toordinal() - EPOCH, batch.last_day.toordinal() - EPOCH + 1)
    simulation, scratch = cast.simulation.part(first, end), Scratch.empty()
    user, day = 0, days[0]
    filled, checksum = [], 0
    while user < end - first:
        plays = Plays.room_for(PLAYS_AT_ONCE)
        count, user, day = cast.mechanism.play_days(
            simulation, offsets, days, user, day, plays, scratch
        )
        columns = {name: column[:count] for name, column in plays._asdict().items()}
        columns["ended_at"] = columns["ended_at"].view("datetime64[us]")
        filled.append(pa.record_batch(columns))
        checksum += kernel.checksum(plays, count)
    return Part(filled, checksum)
