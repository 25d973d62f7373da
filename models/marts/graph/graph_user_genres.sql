with

user_genre_preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

user_tracks as (

    select * from {{ ref('int_user_tracks') }}

),

track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_genres as (

    select * from {{ ref('graph_genres') }}

),

{#- A track counts for each of its genres, so shares do not sum to 1. #}

user_plays as (

    select
        user_key,
        sum(train_play_count) as play_count
    from user_tracks
    group by user_key

),

user_genre_plays as (

    select
        user_tracks.user_key,
        track_genres.genre_id,
        sum(user_tracks.train_play_count) as play_count
    from user_tracks
    inner join track_genres
        on user_tracks.track_key = track_genres.track_key
    group by user_tracks.user_key, track_genres.genre_id

),

user_genre_shares as (

    select
        user_genre_plays.user_key,
        user_genre_plays.genre_id,
        cast(user_genre_plays.play_count as double) / user_plays.play_count as play_share
    from user_genre_plays
    inner join user_plays
        on user_genre_plays.user_key = user_plays.user_key
    where user_plays.play_count > 0

),

edges as (

    select
        graph_users.node_index as source_index,
        graph_genres.node_index as target_index,
        user_genre_preferences.affinity_score,
        coalesce(user_genre_shares.play_share, 0) as observed_affinity_share
    from user_genre_preferences
    inner join graph_users
        on user_genre_preferences.user_key = graph_users.user_key
    inner join graph_genres
        on user_genre_preferences.genre_id = graph_genres.genre_id
    left join user_genre_shares
        on
            user_genre_preferences.user_key = user_genre_shares.user_key
            and user_genre_preferences.genre_id = user_genre_shares.genre_id

)

select * from edges
