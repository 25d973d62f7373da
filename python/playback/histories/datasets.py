"""Public datasets of many listeners: the MSSD log and its tracks, and listens as Yambda has them.

Both name tracks by a number or a hash alone: that is their title, and the artist is not known.
"""

import math
from collections.abc import Iterable, Iterator

from playback.contexts import Answer, Context, context_code
from playback.histories.contexts import answer, reason
from playback.histories.rows import (
    MOST_LISTENING_MS,
    UNKNOWN_ARTIST,
    Fault,
    Left,
    Moments,
    Play,
    Rejected,
    Row,
    Track,
    milliseconds,
    name,
)
from playback.warehouse import AUDIO_FEATURES

YAMBDA_BEGINS = 946_684_800
"""Yambda counts seconds from a moment that it keeps to itself: here that is the year 2000."""

MSSD_COLUMNS = {"session_id", "session_position", "track_id_clean", "hour_of_day", "date"}
MSSD_TRACK_COLUMNS = {"track_id", "duration", "release_year", "us_popularity_estimate"}
YAMBDA_COLUMNS = {"uid", "timestamp", "item_id", "played_ratio_pct", "track_length_seconds"}

_MODES = {"minor": "0", "major": "1"}
_MOST_WHOLE = 9999
"""Years and beats in a bar are no greater than that."""

_MSSD_CONTEXTS = {
    "user_collection": Context.LIBRARY,
    "editorial_playlist": Context.PLAYLIST,
    "personalized_playlist": Context.PLAYLIST,
    "radio": Context.RADIO,
    "charts": Context.CHART,
}


def mssd(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """The MSSD log: sessions of nobody in particular, each of which is a listener.

    It has the hour of a play alone. The first play of a session is put at the beginning of its
    hour, and each other one a second after the one before: order and session stay. How long a track
    was listened to is not known.
    """
    session, began, first = None, 0, 0
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            track, listener = name(row.get("track_id_clean")), name(row.get("session_id"))
            if track is None:
                yield Left.no_track
                continue
            position = milliseconds("session_position", row.get("session_position"))
            if listener != session or position < first:
                hour = milliseconds("hour_of_day", row.get("hour_of_day"))
                began = moments.of_text("date", row.get("date")) + 3_600_000 * hour
                session, first = listener, position
            yield Play(
                place=place,
                artist=UNKNOWN_ARTIST,
                track=track,
                started_at=began + 1000 * (position - first),
                ended_at=None,
                context_code=context_code(
                    _MSSD_CONTEXTS.get(str(row.get("context_type")), Context.NOT_KNOWN),
                    answer(_truth(row.get("hist_user_behavior_is_shuffle"))),
                    Answer.NOT_KNOWN,
                    reason(row.get("hist_user_behavior_reason_start")),
                    reason(row.get("hist_user_behavior_reason_end")),
                ),
                listener=listener,
            )
        except Fault as fault:
            yield fault.at(place)


def mssd_tracks(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """The features of the tracks of the MSSD log: of those, what the catalogue has a column for."""
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            track = name(row["track_id"])
            if track is None:
                yield Left.no_track
                continue
            features = {column: _number(column, row.get(column)) for column in AUDIO_FEATURES}
            seconds = _number("duration", row["duration"])
            yield Track(
                place,
                track,
                features
                | {
                    "popularity": _number("us_popularity_estimate", row["us_popularity_estimate"]),
                    "duration_ms": None
                    if seconds is None
                    else milliseconds("duration", 1000 * seconds) or None,
                    "release_year": _whole("release_year", row["release_year"]),
                    "time_signature": _whole("time_signature", row.get("time_signature")),
                },
            )
        except Fault as fault:
            yield fault.at(place)


def yambda(rows: Iterable[dict], moments: Moments) -> Iterator[Row]:
    """Listens of Yambda: the share of the track that was played, over 100 % with a rewind."""
    for place, row in enumerate(rows, 1):
        try:
            track, listener = name(row["item_id"]), name(row["uid"])
            if track is None or listener is None:
                yield Left.no_track
                continue
            seconds = milliseconds("timestamp", row["timestamp"], 2**32)
            began = seconds if seconds >= YAMBDA_BEGINS else seconds + YAMBDA_BEGINS
            seconds_long = _or_zero(row["track_length_seconds"])
            length = milliseconds("track_length_seconds", seconds_long) * 1000
            share = row["played_ratio_pct"]
            heard = None
            if share is not None and length:
                heard = milliseconds("played_ratio_pct", float(share) / 100 * length)
            started_at = moments.of_seconds("timestamp", began)
            yield Play(
                place=place,
                artist=UNKNOWN_ARTIST,
                track=track,
                started_at=started_at,
                ended_at=None if heard is None else started_at + heard,
                listening_ms=heard,
                duration_ms=length if 0 < length <= MOST_LISTENING_MS else None,
                listener=listener,
            )
        except Fault as fault:
            yield fault.at(place)


def _or_zero(value: object) -> object:
    return 0 if value is None else value


def _number(column: str, value: object) -> float | None:
    """A feature of a track; the mode is a word."""
    text = name(value)
    if text is None:
        return None
    try:
        number = float(_MODES.get(text.lower(), text) if column == "mode" else text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Fault(column, "is not a number", value)
    return number


def _whole(column: str, value: object) -> int | None:
    number = _number(column, value)
    if number is not None and abs(number) > _MOST_WHOLE:
        raise Fault(column, "is not a number of that kind", value)
    return None if number is None else round(number)


def _truth(value: object) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
