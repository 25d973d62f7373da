{#-
    Summed up from the plays and not from the months of the mart, so that a window holds nothing of
    other days. Without a window the rows are those of the mart.
-#}

with

edge_list as (

    select * from {{ ref('edge_list') }}

),

plays as (

    select * from {{ ref('int_plays_measured') }}

),

dim_users as (

    select * from {{ ref('dim_users') }}

),

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

plays_in_window as (

    select *
    from plays
    where
        cast(started_at as date) >= coalesce({{ window_bound('since') }}, date '0001-01-01')
        and cast(started_at as date) <= coalesce({{ window_bound('until') }}, date '9999-12-31')

),

user_tracks as (

    select
        user_key,
        track_key,
        count(*) as play_count,
        cast(sum(listening_ms) as bigint) as total_ms_played,
        count(*) filter (where {{ is_under_30s('listening_ms') }}) as skip_count,
        min(started_at) as first_played_at,
        max(ended_at) as last_played_at
    from plays_in_window
    group by user_key, track_key

),

largest as (

    select max(play_count) as play_count
    from user_tracks

),

measured as (

    select
        dim_users.user_id,
        dim_tracks.track_id,
        dim_artists.artist_id,
        user_tracks.play_count,
        user_tracks.total_ms_played,
        {{ avg_completion_ratio(
            'user_tracks.total_ms_played', 'user_tracks.play_count', 'dim_tracks.duration_ms'
        ) }} as avg_completion_ratio,
        edge_list.genre_affinity_score,
        user_tracks.skip_count,
        user_tracks.first_played_at,
        user_tracks.last_played_at
    from user_tracks
    inner join edge_list
        on
            user_tracks.user_key = edge_list.user_key
            and user_tracks.track_key = edge_list.track_key
    inner join dim_users
        on user_tracks.user_key = dim_users.user_key
    inner join dim_tracks
        on user_tracks.track_key = dim_tracks.track_key
    inner join dim_artists
        on edge_list.artist_key = dim_artists.artist_key

),

weighted as (

    select
        measured.user_id,
        measured.track_id,
        measured.artist_id,
        measured.play_count,
        measured.total_ms_played,
        measured.avg_completion_ratio,
        measured.genre_affinity_score,
        {{ edge_weight(
            'measured.avg_completion_ratio',
            'measured.play_count',
            'largest.play_count',
            'measured.genre_affinity_score',
        ) }} as edge_weight,
        measured.skip_count,
        measured.first_played_at,
        measured.last_played_at
    from measured
    cross join largest

)

select * from weighted
