"""The two forms in which Spotify gives a history: extended, and account data."""

from collections.abc import Iterable, Iterator

from playback.contexts import Context, context_code
from playback.histories.contexts import answer, reason
from playback.histories.rows import (
    UNKNOWN_ARTIST,
    UNKNOWN_TRACK,
    Fault,
    Left,
    Moments,
    Play,
    Rejected,
    Row,
    milliseconds,
    name,
)

_OTHER_MEDIA = (
    *("spotify_episode_uri", "episode_name", "episode_show_name"),
    *("audiobook_uri", "audiobook_title", "audiobook_chapter_uri", "audiobook_chapter_title"),
)
_TRACK_URI = "spotify:track:"


def extended(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """Plays of `Streaming_History_Audio_*.json` or `endsong_*.json`; `ts` is the end, UTC.

    `skipped` is null on most rows of the old form, and `offline_timestamp` is a start in one form
    and none in the other: neither is read.
    """
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            track = name(row.get("master_metadata_track_name"))
            if track is None:
                is_other = any(row.get(column) for column in _OTHER_MEDIA)
                yield Left.not_music if is_other else Left.no_track
                continue
            listening_ms = milliseconds("ms_played", row.get("ms_played"))
            ended_at = moments.of_text("ts", row.get("ts"))
            private = row.get("incognito_mode")
            yield Play(
                place=place,
                artist=name(row.get("master_metadata_album_artist_name")) or UNKNOWN_ARTIST,
                track=track,
                started_at=ended_at - listening_ms,
                ended_at=ended_at,
                listening_ms=listening_ms,
                album=name(row.get("master_metadata_album_album_name")),
                uri=_track_uri(row.get("spotify_track_uri")),
                context_code=context_code(
                    Context.NOT_KNOWN,
                    answer(row.get("shuffle")),
                    answer(row.get("offline")),
                    reason(row.get("reason_start")),
                    reason(row.get("reason_end")),
                ),
                is_private=private if isinstance(private, bool) else None,
            )
        except Fault as fault:
            yield fault.at(place)


def video(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """The rows of `Streaming_History_Video_*.json` or `endvideo.json`: seen, not listened to."""
    for row in rows:
        yield row if type(row) is Rejected else Left.not_music


def account(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """Plays of `StreamingHistory_music_*.json`; `endTime` is the end, UTC, to the minute."""
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        try:
            if "trackName" not in row:
                yield Left.not_music
                continue
            artist, track = name(row.get("artistName")), name(row.get("trackName"))
            if track is None or (artist, track) == (UNKNOWN_ARTIST, UNKNOWN_TRACK):
                yield Left.no_track
                continue
            listening_ms = milliseconds("msPlayed", row.get("msPlayed"))
            ended_at = moments.of_text("endTime", row.get("endTime"))
            yield Play(
                place=place,
                artist=artist or UNKNOWN_ARTIST,
                track=track,
                started_at=ended_at - listening_ms,
                ended_at=ended_at,
                listening_ms=listening_ms,
            )
        except Fault as fault:
            yield fault.at(place)


def _track_uri(value: object) -> str | None:
    uri = name(value)
    return uri if uri and uri.startswith(_TRACK_URI) else None
