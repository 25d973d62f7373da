with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

source_genres_mapped as (

    select * from {{ ref('int_source_genres_mapped') }}

),

artist_genres_ranked as (

    select * from {{ ref('int_artist_genres_ranked') }}

),

chosen as (

    select
        tracks_joined.track_key,
        coalesce(own_genres.genre_id, first_genres.genre_id) as primary_genre_id
    from tracks_joined
    inner join artist_genres_ranked as first_genres
        on
            tracks_joined.artist_key = first_genres.artist_key
            and first_genres.genre_position = 1
    left join source_genres_mapped
        on tracks_joined.source_genre = source_genres_mapped.source_genre
    left join artist_genres_ranked as own_genres
        on
            tracks_joined.artist_key = own_genres.artist_key
            and source_genres_mapped.genre_id = own_genres.genre_id

)

select * from chosen
