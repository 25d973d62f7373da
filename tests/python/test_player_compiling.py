"""Machine code of the kernel: compiled once for all presets, and never that of other sources."""

import subprocess
import sys

import numpy as np
import pytest
from numba import config

import fake_world
from playback.player import ahead, classic, compiling, kernel
from playback.player.lifelike import laws as lifelike
from playback.settings import load_preset


@pytest.mark.slow
def test_numba_keeps_its_own_settings():
    asked = (
        "from numba import config; before = dict(vars(config)); import playback.player.kernel; "
        "assert vars(config) == before"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Compile a function of some sources into a folder; the machine code that is there then."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))

    def compile_for(sources: str) -> tuple[set[str], int]:
        monkeypatch.setattr(compiling, "sources_digest", lambda: sources)
        entry = compiling.compiled_entry(lambda number: number + 1)
        entry(1)
        return {file.name for file in tmp_path.rglob("*.nb*")}, sum(entry.stats.cache_hits.values())

    return compile_for


@pytest.mark.slow
def test_machine_code_of_other_sources_is_neither_used_nor_kept(cached):
    first, hits = cached("aaaa")
    assert (len(first), hits) == (2, 0)
    assert cached("aaaa") == (first, 1)
    second, hits = cached("bbbb")
    assert (len(second), hits) == (2, 0)
    assert not first & second


def test_presets_of_a_mechanism_share_their_machine_code():
    knobs = load_preset("lifelike").player
    replay = knobs.choice.replay.model_copy(update={"longest_lag": 12})
    choice = knobs.choice.model_copy(update={"replay": replay})
    other = knobs.model_copy(update={"choice": choice})
    assert lifelike.laws_of(knobs).dtype == lifelike.laws_of(other).dtype
    knobs = load_preset("classic").player
    other = knobs.model_copy(update={"long_sessions_weight": (1.0,)})
    assert classic.laws_of(knobs).dtype == classic.laws_of(other).dtype
    assert np.any(classic.laws_of(knobs) != classic.laws_of(other))


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["lifelike", "classic"])
def test_what_is_compiled_ahead_is_what_plays(preset, tmp_path):
    ahead.compile_kernel(load_preset(preset).player)
    compiled = set(kernel.play_days.signatures), set(kernel.checksum.signatures)
    fake_world.simulate(fake_world.settings(tmp_path / "world.duckdb", preset))
    assert (set(kernel.play_days.signatures), set(kernel.checksum.signatures)) == compiled
