"""Plays on Spark: a task plays a block of listeners, and hands in files of its own.

The rows do not pass through Spark: a task writes them as the kernel makes them, in order, and only
says what it wrote. So nothing is sorted, shuffled or turned into rows of another program, and a
task that is run twice leaves files that nobody names. The lake has to be a folder that the driver
and all workers see.
"""

import re
import shutil
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from playback.errors import PlaybackError, StageFailed
from playback.lake import Lake, parquet_files, raw_folder
from playback.player import ledger
from playback.player.batches import BLOCK, PlaySummary
from playback.player.compiling import sources_digest
from playback.player.ledger import Batch, MadeFrom
from playback.player.simulation import Group, Inputs, load_group, load_inputs, play_days, recall
from playback.progress import Progress
from playback.settings import PlaySettings
from playback.spark_session import LOG, one_line

if TYPE_CHECKING:
    from pyspark import Broadcast, SparkContext
    from pyspark.sql import SparkSession

MONTHS = 12
"""Most calendar months in a window. Inside it a task keeps the state of its listeners from month to
month; at its beginning it reads their stored plays again."""

TASKS_A_CORE = 4
"""So many that no core waits long for another."""

POLL_SECONDS = 0.3

_TASKS = ".tasks"
_USERS = re.compile(r"_(\d+)-(\d+)_\d+\.parquet$")

_DELIVERIES = "batch int, file string, plays long, checksum string"
_SCHEMA = pa.schema(
    {
        "batch": pa.int32(),
        "file": pa.string(),
        "plays": pa.int64(),
        "checksum": pa.string(),
    }
)


class Delivery(NamedTuple):
    """A file of plays: those of a batch.

    Attributes:
        batch: the index of the batch in the window.
        file: its name in the folder for tasks.
        plays: how many there are.
        checksum: theirs, in hexadecimal digits.
    """

    batch: int
    file: str
    plays: int
    checksum: str


class Job(NamedTuple):
    """What every task of a window has to know.

    Attributes:
        lake: the folder of the lake.
        folder: where tasks leave their files.
        inputs: what the plays are a function of, whoever the listener is.
        batches: those of the window, each of one month, by time.
        tasks: the indices of each task's batches, which are of one block.
        code: hash of the code that the driver would play by.
    """

    lake: Path
    folder: Path
    inputs: Inputs
    batches: list[Batch]
    tasks: list[list[int]]
    code: str


def play(
    lake: Lake,
    settings: PlaySettings,
    open_session: Callable[[], AbstractContextManager["SparkSession"]],
    progress: Progress,
    *,
    block: int | None = None,
    months: int = MONTHS,
) -> PlaySummary:
    """Play every listener from where the ledger ends to `settings.until`.

    The plays are those that `batches.play` makes, for any number of workers, tasks and runs. A
    window is committed whole or not at all. There is a session only if there is something to play.

    Raises:
        PlaybackError: there is no catalogue or no listener, or the plays that stand were made from
            something else.
        StageFailed: a task has failed as often as Spark lets it.
    """
    began = time.perf_counter()
    inputs = load_inputs(lake, settings)
    load_group(lake, inputs, range(1))  # what is wrong with the listeners is said before any task
    made_from = MadeFrom(
        settings.seed, settings.preset.fingerprint, inputs.fingerprint, settings.start
    )
    ledger.check(lake, made_from)
    listeners = lake.count("raw.users")

    def planned(block: int) -> list[Batch]:
        return ledger.plan(lake, listeners, settings.start, settings.until, block, months=1)

    batches = planned(block or BLOCK)
    progress.begin(sum(batch.listener_days for batch in batches), "listener days")
    plays = 0
    if batches:
        with open_session() as session, _folder_for_tasks(lake.database) as folder:
            cores = session.sparkContext.defaultParallelism
            block = block or min(BLOCK, -(-listeners // (cores * TASKS_A_CORE)))
            ends = list(ledger.window_ends(settings.start, settings.until, months))
            for _, of_window in groupby(
                planned(block), lambda batch: bisect_left(ends, batch.last_day)
            ):
                window = list(of_window)
                here, tasks = lake.database.resolve(), _by_block(window, block)
                job = Job(here, folder, inputs, window, tasks, sources_digest())
                deliveries = _played(session, job, progress)
                _commit(lake, job, made_from, deliveries)
                plays += sum(delivery.plays for delivery in deliveries)
    return PlaySummary(plays, listeners, time.perf_counter() - began)


def _by_block(batches: list[Batch], block: int) -> list[list[int]]:
    """The indices of the batches of each block, by time."""
    of_block: dict[int, list[int]] = {}
    for index, batch in enumerate(batches):
        of_block.setdefault(batch.first_user // block, []).append(index)
    return list(of_block.values())


@contextmanager
def _folder_for_tasks(lake: Path) -> Iterator[Path]:
    """Make a folder for this run alone: tasks of a killed one may still be writing in theirs."""
    tasks = lake / _TASKS
    shutil.rmtree(tasks, ignore_errors=True)
    folder = tasks / uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(tasks, ignore_errors=True)


def _played(session: "SparkSession", job: Job, progress: Progress) -> list[Delivery]:
    """Have Spark play a window."""
    from pyspark.errors import PySparkException

    context, tasks = session.sparkContext, len(job.tasks)
    shared = context.broadcast(job)
    handed_in = session.range(0, tasks, 1, tasks).mapInArrow(
        partial(_play_blocks, shared, play_block), _DELIVERIES
    )
    days, told = sum(batch.listener_days for batch in job.batches), 0
    with ThreadPoolExecutor(1) as waiting:
        rows = waiting.submit(handed_in.collect)
        try:
            while not rows.done():
                wait([rows], POLL_SECONDS)
                done = days * _tasks_done(context) // tasks
                progress.advance(max(done - told, 0))
                told = max(done, told)
            deliveries = [Delivery(*row) for row in rows.result()]
        except PySparkException as error:
            raise StageFailed(
                f"a task on Spark failed: {one_line(error)} (more in {job.lake / LOG})"
            ) from error
        finally:
            context.cancelAllJobs()
    progress.advance(days - told)
    shared.destroy()
    return deliveries


def _tasks_done(context: "SparkContext") -> int:
    tracker = context.statusTracker()
    stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
    return sum(stage.numCompletedTasks for stage in stages if stage)


def _commit(lake: Lake, job: Job, made_from: MadeFrom, deliveries: list[Delivery]) -> None:
    """Move the files of a window in, and with them the ledger that has it."""
    delivered = {delivery.batch: delivery for delivery in deliveries}
    likes: list[pa.Table] = []
    with lake.transaction():
        for index, batch in enumerate(job.batches):
            _, file, plays, checksum = delivered[index]
            if plays:
                lake.add_plays(batch.first_day.replace(day=1), job.folder / file)
                likes.append(pq.read_table(_likes_of(job, file)))
            ledger.record(lake, batch, made_from, plays, int(checksum, 16))
        if likes:
            lake.append("user_likes", pa.concat_tables(likes))


def _likes_of(job: Job, file: str) -> Path:
    """Where the likes lie that came of the plays of a file."""
    return job.folder / f"likes_{file}"


def _play_blocks(
    shared: "Broadcast[Job]",
    play_one: Callable[[Job, int, int], list[Delivery]],
    numbers: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Do the tasks of these numbers, in a worker, and say what was handed in."""
    from pyspark import TaskContext

    attempt = TaskContext.get().taskAttemptId()
    for chunk in numbers:
        for number in chunk["id"].to_pylist():
            handed_in = play_one(shared.value, number, attempt)
            yield pa.RecordBatch.from_pylist(
                [delivery._asdict() for delivery in handed_in], schema=_SCHEMA
            )


def play_block(job: Job, number: int, attempt: int) -> list[Delivery]:
    """Play the batches of a task into files that bear the number of the attempt.

    Raises:
        PlaybackError: the worker does not see the lake, or has other code than the driver.
    """
    _check_worker(job)
    batches = {index: job.batches[index] for index in job.tasks[number]}
    users = range(
        min(batch.first_user for batch in batches.values()),
        max(batch.last_user for batch in batches.values()) + 1,
    )
    with Lake(job.lake, threads=1, read_only=True) as lake:
        group = load_group(lake, job.inputs, users)
        _recall(lake, group, users)
        columns = lake.connection.table("raw.user_events").columns
    deliveries = []
    for index, batch in batches.items():
        first_day, last_day = batch.first_day, batch.last_day
        of_batch = range(batch.first_user, batch.last_user + 1)
        chunks = list(play_days(group, of_batch, first_day, last_day))
        rows = pa.Table.from_batches(chunk.rows for chunk in chunks).select(columns)
        checksum = sum(chunk.checksum for chunk in chunks) % 2**64
        name = f"{first_day}_{of_batch[0]:08d}-{of_batch[-1]:08d}_{attempt}.parquet"
        if rows.num_rows:
            _write(rows, job.folder / name)
            pq.write_table(
                pa.Table.from_batches(chunk.likes for chunk in chunks), _likes_of(job, name)
            )
        deliveries.append(Delivery(index, name, rows.num_rows, f"{checksum:016x}"))
    return deliveries


def _write(rows: pa.Table, file: Path) -> None:
    pq.write_table(
        rows,
        file,
        compression="zstd",
        use_dictionary=["user_key", "track_key"],
        column_encoding=dict.fromkeys(("event_id", "ended_at"), "DELTA_BINARY_PACKED"),
    )


def _check_worker(job: Job) -> None:
    if not job.folder.is_dir():
        raise PlaybackError(
            f"the worker {gethostname()} does not see {job.folder}: "
            "--lake has to be a folder that the driver and all workers share"
        )
    if sources_digest() != job.code:
        raise PlaybackError(
            f"the worker {gethostname()} has another release of Playback than the driver: "
            "install the same one there"
        )


def _recall(lake: Lake, group: Group, users: range) -> None:
    """Go through what the lake holds of these listeners."""
    files = [str(file) for file in parquet_files(raw_folder(lake.database, "user_events"))]
    of_users = [file for file in files if _may_hold(file, users)]
    if not of_users:
        return
    likes = lake.connection.table("raw.user_likes")
    if not recall(group, lake.connection.read_parquet(of_users), likes, users):
        raise PlaybackError(
            f"raw.user_events of {lake.database} is no longer in the order the player "
            "wrote it: it cannot be resumed; name another --lake"
        )


def _may_hold(file: str, users: range) -> bool:
    """Whether a file can hold plays of these listeners, by its name."""
    of_users = _USERS.search(file)
    return bool(of_users) and int(of_users[1]) <= users[-1] and int(of_users[2]) >= users[0]
