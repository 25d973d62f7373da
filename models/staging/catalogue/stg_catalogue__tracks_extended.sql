with

source as (

    select * from {{ source('catalogue', 'tracks_extended') }}

),

renamed as (

    select distinct
        track_id,
        track_name,
        artist_name,
        album_name,
        genre as source_genre,
        year as release_year,
        popularity
    from source

)

select * from renamed
