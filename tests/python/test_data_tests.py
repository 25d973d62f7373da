"""The data tests are tested: each finds what it is for, says which row, and has its reason."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Parsed, Settings, invoke_dbt, run_dbt
from playback.environment import environment
from playback.settings import PROJECT_ROOT

SELF_EXPLAINING = {
    "not_null",
    "unique",
    "relationships",
    "accepted_values",
    "unique_combination_of_columns",
    "dense_index",
}
"""Tests whose name and columns say what they protect; any other has a description of its own."""

PROJECT = """
name: fixtures
profile: fixtures
test-paths: [tests]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
"""

PROFILE = """
fixtures:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('PLAYBACK_DATABASE') }}"}
"""

GOOD, EMPTY = "good", "empty"

FIXTURES = {
    # One row per row number, a name, a share, and the month it counts in.
    GOOD: [(number, f"name {number % 10}", number / 100, 2) for number in range(100)],
    EMPTY: [],
    "gap": [(number + (number > 50), "name 0", 0.5, 2) for number in range(100)],
    "from_1": [(number + 1, "name 0", 0.5, 2) for number in range(100)],
    "twice": [(min(number, 98), "name 0", 0.5, 2) for number in range(100)],
    "twice_before": [(number % 50, "name 0", 0.5, 1 + number // 50) for number in range(100)]
    + [(0, "name 0", 0.5, 1)],
    "beyond": [(0, "name 0", 1.01, 2), (1, "name 1", None, 2), (2, "name 2", 1.0, 2)],
    "skewed": [(number, "name 0", 0.9, 2) for number in range(100)],
    "skewed_before": [(number, "name 0", 0.9, 1) for number in range(300)]
    + [(number, "name 0", number / 100, 2) for number in range(100)],
    "few": [(number, "name 0", 0.9, 2) for number in range(99)],
    "unknown": [(number, "name 0", None, 2) for number in range(100)],
}

DENSE = ("row_number", {"dense_index": {}})
FROM_1 = ("row_number", {"dense_index": {"arguments": {"first": 1}}})
WITHIN = (None, {"expression_is_true": {"arguments": {"expression": "share between 0 and 1"}}})
NAMES = ("name", {"has_values": {"arguments": {"values": ["name 0", "name 9"]}}})
KEY = (
    None,
    {"unique_combination_of_columns": {"arguments": {"combination_of_columns": ["row_number"]}}},
)
HALF = {"expression": "share < 0.5", "at_least": 0.4, "at_most": 0.5, "enough_rows": 100}
SHARE = (None, {"share_between": {"arguments": HALF}})
MIDDLE = {"fraction": 0.5, "at_least": 0.4, "at_most": 0.495, "enough_rows": 100}
MEDIAN = ("share", {"quantile_between": {"arguments": MIDDLE}})

CASES = [
    *[(test, fixture, 0) for test in (DENSE, WITHIN, NAMES, KEY, SHARE, MEDIAN)
      for fixture in (GOOD, EMPTY)],
    (DENSE, "gap", 1),
    (DENSE, "from_1", 1),
    (DENSE, "twice", 1),
    (FROM_1, "from_1", 0),
    (FROM_1, GOOD, 1),
    (WITHIN, "beyond", 2),
    (NAMES, "gap", 1),
    (KEY, "twice", 1),
    (KEY, "twice_before", 50),
    (SHARE, "skewed", 1),
    (SHARE, "unknown", 1),
    (SHARE, "few", 0),
    (SHARE, "skewed_before", 1),
    (MEDIAN, "skewed", 1),
    (MEDIAN, "unknown", 1),
    (MEDIAN, "few", 0),
    (MEDIAN, "skewed_before", 1),
]  # fmt: skip
"""A test, the fixture it looks at, and how many rows it must find at fault."""


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int | None]:
    """Rows at fault by the name of the test, from one run of a project of fixtures alone."""
    folder = tmp_path_factory.mktemp("fixtures")
    database = folder / "fixtures.duckdb"
    with duckdb.connect(str(database)) as connection:
        for name, rows in FIXTURES.items():
            connection.execute(
                f"create table {name} (row_number integer, name varchar, share double, month int)"
            )
            if rows:
                connection.executemany(f"insert into {name} values (?, ?, ?, ?)", rows)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    shutil.copytree(PROJECT_ROOT / "tests" / "generic", folder / "tests" / "generic")
    shutil.copytree(PROJECT_ROOT / "macros" / "realism", folder / "macros")
    (folder / "models").mkdir()
    (folder / "models" / "sources.yml").write_text(json.dumps(_sources()))
    with environment(PLAYBACK_DATABASE=str(database)):
        outcome = invoke_dbt("test", cwd=folder)
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    assert len(results) == len(CASES), outcome.stdout[-4000:]
    assert {result["status"] for result in results} == {"pass", "fail"}, outcome.stdout[-4000:]
    return {result["unique_id"].split(".")[2]: result["failures"] for result in results}


def _sources() -> dict:
    tables: dict[str, dict] = {
        name: {"name": name, "data_tests": [], "columns": []} for name in FIXTURES
    }
    for place, ((column, test), fixture, _) in enumerate(CASES):
        ((kind, options),) = test.items()
        named = {kind: {"name": f"case_{place}"} | options}
        if column:
            tables[fixture]["columns"].append({"name": column, "data_tests": [named]})
        else:
            tables[fixture]["data_tests"].append(named)
    for table in tables.values():
        table["columns"] = _by_name(table["columns"])
    return {"sources": [{"name": "fixtures", "schema": "main", "tables": list(tables.values())}]}


def _by_name(columns: list[dict]) -> list[dict]:
    tests: dict[str, list] = {}
    for column in columns:
        tests.setdefault(column["name"], []).extend(column["data_tests"])
    return [{"name": name, "data_tests": of_column} for name, of_column in tests.items()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "expected"),
    [(place, expected) for place, (_, _, expected) in enumerate(CASES)],
    ids=[f"{next(iter(test))}-{fixture}-{place}"
         for place, ((_, test), fixture, _) in enumerate(CASES)],
)  # fmt: skip
def test_generic_test_finds_the_faults_and_no_other(failures, place: int, expected: int):
    assert failures[f"case_{place}"] == expected


def test_every_generic_test_is_tried_on_a_fixture_that_fails():
    defined = {file.stem for file in (PROJECT_ROOT / "tests" / "generic").glob("*.sql")}
    assert {next(iter(test)) for (_, test), _, expected in CASES if expected} == defined


@pytest.fixture(scope="module")
def broken_world(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small world in which a session, an alias, a genre and a window are at fault."""
    copy = tmp_path_factory.mktemp("broken") / "world.duckdb"
    shutil.copyfile(world.database, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update fct_listening_sessions set started_at = started_at - interval 2 years "
            "where listening_session_id = ("
            "    select max(listening_session_id) from fct_listening_sessions where user_key = 3)"
        )
        connection.execute("update seeds.genre_aliases set alias = 'Hip-Hop' where alias = 'rap'")
        connection.execute("insert into seeds.genres select * from seeds.genres limit 1")
        connection.execute(
            "create or replace table intermediate.int_user_calendars as "
            "select * replace (day_count + 1 as day_count) "
            "from intermediate.int_user_calendars where user_key = 5"
        )
    return copy


def test_stored_failures_say_which_row(broken_world: Path):
    tests = (
        "sessions_are_more_than_30_minutes_apart",
        "genre_aliases_are_folded",
        "unique_genres_genre_id",
        "calendars_have_no_gap",
        "not_null_genres_genre_id",
    )
    outcome = run_dbt("test", "--store-failures", "--select", *tests, database=broken_world)
    assert outcome.returncode == 1, outcome.stdout[-4000:]
    assert '"test_failures"."genre_aliases_are_folded"' in outcome.stdout
    with duckdb.connect(str(broken_world), read_only=True) as connection:

        def stored(columns: str, test: str) -> list[tuple]:
            return connection.execute(f"select {columns} from test_failures.{test}").fetchall()

        ((session,),) = connection.execute(
            "select max(listening_session_id) from fct_listening_sessions where user_key = 3"
        ).fetchall()
        apart = stored("listening_session_id", "sessions_are_more_than_30_minutes_apart")
        assert apart == [(session,)]
        assert stored("alias", "genre_aliases_are_folded") == [("Hip-Hop",)]
        assert stored("unique_field, n_records", "unique_genres_genre_id") == [("G001", 2)]
        assert stored("user_key", "calendars_have_no_gap") == [(5,)]
        assert stored("*", "not_null_genres_genre_id") == []


@pytest.fixture(scope="module")
def data_tests(parsed: Parsed) -> list[dict]:
    """The data tests of the project, each with the macro of its own that it calls, if any."""
    macros = parsed.manifest["macros"]
    return [
        node
        | {"macro": macros.get(f"macro.playback.test_{node.get('test_metadata', {}).get('name')}")}
        for node in parsed.manifest["nodes"].values()
        if node["resource_type"] == "test"
    ]


def test_every_data_test_says_what_it_protects(data_tests: list[dict]):
    kinds = {node["name"]: (node.get("test_metadata") or {}).get("name") for node in data_tests}
    silent = [
        node["name"]
        for node in data_tests
        if not node["description"] and kinds[node["name"]] not in SELF_EXPLAINING
    ]
    assert not silent
    own = [node["macro"] for node in data_tests if node.get("macro")]
    assert own
    assert not [macro["name"] for macro in own if not macro["description"]]


def test_every_distribution_test_has_a_reason_and_a_date(data_tests: list[dict]):
    distributions = [
        node
        for node in data_tests
        if (node.get("test_metadata") or {}).get("name") in ("share_between", "quantile_between")
    ]
    assert len(distributions) >= 5
    for node in distributions:
        meta = node["config"]["meta"]
        assert len(meta["reason"]) > 30, node["name"]
        assert meta["set_on"] > "2026-01-01", node["name"]
