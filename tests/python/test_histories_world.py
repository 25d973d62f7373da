"""A world made of two people's histories: all is built, and what is unknown stays unknown."""

import json
import random
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from conftest import CATALOGUE_FILES, Settings
from playback import histories, pipeline
from playback.console import Console
from playback.errors import PlaybackError
from playback.places import DatabaseFile, Place
from playback.progress import Silent
from playback.settings import load_preset
from playback.warehouse import Warehouse
from test_histories_landing import rows_of_catalogue

pytestmark = pytest.mark.slow

BERLIN = ZoneInfo("Europe/Berlin")


def extended_history() -> list[dict]:
    """A year of plays, over the change of the clocks; a fifth of the tracks is of the catalogue."""
    draws = random.Random(1)  # noqa: S311
    known = rows_of_catalogue(40)
    tracks = [(track_id, name, artist) for track_id, name, artist in known]
    tracks += [
        (f"{number:022}", f"Song {number}", f"Artist {number % 25}") for number in range(160)
    ]
    ended_at = datetime(2024, 1, 1, 6, tzinfo=UTC)
    rows = []
    for _ in range(3000):
        place = min(int(draws.expovariate(1 / 40)), len(tracks) - 1)
        track_id, name, artist = tracks[place]
        is_full = draws.random() < 0.7
        ms = 150_000 + 100 * place if is_full else draws.randrange(150_000)
        ended_at += timedelta(milliseconds=ms, seconds=draws.choice([0, 1, 2, 5, 60, 4000, 40_000]))
        rows.append(
            {
                "ts": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
                "ms_played": ms,
                "ip_addr": "203.0.113.7",
                "master_metadata_track_name": name,
                "master_metadata_album_artist_name": artist,
                "master_metadata_album_album_name": f"Album {place % 30}",
                "spotify_track_uri": f"spotify:track:{track_id}",
                "reason_start": "trackdone",
                "reason_end": "trackdone" if is_full else "fwdbtn",
                "shuffle": True,
                "offline": False,
                "incognito_mode": False,
            }
        )
    return rows


@pytest.fixture(scope="module")
def plays() -> list[dict]:
    return extended_history()


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, plays: list[dict]) -> Place:
    """Anna's extended history, known to a catalogue in part, and Ben's scrobbles of her tracks."""
    folder = tmp_path_factory.mktemp("imported")
    with zipfile.ZipFile(folder / "my_spotify_data.zip", "w") as archive:
        archive.writestr("X/Streaming_History_Audio_2024_0.json", json.dumps(plays))
    names = [
        (row["master_metadata_album_artist_name"], row["master_metadata_track_name"], row["ts"])
        for row in plays[::2]
    ]
    lines = [
        f"{artist},,{track},{datetime.fromisoformat(ended_at):%d %b %Y %H:%M}"
        for artist, track, ended_at in names
        if (artist + track).replace(" ", "").isalnum()
    ]
    (folder / "scrobbles.csv").write_text("\n".join(lines), encoding="utf-8")
    place = DatabaseFile(folder / "own.duckdb", threads=2)
    for request in (
        histories.Request([folder / "scrobbles.csv"], "Ben"),
        histories.Request(
            [folder / "my_spotify_data.zip"], "Anna", "Europe/Berlin", CATALOGUE_FILES
        ),
    ):
        pipeline.import_histories(place, request, Console())
    return place


@pytest.fixture
def real(imported: Place):
    with duckdb.connect(str(imported.path), read_only=True) as connection:
        yield connection


def test_every_data_test_holds(imported: Place):
    pipeline.build(imported, Console())


def test_the_accounts_are_kept(real: duckdb.DuckDBPyConnection, plays: list[dict]):
    accounts = dict(
        real.execute("select file_format, landed_count from quality_imports").fetchall()
    )
    assert accounts["spotify extended"] == len(plays)
    checks = real.execute(
        "select check_name, failing_count, checked_count from quality_structural "
        "where check_name like 'history%' order by all"
    ).fetchall()
    assert checks[0] == ("history_rows_accounted", 0, 2)
    name, unmatched, tracks = checks[1]
    assert name == "history_tracks_not_matched"
    assert 0 < unmatched < tracks


def test_a_year_is_that_of_the_listeners_own_clock(
    real: duckdb.DuckDBPyConnection, plays: list[dict]
):
    hours: Counter[int] = Counter()
    minutes = 0
    for row in plays:
        ended_at = datetime.fromisoformat(row["ts"])
        began = (ended_at - timedelta(milliseconds=row["ms_played"])).astimezone(BERLIN)
        if began.year == 2024:
            minutes += row["ms_played"]
            hours[began.hour] += row["ms_played"] > 30_000
    told = real.execute(
        "select local_hour, listen_count from wrapped_listening_clock "
        "inner join dim_users using (user_key) where username = 'Anna' and wrapped_year = 2024"
    ).fetchall()
    assert dict(told) == {hour: count for hour, count in hours.items() if count}
    assert real.execute(
        "select minutes from wrapped_listeners inner join dim_users using (user_key) "
        "where username = 'Anna' and wrapped_year = 2024"
    ).fetchone() == (minutes // 60_000,)


def test_what_a_source_does_not_say_stays_unknown(real: duckdb.DuckDBPyConnection):
    assert real.execute(
        "select count(listening_ms), count(is_skip), count(is_complete), count(completion_ratio), "
        "count(*) > 0 from fct_plays inner join dim_users using (user_key) where username = 'Ben'"
    ).fetchone() == (0, 0, 0, 0, True)
    assert real.execute(
        "select minutes, skip_count, skip_share, fewer_skips_share, complete_count, "
        "listen_count > 0, listener_count from wrapped_listeners "
        "inner join dim_users using (user_key) where username = 'Ben' and wrapped_year = 2024"
    ).fetchone() == (None, None, None, None, None, True, 1)
    assert real.execute(
        "select count(listening_ms), count(skip_count), sum(play_count) > 0 "
        "from fct_listening_sessions inner join dim_users using (user_key) where username = 'Ben'"
    ).fetchone() == (0, 0, True)


def test_metrics_are_of_those_plays_that_have_them(
    real: duckdb.DuckDBPyConnection, plays: list[dict]
):
    rates = dict(
        real.execute(
            "select metric_name, value from quality_logical where segment_type = 'all'"
        ).fetchall()
    )
    skips = sum(row["ms_played"] < 30_000 for row in plays)
    assert rates["skip_rate"] == pytest.approx(skips / len(plays))
    (complete,) = real.execute("select avg(cast(is_complete as integer)) from fct_plays").fetchone()
    assert rates["completion_rate"] == pytest.approx(complete)


def test_only_tracks_that_a_catalogue_knows_have_a_genre(real: duckdb.DuckDBPyConnection):
    assert real.execute(
        "select count(*) from dim_tracks where track_name like 'Song %' and artist_name "
        "like 'Artist %' and (primary_genre_id is not null or released_on is not null "
        "or popularity is not null)"
    ).fetchone() == (0,)
    ((known, all_tracks),) = real.execute(
        "select count(primary_genre_id), count(*) from dim_tracks"
    ).fetchall()
    assert 20 <= known < all_tracks


def test_the_rest_of_the_product_works(imported: Place, tmp_path: Path):
    pipeline.export(imported, tmp_path, Console(), ("parquet", "csv", "avro"))
    pipeline.make_graph(imported, tmp_path, Console())
    pipeline.make_report(imported, tmp_path, Console())
    pipeline.measure_realism(imported, Console())
    assert (tmp_path / "graph.pt").exists()
    assert (tmp_path / "report.html").exists()


def test_an_exported_history_gives_the_same_plays(imported: Place, tmp_path: Path):
    check_round_trip(imported, "Anna", "username", tmp_path)


def test_a_simulated_history_gives_the_same_plays(world: Settings, tmp_path: Path):
    check_round_trip(world.place, "U0001", "user_id", tmp_path)


def check_round_trip(place: Place, name: str, column: str, folder: Path) -> None:
    """Ids of a made-up catalogue come back filled up to the length that the service's have."""
    path = pipeline.export_history(place, folder, name, Console())
    request = histories.Request([path])
    with Warehouse(folder / "again.duckdb") as warehouse:
        found = histories.sources(request)
        (account,) = histories.land(warehouse, request, found, Silent()).accounts
        again = warehouse.rows(_PLAYS.format("raw.user_events", "raw.tracks", "name", "id"))
    assert account.landed == account.rows == len(again) > 0
    with place.read() as warehouse:
        plays = warehouse.rows(
            _PLAYS.format("fct_plays", "dim_tracks", "track_name", "track_id")
            + f" where user_key in (select user_key from dim_users where {column} = '{name}')"
        )
    assert sorted(again) == sorted(plays)


_PLAYS = (
    "select date_trunc('second', ended_at), listening_ms, tracks.{2}, lpad(tracks.{3}, 22, '0') "
    "from {0} inner join {1} as tracks using (track_key)"
)


def test_nobody_is_simulated_in_it(imported: Place):
    with pytest.raises(PlaybackError, match="holds imported histories"):
        pipeline.make_listeners(imported, 10, load_preset("lifelike"), Console())
