with

bridge_track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

graph_genres as (

    select * from {{ ref('graph_genres') }}

),

edges as (

    select
        graph_songs.node_index as source_index,
        graph_genres.node_index as target_index,
        bridge_track_genres.is_primary
    from bridge_track_genres
    inner join graph_songs
        on bridge_track_genres.track_key = graph_songs.track_key
    inner join graph_genres
        on bridge_track_genres.genre_id = graph_genres.genre_id

)

select * from edges
