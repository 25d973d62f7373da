"""The rules of dbt-project-evaluator, over the manifest: what it would find in this project.

Each rule is the evaluator's logic (version 1, for dbt below 2.0) with its defaults; its variables
are read from `dbt_project.yml`, where the evaluator reads them too. Resources go by unique id.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
VIEWS = ("view", "ephemeral")


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
        """Every resource of the graph but the tests."""
        nodes = self.manifest["nodes"] | self.manifest["sources"]
        read = {key: node for key, node in nodes.items() if node["resource_type"] != "test"}
        return read | self.manifest["exposures"] | self.manifest["metrics"]

    def of_type(self, *types: str) -> dict[str, dict]:
        """The resources of these types."""
        return {key: it for key, it in self.resources.items() if it["resource_type"] in types}

    @cached_property
    def models(self) -> dict[str, dict]:
        """The models."""
        return self.of_type("model")

    @cached_property
    def sources(self) -> dict[str, dict]:
        """The tables of sources."""
        return self.of_type("source")

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
        """Direct parents of each resource."""
        return {
            key: [
                parent
                for parent in dict.fromkeys(resource.get("depends_on", {}).get("nodes", []))
                if parent in self.resources
            ]
            for key, resource in self.resources.items()
        }

    def readings(self, *types: str) -> Iterator[tuple[str, str]]:
        """Every pair of a resource of these types and a direct parent of it."""
        return ((key, parent) for key in self.of_type(*types) for parent in self.parents[key])

    def read_by(self, key: str, kind: str) -> list[str]:
        """Direct parents of a type."""
        return [it for it in self.parents[key] if self.resources[it]["resource_type"] == kind]

    def readers(self, key: str, *types: str) -> list[str]:
        """Direct children of these types; without any, of all that lie in the warehouse."""
        types = types or ("model", "seed", "snapshot", "analysis", "source")
        return [child for child, parent in self.readings(*types) if parent == key]

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
        layers = self.variable("model_types")
        names = {self.variables.get(f"{layer}_folder_name", layer): layer for layer in layers}
        folders = [part for part in self.folder(key).parts if part in names]
        return names[folders[-1]] if folders else None

    def layer(self, key: str) -> str | None:
        """The layer of a model: by its name first, then by its folder."""
        if self.resources[key]["resource_type"] not in ("model", "snapshot"):
            return None
        return self.type_by_prefix(key) or self.type_by_folder(key) or "other"

    def has_tested_key(self, key: str) -> bool:
        """Whether tests, or a constraint with a test, say what identifies a row."""
        macros_by_column: dict[str | None, set[str]] = {}
        for test in self.tests.get(key, []):
            macros = macros_by_column.setdefault(test.get("column_name"), set())
            macros.update(name.removeprefix("macro.") for name in test["depends_on"]["macros"])
        columns = self.resources[key]["columns"]
        for column, macros in macros_by_column.items():
            constraints = columns.get(column or "", {}).get("constraints", [])
            if any(it["type"] == "not_null" for it in constraints):
                macros.add("dbt.test_not_null")
            if any(set(needed) <= macros for needed in self.variable("primary_key_test_macros")):
                return True
        return False

    def views_that_end_with(self, key: str) -> int:
        """The length of the longest chain of views down to this one."""
        if self.resources[key].get("config", {}).get("materialized") not in VIEWS:
            return 0
        return 1 + max(map(self.views_that_end_with, self.parents[key]), default=0)


RULES: dict[str, Callable[[Project], Iterable[str]]] = {
    # Modelling
    "direct_join_to_source": lambda p: [
        it for it in p.models if p.read_by(it, "source") and p.read_by(it, "model")
    ],
    "marts_or_intermediate_dependent_on_source": lambda p: [
        f"{key} < {parent}"
        for key, parent in p.readings("model")
        if p.layer(key) in ("marts", "intermediate") and parent in p.sources
    ],
    "duplicate_sources": lambda p: [
        str(place)
        for place, count in Counter(
            (it["database"], it["schema"], it["identifier"]) for it in p.sources.values()
        ).items()
        if count > 1
    ],
    "hard_coded_references": lambda p: [
        f"{key}: {found}"
        for key, model in p.models.items()
        for found in HARD_CODED.findall(model["raw_code"])
    ],
    "model_fanout": lambda p: [
        key
        for key in p.models
        if sum(not p.readers(child) for child in p.readers(key, "model"))
        >= p.variable("models_fanout_threshold")
    ],
    "multiple_sources_joined": lambda p: [
        it for it in p.models if len(p.read_by(it, "source")) > 1
    ],
    "rejoining_of_upstream_concepts": lambda p: [
        f"{parent} > {key} > {reader}"
        for key, parent in p.readings("model")
        for reader in p.readers(key)
        if len(p.readers(key)) == 1 and parent in p.parents[reader]
    ],
    "root_models": lambda p: [
        key for key, it in p.models.items() if not p.parents[key] and it["name"] != TIME_SPINE
    ],
    "source_fanout": lambda p: [it for it in p.sources if len(p.readers(it, "model")) > 1],
    "staging_dependent_on_staging": lambda p: [
        f"{key} < {parent}"
        for key, parent in p.readings("model")
        if p.layer(key) == p.layer(parent) == "staging"
    ],
    "staging_dependent_on_marts_or_intermediate": lambda p: [
        f"{key} < {parent}"
        for key, parent in p.readings("model")
        if p.layer(key) == "staging" and p.layer(parent) in ("marts", "intermediate")
    ],
    "unused_sources": lambda p: [it for it in p.sources if not p.readers(it)],
    "too_many_joins": lambda p: [
        it for it in p.models if len(p.parents[it]) >= p.variable("too_many_joins_threshold")
    ],
    # Testing
    "missing_primary_key_tests": lambda p: [it for it in p.models if not p.has_tested_key(it)],
    "sources_without_freshness": lambda p: [
        key
        for key, it in p.sources.items()
        if not ((it["freshness"] or {}).get("warn_after") or {}).get("count")
    ],
    "test_coverage": lambda p: [it for it in p.models if not p.tests.get(it)],
    # Documentation; its coverage is the same finding as one figure
    "undocumented_models": lambda p: [k for k, it in p.models.items() if not it["description"]],
    "documentation_coverage": lambda p: ["below 100 %"] * any(RULES["undocumented_models"](p)),
    "undocumented_source_tables": lambda p: [
        key for key, it in p.sources.items() if not it["description"]
    ],
    "undocumented_sources": lambda p: [
        key for key, it in p.sources.items() if not it["source_description"]
    ],
    # Structure
    "model_naming_conventions": lambda p: [
        f"{key} ({p.layer(key)})"
        for key, it in p.models.items()
        if p.type_by_prefix(key) is None and it["name"] != TIME_SPINE
    ],
    "model_directories": lambda p: [
        *(it for it in p.models if p.type_by_folder(it) not in (None, p.layer(it))),
        *(
            key
            for key, parent in p.readings("model")
            if p.layer(key) == "staging" and parent in p.sources
            if p.sources[parent]["source_name"] not in str(p.folder(key))
        ),
    ],
    "source_directories": lambda p: [
        key for key, it in p.sources.items() if it["source_name"] not in str(p.folder(key))
    ],
    "test_directories": lambda p: [
        f"{test['name']} in {test['original_file_path']}"
        for key in p.models
        for test in p.tests.get(key, [])
        if test.get("test_metadata")
        and PurePosixPath(test["original_file_path"]).parent != p.folder(key)
    ],
    # Performance
    "chained_views_dependencies": lambda p: [
        it
        for it in p.models
        if max(map(p.views_that_end_with, p.parents[it]), default=0)
        > p.variable("chained_views_threshold")
    ],
    "exposure_parents_materializations": lambda p: [
        f"{key} < {parent}"
        for key, parent in p.readings("exposure")
        if parent in p.sources or p.resources[parent].get("config", {}).get("materialized") in VIEWS
    ],
    # Governance
    "public_models_without_contract": lambda p: [
        key
        for key, it in p.models.items()
        if it["access"] == "public" and not it["contract"]["enforced"]
    ],
    "exposures_dependent_on_private_models": lambda p: [
        f"{key} < {parent}"
        for key, parent in p.readings("exposure")
        if p.resources[parent].get("access") != "public"
    ],
    "undocumented_public_models": lambda p: [
        key
        for key, it in p.models.items()
        if it["access"] == "public"
        and not (it["columns"] and all(of["description"] for of in [it, *it["columns"].values()]))
    ],
}
"""What each rule of the evaluator finds: one line per finding."""
