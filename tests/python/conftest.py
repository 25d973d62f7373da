"""What the tests share, made once a session, whatever the number of processes they run in."""

import fcntl
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest

from browser import CHROMIUM, Browser, browser
from kaggle_rows import SAMPLE, write_rows
from playback import cli, parsed_project, pipeline, transform
from playback.console import Console
from playback.environment import environment
from playback.places import DatabaseFile, LakeFolder, Place
from playback.settings import PROJECT_ROOT, RunSettings, load_preset
from playback.warehouse import Warehouse
from playback.wrapped import read_year
from playback.wrapped.year import Year
from years import YEAR, Listener

BIN = Path(sys.executable).parent
CATALOGUE_FILES = Path(__file__).parent / "catalogue"
"""A small made-up catalogue in Kaggle's shape, with every kind of dirt of the real files."""

REAL_CATALOGUE_FILES = PROJECT_ROOT.parent / "shared" / "reference" / "catalogue"
"""Real files, where a machine has them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what needs a whole world; begin with what takes longest or is waited for.

    That is Spark, and one file of those that need the parsed project: a second process that needs
    it at the same time would wait for the first.
    """
    for item in items:
        if "world" in item.fixturenames:
            item.add_marker("slow")
    parsing = next((item.path for item in items if "parsed" in item.fixturenames), None)
    items.sort(key=lambda item: (not item.get_closest_marker("spark"), item.path != parsing))


def pytest_collection_finish() -> None:
    """What is imported by now stays: the garbage collector need not look through it."""
    gc.freeze()


class Settings(RunSettings):
    """What a small world is asked to be, and where it lies: in the lake where there is one."""

    database: Path
    exports: Path
    lake: Path | None = None
    master: str = "local[*]"
    spark_memory: str = "2g"

    @property
    def place(self) -> Place:
        """Where the world lies."""
        if self.lake:
            return LakeFolder(self.lake, self.threads, self.master, self.spark_memory)
        return DatabaseFile(self.database, self.threads)


def make_world(settings: Settings, console: Console) -> None:
    """Make a small world, or make it what it is asked to be now."""
    pipeline.run(settings.place, settings, settings.exports, console)


def small_settings(folder: Path, preset: str = "lifelike", **changes: Any) -> Settings:
    """A world of 60 listeners, 400 songs and 60 artists over 45 days and a month's end."""
    options: dict[str, Any] = {
        "database": folder / "world.duckdb",
        "exports": folder / "exports",
        "seed": 7,
        "users": 60,
        "songs": 400,
        "artists": 60,
        "start": date(2024, 1, 1),
        "until": date(2024, 2, 14),
        "threads": 2,
    }
    return Settings(preset=load_preset(preset), **(options | changes))


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder for all processes of the session."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first process to ask for it makes, and the others wait for."""
    folder = shared_folder(factory) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.with_suffix(".made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            folder.with_suffix(".made").touch()
    return folder


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One place for what is kept between runs: the tests neither read nor fill the user's own."""
    os.environ["XDG_CACHE_HOME"] = str(shared_folder(tmp_path_factory) / "caches")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a finished `lifelike` run. Read it; never change it.

    Each process has a copy of its own, for a database that is open in one cannot be written in
    another.
    """

    def make(folder: Path) -> None:
        make_world(small_settings(folder), Console())

    folder = tmp_path_factory.mktemp("world")
    shutil.copytree(made_once(tmp_path_factory, "finished", make), folder, dirs_exist_ok=True)
    return small_settings(folder)


@pytest.fixture(scope="session")
def shipped(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the small world with all files exported. Read it; never change it."""

    def make(folder: Path) -> None:
        shutil.copyfile(world.database, folder / "world.duckdb")
        settings = small_settings(folder)
        kinds = ("parquet", "csv", "avro")
        pipeline.export(settings.place, settings.exports, Console(), kinds)

    folder = tmp_path_factory.mktemp("shipped")
    shutil.copytree(made_once(tmp_path_factory, "exported", make), folder, dirs_exist_ok=True)
    return small_settings(folder)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse without data, for the tests of one file."""
    with Warehouse(tmp_path_factory.mktemp("empty") / "test.duckdb", threads=2) as opened:
        yield opened


@pytest.fixture
def kaggle_folder(tmp_path: Path) -> Path:
    """A folder with one sound row in each Kaggle file."""
    for name, row in SAMPLE.items():
        write_rows(tmp_path / name, [row])
    return tmp_path


@pytest.fixture(scope="session")
def listener(world: Settings) -> Listener:
    """The eligible one who listened longest. The connection is closed again: see `Warehouse`."""
    with duckdb.connect(str(world.database), read_only=True) as connection:
        (row,) = connection.execute(
            "select user_key, user_id, username "
            "from wrapped_listeners inner join dim_users using (user_key) "
            "where is_eligible and wrapped_year = ? order by listening_ms desc limit 1",
            [YEAR],
        ).fetchall()
    return Listener(*row)


@pytest.fixture(scope="session")
def year(world: Settings, listener: Listener) -> Year:
    """Their year."""
    with Warehouse(world.database) as warehouse:
        return read_year(warehouse, listener.user_id)


@pytest.fixture
def database(world: Settings):
    """A read-only connection to the small world."""
    with duckdb.connect(str(world.database), read_only=True) as connection:
        yield connection


@dataclass(frozen=True)
class Parsed:
    """What `dbt parse` says of the project, warnings being errors."""

    succeeded: bool
    log: str
    target: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Every resource of the project."""
        return json.loads((self.target / "manifest.json").read_text())


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    """The dbt project, parsed from scratch and without a database, for one of the world's name."""

    def make(folder: Path) -> None:
        with environment(PLAYBACK_DATABASE=str(folder / "world.duckdb")):
            outcome = invoke_dbt(
                *("--warn-error", "parse", "--no-partial-parse", "--show-all-deprecations"),
                *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
                cwd=PROJECT_ROOT,
            )
        (folder / "told.json").write_text(json.dumps([outcome.returncode == 0, outcome.stdout]))

    folder = made_once(tmp_path_factory, "parsed", make)
    succeeded, log = json.loads((folder / "told.json").read_text())
    return Parsed(succeeded, log, folder / "target")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A tab to show pages in."""
    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on PATH to show pages in")
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="session")
def metrics_project(
    world: Settings, parsed: Parsed, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What `mf` needs to run in: settings, the parsed project, and a copy of the small world."""
    folder = tmp_path_factory.mktemp("metrics")
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copyfile(PROJECT_ROOT / file, folder / file)
    shutil.copyfile(world.database, folder / world.database.name)
    shutil.copytree(parsed.target, folder / "target")
    return folder


def run_tool(
    tool: str, *arguments: str, database: Path, cwd: Path = PROJECT_ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the virtual environment as a user would, on `database`.

    `playback` runs in this process, which has its libraries already, unless a variable asks for
    other libraries.
    """
    variables = {
        "PLAYBACK_DATABASE": str(database),
        "COLUMNS": "200",
        "NO_COLOR": "1",
    } | variables
    if tool == "playback" and "PYTHONPATH" not in variables:
        return _run_playback(arguments, cwd, variables)
    return subprocess.run(
        [str(BIN / tool), *arguments],
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def _run_playback(
    arguments: Sequence[str], cwd: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    told, complained = StringIO(), StringIO()
    on_interrupt = signal.getsignal(signal.SIGINT)
    with (
        redirect_stdout(told),
        redirect_stderr(complained),
        chdir(cwd),
        environment(**variables),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["playback", *arguments])
        patch.setattr(cli, "_console", Console())
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            signal.signal(signal.SIGINT, on_interrupt)
    return subprocess.CompletedProcess(arguments, code, told.getvalue(), complained.getvalue())


def run_dbt(*arguments: str, database: Path) -> subprocess.CompletedProcess[str]:
    """Run dbt as a user would by hand, in this process and with the project as it was parsed.

    dbt's own files are in the folder `dbt` beside the database.
    """
    artifacts, parsed_for = database.parent / "dbt", f"{database.name} by hand"
    options = (
        *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
        *("--no-use-colors", *parsed_project.options(artifacts, parsed_for)),
    )
    with environment(PLAYBACK_DATABASE=database.name):
        outcome = invoke_dbt(*arguments, *options, cwd=database.parent)
    parsed_project.keep(artifacts, parsed_for)
    return outcome


def invoke_dbt(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run dbt in this process, which has its libraries already."""
    from dbt.cli.main import dbtRunner

    told = StringIO()
    with redirect_stdout(told), chdir(cwd):
        outcome = dbtRunner().invoke(list(arguments))
        transform.close_database()
    return subprocess.CompletedProcess(arguments, 1 - outcome.success, told.getvalue(), "")
