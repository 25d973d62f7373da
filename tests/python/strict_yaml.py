"""What is wrong with a YAML file of the dbt project, by the JSON schemas that dbt ships.

dbt applies them to four adapters only, of which DuckDB is none, and even there takes a misspelt
key for a mere deprecation. Semantic models and the `type_params` of metrics have no schema there;
dbt itself is strict about these. dbt is imported late: most processes of the tests do without.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from jsonschema import Draft7Validator, ValidationError

from playback.settings import PROJECT_ROOT

FOLDERS = ("models", "macros", "seeds", "tests")


def project_files() -> list[Path]:
    """The YAML files of the dbt project that have a schema."""
    files = [PROJECT_ROOT / "dbt_project.yml", PROJECT_ROOT / "profiles.yml"]
    for folder in FOLDERS:
        files += sorted((PROJECT_ROOT / folder).rglob("*.yml"))
    return files


def read_yaml(file: Path) -> Any:
    """What a YAML file holds, by the parser in C: in Python the longest take seconds."""
    return yaml.load(file.read_text(), yaml.CSafeLoader)


def faults(file_name: str, document: dict[str, Any]) -> list[str]:
    """One line per fault of a document, which is what a file of that name holds."""
    if file_name == "profiles.yml":
        return [*_unknown_credentials(document)]
    if file_name == "dbt_project.yml":
        found = [*_violations(_project_validator(), document)]
        known = {flag.name for flag in fields(_dbt("dbt.contracts.project").ProjectFlags)}
        return found + [f"flags: {key}" for key in document.get("flags", {}) if key not in known]
    return [*_violations(_resources_validator(), document)]


def _violations(validator: Draft7Validator, document: dict[str, Any]) -> Iterator[str]:
    for error in validator.iter_errors(document):
        if not _is_type_params_of_metric(error):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{place or 'top level'}: {error.message}"


def _is_type_params_of_metric(error: ValidationError) -> bool:
    if error.validator != "additionalProperties" or "metrics" not in error.absolute_path:
        return False
    return set(error.instance) - set(error.schema["properties"]) == {"type_params"}


def _dbt(module: str) -> ModuleType:
    """A module of dbt's own, which cannot be imported before its command."""
    import_module("dbt.cli.main")
    return import_module(module)


@cache
def _resources_validator() -> Draft7Validator:
    schemas = _dbt("dbt.jsonschemas.jsonschemas")
    schema = schemas.resources_schema()
    kinds = {name: kind for name, kind in schema["definitions"].items() if isinstance(kind, dict)}
    definitions = schema["definitions"] | {
        name: _without_former_name(kind) for name, kind in kinds.items()
    }
    return schemas.CustomDraft7Validator(
        _without_former_name(schema) | {"definitions": definitions}
    )


@cache
def _project_validator() -> Draft7Validator:
    schemas = _dbt("dbt.jsonschemas.jsonschemas")
    return schemas.CustomDraft7Validator(_without_former_name(schemas.project_schema()))


def _without_former_name(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without `tests`, which is `data_tests` by now."""
    if "data_tests" not in schema.get("properties", {}):
        return schema
    properties = {name: of for name, of in schema["properties"].items() if name != "tests"}
    return schema | {"properties": properties}


def _unknown_credentials(profiles: dict[str, Any]) -> Iterator[str]:
    for name, profile in profiles.items():
        for target, output in profile["outputs"].items():
            adapter = f"dbt.adapters.{output['type']}"
            if find_spec(adapter):  # Spark's is optional
                credentials = import_module(adapter).Plugin.credentials
                known = {field.name for field in fields(credentials)} | {"type", "threads"}
                yield from (f"{name}/{target}: {key}" for key in output if key not in known)
