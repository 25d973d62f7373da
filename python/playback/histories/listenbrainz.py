"""ListenBrainz: `listens/YYYY/M.jsonl` of a zip, or the old JSON of one array."""

import re
from collections.abc import Iterable, Iterator

from playback.histories.rows import (
    MOST_LISTENING_MS,
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

_SPOTIFY_TRACK = re.compile(r"(?:https?://open\.spotify\.com/track/|spotify:track:)(\w{22})\b")


def listens(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """Listens; `listened_at` is the start in seconds, and there is no listening time."""
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            told = _object(row.get("track_metadata"))
            track = name(told.get("track_name"))
            if track is None:
                yield Left.no_track
                continue
            more = _object(told.get("additional_info"))
            yield Play(
                place=place,
                artist=name(told.get("artist_name")) or UNKNOWN_ARTIST,
                track=track,
                started_at=moments.of_seconds("listened_at", row.get("listened_at")),
                ended_at=None,
                album=name(told.get("release_name")),
                uri=_uri(more),
                duration_ms=_duration(more),
            )
        except Fault as fault:
            yield fault.at(place)


def _object(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _duration(more: dict) -> int | None:
    """How long the track lasts; what is no length of time is not known."""
    for column, scale in (("duration_ms", 1), ("duration", 1000)):
        try:
            length = milliseconds(column, float(more[column]) * scale, MOST_LISTENING_MS)
        except (KeyError, TypeError, ValueError, Fault):
            continue
        if length:
            return length
    return None


def _uri(more: dict) -> str | None:
    found = _SPOTIFY_TRACK.match(str(more.get("spotify_id") or more.get("origin_url") or ""))
    return f"spotify:track:{found[1]}" if found else None
