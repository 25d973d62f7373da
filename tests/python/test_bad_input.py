"""Bad input of every kind is one line and exit code 2, and changes nothing in the folder."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import BIN, Settings
from playback import cli, memory

LONG = "x" * 300


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of each thing that is no database and no folder of exports."""
    monkeypatch.chdir(tmp_path)
    for variable in ("PLAYBACK_DATABASE", "PLAYBACK_LAKE", "PLAYBACK_MEMORY_LIMIT"):
        monkeypatch.delenv(variable, raising=False)
    Path("empty.duckdb").touch()
    Path("letter.duckdb").write_text("Dear aunt, this is no database at all")
    Path("folder.duckdb").mkdir()
    os.mkfifo("pipe.duckdb")
    Path("dangling.duckdb").symlink_to("nowhere")
    Path("loop.duckdb").symlink_to("loop.duckdb")
    with sqlite3.connect("sqlite.duckdb") as other:
        other.execute("create table payroll (salary integer)")
    other.close()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.duckdb")
    return tmp_path


def refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> str:
    monkeypatch.setattr(sys, "argv", ["playback", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr().err
    assert end.value.code == 2, told
    assert told.startswith("playback: ")
    assert told.count("\n") == 1, told
    return told


@pytest.mark.parametrize("command", [["run"], ["land"], ["wrapped", "U0001"]])
@pytest.mark.parametrize(
    ("database", "told"),
    [
        (":memory:", "kept in a file"),
        ("md:world", "kept in a file"),
        ("sqlite:world.db", "kept in a file"),
        ("s3://bucket/world.duckdb", "kept in a file"),
        ("a?b.duckdb", "'?' in its name"),
        ("a#b.duckdb", "'#' in its name"),
        ("a;b.duckdb", "';' in its name"),
        ("a'b.duckdb", "in its name"),
        ('a"b.duckdb', "in its name"),
        ("a\nb.duckdb", "in its name"),
        ("a\x1bb.duckdb", "in its name"),
        ("temp.duckdb", "a database temp of its own"),
        ("System.duckdb", "a database system of its own"),
        ("memory.duckdb", "a database memory of its own"),
        ("information_schema.duckdb", "named like a schema"),
        ("pg_catalog.duckdb", "named like a schema"),
        ("raw.main.duckdb", "named like a schema"),
        ("my.world.duckdb", "one dot at most"),
        ("caf\udce9.duckdb", "not UTF-8"),
        (f"{LONG}.duckdb", "File name too long"),
        ("folder.duckdb", "is a folder"),
        ("pipe.duckdb", "is a pipe"),
        ("socket.duckdb", "is a socket"),
        ("dangling.duckdb", "link to nothing"),
        ("loop.duckdb", "symbolic links"),
        ("sqlite.duckdb", "not a DuckDB database"),
        ("letter.duckdb", "not a DuckDB database"),
        ("empty.duckdb", "is empty"),
        ("letter.duckdb/world.duckdb", "a part of that path is a file"),
        ("nowhere/world.duckdb", "does not exist"),
    ],
)
def test_a_path_that_is_no_database(
    database: str, told: str, command: list[str], folder: Path, monkeypatch, capsys
):
    former = contents(folder)
    assert told in refused([*command, "--database", database], monkeypatch, capsys)
    assert contents(folder) == former


@pytest.mark.parametrize("option", ["--exports", "--catalogue", "--lake"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("letter.duckdb", "is a file, not a folder"),
        ("pipe.duckdb", "is a pipe, not a folder"),
        ("dangling.duckdb", "link to nothing"),
        ("letter.duckdb/in", "a part of that path is a file"),
        (LONG, "File name too long"),
        ("caf\udce9", "not UTF-8"),
    ],
)
def test_a_path_that_is_no_folder(
    path: str, told: str, option: str, folder: Path, monkeypatch, capsys
):
    former = contents(folder)
    assert told in refused(["run", option, path], monkeypatch, capsys)
    assert contents(folder) == former


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["graph", "--memory-limit", "inf"], "inf is not a number of gigabytes"),
        (["graph", "--memory-limit", "nan"], "greater than or equal to 0.001"),
        (["run", "--until", "9999-12-31"], "2100-01-01"),
        (["export", "--until", "9999-12-31"], "2100-01-01"),
        (["run", "--start", "20240101"], "not a date like 2024-12-31"),
        (["run", "--preset", LONG], "--preset"),
        (["run", "--preset", "pipe.duckdb"], "--preset"),
        (["run", "--preset", "caf\udce9"], "--preset"),
        (["evaluate", "--output", "folder.duckdb"], "is a folder"),
        (["evaluate", "--output", "nowhere/out.json"], "does not exist"),
        (["export", "csv", "avro"], "no data yet"),
        (["export", "--only", "dim_users", "dim_tracks"], "no data yet"),
    ],
)
def test_an_option_that_cannot_be(
    arguments: list[str], told: str, folder: Path, monkeypatch, capsys
):
    former = contents(folder)
    assert told in refused(arguments, monkeypatch, capsys)
    assert contents(folder) == former


@pytest.mark.parametrize("command", [["run"], ["land"], ["export"], ["wrapped", "U1"], ["report"]])
def test_a_memory_limit_that_is_no_size(command: list[str], folder: Path, monkeypatch, capsys):
    former = contents(folder)
    monkeypatch.setenv("PLAYBACK_MEMORY_LIMIT", "lots")
    assert "PLAYBACK_MEMORY_LIMIT" in refused(command, monkeypatch, capsys)
    assert contents(folder) == former


def test_spark_without_pyspark_lands_nothing(folder: Path, monkeypatch, capsys):
    former = contents(folder)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    told = refused(["run", "--engine", "spark"], monkeypatch, capsys)
    assert "pip install 'playback[spark]'" in told
    assert contents(folder) == former


@pytest.mark.parametrize("command", ["", "run"])
def test_a_reader_that_goes_away_is_no_fault(command: str):
    outcome = subprocess.run(
        ["bash", "-c", f"{BIN}/playback {command} --help | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_output_that_cannot_be_written_is_one_line():
    with Path("/dev/full").open("w") as full:
        outcome = subprocess.run(
            [f"{BIN}/playback", "--help"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert outcome.returncode == 1
    assert outcome.stderr == b"playback: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["wrapped", "U0001", "--database", "closed.duckdb"],
        ["run", "--database", "closed.duckdb"],
        ["run", "--database", "closed/world.duckdb"],
        ["run", "--catalogue", "closed"],
        ["run", "--preset", "closed.yml"],
    ],
)
def test_what_may_not_be_read(arguments: list[str], tmp_path: Path):
    """Root may read everything, unless it gives that right up."""
    as_anybody: list[str] = []
    if not os.geteuid():
        if not shutil.which("setpriv"):
            pytest.skip("root may read everything, and there is no setpriv")
        as_anybody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    for closed in ("closed.duckdb", "closed.yml"):
        (tmp_path / closed).touch(mode=0)
    (tmp_path / "closed").mkdir(mode=0)
    outcome = subprocess.run(
        [*as_anybody, f"{BIN}/playback", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("playback: ")
    assert outcome.stderr.count("\n") == 1
    assert "closed" in outcome.stderr
    assert "is not readable" in outcome.stderr or "ermission denied" in outcome.stderr


def test_a_build_that_does_not_fit_is_refused_first(world: Settings, monkeypatch, capsys):
    monkeypatch.setattr(memory, "available_bytes", lambda: 300_000_000)
    told = refused(
        ["build", "--full-refresh", "--database", str(world.database)], monkeypatch, capsys
    )
    assert "dbt takes 450 MB of memory, and 300 MB are left" in told
