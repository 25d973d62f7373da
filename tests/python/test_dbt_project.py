"""dbt by hand, as a user runs it in the root of the project."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from conftest import run_tool, small_settings
from playback import pipeline
from playback.console import Console
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


def test_incremental_growth_equals_a_full_refresh(tmp_path: Path):
    """Sessions cross the month's end and listeners join later; the marts must not notice."""
    settings = small_settings(tmp_path, users=20, until=date(2024, 1, 31))
    pipeline.run(settings, Console())
    for users, until in ((20, date(2024, 2, 3)), (30, date(2024, 2, 3))):
        pipeline.run(small_settings(tmp_path, users=users, until=until), Console())
    grown = marts(settings.database)
    outcome = dbt("build --full-refresh --exclude-resource-type unit_test", settings.database)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert marts(settings.database) == grown


def marts(database: Path) -> dict[str, tuple[int, int]]:
    """Row count and order-free hash of every mart."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'main' and table_type = 'BASE TABLE'"
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), coalesce(bit_xor(hash(rows)), 0) from {name} as rows"
            ).fetchall()[0]
            for (name,) in names
        }


def test_sql_follows_the_house_style(own_world: Path):
    outcome = run_tool(
        "sqlfluff", "lint", "--processes", "2", "models", "tests", database=own_world
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:]
