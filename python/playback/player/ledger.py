"""The ledger of plays: who was played until when, from what, and what is to be played next.

raw.simulation_batches has one row per committed batch. It is written in the transaction of its
batch, so that it and raw.user_events never disagree, wherever a run was killed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from playback.errors import PlaybackError
from playback.warehouse import Warehouse

VERSION = "10"
"""Version of the mechanisms: it changes with any change to what the same inputs give."""


class MadeFrom(NamedTuple):
    """What the plays are a function of, beside the listeners."""

    seed: int
    preset_hash: str
    catalogue_fingerprint: str
    start: date
    version: str = VERSION


class Batch(NamedTuple):
    """Listeners `first_user` to `last_user`, days `first_day` to `last_day`, all inclusive."""

    first_user: int
    last_user: int
    first_day: date
    last_day: date

    @property
    def listener_days(self) -> int:
        """How many days of how many listeners."""
        return (self.last_user - self.first_user + 1) * ((self.last_day - self.first_day).days + 1)


def check(warehouse: Warehouse, made_from: MadeFrom) -> None:
    """Refuse to extend plays that were made from something else.

    Raises:
        PlaybackError: what differs, what stands, and what to do.
    """
    require_plays(warehouse)
    standing = warehouse.connection.execute(
        "select seed, preset_hash, catalogue_fingerprint, version, min(window_start) "
        "from raw.simulation_batches group by all"
    ).fetchall()
    where = f"the plays in {warehouse.database}"
    elsewhere = f"name another {warehouse.option}"
    for seed, preset_hash, catalogue_fingerprint, version, start in standing:
        if seed != made_from.seed:
            raise PlaybackError(
                f"{where} were made with --seed {seed}, not {made_from.seed}: "
                f"use --seed {seed}, or {elsewhere}"
            )
        if preset_hash != made_from.preset_hash:
            raise PlaybackError(
                f"{where} were made with a preset of hash {preset_hash}, "
                f"not {made_from.preset_hash}: use the preset as it was, or {elsewhere}"
            )
        if catalogue_fingerprint != made_from.catalogue_fingerprint:
            raise PlaybackError(
                f"{where} were made from another catalogue ({catalogue_fingerprint}, now "
                f"{made_from.catalogue_fingerprint}): land that one again, or {elsewhere}"
            )
        if version != made_from.version:
            raise PlaybackError(
                f"{where} were made by version {version} of the player, "
                f"this is {made_from.version}: use that release of Playback, or {elsewhere}"
            )
        if start != made_from.start:
            raise PlaybackError(
                f"{where} begin on {start}, not on {made_from.start}: "
                f"use --start {start}, or {elsewhere}"
            )


def require_plays(warehouse: Warehouse) -> None:
    """Refuse plays that are not as many as the batches that landed.

    Raises:
        PlaybackError: rows were added or removed by hand.
    """
    ((landed, recorded),) = warehouse.rows(
        "select (select count(*) from raw.user_events), coalesce(sum(play_count), 0) "
        "from raw.simulation_batches"
    )
    if landed != recorded:
        raise PlaybackError(
            f"{warehouse.database} was changed by hand: raw.user_events has {landed:,} plays, and "
            f"raw.simulation_batches says {recorded:,}; go back to a copy from before, or make "
            f"the world again under another {warehouse.option}"
        )


def plan(
    warehouse: Warehouse, users: int, start: date, until: date, block: int, months: int
) -> list[Batch]:
    """List the batches that are still to be played, in the order to play them: by month, by block.

    Args:
        warehouse: its ledger says what has been played.
        users: how many listeners there are; their keys run from 0.
        start: first day of the calendar.
        until: last day of the calendar.
        block: most listeners in a batch; blocks begin at multiples of it.
        months: most calendar months in a batch.
    """
    next_day = np.full(users, start.toordinal())
    for first_user, last_user, window_end in warehouse.connection.execute(
        "select first_user_key, last_user_key, max(window_end) from raw.simulation_batches "
        "group by all"
    ).fetchall():
        played = next_day[first_user : last_user + 1]
        np.maximum(played, window_end.toordinal() + 1, out=played)
    return [
        Batch(first_user, last_user, date.fromordinal(first_day), last_day)
        for last_day in window_ends(start, until, months)
        for first_user, last_user, first_day in _runs(next_day, last_day.toordinal(), block)
    ]


def window_ends(start: date, until: date, months: int) -> Iterator[date]:
    """Yield the last day of each window of so many calendar months, up to `until`."""
    first = start
    while first <= until:
        month = first.year * 12 + first.month - 1 + months
        following = date(month // 12, month % 12 + 1, 1)
        yield min(following - timedelta(days=1), until)
        first = following


def _runs(next_day: np.ndarray, last_day: int, block: int) -> Iterator[tuple[int, int, int]]:
    """Yield runs of neighbours who go on from the same day, and move them past `last_day`."""
    changes = np.flatnonzero(np.diff(next_day)) + 1
    borders = np.union1d(changes, np.arange(0, len(next_day), block)).tolist()
    for first_user, end in zip(borders, [*borders[1:], len(next_day)], strict=True):
        first_day = int(next_day[first_user])
        if first_day <= last_day:
            yield first_user, end - 1, first_day
            next_day[first_user:end] = last_day + 1


def record(
    warehouse: Warehouse, batch: Batch, made_from: MadeFrom, plays: int, checksum: int
) -> None:
    """Write the ledger row of a batch; belongs into the transaction that writes its plays."""
    warehouse.connection.execute(
        "insert into raw.simulation_batches by name "
        "select (select coalesce(max(batch_id), 0) + 1 from raw.simulation_batches) as batch_id, "
        "? as window_start, ? as window_end, ? as first_user_key, ? as last_user_key, "
        "? as play_count, ? as checksum, ? as seed, ? as preset_hash, "
        "? as catalogue_fingerprint, (select tzdata_version from raw.world) as tzdata_version, "
        "? as version",
        [
            batch.first_day,
            batch.last_day,
            batch.first_user,
            batch.last_user,
            plays,
            f"{checksum % 2**64:016x}",
            made_from.seed,
            made_from.preset_hash,
            made_from.catalogue_fingerprint,
            made_from.version,
        ],
    )
