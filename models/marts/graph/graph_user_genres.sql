with

user_genre_preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

user_genre_shares as (

    select * from {{ ref('int_user_genre_shares') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_genres as (

    select * from {{ ref('graph_genres') }}

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
