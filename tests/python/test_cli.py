"""Every mistake is one clear line and exit code 2; nothing is left half-written."""

import subprocess
from pathlib import Path

import duckdb
import pytest
import typer

from conftest import BIN, Settings, run_tool
from playback import cli


def playback(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run_tool("playback", *arguments, database=folder / "world.duckdb", cwd=folder)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--users", "0"], "users"),
        (["run", "--users", "many"], "--users"),
        (["run", "--seed", "-1"], "seed"),
        (["run", "--songs", "3", "--artists", "5"], "--songs 3"),
        (["run", "--start", "yesterday"], "yesterday"),
        (["run", "--start", "2024-02-01", "--until", "2024-01-01"], "--until 2024-01-01"),
        (["run", "--start", "1066-10-14", "--until", "1067-01-01"], "1990"),
        (["run", "--threads", "0"], "threads"),
        (["run", "--preset", "nowhere"], "classic, lifelike"),
        (["run", "--catalogue", "nowhere"], "nowhere"),
        (["run", "--loudness", "11"], "--loudness"),
        (["dance"], "dance"),
    ],
)
def test_an_impossible_option_is_one_line_and_leaves_nothing(
    arguments: list[str], told: str, tmp_path: Path
):
    outcome = playback(*arguments, folder=tmp_path)
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["listeners", "play", "build", "export", "graph", "report"])
def test_a_stage_without_a_database_says_what_to_run_first(command: str, tmp_path: Path):
    outcome = playback(command, folder=tmp_path)
    assert outcome.returncode == 2
    assert "playback run" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path):
    (tmp_path / "world.duckdb").write_bytes(b"a letter, not a database" * 100)
    outcome = playback("run", folder=tmp_path)
    assert outcome.returncode == 2
    assert "not a DuckDB database" in outcome.stderr
    assert (tmp_path / "world.duckdb").read_bytes() == b"a letter, not a database" * 100


@pytest.mark.parametrize("command", [["run"], ["land"], ["build", "--selector", "listening"]])
@pytest.mark.parametrize("name", ["raw.duckdb", "Main.duckdb"])
def test_a_database_is_not_named_like_a_schema(name: str, command: list[str], tmp_path: Path):
    outcome = run_tool("playback", *command, database=tmp_path / name)
    assert outcome.returncode == 2
    assert f"{name}: a file cannot be named like a schema" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "world.duckdb")) as connection:
        connection.execute("create table payroll as select 1 as salary")
    outcome = playback("run", folder=tmp_path)
    assert outcome.returncode == 2
    assert "Playback did not make" in outcome.stderr
    with duckdb.connect(str(tmp_path / "world.duckdb")) as connection:
        assert connection.execute("show all tables").fetchall()[0][2] == "payroll"


def test_a_locked_database_says_so(world: Settings):
    holder = subprocess.Popen(
        [
            str(BIN / "python"),
            "-c",
            "import duckdb, sys; held = duckdb.connect(sys.argv[1]); "
            "print('open', flush=True); input()",
            str(world.database),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline().strip() == "open"
        outcome = run_tool("playback", "play", database=world.database)
    finally:
        holder.communicate("\n")
    assert outcome.returncode == 2
    assert "another process" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1


PLACE = {"--database", "--engine", "--lake", "--threads"}
ON_SPARK = PLACE | {"--master", "--spark-memory"}
CATALOGUE = {"--seed", "--start", "--songs", "--artists", "--catalogue"}
WINDOW = {"--since", "--until", "--only", "--part-rows", "--safe-csv"}
OPTIONS = {
    "run": ON_SPARK | CATALOGUE | {"--preset", "--users", "--until", "--exports"},
    "land": PLACE | CATALOGUE,
    "build": ON_SPARK | {"--selector", "--full-refresh"},
    "listeners": PLACE | {"--preset", "--users"},
    "play": ON_SPARK | {"--preset", "--until"},
    "export": WINDOW | {"--database", "--threads", "--exports", "--user"},
    "graph": PLACE | {"--exports", "--memory-limit"},
    "report": PLACE | {"--exports"},
    "realism": ON_SPARK | {"--listeners", "--check"},
    "wrapped": PLACE | {"--year", "--html", "--png", "--story", "--json", "--name", "--all"},
    "evaluate": {"--database", "--threads", "--exports", "--seed", "--check", "--output"},
}


@pytest.mark.parametrize("command", OPTIONS)
def test_a_command_offers_the_options_it_uses_and_no_others(command: str):
    options = typer.main.get_command(cli.app).commands[command].params
    offered = {
        name
        for it in options
        if it.param_type_name == "option" and not it.hidden
        for name in it.opts
    }
    assert offered == OPTIONS[command]


@pytest.mark.parametrize("command", ["run", "land"])
def test_help_shows_options_with_their_defaults(command: str, tmp_path: Path):
    outcome = run_tool("playback", command, "--help", database=tmp_path / "none.duckdb")
    assert outcome.returncode == 0
    for told in ("2024-01-01", "PLAYBACK_DATABASE", "default: 100000", "a synthetic catalogue"):
        assert told in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "--songs", "9"], "No such option: --songs (see `playback report --help`)"),
        (["play", "--seed", "9"], "--seed"),
        (["run", "--catalogue", ".", "--songs", "9"], "--songs changes nothing here"),
        (["land", "--catalogue", ".", "--artists", "9"], "--artists changes nothing here"),
        (["play", "--lake", "lake", "--database", "w.duckdb"], "--database changes nothing here"),
        (["graph", "--lake", "lake", "--engine", "duckdb"], "--lake changes nothing here"),
        (["build", "--master", "local"], "--master changes nothing here"),
        (["run", "--spark-memory", "1g"], "--spark-memory changes nothing here"),
    ],
)
def test_an_option_that_changes_nothing_is_refused(arguments: list[str], told: str, tmp_path: Path):
    outcome = playback(*arguments, folder=tmp_path)
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_variable_says_gives_way_to_the_command_line(tmp_path: Path):
    """A lake in the environment is no mistake of whoever names a database."""
    outcome = run_tool(
        "playback",
        *("build", "--database", str(tmp_path / "named.duckdb")),
        database=tmp_path / "world.duckdb",
        PLAYBACK_LAKE=str(tmp_path / "lake"),
        PLAYBACK_SPARK_MASTER="local",
    )
    assert "named.duckdb does not exist" in outcome.stderr
