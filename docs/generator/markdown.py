"""Pieces of a Markdown page."""

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by `make docs` from the dbt project: change that, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A generated page: notice, title, and parts with an empty line between them."""
    return "\n\n".join([NOTICE, f"# {title}", *(part.strip() for part in parts if part)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell is folded to one line, and its pipes are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def mermaid(lines: Iterable[str]) -> str:
    """A diagram that GitHub and most readers of Markdown draw."""
    return "\n".join(["```mermaid", *lines, "```"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
