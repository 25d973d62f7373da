"""Exports of the small world, and what stands in them."""

import csv as standard_csv
import json
import shutil
from pathlib import Path

import duckdb
import fastavro
import pyarrow.parquet as pq

from conftest import Settings, small_settings
from playback import pipeline
from playback.console import Console
from playback.products.tables import ExportRequest

HEADERS = {
    "synthetic_sessions": "user_id,track_id,artist_id,timestamp,ms_played,track_duration_ms",
    "synthetic_artists": "artist_id,artist_name,popularity",
    "synthetic_songs": "track_id,track_name,artist_id,artist_name,duration_ms,popularity",
    "synthetic_users": "user_id,user_type,activity_level",
    "synthetic_genres": "genre_id,genre_name,popularity",
    "synthetic_artist_genres": "artist_id,genre_id,genre_name",
    "synthetic_song_genres": "track_id,genre_id,genre_name",
    "synthetic_user_genre_preferences": "user_id,genre_id,genre_name,affinity_score",
}


def copy_of(shipped: Settings, folder: Path, **changes: object) -> Settings:
    """The same world for a test that exports on its own."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(shipped.database, folder / "world.duckdb")
    return small_settings(folder, **changes)


def export(settings: Settings, *names: str, **asked: object) -> Path:
    pipeline.export(settings.place, settings.exports, Console(), names, ExportRequest(**asked))
    return settings.exports


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".playback" not in file.parts
    }


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(standard_csv.DictReader(lines))


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def rows_in(file: Path) -> int:
    if file.suffix == ".avro":
        with file.open("rb") as data:
            return sum(1 for _ in fastavro.reader(data))
    if file.suffix == ".csv":
        return len(rows_of(file))
    return pq.read_metadata(file).num_rows


def edges_beside_sessions(folder: Path) -> tuple[int, int]:
    """How many edges there are, and how many differ from the sessions summed up."""
    ((edges, differing),) = duckdb.sql(
        f"""
        with counted as (
            select
                user_id, track_id, artist_id, count(*) as play_count,
                cast(sum(ms_played) as bigint) as total_ms_played,
                avg(ms_played / track_duration_ms) as avg_completion_ratio,
                count(*) filter (ms_played < 30000) as skip_count,
                min(timestamp) as first_played_at,
            from '{folder}/synthetic_sessions.csv'
            group by all
        ),
        edges as (
            select * from '{folder}/edge_list.parquet'
        )
        select count(*), count(*) filter (
            counted.play_count is distinct from edges.play_count
            or counted.total_ms_played is distinct from edges.total_ms_played
            or counted.skip_count is distinct from edges.skip_count
            or counted.first_played_at is distinct from edges.first_played_at
            or not abs(counted.avg_completion_ratio - edges.avg_completion_ratio) < 1e-9
        )
        from counted
        full join edges using (user_id, track_id, artist_id)
        """
    ).fetchall()
    return edges, differing
