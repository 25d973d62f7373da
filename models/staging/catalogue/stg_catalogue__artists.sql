with

source as (

    select * from {{ source('catalogue', 'artists') }}

),

first_of_each_id as (

    select min(artist_key) as artist_key
    from source
    group by id

),

renamed as (

    select
        source.artist_key,
        source.id as artist_id,
        source.name as artist_name,
        source.genres as source_genres,
        source.popularity,
        source.followers
    from source
    inner join first_of_each_id
        on source.artist_key = first_of_each_id.artist_key

)

select * from renamed
