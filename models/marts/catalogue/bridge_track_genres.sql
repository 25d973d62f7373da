with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

source_genres as (

    select *
    from {{ ref('int_artist_source_genres') }}
    where evidence = 'track'

),

artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

own_genres as (

    select
        tracks_joined.track_key,
        artist_genres.genre_id
    from tracks_joined
    inner join source_genres
        on
            tracks_joined.artist_key = source_genres.artist_key
            and tracks_joined.source_genre = source_genres.source_genre
    inner join artist_genres
        on
            source_genres.artist_key = artist_genres.artist_key
            and source_genres.genre_id = artist_genres.genre_id

),

final as (

    select
        tracks_joined.track_key,
        artist_genres.genre_id,
        case
            when own_genres.genre_id is null then artist_genres.is_primary
            else artist_genres.genre_id = own_genres.genre_id
        end as is_primary
    from tracks_joined
    inner join artist_genres
        on tracks_joined.artist_key = artist_genres.artist_key
    left join own_genres
        on tracks_joined.track_key = own_genres.track_key

)

select * from final
