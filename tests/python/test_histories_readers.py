"""Every format of a listening history, and what is wrong with real files of it."""

import csv
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playback.contexts import Answer, Context, Reason, context_code
from playback.errors import PlaybackError
from playback.histories.columns import Columns, parse
from playback.histories.files import HistoryFile, find
from playback.histories.json_rows import array
from playback.histories.lastfm import iso_of
from playback.histories.recognise import recognise
from playback.histories.rows import Counts, Fault, Moments, Rejected

FILES = Path(__file__).parent / "histories"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Read(NamedTuple):
    """What there is in a file: its format, its plays by column, what is none."""

    kind: str
    plays: list[dict]
    rejected: dict[int, str]
    counts: Counts


def read(path: Path, columns: Columns | None = None) -> Read:
    file = HistoryFile(path)
    kind = recognise(file, columns)
    plays, rejected, counts = [], {}, Counter()
    with file.open() as stream:
        for batch in kind.read(stream, Moments(NOW)):
            plays += batch.plays.to_pylist()
            rejected |= {row.place: f"{row.column} {row.reason}" for row in batch.rejected}
            counts.update(vars(batch.counts))
    return Read(kind.name, plays, rejected, Counts(**counts))


def moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")[:23]


def test_spotify_extended_history():
    kind, plays, rejected, counts = read(FILES / "Streaming_History_Audio_2025_1.json")
    assert kind == "spotify extended"
    assert [play["place"] for play in plays] == [1, 2, 3, 4, 5, 6, 15, 16]
    first, *_, private, accented, unnamed = plays
    assert moment(first["ended_at"]) == "2025-03-09T21:14:05.000"
    assert moment(first["started_at"]) == "2025-03-09T21:10:57.567"
    assert (first["listening_ms"], first["uri"][-2:], first["album"]) == (187433, "01", "Nowhere")
    assert first["context_code"] == context_code(
        Context.NOT_KNOWN, Answer.YES, Answer.NO, Reason.TRACKDONE, Reason.FWDBTN
    )
    assert (plays[4]["context_code"], plays[4]["is_private"], first["is_private"]) == (
        0,
        None,
        False,
    )
    assert private["is_private"] is True
    assert private["context_code"] == context_code(
        Context.NOT_KNOWN, Answer.YES, Answer.YES, Reason.OTHER, Reason.NOT_KNOWN
    )
    assert (accented["track"], accented["uri"]) == ("Ce\u0301line 🌟 'Q' \\ \"x\"", None)
    assert unnamed["artist"] == "Unknown Artist"
    assert rejected == {
        10: "ts is before 2000",
        11: "ts is not a date and time",
        12: "ms_played is negative",
        13: "ms_played is longer than a day",
        14: "ms_played is not a number of milliseconds",
        17: "row is not an object",
    }
    assert counts == Counts(rows=17, not_music=2, no_track=1, rejected=6)


def test_spotify_extended_history_of_the_old_form():
    kind, plays, _, counts = read(FILES / "endsong_0.json")
    assert kind == "spotify extended"
    assert counts == Counts(rows=4, no_track=1)
    assert [moment(play["started_at"])[:19] for play in plays] == [
        "2019-05-02T09:56:40",
        "2019-05-01T09:57:30",
        "2019-05-01T09:58:30",
    ]


def test_spotify_video_is_no_music():
    assert read(FILES / "Streaming_History_Video_2025.json").counts == Counts(rows=1, not_music=1)


def test_spotify_account_data():
    kind, plays, _, counts = read(FILES / "StreamingHistory_music_0.json")
    assert kind == "spotify account"
    assert counts == Counts(rows=7, no_track=1)
    assert moment(plays[0]["ended_at"]) == "2025-03-09T21:14:00.000"
    assert plays[4]["artist"] == "Unknown Artist"
    assert read(FILES / "StreamingHistory_podcast_0.json").counts == Counts(rows=1, not_music=1)


@pytest.mark.parametrize(
    ("file", "kind", "starts", "rejected"),
    [
        (
            "lastfm_to_csv.csv",
            "lastfm-to-csv",
            ["2016-02-23T17:59", "2016-02-23T17:55", "2016-02-23T17:59"],
            {1: "has no time", 5: "is before 2000", 6: "has 2 fields, not 4"},
        ),
        (
            "lastfm_ghan.csv",
            "lastfm.ghan.nl",
            ["2016-02-23T17:59", "2016-02-23T17:59", "2016-02-23T18:04"],
            {4: "has no time"},
        ),
        (
            "lastfm_ghan.json",
            "lastfm json",
            ["2016-02-23T17:59", "2016-02-23T17:53"],
            {1: "has no time"},
        ),
        (
            "lastfm_scraper.tsv",
            "lastfm-scraper",
            ["2016-02-23T17:59", "2016-02-24T08:00"],
            {2: "is before 2000"},
        ),
    ],
)
def test_lastfm_has_the_start_and_no_listening_time(
    file: str, kind: str, starts: list[str], rejected: dict[int, str]
):
    found = read(FILES / file)
    assert found.kind == kind
    assert [moment(play["started_at"])[:16] for play in found.plays] == starts
    assert {play["listening_ms"] for play in found.plays} == {None}
    assert {play["ended_at"] for play in found.plays} == {None}
    assert found.rejected.keys() == rejected.keys()
    for place, reason in rejected.items():
        assert reason in found.rejected[place]


def test_lastfm_keeps_commas_and_quotes():
    assert read(FILES / "lastfm_to_csv.csv").plays[1]["track"] == '"Heroes"'
    play = read(FILES / "lastfm_ghan.csv").plays[0]
    assert (play["artist"], play["track"]) == ("Nobody, the Second", 'Made "Up" Song')


def test_lastfm_1k_has_many_listeners():
    kind, plays, rejected, counts = read(FILES / "lastfm_1k.tsv")
    assert kind == "lastfm-1k"
    assert [(play["listener"], play["artist"]) for play in plays] == [
        ("user_000002", 'Deep "Dish'),
        ("user_000001", "Nobody"),
    ]
    assert counts == Counts(rows=4, no_track=1, rejected=1)
    assert rejected == {4: "time is not a date and time"}


def test_listenbrainz():
    kind, plays, rejected, counts = read(FILES / "listens.jsonl")
    assert kind == "listenbrainz"
    assert [moment(play["started_at"]) for play in plays] == [
        "2025-03-09T21:10:58.000",
        "2025-03-09T21:27:38.500",
        "2025-03-09T21:44:18.000",
    ]
    assert [play["duration_ms"] for play in plays] == [187433, 187000, None]
    assert [play["uri"] for play in plays] == [None, None, f"spotify:track:{1:022}"]
    assert {play["listening_ms"] for play in plays} == {None}
    assert rejected == {4: "listened_at is not a date and time", 6: "line is not JSON"}
    assert counts == Counts(rows=6, no_track=1, rejected=2)


def test_a_file_that_is_cut_off_is_read_up_to_there():
    kind, plays, rejected, counts = read(FILES / "listenbrainz_old.json")
    assert (kind, len(plays)) == ("listenbrainz old", 3)
    assert rejected == {4: "file is cut off or broken from here on"}
    assert counts.rows == 4


def test_mssd_keeps_the_order_of_a_session():
    kind, plays, _, _ = read(FILES / "mssd.csv")
    assert kind == "mssd"
    assert [(play["listener"], play["track"], moment(play["started_at"])) for play in plays] == [
        ("0_a", "t_1", "2018-07-15T16:00:00.000"),
        ("0_a", "t_2", "2018-07-15T16:00:01.000"),
        ("0_b", "t_1", "2018-07-16T03:00:00.000"),
    ]
    assert {play["listening_ms"] for play in plays} == {None}
    assert plays[0]["context_code"] & 7 == Context.PLAYLIST
    assert plays[1]["context_code"] >> 11 == Reason.FWDBTN


def test_yambda(tmp_path: Path):
    table = pa.table(
        {
            "uid": pa.array([7, 7, 8], pa.uint32()),
            "timestamp": pa.array([10, 200, 300], pa.uint32()),
            "item_id": pa.array([1, 2, 1], pa.uint32()),
            "is_organic": pa.array([1, 0, 1], pa.uint8()),
            "played_ratio_pct": pa.array([50, 150, None], pa.uint16()),
            "track_length_seconds": pa.array([200, 100, 200], pa.uint32()),
        }
    )
    pq.write_table(table, tmp_path / "listens.parquet")
    kind, plays, _, _ = read(tmp_path / "listens.parquet")
    assert kind == "yambda"
    assert [(it["listener"], it["track"], it["listening_ms"]) for it in plays] == [
        ("7", "1", 100_000),
        ("7", "2", 150_000),
        ("8", "1", None),
    ]
    assert moment(plays[0]["ended_at"]) == "2000-01-01T00:01:50.000"
    assert plays[1]["duration_ms"] == 100_000


def test_columns_of_ones_own(tmp_path: Path):
    mapping = tmp_path / "columns.yml"
    mapping.write_text("listener: Wer\ntrack: Lied\nartist: Von\nzone: Europe/Berlin\n")
    columns = parse([str(mapping), "ended=Ende,listened_s=Sekunden", "duration_s=Dauer"])
    kind, plays, rejected, counts = read(FILES / "own.csv", columns)
    assert kind == "own columns"
    assert [(it["listener"], moment(it["started_at"]), it["listening_ms"]) for it in plays] == [
        ("Anna", "2024-07-01T09:58:58.500", 61_500),
        ("Anna", "2024-01-01T10:56:53.000", 187_000),
    ]
    assert {it["duration_ms"] for it in plays} == {187_000}
    assert rejected == {4: "Ende is not a date and time", 5: "Sekunden is not a number"}
    assert counts == Counts(rows=5, no_track=1, rejected=2)


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("23 Feb 2016 17:59", "2016-02-23T17:59:00"),
        ("3 February 2016, 7:59:01", "2016-02-03T07:59:01"),
        ("3.2.2016 07:59", "2016-02-03T07:59:00"),
        ("23.02.2016", "2016-02-23T00:00:00"),
        ("23 Feb 2016, 17:59 UTC", "2016-02-23T17:59:00Z"),
        ("2016-02-23 17:59:00 UTC", "2016-02-23 17:59:00Z"),
        ("2016-02-23 17:59:00 +0100", "2016-02-23 17:59:00+0100"),
        ("23 Foo 2016 17:59", None),
        ("2/3/2016 17:59", None),
        ("never", None),
    ],
)
def test_times_as_people_and_programs_write_them(written: str, iso: str | None):
    """But not 2/3/2016, which is two days."""
    told = iso_of(written)
    if iso is None:
        with pytest.raises(Fault, match="is not a date and time"):
            Moments(NOW).of_text("time", told)
    else:
        assert told == iso
        assert Moments(NOW).of_text("time", told)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (["track"], "write meaning=column"),
        (["song=A"], "song: there is track, "),
        (["track=A"], "name at least track, and started or ended"),
        (["track=A,started=B,zone=Berlin"], "no such time zone"),
    ],
)
def test_columns_that_cannot_be(texts: list[str], fault: str):
    with pytest.raises(PlaybackError, match=fault):
        parse(texts)


GHAN = "uts,utc_time,artist,album,artist_mbid,track\n"


def ghan(track: str, day: int) -> str:
    return f'15000{day:02}000,"14 Jul 2017, 02:40",Nobody,,,{track}\n'


def test_a_row_that_cannot_be_split_is_rejected_and_nothing_else(tmp_path: Path):
    limit = csv.field_size_limit()
    rows = [
        ghan("One", 1),
        ghan('"never closed', 2),
        *(ghan(f"Song {day}", day) for day in range(3, 90)),
        "\n",
        ghan("x" * (limit + 1), 90),
        ghan("a\0b", 91),
        ghan('"two\nlines"', 92),
        ghan('Made "Up" Song', 93),
        ghan("a,b", 94),
        ghan('"at the end', 95),
    ]
    (tmp_path / "ghan.csv").write_text(GHAN + "".join(rows))
    _, plays, rejected, counts = read(tmp_path / "ghan.csv")
    assert csv.field_size_limit() == limit
    assert rejected == {
        2: "row cannot be split into fields",
        90: "row cannot be split into fields",
        94: "row has 7 fields, not 6",
        95: "row cannot be split into fields",
    }
    tracks = [play["track"] for play in plays]
    assert tracks[:2] == ["One", "Song 3"]
    assert tracks[-4:] == ["Song 89", "a b", "two lines", 'Made "Up" Song']
    assert counts == Counts(rows=95, rejected=4)


def test_a_quote_closed_rows_later_costs_its_own_row_alone(tmp_path: Path):
    rows = [ghan('"open', 1), ghan("Song", 2), ghan('shut"', 3)]
    (tmp_path / "ghan.csv").write_text(GHAN + "".join(rows))
    _, plays, rejected, _ = read(tmp_path / "ghan.csv")
    assert [play["track"] for play in plays] == ["Song", 'shut"']
    assert rejected.keys() == {1}


def test_a_field_too_long_is_no_end_for_lastfm_to_csv(tmp_path: Path):
    lines = ["A,B,C,23 Feb 2016 17:59", f'"{"x" * 200_000}",B,C', "A,B,D,23 Feb 2016 18:59"]
    (tmp_path / "scrobbles.csv").write_text("\n".join(lines))
    _, plays, rejected, _ = read(tmp_path / "scrobbles.csv")
    assert [play["track"] for play in plays] == ["C", "D"]
    assert rejected == {2: "row cannot be split into fields"}


def test_a_single_response_of_lastfm_is_read(tmp_path: Path):
    page = {"recenttracks": {"track": [{"name": "T", "artist": {"#text": "A"}}] * 2}}
    page["recenttracks"]["track"][0] = {"name": "U", "date": {"uts": "1500000600"}}
    for text in (json.dumps(page), json.dumps(page, indent=1) + "\n"):
        (tmp_path / "recent.json").write_text(text)
        kind, plays, rejected, _ = read(tmp_path / "recent.json")
        assert (kind, [play["track"] for play in plays]) == ("lastfm json", ["U"])
        assert "has no time" in rejected[2]


def test_rows_longer_than_a_chunk_are_read_whole():
    long = "x" * (3 << 20)
    rows = list(array(BytesIO(f'[{{"a": "{long}"}}, {{"b": 12}}, 5]'.encode())))
    assert [row if isinstance(row, Rejected) else [*row] for row in rows] == [
        ["a"],
        ["b"],
        Rejected(3, "row", "is not an object", ""),
    ]


def test_of_a_zip_only_histories_are_opened(tmp_path: Path):
    archive = tmp_path / "my_spotify_data.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in ("Userdata.json", "Payments.json", "New Thing.json", "ReadMe.pdf"):
            opened.writestr(f"Spotify Account Data/{name}", '[{"ts": 1, "ms_played": 2}]')
        opened.write(FILES / "StreamingHistory_music_0.json", "any/StreamingHistory_music_0.json")
    files, unopened = find([archive])
    assert [file.member for file in files] == ["any/StreamingHistory_music_0.json"]
    assert unopened == 4


def test_of_a_folder_private_files_are_not_opened(tmp_path: Path):
    for name in ("Userdata.json", "history.json", "Playlist1.json", "picture.png"):
        (tmp_path / name).write_text("[]")
    files, unopened = find([tmp_path])
    assert [file.name for file in files] == ["history.json"]
    assert unopened == 3


def test_what_is_no_history_is_not_recognised(tmp_path: Path):
    for text in ("", "[]", "{}", "a,b,c\n1,2,3\n", '{"a": 1}', "\x00\x01"):
        (tmp_path / "file").write_text(text)
        assert recognise(HistoryFile(tmp_path / "file")) is None
