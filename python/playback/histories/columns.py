"""A history as a table of one's own: which column is what, said on the command line or in YAML."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playback import timezones
from playback.errors import PlaybackError
from playback.histories import lastfm
from playback.histories.rows import (
    UNKNOWN_ARTIST,
    Fault,
    Left,
    Moments,
    Play,
    Rejected,
    Row,
    milliseconds,
    name,
)
from playback.paths import is_file
from playback.preset_file import read_knobs

MEANINGS = (
    *("track", "artist", "album", "uri", "listener", "started", "ended"),
    *("listened_ms", "listened_s", "duration_ms", "duration_s", "zone"),
)
"""What a column may be. `zone` is no column: it names the time zone of moments without one."""


@dataclass(frozen=True)
class Columns:
    """Which column of a table is what.

    Attributes:
        of: the name of the column by its meaning.
        zone: the time zone of moments that name none.
    """

    of: dict[str, str]
    zone: str = "UTC"


def parse(texts: list[str]) -> Columns | None:
    """Read `meaning=column` texts, or the path of a YAML file of such pairs.

    Raises:
        PlaybackError: a text is neither, or what has to be there is not.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        if "=" not in text and is_file(Path(text)):
            pairs |= _mapping(Path(text))
            continue
        for part in text.split(","):
            meaning, equals, column = part.partition("=")
            if not equals:
                raise PlaybackError(f"--columns {part}: write meaning=column, as track=Song")
            pairs[meaning.strip()] = column.strip()
    if not pairs:
        return None
    if unknown := pairs.keys() - {*MEANINGS}:
        raise PlaybackError(f"--columns {min(unknown)}: there is {', '.join(MEANINGS)}")
    zone = pairs.pop("zone", "UTC")
    if zone not in timezones.names():
        raise PlaybackError(f"--columns zone={zone}: there is no such time zone")
    if "track" not in pairs or not {"started", "ended"} & pairs.keys():
        raise PlaybackError("--columns: name at least track, and started or ended")
    return Columns(pairs, zone)


def _mapping(path: Path) -> dict[str, str]:
    mapping = read_knobs(path, "--columns")
    if not isinstance(mapping, dict) or not all(
        isinstance(text, str) for pair in mapping.items() for text in pair
    ):
        raise PlaybackError(f"--columns {path}: write one `meaning: column` a line")
    return mapping


def read(rows: Iterable[dict | Rejected], columns: Columns, moments: Moments) -> Iterator[Row]:
    """The plays of a table."""
    zone = timezones.zone(columns.zone)
    of = columns.of

    def moment(meaning: str, row: dict) -> int | None:
        value = row.get(of.get(meaning))
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if re.fullmatch(r"-?\d+(\.\d+)?(e\+?\d+)?", text):
            return moments.of_seconds(of[meaning], text, 1 if float(text) > 1e11 else 1000)
        return moments.of_text(of[meaning], lastfm.iso_of(text), zone)

    def length(meaning: str, row: dict) -> int | None:
        for unit, scale in (("ms", 1), ("s", 1000)):
            column = of.get(f"{meaning}_{unit}")
            value = row.get(column)
            if value is None or not str(value).strip():
                continue
            try:
                return milliseconds(column, float(value) * scale)
            except (TypeError, ValueError):
                raise Fault(column, "is not a number", value) from None
        return None

    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            track = name(row.get(of["track"]))
            if track is None:
                yield Left.no_track
                continue
            started_at, ended_at = moment("started", row), moment("ended", row)
            listening_ms = length("listened", row)
            if started_at is None and ended_at is None:
                raise Fault(of.get("ended") or of["started"], lastfm.NO_TIME, "")
            if listening_ms is None and None not in (started_at, ended_at):
                listening_ms = milliseconds(of["ended"], ended_at - started_at)
            if listening_ms is not None:
                ended_at = started_at + listening_ms if ended_at is None else ended_at
                started_at = ended_at - listening_ms
            elif started_at is None:
                started_at = ended_at
            yield Play(
                place=place,
                artist=name(row.get(of.get("artist"))) or UNKNOWN_ARTIST,
                track=track,
                started_at=started_at,
                ended_at=ended_at,
                listening_ms=listening_ms,
                album=name(row.get(of.get("album"))),
                uri=name(row.get(of.get("uri"))),
                duration_ms=length("duration", row) or None,
                listener=name(row.get(of.get("listener"))),
            )
        except Fault as fault:
            yield fault.at(place)
