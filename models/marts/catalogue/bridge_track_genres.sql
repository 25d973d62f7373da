with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

artist_genres_ranked as (

    select * from {{ ref('int_artist_genres_ranked') }}

),

track_primary_genres as (

    select * from {{ ref('int_track_primary_genres') }}

),

final as (

    select
        tracks_joined.track_key,
        artist_genres_ranked.genre_id,
        artist_genres_ranked.genre_id = track_primary_genres.primary_genre_id as is_primary
    from tracks_joined
    inner join artist_genres_ranked
        on tracks_joined.artist_key = artist_genres_ranked.artist_key
    inner join track_primary_genres
        on tracks_joined.track_key = track_primary_genres.track_key

)

select * from final
