"""`docs/tests.md`: every test of the dbt project, what it protects, and when it runs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docs.generator.manifest import Manifest, Node, constraints, kind_of, place_of
from docs.generator.markdown import folded, page, table

INTRODUCTION = """
| kind | what it tries | when it runs | with |
|---|---|---|---|
| contract | the rows of a mart, as DuckDB writes them | whenever the model is built | `playback run`, `playback build`, `dbt run`, `dbt build` |
| data test | the data | after the model is built | `playback build`, `dbt build`, `dbt test` |
| unit test | the SQL, on rows made up for it | before the model is built | `dbt build`, `dbt test` |

`make test` runs them all on a small world, and pytest on the rest: the simulation, the command line,
the products, and dbt as a user runs it. A data test that fails stops the build of what reads the
model; one that is marked (warns) only says so.
"""  # noqa: E501 - a row of a table

_TEMPLATES = {
    "unique": "`{column_name}` is unique",
    "not_null": "`{column_name}` is not null",
    "relationships": "`{column_name}` is in `{to}.{field}`",
    "accepted_values": "`{column_name}` is one of {values}",
    "expression_is_true": "`{expression}`",
    "unique_combination_of_columns": "no two rows have the same {combination_of_columns}",
}
_UNKNOWN = "{kind} ({arguments})"
_KINDS = ("contract", "data test", "unit test")


@dataclass(frozen=True)
class Test:
    """What is protected, by which kind of test, what must be true, and of how many columns."""

    place: str
    protects: str
    kind: str
    statement: str
    number: int = 1


def tests(manifest: Manifest) -> str:
    """The page: how many of each kind, then a table for each folder."""
    found = [
        *(test for node in manifest.seeds_and_sources for test in _data_tests(manifest, node)),
        *(test for model in manifest.models for test in _of_model(manifest, model)),
        *_singular_tests(manifest),
    ]
    numbers = [
        (kind, str(sum(test.number for test in found if test.kind == kind))) for kind in _KINDS
    ]
    parts = [table(("kind", "number"), numbers)]
    for place in dict.fromkeys(test.place for test in found):
        rows = [(test.protects, test.kind, test.statement) for test in found if test.place == place]
        parts += [f"## {place}", table(("protects", "kind", "what must be true"), rows)]
    return page("Tests", INTRODUCTION, *parts)


def _of_model(manifest: Manifest, model: Node) -> Iterator[Test]:
    yield from _contract(model)
    yield from _data_tests(manifest, model)
    for test in manifest.unit_tests:
        if test["depends_on"]["nodes"][0] == model["unique_id"]:
            yield Test(place_of(model), model["name"], "unit test", _told(test))


def _contract(model: Node) -> Iterator[Test]:
    if not model["config"]["contract"]["enforced"]:
        return
    place, name = place_of(model), model["name"]
    for kind, said in (("primary_key", "primary key"), ("not_null", "not null")):
        if columns := constraints(model, kind):
            statement = f"{said}: {_listed(columns)}"
            yield Test(place, name, "contract", statement, len(columns))
    holders = [model, *model["columns"].values()]
    for constraint in (constraint for holder in holders for constraint in holder["constraints"]):
        if constraint["type"] == "check":
            yield Test(place, name, "contract", f"`{folded(constraint['expression'])}`")


def _data_tests(manifest: Manifest, node: Node) -> Iterator[Test]:
    for test in manifest.generic_tests(node["unique_id"]):
        name = manifest.name(node["unique_id"])
        yield Test(place_of(node), name, "data test", _said_by(test) + _severity(test))


def _singular_tests(manifest: Manifest) -> Iterator[Test]:
    for test in manifest.singular_tests:
        protected = ", ".join(sorted(map(manifest.name, test["depends_on"]["nodes"])))
        yield Test("several models", protected, "data test", _told(test) + _severity(test))


def _said_by(test: Node) -> str:
    """What a generic test says: its description, or its arguments in words."""
    if test["description"]:
        return test["description"]
    arguments = {
        name: _listed(value) if isinstance(value, list) else folded(str(value))
        for name, value in test["test_metadata"]["kwargs"].items()
        if name != "model"
    }
    to = re.fullmatch(r"ref\('(\w+)'\)", arguments.get("to", ""))
    kind = kind_of(test)
    said = _TEMPLATES.get(kind, _UNKNOWN).format(
        **arguments | ({"to": to[1]} if to else {}),
        kind=_words(kind),
        arguments=", ".join(f"{name}: {value}" for name, value in arguments.items()),
    )
    if not test["name"].startswith(kind):
        said = f"{_words(test['name'])}: {said}"
    return said + (f" (latest `{arguments['latest_of']}`)" if "latest_of" in arguments else "")


def _told(test: Node) -> str:
    return (
        folded(f"{_words(test['name'])}. {test['description']}")
        if test["description"]
        else (_words(test["name"]))
    )


def _severity(test: Node) -> str:
    return " (warns)" if test["config"]["severity"].lower() == "warn" else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(f"`{value}`" for value in values)
