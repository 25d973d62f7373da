"""The measures of the player still fit the player; what they measure is for `make bench`."""

from pathlib import Path

import pytest

import fake_world
from benchmarks import measures
from benchmarks.worlds import Worlds
from conftest import Settings
from playback import listeners
from playback.progress import Silent
from playback.warehouse import Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unplayed(tmp_path_factory) -> Settings:
    """A world as the measures find theirs: a catalogue and listeners, and no play."""
    folder = tmp_path_factory.mktemp("unplayed")
    chosen = fake_world.settings(folder / "world.duckdb", users=5, until=fake_world.START)
    with Warehouse(chosen.database) as warehouse:
        fake_world.build_catalogue(warehouse, chosen.songs, chosen.artists)
        fake_world.land_world(warehouse, chosen)
        listeners.land(warehouse, chosen, Silent())
    return chosen


@pytest.mark.parametrize("measure", (measures.kernel, measures.threads, measures.landing))
def test_measure_of_the_player_compares_two_figures(
    unplayed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measure
):
    monkeypatch.setattr(measures, "ROUNDS", 1)
    rows = measure(Worlds(*[unplayed] * len(Worlds._fields)), tmp_path)
    assert rows
    assert all(row.ratio > 0 and row.figure and row.compared_with for row in rows)
