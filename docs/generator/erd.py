"""`docs/erd.md`: the marts, their columns and keys, and how they hang together."""

import re

from docs.generator.manifest import Manifest, Node, constraints, folder_of, kind_of, model_of
from docs.generator.markdown import mermaid, page

INTRODUCTION = """
Columns and types are those of the enforced contracts. `PK` is what identifies a row, `UK` is unique
too, `FK` is a key of the table that the line leads to. Lines are the `relationships` tests and the
entities of the semantic layer; a line's label is the column that holds the key.
"""


def erd(manifest: Manifest) -> str:
    """The page: all marts at a glance, then each folder's with their columns."""
    marts = {mart["name"]: mart for mart in manifest.marts}
    folders = sorted({folder_of(mart).name for mart in marts.values()})
    parts = ["## At a glance", mermaid(["erDiagram", *_lines(manifest, marts, set(marts))])]
    for folder in folders:
        within = {name for name, mart in marts.items() if folder_of(mart).name == folder}
        entities = [line for name in sorted(within) for line in _entity(manifest, marts[name])]
        parts += [
            f"## {folder.capitalize()}",
            mermaid(["erDiagram", *entities, *_lines(manifest, marts, within)]),
        ]
    return page("Entity-relationship diagram", INTRODUCTION, *parts)


def _lines(manifest: Manifest, marts: dict[str, Node], children: set[str]) -> list[str]:
    return [
        f"    {key.child} }}o--{_at_parent(manifest, marts[key.child], key.column)} {key.parent} "
        f": {key.column}"
        for key in manifest.references
        if key.child in children and key.parent in marts
    ]


def _at_parent(manifest: Manifest, child: Node, column: str) -> str:
    return "||" if column in _never_null(manifest, child) else "o|"


def _never_null(manifest: Manifest, mart: Node) -> set[str]:
    """Columns without nulls, by constraint, or by a data test where a view holds none."""
    columns = set(constraints(mart, "not_null"))
    for test in manifest.generic_tests(mart["unique_id"]):
        if kind_of(test) == "not_null":
            columns.add(test["column_name"])
        elif kind_of(test) == "expression_is_true":
            columns |= _required(test["test_metadata"]["kwargs"]["expression"])
    return columns


def _required(condition: str) -> set[str]:
    """Columns that must not be null for a condition to hold; what stands in brackets may be."""
    outer, brackets = condition, 1
    while brackets:
        outer, brackets = re.subn(r"\([^()]*\)", "", outer)
    terms = [] if re.search(r"\bor\b", outer) else re.split(r"\band\b", outer)
    return {term.split()[0] for term in terms if re.fullmatch(r"\s*\w+ is not null\s*", term)}


def _entity(manifest: Manifest, mart: Node) -> list[str]:
    name = mart["name"]
    identifying, unique = _keys(manifest, mart)
    foreign = {key.column for key in manifest.references if key.child == name}
    lines = []
    for column in mart["columns"].values():
        marks = [
            mark
            for mark, columns in (("PK", identifying), ("FK", foreign), ("UK", unique))
            if column["name"] in columns
        ]
        data_type = column["data_type"].replace(" ", "_").replace(",", "_")
        lines.append(f"        {data_type} {column['name']} {', '.join(marks)}".rstrip())
    return [f"    {name} {{", *lines, "    }"]


def _keys(manifest: Manifest, mart: Node) -> tuple[set[str], set[str]]:
    """The columns that identify a row, and others that are unique each.

    In the order of trust: a primary-key constraint, the primary entity of a semantic model, the
    first combination of columns that is tested to be unique, the first unique column.
    """
    tests = manifest.generic_tests(mart["unique_id"])
    unique = [test["column_name"] for test in tests if kind_of(test) == "unique"]
    combinations = [
        test["test_metadata"]["kwargs"] for test in tests if "combination" in kind_of(test)
    ]
    entities = [
        entity["expr"]
        for semantic_model in manifest.semantic_models
        if model_of(semantic_model) == mart["name"]
        for entity in semantic_model["entities"]
        if entity["type"] == "primary"
    ]
    in_order = [column for column in mart["columns"] if column in unique]
    identifying = (
        constraints(mart, "primary_key")
        or entities
        or (combinations and _combination(combinations[0]))
        or in_order[:1]
    )
    return set(identifying), set(unique) - set(identifying)


def _combination(arguments: Node) -> list[str]:
    latest = arguments.get("latest_of")
    return [*arguments["combination_of_columns"], *([latest] if latest else [])]
