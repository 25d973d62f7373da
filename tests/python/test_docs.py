"""The pages that tell of the project are written from it: they are whole, and they are current."""

import re
from pathlib import Path

import pytest

from conftest import Parsed
from docs.generator import pages
from docs.generator.manifest import Manifest
from docs.generator.outputs import Query, Runner, queries, refreshed
from playback.settings import PROJECT_ROOT

PAGES_WITH_QUERIES = {"README.md": {"sql"}, "docs/queries.md": {"sql", "sh"}}


@pytest.fixture(scope="module")
def content(parsed: Parsed) -> dict:
    return parsed.manifest


@pytest.fixture(scope="module")
def written(content: dict) -> dict[str, str]:
    return pages(Manifest(content))


@pytest.mark.parametrize("page", ["erd.md", "metrics.md"])
def test_pages_are_current(written: dict[str, str], page: str):
    standing = (PROJECT_ROOT / "docs" / page).read_text()
    assert standing == written[page], f"docs/{page} is out of date: run `make docs`"


def test_every_mart_is_drawn_with_its_columns_and_keys(content: dict, written: dict[str, str]):
    marts = [
        node
        for node in content["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
    ]
    for mart in marts:
        (entity,) = re.findall(
            rf"^    {mart['name']} {{\n(.*?)\n    }}", written["erd.md"], re.M | re.S
        )
        assert [line.split()[1] for line in entity.splitlines()] == list(mart["columns"])
    assert "bigint event_id PK\n" in written["erd.md"]
    for line in (
        "fct_plays }o--|| dim_users : user_key",  # an entity of the semantic layer, never null
        "graph_listens }o--|| graph_songs : target_index",  # a `relationships` test
        "dim_albums }o--o| dim_artists : artist_key",  # null where many artists share an album
    ):
        assert written["erd.md"].count(line) == 2


def header(output: str) -> set[str]:
    """Names of the columns in the output of DuckDB (under a border) or MetricFlow (first line)."""
    first, second, *_ = output.splitlines()
    names = second.split("│") if first.startswith("┌") else re.split(r"\s{2,}", first)
    return {name.strip() for name in names if name.strip()}


@pytest.mark.parametrize("page", PAGES_WITH_QUERIES)
def test_queries_run_and_show_the_columns_they_have(metrics_project: Path, page: str):
    pytest.importorskip("dbt_metricflow", reason="the pages query metrics, which needs MetricFlow")
    run = Runner(metrics_project / "world.duckdb", metrics_project)
    shown = list(queries((PROJECT_ROOT / page).read_text()))
    assert {query.language for query in shown} == PAGES_WITH_QUERIES[page]
    for query in shown:
        output = run(query)
        assert len(output.splitlines()) > 2, query.code
        assert header(query.output) == header(output), f"{query.code}\nrun `make outputs`"


def test_outputs_are_written_behind_their_queries_and_nowhere_else():
    text = (
        "Before\n\n```sql\nselect 1;\n```\n\n```text\nold\n```\n\n"
        "```sql\nselect 2;\n```\n\nNo output wanted.\n\n"
        "```sh\nmf query --metrics plays\n```\n\n```text\n```\n\nAfter\n"
    )
    outputs = {"select 1;\n": "one\n", "mf query --metrics plays\n": "two\n"}
    once = refreshed(text, lambda query: outputs[query.code])
    assert once == text.replace("old\n", "one\n").replace("```text\n```", "```text\ntwo\n```")
    assert refreshed(once, lambda query: query.output) == once


def test_only_queries_are_run(tmp_path: Path):
    with pytest.raises(ValueError, match="neither SQL nor"):
        Runner(tmp_path / "none.duckdb")(Query("sh", "touch somewhere\n", ""))
