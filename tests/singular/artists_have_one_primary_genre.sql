-- The one primary genre of an artist's genres is that of the artist.
with

artists as (

    select * from {{ ref('dim_artists') }}

),

artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

ambiguous as (

    select artists.artist_key
    from artists
    left join artist_genres
        on
            artists.artist_key = artist_genres.artist_key
            and artist_genres.is_primary
    group by artists.artist_key, artists.primary_genre_id
    having
        count(artist_genres.genre_id) <> count(distinct artists.primary_genre_id)
        or min(artist_genres.genre_id) <> artists.primary_genre_id

)

select * from ambiguous
