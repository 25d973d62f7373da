"""What each stage costs on one machine and on Spark: `python -m benchmarks.scale`.

The same world is made for two lengths of the feed. The difference tells what a million plays more
cost; what is left of the shorter one's time, what the stage costs whatever it works on.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal

from rich.console import Console
from rich.table import Table

from playback import console, pipeline
from playback.places import DatabaseFile, LakeFolder, Place
from playback.settings import RunSettings, load_preset

SHORT, LONG = date(2024, 1, 31), date(2024, 6, 30)
USERS = 1_000

Engine = Literal["duckdb", "spark"]


@dataclass(frozen=True)
class PlacedWorld:
    """A world in the making."""

    place: Place
    settings: RunSettings
    exports: Path


STAGES: dict[str, Callable[[PlacedWorld, console.Console], object]] = {
    "land": lambda world, told: pipeline.land(world.place, world.settings, told),
    "dbt catalogue": lambda world, told: _build(world, told, "catalogue"),
    "listeners": lambda world, told: pipeline.make_listeners(
        world.place, USERS, world.settings.preset, told
    ),
    "play": lambda world, told: pipeline.play(
        world.place, world.settings.preset, world.settings.until, told
    ),
    "dbt listening": lambda world, told: _build(world, told, "listening"),
    "graph": lambda world, told: pipeline.make_graph(world.place, world.exports, told),
}


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
        table.add_row(stage, *(f"{seconds:.1f} s" for seconds in costs))
    sizes = [cell for _, size in measured for cell in ("", f"{size:.0f} MB")]
    table.add_row("all that is stored", *sizes)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def _build(world: PlacedWorld, told: console.Console, selector: str) -> None:
    pipeline.build(world.place, told, selector, with_tests=False)


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
    place = LakeFolder(folder / "lake") if engine == "spark" else DatabaseFile(folder / "db.duckdb")
    settings = RunSettings(
        preset=load_preset("lifelike"),
        seed=1,
        start=date(2024, 1, 1),
        until=until,
        users=USERS,
        songs=5_000,
        artists=500,
    )
    world = PlacedWorld(place, settings, folder / "exports")
    seconds = [_seconds(stage, world) for stage in STAGES.values()]
    with place.read() as warehouse:
        plays = warehouse.count("raw.user_events")
    stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return plays, seconds, stored


def _seconds(stage: Callable[[PlacedWorld, console.Console], object], world: PlacedWorld) -> float:
    began = perf_counter()
    stage(world, console.Console())
    return perf_counter() - began


if __name__ == "__main__":
    main()
