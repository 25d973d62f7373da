with

agg_user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

track_genre_sets as (

    select * from {{ ref('int_track_genre_sets') }}

),

user_genre_set_affinities as (

    select * from {{ ref('int_user_genre_set_affinities') }}

),

user_tracks as (

    select
        user_key,
        track_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(under_30s_count) as bigint) as skip_count,
        cast(sum(listening_ms) as bigint) as total_ms_played,
        min(first_played_at) as first_played_at,
        max(last_played_at) as last_played_at
    from agg_user_track_months
    group by user_key, track_key

),

largest as (

    select max(play_count) as play_count
    from user_tracks

),

measured as (

    select
        user_tracks.user_key,
        user_tracks.track_key,
        dim_tracks.artist_key,
        user_tracks.play_count,
        user_tracks.skip_count,
        user_tracks.total_ms_played,
        {{ avg_completion_ratio(
            'user_tracks.total_ms_played', 'user_tracks.play_count', 'dim_tracks.duration_ms'
        ) }} as avg_completion_ratio,
        coalesce(
            user_genre_set_affinities.genre_affinity_score, {{ unstated_affinity() }}
        ) as genre_affinity_score,
        user_tracks.first_played_at,
        user_tracks.last_played_at
    from user_tracks
    inner join dim_tracks
        on user_tracks.track_key = dim_tracks.track_key
    left join track_genre_sets
        on user_tracks.track_key = track_genre_sets.track_key
    left join user_genre_set_affinities
        on
            user_tracks.user_key = user_genre_set_affinities.user_key
            and track_genre_sets.exemplar_track_key
            = user_genre_set_affinities.exemplar_track_key

),

weighted as (

    select
        measured.user_key,
        measured.track_key,
        measured.artist_key,
        measured.play_count,
        measured.skip_count,
        measured.total_ms_played,
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
