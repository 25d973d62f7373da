"""One function a measure: it plays in worlds made before, and compares two timings of one run.

A timing is the median of `ROUNDS` rounds, and both sides of a comparison take turns, so that what
else the machine does falls on both.
"""

import filecmp
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa

from benchmarks.wide_graph import make_wide_graph
from benchmarks.worlds import BenchmarkWorld, Worlds
from playback import pipeline
from playback.console import Console
from playback.places import DatabaseFile
from playback.player import ledger
from playback.player.batches import BLOCK, simulate
from playback.player.simulation import load_group, load_inputs
from playback.products import avro, csv, graph
from playback.products.feeds import FEEDS
from playback.products.graph_marts import EDGE_TYPES, NODE_TYPES
from playback.products.tables import ExportRequest, Table, planned
from playback.progress import Silent
from playback.settings import PROJECT_ROOT
from playback.warehouse import Warehouse

ROUNDS = 3

_PLAYBACK = (sys.executable, "-c", "from playback.cli import main; main()")


@dataclass(frozen=True)
class Measurement:
    """A row of the table.

    Attributes:
        what: the work.
        figure: its measured figure, with the unit.
        compared_with: the other side of the ratio, with its figure.
        ratio: one over the other.
        budget: what figure and ratio must keep to.
        is_met: whether they do.
    """

    what: str
    figure: str
    compared_with: str
    ratio: float
    budget: str
    is_met: bool


def kernel(worlds: Worlds, _: Path) -> list[Measurement]:
    """Plays a second of one core with 500,000 tracks and with 5,000."""
    small = worlds.small.model_copy(update={"until": date(2024, 6, 30)})
    large = worlds.large.model_copy(update={"until": date(2024, 6, 30)})
    few, many = _medians(
        lambda: _plays_a_second(small, 1, time.process_time),
        lambda: _plays_a_second(large, 1, time.process_time),
    )
    return [
        Measurement(
            "kernel, 500,000 tracks",
            f"{many / 1e6:.1f} M plays/s a core",
            f"5,000 tracks: {few / 1e6:.1f} M plays/s",
            few / many,
            "≥ 3 M plays/s, ratio ≤ 2",
            many >= 3e6 and few / many <= 2,
        )
    ]


def threads(worlds: Worlds, _: Path) -> list[Measurement]:
    """Plays a second on two threads and on one."""
    world = worlds.small.model_copy(update={"until": date(2024, 12, 31)})
    one, two = _medians(
        lambda: _plays_a_second(world, 1, time.perf_counter),
        lambda: _plays_a_second(world, 2, time.perf_counter),
    )
    return [
        Measurement(
            "kernel on two threads",
            f"{two / 1e6:.1f} M plays/s",
            f"one thread: {one / 1e6:.1f} M plays/s",
            two / one,
            "ratio ≥ 1.8",
            two / one >= 1.8,
        )
    ]


def landing(worlds: Worlds, folder: Path) -> list[Measurement]:
    """Play and land a feed, against DuckDB writing the same rows; then go on for a day."""
    world = _copy(worlds.small, folder, until=date(2026, 11, 22))
    _play(_copy(worlds.small, folder / "compiled", until=date(2024, 1, 31)))
    rows = _rows_of(world)

    def play_anew() -> float:
        _copy(worlds.small, folder, until=world.until)
        return _seconds(lambda: _play(world))

    playing, writing = _medians(
        play_anew, lambda: _seconds(lambda: _write(folder / "written.duckdb", rows))
    )
    later = world.model_copy(update={"until": world.until + timedelta(days=1)})
    extending = _seconds(lambda: _play(later))
    return [
        Measurement(
            f"play and land {rows.num_rows / 1e6:.1f} M plays",
            f"{playing:.1f} s",
            f"DuckDB writing the ready Arrow table: {writing:.1f} s",
            playing / writing,
            "ratio ≤ 2.5",
            playing / writing <= 2.5,
        ),
        Measurement(
            "extend that feed by a day",
            f"{extending:.1f} s",
            f"playing all of it: {playing:.1f} s",
            extending / playing,
            "≤ 3 s",
            extending <= 3,
        ),
    ]


def whole_run(_: Worlds, folder: Path) -> list[Measurement]:
    """Make the default world: with nothing compiled and parsed before, then again; and test it."""
    kept = {"XDG_CACHE_HOME": str(folder / "kept"), "NUMBA_CACHE_DIR": str(folder / "kept")}
    first, later = (
        _seconds(lambda place=place: _run_default(folder / place, kept)) for place in ("one", "two")
    )
    testing = _test_seconds(folder / "two")
    return [
        Measurement(
            "the default run",
            f"{later:.0f} s",
            f"with nothing compiled and parsed before: {first:.0f} s",
            first / later,
            "≤ 60 s, 10 s more the first time",
            later <= 60 and first - later <= 10,
        ),
        Measurement(
            "all data tests of that world",
            f"{testing:.0f} s",
            f"making it: {later:.0f} s",
            testing / later,
            "≤ 15 s",
            testing <= 15,
        ),
    ]


def memory(worlds: Worlds, folder: Path) -> list[Measurement]:
    """Peak memory of the player with 10,000 listeners, for four months and for one."""
    short, long = (
        _peak_gigabytes("play", "--until", until, of=_copy(worlds.crowded, folder, until=until))
        for until in (date(2024, 1, 31), date(2024, 4, 30))
    )
    return [
        Measurement(
            "peak memory, 10,000 listeners, four months",
            f"{long:.2f} GB",
            f"one month: {short:.2f} GB",
            long / short,
            "≤ 4 GB, ratio ≤ 1.5",
            long <= 4 and long / short <= 1.5,
        )
    ]


def listening(worlds: Worlds, folder: Path) -> list[Measurement]:
    """Build everything that reads 50 million plays; then with nothing new, and with a day more."""
    world = _copy(worlds.grown, folder, until=date(2026, 10, 15))
    _play(world)
    plays, summing = _sum_of_plays(world.database)
    landed_bytes = world.database.stat().st_size
    building, peak = _build_listening(world)
    built_bytes = world.database.stat().st_size
    again, _ = _build_listening(world)
    _play(world.model_copy(update={"until": world.until + timedelta(days=1)}))
    extending, _ = _build_listening(world)
    return [
        Measurement(
            f"listening selector, {plays / 1e6:.0f} M plays",
            f"{plays / building / 1e6:.2f} M plays/s",
            f"DuckDB summing them by listener and track: {plays / summing / 1e6:.1f} M plays/s",
            building / summing,
            "≥ 1 M plays/s",
            plays / building >= 1e6,
        ),
        Measurement(
            "peak memory of that build",
            f"{peak:.1f} GB",
            f"the file it makes: {built_bytes / 1e9:.1f} GB",
            peak * 1e9 / built_bytes,
            "≤ 12 GB",
            peak <= 12,
        ),
        Measurement(
            "the file it makes",
            f"{built_bytes / plays:.0f} bytes a play",
            f"before it: {landed_bytes / plays:.0f} bytes a play",
            built_bytes / landed_bytes,
            "≤ 60 bytes a play",
            built_bytes / plays <= 60,
        ),
        Measurement(
            "build with nothing new",
            f"{again:.1f} s",
            f"building all of it: {building:.0f} s",
            again / building,
            "≤ 5 s",
            again <= 5,
        ),
        Measurement(
            "build after a day more",
            f"{extending:.0f} s",
            f"building all of it: {building:.0f} s",
            extending / building,
            "ratio ≤ 0.2",
            extending / building <= 0.2,
        ),
    ]


def feeds(worlds: Worlds, folder: Path) -> list[Measurement]:
    """How fast all marts and the feeds of plays are exported, and in what memory."""
    world = _copy(worlds.small, folder, until=date(2024, 6, 30))
    _play(world)
    pipeline.build(world.place, Console(), "listening", with_tests=False)
    shipping, copying = _medians(
        lambda: _seconds(lambda: _ship_marts(world, folder / "ours")),
        lambda: _seconds(lambda: _copy_marts(world, folder / "theirs")),
    )
    with Warehouse(world.database, threads=2, memory_limit=1_000_000_000) as warehouse:
        sessions, events = (
            next(table for table in FEEDS[name].tables_in(warehouse) if table.moment)
            for name in ("csv", "avro")
        )
        plays = warehouse.count("fct_plays")
        warehouse.connection.execute("create table stored_plays as select * from fct_plays")
        viewed, stored = _medians(
            lambda: _seconds(lambda: _read(warehouse, "fct_plays")),
            lambda: _seconds(lambda: _read(warehouse, "stored_plays")),
        )
        warehouse.connection.execute("drop table stored_plays")
        ours, theirs = _medians(
            lambda: plays / _seconds(lambda: _ship(warehouse, sessions, csv.write, folder)),
            lambda: plays / _seconds(lambda: _copy_out(warehouse, sessions, folder)),
        )
        two = median(
            plays / _seconds(lambda: _ship(warehouse, events, avro.write, folder))
            for _ in range(ROUNDS)
        )
        warehouse.connection.execute("set threads = 1")
        one = plays / _seconds(lambda: _ship(warehouse, events, avro.write, folder))
    short, long = (
        _peak_gigabytes("export", "all", "--until", until, of=world)
        for until in (date(2024, 1, 31), date(2024, 6, 30))
    )
    return [
        Measurement(
            f"all marts of {plays / 1e6:.1f} M plays as Parquet",
            f"{shipping:.1f} s",
            f"DuckDB's COPY of the same tables, in any order: {copying:.1f} s",
            shipping / copying,
            "ratio ≤ 1.5",
            shipping / copying <= 1.5,
        ),
        Measurement(
            f"read every column of {plays / 1e6:.1f} M plays",
            f"{plays / viewed / 1e6:.1f} M rows/s",
            f"from a stored table: {plays / stored / 1e6:.1f} M rows/s",
            viewed / stored,
            "ratio ≤ 1.5",
            viewed / stored <= 1.5,
        ),
        Measurement(
            f"{plays / 1e6:.1f} M plays as CSV",
            f"{ours / 1e6:.1f} M rows/s",
            f"DuckDB's COPY of the same rows, in any order: {theirs / 1e6:.1f} M rows/s",
            ours / theirs,
            "ratio ≥ 0.5",
            ours / theirs >= 0.5,
        ),
        Measurement(
            f"{plays / 1e6:.1f} M plays as Avro, two threads",
            f"{two / 1e3:,.0f} k records/s",
            f"one thread: {one / 1e3:,.0f} k records/s",
            two / one,
            "≥ 400 k records/s",
            two >= 400e3,
        ),
        Measurement(
            "peak memory, exporting six months",
            f"{long:.2f} GB",
            f"one month: {short:.2f} GB",
            long / short,
            "≤ 4 GB, ratio ≤ 1.5",
            long <= 4 and long / short <= 1.5,
        ),
    ]


def graph_file(_: Worlds, folder: Path, edges: int = 10_000_000) -> list[Measurement]:
    """Write graph.pt, against reading its columns and writing its tensors; its memory, its bytes.

    The budget is of 100 million edges within 12 GB. Memory is that of the file, and what is needed
    to run at all: so what it is over the file tells at 10 million already.
    """
    import torch

    world = make_wide_graph(folder, edges)
    path = folder / "graph.pt"
    peak = _peak_gigabytes("graph", of=world)
    size = (world.exports / "graph.pt").stat().st_size / 1e9
    with Warehouse(world.database, threads=2, memory_limit=1_000_000_000) as warehouse:
        graph.export(warehouse, path, Silent())
        is_same = filecmp.cmp(path, world.exports / "graph.pt", shallow=False)
        ready = torch.load(path, weights_only=False)  # in memory, not mapped

        def read() -> None:
            for kind in (*NODE_TYPES, *EDGE_TYPES):
                _read(warehouse, kind.mart)

        # Saving is the same work on both sides and measured once, for how long it takes depends on
        # what else is written. The fastest round of each, for the same reason.
        building, reading, saving = (
            min(_seconds(work) for _ in range(2 * ROUNDS))
            for work in (
                lambda: graph.build(warehouse, Silent()),
                read,
                lambda: torch.save(ready, path),
            )
        )
        ours, theirs = building + saving, reading + saving
    return [
        Measurement(
            f"graph.pt, {edges / 1e6:.0f} M edges",
            f"{ours:.1f} s",
            f"reading the columns, saving ready tensors: {theirs:.1f} s",
            ours / theirs,
            "ratio ≤ 1.5, the same bytes again",
            ours / theirs <= 1.5 and is_same,
        ),
        Measurement(
            "peak memory of that",
            f"{peak:.1f} GB",
            f"the file: {size:.1f} GB",
            peak / size,
            "≤ 3 GB over the file",
            peak - size <= 3,
        ),
    ]


MEASURES = (kernel, threads, landing, whole_run, memory, listening, feeds, graph_file)
"""All of them, in the order of the table: a measure more is a function more here."""


def run(name: str, folder: Path) -> tuple[list[Measurement], float]:
    """Run a measure on the worlds in `folder`; its rows, and its peak memory in GB.

    Meant for a process of its own.
    """
    own_folder = folder / name
    own_folder.mkdir()
    (measure,) = (measure for measure in MEASURES if measure.__name__ == name)
    rows = measure(Worlds.of(folder), own_folder)
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return rows, max(resource.getrusage(who).ru_maxrss for who in whose) * 1024 / 1e9


def _medians(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Measure two things by turns; the median of each."""
    rounds = [(one(), other()) for _ in range(ROUNDS)]
    first, second = zip(*rounds, strict=True)
    return median(first), median(second)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _copy(world: BenchmarkWorld, folder: Path, *, until: date) -> BenchmarkWorld:
    """Copy an unplayed world to a folder."""
    folder.mkdir(exist_ok=True)
    database = Path(shutil.copy(world.database, folder))
    return world.model_copy(update={"database": database, "until": until})


def _plays_a_second(world: BenchmarkWorld, threads: int, clock: Callable[[], float]) -> float:
    """Simulate without landing anything, once what it needs is compiled and warm."""
    with Warehouse(world.database) as warehouse:
        group = load_group(warehouse, load_inputs(warehouse, world))
        months = ledger.plan(warehouse, world.users, world.start, world.until, BLOCK, months=1)
    for _ in simulate(group, months[:1], threads):
        pass
    began = clock()
    plays = sum(
        rows.num_rows
        for _, parts in simulate(group, months[1:], threads)
        for part in parts
        for rows in part.rows
    )
    return plays / (clock() - began)


def _play(world: BenchmarkWorld) -> None:
    pipeline.play(world.place, world.preset, world.until, Console())


def _rows_of(world: BenchmarkWorld) -> pa.Table:
    """The plays of a feed as an Arrow table."""
    _play(world)
    with Warehouse(world.database) as warehouse:
        return warehouse.connection.table("raw.user_events").to_arrow_table()


def _write(database: Path, rows: pa.Table) -> None:
    """Write rows to a new database, as DuckDB does it of itself."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database), config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("ready", rows)
        connection.execute("create table user_events as select * from ready")


def _run_default(folder: Path, kept: dict[str, str]) -> None:
    """Run the whole pipeline in an empty folder; `kept` says where it may keep what it compiles."""
    folder.mkdir()
    subprocess.run(
        [*_PLAYBACK, "run", "--until", "2026-11-22", "--threads", "2"],
        cwd=folder,
        env=os.environ | kept,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _test_seconds(folder: Path) -> float:
    """Run all data tests of the world in a folder; the seconds without dbt's start."""
    subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("test", "--exclude-resource-type", "unit_test"),
            *("--project-dir", PROJECT_ROOT, "--profiles-dir", PROJECT_ROOT),
            *("--target-path", folder / "target", "--log-path", folder / "target"),
        ],
        env=os.environ | {"PLAYBACK_DATABASE": str(folder / "playback.duckdb")},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return json.loads((folder / "target" / "run_results.json").read_text())["elapsed_time"]


def _sum_of_plays(database: Path) -> tuple[int, float]:
    """How many plays there are, and the seconds that the plainest sum of them takes."""
    with Warehouse(database, threads=2) as warehouse:
        seconds = _seconds(
            lambda: warehouse.rows(
                "select count(*), max(listening_ms) from ("
                "select sum(listening_ms) as listening_ms, count(*) as play_count "
                "from raw.user_events group by user_key, track_key) where play_count > 0"
            )
        )
        return warehouse.count("raw.user_events"), seconds


def _build_listening(world: BenchmarkWorld) -> tuple[float, float]:
    """Build the selector in a process of its own; its seconds and its peak memory in GB."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_build_listening_here, world.place).result()


def _build_listening_here(place: DatabaseFile) -> tuple[float, float]:
    seconds = _seconds(
        lambda: pipeline.build(place, Console(), "listening", with_tests=False),
    )
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _ship_marts(world: BenchmarkWorld, folder: Path) -> None:
    """Write all marts as Parquet, into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.export(world.place, folder, Console())


def _copy_marts(world: BenchmarkWorld, folder: Path) -> None:
    """Write the same tables as DuckDB does it of itself."""
    folder.mkdir(exist_ok=True)
    with Warehouse(world.database, threads=2) as warehouse:
        warehouse.connection.execute("set preserve_insertion_order = false")
        for table in FEEDS["parquet"].tables_in(warehouse):
            warehouse.connection.execute(
                f"copy (select * from {table.source}) to '{folder / table.name}.parquet' "
                "(format parquet, compression zstd)"
            )


def _read(warehouse: Warehouse, relation: str) -> None:
    """Hand out all rows of a relation as Arrow batches."""
    for _ in warehouse.connection.table(relation).to_arrow_reader(122_880):
        pass


def _ship(warehouse: Warehouse, table: Table, write: Callable[..., None], folder: Path) -> None:
    """Write a table as an export does."""
    with planned(warehouse, table, ExportRequest()) as files:
        for _, pieces in files:
            write(warehouse, table, pieces, folder / f"{table.name}.{table.suffix}", Silent())


def _copy_out(warehouse: Warehouse, table: Table, folder: Path) -> None:
    """Write the rows of a table as DuckDB does it of itself."""
    warehouse.connection.execute(
        f"copy (select * from {table.source}) to '{folder / 'copied.csv'}' "
        f"(format csv, timestampformat '{csv.MOMENT}')"
    )


def _peak_gigabytes(*arguments: object, of: BenchmarkWorld) -> float:
    """Run a command on a world in a process of its own; its peak memory."""
    command = [
        *(*_PLAYBACK, *arguments),
        *("--database", of.database, "--exports", of.exports),
        *("--threads", of.threads),
    ]
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"exit status {status}: {command}")
    return usage.ru_maxrss * 1024 / 1e9
