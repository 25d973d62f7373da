"""Plays on Spark are those of the database, however it is cut, broken off and resumed."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import fake_world
import lake_world
from playback.errors import PlaybackError, StageFailed
from playback.files import is_ready
from playback.lake import Lake
from playback.player import ledger, tasks
from playback.progress import Silent
from playback.spark_session import session

PRESETS = ("classic", "lifelike")

WINDOWS = """
    select
        count(distinct window_start),
        sum(play_count)::bigint,
        (select count(*) from raw.user_events) - sum(play_count)::bigint
    from raw.simulation_batches
"""
"""How many windows there are, their plays by the ledger, and how many more the files have."""

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet"),
]


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A session of two cores that tries a task up to four times."""
    lake_world.skip_without_spark()
    lake = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        with session("local[2,4]", "600m", lake) as spark_session:
            yield spark_session


@pytest.fixture(scope="module")
def in_database(tmp_path_factory):
    """The plays of both presets, played without Spark."""
    plays = {}
    for preset in PRESETS:
        database = tmp_path_factory.mktemp(preset) / "world.duckdb"
        fake_world.simulate(fake_world.settings(database, preset))
        plays[preset] = fake_world.plays(database)
    assert len(plays["lifelike"]) > 4000
    return plays


@pytest.mark.parametrize(
    ("preset", "batching"),
    [("classic", {}), ("lifelike", {}), ("lifelike", {"block": 7, "months": 1})],
)
def test_tasks_and_windows_change_nothing(tmp_path, started, in_database, preset, batching):
    chosen = lake_world.settings(tmp_path / "lake", preset)
    summary = lake_world.simulate(chosen, started, **batching)
    assert lake_world.plays(chosen.lake) == in_database[preset]
    assert (summary.plays, summary.listeners) == (len(in_database[preset]), 40)


def test_spark_reads_what_duckdb_reads(tmp_path, started):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.simulate(chosen, started)
    rows = started.read.parquet(str(chosen.lake / "raw" / "user_events")).drop("played_month")
    assert rows.dtypes == [
        ("event_id", "bigint"),
        ("user_key", "int"),
        ("track_key", "int"),
        ("ended_at", "timestamp_ntz"),
        ("listening_ms", "int"),
        ("context_code", "smallint"),
    ]
    assert [tuple(row) for row in rows.orderBy("event_id").collect()] == lake_world.plays(
        chosen.lake
    )


def test_files_are_ordered_typed_and_of_one_month(tmp_path, started):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.simulate(chosen, started, block=16)
    folders = sorted((chosen.lake / "raw" / "user_events").iterdir())
    assert [folder.name for folder in folders] == [
        "played_month=2024-01-01",
        "played_month=2024-02-01",
    ]
    database = duckdb.connect()
    for folder in folders:
        for file in folder.iterdir():
            rows = database.sql(
                f"select user_key, ended_at, strftime(ended_at, '%Y-%m-01') as month from '{file}'"
            ).fetchall()
            assert rows == sorted(rows)
            assert {month for *_, month in rows} <= {folder.name.split("=")[1]}
            stamp = pq.read_schema(file).field("ended_at").type
            assert (stamp.unit, stamp.tz) == ("us", None)
    assert not (chosen.lake / ".tasks").exists()


def test_later_days_and_listeners_change_nothing_before(tmp_path, started, in_database):
    lake = tmp_path / "lake"
    before: dict[Path, bytes] = {}
    for users, until in ((11, date(2024, 1, 8)), (12, date(2024, 2, 3)), (40, date(2024, 2, 10))):
        chosen = lake_world.settings(lake, users=users, until=until)
        lake_world.simulate(chosen, started, block=9)
        for file, content in before.items():
            assert file.read_bytes() == content
        before = {file: file.read_bytes() for file in (lake / "raw" / "user_events").rglob("*.p*")}
    assert lake_world.plays(lake) == in_database["lifelike"]
    assert lake_world.simulate(chosen, None).plays == 0  # there is nothing to open a session for


def test_the_ledger_has_what_the_files_have(tmp_path, started):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.simulate(chosen, started, block=16)
    assert lake_world.read(
        chosen.lake,
        "select (select count(*) from raw.user_events), sum(play_count)::bigint, count(*), "
        "count(distinct batch_id) from raw.simulation_batches",
    ) == [(*2 * [len(lake_world.plays(chosen.lake))], 6, 6)]
    database = tmp_path / "world.duckdb"
    fake_world.simulate(fake_world.settings(database), block=16)
    ledger = "select * from raw.simulation_batches order by batch_id"
    assert lake_world.read(chosen.lake, ledger) == fake_world.read(database, ledger)


def fail_at_first(job, number, attempt):
    """Play a batch; the first attempt hands in nothing of what it wrote."""
    from pyspark import TaskContext

    handed_in = tasks.play_block(job, number, attempt)
    if number == 1 and TaskContext.get().attemptNumber() == 0:
        raise OSError("the rack is on fire")
    return handed_in


def fail_always(job, number, attempt):
    raise OSError("the rack is on fire")


def test_a_task_that_fails_once_doubles_nothing(tmp_path, started, in_database, monkeypatch):
    chosen = lake_world.settings(tmp_path / "lake")
    monkeypatch.setattr(tasks, "play_block", fail_at_first)
    lake_world.simulate(chosen, started, block=16)
    assert lake_world.plays(chosen.lake) == in_database["lifelike"]


def test_a_task_that_always_fails_is_one_line_and_leaves_the_lake(tmp_path, started, monkeypatch):
    chosen = lake_world.settings(tmp_path / "lake")
    monkeypatch.setattr(tasks, "play_block", fail_always)
    with pytest.raises(StageFailed, match="OSError: the rack is on fire") as fault:
        lake_world.simulate(chosen, started, block=40)
    assert len(str(fault.value).splitlines()) == 1
    assert lake_world.plays(chosen.lake) == []
    assert lake_world.read(chosen.lake, "from raw.simulation_batches") == []


KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path

import lake_world
from playback.lake import Lake
from playback.player import tasks
from playback.progress import Silent
from playback.spark_session import session

lake = Path(sys.argv[1])
chosen = lake_world.settings(lake)
replace = Path.replace


def die_on_the_way(file, target):
    if "2024-02-01" in str(target):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(file, target)


Path.replace = die_on_the_way
with Lake(lake) as opened:
    begin = partial(session, "local[2]", "600m", lake)
    tasks.play(opened, chosen, begin, Silent(), block=16, months=1)
"""


def test_a_driver_killed_while_files_move_in_has_played_the_window(tmp_path, started, in_database):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(chosen.lake)], env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert is_ready(chosen.lake)
    with Lake(chosen.lake) as lake:
        assert lake.rows(WINDOWS) == [(2, len(in_database["lifelike"]), 0)]
    assert lake_world.plays(chosen.lake) == in_database["lifelike"]


def test_a_driver_that_breaks_off_loses_the_open_window_only(
    tmp_path, started, in_database, monkeypatch
):
    chosen = lake_world.settings(tmp_path / "lake")
    record = ledger.record

    def break_off(lake, batch, *rest):
        if batch.first_day.month == 2:
            raise KeyboardInterrupt
        record(lake, batch, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record", break_off)
        with pytest.raises(KeyboardInterrupt):
            lake_world.simulate(chosen, started, block=16, months=1)
    (chosen.lake / ".tasks" / "of-a-killed-run").mkdir(parents=True)
    ((months, plays, unnoted),) = lake_world.read(chosen.lake, WINDOWS)
    assert (months, unnoted) == (1, 0)
    assert 0 < plays < len(in_database["lifelike"])
    lake_world.simulate(chosen, started)
    assert lake_world.plays(chosen.lake) == in_database["lifelike"]
    assert not (chosen.lake / ".tasks").exists()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 8}, r"made with --seed 7, not 8: use --seed 7, or name another --lake"),
        ({"knobs": {"history_plays": 5}}, r"made with a preset of hash"),
    ],
)
def test_another_source_is_refused(tmp_path, started, other, message):
    lake = tmp_path / "lake"
    lake_world.simulate(lake_world.settings(lake, users=5), started)
    chosen = lake_world.settings(lake, users=5, until=date(2024, 3, 1), **other)
    with Lake(lake) as opened, pytest.raises(PlaybackError, match=message):
        tasks.play(opened, chosen, None, Silent())


def test_a_worker_that_does_not_see_the_lake_says_so(tmp_path, started):
    chosen = lake_world.settings(tmp_path / "lake")
    job = tasks.Job(chosen.lake, tmp_path / "elsewhere", None, [], [], "")
    with pytest.raises(PlaybackError, match=r"does not see .*elsewhere"):
        tasks.play_block(job, 0, 0)


def test_missing_stages_are_named(tmp_path):
    chosen = lake_world.settings(tmp_path / "lake")
    lake_world.land(chosen)
    with Lake(chosen.lake) as lake:
        lake.clear("users", "user_traits", "user_genre_preferences")
        with pytest.raises(PlaybackError, match="playback listeners"):
            tasks.play(lake, chosen, None, Silent())
    shutil.rmtree(chosen.lake / "warehouse")
    with Lake(chosen.lake) as lake, pytest.raises(PlaybackError, match="--selector catalogue"):
        tasks.play(lake, chosen, None, Silent())
