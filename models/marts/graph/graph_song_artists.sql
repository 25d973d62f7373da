with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

graph_songs as (

    select * from {{ ref('graph_songs') }}

),

graph_artists as (

    select * from {{ ref('graph_artists') }}

),

edges as (

    select
        graph_songs.node_index as source_index,
        graph_artists.node_index as target_index
    from dim_tracks
    inner join graph_songs
        on dim_tracks.track_key = graph_songs.track_key
    inner join graph_artists
        on dim_tracks.artist_key = graph_artists.artist_key

)

select * from edges
