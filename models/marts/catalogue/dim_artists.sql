with

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

artist_genres_ranked as (

    select * from {{ ref('int_artist_genres_ranked') }}

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
        artist_genres_ranked.genre_id as primary_genre_id,
        artists.artist_name,
        round(artists.popularity / 100, 8) as popularity,
        artists.followers,
        track_counts.track_count
    from artists
    inner join track_counts
        on artists.artist_key = track_counts.artist_key
    left join artist_genres_ranked
        on
            artists.artist_key = artist_genres_ranked.artist_key
            and artist_genres_ranked.genre_position = 1

)

select * from final
