"""The rules of dbt-project-evaluator, over the manifest: what it would find in this project.

Each rule is the evaluator's logic (version 1, for dbt below 2.0) with its defaults; its variables
are read from `dbt_project.yml`, where the evaluator reads them too. Resources go by unique id.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

DEFAULTS = {
    "chained_views_threshold": 5,
    "models_fanout_threshold": 3,
    "too_many_joins_threshold": 7,
    "primary_key_test_macros": [
        ["dbt.test_unique", "dbt.test_not_null"],
        ["dbt_utils.test_unique_combination_of_columns"],
    ],
    "model_types": ["staging", "intermediate", "marts", "other"],
    "staging_prefixes": ["stg_"],
    "intermediate_prefixes": ["int_"],
    "marts_prefixes": ["fct_", "dim_"],
    "other_prefixes": ["rpt_"],
}
TIME_SPINE = "metricflow_time_spine"
"""MetricFlow demands the name; the evaluator lets it pass."""

HARD_CODED = re.compile(
    r"""(?<!distinct\s)\b(?:from|join)\s+
    (?:\{\{\s*var\s*\(.*?\)\s*\}\}
    |[\[`"']?\w+[\]`"']?(?:\.[\[`"']?\w+[\]`"']?){1,2}(?=\s|$)
    |[\[`"']\w+[\]`"'](?=\s|$))""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Project:
    """The resources of a manifest and how they depend on one another."""

    manifest: dict[str, Any]
    variables: dict[str, Any]

    def variable(self, name: str) -> Any:
        """A variable of the evaluator, as the project sets it or by default."""
        return self.variables.get(name, DEFAULTS.get(name))

    @cached_property
    def resources(self) -> dict[str, dict]:
        """Every resource of the graph but the tests, and what the project excludes by its path."""
        nodes = {
            key: node
            for key, node in (self.manifest["nodes"] | self.manifest["sources"]).items()
            if node["resource_type"] != "test" and not self._is_excluded(node)
        }
        return nodes | self.manifest["exposures"] | self.manifest["metrics"]

    def _is_excluded(self, node: dict[str, Any]) -> bool:
        """Whether a model or source is none of the rules' business; an exposure always is."""
        patterns = self.variable("exclude_paths_from_project") or []
        path = node["original_file_path"]
        return any(re.search(pattern, path, re.IGNORECASE) for pattern in patterns)

    def of_type(self, *types: str) -> dict[str, dict]:
        """The resources of these types."""
        return {
            key: resource
            for key, resource in self.resources.items()
            if resource["resource_type"] in types
        }

    @cached_property
    def models(self) -> dict[str, dict]:
        """The models."""
        return self.of_type("model")

    @cached_property
    def tests(self) -> dict[str, list[dict]]:
        """Data tests of each resource; a test belongs to the last one it depends on."""
        tests: dict[str, list[dict]] = {}
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "test" and node["depends_on"]["nodes"]:
                tests.setdefault(node["depends_on"]["nodes"][-1], []).append(node)
        return tests

    @cached_property
    def parents(self) -> dict[str, list[str]]:
        """Direct parents of each resource, but those that are excluded."""
        nodes = self.manifest["nodes"] | self.manifest["sources"]
        excluded = {key for key, node in nodes.items() if self._is_excluded(node)}
        return {
            key: [
                parent
                for parent in dict.fromkeys(resource.get("depends_on", {}).get("nodes", []))
                if parent not in excluded
            ]
            for key, resource in self.resources.items()
        }

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Direct children of each resource."""
        children: dict[str, list[str]] = {key: [] for key in self.resources}
        for child, parents in self.parents.items():
            for parent in parents:
                children.setdefault(parent, []).append(child)
        return children

    def children_in_the_warehouse(self, key: str) -> list[str]:
        """Direct children but exposures and metrics, which the evaluator does not count."""
        outside = ("exposure", "metric")
        return [
            child
            for child in self.children[key]
            if self.resources[child]["resource_type"] not in outside
        ]

    def parents_of_type(self, key: str, *types: str) -> list[str]:
        """Direct parents of these types."""
        return [
            parent
            for parent in self.parents[key]
            if parent in self.resources and self.resources[parent]["resource_type"] in types
        ]

    def folder(self, key: str) -> PurePosixPath:
        """The folder of the file that defines a resource."""
        return PurePosixPath(self.resources[key]["original_file_path"]).parent

    def type_by_prefix(self, key: str) -> str | None:
        """The layer that the name of a model begins with."""
        prefix = self.resources[key]["name"].split("_")[0] + "_"
        for layer in self.variable("model_types"):
            if prefix in (self.variable(f"{layer}_prefixes") or []):
                return layer
        return None

    def type_by_folder(self, key: str) -> str | None:
        """The layer of the innermost folder that has one."""
        names = {
            self.variables.get(f"{layer}_folder_name", layer): layer
            for layer in self.variable("model_types")
        }
        folders = [part for part in self.folder(key).parts if part in names]
        return names[folders[-1]] if folders else None

    def layer(self, key: str) -> str | None:
        """The layer of a model: by its name first, then by its folder."""
        if self.resources[key]["resource_type"] not in ("model", "snapshot"):
            return None
        return self.type_by_prefix(key) or self.type_by_folder(key) or "other"


Rule = Callable[[Project], Iterator[str]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Enter a rule: it yields one line a finding."""
    RULES.append(function)
    return function


# Modelling


@rule
def direct_join_to_source(project: Project) -> Iterator[str]:
    """A model reads a model and a source."""
    for key in project.models:
        if project.parents_of_type(key, "source") and project.parents_of_type(key, "model"):
            yield key


@rule
def marts_or_intermediate_dependent_on_source(project: Project) -> Iterator[str]:
    """Only staging reads sources."""
    for key in project.models:
        if project.layer(key) in ("marts", "intermediate"):
            yield from (f"{key} < {it}" for it in project.parents_of_type(key, "source"))


@rule
def duplicate_sources(project: Project) -> Iterator[str]:
    """Two sources are one table."""
    sources = project.of_type("source").values()
    places = Counter((it["database"], it["schema"], it["identifier"]) for it in sources)
    yield from (str(place) for place, count in places.items() if count > 1)


@rule
def hard_coded_references(project: Project) -> Iterator[str]:
    """A model names a relation instead of `ref` or `source`."""
    for key, model in project.models.items():
        yield from (f"{key}: {found}" for found in HARD_CODED.findall(model["raw_code"]))


@rule
def model_fanout(project: Project) -> Iterator[str]:
    """Several models that nothing reads depend on one model."""
    for key in project.models:
        leaves = [
            child
            for child in project.children[key]
            if child in project.models and not project.children_in_the_warehouse(child)
        ]
        if len(leaves) >= project.variable("models_fanout_threshold"):
            yield f"{key} > {leaves}"


@rule
def multiple_sources_joined(project: Project) -> Iterator[str]:
    """A model reads more than one source."""
    for key in project.models:
        if len(project.parents_of_type(key, "source")) > 1:
            yield key


@rule
def rejoining_of_upstream_concepts(project: Project) -> Iterator[str]:
    """A parent is read beside a model that is made from it and that nothing else reads."""
    for between in project.models:
        children = project.children_in_the_warehouse(between)
        if len(children) == 1:
            for parent in project.parents[between]:
                if parent in project.parents[children[0]]:
                    yield f"{parent} > {between} > {children[0]}"


@rule
def root_models(project: Project) -> Iterator[str]:
    """A model depends on nothing."""
    for key, model in project.models.items():
        if not project.parents[key] and model["name"] != TIME_SPINE:
            yield key


@rule
def source_fanout(project: Project) -> Iterator[str]:
    """Several models read one source."""
    for key in project.of_type("source"):
        readers = [child for child in project.children[key] if child in project.models]
        if len(readers) > 1:
            yield f"{key} > {readers}"


@rule
def staging_dependent_on_staging(project: Project) -> Iterator[str]:
    """A staging model reads another."""
    yield from _staging_that_reads(project, ["staging"])


@rule
def staging_dependent_on_marts_or_intermediate(project: Project) -> Iterator[str]:
    """A staging model reads what comes after it."""
    yield from _staging_that_reads(project, ["marts", "intermediate"])


def _staging_that_reads(project: Project, layers: list[str]) -> Iterator[str]:
    for key in project.models:
        if project.layer(key) == "staging":
            for parent in project.parents_of_type(key, "model", "snapshot"):
                if project.layer(parent) in layers:
                    yield f"{key} < {parent}"


@rule
def unused_sources(project: Project) -> Iterator[str]:
    """No model reads a source."""
    for key in project.of_type("source"):
        if not project.children_in_the_warehouse(key):
            yield key


@rule
def too_many_joins(project: Project) -> Iterator[str]:
    """A model reads a whole crowd."""
    for key in project.models:
        if len(project.parents[key]) >= project.variable("too_many_joins_threshold"):
            yield f"{key}: {len(project.parents[key])}"


# Testing


@rule
def missing_primary_key_tests(project: Project) -> Iterator[str]:
    """No test, or constraint with a test, says what identifies a row."""
    yield from (key for key in project.models if not _has_tested_key(project, key))


def _has_tested_key(project: Project, key: str) -> bool:
    macros_by_column: dict[str | None, set[str]] = {}
    for test in project.tests.get(key, []):
        macros = macros_by_column.setdefault(test.get("column_name"), set())
        macros.update(name.removeprefix("macro.") for name in test["depends_on"]["macros"])
    columns = project.resources[key]["columns"]
    for column, macros in macros_by_column.items():
        if any(set(needed) <= macros for needed in project.variable("primary_key_test_macros")):
            return True
        constraints = columns.get(column or "", {}).get("constraints", [])
        is_not_null = any(constraint["type"] == "not_null" for constraint in constraints)
        if "dbt.test_unique" in macros and is_not_null:
            return True
    return False


@rule
def sources_without_freshness(project: Project) -> Iterator[str]:
    """Nothing says when a source is getting old; to say when it is too old is not enough."""
    for key, source in project.of_type("source").items():
        freshness = source["freshness"] or {}
        if not (freshness.get("warn_after") or {}).get("count"):
            yield key


@rule
def test_coverage(project: Project) -> Iterator[str]:
    """A model without a data test."""
    yield from (key for key in project.models if not project.tests.get(key))


# Documentation


@rule
def undocumented_models(project: Project) -> Iterator[str]:
    """A model without a description."""
    yield from (key for key, model in project.models.items() if not model["description"])


@rule
def documentation_coverage(project: Project) -> Iterator[str]:
    """The share of described models is below all of them: the same findings, as one figure."""
    if any(undocumented_models(project)):
        yield "below 100 %"


@rule
def undocumented_source_tables(project: Project) -> Iterator[str]:
    """A table of a source without a description."""
    for key, source in project.of_type("source").items():
        if not source["description"]:
            yield key


@rule
def undocumented_sources(project: Project) -> Iterator[str]:
    """A source without a description."""
    for key, source in project.of_type("source").items():
        if not source["source_description"]:
            yield key


# Structure


@rule
def model_naming_conventions(project: Project) -> Iterator[str]:
    """The name of a model does not begin as its layer demands."""
    for key, model in project.models.items():
        if project.type_by_prefix(key) is None and model["name"] != TIME_SPINE:
            yield f"{key} ({project.layer(key)})"


@rule
def model_directories(project: Project) -> Iterator[str]:
    """A model lies in another layer's folder, or a staging model not in that of its source."""
    for key in project.models:
        folder = project.type_by_folder(key)
        if folder and project.layer(key) != folder:
            yield key
        if project.layer(key) == "staging":
            for source in project.parents_of_type(key, "source"):
                if project.resources[source]["source_name"] not in str(project.folder(key)):
                    yield key


@rule
def source_directories(project: Project) -> Iterator[str]:
    """A source is not declared in the folder of its name."""
    for key, source in project.of_type("source").items():
        if source["source_name"] not in str(project.folder(key)):
            yield key


@rule
def test_directories(project: Project) -> Iterator[str]:
    """A generic test is not declared beside its model."""
    for key in project.models:
        for test in project.tests.get(key, []):
            path = PurePosixPath(test["original_file_path"])
            if test.get("test_metadata") and path.parent != project.folder(key):
                yield f"{test['name']} in {path}"


# Performance


@rule
def chained_views_dependencies(project: Project) -> Iterator[str]:
    """Too many views in a row above a model."""

    def chain(key: str) -> int:
        """How many views end with this one."""
        if project.resources.get(key, {}).get("config", {}).get("materialized") not in (
            "view",
            "ephemeral",
        ):
            return 0
        return 1 + max((chain(parent) for parent in project.parents[key]), default=0)

    for key in project.models:
        longest = max(map(chain, project.parents[key]), default=0)
        if longest > project.variable("chained_views_threshold"):
            yield key


@rule
def exposure_parents_materializations(project: Project) -> Iterator[str]:
    """An exposure reads what is computed at each reading, or a source."""
    for key in project.of_type("exposure"):
        for parent in project.parents_of_type(key, "model", "source"):
            kind = project.resources[parent]
            if kind["resource_type"] == "source" or kind["config"]["materialized"] in (
                "view",
                "ephemeral",
            ):
                yield f"{key} < {parent}"


# Governance


@rule
def public_models_without_contract(project: Project) -> Iterator[str]:
    """A public model without an enforced contract."""
    for key, model in project.models.items():
        if model["access"] == "public" and not model["contract"]["enforced"]:
            yield key


@rule
def exposures_dependent_on_private_models(project: Project) -> Iterator[str]:
    """An exposure reads what is not a public model."""
    for key in project.of_type("exposure"):
        for parent in project.parents[key]:
            if project.resources[parent].get("access") != "public":
                yield f"{key} < {parent}"


@rule
def undocumented_public_models(project: Project) -> Iterator[str]:
    """A public model, or one of its columns, without a description."""
    for key, model in project.models.items():
        columns = model["columns"].values()
        described = model["description"] and columns and all(it["description"] for it in columns)
        if model["access"] == "public" and not described:
            yield key
