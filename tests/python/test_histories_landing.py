"""Imported histories as they land: accounted for, the same in any order, nothing private."""

import json
import shutil
import signal
import subprocess
import sys
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from conftest import CATALOGUE_FILES
from playback import histories
from playback.console import Console
from playback.errors import PlaybackError
from playback.histories import accounting, landing
from playback.histories.accounting import Account
from playback.lake import Lake
from playback.progress import Silent
from playback.warehouse import RAW_TABLES, Warehouse

HISTORY_FILES = Path(__file__).parent / "histories"
EXTENDED = HISTORY_FILES / "Streaming_History_Audio_2025_1.json"
OLD = HISTORY_FILES / "endsong_0.json"
ACCOUNT = HISTORY_FILES / "StreamingHistory_music_0.json"


def land(database: Path, *paths: Path, **options: Any) -> list[Account]:
    request = histories.Request([*paths], **options)
    with opened(database) as warehouse:
        found = histories.sources(request)
        return histories.land(warehouse, request, found, Silent()).accounts


def opened(place: Path, **options: Any) -> Warehouse:
    """A database file, or a lake where the name has no ending."""
    return (Warehouse if place.suffix else Lake)(place, **options)


def rows(database: Path, query: str) -> list[tuple]:
    with opened(database, read_only=True) as warehouse:
        return warehouse.rows(query)


def content(database: Path) -> dict[str, list[tuple]]:
    with opened(database, read_only=True) as warehouse:
        return {
            table: sorted(warehouse.rows(f"select * from raw.{table}"), key=str)
            for table in RAW_TABLES
            if table != "stage_runs"
        }


def extended_row(ended_at: str, ms: int, track: str, **more: object) -> dict[str, object]:
    return {
        "ts": ended_at,
        "ms_played": ms,
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": "Nobody",
        "master_metadata_album_album_name": None,
        "spotify_track_uri": None,
        "reason_end": "trackdone",
    } | more


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "own.duckdb"


def test_the_parts_of_every_file_add_up(database: Path):
    accounts = land(database, HISTORY_FILES)
    for account in accounts:
        read, *parts = account.parts
        assert read == sum(parts), account
        assert account.rejected == account.reasons.total()
    extended = next(it for it in accounts if it.file == EXTENDED.name)
    assert extended.parts == (17, 7, 1, 2, 1, 6)
    assert accounting.table(accounts)[2][-1][3] == f"{sum(it.rows for it in accounts):,}"


def test_the_closing_table_can_be_read_on_a_narrow_screen(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    accounts = [
        Account(
            f"Streaming_History_Audio_{year}_0.json", "spotify extended", "Anna", *[123_456] * 6
        )
        for year in (2023, 2024)
    ]
    Console().table(*accounting.table(accounts), below="Times by UTC")
    told = capsys.readouterr().out
    assert "Rows of Anna, spotify extended" in told
    for year in (2023, 2024):
        assert f"…{year}_0.json" in told
    assert "246,912" in told
    assert max(map(len, told.splitlines())) <= 80
    assert told.endswith("Times by UTC\n")


def test_the_clock_is_told(database: Path):
    for timezone, told in (
        (None, "Times by UTC: give --timezone"),
        ("Asia/Tokyo", "Times by Asia"),
    ):
        request = histories.Request([EXTENDED], timezone=timezone)
        with Warehouse(database) as warehouse:
            found = histories.sources(request)
            landed = histories.land(warehouse, request, found, Silent())
        assert landed.clocks_in_words().startswith(told)


def test_rows_in_one_second_are_one_only_if_all_agrees(database: Path):
    land(database, EXTENDED)
    found = rows(
        database,
        "select tracks.name, listening_ms from raw.user_events inner join raw.tracks "
        "using (track_key) where ended_at = '2025-03-09 21:14:05' order by all",
    )
    assert found == [("Another Song", 187433), ("Made Up Song", 1000), ("Made Up Song", 187433)]


def test_importing_again_changes_nothing(database: Path):
    land(database, EXTENDED, ACCOUNT)
    before = content(database)
    again = land(database, EXTENDED, ACCOUNT)
    assert content(database) == before
    assert [it.landed for it in again] == [0, 0]
    assert [it.duplicates for it in again] == [8, 6]


@pytest.mark.slow
def test_a_lake_holds_what_a_database_holds(database: Path, tmp_path: Path):
    """One import after another, the first of which has plays in a month that is empty later."""
    accounts = []
    for place in (database, tmp_path / "lake"):
        accounts.append(
            [
                land(place, ACCOUNT, listener="Zoe", catalogue=CATALOGUE_FILES),
                land(place, EXTENDED, OLD, listener="Anna", timezone="Europe/Berlin"),
                land(place, write(tmp_path / "both.json", BOTH_DAYS), listener="Zoe"),
                land(place, EXTENDED, listener="Anna", timezone="Asia/Tokyo"),
            ]
        )
        assert rows(
            place, "select min(ended_at)::date from raw.user_events where user_key = 1"
        ) == [(date(2025, 2, 1),)]
    assert accounts[0] == accounts[1]
    assert content(tmp_path / "lake") == content(database)


BOTH_DAYS = [extended_row(f"2025-{day}T10:00:00Z", 60_000, "Song") for day in ("02-01", "04-01")]
"""An extended history of all the days of the account data."""


@pytest.mark.slow
def test_the_order_of_imports_does_not_matter(tmp_path: Path):
    plays = [
        extended_row(f"2024-01-{day:02}T10:00:00Z", 60_000 + day, f"Song {day % 7}")
        for day in range(1, 29)
    ]
    parts = [
        write(tmp_path / f"part_{first}.json", plays[first : first + 12]) for first in (0, 8, 16)
    ]
    worlds = []
    for number, order in enumerate(permutations(parts)):
        database = tmp_path / f"world{number}.duckdb"
        landed = [land(database, part)[0].landed for part in order]
        assert sum(landed) == 28
        worlds.append(content(database))
    assert all(world == worlds[0] for world in worlds)


_KILLED = """
import os, signal, sys
from pathlib import Path
from test_histories_landing import land, landing

landing.rebuild = lambda warehouse: os.kill(os.getpid(), signal.SIGKILL)
land(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_killed_import_leaves_what_was_there_and_can_be_run_again(database: Path):
    land(database, OLD)
    before = content(database)
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(database), str(EXTENDED)],
        cwd=Path(__file__).parent,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert content(database) == before
    assert land(database, EXTENDED)[0].landed == 7


def test_a_newer_export_adds_what_is_new(tmp_path: Path, database: Path):
    plays = [extended_row(f"2024-01-{day:02}T10:00:00Z", 60_000, "Song") for day in range(1, 11)]
    land(database, write(tmp_path / "first.json", plays[:6]))
    (account,) = land(database, write(tmp_path / "second.json", plays))
    assert (account.landed, account.duplicates) == (4, 6)
    assert rows(database, "select count(*) from raw.user_events") == [(10,)]


def test_an_import_that_breaks_off_leaves_what_was_there(
    database: Path, monkeypatch: pytest.MonkeyPatch
):
    land(database, OLD)
    before = content(database)

    def fail(warehouse: Warehouse) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(landing, "_land_ledger", fail)
        with pytest.raises(KeyboardInterrupt):
            land(database, EXTENDED)
    assert content(database) == before
    land(database, EXTENDED)
    assert rows(database, "select count(*) from raw.user_events") == [(10,)]


def test_account_data_counts_on_days_without_the_extended_form_alone(database: Path):
    accounts = {it.kind: it for it in land(database, EXTENDED, ACCOUNT)}
    account = accounts["spotify account"]
    assert (account.landed, account.duplicates, account.no_track) == (5, 1, 1)
    assert rows(
        database,
        "select min(ended_at)::date, count(*) from raw.user_events where ended_at < '2025-03-08'",
    ) == [(date(2025, 3, 7), 5)]
    other = land(database, ACCOUNT, listener="Somebody else")
    assert other[0].landed == 6


def test_scrobbles_sent_twice_are_one(database: Path):
    (account,) = land(database, HISTORY_FILES / "lastfm_ghan.csv")
    assert (account.landed, account.duplicates, account.rejected) == (2, 1, 1)
    assert rows(database, "select distinct listening_ms from raw.user_events") == [(None,)]


def test_a_track_has_all_its_ids_and_its_commonest_name(database: Path):
    land(database, EXTENDED)
    found = rows(
        database,
        "select name, id, artists, list(track_uri order by track_uri) from raw.tracks "
        "inner join raw.imported_track_uris using (track_key) where name ilike 'made%' "
        "group by all",
    )
    ids = [f"spotify:track:{number:022}" for number in (1, 3)]
    assert found == [("Made Up Song", ids[0][14:], "['Nobody']", ids)]


def test_two_tracks_of_one_id_have_two_ids(tmp_path: Path, database: Path):
    uri = f"spotify:track:{5:022}"
    plays = [
        extended_row("2024-01-01T10:00:00Z", 60_000, "Song", spotify_track_uri=uri),
        extended_row("2024-01-02T10:00:00Z", 60_000, "Song - Remastered", spotify_track_uri=uri),
        extended_row("2024-01-03T10:00:00Z", 60_000, "Song - Remastered", spotify_track_uri=uri),
    ]
    land(database, write(tmp_path / "renamed.json", plays))
    found = dict(rows(database, "select name, id from raw.tracks"))
    assert found["Song - Remastered"] == uri[14:]
    assert len(found["Song"]) == 22
    assert found["Song"] != uri[14:]


def test_names_with_quotes_stay_one_artist(tmp_path: Path, database: Path):
    names = ["Guns N' Roses", 'The "Quoted"', "Back\\slash", "A', 'B"]
    plays = [
        extended_row(f"2024-01-0{day}T10:00:00Z", 9, "Song", master_metadata_album_artist_name=name)
        for day, name in enumerate(names, 1)
    ]
    land(database, write(tmp_path / "quotes.json", plays))
    lists = [text for (text,) in rows(database, "select artists from raw.tracks")]
    assert sorted(json_of_list(text) for text in lists) == sorted(names)


def json_of_list(text: str) -> str:
    import ast

    (name,) = ast.literal_eval(text)
    return name


@pytest.mark.parametrize(
    ("plays", "duration_ms"),
    [
        ([(180_000, "trackdone"), (180_400, "trackdone"), (180_400, "trackdone")], 180_400),
        ([(180_000, "trackdone"), (90_000, "fwdbtn"), (90_000, "fwdbtn")], 180_000),
        ([(400_000, "trackdone"), (180_000, "trackdone"), (180_100, "trackdone")], 180_100),
        ([(180_000, None), (180_000, None), (200_000, None)], 180_000),
        ([(180_000, None), (100_000, None)], None),
        ([(29_000, None), (29_000, None)], None),
    ],
)
def test_a_duration_is_the_usual_listening_time_of_full_plays(
    tmp_path: Path, database: Path, plays: list[tuple[int, str | None]], duration_ms: int | None
):
    written = [
        extended_row(f"2024-01-{day:02}T10:00:00Z", ms, "Song", reason_end=reason)
        for day, (ms, reason) in enumerate(plays, 1)
    ]
    land(database, write(tmp_path / "plays.json", written))
    assert rows(database, "select duration_ms from raw.tracks") == [(duration_ms,)]
    estimated = rows(database, "select is_duration_estimated from raw.imported_tracks")
    assert estimated == [(duration_ms is not None,)]


def test_a_duration_that_the_source_has_is_not_estimated(database: Path):
    land(database, HISTORY_FILES / "listens.jsonl")
    assert rows(
        database,
        "select duration_ms, is_duration_estimated from raw.tracks "
        "inner join raw.imported_tracks using (track_key)",
    ) == [(187433, False)]


def test_features_of_tracks_are_those_of_the_plays_that_name_them(database: Path):
    files = [HISTORY_FILES / f"mssd{kind}.csv" for kind in ("", "_tracks")]
    for order in (files, files[::-1]):
        database.unlink(missing_ok=True)
        accounts = {it.kind: it.parts for path in order for it in land(database, path)}
        assert accounts == {"mssd": (3, 3, 0, 0, 0, 0), "mssd tracks": (5, 3, 1, 0, 0, 1)}
        found = rows(
            database,
            "select name, duration_ms, popularity, release_date, danceability, mode, "
            "time_signature, is_duration_estimated, matched_by "
            "from raw.tracks inner join raw.imported_tracks using (track_key) order by name",
        )
        known = (False, "track id")
        assert found == [
            ("t_1", 109_707, 99.975414, "1950", 0.399767, 1, 4, *known),
            ("t_2", 187_693, None, "1960", 0.491235, 0, 3, *known),
        ]
    (again,) = land(database, files[1])
    assert again.parts == (5, 0, 4, 0, 0, 1)


def test_nothing_private_is_in_the_file(database: Path, tmp_path: Path):
    account = tmp_path / "listenbrainz_SECRET-ACCOUNT_1700000000.jsonl"
    shutil.copyfile(HISTORY_FILES / "listens.jsonl", account)
    land(database, HISTORY_FILES, account)
    written = database.read_bytes()
    for private in (b"SECRET", b"203.0.113.7", b"198.51.100.9"):
        assert private not in written
    assert b"Made Up Song" in written


def test_listeners_have_names_and_clocks(database: Path):
    land(database, ACCOUNT, listener="Zoe", timezone="Europe/Berlin")
    land(database, HISTORY_FILES / "lastfm_1k.tsv")
    land(database, EXTENDED, listener="Anna")
    listeners = "select user_id, username, timezone from raw.users order by user_key"
    assert rows(database, listeners) == [
        ("U0001", "Anna", "UTC"),
        ("U0002", "Zoe", "Europe/Berlin"),
        ("U0003", "user_000001", "UTC"),
        ("U0004", "user_000002", "UTC"),
    ]
    land(database, EXTENDED, listener="Anna", timezone="America/New_York")
    assert rows(database, listeners)[:2] == [
        ("U0001", "Anna", "America/New_York"),
        ("U0002", "Zoe", "Europe/Berlin"),
    ]


def test_events_are_numbered_by_listener_and_time(database: Path):
    land(database, EXTENDED, OLD, listener="Anna")
    land(database, ACCOUNT, listener="Ben")
    found = rows(
        database, "select user_key, event_id, ended_at from raw.user_events order by event_id"
    )
    assert [(key, event) for key, event, _ in found] == [
        *((0, number) for number in range(10)),
        *((1, (1 << 28) + number) for number in range(6)),
    ]
    times = [[moment for key, _, moment in found if key == user] for user in (0, 1)]
    assert times == [sorted(moments) for moments in times]
    ledger = rows(
        database,
        "select first_user_key, sum(play_count), min(window_start), max(window_end) "
        "from raw.simulation_batches group by all order by all",
    )
    assert ledger == [
        (0, 10, date(2019, 5, 1), date(2025, 3, 10)),
        (1, 6, date(2025, 3, 7), date(2025, 3, 9)),
    ]


def test_a_catalogue_tells_more_of_the_tracks_it_knows(tmp_path: Path, database: Path):
    by_id, by_name = rows_of_catalogue()
    plays = [
        extended_row(
            "2024-01-01T10:00:00Z", 9, "Renamed", spotify_track_uri=f"spotify:track:{by_id[0]}"
        ),
        extended_row(
            "2024-01-02T10:00:00Z",
            9,
            f"  {by_name[1].upper()} ",
            master_metadata_album_artist_name=by_name[2],
        ),
        extended_row("2024-01-03T10:00:00Z", 9, "Made up"),
    ]
    land(database, write(tmp_path / "plays.json", plays), catalogue=CATALOGUE_FILES)
    found = rows(
        database,
        "select matched_by, release_date is not null, danceability is not null, duration_ms > 0 "
        "from raw.tracks inner join raw.imported_tracks using (track_key) order by all",
    )
    assert found == [
        ("artist and title", True, True, True),
        ("track id", True, True, True),
        (None, False, False, None),
    ]
    assert rows(database, "select count(*) from raw.track_audio_clusters") == [(2,)]


def rows_of_catalogue(count: int = 2) -> list[tuple[str, str, str]]:
    """Id, name and artist of some tracks of the small catalogue that have one artist each."""
    import ast
    import csv

    with (CATALOGUE_FILES / "tracks.csv").open(encoding="utf-8") as file:
        found = []
        for row in csv.DictReader(file):
            try:
                (artist,) = ast.literal_eval(row["artists"])
            except (ValueError, SyntaxError, TypeError):
                continue
            if row["name"] and row["release_date"] and len(found) < count:
                found.append((row["id"], row["name"], artist))
    return found


@pytest.mark.parametrize(
    ("make", "options", "fault"),
    [
        (lambda folder: folder / "none.zip", {}, "does not exist"),
        (lambda folder: write(folder / "x.json", [{"a": 1}]), {}, "is no listening history"),
        (lambda folder: folder, {}, "no listening history in"),
        (lambda folder: EXTENDED, {"timezone": "Berlin"}, "there is no such time zone"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    tmp_path: Path, make: Any, options: dict[str, str], fault: str
):
    database = tmp_path / "refused.duckdb"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PlaybackError, match=fault):
        land(database, make(empty), **options)


def test_a_damaged_zip_is_refused(tmp_path: Path, database: Path):
    (tmp_path / "damaged.zip").write_bytes(b"PK\x03\x04" + b"nothing" * 9)
    with pytest.raises(PlaybackError, match="is a damaged zip"):
        land(database, tmp_path / "damaged.zip")


def test_beside_simulated_listeners_their_plays_stay(tmp_path: Path, database: Path):
    with Warehouse(database) as warehouse:
        for statement in (
            "insert into raw.world values (1, date '2024-01-01', 'kaggle', 'f', '2026.6', '0')",
            "insert into raw.users by name "
            "select 0 as user_key, 'U0001' as user_id, 'Sim' as username, 'UTC' as timezone",
            "insert into raw.artists by name select 0 as artist_key, 'A0' as id, 'Nobody' as name",
            "insert into raw.tracks by name "
            "select 0 as track_key, 'T0' as id, 'Made Up Song' as name",
            "create table main.dim_tracks as "
            "select 0 as track_key, 'T0' as track_id, 0 as artist_key, 'Nobody' as artist_name, "
            "'Made Up Song' as track_name, 0.5 as popularity, false as is_imported",
            "insert into raw.user_events by name "
            "select 1 as event_id, 0 as user_key, 0 as track_key, "
            "timestamp '2024-01-01 10:00:00' as ended_at, 5 as listening_ms",
        ):
            warehouse.connection.execute(statement)
    land(database, EXTENDED, listener="Anna")
    before = content(database)
    assert before["world"][0][2] == "kaggle"
    assert (1, 0, 0, datetime(2024, 1, 1, 10), 5, None) in before["user_events"]
    assert rows(
        database,
        "select artists.name, tracks.name, count(*) from raw.user_events "
        "inner join raw.tracks using (track_key) cross join raw.artists "
        "where user_key = 1 and tracks.id_artists is null and artist_key = 0 group by all",
    ) == [("Nobody", "Made Up Song", 4)]
    assert rows(
        database, "select name, id_artists from raw.tracks where name = 'Another Song'"
    ) == [("Another Song", "['A0']")]
    land(database, EXTENDED, listener="Anna")
    assert content(database) == before
