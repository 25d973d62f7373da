with

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

track_counts as (

    select
        artist_key,
        count(*) as track_count
    from tracks_joined
    group by artist_key

),

final as (

    select
        artists.artist_key,
        artists.artist_id,
        artist_genres.genre_id as primary_genre_id,
        artists.artist_name,
        round(artists.popularity / 100, 8) as popularity,
        artists.followers,
        track_counts.track_count
    from artists
    inner join track_counts
        on artists.artist_key = track_counts.artist_key
    left join artist_genres
        on
            artists.artist_key = artist_genres.artist_key
            and artist_genres.is_primary

)

select * from final
