"""The session of Spark: where it runs, how much memory it has, and that it keeps quiet."""

import os
import shutil
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playback import memory
from playback.environment import environment
from playback.errors import PlaybackError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOG = "spark.log"
"""File in the lake."""

_PACKAGES = Path(__file__).resolve().parents[1]
"""The folder that the package is imported from: workers that share it need no copy."""


@contextmanager
def session(master: str, java_memory: str, lake: Path) -> Iterator["SparkSession"]:
    """Yield a session on a master, which ends with the block.

    Driver and executors have `java_memory` each. What Spark has to say goes into `spark.log` of the
    lake.

    Raises:
        PlaybackError: PySpark or Java is not installed, or there is no such master.
    """
    require_spark()
    with (
        environment(**_python()),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.config(map=_configuration(master, java_memory))
        with _interrupts_as_before(), errors_of_children_in(lake / LOG):
            try:
                started = builder.getOrCreate()
            except Exception as error:
                raise PlaybackError(
                    f"--master {master}: Spark does not start: {one_line(error)}"
                ) from error
        try:
            yield started
        finally:
            started.stop()


def require_spark() -> None:
    """Refuse at once where Spark cannot run.

    Raises:
        PlaybackError: PySpark or Java is not installed.
    """
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise PlaybackError(
            "--engine spark needs PySpark, which is not installed: pip install 'playback[spark]'"
        ) from error
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if not java or not Path(java).exists():
        raise PlaybackError(
            "--engine spark needs Java 17 or later, which is not there: install it, "
            "or say where it is with the environment variable JAVA_HOME"
        )


def require_memory(master: str, java_memory: str) -> None:
    """Refuse at once a session on this machine whose Java memory is more than there is.

    Raises:
        PlaybackError: it is.
    """
    size = memory.bytes_of(f"{java_memory}ib")
    if master.startswith("local") and size:
        memory.require(size, f"--spark-memory {java_memory}", "give less, or another --master")


def one_line(error: Exception) -> str:
    """What went wrong in a task or in Spark itself, without the traces of both."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    faults = [line for line in lines if line.split(":")[0].endswith(("Error", "Exception"))]
    return faults[-1] if faults else (lines or [type(error).__name__])[0]


def _configuration(master: str, java_memory: str) -> dict[str, str]:
    is_local = master.startswith("local")
    return {
        "spark.app.name": "playback",
        "spark.master": master,
        "spark.driver.memory": java_memory,
        "spark.executor.memory": java_memory,
        "spark.executorEnv.PYTHONPATH": os.environ["PYTHONPATH"],
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **({"spark.driver.host": "127.0.0.1"} if is_local else {}),
    }


def _python() -> dict[str, str]:
    """The interpreter and the folders that the workers use, unless told otherwise."""
    folders = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable),
        "PYTHONPATH": os.pathsep.join(folders),
    }


@contextmanager
def _interrupts_as_before() -> Iterator[None]:
    """Undo what PySpark does to Ctrl-C, so that the command line still hears of it."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def errors_of_children_in(file: Path) -> Iterator[None]:
    """Have Java, which has much to say, begin inside with its standard error in a file."""
    own = os.dup(2)
    with file.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
