with

user_tracks as (

    select * from {{ ref('int_user_tracks') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

largest as (

    select max(play_count) as play_count
    from user_tracks

),

measured as (

    select
        user_tracks.*,
        tracks.artist_key,
        {{ avg_completion_ratio(
            'user_tracks.listening_ms', 'user_tracks.play_count', 'tracks.duration_ms'
        ) }} as avg_completion_ratio
    from user_tracks
    inner join tracks
        on user_tracks.track_key = tracks.track_key

),

weighted as (

    select
        measured.user_key,
        measured.track_key,
        measured.artist_key,
        measured.play_count,
        measured.under_30s_count as skip_count,
        measured.listening_ms as total_ms_played,
        measured.avg_completion_ratio,
        measured.genre_affinity_score,
        {{ edge_weight(
            'measured.avg_completion_ratio',
            'measured.play_count',
            'largest.play_count',
            'measured.genre_affinity_score',
        ) }} as edge_weight,
        measured.first_played_at,
        measured.last_played_at
    from measured
    cross join largest

)

select * from weighted
