"""Runs the dbt project: on DuckDB in this process, on Spark in one of its own."""

import json
from collections.abc import Mapping
from contextlib import chdir, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from playback import parsed_project, spark_session
from playback.environment import environment, without_environment
from playback.errors import StageFailed
from playback.progress import Progress
from playback.settings import PROJECT_ROOT

_OPTIONS_OF_DBT = "DBT_"
"""What the variables begin with that set options of dbt, `DBT_ENGINE_` included. They are set for
projects of the user's own: here they would empty, defer or misplace what is built."""

_PROJECT_FILES = ("models", "macros", "seeds", "tests/generic", "tests/singular")


@dataclass(frozen=True)
class Build:
    """What to build.

    Attributes:
        selector: of the dbt project: seeds and models.
        variables: they take the place of the project's own.
        full_refresh: whether incremental models are built anew.
        with_tests: whether data tests run.
    """

    selector: str
    variables: Mapping[str, object] = field(default_factory=dict)
    full_refresh: bool = False
    with_tests: bool = True


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


def build(database: Path, threads: int, what: Build, progress: Progress) -> list[str]:
    """Build seeds and models, run their data tests, and name what was built.

    The database must not be open in this process. Unit tests are left to `dbt build` by hand:
    they try the SQL, not the data. dbt keeps its own files in `<database>.dbt`, so that worlds do
    not mix them up and nothing is written into the project.

    Raises:
        StageFailed: a model could not be built or a data test found bad rows.
    """
    database = database.resolve()
    artifacts = database.with_name(f"{database.name}.dbt")
    arguments = _arguments("duckdb", what)
    with (
        without_environment(_OPTIONS_OF_DBT),
        environment(PLAYBACK_DATABASE=database.name, PLAYBACK_THREADS=str(threads)),
        chdir(database.parent),  # to dbt, a project whose path of the database differs is another
    ):
        try:
            return _run(arguments, artifacts, f"{database.name} {what.variables}", progress)
        finally:
            close_database()


def build_on_spark(
    lake: Path, master: str, memory: str, what: Build, progress: Progress
) -> list[str]:
    """Do the same in a lake, in a process of its own: a process can configure Java once only.

    dbt's own files are in `.dbt` of the lake.

    Raises:
        StageFailed: a model could not be built or a data test found bad rows.
    """
    lake = lake.resolve()
    arguments = _arguments("spark", what)
    spawning = get_context("spawn")
    told, tell = spawning.Pipe(duplex=False)
    key = f"spark {what.variables}"
    place = {
        "PLAYBACK_LAKE": str(lake),
        "PLAYBACK_SPARK_MASTER": master,
        "PLAYBACK_SPARK_MEMORY": memory,
    }
    built: list[str] = []
    with without_environment(_OPTIONS_OF_DBT), environment(**place):
        child = spawning.Process(target=_run_in_child, args=(arguments, lake, key, tell))
        child.start()
    tell.close()
    try:
        with suppress(EOFError):
            while True:
                kind, *values = told.recv()
                if kind == "fail":
                    raise StageFailed(*values)
                if kind == "built":
                    (built,) = values
                else:
                    getattr(progress, kind)(*values)
    finally:
        child.join()
    if child.exitcode:
        raise StageFailed(f"dbt on Spark broke off (more in {lake / spark_session.LOG})")
    return built


class _Teller:
    """A `Progress` that is followed in another process."""

    def __init__(self, tell: Connection) -> None:
        self._tell = tell

    def begin(self, total: int, unit: str) -> None:
        self._tell.send(("begin", total, unit))

    def advance(self, done: int) -> None:
        self._tell.send(("advance", done))


def _run_in_child(arguments: list[str], lake: Path, key: str, tell: Connection) -> None:
    with spark_session.errors_of_children_in(lake / spark_session.LOG):
        try:
            tell.send(("built", _run(arguments, lake / ".dbt", key, _Teller(tell))))
        except StageFailed as error:
            tell.send(("fail", str(error)))


def _arguments(target: str, what: Build) -> list[str]:
    return [
        "build",
        *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
        *("--target", target, "--selector", what.selector),
        *("--exclude-resource-type", "unit_test"),
        *(() if what.with_tests else ("--exclude-resource-type", "test")),
        *("--log-level", "none", "--no-use-colors", "--no-write-json"),
        *(("--vars", json.dumps(what.variables)) if what.variables else ()),
        *(("--full-refresh",) if what.full_refresh else ()),
    ]


def _run(arguments: list[str], artifacts: Path, key: str, progress: Progress) -> list[str]:
    """Run dbt, with its own files in `artifacts`; return the qualified names of what it has built.

    `key` says what the project is parsed for, see `parsed_project`.
    """
    from dbt.cli.main import dbtRunner

    files = parsed_project.options(artifacts, key)
    outcome = dbtRunner(callbacks=[_Follower(progress)]).invoke([*arguments, *files])
    parsed_project.keep(artifacts, key)
    if outcome.success:
        nodes = [result.node for result in outcome.result.results]
        return [f"{it.schema}.{it.alias}" for it in nodes if it.resource_type in ("model", "seed")]
    if outcome.exception:
        raise StageFailed(f"dbt could not start: {_one_line(str(outcome.exception))}")
    failed = [node for node in outcome.result.results if node.status in ("error", "fail")]
    faults = "\n".join(f"  {node.node.name}: {_one_line(node.message or '')}" for node in failed)
    raise StageFailed(f"dbt: {len(failed)} of {len(outcome.result.results)} failed\n{faults}")


def close_database() -> None:
    """Close what dbt leaves open: DuckDB allows one configuration per file and process."""
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
