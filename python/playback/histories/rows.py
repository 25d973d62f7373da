"""What the readers yield: a play, or why a row is none, each with its place in the file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from playback.warehouse import AUDIO_FEATURES

BATCH_ROWS = 50_000

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this nobody wrote down plays: the oldest services that keep them are of 2002."""

MOST_LISTENING_MS = 86_400_000
"""A play is listened to for a day at the most."""

UNKNOWN_ARTIST = "Unknown Artist"
UNKNOWN_TRACK = "Unknown Track"
"""What Spotify writes, and Playback too, where the name is not known."""


class Left(StrEnum):
    """Why a row that can be read is not a play of a track."""

    not_music = "not_music"
    no_track = "no_track"


class Play(NamedTuple):
    """One play. Moments are milliseconds since 1970, UTC.

    A source has the start or the end of a play; the other one follows from the listening time,
    and is not known without it.

    Attributes:
        place: the row's number in its file, from 1.
        listener: whose play it is, where the source has many listeners.
        duration_ms: how long the track lasts, where the source says so.
        context_code: see `playback.contexts`.
        is_private: whether it was heard in a private session; None where the source is silent.
    """

    place: int
    artist: str
    track: str
    started_at: int | None
    ended_at: int | None
    listening_ms: int | None = None
    album: str | None = None
    uri: str | None = None
    duration_ms: int | None = None
    context_code: int = 0
    is_private: bool | None = None
    listener: str | None = None


class Track(NamedTuple):
    """What a row tells of a track, beside the plays of it.

    Attributes:
        place: the row's number in its file, from 1.
        track: as plays name it.
        facts: by the columns of `TRACK_SCHEMA`; what is not there is not known.
    """

    place: int
    track: str
    facts: dict[str, float | int | None]


class Rejected(NamedTuple):
    """A row that cannot be used: where, which value, and why. Never the whole row."""

    place: int
    column: str
    reason: str
    value: str


Row = Play | Track | Rejected | Left

PLAY_SCHEMA = pa.schema(
    {
        "place": pa.int64(),
        "artist": pa.string(),
        "track": pa.string(),
        "started_at": pa.int64(),
        "ended_at": pa.int64(),
        "listening_ms": pa.int32(),
        "album": pa.string(),
        "uri": pa.string(),
        "duration_ms": pa.int32(),
        "context_code": pa.int16(),
        "is_private": pa.bool_(),
        "listener": pa.string(),
    }
)


TRACK_SCHEMA = pa.schema(
    {
        "place": pa.int64(),
        "track": pa.string(),
        "popularity": pa.float64(),
        "duration_ms": pa.int32(),
        "release_year": pa.int32(),
        **dict.fromkeys(AUDIO_FEATURES, pa.float64()),
        "time_signature": pa.int32(),
    }
)


@dataclass
class Counts:
    """How many rows of a file were read, and what became of those that are no plays."""

    rows: int = 0
    not_music: int = 0
    no_track: int = 0
    rejected: int = 0


@dataclass
class RowBatch:
    """Some rows of a file: plays by `PLAY_SCHEMA`, tracks by `TRACK_SCHEMA`, and what is none."""

    plays: pa.RecordBatch
    tracks: pa.RecordBatch
    rejected: list[Rejected]
    counts: Counts = field(default_factory=Counts)


def batches(rows: Iterable[Row]) -> Iterator[RowBatch]:
    """Gather rows into batches, in their order."""
    plays: list[Play] = []
    tracks: list[Track] = []
    rejected: list[Rejected] = []
    counts = Counts()
    for row in rows:
        counts.rows += 1
        if type(row) is Play:
            plays.append(row)
        elif type(row) is Rejected:
            counts.rejected += 1
            rejected.append(row)
        elif type(row) is Track:
            tracks.append(row)
        elif row is Left.not_music:
            counts.not_music += 1
        else:
            counts.no_track += 1
        if BATCH_ROWS in (len(plays), len(tracks), len(rejected)):
            yield RowBatch(_table(plays), _track_table(tracks), rejected, counts)
            plays, tracks, rejected, counts = [], [], [], Counts()
    yield RowBatch(_table(plays), _track_table(tracks), rejected, counts)


def _table(plays: list[Play]) -> pa.RecordBatch:
    columns = list(zip(*plays, strict=True)) or [[]] * len(PLAY_SCHEMA)
    arrays = [
        pa.array(column, of_schema.type)
        for column, of_schema in zip(columns, PLAY_SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=PLAY_SCHEMA)


def _track_table(tracks: list[Track]) -> pa.RecordBatch:
    rows = [{"place": it.place, "track": it.track} | it.facts for it in tracks]
    return pa.RecordBatch.from_pylist(rows, schema=TRACK_SCHEMA)


class Fault(Exception):  # noqa: N818 - it names what is the matter with a value
    """A value that cannot be used: its column, the reason and the value."""

    def __init__(self, column: str, reason: str, value: object) -> None:
        super().__init__(column, reason, value)
        self.column, self.reason, self.value = column, reason, value

    def at(self, place: int) -> Rejected:
        """The row of this place, rejected for this."""
        return Rejected(place, self.column, self.reason, text_of(self.value)[:200])


_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def text_of(value: object) -> str:
    """A value as one line of text that every program can read."""
    return _UNREADABLE.sub(" ", value if isinstance(value, str) else str(value)).strip()


def name(value: object) -> str | None:
    """A name as it stands, or None where there is nothing to see."""
    if isinstance(value, str):
        return _name(value)
    if value is None or isinstance(value, (dict, list)):
        return None
    return text_of(value) or None


@lru_cache(1 << 16)  # the same names come again and again
def _name(value: str) -> str | None:
    return text_of(value) or None


def milliseconds(column: str, value: object, most: int = MOST_LISTENING_MS) -> int:
    """A length of time in whole milliseconds.

    Raises:
        Fault: it is no number, negative, or longer than `most`.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        number = int(value) if isinstance(value, int) else round(float(value))
    except (TypeError, ValueError, OverflowError):
        raise Fault(column, "is not a number of milliseconds", value) from None
    if number < 0:
        raise Fault(column, "is negative", value)
    if number > most:
        raise Fault(column, "is longer than a day", value)
    return number


class Moments:
    """Reads moments, and refuses those at which nobody can have listened.

    Args:
        now: the present, which no play lies a day after.
    """

    def __init__(self, now: datetime) -> None:
        self._earliest = int(EARLIEST.timestamp() * 1000)
        self._latest = int((now + timedelta(days=1)).timestamp() * 1000)

    def of_text(self, column: str, value: object, zone: "datetime.tzinfo | None" = UTC) -> int:
        """Milliseconds since 1970 of an ISO text; `zone` is that of a text that names none.

        Raises:
            Fault: it is no date and time, or lies where nobody can have listened.
        """
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
            at = round(moment.timestamp() * 1000)
        except (TypeError, ValueError, OverflowError):
            raise Fault(column, "is not a date and time", value) from None
        return self._plausible(column, at, value)

    def of_seconds(self, column: str, value: object, scale: int = 1000) -> int:
        """Milliseconds since 1970 of a number of seconds (`scale` 1: of milliseconds).

        Raises:
            Fault: it is no number, or lies where nobody can have listened.
        """
        try:
            if isinstance(value, bool):
                raise TypeError
            at = round(float(value) * scale)
        except (TypeError, ValueError, OverflowError):
            raise Fault(column, "is not a date and time", value) from None
        return self._plausible(column, at, value)

    def _plausible(self, column: str, at: int, value: object) -> int:
        if at < self._earliest:
            raise Fault(column, "is before 2000", value)
        if at > self._latest:
            raise Fault(column, "is in the future", value)
        return at
