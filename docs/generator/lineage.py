"""`docs/lineage.md`: what is made from what, by folder, and in detail for each folder of marts."""

from pathlib import PurePosixPath

from docs.generator.manifest import Manifest, Node, folder_of, place_of
from docs.generator.markdown import mermaid, page

INTRODUCTION = """
Arrows lead from what is read to what is made of it. `dbt docs` (`make docs`) has the same graph to
click through.
"""
_BUILT = ("model", "seed", "source", "exposure")


def lineage(manifest: Manifest) -> str:
    """The page."""
    parts = ["## By folder", _overview(manifest)]
    for folder in sorted({folder_of(mart) for mart in manifest.marts}):
        parts += [f"## {folder.name.capitalize()}", _detail(manifest, folder)]
    return page("Lineage", INTRODUCTION, *parts)


def _overview(manifest: Manifest) -> str:
    readers = [*manifest.models, *manifest.exposures()]
    arrows = sorted(
        {
            (place_of(manifest.node(parent)), place_of(reader))
            for reader in readers
            for parent in manifest.parents(reader["unique_id"])
            if place_of(manifest.node(parent)) != place_of(reader)
        }
    )
    folders = sorted({folder for arrow in arrows for folder in arrow})
    return mermaid(
        [
            "flowchart LR",
            *(f'    {_id(folder)}["{folder}"]' for folder in folders),
            *(f"    {_id(parent)} --> {_id(child)}" for parent, child in arrows),
        ]
    )


def _detail(manifest: Manifest, folder: PurePosixPath) -> str:
    """The marts of a folder with all that is made for them; other folders' marts stand alone."""
    marts = [mart["unique_id"] for mart in manifest.marts if folder_of(mart) == folder]
    arrows, pending, seen = set(), list(marts), set(marts)
    while pending:
        child = pending.pop()
        for parent in manifest.parents(child):
            node = manifest.node(parent)
            if node["resource_type"] not in _BUILT:
                continue
            arrows.add((parent, child))
            if parent not in seen:
                seen.add(parent)
                if not _is_mart(node):
                    pending.append(parent)
    for exposure in manifest.exposures():
        for parent in manifest.parents(exposure["unique_id"]):
            if parent in marts:
                seen.add(exposure["unique_id"])
                arrows.add((parent, exposure["unique_id"]))
    groups: dict[str, list[str]] = {}
    for unique_id in sorted(seen):
        groups.setdefault(place_of(manifest.node(unique_id)), []).append(unique_id)
    lines = ["flowchart LR"]
    for group, members in sorted(groups.items()):
        lines.append(f'    subgraph {_id(group)}["{group}"]')
        lines += [f'        {_id(member)}["{manifest.name(member)}"]' for member in members]
        lines.append("    end")
    lines += [f"    {_id(parent)} --> {_id(child)}" for parent, child in sorted(arrows)]
    return mermaid(lines)


def _is_mart(node: Node) -> bool:
    return node["resource_type"] == "model" and folder_of(node).parts[0] == "marts"


def _id(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
