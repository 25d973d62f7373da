"""The CSV files and their edges: the exact contract, every play, names as they are."""

from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from conftest import Settings
from playback.products import csv
from playback.products.tables import Piece, Table
from playback.progress import Silent
from playback.warehouse import Warehouse
from shipped_files import HEADERS, copy_of, edges_beside_sessions, export, rows_of

EDGE_COLUMNS = (
    "user_id,track_id,artist_id,play_count,total_ms_played,avg_completion_ratio,"
    "genre_affinity_score,edge_weight,skip_count,first_played_at,last_played_at"
)


def test_csv_files_are_named_and_headed_as_documented(shipped: Settings):
    folder = shipped.exports / "csv"
    assert {file.stem for file in folder.glob("*.csv")} == set(HEADERS)
    for name, header in HEADERS.items():
        assert (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0] == header
    assert ",".join(pq.read_schema(folder / "edge_list.parquet").names) == EDGE_COLUMNS


def test_sessions_hold_every_play_in_order(shipped: Settings):
    plays = rows_of(shipped.exports / "csv" / "synthetic_sessions.csv")
    with Warehouse(shipped.database) as warehouse:
        assert len(plays) == warehouse.count("fct_plays")
        ids = warehouse.rows(
            "select user_id, track_id, artist_id, started_at, listening_ms, "
            "fct_plays.duration_ms from fct_plays join dim_users using (user_key) "
            "join dim_tracks using (track_key) "
            "join dim_artists on dim_artists.artist_key = fct_plays.artist_key"
        )
    read = [
        (
            play["user_id"],
            play["track_id"],
            play["artist_id"],
            datetime.strptime(play["timestamp"], "%Y-%m-%dT%H:%M:%S.%f"),
            int(play["ms_played"]),
            int(play["track_duration_ms"]),
        )
        for play in plays
    ]
    assert sorted(read) == sorted(ids)
    assert [play[3] for play in read] == sorted(play[3] for play in read)
    assert {len(play["timestamp"]) for play in plays} == {len("2024-01-01T00:00:00.000")}
    assert all(play[4] <= play[5] for play in read)


def test_edges_are_those_of_the_sessions(shipped: Settings):
    edges, differing = edges_beside_sessions(shipped.exports / "csv")
    assert edges > 500
    assert differing == 0


def test_ids_of_the_csv_files_refer_to_each_other(shipped: Settings):
    files = {name: rows_of(shipped.exports / "csv" / f"{name}.csv") for name in HEADERS}
    keys = {
        "user_id": {row["user_id"] for row in files["synthetic_users"]},
        "track_id": {row["track_id"] for row in files["synthetic_songs"]},
        "artist_id": {row["artist_id"] for row in files["synthetic_artists"]},
        "genre_id": {row["genre_id"] for row in files["synthetic_genres"]},
    }
    assert min(keys["user_id"]) == "U0001"
    assert min(keys["track_id"]) == "T00001"
    assert min(keys["artist_id"]) == "A0001"
    for name, rows in files.items():
        assert rows, name
        for column in keys.keys() & rows[0].keys():
            assert {row[column] for row in rows} <= keys[column], (name, column)
        for column in {"popularity", "activity_level", "affinity_score"} & rows[0].keys():
            assert all(0 <= float(row[column]) <= 1 for row in rows), (name, column)


def test_names_are_quoted_as_rfc_4180_says(tmp_path: Path):
    names = ['Say "hi", twice', "two\nlines", " padded ", "", "Ünïcode ☃", "plain"]
    with Warehouse(tmp_path / "world.duckdb") as warehouse:
        warehouse.connection.execute("create table names (position integer, name varchar)")
        warehouse.connection.executemany("insert into names values (?, ?)", list(enumerate(names)))
        pieces = [
            Piece(f"select * from names where position // 3 = {third} order by all", 3)
            for third in (0, 1)
        ]
        table = Table("names", "csv", "main", "names")
        csv.write(warehouse, table, pieces, tmp_path / "names.csv", Silent())
    assert [row["name"] for row in rows_of(tmp_path / "names.csv")] == names
    assert [path.name for path in tmp_path.glob("names*")] == ["names.csv"]


def test_the_edges_of_all_plays_are_those_of_the_mart(shipped: Settings):
    """The feed sums plays up anew, the mart sums months: not one value may differ."""
    with Warehouse(shipped.database) as warehouse:
        differences = warehouse.rows(
            """
            select count(*) from (
                select * exclude (skip_count) from feeds.feed_edge_list
                except
                select
                    user_id, track_id, artist_id, play_count, total_ms_played,
                    avg_completion_ratio, genre_affinity_score, edge_weight, first_played_at,
                    last_played_at
                from edge_list
                inner join dim_users using (user_key)
                inner join dim_tracks using (track_key)
                inner join dim_artists on edge_list.artist_key = dim_artists.artist_key
            )
            """
        )
        assert differences == [(0,)]
        assert warehouse.count("feeds.feed_edge_list") == warehouse.count("edge_list") > 500


def test_formulas_leave_as_they_are_unless_they_are_to_be_defused(
    shipped: Settings, tmp_path: Path
):
    names = ["=1+1", "+1", "-1", "@a", "\tb", "\rc", "plain", "a=1", "'=1"]
    settings = copy_of(shipped, tmp_path)
    with Warehouse(settings.database) as warehouse:
        for key, name in enumerate(names):
            warehouse.connection.execute(
                "update dim_tracks set track_name = ? where track_key = ?", [name, key]
            )
    asked = {"only": ("synthetic_songs",)}

    def shipped_names(**more: object) -> list[str]:
        file = export(settings, "csv", **asked, **more) / "csv" / "synthetic_songs.csv"
        return [row["track_name"] for row in rows_of(file)][: len(names)]

    assert shipped_names() == names
    assert shipped_names(safe_csv=True) == [f"'{name}" for name in names[:6]] + names[6:]
