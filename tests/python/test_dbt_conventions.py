"""The conventions of the dbt project, which hold for every model there is or will be."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from conftest import Parsed
from playback.reporting.reading import MARTS
from playback.settings import PROJECT_ROOT
from playback.warehouse import RAW_TABLES
from strict_yaml import read_yaml

SPARK_TYPES = re.compile(
    r"integer|bigint|double|boolean|date|timestamp|string|decimal\(\d+, ?\d+\)"
)

LOGIC = re.compile(r"\b(where|case|group by|distinct|join|union|limit)\b|[<>=/+]|\w\(")
"""What makes SQL more than a copy with other names."""

ENGINE_ONLY = re.compile(
    r"""::                        # casts
    |->|//|\[                     # lambdas, JSON, whole division, lists
    |\b(?:qualify|distinct\ on|asof|positional|pivot|unpivot|using\ sample|exclude|lambda
    |at\ time\ zone|varchar|text|hugeint)\b
    |\b(?:epoch\w*|str[fp]time|quantile\w*|approx_\w+|percentile_\w+|median|mode
    |list\w*|array_\w+|unnest|range|generate_series|struct_\w+|map_\w+|columns|len
    |string_agg|group_concat|regexp_\w+|starts_with|ends_with|split\w*|printf|format|text
    |arg_m(?:ax|in)|hash|md5\w*|log|date_?(?:diff|add|sub|part|trunc)|time_bucket
    |isodow|dayofweek|dayname|monthname|make_\w+|to_timestamp
    |random|now|today|current_\w+)\s*\(""",
    re.IGNORECASE | re.VERBOSE,
)
"""What Spark does not know, or understands otherwise than DuckDB, or what reads the clock."""

NOT_SQL = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|--[^\n]*|'(?:[^']|'')*'", re.DOTALL)


def sql_of(raw_code: str) -> str:
    """The SQL alone: no Jinja, no comments, no texts."""
    return NOT_SQL.sub(" ", raw_code)


@pytest.fixture(scope="module")
def models(parsed: Parsed) -> list[dict[str, Any]]:
    nodes = parsed.manifest["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def marts(models: list[dict]) -> list[dict]:
    return [model for model in models if model["access"] == "public"]


def test_all_models_under_marts_are_public(models: list[dict], marts: list[dict]):
    under_marts = {model["name"] for model in models if model["fqn"][1] == "marts"}
    assert under_marts <= {mart["name"] for mart in marts}


def test_every_mart_has_a_group_and_an_enforced_contract(parsed: Parsed, marts: list[dict]):
    """What is never null is a constraint, and a data test where a view cannot enforce any."""
    never_null = {
        node["attached_node"]
        for node in parsed.manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "not_null"
    }
    for mart in marts:
        assert mart["group"], mart["name"]
        assert mart["contract"]["enforced"], mart["name"]
        constraints = [it for column in mart["columns"].values() for it in column["constraints"]]
        kinds = {it["type"] for it in constraints}
        is_view = mart["config"]["materialized"] == "view"
        has_test = is_view and mart["unique_id"] in never_null
        assert has_test or kinds & {"not_null", "primary_key"}, mart["name"]


def test_contracts_name_types_that_spark_knows(marts: list[dict]):
    types = {
        f"{mart['name']}.{column['name']}": column["data_type"]
        for mart in marts
        for column in mart["columns"].values()
    }
    assert {name: it for name, it in types.items() if not SPARK_TYPES.fullmatch(it)} == {}


def test_every_description_begins_with_the_grain(models: list[dict]):
    assert [it["name"] for it in models if not it["description"].startswith("One row")] == []


def test_every_column_is_described(parsed: Parsed):
    kinds = ("model", "seed")
    resources = [it for it in parsed.manifest["nodes"].values() if it["resource_type"] in kinds]
    resources += parsed.manifest["sources"].values()
    for resource in resources:
        assert resource["columns"], resource["name"]
        for column in resource["columns"].values():
            assert column["description"], f"{resource['name']}.{column['name']}"


def test_columns_that_share_a_description_share_a_doc_block():
    texts = Counter(_own_descriptions_of_columns())
    assert [text for text, times in texts.items() if times > 1] == []


def _own_descriptions_of_columns() -> Iterator[str]:
    for folder in ("models", "seeds"):
        for file in (PROJECT_ROOT / folder).rglob("*.yml"):
            # Columns that YAML lends from one model to others by an alias are the same object.
            columns = {id(column): column for column in _columns(read_yaml(file))}
            for column in columns.values():
                if "doc(" not in column["description"]:
                    yield " ".join(column["description"].split())


def _columns(part: Any) -> Iterator[dict]:
    if isinstance(part, dict):
        yield from part.get("columns", []) if isinstance(part.get("columns"), list) else []
        for value in part.values():
            yield from _columns(value)
    elif isinstance(part, list):
        for value in part:
            yield from _columns(value)


def test_descriptions_are_comments_in_the_database(
    parsed: Parsed, database: duckdb.DuckDBPyConnection
):
    """No column is missing, misspelt or without its comment."""
    of_columns = "select schema_name, table_name, column_name, comment from duckdb_columns()"
    of_tables = (
        "select schema_name, table_name, comment from duckdb_tables() union all "
        "select schema_name, view_name, comment from duckdb_views() where not internal"
    )
    columns, tables = {}, {}
    for schema, table, column, comment in database.sql(of_columns).fetchall():
        columns.setdefault((schema, table), {})[column] = comment
    for schema, table, comment in database.sql(of_tables).fetchall():
        tables[schema, table] = comment
    for node in parsed.manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            place = (node["schema"], node["name"])
            assert tables[place] == node["description"], place
            described = {it["name"]: it["description"] for it in node["columns"].values()}
            assert columns[place] == described, place


def test_every_model_with_logic_has_a_unit_test(parsed: Parsed, models: list[dict]):
    tested = {it["depends_on"]["nodes"][0] for it in parsed.manifest["unit_tests"].values()}
    with_logic = {it["unique_id"] for it in models if LOGIC.search(sql_of(it["raw_code"]))}
    assert with_logic - tested == set()


def test_what_copies_a_table_has_no_logic():
    assert not LOGIC.search("with source as ( select * from x ), renamed as ( select a as b )")
    assert LOGIC.search("select * from x where a")
    assert LOGIC.search("select a = 1 as b")


def test_the_report_is_an_exposure_of_what_it_reads(parsed: Parsed):
    assert read_by(parsed, "html_report") == set(MARTS)


def read_by(parsed: Parsed, exposure: str) -> set[str]:
    """Names of the models that a product reads."""
    nodes = parsed.manifest["exposures"][f"exposure.playback.{exposure}"]["depends_on"]["nodes"]
    return {parsed.manifest["nodes"][node]["name"] for node in nodes}


def test_models_and_tests_are_portable(parsed: Parsed):
    for node in parsed.manifest["nodes"].values():
        if node["resource_type"] in ("model", "test"):
            found = ENGINE_ONLY.search(sql_of(node.get("raw_code", "")))
            assert not found, f"{node['name']}: {found and found[0]}"


def test_macros_are_portable_unless_dispatched(parsed: Parsed):
    for macro in _own_macros(parsed):
        if not re.match(r"(duckdb|spark|default)__", macro["name"]):
            found = ENGINE_ONLY.search(sql_of(macro["macro_sql"]))
            assert not found, f"{macro['name']}: {found and found[0]}"


@pytest.mark.parametrize(
    "sql",
    (
        "select a::int",
        "select epoch_ms(a)",
        "select quantile_cont(a, 0.5)",
        "select list(a)",
        "select a from t qualify a = 1",
        "select * exclude (a)",
        "select date_diff('day', a, b)",
        "select x -> x + 1",
        "select [1, 2]",
        "select cast(a as varchar)",
    ),
)
def test_engine_only_sql_is_found(sql: str):
    assert ENGINE_ONLY.search(sql_of(sql))


def test_what_is_dispatched_runs_on_both_engines(parsed: Parsed):
    """What only one has is dbt's own on the other, or another's default."""
    names = {macro["name"] for macro in _own_macros(parsed)}
    dispatched = {it["name"] for it in _own_macros(parsed) if "adapter.dispatch" in it["macro_sql"]}
    for name in dispatched:
        for engine in ("duckdb", "spark"):
            assert names & {f"{engine}__{name}", f"default__{name}"}, f"{engine}__{name}"


def test_sources_have_the_types_that_land(parsed: Parsed):
    """On Spark their tables are created by them."""
    for source in parsed.manifest["sources"].values():
        definitions = (it.split() for it in RAW_TABLES[source["name"]].split(","))
        types = {name: type_name for name, type_name, *_ in definitions}
        landed = {name: type_name.replace("varchar", "string") for name, type_name in types.items()}
        stated = {name: it["data_type"] for name, it in source["columns"].items()}
        assert stated.items() <= landed.items(), source["name"]


def test_every_macro_is_called(parsed: Parsed):
    """By a model, a test, the YAML, another macro, or dbt itself."""
    texts = [
        file.read_text()
        for folder in ("models", "macros", "seeds", "tests/generic", "tests/singular")
        for file in sorted((PROJECT_ROOT / folder).rglob("*"))
        if file.suffix in (".sql", ".yml")
    ]
    text = re.sub(r"\{%-?\s*(macro|test|materialization)\s+\w+", " ", "\n".join(texts))
    called_by_dbt = {
        "generate_schema_name",
        "get_where_subquery",
        "create_table_as",
        "file_format_clause",
        "load_csv_rows",
        "persist_constraints",
        "persist_docs",
    }
    for macro in _own_macros(parsed):
        name = re.sub(r"^(duckdb|spark|default|test)_+", "", macro["name"])
        is_called = re.search(rf"\b{name}\s*\(|'{name}'|- {name}\b", text)
        assert is_called or name in called_by_dbt, macro["name"]


def test_every_macro_and_argument_is_described(parsed: Parsed):
    for macro in _own_macros(parsed):
        if not re.match(r"(duckdb|spark|default|test)_", macro["name"]):
            assert macro["description"], macro["name"]
            signature = re.search(r"macro\s+\w+\((.*?)\)", macro["macro_sql"], re.DOTALL)
            names = re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", signature[1].strip())
            assert [it["name"] for it in macro["arguments"]] == names, macro["name"]


def test_every_variable_is_read():
    """By our own SQL, or by the package whose name it stands under."""
    variables = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text()).get("vars", {})
    sql = "".join(file.read_text() for file in _sql_files())
    assert set(variables) == {"playback", "dbt_project_evaluator"}
    own = variables["playback"]
    assert {name for name in own if not re.search(rf"var\(\s*['\"]{name}['\"]", sql)} == set()


def test_every_doc_block_is_used(parsed: Parsed):
    yaml_files = [*(PROJECT_ROOT / "models").rglob("*.yml"), *PROJECT_ROOT.glob("seeds/*.yml")]
    text = "".join(file.read_text() for file in yaml_files)
    names = {it["name"] for it in parsed.manifest["docs"].values() if it["package_name"] != "dbt"}
    names.remove("__overview__")  # dbt docs open on it
    assert [name for name in sorted(names) if f"doc('{name}')" not in text] == []


def _own_macros(parsed: Parsed) -> list[dict]:
    macros = parsed.manifest["macros"].values()
    return [macro for macro in macros if macro["package_name"] == "playback"]


def _sql_files() -> list[Path]:
    folders = ("models", "macros", "tests/generic", "tests/singular")
    return [file for folder in folders for file in (PROJECT_ROOT / folder).rglob("*.sql")]
