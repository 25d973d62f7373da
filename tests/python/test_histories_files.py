"""Files of histories: their encodings, what stands in their place, and how they are cut."""

import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from playback import histories, pipeline
from playback.console import Console
from playback.errors import PlaybackError
from playback.histories.columns import Columns
from playback.histories.files import find
from playback.histories.rows import Moments
from playback.places import DatabaseFile
from playback.progress import Silent
from playback.warehouse import Warehouse

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def extended(day: int, **more: object) -> dict[str, object]:
    return {
        "ts": f"2024-01-{day:02}T10:00:00Z",
        "ms_played": 60_000,
        "master_metadata_track_name": "Söng",
        "master_metadata_album_artist_name": "Ñobody",
    } | more


def tracks(path: Path, columns: Columns | None = None) -> list[str]:
    (source,), _ = histories.sources(histories.Request([path], columns=columns))
    with source.file.open() as stream:
        batches = list(source.format.read(stream, Moments(NOW)))
    return [row["track"] for batch in batches for row in batch.plays.to_pylist()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("form", ["json", "lines", "csv"])
def test_names_are_read_in_every_encoding(tmp_path: Path, encoding: str, form: str):
    names = ["Äther", "Öther"]
    rows = [extended(day, master_metadata_track_name=name) for day, name in enumerate(names, 1)]
    listens = [
        {"listened_at": 1_700_000_000 + day, "track_metadata": {"track_name": name}}
        for day, name in enumerate(names)
    ]
    written = {
        "json": json.dumps(rows, ensure_ascii=False),
        "lines": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in listens),
        "csv": "".join(f"B,,{name},23 Feb 2016 17:{59 - at}\n" for at, name in enumerate(names)),
    }[form]
    path = tmp_path / "history"
    path.write_bytes(written.encode(encoding))
    assert tracks(path) == names


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_text("[]"), "is empty"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"), "Git LFS"),
        (lambda path: path.write_text(" <!DOCTYPE html><html>"), "is an HTML page"),
        (lambda path: path.write_bytes(b"%PDF-1.7"), "is a PDF file"),
        (lambda path: path.write_bytes(b"PAR1" + b"x" * 99 + b"PAR1"), "cannot be read"),
        (os.mkfifo, "is a pipe, not a file"),
    ],
)
def test_what_stands_in_the_place_of_a_history_is_named(
    tmp_path: Path, make: Callable[[Path], object], told: str
):
    path = tmp_path / "endsong_0.json"
    make(path)
    with pytest.raises(PlaybackError, match=told):
        histories.sources(histories.Request([path]))


def test_columns_that_a_table_does_not_have_are_named(tmp_path: Path):
    path = tmp_path / "plays.csv"
    path.write_text("Song,When\nA,2024-01-01 10:00\n")
    assert tracks(path, Columns({"track": "Song", "ended": "When"})) == ["A"]
    with pytest.raises(PlaybackError, match="all the columns that --columns names: Title, When"):
        tracks(path, Columns({"track": "Title", "ended": "When"}))


@pytest.mark.slow
def test_a_history_may_be_cut_in_any_way(tmp_path: Path):
    """Rows that are one play may say different things of it: which is kept is not by chance."""
    told = [
        {"shuffle": True, "spotify_track_uri": f"spotify:track:{1:022}"},
        {"shuffle": None, "spotify_track_uri": f"spotify:track:{2:022}"},
        {"reason_end": "trackdone", "master_metadata_album_album_name": "Album"},
    ]
    plays = [extended(day % 9 + 1, **told[day // 9]) for day in range(27)]
    worlds = []
    for number, cut in enumerate((1, 4, 27)):
        paths = [tmp_path / f"{number}_{first}.json" for first in range(0, 27, cut)]
        for path, first in zip(paths, range(0, 27, cut), strict=True):
            path.write_text(json.dumps(plays[first : first + cut]))
        request = histories.Request(paths)
        with Warehouse(tmp_path / f"{number}.duckdb") as warehouse:
            histories.land(warehouse, request, histories.sources(request), Silent())
            tables = ("user_events", "tracks", "artists", "imported_track_uris", "imported_tracks")
            worlds.append([warehouse.rows(f"from raw.{table} order by all") for table in tables])
    assert worlds[0] == worlds[1] == worlds[2]
    assert len(worlds[0][0]) == 9


def test_a_track_again_in_a_session_of_the_mssd_is_another_play(tmp_path: Path):
    header = "session_id,session_position,session_length,track_id_clean,hour_of_day,date\n"
    rows = [f"s,{position},3,t,10,2018-07-15\n" for position in (1, 2, 3)]
    (tmp_path / "log.csv").write_text(header + "".join(rows))
    request = histories.Request([tmp_path / "log.csv"])
    with Warehouse(tmp_path / "own.duckdb") as warehouse:
        landed = histories.land(warehouse, request, histories.sources(request), Silent())
    assert landed.accounts[0].landed == 3


def zipped(members: dict[str, bytes | str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path):
    names = ["Audio_2020_2.json", "Audio_2020_10.json", "Audio_2021_1.json"]
    for name in reversed(names):
        (tmp_path / name).write_text("[]")
    (tmp_path / "all.zip").write_bytes(
        zipped({f"x/{name}": "[]" for name in reversed(names)} | {"__MACOSX/x/._a.json": ""})
    )
    files, unopened = find([tmp_path])
    assert [file.name for file in files] == names + names
    assert unopened == 0


def test_a_zip_in_a_zip_is_opened(tmp_path: Path):
    plays = {"a/Streaming_History_Audio_2024.json": json.dumps([extended(1), extended(2)])}
    inner = zipped(plays | {"a/Userdata.json": "SECRET"})
    deeper = zipped({"deeper.zip": inner})
    archive = tmp_path / "from_a_friend.zip"
    archive.write_bytes(zipped({"my data.zip": inner, "deeper.zip": deeper, "note.pdf": ""}))
    assert tracks(archive) == ["Söng", "Söng"]
    files, unopened = find([archive])
    assert [str(file) for file in files] == [
        f"{archive}: my data.zip: a/Streaming_History_Audio_2024.json"
    ]
    assert unopened == 3


def test_a_zip_in_a_zip_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("playback.histories.files._MOST_INNER_BYTES", 20)
    (tmp_path / "all.zip").write_bytes(zipped({"mine.zip": zipped({"Audio.json": "[]"})}))
    with pytest.raises(
        PlaybackError, match=r"all.zip: mine.zip is a zip of \d+ bytes in a zip: unp"
    ):
        find([tmp_path / "all.zip"])


def test_where_nothing_is_a_play_the_rows_are_told_and_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    talk = extended(1, master_metadata_track_name=None, episode_name="Talk")
    (tmp_path / "endsong_0.json").write_text(json.dumps([talk] * 3))
    place = DatabaseFile(tmp_path / "own.duckdb")
    with pytest.raises(PlaybackError, match="nothing was kept"):
        pipeline.import_histories(place, histories.Request([tmp_path]), Console())
    assert "│    3 │      0 │          0 │     3 │" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["endsong_0.json"]


ENCRYPTED, DEFLATE_64 = (6, 1), (8, 9)
"""Where the head of a zip's member says that it is encrypted or how it is packed, and how."""


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (*ENCRYPTED, "Audio.json is encrypted: unpack the zip with its password, and import"),
        (*DEFLATE_64, "Audio.json is packed in a way that cannot be read here .*: unpack the zip"),
    ],
)
def test_a_zip_that_cannot_be_unpacked_is_one_line(
    tmp_path: Path, place: int, value: int, told: str
):
    packed = bytearray(zipped({"Audio.json": json.dumps([extended(1)])}))
    packed[place] = packed[packed.index(b"PK\x01\x02") + place + 2] = value
    (tmp_path / "locked.zip").write_bytes(packed)
    with pytest.raises(PlaybackError, match=told):
        tracks(tmp_path / "locked.zip")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=|"])
def test_a_delimiter_that_excel_declares_is_taken(tmp_path: Path, first: str):
    written = f'{first}\r\nSong;When\r\n"A, B";2024-01-01 10:00\r\n'
    path = tmp_path / "plays.csv"
    path.write_text(written.replace(";", "|") if "|" in first else written, encoding="utf-8-sig")
    assert tracks(path, Columns({"track": "Song", "ended": "When"})) == ["A, B"]


def test_account_data_counts_on_days_between_two_extended_files(tmp_path: Path):
    """The first file has the days to the 2nd, the second one those from the 6th to the 8th."""

    def short(day: int) -> dict[str, object]:
        return {
            "endTime": f"2024-01-{day:02} 10:00",
            "artistName": "Nobody",
            "trackName": f"Short {day}",
            "msPlayed": 60_000,
        }

    parts = {"Audio_1": [1, 2], "Audio_2": [6, 8]}
    paths = [tmp_path / f"{name}.json" for name in parts]
    for path, days in zip(paths, parts.values(), strict=True):
        path.write_text(json.dumps([extended(day) for day in days]))
    paths.append(tmp_path / "StreamingHistory_music_0.json")
    paths[-1].write_text(json.dumps([short(day) for day in range(1, 10)]))
    worlds = []
    for number, order in enumerate((paths, paths[::-1])):
        for path in order:
            request = histories.Request([path], "Anna")
            with Warehouse(tmp_path / f"{number}.duckdb") as warehouse:
                histories.land(warehouse, request, histories.sources(request), Silent())
        with Warehouse(tmp_path / f"{number}.duckdb") as warehouse:
            worlds.append(
                warehouse.rows(
                    "select day(ended_at), tracks.name from raw.user_events "
                    "inner join raw.tracks using (track_key) order by all"
                )
            )
    assert worlds[0] == worlds[1]
    assert [day for day, name in worlds[0] if name != "Söng"] == [3, 4, 5, 9]
    assert [day for day, name in worlds[0] if name == "Söng"] == [1, 2, 6, 8]
