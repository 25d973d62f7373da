"""Runs the queries of pages and puts their output into them: `make outputs`.

A query is a block of `sql`, or of `sh` with one `mf query`. Its output is the block of `text` that
follows it; a block that no such block follows is left alone.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from docs.generator.manifest import ROOT

_BLOCKS = re.compile(
    r"```(?P<language>sql|sh)\n(?P<code>[^`]*)```\n\n"
    r"```text\n(?P<output>[^`]*)```"
)


@dataclass(frozen=True)
class Query:
    """A query of a page, in `sql` or `sh`, and the output that the page shows."""

    language: str
    code: str
    output: str


class Runner:
    """Runs queries on a database, with the metrics of the dbt project in `project`.

    `dbt parse` must have left the project's semantic manifest in its target folder.
    """

    def __init__(self, database: Path, project: Path = ROOT) -> None:
        self._database = database
        self._project = project

    def __call__(self, query: Query) -> str:
        """The output of a query as a user sees it.

        Raises:
            ValueError: the query is neither SQL nor one `mf query`.
            duckdb.Error, subprocess.CalledProcessError: it does not run.
        """
        if query.language == "sql":
            with duckdb.connect(str(self._database), read_only=True) as connection:
                return str(connection.sql(query.code)).rstrip() + "\n"
        command = shlex.split(query.code.replace("\\\n", " "))
        if command[:2] != ["mf", "query"]:
            raise ValueError(f"neither SQL nor `mf query`: {query.code}")
        outcome = subprocess.run(
            [str(Path(sys.executable).parent / "mf"), *command[1:], "--quiet"],
            cwd=self._project,
            env=os.environ | {"PLAYBACK_DATABASE": str(self._database.resolve())},
            capture_output=True,
            text=True,
            check=True,
        )
        return "\n".join(line.rstrip() for line in outcome.stdout.strip().splitlines()) + "\n"


def queries(text: str) -> Iterator[Query]:
    """The queries of a page that show their output."""
    for block in _BLOCKS.finditer(text):
        yield Query(**block.groupdict())


def refreshed(text: str, run: Callable[[Query], str]) -> str:
    """The page with the output that its queries have now."""

    def with_output(block: re.Match[str]) -> str:
        query = Query(**block.groupdict())
        return f"```{query.language}\n{query.code}```\n\n```text\n{run(query)}```"

    return _BLOCKS.sub(with_output, text)


def main(pages: list[str]) -> None:
    """Refresh the pages from the database that dbt reads."""
    run = Runner(ROOT / os.environ.get("PLAYBACK_DATABASE", "playback.duckdb"))
    for page in map(Path, pages):
        page.write_text(refreshed(page.read_text(), run))


if __name__ == "__main__":
    main(sys.argv[1:])
