"""Last.fm: the files of four exporters, and the Last.fm-1K dataset.

A scrobble has the start of a play and no listening time. The service takes one where half of a
track of at least 30 seconds, or four minutes of it, were heard.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from playback.histories.csv_rows import cannot_be_split, split_line, wrong_fields
from playback.histories.rows import (
    UNKNOWN_ARTIST,
    Fault,
    Left,
    Moments,
    Play,
    Rejected,
    Row,
    name,
)

_MONTHS = {
    month: number
    for number, month in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),  # noqa: SIM905
        1,
    )
}
_WRITTEN = re.compile(
    r"(\d{1,2})(?: (?=\D)|\.)([A-Za-z]{3,9}|\d{1,2})[ .](\d{4})"
    r"(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?)?(Z|[+-]\d\d:?\d\d|)"
)
_BEFORE_ZONE = re.compile(r" (?=[+-]\d\d:?\d\d$)")

NO_TIME = "has no time: it was playing when the file was made"

TO_CSV_FIELDS = 4
LASTFM_1K_FIELDS = 6


def iso_of(text: str) -> str:
    """`23 Feb 2016 17:59` or `23.02.2016 17:59` in ISO, with the zone behind it if there is one."""
    text = _BEFORE_ZONE.sub("", text.strip().replace(" UTC", "Z").replace(" GMT", "Z"))
    found = _WRITTEN.fullmatch(text)
    if not found:
        return text
    day, month, year, hour, minute, second, zone = found.groups()
    number = _MONTHS.get(month[:3].lower(), month)
    return f"{year}-{number:0>2}-{day:0>2}T{hour or 0:0>2}:{minute or '00'}:{second or '00'}{zone}"


def to_csv(lines: TextIO, moments: Moments) -> Iterator[Row]:
    """lastfm-to-csv: artist, album, track, `23 Feb 2016 17:59`, without a header.

    It drops commas from its fields and does not quote them.
    """
    for place, line in enumerate(_full(lines), 1):
        fields = line.split(",")
        if len(fields) != TO_CSV_FIELDS or all(map(_is_quoted, fields)):
            fields = split_line(line)
        if not fields:
            yield cannot_be_split(place)
            continue
        if len(fields) != TO_CSV_FIELDS:
            yield wrong_fields(place, len(fields), TO_CSV_FIELDS)
            continue
        artist, album, track, date = fields
        yield _scrobble(place, moments, artist, track, album, date)


def header_csv(rows: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """The CSV of lastfm.ghan.nl, and lastfm-scraper's CSV or TSV: by their headers."""
    for place, row in enumerate(rows, 1):
        if type(row) is Rejected:
            yield row
            continue
        fields = {column.strip().lower(): value for column, value in row.items()}
        moment = next(
            (
                fields[column]
                for column in ("uts", "timestamp", "utc_time", "date")
                if fields.get(column, "").strip()
            ),
            "",
        )
        track = fields.get("track") or fields.get("title")
        yield _scrobble(place, moments, fields.get("artist"), track, fields.get("album"), moment)


def json_pages(pages: Iterable[dict | Rejected], moments: Moments) -> Iterator[Row]:
    """Pages of `user.getRecentTracks`: `{track: [...]}`, where one track is no list."""
    place = 0
    for page in pages:
        if type(page) is Rejected:
            place += 1
            yield page._replace(place=place)
            continue
        for track in _tracks(page):
            place += 1
            if not isinstance(track, dict):
                yield Rejected(place, "track", "is not an object", "")
                continue
            date = track.get("date")
            if isinstance(date, dict):
                date = date.get("uts") or date.get("#text")
            yield _scrobble(
                place,
                moments,
                _text_in(track.get("artist")),
                track.get("name"),
                _text_in(track.get("album")),
                date,
            )


def dataset_1k(lines: TextIO, moments: Moments) -> Iterator[Row]:
    """Last.fm-1K: user, time, artist mbid, artist, track mbid, track; tabs, no quotes."""
    for place, line in enumerate(_full(lines), 1):
        fields = line.split("\t")
        if len(fields) != LASTFM_1K_FIELDS:
            yield wrong_fields(place, len(fields), LASTFM_1K_FIELDS)
            continue
        user, moment, _, artist, _, track = fields
        yield _scrobble(place, moments, artist, track, None, moment, name(user))


def _scrobble(
    place: int,
    moments: Moments,
    artist: object,
    track: object,
    album: object,
    moment: object,
    listener: str | None = None,
) -> Row:
    try:
        title = name(track)
        if title is None:
            return Left.no_track
        return Play(
            place=place,
            artist=name(artist) or UNKNOWN_ARTIST,
            track=title,
            started_at=_moment(moment, moments),
            ended_at=None,
            album=name(album),
            listener=listener,
        )
    except Fault as fault:
        return fault.at(place)


def _moment(moment: object, moments: Moments) -> int:
    text = "" if moment is None else str(moment).strip()
    if not text:
        raise Fault("time", NO_TIME, "")
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return moments.of_seconds("time", text, 1 if float(text) > 1e11 else 1000)
    return moments.of_text("time", iso_of(text))


def _tracks(page: dict) -> list:
    page = page.get("recenttracks", page)
    tracks = page.get("track", page) if isinstance(page, dict) else page
    return tracks if isinstance(tracks, list) else [tracks]


def _text_in(value: object) -> object:
    return value.get("#text") or value.get("name") if isinstance(value, dict) else value


def _full(lines: TextIO) -> Iterator[str]:
    for line in lines:
        if stripped := line.rstrip("\r\n"):
            yield stripped


def _is_quoted(field: str) -> bool:
    return len(field) > 1 and field[0] == field[-1] == '"'
