"""Runs the dbt project: on DuckDB in this process, on Spark in one of its own."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from playback import spark
from playback.environment import environment
from playback.errors import StageFailed
from playback.progress import Progress
from playback.settings import PROJECT_ROOT

_PROJECT_FILES = ("models", "macros", "seeds", "tests/generic", "tests/singular")


def project_fingerprint() -> str:
    """Hash of every file that decides what dbt builds: a changed model is built again."""
    files = [PROJECT_ROOT / "dbt_project.yml", PROJECT_ROOT / "selectors.yml"]
    for folder in _PROJECT_FILES:
        files += sorted(path for path in (PROJECT_ROOT / folder).rglob("*") if path.is_file())
    digest = sha256()
    for file in files:
        digest.update(str(file.relative_to(PROJECT_ROOT)).encode())
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def build(
    database: Path,
    threads: int,
    progress: Progress,
    selector: str | None = None,
    *,
    select: Sequence[str] = (),
    variables: Mapping[str, object] | None = None,
    full_refresh: bool = False,
    with_tests: bool = True,
) -> None:
    """Build seeds and models of a selector (all of them without one), and run their data tests.

    `select` names models in place of a selector; `variables` take the place of the project's own.
    The database must not be open in this process. Unit tests are left to `dbt build` by hand:
    they try the SQL, not the data.

    Raises:
        StageFailed: a model could not be built or a data test found bad rows.
    """
    arguments = _arguments("duckdb", selector, select, variables, full_refresh, with_tests)
    with environment(PLAYBACK_DATABASE=str(database.resolve()), PLAYBACK_THREADS=str(threads)):
        try:
            _run(arguments, progress)
        finally:
            close_database()


def build_on_spark(
    lake: Path,
    master: str,
    memory: str,
    progress: Progress,
    selector: str | None = None,
    *,
    select: Sequence[str] = (),
    variables: Mapping[str, object] | None = None,
    full_refresh: bool = False,
    with_tests: bool = True,
) -> None:
    """Do the same in a lake, in a process of its own: a process can configure Java once only.

    Raises:
        StageFailed: a model could not be built or a data test found bad rows.
    """
    arguments = _arguments("spark", selector, select, variables, full_refresh, with_tests)
    spawning = get_context("spawn")
    told, tell = spawning.Pipe(duplex=False)
    variables = {
        "PLAYBACK_LAKE": str(lake.resolve()),
        "PLAYBACK_SPARK_MASTER": master,
        "PLAYBACK_SPARK_MEMORY": memory,
    }
    with environment(**variables):
        child = spawning.Process(target=_run_in_child, args=(arguments, lake / spark.LOG, tell))
        child.start()
    tell.close()
    try:
        with suppress(EOFError):
            while True:
                what, *values = told.recv()
                if what == "fail":
                    raise StageFailed(*values)
                getattr(progress, what)(*values)
    finally:
        child.join()
    if child.exitcode:
        raise StageFailed(f"dbt on Spark broke off (more in {lake / spark.LOG})")


class _Teller:
    """A `Progress` that is followed in another process."""

    def __init__(self, tell: Connection) -> None:
        self._tell = tell

    def begin(self, total: int, unit: str) -> None:
        self._tell.send(("begin", total, unit))

    def advance(self, done: int) -> None:
        self._tell.send(("advance", done))


def _run_in_child(arguments: list[str], log: Path, tell: Connection) -> None:
    with spark.errors_of_children_in(log):
        try:
            _run(arguments, _Teller(tell))
        except StageFailed as error:
            tell.send(("fail", str(error)))


def _arguments(
    target: str,
    selector: str | None,
    select: Sequence[str],
    variables: Mapping[str, object] | None,
    full_refresh: bool,
    with_tests: bool,
) -> list[str]:
    return [
        "build",
        *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
        *("--target", target),
        *("--exclude-resource-type", "unit_test"),
        *(() if with_tests else ("--exclude-resource-type", "test")),
        *("--log-level", "none", "--no-use-colors"),
        *(("--selector", selector) if selector else ()),
        *(("--select", *select) if select else ()),
        *(("--vars", json.dumps(variables)) if variables else ()),
        *(("--full-refresh",) if full_refresh else ()),
    ]


def _run(arguments: list[str], progress: Progress) -> None:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(callbacks=[_Follower(progress)]).invoke(arguments)
    if outcome.success:
        return
    if outcome.exception:
        raise StageFailed(f"dbt could not start: {_one_line(str(outcome.exception))}")
    failed = [node for node in outcome.result.results if node.status in ("error", "fail")]
    faults = "\n".join(f"  {node.node.name}: {_one_line(node.message or '')}" for node in failed)
    raise StageFailed(f"dbt: {len(failed)} of {len(outcome.result.results)} failed\n{faults}")


def close_database() -> None:
    """Close what dbt leaves open: DuckDB allows one configuration a file and process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with suppress(Exception):  # dbt has no environment when it could not start
        DuckDBConnectionManager.env().close()
    DuckDBConnectionManager.close_all_connections()


class _Follower:
    """Turns dbt's events into progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun = False

    def __call__(self, event: Any) -> None:  # noqa: ANN401 - dbt's events share no public type
        if event.info.name == "LogStartLine" and not self._begun:
            self._begun = True
            self._progress.begin(event.data.total, "nodes")
        elif event.info.name == "NodeFinished":
            self._progress.advance(1)


def _one_line(text: str) -> str:
    return " ".join(text.split())
