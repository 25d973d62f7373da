"""The clocks of the world: offsets from UTC by time zone, from the pinned tzdata package alone.

The machine has a time-zone database of its own, and so has DuckDB. Neither is asked: the periods of
constant offset land in raw.timezone_periods, where the player and SQL read them, and a world keeps
those that it was landed with.
"""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from importlib.abc import Traversable
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from struct import pack, unpack_from
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import tzdata

from playback.errors import PlaybackError
from playback.settings import FIRST_DAY, LAST_DAY

VERSION = "2026.6"
"""The release of the package tzdata that makes the periods of a new world."""

BEGINS = datetime.combine(FIRST_DAY - timedelta(days=1), time())
"""From when on clocks are known (UTC): a play may begin on the day before the first."""

ENDS = datetime.combine(LAST_DAY + timedelta(days=1), time())
"""Until when clocks are known (UTC)."""

_MONTH = 28 * 86_400
"""Seconds for which a clock that changes by a rule keeps each of its two offsets at least."""

_LENGTHS = ">6l"
"""How a block of a zone file says what it holds: flags, leap seconds, moments, types, letters."""


class Period(NamedTuple):
    """A stretch of time (UTC) in which a clock keeps one offset; the end is not part of it."""

    starts_at: datetime
    ends_at: datetime
    utc_offset_minutes: int


def names() -> frozenset[str]:
    """The names of all time zones.

    Raises:
        PlaybackError: another release of tzdata is installed.
    """
    return frozenset((_package() / "zones").read_text("utf-8").split())


@cache
def table() -> pa.Table:
    """The rows of raw.timezone_periods: the periods of every time zone from `BEGINS` to `ENDS`.

    Raises:
        PlaybackError: another release of tzdata is installed.
    """
    rows = [(name, *period) for name in sorted(names()) for period in periods(name)]
    columns = map(list, zip(*rows, strict=True))
    return pa.table(dict(zip(("timezone", *Period._fields), columns, strict=True)))


def periods(name: str) -> tuple[Period, ...]:
    """The periods of a time zone from `BEGINS` to `ENDS`, by time; neighbours differ in offset.

    Raises:
        PlaybackError: another release of tzdata is installed.
    """
    return _periods(_zone_file(name))


def zone(name: str) -> ZoneInfo:
    """A time zone as the package has it, whatever the machine says.

    Raises:
        PlaybackError: another release of tzdata is installed.
    """
    return ZoneInfo.from_file(BytesIO(_zone_file(name)), key=name)


def _package() -> Traversable:
    if tzdata.__version__ != VERSION:
        raise PlaybackError(
            f"tzdata {tzdata.__version__} is installed, and a world has the time zones of "
            f"{VERSION}: install that with `pip install tzdata=={VERSION}`"
        )
    return files(tzdata)


def _zone_file(name: str) -> bytes:
    return _package().joinpath("zoneinfo", *name.split("/")).read_bytes()


@cache
def _periods(file: bytes) -> tuple[Period, ...]:
    """The periods of a zone file; many time zones are other names of one."""
    clock = ZoneInfo.from_file(BytesIO(file))
    begins, ends = (int(moment.replace(tzinfo=UTC).timestamp()) for moment in (BEGINS, ENDS))
    named = [moment for moment in _transitions(file) if begins < moment < ends]
    *_, rule, _ = file.split(b"\n")
    changes = [(begins, _offset(begins, clock))]
    for moment in (*named, *_changes_by_rule(rule, max([begins, *named]), ends)):
        if (offset := _offset(moment, clock)) != changes[-1][1]:
            changes.append((moment, offset))
    return tuple(
        Period(_utc(start), _utc(end), offset // 60)
        for (start, offset), (end, _) in pairwise([*changes, (ends, 0)])
    )


def _transitions(file: bytes) -> tuple[int, ...]:
    """The moments, in seconds from 1970, at which a zone file says what holds from then on.

    They stand at the head of the second block of a TZif file (RFC 8536, section 3).
    """
    is_ut, is_standard, leaps, moments, types, characters = unpack_from(_LENGTHS, file, 20)
    second = 44 + 5 * moments + 6 * types + characters + 8 * leaps + is_standard + is_ut
    _, _, _, moments, _, _ = unpack_from(_LENGTHS, file, second + 20)
    return unpack_from(f">{moments}q", file, second + 44)


@cache
def _changes_by_rule(rule: bytes, start: int, end: int) -> tuple[int, ...]:
    """The changes by the rule at the foot of a zone file, which holds after all that stands there.

    The clock to look at is that of a file in which nothing else stands.
    """
    if b"," not in rule:
        return ()
    block = b"TZif2" + bytes(15) + pack(_LENGTHS, 0, 0, 0, 0, 1, 4) + bytes(6) + b"UTC\0"
    clock = ZoneInfo.from_file(BytesIO(block + block + b"\n" + rule + b"\n"))
    changes = []
    for left in range(start, end, _MONTH):
        month = range(left, min(left + _MONTH, end - 1) + 1)
        offset = _offset(left, clock)
        if _offset(month[-1], clock) != offset:
            is_changed = partial(_differs, clock, offset)
            changes.append(month[bisect_left(month, True, key=is_changed)])
    return tuple(changes)


def _differs(clock: ZoneInfo, offset: int, moment: int) -> bool:
    return _offset(moment, clock) != offset


def _offset(moment: int, clock: ZoneInfo) -> int:
    """Seconds by which a clock is ahead of UTC."""
    return int(datetime.fromtimestamp(moment, clock).utcoffset().total_seconds())


def _utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
