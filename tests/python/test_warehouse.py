"""Who may open the file of a world, who has made it, and what is said where it does not open."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from conftest import BIN, Settings, run_dbt, run_tool
from playback import cli, pipeline
from playback.console import Console
from playback.errors import NoDataYet, PlaybackError, fault_of_machine
from playback.lake import Lake
from playback.warehouse import RAW_TABLES, Warehouse, wal
from playback.wrapped import WrappedRequest
from test_pipeline import Recorder

OF_EXTENSIONS = (
    "select current_setting('autoinstall_known_extensions'), "
    "current_setting('autoload_known_extensions')"
)
SMALL = ("--songs", "60", "--artists", "10")


@contextmanager
def held(database: Path, *, read_only: bool) -> Iterator[None]:
    """Another process has the database open."""
    holding = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=len(sys.argv) > 2); "
        "print('open', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", holding, str(database), *(["only"] if read_only else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        yield
    finally:
        holder.communicate("\n")


def copy_of(world: Settings, folder: Path) -> Settings:
    copy = Path(shutil.copyfile(world.database, folder / "world.duckdb"))
    return world.model_copy(update={"database": copy, "exports": folder / "exports"})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_was_made_for_nothing_is_removed(tmp_path: Path):
    with pytest.raises(RuntimeError), Warehouse(tmp_path / "world.duckdb"):
        assert names(tmp_path)
        raise RuntimeError
    assert names(tmp_path) == []


def test_a_file_with_something_in_it_stays(tmp_path: Path):
    with pytest.raises(RuntimeError), Warehouse(tmp_path / "world.duckdb") as warehouse:
        warehouse.record_stage("land", "mine")
        raise RuntimeError
    with Warehouse(tmp_path / "world.duckdb", read_only=True) as warehouse:
        assert warehouse.stage_fingerprint("land") == "mine"


def test_a_file_that_was_there_before_stays(tmp_path: Path):
    duckdb.connect(str(tmp_path / "world.duckdb")).close()
    with pytest.raises(RuntimeError), Warehouse(tmp_path / "world.duckdb"):
        raise RuntimeError
    assert names(tmp_path) == ["world.duckdb"]


def test_who_loses_the_race_to_a_new_file_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The file appears, and is locked, between the look whether it is there and its opening."""
    database = tmp_path / "world.duckdb"
    duckdb.connect(str(database)).close()
    with held(database, read_only=False), monkeypatch.context() as patch:
        looked = iter([False])
        exists = Path.exists
        patch.setattr(Path, "exists", lambda path: next(looked, None) or exists(path))
        with pytest.raises(PlaybackError, match="is open in another process"):
            Warehouse(database)
    assert names(tmp_path) == ["world.duckdb"]


def test_a_failed_first_land_leaves_nothing(tmp_path: Path):
    (tmp_path / "files").mkdir()
    outcome = run_tool(
        "playback", "land", "--catalogue", str(tmp_path / "files"), database=tmp_path / "w.duckdb"
    )
    assert outcome.returncode == 2
    assert names(tmp_path) == ["files"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_a_first_land_that_was_ended_can_be_run_again(tmp_path: Path, ending: signal.Signals):
    database = tmp_path / "world.duckdb"
    process = subprocess.Popen(
        [str(BIN / "playback"), "land", "--songs", "30000", "--database", str(database)],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not wal(database).exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(ending)
    process.communicate(timeout=60)
    if ending == signal.SIGINT:
        assert process.returncode == 130
        assert names(tmp_path) == []
    assert run_tool("playback", "land", *SMALL, database=database).returncode == 0
    with Warehouse(database, read_only=True) as warehouse:
        assert warehouse.count("raw.world") == 1


def test_what_may_only_be_read_is_not_written(tmp_path: Path):
    database = tmp_path / "world.duckdb"
    with pytest.raises(NoDataYet, match="does not exist"):
        Warehouse(database, read_only=True)
    duckdb.connect(str(database)).close()
    with pytest.raises(NoDataYet, match="lacks raw tables"):
        Warehouse(database, read_only=True)
    Warehouse(database).connection.close()
    with Warehouse(database, read_only=True) as warehouse, pytest.raises(duckdb.Error):
        warehouse.record_stage("land", "mine")


def test_a_database_of_somebody_else_is_not_read(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "world.duckdb")) as connection:
        connection.execute("create table payroll as select 1 as salary")
    with pytest.raises(PlaybackError, match="Playback did not make"):
        Warehouse(tmp_path / "world.duckdb", read_only=True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("alter table raw.world drop column tzdata_version", "raw.world has other columns"),
        ("alter table raw.users alter user_id type integer", "raw.users has other columns"),
        (
            "drop table raw.world; create table raw.world as select 1 as planet",
            "raw.world has other columns",
        ),
        (
            "insert into raw.world by name select 1 as seed from range(2)",
            "raw.world has more than one row",
        ),
    ],
)
def test_raw_tables_of_another_make_are_left_alone(tmp_path: Path, change: str, told: str):
    database = tmp_path / "world.duckdb"
    Warehouse(database).connection.close()
    with duckdb.connect(str(database)) as connection:
        connection.execute(change)
    before = database.read_bytes()
    for read_only in (True, False):
        with pytest.raises(PlaybackError, match=told):
            Warehouse(database, read_only=read_only)
    assert database.read_bytes() == before


@pytest.mark.parametrize("command", ["realism", "report", "export", "graph", "wrapped U0001"])
def test_what_reads_marts_says_what_makes_them(tmp_path: Path, capsys, monkeypatch, command: str):
    """After `land` alone there is a world, and nothing to read."""
    database = tmp_path / "world.duckdb"
    with Warehouse(database) as warehouse:
        warehouse.connection.execute("insert into raw.world by name select 1 as seed")
    monkeypatch.setattr(sys, "argv", ["playback", *command.split(), "--database", str(database)])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert (ended.value.code, len(told.splitlines())) == (2, 1), told
    assert "playback build" in told or "playback run" in told
    assert names(tmp_path) == ["world.duckdb"]


def test_what_a_killed_run_has_committed_is_read(tmp_path: Path):
    """It is in the .wal beside the file, and stays there."""
    database = tmp_path / "world.duckdb"
    writing = (
        "import os, sys; from pathlib import Path; from playback.warehouse import Warehouse\n"
        "kept = Warehouse(Path(sys.argv[1])); kept.record_stage('land', 'mine'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", writing, str(database)], check=False)
    assert names(tmp_path) == ["world.duckdb", "world.duckdb.wal"]
    for _ in range(2):
        with Warehouse(database, read_only=True) as warehouse:
            assert warehouse.stage_fingerprint("land") == "mine"


def test_reading_goes_on_beside_a_reader(world: Settings, tmp_path: Path):
    """All that is unchanged is, all that reads does, and what has to write is refused."""
    settings = copy_of(world, tmp_path)
    user = "U0001"
    with held(settings.database, read_only=True):
        recorder = Recorder()
        pipeline.land(settings.place, settings, recorder)
        pipeline.build(settings.place, recorder, "catalogue", with_tests=False)
        pipeline.make_listeners(settings.place, settings.users, settings.preset, recorder)
        assert pipeline.play(settings.place, settings.preset, settings.until, recorder).plays == 0
        pipeline.build(settings.place, recorder, "listening", with_tests=False)
        assert recorder.ran == []
        assert pipeline.export(settings.place, settings.exports, Console())
        assert pipeline.make_graph(settings.place, settings.exports, Console()).is_file()
        assert pipeline.make_report(settings.place, settings.exports, Console()).is_file()
        pipeline.make_wrapped(settings.place, Console(), WrappedRequest(user))
        later = settings.model_copy(update={"until": settings.until + timedelta(days=1)})
        for write in (
            lambda: pipeline.play(later.place, later.preset, later.until, Console()),
            lambda: pipeline.build(later.place, Console()),
        ):
            with pytest.raises(PlaybackError, match="is open in another process") as refusal:
                write()
            assert "\n" not in str(refusal.value)


def test_dbt_says_of_a_locked_database_what_playback_says(world: Settings):
    with held(world.database, read_only=False):
        outcome = run_dbt("--quiet", "show", "--inline", "select 1 as one", database=world.database)
    assert outcome.returncode != 0
    told = [line for line in outcome.stdout.splitlines() if "another process" in line]
    assert len(told) == 1, outcome.stdout
    assert "is open in another process: close it there, then run again" in told[0]
    assert "Traceback" not in outcome.stdout + outcome.stderr


def spoiled(database: Path, kind: str) -> bytes:
    """A database with a fault of that kind."""
    with duckdb.connect(str(database)) as connection:
        for table, columns in RAW_TABLES.items():
            connection.execute("create schema if not exists raw")
            connection.execute(f"create table raw.{table} ({columns})")
        connection.execute(
            "insert into raw.users (user_key, user_id) "
            "select range, md5(range::varchar) from range(100_000)"
        )
    content = bytearray(database.read_bytes())
    if kind == "cut":
        del content[16_000:]
    elif kind == "header":
        content[20] ^= 255
    elif kind == "of both headers":
        content[4096 + 20] ^= 255
        content[8192 + 20] ^= 255
    else:
        for byte in range(12_288 + 100, len(content), 4096):
            content[byte] ^= 255
    database.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("kind", ["cut", "header", "of both headers", "everywhere"])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, kind: str, read_only: bool):
    database = tmp_path / "block.duckdb"
    content = spoiled(database, kind)
    with pytest.raises(PlaybackError) as refusal:
        Warehouse(database, read_only=read_only)
    (line,) = str(refusal.value).splitlines()
    assert "is damaged: restore a copy, or name another --database" in line
    assert "another process" not in line
    assert database.read_bytes() == content


def test_damage_that_is_met_while_reading_is_told(tmp_path: Path):
    """The catalogue opens, and a block of rows does not come out as it was written."""
    database = tmp_path / "world.duckdb"
    with Warehouse(database) as warehouse:
        warehouse.connection.execute(
            "insert into raw.users (user_key, user_id) "
            "select range, md5(range::varchar) from range(100_000)"
        )
    content = bytearray(database.read_bytes())
    place = len(content) // 2
    content[place : place + 64] = bytes(byte ^ 255 for byte in content[place : place + 64])
    database.write_bytes(content)
    with (
        pytest.raises(PlaybackError, match="is damaged: restore a copy"),
        Warehouse(database, read_only=True) as warehouse,
    ):
        warehouse.rows("select max(user_id) from raw.users")


def test_too_little_memory_names_the_limit_and_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PLAYBACK_MEMORY_LIMIT", "250MB")
    with (
        pytest.raises(PlaybackError, match=r"limit of 250MB.*PLAYBACK_MEMORY_LIMIT") as refusal,
        Warehouse(tmp_path / "world.duckdb") as warehouse,
    ):
        warehouse.rows(
            "select length(list(range::varchar || 'memory')::varchar) from range(30_000_000)"
        )
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (duckdb.IOException("IO Error: no\nsuch thing"), "DuckDB: IO Error: no such thing"),
        (MemoryError(), "too little memory"),
        (ImportError("x.so: failed to map segment from shared object"), "too little memory"),
    ],
)
def test_a_fault_of_the_machine_is_one_line(
    error: Exception,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "land", fail)
    monkeypatch.setattr(cli, "_console", Console())
    monkeypatch.setattr(sys, "argv", ["playback", "land"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_fault_of_the_program_is_none_of_the_machine():
    assert fault_of_machine(ValueError("a bug")) is None


def test_no_extension_is_loaded_by_itself(tmp_path: Path, world: Settings):
    with Warehouse(tmp_path / "world.duckdb") as warehouse, Lake(tmp_path / "lake") as lake:
        assert warehouse.rows(OF_EXTENSIONS) == lake.rows(OF_EXTENSIONS) == [(False, False)]
    outcome = run_dbt(
        *("--quiet", "show", "--output", "json", "--inline"),
        f"select * from ({OF_EXTENSIONS}) as settings(installs, loads)",
        database=world.database,
    )
    assert outcome.returncode == 0, outcome.stdout
    assert '"installs": false' in outcome.stdout
    assert '"loads": false' in outcome.stdout
