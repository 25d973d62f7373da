with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

graph_albums as (

    select * from {{ ref('graph_albums') }}

),

edges as (

    select
        graph_songs.node_index as source_index,
        graph_albums.node_index as target_index,
        dim_tracks.album_position
    from dim_tracks
    inner join graph_songs
        on dim_tracks.track_key = graph_songs.track_key
    inner join graph_albums
        on dim_tracks.album_key = graph_albums.album_key

)

select * from edges
