with

bridge_artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

graph_artists as (

    select * from {{ ref('graph_artists') }}

),

graph_genres as (

    select * from {{ ref('graph_genres') }}

),

edges as (

    select
        graph_artists.node_index as source_index,
        graph_genres.node_index as target_index,
        bridge_artist_genres.genre_position,
        bridge_artist_genres.is_primary
    from bridge_artist_genres
    inner join graph_artists
        on bridge_artist_genres.artist_key = graph_artists.artist_key
    inner join graph_genres
        on bridge_artist_genres.genre_id = graph_genres.genre_id

)

select * from edges
