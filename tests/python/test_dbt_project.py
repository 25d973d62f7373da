"""dbt by hand, as a user runs it in the root of the project."""

import shutil
from pathlib import Path

import pytest

from conftest import run_tool
from playback.settings import Settings

COMMANDS = ("run", "test", "build", "docs generate --static", "show --inline 'select 1 as one'")


@pytest.fixture(scope="module")
def own_world(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small world that dbt may write to."""
    copy = tmp_path_factory.mktemp("dbt") / "world.duckdb"
    shutil.copyfile(world.database, copy)
    return copy


def dbt(command: str, database: Path):
    import shlex

    folder = database.parent
    paths = ("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"))
    return run_tool("dbt", *shlex.split(command), *paths, database=database)


@pytest.mark.parametrize("command", COMMANDS)
def test_before_any_data_dbt_says_so_in_one_line(tmp_path: Path, command: str):
    database = tmp_path / "none.duckdb"
    outcome = dbt(f"--quiet {command}", database)
    told = [line for line in outcome.stdout.splitlines() if "no data yet" in line]
    assert outcome.returncode != 0
    assert len(told) == 1, outcome.stdout
    assert "playback run" in told[0]
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert not database.exists()


def test_build_with_unit_tests_passes(own_world: Path):
    outcome = dbt("build", own_world)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert "WARN=0" in outcome.stdout, outcome.stdout[-4000:]


def test_docs_and_show_work(own_world: Path):
    outcome = dbt("docs generate --static", own_world)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert (own_world.parent / "target" / "static_index.html").is_file()
    outcome = dbt("show --inline 'select count(*) as plays from fct_plays'", own_world)
    assert outcome.returncode == 0
    assert "plays" in outcome.stdout


def test_sql_follows_the_house_style(own_world: Path):
    outcome = run_tool(
        "sqlfluff", "lint", "--processes", "2", "models", "tests", database=own_world
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:]
