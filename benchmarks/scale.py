"""What each stage costs on one machine and on Spark: `python -m benchmarks.scale`.

The same world is made for two lengths of the feed. The difference tells what a million plays more
cost; what is left of the shorter one's time, what the stage costs whatever it works on. Every stage
runs in a process of its own, as one who types the commands has it.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal

from rich.console import Console
from rich.table import Table

from playback import console, pipeline
from playback.settings import Settings, make_settings

SHORT, LONG = date(2024, 1, 31), date(2024, 6, 30)
USERS = 1_000

Engine = Literal["duckdb", "spark"]


def land(settings: Settings) -> None:
    """Land the catalogue."""
    pipeline.land(settings, console.Console())


def build_catalogue(settings: Settings) -> None:
    """Build what the player needs."""
    pipeline.build(settings, console.Console(), "catalogue", with_tests=False)


def make_listeners(settings: Settings) -> None:
    """Land the listeners."""
    pipeline.make_listeners(settings, console.Console())


def play(settings: Settings) -> None:
    """Simulate the plays and land them."""
    pipeline.play(settings, console.Console())


def build_listening(settings: Settings) -> None:
    """Build everything that reads plays."""
    pipeline.build(settings, console.Console(), "listening", with_tests=False)


def make_graph(settings: Settings) -> None:
    """Write graph.pt."""
    pipeline.make_graph(settings, console.Console())


STAGES = (land, build_catalogue, make_listeners, play, build_listening, make_graph)


def main() -> None:
    """Measure both engines and print one table."""
    table = Table(title=f"Stages, {USERS:,} listeners", title_justify="left", title_style="bold")
    table.add_column("stage")
    for engine in ("one machine", "Spark"):
        for column in ("fixed", "a million plays"):
            table.add_column(f"{engine}: {column}", justify="right")
    with TemporaryDirectory(prefix="playback-scale-") as folder:
        measured = [_measured(engine, Path(folder)) for engine in ("duckdb", "spark")]
    for number, stage in enumerate(STAGES):
        costs = [figure for of_engine, _ in measured for figure in of_engine[number]]
        table.add_row(stage.__name__, *(f"{seconds:.1f} s" for seconds in costs))
    sizes = [cell for _, size in measured for cell in ("", f"{size:.0f} MB")]
    table.add_row("all that is stored", *sizes)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def _measured(engine: Engine, folder: Path) -> tuple[list[tuple[float, float]], float]:
    """The fixed seconds of each stage and those of a million plays; megabytes of a million."""
    (few, short, small), (many, long, large) = (
        _run(engine, folder / f"{engine}-{until}", until) for until in (SHORT, LONG)
    )
    millions = (many - few) / 1e6
    costs = []
    for one, other in zip(short, long, strict=True):
        slope = max(other - one, 0.0) / millions
        costs.append((max(one - slope * few / 1e6, 0.0), slope))
    return costs, (large - small) / millions / 1e6


def _run(engine: Engine, folder: Path, until: date) -> tuple[int, list[float], int]:
    """Make a world; its plays, the seconds of each stage, and the bytes of all it is kept in."""
    folder.mkdir()
    settings = make_settings(
        "lifelike",
        engine=engine,
        database=folder / "world.duckdb",
        lake=folder / "lake",
        exports=folder / "exports",
        seed=1,
        start=date(2024, 1, 1),
        until=until,
        users=USERS,
        songs=5_000,
        artists=500,
    )
    seconds = [_seconds(stage, settings) for stage in STAGES]
    with pipeline.open_world(settings, must_exist=True) as world:
        plays = world.count("raw.user_events")
    stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return plays, seconds, stored


def _seconds(stage: Callable[[Settings], None], settings: Settings) -> float:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        began = perf_counter()
        process.submit(stage, settings).result()
        return perf_counter() - began


if __name__ == "__main__":
    main()
