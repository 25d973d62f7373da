"""Catalogue and listeners, ready for the kernel, and how they are played and read back."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from playback import memory
from playback.player import classic, kernel
from playback.player.catalogue import load_catalogue, track_positions
from playback.player.lifelike import laws as lifelike
from playback.player.pools import Pools, classic_pools, lifelike_pools
from playback.player.population import ALL_USERS, load_population
from playback.player.records import STATE, Likes, Plays, Scratch, Simulation
from playback.presets import ClassicPlayer, LifelikePlayer
from playback.randomness import world_key
from playback.settings import PlaySettings
from playback.warehouse import Warehouse

PlayerKnobs = ClassicPlayer | LifelikePlayer

PLAYS_AT_ONCE = 1 << 16
"""Plays that a thread fills the columns of before it hands them on: less than two megabytes."""

EPOCH = np.datetime64(0, "D").astype(object).toordinal()


class Inputs(NamedTuple):
    """What all plays are a function of, whoever the listener is.

    Attributes:
        knobs: those of the preset's player.
        pools: what there is to play.
        genre_ids: the genres that the pools are of, ascending.
        key: what all plays of this world are drawn from.
        first_day: that of the calendar, from 1970-01-01.
    """

    knobs: PlayerKnobs
    pools: Pools
    genre_ids: list[str]
    key: np.uint64
    first_day: int

    @property
    def fingerprint(self) -> str:
        """Hash of the catalogue as the player sees it."""
        digest = hashlib.blake2b(digest_size=8)
        for array in (self.pools.tracks, self.pools.pools, self.pools.members):
            digest.update(np.ascontiguousarray(array).data.cast("B"))
        return digest.hexdigest()


class Laws(NamedTuple):
    """The knobs as the kernel reads them: those of one mechanism, and None for the other."""

    classic: NDArray[np.void] | None
    lifelike: NDArray[np.void] | None


class Group(NamedTuple):
    """Listeners whose keys are consecutive, with what they have played so far.

    Attributes:
        simulation: they, and what they play.
        laws: what they play by.
        first_user: the key of the first.
    """

    simulation: Simulation
    laws: Laws
    first_user: int

    def __len__(self) -> int:
        """How many listeners there are."""
        return len(self.simulation.listeners)


class Chunk(NamedTuple):
    """Some plays with their checksum, and the likes that came of them."""

    rows: pa.RecordBatch
    likes: pa.RecordBatch
    checksum: int


def load_inputs(warehouse: Warehouse, settings: PlaySettings) -> Inputs:
    """Read the catalogue.

    Raises:
        PlaybackError: there is none, or nothing in it is released by the first day.
    """
    knobs = settings.preset.player
    catalogue = load_catalogue(warehouse, settings.start)
    if isinstance(knobs, LifelikePlayer):
        pools = lifelike_pools(catalogue, knobs)
    else:
        pools = classic_pools(catalogue)
    first_day = settings.start.toordinal() - EPOCH
    key = world_key(settings.seed, "plays")
    return Inputs(knobs, pools, catalogue.genre_ids, key, first_day)


def load_group(warehouse: Warehouse, inputs: Inputs, users: range = ALL_USERS) -> Group:
    """Read the listeners that have these keys, as they are before they play anything.

    Raises:
        PlaybackError: there is no listener, they lack the habits that the mechanism needs, or what
            they remember does not fit into memory.
    """
    knobs = inputs.knobs
    population = load_population(warehouse, knobs, inputs.genre_ids, users)
    listeners = len(population.listeners)
    remembered = _power_of_two(knobs.history_plays)
    memory.require(
        listeners * (4 * remembered + STATE.itemsize),
        f"what {listeners:,} listeners remember of their last {remembered:,} plays each",
        "play fewer listeners, or use a preset with fewer history_plays",
    )
    simulation = Simulation(
        *inputs.pools,
        tastes=population.tastes,
        periods=population.periods,
        key=inputs.key,
        first_day=inputs.first_day,
        listeners=population.listeners,
        states=np.zeros(listeners, dtype=STATE),
        memories=np.zeros((listeners, remembered), dtype=np.int32),
    )
    return Group(simulation, laws_of(knobs), int(population.listeners["user_key"][0]))


def laws_of(knobs: PlayerKnobs) -> Laws:
    """The knobs of a mechanism as the kernel reads them."""
    if isinstance(knobs, LifelikePlayer):
        return Laws(classic=None, lifelike=lifelike.laws_of(knobs))
    return Laws(classic=classic.laws_of(knobs), lifelike=None)


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def recall(
    group: Group, plays: duckdb.DuckDBPyRelation, likes: duckdb.DuckDBPyRelation, users: range
) -> bool:
    """Go through stored plays, each listener's by time; False if they are out of that order.

    Afterwards these listeners are as they were when they had just played them.
    """
    positions = track_positions(group.simulation.tracks["track_key"])
    of_users = f"user_key between {users[0]} and {users[-1]}"
    liked = likes.filter(of_users).select("user_key, track_key").fetchnumpy()
    kernel.recall_likes(
        group.simulation, positions, liked["user_key"] - group.first_user, liked["track_key"]
    )
    chunks = (
        plays.filter(of_users)
        .select("user_key, track_key, epoch_ms(ended_at) as ended_ms, listening_ms, context_code")
        .to_arrow_reader(1 << 17)
    )
    for chunk in chunks:
        user_keys, *heard = map(pa.Array.to_numpy, chunk.columns)
        if not kernel.recall(group.simulation, positions, user_keys - group.first_user, *heard):
            return False
    return True


def play_days(group: Group, users: range, first_day: date, last_day: date) -> Iterator[Chunk]:
    """Play these days of these listeners, one listener after another, and each by time.

    Args:
        group: they are in it, and have played all days before.
        users: their keys.
        first_day: the first day to play.
        last_day: the last, included.
    """
    first, end = users[0] - group.first_user, users[-1] + 1 - group.first_user
    days = (first_day.toordinal() - EPOCH, last_day.toordinal() - EPOCH + 1)
    simulation, scratch = group.simulation.part(first, end), Scratch.empty()
    user, day = 0, days[0]
    while user < len(users):
        plays, likes = Plays.room_for(PLAYS_AT_ONCE), Likes.room_for(PLAYS_AT_ONCE)
        count, user, day = kernel.play_days(
            simulation, *group.laws, days, user, day, plays, likes, scratch
        )
        columns = {name: column[:count] for name, column in plays._asdict().items()}
        columns["ended_at"] = pa.array(columns["ended_at"]).view(pa.timestamp("us"))
        liked = likes._asdict()
        (liked_count,) = liked.pop("count")
        liked = {name: column[:liked_count] for name, column in liked.items()}
        liked["liked_at"] = pa.array(liked["liked_at"]).view(pa.timestamp("us"))
        yield Chunk(pa.record_batch(columns), pa.record_batch(liked), kernel.checksum(plays, count))
