with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

track_genre_sets as (

    select * from {{ ref('int_track_genre_sets') }}

),

user_genre_set_affinities as (

    select * from {{ ref('int_user_genre_set_affinities') }}

),

user_track_splits as (

    select * from {{ ref('int_user_track_splits') }}

),

largest as (

    select max(train_play_count) as train_play_count
    from user_track_splits

),

{#- What was not played in training time has no training attributes: zeros, not guesses. #}

measured as (

    select
        user_track_splits.user_key,
        user_track_splits.track_key,
        user_track_splits.train_play_count,
        user_track_splits.validation_play_count,
        user_track_splits.test_play_count,
        user_track_splits.train_skip_count,
        case
            when user_track_splits.train_play_count = 0 then 0
            else {{ avg_completion_ratio(
                'user_track_splits.train_listening_ms',
                'user_track_splits.train_play_count',
                'dim_tracks.duration_ms',
            ) }}
        end as train_completion_ratio,
        case
            when user_track_splits.train_play_count = 0 then 0
            else coalesce(
                user_genre_set_affinities.genre_affinity_score, {{ unstated_affinity() }}
            )
        end as train_genre_affinity_score,
        user_track_splits.first_played_at,
        user_track_splits.train_last_played_at
    from user_track_splits
    inner join dim_tracks
        on user_track_splits.track_key = dim_tracks.track_key
    left join track_genre_sets
        on user_track_splits.track_key = track_genre_sets.track_key
    left join user_genre_set_affinities
        on
            user_track_splits.user_key = user_genre_set_affinities.user_key
            and track_genre_sets.exemplar_track_key
            = user_genre_set_affinities.exemplar_track_key

),

edges as (

    select
        graph_users.node_index as source_index,
        graph_songs.node_index as target_index,
        measured.train_play_count,
        measured.validation_play_count,
        measured.test_play_count,
        measured.train_skip_count,
        measured.train_completion_ratio,
        measured.train_genre_affinity_score,
        case
            when measured.train_play_count = 0 then 0
            else {{ edge_weight(
                'measured.train_completion_ratio',
                'measured.train_play_count',
                'largest.train_play_count',
                'measured.train_genre_affinity_score',
            ) }}
        end as train_edge_weight,
        measured.first_played_at,
        measured.train_last_played_at
    from measured
    cross join largest
    inner join graph_users
        on measured.user_key = graph_users.user_key
    inner join graph_songs
        on measured.track_key = graph_songs.track_key

)

select * from edges
{{ stored_in_order('source_index, target_index') }}
