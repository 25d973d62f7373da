"""The worlds that are measured: catalogue and listeners, before anything is played."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from playback import pipeline
from playback.console import Console
from playback.settings import Settings, make_settings

START = date(2024, 1, 1)


class Worlds(NamedTuple):
    """The default catalogue, the same with many listeners, and a catalogue as large as Kaggle's."""

    small: Settings
    crowded: Settings
    large: Settings

    @classmethod
    def of(cls, folder: Path) -> "Worlds":
        """The worlds that lie in a folder, or will."""
        return cls(
            small=_settings(folder / "small", users=1_000, songs=5_000, artists=500),
            crowded=_settings(folder / "crowded", users=10_000, songs=5_000, artists=500),
            large=_settings(folder / "large", users=1_000, songs=500_000, artists=50_000),
        )


def make_worlds(folder: Path) -> None:
    """Make every world through the pipeline."""
    console = Console()
    for settings in Worlds.of(folder):
        settings.database.parent.mkdir()
        pipeline.land(settings, console)
        pipeline.build(settings, console, selector="catalogue", with_tests=False)
        pipeline.make_listeners(settings, console)


def _settings(folder: Path, **sizes: int) -> Settings:
    return make_settings(
        "lifelike",
        database=folder / "world.duckdb",
        exports=folder / "exports",
        seed=1,
        start=START,
        until=START,
        threads=2,
        **sizes,
    )
