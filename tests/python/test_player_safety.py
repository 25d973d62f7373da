"""However a run ends - killed, interrupted, the disk full - the ledger tells what stands, and the
next run goes on to the very same plays."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pytest

import fake_world
from playback import cli
from playback.player import play
from playback.warehouse import Warehouse

pytestmark = pytest.mark.slow

BLOCK = 2
FAR_AWAY = date(2060, 1, 1)
processes = get_context("forkserver")
processes.set_forkserver_preload(["playback.listeners", "playback.player"])


class Told:
    """A `Progress` that passes on each batch to who may end the run."""

    def __init__(self, listener: Connection) -> None:
        self.listener = listener

    def begin(self, total: int, unit: str) -> None:
        self.listener.send(0)

    def advance(self, done: int) -> None:
        self.listener.send(done)


def play_until_killed(database: Path, listener: Connection) -> None:
    with Warehouse(database) as warehouse:
        play(warehouse, fake_world.settings(database, threads=2), Told(listener), block=BLOCK)


def kill_at(database: Path, batches: int, delay: float) -> None:
    """Play in a process that gets killed once it has committed some batches."""
    told, listener = processes.Pipe(duplex=False)
    process = processes.Process(target=play_until_killed, args=(database, listener))
    process.start()
    listener.close()
    try:
        for _ in range(1 + batches):
            told.recv()
        time.sleep(delay)
    except EOFError:
        pass  # it has come to its end before
    process.kill()
    process.join()


def standing(database: Path) -> tuple[int, date]:
    """How many plays stand, and until when; the ledger and the plays must agree."""
    ((stored, noted, until),) = fake_world.read(
        database,
        "select (select count(*) from raw.user_events), coalesce(sum(play_count), 0), "
        "max(window_end) from raw.simulation_batches",
    )
    assert stored == noted
    return stored, until


def prepare(database: Path, **options: object) -> None:
    """Make catalogue and listeners; the first day alone is played."""
    fake_world.simulate(fake_world.settings(database, until=fake_world.START, **options))


def command(database: Path, **options: object) -> list[str]:
    chosen = {"database": database, "until": FAR_AWAY} | options
    words = [(f"--{name}", str(value)) for name, value in chosen.items()]
    return ["play", *(word for pair in words for word in pair)]


def start_command(database: Path) -> subprocess.Popen[str]:
    """Begin a run of decades in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from playback.cli import main; main()", *command(database)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )


def goes_on_as_one_run(database: Path, folder: Path) -> bool:
    """Whether what stands, resumed for a month, equals one run."""
    _, until = standing(database)
    until += timedelta(days=31)
    whole = fake_world.settings(folder / "whole.duckdb", until=until)
    fake_world.simulate(whole)
    fake_world.simulate(fake_world.settings(database, until=until))
    return fake_world.plays(database) == fake_world.plays(whole.database)


def test_a_killed_run_is_resumed(tmp_path):
    chance = random.Random(5)  # noqa: S311
    database, whole = tmp_path / "world.duckdb", tmp_path / "whole.duckdb"
    prepare(database)
    progress = []
    for _ in range(12):
        kill_at(database, batches=chance.randrange(4), delay=chance.uniform(0, 0.02))
        progress.append(standing(database)[0])
    assert len(set(progress)) > 6, progress
    fake_world.simulate(fake_world.settings(database))
    fake_world.simulate(fake_world.settings(whole))
    assert fake_world.plays(database) == fake_world.plays(whole)


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.1])
def test_an_interrupted_run_says_so_in_one_line(tmp_path, delay):
    database = tmp_path / "world.duckdb"
    prepare(database)
    process = start_command(database)
    while not database.with_name("world.duckdb.wal").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert said.splitlines() == [
        "playback: stopped; what was committed stands, the same command goes on from there"
    ]
    assert process.returncode == 130
    assert goes_on_as_one_run(database, tmp_path)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounting.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {mounting.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_says_so_in_one_line(small_disk, tmp_path):
    database = small_disk / "world.duckdb"
    prepare(database)
    process = start_command(database)
    _, said = process.communicate(timeout=60)
    assert len(said.splitlines()) == 1
    assert "is full" in said
    assert process.returncode == 2
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert goes_on_as_one_run(database, tmp_path)


def test_another_world_is_one_line(tmp_path, monkeypatch, capsys):
    database = tmp_path / "world.duckdb"
    prepare(database)
    before = fake_world.plays(database)

    def refusal(**options: object) -> str:
        monkeypatch.setattr(sys, "argv", ["playback", *command(database, **options)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert "No such option: --seed" in refusal(seed=8)
    assert "made with a preset of hash" in refusal(preset="classic")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update main.dim_tracks set duration_ms = duration_ms + 1")
    assert "made from another catalogue" in refusal()
    assert fake_world.plays(database) == before


@pytest.mark.parametrize("start", [date(2024, 3, 8), date(2024, 10, 25), date(2024, 12, 29)])
def test_changes_of_clock_and_year_are_no_seams(tmp_path, start):
    whole, resumed = tmp_path / "whole.duckdb", tmp_path / "resumed.duckdb"
    for database, stops in ((whole, [11]), (resumed, [1, 2, 3, 9, 11])):
        for days in stops:
            until = start + timedelta(days=days)
            fake_world.simulate(fake_world.settings(database, start=start, until=until))
    assert fake_world.plays(resumed) == fake_world.plays(whole)
    assert fake_world.read(
        whole,
        "with plays as (select *, lag(ended_at) over (partition by user_key order by event_id) "
        "as previous_at from raw.user_events) select count(*) from plays "
        "where ended_at - to_milliseconds(listening_ms) <= previous_at",
    ) == [(0,)]
