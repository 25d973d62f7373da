"""Files of histories: their encodings, what stands in their place, and how they are cut."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playback import histories
from playback.errors import PlaybackError
from playback.histories.columns import Columns
from playback.histories.rows import Moments
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
