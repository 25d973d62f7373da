with

user_genre_preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_genres as (

    select * from {{ ref('graph_genres') }}

),

graph_listens as (

    select * from {{ ref('graph_listens') }}

),

graph_song_genres as (

    select * from {{ ref('graph_song_genres') }}

),

train_plays as (

    select
        source_index,
        sum(train_play_count) as play_count
    from graph_listens
    group by source_index

),

train_genre_plays as (

    select
        graph_listens.source_index,
        graph_song_genres.target_index,
        sum(graph_listens.train_play_count) as play_count
    from graph_listens
    inner join graph_song_genres
        on graph_listens.target_index = graph_song_genres.source_index
    group by graph_listens.source_index, graph_song_genres.target_index

),

train_genre_shares as (

    select
        train_genre_plays.source_index,
        train_genre_plays.target_index,
        cast(train_genre_plays.play_count as double) / train_plays.play_count as play_share
    from train_genre_plays
    inner join train_plays
        on train_genre_plays.source_index = train_plays.source_index
    where train_plays.play_count > 0

),

edges as (

    select
        graph_users.node_index as source_index,
        graph_genres.node_index as target_index,
        user_genre_preferences.affinity_score,
        coalesce(train_genre_shares.play_share, 0) as observed_affinity_share
    from user_genre_preferences
    inner join graph_users
        on user_genre_preferences.user_key = graph_users.user_key
    inner join graph_genres
        on user_genre_preferences.genre_id = graph_genres.genre_id
    left join train_genre_shares
        on
            graph_users.node_index = train_genre_shares.source_index
            and graph_genres.node_index = train_genre_shares.target_index

)

select * from edges
