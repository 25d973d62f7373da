"""The dbt project keeps the rules of dbt-project-evaluator; each rule is shown a fault to find."""

from typing import Any

import pytest
import yaml

from conftest import Parsed
from playback.settings import PROJECT_ROOT
from project_rules import RULES, Project


@pytest.fixture(scope="module")
def project(parsed: Parsed) -> Project:
    settings = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())
    return Project(parsed.manifest, settings["vars"]["dbt_project_evaluator"])


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_the_rule(project: Project, rule: str):
    assert list(RULES[rule](project)) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_its_fault(rule: str):
    assert RULES[rule](Project(_faulty_manifest(), {}))


def test_there_are_29_rules():
    assert len(RULES) == 29


def _resource(kind: str, name: str, folder: str, *parents: str, **more: Any) -> dict[str, Any]:
    return {
        "resource_type": kind,
        "name": name,
        "original_file_path": f"models/{folder}/_file.yml",
        "depends_on": {"nodes": list(parents), "macros": []},
        "description": "One row per thing.",
        "columns": {},
        "access": "protected",
        "contract": {"enforced": False},
        "config": {"materialized": "view"},
        "raw_code": "select 1",
        "source_description": "",
    } | more


def _model(name: str, folder: str, *parents: str, **more: Any) -> dict[str, Any]:
    return _resource("model", name, folder, *parents, **more)


def _source(name: str, table: str, **more: Any) -> dict[str, Any]:
    place = {"database": "db", "schema": "raw", "identifier": table}
    source = {"source_name": "shop", "freshness": None, "description": ""}
    return _resource("source", name, "staging/other", **(place | source | more))


def _faulty_manifest() -> dict[str, Any]:
    """A project with every fault."""
    sources = {"s1": _source("a", "a"), "s2": _source("again", "a"), "s3": _source("idle", "b")}
    models = {
        "stg": _model("stg_a", "staging/other", "s1"),
        "stg_two": _model("stg_two", "staging/shop", "s1", "s2", "stg", "int"),
        "int": _model("int_a", "intermediate", "stg", "s1"),
        "loop": _model("int_loop", "intermediate", "stg", "int"),
        "end": _model("fct_end", "marts", "stg", "loop", access="public"),
        "root": _model("a_root", "marts", raw_code="select * from main.orders ", description=""),
        "misplaced": _model("int_misplaced", "marts", "root"),
        "leaf_1": _model("fct_1", "marts", "root"),
        "leaf_2": _model("fct_2", "marts", "root"),
        "leaf_3": _model("fct_3", "marts", "root"),
        "join": _model("fct_join", "marts", "stg", "int", "loop", "end", "root", "s1", "leaf_1"),
        "view_5": _model("fct_view_5", "marts", "end"),
        "view_6": _model("fct_view_6", "marts", "view_5"),
        "view_7": _model("fct_view_7", "marts", "view_6"),
    }
    test = _resource("test", "unique_a", "elsewhere", "stg", test_metadata={"name": "unique"})
    exposure = _resource("exposure", "report", "marts", "end")
    del exposure["access"]
    exposure["depends_on"]["nodes"] = ["int", "s1", "s3", "leaf_3"]
    return {
        "nodes": models | {"test": test},
        "sources": sources,
        "exposures": {"report": exposure},
        "metrics": {},
    }
