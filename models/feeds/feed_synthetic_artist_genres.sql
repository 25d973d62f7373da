with

bridge_artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

final as (

    select
        dim_artists.artist_id,
        dim_genres.genre_id,
        dim_genres.genre_name
    from bridge_artist_genres
    inner join dim_artists
        on bridge_artist_genres.artist_key = dim_artists.artist_key
    inner join dim_genres
        on bridge_artist_genres.genre_id = dim_genres.genre_id

)

select * from final
