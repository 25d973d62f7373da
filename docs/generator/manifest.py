"""What the pages say of the dbt project, read from the manifest that `dbt parse` writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Node = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A column of `child` that holds a key of `parent`. Both are names of models."""

    child: str
    column: str
    parent: str


class Manifest:
    """A parsed dbt project. Every list is in a fixed order."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    @classmethod
    def of_project(cls, project: Path = ROOT) -> "Manifest":
        """Parse the project; no database is needed.

        Raises:
            RuntimeError: dbt could not parse it.
        """
        from dbt.cli.main import dbtRunner

        with TemporaryDirectory(prefix="playback-docs-") as folder:
            outcome = dbtRunner().invoke(
                [
                    "parse",
                    *("--project-dir", str(project), "--profiles-dir", str(project)),
                    *("--target-path", folder, "--log-path", folder, "--log-level", "none"),
                ]
            )
            if not outcome.success:
                raise RuntimeError(f"dbt could not parse the project: {outcome.exception}")
            return cls(json.loads((Path(folder) / "manifest.json").read_text()))

    @cached_property
    def models(self) -> list[Node]:
        """Every model, folder by folder."""
        models = [node for node in self._nodes if node["resource_type"] == "model"]
        return sorted(models, key=lambda model: (_layer_order(folder_of(model)), model["name"]))

    @cached_property
    def marts(self) -> list[Node]:
        """Every model of the marts."""
        return [model for model in self.models if folder_of(model).parts[0] == "marts"]

    def generic_tests(self, unique_id: str) -> list[Node]:
        """The data tests in the YAML of a node."""
        return [test for test in self._tests if test.get("attached_node") == unique_id]

    @cached_property
    def metrics(self) -> list[Node]:
        """Every metric of the semantic layer."""
        return self._section("metrics")

    @cached_property
    def semantic_models(self) -> list[Node]:
        """Every semantic model."""
        return self._section("semantic_models")

    @cached_property
    def references(self) -> list[Reference]:
        """Foreign keys: those that `relationships` tests check, and those of the semantic layer."""
        keys = {*self._tested_references(), *self._semantic_references()}
        return sorted(keys, key=lambda key: (key.child, key.column, key.parent))

    def name(self, unique_id: str) -> str:
        """Name of a model or a seed."""
        return self._content["nodes"][unique_id]["name"]

    @cached_property
    def _nodes(self) -> list[Node]:
        return self._section("nodes")

    @cached_property
    def _tests(self) -> list[Node]:
        return [node for node in self._nodes if node["resource_type"] == "test"]

    def _tested_references(self) -> Iterator[Reference]:
        for test in self._tests:
            if "attached_node" in test and kind_of(test) == "relationships":
                child = test["attached_node"]
                others = [node for node in test["depends_on"]["nodes"] if node != child]
                parent = others[0] if others else child
                yield Reference(self.name(child), test["column_name"], self.name(parent))

    def _semantic_references(self) -> Iterator[Reference]:
        entities = [
            (model_of(semantic_model), entity["type"], entity["name"], entity["expr"])
            for semantic_model in self.semantic_models
            for entity in semantic_model["entities"]
        ]
        owners = {name: model for model, kind, name, _ in entities if kind == "primary"}
        for model, kind, name, column in entities:
            if kind == "foreign" and name in owners and column.isidentifier():
                yield Reference(model, column, owners[name])

    def _section(self, section: str) -> list[Node]:
        return [node for _, node in sorted(self._content[section].items())]


def kind_of(test: Node) -> str:
    """Name of the generic test that a data test in YAML is of."""
    return test["test_metadata"]["name"]


def model_of(semantic_model: Node) -> str:
    """Name of the model that a semantic model is on."""
    return semantic_model["node_relation"]["alias"]


def folder_of(node: Node) -> PurePosixPath:
    """Folder of a model below the root of the models, such as `marts/listening`."""
    return PurePosixPath(node["path"]).parent


def constraints(model: Node, kind: str) -> list[str]:
    """Columns of a model that bear a constraint of a kind."""
    return [
        column["name"]
        for column in model["columns"].values()
        if any(constraint["type"] == kind for constraint in column["constraints"])
    ]


def _layer_order(folder: PurePosixPath) -> tuple[int, str]:
    layers = ("staging", "intermediate", "marts")
    layer = folder.parts[0]
    return (layers.index(layer) if layer in layers else len(layers), str(folder))
