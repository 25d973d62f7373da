"""A cluster of a master and two workers plays what one machine plays, even if it loses a worker."""

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

import fake_world
import lake_world
from playback.lake import Lake
from playback.player.tasks import play
from playback.progress import Silent
from playback.spark_session import session

DEPLOY = "org.apache.spark.deploy"
PATIENCE_SECONDS = 120

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet"),
]


@contextmanager
def daemon(log: Path, *arguments: str):
    """A process of Spark and all that it begins, killed in the end."""
    import pyspark

    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), *arguments]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """Kill a process and its children, as a machine that loses power would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def await_text(log: Path, text: str) -> None:
    until(lambda: text in log.read_text(errors="replace"), f"{text!r} in {log}")


def until(condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no {what} after {PATIENCE_SECONDS} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a master, and its two workers: one core and a gigabyte each."""
    lake_world.skip_without_spark()
    folder = tmp_path_factory.mktemp("cluster")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        master = ("--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        log = folder / "master.log"
        stack.enter_context(daemon(log, f"{DEPLOY}.master.Master", *master))
        await_text(log, "I have been elected leader")
        workers = []
        for number in range(2):
            worker = ("--cores", "1", "--memory", "1g", "--host", "127.0.0.1", "--webui-port", "0")
            work = ("--work-dir", str(folder / f"work{number}"), address)
            arguments = (f"{DEPLOY}.worker.Worker", *worker, *work)
            log = folder / f"worker{number}.log"
            workers.append(stack.enter_context(daemon(log, *arguments)))
            await_text(log, "Successfully registered with master")
        yield address, workers


def test_a_lost_worker_changes_nothing(cluster, tmp_path):
    address, (_, doomed) = cluster
    chosen = lake_world.settings(tmp_path / "lake").model_copy(update={"master": address})
    lake_world.land(chosen)
    tasks = chosen.lake / ".tasks"

    def lose_a_worker() -> int:
        until(lambda: any(tasks.rglob("*.parquet")), "files of tasks")
        kill(doomed)
        return len(list(tasks.rglob("*.parquet")))

    with Lake(chosen.lake) as lake, ThreadPoolExecutor(1) as thread:
        lost = thread.submit(lose_a_worker)
        begin = partial(session, chosen.master, chosen.spark_memory, chosen.lake)
        summary = play(lake, chosen, begin, Silent(), block=1)
    files = len(list((chosen.lake / "raw" / "user_events").rglob("2024*.parquet")))
    assert lost.result() < files / 2, "most was played before the worker was lost"
    assert doomed.returncode == -signal.SIGKILL
    database = tmp_path / "world.duckdb"
    fake_world.simulate(fake_world.settings(database))
    plays = fake_world.plays(database)
    assert summary.plays == len(plays)
    assert lake_world.plays(chosen.lake) == plays
