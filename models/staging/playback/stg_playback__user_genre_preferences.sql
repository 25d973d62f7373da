with

source as (

    select * from {{ source('playback', 'user_genre_preferences') }}

),

renamed as (

    select
        user_key,
        genre_id,
        affinity_score
    from source

)

select * from renamed
