with

source_genres_mapped as (

    select * from {{ ref('int_source_genres_mapped') }}

),

unmapped as (

    select
        source_genre,
        artist_count,
        track_count
    from source_genres_mapped
    where genre_id is null

)

select * from unmapped
