with

user_tracks as (

    select * from {{ ref('int_user_tracks') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

largest as (

    select max(train_play_count) as train_play_count
    from user_tracks

),

{#- What was not played in training time has no training attributes: zeros, not guesses. #}

measured as (

    select
        user_tracks.user_key,
        user_tracks.track_key,
        user_tracks.train_play_count,
        user_tracks.validation_play_count,
        user_tracks.test_play_count,
        case
            when user_tracks.train_play_count = 0 then 0
            else user_tracks.train_skip_count
        end as train_skip_count,
        case
            when user_tracks.train_play_count = 0 then 0
            else {{ avg_completion_ratio(
                'user_tracks.train_listening_ms',
                'user_tracks.train_play_count',
                'tracks.duration_ms',
            ) }}
        end as train_completion_ratio,
        case
            when user_tracks.train_play_count = 0 then 0
            else user_tracks.genre_affinity_score
        end as train_genre_affinity_score,
        user_tracks.first_played_at,
        user_tracks.train_last_played_at
    from user_tracks
    inner join tracks
        on user_tracks.track_key = tracks.track_key

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
