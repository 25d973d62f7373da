"""The cast: catalogue and listeners, ready for the kernel, and how they play their days."""

import hashlib
from collections.abc import Iterator
from datetime import date
from types import ModuleType
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from playback import memory
from playback.player import classic, kernel, lifelike
from playback.player.kernel import Plays, Scratch, Simulation
from playback.player.pools import Pools, classic_pools, lifelike_pools
from playback.player.repertoire import load_repertoire, track_positions
from playback.player.roster import ALL_USERS, Roster, load_roster
from playback.presets import ClassicPlayer, LifelikePlayer
from playback.randomness import world_key
from playback.settings import PlaySettings
from playback.warehouse import Warehouse

PLAYS_AT_ONCE = 1 << 16
"""Plays that a thread fills the columns of before it hands them on: less than two megabytes."""

EPOCH = np.datetime64(0, "D").astype(object).toordinal()


class Scenery(NamedTuple):
    """All that every listener is played in.

    Attributes:
        knobs: those of the preset's player.
        pools: what there is to play.
        genre_ids: the genres that the pools are of, ascending.
        key: what all plays of this world are drawn from.
        feed_day: the first day of the whole feed, from 1970-01-01.
    """

    knobs: ClassicPlayer | LifelikePlayer
    pools: Pools
    genre_ids: list[str]
    key: np.uint64
    feed_day: int

    @property
    def fingerprint(self) -> str:
        """Hash of the catalogue as the player sees it."""
        digest = hashlib.blake2b(digest_size=8)
        for array in (self.pools.tracks, self.pools.pools, self.pools.members):
            digest.update(np.ascontiguousarray(array).data.cast("B"))
        return digest.hexdigest()


class Cast(NamedTuple):
    """The simulation, what it is stepped by, and the listeners in it, whose keys are consecutive.

    Attributes:
        mechanism: the module of the kernel.
        simulation: the listeners and their world.
        roster: the listeners.
        first_user: the key of the first.
    """

    mechanism: ModuleType
    simulation: Simulation
    roster: Roster
    first_user: int


class Piece(NamedTuple):
    """Some plays, and their checksum."""

    rows: pa.RecordBatch
    checksum: int


def load_scenery(warehouse: Warehouse, settings: PlaySettings) -> Scenery:
    """Read the catalogue.

    Raises:
        PlaybackError: there is none, or nothing in it is released by the first day.
    """
    knobs = settings.preset.player
    repertoire = load_repertoire(warehouse, settings.start)
    if isinstance(knobs, LifelikePlayer):
        pools = lifelike_pools(repertoire, knobs)
    else:
        pools = classic_pools(repertoire)
    feed_day = settings.start.toordinal() - EPOCH
    key = world_key(settings.seed, "plays")
    return Scenery(knobs, pools, repertoire.genre_ids, key, feed_day)


def load_cast(warehouse: Warehouse, scenery: Scenery, users: range = ALL_USERS) -> Cast:
    """Read the listeners that have these keys, and have not played anything yet.

    Raises:
        PlaybackError: there is no listener, they lack the habits that the mechanism needs, or what
            they remember does not fit into memory.
    """
    knobs = scenery.knobs
    mechanism = lifelike if isinstance(knobs, LifelikePlayer) else classic
    roster = load_roster(warehouse, knobs, scenery.genre_ids, users)
    listeners = len(roster.listeners)
    remembered = _power_of_two(knobs.history_plays)
    memory.require(
        listeners * (4 * remembered + kernel.STATE.itemsize),
        f"what {listeners:,} listeners remember of their last {remembered:,} plays each",
        "play fewer listeners, or use a preset with fewer history_plays",
    )
    simulation = Simulation(
        *scenery.pools,
        tastes=roster.tastes,
        periods=roster.periods,
        laws=mechanism.laws_of(knobs),
        key=scenery.key,
        feed_day=scenery.feed_day,
        listeners=roster.listeners,
        states=np.zeros(listeners, dtype=kernel.STATE),
        memories=np.zeros((listeners, remembered), dtype=np.int32),
    )
    return Cast(mechanism, simulation, roster, int(roster.listeners["user_key"][0]))


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def recall(cast: Cast, stored: duckdb.DuckDBPyRelation, users: range) -> bool:
    """Go through stored plays, each listener's by time; False if they are out of that order.

    Afterwards these listeners are as they were when they had just played them.
    """
    positions = track_positions(cast.simulation.tracks["track_key"])
    chunks = (
        stored.filter(f"user_key between {users[0]} and {users[-1]}")
        .select("user_key, track_key, epoch_ms(ended_at) as ended_ms, listening_ms")
        .to_arrow_reader(1 << 17)
    )
    for chunk in chunks:
        user_keys, *heard = map(pa.Array.to_numpy, chunk.columns)
        if not kernel.recall(cast.simulation, positions, user_keys - cast.first_user, *heard):
            return False
    return True


def play_days(cast: Cast, users: range, first_day: date, last_day: date) -> Iterator[Piece]:
    """Play these days of these listeners, one listener after another, and each by time.

    Args:
        cast: they are in it, and have played all days before.
        users: their keys.
        first_day: the first day to play.
        last_day: the last, included.
    """
    first, end = users[0] - cast.first_user, users[-1] + 1 - cast.first_user
    days = (first_day.toordinal() - EPOCH, last_day.toordinal() - EPOCH + 1)
    simulation, scratch = cast.simulation.part(first, end), Scratch.empty()
    user, day = 0, days[0]
    while user < len(users):
        plays = Plays.room_for(PLAYS_AT_ONCE)
        count, user, day = cast.mechanism.play_days(simulation, days, user, day, plays, scratch)
        columns = {name: column[:count] for name, column in plays._asdict().items()}
        columns["ended_at"] = columns["ended_at"].view("datetime64[us]")
        yield Piece(pa.record_batch(columns), kernel.checksum(plays, count))
