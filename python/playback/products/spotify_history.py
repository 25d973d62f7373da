"""A listener's life as Spotify's extended streaming history: lawful data for makers of importers.

Every column of the real files is there. What the service would know and a world does not is made
up: the platform, and the reasons where the mechanism writes none. There is no IP address.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playback.errors import PlaybackError
from playback.progress import Progress
from playback.warehouse import Warehouse

FOLDER = "Spotify Extended Streaming History"

FILE_ROWS = 16_000
"""About twelve megabytes, as the service cuts its files."""

_BATCH_ROWS = 10_000
_PLATFORMS = ("android", "ios", "windows", "osx", "web_player")
_ID_LENGTH = 22
_FIXED = (1980, 1, 1, 0, 0, 0)
"""When all members of the zip are said to be written: the same plays make the same bytes."""

_PLAYS = """
    select
        plays.ended_at,
        plays.listening_ms,
        users.country_code,
        tracks.track_name,
        tracks.artist_name,
        albums.album_name,
        tracks.track_id,
        plays.reason_start,
        plays.reason_end,
        plays.is_shuffle,
        plays.is_offline,
        plays.is_skip,
        plays.is_complete,
        plays.started_at
    from fct_plays as plays
    inner join dim_users as users using (user_key)
    inner join dim_tracks as tracks using (track_key)
    left join dim_albums as albums using (album_key)
    where plays.user_key = ?
    order by plays.event_id
"""


def export(
    warehouse: Warehouse, user_key: int, user_id: str, file: Path, progress: Progress
) -> None:
    """Write the plays of a listener to a zip, by time, cut into files as the service cuts them.

    Raises:
        PlaybackError: the listener has no play, or it is not known how long they listened.
    """
    ((plays, timed),) = warehouse.rows(
        "select count(*), count(listening_ms) from fct_plays where user_key = ?", user_key
    )
    if not timed:
        reason = "no play" if not plays else "plays without a listening time"
        raise PlaybackError(f"{user_id} has {reason}: there is no such history to write")
    progress.begin(plays, "plays")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, rows in enumerate(_files(warehouse, user_key)):
            first, last = rows[0]["ts"][:4], rows[-1]["ts"][:4]
            years = first if first == last else f"{first}-{last}"
            name = f"{FOLDER}/Streaming_History_Audio_{years}_{number}.json"
            member = zipfile.ZipInfo(name, _FIXED)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, json.dumps(rows, ensure_ascii=False))
            progress.advance(len(rows))


def track_uri(track_id: str) -> str:
    """A track's id as Spotify would write it: 22 letters and digits."""
    return f"spotify:track:{track_id.rjust(_ID_LENGTH, '0')}"


def _files(warehouse: Warehouse, user_key: int) -> Iterator[list[dict[str, object]]]:
    """The rows of each file."""
    plays = warehouse.connection.execute(_PLAYS, [user_key])
    rows: list[dict[str, object]] = []
    while some := plays.fetchmany(_BATCH_ROWS):
        for play in some:
            rows.append(_row(user_key, *play))
            if len(rows) == FILE_ROWS:
                yield rows
                rows = []
    if rows:
        yield rows


def _row(
    user_key: int,
    ended_at: datetime,
    listening_ms: int | None,
    country: str | None,
    track: str,
    artist: str,
    album: str | None,
    track_id: str,
    reason_start: str | None,
    reason_end: str | None,
    is_shuffle: bool | None,
    is_offline: bool | None,
    is_skip: bool | None,
    is_complete: bool | None,
    started_at: datetime,
) -> dict[str, object]:
    return {
        "ts": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
        "platform": _PLATFORMS[user_key % len(_PLATFORMS)],
        "ms_played": listening_ms or 0,
        "conn_country": country or "ZZ",
        "ip_addr": None,
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": track_uri(track_id),
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "audiobook_title": None,
        "audiobook_uri": None,
        "audiobook_chapter_uri": None,
        "audiobook_chapter_title": None,
        "reason_start": reason_start or "clickrow",
        "reason_end": reason_end or ("trackdone" if is_complete else "fwdbtn"),
        "shuffle": bool(is_shuffle),
        "skipped": bool(is_skip),
        "offline": bool(is_offline),
        "offline_timestamp": int(started_at.replace(tzinfo=UTC).timestamp()),
        "incognito_mode": False,
    }
