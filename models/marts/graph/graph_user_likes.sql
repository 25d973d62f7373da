with

likes as (

    select * from {{ ref('fct_likes') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

training as (

    select last_on
    from {{ ref('graph_splits') }}
    where split_name = 'train'

),

edges as (

    select
        graph_users.node_index as source_index,
        graph_songs.node_index as target_index,
        cast(likes.like_value as double) as like_value,
        likes.liked_at
    from likes
    inner join training
        on cast(likes.liked_at as date) <= training.last_on
    inner join graph_users
        on likes.user_key = graph_users.user_key
    inner join graph_songs
        on likes.track_key = graph_songs.track_key

)

select * from edges
