"""dbt by hand, as a user runs it in the root of the project."""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Settings, run_dbt, run_tool
from playback.paths import SCHEMAS
from playback.settings import PROJECT_ROOT
from playback.transform import close_database, environment

pytestmark = pytest.mark.slow

COMMANDS = ("run", "test", "build", "docs generate --static", "show --inline 'select 1 as one'")


@pytest.fixture(scope="module")
def own_world(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small world that dbt may write to."""
    copy = tmp_path_factory.mktemp("dbt") / "world.duckdb"
    shutil.copyfile(world.database, copy)
    return copy


def dbt(command: str, database: Path):
    return run_dbt(*shlex.split(command), database=database)


@pytest.mark.parametrize("command", COMMANDS)
def test_before_any_data_dbt_says_so_in_one_line(tmp_path: Path, command: str):
    outcome = dbt(f"--quiet {command}", tmp_path / "world.duckdb")
    told = [line for line in outcome.stdout.splitlines() if "no data yet" in line]
    assert outcome.returncode != 0
    assert len(told) == 1, outcome.stdout
    assert "playback run" in told[0]
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert list(tmp_path.glob("*.duckdb")) == []


def test_dbt_refuses_a_database_named_like_a_schema(tmp_path: Path):
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt_common.exceptions import DbtRuntimeError

    from playback.dbt_guard import Plugin

    credentials = DuckDBCredentials(path=str(tmp_path / "staging.duckdb"), schema="main")
    with pytest.raises(DbtRuntimeError, match="cannot be named like a schema"):
        Plugin("playback.dbt_guard", {}).update_connection_config(credentials, {})


def test_a_foreign_database_is_left_as_it_was(tmp_path: Path):
    database = tmp_path / "world.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table theirs as select 1 as one")
    before = database.read_bytes()
    assert dbt("build --empty", database).returncode != 0
    assert database.read_bytes() == before


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was built from nothing, with every data test and unit test."""
    database = tmp_path_factory.mktemp("empty") / "world.duckdb"
    outcome = dbt("build --empty", database)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert "WARN=0" in outcome.stdout, outcome.stdout[-4000:]
    return database


@pytest.fixture(scope="module")
def built(empty: Path) -> dict[str, Any]:
    """The manifest of that build, with the SQL that was run."""
    return json.loads((empty.parent / "dbt" / "manifest.json").read_text())


def test_an_empty_database_is_built_empty(empty: Path):
    with duckdb.connect(str(empty), read_only=True) as connection:
        assert connection.sql("from fct_plays").fetchall() == []


def test_every_unit_test_passes(empty: Path, built: dict[str, Any]):
    results = json.loads((empty.parent / "dbt" / "run_results.json").read_text())["results"]
    passed = {it["unique_id"] for it in results if it["status"] == "pass"}
    assert built["unit_tests"]
    assert built["unit_tests"].keys() <= passed


def test_tests_of_the_latest_month_look_at_no_other(own_world: Path):
    assert dbt("compile --select resource_type:test", own_world).returncode == 0
    manifest = json.loads((own_world.parent / "dbt" / "manifest.json").read_text())
    tests = [
        node["compiled_code"]
        for node in manifest["nodes"].values()
        if "__latest_month__" in (node["config"].get("where") or "")
    ]
    assert tests
    for sql in tests:
        assert "cast('2024-02-01' as date)" in sql and "__latest_month__" not in sql


def test_every_schema_is_refused_as_the_name_of_a_file(built: dict[str, Any]):
    relations = [*built["nodes"].values(), *built["sources"].values()]
    assert {relation["schema"] for relation in relations} == set(SCHEMAS)


READ_BY_UNIT_TESTS = {"int_user_personality_scores.behaviour"}
"""What is measured before it becomes a score; a score alone would hide a wrong measure."""


def test_every_intermediate_column_is_read(built: dict[str, Any]):
    """By name, or passed on by a star; what says which row it is need not be read."""
    nodes = built["nodes"]
    for key, model in nodes.items():
        if model["resource_type"] == "model" and model["config"]["schema"] == "intermediate":
            readers = [nodes[it] for it in built["child_map"][key] if it in nodes]
            readers = [it for it in readers if not it.get("test_metadata")]
            readers += [model] if model["config"]["materialized"] == "incremental" else []
            for column in set(model["columns"]) - _key_columns(built, key):
                name = f"{model['name']}.{column}"
                assert name in READ_BY_UNIT_TESTS or any(
                    re.search(rf"\b{column}\b", reader["compiled_code"])
                    or column in reader["columns"]
                    for reader in readers
                ), name


def _key_columns(manifest: dict[str, Any], key: str) -> set[str]:
    columns: set[str] = set()
    for test in manifest["nodes"].values():
        metadata = test.get("test_metadata")
        if metadata and test["attached_node"] == key:
            columns.update(metadata["kwargs"].get("combination_of_columns", []))
            if metadata["name"] == "unique":
                columns.add(metadata["kwargs"]["column_name"])
    return columns


def test_one_mart_of_each_group_can_be_built_alone(own_world: Path, built: dict[str, Any]):
    from dbt.cli.main import dbtRunner

    paths = ("--target-path", str(own_world.parent / "dbt"), "--log-level", "none")
    one_of_each_group = {
        node["group"]: node["name"]
        for node in built["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    }
    options = ("--exclude-resource-type", "unit_test", "--log-path", str(own_world.parent))
    root = ("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT))
    with environment(PLAYBACK_DATABASE=str(own_world)):
        runner = dbtRunner(dbtRunner().invoke(["parse", *root, *paths]).result)
        failed = [
            name
            for name in one_of_each_group.values()
            if not runner.invoke(["build", "--select", name, *options, *root, *paths]).success
        ]
        close_database()
    assert one_of_each_group
    assert failed == []


def test_docs_and_show_work(own_world: Path):
    outcome = dbt("docs generate --static", own_world)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert (own_world.parent / "dbt" / "static_index.html").is_file()
    outcome = dbt("show --inline 'select count(*) as plays from fct_plays'", own_world)
    assert outcome.returncode == 0
    assert "plays" in outcome.stdout


def test_sql_follows_the_house_style(own_world: Path):
    outcome = run_tool("sqlfluff", "lint", "models", "tests", database=own_world)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
