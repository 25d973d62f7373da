"""The marts of a graph with as many edges as are asked for: no plays, and nothing built by dbt."""

from datetime import date
from pathlib import Path

from benchmarks.worlds import BenchmarkWorld
from playback.settings import load_preset
from playback.warehouse import Warehouse

_USERS, _SONGS = 10_000, 100_000

_MARTS = f"""
    insert into raw.world values (1, date '2024-01-01', 'synthetic', '', '', '');

    create table graph_splits as
    select * from (values
        ('train', 80, date '2024-01-01', date '2024-03-20'),
        ('validation', 10, date '2024-03-21', date '2024-03-30'),
        ('test', 10, date '2024-03-31', date '2024-04-09'),
    ) as splits (split_name, day_count, first_on, last_on);

    create table graph_users as
    select
        cast(user as integer) as node_index, user as user_key, 'U' || user as user_id,
        'user ' || user as username, user / {_USERS} as activity_level, false as is_cold
    from range({_USERS}) as users (user);

    create table graph_songs as
    select
        cast(song as integer) as node_index, song as track_key, 'T' || song as track_id,
        'song ' || song as track_name, song / {_SONGS} as popularity, false as is_cold
    from range({_SONGS}) as songs (song);

    create table graph_artists as
    select 0 as node_index, 0 as artist_key, 'A0' as artist_id, 'Artist' as artist_name;

    create table graph_genres as
    select 0 as node_index, 'G001' as genre_id, 'Pop' as genre_name;

    create table graph_song_artists as
    select node_index as source_index, 0 as target_index from graph_songs;

    create table graph_song_genres as
    select node_index as source_index, 0 as target_index, true as is_primary from graph_songs;

    create table graph_artist_genres as
    select 0 as source_index, 0 as target_index, true as is_primary;

    create table graph_user_genres as
    select node_index as source_index, 0 as target_index, 0.5e0 as affinity_score
    from graph_users;
"""


def _listens(edges: int) -> str:
    """Each listener's songs ascend by steps of random length, all else is random."""
    of_each = edges // _USERS
    step = _SONGS // of_each
    return f"""
        create table graph_listens as
        select
            cast(edge // {of_each} as integer) as source_index,
            cast(edge % {of_each} * {step} + hash(edge) % {step} as integer) as target_index,
            cast(hash(edge, 1) % 20 as bigint) as train_play_count,
            cast(hash(edge, 2) % 4 as bigint) as validation_play_count,
            cast(hash(edge, 3) % 4 as bigint) as test_play_count,
            cast(hash(edge, 4) % 5 as bigint) as train_skip_count,
            hash(edge, 5) / 18446744073709551615 as train_completion_ratio,
            hash(edge, 6) / 18446744073709551615 as train_genre_affinity_score,
            hash(edge, 7) / 18446744073709551615 as train_edge_weight,
            timestamp '2024-01-01' + to_seconds(cast(hash(edge, 8) % 4000000 as bigint))
                as first_played_at,
            timestamp '2024-02-16' + to_seconds(cast(hash(edge, 9) % 3000000 as bigint))
                as train_last_played_at
        from range({edges}) as edges (edge)
    """


def make_wide_graph(folder: Path, edges: int) -> BenchmarkWorld:
    """Make a database with the marts of a graph; `edges` is a multiple of 10,000, up to 10^9."""
    folder.mkdir(exist_ok=True)
    world = BenchmarkWorld(
        preset=load_preset("lifelike"),
        database=folder / "world.duckdb",
        exports=folder / "exports",
        seed=1,
        users=_USERS,
        songs=_SONGS,
        artists=1,
        start=date(2024, 1, 1),
        until=date(2024, 4, 9),
        threads=2,
    )
    with Warehouse(world.database, threads=2, memory_limit=4_000_000_000) as warehouse:
        warehouse.connection.execute(_MARTS)
        warehouse.connection.execute(_listens(edges))
    return world
