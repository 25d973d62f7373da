"""The worlds that are measured: catalogue and listeners, before anything is played."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from playback import pipeline
from playback.console import Console
from playback.places import DatabaseFile
from playback.settings import RunSettings, load_preset

START = date(2024, 1, 1)


class BenchmarkWorld(RunSettings):
    """What a world is asked to be, and where it lies."""

    database: Path
    exports: Path

    @property
    def place(self) -> DatabaseFile:
        """Where it lies."""
        return DatabaseFile(self.database, self.threads)


class Worlds(NamedTuple):
    """A small catalogue, the same for more listeners, and a catalogue as large as Kaggle's."""

    small: BenchmarkWorld
    grown: BenchmarkWorld
    crowded: BenchmarkWorld
    large: BenchmarkWorld

    @classmethod
    def of(cls, folder: Path) -> "Worlds":
        """The worlds that lie in a folder, or will."""
        return cls(
            small=_world(folder / "small", users=1_000, songs=5_000, artists=500),
            grown=_world(folder / "grown", users=3_000, songs=5_000, artists=500),
            crowded=_world(folder / "crowded", users=10_000, songs=5_000, artists=500),
            large=_world(folder / "large", users=1_000, songs=500_000, artists=50_000),
        )


def make_worlds(folder: Path) -> None:
    """Make every world through the pipeline."""
    console = Console()
    for world in Worlds.of(folder):
        world.database.parent.mkdir()
        pipeline.land(world.place, world, console)
        pipeline.build(world.place, console, "catalogue", with_tests=False)
        pipeline.make_listeners(world.place, world.users, world.preset, console)


def _world(folder: Path, **sizes: int) -> BenchmarkWorld:
    return BenchmarkWorld(
        preset=load_preset("lifelike"),
        database=folder / "world.duckdb",
        exports=folder / "exports",
        seed=1,
        start=START,
        until=START,
        threads=2,
        **sizes,
    )
